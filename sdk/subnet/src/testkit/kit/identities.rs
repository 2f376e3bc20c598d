//! What several keys on one machine get together, against one key on such a machine; and what a key gets without a machine.
//!
//! One of sixteen machines on the subnet has one key, or several. Time and network are simulated: a request takes [`WAY`] to the machine and back,
//! and the machine does one task after the other. What it answers under each key is worth something of its own, as by a model that samples anew:
//! changing answers afterwards could only make them worse.

use std::collections::{BTreeMap, BTreeSet};

use myelin_wire::{
    record::{Ppm, Reason},
    seed::SeedRng,
};

use super::{Finding, Hall, Luck};
use crate::{
    evaluation::{
        load::{choose_checked, largest, own_tasks, Sequence, Tally},
        LoadRule, Standing, Waves,
    },
    subnet::{Pay, SubnetError, TaskPlan},
    testkit::contest::Contest,
    validator::load::Burden,
};

/// Machines of the subnet.
const MACHINES: usize = 16;
/// Keys of the machine that has several.
const KEYS: [usize; 4] = [2, 4, 8, 16];
/// Milliseconds to a miner and back.
const WAY: u64 = 60;
/// What several keys may get at most, for each that one gets.
const BOUND: f64 = 1.05;
/// What a relay may get at most, for each that a machine gets. Its owner may lose as much.
const SCRAPS: f64 = 0.05;
/// Parts of the largest load that a machine gets done.
const PARTS: [f64; 3] = [0.3, 0.6, 0.9];
/// Times the largest load that a machine gets done which is too good for one key.
const TOO_GOOD: f64 = 3.0;
/// Stories whose mean is compared, so that luck with the tasks that are judged does not decide.
const STORIES: u64 = 64;
/// Stories of one play of a machine's work.
const OF_A_PLAY: u64 = 16;
/// Rounds over which pay is compared: about as many as the average of quality holds.
const ROUNDS: u64 = 24;

const MANY_KEYS: &str =
    "up to the largest load, many keys on one machine get at most 1.05 times what one gets";
const RELAY: &str =
    "up to the largest load, a relay to a machine that answers validators first gets at most 0.05 times what the machine gets";

/// In which order a machine does what its keys were asked.
#[derive(Clone, Copy, Debug)]
enum Order {
    /// As it comes.
    Fair,
    /// Everything for one key before anything for the next.
    KeyByKey,
    /// The newest first.
    NewestFirst,
    /// By chance, and with random pauses.
    Jitter,
    /// Everything for the first key, which is its owner's. The second belongs to a relay, which passes on what it is asked.
    Relay,
}

pub(super) fn trials<S: Contest>(hall: &Hall<S>) -> Result<Vec<Finding>, SubnetError> {
    let Some(Pay::Load(rule)) = hall.subnet.mechanisms().first().map(|one| one.pay) else {
        let seen = "pay follows mean scores, so every key that is registered earns as much as the first one; where tasks are \
                    a miner's own, `Mechanism::saturate` pays for what a machine gets done";
        let passed = "a relay answers as well as the miner that it asks, and is paid as much";
        let finding = |promise, seen: &str| Finding { promise, seen: seen.into(), kept: false };
        return Ok(vec![finding(MANY_KEYS, seen), finding(RELAY, passed)]);
    };
    let scores: Vec<Ppm> =
        hall.oracles(&[850_000], Luck::Own, 1).concat().into_iter().map(|(score, _)| score).collect();
    let plans = hall.subnet.tasks();
    let plans: Vec<TaskPlan> = own_tasks(&plans).filter(|plan| plan.mechanism == 0).cloned().collect();
    let window = plans.iter().map(|plan| plan.deadline.as_millis() as u64).max().unwrap_or_default();
    let stage = Stage { rule, plans, scores: &scores, most: largest(&hall.subnet.tasks(), 0), window };

    Ok(vec![many_keys(hall, &stage), relay(hall, &stage)])
}

