//! The last rows of each source, in memory and in a folder of the validator, so that one that starts again still sees
//! what has changed.

use std::{
    collections::{HashMap, VecDeque},
    path::{Path, PathBuf},
    time::SystemTime,
};

use myelin_subnet::private::create_folder;
use myelin_wire::hash::{from_hex, to_hex};

use crate::protocol::Rows;

/// Sources whose last rows are kept, and the bytes of them.
const MOST: (usize, usize) = (1_024, 64 << 20);
/// Longest file of a source. Values have fewer bytes, but JSON writes some of their letters longer.
const LONGEST_FILE: u64 = 2 << 20;

/// The name of a source: the hash of its address and of everything else that a task asks.
pub type Name = [u8; 32];

/// The last rows of sources, the latest ones at the end.
#[derive(Default)]
pub struct Remembered {
    sources: VecDeque<(Name, Rows)>,
    bytes: usize,
    folder: Option<PathBuf>,
}

impl Remembered {
    /// Reads the files of a folder, and removes those of sources that are asked for no more.
    pub fn open(folder: &Path, asked: impl Iterator<Item = Name>) -> Self {
        if let Err(error) = create_folder(folder) {
            let folder = folder.display();
            tracing::warn!(%folder, %error, "what was seen of pages is kept in memory alone");
            return Self::default();
        }
        let mut files = files(folder);
        let mut known: Vec<(SystemTime, Name)> = Vec::new();
        known.extend(asked.filter_map(|name| Some((files.remove(&name)?, name))));
        known.sort_unstable();
        let mut remembered = Self { folder: Some(folder.to_owned()), ..Self::default() };
        files.keys().for_each(|name| remembered.forget(name));
        for (_, name) in known {
            match remembered.read(&name) {
                Some(rows) => remembered.push(name, rows),
                None => remembered.forget(&name),
            }
        }
        remembered
    }

    /// The rows of a source from before, which give way to those of now unless that look failed.
    pub fn exchange(&mut self, source: Name, now: &Rows) -> Option<Rows> {
        let place = self.sources.iter().position(|(other, _)| *other == source);
        if now.problem.is_some() {
            return place.map(|place| self.sources[place].1.clone());
        }
        let before = place.and_then(|place| self.sources.remove(place)).map(|(_, rows)| rows);
        self.bytes -= before.as_ref().map_or(0, super::watch::size);
        self.write(&source, now);
        self.push(source, now.clone());
        before
    }

    fn push(&mut self, source: Name, rows: Rows) {
        self.bytes += super::watch::size(&rows);
        self.sources.push_back((source, rows));
        let (sources, bytes) = MOST;
        while self.sources.len() > sources || self.bytes > bytes {
            let Some((name, gone)) = self.sources.pop_front() else { break };
            self.bytes -= super::watch::size(&gone);
            self.forget(&name);
        }
    }

    fn file(&self, source: &Name) -> Option<PathBuf> {
        Some(self.folder.as_ref()?.join(format!("{}.json", to_hex(source))))
    }

    fn read(&self, source: &Name) -> Option<Rows> {
        let path = self.file(source)?;
        let length = std::fs::metadata(&path).ok()?.len();
        serde_json::from_slice(&std::fs::read(path).ok().filter(|_| length <= LONGEST_FILE)?).ok()
    }

    /// Writes the rows of a source. A file that a crash cuts off is not read again, so nobody waits for the disk.
    fn write(&self, source: &Name, rows: &Rows) {
        let Some(path) = self.file(source) else { return };
        let new = path.with_extension("new");
        let bytes = serde_json::to_vec(rows).unwrap_or_default();
        if bytes.len() as u64 > LONGEST_FILE {
            return self.forget(source);
        }
        let written = std::fs::write(&new, bytes).and_then(|()| std::fs::rename(&new, &path));
        if let Err(error) = written {
            tracing::warn!(file = %path.display(), %error, "a restart will not know what was seen of this page");
        }
    }

    fn forget(&self, source: &Name) {
        if let Some(path) = self.file(source) {
            let _ = std::fs::remove_file(path);
        }
    }
}

/// The files of sources in a folder, with their times.
fn files(folder: &Path) -> HashMap<Name, SystemTime> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let file = |entry: std::fs::DirEntry| {
        let name = entry.file_name();
        let name = from_hex(name.to_str()?.strip_suffix(".json")?)?;
        Some((name, entry.metadata().ok()?.modified().ok()?))
    };
    entries.filter_map(file).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Rows {
        Rows { rows: vec![vec![text.to_owned()]], ..Rows::default() }
    }

    #[test]
    fn what_was_seen_last_outlives_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let sources = || [[1; 32], [2; 32]].into_iter();
        let mut first = Remembered::open(folder.path(), sources());
        assert_eq!(first.exchange([1; 32], &rows("a")), None);
        assert_eq!(first.exchange([1; 32], &rows("b")), Some(rows("a")));
        assert_eq!(first.exchange([2; 32], &rows("c")), None);
        let failed = Rows { problem: Some("gone".into()), ..Rows::default() };
        assert_eq!(first.exchange([1; 32], &failed), Some(rows("b")));

        let mut second = Remembered::open(folder.path(), sources());
        assert_eq!(
            second.exchange([1; 32], &rows("d")),
            Some(rows("b")),
            "a look that failed changes nothing"
        );
        let cut = folder.path().join(format!("{}.json", to_hex(&[1; 32])));
        std::fs::write(&cut, "{\"rows\":[[\"d").unwrap();
        std::fs::write(folder.path().join("notes.json"), "mine").unwrap();
        let mut third = Remembered::open(folder.path(), [[1; 32]].into_iter());
        assert_eq!(third.exchange([1; 32], &rows("e")), None, "a damaged file is no page");
        assert_eq!(
            third.exchange([2; 32], &rows("e")),
            None,
            "a source that is asked for no more is forgotten"
        );
        assert!(folder.path().join("notes.json").exists(), "files of others stay");
    }

    #[test]
    fn no_more_sources_are_kept_than_the_limits_allow() {
        let folder = tempfile::tempdir().unwrap();
        let name = |number: usize| {
            let mut name = [0; 32];
            name[..8].copy_from_slice(&number.to_le_bytes());
            name
        };
        let count = || std::fs::read_dir(folder.path()).unwrap().count();
        let mut remembered = Remembered::open(folder.path(), std::iter::empty());
        (0..MOST.0 + 10).for_each(|number| drop(remembered.exchange(name(number), &rows("a"))));
        assert_eq!((remembered.sources.len(), count()), (MOST.0, MOST.0));
        let long = "x".repeat(MOST.1 / 3);
        (0..4).for_each(|number| drop(remembered.exchange(name(number), &rows(&long))));
        assert_eq!((remembered.sources.len(), remembered.bytes), (3, 3 * long.len()));
        assert_eq!(count(), 0, "what is too long for a file is kept in memory alone");
    }
}
