//! Data analysis: a miner that searches and reads, one that does not read, and one that sends no queries.

use super::{Play, Role, LONG};
use crate::demo::promises::{nothing_for, ranking, Promise};
use crate::demo::report::Report;

/// Miners answer questions over tables with queries.
pub const PLAY: Play = Play {
    kind: "analysis",
    roles: &[
        Role::steady("search", &[]),
        Role::steady("wordless", &["--analysis-adversary", "wordless"]),
        Role::unsteady("garbage", &["--analysis-adversary", "garbage"]),
    ],
    // The built-in miner reads public words only, and the promises compare a miner that reads with one that does not.
    judging: "public-texts = true",
    // A search is short and a page is long; the niceness lets both get some work done.
    stand_back: 10,
    tempo: LONG,
    promises,
};

fn promises(report: &Report) -> Vec<Promise> {
    vec![
        ranking(report, "who also reads earns more than who only searches", ["search", "wordless"]),
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
