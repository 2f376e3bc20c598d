//! Lists of keys mirror each other, and nothing belongs to a subnet that does not exist.

use alloc::{collections::BTreeSet, format, vec::Vec};

use myelin_units::{NetUid, TaoBalance, ROOT};

use super::{equal, holds, Check};
use crate::{
    alpha_assets::AlphaBurned,
    keys::KeyOwnership,
    pallet::*,
    removal::{Phase, SubnetRemoval},
    subnets::SubnetRegistry,
    types::Relatives,
};

/// `TotalNetworks` counts the subnets.
pub fn subnets_are_counted<T: Config>() -> Check {
    equal("subnets are counted", usize::from(TotalNetworks::<T>::get()), SubnetRegistry::<T>::netuids().len())
}

/// A coldkey's list of hotkeys names exactly those that it owns, each once.
pub fn owners_list_their_hotkeys<T: Config>() -> Check {
    let rule = "owners list their hotkeys";
    let mut listed = 0u64;
    for (coldkey, hotkeys) in OwnedHotkeys::<T>::iter() {
        let owns_all =
            hotkeys.iter().all(|hotkey| KeyOwnership::<T>::owner_of(hotkey).as_ref() == Some(&coldkey));
        holds(owns_all, rule, || format!("{coldkey:?} lists a hotkey of another coldkey"))?;
        let distinct = hotkeys.iter().collect::<BTreeSet<_>>().len() == hotkeys.len();
        holds(distinct, rule, || format!("{coldkey:?} lists a hotkey twice"))?;
        listed = listed.saturating_add(hotkeys.len() as u64);
    }
    // A hotkey is in the list of its owner alone, and once. If any were in no list, there would be more hotkeys than
    // entries.
    equal(rule, listed, Owner::<T>::iter_keys().count() as u64)
}

/// Every owner of a hotkey, every holder of stake, present or past, and every hotkey has an account that stays.
/// Otherwise old transactions would become valid again when the account comes back.
pub fn keys_that_matter_keep_their_accounts<T: Config>() -> Check {
    let kept = |who: &T::AccountId| frame_system::Pallet::<T>::sufficients(who) > 0;
    let keys = Owner::<T>::iter().flat_map(|(hotkey, coldkey)| [hotkey, coldkey]);
    let lost = keys.chain(StakingHotkeys::<T>::iter_keys()).find(|who| !kept(who));
    holds(lost.is_none(), "keys that matter keep their accounts", || format!("{lost:?} may end"))
}

/// The hotkey of a waiting subnet belongs to the coldkey that paid for it. Both hotkeys of an unfinished swap belong to
/// the coldkey that swaps.
pub fn who_paid_has_the_hotkey<T: Config>() -> Check {
    let waiting =
        NetworkRegistrationQueue::<T>::get().into_iter().map(|subnet| (subnet.coldkey, subnet.hotkey));
    let swapped = SwapsUnderWay::<T>::iter()
        .flat_map(|(coldkey, swap)| [(coldkey.clone(), swap.old), (coldkey, swap.new)]);
    waiting.chain(swapped).try_for_each(|(coldkey, hotkey)| {
        let owns = KeyOwnership::<T>::owner_of(&hotkey).as_ref() == Some(&coldkey);
        holds(owns, "who paid has the hotkey", || format!("{coldkey:?} paid for {hotkey:?} and has lost it"))
    })
}

/// A subnet that is being removed does not exist and is removed once.
pub fn removed_subnets_do_not_exist<T: Config>() -> Check {
    let removed = DissolveCleanupQueue::<T>::get();
    let gone = removed.iter().all(|netuid| !SubnetRegistry::<T>::exists(*netuid));
    let distinct = removed.iter().collect::<BTreeSet<_>>().len() == removed.len();
    holds(gone && distinct, "removed subnets do not exist", || format!("{removed:?} are being removed"))
}

/// Only the first subnet in the queue of removals has claims, parts or vote locks. While claims are collected they add
/// up to their count. Until they are paid, the parts and the undivided remainder add up to the pot.
pub fn removals_share_their_pot<T: Config>() -> Check {
    let rule = "removals share their pot";
    let claims: u128 = RemovalClaims::<T>::iter_values().map(|(_, alpha)| u128::from(alpha.to_rao())).sum();
    let parts: TaoBalance = RemovalParts::<T>::iter_values().map(|(_, part)| part).sum();
    let Some(removal) = SubnetRemoval::<T>::current() else {
        equal(rule, RemovalVoteLocks::<T>::iter_keys().count(), 0)?;
        return equal(rule, (claims, parts), (0, TaoBalance::ZERO));
    };
    let first = DissolveCleanupQueue::<T>::get().first().copied();
    holds(first == Some(removal.netuid), rule, || format!("{removal:?} is not the first"))?;
    match SubnetRemoval::<T>::phase(&removal) {
        Phase::Collects => equal(rule, (claims, parts), (removal.total, TaoBalance::ZERO)),
        Phase::Pays => {
            let pot = SubnetTAO::<T>::get(removal.netuid);
            equal(rule, parts.saturating_add(removal.unplaced), pot)
        }
        Phase::Forgets => equal(rule, (claims, parts), (0, TaoBalance::ZERO)),
    }
}

