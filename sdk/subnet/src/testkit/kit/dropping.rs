//! The gain of a miner that leaves out tasks of which it is unsure, and knows exactly how unsure it should be.
//!
//! Searched: how many tasks it leaves out, in which waves, and how; for machines of several sizes. Every answer counts
//! here as if it were judged, and the scores of answers are spread evenly over the round, so luck decides nothing.

use std::fmt;

use myelin_wire::{record::Ppm, seed::Seed};

use super::{
    identities::stage,
    machine::{Dropping, Machine, Order, Stage, Worked},
    Finding, Hall, Luck,
};
use crate::{
    evaluation::{
        load::{End, Sequence, Tally},
        LoadRule, SeedReference, Waves,
    },
    subnet::SubnetError,
    testkit::contest::Contest,
};

const PROMISE: &str = "leaving out what one is unsure of gains at most 1.02";
/// Largest gain allowed.
const BOUND: f64 = 1.02;
/// Part of the answers that is right; the others have the scores that an oracle gives to wrong answers.
const RIGHT: u32 = 600_000;
/// Parts of all tasks that are left out, those with the lowest scores.
const PARTS: [f64; 6] = [0.03, 0.06, 0.11, 0.2, 0.3, 0.4];
/// Waves in which a miner leaves tasks out: the first ones, or the last ones that an honest miner reaches.
const SPANS: [Span; 6] =
    [Span::First(1), Span::First(3), Span::Last(1), Span::Last(2), Span::Last(3), Span::Last(9)];
/// Work of a machine, as a part of the largest load.
const MACHINES: [f64; 4] = [0.3, 0.6, 0.9, 1.5];
/// Rounds that each way is played for.
const ROUNDS: u8 = 4;
/// Three numbers for miners that choose their end: rounds, answers that a miner may give up there, and wrong answers
/// that it may send in their place. Luck decides here, so there are more rounds.
const ENDS: usize = 64;
const GIVEN_UP: usize = 48;
const PADDED: usize = 3;
const WAYS: [(Dropping, &str); 5] = [
    (Dropping::Refuses, "refusing at once"),
    (Dropping::RefusesComputed, "refusing after looking"),
    (Dropping::Silent, "silence"),
    (Dropping::SilentComputed, "silence after looking"),
    (Dropping::Postpones, "silence until asked again"),
];

/// Waves of a round.
#[derive(Clone, Copy, Debug)]
enum Span {
    First(u32),
    Last(u32),
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Span::First(waves) => write!(f, "first waves: {waves}"),
            Span::Last(waves) => write!(f, "last waves: {waves}"),
        }
    }
}

impl Span {
    /// Whether a wave is in this span, if an honest miner reaches wave `last`; the first wave is 0.
    fn holds(self, wave: u32, last: u32) -> bool {
        match self {
            Span::First(waves) => wave < waves,
            Span::Last(waves) => wave + waves > last,
        }
    }
}

pub(super) fn trials<S: Contest>(hall: &Hall<S>) -> Result<Vec<Finding>, SubnetError> {
    let Some(stage) = stage(hall) else { return Ok(Vec::new()) };
    let scores = hall.oracles(&[RIGHT], Luck::Own, 5).concat().into_iter().map(|(score, _)| score);
    let Best { gain, how } = search(&stage, scores.collect());
    let seen = format!(
        "at most {gain:.3} times ({how}) of {} ways, by a miner that is right in {:.2} and knows where it is not",
        MACHINES.len() * (PARTS.len() * WAYS.len() * SPANS.len() + 1),
        f64::from(RIGHT) / 1e6
    );
    Ok(vec![Finding::new(PROMISE, seen, gain <= BOUND)])
}

/// The way that pays most, in units of an honest miner's pay on the same machine.
struct Best {
    gain: f64,
    how: String,
}

