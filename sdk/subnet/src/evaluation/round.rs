//! What every answer of a round came to.

use myelin_wire::{
    record::{miner_digest, LatencyBucket, Ppm, Reason, Record, RecordError},
    seed::Audience,
    AccountId,
};

use super::agreement::{find_repeats, CommitPlaces, GroupRule, PairEvidence, Repeat};
use crate::subnet::{Answer, Challenge, MinerRef, Subnet, TaskPlan};

/// Which round it is, and who judges it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoundFacts {
    /// The subnet.
    pub netuid: u16,
    /// The subnet's epoch index.
    pub epoch: u64,
    /// Round within the epoch.
    pub round: u16,
    /// The mechanism that is judged.
    pub mechanism: u8,
    /// Who drew the seeds.
    pub signer: AccountId,
}

/// A task that a seed drew.
pub struct DrawnTask<S: Subnet> {
    /// Its kind.
    pub plan: TaskPlan,
    /// Its number within the seed.
    pub number: u16,
    /// The seed it was drawn from.
    pub seed: [u8; 32],
    /// Who gets it.
    pub audience: Audience,
    /// The task.
    pub challenge: Challenge<S>,
}

/// What came back from one miner for one task.
#[derive(Clone, Debug)]
pub struct Delivery<R> {
    /// Index of the miner in the round.
    pub miner: usize,
    /// Hash of the request as sent.
    pub request: [u8; 32],
    /// Hash of the answer as the miner signed it, zero without one.
    pub answer: [u8; 32],
    /// Whether the answer carried a valid signature.
    pub signed: bool,
    /// Place of its commitment in the task.
    pub commit_place: Option<u8>,
    /// Time it took.
    pub latency: LatencyBucket,
    /// The answer, or why there is none.
    pub outcome: Outcome<R>,
}

/// An answer, or why there is none to judge.
#[derive(Clone, Debug)]
pub enum Outcome<R> {
    /// It arrived in time and form.
    Answered(R),
    /// It did not; the reason pays nothing.
    Failed(Reason),
}

/// A task with what came back for it.
pub struct AskedTask<S: Subnet> {
    /// The task.
    pub task: DrawnTask<S>,
    /// One delivery per miner that was asked, in any order.
    pub deliveries: Vec<Delivery<S::Response>>,
}

/// A record with the subnet's line for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// The record.
    pub record: Record,
    /// What the subnet says about the answer.
    pub note: String,
}

/// What a miner's round came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MinerScore {
    /// The mechanism.
    pub mechanism: u8,
    /// The miner.
    pub miner: MinerRef,
    /// Weighted mean of its scores; `None` if nothing counted.
    pub score: Option<Ppm>,
}

/// The result of a round on one mechanism, or on several.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evaluated {
    /// One record per delivery, ordered by task and miner.
    pub judged: Vec<Judged>,
    /// One score per miner, in the order of the round.
    pub scores: Vec<MinerScore>,
    /// Miners that repeat others, by index.
    pub repeats: Vec<Repeat>,
}

impl Evaluated {
    /// Takes in what another mechanism came to.
    pub fn merge(&mut self, other: Evaluated) {
        self.judged.extend(other.judged);
        self.scores.extend(other.scores);
        self.repeats.extend(other.repeats);
    }
}

/// Why a round cannot be evaluated: the subnet broke its contract.
#[derive(Debug, thiserror::Error)]
pub enum EvaluationError {
    /// Another number of judgements than answers.
    #[error("scoring a `{kind}` task gave {found} judgements for {expected} answers; the subnet must give one each")]
    Judgements {
        /// Kind of task.
        kind: &'static str,
        /// Answers.
        expected: usize,
        /// Judgements.
        found: usize,
    },
    /// Parts that the rubric does not know.
    #[error("scoring a `{kind}` task gave parts that its rubric does not have: {error}")]
    Parts {
        /// Kind of task.
        kind: &'static str,
        /// What the rubric says.
        error: RecordError,
    },
}

