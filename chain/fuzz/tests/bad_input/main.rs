//! Bad input: the named error, and nothing changed but the fee and the nonce of who sent it.

mod times;

use codec::{Compact, Encode};
use myelin_fuzz::{
    dice::Dice,
    opening,
    run::{error_name, live, Care},
    scene::{Scene, View},
    schema::{Kind, Schema},
    story::Action,
    trace::attempt,
    values::Writer,
    world::{Outcome, World},
};
use myelin_runtime::{constants::TAO, AccountId, Runtime, RuntimeCall, System};
use myelin_units::{storage_index, AlphaBalance, NetUid, TaoBalance, ROOT};
use pallet_network::{epoch::EpochClock, weights::WeightLedger, NetworkRegistrationStartBlock};
use sp_core::H256;
use sp_runtime::transaction_validity::{InvalidTransaction, TransactionValidityError};

type Network = pallet_network::Call<Runtime>;

/// Pallets whose calls are ours.
const OURS: [&str; 4] = ["SubtensorModule", "AdminUtils", "Swap", "Commitments"];
/// A subnet of the opening whose weights are set in the clear; coldkey 0 owns it with hotkey 0.
const CLEAR: NetUid = 2;
/// A subnet of the opening whose weights are committed; coldkey 1 owns it with hotkey 1.
const SECRET: NetUid = 3;
/// A subnet that does not exist.
const NOWHERE: NetUid = 4_000;
/// Place of a coldkey in the cast that owns nothing the tests are about.
const STRANGER: usize = 9;

/// The chain after the opening.
fn opened() -> World {
    let mut world = World::genesis();
    for step in opening::steps(&world.cast) {
        let told = live(&mut world, &step, Care::Money).expect("no rule breaks in the opening");
        for (title, outcome) in told {
            assert_eq!(outcome, Outcome::Done, "{title} of the opening");
        }
    }
    world
}

/// What became of a call, in the words of the tables below.
fn told(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Done => "Done".to_string(),
        Outcome::Refused(error) => error_name(error),
        Outcome::Invalid(TransactionValidityError::Invalid(InvalidTransaction::Custom(n))) => {
            format!("Custom {n}")
        }
        Outcome::Invalid(other) => format!("{other:?}"),
    }
}

fn sudo(call: RuntimeCall) -> RuntimeCall {
    pallet_sudo::Call::<Runtime>::sudo { call: Box::new(call) }.into()
}

/// Calls of our pallets, each with a scene of sense and one argument replaced by something bad; `visit` gets the kind, the place of the
/// argument and the call.
fn each_bad_argument(
    world: &mut World,
    draws: u64,
    mut visit: impl FnMut(&mut World, &Kind, usize, RuntimeCall),
) {
    let (schema, view) = world.look(|| (Schema::read(), View::look()));
    let cast = std::rc::Rc::clone(&world.cast);
    let mut dice = Dice::new(4);
    for kind in schema.kinds.iter().filter(|kind| OURS.contains(&kind.pallet.as_str())) {
        for bad in 0..kind.arguments.len() {
            for _ in 0..draws {
                let bytes = world.look(|| {
                    let scene = Scene { hostility: 0, ..Scene::draw(&mut dice, &view, &cast) };
                    Writer { schema: &schema, cast: &cast, scene: &scene }.call_with_bad(&mut dice, kind, bad)
                });
                // Bytes that no call has can't be sent.
                if let Some(call) = (Action { signer: 0, call: bytes }).decoded() {
                    visit(world, kind, bad, call);
                }
            }
        }
    }
}

#[test]
fn a_call_with_a_bad_argument_is_done_or_leaves_no_trace() {
    let mut world = opened();
    let (mut refused, mut made) = (0, 0);
    each_bad_argument(&mut world, 4, |world, kind, bad, call| {
        let signers = [0, 5, STRANGER, 14, 16];
        let signer = signers[made % signers.len()];
        let call = if signer == 0 && kind.name.starts_with("sudo_") { sudo(call) } else { call };
        let (outcome, changed) = attempt(world, signer, &call);
        made += 1;
        if outcome != Outcome::Done {
            refused += 1;
            let argument = &kind.arguments[bad].name;
            assert!(
                !changed,
                "{} with a bad `{argument}` failed and left a trace: {outcome:?}",
                kind.title()
            );
        }
    });
    assert!(refused > 200 && refused < made, "{refused} of {made} calls were refused");
}

