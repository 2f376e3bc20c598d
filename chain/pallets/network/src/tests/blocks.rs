//! The pallet's own work in every block.

use super::mock::*;
use crate::{pallet::*, stake::StakeLedger, subnets::Hyperparameters};
use myelin_units::ROOT;

#[test]
fn a_started_subnet_is_paid_and_every_rao_is_accounted_for() {
    on_fast_chain(|| {
        let netuid = subnet().started().without_commit_reveal().with_neurons(3).create();
        Hyperparameters::<Test>::set_emission(netuid, true);
        for staker in [10, 11] {
            let call = Network::add_stake { hotkey: hotkey(staker.into()), netuid, amount_staked: tao(50) };
            ok(&coldkey(staker), call);
        }
        ok(&coldkey(10), Network::add_stake { hotkey: hotkey(10), netuid: ROOT, amount_staked: tao(100) });
        let before = StakeLedger::<Test>::total_on(&hotkey(10), netuid);
        // `run_to` checks every invariant after every block.
        run_to(60);
        assert!(SubnetEpochIndex::<Test>::get(netuid) >= 4);
        assert!(
            StakeLedger::<Test>::total_on(&hotkey(10), netuid) > before,
            "validators earn by stake at first"
        );
        assert!(stake_of(&hotkey(0), &coldkey(0), netuid) > 0, "the owner got its cut");
    });
}

#[test]
fn an_empty_chain_mints_nothing() {
    on_chain(|| {
        let issuance = TotalIssuance::<Test>::get();
        run_to(20);
        assert_eq!(TotalIssuance::<Test>::get(), issuance);
    });
}
