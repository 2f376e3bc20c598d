//! Evaluation of a round: the record of every answer and the score of every miner.

use myelin_wire::{
    record::{miner_digest, LatencyBucket, Ppm, Reason, Record, RecordError, NO_EXTENSION},
    seed::Audience,
    AccountId,
};

use super::{
    agreement::{find_repeats, Agreement, CommitPlaces, GroupRule, PairEvidence, Repeat},
    ballot,
    faults::{excuse_faults, Fault},
    judging::{begin, Begun, Received},
    load::{self, own_tasks, Came, CountedAnswer, End, Sequence, Tally},
};
use crate::subnet::{Challenge, MinerRef, Pay, Share, Subnet, TaskPlan};

/// Identity of a round, and the validator that judges it.
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
    /// Hotkey that drew the seeds.
    pub signer: AccountId,
}

/// The hash by which records name a seed. The seed itself is the validator's secret until the round is judged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeedReference(pub [u8; 32]);

/// A task that a seed drew.
pub struct DrawnTask<S: Subnet> {
    /// Its kind.
    pub plan: TaskPlan,
    /// Its number within the seed.
    pub number: u16,
    /// Reference of the seed that the task was drawn from.
    pub seed: SeedReference,
    /// Miners that get the task.
    pub audience: Audience,
    /// The task.
    pub challenge: Challenge<S>,
}

/// Result of asking one miner one task.
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
    /// Time class of the answer.
    pub latency: LatencyBucket,
    /// The answer, or why there is none.
    pub outcome: Outcome<R>,
}

/// An answer, or why there is none to judge.
#[derive(Clone, Debug)]
pub enum Outcome<R> {
    /// It arrived in time and form.
    Answered(R),
    /// No answer to judge; the reason pays nothing.
    Failed(Reason),
}

/// A task with its deliveries.
pub struct AskedTask<S: Subnet> {
    /// The task.
    pub task: DrawnTask<S>,
    /// One delivery per miner that was asked, in any order.
    pub deliveries: Vec<Delivery<S::Response>>,
}

/// A delivery whose texts were deleted, so that its record is taken as it was kept.
pub struct Taken {
    /// Number of the tasks in [`Asked::tasks`] that were judged before it.
    pub before: usize,
    /// The kind of its task.
    pub plan: TaskPlan,
    /// Number of its task within the seed.
    pub number: u16,
    /// Reference of the seed.
    pub seed: SeedReference,
    /// The miner that was asked, and what is known of its answer.
    pub delivery: Delivery<()>,
    /// The record, before it was found whether its miner repeats another.
    pub record: Record,
}

/// Result of a round of asking on one mechanism.
pub struct Asked<S: Subnet> {
    /// Tasks whose answers are judged, or have none.
    pub tasks: Vec<AskedTask<S>>,
    /// Answers that only count towards the work done.
    pub counted: Vec<CountedAnswer>,
    /// Deliveries whose texts were deleted, in the order of their tasks and miners. Only an auditor has such.
    pub taken: Vec<Taken>,
}

impl<S: Subnet> From<Vec<AskedTask<S>>> for Asked<S> {
    /// Every answer is judged.
    fn from(tasks: Vec<AskedTask<S>>) -> Self {
        Self { tasks, counted: Vec::new(), taken: Vec::new() }
    }
}

/// A record with the subnet's line for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// The record.
    pub record: Record,
    /// The subnet's remark about the answer.
    pub note: String,
}

/// Result of a miner's round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MinerScore {
    /// The mechanism.
    pub mechanism: u8,
    /// The miner.
    pub miner: MinerRef,
    /// Weighted mean of its scores, the work done where miners are paid for load, or its agreement where they are paid
    /// for that; `None` if nothing counted.
    pub score: Option<Ppm>,
    /// The mean of its scores where `score` is the work done; its knowledge where `score` is its agreement.
    pub quality: Option<Ppm>,
    /// Score of each of its answers by itself. Left out are answers that are missing, late, repeat another miner's, or
    /// could not be judged.
    pub answers: Vec<Ppm>,
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
    /// Adds the result of another mechanism.
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
        /// Error of the rubric.
        error: RecordError,
    },
}

