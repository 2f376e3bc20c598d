use alloc::{collections::BTreeMap, vec, vec::Vec};

use proptest::prelude::*;

use super::*;
use crate::{
    answer::AnswerClaim,
    seed::{Audience, SeedContext, SeedProof},
    sr25519::{self, Keypair, Signer},
};

const GENESIS: Hash = [7; 32];
const NETUID: u16 = 3;
const EPOCH: u64 = 9;
const BLOCKS: (u64, u64) = (100, 190);
const RANDOMNESS: [u8; 32] = [42; 32];

struct Key(Keypair);

impl Key {
    fn new(seed: u8) -> Self {
        Self(Keypair::from_seed(&[seed; 32]))
    }
}

impl Signer for Key {
    fn public(&self) -> AccountId {
        self.0.public()
    }
    fn sign(&self, message: &[u8]) -> Signature {
        self.0.sign(message, [5; 32])
    }
}

fn validator() -> Key {
    Key::new(200)
}

/// A chain whose block `n` is the source `[n; 32]` of seeds, and whose miner at uid `n` has the key of seed `n`. Nobody
/// was away.
struct Known;

/// The same chain; the miners from this uid on were away.
struct AwayFrom(u16);

impl Chain for AwayFrom {
    fn sits_at(&self, uid: u16, hotkey: &AccountId) -> bool {
        Known.sits_at(uid, hotkey)
    }
    fn seed_source(&self, block: u64) -> Option<Hash> {
        Known.seed_source(block)
    }
    fn was_away(&self, uid: u16) -> bool {
        uid >= self.0
    }
    fn signed(&self, key: &AccountId, message: &[u8], signature: &Signature) -> bool {
        Known.signed(key, message, signature)
    }
}

impl Chain for Known {
    fn sits_at(&self, uid: u16, hotkey: &AccountId) -> bool {
        Key::new(uid as u8).public() == *hotkey
    }
    fn seed_source(&self, block: u64) -> Option<Hash> {
        (block < 250).then_some([block as u8; 32])
    }
    fn was_away(&self, _: u16) -> bool {
        false
    }
    fn signed(&self, key: &AccountId, message: &[u8], signature: &Signature) -> bool {
        sr25519::verify(key, message, signature)
    }
}

fn seed(validator: &Key, audience: Audience, round: u16) -> SeedProof {
    let source_block = BLOCKS.0 + u64::from(round);
    let context = SeedContext {
        genesis: GENESIS,
        netuid: NETUID,
        epoch: EPOCH,
        round,
        audience,
        source_block,
        source_hash: [source_block as u8; 32],
    };
    SeedProof::draw(context, &validator.0, [1; 32]).0
}

fn answer(validator: &Key, miner: &Key, seed: &SeedProof, task: u16) -> Answer {
    let (seed, request, hash) = (seed.reference(), [task as u8; 32], [task as u8 + 1; 32]);
    let claim = AnswerClaim {
        genesis_hash: GENESIS,
        netuid: NETUID,
        challenge_id: challenge_id(&seed, task, &validator.public()),
        request_hash: request,
        answer_hash: hash,
        model_id: [8; 32],
        validator: validator.public(),
        miner: miner.public(),
    };
    let signature = claim.sign(miner).signature;
    Answer { seed, task, request, answer: hash, model: [8; 32], signature, record: [0; 32] }
}

