//! Storage defaults: those of parameters come from the parameter table.
//!
//! A default is the value that a client decodes when a key is absent, so it is part of the interface.

use frame_support::traits::Get;
use myelin_economy::{params::row, sessions::Sessions};
use myelin_units::{TaoBalance, I96F32, U64F64};

/// The default that the parameter table gives to this storage item, as a constant.
pub const fn stored(item: &str) -> i128 {
    row(item).stored()
}

/// A default from the parameter table: `Tabled<{ stored("Tempo") }>`.
pub struct Tabled<const RAW: i128>;

/// Numbers; that a default fits into its type is tested with the table.
macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl<const RAW: i128> Get<$number> for Tabled<RAW> {
            fn get() -> $number {
                RAW as $number
            }
        }
    )*};
}

numbers!(u8, u16, u32, u64, i16);

impl<const RAW: i128> Get<bool> for Tabled<RAW> {
    fn get() -> bool {
        RAW != 0
    }
}

impl<const RAW: i128> Get<TaoBalance> for Tabled<RAW> {
    fn get() -> TaoBalance {
        TaoBalance::from_rao(RAW as u64)
    }
}

impl<const RAW: i128> Get<I96F32> for Tabled<RAW> {
    fn get() -> I96F32 {
        I96F32::from_bits(RAW)
    }
}

impl<const RAW: i128> Get<U64F64> for Tabled<RAW> {
    fn get() -> U64F64 {
        U64F64::from_bits(RAW.unsigned_abs())
    }
}

/// `AlphaValues`: slowest and fastest speed of bonds.
pub struct LiquidAlphaRange;

impl Get<(u16, u16)> for LiquidAlphaRange {
    fn get() -> (u16, u16) {
        (Tabled::<{ stored("AlphaValues.low") }>::get(), Tabled::<{ stored("AlphaValues.high") }>::get())
    }
}

/// `SessionLength`: the length of a production chain.
pub struct HourlySessions;

impl Get<Sessions> for HourlySessions {
    fn get() -> Sessions {
        Sessions::of(Tabled::<{ stored("SessionLength") }>::get())
    }
}

/// `TokenSymbol`: the symbol of a subnet without one of its own.
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
