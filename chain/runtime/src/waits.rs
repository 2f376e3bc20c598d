//! First block in which a call of any pallet can succeed, as far as waiting decides it.

use codec::{Decode, Encode};
use sp_runtime::traits::{Hash as _, StaticLookup};

use crate::{proxy::ProxyType, AccountId, Address, BlockNumber, Hash, Proxy, Runtime, RuntimeCall, System};

#[cfg(test)]
mod tests;

/// Depth of calls inside of calls that are checked.
const MAX_DEPTH: u8 = 8;

/// First block, not before the present one, in which no wait delays a call by `signer`; `None` if no such block is
/// known. A batch waits for all of its calls, and a call in the name of an account waits as that account would; root's
/// calls do not wait.
pub fn allowed_at(signer: &AccountId, call: &RuntimeCall) -> Option<u64> {
    within(signer, call, MAX_DEPTH)
}

fn within(signer: &AccountId, call: &RuntimeCall, depth: u8) -> Option<u64> {
    let now = u64::from(System::block_number());
    let inner = |signer: &AccountId, call: &RuntimeCall| within(signer, call, depth.checked_sub(1)?);
    match call {
        RuntimeCall::SubtensorModule(call) => pallet_network::waits::allowed_at::<Runtime>(signer, call),
        RuntimeCall::AdminUtils(call) => pallet_admin_utils::waits::allowed_at::<Runtime>(signer, call),
        RuntimeCall::Commitments(call) => pallet_commitments::waits::allowed_at::<Runtime>(signer, call),
        RuntimeCall::Collateral(call) => pallet_myelin_collateral::waits::allowed_at::<Runtime>(signer, call),
        RuntimeCall::Elections(call) => pallet_myelin_election::waits::allowed_at::<Runtime>(call),
        RuntimeCall::Governance(call) => pallet_myelin_governance::waits::allowed_at::<Runtime>(signer, call),
        RuntimeCall::Utility(
            pallet_utility::Call::batch { calls }
            | pallet_utility::Call::batch_all { calls }
            | pallet_utility::Call::force_batch { calls },
        ) => calls.iter().try_fold(now, |last, call| Some(last.max(inner(signer, call)?))),
        RuntimeCall::Utility(pallet_utility::Call::as_derivative { index, call }) => {
            inner(&pallet_utility::derivative_account_id(signer.clone(), *index), call)
        }
        RuntimeCall::Multisig(pallet_multisig::Call::as_multi_threshold_1 { other_signatories, call }) => {
            let mut signatories = other_signatories.clone();
            signatories.push(signer.clone());
            signatories.sort();
            inner(&crate::Multisig::multi_account_id(&signatories, 1), call)
        }
        RuntimeCall::Sudo(pallet_sudo::Call::sudo_as { who, call }) => inner(&account(who)?, call),
        RuntimeCall::Proxy(pallet_proxy::Call::proxy { real, call, .. }) => inner(&account(real)?, call),
        RuntimeCall::Proxy(pallet_proxy::Call::proxy_announced {
            delegate,
            real,
            force_proxy_type,
            call,
        }) => {
            let (delegate, real) = (account(delegate)?, account(real)?);
            let ripe = ripens_at(&delegate, &real, *force_proxy_type, call)?;
            Some(inner(&real, call)?.max(ripe))
        }
        _ => Some(now),
    }
}

fn account(address: &Address) -> Option<AccountId> {
    <Runtime as frame_system::Config>::Lookup::lookup(address.clone()).ok()
}

/// First block in which the announced call of a delegate can be made: the delay of its proxy after the first
/// announcement of this call. The present block if waiting does not help, because nothing was announced or there is no
/// such proxy.
fn ripens_at(
    delegate: &AccountId,
    real: &AccountId,
    kind: Option<ProxyType>,
    call: &RuntimeCall,
) -> Option<u64> {
    let now = System::block_number();
    let Ok(proxy) = Proxy::find_proxy(real, delegate, kind) else { return Some(now.into()) };
    let hash = <Runtime as pallet_proxy::Config>::CallHasher::hash_of(call);
    let announced = Proxy::announcements(delegate.clone()).0;
    let height = announced.into_iter().filter_map(|announcement| {
        // The fields are private to the proxy pallet; their encoding is not.
        let (of, what, height): (AccountId, Hash, BlockNumber) =
            Decode::decode(&mut &announcement.encode()[..]).ok()?;
        (of == *real && what == hash).then_some(height)
    });
    let ripe = height.min().map_or(now, |height| height.saturating_add(proxy.delay));
    Some(ripe.max(now).into())
}
