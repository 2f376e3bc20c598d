//! The parameters of a subnet that the package lets its owner set.

use myelin_compat::table::{Part, Verdict, ROWS};
use serde_json::{json, Value};

use super::{request, verdicts, Chain};
use crate::Shown;

/// Parameters, each with a value and its storage item.
const VALUES: &[(&str, u64, &str)] = &[
    ("activity_cutoff_factor", 5_000, "ActivityCutoffFactorMilli"),
    ("adjustment_alpha", 100, "AdjustmentAlpha"),
    ("alpha_sigmoid_steepness", 500, "AlphaSigmoidSteepness"),
    ("bonds_moving_avg", 800_000, "BondsMovingAverage"),
    ("bonds_penalty", 100, "BondsPenalty"),
    ("burn_half_life", 400, "BurnHalfLife"),
    ("commit_reveal_period", 2, "RevealPeriodEpochs"),
    ("immunity_period", 5_001, "ImmunityPeriod"),
    ("max_allowed_uids", 65, "MaxAllowedUids"),
    ("max_burn", 50_000_000_000, "MaxBurn"),
    ("max_difficulty", 1_000_000_000, "MaxDifficulty"),
    ("min_allowed_weights", 2, "MinAllowedWeights"),
    ("min_burn", 1_000_000, "MinBurn"),
    ("min_childkey_take", 100, "MinChildkeyTakePerSubnet"),
    ("owner_immune_neuron_limit", 2, "ImmuneOwnerUidsLimit"),
    ("rho", 11, "Rho"),
    ("serving_rate_limit", 20, "ServingRateLimit"),
    ("weights_version", 1, "WeightsVersionKey"),
];

/// Switches that are each turned to the other side.
const SWITCHES: &[(&str, &str)] = &[
    ("bonds_reset_enabled", "BondsResetOn"),
    ("commit_reveal_weights_enabled", "CommitRevealWeightsEnabled"),
    ("liquid_alpha_enabled", "LiquidAlphaOn"),
    ("network_pow_registration_allowed", "NetworkPowRegistrationAllowed"),
    ("owner_cut_auto_lock_enabled", "OwnerCutAutoLockEnabled"),
    ("owner_cut_enabled", "OwnerCutEnabled"),
    ("transfers_enabled", "TransferToggle"),
    ("yuma3_enabled", "Yuma3On"),
];

/// Sets all of them, and reads them back from storage.
pub fn set(chain: &mut Chain, netuid: u64) {
    let mut shown = Shown::of(Part::Hyperparameters11);
    let intent = |name: &str, value: Value| json!({ "netuid": netuid, "name": name, "value": value });
    let mut set: Vec<(&str, Value, &str)> =
        VALUES.iter().map(|(name, value, item)| (*name, json!(value), *item)).collect();
    for (name, item) in SWITCHES {
        let is = chain.storage("SubtensorModule", item, json!([netuid]));
        set.push((name, json!(!is.as_bool().expect("on or off")), item));
    }
    plan_and_send(chain, set.iter().map(|(name, value, _)| intent(name, value.clone())));
    for (name, value, item) in &set {
        assert_eq!(&chain.storage("SubtensorModule", item, json!([netuid])), value, "{name}");
    }

    chain.intent("Bob", "set_hyperparameter", intent("burn_increase_mult", json!(1.5)));
    let factor = chain.storage("SubtensorModule", "BurnIncreaseMult", json!([netuid]));
    assert_eq!(factor["bits"].as_f64(), Some(1.5 * 2_f64.powi(64)));
    // They share a call, and liquid alpha has to be on.
    chain.intent("Bob", "set_hyperparameter", intent("alpha_low", json!(20_000)));
    chain.intent("Bob", "set_hyperparameter", intent("alpha_high", json!(60_000)));
    let range = chain.storage("SubtensorModule", "AlphaValues", json!([netuid]));
    assert_eq!(range, json!([20_000, 60_000]));

    let verdicts = verdicts(Part::Hyperparameters11);
    for (name, verdict) in &verdicts {
        if *verdict != Verdict::Works {
            let value = match *name {
                "epoch_consensus" => json!("Yuma"),
                "tempo" => json!(400),
                _ => json!(1),
            };
            let said = chain.refused("Bob", "set_hyperparameter", intent(name, value));
            let root_alone = matches!(verdict, Verdict::Differs(_));
            assert!(said.contains(if root_alone { "BadOrigin" } else { "not found" }), "{name}: {said}");
        }
    }
    let official = chain.peer.get(json!({ "do": "hyperparameters" }));
    assert_eq!(
        official,
        json!(verdicts.keys().collect::<Vec<_>>()),
        "the names of the package and the table"
    );
    let works = verdicts.values().filter(|verdict| **verdict == Verdict::Works).count();
    assert_eq!(works, set.len() + 3);
    for row in ROWS.iter().filter(|row| row.part == Part::Hyperparameters11) {
        shown.row(row.what);
    }
    shown.everything();
}

/// Plans each one by itself, and executes all of them at once.
fn plan_and_send(chain: &mut Chain, intents: impl Iterator<Item = Value>) {
    let mut batch = Vec::new();
    for mut intent in intents {
        let plan = chain.peer.get(request("plan", "Bob", "set_hyperparameter", intent.clone()));
        assert_eq!(plan["ok"], json!(true), "{plan}");
        intent["op"] = "set_hyperparameter".into();
        batch.push(intent);
    }
    chain.intent("Bob", "batch", json!({ "intents": batch }));
}
