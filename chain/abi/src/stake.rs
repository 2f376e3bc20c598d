//! Stake as `StakeInfoRuntimeApi` answers it, and the state of a lock.

use codec::{Compact, Decode, Encode, MaxEncodedLen};
use myelin_units::{AlphaBalance, U64F64};
use scale_info::TypeInfo;

/// Stake of one coldkey on one hotkey of one subnet.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct StakeInfo<AccountId> {
    /// Hotkey the stake is on.
    pub hotkey: AccountId,
    /// Coldkey that owns the stake.
    pub coldkey: AccountId,
    /// Subnet.
    pub netuid: Compact<u16>,
    /// Alpha the coldkey holds on the hotkey, in rao.
    pub stake: Compact<AlphaBalance>,
    /// Part of the stake that is locked, in rao.
    pub locked: Compact<AlphaBalance>,
    /// Alpha dividends of the hotkey's stakers in the last epoch, in rao.
    pub emission: Compact<AlphaBalance>,
    /// Root dividends of the hotkey in the last epoch, in rao of alpha.
    pub tao_emission: Compact<AlphaBalance>,
    /// Unused: always 0.
    pub drain: Compact<u64>,
    /// Whether the hotkey has a uid on the subnet.
    pub is_registered: bool,
}

/// Part of a coldkey's alpha on a subnet that can be moved.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct StakeAvailability {
    /// Alpha on all hotkeys, in rao.
    pub total: Compact<AlphaBalance>,
    /// Part of it that is locked, in rao.
    pub locked: Compact<AlphaBalance>,
    /// The rest, in rao.
    pub available: Compact<AlphaBalance>,
}

/// A lock on alpha as it was at `last_update`; it has moved on since then.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct LockState {
    /// Locked alpha, in rao.
    pub locked_mass: AlphaBalance,
    /// Locked alpha weighted by the time it has been locked.
    pub conviction: U64F64,
    /// Block of the last change.
    pub last_update: u64,
}
