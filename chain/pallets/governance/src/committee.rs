//! The committee: it delays, marks, and pulls the brake; it decides nothing.

use core::marker::PhantomData;

use frame_support::{
    pallet_prelude::*,
    traits::schedule::{v3::Named, DispatchTime},
};
use frame_system::pallet_prelude::{ensure_signed, OriginFor};
use myelin_governance::{
    enactment::{self, Waiting, MARK_DAYS},
    track::days,
    PollId,
};
use myelin_units::Block;
use sp_io::hashing::blake2_256;
use sp_runtime::SaturatedConversion;

use crate::{
    block, now,
    pallet::{Committee, Config, Delays, Error, Event, LastBrake, Marks, Pallet, MAX_DELAYS},
};

/// Owner of [`Committee`], [`Marks`], [`Delays`] and [`LastBrake`].
pub struct Committees<T>(PhantomData<T>);

impl<T: Config> Committees<T> {
    /// Refuses everybody but the committee.
    pub fn ensure(origin: OriginFor<T>) -> DispatchResult {
        let who = ensure_signed(origin)?;
        ensure!(Committee::<T>::get().as_ref() == Some(&who), Error::<T>::NotTheCommittee);
        Ok(())
    }

    /// `delay`.
    pub fn delay(poll: PollId, blocks: Block) -> DispatchResult {
        let now = now::<T>();
        let due = T::Scheduler::next_dispatch_time(task(poll)).map_err(|_| Error::<T>::NotWaiting)?;
        let mut delays = Delays::<T>::get();
        let delayed = delays.iter().any(|(other, _)| *other == poll);
        let waiting = Waiting { urgent: false, due: due.saturated_into(), delayed };
        let delay = enactment::delay(waiting, blocks, now, &T::Profile::get());
        let until = delay.map_err(Error::<T>::from)?.due;
        delays.retain(|(_, due)| now < *due);
        ensure!(delays.len() < MAX_DELAYS as usize, Error::<T>::TooManyDelays);
        T::Scheduler::reschedule_named(task(poll), DispatchTime::At(block::<T>(until)))?;
        // The schedule takes a later block if that one is full.
        let until = T::Scheduler::next_dispatch_time(task(poll)).map_or(until, |at| at.saturated_into());
        delays.try_push((poll, until)).map_err(|_| Error::<T>::TooManyDelays)?;
        Delays::<T>::put(delays);
        Pallet::<T>::deposit_event(Event::Delayed { poll, until });
        Ok(())
    }

    /// `mark`. A hash that is marked again is marked from now on.
    pub fn mark(code: T::Hash) -> DispatchResult {
        let (now, lasts) = (now::<T>(), days(MARK_DAYS, &T::Profile::get()));
        let until = |at: Block| at.saturating_add(lasts);
        let mut marks = Marks::<T>::get();
        marks.retain(|(other, at)| *other != code && now < until(*at));
        marks.try_push((code, now)).map_err(|_| Error::<T>::TooManyMarks)?;
        Marks::<T>::put(marks);
        Pallet::<T>::deposit_event(Event::Marked { code, until: until(now) });
        Ok(())
    }

    /// `pull_brake`.
    pub fn pull_brake() -> DispatchResult {
        let brake = enactment::pull(LastBrake::<T>::get(), now::<T>(), &T::Profile::get());
        let brake = brake.map_err(Error::<T>::from)?;
        LastBrake::<T>::put(brake);
        Pallet::<T>::deposit_event(Event::BrakePulled { until: brake.until });
        Ok(())
    }

    /// `release_brake`.
    pub fn release_brake() -> DispatchResult {
        let brake = enactment::release(LastBrake::<T>::get(), now::<T>()).map_err(Error::<T>::from)?;
        LastBrake::<T>::put(brake);
        Pallet::<T>::deposit_event(Event::BrakeReleased);
        Ok(())
    }

    /// `set_committee`. What another one marked lapses, and its brake is released; the next brake rests all the same.
    pub fn set(committee: Option<T::AccountId>) {
        if Committee::<T>::get() != committee {
            Marks::<T>::kill();
            if let Ok(brake) = enactment::release(LastBrake::<T>::get(), now::<T>()) {
                LastBrake::<T>::put(brake);
            }
        }
        Committee::<T>::set(committee.clone());
        Pallet::<T>::deposit_event(Event::CommitteeSet { committee });
    }
}

/// The name of a referendum's enactment in the schedule.
pub(crate) fn task(poll: PollId) -> [u8; 32] {
    blake2_256(&enactment::task(poll))
}
