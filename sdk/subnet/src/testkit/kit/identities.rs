//! Pay of several keys on one machine against the pay of one key on it, and pay of a key without a machine.
//!
//! One machine of the subnet has one key, or several. Its answers under each key have scores of their own, as from a
//! model that samples anew: changing answers afterwards could only make them worse. Loads follow from the earlier work
//! of each key, until they no longer change ([`Market::settle`]).

use myelin_wire::{
    record::Ppm,
    seed::{Seed, SeedRng},
};

use super::{
    machine::{Dropping, Machine, Order, Stage, Worked},
    Finding, Hall, Luck,
};
use crate::{
    evaluation::{
        load::{allot, largest, own_tasks, Claim},
        SeedReference, Standing, Waves,
    },
    subnet::{Pay, SubnetError, TaskPlan},
    testkit::contest::Contest,
};

/// Machines of a small subnet.
const MACHINES: usize = 16;
/// Keys of the machine that has several.
const KEYS: [usize; 4] = [2, 4, 8, 16];
/// Keys on a full subnet, and the number of them that only announce an address.
const REGISTERED: usize = 256;
const ANNOUNCED: usize = 100;
/// Keys of a machine there.
const SPLITS: [usize; 7] = [2, 4, 7, 8, 16, 32, 64];
/// Sizes of machines there, in cores.
const CORES: [u32; 3] = [1, 3, 10];
/// Most that several keys may get, in units of one key's pay.
const BOUND: f64 = 1.05;
/// Most that a relay may get, in units of the machine's pay. The machine's owner may lose as much.
const SCRAPS: f64 = 0.05;
/// Work of a machine, as parts of the largest load.
const PARTS: [f64; 3] = [0.3, 0.6, 0.9];
/// Work of a machine that is too good for one key, as a multiple of the largest load.
const TOO_GOOD: f64 = 3.0;
/// Runs whose mean is compared, so that luck with the judged tasks does not decide.
const STORIES: u64 = 64;
/// Runs that share one simulation of a machine's work.
const OF_A_PLAY: u64 = 16;
/// Rounds over which pay is compared: about as many as the average of quality holds.
const ROUNDS: u64 = 24;
/// Rounds after which loads no longer change.
const SETTLED: usize = 14;

const MANY_KEYS: &str =
    "up to the largest load, many keys on one machine get at most 1.05 times what one gets";
const FULL: &str = "with 256 registered keys, of which 100 only announce an address, a core with the baseline earns within 1.05 of its best split over keys";
const RELAY: &str =
    "up to the largest load, a relay to a machine that answers validators first gets at most 0.05 times what the machine gets";

pub(super) fn trials<S: Contest>(hall: &Hall<S>) -> Result<Vec<Finding>, SubnetError> {
    let Some(stage) = stage(hall) else {
        let seen =
            "pay follows mean scores, so every key that is registered earns as much as the first one; where \
                    tasks are a miner's own, `Mechanism::saturate` pays for what a machine gets done";
        let passed = "a relay answers as well as the miner that it asks, and is paid as much";
        let finding = |promise, seen: &str| Finding::new(promise, seen, false);
        return Ok(vec![finding(MANY_KEYS, seen), finding(FULL, seen), finding(RELAY, passed)]);
    };
    let scores: Vec<Ppm> =
        hall.oracles(&[850_000], Luck::Own, 1).concat().into_iter().map(|(score, _)| score).collect();
    let market = Market { stage: &stage, scores: &scores, junk: &[] };
    Ok(vec![many_keys(hall, &market), full_subnet(hall, &market), relay(hall, &market)])
}

/// Tasks and rules of the first mechanism, if it pays for load.
pub(super) fn stage<S: Contest>(hall: &Hall<S>) -> Option<Stage> {
    let Some(Pay::Load(rule)) = hall.subnet.mechanisms().first().map(|mechanism| mechanism.pay) else {
        return None;
    };
    let all = hall.subnet.tasks();
    let plans: Vec<TaskPlan> = own_tasks(&all).filter(|plan| plan.mechanism == 0).cloned().collect();
    let window = plans.iter().map(|plan| plan.deadline.as_millis() as u64).max().unwrap_or_default();
    Some(Stage { rule, plans, most: largest(&all, 0), window })
}

