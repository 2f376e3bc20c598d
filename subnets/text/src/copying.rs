//! How strongly two open answers suggest that one is a copy of the other.
//!
//! Two independent writers give the same text by chance, the likelier the more obvious it is. The validator's model
//! says how obvious: a text that costs it `c` nats is written by a model like it once in `e^c` times. Miners may be
//! surer than the validator's model, because they sample at a lower temperature or are better, so only part of
//! the cost counts as surprise ([`SURPRISE`]). An answer near the hidden reference is explained by its being right and
//! proves nothing.

use myelin_subnet::evaluation::{Agreement, MicroNats};
use myelin_wire::record::Ppm;

use crate::similarity::edit_similarity;

/// Part of a shared answer's cost that counts as surprise.
pub const SURPRISE: Ppm = Ppm::new(400_000);
/// Answers from this similarity on count as the same.
pub const SAME: Ppm = Ppm::new(800_000);
/// Evidence of a pair that differs: a copier repeats its source in every second task at least, `−ln 2`.
pub const DIFFERENT: MicroNats = MicroNats(-693_147);

/// Evidence of a pair; `cost` gives the cost of a text in the task's context, in millionths of a nat.
pub fn agreement(
    one: &str,
    other: &str,
    reference: &str,
    cost: impl Fn(&str) -> Option<i64>,
) -> Option<Agreement> {
    let (one, other) = (one.trim(), other.trim());
    let near = |text: &str| edit_similarity(text.as_bytes(), reference.trim().as_bytes()) >= SAME;
    if near(one) || near(other) {
        return None;
    }
    let similarity = edit_similarity(one.as_bytes(), other.as_bytes());
    if similarity < SAME {
        return Some(Agreement { evidence: DIFFERENT, matched: false });
    }
    let surprise = cost(one)?.min(cost(other)?);
    // Answers that differ in a fifth count for three fifths of what equal ones do.
    let likeness = i128::from(similarity.get()) * 2 - 1_000_000;
    let evidence = i128::from(surprise) * i128::from(SURPRISE.get()) * likeness / 1_000_000_000_000;
    Some(Agreement { evidence: MicroNats(i64::try_from(evidence).unwrap_or(i64::MAX)), matched: true })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NAT: i64 = 1_000_000;

    fn evidence(one: &str, other: &str, cost: i64) -> Option<Agreement> {
        agreement(one, other, "the hidden reference", |_| Some(cost * NAT))
    }

    #[test]
    fn a_surprising_shared_answer_weighs_more_than_an_obvious_one() {
        let text = "let remaining = budget - spent;";
        let surprising = evidence(text, text, 50).unwrap();
        assert_eq!(surprising, Agreement { evidence: MicroNats(20 * NAT), matched: true });
        assert_eq!(evidence(text, text, 0).unwrap().evidence, MicroNats(0));
        assert!(
            evidence(text, "let remaining = budget - spend;", 50).unwrap().evidence < surprising.evidence
        );
    }

    #[test]
    fn two_right_answers_prove_nothing() {
        assert_eq!(evidence("the hidden reference", "the hidden reference", 90), None);
    }

    #[test]
    fn different_answers_speak_against_copying() {
        let pair = evidence("return Err(Error::Empty);", "self.items.push(item);", 50).unwrap();
        assert_eq!(pair, Agreement { evidence: DIFFERENT, matched: false });
    }

    proptest! {
        #[test]
        fn evidence_is_symmetric(one in "[abc]{0,20}", other in "[abc]{0,20}", a in 0i64..100, b in 0i64..100) {
            let cost = |text: &str| Some(if text == one.trim() { a } else { b } * NAT);
            let forth = agreement(&one, &other, "reference", cost);
            prop_assert_eq!(forth, agreement(&other, &one, "reference", cost));
        }
    }
}
