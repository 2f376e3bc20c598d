//! In which block a call of any pallet can succeed, as far as that is a matter of waiting.

use crate::{AccountId, Runtime, RuntimeCall, System};

/// Calls inside of calls that are looked into.
const MAX_DEPTH: u8 = 8;

/// First block, not before the present one, in which no wait stands in the way of a call by `signer`; `None` if no such block is
/// known. A batch waits for all of its calls; root's calls do not wait.
pub fn allowed_at(signer: &AccountId, call: &RuntimeCall) -> Option<u64> {
    within(signer, call, MAX_DEPTH)
}

fn within(signer: &AccountId, call: &RuntimeCall, depth: u8) -> Option<u64> {
    let now = u64::from(System::block_number());
    match call {
        RuntimeCall::SubtensorModule(call) => pallet_network::waits::allowed_at::<Runtime>(signer, call),
        RuntimeCall::AdminUtils(call) => pallet_admin_utils::waits::allowed_at::<Runtime>(signer, call),
        RuntimeCall::Utility(
            pallet_utility::Call::batch { calls }
            | pallet_utility::Call::batch_all { calls }
            | pallet_utility::Call::force_batch { calls },
        ) => {
            let depth = depth.checked_sub(1)?;
            calls.iter().try_fold(now, |last, call| Some(last.max(within(signer, call, depth)?)))
        }
        _ => Some(now),
    }
}
