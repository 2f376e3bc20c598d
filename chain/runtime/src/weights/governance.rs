//! Costs of preimages, the schedule and referenda: those that the stock pallets state for their authors' machine, with
//! this chain's costs of reads and writes. `make weights` can't measure them, because their benchmarks make calls that
//! nobody makes on this chain.
//!
//! Referenda also note prices and electorate, and ask whether a tally's note is still there.

use core::marker::PhantomData;

use frame_support::{traits::Get, weights::Weight};
use myelin_governance::power::MAX_SUM_ASSETS;

pub use pallet_preimage::weights::SubstrateWeight as Preimages;
pub use pallet_scheduler::weights::SubstrateWeight as Tasks;

/// Subnets whose prices are noted, at most: all but free TAO and root, as many as sums of delegations hold. The network
/// may have more, and counts no more.
const SUBNETS: u64 = MAX_SUM_ASSETS as u64 - 2;
/// Entries that the prices of a note need of each subnet.
const OF_SUBNET: u64 = 6;
/// Entries for the list of subnets, the electorate, and the list of notes.
const OF_NOTE: u64 = 16;
/// Entries that say whether a referendum is alive, asked three times, and the electorate, asked once or twice.
const ALIVE: u64 = 24;

/// Costs of referenda.
pub struct Polls<T>(PhantomData<T>);

type Stock<T> = pallet_referenda::weights::SubstrateWeight<T>;

impl<T: frame_system::Config> Polls<T> {
    /// A note of a full network.
    fn note() -> Weight {
        let reads = SUBNETS.saturating_mul(OF_SUBNET).saturating_add(OF_NOTE);
        T::DbWeight::get().reads_writes(reads, 4)
    }

    fn tallied(stock: Weight) -> Weight {
        stock.saturating_add(T::DbWeight::get().reads(ALIVE))
    }
}

macro_rules! stock {
    ($($name:ident),*) => {
        $(
            /// That of the stock pallet, and of the tally's note.
            fn $name() -> Weight {
                Self::tallied(<Stock<T> as pallet_referenda::WeightInfo>::$name())
            }
        )*
    };
}

impl<T: frame_system::Config> pallet_referenda::WeightInfo for Polls<T> {
    /// A submission that notes prices and electorate.
    fn submit() -> Weight {
        <Stock<T> as pallet_referenda::WeightInfo>::submit().saturating_add(Self::note())
    }

    stock!(
        place_decision_deposit_preparing,
        place_decision_deposit_queued,
        place_decision_deposit_not_queued,
        place_decision_deposit_passing,
        place_decision_deposit_failing,
        refund_decision_deposit,
        refund_submission_deposit,
        cancel,
        kill,
        one_fewer_deciding_queue_empty,
        one_fewer_deciding_failing,
        one_fewer_deciding_passing,
        nudge_referendum_requeued_insertion,
        nudge_referendum_requeued_slide,
        nudge_referendum_queued,
        nudge_referendum_not_queued,
        nudge_referendum_no_deposit,
        nudge_referendum_preparing,
        nudge_referendum_timed_out,
        nudge_referendum_begin_deciding_failing,
        nudge_referendum_begin_deciding_passing,
        nudge_referendum_begin_confirming,
        nudge_referendum_end_confirming,
        nudge_referendum_continue_not_confirming,
        nudge_referendum_continue_confirming,
        nudge_referendum_approved,
        nudge_referendum_rejected,
        set_some_metadata,
        clear_metadata
    );
}
