//! The answers to stock referenda: tracks, the tally of a referendum, and submitters; and records of referenda.

use alloc::borrow::Cow;
use core::marker::PhantomData;

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
    traits::{EnsureOriginWithArg, Get, Imbalance, OnUnbalanced, OriginTrait, ReservableCurrency, VoteTally},
    CloneNoBound, DebugNoBound, EqNoBound, PartialEqNoBound,
};
use frame_system::pallet_prelude::BlockNumberFor;
use myelin_economy::profile::Profile;
use myelin_governance::{
    track::{days, Track},
    Curve, Kind, PollId, Tally, TrackId,
};
use myelin_units::{Block, PerBillion};
use pallet_referenda::{
    BalanceOf, BlockNumberFor as MomentFor, DecidingCount, Deposit, ReferendumInfo, ReferendumInfoFor,
    ReferendumInfoOf, ReferendumStatusOf, TrackInfo, TrackQueue, TracksInfo,
};
use scale_info::TypeInfo;
use sp_runtime::{traits::BlockNumberProvider, FixedI64, Perbill, SaturatedConversion};

use crate::{
    block,
    notes::NoteBook,
    now,
    pallet::{Config, Origin},
};

/// Blocks as stock referenda count them.
type MomentOf<R> = MomentFor<R, ()>;

/// Bytes of a track's name in metadata.
const NAME: usize = 25;

/// The tally of a referendum, as stock referenda keep it.
#[derive(
    CloneNoBound,
    DebugNoBound,
    PartialEqNoBound,
    EqNoBound,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
#[scale_info(skip_type_params(T))]
#[codec(mel_bound())]
pub struct PollTally<T> {
    /// The tally.
    pub tally: Tally,
    /// The chain.
    chain: PhantomData<T>,
}

impl<T> PollTally<T> {
    /// A tally of this chain.
    pub fn of(tally: Tally) -> Self {
        Self { tally, chain: PhantomData }
    }
}

impl<T: Config> PollTally<T> {
    /// The part of a referendum that can pass; nothing of one that can't.
    fn alive(&self, track: TrackId, part: PerBillion) -> Perbill {
        match NoteBook::<T>::is_alive(track, self.tally.noted) {
            true => Perbill::from_parts(part.parts()),
            false => Perbill::zero(),
        }
    }
}

impl<T: Config> VoteTally<u128, TrackId> for PollTally<T> {
    /// Notes prices and electorate.
    fn new(track: TrackId) -> Self {
        Self::of(NoteBook::<T>::tally(track))
    }

    /// The order in which referenda that wait are decided: by support. Weight would let an account lift each of many
    /// referenda by a multiplier and by delegates, and those that lose bind nobody.
    fn ayes(&self, track: TrackId) -> u128 {
        match NoteBook::<T>::is_alive(track, self.tally.noted) {
            true => self.tally.support,
            false => 0,
        }
    }

    /// Support in the electorate with what was issued since the submission.
    fn support(&self, track: TrackId) -> Perbill {
        let tally = self.tally.issued(NoteBook::<T>::electorate(track), now::<T>());
        self.alive(track, tally.support())
    }

