//! The terms of the equation of all TAO: totals that the pallet keeps, and those of each subnet.
//!
//! About fifteen reads for each subnet and none for each account, so that a node can be asked at every block.

use alloc::{collections::BTreeSet, vec::Vec};

use frame_support::traits::fungible::Inspect;
use myelin_abi::{SubnetEquation, TaoEquation};
use myelin_economy::equation::MAX_UNBALANCED;
use myelin_units::{NetUid, TaoBalance, ROOT};

use crate::{
    alpha_assets::AlphaBurned,
    emission::drain,
    ledger::TaoLedger,
    pallet::{
        Config, NetworkRegistrationQueue, RootClaimPot, SubnetAlphaOut, SubnetProtocolAlpha, SubnetTAO,
        TaoSupply, TotalAlphaStaked, TotalIssuance, TotalStake,
    },
    removal::{DissolveCleanupStatus, SubnetRemoval},
    subnets::SubnetRegistry,
};

/// The equation of all TAO now.
pub fn tao_equation<T: Config>() -> TaoEquation {
    let subnets = subnet_equations::<T>();
    let sum = |amount: fn(&SubnetEquation) -> TaoBalance| subnets.iter().map(amount).sum::<TaoBalance>();
    let (all_pools, subnet_accounts) = (sum(|subnet| subnet.pool), sum(|subnet| subnet.held));
    let root = SubnetTAO::<T>::get(ROOT);
    let supply = TaoSupply::<T>::get();
    TaoEquation {
        genesis: supply.genesis,
        minted: supply.minted,
        recycled: supply.recycled,
        issuance: TotalIssuance::<T>::get(),
        ledger: T::Currency::total_issuance().into(),
        pools: all_pools.saturating_sub(root),
        root,
        total_stake: TotalStake::<T>::get(),
        subnet_accounts,
        paid: NetworkRegistrationQueue::<T>::get().iter().map(|subnet| subnet.lock_amount).sum(),
        waiting: TaoLedger::<T>::held_waiting(),
        burned: T::Currency::balance(&TaoLedger::<T>::burn_account()).into(),
        unbalanced: subnets
            .into_iter()
            .filter(|subnet| !subnet.differences().is_empty())
            .take(MAX_UNBALANCED)
            .collect(),
    }
}

/// The terms of every subnet that exists or has a pool, in the order of their numbers.
fn subnet_equations<T: Config>() -> Vec<SubnetEquation> {
    let existing: BTreeSet<NetUid> = SubnetRegistry::<T>::netuids().into_iter().collect();
    let with_pools = SubnetTAO::<T>::iter_keys();
    let netuids: BTreeSet<NetUid> = existing.iter().copied().chain(with_pools).collect();
    let removal = SubnetRemoval::<T>::current();
    let equation = |netuid| {
        let pool = SubnetTAO::<T>::get(netuid);
        let held = held_for::<T>(netuid, removal.as_ref());
        let tao = SubnetEquation { netuid, pool, held, ..Default::default() };
        // The alpha of a subnet that is being removed has become claims.
        if !existing.contains(&netuid) {
            return tao;
        }
        let pots = drain::pots::<T>(netuid);
        SubnetEquation {
            outstanding: SubnetAlphaOut::<T>::get(netuid),
            staked: TotalAlphaStaked::<T>::get(netuid),
            protocol: SubnetProtocolAlpha::<T>::get(netuid),
            pots: pots.epoch_emission().saturating_add(pots.owner_cut),
            claims: RootClaimPot::<T>::get(netuid),
            unowned: AlphaBurned::<T>::get(netuid),
            ..tao
        }
    };
    netuids.into_iter().map(equation).collect()
}

/// TAO held for the pool of a subnet: all on its account. While the holders of a removed subnet are being paid, its TAO
/// lies on the account of root, on top of root's own.
pub(crate) fn held_for<T: Config>(netuid: NetUid, removal: Option<&DissolveCleanupStatus>) -> TaoBalance {
    let on_account = TaoLedger::<T>::held_by_subnet(netuid);
    match removal.filter(|removal| !removal.held.is_zero()) {
        Some(removal) if removal.netuid == netuid => removal.held,
        Some(removal) if netuid == ROOT => on_account.saturating_sub(removal.held),
        _ => on_account,
    }
}
