//! Scraping: a wrapper learnt with care, one learnt from the first row alone, and miners that do not read pages.

use super::{Play, Role, LONG};
use crate::demo::promises::{nothing_for, ranking, Promise};
use crate::demo::report::Report;

/// Miners read rows of pages.
pub const PLAY: Play = Play {
    name: "scraping",
    kind: "scraping",
    roles: &[
        Role::steady(
            "wrapper",
            &["--model", "wrapper", "--contact", "demo@myelin.example", "--fetch-private"],
        ),
        Role::steady("places", &["--model", "places"]),
        Role::steady("strings", &["--scraping-adversary", "strings"]),
        Role::unsteady("again", &["--scraping-adversary", "again"]),
    ],
    judging: "",
    judging_beside: "load = 60",
    feed: None,
    collateral: 0,
    stand_back: 3,
    tempo: LONG,
    promises,
};

fn promises(report: &Report) -> Vec<Promise> {
    vec![
        ranking(report, "who learns from all rows of an example earns more", ["wrapper", "places"]),
        ranking(report, "who cuts strings into rows earns less", ["places", "strings"]),
        nothing_for(report, "who sends the example's rows again earns nothing", &["again"]),
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