/// Evaluates the tasks of one mechanism in a round, on all cores.
///
/// `excuse` is asked once for each miner that some requests did not reach, and returns whether the allowance covers the
/// fault: the whole round if the miner was away, else one request. If no miner could be reached, the fault is the
/// validator's own, and nothing counts.
pub fn evaluate_round<S: Subnet>(
    subnet: &S,
    facts: &RoundFacts,
    miners: &[MinerRef],
    asked: impl Into<Asked<S>>,
    rule: &GroupRule,
    excuse: impl FnMut(&AccountId, Fault) -> bool,
    state: &mut S::State,
) -> Result<Evaluated, EvaluationError> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    evaluate_round_on(cores, (subnet, facts, rule), miners, asked, excuse, state)
}

/// The same on so many threads; how many there are changes nothing.
pub fn evaluate_round_on<S: Subnet>(
    threads: usize,
    (subnet, facts, rule): (&S, &RoundFacts, &GroupRule),
    miners: &[MinerRef],
    asked: impl Into<Asked<S>>,
    mut excuse: impl FnMut(&AccountId, Fault) -> bool,
    state: &mut S::State,
) -> Result<Evaluated, EvaluationError> {
    let Asked { tasks: mut asked, mut counted, mut taken } = asked.into();
    counted.retain(|answer| answer.miner < miners.len());
    taken.retain(|received| received.delivery.miner < miners.len());
    for task in &mut asked {
        task.deliveries.retain(|delivery| delivery.miner < miners.len());
        task.deliveries.sort_by_key(|delivery| delivery.miner);
        refuse_known(task);
    }
    excuse_faults(&mut asked, miners, &mut excuse);

    let asked: Vec<Received<S>> = asked.into_iter().map(|task| Received::of(task, miners)).collect();
    let (mut judged, mut sittings) = (Vec::new(), Vec::new());
    let mut evidence = Vec::new();
    let mut places = CommitPlaces::new();
    let mut taken = taken.iter().peekable();
    let begun = begin(subnet, facts.mechanism, &asked, threads);
    for (index, (task, mut begun)) in asked.iter().zip(begun).enumerate() {
        while let Some(received) = taken.next_if(|received| received.before <= index) {
            sittings.push(received.sitting());
            judged.push(received.judged());
        }
        evidence.extend(compare_answers(index, task, std::mem::take(&mut begun.agreements)));
        places.push(commit_places(miners.len(), &task.deliveries));
        judged.extend(judge_task(subnet, facts, miners, task, begun, state)?);
        sittings.extend(task.deliveries.iter().map(|delivery| Sitting::of(&task.task, delivery)));
    }
    sittings.extend(taken.clone().map(Taken::sitting));
    judged.extend(taken.map(Taken::judged));
    let repeats = find_repeats(miners.len(), &evidence, &places, rule);
    for repeat in &repeats {
        withhold(&mut judged, miners, repeat);
    }
    let mechanisms = subnet.mechanisms();
    let scores = match mechanisms.get(usize::from(facts.mechanism)).map(|mechanism| &mechanism.pay) {
        Some(Pay::Load(_)) => {
            let plans = subnet.tasks();
            let most = load::largest(&plans, facts.mechanism);
            let batch = own_tasks(&plans).count();
            let tallies = tallies(batch, miners.len(), &sittings, &counted, &judged);
            tallies.iter().map(|tally| (tally.done(most), tally.quality())).collect()
        }
        Some(Pay::Agreement(rule)) => ballot::rate_round(subnet, rule, miners.len(), &asked, &judged),
        Some(Pay::Window(rule)) => mean_scores(miners.len(), &sittings, &judged, rule.base),
        _ => mean_scores(miners.len(), &sittings, &judged, Ppm::ZERO),
    };
    let mechanism = facts.mechanism;
    let mut worths = worths(miners.len(), &sittings, &judged).into_iter();
    let score = |((score, quality), miner): (_, &MinerRef)| {
        let answers = worths.next().unwrap_or_default();
        MinerScore { mechanism, miner: *miner, score, quality, answers }
    };
    let scores = scores.into_iter().zip(miners).map(score).collect();
    counted.sort_unstable_by_key(|answer| (answer.miner, answer.number));
    judged.extend(counted.iter().map(|answer| count(subnet, facts, &miners[answer.miner], answer)));
    Ok(Evaluated { judged, scores, repeats })
}

