//! Composes series of a validator's own, with the ways of real ones.
//!
//! A composed series is nowhere to be looked up. Its steps have some of the features of prices, demand and
//! measurements: clusters of volatility, heavy tails, seasons of mean and volatility, momentum, a level to which it
//! returns, drift, two regimes, jumps. Cont 2001, "Empirical properties of asset returns", lists most of them. How
//! often each occurs, and how strong it is, follows from the validator's secret.
//!
//! Only additions, multiplications, divisions and square roots of 64-bit floats are used. IEEE 754 defines their
//! results to the last bit, so the same seed gives the same series on every machine.

use myelin_wire::seed::{Seed, SeedRng};

/// Steps before the first point that is shown, until the start is forgotten.
const WARM_UP: usize = 256;
/// Mean size of a step of the shown part, in ticks.
pub const USUAL_STEP: f64 = 1000.0;
/// Lengths of seasons.
const SEASONS: [usize; 4] = [7, 12, 24, 48];
/// Degrees of freedom of shocks; 0 for normal ones.
const TAILS: [u32; 4] = [0, 3, 4, 6];
/// Largest variance of a step against the usual one.
const MOST_VARIANCE: f64 = 30.0;

/// Composes series by a secret.
#[derive(Clone, Debug)]
pub struct Composer {
    habits: Habits,
}

/// How often series have a feature, each from 0 to 1.
#[derive(Clone, Debug)]
struct Habits {
    clusters: f64,
    volatile_seasons: f64,
    seasons: f64,
    momentum: f64,
    return_to_level: f64,
    drift: f64,
    regimes: f64,
    jumps: f64,
    /// The strength of all of them, from 0.75 to 1.25.
    strength: f64,
}

/// A composed series: what is shown, and what comes after it, in ticks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    /// The past.
    pub shown: Vec<i32>,
    /// The future.
    pub hidden: Vec<i32>,
}

impl Composer {
    /// The composer of a secret.
    pub fn new(secret: &[u8; 32]) -> Self {
        let mut rng = Dice(Seed(*secret).derive(b"finance habits", 0).rng());
        let habits = Habits {
            clusters: rng.between(0.4, 0.8),
            volatile_seasons: rng.between(0.2, 0.6),
            seasons: rng.between(0.2, 0.6),
            momentum: rng.between(0.3, 0.7),
            return_to_level: rng.between(0.2, 0.5),
            drift: rng.between(0.1, 0.3),
            regimes: rng.between(0.1, 0.4),
            jumps: rng.between(0.1, 0.4),
            strength: rng.between(0.75, 1.25),
        };
        Self { habits }
    }

    /// The series of a task: `shown` points and `hidden` points behind them.
    pub fn compose(&self, seed: &Seed, shown: usize, hidden: usize) -> Series {
        let (mut process, mut values, mut rng) = self.begin(seed, shown);
        let tick = tick(&values);
        values.extend((0..hidden).map(|_| process.step(&mut rng)));
        let first = values[0];
        let start = rng.between(-50.0, 50.0) * USUAL_STEP;
        let largest = f64::from(crate::protocol::LARGEST);
        let ticks = |value: &f64| (start + (value - first) / tick).clamp(-largest, largest) as i32;
        let ticks: Vec<i32> = values.iter().map(ticks).collect();
        Series { shown: ticks[..shown].to_vec(), hidden: ticks[shown..].to_vec() }
    }

    /// The process of a task behind the shown points, and those.
    fn begin(&self, seed: &Seed, shown: usize) -> (Process, Vec<f64>, Dice) {
        let mut rng = Dice(seed.derive(b"finance series", 0).rng());
        let mut process = Process::draw(&self.habits, &mut rng);
        for _ in 0..WARM_UP {
            process.step(&mut rng);
        }
        let values = (0..shown).map(|_| process.step(&mut rng)).collect();
        (process, values, rng)
    }

    /// Other ways in which the series of a task might have gone on, in ticks from its last shown value.
    #[cfg(test)]
    pub(crate) fn ways(&self, seed: &Seed, shown: usize, hidden: usize, count: usize) -> Vec<Vec<i32>> {
        let (process, values, _) = self.begin(seed, shown);
        let tick = tick(&values);
        let mut rng = Dice(seed.derive(b"other ways", 0).rng());
        let mut way = || {
            let mut process = process.clone();
            let mut moved = || ((process.step(&mut rng) - values[shown - 1]) / tick) as i32;
            (0..hidden).map(|_| moved()).collect()
        };
        (0..count).map(|_| way()).collect()
    }
}

/// The size of a tick for which the mean step is as large as usual.
fn tick(shown: &[f64]) -> f64 {
    let steps: f64 = shown.windows(2).map(|two| (two[1] - two[0]).abs()).sum();
    (steps / shown.len().saturating_sub(1).max(1) as f64).max(1e-9) / USUAL_STEP
}

/// A process that makes steps.
#[derive(Clone)]
struct Process {
    tail: u32,
    /// Weights of the last squared shock and of the last variance in the next variance; the rest is constant.
    clusters: (f64, f64),
    /// Of each place in the season: the factor of shocks, and the mean.
    season: Vec<(f64, f64)>,
    momentum: f64,
    reversion: f64,
    drift: f64,
    regimes: bool,
    jumps: bool,
    at: usize,
    variance: f64,
    last: f64,
    level: f64,
    excited: bool,
}