#[test]
fn a_subnet_that_does_not_exist_is_named_as_the_reason() {
    let mut world = opened();
    let (schema, view) = world.look(|| (Schema::read(), View::look()));
    let cast = std::rc::Rc::clone(&world.cast);
    let mut dice = Dice::new(9);
    let mut other = Vec::new();
    for kind in schema.kinds.iter().filter(|kind| OURS.contains(&kind.pallet.as_str())) {
        // The swap pallet refuses to know which subnets exist: root may set the fee of one to come.
        if kind.pallet == "Swap" || !kind.arguments.iter().any(|argument| argument.written == "NetUid") {
            continue;
        }
        let call = world.look(|| {
            let scene = Scene { hostility: 0, ..Scene::draw(&mut dice, &view, &cast) };
            let scene = Scene { netuid: NOWHERE, other_netuid: NOWHERE, ..scene };
            let call = Writer { schema: &schema, cast: &cast, scene: &scene }.call(&mut dice, kind);
            Action { signer: 0, call }.decoded()
        });
        let Some(call) = call else { continue };
        let roots = kind.name.starts_with("sudo_") || kind.name.starts_with("root_dissolve");
        let call = if roots { sudo(call) } else { call };
        let (outcome, changed) = attempt(&mut world, 0, &call);
        assert!(outcome == Outcome::Done || !changed, "{} left a trace", kind.title());
        let told = told(&outcome);
        if !["SubnetNotExists", "Custom 3"].contains(&told.as_str()) {
            other.push(format!("{}: {told}", kind.title()));
        }
    }
    assert!(other.is_empty(), "refused for another reason, or not at all: {other:#?}");
}

#[test]
fn what_root_may_is_refused_to_everybody_else() {
    let mut world = opened();
    let (schema, view) = world.look(|| (Schema::read(), View::look()));
    let cast = std::rc::Rc::clone(&world.cast);
    let mut dice = Dice::new(2);
    let mut wrong = Vec::new();
    for kind in schema.kinds.iter().filter(|kind| OURS.contains(&kind.pallet.as_str())) {
        let call = world.look(|| {
            let scene = Scene { hostility: 0, ..Scene::draw(&mut dice, &view, &cast) };
            let scene = Scene { netuid: CLEAR, other_netuid: SECRET, ..scene };
            let call = Writer { schema: &schema, cast: &cast, scene: &scene }.call(&mut dice, kind);
            Action { signer: 0, call }.decoded()
        });
        let Some(call) = call else { continue };
        let roots = kind.pallet == "AdminUtils"
            || kind.pallet == "Swap"
            || kind.name.starts_with("sudo_")
            || kind.name.ends_with("_voting_power_tracking")
            || kind.name == "set_pending_childkey_cooldown"
            || kind.name == "set_max_space";
        let (signer, call, expected) = if roots || kind.name.starts_with("root_dissolve") {
            (STRANGER, call, ["BadOrigin", "NotSubnetOwner"])
        } else {
            (0, sudo(call), ["BadOrigin", "BadOrigin"])
        };
        let (outcome, changed) = attempt(&mut world, signer, &call);
        if changed || !expected.contains(&told(&outcome).as_str()) {
            wrong.push(format!("{}: {}", kind.title(), told(&outcome)));
        }
    }
    assert!(wrong.is_empty(), "the wrong origin is not what refuses them: {wrong:#?}");
}

/// A call that is wrong in one way, who signs it, and the error it must have.
struct Wrong {
    how: &'static str,
    signer: usize,
    call: RuntimeCall,
    error: &'static str,
}

fn wrong(how: &'static str, signer: usize, call: Network, error: &'static str) -> Wrong {
    Wrong { how, signer, call: call.into(), error }
}

#[test]
fn each_kind_of_bad_input_has_its_named_error() {
    let mut world = opened();
    let failed: Vec<String> = table(&world)
        .into_iter()
        .filter_map(|Wrong { how, signer, call, error }| {
            let (outcome, changed) = attempt(&mut world, signer, &call);
            let found = told(&outcome);
            (found != error || changed).then(|| {
                let trace = if changed { ", with a trace" } else { "" };
                format!("{} ({how}): {found}{trace}, not {error}", myelin_fuzz::story::title(&call))
            })
        })
        .collect();
    assert!(failed.is_empty(), "{failed:#?}");
}

