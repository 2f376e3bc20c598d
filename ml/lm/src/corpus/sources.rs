//! Finds crate sources in the package manager's folders.

use super::{CorpusError, MAX_FILE_BYTES};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Folders of unpacked registry crates: `$CARGO_HOME/registry/src/*`, by default below `~/.cargo`.
pub fn registry_folders() -> Vec<PathBuf> {
    let home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cargo")));
    let Some(home) = home else { return Vec::new() };
    let Ok(entries) = std::fs::read_dir(home.join("registry/src")) else { return Vec::new() };
    let mut folders: Vec<_> = entries.flatten().map(|e| e.path()).filter(|p| p.is_dir()).collect();
    folders.sort();
    folders
}

/// Where the sources of crates are.
#[derive(Clone, Debug, Default)]
pub struct CrateSources {
    folders: BTreeMap<(String, String), PathBuf>,
}

impl CrateSources {
    /// Lists the crates unpacked in `folders`, each in a subfolder `name-version`. Unreadable folders count as empty.
    pub fn in_folders(folders: &[PathBuf]) -> Self {
        let mut found = BTreeMap::new();
        for entry in folders.iter().filter_map(|f| std::fs::read_dir(f).ok()).flatten().flatten() {
            let path = entry.path();
            let Some(label) = path.file_name().and_then(|n| n.to_str()) else { continue };
            if let Some((name, version)) = split_label(label).filter(|_| path.is_dir()) {
                found.entry((name.to_owned(), version.to_owned())).or_insert(path);
            }
        }
        CrateSources { folders: found }
    }

    /// The crates of [`registry_folders`].
    pub fn of_registry() -> Self {
        Self::in_folders(&registry_folders())
    }

    /// Folder of one crate.
    pub fn folder(&self, name: &str, version: &str) -> Option<&Path> {
        self.folders.get(&(name.to_owned(), version.to_owned())).map(PathBuf::as_path)
    }
}

/// Splits `name-version`. A name may hold a part like `-2` itself: a version begins with digits and a dot.
pub(super) fn split_label(label: &str) -> Option<(&str, &str)> {
    let is_version = |text: &str| {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        digits > 0 && text.as_bytes().get(digits) == Some(&b'.')
    };
    let (at, _) = label.match_indices('-').find(|(i, _)| is_version(&label[i + 1..]))?;
    Some((&label[..at], &label[at + 1..]))
}

/// The licence expression of a crate's manifest; empty if there is none.
pub(super) fn licence(folder: &Path) -> String {
    let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
    let line = manifest.lines().find(|l| l.starts_with("license ") || l.starts_with("license="));
    line.and_then(|l| l.split('"').nth(1)).unwrap_or_default().to_owned()
}

/// Relative paths of the Rust files below `src/` and `examples/`, and of the README, with `/` as separator.
pub(super) fn files(folder: &Path) -> Result<Vec<String>, CorpusError> {
    let mut found = Vec::new();
    let mut open = vec![("src".to_owned(), 0), ("examples".to_owned(), 0)];
    while let Some((relative, depth)) = open.pop() {
        let path = folder.join(&relative);
        if !path.is_dir() {
            continue;
        }
        let read = |source| CorpusError::Read { path: path.clone(), source };
        for entry in std::fs::read_dir(&path).map_err(read)? {
            let entry = entry.map_err(read)?;
            let kind = entry.file_type().map_err(read)?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            let child = format!("{relative}/{name}");
            if kind.is_dir() && depth < 12 {
                open.push((child, depth + 1));
            } else if kind.is_file() && name.ends_with(".rs") {
                let length = entry.metadata().map_err(read)?.len();
                if length <= MAX_FILE_BYTES as u64 {
                    found.push(child);
                }
            }
        }
    }
    if folder.join("README.md").is_file() {
        found.push("README.md".to_owned());
    }
    Ok(found)
}
