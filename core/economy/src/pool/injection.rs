//! Adding reserves without moving the price.
//!
//! The network adds TAO and alpha to a pool in a proportion of its own. Weights absorb the difference: with
//! Q₁ = w_b·y·(x+Δx) and Q₂ = w_q·x·(y+Δy) the new weight of TAO is Q₂/(Q₁+Q₂), which leaves (w_b/w_q)·(y/x) as it was.

use myelin_units::{AlphaBalance, TaoBalance};

use super::{power::E18, Pool, QuoteWeight};
use crate::wide::{mul_div, mul_div_half_up};

impl Pool {
    /// The weight of TAO after adding `tao` and `alpha`; `None` if it would leave the legal range, and then nothing may
    /// be added.
    ///
    /// Q₁ and Q₂ are rounded half up to integers, their ratio down to 10⁻¹⁸; one half if both are 0.
    pub fn weight_after_injection(&self, tao: TaoBalance, alpha: AlphaBalance) -> Option<QuoteWeight> {
        let (y, x) = (self.tao.to_rao(), self.alpha.to_rao());
        let base = cross(self.weight.base_e18(), y, self.alpha.saturating_add(alpha).to_rao());
        let quote = cross(self.weight.quote_e18(), x, self.tao.saturating_add(tao).to_rao());
        let sum = base.saturating_add(quote);
        if sum == 0 {
            return Some(QuoteWeight::HALF);
        }
        let e18 = mul_div(quote, u128::from(E18), sum).and_then(|e18| u64::try_from(e18).ok())?;
        QuoteWeight::new(e18)
    }

    /// The pool after adding `tao` and `alpha` at an unchanged price; `None` if the weights cannot absorb them.
    pub fn with_injection(&self, tao: TaoBalance, alpha: AlphaBalance) -> Option<Pool> {
        let weight = self.weight_after_injection(tao, alpha)?;
        Some(Pool { tao: self.tao.saturating_add(tao), alpha: self.alpha.saturating_add(alpha), weight })
    }
}

/// `round(weight · reserve · grown / 10¹⁸)`, half up.
fn cross(weight_e18: u64, reserve: u64, grown: u64) -> u128 {
    mul_div_half_up(u128::from(weight_e18), u128::from(reserve) * u128::from(grown), u128::from(E18))
}
