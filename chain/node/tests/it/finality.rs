//! Authorities agree on blocks and finalise them together.

use crate::harness::{Node, Setup};

/// All nodes finalise block `number` and have the same one.
fn agree_on(nodes: &[&Node], number: u32) {
    for node in nodes {
        node.wait_finalised(number);
    }
    let hashes: Vec<_> = nodes.iter().map(|node| node.hash(number)).collect();
    assert!(hashes.iter().all(|hash| *hash == hashes[0]), "block {number} differs between nodes: {hashes:?}");
}

/// How many of the `authorities` wrote the twelve blocks up to `number`: Aura gives slot `s` to authority `s mod n`.
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

    // A node that joins late fetches what it missed and follows.
    let reader = setups[3].start(&[&two]);
    let head = one.finalised();
    agree_on(&[&one, &reader], head + 4);
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
