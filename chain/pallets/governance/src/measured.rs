//! Costs of `pallet_myelin_governance`, estimated by hand from those of `pallet_myelin_provenance`. The benchmarks
//! stand beside them. Their referenda are those of the network, so they miss three reads of each vote on a rubric.

use core::marker::PhantomData;

use frame_support::{traits::Get, weights::Weight};

/// Costs.
pub struct Measured<T>(PhantomData<T>);

impl<T: frame_system::Config> Measured<T> {
    /// `c`: 0 to 32.
    pub fn settle(c: u32) -> Weight {
        Self::of(100, 1, 1).saturating_add(Self::of(30, 5, 1).saturating_mul(c.into()))
    }

    /// A full record.
    pub fn lock() -> Weight {
        Self::of(120, 5, 4)
    }

    /// A full record with votes on rubrics. Each of them that is open costs five reads, more than one that is over.
    pub fn unlock() -> Weight {
        Self::of(1_000, 200, 40)
    }

    /// A full record with votes on rubrics, one of them over; full sums of both account and delegate; and the present
    /// prices of a full vote lock. Measured were 1,113 µs with 94 reads and 7 writes, on referenda of the network.
    pub fn vote() -> Weight {
        Self::of(1_300, 94 + 3 * 32, 10)
    }

    /// Full records and sums of both account and delegate.
    pub fn withdraw() -> Weight {
        Self::of(1_200, 50, 15)
    }

    /// Full records of account, former delegate and delegate, and all their votes on the track. 64 votes are counted
    /// anew, each with ten entries that nothing else reads and four that it writes.
    pub fn delegate() -> Weight {
        Self::of(50_000, 900, 350)
    }

    /// Full records of account and delegate, and all their votes on the track.
    pub fn undelegate() -> Weight {
        Self::of(27_000, 550, 200)
    }

    /// Put off, where 16 blocks of the schedule are full after the brake. Without the call inside.
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

    /// Another committee, whose brake is on.
    pub fn set_committee() -> Weight {
        Self::of(80, 2, 3)
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

    /// All milestones, and the referenda on the end of the grant.
    pub fn pay() -> Weight {
        Self::of(150, 5, 3)
    }

    /// Both deposits.
    pub fn collect() -> Weight {
        Self::of(150, 5, 4)
    }

    fn of(microseconds: u64, reads: u64, writes: u64) -> Weight {
        Weight::from_parts(microseconds.saturating_mul(1_000_000), 0)
            .saturating_add(T::DbWeight::get().reads(reads))
            .saturating_add(T::DbWeight::get().writes(writes))
    }
}
