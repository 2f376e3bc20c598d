use super::*;
use crate::hash::to_hex;
use proptest::prelude::*;

struct Built {
    root: Hash,
    proof: StateProof,
}

fn state(entries: &[(&[u8], &[u8])]) -> Built {
    let (root, proof) = build(&entries.iter().map(|(key, value)| (key.to_vec(), value.to_vec())).collect());
    Built { root, proof }
}

#[test]
fn keys_of_storage_are_those_that_clients_know() {
    // The prefixes that every explorer shows for `System.Number` and `Sudo.Key`.
    assert_eq!(
        to_hex(&storage_key("System", "Number", &[])),
        "26aa394eea5630e07c48ae0c9558cef702a5c1b19ab7a04f536c519aca4983ac"
    );
    assert_eq!(
        to_hex(&storage_key("Sudo", "Key", &[])),
        "5c0d1176a568c1f92944340dbfed9e9c530ebca703c85910e7164cb7d1c9e47b"
    );
    let key = storage_key("A", "B", &[(Hasher::Identity, &[7, 0])]);
    assert_eq!(key[32..], [7, 0]);
    let key = storage_key("A", "B", &[(Hasher::Blake2_128Concat, &[1; 32]), (Hasher::Twox64Concat, &[2])]);
    assert_eq!((key.len(), &key[48..80]), (32 + 48 + 9, &[1; 32][..]));
}

#[test]
fn a_state_known_from_the_format_has_its_root() {
    // One entry: a leaf with two nibbles and a value of one byte, written by hand.
    let built = state(&[(&[0xab], &[7])]);
    assert_eq!(built.root, blake2_256(&[0x42, 0xab, 4, 7]));
    assert_eq!(built.proof.value(&built.root, &[0xab]), Ok(Some(alloc::vec![7])));
    assert_eq!(state(&[]).root, blake2_256(&[0]));
}

#[test]
fn a_forged_node_or_another_root_is_refused() {
    let long = [9u8; 40];
    let built = state(&[(b"alpha", &long), (b"alpine", &[1; 33]), (b"beta", &[2])]);
    assert_eq!(built.proof.value(&built.root, b"alpha"), Ok(Some(long.to_vec())));
    // Another value has another hash, so it is not found under the one that the leaf names.
    let forged =
        built.proof.nodes().map(|node| if node[..] == long { alloc::vec![8; 40] } else { node.clone() });
    let forged = StateProof::new(forged);
    assert_eq!(forged.value(&built.root, b"alpha"), Err(TrieError::Missing(blake2_256(&long))));
    assert_eq!(forged.value(&built.root, b"beta"), Ok(Some(alloc::vec![2])));
    // A header with another state root names nodes that are not there.
    let other = state(&[(b"alpha", &[1])]).root;
    assert_eq!(built.proof.value(&other, b"alpha"), Err(TrieError::Missing(other)));
    let junk = StateProof::new([alloc::vec![0x02, 3]]);
    let name = blake2_256(&[0x02, 3]);
    assert_eq!(junk.value(&name, b"alpha"), Err(TrieError::Malformed(name)));
}

#[test]
fn a_withheld_node_is_named_and_never_counts_as_absence() {
    let built = state(&[(b"alpha", &[1; 40]), (b"beta", &[2; 40]), (b"gamma", &[3; 40])]);
    for node in built.proof.nodes() {
        let rest = StateProof::new(built.proof.nodes().filter(|other| *other != node).cloned());
        for key in [&b"alpha"[..], b"beta", b"gamma"] {
            let value = rest.value(&built.root, key);
            assert!(matches!(value, Ok(Some(_)) | Err(TrieError::Missing(_))), "{value:?}");
        }
    }
}

proptest! {
    #[test]
    fn every_entry_is_proved_and_every_other_key_is_proved_absent(
        entries in prop::collection::btree_map(
            prop::collection::vec(any::<u8>(), 1..6), prop::collection::vec(any::<u8>(), 0..50), 0..30),
        other in prop::collection::vec(any::<u8>(), 1..6),
        long in prop::collection::vec(any::<u8>(), 60..200),
    ) {
        let mut entries = entries;
        entries.insert(long.clone(), alloc::vec![5; 3]);
        let (root, proof) = build(&entries);
        let built = Built { root, proof };
        for (key, value) in &entries {
            prop_assert_eq!(built.proof.value(&built.root, key), Ok(Some(value.clone())));
        }
        prop_assert_eq!(built.proof.value(&built.root, &other), Ok(entries.get(&other).cloned()));
        let keys = [&long[..], &other[..]];
        let less = built.proof.of_keys(&built.root, keys).unwrap();
        for key in keys {
            prop_assert_eq!(less.value(&built.root, key), Ok(entries.get(key).cloned()));
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..80), key: [u8; 4]) {
        let (name, proof) = (blake2_256(&bytes), StateProof::new([bytes]));
        let _ = proof.value(&name, &key);
    }
}
