//! Costs of `pallet_utility`. Written by `make weights`; a change by hand is lost.
//!
//! Processor time in the WASM runtime, 10 values of each component, each 10 times; state in memory. Reads and writes
//! are keys, weighed by the runtime's `DbWeight`.

use core::marker::PhantomData;

use frame_support::weights::Weight;

/// Measured costs.
pub struct Measured<T>(PhantomData<T>);

impl<T: ::frame_system::Config> ::pallet_utility::WeightInfo for Measured<T> {
    /// `c`: 0 to 1000.
    fn batch(c: u32) -> Weight {
        Weight::from_parts(80_508_932, 0)
            .saturating_add(Weight::from_parts(5_012_597, 0).saturating_mul(c.into()))
    }

    /// Does not depend on anything.
    fn as_derivative() -> Weight {
        Weight::from_parts(5_959_000, 0)
    }

    /// `c`: 0 to 1000.
    fn batch_all(c: u32) -> Weight {
        Weight::from_parts(86_238_158, 0)
            .saturating_add(Weight::from_parts(5_240_737, 0).saturating_mul(c.into()))
    }

    /// Does not depend on anything.
    fn dispatch_as() -> Weight {
        Weight::from_parts(10_346_000, 0)
    }

    /// `c`: 0 to 1000.
    fn force_batch(c: u32) -> Weight {
        Weight::from_parts(896_038_996, 0)
            .saturating_add(Weight::from_parts(5_231_852, 0).saturating_mul(c.into()))
    }

    /// Does not depend on anything.
    fn dispatch_as_fallible() -> Weight {
        Weight::from_parts(10_276_000, 0)
    }

    /// Does not depend on anything.
    fn if_else() -> Weight {
        Weight::from_parts(12_048_000, 0)
    }
}
