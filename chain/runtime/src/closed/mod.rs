//! Calls that nobody may make, not even root: TAO is minted by the schedule and leaves through the network pallet,
//! which counts both.
//!
//! The filter of `frame_system` stops calls that accounts dispatch. It does not stop calls of root (`Sudo`), nor calls
//! that root makes in the name of others (`dispatch_as`, `sudo_as`). Every call is visible in some transaction, so the
//! transaction extension asks the same filter, which looks into calls within calls. A transaction that carries a closed
//! call anywhere is not valid.
//!
//! Root may still replace the code and write storage (`System`): these change the rules, and no rule can bind an
//! account that may change it.

#[cfg(test)]
mod tests;

use alloc::boxed::Box;
use frame_support::traits::{Bounded, Contains};
use frame_system::RawOrigin;
use myelin_governance::{calls::LONGEST_FORCED, track::MAX_PREIMAGE};

use crate::{governance, Address, OriginCaller, Runtime, RuntimeCall, System};

/// Depth of calls inside of calls that are checked; a call that carries deeper ones is closed.
pub(crate) const MAX_DEPTH: u8 = 8;

/// The calls that may be made.
pub struct OpenCalls;

impl Contains<RuntimeCall> for OpenCalls {
    fn contains(call: &RuntimeCall) -> bool {
        is_open(call, MAX_DEPTH)
    }
}

fn is_open(call: &RuntimeCall, depth: u8) -> bool {
    let may_carry = |inner: &RuntimeCall| {
        !is_enactment(inner) && depth.checked_sub(1).is_some_and(|depth| is_open(inner, depth))
    };
    !is_closed(call) && carried(call).all(may_carry)
}

/// Whether a call is the enactment of a proposal. Only the schedule makes it, and no call carries it: a batch passes
/// its origin on, and would enact several proposals by one referendum.
fn is_enactment(call: &RuntimeCall) -> bool {
    matches!(call, RuntimeCall::Governance(pallet_myelin_governance::Call::enact { .. }))
}

fn is_closed(call: &RuntimeCall) -> bool {
    use pallet_balances::Call as Balances;
    use pallet_preimage::Call as Preimage;
    use pallet_referenda::Call as Referenda;
    use pallet_utility::Call as Utility;
    match call {
        // These mint or destroy TAO outside the schedule, or change the sum without its parts.
        RuntimeCall::Balances(
            Balances::burn { .. }
            | Balances::force_set_balance { .. }
            | Balances::force_adjust_total_issuance { .. },
        ) => true,
        // This frees deposits without telling the pallet that keeps them: their return would take the TAO of a hold.
        RuntimeCall::Balances(Balances::force_unreserve { .. }) => true,
        // These take TAO that the network holds for others, or bring back burned TAO.
        RuntimeCall::Balances(Balances::force_transfer { source: of, .. })
        | RuntimeCall::Sudo(pallet_sudo::Call::sudo_as { who: of, .. }) => is_networks(of),
        RuntimeCall::Utility(
            Utility::dispatch_as { as_origin, .. } | Utility::dispatch_as_fallible { as_origin, .. },
        ) => match &**as_origin {
            OriginCaller::system(RawOrigin::Signed(who)) => governance::is_networks(who),
            OriginCaller::system(RawOrigin::Root) => false,
            // With the origin of nobody, inherents would run a second time in a block, which they do not expect.
            // So would the origin of a referendum, without its votes.
            _ => true,
        },
        // Only pallets schedule.
        RuntimeCall::Scheduler(_) => true,
        // Proposals are short. Only the pallets that schedule ask for preimages, and none is of an older form.
        RuntimeCall::Preimage(Preimage::note_preimage { bytes }) => bytes.len() > MAX_PREIMAGE,
        RuntimeCall::Preimage(
            Preimage::request_preimage { .. }
            | Preimage::unrequest_preimage { .. }
            | Preimage::ensure_updated { .. },
        ) => true,
        // Nobody ends a referendum but the votes, and only the schedule moves one on.
        RuntimeCall::Referenda(
            Referenda::cancel { .. }
            | Referenda::kill { .. }
            | Referenda::nudge_referendum { .. }
            | Referenda::one_fewer_deciding { .. },
        ) => true,
        // A proposal is enacted soon after its approval, or nobody remembers it. None is of an older form.
        RuntimeCall::Referenda(Referenda::submit { proposal_origin, proposal, enactment_moment }) => {
            matches!(proposal, Bounded::Legacy { .. })
                || !governance::may_wait(proposal_origin, enactment_moment)
        }
        // Authorities can't change while voters wait for their forced change, and a delay near the largest number of a
        // block would overflow where it is added up.
        RuntimeCall::Grandpa(pallet_grandpa::Call::note_stalled { delay, best_finalized_block_number }) => {
            *delay > LONGEST_FORCED || *best_finalized_block_number > System::block_number()
        }
        // The treasury gets it.
        RuntimeCall::Referenda(Referenda::refund_decision_deposit { index }) => {
            pallet_myelin_governance::Deposits::<Runtime>::is_forfeited(*index)
        }
        _ => false,
    }
}

fn is_networks(address: &Address) -> bool {
    matches!(address, Address::Id(who) if governance::is_networks(who))
}

/// The calls that a call carries, not those which these carry.
pub(crate) fn carried(call: &RuntimeCall) -> Box<dyn Iterator<Item = &RuntimeCall> + '_> {
    use core::iter::once;
    use pallet_multisig::Call as Multisig;
    use pallet_proxy::Call as Proxy;
    use pallet_sudo::Call as Sudo;
    use pallet_utility::Call as Utility;
    match call {
        RuntimeCall::Utility(
            Utility::batch { calls } | Utility::batch_all { calls } | Utility::force_batch { calls },
        ) => Box::new(calls.iter()),
        RuntimeCall::Utility(Utility::if_else { main, fallback }) => {
            Box::new(once(&**main).chain(once(&**fallback)))
        }
        RuntimeCall::Utility(
            Utility::as_derivative { call, .. }
            | Utility::dispatch_as { call, .. }
            | Utility::dispatch_as_fallible { call, .. }
            | Utility::with_weight { call, .. },
        )
        | RuntimeCall::Sudo(
            Sudo::sudo { call } | Sudo::sudo_unchecked_weight { call, .. } | Sudo::sudo_as { call, .. },
        ) => Box::new(once(&**call)),
        RuntimeCall::Multisig(
            Multisig::as_multi { call, .. } | Multisig::as_multi_threshold_1 { call, .. },
        ) => Box::new(once(&**call)),
        RuntimeCall::Proxy(Proxy::proxy { call, .. } | Proxy::proxy_announced { call, .. }) => {
            Box::new(once(&**call))
        }
        RuntimeCall::Governance(pallet_myelin_governance::Call::enact { call, .. }) => {
            Box::new(once(&**call))
        }
        _ => Box::new(core::iter::empty()),
    }
}
