//! Permissions of proxies, which act in the name of an account.
//!
//! A proxy acts with the rights of its [`ProxyType`]. [`rules`] lists the permissions of each type in one table; the
//! filter of the proxy pallet and the answers of the runtime API are read from it.
//!
//! A filter stays with the origin of a call: batches inside a proxied call are filtered call by call. It is lost where
//! a call continues under *another* origin: of root (`Sudo`), of a multisig account, or of an account that has the real
//! account as its proxy. Types that permit everything but a list therefore also forbid those calls
//! ([`rules::LEAVING`]). Otherwise the list could be evaded.

mod info;
pub mod rules;
#[cfg(test)]
mod tests;

pub use info::{filters, types};

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::traits::InstanceFilter;
use scale_info::TypeInfo;

use crate::RuntimeCall;

/// A kind of proxy. Order and names are official.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Debug,
    Default,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub enum ProxyType {
    /// Everything.
    #[default]
    Any,
    /// Calls of a subnet's owner, except naming its hotkey.
    Owner,
    /// Everything that does not register neurons or remove subnets.
    NonCritical,
    /// Everything that moves no value to others.
    NonTransfer,
    /// Nothing; once a body of governance.
    Senate,
    /// Everything that moves no TAO or alpha.
    NonFungible,
    /// Nothing; once a body of governance.
    Triumvirate,
    /// Votes and delegations with what is under the vote lock.
    Governance,
    /// Staking, unstaking, moving between own hotkeys and subnets.
    Staking,
    /// Registering neurons.
    Registration,
    /// Transfers.
    Transfer,
    /// Transfers of less than half a token each.
    SmallTransfer,
    /// Nothing; root has no weights.
    RootWeights,
    /// Children and their take.
    ChildKeys,
    /// Runtime upgrades by the sudo key.
    SudoUncheckedSetCode,
    /// Replacing hotkeys.
    SwapHotkey,
    /// Operating a leased subnet.
    SubnetLeaseBeneficiary,
    /// Claiming root dividends.
    RootClaim,
    /// Nothing; this chain has no baskets.
    BasketTrading,
}

impl ProxyType {
    /// All types in the order of their numbers.
    pub const ALL: [ProxyType; 19] = [
        ProxyType::Any,
        ProxyType::Owner,
        ProxyType::NonCritical,
        ProxyType::NonTransfer,
        ProxyType::Senate,
        ProxyType::NonFungible,
        ProxyType::Triumvirate,
        ProxyType::Governance,
        ProxyType::Staking,
        ProxyType::Registration,
        ProxyType::Transfer,
        ProxyType::SmallTransfer,
        ProxyType::RootWeights,
        ProxyType::ChildKeys,
        ProxyType::SudoUncheckedSetCode,
        ProxyType::SwapHotkey,
        ProxyType::SubnetLeaseBeneficiary,
        ProxyType::RootClaim,
        ProxyType::BasketTrading,
    ];

    /// Its number in calls.
    pub fn index(self) -> u8 {
        self as u8
    }

    /// Whether the type is kept for its number only.
    pub fn is_deprecated(self) -> bool {
        matches!(self, Self::Senate | Self::Triumvirate | Self::RootWeights)
    }
}

impl InstanceFilter<RuntimeCall> for ProxyType {
    fn filter(&self, call: &RuntimeCall) -> bool {
        rules::rule(*self).permits(call)
    }

    /// Whether everything that `other` permits is permitted by this type too, so that a proxy of this type may appoint
    /// one of the other.
    fn is_superset(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Any, _) | (Self::Transfer, Self::SmallTransfer) => true,
            (Self::NonTransfer, other) => matches!(
                other,
                Self::NonTransfer
                    | Self::Owner
                    | Self::NonFungible
                    | Self::Staking
                    | Self::Registration
                    | Self::ChildKeys
                    | Self::SwapHotkey
                    | Self::SubnetLeaseBeneficiary
                    | Self::RootClaim
            ),
            (one, other) => one == other,
        }
    }
}
