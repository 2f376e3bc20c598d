//! Builds the WASM runtime that the node embeds.

/// The hash of the metadata, for `CheckMetadataHash`. It is committed and checked by a test instead of being computed
/// from a first WASM build, which would double the time of that build (docs/decisions/0050).
#[cfg(feature = "std")]
const METADATA_HASH: &str = "metadata-hash.txt";

/// Set where next versions of the runtime are built as well: one to which tests and the demo upgrade, and one that they
/// must refuse.
#[cfg(feature = "std")]
const NEXT: &str = "MYELIN_NEXT_RUNTIME";

/// The end of these bytes of the next version decides whether its migration is the wrong one.
#[cfg(feature = "std")]
const MISCOUNTS: [&[u8]; 2] = [b"the next version miscounts: 0", b"the next version miscounts: 1"];

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
            build_next();
        }
    }
}

/// Builds the next versions, and compresses them, so that they fit into a transaction. The folder of the program has
/// them.
#[cfg(feature = "std")]
fn build_next() {
    let next = substrate_wasm_builder::WasmBuilder::init_with_defaults().enable_feature("next");
    next.set_file_name("next_runtime.rs").build();
    let out = std::path::PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it"));
    // From `build/NAME/out` up to the folder of the program.
    let folder = out.ancestors().nth(3).expect("it lies in the target folder").join("wbuild/myelin-runtime");
    // Without a WASM build there is none.
    let Ok(code) = std::fs::read(folder.join("next_runtime.rs.wasm")) else { return };
    let [right, wrong] = MISCOUNTS;
    let mut places = code.windows(right.len()).enumerate().filter(|(_, bytes)| *bytes == right);
    let (place, None) = (places.next().expect("the next version has the mark").0, places.next()) else {
        panic!("the next version has the mark twice")
    };
    let mut spoiled = code.clone();
    spoiled[place..place + wrong.len()].copy_from_slice(wrong);
    for (name, code) in [("next", code), ("spoiled", spoiled)] {
        let compressed =
            sp_maybe_compressed_blob::compress_weakly(&code, 50 << 20).expect("the code compresses");
        let file = folder.join(format!("{name}_runtime.compact.compressed.wasm"));
        std::fs::write(file, compressed).expect("the target folder is writable");
    }
}
