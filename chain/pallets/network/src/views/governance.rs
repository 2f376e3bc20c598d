//! The network's answers to governance: holdings, prices, electorates, subnets.
//!
//! Of subnets, the first [`MOST_SUBNETS`] by number count. Further ones would have the price 0.

use alloc::vec::Vec;

use frame_support::traits::fungible::Inspect;
use myelin_governance::{
    noted_price,
    power::{network_electorate, subnet_electorate, MAX_SUM_ASSETS},
    Asset, Backing, Holdings, Prices, TrackId,
};
use myelin_units::{Block, NetUid, TaoBalance, ROOT};
use sp_runtime::DispatchError;

use super::numbered;
use crate::{
    alpha_assets::AlphaBurned,
    emission::issue::moving_price,
    ledger::TaoLedger,
    pallet::{
        Config, Pallet, SubnetAlphaIn, SubnetAlphaOut, SubnetOwner, SubnetProtocolAlpha, SubnetTAO,
        TotalIssuance,
    },
    stake::StakeLedger,
    subnets::SubnetRegistry,
};

/// Most subnets besides root that count: those of a full network, and as many as sums of delegations hold.
const MOST_SUBNETS: usize = MAX_SUM_ASSETS - 2;

/// Subnets besides root that count. One read for each subnet that exists.
fn counted<T: Config>() -> Vec<NetUid> {
    numbered::<T>().into_iter().filter(|netuid| *netuid != ROOT).take(MOST_SUBNETS).collect()
}

impl<T: Config> Holdings<T::AccountId> for Pallet<T> {
    type Error = DispatchError;

    /// The stake that locks compare with. Reads the coldkey's list of hotkeys, and three entries for each of the first
    /// [`MOST_HOTKEYS`](crate::stake::MOST_HOTKEYS).
    fn held(who: &T::AccountId, asset: Asset) -> u64 {
        match asset {
            Asset::Stake(netuid) if SubnetRegistry::<T>::exists(netuid) => {
                StakeLedger::<T>::total_of(who, netuid).to_rao()
            }
            _ => 0,
        }
    }

    /// Reads six entries for each subnet: its number, mechanism, moving price, both reserves of the pool, and alpha
    /// outside it.
    fn prices() -> Prices {
        Prices::new(counted::<T>().into_iter().map(|netuid| (netuid, Self::price(netuid))))
    }

    /// Five reads.
    fn price(netuid: NetUid) -> u64 {
        let backing = Backing {
            tao: SubnetTAO::<T>::get(netuid),
            alpha: SubnetAlphaIn::<T>::get(netuid),
            outside: SubnetAlphaOut::<T>::get(netuid),
        };
        noted_price(moving_price::<T>(netuid), backing)
    }

    /// The network's track reads two entries, a subnet's track four.
    fn electorate(track: TrackId) -> u128 {
        let Some(netuid) = track.subnet() else {
            let burned = TaoBalance::from(T::Currency::balance(&TaoLedger::<T>::burn_account()));
            return network_electorate(TotalIssuance::<T>::get(), burned);
        };
        if !SubnetRegistry::<T>::exists(netuid) {
            return 0;
        }
        let nobody = SubnetProtocolAlpha::<T>::get(netuid).saturating_add(AlphaBurned::<T>::get(netuid));
        subnet_electorate(SubnetAlphaOut::<T>::get(netuid), nobody)
    }

    /// Three reads.
    fn subnet(netuid: NetUid) -> Option<(T::AccountId, Block)> {
        let owner = SubnetOwner::<T>::try_get(netuid).ok().filter(|_| SubnetRegistry::<T>::exists(netuid))?;
        Some((owner, SubnetRegistry::<T>::registered_at(netuid)))
    }

    fn open_subnet(owner: &T::AccountId, payer: &T::AccountId) -> Result<NetUid, DispatchError> {
        SubnetRegistry::<T>::open_for(owner.clone(), payer)
    }
}
