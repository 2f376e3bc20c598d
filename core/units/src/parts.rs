//! Parts of a whole.

/// A part of a whole in billionths, 0 to 10⁹.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "codec",
    derive(
        codec::Encode,
        codec::Decode,
        codec::DecodeWithMemTracking,
        codec::MaxEncodedLen,
        scale_info::TypeInfo
    )
)]
pub struct PerBillion(u32);

impl PerBillion {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// The whole.
    pub const ONE: Self = Self(1_000_000_000);

    /// `parts` billionths, at most the whole.
    pub const fn from_parts(parts: u32) -> Self {
        if parts > Self::ONE.0 {
            Self::ONE
        } else {
            Self(parts)
        }
    }

    /// `percent` hundredths, at most the whole.
    pub const fn percent(percent: u32) -> Self {
        Self::from_parts(percent.saturating_mul(10_000_000))
    }

    /// `parts` millionths, at most the whole.
    pub const fn millionths(parts: u32) -> Self {
        Self::from_parts(parts.saturating_mul(1_000))
    }

    /// `⌊part / whole⌋` in billionths, at most the whole. A part of nothing is 0.
    pub fn ratio(part: u128, whole: u128) -> Self {
        if part >= whole {
            return if whole == 0 { Self::ZERO } else { Self::ONE };
        }
        // Terms above 2⁹⁷ lose their low bits, so that the product is below 2¹²⁷.
        let shift = 31_u32.saturating_sub(whole.leading_zeros());
        let (part, whole) = (part >> shift, (whole >> shift).max(1));
        let parts = part.saturating_mul(Self::ONE.0.into()) / whole;
        Self::from_parts(u32::try_from(parts).unwrap_or(u32::MAX))
    }

    /// Billionths.
    pub const fn parts(self) -> u32 {
        self.0
    }

    /// `⌊self · amount⌋`.
    pub fn of(self, amount: u64) -> u64 {
        let part = u128::from(self.0).saturating_mul(amount.into()) / u128::from(Self::ONE.0);
        u64::try_from(part).unwrap_or(u64::MAX)
    }

    /// The sum, at most the whole.
    pub fn saturating_add(self, other: Self) -> Self {
        Self::from_parts(self.0.saturating_add(other.0))
    }

    /// The difference, at least nothing.
    pub fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// `⌊self · other⌋`.
    pub fn times(self, other: Self) -> Self {
        Self((u64::from(self.0).saturating_mul(other.0.into()) / u64::from(Self::ONE.0)) as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_stay_within_the_whole_and_round_down() {
        assert_eq!(PerBillion::ratio(1, 3).parts(), 333_333_333);
        assert_eq!((PerBillion::ratio(4, 3), PerBillion::ratio(1, 0)), (PerBillion::ONE, PerBillion::ZERO));
        assert_eq!(PerBillion::percent(150), PerBillion::ONE);
        assert_eq!(PerBillion::percent(5).of(99), 4);
        assert_eq!(PerBillion::ONE.of(u64::MAX), u64::MAX);
        assert_eq!(PerBillion::percent(60).saturating_add(PerBillion::percent(60)), PerBillion::ONE);
        assert_eq!(PerBillion::percent(60).saturating_sub(PerBillion::percent(70)), PerBillion::ZERO);
        assert_eq!(PerBillion::percent(60).times(PerBillion::percent(50)), PerBillion::percent(30));
    }
}
