//! Images: the built-in model, the same model with errors, and miners whose pictures have little to do with the description.

use super::{Play, Role, LONG};
use crate::demo::promises::{nothing_for, ranking, Promise};
use crate::demo::report::Report;

/// Miners paint pictures from descriptions.
pub const PLAY: Play = Play {
    name: "imaging",
    kind: "imaging",
    roles: &[
        Role::steady("flow", &[]),
        Role::steady("careless", &["--imaging-adversary", "careless"]),
        Role::unsteady("fixed", &["--imaging-adversary", "fixed"]),
        Role::unsteady("noise", &["--imaging-adversary", "noise"]),
    ],
    judging: "",
    judging_beside: "",
    feed: false,
    stand_back: 3,
    tempo: LONG,
    promises,
};

fn promises(report: &Report) -> Vec<Promise> {
    vec![
        ranking(report, "who paints what is described earns more", ["flow", "careless"]),
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
        assert_eq!(kept(&[9, 5, 0, 0]), [true, true]);
        assert_eq!(kept(&[5, 5, 0, 0]), [false, true]);
        assert_eq!(kept(&[9, 5, 1, 0]), [true, false]);
        assert_eq!(kept(&[9, 5, 0, 1]), [true, false]);
    }
}