/// Evaluates the tasks of one mechanism in a round.
///
/// `excuse` is asked once per miner and round with an unreachable delivery, whether its allowance covers that one.
/// If nobody could be reached the fault is the validator's own: then nothing counts.
pub fn evaluate_round<S: Subnet>(
    subnet: &S,
    facts: &RoundFacts,
    miners: &[MinerRef],
    mut asked: Vec<AskedTask<S>>,
    rule: &GroupRule,
    mut excuse: impl FnMut(&AccountId) -> bool,
    state: &mut S::State,
) -> Result<Evaluated, EvaluationError> {
    for one in &mut asked {
        one.deliveries.retain(|delivery| delivery.miner < miners.len());
        one.deliveries.sort_by_key(|delivery| delivery.miner);
    }
    excuse_faults(&mut asked, miners, &mut excuse);

    let mut judged = Vec::new();
    let mut evidence = Vec::new();
    let mut places = CommitPlaces::new();
    for (index, one) in asked.iter().enumerate() {
        judged.extend(judge_task(subnet, facts, miners, one, state)?);
        evidence.extend(compare_answers(subnet, miners, index, one));
        places.push(commit_places(miners.len(), &one.deliveries));
    }
    let repeats = find_repeats(miners.len(), &evidence, &places, rule);
    for repeat in &repeats {
        withhold(&mut judged, miners, repeat);
    }
    let weights: Vec<u32> =
        asked.iter().flat_map(|one| one.deliveries.iter().map(|_| one.task.plan.weight)).collect();
    let scores =
        (0..miners.len()).map(|miner| mean_score(facts, miner, miners, &asked, &judged, &weights)).collect();
    Ok(Evaluated { judged, scores, repeats })
}

fn unreachable<R>(delivery: &Delivery<R>) -> bool {
    matches!(delivery.outcome, Outcome::Failed(Reason::Unreachable))
}

fn excuse_faults<S: Subnet>(
    asked: &mut [AskedTask<S>],
    miners: &[MinerRef],
    excuse: &mut impl FnMut(&AccountId) -> bool,
) {
    let nobody = miners.len() > 1 && asked.iter().all(|one| one.deliveries.iter().all(unreachable));
    let mut asked_already = vec![false; miners.len()];
    for delivery in asked.iter_mut().flat_map(|one| &mut one.deliveries) {
        if !unreachable(delivery) {
            continue;
        }
        let first = !std::mem::replace(&mut asked_already[delivery.miner], true);
        if nobody || (first && excuse(&miners[delivery.miner].hotkey)) {
            delivery.outcome = Outcome::Failed(Reason::Excused);
        }
    }
}

fn answers<S: Subnet>(miners: &[MinerRef], one: &AskedTask<S>) -> Vec<Answer<S::Response>> {
    let answer = |delivery: &Delivery<S::Response>| match &delivery.outcome {
        Outcome::Answered(response) => Some(Answer {
            miner: miners[delivery.miner],
            response: response.clone(),
            latency: delivery.latency,
        }),
        Outcome::Failed(_) => None,
    };
    one.deliveries.iter().filter_map(answer).collect()
}

