//! First block in which a call can succeed, as far as waiting decides it (see `pallet_network::waits`).

use myelin_units::Block;
use pallet_network::subnets::{now, RateLimits, SubnetRegistry};

use crate::{
    bonds::{Ledger, REQUIREMENT},
    pallet::{Call, Config},
};

/// First block, not before the present one, in which no wait delays a call by `signer`; `None` if no such block is
/// known, as for collateral that was not asked back.
pub fn allowed_at<T: Config>(signer: &T::AccountId, call: &Call<T>) -> Option<Block> {
    let now = now::<T>();
    let first = match call {
        Call::withdraw { netuid, hotkey } => Ledger::<T>::leaves_at(*netuid, hotkey),
        Call::set_requirement { netuid, .. } if SubnetRegistry::<T>::owner(*netuid) == *signer => {
            RateLimits::<T>::owner_may_change_at(*netuid, REQUIREMENT)
        }
        _ => Some(now),
    };
    first.map(|block| block.max(now))
}
