//! Moves the smoothed prices at the end of a block's emission.

use myelin_economy::emission::{root_proportion, MovingPrice};
use myelin_units::{Block, NetUid, ROOT};

use crate::{
    pallet::{
        Config, EMAPriceHalvingBlocks, FirstEmissionBlockNumber, RootProp, SubnetMovingAlpha,
        SubnetMovingPrice, SubnetTAO, TaoWeight,
    },
    pools::PoolReserves,
};

/// Moves the smoothed price of each paid subnet toward its spot price, and stores its root proportion for display.
pub fn update<T: Config>(eligible: &[NetUid], now: Block) {
    for &netuid in eligible {
        let step = MovingPrice {
            alpha: SubnetMovingAlpha::<T>::get(),
            halving_blocks: EMAPriceHalvingBlocks::<T>::get(netuid),
            first_emission_block: FirstEmissionBlockNumber::<T>::get(netuid).unwrap_or(now),
            block: now,
        };
        let spot = PoolReserves::<T>::spot_price(netuid);
        SubnetMovingPrice::<T>::mutate(netuid, |price| *price = step.next(*price, spot));

        let issuance = PoolReserves::<T>::alpha_issuance(netuid);
        RootProp::<T>::insert(
            netuid,
            root_proportion(SubnetTAO::<T>::get(ROOT), TaoWeight::<T>::get(), issuance),
        );
    }
}
