//! A holder with a vote lock: the calls by which stake and TAO under it would leave, and votes that are refused.
//!
//! The holder is coldkey 8. It has nine tenths of its alpha on [`CLEAR`] and of its root stake under its vote lock, and
//! all its TAO but [`LOOSE`]. It voted in a referendum that nobody pays the decision deposit for.
//!
//! Three kinds of calls have no row, because they take nothing from under a vote lock. The first two have tests of
//! their own:
//!
//! - A swap of a hotkey moves the stake of all holders to the new hotkey, where it stays theirs and locked.
//! - A claim of root dividends only adds. It takes alpha from the pot of claims, and stakes it or its proceeds for the
//!   holder.
//! - `unstake_all` and `unstake_all_alpha` sell the part that is free.

use myelin_abi::RootClaimTypeEnum;
use myelin_economy::{
    claim::{accrue, Accrual},
    profile::Profile,
};
use myelin_fuzz::affairs::{enacting, submission};
use myelin_governance::{
    track::{days, UNDECIDING_TIMEOUT},
    Asset, Kind, Multiplier,
};
use myelin_runtime::Balances;
use pallet_myelin_governance::Voters;
use pallet_network::{
    pools::PoolReserves,
    stake::{RootClaims, StakeLedger},
    RootClaimPot, RootClaimable,
};
use sp_io::storage::{rollback_transaction, start_transaction};

use super::*;

type Governance = pallet_myelin_governance::Call<Runtime>;
type Money = pallet_balances::Call<Runtime>;

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

/// The part of either under the vote lock, in rao.
fn locked(world: &mut World) -> [u64; 2] {
    let holder = Accounts(world).cold(HOLDER);
    world.look(|| {
        let lock = Voters::<Runtime>::get(&holder).lock;
        [CLEAR, ROOT].map(|netuid| lock.amount(Asset::Stake(netuid)))
    })
}

/// The submission of a proposal on the track of parameters.
fn proposal() -> RuntimeCall {
    let limit = Admin::sudo_set_subnet_limit { max_subnets: 5 };
    submission(Kind::Parameters.id(), &enacting(limit), 0).expect("a short proposal")
}

