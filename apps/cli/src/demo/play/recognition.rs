//! Image recognition: a miner that sees well, one that sees badly, one that guesses, one that submits a network, and
//! one that copies it.

use myelin_recognition::backend::BUILTIN_NETWORK;

use super::{Play, Role, LONG};
use crate::demo::promises::{earners, list, nothing_for, ranking, Promise};
use crate::demo::report::Report;

/// Options of a miner that submits and so answers no requests.
const ABSENT: &[&str] = &["--recognition-adversary", "absent"];
/// Submits the network that is part of this program.
const SUBMITTER: Role = Role { submits: Some(BUILTIN_NETWORK), ..Role::steady("submitter", ABSENT) };

/// Miners read pages and classify scenes.
pub const PLAY: Play = Play {
    name: "recognition",
    kind: "recognition",
    roles: &[
        Role::steady("tesseract", &[]),
        Role::steady("short-sighted", &["--recognition-adversary", "short-sighted"]),
        Role::unsteady("garbage", &["--recognition-adversary", "garbage"]),
        SUBMITTER,
        // Submits the same network after its publication.
        Role { submits: SUBMITTER.submits, late: true, ..Role::unsteady("copier", ABSENT) },
    ],
    judging: "",
    judging_beside: "load = 30",
    feed: None,
    collateral: 0,
    stand_back: 3,
    tempo: LONG,
    promises,
};

fn promises(report: &Report) -> Vec<Promise> {
    let submitted = earners(report, "submitter");
    vec![
        ranking(report, "who sees more earns more", ["tesseract", "short-sighted"]),
        Promise {
            promise: "who submits a network is paid for it".into(),
            kept: submitted.iter().any(|earned| *earned > 0),
            found: format!("{} (alpha)", list(&submitted)),
        },
        nothing_for(report, "guesses and copies earn nothing", &["garbage", "copier"]),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::promises::tests;

    #[test]
    fn each_promise_can_be_kept_and_broken() {
        let kept = |emissions: &[u64]| tests::kept(&PLAY, &[emissions], &[]);
        assert_eq!(kept(&[9, 5, 0, 7, 0]), [true, true, true]);
        assert_eq!(kept(&[4, 5, 0, 7, 0]), [false, true, true]);
        assert_eq!(kept(&[9, 5, 0, 0, 0]), [true, false, true]);
        assert_eq!(kept(&[9, 5, 1, 7, 0]), [true, true, false]);
        assert_eq!(kept(&[9, 5, 0, 7, 2]), [true, true, false]);
    }
}
