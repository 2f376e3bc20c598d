//! The files of an epoch's rounds, to which the head of the evidence commits by one hash over all of them.
//!
//! The list proves that a file is under the root, and that no round was left out.

use alloc::{collections::BTreeMap, format, string::String, vec::Vec};

use crate::hash::{blake2_256, blake2_256_of, Hash};

/// Files by name, each with the hash of its content.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileList(BTreeMap<String, Hash>);

/// Reason why names and hashes are no list of files.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileListError {
    /// More files than an epoch has.
    #[error("it names more than {} files", FileList::MOST)]
    TooMany,
    /// A name that no file of a round has.
    #[error("`{0}` is not the name of a round's file")]
    Name(String),
    /// A name that stands behind a larger one, or twice.
    #[error("`{0}` stands twice or out of order")]
    Order(String),
}

impl FileList {
    /// Most files of a list that a stranger sends.
    pub const MOST: usize = 4_096;

    /// Most bytes of a name that a stranger sends.
    pub const LONGEST_NAME: usize = 64;

    /// A stranger's list: the names are those of rounds' files, in ascending order, each once.
    pub fn of_stranger(files: Vec<(String, Hash)>) -> Result<Self, FileListError> {
        if files.len() > Self::MOST {
            return Err(FileListError::TooMany);
        }
        let fits = |name: &str| name.len() <= Self::LONGEST_NAME && Self::is_listed(name);
        if let Some((name, _)) = files.iter().find(|(name, _)| !fits(name)) {
            return Err(FileListError::Name(name.clone()));
        }
        let twice = files.windows(2).find(|pair| pair[0].0 >= pair[1].0);
        if let Some(pair) = twice {
            return Err(FileListError::Order(pair[1].0.clone()));
        }
        Ok(files.into_iter().collect())
    }

    /// Whether a file of an epoch's folder belongs to the list. Files that are still written do not.
    pub fn is_listed(name: &str) -> bool {
        name.starts_with("round-") && !name.ends_with(".part")
    }

    /// The name of a round's file.
    pub fn name(round: u16, what: &str) -> String {
        format!("round-{round:02}.{what}")
    }

    /// The hash in the head. It is over a hash for each file, by ascending names: `BLAKE2b-256(BLAKE2b-256(name) ‖
    /// hash of the content)`.
    pub fn root(&self) -> Hash {
        let one = |(name, hash): (&String, &Hash)| blake2_256_of(&[&blake2_256(name.as_bytes()), hash]);
        let all: Vec<u8> = self.0.iter().flat_map(one).collect();
        blake2_256(&all)
    }

    /// Hash of the content of a round's file; `None` if the list does not have the file.
    pub fn hash(&self, round: u16, what: &str) -> Option<Hash> {
        self.0.get(&Self::name(round, what)).copied()
    }

    /// The rounds that were judged, ascending: those with records.
    pub fn rounds(&self) -> Vec<u16> {
        let round = |name: &String| {
            let number = name.strip_prefix("round-")?.strip_suffix(".records")?.parse().ok()?;
            (*name == Self::name(number, "records")).then_some(number)
        };
        let mut rounds: Vec<u16> = self.0.keys().filter_map(round).collect();
        rounds.sort_unstable();
        rounds
    }

    /// The files, by ascending names.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &Hash)> {
        self.0.iter()
    }
}

impl FromIterator<(String, Hash)> for FileList {
    fn from_iter<I: IntoIterator<Item = (String, Hash)>>(files: I) -> Self {
        Self(files.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use alloc::{string::ToString, vec};

    use proptest::prelude::*;

    use super::*;

    fn list(rounds: &[u16]) -> Vec<(String, Hash)> {
        let of =
            |round: &u16| ["records", "seeds"].map(|what| (FileList::name(*round, what), [*round as u8; 32]));
        rounds.iter().flat_map(of).collect()
    }

    #[test]
    fn a_list_is_read_in_order_and_names_the_rounds_that_were_judged() {
        let files = FileList::of_stranger(list(&[0, 3, 99])).unwrap();
        assert_eq!(files.rounds(), [0, 3, 99]);
        assert_eq!((files.hash(3, "seeds"), files.hash(3, "tasks")), (Some([3; 32]), None));
        assert_eq!(FileList::default().root(), blake2_256(&[]));
        let wide: FileList = list(&[100, 20]).into_iter().collect();
        assert_eq!(wide.rounds(), [20, 100], "by number, and not by name");

        let refused = |files: Vec<(String, Hash)>| FileList::of_stranger(files).unwrap_err();
        assert_eq!(refused(list(&[3, 0])), FileListError::Order("round-00.records".into()));
        assert_eq!(
            refused([list(&[1]), list(&[1])].concat()),
            FileListError::Order("round-01.records".into())
        );
        for name in ["salt", "round-01.part", "../round-00.records"] {
            assert_eq!(refused(vec![(name.into(), [0; 32])]), FileListError::Name(name.into()));
        }
        assert!(matches!(
            refused(vec![("round-".to_string() + &"0".repeat(99), [0; 32])]),
            FileListError::Name(_)
        ));
        let many = (0..=FileList::MOST).map(|number| (format!("round-{number:05}"), [0; 32])).collect();
        assert_eq!(refused(many), FileListError::TooMany);
        assert_eq!(FileList::of_stranger(list(&[7])).unwrap().rounds(), [7]);
        let odd = vec![("round-+5.records".to_string(), [0; 32]), ("round-5.records".to_string(), [0; 32])];
        assert_eq!(FileList::of_stranger(odd).unwrap().rounds(), [0u16; 0], "no round has such a name");
    }

    proptest! {
        #[test]
        fn every_change_of_a_list_has_another_root(
            rounds in prop::collection::btree_set(0u16..300, 1..20), at in any::<prop::sample::Index>(), flip in 1u8..,
        ) {
            let rounds: Vec<u16> = rounds.into_iter().collect();
            let files: Vec<_> = list(&rounds);
            let root = files.iter().cloned().collect::<FileList>().root();
            let at = at.index(files.len());
            let mut other = files.clone();
            other[at].1[5] ^= flip;
            prop_assert_ne!(other.into_iter().collect::<FileList>().root(), root);
            let mut fewer = files.clone();
            fewer.remove(at);
            prop_assert_ne!(fewer.into_iter().collect::<FileList>().root(), root);
            let mut renamed = files;
            renamed[at].0.push('x');
            prop_assert_ne!(renamed.into_iter().collect::<FileList>().root(), root);
        }
    }
}
