//! Rules of a change of a setting: the caller, the time and the values.

use frame_support::pallet_prelude::*;
use frame_system::{ensure_root, pallet_prelude::*};
use myelin_economy::params::{row, Caller, Parameter, ParameterError, Value};
use myelin_units::{MechId, NetUid};
use pallet_network::{
    subnets::{RateLimits, Setter, SubnetRegistry},
    Error as NetworkError, LiquidAlphaOn, MaxAllowedUids, MaxMechanismCount, MechanismCountCurrent,
    MinAllowedUids, SubnetworkN,
};

use crate::pallet::{Config, Error, Pallet};

/// Most neurons over all mechanisms of a subnet.
const MAX_UIDS: u16 = row("MaxAllowedUids").root_range.1 as u16;

impl<T: Config> Pallet<T> {
    /// Checks that root asks and the subnet exists.
    pub(crate) fn root_on(origin: OriginFor<T>, netuid: NetUid) -> DispatchResult {
        ensure_root(origin)?;
        SubnetRegistry::<T>::ensure_exists(netuid)?;
        Ok(())
    }

    /// Sets a value of the whole network for root, within root's range.
    pub(crate) fn set_network<V: Value>(
        origin: OriginFor<T>,
        parameter: &Parameter,
        value: V,
        write: impl FnOnce(V),
    ) -> DispatchResult {
        ensure_root(origin)?;
        Self::ensure_in_range(parameter, value.raw(), Caller::Root)?;
        write(value);
        Ok(())
    }

    /// Sets a value of a subnet for a caller that the table allows, within the range and after the cool-down of the
    /// table.
    pub(crate) fn set<V: Value>(
        origin: OriginFor<T>,
        netuid: NetUid,
        parameter: &Parameter,
        value: V,
        write: impl FnOnce(NetUid, V),
    ) -> DispatchResult {
        Self::set_if(origin, netuid, parameter, value, |_| Ok(()), write)
    }

    /// [`Self::set`] for a value that must also fit others of the subnet.
    pub(crate) fn set_if<V: Value>(
        origin: OriginFor<T>,
        netuid: NetUid,
        parameter: &Parameter,
        value: V,
        fits: impl FnOnce(Setter) -> DispatchResult,
        write: impl FnOnce(NetUid, V),
    ) -> DispatchResult {
        let setter = RateLimits::<T>::authorise_parameter(origin, netuid, parameter)?;
        let caller = match setter {
            Setter::Root => Caller::Root,
            Setter::Owner => Caller::Owner,
        };
        Self::ensure_in_range(parameter, value.raw(), caller)?;
        fits(setter)?;
        write(netuid, value);
        RateLimits::<T>::record_parameter(setter, netuid, parameter);
        Ok(())
    }

    /// Makes a hotkey the owner's hotkey, as `SubnetRegistry` allows it.
    pub(crate) fn set_owner_hotkey(
        origin: OriginFor<T>,
        netuid: NetUid,
        hotkey: T::AccountId,
    ) -> DispatchResult {
        let setter = RateLimits::<T>::authorise(origin, netuid)?;
        SubnetRegistry::<T>::set_owner_hotkey(setter, netuid, hotkey)
    }

    /// Checks the range of the table; the error has the official name.
    fn ensure_in_range(parameter: &Parameter, value: i128, caller: Caller) -> DispatchResult {
        let Err(refusal) = parameter.check(value, caller) else { return Ok(()) };
        let too_small = matches!(refusal, ParameterError::TooSmall { .. });
        Err(match parameter.name {
            "BondsMovingAverage" => Error::<T>::BondsMovingAverageMaxReached.into(),
            "AlphaSigmoidSteepness" => Error::<T>::NegativeSigmoidSteepness.into(),
            "MaxAllowedUids" => Error::<T>::MaxAllowedUidsGreaterThanDefaultMaxAllowedUids.into(),
            "ActivityCutoffFactorMilli" => NetworkError::<T>::ActivityCutoffFactorMilliOutOfBounds.into(),
            "MechanismCountCurrent" => NetworkError::<T>::InvalidValue.into(),
            "AlphaValues.high" => NetworkError::<T>::AlphaHighTooLow.into(),
            "AlphaValues.low" => NetworkError::<T>::AlphaLowOutOfRange.into(),
            "RevealPeriodEpochs" if too_small => NetworkError::<T>::RevealPeriodTooSmall.into(),
            "RevealPeriodEpochs" => NetworkError::<T>::RevealPeriodTooLarge.into(),
            _ => Error::<T>::ValueNotInBounds.into(),
        })
    }

    /// Refuses a value that does not fit others of the subnet.
    pub(crate) fn ensure_fits(fits: bool) -> DispatchResult {
        ensure!(fits, Error::<T>::ValueNotInBounds);
        Ok(())
    }

    /// Refuses more validators than neurons.
    pub(crate) fn ensure_room(validators: u16, uids: u16) -> DispatchResult {
        ensure!(validators <= uids, Error::<T>::MaxValidatorsLargerThanMaxUIds);
        Ok(())
    }

    /// Requires that liquid alpha is on, and that its lower bound is in range and not above the upper one.
    pub(crate) fn check_alpha_low(netuid: NetUid, low: u16, high: u16) -> DispatchResult {
        ensure!(LiquidAlphaOn::<T>::get(netuid), NetworkError::<T>::LiquidAlphaDisabled);
        Self::ensure_in_range(const { row("AlphaValues.low") }, low.raw(), Caller::Root)?;
        ensure!(low <= high, NetworkError::<T>::AlphaLowOutOfRange);
        Ok(())
    }

    /// Requires that a minimum of neurons is below the present limit, and below the number of neurons.
    pub(crate) fn check_min_allowed_uids(netuid: NetUid, least: u16) -> DispatchResult {
        let limit = MaxAllowedUids::<T>::get(netuid);
        ensure!(least < limit, Error::<T>::MinAllowedUidsGreaterThanMaxAllowedUids);
        let count = SubnetworkN::<T>::get(netuid);
        ensure!(least < count, Error::<T>::MinAllowedUidsGreaterThanCurrentUids);
        Ok(())
    }

    /// Requires that a limit of neurons is at least the number and the minimum of neurons, and at most 256 over all
    /// mechanisms.
    pub(crate) fn check_max_allowed_uids(netuid: NetUid, limit: u16) -> DispatchResult {
        ensure!(limit >= SubnetworkN::<T>::get(netuid), Error::<T>::MaxAllowedUIdsLessThanCurrentUIds);
        ensure!(limit >= MinAllowedUids::<T>::get(netuid), Error::<T>::MaxAllowedUidsLessThanMinAllowedUids);
        Self::check_capacity(MechanismCountCurrent::<T>::get(netuid), limit)
    }

    /// Requires at most `MaxMechanismCount` mechanisms, and at most 256 neurons over all of them.
    pub(crate) fn check_mechanism_count(netuid: NetUid, count: MechId) -> DispatchResult {
        ensure!(count <= MaxMechanismCount::<T>::get(), NetworkError::<T>::InvalidValue);
        Self::check_capacity(count, MaxAllowedUids::<T>::get(netuid))
    }

    /// Requires at most one share per mechanism and a sum of 65535.
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
