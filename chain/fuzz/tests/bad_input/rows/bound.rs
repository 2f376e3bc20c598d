//! A holder with a vote lock: the calls by which stake and TAO under it would leave, and votes that are refused.
//!
//! The holder is coldkey 8. It has nine tenths of its alpha on [`CLEAR`] and of its root stake under its vote lock, and
//! all its TAO but [`LOOSE`]. It voted in a referendum that nobody pays the decision deposit for.
//!
//! Three kinds of calls have no row, because they take nothing from under a vote lock:
//!
//! - A swap of a hotkey moves the stake of all holders to the new hotkey, where it stays theirs and locked.
//! - `unstake_all` and `unstake_all_alpha` sell the part that is free.
//! - A claim of root dividends only adds. It takes alpha from the pot of claims, and stakes it or its proceeds for the
//!   holder.

use frame_support::traits::{schedule::DispatchTime, Bounded};
use myelin_economy::profile::Profile;
use myelin_governance::{
    track::{days, UNDECIDING_TIMEOUT},
    Asset, Kind, Multiplier,
};
use myelin_runtime::{Balances, OriginCaller};
use pallet_myelin_governance::Origin;
use pallet_network::stake::StakeLedger;

use super::*;

type Governance = pallet_myelin_governance::Call<Runtime>;
type Money = pallet_balances::Call<Runtime>;
type Referenda = pallet_referenda::Call<Runtime>;

/// Place of the holder.
const HOLDER: usize = 8;
/// TAO of the holder that is free, in rao.
const LOOSE: u64 = 100 * TAO;
/// The referendum.
const POLL: u32 = 0;
/// A limit that every price keeps.
const ANY_PRICE: u64 = 1;

fn vote(aye: bool) -> Governance {
    Governance::vote { poll: POLL, aye, multiplier: Multiplier::One }
}

/// The holder's alpha on the clear subnet and its root stake, in rao.
fn stakes(world: &mut World) -> [u64; 2] {
    let holder = Accounts(world).cold(HOLDER);
    world.look(|| [CLEAR, ROOT].map(|netuid| StakeLedger::<Runtime>::total_of(&holder, netuid).to_rao()))
}

/// A proposal on the track of parameters.
fn proposal() -> Referenda {
    let limit = Admin::sudo_set_subnet_limit { max_subnets: 5 };
    let enact: RuntimeCall = Governance::enact { call: Box::new(limit.into()), registered: None }.into();
    Referenda::submit {
        proposal_origin: Box::new(OriginCaller::Governance(Origin(Kind::Parameters.id()))),
        proposal: Bounded::Inline(enact.encode().try_into().expect("a short proposal")),
        enactment_moment: DispatchTime::After(0),
    }
}

/// The chain after the opening, the vote lock and the vote. No block passes afterwards, so that no dividends are free.
fn prepared() -> World {
    let mut world = opened();
    let holder = Accounts(&world).cold(HOLDER);
    let [alpha, root] = stakes(&mut world);
    let tao = world.look(|| Balances::free_balance(&holder)) - LOOSE;
    let lock = |asset, amount| Governance::lock { asset, amount };
    let steps: [(usize, RuntimeCall); 5] = [
        (7, proposal().into()),
        (HOLDER, lock(Asset::Stake(CLEAR), alpha / 10 * 9).into()),
        (HOLDER, lock(Asset::Stake(ROOT), root / 10 * 9).into()),
        (HOLDER, lock(Asset::Free, tao).into()),
        (HOLDER, vote(true).into()),
    ];
    for (signer, call) in steps {
        assert_eq!(world.apply(signer, &call), Outcome::Done, "{}", named(&call));
    }
    world
}

/// Half of the holder's stake leaves by sale, by a swap to another subnet, or by its end.
fn sales(of: &Accounts, alpha: AlphaBalance, root: AlphaBalance) -> Vec<Wrong> {
    let (hotkey, netuid, origin_netuid, destination_netuid) = (|| of.hot(HOLDER), CLEAR, CLEAR, SECRET);
    let bound = |how, call: Network| wrong(how, HOLDER, call, "StakeUnderVoteLock");
    let remove = |netuid, amount| Network::remove_stake { hotkey: hotkey(), netuid, amount_unstaked: amount };
    let limited = Network::remove_stake_limit {
        hotkey: hotkey(),
        netuid,
        amount_unstaked: alpha,
        limit_price: ANY_PRICE,
        allow_partial: false,
    };
    let swap = |origin_netuid, destination_netuid, alpha_amount| Network::swap_stake {
        hotkey: hotkey(),
        origin_netuid,
        destination_netuid,
        alpha_amount,
    };
    let swap_limited = Network::swap_stake_limit {
        hotkey: hotkey(),
        origin_netuid,
        destination_netuid,
        alpha_amount: alpha,
        limit_price: ANY_PRICE,
        allow_partial: false,
    };
    let all = Network::remove_stake_full_limit { hotkey: hotkey(), netuid, limit_price: None };
    vec![
        bound("under the vote lock", remove(CLEAR, alpha)),
        bound("all, most of it under the vote lock", remove(CLEAR, AlphaBalance::MAX)),
        bound("root stake under the vote lock", remove(ROOT, root)),
        bound("under the vote lock", limited),
        bound("all, most of it under the vote lock", all),
        bound("under the vote lock", swap(CLEAR, SECRET, alpha)),
        bound("root stake under the vote lock", swap(ROOT, CLEAR, root)),
        bound("under the vote lock", swap_limited),
        bound("under the vote lock", Network::recycle_alpha { hotkey: hotkey(), amount: alpha, netuid }),
        bound("under the vote lock", Network::burn_alpha { hotkey: hotkey(), amount: alpha, netuid }),
    ]
}

