//! A customer's job: pages to read, the columns of their rows, and the file that holds them.
//!
//! A job is read in several requests and goes on after a failure. [`runs`](crate::runs) compares it with the run
//! before.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use myelin_wire::hash::{blake2_256, to_hex};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::{
    due::span,
    personal,
    protocol::{
        Example, Fetched, Field, Page, RequestError, Rows, ScrapingRequest, ScrapingResponse,
        LONGEST_ADDRESS, MOST_BYTES, MOST_PAGES,
    },
    runs, table,
    value::Kind,
};

/// Most sources of one request.
const AT_ONCE: usize = 4;
/// Most jobs of a folder.
const MOST_JOBS: usize = 1_000;
/// Most sources of a job.
const MOST_SOURCES: usize = 10_000;
/// Most sitemaps of a job, those that an index of sitemaps names included.
const MOST_SITEMAPS: usize = 100;
/// Longest file of a job itself in bytes.
const MOST_JOB: u64 = 4 << 20;
/// Most bytes of a job's own files.
const MOST_FILE: u64 = 16 << 20;

/// A job as it stands in its file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    fields: Vec<Field>,
    row: Option<String>,
    next: Option<String>,
    #[serde(default = "one")]
    pages: u16,
    #[serde(default)]
    examples: Vec<ToldExample>,
    #[serde(default)]
    sources: Vec<ToldSource>,
    /// Addresses of sitemaps or indexes of sitemaps, whose pages are sources too.
    #[serde(default)]
    sitemaps: Vec<String>,
    /// Fields that name a row. Of rows with the same ones the last counts.
    #[serde(default)]
    key: Vec<String>,
    /// Addresses that are left out, with everything behind them.
    #[serde(default)]
    without: Vec<String>,
    /// Whether e-mail addresses and telephone numbers are kept.
    #[serde(default)]
    personal: bool,
    /// Time from one run to the next, such as `6h`.
    every: Option<String>,
    /// Age up to which rows of sources that cannot be read stay in the table.
    max_age: Option<String>,
}

fn one() -> u16 {
    1
}

/// An example: the file of a page, its address, and the CSV file of its rows.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ToldExample {
    address: String,
    file: String,
    rows: String,
}

/// A source: an address, or an address and the file of its page.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum ToldSource {
    Address(String),
    File { address: String, file: String },
}

/// A job under way.
#[derive(Debug)]
pub struct Job {
    form: ScrapingRequest,
    key: Vec<usize>,
    /// Whether e-mail addresses and telephone numbers are kept.
    pub personal: bool,
    /// The pages to read, and sitemaps.
    sources: Vec<Page>,
    /// The places of sitemaps among the sources, and whether they may be an index of others.
    sitemaps: BTreeMap<usize, bool>,
    /// Every address among the sources.
    known: BTreeSet<String>,
    without: Vec<Url>,
    /// Sources that were left out, by the job's own list.
    pub left_out: Vec<String>,
    /// Seconds from one run to the next.
    pub every: Option<u64>,
    /// Seconds for which rows of sources that cannot be read stay in the table.
    pub max_age: Option<u64>,
    done: BTreeMap<usize, Done>,
    /// Sources that were asked for, and gave none or not all rows.
    problems: BTreeMap<usize, String>,
    asked: BTreeSet<usize>,
}

/// Rows of a source, and the second of Unix time in which they came.
#[derive(Debug)]
struct Done {
    at: u64,
    rows: Rows,
}

/// A source after a run.
pub(crate) struct Source<'a> {
    pub address: &'a str,
    /// Its rows, and the second of Unix time in which they came; none if it was not read.
    pub read: Option<(u64, &'a [Vec<String>])>,
    /// Whether these are all of its rows.
    pub is_whole: bool,
}

/// Rows of a source that were read, as a line of the file that keeps them.
#[derive(Serialize, Deserialize)]
struct Kept {
    source: String,
    at: u64,
    rows: Vec<Vec<String>>,
    #[serde(default)]
    fetched: Vec<Fetched>,
}