/// Coldkey `i` of the cast signs at place `i`; hotkey `i` at place `10 + i`.
fn table(world: &World) -> Vec<Wrong> {
    let hot = |i: usize| world.cast.hotkeys()[i].id.clone();
    let cold = |i: usize| world.cast.coldkeys()[i].id.clone();
    let unowned = AccountId::from([7; 32]);
    let mut rows = Vec::new();
    rows.extend(staking(hot, cold, &unowned));
    rows.extend([
        wrong(
            "a hotkey of another",
            STRANGER,
            Network::burned_register { netuid: CLEAR, hotkey: hot(13) },
            "NonAssociatedColdKey",
        ),
        wrong(
            "twice",
            5,
            Network::burned_register { netuid: CLEAR, hotkey: hot(5) },
            "HotKeyAlreadyRegisteredInSubNet",
        ),
        wrong(
            "root",
            5,
            Network::burned_register { netuid: ROOT, hotkey: hot(5) },
            "RegistrationNotPermittedOnRootSubnet",
        ),
        wrong(
            "a limit of zero",
            0,
            Network::register_limit { netuid: CLEAR, hotkey: hot(20), limit_price: 0 },
            "RegistrationPriceLimitExceeded",
        ),
        wrong(
            "a hotkey of another",
            STRANGER,
            Network::root_register { hotkey: hot(11) },
            "NonAssociatedColdKey",
        ),
        wrong("twice", 4, Network::root_register { hotkey: hot(4) }, "HotKeyAlreadyRegisteredInSubNet"),
        wrong(
            "a hotkey of another",
            STRANGER,
            Network::register_network { hotkey: hot(0) },
            "NonAssociatedColdKey",
        ),
        wrong("twice", 0, Network::start_call { netuid: CLEAR }, "FirstEmissionBlockNumberAlreadySet"),
        wrong("not the owner", STRANGER, Network::start_call { netuid: CLEAR }, "NotSubnetOwner"),
        wrong(
            "a symbol not in the list",
            0,
            Network::update_symbol { netuid: CLEAR, symbol: b"nothing".to_vec() },
            "SymbolDoesNotExist",
        ),
        wrong(
            "not the owner",
            STRANGER,
            Network::update_symbol { netuid: CLEAR, symbol: b"nothing".to_vec() },
            "NotSubnetOwner",
        ),
        wrong(
            "not a delegate's owner",
            STRANGER,
            Network::decrease_take { hotkey: hot(5), take: 1 },
            "NonAssociatedColdKey",
        ),
        wrong(
            "no hotkey",
            5,
            Network::decrease_take { hotkey: unowned.clone(), take: 1 },
            "HotKeyAccountNotExists",
        ),
        wrong(
            "not lower",
            5,
            Network::decrease_take { hotkey: hot(5), take: u16::MAX },
            "DelegateTakeTooLow",
        ),
        wrong("the same", 5, Network::increase_take { hotkey: hot(5), take: 11_796 }, "DelegateTakeTooLow"),
        wrong("maximum", 5, Network::increase_take { hotkey: hot(5), take: u16::MAX }, "DelegateTakeTooHigh"),
        wrong(
            "no hotkey there",
            5,
            Network::set_coldkey_auto_stake_hotkey { netuid: CLEAR, hotkey: hot(23) },
            "HotKeyNotRegisteredInSubNet",
        ),
        wrong("nothing", 5, Network::claim_root { subnets: [].into() }, "InvalidValue"),
        wrong("too many", 5, Network::claim_root { subnets: (0..6).collect() }, "InvalidValue"),
        wrong(
            "no hotkey",
            5,
            Network::set_auto_parent_delegation_enabled { hotkey: unowned, enabled: true },
            "HotKeyAccountNotExists",
        ),
        wrong(
            "a hotkey of another",
            STRANGER,
            Network::set_auto_parent_delegation_enabled { hotkey: hot(5), enabled: true },
            "NonAssociatedColdKey",
        ),
        wrong("too long", 5, identity(vec![b'a'; 1_025]), "InvalidIdentity"),
    ]);
    rows.extend(weights());
    rows.extend(serving());
    let overdraft =
        pallet_balances::Call::<Runtime>::transfer_keep_alive { dest: cold(1).into(), value: u64::MAX };
    rows.push(Wrong { how: "maximum", signer: STRANGER, call: overdraft.into(), error: "Arithmetic" });

    rows
}

fn identity(name: Vec<u8>) -> Network {
    let empty = Vec::new;
    Network::set_identity {
        name,
        url: empty(),
        github_repo: empty(),
        image: empty(),
        discord: empty(),
        description: empty(),
        additional: empty(),
    }
}

