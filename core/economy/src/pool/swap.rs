//! One swap: TAO for alpha (buy) or alpha for TAO (sell), in full or up to a price limit.
//!
//! The fee is taken from the input before it enters the pool, and never enters it. Input beyond a limit is not
//! consumed: [`Trade::consumed`] returns the total that the trader pays.

use myelin_units::{AlphaBalance, TaoBalance, U64F64};

use super::{
    power::power_e18, power::E18, price_from_rao, Pool, Price, QuoteWeight, MAX_PRICE_RAO,
    MINIMUM_RESERVE_RAO, MIN_PRICE_RAO,
};
use crate::wide::mul_div_u64;

/// No order may bring in more than this many times the reserve it adds to.
pub const INPUT_RESERVE_MULTIPLE: u64 = 1000;

/// Side of an order: the currency that enters the pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// TAO enters, alpha leaves; the price rises.
    Buy,
    /// Alpha enters, TAO leaves; the price falls.
    Sell,
}

/// Reasons of a pool to refuse an order. The names are the protocol's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SwapError {
    /// More than 1000 times the reserve.
    #[error("the order brings {offered} rao into a reserve of {reserve} rao; offer at most 1000 times the reserve")]
    SwapInputTooLarge {
        /// Net input in rao.
        offered: u64,
        /// The reserve it would enter, in rao.
        reserve: u64,
    },
    /// The reserve that pays is too small, or would pay nothing.
    #[error("the order is worth less than 1 rao, or the pool's reserve of {reserve} rao is below the least of 1000000 rao; offer more")]
    ReservesTooLow {
        /// The reserve that would pay, in rao.
        reserve: u64,
    },
    /// The limit is not strictly beyond the current price.
    #[error(
        "the price limit is not beyond the current price; name a higher limit to buy, a lower one to sell"
    )]
    PriceLimitExceeded,
}

impl SwapError {
    /// The protocol's name of the error.
    pub const fn name(&self) -> &'static str {
        match self {
            SwapError::SwapInputTooLarge { .. } => "SwapInputTooLarge",
            SwapError::ReservesTooLow { .. } => "ReservesTooLow",
            SwapError::PriceLimitExceeded => "PriceLimitExceeded",
        }
    }
}

/// Fee of a swap: a rate on the u16 scale, where 65535 is everything; 0 for none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fee(pub u16);

impl Fee {
    /// No fee.
    pub const NONE: Fee = Fee(0);

    /// The fee on a gross amount: `⌊amount · ⌊rate · 2⁶⁴/65535⌋ / 2⁶⁴⌋`.
    pub fn on_gross(self, amount: u64) -> u64 {
        let rate = U64F64::from_ratio(self.0, u16::MAX);
        (rate * U64F64::from_int(amount)).floor_u64()
    }

    /// The fee that goes with a net amount: `⌊net · rate / (65535 − rate)⌋`, saturated; 0 if the rate is everything.
    pub fn on_net(self, net: u64) -> u64 {
        crate::wide::mul_div_u64(net, u64::from(self.0), u64::from(u16::MAX - self.0))
    }
}

/// Fee and price limit of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The fee to take.
    pub fee: Fee,
    /// The price at which the order stops; `None` is the protocol's widest limit for the side.
    pub limit: Option<Price>,
}

impl Terms {
    /// With a fee and no limit of its own.
    pub const fn with_fee(fee: Fee) -> Self {
        Terms { fee, limit: None }
    }

    /// Without fee or limit of its own, as the network itself trades.
    pub const FREE: Terms = Terms { fee: Fee::NONE, limit: None };

    /// With the limit `rao` rao of TAO per alpha.
    pub fn limited(self, rao: u64) -> Self {
        Terms { limit: Some(price_from_rao(rao)), ..self }
    }
}

/// The result of a swap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trade<In, Out> {
    /// Amount that enters the reserve.
    pub amount_in: In,
    /// Fee for the block author, in the input's currency.
    pub fee: In,
    /// Amount that leaves the reserve to the trader.
    pub amount_out: Out,
}

impl Trade<TaoBalance, AlphaBalance> {
    /// Input that the trader pays: net input and fee. The rest of the offer stays with the trader.
    pub fn consumed(&self) -> TaoBalance {
        self.amount_in.saturating_add(self.fee)
    }
}

impl Trade<AlphaBalance, TaoBalance> {
    /// Input that the trader pays: net input and fee. The rest of the offer stays with the trader.
    pub fn consumed(&self) -> AlphaBalance {
        self.amount_in.saturating_add(self.fee)
    }
}

/// A swap in rao, before it is given its currencies.
struct RawTrade {
    amount_in: u64,
    fee: u64,
    amount_out: u64,
}

