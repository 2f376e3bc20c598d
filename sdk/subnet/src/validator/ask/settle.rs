//! Sorts a round's answers into those that are judged and those that only count, without tasks beyond a miner's work.

use std::collections::{BTreeMap, BTreeSet};

use myelin_wire::{answer::SignedAnswer, record::Reason};

use super::{asking::Asking, AskedRound, Received};
use crate::{
    evaluation::{load::Came, AskedTask, CountedAnswer, Delivery, DrawnTask, Outcome},
    subnet::{Subnet, TaskPlan},
    validator::{load::Load, witness::Witness},
};

impl<S: Subnet> Asking<'_, S> {
    /// Sorts deliveries by task, and drops open tasks that are no fault.
    pub(super) fn settle(mut self, witness: &mut Witness) -> AskedRound<S> {
        let signed = note_contradictions(&mut self.received, &self.second, witness);
        let counted = match self.load {
            Some(load) => {
                refuse_unsigned(load, &self.tasks, &mut self.received);
                spare(load, &self.tasks, &mut self.received)
            }
            None => BTreeMap::new(),
        };
        let mut texts = Vec::new();
        let mut deliveries: Vec<Vec<Delivery<S::Response>>> = self.tasks.iter().map(|_| Vec::new()).collect();
        for received in self.received {
            texts.push(received.request);
            texts.extend(received.answer);
            deliveries[received.task].push(received.delivery);
        }
        texts.sort_unstable();
        texts.dedup();
        let asked = self.tasks.into_iter().zip(deliveries).filter(|(_, deliveries)| !deliveries.is_empty());
        let asked = asked.map(|(task, deliveries)| AskedTask { task, deliveries }).collect();
        AskedRound { asked, counted, texts, signed }
    }
}

/// The signed answers; a miner that contradicts itself has failed. `second` has answers that were asked for twice, with
/// the place of the first.
fn note_contradictions<R>(
    received: &mut [Received<R>],
    second: &[(usize, SignedAnswer)],
    witness: &mut Witness,
) -> Vec<SignedAnswer> {
    let mut signed = Vec::new();
    let mut contradicts = |received: &mut Received<R>, answer: SignedAnswer| {
        if witness.sees(answer) {
            received.delivery.outcome = Outcome::Failed(Reason::Equivocation);
        }
    };
    for received in received.iter_mut() {
        if let Some(answer) = received.signed {
            signed.push(answer);
            contradicts(received, answer);
        }
    }
    for (at, answer) in second {
        contradicts(&mut received[*at], *answer);
    }
    signed
}

/// Whether it is an answer in form that did not come sooner than an answer can be found.
pub(super) fn is_answer<R>(plan: &TaskPlan, delivery: &Delivery<R>) -> bool {
    matches!(delivery.outcome, Outcome::Answered(_)) && plan.allows(delivery.latency)
}

/// Whether the time was over without an answer.
pub(super) fn is_open<R>(delivery: &Delivery<R>) -> bool {
    matches!(delivery.outcome, Outcome::Failed(Reason::Late))
}

/// Refuses unsigned answers from a miner that signs others. Every unsigned answer is judged, so a miner could choose
/// which of its answers are judged.
fn refuse_unsigned<S: Subnet>(
    load: &Load<S>,
    tasks: &[DrawnTask<S>],
    received: &mut [Received<S::Response>],
) {
    let place =
        |received: &Received<S::Response>| (tasks[received.task].plan.mechanism, received.delivery.miner);
    let came = |received: &Received<S::Response>| is_answer(&tasks[received.task].plan, &received.delivery);
    let signers: BTreeSet<(u8, usize)> =
        received.iter().filter(|received| received.delivery.signed && came(received)).map(place).collect();
    for received in received {
        let (mechanism, _) = place(received);
        let unsigned = !received.delivery.signed && came(received) && load.rule(mechanism).is_some();
        let beyond_first = load.batch_of(tasks[received.task].number) > 0;
        if unsigned && (beyond_first || signers.contains(&place(received))) {
            received.delivery.outcome = Outcome::Failed(Reason::BadSignature);
        }
    }
}

