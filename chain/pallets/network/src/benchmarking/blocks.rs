//! Work of every block for all subnets.

use frame_benchmarking::v2::*;
use myelin_economy::pool::QuoteWeight;
use myelin_units::{I96F32, ROOT};
use sp_runtime::StateVersion;

use super::scene::*;
use crate::{
    block,
    pallet::*,
    pools::PoolReserves,
    subnets::{now, SubnetRegistry},
};

/// Stands for the pallet.
pub struct Pallet<T: Config>(crate::pallet::Pallet<T>);

/// Started subnets that root stakers and the block's TAO favour, each different from the others. The chain injects the
/// most that their pools take and buys alpha for the rest, and prices of registrations fall at different paces.
fn market<T: Config>(subnets: u32) {
    open_subnets::<T>(subnets);
    hold::<T>(&hotkey::<T>(1), &coldkey::<T>(1), ROOT, 100);
    later::<T>();
    for netuid in SubnetRegistry::<T>::user_netuids() {
        FirstEmissionBlockNumber::<T>::insert(netuid, 1);
        SubtokenEnabled::<T>::insert(netuid, true);
        SubnetEmissionEnabled::<T>::insert(netuid, true);
        NetworkRegistrationAllowed::<T>::insert(netuid, true);
        OwnerCutEnabled::<T>::insert(netuid, true);
        SubnetMovingPrice::<T>::insert(netuid, I96F32::from_ratio(1, 2));
        BurnHalfLife::<T>::insert(netuid, 100 + netuid);
        RegistrationsThisBlock::<T>::insert(netuid, 1);
        let weight = QuoteWeight::UNIT / 2 + u64::from(netuid);
        pallet_myelin_swap::Pallet::<T>::set_quote_weight(
            netuid,
            QuoteWeight::new(weight).unwrap_or_default(),
        );
    }
}

/// A market in its second block: pots and all other results of a block exist from the one before.
fn put_off<T: Config>(subnets: u32) {
    market::<T>(subnets);
    MaxEpochsPerBlock::<T>::put(0);
    SubnetRegistry::<T>::user_netuids().into_iter().for_each(|netuid| PendingEpochAt::<T>::insert(netuid, 1));
    block::emit::<T>(now::<T>());
    next_block::<T>();
}

/// The work of every block, with the state root of its changes.
fn begin<T: Config>() {
    block::emit::<T>(now::<T>());
    PoolReserves::<T>::open_trading();
    sp_io::storage::root(StateVersion::V1);
}

fn assert_paid<T: Config>(subnets: u32) {
    let last = SubnetRegistry::<T>::user_netuids().into_iter().max().unwrap_or(ROOT);
    assert!(!SubnetExcessTao::<T>::get(last).is_zero());
    assert!(!PendingServerEmission::<T>::get(last).is_zero());
    assert_eq!(PendingEpochAt::<T>::get(last), now::<T>() + 1);
    assert!(u32::from(last) >= subnets);
}

#[benchmarks]
mod benchmarks {
    use super::*;

    /// Prices, emission, pots and smoothed prices of `n` subnets. The epochs of all of them are due, and deferred.
    #[benchmark]
    fn coinbase(n: Linear<1, 128>) {
        put_off::<T>(n);
        #[block]
        {
            begin::<T>();
        }
        assert_paid::<T>(n);
    }

    /// The same for few subnets, which a line through many overestimates.
    #[benchmark]
    fn coinbase_of_few(n: Linear<1, 8>) {
        put_off::<T>(n);
        #[block]
        {
            begin::<T>();
        }
        assert_paid::<T>(n);
    }

    impl_benchmark_test_suite!(Pallet, crate::tests::mock::situation(), crate::tests::mock::Test);
}