/// Evidence of miners `uids` with `tasks` answers each, and the seeds.
fn evidence(uids: &[u16], tasks: u16) -> (EvidenceTree, BTreeMap<Hash, SeedProof>) {
    let judge = validator();
    let mut seeds = BTreeMap::new();
    let miners = uids.iter().map(|uid| {
        let miner = Key::new(*uid as u8);
        let own = seed(&judge, Audience::Miner(miner.public()), 0);
        let shared = seed(&judge, Audience::Round, 1);
        let answers =
            (0..tasks).map(|task| answer(&judge, &miner, if task % 2 == 0 { &own } else { &shared }, task));
        let answers: Vec<_> = answers.collect();
        seeds.extend([(own.reference(), own), (shared.reference(), shared)]);
        let records = (0..tasks).map(|task| record_leaf(&[task as u8])).collect();
        MinerEvidence { uid: *uid, hotkey: miner.public(), answers, records }
    });
    let miners = miners.collect();
    let files = Files { before: [1; 32], after: [2; 32], others: [3; 32] };
    (EvidenceTree::new((NETUID, EPOCH), judge.public(), files, miners), seeds)
}

fn occasion<'a>(tree: &EvidenceTree, weights: &'a [(u16, u16)]) -> Occasion<'a> {
    Occasion {
        genesis: GENESIS,
        netuid: NETUID,
        epoch: EPOCH,
        blocks: BLOCKS,
        validator: validator().public(),
        root: tree.root(),
        lots: lots(weights),
    }
}

/// A draw by weight alone.
fn lots(weights: &[(u16, u16)]) -> Lots<'_> {
    Lots { randomness: RANDOMNESS, weights, paid: &[], answers: 1 }
}

const WEIGHTS: [(u16, u16); 4] = [(1, 65_535), (2, 30_000), (4, 0), (5, 9_000)];

#[test]
fn an_honest_proof_holds_and_survives_its_bytes() {
    let (tree, seeds) = evidence(&[1, 2, 5], 5);
    let proof = tree.prove(&lots(&WEIGHTS), &seeds, |_| None).unwrap();
    assert_eq!(proof.samples.len(), BY_WEIGHT);
    assert_eq!(proof.verify(&occasion(&tree, &WEIGHTS), &Known), Ok(()));
    let read = EvaluationProof::from_bytes(&proof.to_bytes()).unwrap();
    assert_eq!(read.verify(&occasion(&tree, &WEIGHTS), &Known), Ok(()));
    assert_eq!(read.to_bytes(), proof.to_bytes());
}

#[test]
fn miners_without_weight_need_no_answer_and_others_do() {
    let (tree, seeds) = evidence(&[1, 2], 3);
    let all = [(1, 1), (2, 1), (5, 65_535)];
    assert_eq!(tree.prove(&lots(&all), &seeds, |_| None), Err(CannotProve::NoAnswer(5)));
    let proof = tree.prove(&lots(&[(1, 1), (2, 1), (5, 0)]), &seeds, |_| None).unwrap();
    let claimed = ProofError::Sample { number: 0, fault: SampleFault::OtherMiner(5) };
    assert_eq!(proof.verify(&occasion(&tree, &all), &Known), Err(claimed));
    // Nothing to prove where nothing is paid.
    let none = tree.prove(&lots(&[(5, 0)]), &seeds, |_| None).unwrap();
    assert_eq!(none.verify(&occasion(&tree, &[(5, 0)]), &Known), Ok(()));
}

#[test]
fn where_a_uid_changed_hands_the_answers_of_the_miner_that_sits_there_are_opened() {
    let (judge, newcomer, former) = (validator(), Key::new(1), Key::new(99));
    let shared = seed(&judge, Audience::Round, 1);
    let seeds = BTreeMap::from([(shared.reference(), shared.clone())]);
    let of = |miner: &Key, tasks: u16| MinerEvidence {
        uid: 1,
        hotkey: miner.public(),
        answers: (0..tasks).map(|task| answer(&judge, miner, &shared, task)).collect(),
        records: Vec::new(),
    };
    let miners = vec![of(&newcomer, 2), of(&former, 5)];
    let tree = EvidenceTree::new((NETUID, EPOCH), judge.public(), Files::default(), miners);
    let weights = [(1, 65_535)];
    let check = |answers: u32, sits: Option<AccountId>| {
        let lots = Lots { answers, ..lots(&weights) };
        let proof = tree.prove(&lots, &seeds, |_| sits).unwrap();
        proof.verify(&Occasion { lots, ..occasion(&tree, &weights) }, &Known)
    };
    assert_eq!(check(2, Some(newcomer.public())), Ok(()));
    let other = ProofError::Sample { number: 0, fault: SampleFault::OtherHotkey };
    // A key that replaced another one has too few answers of its own; the chain knows whether it did.
    assert_eq!((check(3, Some(newcomer.public())), check(2, None)), (Err(other), Err(other)));
}

