use myelin_subnet::evidence::{Deletion, KeptSource, KeptTask, RoundEvidence, RoundTasks};
use myelin_wire::answer::AnswerClaim;
use myelin_wire::record::{LatencyBucket, PartRule, Ppm, Rubric, NO_EXTENSION};
use myelin_wire::seed::{Audience, SeedContext, SeedProof};
use myelin_wire::sr25519::{Keypair, Signer};

use super::*;

/// Hash of the first block of the tests' chain.
pub const GENESIS: Hash = [1; 32];

/// A key of a test.
pub struct Key(Keypair);

impl Key {
    /// The key of a seed.
    pub fn new(seed: u8) -> Self {
        Key(Keypair::from_seed(&[seed; 32]))
    }
}

impl Signer for Key {
    fn public(&self) -> AccountId {
        self.0.public()
    }
    fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message, [5; 32])
    }
}

fn rubric() -> Rubric {
    let parts = vec![
        PartRule::Share { name: "accuracy", weight: 3 },
        PartRule::Factor { name: "speed", floor: Ppm::new(900_000) },
    ];
    Rubric::new("estimates", 1, parts).expect("a rubric")
}

fn rules() -> String {
    format!(
        "{}mechanism 0 serve\ntask open round 2 1 8000 4096 4\ntask closed miner 1 1 8000 4096 4\n",
        rubric().text()
    )
}

fn seed() -> SeedProof {
    let audience = Audience::Round;
    let context = SeedContext {
        genesis: GENESIS,
        netuid: 2,
        epoch: 3,
        round: 0,
        audience,
        source_block: 100,
        source_hash: [7; 32],
    };
    SeedProof::draw(context, &Keypair::from_seed(&[8; 32]), [0; 32]).0
}

fn record(uid: u16, miner: &Key, task: u16, reason: Reason, parts: &[u32]) -> Record {
    let parts: Vec<Ppm> = parts.iter().map(|part| Ppm::new(*part)).collect();
    let came = !matches!(reason, Reason::Late | Reason::Unreachable);
    Record {
        netuid: 2,
        epoch: 3,
        round: 0,
        task,
        audience: 0,
        seed: seed().reference(),
        signer: Key::new(8).public(),
        miner_uid: uid,
        miner: miner_digest(&miner.public()),
        request: [20; 32],
        answer: if came { [21; 32] } else { [0; 32] },
        rubric: rubric().tag(),
        signed: came,
        commit_order: 255,
        latency: LatencyBucket::of_ms(50),
        reason,
        score: rubric().score(&parts, reason).expect("parts of the rubric"),
        parts,
        extension: NO_EXTENSION,
    }
}

fn claim(miner: &Key, model: u8) -> AnswerClaim {
    AnswerClaim {
        genesis_hash: GENESIS,
        netuid: 2,
        challenge_id: [4; 32],
        request_hash: [20; 32],
        answer_hash: [21; 32],
        model_id: [model; 32],
        validator: Key::new(8).public(),
        miner: miner.public(),
    }
}

/// A folder with one epoch: miner 4 answers well, miner 5 is late, absent and once empty.
pub fn folder(
    change: impl FnOnce(&mut RoundEvidence, &mut Vec<Record>),
) -> (tempfile::TempDir, EvidenceFolder) {
    let guard = tempfile::tempdir().expect("a folder");
    let folder = EvidenceFolder { path: guard.path().to_owned(), keep: 9 };
    let (four, five) = (Key::new(4), Key::new(5));
    let task = |number, kind: &str| KeptTask {
        seed: to_hex(&seed().reference()),
        number,
        kind: kind.into(),
        request: "a customer's words".into(),
        hidden: 42.into(),
        customer: None,
    };
    let kept = |uid, key: &Key| KeptMiner { uid, hotkey: to_hex(&key.public()) };
    let mut evidence = RoundEvidence {
        seeds: vec![seed()],
        tasks: RoundTasks {
            miners: vec![kept(4, &four), kept(5, &five)],
            tasks: vec![task(0, "open"), task(1, "open"), task(2, "foreign")],
            source: Some(KeptSource {
                genesis: to_hex(&GENESIS),
                netuid: 2,
                block: 100,
                hash: to_hex(&[7; 32]),
                value: None,
            }),
            ..RoundTasks::default()
        },
        signed: vec![
            claim(&four, 30).sign(&four),
            claim(&four, 30).sign(&four),
            claim(&five, 31).sign(&five),
        ],
        ..RoundEvidence::default()
    };
    let mut records = vec![
        record(4, &four, 0, Reason::Scored, &[800_000, 1_000_000]),
        record(4, &four, 1, Reason::Scored, &[600_000, 1_000_000]),
        record(4, &four, 2, Reason::Scored, &[0, 0]),
        record(5, &five, 0, Reason::Late, &[]),
        record(5, &five, 1, Reason::Unreachable, &[]),
        record(5, &five, 1, Reason::Empty, &[]),
    ];
    change(&mut evidence, &mut records);
    folder.write(3, 0, &evidence).expect("written");
    folder.write_records(3, 0, records.iter()).expect("written");
    (guard, folder)
}