fn judge_task<S: Subnet>(
    subnet: &S,
    facts: &RoundFacts,
    miners: &[MinerRef],
    one: &AskedTask<S>,
    state: &mut S::State,
) -> Result<Vec<Judged>, EvaluationError> {
    let kind = one.task.plan.kind;
    let answers = answers(miners, one);
    let judgements = match answers.is_empty() {
        true => Vec::new(),
        false => subnet.score(&one.task.challenge, &answers, state),
    };
    if judgements.len() != answers.len() {
        return Err(EvaluationError::Judgements { kind, expected: answers.len(), found: judgements.len() });
    }
    let mut judgements = judgements.into_iter();
    let mut judged = Vec::with_capacity(one.deliveries.len());
    for delivery in &one.deliveries {
        let (reason, parts, note) = match delivery.outcome {
            Outcome::Failed(reason) => (reason, Vec::new(), String::new()),
            Outcome::Answered(_) => match judgements.next() {
                Some(judgement) => (judgement.reason, judgement.parts, judgement.note),
                None => (Reason::Malformed, Vec::new(), String::new()),
            },
        };
        let miner = miners[delivery.miner];
        let mut record = Record {
            netuid: facts.netuid,
            epoch: facts.epoch,
            round: facts.round,
            task: one.task.number,
            audience: one.task.audience.tag(),
            seed: one.task.seed,
            signer: facts.signer,
            miner_uid: miner.uid,
            miner: miner_digest(&miner.hotkey),
            request: delivery.request,
            answer: delivery.answer,
            rubric: subnet.rubric().tag(),
            signed: delivery.signed,
            commit_order: delivery.commit_place.unwrap_or(u8::MAX),
            latency: delivery.latency,
            reason,
            score: Ppm::ZERO,
            parts,
        };
        record.score =
            record.recompute(subnet.rubric()).map_err(|error| EvaluationError::Parts { kind, error })?;
        judged.push(Judged { record, note });
    }
    Ok(judged)
}

fn compare_answers<S: Subnet>(
    subnet: &S,
    miners: &[MinerRef],
    index: usize,
    one: &AskedTask<S>,
) -> Vec<PairEvidence> {
    if one.task.plan.share != crate::subnet::Share::Round {
        return Vec::new();
    }
    let answered: Vec<usize> = one
        .deliveries
        .iter()
        .filter(|delivery| matches!(delivery.outcome, Outcome::Answered(_)))
        .map(|delivery| delivery.miner)
        .collect();
    let answers = answers(miners, one);
    let mut evidence = Vec::new();
    for first in 0..answers.len() {
        for second in first + 1..answers.len() {
            let agreement = subnet.agreement(&one.task.challenge, &answers[first], &answers[second]);
            evidence.extend(agreement.map(|agreement| PairEvidence {
                task: index,
                one: answered[first],
                other: answered[second],
                agreement,
            }));
        }
    }
    evidence
}

fn commit_places<R>(count: usize, deliveries: &[Delivery<R>]) -> Vec<Option<u8>> {
    let mut places = vec![None; count];
    for delivery in deliveries {
        places[delivery.miner] = delivery.commit_place;
    }
    places
}

/// A repeated miner is not paid for anything in the round: what it was asked alone it can pass on as well.
fn withhold(judged: &mut [Judged], miners: &[MinerRef], repeat: &Repeat) {
    let digest = miner_digest(&miners[repeat.miner].hotkey);
    for one in judged.iter_mut().filter(|one| one.record.miner == digest && one.record.reason.pays()) {
        one.record.reason = Reason::Grouped;
        one.record.score = Ppm::ZERO;
        one.note = format!("repeats uid {}; {}", miners[repeat.through].uid, one.note);
    }
}

fn mean_score<S: Subnet>(
    facts: &RoundFacts,
    miner: usize,
    miners: &[MinerRef],
    asked: &[AskedTask<S>],
    judged: &[Judged],
    weights: &[u32],
) -> MinerScore {
    let owners = asked.iter().flat_map(|one| one.deliveries.iter().map(|delivery| delivery.miner));
    let (mut sum, mut total) = (0u64, 0u64);
    for ((owner, one), weight) in owners.zip(judged).zip(weights) {
        if owner == miner && one.record.reason.counts() {
            sum += u64::from(one.record.score.get()) * u64::from(*weight);
            total += u64::from(*weight);
        }
    }
    let score = (total > 0).then(|| Ppm::new(u32::try_from(sum / total).unwrap_or(u32::MAX)));
    MinerScore { mechanism: facts.mechanism, miner: miners[miner], score }
}

#[cfg(test)]
mod tests;
