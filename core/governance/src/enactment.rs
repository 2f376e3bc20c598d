//! From approval to enactment: the least wait, the committee's delay, and the brake.
//!
//! The committee decides nothing. It may *delay* an approved proposal once, for [`DELAY_DAYS`] at most. It may *mark*
//! the hash of an upgrade, which opens the urgent track to it. It may pull the *brake*, which pauses enactments but
//! not the chain. Together they put off no enactment by more than [`LONGEST_PAUSE_DAYS`].

use alloc::vec::Vec;

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use myelin_economy::profile::Profile;
use myelin_units::Block;
use scale_info::TypeInfo;
use thiserror::Error;

use crate::{
    track::{days, Kind},
    PollId,
};

/// Most days of a delay.
pub const DELAY_DAYS: u32 = 7;
/// Most days of a brake.
pub const BRAKE_DAYS: u32 = 7;
/// Days after a brake in which the next one can't be pulled. Longer than a delay, so that no enactment meets two.
pub const BRAKE_REST_DAYS: u32 = 30;
/// Days for which the mark of a hash holds: long enough for the longest course of the urgent track and a delay of its
/// enactment, and three days of waiting for a place. The committee may mark it again.
pub const MARK_DAYS: u32 = 21;
/// Most days by which delay and brake together put off an enactment.
pub const LONGEST_PAUSE_DAYS: u32 = DELAY_DAYS + BRAKE_DAYS;

/// An approved proposal that waits for its enactment.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Waiting {
    /// Whether the brake lets it pass: [`Kind::passes_brake`].
    pub urgent: bool,
    /// Block for which it is scheduled.
    pub due: Block,
    /// Whether the committee has delayed it.
    pub delayed: bool,
}

/// A pause of enactments.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Brake {
    /// Block in which it was pulled.
    pub since: Block,
    /// First block after the pause.
    pub until: Block,
}

/// Answer to a proposal that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enactment {
    /// It is enacted now.
    Now,
    /// It is scheduled again for this block.
    Later(Block),
}

/// Reasons to refuse an act of the committee.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CommitteeError {
    /// The proposal was delayed before.
    #[error("this proposal was delayed before; it can be delayed once")]
    DelayedBefore,
    /// The delay is 0 or too long.
    #[error("a delay lasts 1 to {most} blocks; this one would last {blocks}")]
    DelayLength {
        /// Blocks asked for.
        blocks: u64,
        /// Most blocks.
        most: u64,
    },
    /// The proposal is due in the next block, or was before.
    #[error("this proposal is due in block {0}; it cannot be delayed any more")]
    Due(Block),
    /// A brake is on, or was not long ago.
    #[error("the brake can be pulled again in block {0}")]
    BrakeRests(Block),
    /// No brake is on.
    #[error("the brake is not on")]
    BrakeOff,
}

/// Bytes whose Blake2b-256 names the enactment of a referendum in the schedule, as `pallet_referenda` 50.0.0 does.
pub fn task(poll: PollId) -> Vec<u8> {
    (*b"assembly", "enactment", poll).encode()
}

/// A delay of a waiting proposal by `blocks`. One that is due in the next block is too late, so stops of grants, which
/// are due in the block after their approval, are never delayed.
pub fn delay(
    waiting: Waiting,
    blocks: u64,
    now: Block,
    profile: &Profile,
) -> Result<Waiting, CommitteeError> {
    let most = days(DELAY_DAYS, profile);
    if waiting.delayed {
        return Err(CommitteeError::DelayedBefore);
    }
    if now.saturating_add(1) >= waiting.due {
        return Err(CommitteeError::Due(waiting.due));
    }
    if blocks == 0 || blocks > most {
        return Err(CommitteeError::DelayLength { blocks, most });
    }
    Ok(Waiting { due: waiting.due.saturating_add(blocks), delayed: true, ..waiting })
}

/// A brake that is pulled now. `last` is the one before.
pub fn pull(last: Option<Brake>, now: Block, profile: &Profile) -> Result<Brake, CommitteeError> {
    let free = last.map_or(0, |brake| brake.since.saturating_add(brake_cycle(profile)));
    if now < free {
        return Err(CommitteeError::BrakeRests(free));
    }
    Ok(Brake { since: now, until: now.saturating_add(days(BRAKE_DAYS, profile)) })
}

/// A brake that is released before its end. The rest after it counts from its longest end all the same.
pub fn release(brake: Option<Brake>, now: Block) -> Result<Brake, CommitteeError> {
    match brake {
        Some(brake) if now < brake.until => Ok(Brake { until: now, ..brake }),
        _ => Err(CommitteeError::BrakeOff),
    }
}

/// The answer to a proposal whose scheduled block has come. A brake stops all of them but those that pass it.
pub fn enact(waiting: Waiting, brake: Option<Brake>, now: Block) -> Enactment {
    match brake {
        _ if now < waiting.due => Enactment::Later(waiting.due),
        Some(brake) if !waiting.urgent && brake.since <= now && now < brake.until => {
            Enactment::Later(brake.until)
        }
        _ => Enactment::Now,
    }
}

