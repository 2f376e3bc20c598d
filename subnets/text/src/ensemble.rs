//! One answer from several.
//!
//! A text that more than half of the weight sends word for word is the answer; that decides votes on questions with a
//! short answer. Otherwise the answer is the text with the greatest weighted similarity to all others. Texts cannot be
//! averaged, but the text in their middle can be found.

use myelin_subnet::ensemble::middle;

use crate::{protocol::TextResponse, similarity::edit_similarity};

/// The answer of the ensemble; `None` if all answers are empty.
pub fn combine(answers: &[(TextResponse, u64)]) -> Option<TextResponse> {
    if let [(alone, _)] = answers {
        return Some(alone.clone());
    }
    let texts = answers.iter().map(|(answer, weight)| (answer.completion.trim(), *weight));
    let chosen = middle(texts, str::as_bytes, |one, other| edit_similarity(one, other))?;
    // Of texts that differ only in spaces around them, the heaviest one is taken.
    let same = answers.iter().filter(|(answer, _)| answer.completion.trim() == chosen);
    let heaviest = same.max_by_key(|(answer, weight)| (*weight, std::cmp::Reverse(&*answer.completion)))?;
    Some(TextResponse::plain(heaviest.0.completion.clone()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn said(answers: &[(&str, u64)]) -> Option<String> {
        let answers: Vec<_> =
            answers.iter().map(|(text, weight)| (TextResponse::plain(*text), *weight)).collect();
        combine(&answers).map(|answer| answer.completion)
    }

    #[test]
    fn a_majority_by_weight_wins_and_without_one_the_answer_in_the_middle() {
        assert_eq!(said(&[("42", 3), ("41", 2)]).as_deref(), Some("42"));
        assert_eq!(said(&[("41", 2), ("42", 1), (" 42 ", 2)]).as_deref(), Some(" 42 "));
        assert_eq!(
            said(&[("the cat sat", 1), ("the cat sat down", 1), ("zzzzzzzz", 1), ("the cat sits", 1)])
                .as_deref(),
            Some("the cat sat")
        );
        assert_eq!(said(&[("", 5), ("something", 1)]).as_deref(), Some("something"));
        assert_eq!(said(&[("", 5), (" ", 1)]), None);
        assert_eq!(said(&[]), None);
    }

    proptest! {
        #[test]
        fn the_order_of_miners_does_not_matter(
            answers in prop::collection::vec(("[ab ]{0,6}", 1u64..100), 0..6).prop_shuffle(),
        ) {
            let mut sorted = answers.clone();
            sorted.sort();
            let said = |all: &[(String, u64)]| {
                let all: Vec<_> = all.iter().map(|(text, weight)| (TextResponse::plain(text), *weight)).collect();
                combine(&all)
            };
            prop_assert_eq!(said(&answers), said(&sorted));
        }

        #[test]
        fn one_miner_alone_gives_its_answer(text in ".{0,20}", weight in 1u64..100) {
            let answer = TextResponse::plain(text);
            prop_assert_eq!(combine(&[(answer.clone(), weight)]), Some(answer));
        }

        #[test]
        fn a_minority_of_liars_changes_nothing(lies in prop::collection::vec(("[a-z ]{1,30}", 1u64..50), 0..5)) {
            let lying: u64 = lies.iter().map(|(_, weight)| weight).sum();
            let mut answers: Vec<_> =
                lies.into_iter().map(|(text, weight)| (TextResponse::plain(text), weight)).collect();
            answers.insert(answers.len() / 2, (TextResponse::plain("the truth"), lying / 2 + 1));
            answers.push((TextResponse::plain("the truth"), lying / 2 + 1));
            prop_assert_eq!(combine(&answers), Some(TextResponse::plain("the truth")));
        }
    }
}
