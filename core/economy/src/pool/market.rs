//! The exchange of a subnet's alpha: a pool, or 1:1 on the root network and on stable subnets.

use myelin_units::{balance::RAO_PER_TOKEN, AlphaBalance, TaoBalance, U64F64};
use num_bigint::BigUint;

use super::swap::{Fee, SwapError, Terms, Trade, INPUT_RESERVE_MULTIPLE};
use super::{price_from_rao, Pool, Price};

/// The exchange of one subnet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Market {
    /// Root and mechanism-0 subnets: alpha is TAO, 1:1, without fee or limit.
    Stable,
    /// A pool with a price.
    Dynamic(Pool),
}

impl Market {
    /// TAO per alpha; 1 where alpha is TAO.
    pub fn price(&self) -> Price {
        match self {
            Market::Stable => U64F64::ONE,
            Market::Dynamic(pool) => pool.price(),
        }
    }

    /// The least alpha that is worth `tao` at the spot price; `None` where alpha is worth nothing, or no amount is
    /// worth that much.
    pub fn alpha_worth(&self, tao: TaoBalance) -> Option<AlphaBalance> {
        let price = self.price().to_bits();
        if price == 0 {
            return None;
        }
        let value = u128::from(tao.to_rao()) << U64F64::FRACTION_BITS;
        u64::try_from(value.div_ceil(price)).ok().map(AlphaBalance::from_rao)
    }

    /// Buys alpha with `tao`, fee included.
    pub fn buy(&self, tao: TaoBalance, terms: Terms) -> Result<Trade<TaoBalance, AlphaBalance>, SwapError> {
        match self {
            Market::Stable => Ok(Trade {
                amount_in: tao,
                fee: TaoBalance::ZERO,
                amount_out: AlphaBalance::from_rao(tao.to_rao()),
            }),
            Market::Dynamic(pool) => pool.buy(tao, terms),
        }
    }

    /// Sells `alpha`, fee included, for TAO.
    pub fn sell(
        &self,
        alpha: AlphaBalance,
        terms: Terms,
    ) -> Result<Trade<AlphaBalance, TaoBalance>, SwapError> {
        match self {
            Market::Stable => Ok(Trade {
                amount_in: alpha,
                fee: AlphaBalance::ZERO,
                amount_out: TaoBalance::from_rao(alpha.to_rao()),
            }),
            Market::Dynamic(pool) => pool.sell(alpha, terms),
        }
    }

    /// The largest TAO amount, fee included, that a buy under `limit_rao` (rao of TAO per alpha) consumes.
    ///
    /// For a pool the amount comes from a simulated order of 1000 times its reserve. Stable: everything if the limit is
    /// at least 1 TAO, else nothing.
    pub fn max_buy(&self, limit_rao: u64, fee: Fee) -> Result<TaoBalance, SwapError> {
        match self {
            Market::Stable if limit_rao >= RAO_PER_TOKEN => Ok(TaoBalance::MAX),
            Market::Stable => Ok(TaoBalance::ZERO),
            Market::Dynamic(pool) => {
                let order = TaoBalance::from_rao(pool.tao.to_rao().saturating_mul(INPUT_RESERVE_MULTIPLE));
                pool.buy(order, Terms { fee, limit: Some(price_from_rao(limit_rao)) })
                    .map(|trade| trade.consumed())
            }
        }
    }

    /// The largest alpha amount, fee included, that a sale under `limit_rao` (rao of TAO per alpha) consumes.
    ///
    /// For a pool the amount comes from a simulated order of 1000 times its reserve. Stable: everything if the limit is
    /// at most 1 TAO, else nothing.
    pub fn max_sell(&self, limit_rao: u64, fee: Fee) -> Result<AlphaBalance, SwapError> {
        match self {
            Market::Stable if limit_rao <= RAO_PER_TOKEN => Ok(AlphaBalance::MAX),
            Market::Stable => Ok(AlphaBalance::ZERO),
            Market::Dynamic(pool) => {
                let order =
                    AlphaBalance::from_rao(pool.alpha.to_rao().saturating_mul(INPUT_RESERVE_MULTIPLE));
                pool.sell(order, Terms { fee, limit: Some(price_from_rao(limit_rao)) })
                    .map(|trade| trade.consumed())
            }
        }
    }
}

/// The largest amount of the origin's alpha that may move to the destination before the ratio of the two prices
/// (origin/destination) falls below `ratio_e9`/10⁹.
///
/// * stable → dynamic: the amount that may be bought there up to the price 10¹⁸/ratio; unlimited for a ratio of 0.
/// * dynamic → stable: the amount that may be sold here down to the ratio.
/// * stable → stable: unlimited up to a ratio of 1, else nothing.
/// * dynamic → dynamic: nothing if the ratio is above the current one or a reserve is empty, unlimited if it is 0.
///   Otherwise `⌊A₂·T₁/(T₁+T₂)/ℓ − A₁·T₂/(T₁+T₂)⌋` of TAO reserves T and alpha reserves A. The protocol uses this
///   constant-product formula for all weights of the pools.
pub fn max_swap(
    origin: &Market,
    destination: &Market,
    ratio_e9: u64,
    fee: Fee,
) -> Result<AlphaBalance, SwapError> {
    match (origin, destination) {
        (Market::Stable, Market::Stable) if ratio_e9 <= RAO_PER_TOKEN => Ok(AlphaBalance::MAX),
        (Market::Stable, Market::Stable) => Ok(AlphaBalance::ZERO),
        (Market::Stable, Market::Dynamic(_)) => {
            let Some(limit_rao) = super::power::E18.checked_div(ratio_e9) else {
                return Ok(AlphaBalance::MAX);
            };
            destination.max_buy(limit_rao, fee).map(|tao| AlphaBalance::from_rao(tao.to_rao()))
        }
        (Market::Dynamic(_), Market::Stable) => origin.max_sell(ratio_e9, fee),
        (Market::Dynamic(from), Market::Dynamic(to)) => Ok(max_between_pools(from, to, ratio_e9)),
    }
}

fn max_between_pools(from: &Pool, to: &Pool, ratio_e9: u64) -> AlphaBalance {
    let empty = from.tao.is_zero() || from.alpha.is_zero() || to.tao.is_zero() || to.alpha.is_zero();
    let current = from.price().safe_div(to.price());
    if empty || U64F64::from_ratio(ratio_e9, RAO_PER_TOKEN) > current {
        return AlphaBalance::ZERO;
    }
    if ratio_e9 == 0 {
        return AlphaBalance::MAX;
    }
    let (t1, t2) = (u128::from(from.tao.to_rao()), u128::from(to.tao.to_rao()));
    let (a1, a2) = (from.alpha.to_rao(), to.alpha.to_rao());
    // Over the common denominator (T₁ + T₂)·ℓ.
    let gain = BigUint::from(a2) * t1 * RAO_PER_TOKEN;
    let loss = BigUint::from(a1) * t2 * ratio_e9;
    if gain <= loss {
        return AlphaBalance::ZERO;
    }
    let amount = (gain - loss) / (BigUint::from(t1 + t2) * ratio_e9);
    AlphaBalance::from_rao(u64::try_from(amount).unwrap_or(u64::MAX))
}
