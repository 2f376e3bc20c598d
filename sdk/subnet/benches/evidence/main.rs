//! Speed of an auditor on one core: 64 validators, 256 miners, 100 records each.
//!
//! It goes from the bytes of all records of an epoch to the dividends. Each record is read, and its score computed from
//! its parts. The tree over answers and records leads to the committed root. The standings follow from the records, the
//! weights from the standings, and consensus, incentives and dividends from the weights. Signatures, seeds and judging
//! are left out: they are checked by sample.
//!
//! Then [`folders`]: the same from files on disk and a proved state, by the functions that `myelin evidence verify`
//! calls. At last [`serving`]: the work of a validator whose evidence all others fetch.
//!
//! Figures are of this machine. A wrong result is a failure; a slow one is not.

mod chain;
mod folders;
mod serving;

use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use myelin_subnet::evaluation::{take_in, weigh_standings, MinerScore, Standing, Standings, WeightRule};
use myelin_subnet::evidence::standings_hash;
use myelin_subnet::subnet::{Mechanism, MinerRef, Mode, Pay};
use myelin_units::I64F64;
use myelin_wire::evidence::{record_leaves, Answer, EvidenceTree, Files, MinerEvidence};
use myelin_wire::hash::{blake2_256_of, Hash};
use myelin_wire::record::{miner_digest, LatencyBucket, PartRule, Ppm, Reason, Record, Rubric, NO_EXTENSION};
use myelin_wire::AccountId;
use myelin_yuma::set_weights::max_upscale;
use myelin_yuma::{run_epoch, EpochInput, EpochParams};

const VALIDATORS: u16 = 64;
const MINERS: u16 = 256;
const RECORDS: u16 = 100;
const NETUID: u16 = 2;
const EPOCH: u64 = 7;

/// Everything that an auditor has of one validator: files, the chain's root, and the chain's weights.
struct Evidence {
    validator: AccountId,
    /// For each miner its records, one after the other, each with its length before it.
    records: Vec<Vec<u8>>,
    answers: Vec<Vec<Answer>>,
    before: Standings,
    after: Hash,
    root: Hash,
    row: Vec<(u16, u16)>,
}

fn plan() -> Mechanism {
    Mechanism {
        mode: Mode::Serve,
        pay: Pay::Power(WeightRule::default()),
        rate: Ppm::new(100_000),
        burn_in: 0,
    }
}

fn key(kind: u8, number: u16) -> AccountId {
    blake2_256_of(&[&[kind], &number.to_le_bytes()])
}

fn miners() -> Vec<MinerRef> {
    (0..MINERS).map(|number| MinerRef { uid: VALIDATORS + number, hotkey: key(1, number) }).collect()
}

/// A record whose score follows from its parts.
fn record(rubric: &Rubric, validator: &AccountId, miner: &MinerRef, task: u16) -> Record {
    let drawn = blake2_256_of(&[validator, &miner.hotkey, &task.to_le_bytes()]);
    let part = |byte: u8| Ppm::new(u32::from(byte) * 1_000_000 / 255);
    let mut record = Record {
        netuid: NETUID,
        epoch: EPOCH,
        round: task % 3,
        task,
        audience: 0,
        seed: drawn,
        signer: *validator,
        miner_uid: miner.uid,
        miner: miner_digest(&miner.hotkey),
        request: drawn,
        answer: drawn,
        rubric: rubric.tag(),
        signed: true,
        commit_order: 255,
        latency: LatencyBucket::of_ms(50),
        reason: Reason::Scored,
        score: Ppm::ZERO,
        parts: vec![part(drawn[0]), part(drawn[1])],
        extension: NO_EXTENSION,
    };
    record.score = record.recompute(rubric).expect("two parts");
    record
}

fn answer(record: &Record, leaf: Hash) -> Answer {
    Answer {
        seed: record.seed,
        task: record.task,
        request: record.request,
        answer: record.answer,
        model: [0; 32],
        signature: [7; 64],
        record: leaf,
    }
}

