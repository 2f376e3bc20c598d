//! Fetches the sources of listed crates that are not on disk, by the package manager.

use super::{CorpusError, CrateList, CrateSources, PinnedCrate};
use std::fmt::Write;
use std::path::Path;
use std::process::Command;

impl CrateList {
    /// Fetches the crates that `sources` lacks through `cargo fetch`, with a throw-away package in `folder` that
    /// depends on them. Returns the crates that could not be fetched.
    ///
    /// Crates that cannot stand together in one package (two that link the same native library, for instance) are
    /// fetched one by one.
    pub fn fetch_missing<'a>(
        &'a self,
        sources: &CrateSources,
        folder: &Path,
    ) -> Result<Vec<&'a PinnedCrate>, CorpusError> {
        let missing = |c: &&PinnedCrate| sources.folder(&c.name, &c.version).is_none();
        let missing: Vec<_> = self.crates.iter().filter(missing).collect();
        if missing.is_empty() || cargo_fetch(folder, &missing)? {
            return Ok(Vec::new());
        }
        let mut failed = Vec::new();
        for c in missing {
            if !cargo_fetch(folder, &[c])? {
                failed.push(c);
            }
        }
        Ok(failed)
    }
}

/// Whether the package manager could fetch these crates together.
fn cargo_fetch(folder: &Path, crates: &[&PinnedCrate]) -> Result<bool, CorpusError> {
    let access = |path: &Path, source| CorpusError::Read { path: path.to_owned(), source };
    let source = folder.join("src");
    std::fs::create_dir_all(&source).map_err(|e| access(&source, e))?;
    for (path, text) in [("Cargo.toml", manifest(crates)), ("src/lib.rs", String::new())] {
        let path = folder.join(path);
        std::fs::write(&path, text).map_err(|e| access(&path, e))?;
    }
    let lock = folder.join("Cargo.lock");
    if lock.exists() {
        std::fs::remove_file(&lock).map_err(|e| access(&lock, e))?;
    }
    let run = Command::new("cargo").args(["fetch", "--quiet"]).current_dir(folder).output();
    run.map(|output| output.status.success()).map_err(|e| access(Path::new("cargo"), e))
}

/// A package that depends on exactly these versions, under names of its own, so that two versions can meet.
pub(super) fn manifest(crates: &[&PinnedCrate]) -> String {
    let head = "[package]\nname = \"fetch\"\nversion = \"0.0.0\"\nedition = \"2021\"\n\n[workspace]\n\n[dependencies]\n";
    let mut text = String::from(head);
    for (i, c) in crates.iter().enumerate() {
        writeln!(
            text,
            "c{i} = {{ package = \"{}\", version = \"={}\", default-features = false }}",
            c.name, c.version
        )
        .expect("writing to a string cannot fail");
    }
    text
}
