//! Elections of authorities. Metadata name `Elections`.
//!
//! The rules are in `myelin_election`; this pallet keeps their state and applies them (decision 0117). A candidate is a
//! hotkey whose coldkey pledged TAO for it. The pledge stays on the coldkey's account, on hold.
//!
//! | module | concept |
//! |---|---|
//! | [`candidates`] | pledges, standing, and the way out |
//! | [`readings`] | readings of candidates, kept before they change |
//! | [`eras`] | the pass of each era in pages, the choice, the draw of seats, and the switch |
//! | [`panels`] | the validators of each subnet at its last epoch |
//! | [`history`] | the sets in office with their keys, as far back as offences can be reported |
//! | [`reports`] | the proof of an offence |
//! | [`penalties`] | jail, slashes that wait, and their cancellation |
//! | [`presence`] | blocks of each author in an era |
//! | [`interfaces`] | questions to the network and to the session manager |
//! | [`invariants`] | what is true between calls |
//! | [`waits`] | the first block in which a call can succeed |
//!
//! **The switch.** Elections are off until root turns them on. While they are off, root appoints the authorities, and
//! candidates may join and leave. While they are on, an appointment by root is refused. Turning them off keeps the set
//! in office, and drops the result of a pass under way.
//!
//! **A pass** elects by its first block. Before a reading changes that the pass still awaits, it is kept. Session keys
//! are the exception: they are looked up when a page reads their candidate, and again at the end.
//!
//! **Offences.** A proved offence sends its author to jail at once. The slash of its pledge waits for the time to
//! appeal, in which root cancels it, also by a vote. The author keeps its seat until the next pass. One offence of a
//! kind is taken to account for each term: a node that runs twice for an hour pays once. An authority that root
//! appointed, and that is no candidate, has nothing to lose. Reports hold while elections are off, too.
//!
//! **Swapped hotkeys.** A candidacy stays with its hotkey. The new hotkey becomes a candidate by `join`, once the
//! coldkey has withdrawn the old pledge.
//!
//! **What it refuses to know.** Stake and epochs, which it asks of `Config::Network`, and sessions, which it asks of
//! `Config::Seats`.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

#[cfg(any(feature = "runtime-benchmarks", test))]
pub mod benchmarking;
pub mod candidates;
pub mod eras;
mod errors;
mod events;
pub mod history;
pub mod interfaces;
pub mod invariants;
mod measured;
pub mod panels;
pub mod penalties;
pub mod presence;
pub mod readings;
pub mod reports;
pub mod waits;

use frame_support::{pallet_macros::import_section, traits::Get, weights::Weight};
use myelin_election::Rules;
use myelin_units::Block;
use sp_runtime::SaturatedConversion;

pub use candidates::Candidates;
pub use eras::{Chosen, Clock, Eras, Step, UnderWay};
pub use history::History;
pub use interfaces::{Network, Seats};
pub use myelin_election::equivocation::MOST_BETWEEN;
pub use pallet::*;
pub use panels::PanelBook;
pub use penalties::Penalties;
pub use readings::Readings;
pub use reports::{RootedHeader, TwoVotes};

/// The current block.
pub(crate) fn now<T: Config>() -> Block {
    frame_system::Pallet::<T>::block_number().saturated_into()
}

/// The weight of a report: one without a signature is checked before it is executed, and then again.
fn twice(weight: Weight) -> Weight {
    weight.saturating_mul(2)
}

/// The rules in force: those that root set, or those of the chain's pace.
pub fn rules<T: Config>() -> Rules {
    SetRules::<T>::get().unwrap_or_else(|| Rules::first(T::Pace::get().fast))
}

#[import_section(events::events)]
#[import_section(errors::errors)]
#[frame_support::pallet]
pub mod pallet {
    use alloc::{boxed::Box, vec::Vec};

