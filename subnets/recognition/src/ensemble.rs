//! One answer from several: probabilities are averaged, fields are voted on, and of texts the one most like the others
//! is taken.

use std::{cmp::Reverse, collections::BTreeMap};

use myelin_subnet::ensemble::middle;
use myelin_wire::record::Ppm;

use crate::{
    metrics::{edit_distance, normalised},
    protocol::{RecognitionRequest, RecognitionResponse, Wanted, MAX_TEXT},
};

/// Letters of each text that are compared; different pages differ within them.
const COMPARED: usize = 1024;

/// The answer of the ensemble; `None` if no answer is usable.
pub fn combine(
    request: &RecognitionRequest,
    answers: &[(RecognitionResponse, u64)],
) -> Option<RecognitionResponse> {
    if let [(alone, _)] = answers {
        return Some(alone.clone());
    }
    match request.wanted {
        Wanted::Classify => classify(request, answers),
        Wanted::Read => read(request, answers),
    }
}

/// The weighted mean of all probabilities that are complete and add up.
fn classify(
    request: &RecognitionRequest,
    answers: &[(RecognitionResponse, u64)],
) -> Option<RecognitionResponse> {
    let sizes: Vec<usize> = request.groups.iter().map(|group| group.classes.len()).collect();
    let useful: Vec<_> =
        answers.iter().filter(|(answer, _)| answer.has_probabilities(request.images.len(), &sizes)).collect();
    let all: u128 = useful.iter().map(|(_, weight)| u128::from(*weight)).sum();
    if all == 0 {
        return None;
    }
    let mean = |picture: usize, group: usize| -> Vec<u32> {
        let sum = |class: usize| -> u128 {
            let of = |(answer, weight): &&(RecognitionResponse, u64)| {
                u128::from(answer.probabilities[picture][group][class]) * u128::from(*weight)
            };
            useful.iter().map(of).sum()
        };
        (0..sizes[group]).map(|class| (sum(class) / all) as u32).collect()
    };
    let probabilities = (0..request.images.len())
        .map(|picture| (0..sizes.len()).map(|group| mean(picture, group)).collect())
        .collect();
    Some(RecognitionResponse { probabilities, ..RecognitionResponse::default() })
}

/// The text that is most like all others, and for each field the value with the most weight behind it.
fn read(request: &RecognitionRequest, answers: &[(RecognitionResponse, u64)]) -> Option<RecognitionResponse> {
    let useful: Vec<_> = answers.iter().filter(|(answer, _)| answer.size() <= MAX_TEXT).collect();
    let texts = useful.iter().map(|(answer, weight)| (answer.text.as_str(), *weight));
    let text = middle(texts, letters, |one, other| alike(one, other));
    let values = (0..request.fields.len()).map(|field| {
        let value = |(answer, weight): &&'_ (RecognitionResponse, u64)| {
            answer.values.get(field).map(|value| (value.clone(), *weight))
        };
        vote(useful.iter().filter_map(value)).unwrap_or_default()
    });
    let values: Vec<String> = values.collect();
    let nothing = text.is_none() && values.iter().all(String::is_empty);
    (!nothing).then(|| RecognitionResponse {
        text: text.unwrap_or_default().to_owned(),
        values,
        ..RecognitionResponse::default()
    })
}

/// The value with the most weight behind it; empty values have no vote. Values that compare as equal vote together.
fn vote(values: impl Iterator<Item = (String, u64)>) -> Option<String> {
    let mut camps = BTreeMap::<Vec<char>, (u128, Vec<(u64, Reverse<String>)>)>::new();
    for (value, weight) in values.filter(|(value, _)| !value.trim().is_empty()) {
        let camp = camps.entry(normalised(&value)).or_default();
        camp.0 += u128::from(weight);
        camp.1.push((weight, Reverse(value)));
    }
    let (_, (_, camp)) =
        camps.into_iter().max_by_key(|(value, (weight, _))| (*weight, Reverse(value.clone())))?;
    camp.into_iter().max().map(|(_, value)| value.0)
}

/// The letters of a text that are compared.
fn letters(text: &str) -> Vec<char> {
    let mut letters = normalised(text);
    letters.truncate(COMPARED);
    letters
}

