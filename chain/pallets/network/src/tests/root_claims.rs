//! Root dividends: accrual and claims.

use super::mock::*;
use crate::{
    chores::Allowance,
    ledger::TaoLedger,
    pallet::*,
    pools::PoolReserves,
    stake::{RootClaims, StakeLedger},
};
use alloc::collections::BTreeSet;
use frame_support::weights::Weight;
use myelin_abi::RootClaimTypeEnum;
use myelin_economy::pool::Terms;
use myelin_units::{AlphaBalance, NetUid, ROOT};

/// A started subnet, and root stake of coldkeys 2 (30 TAO) and 3 (10 TAO) on hotkey 0 for which 4 alpha accrued.
fn situation() -> NetUid {
    let netuid = subnet().started().create();
    for (staker, amount) in [(2, 30), (3, 10)] {
        ok(
            &coldkey(staker),
            Network::add_stake { hotkey: hotkey(0), netuid: ROOT, amount_staked: tao(amount) },
        );
    }
    accrue(netuid, 4);
    netuid
}

fn accrue(netuid: NetUid, tokens: u64) {
    PoolReserves::<Test>::mint_out(netuid, alpha(tokens));
    accrue_root(&hotkey(0), netuid, alpha(tokens));
}

fn owed(staker: u8, netuid: NetUid) -> u64 {
    RootClaims::<Test>::owed_to(&hotkey(0), &coldkey(staker), netuid).to_rao()
}

fn claim(netuid: NetUid) -> Network {
    Network::claim_root { subnets: BTreeSet::from([netuid]) }
}

/// Rates have 32 fractional bits, so a claim may be a few rao short.
fn about(found: u64, expected: u64) -> bool {
    found <= expected && expected - found <= 20
}

#[test]
fn dividends_are_owed_in_proportion_to_root_stake() {
    on_chain(|| {
        let netuid = situation();
        assert!(about(owed(2, netuid), 3 * UNIT), "{}", owed(2, netuid));
        assert!(about(owed(3, netuid), UNIT), "{}", owed(3, netuid));
    });
}

#[test]
fn new_root_stake_earns_from_now_on() {
    on_chain(|| {
        let netuid = situation();
        ok(&coldkey(4), Network::add_stake { hotkey: hotkey(0), netuid: ROOT, amount_staked: tao(40) });
        assert_eq!(owed(4, netuid), 0);
        let before = owed(2, netuid);
        ok(&coldkey(2), Network::add_stake { hotkey: hotkey(0), netuid: ROOT, amount_staked: tao(5) });
        assert!(owed(2, netuid).abs_diff(before) <= 1);
        accrue(netuid, 17);
        assert!(about(owed(4, netuid), 8 * UNIT), "{}", owed(4, netuid));
    });
}

#[test]
fn a_claim_sells_and_stakes_on_root_by_default() {
    on_chain(|| {
        let netuid = situation();
        let amount = owed(2, netuid);
        ok(&coldkey(2), claim(netuid));
        assert!(owed(2, netuid) <= 1, "rates are floored");
        let gained = stake_of(&hotkey(0), &coldkey(2), ROOT) - 30 * UNIT;
        assert!(gained > amount * 99 / 100 && gained < amount, "{amount} alpha brought {gained} TAO");
        assert_eq!(stake_of(&hotkey(0), &coldkey(2), netuid), 0);
        assert_eq!(
            TaoLedger::<Test>::held_by_subnet(ROOT),
            SubnetTAO::<Test>::get(ROOT).saturating_add(EXISTENTIAL_DEPOSIT.into())
        );
        let again = stake_of(&hotkey(0), &coldkey(2), ROOT);
        ok(&coldkey(2), claim(netuid));
        assert_eq!(stake_of(&hotkey(0), &coldkey(2), ROOT), again, "nothing is owed twice");
    });
}

#[test]
fn a_coldkey_may_keep_the_alpha() {
    on_chain(|| {
        let netuid = situation();
        let amount = owed(2, netuid);
        ok(&coldkey(2), Network::set_root_claim_type { new_root_claim_type: RootClaimTypeEnum::Keep });
        ok(&coldkey(2), claim(netuid));
        assert_eq!(stake_of(&hotkey(0), &coldkey(2), netuid), amount);
        assert_eq!(stake_of(&hotkey(0), &coldkey(2), ROOT), 30 * UNIT);
    });
}