/// Refuses answers that came sooner than an answer can be found.
fn refuse_known<S: Subnet>(task: &mut AskedTask<S>) {
    let plan = &task.task.plan;
    let answered =
        task.deliveries.iter_mut().filter(|delivery| matches!(delivery.outcome, Outcome::Answered(_)));
    for delivery in answered.filter(|delivery| !plan.allows(delivery.latency)) {
        delivery.outcome = Outcome::Failed(Reason::TooFast);
    }
}

fn judge_task<S: Subnet>(
    subnet: &S,
    facts: &RoundFacts,
    miners: &[MinerRef],
    task: &Received<S>,
    begun: Begun<'_, S>,
    state: &mut S::State,
) -> Result<Vec<Judged>, EvaluationError> {
    let (kind, answers) = (task.task.plan.kind, &task.answers);
    let judgements = begun.finish(task, state);
    if judgements.len() != answers.len() {
        return Err(EvaluationError::Judgements { kind, expected: answers.len(), found: judgements.len() });
    }
    let mut judgements = judgements.into_iter();
    let mut judged = Vec::with_capacity(task.deliveries.len());
    for delivery in &task.deliveries {
        let (reason, parts, note) = match delivery.outcome {
            Outcome::Failed(reason) => (reason, Vec::new(), String::new()),
            Outcome::Answered(_) => match judgements.next() {
                Some(judgement) => (judgement.reason, judgement.parts, judgement.note),
                None => (Reason::Malformed, Vec::new(), String::new()),
            },
        };
        let record = record_of(subnet, facts, miners, &task.task, delivery, reason);
        let mut record = Record { parts, ..record };
        record.score =
            record.recompute(subnet.rubric()).map_err(|error| EvaluationError::Parts { kind, error })?;
        judged.push(Judged { record, note });
    }
    Ok(judged)
}

/// Evidence between miners, from agreements between answers.
fn compare_answers<S: Subnet>(
    index: usize,
    task: &Received<S>,
    agreements: Vec<(usize, usize, Agreement)>,
) -> Vec<PairEvidence> {
    let answered: Vec<usize> = task.answered().collect();
    let pair = |(one, other, agreement): (usize, usize, Agreement)| {
        Some(PairEvidence { task: index, one: *answered.get(one)?, other: *answered.get(other)?, agreement })
    };
    agreements.into_iter().filter_map(pair).collect()
}

fn commit_places<R>(count: usize, deliveries: &[Delivery<R>]) -> Vec<Option<u8>> {
    let mut places = vec![None; count];
    for delivery in deliveries {
        places[delivery.miner] = delivery.commit_place;
    }
    places
}

/// Withholds all pay of the round from a miner that repeats another: it can pass on the tasks that it was asked alone,
/// too.
fn withhold(judged: &mut [Judged], miners: &[MinerRef], repeat: &Repeat) {
    let digest = miner_digest(&miners[repeat.miner].hotkey);
    for judged in
        judged.iter_mut().filter(|judged| judged.record.miner == digest && judged.record.reason.pays())
    {
        judged.record.reason = Reason::Grouped;
        judged.record.score = Ppm::ZERO;
        judged.note = format!("repeats uid {}; {}", miners[repeat.through].uid, judged.note);
    }
}

