//! Beacon: a random value for each block, which the author of the block cannot choose. Metadata name `Beacon`.
//!
//! A block's hash can be tried out by its author until it suits; the output of a verifiable random function (VRF)
//! cannot. Each block holds the output for its slot by the Aura key of its author, in an inherent. The rule is in
//! `myelin_wire::beacon`, so that clients and auditors recompute values from blocks.
//!
//! **Contributions.** From the block [`StrictFrom`] on, a block without the contribution of its author is invalid, so
//! an author can contribute or make no block. Before it, and on chains that do not name one, a block without a
//! contribution is valid, and its value follows from the value before and the slot. A false contribution makes any
//! block invalid.
//!
//! **Use.** Evidence that a value samples must be fixed before its author can know the value. An author knows the
//! values of all blocks that it writes in a row. So evidence of block `b` is sampled by the value of a later block,
//! with a block of another author between them (decision 0109).
//!
//! **Sessions.** Inherents run after the session hooks, so in the block of a change Aura's list already has the new
//! authorities. The block is by an author of the old list. [`Pallet::keep_author`] keeps that author's key.
//!
//! **What it refuses to know.** The contents of blocks, and the use of values.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

#[cfg(any(feature = "runtime-benchmarks", test))]
pub mod benchmarking;
mod measured;

use codec::{Decode, DecodeWithMemTracking, Encode};
use frame_support::pallet_prelude::*;
use frame_system::pallet_prelude::BlockNumberFor;
use myelin_wire::{
    beacon::{self, Turn, Value, NOTICE, START},
    vrf::{VrfError, VrfSignature},
};
use sp_consensus_aura::sr25519::AuthorityId as AuraId;
use sp_inherents::InherentIdentifier;
use sp_runtime::{
    traits::{One, Saturating, Zero},
    SaturatedConversion,
};

pub use pallet::*;

/// Name of a [`Contribution`] among the inherent data of a block.
pub const INHERENT_IDENTIFIER: InherentIdentifier = *b"mybeacon";

/// Values of that many blocks stay readable.
pub const KEPT: u32 = 4_096;

/// Output and proof of the VRF of a block's author.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Contribution {
    /// The compressed output point.
    pub output: [u8; 32],
    /// The proof that it is the output of this key for this turn.
    pub proof: [u8; 64],
}

impl From<VrfSignature> for Contribution {
    fn from(VrfSignature { output, proof }: VrfSignature) -> Self {
        Self { output, proof }
    }
}

/// Storage, call and hooks of the beacon.
#[frame_support::pallet]
pub mod pallet {
    use frame_system::pallet_prelude::*;
    use sp_inherents::{InherentData, MakeFatalError};

    use super::*;
    use crate::measured::Measured;

    /// Types that the runtime supplies: block production by Aura.
    #[pallet::config]
    pub trait Config:
        frame_system::Config<RuntimeEvent: From<Event<Self>>> + pallet_aura::Config<AuthorityId = AuraId>
    {
    }

    /// The pallet itself; its metadata name in the runtime is `Beacon`.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// First block of the strict rules (decision 0118): contributions are required, seeds of tasks are drawn from
    /// values instead of hashes of blocks, and samples of proofs are drawn later. `None` if they never hold. Genesis
    /// sets it, or root once ([`Call::demand_contributions`]). No earlier block changes with it, so everybody can tell
    /// by it how an earlier block was used.
    #[pallet::storage]
    pub type StrictFrom<T: Config> = StorageValue<_, BlockNumberFor<T>, OptionQuery>;

    /// The values of the last [`KEPT`] blocks, by block.
    #[pallet::storage]
    pub type Values<T: Config> = StorageMap<_, Twox64Concat, BlockNumberFor<T>, Value, OptionQuery>;

    /// The block of the last session change, and its author by the list before the change.
    #[pallet::storage]
    pub type SessionAuthor<T: Config> = StorageValue<_, (BlockNumberFor<T>, AuraId), OptionQuery>;

