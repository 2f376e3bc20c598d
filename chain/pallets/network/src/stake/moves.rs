//! Moving stake to another hotkey, subnet or coldkey.
//!
//! Within a subnet alpha changes hands without a trade. Between subnets it is sold and bought, with one fee: the sale
//! pays it, or the purchase if the origin is root.

use frame_support::pallet_prelude::*;
use myelin_economy::{
    dust,
    pool::{max_swap, Fee, Side, Terms},
};
use myelin_units::{AlphaBalance, NetUid, TaoBalance, ROOT};

use super::{trade::Sale, StakeLedger};
use crate::{
    costs,
    keys::KeyOwnership,
    ledger::TaoLedger,
    locks::Locks,
    pallet::{Config, Error, Event, Pallet, TransferToggle},
    pools::PoolReserves,
    subnets::SubnetRegistry,
};

/// Position of stake: whose it is, on which hotkey of which subnet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StakePosition<AccountId> {
    /// Owner of the stake.
    pub coldkey: AccountId,
    /// Hotkey that holds it.
    pub hotkey: AccountId,
    /// Subnet of the alpha.
    pub netuid: NetUid,
}

/// Limit of a move between subnets on the ratio of the two prices.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MoveLimit {
    /// Lowest acceptable ratio of origin price to destination price, times 10⁹.
    pub ratio: u64,
    /// Whether to move as much as the ratio allows instead of refusing.
    pub partial: bool,
}

/// A move that passed all checks.
enum Move {
    /// Alpha changes hands within a subnet.
    Within(AlphaBalance),
    /// It is sold on its subnet first.
    Between(Sale),
}

impl<T: Config> StakeLedger<T> {
    /// `move_stake` and `move_stake_limit`: to another hotkey, of the same coldkey's stake.
    pub fn move_to_hotkey(
        from: StakePosition<T::AccountId>,
        to: StakePosition<T::AccountId>,
        amount: AlphaBalance,
        limit: Option<MoveLimit>,
    ) -> DispatchResultWithPostInfo {
        let cost = costs::relocated::<T>(&from, &to);
        let moved = Self::relocate(&from, &to, amount, limit)
            .map(|tao| Event::StakeMoved(from.coldkey, from.hotkey, from.netuid, to.hotkey, to.netuid, tao));
        costs::used(cost, moved.map(Pallet::<T>::deposit_event))
    }

    /// `transfer_stake`: to another coldkey, if both subnets allow it.
    pub fn transfer(
        from: StakePosition<T::AccountId>,
        to: StakePosition<T::AccountId>,
        amount: AlphaBalance,
    ) -> DispatchResultWithPostInfo {
        let cost = costs::relocated::<T>(&from, &to);
        let given = Self::give(&from, &to, amount, None).map(|tao| {
            Event::StakeTransferred(from.coldkey, to.coldkey, from.hotkey, from.netuid, to.netuid, tao)
        });
        costs::used(cost, given.map(Pallet::<T>::deposit_event))
    }

    /// `transfer_stake_and_hotkey` and `transfer_stake_limit`: to another coldkey on another hotkey, if both subnets
    /// allow it.
    pub fn transfer_to_hotkey(
        from: StakePosition<T::AccountId>,
        to: StakePosition<T::AccountId>,
        amount: AlphaBalance,
        limit: Option<MoveLimit>,
    ) -> DispatchResultWithPostInfo {
        let cost = costs::relocated::<T>(&from, &to);
        let given = Self::give(&from, &to, amount, limit).map(|amount| Event::StakeAndHotkeyTransferred {
            origin_coldkey: from.coldkey,
            destination_coldkey: to.coldkey,
            origin_hotkey: from.hotkey,
            destination_hotkey: to.hotkey,
            origin_netuid: from.netuid,
            destination_netuid: to.netuid,
            amount,
        });
        costs::used(cost, given.map(Pallet::<T>::deposit_event))
    }

    /// Moves stake to another coldkey where that is allowed, and returns its worth in TAO. A coldkey with stake on many
    /// hotkeys receives none on others.
    fn give(
        from: &StakePosition<T::AccountId>,
        to: &StakePosition<T::AccountId>,
        amount: AlphaBalance,
        limit: Option<MoveLimit>,
    ) -> Result<TaoBalance, DispatchError> {
        SubnetRegistry::<T>::ensure_exists(from.netuid)?;
        SubnetRegistry::<T>::ensure_exists(to.netuid)?;
        let allowed = TransferToggle::<T>::get(from.netuid) && TransferToggle::<T>::get(to.netuid);
        let welcome = from.coldkey == to.coldkey || Self::may_be_given(&to.coldkey, &to.hotkey);
        ensure!(allowed && welcome, Error::<T>::TransferDisallowed);
        Self::relocate(from, to, amount, limit)
    }

    /// `swap_stake` and `swap_stake_limit`: to another subnet, on the same hotkey.
    pub fn swap(
        from: StakePosition<T::AccountId>,
        destination: NetUid,
        amount: AlphaBalance,
        limit: Option<MoveLimit>,
    ) -> DispatchResultWithPostInfo {
        let to = StakePosition { netuid: destination, ..from.clone() };
        let cost = costs::relocated::<T>(&from, &to);
        let swapped = Self::relocate(&from, &to, amount, limit)
            .map(|tao| Event::StakeSwapped(from.coldkey, from.hotkey, from.netuid, to.netuid, tao));
        costs::used(cost, swapped.map(Pallet::<T>::deposit_event))
    }