#[test]
fn a_coldkey_may_keep_some_subnets() {
    on_chain(|| {
        let netuid = situation();
        let keep = |subnets: &[NetUid]| Network::set_root_claim_type {
            new_root_claim_type: RootClaimTypeEnum::KeepSubnets {
                subnets: subnets.iter().copied().collect(),
            },
        };
        refused(&coldkey(2), keep(&[]), Refusal::InvalidSubnetNumber);
        refused(&coldkey(2), keep(&[99]), Refusal::SubnetNotExists);
        ok(&coldkey(2), keep(&[netuid]));
        ok(&coldkey(2), claim(netuid));
        assert!(stake_of(&hotkey(0), &coldkey(2), netuid) > 0);
    });
}

#[test]
fn a_claim_names_one_to_five_subnets() {
    on_chain(|| {
        refused(&coldkey(2), Network::claim_root { subnets: BTreeSet::new() }, Refusal::InvalidSubnetNumber);
        refused(&coldkey(2), Network::claim_root { subnets: (0..6).collect() }, Refusal::InvalidSubnetNumber);
    });
}

#[test]
fn small_claims_wait() {
    on_chain(|| {
        let netuid = situation();
        let set = |new_value| Network::sudo_set_root_claim_threshold { netuid, new_value };
        refused(&coldkey(0), set(10_000_001), Refusal::InvalidRootClaimThreshold);
        ok(&coldkey(0), set(10_000_000));
        ok(&coldkey(2), claim(netuid));
        PoolReserves::<Test>::mint_out(netuid, 9_000_000.into());
        accrue_root(&hotkey(0), netuid, 9_000_000.into());
        let waiting = owed(2, netuid);
        assert!(waiting > 0 && waiting < 10_000_000);
        ok(&coldkey(2), claim(netuid));
        assert_eq!(owed(2, netuid), waiting);
    });
}

#[test]
fn root_stakers_are_claimed_for_in_turn() {
    on_chain(|| {
        let netuid = situation();
        assert_eq!(NumStakingColdkeys::<Test>::get(), 2);
        let before = owed(3, netuid);
        // A hash of zeros draws index 0 every time.
        RootClaims::<Test>::claim_for_some(&[0; 32], &mut room());
        assert!(owed(2, netuid) <= 1);
        assert_eq!(owed(3, netuid), before);
        NumRootClaim::<Test>::put(0);
        RootClaims::<Test>::claim_for_some(&[1; 32], &mut room());
        assert_eq!(owed(3, netuid), before, "0 switches automatic claims off");
    });
}

#[test]
fn dividends_without_root_stake_go_to_the_owner() {
    on_chain(|| {
        let netuid = subnet().started().create();
        accrue(netuid, 4);
        assert_eq!(stake_of(&hotkey(0), &coldkey(0), netuid), 4 * UNIT);
    });
}

fn leave_root(staker: u8, rao: u64) {
    let amount_unstaked = rao.into();
    ok(&coldkey(staker), Network::remove_stake { hotkey: hotkey(0), netuid: ROOT, amount_unstaked });
}

#[test]
fn removing_root_stake_loses_no_dividends() {
    on_chain(|| {
        let netuid = situation();
        let earned = owed(2, netuid);
        let worth = || owed(2, netuid) + stake_of(&hotkey(0), &coldkey(2), netuid);
        leave_root(2, 20 * UNIT);
        assert!(about(worth(), earned), "{} of {earned}", worth());
        leave_root(2, 10 * UNIT);
        assert_eq!((owed(2, netuid), stake_of(&hotkey(0), &coldkey(2), ROOT)), (0, 0));
        assert!(about(worth(), earned), "{} of {earned}", worth());
    });
}

#[test]
fn moved_or_given_root_stake_leaves_its_dividends_with_who_earned_them() {
    on_chain(|| {
        let netuid = situation();
        register(netuid, 10);
        let (second, third) = (owed(2, netuid), owed(3, netuid));
        let everything = Network::move_stake {
            origin_hotkey: hotkey(0),
            destination_hotkey: hotkey(10),
            origin_netuid: ROOT,
            destination_netuid: ROOT,
            alpha_amount: alpha(30),
        };
        ok(&coldkey(2), everything);
        let gift = Network::transfer_stake {
            destination_coldkey: coldkey(4),
            hotkey: hotkey(0),
            origin_netuid: ROOT,
            destination_netuid: ROOT,
            alpha_amount: alpha(10),
        };
        ok(&coldkey(3), gift);
        assert!(about(stake_of(&hotkey(0), &coldkey(2), netuid), second));
        assert!(about(stake_of(&hotkey(0), &coldkey(3), netuid), third));
        assert_eq!((owed(2, netuid), owed(3, netuid), owed(4, netuid)), (0, 0, 0));
    });
}

