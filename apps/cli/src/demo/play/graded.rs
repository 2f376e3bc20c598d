//! Graded: text with tasks of every grade, and miners of exactly known quality up to perfection.
//!
//! No model that is shipped can do these tasks. Solvers stand in for better ones: each reads the public phrases, in
//! which the validators of this play ask, and errs in a step as often as it is told to. The n-gram model stands for the
//! shipped ones. A larger one fails as well, and takes time of a processor from the miners of text beside it.

use super::{Play, Role};
use crate::demo::promises::{earners, earns_more, list, nothing_for, Promise};
use crate::demo::report::Report;

/// Solvers by the share of steps in which they are right, the best first.
const SOLVERS: [&str; 4] = ["perfect", "solver-99", "solver-95", "solver-90"];

/// Miners solve tasks with a check.
pub const PLAY: Play = Play {
    name: "graded",
    kind: "text",
    roles: &[
        Role::steady(SOLVERS[0], &["--model", "ngram", "--adversary", "solver"]),
        Role::steady(SOLVERS[1], &["--model", "ngram", "--adversary", "solver", "--right-steps", "99000"]),
        Role::steady(SOLVERS[2], &["--model", "ngram", "--adversary", "solver", "--right-steps", "95000"]),
        Role::steady(SOLVERS[3], &["--model", "ngram", "--adversary", "solver", "--right-steps", "90000"]),
        Role::steady("ngram", &["--model", "ngram"]),
        Role::unsteady("garbage", &["--model", "ngram", "--adversary", "garbage"]),
    ],
    // One batch, so that all miners get as much done and quality alone decides. It has many graded tasks, so that the
    // first rounds tell the solvers apart.
    judging: "public-phrases = true\nverifiable = 8\nload = 300",
    judging_beside: "",
    feed: None,
    collateral: 0,
    tempo: 120,
    promises,
};

fn promises(report: &Report) -> Vec<Promise> {
    vec![order(report), nothing_for(report, "random letters earn nothing", &["garbage"])]
}

/// Fewer errors earn more, up to none at all.
fn order(report: &Report) -> Promise {
    let earned = SOLVERS.map(|role| earners(report, role));
    let ngram = earners(report, "ngram");
    let falls = earned.windows(2).all(|pair| earns_more(&pair[0], &pair[1]));
    let shown: Vec<String> =
        SOLVERS.iter().zip(&earned).map(|(role, earned)| format!("{role} {}", list(earned))).collect();
    Promise {
        promise: "solvers earn in the order of their quality, perfection the most".into(),
        kept: falls && earned.last().is_some_and(|last| earns_more(last, &ngram)),
        found: format!("{}, ngram {} (alpha)", shown.join(", "), list(&ngram)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::promises::tests;

    #[test]
    fn each_promise_fails_alone_when_it_is_broken() {
        let kept = |emissions: &[[u64; 6]]| tests::kept(&PLAY, emissions, &[1000, 300]);
        assert_eq!(kept(&[[100, 60, 20, 10, 1, 0]; 2]), [true, true]);
        assert_eq!(kept(&[[100, 60, 60, 10, 1, 0]; 2]), [false, true]);
        assert_eq!(kept(&[[100, 60, 20, 10, 10, 0]; 2]), [false, true]);
        assert_eq!(kept(&[[100, 60, 20, 10, 1, 1]; 2]), [true, false]);
    }
}
