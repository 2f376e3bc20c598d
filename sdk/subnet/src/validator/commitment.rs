//! Salted commitments to weights, as the chain hashes them.

use myelin_wire::AccountId;
use serde::{Deserialize, Serialize};

use crate::chain::{Track, WeightVector};

/// Words of salt. Weights have little entropy; these 128 bits keep them from being guessed.
pub const SALT_WORDS: usize = 8;

/// Weights that are committed to and wait for their epoch. Saved before the commitment is sent, because nobody can
/// reveal without the salt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingWeights {
    /// The mechanism.
    #[serde(default)]
    pub mechanism: u8,
    /// The subnet epoch in which the commitment was made.
    pub epoch: u64,
    /// The subnet epoch in which it must be revealed.
    pub reveal_epoch: u64,
    /// The weights that will be revealed.
    pub weights: WeightVector,
    /// The salt.
    pub salt: Vec<u16>,
    /// Root over the evidence of the epoch, where the subnet demands proof.
    #[serde(default)]
    pub root: Option<[u8; 32]>,
    /// Whether the chain is known to hold the commitment.
    pub confirmed: bool,
}

impl PendingWeights {
    /// The hash that is committed.
    pub fn hash(&self, hotkey: &AccountId, netuid: u16) -> [u8; 32] {
        self.weights.commit_hash(hotkey, self.track(netuid), &self.salt)
    }

    /// Subnet and mechanism of the weights.
    pub fn track(&self, netuid: u16) -> Track {
        Track { netuid, mechanism: self.mechanism }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use myelin_wire::hash::blake2_256;

    #[test]
    fn the_commitment_hashes_the_documented_bytes() {
        let pending = PendingWeights {
            mechanism: 0,
            epoch: 3,
            reveal_epoch: 4,
            weights: WeightVector { uids: vec![1, 2], values: vec![65_535, 7], version_key: 9 },
            salt: vec![0x0102, 0x0304],
            root: None,
            confirmed: false,
        };
        // Account, netuid 2, then three vectors with their compact lengths (2 is 0x08), then the version key.
        let bytes: Vec<u8> = [
            &[0xaa; 32][..],
            &[2, 0],
            &[8, 1, 0, 2, 0],
            &[8, 0xff, 0xff, 7, 0],
            &[8, 2, 1, 4, 3],
            &[9, 0, 0, 0, 0, 0, 0, 0],
        ]
        .concat();
        assert_eq!(pending.hash(&[0xaa; 32], 2), blake2_256(&bytes));
        // Mechanism 1 of subnet 2 is stored under 4098.
        let second = PendingWeights { mechanism: 1, ..pending };
        let mut bytes = bytes;
        bytes[33] = 16;
        assert_eq!(second.hash(&[0xaa; 32], 2), blake2_256(&bytes));
    }
}
