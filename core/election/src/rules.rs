//! The parameters of elections, with their ranges.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use myelin_units::{Block, TaoBalance};
use scale_info::TypeInfo;
use thiserror::Error;

use myelin_units::PerBillion;

/// Most authorities that the chain's consensus holds.
pub const MOST_SEATS: u32 = 128;

/// Blocks that an election's durations are multiples of at production pace: an hour of 12 s.
const HOUR: Block = 300;
const DAY: Block = 24 * HOUR;

/// Most blocks in which an offence can be reported. The chain keeps [`MOST_TERMS`](crate::term::MOST_TERMS) terms:
/// those of the shortest sessions for so long, and of [`MOST_ERAS_OF_REPORTS`].
pub const LONGEST_REPORT_WINDOW: Block = 7 * DAY;
/// Most eras in which an offence can be reported.
pub const MOST_ERAS_OF_REPORTS: Block = 40;
/// Least blocks from a report until its slash: a day to propose a vote, and the 16 days that one on the track of
/// authorities takes. Local networks may have less.
pub const SHORTEST_APPEAL: Block = 17 * DAY;
/// Most blocks of an era.
pub const LONGEST_ERA: Block = 7 * DAY;
/// Most blocks for which a pledge is on its way out. No rule holds it for longer.
pub const LONGEST_UNBONDING: Block = 90 * DAY;
/// Most blocks in jail.
pub const LONGEST_JAIL: Block = 90 * DAY;

/// The parameters of elections. Durations are in blocks.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Rules {
    /// Authorities of a full set, 1 to [`MOST_SEATS`].
    pub seats: u32,
    /// Least number of authorities, and of candidates without which the set stays; 1 to `seats`.
    pub least_authorities: u32,
    /// Blocks of an era.
    pub era: Block,
    /// Least pledge of a candidate.
    pub least_pledge: TaoBalance,
    /// Least counted stake of a candidate.
    pub least_stake: TaoBalance,
    /// Least quality of a candidate.
    pub least_quality: PerBillion,
    /// Nominations that count for each unit of pledge.
    pub leverage: u32,
    /// Lead over the holder of a seat that a challenger needs.
    pub lead: PerBillion,
    /// Blocks from an offence until it can no longer be reported; at most [`LONGEST_REPORT_WINDOW`], and at most
    /// [`MOST_ERAS_OF_REPORTS`].
    pub report_window: Block,
    /// Blocks from a report until its slash is taken, in which governance may cancel it: at least [`SHORTEST_APPEAL`],
    /// and 1 on a local network.
    pub appeal_window: Block,
    /// Blocks from the wish to withdraw, or from the last block in office, until a pledge is free.
    pub unbonding: Block,
    /// Blocks in which an offender may not be a candidate.
    pub jail: Block,
}

/// Rules that do not fit each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum RulesError {
    /// The number of seats is out of range.
    #[error(
        "{0} seats: there are 1 to {MOST_SEATS}, and at least as many as the least number of authorities"
    )]
    Seats(u32),
    /// The least number of authorities is out of range.
    #[error("at least {0} authorities: the number is 1 to the number of seats")]
    LeastAuthorities(u32),
    /// An era without blocks.
    #[error("an era has at least one block")]
    Era,
    /// A pledge could leave before its slash is taken.
    #[error(
        "pledges are free after {unbonding} blocks and slashes are taken up to {needed} blocks after the offence; \
        unbonding has to be longer"
    )]
    Unbonding {
        /// Blocks of unbonding.
        unbonding: Block,
        /// Blocks of both windows.
        needed: Block,
    },
    /// Slashes would be taken before a vote could cancel them.
    #[error(
        "slashes would be taken {found} blocks after their report; the time to appeal is at least {least}"
    )]
    Appeal {
        /// Blocks of the time to appeal.
        found: Block,
        /// The least blocks.
        least: Block,
    },
    /// A duration would hold pledges or seats for too long.
    #[error("{rule} would last {found} blocks; it lasts {most} at most")]
    TooLong {
        /// The rule.
        rule: &'static str,
        /// Its blocks.
        found: Block,
        /// The most blocks.
        most: Block,
    },
}

impl Rules {
    /// The rules that a chain begins with, by its pace.
    pub const fn first(fast: bool) -> Self {
        match fast {
            true => Self::fast(),
            false => Self::production(),
        }
    }

    /// The rules of a production network.
    pub const fn production() -> Self {
        Self {
            seats: 32,
            least_authorities: 4,
            era: DAY,
            least_pledge: TaoBalance::from_tokens(100),
            least_stake: TaoBalance::from_tokens(1_000),
            least_quality: PerBillion::percent(10),
            leverage: 9,
            lead: PerBillion::percent(5),
            report_window: 7 * DAY,
            appeal_window: 21 * DAY,
            unbonding: 30 * DAY,
            jail: 7 * DAY,
        }
    }

