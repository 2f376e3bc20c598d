//! Referenda, preimages and the schedule, as the stock pallets store them (`pallet-referenda` 50.0.0,
//! `pallet-scheduler` 51.0.0). Blocks are u32 there, and deposits rao.

use alloc::vec::Vec;

use codec::{Decode, Encode, Error, Input};
use myelin_governance::{Tally, TrackId};
use scale_info::TypeInfo;

/// A call that is stored where it is used, or as a preimage.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub enum BoundedCall {
    /// A preimage of unknown length. The chain's filter refuses it.
    #[codec(index = 0)]
    Legacy {
        /// Its hash.
        hash: [u8; 32],
    },
    /// The call itself, at most [`MAX_INLINE`] bytes.
    #[codec(index = 1)]
    Inline(Vec<u8>),
    /// A preimage.
    #[codec(index = 2)]
    Lookup {
        /// Its hash.
        hash: [u8; 32],
        /// Its bytes.
        len: u32,
    },
}

/// Most bytes of a call that is stored where it is used.
pub const MAX_INLINE: usize = 128;

/// A moment of the schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub enum DispatchTime {
    /// In this block.
    #[codec(index = 0)]
    At(u32),
    /// So many blocks later.
    #[codec(index = 1)]
    After(u32),
}

/// The origin of a referendum: the number of the pallet `Governance`, and the track.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct TrackOrigin {
    /// Number of the pallet.
    pub pallet: u8,
    /// The track.
    pub track: TrackId,
}

/// A deposit.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct ReferendumDeposit<AccountId> {
    /// Its payer.
    pub who: AccountId,
    /// Rao.
    pub amount: u64,
}

/// A decision that goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct DecidingStatus {
    /// Its first block.
    pub since: u32,
    /// End of the confirmation, while the referendum passes.
    pub confirming: Option<u32>,
}

/// A referendum that is open.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct ReferendumStatus<AccountId> {
    /// Its track.
    pub track: TrackId,
    /// Its origin, by which the schedule makes the call.
    pub origin: TrackOrigin,
    /// The call.
    pub proposal: BoundedCall,
    /// Moment of the enactment, if the track does not ask for a later one.
    pub enactment: DispatchTime,
    /// Block of the submission.
    pub submitted: u32,
    /// Deposit of the submission.
    pub submission_deposit: ReferendumDeposit<AccountId>,
    /// Deposit of the decision.
    pub decision_deposit: Option<ReferendumDeposit<AccountId>>,
    /// The decision, once it has begun.
    pub deciding: Option<DecidingStatus>,
    /// Votes.
    pub tally: Tally,
    /// Whether it waits for a place on its track.
    pub in_queue: bool,
    /// Block of the next look at it, and its place in the schedule.
    pub alarm: Option<(u32, (u32, u32))>,
}

/// Block of an end, and the deposits of submission and decision that were not returned.
type Ended<AccountId> = (u32, Option<ReferendumDeposit<AccountId>>, Option<ReferendumDeposit<AccountId>>);

/// A referendum that was ever submitted.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub enum ReferendumInfo<AccountId> {
    /// Open.
    #[codec(index = 0)]
    Ongoing(ReferendumStatus<AccountId>),
    /// Approved.
    #[codec(index = 1)]
    Approved(Ended<AccountId>),
    /// Rejected.
    #[codec(index = 2)]
    Rejected(Ended<AccountId>),
    /// Cancelled; nobody can on this chain.
    #[codec(index = 3)]
    Cancelled(Ended<AccountId>),
    /// Its decision did not begin in time.
    #[codec(index = 4)]
    TimedOut(Ended<AccountId>),
    /// Killed; nobody can on this chain.
    #[codec(index = 5)]
    Killed(u32),
}

/// A call of the schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scheduled {
    /// Its name.
    pub name: Option<[u8; 32]>,
    /// The call.
    pub call: BoundedCall,
    /// The track that enacts it; `None` for the pallets' own tasks.
    pub track: Option<TrackId>,
}

