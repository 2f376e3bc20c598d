//! One row for each way in which a call can be wrong: its signer, and the named error it must have. Nothing else may
//! change.
//!
//! Every call of the runtime has three kinds of fault: a signer without the right, a subnet that does not exist, and
//! another wrong argument. Rows that follow from the metadata and the table of parameters are generated (`generated`);
//! the others stand in one file per area. A call without a row for a kind of fault fails
//! `every_call_has_a_row_for_each_kind_of_fault`, unless [`IMPOSSIBLE`] gives a reason. Calls that come too early or
//! too late are in `times`. The rows of a holder with a vote lock are in `bound`, on a chain of their own.

mod bound;
mod elections;
mod generated;
mod governance;
mod models;
mod others;
mod stake;
mod subnets;
mod weights;
mod wrappers;

use std::collections::{BTreeMap, BTreeSet};

use frame_support::traits::GetCallMetadata;
use myelin_abi::RubricSource;
use myelin_economy::collateral::MIN_UNBONDING;
use myelin_fuzz::schema::Argument;
use myelin_runtime::proxy::ProxyType;
use scale_info::{PortableRegistry, TypeDef};

use super::*;

/// The rubric in force on [`CLEAR`], and by a vote on [`SECRET`].
const RUBRIC: RubricSource = RubricSource::Hash([7; 32]);
/// Place of an actor with 5 TAO and no hotkey: hotkey 30.
const POOR: usize = 40;

/// A kind of fault for which every call needs a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    /// The signer may not make it.
    Signer,
    /// It names a subnet that does not exist.
    Subnet,
    /// Another argument is wrong.
    Value,
}

use Fault::{Signer, Subnet, Value};

/// Faults that calls cannot have, the reason, and the calls.
const IMPOSSIBLE: &[(&[Fault], &str, &[&str])] = &[
    (&[Signer, Value], "an inherent: no transaction carries it", &["Timestamp::set", "Beacon::contribute"]),
    (
        &[Signer, Value],
        "its proof is of a type without values",
        &["Grandpa::report_equivocation", "Grandpa::report_equivocation_unsigned"],
    ),
    (
        &[Signer, Value],
        "takes longer than a block of a fast chain, where these tests run",
        &["System::set_code", "System::set_code_without_checks", "System::apply_authorized_upgrade"],
    ),
    (
        &[Signer],
        "anybody may, root included",
        &[
            "System::remark",
            "Utility::batch",
            "Utility::batch_all",
            "Utility::force_batch",
            "Utility::if_else",
            "Referenda::refund_decision_deposit",
            "Referenda::refund_submission_deposit",
        ],
    ),
    (&[Value], "anybody may say anything", &["System::remark", "System::remark_with_event"]),
    (
        &[Value],
        "root may replace the rules, and write anything below them",
        &[
            "System::authorize_upgrade",
            "System::authorize_upgrade_without_checks",
            "System::set_heap_pages",
            "System::set_storage",
            "System::kill_storage",
            "System::kill_prefix",
        ],
    ),
    (
        &[Value],
        "what became of the call inside is told by an event",
        &["Sudo::sudo_as", "Utility::dispatch_as"],
    ),
    (
        &[Signer, Value],
        "only the schedule makes it: no account and no root can send it, and an event tells what became of it",
        &["Governance::enact"],
    ),
    (
        &[Subnet],
        "of a subnet that does not exist nothing is held; that is the error",
        &["Governance::lock", "Governance::unlock"],
    ),
    (&[Value], "the sudo key may be anybody's", &["Sudo::set_key"]),
    (&[Value], "makes an account that is new in its block, whatever the arguments", &["Proxy::create_pure"]),
    (
        &[Value],
        "does what there is to do, which may be nothing",
        &["Balances::transfer_all", "Balances::upgrade_accounts", "SubtensorModule::try_associate_hotkey"],
    ),
    (
        &[Value],
        "all values are possible",
        &[
            "Governance::set_committee",
            "AdminUtils::sudo_set_recycle_or_burn",
            "AdminUtils::sudo_set_rao_recycled",
        ],
    ),
    (&[Subnet], "root may set the fee of a subnet to come", &["Swap::set_fee_rate"]),
    (
        &[Subnet],
        "collateral outlives its subnet; where there is none, that is the error",
        &["Collateral::unbond", "Collateral::withdraw", "Collateral::report"],
    ),
    (
        &[Subnet],
        "as on the official chain: on a subnet that is gone nothing is owed",
        &["SubtensorModule::claim_root"],
    ),
];

