//! Builds the WASM runtime that the node embeds.
fn main() {
    #[cfg(feature = "std")]
    {
        // The lint wrapper of the native build belongs to another compiler than the WASM build may use.
        std::env::remove_var("RUSTC_WORKSPACE_WRAPPER");
        substrate_wasm_builder::WasmBuilder::build_using_defaults();
    }
}
