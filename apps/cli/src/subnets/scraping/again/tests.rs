//! Jobs that are repeated, with a clock that the tests set and answers of their own.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;

use serde_json::{json, Value};

use super::*;

const NOW: u64 = 1_800_000_000;
const HOUR: u64 = 3_600;

/// A folder with jobs and their tables, and a clock that the test moves.
struct Scene {
    folder: tempfile::TempDir,
    time: Arc<AtomicU64>,
}

impl Scene {
    fn new() -> Self {
        let scene =
            Self { folder: tempfile::tempdir().expect("a folder"), time: Arc::new(AtomicU64::new(NOW)) };
        std::fs::create_dir(scene.folder.path().join("jobs")).expect("a folder");
        scene
    }

    fn write(&self, name: &str, times: &str) {
        let sources: Vec<String> = (0..6).map(|page| format!("https://{name}.example/{page}")).collect();
        let text = format!(
            "sources = {sources:?}\nrow = 'li'\nkey = ['title']\n{times}\n\
             fields = [{{ name = 'title', kind = 'text', select = 'a' }}]\n"
        );
        std::fs::write(self.folder.path().join(format!("jobs/{name}.toml")), text).expect("written");
    }

    /// A program that starts here.
    fn start(&self) -> Result<Repeated, Failure> {
        let (jobs, tables) = (self.folder.path().join("jobs"), self.folder.path().join("tables"));
        let time = self.time.clone();
        Repeated::open(&jobs, &tables, None, Arc::new(move || time.load(Ordering::Relaxed)))
    }

    fn pass(&self, seconds: u64) {
        self.time.fetch_add(seconds, Ordering::Relaxed);
    }

    fn table(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.path().join("tables").join(name)).unwrap_or_default()
    }
}

/// The rows of so many sources, each with its number and this mark.
fn answer(count: usize, mark: &str) -> Value {
    let sources: Vec<Value> = (0..count).map(|at| json!({ "rows": [[format!("{mark} {at}")]] })).collect();
    json!({ "sources": sources })
}

/// Does a job with rows of this mark, and returns the number of its requests.
fn work(job: &mut dyn Job, mark: &str) -> usize {
    let mut requests = 0;
    // A request has four sources, and a job six.
    while job.next().expect("a request").is_some() {
        requests += 1;
        job.take(&answer(if requests == 1 { 4 } else { 2 }, mark)).expect("taken");
    }
    requests
}

fn finished(job: &mut dyn Job) -> Result<Value, Failure> {
    futures::executor::block_on(job.finish()).map(|shown| shown.json)
}

/// Does the job that is due first, to its end.
fn turn(jobs: &mut Repeated, mark: &str) -> Value {
    assert_eq!(jobs.wait(), Duration::ZERO);
    let mut job = jobs.open().expect("a job");
    work(&mut *job, mark);
    let shown = finished(&mut *job).expect("a table");
    jobs.ended(Ok(())).expect("kept");
    shown
}

#[test]
fn each_job_of_a_folder_runs_when_it_is_due_and_late_ones_run_once() {
    let scene = Scene::new();
    scene.write("often", "every = '1h'");
    scene.write("daily", "every = '1d'");
    let mut jobs = scene.start().expect("two jobs");
    turn(&mut jobs, "a");
    turn(&mut jobs, "a");
    assert_eq!(jobs.wait(), Duration::from_secs(HOUR));
    assert!(scene.table("often.csv").contains("a 3") && scene.table("daily.csv").contains("a 3"));
    scene.pass(HOUR);
    assert_eq!(turn(&mut jobs, "b")["changes"]["new"], 4);
    assert!(scene.table("often.csv").contains("b 3") && scene.table("daily.csv").contains("a 3"));
    // The machine sleeps for a week. Both jobs run once, and keep their phase.
    scene.pass(7 * 24 * HOUR + 600);
    turn(&mut jobs, "c");
    turn(&mut jobs, "c");
    assert_eq!(jobs.wait(), Duration::from_secs(HOUR - 600));
    assert!(scene.table("often.csv").contains("c 3") && scene.table("daily.csv").contains("c 3"));
}