/// The record of a delivery, without parts and score.
fn record_of<S: Subnet, R>(
    subnet: &S,
    facts: &RoundFacts,
    miners: &[MinerRef],
    task: &DrawnTask<S>,
    delivery: &Delivery<R>,
    reason: Reason,
) -> Record {
    Record {
        task: task.number,
        audience: task.audience.tag(),
        seed: task.seed.0,
        request: delivery.request,
        answer: delivery.answer,
        signed: delivery.signed,
        commit_order: delivery.commit_place.unwrap_or(u8::MAX),
        latency: delivery.latency,
        ..blank(subnet, facts, &miners[delivery.miner], reason)
    }
}

/// Records of deliveries that are judged later. An answer in time and form is recorded as `Scored`.
pub(crate) fn waiting_records<S: Subnet>(
    subnet: &S,
    facts: &RoundFacts,
    miners: &[MinerRef],
    asked: &[AskedTask<S>],
) -> Vec<Record> {
    let record = |asked: &AskedTask<S>, delivery: &Delivery<S::Response>| {
        let reason = match delivery.outcome {
            Outcome::Answered(_) => Reason::Scored,
            Outcome::Failed(reason) => reason,
        };
        record_of(subnet, facts, miners, &asked.task, delivery, reason)
    };
    asked
        .iter()
        .flat_map(|asked| asked.deliveries.iter().map(move |delivery| record(asked, delivery)))
        .collect()
}

/// The record of an answer that is not judged.
fn count<S: Subnet>(subnet: &S, facts: &RoundFacts, miner: &MinerRef, answer: &CountedAnswer) -> Judged {
    let record = Record {
        task: answer.number,
        audience: Audience::Miner(miner.hotkey).tag(),
        seed: answer.seed.0,
        request: answer.request,
        answer: answer.answer,
        signed: true,
        latency: answer.latency,
        ..blank(subnet, facts, miner, Reason::Counted)
    };
    Judged { record, note: String::new() }
}

/// A record without task and answer.
fn blank<S: Subnet>(subnet: &S, facts: &RoundFacts, miner: &MinerRef, reason: Reason) -> Record {
    Record {
        netuid: facts.netuid,
        epoch: facts.epoch,
        round: facts.round,
        task: 0,
        audience: Audience::Round.tag(),
        seed: [0; 32],
        signer: facts.signer,
        miner_uid: miner.uid,
        miner: miner_digest(&miner.hotkey),
        request: [0; 32],
        answer: [0; 32],
        rubric: subnet.rubric().tag(),
        signed: false,
        commit_order: u8::MAX,
        latency: LatencyBucket::of_ms(0),
        reason,
        score: Ppm::ZERO,
        parts: Vec::new(),
        extension: NO_EXTENSION,
    }
}

/// A delivery with what its score needs of its task.
struct Sitting<'a> {
    plan: &'a TaskPlan,
    number: u16,
    seed: SeedReference,
    delivery: &'a Delivery<()>,
}

impl<'a> Sitting<'a> {
    fn of<S: Subnet>(task: &'a DrawnTask<S>, delivery: &'a Delivery<()>) -> Self {
        Self { plan: &task.plan, number: task.number, seed: task.seed, delivery }
    }
}

impl Taken {
    fn sitting(&self) -> Sitting<'_> {
        Sitting { plan: &self.plan, number: self.number, seed: self.seed, delivery: &self.delivery }
    }

    fn judged(&self) -> Judged {
        Judged { record: self.record.clone(), note: "its texts were deleted".into() }
    }
}

/// Every delivery with its record, in the order in which they were judged.
fn judgements<'a>(
    sittings: &'a [Sitting<'a>],
    judged: &'a [Judged],
) -> impl Iterator<Item = (&'a Sitting<'a>, &'a Record)> {
    sittings.iter().zip(judged).map(|(sitting, judged)| (sitting, &judged.record))
}

/// Score and quality, as in [`MinerScore`].
pub(super) type Scores = (Option<Ppm>, Option<Ppm>);