/// Every child of a hotkey has it as a parent with the same proportion, and the other way round.
pub fn children_mirror_parents<T: Config>() -> Check {
    let edges = |(key, netuid, others): (T::AccountId, NetUid, Relatives<T::AccountId>)| {
        let others = if SubnetRegistry::<T>::exists(netuid) { others } else { Relatives::new() };
        others.into_iter().map(move |(proportion, other)| (netuid, key.clone(), other, proportion))
    };
    let down: BTreeSet<_> = ChildKeys::<T>::iter().flat_map(edges).collect();
    let up: BTreeSet<_> = ParentKeys::<T>::iter()
        .flat_map(edges)
        .map(|(netuid, child, parent, proportion)| (netuid, parent, child, proportion))
        .collect();
    equal("children mirror parents", down, up)
}

/// A hotkey lends at most all its stake, never to itself, and at most once to each child.
pub fn nobody_lends_more_than_all<T: Config>() -> Check {
    ChildKeys::<T>::iter().try_for_each(|(hotkey, netuid, children)| {
        let lent: u128 = children.iter().map(|(proportion, _)| u128::from(*proportion)).sum();
        let distinct: BTreeSet<_> = children.iter().map(|(_, child)| child).collect();
        let sound =
            lent <= u128::from(u64::MAX) && distinct.len() == children.len() && !distinct.contains(&hotkey);
        holds(sound, "nobody lends more than all", || {
            format!("{hotkey:?} lends on subnet {netuid} to {children:?}")
        })
    })
}

/// A coldkey's list of staking hotkeys names every hotkey on which it has a share, each once.
pub fn staking_hotkeys_name_every_holding<T: Config>() -> Check {
    let rule = "staking hotkeys name every holding";
    let mut listed = BTreeSet::new();
    for (coldkey, hotkeys) in StakingHotkeys::<T>::iter() {
        for hotkey in hotkeys {
            let first = listed.insert((coldkey.clone(), hotkey));
            holds(first, rule, || format!("{coldkey:?} lists a hotkey twice"))?;
        }
    }
    let mut held = AlphaV2::<T>::iter_keys().map(|(hotkey, coldkey, _)| (coldkey, hotkey));
    let missing = held.find(|holding| !listed.contains(holding));
    holds(missing.is_none(), rule, || format!("{missing:?} is not listed"))
}

/// A coldkey's list of staking hotkeys names no others. States from before 2026-11-20 may break this rule.
pub fn staking_hotkeys_name_nothing_else<T: Config>() -> Check {
    let held: BTreeSet<_> = AlphaV2::<T>::iter_keys().map(|(hotkey, coldkey, _)| (coldkey, hotkey)).collect();
    let mut listed = StakingHotkeys::<T>::iter()
        .flat_map(|(coldkey, hotkeys)| hotkeys.into_iter().map(move |hotkey| (coldkey.clone(), hotkey)));
    let ended = listed.find(|entry| !held.contains(entry));
    holds(ended.is_none(), "staking hotkeys name nothing else", || {
        format!("{ended:?} is listed without stake")
    })
}

/// Every coldkey with root stake has one index below `NumStakingColdkeys`, and every index one coldkey.
pub fn root_stakers_have_one_index<T: Config>() -> Check {
    let rule = "root stakers have one index";
    let mut by_index: Vec<_> = StakingColdkeysByIndex::<T>::iter().collect();
    by_index.sort_unstable();
    let mut by_key: Vec<_> = StakingColdkeys::<T>::iter().map(|(coldkey, index)| (index, coldkey)).collect();
    by_key.sort_unstable();
    equal(rule, &by_index, &by_key)?;
    let dense = by_index.iter().map(|(index, _)| *index).eq(0..NumStakingColdkeys::<T>::get());
    holds(dense, rule, || format!("{} indices are not dense", by_index.len()))?;
    let left = RootClaimed::<T>::iter().find(|((netuid, hotkey, coldkey), claimed)| {
        let wanted = *claimed > 0 && AlphaV2::<T>::contains_key((hotkey, coldkey, ROOT));
        SubnetRegistry::<T>::exists(*netuid) && !wanted
    });
    holds(left.is_none(), "claims are of root stakers", || format!("{left:?} is left behind"))?;
    let stranger = AlphaV2::<T>::iter_keys()
        .find(|(_, coldkey, netuid)| *netuid == ROOT && !StakingColdkeys::<T>::contains_key(coldkey));
    holds(stranger.is_none(), rule, || format!("no index for {stranger:?}"))
}

