//! The list of answers that a miner signed in an epoch, whose root it commits to.
//!
//! A validator may say that a miner was away or late. The miner's root is on the chain before the validator's evidence
//! can be read. So an answer under the root shows that the miner knew the question by then, and to which answer it is
//! bound. Whoever has the answer's signature checks it against the leaf. It does not show that or when the answer
//! arrived, and the question of a task that all miners get may have come from another miner.

use alloc::vec::Vec;

use super::{tree, ListRoot};
use crate::{
    hash::{row, Hash},
    AccountId,
};

const DOMAIN: &[u8] = b"myelin/signed-answer/1";

/// An answer that a miner signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SignedLeaf {
    /// The validator that asked.
    pub validator: AccountId,
    /// Id of the challenge.
    pub challenge: Hash,
    /// Hash of the request.
    pub request: Hash,
    /// Hash of the answer.
    pub answer: Hash,
}

impl SignedLeaf {
    /// Bytes of the canonical form.
    pub const LEN: usize = 128;

    /// The hash of the leaf.
    pub fn hash(&self) -> Hash {
        tree::leaf_hash(&[DOMAIN, &self.validator, &self.challenge, &self.request, &self.answer])
    }

    /// The canonical form.
    pub fn to_bytes(&self) -> [u8; Self::LEN] {
        row(&[&self.validator, &self.challenge, &self.request, &self.answer])
    }

    /// Reads [`to_bytes`](Self::to_bytes).
    pub fn from_bytes(bytes: &[u8; Self::LEN]) -> Self {
        let part = |at: usize| {
            let mut part = [0; 32];
            part.copy_from_slice(&bytes[at..at + 32]);
            part
        };
        Self { validator: part(0), challenge: part(32), request: part(64), answer: part(96) }
    }
}

/// The signed answers of a miner's epoch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SignedList {
    leaves: Vec<SignedLeaf>,
}

impl SignedList {
    /// The list of these answers, in any order. Of several to one challenge one counts.
    pub fn new(mut leaves: Vec<SignedLeaf>) -> Self {
        leaves.sort_unstable();
        leaves.dedup_by_key(|leaf| (leaf.validator, leaf.challenge));
        Self { leaves }
    }

    /// The answers, sorted by validator and challenge.
    pub fn leaves(&self) -> &[SignedLeaf] {
        &self.leaves
    }

    /// The answer to a challenge of a validator.
    pub fn find(&self, validator: &AccountId, challenge: &Hash) -> Option<(usize, &SignedLeaf)> {
        let key = (*validator, *challenge);
        let at = self.leaves.binary_search_by_key(&key, |leaf| (leaf.validator, leaf.challenge)).ok()?;
        self.leaves.get(at).map(|leaf| (at, leaf))
    }

    /// The root to commit to, and the number of answers.
    pub fn root(&self) -> ListRoot {
        ListRoot::of(&self.hashes())
    }

    /// The answer to a challenge of a validator, with its index and its path to the root.
    pub fn open(&self, validator: &AccountId, challenge: &Hash) -> Option<SignedOpening> {
        let (index, leaf) = self.find(validator, challenge)?;
        let path = tree::path(&self.hashes(), index)?;
        Some(SignedOpening { leaf: *leaf, index: index as u32, path })
    }

    fn hashes(&self) -> Vec<Hash> {
        self.leaves.iter().map(SignedLeaf::hash).collect()
    }
}

/// An answer under a miner's root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedOpening {
    /// The answer.
    pub leaf: SignedLeaf,
    /// Its index in the list.
    pub index: u32,
    /// The hashes up to the root.
    pub path: Vec<Hash>,
}

impl SignedOpening {
    /// Whether the answer is under this root.
    pub fn is_under(&self, root: &ListRoot) -> bool {
        tree::leads_to(&root.root, root.len, self.index, self.leaf.hash(), &self.path)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn leaf(validator: u8, challenge: u8) -> SignedLeaf {
        SignedLeaf {
            validator: [validator; 32],
            challenge: [challenge; 32],
            request: [9; 32],
            answer: [8; 32],
        }
    }

    proptest! {
        #[test]
        fn every_answer_opens_and_no_other_does(
            asked in prop::collection::vec((0u8..4, any::<u8>()), 0..40), other in (0u8..4, any::<u8>()),
        ) {
            let leaves = asked.iter().map(|(validator, challenge)| leaf(*validator, *challenge));
            let list = SignedList::new(leaves.collect());
            let root = list.root();
            prop_assert_eq!(root.len as usize, asked.iter().collect::<alloc::collections::BTreeSet<_>>().len());
            for (validator, challenge) in &asked {
                let opening = list.open(&[*validator; 32], &[*challenge; 32]).unwrap();
                prop_assert!(opening.is_under(&root));
                let foreign = SignedOpening { leaf: leaf(5, *challenge), ..opening };
                prop_assert!(!foreign.is_under(&root));
            }
            prop_assert_eq!(list.open(&[other.0; 32], &[other.1; 32]).is_some(), asked.contains(&other));
        }
    }

    #[test]
    fn leaves_are_read_as_they_were_written() {
        let one = SignedLeaf { validator: [1; 32], challenge: [2; 32], request: [3; 32], answer: [4; 32] };
        assert_eq!(SignedLeaf::from_bytes(&one.to_bytes()), one);
        assert_eq!(SignedList::default().root(), ListRoot::default());
    }
}
