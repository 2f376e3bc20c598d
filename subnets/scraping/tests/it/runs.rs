//! Runs of a job one after the other, against the adversarial site over HTTP, by a clock that the tests set.

use std::{path::Path, sync::atomic::Ordering};

use myelin_scraping::{
    backend::Backend,
    job::Job,
    runs::{beside, Changes, Run},
};

use crate::{
    live::{ask, context, fetcher, paid, reader, settled, unwatched},
    site::Site,
};

const NOW: u64 = 1_800_000_000;
const HOUR: u64 = 3_600;

/// A job with these sources, and further lines.
fn job(sources: &[String], more: &str) -> String {
    format!(
        "sources = {sources:?}\nrow = 'li'\n{more}\nfields = [\n\
         {{ name = 'title', kind = 'text', select = 'a' }},\n{{ name = 'price', kind = 'number', select = 'b' }}]\n"
    )
}

/// Asks for all sources that are not read yet. Returns the lines that are kept.
fn read(job: &mut Job, now: u64) -> String {
    let reader = reader("Miner");
    let mut lines = String::new();
    while let Some((request, places)) = job.next_request() {
        let answer = reader.answer(&context(), &request).unwrap();
        lines += &job.take(&places, &answer, now);
    }
    lines
}

/// A whole run by a program that knows only what lies on the disk. Returns the changes, and the numbers of rows and of
/// old ones; nothing if there is no table to write.
fn run(text: &str, out: &Path, now: u64) -> Option<(Option<Changes>, (usize, usize))> {
    let mut job = Job::open(text, Path::new(".")).unwrap();
    read(&mut job, now);
    let run = Run::of(&job, out, now);
    if !run.has_table() {
        return None;
    }
    run.write().unwrap();
    assert!(run.keep().unwrap());
    assert_eq!(run.not_compared, None);
    Some((run.changes(), run.count()))
}

