//! Staking and unstaking: TAO to alpha and back through the pool.

use alloc::vec::Vec;
use frame_support::{dispatch::WithPostDispatchInfo, pallet_prelude::*, storage::with_storage_layer};
use myelin_economy::{
    dust,
    pool::{Fee, Market, Terms, Trade},
};
use myelin_units::{AlphaBalance, NetUid, TaoBalance, ROOT};

use super::{Delegation, StakeLedger};
use crate::{
    costs::{self, Signer},
    keys::KeyOwnership,
    ledger::TaoLedger,
    locks::Locks,
    pallet::{Config, Error, Event, Pallet},
    pools::PoolReserves,
    subnets::SubnetRegistry,
};

/// TAO for alpha.
pub(super) type Purchase = Trade<TaoBalance, AlphaBalance>;
/// Alpha for TAO.
pub(super) type Sale = Trade<AlphaBalance, TaoBalance>;

/// Limit of a trade on the price.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TradeLimit {
    /// Last acceptable price, in rao of TAO per alpha.
    pub price: u64,
    /// Whether to trade as much as the price allows instead of refusing.
    pub partial: bool,
}

impl<T: Config> StakeLedger<T> {
    /// `add_stake` and `add_stake_limit`: buys alpha with free TAO and stakes it on a hotkey.
    pub fn stake(
        coldkey: T::AccountId,
        hotkey: T::AccountId,
        netuid: NetUid,
        offered: TaoBalance,
        limit: Option<TradeLimit>,
    ) -> DispatchResult {
        Self::buy(&coldkey, &hotkey, netuid, offered, limit).map(|_| ())
    }

    /// Buys alpha with free TAO, stakes it, and returns the amount.
    pub(super) fn buy(
        coldkey: &T::AccountId,
        hotkey: &T::AccountId,
        netuid: NetUid,
        offered: TaoBalance,
        limit: Option<TradeLimit>,
    ) -> Result<AlphaBalance, DispatchError> {
        let (mut amount, mut trade) = Self::check_stake(coldkey, hotkey, netuid, offered, limit)?;
        let simulate =
            |amount| PoolReserves::<T>::simulate_buy(netuid, amount, Self::stake_terms(netuid, limit));
        // The account stays open, so slightly less may be left to stake.
        let spendable = TaoLedger::<T>::spendable(coldkey);
        if spendable < amount {
            (amount, trade) = (spendable, simulate(spendable)?);
        }
        let paid = trade.consumed();
        if paid != amount {
            trade = simulate(paid)?;
        }
        TaoLedger::<T>::pay_to_subnet(coldkey, netuid, paid)?;
        Self::stake_bought(coldkey, hotkey, netuid, paid, trade)
    }

    /// Checks everything that `add_stake` requires; returns the amount that the limit permits, and its trade.
    fn check_stake(
        coldkey: &T::AccountId,
        hotkey: &T::AccountId,
        netuid: NetUid,
        offered: TaoBalance,
        limit: Option<TradeLimit>,
    ) -> Result<(TaoBalance, Purchase), DispatchError> {
        SubnetRegistry::<T>::ensure_tradable(netuid)?;
        let fee = Self::trade_fee(netuid);
        ensure!(offered >= dust::smallest_offer(fee), Error::<T>::AmountTooLow);
        let amount = match limit {
            None => offered,
            Some(limit) => {
                let most = PoolReserves::<T>::max_buy(netuid, limit.price, fee)?;
                Self::within(offered, most, limit.partial)?
            }
        };
        ensure!(TaoLedger::<T>::free(coldkey) >= amount, Error::<T>::NotEnoughBalanceToStake);
        KeyOwnership::<T>::ensure_exists(hotkey)?;
        Self::ensure_listable(coldkey, hotkey)?;
        let trade = PoolReserves::<T>::simulate_buy(netuid, amount, Self::stake_terms(netuid, limit))?;
        ensure!(dust::is_stake(trade.amount_in), Error::<T>::AmountTooLow);
        ensure!(Self::would_hold(hotkey, netuid, trade.amount_out), Error::<T>::InsufficientLiquidity);
        Ok((amount, trade))
    }

    /// `remove_stake` and `remove_stake_limit`: sells alpha of a hotkey and frees the TAO. An amount above the stake
    /// means all of it.
    pub fn unstake(
        coldkey: T::AccountId,
        hotkey: T::AccountId,
        netuid: NetUid,
        wanted: AlphaBalance,
        limit: Option<TradeLimit>,
    ) -> DispatchResult {
        Self::unstake_position(&coldkey, &hotkey, netuid, wanted, limit)?;
        Delegation::<T>::stake_removed(&hotkey);
        Ok(())
    }

