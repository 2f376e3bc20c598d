use myelin_wire::{
    answer::AnswerClaim,
    evidence::Lots,
    hash::to_hex,
    record::{LatencyBucket, Ppm, Reason, Record, NO_EXTENSION},
    seed::{challenge_id, Audience, SeedContext},
    sr25519::{Keypair, Signer},
};

use super::*;
use crate::evidence::{tests::key, DeferredAnswers, DeferredTasks, KeptSource, RoundEvidence, RoundTasks};

struct Miner(Keypair);

impl Signer for Miner {
    fn public(&self) -> [u8; 32] {
        self.0.public()
    }
    fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message, [5; 32])
    }
}

/// The seed that a validator draws for a round.
fn seed(epoch: u64, round: u16, signer: &Keypair) -> SeedProof {
    let context = SeedContext {
        genesis: [1; 32],
        netuid: 2,
        epoch,
        round,
        audience: Audience::Round,
        source_block: 100,
        source_hash: [7; 32],
    };
    SeedProof::draw(context, signer, [0; 32]).0
}

/// Two rounds: in each, miner 4 answers tasks 0 and 1, miner 5 does not, and a task is left to a later round.
pub(crate) fn two_rounds(folder: &EvidenceFolder) {
    let validator = key().public();
    let (four, five) = (Miner(Keypair::from_seed(&[4; 32])), Miner(Keypair::from_seed(&[5; 32])));
    for round in 0..2 {
        let seed = seed(3, round, &Keypair::from_seed(&[8; 32]));
        let stranger = self::seed(3, round, &Keypair::from_seed(&[77; 32]));
        let said = |seed: &SeedProof, task: u16| {
            let claim = AnswerClaim {
                genesis_hash: [1; 32],
                netuid: 2,
                challenge_id: challenge_id(&seed.reference(), task, &validator),
                request_hash: [2; 32],
                answer_hash: [3; 32],
                model_id: [5; 32],
                validator,
                miner: four.public(),
            };
            claim.sign(&four)
        };
        let kept = |uid, miner: &Miner| KeptMiner { uid, hotkey: to_hex(&miner.public()) };
        let deferred = crate::evidence::KeptTask {
            seed: to_hex(&seed.reference()),
            number: 9,
            kind: "later".into(),
            request: "?".into(),
            hidden: 0.into(),
            customer: None,
        };
        let evidence = RoundEvidence {
            seeds: vec![seed.clone(), stranger.clone()],
            tasks: RoundTasks {
                miners: vec![kept(4, &four), kept(5, &five)],
                deferred: vec![deferred],
                ..RoundTasks::default()
            },
            // The answer to a stranger's seed proves nothing about this validator.
            signed: vec![said(&seed, 0), said(&seed, 1), said(&seed, 9), said(&stranger, 0)],
            ..RoundEvidence::default()
        };
        folder.write(3, round, &evidence).unwrap();
        let record = |uid, miner: &Miner, task, signed| Record {
            netuid: 2,
            epoch: 3,
            round,
            task,
            audience: 0,
            seed: seed.reference(),
            signer: validator,
            miner_uid: uid,
            miner: miner_digest(&miner.public()),
            request: [2; 32],
            answer: if signed { [3; 32] } else { [0; 32] },
            rubric: [1, 2, 3, 4],
            signed,
            commit_order: 255,
            latency: LatencyBucket::of_ms(50),
            reason: if signed { Reason::Scored } else { Reason::Late },
            score: Ppm::ZERO,
            parts: vec![],
            extension: NO_EXTENSION,
        };
        let records = [
            record(4, &four, 0, true),
            record(4, &four, 1, true),
            record(5, &five, 0, false),
            record(5, &five, 1, false),
        ];
        folder.write_records(3, round, records.iter()).unwrap();
    }
}

fn folder() -> (tempfile::TempDir, EvidenceFolder) {
    let place = tempfile::tempdir().unwrap();
    let folder = EvidenceFolder { path: place.path().into(), keep: 2 };
    (place, folder)
}