impl Process {
    fn draw(habits: &Habits, rng: &mut Dice) -> Self {
        let strength = habits.strength;
        let shock = strength * rng.between(0.03, 0.16);
        let persistence = rng.between(0.85, 0.99).max(shock);
        let clusters = if rng.happens(habits.clusters) { (shock, persistence - shock) } else { (0.0, 0.0) };
        let length = SEASONS[rng.0.index(SEASONS.len()).unwrap_or_default()];
        let mut season = vec![(1.0, 0.0); length];
        if rng.happens(habits.volatile_seasons) {
            let depth = (strength * rng.between(0.3, 0.7)).min(0.9);
            let peak = rng.0.below(length as u64) as usize;
            for (at, place) in season.iter_mut().enumerate() {
                let away = ((at + length - peak) % length) as f64 / length as f64;
                place.0 = 1.0 + depth * (1.0 - 4.0 * away.min(1.0 - away));
            }
        }
        if rng.happens(habits.seasons) {
            let size = strength * rng.between(0.15, 0.7);
            season.iter_mut().for_each(|place| place.1 = size * rng.normal());
            let mean = season.iter().map(|place| place.1).sum::<f64>() / length as f64;
            season.iter_mut().for_each(|place| place.1 -= mean);
        }
        let often = |often: f64, rng: &mut Dice, low: f64, high: f64| {
            let value = strength * rng.between(low, high);
            if rng.happens(often) {
                value
            } else {
                0.0
            }
        };
        Self {
            tail: TAILS[rng.0.index(TAILS.len()).unwrap_or_default()],
            clusters,
            season,
            momentum: often(habits.momentum, rng, -0.35, 0.35),
            reversion: often(habits.return_to_level, rng, 0.01, 0.12),
            drift: often(habits.drift, rng, -0.1, 0.1),
            regimes: rng.happens(habits.regimes),
            jumps: rng.happens(habits.jumps),
            at: 0,
            variance: 1.0,
            last: 0.0,
            level: 0.0,
            excited: false,
        }
    }

    /// The next value.
    fn step(&mut self, rng: &mut Dice) -> f64 {
        let (factor, mean) = self.season[self.at % self.season.len()];
        self.at += 1;
        self.excited ^= self.regimes && rng.happens(1.0 / 60.0);
        let usual = factor * if self.excited { 2.5 } else { 1.0 };
        let mut shock = self.variance.sqrt() * rng.shock(self.tail);
        if self.jumps && rng.happens(0.01) {
            shock += 6.0 * rng.normal();
        }
        let (fresh, old) = self.clusters;
        let next = (1.0 - fresh - old) + fresh * shock * shock + old * self.variance;
        self.variance = if fresh > 0.0 { next.clamp(0.05, MOST_VARIANCE) } else { 1.0 };
        self.last =
            self.drift + mean + self.momentum * self.last - self.reversion * self.level + usual * shock;
        self.level += self.last;
        self.level
    }
}

/// Draws floats.
struct Dice(SeedRng);

impl Dice {
    /// A number in `[0, 1)`.
    fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    fn happens(&mut self, often: f64) -> bool {
        self.unit() < often
    }

    /// Nearly normal, with mean 0 and variance 1: the sum of twelve numbers of 16 bits, less 6.
    fn normal(&mut self) -> f64 {
        let mut sum = 0u64;
        for _ in 0..3 {
            let word = self.0.next_u64();
            sum += (0..4).map(|part| (word >> (16 * part)) & 0xffff).sum::<u64>();
        }
        (sum as f64 + 6.0) / 65_536.0 - 6.0
    }

    /// A shock of mean 0 and usual size 1: of Student's t with `tail` degrees of freedom, or normal for 0.
    fn shock(&mut self, tail: u32) -> f64 {
        let normal = self.normal();
        if tail == 0 {
            return normal;
        }
        let squares: f64 = (0..tail)
            .map(|_| {
                let drawn = self.normal();
                drawn * drawn
            })
            .sum();
        let tail = f64::from(tail);
        normal / (squares / tail).max(1e-6).sqrt() * ((tail - 2.0) / tail).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_and_a_secret_make_a_series() {
        let composer = Composer::new(&[1; 32]);
        let series = composer.compose(&Seed([2; 32]), 384, 48);
        assert_eq!((series.shown.len(), series.hidden.len()), (384, 48));
        assert_eq!(composer.compose(&Seed([2; 32]), 384, 48), series);
        assert_ne!(composer.compose(&Seed([3; 32]), 384, 48), series);
        assert_ne!(Composer::new(&[2; 32]).compose(&Seed([2; 32]), 384, 48), series);
    }

    #[test]
    fn steps_have_the_usual_size_and_all_values_are_small() {
        let composer = Composer::new(&[7; 32]);
        for seed in 0..200 {
            let series = composer.compose(&Seed([seed; 32]), 384, 48);
            let steps: f64 =
                series.shown.windows(2).map(|two| f64::from(two[1]) - f64::from(two[0])).map(f64::abs).sum();
            let usual = steps / 383.0;
            assert!((usual - USUAL_STEP).abs() < 5.0, "{seed}: {usual}");
            let largest = series.shown.iter().chain(&series.hidden).map(|value| value.abs()).max();
            assert!(largest.is_some_and(|largest| largest < 10_000_000), "{seed}: {largest:?}");
        }
    }

    #[test]
    fn shocks_have_mean_nought_and_size_one() {
        let mut dice = Dice(Seed([9; 32]).rng());
        for tail in TAILS {
            let shocks: Vec<f64> = (0..20_000).map(|_| dice.shock(tail)).collect();
            let mean = shocks.iter().sum::<f64>() / 20_000.0;
            let variance = shocks.iter().map(|shock| shock * shock).sum::<f64>() / 20_000.0;
            assert!(mean.abs() < 0.03 && (0.6..1.6).contains(&variance), "{tail}: {mean} {variance}");
        }
    }
}
