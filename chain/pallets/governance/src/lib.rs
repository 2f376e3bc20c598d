//! Governance by holders. Metadata name `Governance`.
//!
//! The rules are in `myelin_governance`; this pallet keeps their state and applies them. Referenda, preimages and the
//! schedule are stock pallets (decision 0116).
//!
//! | module | concept |
//! |---|---|
//! | [`polls`] | tracks, tallies and submitters for stock referenda |
//! | [`notes`] | prices and electorate at a submission |
//! | [`store`] | records of votes behind `myelin_governance::Book` |
//! | [`votes`] | vote lock, votes, delegations; the network's questions |
//! | [`enactments`] | the one way from an approved referendum to a call with Root |
//! | [`committee`] | delay, marks and brake |
//! | [`treasury`] | payments and grants |
//! | [`deposits`] | deposits that are lost to the treasury |
//! | [`invariants`] | what is true between calls |
//!
//! **Origins.** A referendum has the origin [`Origin`] of its track. Only `enact` accepts it.
//!
//! **What it refuses to know.** Stake, pools and prices, which it asks of `Config::Holdings`, and the merit of a
//! proposal.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

#[cfg(any(feature = "runtime-benchmarks", test))]
pub mod benchmarking;
pub mod committee;
pub mod deposits;
pub mod enactments;
mod errors;
mod events;
pub mod invariants;
mod measured;
pub mod notes;
pub mod polls;
pub mod store;
pub mod treasury;
pub mod votes;
pub mod waits;

use frame_support::pallet_macros::import_section;
use frame_support::{traits::Get, weights::Weight};
use frame_system::pallet_prelude::BlockNumberFor;
use myelin_governance::Asset;
use myelin_units::Block;
use sp_runtime::SaturatedConversion;

pub use deposits::Deposits;
pub use enactments::{Enactments, EnsureTrack, Inspect};
pub use pallet::*;
pub use polls::{PollRecords, PollTally, Submitter, Tracks};

/// The current block.
pub(crate) fn now<T: Config>() -> Block {
    frame_system::Pallet::<T>::block_number().saturated_into()
}

/// Entries of an account's stake that the network reads at most: three for each of 128 hotkeys, and their list.
const STAKE_READS: u64 = 385;

/// Cost of asking the network for an account's amount of an asset.
pub(crate) fn held<T: Config>(asset: &Asset) -> Weight {
    match asset {
        Asset::Free => Weight::zero(),
        Asset::Stake(_) => T::DbWeight::get().reads(STAKE_READS),
    }
}

/// A block as the chain counts it.
pub(crate) fn block<T: Config>(block: Block) -> BlockNumberFor<T> {
    block.saturated_into()
}

#[import_section(events::events)]
#[import_section(errors::errors)]
#[frame_support::pallet]
pub mod pallet {
    use alloc::boxed::Box;

    use frame_support::{
        dispatch::PostDispatchInfo,
        pallet_prelude::*,
        traits::{
            fungible::{Inspect as InspectLedger, Mutate, MutateFreeze},
            schedule::v3::{Anon, Named},
            Contains, GetCallMetadata, IsSubType, Polling, StorePreimage,
        },
    };
    use frame_system::pallet_prelude::*;
    use myelin_economy::profile::Profile;
    use myelin_governance::{
        enactment::Brake,
        grant::{Grant, Milestone, MAX_MILESTONES},
        voter::MAX_VOTES,
        Asset, Holdings, Multiplier, PollId, Sums, TrackId, Voter,
    };
    use myelin_units::{Block, NetUid, TaoBalance};
    use sp_runtime::traits::Dispatchable;

    use crate::{
        committee::Committees,
        deposits::Deposits,
        enactments::{Enactments, Inspect},
        held,
        measured::Measured,
        notes::Note,
        polls::{PollRecords, PollTally},
        treasury::Treasury,
        votes::Votes,
    };

    /// Most hashes that are marked at once.
    pub const MAX_MARKS: u32 = 8;
    /// Most delayed proposals that wait at once.
    pub const MAX_DELAYS: u32 = 32;

