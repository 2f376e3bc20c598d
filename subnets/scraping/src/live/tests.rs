use proptest::prelude::*;

use super::*;
use crate::protocol::{Field, Page, LONGEST_VALUE};

/// A shop of so many books at a time: each has a title, a price that follows from the time, a year and a link.
fn shop(books: usize, prices: &dyn Fn(usize) -> usize) -> Vec<Vec<String>> {
    let row = |book: usize| {
        let link = format!("https://shop.example/{book}");
        vec![format!("Book {book}"), prices(book).to_string(), (1900 + book).to_string(), link]
    };
    (0..books).map(row).collect()
}

fn request() -> ScrapingRequest {
    let field = |number: usize| Field { name: number.to_string(), ..Field::default() };
    ScrapingRequest {
        fields: (0..4).map(field).collect(),
        sources: vec![Page::default()],
        ..ScrapingRequest::default()
    }
}

fn look(rows: &[Vec<String>]) -> Rows {
    Rows { rows: rows.to_vec(), ..Rows::default() }
}

fn said(rows: &[Vec<String>]) -> ScrapingResponse {
    ScrapingResponse { sources: vec![look(rows)] }
}

fn live(first: &[Vec<String>], second: &[Vec<String>], before: Option<&[Vec<String>]>) -> Live {
    let seen = Seen { first: look(first), second: look(second), before: before.map(look) };
    Live { seen: Some(seen), ..Live::default() }
}

/// The score in millionths of an answer beside three that are right; none if it is not judged.
fn beside(live: &Live, right: &[Vec<String>], answer: &[Vec<String>]) -> Option<u32> {
    let (right, answer) = (said(right), said(answer));
    let worths = judge(&request(), live, &[&right, &right, &right, &answer]);
    assert!(worths[0].reason == Reason::Excused || worths[0].accuracy > Ppm::new(900_000), "{worths:?}");
    (worths[3].reason != Reason::Excused).then_some(worths[3].accuracy.get())
}

const DEAR: &dyn Fn(usize) -> usize = &|book| 10 + book;

#[test]
fn rows_that_do_not_stay_count_in_neither_direction() {
    let rows = shop(20, DEAR);
    let quiet = live(&rows, &rows, None);
    assert_eq!(beside(&quiet, &rows, &rows), Some(1_000_000));
    assert_eq!(beside(&quiet, &rows, &rows[..10]), Some(666_666), "half are missing");

    // The price of every book moves all the time.
    let moving = live(&shop(20, &|book| 10 + book), &shop(20, &|book| 50 + book), None);
    for prices in [10, 30, 99] {
        assert_eq!(beside(&moving, &rows, &shop(20, &|book| prices + book)), Some(1_000_000));
    }

    // Three rows give way to others, which are other ones for each reader.
    let rotated = |first: usize| [&shop(20, DEAR)[..], &shop(900 + first, DEAR)[897 + first..]].concat();
    let turning = live(&rotated(0), &rotated(10), None);
    assert_eq!(beside(&turning, &rows, &rotated(20)), Some(1_000_000), "their own three");
    assert_eq!(beside(&turning, &rows, &rows), Some(1_000_000), "none of them");
    let one = [&rows[..], &rows[..1]].concat();
    assert_eq!(beside(&quiet, &rows, &one), Some(975_609), "a row too many of a page that stays");
    assert!(beside(&turning, &rows, &[rotated(20), rotated(40)].concat()) < Some(700_000), "many more");
}

#[test]
fn nobody_is_judged_by_a_page_that_says_something_else_to_others() {
    let (one, other) = (shop(20, DEAR), shop(20, &|book| 500 + 3 * book));
    let lie: Vec<Vec<String>> = other.iter().map(|row| [&row[..1], &vec!["x".into(); 3]].concat()).collect();
    let page = live(&one, &one, None);
    let judged = |answers: &[&[Vec<String>]]| {
        let answers: Vec<ScrapingResponse> = answers.iter().map(|rows| said(rows)).collect();
        let answers: Vec<&ScrapingResponse> = answers.iter().collect();
        let worths = judge(&request(), &page, &answers);
        worths.iter().filter(|worth| worth.reason == Reason::Scored).count()
    };
    assert_eq!(judged(&[&one, &one]), 0, "two are too few");
    assert_eq!(judged(&[&one, &one, &one]), 3);
    assert_eq!(judged(&[&one, &one, &lie, &lie]), 4, "half agree with the validator");
    assert_eq!(judged(&[&one, &lie, &lie]), 0, "the owner of the page answers, and others were lied to");
    assert_eq!(judged(&[&lie, &lie, &lie]), 0, "the validator was lied to");
    assert_eq!(judged(&[&one, &one, &[]]), 0, "an answer without rows says nothing of the page");
    assert_eq!(judged(&[&one, &one, &one, &[], &[], &[], &[]]), 3);

    // An answer in a wrong form is refused, whatever the page.
    let long = said(&[vec!["x".repeat(LONGEST_VALUE + 1); 4]]);
    let answers = [said(&one), long, ScrapingResponse::default()];
    let reasons: Vec<Reason> = judge(&request(), &page, &answers.iter().collect::<Vec<_>>())
        .iter()
        .map(|worth| worth.reason)
        .collect();
    assert_eq!(reasons, [Reason::Excused, Reason::Malformed, Reason::Excused]);
}

