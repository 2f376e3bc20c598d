//! Epochs: their schedule, inputs and results.
//!
//! The rules are in `myelin-yuma`. [`schedule`] decides when a subnet's epoch is due, [`gather`] turns storage into the
//! plain input of each mechanism, and [`apply`] stores the results. [`run`] does the three for all mechanisms of a
//! subnet.

pub mod apply;
pub mod gather;
pub mod schedule;
pub(crate) mod storage;

use alloc::vec::Vec;

use myelin_units::{AlphaBalance, Block, MechId, I64F64};
use myelin_yuma::{mechanisms, run_epoch, step::stake::counted_stake, EpochInput, EpochOutput};

use crate::{
    elections::Measures,
    evidence::EvidenceLedger,
    pallet::{Config, StakeThreshold},
    subnets::{EmissionSplits, SubnetRegistry},
    voting::{Standing, VotingPowers},
};

pub use gather::Roll;
pub use schedule::EpochClock;

/// Result of an epoch for one neuron.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reward {
    /// Payment for its work as a miner.
    pub incentive: AlphaBalance,
    /// Dividend for its weights as a validator. It only sets proportions.
    pub dividend: AlphaBalance,
}

/// Counts of weights, bonds and commits in an epoch, on all mechanisms of a subnet.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Opinions {
    /// Neurons whose rows of weights and bonds were read.
    pub rows: u64,
    /// Entries of these rows; of weights or bonds, whichever has more. Half as many more where proof is demanded, since
    /// ranks look at weights again there.
    pub entries: u64,
    /// Neurons whose commits were searched.
    pub commits: u64,
    /// Validators whose proofs were looked up.
    pub proofs: u64,
    /// Validators whose evidence nobody else holds.
    pub withheld: u64,
    /// Steps of measuring validators for elections; 0 while elections are off.
    pub measured: u64,
}

impl Opinions {
    /// Adds the counts of one mechanism. The owner may set weights without a permit, so one row more may be read.
    fn count<T: Config>(&mut self, roll: &Roll<T>, input: &EpochInput, output: &EpochOutput) {
        let looked_at =
            roll.seats.iter().zip(&input.permits).filter(|(seat, permit)| seat.bonded || **permit);
        let rows = looked_at.count().saturating_add(1);
        let length = |rows: &[Vec<_>]| rows.iter().map(Vec::len).sum::<usize>();
        let bonds = length(&input.bonds).max(length(&output.bonds));
        let commits = if input.params.commit_reveal { roll.seats.len() } else { 0 };
        let proofs = if input.unproven.is_empty() { 0 } else { rows };
        let entries = length(&input.weights).max(bonds);
        let again = if input.unproven.is_empty() { 0 } else { entries.div_ceil(2) };
        self.rows = self.rows.saturating_add(rows as u64);
        self.entries = self.entries.saturating_add(entries.saturating_add(again) as u64);
        self.commits = self.commits.saturating_add(commits as u64);
        self.proofs = self.proofs.saturating_add(proofs as u64);
    }
}

/// Runs the epoch of a subnet and stores its results. Returns the reward of each uid out of `emission`, and the counts.
pub fn run<T: Config>(roll: &Roll<T>, emission: AlphaBalance, now: Block) -> (Vec<Reward>, Opinions) {
    let netuid = roll.netuid;
    let count = SubnetRegistry::<T>::mechanism_count(netuid).max(1);
    let split = EmissionSplits::<T>::in_force(netuid, now);
    let parts = mechanisms::split_emission(emission.to_rao(), count.into(), split.as_deref());
    let (mut counted, mut opinions) = (Vec::new(), Opinions::default());
    let mut measures = Measures::begin::<T>(roll);
    let outputs: Vec<_> = (0..count)
        .zip(&parts)
        .map(|(mecid, &part): (MechId, &u64)| {
            opinions.withheld = opinions.withheld.saturating_add(EvidenceLedger::<T>::close(roll, mecid));
            let input = gather::input::<T>(roll, mecid, part, now);
            let output = run_epoch(&input);
            apply::mechanism::<T>(netuid, mecid, &input, &output);
            opinions.count(roll, &input, &output);
            if let Some(measures) = &mut measures {
                opinions.measured = opinions.measured.saturating_add(measures.add::<T>(roll, mecid, &input));
            }
            // The same for every mechanism.
            counted = counted_stake(&input.total_stake, input.params.stake_threshold, input.owner_uid);
            output
        })
        .collect();
    let total = mechanisms::aggregate(&outputs, &parts);
    apply::subnet::<T>(netuid, &total);
    if let Some(measures) = measures {
        measures.deliver::<T>(roll, &total.active);
    }
    follow_votes::<T>(roll, &counted, &total.permits, now);
    let earned = total.server_emission.into_iter().zip(total.validator_emission);
    let reward =
        |(incentive, dividend): (u64, u64)| Reward { incentive: incentive.into(), dividend: dividend.into() };
    (earned.map(reward).collect(), opinions)
}

/// Moves the voting power of a subnet's validators, if it is tracked.
fn follow_votes<T: Config>(roll: &Roll<T>, counted: &[I64F64], permits: &[bool], now: Block) {
    let neurons: Vec<_> = roll
        .seats
        .iter()
        .zip(counted.iter().zip(permits))
        .map(|(seat, (stake, &permit))| Standing { hotkey: &seat.hotkey, stake: stake.floor_u64(), permit })
        .collect();
    VotingPowers::<T>::follow_epoch(roll.netuid, &neurons, StakeThreshold::<T>::get(), now);
}
