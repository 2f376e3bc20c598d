//! The price of a neuron.

use myelin_units::{TaoBalance, U64F64};

/// Q32 factor that leaves a price as it is.
pub const NO_DECAY_FACTOR: u64 = 1 << 32;

/// The least `MinBurn` that an owner may set, in rao. From a price of 0 no registration would ever raise the price
/// again, and up to 3 rao rounding cancels the increase by the default factor of 1.26.
pub const LEAST_MIN_BURN_RAO: u64 = 1_000;

/// Range that a burn is kept in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BurnBounds {
    /// `MinBurn`.
    pub min: TaoBalance,
    /// `MaxBurn`.
    pub max: TaoBalance,
}

impl BurnBounds {
    /// The burn one block later: `⌊burn · factor / 2³²⌋`, clamped. `factor` comes from [`burn_factor`].
    pub fn decayed(&self, burn: TaoBalance, factor: u64) -> TaoBalance {
        let rao = (u128::from(burn.to_rao()) * u128::from(factor)) >> 32;
        self.clamp(TaoBalance::from_rao(u64::try_from(rao).unwrap_or(u64::MAX)))
    }

    /// The burn after one registration: `⌊burn · max(mult, 1)⌋`, clamped. `mult` is `BurnIncreaseMult`.
    pub fn bumped(&self, burn: TaoBalance, mult: U64F64) -> TaoBalance {
        let rao = (U64F64::from_int(burn.to_rao()) * mult.max(U64F64::ONE)).floor_u64();
        self.clamp(TaoBalance::from_rao(rao))
    }

    /// The lower bound wins if the bounds contradict each other.
    fn clamp(&self, burn: TaoBalance) -> TaoBalance {
        burn.min(self.max).max(self.min)
    }
}

/// The per-block factor φ in Q32 for a half-life of `half_life` blocks: the largest integer below 2³² with
/// `pow(φ, half_life) ≤ 2³¹`, found by bisection. [`NO_DECAY_FACTOR`] for a half-life of 0, which means no decay.
pub fn burn_factor(half_life: u16) -> u64 {
    if half_life == 0 {
        return NO_DECAY_FACTOR;
    }
    // Invariant: pow(low) ≤ 2^31 < pow(high).
    let (mut low, mut high) = (0u64, NO_DECAY_FACTOR);
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if power_q32(middle, half_life) <= 1 << 31 {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

/// Binary exponentiation in Q32, from the low bit, rounded down at every multiplication.
fn power_q32(base: u64, mut exponent: u16) -> u64 {
    let mul = |a: u64, b: u64| ((u128::from(a) * u128::from(b)) >> 32) as u64;
    let (mut result, mut square) = (1u64 << 32, base);
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = mul(result, square);
        }
        square = mul(square, square);
        exponent >>= 1;
    }
    result
}
