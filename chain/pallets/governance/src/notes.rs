//! Prices and electorate as they are when a referendum is submitted.
//!
//! Referenda of one block share a note. Notes form a list from the oldest to the latest, and each new one drops those
//! that are older than [`NOTE_DAYS`], two at most. A referendum whose note is gone is dead.

use core::marker::PhantomData;

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::traits::{fungible::Inspect, Get};
use myelin_governance::{
    track::{days, NOTE_DAYS},
    Holdings, Prices, Tally, TrackId,
};
use myelin_units::Block;
use scale_info::TypeInfo;

use crate::{
    now,
    pallet::{Config, Grants, NoteRange, Notes},
};

/// Most notes that a new one drops: more than it adds, so that a chain without many notes has few.
const DROPPED: usize = 2;

/// Prices as noted in a block.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Note {
    /// Prices of alpha.
    pub prices: Prices,
    /// Block of the next note.
    pub next: Option<Block>,
}

/// Owner of [`Notes`] and [`NoteRange`].
///
/// Invariant: from the first block of [`NoteRange`], `next` leads through all notes to the last one.
pub struct NoteBook<T>(PhantomData<T>);

impl<T: Config> NoteBook<T> {
    /// The tally of a referendum that is submitted now.
    pub fn tally(track: TrackId) -> Tally {
        let now = now::<T>();
        if !Notes::<T>::contains_key(now) {
            Self::take(now);
        }
        Tally::new(Self::electorate(track), now)
    }

    /// The electorate as the network answers it now, without the treasury, which never votes.
    pub fn electorate(track: TrackId) -> u128 {
        let all = T::Holdings::electorate(track);
        match track.subnet() {
            Some(_) => all,
            None => all.saturating_sub(T::Ledger::balance(&T::Treasury::get()).into()),
        }
    }

    /// Whether a referendum that was noted in block `noted` can be voted on and pass: its prices are there, and its
    /// subnet is the one that it was submitted for, or its grant goes on.
    pub fn is_alive(track: TrackId, noted: Block) -> bool {
        Self::is_alive_since(track, noted, Self::registered(track))
    }

    /// The same, where the subnet of the track was registered in block `since`; `None` without a subnet. One read.
    pub fn is_alive_since(track: TrackId, noted: Block, since: Option<Block>) -> bool {
        Self::is_open_since(track, noted, since) && Notes::<T>::contains_key(noted)
    }

    /// Whether a referendum of this track could be submitted in a block: its subnet, if it has one, is there, and was
    /// registered in an earlier block. So two subnets of one number never share a referendum. A grant that is to be
    /// stopped goes on.
    pub fn is_open(track: TrackId, at: Block) -> bool {
        Self::is_open_since(track, at, Self::registered(track))
    }

    /// The block in which the subnet of a track was registered.
    fn registered(track: TrackId) -> Option<Block> {
        track.subnet().and_then(T::Holdings::subnet).map(|(_, since)| since)
    }

    fn is_open_since(track: TrackId, at: Block, since: Option<Block>) -> bool {
        let is_there = track.subnet().is_none() || since.is_some_and(|since| since < at);
        let goes_on = |grant| Grants::<T>::get(grant).is_some_and(|kept| kept.next(now::<T>()).is_some());
        track.row().is_some() && is_there && track.grant().is_none_or(goes_on)
    }

    fn take(now: Block) {
        let prices = T::Holdings::prices();
        let oldest = match NoteRange::<T>::get() {
            None => now,
            Some((oldest, latest)) => {
                Notes::<T>::mutate_extant(latest, |note| note.next = Some(now));
                oldest
            }
        };
        Notes::<T>::insert(now, Note { prices, next: None });
        NoteRange::<T>::put((Self::drop_old(oldest, now), now));
    }

    /// Drops old notes and returns the block of the oldest that stays.
    fn drop_old(mut oldest: Block, now: Block) -> Block {
        let kept = now.saturating_sub(days(NOTE_DAYS, &T::Profile::get()));
        for _ in 0..DROPPED {
            let next = Notes::<T>::get(oldest).and_then(|note| note.next);
            let Some(next) = next.filter(|_| oldest < kept) else { break };
            Notes::<T>::remove(oldest);
            oldest = next;
        }
        oldest
    }
}
