//! Limit of free calls that wait at once: one of a kind for every neuron.
//!
//! A free call is checked against the present state, so a chain of a thousand equal ones would pass, though only the
//! first can succeed. They would push paying calls out of a full pool. Therefore a free call fills the slot of the
//! value that it changes. The pool lets no second call into a filled slot unless its tip is higher: it answers
//! "priority is too low", as for a nonce in use.

use alloc::{vec, vec::Vec};

use codec::Encode;
use myelin_units::{MechId, NetUid};
use sp_runtime::transaction_validity::TransactionTag;

use crate::{
    pallet::{Call, Config},
    weights::MAIN,
};

/// Value that a free call changes.
#[derive(Clone, Copy, Encode)]
enum Slot {
    Weights(NetUid, MechId),
    Commit(NetUid, MechId),
    Reveal(NetUid, MechId),
    Axon(NetUid),
    Prometheus(NetUid),
    Commitment(NetUid),
    Answers(NetUid),
    Holdings(NetUid),
}

/// Tags of the slots that a call of `signer` fills. Announcements fill theirs also where they pay.
pub fn filled_by<T: Config>(signer: &T::AccountId, call: &Call<T>) -> Vec<TransactionTag> {
    let slots = match call {
        Call::set_weights { netuid, .. } => vec![Slot::Weights(*netuid, MAIN)],
        Call::set_mechanism_weights { netuid, mecid, .. } => vec![Slot::Weights(*netuid, *mecid)],
        Call::batch_set_weights { netuids, .. } => {
            netuids.iter().map(|netuid| Slot::Weights(netuid.0, MAIN)).collect()
        }
        Call::commit_weights { netuid, .. } => vec![Slot::Commit(*netuid, MAIN)],
        Call::commit_mechanism_weights { netuid, mecid, .. }
        | Call::commit_proven_weights { netuid, mecid, .. } => vec![Slot::Commit(*netuid, *mecid)],
        Call::batch_commit_weights { netuids, .. } => {
            netuids.iter().map(|netuid| Slot::Commit(netuid.0, MAIN)).collect()
        }
        Call::reveal_weights { netuid, .. } | Call::batch_reveal_weights { netuid, .. } => {
            vec![Slot::Reveal(*netuid, MAIN)]
        }
        Call::reveal_mechanism_weights { netuid, mecid, .. }
        | Call::reveal_proven_weights { netuid, mecid, .. } => vec![Slot::Reveal(*netuid, *mecid)],
        Call::serve_axon { netuid, .. } | Call::serve_axon_tls { netuid, .. } => vec![Slot::Axon(*netuid)],
        Call::serve_prometheus { netuid, .. } => vec![Slot::Prometheus(*netuid)],
        Call::commit_answer_root { netuid, .. } => vec![Slot::Answers(*netuid)],
        Call::attest_evidence { netuid, .. } => vec![Slot::Holdings(*netuid)],
        _ => Vec::new(),
    };
    slots.into_iter().map(|slot| tag(signer, slot)).collect()
}

/// Tag of the slot that a call of the commitments pallet fills.
pub fn filled_by_commitment<T: Config>(
    signer: &T::AccountId,
    call: &pallet_commitments::Call<T>,
) -> Vec<TransactionTag> {
    match call {
        pallet_commitments::Call::set_commitment { netuid, .. } => {
            vec![tag(signer, Slot::Commitment(*netuid))]
        }
        _ => Vec::new(),
    }
}

fn tag(signer: &impl Encode, slot: Slot) -> TransactionTag {
    ("free", signer, slot).encode()
}
