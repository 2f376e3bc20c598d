//! Images: the built-in model, the same model with errors, and miners whose pictures have little to do with the
//! description; on the second mechanism networks that restore damaged pictures, and filters that everybody has.

use super::{Play, Role, LONG};
use crate::demo::promises::{nothing_for, ranking, Promise};
use crate::demo::report::Report;

/// Options of a miner that does not restore, and of one that does not paint.
const NO_RESTORER: [&str; 2] = ["--restorer", "nothing"];
const NO_PAINTER: [&str; 2] = ["--imaging-adversary", "absent"];

/// Miners paint pictures from descriptions, and restore damaged ones.
pub const PLAY: Play = Play {
    name: "imaging",
    kind: "imaging",
    roles: &[
        Role::steady("flow", &NO_RESTORER),
        Role::steady("careless", &["--imaging-adversary", "careless", NO_RESTORER[0], NO_RESTORER[1]]),
        Role::unsteady("fixed", &["--imaging-adversary", "fixed", NO_RESTORER[0], NO_RESTORER[1]]),
        Role::unsteady("noise", &["--imaging-adversary", "noise", NO_RESTORER[0], NO_RESTORER[1]]),
        Role { second: true, ..Role::steady("networks", &NO_PAINTER) },
        Role {
            second: true,
            ..Role::unsteady("filters", &[NO_PAINTER[0], NO_PAINTER[1], "--restorer", "filters"])
        },
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
        ranking(report, "who paints what is described earns more", ["flow", "careless"]),
        ranking(report, "who restores more than filters do earns more", ["networks", "filters"]),
        nothing_for(report, "one picture for all descriptions and noise earn nothing", &["fixed", "noise"]),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::promises::tests;

    #[test]
    fn each_promise_can_be_kept_and_broken() {
        let kept = |emissions: &[u64]| tests::kept(&PLAY, &[emissions], &[]);
        assert_eq!(kept(&[9, 5, 0, 0, 6, 1]), [true, true, true]);
        assert_eq!(kept(&[5, 5, 0, 0, 6, 1]), [false, true, true]);
        assert_eq!(kept(&[9, 5, 0, 0, 1, 1]), [true, false, true]);
        assert_eq!(kept(&[9, 5, 1, 0, 6, 1]), [true, true, false]);
        assert_eq!(kept(&[9, 5, 0, 1, 6, 1]), [true, true, false]);
    }
}
