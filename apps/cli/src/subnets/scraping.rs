//! Set-up of the scraping subnet: what reads pages, and a person's jobs.

mod again;
mod store;

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, Command, ValueEnum};
use futures::future::LocalBoxFuture;
use myelin_lm::openai::EndpointConfig;
use myelin_scraping::adversary::{Again, Strings};
use myelin_scraping::backend::{Backend, Reader, Web};
use myelin_scraping::endpoint::EndpointBackend;
use myelin_scraping::fetch::{system_names, FetchConfig, Fetcher, Limits};
use myelin_scraping::job::Job as Rows;
use myelin_scraping::live::sites::{Sites, WITHIN};
use myelin_scraping::protocol::{ScrapingRequest, ScrapingResponse};
use myelin_scraping::runs::{Changes, Run};
use myelin_scraping::wrapper::Care;
use myelin_scraping::{past, table, Load, ScrapingConfig, ScrapingSubnet};
use myelin_subnet::reach::is_public;
use myelin_subnet::testkit::{Finding, Together};
use myelin_subnet::Subnet;
use myelin_wire::seed::Seed;

use self::again::{Repeated, Turn};
use self::store::Store;
use super::progress::Progress;
use super::{AskSetup, Inquiry, Job, Jobs, Kind, MinerSetup, Opened, Purpose, Shown, ValidatorSetup};
use crate::output::{fail, plain, tell, Failure};
use crate::service::status::unix_time;

/// Pages and their rows.
pub struct Scraping;

/// The secret of composed sites where `--public-texts` is given.
const PUBLIC: [u8; 32] = [0; 32];
/// The kind of tasks that comes nearest to people's requests.
const LIKE: &str = "pages";
/// Built-in readers, the best first.
const BUILT_IN: [&str; 2] = ["wrapper", "places"];
/// Folder for the rows that a validator saw last, in that of its data.
const LOOKS: &str = "looks";
/// Problems that are printed at the end.
const SHOWN: usize = 10;

/// Options of miners that fetch pages.
#[derive(Args)]
struct Fetching {
    /// Scraping: fetch pages for customers, with this web or mail address in the user agent, at which owners of sites
    /// reach you. Without it, only pages that come with a request are read.
    #[arg(long, value_name = "ADDRESS")]
    contact: Option<String>,
    /// Scraping: a host (`example.org`) or a part of one (`example.org/people/`) that is never fetched. Several:
    /// several times.
    #[arg(long, value_name = "SITE", requires = "contact")]
    never_fetch: Vec<String>,
    /// Scraping: also fetch pages at addresses of private networks, such as a test server on this machine. Customers
    /// then read what this machine can read.
    #[arg(long, requires = "contact")]
    fetch_private: bool,
    /// Misbehave in this way; for tests and the demo.
    #[arg(long, hide = true)]
    scraping_adversary: Option<Adversary>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Adversary {
    /// Sends the rows of the example.
    Again,
    /// Cuts the strings of a page into rows.
    Strings,
}

impl Fetching {
    fn web(&self) -> Result<Option<Arc<dyn Web>>, Failure> {
        let Some(contact) = &self.contact else { return Ok(None) };
        Ok(Some(Arc::new(fetcher(contact, &self.never_fetch, self.fetch_private)?)))
    }
}

/// A polite fetcher that says who it is.
fn fetcher(contact: &str, never: &[String], private: bool) -> Result<Fetcher, Failure> {
    let everywhere: fn(IpAddr) -> bool = |_| true;
    let config = FetchConfig {
        agent: format!("Myelin/{}", env!("CARGO_PKG_VERSION")),
        contact: contact.to_owned(),
        reaches: if private { everywhere } else { is_public },
        names: system_names,
        takedown: never.to_vec(),
        limits: Limits::default(),
    };
    Fetcher::new(config).map_err(|error| Failure::new(error.to_string()))
}

/// Options of validators that judge fetching.
#[derive(Args)]
struct Judging {
    /// Scraping: also pay for fetching, on mechanism 1. Miners fetch sources of the jobs (*.toml) in this folder, and
    /// this validator fetches them again; see subnets/scraping/README.md.
    #[arg(long, value_name = "FOLDER", requires = "contact")]
    jobs: Option<PathBuf>,
    /// Scraping: fetch the pages of --jobs with this web or mail address in the user agent, at which owners of sites
    /// reach you.
    #[arg(long, value_name = "ADDRESS")]
    contact: Option<String>,
    /// Scraping: a host (`example.org`) or a part of one (`example.org/people/`) that is never fetched and about which
    /// no miner is asked. Several: several times.
    #[arg(long, value_name = "SITE")]
    never_fetch: Vec<String>,
    /// Scraping: also fetch pages at addresses of private networks, such as a test server on this machine.
    #[arg(long)]
    fetch_private: bool,
    /// Scraping: fetch pages for the second time within so many seconds, and not before a third of them.
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = WITHIN.as_secs(),
        value_parser = clap::value_parser!(u64).range(3..=3_600)
    )]
    again_within: u64,
}