/// Reasons why a job is not done.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// It is written wrongly.
    #[error("{0}; the README of the scraping subnet shows how jobs are written")]
    Form(String),
    /// A file of it cannot be read.
    #[error("{0}: {1}")]
    File(String, String),
    /// No miner would take it.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// The file of rows is not written.
    #[error(transparent)]
    Table(#[from] table::TableError),
    /// The same of a job in a file.
    #[error("{0}: {1}")]
    In(String, Box<JobError>),
}

impl Job {
    /// Reads the file of a job, beside which its other files lie.
    pub fn read(path: &Path) -> Result<Self, JobError> {
        let text = read(path, MOST_JOB)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        Self::open(&text, folder).map_err(|error| JobError::In(path.display().to_string(), error.into()))
    }

    /// Reads a job. Its files lie beside it, in `folder`.
    pub fn open(text: &str, folder: &Path) -> Result<Self, JobError> {
        let told: Told = toml::from_str(text).map_err(|error| JobError::Form(error.message().to_owned()))?;
        let found = told.sources.len() + told.sitemaps.len();
        if !(1..=MOST_SOURCES).contains(&found) || told.sitemaps.len() > MOST_SITEMAPS {
            return Err(JobError::Form(format!(
                "{found} sources, there must be 1 to {MOST_SOURCES}, and {MOST_SITEMAPS} sitemaps at most"
            )));
        }
        let mut examples = Vec::new();
        for example in &told.examples {
            let page = Page {
                address: example.address.clone(),
                html: Some(read(&folder.join(&example.file), MOST_FILE)?),
            };
            let rows = table::read_csv(&folder.join(&example.rows), &told.fields)?;
            examples.push(Example { page, rows });
        }
        let without: Vec<Url> = told
            .without
            .iter()
            .map(|address| Url::parse(address).map_err(|_| RequestError::Address(address.clone())))
            .collect::<Result<_, _>>()?;
        let sitemaps = (0..told.sitemaps.len()).map(|place| (place, true)).collect();
        let mut sources: Vec<Page> =
            told.sitemaps.iter().map(|address| Page { address: address.clone(), html: None }).collect();
        let mut left_out = Vec::new();
        for source in &told.sources {
            let (address, file) = match source {
                ToldSource::Address(address) => (address, None),
                ToldSource::File { address, file } => (address, Some(folder.join(file))),
            };
            if without.iter().any(|without| is_behind(without, address)) {
                left_out.push(address.clone());
                continue;
            }
            let html = file.as_deref().map(|file| read(file, MOST_FILE)).transpose()?;
            sources.push(Page { address: address.clone(), html });
        }
        let place = |name: &String| {
            let at = told.fields.iter().position(|field| field.name == *name);
            at.ok_or_else(|| JobError::Form(format!("`key` names `{name}`, which is no field")))
        };
        let key = told.key.iter().map(place).collect::<Result<_, _>>()?;
        let (every, max_age) = times(&told)?;
        let form = ScrapingRequest {
            fields: told.fields,
            row: told.row,
            next: told.next,
            pages: told.pages,
            examples,
            sources: Vec::new(),
        };
        let job = Self {
            form,
            key,
            personal: told.personal,
            known: sources.iter().map(|source| source.address.clone()).collect(),
            sources,
            sitemaps,
            without,
            left_out,
            every,
            max_age,
            done: BTreeMap::new(),
            problems: BTreeMap::new(),
            asked: BTreeSet::new(),
        };
        for (place, source) in job.sources.iter().enumerate() {
            let form = if job.sitemaps.contains_key(&place) { sitemap() } else { job.form.clone() };
            ScrapingRequest { sources: vec![source.clone()], ..form }.check()?;
        }
        // A job of sitemaps alone is checked too.
        let any = Page { address: "https://any.example/".into(), html: None };
        ScrapingRequest { sources: vec![any], ..job.form.clone() }.check()?;
        Ok(job)
    }

    /// The columns of the table.
    pub fn fields(&self) -> &[Field] {
        &self.form.fields
    }

    /// The request of each of its sources, without the source.
    pub fn form(&self) -> &ScrapingRequest {
        &self.form
    }

