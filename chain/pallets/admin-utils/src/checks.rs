//! Who may change a setting, when, and to which values.

use frame_support::{pallet_prelude::*, traits::Get};
use frame_system::{ensure_root, pallet_prelude::*};
use myelin_economy::params::{self, Caller};
use myelin_units::{Block, MechId, NetUid};
use pallet_network::{
    subnets::{RateLimits, Setter, SubnetRegistry},
    types::{Hyperparameter, TransactionType},
    Error as NetworkError, MaxAllowedUids, MaxMechanismCount, MechanismCountCurrent, MinAllowedUids,
    SubnetworkN, Tempo,
};

use crate::pallet::{Config, Error, Pallet};

/// Slowest speed of bonds with liquid alpha: ⌊65535/40⌋.
pub(crate) const MIN_LIQUID_ALPHA: u16 = 1638;
/// Most epochs between commit and reveal.
pub(crate) const MAX_REVEAL_PERIOD: u64 = 100;
/// Most neurons over all mechanisms of a subnet.
const MAX_UIDS: u16 = 256;

/// What any call of this pallet costs.
pub(crate) fn change_weight<T: Config>() -> Weight {
    T::DbWeight::get().reads_writes(8, 3).saturating_add(Weight::from_parts(20_000_000, 0))
}

impl<T: Config> Pallet<T> {
    /// Checks that root asks and the subnet exists.
    pub(crate) fn root_on(origin: OriginFor<T>, netuid: NetUid) -> DispatchResult {
        ensure_root(origin)?;
        SubnetRegistry::<T>::ensure_exists(netuid)?;
        Ok(())
    }

    /// Sets a value of the whole network for root.
    pub(crate) fn set_network<V>(origin: OriginFor<T>, value: V, set: impl FnOnce(V)) -> DispatchResult {
        ensure_root(origin)?;
        set(value);
        Ok(())
    }

    /// Sets a hyperparameter that only root sets.
    pub(crate) fn set_as_root<V>(
        origin: OriginFor<T>,
        netuid: NetUid,
        value: V,
        set: impl FnOnce(NetUid, V),
    ) -> DispatchResult {
        Self::root_on(origin, netuid)?;
        set(netuid, value);
        Ok(())
    }

    /// Sets a switch or a choice for root or the owner.
    pub(crate) fn set_switch<V>(
        origin: OriginFor<T>,
        netuid: NetUid,
        parameter: Hyperparameter,
        value: V,
        set: impl FnOnce(NetUid, V),
    ) -> DispatchResult {
        Self::change(origin, netuid, parameter, || {
            set(netuid, value);
            Ok(())
        })
    }

    /// Sets a number for root or the owner, who is bound by the range that the parameter table gives for this call.
    pub(crate) fn set_number<V: Copy + Into<i128>>(
        origin: OriginFor<T>,
        netuid: NetUid,
        (parameter, call): (Hyperparameter, &str),
        value: V,
        set: impl FnOnce(NetUid, V),
    ) -> DispatchResult {
        Self::set_bound(origin, netuid, (parameter, call), value, |_| true, set)
    }

    /// [`Self::set_number`], where the owner is also bound by another value of the subnet: `fits` says whether the number goes with it.
    pub(crate) fn set_bound<V: Copy + Into<i128>>(
        origin: OriginFor<T>,
        netuid: NetUid,
        (parameter, call): (Hyperparameter, &str),
        value: V,
        fits: impl FnOnce(V) -> bool,
        set: impl FnOnce(NetUid, V),
    ) -> DispatchResult {
        let setter = RateLimits::<T>::authorise_change(origin, netuid, parameter)?;
        Self::ensure_in_range(parameter, (call, value.into()), setter)?;
        ensure!(setter == Setter::Root || fits(value), Error::<T>::ValueNotInBounds);
        set(netuid, value);
        RateLimits::<T>::record_change(setter, netuid, parameter);
        Ok(())
    }