/// Milliseconds per task that a core with the baseline is assumed to need.
fn assumed<S: Contest>(hall: &Hall<S>) -> f64 {
    hall.subnet.time_for_one().as_micros() as f64 / 1e3
}

fn many_keys<S: Contest>(hall: &Hall<S>, market: &Market<'_>) -> Finding {
    let rng = |name: u64| hall.seed.derive(b"identities", name).rng();
    let (limit, window) = (market.largest(), market.stage.window as f64);
    let others = vec![Waves::MOST_BATCHES; MACHINES - 1];
    let mut worst = (0.0, String::new());
    let mut beyond = 0.0f64;
    // No bound is promised for loads beyond the largest one.
    let beyond_it = hall.is_whole().then_some(TOO_GOOD);
    for part in PARTS.into_iter().chain(beyond_it) {
        let done = (limit * part).max(1.0);
        let time = window / done;
        let alone = market.pay(1, &others, Order::Fair, time, &mut rng(1)).max(1.0);
        for keys in KEYS {
            for order in [Order::Fair, Order::KeyByKey, Order::NewestFirst, Order::Jitter] {
                let rng = &mut rng((keys as u64) << 8 | order as u64);
                let gain = market.pay(keys, &others, order, time, rng) / alone;
                if part > 1.0 {
                    beyond = beyond.max(gain);
                } else if gain > worst.0 {
                    worst = (gain, format!("{keys} keys, {order:?}, a machine that does {done:.0} tasks"));
                }
            }
        }
    }
    let mut remark = format!(
        "Keys: registration is not counted, and there are {MACHINES} machines. The largest load of a key is {limit:.0} \
         tasks in {} s.",
        market.stage.window / 1_000,
    );
    if beyond_it.is_some() {
        remark += &format!(
            " Beyond it the bound fails: a machine that does three times as many gets up to {beyond:.2} times as much."
        );
    }
    Finding::new(MANY_KEYS, format!("at most {:.2} times ({})", worst.0, worst.1), worst.0 <= BOUND)
        .with([remark])
}

fn full_subnet<S: Contest>(hall: &Hall<S>, market: &Market<'_>) -> Finding {
    let time = assumed(hall);
    // The promise is about one core; larger machines are only told of.
    let cores = if hall.is_whole() { &CORES[..] } else { &CORES[..1] };
    let (alone, best) = market.best_splits(time, cores, &hall.seed);
    let told = cores.iter().zip(&best).map(|(cores, Split { gain, keys })| {
        let cores = if *cores == 1 { "one core".into() } else { format!("{cores} cores") };
        format!("{cores} {gain:.2} times with {keys} {}", if *keys == 1 { "key" } else { "keys" })
    });
    let batch = f64::from(market.stage.batch());
    let seen = format!("at best {}, against one key", told.collect::<Vec<_>>().join(", "));
    let assumed = format!(
        "A full subnet: it is assumed, and not measured here, that the baseline takes {time} ms for a task on a core, \
         so it does {:.0} in {} s. A key that is new or silent gets {batch:.0} tasks, one of such a core up to {:.0}.",
        market.stage.window as f64 / time,
        market.stage.window / 1_000,
        f64::from(market.allot(&[alone], &full(alone, 1))[0]) * batch,
    );
    let kept = best.first().is_some_and(|split| split.gain <= BOUND);
    Finding::new(FULL, seen, kept).with([assumed])
}

/// Work of the other keys of a full subnet, besides a machine with `keys`, in batches. Every other machine has one core
/// with the baseline and one key, and a hundred keys only announce an address.
fn full(alone: u16, keys: usize) -> Vec<u16> {
    [vec![alone; REGISTERED - ANNOUNCED - keys], vec![0; ANNOUNCED]].concat()
}