    /// The places of the fields that name a row; none if the whole row does.
    pub fn key(&self) -> &[usize] {
        &self.key
    }

    /// The pages to read that the job itself names.
    pub fn sources(&self) -> impl Iterator<Item = &Page> {
        let pages = self.sources.iter().enumerate();
        pages.filter(|(place, _)| !self.sitemaps.contains_key(place)).map(|(_, source)| source)
    }

    /// The line that begins the file of rows that were read: a job with other columns has another one.
    pub fn name(&self) -> String {
        let form = serde_json::to_vec(&(&self.form, self.personal)).unwrap_or_default();
        format!("scraping {}", to_hex(&blake2_256(&form)[..8]))
    }

    /// The name of its rows: jobs with other columns have another one.
    pub(crate) fn rows_name(&self) -> String {
        let columns: Vec<_> = self.form.fields.iter().map(|field| (&field.name, field.kind)).collect();
        let form = serde_json::to_vec(&(columns, self.personal)).unwrap_or_default();
        format!("scraping {}", to_hex(&blake2_256(&form)[..8]))
    }

    /// Takes over what an earlier run has read: its name and lines of [`take`](Self::take). Sources that a further run
    /// would have read by now are read again. Returns the number of sources.
    pub fn resume(&mut self, lines: &str, now: u64) -> Result<usize, JobError> {
        let mut lines = lines.lines();
        if lines.next() != Some(&self.name()) {
            return Err(JobError::Form(
                "it belongs to another job; remove it, or name another file with --out".into(),
            ));
        }
        for line in lines {
            // The last line of a run that was cut off is not whole.
            let Ok(kept) = serde_json::from_str::<Kept>(line) else { continue };
            let longest = self.every.or(self.max_age).unwrap_or(u64::MAX);
            if now.saturating_sub(kept.at) >= longest {
                continue;
            }
            let place = self.sources.iter().position(|source| source.address == kept.source);
            let fits = kept.rows.iter().all(|row| row.len() == self.form.fields.len());
            let is_sitemap = place.is_some_and(|place| self.sitemaps.contains_key(&place));
            let fits = fits || is_sitemap;
            if let Some(place) = place.filter(|_| fits) {
                if is_sitemap {
                    self.add_sources(place, &kept.rows);
                }
                let rows = Rows { rows: kept.rows, fetched: kept.fetched, problem: None };
                self.done.insert(place, Done { at: kept.at.min(now), rows });
            }
        }
        Ok(self.done.len())
    }

    /// Sources, and how many of them are read.
    pub fn count(&self) -> (usize, usize) {
        (self.sources.len(), self.done.len())
    }

    /// The next request, with the places of its sources.
    pub fn next_request(&mut self) -> Option<(ScrapingRequest, Vec<usize>)> {
        let mut bytes: usize =
            self.form.examples.iter().filter_map(|example| example.page.html.as_ref()).map(String::len).sum();
        // A request has the pages of a few sources, or of a long one.
        let most = usize::from(MOST_PAGES / self.form.pages.max(1)).clamp(1, AT_ONCE);
        let mut places: Vec<usize> = Vec::new();
        for (place, source) in self.sources.iter().enumerate() {
            if self.done.contains_key(&place) || self.asked.contains(&place) {
                continue;
            }
            let is_sitemap = |place: &usize| self.sitemaps.contains_key(place);
            if places.first().is_some_and(|first| is_sitemap(first) != is_sitemap(&place)) {
                continue;
            }
            bytes += source.html.as_ref().map_or(0, String::len);
            if places.len() == most || (bytes > MOST_BYTES && !places.is_empty()) {
                break;
            }
            places.push(place);
        }
        if places.is_empty() {
            return None;
        }
        self.asked.extend(&places);
        let sources = places.iter().map(|place| self.sources[*place].clone()).collect();
        let form = match self.sitemaps.contains_key(&places[0]) {
            true => sitemap(),
            false => self.form.clone(),
        };
        Some((ScrapingRequest { sources, ..form }, places))
    }

