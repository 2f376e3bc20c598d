//! What is true of the pallet’s storage after every block and every call, as named checks.
//!
//! Tests run [`check_all`] after each action; the try-runtime hook runs it on a live state. A check reads everything it is about, so it is no
//! part of ordinary execution.

use alloc::{
    collections::{BTreeMap, BTreeSet},
    format,
    string::String,
    vec::Vec,
};
use core::fmt::Debug;

use frame_support::traits::fungible::Inspect;
use myelin_units::{storage_index, AlphaBalance, NetUid, TaoBalance, ROOT};

use crate::{
    emission::drain, keys::KeyOwnership, ledger::TaoLedger, pallet::*, stake::StakeLedger,
    subnets::SubnetRegistry, types::Relatives,
};

/// A broken rule: its name and what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The rule.
    pub rule: &'static str,
    /// What was found.
    pub found: String,
}

type Check = Result<(), Violation>;

/// Every rule; the first broken one is returned.
pub fn check_all<T: Config>() -> Check {
    issuance_is_what_the_ledger_holds::<T>()?;
    subnets_are_counted::<T>()?;
    owners_list_their_hotkeys::<T>()?;
    children_mirror_parents::<T>()?;
    staking_hotkeys_name_every_holding::<T>()?;
    for netuid in SubnetRegistry::<T>::netuids() {
        accounts_cover_reserves::<T>(netuid)?;
        outstanding_alpha_covers_claims::<T>(netuid)?;
        uids_are_dense::<T>(netuid)?;
        results_have_one_entry_per_uid::<T>(netuid)?;
        rows_point_at_neurons::<T>(netuid)?;
    }
    holders_never_own_more_than_the_pool::<T>()
}

/// `TotalIssuance` is the issuance of the ledger of balances: nothing is minted or destroyed behind its back.
pub fn issuance_is_what_the_ledger_holds<T: Config>() -> Check {
    let (ours, ledger) = (TotalIssuance::<T>::get(), TaoBalance::from(T::Currency::total_issuance()));
    equal("issuance is what the ledger holds", ours, ledger)
}

/// `TotalNetworks` counts the subnets.
pub fn subnets_are_counted<T: Config>() -> Check {
    equal("subnets are counted", usize::from(TotalNetworks::<T>::get()), SubnetRegistry::<T>::netuids().len())
}

/// The account of a subnet holds at least its TAO reserve.
pub fn accounts_cover_reserves<T: Config>(netuid: NetUid) -> Check {
    let (reserve, held) = (SubnetTAO::<T>::get(netuid), TaoLedger::<T>::held_by_subnet(netuid));
    holds(reserve <= held, "accounts cover reserves", || {
        format!("subnet {netuid} has a reserve of {reserve} TAO and {held} on its account")
    })
}

/// Alpha outside the pool is at least what is staked, what the protocol holds, what waits in pots, and what root stakers may claim.
/// The rest, rounding dust and withheld incentives, belongs to nobody. On root alpha is the staked TAO.
pub fn outstanding_alpha_covers_claims<T: Config>(netuid: NetUid) -> Check {
    let (owned, out) = (owned_alpha::<T>(netuid), SubnetAlphaOut::<T>::get(netuid));
    holds(owned <= u128::from(out.to_rao()), "outstanding alpha covers claims", || {
        format!("subnet {netuid} has {out} alpha outstanding and owes {owned} rao")
    })?;
    let reserve = SubnetTAO::<T>::get(ROOT).to_rao();
    holds(netuid != ROOT || reserve == out.to_rao(), "root alpha is its TAO", || {
        format!("root has {out} alpha outstanding and {reserve} rao of TAO")
    })
}

/// Alpha of a subnet that belongs to somebody: staked, held by the protocol, waiting in pots, or claimable by root stakers.
pub fn owned_alpha<T: Config>(netuid: NetUid) -> u128 {
    let staked: u128 = TotalHotkeyAlpha::<T>::iter()
        .filter(|(_, subnet, _)| *subnet == netuid)
        .map(|(_, _, alpha)| u128::from(alpha.to_rao()))
        .sum();
    let pots = drain::pots::<T>(netuid);
    let waiting = u128::from(pots.epoch_emission().to_rao()) + u128::from(pots.owner_cut.to_rao());
    staked
        + waiting
        + u128::from(SubnetProtocolAlpha::<T>::get(netuid).to_rao())
        + claimable_alpha::<T>(netuid)
}

