//! What an epoch reads: storage as plain vectors by uid.

use alloc::vec::Vec;

use myelin_units::{storage_index, Block, MechId, NetUid};
use myelin_yuma::{EpochInput, EpochParams};

use crate::{
    epoch::EpochClock,
    neurons::NeuronRegistry,
    pallet::*,
    stake::{Delegation, StakeWeightOf},
    weights::WeightLedger,
};

/// What these hotkeys count for on a subnet.
pub fn stakes<T: Config>(netuid: NetUid, hotkeys: &[T::AccountId]) -> Vec<StakeWeightOf> {
    hotkeys.iter().map(|hotkey| Delegation::<T>::stake_weight(hotkey, netuid)).collect()
}

/// The hyperparameters an epoch reads.
pub fn params<T: Config>(netuid: NetUid) -> EpochParams {
    let (alpha_low, alpha_high) = AlphaValues::<T>::get(netuid);
    EpochParams {
        kappa: Kappa::<T>::get(netuid),
        bonds_penalty: BondsPenalty::<T>::get(netuid),
        bonds_moving_average: BondsMovingAverage::<T>::get(netuid),
        max_validators: MaxAllowedValidators::<T>::get(netuid),
        yuma3: Yuma3On::<T>::get(netuid),
        liquid_alpha: LiquidAlphaOn::<T>::get(netuid),
        alpha_low,
        alpha_high,
        steepness: AlphaSigmoidSteepness::<T>::get(netuid),
        tempo: Tempo::<T>::get(netuid),
        activity_cutoff_factor_milli: ActivityCutoffFactorMilli::<T>::get(netuid),
        stake_threshold: StakeThreshold::<T>::get(),
        commit_reveal: CommitRevealWeightsEnabled::<T>::get(netuid),
    }
}

/// Everything the epoch of one mechanism reads, to divide `emission` rao at this block.
pub fn input<T: Config>(netuid: NetUid, mecid: MechId, emission: u64, now: Block) -> EpochInput {
    let index = storage_index(netuid, mecid);
    let hotkeys = NeuronRegistry::<T>::hotkeys(netuid);
    let uids = 0..NeuronRegistry::<T>::count(netuid);
    let mut permits = ValidatorPermit::<T>::get(netuid);
    permits.resize(hotkeys.len(), false);
    EpochInput {
        params: params::<T>(netuid),
        block: now,
        emission,
        last_step_block: LastMechansimStepBlock::<T>::get(netuid),
        owner_uid: NeuronRegistry::<T>::owner_uid(netuid),
        total_stake: stakes::<T>(netuid, &hotkeys).into_iter().map(|stake| stake.total).collect(),
        last_update: LastUpdate::<T>::get(index),
        registered: uids.clone().map(|uid| NeuronRegistry::<T>::registered_at(netuid, uid)).collect(),
        permits,
        weights: uids.clone().map(|uid| Weights::<T>::get(index, uid)).collect(),
        bonds: uids.map(|uid| Bonds::<T>::get(index, uid)).collect(),
        commit_blocks: commit_blocks::<T>(netuid, index, &hotkeys, now),
    }
}

/// For each neuron the block of its oldest commit that can still be revealed.
fn commit_blocks<T: Config>(
    netuid: NetUid,
    index: u16,
    hotkeys: &[T::AccountId],
    now: Block,
) -> Vec<Option<Block>> {
    let epoch = EpochClock::<T>::number(netuid, now);
    hotkeys.iter().map(|hotkey| WeightLedger::<T>::earliest_commit_block(index, hotkey, epoch)).collect()
}
