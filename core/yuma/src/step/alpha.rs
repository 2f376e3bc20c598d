//! Speed at which bonds follow weights.

use myelin_units::{I32F32, I64F64};

/// Largest magnitude of the sigmoid's argument: 20.
const MAX_ARGUMENT: I32F32 = I32F32::from_bits(20 << 32);
/// The distance at which the sigmoid is a half: 0.5.
const HALF: I32F32 = I32F32::from_bits(1 << 31);

/// The share of the new weight in a bond when all pairs share one: `1 − moving_average / 10⁶`, the quotient
/// floored to 32 bits.
pub fn fixed_alpha(bonds_moving_average: u64) -> I32F32 {
    let kept = I64F64::from_int(bonds_moving_average) / I64F64::from_int(1_000_000);
    I32F32::ONE - kept.cast::<I32F32>()
}

/// The liquid coefficient of one pair of validator and miner.
///
/// Bonds follow faster where the validator moves away from consensus: with `d` the distance of its weight
/// from consensus (buying) or of its bond from the weight (selling), the coefficient is `low + σ(d)·(high −
/// low)`, where `σ(d) = 1 / (1 + e^(−(steepness/100)·(d − 0.5)))`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiquidAlpha {
    low: I32F32,
    high: I32F32,
    /// `steepness / −100`.
    slope: I32F32,
}

impl LiquidAlpha {
    /// Coefficients between `low` and `high` (in 65535ths) with the given steepness (in hundredths).
    pub fn new(low: u16, high: u16, steepness: i16) -> Self {
        Self {
            low: I32F32::from_u16_unit(low),
            high: I32F32::from_u16_unit(high),
            slope: I32F32::from_int(steepness) / I32F32::from_int(-100),
        }
    }

    /// The coefficient for a weight, the consensus on the miner and the present bond.
    pub fn coefficient(&self, consensus: I32F32, weight: I32F32, bond: I32F32) -> I32F32 {
        let distance = if weight >= bond { weight - consensus } else { bond - weight };
        let distance = within(distance, I32F32::ZERO, I32F32::ONE);
        let argument = within(self.slope * (distance - HALF), I32F32::ZERO - MAX_ARGUMENT, MAX_ARGUMENT);
        let sigmoid = (I32F32::ONE + argument.exp()).reciprocal();
        within(self.low + sigmoid * (self.high - self.low), self.low, self.high)
    }
}

/// `x` no lower than `low`, and then no higher than `high`; unlike `clamp` it is defined for crossed bounds.
fn within(x: I32F32, low: I32F32, high: I32F32) -> I32F32 {
    x.max(low).min(high)
}

/// The new bond of one pair: `min((1 − a)·bond + max(a·weight, 0), 1)`.
pub fn blend(bond: I32F32, weight: I32F32, coefficient: I32F32) -> I32F32 {
    let kept = (I32F32::ONE - coefficient) * bond;
    let bought = (coefficient * weight).max(I32F32::ZERO);
    (kept + bought).min(I32F32::ONE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fixed_alpha_is_one_less_the_floored_quotient() {
        assert_eq!(fixed_alpha(900_000).to_bits(), (1 << 32) - 3_865_470_566);
        assert_eq!(fixed_alpha(0), I32F32::ONE);
        assert_eq!(fixed_alpha(1_000_000), I32F32::ZERO);
        assert!(
            fixed_alpha(u64::MAX) < I32F32::ZERO,
            "an absurd average gives an absurd, but defined, coefficient"
        );
    }

    #[test]
    fn a_bond_equal_to_its_weight_is_measured_against_consensus() {
        let alpha = LiquidAlpha::new(6553, 19_660, 1000);
        let equal = alpha.coefficient(I32F32::ZERO, I32F32::ONE, I32F32::ONE);
        assert_eq!(equal, alpha.coefficient(I32F32::ZERO, I32F32::ONE, I32F32::ZERO));
    }

    #[test]
    fn the_coefficient_stays_between_its_bounds() {
        let alpha = LiquidAlpha::new(6553, 19_660, 1000);
        let low = alpha.coefficient(I32F32::ONE, I32F32::ONE, I32F32::ZERO);
        let high = alpha.coefficient(I32F32::ZERO, I32F32::ONE, I32F32::ZERO);
        assert_eq!(std::format!("{low:.4} {high:.4}"), "0.1013 0.2986");
        let crossed =
            LiquidAlpha::new(60_000, 6553, i16::MIN).coefficient(I32F32::ONE, I32F32::ZERO, I32F32::ONE);
        assert_eq!(crossed, I32F32::from_u16_unit(6553));
    }
}