#[test]
fn whoever_leaves_root_leaves_nothing_behind() {
    on_chain(|| {
        let netuid = situation();
        ok(&coldkey(2), claim(netuid));
        assert_eq!(RootClaimed::<Test>::iter().count(), 1, "coldkey 3 claimed nothing");
        leave_root(2, stake_of(&hotkey(0), &coldkey(2), ROOT));
        leave_root(3, 10 * UNIT);
        assert_eq!(RootClaimed::<Test>::iter().count(), 0);
        // The next turn of each finds no root stake.
        ok(&coldkey(4), Network::add_stake { hotkey: hotkey(0), netuid: ROOT, amount_staked: tao(1) });
        assert_eq!(NumStakingColdkeys::<Test>::get(), 3);
        RootClaims::<Test>::claim_for_some(&[0; 32], &mut room());
        check_invariants();
        assert_eq!(StakingColdkeys::<Test>::get(coldkey(2)), None);
        assert_eq!(StakingColdkeysByIndex::<Test>::get(0), Some(coldkey(4)), "the last one has its place");
        ok(&coldkey(2), Network::add_stake { hotkey: hotkey(0), netuid: ROOT, amount_staked: tao(1) });
        assert_eq!(StakingColdkeys::<Test>::get(coldkey(2)), Some(2));
    });
}

#[test]
fn a_claim_that_cannot_be_sold_does_not_stop_the_others() {
    on_chain(|| {
        let good = situation();
        let worthless = subnet().owned_by(4).started().create();
        let pool = SubnetTAO::<Test>::get(worthless).to_rao();
        SubnetAlphaIn::<Test>::insert(worthless, AlphaBalance::from_rao(pool * 10_000));
        ok(&coldkey(4), Network::sudo_set_root_claim_threshold { netuid: worthless, new_value: 0 });
        PoolReserves::<Test>::mint_out(worthless, 4_000.into());
        accrue_root(&hotkey(0), worthless, 4_000.into());
        let dust = owed(2, worthless);
        assert!(dust > 0 && owed(2, good) > UNIT);
        // A hash of zeros draws coldkey 2.
        RootClaims::<Test>::claim_for_some(&[0; 32], &mut room());
        check_invariants();
        assert!(owed(2, good) <= 1);
        // The other claim was staked on root, which rounds once more.
        assert!(owed(2, worthless).abs_diff(dust) <= 1, "it waits");
        // The coldkey that requests it gets the error.
        let asked = RootClaims::<Test>::claim(coldkey(2), BTreeSet::from([worthless]));
        assert!(asked.is_err());
    });
}

/// Two more subnets, with claims on hotkey 0 like the first.
fn three_subnets() -> [NetUid; 3] {
    let first = situation();
    let others = [4, 5].map(|owner| {
        let netuid = subnet().owned_by(owner).started().create();
        accrue(netuid, 4);
        netuid
    });
    [first, others[0], others[1]]
}

#[test]
fn claims_on_several_subnets_are_staked_on_root_at_once() {
    on_chain(|| {
        let netuids = three_subnets();
        let sold: u64 = netuids.iter().map(|&netuid| owed(2, netuid)).sum();
        ok(&coldkey(2), Network::claim_root { subnets: netuids.into() });
        assert!(netuids.iter().all(|&netuid| owed(2, netuid) <= 1));
        let gained = stake_of(&hotkey(0), &coldkey(2), ROOT) - 30 * UNIT;
        assert!(gained > sold * 98 / 100 && gained < sold, "{sold} alpha brought {gained} TAO");
        announced(Event::RootClaimed { coldkey: coldkey(2), tao: gained.into() });
    });
}

#[test]
fn a_claim_says_what_it_cost() {
    on_chain(|| {
        let netuids = three_subnets();
        let cost = |subnets: &[NetUid]| {
            let cost = RootClaims::<Test>::claim(coldkey(2), subnets.iter().copied().collect());
            cost.expect("claims succeed").actual_weight.expect("it says what it cost").ref_time()
        };
        let nothing = cost(&[77]);
        let one = cost(&netuids[..1]);
        let two = cost(&netuids[1..]);
        assert!(nothing < one && one < two, "{nothing} {one} {two}");
        assert!(two <= crate::costs::claim::<Test>(2).ref_time());
    });
}

