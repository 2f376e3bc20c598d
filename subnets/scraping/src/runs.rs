//! Runs of a job: what has changed since the run before, and which rows are old.
//!
//! Three files lie beside a table. `FILE.part` holds the sources that a run has read so far. `FILE.seen` holds the rows
//! of the last run, each with the time at which it was seen. `FILE.changes.jsonl` lists the changes since the run
//! before. `FILE.seen` is written last, so a run that is cut off compares again.
//!
//! ```text
//! freshness of a row = 1                                       its source was read in this run
//!                    = 1 - (now - seen) / max_age              it was not, rounded down to thousandths
//! ```
//!
//! A row whose freshness would be 0 or less expires. Without `max_age`, rows of sources that were not read expire at
//! once.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use crate::{
    job::{fits, Job, JobError},
    protocol::Field,
    table::{self, utc},
    value::Kind,
};

/// Columns that `max_age` adds to a table.
pub const COLUMNS: [&str; 2] = ["seen", "freshness"];
/// Most bytes of `FILE.seen`.
const MOST_SEEN: usize = 256 << 20;
/// Most bytes of the list of changes.
const MOST_CHANGES: usize = 16 << 20;

/// A row, and when it was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// The second of Unix time in which it came.
    pub seen: u64,
    /// Whether the last run could not read its source.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub old: bool,
    /// Its values.
    pub values: Vec<String>,
}

/// Rows of a source, as a line of `FILE.seen`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Source {
    source: String,
    rows: Vec<Row>,
}

/// The first line of `FILE.seen`.
#[derive(Serialize, Deserialize)]
struct Head {
    rows_of: String,
    at: Option<u64>,
}

/// The rows that a run saw, and those of earlier runs that it keeps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// The end of the run in seconds of Unix time, if it is known.
    at: Option<u64>,
    sources: Vec<Source>,
}

impl Seen {
    /// The rows of a job that has been read, with rows of the run before whose sources could not be read.
    pub fn of_run(job: &Job, before: Option<&Self>, now: u64) -> Self {
        let earlier = before.iter().flat_map(|before| &before.sources);
        let mut earlier: BTreeMap<&str, &[Row]> =
            earlier.map(|source| (source.source.as_str(), source.rows.as_slice())).collect();
        let max_age = job.max_age.unwrap_or_default();
        let kept = |row: &&Row| now.saturating_sub(row.seen) < max_age;
        let as_old = |row: &Row| Row { seen: row.seen.min(now), old: true, ..row.clone() };
        let mut sources = Vec::new();
        for source in job.after() {
            let known = earlier.remove(source.address).unwrap_or_default();
            let (at, read) = source.read.unwrap_or((now, &[]));
            let mut rows: Vec<Row> =
                read.iter().map(|values| Row { seen: at, old: false, values: values.clone() }).collect();
            if !source.is_whole {
                let names: BTreeSet<Vec<&str>> = read.iter().map(|values| name(values, job.key())).collect();
                let missing = known.iter().filter(|row| !names.contains(&name(&row.values, job.key())));
                rows.extend(missing.filter(kept).map(as_old));
            }
            sources.push(Source { source: source.address.to_owned(), rows });
        }
        for (address, rows) in earlier.into_iter().filter(|(address, _)| job.may_name(address)) {
            let rows = rows.iter().filter(kept).map(as_old).collect();
            sources.push(Source { source: address.to_owned(), rows });
        }
        sources.retain(|source| !source.rows.is_empty());
        Self { at: Some(now), sources }
    }

    /// The rows of a table without its times.
    fn of_table(rows: Vec<Vec<String>>) -> Self {
        let row = |values| Row { seen: 0, old: false, values };
        let rows = rows.into_iter().map(row).collect();
        Self { at: None, sources: vec![Source { source: String::new(), rows }] }
    }

    /// The rows of the table with their sources. Of rows with the same key the last one counts, at the place of the
    /// first; an old one never counts where there is another. Without a key, all rows count.
    pub fn table(&self, key: &[usize]) -> impl Iterator<Item = (&str, &Row)> {
        let mut places = BTreeMap::new();
        let mut table: Vec<(&str, &Row)> = Vec::new();
        let rows =
            self.sources.iter().flat_map(|source| source.rows.iter().map(|row| (&*source.source, row)));
        for (source, row) in rows {
            if key.is_empty() {
                table.push((source, row));
                continue;
            }
            let place = *places.entry(name(&row.values, key)).or_insert(table.len());
            match table.get_mut(place) {
                Some(known) if known.1.old || !row.old => *known = (source, row),
                Some(_) => {}
                None => table.push((source, row)),
            }
        }
        table.into_iter()
    }