/// The standings after the epoch: the mean score of each miner joins its average.
fn follow(before: &Standings, scores: &[(MinerRef, Vec<Ppm>)]) -> Standings {
    let mean = |scores: &[Ppm]| {
        let sum: u64 = scores.iter().map(|score| u64::from(score.get())).sum();
        Ppm::new((sum / (scores.len() as u64).max(1)) as u32)
    };
    let scores: Vec<MinerScore> = scores
        .iter()
        .map(|(miner, answers)| MinerScore {
            mechanism: 0,
            miner: *miner,
            score: Some(mean(answers)),
            quality: None,
            answers: answers.clone(),
        })
        .collect();
    let mut after = before.clone();
    take_in(&mut after, &[plan()], &scores, &[]);
    after
}

fn weights(standings: &Standings, miners: &[MinerRef]) -> Vec<(u16, u16)> {
    let standing = |miner: &MinerRef| standings.get(&(0, miner.hotkey));
    let seated: Vec<(MinerRef, &Standing)> =
        miners.iter().filter_map(|miner| Some((*miner, standing(miner)?))).collect();
    let (uids, values): (Vec<u16>, Vec<u16>) = weigh_standings(&plan(), &seated).into_iter().unzip();
    uids.into_iter().zip(max_upscale(&values)).collect()
}

fn tree(evidence: &Evidence, miners: &[MinerRef], records: Vec<Vec<Hash>>) -> EvidenceTree {
    let files = Files { before: [1; 32], after: evidence.after, others: [2; 32] };
    let each = miners.iter().zip(&evidence.answers).zip(records);
    let of = |((miner, answers), records): ((&MinerRef, &Vec<Answer>), Vec<Hash>)| MinerEvidence {
        uid: miner.uid,
        hotkey: miner.hotkey,
        answers: answers.clone(),
        records,
    };
    EvidenceTree::new((NETUID, EPOCH), evidence.validator, files, each.map(of).collect())
}

/// Makes what one validator leaves behind.
fn make(rubric: &Rubric, number: u16, miners: &[MinerRef]) -> Evidence {
    let validator = key(0, number);
    let mut evidence = Evidence {
        validator,
        records: Vec::new(),
        answers: Vec::new(),
        before: Standings::new(),
        after: [0; 32],
        root: [0; 32],
        row: Vec::new(),
    };
    let (mut scores, mut leaves) = (Vec::new(), Vec::new());
    for miner in miners {
        let records: Vec<Record> = (0..RECORDS).map(|task| record(rubric, &validator, miner, task)).collect();
        let bytes: Vec<Vec<u8>> =
            records.iter().map(|record| record.to_bytes().expect("two parts")).collect();
        let hashes = record_leaves(bytes.iter().map(Vec::as_slice));
        evidence
            .answers
            .push(records.iter().zip(&hashes).map(|(record, leaf)| answer(record, *leaf)).collect());
        evidence
            .records
            .push(bytes.iter().flat_map(|record| [&[record.len() as u8][..], record].concat()).collect());
        scores.push((*miner, records.iter().map(|record| record.score).collect()));
        leaves.push(hashes);
    }
    let after = follow(&evidence.before, &scores);
    evidence.after = standings_hash(&after).expect("standings have a form");
    evidence.row = weights(&after, miners);
    evidence.root = tree(&evidence, miners, leaves).root();
    evidence
}

/// Time of each step.
#[derive(Default)]
struct Times {
    records: Duration,
    roots: Duration,
    weights: Duration,
}