#[test]
fn nobody_is_judged_by_looks_that_failed_or_differ() {
    let (rows, other) = (shop(20, DEAR), shop(40, DEAR)[20..].to_vec());
    let is_judged = |live: &Live| beside(live, &rows, &rows).is_some();
    assert!(is_judged(&live(&rows, &rows, None)));
    assert!(!is_judged(&live(&rows, &other, None)), "another page");
    assert!(!is_judged(&live(&[], &[], None)), "no rows");
    assert!(!is_judged(&Live::default()), "no looks");
    let mut failed = live(&rows, &rows, None);
    failed.seen.as_mut().unwrap().second.problem = Some("robots.txt disallows it".into());
    assert!(!is_judged(&failed));
}

#[test]
fn what_changed_since_the_last_task_is_worth_half() {
    let before = shop(20, DEAR);
    // Two books have other prices, and one is new.
    let now = shop(21, &|book| if book < 2 { 500 } else { 10 + book });
    let page = live(&now, &now, Some(&before));
    assert_eq!(beside(&page, &now, &now), Some(1_000_000));
    let old = beside(&page, &now, &before).unwrap();
    // (18 + 2 · 0.421875) · 2 / 41, half of it, since none of the changed values is right.
    assert_eq!(old, 459_603);
    let half = beside(&page, &now, &now[..20]).unwrap();
    assert!(half > old && half < 1_000_000, "{half}: the new book is missing");
    let quiet = live(&before, &before, Some(&before));
    assert_eq!(
        beside(&quiet, &before, &before),
        Some(1_000_000),
        "a page that did not change pays who kept it"
    );
}

#[test]
fn rows_with_one_key_count_once() {
    let rows = shop(10, DEAR);
    let twice = [&rows[..], &rows[..]].concat();
    let keyed = Live { key: vec![3], ..live(&twice, &twice, None) };
    assert_eq!(beside(&keyed, &rows, &rows), Some(1_000_000));
    assert_eq!(beside(&keyed, &rows, &twice), Some(1_000_000), "as it stands on the pages");
    let guesses = [&shop(10, &|book| 900 + book)[..], &rows[..]].concat();
    assert_eq!(beside(&keyed, &rows, &guesses), Some(1_000_000), "the last one counts");
    let guesses = [&rows[..], &shop(10, &|book| 900 + book)[..]].concat();
    assert_eq!(beside(&keyed, &rows, &guesses), Some(421_875), "so a second guess is no help");
    let keyless = live(&rows, &rows, None);
    assert_eq!(beside(&keyless, &rows, &twice), Some(666_666), "without a key, repeating is padding");
}

#[test]
fn what_leads_to_a_person_is_not_compared() {
    let with = |contact: &str| {
        let mut rows = shop(10, DEAR);
        rows.iter_mut().for_each(|row| row[0] += contact);
        rows
    };
    let page = live(&with(""), &with(""), None);
    assert_eq!(beside(&page, &with(""), &with(" ann@shop.example")), Some(1_000_000));
    let personal = Live { personal: true, ..page };
    assert_eq!(beside(&personal, &with(""), &with(" ann@shop.example")), Some(421_875));
}

/// Shares of the score of a miner that fetches, which cheats earn on a page of 40 books where a tenth of the prices
/// changed since the validator asked last. The README states them.
#[test]
fn cheats_earn_little_of_what_a_fetcher_earns() {
    let before = shop(40, DEAR);
    let now = shop(40, &|book| if book % 10 == 0 { 500 + book } else { 10 + book });
    let page = live(&now, &now, Some(&before));
    let fabricated = shop(140, &|book| book)[100..].to_vec();
    let templates: Vec<Vec<String>> = (0..40)
        .map(|book| vec![format!("Book {book}"), "12".into(), (1950 + book).to_string(), now[0][3].clone()])
        .collect();
    let padded = [&now[..], &fabricated[..]].concat();
    let example = [&now[..4], &fabricated[4..]].concat();
    let earned = |answer: &[Vec<String>]| beside(&page, &now, answer).unwrap() / 1_000;
    let table = [
        ("fetched", earned(&now)),
        ("fetched, one of two rows", earned(&now[..20])),
        ("padded to twice the rows", earned(&padded)),
        ("the last fetch again", earned(&before)),
        ("four known rows, others made up", earned(&example)),
        ("a known row with other values", earned(&templates)),
        ("made up", earned(&fabricated)),
    ];
    let wanted = [1_000, 499, 666, 471, 62, 0, 0];
    assert_eq!(table.map(|(_, earned)| earned), wanted, "{table:?}");
}

