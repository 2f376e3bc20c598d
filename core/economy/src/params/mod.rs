//! Every parameter once: name, type, unit, default, range, who may set it, how often, and what it means.
//!
//! Storage defaults, checks of administrative calls, waits, the `set` command and the reference page all read one row.
//! A value is an `i128` whose meaning is its [`Kind`]: a flag is 0 or 1, an amount is in rao, a fixed-point number is
//! its raw bits. [`Unit`] says how people write it.
//!
//! * [`SUBNET`] holds the parameters with a value per subnet, [`NETWORK`] those with one value.
//! * [`ACTIONS`] holds the rare actions of owners that do not set a number.
//! * [`RevealTiming`] is the one relation between parameters that has a rule of its own.

mod actions;
mod network;
mod parameter;
mod subnet;
#[cfg(test)]
mod tests;
mod text;
mod timing;

pub use actions::{action, Action, ACTIONS};
pub use network::NETWORK;
pub use parameter::{Call, Parameter};
pub use subnet::SUBNET;
pub use text::{ReadError, Unit};
pub use timing::{first_block, RevealTiming, FREE_SERVING_INTERVAL, MIN_SERVING_INTERVAL};

use crate::profile::Profile;
use myelin_units::{TaoBalance, I96F32, U64F64};

/// The type of a parameter's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// 0 or 1.
    Bool,
    /// `u8`.
    U8,
    /// `u16`.
    U16,
    /// `u32`.
    U32,
    /// `u64`.
    U64,
    /// `i16`.
    I16,
    /// A TAO amount in rao, `u64`.
    Tao,
    /// A number as I96F32, given by its raw bits.
    FixedI96F32,
    /// A number as U64F64, given by its raw bits.
    FixedU64F64,
}

impl Kind {
    /// The smallest and largest value of the type.
    pub const fn bounds(self) -> (i128, i128) {
        match self {
            Kind::Bool => (0, 1),
            Kind::U8 => (0, u8::MAX as i128),
            Kind::U16 => (0, u16::MAX as i128),
            Kind::U32 => (0, u32::MAX as i128),
            Kind::U64 | Kind::Tao => (0, u64::MAX as i128),
            Kind::I16 => (i16::MIN as i128, i16::MAX as i128),
            Kind::FixedI96F32 => (i128::MIN, i128::MAX),
            Kind::FixedU64F64 => (0, i128::MAX),
        }
    }

    /// Bytes of a value in storage and in calls, where it stands little-endian.
    pub const fn width(self) -> usize {
        match self {
            Kind::Bool | Kind::U8 => 1,
            Kind::U16 | Kind::I16 => 2,
            Kind::U32 => 4,
            Kind::U64 | Kind::Tao => 8,
            Kind::FixedI96F32 | Kind::FixedU64F64 => 16,
        }
    }

    /// The value as it stands in storage and in calls; bytes of a value outside of [`Self::bounds`] are cut.
    pub fn to_bytes(self, value: i128) -> alloc::vec::Vec<u8> {
        let bytes = value.to_le_bytes();
        bytes.iter().copied().take(self.width()).collect()
    }

    /// The value at the beginning of `bytes`; `None` if there are too few bytes.
    pub fn from_bytes(self, bytes: &[u8]) -> Option<i128> {
        let own = bytes.get(..self.width())?;
        let negative = self.bounds().0 < 0 && own.last().is_some_and(|byte| byte & 0x80 != 0);
        let mut wide = if negative { [0xff; 16] } else { [0; 16] };
        wide.iter_mut().zip(own).for_each(|(to, from)| *to = *from);
        Some(i128::from_le_bytes(wide))
    }
}

/// A value as the chain's storage and calls hold it.
pub trait Value: Copy {
    /// The number that the table compares.
    fn raw(self) -> i128;
}

macro_rules! values {
    ($($kind:ty),*) => {$(
        impl Value for $kind {
            fn raw(self) -> i128 {
                self.into()
            }
        }
    )*};
}

values!(bool, u8, u16, u32, u64, i16);

impl Value for TaoBalance {
    fn raw(self) -> i128 {
        self.to_rao().into()
    }
}

impl Value for I96F32 {
    fn raw(self) -> i128 {
        self.to_bits()
    }
}