/// The lines of the list of changes.
fn listed(out: &Path) -> Vec<serde_json::Value> {
    let text = std::fs::read_to_string(beside(out, "changes.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn changes(new: usize, other: usize, gone: usize, expired: usize) -> Option<Changes> {
    Some(Changes { new, other, gone, expired })
}

#[test]
fn changes_are_listed_by_the_key_and_without_one_by_whole_rows() {
    let site = Site::start();
    let folder = tempfile::tempdir().unwrap();
    let sources = [site.url("shop.test", "/shop/turnover")];
    let (keyed, whole) = (folder.path().join("keyed.parquet"), folder.path().join("whole.csv"));
    let (by_key, by_row) = (job(&sources, "key = ['title']"), job(&sources, ""));
    for (text, out) in [(&by_key, &keyed), (&by_row, &whole)] {
        assert_eq!(run(text, out, NOW), Some((None, (12, 0))));
        assert!(!beside(out, "changes.jsonl").exists(), "there is nothing to compare with");
        assert_eq!(run(text, out, NOW + HOUR), Some((changes(0, 0, 0, 0), (12, 0))));
        assert_eq!(listed(out).len(), 1);
    }
    site.edition.store(1, Ordering::SeqCst);
    // The first book is sold, another has come, and three have other prices.
    assert_eq!(run(&by_key, &keyed, NOW + 2 * HOUR), Some((changes(1, 3, 1, 0), (12, 0))));
    assert_eq!(run(&by_row, &whole, NOW + 2 * HOUR), Some((changes(4, 0, 4, 0), (12, 0))));
    let list = listed(&keyed);
    let head = serde_json::json!({
        "from": "2027-01-15T09:00:00Z", "to": "2027-01-15T10:00:00Z",
        "new": 1, "other": 3, "gone": 1, "expired": 0, "left_out": 0,
    });
    assert_eq!((list.len(), &list[0]), (6, &head));
    let changed = |title: &str, before: &str, now: &str| {
        serde_json::json!({
            "change": "other", "source": sources[0],
            "before": { "title": title, "price": before }, "now": { "title": title, "price": now },
        })
    };
    assert!(list.contains(&changed("Book 12", "112.5", "212.5")), "{list:?}");
    let sold = serde_json::json!({
        "change": "gone", "source": sources[0], "before": { "title": "Book 1", "price": "1.5" },
    });
    assert!(list.contains(&sold), "{list:?}");
}

#[test]
fn rows_of_a_source_that_vanished_age_expire_and_come_back() {
    let site = Site::start();
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("books.csv");
    let sources = [site.url("one.test", "/shop/quiet"), site.url("two.test", "/shop/quiet/1")];
    let text = job(&sources, "key = ['title']\nevery = '6h'\nmax_age = '1d'");
    let at = |hours: u64| run(&text, &out, NOW + hours * HOUR);
    let line = |title: &str| {
        let table = std::fs::read_to_string(&out).unwrap();
        table.lines().find(|line| line.starts_with(title)).map(str::to_owned)
    };
    assert_eq!(at(0), Some((None, (24, 0))));
    assert_eq!(line("title").unwrap(), "title,price,seen,freshness");
    assert_eq!(line("Book 13").unwrap(), "Book 13,13.5,2027-01-15T08:00:00Z,1");

    site.vanished.lock().unwrap().push("two.test");
    assert_eq!(at(6), Some((changes(0, 0, 0, 0), (24, 12))), "its rows stay");
    assert_eq!(line("Book 1,").unwrap(), "Book 1,1.5,2027-01-15T14:00:00Z,1");
    assert_eq!(line("Book 13").unwrap(), "Book 13,13.5,2027-01-15T08:00:00Z,0.75");
    assert_eq!(at(12), Some((changes(0, 0, 0, 0), (24, 12))));
    assert_eq!(line("Book 13").unwrap(), "Book 13,13.5,2027-01-15T08:00:00Z,0.5");
    assert_eq!(at(23).unwrap().1, (24, 12));
    assert!(line("Book 13").unwrap().ends_with("Z,0.041"));
    assert_eq!(at(24), Some((changes(0, 0, 0, 12), (12, 0))), "they expire, and are not said to be gone");
    assert_eq!(line("Book 13"), None);
    assert_eq!(listed(&out)[1]["change"], "expired");

    site.vanished.lock().unwrap().clear();
    assert_eq!(at(30), Some((changes(12, 0, 0, 0), (24, 0))));

    // Where no source can be read any more, the table does not stay as fresh as it was.
    site.vanished.lock().unwrap().extend(["one.test", "two.test"]);
    assert_eq!(at(42), Some((changes(0, 0, 0, 0), (24, 24))));
    assert!(line("Book 1,").unwrap().ends_with("Z,0.5"));
    assert_eq!(listed(&out)[0]["new"], 12, "the list of the last run that read something stays");
    assert_eq!(at(54), Some((changes(0, 0, 0, 24), (0, 0))));
    assert_eq!(std::fs::read_to_string(&out).unwrap(), "title,price,seen,freshness\n");

    // Without the rule, rows of such sources leave at once, and a job without rows writes nothing.
    let plain = job(&sources, "key = ['title']");
    let other = folder.path().join("plain.csv");
    assert_eq!(run(&plain, &other, NOW), None);
    site.vanished.lock().unwrap().retain(|host| *host == "two.test");
    assert_eq!(run(&plain, &other, NOW), Some((None, (12, 0))));
    site.vanished.lock().unwrap().clear();
    assert_eq!(run(&plain, &other, NOW), Some((changes(12, 0, 0, 0), (24, 0))));
    site.vanished.lock().unwrap().push("two.test");
    assert_eq!(run(&plain, &other, NOW), Some((changes(0, 0, 0, 12), (12, 0))));
}

#[test]
fn a_page_that_is_read_in_part_keeps_its_other_rows_for_a_while() {
    let site = Site::start();
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("books.csv");
    let sources = [site.url("one.test", "/shop/endless/0")];
    let text = |pages: u32| {
        job(&sources, &format!("key = ['title']\nnext = 'a.next'\npages = {pages}\nmax_age = '1d'"))
    };
    assert_eq!(run(&text(2), &out, NOW), Some((None, (24, 0))));
    // The second page is forbidden from now on.
    let mut job = Job::open(&text(2), Path::new(".")).unwrap();
    let (request, places) = job.next_request().unwrap();
    let mut answer = reader("Miner").answer(&context(), &request).unwrap();
    answer.sources[0].rows.truncate(12);
    answer.sources[0].problem = Some("robots.txt forbids it".into());
    job.take(&places, &answer, NOW + 6 * HOUR);
    let part = Run::of(&job, &out, NOW + 6 * HOUR);
    assert_eq!((part.changes(), part.count()), (changes(0, 0, 0, 0), (24, 12)));
    let late = Run::of(&job, &out, NOW + 24 * HOUR);
    assert_eq!((late.changes(), late.count()), (changes(0, 0, 0, 12), (12, 0)));
    // A page that is read whole has no other rows.
    assert_eq!(run(&text(1), &out, NOW + 6 * HOUR), Some((changes(0, 0, 12, 0), (12, 0))));
}

#[test]
fn a_run_that_is_cut_off_goes_on_and_is_compared_with_the_last_whole_one() {
    let site = Site::start();
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("books.csv");
    let sources: Vec<String> =
        (0..6).map(|page| site.url("one.test", &format!("/shop/endless/{page}"))).collect();
    let text = job(&sources, "key = ['title']\nevery = '6h'");
    assert_eq!(run(&text, &out, NOW), Some((None, (72, 0))));
    site.edition.store(1, Ordering::SeqCst);
    // A request has four sources. The program ends after the first one.
    let later = NOW + 6 * HOUR;
    let mut first = Job::open(&text, Path::new(".")).unwrap();
    let (request, places) = first.next_request().unwrap();
    let kept = first.take(&places, &reader("Miner").answer(&context(), &request).unwrap(), later);
    let kept = format!("{}\n{kept}", first.name());
    let asked = site.pages("one.test").len();
    let mut second = Job::open(&text, Path::new(".")).unwrap();
    assert_eq!(second.resume(&kept, later + 60).unwrap(), 4);
    read(&mut second, later + 60);
    assert_eq!(site.pages("one.test").len(), asked + 2, "what was read is not read again");
    let both = Run::of(&second, &out, later + 60);
    assert_eq!((both.changes(), both.count()), (changes(0, 18, 0, 0), (72, 0)));
    both.write().unwrap();
    // It ends before it has kept its rows: the next run sees the changes again.
    drop(both);
    assert_eq!(run(&text, &out, later + 120), Some((changes(0, 18, 0, 0), (72, 0))));
    assert_eq!(run(&text, &out, later + 180), Some((changes(0, 0, 0, 0), (72, 0))));
}

#[test]
fn a_validator_that_starts_again_still_sees_what_has_changed() {
    let site = Site::start();
    let folder = tempfile::tempdir().unwrap();
    let sources = [site.url("live.test", "/shop/quiet")];
    let started = || {
        let within = std::time::Duration::from_millis(60);
        unwatched(&sources).watched(std::sync::Arc::new(fetcher("Judge")), within, Some(folder.path()))
    };
    let task = |sites: &myelin_scraping::live::Sites, number: u8| {
        sites.ask(&myelin_wire::seed::Seed([number; 32])).unwrap()
    };
    let first = started();
    let yesterday = task(&first, 1);
    let old = ask(&reader("Replayer"), &yesterday.request);
    assert_eq!(settled(&first, &yesterday).seen.unwrap().before, None);
    drop(first);
    site.edition.store(1, Ordering::SeqCst);
    let again = started();
    let today = task(&again, 2);
    let fetched = ask(&reader("Honest"), &today.request);
    let live = settled(&again, &today);
    let answers = [fetched.clone(), fetched.clone(), fetched, old];
    assert_eq!(paid(&today, &live, &answers), [Some(1_000), Some(1_000), Some(1_000), Some(427)]);
}