/// Alpha of a subnet that root stakers may claim now.
pub fn claimable_alpha<T: Config>(netuid: NetUid) -> u128 {
    let of_hotkey = |(hotkey, rates): (T::AccountId, BTreeMap<NetUid, myelin_units::I96F32>)| -> u128 {
        let Some(rate) = rates.get(&netuid) else { return 0 };
        let holders: BTreeSet<_> = AlphaV2::<T>::iter_key_prefix((&hotkey,))
            .filter_map(|(coldkey, subnet)| (subnet == ROOT).then_some(coldkey))
            .collect();
        let owed = |coldkey: &T::AccountId| {
            let stake = StakeLedger::<T>::alpha_of(&hotkey, coldkey, ROOT).to_rao();
            let claimed = RootClaimed::<T>::get((netuid, &hotkey, coldkey));
            u128::from(myelin_economy::claim::owed(*rate, TaoBalance::from_rao(stake), claimed).to_rao())
        };
        holders.iter().map(owed).sum()
    };
    RootClaimable::<T>::iter().map(of_hotkey).sum()
}

/// Uids run from 0 without gaps, `Keys` and `Uids` mirror each other, and members are exactly the hotkeys with a uid.
pub fn uids_are_dense<T: Config>(netuid: NetUid) -> Check {
    let rule = "uids are dense";
    let count = SubnetworkN::<T>::get(netuid);
    let mut keys: Vec<_> = Keys::<T>::iter_prefix(netuid).collect();
    keys.sort_unstable();
    let expected: Vec<_> = (0..count).collect();
    equal(rule, keys.iter().map(|(uid, _)| *uid).collect::<Vec<_>>(), expected)?;
    let mut uids: Vec<_> = Uids::<T>::iter_prefix(netuid).map(|(hotkey, uid)| (uid, hotkey)).collect();
    uids.sort_unstable();
    equal(rule, &uids, &keys)?;
    let members = keys.iter().filter(|(_, hotkey)| IsNetworkMember::<T>::get(hotkey, netuid)).count();
    let all_members = IsNetworkMember::<T>::iter().filter(|(_, subnet, is)| *subnet == netuid && *is).count();
    equal(rule, (members, all_members), (keys.len(), keys.len()))
}

/// What epochs store by uid never has more entries than there are neurons.
pub fn results_have_one_entry_per_uid<T: Config>(netuid: NetUid) -> Check {
    let count = usize::from(SubnetworkN::<T>::get(netuid));
    let mut lengths = alloc::vec![
        ("Active", Active::<T>::get(netuid).len()),
        ("Consensus", Consensus::<T>::get(netuid).len()),
        ("Dividends", Dividends::<T>::get(netuid).len()),
        ("Emission", Emission::<T>::get(netuid).len()),
        ("ValidatorTrust", ValidatorTrust::<T>::get(netuid).len()),
        ("ValidatorPermit", ValidatorPermit::<T>::get(netuid).len()),
        ("StakeWeight", StakeWeight::<T>::get(netuid).len()),
    ];
    for mecid in 0..SubnetRegistry::<T>::mechanism_count(netuid) {
        let index = storage_index(netuid, mecid);
        lengths.push(("Incentive", Incentive::<T>::get(index).len()));
        lengths.push(("LastUpdate", LastUpdate::<T>::get(index).len()));
    }
    lengths.into_iter().try_for_each(|(item, length)| {
        holds(length <= count, "results have one entry per uid", || {
            format!("`{item}` of subnet {netuid} has {length} entries for {count} neurons")
        })
    })
}

