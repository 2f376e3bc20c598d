//! Authorities, which write and finalise blocks: those of genesis, until root appoints or holders elect others.
//! Metadata name `Authorities`.
//!
//! An authority is an account that has stored session keys with `Session.set_keys`. While elections are off, root names
//! authorities by their Aura keys, by the official call `AdminUtils.swap_authorities`. While they are on, the pallet of
//! elections appoints hotkeys, and root is refused. The appointed take office in the second block after the call: the
//! first one queues them, the second one hands them to Aura and GRANDPA. The old authorities finalise the block of the
//! change, the new ones all later blocks.
//!
//! A session ends only where something changes, because the block of a rotation carries no transactions. Keys that an
//! authority in office replaced take effect at the next multiple of the session's length. Root or a vote can set
//! another length, which counts after that block (`SubtensorModule.sudo_set_session_length`).
//!
//! **If finality has stopped**, the old authorities cannot finalise the change. Root then turns elections off if they
//! are on, appoints others, waits until they write blocks, and sends `Grandpa.note_stalled`: at the end of the session
//! the authorities in office finalise without the old ones.

use alloc::vec::Vec;
use frame_support::{pallet_prelude::*, traits::EstimateNextSessionRotation};
use myelin_election::Seat;
use pallet_myelin_election::{Candidates, Eras, History, Seats};
use pallet_session::{QueuedChanged, QueuedKeys, SessionHandler, SessionManager, ShouldEndSession};
use sp_consensus_aura::sr25519::AuthorityId as AuraId;
use sp_core::{
    crypto::{
        key_types::{AURA, GRANDPA},
        KeyTypeId,
    },
    ByteArray,
};
use sp_runtime::{traits::OpaqueKeys, DispatchResult, Permill};

use crate::{
    constants::MAX_AUTHORITIES, profile::sessions, AccountId, BlockNumber, Grandpa, Runtime, SessionKeys,
};

#[cfg(test)]
mod tests;

pub use pallet::*;

/// Kind of the keys by which root names authorities.
const NAMED_BY: KeyTypeId = AURA;

/// The list of root, and its errors.
#[frame_support::pallet]
pub mod pallet {
    use super::*;

    /// Types that the runtime supplies: sessions whose validators are accounts.
    #[pallet::config]
    pub trait Config:
        frame_system::Config<RuntimeEvent: From<Event<Self>>>
        + pallet_session::Config<ValidatorId = <Self as frame_system::Config>::AccountId>
        + pallet_myelin_beacon::Config
        + pallet_myelin_election::Config
    {
    }

    /// The pallet itself; its metadata name is `Authorities`.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// The authorities that were appointed or elected and that are not queued yet.
    #[pallet::storage]
    pub type Appointed<T: Config> =
        StorageValue<_, BoundedVec<T::AccountId, ConstU32<MAX_AUTHORITIES>>, OptionQuery>;

    /// Events of the pallet.
    #[pallet::event]
    #[pallet::generate_deposit(fn deposit_event)]
    pub enum Event<T: Config> {
        /// Root appointed these accounts; they take office in the second block from now.
        AuthoritiesAppointed {
            /// The accounts, in the order in which they write blocks.
            authorities: Vec<T::AccountId>,
        },
    }

    /// Reasons to refuse a list.
    #[pallet::error]
    pub enum Error<T> {
        /// A chain needs at least one authority.
        NoAuthorities,
        /// An authority is named twice.
        AuthorityNamedTwice,
        /// No account has this Aura key among its session keys; it has to send Session.set_keys first.
        KeysNotSet,
        /// Elections are on; send Elections.switch_off first.
        ElectionsAreOn,
    }

    impl<T: Config> Pallet<T> {
        /// Appoints the accounts that stored these Aura keys.
        ///
        /// # Errors
        /// `ElectionsAreOn`, `NoAuthorities`, `AuthorityNamedTwice`, `KeysNotSet`.
        pub fn appoint(keys: &[AuraId]) -> DispatchResult {
            ensure!(!Eras::<T>::is_on(), Error::<T>::ElectionsAreOn);
            let mut authorities: BoundedVec<T::AccountId, ConstU32<MAX_AUTHORITIES>> = BoundedVec::new();
            for key in keys {
                let owner = pallet_session::Pallet::<T>::key_owner(NAMED_BY, key.as_slice());
                let owner = owner.ok_or(Error::<T>::KeysNotSet)?;
                ensure!(!authorities.contains(&owner), Error::<T>::AuthorityNamedTwice);
                // A call carries no longer list, and without duplicates there are no more owners than keys.
                authorities.try_push(owner).map_err(|_| Error::<T>::AuthorityNamedTwice)?;
            }
            ensure!(!authorities.is_empty(), Error::<T>::NoAuthorities);
            Self::deposit_event(Event::AuthoritiesAppointed { authorities: authorities.to_vec() });
            Appointed::<T>::put(authorities);
            Ok(())
        }
    }
}

impl<T: Config> SessionManager<T::AccountId> for Pallet<T> {
    /// The appointed authorities, or those in office, without those that purged their keys; `None` if nothing changes
    /// or no authority would be left.
    fn new_session(_: u32) -> Option<Vec<T::AccountId>> {
        let in_office = pallet_session::Validators::<T>::get();
        let appointed = Appointed::<T>::take();
        let is_new = appointed.is_some();
        let mut next = appointed.map_or_else(|| in_office.clone(), BoundedVec::into_inner);
        next.retain(|who| pallet_session::NextKeys::<T>::contains_key(who));
        (!next.is_empty() && (is_new || next != in_office)).then_some(next)
    }

    fn start_session(_: u32) {}