fn staking(
    hot: impl Fn(usize) -> AccountId,
    cold: impl Fn(usize) -> AccountId,
    unowned: &AccountId,
) -> Vec<Wrong> {
    let (tao, alpha) = (TaoBalance::from_rao, AlphaBalance::from_rao);
    let add = |hotkey, netuid, rao| Network::add_stake { hotkey, netuid, amount_staked: tao(rao) };
    let remove = |hotkey, netuid, rao| Network::remove_stake { hotkey, netuid, amount_unstaked: alpha(rao) };
    let limited = |rao, limit_price, allow_partial| Network::add_stake_limit {
        hotkey: hot(5),
        netuid: CLEAR,
        amount_staked: tao(rao),
        limit_price,
        allow_partial,
    };
    let sell = |rao, limit_price| Network::remove_stake_limit {
        hotkey: hot(5),
        netuid: CLEAR,
        amount_unstaked: alpha(rao),
        limit_price,
        allow_partial: false,
    };
    let shift = |from: usize, to: AccountId, origin_netuid, destination_netuid, rao| Network::move_stake {
        origin_hotkey: hot(from),
        destination_hotkey: to,
        origin_netuid,
        destination_netuid,
        alpha_amount: alpha(rao),
    };
    let swap = |origin_netuid, destination_netuid, rao| Network::swap_stake {
        hotkey: hot(5),
        origin_netuid,
        destination_netuid,
        alpha_amount: alpha(rao),
    };
    let swap_limited = |limit_price| Network::swap_stake_limit {
        hotkey: hot(5),
        origin_netuid: CLEAR,
        destination_netuid: SECRET,
        alpha_amount: alpha(50 * TAO),
        limit_price,
        allow_partial: false,
    };
    let hand = |rao| Network::transfer_stake {
        destination_coldkey: cold(6),
        hotkey: hot(5),
        origin_netuid: CLEAR,
        destination_netuid: CLEAR,
        alpha_amount: alpha(rao),
    };
    vec![
        wrong("zero", 5, add(hot(5), CLEAR, 0), "AmountTooLow"),
        wrong("below the smallest", 5, add(hot(5), CLEAR, 1_999_999), "AmountTooLow"),
        wrong("maximum", 5, add(hot(5), CLEAR, u64::MAX), "NotEnoughBalanceToStake"),
        wrong("no hotkey", 5, add(unowned.clone(), CLEAR, TAO), "HotKeyAccountNotExists"),
        wrong("not started", 5, add(hot(5), 1, TAO), "SubtokenDisabled"),
        wrong("zero", 5, limited(0, u64::MAX, false), "AmountTooLow"),
        wrong("a limit of zero", 5, limited(TAO, 0, false), "SlippageTooHigh"),
        wrong("a limit of zero, partial", 5, limited(TAO, 0, true), "SlippageTooHigh"),
        wrong("zero", 5, remove(hot(5), CLEAR, 0), "AmountTooLow"),
        wrong("dust that is not all", 5, remove(hot(5), CLEAR, 1), "AmountTooLow"),
        wrong("without stake", STRANGER, remove(hot(5), CLEAR, TAO), "NotEnoughStakeToWithdraw"),
        wrong("no hotkey", 5, remove(unowned.clone(), CLEAR, TAO), "HotKeyAccountNotExists"),
        wrong("a limit at the maximum", 5, sell(TAO, u64::MAX), "SlippageTooHigh"),
        wrong("zero", 5, sell(0, 0), "AmountTooLow"),
        wrong(
            "a limit at the maximum",
            5,
            Network::remove_stake_full_limit { hotkey: hot(5), netuid: CLEAR, limit_price: Some(u64::MAX) },
            "SlippageTooHigh",
        ),
        wrong("no hotkey", 5, Network::unstake_all { hotkey: unowned.clone() }, "HotKeyAccountNotExists"),
        wrong(
            "no hotkey",
            5,
            Network::unstake_all_alpha { hotkey: unowned.clone() },
            "HotKeyAccountNotExists",
        ),
        wrong("nothing to sell", STRANGER, Network::unstake_all_alpha { hotkey: hot(5) }, "AmountTooLow"),
        wrong("zero", 5, shift(5, hot(6), CLEAR, CLEAR, 0), "NotEnoughStakeToWithdraw"),
        wrong("maximum", 5, shift(5, hot(6), CLEAR, CLEAR, u64::MAX), "NotEnoughStakeToWithdraw"),
        wrong("dust", 5, shift(5, hot(6), CLEAR, CLEAR, 1), "AmountTooLow"),
        wrong("to where it is", 5, shift(5, hot(5), CLEAR, CLEAR, TAO), "SameNetuid"),
        wrong("to no hotkey", 5, shift(5, unowned.clone(), CLEAR, CLEAR, TAO), "HotKeyAccountNotExists"),
        wrong("to a subnet that is not started", 5, shift(5, hot(6), CLEAR, 1, TAO), "SubtokenDisabled"),
        wrong("to where it is", 5, swap(CLEAR, CLEAR, TAO), "SameNetuid"),
        wrong("maximum", 5, swap(CLEAR, SECRET, u64::MAX), "NotEnoughStakeToWithdraw"),
        wrong("dust", 5, swap(CLEAR, SECRET, 1), "AmountTooLow"),
        wrong("a ratio at the maximum", 5, swap_limited(u64::MAX), "SlippageTooHigh"),
        wrong("zero", 5, hand(0), "NotEnoughStakeToWithdraw"),
        wrong("maximum", 5, hand(u64::MAX), "NotEnoughStakeToWithdraw"),
        wrong("without stake", STRANGER, hand(TAO), "NotEnoughStakeToWithdraw"),
    ]
}