/// No stake, child, lock, seat, roster, endpoint or claim belongs to a subnet that neither exists nor is being removed.
pub fn keys_belong_to_subnets<T: Config>() -> Check {
    all_exist::<T>("AlphaV2", AlphaV2::<T>::iter_keys().map(|(_, _, netuid)| netuid))?;
    all_exist::<T>("TotalHotkeyAlpha", TotalHotkeyAlpha::<T>::iter_keys().map(|(_, netuid)| netuid))?;
    all_exist::<T>("TotalAlphaStaked", TotalAlphaStaked::<T>::iter_keys())?;
    all_exist::<T>("TotalHotkeySharesV2", TotalHotkeySharesV2::<T>::iter_keys().map(|(_, netuid)| netuid))?;
    all_exist::<T>("ChildKeys", ChildKeys::<T>::iter_keys().map(|(_, netuid)| netuid))?;
    all_exist::<T>("ParentKeys", ParentKeys::<T>::iter_keys().map(|(_, netuid)| netuid))?;
    all_exist::<T>("PendingChildKeys", PendingChildKeys::<T>::iter_keys().map(|(netuid, _)| netuid))?;
    all_exist::<T>("VotingPower", VotingPower::<T>::iter_keys().map(|(netuid, _)| netuid))?;
    all_exist::<T>("ChildkeyTake", ChildkeyTake::<T>::iter_keys().map(|(_, netuid)| netuid))?;
    all_exist::<T>("AutoStakeDestination", AutoStakeDestination::<T>::iter_keys().map(|(_, netuid)| netuid))?;
    all_exist::<T>("RootClaimed", RootClaimed::<T>::iter_keys().map(|(netuid, _, _)| netuid))?;
    let rates = RootClaimable::<T>::iter_values().flat_map(|rates| rates.into_keys());
    all_exist::<T>("RootClaimable", rates)?;
    all_exist::<T>("RootClaimPot", RootClaimPot::<T>::iter_keys())?;
    all_exist::<T>("Lock", Lock::<T>::iter_keys().map(|(_, netuid, _)| netuid))?;
    all_exist::<T>("LockingColdkeys", LockingColdkeys::<T>::iter_keys().map(|(netuid, _, _)| netuid))?;
    all_exist::<T>("DecayingLock", DecayingLock::<T>::iter_keys().map(|(_, netuid)| netuid))?;
    all_exist::<T>("OwnershipEnded", OwnershipEnded::<T>::iter_keys().map(|(netuid, _)| netuid))?;
    all_exist::<T>("OwnershipBegan", OwnershipBegan::<T>::iter_keys())?;
    all_exist::<T>("HotkeyLock", HotkeyLock::<T>::iter_keys().map(|(netuid, _)| netuid))?;
    all_exist::<T>("DecayingHotkeyLock", DecayingHotkeyLock::<T>::iter_keys().map(|(netuid, _)| netuid))?;
    all_exist::<T>("OwnerLock", OwnerLock::<T>::iter_keys())?;
    all_exist::<T>("DecayingOwnerLock", DecayingOwnerLock::<T>::iter_keys())?;
    all_exist::<T>("Uids", Uids::<T>::iter_keys().map(|(netuid, _)| netuid))?;
    all_exist::<T>("Keys", Keys::<T>::iter_keys().map(|(netuid, _)| netuid))?;
    all_exist::<T>("SubnetRoster", SubnetRoster::<T>::iter_keys())?;
    all_exist::<T>("SubnetRubrics", SubnetRubrics::<T>::iter_keys().map(|(netuid, _)| netuid))?;
    all_exist::<T>("RubricBond", RubricBond::<T>::iter_keys().map(|(netuid, _)| netuid))?;
    all_exist::<T>("FormerEmissionSplit", FormerEmissionSplit::<T>::iter_keys())?;
    all_exist::<T>("Axons", Axons::<T>::iter_keys().map(|(netuid, _)| netuid))?;
    all_exist::<T>("SubnetTAO", SubnetTAO::<T>::iter_keys())?;
    all_exist::<T>("SubnetAlphaIn", SubnetAlphaIn::<T>::iter_keys())?;
    all_exist::<T>("SubnetAlphaOut", SubnetAlphaOut::<T>::iter_keys())?;
    all_exist::<T>("AlphaBurned", AlphaBurned::<T>::iter_keys())?;
    all_exist::<T>("SubnetProtocolAlpha", SubnetProtocolAlpha::<T>::iter_keys())
}

fn all_exist<T: Config>(item: &'static str, mut named: impl Iterator<Item = NetUid>) -> Check {
    let known =
        |netuid: &NetUid| SubnetRegistry::<T>::exists(*netuid) || SubnetRemoval::<T>::is_in_progress(*netuid);
    let lost = named.find(|netuid| !known(netuid));
    holds(lost.is_none(), "keys belong to subnets", || format!("`{item}` names subnet {lost:?}"))
}