    fn approval(&self, track: TrackId) -> Perbill {
        self.alive(track, self.tally.approval())
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn unanimity(track: TrackId) -> Self {
        Self::from_requirements(Perbill::one(), Perbill::one(), track)
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn rejection(track: TrackId) -> Self {
        Self::from_requirements(Perbill::one(), Perbill::zero(), track)
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn from_requirements(support: Perbill, approval: Perbill, track: TrackId) -> Self {
        let parts = |part: Perbill| u128::from(part.deconstruct());
        let (ayes, nays) = (parts(approval), parts(Perbill::one() - approval));
        let noted = NoteBook::<T>::tally(track);
        let electorate = noted.electorate.max(parts(Perbill::one()));
        let support = support * electorate;
        Self::of(Tally { ayes, nays, support, electorate, ..noted })
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn setup(_: TrackId, _: Perbill) {}
}

/// Records of referenda that stock `Polling` doesn't tell.
pub trait PollRecords {
    /// Block of the end, and the winning side, `None` if it was never decided; `None` in all while the referendum goes
    /// on, and if it was never submitted.
    fn end(poll: PollId) -> Option<(Block, Option<bool>)>;

    /// Whether a referendum of a track is being decided or waits for that. Two reads.
    fn is_busy(track: TrackId) -> bool;

    /// Takes the deposit of a submission that was rejected or timed out, and that for the `decision`, if it was
    /// rejected. Returns their sum in rao, 0 if there is none left.
    fn collect(poll: PollId, decision: bool) -> u64;

    /// Cancels the referenda of a track that wait for a place; their deposits return.
    fn cancel_queue(track: TrackId);

    /// Ends that a referendum waits which was left out of the full queue of its track: stock referenda would not look
    /// at it again. One that is dead is cancelled, and its deposits return. Another one has its turn with the next
    /// vote. Returns whether it was one.
    fn bring_back(poll: PollId, is_alive: bool) -> bool;
}

impl<R> PollRecords for pallet_referenda::Pallet<R>
where
    R: pallet_referenda::Config,
    R::Tracks: TracksInfo<BalanceOf<R>, MomentOf<R>, Id = TrackId>,
{
    fn end(poll: PollId) -> Option<(Block, Option<bool>)> {
        let (at, approved) = match ReferendumInfoFor::<R>::get(poll)? {
            ReferendumInfo::Ongoing(_) => return None,
            ReferendumInfo::Approved(at, ..) => (at, Some(true)),
            ReferendumInfo::Rejected(at, ..) => (at, Some(false)),
            ReferendumInfo::Cancelled(at, ..)
            | ReferendumInfo::TimedOut(at, ..)
            | ReferendumInfo::Killed(at) => (at, None),
        };
        Some((at.saturated_into(), approved))
    }

    fn is_busy(track: TrackId) -> bool {
        DecidingCount::<R>::get(track) > 0 || !TrackQueue::<R>::get(track).is_empty()
    }

    fn collect(poll: PollId, decision: bool) -> u64 {
        let (left, lost): (ReferendumInfoOf<R, ()>, _) = match ReferendumInfoFor::<R>::get(poll) {
            Some(ReferendumInfo::Rejected(at, submission, decided)) if decision => {
                (ReferendumInfo::Rejected(at, None, None), [submission, decided])
            }
            Some(ReferendumInfo::Rejected(at, submission, decided)) => {
                (ReferendumInfo::Rejected(at, None, decided), [submission, None])
            }
            Some(ReferendumInfo::TimedOut(at, submission, decided)) => {
                (ReferendumInfo::TimedOut(at, None, decided), [submission, None])
            }
            _ => return 0,
        };
        ReferendumInfoFor::<R>::insert(poll, left);
        let take = |lost: Deposit<R::AccountId, BalanceOf<R>>| {
            let (taken, _) = R::Currency::slash_reserved(&lost.who, lost.amount);
            let amount: u64 = taken.peek().saturated_into();
            R::Slash::on_unbalanced(taken);
            amount
        };
        lost.into_iter().flatten().map(take).fold(0, u64::saturating_add)
    }

    fn cancel_queue(track: TrackId) {
        for (poll, _) in TrackQueue::<R>::take(track) {
            if let Ok(status) = Self::ensure_ongoing(poll) {
                ReferendumInfoFor::<R>::insert(poll, cancelled::<R>(status));
            }
        }
    }

    fn bring_back(poll: PollId, is_alive: bool) -> bool {
        let Ok(mut status) = Self::ensure_ongoing(poll) else { return false };
        let waits = status.in_queue && status.deciding.is_none();
        if !waits || TrackQueue::<R>::get(status.track).iter().any(|(queued, _)| *queued == poll) {
            return false;
        }
        status.in_queue = false;
        let info = match is_alive {
            true => ReferendumInfo::Ongoing(status),
            false => cancelled::<R>(status),
        };
        ReferendumInfoFor::<R>::insert(poll, info);
        true
    }
}

/// A referendum that is cancelled now; its deposits return.
fn cancelled<R: pallet_referenda::Config>(status: ReferendumStatusOf<R, ()>) -> ReferendumInfoOf<R, ()> {
    let now = R::BlockNumberProvider::current_block_number();
    ReferendumInfo::Cancelled(now, Some(status.submission_deposit), status.decision_deposit)
}

/// The table of tracks for stock referenda.
///
/// [`TracksInfo::tracks`] lists the network's tracks with the periods of a real chain, because metadata has them as a
/// constant. [`TracksInfo::info`] also knows the tracks of subnets and grants, and the pace of this chain.
pub struct Tracks<T>(PhantomData<T>);

impl<T: Config> TracksInfo<u64, BlockNumberFor<T>> for Tracks<T> {
    type Id = TrackId;
    type RuntimeOrigin = T::PalletsOrigin;

    fn tracks() -> impl Iterator<Item = Cow<'static, pallet_referenda::Track<TrackId, u64, BlockNumberFor<T>>>>
    {
        Kind::NETWORK.into_iter().map(|kind| {
            let info = info_of::<T>(Track::of(kind), &Profile::PRODUCTION);
            Cow::Owned(pallet_referenda::Track { id: kind.id(), info })
        })
    }

    fn track_for(origin: &T::PalletsOrigin) -> Result<TrackId, ()> {
        let Origin(track) = origin.clone().try_into().map_err(drop)?;
        track.row().map(|_| track).ok_or(())
    }

    fn info(track: TrackId) -> Option<Cow<'static, TrackInfo<u64, BlockNumberFor<T>>>> {
        Some(Cow::Owned(info_of::<T>(track.row()?, &T::Profile::get())))
    }
}

fn info_of<T: Config>(track: &Track, profile: &Profile) -> TrackInfo<u64, BlockNumberFor<T>> {
    let mut name = [0; NAME];
    name.iter_mut().zip(track.name.bytes()).for_each(|(place, byte)| *place = byte);
    let blocks = |count| block::<T>(days(count, profile));
    TrackInfo {
        name,
        max_deciding: track.most,
        decision_deposit: track.deposit.to_rao(),
        prepare_period: blocks(track.prepare),
        decision_period: blocks(track.decision),
        confirm_period: blocks(track.confirm),
        min_enactment_period: blocks(track.enactment),
        min_approval: curve(&track.approval),
        min_support: curve(&track.support),
    }
}

/// A requirement as the stock pallet has it.
pub(crate) fn curve(curve: &Curve) -> pallet_referenda::Curve {
    let part = |part: PerBillion| Perbill::from_parts(part.parts());
    match *curve {
        Curve::Linear { length, floor, ceil } => pallet_referenda::Curve::LinearDecreasing {
            length: part(length),
            floor: part(floor),
            ceil: part(ceil),
        },
        Curve::Reciprocal { factor, x_offset, y_offset } => pallet_referenda::Curve::Reciprocal {
            factor: FixedI64::from_inner(factor),
            x_offset: FixedI64::from_inner(x_offset),
            y_offset: FixedI64::from_inner(y_offset),
        },
    }
}

/// Accounts that may submit a referendum: everybody, on a track that exists.
pub struct Submitter<T>(PhantomData<T>);

impl<T: Config> EnsureOriginWithArg<T::RuntimeOrigin, T::PalletsOrigin> for Submitter<T> {
    type Success = T::AccountId;

    fn try_origin(
        origin: T::RuntimeOrigin,
        proposal: &T::PalletsOrigin,
    ) -> Result<T::AccountId, T::RuntimeOrigin> {
        let track = Tracks::<T>::track_for(proposal);
        let is_open = track.is_ok_and(|track| NoteBook::<T>::is_open(track, now::<T>()));
        match origin.as_signer().cloned().filter(|_| is_open) {
            Some(who) => Ok(who),
            None => Err(origin),
        }
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn try_successful_origin(_: &T::PalletsOrigin) -> Result<T::RuntimeOrigin, ()> {
        let who = frame_benchmarking::account("submitter", 0, 0);
        Ok(frame_system::RawOrigin::Signed(who).into())
    }
}
