//! A record with its way to the root that its validator committed to.

use alloc::vec::Vec;

use super::{
    proof::{append_path, Reader},
    record_leaf, tree, EpochHead, ListRoot, MinerLeaf, ProofError,
};
use crate::{
    hash::Hash,
    record::{miner_digest, Record},
};

/// The way from a record to the root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordOpening {
    /// The head.
    pub head: EpochHead,
    /// The miner.
    pub miner: MinerLeaf,
    /// Its place among the miners.
    pub place: u32,
    /// The way from the miner to the head.
    pub miner_path: Vec<Hash>,
    /// The record's index among those of the miner.
    pub index: u32,
    /// The way from the record to the miner.
    pub path: Vec<Hash>,
}

/// Reason why an opening does not show that a validator committed to a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpeningFault {
    /// The record is of another occasion.
    #[error("the record is of another subnet, epoch or validator than the head of its evidence")]
    OtherOccasion,
    /// The record is about another miner.
    #[error("the record is about another miner than the one under which it stands")]
    OtherMiner,
    /// The record is not under the miner.
    #[error("the record is not under its miner")]
    NotUnderMiner,
    /// The miner is not under the head.
    #[error("the miner of the record is not under the head of the evidence")]
    NotUnderHead,
}

impl RecordOpening {
    /// The root under which the record stands. Whether its validator committed to that root, the chain knows.
    pub fn root_over(&self, record: &Record) -> Result<Hash, OpeningFault> {
        let EpochHead { netuid, epoch, validator, miners, .. } = &self.head;
        if (record.netuid, record.epoch, record.signer) != (*netuid, *epoch, *validator) {
            return Err(OpeningFault::OtherOccasion);
        }
        if (record.miner_uid, record.miner) != (self.miner.uid, miner_digest(&self.miner.hotkey)) {
            return Err(OpeningFault::OtherMiner);
        }
        let ListRoot { len, root } = &self.miner.records;
        let leaf = record.to_bytes().map(|bytes| record_leaf(&bytes));
        let is_there = |leaf| tree::leads_to(root, *len, self.index, leaf, &self.path);
        if !leaf.is_ok_and(is_there) {
            return Err(OpeningFault::NotUnderMiner);
        }
        match tree::leads_to(&miners.root, miners.len, self.place, self.miner.hash(), &self.miner_path) {
            true => Ok(self.head.root()),
            false => Err(OpeningFault::NotUnderHead),
        }
    }

    /// Canonical bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = self.head.to_bytes();
        out.extend_from_slice(&self.miner.to_bytes());
        for (index, path) in [(self.place, &self.miner_path), (self.index, &self.path)] {
            out.extend_from_slice(&index.to_le_bytes());
            append_path(&mut out, path);
        }
        out
    }

    /// Reads [`to_bytes`](Self::to_bytes); every other spelling is refused.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ProofError> {
        let mut reader = Reader { bytes, at: 0 };
        let (head, miner) = (reader.head()?, reader.miner()?);
        let (place, miner_path) = (u32::from_le_bytes(reader.take()?), reader.path()?);
        let (index, path) = (u32::from_le_bytes(reader.take()?), reader.path()?);
        match reader.at == bytes.len() {
            true => Ok(Self { head, miner, place, miner_path, index, path }),
            false => Err(ProofError::Malformed { what: "bytes after the end", at: reader.at }),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        evidence::{EvidenceTree, Files, MinerEvidence},
        record::{LatencyBucket, Ppm, Reason, NO_EXTENSION},
    };

    pub(crate) fn record(uid: u16, task: u16) -> Record {
        Record {
            netuid: 3,
            epoch: 42,
            round: 1,
            task,
            audience: 0,
            seed: [1; 32],
            signer: [7; 32],
            miner_uid: uid,
            miner: miner_digest(&[uid as u8; 32]),
            request: [2; 32],
            answer: [3; 32],
            rubric: [4; 4],
            signed: true,
            commit_order: u8::MAX,
            latency: LatencyBucket::of_ms(9),
            reason: Reason::Scored,
            score: Ppm::ONE,
            parts: alloc::vec![Ppm::ONE],
            extension: NO_EXTENSION,
        }
    }

    fn tree(counts: &[u16]) -> EvidenceTree {
        let miner = |(uid, count): (u16, &u16)| MinerEvidence {
            uid,
            hotkey: [uid as u8; 32],
            answers: Vec::new(),
            records: (0..*count).map(|task| record_leaf(&record(uid, task).to_bytes().unwrap())).collect(),
        };
        EvidenceTree::new((3, 42), [7; 32], Files::default(), (0..).zip(counts).map(miner).collect())
    }

    proptest! {
        #[test]
        fn every_record_opens_and_no_changed_opening_does(
            counts in prop::collection::vec(1u16..9, 1..20), uid in any::<prop::sample::Index>(),
            task in any::<prop::sample::Index>(), byte in any::<prop::sample::Index>(), flip in 1u8..,
        ) {
            let tree = tree(&counts);
            let uid = uid.index(counts.len());
            let record = record(uid as u16, task.index(usize::from(counts[uid])) as u16);
            let opening = tree.open_record(&record).unwrap();
            prop_assert_eq!(opening.root_over(&record), Ok(tree.root()));
            let bytes = opening.to_bytes();
            prop_assert_eq!(RecordOpening::from_bytes(&bytes), Ok(opening));
            let mut other = bytes.clone();
            other[byte.index(bytes.len())] ^= flip;
            let root = RecordOpening::from_bytes(&other).ok().and_then(|other| other.root_over(&record).ok());
            prop_assert!(root != Some(tree.root()));
            prop_assert!(RecordOpening::from_bytes(&bytes[..byte.index(bytes.len())]).is_err());
        }
    }

    #[test]
    fn a_record_that_is_not_under_the_root_has_no_opening_and_fits_no_other() {
        let tree = tree(&[2, 3]);
        assert_eq!(tree.open_record(&record(1, 3)), None);
        assert_eq!(tree.open_record(&record(2, 0)), None);
        let opening = tree.open_record(&record(1, 0)).unwrap();
        let fault = |record: Record| opening.root_over(&record).unwrap_err();
        assert_eq!(fault(Record { epoch: 43, ..record(1, 0) }), OpeningFault::OtherOccasion);
        assert_eq!(fault(Record { signer: [8; 32], ..record(1, 0) }), OpeningFault::OtherOccasion);
        assert_eq!(fault(record(0, 0)), OpeningFault::OtherMiner);
        assert_eq!(fault(record(1, 1)), OpeningFault::NotUnderMiner);
        assert_eq!(fault(Record { score: Ppm::ZERO, ..record(1, 0) }), OpeningFault::NotUnderMiner);
        let apart = RecordOpening { place: 0, ..opening.clone() };
        assert_eq!(apart.root_over(&record(1, 0)), Err(OpeningFault::NotUnderHead));
    }
}
