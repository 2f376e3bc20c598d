//! Manifests: the files of a model that is a directory.
//!
//! A manifest is a text. Its first line is [`HEADER`], and each further line has a file's content hash in hexadecimal
//! digits, its size in bytes and its path, with one blank between them. Lines end with a line feed and are sorted by
//! the bytes of the path. The same files always give the same text, so the hash of the text is an identity.

use alloc::{
    collections::BTreeSet,
    format,
    string::{String, ToString},
    vec::Vec,
};

use thiserror::Error;

use crate::identity::{content_id, Hash, ModelId};

/// First line of a manifest.
pub const HEADER: &str = "myelin manifest 1";
/// Name of the manifest beside the files that it lists, where a directory is served.
pub const FILE_NAME: &str = "myelin-manifest.txt";
/// Most files of a directory.
pub const MAX_FILES: usize = 4_096;
/// Most bytes of a path.
pub const MAX_PATH: usize = 255;
/// Most bytes of a manifest: the header and the longest lines.
pub const MAX_TEXT: usize = 32 + MAX_FILES * (64 + 1 + 20 + 1 + MAX_PATH + 1);

/// A file of a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileEntry {
    /// Path below the directory, its parts separated by `/`.
    pub path: String,
    /// Size in bytes.
    pub size: u64,
    /// Content hash.
    pub hash: Hash,
}

/// The files of a directory, sorted by path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    files: Vec<FileEntry>,
}

/// Reasons to refuse a list of files.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ManifestError {
    /// There is no file, or too many.
    #[error("a directory of weights has 1 to {MAX_FILES} files; this one has {0}")]
    Files(usize),
    /// A path leaves the directory, or not every system can write it.
    #[error(
        "`{0}` is no path of a file in a manifest: it is relative, has 1 to {MAX_PATH} bytes, single slashes, and \
         neither `.`, `..`, backslashes, colons nor control characters"
    )]
    Path(String),
    /// A path is there twice, or is a folder of another path.
    #[error("`{0}` cannot stand beside the other files of the manifest")]
    Clash(String),
    /// The sizes do not fit into 64 bits.
    #[error("the files of the manifest are larger than any disk together")]
    Size,
    /// A line is not as manifests have it.
    #[error("line {0} of the manifest is not `HASH SIZE PATH`, or not in its place")]
    Line(usize),
}

/// The first difference between a manifest and the files found.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Difference {
    /// The manifest lists a file that is not there.
    #[error("`{0}` is missing")]
    Missing(String),
    /// A file is there that the manifest does not list.
    #[error("`{0}` is not listed")]
    Unlisted(String),
    /// A file has another size.
    #[error("`{path}` has {found} bytes, and the manifest says {expected}")]
    Size {
        /// Path of the file.
        path: String,
        /// Size by the manifest.
        expected: u64,
        /// Size found.
        found: u64,
    },
    /// A file has its size and another content.
    #[error("`{0}` has another content")]
    Content(String),
}

impl Manifest {
    /// The manifest of these files, in any order.
    pub fn new(mut files: Vec<FileEntry>) -> Result<Self, ManifestError> {
        if files.is_empty() || files.len() > MAX_FILES {
            return Err(ManifestError::Files(files.len()));
        }
        files.sort_by(|a, b| a.path.as_bytes().cmp(b.path.as_bytes()));
        let mut paths = BTreeSet::new();
        let mut total = 0u64;
        for file in &files {
            if !is_path(&file.path) {
                return Err(ManifestError::Path(file.path.escape_default().to_string()));
            }
            // Systems that do not tell capital letters apart would write two such files into one.
            if !paths.insert(file.path.to_lowercase()) {
                return Err(ManifestError::Clash(file.path.clone()));
            }
            total = total.checked_add(file.size).ok_or(ManifestError::Size)?;
        }
        let folders = |path: &str| -> Vec<String> {
            path.match_indices('/').map(|(at, _)| path[..at].to_lowercase()).collect()
        };
        let clash = files.iter().find(|file| folders(&file.path).iter().any(|folder| paths.contains(folder)));
        match clash {
            Some(file) => Err(ManifestError::Clash(file.path.clone())),
            None => Ok(Self { files }),
        }
    }

