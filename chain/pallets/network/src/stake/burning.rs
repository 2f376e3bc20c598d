//! Alpha that its holder destroys: recycled, so that it may be minted again, or burned, so that it counts as
//! outstanding for ever.

use frame_support::pallet_prelude::*;
use myelin_units::{AlphaBalance, NetUid, TaoBalance, ROOT};

use super::{StakeLedger, TradeLimit};
use crate::{
    keys::KeyOwnership,
    locks::Locks,
    pallet::{Config, Error, Event, Pallet},
    pools::PoolReserves,
    subnets::SubnetRegistry,
};

impl<T: Config> StakeLedger<T> {
    /// `recycle_alpha`: the holder's alpha disappears and the supply falls.
    pub fn recycle(
        coldkey: T::AccountId,
        hotkey: T::AccountId,
        amount: AlphaBalance,
        netuid: NetUid,
    ) -> DispatchResult {
        Self::destroy(&coldkey, &hotkey, amount, netuid)?;
        PoolReserves::<T>::recycle_out(netuid, amount);
        Pallet::<T>::deposit_event(Event::AlphaRecycled(coldkey, hotkey, amount, netuid));
        Ok(())
    }

    /// `burn_alpha`: the holder's alpha disappears and the supply stays.
    pub fn burn(
        coldkey: T::AccountId,
        hotkey: T::AccountId,
        amount: AlphaBalance,
        netuid: NetUid,
    ) -> DispatchResult {
        Self::destroy(&coldkey, &hotkey, amount, netuid)?;
        PoolReserves::<T>::burn_out(netuid, amount);
        Pallet::<T>::deposit_event(Event::AlphaBurned(coldkey, hotkey, amount, netuid));
        Ok(())
    }

    /// `add_stake_burn`: buys alpha, up to a price if one is given, and burns it.
    pub fn stake_and_burn(
        coldkey: T::AccountId,
        hotkey: T::AccountId,
        netuid: NetUid,
        amount: TaoBalance,
        limit: Option<TaoBalance>,
    ) -> DispatchResult {
        ensure!(netuid != ROOT, Error::<T>::CannotBurnOrRecycleOnRootSubnet);
        let limit = limit.map(|price| TradeLimit { price: price.to_rao(), partial: false });
        let bought = Self::buy(&coldkey, &hotkey, netuid, amount, limit)?;
        // The bought alpha may be worth a rao less as a holding.
        let alpha = bought.min(Self::alpha_of(&hotkey, &coldkey, netuid));
        Self::burn(coldkey, hotkey.clone(), alpha, netuid)?;
        Pallet::<T>::deposit_event(Event::AddStakeBurn { netuid, hotkey, amount, alpha });
        Ok(())
    }

    fn destroy(
        coldkey: &T::AccountId,
        hotkey: &T::AccountId,
        amount: AlphaBalance,
        netuid: NetUid,
    ) -> DispatchResult {
        SubnetRegistry::<T>::ensure_exists(netuid)?;
        ensure!(netuid != ROOT, Error::<T>::CannotBurnOrRecycleOnRootSubnet);
        KeyOwnership::<T>::ensure_exists(hotkey)?;
        ensure!(!amount.is_zero(), Error::<T>::AmountTooLow);
        ensure!(Self::alpha_of(hotkey, coldkey, netuid) >= amount, Error::<T>::NotEnoughStakeToWithdraw);
        Locks::<T>::ensure_free(coldkey, netuid, amount)?;
        Self::decrease(hotkey, coldkey, netuid, amount)?;
        Locks::<T>::fit_to_holdings(coldkey, netuid);
        Ok(())
    }
}
