//! The report that a running validator publishes.

use std::{collections::BTreeMap, time::Duration};

use myelin_wire::record::Ppm;

use crate::{
    chain::WeightVector,
    evaluation::{Decline, Evaluated},
    subnet::MinerRef,
};

/// Report of a validator.
#[derive(Clone, Debug, Default)]
pub struct ValidatorReport {
    /// The subnet's epoch index as last seen.
    pub epoch: u64,
    /// Block as last seen.
    pub block: u64,
    /// Whether this validator holds a permit.
    pub permit: bool,
    /// The last round that was judged.
    pub last_round: Option<RoundReport>,
    /// Averages by mechanism and uid.
    pub standings: Vec<ValidatorStanding>,
    /// Miners whose answers have got worse since this validator was started, by mechanism and uid, each with its last
    /// decline.
    pub declines: BTreeMap<(u8, u16), MinerDecline>,
    /// Weights last submitted by mechanism, with the epoch in which they were.
    pub weights: BTreeMap<u8, (u64, WeightVector)>,
    /// Epoch in which the last commitment was revealed.
    pub revealed_in: Option<u64>,
    /// Evidence of other validators that it holds, where proof is demanded.
    pub held: Option<HeldEvidence>,
    /// The last error.
    pub trouble: Option<String>,
}

/// Evidence of other validators that a validator holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldEvidence {
    /// The epoch.
    pub epoch: u64,
    /// Validators whose evidence is held.
    pub held: usize,
    /// Other validators with a root on the chain.
    pub of: usize,
    /// Those whose evidence is not held, by uid, with the reason.
    pub missing: Vec<(u16, String)>,
}

/// Quality of a miner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ValidatorStanding {
    /// The mechanism.
    pub mechanism: u8,
    /// The miner.
    pub miner: MinerRef,
    /// Its average score.
    pub average: Ppm,
    /// Rounds that entered it.
    pub rounds: u32,
}

/// A miner that has got worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MinerDecline {
    /// The miner.
    pub miner: MinerRef,
    /// Epoch and round in which the decline was found.
    pub at: (u64, u16),
    /// Scores before and after.
    pub decline: Decline,
}

/// A judged round.
#[derive(Clone, Debug)]
pub struct RoundReport {
    /// Epoch of the round.
    pub epoch: u64,
    /// The round.
    pub round: u16,
    /// Scores, records and repeats of all mechanisms.
    pub evaluated: Evaluated,
    /// Time from drawing the seeds to the last answer.
    pub asking: Duration,
    /// Time to judge the answers.
    pub judging: Duration,
}