fn alike(one: &[char], other: &[char]) -> Ppm {
    let longer = one.len().max(other.len());
    Ppm::ratio((longer - edit_distance(one, other).min(longer)) as u64, longer.max(1) as u64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::protocol::Group;

    fn reading() -> RecognitionRequest {
        RecognitionRequest { images: vec![String::new()], fields: vec!["total".into()], ..Default::default() }
    }

    fn classifying() -> RecognitionRequest {
        let group = Group { name: "side".into(), classes: vec!["left".into(), "right".into()] };
        RecognitionRequest {
            wanted: Wanted::Classify,
            images: vec![String::new()],
            groups: vec![group],
            ..Default::default()
        }
    }

    fn page(text: &str, value: &str) -> RecognitionResponse {
        RecognitionResponse { text: text.into(), values: vec![value.into()], ..Default::default() }
    }

    fn scene(left: u32) -> RecognitionResponse {
        RecognitionResponse { probabilities: vec![vec![vec![left, 1_000_000 - left]]], ..Default::default() }
    }

    #[test]
    fn probabilities_are_averaged_by_weight_and_what_is_none_is_left_out() {
        let broken = RecognitionResponse { probabilities: vec![vec![vec![7, 7]]], ..Default::default() };
        let answers = [(scene(800_000), 3), (scene(400_000), 1), (broken.clone(), 9)];
        assert_eq!(combine(&classifying(), &answers), Some(scene(700_000)));
        assert_eq!(combine(&classifying(), &[(broken.clone(), 9), (broken, 1)]), None);
    }

    #[test]
    fn fields_are_voted_on_and_texts_met_in_the_middle() {
        let answers = [
            (page("TOTAL 9.00", "9.00"), 2),
            (page("TOTAL 8.00", "8.00"), 3),
            (page("TOTAL 9.0O", " 9.00 "), 2),
        ];
        let chosen = combine(&reading(), &answers).expect("an answer");
        assert_eq!((chosen.text.as_str(), chosen.values[0].trim()), ("TOTAL 9.00", "9.00"));
        assert_eq!(combine(&reading(), &[(page("", ""), 1), (page(" ", ""), 1)]), None);
        assert_eq!(combine(&reading(), &[]), None);
    }

    proptest! {
        #[test]
        fn the_order_of_miners_does_not_matter(
            answers in prop::collection::vec(("[ab]{0,4}", "[12]{0,2}", 1u64..9), 0..6).prop_shuffle(),
        ) {
            let said = |all: &[(String, String, u64)]| {
                let all: Vec<_> = all.iter().map(|(text, value, weight)| (page(text, value), *weight)).collect();
                combine(&reading(), &all)
            };
            let mut sorted = answers.clone();
            sorted.sort();
            if answers.len() > 1 {
                prop_assert_eq!(said(&answers), said(&sorted));
            }
        }

        #[test]
        fn one_miner_alone_gives_its_answer(text in ".{0,9}", value in ".{0,9}", left in 0u32..=1_000_000) {
            let read = page(&text, &value);
            prop_assert_eq!(combine(&reading(), &[(read.clone(), 3)]), Some(read));
            prop_assert_eq!(combine(&classifying(), &[(scene(left), 3)]), Some(scene(left)));
        }

        #[test]
        fn a_minority_of_liars_changes_nothing(
            lies in prop::collection::vec(("[a-z]{0,9}", "[0-9]{0,4}", 0u32..=1_000_000, 1u64..9), 0..5),
        ) {
            let lying: u64 = lies.iter().map(|lie| lie.3).sum();
            let mut read: Vec<_> = lies.iter().map(|lie| (page(&lie.0, &lie.1), lie.3)).collect();
            let mut seen: Vec<_> = lies.iter().map(|lie| (scene(lie.2), lie.3)).collect();
            for _ in 0..2 {
                read.push((page("the truth", "42"), lying / 2 + 1));
                seen.push((scene(1_000_000), lying / 2 + 1));
            }
            prop_assert_eq!(combine(&reading(), &read), Some(page("the truth", "42")));
            let mean = combine(&classifying(), &seen).expect("an answer");
            prop_assert!(mean.probabilities[0][0][0] >= mean.probabilities[0][0][1]);
            prop_assert!(mean.has_probabilities(1, &[2]));
        }
    }
}
