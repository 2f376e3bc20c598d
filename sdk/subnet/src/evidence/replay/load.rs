//! Checks of an auditor where miners are paid for load: no task was left out, none invented, and none chosen.

use std::collections::{BTreeMap, BTreeSet};

use myelin_wire::{
    answer::SignedAnswer,
    record::{Reason, Record},
    seed::{challenge_id, Audience},
};

use crate::{
    evaluation::{
        load::{choose_checked, own_tasks, Came, Sequence},
        Asked, CountedAnswer, Delivery, Outcome, SeedReference, Waves,
    },
    subnet::{MinerRef, Pay, Subnet, TaskPlan},
};

use super::is_unclear;

/// Records of one miner, by numbers of tasks.
#[derive(Default)]
struct Account {
    seed: SeedReference,
    /// Every task with a record.
    known: BTreeSet<u16>,
    answered: Vec<u16>,
    /// Signed answers that were judged.
    judged: Vec<u16>,
    counted: Vec<u16>,
    /// An answer that came and was not signed.
    unsigned: Option<u16>,
    /// Whether texts were deleted without which nobody knows if an answer came in form.
    unclear: bool,
}

impl Account {
    /// Adds a task that was judged, or that brought nothing. A batch has `length` tasks.
    fn take_in<R>(
        &mut self,
        uid: u16,
        (plan, number, seed): (&TaskPlan, u16, SeedReference),
        delivery: &Delivery<R>,
        length: u16,
    ) -> Result<(), String> {
        self.seed = seed;
        if !self.known.insert(number) {
            return Err(twice(uid, number));
        }
        let came = match delivery.outcome {
            Outcome::Answered(_) => plan.allows(delivery.latency),
            // The validator failed to judge it.
            Outcome::Failed(Reason::Excused) => delivery.answer != [0; 32],
            Outcome::Failed(_) => false,
        };
        if came && !delivery.signed && number >= length {
            return Err(format!("uid {uid} has not signed the answer to task {number} that was judged"));
        }
        if came {
            self.answered.push(number);
            self.judged.extend(delivery.signed.then_some(number));
            self.unsigned = self.unsigned.or((!delivery.signed).then_some(number));
        }
        Ok(())
    }
}

fn twice(uid: u16, number: u16) -> String {
    format!("task {number} of uid {uid} has two records")
}

/// The answers on a mechanism that are not judged, if they follow from the protocol.
pub(super) fn read_counted<S: Subnet>(
    subnet: &S,
    records: &[Record],
    signed: &[SignedAnswer],
    miners: &[MinerRef],
    asked: &Asked<S>,
    mechanism: u8,
) -> Result<Vec<CountedAnswer>, String> {
    let mechanisms = subnet.mechanisms();
    let Some(Pay::Load(rule)) = mechanisms.get(usize::from(mechanism)).map(|mechanism| mechanism.pay) else {
        return Ok(Vec::new());
    };
    let plans = subnet.tasks();
    let batch: Vec<_> = own_tasks(&plans).collect();
    let length = batch.len().max(1) as u16;
    let plan_of =
        |number: u16| batch.get(usize::from(number % length)).filter(|plan| plan.mechanism == mechanism);
    let mut accounts = BTreeMap::<usize, Account>::new();

    let mut counted = Vec::new();
    for record in records.iter().filter(|record| record.reason == Reason::Counted) {
        let Some(plan) = plan_of(record.task) else { continue };
        let miner =
            miners.iter().position(|miner| record.is_about(&Audience::Miner(miner.hotkey), &miner.hotkey));
        let miner = miner.ok_or_else(|| format!("uid {} was not asked", record.miner_uid))?;
        let challenge = challenge_id(&record.seed, record.task, &record.signer);
        let promised = |answer: &&SignedAnswer| {
            let claim = &answer.claim;
            (claim.challenge_id, claim.miner) == (challenge, miners[miner].hotkey)
                && (claim.request_hash, claim.answer_hash) == (record.request, record.answer)
        };
        if !signed.iter().find(promised).is_some_and(SignedAnswer::verify) {
            let (uid, number) = (record.miner_uid, record.task);
            return Err(format!("uid {uid} has not signed the answer to task {number} that is counted"));
        }
        let account = accounts.entry(miner).or_default();
        account.seed = SeedReference(record.seed);
        if !account.known.insert(record.task) {
            return Err(twice(record.miner_uid, record.task));
        }
        account.counted.push(record.task);
        account.answered.push(record.task);
        counted.push(counted_answer(record, miner, plan));
    }
    for task in &asked.tasks {
        let of = (&task.task.plan, task.task.number, task.task.seed);
        for delivery in &task.deliveries {
            let account = accounts.entry(delivery.miner).or_default();
            account.take_in(miners[delivery.miner].uid, of, delivery, length)?;
        }
    }
    for answer in &asked.taken {
        let account = accounts.entry(answer.delivery.miner).or_default();
        account.unclear |= is_unclear(&answer.record);
        let of = (&answer.plan, answer.number, answer.seed);
        account.take_in(miners[answer.delivery.miner].uid, of, &answer.delivery, length)?;
    }
    // A miner that was asked nothing at all was left out, too.
    for (miner, asked_miner) in miners.iter().enumerate() {
        let mut account = accounts.remove(&miner).unwrap_or_default();
        account.judged.sort_unstable();
        check_account(rule.judged(miners.len()), asked_miner.uid, &account, length, |number| {
            plan_of(number).is_some()
        })?;
    }
    Ok(counted)
}

