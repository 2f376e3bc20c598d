//! Offences of authorities, what they cost, and the time to appeal.
//!
//! | offence | share of the pledge, alone | with `k` of `n` at once | jail |
//! |---|---|---|---|
//! | two votes in a round of finality | 5 % | `min(1, (3k/n)²)` if that is more | yes |
//! | two blocks for a slot | 2 % | `min(1, (3k/n)²)` if that is more | yes |
//! | away | nothing | 7 % of `min(1, 3·(k − ⌊n/10⌋ − 1)/n)` | no, chilled |
//!
//! A third that equivocates together can revert final blocks and loses everything. One that does so alone has usually
//! run its keys on two machines. The share is decided when the slash is due, by all offenders that are known then:
//! those whose offence lies within a report window of this one. So it does not matter who is reported first.
//!
//! Away is no offence up to a tenth of the set, as a network that is cut in two has authorities on either side. Those
//! away in the same era count together.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use myelin_units::{Block, PerBillion, TaoBalance};
use myelin_wire::AccountId;
use scale_info::TypeInfo;

use crate::{candidacy::Candidacy, rules::Rules};

/// A kind of offence.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub enum Offence {
    /// Two votes of one authority in one round of GRANDPA.
    GrandpaEquivocation,
    /// Two blocks of one author for one slot.
    AuraEquivocation,
    /// Too few blocks in an era.
    Away,
}

impl Offence {
    /// Share of the pledge that each of `offenders` loses in a set of `seats`, rounded down.
    pub fn share(self, offenders: u32, seats: u32) -> PerBillion {
        let (offenders, seats) = (u128::from(offenders), u128::from(seats));
        let together = || {
            let thirds = offenders.saturating_mul(3).min(seats);
            PerBillion::ratio(thirds.saturating_mul(thirds), seats.saturating_mul(seats))
        };
        match self {
            Self::GrandpaEquivocation => together().max(PerBillion::percent(5)),
            Self::AuraEquivocation => together().max(PerBillion::percent(2)),
            Self::Away => {
                let beyond = offenders.saturating_sub(seats / 10 + 1);
                let part = PerBillion::ratio(beyond.saturating_mul(3), seats);
                part.times(PerBillion::percent(7))
            }
        }
    }

    /// Whether the offender goes to jail. Otherwise it is chilled, and comes back when it says so.
    pub fn jails(self) -> bool {
        self != Self::Away
    }
}

/// A slash that waits for the end of the time to appeal. Governance cancels it by removing it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Slash {
    /// The offender.
    pub hotkey: AccountId,
    /// The offence.
    pub offence: Offence,
    /// Block of the offence; of an absence, the last of the era.
    pub committed: Block,
    /// Block of the report.
    pub reported: Block,
    /// Authorities of the set in which it was committed.
    pub seats: u32,
}

impl Slash {
    /// Whether a report at `now` comes in time.
    pub fn is_in_time(committed: Block, now: Block, rules: &Rules) -> bool {
        committed <= now && now.saturating_sub(committed) <= rules.report_window
    }

    /// Whether no slash that is reported at `now` or later can count together with it.
    pub fn is_past(&self, now: Block, rules: &Rules) -> bool {
        // A later slash is committed a report window before `now` at the earliest, counts another window back, and is
        // taken after the time to appeal.
        let last = self.committed.saturating_add(rules.report_window.saturating_mul(2));
        last.saturating_add(rules.appeal_window) < now
    }

    /// The first block in which it is taken.
    pub fn due(&self, rules: &Rules) -> Block {
        self.reported.saturating_add(rules.appeal_window)
    }