/// Tries every way, for a miner whose answers have these scores.
fn search(stage: &Stage, scores: Vec<Ppm>) -> Best {
    let mut best = Best { gain: 0.0, how: String::new() };
    for size in MACHINES {
        let search = Search::of(stage, scores.clone(), size);
        let ways = PARTS.into_iter().flat_map(|part| WAYS.map(|way| (part, way)));
        for ((part, (way, named)), span) in ways.flat_map(|way| SPANS.map(|span| (way, span))) {
            let gain = search.gain(&|wave| (way, if span.holds(wave, search.last) { part } else { 0.0 }));
            if gain > best.gain {
                let how =
                    format!("{named}, {part} of the tasks, {span}, a machine that does {:.0}", search.tasks);
                best = Best { gain, how };
            }
        }
        let gain = search.by_ends();
        if gain > best.gain {
            let how = format!("stopping where it stands best, a machine that does {:.0}", search.tasks);
            best = Best { gain, how };
        }
    }
    best
}

/// A machine of one size, and its pay if it is honest.
struct Search<'a> {
    stage: &'a Stage,
    /// Scores of answers, ascending.
    scores: Vec<Ppm>,
    /// The orders of tasks, by round.
    sequences: Vec<Sequence>,
    /// Tasks that it does in a round.
    tasks: f64,
    /// The last wave of which it answers a task.
    last: u32,
    honest: f64,
}

/// The way in which a miner leaves out tasks of a wave, and the part of them that it leaves out.
type Leaves<'a> = &'a dyn Fn(u32) -> (Dropping, f64);

impl<'a> Search<'a> {
    /// A machine of this size, as a part of the largest load.
    fn of(stage: &'a Stage, mut scores: Vec<Ppm>, size: f64) -> Self {
        scores.sort_unstable();
        let tasks = f64::from(Waves::MOST_BATCHES) * f64::from(stage.batch()) * size;
        let sequence = |name| Sequence::new(SeedReference([name; 32]), stage.batch());
        let sequences = (0..ROUNDS).map(sequence).collect();
        let mut search = Self { stage, scores, sequences, tasks, last: 0, honest: 1.0 };
        let honest: Leaves<'_> = &|_| (Dropping::Not, 0.0);
        search.last = search.work(0, honest).waves(stage.batch());
        search.honest = search.gain(honest).max(1e-9);
        search
    }

    /// The place of a task in the order of the scores of the miner's answers, from 0 to 1. Steps of the golden ratio
    /// spread these places evenly over the order in which the miner gets its tasks.
    fn rank(&self, round: u8, number: u16) -> f64 {
        const GOLDEN: f64 = 0.618_033_988_749_895;
        let place = f64::from(self.sequences[usize::from(round)].place(number));
        (GOLDEN * (place + 0.5) + f64::from(round) / f64::from(ROUNDS)).fract()
    }

    fn work(&self, round: u8, leaves: Leaves<'_>) -> Worked {
        let drops = |_, number: u16| {
            let (way, part) = leaves(Waves::of_batch(number / self.stage.batch()));
            if self.rank(round, number) < part {
                way
            } else {
                Dropping::Not
            }
        };
        let time = self.stage.window as f64 / self.tasks;
        let machine = Machine { allotted: &[Waves::MOST_BATCHES], order: Order::Fair, time, drops: &drops };
        self.stage.work(&machine, &[round], &mut Seed([round; 32]).rng()).remove(0)
    }

    /// Pay for several rounds together, in units of an honest miner's pay.
    fn gain(&self, leaves: Leaves<'_>) -> f64 {
        let (mut done, mut good) = (0.0, 0.0);
        // A refusal is a fault like a wrong answer, whatever an answer is worth, so all of them can be judged.
        let all = Stage { rule: LoadRule { checked: u16::MAX, ..self.stage.rule }, ..self.stage.clone() };
        for round in 0..ROUNDS {
            let score = |number| {
                let at = (self.rank(round, number) * self.scores.len() as f64) as usize;
                self.scores.get(at).copied().unwrap_or_default()
            };
            let tally: Tally = all.tally(&self.work(round, leaves), SeedReference([round; 32]), score);
            let of_round = f64::from(tally.done(all.most).unwrap_or_default().get());
            done += of_round;
            good += of_round * f64::from(tally.quality().unwrap_or_default().get()) / 1e6;
        }
        if done == 0.0 {
            return 0.0;
        }
        done * (good / done).powi(all.rule.sharpness as i32) / self.honest
    }
}

/// Result of a round: the work done, and the work done times its quality.
type Came = (f64, f64);

