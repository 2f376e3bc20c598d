//! Fetching, judged by fetching again: an adversarial site over HTTP, honest miners and cheats.

use std::{
    collections::HashMap,
    path::Path,
    sync::{atomic::Ordering, Arc, Mutex},
    time::{Duration, Instant},
};

use myelin_scraping::{
    backend::{Backend, Reader},
    fetch::{FetchConfig, Fetcher, Limits},
    live::{judge, Live, Seen, Sites},
    protocol::{Rows, ScrapingRequest, ScrapingResponse},
    task::Task,
    wrapper::Care,
    Load, ScrapingConfig, ScrapingSubnet,
};
use myelin_subnet::{
    evaluation::GroupRule,
    evidence::{replay_round, EvidenceFolder},
    testkit::{MemoryChain, NETUID},
    AnswerContext, AnswerError, Subnet, Validator, ValidatorOptions,
};
use myelin_wire::{
    record::{Reason, NO_EXTENSION},
    seed::Seed,
};

use crate::{
    round::{key, miner},
    site::{names, Site, OPEN},
};

/// Time that is far beyond what anything here takes, also on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// A fetcher of this name, which reaches the site alone.
pub fn fetcher(name: &str) -> Fetcher {
    let limits = Limits {
        page_bytes: 1 << 20,
        request: Duration::from_secs(30),
        wait_least: Duration::from_millis(1),
        wait_most: Duration::from_millis(400),
        ..Limits::default()
    };
    let config = FetchConfig {
        agent: format!("{name}/1.0"),
        contact: "https://crawler.test/about".into(),
        reaches: |ip| ip == OPEN,
        names,
        takedown: vec!["gone.test".into()],
        limits,
    };
    Fetcher::new(config).unwrap()
}

pub fn reader(name: &str) -> Reader {
    Reader::new(Care::Much, Some(Arc::new(fetcher(name))))
}

/// A folder with a job whose sources are these.
fn jobs(sources: &[String]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "shop.toml", sources);
    folder
}

fn write(folder: &Path, name: &str, sources: &[String]) {
    let text = format!(
        "sources = {sources:?}\nrow = 'li'\nkey = ['link']\nnext = 'a.next'\npages = 3\nfields = [\n\
         {{ name = 'title', kind = 'text', select = 'a' }},\n{{ name = 'price', kind = 'number', select = 'b' }},\n\
         {{ name = 'year', kind = 'number', select = 'i' }},\n{{ name = 'link', kind = 'link', select = 'a' }}]\n"
    );
    std::fs::write(folder.join(name), text).unwrap();
}

/// Sites of a validator that does not look at them yet.
pub fn unwatched(sources: &[String]) -> Sites {
    let judge = fetcher("Judge");
    let permits = |address: &str| judge.permits(address).map_err(|error| error.to_string());
    Sites::read(jobs(sources).path(), &permits).unwrap()
}

/// Sites at which a validator looks for the second time within `within`.
fn sites(sources: &[String], within: Duration) -> Sites {
    unwatched(sources).watched(Arc::new(fetcher("Judge")), within, None)
}

pub fn context() -> AnswerContext {
    AnswerContext { asker: None, permitted: true, challenge: None, time_left: PATIENCE }
}

pub fn ask(backend: &dyn Backend, request: &ScrapingRequest) -> ScrapingResponse {
    backend.answer(&context(), request).unwrap()
}

