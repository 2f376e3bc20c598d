//! What proxies may do, as runtime APIs tell it.

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
    /// Whether it is kept for its number only and permits nothing.
    pub deprecated: bool,
}

/// What a kind of proxy permits.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct ProxyFilterInfo {
    /// Its number in calls.
    pub proxy_type: u8,
    /// Its name, UTF-8.
    pub name: Vec<u8>,
    /// Whether it is kept for its number only and permits nothing.
    pub deprecated: bool,
    /// How to read `calls`.
    pub filter_mode: FilterMode,
    /// The calls that the mode speaks of.
    pub calls: Vec<CallInfo>,
    /// What is not permitted although `calls` names it.
    pub exceptions: Vec<CallInfo>,
}

/// How to read a list of calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub enum FilterMode {
    /// Everything is permitted.
    AllowAll,
    /// Nothing is permitted.
    DenyAll,
    /// What is listed is permitted.
    Allow,
    /// What is not listed is permitted.
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
    /// What else must be true.
    pub condition: Option<CallCondition>,
}

/// What must be true of the arguments of a call.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub enum CallCondition {
    /// A number is below a limit.
    ParamLessThan {
        /// Name of the argument, UTF-8.
        param_name: Vec<u8>,
        /// The limit.
        limit: u128,
    },
    /// The call inside is a certain one.
    NestedCallMustBe {
        /// Name of its pallet, UTF-8.
        pallet_name: Vec<u8>,
        /// Its name, UTF-8.
        call_name: Vec<u8>,
    },
}
