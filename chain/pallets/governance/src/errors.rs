//! The errors of the pallet, and the rules' reasons as errors. The number of an error is its place, so a new one goes
//! to the end.

use frame_support::pallet_macros::pallet_section;
use myelin_governance::{enactment::CommitteeError, grant::GrantError, Refusal, VoteError};

use crate::pallet::Error;

#[pallet_section]
mod errors {
    /// Reasons to refuse a call.
    #[pallet::error]
    #[derive(PartialEq)]
    pub enum Error<T> {
        /// There is no referendum of this number; look at the list of referenda.
        UnknownPoll,
        /// The referendum is over, its subnet was removed, or its prices lapsed.
        PollOver,
        /// There is no track of this number.
        UnknownTrack,
        /// The owner of a subnet does not vote on its rubric.
        OwnerVotesNot,
        /// The power on this track is below 0.1 TAO; put more under the vote lock first.
        TooLittlePower,
        /// This vote stands already with the same side, multiplier and power.
        SameVote,
        /// This account has no vote in this referendum.
        NoVote,
        /// An account votes in at most 32 referenda at once; wait until one of them is over.
        TooManyVotes,
        /// A vote lock holds at most 16 assets.
        TooManyAssets,
        /// The amount is 0.
        NothingToMove,
        /// The account has not so much that no deposit holds and that is not under the vote lock.
        NotHeld,
        /// Less of this asset is under the vote lock.
        NotLocked,
        /// A vote in a referendum that is not over binds the vote lock.
        BoundByVote,
        /// An earlier vote or delegation binds the vote lock for some time; see `Voters.until`.
        BoundUntilLater,
        /// A delegation counts the amount; end it first.
        BoundByDelegation,
        /// An account cannot delegate to itself.
        DelegatesToItself,
        /// This account does not delegate on this track.
        NotDelegated,
        /// An account delegates on at most 16 tracks.
        TooManyDelegations,
        /// Another account took the place of this one; it votes no more.
        Retired,
        /// The new account has a vote lock, votes or delegations of its own.
        SuccessorInUse,
        /// The proposal enacts several things; propose each of them in a referendum of its own.
        SeveralCalls,
        /// The proposal wraps its call; propose the call itself.
        WrappedCall,
        /// The owner of the subnet sets this; no vote does.
        OwnerSets,
        /// Nothing follows from this parameter.
        NoEffect,
        /// No vote may enact this call; the page on governance lists what votes may do.
        NoTrackForCall,
        /// The call must name a subnet.
        NoSubnet,
        /// The call belongs to another track.
        OtherTrack,
        /// The chain's filter closes this call to everybody.
        ClosedCall,
        /// The committee has not marked the hash of this code, or the mark lapsed.
        NotMarked,
        /// The call names a subnet that was registered in another block than the proposal says.
        OtherSubnet,
        /// No block near the end of the brake has room for the enactment.
        NoRoom,
        /// Only the committee may do this.
        NotTheCommittee,
        /// No approved referendum of this number waits for its enactment.
        NotWaiting,
        /// This referendum was delayed before; it can be delayed once.
        DelayedBefore,
        /// A delay lasts at least one block and at most 7 days.
        DelayLength,
        /// This referendum is due; it cannot be delayed any more.
        Due,
        /// A brake is on, or was less than 37 days ago.
        BrakeRests,
        /// The brake is not on.
        BrakeOff,
        /// 8 marks hold; wait until one of them lapses.
        TooManyMarks,
        /// 32 delayed referenda wait; no more are delayed.
        TooManyDelays,
        /// One referendum of this track pays less of the treasury.
        PaysTooMuch,
        /// A grant has 1 to 12 milestones.
        BadMilestones,
        /// A milestone pays nothing.
        MilestonePaysNothing,
        /// Milestones end one after the other, in the future and within 730 days.
        MilestoneOrder,
        /// There is no grant of this number.
        UnknownGrant,
        /// Another account is the recipient of the grant.
        NotTheRecipient,
        /// The grant was stopped, paid in full, or a milestone was not claimed in time.
        GrantEnded,
        /// The next milestone is claimed.
        AlreadyClaimed,
        /// The next milestone is not claimed.
        NotClaimed,
        /// A claim waits 14 days for objections.
        ClaimWaits,
        /// A referendum on the end of the grant is being decided; wait until it is over.
        StopIsDecided,
        /// No more grants have a track on which they could be stopped.
        TooManyGrants,
        /// No deposit of this referendum is lost, or it was collected.
        NothingLost,
        /// A vote lock holds nothing of an asset, or at least 0.1 of it.
        SmallLock,
    }
}

