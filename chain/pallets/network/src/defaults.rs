//! Storage defaults that the standard `Const*` types cannot express.
//!
//! A default is what a client decodes when a key is absent, so these numbers are part of the interface.

use frame_support::traits::Get;
use myelin_units::{AlphaBalance, TaoBalance, I96F32, U64F64};

/// A balance of `RAO` rao, as TAO or alpha.
pub struct Rao<const RAO: u64>;

impl<const RAO: u64> Get<TaoBalance> for Rao<RAO> {
    fn get() -> TaoBalance {
        TaoBalance::from_rao(RAO)
    }
}

impl<const RAO: u64> Get<AlphaBalance> for Rao<RAO> {
    fn get() -> AlphaBalance {
        AlphaBalance::from_rao(RAO)
    }
}

/// A fixed-point number given by its raw bits.
pub struct Bits<const RAW: i128>;

impl<const RAW: i128> Get<I96F32> for Bits<RAW> {
    fn get() -> I96F32 {
        I96F32::from_bits(RAW)
    }
}

impl<const RAW: i128> Get<U64F64> for Bits<RAW> {
    fn get() -> U64F64 {
        U64F64::from_bits(RAW.unsigned_abs())
    }
}

/// `SubnetMovingAlpha`: 3·10⁻⁶ to the nearest 2⁻³².
pub type MovingAlpha = Bits<12_885>;

/// `RootClaimableThreshold`: 500,000 rao.
pub type ClaimThreshold = Bits<{ 500_000i128 << 32 }>;

/// `BurnIncreaseMult`: 1.26 as the double nearest to it, which is what the official default holds.
pub type BurnMultiplier = Bits<23_242_897_532_874_035_200>;

/// `AlphaValues`: liquid alpha between 0.7 and 0.9.
pub struct LiquidAlphaRange;

impl Get<(u16, u16)> for LiquidAlphaRange {
    fn get() -> (u16, u16) {
        (45_875, 58_982)
    }
}

/// `AlphaSigmoidSteepness`: a factor of 10.
pub struct Steepness;

impl Get<i16> for Steepness {
    fn get() -> i16 {
        1_000
    }
}

/// `TokenSymbol`: what a subnet without a symbol of its own shows.
pub struct Tau;

impl Get<alloc::vec::Vec<u8>> for Tau {
    fn get() -> alloc::vec::Vec<u8> {
        "\u{1D70F}".as_bytes().to_vec()
    }
}

/// The account of 32 zero bytes: "nobody" in maps whose official value is not optional.
pub struct NoAccount;

impl<A: codec::Decode> Get<A> for NoAccount {
    fn get() -> A {
        A::decode(&mut sp_runtime::traits::TrailingZeroInput::zeroes())
            .expect("an account id is a fixed run of bytes, and every byte pattern is one")
    }
}
