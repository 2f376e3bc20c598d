//! Nominations that became too small when root raised their minimum.

use super::mock::*;
use crate::{paging::Page, pallet::*, stake::StakeLedger, subnets::NetworkSettings};
use myelin_units::{NetUid, ROOT};

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