/// Rounding of the output of a swap to whole rao.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    /// As the protocol prescribes: the power is floored to 10⁻¹⁸ first, so that one rao more than the curve allows may
    /// leave.
    Protocol,
    /// Never more than the curve allows. Differs from [`Rounding::Protocol`] by that one rao, if at all.
    Curve,
}

impl Pool {
    /// Buys alpha with `tao`, fee included.
    pub fn buy(&self, tao: TaoBalance, terms: Terms) -> Result<Trade<TaoBalance, AlphaBalance>, SwapError> {
        self.buy_rounded(tao, terms, Rounding::Protocol)
    }

    /// Sells `alpha`, fee included, for TAO.
    pub fn sell(
        &self,
        alpha: AlphaBalance,
        terms: Terms,
    ) -> Result<Trade<AlphaBalance, TaoBalance>, SwapError> {
        self.sell_rounded(alpha, terms, Rounding::Protocol)
    }

    /// [`Self::buy`] with a rounding of the alpha.
    pub fn buy_rounded(
        &self,
        tao: TaoBalance,
        terms: Terms,
        rounding: Rounding,
    ) -> Result<Trade<TaoBalance, AlphaBalance>, SwapError> {
        let trade = self.trade(Side::Buy, tao.to_rao(), terms, rounding)?;
        Ok(Trade {
            amount_in: TaoBalance::from_rao(trade.amount_in),
            fee: TaoBalance::from_rao(trade.fee),
            amount_out: AlphaBalance::from_rao(trade.amount_out),
        })
    }

    /// [`Self::sell`] with a rounding of the TAO.
    pub fn sell_rounded(
        &self,
        alpha: AlphaBalance,
        terms: Terms,
        rounding: Rounding,
    ) -> Result<Trade<AlphaBalance, TaoBalance>, SwapError> {
        let trade = self.trade(Side::Sell, alpha.to_rao(), terms, rounding)?;
        Ok(Trade {
            amount_in: AlphaBalance::from_rao(trade.amount_in),
            fee: AlphaBalance::from_rao(trade.fee),
            amount_out: TaoBalance::from_rao(trade.amount_out),
        })
    }

    /// The pool after a buy.
    pub fn after_buy(&self, trade: &Trade<TaoBalance, AlphaBalance>) -> Pool {
        self.moved(Side::Buy, trade.amount_in.to_rao(), trade.amount_out.to_rao())
    }

    /// The pool after a sale.
    pub fn after_sale(&self, trade: &Trade<AlphaBalance, TaoBalance>) -> Pool {
        self.moved(Side::Sell, trade.amount_in.to_rao(), trade.amount_out.to_rao())
    }

    /// Alpha that leaves when `tao` enters: `⌊x·(1 − (y/(y+d))^(w_q/w_b))⌋`. No fee, limit or check.
    pub fn alpha_out(&self, tao: TaoBalance) -> AlphaBalance {
        AlphaBalance::from_rao(self.out(Side::Buy, tao.to_rao(), Rounding::Protocol))
    }

    /// TAO that leaves when `alpha` enters: `⌊y·(1 − (x/(x+d))^(w_b/w_q))⌋`. No fee, limit or check.
    pub fn tao_out(&self, alpha: AlphaBalance) -> TaoBalance {
        TaoBalance::from_rao(self.out(Side::Sell, alpha.to_rao(), Rounding::Protocol))
    }

    fn trade(
        &self,
        side: Side,
        offered: u64,
        terms: Terms,
        rounding: Rounding,
    ) -> Result<RawTrade, SwapError> {
        let (reserve_in, reserve_out) = self.reserves(side);
        let limit = terms.limit.unwrap_or_else(|| widest_limit(side));
        let fee = terms.fee.on_gross(offered);
        let net = offered.saturating_sub(fee);
        if net > reserve_in.saturating_mul(INPUT_RESERVE_MULTIPLE) {
            return Err(SwapError::SwapInputTooLarge { offered: net, reserve: reserve_in });
        }
        if reserve_out < MINIMUM_RESERVE_RAO {
            return Err(SwapError::ReservesTooLow { reserve: reserve_out });
        }
        let price = self.price();
        if !is_beyond(side, limit, price) {
            return Err(SwapError::PriceLimitExceeded);
        }
        let out = self.out(side, net, rounding);
        let after = self.moved(side, net, out);
        // An emptied pool has no price. Officially it counts as 0, so that the largest buys pass every limit; here it
        // is beyond all.
        let emptied = side == Side::Buy && after.alpha.is_zero() && !self.alpha.is_zero();
        let trade = if emptied || is_beyond(side, after.price(), limit) {
            // Rounding never makes the input larger than the offer.
            let amount_in = self.input_up_to(side, price, limit).min(net);
            let fee = terms.fee.on_net(amount_in).min(offered.saturating_sub(amount_in));
            RawTrade { amount_in, fee, amount_out: self.out(side, amount_in, rounding) }
        } else {
            RawTrade { amount_in: net, fee, amount_out: out }
        };
        if trade.amount_in > 0 && trade.amount_out == 0 {
            return Err(SwapError::ReservesTooLow { reserve: reserve_out });
        }
        // The output never exceeds the reserve: the part that the curve keeps is a fraction between 0 and 1.
        Ok(trade)
    }

