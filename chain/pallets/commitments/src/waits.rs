//! First block in which a call can succeed, as far as waiting decides it (see `pallet_network::waits`).

use myelin_units::Block;
use sp_runtime::SaturatedConversion;

use crate::{
    board::CommitmentBoard,
    pallet::{Call, Config},
};

/// First block, not before the present one, in which no wait delays a call by `signer`; `None` if no such block is
/// known. Commitments of an epoch take their space until the next one.
pub fn allowed_at<T: Config>(signer: &T::AccountId, call: &Call<T>) -> Option<Block> {
    let now = frame_system::Pallet::<T>::block_number().saturated_into();
    match call {
        Call::set_commitment { netuid, info } => {
            CommitmentBoard::<T>::has_space_at(signer, *netuid, info, now)
        }
        _ => Some(now),
    }
}
