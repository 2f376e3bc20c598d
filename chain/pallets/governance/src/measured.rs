//! Costs of `pallet_myelin_governance`, estimated by hand from those of `pallet_myelin_provenance`; the benchmarks
//! stand beside them, and `make weights` replaces this file.

use core::marker::PhantomData;

use frame_support::{traits::Get, weights::Weight};

/// Costs.
pub struct Measured<T>(PhantomData<T>);

impl<T: frame_system::Config> Measured<T> {
    /// A full record.
    pub fn lock() -> Weight {
        Self::of(120, 5, 4)
    }

    /// A full record whose votes are all over.
    pub fn unlock() -> Weight {
        Self::of(600, 70, 40)
    }

    /// A full record whose votes are all over, and full sums of both account and delegate.
    pub fn vote() -> Weight {
        Self::of(1_500, 90, 50)
    }

    /// Full records and sums of both account and delegate.
    pub fn withdraw() -> Weight {
        Self::of(900, 25, 10)
    }

    /// Full records of account, former delegate and delegate, and all their votes on the track.
    pub fn delegate() -> Weight {
        Self::of(40_000, 700, 350)
    }

    /// Full records of account and delegate, and all their votes on the track.
    pub fn undelegate() -> Weight {
        Self::of(20_000, 350, 180)
    }

    /// Put off, where the schedule is full for 31 blocks after the brake. Without the call inside.
    pub fn enact() -> Weight {
        Self::of(800, 45, 8)
    }

    /// A full schedule of both blocks.
    pub fn delay() -> Weight {
        Self::of(200, 6, 5)
    }

    /// All places are taken but one.
    pub fn mark() -> Weight {
        Self::of(60, 2, 1)
    }

    /// Does not depend on anything.
    pub fn pull_brake() -> Weight {
        Self::of(50, 2, 1)
    }

    /// Does not depend on anything.
    pub fn release_brake() -> Weight {
        Self::of(50, 2, 1)
    }

    /// Does not depend on anything.
    pub fn set_committee() -> Weight {
        Self::of(40, 0, 1)
    }

    /// Does not depend on anything.
    pub fn spend() -> Weight {
        Self::of(120, 2, 2)
    }

    /// All milestones.
    pub fn grant() -> Weight {
        Self::of(100, 2, 2)
    }

    /// All milestones.
    pub fn stop_grant() -> Weight {
        Self::of(60, 1, 1)
    }

    /// All milestones.
    pub fn claim() -> Weight {
        Self::of(60, 1, 1)
    }

    /// All milestones.
    pub fn pay() -> Weight {
        Self::of(150, 3, 3)
    }

    /// The registration of a subnet, which takes the place of another one.
    pub fn open_subnet() -> Weight {
        Self::of(2_000, 100, 100)
    }

    fn of(microseconds: u64, reads: u64, writes: u64) -> Weight {
        Weight::from_parts(microseconds.saturating_mul(1_000_000), 0)
            .saturating_add(T::DbWeight::get().reads(reads))
            .saturating_add(T::DbWeight::get().writes(writes))
    }
}
