//! Migrations of the state of an older runtime.

use super::mock::*;
use crate::{
    alpha_assets::AlphaBurned,
    invariants::claimable_alpha,
    migrations::{
        Recount, RecountStatus, SubnetAlphaUnowned, ToVersion2, ToVersion3, ToVersion4, ToVersion5,
    },
    pallet::*,
    pools::PoolReserves,
    types::Supply,
};
use frame_support::{
    migrations::MultiStepMigrator,
    traits::{OnRuntimeUpgrade, StorageVersion},
};
use myelin_units::{AlphaBalance, NetUid, ROOT};
use proptest::prelude::*;

/// A chain that has traded, run epochs, paid root dividends and burned alpha.
fn lived_in() -> [NetUid; 2] {
    let netuids = [1, 2].map(|owner| subnet().owned_by(owner).started().with_neurons(3).create());
    for netuid in netuids.into_iter().chain([ROOT]) {
        for (staker, tokens) in [(60, 7), (61, 5)] {
            ok(
                &coldkey(staker),
                Network::add_stake { hotkey: hotkey(10), netuid, amount_staked: tao(tokens) },
            );
        }
    }
    end_block();
    for netuid in netuids {
        PoolReserves::<Test>::mint_out(netuid, alpha(4));
        accrue_root(&hotkey(10), netuid, alpha(4));
    }
    ok(&coldkey(60), Network::claim_root { subnets: [netuids[0]].into() });
    let burned = AlphaBalance::from_rao(1_000_000);
    ok(&coldkey(61), Network::burn_alpha { hotkey: hotkey(10), amount: burned, netuid: netuids[1] });
    run_blocks(400);
    netuids
}

/// The state as an older runtime left it.
fn make_old() {
    TaoSupply::<Test>::kill();
    let _ = RootClaimPot::<Test>::clear(u32::MAX, None);
    let _ = AlphaBurned::<Test>::clear(u32::MAX, None);
    forget_copies();
    let _ = TotalAlphaStaked::<Test>::clear(u32::MAX, None);
    StorageVersion::new(1).put::<SubtensorModule>();
}

/// Removes the items that repeat others.
fn forget_copies() {
    let _ = SubnetRoster::<Test>::clear(u32::MAX, None);
    RootStakeMarks::<Test>::kill();
}

/// Sets the version of an older state, which kept burned alpha elsewhere and did not count stake.
fn begin_at(version: u16) {
    for (netuid, burned) in AlphaBurned::<Test>::drain() {
        SubnetAlphaUnowned::<Test>::insert(netuid, burned);
    }
    let _ = TotalAlphaStaked::<Test>::clear(u32::MAX, None);
    StorageVersion::new(version).put::<SubtensorModule>();
}

fn upgrade() {
    ToVersion2::<Test>::on_runtime_upgrade();
    ToVersion3::<Test>::on_runtime_upgrade();
    ToVersion4::<Test>::on_runtime_upgrade();
    ToVersion5::<Test>::on_runtime_upgrade();
    assert_eq!(StorageVersion::get::<SubtensorModule>(), 5);
}

/// Claims and unowned alpha of every subnet, in rao.
fn places() -> Vec<(NetUid, u64, u64)> {
    let netuids = NetworksAdded::<Test>::iter_keys();
    netuids
        .map(|netuid| {
            let (pot, unowned) = (RootClaimPot::<Test>::get(netuid), AlphaBurned::<Test>::get(netuid));
            (netuid, pot.to_rao(), unowned.to_rao())
        })
        .collect()
}

proptest! {
    #![proptest_config(cases(4))]

    #[test]
    fn an_older_state_learns_the_place_of_every_rao_in_pages_of_any_size(points in 1u32..200) {
        on_chain(|| {
            let netuids = lived_in();
            let outside = |pot: u64, unowned: u64| pot + unowned;
            let before = places();
            make_old();
            assert!(crate::invariants::check_all::<Test>().is_err(), "the places are unknown");
            upgrade();
            let mut pages = 0;
            while Recount::<Test>::ongoing() {
                Recount::<Test>::work(points);
                pages += 1;
            }
            assert!(points > 50 || pages > 1, "{pages} pages");
            check_invariants();
            let issuance = TotalIssuance::<Test>::get();
            assert_eq!(TaoSupply::<Test>::get(), Supply { genesis: issuance, ..Default::default() });
            for ((netuid, pot, unowned), (_, old_pot, old_unowned)) in places().into_iter().zip(before) {
                let claimable = claimable_alpha::<Test>().get(&netuid).copied().unwrap_or(0);
                let fractions = AlphaV2::<Test>::iter_keys().filter(|(_, _, of)| *of == ROOT).count() as u128;
                let pot = u128::from(pot);
                assert!(claimable <= pot && pot <= claimable + fractions, "{pot} for {claimable} rao of claims");
                assert_eq!(outside(pot as u64, unowned), outside(old_pot, old_unowned), "subnet {netuid}");
            }
            assert!(RootClaimPot::<Test>::get(netuids[1]) > AlphaBalance::ZERO);
            assert!(AlphaBurned::<Test>::get(netuids[1]).to_rao() >= 1_000_000, "what was burned");
            run_blocks(2);
        });
    }
}

