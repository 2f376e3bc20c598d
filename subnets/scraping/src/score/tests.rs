use proptest::prelude::*;

use super::*;
use crate::protocol::{Field, Page, Rows};

fn request(fields: usize, sources: usize) -> ScrapingRequest {
    let field = |number: usize| Field { name: number.to_string(), ..Field::default() };
    ScrapingRequest {
        fields: (0..fields).map(field).collect(),
        sources: vec![Page::default(); sources],
        ..ScrapingRequest::default()
    }
}

fn rows(text: &str) -> Vec<Vec<String>> {
    let cells = |row: &str| row.chars().map(|cell| cell.to_string().replace('.', "")).collect();
    text.split_whitespace().map(cells).collect()
}

fn said(text: &str) -> ScrapingResponse {
    ScrapingResponse { sources: vec![Rows { rows: rows(text), ..Rows::default() }] }
}

fn accuracy(right: &str, answer: &str) -> u32 {
    judge(&request(4, 1), &[rows(right)], &said(answer)).accuracy.get()
}

#[test]
fn the_right_rows_are_worth_everything_and_others_cost() {
    assert_eq!(accuracy("abcd efgh", "abcd efgh"), 1_000_000);
    assert_eq!(accuracy("abcd efgh", "abcd"), 666_666, "one of two is missing");
    assert_eq!(accuracy("abcd efgh", "abcd wxyz efgh"), 800_000, "one is too many");
    assert_eq!(accuracy("abcd efgh", "efgh abcd"), 500_000, "rows stand in their order");
    assert_eq!(accuracy("abcd", "abcx"), 421_875, "the cube of three quarters");
    assert_eq!(accuracy("ab..", "ab.."), 1_000_000, "missing values say nothing");
    assert_eq!(accuracy("abc.", "abcd"), 421_875, "a value that is not there");
    assert_eq!(accuracy("abcd efgh", "abyz efyz"), 0, "half of the columns");
}

#[test]
fn other_forms_are_refused_with_their_reason() {
    let reason =
        |request: &ScrapingRequest, answer: &ScrapingResponse| judge(request, &[rows("abcd")], answer).reason;
    assert_eq!(reason(&request(4, 1), &said("")), Reason::Empty);
    assert_eq!(reason(&request(3, 1), &said("abcd")), Reason::Malformed);
    assert_eq!(reason(&request(4, 2), &said("abcd")), Reason::Malformed);
    let long = |letters: usize| {
        let mut answer = said("abcd");
        answer.sources[0].rows[0][0] = "x".repeat(letters);
        answer
    };
    assert_eq!(reason(&request(4, 1), &long(LONGEST_VALUE + 1)), Reason::Malformed);
    assert_eq!(reason(&request(4, 1), &long(MOST_BYTES + 1)), Reason::Oversize);
    let many = ScrapingResponse {
        sources: vec![Rows { rows: vec![vec![String::new(); 4]; 100_000], ..Rows::default() }],
    };
    assert_eq!(judge(&request(4, 1), &[rows("abcd")], &many).accuracy, Ppm::ZERO);
}

proptest! {
    #[test]
    fn an_answer_with_one_more_right_value_is_never_worth_less(
        right in prop::collection::vec("[a-c]{3}", 1..6), wrong in prop::collection::vec((0usize..6, 0usize..3), 0..8),
    ) {
        let right = rows(&right.join(" "));
        let mut answer = right.clone();
        for (row, cell) in &wrong {
            let row = row % answer.len();
            answer[row][*cell] = "x".into();
        }
        let worth_of = |rows: &Vec<Vec<String>>| {
            let answer = ScrapingResponse { sources: vec![Rows { rows: rows.clone(), ..Rows::default() }] };
            judge(&request(3, 1), std::slice::from_ref(&right), &answer).accuracy
        };
        let mut last = worth_of(&answer);
        for (row, cell) in wrong {
            let row = row % answer.len();
            answer[row][cell].clone_from(&right[row][cell]);
            let now = worth_of(&answer);
            prop_assert!(now >= last);
            last = now;
        }
        prop_assert_eq!(last, Ppm::ONE);
    }

    #[test]
    fn the_best_pairing_is_found(right in prop::collection::vec("[ab]{2}", 0..5), answer in prop::collection::vec("[ab]{2}", 0..5)) {
        fn slowly(right: &[Vec<String>], answer: &[Vec<String>]) -> u64 {
            let ([first, more @ ..], [one, others @ ..]) = (right, answer) else { return 0 };
            (worth(first, one) + slowly(more, others)).max(slowly(more, answer)).max(slowly(right, others))
        }
        let (right, answer) = (rows(&right.join(" ")), rows(&answer.join(" ")));
        prop_assert_eq!(align(&right, &answer), slowly(&right, &answer));
        let paired = pairs((right.len(), answer.len()), |one, other| worth(&right[one], &answer[other]));
        prop_assert_eq!(paired.iter().map(|(.., worth)| worth).sum::<u64>(), align(&right, &answer));
        prop_assert!(paired.iter().all(|(one, other, of)| *of > 0 && *of == worth(&right[*one], &answer[*other])));
        prop_assert!(paired.windows(2).all(|two| two[0].0 < two[1].0 && two[0].1 < two[1].1));
    }
}