/// The chain after the opening, the vote lock and the vote. No block passes afterwards, so that no dividends are free.
fn prepared() -> World {
    let mut world = opened();
    let holder = Accounts(&world).cold(HOLDER);
    let [alpha, root] = stakes(&mut world);
    let tao = world.look(|| Balances::free_balance(&holder)) - LOOSE;
    let lock = |asset, amount| Governance::lock { asset, amount };
    let steps: [(usize, RuntimeCall); 5] = [
        (7, proposal()),
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

/// Calls of the holder, all of which succeed and break no rule; `look` sees what they did, and they are taken back.
#[track_caller]
fn after(world: &mut World, calls: &[RuntimeCall], look: impl FnOnce(&mut World)) {
    world.look(start_transaction);
    for call in calls {
        // A block can't end within the transaction.
        assert_eq!(world.submit(HOLDER, call), Outcome::Done, "{}", named(call));
    }
    assert_eq!(world.check_all(), Ok(()));
    look(world);
    world.look(rollback_transaction);
}

/// Sales of the holder's alpha on the first hotkey, and of its root stake on the second one: the free part leaves, and
/// no rao more. Returns the free parts.
#[track_caller]
fn only_the_free_part_leaves(world: &mut World, hotkeys: [&AccountId; 2]) -> [u64; 2] {
    let (held, locked) = (stakes(world), locked(world));
    let free = [held[0] - locked[0], held[1] - locked[1]];
    for ((netuid, hotkey), free) in [CLEAR, ROOT].into_iter().zip(hotkeys).zip(free) {
        for (amount, must) in [(free + 1, "StakeUnderVoteLock"), (free, "Done")] {
            let amount_unstaked = AlphaBalance::from_rao(amount);
            let sale = Network::remove_stake { hotkey: hotkey.clone(), netuid, amount_unstaked };
            let (outcome, changed) = attempt(world, HOLDER, &sale.into());
            let found = told(&outcome);
            assert_eq!((found.as_str(), changed), (must, must == "Done"), "{amount} rao of subnet {netuid}");
        }
    }
    free
}

/// Root dividends of a tenth of the holder's root stake, in alpha of [`CLEAR`], as an epoch would give them. No block
/// passes. Returns what the holder may claim.
fn earned(world: &mut World) -> u64 {
    let of = Accounts(world);
    let (holder, hotkey) = (of.cold(HOLDER), of.hot(HOLDER));
    world.look(|| {
        let carrying = StakeLedger::<Runtime>::total_on(&hotkey, ROOT).to_rao();
        let earned = AlphaBalance::from_rao(carrying / 10);
        RootClaimable::<Runtime>::mutate(&hotkey, |rates| {
            let rate = rates.entry(CLEAR).or_default();
            let Accrual::Rate(higher) = accrue(*rate, earned, TaoBalance::from_rao(carrying)) else {
                panic!("there is more root stake than alpha");
            };
            *rate = higher;
        });
        RootClaimPot::<Runtime>::mutate(CLEAR, |pot| *pot = pot.saturating_add(earned));
        PoolReserves::<Runtime>::mint_out(CLEAR, earned);
        RootClaims::<Runtime>::owed_to(&hotkey, &holder, CLEAR).to_rao()
    })
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
fn stake_under_a_vote_lock_stays_locked_on_the_hotkey_that_a_swap_brings_it_to() {
    let mut world = prepared();
    let (old, new) = (Accounts(&world).hot(HOLDER), Accounts(&world).hot(30));
    let keys = || (old.clone(), new.clone());
    let swap = |netuid| {
        let (hotkey, new_hotkey) = keys();
        Network::swap_hotkey { hotkey, new_hotkey, netuid }
    };
    let swap_v2 = |netuid, keep_stake| {
        let (hotkey, new_hotkey) = keys();
        Network::swap_hotkey_v2 { hotkey, new_hotkey, netuid, keep_stake }
    };
    // The hotkeys that have the alpha and the root stake afterwards.
    let swaps = [
        (swap(None), [&new, &new]),
        (swap(Some(CLEAR)), [&new, &old]),
        (swap(Some(ROOT)), [&old, &new]),
        (swap_v2(None, false), [&new, &new]),
        (swap_v2(Some(CLEAR), false), [&new, &old]),
        (swap_v2(None, true), [&old, &old]),
    ];
    let before = (stakes(&mut world), locked(&mut world));
    for (call, hotkeys) in swaps {
        after(&mut world, &[call.into()], |world| {
            assert_eq!((stakes(world), locked(world)), before);
            only_the_free_part_leaves(world, hotkeys);
        });
    }
}

#[test]
fn a_root_claim_leaves_a_vote_lock_whole_and_what_it_brings_is_free() {
    let mut world = prepared();
    let hotkey = Accounts(&world).hot(HOLDER);
    let owed = earned(&mut world);
    assert!(owed > TAO, "{owed}");
    let (before, under_lock) = (stakes(&mut world), locked(&mut world));
    for choice in [RootClaimTypeEnum::Swap, RootClaimTypeEnum::Keep] {
        let claims = [
            Network::claim_root { subnets: [CLEAR].into() },
            Network::claim_root_with_hotkey { hotkey: hotkey.clone() },
        ];
        for claim in claims {
            let choose = Network::set_root_claim_type { new_root_claim_type: choice.clone() };
            after(&mut world, &[choose.into(), claim.into()], |world| {
                let [alpha, root] = stakes(world);
                match choice {
                    RootClaimTypeEnum::Swap => assert!(alpha >= before[0] && root > before[1]),
                    // A share may be worth a rao less than what it was made for.
                    _ => assert!(alpha + 1 >= before[0] + owed && root == before[1]),
                }
                assert_eq!(locked(world), under_lock);
                let free = only_the_free_part_leaves(world, [&hotkey, &hotkey]);
                let [alpha, root] = free.map(|free| AlphaBalance::from_rao(free + 1));
                let of = Accounts(world);
                let mut rows = sales(&of, alpha, root);
                rows.extend(gifts(&of, alpha));
                let failed = failed(world, rows);
                assert!(failed.is_empty(), "{failed:#?}");
            });
        }
    }
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