impl Judging {
    /// Reads the jobs. A validator that judges also begins to look at pages, and keeps in its folder what it saw last.
    fn sites(&self, live: bool, data: Option<&Path>) -> Result<Option<Arc<Sites>>, Failure> {
        let (Some(folder), Some(contact)) = (&self.jobs, &self.contact) else { return Ok(None) };
        let fetcher = fetcher(contact, &self.never_fetch, self.fetch_private)?;
        let permits = |address: &str| fetcher.permits(address).map_err(|error| error.to_string());
        let sites = Sites::read(folder, &permits)?;
        if !live {
            return Ok(Some(Arc::new(sites)));
        }
        for left_out in sites.left_out.iter().take(SHOWN) {
            tell!("left out: {}", plain(left_out));
        }
        let (hosts, sources) = sites.count();
        tell!("miners fetch {sources} sources of {hosts} hosts");
        let within = Duration::from_secs(self.again_within);
        let folder = data.map(|data| data.join(LOOKS));
        Ok(Some(Arc::new(sites.watched(Arc::new(fetcher), within, folder.as_deref()))))
    }
}

impl Kind for Scraping {
    fn name(&self) -> &'static str {
        "scraping"
    }

    fn about(&self) -> &'static str {
        "Rows of a declared form are read from pages of the web"
    }

    fn miner_options(&self, command: Command) -> Command {
        Fetching::augment_args(command)
    }

    fn miner(&self, setup: &MinerSetup<'_>) -> Result<(Opened, String), Failure> {
        let options = setup.own::<Fetching>()?;
        let web = options.web()?;
        let (backend, name): (Arc<dyn Backend>, &str) =
            match (setup.model.server(), options.scraping_adversary) {
                (Some((url, model)), _) => {
                    let mut config = EndpointConfig::new(url, model);
                    config.key.clone_from(&setup.model.backend_key);
                    (Arc::new(EndpointBackend::new(config, web)?), model)
                }
                (_, Some(Adversary::Again)) => (Arc::new(Again), "again"),
                (_, Some(Adversary::Strings)) => (Arc::new(Strings), "strings"),
                (None, None) => match setup.built_in(&BUILT_IN)? {
                    "places" => (Arc::new(Reader::new(Care::Little, web)), "places"),
                    _ => (Arc::new(Reader::new(Care::Much, web)), "wrapper"),
                },
            };
        let config = ScrapingConfig { backend: Some(backend), ..ScrapingConfig::default() };
        Ok((myelin_kinds::scraping::opened(ScrapingSubnet::open(config)?), name.to_owned()))
    }

    fn validator_options(&self, command: Command) -> Command {
        Judging::augment_args(command)
    }

    fn validator(&self, setup: &ValidatorSetup<'_>) -> Result<Opened, Failure> {
        let sites = setup.own::<Judging>()?.sites(setup.purpose == Purpose::Judge, setup.data)?;
        let past = setup.controls.past(setup.secret, past::read)?;
        let load = Load { control: setup.controls.count(), ..Load::default() };
        let secret = Some(setup.secret.unwrap_or(PUBLIC));
        let config = ScrapingConfig { secret, past, sites, load, ..ScrapingConfig::default() };
        Ok(myelin_kinds::scraping::opened(ScrapingSubnet::open(config)?))
    }

    fn ask_options(&self, command: Command) -> Command {
        Table::augment_args(command)
    }

    fn ask(&self, _: &AskSetup<'_>) -> Result<Inquiry, Failure> {
        fail("a job is asked of this kind: name its file as the last word, and the file for its rows with --out")
    }

    fn job(&self, setup: &AskSetup<'_>) -> Result<Option<Box<dyn Job>>, Failure> {
        let (Some(path), Some(out)) = (setup.words.map(Path::new), setup.out) else { return Ok(None) };
        let store = stored(setup.own::<Table>()?.store.as_deref())?;
        if path.is_dir() {
            return fail(format!("{} is a folder of jobs; --repeat does all of them", path.display()));
        }
        Ok(Some(Box::new(JobFile::open(path, out, store, Arc::new(unix_time), true)?)))
    }

    fn jobs(&self, setup: &AskSetup<'_>) -> Result<Option<Box<dyn Jobs>>, Failure> {
        let Table { store, repeat } = setup.own()?;
        let (Some(path), Some(out), true) = (setup.words.map(Path::new), setup.out, repeat) else {
            return Ok(None);
        };
        // Wrong settings are told before anything is asked.
        stored(store.as_deref())?;
        Ok(Some(Box::new(Repeated::open(path, out, store, Arc::new(unix_time))?)))
    }

    fn test(&self, seed: &Seed, tell: &mut dyn FnMut(&Finding)) -> Result<Vec<Finding>, Failure> {
        Ok(myelin_kinds::scraping::test(seed, tell)?)
    }

    fn together(&self, seed: &Seed) -> Result<Vec<Together>, Failure> {
        Ok(myelin_kinds::scraping::combined(seed)?)
    }
}