    /// The rules of a local network: eras of a minute of 250 ms blocks, and smaller amounts.
    pub const fn fast() -> Self {
        Self {
            seats: 8,
            era: 240,
            least_pledge: TaoBalance::from_tokens(1),
            least_stake: TaoBalance::from_tokens(1),
            report_window: 480,
            appeal_window: 120,
            unbonding: 720,
            jail: 480,
            ..Self::production()
        }
    }

    /// Checks the ranges by the pace of the chain, that slashes find the pledge, and that no pledge is held for good.
    ///
    /// # Errors
    /// The first rule that does not fit.
    pub fn validate(&self, fast: bool) -> Result<(), RulesError> {
        let Self { seats, least_authorities, era, report_window, appeal_window, unbonding, jail, .. } = *self;
        if !(1..=MOST_SEATS).contains(&seats) {
            return Err(RulesError::Seats(seats));
        }
        if !(1..=seats).contains(&least_authorities) {
            return Err(RulesError::LeastAuthorities(least_authorities));
        }
        if era == 0 {
            return Err(RulesError::Era);
        }
        let least = if fast { 1 } else { SHORTEST_APPEAL };
        if appeal_window < least {
            return Err(RulesError::Appeal { found: appeal_window, least });
        }
        let needed = report_window.saturating_add(appeal_window);
        if unbonding <= needed {
            return Err(RulesError::Unbonding { unbonding, needed });
        }
        let reports = LONGEST_REPORT_WINDOW.min(era.saturating_mul(MOST_ERAS_OF_REPORTS));
        let lasting = [
            ("era", era, LONGEST_ERA),
            ("the time to report", report_window, reports),
            ("unbonding", unbonding, LONGEST_UNBONDING),
            ("jail", jail, LONGEST_JAIL),
        ];
        match lasting.into_iter().find(|(_, found, most)| found > most) {
            Some((rule, found, most)) => Err(RulesError::TooLong { rule, found, most }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_of_both_paces_fit_and_others_are_refused() {
        let rules = Rules::production();
        assert_eq!((Rules::first(false), Rules::first(true)), (rules, Rules::fast()));
        assert_eq!((rules.validate(false), Rules::fast().validate(true)), (Ok(()), Ok(())));
        let of = |rules: Rules| rules.validate(false).unwrap_err();
        assert_eq!(of(Rules { seats: 0, ..rules }), RulesError::Seats(0));
        assert_eq!(of(Rules { seats: 129, ..rules }), RulesError::Seats(129));
        assert_eq!(of(Rules { least_authorities: 0, ..rules }), RulesError::LeastAuthorities(0));
        assert_eq!(of(Rules { least_authorities: 33, ..rules }), RulesError::LeastAuthorities(33));
        assert_eq!(of(Rules { era: 0, ..rules }), RulesError::Era);
        let needed = 28 * DAY;
        assert_eq!(
            of(Rules { unbonding: needed, ..rules }),
            RulesError::Unbonding { unbonding: needed, needed }
        );
        assert_eq!(Rules { unbonding: needed + 1, ..rules }.validate(false), Ok(()));
        let longest = Rules { era: LONGEST_ERA, unbonding: LONGEST_UNBONDING, jail: LONGEST_JAIL, ..rules };
        assert_eq!(longest.validate(false), Ok(()));
        let shortest_era = Rules { era: rules.report_window.div_ceil(MOST_ERAS_OF_REPORTS), ..rules };
        assert_eq!(shortest_era.validate(false), Ok(()));
        for (rule, too_long) in [
            ("era", Rules { era: LONGEST_ERA + 1, ..longest }),
            ("the time to report", Rules { report_window: LONGEST_REPORT_WINDOW + 1, ..longest }),
            ("the time to report", Rules { era: rules.report_window / MOST_ERAS_OF_REPORTS - 1, ..rules }),
            ("unbonding", Rules { unbonding: Block::MAX, ..longest }),
            ("jail", Rules { jail: LONGEST_JAIL + 1, ..longest }),
        ] {
            assert!(
                matches!(of(too_long), RulesError::TooLong { rule: found, .. } if found == rule),
                "{rule}"
            );
        }
    }

    #[test]
    fn no_chain_but_a_local_one_takes_slashes_sooner_than_a_vote_can_cancel_them() {
        let of = |appeal_window, fast| Rules { appeal_window, ..Rules::production() }.validate(fast);
        let least = SHORTEST_APPEAL;
        for (found, fast, least) in [(0, false, least), (least - 1, false, least), (0, true, 1)] {
            assert_eq!(of(found, fast), Err(RulesError::Appeal { found, least }));
        }
        assert_eq!((of(least, false), of(1, true)), (Ok(()), Ok(())));
    }
}
