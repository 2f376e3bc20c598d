use proptest::prelude::*;

use super::*;

/// The agreement of a text that does not end with its line.
fn part(answer: &str, reference: &str, zero: usize) -> Option<Ppm> {
    agreement(first_words(answer, reference, false), compared(reference, false), zero)
}

#[test]
fn the_rubric_has_a_golden_text() {
    assert_eq!(
        rubric().unwrap().text(),
        "myelin/rubric/1 text 7\nshare agreement 1\nfactor speed 900000\nfactor declared 0\n"
    );
}

#[test]
fn words_are_runs_of_letters_and_single_marks() {
    let found: Vec<&str> = words(" _total_1+= größe(x);\n").collect();
    assert_eq!(found, ["_total_1", "+=", "größe", "(", "x", ")", ";"]);
}

#[test]
fn the_reference_itself_is_perfect_and_other_text_is_worth_nothing() {
    let reference = "let total = prices.iter().sum();";
    assert_eq!(part(reference, reference, 0), Some(Ppm::ONE));
    assert_eq!(part(reference, reference, 3), Some(Ppm::ONE));
    assert_eq!(part("return total;", reference, 0), Some(Ppm::ZERO));
    assert_eq!(part("", reference, 0), Some(Ppm::ZERO));
}

#[test]
fn what_no_string_reaches_is_paid_by_the_word() {
    let reference = "a b c d e f g h i j";
    assert_eq!(part("a b c d x f g h", reference, 0), Some(Ppm::new(500_000)));
    assert_eq!(part("a b c d x", reference, 2), Some(Ppm::ratio(2, 6)));
    assert_eq!(part("a b", reference, 2), Some(Ppm::ZERO), "a string gives as much");
    assert_eq!(part("a b c", "a b", 2), None, "a string gives all of it");
}

#[test]
fn the_end_of_a_line_is_a_word_and_what_follows_it_is_none() {
    let right = |answer: &str| first_words(answer, "len() + 1;", true);
    assert_eq!((compared("len() + 1;", true), compared("len() + 1;", false)), (7, 6));
    assert_eq!((right("len() + 1;"), right("len() + 1;\nlet x = 3;")), (7, 7));
    assert_eq!((right("len() + 1; // more"), right("len()"), right("len() + 2;")), (6, 3, 4));
}

proptest! {
    #[test]
    fn white_space_between_words_and_text_behind_the_first_difference_change_nothing(
        same in prop::collection::vec("[a-z]{1,4}|[(){};.]", 0..10), other in ".{0,40}", zero in 0usize..4,
    ) {
        let reference = format!("{} end of the text", same.join(" "));
        let begun = format!("{}  §", same.join("\n\t"));
        prop_assert_eq!(first_words(&begun, &reference, false), same.len().min(WORDS));
        let longer = format!("{begun} {other}");
        prop_assert_eq!(part(&begun, &reference, zero), part(&longer, &reference, zero));
    }

    #[test]
    fn parts_of_any_text_are_parts(answer in ".{0,80}", reference in ".{0,80}", zero in 0usize..12) {
        prop_assert!(part(&answer, &reference, zero).is_none_or(|part| part <= Ppm::ONE));
        prop_assert!(first_words(&answer, &reference, true) <= compared(&reference, true));
        prop_assert!(words(&answer).all(|word| !word.is_empty() && word.trim() == word));
    }
}
