use myelin_wire::{
    record::{Asked, LatencyBucket, Ppm, Reason},
    seed::{Audience, SeedContext},
    sr25519::{Keypair, Signer},
};

use super::*;

pub(crate) struct Key(Keypair);

impl Signer for Key {
    fn public(&self) -> [u8; 32] {
        self.0.public()
    }
    fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message, [5; 32])
    }
}

/// A validator's key, which signs without randomness.
pub(crate) fn key() -> Key {
    Key(Keypair::from_seed(&[8; 32]))
}

fn signed(answer: &[u8]) -> SignedAnswer {
    let claim = AnswerClaim {
        genesis_hash: [1; 32],
        netuid: 2,
        challenge_id: [4; 32],
        request_hash: blake2_256(b"question"),
        answer_hash: blake2_256(answer),
        model_id: [5; 32],
        validator: [6; 32],
        miner: key().public(),
    };
    claim.sign(&key())
}

pub(crate) fn evidence() -> RoundEvidence {
    let context = SeedContext {
        genesis: [1; 32],
        netuid: 2,
        epoch: 3,
        round: 0,
        audience: Audience::Round,
        source_block: 100,
        source_hash: [7; 32],
    };
    let (seed, _) = SeedProof::draw(context, &key().0, [0; 32]);
    RoundEvidence {
        seeds: vec![seed.clone(), seed],
        tasks: RoundTasks {
            miners: vec![KeptMiner { uid: 4, hotkey: to_hex(&[9; 32]) }],
            tasks: vec![KeptTask {
                seed: to_hex(&[2; 32]),
                number: 1,
                kind: "open".into(),
                request: "question".into(),
                hidden: 42.into(),
                customer: None,
            }],
            ..RoundTasks::default()
        },
        signed: vec![signed(b"answer")],
        texts: vec![Bytes::from_static(b"question"), Bytes::from_static(b"answer")],
        equivocations: vec![Equivocation { first: signed(b"answer"), second: signed(b"other") }],
    }
}

pub(crate) fn records() -> Vec<Record> {
    let record = Record {
        netuid: 2,
        epoch: 3,
        round: 0,
        task: 1,
        audience: 0,
        seed: [2; 32],
        signer: key().public(),
        miner_uid: 4,
        miner: [9; 16],
        request: blake2_256(b"question"),
        answer: blake2_256(b"answer"),
        rubric: [1, 2, 3, 4],
        signed: true,
        commit_order: 0,
        latency: LatencyBucket::of_ms(50),
        reason: Reason::Empty,
        score: Ppm::ZERO,
        parts: vec![],
        extension: NO_EXTENSION,
    };
    vec![record.clone(), Record { task: 2, parts: vec![Ppm::ONE; 6], ..record }]
}

fn folder() -> (tempfile::TempDir, EvidenceFolder) {
    let folder = tempfile::tempdir().unwrap();
    let evidence = EvidenceFolder { path: folder.path().into(), keep: 2 };
    (folder, evidence)
}

#[test]
fn sources_from_before_the_values_of_the_beacon_stay_what_they_were() {
    let before = r#"{"genesis":"00","netuid":2,"block":9,"hash":"11"}"#;
    let source: KeptSource = serde_json::from_str(before).unwrap();
    assert_eq!(source.drawn_from(), "11");
    assert_eq!(serde_json::to_string(&source).unwrap(), before);
    let source = KeptSource { value: Some("22".into()), ..source };
    let again: KeptSource = serde_json::from_str(&serde_json::to_string(&source).unwrap()).unwrap();
    assert_eq!((again.drawn_from(), again.hash.as_str()), ("22", "11"));
}

#[test]
fn submissions_are_read_beside_the_tasks_and_tasks_may_be_long() {
    let (_guard, folder) = folder();
    let mut evidence = evidence();
    evidence.tasks.tasks[0].request = "a".repeat(TEXT_LIMIT as usize + 1).into();
    evidence.tasks.entries = vec![KeptEntry {
        mechanism: 1,
        miner: KeptMiner { uid: 4, hotkey: to_hex(&[9; 32]) },
        place: 0,
        block: 100,
        commitment: to_hex(&[3; 32]),
        missing: None,
    }];
    folder.write(3, 0, &evidence).unwrap();
    assert!(folder.tasks(3, 0).unwrap() == evidence.tasks);
    let (asked, outline) = (folder.asked(3, 0).unwrap(), folder.outline(3, 0).unwrap());
    assert_eq!(asked.miners, evidence.tasks.miners);
    assert_eq!((&asked.entries, &outline.entries), (&evidence.tasks.entries, &evidence.tasks.entries));
    assert_eq!((outline.miners, outline.tasks.len()), (asked.miners, evidence.tasks.tasks.len()));
    std::fs::remove_file(round_file(&folder.epoch_path(3), 0, "tasks")).unwrap();
    assert_eq!(folder.entries(3, 0).unwrap(), evidence.tasks.entries, "the tasks are not read for them");
}