/// Free calls: what would fail does not enter a block; the numbers are those of the interface.
fn weights() -> Vec<Wrong> {
    let set = |netuid, dests: Vec<u16>, weights: Vec<u16>| Network::set_weights {
        netuid,
        dests,
        weights,
        version_key: 0,
    };
    let owner = 10;
    vec![
        wrong("unequal lists", owner, set(CLEAR, vec![0, 1], vec![1]), "Custom 18"),
        wrong("twice the same uid", owner, set(CLEAR, vec![1, 1], vec![1, 1]), "Custom 255"),
        wrong("a uid that does not exist", owner, set(CLEAR, vec![200], vec![1]), "Custom 255"),
        wrong("too many", owner, set(CLEAR, (0..300).collect(), vec![1; 300]), "Custom 255"),
        wrong("no uid", STRANGER, set(CLEAR, vec![0], vec![1]), "Custom 10"),
        wrong("root", owner, set(ROOT, vec![0], vec![1]), "Custom 255"),
        wrong("without a commit", owner + 1, set(SECRET, vec![0], vec![1]), "Custom 255"),
        wrong(
            "no such mechanism",
            owner,
            Network::set_mechanism_weights {
                netuid: CLEAR,
                mecid: 9,
                dests: vec![0],
                weights: vec![1],
                version_key: 0,
            },
            "Custom 255",
        ),
        wrong(
            "commits are off",
            owner,
            Network::commit_weights { netuid: CLEAR, commit_hash: H256::zero() },
            "Custom 255",
        ),
        wrong(
            "no uid",
            STRANGER,
            Network::commit_weights { netuid: SECRET, commit_hash: H256::zero() },
            "Custom 10",
        ),
        wrong(
            "no such mechanism",
            owner + 1,
            Network::commit_mechanism_weights { netuid: SECRET, mecid: 9, commit_hash: H256::zero() },
            "Custom 255",
        ),
        wrong(
            "never committed",
            owner + 1,
            Network::reveal_weights {
                netuid: SECRET,
                uids: vec![0],
                values: vec![1],
                salt: vec![1],
                version_key: 0,
            },
            "Custom 16",
        ),
        wrong(
            "never committed",
            owner + 1,
            Network::reveal_mechanism_weights {
                netuid: SECRET,
                mecid: 0,
                uids: vec![0],
                values: vec![1],
                salt: vec![1],
                version_key: 0,
            },
            "Custom 16",
        ),
    ]
}

fn serving() -> Vec<Wrong> {
    let axon = |netuid, ip, port, ip_type| Network::serve_axon {
        netuid,
        version: 1,
        ip,
        port,
        ip_type,
        protocol: 4,
        placeholder1: 0,
        placeholder2: 0,
    };
    let metrics =
        |ip, port, ip_type| Network::serve_prometheus { netuid: CLEAR, version: 1, ip, port, ip_type };
    let public = 0x0808_0808;
    vec![
        wrong("an address that leads nowhere", 10, axon(CLEAR, 0x7F00_0001, 9_000, 4), "Custom 11"),
        wrong("no kind of address", 10, axon(CLEAR, public, 9_000, 5), "Custom 11"),
        wrong("port zero", 10, axon(CLEAR, public, 0, 4), "Custom 13"),
        wrong("no uid", STRANGER, axon(CLEAR, public, 9_000, 4), "Custom 10"),
        wrong("address maximum", 10, metrics(u128::MAX, 9_000, 4), "Custom 11"),
        wrong("port zero", 10, metrics(public, 0, 4), "Custom 13"),
        wrong("no kind of address", 10, metrics(public, 9_000, 0), "Custom 11"),
        wrong(
            "a certificate that is too long",
            10,
            Network::serve_axon_tls {
                netuid: CLEAR,
                version: 1,
                ip: public,
                port: 9_000,
                ip_type: 4,
                protocol: 4,
                placeholder1: 0,
                placeholder2: 0,
                certificate: vec![1; 6_000],
            },
            "Custom 255",
        ),
    ]
}