impl<T> From<VoteError> for Error<T> {
    fn from(error: VoteError) -> Self {
        match error {
            VoteError::UnknownPoll(_) => Self::UnknownPoll,
            VoteError::Over(_) => Self::PollOver,
            VoteError::UnknownTrack(_) => Self::UnknownTrack,
            VoteError::Owner => Self::OwnerVotesNot,
            VoteError::TooLittle { .. } => Self::TooLittlePower,
            VoteError::SameVote => Self::SameVote,
            VoteError::NoVote(_) => Self::NoVote,
            VoteError::TooManyVotes => Self::TooManyVotes,
            VoteError::TooManyAssets => Self::TooManyAssets,
            VoteError::Nothing => Self::NothingToMove,
            VoteError::NotHeld { .. } => Self::NotHeld,
            VoteError::NotLocked(_) => Self::NotLocked,
            VoteError::SmallLock(_) => Self::SmallLock,
            VoteError::BoundByVote(_) => Self::BoundByVote,
            VoteError::BoundUntil(_) => Self::BoundUntilLater,
            VoteError::BoundByDelegation { .. } => Self::BoundByDelegation,
            VoteError::ToItself => Self::DelegatesToItself,
            VoteError::NotDelegated(_) => Self::NotDelegated,
            VoteError::TooManyDelegations => Self::TooManyDelegations,
            VoteError::Retired => Self::Retired,
            VoteError::InUse => Self::SuccessorInUse,
        }
    }
}

impl<T> From<Refusal> for Error<T> {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Several(_) => Self::SeveralCalls,
            Refusal::Wrapped => Self::WrappedCall,
            Refusal::Owners => Self::OwnerSets,
            Refusal::WithoutEffect => Self::NoEffect,
            Refusal::NoTrack => Self::NoTrackForCall,
            Refusal::NoSubnet => Self::NoSubnet,
            Refusal::NoGrant => Self::UnknownGrant,
            Refusal::OtherTrack { .. } => Self::OtherTrack,
        }
    }
}

impl<T> From<CommitteeError> for Error<T> {
    fn from(error: CommitteeError) -> Self {
        match error {
            CommitteeError::DelayedBefore => Self::DelayedBefore,
            CommitteeError::DelayLength { .. } => Self::DelayLength,
            CommitteeError::Due(_) => Self::Due,
            CommitteeError::BrakeRests(_) => Self::BrakeRests,
            CommitteeError::BrakeOff => Self::BrakeOff,
        }
    }
}

impl<T> From<GrantError> for Error<T> {
    fn from(error: GrantError) -> Self {
        match error {
            GrantError::Milestones(_) => Self::BadMilestones,
            GrantError::Nothing(_) => Self::MilestonePaysNothing,
            GrantError::Order(_) => Self::MilestoneOrder,
            GrantError::TooMuch { .. } => Self::PaysTooMuch,
            GrantError::Ended => Self::GrantEnded,
            GrantError::Claimed(_) => Self::AlreadyClaimed,
            GrantError::NotClaimed => Self::NotClaimed,
            GrantError::Early(_) => Self::ClaimWaits,
        }
    }
}