#[test]
fn what_was_kept_is_read_back_and_found_by_hash() {
    let (_guard, folder) = folder();
    folder.write(3, 0, &evidence()).unwrap();
    folder.write(3, 0, &evidence()).unwrap();
    folder.write_records(3, 0, records().iter()).unwrap();
    let read = folder.read(3, 0).unwrap();
    assert_eq!((read.seeds, read.tasks), (evidence().seeds, evidence().tasks));
    assert!(read.signed.iter().all(SignedAnswer::verify));
    assert_eq!(folder.records(3, 0).unwrap(), records());
    assert_eq!(folder.text(3, &records()[0].answer).unwrap(), b"answer");
    let names = fs::read_dir(folder.path.join("epoch-000003")).unwrap();
    assert!(names.flatten().any(|name| name.file_name().to_string_lossy().starts_with("equivocation-")));
}

/// A task with another number would be judged in another way when it is replayed.
#[test]
fn decimal_numbers_of_tasks_are_read_back_to_their_last_digit() {
    let (_guard, folder) = folder();
    let mut rng = myelin_wire::seed::Seed([3; 32]).rng();
    let mut number = || (rng.next_u64() >> 11) as f64 / (1u64 << 53) as f64;
    let numbers: Vec<f64> = (0..1_000).map(|_| number()).chain([0.9452706955539223, 1e300, 5e-324]).collect();
    let mut evidence = evidence();
    evidence.tasks.tasks[0].hidden = numbers.clone().into();
    folder.write(3, 0, &evidence).unwrap();
    assert_eq!(folder.read(3, 0).unwrap().tasks.tasks[0].hidden, serde_json::Value::from(numbers));
}

#[test]
fn records_of_both_layouts_stand_in_one_file_and_lead_to_their_extensions() {
    let (_guard, folder) = folder();
    let extension = Extension { asked: Some(Asked { epoch: 1, round: 2, block: 30 }) };
    let texts = vec![Bytes::from(extension.to_bytes()), Bytes::from_static(b"no extension")];
    folder.write(3, 0, &RoundEvidence { texts, ..evidence() }).unwrap();
    let plain = records().remove(0);
    let named = |extension| Record { extension, ..plain.clone() };
    let kept = [plain.clone(), named(extension.hash()), named(blake2_256(b"no extension")), named([7; 32])];
    folder.write_records(3, 0, kept.iter()).unwrap();
    let bytes = fs::read(round_file(&folder.path.join("epoch-000003"), 0, "records")).unwrap();
    assert_eq!((bytes[0], bytes[1]), (175, 1), "a record without an extension is as long as ever");
    assert_eq!((bytes[176], bytes[177]), (207, 2));

    let read = folder.records(3, 0).unwrap();
    assert_eq!(read, kept);
    assert_eq!(folder.extension(&read[0]).unwrap(), Extension::default());
    assert_eq!(folder.extension(&read[1]).unwrap(), extension);
    assert!(matches!(folder.extension(&read[2]), Err(EvidenceError::Damaged { .. })));
    assert!(matches!(folder.extension(&read[3]), Err(EvidenceError::Disk { .. })));
}

#[test]
fn only_the_newest_epochs_are_kept() {
    let (_guard, folder) = folder();
    for epoch in [7, 8, 9] {
        folder.write(epoch, 0, &evidence()).unwrap();
    }
    assert_eq!(folder.epochs(), [8, 9]);
}

#[test]
fn the_oldest_epochs_go_when_there_are_too_many_bytes() {
    let (_guard, folder) = folder();
    let folder = EvidenceFolder { keep: 100, ..folder };
    let mut quota = Quota::new(1 << 20);
    for epoch in 1..8u8 {
        // Answers that a miner padded, 40 of them.
        let padded = (0..40u8).map(|answer| Bytes::from([vec![epoch, answer], vec![b'a'; 10_000]].concat()));
        let texts = evidence().texts.into_iter().chain(padded).collect();
        folder.write(epoch.into(), 0, &RoundEvidence { texts, ..evidence() }).unwrap();
        quota.keep(&folder, &BTreeSet::new()).unwrap();
    }
    assert_eq!(folder.epochs(), [6, 7], "500 kB each");
    quota = Quota::new(0);
    quota.keep(&folder, &BTreeSet::new()).unwrap();
    assert_eq!(folder.epochs(), [7], "the newest stays in any case");
    assert_eq!(folder.text(7, &blake2_256(b"answer")).unwrap(), b"answer");
}