/// Verifies one validator, up to its weights on the chain.
fn verify(
    rubric: &Rubric,
    evidence: &Evidence,
    miners: &[MinerRef],
    times: &mut Times,
) -> Result<(), String> {
    let begun = Instant::now();
    let (mut scores, mut leaves) = (Vec::new(), Vec::new());
    for (miner, bytes) in miners.iter().zip(&evidence.records) {
        let (mut of_miner, mut cut, mut rest) = (Vec::new(), Vec::new(), &bytes[..]);
        while let Some((length, more)) = rest.split_first() {
            let (bytes, more) = more.split_at_checked(usize::from(*length)).ok_or("a record is cut off")?;
            let record = Record::from_bytes(bytes).map_err(|error| error.to_string())?;
            record.check(rubric).map_err(|error| error.to_string())?;
            if (record.signer, record.epoch, record.miner_uid) != (evidence.validator, EPOCH, miner.uid) {
                return Err("a record is about something else".into());
            }
            of_miner.push(record.score);
            cut.push(bytes);
            rest = more;
        }
        scores.push((*miner, of_miner));
        leaves.push(record_leaves(cut));
    }
    times.records += begun.elapsed();
    let begun = Instant::now();
    if tree(evidence, miners, leaves).root() != evidence.root {
        return Err("another root".into());
    }
    times.roots += begun.elapsed();
    let begun = Instant::now();
    let after = follow(&evidence.before, &scores);
    if standings_hash(&after).map_err(|error| error.to_string())? != evidence.after {
        return Err("other standings".into());
    }
    if weights(&after, miners) != evidence.row {
        return Err("other weights".into());
    }
    times.weights += begun.elapsed();
    Ok(())
}

fn epoch(rows: &[Vec<(u16, u16)>]) -> EpochInput {
    let count = usize::from(VALIDATORS + MINERS);
    let is_validator = |uid: usize| uid < usize::from(VALIDATORS);
    let stake = |uid: usize| if is_validator(uid) { 1_000 + uid as u64 } else { 0 };
    let row = |uid: usize| rows.get(uid).cloned().unwrap_or_default();
    EpochInput {
        params: EpochParams { commit_reveal: false, ..EpochParams::default() },
        block: 1_000,
        emission: 1_000_000_000,
        last_step_block: 640,
        owner_uid: None,
        total_stake: (0..count).map(|uid| I64F64::from_int(stake(uid))).collect(),
        last_update: vec![900; count],
        registered: vec![1; count],
        permits: (0..count).map(is_validator).collect(),
        weights: (0..count).map(row).collect(),
        bonds: vec![Vec::new(); count],
        ..EpochInput::default()
    }
}

fn main() -> ExitCode {
    let share = |name, weight| PartRule::Share { name, weight };
    let rubric = Rubric::new("bench", 1, vec![share("first", 2), share("second", 1)]).expect("two shares");
    let (miners, mut times, mut rows) = (miners(), Times::default(), Vec::new());
    for number in 0..VALIDATORS {
        let evidence = make(&rubric, number, &miners);
        if let Err(why) = verify(&rubric, &evidence, &miners, &mut times) {
            eprintln!("validator {number} is not verified: {why}");
            return ExitCode::FAILURE;
        }
        rows.push(evidence.row);
    }
    let input = epoch(&rows);
    let begun = Instant::now();
    let output = run_epoch(black_box(&input));
    let consensus = begun.elapsed();
    if output.incentive.iter().all(|share| *share == 0) || output.dividends.iter().all(|share| *share == 0) {
        eprintln!("nobody was paid");
        return ExitCode::FAILURE;
    }
    let Times { records, roots, weights } = times;
    let total = records + roots + weights + consensus;
    let count = u64::from(VALIDATORS) * u64::from(MINERS) * u64::from(RECORDS);
    println!("{VALIDATORS} validators, {MINERS} miners, {RECORDS} records of each for each: {count} records");
    println!("records read, scores from parts  {:8.2} s", records.as_secs_f64());
    println!("trees and roots                  {:8.2} s", roots.as_secs_f64());
    println!("standings and weights            {:8.2} s", weights.as_secs_f64());
    println!("consensus to dividends           {:8.2} s", consensus.as_secs_f64());
    println!(
        "all                              {:8.2} s, {:.0} records/s on one core",
        total.as_secs_f64(),
        count as f64 / total.as_secs_f64()
    );
    let verified = folders::run(&rubric).map_err(|why| format!("evidence on disk is not verified: {why}"));
    let served = || serving::run(&rubric).map_err(|why| format!("an epoch is not served: {why}"));
    match verified.and_then(|()| served()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}