    /// Takes an answer that came `now`. Returns the lines to keep, so that the job can go on after a failure.
    pub fn take(&mut self, places: &[usize], answer: &ScrapingResponse, now: u64) -> String {
        let mut lines = String::new();
        for (at, place) in places.iter().enumerate() {
            let address = self.sources[*place].address.clone();
            let is_sitemap = self.sitemaps.contains_key(place);
            let of_sitemaps = sitemap();
            let fields = if is_sitemap { &of_sitemaps.fields } else { &self.form.fields };
            let whole =
                answer.sources.get(at).filter(|source| source.rows.iter().all(|row| fits(row, fields)));
            let Some(source) = whole else {
                self.problems.insert(*place, "the miner answered with rows of another form".into());
                continue;
            };
            if let Some(problem) = &source.problem {
                self.problems.insert(*place, problem.clone());
                if source.rows.is_empty() {
                    continue;
                }
            }
            let mut rows = source.rows.clone();
            if is_sitemap {
                self.add_sources(*place, &rows);
            } else if !self.personal {
                rows.iter_mut().flatten().for_each(personal::remove);
            }
            let kept = Kept { source: address, at: now, rows, fetched: source.fetched.clone() };
            // A source with a problem is asked again by a run that goes on.
            if source.problem.is_none() {
                lines += &serde_json::to_string(&kept).unwrap_or_default();
                lines.push('\n');
            }
            let rows = Rows { rows: kept.rows, fetched: kept.fetched, problem: None };
            self.done.insert(*place, Done { at: now, rows });
        }
        lines
    }

    /// Adds the pages of a sitemap to the sources, and the sitemaps of an index to the sitemaps. Only addresses of the
    /// sitemap's own host count (sitemaps.org, "Sitemap file location").
    fn add_sources(&mut self, place: usize, rows: &[Vec<String>]) {
        let Ok(own) = Url::parse(&self.sources[place].address) else { return };
        let is_index = self.sitemaps.get(&place).copied().unwrap_or_default();
        for row in rows {
            let (Some(page), Some(further)) = (row.first(), row.get(1)) else { continue };
            let (address, of_pages) = if page.is_empty() { (further, true) } else { (page, false) };
            let url = Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
            let Some(url) =
                url.filter(|url| url.host() == own.host() && url.as_str().len() <= LONGEST_ADDRESS)
            else {
                continue;
            };
            if of_pages && (!is_index || self.sitemaps.len() >= MOST_SITEMAPS) {
                continue;
            }
            if self.sources.len() >= MOST_SOURCES {
                self.problems.insert(place, format!("only the first {MOST_SOURCES} sources are read"));
                return;
            }
            let address = String::from(url);
            if self.without.iter().any(|without| is_behind(without, &address)) {
                self.left_out.push(address);
            } else if self.known.insert(address.clone()) {
                if of_pages {
                    self.sitemaps.insert(self.sources.len(), false);
                }
                self.sources.push(Page { address, html: None });
            }
        }
    }

    /// Sources that gave none or not all rows, with the reason.
    pub fn problems(&self) -> impl Iterator<Item = (&str, &str)> {
        self.problems.iter().map(|(place, why)| (self.sources[*place].address.as_str(), why.as_str()))
    }

    /// Pages that were fetched.
    pub fn fetched(&self) -> impl Iterator<Item = &Fetched> {
        self.done.values().flat_map(|done| &done.rows.fetched)
    }

    /// Its sources in their order after a run, without sitemaps.
    pub(crate) fn after(&self) -> impl Iterator<Item = Source<'_>> {
        let pages = self.sources.iter().enumerate();
        let pages = pages.filter(|(place, _)| !self.sitemaps.contains_key(place));
        pages.map(|(place, page)| Source {
            address: &page.address,
            read: self.done.get(&place).map(|done| (done.at, done.rows.rows.as_slice())),
            is_whole: self.done.contains_key(&place) && !self.problems.contains_key(&place),
        })
    }

    /// Whether a page may be a source although none of the sitemaps that were read names it: one of its host could not
    /// be read.
    pub(crate) fn may_name(&self, address: &str) -> bool {
        let Ok(url) = Url::parse(address) else { return false };
        let is_unread = |place: &usize| {
            let own = Url::parse(&self.sources[*place].address);
            self.problems.contains_key(place) && own.is_ok_and(|own| own.host() == url.host())
        };
        !self.without.iter().any(|without| is_behind(without, address)) && self.sitemaps.keys().any(is_unread)
    }
}

