//! Costs of `pallet_utility`. Written by `make weights`; a change by hand is lost.
//!
//! Processor time in the WASM runtime, 20 values of each component, each 10 times; state in memory. Reads and writes
//! are keys, weighed by the runtime's `DbWeight`.

use core::marker::PhantomData;

use frame_support::weights::Weight;

/// Measured costs.
pub struct Measured<T>(PhantomData<T>);

impl<T: ::frame_system::Config> ::pallet_utility::WeightInfo for Measured<T> {
    /// `c`: 0 to 1000.
    fn batch(c: u32) -> Weight {
        Weight::from_parts(76_665_056, 0)
            .saturating_add(Weight::from_parts(4_140_754, 0).saturating_mul(c.into()))
    }

    /// Does not depend on anything.
    fn as_derivative() -> Weight {
        Weight::from_parts(5_217_000, 0)
    }

    /// `c`: 0 to 1000.
    fn batch_all(c: u32) -> Weight {
        Weight::from_parts(71_487_449, 0)
            .saturating_add(Weight::from_parts(4_446_887, 0).saturating_mul(c.into()))
    }

    /// Does not depend on anything.
    fn dispatch_as() -> Weight {
        Weight::from_parts(8_993_000, 0)
    }

    /// `c`: 0 to 1000.
    fn force_batch(c: u32) -> Weight {
        Weight::from_parts(93_640_062, 0)
            .saturating_add(Weight::from_parts(4_287_589, 0).saturating_mul(c.into()))
    }

    /// Does not depend on anything.
    fn dispatch_as_fallible() -> Weight {
        Weight::from_parts(9_267_000, 0)
    }

    /// Does not depend on anything.
    fn if_else() -> Weight {
        Weight::from_parts(10_933_000, 0)
    }
}
