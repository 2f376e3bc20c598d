//! Saturating load: how much a miner gets done, where every miner is asked for as much as it can do.
//!
//! Where the right answer is unique, two keys of one machine look like two machines, and a miner that registers twice
//! would be paid twice. So every miner gets tasks of its own, all at the same moment, and more as long as it gets them
//! done: the *load* doubles from wave to wave. The pay is proportional to the answers that came in time, so keys that
//! share a machine share its work.
//!
//! ```text
//! pay = average of done · (average of quality) ^ sharpness
//! ```
//!
//! *done* is the weight of the answers that came in time and form, less the weight of tasks that were left out, as a
//! part of the largest load. *quality* is the mean score of the tasks asked, faults included, over more rounds than
//! *done*. Only some of the signed answers are judged. The seed determines which, and no miner knows it when it
//! answers.
//!
//! **The load of a miner** follows from its earlier work ([`allot`]) and not from the number of registered keys. A key
//! that is new or silent gets one batch, so it costs the others next to nothing. Where the budget is too small for all,
//! keys that earn more for a task come first, so garbage takes nothing from good work.
//!
//! **A task that is open at the deadline** is no fault if it stands behind all answers of the miner: it was more than
//! the miner could do. Every open task before that was *passed over*: the miner worked on others, or chose not to
//! answer it. It is asked once more after the deadline, with half the time. An answer then counts for quality like any
//! other, and no answer is a fault; in both cases the weight is subtracted from *done*.
//!
//! **A refusal** is a fault, and its weight is subtracted from *done*, as for an answer out of form or a broken
//! connection. So leaving out a task is never worth more than a wrong answer to it, and less by twice its weight in
//! *done*.
//!
//! **The end** of a miner's work is its own choice: it could keep its answers back, and stop before the wrong ones. So
//! tasks count less and less around the end ([`End`]), and the first ones behind it are faults.
//!
//! A limit of this rule: a machine that gets more done than the largest load gains by a second key.

use myelin_wire::{
    record::{LatencyBucket, Ppm, Reason},
    seed::Seed,
};

use super::SeedReference;
use crate::subnet::{Share, TaskPlan};

/// Amount of work asked of miners at saturating load, and how it is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoadRule {
    /// Tasks that a validator allots to all miners of a round together, at most; but every miner gets a batch.
    pub budget: u32,
    /// Answers of a miner that are judged, at most, in a full subnet; see [`Self::judged`].
    pub checked: u16,
    /// Exponent of the mean score, 1 to 8; a larger one pays good answers more.
    pub sharpness: u32,
}

/// Miners of a full subnet.
const FULL: usize = 256;
/// Times as many answers of each miner that are judged in a small subnet.
const MOST_TIMES: usize = 4;

impl LoadRule {
    /// Answers of each of so many miners that are judged in a round, at most.
    ///
    /// Pay is a power of a mean score, so chance makes much of few answers. Where there are fewer miners, more answers
    /// of each are judged, at most four times as many: a validator judges no more than in a full subnet.
    pub fn judged(&self, miners: usize) -> usize {
        let checked = usize::from(self.checked);
        (FULL * checked / miners.max(1)).clamp(checked, MOST_TIMES * checked)
    }
}

/// Claim of a miner to load, from its earlier rounds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Claim {
    /// Batches that it did in its best recent round.
    pub done: u16,
    /// Pay for one of its tasks, in millionths of a millionth of the pay for a perfect one.
    pub worth: u64,
}

/// Least worth in a rank, as a part of the rank's best one: `1 / RANK`. Worth is a power of a
/// mean score, so chance makes much of little: see decision 0091.
const RANK: u64 = 8;

/// The rank of each miner, 0 first. A rank holds the miners with at least an eighth of the best worth among those in no
/// rank before it.
pub fn ranks(claims: &[Claim]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..claims.len()).collect();
    order.sort_by_key(|miner| std::cmp::Reverse(claims[*miner].worth));
    let mut ranks = vec![0; claims.len()];
    let mut last: Option<(usize, u64)> = None;
    for miner in order {
        let worth = claims[miner].worth;
        let (rank, best) = match last {
            Some((rank, best)) if worth.saturating_mul(RANK) < best => (rank + 1, worth),
            Some(same) => same,
            None => (0, worth),
        };
        ranks[miner] = rank;
        last = Some((rank, best));
    }
    ranks
}

