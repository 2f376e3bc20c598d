//! Builds the WASM runtime that the node embeds.

/// The hash of the metadata, for `CheckMetadataHash`. It is committed and checked by a test instead of being computed
/// from a first WASM build, which would double the time of that build (docs/decisions/0050).
#[cfg(feature = "std")]
const METADATA_HASH: &str = "metadata-hash.txt";

/// Set where next versions of the runtime are built as well: one to which tests and the demo upgrade, and one that they
/// must refuse.
#[cfg(feature = "std")]
const NEXT: &str = "MYELIN_NEXT_RUNTIME";

fn main() {
    #[cfg(feature = "std")]
    {
        // The lint wrapper of the native build belongs to another compiler than the WASM build may use.
        std::env::remove_var("RUSTC_WORKSPACE_WRAPPER");
        // The WASM build has a profile of its own; like ours, it lets arithmetic that overflows fail instead of going
        // on with a wrong number.
        std::env::set_var("CARGO_PROFILE_RELEASE_OVERFLOW_CHECKS", "true");
        println!("cargo::rerun-if-changed={METADATA_HASH}");
        let hash = std::fs::read_to_string(METADATA_HASH).expect("the hash of the metadata is committed");
        // The extension reads this name when it is compiled.
        std::env::set_var("RUNTIME_METADATA_HASH", hash.trim());
        substrate_wasm_builder::WasmBuilder::build_using_defaults();
        println!("cargo::rerun-if-env-changed={NEXT}");
        if std::env::var_os(NEXT).is_some() {
            for feature in ["next", "spoiled"] {
                build_next(feature);
            }
        }
    }
}

/// Builds the next version with a feature, and compresses it, so that it fits into a transaction. The folder of the
/// program has it.
#[cfg(feature = "std")]
fn build_next(feature: &str) {
    let next = substrate_wasm_builder::WasmBuilder::init_with_defaults().enable_feature(feature);
    next.set_file_name(format!("{feature}_runtime.rs")).build();
    let out = std::path::PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it"));
    // From `build/NAME/out` up to the folder of the program.
    let folder = out.ancestors().nth(3).expect("it lies in the target folder").join("wbuild/myelin-runtime");
    // Without a WASM build there is none.
    let Ok(code) = std::fs::read(folder.join(format!("{feature}_runtime.rs.wasm"))) else { return };
    let compressed = sp_maybe_compressed_blob::compress_weakly(&code, 50 << 20).expect("the code compresses");
    let file = folder.join(format!("{feature}_runtime.compact.compressed.wasm"));
    std::fs::write(file, compressed).expect("the target folder is writable");
}
