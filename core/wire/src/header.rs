//! Headers of blocks, and the seal of their authors.
//!
//! | part | bytes |
//! |---|---|
//! | header | parent (32), compact number, state root (32), extrinsics root (32), digest items |
//! | slot | digest item 6, `aura`, 8 bytes |
//! | seal | digest item 5, `aura`, 64 bytes; the last item |
//!
//! The author of a block signs the hash of the header without its seal (sr25519). The signature names no chain: only
//! the parent's hash does.

use alloc::vec::Vec;

use crate::{
    hash::{blake2_256, Hash},
    scale::Reader,
    sr25519::Signature,
};

/// Digest item of a consensus engine.
#[cfg_attr(not(feature = "ed25519"), allow(dead_code))]
pub(crate) const CONSENSUS: u8 = 4;
/// Digest item of a signature over the rest.
const SEAL: u8 = 5;
/// Digest item that an author adds before it executes the block.
const PRE_RUNTIME: u8 = 6;
/// Name of Aura among the digest items.
const AURA: &[u8] = b"aura";

/// A block's header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Hash of the header before it.
    pub parent: Hash,
    /// Height.
    pub number: u32,
    /// Root of the state after the block.
    pub state_root: Hash,
    /// Root of the block's transactions.
    pub extrinsics_root: Hash,
    /// Its digest items, as they are encoded.
    pub digest: Vec<Vec<u8>>,
}

/// The parts of a header that its author vouches for by a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// Slot of the block.
    pub slot: u64,
    /// Hash of the header without its seal.
    pub signed: Hash,
    /// The author's signature over that hash.
    pub signature: Signature,
}

impl Header {
    /// Reads a header with nothing after it; `None` if the bytes are no header.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader(bytes);
        Self::read(&mut reader).filter(|_| reader.is_empty())
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let parent = reader.array()?;
        let number = u32::try_from(reader.compact()?).ok()?;
        let (state_root, extrinsics_root) = (reader.array()?, reader.array()?);
        let count = reader.len(1)?;
        let digest = (0..count).map(|_| read_item(reader)).collect::<Option<_>>()?;
        Some(Self { parent, number, state_root, extrinsics_root, digest })
    }

    /// The bytes whose hash names the block.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.encode(&self.digest)
    }

    /// The block's hash.
    pub fn hash(&self) -> Hash {
        blake2_256(&self.to_bytes())
    }

    /// Slot and seal of Aura. `None` without exactly one slot, or if the last item is not the only seal.
    pub fn sealed(&self) -> Option<Sealed> {
        let (last, rest) = self.digest.split_last()?;
        let signature = of_aura(SEAL, last)?.try_into().ok()?;
        if rest.iter().any(|item| item.first() == Some(&SEAL)) {
            return None;
        }
        let mut slots = rest.iter().filter_map(|item| of_aura(PRE_RUNTIME, item));
        let slot = u64::from_le_bytes(slots.next()?.try_into().ok()?);
        let signed = blake2_256(&self.encode(rest));
        slots.next().is_none().then_some(Sealed { slot, signed, signature })
    }

    /// The bytes of the header with these digest items.
    fn encode(&self, digest: &[Vec<u8>]) -> Vec<u8> {
        let mut out = self.parent.to_vec();
        crate::scale::push_compact(&mut out, self.number.into());
        out.extend_from_slice(&self.state_root);
        out.extend_from_slice(&self.extrinsics_root);
        crate::scale::push_compact(&mut out, digest.len() as u64);
        digest.iter().for_each(|item| out.extend_from_slice(item));
        out
    }
}

/// The content of an item, if it is of this kind and Aura's.
fn of_aura(kind: u8, item: &[u8]) -> Option<&[u8]> {
    let mut reader = Reader(item);
    let is_it = reader.byte() == Some(kind) && reader.take(4) == Some(AURA);
    is_it.then(|| reader.bytes()).flatten().filter(|_| reader.is_empty())
}

/// An item of a digest, as its bytes.
fn read_item(reader: &mut Reader<'_>) -> Option<Vec<u8>> {
    let whole = reader.0;
    match reader.byte()? {
        0 => drop(reader.bytes()?),
        CONSENSUS..=PRE_RUNTIME => {
            reader.take(4)?;
            reader.bytes()?;
        }
        8 => {}
        _ => return None,
    }
    whole.get(..whole.len() - reader.0.len()).map(<[u8]>::to_vec)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{vec, vec::Vec};

    fn item(kind: u8, engine: &[u8], content: &[u8]) -> Vec<u8> {
        let mut item = vec![kind];
        item.extend_from_slice(engine);
        crate::scale::push_compact(&mut item, content.len() as u64);
        item.extend_from_slice(content);
        item
    }

    fn header(digest: Vec<Vec<u8>>) -> Header {
        Header { parent: [1; 32], number: 70_000, state_root: [2; 32], extrinsics_root: [3; 32], digest }
    }

    #[test]
    fn the_seal_signs_the_header_without_it() {
        let slot = item(PRE_RUNTIME, AURA, &77u64.to_le_bytes());
        let (log, seal) = (item(CONSENSUS, b"FRNK", &[9]), item(SEAL, AURA, &[5; 64]));
        let whole = header(vec![slot.clone(), log.clone(), seal]);
        let signed = header(vec![slot, log]).hash();
        assert_eq!(whole.sealed(), Some(Sealed { slot: 77, signed, signature: [5; 64] }));
        assert_ne!(whole.hash(), signed);
        assert_eq!(Header::parse(&whole.to_bytes()), Some(whole));
    }

    #[test]
    fn a_header_without_one_slot_and_one_seal_at_its_end_has_none() {
        let slot = || item(PRE_RUNTIME, AURA, &77u64.to_le_bytes());
        let seal = || item(SEAL, AURA, &[5; 64]);
        let others = [
            vec![],
            vec![slot()],
            vec![seal()],
            vec![seal(), slot()],
            vec![slot(), slot(), seal()],
            vec![slot(), seal(), seal()],
            vec![slot(), item(SEAL, b"babe", &[5; 64])],
            vec![slot(), item(SEAL, AURA, &[5; 63])],
            vec![item(PRE_RUNTIME, AURA, &[7; 9]), seal()],
            vec![item(PRE_RUNTIME, b"babe", &77u64.to_le_bytes()), seal()],
        ];
        for digest in others {
            assert_eq!(header(digest.clone()).sealed(), None, "{digest:?}");
        }
    }
}
