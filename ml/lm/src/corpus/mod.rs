//! The training text: Rust sources and READMEs of crates that the package manager has on disk.
//!
//! A *pinned list* names crates, versions and licences; it is the only input besides the sources themselves, whose
//! checksums the package manager verifies. Crates are *held out* by a rule on their name, and training never reads
//! those. The text is filtered, freed of licence headers, deduplicated and put into a fixed order, so that the same
//! list gives the same bytes and the same [`Corpus::hash`] everywhere.

mod fetch;
mod filter;
mod list;
mod sources;

pub use filter::{clean, MAX_FILE_BYTES};
pub use list::{CrateList, PinnedCrate};
pub use sources::{registry_folders, CrateSources};

use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// Most text that one crate may contribute, so that a few very large crates do not dominate the corpus.
pub const MAX_CRATE_BYTES: usize = 192 * 1024;

/// Shortest line that is compared by [`Corpus::novel`]: shorter lines occur everywhere and say nothing about kinship.
const NOVEL_LINE_BYTES: usize = 24;

/// Side of the split that a crate belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    /// Read in training.
    Training,
    /// Never read in training.
    HeldOut,
}

impl Split {
    /// A crate is held out iff the first byte of the BLAKE3 hash of its name is below 32: one in eight.
    pub fn of(crate_name: &str) -> Self {
        if blake3::hash(crate_name.as_bytes()).as_bytes()[0] < 32 {
            Split::HeldOut
        } else {
            Split::Training
        }
    }
}

/// Why the corpus could not be built or read.
#[derive(Debug, thiserror::Error)]
pub enum CorpusError {
    #[error("reading {path}: {source}; check that the file exists and is readable", path = path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("the sources of {missing} of {total} listed crates are not on disk (first: {first}); run `cargo run -p myelin-lm --bin train -- fetch`")]
    Missing { missing: usize, total: usize, first: String },
    #[error("line {line} of the crate list is not `name version licence`")]
    List { line: usize },
    #[error("{path} is not a corpus file; build it with `train corpus`", path = path.display())]
    Format { path: PathBuf },
}

/// One file of the corpus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// `crate-version/path/inside`.
    pub label: String,
    /// The cleaned content.
    pub text: String,
}

impl Document {
    /// Name of the crate the document comes from.
    pub fn crate_name(&self) -> &str {
        let folder = self.label.split('/').next().unwrap_or_default();
        sources::split_label(folder).map_or(folder, |(name, _)| name)
    }
}

/// Documents in their fixed order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Corpus {
    /// All documents, sorted by the hash of their labels.
    pub documents: Vec<Document>,
}

impl Corpus {
    /// Builds one side of the split from the listed crates. Every listed crate must be on disk.
    pub fn build(list: &CrateList, split: Split, sources: &CrateSources) -> Result<Self, CorpusError> {
        let wanted: Vec<_> = list.crates.iter().filter(|c| Split::of(&c.name) == split).collect();
        let missing: Vec<_> =
            wanted.iter().filter(|c| sources.folder(&c.name, &c.version).is_none()).collect();
        if let Some(first) = missing.first() {
            let first = format!("{} {}", first.name, first.version);
            return Err(CorpusError::Missing { missing: missing.len(), total: wanted.len(), first });
        }
        let mut corpus = Corpus::default();
        for c in wanted {
            if let Some(folder) = sources.folder(&c.name, &c.version) {
                corpus.documents.extend(read_crate(folder, &format!("{}-{}", c.name, c.version))?);
            }
        }
        corpus.arrange();
        Ok(corpus)
    }

    /// The documents most of whose lines are not in `known`: at most a quarter of their longer lines occur there.
    ///
    /// Held-out crates have relatives among the training crates (a fork, a split, a shared macro); this leaves them
    /// out.
    pub fn novel(&self, known: &Corpus) -> Corpus {
        let lines = |d: &'_ Document| {
            let long = |line: &&str| line.trim().len() >= NOVEL_LINE_BYTES;
            d.text
                .lines()
                .filter(long)
                .map(|l| *blake3::hash(l.trim().as_bytes()).as_bytes())
                .collect::<Vec<_>>()
        };
        let seen: HashSet<[u8; 32]> = known.documents.iter().flat_map(lines).collect();
        let novel = |d: &&Document| {
            let lines = lines(d);
            4 * lines.iter().filter(|l| seen.contains(*l)).count() <= lines.len()
        };
        Corpus { documents: self.documents.iter().filter(novel).cloned().collect() }
    }

    /// Removes repeated texts and sorts by the hash of the label, which mixes the crates.
    fn arrange(&mut self) {
        self.documents.sort_by_cached_key(|d| *blake3::hash(d.label.as_bytes()).as_bytes());
        let mut seen = HashSet::new();
        self.documents.retain(|d| seen.insert(blake3::hash(d.text.as_bytes())));
    }

    /// Total length of the texts.
    pub fn bytes(&self) -> usize {
        self.documents.iter().map(|d| d.text.len()).sum()
    }

    /// Hash over labels, lengths and texts in order.
    pub fn hash(&self) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new();
        for d in &self.documents {
            for part in [d.label.as_bytes(), d.text.as_bytes()] {
                hasher.update(&(part.len() as u64).to_le_bytes());
                hasher.update(part);
            }
        }
        hasher.finalize()
    }

    /// Writes the corpus as one file.
    pub fn save(&self, path: &Path) -> std::io::Result<()> {
        std::fs::write(path, self.to_bytes())
    }

    /// Reads what [`Corpus::save`] wrote.
    pub fn load(path: &Path) -> Result<Self, CorpusError> {
        let read = |source| CorpusError::Read { path: path.to_owned(), source };
        Self::from_bytes(&std::fs::read(path).map_err(read)?)
            .ok_or_else(|| CorpusError::Format { path: path.to_owned() })
    }

    /// The corpus as the bytes of a file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        for d in &self.documents {
            bytes.extend_from_slice(d.label.as_bytes());
            bytes.push(0);
            bytes.extend_from_slice(d.text.as_bytes());
            bytes.push(0);
        }
        bytes
    }

    /// Reads the bytes that [`Corpus::to_bytes`] returned; `None` for any other bytes.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes.strip_prefix(MAGIC)?).ok()?;
        let mut parts = text.split_terminator('\0');
        let mut documents = Vec::new();
        while let Some(label) = parts.next() {
            documents.push(Document { label: label.to_owned(), text: parts.next()?.to_owned() });
        }
        Some(Corpus { documents })
    }
}

const MAGIC: &[u8] = b"myelin corpus 1\n";

/// Reads the useful files of one crate, at most [`MAX_CRATE_BYTES`], chosen by the hash of their label.
fn read_crate(folder: &Path, label: &str) -> Result<Vec<Document>, CorpusError> {
    let mut files = sources::files(folder)?;
    files.sort_by_cached_key(|path| *blake3::hash(format!("{label}/{path}").as_bytes()).as_bytes());
    let mut total = 0;
    let mut documents = Vec::new();
    for path in files {
        let full = folder.join(&path);
        let bytes = std::fs::read(&full).map_err(|source| CorpusError::Read { path: full, source })?;
        let Some(text) = clean(&bytes) else { continue };
        if total + text.len() <= MAX_CRATE_BYTES {
            total += text.len();
            documents.push(Document { label: format!("{label}/{path}"), text });
        }
    }
    Ok(documents)
}

#[cfg(test)]
mod tests;
