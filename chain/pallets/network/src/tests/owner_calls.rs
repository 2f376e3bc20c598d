//! Calls of a subnet's owner.

use super::mock::*;
use crate::{
    pallet::*,
    subnets::{RateLimits, Setter, SubnetRegistry},
    types::Hyperparameter,
};

#[test]
fn the_owner_starts_a_subnet_once() {
    on_chain(|| {
        let netuid = subnet().create();
        let start = || Network::start_call { netuid };
        refused(&coldkey(1), start(), Refusal::NotSubnetOwner);
        refused(&coldkey(0), Network::start_call { netuid: 99 }, Refusal::SubnetNotExists);
        ok(&coldkey(0), start());
        assert_eq!(FirstEmissionBlockNumber::<Test>::get(netuid), Some(2));
        assert!(SubtokenEnabled::<Test>::get(netuid));
        announced(Event::FirstEmissionBlockNumberSet(netuid, 2));
        refused(&coldkey(0), start(), Refusal::FirstEmissionBlockNumberAlreadySet);
    });
}

#[test]
fn the_start_waits_for_its_delay() {
    on_chain(|| {
        StartCallDelay::<Test>::put(5);
        let netuid = subnet().create();
        System::set_block_number(5);
        refused(&coldkey(0), Network::start_call { netuid }, Refusal::NeedWaitingMoreBlocksToStarCall);
        System::set_block_number(6);
        ok(&coldkey(0), Network::start_call { netuid });
    });
}

#[test]
fn a_tempo_is_within_range_and_restarts_the_schedule() {
    on_chain(|| {
        let netuid = subnet().create();
        System::set_block_number(400);
        LastEpochBlock::<Test>::insert(netuid, 390);
        let set = |tempo| Network::set_tempo { netuid, tempo };
        refused(&coldkey(0), set(359), Refusal::TempoOutOfBounds);
        refused(&coldkey(0), set(50_401), Refusal::TempoOutOfBounds);
        refused(&coldkey(1), set(500), Refusal::NotSubnetOwner);
        ok(&coldkey(0), set(500));
        assert_eq!((Tempo::<Test>::get(netuid), LastEpochBlock::<Test>::get(netuid)), (500, 400));
        announced(Event::TempoSet(netuid, 500));
        System::set_block_number(759);
        refused(&coldkey(0), set(600), Refusal::TxRateLimitExceeded);
        System::set_block_number(760);
        ok(&coldkey(0), set(600));
    });
}

#[test]
fn owners_change_nothing_right_before_an_epoch() {
    on_chain(|| {
        let netuid = subnet().create();
        LastEpochBlock::<Test>::insert(netuid, 1);
        System::set_block_number(352);
        let set = || Network::set_activity_cutoff_factor { netuid, factor_milli: 2_000 };
        refused(&coldkey(0), set(), Refusal::AdminActionProhibitedDuringWeightsWindow);
        System::set_block_number(351);
        ok(&coldkey(0), set());
        assert_eq!(ActivityCutoffFactorMilli::<Test>::get(netuid), 2_000);
    });
}

#[test]
fn an_activity_factor_is_within_range_and_changes_rarely() {
    on_chain(|| {
        let netuid = subnet().create();
        let set = |factor_milli| Network::set_activity_cutoff_factor { netuid, factor_milli };
        refused(&coldkey(0), set(999), Refusal::ActivityCutoffFactorMilliOutOfBounds);
        refused(&coldkey(0), set(50_001), Refusal::ActivityCutoffFactorMilliOutOfBounds);
        ok(&coldkey(0), set(1_000));
        refused(&coldkey(0), set(1_500), Refusal::TxRateLimitExceeded);
        System::set_block_number(1 + 2 * 360);
        LastEpochBlock::<Test>::insert(netuid, 700);
        ok(&coldkey(0), set(1_500));
    });
}

