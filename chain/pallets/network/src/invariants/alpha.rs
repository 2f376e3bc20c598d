//! Alpha: every rao outside a pool is staked, waits in a pot, is held by the protocol, or is counted as unowned.

use alloc::{collections::BTreeMap, format};

use myelin_economy::claim::owed;
use myelin_units::{NetUid, ROOT};

use super::{holds, Check};
use crate::{
    alpha_assets::AlphaBurned,
    emission::drain,
    pallet::{
        AlphaV2, Config, RootClaimPot, RootClaimable, RootClaimed, SubnetAlphaOut, SubnetProtocolAlpha,
        SubnetTAO, TotalAlphaStaked, TotalHotkeyAlpha,
    },
    stake::StakeLedger,
    subnets::SubnetRegistry,
};

/// Alpha outside the pool is, to the rao, the sum of five parts: staked, held by the protocol, waiting in pots for the
/// epoch, accrued to root stakers, and unowned. The count of staked alpha is the alpha of the hotkeys. On root alpha is
/// the staked TAO.
pub fn every_rao_of_alpha_has_a_place<T: Config>() -> Check {
    let staked = staked_alpha::<T>();
    for netuid in SubnetRegistry::<T>::netuids() {
        let out = u128::from(SubnetAlphaOut::<T>::get(netuid).to_rao());
        let staked = staked.get(&netuid).copied().unwrap_or(0);
        let counted = TotalAlphaStaked::<T>::get(netuid);
        holds(u128::from(counted.to_rao()) == staked, "staked alpha is counted", || {
            format!("subnet {netuid} has {staked} rao on hotkeys and counts {counted}")
        })?;
        let (pots, protocol) = (waiting_alpha::<T>(netuid), SubnetProtocolAlpha::<T>::get(netuid).to_rao());
        let claims = RootClaimPot::<T>::get(netuid).to_rao();
        let unowned = AlphaBurned::<T>::get(netuid).to_rao();
        let placed = staked + pots + u128::from(protocol) + u128::from(claims) + u128::from(unowned);
        holds(out == placed, "every rao of alpha has a place", || {
            format!(
                "subnet {netuid} has {out} rao outstanding and {placed} in places, {} too many: staked {staked}, in pots \
                 {pots}, of the protocol {protocol}, to be claimed {claims}, unowned {unowned}",
                placed.wrapping_sub(out) as i128
            )
        })?;
    }
    let (tao, alpha) = (SubnetTAO::<T>::get(ROOT).to_rao(), SubnetAlphaOut::<T>::get(ROOT).to_rao());
    holds(tao == alpha, "root alpha is its TAO", || {
        format!("root has {alpha} rao of alpha outstanding and {tao} of TAO")
    })
}

/// The present claims of root stakers have accrued, to the rao.
pub fn claims_are_covered<T: Config>() -> Check {
    let claimable = claimable_alpha::<T>();
    SubnetRegistry::<T>::netuids().into_iter().try_for_each(|netuid| {
        let claimable = claimable.get(&netuid).copied().unwrap_or(0);
        let pot = RootClaimPot::<T>::get(netuid).to_rao();
        holds(claimable <= u128::from(pot), "claims are covered", || {
            format!("root stakers can claim {claimable} rao on subnet {netuid}, and {pot} accrued")
        })
    })
}

/// Alpha with an owner: staked, held by the protocol, waiting in pots, or claimable by root stakers.
pub fn owned_alpha<T: Config>(netuid: NetUid) -> u128 {
    staked_alpha::<T>().get(&netuid).copied().unwrap_or(0)
        + waiting_alpha::<T>(netuid)
        + u128::from(SubnetProtocolAlpha::<T>::get(netuid).to_rao())
        + claimable_alpha::<T>().get(&netuid).copied().unwrap_or(0)
}

/// Alpha that root stakers may claim now, by subnet.
pub fn claimable_alpha<T: Config>() -> BTreeMap<NetUid, u128> {
    let mut claimable: BTreeMap<NetUid, u128> = BTreeMap::new();
    for (hotkey, rates) in RootClaimable::<T>::iter() {
        for (coldkey, netuid) in AlphaV2::<T>::iter_key_prefix((&hotkey,)) {
            if netuid != ROOT {
                continue;
            }
            let stake = StakeLedger::<T>::root_of(&hotkey, &coldkey);
            for (netuid, rate) in &rates {
                let due = owed(*rate, stake, RootClaimed::<T>::get((netuid, &hotkey, &coldkey)));
                *claimable.entry(*netuid).or_default() += u128::from(due.to_rao());
            }
        }
    }
    claimable
}

/// Alpha staked on all hotkeys, by subnet.
fn staked_alpha<T: Config>() -> BTreeMap<NetUid, u128> {
    let mut staked = BTreeMap::new();
    for (_, netuid, alpha) in TotalHotkeyAlpha::<T>::iter() {
        *staked.entry(netuid).or_default() += u128::from(alpha.to_rao());
    }
    staked
}

/// Alpha waiting for the epoch of a subnet.
fn waiting_alpha<T: Config>(netuid: NetUid) -> u128 {
    let pots = drain::pots::<T>(netuid);
    u128::from(pots.epoch_emission().to_rao()) + u128::from(pots.owner_cut.to_rao())
}
