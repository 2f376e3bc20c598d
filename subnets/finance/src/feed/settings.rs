//! Settings of feeds, and their start.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use serde::Deserialize;

use super::{source, Feed, Feeds, Record, Tick, MOST_BYTES};

/// Most feeds of a validator.
pub const MOST_FEEDS: usize = 32;
/// Limits of seconds from point to point.
const STEP: (u32, u32) = (1, 86_400);

/// Feeds as a file in TOML names them.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeedsSettings {
    /// Seconds from point to point.
    #[serde(default = "minute")]
    pub step: u32,
    /// Milliseconds of a block of the chain.
    #[serde(default = "block")]
    pub block_ms: u32,
    /// The feeds.
    #[serde(rename = "feed")]
    pub feeds: Vec<FeedSettings>,
}

/// One feed.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeedSettings {
    /// Its name, which miners see.
    pub name: String,
    /// File with the record.
    pub record: PathBuf,
    /// Server whose values are appended to the record: `http`, `https`, `ws` or `wss`. Without one, another program
    /// writes the record.
    #[serde(default)]
    pub url: Option<String>,
    /// Place of the value in the server's JSON, such as `data.0.price`; empty if the JSON is the value.
    #[serde(default)]
    pub field: String,
    /// Text that a WebSocket server is sent first.
    #[serde(default)]
    pub hello: Option<String>,
    /// Seconds between two ticks.
    #[serde(default = "every")]
    pub every: u32,
    /// Seconds for which a value stands where no other follows; three steps by default.
    #[serde(default)]
    pub patience: Option<u32>,
}

fn minute() -> u32 {
    60
}

fn block() -> u32 {
    12_000
}

fn every() -> u32 {
    5
}

/// Reasons why feeds cannot be started. Each names the feed.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// A setting is wrong.
    #[error("{0}")]
    Setting(String),
    /// A record cannot be read.
    #[error("the record {path} cannot be read: {error}")]
    File {
        /// The file.
        path: PathBuf,
        /// The reason.
        error: std::io::Error,
    },
    /// A record has a wrong line.
    #[error("the record {path}, line {line}: {error}; correct the line, or begin another file")]
    Line {
        /// The file.
        path: PathBuf,
        /// The line.
        line: usize,
        /// The reason.
        error: super::TickError,
    },
}

impl FeedsSettings {
    /// Reads the records. With `live`, values of servers are appended to them from now on, and what other programs
    /// append is read.
    pub fn open(&self, live: bool) -> Result<Feeds, FeedError> {
        self.check().map_err(FeedError::Setting)?;
        let mut feeds = Vec::new();
        let mut sources = Vec::new();
        for settings in &self.feeds {
            let (record, read) = read(&settings.record)?;
            let patience = settings.patience.unwrap_or(3 * self.step);
            let patience = Duration::from_secs(patience.into());
            let feed = Arc::new(Feed::new(settings.name.clone(), patience, record));
            sources.push(source::Source { settings: settings.clone(), feed: Arc::downgrade(&feed), read });
            feeds.push(feed);
        }
        if live {
            source::start(sources).map_err(FeedError::Setting)?;
        }
        Ok(Feeds { step: self.step, block_ms: self.block_ms, feeds })
    }

    fn check(&self) -> Result<(), String> {
        let (least, most) = STEP;
        if !(least..=most).contains(&self.step) {
            return Err(format!("`step` is {} seconds, it must be {least} to {most}", self.step));
        }
        if !(100..=600_000).contains(&self.block_ms) {
            return Err(format!("`block_ms` is {}, it must be 100 to 600000", self.block_ms));
        }
        if self.feeds.is_empty() || self.feeds.len() > MOST_FEEDS {
            return Err(format!("{} feeds are named, 1 to {MOST_FEEDS} can be", self.feeds.len()));
        }
        for (at, feed) in self.feeds.iter().enumerate() {
            let name = &feed.name;
            if name.is_empty() || name.len() > crate::protocol::MOST_NAME {
                return Err(format!(
                    "the feed `{name}` has a name of {} bytes, it must be 1 to 128",
                    name.len()
                ));
            }
            if feed.every == 0 {
                return Err(format!("`every` of the feed `{name}` is 0 seconds, it must be at least 1"));
            }
            let same = |other: &&FeedSettings| other.name == *name || other.record == feed.record;
            if let Some(other) = self.feeds[..at].iter().find(same) {
                return Err(format!("the feeds `{}` and `{name}` have the same name or record", other.name));
            }
            let schemes = ["http://", "https://", "ws://", "wss://"];
            match &feed.url {
                Some(url) if !schemes.iter().any(|scheme| url.starts_with(scheme)) => {
                    return Err(format!(
                        "`{url}` of the feed `{name}` begins with none of {}",
                        schemes.join(" ")
                    ));
                }
                Some(_) => {}
                None if feed.hello.is_none() && feed.field.is_empty() => {}
                None => return Err(format!("the feed `{name}` has `field` or `hello` and no `url`")),
            }
        }
        Ok(())
    }
}

/// Reads a record, and how many of its bytes are whole lines. A record that is not there is empty.
fn read(path: &Path) -> Result<(Record, u64), FeedError> {
    let failed = |error| FeedError::File { path: path.to_owned(), error };
    let file = match File::open(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok((Record::default(), 0)),
        file => file.map_err(failed)?,
    };
    let length = file.metadata().map_err(failed)?.len();
    if length > MOST_BYTES {
        let path = path.display();
        return Err(FeedError::Setting(format!(
            "the record {path} has {length} bytes, the most are {MOST_BYTES}; begin another file"
        )));
    }
    let (mut record, mut bytes, mut line) = (Record::default(), 0u64, String::new());
    let mut reader = BufReader::new(file);
    for number in 1.. {
        line.clear();
        let read = reader.read_line(&mut line).map_err(failed)?;
        // The last line may be under way.
        if read == 0 || !line.ends_with('\n') {
            break;
        }
        bytes += read as u64;
        let wrong = |error| FeedError::Line { path: path.to_owned(), line: number, error };
        if let Some(tick) = tick_of(&line, number == 1).map_err(wrong)? {
            record.push(tick).map_err(wrong)?;
        }
    }
    Ok((record, bytes))
}

/// The tick of a line; none in an empty one, and in a first one with names.
pub(super) fn tick_of(line: &str, first: bool) -> Result<Option<Tick>, super::TickError> {
    let line = line.trim();
    if line.is_empty() || (first && !line.starts_with(|letter: char| letter.is_ascii_digit())) {
        return Ok(None);
    }
    Tick::read(line).map(Some)
}