/// The epoch of the folder.
pub fn read(folder: &EvidenceFolder, kinds: Option<&[String]>) -> Result<Epoch, String> {
    Wanted { folder, netuid: 2, mechanism: 0, kinds }.read(3).map_err(|why| why.to_string())
}

#[test]
fn answers_are_counted_by_miner_and_by_reason() {
    let (_guard, folder) = folder(|_, _| {});
    let kinds = kinds_in(&rules());
    assert_eq!(kinds, ["open", "closed"]);
    let epoch = read(&folder, Some(&kinds)).expect("an epoch");
    assert_eq!((epoch.rounds, epoch.questions, epoch.all.records(), epoch.all.answers), (1, 2, 5, 3));
    let miner = |uid, seed| &epoch.miners[&(uid, Key::new(seed).public())];
    let (four, five) = (miner(4, 4), miner(5, 5));
    assert_eq!((four.tally.mean(), four.tally.parts()), (Some(700_000), vec![700_000, 1_000_000]));
    assert_eq!(five.tally.mean(), Some(0), "missing answers count as nothing");
    let faults = [Reason::Late, Reason::Unreachable, Reason::Empty].map(|reason| five.tally.of(reason));
    assert_eq!((faults, five.tally.parts()), ([1, 1, 1], vec![]));
    assert_eq!(epoch.validator, Key::new(8).public());
    assert_eq!(epoch.root, folder.tree(2, 3, epoch.validator).expect("a tree").tree.root());
    assert_eq!(epoch.texts, (2, 0), "the folder has no texts");
    let all = read(&folder, None).expect("an epoch");
    assert_eq!((all.questions, all.all.records()), (3, 6), "without rules, all tasks count");
}

#[test]
fn a_model_is_one_that_its_miner_signed_for_this_validator() {
    let (four, five) = (Key::new(4), Key::new(5));
    let (_guard, folder) = folder(|evidence, _| {
        let mut forged = claim(&four, 32).sign(&four);
        forged.signature[0] ^= 1;
        let of_other = AnswerClaim { validator: [9; 32], ..claim(&four, 33) }.sign(&four);
        let of_chain = AnswerClaim { genesis_hash: [9; 32], ..claim(&four, 34) }.sign(&four);
        evidence.signed.extend([forged, of_other, of_chain]);
        evidence.signed.extend((40..60).map(|model| claim(&five, model).sign(&five)));
    });
    let epoch = read(&folder, None).expect("an epoch");
    assert_eq!(epoch.miners[&(4, four.public())].models, BTreeMap::from([([30; 32], 2)]));
    let five = &epoch.miners[&(5, five.public())];
    assert_eq!((five.models.len(), five.more_models), (MOST_MODELS, 21 - MOST_MODELS as u64));
}

#[test]
fn a_folder_of_something_else_is_refused_by_name() {
    let wrong = |change: fn(&mut RoundEvidence, &mut Vec<Record>)| {
        let (_guard, folder) = folder(change);
        read(&folder, None).expect_err("refused")
    };
    let why = wrong(|_, records| records[1].netuid = 7);
    assert!(why.contains("of subnet 7") && why.contains("--netuid is 2"), "{why}");
    let why = wrong(|evidence, _| evidence.tasks.source.as_mut().expect("a source").netuid = 8);
    assert!(why.contains("of subnet 8"), "{why}");
    for change in [
        (|record: &mut Record| record.epoch = 9) as fn(&mut Record),
        |record| record.round = 9,
        |record| record.signer = [9; 32],
    ] {
        let (_guard, folder) = folder(|_, records| change(&mut records[1]));
        let why = read(&folder, None).expect_err("refused");
        assert!(why.contains("another epoch, round or validator"), "{why}");
    }
    let why = wrong(|evidence, _| evidence.tasks.source.as_mut().expect("a source").hash = "<b>".into());
    assert!(why.contains("no hash"), "{why}");
    let why = wrong(|_, records| records.clear());
    assert!(why.contains("no record"), "{why}");
}