    /// Types that the runtime supplies.
    #[pallet::config]
    pub trait Config:
        frame_system::Config<
        RuntimeEvent: From<Event<Self>>,
        RuntimeCall: Dispatchable<PostInfo = PostDispatchInfo>
                         + GetCallMetadata
                         + IsSubType<frame_system::Call<Self>>
                         + IsSubType<Call<Self>>
                         + From<Call<Self>>,
    >
    {
        /// The ledger of free TAO, in rao.
        type Ledger: InspectLedger<Self::AccountId, Balance = u64>
            + Mutate<Self::AccountId>
            + MutateFreeze<Self::AccountId, Id = Self::RuntimeFreezeReason>;

        /// The runtime's reasons to freeze TAO.
        type RuntimeFreezeReason: From<FreezeReason>;

        /// Callers of the runtime's pallets: `OriginCaller`.
        type PalletsOrigin: From<Origin> + TryInto<Origin> + Clone;

        /// The origin of a referendum, with its track: [`crate::EnsureTrack`].
        type EnactOrigin: EnsureOrigin<Self::RuntimeOrigin, Success = TrackId>;

        /// Referenda: the stock pallet.
        type Polls: Polling<
                PollTally<Self>,
                Index = PollId,
                Votes = u128,
                Class = TrackId,
                Moment = BlockNumberFor<Self>,
            > + PollRecords;

        /// The schedule: the stock pallet, which referenda use too.
        type Scheduler: Anon<BlockNumberFor<Self>, Self::RuntimeCall, Self::PalletsOrigin, Hasher = Self::Hashing>
            + Named<BlockNumberFor<Self>, Self::RuntimeCall, Self::PalletsOrigin, Hasher = Self::Hashing>;

        /// Preimages: the stock pallet.
        type Preimages: StorePreimage<H = Self::Hashing>;

        /// Calls that are open to everybody; the filter that signed calls meet.
        type Filter: Contains<Self::RuntimeCall>;

        /// The subnet that a call names, and the calls that it carries.
        type Inspect: Inspect<Self::RuntimeCall>;

        /// The network.
        type Holdings: Holdings<Self::AccountId, Error = DispatchError>;

        /// The cost of registering a subnet without a lock cost.
        type OpeningCost: Get<Weight>;

        /// The pace of the chain.
        type Profile: Get<Profile>;

        /// The account of the treasury, which nobody signs for.
        type Treasury: Get<Self::AccountId>;
    }

    /// The pallet itself; its metadata name in the runtime is `Governance`.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// Reasons to freeze TAO.
    #[pallet::composite_enum]
    pub enum FreezeReason {
        /// It is under the vote lock.
        VoteLock,
    }