    /// Share of the pledge: by the number of different offenders of this kind, this one included, whose offence lies
    /// within a report window of this one, and in the same era if they are away. `known` are all slashes that wait or
    /// were taken, and not those cancelled.
    pub fn share<'a>(&self, known: impl IntoIterator<Item = &'a Slash>, rules: &Rules) -> PerBillion {
        let apart = if self.offence == Offence::Away { 0 } else { rules.report_window };
        let is_near = |other: &&Slash| {
            other.offence == self.offence && other.committed.abs_diff(self.committed) <= apart
        };
        let mut offenders: alloc::vec::Vec<_> =
            known.into_iter().filter(is_near).map(|other| other.hotkey).collect();
        offenders.push(self.hotkey);
        offenders.sort_unstable();
        offenders.dedup();
        self.offence.share(u32::try_from(offenders.len()).unwrap_or(u32::MAX), self.seats)
    }

    /// Takes the share of all that is exposed of the candidacy, rounded down. Returns the amount, which is recycled.
    pub fn take(&self, share: PerBillion, candidacy: &mut Candidacy) -> TaoBalance {
        candidacy.slash(TaoBalance::from_rao(share.of(candidacy.exposed().to_rao())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn percent(offence: Offence, offenders: u32, seats: u32) -> u32 {
        offence.share(offenders, seats).parts() / 10_000_000
    }

    #[test]
    fn offenders_pay_more_together() {
        use Offence::{AuraEquivocation as Aura, Away, GrandpaEquivocation as Grandpa};
        assert_eq!([1, 4, 8, 10, 11, 32].map(|k| percent(Grandpa, k, 32)), [5, 14, 56, 87, 100, 100]);
        assert_eq!([1, 2, 4].map(|k| percent(Aura, k, 32)), [2, 3, 14]);
        assert_eq!([1, 4, 5, 8, 15, 32].map(|k| percent(Away, k, 32)), [0, 0, 0, 2, 7, 7]);
        assert_eq!(percent(Away, 1, 1), 0, "the only one");
        assert_eq!((percent(Grandpa, 1, 3), percent(Grandpa, 1, 0)), (100, 5));
        assert_eq!([Grandpa, Aura, Away].map(Offence::jails), [true, true, false]);
    }

    fn slash(hotkey: u8, offence: Offence, committed: Block) -> Slash {
        Slash { hotkey: [hotkey; 32], offence, committed, reported: committed + 5, seats: 10 }
    }

    #[test]
    fn different_offenders_of_one_kind_and_time_count_together() {
        let rules = Rules::production();
        let of = Offence::GrandpaEquivocation;
        let near = rules.report_window;
        let first = slash(1, of, 1_000_000);
        let alone = |others: &[Slash]| first.share(others, &rules) == of.share(1, 10);
        assert!(alone(&[]) && alone(&[first]) && alone(&[slash(1, of, 1_000_007)]), "it is one offender");
        assert!(alone(&[slash(2, Offence::AuraEquivocation, 1_000_000)]), "another kind");
        assert!(alone(&[slash(2, of, 1_000_001 + near), slash(2, of, 999_999 - near)]), "another time");
        let others = [slash(2, of, 1_000_000 + near), first, slash(3, of, 1_000_000 - near)];
        assert_eq!(first.share(&others, &rules), of.share(3, 10));
    }

    #[test]
    fn those_away_in_one_era_count_together() {
        let rules = Rules::production();
        let away = |hotkey, era: Block| slash(hotkey, Offence::Away, era * rules.era);
        let others = [away(2, 3), away(3, 3), away(4, 2), away(5, 4)];
        assert_eq!(away(1, 3).share(&others, &rules), Offence::Away.share(3, 10));
        assert_ne!(Offence::Away.share(3, 10), Offence::Away.share(5, 10));
    }

    #[test]
    fn a_report_comes_in_time_and_a_slash_after_the_appeal() {
        let rules = Rules::production();
        let in_time = |now| Slash::is_in_time(1_000, now, &rules);
        assert!(!in_time(999) && in_time(1_000) && in_time(1_000 + rules.report_window));
        assert!(!in_time(1_001 + rules.report_window));
        let slash = slash(1, Offence::AuraEquivocation, 1_000);
        assert_eq!(slash.due(&rules), 1_005 + rules.appeal_window);
        let mut candidacy = Candidacy::new([1; 32], 1, TaoBalance::from_tokens(200), &rules).expect("enough");
        candidacy.unbond(TaoBalance::from_tokens(100), 1, &rules).expect("enough is left");
        assert_eq!(slash.take(PerBillion::percent(2), &mut candidacy), TaoBalance::from_tokens(4));
        assert_eq!(candidacy.exposed(), TaoBalance::from_tokens(196));
    }
}