#[test]
fn the_network_stands_still_while_a_migration_goes_on_and_then_goes_on_itself() {
    on_chain(|| {
        let [netuid, _] = lived_in();
        make_old();
        upgrade();
        let state = || (SubnetAlphaOut::<Test>::get(netuid), places());
        Recount::<Test>::work(3);
        let before = state();
        let block = System::block_number() + 1;
        System::set_block_number(block);
        crate::block::begin::<Test>(block);
        assert_eq!(state(), before, "nothing is minted or paid");
        while Recount::<Test>::ongoing() {
            Recount::<Test>::step();
        }
        run_blocks(1);
        assert!(SubnetAlphaOut::<Test>::get(netuid) > before.0);
        assert_eq!(Recount::<Test>::work(100), 0, "there is nothing left to do");
    });
}

#[test]
fn a_state_that_knows_its_places_keeps_its_numbers_and_its_keys_get_accounts_that_stay() {
    on_chain(|| {
        let [netuid, _] = lived_in();
        // An older runtime let accounts end, and left claims behind.
        System::dec_sufficients(&coldkey(60));
        System::dec_sufficients(&hotkey(10));
        RootClaimed::<Test>::insert((netuid, hotkey(10), coldkey(99)), 7);
        assert!(crate::invariants::check_all::<Test>().is_err());
        let before = (TaoSupply::<Test>::get(), places());
        begin_at(1);
        upgrade();
        while Recount::<Test>::ongoing() {
            Recount::<Test>::work(7);
        }
        check_invariants();
        assert_eq!((TaoSupply::<Test>::get(), places()), before);
    });
}

#[test]
fn a_state_without_rosters_and_marks_gets_them_in_pages_and_nothing_else_changes() {
    on_chain(|| {
        let netuids = lived_in();
        PendingChildKeyCooldown::<Test>::put(0);
        let children = vec![(u64::MAX / 2, hotkey(11))];
        ok(&owner_of(10), Network::set_children { hotkey: hotkey(10), netuid: netuids[0], children });
        run_blocks(370);
        let rosters = || netuids.map(SubnetRoster::<Test>::get);
        let before = (rosters(), RootStakeMarks::<Test>::get(), places());
        assert!(before.0[0].iter().any(|seat| seat.lends) && before.0[0].iter().any(|seat| seat.borrows));
        forget_copies();
        begin_at(2);
        upgrade();
        let mut pages = 0;
        while Recount::<Test>::ongoing() {
            Recount::<Test>::work(1);
            pages += 1;
        }
        assert!(pages >= netuids.len(), "{pages} pages");
        check_invariants();
        assert_eq!((rosters(), RootStakeMarks::<Test>::get(), places()), before);
    });
}

#[test]
fn a_state_without_published_prices_gets_them_at_once() {
    use pallet_myelin_swap::AlphaSqrtPrice;
    on_chain(|| {
        let netuids = lived_in();
        let published = || netuids.map(AlphaSqrtPrice::<Test>::get);
        let before = published();
        assert!(before.iter().all(|root| root.to_bits() > 0) && before[0] != before[1]);
        let _ = AlphaSqrtPrice::<Test>::clear(u32::MAX, None);
        begin_at(3);
        upgrade();
        while Recount::<Test>::ongoing() {
            Recount::<Test>::step();
        }
        assert_eq!(published(), before);
        assert!(!AlphaSqrtPrice::<Test>::contains_key(ROOT), "clients know what a TAO costs");
    });
}

#[test]
fn burned_alpha_moves_to_where_clients_look_and_stake_is_counted_in_pages() {
    burned_alpha_moves(false);
}

#[test]
fn a_migration_that_has_not_come_to_its_end_counts_stake_afterwards() {
    burned_alpha_moves(true);
}

fn burned_alpha_moves(interrupted: bool) {
    on_chain(|| {
        lived_in();
        let counted = || TotalAlphaStaked::<Test>::iter().collect::<Vec<_>>();
        let before = (counted(), places());
        assert!(before.0.iter().filter(|(_, staked)| !staked.is_zero()).count() > 2, "root and two subnets");
        begin_at(4);
        if interrupted {
            Recounting::<Test>::put(RecountStatus { step: 5, cursor: Vec::new() });
            Recount::<Test>::work(1);
        }
        upgrade();
        let mut pages = 0;
        while Recount::<Test>::ongoing() {
            Recount::<Test>::work(1);
            pages += 1;
        }
        assert!(pages > 3, "{pages} pages");
        check_invariants();
        assert_eq!((counted(), places()), before);
        assert_eq!(SubnetAlphaUnowned::<Test>::iter().count(), 0);
    });
}
