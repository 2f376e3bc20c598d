//! Numbers of the runtime, with their units.
//!
//! Everything that differs between a fast local chain and a chain in production pace is not here but in
//! [`crate::profile`].

use crate::{Balance, BlockNumber};
use frame_support::{
    parameter_types,
    weights::{
        constants::{WEIGHT_REF_TIME_PER_MICROS, WEIGHT_REF_TIME_PER_MILLIS},
        RuntimeDbWeight, Weight,
    },
};
use sp_runtime::Perbill;

/// One rao, the smallest unit of TAO.
pub const RAO: Balance = 1;
/// One TAO: 10⁹ rao.
pub const TAO: Balance = 1_000_000_000 * RAO;

/// An account below this amount (rao) is removed. Official name `Balances.ExistentialDeposit`.
pub const EXISTENTIAL_DEPOSIT: Balance = 500 * RAO;

/// Hashes of that many past blocks stay readable on the chain, which bounds the age of a mortal transaction.
pub const BLOCK_HASH_COUNT: BlockNumber = 2400;

/// Network id in SS58 addresses: the generic Substrate prefix, which every official client assumes.
pub const SS58_PREFIX: u16 = 42;

/// Length limit of a block body, in bytes.
pub const MAX_BLOCK_BYTES: u32 = 5 * 1024 * 1024;

/// Part of a block that ordinary transactions may fill; the rest is kept for operational ones.
pub const NORMAL_SHARE: Perbill = Perbill::from_percent(90);

/// Part of a block that no single call gets, so that there is room for the pallets' work at its start.
pub const BLOCK_START: Perbill = Perbill::from_percent(5);

/// Execution time that a block may take, per millisecond of its slot: half. An author stops adding transactions after
/// 59 % of the slot at the latest; an importing node has the other half for receiving and storing the block.
pub const WEIGHT_PER_SLOT_MILLISECOND: Weight = Weight::from_parts(WEIGHT_REF_TIME_PER_MILLIS / 2, u64::MAX);

// Measured by `make bench ARGS=blocks` (its part `constants`) and rounded up, see decision 0021.

/// A block without transactions, beside the pallets' work at its start.
pub const BLOCK_WEIGHT: Weight = Weight::from_parts(WEIGHT_REF_TIME_PER_MICROS * 1_500, 0);
/// A whole transaction without effect: signature, nonce, fee, its place in the block, its part of state root and
/// database.
pub const TRANSACTION_WEIGHT: Weight = Weight::from_parts(WEIGHT_REF_TIME_PER_MICROS * 240, 0);

parameter_types! {
    /// Reading one key of a ParityDB that is in no cache; writing one, its state root included.
    pub const DatabaseWeight: RuntimeDbWeight = RuntimeDbWeight {
        read: WEIGHT_REF_TIME_PER_MICROS * 12,
        write: WEIGHT_REF_TIME_PER_MICROS * 65,
    };
}

/// Most authorities that Aura and GRANDPA can hold.
pub const MAX_AUTHORITIES: u32 = 128;

/// Most proxies of an account.
pub const MAX_PROXIES: u32 = 20;
/// Most accounts that a multisig account consists of.
pub const MAX_SIGNATORIES: u32 = 100;
/// Most calls that a proxy announces and has not made.
pub const MAX_ANNOUNCEMENTS: u32 = 75;

/// Most tasks of the schedule in a block.
pub const MAX_TASKS: u32 = 64;
/// Blocks to whose multiples the alarms of referenda are rounded up.
pub const ALARM_INTERVAL: BlockNumber = 1;

/// Deposits of the stock pallets, in rao, as on the official chain.
pub mod deposit {
    use crate::Balance;

    /// For opening a multisig operation.
    pub const MULTISIG_BASE: Balance = 132_000_000;
    /// For each signature that a multisig operation asks for.
    pub const MULTISIG_FACTOR: Balance = 32_000_000;
    /// For having proxies.
    pub const PROXY_BASE: Balance = 60_000_000;
    /// For each proxy.
    pub const PROXY_FACTOR: Balance = 33_000_000;
    /// For having announced calls.
    pub const ANNOUNCEMENT_BASE: Balance = 36_000_000;
    /// For each announced call.
    pub const ANNOUNCEMENT_FACTOR: Balance = 68_000_000;
}