#[test]
fn a_proof_holds_for_its_own_occasion_alone() {
    let (tree, seeds) = evidence(&[1, 2, 5], 4);
    let proof = tree.prove(&lots(&WEIGHTS), &seeds, |_| None).unwrap();
    let right = occasion(&tree, &WEIGHTS);
    let check = |other: Occasion| proof.verify(&other, &Known).unwrap_err();
    assert_eq!(check(Occasion { netuid: 4, ..right }), ProofError::OtherOccasion);
    assert_eq!(check(Occasion { epoch: 8, ..right }), ProofError::OtherOccasion);
    assert_eq!(check(Occasion { validator: [1; 32], ..right }), ProofError::OtherOccasion);
    assert_eq!(check(Occasion { root: [1; 32], ..right }), ProofError::OtherRoot);
    let sample = |other| match check(other) {
        ProofError::Sample { fault, .. } => fault,
        other => panic!("{other}"),
    };
    assert!(matches!(
        sample(Occasion { lots: Lots { randomness: [1; 32], ..right.lots }, ..right }),
        SampleFault::OtherMiner(_) | SampleFault::AnswerNotUnderRoot
    ));
    assert!(matches!(sample(Occasion { genesis: [1; 32], ..right }), SampleFault::AnswerNotUnderRoot));
    assert!(matches!(sample(Occasion { blocks: (102, 190), ..right }), SampleFault::SourceBlock(_)));
    let few = SampleFault::TooFewAnswers { found: 4, least: 5 };
    assert_eq!(sample(Occasion { lots: Lots { answers: 5, ..right.lots }, ..right }), few);
}

#[test]
fn a_miner_that_is_not_under_the_root_is_named() {
    let (tree, seeds) = evidence(&[1, 2, 5], 2);
    let lots = Lots { paid: &[1, 2, 5], ..lots(&WEIGHTS) };
    let at = Occasion { lots, ..occasion(&tree, &WEIGHTS) };
    let proof = tree.prove(&lots, &seeds, |_| None).unwrap();
    assert_eq!(proof.verify(&at, &Known), Ok(()));
    let changes: [fn(&mut Sample); 6] = [
        |sample| sample.miner_path[0][0] ^= 1,
        |sample| sample.miner_path.last_mut().unwrap()[31] ^= 0x80,
        |sample| sample.miner_path.push([0; 32]),
        |sample| sample.miner_path.truncate(sample.miner_path.len() - 1),
        |sample| sample.place ^= 1,
        |sample| sample.miner.records.root[0] ^= 1,
    ];
    // The first and the last sample by weight, and by head.
    for number in [0, BY_WEIGHT - 1, BY_WEIGHT, BY_WEIGHT + BY_HEAD - 1] {
        for (which, change) in changes.iter().enumerate() {
            let mut forged = proof.clone();
            let heads = forged.heads.iter_mut().flatten();
            change(forged.samples.iter_mut().chain(heads).nth(number).unwrap());
            let read = EvaluationProof::from_bytes(&forged.to_bytes()).unwrap();
            let named = ProofError::Sample { number, fault: SampleFault::MinerNotUnderRoot };
            assert_eq!(read.verify(&at, &Known), Err(named), "change {which}");
            assert_eq!(named.code(), (number as u8, 19));
        }
    }
}

