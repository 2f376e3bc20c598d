//! The events of the pallet. The number of an event is its place, so a new one goes to the end.

use frame_support::pallet_macros::pallet_section;

#[pallet_section]
mod events {
    /// Events of the pallet.
    #[pallet::event]
    #[pallet::generate_deposit(pub(crate) fn deposit_event)]
    pub enum Event<T: Config> {
        /// More of an asset is under an account's vote lock.
        Locked {
            /// Account.
            who: T::AccountId,
            /// Asset.
            asset: Asset,
            /// All of it under the vote lock now, in rao.
            total: u64,
        },
        /// Less of an asset is under an account's vote lock.
        Unlocked {
            /// Account.
            who: T::AccountId,
            /// Asset.
            asset: Asset,
            /// All of it under the vote lock now, in rao.
            total: u64,
        },
        /// An account voted.
        Voted {
            /// Account.
            who: T::AccountId,
            /// Referendum.
            poll: PollId,
            /// For it, or against it.
            aye: bool,
            /// Multiplier of the own power.
            multiplier: Multiplier,
            /// Own power, in rao.
            own: u128,
            /// Power of others that the account uses, in rao.
            delegated: u128,
        },
        /// An account took its vote back.
        VoteWithdrawn {
            /// Account.
            who: T::AccountId,
            /// Referendum.
            poll: PollId,
        },
        /// An account lets another one vote with its power.
        Delegated {
            /// Account.
            who: T::AccountId,
            /// Track.
            track: TrackId,
            /// Delegate.
            to: T::AccountId,
            /// First block in which submitted referenda don't count it any more.
            ends: Block,
        },
        /// An account ended a delegation.
        Undelegated {
            /// Account.
            who: T::AccountId,
            /// Track.
            track: TrackId,
        },
        /// An account took over votes, vote lock and delegations of another one.
        Succeeded {
            /// Account until now.
            old: T::AccountId,
            /// Account from now on.
            new: T::AccountId,
        },
        /// An approved proposal was dispatched with Root.
        Enacted {
            /// Track.
            track: TrackId,
            /// Hash of the call.
            call: T::Hash,
            /// The call's result.
            result: DispatchResult,
        },
        /// An approved proposal was refused and is not tried again.
        EnactmentRefused {
            /// Track.
            track: TrackId,
            /// Hash of the call.
            call: T::Hash,
            /// Reason.
            error: DispatchError,
        },
        /// The brake put an enactment off.
        EnactmentPutOff {
            /// Track.
            track: TrackId,
            /// Hash of the call.
            call: T::Hash,
            /// Block in which it is due.
            until: Block,
        },
        /// The committee delayed an approved referendum.
        Delayed {
            /// Referendum.
            poll: PollId,
            /// Block in which it is due.
            until: Block,
        },
        /// The committee marked the hash of code for the urgent track.
        Marked {
            /// Hash of the code.
            code: T::Hash,
            /// First block in which the mark holds no more.
            until: Block,
        },
        /// The committee pulled the brake.
        BrakePulled {
            /// First block after the pause.
            until: Block,
        },
        /// The committee released the brake.
        BrakeReleased,
        /// There is another committee, or none.
        CommitteeSet {
            /// The committee.
            committee: Option<T::AccountId>,
        },
        /// The treasury paid.
        Spent {
            /// Recipient.
            to: T::AccountId,
            /// Amount.
            amount: TaoBalance,
        },
        /// There is a new grant.
        Granted {
            /// Number of the grant.
            grant: u32,
            /// Recipient.
            recipient: T::AccountId,
            /// Sum of its milestones.
            amount: TaoBalance,
        },
        /// A recipient claimed the next milestone.
        Claimed {
            /// Number of the grant.
            grant: u32,
            /// Number of the milestone.
            milestone: u8,
            /// Hash of the report.
            report: [u8; 32],
        },
        /// The treasury paid a milestone.
        MilestonePaid {
            /// Number of the grant.
            grant: u32,
            /// Number of the milestone.
            milestone: u8,
            /// Amount.
            amount: TaoBalance,
        },
        /// A referendum ended a grant.
        GrantStopped {
            /// Number of the grant.
            grant: u32,
        },
        /// A referendum registered a subnet.
        SubnetOpened {
            /// Subnet.
            netuid: NetUid,
            /// Its owner.
            owner: T::AccountId,
        },
        /// A referendum that was left out of the full queue of its track waits no longer.
        BroughtBack {
            /// Number of the referendum.
            poll: PollId,
            /// It was dead, and is cancelled: its deposits return. Otherwise it has its turn with the next vote.
            cancelled: bool,
        },
        /// The treasury got deposits that are lost.
        DepositsCollected {
            /// Number of the referendum.
            poll: PollId,
            /// Their sum.
            amount: TaoBalance,
        },
    }
}
