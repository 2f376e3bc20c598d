//! Subnets: facts, pools, and neurons in columns.

use alloc::{format, vec::Vec};

use codec::Compact;
use myelin_abi::{DynamicInfo, SubnetInfo, SubnetInfov2, SubnetState};
use myelin_units::{AlphaBalance, NetUid, TaoBalance, Uid};

use super::{
    metagraph::{repeat, Columns},
    numbered,
};
use crate::{epoch::EpochClock, pallet::*, removal::SubnetRemoval, subnets::SubnetRegistry};

/// The facts about a subnet in their first form; `None` if it does not exist.
pub fn subnet_info<T: Config>(netuid: NetUid) -> Option<SubnetInfo<T::AccountId>> {
    let facts = subnet_info_v2::<T>(netuid)?;
    Some(SubnetInfo {
        netuid: facts.netuid,
        rho: facts.rho,
        kappa: facts.kappa,
        difficulty: facts.difficulty,
        immunity_period: facts.immunity_period,
        max_allowed_validators: facts.max_allowed_validators,
        min_allowed_weights: facts.min_allowed_weights,
        max_weights_limit: facts.max_weights_limit,
        scaling_law_power: facts.scaling_law_power,
        subnetwork_n: facts.subnetwork_n,
        max_allowed_uids: facts.max_allowed_uids,
        blocks_since_last_step: facts.blocks_since_last_step,
        tempo: facts.tempo,
        network_modality: facts.network_modality,
        network_connect: facts.network_connect,
        emission_values: facts.emission_value,
        burn: facts.burn,
        owner: facts.owner,
    })
}

/// The facts about every subnet in their first form.
pub fn subnets_info<T: Config>() -> Vec<Option<SubnetInfo<T::AccountId>>> {
    numbered::<T>().into_iter().map(subnet_info::<T>).collect()
}

/// The facts about a subnet; `None` if it does not exist.
pub fn subnet_info_v2<T: Config>(netuid: NetUid) -> Option<SubnetInfov2<T::AccountId>> {
    if !SubnetRegistry::<T>::exists(netuid) {
        return None;
    }
    Some(SubnetInfov2 {
        netuid: Compact(netuid),
        rho: Compact(Rho::<T>::get(netuid)),
        kappa: Compact(Kappa::<T>::get(netuid)),
        difficulty: Compact(Difficulty::<T>::get(netuid)),
        immunity_period: Compact(ImmunityPeriod::<T>::get(netuid)),
        max_allowed_validators: Compact(MaxAllowedValidators::<T>::get(netuid)),
        min_allowed_weights: Compact(MinAllowedWeights::<T>::get(netuid)),
        max_weights_limit: Compact(MaxWeightsLimit::<T>::get(netuid)),
        // A constant of the first protocol that clients still decode.
        scaling_law_power: Compact(50),
        subnetwork_n: Compact(SubnetworkN::<T>::get(netuid)),
        max_allowed_uids: Compact(MaxAllowedUids::<T>::get(netuid)),
        blocks_since_last_step: Compact(EpochClock::<T>::blocks_since_last_step(netuid)),
        tempo: Compact(Tempo::<T>::get(netuid)),
        network_modality: Compact(0),
        network_connect: Vec::new(),
        emission_value: Compact(tao_per_block::<T>(netuid)),
        burn: Compact(Burn::<T>::get(netuid)),
        owner: SubnetOwner::<T>::get(netuid),
        identity: SubnetIdentitiesV3::<T>::get(netuid),
    })
}

/// The facts about every subnet.
pub fn subnets_info_v2<T: Config>() -> Vec<Option<SubnetInfov2<T::AccountId>>> {
    numbered::<T>().into_iter().map(subnet_info_v2::<T>).collect()
}

/// Pool and token of a subnet; `None` if it does not exist.
pub fn dynamic_info<T: Config>(netuid: NetUid) -> Option<DynamicInfo<T::AccountId>> {
    if !SubnetRegistry::<T>::exists(netuid) {
        return None;
    }
    Some(DynamicInfo {
        netuid: Compact(netuid),
        owner_hotkey: SubnetOwnerHotkey::<T>::get(netuid),
        owner_coldkey: SubnetOwner::<T>::get(netuid),
        subnet_name: compact_bytes(&name::<T>(netuid)),
        token_symbol: compact_bytes(&TokenSymbol::<T>::get(netuid)),
        tempo: Compact(Tempo::<T>::get(netuid)),
        last_step: Compact(LastMechansimStepBlock::<T>::get(netuid)),
        blocks_since_last_step: Compact(EpochClock::<T>::blocks_since_last_step(netuid)),
        emission: Compact(tao_per_block::<T>(netuid)),
        alpha_in: Compact(SubnetAlphaIn::<T>::get(netuid)),
        alpha_out: Compact(SubnetAlphaOut::<T>::get(netuid)),
        tao_in: Compact(SubnetTAO::<T>::get(netuid)),
        alpha_out_emission: Compact(SubnetAlphaOutEmission::<T>::get(netuid)),
        alpha_in_emission: Compact(SubnetAlphaInEmission::<T>::get(netuid)),
        tao_in_emission: Compact(SubnetTaoInEmission::<T>::get(netuid)),
        pending_alpha_emission: Compact(pending_alpha::<T>(netuid)),
        pending_root_emission: Compact(PendingRootAlphaDivs::<T>::get(netuid)),
        subnet_volume: Compact(SubnetVolume::<T>::get(netuid)),
        network_registered_at: Compact(NetworkRegisteredAt::<T>::get(netuid)),
        subnet_identity: SubnetIdentitiesV3::<T>::get(netuid),
        moving_price: SubnetMovingPrice::<T>::get(netuid),
    })
}