/// A request, and how its answer is shown.
fn inquiry(request: ScrapingRequest) -> Result<Inquiry, Failure> {
    request.check()?;
    let mut load = Load::default();
    // Pages that come along are read at once; a site is asked for others one after the other.
    if request.sources.iter().any(|source| source.html.is_none()) {
        load.deadline = load.fetching;
    }
    let subnet = ScrapingSubnet::open(ScrapingConfig { load, ..ScrapingConfig::default() })?;
    Inquiry::new(subnet, request, LIKE, |answer: &ScrapingResponse| {
        let count: usize = answer.sources.iter().map(|source| source.rows.len()).sum();
        Ok(Shown { text: format!("{count} rows"), json: serde_json::to_value(answer).unwrap_or_default() })
    })
}

/// Where a table goes, and how often.
#[derive(Args)]
struct Table {
    /// Scraping: also put the table to this place of an S3-compatible store. Its keys are in AWS_ACCESS_KEY_ID and
    /// AWS_SECRET_ACCESS_KEY, its region in AWS_REGION, and its server, if it is not Amazon's, in AWS_ENDPOINT_URL.
    #[arg(long, value_name = "s3://BUCKET/KEY", requires = "out")]
    store: Option<String>,
    /// Scraping: go on until Ctrl-C, and do the job whenever the time is over that it names (every = "6h"). With a
    /// folder of jobs (*.toml), --out is a folder too, for a CSV file of each.
    #[arg(long, requires = "out")]
    repeat: bool,
}

/// The store of a table, if one is named.
fn stored(address: Option<&str>) -> Result<Option<Store>, Failure> {
    address.map(Store::of_environment).transpose()
}

/// Seconds of Unix time.
type Clock = Arc<dyn Fn() -> u64>;

/// A job that is read in several requests.
struct JobFile {
    job: Rows,
    out: PathBuf,
    store: Option<Store>,
    progress: Progress,
    asked: Vec<usize>,
    clock: Clock,
    /// The time of the next run, if this one is to set it.
    turn: Option<Turn>,
}

fn ending(out: &Path) -> String {
    format!("{} ends neither in .csv nor in .parquet; name such a file with --out", out.display())
}

