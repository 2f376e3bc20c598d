//! Finance: a forecaster that fits what it finds, a random walk, and miners that do not forecast.

mod feed;

use super::{Play, Role, LONG};
use crate::demo::promises::{nothing_for, ranking, Promise};
use crate::demo::report::Report;

/// Miners say how series go on.
pub const PLAY: Play = Play {
    name: "finance",
    kind: "finance",
    roles: &[
        Role::steady("fitted", &["--model", "fitted"]),
        Role::steady("walk", &["--model", "walk"]),
        Role::steady("stale", &["--finance-adversary", "stale"]),
        Role::unsteady("sure", &["--finance-adversary", "sure"]),
    ],
    judging: "",
    judging_beside: "",
    feed: Some(feed::start),
    collateral: 0,
    tempo: LONG,
    promises,
};

fn promises(report: &Report) -> Vec<Promise> {
    vec![
        ranking(report, "who fits the series earns more than a random walk", ["fitted", "walk"]),
        ranking(report, "who repeats an old forecast earns less than a random walk", ["walk", "stale"]),
        nothing_for(report, "who is always sure earns nothing", &["sure"]),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::promises::tests;

    #[test]
    fn each_promise_can_be_kept_and_broken() {
        let kept = |emissions: &[u64]| tests::kept(&PLAY, &[emissions], &[]);
        assert_eq!(kept(&[9, 5, 1, 0]), [true, true, true]);
        assert_eq!(kept(&[5, 5, 1, 0]), [false, true, true]);
        assert_eq!(kept(&[9, 5, 6, 0]), [true, false, true]);
        assert_eq!(kept(&[9, 5, 1, 1]), [true, true, false]);
    }
}
