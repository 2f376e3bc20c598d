//! The texts from which a validator cuts its tasks.
//!
//! By default a [`Writer`] with the validator's secret composes a text anew for every task. Its pieces are of sources
//! and pages that come with the program, or of a folder that the validator names. For trying out, passages can be cut
//! from the public texts as they stand.

use std::{
    borrow::Cow,
    path::{Path, PathBuf},
    sync::Arc,
};

use myelin_lm::{
    builtin::{ngram, BuiltinError},
    corpus::{clean, Corpus, Document},
    ngram::NgramModel,
};
use myelin_wire::{
    hash::blake2_256_of,
    seed::{Seed, SeedRng},
};

use crate::{
    protocol::TextRequest,
    score::first_words,
    shape::{go_on, Runs},
    substitution::NamePool,
    writer::{TooFew, Writer},
};

/// Sources and pages of this project as they were at one commit, packed by `examples/pack_texts.rs`. The built-in
/// models were trained on other texts, the crates of `ml/lm/corpus/crates.txt`.
const TEXTS: &[u8] = include_bytes!("../data/texts.deflate");
const LONGEST_TEXTS: usize = 16 << 20;
const PUBLIC: &str = "the program's own texts";

/// Signs before a place by which whoever has the texts knows how it goes on, and whoever has kept what was asked.
const SIGNS: usize = 5;
const SIGNS_OF_COMPOSED: usize = 7;
/// Composed texts of which this is known: more than a miner is asked for in four epochs.
const COMPOSED: usize = 8_000;
/// Tokens of the n-gram model's guess: the rest of a word, nearly always.
const GUESS: u32 = 4;
/// Fewer documents of a kind would be guessed too easily.
const MIN_DOCUMENTS: usize = 4;
/// Deepest folder that is read, and the most files.
const MAX_DEPTH: usize = 8;
const MAX_FILES: usize = 20_000;

/// Texts, and names to put into them.
#[derive(Clone)]
pub struct Library {
    texts: Texts,
    names: Arc<NamePool>,
    /// The n-gram model.
    guesser: Arc<NgramModel>,
}

#[derive(Clone)]
enum Texts {
    /// Documents that passages are cut from as they stand.
    Read { code: Arc<Vec<Document>>, prose: Arc<Vec<Document>> },
    /// Composes a text for every task, of pieces whose runs of signs are known.
    Written(Arc<Writer>, Arc<[Runs; 2]>),
}

/// Reasons for a library without texts.
#[derive(Debug, thiserror::Error)]
pub enum LibraryError {
    /// The place has too few texts.
    #[error(
        "the task library at {place} has {code} files of code and {prose} of prose, tasks need at least {MIN_DOCUMENTS} of each; \
         name a folder of more .rs and .md files with --corpus"
    )]
    TooSmall {
        /// The place.
        place: String,
        /// Files of code.
        code: usize,
        /// Files of prose.
        prose: usize,
    },
    /// The texts of the place give too few pieces of a sort.
    #[error(
        "the task library at {place} has {short}; add files of Rust with functions and comments, and pages of whole sentences"
    )]
    TooFew {
        /// The place.
        place: String,
        /// The sort of pieces.
        short: TooFew,
    },
    /// The texts that come with the program are damaged.
    #[error("the texts that come with this program are damaged; build or download it again")]
    Packed,
    /// The n-gram model that comes with the program is damaged.
    #[error("{0}; build or download this program again")]
    Model(#[from] BuiltinError),
    /// A folder cannot be read.
    #[error("reading the task library at {path}: {source}; check that the folder exists and is readable")]
    Read {
        /// The folder.
        path: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
}

impl Library {
    /// The public texts: sources and pages of this project, which come with the program. The built-in models never saw
    /// them in training.
    pub fn public() -> Result<Self, LibraryError> {
        Self::read(public_documents()?, PUBLIC)
    }

    /// The `.rs`, `.md` and `.txt` files below a folder, sorted by path.
    pub fn folder(path: &Path) -> Result<Vec<Document>, LibraryError> {
        let mut files = Vec::new();
        collect_files(path, 0, &mut files)?;
        files.sort();
        let read = |file: &PathBuf| {
            let text = clean(&std::fs::read(file).ok()?)?;
            let label = file.strip_prefix(path).unwrap_or(file).display().to_string();
            Some(Document { label, text })
        };
        Ok(files.iter().filter_map(read).collect())
    }

    /// A library from which passages are cut as they stand, but for a few names. Everybody who has these documents
    /// recognises them.
    pub fn read(documents: Vec<Document>, place: &str) -> Result<Self, LibraryError> {
        let names = NamePool::of(documents.iter().map(|document| document.text.as_str()));
        let (code, prose) = split(documents, place)?;
        Ok(Self {
            texts: Texts::Read { code: Arc::new(code), prose: Arc::new(prose) },
            names: Arc::new(names),
            guesser: Arc::new(ngram()?),
        })
    }

    /// A library that composes a new text for every task, of pieces of these documents. Nobody else has such a text,
    /// even with the documents: the secret selects the pieces that a validator uses.
    pub fn written(documents: Vec<Document>, place: &str, secret: [u8; 32]) -> Result<Self, LibraryError> {
        let (code, prose) = split(documents, place)?;
        let [code, prose] = [&code, &prose].map(|documents| -> Vec<&str> {
            documents.iter().map(|document| document.text.as_str()).collect()
        });
        let writer = Writer::new(&code, &prose, secret)
            .map_err(|short| LibraryError::TooFew { place: place.to_owned(), short })?;
        let mut rng = Seed(blake2_256_of(&[b"myelin/text-composed/1", &secret])).rng();
        let composed: Vec<String> = (0..COMPOSED).map(|_| writer.code(&mut rng)).collect();
        let known = [
            Runs::of(code.into_iter(), SIGNS),
            Runs::of(composed.iter().map(String::as_str), SIGNS_OF_COMPOSED),
        ];
        Ok(Self {
            texts: Texts::Written(Arc::new(writer), Arc::new(known)),
            names: Arc::default(),
            guesser: Arc::new(ngram()?),
        })
    }

    /// The default library of a validator that names no texts of its own, composed of the public texts.
    pub fn own(secret: [u8; 32]) -> Result<Self, LibraryError> {
        Self::written(public_documents()?, PUBLIC, secret)
    }

    /// A text of code.
    pub fn code(&self, rng: &mut SeedRng) -> Cow<'_, str> {
        match &self.texts {
            Texts::Read { code, .. } => one_of(code, rng),
            Texts::Written(writer, _) => writer.code(rng).into(),
        }
    }

    /// Whether every text is made for its task alone.
    pub fn is_composed(&self) -> bool {
        matches!(self.texts, Texts::Written(..))
    }

    /// Whether the continuation of a text follows from the shape of its beginning, for a program that has the pieces of
    /// composed texts.
    pub fn goes_on(&self, before: &str, behind: &str) -> bool {
        match &self.texts {
            Texts::Read { .. } => false,
            Texts::Written(_, runs) => go_on(&**runs, before, behind),
        }
    }

    /// Whether the likeliest tokens of the n-gram model make the first word of the reference.
    pub fn is_guessed(&self, request: &TextRequest, reference: &str) -> bool {
        let asked = TextRequest { max_tokens: GUESS, ..request.clone() };
        let guess = self.guesser.likeliest_tokens(&asked.to_model(0));
        guess.is_ok_and(|guess| first_words(&guess.text, reference, request.is_line()) > 0)
    }

    /// A text of prose.
    pub fn prose(&self, rng: &mut SeedRng) -> Cow<'_, str> {
        match &self.texts {
            Texts::Read { prose, .. } => one_of(prose, rng),
            Texts::Written(writer, _) => writer.prose(rng).into(),
        }
    }

    /// All documents that passages are cut from, always in the same order; none where texts are composed.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let (code, prose): (&[Document], &[Document]) = match &self.texts {
            Texts::Read { code, prose } => (code, prose),
            Texts::Written(..) => (&[], &[]),
        };
        code.iter().chain(prose).map(|document| document.text.as_str())
    }

    /// Names for fresh identifiers; none where texts have names of their own already.
    pub fn names(&self) -> &NamePool {
        &self.names
    }
}