/// A relay: a key without a machine. A machine answers its requests that serves strangers when validators leave it
/// time.
fn relay<S: Contest>(hall: &Hall<S>, market: &Market<'_>) -> Finding {
    let others = vec![Waves::MOST_BATCHES; MACHINES - 1];
    let (mut most, mut least) = (0.0f64, f64::INFINITY);
    let plays = |time: f64| {
        let rng = |name| hall.seed.derive(b"relay", name).rng();
        let alone = market.pays(1, &others, Order::Fair, time, &mut rng(1))[0].max(1.0);
        let pays = market.pays(2, &others, Order::Relay, time, &mut rng(2));
        (pays[1] / alone, pays[0] / alone)
    };
    let (limit, window) = (market.largest(), market.stage.window as f64);
    for part in PARTS {
        let (relay, owner) = plays(window / (limit * part).max(1.0));
        (most, least) = (most.max(relay), least.min(owner));
    }
    let (spare, _) = plays(window / (limit * TOO_GOOD));
    let (core, _) = plays(assumed(hall));
    let seen = format!("at most {most:.3} times what the machine gets, whose owner keeps {least:.3} of it");
    let beyond = format!(
        "Relays: beyond the largest load a relay sells what the owner leaves free. Of a machine that does three times \
         that load it gets {spare:.2} times as much, of a core with the baseline (assumed: {} ms for a task) {core:.2} times.",
        assumed(hall)
    );
    let not_played =
        "Not played are relays that spread what they are asked over many machines, and those with 1/256 \
                      of the stake, which count as validators.";
    let kept = most <= SCRAPS && least >= 1.0 - SCRAPS;
    Finding::new(RELAY, seen, kept).with([format!("{beyond} {not_played}")])
}

/// A subnet of machines.
struct Market<'a> {
    stage: &'a Stage,
    /// Scores of a miner's answers.
    scores: &'a [Ppm],
    /// Further keys on the subnet.
    junk: &'a [Claim],
}

/// Pay of a machine with `keys` keys, in units of the pay with one key.
#[derive(Clone, Copy, Debug)]
struct Split {
    gain: f64,
    keys: usize,
}

/// Allotments and work of a machine's keys when loads no longer change.
struct Settled {
    allotted: Vec<u16>,
    done: Vec<u16>,
}

