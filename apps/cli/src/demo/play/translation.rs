//! Translation: Apertium with the customer's glossary, Apertium alone, and miners that do not translate.

use super::{Play, Role, LONG};
use crate::demo::promises::{nothing_for, ranking, Promise};
use crate::demo::report::Report;

/// Miners translate texts.
pub const PLAY: Play = Play {
    name: "translation",
    kind: "translation",
    roles: &[
        Role::steady("terms", &["--model", "terms"]),
        Role::steady("apertium", &["--model", "apertium"]),
        Role::steady("lookup", &["--translation-adversary", "lookup"]),
        Role::unsteady("copy", &["--translation-adversary", "copy"]),
    ],
    judging: "",
    judging_beside: "load = 24",
    feed: None,
    collateral: 0,
    stand_back: 3,
    tempo: LONG,
    promises,
};

fn promises(report: &Report) -> Vec<Promise> {
    vec![
        ranking(report, "who follows the customer's glossary earns more", ["terms", "apertium"]),
        ranking(report, "who looks texts up in catalogues earns less", ["apertium", "lookup"]),
        nothing_for(report, "who sends the text back earns nothing", &["copy"]),
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
