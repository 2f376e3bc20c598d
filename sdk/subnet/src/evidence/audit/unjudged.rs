//! Records of customers' tasks, and those of them that cannot be judged again because their texts were deleted.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use myelin_wire::record::Record;

use super::{is_unclear, Audit, Tasks};
use crate::{
    evidence::KeptTask,
    subnet::{Share, Subnet, TaskPlan},
};

/// How many records could not be judged again, by miner.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unjudged {
    /// Records of tasks that are made of customers' requests.
    pub of_customers: usize,
    /// Those whose texts were deleted.
    pub deleted: usize,
    /// Most records of customers' tasks that the subnet's rules allow for the tasks that were asked.
    pub most: usize,
    /// Records of other tasks whose score may have been 0 because deleted ones took the limited work for judging.
    pub doubtful: usize,
    /// Uids of miners whose standing after the round was not checked, because a deleted text decides whether an answer
    /// came in form, or which answers were judged.
    pub unchecked: BTreeSet<u16>,
    /// Rounds after which the subnet's memory was taken as the validator kept it, and differs from that of judging
    /// again.
    pub memories: usize,
    /// The miners with deleted texts, by uid.
    pub miners: BTreeMap<u16, Resting>,
}

/// The part of a miner's score that rests on records whose texts were deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resting {
    /// Such records.
    pub records: usize,
    /// Weight of those that count.
    pub weight: u64,
    /// Weight of all records of the miner that count.
    pub of: u64,
}

impl Resting {
    /// The part in millionths, rounded down; 0 if nothing counts.
    pub fn part(&self) -> u64 {
        self.weight.saturating_mul(1_000_000).checked_div(self.of).unwrap_or_default()
    }
}

impl Unjudged {
    /// Adds those of another round.
    pub fn add(&mut self, other: &Self) {
        self.of_customers += other.of_customers;
        self.deleted += other.deleted;
        self.most += other.most;
        self.doubtful += other.doubtful;
        self.memories += other.memories;
        self.unchecked.extend(&other.unchecked);
        for (uid, more) in &other.miners {
            let miner = self.miners.entry(*uid).or_default();
            miner.records += more.records;
            miner.weight += more.weight;
            miner.of += more.of;
        }
    }

    /// Whether more records are said to be of customers than the rules allow.
    pub fn is_too_much(&self) -> bool {
        self.of_customers > self.most
    }

    /// The counts for people; `None` if nothing was deleted.
    pub fn line(&self) -> Option<String> {
        let Self { of_customers, deleted, most, doubtful, unchecked, memories, .. } = self;
        if *deleted == 0 {
            return None;
        }
        let mut line = format!("not judged again: {deleted} of {of_customers} records of customers");
        if *doubtful > 0 {
            line += &format!(", and {doubtful} others whose score of 0 may be due to them");
        }
        if *memories > 0 {
            line +=
                &format!(", and what the subnet remembers after {memories} rounds is the validator's word");
        }
        if !unchecked.is_empty() {
            line += &format!("; WARNING: the standings of {} miners could not be checked", unchecked.len());
        }
        if self.is_too_much() {
            line += &format!("; WARNING: the rules allow {most} records of customers");
        }
        Some(line)
    }

    /// Counts the records of a round.
    pub(super) fn count(tasks: &Tasks, records: &[Record], plans: &[TaskPlan], kind: Option<&str>) -> Self {
        let mut found = Self::default();
        let of_kind = plans.iter().find(|plan| Some(plan.kind) == kind);
        let length: u64 = match of_kind {
            Some(of_kind) => plans
                .iter()
                .filter(|plan| plan.share == of_kind.share)
                .map(|plan| u64::from(plan.count))
                .sum(),
            None => 0,
        };
        // The largest number of a task that each miner got of each seed.
        let mut batches = BTreeMap::new();
        let mut weights = BTreeMap::<u16, u64>::new();
        for record in records {
            let Some(task) = tasks.get(&(record.seed, record.task)) else { continue };
            if of_kind.is_some_and(|of_kind| task.plan.share == of_kind.share) {
                let last = batches.entry((record.seed, record.miner)).or_insert(record.task);
                *last = record.task.max(*last);
            }
            let weight = if record.reason.counts() { u64::from(task.plan.weight) } else { 0 };
            *weights.entry(record.miner_uid).or_default() += weight;
            if task.kept.customer.is_some() {
                found.of_customers += 1;
            }
            if task.kept.is_deleted() {
                found.deleted += 1;
                let miner = found.miners.entry(record.miner_uid).or_default();
                miner.records += 1;
                miner.weight += weight;
            }
        }
        for (uid, miner) in &mut found.miners {
            miner.of = weights.get(uid).copied().unwrap_or_default();
        }
        let count = of_kind.map_or(0, |plan| usize::from(plan.count));
        let of_batches =
            |last: &u16| (u64::from(*last).checked_div(length).unwrap_or_default() + 1) as usize * count;
        found.most = batches.values().map(of_batches).sum();
        found
    }
}

impl Audit {
    /// Checks that tasks which are said to be of customers stand where the rules ask customers' requests. Otherwise a
    /// validator could delete a task of its own that it judged badly.
    pub(super) fn origins(
        &mut self,
        (plans, by_load): (&[TaskPlan], impl Fn(&TaskPlan) -> bool),
        kind: Option<&str>,
        tasks: &[KeptTask],
    ) {
        for task in tasks.iter().filter(|task| task.customer.is_some()) {
            let plan =
                plans.iter().find(|plan| plan.kind == task.kind).filter(|plan| Some(plan.kind) == kind);
            let alike = plans.iter().filter(|other| plan.is_some_and(|plan| other.share == plan.share));
            let batch: Vec<&str> =
                alike.flat_map(|other| (0..other.count).map(move |_| other.kind)).collect();
            let drawn = usize::from(task.number).checked_rem(batch.len()).map(|place| batch[place]);
            // Only loads have more than one batch.
            let is_behind =
                plan.is_some_and(|plan| !by_load(plan)) && usize::from(task.number) >= batch.len();
            if plan.is_none() || drawn != kind || is_behind {
                let (number, seed) = (task.number, task.seed.get(..8).unwrap_or_default());
                self.faults.push(format!(
                    "task {number} of seed {seed} is said to be made of a customer's request, and by the rules it is \
                     none"
                ));
            }
        }
    }

    /// The miners whose score of the round cannot be known without deleted texts, and those of them on whom limited
    /// work for judging was spent.
    pub(super) fn obscured<S: Subnet>(
        subnet: &S,
        tasks: &Tasks,
        records: &[Record],
    ) -> (HashSet<[u8; 16]>, HashSet<[u8; 16]>) {
        let (mut unclear, mut spent) = (HashSet::new(), HashSet::new());
        let mechanisms = (0..=u8::MAX).take(subnet.mechanisms().len());
        let limited: BTreeSet<u8> =
            mechanisms.filter(|mechanism| subnet.effort(*mechanism).is_some()).collect();
        for record in records {
            let task = tasks.get(&(record.seed, record.task)).filter(|task| task.kept.is_deleted());
            let Some(task) = task else { continue };
            if is_unclear(record) {
                unclear.insert(record.miner);
            }
            if task.plan.share == Share::Miner && limited.contains(&task.plan.mechanism) {
                spent.insert(record.miner);
            }
        }
        (unclear, spent)
    }
}