    /// The net input that brings the price to `limit`.
    ///
    /// Buy: d = ⌊y·((L/price)^w_b − 1)⌋; sell: d = ⌊x·((price/L)^w_q − 1)⌋.
    fn input_up_to(&self, side: Side, price: Price, limit: Price) -> u64 {
        let (reserve_in, _) = self.reserves(side);
        let (high, low, weight) = match side {
            Side::Buy => (limit, price, self.weight.base_e18()),
            Side::Sell => (price, limit, self.weight.quote_e18()),
        };
        let growth = fraction(power_e18(high.to_bits(), low.to_bits(), weight, E18)) - U64F64::ONE;
        (growth * U64F64::from_int(reserve_in)).floor_u64()
    }

    /// Output of the curve for a net input.
    fn out(&self, side: Side, net: u64, rounding: Rounding) -> u64 {
        let (reserve_in, reserve_out) = self.reserves(side);
        let after = u128::from(reserve_in) + u128::from(net);
        if rounding == Rounding::Curve && self.weight == QuoteWeight::HALF {
            // x·d/(y + d), exactly; below x.
            let product = u128::from(reserve_out) * u128::from(net);
            return product.checked_div(after).and_then(|out| u64::try_from(out).ok()).unwrap_or(0);
        }
        let (exponent, of) = match side {
            Side::Buy => (self.weight.quote_e18(), self.weight.base_e18()),
            Side::Sell => (self.weight.base_e18(), self.weight.quote_e18()),
        };
        let kept_e18 = power_e18(u128::from(reserve_in), after, exponent, of);
        match rounding {
            Rounding::Protocol => {
                let kept = fraction(kept_e18).min(U64F64::ONE);
                ((U64F64::ONE - kept) * U64F64::from_int(reserve_out)).floor_u64()
            }
            // The power is floored, so one more unit is at least the amount that the pool must keep.
            Rounding::Curve => {
                let paid_e18 =
                    u64::try_from(kept_e18.saturating_add(1)).map_or(0, |kept| E18.saturating_sub(kept));
                mul_div_u64(reserve_out, paid_e18, E18)
            }
        }
    }

    fn reserves(&self, side: Side) -> (u64, u64) {
        match side {
            Side::Buy => (self.tao.to_rao(), self.alpha.to_rao()),
            Side::Sell => (self.alpha.to_rao(), self.tao.to_rao()),
        }
    }

    /// The pool after a trade of these amounts, in rao.
    fn moved(&self, side: Side, amount_in: u64, amount_out: u64) -> Pool {
        let (tao, alpha) = (self.tao.to_rao(), self.alpha.to_rao());
        let (tao, alpha) = match side {
            Side::Buy => (tao.saturating_add(amount_in), alpha.saturating_sub(amount_out)),
            Side::Sell => (tao.saturating_sub(amount_out), alpha.saturating_add(amount_in)),
        };
        Pool { tao: TaoBalance::from_rao(tao), alpha: AlphaBalance::from_rao(alpha), ..*self }
    }
}

/// The limit of an order without a limit of its own.
fn widest_limit(side: Side) -> Price {
    match side {
        Side::Buy => price_from_rao(MAX_PRICE_RAO),
        Side::Sell => price_from_rao(MIN_PRICE_RAO),
    }
}

/// Whether `price` lies strictly further in the order's direction than `from`.
fn is_beyond(side: Side, price: Price, from: Price) -> bool {
    match side {
        Side::Buy => price > from,
        Side::Sell => price < from,
    }
}

/// `e18 / 10¹⁸`, rounded down and saturated.
fn fraction(e18: u128) -> U64F64 {
    let whole = e18 / u128::from(E18);
    let Ok(whole) = u64::try_from(whole) else {
        return U64F64::MAX;
    };
    // The rest is below 2^60, so it may be shifted by 64.
    let part = ((e18 % u128::from(E18)) << 64) / u128::from(E18);
    U64F64::from_bits((u128::from(whole) << 64) | part)
}
