//! Deposits of referenda that are lost, and their way into the treasury; and referenda that a full queue left out.
//!
//! Stock referenda return each deposit for a decision, and keep that of a submission which failed on its account for
//! ever. Here a referendum that hardly anybody backed loses the first too, because it took a place from others. The
//! runtime's filter refuses its refund, and anybody may collect what is lost.

use core::marker::PhantomData;

use frame_support::{pallet_prelude::*, traits::Polling};
use myelin_governance::{PollId, Tally};
use myelin_units::TaoBalance;

use crate::{
    notes::NoteBook,
    pallet::{Backed, Config, Error, Event, Pallet},
    polls::PollRecords,
};

/// Owner of [`Backed`].
pub struct Deposits<T>(PhantomData<T>);

impl<T: Config> Deposits<T> {
    /// Keeps whether a referendum has enough support, because stock referenda forget its tally at its end. One read,
    /// and a write if it changed.
    pub(crate) fn note(poll: PollId, tally: &Tally) {
        match (tally.is_backed(), Backed::<T>::contains_key(poll)) {
            (true, false) => Backed::<T>::insert(poll, ()),
            (false, true) => Backed::<T>::remove(poll),
            _ => {}
        }
    }

    /// Whether the deposit for the decision of a referendum is lost: it was rejected, with too little support at its
    /// last vote. Two reads.
    pub fn is_forfeited(poll: PollId) -> bool {
        let rejected = T::Polls::end(poll).is_some_and(|(_, approved)| approved == Some(false));
        rejected && !Backed::<T>::contains_key(poll)
    }

    /// `collect`.
    pub fn collect(poll: PollId) -> DispatchResult {
        if let Some((kept, track)) = T::Polls::as_ongoing(poll) {
            let is_alive = NoteBook::<T>::is_alive(track, kept.tally.noted);
            ensure!(T::Polls::bring_back(poll, is_alive), Error::<T>::NothingLost);
            Pallet::<T>::deposit_event(Event::BroughtBack { poll, cancelled: !is_alive });
            return Ok(());
        }
        let amount = TaoBalance::from_rao(T::Polls::collect(poll, Self::is_forfeited(poll)));
        ensure!(!amount.is_zero(), Error::<T>::NothingLost);
        Pallet::<T>::deposit_event(Event::DepositsCollected { poll, amount });
        Ok(())
    }
}
