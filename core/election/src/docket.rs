//! The docket: slashes that wait for the end of the time to appeal, and those that were taken.
//!
//! Slashes are taken in the order of their reports. A slash that was taken stays on the docket as long as its offence
//! can count together with that of another slash. A cancelled one is removed, and counts with none.

use alloc::vec::Vec;

use codec::{Decode, DecodeWithMemTracking, Encode};
use myelin_units::{Block, PerBillion};
use myelin_wire::AccountId;
use scale_info::TypeInfo;
use thiserror::Error;

use crate::{
    offence::{Offence, Slash},
    rules::Rules,
};

/// Most slashes on the docket.
pub const MOST_SLASHES: usize = 1_024;

/// Places that only slashes for blocks and votes of finality take, so that absences of many eras leave room for them.
pub const ROOM_FOR_REPORTS: usize = 256;

/// A slash with its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Filed {
    /// Number among all slashes.
    pub number: u32,
    /// The slash.
    pub slash: Slash,
    /// Whether it is still to be taken.
    pub waits: bool,
}

/// All slashes that are known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Docket {
    next: u32,
    filed: Vec<Filed>,
}

/// [`MOST_SLASHES`] wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{MOST_SLASHES} slashes wait to be taken; report again when some were")]
pub struct DocketFull;

impl Docket {
    /// Files a slash, and returns its number. One that does not wait counts with others, and is never taken: its
    /// offender has no pledge.
    ///
    /// # Errors
    /// `DocketFull`. Slashes that were taken make room, the earliest first.
    pub fn file(&mut self, slash: Slash, waits: bool, rules: &Rules) -> Result<u32, DocketFull> {
        let now = slash.reported;
        self.filed.retain(|filed| filed.waits || !filed.slash.is_past(now, rules));
        let most = match slash.offence {
            Offence::Away => MOST_SLASHES - ROOM_FOR_REPORTS,
            Offence::AuraEquivocation | Offence::GrandpaEquivocation => MOST_SLASHES,
        };
        if self.filed.len() >= most {
            let settled = self.filed.iter().position(|filed| !filed.waits).ok_or(DocketFull)?;
            self.filed.remove(settled);
        }
        let number = self.next;
        self.next = number.saturating_add(1);
        self.filed.push(Filed { number, slash, waits });
        Ok(number)
    }

    /// The first block in which a slash is due; `None` if none waits.
    pub fn due(&self, rules: &Rules) -> Option<Block> {
        self.filed.iter().find(|filed| filed.waits).map(|filed| filed.slash.due(rules))
    }

    /// The block of the earliest report whose slash waits.
    pub fn first_report(&self) -> Option<Block> {
        self.filed.iter().find(|filed| filed.waits).map(|filed| filed.slash.reported)
    }

    /// Takes the next slash from those that wait, if it is due: its number, itself, and the share of the pledge.
    pub fn take_due(&mut self, now: Block, rules: &Rules) -> Option<(u32, Slash, PerBillion)> {
        let place = self.filed.iter().position(|filed| filed.waits)?;
        let Filed { number, slash, waits } = self.filed.get_mut(place)?;
        if slash.due(rules) > now {
            return None;
        }
        *waits = false;
        let (number, slash) = (*number, *slash);
        Some((number, slash, slash.share(self.filed.iter().map(|filed| &filed.slash), rules)))
    }

    /// Cancels a slash that waits. Its offence counts with no other one any more. `None` if no such slash waits.
    pub fn cancel(&mut self, number: u32) -> Option<Slash> {
        let place = self.filed.iter().position(|filed| filed.waits && filed.number == number)?;
        Some(self.filed.remove(place).slash)
    }

    /// Those whose jail is not over, also for offences before their candidacy; once for each offence.
    pub fn in_jail<'a>(&'a self, now: Block, rules: &'a Rules) -> impl Iterator<Item = AccountId> + 'a {
        let jails =
            move |slash: &Slash| slash.offence.jails() && now <= slash.reported.saturating_add(rules.jail);
        self.filed.iter().map(|filed| filed.slash).filter(jails).map(|slash| slash.hotkey)
    }

    /// All slashes on it, in the order of their reports.
    pub fn iter(&self) -> impl Iterator<Item = &Filed> {
        self.filed.iter()
    }

