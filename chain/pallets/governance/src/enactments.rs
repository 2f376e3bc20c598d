//! The one way from an approved referendum to a call with Root.

use core::marker::PhantomData;

use frame_support::{
    dispatch::DispatchResultWithPostInfo,
    pallet_prelude::*,
    traits::{
        schedule::{v3::Anon, DispatchTime},
        Contains, EnsureOrigin, GetCallMetadata, IsSubType, OriginTrait, StorePreimage,
    },
};
use frame_system::RawOrigin;
use myelin_governance::{
    calls::{self, Proposed},
    enactment::{self, Enactment, Waiting},
    Holdings, Kind, TrackId,
};
use myelin_units::{Block, NetUid, ROOT};
use sp_runtime::{
    traits::{Dispatchable, Hash},
    SaturatedConversion,
};

use crate::{
    block, now,
    pallet::{Call, Config, Error, Event, LastBrake, Marks, Origin, Pallet},
};

/// Priority of an enactment in the schedule: that of stock referenda.
const PRIORITY: u8 = 63;

/// The runtime's knowledge of calls.
pub trait Inspect<RuntimeCall> {
    /// The subnet that it names.
    fn netuid(call: &RuntimeCall) -> Option<NetUid>;
    /// Calls that it carries.
    fn carries(call: &RuntimeCall) -> usize;
}

/// The origin of a referendum, with its track.
pub struct EnsureTrack;

impl<O: OriginTrait + From<Origin> + Into<Result<Origin, O>>> EnsureOrigin<O> for EnsureTrack {
    type Success = TrackId;

    fn try_origin(origin: O) -> Result<TrackId, O> {
        origin.into().map(|Origin(track)| track)
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn try_successful_origin() -> Result<O, ()> {
        Ok(Origin(Kind::Authorities.id()).into())
    }
}

type CallOf<T> = <T as frame_system::Config>::RuntimeCall;

/// Enactment of approved proposals.
pub struct Enactments<T>(PhantomData<T>);

impl<T: Config> Enactments<T> {
    /// `enact`.
    pub fn enact(track: TrackId, call: CallOf<T>, registered: Option<Block>) -> DispatchResultWithPostInfo {
        let (now, hash) = (now::<T>(), T::Hashing::hash_of(&call));
        // The committee delays a task of the schedule, so this one is due.
        let urgent = track.kind().is_some_and(Kind::passes_brake);
        let waiting = Waiting { urgent, due: now, delayed: false };
        if let Enactment::Later(until) = enactment::enact(waiting, LastBrake::<T>::get(), now) {
            match Self::put_off(track, call, registered, until) {
                Ok(until) => {
                    Pallet::<T>::deposit_event(Event::EnactmentPutOff { track, call: hash, until });
                }
                Err(error) => Self::refuse(track, hash, error),
            }
            return Ok(().into());
        }
        if let Err(error) = Self::admit(track, &call, registered) {
            Self::refuse(track, hash, error);
            return Ok(().into());
        }
        let result = call.dispatch(RawOrigin::Root.into());
        let result = result.map(drop).map_err(|refused| refused.error);
        Pallet::<T>::deposit_event(Event::Enacted { track, call: hash, result });
        Ok(().into())
    }

    /// Whether a proposal may be enacted on a track now. Nobody asks it when the proposal is submitted.
    ///
    /// Errors: `UnknownTrack`, `NotMarked`, `ClosedCall`, those of `myelin_governance::Refusal`, and `OtherSubnet`.
    pub fn admit(track: TrackId, call: &CallOf<T>, registered: Option<Block>) -> Result<(), Error<T>> {
        let kind = track.kind().ok_or(Error::<T>::UnknownTrack)?;
        let marked = Self::code(call).and_then(Self::marked);
        let is_marked = enactment::is_admitted(kind, marked, now::<T>(), &T::Profile::get());
        ensure!(is_marked, Error::<T>::NotMarked);
        ensure!(T::Filter::contains(call), Error::<T>::ClosedCall);
        let (metadata, netuid) = (call.get_call_metadata(), T::Inspect::netuid(call));
        let proposed = Proposed {
            pallet: metadata.pallet_name,
            call: metadata.function_name,
            netuid,
            grant: Self::stopped(call),
            carries: T::Inspect::carries(call),
        };
        calls::check(&proposed, track).map_err(Error::<T>::from)?;
        let since = |netuid| T::Holdings::subnet(netuid).map(|(_, since)| since);
        let is_same = match netuid.filter(|netuid| *netuid != ROOT) {
            Some(netuid) => registered.is_some() && since(netuid) == registered,
            None => registered.is_none(),
        };
        ensure!(is_same, Error::<T>::OtherSubnet);
        Ok(())
    }

    /// The hash of the code that a call authorizes.
    fn code(call: &CallOf<T>) -> Option<T::Hash> {
        let call: &frame_system::Call<T> = call.is_sub_type()?;
        match call {
            frame_system::Call::authorize_upgrade { code_hash } => Some(*code_hash),
            _ => None,
        }
    }

    /// The grant that a call stops.
    fn stopped(call: &CallOf<T>) -> Option<u32> {
        let call: &Call<T> = call.is_sub_type()?;
        match call {
            Call::stop_grant { grant } => Some(*grant),
            _ => None,
        }
    }

    fn marked(code: T::Hash) -> Option<Block> {
        Marks::<T>::get().iter().find(|(marked, _)| *marked == code).map(|(_, at)| *at)
    }

    /// Schedules an enactment again for block `until`, and returns the block for which the schedule has room.
    fn put_off(
        track: TrackId,
        call: CallOf<T>,
        registered: Option<Block>,
        until: Block,
    ) -> Result<Block, Error<T>> {
        let again = CallOf::<T>::from(Call::<T>::enact { call: call.into(), registered });
        let again = T::Preimages::bound(again).map_err(|_| Error::<T>::NoRoom)?;
        let at = DispatchTime::At(block::<T>(until));
        let placed = T::Scheduler::schedule(at, None, PRIORITY, Origin(track).into(), again);
        let placed = placed.map_err(|_| Error::<T>::NoRoom)?;
        Ok(T::Scheduler::next_dispatch_time(placed).map_or(until, |at| at.saturated_into()))
    }

    fn refuse(track: TrackId, call: T::Hash, error: Error<T>) {
        let error = error.into();
        Pallet::<T>::deposit_event(Event::EnactmentRefused { track, call, error });
    }
}