fn many_keys<S: Contest>(hall: &Hall<S>, stage: &Stage<'_>) -> Finding {
    let rng = |name: u64| hall.seed.derive(b"identities", name).rng();
    let limit = stage.largest(MACHINES);
    let mut worst = (0.0, String::new());
    let mut beyond = 0.0f64;
    for part in PARTS.into_iter().chain([TOO_GOOD]) {
        let done = (limit * part).max(1.0);
        let time = stage.window as f64 / done;
        let one = stage.pay(1, Order::Fair, time, &mut rng(1)).max(1.0);
        for keys in KEYS {
            for order in [Order::Fair, Order::KeyByKey, Order::NewestFirst, Order::Jitter] {
                let rng = &mut rng((keys as u64) << 8 | order as u64);
                let gain = stage.pay(keys, order, time, rng) / one;
                if part > 1.0 {
                    beyond = beyond.max(gain);
                } else if gain > worst.0 {
                    worst = (gain, format!("{keys} keys, {order:?}, a machine that does {done:.0} tasks"));
                }
            }
        }
    }
    // What the miner that comes with the subnet does on one core, which may be more than that.
    let time = hall.subnet.time_for_one().as_micros() as f64 / 1e3;
    let one = stage.pay(1, Order::Fair, time, &mut rng(2)).max(1.0);
    let most = KEYS[KEYS.len() - 1];
    let base = stage.pay(most, Order::Fair, time, &mut rng(3)) / one;
    let core = stage.window as f64 / time;
    let fails = if base > BOUND { ", so there the bound fails" } else { "" };
    let seen = format!(
        "at most {:.2} times ({}), registration not counted; the largest load of a key is {limit:.0} tasks in {} s where {MACHINES} are \
         registered. Beyond it the bound fails: a machine that does three times as many gets up to {beyond:.2} times as much. A core with the \
         baseline does {core:.0}, and with {most} keys gets {base:.2} times as much{fails}",
        worst.0,
        worst.1,
        stage.window / 1_000,
    );
    Finding { promise: MANY_KEYS, seen, kept: worst.0 <= BOUND }
}

/// A key without a machine, whose requests a machine answers that strangers may use when validators leave it time.
fn relay<S: Contest>(hall: &Hall<S>, stage: &Stage<'_>) -> Finding {
    let limit = stage.largest(MACHINES + 1);
    let (mut most, mut least) = (0.0f64, f64::INFINITY);
    let plays = |time: f64| {
        let rng = |name| hall.seed.derive(b"relay", name).rng();
        // Beside a key that nobody serves, so that the budget is shared alike.
        let alone = stage.pays(1, MACHINES + 1, Order::Fair, time, &mut rng(1))[0].max(1.0);
        let pays = stage.pays(2, MACHINES + 1, Order::Relay, time, &mut rng(2));
        (pays[1] / alone, pays[0] / alone)
    };
    let window = stage.window as f64;
    for part in PARTS {
        let (relay, owner) = plays(window / (limit * part).max(1.0));
        (most, least) = (most.max(relay), least.min(owner));
    }
    let (spare, _) = plays(window / (limit * TOO_GOOD));
    let (core, _) = plays(hall.subnet.time_for_one().as_micros() as f64 / 1e3);
    let seen = format!(
        "at most {most:.3} times what the machine gets, whose owner keeps {least:.3} of it. Beyond it a relay sells what the owner leaves free: \
         of a machine that does three times the largest load it gets {spare:.2} times as much, of a core with the baseline {core:.2} times. Relays \
         that spread what they are asked over many machines are not played, nor those with 1/256 of the stake, which count as validators"
    );
    Finding { promise: RELAY, seen, kept: most <= SCRAPS && least >= 1.0 - SCRAPS }
}

struct Stage<'a> {
    rule: LoadRule,
    /// The tasks of a batch.
    plans: Vec<TaskPlan>,
    /// What the answers of such a miner are worth.
    scores: &'a [Ppm],
    most: u64,
    window: u64,
}

/// A request on its way or waiting: when it arrives, the place of its task in the key's sequence, and the key that is asked.
type Job = (u64, u16, usize);

