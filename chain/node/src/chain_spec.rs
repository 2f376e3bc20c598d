//! The chains that the node knows by name, and chains read from files.

use myelin_runtime::{constants::SS58_PREFIX, WASM_BINARY};
use sc_service::{ChainType, GenericChainSpec, Properties};

/// A chain: its name, how to find it, and its genesis.
pub type ChainSpec = GenericChainSpec;

/// Built-in chains: argument of `--chain`, preset of the runtime, name, id.
const BUILT_IN: [(&str, &str, &str, &str); 6] = [
    ("dev", "development", "Myelin Development", "myelin_dev"),
    ("local", "local", "Myelin Local", "myelin_local"),
    ("local3", "local3", "Myelin Local 3", "myelin_local3"),
    ("dev-12s", "development-12s", "Myelin Development 12 s", "myelin_dev_12s"),
    ("local-12s", "local-12s", "Myelin Local 12 s", "myelin_local_12s"),
    ("local3-12s", "local3-12s", "Myelin Local 3 12 s", "myelin_local3_12s"),
];

/// The chain that `--chain id` names: a built-in one, or a chain file.
///
/// # Errors
/// If there is neither a built-in chain of that name nor a readable chain file.
pub fn load(id: &str) -> Result<ChainSpec, String> {
    let id = if id.is_empty() { "local" } else { id };
    if let Some((_, preset, name, chain_id)) = BUILT_IN.iter().find(|(argument, ..)| *argument == id) {
        return built_in(preset, name, chain_id);
    }
    let path = std::path::PathBuf::from(id);
    if !path.exists() {
        let names = BUILT_IN.map(|(argument, ..)| argument).join(", ");
        return Err(format!(
            "there is no chain `{id}`: it is neither a file nor one of {names}; `build-spec` writes a file to start from"
        ));
    }
    ChainSpec::from_json_file(path)
}

fn built_in(preset: &str, name: &str, id: &str) -> Result<ChainSpec, String> {
    let code =
        WASM_BINARY.ok_or("this node was built without a runtime; build it again without SKIP_WASM_BUILD")?;
    let genesis = myelin_runtime::genesis::preset(preset)
        .ok_or_else(|| format!("the runtime has no preset `{preset}`"))?;
    Ok(ChainSpec::builder(code, None)
        .with_name(name)
        .with_id(id)
        .with_chain_type(ChainType::Local)
        .with_protocol_id("myelin")
        .with_properties(properties())
        .with_genesis_config_patch(genesis)
        .build())
}

/// What wallets show: the token and the format of addresses.
fn properties() -> Properties {
    let mut properties = Properties::new();
    properties.insert("tokenSymbol".into(), "TAO".into());
    properties.insert("tokenDecimals".into(), 9.into());
    properties.insert("ss58Format".into(), SS58_PREFIX.into());
    properties
}
