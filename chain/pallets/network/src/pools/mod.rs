//! The pool of a subnet: its reserves, the price of its alpha, and its trades.

pub(crate) mod storage;

use core::marker::PhantomData;

use frame_support::pallet_prelude::*;
use myelin_economy::{
    coinbase::SubnetEmission,
    pool::{BlockTrades, Fee, Market, Pool, Price, Side, SwapError, Terms, Trade, MINIMUM_RESERVE_RAO},
};
use myelin_units::{AlphaBalance, NetUid, TaoBalance, ROOT};

use crate::{
    alpha_assets::AlphaBurned,
    ledger::TaoLedger,
    pallet::{
        Config, Error, SubnetAlphaIn, SubnetAlphaOut, SubnetMechanism, SubnetProtocolAlpha, SubnetTAO,
        SubnetVolume, TotalStake,
    },
};

/// `SubnetMechanism` of a subnet with a pool.
pub const DYNAMIC: u16 = 1;

/// Owner of [`SubnetTAO`], [`SubnetAlphaIn`], [`SubnetAlphaOut`], [`AlphaBurned`], [`SubnetProtocolAlpha`],
/// [`SubnetVolume`], [`TotalStake`] and of the weights, the prices and the trades of the block that the swap pallet
/// stores.
///
/// Invariants: [`TotalStake`] is the sum of [`SubnetTAO`]; every rao of [`SubnetAlphaOut`] is staked, held by the
/// protocol, in a pot, waiting to be claimed, or in [`AlphaBurned`]; the published price is that of the pool.
///
/// It moves reserves only; TAO on accounts is moved by [`TaoLedger`] and alpha of holders by the stake ledger, in the
/// same call.
pub struct PoolReserves<T>(PhantomData<T>);

impl<T: Config> PoolReserves<T> {
    /// Whether the subnet's alpha has a price of its own.
    pub fn is_dynamic(netuid: NetUid) -> bool {
        netuid != ROOT && SubnetMechanism::<T>::get(netuid) == DYNAMIC
    }

    /// Reserves and weights.
    pub fn pool(netuid: NetUid) -> Pool {
        pallet_myelin_swap::Pallet::<T>::pool(
            netuid,
            SubnetTAO::<T>::get(netuid),
            SubnetAlphaIn::<T>::get(netuid),
        )
    }

    /// The exchange of the subnet's alpha.
    pub fn market(netuid: NetUid) -> Market {
        if Self::is_dynamic(netuid) {
            Market::Dynamic(Self::pool(netuid))
        } else {
            Market::Stable
        }
    }

    /// The pool that an order of this side meets now, without the block's orders of the other side. So no order gains
    /// from one in the opposite direction (decision 0018).
    pub fn market_for(netuid: NetUid, side: Side) -> Market {
        match (Self::market(netuid), side) {
            (Market::Stable, _) => Market::Stable,
            (Market::Dynamic(pool), Side::Buy) => Market::Dynamic(Self::trades(netuid).ask(&pool)),
            (Market::Dynamic(pool), Side::Sell) => Market::Dynamic(Self::trades(netuid).bid(&pool)),
        }
    }

    /// TAO per alpha now; 1 on root and stable subnets.
    pub fn spot_price(netuid: NetUid) -> Price {
        Self::market(netuid).price()
    }

    /// TAO that alpha is worth at the spot price, rounded down.
    pub fn value_at_spot(netuid: NetUid, alpha: AlphaBalance) -> TaoBalance {
        match Self::market(netuid) {
            Market::Stable => TaoBalance::from_rao(alpha.to_rao()),
            Market::Dynamic(pool) => pool.value_at_spot(alpha),
        }
    }

    /// The fee of an ordinary trade.
    pub fn fee(netuid: NetUid) -> Fee {
        pallet_myelin_swap::Pallet::<T>::fee(netuid)
    }

    /// Alpha that exists: in the pool and outside it.
    pub fn alpha_issuance(netuid: NetUid) -> AlphaBalance {
        SubnetAlphaIn::<T>::get(netuid).saturating_add(SubnetAlphaOut::<T>::get(netuid))
    }