/// Half of the holder's alpha moves to another subnet on another hotkey, or to another coldkey on either subnet.
fn gifts(of: &Accounts, alpha_amount: AlphaBalance) -> Vec<Wrong> {
    let (origin_netuid, limit_price, allow_partial) = (CLEAR, ANY_PRICE, false);
    let hotkeys = || (of.hot(HOLDER), of.hot(6), of.cold(6));
    let bound = |how, call: Network| wrong(how, HOLDER, call, "StakeUnderVoteLock");
    let shift = |destination_netuid| {
        let (origin_hotkey, destination_hotkey, _) = hotkeys();
        Network::move_stake {
            origin_hotkey,
            destination_hotkey,
            origin_netuid,
            destination_netuid,
            alpha_amount,
        }
    };
    let shift_limited = |destination_netuid| {
        let (origin_hotkey, destination_hotkey, _) = hotkeys();
        Network::move_stake_limit {
            origin_hotkey,
            destination_hotkey,
            origin_netuid,
            destination_netuid,
            alpha_amount,
            limit_price,
            allow_partial,
        }
    };
    let give = |destination_netuid| {
        let (hotkey, _, destination_coldkey) = hotkeys();
        Network::transfer_stake {
            destination_coldkey,
            hotkey,
            origin_netuid,
            destination_netuid,
            alpha_amount,
        }
    };
    let give_both = |destination_netuid| {
        let (origin_hotkey, destination_hotkey, destination_coldkey) = hotkeys();
        Network::transfer_stake_and_hotkey {
            destination_coldkey,
            origin_hotkey,
            destination_hotkey,
            origin_netuid,
            destination_netuid,
            alpha_amount,
        }
    };
    let give_limited = |destination_netuid| {
        let (origin_hotkey, destination_hotkey, destination_coldkey) = hotkeys();
        Network::transfer_stake_limit {
            destination_coldkey,
            origin_hotkey,
            destination_hotkey,
            origin_netuid,
            destination_netuid,
            alpha_amount,
            limit_price,
            allow_partial,
        }
    };
    vec![
        bound("to another subnet", shift(SECRET)),
        bound("to another subnet", shift_limited(SECRET)),
        bound("to another coldkey", give(CLEAR)),
        bound("to another coldkey and subnet", give(SECRET)),
        bound("to another coldkey", give_both(CLEAR)),
        bound("to another coldkey and subnet", give_both(SECRET)),
        bound("to another coldkey and subnet", give_limited(SECRET)),
    ]
}

/// Twice the holder's free TAO is paid or staked.
fn payments(of: &Accounts) -> Vec<Wrong> {
    let value = 2 * LOOSE;
    let (amount, hotkey, netuid) = (TaoBalance::from_rao(value), || of.hot(HOLDER), CLEAR);
    let (dest, source) = (|| of.cold(6).into(), of.cold(HOLDER).into());
    let stake = Network::add_stake { hotkey: hotkey(), netuid, amount_staked: amount };
    let burn = Network::add_stake_burn { hotkey: hotkey(), netuid, amount, limit: None };
    vec![
        wrong("frozen", HOLDER, Money::transfer_keep_alive { dest: dest(), value }, "Frozen"),
        wrong("frozen", HOLDER, Money::transfer_allow_death { dest: dest(), value }, "Frozen"),
        by_root("frozen", Money::force_transfer { source, dest: dest(), value }, "Frozen"),
        wrong("frozen", HOLDER, stake, "NotEnoughBalanceToStake"),
        wrong("frozen", HOLDER, burn, "NotEnoughBalanceToStake"),
    ]
}

/// Votes, and changes of a vote lock that counts in one.
fn votes() -> Vec<Wrong> {
    let (asset, amount) = (Asset::Free, 2 * LOOSE);
    vec![
        wrong("as it stands", HOLDER, vote(true), "SameVote"),
        wrong("without a vote lock", 5, vote(true), "TooLittlePower"),
        wrong("that was never cast", 5, Governance::withdraw { poll: POLL }, "NoVote"),
        wrong("what a vote counts", HOLDER, Governance::unlock { asset, amount }, "BoundByVote"),
        wrong("what is under it already", HOLDER, Governance::lock { asset, amount }, "NotHeld"),
    ]
}

#[test]
fn what_is_under_a_vote_lock_leaves_by_no_call_and_votes_in_vain_change_nothing() {
    let mut world = prepared();
    let [alpha, root] = stakes(&mut world).map(|held| AlphaBalance::from_rao(held / 2));
    let of = Accounts(&world);
    let mut rows = sales(&of, alpha, root);
    rows.extend(gifts(&of, alpha));
    rows.extend(payments(&of));
    rows.extend(votes());
    let failed = failed(&mut world, rows);
    assert!(failed.is_empty(), "{failed:#?}");
}

#[test]
fn nobody_votes_in_a_referendum_that_is_over() {
    let mut world = prepared();
    for _ in 0..days(UNDECIDING_TIMEOUT, &Profile::FAST) + 1 {
        world.next_block();
    }
    let withdraw = Governance::withdraw { poll: POLL };
    let rows = vec![
        wrong("that timed out", HOLDER, vote(false), "PollOver"),
        wrong("that timed out", 5, vote(true), "PollOver"),
        wrong("that timed out", HOLDER, withdraw, "PollOver"),
    ];
    let failed = failed(&mut world, rows);
    assert!(failed.is_empty(), "{failed:#?}");
}
