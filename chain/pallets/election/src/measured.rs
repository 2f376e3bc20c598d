//! Costs of `pallet_myelin_election`. Estimates until `make weights` has measured them and replaces this file.
//!
//! Reads and writes are keys, weighed by the runtime's `DbWeight`.

use core::marker::PhantomData;

use frame_support::{traits::Get, weights::Weight};

/// Estimated costs.
pub struct Measured<T>(PhantomData<T>);

impl<T: frame_system::Config> Measured<T> {
    /// Does not depend on anything.
    pub fn join() -> Weight {
        Self::of(110, 7, 5)
    }

    /// The first change of a candidate that a pass awaits.
    pub fn pledge_more() -> Weight {
        Self::of(110, 8, 4)
    }

    /// The first change of a candidate that a pass awaits.
    pub fn unbond() -> Weight {
        Self::of(60, 6, 2)
    }

    /// The last amount, which ends the candidacy.
    pub fn withdraw() -> Weight {
        Self::of(90, 6, 5)
    }

    /// The first change of a candidate that a pass awaits.
    pub fn chill() -> Weight {
        Self::of(60, 6, 2)
    }

    /// The first change of a candidate that a pass awaits.
    pub fn resume() -> Weight {
        Self::of(60, 6, 2)
    }

    /// Does not depend on anything.
    pub fn set_rules() -> Weight {
        Self::of(30, 0, 1)
    }

    /// Does not depend on anything.
    pub fn switch() -> Weight {
        Self::of(30, 2, 1)
    }

    /// A block without work.
    pub fn tick() -> Weight {
        Self::of(5, 4, 0)
    }

    /// The first block of a pass, with a panel of `m` validators.
    pub fn begin_pass(m: u32) -> Weight {
        Self::of(1_000, 10, 5).saturating_add(Weight::from_parts(2_000_000, 0).saturating_mul(m.into()))
    }

    /// A page of `c` candidates whose readings were kept, which is the last one of its pass.
    pub fn page(c: u32) -> Weight {
        Self::of(2_500, 6, 6).saturating_add(Self::of(15, 7, 2).saturating_mul(c.into()))
    }

    /// Does not depend on anything.
    pub fn draw() -> Weight {
        Self::of(500, 3, 3)
    }

    /// Headers of `l` KiB, in the pool and in a block, by a candidate whom a pass awaits.
    pub fn report_blocks(l: u32) -> Weight {
        Self::of(500, 14, 7).saturating_add(Weight::from_parts(12_000_000, 0).saturating_mul(l.into()))
    }

    /// In the pool and in a block, by a candidate whom a pass awaits.
    pub fn report_votes() -> Weight {
        Self::of(500, 12, 7)
    }

    /// A docket of many slashes.
    pub fn cancel_slash() -> Weight {
        Self::of(150, 1, 2)
    }

    /// A block in which no author is counted, or no slash waits.
    pub fn uncounted() -> Weight {
        Self::of(2, 1, 0)
    }

    /// A block of the largest set.
    pub fn count() -> Weight {
        Self::of(10, 2, 1)
    }

    /// The end of an era in which `a` of the largest set were away.
    pub fn judge(a: u32) -> Weight {
        Self::of(150, 5, 3).saturating_add(Self::of(30, 2, 2).saturating_mul(a.into()))
    }

    /// A block that takes `s` slashes.
    pub fn take(s: u32) -> Weight {
        Self::of(150, 3, 2).saturating_add(Self::of(60, 6, 6).saturating_mul(s.into()))
    }

    fn of(microseconds: u64, reads: u64, writes: u64) -> Weight {
        Weight::from_parts(microseconds.saturating_mul(1_000_000), 0)
            .saturating_add(T::DbWeight::get().reads(reads))
            .saturating_add(T::DbWeight::get().writes(writes))
    }
}
