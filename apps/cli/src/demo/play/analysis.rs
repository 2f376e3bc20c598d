//! Data analysis: a miner that searches by all examples, one that looks at the first alone, and one that sends no
//! queries.

use super::{Play, Role, LONG};
use crate::demo::promises::{nothing_for, ranking, Promise};
use crate::demo::report::Report;

/// Miners answer questions over tables with queries.
pub const PLAY: Play = Play {
    name: "analysis",
    kind: "analysis",
    roles: &[
        Role::steady("search", &[]),
        Role::steady("hasty", &["--analysis-adversary", "first-example"]),
        Role::unsteady("garbage", &["--analysis-adversary", "garbage"]),
    ],
    judging: "",
    judging_beside: "load = 60",
    feed: None,
    collateral: 0,
    tempo: LONG,
    promises,
};

fn promises(report: &Report) -> Vec<Promise> {
    vec![
        ranking(report, "who fits all examples earns more than who fits one", ["search", "hasty"]),
        nothing_for(report, "no query earns nothing", &["garbage"]),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::promises::tests;

    #[test]
    fn each_promise_can_be_kept_and_broken() {
        let kept = |emissions: &[u64]| tests::kept(&PLAY, &[emissions], &[]);
        assert_eq!(kept(&[9, 5, 0]), [true, true]);
        assert_eq!(kept(&[9, 9, 0]), [false, true]);
        assert_eq!(kept(&[9, 5, 1]), [true, false]);
        assert_eq!(kept(&[0, 0, 0]), [false, false]);
    }
}