    use frame_support::{
        pallet_prelude::*,
        traits::{
            fungible::{BalancedHold, Credit, InspectHold, MutateHold},
            OnUnbalanced,
        },
    };
    use frame_system::pallet_prelude::*;
    use myelin_economy::profile::Profile;
    use myelin_election::{
        choose::Reason, Attendance, Candidacy, Docket, Offence, Panel, PerBillion, Progress, Qualities,
        Reading, Rules, Seat, Terms,
    };
    use myelin_units::{Block, NetUid, TaoBalance};
    use myelin_wire::beacon::Value;

    use crate::{
        candidates::Candidates,
        eras::{Chosen, Clock, Eras, UnderWay},
        interfaces::{Network, Seats},
        measured::Measured,
        penalties::Penalties,
        presence::Presence,
        reports::{kib, Reports, RootedHeader, TwoVotes},
        twice,
    };

    /// Types that the runtime supplies.
    #[pallet::config]
    pub trait Config:
        frame_system::Config<RuntimeEvent: From<Event<Self>>, AccountId: From<[u8; 32]> + Into<[u8; 32]>>
    {
        /// The ledger of free TAO, in rao.
        type Holds: MutateHold<Self::AccountId, Balance = u64, Reason = Self::RuntimeHoldReason>
            + BalancedHold<Self::AccountId>
            + InspectHold<Self::AccountId>;

        /// Takes TAO that is slashed.
        type Recycle: OnUnbalanced<Credit<Self::AccountId, Self::Holds>>;

        /// The runtime's reasons to hold TAO.
        type RuntimeHoldReason: From<HoldReason>;

        /// Keys, root stake and emission.
        type Network: Network<Self::AccountId>;

        /// The session manager.
        type Seats: Seats<Self::AccountId>;

        /// The beacon's value of the block before the present one.
        type Draw: Get<Value>;

        /// The pace of the chain, from which the first rules follow.
        type Pace: Get<Profile>;
    }

    /// The pallet itself; its metadata name in the runtime is `Elections`.
    #[pallet::pallet]
    #[pallet::without_storage_info]
    pub struct Pallet<T>(_);