    /// Genesis of the beacon.
    #[pallet::genesis_config]
    #[derive(frame_support::DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// Whether the strict rules hold from the first block on.
        pub strict: bool,
        #[serde(skip)]
        #[doc(hidden)]
        pub _marker: core::marker::PhantomData<T>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            if self.strict {
                StrictFrom::<T>::put(BlockNumberFor::<T>::one());
            }
        }
    }

    /// Reasons to refuse a contribution, and the block with it.
    #[pallet::error]
    #[derive(PartialEq)]
    pub enum Error<T> {
        /// The block has a contribution already.
        Repeated,
        /// The chain has no authorities.
        NoAuthor,
        /// It is not the contribution of the block's author for this slot and the value before.
        NotProven,
        /// The strict rules have a first block already.
        AlreadyDemanded,
        /// The number of blocks until the strict rules is none of [`NOTICE`].
        BadNotice,
    }

    /// Changes of the rules.
    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// Blocks need contributions from this one on.
        ContributionsDemanded {
            /// The first block of the strict rules.
            from: BlockNumberFor<T>,
        },
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_initialize(_: BlockNumberFor<T>) -> Weight {
            Measured::<T>::close()
        }

        fn on_finalize(now: BlockNumberFor<T>) {
            if !Values::<T>::contains_key(now) {
                // Nothing but a panic makes a whole block invalid; the time of a block is demanded in the same way.
                assert!(
                    !Self::needs_contribution(now),
                    "the block has no contribution of its author to the beacon"
                );
                Values::<T>::insert(now, Self::turn().value_without());
            }
            if let Some(old) = now.checked_sub(&KEPT.into()) {
                Values::<T>::remove(old);
            }
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Mixes the VRF of the block's author into the beacon.
        ///
        /// Origin: none; an inherent, at most one in a block. Effect: the block has a value that depends on the
        /// author's key. Errors, each of which makes the block invalid: `Repeated`, `NoAuthor`, `NotProven`. Cost:
        /// weight of the block, no fee.
        #[pallet::call_index(0)]
        #[pallet::weight((Measured::<T>::contribute(), DispatchClass::Mandatory))]
        pub fn contribute(origin: OriginFor<T>, output: [u8; 32], proof: [u8; 64]) -> DispatchResult {
            ensure_none(origin)?;
            let now = frame_system::Pallet::<T>::block_number();
            ensure!(!Values::<T>::contains_key(now), Error::<T>::Repeated);
            Values::<T>::insert(now, Self::value_with(Contribution { output, proof })?);
            Ok(())
        }

        /// Demands contributions of authors, in a chain that was begun without the strict rules.
        ///
        /// Origin: root, also by a vote. Effect: the strict rules hold from the block on that comes `after` so many
        /// blocks ([`NOTICE`]). Nobody can take it back: readers of the present state must know how an earlier block
        /// was used. Errors: `AlreadyDemanded`, `BadNotice`. Cost: that of every call.
        #[pallet::call_index(1)]
        #[pallet::weight(Measured::<T>::demand_contributions())]
        pub fn demand_contributions(origin: OriginFor<T>, after: u32) -> DispatchResult {
            ensure_root(origin)?;
            ensure!(!StrictFrom::<T>::exists(), Error::<T>::AlreadyDemanded);
            ensure!(NOTICE.contains(&after), Error::<T>::BadNotice);
            let from = frame_system::Pallet::<T>::block_number().saturating_add(after.into());
            StrictFrom::<T>::put(from);
            Self::deposit_event(Event::ContributionsDemanded { from });
            Ok(())
        }
    }

    #[pallet::inherent]
    impl<T: Config> ProvideInherent for Pallet<T> {
        type Call = Call<T>;
        type Error = MakeFatalError<()>;
        const INHERENT_IDENTIFIER: InherentIdentifier = INHERENT_IDENTIFIER;

        /// The contribution of the node. A false one is left out, because a block with it would be invalid.
        fn create_inherent(data: &InherentData) -> Option<Self::Call> {
            let contribution = data.get_data::<Contribution>(&INHERENT_IDENTIFIER).ok().flatten()?;
            if let Err(error) = Self::value_with(contribution) {
                log::debug!(target: "runtime::beacon", "the block gets no contribution: {error:?}");
                return None;
            }
            let Contribution { output, proof } = contribution;
            Some(Call::contribute { output, proof })
        }

        fn is_inherent(call: &Self::Call) -> bool {
            matches!(call, Call::contribute { .. })
        }
    }
}

