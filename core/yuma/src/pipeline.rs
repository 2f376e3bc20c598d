//! The epoch as a sequence of its steps.

use crate::framing;
use crate::input::EpochInput;
use crate::output::EpochOutput;
use crate::schedule::activity_cutoff;
use crate::step::bonds::{self, BondWeights, Bonds, StoredBonds, Unlisted};
use crate::step::{activity, alpha, consensus, dividends, emission, permits, ranks, stake, weights};
use alloc::vec::Vec;
use myelin_units::I32F32;

/// Runs one epoch of one mechanism. A total function: see [`EpochInput`] for the treatment of malformed input.
pub fn run_epoch(input: &EpochInput) -> EpochOutput {
    run_epoch_with(input, Unlisted::Lost)
}

/// The epoch with a choice about bonds of unlisted miners; the chain runs [`run_epoch`].
pub fn run_epoch_with(input: &EpochInput, unlisted: Unlisted) -> EpochOutput {
    let params = &input.params;
    let n = input.neurons();
    let total_stake = input.total_stake.get(..n).unwrap_or_default();

    let cutoff = activity_cutoff(params.activity_cutoff_factor_milli, params.tempo);
    let active = activity::active(n, &input.last_update, cutoff, input.block);
    let stake_weight = stake::stake_weight(total_stake, params.stake_threshold, input.owner_uid);
    let old_permits = permits::with_owner(&input.permits, n, input.owner_uid);
    let new_permits = permits::next(&stake_weight, params.max_validators, input.owner_uid, &input.barred);
    let judges = permits::proven(old_permits, &input.unproven);
    let active_stake = stake::active_stake(&stake_weight, &active, &judges);

    let masks = weights::WeightMasks {
        permits: &judges,
        owner: input.owner_uid,
        last_update: &input.last_update,
        registered: &input.registered,
        commit_blocks: params.commit_reveal.then_some(&input.commit_blocks),
    };
    let weights = weights::usable_weights(n, &input.weights, &masks);
    let kappa = I32F32::from_u16_unit(params.kappa);
    let consensus = consensus::consensus(&weights, &active_stake, kappa);
    let ranks::Standing { ranks, validator_trust } = ranks::standing(&weights, &consensus, &active_stake);
    let (ranks, outvoted) = match input.demands_proof() {
        true => {
            let spread = framing::spread(&weights, &consensus, &active_stake, kappa);
            let outvoted = framing::outvoted(&weights, &consensus, &active_stake, spread);
            let ranks = framing::ranks(&weights, &consensus, &active_stake, kappa, spread, &outvoted);
            (ranks, framing::most_remembered(&outvoted))
        }
        false => (ranks, Vec::new()),
    };
    let incentive = ranks::incentive(ranks);

    let masked_from = bonds::oldest_masked_registration(input.last_step_block, input.block, params.tempo);
    let stored = StoredBonds::new(n, &input.bonds, &input.registered, masked_from);
    let bonds = update_bonds(input, &weights, &consensus, &active_stake, &stored, unlisted);
    let dividends = match params.yuma3 {
        true => dividends::yuma3(&bonds, &incentive, &active_stake),
        false => dividends::yuma2(&bonds, &incentive, &input.unproven),
    };
    let idle_pay = stake::proven(&stake_weight, &input.unproven);
    let paid = emission::split(input.emission, &incentive, &dividends, &active_stake, &idle_pay);

    EpochOutput {
        stake_weight: to_u16(&stake_weight),
        consensus: to_u16(&consensus),
        incentive: to_u16(&incentive),
        dividends: to_u16(&dividends),
        validator_trust: to_u16(&validator_trust),
        server_emission: paid.server,
        validator_emission: paid.validator,
        emission: paid.combined,
        active,
        bonds: bonds::to_store(&bonds, params.yuma3, &new_permits),
        permits: new_permits,
        outvoted,
    }
}

/// Chooses the rule by which bonds follow weights.
///
/// Liquid alpha belongs to Yuma 3, and without any consensus it has nothing to measure distance from.
fn update_bonds(
    input: &EpochInput,
    weights: &crate::matrix::SparseMatrix,
    consensus: &[I32F32],
    active_stake: &[I32F32],
    stored: &StoredBonds,
    unlisted: Unlisted,
) -> Bonds {
    let params = &input.params;
    let rule = BondWeights::new(params.bonds_penalty);
    let fixed = alpha::fixed_alpha(params.bonds_moving_average);
    if !params.yuma3 {
        return bonds::yuma2(weights, consensus, rule, active_stake, stored, fixed);
    }
    if params.liquid_alpha && consensus.iter().any(|c| !c.is_zero()) {
        let liquid = alpha::LiquidAlpha::new(params.alpha_low, params.alpha_high, params.steepness);
        return bonds::yuma3_liquid(weights, consensus, rule, stored, &liquid, unlisted);
    }
    bonds::yuma3_fixed(weights, consensus, rule, stored, fixed)
}

/// Proportions as they are stored: `floor(x · 65535)`.
fn to_u16(proportions: &[I32F32]) -> Vec<u16> {
    proportions.iter().map(|p| p.floor_u16_unit()).collect()
}