impl Search<'_> {
    /// Pay of a miner that finds all answers, keeps them back, and gives only the first ones, up to the end that pays
    /// most. Behind that end it may send some wrong answers. In units of its pay for all answers.
    fn by_ends(&self) -> f64 {
        let worked = self.work(0, &|_| (Dropping::Not, 0.0));
        let all = worked.answered.len();
        let mut rng = Seed([9; 32]).rng();
        let mut worth = |_| f64::from(rng.choose(&self.scores).copied().unwrap_or_default().get()) / 1e6;
        let rounds: Vec<Vec<f64>> = (0..ENDS).map(|_| (0..all).map(&mut worth).collect()).collect();
        let sharpness = self.stage.rule.sharpness;
        let sum = |came: &dyn Fn(&Vec<f64>) -> Came| {
            rounds.iter().map(came).fold((0.0, 0.0), |sum, round| (sum.0 + round.0, sum.1 + round.1))
        };
        let pay = |(done, good): Came| done * (good / done).powi(sharpness as i32);
        let honest = sum(&|worths| self.stopped(&worked, worths, all));
        let quality = honest.1 / honest.0;
        // The effect of one round on the pay for all of them, to the first order.
        let change =
            |(done, good): Came| f64::from(sharpness) * good / quality - (f64::from(sharpness) - 1.0) * done;
        let best = |worths: &Vec<f64>| {
            let given = (all.saturating_sub(GIVEN_UP).max(1)..=all).map(|given| &worths[..given]);
            let ends = given.flat_map(|given| (0..=PADDED).map(move |padded| (given, given.len() + padded)));
            let came = ends.map(|(given, end)| self.stopped(&worked, given, end));
            came.max_by(|one, other| change(*one).total_cmp(&change(*other))).unwrap_or_default()
        };
        pay(sum(&best)) / pay(honest)
    }

    /// Result of a round in which the first tasks have answers with these scores, tasks up to the place `end` have
    /// wrong answers, and later tasks none.
    fn stopped(&self, worked: &Worked, worths: &[f64], end: usize) -> Came {
        let batch = self.stage.batch();
        let sent = usize::from(batch * Waves::whole(worked.answered.len().div_ceil(batch.into()) as u16));
        let stop = End::at(end.min(sent) as u16);
        let (mut done, mut good, mut asked) = (0.0, 0.0, 0.0);
        for place in (0..sent).take_while(|place| stop.part(*place as u16) > 0) {
            let weight =
                stop.weight(self.stage.weight(worked.sequence.task(place as u16)), place as u16) as f64;
            done += if place < end { weight } else { 0.0 };
            good += weight * worths.get(place).copied().unwrap_or_default();
            asked += weight;
        }
        (done, done * good / asked)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Right or wrong answers; and the same where a wrong answer has some score, as for text.
    fn worths(right: u32) -> [Vec<Ppm>; 2] {
        let plain = |number: u32| if number < right { Ppm::ONE } else { Ppm::ZERO };
        let graded = |number: u32| Ppm::new(number * 10_000);
        [(0..100).map(plain).collect(), (0..100).map(graded).collect()]
    }

    #[test]
    fn no_way_of_leaving_out_what_is_wrong_pays() {
        for (batch, seconds) in [(10, 10), (6, 8)] {
            for scores in worths(60) {
                let stage = Stage::of(batch, seconds, 100_000);
                let best = search(&stage, scores);
                println!("{batch} tasks in a batch: {:.3} ({})", best.gain, best.how);
                assert!(best.gain <= BOUND, "{:.3} by {}", best.gain, best.how);
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]

        /// No mixture of parts and ways over the waves pays.
        #[test]
        fn no_mixture_of_ways_pays(
            size in 0.05f64..2.0,
            right in 5u32..98,
            graded in 0usize..2,
            sharpness in 1u32..9,
            batch in 5u16..11,
            ways in prop::collection::vec((0usize..WAYS.len(), 0.0f64..0.6), 6),
        ) {
            let mut stage = Stage::of(batch, 8, 100_000);
            stage.rule.sharpness = sharpness;
            let search = Search::of(&stage, worths(right)[graded].clone(), size);
            let leaves = |wave: u32| {
                let (way, part) = ways[(wave as usize).min(ways.len() - 1)];
                (WAYS[way].0, part)
            };
            let gain = search.gain(&leaves);
            prop_assert!(gain <= BOUND, "{gain}");
        }
    }
}
