//! Voting power follows the stake of validators.

use super::mock::*;
use crate::{pallet::*, subnets::Hyperparameters, voting::VotingPowers};
use myelin_economy::voting::{next_power, MAX_EMA_ALPHA};
use myelin_units::NetUid;
use sp_runtime::{traits::Dispatchable, DispatchError};

fn as_root(call: Network) -> Result<(), DispatchError> {
    RuntimeCall::from(call).dispatch(RuntimeOrigin::root()).map(|_| ()).map_err(|e| e.error)
}

/// Two staked validators with hotkeys 10 and 11, an epoch in every block, power that is the stake at once.
fn tracked() -> NetUid {
    let netuid = subnet().started().without_commit_reveal().with_neurons(2).with_permits().create();
    for (i, tokens) in [(10, 30), (11, 20)] {
        let call = Network::add_stake { hotkey: hotkey(i), netuid, amount_staked: tao(tokens) };
        ok(&owner_of(i), call);
    }
    Hyperparameters::<Test>::set_tempo(netuid, 1);
    ok(&coldkey(0), Network::enable_voting_power_tracking { netuid });
    as_root(Network::sudo_set_voting_power_ema_alpha { netuid, alpha: MAX_EMA_ALPHA }).expect("root may");
    netuid
}

fn staked(netuid: NetUid, i: u16) -> u64 {
    TotalHotkeyAlpha::<Test>::get(hotkey(i), netuid).to_rao()
}

#[test]
fn power_follows_the_stake_that_an_epoch_counted() {
    on_chain(|| {
        let netuid = tracked();
        let before = (staked(netuid, 10), staked(netuid, 11));
        run_blocks(1);
        let power = |i| VotingPowers::<Test>::of(netuid, &hotkey(i));
        assert_eq!((power(10), power(11)), before);
        assert_eq!(TotalVotingPower::<Test>::get(netuid), before.0 + before.1);
        as_root(Network::sudo_set_voting_power_ema_alpha { netuid, alpha: MAX_EMA_ALPHA / 4 }).expect("root");
        announced(Event::VotingPowerEmaAlphaSet { netuid, alpha: MAX_EMA_ALPHA / 4 });
        let grown = staked(netuid, 10);
        run_blocks(1);
        assert_eq!(Some(power(10)), next_power(before.0, grown, MAX_EMA_ALPHA / 4, 0));
    });
}

#[test]
fn mechanisms_do_not_multiply_power() {
    on_chain(|| {
        let netuid = tracked();
        Hyperparameters::<Test>::set_mechanism_count(netuid, 2);
        let stake = staked(netuid, 10);
        run_blocks(1);
        assert_eq!(VotingPowers::<Test>::of(netuid, &hotkey(10)), stake);
    });
}

#[test]
fn power_is_lost_with_the_permit_the_uid_and_below_the_threshold() {
    on_chain(|| {
        let netuid = tracked();
        run_blocks(1);
        Hyperparameters::<Test>::set_max_allowed_validators(netuid, 1);
        run_blocks(1);
        assert!(!VotingPower::<Test>::contains_key(netuid, hotkey(11)), "the only permit is of hotkey 10");
        assert!(VotingPower::<Test>::contains_key(netuid, hotkey(10)));
        StakeThreshold::<Test>::put(u64::MAX);
        run_blocks(1);
        assert!(!VotingPower::<Test>::contains_key(netuid, hotkey(10)));
        StakeThreshold::<Test>::put(0);
        run_blocks(2);
        assert!(VotingPower::<Test>::contains_key(netuid, hotkey(10)));
        // A newcomer takes the uid of hotkey 10.
        Hyperparameters::<Test>::set_max_allowed_uids(netuid, 3);
        ImmunityPeriod::<Test>::insert(netuid, 0);
        MinNonImmuneUids::<Test>::insert(netuid, 0);
        Emission::<Test>::insert(netuid, vec![alpha(9), alpha(0), alpha(9)]);
        register(netuid, 12);
        assert_eq!(uid_of(netuid, &hotkey(10)), None);
        run_blocks(1);
        assert!(!VotingPower::<Test>::contains_key(netuid, hotkey(10)));
    });
}

#[test]
fn tracking_ends_after_a_grace_and_forgets_everything() {
    on_chain(|| {
        let netuid = tracked();
        let disable = || Network::disable_voting_power_tracking { netuid };
        refused(&coldkey(1), disable(), Refusal::NotSubnetOwner);
        ok(&coldkey(0), disable());
        let end = 1 + 100_800;
        announced(Event::VotingPowerTrackingDisableScheduled { netuid, disable_at_block: end });
        ok(&coldkey(0), Network::enable_voting_power_tracking { netuid });
        assert_eq!(VotingPowerDisableAtBlock::<Test>::get(netuid), 0, "the end was taken back");
        as_root(disable()).expect("root may");
        run_blocks(1);
        System::set_block_number(end as u32 - 2);
        run_blocks(1);
        assert!(VotingPowers::<Test>::of(netuid, &hotkey(10)) > 0);
        run_blocks(1);
        assert!(!VotingPowers::<Test>::is_tracked(netuid));
        assert_eq!(VotingPower::<Test>::iter().count(), 0);
        assert_eq!(TotalVotingPower::<Test>::get(netuid), 0);
        announced(Event::VotingPowerTrackingDisabled { netuid });
        refused(&coldkey(0), disable(), Refusal::VotingPowerTrackingNotEnabled);
    });
}

#[test]
fn only_owners_and_root_track_and_only_root_sets_the_rate() {
    on_chain(|| {
        let netuid = subnet().create();
        let enable = |netuid| Network::enable_voting_power_tracking { netuid };
        refused(&coldkey(1), enable(netuid), Refusal::NotSubnetOwner);
        refused(&coldkey(0), enable(9), Refusal::SubnetNotExists);
        refused(
            &coldkey(0),
            Network::disable_voting_power_tracking { netuid },
            Refusal::VotingPowerTrackingNotEnabled,
        );
        ok(&coldkey(0), enable(netuid));
        announced(Event::VotingPowerTrackingEnabled { netuid });
        let set = |alpha| Network::sudo_set_voting_power_ema_alpha { netuid, alpha };
        let outcome = RuntimeCall::from(set(1)).dispatch(RuntimeOrigin::signed(coldkey(0)));
        assert_eq!(outcome.map_err(|e| e.error).err(), Some(DispatchError::BadOrigin));
        assert_eq!(as_root(set(MAX_EMA_ALPHA + 1)), Err(Refusal::InvalidVotingPowerEmaAlpha.into()));
        assert_eq!(VotingPowerEmaAlpha::<Test>::get(netuid), 3_570_000_000_000_000);
    });
}
