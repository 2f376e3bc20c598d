//! What `pallet_network_blocks` costs. Written by `make weights`; a change by hand is lost.
//!
//! Processor time in the WASM runtime, 20 values of each component, each 10 times; state in memory, its root
//! included; every block uses the same keys.

use core::marker::PhantomData;

use frame_support::weights::Weight;

/// Measured costs.
pub struct Measured<T>(PhantomData<T>);

impl<T: frame_system::Config> Measured<T> {
    /// `n`: 1 to 128.
    pub fn coinbase(n: u32) -> Weight {
        Weight::from_parts(7_643_907_432, 0)
            .saturating_add(Weight::from_parts(318_915_608, 0).saturating_mul(n.into()))
    }
}
