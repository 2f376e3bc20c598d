//! Costs of `pallet_network_blocks`. Written by `make weights`; a change by hand is lost.
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
        Weight::from_parts(924_743_816, 0)
            .saturating_add(Weight::from_parts(231_650_603, 0).saturating_mul(n.into()))
    }

    /// `n`: 1 to 8.
    pub fn coinbase_of_few(n: u32) -> Weight {
        Weight::from_parts(234_082_272, 0)
            .saturating_add(Weight::from_parts(218_793_091, 0).saturating_mul(n.into()))
    }
}