/// Pool and token of every subnet.
pub fn all_dynamic_info<T: Config>() -> Vec<Option<DynamicInfo<T::AccountId>>> {
    numbered::<T>().into_iter().map(dynamic_info::<T>).collect()
}

/// The neurons of a subnet in columns; `None` if it does not exist.
pub fn subnet_state<T: Config>(netuid: NetUid) -> Option<SubnetState<T::AccountId>> {
    let columns = Columns::<T>::of(netuid, 0)?;
    let stakes = columns.stakes();
    Some(SubnetState {
        netuid: Compact(netuid),
        emission_history: emission_history::<T>(columns.hotkeys()),
        hotkeys: columns.hotkeys().to_vec(),
        coldkeys: columns.coldkeys(),
        active: columns.active(),
        validator_permit: columns.validator_permit(),
        pruning_score: repeat(columns.len(), Compact(u16::MAX)),
        last_update: columns.last_update(),
        emission: columns.emission(),
        dividends: columns.dividends(),
        incentives: columns.incentives(),
        consensus: columns.consensus(),
        trust: repeat(columns.len(), Compact(0)),
        rank: repeat(columns.len(), Compact(0)),
        block_at_registration: columns.block_at_registration(),
        alpha_stake: stakes.alpha.clone(),
        tao_stake: stakes.tao.clone(),
        total_stake: stakes.total.clone(),
    })
}

/// Block at which the next epoch of a subnet starts, as far as it is known; `None` if it does not exist or has no
/// epochs.
pub fn next_epoch_start<T: Config>(netuid: NetUid) -> Option<u64> {
    SubnetRegistry::<T>::exists(netuid).then(|| EpochClock::<T>::next_start(netuid)).flatten()
}

/// The subnet that gives way when there is no room for another; `None` while all are immune.
pub fn to_prune<T: Config>() -> Option<NetUid> {
    SubnetRemoval::<T>::candidate()
}

/// Price of registering a subnet now.
pub fn registration_cost<T: Config>() -> TaoBalance {
    SubnetRegistry::<T>::lock_cost()
}

/// TAO that the last block paid to a subnet: to its pool and for purchases by the chain.
pub(super) fn tao_per_block<T: Config>(netuid: NetUid) -> TaoBalance {
    SubnetTaoInEmission::<T>::get(netuid).saturating_add(SubnetExcessTao::<T>::get(netuid))
}

/// Alpha that waits for miners and validators.
pub(super) fn pending_alpha<T: Config>(netuid: NetUid) -> AlphaBalance {
    PendingServerEmission::<T>::get(netuid).saturating_add(PendingValidatorEmission::<T>::get(netuid))
}

/// Names of the first subnets, by which official clients know them while their owners published none.
const NAMES: [&[u8]; 3] = [b"root", b"apex", b"omron"];

/// The shown name of a subnet: the one published by its owner, otherwise a known one, otherwise its number.
pub(super) fn name<T: Config>(netuid: NetUid) -> Vec<u8> {
    let published = SubnetIdentitiesV3::<T>::get(netuid).map(|identity| identity.subnet_name);
    match published {
        Some(name) if !name.is_empty() => name,
        _ => match NAMES.get(usize::from(netuid)) {
            Some(name) => name.to_vec(),
            None => format!("subnet {netuid}").into_bytes(),
        },
    }
}

/// Text as a list of compact bytes, the form of names and symbols in these answers.
pub(super) fn compact_bytes(text: &[u8]) -> Vec<Compact<u8>> {
    text.iter().copied().map(Compact).collect()
}

/// Emission of these hotkeys in the last epoch of every subnet.
fn emission_history<T: Config>(hotkeys: &[T::AccountId]) -> Vec<Vec<Compact<AlphaBalance>>> {
    let on_subnet = |netuid: NetUid| {
        let emission = Emission::<T>::get(netuid);
        let of = |hotkey: &T::AccountId| {
            let uid: Option<Uid> = Uids::<T>::get(netuid, hotkey);
            Compact(uid.and_then(|uid| emission.get(usize::from(uid)).copied()).unwrap_or_default())
        };
        hotkeys.iter().map(of).collect()
    };
    numbered::<T>().into_iter().map(on_subnet).collect()
}