#[test]
fn an_answer_that_is_listed_twice_counts_once_and_a_forged_list_shows() {
    let judge = validator();
    let miner = Key::new(1);
    let own = seed(&judge, Audience::Miner(miner.public()), 0);
    let seeds = BTreeMap::from([(own.reference(), own.clone())]);
    let one = answer(&judge, &miner, &own, 0);
    let evidence = MinerEvidence { uid: 1, hotkey: miner.public(), answers: vec![one; 3], records: vec![] };
    let tree = EvidenceTree::new((NETUID, EPOCH), judge.public(), Files::default(), vec![evidence]);
    assert_eq!(tree.answers_of(1, &miner.public()), 1);

    // A list of the same answer three times, by hand.
    let leaf = one.leaf(&judge.public());
    let hashes = [leaf.hash(); 3];
    let branch = MinerLeaf {
        uid: 1,
        hotkey: miner.public(),
        answers: ListRoot::of(&hashes),
        records: ListRoot::default(),
    };
    let head = EpochHead { miners: ListRoot::of(&[branch.hash()]), ..*tree.head() };
    let honest = tree.prove(&lots(&[(1, 1)]), &seeds, |_| None).unwrap();
    let weights = [(1, 1)];
    let at = Occasion {
        root: head.root(),
        lots: Lots { answers: 3, ..lots(&weights) },
        ..occasion(&tree, &weights)
    };
    let drawn = draw(&at.root, &at.lots);
    let samples = honest.samples.iter().zip(&drawn.by_weight).map(|(sample, drawn)| {
        let index = drawn.index(3);
        let place = proof::neighbour_of(index, 3).unwrap() as usize;
        Sample {
            miner: branch,
            path: tree::path(&hashes, index as usize).unwrap(),
            neighbour: Some((leaf, tree::path(&hashes, place).unwrap())),
            ..sample.clone()
        }
    });
    let forged = EvaluationProof { head, samples: samples.collect(), heads: vec![] };
    let fault = ProofError::Sample { number: 0, fault: SampleFault::Neighbour };
    assert_eq!(forged.verify(&at, &Known), Err(fault));
}

#[test]
fn a_seed_that_the_validator_made_up_shows_in_the_first_samples() {
    let judge = validator();
    let miner = Key::new(1);
    let mut made_up = seed(&judge, Audience::Miner(miner.public()), 0);
    made_up.vrf.output = Key::new(77).public();
    let evidence = MinerEvidence {
        uid: 1,
        hotkey: miner.public(),
        answers: vec![answer(&judge, &miner, &made_up, 0)],
        records: vec![],
    };
    let tree = EvidenceTree::new((NETUID, EPOCH), judge.public(), Files::default(), vec![evidence]);
    let seeds = BTreeMap::from([(made_up.reference(), made_up)]);
    let proof = tree.prove(&lots(&[(1, 1)]), &seeds, |_| None).unwrap();
    let fault = ProofError::Sample { number: 0, fault: SampleFault::ChosenSeed };
    assert_eq!(proof.verify(&occasion(&tree, &[(1, 1)]), &Known), Err(fault));
}

#[test]
fn an_answer_to_another_validator_is_worth_nothing() {
    let (judge, other, miner) = (validator(), Key::new(201), Key::new(1));
    let own = seed(&judge, Audience::Miner(miner.public()), 0);
    // The miner signed it, for another validator.
    let bought = answer(&other, &miner, &own, 0);
    let evidence = MinerEvidence { uid: 1, hotkey: miner.public(), answers: vec![bought], records: vec![] };
    let tree = EvidenceTree::new((NETUID, EPOCH), judge.public(), Files::default(), vec![evidence]);
    let seeds = BTreeMap::from([(own.reference(), own)]);
    let proof = tree.prove(&lots(&[(1, 1)]), &seeds, |_| None).unwrap();
    let fault = ProofError::Sample { number: 0, fault: SampleFault::Unsigned };
    assert_eq!(proof.verify(&occasion(&tree, &[(1, 1)]), &Known), Err(fault));
}