impl Decode for Scheduled {
    fn decode<I: Input>(input: &mut I) -> Result<Self, Error> {
        let (name, _priority) = <(Option<[u8; 32]>, u8)>::decode(input)?;
        let call = BoundedCall::decode(input)?;
        let _periodic = <Option<(u32, u32)>>::decode(input)?;
        // Callers by the number of their pallet. Those of System (0): root, an account, nobody.
        let track = match input.read_byte()? {
            0 if input.read_byte()? == 1 => <[u8; 32]>::decode(input).map(|_| None)?,
            0 => None,
            _ => Some(TrackId::decode(input)?),
        };
        Ok(Self { name, call, track })
    }
}

/// Payer of the deposit for a preimage; `None` while something else than its payer keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PreimagePayer(pub Option<[u8; 32]>);

impl Decode for PreimagePayer {
    fn decode<I: Input>(input: &mut I) -> Result<Self, Error> {
        match input.read_byte()? {
            // `Unrequested`, with its ticket: the payer and the amount.
            0 => <[u8; 32]>::decode(input).map(Some).map(Self),
            _ => Ok(Self(None)),
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use myelin_governance::Kind;

    use super::*;

    #[test]
    fn tasks_of_pallets_and_enactments_are_told_apart() {
        let call = BoundedCall::Lookup { hash: [7; 32], len: 200 };
        let task = |origin: &[u8]| {
            let bytes = (Some([1u8; 32]), 63u8, call.clone(), None::<(u32, u32)>).encode();
            Scheduled::decode(&mut &[&bytes[..], origin].concat()[..]).map(|task| task.track)
        };
        assert_eq!(task(&[107, 3, 0]), Ok(Some(Kind::Parameters.id())));
        assert_eq!((task(&[0, 0]), task(&[0, 2])), (Ok(None), Ok(None)));
        assert_eq!(task(&[&[0, 1][..], &[9; 32]].concat()), Ok(None));
        assert!(task(&[0, 1, 9]).is_err() && task(&[]).is_err());
    }

    #[test]
    fn a_preimage_that_something_needs_has_no_payer() {
        let unrequested = [&[0u8][..], &[7; 32], &5u64.encode(), &9u32.encode()].concat();
        assert_eq!(PreimagePayer::decode(&mut &unrequested[..]), Ok(PreimagePayer(Some([7; 32]))));
        assert_eq!(PreimagePayer::decode(&mut &[1u8, 0, 1, 0, 0, 0, 0][..]), Ok(PreimagePayer(None)));
    }

    #[test]
    fn an_open_referendum_is_read_as_the_stock_pallet_writes_it() {
        let status = ReferendumStatus {
            track: Kind::Grants.id(),
            origin: TrackOrigin { pallet: 107, track: Kind::Grants.id() },
            proposal: BoundedCall::Inline(vec![1, 2]),
            enactment: DispatchTime::After(0),
            submitted: 5,
            submission_deposit: ReferendumDeposit { who: [1u8; 32], amount: 9 },
            decision_deposit: None,
            deciding: Some(DecidingStatus { since: 6, confirming: None }),
            tally: Tally::new(100, 5),
            in_queue: false,
            alarm: Some((8, (8, 0))),
        };
        let bytes = ReferendumInfo::Ongoing(status.clone()).encode();
        // Variant, track, origin, the inline call with its length, the moment, the block.
        assert_eq!(bytes[..17], [0, 6, 0, 107, 6, 0, 1, 8, 1, 2, 1, 0, 0, 0, 0, 5, 0]);
        assert_eq!(ReferendumInfo::decode(&mut &bytes[..]), Ok(ReferendumInfo::Ongoing(status)));
        let ended = ReferendumInfo::<[u8; 32]>::Approved((7, None, None));
        assert_eq!(ended.encode(), [1, 7, 0, 0, 0, 0, 0]);
    }
}