/// Batches that each miner of a round may get.
///
/// A miner wants `whole waves of (done + ⌊done / 2⌋ + 1)`: one that did its whole load moves up by one wave from
/// round to round, and one that is new or silent wants one batch. Every miner gets one batch. The rest of the budget
/// goes from rank to rank ([`ranks`]). In a rank whose wishes exceed it, every miner is limited to the largest number
/// of whole waves with which it suffices, and so is every miner of later ranks. Miners that want less get what they
/// want.
///
/// So a miner with less than an eighth of another's worth costs the other no more than its first batch.
pub fn allot(rule: &LoadRule, batch: usize, claims: &[Claim]) -> Vec<u16> {
    let wanted = |claim: &Claim| Waves::whole(claim.done.saturating_add(claim.done / 2).saturating_add(1));
    let wanted: Vec<u16> = claims.iter().map(wanted).collect();
    let ranks = ranks(claims);
    let mut left = (u64::from(rule.budget) / batch.max(1) as u64).saturating_sub(claims.len() as u64);
    let mut level = Waves::MOST_BATCHES;
    let mut allotted = vec![1; claims.len()];
    for rank in 0..=ranks.iter().copied().max().unwrap_or_default() {
        let miners = || (0..claims.len()).filter(|miner| ranks[*miner] == rank);
        let cost = |level: u16| miners().map(|miner| u64::from(wanted[miner].min(level) - 1)).sum::<u64>();
        while level > 1 && cost(level) > left {
            level /= 2;
        }
        left = left.saturating_sub(cost(level));
        miners().for_each(|miner| allotted[miner] = wanted[miner].min(level));
    }
    allotted
}

/// The waves in which a miner gets its tasks: one batch, then two, then four, and so on up to its allotment.
///
/// A batch holds every task of the mechanism's plans once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waves {
    most: u16,
    sent: u16,
}

impl Waves {
    /// For a miner that may get `most` batches, in whole waves.
    pub fn up_to(most: u16) -> Self {
        Self { most: Self::whole(most), sent: 0 }
    }

    /// The batches of the fewest whole waves that hold `batches`: 1, 3, 7, 15, 31 or 63.
    pub fn whole(batches: u16) -> u16 {
        let batches = batches.clamp(1, Self::MOST_BATCHES);
        (batches + 1).next_power_of_two() - 1
    }

    /// The batches of the next wave, if the load may still grow. It may once half of the last wave was answered in form
    /// and signed, and every request before that wave has a reply.
    ///
    /// `last` is the number of tasks in the last wave, `answered` the number of answers among them, and `open` the
    /// number of tasks of earlier waves without a reply.
    pub fn next(&mut self, last: usize, answered: usize, open: usize) -> Option<std::ops::Range<u16>> {
        let ready = open == 0 && 2 * answered >= last;
        if self.sent >= self.most || !ready {
            return None;
        }
        let batches = self.sent..self.most.min(2 * self.sent + 1);
        self.sent = batches.end;
        Some(batches)
    }

    /// Batches that were sent.
    pub fn sent(&self) -> u16 {
        self.sent
    }

    /// The wave to which a batch belongs.
    pub fn of_batch(batch: u16) -> u32 {
        (u32::from(batch) + 1).ilog2()
    }

    /// Batches that a miner may get at most, whatever the budget.
    pub const MOST_BATCHES: u16 = 63;
}

/// Time class of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Came {
    /// The answer came before the deadline.
    InTime,
    /// The answer came when the task was asked once more, because it had been passed over.
    Again,
    /// No answer, though the miner had the time: the task was refused, answered out of form, lost on a broken
    /// connection, or passed over also when asked again.
    LeftOut,
    /// Not in time: a task of the first batch, or one close behind the last answer. It costs quality, and nothing of
    /// the work done.
    TooSlow,
}

impl Came {
    /// The class of an answer that took this time.
    pub fn after(plan: &TaskPlan, latency: LatencyBucket) -> Self {
        if plan.is_over(latency) {
            Came::Again
        } else {
            Came::InTime
        }
    }
}