    /// Reads what the last run kept.
    fn read(path: &Path, job: &Job) -> Result<Self, JobError> {
        let wrong = |found: &str| JobError::File(path.display().to_string(), found.into());
        let text = crate::job::read(path, MOST_SEEN as u64)?;
        let mut lines = text.lines();
        let head: Option<Head> = lines.next().and_then(|line| serde_json::from_str(line).ok());
        let head = head.filter(|head| head.rows_of == job.rows_name());
        let head = head.ok_or_else(|| wrong("it holds rows of another form"))?;
        let fits = |source: &Source| source.rows.iter().all(|row| fits(&row.values, job.fields()));
        let source = |line| serde_json::from_str(line).ok().filter(fits);
        let sources = lines.map(source).collect::<Option<_>>().ok_or_else(|| wrong("a line is damaged"))?;
        Ok(Self { at: head.at, sources })
    }

    fn written(&self, job: &Job) -> String {
        let head = Head { rows_of: job.rows_name(), at: self.at };
        let mut text = serde_json::to_string(&head).unwrap_or_default();
        for source in &self.sources {
            text.push('\n');
            text += &serde_json::to_string(source).unwrap_or_default();
        }
        text + "\n"
    }
}

/// The values that name a row: those of the key, or all without one.
fn name<'a>(values: &'a [String], key: &[usize]) -> Vec<&'a str> {
    if key.is_empty() {
        return values.iter().map(String::as_str).collect();
    }
    key.iter().map(|at| values.get(*at).map_or("", String::as_str)).collect()
}

/// Numbers of changes between two runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Changes {
    /// Rows that were not there.
    pub new: usize,
    /// Rows with other values.
    pub other: usize,
    /// Rows that their sources do not have any more.
    pub gone: usize,
    /// Rows that are not kept any longer, because their sources could not be read.
    pub expired: usize,
}

/// The first line of the list of changes.
#[derive(Serialize)]
struct Between {
    from: Option<String>,
    to: Option<String>,
    #[serde(flatten)]
    changes: Changes,
    left_out: usize,
}

/// A change, as a line of the list.
#[derive(Serialize)]
struct Change<'a> {
    change: &'static str,
    source: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<BTreeMap<String, String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    now: Option<BTreeMap<String, String>>,
}

/// The list of changes as it grows up to its limit.
struct List {
    lines: String,
    left_out: usize,
}

impl List {
    fn add(&mut self, change: &Change<'_>) {
        let line = serde_json::to_string(change).unwrap_or_default();
        if self.left_out > 0 || self.lines.len() + line.len() >= MOST_CHANGES {
            self.left_out += 1;
            return;
        }
        self.lines += &line;
        self.lines.push('\n');
    }
}

/// Rows by the values that name them, with their sources.
type Named<'a> = BTreeMap<Vec<&'a str>, (&'a str, &'a Row)>;

fn by_name<'a>(seen: &'a Seen, key: &[usize]) -> Named<'a> {
    seen.table(key).map(|(source, row)| (name(&row.values, key), (source, row))).collect()
}

/// The changes between two runs of a job, and their list.
fn compare(job: &Job, before: &Seen, now: &Seen) -> (Changes, String) {
    let (was, is) = (by_name(before, job.key()), by_name(now, job.key()));
    let with_names = |row: &'_ Row| -> Option<BTreeMap<String, String>> {
        let names = job.fields().iter().map(|field| field.name.clone());
        Some(names.zip(row.values.iter().cloned()).collect())
    };
    let mut changes = Changes::default();
    let mut list = List { lines: String::new(), left_out: 0 };
    for (named, (source, row)) in &is {
        let (change, count, before) = match was.get(named) {
            None => ("new", &mut changes.new, None),
            Some((_, known)) if known.values != row.values => {
                ("other", &mut changes.other, with_names(known))
            }
            Some(_) => continue,
        };
        *count += 1;
        list.add(&Change { change, source, before, now: with_names(row) });
    }
    let unread: BTreeSet<&str> =
        job.after().filter(|source| !source.is_whole).map(|source| source.address).collect();
    for (_, (source, row)) in was.iter().filter(|(named, _)| !is.contains_key(*named)) {
        let (change, count) = match unread.contains(source) || job.may_name(source) {
            true => ("expired", &mut changes.expired),
            false => ("gone", &mut changes.gone),
        };
        *count += 1;
        list.add(&Change { change, source, before: with_names(row), now: None });
    }
    let between = Between { from: before.at.map(utc), to: now.at.map(utc), changes, left_out: list.left_out };
    let head = serde_json::to_string(&between).unwrap_or_default();
    (changes, format!("{head}\n{}", list.lines))
}

/// A run of a job, after its last answer.
pub struct Run<'a> {
    job: &'a Job,
    out: &'a Path,
    now: u64,
    seen: Seen,
    /// Whether the rows of the run before are known with their times.
    goes_on: bool,
    changes: Option<(Changes, String)>,
    /// Reason why it is not compared with the run before, if there was one.
    pub not_compared: Option<String>,
}

