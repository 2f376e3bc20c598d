//! The state of the chain as a trie, and proofs of what it holds.
//!
//! A block's header names the root of its state, so a stranger's nodes can be checked: each is named by its hash. A
//! [`StateProof`] holds such nodes and answers what a key holds under a root, or which node is missing. It proves
//! absence too, where the path of a key ends.
//!
//! | first byte | node |
//! |---|---|
//! | `0000 0000` | empty |
//! | `01` and 6 bits of length | leaf with its value |
//! | `10`, `11` and 6 bits | branch without, with a value |
//! | `001` and 5 bits | leaf with the hash of its value |
//! | `0001` and 4 bits | branch with the hash of its value |
//!
//! The length counts the half bytes (*nibbles*) of the key that the node adds. If its bits are all ones it goes on in
//! further bytes: each adds up to 255, and the first below 255 ends it. The nibbles follow, an odd number of them
//! after an empty half byte. A branch then has a bitmap of its sixteen children, then its value, then each child: its
//! hash, or the child itself if that has fewer than 32 bytes. Values of more than 32 bytes are hashed (version 1 of
//! the state).

use alloc::{
    collections::{BTreeMap, BTreeSet},
    vec::Vec,
};

use crate::{
    hash::{blake2_128, blake2_256, twox_128, twox_64, Hash},
    scale::Reader,
};

mod build;
#[cfg(test)]
mod tests;

pub use build::build;

/// Most nodes that one proof may hold.
pub const MOST_NODES: usize = 1 << 20;
/// Longest key, in nibbles.
const LONGEST_KEY: usize = 2 * 512;

/// Reason why a proof does not show what a key holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TrieError {
    /// A node on the path is not among those given.
    #[error(
        "the proof lacks the node 0x{}; ask for a proof of this key again, or ask another node",
        crate::hash::to_hex(.0)
    )]
    Missing(Hash),
    /// A node has its hash and is not of the form of a node.
    #[error("the node 0x{} of the state is malformed; its state version may be another one", crate::hash::to_hex(.0))]
    Malformed(Hash),
}

/// Hash by which a storage map places a part of its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hasher {
    /// The part itself.
    Identity,
    /// Sixteen bytes of BLAKE2b, then the part.
    Blake2_128Concat,
    /// Eight bytes of xxHash, then the part.
    Twox64Concat,
}

/// The key of a storage item: pallet, item, and the parts of a map's key with their hashers.
pub fn storage_key(pallet: &str, item: &str, parts: &[(Hasher, &[u8])]) -> Vec<u8> {
    let mut key = [twox_128(pallet.as_bytes()), twox_128(item.as_bytes())].concat();
    for (hasher, part) in parts {
        match hasher {
            Hasher::Identity => {}
            Hasher::Blake2_128Concat => key.extend_from_slice(&blake2_128(part)),
            Hasher::Twox64Concat => key.extend_from_slice(&twox_64(part)),
        }
        key.extend_from_slice(part);
    }
    key
}

/// Nodes of a state by their hash. Values that are kept by hash are nodes as well.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StateProof(BTreeMap<Hash, Vec<u8>>);

impl StateProof {
    /// A proof of these nodes.
    pub fn new(nodes: impl IntoIterator<Item = Vec<u8>>) -> Self {
        let mut proof = Self::default();
        proof.extend(nodes);
        proof
    }

    /// Adds nodes; those beyond [`MOST_NODES`] are left out.
    pub fn extend(&mut self, nodes: impl IntoIterator<Item = Vec<u8>>) {
        let room = MOST_NODES.saturating_sub(self.0.len());
        self.0.extend(nodes.into_iter().take(room).map(|node| (blake2_256(&node), node)));
    }

    /// The nodes, by their hash.
    pub fn nodes(&self) -> impl Iterator<Item = &Vec<u8>> {
        self.0.values()
    }

    /// The nodes that the values of these keys need, and no others.
    pub fn of_keys<'a>(
        &self,
        root: &Hash,
        keys: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<Self, TrieError> {
        let mut used = BTreeSet::new();
        for key in keys {
            self.walk(root, key, |hash| {
                used.insert(*hash);
            })?;
        }
        let nodes = self.0.iter().filter(|(hash, _)| used.contains(*hash));
        Ok(Self(nodes.map(|(hash, node)| (*hash, node.clone())).collect()))
    }

    /// The value of a key under a root; `None` if the state has none.
    pub fn value(&self, root: &Hash, key: &[u8]) -> Result<Option<Vec<u8>>, TrieError> {
        self.walk(root, key, |_| {})
    }