/// A signed answer in form that is not judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CountedAnswer {
    /// Index of the miner in the round.
    pub miner: usize,
    /// Number of the task within its seed.
    pub number: u16,
    /// Reference of the seed that the task was drawn from.
    pub seed: SeedReference,
    /// Weight of the task.
    pub weight: u32,
    /// Hash of the request.
    pub request: [u8; 32],
    /// Hash of the answer.
    pub answer: [u8; 32],
    /// Time it took.
    pub latency: LatencyBucket,
    /// Time class of the answer.
    pub came: Came,
}

/// Tasks of a miner whose answers are judged, by number: at most so many, drawn from the seed's reference, which no
/// miner knows when it answers.
pub fn choose_checked(judged: usize, reference: SeedReference, mut numbers: Vec<u16>) -> Vec<u16> {
    numbers.sort_unstable();
    Seed(reference.0).derive(b"checked", 0).rng().shuffle(&mut numbers);
    numbers.truncate(judged);
    numbers.sort_unstable();
    numbers
}

/// The order in which a miner gets its tasks: wave by wave, and within each in an order drawn from its seed, so that
/// the place of a request reveals nothing about it.
///
/// It follows from the seed's reference and the rules, so an auditor knows it too.
#[derive(Clone, Debug)]
pub struct Sequence {
    batch: usize,
    /// The tasks by their places, and the other way round.
    tasks: Vec<u16>,
    places: Vec<u16>,
}

impl Sequence {
    /// The sequence of all waves, with `batch` tasks in a batch.
    pub fn new(reference: SeedReference, batch: u16) -> Self {
        let batch = batch.max(1);
        let mut tasks: Vec<u16> = (0..Waves::MOST_BATCHES * batch).collect();
        let mut waves = Waves::up_to(Waves::MOST_BATCHES);
        while let Some(batches) = waves.next(0, 0, 0) {
            let wave = usize::from(batches.start * batch)..usize::from(batches.end * batch);
            Seed(reference.0).derive(b"sequence", batches.start.into()).rng().shuffle(&mut tasks[wave]);
        }
        let mut places = vec![0; tasks.len()];
        for (place, task) in (0..).zip(&tasks) {
            places[usize::from(*task)] = place;
        }
        Self { batch: batch.into(), tasks, places }
    }

    /// The place of a task.
    pub fn place(&self, number: u16) -> u16 {
        self.places.get(usize::from(number)).copied().unwrap_or(number)
    }

    /// The task at a place.
    pub fn task(&self, place: u16) -> u16 {
        self.tasks.get(usize::from(place)).copied().unwrap_or(place)
    }

    /// Open tasks at the deadline that are no fault, by number: tasks so far behind the last answer that they count for
    /// nothing, since they were more than the miner could do. Tasks of the first batch are never among them, because
    /// every miner must do that much.
    pub fn beyond(&self, answered: &[u16], open: &[u16]) -> Vec<u16> {
        let end = self.end(answered);
        let is_beyond =
            |number: &u16| usize::from(*number) >= self.batch && end.part(self.place(*number)) == 0;
        open.iter().copied().filter(is_beyond).collect()
    }

    /// The end of a miner that answered these tasks.
    pub fn end(&self, answered: &[u16]) -> End {
        End(self.last(answered).map_or(0, |last| last + 1))
    }

    /// Open tasks at the deadline that were passed over, by number: those before an answered task.
    pub fn passed_over(&self, answered: &[u16], open: &[u16]) -> Vec<u16> {
        let last = self.last(answered);
        open.iter().copied().filter(|number| Some(self.place(*number)) < last).collect()
    }

    /// The last place with an answer.
    fn last(&self, answered: &[u16]) -> Option<u16> {
        answered.iter().map(|number| self.place(*number)).max()
    }
}

/// End of a miner's work: the number of places up to its last answer.
///
/// A miner that finds all answers before it gives them can stop before a row of wrong ones. So places from 55/64 to
/// 67/64 of the end count less and less, and moving the end by a few changes little but how much was done. The quarter
/// of them behind the end is open, thus wrong; otherwise wrong answers sent at once behind the last good one would pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End(u16);