    fn unstake_position(
        coldkey: &T::AccountId,
        hotkey: &T::AccountId,
        netuid: NetUid,
        wanted: AlphaBalance,
        limit: Option<TradeLimit>,
    ) -> DispatchResult {
        let sale = Self::check_unstake(coldkey, hotkey, netuid, wanted, limit)?;
        let tao = Self::unstake_and_sell(coldkey, hotkey, netuid, sale)?;
        TaoLedger::<T>::pay_from_subnet(netuid, coldkey, tao)?;
        Self::sweep_small_nomination(coldkey, hotkey, netuid);
        Ok(())
    }

    /// Checks everything that `remove_stake` requires; returns the sale of the amount that stake and limit permit.
    fn check_unstake(
        coldkey: &T::AccountId,
        hotkey: &T::AccountId,
        netuid: NetUid,
        wanted: AlphaBalance,
        limit: Option<TradeLimit>,
    ) -> Result<Sale, DispatchError> {
        SubnetRegistry::<T>::ensure_tradable(netuid)?;
        KeyOwnership::<T>::ensure_exists(hotkey)?;
        let held = Self::alpha_of(hotkey, coldkey, netuid);
        ensure!(!held.is_zero(), Error::<T>::NotEnoughStakeToWithdraw);
        let capped = wanted.min(held);
        ensure!(!capped.is_zero(), Error::<T>::AmountTooLow);
        let amount = match limit {
            None => capped,
            Some(limit) => {
                let most = PoolReserves::<T>::max_sell(netuid, limit.price, Self::trade_fee(netuid))?;
                Self::within(capped, most, limit.partial)?
            }
        };
        Locks::<T>::ensure_free(coldkey, netuid, amount)?;
        let trade = PoolReserves::<T>::simulate_sell(netuid, amount, Self::stake_terms(netuid, limit))?;
        let leaves_all = trade.consumed() == held;
        ensure!(dust::may_be_sold(trade.amount_out, leaves_all), Error::<T>::AmountTooLow);
        Ok(trade)
    }

    /// `remove_stake_full_limit`: unstakes everything on a hotkey on a subnet, or nothing if the price would fall below
    /// the limit.
    pub fn unstake_all_on(
        coldkey: T::AccountId,
        hotkey: T::AccountId,
        netuid: NetUid,
        limit: Option<u64>,
    ) -> DispatchResult {
        let all = Self::alpha_of(&hotkey, &coldkey, netuid);
        let limit = limit.map(|price| TradeLimit { price, partial: false });
        Self::unstake(coldkey, hotkey, netuid, all, limit)
    }

    /// `unstake_all`: unstakes everything on a hotkey from every subnet, and returns the cost. Stake that is locked or
    /// can't be sold now stays, and so does stake beyond the most sales of one call.
    pub fn unstake_everywhere(coldkey: T::AccountId, hotkey: T::AccountId) -> DispatchResultWithPostInfo {
        KeyOwnership::<T>::ensure_exists(&hotkey).map_err(|error| error.with_weight(costs::small::<T>()))?;
        let positions = Self::positions(&coldkey, &hotkey);
        let cost = costs::unstaked::<T>(positions.len() as u64, Signer::anywhere::<T>(&coldkey));
        for (netuid, amount) in positions {
            let outcome =
                with_storage_layer(|| Self::unstake_position(&coldkey, &hotkey, netuid, amount, None));
            log::debug!(target: "network", "unstake_all on subnet {netuid}: {outcome:?}");
        }
        let cost = cost.saturating_add(costs::stake_removed::<T>(&hotkey));
        Delegation::<T>::stake_removed(&hotkey);
        Ok(Some(cost).into())
    }

    /// `unstake_all_alpha`: sells all alpha on a hotkey and stakes the TAO on root with the same hotkey; as
    /// [`Self::unstake_everywhere`].
    pub fn move_everything_to_root(
        coldkey: T::AccountId,
        hotkey: T::AccountId,
    ) -> DispatchResultWithPostInfo {
        KeyOwnership::<T>::ensure_exists(&hotkey).map_err(|error| error.with_weight(costs::small::<T>()))?;
        let positions = Self::positions(&coldkey, &hotkey);
        let cost = costs::unstaked::<T>(positions.len() as u64, Signer::anywhere::<T>(&coldkey));
        let mut freed = TaoBalance::ZERO;
        for (netuid, amount) in positions {
            if netuid == ROOT {
                continue;
            }
            let sold = with_storage_layer(|| -> Result<TaoBalance, DispatchError> {
                let sale = Self::check_unstake(&coldkey, &hotkey, netuid, amount, None)?;
                let tao = Self::unstake_and_sell(&coldkey, &hotkey, netuid, sale)?;
                TaoLedger::<T>::pay_between_subnets(netuid, ROOT, tao)?;
                Ok(tao)
            });
            log::debug!(target: "network", "unstake_all_alpha on subnet {netuid}: {sold:?}");
            freed = freed.saturating_add(sold.unwrap_or_default());
        }
        ensure!(dust::is_stake(freed), Error::<T>::AmountTooLow.with_weight(cost));
        Self::stake_arrived(&coldkey, &hotkey, ROOT, freed, Terms::FREE)
            .map_err(|error| error.with_weight(cost))?;
        let cost = cost.saturating_add(costs::stake_removed::<T>(&hotkey));
        Delegation::<T>::stake_removed(&hotkey);
        Ok(Some(cost).into())
    }

