//! Proxies get the permissions of their kind and no more, whatever call wraps them.

use super::{
    filters,
    rules::{rule, Calls, Rule, LEAVING, SMALL},
    types, ProxyType,
};
use crate::{
    constants::TAO,
    genesis::{
        self,
        keys::{ALICE, BOB, CHARLIE, DAVE},
    },
    AccountId, Balances, Proxy, Runtime, RuntimeCall, RuntimeEvent, RuntimeOrigin, System,
};
use codec::{Decode, Encode};
use frame_metadata::RuntimeMetadata;
use frame_support::{
    assert_ok,
    traits::{GetCallMetadata, InstanceFilter},
};
use myelin_abi::{CallCondition, FilterMode};
use sp_runtime::{traits::Dispatchable, DispatchError};
use std::collections::BTreeSet;

fn on_chain(story: impl FnOnce()) {
    let storage = genesis::storage("development").expect("the preset exists").expect("it fits the pallets");
    sp_io::TestExternalities::new(storage).execute_with(|| {
        System::set_block_number(1);
        story();
    });
}

/// Every call of the runtime, its arguments all zero.
fn every_call() -> Vec<RuntimeCall> {
    let metadata = sp_io::TestExternalities::default().execute_with(Runtime::metadata);
    let RuntimeMetadata::V14(metadata) = metadata.1 else { panic!("version 14 is the plain one") };
    let numbers = metadata.pallets.iter().flat_map(|pallet| {
        let calls = pallet.calls.as_ref().map(|calls| metadata.types.resolve(calls.ty.id).expect("listed"));
        let variants = match calls.map(|calls| calls.type_def.clone()) {
            Some(scale_info::TypeDef::Variant(calls)) => calls.variants,
            _ => Vec::new(),
        };
        variants.into_iter().map(|call| [pallet.index, call.index]).collect::<Vec<_>>()
    });
    let zero = |number: [u8; 2]| {
        let bytes = [&number[..], &[0; 4_096]].concat();
        RuntimeCall::decode(&mut &bytes[..]).map_err(|error| (number, error))
    };
    let (calls, impossible): (Vec<_>, Vec<_>) = numbers.map(zero).partition(|call| call.is_ok());
    // Reports of GRANDPA equivocations need a proof that cannot exist here.
    assert!(impossible.iter().all(|call| matches!(call, Err(([4, 0 | 1], _)))), "{impossible:?}");
    calls.into_iter().flatten().collect()
}

fn name(call: &RuntimeCall) -> String {
    let found = call.get_call_metadata();
    format!("{}.{}", found.pallet_name, found.function_name)
}

fn pay(to: AccountId, value: u64) -> RuntimeCall {
    pallet_balances::Call::transfer_keep_alive { dest: to.into(), value }.into()
}

fn batch(calls: Vec<RuntimeCall>) -> RuntimeCall {
    pallet_utility::Call::batch_all { calls }.into()
}

fn signed(who: AccountId) -> RuntimeOrigin {
    RuntimeOrigin::signed(who)
}

/// Outcome of a call that Bob makes for Alice, as a proxy of this kind.
fn for_alice(kind: ProxyType, call: RuntimeCall) -> Result<(), DispatchError> {
    assert_ok!(Proxy::add_proxy(signed(ALICE.id()), BOB.id().into(), kind, 0));
    assert_ok!(Proxy::proxy(signed(BOB.id()), ALICE.id().into(), Some(kind), Box::new(call)));
    let outcome = System::events().into_iter().rev().find_map(|record| match record.event {
        RuntimeEvent::Proxy(pallet_proxy::Event::ProxyExecuted { result }) => Some(result),
        _ => None,
    });
    assert_ok!(Proxy::remove_proxy(signed(ALICE.id()), BOB.id().into(), kind, 0));
    outcome.expect("the proxy pallet says what came of it")
}

fn filtered() -> Result<(), DispatchError> {
    Err(frame_system::Error::<Runtime>::CallFiltered.into())
}

