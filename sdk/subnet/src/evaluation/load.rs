//! How much a miner gets done, where every miner is asked for as much as it can.
//!
//! Where the right answer is unique, nothing tells two keys of one machine from two machines, and whoever registers twice would be
//! paid twice. So every miner gets tasks of its own, all at the same moment, and more as long as it gets them done: the *load* doubles
//! from wave to wave. What is paid is proportional to the answers that came in time, so keys that share a machine share what
//! it gets done.
//!
//! ```text
//! pay = average of done · (average of quality) ^ sharpness
//! ```
//!
//! *done* is the weight of the answers that came in time and form, as a part of the largest load; *quality* the mean
//! score of what was asked, faults included, over more rounds than *done*. Of the signed answers only some are judged; which, the seed says, which
//! no miner knows when it answers.
//!
//! What this cannot do: a machine that gets more done than the largest load gains by a second key. How large a load may become depends
//! on the validator, which draws every task: [`LoadRule::budget`] is shared by all miners of the round.

use myelin_wire::{
    record::{LatencyBucket, Ppm, Reason},
    seed::Seed,
};

use crate::subnet::{Share, TaskPlan};

/// How much is asked of miners at saturating load, and how it is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoadRule {
    /// Tasks that a validator draws for all miners of a round together, at most.
    pub budget: u32,
    /// Answers of a miner that are judged, at most.
    pub checked: u16,
    /// Exponent of the mean score, 1 to 8: how much more a better answer is worth than another one.
    pub sharpness: u32,
}

/// The waves in which a miner gets its tasks: one batch, then two, then four, and last as many as are left.
///
/// A batch holds every task of the mechanism's plans once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waves {
    most: u16,
    sent: u16,
}

impl Waves {
    /// What each of `miners` may get: at least one batch, and no more than the budget has for everybody. One miner more takes little from the
    /// others, or who registers once more would.
    pub fn new(rule: &LoadRule, miners: usize, batch: usize) -> Self {
        let each = u64::from(rule.budget) / (miners.max(1) as u64 * batch.max(1) as u64);
        Self { most: each.clamp(1, Self::MOST_BATCHES.into()) as u16, sent: 0 }
    }

    /// The batches of the next wave, if the load may still grow: once half of the last wave was answered in form and signed, and there was a
    /// reply to everything before it: whoever leaves out what it is unsure of gets no more.
    ///
    /// `last` is what the last wave asked, of which `answered` was answered, and `open` what has no reply of the waves before.
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

    /// Batches of all waves that a miner may get.
    pub fn batches(&self) -> u16 {
        self.most
    }

    /// The wave to which a batch belongs.
    pub fn of_batch(batch: u16) -> u32 {
        (u32::from(batch) + 1).ilog2()
    }

    /// Batches that a miner may get at most, whatever the budget.
    pub const MOST_BATCHES: u16 = 63;
}

/// A signed answer that came in time and form, and is not judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CountedAnswer {
    /// Index of the miner in the round.
    pub miner: usize,
    /// Number of the task within its seed.
    pub number: u16,
    /// Reference of the seed.
    pub seed: [u8; 32],
    /// Weight of the task.
    pub weight: u32,
    /// Hash of the request.
    pub request: [u8; 32],
    /// Hash of the answer.
    pub answer: [u8; 32],
    /// Time it took.
    pub latency: LatencyBucket,
}

/// Which of a miner's answers are judged, by the numbers of their tasks: at most `rule.checked`, drawn from the seed by its reference,
/// which no miner knows when it answers.
pub fn choose_checked(rule: &LoadRule, reference: [u8; 32], mut numbers: Vec<u16>) -> Vec<u16> {
    numbers.sort_unstable();
    Seed(reference).derive(b"checked", 0).rng().shuffle(&mut numbers);
    numbers.truncate(rule.checked.into());
    numbers.sort_unstable();
    numbers
}