impl End {
    /// The end after `places` places.
    #[cfg(feature = "testkit")]
    pub(crate) fn at(places: u16) -> Self {
        Self(places)
    }

    /// Weight factor of a task that counts in full.
    pub const FULL: u64 = 1_000;

    /// Part of a task at a place that counts, of [`End::FULL`], rounded down. It is the mean of `(67 · end − 64 · x) /
    /// (12 · end)`, limited to 0 to 1, over x from this place to the next. For any end, `61/64 · end` counts in all, of
    /// which `3/512 · end` stands behind the end.
    pub fn part(self, place: u16) -> u64 {
        let (end, place) = (u64::from(self.0), u64::from(place));
        // 24 · end times the integral up to a place, in parts of 64.
        let up_to = |place: u64| {
            let x = (64 * place).min(67 * end);
            24 * end * x - x.saturating_sub(55 * end).pow(2)
        };
        (End::FULL * (up_to(place + 1) - up_to(place))).checked_div(64 * 24 * end).unwrap_or_default()
    }

    /// Whether the last answer stands before this place.
    pub fn is_before(self, place: u16) -> bool {
        place >= self.0
    }

    /// The weight of the task at a place, in thousandths.
    pub fn weight(self, weight: u32, place: u16) -> u64 {
        u64::from(weight) * self.part(place)
    }
}

/// The plans of tasks that each miner gets alone, one entry per task, in the order of their numbers in a batch.
pub fn own_tasks(plans: &[TaskPlan]) -> impl Iterator<Item = &TaskPlan> {
    let own = plans.iter().filter(|plan| plan.share == Share::Miner);
    own.flat_map(|plan| (0..plan.count).map(move |_| plan))
}

/// Totals of one miner's round, in thousandths of weights of tasks ([`End::weight`]).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Weight of the tasks that count.
    asked: u64,
    /// Weight of answers in form, in time or when asked again.
    answered: u64,
    /// Weight of answers in time.
    in_time: u64,
    /// Weight of tasks left out, or answered only when asked again.
    left_out: u64,
    /// Weight of judged tasks.
    judged: u64,
    /// Sum of weight times score of judged tasks.
    earned: u128,
}

impl Tally {
    /// Adds an answer that was not judged.
    pub fn count(&mut self, weight: u64, came: Came) {
        self.asked += weight;
        match came {
            Came::InTime => (self.answered, self.in_time) = (self.answered + weight, self.in_time + weight),
            Came::Again => (self.answered, self.left_out) = (self.answered + weight, self.left_out + weight),
            Came::LeftOut => self.left_out += weight,
            Came::TooSlow => {}
        }
    }

    /// Adds a judged answer, or a task without an answer.
    pub fn judge(&mut self, weight: u64, came: Came, reason: Reason, score: Ppm) {
        if !reason.counts() {
            return;
        }
        self.count(weight, came);
        if matches!(came, Came::InTime | Came::Again) {
            self.judged += weight;
            self.earned += u128::from(weight) * u128::from(score.get());
        }
    }

    /// The work done, as a part of `most`, the weight of the largest load in whole weights; `None` if nothing counted.
    ///
    /// `(in time − left out) / most`, at least 0. The time of a task that was left out went into tasks behind it, which
    /// another miner would have done as well.
    pub fn done(&self, most: u64) -> Option<Ppm> {
        (self.asked > 0).then(|| Ppm::ratio(self.in_time.saturating_sub(self.left_out), most * End::FULL))
    }

    /// The mean score of the tasks asked; `None` if nothing counted, or if there were answers but none could be judged.
    pub fn quality(&self) -> Option<Ppm> {
        let mean = match self.answered {
            0 => 0,
            _ => self.earned.checked_div(u128::from(self.judged))?,
        };
        (self.asked > 0).then(|| Ppm::new(mean as u32).of(Ppm::ratio(self.answered, self.asked)))
    }
}

/// Weight of the tasks of the largest load on a mechanism.
pub fn largest(plans: &[TaskPlan], mechanism: u8) -> u64 {
    let batch = own_tasks(plans).filter(|plan| plan.mechanism == mechanism);
    batch.map(|plan| u64::from(plan.weight)).sum::<u64>() * u64::from(Waves::MOST_BATCHES)
}

#[cfg(test)]
mod tests;
