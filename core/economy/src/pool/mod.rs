//! The pool of a subnet: two reserves, two weights, a price, and swaps between TAO and alpha.
//!
//! A pool holds y TAO and x alpha with weights w_q for TAO (quote) and w_b for alpha (base), w_b + w_q = 1. It trades
//! along the curve x^w_b · y^w_q = constant; the price in TAO per alpha is (w_b/w_q)·(y/x). Weights move only when the
//! network adds reserves in another proportion than the pool's own ([`Pool::with_injection`]), so that adding moves no
//! price.
//!
//! * [`Pool`] and [`QuoteWeight`]: this file.
//! * [`swap`]: one buy or sale, in full or up to a price limit.
//! * [`block_trades`]: the orders of one block against each other, so that sandwiches lose.
//! * [`market`]: pools and the 1:1 exchange of root and stable subnets behind one type, and the largest order under a
//!   limit.
//! * [`injection`]: weights after adding reserves.
//! * [`power`]: the certified power function under all of it.

pub mod block_trades;
pub mod injection;
pub mod market;
pub mod power;
pub mod swap;
#[cfg(test)]
mod tests;

use myelin_units::{AlphaBalance, TaoBalance, U64F64};

pub use block_trades::BlockTrades;
pub use market::{max_swap, Market};
pub use power::power_e18;
pub use swap::{Fee, Rounding, Side, SwapError, Terms, Trade};

/// Largest price limit of an order, and the one used where the caller names none, in rao of TAO per alpha.
pub const MAX_PRICE_RAO: u64 = 1_000_000_000_000_000;
/// Smallest price limit used where the caller names none, in rao of TAO per alpha.
pub const MIN_PRICE_RAO: u64 = 1_000;
/// Fewest rao in the reserve that pays.
pub const MINIMUM_RESERVE_RAO: u64 = 1_000_000;
/// The fee rate of a new subnet on the u16 scale (33/65535 ≈ 0.05 %).
pub const DEFAULT_FEE_RATE: u16 = 33;
/// The largest fee rate that may be set.
pub const MAX_FEE_RATE: u16 = 10_000;

/// A price in TAO per alpha.
pub type Price = U64F64;

/// The price that is `rao` rao of TAO for one whole alpha.
pub fn price_from_rao(rao: u64) -> Price {
    U64F64::from_ratio(rao, myelin_units::balance::RAO_PER_TOKEN)
}

/// A price in rao of TAO per whole alpha, rounded down and saturated.
pub fn price_to_rao(price: Price) -> u64 {
    (price * U64F64::from_int(myelin_units::balance::RAO_PER_TOKEN)).floor_u64()
}

/// The square root of a price, rounded down to 63 significant bits, or to the last there is.
pub fn sqrt_price(price: Price) -> Price {
    let bits = price.to_bits();
    let shift = bits.leading_zeros().min(64) & !1;
    let root = (bits << shift).isqrt();
    U64F64::from_bits(root << (32 - shift / 2))
}

/// The weight of TAO in a pool, as a fraction of 10¹⁸, between 1 % and 99 %; alpha has the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct QuoteWeight(u64);

impl QuoteWeight {
    /// One, the sum of both weights.
    pub const UNIT: u64 = power::E18;
    /// The smallest legal weight: 1 %.
    pub const MIN: u64 = Self::UNIT / 100;
    /// The largest legal weight: 99 %.
    pub const MAX: u64 = Self::UNIT - Self::MIN;
    /// Both weights equal: a constant-product pool.
    pub const HALF: Self = QuoteWeight(Self::UNIT / 2);

    /// A weight in units of 10⁻¹⁸; `None` outside [`Self::MIN`] ..= [`Self::MAX`].
    pub const fn new(e18: u64) -> Option<Self> {
        if Self::MIN <= e18 && e18 <= Self::MAX {
            Some(QuoteWeight(e18))
        } else {
            None
        }
    }

    /// The weight of TAO in units of 10⁻¹⁸.
    pub const fn quote_e18(self) -> u64 {
        self.0
    }

    /// The weight of alpha in units of 10⁻¹⁸.
    pub const fn base_e18(self) -> u64 {
        Self::UNIT - self.0
    }
}

impl Default for QuoteWeight {
    fn default() -> Self {
        Self::HALF
    }
}

/// Reserves and weights of one subnet's pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pool {
    /// TAO in the pool (y).
    pub tao: TaoBalance,
    /// Alpha in the pool (x), not counting what is outstanding.
    pub alpha: AlphaBalance,
    /// Weight of TAO.
    pub weight: QuoteWeight,
}

impl Pool {
    /// A pool of equal weights.
    pub const fn balanced(tao: TaoBalance, alpha: AlphaBalance) -> Self {
        Pool { tao, alpha, weight: QuoteWeight::HALF }
    }

    /// The spot price (w_b/w_q)·(y/x), each quotient and the product rounded down; 0 if there is no alpha.
    pub fn price(&self) -> Price {
        let weights = U64F64::from_ratio(self.weight.base_e18(), self.weight.quote_e18());
        weights * U64F64::from_ratio(self.tao.to_rao(), self.alpha.to_rao())
    }

    /// TAO that an alpha amount is worth at the spot price, rounded down. No swap pays that much.
    pub fn value_at_spot(&self, alpha: AlphaBalance) -> TaoBalance {
        TaoBalance::from_rao((self.price() * U64F64::from_int(alpha.to_rao())).floor_u64())
    }
}
