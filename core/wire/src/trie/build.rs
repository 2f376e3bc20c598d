//! Builds a state, as a chain does when it names its root.

use alloc::{collections::BTreeMap, vec::Vec};

use super::StateProof;
use crate::{
    hash::{blake2_256, Hash},
    scale::push_compact,
};

/// The root of a state with these entries, and all its nodes. Keys may not be longer than a proof reads them.
pub fn build(entries: &BTreeMap<Vec<u8>, Vec<u8>>) -> (Hash, StateProof) {
    let mut nodes = Vec::new();
    let nibbles = |key: &Vec<u8>| -> Vec<u8> { key.iter().flat_map(|byte| [byte >> 4, byte & 15]).collect() };
    let entries: Vec<(Vec<u8>, Vec<u8>)> =
        entries.iter().map(|(key, value)| (nibbles(key), value.clone())).collect();
    let top = if entries.is_empty() { alloc::vec![0] } else { node(&entries, 0, &mut nodes) };
    let root = blake2_256(&top);
    nodes.push(top);
    (root, StateProof::new(nodes))
}

/// The node over entries whose keys are equal up to `at`.
fn node(entries: &[(Vec<u8>, Vec<u8>)], at: usize, nodes: &mut Vec<Vec<u8>>) -> Vec<u8> {
    let (Some((first, value)), Some((last, _))) = (entries.first(), entries.last()) else {
        return Vec::new();
    };
    let pairs = first.iter().zip(last).skip(at);
    let shared = pairs.take_while(|(one, other)| one == other).count();
    let (partial, end) = (first.get(at..at + shared).unwrap_or_default(), at + shared);
    let own = (first.len() == end).then_some(value);
    let below = entries.get(usize::from(own.is_some())..).unwrap_or_default();
    let hashed = own.is_some_and(|value| value.len() > 32);
    let (prefix, bits) = match (below.is_empty(), own.is_some(), hashed) {
        (true, _, false) => (0x40, 6),
        (true, _, true) => (0x20, 5),
        (false, false, _) => (0x80, 6),
        (false, true, false) => (0xc0, 6),
        (false, true, true) => (0x10, 4),
    };
    let mut out = Vec::new();
    push_header(&mut out, prefix, bits, partial.len());
    let odd = partial.get(..partial.len() % 2).unwrap_or_default();
    out.extend_from_slice(odd);
    let pairs = partial.get(odd.len()..).unwrap_or_default().chunks_exact(2);
    out.extend(pairs.map(|pair| pair.iter().fold(0, |byte, nibble| byte << 4 | nibble)));
    let mut children = Vec::new();
    if !below.is_empty() {
        let mut bitmap = 0u16;
        for index in 0..16u8 {
            let of_it: Vec<_> =
                below.iter().filter(|(key, _)| key.get(end) == Some(&index)).cloned().collect();
            if of_it.is_empty() {
                continue;
            }
            bitmap |= 1 << index;
            let child = node(&of_it, end + 1, nodes);
            if child.len() < 32 {
                children.push(child);
            } else {
                children.push(blake2_256(&child).to_vec());
                nodes.push(child);
            }
        }
        out.extend_from_slice(&bitmap.to_le_bytes());
    }
    match own {
        Some(value) if hashed => {
            out.extend_from_slice(&blake2_256(value));
            nodes.push(value.clone());
        }
        Some(value) => {
            push_compact(&mut out, value.len() as u64);
            out.extend_from_slice(value);
        }
        None => {}
    }
    for child in children {
        push_compact(&mut out, child.len() as u64);
        out.extend_from_slice(&child);
    }
    out
}

fn push_header(out: &mut Vec<u8>, prefix: u8, bits: u32, count: usize) {
    let most = (1usize << bits) - 1;
    if count < most {
        out.push(prefix | count as u8);
        return;
    }
    out.push(prefix | most as u8);
    let mut left = count - most;
    while left >= 255 {
        out.push(255);
        left -= 255;
    }
    out.push(left as u8);
}