/// The order in which a miner gets its tasks: wave by wave, and within each as its seed says, so that the place of a request says nothing of it.
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
    /// Of all batches of `waves`, each of `batch` tasks.
    pub fn new(reference: [u8; 32], mut waves: Waves, batch: u16) -> Self {
        let batch = batch.max(1);
        let mut tasks: Vec<u16> = (0..waves.batches() * batch).collect();
        while let Some(batches) = waves.next(0, 0, 0) {
            let wave = usize::from(batches.start * batch)..usize::from(batches.end * batch);
            Seed(reference).derive(b"sequence", batches.start.into()).rng().shuffle(&mut tasks[wave]);
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

    /// Which of the tasks that were open at the deadline are no fault, by their numbers: more than the miner could do.
    ///
    /// Those are the ones behind everything that it answered. Of those before, an eighth of what it answered may be under way on other cores, of
    /// all tasks of a batch alike; whoever passes over more chooses. The first batch is never among them: so much must everybody do.
    pub fn beyond(&self, answered: &[u16], open: &[u16]) -> Vec<u16> {
        let last = answered.iter().map(|number| self.place(*number)).max().unwrap_or_default();
        let mut late: Vec<u16> =
            open.iter().copied().filter(|number| usize::from(*number) >= self.batch).collect();
        late.sort_unstable_by_key(|number| std::cmp::Reverse(self.place(*number)));
        let mut left = answered.len() / 8;
        let mut left_of_each = vec![left / self.batch + 1; self.batch];
        late.retain(|number| {
            if self.place(*number) > last {
                return true;
            }
            let of_it = &mut left_of_each[usize::from(*number) % self.batch];
            let spared = left > 0 && *of_it > 0;
            (left, *of_it) = (left - usize::from(spared), *of_it - usize::from(spared));
            spared
        });
        late
    }
}

/// The plans of tasks that miners get alone, task by task, as one batch numbers them.
pub fn own_tasks(plans: &[TaskPlan]) -> impl Iterator<Item = &TaskPlan> {
    let own = plans.iter().filter(|plan| plan.share == Share::Miner);
    own.flat_map(|plan| (0..plan.count).map(move |_| plan))
}

/// What one miner's round came to, in weights of tasks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Weight of what was asked and counts.
    asked: u64,
    /// Weight of what was answered in time and form.
    answered: u64,
    /// Weight of what was judged.
    judged: u64,
    /// Sum of weight and score of what was judged.
    earned: u128,
}

impl Tally {
    /// Takes in an answer that was not judged.
    pub fn count(&mut self, weight: u32) {
        self.asked += u64::from(weight);
        self.answered += u64::from(weight);
    }

    /// Takes in what was judged, or was no answer.
    pub fn judge(&mut self, weight: u32, answered: bool, reason: Reason, score: Ppm) {
        if !reason.counts() {
            return;
        }
        self.asked += u64::from(weight);
        if answered {
            self.answered += u64::from(weight);
            self.judged += u64::from(weight);
            self.earned += u128::from(weight) * u128::from(score.get());
        }
    }

    /// How much was done, as a part of `most`, the weight of the largest load; `None` if nothing counted.
    pub fn done(&self, most: u64) -> Option<Ppm> {
        (self.asked > 0).then(|| Ppm::ratio(self.answered, most))
    }

    /// The mean score of what was asked; `None` if nothing counted, or nothing of what was answered could be judged.
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
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RULE: LoadRule = LoadRule { budget: 10_000, checked: 12, sharpness: 3 };

    #[test]
    fn the_load_doubles_as_long_as_it_is_done() {
        let mut waves = Waves::new(&RULE, 10, 6);
        assert_eq!(waves.next(0, 0, 0), Some(0..1));
        assert_eq!(waves.next(6, 2, 0), None, "half of it is not answered");
        assert_eq!(waves.next(6, 3, 0), Some(1..3));
        assert_eq!(waves.next(12, 12, 1), None, "one of the first wave is open");
        assert_eq!(waves.next(12, 6, 0), Some(3..7));
        assert_eq!(Waves::of_batch(0), 0);
        assert_eq!((Waves::of_batch(1), Waves::of_batch(2), Waves::of_batch(3)), (1, 1, 2));
    }

    #[test]
    fn a_validator_draws_no_more_than_its_budget_but_one_batch_for_everybody() {
        let all = |miners, batch| {
            let mut waves = Waves::new(&RULE, miners, batch);
            let asked: usize = std::iter::from_fn(|| waves.next(0, 0, 0)).map(|wave| wave.len()).sum();
            asked * miners * batch
        };
        assert_eq!(all(10, 6), 63 * 60);
        assert_eq!(all(256, 6), 6 * 6 * 256);
        // One more takes little from everybody.
        let each = |miners| Waves::new(&RULE, miners, 6).batches();
        assert!((30..300).all(|miners| each(miners) - each(miners + 1) <= 2));
        assert_eq!(all(5000, 6), 6 * 5000);
    }

    #[test]
    fn tasks_come_wave_by_wave_and_in_an_order_of_the_seed_within() {
        let of = |reference| Sequence::new([reference; 32], waves(10, 7), 7);
        let order: Vec<u16> = (0..70).map(|place| of(3).task(place)).collect();
        for wave in [0..7, 7..21, 21..49, 49..70] {
            let mut of_it = order[usize::from(wave.start)..usize::from(wave.end)].to_vec();
            assert_ne!(of_it, wave.clone().collect::<Vec<u16>>());
            of_it.sort_unstable();
            assert_eq!(of_it, wave.collect::<Vec<u16>>());
        }
        assert!((0..70).all(|number| of(3).task(of(3).place(number)) == number));
        assert_ne!(order, (0..70).map(|place| of(4).task(place)).collect::<Vec<_>>());
    }

