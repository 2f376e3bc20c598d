use myelin_wire::seed::Seed;
use proptest::prelude::*;

use super::*;

const CODE: &str = "impl Basket {\n    fn weigh(&self, scale: &Scale) -> Weight {\n        let mut weight = Weight::new();\n        \
                    for fruit in self.fruits() {\n            weight.add(scale.read(fruit));\n        }\n        wei";

fn request(prompt: &str, suffix: Option<&str>) -> TextRequest {
    TextRequest { prompt: prompt.into(), suffix: suffix.map(str::to_owned), ..TextRequest::default() }
}

#[test]
fn the_begun_word_is_finished_and_names_of_the_request_are_used() {
    let answer = CODE_ZERO[0].answer(&request(CODE, Some("\n    }\n}\n")));
    assert!(answer.starts_with("ght"), "{answer}");
    assert!(answer.contains("Weight") || answer.contains("Scale"), "{answer}");
}

#[test]
fn the_begun_word_is_also_finished_as_another_one() {
    let prompt = "let weather = weight + weight + weather(wells);\nlet we";
    let finished = |finish| {
        Recipe { finish, ..Recipe::plain(Body::Nothing, Order::Frequent) }.answer(&request(prompt, None))
    };
    assert_eq!((&*finished(Finish::Frequent), &*finished(Finish::Other)), ("ather", "lls"));
    assert_eq!(finished(Finish::Not), "");
}

#[test]
fn the_zero_line_follows_from_request_and_reference_and_differs_between_references() {
    let line = |reference: u8| zero_line(&request(CODE, None), &reference.to_string());
    assert_eq!(line(1), line(1));
    assert_eq!(line(1).len(), CODE_ZERO.len());
    assert!((2..9).any(|reference| line(reference) != line(1)));
    assert!(line(1).iter().filter(|text| text.trim().is_empty()).count() <= 1, "{:?}", line(1));
}

#[test]
fn choices_lead_to_many_different_answers() {
    let mut rng = Seed([3; 32]).rng();
    let answers: std::collections::BTreeSet<String> = (0..200)
        .map(|_| {
            Recipe::of(&CHOICES.map(|count| rng.index(count).unwrap())).answer(&request(CODE, Some("\n}\n")))
        })
        .collect();
    assert!(answers.len() > 120, "{}", answers.len());
}

proptest! {
    #[test]
    fn any_request_gets_an_answer_of_bounded_length(
        prompt in ".{0,120}",
        suffix in prop::option::of(".{0,40}"),
        choices in prop::array::uniform11(0usize..64),
    ) {
        let answer = Recipe::of(&choices).answer(&request(&prompt, suffix.as_deref()));
        prop_assert!(answer.len() <= LONGEST);
    }
}