/// Whether a call can't have this fault.
fn is_impossible(kind: &Kind, fault: Fault) -> bool {
    let title = kind.title();
    IMPOSSIBLE.iter().any(|(faults, _, titles)| faults.contains(&fault) && titles.contains(&title.as_str()))
}

/// A call that is wrong in one way, its signer, and the error it must have.
struct Wrong {
    how: &'static str,
    title: String,
    signer: usize,
    call: RuntimeCall,
    error: &'static str,
}

impl Wrong {
    /// The kinds of fault that its error reports.
    fn faults(&self) -> &'static [Fault] {
        match self.error {
            "BadOrigin" | "NotSubnetOwner" | "NonAssociatedColdKey" | "Invalid(BadSigner)" => &[Signer],
            "SubnetNotExists" | "Custom 3" => &[Subnet],
            // Nobody may make such a call, with any arguments.
            "Invalid(Call)" => &[Signer, Value],
            _ => &[Value],
        }
    }
}

fn wrong(how: &'static str, signer: usize, call: impl Into<RuntimeCall>, error: &'static str) -> Wrong {
    let call = call.into();
    Wrong { how, title: named(&call), signer, call, error }
}

/// A call that is wrong even from root.
fn by_root(how: &'static str, call: impl Into<RuntimeCall>, error: &'static str) -> Wrong {
    let call = call.into();
    Wrong { how, title: named(&call), signer: 0, call: sudo(call), error }
}

fn named(call: &RuntimeCall) -> String {
    let named = call.get_call_metadata();
    format!("{}::{}", named.pallet_name, named.function_name)
}

/// Accounts by their number in the cast. Coldkey `i` signs at place `i`, hotkey `i` at place `10 + i`; coldkey `i` owns
/// hotkeys `i` and `10 + i`.
struct Accounts<'a>(&'a World);

impl Accounts<'_> {
    fn hot(&self, i: usize) -> AccountId {
        self.0.cast.hotkeys()[i].id.clone()
    }

    fn cold(&self, i: usize) -> AccountId {
        self.0.cast.coldkeys()[i].id.clone()
    }

    /// A hotkey without an owner.
    fn unowned(&self) -> AccountId {
        AccountId::from([7; 32])
    }
}

/// The chain after the opening. Coldkey 6 is a proxy of coldkey 5; coldkey 7 has locked alpha and collateral for its
/// hotkey on [`CLEAR`]. It published a model that coldkey 6 disputed. Coldkey 0 has hotkey 20, which is on no subnet.
fn prepared() -> World {
    let mut world = opened();
    let of = Accounts(&world);
    let (tao, alpha) = (TaoBalance::from_rao(TAO), AlphaBalance::from_rao(TAO));
    let (hotkey, delegate) = (of.hot(7), of.cold(6).into());
    let appoint = pallet_proxy::Call::<Runtime>::add_proxy { delegate, proxy_type: ProxyType::Any, delay: 0 };
    let mut steps: Vec<(usize, RuntimeCall)> = vec![
        (0, opening::repair(CLEAR..SECRET + 1)),
        (0, sudo(Network::sudo_set_min_childkey_take { take: 5 })),
        (0, sudo(Admin::sudo_set_liquid_alpha_enabled { netuid: SECRET, enabled: true })),
        (0, Network::announce_rubric { netuid: CLEAR, mecid: 0, rubric: RUBRIC }.into()),
        (0, sudo(Network::announce_rubric { netuid: SECRET, mecid: 0, rubric: RUBRIC })),
        (0, Collateral::set_requirement { netuid: CLEAR, amount: tao, unbonding: MIN_UNBONDING }.into()),
        (5, appoint.into()),
        (0, Network::try_associate_hotkey { hotkey: of.hot(20) }.into()),
        (7, Network::lock_stake { hotkey: hotkey.clone(), netuid: CLEAR, amount: alpha }.into()),
        (7, Collateral::lock { netuid: CLEAR, hotkey, amount: tao, longest_unbonding: u32::MAX }.into()),
        (7, models::Provenance::publish { record: Box::new(models::record(&of, models::MODEL)) }.into()),
        (
            6,
            models::Provenance::dispute {
                model: models::MODEL,
                reason: [1; 32],
                reference: b"here".to_vec(),
            }
            .into(),
        ),
    ];
    steps.extend(governance::steps(&of));
    for (signer, call) in steps {
        assert_eq!(world.apply(signer, &call), Outcome::Done, "{}", named(&call));
    }
    world
}