#[test]
fn kinds_have_their_official_names_and_numbers() {
    let official = [
        "Any",
        "Owner",
        "NonCritical",
        "NonTransfer",
        "Senate",
        "NonFungible",
        "Triumvirate",
        "Governance",
        "Staking",
        "Registration",
        "Transfer",
        "SmallTransfer",
        "RootWeights",
        "ChildKeys",
        "SudoUncheckedSetCode",
        "SwapHotkey",
        "SubnetLeaseBeneficiary",
        "RootClaim",
        "BasketTrading",
    ];
    let ours = types();
    assert_eq!(ours.len(), official.len());
    for ((number, name), info) in (0u8..).zip(official).zip(ours) {
        assert_eq!((info.index, info.name), (number, name.as_bytes().to_vec()));
        assert_eq!(ProxyType::ALL[usize::from(number)].encode(), [number]);
    }
    assert_eq!(ProxyType::default(), ProxyType::Any);
}

/// Official calls that this chain does not have. The rules name them already, so that they are closed from their first
/// day.
const AWAITED: [&str; 7] = [
    "announce_coldkey_swap",
    "clear_coldkey_swap_announcement",
    "dispute_coldkey_swap",
    "dissolve_network",
    "register_leased_network",
    "swap_coldkey",
    "swap_coldkey_announced",
];

#[test]
fn every_name_in_the_rules_is_a_call() {
    let calls = every_call();
    let lists = ProxyType::ALL.iter().flat_map(|kind| match rule(*kind) {
        Rule::Everything | Rule::Nothing => Vec::new(),
        Rule::Only(calls, exceptions) => [calls, exceptions].concat(),
        Rule::AllBut(lists) => lists.concat(),
    });
    let known = |pallet: &str, name: Option<&str>| {
        calls
            .iter()
            .map(|call| call.get_call_metadata())
            .any(|found| found.pallet_name == pallet && name.is_none_or(|name| found.function_name == name))
    };
    for Calls { pallet, names, .. } in lists {
        assert!(known(pallet, None), "no pallet {pallet}");
        for name in names {
            assert!(known(pallet, Some(name)) || AWAITED.contains(name), "no call {pallet}.{name}");
        }
    }
}

#[test]
fn kinds_without_a_meaning_here_permit_nothing() {
    use ProxyType as Kind;
    let calls = every_call();
    for kind in [Kind::Senate, Kind::Triumvirate, Kind::RootWeights, Kind::BasketTrading] {
        assert!(calls.iter().all(|call| !kind.filter(call)), "{kind:?}");
    }
    assert!(calls.iter().all(|call| Kind::Any.filter(call)));
}

