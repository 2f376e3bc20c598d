//! The pinned list of crates.

use super::{CorpusError, CrateSources};
use std::collections::BTreeMap;
use std::fmt::Write;

/// One crate of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PinnedCrate {
    /// Name in the registry.
    pub name: String,
    /// Exact version.
    pub version: String,
    /// The licence expression of its manifest.
    pub licence: String,
}

/// Crates and versions the corpus is made of, both sides of the split, sorted by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CrateList {
    /// The crates, sorted by name.
    pub crates: Vec<PinnedCrate>,
}

/// The list this repository's checkpoints were trained with.
const PINNED: &str = include_str!("../../corpus/crates.txt");

impl CrateList {
    /// The list this repository's checkpoints were trained with.
    pub fn pinned() -> Result<Self, CorpusError> {
        Self::parse(PINNED)
    }

    /// Reads lines of `name version licence`; `#` begins a comment.
    pub fn parse(text: &str) -> Result<Self, CorpusError> {
        let mut crates = Vec::new();
        for (i, line) in text.lines().enumerate() {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let mut parts = line.splitn(3, ' ').map(str::to_owned);
            match (parts.next(), parts.next(), parts.next()) {
                (Some(name), Some(version), Some(licence)) => {
                    crates.push(PinnedCrate { name, version, licence })
                }
                _ => return Err(CorpusError::List { line: i + 1 }),
            }
        }
        Ok(CrateList { crates })
    }

    /// Selects from lock files: crates of the public registry with a permissive licence that are not bindings,
    /// each in its newest locked version. Crates that are not on disk are left out, so fetch first.
    pub fn select(lock_files: &[String], sources: &CrateSources) -> Self {
        let mut newest: BTreeMap<&str, &str> = BTreeMap::new();
        for lock in lock_files {
            for (name, version) in registry_packages(lock) {
                let known = newest.entry(name).or_insert(version);
                if version_key(version) > version_key(known) {
                    *known = version;
                }
            }
        }
        let mut crates = Vec::new();
        for (name, version) in newest {
            let Some(folder) = sources.folder(name, version) else { continue };
            let licence = super::sources::licence(folder);
            if is_candidate(name, &licence) {
                crates.push(PinnedCrate { name: name.to_owned(), version: version.to_owned(), licence });
            }
        }
        CrateList { crates }
    }

    /// The text [`CrateList::parse`] reads.
    pub fn to_text(&self) -> String {
        let mut text = String::from("# crate version licence; written by `train select`\n");
        for c in &self.crates {
            writeln!(text, "{} {} {}", c.name, c.version, c.licence)
                .expect("writing to a string cannot fail");
        }
        text
    }
}

/// Name and version of each registry package of a lock file.
fn registry_packages(lock: &str) -> impl Iterator<Item = (&str, &str)> {
    lock.split("[[package]]").filter_map(|block| {
        let value = |key: &str| {
            let line = block.lines().find(|l| l.strip_prefix(key).is_some_and(|r| r.starts_with(" = ")))?;
            line.split('"').nth(1)
        };
        let source = value("source")?;
        source.starts_with("registry+").then_some((value("name")?, value("version")?))
    })
}

/// Orders versions by their numeric parts.
fn version_key(version: &str) -> Vec<u64> {
    let core = version.split(['+', '-']).next().unwrap_or_default();
    core.split('.').map(|part| part.parse().unwrap_or(0)).collect()
}

/// Whether a crate may be used: permissive licence, not a binding to a foreign interface.
fn is_candidate(name: &str, licence: &str) -> bool {
    let binding = name.starts_with("windows")
        || name.starts_with("winapi")
        || name.ends_with("-sys")
        || name.ends_with("_sys")
        || name.contains("bindings");
    !binding && is_permissive(licence)
}

/// Whether some alternative of a licence expression consists of permissive licences only.
fn is_permissive(expression: &str) -> bool {
    const PERMISSIVE: [&str; 10] = [
        "MIT",
        "Apache-2.0",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "ISC",
        "Zlib",
        "0BSD",
        "Unlicense",
        "MIT-0",
        "Unicode-3.0",
    ];
    let flat = expression.replace(['(', ')'], " ").replace('/', " OR ");
    flat.split(" OR ").any(|alternative| {
        let mut terms = alternative.split(" AND ").map(str::trim).peekable();
        terms.peek().is_some_and(|t| !t.is_empty())
            && terms.all(|t| PERMISSIVE.contains(&t.trim_end_matches(" WITH LLVM-exception").trim()))
    })
}