    /// Changes a hyperparameter for root or the owner; `write` checks the value and writes it.
    pub(crate) fn change(
        origin: OriginFor<T>,
        netuid: NetUid,
        parameter: Hyperparameter,
        write: impl FnOnce() -> DispatchResult,
    ) -> DispatchResult {
        let setter = RateLimits::<T>::authorise_change(origin, netuid, parameter)?;
        write()?;
        RateLimits::<T>::record_change(setter, netuid, parameter);
        Ok(())
    }

    /// Does what root may do at any time and the owner once per `wait` blocks.
    pub(crate) fn action(
        origin: OriginFor<T>,
        netuid: NetUid,
        action: TransactionType,
        wait: Block,
        write: impl FnOnce() -> DispatchResult,
    ) -> DispatchResult {
        let setter = RateLimits::<T>::authorise_action(origin, netuid, action, wait)?;
        write()?;
        RateLimits::<T>::record_action(setter, netuid, action);
        Ok(())
    }

    /// Blocks in this many tempos of a subnet.
    pub(crate) fn tempos(netuid: NetUid, count: u64) -> Block {
        count.saturating_mul(Tempo::<T>::get(netuid).into())
    }

    /// A parameter that the table does not list has the range of its type.
    fn ensure_in_range(
        parameter: Hyperparameter,
        (call, value): (&str, i128),
        setter: Setter,
    ) -> DispatchResult {
        let caller = match setter {
            Setter::Root => Caller::Root,
            Setter::Owner => Caller::Owner,
        };
        match params::find(call).map(|row| row.check(value, caller)) {
            None | Some(Ok(())) => Ok(()),
            Some(Err(_)) => Err(match parameter {
                Hyperparameter::BondsMovingAverage => Error::<T>::BondsMovingAverageMaxReached.into(),
                Hyperparameter::AlphaSigmoidSteepness => Error::<T>::NegativeSigmoidSteepness.into(),
                Hyperparameter::ActivityCutoffFactorMilli => {
                    NetworkError::<T>::ActivityCutoffFactorMilliOutOfBounds.into()
                }
                _ => Error::<T>::ValueNotInBounds.into(),
            }),
        }
    }

    /// A limit of neurons is at least what the subnet has and its minimum, and at most 256 over all mechanisms.
    pub(crate) fn check_max_allowed_uids(netuid: NetUid, limit: u16) -> DispatchResult {
        ensure!(limit >= SubnetworkN::<T>::get(netuid), Error::<T>::MaxAllowedUIdsLessThanCurrentUIds);
        ensure!(limit >= MinAllowedUids::<T>::get(netuid), Error::<T>::MaxAllowedUidsLessThanMinAllowedUids);
        ensure!(limit <= MAX_UIDS, Error::<T>::MaxAllowedUidsGreaterThanDefaultMaxAllowedUids);
        Self::check_capacity(MechanismCountCurrent::<T>::get(netuid), limit)
    }

    /// A subnet has at least one mechanism, at most `MaxMechanismCount`, and at most 256 neurons over all of them.
    pub(crate) fn check_mechanism_count(netuid: NetUid, count: MechId) -> DispatchResult {
        let legal = 1..=MaxMechanismCount::<T>::get();
        ensure!(legal.contains(&count), NetworkError::<T>::InvalidValue);
        Self::check_capacity(count, MaxAllowedUids::<T>::get(netuid))
    }

    /// Shares name at most one entry per mechanism and add up to 65535.
    pub(crate) fn check_emission_split(netuid: NetUid, shares: Option<&[u16]>) -> DispatchResult {
        let Some(shares) = shares else { return Ok(()) };
        let count = usize::from(MechanismCountCurrent::<T>::get(netuid));
        let total: u64 = shares.iter().copied().map(u64::from).sum();
        ensure!(
            !shares.is_empty() && shares.len() <= count && total == u64::from(u16::MAX),
            NetworkError::<T>::InvalidValue
        );
        Ok(())
    }

    fn check_capacity(mechanisms: MechId, uids: u16) -> DispatchResult {
        let slots = u32::from(mechanisms).saturating_mul(uids.into());
        ensure!(slots <= u32::from(MAX_UIDS), NetworkError::<T>::TooManyUIDsPerMechanism);
        Ok(())
    }
}
