//! Genesis presets: the first authorities, the first balances, and the pace of the chain.
//!
//! | preset | authorities | slot | durations |
//! |---|---|---|---|
//! | `development` | One | 250 ms | fast |
//! | `local` | One, Two | 250 ms | fast |
//! | `local3` | One, Two, Three | 250 ms | fast |
//! | `local4` | One, Two, Three, Four | 250 ms | fast |
//! | the same with `-12s` | | 12 s | production |
//! | `governed` | One, Two, Three, Four | 250 ms | fast |
//!
//! All of them have the protocol's local genesis: sudo is Alice, the well-known accounts are funded, the root network
//! and subnet 1 exist. Nobody owns the root network of `governed`, whose holders remove the root key by a vote; local
//! networks keep theirs. Their blocks need the contributions of their authors to the beacon; a chain file without
//! `beacon.strict` describes a chain whose blocks do not. Subnets can be created one after another on fast chains and
//! those of one authority. To start a separate network, begin with one of them: `myelin-node build-spec --chain
//! local3-12s` writes the file to edit.

pub mod keys;

use crate::{
    constants::TAO, AccountId, Balance, BalancesConfig, BeaconConfig, RuntimeGenesisConfig, SessionConfig,
    SubtensorModuleConfig, SudoConfig,
};
use alloc::vec::Vec;
use frame_support::build_struct_json_patch;
use keys::{ALICE, ALICE_HOTKEY, AUTHORITIES, BOB, CHARLIE, DAVE, EVE, FERDIE};
use pallet_network::types::ChainPace;
use serde_json::Value;
use sp_genesis_builder::PresetId;

/// Settings of a preset.
pub struct Preset {
    /// Its name.
    pub id: &'static str,
    /// Number of [`AUTHORITIES`] that write blocks.
    pub authorities: usize,
    /// Slot and durations.
    pub pace: ChainPace,
    /// Whether holders are to govern it.
    pub governed: bool,
}

impl Preset {
    const fn local(id: &'static str, authorities: usize, pace: ChainPace) -> Self {
        Preset { id, authorities, pace, governed: false }
    }
}

/// 250 ms slots and short durations.
pub const FAST: ChainPace = ChainPace { slot_ms: 250, fast: true };
/// 12 s slots and production durations.
pub const PRODUCTION: ChainPace = ChainPace { slot_ms: 12_000, fast: false };

/// All presets.
pub const PRESETS: [Preset; 9] = [
    Preset::local("development", 1, FAST),
    Preset::local("local", 2, FAST),
    Preset::local("local3", 3, FAST),
    Preset::local("local4", 4, FAST),
    Preset::local("development-12s", 1, PRODUCTION),
    Preset::local("local-12s", 2, PRODUCTION),
    Preset::local("local3-12s", 3, PRODUCTION),
    Preset::local("local4-12s", 4, PRODUCTION),
    Preset { id: "governed", authorities: 4, pace: FAST, governed: true },
];

/// First balances in rao.
fn balances() -> Vec<(AccountId, Balance)> {
    let rich = [ALICE, BOB, CHARLIE].map(|account| (account.id(), 1_000_000 * TAO));
    let others = [DAVE, EVE, FERDIE].map(|account| (account.id(), 2_000 * TAO));
    rich.into_iter().chain(others).collect()
}

fn patch(preset: &Preset) -> Value {
    let (authorities, pace) = (&AUTHORITIES[..preset.authorities], preset.pace);
    // A developer with one authority creates subnets one after another.
    let hurried = pace.fast || authorities.len() == 1;
    build_struct_json_patch!(RuntimeGenesisConfig {
        balances: BalancesConfig { balances: balances() },
        session: SessionConfig {
            keys: authorities.iter().map(|a| (a.account.id(), a.account.id(), a.session_keys())).collect(),
        },
        sudo: SudoConfig { key: Some(ALICE.id()) },
        subtensor_module: SubtensorModuleConfig {
            profile: pace,
            root_owner: (pace.fast && !preset.governed).then(|| (ALICE.id(), ALICE_HOTKEY.id())),
            network_rate_limit: hurried.then_some(0),
        },
        beacon: BeaconConfig { strict: true },
    })
}

/// The preset named `id` as a JSON patch of the default genesis, or `None` if there is none of that name.
pub fn preset(id: &str) -> Option<Value> {
    PRESETS.iter().find(|preset| preset.id == id).map(patch)
}

/// [`preset`] as bytes, for the genesis-builder API.
pub fn preset_json(id: &PresetId) -> Option<Vec<u8>> {
    preset(id).and_then(|patch| serde_json::to_vec(&patch).ok())
}

/// Names of all presets.
pub fn preset_names() -> Vec<PresetId> {
    PRESETS.iter().map(|preset| PresetId::from(preset.id)).collect()
}

/// The first state of the preset named `id`, its code left out, built by native code. It is what the WASM code
/// builds through [`preset`], without compiling that first.
///
/// # Errors
/// If a preset does not fit the genesis of the pallets, which a test excludes.
#[cfg(feature = "std")]
pub fn storage(id: &str) -> Option<Result<sp_storage::Storage, String>> {
    preset(id).map(build)
}

#[cfg(feature = "std")]
fn build(patch: Value) -> Result<sp_storage::Storage, String> {
    use sp_runtime::BuildStorage;

    let mut config =
        serde_json::to_value(RuntimeGenesisConfig::default()).map_err(|error| error.to_string())?;
    merge(&mut config, patch);
    let config: RuntimeGenesisConfig = serde_json::from_value(config).map_err(|error| error.to_string())?;
    config.build_storage()
}

/// Writes the values of `patch` over those of `target`, object by object.
#[cfg(feature = "std")]
fn merge(target: &mut Value, patch: Value) {
    match (target, patch) {
        (Value::Object(target), Value::Object(patch)) => {
            for (key, value) in patch {
                merge(target.entry(key).or_insert(Value::Null), value);
            }
        }
        (target, patch) => *target = patch,
    }
}
