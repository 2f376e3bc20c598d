//! Schedule of a validator: the next step as a pure function of the chain's clock and the validator's own progress.

use std::{collections::BTreeSet, time::Duration};

use myelin_wire::seed::RoundPlan;
use serde::{Deserialize, Serialize};

use crate::chain::SubnetView;

/// Division of an epoch by a validator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timetable {
    /// Places of the rounds.
    pub rounds: RoundPlan,
    /// Part of the epoch, in thousandths and at its end, that is kept for submitting weights.
    pub submit_permille: u16,
}

impl Default for Timetable {
    fn default() -> Self {
        Self { rounds: RoundPlan { rounds: 3, span_permille: 750 }, submit_permille: 150 }
    }
}

impl Timetable {
    /// First block at which weights are submitted: the epoch's end less the reserve, at least two blocks.
    pub fn submit_block(&self, view: &SubnetView) -> u64 {
        let tempo = u64::from(view.tempo);
        let reserve = (tempo * u64::from(self.submit_permille) / 1000).max(2);
        view.epoch_start + tempo.saturating_sub(reserve)
    }
}

/// Progress of a validator in an epoch; saved after every step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// The epoch.
    pub epoch: u64,
    /// First round that has not been finished.
    pub next_round: u16,
    /// Mechanisms whose weights of this epoch were submitted, or given up.
    #[serde(default)]
    pub done: BTreeSet<u8>,
}

impl Progress {
    /// The same progress if the epoch still runs, else a fresh one.
    pub fn in_epoch(self, epoch: u64) -> Self {
        if self.epoch == epoch {
            self
        } else {
            Progress { epoch, ..Progress::default() }
        }
    }
}

/// Next step of a validator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing before this block.
    Wait {
        /// Height to wait for.
        until: u64,
    },
    /// Ask and judge a round whose source block is final.
    Round {
        /// The round.
        round: u16,
        /// Its source block.
        source: u64,
    },
    /// Submit the weights of the epoch on a mechanism.
    Submit {
        /// The mechanism.
        mechanism: u8,
    },
}

/// The next step in the epoch that `view` shows, with `finalized` the height of the last final block, for a subnet with
/// `mechanisms` mechanisms.
///
/// Of several rounds whose source block is final only the latest is run: after a restart the tasks of the others are
/// stale, and miners should not meet a burst. No round starts once it is time to submit.
pub fn next_step(
    timetable: &Timetable,
    view: &SubnetView,
    mechanisms: u8,
    finalized: u64,
    progress: &Progress,
) -> Step {
    let submit = timetable.submit_block(view);
    let epoch_end = view.epoch_start + u64::from(view.tempo);
    if view.block >= submit {
        let open = (0..mechanisms).find(|mechanism| !progress.done.contains(mechanism));
        return open.map_or(Step::Wait { until: epoch_end }, |mechanism| Step::Submit { mechanism });
    }
    let sources = (progress.next_round..timetable.rounds.rounds).filter_map(|round| {
        Some((round, timetable.rounds.source_block(view.epoch_start, view.tempo, round)?))
    });
    let (mut due, mut upcoming) = (None, None);
    for (round, source) in sources {
        if source <= finalized {
            due = Some(Step::Round { round, source });
        } else if upcoming.is_none() {
            upcoming = Some(source);
        }
    }
    due.unwrap_or_else(|| {
        // A source block counts once it is final, so every block from there on is checked.
        let until = upcoming.map_or(submit, |source| source.max(view.block + 1).min(submit));
        Step::Wait { until }
    })
}

/// Time that a round may take until it judges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// From the first request to the end of the competition of artefacts.
    pub all: Duration,
    /// The promise to miners: the deadline of tasks, or an eighth of the time that an epoch has for rounds, where
    /// epochs are too short for deadlines, as on local networks.
    pub promised: Duration,
}

impl Patience {
    /// The longest time, if `left` is the time until weights are due and `judging` the time to judge. `None` if it is
    /// less than the promise to miners. Then there is no round: all miners would be late.
    ///
    /// `min(left · 6/10, left − judging · 5/4)`. Tasks have a `deadline`, and an epoch has the `whole` time for rounds.
    pub fn of(left: Duration, judging: Duration, deadline: Duration, whole: Duration) -> Option<Self> {
        let all = left.saturating_sub(judging * 5 / 4).min(left * 6 / 10);
        let promised = deadline.min(whole / 8);
        (all >= promised && !all.is_zero()).then_some(Self { all, promised })
    }