/// Weights and bonds belong to neurons and point at neurons.
pub fn rows_point_at_neurons<T: Config>(netuid: NetUid) -> Check {
    let count = SubnetworkN::<T>::get(netuid);
    for mecid in 0..SubnetRegistry::<T>::mechanism_count(netuid) {
        let index = storage_index(netuid, mecid);
        let rows = Weights::<T>::iter_prefix(index).chain(Bonds::<T>::iter_prefix(index));
        for (uid, row) in rows {
            let inside = uid < count && row.iter().all(|(to, _)| *to < count);
            holds(inside, "rows point at neurons", || {
                format!("row {uid} of mechanism {index} leaves the {count} neurons")
            })?;
        }
    }
    Ok(())
}

/// Holders of a hotkey’s alpha together own at most its total.
pub fn holders_never_own_more_than_the_pool<T: Config>() -> Check {
    let mut owned: BTreeMap<(T::AccountId, NetUid), u128> = BTreeMap::new();
    for (hotkey, coldkey, netuid) in AlphaV2::<T>::iter_keys() {
        let alpha = StakeLedger::<T>::alpha_of(&hotkey, &coldkey, netuid).to_rao();
        *owned.entry((hotkey, netuid)).or_default() += u128::from(alpha);
    }
    owned.into_iter().try_for_each(|((hotkey, netuid), owned)| {
        let total: AlphaBalance = TotalHotkeyAlpha::<T>::get(&hotkey, netuid);
        holds(owned <= u128::from(total.to_rao()), "holders never own more than the pool", || {
            format!("holders of {hotkey:?} on subnet {netuid} own {owned} rao of {total} alpha")
        })
    })
}

/// A coldkey’s list of hotkeys names exactly those whose owner it is.
pub fn owners_list_their_hotkeys<T: Config>() -> Check {
    let rule = "owners list their hotkeys";
    for (coldkey, hotkeys) in OwnedHotkeys::<T>::iter() {
        let owns_all =
            hotkeys.iter().all(|hotkey| KeyOwnership::<T>::owner_of(hotkey).as_ref() == Some(&coldkey));
        holds(owns_all, rule, || format!("{coldkey:?} lists a hotkey of another coldkey"))?;
    }
    Owner::<T>::iter().try_for_each(|(hotkey, coldkey)| {
        let listed = OwnedHotkeys::<T>::get(&coldkey).contains(&hotkey);
        holds(listed, rule, || format!("{coldkey:?} owns {hotkey:?} and does not list it"))
    })
}

/// Every child of a hotkey has it as a parent with the same proportion, and the other way round.
pub fn children_mirror_parents<T: Config>() -> Check {
    let edges = |(key, netuid, others): (T::AccountId, NetUid, Relatives<T::AccountId>)| {
        others.into_iter().map(move |(proportion, other)| (netuid, key.clone(), other, proportion))
    };
    let down: BTreeSet<_> = ChildKeys::<T>::iter().flat_map(edges).collect();
    let up: BTreeSet<_> = ParentKeys::<T>::iter()
        .flat_map(edges)
        .map(|(netuid, child, parent, proportion)| (netuid, parent, child, proportion))
        .collect();
    equal("children mirror parents", down, up)
}

/// Whoever holds alpha on a hotkey lists it in `StakingHotkeys`.
pub fn staking_hotkeys_name_every_holding<T: Config>() -> Check {
    AlphaV2::<T>::iter_keys().try_for_each(|(hotkey, coldkey, netuid)| {
        let listed = StakingHotkeys::<T>::get(&coldkey).contains(&hotkey)
            || StakeLedger::<T>::alpha_of(&hotkey, &coldkey, netuid).is_zero();
        holds(listed, "staking hotkeys name every holding", || {
            format!("{coldkey:?} holds alpha of subnet {netuid} on {hotkey:?} and does not list it")
        })
    })
}

fn holds(condition: bool, rule: &'static str, found: impl FnOnce() -> String) -> Check {
    if condition {
        Ok(())
    } else {
        Err(Violation { rule, found: found() })
    }
}

fn equal<V: PartialEq + Debug>(rule: &'static str, left: V, right: V) -> Check {
    holds(left == right, rule, || format!("{left:?} is not {right:?}"))
}