#[test]
fn an_incomplete_folder_is_refused_with_the_missing_file() {
    for missing in ["tasks", "signed", "seeds", "entries"] {
        let (_guard, folder) = folder(|_, _| {});
        std::fs::remove_file(folder.path.join(format!("epoch-000003/round-00.{missing}"))).expect("removed");
        let why = read(&folder, None).expect_err("refused");
        assert!(why.contains(&format!("round-00.{missing}")), "{missing}: {why}");
    }
    let (_guard, folder) = folder(|_, _| {});
    std::fs::remove_file(folder.path.join("epoch-000003/round-00.records")).expect("removed");
    assert!(read(&folder, None).expect_err("refused").contains("no judged round"));
}

#[test]
fn a_public_part_is_counted_by_the_miners_under_its_root() {
    let (_guard, folder) = folder(|_, _| {});
    let whole = read(&folder, None).expect("an epoch");
    folder.own_branches(3).expect("the upper half of the tree");
    let path = |what: &str| folder.path.join(format!("epoch-000003/round-00.{what}"));
    for missing in ["tasks", "signed", "seeds", "entries"] {
        std::fs::remove_file(path(missing)).expect("removed");
    }
    let part = read(&folder, None).expect("an epoch");
    assert!(part.public && !whole.public);
    assert_eq!((part.root, part.questions, &part.all), (whole.root, whole.questions, &whole.all));
    let tallies =
        |epoch: &Epoch| -> Vec<Tally> { epoch.miners.values().map(|miner| miner.tally.clone()).collect() };
    assert_eq!(tallies(&part), tallies(&whole));
    assert!(part.miners.values().all(|miner| miner.models.is_empty()), "signatures are not in it");
    let mut records = std::fs::read(path("records")).expect("records");
    let first = usize::from(records[0]) + 1;
    records.drain(..first);
    std::fs::write(path("records"), records).expect("written");
    let why = read(&folder, None).expect_err("refused");
    assert!(why.contains("uid 4") && why.contains("left out"), "{why}");
}

#[test]
fn parts_have_names_only_by_the_rubric_that_records_name() {
    let named = BTreeSet::from([rubric().tag()]);
    assert_eq!(parts_in(&rules(), &named), Some(vec!["accuracy".into(), "speed".into()]));
    let other = rules().replace("accuracy 3", "accuracy 4");
    assert_eq!(parts_in(&other, &named), None);
    assert_eq!(parts_in(&rules(), &BTreeSet::new()), None);
    assert_eq!(parts_in("", &named), None);
}

#[test]
fn records_of_customers_are_counted_before_and_after_their_texts_are_deleted() {
    let (_guard, folder) = folder(|_, _| {});
    let mut evidence = folder.read(3, 0).expect("a round");
    let salt = folder.salt(3).expect("a salt");
    let task = evidence.tasks.tasks.remove(0).of_customer(&salt);
    evidence.tasks.tasks.insert(0, task);
    folder.write(3, 0, &evidence).expect("written");
    let before = read(&folder, None).expect("an epoch");
    assert_eq!((before.all.customers, before.all.resting, before.deleted.len()), ((2, 0), 0, 0));
    folder.delete(3, &Deletion::Customers, 9).expect("deleted");
    let after = read(&folder, None).expect("an epoch");
    assert_eq!((after.all.customers, after.deleted.len()), ((2, 2), 1));
    assert_eq!((after.root, after.all.mean()), (before.root, before.all.mean()));
    let resting = |uid, seed| after.miners[&(uid, Key::new(seed).public())].tally.resting();
    assert_eq!((resting(4, 4), resting(5, 5)), (Some(333_333), Some(333_333)));
}