    /// The block's author contributes to the beacon by the list that the new session replaces. The pledges of those who
    /// write no further block are bound from now on.
    fn end_session(_: u32) {
        pallet_myelin_beacon::Pallet::<T>::keep_author();
        let queued = QueuedKeys::<T>::get();
        let mut former = pallet_session::Validators::<T>::get();
        former.retain(|who| !queued.iter().any(|(stays, _)| stays == who));
        Candidates::<T>::left_office(&former);
    }
}

/// The session manager as elections see it.
impl<T: Config> Seats<T::AccountId> for Pallet<T> {
    fn in_office() -> Vec<T::AccountId> {
        pallet_session::Validators::<T>::get()
    }

    fn has_keys(who: &T::AccountId) -> bool {
        pallet_session::NextKeys::<T>::contains_key(who)
    }

    /// Keys of authorities that change at the end of a period count too.
    fn is_changing() -> bool {
        Appointed::<T>::exists() || QueuedChanged::<T>::get()
    }

    /// No set is longer than the most authorities, since the rules of elections allow no more seats.
    fn appoint(set: Vec<T::AccountId>) {
        Appointed::<T>::put(BoundedVec::truncate_from(set));
    }

    fn slot() -> u64 {
        *pallet_aura::CurrentSlot::<T>::get()
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn set_slot(slot: u64) {
        pallet_aura::CurrentSlot::<T>::put(sp_consensus_aura::Slot::from(slot));
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn give_keys(who: &T::AccountId) {
        let mut zeros = sp_runtime::traits::TrailingZeroInput::zeroes();
        if let Ok(keys) = <<T as pallet_session::Config>::Keys as codec::Decode>::decode(&mut zeros) {
            pallet_session::NextKeys::<T>::insert(who, keys);
        }
    }
}

/// Aura and GRANDPA, which take over the keys of a new session.
type Engines = <SessionKeys as OpaqueKeys>::KeyTypeIdProviders;

/// Hands new sessions to Aura and GRANDPA, and notes each set for the reports of its offences.
pub struct Handlers;

impl Handlers {
    /// Notes a set, with the number that GRANDPA gave it.
    fn note<Keys: OpaqueKeys>(set: &[(AccountId, Keys)]) {
        let seat = |(who, keys): &(AccountId, Keys)| {
            let raw = |kind| <[u8; 32]>::try_from(keys.get_raw(kind)).unwrap_or_default();
            Seat { hotkey: who.clone().into(), aura: raw(AURA), grandpa: raw(GRANDPA) }
        };
        // Aura and GRANDPA go on with their keys where no set is left.
        if !set.is_empty() {
            History::<Runtime>::changes(Grandpa::current_set_id(), set.iter().map(seat).collect());
        }
    }
}

impl SessionHandler<AccountId> for Handlers {
    const KEY_TYPE_IDS: &'static [KeyTypeId] = <Engines as SessionHandler<AccountId>>::KEY_TYPE_IDS;

    fn on_genesis_session<Keys: OpaqueKeys>(set: &[(AccountId, Keys)]) {
        <Engines as SessionHandler<AccountId>>::on_genesis_session(set);
        Self::note(set);
    }

    fn on_new_session<Keys: OpaqueKeys>(
        changed: bool,
        set: &[(AccountId, Keys)],
        queued: &[(AccountId, Keys)],
    ) {
        let before = Grandpa::current_set_id();
        <Engines as SessionHandler<AccountId>>::on_new_session(changed, set, queued);
        if changed || Grandpa::current_set_id() != before {
            Self::note(set);
        }
    }

    fn on_before_session_ending() {
        <Engines as SessionHandler<AccountId>>::on_before_session_ending();
    }

    fn on_disabled(place: u32) {
        <Engines as SessionHandler<AccountId>>::on_disabled(place);
    }
}

/// The block in which the session under way may end, for pallets that ask; this runtime has none that does.
pub struct EndOfSession;

impl EstimateNextSessionRotation<BlockNumber> for EndOfSession {
    fn average_session_length() -> BlockNumber {
        sessions().length
    }

    /// Counts the present block as past.
    fn estimate_current_session_progress(now: BlockNumber) -> (Option<Permill>, Weight) {
        let length = sessions().at(now);
        (Some(Permill::from_rational(now % length + 1, length)), Weight::zero())
    }

    /// Asked after the block's own session may have ended.
    fn estimate_next_session_rotation(now: BlockNumber) -> (Option<BlockNumber>, Weight) {
        (Some(sessions().next_end(now)), Weight::zero())
    }
}

/// Ends a session in the block after an appointment, in the block after that, and at the end of a period in which keys
/// changed or root noted that finality stopped.
pub struct WhereSomethingChanges;

impl ShouldEndSession<BlockNumber> for WhereSomethingChanges {
    fn should_end_session(now: BlockNumber) -> bool {
        let changes = Appointed::<Runtime>::exists()
            || QueuedChanged::<Runtime>::get()
            || sessions().ends_in(now) && (Grandpa::stalled().is_some() || keys_changed());
        // Aura and GRANDPA change together: not while an earlier change of GRANDPA is under way, beside which GRANDPA
        // takes no other.
        changes && Grandpa::pending_change().is_none()
    }
}

/// Whether an authority in office has other keys than those in use, or none.
fn keys_changed() -> bool {
    let stored = pallet_session::Validators::<Runtime>::get().into_iter();
    let stored =
        stored.filter_map(|who| Some((who.clone(), pallet_session::NextKeys::<Runtime>::get(&who)?)));
    !stored.eq(QueuedKeys::<Runtime>::get())
}

impl pallet_admin_utils::Authorities for Pallet<Runtime> {
    type Key = AuraId;
    type Most = ConstU32<MAX_AUTHORITIES>;

    fn appoint(keys: &[AuraId]) -> DispatchResult {
        Self::appoint(keys)
    }
}
