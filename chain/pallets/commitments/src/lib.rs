//! Small public statements of a subnet's hotkeys, such as the address of a model, a hash, or a note to validators.
//!
//! # Words
//! * A **commitment** is the statement of a hotkey on one subnet: up to three **fields** of bytes or hashes. A new one
//!   replaces the old one.
//! * **Space** is the size in bytes of a hotkey's commitments of one epoch, at least [`MIN_SPACE`] each. It is limited,
//!   because committing is free.
//! * The **reset flag** among the fields gives the hotkey's bonds on the subnet a fresh start.
//!
//! # How the parts fit
//! [`CommitmentBoard`] owns all storage of this pallet. The pallet learns of registrations, epochs and bonds through
//! [`Subnets`], which the network pallet implements. The network pallet in turn tells the board about each removed
//! hotkey or subnet, so that only neurons have commitments.
//!
//! Sealed fields, which a public beacon opens later, are known by their shape and refused: the chain has no beacon, and
//! would promise an opening that never comes. [`RevealedCommitments`] is therefore empty.
//!
//! # What it refuses to know
//! The meaning of the bytes.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

#[cfg(any(feature = "runtime-benchmarks", test))]
pub mod benchmarking;
mod board;
mod measured;
pub mod types;
pub mod waits;

pub use board::CommitmentBoard;
pub use pallet::*;
pub use types::{CommitmentInfo, Data, Registration, UsageTracker};

use frame_support::weights::Weight;
use myelin_units::{Block, NetUid};

/// The space that a commitment takes at least, in bytes.
pub const MIN_SPACE: u64 = 100;

/// Knowledge of subnets that commitments need.
pub trait Subnets<AccountId> {
    /// Whether the hotkey has a uid on the subnet.
    fn is_registered(netuid: NetUid, hotkey: &AccountId) -> bool;

    /// The number of the subnet's epoch at this block.
    fn epoch(netuid: NetUid) -> u64;

    /// First block in which the subnet's next epoch is the current one, as far as it is known now; `None` if it never
    /// comes.
    fn next_epoch_block(netuid: NetUid) -> Option<Block>;

    /// The block of the subnet's last epoch; 0 before the first.
    fn last_epoch_block(netuid: NetUid) -> Block;

    /// Whether hotkeys of the subnet may reset their bonds.
    fn allows_reset(netuid: NetUid) -> bool;

    /// Removes every validator's bond in the hotkey, on all mechanisms of the subnet.
    fn reset_bonds(netuid: NetUid, hotkey: &AccountId);

    /// Upper bound of the weight of [`Self::reset_bonds`].
    fn reset_cost(netuid: NetUid) -> Weight;

    /// Weight of publishing this many bytes without a reset.
    fn publish_cost(bytes: u64) -> Weight;
}

#[frame_support::pallet]
pub mod pallet {
    use alloc::{boxed::Box, vec::Vec};

    use frame_support::{pallet_prelude::*, traits::ConstU32};
    use frame_system::pallet_prelude::*;
    use myelin_economy::params::row;
    use myelin_units::NetUid;

    use super::{CommitmentBoard, CommitmentInfo, Registration, Subnets, UsageTracker};

