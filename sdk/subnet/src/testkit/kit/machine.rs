//! A machine with one key or several, at saturating load. Time and network are simulated.
//!
//! A request takes [`WAY`] to the machine and back, and the machine does one task after the other. Tasks that it passed
//! over are asked again, and it answers them as far as it has the time.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use myelin_wire::{
    record::{Ppm, Reason},
    seed::SeedRng,
};

use crate::{
    evaluation::{
        load::{choose_checked, Came, End, Sequence, Tally},
        LoadRule, SeedReference, Waves,
    },
    subnet::TaskPlan,
    validator::load::Burden,
};

/// Milliseconds from the validator to a miner and back.
pub(super) const WAY: u64 = 60;

/// Order in which a machine does the tasks of its keys.
#[derive(Clone, Copy, Debug)]
pub(super) enum Order {
    /// In the order of arrival.
    Fair,
    /// All tasks of one key before any of the next.
    KeyByKey,
    /// The newest first.
    NewestFirst,
    /// In random order, and with random pauses.
    Jitter,
    /// All tasks of the first key, which is its owner's, before those of the second. The second belongs to a relay,
    /// which passes its requests on.
    Relay,
}

/// Way in which a machine leaves out a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dropping {
    /// Not at all.
    Not,
    /// It refuses at once.
    Refuses,
    /// It finds an answer, dislikes it and refuses.
    RefusesComputed,
    /// It does not reply, also when it is asked again.
    Silent,
    /// It finds an answer, dislikes it and does not reply.
    SilentComputed,
    /// It does not reply before it is asked again.
    Postpones,
}

impl Dropping {
    fn takes_time(self) -> bool {
        matches!(self, Dropping::Not | Dropping::RefusesComputed | Dropping::SilentComputed)
    }
}

/// A simulated machine.
pub(super) struct Machine<'a> {
    /// Batches that each of its keys may get.
    pub(super) allotted: &'a [u16],
    pub(super) order: Order,
    /// Milliseconds for a task.
    pub(super) time: f64,
    /// The way in which it leaves out a task, by the reference of its key and the number of the task.
    pub(super) drops: &'a dyn Fn(u8, u16) -> Dropping,
}

/// Load of a round.
#[derive(Clone)]
pub(super) struct Stage {
    pub(super) rule: LoadRule,
    /// The tasks of a batch.
    pub(super) plans: Vec<TaskPlan>,
    /// Weight of the largest load.
    pub(super) most: u64,
    /// Milliseconds for a whole round.
    pub(super) window: u64,
}

/// A request on its way or waiting: the time of its arrival, the place of its task in the key's sequence, and the key.
type Job = (u64, u16, usize);

/// Tasks of a key's round by their results.
pub(super) struct Worked {
    pub(super) answered: Vec<u16>,
    /// Tasks that were passed over, and answered when they were asked again.
    again: Vec<u16>,
    /// Tasks that were refused, or passed over and not answered when they were asked again.
    left_out: Vec<u16>,
    /// Tasks for which there was no time: of the first batch, or close behind the last answer.
    too_slow: Vec<u16>,
    /// The order of its tasks.
    pub(super) sequence: Sequence,
}

/// Simulation of a machine's round.
struct Play<'a> {
    stage: &'a Stage,
    machine: &'a Machine<'a>,
    references: &'a [u8],
    burdens: Vec<Burden>,
    coming: BTreeSet<Job>,
    /// Tasks that have arrived, in the order in which the machine does them.
    waiting: BTreeMap<(u64, u64, usize), Job>,
    /// Replies on their way: time of arrival, key, task, and whether it is an answer.
    replies: BTreeSet<(u64, usize, u16, bool)>,
    worked: Vec<Worked>,
    free_at: f64,
    clock: u64,
}

#[cfg(test)]
impl Stage {
    /// A load of `batch` tasks in a batch, with `seconds` for a whole round.
    pub(super) fn of(batch: u16, seconds: u64, budget: u32) -> Self {
        let plan = |_| TaskPlan {
            kind: "task",
            mechanism: 0,
            share: crate::subnet::Share::Miner,
            count: 1,
            commit: false,
            deadline: std::time::Duration::from_secs(seconds),
            fastest: std::time::Duration::ZERO,
            answer_limit: 1_000,
            weight: 1,
        };
        Stage {
            rule: LoadRule { budget, checked: 24, sharpness: 4 },
            plans: (0..batch).map(plan).collect(),
            most: u64::from(batch) * u64::from(Waves::MOST_BATCHES),
            window: 1_000 * seconds,
        }
    }
}