/// Whether a proposal may be enacted on a track: the urgent one needs a mark of its hash.
pub fn is_admitted(kind: Kind, marked: Option<Block>, now: Block, profile: &Profile) -> bool {
    kind != Kind::UrgentUpgrade
        || marked.is_some_and(|at| at <= now && now < at.saturating_add(days(MARK_DAYS, profile)))
}

fn brake_cycle(profile: &Profile) -> u64 {
    days(BRAKE_DAYS.saturating_add(BRAKE_REST_DAYS), profile)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CHAIN: Profile = Profile::PRODUCTION;
    const DAY: u64 = 7_200;

    fn waiting(due: Block) -> Waiting {
        Waiting { urgent: false, due, delayed: false }
    }

    #[test]
    fn a_proposal_is_delayed_once_before_it_is_due_and_for_a_week_at_most() {
        let later = delay(waiting(100), 7 * DAY, 98, &CHAIN).unwrap();
        assert_eq!(later, Waiting { urgent: false, due: 100 + 7 * DAY, delayed: true });
        assert_eq!(delay(later, 1, 99, &CHAIN), Err(CommitteeError::DelayedBefore));
        for now in [99, 100] {
            assert_eq!(delay(waiting(100), 1, now, &CHAIN), Err(CommitteeError::Due(100)));
        }
        for blocks in [0, 7 * DAY + 1] {
            let wrong = CommitteeError::DelayLength { blocks, most: 7 * DAY };
            assert_eq!(delay(waiting(100), blocks, 0, &CHAIN), Err(wrong));
        }
        assert!(delay(waiting(100), 35, 0, &Profile::FAST).is_ok());
        assert!(delay(waiting(100), 36, 0, &Profile::FAST).is_err());
    }

    #[test]
    fn the_brake_rests_for_a_month_after_its_longest_end_even_if_it_was_released() {
        let brake = pull(None, 5, &CHAIN).unwrap();
        assert_eq!(brake, Brake { since: 5, until: 5 + 7 * DAY });
        let free = 5 + 37 * DAY;
        for last in [brake, release(Some(brake), 6).unwrap()] {
            assert_eq!(pull(Some(last), free - 1, &CHAIN), Err(CommitteeError::BrakeRests(free)));
            assert_eq!(pull(Some(last), free, &CHAIN).unwrap().since, free);
        }
        assert_eq!(release(Some(brake), brake.until), Err(CommitteeError::BrakeOff));
        assert_eq!(release(None, 0), Err(CommitteeError::BrakeOff));
    }

    #[test]
    fn a_brake_stops_everything_but_what_passes_it() {
        let brake = Some(Brake { since: 10, until: 20 });
        for (now, answer) in [
            (9, Enactment::Now),
            (10, Enactment::Later(20)),
            (19, Enactment::Later(20)),
            (20, Enactment::Now),
        ] {
            assert_eq!(enact(waiting(5), brake, now), answer, "{now}");
            assert_eq!(enact(Waiting { urgent: true, ..waiting(5) }, brake, now), Enactment::Now);
        }
        assert_eq!(enact(waiting(5), None, 4), Enactment::Later(5));
    }

    #[test]
    fn an_enactment_is_named_as_the_stock_pallet_names_it() {
        assert_eq!(task(7), b"assembly\x24enactment\x07\0\0\0");
    }

    #[test]
    fn the_urgent_track_needs_a_mark_that_has_not_lapsed() {
        let admitted = |kind, mark, now| is_admitted(kind, mark, now, &CHAIN);
        assert!(admitted(Kind::Upgrade, None, 0) && !admitted(Kind::UrgentUpgrade, None, 0));
        let lapse = 10 + 21 * DAY;
        for (now, open) in [(9, false), (10, true), (lapse - 1, true), (lapse, false)] {
            assert_eq!(admitted(Kind::UrgentUpgrade, Some(10), now), open, "{now}");
        }
        let urgent = crate::track::Track::of(Kind::UrgentUpgrade);
        let longest = urgent.prepare + urgent.decision + urgent.confirm + urgent.enactment;
        assert!(
            longest + DELAY_DAYS < MARK_DAYS,
            "the longest course, delayed, takes {longest} days and the delay"
        );
    }

    proptest! {
        /// A committee that does all it can, whenever it can, puts off an enactment by two weeks.
        #[test]
        fn no_committee_puts_off_an_enactment_for_longer_than_stated(
            pulls in prop::collection::vec(0..80_u64, 1..12), due in 0..60_u64, delayed in 0..8_u64,
        ) {
            let mut item = waiting(due * DAY);
            let (mut brake, mut now) = (None, 0);
            if delayed > 0 && due > 0 {
                item = delay(item, delayed * DAY, 0, &CHAIN).unwrap_or(item);
            }
            let enacted = loop {
                if pulls.contains(&(now / DAY)) {
                    brake = pull(brake, now, &CHAIN).ok().or(brake);
                }
                if now >= item.due {
                    match enact(item, brake, now) {
                        Enactment::Now => break now,
                        Enactment::Later(block) => item.due = block,
                    }
                }
                now += DAY / 2;
            };
            prop_assert!(enacted <= (due + u64::from(LONGEST_PAUSE_DAYS)) * DAY, "{enacted}");
        }
    }
}