    /// Types that the runtime supplies.
    #[pallet::config]
    pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
        /// The subnets that hotkeys commit on.
        type Subnets: Subnets<Self::AccountId>;
    }

    /// The pallet itself; its metadata name in the runtime is `Commitments`.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    #[pallet::extra_constants]
    impl<T: Config> Pallet<T> {
        /// Most fields of a commitment.
        #[pallet::constant_name(MaxFields)]
        fn max_fields() -> u32 {
            super::types::MAX_FIELDS
        }

        /// Deposit of a commitment in rao: none, space is limited instead.
        #[pallet::constant_name(InitialDeposit)]
        fn initial_deposit() -> u64 {
            0
        }

        /// Deposit for each field in rao: none.
        #[pallet::constant_name(FieldDeposit)]
        fn field_deposit() -> u64 {
            0
        }
    }

    // Owner of all storage: `CommitmentBoard`.

    /// The commitment of a hotkey on a subnet.
    #[pallet::storage]
    pub type CommitmentOf<T: Config> = StorageDoubleMap<
        _,
        Identity,
        NetUid,
        Twox64Concat,
        T::AccountId,
        Registration<BlockNumberFor<T>>,
        OptionQuery,
    >;

    /// Block of a hotkey's last commitment on a subnet.
    #[pallet::storage]
    pub type LastCommitment<T: Config> =
        StorageDoubleMap<_, Identity, NetUid, Twox64Concat, T::AccountId, BlockNumberFor<T>, OptionQuery>;

    /// Block at which a hotkey last reset its bonds on a subnet.
    #[pallet::storage]
    pub type LastBondsReset<T: Config> =
        StorageDoubleMap<_, Identity, NetUid, Twox64Concat, T::AccountId, BlockNumberFor<T>, OptionQuery>;

    /// Opened sealed fields of a hotkey with the blocks of their opening; empty while there is no beacon to seal for.
    #[pallet::storage]
    #[pallet::unbounded]
    pub type RevealedCommitments<T: Config> =
        StorageDoubleMap<_, Identity, NetUid, Twox64Concat, T::AccountId, Vec<(Vec<u8>, u64)>, OptionQuery>;

    /// Space that a hotkey used on a subnet, with the epoch.
    #[pallet::storage]
    pub type UsedSpaceOf<T: Config> =
        StorageDoubleMap<_, Identity, NetUid, Twox64Concat, T::AccountId, UsageTracker, OptionQuery>;

    /// Space of a hotkey per epoch of a subnet, in bytes.
    #[pallet::storage]
    pub type MaxSpace<T: Config> =
        StorageValue<_, u32, ValueQuery, ConstU32<{ row("MaxSpace").stored() as u32 }>>;

    /// Events of the pallet.
    #[pallet::event]
    #[pallet::generate_deposit(pub(crate) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A hotkey committed.
        #[codec(index = 0)]
        Commitment {
            /// Subnet.
            netuid: NetUid,
            /// Hotkey.
            who: T::AccountId,
        },
    }

    /// Reasons to refuse a call.
    #[pallet::error]
    pub enum Error<T> {
        /// A commitment has at most three fields.
        TooManyFieldsInCommitmentInfo,
        /// Only hotkeys with a uid on the subnet may commit; register it first.
        AccountNotAllowedCommit,
        /// The space of this epoch is used up; commit less, or after the next epoch.
        SpaceLimitExceeded,
        /// Sealed fields can't be opened, because this chain follows no beacon yet; commit a hash and publish later.
        TimelockUnavailable,
        /// The space is below 100 or above 36,000 bytes.
        SpaceOutOfBounds,
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Publishes a commitment on a subnet in the place of the last one.
        ///
        /// Origin: a hotkey of the subnet. Effect: stores the fields; the reset flag among them removes all bonds in
        /// the hotkey where the subnet allows it, once per epoch. Events: `Commitment`. Errors:
        /// `AccountNotAllowedCommit`, `SpaceLimitExceeded`, `TimelockUnavailable`. Cost: no fee; the weight of a reset
        /// is declared only where the subnet allows it, and given back if the bonds are not reset.
        #[pallet::call_index(0)]
        #[pallet::weight((
            CommitmentBoard::<T>::cost(*netuid, info),
            DispatchClass::Normal,
            Pays::No
        ))]
        pub fn set_commitment(
            origin: OriginFor<T>,
            netuid: NetUid,
            info: Box<CommitmentInfo>,
        ) -> DispatchResultWithPostInfo {
            CommitmentBoard::<T>::publish(ensure_signed(origin)?, netuid, *info)
        }

        /// Sets the space that a hotkey has per epoch, in bytes.
        ///
        /// Origin: root. Effect: applies to the next commitments. Events: none. Errors: `SpaceOutOfBounds`. Cost: one
        /// write.
        #[pallet::call_index(2)]
        #[pallet::weight(super::measured::Measured::<T>::set_max_space())]
        pub fn set_max_space(origin: OriginFor<T>, new_limit: u32) -> DispatchResult {
            ensure_root(origin)?;
            CommitmentBoard::<T>::limit_space(new_limit)
        }
    }
}

#[cfg(test)]
mod tests;
