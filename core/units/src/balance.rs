//! Amounts of money in rao, one type per currency so that TAO and a subnet's alpha never mix by accident.

use core::fmt;

/// Rao per TAO, and per alpha.
pub const RAO_PER_TOKEN: u64 = 1_000_000_000;

macro_rules! balance {
    ($(#[$doc:meta])* $Name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $Name(u64);

        impl $Name {
            /// Nothing.
            pub const ZERO: Self = Self(0);
            /// The largest amount.
            pub const MAX: Self = Self(u64::MAX);

            /// The amount of `rao`.
            #[inline]
            pub const fn from_rao(rao: u64) -> Self {
                Self(rao)
            }

            /// The amount of whole tokens (10⁹ rao each), saturated.
            #[inline]
            pub const fn from_tokens(tokens: u64) -> Self {
                Self(tokens.saturating_mul(RAO_PER_TOKEN))
            }

            /// The amount in rao.
            #[inline]
            pub const fn to_rao(self) -> u64 {
                self.0
            }

            /// Whether the amount is zero.
            #[inline]
            pub const fn is_zero(self) -> bool {
                self.0 == 0
            }

            /// The sum, or `None` if it is above the largest amount.
            #[inline]
            pub const fn checked_add(self, other: Self) -> Option<Self> {
                match self.0.checked_add(other.0) {
                    Some(rao) => Some(Self(rao)),
                    None => None,
                }
            }

            /// The difference, or `None` if it would be negative.
            #[inline]
            pub const fn checked_sub(self, other: Self) -> Option<Self> {
                match self.0.checked_sub(other.0) {
                    Some(rao) => Some(Self(rao)),
                    None => None,
                }
            }

            /// The sum, at most the largest amount.
            #[inline]
            pub const fn saturating_add(self, other: Self) -> Self {
                Self(self.0.saturating_add(other.0))
            }

            /// The difference, at least zero.
            #[inline]
            pub const fn saturating_sub(self, other: Self) -> Self {
                Self(self.0.saturating_sub(other.0))
            }

            /// `floor(self · proportion / 65535)` and the rest; the two parts add up to the whole.
            /// `proportion` is on the u16 scale, where 65535 means everything.
            #[inline]
            pub const fn split_floor(self, proportion: u16) -> (Self, Self) {
                let part = (self.0 as u128 * proportion as u128 / u16::MAX as u128) as u64;
                (Self(part), Self(self.0 - part))
            }
        }

        impl From<u64> for $Name {
            #[inline]
            fn from(rao: u64) -> Self {
                Self(rao)
            }
        }

        impl From<$Name> for u64 {
            #[inline]
            fn from(amount: $Name) -> Self {
                amount.0
            }
        }

        impl core::iter::Sum for $Name {
            /// The saturated sum.
            #[inline]
            fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
                amounts.fold(Self::ZERO, Self::saturating_add)
            }
        }

        impl fmt::Display for $Name {
            /// Whole tokens and nine places: `1.234567890`.
            #[inline]
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}.{:09}", self.0 / RAO_PER_TOKEN, self.0 % RAO_PER_TOKEN)
            }
        }

        impl fmt::Debug for $Name {
            #[inline]
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($Name), "({})"), self)
            }
        }

        #[cfg(feature = "codec")]
        impl codec::CompactAs for $Name {
            type As = u64;
            #[inline]
            fn encode_as(&self) -> &u64 {
                &self.0
            }
            #[inline]
            fn decode_from(rao: u64) -> Result<Self, codec::Error> {
                Ok(Self(rao))
            }
        }

        #[cfg(feature = "codec")]
        impl From<codec::Compact<$Name>> for $Name {
            #[inline]
            fn from(compact: codec::Compact<$Name>) -> Self {
                compact.0
            }
        }

        #[cfg(feature = "codec")]
        impl codec::Encode for $Name {
            #[inline]
            fn size_hint(&self) -> usize {
                8
            }
            #[inline]
            fn encode_to<O: codec::Output + ?Sized>(&self, output: &mut O) {
                self.0.encode_to(output);
            }
        }

        #[cfg(feature = "codec")]
        impl codec::EncodeLike for $Name {}
        #[cfg(feature = "codec")]
        impl codec::EncodeLike<u64> for $Name {}

        #[cfg(feature = "codec")]
        impl codec::Decode for $Name {
            #[inline]
            fn decode<I: codec::Input>(input: &mut I) -> Result<Self, codec::Error> {
                u64::decode(input).map(Self)
            }
        }

        #[cfg(feature = "codec")]
        impl codec::DecodeWithMemTracking for $Name {}

        #[cfg(feature = "codec")]
        impl codec::MaxEncodedLen for $Name {
            #[inline]
            fn max_encoded_len() -> usize {
                8
            }
        }

        /// In metadata an amount is a plain `u64`, as clients expect.
        #[cfg(feature = "codec")]
        impl scale_info::TypeInfo for $Name {
            type Identity = u64;
            #[inline]
            fn type_info() -> scale_info::Type {
                <u64 as scale_info::TypeInfo>::type_info()
            }
        }
    };
}

balance!(
    /// An amount of TAO, in rao.
    TaoBalance
);
balance!(
    /// An amount of one subnet's alpha, in rao.
    AlphaBalance
);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    #[inline]
    fn amounts_show_whole_tokens_and_nine_places() {
        assert_eq!(std::format!("{}", TaoBalance::from_rao(1_234_567_890)), "1.234567890");
        assert_eq!(std::format!("{:?}", AlphaBalance::from_rao(5)), "AlphaBalance(0.000000005)");
        assert_eq!(TaoBalance::from_tokens(3).to_rao(), 3_000_000_000);
    }

    #[test]
    #[inline]
    fn overflow_is_refused_or_saturated() {
        assert_eq!(TaoBalance::MAX.checked_add(TaoBalance::from_rao(1)), None);
        assert_eq!(TaoBalance::ZERO.checked_sub(TaoBalance::from_rao(1)), None);
        assert_eq!(TaoBalance::MAX.saturating_add(TaoBalance::MAX), TaoBalance::MAX);
        assert_eq!(TaoBalance::ZERO.saturating_sub(TaoBalance::MAX), TaoBalance::ZERO);
    }

    proptest! {
        #[test]
        #[inline]
        fn split_conserves_the_amount(rao in any::<u64>(), proportion in any::<u16>()) {
            let (part, rest) = AlphaBalance::from_rao(rao).split_floor(proportion);
            prop_assert_eq!(part.checked_add(rest), Some(AlphaBalance::from_rao(rao)));
            prop_assert_eq!(part.to_rao() as u128, rao as u128 * proportion as u128 / 65535);
        }
    }

    #[cfg(feature = "codec")]
    #[test]
    #[inline]
    fn amounts_are_plain_integers_on_the_wire_and_in_metadata() {
        use codec::{Compact, Decode, Encode};
        use scale_info::{meta_type, MetaType};
        let amount = TaoBalance::from_rao(77);
        assert_eq!(amount.encode(), 77u64.encode());
        assert_eq!(Compact(amount).encode(), Compact(77u64).encode());
        assert_eq!(Compact::<TaoBalance>::decode(&mut &Compact(77u64).encode()[..]).map(|c| c.0), Ok(amount));
        let (ours, plain): (MetaType, MetaType) = (meta_type::<TaoBalance>(), meta_type::<u64>());
        assert_eq!(ours, plain);
    }
}