impl Stage {
    pub(super) fn batch(&self) -> u16 {
        self.plans.len() as u16
    }

    pub(super) fn weight(&self, number: u16) -> u32 {
        self.plans[usize::from(number) % self.plans.len()].weight
    }

    /// Simulates a round of a machine, and returns the result for each key; the references determine the orders of
    /// tasks.
    pub(super) fn work(&self, machine: &Machine<'_>, references: &[u8], rng: &mut SeedRng) -> Vec<Worked> {
        let sequence = |name: &u8| Sequence::new(SeedReference([*name; 32]), self.batch());
        let worked = |name: &u8| Worked {
            answered: vec![],
            again: vec![],
            left_out: vec![],
            too_slow: vec![],
            sequence: sequence(name),
        };
        let mut play = Play {
            stage: self,
            machine,
            references,
            burdens: machine.allotted.iter().map(|most| Burden::new(*most, self.plans.len())).collect(),
            coming: BTreeSet::new(),
            waiting: BTreeMap::new(),
            replies: BTreeSet::new(),
            worked: references.iter().map(worked).collect(),
            free_at: 0.0,
            clock: 0,
        };
        for key in 0..machine.allotted.len() {
            play.send(key, 0..1, 0);
        }
        while play.step(rng) {}
        play.end();
        play.worked
    }

    /// Tally of a key's round, where `score` gives the score of each judged answer.
    pub(super) fn tally(
        &self,
        worked: &Worked,
        reference: SeedReference,
        mut score: impl FnMut(u16) -> Ppm,
    ) -> Tally {
        let came = [(Came::InTime, &worked.answered), (Came::Again, &worked.again)];
        let signed: Vec<u16> = came.iter().flat_map(|(_, numbers)| numbers.iter().copied()).collect();
        // As in a full subnet.
        let checked = choose_checked(self.rule.checked.into(), reference, signed);
        let weight = self.weights(worked);
        let mut tally = Tally::default();
        for (came, numbers) in came {
            for number in numbers {
                match checked.binary_search(number) {
                    Ok(_) => tally.judge(weight(*number), came, Reason::Scored, score(*number)),
                    Err(_) => tally.count(weight(*number), came),
                }
            }
        }
        let failed = [(Came::LeftOut, &worked.left_out), (Came::TooSlow, &worked.too_slow)];
        for (came, numbers) in failed {
            for number in numbers {
                tally.judge(weight(*number), came, Reason::Late, Ppm::ZERO);
            }
        }
        tally
    }

    /// Weight with which each task of a key counts.
    fn weights<'a>(&'a self, worked: &'a Worked) -> impl Fn(u16) -> u64 + 'a {
        let end = worked.sequence.end(&worked.answered);
        let open: BTreeSet<u16> = worked.too_slow.iter().copied().collect();
        move |number| {
            let is_first = number < self.batch() && open.contains(&number);
            match is_first {
                true => u64::from(self.weight(number)) * End::FULL,
                false => end.weight(self.weight(number), worked.sequence.place(number)),
            }
        }
    }

    /// Work that a key did, as a part of the largest load.
    pub(super) fn done(&self, worked: &Worked) -> Ppm {
        let weight = self.weights(worked);
        let mut tally = Tally::default();
        for (came, numbers) in [
            (Came::InTime, &worked.answered),
            (Came::Again, &worked.again),
            (Came::LeftOut, &worked.left_out),
        ] {
            numbers.iter().for_each(|number| tally.count(weight(*number), came));
        }
        tally.done(self.most).unwrap_or_default()
    }
}

impl Worked {
    /// The last wave of which a task was answered.
    pub(super) fn waves(&self, batch: u16) -> u32 {
        self.answered.iter().map(|number| Waves::of_batch(number / batch)).max().unwrap_or_default()
    }
}