#[test]
fn of_the_miners_that_were_paid_a_few_may_be_absent() {
    let (tree, seeds) = evidence(&[1, 2, 5], 2);
    // Every miner with a weight can be opened. Of the paid ones, half cannot.
    let weights = [(1, 1), (2, 1)];
    let at = |paid: &'static [u16]| Lots { paid, ..lots(&weights) };
    let check = |paid, proof: &EvaluationProof| {
        proof.verify(&Occasion { lots: at(paid), ..occasion(&tree, &weights) }, &Known)
    };
    let whole = tree.prove(&at(&[1, 2, 5]), &seeds, |_| None).unwrap();
    assert_eq!(whole.heads.len(), BY_HEAD);
    assert_eq!(check(&[1, 2, 5], &whole), Ok(()));
    assert_eq!(EvaluationProof::from_bytes(&whole.to_bytes()).unwrap().to_bytes(), whole.to_bytes());
    assert!(whole.to_bytes().len() < PROOF_LIMIT);
    assert!(matches!(tree.prove(&at(&[3, 4]), &seeds, |_| None), Err(CannotProve::Absent(BY_HEAD))));
    let mut few = whole.clone();
    few.heads.iter_mut().take(MOST_ABSENT).for_each(|head| *head = None);
    assert_eq!(check(&[1, 2, 5], &few), Ok(()));
    few.heads[MOST_ABSENT] = None;
    assert_eq!(check(&[1, 2, 5], &few), Err(ProofError::Absent { absent: MOST_ABSENT + 1, excused: 0 }));
    let mut other = whole;
    other.heads.swap(0, 1);
    other.heads.rotate_left(2);
    let faulty = check(&[1, 2, 5], &other).unwrap_err();
    assert!(matches!(faulty, ProofError::Sample { .. }), "{faulty}");
    assert!(matches!(check(&[], &few), Err(ProofError::WrongCount { .. })));
}

#[test]
fn miners_that_were_away_are_excused_up_to_half_of_the_draw() {
    // Uids 1 to 3 were asked, 4 to 6 were not.
    let (tree, seeds) = evidence(&[1, 2, 3], 2);
    let weights = [(1, 1)];
    let paid = [1, 2, 3, 4, 5, 6];
    let mut seen = BTreeMap::new();
    for round in 0..40 {
        let lots = Lots { randomness: [round; 32], paid: &paid, ..lots(&weights) };
        let drawn = draw(&tree.root(), &lots);
        let lacking: Vec<u16> = drawn.by_head.iter().map(|head| head.uid).filter(|uid| *uid > 3).collect();
        let (absent, excused) = (lacking.len(), lacking.iter().filter(|uid| **uid > 4).count());
        seen.insert((absent, excused), ());
        let Ok(proof) = tree.prove(&lots, &seeds, |_| None) else {
            assert!(absent > MOST_AWAY);
            continue;
        };
        assert_eq!(proof.lacking(&drawn), lacking);
        let at = Occasion { lots, ..occasion(&tree, &weights) };
        assert_eq!(proof.verify(&at, &AwayFrom(4)), Ok(()), "all of them were away");
        let held = |from| proof.verify(&at, &AwayFrom(from));
        assert_eq!(held(7).is_ok(), absent <= MOST_ABSENT);
        assert_eq!(held(5).is_ok(), may_lack(absent, excused));
        if let Err(fault) = held(5) {
            assert_eq!(fault, ProofError::Absent { absent, excused });
            assert_eq!(fault.code(), (255, 5));
        }
    }
    let some =
        |fits: &dyn Fn(usize, usize) -> bool| seen.keys().any(|(absent, excused)| fits(*absent, *excused));
    assert!(some(&|absent, _| absent > MOST_AWAY) && some(&|absent, _| absent == MOST_AWAY));
    assert!(some(&|absent, excused| needs_excuse(absent) && may_lack(absent, excused)));
    assert!(some(&|absent, excused| needs_excuse(absent) && !may_lack(absent, excused)));
}