#[test]
fn an_epoch_whose_proof_is_due_stays_whatever_the_limits_say() {
    let (_guard, folder) = folder();
    let folder = EvidenceFolder { keep: 1, ..folder };
    let none = BTreeSet::new();
    for epoch in [7, 8] {
        folder.write_beside(&[7].into(), epoch, 0, &evidence()).unwrap();
    }
    assert_eq!(folder.epochs(), [7, 8], "one is kept, and another one is due");
    // Epoch 8 is not due: its weights need no proof.
    folder.write_beside(&[7].into(), 9, 0, &evidence()).unwrap();
    assert_eq!(folder.epochs(), [7, 9]);
    let mut quota = Quota::new(0);
    quota.keep(&folder, &[7].into()).unwrap();
    assert_eq!((folder.epochs(), quota.is_exceeded()), (vec![7, 9], true));
    assert_eq!(folder.remove_oldest(&[7].into()).unwrap(), None);
    assert_eq!(folder.read(7, 0).unwrap().signed, evidence().signed);
    quota.keep(&folder, &none).unwrap();
    assert_eq!((folder.epochs(), quota.is_exceeded()), (vec![9], false), "its proof is through");
    folder.write_beside(&none, 10, 0, &evidence()).unwrap();
    assert_eq!(folder.epochs(), [10]);
}

/// The device `/dev/full` stands in for a disk: the system refuses every byte, as on a full one.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_costs_old_epochs_and_then_the_round_and_leaves_no_half_of_a_file() {
    let (_guard, folder) = folder();
    let folder = EvidenceFolder { keep: 100, ..folder };
    for epoch in [1, 2] {
        folder.write(epoch, 0, &evidence()).unwrap();
    }
    let beside = folder.path.join("epoch-000003/round-00.part");
    let fill = || {
        fs::create_dir_all(beside.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink("/dev/full", &beside).unwrap();
    };
    fill();
    // The link is gone after a failure, as there is room on a disk after a removal.
    folder.write_beside(&[2].into(), 3, 0, &evidence()).unwrap();
    assert_eq!(folder.epochs(), [2, 3]);
    assert_eq!(folder.read(3, 0).unwrap().signed, evidence().signed);

    fill();
    let error = folder.write_beside(&[2].into(), 3, 0, &evidence()).unwrap_err().to_string();
    assert!(error.contains("No space left") && error.ends_with("to a larger disk"), "{error}");
    assert_eq!(folder.epochs(), [2, 3], "the rest is due");
    assert!(beside.symlink_metadata().is_err(), "a half of a file takes room");
}

#[test]
fn a_changed_text_or_a_cut_file_is_reported_as_damaged() {
    let (_guard, folder) = folder();
    folder.write(3, 0, &evidence()).unwrap();
    let epoch = folder.path.join("epoch-000003");
    fs::write(epoch.join("texts").join(to_hex(&blake2_256(b"answer"))), "forged").unwrap();
    assert!(matches!(folder.text(3, &blake2_256(b"answer")), Err(EvidenceError::Damaged { .. })));
    folder.write_records(3, 0, records().iter()).unwrap();
    let path = round_file(&epoch, 0, "records");
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
    assert!(matches!(folder.records(3, 0), Err(EvidenceError::Damaged { .. })));
    let path = round_file(&epoch, 0, "tasks");
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
    assert!(matches!(folder.asked(3, 0), Err(EvidenceError::Damaged { .. })));
}

#[test]
fn a_kept_contradiction_becomes_a_report_that_others_can_check() {
    use myelin_wire::{seed::challenge_id, sr25519};
    let (_guard, folder) = folder();
    let mut kept = evidence();
    let asked = challenge_id(&kept.seeds[0].reference(), 1, &[6; 32]);
    let said = |answer| AnswerClaim { challenge_id: asked, ..signed(answer).claim }.sign(&key());
    kept.equivocations.push(Equivocation { first: said(b"answer"), second: said(b"other") });
    folder.write(3, 0, &kept).unwrap();
    let reports = folder.reports(3).unwrap();
    assert_eq!(reports.len(), 1, "the other one's challenge comes from no seed");
    assert_eq!(reports[0].equivocation(), kept.equivocations[1]);
    assert_eq!(reports[0].verify(sr25519::verify), Ok(key().public()));
    assert!(folder.reports(4).is_err(), "nothing was kept of that epoch");
}
