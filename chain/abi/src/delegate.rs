//! A hotkey seen as a delegate, as `DelegateInfoRuntimeApi` answers it.

use alloc::vec::Vec;

use codec::{Compact, Decode, Encode};
use myelin_units::{AlphaBalance, TaoBalance};
use scale_info::TypeInfo;

/// One delegate: a hotkey that accepts stake of other coldkeys.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct DelegateInfo<AccountId> {
    /// Hotkey of the delegate.
    pub delegate_ss58: AccountId,
    /// Part of the dividends the delegate keeps, 65535 = 1.
    pub take: Compact<u16>,
    /// Coldkeys with stake on the delegate, each with (netuid, alpha).
    pub nominators: Vec<Nominator<AccountId>>,
    /// Coldkey of the delegate.
    pub owner_ss58: AccountId,
    /// Subnets the delegate is registered on.
    pub registrations: Vec<Compact<u16>>,
    /// Subnets where it holds a permit.
    pub validator_permits: Vec<Compact<u16>>,
    /// TAO a nominator earns per day and 1000 TAO, in rao.
    pub return_per_1000: Compact<TaoBalance>,
    /// Worth in TAO of the dividends of the last epochs per day, in rao.
    pub total_daily_return: Compact<TaoBalance>,
}

/// A coldkey with its stake on the delegate: subnets and the alpha there, in rao.
pub type Nominator<AccountId> = (AccountId, Vec<(Compact<u16>, Compact<AlphaBalance>)>);

/// One holding of a nominator: the delegate, then the subnet and the alpha held there, in rao.
pub type Delegation<AccountId> = (DelegateInfo<AccountId>, (Compact<u16>, Compact<AlphaBalance>));
