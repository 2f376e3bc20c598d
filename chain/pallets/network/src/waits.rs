//! First block in which a call can succeed, as far as waiting decides it.
//!
//! An official error has no room for a number, so a client that was refused too early asks here: same rules, same
//! storage, but the answer is a block. Other conditions of a call (rights, ranges, money) are not checked; its own
//! error reports them.
//!
//! Answers reflect present knowledge: an epoch may be deferred because others are due in the same block, and another
//! account may come first where a limit is shared.

use myelin_economy::params::{action, row, Action};
use myelin_units::{Block, MechId, NetUid, TaoBalance};

use crate::{
    evidence::EvidenceLedger,
    keys::KeyOwnership,
    neurons::NeuronRegistry,
    pallet::{Call, CommitRevealWeightsEnabled, Config, NetworkRegistrationStartBlock, RubricBond},
    serving::Endpoints,
    stake::{ChildkeyTakes, DelegateTakes, Delegation},
    subnets::{now, RateLimits, SubnetRegistry},
    types::{Hyperparameter, RateLimitKey},
    weights::{Reveal, WeightLedger, MAIN},
};

/// First block, not before the present one, in which no wait delays a call by `signer`; `None` if no such block is
/// known.
pub fn allowed_at<T: Config>(signer: &T::AccountId, call: &Call<T>) -> Option<Block> {
    let now = now::<T>();
    let first = match call {
        Call::set_weights { netuid, .. } => set_at::<T>(signer, *netuid, MAIN),
        Call::set_mechanism_weights { netuid, mecid, .. } => set_at::<T>(signer, *netuid, *mecid),
        Call::batch_set_weights { netuids, .. } => {
            last(now, netuids.iter().map(|netuid| set_at::<T>(signer, netuid.0, MAIN)))
        }
        Call::commit_weights { netuid, .. } => WeightLedger::<T>::may_commit_at(signer, *netuid, MAIN),
        Call::commit_mechanism_weights { netuid, mecid, .. }
        | Call::commit_proven_weights { netuid, mecid, .. } => {
            WeightLedger::<T>::may_commit_at(signer, *netuid, *mecid)
        }
        Call::batch_commit_weights { netuids, .. } => {
            last(now, netuids.iter().map(|netuid| WeightLedger::<T>::may_commit_at(signer, netuid.0, MAIN)))
        }
        Call::reveal_weights { netuid, uids, values, salt, version_key } => {
            let reveal = Reveal { uids, values, salt, version_key: *version_key };
            WeightLedger::<T>::may_reveal_at(signer, *netuid, MAIN, &reveal)
        }
        Call::reveal_mechanism_weights { netuid, mecid, uids, values, salt, version_key } => {
            let reveal = Reveal { uids, values, salt, version_key: *version_key };
            WeightLedger::<T>::may_reveal_at(signer, *netuid, *mecid, &reveal)
        }
        Call::reveal_proven_weights { netuid, mecid, uids, values, salt, version_key, .. } => {
            let reveal = Reveal { uids, values, salt, version_key: *version_key };
            let opens = WeightLedger::<T>::may_reveal_at(signer, *netuid, *mecid, &reveal);
            opens.map(|block| EvidenceLedger::<T>::may_prove_at(*netuid, block))
        }
        Call::batch_reveal_weights { netuid, uids_list, values_list, salts_list, version_keys } => {
            let reveals = Reveal::zip::<T>(uids_list, values_list, salts_list, version_keys);
            let opens = |reveal: &Reveal| WeightLedger::<T>::may_reveal_at(signer, *netuid, MAIN, reveal);
            last(now, reveals.unwrap_or_default().iter().map(opens))
        }
        Call::serve_axon { netuid, .. } | Call::serve_axon_tls { netuid, .. } => {
            Some(Endpoints::<T>::may_serve_axon_at(*netuid, signer))
        }
        Call::serve_prometheus { netuid, .. } => {
            Some(Endpoints::<T>::may_serve_prometheus_at(*netuid, signer))
        }
        Call::increase_take { hotkey, .. } => Some(DelegateTakes::<T>::may_raise_at(hotkey)),
        Call::set_children { hotkey, netuid, .. } => Some(Delegation::<T>::may_name_at(hotkey, *netuid)),
        Call::set_childkey_take { hotkey, netuid, take } => {
            let raises = *take > ChildkeyTakes::<T>::of(hotkey, *netuid);
            Some(if raises { ChildkeyTakes::<T>::may_raise_at(hotkey, *netuid) } else { 0 })
        }
        Call::swap_hotkey { hotkey, new_hotkey, netuid }
        | Call::swap_hotkey_v2 { hotkey, new_hotkey, netuid, .. } => {
            Some(KeyOwnership::<T>::may_swap_at(signer, hotkey, new_hotkey, *netuid))
        }
        Call::root_register { .. } => NeuronRegistry::<T>::root_registers_at(now),
        Call::register_network { .. } | Call::register_network_with_identity { .. } => found_at::<T>(now),
        Call::register_network_limit { limit_price, .. } => {
            let affordable = SubnetRegistry::<T>::costs_at_most_at(TaoBalance::from_rao(*limit_price), now);
            last(now, [found_at::<T>(now), affordable].into_iter())
        }
        Call::register_limit { netuid, limit_price, .. } => {
            NeuronRegistry::<T>::costs_at_most_at(*netuid, TaoBalance::from_rao(*limit_price), now)
        }
        Call::start_call { netuid } => Some(SubnetRegistry::<T>::may_start_at(*netuid)),
        Call::set_tempo { netuid, .. } => {
            RateLimits::<T>::owner_may_change_at(*netuid, const { row("Tempo") })
        }
        Call::set_activity_cutoff_factor { netuid, .. } => {
            RateLimits::<T>::owner_may_change_at(*netuid, const { row("ActivityCutoffFactorMilli") })
        }
        Call::sudo_set_root_claim_threshold { netuid, .. } => {
            RateLimits::<T>::owner_may_change_at(*netuid, const { row("RootClaimableThreshold") })
        }
        Call::trigger_epoch { netuid } => trigger_at::<T>(*netuid),
        Call::announce_rubric { netuid, mecid, .. } | Call::withdraw_rubric { netuid, mecid } => {
            RateLimits::<T>::owner_may_act_at(*netuid, RubricBond::<T>::get(netuid, mecid))
        }
        Call::demand_evidence { netuid, .. } | Call::announce_parent_share { netuid, .. } => {
            RateLimits::<T>::owner_may_act_at(*netuid, 0)
        }
        _ => Some(now),
    };
    first.map(|block| block.max(now))
}

