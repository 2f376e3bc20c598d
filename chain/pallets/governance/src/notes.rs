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
    pallet::{Config, NoteRange, Notes},
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
        let prices = Notes::<T>::get(now).map_or_else(|| Self::take(now), |note| note.prices);
        Tally::new(Self::electorate(track, &prices), now)
    }

    /// The electorate as the network answers it, without the treasury, which never votes.
    fn electorate(track: TrackId, prices: &Prices) -> u128 {
        let all = T::Holdings::electorate(track, prices);
        match track.subnet() {
            Some(_) => all,
            None => all.saturating_sub(T::Ledger::balance(&T::Treasury::get()).into()),
        }
    }

    /// Whether a referendum that was noted in block `noted` can be voted on and pass: its prices are there, and its
    /// subnet is the one that it was submitted for.
    pub fn is_alive(track: TrackId, noted: Block) -> bool {
        Self::is_open(track, noted) && Notes::<T>::contains_key(noted)
    }

    /// Whether a referendum of this track could be submitted in a block: its subnet, if it has one, is there, and was
    /// registered in an earlier block. So two subnets of one number never share a referendum.
    pub fn is_open(track: TrackId, at: Block) -> bool {
        let is_there = |netuid| T::Holdings::subnet(netuid).is_some_and(|(_, since)| since < at);
        track.row().is_some() && track.subnet().is_none_or(is_there)
    }

    fn take(now: Block) -> Prices {
        let prices = T::Holdings::prices();
        let oldest = match NoteRange::<T>::get() {
            None => now,
            Some((oldest, latest)) => {
                Notes::<T>::mutate_extant(latest, |note| note.next = Some(now));
                oldest
            }
        };
        Notes::<T>::insert(now, Note { prices: prices.clone(), next: None });
        NoteRange::<T>::put((Self::drop_old(oldest, now), now));
        prices
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