    /// The number that the next slash gets.
    pub fn next_number(&self) -> u32 {
        self.next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: Rules = Rules { report_window: 100, appeal_window: 50, ..Rules::production() };

    fn slash(hotkey: u8, reported: Block) -> Slash {
        let (offence, committed) = (Offence::GrandpaEquivocation, reported - 1);
        Slash { hotkey: [hotkey; 32], offence, committed, reported, seats: 10 }
    }

    #[test]
    fn slashes_are_taken_when_the_time_to_appeal_is_over_in_the_order_of_their_reports() {
        let mut docket = Docket::default();
        assert_eq!((docket.due(&RULES), docket.take_due(1_000, &RULES)), (None, None));
        assert_eq!(docket.file(slash(1, 10), true, &RULES), Ok(0));
        assert_eq!(docket.file(slash(2, 20), true, &RULES), Ok(1));
        assert_eq!((docket.due(&RULES), docket.first_report()), (Some(60), Some(10)));
        assert_eq!(docket.take_due(59, &RULES), None);
        let of = Offence::GrandpaEquivocation;
        assert_eq!(docket.take_due(60, &RULES), Some((0, slash(1, 10), of.share(2, 10))));
        assert_eq!(docket.take_due(60, &RULES), None);
        assert_eq!(docket.take_due(70, &RULES), Some((1, slash(2, 20), of.share(2, 10))), "it counts on");
        assert_eq!(docket.due(&RULES), None);
    }

    #[test]
    fn a_cancelled_slash_counts_with_no_other() {
        let mut docket = Docket::default();
        for hotkey in 1..4 {
            docket.file(slash(hotkey, 10), true, &RULES).expect("there is room");
        }
        assert_eq!((docket.cancel(7), docket.cancel(1)), (None, Some(slash(2, 10))));
        assert_eq!(docket.cancel(1), None);
        let share = docket.take_due(60, &RULES).map(|(_, _, share)| share);
        assert_eq!(share, Some(Offence::GrandpaEquivocation.share(2, 10)));
        assert_eq!(docket.cancel(0), None, "it was taken");
    }

    #[test]
    fn an_offender_without_a_pledge_counts_and_is_not_slashed() {
        let mut docket = Docket::default();
        docket.file(slash(1, 10), false, &RULES).expect("there is room");
        assert_eq!(docket.due(&RULES), None);
        docket.file(slash(2, 10), true, &RULES).expect("there is room");
        let share = docket.take_due(60, &RULES).map(|(_, _, share)| share);
        assert_eq!(share, Some(Offence::GrandpaEquivocation.share(2, 10)));
    }

    #[test]
    fn an_offence_brings_jail_with_or_without_a_pledge_and_an_absence_brings_none() {
        let mut docket = Docket::default();
        let absence = Slash { offence: Offence::Away, ..slash(2, 40) };
        for (slash, waits) in
            [(slash(1, 10), false), (slash(1, 30), true), (slash(3, 50), true), (absence, true)]
        {
            docket.file(slash, waits, &RULES).expect("there is room");
        }
        let in_jail = |now: Block| docket.in_jail(now, &RULES).map(|hotkey| hotkey[0]).collect::<Vec<_>>();
        assert_eq!(in_jail(60), [1, 1, 3]);
        assert_eq!(in_jail(30 + RULES.jail), [1, 3]);
        assert_eq!(in_jail(50 + RULES.jail), [3]);
        assert!(in_jail(51 + RULES.jail).is_empty());
    }

    #[test]
    fn a_slash_that_was_taken_is_forgotten_when_no_other_can_be_near() {
        let mut docket = Docket::default();
        docket.file(slash(1, 11), true, &RULES).expect("there is room");
        docket.take_due(61, &RULES).expect("due");
        docket.file(slash(2, 260), true, &RULES).expect("there is room");
        assert_eq!(docket.iter().count(), 2, "10 + 2 · 100 + 50 is 260");
        docket.file(slash(3, 261), true, &RULES).expect("there is room");
        assert_eq!(docket.iter().map(|filed| filed.number).collect::<Vec<_>>(), [1, 2]);
    }

    #[test]
    fn the_docket_has_a_limit_that_only_waiting_slashes_fill() {
        let mut docket = Docket::default();
        for _ in 0..MOST_SLASHES {
            docket.file(slash(1, 11), true, &RULES).expect("there is room");
        }
        assert_eq!(docket.file(slash(2, 12), true, &RULES), Err(DocketFull));
        docket.take_due(61, &RULES).expect("due");
        assert_eq!(docket.file(slash(2, 62), true, &RULES), Ok(MOST_SLASHES as u32));
        assert_eq!(docket.file(slash(2, 62), true, &RULES), Err(DocketFull));
    }

    #[test]
    fn absences_leave_room_for_reports() {
        let mut docket = Docket::default();
        let absence = Slash { offence: Offence::Away, ..slash(1, 11) };
        for _ in 0..MOST_SLASHES - ROOM_FOR_REPORTS {
            docket.file(absence, true, &RULES).expect("there is room");
        }
        assert_eq!(docket.file(absence, true, &RULES), Err(DocketFull));
        for _ in 0..ROOM_FOR_REPORTS {
            docket.file(slash(2, 12), true, &RULES).expect("there is room for reports");
        }
        assert_eq!(docket.file(slash(2, 12), true, &RULES), Err(DocketFull));
    }
}