impl<'a> Run<'a> {
    /// Compares what a job has read with the run before, whose files lie beside the table `out`. It ends `now`.
    pub fn of(job: &'a Job, out: &'a Path, now: u64) -> Self {
        let (mut before, mut not_compared) = (None, None);
        let seen = beside(out, "seen");
        let is_csv = out.extension().is_some_and(|ending| ending == "csv");
        if seen.exists() {
            match Seen::read(&seen, job) {
                Ok(seen) => before = Some(seen),
                Err(error) => not_compared = Some(error.to_string()),
            }
        } else if is_csv && out.exists() {
            // A table whose times were removed.
            let read = table::read_csv(out, &columns(job)).or_else(|_| table::read_csv(out, job.fields()));
            match read {
                Ok(mut rows) => {
                    rows.iter_mut().for_each(|row| row.truncate(job.fields().len()));
                    before = Some(Seen::of_table(rows));
                }
                Err(error) => not_compared = Some(error.to_string()),
            }
        }
        let goes_on = before.as_ref().is_some_and(|before| before.at.is_some());
        let seen = Seen::of_run(job, before.as_ref().filter(|_| goes_on), now);
        let changes = before.map(|before| compare(job, &before, &seen));
        Self { job, out, now, seen, goes_on, changes, not_compared }
    }

    /// Whether no source could be read.
    pub fn has_read_nothing(&self) -> bool {
        self.job.after().all(|source| source.read.is_none())
    }

    /// Whether there is a table to write. If no source could be read, there is one only if rows of the run before may
    /// have aged.
    pub fn has_table(&self) -> bool {
        match self.has_read_nothing() {
            true => self.goes_on && self.job.max_age.is_some(),
            false => !self.seen.sources.is_empty(),
        }
    }

    /// Rows of the table, and how many of them are old.
    pub fn count(&self) -> (usize, usize) {
        let table = || self.seen.table(self.job.key());
        (table().count(), table().filter(|(_, row)| row.old).count())
    }

    /// The changes since the run before; none if there was none.
    pub fn changes(&self) -> Option<Changes> {
        self.changes.as_ref().map(|(changes, _)| *changes)
    }

    /// The file that lists the changes.
    pub fn changes_file(&self) -> PathBuf {
        beside(self.out, "changes.jsonl")
    }

    /// Writes the table, and the list of changes.
    pub fn write(&self) -> Result<(), JobError> {
        let row = |(_, row): (&str, &Row)| {
            let mut values = row.values.clone();
            if let Some(max_age) = self.job.max_age {
                values.extend([utc(row.seen), freshness(row, self.now, max_age)]);
            }
            values
        };
        let rows: Vec<Vec<String>> = self.seen.table(self.job.key()).map(row).collect();
        table::write(self.out, &columns(self.job), &rows)?;
        match &self.changes {
            // A run that read nothing leaves the list of the one before, unless rows have expired.
            Some((changes, _)) if self.has_read_nothing() && *changes == Changes::default() => {}
            Some((_, list)) => table::replace(&self.changes_file(), list.as_bytes())?,
            None => remove(&self.changes_file())?,
        }
        Ok(())
    }

    /// Keeps the rows for the next run. This is the last step: a run that is cut off before it is compared again.
    /// Returns whether they are few enough.
    pub fn keep(&self) -> Result<bool, JobError> {
        let (path, text) = (beside(self.out, "seen"), self.seen.written(self.job));
        if text.len() > MOST_SEEN {
            return remove(&path).map(|()| false);
        }
        Ok(table::replace(&path, text.as_bytes()).map(|()| true)?)
    }
}

/// A file beside a table: its name with an ending behind it.
pub fn beside(out: &Path, ending: &str) -> PathBuf {
    let mut name = out.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}

/// The columns of a table.
fn columns(job: &Job) -> Vec<Field> {
    let mut fields = job.fields().to_vec();
    if job.max_age.is_some() {
        let field = |(name, kind): (&str, Kind)| Field { name: name.into(), kind, select: None };
        fields.extend(COLUMNS.into_iter().zip([Kind::Text, Kind::Number]).map(field));
    }
    fields
}

/// The freshness of a row in the form of a number, from `0` to `1`.
fn freshness(row: &Row, now: u64, max_age: u64) -> String {
    if !row.old {
        return "1".into();
    }
    let left = max_age.saturating_sub(now.saturating_sub(row.seen));
    // An old row is never as fresh as one that was read.
    match (left.saturating_mul(1_000) / max_age.max(1)).min(999) {
        0 => "0".into(),
        thousandths => format!("0.{thousandths:03}").trim_end_matches('0').to_owned(),
    }
}

fn remove(path: &Path) -> Result<(), JobError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(JobError::File(path.display().to_string(), error.to_string()))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
