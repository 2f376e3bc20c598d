//! Costs of calls of stock pallets. `make weights` writes the files but `governance`, which is written by hand; those
//! of our own pallets lie beside them.

pub mod frame_system;
pub mod governance;
pub mod pallet_balances;
mod pallet_grandpa;
pub mod pallet_multisig;
pub mod pallet_proxy;
pub mod pallet_session;
pub mod pallet_sudo;
pub mod pallet_timestamp;
pub mod pallet_utility;

#[cfg(test)]
mod tests;

use core::marker::PhantomData;

use frame_support::weights::Weight;

/// Costs of the finality pallet, whose benchmarks have other names than its calls.
pub struct Finality<T>(PhantomData<T>);

impl<T: ::frame_system::Config> ::pallet_grandpa::WeightInfo for Finality<T> {
    /// Reports are decoded and checked, and have no effect: there are no penalties on this chain.
    fn report_equivocation(_validators: u32, _most_nominators: u32) -> Weight {
        pallet_grandpa::Measured::<T>::check_equivocation_proof(1)
    }

    fn note_stalled() -> Weight {
        pallet_grandpa::Measured::<T>::note_stalled()
    }
}
