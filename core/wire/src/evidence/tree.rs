//! Merkle trees over lists of hashes.
//!
//! Leaves and inner nodes are hashed under different first bytes, so neither can stand for the other. A node without a
//! sibling moves up unchanged. The shape follows from the number of leaves, which whoever keeps a root keeps beside it.

use alloc::vec::Vec;

use crate::hash::{blake2_256_of, each_row, row, Hash};

/// Hashes on the longest path, for lists of up to 2³² entries.
pub const LONGEST_PATH: usize = 32;

/// The hash of a leaf with this content.
pub fn leaf_hash(content: &[&[u8]]) -> Hash {
    let mut parts: Vec<&[u8]> = Vec::with_capacity(content.len() + 1);
    parts.push(&[0]);
    parts.extend_from_slice(content);
    blake2_256_of(&parts)
}

fn node_hash(left: &Hash, right: &Hash) -> Hash {
    blake2_256_of(&[&[1], left, right])
}

/// The root over the hashes of leaves; zero if there are none.
pub fn root(leaves: &[Hash]) -> Hash {
    let mut level = leaves.to_vec();
    while level.len() > 1 {
        level = next_level(&level);
    }
    level.first().copied().unwrap_or_default()
}

fn next_level(level: &[Hash]) -> Vec<Hash> {
    let (pairs, alone) = level.as_chunks::<2>();
    let mut next = each_row(pairs.iter().map(|[left, right]| row::<65>(&[&[1], left, right])));
    next.extend(alone);
    next
}

/// The siblings from a leaf up to the root; `None` if there is no such leaf.
pub fn path(leaves: &[Hash], index: usize) -> Option<Vec<Hash>> {
    if index >= leaves.len() {
        return None;
    }
    let (mut level, mut at, mut path) = (leaves.to_vec(), index, Vec::new());
    while level.len() > 1 {
        path.extend(level.get(at ^ 1));
        level = next_level(&level);
        at /= 2;
    }
    Some(path)
}

/// Whether `path` leads from the leaf `index` of `len` to `root`.
pub fn leads_to(root: &Hash, len: u32, index: u32, leaf: Hash, path: &[Hash]) -> bool {
    if index >= len {
        return false;
    }
    let (mut at, mut last, mut hash, mut siblings) = (index, len - 1, leaf, path.iter());
    while last > 0 {
        // The last node of a level of odd length has no sibling.
        if at != last || at % 2 == 1 {
            let Some(sibling) = siblings.next() else { return false };
            hash = if at % 2 == 1 { node_hash(sibling, &hash) } else { node_hash(&hash, sibling) };
        }
        at /= 2;
        last /= 2;
    }
    siblings.next().is_none() && hash == *root
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn leaves(count: usize) -> Vec<Hash> {
        (0..count).map(|number| leaf_hash(&[&(number as u32).to_le_bytes()])).collect()
    }

    #[test]
    fn small_trees_are_as_documented() {
        let all = leaves(3);
        assert_eq!(root(&[]), [0; 32]);
        assert_eq!(root(&all[..1]), all[0]);
        let pair = blake2_256_of(&[&[1], &all[0], &all[1]]);
        assert_eq!(root(&all), blake2_256_of(&[&[1], &pair, &all[2]]));
        assert_eq!(path(&all, 2), Some(alloc::vec![pair]));
        assert_eq!(path(&all, 3), None);
    }

    proptest! {
        #[test]
        fn every_leaf_has_a_path_and_no_other_leaf_fits_it(
            count in 1usize..70, index in any::<prop::sample::Index>(), other in any::<prop::sample::Index>(),
        ) {
            let (all, index, other) = (leaves(count), index.index(count), other.index(count));
            let (root, path) = (root(&all), path(&all, index).unwrap());
            let len = count as u32;
            prop_assert!(path.len() <= LONGEST_PATH);
            prop_assert!(leads_to(&root, len, index as u32, all[index], &path));
            prop_assert_eq!(leads_to(&root, len, index as u32, all[other], &path), other == index);
            prop_assert_eq!(leads_to(&root, len, other as u32, all[index], &path), other == index);
            let longer = [&path[..], &[all[0]]].concat();
            prop_assert!(!leads_to(&root, len, index as u32, all[index], &longer));
            prop_assert!(path.is_empty() || !leads_to(&root, len, index as u32, all[index], &path[1..]));
        }
    }
}
