//! The errors of the pallet, and the rules' reasons as errors. The number of an error is its place, so a new one goes
//! to the end.

use frame_support::pallet_macros::pallet_section;
use myelin_election::{CandidacyError, ReportError, RulesError};

use crate::pallet::Error;

#[pallet_section]
mod errors {
    /// Reasons to refuse a call.
    #[pallet::error]
    #[derive(PartialEq)]
    pub enum Error<T> {
        /// The hotkey belongs to another coldkey or to nobody; register or associate it first.
        NotYourHotkey,
        /// This hotkey is a candidate, or its pledge is on its way out; use pledge_more and resume.
        AlreadyCandidate,
        /// This coldkey pledged for another hotkey; leave with that one and withdraw first.
        OneForEachColdkey,
        /// This hotkey is no candidate; join first.
        NotCandidate,
        /// Another coldkey pledged for this candidate.
        NotYours,
        /// The pledge would be below the least one (Elections rules); pledge more, or leave with all of it.
        PledgeTooSmall,
        /// The pledge is less than this; unbond at most the pledge.
        MoreThanPledged,
        /// The amount is 0.
        NothingToMove,
        /// Eight amounts are on their way out; wait for the first one, and withdraw it.
        TooManyLeaving,
        /// Nothing is free yet: TAO is free 30 days after unbond, and not while the hotkey is in office.
        NothingFree,
        /// The hotkey is in jail; join or resume when that is over.
        InJail,
        /// The candidate is ready already.
        ReadyAlready,
        /// The candidate rests already.
        RestsAlready,
        /// There are 1 to 128 seats.
        SeatsOutOfRange,
        /// The least number of authorities is 1 to the number of seats.
        LeastAuthoritiesOutOfRange,
        /// An era has at least one block.
        NoEra,
        /// Unbonding has to take longer than the windows of reports and appeals together.
        UnbondingTooShort,
        /// Elections are on already.
        AlreadyOn,
        /// Elections are off already.
        AlreadyOff,
        /// A header has no slot or no seal of Aura at its end; report headers as the node imported them.
        NotSealed,
        /// The headers are of different slots; an author may sign one in each.
        DifferentSlots,
        /// Both headers have the same content; signing it twice is no offence.
        SameHeader,
        /// The offence is older than the time to report it (Elections rules).
        TooOld,
        /// The slot of the headers is still to come.
        ToCome,
        /// No list of authors is known for this slot.
        NoAuthor,
        /// A header is not signed by the author whose turn the slot was.
        NotByAuthor,
        /// A header does not lead to one of this chain's last blocks in at most 64 steps.
        Unconnected,
        /// No set with this number is known in which this key votes.
        UnknownVoter,
        /// These are not two signed votes for different blocks in one round.
        NotProven,
        /// An offence of this kind by this authority in this term was reported already.
        AlreadyReported,
        /// Too many slashes wait to be taken; report again when some were.
        TooManySlashes,
        /// No slash with this number waits.
        NoSuchSlash,
        /// An era and the time to report last 50,400 blocks at most, the latter also 40 eras; unbonding and jail last
        /// 648,000.
        RuleTooLong,
        /// The time to appeal is at least 122,400 blocks, and 1 on a local network.
        AppealTooShort,
    }
}

impl<T> From<CandidacyError> for Error<T> {
    fn from(error: CandidacyError) -> Self {
        match error {
            CandidacyError::PledgeTooSmall { .. } => Self::PledgeTooSmall,
            CandidacyError::MoreThanPledged(_) => Self::MoreThanPledged,
            CandidacyError::Nothing => Self::NothingToMove,
            CandidacyError::TooManyLeaving => Self::TooManyLeaving,
            CandidacyError::NotFree(_) => Self::NothingFree,
            CandidacyError::Jailed(_) => Self::InJail,
            CandidacyError::Ready => Self::ReadyAlready,
        }
    }
}

impl<T> From<RulesError> for Error<T> {
    fn from(error: RulesError) -> Self {
        match error {
            RulesError::Seats(_) => Self::SeatsOutOfRange,
            RulesError::LeastAuthorities(_) => Self::LeastAuthoritiesOutOfRange,
            RulesError::Era => Self::NoEra,
            RulesError::Unbonding { .. } => Self::UnbondingTooShort,
            RulesError::TooLong { .. } => Self::RuleTooLong,
            RulesError::Appeal { .. } => Self::AppealTooShort,
        }
    }
}

impl<T> From<ReportError> for Error<T> {
    fn from(error: ReportError) -> Self {
        match error {
            ReportError::NotSealed => Self::NotSealed,
            ReportError::DifferentSlots(..) => Self::DifferentSlots,
            ReportError::SameHeader => Self::SameHeader,
            ReportError::TooOld { .. } => Self::TooOld,
            ReportError::ToCome { .. } => Self::ToCome,
            ReportError::NoAuthor(_) => Self::NoAuthor,
            ReportError::NotByAuthor(_) => Self::NotByAuthor,
            ReportError::Unconnected => Self::Unconnected,
        }
    }
}
