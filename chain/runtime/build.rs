//! Builds the WASM runtime that the node embeds.
fn main() {
    #[cfg(feature = "std")]
    {
        // The lint wrapper of the native build belongs to another compiler than the WASM build may use.
        std::env::remove_var("RUSTC_WORKSPACE_WRAPPER");
        // The WASM build has a profile of its own; like ours, it lets arithmetic that overflows fail instead of going on with a wrong number.
        std::env::set_var("CARGO_PROFILE_RELEASE_OVERFLOW_CHECKS", "true");
        substrate_wasm_builder::WasmBuilder::build_using_defaults();
    }
}
