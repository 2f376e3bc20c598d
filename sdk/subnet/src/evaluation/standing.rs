//! How good a miner has been of late.

use myelin_wire::record::Ppm;
use serde::{Deserialize, Serialize};

/// A miner's moving average, kept by hotkey, so that a newcomer on an old uid inherits nothing.
///
/// The average is exponential, in millionths of a millionth, so that small differences survive many rounds:
/// `average ← average + floor(rate · (score − average))`, floored toward minus infinity. The first round sets it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    average: u64,
    rounds: u32,
    faults: FaultAllowance,
}

const SCALE: i128 = 1_000_000;

impl Standing {
    /// Takes in the score of one round.
    pub fn update(&mut self, score: Ppm, rate: Ppm) {
        let score = i128::from(score.get()) * SCALE;
        let average = i128::from(self.average);
        let moved = match self.rounds {
            0 => score,
            _ => average + (i128::from(rate.get()) * (score - average)).div_euclid(SCALE),
        };
        self.average = u64::try_from(moved.clamp(0, SCALE * SCALE)).unwrap_or_default();
        self.rounds = self.rounds.saturating_add(1);
    }

    /// The average in millionths.
    pub fn average(&self) -> Ppm {
        Ppm::new((self.average / SCALE as u64) as u32)
    }

    /// Rounds that entered the average.
    pub fn rounds(&self) -> u32 {
        self.rounds
    }

    /// The miner's allowance of network faults.
    pub fn faults(&mut self) -> &mut FaultAllowance {
        &mut self.faults
    }
}

/// One fault of the network per epoch is nobody's fault.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultAllowance {
    epoch: u64,
    used: bool,
}

impl FaultAllowance {
    /// Whether a fault in `epoch` is excused; the first one is, and uses the allowance up.
    pub fn excuse(&mut self, epoch: u64) -> bool {
        if self.epoch != epoch {
            *self = FaultAllowance { epoch, used: false };
        }
        !std::mem::replace(&mut self.used, true)
    }
}

#[cfg(test)]
mod tests;