#[test]
fn root_stake_is_found_among_very_many_hotkeys() {
    on_chain(|| {
        let netuid = situation();
        let before = owed(2, netuid);
        let mut hotkeys: Vec<_> = (1_000..1_400).map(hotkey).collect();
        for hotkey in &hotkeys {
            StakeLedger::<Test>::increase(hotkey, &coldkey(2), netuid, 5.into()).expect("worth a share");
            PoolReserves::<Test>::mint_out(netuid, 5.into());
        }
        hotkeys.push(hotkey(0));
        StakingHotkeys::<Test>::insert(coldkey(2), hotkeys);
        assert!(before > UNIT);
        ok(&coldkey(2), claim(netuid));
        assert!(owed(2, netuid) <= 1);
    });
}

#[test]
fn claims_beyond_what_a_block_can_do_come_in_later_blocks() {
    on_chain(|| {
        let netuids = three_subnets();
        let limit = crate::costs::chores::<Test>(Weight::zero());
        // As many hotkeys with claims as no block can settle, staked on by coldkey 2.
        let most = limit.ref_time() / crate::costs::claim_settled::<Test>().ref_time();
        let count = u16::try_from(most / 3 + 20).expect("a block settles less than 65536 claims");
        ok(&coldkey(9), Network::set_root_claim_type { new_root_claim_type: RootClaimTypeEnum::Keep });
        for i in 1_000..1_000 + count {
            TaoLedger::<Test>::pay_to_subnet(&coldkey(9), ROOT, tao(10)).expect("rich enough");
            PoolReserves::<Test>::buy(ROOT, tao(10), Terms::FREE).expect("root has a price of 1");
            StakeLedger::<Test>::increase(&hotkey(i), &coldkey(9), ROOT, alpha(10)).expect("worth a share");
            for netuid in netuids {
                PoolReserves::<Test>::mint_out(netuid, alpha(1));
                accrue_root(&hotkey(i), netuid, alpha(1));
            }
        }
        let owed = |i, netuid| RootClaims::<Test>::owed_to(&hotkey(i), &coldkey(9), netuid);
        let waiting = || {
            let pairs = (1_000..1_000 + count).flat_map(|i| netuids.map(|netuid| (i, netuid)));
            pairs.filter(|(i, netuid)| owed(*i, *netuid) > 1.into()).count()
        };
        let all = waiting();
        let mut rounds = 0;
        while waiting() > 0 && rounds < 5 {
            // Index 2 belongs to coldkey 9.
            let mut hash = [0; 32];
            hash[7] = 1;
            NumRootClaim::<Test>::put(1);
            let mut allowance = Allowance::new(rounds, limit);
            RootClaims::<Test>::claim_for_some(&hash, &mut allowance);
            assert!(allowance.spent().all_lte(limit), "{} of {limit}", allowance.spent());
            assert!(rounds > 0 || (1..all).contains(&waiting()), "one block does a part");
            System::set_block_number(System::block_number() + 1);
            rounds += 1;
        }
        assert_eq!(waiting(), 0, "after {rounds} rounds");
    });
}

#[test]
fn a_claim_on_one_hotkey_leaves_those_on_others_alone() {
    use sp_runtime::traits::Dispatchable;
    on_chain(|| {
        let netuids = three_subnets();
        let other = hotkey(70);
        ok(&coldkey(70), Network::try_associate_hotkey { hotkey: other.clone() });
        ok(&coldkey(2), Network::add_stake { hotkey: other.clone(), netuid: ROOT, amount_staked: tao(30) });
        for netuid in netuids {
            PoolReserves::<Test>::mint_out(netuid, alpha(4));
            accrue_root(&other, netuid, alpha(4));
        }
        let owed_on = |hotkey: &AccountId, netuid| RootClaims::<Test>::owed_to(hotkey, &coldkey(2), netuid);
        let before = netuids.map(|netuid| owed_on(&hotkey(0), netuid));
        let call = Network::claim_root_with_hotkey { hotkey: other.clone() };
        let declared = frame_support::dispatch::GetDispatchInfo::get_dispatch_info(&call).call_weight;
        let spent = RuntimeCall::from(call.clone())
            .dispatch(RuntimeOrigin::signed(coldkey(2)))
            .expect("there is something to claim")
            .actual_weight
            .expect("it says what it cost");
        assert!(spent.all_lte(declared), "{spent} of {declared}");
        assert!(netuids.iter().all(|netuid| owed_on(&other, *netuid).is_zero()));
        assert_eq!(netuids.map(|netuid| owed_on(&hotkey(0), netuid)), before);
        assert!(stake_of(&other, &coldkey(2), ROOT) > 30 * UNIT, "sold and staked on the same hotkey");
        // Nothing is left, which is no error.
        ok(&coldkey(2), call);
        let unknown = Network::claim_root_with_hotkey { hotkey: hotkey(77) };
        refused(&coldkey(2), unknown, Refusal::HotKeyAccountNotExists);
    });
}