    /// Time in which miners answer: all, or half where artefacts compete after them, but never less than was promised.
    pub fn of_miners(&self, artefacts_compete: bool) -> Duration {
        match artefacts_compete {
            true => (self.all / 2).max(self.promised),
            false => self.all,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn view(block: u64) -> SubnetView {
        SubnetView {
            block,
            tempo: 100,
            epoch_start: 1000,
            epoch: 4,
            commit_reveal: true,
            reveal_period: 1,
            weights_rate_limit: 0,
            version_key: 0,
            updates: vec![Vec::new(); 2],
            owner: None,
            evidence: Default::default(),
            neurons: Vec::new(),
        }
    }

    /// Patience in milliseconds where tasks have a deadline of ten seconds.
    fn patience(left: u64, judging: u64, whole: u64) -> Option<Patience> {
        let [left, judging, deadline, whole] = [left, judging, 10_000, whole].map(Duration::from_millis);
        Patience::of(left, judging, deadline, whole)
    }

    fn all(left: u64, judging: u64, whole: u64) -> Option<u128> {
        let patience = patience(left, judging, whole)?;
        assert_eq!(patience.all, patience.of_miners(false));
        Some(patience.all.as_millis())
    }

    fn step(block: u64, finalized: u64, next_round: u16, done: u8) -> Step {
        let progress = Progress { epoch: 4, next_round, done: (0..done).collect() };
        next_step(&Timetable::default(), &view(block), 2, finalized, &progress)
    }

    #[test]
    fn an_epoch_runs_its_rounds_then_submits_then_waits() {
        assert_eq!(step(1000, 998, 0, 0), Step::Wait { until: 1001 });
        assert_eq!(step(1003, 1001, 0, 0), Step::Round { round: 0, source: 1001 });
        assert_eq!(step(1003, 1001, 1, 0), Step::Wait { until: 1026 });
        assert_eq!(step(1030, 1028, 1, 0), Step::Round { round: 1, source: 1026 });
        assert_eq!(step(1060, 1058, 2, 0), Step::Round { round: 2, source: 1051 });
        assert_eq!(step(1060, 1058, 3, 0), Step::Wait { until: 1085 });
        assert_eq!(step(1085, 1083, 3, 0), Step::Submit { mechanism: 0 });
        assert_eq!(step(1086, 1084, 3, 1), Step::Submit { mechanism: 1 });
        assert_eq!(step(1087, 1085, 3, 2), Step::Wait { until: 1100 });
    }

    #[test]
    fn miners_have_the_time_that_they_were_promised_or_no_round() {
        let patience = |left: u64, judging: u64| all(1_000 * left, 1_000 * judging, 4_000_000);
        assert_eq!(patience(100, 8), Some(60_000));
        assert_eq!(patience(100, 64), Some(20_000));
        // Asking and judging together would fit, but miners would have had 3 seconds, or none.
        assert_eq!(patience(28, 20), None);
        assert_eq!(patience(24, 20), None);
        assert_eq!(patience(16, 0), None);
    }

    #[test]
    fn where_epochs_are_shorter_than_deadlines_rounds_are_held_all_the_same() {
        assert_eq!(all(1_500, 10, 2_000), Some(900));
        assert_eq!(all(300, 10, 2_000), None);
        assert_eq!(all(0, 0, 0), None);
    }

    #[test]
    fn artefacts_get_half_of_a_round_unless_miners_were_promised_more() {
        let answers =
            |left, whole| patience(left, 0, whole).map(|patience| patience.of_miners(true).as_millis());
        assert_eq!(answers(100_000, 4_000_000), Some(30_000));
        assert_eq!(answers(20_000, 4_000_000), Some(10_000), "the deadline");
        assert_eq!(answers(1_500, 2_000), Some(450));
        assert_eq!(answers(500, 2_000), Some(250), "an eighth of the epoch");
    }

    #[test]
    fn a_source_block_counts_only_when_it_is_final() {
        assert_eq!(step(1005, 1000, 0, 0), Step::Wait { until: 1006 });
    }

    #[test]
    fn after_a_restart_only_the_latest_due_round_is_run() {
        assert_eq!(step(1060, 1058, 0, 0), Step::Round { round: 2, source: 1051 });
    }

    #[test]
    fn a_new_epoch_forgets_the_progress_of_the_old_one() {
        let old = Progress { epoch: 4, next_round: 3, done: [0].into() };
        assert_eq!(old.clone().in_epoch(4), old);
        assert_eq!(old.in_epoch(5), Progress { epoch: 5, ..Progress::default() });
    }

    proptest! {
        #[test]
        fn waiting_always_ends_and_never_misses_the_time_to_submit(
            block in 1000u64..1100, lag in 0u64..20, next_round in 0u16..5, done in 0u8..3,
        ) {
            if let Step::Wait { until } = step(block, block.saturating_sub(lag), next_round, done) {
                prop_assert!(until > block);
                prop_assert!(done == 2 || until <= 1085);
            }
        }
    }
}
