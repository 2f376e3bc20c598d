//! Every rao has a place (decision 0017).

use super::mock::*;
use crate::{
    alpha_assets::AlphaBurned, invariants, ledger::TaoLedger, pallet::*, pools::PoolReserves,
    stake::StakeLedger,
};
use myelin_units::{storage_index, AlphaBalance, TaoBalance};
use sp_core::H256;

#[test]
fn total_stake_is_what_pools_hold_and_does_not_drift_by_fees() {
    on_chain(|| {
        let netuid = subnet().started().with_neurons(1).create();
        let pools = || SubnetTAO::<Test>::iter_values().sum::<TaoBalance>();
        for _ in 0..5 {
            ok(&coldkey(3), Network::add_stake { hotkey: hotkey(10), netuid, amount_staked: tao(50) });
            let amount_unstaked = AlphaBalance::from_rao(stake_of(&hotkey(10), &coldkey(3), netuid) / 2);
            ok(&coldkey(3), Network::remove_stake { hotkey: hotkey(10), netuid, amount_unstaked });
        }
        assert_eq!(TotalStake::<Test>::get(), pools());
    });
}

#[test]
fn what_was_minted_and_recycled_explains_the_issuance() {
    on_chain(|| {
        let before = TaoSupply::<Test>::get();
        assert_eq!(before.genesis, TotalIssuance::<Test>::get());
        TaoLedger::<Test>::recycle(TaoLedger::<Test>::issue(tao(3)));
        let netuid = subnet().create();
        TaoLedger::<Test>::deposit(netuid, TaoLedger::<Test>::issue(tao(2)));
        let after = TaoSupply::<Test>::get();
        assert_eq!((after.minted, after.recycled), (tao(5), tao(3)));
        assert_eq!(TotalIssuance::<Test>::get(), before.genesis.saturating_add(tao(2)));
    });
}

#[test]
fn alpha_that_nobody_has_is_counted_where_it_arises() {
    on_chain(|| {
        let netuid = subnet().started().create();
        let unowned = || AlphaBurned::<Test>::get(netuid).to_rao();
        run_blocks(1);
        assert!((1..=4).contains(&unowned()), "the floors of the pots: {}", unowned());
        // There are no weights, so the epoch pays by stake, and the owner has none: the unpaid alpha belongs to nobody.
        let before = unowned();
        run_blocks(u32::from(Tempo::<Test>::get(netuid)));
        assert!(unowned() > before);
    });
}

#[test]
fn one_rao_of_alpha_without_a_place_is_noticed() {
    on_chain(|| {
        let netuid = subnet().started().create();
        PoolReserves::<Test>::mint_out(netuid, alpha(7));
        PoolReserves::<Test>::burn_out(netuid, alpha(7));
        assert_eq!(AlphaBurned::<Test>::get(netuid), alpha(7));
        assert!(invariants::alpha::every_rao_of_alpha_has_a_place::<Test>().is_ok());
        PoolReserves::<Test>::mint_out(netuid, AlphaBalance::from_rao(1));
        let lost = invariants::alpha::every_rao_of_alpha_has_a_place::<Test>();
        assert!(lost.is_err(), "one rao without a place is noticed");
        PoolReserves::<Test>::recycle_out(netuid, AlphaBalance::from_rao(1));
    });
}

#[test]
fn a_hotkey_that_its_last_holder_left_has_no_alpha() {
    on_chain(|| {
        let netuid = subnet().started().with_neurons(1).create();
        let place = (hotkey(10), coldkey(3));
        for reward in 0..50u64 {
            let stake = AlphaBalance::from_rao(1_000_003 + reward * 7_919);
            PoolReserves::<Test>::mint_out(netuid, stake);
            StakeLedger::<Test>::increase(&place.0, &place.1, netuid, stake).expect("worth shares");
            let reward = AlphaBalance::from_rao(reward * 31_337 + 1);
            PoolReserves::<Test>::mint_out(netuid, reward);
            StakeLedger::<Test>::raise_all(&place.0, netuid, reward);
            let all = StakeLedger::<Test>::alpha_of(&place.0, &place.1, netuid);
            StakeLedger::<Test>::decrease(&place.0, &place.1, netuid, all).expect("it has that");
            PoolReserves::<Test>::recycle_out(netuid, all);
            assert!(!TotalHotkeyAlpha::<Test>::contains_key(&place.0, netuid));
            assert!(!TotalHotkeySharesV2::<Test>::contains_key(&place.0, netuid));
            check_invariants();
        }
    });
}

#[test]
fn commits_of_a_neuron_leave_with_its_uid() {
    on_chain(|| {
        let netuid = subnet().with_neurons(3).create();
        System::set_block_number(20_000);
        ok(&hotkey(10), Network::commit_weights { netuid, commit_hash: H256::repeat_byte(1) });
        assert!(WeightCommits::<Test>::contains_key(storage_index(netuid, 0), hotkey(10)));
        MaxAllowedUids::<Test>::insert(netuid, 4);
        MinNonImmuneUids::<Test>::insert(netuid, 0);
        Emission::<Test>::insert(netuid, vec![alpha(9), alpha(0), alpha(9), alpha(9)]);
        register(netuid, 30);
        assert_eq!(uid_of(netuid, &hotkey(30)), Some(1));
        assert!(!WeightCommits::<Test>::contains_key(storage_index(netuid, 0), hotkey(10)));
    });
}