#[test]
fn each_kind_permits_its_calls_and_not_the_next_ones() {
    use ProxyType as Kind;
    // A call, and the kinds besides `Any` that permit it.
    let table: [(&str, &[Kind]); 32] = [
        ("Session.set_keys", &[Kind::NonTransfer]),
        ("Elections.join", &[Kind::NonCritical, Kind::NonTransfer]),
        ("Elections.leave", &[Kind::NonTransfer, Kind::NonFungible]),
        ("Elections.withdraw", &[Kind::NonCritical, Kind::NonTransfer, Kind::NonFungible]),
        ("Governance.lock", &[Kind::NonCritical, Kind::NonTransfer]),
        ("Governance.vote", &[Kind::NonCritical, Kind::NonTransfer, Kind::Governance]),
        ("Governance.unlock", &[Kind::NonCritical, Kind::NonTransfer, Kind::NonFungible]),
        ("Governance.pull_brake", &[Kind::NonTransfer, Kind::NonFungible]),
        ("Referenda.submit", &[Kind::NonCritical, Kind::NonTransfer]),
        ("Balances.transfer_keep_alive", &[Kind::NonCritical, Kind::Transfer, Kind::SmallTransfer]),
        ("Balances.transfer_all", &[Kind::NonCritical, Kind::Transfer]),
        ("Balances.force_transfer", &[Kind::NonCritical]),
        ("SubtensorModule.transfer_stake", &[Kind::NonCritical, Kind::Transfer, Kind::SmallTransfer]),
        ("SubtensorModule.add_stake", &[Kind::NonCritical, Kind::NonTransfer, Kind::Staking]),
        ("SubtensorModule.move_stake", &[Kind::NonCritical, Kind::NonTransfer, Kind::Staking]),
        (
            "SubtensorModule.set_root_claim_type",
            &[Kind::NonCritical, Kind::NonTransfer, Kind::NonFungible, Kind::Staking],
        ),
        ("SubtensorModule.burned_register", &[Kind::NonTransfer, Kind::Registration]),
        ("SubtensorModule.register_limit", &[Kind::NonTransfer, Kind::Registration]),
        ("SubtensorModule.root_register", &[Kind::NonTransfer]),
        ("SubtensorModule.register_network", &[Kind::NonCritical, Kind::NonTransfer]),
        ("SubtensorModule.claim_root", &[Kind::NonCritical, Kind::NonTransfer, Kind::RootClaim]),
        (
            "SubtensorModule.start_call",
            &[Kind::NonCritical, Kind::NonTransfer, Kind::NonFungible, Kind::SubnetLeaseBeneficiary],
        ),
        ("SubtensorModule.set_weights", &[Kind::NonCritical, Kind::NonTransfer, Kind::NonFungible]),
        (
            "SubtensorModule.update_symbol",
            &[Kind::Owner, Kind::NonCritical, Kind::NonTransfer, Kind::NonFungible],
        ),
        (
            "SubtensorModule.announce_rubric",
            &[Kind::Owner, Kind::NonCritical, Kind::NonTransfer, Kind::NonFungible],
        ),
        (
            "AdminUtils.sudo_set_kappa",
            &[
                Kind::Owner,
                Kind::NonCritical,
                Kind::NonTransfer,
                Kind::NonFungible,
                Kind::SubnetLeaseBeneficiary,
            ],
        ),
        ("AdminUtils.sudo_set_sn_owner_hotkey", &[Kind::NonCritical, Kind::NonTransfer, Kind::NonFungible]),
        ("Commitments.set_commitment", &[Kind::NonCritical, Kind::NonTransfer, Kind::NonFungible]),
        ("Utility.batch_all", &[Kind::NonCritical, Kind::NonTransfer, Kind::NonFungible]),
        ("Multisig.as_multi", &[]),
        ("Proxy.proxy", &[]),
        ("Sudo.sudo", &[]),
    ];
    let calls = every_call();
    for (wanted, kinds) in table {
        let call = calls.iter().find(|call| name(call) == wanted).unwrap_or_else(|| panic!("no {wanted}"));
        let permitted: Vec<_> =
            ProxyType::ALL.into_iter().filter(|kind| *kind != Kind::Any && kind.filter(call)).collect();
        assert_eq!(permitted, kinds, "{wanted}");
    }
}

/// Every call with the kinds that permit it because they do not name it. A new call is closed for all of them until its
/// line is added to the file.
#[test]
fn every_call_is_classified() {
    use ProxyType as Kind;
    let by_omission = [Kind::NonCritical, Kind::NonTransfer, Kind::NonFungible];
    let line = |call: &RuntimeCall| {
        let kinds: Vec<_> =
            by_omission.iter().filter(|kind| kind.filter(call)).map(|kind| format!("{kind:?}")).collect();
        format!("{} | {}", name(call), kinds.join(" ")).trim_end().to_string()
    };
    let found: BTreeSet<_> = every_call().iter().map(line).collect();
    let known: BTreeSet<_> = include_str!("classified.txt").lines().map(str::to_string).collect();
    let new: Vec<_> = found.difference(&known).collect();
    let stale: Vec<_> = known.difference(&found).collect();
    assert!(new.is_empty() && stale.is_empty(), "classify {new:#?}, not {stale:#?}");
}

#[test]
fn a_proxy_that_moves_nothing_cannot_forfeit_collateral() {
    use ProxyType as Kind;
    let calls = every_call();
    for call in calls.iter().filter(|call| name(call).starts_with("Collateral.")) {
        for kind in [Kind::NonCritical, Kind::NonTransfer, Kind::NonFungible] {
            assert!(!kind.filter(call), "{kind:?} may {}", name(call));
        }
    }
    for closed in ["claim_root", "lock_stake", "move_lock"] {
        let call =
            calls.iter().find(|call| name(call) == format!("SubtensorModule.{closed}")).expect("it exists");
        assert!(!Kind::NonFungible.filter(call), "{closed}");
    }
}

