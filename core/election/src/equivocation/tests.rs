use alloc::{vec, vec::Vec};

use myelin_wire::sr25519::{self, Keypair};

use super::*;

const SLOT: u64 = 1_000;

fn keys(number: u8) -> Keypair {
    Keypair::from_seed(&[number; 32])
}

/// Block of the chain at a height.
fn block(height: u32) -> Hash {
    [height as u8; 32]
}

/// A header with the seal of `keys`; `content` tells it from others.
fn header(keys: &Keypair, slot: u64, number: u32, parent: Hash, content: u8) -> Header {
    let item = |kind: u8, length: u8, content: &[u8]| [&[kind][..], b"aura", &[length], content].concat();
    let slot = item(6, 8 << 2, &slot.to_le_bytes());
    let unsealed =
        Header { parent, number, state_root: [content; 32], extrinsics_root: [0; 32], digest: vec![slot] };
    let signature = keys.sign(&unsealed.hash(), [7; 32]);
    // 64 bytes take a compact length of two bytes.
    let seal = [&[5][..], b"aura", &[1, 1], &signature].concat();
    Header { digest: unsealed.digest.iter().cloned().chain([seal]).collect(), ..unsealed }
}

fn rooted(header: Header) -> Rooted {
    Rooted { header, between: Vec::new() }
}

fn report() -> AuraReport {
    let of = |content| rooted(header(&keys(1), SLOT, 51, block(50), content));
    AuraReport { first: of(1), second: of(2) }
}

fn check(report: &AuraReport) -> Result<(AccountId, u64), ReportError> {
    let known = Known {
        now: SLOT + 50,
        oldest: SLOT - 50,
        author: |slot| (slot != SLOT + 1).then(|| keys(1).public()),
        block: |height| (height <= 60).then(|| block(height)),
    };
    report.verify(&known, sr25519::verify)
}

fn with(second: Header) -> AuraReport {
    AuraReport { second: rooted(second), ..report() }
}

#[test]
fn two_blocks_of_an_author_for_one_slot_convict_it() {
    assert_eq!(check(&report()), Ok((keys(1).public(), SLOT)));
    let AuraReport { first, second } = report();
    assert_eq!(check(&AuraReport { first: second, second: first }), Ok((keys(1).public(), SLOT)));
    let elsewhere = with(header(&keys(1), SLOT, 50, block(49), 1));
    assert_eq!(check(&elsewhere), Ok((keys(1).public(), SLOT)), "at another height");
}

#[test]
fn forged_and_foreign_headers_are_refused() {
    let by_other = with(header(&keys(2), SLOT, 51, block(50), 2));
    assert_eq!(check(&by_other), Err(ReportError::NotByAuthor(SLOT)));
    let mut changed = report();
    changed.second.header.state_root = [9; 32];
    assert_eq!(check(&changed), Err(ReportError::NotByAuthor(SLOT)));
    let both = |slot| AuraReport {
        first: rooted(header(&keys(1), slot, 51, block(50), 1)),
        second: rooted(header(&keys(1), slot, 51, block(50), 2)),
    };
    assert_eq!(check(&both(SLOT + 1)), Err(ReportError::NoAuthor(SLOT + 1)));
    assert_eq!(check(&both(SLOT - 51)), Err(ReportError::TooOld { found: SLOT - 51, oldest: SLOT - 50 }));
    assert_eq!(check(&both(SLOT + 51)), Err(ReportError::ToCome { found: SLOT + 51, now: SLOT + 50 }));
    assert_eq!(check(&both(SLOT - 50)), Ok((keys(1).public(), SLOT - 50)));
}

#[test]
fn the_same_header_or_another_slot_is_no_offence() {
    let same = AuraReport { second: report().first, ..report() };
    assert_eq!(check(&same), Err(ReportError::SameHeader));
    // Another valid signature of the same content is no other block.
    let mut resigned = report().first;
    let signed = resigned.header.sealed().expect("sealed").signed;
    let signature = keys(1).sign(&signed, [8; 32]);
    resigned.header.digest[1] = [&[5][..], b"aura", &[1, 1], &signature].concat();
    assert_ne!(resigned, report().first);
    assert_eq!(check(&AuraReport { second: resigned, ..report() }), Err(ReportError::SameHeader));
    let later = with(header(&keys(1), SLOT + 3, 51, block(50), 2));
    assert_eq!(check(&later), Err(ReportError::DifferentSlots(SLOT, SLOT + 3)));
    let mut open = report();
    open.first.header.digest.pop();
    assert_eq!(check(&open), Err(ReportError::NotSealed));
}

#[test]
fn a_header_of_another_chain_convicts_nobody() {
    let other_chain = with(header(&keys(1), SLOT, 51, [0xEE; 32], 2));
    assert_eq!(check(&other_chain), Err(ReportError::Unconnected));
    let unknown_height = with(header(&keys(1), SLOT, 70, block(69), 2));
    assert_eq!(check(&unknown_height), Err(ReportError::Unconnected));
    let first_block = with(header(&keys(1), SLOT, 0, block(0), 2));
    assert_eq!(check(&first_block), Err(ReportError::Unconnected));
}

#[test]
fn a_header_on_a_fork_brings_the_headers_between() {
    let mut between = vec![header(&keys(3), SLOT - 120, 41, block(40), 1)];
    for number in 42..42 + MOST_BETWEEN as u32 {
        let parent = between[0].hash();
        between.insert(0, header(&keys(3), SLOT - 160 + u64::from(number), number, parent, 1));
    }
    let at_the_end = |between: &[Header]| {
        let header = header(&keys(1), SLOT, between[0].number + 1, between[0].hash(), 2);
        AuraReport { second: Rooted { header, between: between.to_vec() }, ..report() }
    };
    let most = &between[between.len() - MOST_BETWEEN..];
    assert_eq!(check(&at_the_end(most)), Ok((keys(1).public(), SLOT)));
    assert_eq!(check(&at_the_end(&between)), Err(ReportError::Unconnected), "too long");
    let mut gap = most.to_vec();
    gap.remove(1);
    assert_eq!(check(&at_the_end(&gap)), Err(ReportError::Unconnected));
    let mut shifted = at_the_end(most);
    shifted.second.between[0].number += 1;
    assert_eq!(check(&shifted), Err(ReportError::Unconnected));
}