/// Waits for the looks at the page of a task.
pub fn settled(sites: &Sites, task: &Task) -> Live {
    let (live, began) = (task.hidden.live.clone().unwrap(), Instant::now());
    loop {
        if let Some(seen) = sites.seen(live.name) {
            return Live { seen, ..live };
        }
        assert!(began.elapsed() < PATIENCE, "the page is not looked at");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The pay of each answer in thousandths; none if it is not judged.
pub fn paid(task: &Task, live: &Live, answers: &[ScrapingResponse]) -> Vec<Option<u32>> {
    let worths = judge(&task.request, live, &answers.iter().collect::<Vec<_>>());
    let paid =
        worths.iter().map(|worth| (worth.reason != Reason::Excused).then(|| worth.accuracy.get() / 1_000));
    paid.collect()
}

fn said(rows: Vec<Vec<String>>) -> ScrapingResponse {
    ScrapingResponse { sources: vec![Rows { rows, ..Rows::default() }] }
}

#[test]
fn cheats_earn_less_than_a_fetcher_on_a_live_page() {
    let site = Site::start();
    let sites = sites(&[site.url("live.test", "/shop/quiet")], Duration::from_millis(60));
    let task = |number: u64| sites.ask(&Seed([number as u8; 32])).unwrap();
    let yesterday = task(1);
    let old = ask(&reader("Replayer"), &yesterday.request);
    assert_eq!(settled(&sites, &yesterday).seen.unwrap().before, None);

    site.edition.store(1, Ordering::SeqCst);
    let today = task(2);
    let fetched = ask(&reader("Honest"), &today.request);
    let rows = &fetched.sources[0].rows;
    assert_eq!(rows[3], ["Book 4", "204.5", "1904", &site.url("live.test", "/book/Book%204")]);
    let change = |value: &dyn Fn(usize, usize) -> Option<String>| -> ScrapingResponse {
        let row = |(at, row): (usize, &Vec<String>)| {
            row.iter().enumerate().map(|(field, old)| value(at, field).unwrap_or(old.clone())).collect()
        };
        said(rows.iter().enumerate().map(row).collect())
    };
    let made_up = change(&|row, field| Some(format!("{}", 7_919 * row + field)));
    let template = change(&|row, field| (field < 2).then(|| format!("{}", row * 31)));
    let padded = said([rows.clone(), made_up.sources[0].rows.clone()].concat());
    let guess = said([&rows[..2], &made_up.sources[0].rows[2..]].concat());
    let answers = vec![
        fetched.clone(),
        ask(&reader("Honester"), &today.request),
        ask(&reader("Honestest"), &today.request),
        old,
        padded,
        made_up,
        template,
        guess,
        said(vec![]),
    ];
    let live = settled(&sites, &today);
    assert!(live.seen.as_ref().unwrap().before.is_some(), "yesterday's rows show what has changed");
    let paid = paid(&today, &live, &answers);
    // The fetchers, the last fetch again, padded, made up, of a template, two known rows and others made up, nothing.
    let wanted = [1_000, 1_000, 1_000, 427, 666, 0, 0, 83, 0].map(Some);
    assert_eq!(paid, wanted);
}

#[test]
fn parts_that_move_count_for_nobody_and_cloaks_stop_the_judging() {
    let site = Site::start();
    let round = |kind: &str, miners: &[&str]| {
        let sites = sites(&[site.url("live.test", &format!("/shop/{kind}"))], Duration::from_millis(60));
        let task = sites.ask(&Seed([7; 32])).unwrap();
        let answers: Vec<ScrapingResponse> =
            miners.iter().map(|name| ask(&reader(name), &task.request)).collect();
        paid(&task, &settled(&sites, &task), &answers)
    };
    assert_eq!(round("moving", &["A", "B", "C"]), [Some(1_000); 3], "a price and a row that nobody can know");
    let cloaked = round("cloaked", &["A", "B", "C", "Cloaked"]);
    assert_eq!(cloaked, [Some(1_000), Some(1_000), Some(1_000), Some(0)], "one miner is lied to, and loses");
    assert_eq!(
        round("owned", &["A", "B", "C", "Owner"]),
        [None; 4],
        "the owner gains nothing by lying to others"
    );
    assert_eq!(round("judged", &["A", "B", "C"]), [None; 3], "the validator is lied to, and judges nobody");
    assert_eq!(round("endless", &["A", "B", "C"]), [Some(1_000); 3], "three pages are read");
}

#[test]
fn hostile_pages_are_left_within_their_limits_and_nobody_is_judged() {
    let site = Site::start();
    let pages = [
        ("slow.test", "/slow/drip"),
        ("large.test", "/slow/endless"),
        ("bomb.test", "/coding/bomb"),
        ("guard.test", "/to/http://inner.test:PORT/"),
        ("inner.test", "/shop/quiet"),
        ("rules.test", "/secret/shop"),
        ("robots-500.test", "/shop/quiet"),
        ("hops.test", "/loop/a"),
        ("none.test", "/status/404"),
        ("plain.test", "/plain"),
    ];
    let began = Instant::now();
    for (host, path) in pages {
        let sites = sites(&[site.url(host, path)], Duration::from_millis(60));
        let task = sites.ask(&Seed([9; 32])).unwrap();
        let answers = vec![said(vec![vec!["x".into(); 4]]); 3];
        let live = settled(&sites, &task);
        assert!(live.seen.as_ref().is_some_and(|seen| seen.second.rows.is_empty()), "{host}{path}: {live:?}");
        assert_eq!(paid(&task, &live, &answers), [None; 3], "{host}{path}");
    }
    assert_eq!(site.leaks(), 0, "no look reaches a private address");
    assert!(began.elapsed() < PATIENCE);
}

#[test]
fn every_host_is_asked_about_as_often_and_taken_down_pages_never() {
    let site = Site::start();
    let many = (0..40).map(|page| site.url("many.test", &format!("/shop/endless/{page}")));
    let few =
        ["one.test", "two.test", "gone.test", "www.gone.test"].map(|host| site.url(host, "/shop/quiet"));
    let sources: Vec<String> = many.chain(few).collect();
    let judge = fetcher("Judge");
    let permits = |address: &str| judge.permits(address).map_err(|error| error.to_string());
    let sites = Sites::read(jobs(&sources).path(), &permits).unwrap();
    assert_eq!((sites.count(), sites.left_out.len()), ((3, 42), 2));
    let mut asked = HashMap::<String, u32>::new();
    for number in 0..3_000 {
        let (task, _) = sites.draw(&Seed([1; 32]).derive(b"", number)).unwrap();
        assert_eq!(task.request.check(), Ok(()));
        let host = task.request.sources[0].address.split(['/', ':']).nth(3).unwrap().to_owned();
        *asked.entry(host).or_default() += 1;
    }
    assert!(asked.values().all(|count| (900..1_100).contains(count)) && asked.len() == 3, "{asked:?}");
}

#[test]
fn wrong_folders_of_jobs_are_named() {
    let wrong = |folder: &Path| Sites::read(folder, &|_| Ok(())).err().unwrap().to_string();
    assert!(wrong(Path::new("/nowhere")).contains("/nowhere"));
    let folder = tempfile::tempdir().unwrap();
    assert!(wrong(folder.path()).contains("0 jobs"));
    write(folder.path(), "a.toml", &["https://shop.test/".into()]);
    write(folder.path(), "b.toml", &["shop.test".into()]);
    let found = wrong(folder.path());
    assert!(found.contains("b.toml") && found.contains("no address of a page"), "{found}");
    let refused = Sites::read(folder.path(), &|_| Err("it is not".into())).err().unwrap().to_string();
    assert!(refused.contains("b.toml"), "{refused}");
}

/// Sends the rows of its first fetch of each page for ever.
struct Replayer(Reader, Mutex<HashMap<String, ScrapingResponse>>);

impl Backend for Replayer {
    fn answer(
        &self,
        context: &AnswerContext,
        request: &ScrapingRequest,
    ) -> Result<ScrapingResponse, AnswerError> {
        let address = request.sources[0].address.clone();
        if let Some(kept) = self.1.lock().unwrap().get(&address) {
            return Ok(kept.clone());
        }
        let fetched = self.0.answer(context, request)?;
        self.1.lock().unwrap().insert(address, fetched.clone());
        Ok(fetched)
    }
}

/// Makes rows up.
struct Fabricator;

impl Backend for Fabricator {
    fn answer(&self, _: &AnswerContext, request: &ScrapingRequest) -> Result<ScrapingResponse, AnswerError> {
        let row =
            |row: usize| (0..request.fields.len()).map(|field| format!("{}", row * 31 + field)).collect();
        Ok(said((0..12).map(row).collect()))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn miners_are_paid_for_fetching_and_an_auditor_judges_again_without_the_web() {
    let site = Site::start();
    let chain = MemoryChain::new(1_800, true);
    chain.ledger().mechanisms = 2;
    chain.register(key("validator").public(), true);
    let blocks = chain.run();
    let replayer = Replayer(reader("Replayer"), Mutex::default());
    let _miners = [
        miner(&chain, "first", Arc::new(reader("First"))).await,
        miner(&chain, "second", Arc::new(reader("Second"))).await,
        miner(&chain, "third", Arc::new(reader("Third"))).await,
        miner(&chain, "replayer", Arc::new(replayer)).await,
        miner(&chain, "fabricator", Arc::new(Fabricator)).await,
        miner(&chain, "cloaked", Arc::new(reader("Cloaked"))).await,
    ];
    let validator = key("validator");
    while !chain.ledger().neurons.iter().all(|peer| peer.hotkey == validator.public() || peer.axon.is_some())
    {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let load = Load { pages: 1, fetch: 1, ..Load::default() };
    let open = |sites| {
        let config = ScrapingConfig { secret: Some([3; 32]), sites, load, ..ScrapingConfig::default() };
        Arc::new(ScrapingSubnet::open(config).unwrap())
    };
    let watched = sites(&[site.url("live.test", "/shop/cloaked")], Duration::from_millis(1_500));
    let subnet = open(Some(Arc::new(watched)));
    let folder = tempfile::tempdir().unwrap();
    let options = ValidatorOptions::new(NETUID, folder.path());
    let validator = Validator::start(subnet.clone(), chain.signed_by(validator.public()), validator, options);
    let validator = validator.await.unwrap();

    // Between the validator's second look for one task and its first one for the next, prices change.
    let looks = || site.pages("live.test").iter().filter(|hit| hit.agent.starts_with("Judge")).count();
    let began = Instant::now();
    while looks() < 2 {
        assert!(began.elapsed() < PATIENCE, "the page is not looked at twice");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    site.edition.store(1, Ordering::SeqCst);
    let mut report = validator.report();
    let later = |rounds: u32| {
        move |report: &myelin_subnet::ValidatorReport| {
            report.standings.iter().any(|standing| standing.mechanism == 1 && standing.rounds >= rounds)
        }
    };
    let judged = report.wait_for(later(2));
    let judged = tokio::time::timeout(PATIENCE, judged).await.unwrap().unwrap().clone();
    validator.shutdown(Duration::from_secs(10)).await;
    blocks.abort();

    let round = judged.last_round.unwrap();
    let score = |name: &str| {
        let hotkey = key(name).public();
        let of = round.evaluated.scores.iter();
        let mut of = of.filter(|score| score.mechanism == 1 && score.miner.hotkey == hotkey);
        of.find_map(|score| score.score).unwrap().get() / 1_000
    };
    let scores = ["first", "second", "third", "replayer", "fabricator", "cloaked"].map(score);
    assert_eq!(scores, [1_000, 1_000, 1_000, 427, 0, 0]);
    assert_eq!(site.leaks(), 0);

    let evidence = EvidenceFolder { path: folder.path().join("evidence"), keep: 1000 };
    let records = evidence.records(round.epoch, round.round).unwrap();
    let fetched = records.iter().filter(|record| record.extension != NO_EXTENSION).count();
    assert_eq!(fetched, 6, "one task for each of six miners");
    let hits = site.all("live.test").len();
    // The auditor has the jobs, and looks at nothing.
    let auditor = open(Some(Arc::new(
        Sites::read(jobs(&[site.url("live.test", "/shop/cloaked")]).path(), &|_| Ok(())).unwrap(),
    )));
    let again = |subnet: &Arc<ScrapingSubnet>| {
        let state = &mut Default::default();
        replay_round(subnet, &evidence, round.epoch, round.round, &GroupRule::default(), state).unwrap()
    };
    assert_eq!(again(&auditor), records);
    assert_eq!(again(&open(None)), records, "nor needs them");
    assert_eq!(site.all("live.test").len(), hits);
}

#[test]
fn looks_that_are_not_known_judge_nobody() {
    let site = Site::start();
    let sites = sites(&[site.url("live.test", "/shop/quiet")], Duration::from_millis(60));
    let (task, _) = sites.draw(&Seed([4; 32])).unwrap();
    let live = settled(&sites, &task);
    assert_eq!(live.seen, None::<Seen>, "a validator that was started again has forgotten them");
    let rows = ask(&reader("Honest"), &task.request);
    assert_eq!(paid(&task, &live, &[rows.clone(), rows.clone(), rows]), [None; 3]);
}
