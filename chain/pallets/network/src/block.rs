//! What happens in every block before its transactions, in the order of the protocol.

use frame_support::{migrations::MultiStepMigrator, pallet_prelude::*};
use frame_system::pallet_prelude::BlockNumberFor;
use sp_runtime::SaturatedConversion;

use crate::{
    locks::Takeover,
    migrations::Recount,
    neurons::NeuronRegistry,
    pallet::Config,
    pools::PoolReserves,
    removal::{SubnetRemoval, WaitingRegistrations},
    stake::{Delegation, RootClaims, StakeLedger},
};

/// Runs the block's own work and says what it cost. While a migration goes on in pages there is none.
///
/// 1. Registration prices fall and the registrations of the block are counted from 0.
/// 2. The block's TAO is minted, divided among the subnets, and epochs that are due run and pay; then the moving prices follow.
/// 3. Changes of children that waited are applied on the subnets whose epoch slot was consumed.
/// 4. A count of convictions that is under way goes on, and root dividends of a few coldkeys are claimed.
/// 5. Pages of long work: the subnet that is being removed, and nominations that became too small. A subnet that waits for a number and can
///    have one is created.
/// 6. Trading opens at the prices that all this leaves.
pub(crate) fn begin<T: Config>(block: BlockNumberFor<T>) -> Weight {
    if Recount::<T>::ongoing() {
        return T::DbWeight::get().reads(1);
    }
    let now = block.saturated_into();
    let cost = NeuronRegistry::<T>::begin_block(now)
        .saturating_add(crate::emission::run_coinbase::<T>(now))
        .saturating_add(Delegation::<T>::apply_pending(now))
        .saturating_add(Takeover::<T>::count_on())
        .saturating_add(claim_root_dividends::<T>())
        .saturating_add(SubnetRemoval::<T>::begin_block())
        .saturating_add(WaitingRegistrations::<T>::begin_block())
        .saturating_add(StakeLedger::<T>::sweep_small_nominations());
    PoolReserves::<T>::open_trading();
    cost
}

fn claim_root_dividends<T: Config>() -> Weight {
    let parent = frame_system::Pallet::<T>::parent_hash();
    let mut seed = [0u8; 32];
    for (byte, source) in seed.iter_mut().zip(parent.as_ref()) {
        *byte = *source;
    }
    RootClaims::<T>::claim_for_some(&seed)
}