/// All rows.
fn rows(world: &mut World, schema: &Schema) -> Vec<Wrong> {
    let mut rows = generated::signers(world, schema);
    rows.extend(generated::subnets(world, schema));
    rows.extend(generated::ranges(schema).0);
    let of = Accounts(world);
    rows.extend(stake::rows(&of));
    rows.extend(subnets::rows(&of));
    rows.extend(subnets::settings(&of));
    rows.extend(weights::rows());
    rows.extend(weights::serving());
    rows.extend(wrappers::rows(&of));
    rows.extend(others::rows(&of));
    rows.extend(models::rows(&of));
    rows.extend(governance::rows(&of));
    rows.extend(elections::rows(&of));
    rows
}

/// Rows whose calls have another outcome than they must have, or leave a trace.
fn failed(world: &mut World, rows: Vec<Wrong>) -> Vec<String> {
    let fails = |Wrong { how, title, signer, call, error }| {
        let (outcome, changed) = attempt(world, signer, &call);
        let found = told(&outcome);
        let trace = if changed { ", with a trace" } else { "" };
        (found != error || changed).then(|| format!("{title} ({how}): {found}{trace}, not {error}"))
    };
    rows.into_iter().filter_map(fails).collect()
}

#[test]
fn each_kind_of_bad_input_has_its_named_error_and_changes_nothing() {
    let mut world = prepared();
    let schema = world.look(Schema::whole);
    let rows = rows(&mut world, &schema);
    let failed = failed(&mut world, rows);
    assert!(failed.is_empty(), "{failed:#?}");
}

#[test]
fn every_call_has_a_row_for_each_kind_of_fault() {
    let mut world = prepared();
    let schema = world.look(Schema::whole);
    let mut there: BTreeMap<String, BTreeSet<Fault>> = BTreeMap::new();
    for row in rows(&mut world, &schema) {
        there.entry(row.title.clone()).or_default().extend(row.faults());
    }
    let all_in_range = generated::ranges(&schema).1;
    let mut missing = Vec::new();
    let excuses = IMPOSSIBLE.iter().flat_map(|(faults, _, titles)| {
        titles.iter().flat_map(|title| faults.iter().map(move |fault| (title.to_string(), *fault)))
    });
    let mut needless: BTreeSet<(String, Fault)> = excuses.collect();
    for kind in &schema.kinds {
        let title = kind.title();
        for fault in wanted(&schema.types, kind) {
            let excused = needless.remove(&(title.clone(), fault));
            let has = there.get(&title).is_some_and(|faults| faults.contains(&fault));
            let impossible = excused || (!has && fault == Value && all_in_range.contains(&title));
            if has == impossible {
                missing
                    .push(format!("{title}: {fault:?}{}", if has { " has a row and an excuse" } else { "" }));
            }
        }
    }
    assert!(missing.is_empty(), "no row for {missing:#?}");
    assert!(needless.is_empty(), "these excuse nothing: {needless:?}");
}

/// The kinds of fault that a call of this kind could have.
fn wanted(types: &PortableRegistry, kind: &Kind) -> Vec<Fault> {
    let own = |argument: &Argument| argument.written != "NetUid" && argument.written != "bool";
    let faults = [
        (Signer, true),
        (Subnet, kind.arguments.iter().any(|argument| names_subnet(types, argument))),
        (Value, kind.arguments.iter().any(own)),
    ];
    faults.into_iter().filter_map(|(fault, wanted)| wanted.then_some(fault)).collect()
}

/// Whether an argument is a subnet, a set of them or a choice among which there is one.
fn names_subnet(types: &PortableRegistry, argument: &Argument) -> bool {
    let in_a_choice = || match &types.resolve(argument.ty).expect("every type is listed").type_def {
        TypeDef::Variant(variants) => variants
            .variants
            .iter()
            .flat_map(|variant| &variant.fields)
            .any(|field| field.type_name.as_ref().is_some_and(|written| written.contains("NetUid"))),
        _ => false,
    };
    argument.written.contains("NetUid") || in_a_choice()
}
