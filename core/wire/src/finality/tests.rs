use super::*;
use crate::scale::push_compact;
use alloc::vec;

/// The keys of four authorities with a vote each.
fn seeds() -> Vec<[u8; 32]> {
    (1..=4).map(|number| [number; 32]).collect()
}

fn set(id: u64) -> AuthoritySet {
    AuthoritySet::new(id, seeds().iter().map(|seed| (ed25519::public_of_seed(seed), 1)).collect()).unwrap()
}

fn header(number: u32, parent: Hash, digest: Vec<Vec<u8>>) -> Header {
    Header { parent, number, state_root: [7; 32], extrinsics_root: [8; 32], digest }
}

/// A justification of `target` in round 5, with the votes of these seeds for these blocks.
fn justify(set: u64, target: &Header, votes: &[([u8; 32], &Header)], between: &[Header]) -> Vec<u8> {
    let mut out = 5u64.to_le_bytes().to_vec();
    out.extend_from_slice(&target.hash());
    out.extend_from_slice(&target.number.to_le_bytes());
    push_compact(&mut out, votes.len() as u64);
    for (seed, voted) in votes {
        let message = vote(&voted.hash(), voted.number, 5, set);
        out.extend_from_slice(&voted.hash());
        out.extend_from_slice(&voted.number.to_le_bytes());
        out.extend_from_slice(&ed25519::sign(seed, &message));
        out.extend_from_slice(&ed25519::public_of_seed(seed));
    }
    push_compact(&mut out, between.len() as u64);
    between.iter().for_each(|header| out.extend_from_slice(&header.to_bytes()));
    out
}

#[test]
fn three_of_four_authorities_make_a_block_final_and_two_do_not() {
    let (target, seeds) = (header(9, [1; 32], vec![]), seeds());
    let votes: Vec<_> = seeds.iter().map(|seed| (*seed, &target)).collect();
    let good = justify(2, &target, &votes[..3], &[]);
    assert_eq!(set(2).verify(&good), Ok(Justified { hash: target.hash(), number: 9, votes: 3 }));
    let few = justify(2, &target, &votes[..2], &[]);
    let expected = FinalityError::TooFewVotes { found: 2, needed: 3, total: 4, number: 9 };
    assert_eq!(set(2).verify(&few), Err(expected.clone()));
    // One that votes twice counts once.
    let twice = justify(2, &target, &[votes[0], votes[1], votes[1]], &[]);
    assert_eq!(set(2).verify(&twice), Err(expected));
}

#[test]
fn votes_of_another_set_of_strangers_and_forged_ones_are_refused() {
    let (target, seeds) = (header(9, [1; 32], vec![]), seeds());
    let votes: Vec<_> = seeds.iter().map(|seed| (*seed, &target)).collect();
    let other = justify(1, &target, &votes, &[]);
    assert!(matches!(set(2).verify(&other), Err(FinalityError::BadSignature { set: 2, round: 5, .. })));
    let stranger = justify(2, &target, &[([9; 32], &target)], &[]);
    assert!(matches!(set(2).verify(&stranger), Err(FinalityError::Stranger { set: 2, .. })));
    let mut forged = justify(2, &target, &votes, &[]);
    forged[8] ^= 1;
    assert!(matches!(set(2).verify(&forged), Err(FinalityError::Unconnected { number: 9, .. })));
    let mut cut = justify(2, &target, &votes, &[]);
    cut.pop();
    assert_eq!(set(2).verify(&cut), Err(FinalityError::Malformed("justification")));
    // A wrong length of the list.
    let mut long = justify(2, &target, &votes, &[]);
    long[44] = 0xfc;
    assert_eq!(set(2).verify(&long), Err(FinalityError::Malformed("justification")));
}

#[test]
fn votes_for_descendants_count_where_headers_connect_them() {
    let (target, seeds) = (header(9, [1; 32], vec![]), seeds());
    let child = header(10, target.hash(), vec![]);
    let grandchild = header(11, child.hash(), vec![]);
    let votes = [(seeds[0], &target), (seeds[1], &child), (seeds[2], &grandchild)];
    let good = justify(0, &target, &votes, &[grandchild.clone(), child.clone()]);
    assert_eq!(set(0).verify(&good).map(|justified| justified.votes), Ok(3));
    let gap = justify(0, &target, &votes, core::slice::from_ref(&grandchild));
    assert!(matches!(set(0).verify(&gap), Err(FinalityError::Unconnected { .. })));
    let aside = header(10, [3; 32], vec![]);
    let votes = [(seeds[0], &target), (seeds[1], &target), (seeds[2], &aside)];
    let fork = justify(0, &target, &votes, core::slice::from_ref(&aside));
    assert!(matches!(set(0).verify(&fork), Err(FinalityError::Unconnected { .. })));
}

fn change(delay: u32) -> Vec<u8> {
    let mut log = vec![1, 4];
    log.extend_from_slice(&[6; 32]);
    log.extend_from_slice(&3u64.to_le_bytes());
    log.extend_from_slice(&delay.to_le_bytes());
    let mut item = [&[CONSENSUS][..], GRANDPA].concat();
    push_compact(&mut item, log.len() as u64);
    item.extend_from_slice(&log);
    item
}

#[test]
fn the_last_block_of_a_set_names_the_next_one() {
    let aura = [&[6][..], b"aura", &[32, 1, 2, 3, 4, 5, 6, 7, 8]].concat();
    let plain = header(9, [1; 32], vec![aura.clone(), vec![8]]);
    assert_eq!(plain.next_authorities(), Ok(None));
    let last = header(9, [1; 32], vec![aura.clone(), change(0)]);
    assert_eq!(last.next_authorities(), Ok(Some(vec![([6; 32], 3)])));
    assert_eq!(Header::from_bytes(&last.to_bytes()), Ok(last.clone()));
    assert!(Header::from_bytes(&last.to_bytes()[1..]).is_err());
    let delayed = header(9, [1; 32], vec![change(4)]);
    assert!(delayed.next_authorities().is_err());
    let mut forced = change(0);
    forced[6] = 2;
    assert!(header(9, [1; 32], vec![forced]).next_authorities().is_err());
}

#[test]
fn sets_without_weight_and_odd_lists_are_refused() {
    assert_eq!(AuthoritySet::new(0, vec![]), Err(FinalityError::BadSet(0)));
    assert_eq!(AuthoritySet::new(0, vec![([1; 32], u64::MAX), ([2; 32], 1)]), Err(FinalityError::BadSet(2)));
    assert_eq!(set(0).needed(), 3);
    assert_eq!(AuthoritySet::new(0, vec![([1; 32], 1)]).unwrap().needed(), 1);
    let stored = [&[4][..], &[6; 32], &1u64.to_le_bytes()].concat();
    assert_eq!(AuthoritySet::from_bytes(7, &stored).unwrap().len(), 1);
    assert!(AuthoritySet::from_bytes(7, &stored[..40]).is_err());
}

#[test]
fn a_finality_proof_holds_a_justification() {
    let proof = [&[3; 32][..], &[8, 1, 2], &[0]].concat();
    assert_eq!(justification_of(&proof), Ok(&[1, 2][..]));
    assert!(justification_of(&proof[..30]).is_err());
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes: Vec<u8>) {
        let _ = (set(0).verify(&bytes), Header::from_bytes(&bytes), justification_of(&bytes));
    }
}
