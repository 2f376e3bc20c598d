use std::collections::BTreeSet;

use myelin_subnet::evaluation::{raters::MOST_STRATA, Side};
use proptest::prelude::*;

use super::*;

fn library() -> Library {
    Library::own([5; 32]).unwrap()
}

/// Answers of a round by as many miners, each with its own text.
fn sayings(answers: usize) -> Sayings {
    let mut sayings = Sayings::default();
    for number in 0..answers {
        let request = TextRequest { prompt: format!("let value_{number} = "), ..TextRequest::default() };
        let answer = format!("answer({number});");
        note(&mut sayings, number as u16 % 20, &request, &answer, Ppm::new(1_000 * number as u32));
    }
    sayings.turn();
    sayings
}

fn sides(drawn: &Drawn) -> impl Iterator<Item = &Continued> {
    drawn.compare.iter().flat_map(|comparison| [&comparison.first, &comparison.second])
}

#[test]
fn half_of_the_comparisons_are_gold_and_nothing_is_shown_twice() {
    let drawn = draw(&sayings(KEPT), &library(), &Seed([1; 32])).unwrap();
    assert_eq!((drawn.compare.len(), drawn.items.len()), (COMPARISONS, COMPARISONS));
    let gold = drawn.items.iter().filter(|item| item.truth.is_some()).count();
    assert_eq!(gold, COMPARISONS / 2);
    let texts: BTreeSet<&str> = sides(&drawn).map(|side| &*side.text).collect();
    let continuations: BTreeSet<&str> = sides(&drawn).map(|side| &*side.continuation).collect();
    assert_eq!((texts.len(), continuations.len()), (KEPT, KEPT));
}

#[test]
fn of_gold_the_side_with_its_own_continuation_is_better() {
    let drawn = draw(&sayings(KEPT), &library(), &Seed([2; 32])).unwrap();
    let number = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let is_own = |side: &Continued| number(&side.text) == number(&side.continuation);
    for (comparison, item) in drawn.compare.iter().zip(&drawn.items) {
        let own = (is_own(&comparison.first), is_own(&comparison.second));
        match item.truth {
            Some(Side::First) => assert_eq!(own, (true, false), "{comparison:?}"),
            Some(Side::Second) => assert_eq!(own, (false, true), "{comparison:?}"),
            None => assert_eq!(own, (true, true), "{comparison:?}"),
        }
        assert!(usize::from(item.stratum) < MOST_STRATA);
    }
    let first = drawn.items.iter().filter(|item| item.truth == Some(Side::First)).count();
    assert!((16..=48).contains(&first), "{first} of 64");
}

#[test]
fn without_answers_fresh_references_are_compared() {
    let drawn = draw(&Sayings::default(), &library(), &Seed([3; 32])).unwrap();
    assert_eq!(drawn.compare.len(), COMPARISONS);
    let request = TextRequest { compare: drawn.compare, ..TextRequest::default() };
    assert_eq!(request.check(), Ok(()));
}

#[test]
fn gaps_are_not_compared() {
    let mut sayings = Sayings::default();
    let gap = TextRequest { prompt: "fn f(".into(), suffix: Some(")".into()), ..TextRequest::default() };
    note(&mut sayings, 2, &gap, "x: u8", Ppm::ZERO);
    note(&mut sayings, 2, &TextRequest { suffix: None, ..gap.clone() }, " ", Ppm::ZERO);
    assert!(sayings.is_empty());
    note(&mut sayings, 2, &TextRequest { suffix: None, ..gap }, "x: u8", Ppm::ZERO);
    assert!(!sayings.is_empty());
}

proptest! {
    #[test]
    fn any_prompts_and_answers_can_be_compared(texts in prop::collection::vec((".{0,200}", ".{0,100}"), 1..40)) {
        let mut sayings = Sayings::default();
        for (number, (prompt, answer)) in texts.into_iter().enumerate() {
            let request = TextRequest { prompt, ..TextRequest::default() };
            note(&mut sayings, number as u16, &request, &answer, Ppm::ONE);
        }
        sayings.turn();
        for said in sayings.shuffled(&mut Seed([1; 32]).rng()) {
            prop_assert!(said.shown.text.len() <= TEXT_BYTES);
            prop_assert!(said.shown.continuation.len() <= CONTINUATION_BYTES);
        }
    }
}