    /// Buys alpha with TAO that is on the subnet's account already, stakes it, and returns the amount.
    pub(super) fn stake_arrived(
        coldkey: &T::AccountId,
        hotkey: &T::AccountId,
        netuid: NetUid,
        amount: TaoBalance,
        terms: Terms,
    ) -> Result<AlphaBalance, DispatchError> {
        let trade = PoolReserves::<T>::simulate_buy(netuid, amount, terms)?;
        Self::stake_bought(coldkey, hotkey, netuid, amount, trade)
    }

    /// [`Self::stake_arrived`] with the trade as it was simulated.
    fn stake_bought(
        coldkey: &T::AccountId,
        hotkey: &T::AccountId,
        netuid: NetUid,
        amount: TaoBalance,
        trade: Purchase,
    ) -> Result<AlphaBalance, DispatchError> {
        PoolReserves::<T>::carry_out_buy(netuid, &trade);
        let unused = amount.saturating_sub(trade.consumed());
        TaoLedger::<T>::pay_from_subnet(netuid, coldkey, unused)?;
        TaoLedger::<T>::pay_fee(netuid, trade.fee)?;
        Self::increase(hotkey, coldkey, netuid, trade.amount_out)?;
        Pallet::<T>::deposit_event(Event::StakeAdded(
            coldkey.clone(),
            hotkey.clone(),
            trade.consumed(),
            trade.amount_out,
            netuid,
            trade.fee.to_rao(),
        ));
        Ok(trade.amount_out)
    }

    /// Carries out a simulated sale of a coldkey's alpha; the TAO stays on the subnet's account for the caller to pay
    /// out.
    pub(super) fn unstake_and_sell(
        coldkey: &T::AccountId,
        hotkey: &T::AccountId,
        netuid: NetUid,
        trade: Sale,
    ) -> Result<TaoBalance, DispatchError> {
        PoolReserves::<T>::carry_out_sale(netuid, &trade);
        Self::decrease(hotkey, coldkey, netuid, trade.consumed())?;
        Locks::<T>::fit_to_holdings(coldkey, netuid);
        PoolReserves::<T>::settle_alpha_fee(netuid, trade.fee)?;
        Pallet::<T>::deposit_event(Event::StakeRemoved(
            coldkey.clone(),
            hotkey.clone(),
            trade.amount_out,
            trade.consumed(),
            netuid,
            trade.fee.to_rao(),
        ));
        Ok(trade.amount_out)
    }

    /// The fee of an ordinary trade; none where alpha is TAO.
    pub(super) fn trade_fee(netuid: NetUid) -> Fee {
        match PoolReserves::<T>::market(netuid) {
            Market::Stable => Fee::NONE,
            Market::Dynamic(_) => PoolReserves::<T>::fee(netuid),
        }
    }

    fn stake_terms(netuid: NetUid, limit: Option<TradeLimit>) -> Terms {
        let terms = Terms::with_fee(Self::trade_fee(netuid));
        limit.map_or(terms, |limit| terms.limited(limit.price))
    }

    /// The part of `wanted` that `most` permits.
    pub(super) fn within<B: Ord + Copy + Default>(
        wanted: B,
        most: B,
        partial: bool,
    ) -> Result<B, DispatchError> {
        let amount = wanted.min(most);
        ensure!(amount == wanted || (partial && amount > B::default()), Error::<T>::SlippageTooHigh);
        Ok(amount)
    }

    /// The stake of a coldkey on a hotkey by subnet, as much of it as may leave, on as many subnets as one call may
    /// sell on.
    pub(super) fn positions(coldkey: &T::AccountId, hotkey: &T::AccountId) -> Vec<(NetUid, AlphaBalance)> {
        let most = costs::most_sales::<T>(Signer::anywhere::<T>(coldkey));
        SubnetRegistry::<T>::netuids()
            .into_iter()
            .map(|netuid| (netuid, Self::alpha_of(hotkey, coldkey, netuid)))
            .filter(|(_, held)| !held.is_zero())
            .take(usize::try_from(most).unwrap_or(usize::MAX))
            .map(|(netuid, held)| (netuid, Locks::<T>::free_part(coldkey, netuid, held)))
            .collect()
    }
}
