//! How strongly two open answers suggest that one is a copy of the other.
//!
//! Two independent writers give the same text by chance, the likelier the more obvious it is. The validator's model
//! says how obvious: a text that costs it `c` nats is written by a model like it once in `e^c` times. Miners may be
//! surer than the validator's model, because they sample at a lower temperature or are better, so only part of
//! the cost counts as surprise ([`SURPRISE`]). An answer near the hidden reference is explained by its being right and
//! proves nothing.

use myelin_subnet::evaluation::{Agreement, MicroNats};
use myelin_wire::record::Ppm;

use crate::similarity::Pattern;

/// Part of a shared answer's cost that counts as surprise.
pub const SURPRISE: Ppm = Ppm::new(400_000);
/// Answers from this similarity on count as the same.
pub const SAME: Ppm = Ppm::new(800_000);
/// Evidence of a pair that differs: a copier repeats its source in every second task at least, `−ln 2`.
pub const DIFFERENT: MicroNats = MicroNats(-693_147);

/// Evidence of every two texts; `cost` gives the cost of a text in the task's context, in millionths of a nat.
pub fn agreements(
    texts: &[&str],
    reference: &str,
    cost: impl Fn(&str) -> Option<i64>,
) -> Vec<(usize, usize, Agreement)> {
    let reference = Pattern::of(reference.trim().as_bytes());
    let trimmed = texts.iter().map(|text| text.trim()).enumerate();
    let far: Vec<(usize, &str)> =
        trimmed.filter(|(_, text)| reference.alike(text.as_bytes(), SAME).is_none()).collect();
    let mut pairs = Vec::new();
    for (place, (at, one)) in far.iter().enumerate() {
        let pattern = Pattern::of(one.as_bytes());
        for (to, other) in far.iter().skip(place + 1) {
            let agreement = match pattern.alike(other.as_bytes(), SAME) {
                None => Some(Agreement { evidence: DIFFERENT, matched: false }),
                Some(likeness) => shared(likeness, cost(one), cost(other)),
            };
            pairs.extend(agreement.map(|agreement| (*at, *to, agreement)));
        }
    }
    pairs
}

/// Evidence of two texts that count as the same.
fn shared(similarity: Ppm, one: Option<i64>, other: Option<i64>) -> Option<Agreement> {
    let surprise = one?.min(other?);
    // Answers that differ in a fifth count for three fifths of what equal ones do.
    let likeness = i128::from(similarity.get()) * 2 - 1_000_000;
    let evidence = i128::from(surprise) * i128::from(SURPRISE.get()) * likeness / 1_000_000_000_000;
    Some(Agreement { evidence: MicroNats(i64::try_from(evidence).unwrap_or(i64::MAX)), matched: true })
}

#[cfg(test)]
mod tests {
    use myelin_subnet::evaluation::every_two;
    use proptest::prelude::*;

    use super::*;
    use crate::similarity::edit_similarity;

    const NAT: i64 = 1_000_000;

    fn evidence(one: &str, other: &str, cost: i64) -> Option<Agreement> {
        let pairs = agreements(&[one, other], "the hidden reference", |_| Some(cost * NAT));
        pairs.first().map(|(_, _, agreement)| *agreement)
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
        fn evidence_is_what_the_formula_says_in_any_order(
            texts in prop::collection::vec("[abc]{0,12}", 2..6),
            reference in "[abc]{0,12}",
        ) {
            let cost = |text: &str| Some(text.len() as i64 * NAT);
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let alike = |one: &str, other: &str| edit_similarity(one.as_bytes(), other.as_bytes());
            let near = |text: &str| alike(text, &reference) >= SAME;
            let expected = every_two(&texts, |one, other| {
                let same = alike(one, other);
                match near(one) || near(other) {
                    true => None,
                    false if same < SAME => Some(Agreement { evidence: DIFFERENT, matched: false }),
                    false => shared(same, cost(one), cost(other)),
                }
            });
            prop_assert_eq!(agreements(&texts, &reference, cost), expected.clone());
            let back: Vec<&str> = texts.iter().rev().copied().collect();
            let last = texts.len() - 1;
            let mut back: Vec<_> = agreements(&back, &reference, cost)
                .into_iter()
                .map(|(one, other, agreement)| (last - other, last - one, agreement))
                .collect();
            back.sort_by_key(|(one, other, _)| (*one, *other));
            prop_assert_eq!(back, expected);
        }
    }
}
