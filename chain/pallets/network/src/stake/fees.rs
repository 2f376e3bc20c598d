//! Transaction fees from stake: a signer that moves stake and holds no TAO pays with the moved stake.

use frame_support::{pallet_prelude::*, storage::with_storage_layer};
use myelin_economy::pool::{Side, Terms};
use myelin_units::{AlphaBalance, TaoBalance};

use super::{StakeLedger, StakePosition};
use crate::{
    costs::{self, Signer},
    ledger::{TaoCredit, TaoLedger},
    locks::Locks,
    pallet::{AlphaV2, Call, Config, Error, Event, Pallet},
    pools::PoolReserves,
    subnets::SubnetRegistry,
};

/// Holdings that are read at a time to decide whether a fee can be paid from stake. A refused signer pays nothing for
/// these reads, so they are few.
pub const GLANCE: usize = 4;

impl<T: Config> StakeLedger<T> {
    /// Position from which a call takes stake of its signer. `None` if it takes none or, as far as the first few
    /// holdings show, some from several subnets.
    pub fn source(coldkey: &T::AccountId, call: &Call<T>) -> Option<StakePosition<T::AccountId>> {
        let (hotkey, netuid) = match call {
            Call::remove_stake { hotkey, netuid, .. }
            | Call::remove_stake_limit { hotkey, netuid, .. }
            | Call::remove_stake_full_limit { hotkey, netuid, .. }
            | Call::recycle_alpha { hotkey, netuid, .. }
            | Call::burn_alpha { hotkey, netuid, .. } => (hotkey, *netuid),
            Call::move_stake { origin_hotkey, origin_netuid, .. }
            | Call::transfer_stake_and_hotkey { origin_hotkey, origin_netuid, .. }
            | Call::transfer_stake_limit { origin_hotkey, origin_netuid, .. }
            | Call::move_stake_limit { origin_hotkey, origin_netuid, .. } => (origin_hotkey, *origin_netuid),
            Call::transfer_stake { hotkey, origin_netuid, .. }
            | Call::swap_stake { hotkey, origin_netuid, .. }
            | Call::swap_stake_limit { hotkey, origin_netuid, .. } => (hotkey, *origin_netuid),
            Call::unstake_all { hotkey } | Call::unstake_all_alpha { hotkey } => {
                let holdings = AlphaV2::<T>::iter_key_prefix((hotkey, coldkey)).take(GLANCE);
                let mut held = holdings.filter(|netuid| SubnetRegistry::<T>::exists(*netuid));
                match (held.next(), held.next()) {
                    (Some(netuid), None) => (hotkey, netuid),
                    _ => return None,
                }
            }
            _ => return None,
        };
        Some(StakePosition { coldkey: coldkey.clone(), hotkey: hotkey.clone(), netuid })
    }

    /// Alpha that pays a fee: worth the fee at the price that a sale meets now, rounded up.
    ///
    /// Refused if the coldkey has less unlocked alpha there, as far as the first few holdings show
    /// ([`Locks::ensure_surely_free`]), or if it can't be sold. The sale moves the price, so it yields slightly less
    /// than the fee.
    pub fn check_fee(
        StakePosition { coldkey, hotkey, netuid }: &StakePosition<T::AccountId>,
        fee: TaoBalance,
    ) -> Result<AlphaBalance, DispatchError> {
        SubnetRegistry::<T>::ensure_tradable(*netuid)?;
        let market = PoolReserves::<T>::market_for(*netuid, Side::Sell);
        let alpha = market.alpha_worth(fee).ok_or(Error::<T>::InsufficientLiquidity)?;
        let held = Self::alpha_of(hotkey, coldkey, *netuid);
        ensure!(alpha <= held, Error::<T>::NotEnoughStakeToWithdraw);
        Locks::<T>::ensure_surely_free(coldkey, hotkey, *netuid, alpha)?;
        let trade = PoolReserves::<T>::simulate_sell(*netuid, alpha, Terms::FREE)?;
        ensure!(trade.consumed() == alpha && !trade.amount_out.is_zero(), Error::<T>::InsufficientLiquidity);
        Ok(alpha)
    }

    /// Sells alpha for a fee, without a fee of the swap, and hands the TAO to the caller.
    pub fn pay_fee(
        position: &StakePosition<T::AccountId>,
        fee: TaoBalance,
    ) -> Result<TaoCredit<T>, DispatchError> {
        let StakePosition { coldkey, hotkey, netuid } = position;
        with_storage_layer(|| {
            let alpha = Self::check_fee(position, fee)?;
            let trade = PoolReserves::<T>::sell(*netuid, alpha, Terms::FREE)?;
            Self::decrease(hotkey, coldkey, *netuid, trade.consumed())?;
            Locks::<T>::fit_to_holdings(coldkey, *netuid);
            let paid = TaoLedger::<T>::withdraw(*netuid, trade.amount_out)?;
            Pallet::<T>::deposit_event(Event::TransactionFeePaidWithAlpha {
                who: coldkey.clone(),
                netuid: *netuid,
                alpha_fee: alpha,
                tao_amount: trade.amount_out,
            });
            Ok(paid)
        })
    }

    /// Cost of [`Self::source`] and [`Self::pay_fee`].
    pub fn fee_cost(position: &StakePosition<T::AccountId>) -> Weight {
        costs::fee_from_stake::<T>(position.netuid, Signer::anywhere::<T>(&position.coldkey))
    }
}
