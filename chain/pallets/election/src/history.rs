//! History: the sets of authorities in office, their keys, and the offences that were reported of each.

use alloc::vec::Vec;
use core::marker::PhantomData;

use myelin_election::{term::earliest_block, Offence, Seat, Term, Terms};
use myelin_units::Block;

use crate::{
    interfaces::Seats,
    now,
    pallet::{Config, Convicted, TermIndex, TermSeats},
    presence::Presence,
    rules,
};

/// Owner of [`TermIndex`], [`TermSeats`] and [`Convicted`].
///
/// Invariants: seats are stored of exactly the terms in the index, as many as it says. Convictions are of these terms.
pub struct History<T>(PhantomData<T>);

impl<T: Config> History<T> {
    /// Begins a term after the present block, with another set of authorities or with other keys. Terms whose offences
    /// can't be reported any longer are forgotten.
    pub fn changes(set_id: u64, seats: Vec<Seat>) {
        let before = Self::in_office();
        let (mut terms, rules) = (TermIndex::<T>::get(), rules::<T>());
        let count = u32::try_from(seats.len()).unwrap_or(u32::MAX);
        let (term, forgotten) = terms.begin(set_id, count, now::<T>(), T::Seats::slot(), &rules);
        for number in forgotten {
            TermSeats::<T>::remove(number);
            Convicted::<T>::remove(number);
        }
        Presence::<T>::change(&before, &seats, term.from_slot);
        TermSeats::<T>::insert(term.number, seats);
        TermIndex::<T>::put(terms);
    }

    /// The seats of the term in office; none if no term is known.
    pub(crate) fn in_office() -> Vec<Seat> {
        TermIndex::<T>::get().last().map(|term| TermSeats::<T>::get(term.number)).unwrap_or_default()
    }

    /// The seat whose turn a slot was, with its term.
    pub(crate) fn author_of(slot: u64) -> Option<(Term, Seat)> {
        let term = TermIndex::<T>::get().at_slot(slot)?;
        let seat = TermSeats::<T>::get(term.number).get(term.place(slot)?).copied()?;
        Some((term, seat))
    }

    /// The seat of a voter in a set of GRANDPA, with its term and the last block of it.
    pub(crate) fn voter_of(set_id: u64, key: &[u8]) -> Option<(Term, Seat, Block)> {
        let terms: Terms = TermIndex::<T>::get();
        let seat_in = |term: Term| {
            let seat = TermSeats::<T>::get(term.number).into_iter().find(|seat| seat.grandpa == key)?;
            Some((term, seat, terms.last_block(term.number, now::<T>())))
        };
        let found = terms.of_set(set_id).find_map(seat_in);
        found
    }

    /// Whether a key votes in this set of GRANDPA, as far as sets are known.
    pub fn is_voter(set_id: u64, key: &[u8]) -> bool {
        Self::voter_of(set_id, key).is_some()
    }

    /// The earliest block that a slot can belong to.
    pub(crate) fn block_of(slot: u64) -> Block {
        earliest_block(slot, now::<T>(), T::Seats::slot())
    }

    /// Whether an offence of this kind by this account was reported of this term.
    pub(crate) fn is_convicted(term: u32, hotkey: &T::AccountId, offence: Offence) -> bool {
        Convicted::<T>::get(term).iter().any(|(who, of)| who == hotkey && *of == offence)
    }

    /// Notes a reported offence of a term.
    pub(crate) fn convict(term: u32, hotkey: T::AccountId, offence: Offence) {
        Convicted::<T>::append(term, (hotkey, offence));
    }
}