impl<T: Config> Pallet<T> {
    /// The value of a block; `None` if the block is to come, or too old.
    ///
    /// The author of the present block knows its value before it chooses the transactions.
    pub fn value_at(block: BlockNumberFor<T>) -> Option<Value> {
        Values::<T>::get(block)
    }

    /// Author of a slot in the block after the present one, and the value before that block. `None` without
    /// authorities.
    pub fn next_turn(slot: u64) -> Option<(AuraId, Value)> {
        let now = frame_system::Pallet::<T>::block_number();
        Some((Self::listed(slot)?, Self::value_at(now).unwrap_or(START)))
    }

    /// Whether the block after the present one is invalid without its author's contribution.
    pub fn needs_next_contribution() -> bool {
        Self::is_strict(frame_system::Pallet::<T>::block_number().saturating_add(One::one()))
    }

    /// First block of the strict rules; `None` if they never hold.
    pub fn strict_from() -> Option<u64> {
        StrictFrom::<T>::get().map(SaturatedConversion::saturated_into)
    }

    /// Number of the authorities that write blocks in turn.
    pub fn authorities() -> u32 {
        pallet_aura::Authorities::<T>::decode_len().unwrap_or_default().saturated_into()
    }

    /// Whether the present block is invalid without a contribution. A chain without authorities has none.
    fn needs_contribution(now: BlockNumberFor<T>) -> bool {
        Self::is_strict(now) && Self::author().is_some()
    }

    fn is_strict(block: BlockNumberFor<T>) -> bool {
        beacon::is_strict(Self::strict_from(), block.saturated_into())
    }

    /// Keeps the key of the present block's author; called before a new session replaces Aura's list.
    pub fn keep_author() {
        if let Some(author) = Self::listed(*pallet_aura::CurrentSlot::<T>::get()) {
            SessionAuthor::<T>::put((frame_system::Pallet::<T>::block_number(), author));
        }
    }

    /// Author of the present block.
    fn author() -> Option<AuraId> {
        match SessionAuthor::<T>::get() {
            Some((block, author)) if block == frame_system::Pallet::<T>::block_number() => Some(author),
            _ => Self::listed(*pallet_aura::CurrentSlot::<T>::get()),
        }
    }

    /// Author of a slot by Aura's list: the authorities take turns.
    fn listed(slot: u64) -> Option<AuraId> {
        let authorities = pallet_aura::Authorities::<T>::get();
        let place = slot.checked_rem(authorities.len() as u64)?;
        authorities.get(usize::try_from(place).ok()?).cloned()
    }

    /// Turn of the present block.
    fn turn() -> Turn {
        let before = frame_system::Pallet::<T>::block_number().saturating_sub(One::one());
        let genesis = frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero());
        Turn {
            genesis: genesis.as_ref().try_into().unwrap_or_default(),
            before: Values::<T>::get(before).unwrap_or(START),
            slot: *pallet_aura::CurrentSlot::<T>::get(),
        }
    }

    /// Value of the present block with this contribution.
    fn value_with(Contribution { output, proof }: Contribution) -> Result<Value, Error<T>> {
        let author = Self::author().ok_or(Error::<T>::NoAuthor)?;
        let author: &[u8] = author.as_ref();
        let author = author.try_into().map_err(|_| Error::<T>::NoAuthor)?;
        let contribution = VrfSignature { output, proof };
        Self::turn().value(author, Some(&contribution)).map_err(|_: VrfError| Error::<T>::NotProven)
    }
}

#[cfg(test)]
mod tests;