    /// The manifest of files that are at hand, each a path with its content, in any order.
    pub fn of_contents(files: &[(&str, &[u8])]) -> Result<Self, ManifestError> {
        let entry = |(path, content): &(&str, &[u8])| FileEntry {
            path: (*path).to_string(),
            size: content.len() as u64,
            hash: content_id(content),
        };
        Self::new(files.iter().map(entry).collect())
    }

    /// The files, sorted by path.
    pub fn files(&self) -> &[FileEntry] {
        &self.files
    }

    /// Size of all files in bytes.
    pub fn size(&self) -> u64 {
        self.files.iter().fold(0, |sum, file| sum.saturating_add(file.size))
    }

    /// The manifest as a text.
    pub fn text(&self) -> String {
        let mut text = format!("{HEADER}\n");
        for FileEntry { path, size, hash } in &self.files {
            hash.iter().for_each(|byte| text.push_str(&format!("{byte:02x}")));
            text.push_str(&format!(" {size} {path}\n"));
        }
        text
    }

    /// Identity of the directory: the content hash of the text.
    pub fn id(&self) -> ModelId {
        content_id(self.text().as_bytes())
    }

    /// Reads a manifest. Only the text that [`text`](Self::text) writes is accepted.
    pub fn parse(text: &str) -> Result<Self, ManifestError> {
        let lines = text.strip_prefix(HEADER).and_then(|rest| rest.strip_prefix('\n'));
        let lines = lines.ok_or(ManifestError::Line(1))?;
        let mut files = Vec::new();
        for (number, line) in (2..).zip(lines.split_terminator('\n')) {
            if files.len() == MAX_FILES {
                return Err(ManifestError::Files(MAX_FILES + 1));
            }
            files.push(entry(line).ok_or(ManifestError::Line(number))?);
        }
        let manifest = Self::new(files)?;
        // Sorting, and numbers with zeros before them, show here.
        let written = manifest.text();
        if written != text {
            let same = written.lines().zip(text.lines()).take_while(|(ours, theirs)| ours == theirs).count();
            return Err(ManifestError::Line(same + 1));
        }
        Ok(manifest)
    }

    /// The first difference, by path, between this manifest and the files found.
    pub fn first_difference(&self, found: &Manifest) -> Option<Difference> {
        let mut theirs = found.files.iter().peekable();
        for ours in &self.files {
            let Some(other) = theirs.peek() else { return Some(Difference::Missing(ours.path.clone())) };
            match other.path.as_bytes().cmp(ours.path.as_bytes()) {
                core::cmp::Ordering::Less => return Some(Difference::Unlisted(other.path.clone())),
                core::cmp::Ordering::Greater => return Some(Difference::Missing(ours.path.clone())),
                core::cmp::Ordering::Equal => {}
            }
            if other.size != ours.size {
                let (expected, found) = (ours.size, other.size);
                return Some(Difference::Size { path: ours.path.clone(), expected, found });
            }
            if other.hash != ours.hash {
                return Some(Difference::Content(ours.path.clone()));
            }
            theirs.next();
        }
        theirs.next().map(|other| Difference::Unlisted(other.path.clone()))
    }
}

/// Reads a line; its path is checked later.
fn entry(line: &str) -> Option<FileEntry> {
    let mut parts = line.splitn(3, ' ');
    let (digits, size, path) = (parts.next()?.as_bytes(), parts.next()?, parts.next()?);
    let mut hash = [0u8; 32];
    if digits.len() != 64 {
        return None;
    }
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = (digit(pair[0])? << 4) | digit(pair[1])?;
    }
    Some(FileEntry { path: path.to_string(), size: size.parse().ok()?, hash })
}

