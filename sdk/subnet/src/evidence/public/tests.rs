use myelin_wire::{
    record::{Ppm, Record},
    sr25519::{Keypair, Signer},
};

use super::*;
use crate::evidence::{
    tests::key, tree::tests::two_rounds, DeferredTasks, KeptMiner, KeptSource, RoundEvidence, RoundTasks,
};

const EPOCH: u64 = 3;
const HOLDER: AccountId = [77; 32];

/// A validator's own evidence of two rounds.
fn own() -> (tempfile::TempDir, EvidenceFolder) {
    let place = tempfile::tempdir().unwrap();
    let folder = EvidenceFolder { path: place.path().join("own/evidence"), keep: 9 };
    two_rounds(&folder);
    (place, folder)
}

fn wanted(folder: &EvidenceFolder) -> CommittedEpoch {
    let signer = key().public();
    let root = folder.tree(2, EPOCH, signer).unwrap().tree.root();
    CommittedEpoch { netuid: 2, epoch: EPOCH, by: CommittedRoot { validator: signer, signer, root } }
}

fn part(folder: &EvidenceFolder) -> PublicPart {
    let branches = wanted(folder).branches(&folder.own_branches(EPOCH).unwrap().unwrap()).unwrap();
    let bytes = |round| record_bytes(folder.records(EPOCH, round).unwrap().iter()).unwrap();
    let records = folder.rounds(EPOCH).into_iter().map(|round| (round, bytes(round))).collect();
    let (around, standings) = (BTreeMap::new(), BTreeMap::new());
    PublicPart { branches, records, around, standings, weights: Vec::new() }
}

/// The part, with other records of a round.
fn with_records(part: &PublicPart, round: u16, change: impl FnOnce(&mut Vec<Record>)) -> PublicPart {
    let mut records = records_in(&part.records[&round]).unwrap();
    change(&mut records);
    let mut other = part.clone();
    other.records.insert(round, record_bytes(records.iter()).unwrap());
    other
}

#[test]
fn the_upper_half_is_kept_and_does_not_change_the_root() {
    let (_place, folder) = own();
    let before = wanted(&folder);
    assert_eq!(folder.branches(EPOCH).unwrap(), None);
    let bytes = folder.own_branches(EPOCH).unwrap().unwrap();
    assert_eq!(folder.branches(EPOCH).unwrap(), Some(bytes.clone()));
    assert_eq!(wanted(&folder), before);
    let branches = before.branches(&bytes).unwrap();
    assert_eq!((branches.root(), branches.miners.len()), (Some(before.by.root), 2));
    assert_eq!(folder.own_branches(EPOCH + 1).unwrap(), None, "nothing was asked in that epoch");
    assert!(!folder.is_public_part(EPOCH), "the tasks are here");
}

#[test]
fn a_lie_about_records_is_found() {
    let (_place, folder) = own();
    let part = part(&folder);
    assert!(part.check().is_ok());
    let uid_of = |other: PublicPart| match other.check() {
        Err(Unproven::Records(uid)) => uid,
        other => panic!("expected another root of records, not {other:?}"),
    };
    assert_eq!(uid_of(with_records(&part, 1, |records| records[0].score = Ppm::ONE)), 4, "changed");
    assert_eq!(uid_of(with_records(&part, 0, |records| drop(records.remove(2)))), 5, "left out");
    assert_eq!(uid_of(with_records(&part, 0, |records| records.push(records[0].clone()))), 4, "twice");
    assert_eq!(uid_of(with_records(&part, 0, |records| records.swap(0, 1))), 4, "in another order");
    let mut shorter = part.clone();
    shorter.records.remove(&1);
    assert_eq!(uid_of(shorter), 4, "a whole round is left out");
    let stranger = with_records(&part, 0, |records| {
        let foreign = Record { miner_uid: 6, miner: [6; 16], ..records[0].clone() };
        records.push(foreign);
    });
    assert!(matches!(stranger.check(), Err(Unproven::NoSuchMiner(6))));
}

#[test]
fn standings_must_be_those_of_the_head_and_of_their_hash() {
    let (_place, folder) = own();
    let part = part(&folder);
    let hash = blake2_256(b"standings");
    let mut other = part.clone();
    other.standings.insert(hash, b"standings".to_vec());
    assert!(other.check().is_ok());
    other.standings.insert(hash, b"others".to_vec());
    assert!(matches!(other.check(), Err(Unproven::Standings("of a round"))));
    let mut other = part;
    let zero = to_hex(&[0; 32]);
    other.around.insert(0, RoundStandings { before: to_hex(&hash), after: zero.clone() });
    assert!(matches!(other.check(), Err(Unproven::Standings("before the epoch"))));
    other.around.insert(0, RoundStandings { before: zero, after: to_hex(&hash) });
    assert!(matches!(other.check(), Err(Unproven::Standings("after the epoch"))));
}

