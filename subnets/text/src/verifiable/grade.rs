//! Grades of tasks with a check: the number of steps that an answer depends on.
//!
//! A solver that errs in a step with chance `e` solves grade `g` with chance `(1 - e)^g`. So grades are spread evenly
//! over *doublings*: 1, 2 to 3, 4 to 7 and so on up to the level. A solver that errs half as often then gains one
//! doubling, wherever it stands. Grades that are all small could not tell 0.99 from 0.995, and grades that are all
//! large could not tell 0.9 from nothing.
//!
//! The level follows the best miner ([`Ladder`]). It decides which tasks are drawn, and nothing about their scores, so
//! an auditor needs only the tasks.

use std::collections::BTreeMap;

use myelin_wire::{hash::to_hex, seed::SeedRng, AccountId};
use serde::{Deserialize, Serialize};

/// Level of a new validator: grades up to 15.
pub const START: u8 = 3;
/// Highest level: grades up to 255. Such a task takes 15 to 30 KB, which a validator sends and keeps for each answer.
pub const TOP: u8 = 7;
/// Highest level of programs: up to 31 steps fit an answer.
pub const TOP_OF_PROGRAMS: u8 = 4;
/// Right answers of one miner to the hardest tasks, above its wrong ones, after which the level rises.
const RISE: u8 = 8;
/// Answers in a row to the hardest tasks, none of them right, after which the level falls.
const FALL: u16 = 512;
/// Most miners whose runs are kept.
const MINERS: usize = 4_096;

/// The level of grades `2^level` to `2^(level + 1) - 1`.
pub fn level_of(grade: u32) -> u8 {
    grade.max(1).ilog2() as u8
}

/// Draws a grade: each doubling up to `level` is as likely as any other, and so is each grade in it.
pub fn draw(level: u8, rng: &mut SeedRng) -> u32 {
    let least = 1 << rng.below(u64::from(level.min(TOP)) + 1);
    rng.range(least, 2 * least - 1) as u32
}

/// The level of a validator, and the runs of its miners.
///
/// The level rises when one miner is right more often than wrong at the hardest tasks, by [`RISE`] answers. One miner
/// suffices, however many others are weak. It falls when nobody is right any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ladder {
    level: u8,
    /// Right answers above wrong ones at this level, by miner; zeros are left out.
    runs: BTreeMap<String, u8>,
    /// Answers at this level since the last right one.
    idle: u16,
}

impl Default for Ladder {
    fn default() -> Self {
        Self::at(START)
    }
}

impl Ladder {
    fn at(level: u8) -> Self {
        Self { level, runs: BTreeMap::new(), idle: 0 }
    }

    /// The level up to which grades are drawn; a level that was kept is brought into range.
    pub fn level(&self) -> u8 {
        self.level.clamp(START, TOP)
    }

    /// Takes note of a judged answer.
    pub fn note(&mut self, hotkey: &AccountId, grade: u32, right: bool) {
        let level = self.level();
        if level_of(grade) != level {
            return;
        }
        let miner = to_hex(hotkey);
        let run = self.runs.get(&miner).copied().unwrap_or_default();
        let (run, idle) = match right {
            true => (run.saturating_add(1), 0),
            false => (run.saturating_sub(1), self.idle.saturating_add(1)),
        };
        self.idle = idle;
        match run {
            0 => drop(self.runs.remove(&miner)),
            RISE.. if level < TOP => *self = Self::at(level + 1),
            // At the top nothing can rise, and new miners beyond the limit wait until others err.
            _ if self.runs.len() < MINERS || self.runs.contains_key(&miner) => {
                self.runs.insert(miner, run.min(RISE));
            }
            _ => {}
        }
        if self.idle >= FALL && level > START {
            *self = Self::at(level - 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use myelin_wire::seed::Seed;

    use super::*;

    fn play(ladder: &mut Ladder, miner: u8, chance: f64, answers: u32, rng: &mut SeedRng) {
        for _ in 0..answers {
            let grade = draw(ladder.level(), rng);
            let right = (rng.below(1 << 32) as f64) < chance.powi(grade as i32) * f64::from(u32::MAX);
            ladder.note(&[miner; 32], grade, right);
        }
    }

    #[test]
    fn every_doubling_is_drawn_alike() {
        let mut rng = Seed([1; 32]).rng();
        let mut counts = [0; TOP as usize + 1];
        for _ in 0..8_000 {
            let grade = draw(TOP, &mut rng);
            assert!((1..256).contains(&grade), "{grade}");
            counts[usize::from(level_of(grade))] += 1;
        }
        assert!(counts.iter().all(|count| (850..1150).contains(count)), "{counts:?}");
        assert!((0..1_000).all(|_| draw(200, &mut rng) < 256), "a level out of range");
    }

    #[test]
    fn the_level_follows_the_best_miner_whatever_the_others_do() {
        let mut rng = Seed([2; 32]).rng();
        let mut reached = Vec::new();
        for best in [0.5, 0.8, 0.9, 0.97, 0.99, 1.0] {
            let mut ladder = Ladder::default();
            for _ in 0..60 {
                play(&mut ladder, 1, best, 60, &mut rng);
                (2..12).for_each(|weak| play(&mut ladder, weak, 0.01, 60, &mut rng));
            }
            reached.push(ladder.level());
        }
        assert!(reached.windows(2).all(|pair| pair[0] <= pair[1]), "{reached:?}");
        assert_eq!((reached[0], reached[5]), (START, TOP), "{reached:?}");
        assert!((4..=6).contains(&reached[3]), "{reached:?}");
    }

    #[test]
    fn a_perfect_miner_reaches_the_top_within_a_few_rounds_and_its_end_brings_the_level_down() {
        let mut rng = Seed([3; 32]).rng();
        let mut ladder = Ladder::default();
        // A round judges about 64 such answers of a miner.
        play(&mut ladder, 1, 1.0, 6 * 64, &mut rng);
        assert_eq!(ladder.level(), TOP);
        play(&mut ladder, 2, 0.0, 20_000, &mut rng);
        assert_eq!(ladder.level(), START);
    }

    #[test]
    fn runs_are_bounded() {
        let mut ladder = Ladder::at(TOP);
        for number in 0..2 * MINERS as u64 {
            let mut hotkey = [0; 32];
            hotkey[..8].copy_from_slice(&number.to_le_bytes());
            ladder.note(&hotkey, 255, true);
        }
        assert_eq!(ladder.runs.len(), MINERS);
        assert_eq!(Ladder { level: 99, ..Ladder::default() }.level(), TOP);
    }
}
