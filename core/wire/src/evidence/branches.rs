//! The upper half of an evidence tree: whoever has it and the records of an epoch checks both against the root that is
//! on the chain, without any text of the evidence.

use alloc::vec::Vec;

use super::{proof::Reader, EpochHead, ListRoot, MinerLeaf, ProofError};
use crate::{
    hash::{blake2_256_of, Hash},
    AccountId,
};

const POSSESSION_DOMAIN: &[u8] = b"myelin/possession/1";

/// Bytes of a possession tag.
pub const TAG_LEN: usize = 16;

/// Most miners under a root: two hotkeys for each of 4,096 uids.
const MOST_MINERS: usize = 8_192;

/// The head of an epoch and the leaves of all miners.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Branches {
    /// The head.
    pub head: EpochHead,
    /// The miners, in the order of the tree.
    pub miners: Vec<MinerLeaf>,
}

impl Branches {
    /// Most bytes of the canonical form.
    pub const MOST_BYTES: usize = EpochHead::LEN + MOST_MINERS * MinerLeaf::LEN;

    /// The root that the validator committed to, if the miners are those of the head.
    pub fn root(&self) -> Option<Hash> {
        let hashes: Vec<Hash> = self.miners.iter().map(MinerLeaf::hash).collect();
        (ListRoot::of(&hashes) == self.head.miners).then(|| self.head.root())
    }

    /// The canonical form: the head, then the miners.
    pub fn to_bytes(&self) -> Vec<u8> {
        let miners = self.miners.iter().flat_map(|miner| miner.to_bytes());
        self.head.to_bytes().into_iter().chain(miners).collect()
    }

    /// Reads [`to_bytes`](Self::to_bytes).
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ProofError> {
        if bytes.len() > Self::MOST_BYTES {
            return Err(ProofError::Malformed { what: "it has more miners than a subnet", at: bytes.len() });
        }
        let mut reader = Reader { bytes, at: 0 };
        let head = reader.head()?;
        let mut miners = Vec::with_capacity(bytes.len() / MinerLeaf::LEN);
        while reader.at < bytes.len() {
            miners.push(reader.miner()?);
        }
        Ok(Self { head, miners })
    }
}

/// The tag with which a holder states on the chain that it has a validator's records of an epoch: BLAKE2b-256 over
/// domain, holder, netuid, epoch and the bytes of all records, cut to [`TAG_LEN`] bytes. Nobody computes it for a
/// holder without the records, and whoever has them checks it.
pub fn possession_tag(holder: &AccountId, netuid: u16, epoch: u64, records: &[&[u8]]) -> [u8; TAG_LEN] {
    let (netuid, epoch) = (netuid.to_le_bytes(), epoch.to_le_bytes());
    let occasion: [&[u8]; 4] = [POSSESSION_DOMAIN, holder, &netuid, &epoch];
    let parts = [&occasion[..], records].concat();
    let mut tag = [0; TAG_LEN];
    tag.copy_from_slice(&blake2_256_of(&parts)[..TAG_LEN]);
    tag
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::evidence::{EvidenceTree, Files, MinerEvidence};

    fn tree(records: &[u8]) -> EvidenceTree {
        let miner = |(uid, &count): (u16, &u8)| MinerEvidence {
            uid,
            hotkey: [uid as u8; 32],
            answers: Vec::new(),
            records: (0..count).map(|number| [number; 32]).collect(),
        };
        let miners = (0..).zip(records).map(miner).collect();
        EvidenceTree::new((3, 42), [7; 32], Files::default(), miners)
    }

    proptest! {
        #[test]
        fn branches_are_read_as_they_were_written_and_have_the_root_of_their_tree(
            records in prop::collection::vec(0u8..9, 0..20), changed in any::<prop::sample::Index>(), flip in 1u8..,
        ) {
            let tree = tree(&records);
            let branches = tree.branches();
            let bytes = branches.to_bytes();
            prop_assert_eq!(Branches::from_bytes(&bytes), Ok(branches.clone()));
            prop_assert_eq!(branches.root(), Some(tree.root()));
            let mut other = bytes.clone();
            other[changed.index(bytes.len())] ^= flip;
            let root = Branches::from_bytes(&other).ok().and_then(|other| other.root());
            prop_assert!(root != Some(tree.root()));
        }
    }

    #[test]
    fn half_a_miner_and_a_missing_one_are_noticed() {
        let branches = tree(&[2, 1]).branches();
        let bytes = branches.to_bytes();
        assert!(Branches::from_bytes(&bytes[..bytes.len() - 1]).is_err());
        let fewer = Branches::from_bytes(&bytes[..bytes.len() - MinerLeaf::LEN]).unwrap();
        assert_eq!(fewer.root(), None);
        assert!(Branches::from_bytes(&alloc::vec![0; Branches::MOST_BYTES + 1]).is_err());
    }

    #[test]
    fn a_tag_names_holder_occasion_and_records() {
        let tag = |holder: u8, netuid, epoch, records: &[&[u8]]| {
            possession_tag(&[holder; 32], netuid, epoch, records)
        };
        let right = tag(1, 2, 3, &[b"ab", b"c"]);
        assert_eq!(right, tag(1, 2, 3, &[b"abc"]), "how the records are cut does not matter");
        let others = [
            tag(2, 2, 3, &[b"abc"]),
            tag(1, 3, 3, &[b"abc"]),
            tag(1, 2, 4, &[b"abc"]),
            tag(1, 2, 3, &[b"abd"]),
        ];
        assert!(others.iter().all(|other| *other != right));
    }
}
