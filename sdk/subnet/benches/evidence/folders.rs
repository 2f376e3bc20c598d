//! The work of `myelin evidence verify` with folders of all validators: 64 of them, 256 miners, 100 records each.
//!
//! Each folder is written to disk and read by the functions that the command calls. Roots and weights are compared with
//! a proved state, from which the epoch is recomputed to dividends. The output names what is left out.

use std::path::Path;
use std::time::{Duration, Instant};

use myelin_subnet::evaluation::Standings;
use myelin_subnet::evidence::{
    audit_between, standings_hash, EvidenceFolder, KeptMiner, KeptSeat, KeptSource, KeptTask, KeptWeights,
    RoundEvidence, RoundStandings,
};
use myelin_subnet::rules::Terms;
use myelin_subnet::subnet::MinerRef;
use myelin_subnet::WeightVector;
use myelin_wire::answer::{AnswerClaim, SignedAnswer};
use myelin_wire::hash::{from_hex, to_hex};
use myelin_wire::record::{Ppm, Record, Rubric};
use myelin_wire::seed::{challenge_id, Audience, SeedContext, SeedProof};
use myelin_wire::sr25519::Keypair;
use myelin_yuma::set_weights::max_upscale;

use super::chain::{Chain, Committed};
use super::{follow, key, miners, record, weights, EPOCH, MINERS, NETUID, RECORDS, VALIDATORS};

/// A record's round is its task's number modulo three.
const ROUNDS: u16 = 3;
const GENESIS: [u8; 32] = [1; 32];
const SOURCE: ([u8; 32], u64) = ([2; 32], 700);

/// Scores of each miner in a round.
type Scores = Vec<(MinerRef, Vec<Ppm>)>;

fn wrong(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn no_scores(miners: &[MinerRef]) -> Scores {
    miners.iter().map(|miner| (*miner, Vec::new())).collect()
}

/// The seed of a miner's tasks in a round.
fn seed(keys: &Keypair, round: u16, miner: &MinerRef) -> SeedProof {
    let (source_hash, source_block) = SOURCE;
    let audience = Audience::Miner(miner.hotkey);
    let context = SeedContext {
        genesis: GENESIS,
        netuid: NETUID,
        epoch: EPOCH,
        round,
        audience,
        source_block,
        source_hash,
    };
    SeedProof::draw(context, keys, [0; 32]).0
}

/// An answer as it is kept. Nothing here checks its signature.
fn signed(record: &Record, miner: &MinerRef) -> SignedAnswer {
    let claim = AnswerClaim {
        genesis_hash: GENESIS,
        netuid: NETUID,
        challenge_id: challenge_id(&record.seed, record.task, &record.signer),
        request_hash: record.request,
        answer_hash: record.answer,
        model_id: [0; 32],
        validator: record.signer,
        miner: miner.hotkey,
    };
    SignedAnswer { claim, signature: [7; 64] }
}

fn task(record: &Record) -> KeptTask {
    KeptTask {
        seed: to_hex(&record.seed),
        number: record.task,
        kind: "question".into(),
        request: format!("question {} of {}", record.task, to_hex(&record.request)).into(),
        hidden: record.task.into(),
        customer: None,
    }
}

/// Everything that a round leaves, with its records and scores.
fn round(
    rubric: &Rubric,
    keys: &Keypair,
    round: u16,
    miners: &[MinerRef],
) -> (RoundEvidence, Vec<Record>, Scores) {
    let mut evidence = RoundEvidence::default();
    let (mut records, mut scores) = (Vec::new(), no_scores(miners));
    for (miner, (_, of_miner)) in miners.iter().zip(&mut scores) {
        let seed = seed(keys, round, miner);
        for number in (round..RECORDS).step_by(usize::from(ROUNDS)) {
            let made = record(rubric, &keys.public(), miner, number);
            let made = Record { audience: 1, seed: seed.reference(), ..made };
            evidence.tasks.tasks.push(task(&made));
            evidence.signed.push(signed(&made, miner));
            of_miner.push(made.score);
            records.push(made);
        }
        evidence.seeds.push(seed);
    }
    let (hash, block) = SOURCE;
    evidence.tasks.miners =
        miners.iter().map(|miner| KeptMiner { uid: miner.uid, hotkey: to_hex(&miner.hotkey) }).collect();
    evidence.tasks.source = Some(KeptSource {
        genesis: to_hex(&GENESIS),
        netuid: NETUID,
        block,
        hash: to_hex(&hash),
        value: None,
    });
    (evidence, records, scores)
}

/// Keeps the epoch as a validator does, and returns what it commits to.
fn keep(
    folder: &EvidenceFolder,
    rubric: &Rubric,
    keys: &Keypair,
    miners: &[MinerRef],
) -> Result<Committed, String> {
    let mut before = Standings::new();
    for number in 0..ROUNDS {
        let (evidence, records, scores) = round(rubric, keys, number, miners);
        let after = follow(&before, &scores);
        folder.write(EPOCH, number, &evidence).map_err(wrong)?;
        folder.write_standings(EPOCH, number, &before, &after).map_err(wrong)?;
        folder.write_records(EPOCH, number, records.iter()).map_err(wrong)?;
        before = after;
    }
    let (uids, values): (Vec<u16>, Vec<u16>) = weights(&before, miners).into_iter().unzip();
    let row = uids.iter().copied().zip(max_upscale(&values)).collect();
    let kept = KeptWeights {
        mechanism: 0,
        block: SOURCE.1,
        rules: to_hex(&[0; 32]),
        terms: Terms::default(),
        standings: to_hex(&standings_hash(&before).map_err(wrong)?),
        seats: miners
            .iter()
            .map(|miner| KeptSeat { uid: miner.uid, hotkey: to_hex(&miner.hotkey) })
            .collect(),
        weights: WeightVector { uids, values, version_key: 0 },
        silent: None,
        submitted: true,
    };
    folder.write_weights(EPOCH, &kept).map_err(wrong)?;
    let validator = keys.public();
    let root = folder.tree(NETUID, EPOCH, validator).map_err(wrong)?.tree.root();
    Ok(Committed { validator, root, row })
}

/// Time of each step.
#[derive(Default)]
struct Times {
    roots: Duration,
    rounds: Duration,
    weights: Duration,
}

/// Verifies a folder.
fn verify(
    folder: &EvidenceFolder,
    rubric: &Rubric,
    committed: &Committed,
    miners: &[MinerRef],
    times: &mut Times,
) -> Result<(), String> {
    let begun = Instant::now();
    let tree = folder.tree(NETUID, EPOCH, committed.validator).map_err(wrong)?.tree;
    if tree.root() != committed.root {
        return Err("another root".into());
    }
    times.roots += begun.elapsed();
    let begun = Instant::now();
    let mut last: Option<RoundStandings> = None;
    for round in folder.rounds(EPOCH) {
        let around = folder.round_standings(EPOCH, round).map_err(wrong)?.ok_or("no standings were kept")?;
        if let Some(last) = &last {
            let changed = audit_between(folder, (EPOCH, last), (EPOCH, &around)).map_err(wrong)?;
            if let Some(first) = changed.first() {
                return Err(first.clone());
            }
        }
        let source = folder.asked(EPOCH, round).map_err(wrong)?.source.ok_or("no source was kept")?;
        if (from_hex(&source.hash), source.block) != (Some(SOURCE.0), SOURCE.1) {
            return Err("another source block".into());
        }
        scored(folder, rubric, (round, &around), miners)?;
        last = Some(around);
    }
    times.rounds += begun.elapsed();
    let begun = Instant::now();
    for kept in folder.weights(EPOCH).map_err(wrong)? {
        let standings = folder.standings(EPOCH, &kept.standings).map_err(wrong)?;
        let row: Vec<(u16, u16)> =
            kept.weights.uids.iter().copied().zip(max_upscale(&kept.weights.values)).collect();
        let submitted: Vec<(u16, u16)> =
            kept.weights.uids.iter().copied().zip(kept.weights.values.iter().copied()).collect();
        if last.as_ref().map(|last| &last.after) != Some(&kept.standings)
            || weights(&standings, miners) != submitted
            || row != committed.row
        {
            return Err("other weights".into());
        }
    }
    times.weights += begun.elapsed();
    Ok(())
}

/// Computes the scores of a round from the parts in its records, and the standings from the scores.
fn scored(
    folder: &EvidenceFolder,
    rubric: &Rubric,
    (round, around): (u16, &RoundStandings),
    miners: &[MinerRef],
) -> Result<(), String> {
    let mut scores = no_scores(miners);
    for record in folder.records(EPOCH, round).map_err(wrong)? {
        record.check(rubric).map_err(wrong)?;
        let place = usize::from(record.miner_uid.wrapping_sub(VALIDATORS));
        let (_, of_miner) = scores.get_mut(place).ok_or("a record of no miner")?;
        of_miner.push(record.score);
    }
    let before = folder.standings(EPOCH, &around.before).map_err(wrong)?;
    let after = standings_hash(&follow(&before, &scores)).map_err(wrong)?;
    (from_hex(&around.after) == Some(after)).then_some(()).ok_or_else(|| "other standings".into())
}

/// Bytes of all files under a folder.
fn size(folder: &Path) -> std::io::Result<u64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        bytes += if entry.file_type()?.is_dir() { size(&entry.path())? } else { entry.metadata()?.len() };
    }
    Ok(bytes)
}

