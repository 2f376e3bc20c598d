//! Epochs: when they run, what they read, what they leave behind.
//!
//! The rules are in `myelin-yuma`. [`schedule`] says when a subnet’s epoch is due, [`gather`] turns storage into the plain input of
//! each mechanism, [`apply`] stores what the epoch decided; [`run`] does the three for all mechanisms of a subnet.

pub mod apply;
pub mod gather;
pub mod schedule;

use alloc::vec::Vec;

use myelin_units::{AlphaBalance, Block, MechId, I64F64};
use myelin_yuma::{mechanisms, run_epoch, step::stake::counted_stake};

use crate::{
    pallet::{Config, MechanismEmissionSplit, StakeThreshold},
    subnets::SubnetRegistry,
    voting::{Standing, VotingPowers},
};

pub use gather::Roll;
pub use schedule::EpochClock;

/// What an epoch gave to one neuron.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reward {
    /// For its work as a miner.
    pub incentive: AlphaBalance,
    /// For its judgement as a validator. It only sets proportions.
    pub dividend: AlphaBalance,
}

/// Runs the epoch of a subnet, stores its results, and tells who earned what of `emission`, by uid.
pub fn run<T: Config>(roll: &Roll<T>, emission: AlphaBalance, now: Block) -> Vec<Reward> {
    let netuid = roll.netuid;
    let count = SubnetRegistry::<T>::mechanism_count(netuid).max(1);
    let split = MechanismEmissionSplit::<T>::get(netuid);
    let parts = mechanisms::split_emission(emission.to_rao(), count.into(), split.as_deref());
    let mut counted = Vec::new();
    let outputs: Vec<_> = (0..count)
        .zip(&parts)
        .map(|(mecid, &part): (MechId, &u64)| {
            let input = gather::input::<T>(roll, mecid, part, now);
            let output = run_epoch(&input);
            apply::mechanism::<T>(netuid, mecid, &input, &output);
            // The same for every mechanism.
            counted = counted_stake(&input.total_stake, input.params.stake_threshold, input.owner_uid);
            output
        })
        .collect();
    let total = mechanisms::aggregate(&outputs, &parts);
    apply::subnet::<T>(netuid, &total);
    follow_votes::<T>(roll, &counted, &total.permits, now);
    let earned = total.server_emission.into_iter().zip(total.validator_emission);
    earned
        .map(|(incentive, dividend)| Reward { incentive: incentive.into(), dividend: dividend.into() })
        .collect()
}

/// Moves the voting power of a subnet’s validators, if it is tracked.
fn follow_votes<T: Config>(roll: &Roll<T>, counted: &[I64F64], permits: &[bool], now: Block) {
    let neurons: Vec<_> = roll
        .seats
        .iter()
        .zip(counted.iter().zip(permits))
        .map(|(seat, (stake, &permit))| Standing { hotkey: &seat.hotkey, stake: stake.floor_u64(), permit })
        .collect();
    VotingPowers::<T>::follow_epoch(roll.netuid, &neurons, StakeThreshold::<T>::get(), now);
}
