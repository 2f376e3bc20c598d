//! Nominations that became too small when root raised their minimum.

use super::mock::*;
use crate::{
    chores::Allowance, costs, paging::Page, pallet::*, stake::StakeLedger, subnets::NetworkSettings,
};
use frame_support::weights::Weight;
use myelin_units::{AlphaBalance, NetUid, ROOT};

/// A thousandth of the smallest stake of 0.002 TAO.
const THOUSAND_TIMES: u64 = 1_000_000_000;

/// A started subnet on whose hotkey 0 coldkeys 10 to 14 staked 1, 1, 3, 4, 5 TAO, and 1 TAO of coldkey 10 on root.
fn situation() -> NetUid {
    let netuid = subnet().started().create();
    for staker in 10..15 {
        let amount_staked = tao(if staker < 12 { 1 } else { u64::from(staker) - 9 });
        ok(&coldkey(staker), Network::add_stake { hotkey: hotkey(0), netuid, amount_staked });
    }
    ok(&coldkey(10), Network::add_stake { hotkey: hotkey(0), netuid: ROOT, amount_staked: tao(1) });
    netuid
}

fn left(netuid: NetUid) -> Vec<u8> {
    (10..15).filter(|staker| stake_of(&hotkey(0), &coldkey(*staker), netuid) > 0).collect()
}

#[test]
fn raising_the_minimum_unstakes_all_that_are_below() {
    on_chain(|| {
        let netuid = situation();
        NetworkSettings::<Test>::set_nominator_min_required_stake(THOUSAND_TIMES);
        assert_eq!(StakeLedger::<Test>::smallest_nomination(), tao(2));
        run_blocks(1);
        assert_eq!(left(netuid), [12, 13, 14]);
        assert_eq!(stake_of(&hotkey(0), &coldkey(10), ROOT), 0);
        assert!(NominationSweep::<Test>::get().is_none());
        let back = balance(&coldkey(10));
        assert!(
            back.abs_diff(FORTUNE * UNIT) < UNIT / 20,
            "{back} rao are left after 2 TAO were staked and came back"
        );
    });
}

#[test]
fn the_owner_of_the_hotkey_keeps_any_amount() {
    on_chain(|| {
        let netuid = situation();
        ok(&coldkey(0), Network::add_stake { hotkey: hotkey(0), netuid, amount_staked: tao(1) });
        NetworkSettings::<Test>::set_nominator_min_required_stake(THOUSAND_TIMES);
        run_blocks(1);
        assert!(stake_of(&hotkey(0), &coldkey(0), netuid) > 0);
    });
}

#[test]
fn the_look_at_all_nominations_is_spread_over_blocks() {
    on_chain(|| {
        let netuid = situation();
        NetworkSettings::<Test>::set_nominator_min_required_stake(THOUSAND_TIMES);
        let mut pages = 0;
        while let Some(cursor) = NominationSweep::<Test>::get() {
            let mut page = Page::new(1, cursor);
            StakeLedger::<Test>::sweep_page(&mut page);
            check_invariants();
            pages += 1;
        }
        assert!(pages >= 7, "{pages} pages for 7 holdings");
        assert_eq!(left(netuid), [12, 13, 14]);
    });
}

/// Checks every nomination alone, and returns the points of each check.
fn looks() -> Vec<u32> {
    let mut spent = Vec::new();
    while let Some(cursor) = NominationSweep::<Test>::get() {
        let mut page = Page::new(1, cursor);
        StakeLedger::<Test>::sweep_page(&mut page);
        spent.push(page.spent());
    }
    spent
}

#[test]
fn a_sale_counts_in_full_though_there_was_room_for_a_look_only() {
    on_chain(|| {
        situation();
        NetworkSettings::<Test>::set_nominator_min_required_stake(THOUSAND_TIMES);
        let mut spent = Weight::zero();
        while NominationSweep::<Test>::get().is_some() {
            let mut allowance = Allowance::<Test>::new(0, costs::look::<Test>());
            StakeLedger::<Test>::sweep_small_nominations(&mut allowance);
            spent = spent.saturating_add(allowance.spent());
        }
        let sales = costs::trade::<Test>(FIRST).saturating_mul(2);
        let all = sales.saturating_add(costs::trade::<Test>(ROOT));
        assert!(all.all_lte(spent), "three sales of {all} were counted as {spent}");
    });
}

#[test]
fn what_a_holder_has_counts_where_a_lock_binds_it() {
    on_chain(|| {
        let netuid = situation();
        for staker in [10, 11] {
            let amount = AlphaBalance::from_rao(stake_of(&hotkey(0), &coldkey(staker), netuid) / 2);
            ok(&coldkey(staker), Network::lock_stake { hotkey: hotkey(0), netuid, amount });
        }
        NetworkSettings::<Test>::set_nominator_min_required_stake(THOUSAND_TIMES);
        let [free, bound] = [12, 10].map(|staker| costs::Signer::of::<Test>(&coldkey(staker), netuid));
        assert_eq!((free.bound, bound.bound), (0, 1));
        let looked = looks();
        let least = costs::points_of_holdings::<Test>(bound);
        assert!(least > 10, "looking at a holding is {least} points");
        let plain = *looked.iter().filter(|spent| **spent > 0).min().expect("there are nominations");
        assert_eq!(looked.iter().filter(|spent| **spent == plain + least).count(), 2, "{looked:?}");
    });
}
