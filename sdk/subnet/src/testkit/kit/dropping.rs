//! What a miner gains that leaves out what it is unsure of, and knows exactly how unsure it should be.
//!
//! Searched: how much it leaves out, from which wave on, and how; by machines of several sizes. Every answer counts here as if it were judged, so
//! luck decides nothing.

use myelin_wire::{record::Ppm, seed::Seed};

use super::{
    identities::stage,
    machine::{Dropping, Machine, Order, Stage, Worked},
    Finding, Hall, Luck,
};
use crate::{
    evaluation::{load::Tally, LoadRule, SeedReference, Waves},
    subnet::SubnetError,
    testkit::contest::Contest,
};

const PROMISE: &str = "leaving out what one is unsure of gains at most 1.02";
/// What it may gain.
const BOUND: f64 = 1.02;
/// Part of the answers that is right; the rest is worth what an oracle gives for wrong ones.
const RIGHT: u32 = 600_000;
/// Parts of all tasks that are left out, those of the least worth.
const PARTS: [f64; 6] = [0.03, 0.06, 0.11, 0.2, 0.3, 0.4];
/// Of the waves that a miner gets to, so many of the last in which it does so.
const WAVES: [u32; 4] = [1, 2, 3, 9];
/// What a machine gets done, as a part of the largest load.
const MACHINES: [f64; 4] = [0.3, 0.6, 0.9, 1.5];
/// Rounds of which each is played.
const ROUNDS: u8 = 4;
const WAYS: [(Dropping, &str); 5] = [
    (Dropping::Refuses, "refusing at once"),
    (Dropping::RefusesComputed, "refusing after looking"),
    (Dropping::Silent, "silence"),
    (Dropping::SilentComputed, "silence after looking"),
    (Dropping::Postpones, "silence until asked again"),
];

pub(super) fn trials<S: Contest>(hall: &Hall<S>) -> Result<Vec<Finding>, SubnetError> {
    let Some(stage) = stage(hall) else { return Ok(Vec::new()) };
    let scores = hall.oracles(&[RIGHT], Luck::Own, 5).concat().into_iter().map(|(score, _)| score);
    let Best { gain, how } = search(stage, scores.collect(), hall.seed);
    let seen = format!(
        "at most {gain:.3} times ({how}) of {} ways, by a miner that is right in {:.2} and knows where it is not",
        MACHINES.len() * PARTS.len() * WAYS.len() * WAVES.len(),
        f64::from(RIGHT) / 1e6
    );
    Ok(vec![Finding { promise: PROMISE, seen, kept: gain <= BOUND }])
}

/// The way that pays most, in units of what an honest miner of the same size is paid.
struct Best {
    gain: f64,
    how: String,
}

/// Tries every way, of a miner whose answers are worth this.
fn search(stage: Stage, mut scores: Vec<Ppm>, seed: Seed) -> Best {
    // A refusal is a fault like a wrong answer whatever an answer is worth, so all of them can be judged.
    let stage = Stage { rule: LoadRule { checked: u16::MAX, ..stage.rule }, ..stage };
    scores.sort_unstable();
    let tasks = f64::from(Waves::MOST_BATCHES) * f64::from(stage.batch());
    let mut best = Best { gain: 0.0, how: String::new() };
    for size in MACHINES {
        let time = stage.window as f64 / (tasks * size);
        let search = Search { stage: &stage, scores: &scores, seed, time };
        let honest = search.pay(&|_, _| Dropping::Not).max(1e-9);
        let waves = search.waves();
        let ways = PARTS.into_iter().flat_map(|part| WAYS.map(|way| (part, way)));
        for ((part, (way, named)), last) in ways.flat_map(|way| WAVES.map(|last| (way, last))) {
            let from = (waves + 1).saturating_sub(last);
            let drops = |name: u8, number: u16| {
                let late = Waves::of_batch(number / stage.batch()) >= from;
                if late && search.rank(name, number) < part {
                    way
                } else {
                    Dropping::Not
                }
            };
            let gain = search.pay(&drops) / honest;
            if gain > best.gain {
                let done = tasks * size;
                let how = format!(
                    "{named}, {part} of the tasks in the last {last} waves, a machine that does {done:.0}"
                );
                best = Best { gain, how };
            }
        }
    }
    best
}

struct Search<'a> {
    stage: &'a Stage,
    /// What answers are worth, the least first.
    scores: &'a [Ppm],
    seed: Seed,
    time: f64,
}

impl Search<'_> {
    /// Where a task stands among all, from 0 to 1, by how much the miner's answer to it is worth.
    fn rank(&self, name: u8, number: u16) -> f64 {
        let seed = self.seed.derive(b"dropping", u64::from(name) << 16 | u64::from(number));
        seed.rng().below(1 << 20) as f64 / f64::from(1 << 20)
    }

    fn work(&self, name: u8, drops: &dyn Fn(u8, u16) -> Dropping) -> Vec<Worked> {
        let machine =
            Machine { allotted: &[Waves::MOST_BATCHES], order: Order::Fair, time: self.time, drops };
        self.stage.work(&machine, &[name], &mut self.seed.rng())
    }

    /// The last wave that an honest miner of this size answers something of.
    fn waves(&self) -> u32 {
        self.work(0, &|_, _| Dropping::Not)[0].waves(self.stage.batch())
    }

    /// What is paid for several rounds together.
    fn pay(&self, drops: &dyn Fn(u8, u16) -> Dropping) -> f64 {
        let (mut done, mut quality) = (0.0, 0.0);
        for name in 0..ROUNDS {
            let worked = &self.work(name, drops)[0];
            let score = |number| {
                let at = (self.rank(name, number) * self.scores.len() as f64) as usize;
                self.scores.get(at).copied().unwrap_or_default()
            };
            let tally: Tally = self.stage.tally(worked, SeedReference([name; 32]), score);
            done += f64::from(tally.done(self.stage.most).unwrap_or_default().get());
            quality += f64::from(tally.quality().unwrap_or_default().get()) / 1e6;
        }
        done * (quality / f64::from(ROUNDS)).powi(self.stage.rule.sharpness as i32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What holds in these plays. The promise is [`BOUND`], and the rows of subnets where it does not hold say so: small machines that
    /// refuse at once gain some percent by the time that they save.
    const HOLDS: f64 = 1.1;

    #[test]
    fn no_way_of_leaving_out_what_is_wrong_pays_much() {
        // Right or wrong; and as text is judged, where a wrong answer is worth something.
        let plain = |number: u32| if number < 60 { Ppm::ONE } else { Ppm::ZERO };
        let graded = |number: u32| Ppm::new(number * 10_000);
        for (batch, seconds) in [(10, 10), (6, 8)] {
            for scores in [plain as fn(u32) -> Ppm, graded] {
                let stage = Stage::of(batch, seconds, 100_000);
                let best = search(stage, (0..100).map(scores).collect(), Seed([1; 32]));
                println!("{batch} tasks in a batch: {:.3} ({})", best.gain, best.how);
                assert!(best.gain <= HOLDS, "{:.3} by {}", best.gain, best.how);
            }
        }
    }
}