impl Value for U64F64 {
    /// The raw bits, limited to the range of `i128`.
    fn raw(self) -> i128 {
        i128::try_from(self.to_bits()).unwrap_or(i128::MAX)
    }
}

/// Accounts that may set a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setter {
    /// Root only.
    Root,
    /// The subnet's owner, within range and cool-down; and root, without cool-down.
    Owner,
    /// Nobody: it is constant, or follows from other events.
    Nobody,
}

/// Account that is setting a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Root.
    Root,
    /// The owner of the subnet.
    Owner,
}

/// Wait of an owner between two changes of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cooldown {
    /// Not at all.
    None,
    /// `OwnerHyperparamRateLimit` tempos of the subnet.
    OwnerTempos,
    /// `WeightsVersionKeyRateLimit` tempos of the subnet.
    VersionKeyTempos,
    /// A number of blocks.
    Blocks(u64),
    /// A number of blocks on production and on fast networks.
    ByProfile {
        /// On production networks.
        production: u64,
        /// On fast networks.
        fast: u64,
    },
}

/// The numbers that cool-downs are computed from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// `Tempo` of the subnet.
    pub tempo: u16,
    /// `OwnerHyperparamRateLimit`.
    pub owner_tempos: u16,
    /// `WeightsVersionKeyRateLimit`.
    pub version_key_tempos: u64,
    /// Profile that decides between two durations.
    pub profile: Profile,
}

impl Cooldown {
    /// Blocks to wait; saturating.
    pub fn blocks(self, pace: &Pace) -> u64 {
        let tempo = u64::from(pace.tempo);
        match self {
            Cooldown::None => 0,
            Cooldown::OwnerTempos => tempo.saturating_mul(u64::from(pace.owner_tempos)),
            Cooldown::VersionKeyTempos => tempo.saturating_mul(pace.version_key_tempos),
            Cooldown::Blocks(blocks) => blocks,
            Cooldown::ByProfile { production, fast } => {
                if pace.profile.fast {
                    fast
                } else {
                    production
                }
            }
        }
    }
}

/// Origin of a subnet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// With the network.
    Genesis,
    /// By a user's registration.
    Registered,
}

/// Reasons to refuse a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParameterError {
    /// Not a value of the type at all.
    #[error("{name} cannot be {value}; its type holds {min} to {max}")]
    WrongType {
        /// The parameter.
        name: &'static str,
        /// The value offered.
        value: i128,
        /// Smallest value of the type.
        min: i128,
        /// Largest value of the type.
        max: i128,
    },
    /// Below what the caller may set.
    #[error("{name} was to be {value}; the smallest value is {min}")]
    TooSmall {
        /// The parameter.
        name: &'static str,
        /// The value offered.
        value: i128,
        /// Smallest value allowed.
        min: i128,
    },
    /// Above what the caller may set.
    #[error("{name} was to be {value}; the largest value is {max}")]
    TooLarge {
        /// The parameter.
        name: &'static str,
        /// The value offered.
        value: i128,
        /// Largest value allowed.
        max: i128,
    },
    /// The caller may not set it at all.
    #[error("{name} cannot be set by this caller; it is set by root or follows from other events")]
    NotAllowed {
        /// The parameter.
        name: &'static str,
    },
}

/// The parameter with this name: of its storage item, of a call, or the one clients ask for.
pub fn find(name: &str) -> Option<&'static Parameter> {
    SUBNET.iter().chain(NETWORK).find(|row| row.is_called(name))
}

/// Two names are the same; in constants too.
const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut at = 0;
    while at < a.len() {
        if a[at] != b[at] {
            return false;
        }
        at += 1;
    }
    true
}

/// The row of a storage item, for constants: a name that the table lacks fails to compile. Elsewhere use [`find`].
pub const fn row(name: &str) -> &'static Parameter {
    let mut at = 0;
    while at < SUBNET.len() {
        if same(SUBNET[at].name, name) {
            return &SUBNET[at];
        }
        at += 1;
    }
    at = 0;
    while at < NETWORK.len() {
        if same(NETWORK[at].name, name) {
            return &NETWORK[at];
        }
        at += 1;
    }
    panic!("the table has no such parameter")
}