impl Stage<'_> {
    /// As much as one key may be asked for where so many are registered.
    fn largest(&self, keys: usize) -> f64 {
        let batch = self.plans.len();
        f64::from(Waves::new(&self.rule, keys, batch).batches()) * batch as f64
    }

    /// What a machine with so many keys is paid, which takes `time` ms for a task.
    fn pay(&self, keys: usize, order: Order, time: f64, rng: &mut SeedRng) -> f64 {
        self.pays(keys, MACHINES - 1 + keys, order, time, rng).into_iter().sum()
    }

    /// The same for each of its keys, among so many miners: the mean of several stories.
    fn pays(&self, keys: usize, miners: usize, order: Order, time: f64, rng: &mut SeedRng) -> Vec<f64> {
        let mut paid = vec![0.0; keys];
        let mut worked = Vec::new();
        for story in 0..STORIES {
            if story % OF_A_PLAY == 0 {
                worked = self.work(keys, miners, order, time, rng);
            }
            for (key, worked) in worked.iter().enumerate() {
                let (mut done, mut quality) = (0, 0);
                for round in 0..ROUNDS {
                    let tally = self.tally(worked, ((story * ROUNDS + round) << 8) + key as u64, rng);
                    done += u64::from(tally.done(self.most).unwrap_or_default().get());
                    quality += u64::from(tally.quality().unwrap_or_default().get());
                }
                let mut standing = Standing::default();
                standing.update(Ppm::new((done / ROUNDS) as u32), Ppm::ONE);
                let mean = Ppm::new((done / ROUNDS) as u32);
                standing.update_quality(mean, Ppm::new((quality / ROUNDS) as u32), Ppm::ONE);
                paid[key] += standing.earned(self.rule.sharpness) as f64 / STORIES as f64;
            }
        }
        paid
    }

    /// A round of a machine, for each of its keys. Its rounds differ in what is judged only.
    fn work(&self, keys: usize, miners: usize, order: Order, time: f64, rng: &mut SeedRng) -> Vec<Worked> {
        let batch = self.plans.len() as u16;
        let mut burdens: Vec<Burden> =
            (0..keys).map(|_| Burden::new(&self.rule, miners, batch.into())).collect();
        let sequences: Vec<Sequence> = (0..keys)
            .map(|key| Sequence::new([key as u8; 32], Waves::new(&self.rule, miners, batch.into()), batch))
            .collect();
        // What a relay is asked goes a longer way.
        let way = |key| if matches!(order, Order::Relay) && key > 0 { WAY } else { WAY / 2 };
        let send = |key, batches: std::ops::Range<u16>, at| {
            let places = batches.start * batch..batches.end * batch;
            places.map(move |place| (at + way(key), place, key))
        };
        let mut rank = |(arrives, place, key): Job| match order {
            Order::Fair => (arrives, place.into(), key),
            Order::KeyByKey | Order::Relay => (key as u64, place.into(), key),
            Order::NewestFirst => (u64::MAX - arrives, u64::MAX - u64::from(place), key),
            Order::Jitter => (rng.below(u64::MAX), place.into(), key),
        };
        let mut coming: BTreeSet<Job> = (0..keys).flat_map(|key| send(key, 0..1, 0)).collect();
        // What has arrived, in the order in which the machine does it.
        let mut waiting: BTreeMap<(u64, u64, usize), Job> = BTreeMap::new();
        let mut replies: BTreeSet<(u64, usize, u16)> = BTreeSet::new();
        let mut answered = vec![Vec::new(); keys];
        let (mut free_at, mut clock) = (0.0f64, 0u64);
        while free_at as u64 <= self.window || !replies.is_empty() {
            while let Some(job) =
                coming.first().copied().filter(|job| job.0 as f64 <= free_at.max(clock as f64))
            {
                coming.remove(&job);
                waiting.insert(rank(job), job);
            }
            // The machine takes up what is there, unless a reply is seen before it is free again.
            let seen = replies.first().map_or(f64::INFINITY, |(at, ..)| *at as f64);
            let next = if free_at <= seen { waiting.pop_first() } else { None };
            if let Some((_, (arrives, place, key))) = next {
                let number = sequences[key].task(place);
                let pause = if matches!(order, Order::Jitter) { f64::from(number % 5) } else { 0.0 };
                free_at = free_at.max(arrives as f64).max(clock as f64) + time + pause;
                let at = free_at as u64 + way(key);
                if at < self.window {
                    replies.insert((at, key, number));
                }
            } else if let Some((at, key, number)) = replies.pop_first() {
                clock = at;
                answered[key].push(number);
                let next = burdens[key].replied(number / batch, true, batch.into());
                coming.extend(next.into_iter().flat_map(|batches| send(key, batches, at)));
            } else {
                match coming.first() {
                    Some((arrives, ..)) if *arrives < self.window => clock = clock.max(*arrives),
                    _ => break,
                }
            }
        }
        let worked = burdens.iter().zip(&sequences).zip(answered);
        worked.map(|((burden, sequence), answered)| Worked::new(burden, sequence, answered, batch)).collect()
    }

    fn tally(&self, worked: &Worked, name: u64, rng: &mut SeedRng) -> Tally {
        let weight = |number: u16| self.plans[usize::from(number) % self.plans.len()].weight;
        let mut reference = [0; 32];
        reference[..8].copy_from_slice(&name.to_le_bytes());
        let checked = choose_checked(&self.rule, reference, worked.answered.clone());
        let mut tally = Tally::default();
        for number in &worked.answered {
            match checked.binary_search(number) {
                Ok(_) => {
                    let score = rng.choose(self.scores).copied().unwrap_or_default();
                    tally.judge(weight(*number), true, Reason::Scored, score);
                }
                Err(_) => tally.count(weight(*number)),
            }
        }
        for number in &worked.left {
            tally.judge(weight(*number), false, Reason::Late, Ppm::ZERO);
        }
        tally
    }
}

/// What a key answered in a round, and what it left open although it could have done it.
struct Worked {
    answered: Vec<u16>,
    left: Vec<u16>,
}

impl Worked {
    fn new(burden: &Burden, sequence: &Sequence, answered: Vec<u16>, batch: u16) -> Self {
        let done: BTreeSet<u16> = answered.iter().copied().collect();
        let mut left: Vec<u16> =
            (0..burden.sent(batch.into())).filter(|number| !done.contains(number)).collect();
        let beyond: BTreeSet<u16> = sequence.beyond(&answered, &left).into_iter().collect();
        left.retain(|number| !beyond.contains(number));
        Self { answered, left }
    }
}
