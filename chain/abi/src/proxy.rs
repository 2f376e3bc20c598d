//! Permissions of proxies, as runtime APIs return them.

use alloc::vec::Vec;

use codec::{Decode, Encode};
use scale_info::TypeInfo;

/// Name and number of a kind of proxy.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct ProxyTypeInfo {
    /// Its name, UTF-8.
    pub name: Vec<u8>,
    /// Its number in calls.
    pub index: u8,
    /// Whether it is kept only for its number and permits nothing.
    pub deprecated: bool,
}

/// Permissions of a kind of proxy.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct ProxyFilterInfo {
    /// Its number in calls.
    pub proxy_type: u8,
    /// Its name, UTF-8.
    pub name: Vec<u8>,
    /// Whether it is kept only for its number and permits nothing.
    pub deprecated: bool,
    /// Meaning of `calls`.
    pub filter_mode: FilterMode,
    /// The calls that the mode refers to.
    pub calls: Vec<CallInfo>,
    /// Calls that are not permitted although `calls` names them.
    pub exceptions: Vec<CallInfo>,
}

/// Meaning of a list of calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub enum FilterMode {
    /// Everything is permitted.
    AllowAll,
    /// Nothing is permitted.
    DenyAll,
    /// The listed calls are permitted.
    Allow,
    /// The calls that are not listed are permitted.
    Deny,
}

/// One call, or all calls of a pallet.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct CallInfo {
    /// Name of the pallet, UTF-8.
    pub pallet_name: Vec<u8>,
    /// Number of the pallet.
    pub pallet_index: u8,
    /// Name of the call; `None` = all.
    pub call_name: Option<Vec<u8>>,
    /// Number of the call; `None` = all.
    pub call_index: Option<u8>,
    /// Further condition, if any.
    pub condition: Option<CallCondition>,
}

/// Condition on the arguments of a call.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub enum CallCondition {
    /// A number is below a limit.
    ParamLessThan {
        /// Name of the argument, UTF-8.
        param_name: Vec<u8>,
        /// The limit.
        limit: u128,
    },
    /// The nested call must be this one.
    NestedCallMustBe {
        /// Name of its pallet, UTF-8.
        pallet_name: Vec<u8>,
        /// Its name, UTF-8.
        call_name: Vec<u8>,
    },
}
