//! The course of a decision: it passes while approval and support suffice, and is approved once they did throughout a
//! confirmation. The rule is that of `pallet_referenda` 50.0.0; commands and simulations use it to look ahead.

use myelin_economy::profile::Profile;
use myelin_units::{Block, PerBillion};

use crate::{
    tally::Tally,
    track::{days, Track},
};

/// A referendum that is being decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deciding {
    /// Block in which the decision began.
    pub since: Block,
    /// Block in which the confirmation ends, while the referendum passes.
    pub confirming: Option<Block>,
}

/// A decision after one look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// It goes on.
    Open(Deciding),
    /// It passed throughout a confirmation.
    Approved,
    /// The decision period ended while it did not pass.
    Rejected,
}

impl Deciding {
    /// A decision that begins now.
    pub fn begin(since: Block) -> Self {
        Self { since, confirming: None }
    }

    /// Part of the decision period that has passed.
    pub fn time(&self, track: &Track, profile: &Profile, now: Block) -> PerBillion {
        let period = days(track.decision, profile).max(1);
        PerBillion::ratio(now.saturating_sub(self.since).min(period).into(), period.into())
    }

    /// Whether approval and support suffice now.
    pub fn passes(&self, track: &Track, profile: &Profile, tally: &Tally, now: Block) -> bool {
        let time = self.time(track, profile, now);
        track.support.passing(time, tally.support()) && track.approval.passing(time, tally.approval())
    }

    /// The decision as it stands in block `now`. A confirmation may go on after the decision period.
    pub fn next(self, track: &Track, profile: &Profile, tally: &Tally, now: Block) -> Progress {
        let passes = self.passes(track, profile, tally, now);
        let over = now >= self.since.saturating_add(days(track.decision, profile));
        match (passes, self.confirming) {
            (true, Some(end)) if now >= end => Progress::Approved,
            (true, Some(_)) => Progress::Open(self),
            (true, None) => {
                let end = now.saturating_add(days(track.confirm, profile));
                Progress::Open(Self { confirming: Some(end), ..self })
            }
            (false, _) if over => Progress::Rejected,
            (false, _) => Progress::Open(Self { confirming: None, ..self }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{power::Multiplier, track::Kind, voter::Cast};

    const CHAIN: Profile = Profile::PRODUCTION;
    const DAY: u64 = 7_200;

    /// A tally of this much for and against, in percent of the electorate.
    fn tally(aye: u128, nay: u128) -> Tally {
        let mut tally = Tally::new(100, 0);
        for (side, own) in [(true, aye), (false, nay)] {
            let (poll, track, multiplier) = (0, Kind::Upgrade.id(), Multiplier::One);
            let cast = Cast { poll, track, aye: side, multiplier, own, delegated: 0, withdrawn: false };
            tally.replace(None, Some(&cast));
        }
        tally
    }

    fn next(deciding: Deciding, tally: &Tally, day: u64) -> Progress {
        deciding.next(Track::of(Kind::Upgrade), &CHAIN, tally, day * DAY)
    }

    #[test]
    fn a_decision_is_approved_after_a_whole_confirmation() {
        let begun = Deciding::begin(0);
        let Progress::Open(confirming) = next(begun, &tally(50, 0), 0) else { panic!("it goes on") };
        assert_eq!(confirming, Deciding { since: 0, confirming: Some(7 * DAY) });
        assert_eq!(next(confirming, &tally(50, 0), 6), Progress::Open(confirming));
        assert_eq!(next(confirming, &tally(50, 0), 7), Progress::Approved);
        assert_eq!(next(confirming, &tally(50, 50), 7), Progress::Open(begun), "the confirmation ends");
        assert_eq!(next(begun, &tally(49, 0), 0), Progress::Open(begun), "too little support yet");
        assert!(matches!(
            next(begun, &tally(49, 0), 2),
            Progress::Open(Deciding { confirming: Some(_), .. })
        ));
    }

    #[test]
    fn a_decision_that_does_not_pass_at_its_end_is_rejected_and_one_that_does_goes_on() {
        let begun = Deciding::begin(DAY);
        assert_eq!(next(begun, &tally(33, 0), 28), Progress::Open(begun));
        assert_eq!(next(begun, &tally(33, 0), 29), Progress::Rejected);
        assert_eq!(next(begun, &Tally::new(100, 0), 29), Progress::Rejected, "nobody voted");
        let late = Deciding { since: DAY, confirming: Some(35 * DAY) };
        assert_eq!(
            next(begun, &tally(34, 17), 29),
            Progress::Open(Deciding { confirming: Some(36 * DAY), ..begun })
        );
        assert_eq!(next(late, &tally(34, 17), 34), Progress::Open(late));
        assert_eq!(next(late, &tally(34, 17), 35), Progress::Approved);
        assert_eq!(next(late, &tally(34, 18), 34), Progress::Rejected, "it stopped to pass");
    }

    #[test]
    fn time_is_the_part_of_the_decision_period() {
        let begun = Deciding::begin(DAY);
        let time = |day| begun.time(Track::of(Kind::Upgrade), &CHAIN, day * DAY).parts();
        assert_eq!(
            [time(0), time(1), time(15), time(29), time(99)],
            [0, 0, 500_000_000, 1_000_000_000, 1_000_000_000]
        );
    }
}
