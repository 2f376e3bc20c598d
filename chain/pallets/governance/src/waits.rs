//! First block in which a call can succeed, as far as waiting decides it (see `pallet_network::waits`).

use frame_support::{
    storage::{with_transaction, TransactionOutcome},
    traits::Get,
};
use myelin_governance::{
    book,
    enactment::{self, CommitteeError},
    grant::GrantError,
};
use myelin_units::Block;
use sp_runtime::DispatchError;

use crate::{
    now,
    pallet::{Call, Config, Grants, LastBrake},
    store::Store,
    treasury::Treasury,
};

/// First block, not before the present one, in which no wait delays a call by `signer`.
///
/// `None` if no such block is known: a vote binds the amount and its referendum goes on, or a referendum on the end of
/// the grant is being decided.
pub fn allowed_at<T: Config>(signer: &T::AccountId, call: &Call<T>) -> Option<Block> {
    let now = now::<T>();
    let first = match call {
        Call::unlock { .. } => free_at::<T>(signer)?,
        Call::pull_brake {} => match enactment::pull(LastBrake::<T>::get(), now, &T::Profile::get()) {
            Err(CommitteeError::BrakeRests(until)) => until,
            _ => now,
        },
        // Nobody knows when the referendum ends.
        Call::pay { grant } if Treasury::<T>::may_be_stopped(*grant) => return None,
        Call::pay { grant } => {
            let paid = Grants::<T>::get(grant).map(|mut kept| kept.pay(now, &T::Profile::get()));
            match paid {
                Some(Err(GrantError::Early(until))) => until,
                _ => now,
            }
        }
        _ => now,
    };
    Some(first.max(now))
}

/// First block in which no vote and no bond binds the vote lock. Settling the record for the answer is taken back.
fn free_at<T: Config>(who: &T::AccountId) -> Option<Block> {
    let settled = with_transaction(|| {
        let settled = book::settled(&mut Store::<T>::open(), who);
        TransactionOutcome::Rollback(Ok::<_, DispatchError>(settled))
    });
    let voter = settled.ok()?.unwrap_or_default();
    voter.casts.is_empty().then_some(voter.until)
}