    /// Result of a buy; nothing changes.
    pub fn simulate_buy(
        netuid: NetUid,
        tao: TaoBalance,
        terms: Terms,
    ) -> Result<Trade<TaoBalance, AlphaBalance>, Error<T>> {
        match Self::market(netuid) {
            Market::Dynamic(pool) => Self::trades(netuid).buy(&pool, tao, terms),
            stable @ Market::Stable => stable.buy(tao, terms),
        }
        .map_err(Self::refusal)
    }

    /// Result of a sale; nothing changes.
    pub fn simulate_sell(
        netuid: NetUid,
        alpha: AlphaBalance,
        terms: Terms,
    ) -> Result<Trade<AlphaBalance, TaoBalance>, Error<T>> {
        match Self::market(netuid) {
            Market::Dynamic(pool) => Self::trades(netuid).sell(&pool, alpha, terms),
            stable @ Market::Stable => stable.sell(alpha, terms),
        }
        .map_err(Self::refusal)
    }

    /// Buys alpha: TAO enters the pool, alpha leaves it and is outstanding. The fee enters nothing.
    pub fn buy(
        netuid: NetUid,
        tao: TaoBalance,
        terms: Terms,
    ) -> Result<Trade<TaoBalance, AlphaBalance>, Error<T>> {
        let trade = Self::simulate_buy(netuid, tao, terms)?;
        Self::carry_out_buy(netuid, &trade);
        Ok(trade)
    }

    /// The part of [`Self::buy`] after the simulation, for a trade that was simulated on the present pool: computing it
    /// again would cost as much as all the rest.
    pub fn carry_out_buy(netuid: NetUid, trade: &Trade<TaoBalance, AlphaBalance>) {
        SubnetTAO::<T>::mutate(netuid, |held| *held = held.saturating_add(trade.amount_in));
        if Self::is_dynamic(netuid) {
            SubnetAlphaIn::<T>::mutate(netuid, |held| *held = held.saturating_sub(trade.amount_out));
            pallet_myelin_swap::Pallet::<T>::note_trades(netuid, Self::trades(netuid).after_buy(trade));
        }
        SubnetAlphaOut::<T>::mutate(netuid, |out| *out = out.saturating_add(trade.amount_out));
        TotalStake::<T>::mutate(|total| *total = total.saturating_add(trade.amount_in));
        Self::count_volume(netuid, trade.consumed());
        Self::publish_price(netuid);
    }

    /// Sells alpha: it enters the pool and is no longer outstanding, TAO leaves. The fee, in alpha, stays outstanding.
    pub fn sell(
        netuid: NetUid,
        alpha: AlphaBalance,
        terms: Terms,
    ) -> Result<Trade<AlphaBalance, TaoBalance>, Error<T>> {
        let trade = Self::simulate_sell(netuid, alpha, terms)?;
        Self::carry_out_sale(netuid, &trade);
        Ok(trade)
    }

    /// The part of [`Self::sell`] after the simulation; see [`Self::carry_out_buy`].
    pub fn carry_out_sale(netuid: NetUid, trade: &Trade<AlphaBalance, TaoBalance>) {
        if Self::is_dynamic(netuid) {
            SubnetAlphaIn::<T>::mutate(netuid, |held| *held = held.saturating_add(trade.amount_in));
            pallet_myelin_swap::Pallet::<T>::note_trades(netuid, Self::trades(netuid).after_sale(trade));
        }
        SubnetAlphaOut::<T>::mutate(netuid, |out| *out = out.saturating_sub(trade.amount_in));
        SubnetTAO::<T>::mutate(netuid, |held| *held = held.saturating_sub(trade.amount_out));
        TotalStake::<T>::mutate(|total| *total = total.saturating_sub(trade.amount_out));
        Self::count_volume(netuid, trade.amount_out);
        Self::publish_price(netuid);
    }

    /// The most TAO, fee included, that a buy under a price limit can use now.
    pub fn max_buy(netuid: NetUid, limit_rao: u64, fee: Fee) -> Result<TaoBalance, Error<T>> {
        Self::most(Self::market_for(netuid, Side::Buy).max_buy(limit_rao, fee))
    }

