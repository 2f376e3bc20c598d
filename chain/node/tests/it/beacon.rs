//! Every block carries its author's contribution to the beacon, and readers recompute the values.

use myelin_runtime::{
    genesis::keys::{ALICE, AUTHORITIES},
    Runtime, RuntimeCall, UncheckedExtrinsic,
};
use myelin_wire::{
    beacon::{Turn, Value, NOTICE, START},
    vrf::VrfSignature,
};
use pallet_myelin_beacon::{Call as Beacon, StrictFrom, Values};
use sp_runtime::{codec::Decode, generic::Preamble};

use crate::{
    harness::{changed_chain, hex, Node, Setup, PROGRESS},
    state::{send, stored},
};

/// The contribution in a block, from its body.
fn contribution(node: &Node, number: u32) -> Option<VrfSignature> {
    let block = node.call("chain_getBlock", serde_json::json!([node.hash(number)]));
    let body = block["block"]["extrinsics"].as_array().expect("a block has a body").clone();
    body.iter().find_map(|bytes| {
        let bytes = hex(bytes.as_str().expect("extrinsics are text"));
        let extrinsic = UncheckedExtrinsic::decode(&mut &bytes[..]).expect("the runtime's own extrinsics");
        match (extrinsic.preamble, extrinsic.function) {
            (Preamble::Bare(_), RuntimeCall::Beacon(Beacon::contribute { output, proof })) => {
                Some(VrfSignature { output, proof })
            }
            _ => None,
        }
    })
}

/// The value of a block, from its state.
fn value(node: &Node, number: u32) -> Value {
    let key = Values::<Runtime>::hashed_key_for(number);
    stored(node, Some(&node.hash(number)), key).expect("the block has a value")
}

/// First block that needs a contribution, in the state of a block.
fn strict_from(node: &Node, number: u32) -> Option<u32> {
    stored(node, Some(&node.hash(number)), StrictFrom::<Runtime>::hashed_key().to_vec())
}

/// The value of block `number` by the blocks alone, all of which have contributions.
fn recomputed(node: &Node, number: u32, authorities: u64) -> Value {
    let genesis = hex(&node.hash(0)).try_into().expect("32 bytes");
    (1..=number).fold(START, |before, number| {
        let slot = node.slot(number);
        let author = AUTHORITIES[(slot % authorities) as usize].account.sr25519;
        let given = contribution(node, number);
        assert!(given.is_some(), "block {number} of slot {slot} has no contribution");
        let turn = Turn { genesis, before, slot };
        turn.value(&author, given.as_ref()).expect("blocks hold their authors' contributions")
    })
}

#[test]
fn two_authorities_contribute_to_every_block_and_go_on_after_a_restart() {
    let setups = ["--one", "--two"].map(|flag| Setup::new("local", &[flag]));
    let one = setups[0].start(&[]);
    let two = setups[1].start(&[&one]);
    assert_eq!(strict_from(&one, 0), Some(1), "blocks need contributions from the first one on");
    one.wait_finalised(12);
    two.wait_finalised(12);
    let expected = recomputed(&one, 12, 2);
    assert_eq!((value(&one, 12), value(&two, 12)), (expected, expected));

    two.kill();
    let two = setups[1].start(&[&one]);
    let first = one.best();
    let later = two.wait("finalised blocks of both authors", PROGRESS, |node| {
        let last = node.finalised();
        let authors = (first + 1..=last).map(|number| node.slot(number) % 2);
        (authors.clone().min() < authors.max()).then_some(last).ok_or_else(|| format!("{first} to {last}"))
    });
    one.wait_finalised(later);
    let expected = recomputed(&two, later, 2);
    assert_eq!((value(&one, later), value(&two, later)), (expected, expected));
}

#[test]
fn a_running_chain_gets_the_strict_rules_by_a_call() {
    let chain = changed_chain("local", "lax", |genesis| genesis["beacon"]["strict"] = false.into());
    let setups = ["--one", "--two"].map(|flag| Setup::new(&chain, &[flag]));
    let one = setups[0].start(&[]);
    let two = setups[1].start(&[&one]);
    one.wait_finalised(2);
    assert_eq!(strict_from(&one, 2), None);

    let call = Beacon::<Runtime>::demand_contributions { after: *NOTICE.start() };
    send(&two, &ALICE, pallet_sudo::Call::<Runtime>::sudo { call: Box::new(call.into()) });
    let first = one.wait("demanded contributions", PROGRESS, |node| {
        strict_from(node, node.finalised()).ok_or_else(|| "not yet".into())
    });
    one.wait_finalised(first + 12);
    two.wait_finalised(first + 12);
    let expected = recomputed(&one, first + 12, 2);
    assert_eq!((value(&one, first + 12), value(&two, first + 12)), (expected, expected));
    assert_eq!(strict_from(&two, first + 12), Some(first));
}