/// Whether a path stays in its directory and can be written on every system.
fn is_path(path: &str) -> bool {
    let whole = !path.is_empty() && path.len() <= MAX_PATH && path != FILE_NAME;
    let plain = !path.chars().any(|letter| letter.is_control() || matches!(letter, '\\' | ':'));
    whole && plain && path.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::btree_map, prelude::*};

    fn file(path: &str, content: &[u8]) -> FileEntry {
        FileEntry { path: path.into(), size: content.len() as u64, hash: content_id(content) }
    }

    fn manifest(files: &[(&str, &[u8])]) -> Manifest {
        Manifest::of_contents(files).expect("well-formed")
    }

    #[test]
    fn paths_that_leave_the_directory_or_clash_are_refused() {
        for bad in
            ["", "/etc/passwd", "../a", "a/../b", "a//b", "./a", "a\\b", "C:a", "a\nb", "a/", FILE_NAME]
        {
            let refused = Manifest::new(alloc::vec![file(bad, b"")]);
            assert!(matches!(refused, Err(ManifestError::Path(_))), "{bad}: {refused:?}");
        }
        for clash in [["a", "a"], ["a", "a/b"], ["A/b", "a"], ["x", "X"]] {
            let refused = Manifest::new(clash.iter().map(|path| file(path, b"")).collect());
            assert!(matches!(refused, Err(ManifestError::Clash(_))), "{clash:?}");
        }
        assert_eq!(Manifest::new(alloc::vec![]), Err(ManifestError::Files(0)));
        let large = |path: &str| FileEntry { path: path.into(), size: u64::MAX, hash: [0; 32] };
        assert_eq!(Manifest::new(alloc::vec![large("a"), large("b")]), Err(ManifestError::Size));
    }

    #[test]
    fn other_texts_than_the_one_of_the_files_are_refused_at_their_line() {
        let good = manifest(&[("a", b"1"), ("b/c d", b"22")]).text();
        assert!(Manifest::parse(&good).is_ok());
        let swapped: Vec<&str> = good.lines().collect();
        let swapped = [swapped[0], swapped[2], swapped[1], ""].join("\n");
        for (bad, line) in [
            (swapped, 2),
            (good.trim_end().to_string(), 4),
            (good.replace(" 1 a", " 01 a"), 2),
            (good.replace(" 1 a", " -1 a"), 2),
            (good.to_uppercase(), 1),
            (good.clone() + "\n", 4),
        ] {
            assert_eq!(Manifest::parse(&bad), Err(ManifestError::Line(line)), "{bad}");
        }
    }

    #[test]
    fn the_first_difference_is_named() {
        let first = manifest(&[("a", b"1"), ("b", b"22"), ("c", b"3")]);
        let told = |files: &[(&str, &[u8])]| first.first_difference(&manifest(files));
        assert_eq!(told(&[("a", b"1"), ("b", b"22"), ("c", b"3")]), None);
        assert_eq!(told(&[("a", b"1"), ("c", b"3")]), Some(Difference::Missing("b".into())));
        assert_eq!(told(&[("a", b"1"), ("b", b"22")]), Some(Difference::Missing("c".into())));
        assert_eq!(
            told(&[("a", b"1"), ("aa", b""), ("b", b"22"), ("c", b"3")]),
            Some(Difference::Unlisted("aa".into()))
        );
        assert_eq!(
            told(&[("a", b"1"), ("b", b"22"), ("c", b"3"), ("d", b"")]),
            Some(Difference::Unlisted("d".into()))
        );
        let size = Difference::Size { path: "b".into(), expected: 2, found: 1 };
        assert_eq!(told(&[("a", b"1"), ("b", b"2"), ("c", b"3")]), Some(size));
        assert_eq!(told(&[("a", b"1"), ("b", b"23"), ("c", b"3")]), Some(Difference::Content("b".into())));
    }

    proptest! {
        #[test]
        fn manifests_survive_a_round_trip_and_do_not_depend_on_the_order(
            files in btree_map("[a-z]{1,8}(/[0-9]{1,3} ?x)?", (any::<u64>(), any::<[u8; 32]>()), 1..20),
        ) {
            let entries: Vec<FileEntry> = files.iter()
                .map(|(path, (size, hash))| FileEntry { path: path.clone(), size: size >> 8, hash: *hash })
                .collect();
            let reversed = entries.iter().rev().cloned().collect();
            let Ok(manifest) = Manifest::new(entries) else { return Ok(()) };
            prop_assert_eq!(&Manifest::new(reversed), &Ok(manifest.clone()));
            prop_assert_eq!(Manifest::parse(&manifest.text()), Ok(manifest.clone()));
            prop_assert_eq!(manifest.first_difference(&manifest), None);
        }

        #[test]
        fn any_text_is_read_or_refused(
            text in "(myelin manifest 1\n)?([0-9a-f]{64} [0-9]{1,3} [ -~]{1,9}\n){0,4}.{0,20}",
        ) {
            if let Ok(manifest) = Manifest::parse(&text) {
                prop_assert_eq!(manifest.text(), text);
            }
        }
    }
}