    /// Reasons to hold TAO.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// It is pledged for a candidate, or on its way out of a pledge.
        Pledge,
    }

    /// The rules that root set; without them those of the chain's pace hold.
    #[pallet::storage]
    pub type SetRules<T: Config> = StorageValue<_, Rules, OptionQuery>;

    /// Candidacies by hotkey. The hasher gives the order in which a pass reads them. Owner: [`Candidates`].
    #[pallet::storage]
    pub type Candidacies<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, Candidacy, OptionQuery>;

    /// The hotkey for which a coldkey pledged. Owner: [`Candidates`].
    #[pallet::storage]
    pub type HotkeyOf<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, T::AccountId, OptionQuery>;

    /// Serial number of the next candidacy. Owner: [`Candidates`].
    #[pallet::storage]
    pub type NextSerial<T: Config> = StorageValue<_, u64, ValueQuery>;

    /// The validators of each subnet at its last epoch. Their emission is read when a pass begins. Owner:
    /// [`PanelBook`](crate::PanelBook).
    #[pallet::storage]
    pub type Panels<T: Config> = StorageMap<_, Identity, NetUid, Panel, OptionQuery>;

    /// The switch, and the state of the era. Owner: [`Eras`].
    #[pallet::storage]
    pub type EraClock<T: Config> = StorageValue<_, Clock, ValueQuery>;

    /// The pass under way, with the rules of its first block. Owner: [`Eras`].
    #[pallet::storage]
    pub type PassUnderWay<T: Config> = StorageValue<_, UnderWay, OptionQuery>;

    /// The qualities of all validators in the first block of the pass under way. Owner: [`Eras`].
    #[pallet::storage]
    pub type PassQualities<T: Config> = StorageValue<_, Qualities, ValueQuery>;

    /// Progress of the pass under way. Owner: [`Eras`].
    #[pallet::storage]
    pub type PassProgress<T: Config> = StorageValue<_, Progress, OptionQuery>;

    /// Readings that changed before the pass under way read them, as they were. Owner:
    /// [`Readings`](crate::Readings).
    #[pallet::storage]
    pub type KeptReadings<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, Reading, OptionQuery>;

    /// A new set whose seats are drawn in the next block. Owner: [`Eras`].
    #[pallet::storage]
    pub type ChosenSet<T: Config> = StorageValue<_, Chosen, OptionQuery>;

    /// The terms of the sets in office, as far back as their offences can be reported. Owner:
    /// [`History`](crate::History).
    #[pallet::storage]
    pub type TermIndex<T: Config> = StorageValue<_, Terms, ValueQuery>;

    /// The seats of each term in the index, by its number. Owner: [`History`](crate::History).
    #[pallet::storage]
    pub type TermSeats<T: Config> = StorageMap<_, Twox64Concat, u32, Vec<Seat>, ValueQuery>;

    /// Offenders of each term in the index. Owner: [`History`](crate::History).
    #[pallet::storage]
    pub type Convicted<T: Config> =
        StorageMap<_, Twox64Concat, u32, Vec<(T::AccountId, Offence)>, ValueQuery>;

    /// Slashes that wait, and those that count with them. Owner: [`Penalties`].
    #[pallet::storage]
    pub type SlashDocket<T: Config> = StorageValue<_, Docket, ValueQuery>;

    /// Block of the earliest report whose slash waits. Owner: [`Penalties`].
    #[pallet::storage]
    pub type FirstReport<T: Config> = StorageValue<_, Block, OptionQuery>;

    /// Blocks of the authors in this era; stored while elections are on. Owner: [`Presence`].
    #[pallet::storage]
    pub type EraAttendance<T: Config> = StorageValue<_, Attendance, OptionQuery>;

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_initialize(_: BlockNumberFor<T>) -> Weight {
            let counted = Presence::<T>::count();
            // A pass elects by what the slashes of its block leave.
            counted.saturating_add(Penalties::<T>::tick()).saturating_add(Eras::<T>::tick())
        }
    }

    #[allow(deprecated)]
    #[pallet::validate_unsigned]
    impl<T: Config> ValidateUnsigned for Pallet<T> {
        type Call = Call<T>;

        fn validate_unsigned(source: TransactionSource, call: &Self::Call) -> TransactionValidity {
            Reports::<T>::validate(source, call)
        }

        fn pre_dispatch(call: &Self::Call) -> Result<(), TransactionValidityError> {
            Reports::<T>::fresh(call).map(drop)
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Makes a hotkey a candidate.
        ///
        /// Origin: the coldkey that owns the hotkey. Effect: `pledge` is held on the coldkey's account. The hotkey can
        /// be elected from the next pass on, once it has session keys (`Session.set_keys`). Event: `Joined`. Errors:
        /// `NotYourHotkey`, `AlreadyCandidate`, `OneForEachColdkey`, `InJail`, `PledgeTooSmall`, and those of the
        /// ledger of balances. Cost: a fee.
        #[pallet::call_index(0)]
        #[pallet::weight(
            Measured::<T>::join()
                .saturating_add(Measured::<T>::take(0))
                .saturating_add(T::DbWeight::get().reads_writes(1, 3))
        )]
        pub fn join(origin: OriginFor<T>, hotkey: T::AccountId, pledge: TaoBalance) -> DispatchResult {
            Candidates::<T>::join(ensure_signed(origin)?, hotkey, pledge)
        }

        /// Adds to the pledge of a candidate.
        ///
        /// Origin: the coldkey that pledged. Effect: `amount` more is on hold, and counts from the next pass on. Event:
        /// `Pledged`. Errors: `NotCandidate`, `NotYours`, `NothingToMove`, `PledgeTooSmall`, and those of the ledger of
        /// balances. Cost: a fee.
        #[pallet::call_index(1)]
        #[pallet::weight(Measured::<T>::pledge_more())]
        pub fn pledge_more(origin: OriginFor<T>, hotkey: T::AccountId, amount: TaoBalance) -> DispatchResult {
            Candidates::<T>::pledge_more(ensure_signed(origin)?, hotkey, amount)
        }

        /// Sends a part of a pledge on its way out.
        ///
        /// Origin: the coldkey that pledged. Effect: `amount` elects nobody any more. It is free after the blocks of
        /// unbonding, counted from now or from the hotkey's last block in office. Event: `Unbonding`. Errors:
        /// `NotCandidate`, `NotYours`, `NothingToMove`, `MoreThanPledged`, `PledgeTooSmall`, `TooManyLeaving`. Cost: a
        /// fee.
        #[pallet::call_index(2)]
        #[pallet::weight(Measured::<T>::unbond())]
        pub fn unbond(origin: OriginFor<T>, hotkey: T::AccountId, amount: TaoBalance) -> DispatchResult {
            Candidates::<T>::unbond(ensure_signed(origin)?, hotkey, Some(amount))
        }

        /// Ends a candidacy: sends all of the pledge on its way out.
        ///
        /// Origin: the coldkey that pledged. Effect: as `unbond` of the whole pledge. The hotkey is not elected again,
        /// and leaves its seat after the next pass. Event: `Unbonding`. Errors: `NotCandidate`, `NotYours`,
        /// `NothingToMove`, `TooManyLeaving`. Cost: a fee.
        #[pallet::call_index(3)]
        #[pallet::weight(Measured::<T>::unbond())]
        pub fn leave(origin: OriginFor<T>, hotkey: T::AccountId) -> DispatchResult {
            Candidates::<T>::unbond(ensure_signed(origin)?, hotkey, None)
        }

        /// Withdraws what is free.
        ///
        /// Origin: the coldkey that pledged. Effect: the amounts whose unbonding is over are free TAO. A candidacy of
        /// which nothing is left ends. Event: `Withdrawn`. Errors: `NotCandidate`, `NotYours`, `NothingFree`. Cost: a
        /// fee.
        #[pallet::call_index(4)]
        #[pallet::weight(Measured::<T>::withdraw())]
        pub fn withdraw(origin: OriginFor<T>, hotkey: T::AccountId) -> DispatchResult {
            Candidates::<T>::withdraw(ensure_signed(origin)?, hotkey)
        }

        /// Lets a candidate rest.
        ///
        /// Origin: the coldkey that pledged, or the hotkey. Effect: the hotkey is not elected until `resume`, and
        /// leaves its seat after the next pass. Event: `Chilled`. Errors: `NotCandidate`, `NotYours`, `RestsAlready`.
        /// Cost: a fee.
        #[pallet::call_index(5)]
        #[pallet::weight(Measured::<T>::chill())]
        pub fn chill(origin: OriginFor<T>, hotkey: T::AccountId) -> DispatchResult {
            Candidates::<T>::chill(ensure_signed(origin)?, hotkey)
        }

        /// Ends the rest of a candidate.
        ///
        /// Origin: the coldkey that pledged. Effect: the hotkey can be elected from the next pass on. Event: `Resumed`.
        /// Errors: `NotCandidate`, `NotYours`, `ReadyAlready`, `InJail`, `PledgeTooSmall`. Cost: a fee.
        #[pallet::call_index(6)]
        #[pallet::weight(Measured::<T>::resume())]
        pub fn resume(origin: OriginFor<T>, hotkey: T::AccountId) -> DispatchResult {
            Candidates::<T>::resume(ensure_signed(origin)?, hotkey)
        }

        /// Sets the rules of elections.
        ///
        /// Origin: root. Effect: the rules hold for calls at once, and for elections from the next pass on. The end of
        /// the present era stays. Event: `RulesSet`. Errors: `SeatsOutOfRange`, `LeastAuthoritiesOutOfRange`,
        /// `NoEra`, `AppealTooShort`, `UnbondingTooShort`, `RuleTooLong`.
        #[pallet::call_index(7)]
        #[pallet::weight(Measured::<T>::set_rules())]
        pub fn set_rules(origin: OriginFor<T>, rules: Rules) -> DispatchResult {
            ensure_root(origin)?;
            rules.validate(T::Pace::get().fast).map_err(Error::<T>::from)?;
            SetRules::<T>::put(rules);
            Self::deposit_event(Event::RulesSet { rules });
            Ok(())
        }

        /// Turns elections on.
        ///
        /// Origin: root. Effect: subnets write panels from now on. The first pass begins after an era, and root
        /// appoints nobody meanwhile. Event: `SwitchedOn`. Errors: `AlreadyOn`.
        #[pallet::call_index(8)]
        #[pallet::weight(Measured::<T>::switch())]
        pub fn switch_on(origin: OriginFor<T>) -> DispatchResult {
            ensure_root(origin)?;
            Eras::<T>::switch_on()
        }

        /// Turns elections off.
        ///
        /// Origin: root. Effect: the set in office stays until root appoints others. Event: `SwitchedOff`. Errors:
        /// `AlreadyOff`.
        #[pallet::call_index(9)]
        #[pallet::weight(Measured::<T>::switch())]
        pub fn switch_off(origin: OriginFor<T>) -> DispatchResult {
            ensure_root(origin)?;
            Eras::<T>::switch_off()
        }

        /// Reports an author that signed two blocks for one slot.
        ///
        /// Origin: any account, or an author without a signature in its own block. Effect: the author goes to jail, and
        /// a share of its pledge is slashed after the time to appeal. Event: `Reported`. Errors: `NotSealed`,
        /// `DifferentSlots`, `SameHeader`, `TooOld`, `ToCome`, `NoAuthor`, `NotByAuthor`, `Unconnected`,
        /// `AlreadyReported`, `TooManySlashes`. Cost: a fee, which is returned if the report holds.
        #[pallet::call_index(10)]
        #[pallet::weight(twice(Measured::<T>::report_blocks(kib(first, second))))]
        pub fn report_blocks(
            origin: OriginFor<T>,
            first: Box<RootedHeader<HeaderFor<T>>>,
            second: Box<RootedHeader<HeaderFor<T>>>,
        ) -> DispatchResultWithPostInfo {
            Self::ensure_reporter(origin)?;
            Penalties::<T>::convict(Reports::<T>::blocks(&first, &second)?)?;
            Ok(Pays::No.into())
        }

        /// Reports an authority that signed two votes in one round of finality.
        ///
        /// Origin: any account, or an author without a signature in its own block. Effect: the authority goes to jail,
        /// and a share of its pledge is slashed after the time to appeal. Event: `Reported`. Errors: `UnknownVoter`,
        /// `TooOld`, `NotProven`, `AlreadyReported`, `TooManySlashes`. Cost: a fee, which is returned if the report
        /// holds.
        #[pallet::call_index(11)]
        #[pallet::weight(twice(Measured::<T>::report_votes()))]
        pub fn report_votes(origin: OriginFor<T>, proof: Box<TwoVotes<T>>) -> DispatchResultWithPostInfo {
            Self::ensure_reporter(origin)?;
            Penalties::<T>::convict(Reports::<T>::votes(&proof)?)?;
            Ok(Pays::No.into())
        }

        /// Cancels a slash before it is taken.
        ///
        /// Origin: root. Effect: the offender keeps its pledge, and counts no more among those by whom the share of
        /// others is decided. It stays in jail. Event: `SlashCancelled`. Errors: `NoSuchSlash`.
        #[pallet::call_index(12)]
        #[pallet::weight(Measured::<T>::cancel_slash())]
        pub fn cancel_slash(origin: OriginFor<T>, number: u32) -> DispatchResult {
            ensure_root(origin)?;
            Penalties::<T>::cancel(number)
        }
    }

    impl<T: Config> Pallet<T> {
        /// A report comes from an account, or from nobody: from the author of the block.
        fn ensure_reporter(origin: OriginFor<T>) -> DispatchResult {
            ensure_none(origin.clone()).or_else(|_| ensure_signed(origin).map(drop))?;
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests;