#[test]
fn a_program_that_starts_again_knows_what_is_due_and_what_was_read() {
    let scene = Scene::new();
    scene.write("often", "every = '6h'");
    let mut jobs = scene.start().expect("a job");
    let refused = scene.start().err().expect("a table for two").to_string();
    assert!(refused.contains("another `myelin ask`") && refused.contains("often.csv"), "{refused}");
    turn(&mut jobs, "a");
    drop(jobs);
    let mut jobs = scene.start().expect("a job");
    assert_eq!(jobs.wait(), Duration::from_secs(6 * HOUR), "it is not done again");
    scene.pass(6 * HOUR);
    // The program ends after the first of two requests.
    assert_eq!(jobs.wait(), Duration::ZERO);
    let mut job = jobs.open().expect("a job");
    assert!(job.next().expect("a request").is_some());
    job.take(&answer(4, "b")).expect("taken");
    drop((job, jobs));
    scene.pass(60);
    let mut jobs = scene.start().expect("a job");
    assert_eq!(jobs.wait(), Duration::ZERO);
    let mut job = jobs.open().expect("a job");
    assert!(job.next().expect("a request").is_some());
    job.take(&answer(2, "c")).expect("taken");
    assert!(job.next().expect("no request").is_none(), "what was read is not asked for again");
    let shown = finished(&mut *job).expect("a table");
    assert_eq!(shown["changes"], json!({ "new": 6, "other": 0, "gone": 4, "expired": 0 }));
    jobs.ended(Ok(())).expect("kept");
    assert_eq!(jobs.wait(), Duration::from_secs(6 * HOUR - 60));
    assert_eq!(scene.table("often.csv").lines().count(), 7);
}

#[test]
fn failures_are_tried_again_later_and_later_also_after_a_restart() {
    let scene = Scene::new();
    scene.write("often", "every = '6h'\nmax_age = '2d'");
    let mut jobs = scene.start().expect("a job");
    turn(&mut jobs, "a");
    scene.pass(6 * HOUR);
    for wait in [60, 120, 240] {
        assert_eq!(jobs.wait(), Duration::ZERO);
        let mut job = jobs.open().expect("a job");
        while job.next().expect("a request").is_some() {
            let problem = json!({ "rows": [], "problem": "it answers 503" });
            job.take(&json!({ "sources": vec![problem; 6] })).expect("taken");
        }
        let failure = finished(&mut *job).expect_err("no source");
        assert!(failure.to_string().contains("it answers 503"), "{failure}");
        jobs.ended(Err(failure)).expect("kept");
        assert_eq!(jobs.wait(), Duration::from_secs(wait));
        drop((job, jobs));
        jobs = scene.start().expect("a job");
        assert_eq!(jobs.wait(), Duration::from_secs(wait), "a restart hurries nothing");
        scene.pass(wait);
    }
    let aged = scene.table("often.csv");
    assert_eq!(aged.lines().next(), Some("title,seen,freshness"));
    assert!(aged.contains("a 3,2027-01-15T08:00:00Z,0.8"), "{aged}");
    turn(&mut jobs, "a");
    assert!(scene.table("often.csv").contains("a 3,2027-01-15T14:07:00Z,1"));
    assert_eq!(jobs.wait(), Duration::from_secs(6 * HOUR - 420), "the phase stays");
}

#[test]
fn jobs_that_cannot_be_repeated_are_named_at_the_start() {
    let scene = Scene::new();
    let wrong = || scene.start().err().expect("no jobs").to_string();
    assert!(wrong().contains("no jobs"));
    scene.write("once", "");
    assert!(wrong().contains("once.toml") && wrong().contains("every = \"6h\""), "{}", wrong());
    scene.write("once", "every = '5'");
    assert!(wrong().contains("once.toml") && wrong().contains("`every` is `5`"), "{}", wrong());
    let job = scene.folder.path().join("jobs/once.toml");
    let at = |out: &str, store: Option<String>, path: &Path| {
        let opened = Repeated::open(path, &scene.folder.path().join(out), store, Arc::new(|| NOW));
        opened.err().expect("no jobs").to_string()
    };
    scene.write("once", "every = '5h'");
    assert!(at("once.txt", None, &job).contains("neither in .csv"));
    let folder = scene.folder.path().join("jobs");
    assert!(at("tables", Some("s3://a/b".into()), &folder).contains("--store is for one table"));
}

#[test]
fn times_are_said_in_words() {
    let cases =
        [(0, "0 s"), (59, "59 s"), (60, "1 min"), (61, "1 min 1 s"), (21_599, "5 h 59 min"), (86_401, "1 d")];
    cases.iter().for_each(|(seconds, words)| assert_eq!(in_words(*seconds), *words));
}