/// Numbers of the tasks that a miner answered, and of those that were open at the deadline.
#[derive(Default)]
struct Account {
    answered: Vec<u16>,
    open: Vec<u16>,
}

/// The accounts of all miners that are paid for load, by mechanism and place among the miners.
fn accounts<S: Subnet>(
    load: &Load<S>,
    tasks: &[DrawnTask<S>],
    received: &[Received<S::Response>],
) -> BTreeMap<(u8, usize), Account> {
    let mut accounts = BTreeMap::<(u8, usize), Account>::new();
    for Received { task, delivery, .. } in received {
        let DrawnTask { plan, number, .. } = &tasks[*task];
        if load.rule(plan.mechanism).is_none() {
            continue;
        }
        let account = accounts.entry((plan.mechanism, delivery.miner)).or_default();
        if is_answer(plan, delivery) {
            account.answered.push(*number);
        } else if is_open(delivery) {
            account.open.push(*number);
        }
    }
    accounts
}

/// Places of the received deliveries whose tasks their miners passed over.
pub(super) fn passed_over<S: Subnet>(
    load: &Load<S>,
    tasks: &[DrawnTask<S>],
    received: &[Received<S::Response>],
) -> Vec<usize> {
    let mut passed = BTreeSet::new();
    for ((mechanism, miner), Account { answered, open }) in accounts(load, tasks, received) {
        let Some(sequence) = load.sequence(miner) else { continue };
        let of_it = sequence.passed_over(&answered, &open).into_iter();
        passed.extend(of_it.map(|number| (mechanism, miner, number)));
    }
    let is_passed = |received: &Received<S::Response>| {
        let DrawnTask { plan, number, .. } = &tasks[received.task];
        is_open(&received.delivery) && passed.contains(&(plan.mechanism, received.delivery.miner, *number))
    };
    (0..received.len()).filter(|at| is_passed(&received[*at])).collect()
}

/// Removes deliveries that are not judged: signed answers that only count, and tasks beyond a miner's work.
fn spare<S: Subnet>(
    load: &Load<S>,
    tasks: &[DrawnTask<S>],
    received: &mut Vec<Received<S::Response>>,
) -> BTreeMap<u8, Vec<CountedAnswer>> {
    let place = |received: &Received<S::Response>| {
        let DrawnTask { plan, number, .. } = &tasks[received.task];
        (plan.mechanism, received.delivery.miner, *number)
    };
    let signed = received.iter().filter(|received| {
        let plan = &tasks[received.task].plan;
        load.rule(plan.mechanism).is_some() && received.delivery.signed && is_answer(plan, &received.delivery)
    });
    let signed: Vec<(u8, usize, u16)> = signed.map(place).collect();
    let checked = load.checked(signed.iter().copied());
    let unjudged: BTreeSet<_> = signed.into_iter().filter(|place| !checked.contains(place)).collect();
    let mut too_much = BTreeSet::new();
    for ((mechanism, miner), Account { answered, open }) in accounts(load, tasks, received) {
        let beyond = load.sequence(miner).map(|sequence| sequence.beyond(&answered, &open));
        too_much.extend(beyond.into_iter().flatten().map(|number| (mechanism, miner, number)));
    }
    let mut counted = BTreeMap::<u8, Vec<CountedAnswer>>::new();
    received.retain(|received| {
        let (mechanism, miner, number) = place(received);
        let is_counted = unjudged.contains(&(mechanism, miner, number));
        if is_counted {
            let Delivery { request, answer, latency, .. } = received.delivery;
            let DrawnTask { plan, seed, .. } = &tasks[received.task];
            let (came, weight) = (Came::after(plan, latency), plan.weight);
            let answer = CountedAnswer { miner, number, seed: *seed, weight, request, answer, latency, came };
            counted.entry(mechanism).or_default().push(answer);
        }
        !is_counted && !too_much.contains(&(mechanism, miner, number))
    });
    counted
}