#[test]
fn no_kind_appoints_another_that_may_do_more() {
    let calls = every_call();
    for kind in ProxyType::ALL {
        for other in ProxyType::ALL {
            if kind.is_superset(&other) {
                let more = calls.iter().find(|call| other.filter(call) && !kind.filter(call));
                assert!(more.is_none(), "{kind:?} appoints {other:?}, which may {}", name(more.unwrap()));
            }
        }
        assert!(kind.is_superset(&kind) && ProxyType::Any.is_superset(&kind));
    }
}

#[test]
fn only_any_leaves_the_origin_that_is_filtered() {
    let calls = every_call();
    let leaving: Vec<_> = calls.iter().filter(|call| Rule::Only(LEAVING, &[]).permits(call)).collect();
    assert!(leaving.len() >= 10, "{leaving:?}");
    for kind in ProxyType::ALL.into_iter().filter(|kind| *kind != ProxyType::Any) {
        assert!(leaving.iter().all(|call| !kind.filter(call)), "{kind:?}");
    }
}

#[test]
fn small_transfers_stay_below_half_a_token() {
    let small = |call: &RuntimeCall| ProxyType::SmallTransfer.filter(call);
    assert!(small(&pay(BOB.id(), SMALL - 1)) && !small(&pay(BOB.id(), SMALL)));
    let stake = |alpha: u64| {
        RuntimeCall::from(pallet_network::Call::transfer_stake {
            destination_coldkey: BOB.id(),
            hotkey: BOB.id(),
            origin_netuid: 1,
            destination_netuid: 1,
            alpha_amount: alpha.into(),
        })
    };
    assert!(small(&stake(SMALL - 1)) && !small(&stake(SMALL)));
    on_chain(|| {
        assert_eq!(for_alice(ProxyType::SmallTransfer, pay(DAVE.id(), SMALL)), filtered());
        assert_eq!(for_alice(ProxyType::SmallTransfer, pay(DAVE.id(), SMALL - 1)), Ok(()));
        assert_eq!(Balances::free_balance(DAVE.id()), 2_000 * TAO + SMALL - 1);
    });
}

#[test]
fn upgrades_by_proxy_are_upgrades_and_nothing_else() {
    let weight = frame_support::weights::Weight::from_parts(1, 1);
    let by_root = |call: RuntimeCall| {
        RuntimeCall::from(pallet_sudo::Call::sudo_unchecked_weight { call: Box::new(call), weight })
    };
    let upgrades = |call: &RuntimeCall| ProxyType::SudoUncheckedSetCode.filter(call);
    let upgrade = RuntimeCall::from(frame_system::Call::set_code { code: vec![1] });
    assert!(upgrades(&by_root(upgrade.clone())) && !upgrades(&upgrade));
    assert!(!upgrades(&by_root(pay(BOB.id(), 1))) && !upgrades(&by_root(batch(vec![upgrade]))));
}

#[test]
fn wrapping_a_call_does_not_hide_it_from_the_filter() {
    on_chain(|| {
        let gift = || pay(DAVE.id(), TAO);
        // Alice is the sudo key, a signatory with Charlie, and Charlie's proxy for everything.
        assert_ok!(Proxy::add_proxy(signed(CHARLIE.id()), ALICE.id().into(), ProxyType::Any, 0));
        let by_root = RuntimeCall::from(pallet_sudo::Call::sudo {
            call: Box::new(
                pallet_balances::Call::force_transfer {
                    source: ALICE.id().into(),
                    dest: DAVE.id().into(),
                    value: TAO,
                }
                .into(),
            ),
        });
        let together = RuntimeCall::from(pallet_multisig::Call::as_multi_threshold_1 {
            other_signatories: vec![CHARLIE.id()],
            call: Box::new(gift()),
        });
        let for_charlie = RuntimeCall::from(pallet_proxy::Call::proxy {
            real: CHARLIE.id().into(),
            force_proxy_type: None,
            call: Box::new(gift()),
        });
        for call in [gift(), by_root, together, for_charlie] {
            for kind in [ProxyType::NonTransfer, ProxyType::NonFungible] {
                assert_eq!(for_alice(kind, call.clone()), filtered(), "{kind:?}: {}", name(&call));
                assert_eq!(for_alice(kind, batch(vec![call.clone()])), filtered(), "{kind:?} in a batch");
            }
        }
        let more = RuntimeCall::from(pallet_proxy::Call::add_proxy {
            delegate: BOB.id().into(),
            proxy_type: ProxyType::NonCritical,
            delay: 0,
        });
        assert_eq!(for_alice(ProxyType::NonTransfer, batch(vec![more])), filtered());
        assert_eq!(Balances::free_balance(DAVE.id()), 2_000 * TAO);
        assert_eq!(for_alice(ProxyType::Any, batch(vec![gift()])), Ok(()));
        assert_eq!(Balances::free_balance(DAVE.id()), 2_001 * TAO);
    });
}

