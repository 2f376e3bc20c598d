//! Attendance: the blocks that each author made in an era, and those that are away.
//!
//! Each change of the set begins another stretch. The fair share of an author adds up over the stretches of the era in
//! which it had a seat: `Σ ⌊blocks / seats⌋`. An author that came late, or whose set was larger for a while, is judged
//! by the turns that it had.

use alloc::vec::Vec;

use codec::{Decode, DecodeWithMemTracking, Encode};
use scale_info::TypeInfo;

use crate::offline::least_blocks;

/// The turns of one author.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Turns {
    /// Blocks that it made in the era.
    pub made: u32,
    /// Its fair share of the stretches before the present one.
    pub share: u32,
}

/// Blocks of an era so far, by the seats of the set in office.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Attendance {
    /// First slot of the present stretch.
    from_slot: u64,
    /// Blocks of the present stretch.
    blocks: u32,
    /// Turns of the authors, in the order of their seats.
    turns: Vec<Turns>,
}

/// An author that is away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Absence {
    /// Place of its seat.
    pub place: usize,
    /// Blocks that it made.
    pub made: u32,
    /// Blocks that it should have made at least.
    pub least: u64,
}

impl Attendance {
    /// Nothing is counted yet for a set whose first slot is this one.
    pub fn begin(seats: usize, from_slot: u64) -> Self {
        Self { from_slot, blocks: 0, turns: alloc::vec![Turns::default(); seats] }
    }

    /// Counts the block of a slot. A slot before the present stretch was counted in the stretch before.
    pub fn count(&mut self, slot: u64) {
        let place = slot.checked_rem(self.turns.len() as u64).and_then(|place| usize::try_from(place).ok());
        let turns = place.and_then(|place| self.turns.get_mut(place));
        if let Some(turns) = turns.filter(|_| slot >= self.from_slot) {
            turns.made = turns.made.saturating_add(1);
            self.blocks = self.blocks.saturating_add(1);
        }
    }

    /// Goes on with another set, in the same era. Authors that stay keep their turns.
    pub fn change<Key: PartialEq>(&self, before: &[Key], after: &[Key], from_slot: u64) -> Self {
        let kept = |who: &Key| {
            let place = before.iter().position(|sat| sat == who);
            place.and_then(|place| self.turns.get(place)).map(|turns| self.whole(turns)).unwrap_or_default()
        };
        Self { from_slot, blocks: 0, turns: after.iter().map(kept).collect() }
    }

    /// Number of the seats for which it counts.
    pub fn seats(&self) -> usize {
        self.turns.len()
    }

    /// The authors that made too few blocks for their share.
    pub fn absences(&self) -> Vec<Absence> {
        let absence = |(place, turns): (usize, &Turns)| {
            let Turns { made, share } = self.whole(turns);
            let least = least_blocks(share.into(), 1)?;
            (u64::from(made) < least).then_some(Absence { place, made, least })
        };
        self.turns.iter().enumerate().filter_map(absence).collect()
    }

    /// Turns with the share of the present stretch.
    fn whole(&self, turns: &Turns) -> Turns {
        let seats = u32::try_from(self.turns.len()).unwrap_or(u32::MAX);
        let share = self.blocks.checked_div(seats).unwrap_or(0);
        Turns { share: turns.share.saturating_add(share), ..*turns }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn away(attendance: &Attendance) -> Vec<usize> {
        attendance.absences().iter().map(|absence| absence.place).collect()
    }

    /// Counts all slots but those of some places.
    fn slots(attendance: &mut Attendance, slots: core::ops::Range<u64>, without: &[u64]) {
        let seats = attendance.turns.len() as u64;
        slots.filter(|slot| !without.contains(&(slot % seats))).for_each(|slot| attendance.count(slot));
    }

    #[test]
    fn an_author_without_blocks_is_away_once_its_share_shows_it() {
        let mut attendance = Attendance::begin(4, 0);
        slots(&mut attendance, 0..100, &[2]);
        assert!(attendance.absences().is_empty(), "a share of 18 of 75 blocks");
        slots(&mut attendance, 100..400, &[2]);
        assert_eq!(attendance.absences(), [Absence { place: 2, made: 0, least: 32 }]);
    }

    #[test]
    fn blocks_that_nobody_made_count_for_nobody() {
        let mut attendance = Attendance::begin(4, 0);
        slots(&mut attendance, 0..400, &[0, 1, 2, 3]);
        slots(&mut attendance, 400..440, &[]);
        assert!(attendance.absences().is_empty() && Attendance::begin(0, 0).absences().is_empty());
        let mut nobody = Attendance::begin(0, 0);
        nobody.count(7);
        assert_eq!(nobody, Attendance::begin(0, 0));
    }

    #[test]
    fn a_change_of_the_set_takes_no_turns_from_those_who_stay() {
        let mut attendance = Attendance::begin(4, 0);
        slots(&mut attendance, 0..400, &[2]);
        // The third seat stays away under another number, and a newcomer has made nothing yet.
        let mut attendance = attendance.change(&[1, 2, 3, 4], &[9, 3, 1, 2, 4], 401);
        attendance.count(400);
        assert_eq!(attendance.blocks, 0, "the slot of the change was counted before");
        assert_eq!(away(&attendance), [1]);
        slots(&mut attendance, 401..1_000, &[0, 1]);
        assert_eq!(away(&attendance), [0, 1]);
        let turns = attendance.whole(&attendance.turns[2]);
        assert_eq!(turns.made, 100 + 120);
        assert_eq!(turns.share, 300 / 4 + attendance.blocks / 5);
    }
}
