//! Authorities agree on blocks and finalise them together.

use myelin_runtime::{genesis::keys::AUTHORITIES, signing::sign, Hash, Header};
use serde_json::json;
use sp_core::{sr25519, Pair};
use sp_runtime::{
    codec::{Decode, Encode},
    traits::Header as _,
};

use crate::harness::{hex, Node, Setup};

/// All nodes finalise block `number` and have the same one.
pub fn agree_on(nodes: &[&Node], number: u32) {
    for node in nodes {
        node.wait_finalised(number);
    }
    let hashes: Vec<_> = nodes.iter().map(|node| node.hash(number)).collect();
    assert!(hashes.iter().all(|hash| *hash == hashes[0]), "block {number} differs between nodes: {hashes:?}");
}

/// Number of the `authorities` that wrote the twelve blocks up to `number`: Aura gives slot `s` to authority `s mod n`.
fn authors(node: &Node, number: u32, authorities: u64) -> usize {
    let mut authors: Vec<_> = (number - 11..=number).map(|n| node.slot(n) % authorities).collect();
    authors.sort_unstable();
    authors.dedup();
    authors.len()
}

#[test]
fn two_authorities_finalise_each_others_blocks() {
    let (one, two) = (Setup::new("local", &["--one"]), Setup::new("local", &["--two"]));
    let one = one.start(&[]);
    let two = two.start(&[&one]);
    // With two authorities GRANDPA needs the votes of both, so any finality shows that they hear each other.
    agree_on(&[&one, &two], 4);
    let number = one.best() + 12;
    agree_on(&[&one, &two], number);
    assert_eq!(authors(&one, number, 2), 2, "both authorities write blocks");
}

#[test]
fn finality_is_proved_with_the_headers_in_between() {
    let setup = Setup::new("local", &["--one"]);
    let other = Setup::new("local", &["--two"]);
    let node = setup.start(&[]);
    let _other = other.start(&[&node]);
    node.wait_finalised(8);
    let proof = node.call("grandpa_proveFinality", json!([3]));
    let bytes = hex(proof.as_str().expect("a proof is text"));
    // Block hash, votes, headers.
    let (target, votes, headers) =
        <(Hash, Vec<u8>, Vec<Header>)>::decode(&mut &bytes[..]).expect("a proof of this form");
    let round = 8;
    assert_eq!(votes[round..round + 32], target.0, "the votes are for that block");
    let mut parent = hex(&node.hash(3));
    for header in &headers {
        assert_eq!(header.parent_hash().0[..], parent);
        parent = header.hash().0.to_vec();
    }
    assert_eq!((parent, headers.len() >= 5), (target.0.to_vec(), true));
    let refused = node.ask("grandpa_proveFinality", json!([1_000_000])).expect_err("not there yet");
    assert!(refused.contains("block 1000000 cannot be proved"), "{refused}");
}

#[test]
fn three_authorities_and_a_plain_node_agree() {
    let setups = [
        Setup::new("local3", &["--one"]),
        Setup::new("local3", &["--two"]),
        Setup::new("local3", &["--three"]),
        Setup::new("local3", &[]),
    ];
    let one = setups[0].start(&[]);
    let two = setups[1].start(&[&one]);
    let three = setups[2].start(&[&one]);
    agree_on(&[&one, &two, &three], 4);
    let number = one.best() + 12;
    agree_on(&[&one, &two, &three], number);
    assert_eq!(authors(&one, number, 3), 3, "all three authorities write blocks");

    // A node that joins late fetches the missing blocks and follows.
    let reader = setups[3].start(&[&two]);
    let head = one.finalised();
    agree_on(&[&one, &reader], head + 4);
}

/// Root appoints authorities of the test chain by their numbers.
fn appoint(node: &Node, nonce: u32, authorities: &[usize]) {
    let keys: Vec<_> = authorities.iter().map(|i| AUTHORITIES[*i].session_keys().aura).collect();
    let new_authorities = keys.try_into().expect("few authorities");
    let call = Box::new(pallet_admin_utils::Call::swap_authorities { new_authorities }.into());
    let alice = sr25519::Pair::from_string("//Alice", None).expect("a valid path");
    let signed = sign(&alice, nonce, Hash::from_slice(&hex(&node.hash(0))), pallet_sudo::Call::sudo { call });
    let bytes = sp_core::bytes::to_hex(&signed.encode(), false);
    node.call("author_submitExtrinsic", serde_json::json!([bytes]));
}

#[test]
fn finality_goes_on_with_those_whom_root_appoints() {
    let flags = ["--one", "--two", "--three"];
    let setups = flags.map(|flag| Setup::new("local3", &[flag]));
    let one = setups[0].start(&[]);
    let two = setups[1].start(&[&one]);
    let three = setups[2].start(&[&one]);
    agree_on(&[&one, &two, &three], 4);

    appoint(&one, 0, &[0]);
    let head = one.best();
    agree_on(&[&one, &two, &three], head + 8);
    // Two thirds of the old authorities stop; the remaining one needs no other.
    two.kill();
    three.kill();
    let head = one.best();
    one.wait_finalised(head + 12);
    let slots: Vec<_> = (head..head + 12).map(|number| one.slot(number)).collect();
    assert!(slots.windows(2).any(|pair| pair[1] == pair[0] + 1), "it writes in every slot: {slots:?}");

    // Another one comes back, and both have to vote.
    appoint(&one, 1, &[0, 1]);
    let two = setups[1].start(&[&one]);
    let number = one.best() + 12;
    agree_on(&[&one, &two], number);
    assert_eq!(authors(&two, number, 2), 2, "both authorities write blocks");
}

#[test]
fn boot_nodes_of_another_chain_are_told_of() {
    let (here, elsewhere) = (Setup::new("local", &["--one"]), Setup::new("local3", &["--one"]));
    let elsewhere = elsewhere.start(&[]);
    let here = here.start(&[&elsewhere]);
    here.wait("warned", crate::harness::PROGRESS, |node| match node.log() {
        log if log.contains(&format!("or of another chain: the genesis here is {}", node.hash(0))) => Ok(()),
        log => Err(log),
    });
}

#[test]
fn finality_stays_as_far_behind_as_it_is_told() {
    let setup = Setup::new("dev", &["--dev", "--finality-lag", "6"]);
    let node = setup.start(&[]);
    node.wait_finalised(3);
    for _ in 0..20 {
        // Asked for in this order, the head has at most moved on.
        let (finalised, best) = (node.finalised(), node.best());
        assert!(finalised + 6 <= best, "block {finalised} is final while {best} is the best");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}