    /// Moves stake and returns its worth in TAO.
    fn relocate(
        from: &StakePosition<T::AccountId>,
        to: &StakePosition<T::AccountId>,
        wanted: AlphaBalance,
        limit: Option<MoveLimit>,
    ) -> Result<TaoBalance, DispatchError> {
        let sale = match Self::check_move(from, to, wanted, limit)? {
            Move::Within(amount) => return Self::move_within(from, to, amount),
            Move::Between(sale) => sale,
        };
        let (_, purchase_fee) = Self::move_fees(from.netuid, to.netuid);
        let tao = Self::unstake_and_sell(&from.coldkey, &from.hotkey, from.netuid, sale)?;
        if !dust::is_stake(tao) {
            TaoLedger::<T>::pay_from_subnet(from.netuid, &to.coldkey, tao)?;
        } else {
            TaoLedger::<T>::pay_between_subnets(from.netuid, to.netuid, tao)?;
            Self::stake_arrived(&to.coldkey, &to.hotkey, to.netuid, tao, Terms::with_fee(purchase_fee))?;
        }
        Self::sweep_small_nomination(&from.coldkey, &from.hotkey, from.netuid);
        Ok(tao)
    }

    /// Checks everything that a move requires, and returns the part of it that the limit permits. The largest number
    /// stands for the whole stake.
    fn check_move(
        from: &StakePosition<T::AccountId>,
        to: &StakePosition<T::AccountId>,
        wanted: AlphaBalance,
        limit: Option<MoveLimit>,
    ) -> Result<Move, DispatchError> {
        SubnetRegistry::<T>::ensure_tradable(from.netuid)?;
        SubnetRegistry::<T>::ensure_tradable(to.netuid)?;
        ensure!(from != to, Error::<T>::SameNetuid);
        KeyOwnership::<T>::ensure_exists(&from.hotkey)?;
        KeyOwnership::<T>::ensure_exists(&to.hotkey)?;
        Self::ensure_listable(&to.coldkey, &to.hotkey)?;
        let held = Self::alpha_of(&from.hotkey, &from.coldkey, from.netuid);
        let wanted = if wanted == AlphaBalance::MAX { held } else { wanted };
        ensure!(!wanted.is_zero() && wanted <= held, Error::<T>::NotEnoughStakeToWithdraw);
        if from.netuid == to.netuid {
            let value = PoolReserves::<T>::value_at_spot(from.netuid, wanted);
            ensure!(dust::is_stake(value), Error::<T>::AmountTooLow);
            return Ok(Move::Within(wanted));
        }
        let (sale_fee, _) = Self::move_fees(from.netuid, to.netuid);
        let amount = match limit {
            None => wanted,
            Some(limit) => {
                let origin = PoolReserves::<T>::market_for(from.netuid, Side::Sell);
                let destination = PoolReserves::<T>::market_for(to.netuid, Side::Buy);
                let fee = if from.netuid == ROOT { Self::trade_fee(to.netuid) } else { sale_fee };
                let most = PoolReserves::<T>::most(max_swap(&origin, &destination, limit.ratio, fee))?;
                Self::within(wanted, most, limit.partial)?
            }
        };
        Locks::<T>::ensure_free(&from.coldkey, from.netuid, amount)?;
        let sale = PoolReserves::<T>::simulate_sell(from.netuid, amount, Terms::with_fee(sale_fee))?;
        ensure!(dust::may_change_subnet(sale.amount_out), Error::<T>::AmountTooLow);
        Ok(Move::Between(sale))
    }

    /// Fees of the sale and of the purchase: one of them is free.
    fn move_fees(from: NetUid, to: NetUid) -> (Fee, Fee) {
        if from == ROOT {
            (Fee::NONE, Self::trade_fee(to))
        } else {
            (Self::trade_fee(from), Fee::NONE)
        }
    }

    /// Moves alpha within a subnet and returns its worth at the spot price. To another coldkey locked alpha goes with
    /// its lock.
    fn move_within(
        from: &StakePosition<T::AccountId>,
        to: &StakePosition<T::AccountId>,
        amount: AlphaBalance,
    ) -> Result<TaoBalance, DispatchError> {
        if from.coldkey != to.coldkey {
            Locks::<T>::go_along(&from.coldkey, &to.coldkey, from.netuid, amount)?;
        }
        Self::decrease(&from.hotkey, &from.coldkey, from.netuid, amount)?;
        Self::increase(&to.hotkey, &to.coldkey, to.netuid, amount)?;
        Locks::<T>::fit_to_holdings(&from.coldkey, from.netuid);
        Locks::<T>::fit_to_holdings(&to.coldkey, to.netuid);
        Self::sweep_small_nomination(&from.coldkey, &from.hotkey, from.netuid);
        Ok(PoolReserves::<T>::value_at_spot(from.netuid, amount))
    }
}
