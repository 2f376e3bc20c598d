//! Rows that follow from the metadata and from the table of parameters.

use frame_support::{
    dispatch::GetDispatchInfo,
    traits::{Contains, Get},
};
use myelin_economy::params::{find, Caller, Parameter, Setter, NETWORK, SUBNET};
use myelin_runtime::closed::OpenCalls;

use super::*;

/// Accounts that may make a call.
enum May {
    Root,
    RootOrOwner,
    Owner,
    SudoKey,
    Account,
}

/// The permission of a call by its name, where it is neither root's nor any account's.
fn who_may(kind: &Kind) -> May {
    const OWNERS: [&str; 6] = [
        "start_call",
        "update_symbol",
        "set_subnet_identity",
        "set_tempo",
        "set_activity_cutoff_factor",
        "trigger_epoch",
    ];
    const ROOT_OR_OWNERS: [&str; 11] = [
        "sudo_set_sn_owner_hotkey",
        "sudo_set_subnet_owner_hotkey",
        "sudo_set_mechanism_emission_split",
        "sudo_trim_to_max_allowed_uids",
        "enable_voting_power_tracking",
        "disable_voting_power_tracking",
        "set_requirement",
        "announce_rubric",
        "withdraw_rubric",
        "demand_evidence",
        "announce_parent_share",
    ];
    const ROOTS: [&str; 15] = [
        "set_committee",
        "spend",
        "grant",
        "stop_grant",
        "open_subnet",
        "takedown",
        "root_dissolve_network",
        "set_rules",
        "switch_on",
        "switch_off",
        "set_pending_childkey_cooldown",
        "set_max_space",
        "dispatch_as",
        "dispatch_as_fallible",
        "with_weight",
    ];
    const ELECTIONS: [&str; 4] = ["set_rules", "switch_on", "switch_off", "cancel_slash"];
    let name = kind.name.as_str();
    match kind.pallet.as_str() {
        "Sudo" => May::SudoKey,
        _ if OWNERS.contains(&name) => May::Owner,
        _ if ROOT_OR_OWNERS.contains(&name) || find(name).is_some_and(|row| row.shared) => May::RootOrOwner,
        _ if name == "remark_with_event" => May::Account,
        "AdminUtils" | "Swap" | "System" | "Grandpa" => May::Root,
        "Beacon" => May::Root,
        "Elections" if ELECTIONS.contains(&name) => May::Root,
        _ if ROOTS.contains(&name) || name.starts_with("sudo_") || name.starts_with("force_") => May::Root,
        _ => May::Account,
    }
}

/// Whether an empty block has room for a call.
fn fits(call: &RuntimeCall) -> bool {
    let info = call.get_dispatch_info();
    let limits = <Runtime as frame_system::Config>::BlockWeights::get();
    limits.get(info.class).max_extrinsic.is_none_or(|most| info.call_weight.all_lte(most))
}

/// An open call of this kind about these subnets, if some attempts find one.
fn call_of(
    world: &mut World,
    schema: &Schema,
    kind: &Kind,
    (netuid, other_netuid): (NetUid, NetUid),
) -> Option<RuntimeCall> {
    let cast = std::rc::Rc::clone(&world.cast);
    let mut dice = Dice::new(u64::from(kind.index[1]));
    world.look(|| {
        let view = View::look();
        (0..20).find_map(|_| {
            let scene = Scene { hostility: 0, ..Scene::draw(&mut dice, &view, &cast) };
            let scene = Scene { netuid, other_netuid, ..scene };
            let call = Writer { schema, cast: &cast, scene: &scene }.call(&mut dice, kind);
            Action { signer: 0, call }.decoded().filter(|call| OpenCalls::contains(call) && fits(call))
        })
    })
}

/// Each call, made by an account that may not make it.
pub fn signers(world: &mut World, schema: &Schema) -> Vec<Wrong> {
    // The carried calls are drawn from those that stories make.
    let inner = world.look(Schema::read);
    let row = |world: &mut World, kind: &Kind| -> Vec<Wrong> {
        let Some(call) = call_of(world, &inner, kind, (CLEAR, SECRET)) else { return Vec::new() };
        let by_a_stranger = |error| wrong("by a stranger", STRANGER, call.clone(), error);
        let by_root = by_root("by root", call.clone(), "BadOrigin");
        match who_may(kind) {
            May::Root => vec![by_a_stranger("BadOrigin")],
            May::RootOrOwner => vec![by_a_stranger("NotSubnetOwner")],
            May::Owner => vec![by_a_stranger("NotSubnetOwner"), by_root],
            May::SudoKey => vec![by_a_stranger("Invalid(BadSigner)")],
            May::Account => vec![by_root],
        }
    };
    let possible = |kind: &&Kind| !is_impossible(kind, Signer);
    schema.kinds.iter().filter(possible).flat_map(|kind| row(world, kind)).collect()
}