    /// The origin of a referendum: its track. Only `enact` accepts it.
    #[pallet::origin]
    #[derive(
        Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
    )]
    pub struct Origin(pub TrackId);

    // Owner of the next three: `store`.

    /// Vote lock, votes and delegations of an account.
    #[pallet::storage]
    pub type Voters<T: Config> =
        StorageMap<_, Blake2_128Concat, T::AccountId, Voter<T::AccountId>, ValueQuery>;

    /// Amounts that others let an account use on a track.
    #[pallet::storage]
    pub type Received<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Twox64Concat, TrackId, Sums, ValueQuery>;

    /// Of these, the amounts of accounts that voted themselves in a referendum.
    #[pallet::storage]
    pub type Overridden<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Twox64Concat, PollId, Sums, ValueQuery>;

    /// Referenda that enough support for their deposit to return, whatever their end. Owner: `deposits`.
    #[pallet::storage]
    pub type Backed<T: Config> = StorageMap<_, Twox64Concat, PollId, (), OptionQuery>;

    // Owner of the next two: `notes`.

    /// Prices as noted in a block.
    #[pallet::storage]
    pub type Notes<T: Config> = StorageMap<_, Twox64Concat, Block, Note, OptionQuery>;

    /// Blocks of the oldest and of the latest note.
    #[pallet::storage]
    pub type NoteRange<T: Config> = StorageValue<_, (Block, Block), OptionQuery>;

    // Owner of the next four: `committee`.

    /// The committee, a multisig account.
    #[pallet::storage]
    pub type Committee<T: Config> = StorageValue<_, T::AccountId, OptionQuery>;

    /// Marked hashes of code, with the block of the mark.
    #[pallet::storage]
    pub type Marks<T: Config> =
        StorageValue<_, BoundedVec<(T::Hash, Block), ConstU32<MAX_MARKS>>, ValueQuery>;

    /// Delayed referenda that wait, with the block in which they are due.
    #[pallet::storage]
    pub type Delays<T: Config> =
        StorageValue<_, BoundedVec<(PollId, Block), ConstU32<MAX_DELAYS>>, ValueQuery>;

    /// The latest brake.
    #[pallet::storage]
    pub type LastBrake<T: Config> = StorageValue<_, Brake, OptionQuery>;

    // Owner of the next two: `treasury`.

    /// Grants by number.
    #[pallet::storage]
    pub type Grants<T: Config> = StorageMap<_, Twox64Concat, u32, Grant<T::AccountId>, OptionQuery>;

    /// Number of grants, and the number of the next one.
    #[pallet::storage]
    pub type GrantCount<T: Config> = StorageValue<_, u32, ValueQuery>;

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Puts an amount of an asset under the caller's vote lock.
        ///
        /// Origin: a holder. Effect: `amount` rao more cannot leave the account. Votes that stand count it when they
        /// are cast again. Event: `Locked`. Errors: `NothingToMove`, `NotHeld`, `TooManyAssets`, `SmallLock`,
        /// `Retired`. Cost: a fee.
        #[pallet::call_index(0)]
        #[pallet::weight(Measured::<T>::lock().saturating_add(held::<T>(asset)))]
        pub fn lock(origin: OriginFor<T>, asset: Asset, amount: u64) -> DispatchResult {
            Votes::<T>::lock(ensure_signed(origin)?, asset, amount)
        }

        /// Takes an amount of an asset from under the caller's vote lock.
        ///
        /// Origin: a holder. Effect: `amount` rao are free again. Event: `Unlocked`. Errors: `NothingToMove`,
        /// `NotLocked`, `BoundByVote`, `BoundUntilLater`, `BoundByDelegation`, `SmallLock`, `Retired`. Cost: a fee.
        #[pallet::call_index(1)]
        #[pallet::weight(Measured::<T>::unlock().saturating_add(Measured::<T>::settle(MAX_VOTES as u32)))]
        pub fn unlock(origin: OriginFor<T>, asset: Asset, amount: u64) -> DispatchResult {
            Votes::<T>::unlock(ensure_signed(origin)?, asset, amount)
        }

        /// Votes with everything under the vote lock and all received power.
        ///
        /// Origin: a holder or a delegate. Effect: the vote counts in the place of a former one; the vote lock is bound
        /// until the referendum is over, and on the winning side for the multiplier's time after it. Event: `Voted`.
        /// Errors: `UnknownPoll`, `PollOver`, `OwnerVotesNot`, `TooLittlePower`, `SameVote`, `TooManyVotes`, `Retired`.
        /// Cost: a fee, which is larger where the record is full of former votes.
        #[pallet::call_index(2)]
        #[pallet::weight(Measured::<T>::vote().saturating_add(Measured::<T>::settle(MAX_VOTES as u32)))]
        pub fn vote(
            origin: OriginFor<T>,
            poll: PollId,
            aye: bool,
            multiplier: Multiplier,
        ) -> DispatchResultWithPostInfo {
            let settled = Votes::<T>::vote(ensure_signed(origin)?, poll, aye, multiplier)?;
            Ok(Some(Measured::<T>::vote().saturating_add(Measured::<T>::settle(settled))).into())
        }

        /// Takes a vote back.
        ///
        /// Origin: an account that voted. Effect: the vote counts no more, and a delegate's vote counts again. The vote
        /// lock stays bound until the referendum is over. Event: `VoteWithdrawn`. Errors: `UnknownPoll`, `PollOver`,
        /// `NoVote`, `Retired`. Cost: a fee.
        #[pallet::call_index(3)]
        #[pallet::weight(Measured::<T>::withdraw())]
        pub fn withdraw(origin: OriginFor<T>, poll: PollId) -> DispatchResult {
            Votes::<T>::withdraw(ensure_signed(origin)?, poll)
        }

        /// Lets another account vote on a track.
        ///
        /// Origin: a holder. Effect: the delegate votes with the amounts that are under the vote lock now, until the
        /// term ends; an own vote goes before. A former delegation on the track ends. Event: `Delegated`. Errors:
        /// `UnknownTrack`, `DelegatesToItself`, `OwnerVotesNot`, `TooLittlePower`, `TooManyDelegations`, `Retired`.
        /// Cost: a fee.
        #[pallet::call_index(4)]
        #[pallet::weight(Measured::<T>::delegate())]
        pub fn delegate(origin: OriginFor<T>, track: TrackId, to: T::AccountId) -> DispatchResult {
            Votes::<T>::delegate(ensure_signed(origin)?, track, to)
        }

        /// Ends a delegation.
        ///
        /// Origin: an account that delegates. Effect: its power leaves the delegate's open votes; the vote lock stays
        /// bound for 7 days, unless the term ended. Event: `Undelegated`. Errors: `NotDelegated`, `Retired`. Cost: a
        /// fee.
        #[pallet::call_index(5)]
        #[pallet::weight(Measured::<T>::undelegate())]
        pub fn undelegate(origin: OriginFor<T>, track: TrackId) -> DispatchResult {
            Votes::<T>::undelegate(ensure_signed(origin)?, track)
        }

        /// Enacts the proposal of an approved referendum.
        ///
        /// Origin: a referendum's track. `registered` is the block in which the subnet that the call names was
        /// registered, `None` if it names no subnet. Effect: the call is dispatched with Root, if nothing stops it; a
        /// brake puts it off. A refused proposal is not tried again. Events: `Enacted`, `EnactmentPutOff`, or
        /// `EnactmentRefused` with `NotMarked`, `ClosedCall`, `OtherSubnet`, `NoRoom` or a reason by which the call is
        /// on no list of the track. Errors: `BadOrigin`. Cost: none; it runs in the schedule.
        #[pallet::call_index(6)]
        #[pallet::weight(Measured::<T>::enact().saturating_add(call.get_dispatch_info().call_weight))]
        pub fn enact(
            origin: OriginFor<T>,
            call: Box<<T as frame_system::Config>::RuntimeCall>,
            registered: Option<Block>,
        ) -> DispatchResultWithPostInfo {
            let track = T::EnactOrigin::ensure_origin(origin)?;
            Enactments::<T>::enact(track, *call, registered)
        }

        /// Delays an approved referendum.
        ///
        /// Origin: the committee. Effect: its enactment is due `blocks` later. Event: `Delayed`. Errors:
        /// `NotTheCommittee`, `NotWaiting`, `DelayedBefore`, `Due`, `DelayLength`, `TooManyDelays`. Cost: a fee.
        #[pallet::call_index(7)]
        #[pallet::weight(Measured::<T>::delay())]
        pub fn delay(origin: OriginFor<T>, poll: PollId, blocks: Block) -> DispatchResult {
            Committees::<T>::ensure(origin)?;
            Committees::<T>::delay(poll, blocks)
        }

        /// Marks the hash of code.
        ///
        /// Origin: the committee. Effect: the urgent track takes `System.authorize_upgrade` of this hash for 21 days.
        /// Event: `Marked`. Errors: `NotTheCommittee`, `TooManyMarks`. Cost: a fee.
        #[pallet::call_index(8)]
        #[pallet::weight(Measured::<T>::mark())]
        pub fn mark(origin: OriginFor<T>, code: T::Hash) -> DispatchResult {
            Committees::<T>::ensure(origin)?;
            Committees::<T>::mark(code)
        }

        /// Pulls the brake.
        ///
        /// Origin: the committee. Effect: enactments but urgent upgrades and stops of grants are put off for 7 days.
        /// Event: `BrakePulled`. Errors: `NotTheCommittee`, `BrakeRests`. Cost: a fee.
        #[pallet::call_index(9)]
        #[pallet::weight(Measured::<T>::pull_brake())]
        pub fn pull_brake(origin: OriginFor<T>) -> DispatchResult {
            Committees::<T>::ensure(origin)?;
            Committees::<T>::pull_brake()
        }

        /// Releases the brake.
        ///
        /// Origin: the committee. Effect: enactments go on; those that were put off stay due at the brake's longest
        /// end. Event: `BrakeReleased`. Errors: `NotTheCommittee`, `BrakeOff`. Cost: a fee.
        #[pallet::call_index(10)]
        #[pallet::weight(Measured::<T>::release_brake())]
        pub fn release_brake(origin: OriginFor<T>) -> DispatchResult {
            Committees::<T>::ensure(origin)?;
            Committees::<T>::release_brake()
        }

        /// Names the committee.
        ///
        /// Origin: root. Effect: this account is the committee; `None` leaves none. Marks of another one before lapse,
        /// and its brake is released. Event: `CommitteeSet`. Cost: none.
        #[pallet::call_index(11)]
        #[pallet::weight(Measured::<T>::set_committee())]
        pub fn set_committee(origin: OriginFor<T>, committee: Option<T::AccountId>) -> DispatchResult {
            ensure_root(origin)?;
            Committees::<T>::set(committee);
            Ok(())
        }

        /// Pays from the treasury.
        ///
        /// Origin: root. Effect: `to` gets `amount`, at most 5 % of the treasury. Event: `Spent`. Errors:
        /// `NothingToMove`, `PaysTooMuch`, and those of the ledger of balances. Cost: none.
        #[pallet::call_index(12)]
        #[pallet::weight(Measured::<T>::spend())]
        pub fn spend(origin: OriginFor<T>, to: T::AccountId, amount: TaoBalance) -> DispatchResult {
            ensure_root(origin)?;
            Treasury::<T>::spend(to, amount)
        }

        /// Promises payments by milestones.
        ///
        /// Origin: root. Effect: `recipient` can claim one milestone after the other, at most 1 % of the treasury in
        /// all. Event: `Granted`. Errors: `BadMilestones`, `MilestonePaysNothing`, `MilestoneOrder`, `PaysTooMuch`,
        /// `TooManyGrants`. Cost: none.
        #[pallet::call_index(13)]
        #[pallet::weight(Measured::<T>::grant())]
        pub fn grant(
            origin: OriginFor<T>,
            recipient: T::AccountId,
            milestones: BoundedVec<Milestone, ConstU32<{ MAX_MILESTONES as u32 }>>,
        ) -> DispatchResult {
            ensure_root(origin)?;
            Treasury::<T>::grant(recipient, milestones.into_inner())
        }

        /// Ends a grant.
        ///
        /// Origin: root. Effect: nothing more is paid. Event: `GrantStopped`. Errors: `UnknownGrant`, `GrantEnded`.
        /// Cost: none.
        #[pallet::call_index(14)]
        #[pallet::weight(Measured::<T>::stop_grant())]
        pub fn stop_grant(origin: OriginFor<T>, grant: u32) -> DispatchResult {
            ensure_root(origin)?;
            Treasury::<T>::stop(grant)
        }

        /// Claims the next milestone of a grant.
        ///
        /// Origin: the recipient. `report` is the hash of a text. Effect: the milestone can be paid after 14 days,
        /// unless a referendum stops the grant. Event: `Claimed`. Errors: `UnknownGrant`, `NotTheRecipient`,
        /// `GrantEnded`, `AlreadyClaimed`. Cost: a fee.
        #[pallet::call_index(15)]
        #[pallet::weight(Measured::<T>::claim())]
        pub fn claim(origin: OriginFor<T>, grant: u32, report: [u8; 32]) -> DispatchResult {
            Treasury::<T>::claim(ensure_signed(origin)?, grant, report)
        }

        /// Pays the claimed milestone of a grant.
        ///
        /// Origin: anybody. Effect: the treasury pays the recipient. Event: `MilestonePaid`. Errors: `UnknownGrant`,
        /// `GrantEnded`, `NotClaimed`, `ClaimWaits`, `StopIsDecided`, and those of the ledger of balances. Cost: a fee.
        #[pallet::call_index(16)]
        #[pallet::weight(Measured::<T>::pay())]
        pub fn pay(origin: OriginFor<T>, grant: u32) -> DispatchResult {
            ensure_signed(origin)?;
            Treasury::<T>::pay(grant)
        }

        /// Registers a subnet without a lock cost.
        ///
        /// Origin: root. Effect: `owner` has a new subnet, and the treasury pays 1 TAO into its pool. Event:
        /// `SubnetOpened`. Errors: those of a registration. Cost: none.
        #[pallet::call_index(17)]
        #[pallet::weight(T::OpeningCost::get())]
        pub fn open_subnet(origin: OriginFor<T>, owner: T::AccountId) -> DispatchResult {
            ensure_root(origin)?;
            let netuid = T::Holdings::open_subnet(&owner, &T::Treasury::get())?;
            Self::deposit_event(Event::SubnetOpened { netuid, owner });
            Ok(())
        }

        /// Takes deposits of a referendum that are lost.
        ///
        /// Origin: anybody. Effect: the treasury gets the deposit of a submission that was rejected or timed out, and
        /// that for the decision, if less than 3 % supported it at its last vote. An open referendum that was left out
        /// of the full queue of its track has its turn with the next vote, or is cancelled if it is dead. Events:
        /// `DepositsCollected`, `BroughtBack`. Errors: `NothingLost`. Cost: a fee.
        #[pallet::call_index(18)]
        #[pallet::weight(Measured::<T>::collect())]
        pub fn collect(origin: OriginFor<T>, poll: PollId) -> DispatchResult {
            ensure_signed(origin)?;
            Deposits::<T>::collect(poll)
        }
    }
}

#[cfg(test)]
mod tests;