impl JobFile {
    /// A job and its table. One that is done every now and then takes its turn if it is `alone`, and not one of several
    /// that are repeated.
    fn open(
        path: &Path,
        out: &Path,
        store: Option<Store>,
        clock: Clock,
        alone: bool,
    ) -> Result<Self, Failure> {
        if !table::is_known(out) {
            return fail(ending(out));
        }
        let mut job = Rows::read(path)?;
        let turn = job.every.filter(|_| alone).map(|every| Turn::take(out, every)).transpose()?;
        let progress = Progress::beside(out);
        if let Some(kept) = progress.read()? {
            let count = job.resume(&kept, clock()).map_err(|error| progress.wrong(error))?;
            tell!("{count} sources were read before");
        }
        for left_out in &job.left_out {
            tell!("left out: {}", plain(left_out));
        }
        let (wanted, done) = job.count();
        tell!("{} sources to read", wanted - done);
        Ok(Self { job, out: out.into(), store, progress, asked: Vec::new(), clock, turn })
    }
}

impl Job for JobFile {
    fn next(&mut self) -> Result<Option<Inquiry>, Failure> {
        let Some((request, places)) = self.job.next_request() else { return Ok(None) };
        self.asked = places;
        inquiry(request).map(Some)
    }

    fn take(&mut self, answer: &serde_json::Value) -> Result<String, Failure> {
        let response: ScrapingResponse = serde_json::from_value(answer.clone())
            .map_err(|error| Failure::new(format!("the answer has another form: {error}")))?;
        let lines = self.job.take(&self.asked, &response, (self.clock)());
        self.progress.add(&self.job.name(), &lines)?;
        let (wanted, done) = self.job.count();
        Ok(format!("{done} of {wanted} sources"))
    }

    fn finish(&mut self) -> LocalBoxFuture<'_, Result<Shown, Failure>> {
        Box::pin(self.write())
    }
}

impl JobFile {
    async fn write(&mut self) -> Result<Shown, Failure> {
        let now = (self.clock)();
        let run = Run::of(&self.job, &self.out, now);
        let why = plain(self.job.problems().next().map_or("the pages have none", |(_, why)| why));
        if !run.has_table() {
            // All sources were asked, so the next run of the job reads all of them again.
            self.progress.remove()?;
            return fail(format!("no rows: {why}"));
        }
        run.write()?;
        let put = match &self.store {
            Some(store) => Some(store.put(&self.out).await?),
            None => None,
        };
        let kept = run.keep()?;
        self.progress.remove()?;
        let (rows, old) = run.count();
        if run.has_read_nothing() {
            let out = self.out.display();
            return fail(format!("no source could be read: {why}; {out} keeps {rows} old rows"));
        }
        let text = self.text(&run, kept, put.as_deref());
        let problems = self.job.problems();
        let problems: Vec<_> =
            problems.map(|(source, why)| serde_json::json!({ "source": source, "why": why })).collect();
        let pages: Vec<_> = self.job.fetched().collect();
        let json = serde_json::json!({
            "rows": rows, "old": old, "pages": pages, "changes": run.changes(), "problems": problems,
        });
        if let Some(turn) = &mut self.turn {
            turn.ended(true, now)?;
        }
        Ok(Shown { text, json })
    }

    /// A run in words.
    fn text(&self, run: &Run<'_>, kept: bool, put: Option<&str>) -> String {
        let ((rows, old), (wanted, done)) = (run.count(), self.job.count());
        let fetched = self.job.fetched().count();
        let mut text = format!("{}: {rows} rows of {done} of {wanted} sources", self.out.display());
        text += &format!(", {fetched} pages were fetched");
        if old > 0 {
            text += &format!("\n{old} of the rows are old, because their sources could not be read");
        }
        if let Some(changes) = run.changes() {
            let Changes { new, other, gone, expired } = changes;
            text += &format!("\n{new} rows are new, {other} other, {gone} gone");
            if expired > 0 {
                text += &format!(", {expired} expired");
            }
            text += &format!(" since the run before, as {} says", run.changes_file().display());
        }
        if let Some(why) = &run.not_compared {
            text += &format!("\nnot compared with the run before: {}", plain(why));
        }
        if !kept {
            text += "\nthese are too many rows to compare the next run with";
        }
        text.extend(put.map(|put| format!("\n{put}")));
        let problems: Vec<(&str, &str)> = self.job.problems().collect();
        for (_, why) in problems.iter().take(SHOWN) {
            text += &format!("\nnot all was read: {}", plain(why));
        }
        if problems.len() > SHOWN {
            text += &format!("\nand {} more", problems.len() - SHOWN);
        }
        text
    }
}
