//! The promises of a subnet, checked.

use myelin_wire::{
    record::{LatencyBucket, Ppm},
    seed::{Audience, Seed},
};

use super::Finding;
use crate::{
    evaluation::{evaluate_round, AskedTask, Delivery, DrawnTask, Evaluated, GroupRule, Outcome, RoundFacts},
    subnet::{MinerRef, Share, Subnet},
    validator::draw::draw_tasks,
};

/// Answers of known worth, each a function of the request.
pub struct Contestants<'a, S: Subnet> {
    /// A good answer.
    pub good: &'a dyn Fn(&S::Request) -> S::Response,
    /// Another good answer, found independently.
    pub independent: &'a dyn Fn(&S::Request) -> S::Response,
    /// A worse answer.
    pub worse: &'a dyn Fn(&S::Request) -> S::Response,
    /// Nonsense.
    pub garbage: &'a dyn Fn(&S::Request) -> S::Response,
}

const GOOD: usize = 0;
const INDEPENDENT: usize = 1;
const COPY: usize = 2;
const WORSE: usize = 3;
const GARBAGE: usize = 4;

/// How a round is played: the answers are always the same.
#[derive(Clone, Copy, Default)]
struct Staging {
    /// The answers come in the opposite order.
    reversed: bool,
    /// Everybody needs nine tenths of the deadline.
    slow: bool,
}

/// Plays `rounds` rounds with five miners (a good one, an independent one, a copier of the first, a worse one and one that
/// sends nonsense) and reports which promises of a subnet hold.
///
/// Panics if the subnet cannot draw a task or breaks the contract of scoring; a test wants to see that.
pub fn conformance<S: Subnet>(subnet: &S, contestants: &Contestants<S>, rounds: u64) -> Vec<Finding> {
    let seed = Seed([0x5e; 32]);
    let mut findings = Vec::new();
    let mut check = |promise, kept, seen: String| findings.push(Finding { promise, seen, kept });
    let mut totals = [0u64; 5];
    let mut slow_total = 0;
    let (mut same_tasks, mut same_scores, mut any_order, mut confirmed, mut once) =
        (true, true, true, true, true);
    let mut largest = 0;
    for round in 0..rounds {
        let draw = || draw(subnet, &seed.derive(b"round", round));
        let json = |tasks: &[DrawnTask<S>]| -> Vec<_> {
            tasks.iter().map(|task| serde_json::to_vec(&task.challenge.request).expect("JSON")).collect()
        };
        same_tasks &= json(&draw()) == json(&draw());
        let mut play = |staging| play(subnet, contestants, draw(), round, &mut largest, staging);
        let forth = play(Staging::default());
        let repeated = play(Staging::default());
        let back = play(Staging { reversed: true, ..Staging::default() });
        let slow = play(Staging { slow: true, ..Staging::default() });
        slow_total += u64::from(slow.scores[GOOD].score.unwrap_or_default().get());
        same_scores &= forth == repeated;
        any_order &= forth == back;
        confirmed &= forth.judged.iter().all(|one| one.record.check(subnet.rubric()).is_ok());
        let paid = |miner: usize| forth.scores[miner].score.unwrap_or_default();
        once &= paid(COPY) == Ppm::ZERO || forth.repeats.is_empty();
        for (miner, total) in totals.iter_mut().enumerate() {
            *total += u64::from(paid(miner).get());
        }
    }
    let mean = |miner: usize| totals[miner] / rounds.max(1);
    let pair = |one: usize, other: usize| format!("{} against {}", mean(one), mean(other));
    check("a seed always draws the same tasks", same_tasks, format!("{rounds} rounds"));
    check("the same answers always get the same records", same_scores, format!("{rounds} rounds"));
    check("the order of answers changes nothing", any_order, format!("{rounds} rounds"));
    check("every score follows from its parts", confirmed, format!("rubric {:02x?}", subnet.rubric().tag()));
    let limit = subnet.tasks().iter().map(|plan| plan.answer_limit).max().unwrap_or_default();
    check("answers fit the limit of their task", largest <= limit, format!("{largest} of {limit} bytes"));
    check("better answers earn more", mean(GOOD) > mean(WORSE), pair(GOOD, WORSE));
    check(
        "nonsense earns under a hundredth of the best",
        mean(GARBAGE) * 100 < mean(GOOD),
        pair(GARBAGE, GOOD),
    );
    check("a copier gains nothing over its source", mean(COPY) == 0 && once, pair(COPY, GOOD));
    check("independent miners are not taken for copies", mean(INDEPENDENT) > 0, pair(INDEPENDENT, GOOD));
    let seen = format!("{} against {}", slow_total / rounds.max(1), mean(GOOD));
    check("slow answers earn no more than quick ones", slow_total <= totals[GOOD], seen);
    findings
}

fn draw<S: Subnet>(subnet: &S, seed: &Seed) -> Vec<DrawnTask<S>> {
    let plans = subnet.tasks();
    let open: Vec<_> = plans.iter().filter(|plan| plan.share == Share::Round).collect();
    draw_tasks(subnet, seed, seed.0, Audience::Round, &open, &S::State::default())
        .unwrap_or_else(|error| panic!("drawing a task: {error}"))
}

fn play<S: Subnet>(
    subnet: &S,
    contestants: &Contestants<S>,
    tasks: Vec<DrawnTask<S>>,
    round: u64,
    largest: &mut usize,
    staging: Staging,
) -> Evaluated {
    let miners: Vec<MinerRef> = (0..5).map(|uid| MinerRef { uid, hotkey: [uid as u8 + 1; 32] }).collect();
    let mut asked = Vec::new();
    for task in tasks {
        let request = &task.challenge.request;
        let good = (contestants.good)(request);
        let answers = [
            good.clone(),
            (contestants.independent)(request),
            good,
            (contestants.worse)(request),
            (contestants.garbage)(request),
        ];
        let deadline_ms = u64::try_from(task.plan.deadline.as_millis()).unwrap_or(u64::MAX);
        let latency_ms = if staging.slow { deadline_ms - deadline_ms / 10 } else { 1 };
        let deliver = |(miner, response): (usize, S::Response)| {
            *largest = (*largest).max(serde_json::to_vec(&response).map_or(usize::MAX, |json| json.len()));
            Delivery {
                miner,
                request: [1; 32],
                answer: [2; 32],
                signed: true,
                commit_place: Some(miner as u8),
                latency: LatencyBucket::of_ms(latency_ms),
                outcome: Outcome::Answered(response),
            }
        };
        let mut deliveries: Vec<_> = answers.into_iter().enumerate().map(deliver).collect();
        if staging.reversed {
            deliveries.reverse();
        }
        asked.push(AskedTask { task, deliveries });
    }
    let facts = RoundFacts { netuid: 1, epoch: 1, mechanism: 0, round: round as u16, signer: [9; 32] };
    evaluate_round(subnet, &facts, &miners, asked, &GroupRule::default(), |_| false, &mut S::State::default())
        .unwrap_or_else(|error| panic!("judging a round: {error}"))
}