/// The last of several blocks; `None` if one of them is unknown.
fn last(now: Block, mut blocks: impl Iterator<Item = Option<Block>>) -> Option<Block> {
    blocks.try_fold(now, |last, block| Some(last.max(block?)))
}

/// Weights in the clear wait for the rate limit without commit-reveal; with it they are refused for good.
fn set_at<T: Config>(signer: &T::AccountId, netuid: NetUid, mecid: MechId) -> Option<Block> {
    let limited = !CommitRevealWeightsEnabled::<T>::get(netuid);
    Some(if limited { WeightLedger::<T>::may_update_at(signer, netuid, mecid) } else { 0 })
}

/// A new subnet waits for room, for the interval since the last one, and for the first block in which there may be any.
fn found_at<T: Config>(now: Block) -> Option<Block> {
    let opening = NetworkRegistrationStartBlock::<T>::get();
    let room = SubnetRegistry::<T>::has_room_at(now)?;
    Some(room.max(SubnetRegistry::<T>::may_register_at()).max(opening))
}

/// A triggered epoch waits for its cool-down, for a pending one, and while the automatic one is imminent.
fn trigger_at<T: Config>(netuid: NetUid) -> Option<Block> {
    const TRIGGER: &Action = action("trigger_epoch");
    if CommitRevealWeightsEnabled::<T>::get(netuid) {
        return Some(0);
    }
    let last =
        RateLimits::<T>::last(&RateLimitKey::OwnerHyperparamUpdate(netuid, Hyperparameter::TriggerEpoch));
    let wait = TRIGGER.cooldown.blocks(&RateLimits::<T>::pace(netuid));
    RateLimits::<T>::owner_may_act_at(netuid, myelin_economy::params::first_block(last, wait))
}
