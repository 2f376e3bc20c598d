//! Costs of calls of stock pallets. `make weights` writes the files but `governance`, which is written by hand; those
//! of our own pallets lie beside them.

mod frame_system;
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

use frame_support::{dispatch::DispatchClass, traits::Get, weights::Weight};

/// Costs of the system pallet. A call that replaces the code loads it to read its version, which takes longer than a
/// block of a fast chain admits. It weighs at most three quarters of what ordinary calls may take, so that a block has
/// room for it beside the work of 128 subnets at its start. Such a block is late, once for each upgrade.
pub struct System<T>(PhantomData<T>);

impl<T: ::frame_system::Config> System<T> {
    fn most(measured: Weight) -> Weight {
        let ordinary = T::BlockWeights::get().get(DispatchClass::Normal).max_total;
        ordinary.map_or(measured, |ordinary| measured.min(ordinary.saturating_mul(3).div(4)))
    }
}

impl<T: ::frame_system::Config> ::frame_system::WeightInfo for System<T> {
    fn remark(b: u32) -> Weight {
        frame_system::Measured::<T>::remark(b)
    }

    fn remark_with_event(b: u32) -> Weight {
        frame_system::Measured::<T>::remark_with_event(b)
    }

    fn set_heap_pages() -> Weight {
        frame_system::Measured::<T>::set_heap_pages()
    }

    fn set_code() -> Weight {
        Self::most(frame_system::Measured::<T>::set_code())
    }

    fn set_storage(i: u32) -> Weight {
        frame_system::Measured::<T>::set_storage(i)
    }

    fn kill_storage(i: u32) -> Weight {
        frame_system::Measured::<T>::kill_storage(i)
    }

    fn kill_prefix(p: u32) -> Weight {
        frame_system::Measured::<T>::kill_prefix(p)
    }

    fn authorize_upgrade() -> Weight {
        frame_system::Measured::<T>::authorize_upgrade()
    }

    fn apply_authorized_upgrade() -> Weight {
        Self::most(frame_system::Measured::<T>::apply_authorized_upgrade())
    }
}

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