/// The seconds from run to run, and those for which old rows stay.
fn times(told: &Told) -> Result<(Option<u64>, Option<u64>), JobError> {
    let read = |name: &str, text: &Option<String>| {
        text.as_deref().map(span).transpose().map_err(|why| JobError::Form(format!("`{name}` {why}")))
    };
    let (every, max_age) = (read("every", &told.every)?, read("max_age", &told.max_age)?);
    if max_age.is_some_and(|max_age| every.is_some_and(|every| max_age <= every)) {
        return Err(JobError::Form(
            "`max_age` is not longer than `every`, so no row would be kept until the next run; make it longer".into(),
        ));
    }
    let taken = told.fields.iter().find(|field| runs::COLUMNS.contains(&field.name.as_str()));
    if let (Some(_), Some(field)) = (max_age, taken) {
        return Err(JobError::Form(format!(
            "`max_age` adds a column `{}` to the table; give the field of this name another one",
            field.name
        )));
    }
    Ok((every, max_age))
}

/// Whether a row has a value in its one form for every field.
pub(crate) fn fits(row: &[String], fields: &[Field]) -> bool {
    row.len() == fields.len() && row.iter().zip(fields).all(|(value, field)| field.kind.is_form(value))
}

/// The request for the addresses of a sitemap: each row names a page, or a further sitemap.
fn sitemap() -> ScrapingRequest {
    let field =
        |name: &str, select: &str| Field { name: name.into(), kind: Kind::Text, select: Some(select.into()) };
    ScrapingRequest {
        fields: vec![field("page", "url loc"), field("sitemap", "sitemap loc")],
        row: Some("urlset > url, sitemapindex > sitemap".into()),
        pages: 1,
        ..ScrapingRequest::default()
    }
}

/// Rows in their order, where `key` is the places of the fields that name one: of rows with the same the last, at the
/// place of the first. Without a key, all rows.
pub fn distinct(rows: &[Vec<String>], key: &[usize]) -> Vec<Vec<String>> {
    if key.is_empty() {
        return rows.to_vec();
    }
    let mut places = BTreeMap::new();
    let mut out: Vec<Vec<String>> = Vec::new();
    for row in rows {
        let name: Vec<Option<&String>> = key.iter().map(|at| row.get(*at)).collect();
        match places.get(&name) {
            Some(at) => out[*at] = row.clone(),
            None => {
                places.insert(name, out.len());
                out.push(row.clone());
            }
        }
    }
    out
}

/// The files of jobs in a folder, by name: those that end in `.toml`.
pub fn files(folder: &Path) -> Result<Vec<PathBuf>, JobError> {
    let wrong = |found: String| JobError::File(folder.display().to_string(), found);
    let entries =
        std::fs::read_dir(folder).map_err(|error| wrong(format!("{error}; name a folder of jobs")))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| wrong(error.to_string()))?.path();
        if path.extension().is_some_and(|ending| ending == "toml") {
            files.push(path);
        }
        if files.len() > MOST_JOBS {
            return Err(wrong(format!("more than {MOST_JOBS} jobs; name a folder with fewer")));
        }
    }
    files.sort_unstable();
    Ok(files)
}

pub(crate) fn read(path: &Path, most: u64) -> Result<String, JobError> {
    let wrong = |found: String| JobError::File(path.display().to_string(), found);
    let length = std::fs::metadata(path).map_err(|error| wrong(error.to_string()))?.len();
    if length > most {
        return Err(wrong(format!("{length} bytes, the limit is {most}; make it smaller")));
    }
    let bytes = std::fs::read(path).map_err(|error| wrong(error.to_string()))?;
    String::from_utf8(bytes).map_err(|_| wrong("it is not in UTF-8; save it so".into()))
}