#[test]
fn draws_follow_the_weights() {
    let mut counts = [0u32; 3];
    for round in 0..4_000u32 {
        let mut randomness = [0; 32];
        randomness[..4].copy_from_slice(&round.to_le_bytes());
        let weights = [(0, 30_000), (1, 10_000), (2, 0)];
        for drawn in draw(&[0; 32], &Lots { randomness, ..lots(&weights) }).by_weight {
            counts[usize::from(drawn.uid)] += 1;
        }
    }
    assert_eq!(counts[2], 0);
    assert_eq!(counts[0] + counts[1], 32_000);
    // Three quarters, within five standard deviations.
    assert!(counts[0].abs_diff(24_000) < 400, "{counts:?}");
    assert_eq!(draw(&[0; 32], &lots(&[(1, 0)])), Drawn::default());
    let last = Draw { uid: 0, position: u64::MAX };
    assert_eq!((last.index(0), last.index(1), last.index(7)), (0, 0, 6));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_proof_with_any_byte_changed_does_not_hold(at in any::<prop::sample::Index>(), flip in 1u8..) {
        let (tree, seeds) = evidence(&[1, 2, 5], 3);
        let mut bytes = tree.prove(&lots(&WEIGHTS), &seeds, |_| None).unwrap().to_bytes();
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        let held = EvaluationProof::from_bytes(&bytes)
            .is_ok_and(|proof| proof.verify(&occasion(&tree, &WEIGHTS), &Known).is_ok());
        prop_assert!(!held, "byte {at}");
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let _ = EvaluationProof::from_bytes(&bytes);
        let mut longer = vec![1; 1];
        longer.extend_from_slice(&bytes);
        let _ = EvaluationProof::from_bytes(&longer);
    }

    #[test]
    fn a_proof_that_is_cut_short_is_refused(end in any::<prop::sample::Index>()) {
        let (tree, seeds) = evidence(&[1, 2], 2);
        let bytes = tree.prove(&lots(&[(1, 1), (2, 2)]), &seeds, |_| None).unwrap().to_bytes();
        let end = end.index(bytes.len());
        prop_assert!(EvaluationProof::from_bytes(&bytes[..end]).is_err());
    }
}

proptest! {
    #[test]
    fn several_leaves_together_are_those_of_each(
        tasks in prop::collection::vec(any::<u16>(), 0..9), fill in any::<u8>(),
        records in prop::collection::vec(0usize..300, 0..9),
    ) {
        let answer = |task: &u16| Answer {
            seed: [fill; 32],
            task: *task,
            request: [1; 32],
            answer: [fill; 32],
            model: [3; 32],
            signature: [fill; 64],
            record: [4; 32],
        };
        let answers: Vec<Answer> = tasks.iter().map(answer).collect();
        let validator = [9; 32];
        let leaves = AnswerLeaf::each(&answers, &validator);
        prop_assert_eq!(&leaves, &answers.iter().map(|answer| answer.leaf(&validator)).collect::<Vec<_>>());
        for (leaf, answer) in leaves.iter().zip(&answers) {
            let Answer { seed, task, request, answer, model, signature, record } = answer;
            let task = task.to_le_bytes();
            let parts: [&[u8]; 8] =
                [b"myelin/evidence-answer/1", seed, &task, request, answer, model, signature, record];
            prop_assert_eq!(leaf.content, blake2_256_of(&parts));
            prop_assert_eq!(leaf.hash(), tree::leaf_hash(&[&leaf.challenge, &leaf.content]));
        }
        let records: Vec<Vec<u8>> = records.iter().map(|length| vec![fill; *length]).collect();
        let single: Vec<Hash> = records.iter().map(|record| record_leaf(record)).collect();
        prop_assert_eq!(record_leaves(records.iter().map(Vec::as_slice)), single);
    }
}