impl Play<'_> {
    /// Half of a way; a whole one for the requests of a relay.
    fn way(&self, key: usize) -> u64 {
        if matches!(self.machine.order, Order::Relay) && key > 0 {
            WAY
        } else {
            WAY / 2
        }
    }

    fn send(&mut self, key: usize, batches: Range<u16>, at: u64) {
        let (batch, arrives) = (self.stage.batch(), at + self.way(key));
        let places = batches.start * batch..batches.end * batch;
        self.coming.extend(places.map(|place| (arrives, place, key)));
    }

    fn rank(&self, (arrives, place, key): Job, rng: &mut SeedRng) -> (u64, u64, usize) {
        match self.machine.order {
            Order::Fair => (arrives, place.into(), key),
            Order::KeyByKey | Order::Relay => (key as u64, place.into(), key),
            Order::NewestFirst => (u64::MAX - arrives, u64::MAX - u64::from(place), key),
            Order::Jitter => (rng.below(u64::MAX), place.into(), key),
        }
    }

    /// Receives the requests that have arrived, then does one task or receives one reply. Returns whether the round
    /// goes on.
    fn step(&mut self, rng: &mut SeedRng) -> bool {
        if self.free_at as u64 > self.stage.window && self.replies.is_empty() {
            return false;
        }
        let now = self.free_at.max(self.clock as f64);
        while let Some(job) = self.coming.first().copied().filter(|job| job.0 as f64 <= now) {
            self.coming.remove(&job);
            let rank = self.rank(job, rng);
            self.waiting.insert(rank, job);
        }
        // The machine takes the next task, unless a reply is seen before it is free again.
        let seen = self.replies.first().map_or(f64::INFINITY, |(at, ..)| *at as f64);
        let next = if self.free_at <= seen { self.waiting.pop_first() } else { None };
        if let Some((_, job)) = next {
            self.compute(job);
            return true;
        }
        if let Some((at, key, number, answered)) = self.replies.pop_first() {
            self.reply(at, key, number, answered);
            return true;
        }
        match self.coming.first() {
            Some((arrives, ..)) if *arrives < self.stage.window => {
                self.clock = self.clock.max(*arrives);
                true
            }
            _ => false,
        }
    }

    fn compute(&mut self, (arrives, place, key): Job) {
        let number = self.worked[key].sequence.task(place);
        let drops = (self.machine.drops)(self.references[key], number);
        self.free_at = self.free_at.max(arrives as f64).max(self.clock as f64);
        if drops.takes_time() {
            let pause = if matches!(self.machine.order, Order::Jitter) { f64::from(number % 5) } else { 0.0 };
            self.free_at += self.machine.time + pause;
        }
        let at = self.free_at as u64 + self.way(key);
        let replies = matches!(drops, Dropping::Not | Dropping::Refuses | Dropping::RefusesComputed);
        if replies && at < self.stage.window {
            self.replies.insert((at, key, number, drops == Dropping::Not));
        }
    }

    fn reply(&mut self, at: u64, key: usize, number: u16, answered: bool) {
        let batch = self.stage.batch();
        self.clock = at;
        let worked = &mut self.worked[key];
        if answered { &mut worked.answered } else { &mut worked.left_out }.push(number);
        if let Some(batches) = self.burdens[key].replied(number / batch, answered, batch.into()) {
            self.send(key, batches, at);
        }
    }

    /// The time is over: tasks that were passed over are asked again, with half the time.
    fn end(&mut self) {
        let batch = self.stage.batch();
        let mut left = (self.stage.window / 2).saturating_sub(WAY) as f64;
        for (key, worked) in self.worked.iter_mut().enumerate() {
            let (sequence, name) = (worked.sequence.clone(), self.references[key]);
            let known: BTreeSet<u16> = worked.answered.iter().chain(&worked.left_out).copied().collect();
            let sent = 0..self.burdens[key].sent(batch.into());
            let open: Vec<u16> = sent.filter(|number| !known.contains(number)).collect();
            let passed = sequence.passed_over(&worked.answered, &open);
            let beyond = sequence.beyond(&worked.answered, &open);
            for number in open {
                if beyond.contains(&number) {
                    continue;
                }
                if !passed.contains(&number) {
                    worked.too_slow.push(number);
                    continue;
                }
                let drops = (self.machine.drops)(name, number);
                let gives = !matches!(drops, Dropping::Silent | Dropping::SilentComputed);
                if gives && left >= self.machine.time {
                    left -= self.machine.time;
                    worked.again.push(number);
                } else {
                    worked.left_out.push(number);
                }
            }
        }
    }
}