/// Whether an address is another one or lies behind it.
fn is_behind(without: &Url, address: &str) -> bool {
    let Ok(url) = Url::parse(address) else { return false };
    let path = without.path().trim_end_matches('/');
    let rest = url.path().strip_prefix(path);
    url.host() == without.host() && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_800_000_000;
    const JOB: &str = r#"
row = "li"
key = ["link"]
sources = ["https://a.example/1", "https://a.example/private/2", "https://b.example/3", "https://a.example/4",
  "https://a.example/5", "https://a.example/6"]
without = ["https://a.example/private"]
fields = [
  { name = "title", kind = "text", select = "a" },
  { name = "price", kind = "number", select = "i" },
  { name = "link", kind = "link", select = "a@href" },
]
"#;

    fn open(text: &str) -> Result<Job, JobError> {
        Job::open(text, Path::new("/nowhere"))
    }

    fn row(title: &str, price: &str, link: &str) -> Vec<String> {
        vec![title.into(), price.into(), format!("https://a.example/{link}")]
    }

    /// The rows of a table without an earlier one.
    fn rows(job: &Job) -> Vec<Vec<String>> {
        runs::Seen::of_run(job, None, NOW).table(job.key()).map(|(_, row)| row.values.clone()).collect()
    }

    fn said(rows: Vec<Vec<String>>) -> Rows {
        Rows { rows, ..Rows::default() }
    }

    #[test]
    fn a_job_is_read_in_parts_and_goes_on_where_it_was() {
        let mut job = open(JOB).unwrap();
        assert_eq!(
            (job.count(), job.left_out.as_slice()),
            ((5, 0), &["https://a.example/private/2".to_owned()][..])
        );
        let (request, places) = job.next_request().unwrap();
        assert_eq!((request.check(), places.len()), (Ok(()), 4));
        let problem = Rows { problem: Some("robots.txt forbids it".into()), ..Rows::default() };
        let answer = ScrapingResponse {
            sources: vec![
                said(vec![row("A a@b.example +49 151 2345678", "1", "a")]),
                problem,
                said(vec![row("A", "2", "a"), row("B", "3", "b")]),
                said(vec![row("C", "1,5", "c")]),
            ],
        };
        let kept = job.take(&places, &answer, NOW);
        assert_eq!(kept.lines().count(), 2);
        assert!(!kept.contains("a@b.example") && !kept.contains("2345678"), "{kept}");
        let problems: Vec<_> = job.problems().collect();
        assert_eq!(problems[0], ("https://b.example/3", "robots.txt forbids it"));
        assert!(problems[1].1.contains("another form"));
        assert_eq!(rows(&job), [row("A", "2", "a"), row("B", "3", "b")], "one row for each key");
        let mut again = open(JOB).unwrap();
        let kept = format!("{}\n{kept}{{\"source\": \"https://a.exam", job.name());
        assert_eq!(again.resume(&kept, NOW).unwrap(), 2);
        assert_eq!(again.next_request().unwrap().1, [1, 3, 4]);
        assert_eq!(rows(&again), rows(&job));
        let mut timed = open(&JOB.replace("row =", "every = \"6h\"\nrow =")).unwrap();
        assert_eq!(timed.resume(&kept, NOW + 6 * 3_600 - 1).unwrap(), 2);
        let mut timed = open(&JOB.replace("row =", "every = \"6h\"\nrow =")).unwrap();
        assert_eq!(
            timed.resume(&kept, NOW + 6 * 3_600).unwrap(),
            0,
            "a further run would have read them again"
        );
        let other = open(&JOB.replace("price", "cost")).unwrap().resume(&kept, NOW).unwrap_err().to_string();
        assert!(other.contains("belongs to another job"), "{other}");
    }

    #[test]
    fn sitemaps_name_sources_of_their_own_host() {
        let start = JOB.find("sources").unwrap();
        let end = JOB.find("without").unwrap();
        let text = format!("{}sitemaps = [\"https://a.example/map.xml\"]\n{}", &JOB[..start], &JOB[end..]);
        let mut job = open(&text).unwrap();
        let (request, places) = job.next_request().unwrap();
        assert_eq!((request.check(), places.as_slice()), (Ok(()), &[0][..]));
        assert!(job.next_request().is_none(), "its pages are not known yet");
        let addresses = |pages: &[&str], further: &[&str]| {
            let page = pages.iter().map(|page| vec![(*page).to_owned(), String::new()]);
            let map = further.iter().map(|map| vec![String::new(), (*map).to_owned()]);
            ScrapingResponse { sources: vec![said(page.chain(map).collect())] }
        };
        let pages = [
            "https://a.example/1",
            "https://a.example/1",
            "https://a.example/private/2",
            "https://b.example/3",
            "file:///etc/passwd",
            "no address",
        ];
        let maps = ["https://a.example/more.xml", "https://b.example/other.xml", "https://a.example/map.xml"];
        let mut kept = job.take(&places, &addresses(&pages, &maps), NOW);
        assert_eq!(job.left_out, ["https://a.example/private/2"]);
        let (request, places) = job.next_request().unwrap();
        assert_eq!((request.sources[0].address.as_str(), places.len()), ("https://a.example/1", 1));
        assert_eq!(request.row.as_deref(), Some("li"));
        kept += &job.take(&places, &ScrapingResponse { sources: vec![said(vec![row("A", "1", "a")])] }, NOW);
        let (request, places) = job.next_request().unwrap();
        assert_eq!(request.sources[0].address, "https://a.example/more.xml");
        kept +=
            &job.take(&places, &addresses(&["https://a.example/4"], &["https://a.example/deeper.xml"]), NOW);
        assert_eq!(job.next_request().unwrap().0.sources[0].address, "https://a.example/4");
        assert_eq!(rows(&job), [row("A", "1", "a")], "addresses are no rows");

        let mut again = open(&text).unwrap();
        again.resume(&format!("{}\n{kept}", again.name()), NOW).unwrap();
        let (request, _) = again.next_request().unwrap();
        assert_eq!(request.sources[0].address, "https://a.example/4", "it goes on where it was");
        assert_eq!(rows(&again), rows(&job));
    }

    #[test]
    fn a_sitemap_has_an_end() {
        let mut job =
            open(&JOB.replace("sources =", "sitemaps = [\"https://a.example/map.xml\"]\nsources =")).unwrap();
        let (_, places) = job.next_request().unwrap();
        let page = |page: usize| vec![format!("https://a.example/page/{page}"), String::new()];
        let map = |map: usize| vec![String::new(), format!("https://a.example/map/{map}")];
        let rows = (0..500).map(map).chain((0..20_000).map(page)).collect();
        job.take(&places, &ScrapingResponse { sources: vec![said(rows)] }, NOW);
        assert_eq!((job.sitemaps.len(), job.sources.len()), (MOST_SITEMAPS, MOST_SOURCES));
        assert!(job.problems().any(|(_, why)| why.contains("only the first")));
    }

    #[test]
    fn wrong_jobs_are_named() {
        let wrong = |from: &str, to: &str| open(&JOB.replace(from, to)).unwrap_err().to_string();
        assert!(wrong("row =", "raw =").contains("unknown field `raw`"));
        assert!(wrong("key = [\"link\"]", "key = [\"place\"]").contains("`place`, which is no field"));
        assert!(wrong("select = \"i\"", "select = \"i[\"").contains("no CSS selector"));
        assert!(wrong("https://b.example/3", "b.example").contains("no address of a page"));
        let missing =
            wrong("\"https://b.example/3\"", "{ address = \"https://b.example/3\", file = \"x.html\" }");
        assert!(missing.contains("/nowhere/x.html"), "{missing}");
        assert!(wrong("row =", "every = \"6x\"\nrow =").contains("`every` is `6x`"));
        assert!(wrong("row =", "every = \"30s\"\nrow =").contains("`every` is `30s`"));
        assert!(wrong("row =", "every = \"2d\"\nmax_age = \"1d\"\nrow =").contains("not longer than `every`"));
        let taken = JOB.replace("row =", "max_age = \"1d\"\nrow =").replace("\"price\"", "\"seen\"");
        assert!(open(&taken).unwrap_err().to_string().contains("another one"));
    }
}