/// The longest page and answer that are judged, for as many miners as a subnet has.
#[test]
fn judging_the_longest_answers_takes_seconds() {
    let row = |row: usize| (0..16).map(|field| format!("{:054}", row * 16 + field)).collect::<Vec<String>>();
    let rows: Vec<Vec<String>> = (0..300).map(row).collect();
    let wrong: Vec<Vec<String>> = (1_000..1_300).map(row).collect();
    let page = live(&rows, &rows, Some(&wrong));
    let mut request = request();
    request.fields = (0..16).map(|number| Field { name: number.to_string(), ..Field::default() }).collect();
    let answers = [said(&rows), said(&wrong)];
    let answers: Vec<&ScrapingResponse> = answers.iter().cycle().take(256).collect();
    let began = std::time::Instant::now();
    let worths = judge(&request, &page, &answers);
    assert_eq!(worths[0].accuracy, Ppm::ONE);
    println!("256 answers of 300 rows with 16 values: {:?}", began.elapsed());
    assert!(began.elapsed() < std::time::Duration::from_secs(60));
}

fn any_rows() -> impl Strategy<Value = Vec<Vec<String>>> {
    prop::collection::vec(prop::collection::vec("[ab]{0,1}", 4), 0..8)
}

proptest! {
    #[test]
    fn any_looks_and_answers_are_judged_and_their_order_changes_nothing(
        first in any_rows(), second in any_rows(), before in prop::option::of(any_rows()),
        answers in prop::collection::vec(any_rows(), 0..6), key in prop::collection::vec(0usize..6, 0..2),
    ) {
        let page = Live { key, ..live(&first, &second, before.as_deref()) };
        let answers: Vec<ScrapingResponse> = answers.iter().map(|rows| said(rows)).collect();
        let forth = judge(&request(), &page, &answers.iter().collect::<Vec<_>>());
        let mut back = judge(&request(), &page, &answers.iter().rev().collect::<Vec<_>>());
        back.reverse();
        prop_assert_eq!(&forth, &back);
        prop_assert!(forth.iter().all(|worth| worth.reason == Reason::Scored || worth.accuracy == Ppm::ZERO));
    }

    #[test]
    fn a_value_that_is_corrected_never_costs_anything(
        before in 0usize..20, first in 0usize..20, second in 0usize..20, more in 0usize..4,
        wrong in prop::collection::vec((0usize..12, 1usize..4), 1..20),
    ) {
        let edition = |edition: usize| {
            let rows = shop(12, &|book| if book % 3 == 0 { 100 * edition + book } else { book });
            [rows, shop(200 * edition + 3, DEAR)[200 * edition..].to_vec()].concat()
        };
        let page = live(&edition(first), &edition(second), Some(&edition(before)));
        let right = edition(second);
        let mut answer = [right[..12].to_vec(), edition(99)[12..12 + more.min(3)].to_vec()].concat();
        for (row, value) in &wrong {
            answer[*row][*value] = "x".into();
        }
        let Ok(stable) = Stable::of(&page) else { return Err(TestCaseError::reject("nothing stayed")) };
        let mut last = stable.accuracy(&answer);
        for (row, value) in wrong {
            answer[row][value].clone_from(&right[row][value]);
            let now = stable.accuracy(&answer);
            prop_assert!(now.0 >= last.0 && now.1 >= last.1, "{:?} {:?}", last, now);
            last = now;
        }
        // Of one edition all rows stay, and the answer has not all of them.
        if first != second {
            prop_assert_eq!(last, (Ppm::ONE, Ppm::ONE));
        }
    }

    #[test]
    fn looks_of_any_form_are_judged(
        first in prop::collection::vec(prop::collection::vec("[ab]", 0..6), 0..5),
        second in prop::collection::vec(prop::collection::vec("[ab]", 0..6), 0..5),
        answer in any_rows(),
    ) {
        let page = live(&first, &second, Some(&first));
        let answer = said(&answer);
        let worths = judge(&request(), &page, &[&answer, &answer, &answer]);
        prop_assert_eq!(worths.len(), 3);
    }
}
