//! First block in which a call can succeed, as far as waiting decides it (see `pallet_network::waits`).

use codec::{Decode, Encode};
use frame_support::traits::GetCallName;
use myelin_economy::params::{action, find, Action};
use myelin_units::{Block, NetUid};
use pallet_network::{
    subnets::{now, RateLimits, SubnetRegistry},
    types::TransactionType,
};

use crate::pallet::{Call, Config};

/// First block, not before the present one, in which no wait delays a call by `signer`; `None` if no such block is
/// known. Only owners wait; no wait would help an account that the table does not let set the parameter.
pub fn allowed_at<T: Config>(signer: &T::AccountId, call: &Call<T>) -> Option<Block> {
    const SPLIT: &Action = action("sudo_set_mechanism_emission_split");
    const TRIM: &Action = action("sudo_trim_to_max_allowed_uids");
    let now = now::<T>();
    let Some(netuid) = subnet_of(call).filter(|netuid| SubnetRegistry::<T>::owner(*netuid) == *signer) else {
        return Some(now);
    };
    match call {
        Call::sudo_set_sn_owner_hotkey { .. } | Call::sudo_set_subnet_owner_hotkey { .. } => {
            RateLimits::<T>::owner_may_act_at(netuid, SubnetRegistry::<T>::may_set_owner_hotkey_at(netuid))
        }
        Call::sudo_set_mechanism_emission_split { .. } => {
            let waited = RateLimits::<T>::may_repeat_at(netuid, TransactionType::MechanismEmission, SPLIT);
            RateLimits::<T>::owner_may_act_at(netuid, waited)
        }
        Call::sudo_trim_to_max_allowed_uids { .. } => {
            let waited = RateLimits::<T>::may_repeat_at(netuid, TransactionType::MaxUidsTrimming, TRIM);
            RateLimits::<T>::owner_may_act_at(netuid, waited)
        }
        _ => match find(call.get_call_name()).filter(|row| row.shared) {
            Some(row) => RateLimits::<T>::owner_may_change_at(netuid, row),
            None => Some(now),
        },
    }
}

/// The subnet of a call: every call that names one names it first.
fn subnet_of<T: Config>(call: &Call<T>) -> Option<NetUid> {
    let of_network = myelin_economy::params::NETWORK.iter().any(|row| row.is_called(call.get_call_name()));
    if of_network {
        return None;
    }
    let bytes = call.encode();
    NetUid::decode(&mut bytes.get(1..)?).ok()
}