    fn walk(
        &self,
        root: &Hash,
        key: &[u8],
        mut seen: impl FnMut(&Hash),
    ) -> Result<Option<Vec<u8>>, TrieError> {
        let mut load = |hash: &Hash| {
            seen(hash);
            self.0.get(hash).map(Vec::as_slice).ok_or(TrieError::Missing(*hash))
        };
        let (mut name, mut bytes, mut at) = (*root, load(root)?, 0);
        loop {
            let node = Node::read(bytes).ok_or(TrieError::Malformed(name))?;
            if !node.partial.leads(key, at) {
                return Ok(None);
            }
            at += node.partial.count;
            if at == 2 * key.len() {
                return match node.value {
                    Value::None => Ok(None),
                    Value::Inline(value) => Ok(Some(value.to_vec())),
                    Value::Hashed(hash) => load(&hash).map(|value| Some(value.to_vec())),
                };
            }
            let Some(child) = nibble(key, at).and_then(|nibble| *node.children.get(usize::from(nibble))?)
            else {
                return Ok(None);
            };
            at += 1;
            match <Hash>::try_from(child) {
                Ok(hash) => (name, bytes) = (hash, load(&hash)?),
                // A child in its parent has the parent's name, and is shorter than it.
                Err(_) => bytes = child,
            }
        }
    }
}

/// The nibble `at` of a key.
fn nibble(key: &[u8], at: usize) -> Option<u8> {
    let byte = *key.get(at / 2)?;
    Some(if at.is_multiple_of(2) { byte >> 4 } else { byte & 15 })
}

/// Nibbles of a node, packed as they stand in it.
struct Partial<'a> {
    packed: &'a [u8],
    count: usize,
}

impl Partial<'_> {
    /// Whether these are the nibbles of the key from `at` on.
    fn leads(&self, key: &[u8], at: usize) -> bool {
        let pad = self.count % 2;
        (0..self.count).all(|index| nibble(self.packed, index + pad) == nibble(key, at + index))
            && at + self.count <= 2 * key.len()
    }
}

enum Value<'a> {
    None,
    Inline(&'a [u8]),
    Hashed(Hash),
}

struct Node<'a> {
    partial: Partial<'a>,
    value: Value<'a>,
    children: [Option<&'a [u8]>; 16],
}

impl<'a> Node<'a> {
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut reader = Reader(bytes);
        let first = reader.byte()?;
        // (bits of the length, branch, value, hashed)
        let (bits, branch, valued, hashed) = match first {
            0 => {
                let partial = Partial { packed: &[], count: 0 };
                return reader.is_empty().then_some(Self {
                    partial,
                    value: Value::None,
                    children: [None; 16],
                });
            }
            0x40..=0x7f => (6, false, true, false),
            0x80..=0xbf => (6, true, false, false),
            0xc0..=0xff => (6, true, true, false),
            0x20..=0x3f => (5, false, true, true),
            0x10..=0x1f => (4, true, true, true),
            _ => return None,
        };
        let count = length(&mut reader, first, bits)?;
        let packed = reader.take(count.div_ceil(2))?;
        if count % 2 == 1 && packed.first().is_some_and(|byte| byte >> 4 != 0) {
            return None;
        }
        let bitmap = if branch { u16::from_le_bytes(reader.array()?) } else { 0 };
        let value = match (valued, hashed) {
            (false, _) => Value::None,
            (true, false) => Value::Inline(reader.bytes()?),
            (true, true) => Value::Hashed(reader.array()?),
        };
        let mut children = [None; 16];
        for (index, child) in children.iter_mut().enumerate() {
            if bitmap >> index & 1 == 1 {
                *child = Some(reader.bytes().filter(|bytes| (1..=32).contains(&bytes.len()))?);
            }
        }
        (reader.is_empty() && (!branch || bitmap != 0)).then_some(Self {
            partial: Partial { packed, count },
            value,
            children,
        })
    }
}

/// The number of nibbles, whose first bits are the lowest of the first byte.
fn length(reader: &mut Reader<'_>, first: u8, bits: u32) -> Option<usize> {
    let most = (1usize << bits) - 1;
    let start = usize::from(first) & most;
    if start < most {
        return Some(start);
    }
    let mut count = most - 1;
    loop {
        let more = usize::from(reader.byte()?);
        if more < 255 {
            return Some(count + more + 1).filter(|count| *count <= LONGEST_KEY);
        }
        count += 255;
        if count > LONGEST_KEY {
            return None;
        }
    }
}
