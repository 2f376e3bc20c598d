//! Parts of a whole, in billionths.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// A part of a whole, from nothing to all of it, in billionths.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub struct Parts(u32);

impl Parts {
    /// Nothing.
    pub const NONE: Self = Self(0);
    /// The whole.
    pub const ALL: Self = Self(1_000_000_000);

    /// So many billionths, at most the whole.
    pub const fn from_billionths(billionths: u32) -> Self {
        if billionths > Self::ALL.0 {
            Self::ALL
        } else {
            Self(billionths)
        }
    }

    /// So many hundredths, at most the whole.
    pub const fn from_percent(percent: u32) -> Self {
        Self::from_billionths(percent.saturating_mul(10_000_000))
    }

    /// The part in billionths.
    pub const fn billionths(self) -> u32 {
        self.0
    }

    /// `floor(part / whole)`, at most the whole; nothing of nothing. Parts up to `2⁹⁸` are exact.
    pub fn of_ratio(part: u128, whole: u128) -> Self {
        let scaled = part.min(whole).saturating_mul(Self::ALL.0.into()).checked_div(whole).unwrap_or(0);
        u32::try_from(scaled).map_or(Self::ALL, Self::from_billionths)
    }

    /// `floor(self · amount)`.
    pub fn of_floor(self, amount: u64) -> u64 {
        let part = u128::from(amount).saturating_mul(self.0.into()) / u128::from(Self::ALL.0);
        u64::try_from(part).unwrap_or(amount)
    }

    /// The sum, at most the whole.
    pub fn saturating_add(self, other: Self) -> Self {
        Self::from_billionths(self.0.saturating_add(other.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_stay_within_the_whole_and_round_down() {
        assert_eq!(Parts::of_ratio(1, 3).billionths(), 333_333_333);
        assert_eq!((Parts::of_ratio(4, 3), Parts::of_ratio(1, 0)), (Parts::ALL, Parts::NONE));
        assert_eq!(Parts::from_percent(150), Parts::ALL);
        assert_eq!(Parts::from_percent(5).of_floor(99), 4);
        assert_eq!(Parts::ALL.of_floor(u64::MAX), u64::MAX);
        assert_eq!(Parts::from_percent(60).saturating_add(Parts::from_percent(60)), Parts::ALL);
    }
}