fn counted_answer(record: &Record, miner: usize, plan: &TaskPlan) -> CountedAnswer {
    CountedAnswer {
        miner,
        number: record.task,
        seed: SeedReference(record.seed),
        weight: plan.weight,
        request: record.request,
        answer: record.answer,
        latency: record.latency,
        came: Came::after(plan, record.latency),
    }
}

/// The answers that are not judged, by their records alone; `place` finds the miner of a record. `batch` are the tasks
/// of a batch, all of one mechanism.
pub(super) fn counted_by_record(
    records: &[Record],
    batch: &[&TaskPlan],
    place: impl Fn(&Record) -> Result<usize, String>,
) -> Result<Vec<CountedAnswer>, String> {
    let counted = records.iter().filter(|record| record.reason == Reason::Counted);
    let read = |record: &Record| {
        let plan = usize::from(record.task).checked_rem(batch.len()).map(|at| batch[at]);
        let plan = plan.ok_or_else(|| format!("task {} belongs to no batch", record.task))?;
        Ok(counted_answer(record, place(record)?, plan))
    };
    counted.map(read).collect()
}

/// Checks that a miner's tasks follow from the protocol: which were judged, `judged` at most, how many there are, and
/// that none was left out. A batch has `length` tasks; `is_of` says whether one of a number is on the mechanism.
fn check_account(
    judged: usize,
    uid: u16,
    account: &Account,
    length: u16,
    is_of: impl Fn(u16) -> bool,
) -> Result<(), String> {
    let all = [&account.counted[..], &account.judged].concat();
    if let (Some(number), false) = (account.unsigned, all.is_empty()) {
        return Err(format!(
            "uid {uid} has not signed the answer to task {number} that was judged, and signed others"
        ));
    }
    // The choice depends on which answers came in form.
    if !account.unclear && choose_checked(judged, account.seed, all) != account.judged {
        return Err(format!("other answers of uid {uid} were judged than the seed says"));
    }
    let last = account.known.last().copied().unwrap_or_default();
    if last / length >= Waves::MOST_BATCHES {
        let most = Waves::MOST_BATCHES;
        return Err(format!(
            "uid {uid} was asked task {last}, and the load is {most} batches of {length} at most"
        ));
    }
    // Only tasks without fault may lack a record: tasks so far behind the last answer that they count for nothing.
    // For tasks behind the last answer only the validator knows whether they were asked, unless the rest of their
    // wave was.
    let sequence = Sequence::new(account.seed, length);
    let places = account.answered.iter().map(|number| sequence.place(*number));
    let last = places.max().unwrap_or_default();
    let end = sequence.end(&account.answered);
    let wave = |place: u16| Waves::of_batch(place / length);
    let counts = |place: &u16| *place <= last || (end.part(*place) > 0 && wave(*place) == wave(last));
    let last =
        (0..Waves::MOST_BATCHES * length).take_while(counts).last().unwrap_or_default().max(length - 1);
    let mut own = (0..=last).map(|place| sequence.task(place)).filter(|number| is_of(*number));
    match own.find(|number| !account.known.contains(number)) {
        Some(missing) => Err(format!("tasks of uid {uid} were left out, the first of them {missing}")),
        None => Ok(()),
    }
}