impl Market<'_> {
    /// Most tasks that one key may be asked.
    fn largest(&self) -> f64 {
        f64::from(Waves::MOST_BATCHES) * f64::from(self.stage.batch())
    }

    /// Batches that the machine's keys may get, besides other keys that did these batches. All are equally good.
    fn allot(&self, done: &[u16], others: &[u16]) -> Vec<u16> {
        let all = done.iter().chain(others).map(|done| Claim { done: *done, worth: 1 });
        let claims: Vec<Claim> = all.chain(self.junk.iter().copied()).collect();
        let mut allotted = allot(&self.stage.rule, self.stage.plans.len(), &claims);
        allotted.truncate(done.len());
        allotted
    }

    /// Runs rounds from a first one without a past until loads no longer change.
    fn settle(&self, keys: usize, others: &[u16], order: Order, time: f64, rng: &mut SeedRng) -> Settled {
        let mut standings = vec![Standing::default(); keys];
        let mut settled = Settled { allotted: vec![1; keys], done: vec![0; keys] };
        for _ in 0..SETTLED {
            settled.allotted = self.allot(&settled.done, others);
            for (standing, worked) in standings.iter_mut().zip(self.work(&settled.allotted, order, time, rng))
            {
                standing.update(self.stage.done(&worked), Ppm::new(400_000));
            }
            settled.done = standings.iter().map(Standing::batches).collect();
        }
        settled
    }

    /// Batches that a key of one core does, and the best split over keys on a full subnet for machines of so many
    /// `cores`, which need `time` ms per task.
    fn best_splits(&self, time: f64, cores: &[u32], seed: &Seed) -> (u16, Vec<Split>) {
        let rng = |name: u64| seed.derive(b"full subnet", name).rng();
        let alone = self.settle(1, &[], Order::Fair, time, &mut rng(0)).done[0];
        let best = cores.iter().map(|cores| {
            let time = time / f64::from(*cores);
            let pay = |keys: usize| {
                self.pay(keys, &full(alone, keys), Order::Fair, time, &mut rng(keys as u64)).max(1.0)
            };
            let of_one_key = pay(1);
            let splits = SPLITS.map(|keys| Split { gain: pay(keys) / of_one_key, keys });
            let better = |best: Split, split: Split| if split.gain > best.gain { split } else { best };
            splits.into_iter().fold(Split { gain: 1.0, keys: 1 }, better)
        });
        (alone, best.collect())
    }

    fn work(&self, allotted: &[u16], order: Order, time: f64, rng: &mut SeedRng) -> Vec<Worked> {
        let references: Vec<u8> = (0..allotted.len()).map(|key| key as u8).collect();
        let machine = Machine { allotted, order, time, drops: &|_, _| Dropping::Not };
        self.stage.work(&machine, &references, rng)
    }

    /// Pay of a machine with `keys` keys that needs `time` ms per task.
    fn pay(&self, keys: usize, others: &[u16], order: Order, time: f64, rng: &mut SeedRng) -> f64 {
        self.pays(keys, others, order, time, rng).into_iter().sum()
    }

    /// The same for each of its keys: the mean of several runs.
    fn pays(&self, keys: usize, others: &[u16], order: Order, time: f64, rng: &mut SeedRng) -> Vec<f64> {
        let allotted = self.settle(keys, others, order, time, rng).allotted;
        let mut paid = vec![0.0; keys];
        let mut worked = Vec::new();
        for story in 0..STORIES {
            if story % OF_A_PLAY == 0 {
                worked = self.work(&allotted, order, time, rng);
            }
            for (key, worked) in worked.iter().enumerate() {
                let (mut done, mut quality) = (0, 0);
                for round in 0..ROUNDS {
                    let mut reference = [0; 32];
                    let name = ((story * ROUNDS + round) << 8) + key as u64;
                    reference[..8].copy_from_slice(&name.to_le_bytes());
                    let score = |_| rng.choose(self.scores).copied().unwrap_or_default();
                    let tally = self.stage.tally(worked, SeedReference(reference), score);
                    done += u64::from(tally.done(self.stage.most).unwrap_or_default().get());
                    quality += u64::from(tally.quality().unwrap_or_default().get());
                }
                let (done, quality) = (done / ROUNDS, quality / ROUNDS);
                let mut standing = Standing::default();
                standing.update(Ppm::new(done as u32), Ppm::ONE);
                standing.update_quality(Ppm::new(done as u32), Ppm::new(quality as u32), Ppm::ONE);
                paid[key] += standing.earned(self.stage.rule.sharpness) as f64 / STORIES as f64;
            }
        }
        paid
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Scores of a miner that is right in 85 of 100 tasks.
    fn scores() -> Vec<Ppm> {
        (0..100).map(|number| if number < 85 { Ppm::ONE } else { Ppm::ZERO }).collect()
    }

    #[test]
    fn on_a_full_subnet_a_core_gains_nothing_by_more_keys() {
        // The loads of text, analysis and recognition, with the times of their baselines.
        for (name, batch, seconds, budget, time) in [
            ("text", 10, 10, 100_000, 20.0),
            ("analysis", 6, 8, 60_000, 24.0),
            ("recognition", 6, 10, 16_000, 220.0),
        ] {
            let (stage, scores) = (Stage::of(batch, seconds, budget), scores());
            let market = Market { stage: &stage, scores: &scores, junk: &[] };
            let (alone, best) = market.best_splits(time, &[1], &Seed([1; 32]));
            println!("{name}: {alone} batches alone, {best:?}");
            assert!(best[0].gain <= BOUND, "{name}: {best:?}");
        }
    }

    #[test]
    fn keys_that_answer_garbage_at_once_make_no_second_key_pay() {
        let (stage, scores) = (Stage::of(10, 10, 100_000), scores());
        let gain = |worth: u64| {
            // Beside 156 machines: more than the budget is enough for.
            let junk = vec![Claim { done: Waves::MOST_BATCHES, worth }; 60];
            Market { stage: &stage, scores: &scores, junk: &junk }.best_splits(20.0, &[1], &Seed([1; 32])).1
                [0]
            .gain
        };
        let (garbage, work) = (gain(0), gain(1));
        assert!(garbage <= BOUND, "{garbage}");
        assert!(work > 1.3, "sixty machines more would: {work}");
    }

    #[test]
    fn a_budget_that_is_too_small_pays_each_key_by_itself() {
        let (stage, scores) = (Stage::of(6, 8, 2_000), scores());
        let market = Market { stage: &stage, scores: &scores, junk: &[] };
        let (_, best) = market.best_splits(24.0, &[1], &Seed([1; 32]));
        assert!(best[0].gain > 3.0, "{best:?}");
    }
}