#[test]
fn a_closed_call_is_closed_for_proxies_batches_and_multisigs_too() {
    on_chain(|| {
        let burn = || RuntimeCall::from(pallet_balances::Call::burn { value: TAO, keep_alive: true });
        assert_eq!(for_alice(ProxyType::Any, burn()), filtered());
        assert_eq!(for_alice(ProxyType::Any, batch(vec![burn()])), filtered());
        let together = RuntimeCall::from(pallet_multisig::Call::as_multi_threshold_1 {
            other_signatories: vec![BOB.id()],
            call: Box::new(burn()),
        });
        let outcome = together.dispatch(signed(ALICE.id()));
        assert_eq!(outcome.map(|_| ()).map_err(|refused| refused.error), filtered());
    });
}

#[test]
fn deposits_are_the_official_ones_and_come_back() {
    on_chain(|| {
        let before = Balances::free_balance(ALICE.id());
        assert_ok!(Proxy::add_proxy(signed(ALICE.id()), BOB.id().into(), ProxyType::Staking, 0));
        assert_eq!(Balances::free_balance(ALICE.id()), before - 93_000_000);
        assert_ok!(Proxy::remove_proxies(signed(ALICE.id())));
        assert_eq!(Balances::free_balance(ALICE.id()), before);
        assert_ok!(Proxy::add_proxy(signed(BOB.id()), ALICE.id().into(), ProxyType::Any, 1));
        assert_ok!(Proxy::announce(signed(ALICE.id()), BOB.id().into(), Default::default()));
        assert_eq!(Balances::free_balance(ALICE.id()), before - 104_000_000);
    });
}

#[test]
fn clients_read_the_same_rules() {
    assert_eq!(filters(None).len(), ProxyType::ALL.len());
    assert_eq!(filters(Some(99)), vec![]);
    let of = |kind: ProxyType| filters(Some(kind.index())).pop().expect("it exists");
    assert_eq!(of(ProxyType::Any).filter_mode, FilterMode::AllowAll);
    assert_eq!(of(ProxyType::Senate).filter_mode, FilterMode::DenyAll);
    let registration = of(ProxyType::Registration);
    assert_eq!(registration.filter_mode, FilterMode::Allow);
    let call = registration.calls.iter().find(|call| call.call_name.as_deref() == Some(b"burned_register"));
    let call = call.expect("it is listed");
    assert_eq!(
        (call.pallet_name.as_slice(), call.pallet_index, call.call_index),
        (&b"SubtensorModule"[..], 7, Some(7))
    );
    let small = of(ProxyType::SmallTransfer);
    let condition = CallCondition::ParamLessThan { param_name: b"value".to_vec(), limit: SMALL.into() };
    assert_eq!(small.calls[0].condition, Some(condition));
    let owner = of(ProxyType::Owner);
    assert!(owner.calls.iter().any(|call| call.pallet_name == b"AdminUtils" && call.call_name.is_none()));
    assert_eq!(owner.exceptions.len(), 2, "two names of one call");
    assert_eq!(of(ProxyType::NonTransfer).filter_mode, FilterMode::Deny);
}
