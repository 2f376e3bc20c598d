//! The texts from which a validator cuts its tasks.
//!
//! A validator names a folder of texts of its own. For trying out there are the sources and READMEs of the *held-out* crates that the
//! package manager has on disk: the built-in models never saw them in training, but everybody has them.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    sync::Arc,
};

use myelin_lm::corpus::{clean, Corpus, CrateSources, Document};
use myelin_wire::seed::SeedRng;

use crate::substitution::NamePool;

/// Fewer documents of a kind are too easily guessed.
const MIN_DOCUMENTS: usize = 4;
/// A folder is read down to this depth, and no more files than this.
const MAX_DEPTH: usize = 8;
const MAX_FILES: usize = 20_000;
/// Lines of so many bytes say where a text is from; a text of which more than one in so many stands elsewhere is from there.
const LONG_LINE: usize = 24;
const SHARED: usize = 20;

/// Texts, and names to put into them.
#[derive(Clone)]
pub struct Library {
    code: Arc<Vec<Document>>,
    prose: Arc<Vec<Document>>,
    names: Arc<NamePool>,
}

/// Why there are no texts.
#[derive(Debug, thiserror::Error)]
pub enum LibraryError {
    /// Too little was found.
    #[error(
        "the task library at {place} has {code} files of code and {prose} of prose, tasks need at least {MIN_DOCUMENTS} of each; \
         run `cargo fetch --locked` in a Rust project, or name a folder of .rs and .md files with --corpus"
    )]
    TooSmall {
        /// Where it was looked for.
        place: String,
        /// Files of code.
        code: usize,
        /// Files of prose.
        prose: usize,
    },
    /// A folder cannot be read.
    #[error("reading the task library at {path}: {source}; check that the folder exists and is readable")]
    Read {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl Library {
    /// The held-out crates on disk.
    pub fn held_out() -> Result<Self, LibraryError> {
        let corpus = Corpus::held_out_on_disk(&CrateSources::of_registry());
        Self::new(corpus.documents, "the package manager's folder")
    }

    /// The `.rs`, `.md` and `.txt` files below a folder, sorted by path.
    pub fn folder(path: &Path) -> Result<Self, LibraryError> {
        let mut files = Vec::new();
        collect_files(path, 0, &mut files)?;
        files.sort();
        let read = |file: &PathBuf| {
            let text = clean(&std::fs::read(file).ok()?)?;
            let label = file.strip_prefix(path).unwrap_or(file).display().to_string();
            Some(Document { label, text })
        };
        Self::new(files.iter().filter_map(read).collect(), &path.display().to_string())
    }

    /// What the package manager has on disk, in two halves that have little in common: one as a validator might keep it to itself, one as
    /// everybody has it. For tests of what it is worth to have the texts.
    pub fn halves() -> Result<[Self; 2], LibraryError> {
        let documents = Corpus::held_out_on_disk(&CrateSources::of_registry()).documents;
        // By crate, because files of one crate have much in common, and so have its versions.
        let is_own =
            |document: &Document| document.crate_name().bytes().map(u32::from).sum::<u32>().is_multiple_of(2);
        let (mut own, public): (Vec<_>, Vec<_>) = documents.into_iter().partition(is_own);
        // What crates have of each other, or of a common source, stands in both.
        let known: HashSet<&str> =
            public.iter().flat_map(|document| document.text.lines().map(str::trim)).collect();
        own.retain(|document| {
            let long = document.text.lines().map(str::trim).filter(|line| line.len() >= LONG_LINE);
            let (shared, own): (Vec<_>, Vec<_>) = long.partition(|line| known.contains(line));
            SHARED * shared.len() <= shared.len() + own.len()
        });
        let half = |documents| Self::new(documents, "half of the package manager's folder");
        Ok([half(own)?, half(public)?])
    }

    /// A library of these documents: those whose label ends in `.rs` are code, the others prose.
    pub fn new(documents: Vec<Document>, place: &str) -> Result<Self, LibraryError> {
        let names = NamePool::of(documents.iter().map(|document| document.text.as_str()));
        let (code, prose): (Vec<_>, Vec<_>) =
            documents.into_iter().partition(|document| document.label.ends_with(".rs"));
        if code.len() < MIN_DOCUMENTS || prose.len() < MIN_DOCUMENTS {
            return Err(LibraryError::TooSmall {
                place: place.to_owned(),
                code: code.len(),
                prose: prose.len(),
            });
        }
        Ok(Self { code: Arc::new(code), prose: Arc::new(prose), names: Arc::new(names) })
    }

    /// A document of code.
    pub fn code(&self, rng: &mut SeedRng) -> &str {
        rng.choose(&self.code).map_or("", |document| document.text.as_str())
    }

    /// A document of prose.
    pub fn prose(&self, rng: &mut SeedRng) -> &str {
        rng.choose(&self.prose).map_or("", |document| document.text.as_str())
    }

    /// All texts, always in the same order.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.code.iter().chain(self.prose.iter()).map(|document| document.text.as_str())
    }

    /// Names for fresh identifiers.
    pub fn names(&self) -> &NamePool {
        &self.names
    }
}

fn collect_files(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), LibraryError> {
    let failed = |source| LibraryError::Read { path: folder.to_owned(), source };
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let kind = entry.file_type().map_err(failed)?;
        let path = entry.path();
        let wanted =
            path.extension().and_then(|e| e.to_str()).is_some_and(|e| matches!(e, "rs" | "md" | "txt"));
        if kind.is_dir() && depth < MAX_DEPTH {
            collect_files(&path, depth + 1, files)?;
        } else if kind.is_file() && wanted && files.len() < MAX_FILES {
            files.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A small library written for tests; its texts are in this repository.
    pub(crate) fn own_sources() -> Library {
        let document = |(label, text): (&str, &str)| Document { label: label.into(), text: text.into() };
        let texts = [
            ("similarity.rs", include_str!("similarity.rs")),
            ("substitution.rs", include_str!("substitution.rs")),
            ("protocol.rs", include_str!("protocol.rs")),
            ("library.rs", include_str!("library.rs")),
            ("a.md", include_str!("../README.md")),
            ("b.md", include_str!("../README.md")),
            ("c.md", include_str!("../README.md")),
            ("d.md", include_str!("../README.md")),
        ];
        Library::new(texts.into_iter().map(document).collect(), "tests").unwrap()
    }

    #[test]
    fn a_folder_of_texts_serves_as_library() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("src")).unwrap();
        for number in 0..MIN_DOCUMENTS {
            let code =
                format!("fn number_{number}() {{\n{}}}\n", "    let window = open_window();\n".repeat(9));
            std::fs::write(folder.path().join(format!("src/{number}.rs")), code).unwrap();
            let prose = format!("Chapter {number}. {}", "A window opens slowly. ".repeat(9)) + "\n";
            std::fs::write(folder.path().join(format!("{number}.md")), prose).unwrap();
        }
        assert!(Library::folder(folder.path()).is_ok());
    }

    #[test]
    fn an_empty_or_missing_folder_is_explained() {
        let folder = tempfile::tempdir().unwrap();
        let error = Library::folder(folder.path()).err().unwrap().to_string();
        assert!(error.contains("--corpus") && error.contains("0 files of code"), "{error}");
        assert!(Library::folder(&folder.path().join("nowhere")).is_err());
    }
}
