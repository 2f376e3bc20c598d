//! The approval and the support that a referendum needs, falling with the time of its decision.
//!
//! Both axes are parts per billion: time is the part of the decision period that has passed. Shapes and rounding equal
//! `pallet_referenda::Curve` of release 50.0.0, so that chain and clients compute the same.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use myelin_units::PerBillion;
use scale_info::TypeInfo;

/// 1 in fixed point of nine places.
const ONE: i64 = 1_000_000_000;

/// A requirement that falls with time.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum Curve {
    /// From `ceil` straight to `floor` at `length`, and `floor` from there on.
    #[codec(index = 0)]
    Linear {
        /// Time at which `floor` is reached.
        length: PerBillion,
        /// Lowest requirement.
        floor: PerBillion,
        /// Requirement at the beginning.
        ceil: PerBillion,
    },
    /// `factor / (time + x_offset) + y_offset`, each in billionths.
    #[codec(index = 2)]
    Reciprocal {
        /// The numerator.
        factor: i64,
        /// Shift of time.
        x_offset: i64,
        /// Shift of the requirement.
        y_offset: i64,
    },
}

impl Curve {
    /// A straight line from `ceil` to `floor`, in percent, over the whole decision period.
    pub(crate) const fn linear(floor: u32, ceil: u32) -> Self {
        assert!(floor <= ceil && ceil <= 100, "a line falls");
        Self::Linear {
            length: PerBillion::ONE,
            floor: PerBillion::percent(floor),
            ceil: PerBillion::percent(ceil),
        }
    }

    /// The hyperbola through `ceil` at the beginning, `level` at `delay` and `floor` at the end, all in percent.
    ///
    /// With A = ceil − level and B = ceil − floor: x = delay·(B − A) / (A − delay·B), factor = B·x·(1 + x), and
    /// y = ceil − factor / x.
    pub(crate) const fn reciprocal(delay: u32, level: u32, floor: u32, ceil: u32) -> Self {
        assert!(floor < level && level < ceil && ceil <= 100, "a curve falls");
        let (a, b, d) = ((ceil - level) as i128, (ceil - floor) as i128, delay as i128);
        assert!(a * 100 > d * b, "the level lies below the straight line");
        let one = ONE as i128;
        let x = d * (b - a) * one / (a * 100 - d * b);
        let factor = b * x * (one + x) / (one * 100);
        let y = ceil as i128 * 10_000_000 - factor * one / x;
        Self::Reciprocal { factor: factor as i64, x_offset: x as i64, y_offset: y as i64 }
    }

    /// The requirement at `time`.
    pub fn threshold(&self, time: PerBillion) -> PerBillion {
        match *self {
            Self::Linear { length, floor, ceil } => {
                let passed = if length == PerBillion::ZERO {
                    PerBillion::ONE
                } else {
                    PerBillion::ratio(time.min(length).parts().into(), length.parts().into())
                };
                ceil.saturating_sub(passed.times(ceil.saturating_sub(floor)))
            }
            Self::Reciprocal { factor, x_offset, y_offset } => {
                let at = i64::from(time.parts()).saturating_add(x_offset);
                let value = quotient(factor, at, false).map(|value| value.saturating_add(y_offset));
                value.map_or(PerBillion::ONE, clamped)
            }
        }
    }

    /// Whether `value` suffices at `time`.
    pub fn passing(&self, time: PerBillion, value: PerBillion) -> bool {
        value >= self.threshold(time)
    }

    /// The time at which `value` suffices, as the pallet computes it for its alarm; [`PerBillion::ONE`] also where it
    /// never does. A hyperbola answers ONE for values above its beginning; [`Self::first_passing`] does not.
    pub fn delay(&self, value: PerBillion) -> PerBillion {
        match *self {
            Self::Linear { floor, .. } if value < floor => PerBillion::ONE,
            Self::Linear { ceil, .. } if value > ceil => PerBillion::ZERO,
            Self::Linear { length, floor, ceil } => {
                let (way, whole) = (
                    u64::from(ceil.saturating_sub(value).parts()),
                    u64::from(ceil.saturating_sub(floor).parts()),
                );
                let part = way.saturating_mul(ONE as u64).checked_next_multiple_of(whole);
                let part = part.and_then(|scaled| scaled.checked_div(whole)).unwrap_or(ONE as u64);
                PerBillion::from_parts(u32::try_from(part).unwrap_or(u32::MAX)).times(length)
            }
            Self::Reciprocal { factor, x_offset, y_offset } => {
                let over = i64::from(value.parts()).saturating_sub(y_offset);
                let time = quotient(factor, over, true).map(|time| time.saturating_sub(x_offset));
                let within = time.filter(|time| (0..=ONE).contains(time));
                within.map_or(PerBillion::ONE, clamped)
            }
        }
    }

    /// The first time at which `value` suffices, to the rounding of [`Self::delay`]; `None` if it never does.
    pub fn first_passing(&self, value: PerBillion) -> Option<PerBillion> {
        if self.passing(PerBillion::ZERO, value) {
            return Some(PerBillion::ZERO);
        }
        let delay = self.delay(value);
        self.passing(PerBillion::ONE, value).then_some(delay)
    }

    /// The lowest requirement: that of the last block.
    pub fn floor(&self) -> PerBillion {
        self.threshold(PerBillion::ONE)
    }
}

/// `value / by` in fixed point, rounded down or up; `None` for a divisor of 0 or a result out of range.
fn quotient(value: i64, by: i64, up: bool) -> Option<i64> {
    let scaled = i128::from(value).checked_mul(ONE.into())?;
    let by = i128::from(by);
    let (whole, rest) = (scaled.checked_div(by)?, scaled.checked_rem(by)?);
    let negative = (rest < 0) != (by < 0);
    let step = match (rest != 0, negative, up) {
        (true, true, false) => -1,
        (true, false, true) => 1,
        _ => 0,
    };
    i64::try_from(whole.checked_add(step)?).ok()
}

fn clamped(value: i64) -> PerBillion {
    PerBillion::from_parts(value.clamp(0, ONE) as u32)
}

#[cfg(test)]
mod tests;