#[test]
fn the_tree_holds_answers_by_miner_also_those_that_are_judged_later() {
    let (_place, folder) = folder();
    two_rounds(&folder);
    let EpochTree { tree, seeds, .. } = folder.tree(2, 3, key().public()).unwrap();
    let hotkey = |seed| Keypair::from_seed(&[seed; 32]).public();
    assert_eq!(tree.head().miners.len, 2);
    assert_eq!(tree.answers_of(4, &hotkey(4)), 6);
    assert_eq!(tree.answers_of(5, &hotkey(5)), 0);
    assert_eq!(tree.answers_of(4, &hotkey(5)), 0);
    assert_eq!(seeds.len(), 2, "the stranger's seeds are left out");
    assert_eq!(folder.tree(2, 3, key().public()).unwrap().tree, tree, "it is the same each time");
    let lots = |weights| Lots { randomness: [1; 32], weights, paid: &[], answers: 1 };
    assert!(tree.prove(&lots(&[(4, 1)]), &seeds, |_| None).is_ok());
    assert!(tree.prove(&lots(&[(5, 1)]), &seeds, |_| None).is_err());
}

#[test]
fn answers_of_an_earlier_epoch_count_there_and_not_where_they_are_judged() {
    let (_place, folder) = folder();
    two_rounds(&folder);
    let (validator, four) = (key().public(), Miner(Keypair::from_seed(&[4; 32])));
    let asked = folder.asked(3, 1).unwrap();
    let (own, earlier) =
        (seed(4, 0, &Keypair::from_seed(&[8; 32])), seed(3, 1, &Keypair::from_seed(&[8; 32])));
    let mut evidence = RoundEvidence { seeds: vec![own.clone()], ..RoundEvidence::default() };
    evidence.tasks.miners = asked.miners;
    let waiting = folder.signed(3, 1).unwrap();
    let answers = DeferredAnswers { seeds: vec![earlier], signed: waiting, ..DeferredAnswers::default() };
    let source = KeptSource { genesis: String::new(), netuid: 2, block: 9, hash: String::new(), value: None };
    let (miners, tasks) = (evidence.tasks.miners.clone(), Vec::new());
    evidence.take_in(DeferredTasks { epoch: 3, round: 1, mechanism: 0, source, miners, tasks }, answers);
    let claim = AnswerClaim {
        challenge_id: challenge_id(&own.reference(), 0, &validator),
        ..folder.signed(3, 1).unwrap()[0].claim
    };
    evidence.signed.push(claim.sign(&four));
    folder.write(4, 0, &evidence).unwrap();
    let mut records = folder.records(3, 1).unwrap();
    records.iter_mut().for_each(|record| record.epoch = 4);
    records[0] = Record { round: 0, task: 0, seed: own.reference(), ..records[0].clone() };
    folder.write_records(4, 0, records.iter()).unwrap();
    let EpochTree { tree, seeds, .. } = folder.tree(2, 4, validator).unwrap();
    assert_eq!((tree.answers_of(4, &four.public()), tree.branches().miners[0].records.len), (1, 2));
    assert_eq!(seeds.into_keys().collect::<Vec<_>>(), [own.reference()]);
}

#[test]
fn every_file_and_every_record_changes_the_root() {
    let (place, folder) = folder();
    two_rounds(&folder);
    let root = || folder.tree(2, 3, key().public()).unwrap().tree.root();
    let before = root();
    let state = place.path().join("epoch-000003/round-01.state");
    std::fs::write(&state, b"{}").unwrap();
    let with_state = root();
    assert_ne!(before, with_state);
    std::fs::remove_file(&state).unwrap();
    assert_eq!(before, root());
    let mut records = folder.records(3, 1).unwrap();
    records[0].score = Ppm::ONE;
    folder.write_records(3, 1, records.iter()).unwrap();
    assert_ne!(before, root());
}

#[test]
fn an_epoch_without_rounds_has_an_empty_tree() {
    let (_place, folder) = folder();
    let tree = folder.tree(2, 3, key().public()).unwrap().tree;
    assert_eq!(tree.head().miners.len, 0);
}