#[test]
fn root_is_bound_by_no_limit() {
    on_chain(|| {
        let netuid = subnet().create();
        PendingEpochAt::<Test>::insert(netuid, 5);
        let by_root =
            RateLimits::<Test>::authorise_change(RuntimeOrigin::root(), netuid, Hyperparameter::Kappa);
        assert_eq!(by_root, Ok(Setter::Root));
        let by_owner = RuntimeOrigin::signed(coldkey(0));
        assert_eq!(
            RateLimits::<Test>::authorise_change(by_owner, netuid, Hyperparameter::Kappa),
            Err(Refusal::AdminActionProhibitedDuringWeightsWindow.into())
        );
        PendingEpochAt::<Test>::insert(netuid, 0);
    });
}

#[test]
fn an_epoch_can_be_triggered_once_without_commit_reveal() {
    on_chain(|| {
        let netuid = subnet().create();
        let trigger = || Network::trigger_epoch { netuid };
        refused(&coldkey(0), trigger(), Refusal::DynamicTempoBlockedByCommitReveal);
        CommitRevealWeightsEnabled::<Test>::insert(netuid, false);
        LastEpochBlock::<Test>::insert(netuid, 1);
        refused(&coldkey(1), trigger(), Refusal::NotSubnetOwner);
        System::set_block_number(355);
        refused(&coldkey(0), trigger(), Refusal::AutoEpochAlreadyImminent);
        System::set_block_number(100);
        ok(&coldkey(0), trigger());
        assert_eq!(PendingEpochAt::<Test>::get(netuid), 110);
        announced(Event::EpochTriggered { netuid, by: coldkey(0), fires_at: 110 });
        refused(&coldkey(0), trigger(), Refusal::EpochTriggerAlreadyPending);
        // After the epoch, the next may be triggered after two tempos.
        PendingEpochAt::<Test>::insert(netuid, 0);
        LastEpochBlock::<Test>::insert(netuid, 110);
        System::set_block_number(120);
        refused(&coldkey(0), trigger(), Refusal::TxRateLimitExceeded);
        LastEpochBlock::<Test>::insert(netuid, 810);
        System::set_block_number(820);
        ok(&coldkey(0), trigger());
    });
}

#[test]
fn a_symbol_is_in_the_list_and_free() {
    on_chain(|| {
        let netuid = subnet().create();
        let choose = |symbol: &str| Network::update_symbol { netuid, symbol: symbol.as_bytes().to_vec() };
        refused(&coldkey(0), choose("TAO"), Refusal::SymbolDoesNotExist);
        refused(&coldkey(0), choose("α"), Refusal::SymbolAlreadyInUse);
        refused(&coldkey(1), choose("γ"), Refusal::NotSubnetOwner);
        ok(&coldkey(0), choose("γ"));
        assert_eq!(TokenSymbol::<Test>::get(netuid), "γ".as_bytes());
        let other = subnet().owned_by(1).create();
        assert_eq!(
            TokenSymbol::<Test>::get(other),
            "β".as_bytes(),
            "its own symbol is taken, so it gets the first free one"
        );
    });
}

#[test]
fn the_owner_hotkey_is_a_registered_hotkey_of_the_owner() {
    on_chain(|| {
        let netuid = subnet().with_neurons(1).create();
        let set = |key| SubnetRegistry::<Test>::set_owner_hotkey(Setter::Owner, netuid, key);
        assert_eq!(set(hotkey(10)), Err(Refusal::NonAssociatedColdKey.into()));
        ok(&coldkey(0), Network::try_associate_hotkey { hotkey: hotkey(1) });
        assert_eq!(set(hotkey(1)), Err(Refusal::HotKeyNotRegisteredInSubNet.into()));
        ok(&coldkey(0), Network::burned_register { netuid, hotkey: hotkey(1) });
        assert_eq!(set(hotkey(1)), Ok(()));
        assert_eq!(SubnetOwnerHotkey::<Test>::get(netuid), hotkey(1));
        assert_eq!(set(hotkey(0)), Err(Refusal::TxRateLimitExceeded.into()));
        assert_eq!(SubnetRegistry::<Test>::set_owner_hotkey(Setter::Root, netuid, hotkey(0)), Ok(()));
    });
}