/// The weighted mean of each miner's scores; what brought no answer in form counts `nothing`.
fn mean_scores(miners: usize, sittings: &[Sitting<'_>], judged: &[Judged], nothing: Ppm) -> Vec<Scores> {
    let mut sums = vec![(0u64, 0u64); miners];
    for (Sitting { plan, delivery, .. }, record) in judgements(sittings, judged) {
        if record.reason.counts() {
            let (sum, total) = &mut sums[delivery.miner];
            let score = if record.reason == Reason::Scored { record.score } else { nothing };
            *sum += u64::from(score.get()) * u64::from(plan.weight);
            *total += u64::from(plan.weight);
        }
    }
    let mean = |(sum, total): (u64, u64)| (sum.checked_div(total).map(|mean| Ppm::new(mean as u32)), None);
    sums.into_iter().map(mean).collect()
}

/// Scores of the answers of each miner.
fn worths(miners: usize, sittings: &[Sitting<'_>], judged: &[Judged]) -> Vec<Vec<Ppm>> {
    let mut worths = vec![Vec::new(); miners];
    for (Sitting { delivery, .. }, record) in judgements(sittings, judged) {
        let judged = record.reason.counts() && record.reason != Reason::Grouped;
        if judged && matches!(delivery.outcome, Outcome::Answered(_)) {
            worths[delivery.miner].push(record.score);
        }
    }
    worths
}

/// Work of each miner at saturating load.
fn tallies(
    batch: usize,
    miners: usize,
    sittings: &[Sitting<'_>],
    counted: &[CountedAnswer],
    judged: &[Judged],
) -> Vec<Tally> {
    let ends = ends(batch, miners, sittings, counted);
    let mut tallies = vec![Tally::default(); miners];
    for (Sitting { plan, number, delivery, .. }, record) in judgements(sittings, judged) {
        let full = u64::from(plan.weight) * End::FULL;
        let end = ends[delivery.miner].as_ref().filter(|_| plan.share == Share::Miner);
        let place = end.map(|(sequence, end)| (*end, sequence.place(*number)));
        let part = place.map_or(full, |(end, place)| end.weight(plan.weight, place));
        let (weight, came) = match delivery.outcome {
            Outcome::Answered(_) => (part, Came::after(plan, delivery.latency)),
            // Every miner must do the first batch.
            Outcome::Failed(Reason::Late) if usize::from(*number) < batch => (full, Came::TooSlow),
            Outcome::Failed(Reason::Late) if place.is_some_and(|(end, place)| end.is_before(place)) => {
                (part, Came::TooSlow)
            }
            Outcome::Failed(_) => (part, Came::LeftOut),
        };
        tallies[delivery.miner].judge(weight, came, record.reason, record.score);
    }
    for answer in counted {
        let weight = ends[answer.miner]
            .as_ref()
            .map_or(0, |(sequence, end)| end.weight(answer.weight, sequence.place(answer.number)));
        tallies[answer.miner].count(weight, answer.came);
    }
    tallies
}

/// End of each miner's work, in the order of its own tasks; `None` for a miner that answered none of them.
fn ends(
    batch: usize,
    miners: usize,
    sittings: &[Sitting<'_>],
    counted: &[CountedAnswer],
) -> Vec<Option<(Sequence, End)>> {
    let mut answered: Vec<(SeedReference, Vec<u16>)> = vec![Default::default(); miners];
    let own = sittings.iter().filter(|sitting| sitting.plan.share == Share::Miner);
    for Sitting { number, seed: of, delivery, .. } in own {
        let came = match delivery.outcome {
            Outcome::Answered(_) => true,
            // The validator failed to judge it.
            Outcome::Failed(reason) => reason == Reason::Excused && delivery.answer != [0; 32],
        };
        let (seed, numbers) = &mut answered[delivery.miner];
        *seed = *of;
        numbers.extend(came.then_some(*number));
    }
    for answer in counted {
        let (seed, numbers) = &mut answered[answer.miner];
        *seed = answer.seed;
        numbers.push(answer.number);
    }
    let end = |(seed, numbers): (SeedReference, Vec<u16>)| {
        let sequence = Sequence::new(seed, batch as u16);
        let end = sequence.end(&numbers);
        (!numbers.is_empty()).then_some((sequence, end))
    };
    answered.into_iter().map(end).collect()
}

#[cfg(test)]
mod tests;