/// Each call with a subnet among its arguments, for a subnet that does not exist.
pub fn subnets(world: &mut World, schema: &Schema) -> Vec<Wrong> {
    let plain = |kind: &&Kind| {
        kind.arguments.iter().any(|argument| argument.written == "NetUid") && !is_impossible(kind, Subnet)
    };
    let row = |world: &mut World, kind: &Kind| {
        let call = call_of(world, schema, kind, (NOWHERE, NOWHERE))?;
        let how = "a subnet that does not exist";
        const FREE: [&str; 7] =
            ["attest_", "set_weights", "set_mechanism", "commit_", "reveal_", "batch_", "serve_"];
        let free = FREE.iter().any(|name| kind.name.starts_with(name)) || kind.name == "set_commitment";
        Some(match who_may(kind) {
            May::Root | May::RootOrOwner => by_root(how, call, "SubnetNotExists"),
            _ => wrong(how, 0, call, if free { "Custom 3" } else { "SubnetNotExists" }),
        })
    };
    schema.kinds.iter().filter(plain).filter_map(|kind| row(world, kind)).collect()
}

/// Each parameter below and above its range, set by root and by the owner. Also the calls of parameters whose type has
/// no value out of range.
pub fn ranges(schema: &Schema) -> (Vec<Wrong>, BTreeSet<String>) {
    let mut rows = Vec::new();
    let mut bounded: BTreeMap<String, bool> = BTreeMap::new();
    for row in SUBNET.iter().chain(NETWORK) {
        let owners = row.call_of_owner().filter(|_| row.setter == Setter::Owner);
        let setters = [(row.call, Caller::Root, row.root_range), (owners, Caller::Owner, row.range)];
        for (call, caller, (least, most)) in setters {
            let Some(kind) = call.and_then(|call| {
                schema.kinds.iter().find(|kind| kind.pallet == call.pallet && kind.name == call.name)
            }) else {
                continue;
            };
            let (lowest, highest) = row.kind.bounds();
            let below = (least > lowest).then(|| ("below the range", least - 1));
            let above = (most < highest).then(|| ("above the range", most + 1));
            *bounded.entry(kind.title()).or_default() |= below.or(above).is_some();
            for (how, value) in below.into_iter().chain(above) {
                let Some(call) = setting(kind, row, value) else { continue };
                let error = out_of_range(row, kind, how);
                rows.push(match caller {
                    Caller::Root => by_root(how, call, error),
                    Caller::Owner => wrong(how, 0, call, error),
                });
            }
        }
    }
    (rows, bounded.into_iter().filter_map(|(title, bounded)| (!bounded).then_some(title)).collect())
}

/// The call that sets a parameter of the clear subnet to a value, if it takes one value.
fn setting(kind: &Kind, row: &Parameter, value: i128) -> Option<RuntimeCall> {
    let mut bytes = kind.index.to_vec();
    let mut values = 0;
    for argument in &kind.arguments {
        if argument.written == "NetUid" {
            CLEAR.encode_to(&mut bytes);
        } else {
            bytes.extend(row.kind.to_bytes(value));
            values += 1;
        }
    }
    Action { signer: 0, call: bytes }.decoded().filter(|_| values == 1)
}

/// The official error of a parameter that is out of range.
fn out_of_range(row: &Parameter, kind: &Kind, how: &str) -> &'static str {
    match row.name {
        "Tempo" if kind.name == "set_tempo" => "TempoOutOfBounds",
        "BondsMovingAverage" => "BondsMovingAverageMaxReached",
        "AlphaSigmoidSteepness" => "NegativeSigmoidSteepness",
        "MaxAllowedUids" => "MaxAllowedUidsGreaterThanDefaultMaxAllowedUids",
        "ActivityCutoffFactorMilli" => "ActivityCutoffFactorMilliOutOfBounds",
        "MechanismCountCurrent" | "RubricNotice" | "ProofBar" => "InvalidValue",
        "FeeWeightPerRao" | "FeePerByte" | "SessionLength" => "InvalidValue",
        "RevealPeriodEpochs" if how.starts_with("below") => "RevealPeriodTooSmall",
        "RevealPeriodEpochs" => "RevealPeriodTooLarge",
        "FeeRate" => "FeeRateTooHigh",
        "MaxSpace" => "SpaceOutOfBounds",
        "NumRootClaim" => "InvalidNumRootClaim",
        "VotingPowerEmaAlpha" => "InvalidVotingPowerEmaAlpha",
        _ => "ValueNotInBounds",
    }
}
