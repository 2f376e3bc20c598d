//! Calls of the session pallet: keys of an authority with stored keys.

use codec::Encode;
use frame_benchmarking::v2::*;
use frame_system::RawOrigin;
use sp_runtime::traits::GeneratedSessionKeys;

use crate::SessionKeys;

/// Stands for the session pallet.
pub struct Pallet<T: Config>(pallet_session::Pallet<T>);

/// A runtime with our session keys.
pub trait Config: pallet_session::Config<Keys = SessionKeys> {}

fn new_keys<T: Config>(owner: &T::AccountId) -> (SessionKeys, alloc::vec::Vec<u8>) {
    let GeneratedSessionKeys { keys, proof } = SessionKeys::generate(&owner.encode(), None);
    (keys, proof.encode())
}

/// An account with session keys.
fn authority<T: Config>() -> Result<T::AccountId, BenchmarkError> {
    let owner: T::AccountId = whitelisted_caller();
    let (keys, proof) = new_keys::<T>(&owner);
    frame_system::Pallet::<T>::inc_providers(&owner);
    pallet_session::Pallet::<T>::ensure_can_pay_key_deposit(&owner)?;
    pallet_session::Pallet::<T>::set_keys(RawOrigin::Signed(owner.clone()).into(), keys, proof)?;
    Ok(owner)
}

#[benchmarks]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn set_keys() -> Result<(), BenchmarkError> {
        let owner = authority::<T>()?;
        let (keys, proof) = new_keys::<T>(&owner);
        #[block]
        {
            pallet_session::Pallet::<T>::set_keys(RawOrigin::Signed(owner).into(), keys, proof)?;
        }
        Ok(())
    }

    #[benchmark]
    fn purge_keys() -> Result<(), BenchmarkError> {
        let owner = authority::<T>()?;
        #[block]
        {
            pallet_session::Pallet::<T>::purge_keys(RawOrigin::Signed(owner).into())?;
        }
        Ok(())
    }
}
