//! Terms: the sets of authorities in office, as far back as their offences can be reported.
//!
//! A term begins after the block that changes the set, since that block is still by an author of the set before. Within
//! a term the authors take turns: slot `s` is that of seat `s mod n`. Votes of finality name a set by the number that
//! GRANDPA gives it.

use alloc::vec::Vec;

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use myelin_units::Block;
use myelin_wire::AccountId;
use scale_info::TypeInfo;

use crate::rules::Rules;

/// Most terms that are kept. Keys can change once in a session: at first 168 times in a window of seven days of a
/// production chain, and 210 times with the shortest sessions that a vote may set. Elections add seven.
pub const MOST_TERMS: usize = 256;

/// A set in office, without its seats.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Term {
    /// Number among all terms, in their order.
    pub number: u32,
    /// The first block that the set may write.
    pub from_block: Block,
    /// The first slot in which it may.
    pub from_slot: u64,
    /// Number of the set in GRANDPA.
    pub set_id: u64,
    /// Number of its seats.
    pub seats: u32,
}

impl Term {
    /// The place of a slot's author among the seats; `None` without seats.
    pub fn place(&self, slot: u64) -> Option<usize> {
        usize::try_from(slot.checked_rem(self.seats.into())?).ok()
    }
}

/// A seat of a set: its holder, and the keys with which the holder works in this term.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Seat {
    /// The holder.
    pub hotkey: AccountId,
    /// Key that signs blocks.
    pub aura: [u8; 32],
    /// Key that signs votes of finality.
    pub grandpa: [u8; 32],
}

/// The last terms, the earliest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Terms(Vec<Term>);

impl Terms {
    /// Begins a term after the block `now`, whose slot is `slot`. Returns the new term, and the numbers of those that
    /// are forgotten: the terms of which no block can be reported, and the earliest beyond [`MOST_TERMS`].
    pub fn begin(
        &mut self,
        set_id: u64,
        seats: u32,
        now: Block,
        slot: u64,
        rules: &Rules,
    ) -> (Term, Vec<u32>) {
        let number = self.0.last().map_or(0, |last| last.number.saturating_add(1));
        let (from_block, from_slot) = (now.saturating_add(1), slot.saturating_add(1));
        let term = Term { number, from_block, from_slot, set_id, seats };
        self.0.push(term);
        let ends = self.0.iter().skip(1).map(|next| next.from_block.saturating_sub(1));
        let is_old = |last: &Block| last.saturating_add(rules.report_window) < now;
        let old = ends.take_while(is_old).count().max(self.0.len().saturating_sub(MOST_TERMS));
        (term, self.0.drain(..old).map(|gone| gone.number).collect())
    }

    /// The term in office.
    pub fn last(&self) -> Option<Term> {
        self.0.last().copied()
    }

    /// The term of a slot, if it is kept.
    pub fn at_slot(&self, slot: u64) -> Option<Term> {
        self.0.iter().rev().find(|term| term.from_slot <= slot).copied()
    }

    /// The terms of a set of GRANDPA, the earliest first: one, unless a change of that set was put off.
    pub fn of_set(&self, set_id: u64) -> impl Iterator<Item = Term> + '_ {
        self.0.iter().filter(move |term| term.set_id == set_id).copied()
    }

    /// The last block of a term; `now` for the term in office.
    pub fn last_block(&self, number: u32, now: Block) -> Block {
        let next = self.0.iter().find(|term| term.number > number);
        next.map_or(now, |next| next.from_block.saturating_sub(1).min(now))
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Term> {
        self.0.iter()
    }
}

/// The earliest block that a past slot can belong to: no two blocks have the same slot, and slots without a block only
/// make it later. Nobody chooses it by the number in a header.
pub fn earliest_block(slot: u64, now: Block, slot_now: u64) -> Block {
    now.saturating_sub(slot_now.saturating_sub(slot))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: Rules = Rules { report_window: 100, ..Rules::production() };

    /// Terms that begin after these blocks; the slots are three times as high.
    fn terms(changes: &[Block]) -> (Terms, Vec<u32>) {
        let mut terms = Terms::default();
        let begin = |(set_id, now): (u64, &Block)| terms.begin(set_id, 4, *now, 3 * now, &RULES).1;
        let gone = (7..).zip(changes).flat_map(begin).collect();
        (terms, gone)
    }

    #[test]
    fn the_block_of_a_change_is_of_the_term_before() {
        let (terms, gone) = terms(&[0, 50, 60]);
        assert!(gone.is_empty());
        let number = |slot| terms.at_slot(slot).map(|term| term.number);
        assert_eq!(
            [0, 1, 150, 151, 180, 181, 900].map(number),
            [None, Some(0), Some(0), Some(1), Some(1), Some(2), Some(2)]
        );
        assert_eq!([0, 1, 2].map(|number| terms.last_block(number, 70)), [50, 60, 70]);
        assert_eq!(terms.last_block(1, 55), 55, "no block is later than the present one");
        assert_eq!(terms.of_set(8).map(|term| term.number).collect::<Vec<_>>(), [1]);
        assert_eq!(terms.of_set(6).count(), 0);
        assert_eq!(terms.last().map(|term| (term.from_block, term.from_slot)), Some((61, 181)));
    }

    #[test]
    fn authors_take_turns() {
        let term = terms(&[0]).0.last().expect("a term began");
        assert_eq!([8, 9, 11, 12].map(|slot| term.place(slot)), [0, 1, 3, 0].map(Some));
        assert_eq!(Term { seats: 0, ..term }.place(8), None);
    }

    #[test]
    fn a_term_is_forgotten_when_its_last_block_cannot_be_reported() {
        assert!(terms(&[0, 50, 150]).1.is_empty(), "block 50 is a hundred blocks old");
        let (terms, gone) = terms(&[0, 50, 151]);
        assert_eq!(gone, [0]);
        assert_eq!((terms.at_slot(150), terms.iter().count()), (None, 2));
    }

    #[test]
    fn the_earliest_terms_go_where_there_are_too_many() {
        let mut terms = Terms::default();
        let mut gone = Vec::new();
        for set_id in 0..MOST_TERMS as u64 + 3 {
            gone.extend(terms.begin(set_id, 4, 5, 5, &RULES).1);
        }
        assert_eq!((terms.iter().count(), gone), (MOST_TERMS, [0, 1, 2].to_vec()));
    }

    #[test]
    fn a_slot_has_an_earliest_block() {
        assert_eq!([900, 890, 799, 0].map(|slot| earliest_block(slot, 100, 900)), [100, 90, 0, 0]);
    }
}