    /// The most alpha, fee included, that a sale under a price limit can use now.
    pub fn max_sell(netuid: NetUid, limit_rao: u64, fee: Fee) -> Result<AlphaBalance, Error<T>> {
        Self::most(Self::market_for(netuid, Side::Sell).max_sell(limit_rao, fee))
    }

    /// Ends the block's own work: users' orders start at the resulting prices, on both sides.
    pub(crate) fn open_trading() {
        pallet_myelin_swap::Pallet::<T>::forget_trades();
    }

    /// Turns the alpha fee of a sale into TAO by a second sale without fee and pays it out; a fee too small to sell is
    /// recycled.
    pub fn settle_alpha_fee(netuid: NetUid, fee: AlphaBalance) -> DispatchResult {
        if fee.is_zero() {
            return Ok(());
        }
        match Self::sell(netuid, fee, Terms::FREE) {
            Ok(trade) => {
                Self::recycle_out(netuid, fee.saturating_sub(trade.amount_in));
                TaoLedger::<T>::pay_fee(netuid, trade.amount_out)
            }
            Err(_) => {
                Self::recycle_out(netuid, fee);
                Ok(())
            }
        }
    }

    /// Fills the pool of a new subnet.
    pub(crate) fn open(netuid: NetUid, mechanism: u16, tao: TaoBalance, alpha: AlphaBalance) {
        SubnetMechanism::<T>::insert(netuid, mechanism);
        SubnetTAO::<T>::insert(netuid, tao);
        SubnetAlphaIn::<T>::insert(netuid, alpha);
        TotalStake::<T>::mutate(|total| *total = total.saturating_add(tao));
        Self::publish_price(netuid);
    }

    /// Publishes the price of a subnet's alpha to clients. Only trades move it: an injection leaves the price
    /// unchanged, up to the precision of the weights.
    pub(crate) fn publish_price(netuid: NetUid) {
        if netuid != ROOT {
            pallet_myelin_swap::Pallet::<T>::publish_price(netuid, Self::spot_price(netuid));
        }
    }

    /// Books the emission of one block for a subnet. Its TAO is on the subnet's account already.
    ///
    /// Alpha that the chain bought leaves the pool, or is minted where there is none, and has no holder.
    pub fn apply_emission(netuid: NetUid, change: &SubnetEmission) {
        let tao = change.tao_in.saturating_add(change.excess_tao);
        SubnetTAO::<T>::mutate(netuid, |held| *held = held.saturating_add(tao));
        TotalStake::<T>::mutate(|total| *total = total.saturating_add(tao));
        let leaves_pool = if change.weight.is_some() { change.alpha_bought } else { AlphaBalance::ZERO };
        SubnetAlphaIn::<T>::mutate(netuid, |held| {
            *held = held.saturating_add(change.alpha_in).saturating_sub(leaves_pool)
        });
        SubnetAlphaOut::<T>::mutate(netuid, |out| {
            *out = out
                .saturating_add(change.alpha_out)
                .saturating_add(change.alpha_bought)
                .saturating_sub(change.pots.recycled)
        });
        SubnetProtocolAlpha::<T>::mutate(netuid, |held| *held = held.saturating_add(change.alpha_bought));
        Self::burn_out(netuid, change.pots.left_of(change.alpha_out));
        if !change.alpha_bought.is_zero() {
            Self::count_volume(netuid, change.excess_tao);
        }
        if let Some(weight) = change.weight {
            pallet_myelin_swap::Pallet::<T>::set_quote_weight(netuid, weight);
        }
        if !leaves_pool.is_zero() {
            Self::publish_price(netuid);
        }
    }

    /// TAO in the pool; on root, all TAO staked there.
    pub fn tao(netuid: NetUid) -> TaoBalance {
        SubnetTAO::<T>::get(netuid)
    }

    /// Alpha that belongs to no account: the alpha bought by the chain, and the alpha in the pool.
    pub fn protocol_alpha(netuid: NetUid) -> AlphaBalance {
        SubnetProtocolAlpha::<T>::get(netuid).saturating_add(SubnetAlphaIn::<T>::get(netuid))
    }

