//! Voting power of validators, for clients that count votes by it.

pub(crate) mod storage;

use core::marker::PhantomData;

use alloc::collections::BTreeSet;
use frame_support::pallet_prelude::*;
use frame_system::{ensure_root, pallet_prelude::*};
use myelin_economy::{
    params::{row, Caller, Parameter},
    voting::{next_power, TRACKING_GRACE},
};
use myelin_units::{Block, NetUid};

use crate::{
    pallet::{
        Config, Error, Event, Pallet, TotalVotingPower, VotingPower, VotingPowerDisableAtBlock,
        VotingPowerEmaAlpha, VotingPowerTrackingEnabled,
    },
    subnets::{now, SubnetRegistry},
};

/// Result of an epoch for one neuron.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing<'a, AccountId> {
    /// The neuron.
    pub hotkey: &'a AccountId,
    /// Its stake weight, in rao; 0 below the stake threshold.
    pub stake: u64,
    /// Whether it may validate from now on.
    pub permit: bool,
}

/// Owner of [`VotingPower`], [`TotalVotingPower`], [`VotingPowerTrackingEnabled`], [`VotingPowerDisableAtBlock`] and
/// [`VotingPowerEmaAlpha`].
///
/// Invariants: the total of a subnet is the sum of its entries; a subnet without tracking has none.
pub struct VotingPowers<T>(PhantomData<T>);

impl<T: Config> VotingPowers<T> {
    /// Voting power of a hotkey on a subnet, in rao.
    pub fn of(netuid: NetUid, hotkey: &T::AccountId) -> u64 {
        VotingPower::<T>::get(netuid, hotkey)
    }

    /// Whether epochs of a subnet track voting power.
    pub fn is_tracked(netuid: NetUid) -> bool {
        VotingPowerTrackingEnabled::<T>::get(netuid)
    }

    /// `enable_voting_power_tracking`: begins to track, or cancels a scheduled end of tracking.
    pub fn enable(origin: OriginFor<T>, netuid: NetUid) -> DispatchResult {
        Self::authorise(origin, netuid)?;
        VotingPowerTrackingEnabled::<T>::insert(netuid, true);
        VotingPowerDisableAtBlock::<T>::remove(netuid);
        Pallet::<T>::deposit_event(Event::VotingPowerTrackingEnabled { netuid });
        Ok(())
    }

    /// `disable_voting_power_tracking`: ends tracking with the first epoch after 100,800 blocks.
    pub fn disable(origin: OriginFor<T>, netuid: NetUid) -> DispatchResult {
        Self::authorise(origin, netuid)?;
        ensure!(Self::is_tracked(netuid), Error::<T>::VotingPowerTrackingNotEnabled);
        let disable_at_block = now::<T>().saturating_add(TRACKING_GRACE);
        VotingPowerDisableAtBlock::<T>::insert(netuid, disable_at_block);
        Pallet::<T>::deposit_event(Event::VotingPowerTrackingDisableScheduled { netuid, disable_at_block });
        Ok(())
    }

    /// `sudo_set_voting_power_ema_alpha`: sets the speed at which power follows stake, 10¹⁸ = at once.
    pub fn set_ema_alpha(netuid: NetUid, alpha: u64) -> DispatchResult {
        const ALPHA: &Parameter = row("VotingPowerEmaAlpha");
        SubnetRegistry::<T>::ensure_exists(netuid)?;
        let fits = ALPHA.check(alpha.into(), Caller::Root).is_ok();
        ensure!(fits, Error::<T>::InvalidVotingPowerEmaAlpha);
        VotingPowerEmaAlpha::<T>::insert(netuid, alpha);
        Pallet::<T>::deposit_event(Event::VotingPowerEmaAlphaSet { netuid, alpha });
        Ok(())
    }

    /// Follows an epoch: the power of validators moves, that of all others is removed. At most as many entries are left
    /// as the subnet has neurons.
    pub(crate) fn follow_epoch(
        netuid: NetUid,
        neurons: &[Standing<'_, T::AccountId>],
        threshold: u64,
        now: Block,
    ) {
        if !Self::is_tracked(netuid) {
            return;
        }
        let end = VotingPowerDisableAtBlock::<T>::get(netuid);
        if end != 0 && now >= end {
            Self::forget_subnet(netuid);
            Pallet::<T>::deposit_event(Event::VotingPowerTrackingDisabled { netuid });
            return;
        }
        let alpha = VotingPowerEmaAlpha::<T>::get(netuid);
        let mut total = 0u64;
        let mut powerful = BTreeSet::new();
        for Standing { hotkey, stake, .. } in neurons.iter().filter(|neuron| neuron.permit) {
            if let Some(power) = next_power(Self::of(netuid, hotkey), *stake, alpha, threshold) {
                VotingPower::<T>::insert(netuid, hotkey, power);
                total = total.saturating_add(power);
                powerful.insert(*hotkey);
            }
        }
        let gone: alloc::vec::Vec<_> =
            VotingPower::<T>::iter_key_prefix(netuid).filter(|hotkey| !powerful.contains(hotkey)).collect();
        for hotkey in gone {
            VotingPower::<T>::remove(netuid, hotkey);
        }
        TotalVotingPower::<T>::insert(netuid, total);
    }

    /// Adds the power of a hotkey to that of its successor.
    pub(crate) fn swap_hotkey(netuid: NetUid, old: &T::AccountId, new: &T::AccountId) {
        let power = VotingPower::<T>::take(netuid, old);
        if power > 0 {
            VotingPower::<T>::mutate(netuid, new, |sum| *sum = sum.saturating_add(power));
        }
    }

    /// Ends tracking on a subnet and removes all power there.
    pub(crate) fn forget_subnet(netuid: NetUid) {
        // As many entries as neurons, see `follow_epoch`.
        let _ = VotingPower::<T>::clear_prefix(netuid, u32::MAX, None);
        TotalVotingPower::<T>::remove(netuid);
        VotingPowerTrackingEnabled::<T>::remove(netuid);
        VotingPowerDisableAtBlock::<T>::remove(netuid);
    }

    fn authorise(origin: OriginFor<T>, netuid: NetUid) -> DispatchResult {
        SubnetRegistry::<T>::ensure_exists(netuid)?;
        if ensure_root(origin.clone()).is_err() {
            SubnetRegistry::<T>::authorise_owner(origin, netuid)?;
        }
        Ok(())
    }
}
