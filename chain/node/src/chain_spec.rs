//! The chains that the node knows by name, and chains read from files.

use myelin_runtime::{constants::SS58_PREFIX, WASM_BINARY};
use sc_service::{ChainType, GenericChainSpec, Properties};
use sp_core::storage::{well_known_keys, Storage};

/// A chain: its name, its boot nodes, and its genesis.
pub type ChainSpec = GenericChainSpec;

/// A chain that the node knows by name.
struct BuiltIn {
    /// Argument of `--chain`.
    argument: &'static str,
    /// Preset of the runtime.
    preset: &'static str,
    name: &'static str,
    id: &'static str,
}

const fn built_in(
    argument: &'static str,
    preset: &'static str,
    name: &'static str,
    id: &'static str,
) -> BuiltIn {
    BuiltIn { argument, preset, name, id }
}

const BUILT_IN: [BuiltIn; 9] = [
    built_in("dev", "development", "Myelin Development", "myelin_dev"),
    built_in("local", "local", "Myelin Local", "myelin_local"),
    built_in("local3", "local3", "Myelin Local 3", "myelin_local3"),
    built_in("local4", "local4", "Myelin Local 4", "myelin_local4"),
    built_in("dev-12s", "development-12s", "Myelin Development 12 s", "myelin_dev_12s"),
    built_in("local-12s", "local-12s", "Myelin Local 12 s", "myelin_local_12s"),
    built_in("local3-12s", "local3-12s", "Myelin Local 3 12 s", "myelin_local3_12s"),
    built_in("local4-12s", "local4-12s", "Myelin Local 4 12 s", "myelin_local4_12s"),
    built_in("governed", "governed", "Myelin Governed", "myelin_governed"),
];

/// Names of the built-in chains.
pub fn names() -> String {
    BUILT_IN.map(|chain| chain.argument).join(", ")
}

/// The chain that `--chain id` names: a built-in one, or a chain file.
///
/// # Errors
/// If there is neither a built-in chain of that name nor a readable chain file.
pub fn load(id: &str) -> Result<ChainSpec, String> {
    if let Some(chain) = BuiltIn::named(id) {
        return chain.spec();
    }
    let path = std::path::PathBuf::from(id);
    if !path.exists() {
        return Err(format!(
            "there is no chain `{id}`: it is neither a file nor one of {}; `build-spec` writes a file to start from",
            names()
        ));
    }
    ChainSpec::from_json_file(path)
}

/// Puts the first state of a built-in chain into `spec`, so that a node does not have to compile its runtime once more
/// only to compute it. Leaves chains from files alone, whatever they call themselves: a file may begin as a built-in
/// chain.
///
/// # Errors
/// If the state cannot be built.
pub fn resolve_genesis(spec: &mut dyn sc_service::ChainSpec, id: &str) -> Result<(), String> {
    let Some(chain) = BuiltIn::named(id) else { return Ok(()) };
    spec.set_storage(chain.storage()?);
    Ok(())
}

impl BuiltIn {
    /// The chain that `--chain id` names, if it is built in.
    fn named(id: &str) -> Option<&'static Self> {
        let id = if id.is_empty() { "local" } else { id };
        BUILT_IN.iter().find(|chain| chain.argument == id)
    }

    fn spec(&self) -> Result<ChainSpec, String> {
        let genesis = myelin_runtime::genesis::preset(self.preset).ok_or_else(|| self.unknown())?;
        Ok(ChainSpec::builder(code()?, None)
            .with_name(self.name)
            .with_id(self.id)
            .with_chain_type(ChainType::Local)
            .with_protocol_id("myelin")
            .with_properties(properties())
            .with_genesis_config_patch(genesis)
            .build())
    }

    /// The first state with the code of the runtime.
    fn storage(&self) -> Result<Storage, String> {
        let mut storage = myelin_runtime::genesis::storage(self.preset).ok_or_else(|| self.unknown())??;
        storage.top.insert(well_known_keys::CODE.to_vec(), code()?.to_vec());
        Ok(storage)
    }

    fn unknown(&self) -> String {
        format!("the runtime has no preset `{}`", self.preset)
    }
}

fn code() -> Result<&'static [u8], String> {
    WASM_BINARY
        .ok_or_else(|| "this node was built without a runtime; build it again without SKIP_WASM_BUILD".into())
}

/// Properties that wallets show: the token and the format of addresses.
fn properties() -> Properties {
    let mut properties = Properties::new();
    properties.insert("tokenSymbol".into(), "TAO".into());
    properties.insert("tokenDecimals".into(), 9.into());
    properties.insert("ss58Format".into(), SS58_PREFIX.into());
    properties
}

#[cfg(test)]
mod tests {
    use super::*;
    use sp_runtime::BuildStorage;

    #[test]
    fn native_and_wasm_code_build_the_same_first_state() {
        // One authority at one pace, three at the other: presets decide nothing else.
        for chain in BUILT_IN.iter().filter(|chain| ["dev", "local3-12s"].contains(&chain.argument)) {
            let native = chain.storage().expect("native code builds the state");
            let wasm =
                chain.spec().and_then(|spec| spec.build_storage()).expect("WASM code builds the state");
            assert!(native.top == wasm.top, "{}: the states differ", chain.argument);
        }
    }

    #[test]
    fn an_unknown_chain_is_refused_with_the_names_of_those_that_exist() {
        let refusal = load("mainnet").err().expect("there is no such chain");
        for chain in &BUILT_IN {
            assert!(refusal.contains(chain.argument), "{refusal}");
        }
    }
}