    /// Takes TAO out of the pool of a subnet that is being removed, without a trade.
    pub(crate) fn pay_out(netuid: NetUid, tao: TaoBalance) {
        SubnetTAO::<T>::mutate(netuid, |held| *held = held.saturating_sub(tao));
        TotalStake::<T>::mutate(|total| *total = total.saturating_sub(tao));
    }

    /// Removes the pool of a removed subnet.
    pub(crate) fn forget(netuid: NetUid) {
        Self::pay_out(netuid, Self::tao(netuid));
        SubnetTAO::<T>::remove(netuid);
        SubnetAlphaIn::<T>::remove(netuid);
        SubnetAlphaOut::<T>::remove(netuid);
        SubnetProtocolAlpha::<T>::remove(netuid);
        AlphaBurned::<T>::remove(netuid);
        SubnetVolume::<T>::remove(netuid);
        SubnetMechanism::<T>::remove(netuid);
        pallet_myelin_swap::Pallet::<T>::remove_subnet(netuid);
    }

    /// Counts alpha that was minted for owner, miners and validators.
    pub fn mint_out(netuid: NetUid, alpha: AlphaBalance) {
        SubnetAlphaOut::<T>::mutate(netuid, |out| *out = out.saturating_add(alpha));
    }

    /// Removes outstanding alpha from the supply, so that it may be minted again.
    pub fn recycle_out(netuid: NetUid, alpha: AlphaBalance) {
        SubnetAlphaOut::<T>::mutate(netuid, |out| *out = out.saturating_sub(alpha));
    }

    /// Leaves outstanding alpha to nobody: it stays in the supply, so that it is not minted again.
    pub fn burn_out(netuid: NetUid, alpha: AlphaBalance) {
        if !alpha.is_zero() {
            AlphaBurned::<T>::mutate(netuid, |unowned| *unowned = unowned.saturating_add(alpha));
        }
    }

    /// Counts all alpha outside the pool as unowned except for the protocol's and the waiting pots.
    /// [`Self::take_unowned`] then takes the owned alpha out of it.
    pub(crate) fn count_unowned(netuid: NetUid, waiting: AlphaBalance) {
        let placed = SubnetProtocolAlpha::<T>::get(netuid).saturating_add(waiting);
        AlphaBurned::<T>::insert(netuid, SubnetAlphaOut::<T>::get(netuid).saturating_sub(placed));
    }

    /// Takes alpha out of the unowned alpha and returns the amount: at most as much as there is.
    pub(crate) fn take_unowned(netuid: NetUid, wanted: AlphaBalance) -> AlphaBalance {
        AlphaBurned::<T>::mutate_exists(netuid, |unowned| {
            let there = unowned.take().unwrap_or_default();
            let taken = wanted.min(there);
            let left = there.saturating_sub(taken);
            *unowned = (!left.is_zero()).then_some(left);
            taken
        })
    }

    /// The most that a limit permits. A limit within one step of the price would permit an order that buys nothing: it
    /// permits none.
    pub(crate) fn most<B: Default>(most: Result<B, SwapError>) -> Result<B, Error<T>> {
        match most {
            Err(SwapError::ReservesTooLow { reserve }) if reserve >= MINIMUM_RESERVE_RAO => Ok(B::default()),
            most => most.map_err(Self::refusal),
        }
    }

    /// The official error of a refused trade.
    pub(crate) fn refusal(error: SwapError) -> Error<T> {
        match error {
            SwapError::PriceLimitExceeded => Error::<T>::SlippageTooHigh,
            SwapError::SwapInputTooLarge { .. } | SwapError::ReservesTooLow { .. } => {
                Error::<T>::InsufficientLiquidity
            }
        }
    }

    fn trades(netuid: NetUid) -> BlockTrades {
        pallet_myelin_swap::Pallet::<T>::trades(netuid)
    }

    fn count_volume(netuid: NetUid, tao: TaoBalance) {
        SubnetVolume::<T>::mutate(netuid, |volume| *volume = volume.saturating_add(tao.to_rao().into()));
    }
}