/// The documents that come with the program.
pub fn public_documents() -> Result<Vec<Document>, LibraryError> {
    let unreadable = || LibraryError::Packed;
    let bytes =
        miniz_oxide::inflate::decompress_to_vec_with_limit(TEXTS, LONGEST_TEXTS).map_err(|_| unreadable())?;
    Ok(Corpus::from_bytes(&bytes).ok_or_else(unreadable)?.documents)
}

/// Code, whose labels end in `.rs`, and prose.
fn split(documents: Vec<Document>, place: &str) -> Result<(Vec<Document>, Vec<Document>), LibraryError> {
    let (code, prose): (Vec<_>, Vec<_>) =
        documents.into_iter().partition(|document| document.label.ends_with(".rs"));
    if code.len() < MIN_DOCUMENTS || prose.len() < MIN_DOCUMENTS {
        return Err(LibraryError::TooSmall { place: place.to_owned(), code: code.len(), prose: prose.len() });
    }
    Ok((code, prose))
}

fn one_of<'d>(documents: &'d [Document], rng: &mut SeedRng) -> Cow<'d, str> {
    rng.choose(documents).map_or("", |document| document.text.as_str()).into()
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
    use myelin_lm::corpus::CrateList;
    use myelin_wire::hash::{blake2_256, to_hex};

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
        Library::read(texts.into_iter().map(document).collect(), "tests").unwrap()
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
        let documents = Library::folder(folder.path()).unwrap();
        assert!(Library::read(documents.clone(), "here").is_ok());
        let error = Library::written(documents, "here", [1; 32]).err().unwrap().to_string();
        assert!(
            error.contains(" first lines of functions, tasks need"),
            "too little to compose anything: {error}"
        );
    }

    /// A change here changes all tasks and the tables of the kit.
    #[test]
    fn the_public_texts_are_these() {
        let bytes = miniz_oxide::inflate::decompress_to_vec(TEXTS).unwrap();
        assert_eq!(
            to_hex(&blake2_256(&bytes)),
            "eca7943d752572324676263f64b60685b2f935cc0fbf0fa538faa39e392c1053"
        );
        let trained = CrateList::pinned().unwrap();
        let label = |document: &Document| document.label.clone();
        let labels: Vec<String> = public_documents().unwrap().iter().map(label).collect();
        let is_crate = |label: &String| {
            trained.crates.iter().any(|package| label.starts_with(&format!("{}-", package.name)))
        };
        assert!(labels.len() > 300 && !labels.iter().any(is_crate), "no model was trained on these");
    }

    #[test]
    fn an_empty_or_missing_folder_is_explained() {
        let folder = tempfile::tempdir().unwrap();
        let documents = Library::folder(folder.path()).unwrap();
        let error = Library::read(documents, "here").err().unwrap().to_string();
        assert!(error.contains("--corpus") && error.contains("0 files of code"), "{error}");
        assert!(Library::folder(&folder.path().join("nowhere")).is_err());
    }
}
