//! The price of a registration: it falls a little in every block and jumps at every registration.

use alloc::collections::BTreeMap;

use myelin_economy::registration::{burn_factor, BurnBounds};
use myelin_units::{Block, NetUid, TaoBalance, ROOT};

use super::NeuronRegistry;
use crate::{
    pallet::{
        Burn, BurnHalfLife, BurnIncreaseMult, BurnRegistrationsThisInterval, Config, LastAdjustmentBlock,
        MaxBurn, MinBurn, RegistrationsThisBlock, RegistrationsThisInterval, Tempo,
    },
    subnets::SubnetRegistry,
};

/// Blocks for which the fall of a price is predicted.
const FORESIGHT: Block = 100_000;

impl<T: Config> NeuronRegistry<T> {
    /// Price of a registration now.
    pub fn price(netuid: NetUid) -> TaoBalance {
        Burn::<T>::get(netuid)
    }

    /// First block from `now` on in which a registration costs at most `limit`, if no one registers before. `None` if
    /// the price does not fall so far, or only after 100,000 blocks.
    pub fn costs_at_most_at(netuid: NetUid, limit: TaoBalance, now: Block) -> Option<Block> {
        let (bounds, factor) = (Self::bounds(netuid), burn_factor(BurnHalfLife::<T>::get(netuid)));
        let mut price = Self::price(netuid);
        for wait in 0..FORESIGHT {
            if price <= limit {
                return Some(now.saturating_add(wait));
            }
            let next = bounds.decayed(price, factor);
            if next >= price {
                return None;
            }
            price = next;
        }
        None
    }

    /// Lets every price fall by one block and resets the counters of the block.
    pub(crate) fn begin_block(now: Block) {
        let mut factors = BTreeMap::new();
        for netuid in SubnetRegistry::<T>::netuids() {
            RegistrationsThisBlock::<T>::remove(netuid);
            if now > 1 {
                let half_life = BurnHalfLife::<T>::get(netuid);
                let factor = *factors.entry(half_life).or_insert_with(|| burn_factor(half_life));
                Burn::<T>::mutate(netuid, |burn| *burn = Self::bounds(netuid).decayed(*burn, factor));
            }
        }
        Self::renew_root_interval(now);
    }

    /// Raises the price after a registration.
    pub(super) fn raise_price(netuid: NetUid) {
        let factor = BurnIncreaseMult::<T>::get(netuid);
        Burn::<T>::mutate(netuid, |burn| *burn = Self::bounds(netuid).bumped(*burn, factor));
    }

    pub(crate) fn set_price(netuid: NetUid, price: TaoBalance) {
        Burn::<T>::insert(netuid, price);
    }

    fn bounds(netuid: NetUid) -> BurnBounds {
        BurnBounds { min: MinBurn::<T>::get(netuid), max: MaxBurn::<T>::get(netuid) }
    }

    /// Renews the interval in which root counts its registrations, by its tempo.
    fn renew_root_interval(now: Block) {
        let since = now.saturating_sub(LastAdjustmentBlock::<T>::get(ROOT));
        if since >= u64::from(Tempo::<T>::get(ROOT)) {
            LastAdjustmentBlock::<T>::insert(ROOT, now);
            RegistrationsThisInterval::<T>::insert(ROOT, 0);
            BurnRegistrationsThisInterval::<T>::insert(ROOT, 0);
        }
    }
}
