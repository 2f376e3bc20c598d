//! Presence: the blocks that each author makes in an era, and the end of the era for those who make too few.

use alloc::vec::Vec;
use core::marker::PhantomData;

use frame_support::weights::Weight;
use myelin_election::{Absence, Attendance, Offence, Seat, Slash};

use crate::{
    history::History,
    interfaces::Seats,
    measured::Measured,
    now,
    pallet::{Config, EraAttendance, Event, Pallet},
    penalties::Penalties,
};

/// Owner of [`EraAttendance`].
///
/// Invariants: blocks are counted exactly while elections are on, for the seats of the term in office.
pub struct Presence<T>(PhantomData<T>);

impl<T: Config> Presence<T> {
    /// Begins to count, after the present block.
    pub(crate) fn begin() {
        Self::restart(History::<T>::in_office().len());
    }

    /// Counts no more.
    pub(crate) fn end() {
        EraAttendance::<T>::kill();
    }

    fn restart(seats: usize) {
        EraAttendance::<T>::put(Attendance::begin(seats, T::Seats::slot().saturating_add(1)));
    }

    /// Counts the present block for its author.
    pub(crate) fn count() -> Weight {
        let Some(mut attendance) = EraAttendance::<T>::get() else { return Measured::<T>::uncounted() };
        attendance.count(T::Seats::slot());
        EraAttendance::<T>::put(attendance);
        Measured::<T>::count()
    }

    /// Goes on with another set. The present block is still by an author of the set before.
    pub(crate) fn change(before: &[Seat], after: &[Seat], from_slot: u64) {
        let Some(mut attendance) = EraAttendance::<T>::get() else { return };
        attendance.count(T::Seats::slot());
        let holders = |seats: &[Seat]| seats.iter().map(|seat| seat.hotkey).collect::<Vec<_>>();
        EraAttendance::<T>::put(attendance.change(&holders(before), &holders(after), from_slot));
    }

    /// Ends an era with the present block: candidates that made too few blocks are chilled. They are slashed if more
    /// than a tenth of the set was away.
    pub(crate) fn judge() -> Weight {
        let seats = History::<T>::in_office();
        let absences = EraAttendance::<T>::get().unwrap_or_default().absences();
        Self::restart(seats.len());
        let (away, of) = (count(absences.len()), count(seats.len()));
        let is_slashed = Offence::Away.share(away, of).parts() > 0;
        let mut slashes = Vec::new();
        for Absence { place, made, least } in absences {
            let Some(seat) = seats.get(place) else { continue };
            let hotkey = T::AccountId::from(seat.hotkey);
            Pallet::<T>::deposit_event(Event::Away { hotkey: hotkey.clone(), made, least });
            Penalties::<T>::chill(&hotkey);
            if is_slashed {
                let (committed, reported) = (now::<T>(), now::<T>());
                let (hotkey, offence) = (seat.hotkey, Offence::Away);
                slashes.push(Slash { hotkey, offence, committed, reported, seats: of });
            }
        }
        Penalties::<T>::file_all(&slashes);
        Measured::<T>::judge(away)
    }
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
