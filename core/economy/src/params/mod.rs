//! Every parameter once: name, type, default, range, who may set it, how often, and what it means.
//!
//! Storage defaults, checks of administrative calls, the `set` command, tooltips and reference pages can all be read
//! from one row. A value is an `i128` whose meaning is its [`Kind`]: a flag is 0 or 1, an amount is in rao, a fixed-point
//! number is its raw bits.
//!
//! [`SUBNET`] holds what each subnet has a value of, [`NETWORK`] what there is one value of.

mod network;
mod subnet;
#[cfg(test)]
mod tests;

pub use network::NETWORK;
pub use subnet::SUBNET;

use crate::profile::Profile;

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
    /// An alpha amount in rao as I96F32, given by its raw bits.
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
}

/// Who may set a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setter {
    /// Root only.
    Root,
    /// The subnet's owner, within range and cool-down; and root, without either.
    Owner,
    /// Nobody: it is constant, or follows from other events.
    Nobody,
}

/// Who is setting a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Root, bound by the type alone.
    Root,
    /// The owner of the subnet.
    Owner,
}

/// How long an owner must wait between two changes of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cooldown {
    /// Not at all.
    None,
    /// `OwnerHyperparamRateLimit` tempos of the subnet.
    OwnerTempos,
    /// A number of tempos of the subnet.
    Tempos(u16),
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

impl Cooldown {
    /// Blocks to wait on a subnet of that tempo; `owner_tempos` is `OwnerHyperparamRateLimit`.
    pub fn blocks(self, tempo: u16, owner_tempos: u16, profile: &Profile) -> u64 {
        match self {
            Cooldown::None => 0,
            Cooldown::OwnerTempos => u64::from(tempo).saturating_mul(u64::from(owner_tempos)),
            Cooldown::Tempos(n) => u64::from(tempo).saturating_mul(u64::from(n)),
            Cooldown::Blocks(blocks) => blocks,
            Cooldown::ByProfile { production, fast } => {
                if profile.fast {
                    fast
                } else {
                    production
                }
            }
        }
    }
}

/// How a subnet came into being.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// With the network.
    Genesis,
    /// By a user's registration.
    Registered,
}

/// One parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Name of the storage item; a pair's second name follows after a point.
    pub name: &'static str,
    /// Name under which clients ask for it, where they do (`HyperparamEntry.name`).
    pub client_name: Option<&'static str>,
    /// The official administrative call that sets it, where there is one.
    pub call: Option<&'static str>,
    /// Type of the value.
    pub kind: Kind,
    /// Default, on production networks if `fast` differs.
    pub default: i128,
    /// Default on fast networks, if it differs.
    pub fast: Option<i128>,
    /// Value set for user-registered subnets, if it differs from the default.
    pub registered: Option<i128>,
    /// Smallest and largest value an owner may set.
    pub range: (i128, i128),
    /// Who may set it.
    pub setter: Setter,
    /// How often an owner may set it.
    pub cooldown: Cooldown,
    /// What it means, in one sentence.
    pub meaning: &'static str,
}

/// Why a value is refused.
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
    /// Outside what an owner may set.
    #[error("{name} was to be {value}; a subnet owner may set {min} to {max}")]
    OutOfRange {
        /// The parameter.
        name: &'static str,
        /// The value offered.
        value: i128,
        /// Smallest value allowed.
        min: i128,
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

impl Parameter {
    /// The default on a network of that profile, for a subnet of that origin.
    pub fn default_on(&self, profile: &Profile, origin: Origin) -> i128 {
        let general = match self.fast {
            Some(fast) if profile.fast => fast,
            _ => self.default,
        };
        match origin {
            Origin::Genesis => general,
            Origin::Registered => self.registered.unwrap_or(general),
        }
    }

    /// Whether `caller` may set `value`; cool-downs and relations between parameters are the caller's to check.
    pub fn check(&self, value: i128, caller: Caller) -> Result<(), ParameterError> {
        let name = self.name;
        match (self.setter, caller) {
            (Setter::Nobody, _) | (Setter::Root, Caller::Owner) => {
                return Err(ParameterError::NotAllowed { name })
            }
            _ => {}
        }
        let (min, max) = self.kind.bounds();
        if !(min..=max).contains(&value) {
            return Err(ParameterError::WrongType { name, value, min, max });
        }
        let (min, max) = self.range;
        if caller == Caller::Owner && !(min..=max).contains(&value) {
            return Err(ParameterError::OutOfRange { name, value, min, max });
        }
        Ok(())
    }
}

/// The parameter whose storage item, call or client name is `name`.
pub fn find(name: &str) -> Option<&'static Parameter> {
    let matches = |p: &&Parameter| p.name == name || p.call == Some(name) || p.client_name == Some(name);
    SUBNET.iter().chain(NETWORK).find(matches)
}

/// A row that only root sets, without range of its own.
const fn root(name: &'static str, kind: Kind, default: i128, meaning: &'static str) -> Parameter {
    Parameter {
        name,
        client_name: None,
        call: None,
        kind,
        default,
        fast: None,
        registered: None,
        range: kind.bounds(),
        setter: Setter::Root,
        cooldown: Cooldown::None,
        meaning,
    }
}

/// A row that the owner sets too, with the general cool-down.
const fn owner(name: &'static str, kind: Kind, default: i128, meaning: &'static str) -> Parameter {
    Parameter { setter: Setter::Owner, cooldown: Cooldown::OwnerTempos, ..root(name, kind, default, meaning) }
}

/// A row that nobody sets.
const fn fixed(name: &'static str, kind: Kind, default: i128, meaning: &'static str) -> Parameter {
    Parameter { setter: Setter::Nobody, ..root(name, kind, default, meaning) }
}

impl Parameter {
    const fn client(self, name: &'static str) -> Self {
        Parameter { client_name: Some(name), ..self }
    }

    const fn by(self, call: &'static str) -> Self {
        Parameter { call: Some(call), ..self }
    }

    const fn fast(self, value: i128) -> Self {
        Parameter { fast: Some(value), ..self }
    }

    const fn registered(self, value: i128) -> Self {
        Parameter { registered: Some(value), ..self }
    }

    const fn range(self, min: i128, max: i128) -> Self {
        Parameter { range: (min, max), ..self }
    }

    const fn every(self, cooldown: Cooldown) -> Self {
        Parameter { cooldown, ..self }
    }
}