#[test]
fn the_tree_of_another_occasion_is_not_taken() {
    let (_place, folder) = own();
    let (right, bytes) = (wanted(&folder), folder.own_branches(EPOCH).unwrap().unwrap());
    let by = CommittedRoot { root: [9; 32], ..right.by };
    let found = CommittedEpoch { by, ..right }.branches(&bytes);
    assert!(matches!(found, Err(Unproven::OtherRoot { found: Some(_), expected: [9, ..] })));
    let signer = CommittedRoot { signer: [9; 32], ..right.by };
    for other in [
        CommittedEpoch { netuid: 3, ..right },
        CommittedEpoch { epoch: 4, ..right },
        CommittedEpoch { by: signer, ..right },
    ] {
        assert!(matches!(other.branches(&bytes), Err(Unproven::OtherEpoch { .. })), "{other:?}");
    }
    assert!(matches!(right.branches(&bytes[..9]), Err(Unproven::Malformed(_))));
    let records = &part(&folder).records[&0];
    assert_eq!(&right.records(0, records).unwrap(), records);
    for other in [
        right.records(1, records),
        CommittedEpoch { epoch: 4, ..right }.records(0, records),
        CommittedEpoch { by: signer, ..right }.records(0, records),
        right.records(0, &records[1..]),
    ] {
        assert!(matches!(other, Err(Unproven::Round { .. })), "{other:?}");
    }
}

#[test]
fn a_part_is_read_as_it_was_written_and_damage_is_found() {
    let (_place, folder) = own();
    let (wanted, part) = (wanted(&folder), part(&folder));
    let held = folder.held_of(&wanted.by.signer);
    assert!(held.path.ends_with(format!("own/held/{}", to_hex(&wanted.by.signer))));
    held.write_public(EPOCH, &part).unwrap();
    held.write_public(EPOCH, &part).unwrap();
    assert!(held.is_public_part(EPOCH));
    assert_eq!(held.epochs(), [EPOCH], "no half of an epoch stays");
    let records = held.checked_records(&wanted).unwrap();
    assert_eq!(records, part.records);
    assert_eq!(held.judge_of(EPOCH).unwrap(), Some((2, wanted.by.signer)));
    let tag = tag_of(&HOLDER, (2, EPOCH), &records);
    let own = [0, 1].map(|round| fs::read(round_file(&folder.epoch_path(EPOCH), round, "records")).unwrap());
    assert_eq!(tag, possession_tag(&HOLDER, 2, EPOCH, &[&own[0], &own[1]]));
    let path = round_file(&held.epoch_path(EPOCH), 1, "records");
    fs::write(&path, &own[1][..own[1].len() - 1]).unwrap();
    assert!(matches!(held.checked_records(&wanted), Err(Unproven::Round { round: 1, .. })));
    fs::remove_file(&path).unwrap();
    assert!(matches!(held.checked_records(&wanted), Err(Unproven::Records(4))));
    fs::remove_file(branches_file(&held.epoch_path(EPOCH))).unwrap();
    assert!(matches!(held.checked_records(&wanted), Err(Unproven::Malformed(_))));
}

/// The device `/dev/full` stands in for a disk: the system refuses every byte, as on a full one.
#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_fills_up_costs_nothing_that_is_held_and_is_left_no_half_of_an_epoch() {
    let (_place, folder) = own();
    let (wanted, part) = (wanted(&folder), part(&folder));
    let held = folder.held_of(&wanted.by.signer);
    held.write_public(EPOCH, &part).unwrap();
    // All files but the last one find room.
    let filling = |beside: &Path| {
        crate::private::create_folder(beside).unwrap();
        std::os::unix::fs::symlink("/dev/full", branches_file(beside).with_extension("part")).unwrap();
        let written = part.write_to(beside);
        assert!(round_file(beside, 0, "records").exists() && round_file(beside, 1, "records").exists());
        written
    };
    for epoch in [EPOCH, EPOCH + 1] {
        let error = held.replace(epoch, filling).unwrap_err().to_string();
        assert!(error.contains("No space left") && error.ends_with("to a larger disk"), "{error}");
        assert_eq!(fs::read_dir(&held.path).unwrap().count(), 1, "half of an epoch takes room");
        assert_eq!(held.checked_records(&wanted).unwrap(), part.records);
    }
    held.write_public(EPOCH + 1, &part).unwrap();
    assert_eq!(held.epochs(), [EPOCH, EPOCH + 1], "there is room again");
}

#[test]
fn old_epochs_go_and_an_empty_folder_with_them() {
    let (_place, folder) = own();
    let (held, part) = (folder.held_of(&[1; 32]), part(&folder));
    for epoch in 3..7 {
        held.write_public(epoch, &part).unwrap();
    }
    held.remove_before(5).unwrap();
    assert_eq!(held.epochs(), [5, 6]);
    held.remove_before(7).unwrap();
    assert!(!held.path.exists());
    held.remove_before(7).unwrap();
}

/// Records of tasks of earlier rounds are about miners that may not have been asked in the round itself.
#[test]
fn records_about_miners_of_earlier_tasks_are_under_the_root() {
    let (_place, folder) = own();
    let six = Keypair::from_seed(&[6; 32]).public();
    let source = KeptSource { genesis: String::new(), netuid: 2, block: 9, hash: String::new(), value: None };
    let miners = vec![KeptMiner { uid: 6, hotkey: to_hex(&six) }];
    let earlier = DeferredTasks { epoch: 2, round: 0, mechanism: 0, source, miners, tasks: Vec::new() };
    let tasks = RoundTasks { matured: vec![earlier], ..RoundTasks::default() };
    folder.write(EPOCH, 2, &RoundEvidence { tasks, ..RoundEvidence::default() }).unwrap();
    let four = folder.records(EPOCH, 0).unwrap().remove(0);
    let about_six = Record { round: 2, miner_uid: 6, miner: miner_digest(&six), ..four.clone() };
    let records = [about_six, Record { round: 2, ..four }];
    folder.write_records(EPOCH, 2, records.iter()).unwrap();
    let part = part(&folder);
    assert_eq!(part.branches.miners.len(), 3);
    part.check().unwrap();
}
