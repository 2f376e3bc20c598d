//! What happens in every block before its transactions, in the order of the protocol.

use frame_support::{migrations::MultiStepMigrator, pallet_prelude::*};
use frame_system::pallet_prelude::BlockNumberFor;
use myelin_units::Block;
use sp_runtime::SaturatedConversion;

use crate::{
    chores, costs, emission, migrations::Recount, neurons::NeuronRegistry, pallet::Config,
    pools::PoolReserves,
};

/// Runs the block's own work and says what it cost. While a migration goes on in pages there is none.
///
/// 1. Registration prices fall and the registrations of the block are counted from 0.
/// 2. The block's TAO is minted, divided among the subnets, and epochs that are due run and pay; then the moving prices
///    follow.
/// 3. Chores share what room is left for them ([`chores`]): changes of children that waited are applied on the subnets
///    whose epoch slot was consumed; a count of convictions that is under way goes on; root dividends of a few coldkeys
///    are claimed; pages of long work are done, for the subnet that is being removed and for nominations that became
///    too small; a subnet that waits for a number and can have one is created.
/// 4. Trading opens at the prices that all this leaves.
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

/// The first two parts. Says what the epochs cost, which come on top of [`costs::coinbase`].
pub(crate) fn emit<T: Config>(now: Block) -> Weight {
    NeuronRegistry::<T>::begin_block(now);
    emission::run_coinbase::<T>(now)
}