    #[test]
    fn what_is_open_behind_the_last_answer_is_no_fault_and_what_was_passed_over_is() {
        for reference in 0..20 {
            let six = Sequence::new([reference; 32], waves(7, 6), 6);
            let ten = Sequence::new([reference; 32], waves(7, 10), 10);
            // Every other task was chosen.
            let (chosen, passed): (Vec<u16>, Vec<u16>) = (0..42).partition(|number| number % 2 == 0);
            assert_eq!(
                six.beyond(&chosen, &passed).len(),
                behind(&six, &chosen, &passed) + 2,
                "an eighth of 21"
            );
            assert!(six.beyond(&[], &[0, 1, 2, 3, 4, 5]).is_empty(), "a batch must be done");
            // One kind of task was left open, in every batch.
            let (dear, others): (Vec<u16>, Vec<u16>) = (0..70).partition(|number| number % 10 == 9);
            assert!(ten.beyond(&others, &dear).len() <= behind(&ten, &others, &dear) + 1, "one of its kind");
        }
    }

    /// How many of the open tasks come after everything that was done.
    fn behind(sequence: &Sequence, done: &[u16], open: &[u16]) -> usize {
        let last = done.iter().map(|number| sequence.place(*number)).max();
        open.iter().filter(|number| Some(sequence.place(**number)) > last).count()
    }

    #[test]
    fn who_does_eight_tasks_at_a_time_as_they_come_has_hardly_a_fault() {
        let (mut faults, mut done) = (0, 0);
        for reference in 0..40 {
            let sequence = Sequence::new([reference; 32], waves(63, 10), 10);
            let mut rng = Seed([reference; 32]).rng();
            // Workers are free at these times; each takes what comes next, for ten to fourteen.
            let mut free = [0u64; 8];
            let (mut answered, mut open) = (Vec::new(), Vec::new());
            for place in 0..630 {
                let worker = free.iter_mut().min().unwrap();
                *worker += rng.range(10, 14);
                if *worker <= 400 { &mut answered } else { &mut open }.push(sequence.task(place));
            }
            faults += open.len() - sequence.beyond(&answered, &open).len();
            done += answered.len();
        }
        assert!(done > 8_000 && 100 * faults <= done, "{faults} faults among {done}");
    }

    /// Waves of so many batches.
    fn waves(most: u16, batch: usize) -> Waves {
        Waves::new(&LoadRule { budget: u32::from(most) * batch as u32, ..RULE }, 1, batch)
    }

    fn tally(done: u32, scores: &[u32], faults: u32) -> (u32, u32) {
        let mut tally = Tally::default();
        for score in scores {
            tally.judge(4, true, Reason::Scored, Ppm::new(*score));
        }
        (0..done - scores.len() as u32).for_each(|_| tally.count(4));
        (0..faults).for_each(|_| tally.judge(4, false, Reason::Late, Ppm::ZERO));
        (tally.done(4 * 10_000).unwrap().get(), tally.quality().unwrap().get())
    }

    #[test]
    fn how_much_was_done_and_how_well_are_told_apart() {
        assert_eq!(tally(100, &[1_000_000; 12], 0), (10_000, 1_000_000));
        assert_eq!(tally(200, &[1_000_000; 12], 0), (20_000, 1_000_000));
        assert_eq!(tally(100, &[500_000; 12], 0), (10_000, 500_000));
        assert_eq!(tally(50, &[800_000; 12], 50), (5_000, 400_000), "half of it did not come");
        assert_eq!((Tally::default().done(4000), Tally::default().quality()), (None, None));
        let mut unjudged = Tally::default();
        unjudged.count(4);
        assert_eq!(unjudged.quality(), None, "the validator's own fault");
    }

    proptest! {
        /// Whoever does one task after another in the order in which they come has no fault but in the first batch.
        #[test]
        fn who_does_what_comes_in_order_passes_nothing_over(reference in any::<u8>(), batch in 1u16..30, done in 0u16..1_800) {
            let sequence = Sequence::new([reference; 32], waves(63, batch.into()), batch);
            let all = batch * Waves::MOST_BATCHES;
            let done = done.clamp(batch, all);
            let answered: Vec<u16> = (0..done).map(|place| sequence.task(place)).collect();
            let open: Vec<u16> = (done..all).map(|place| sequence.task(place)).collect();
            prop_assert_eq!(sequence.beyond(&answered, &open).len(), open.len());
        }

        /// Keys that share a machine get together as much done as one, but for rounding.
        #[test]
        fn sharing_gains_nothing(done in 1u32..500, keys in 1u32..20, score in 0u32..1_000_000) {
            let (one, quality) = tally(done * keys, &[score], 0);
            let all: u32 = (0..keys).map(|_| tally(done, &[score], 0).0).sum();
            prop_assert!(all <= one && one - all <= keys);
            prop_assert_eq!(quality, tally(done, &[score], 0).1);
        }

        #[test]
        fn the_choice_depends_on_what_was_answered_and_not_on_its_order(numbers in prop::collection::btree_set(0u16..400, 0..60)) {
            let forth: Vec<u16> = numbers.iter().copied().collect();
            let back = forth.iter().rev().copied().collect();
            let chosen = choose_checked(&RULE, [7; 32], forth.clone());
            prop_assert_eq!(&chosen, &choose_checked(&RULE, [7; 32], back));
            prop_assert_eq!(chosen.len(), forth.len().min(12));
            prop_assert!(chosen.iter().all(|number| numbers.contains(number)));
        }
    }
}
