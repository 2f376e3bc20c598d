//! Judges the tasks of a round on all cores, with the same result on any number of them.
//!
//! Judging a task has two halves ([`Subnet::judge`]). The first takes the time and knows nothing of other tasks. It
//! runs on whichever thread is free. The second looks at the subnet's state and changes it, one task after another, in
//! the order of the tasks.
//!
//! The tasks that one miner has alone are a line: one thread judges them in their order, because they share the miner's
//! [`Effort`]. That is counted in units of work and not in time, so it ends at the same answer on every machine.
//!
//! An answer that makes the subnet's code panic costs its task and not the round.

use std::{
    collections::HashMap,
    panic::{catch_unwind, AssertUnwindSafe},
    sync::atomic::{AtomicUsize, Ordering},
};

use myelin_wire::record::Reason;

use super::{
    agreement::Agreement,
    round::{AskedTask, Delivery, DrawnTask, Outcome},
};
use crate::subnet::{Answer, Effort, Judgement, Judging, MinerRef, Share, Subnet};

/// A task with what came back, the answers apart from their deliveries.
pub(super) struct Received<S: Subnet> {
    pub(super) task: DrawnTask<S>,
    pub(super) deliveries: Vec<Delivery<()>>,
    /// The answers, in the order of their deliveries.
    pub(super) answers: Vec<Answer<S::Response>>,
}

impl<S: Subnet> Received<S> {
    pub(super) fn of(AskedTask { task, deliveries }: AskedTask<S>, miners: &[MinerRef]) -> Self {
        let mut answers = Vec::new();
        let take = |delivery: Delivery<S::Response>| {
            let Delivery { miner, request, answer, signed, commit_place, latency, outcome } = delivery;
            let outcome = match outcome {
                Outcome::Answered(response) => {
                    answers.push(Answer { miner: miners[miner], response, latency });
                    Outcome::Answered(())
                }
                Outcome::Failed(reason) => Outcome::Failed(reason),
            };
            Delivery { miner, request, answer, signed, commit_place, latency, outcome }
        };
        let deliveries = deliveries.into_iter().map(take).collect();
        Self { task, deliveries, answers }
    }

    /// The miners that answered, by index.
    pub(super) fn answered(&self) -> impl Iterator<Item = usize> + '_ {
        let answered = |delivery: &&Delivery<()>| matches!(delivery.outcome, Outcome::Answered(()));
        self.deliveries.iter().filter(answered).map(|delivery| delivery.miner)
    }
}

/// A task after the first half.
pub(super) struct Begun<'a, S: Subnet> {
    /// The second half; `None` if the subnet's code panicked in the first.
    judging: Option<Judging<'a, S>>,
    /// How strongly answers to an open task suggest that one repeats the other.
    pub(super) agreements: Vec<(usize, usize, Agreement)>,
}

impl<S: Subnet> Begun<'_, S> {
    /// The second half: the judgements.
    pub(super) fn finish(self, received: &Received<S>, state: &mut S::State) -> Vec<Judgement> {
        let judged = self.judging.and_then(|judging| quietly(|| judging(state)));
        judged.unwrap_or_else(|| broken_off(&received.task, &received.answers))
    }
}

/// Begins to judge the tasks of a mechanism on so many threads, at most one for each line; the result is in the order
/// of the tasks.
pub(super) fn begin<'a, S: Subnet>(
    subnet: &'a S,
    mechanism: u8,
    tasks: &'a [Received<S>],
    threads: usize,
) -> Vec<Begun<'a, S>> {
    let (lines, next) = (lines(tasks), AtomicUsize::new(0));
    let effort = subnet.effort(mechanism);
    let work = || {
        let mut begun = Vec::new();
        while let Some(line) = lines.get(next.fetch_add(1, Ordering::Relaxed)) {
            let mut effort = Effort::of(effort.filter(|_| line.alone));
            begun.extend(line.tasks.iter().map(|at| (*at, begin_one(subnet, &tasks[*at], &mut effort))));
        }
        begun
    };
    let mut begun: Vec<(usize, Begun<'a, S>)> = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads.min(lines.len())).map(|_| scope.spawn(work)).collect();
        let mut begun = work();
        for other in others {
            begun.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        begun
    });
    begun.sort_unstable_by_key(|(at, _)| *at);
    begun.into_iter().map(|(_, begun)| begun).collect()
}

/// Tasks that are judged one after another, by their places.
struct Line {
    tasks: Vec<usize>,
    /// Whether one miner had them alone.
    alone: bool,
}

/// One line for each miner with tasks of its own, one for each other task.
fn lines<S: Subnet>(tasks: &[Received<S>]) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let mut of_miners = HashMap::<usize, usize>::new();
    for (at, received) in tasks.iter().enumerate() {
        let owner = match (received.task.plan.share, received.deliveries.as_slice()) {
            (Share::Miner, [delivery]) => Some(delivery.miner),
            _ => None,
        };
        let next = lines.len();
        let line = owner.map_or(next, |owner| *of_miners.entry(owner).or_insert(next));
        match lines.get_mut(line) {
            Some(line) => line.tasks.push(at),
            None => lines.push(Line { tasks: vec![at], alone: owner.is_some() }),
        }
    }
    lines
}

fn begin_one<'a, S: Subnet>(subnet: &'a S, received: &'a Received<S>, effort: &mut Effort) -> Begun<'a, S> {
    let Received { task: DrawnTask { plan, challenge, .. }, answers, .. } = received;
    if answers.is_empty() {
        return Begun { judging: Some(Box::new(|_| Vec::new())), agreements: Vec::new() };
    }
    let judging = quietly(|| subnet.judge(challenge, answers, effort));
    let agreements = match plan.share {
        Share::Round => quietly(|| subnet.agreements(challenge, answers)).unwrap_or_else(|| {
            tracing::error!(
                kind = plan.kind,
                "the subnet's code panicked when it compared answers; no copies are found"
            );
            Vec::new()
        }),
        _ => Vec::new(),
    };
    Begun { judging, agreements }
}

/// The result of a piece of the subnet's code; `None` if it panics.
fn quietly<T>(code: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(code)).ok()
}

/// Judgements where judging broke off: the task's answers are worth nothing to the only miner that had it, and count
/// for nobody if several had.
fn broken_off<S: Subnet>(task: &DrawnTask<S>, answers: &[Answer<S::Response>]) -> Vec<Judgement> {
    let (kind, number) = (task.plan.kind, task.number);
    let uids: Vec<u16> = answers.iter().map(|answer| answer.miner.uid).collect();
    tracing::error!(kind, number, ?uids, "the subnet's code panicked on an answer");
    let reason = if task.plan.share == Share::Miner { Reason::Malformed } else { Reason::Excused };
    answers.iter().map(|_| Judgement::refused(reason, "judging this task broke off")).collect()
}
