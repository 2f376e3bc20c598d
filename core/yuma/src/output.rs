//! Results of an epoch: values to store and amounts to pay, nothing else.

use alloc::vec::Vec;
use myelin_units::Uid;

/// The result of one mechanism's epoch. Vectors are indexed by uid; proportions are in 65535ths, floored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EpochOutput {
    /// Share of the subnet's stake.
    pub stake_weight: Vec<u16>,
    /// Largest weight that the majority of stake supports.
    pub consensus: Vec<u16>,
    /// Share of the miners' earnings.
    pub incentive: Vec<u16>,
    /// Share of the validators' earnings.
    pub dividends: Vec<u16>,
    /// Sum of a validator's weights after clipping at consensus.
    pub validator_trust: Vec<u16>,
    /// Rao earned for incentive.
    pub server_emission: Vec<u64>,
    /// Rao earned for dividends.
    pub validator_emission: Vec<u64>,
    /// Rao earned together, floored once.
    pub emission: Vec<u64>,
    /// Whether the neuron set weights recently enough.
    pub active: Vec<bool>,
    /// Validator permits for the next epoch.
    pub permits: Vec<bool>,
    /// Bonds to store: row by validator, entries `(uid, bond)` by rising uid; empty without a new permit.
    pub bonds: Vec<Vec<(Uid, u16)>>,
    /// See [`most_remembered`](crate::framing::most_remembered); empty where no proof is demanded.
    pub outvoted: Vec<(Uid, Uid)>,
}
