//! Calls that carry another call: the outcome of the inner call.

use frame_system::Phase;
use myelin_runtime::{RuntimeCall, RuntimeEvent, System};
use sp_runtime::DispatchResult;

use crate::{story::title, world::Outcome};

/// Source of the outcome of a carried call.
enum Told {
    /// An event reports it. Without the event the call was not made yet.
    ByEvent,
    /// It succeeded if the call around it did.
    ByOuter,
}

/// The calls of the last transaction of the open block by name, from the outermost to the innermost that was made, with
/// the outcome of each. Calls of root have their own name. Requires externalities.
pub fn unpack(call: &RuntimeCall, outcome: Outcome) -> Vec<(String, Outcome)> {
    let mut call = match call {
        RuntimeCall::Sudo(pallet_sudo::Call::sudo { call }) => call,
        plain => plain,
    };
    let mut told = vec![(title(call), outcome)];
    while let Some((_, Outcome::Done)) = told.last() {
        let Some((inner, how)) = inside(call) else { break };
        let outcome = match how {
            Told::ByOuter => Some(Outcome::Done),
            Told::ByEvent => result(call).map(|result| match result {
                Ok(()) => Outcome::Done,
                Err(error) => Outcome::Refused(error),
            }),
        };
        let Some(outcome) = outcome else { break };
        call = inner;
        told.push((title(call), outcome));
    }
    told
}

fn inside(call: &RuntimeCall) -> Option<(&RuntimeCall, Told)> {
    use pallet_multisig::Call as Multisig;
    use pallet_proxy::Call as Proxy;
    use pallet_utility::Call as Utility;
    Some(match call {
        RuntimeCall::Proxy(Proxy::proxy { call, .. } | Proxy::proxy_announced { call, .. })
        | RuntimeCall::Multisig(Multisig::as_multi { call, .. })
        | RuntimeCall::Utility(Utility::dispatch_as { call, .. }) => (call, Told::ByEvent),
        RuntimeCall::Multisig(Multisig::as_multi_threshold_1 { call, .. })
        | RuntimeCall::Utility(
            Utility::as_derivative { call, .. }
            | Utility::dispatch_as_fallible { call, .. }
            | Utility::with_weight { call, .. },
        ) => (call, Told::ByOuter),
        _ => return None,
    })
}

/// The result of the call inside this one, as the last transaction reported it.
fn result(outer: &RuntimeCall) -> Option<DispatchResult> {
    let last = Phase::ApplyExtrinsic(System::extrinsic_index()?.checked_sub(1)?);
    let told = |event| match (outer, event) {
        (RuntimeCall::Proxy(_), RuntimeEvent::Proxy(pallet_proxy::Event::ProxyExecuted { result })) => {
            Some(result)
        }
        (
            RuntimeCall::Multisig(_),
            RuntimeEvent::Multisig(pallet_multisig::Event::MultisigExecuted { result, .. }),
        ) => Some(result),
        (RuntimeCall::Utility(_), RuntimeEvent::Utility(pallet_utility::Event::DispatchedAs { result })) => {
            Some(result)
        }
        _ => None,
    };
    System::read_events_no_consensus()
        .filter(|record| record.phase == last)
        .find_map(|record| told(record.event))
}