/// Measures all validators, one folder after the other, and prints a table.
pub fn run(rubric: &Rubric) -> Result<(), String> {
    let (miners, mut times, mut all) = (miners(), Times::default(), Vec::new());
    let mut bytes = 0;
    for number in 0..VALIDATORS {
        let place = tempfile::tempdir().map_err(wrong)?;
        let folder = EvidenceFolder { path: place.path().join("evidence"), keep: 9 };
        let committed = keep(&folder, rubric, &Keypair::from_seed(&key(3, number)), &miners)?;
        verify(&folder, rubric, &committed, &miners, &mut times)
            .map_err(|why| format!("the folder of validator {number}: {why}"))?;
        bytes += size(&folder.path).map_err(wrong)?;
        all.push(committed);
    }
    let chain = Chain::new(&all)?;
    let (audited, keys) = chain.audit()?;
    let compared = chain.compare(&all)?;
    let Times { roots, rounds, weights } = times;
    let total = roots + rounds + weights + audited + compared;
    println!(
        "\n`evidence verify` with {VALIDATORS} folders on disk, {MINERS} miners, {RECORDS} records of each for each \
         ({:.0} MB, just written): seconds on one core",
        bytes as f64 / 1e6
    );
    println!("files read, trees and roots      {:8.2} s", roots.as_secs_f64());
    println!("tasks, scores, standings         {:8.2} s", rounds.as_secs_f64());
    println!("weights from standings           {:8.2} s", weights.as_secs_f64());
    println!("roots and weights on the chain   {:8.2} s", compared.as_secs_f64());
    println!("stakes to dividends, by proofs   {:8.2} s, {keys} values", audited.as_secs_f64());
    println!("all                              {:8.2} s; goal: 10 s", total.as_secs_f64());
    println!(
        "left out: rounds judged again with their seeds and signatures (see evidence-replay), statements of holders, \
         states of source blocks, finality, the node's answers, reading from a cold disk"
    );
    Ok(())
}
