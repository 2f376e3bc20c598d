//! The course of a decision: it passes while approval and support suffice, and is approved once they did throughout a
//! confirmation. The rule is that of `pallet_referenda` 50.0.0; commands and simulations use it to look ahead.

use myelin_economy::profile::Profile;
use myelin_units::Block;

use crate::{
    curve::PerBillion,
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
