//! Runs without the web: what miners, damaged files and large tables do to them.

use super::*;
use crate::protocol::{Rows, ScrapingResponse};

const NOW: u64 = 1_800_000_000;
const DAY: u64 = 86_400;

/// A job with these lines.
fn open(lines: &str) -> Job {
    let text = format!(
        "row = 'li'\nmax_age = '2d'\n{lines}\nfields = [\n\
         {{ name = 'title', kind = 'text', select = 'a' }},\n{{ name = 'price', kind = 'number', select = 'b' }}]\n"
    );
    Job::open(&text, Path::new(".")).unwrap()
}

fn said(rows: &[[&str; 2]]) -> Rows {
    let rows = rows.iter().map(|row| row.map(String::from).to_vec()).collect();
    Rows { rows, ..Rows::default() }
}

fn failed() -> Rows {
    Rows { problem: Some("it answers 503".into()), ..Rows::default() }
}

/// Answers requests for sources by these rows, in turn.
fn answered(mut job: Job, answers: &[Rows], now: u64) -> Job {
    let mut answers = answers.iter();
    while let Some((_, places)) = job.next_request() {
        let sources = answers.by_ref().take(places.len()).cloned().collect();
        job.take(&places, &ScrapingResponse { sources }, now);
    }
    job
}

fn titles(seen: &Seen, job: &Job) -> Vec<(String, bool)> {
    seen.table(job.key()).map(|(_, row)| (row.values[0].clone(), row.old)).collect()
}

#[test]
fn a_row_that_was_read_counts_more_than_an_old_one_of_another_source() {
    let text = "key = ['title']\nsources = ['https://a.example/1', 'https://a.example/2']";
    let first = answered(open(text), &[said(&[["A", "1"]]), said(&[["B", "2"], ["C", "3"]])], NOW);
    let before = Seen::of_run(&first, None, NOW);
    // The second source fails, and the first one now has a row of it, with another price.
    let second = answered(open(text), &[said(&[["A", "1"], ["B", "5"]]), failed()], NOW + DAY);
    let seen = Seen::of_run(&second, Some(&before), NOW + DAY);
    let rows: Vec<&Row> = seen.table(second.key()).map(|(_, row)| row).collect();
    assert_eq!(rows[1].values, ["B", "5"]);
    assert_eq!(titles(&seen, &second), [("A".into(), false), ("B".into(), false), ("C".into(), true)]);
    let (changes, list) = compare(&second, &before, &seen);
    assert_eq!(changes, Changes { other: 1, ..Changes::default() });
    assert!(
        list.contains(r#"{"change":"other","source":"https://a.example/1","before":{"price":"2""#),
        "{list}"
    );
}

#[test]
fn pages_of_a_sitemap_that_cannot_be_read_stay_and_those_that_it_drops_go() {
    let text = "sitemaps = ['https://a.example/map.xml']\nwithout = ['https://a.example/private']";
    let map = |pages: &[&str]| {
        let rows =
            pages.iter().map(|page| vec![format!("https://a.example/{page}"), String::new()]).collect();
        Rows { rows, ..Rows::default() }
    };
    let job = answered(open(text), &[map(&["1", "2"]), said(&[["A", "1"]]), said(&[["B", "2"]])], NOW);
    let mut before = Seen::of_run(&job, None, NOW);
    for (address, title) in [("https://b.example/3", "C"), ("https://a.example/private/4", "D")] {
        let row = Row { seen: NOW, old: false, values: vec![title.into(), "3".into()] };
        before.sources.push(Source { source: address.into(), rows: vec![row] });
    }
    let unread = answered(open(text), &[failed()], NOW + DAY);
    let seen = Seen::of_run(&unread, Some(&before), NOW + DAY);
    let both = [("A".to_owned(), true), ("B".to_owned(), true)];
    assert_eq!(
        titles(&seen, &unread),
        both,
        "rows of other hosts and of pages that are left out do not stay"
    );
    assert_eq!(compare(&unread, &before, &seen).0, Changes { gone: 2, ..Changes::default() });
    let late = Seen::of_run(&unread, Some(&before), NOW + 2 * DAY);
    assert_eq!(compare(&unread, &before, &late).0, Changes { gone: 2, expired: 2, ..Changes::default() });
    let shorter = answered(open(text), &[map(&["1"]), said(&[["A", "1"]])], NOW + DAY);
    let seen = Seen::of_run(&shorter, Some(&before), NOW + DAY);
    assert_eq!(titles(&seen, &shorter), [("A".into(), false)]);
    assert_eq!(compare(&shorter, &before, &seen).0, Changes { gone: 3, ..Changes::default() });
}

#[test]
fn a_list_of_changes_has_an_end() {
    let text = "sources = ['https://a.example/1']";
    let long = "x".repeat(4_000);
    let titles: Vec<String> = (0..5_000).map(|number| format!("{long} {number}")).collect();
    let rows: Vec<[&str; 2]> = titles.iter().map(|title| [title.as_str(), "1"]).collect();
    let before = Seen::of_run(&answered(open(text), &[said(&[["A", "1"]])], NOW), None, NOW);
    let job = answered(open(text), &[said(&rows)], NOW);
    let (changes, list) = compare(&job, &before, &Seen::of_run(&job, None, NOW));
    assert_eq!(changes, Changes { new: 5_000, gone: 1, ..Changes::default() });
    let head: serde_json::Value = serde_json::from_str(list.lines().next().unwrap()).unwrap();
    let listed = list.lines().count() as u64 - 1;
    assert_eq!(head["left_out"], 5_001 - listed);
    assert!(list.len() < MOST_CHANGES + 1_000 && listed > 4_000, "{listed} rows, {} bytes", list.len());
}

#[test]
fn rows_of_another_form_or_of_a_damaged_file_are_not_compared() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("a.parquet");
    let text = "sources = ['https://a.example/1']";
    let job = || answered(open(text), &[said(&[["A", "1"]])], NOW);
    assert!(Run::of(&job(), &out, NOW).keep().unwrap());
    let kept = std::fs::read_to_string(beside(&out, "seen")).unwrap();
    let compared = |text: &str| {
        std::fs::write(beside(&out, "seen"), text).unwrap();
        let job = job();
        let run = Run::of(&job, &out, NOW);
        assert_eq!(run.changes().is_some(), run.not_compared.is_none());
        assert_eq!(run.count(), (1, 0), "the run itself is none the worse");
        run.not_compared.unwrap_or_default()
    };
    assert_eq!(compared(&kept), "");
    assert!(compared("").contains("another form"));
    assert!(compared(&kept.replacen("scraping ", "scraping 0", 1)).contains("another form"));
    for damaged in [&kept[..kept.len() - 9], &kept.replace("\"1\"", "\"one\""), &kept.replace("\"A\",", "")] {
        assert!(compared(damaged).contains("a line is damaged"), "{damaged}");
    }
    // A clock that was wrong makes no row outlive its age.
    let later = kept.replace(&NOW.to_string(), &u64::MAX.to_string());
    std::fs::write(beside(&out, "seen"), later).unwrap();
    let unread = answered(open(text), &[failed()], NOW);
    let run = Run::of(&unread, &out, NOW);
    assert_eq!((run.count(), run.seen.sources[0].rows[0].seen), ((1, 1), NOW));
}
