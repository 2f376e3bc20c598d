//! Nominations too small to be worth keeping.

use frame_support::{pallet_prelude::*, storage::with_storage_layer};
use myelin_economy::pool::Terms;
use myelin_units::{NetUid, TaoBalance};

use super::StakeLedger;
use crate::{
    keys::KeyOwnership,
    ledger::TaoLedger,
    pallet::{Config, NominatorMinRequiredStake},
    pools::PoolReserves,
    types::MIN_STAKE,
};

/// `NominatorMinRequiredStake` is in millionths of the smallest stake.
const MILLION: u128 = 1_000_000;

impl<T: Config> StakeLedger<T> {
    /// Smallest nomination in TAO; 0 = no limit.
    pub fn smallest_nomination() -> TaoBalance {
        let factor = u128::from(NominatorMinRequiredStake::<T>::get());
        let rao = factor.saturating_mul(MIN_STAKE.to_rao().into()).checked_div(MILLION).unwrap_or(0);
        TaoBalance::from_rao(u64::try_from(rao).unwrap_or(u64::MAX))
    }

    /// Unstakes what a nominator has left if it became too small. The hotkey's owner may keep any amount. What can't be sold stays.
    ///
    /// When root raises the limit, nominations below it are swept one by one as they are touched, so that no block has unlimited work.
    pub(super) fn sweep_small_nomination(coldkey: &T::AccountId, hotkey: &T::AccountId, netuid: NetUid) {
        let smallest = Self::smallest_nomination();
        if smallest.is_zero() || KeyOwnership::<T>::owner_of(hotkey).as_ref() == Some(coldkey) {
            return;
        }
        let held = Self::alpha_of(hotkey, coldkey, netuid);
        if held.is_zero() || PoolReserves::<T>::value_at_spot(netuid, held) >= smallest {
            return;
        }
        let swept = with_storage_layer(|| -> DispatchResult {
            let tao = Self::unstake_and_sell(coldkey, hotkey, netuid, held, Terms::FREE)?;
            TaoLedger::<T>::pay_from_subnet(netuid, coldkey, tao)
        });
        log::debug!(target: "network", "sweeping a nomination on subnet {netuid}: {swept:?}");
    }
}
