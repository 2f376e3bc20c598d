//! Neurons: uids are dense and mirror hotkeys, and entries by uid belong to a neuron.

use alloc::{collections::BTreeSet, format, vec::Vec};

use myelin_units::{storage_index, subnet_of_index, MechId, NetUid, Uid, MECHANISM_STRIDE, ROOT};

use super::{equal, holds, Check};
use crate::{
    keys::KeyOwnership,
    neurons::{NeuronRegistry, Seat},
    pallet::*,
    removal::SubnetRemoval,
    subnets::{now, SubnetRegistry},
};

/// Uids run from 0 without gaps, and `Keys` and `Uids` mirror each other.
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
    let registered = BlockAtRegistration::<T>::iter_key_prefix(netuid).all(|uid| uid < count);
    holds(registered, rule, || format!("subnet {netuid} knows when a uid above its {count} registered"))
}

/// Every hotkey with a uid has an owner.
pub fn seats_have_owners<T: Config>(netuid: NetUid) -> Check {
    let mut seats = Keys::<T>::iter_prefix(netuid);
    let lost = seats.find(|(_, hotkey)| !KeyOwnership::<T>::exists(hotkey));
    holds(lost.is_none(), "seats have owners", || format!("nobody owns {lost:?} on subnet {netuid}"))
}

/// The roster of a subnet repeats other items exactly; neurons with bonds are marked.
pub fn rosters_repeat_what_is_so<T: Config>(netuid: NetUid) -> Check {
    let rule = "rosters repeat what is so";
    let (roster, surveyed) = (NeuronRegistry::<T>::roster(netuid), NeuronRegistry::<T>::surveyed(netuid));
    let unmarked = roster.iter().zip(&surveyed).find(|(seat, so)| so.bonded && !seat.bonded);
    holds(unmarked.is_none(), rule, || format!("{unmarked:?} has bonds on subnet {netuid}"))?;
    let but_bonds = |seats: Vec<Seat<T::AccountId>>| -> Vec<_> {
        seats.into_iter().map(|seat| Seat { bonded: false, ..seat }).collect()
    };
    equal(rule, but_bonds(roster), but_bonds(surveyed))
}

/// `IsNetworkMember` names exactly the hotkeys with a uid, subnet by subnet.
pub fn members_are_hotkeys_with_a_uid<T: Config>() -> Check {
    let members: BTreeSet<_> = IsNetworkMember::<T>::iter()
        .filter_map(|(hotkey, netuid, is)| is.then_some((netuid, hotkey)))
        .filter(|(netuid, _)| SubnetRegistry::<T>::exists(*netuid))
        .collect();
    let seated: BTreeSet<_> = Uids::<T>::iter()
        .map(|(netuid, hotkey, _)| (netuid, hotkey))
        .filter(|(netuid, _)| SubnetRegistry::<T>::exists(*netuid))
        .collect();
    equal("members are hotkeys with a uid", members, seated)
}

/// The hotkey of a subnet's owner has a uid on it. Root has no seat for its owner.
pub fn owner_hotkey_has_a_uid<T: Config>(netuid: NetUid) -> Check {
    let Some(hotkey) = SubnetRegistry::<T>::owner_hotkey(netuid) else { return Ok(()) };
    let seated = netuid == ROOT || NeuronRegistry::<T>::is_registered(netuid, &hotkey);
    holds(seated, "the owner hotkey has a uid", || format!("{hotkey:?} has none on subnet {netuid}"))
}

/// Results that epochs store by uid never have more entries than there are neurons.
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

/// Weights and bonds of a subnet point at neurons, at most once at each.
pub fn rows_point_at_neurons<T: Config>(netuid: NetUid) -> Check {
    let count = SubnetworkN::<T>::get(netuid);
    for mecid in 0..SubnetRegistry::<T>::mechanism_count(netuid) {
        let index = storage_index(netuid, mecid);
        let rows = Weights::<T>::iter_prefix(index).chain(Bonds::<T>::iter_prefix(index));
        for (uid, row) in rows {
            let targets: BTreeSet<_> = row.iter().map(|(to, _)| *to).collect();
            let inside = uid < count && targets.len() == row.len() && targets.iter().all(|to| *to < count);
            holds(inside, "rows point at neurons", || {
                format!("row {uid} of mechanism {index} leaves the {count} neurons: {row:?}")
            })?;
        }
    }
    Ok(())
}

