//! Work of every block before its transactions, in the order of the protocol.

use frame_support::{migrations::MultiStepMigrator, pallet_prelude::*};
use frame_system::pallet_prelude::BlockNumberFor;
use myelin_units::Block;
use sp_runtime::SaturatedConversion;

use crate::{
    chores, costs, emission, migrations::Recount, neurons::NeuronRegistry, pallet::Config,
    pools::PoolReserves,
};

/// Runs the block's own work and returns its cost. While a migration goes on in pages there is no other work.
///
/// 1. Registration prices fall and the registrations of the block are counted from 0.
/// 2. The block's TAO is minted, divided among the subnets, and epochs that are due run and pay; then the moving prices
///    follow.
/// 3. Chores share the remaining room ([`chores`]). Pending children are applied on the subnets whose epoch slot was
///    consumed, and an unfinished count of convictions goes on. Root dividends of a few coldkeys are claimed. Pages of
///    long work are done: the removal of a subnet, and the sweep of nominations that became too small. A subnet that
///    waits for a number is created if one is free.
/// 4. Trading opens at the resulting prices.
pub(crate) fn begin<T: Config>(block: BlockNumberFor<T>) -> Weight {
    if Recount::<T>::ongoing() {
        return T::DbWeight::get().reads(1);
    }
    let now = block.saturated_into();
    let own = costs::coinbase::<T>().saturating_add(emit::<T>(now));
    let cost = own.saturating_add(chores::run::<T>(now, own));
    PoolReserves::<T>::open_trading();
    cost
}

/// The first two parts. Returns the cost of the epochs, which comes on top of [`costs::coinbase`].
pub(crate) fn emit<T: Config>(now: Block) -> Weight {
    NeuronRegistry::<T>::begin_block(now);
    emission::run_coinbase::<T>(now)
}
