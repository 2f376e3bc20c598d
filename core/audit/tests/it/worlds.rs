//! Epochs with miners that are away, late answers, broken lines, and a validator that makes claims up.

use myelin_audit::claims::{compare, Claims, Count};

/// Numbers from a seed.
pub struct Random(pub u64);

impl Random {
    /// The next number, at least 0 and below 1.
    pub fn part(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as f64 / f64::from(1u32 << 31)
    }
}

/// A kind of epochs. Times are parts of an epoch.
#[derive(Clone, Copy, Debug)]
pub struct World {
    /// Validators, 16 miners and rounds.
    pub validators: u16,
    pub rounds: u16,
    /// Requests of a validator to a miner in a round.
    pub requests: u16,
    /// Largest part of answers that are late, different for each miner and the same for all validators.
    pub late: f64,
    /// Part of the miners that are away for up to half of the epoch.
    pub away: f64,
    /// Part of the pairs whose line is broken for some time, and the longest such time.
    pub broken: (f64, f64),
    /// Largest part of answers that are late on a line in addition, different for each pair.
    pub slow: f64,
    /// Part of its requests to miner 0 for which validator 0 claims that no answer came.
    pub framed: f64,
}

impl World {
    /// Three validators and six rounds of five requests, and nothing wrong.
    pub const CALM: World = World {
        validators: 3,
        rounds: 6,
        requests: 5,
        late: 0.05,
        away: 0.1,
        broken: (0.0, 0.0),
        slow: 0.0,
        framed: 0.0,
    };
    /// Miners.
    pub const MINERS: u16 = 16;

    fn epoch(&self, random: &mut Random) -> Vec<Claims> {
        let mut claims = Vec::new();
        for miner in 0..Self::MINERS {
            let late = random.part() * self.late;
            let away = gap(random, self.away, 0.5);
            for validator in 0..self.validators {
                let (broken, slow) = (gap(random, self.broken.0, self.broken.1), random.part() * self.slow);
                let framed = if (validator, miner) == (0, 0) { self.framed } else { 0.0 };
                let round = |round: u16, random: &mut Random| {
                    // Each validator asks in a tenth of the round, at a time of its own.
                    let start = random.part() * 0.9;
                    let mut count = Count { asked: u64::from(self.requests), denied: 0 };
                    for _ in 0..self.requests {
                        let at = (f64::from(round) + start + random.part() * 0.1) / f64::from(self.rounds);
                        let within = |(from, to): (f64, f64)| from <= at && at < to;
                        let silent = within(away) || within(broken) || random.part() < late;
                        let slow = random.part() < slow;
                        count.denied += u64::from(silent || slow || random.part() < framed);
                    }
                    count
                };
                let rounds = (0..self.rounds).map(|number| round(number, random)).collect();
                claims.push(Claims { validator, miner: (miner, [0; 16]), rounds });
            }
        }
        claims
    }

    /// Part of the epochs in which the framed pair is found.
    pub fn power(&self, epochs: u32) -> f64 {
        let mut random = Random(5);
        let found = (0..epochs).filter(|_| {
            let alone = compare(&self.epoch(&mut random)).alone;
            alone.iter().any(|finding| (finding.validator, finding.miner.0) == (0, 0))
        });
        found.count() as f64 / f64::from(epochs)
    }

    /// Findings about honest pairs in a thousand epochs.
    pub fn alarms(&self, epochs: u32) -> f64 {
        let mut random = Random(3);
        let honest = |random: &mut Random| {
            let alone = compare(&self.epoch(random)).alone;
            alone.iter().filter(|finding| (finding.validator, finding.miner.0) != (0, 0)).count()
        };
        let found: usize = (0..epochs).map(|_| honest(&mut random)).sum();
        found as f64 * 1_000.0 / f64::from(epochs)
    }
}

/// With this chance, a time of up to this length.
fn gap(random: &mut Random, chance: f64, longest: f64) -> (f64, f64) {
    let (is_there, length) = (random.part() < chance, random.part() * longest);
    let from = random.part() * (1.0 - length);
    if is_there {
        (from, from + length)
    } else {
        (0.0, 0.0)
    }
}