/// No weights, bonds, incentives or last updates belong to a mechanism or a neuron that does not exist.
pub fn rows_belong_to_neurons<T: Config>() -> Check {
    let rows = Weights::<T>::iter_keys().chain(Bonds::<T>::iter_keys());
    let vectors = Incentive::<T>::iter_keys().chain(LastUpdate::<T>::iter_keys());
    let lonely = rows
        .filter(|(index, _)| !is_going::<T>(*index))
        .filter(|(index, uid)| {
            !mechanism_exists::<T>(*index) || *uid >= SubnetworkN::<T>::get(subnet_of_index(*index))
        })
        .chain(
            vectors
                .filter(|index| !is_going::<T>(*index) && !mechanism_exists::<T>(*index))
                .map(|index| (index, Uid::MAX)),
        )
        .next();
    holds(lonely.is_none(), "rows belong to neurons", || {
        format!("mechanism index and uid {lonely:?} belong to nobody")
    })
}

/// A hotkey with committed weights has a uid on that subnet, and a hash with another signer is among its commits.
pub fn commits_belong_to_neurons<T: Config>() -> Check {
    let nothing_committed = |(index, hotkey): &(u16, T::AccountId)| {
        !is_going::<T>(*index) && !WeightCommits::<T>::contains_key(index, hotkey)
    };
    let lonely = CommitSigners::<T>::iter_keys().find(nothing_committed);
    holds(lonely.is_none(), "commits belong to neurons", || {
        format!("{lonely:?} may reveal in the name of others and has nothing to reveal")
    })?;
    WeightCommits::<T>::iter_keys().try_for_each(|(index, hotkey)| {
        let there = mechanism_exists::<T>(index)
            && NeuronRegistry::<T>::is_registered(subnet_of_index(index), &hotkey);
        holds(there || is_going::<T>(index), "commits belong to neurons", || {
            format!("{hotkey:?} has commits on mechanism {index} without a uid")
        })
    })
}

/// A hotkey with a commitment on a subnet has a uid there.
pub fn commitments_belong_to_neurons<T: Config>() -> Check {
    use pallet_commitments::{CommitmentOf, LastBondsReset, LastCommitment, UsedSpaceOf};
    let mut published = CommitmentOf::<T>::iter_keys()
        .chain(LastCommitment::<T>::iter_keys())
        .chain(LastBondsReset::<T>::iter_keys())
        .chain(UsedSpaceOf::<T>::iter_keys());
    published.try_for_each(|(netuid, hotkey)| {
        holds(NeuronRegistry::<T>::is_registered(netuid, &hotkey), "commitments belong to neurons", || {
            format!("{hotkey:?} has published on subnet {netuid} without a uid")
        })
    })
}

/// After an epoch of this block at most `MaxAllowedValidators` neurons and the owner have a permit.
pub fn permits_are_limited<T: Config>(netuid: NetUid) -> Check {
    if LastMechansimStepBlock::<T>::get(netuid) != now::<T>() {
        return Ok(());
    }
    let permits = ValidatorPermit::<T>::get(netuid).into_iter().filter(|permit| *permit).count();
    let limit = usize::from(MaxAllowedValidators::<T>::get(netuid)).saturating_add(1);
    holds(permits <= limit, "permits are limited", || {
        format!("{permits} neurons of subnet {netuid} have a permit, and {limit} may")
    })
}

fn is_going<T: Config>(index: u16) -> bool {
    SubnetRemoval::<T>::is_in_progress(subnet_of_index(index))
}

fn mechanism_exists<T: Config>(index: u16) -> bool {
    let mecid = index.checked_div(MECHANISM_STRIDE).and_then(|mecid| MechId::try_from(mecid).ok());
    let netuid = subnet_of_index(index);
    SubnetRegistry::<T>::exists(netuid)
        && mecid.is_some_and(|mecid| mecid < SubnetRegistry::<T>::mechanism_count(netuid))
}
