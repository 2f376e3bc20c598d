//! Links between parents and children, pending ones, and votes.

use alloc::{collections::BTreeSet, format, vec::Vec};

use myelin_economy::childkeys::{check_children, MAX_PARENTS};
use myelin_units::NetUid;

use super::{equal, holds, Check};
use crate::pallet::*;

/// A hotkey has at most 5 children and 64 parents on a subnet. No key is both or twice in a list, and no more than the
/// whole is lent.
pub fn families_are_small<T: Config>() -> Check {
    let rule = "families are small";
    for (hotkey, netuid, children) in ChildKeys::<T>::iter() {
        let parents: Vec<_> =
            ParentKeys::<T>::get(&hotkey, netuid).into_iter().map(|(_, parent)| parent).collect();
        holds(check_children(&hotkey, &children, &parents).is_ok(), rule, || {
            format!("{hotkey:?} has children {children:?} and parents {parents:?} on subnet {netuid}")
        })?;
    }
    ParentKeys::<T>::iter().try_for_each(|(hotkey, netuid, parents)| {
        let distinct: BTreeSet<_> = parents.iter().map(|(_, parent)| parent).collect();
        let small = parents.len() <= MAX_PARENTS && distinct.len() == parents.len();
        holds(small, rule, || format!("{hotkey:?} has parents {parents:?} on subnet {netuid}"))
    })
}

/// Every pending change of children is filed under its block and under its hotkey, and nothing else is.
pub fn pending_children_are_filed<T: Config>() -> Check {
    let rule = "pending children are filed";
    let waiting: BTreeSet<_> = PendingChildKeys::<T>::iter()
        .map(|(netuid, hotkey, (_, due))| (netuid, due.to_be_bytes(), hotkey))
        .collect();
    let by_block: BTreeSet<_> = PendingChildKeysByBlock::<T>::iter_keys().collect();
    equal(rule, &waiting, &by_block)?;
    let mut by_hotkey: Vec<_> = PendingChildKeySubnets::<T>::iter()
        .flat_map(|(hotkey, subnets)| subnets.into_iter().map(move |netuid| (netuid, hotkey.clone())))
        .collect();
    by_hotkey.sort_unstable();
    let mut of_waiting: Vec<_> = waiting.into_iter().map(|(netuid, _, hotkey)| (netuid, hotkey)).collect();
    of_waiting.sort_unstable();
    equal(rule, by_hotkey, of_waiting)
}

/// The total voting power of a subnet is the sum of its entries, and a subnet without tracking has none.
pub fn voting_power_adds_up<T: Config>(netuid: NetUid) -> Check {
    let rule = "voting power adds up";
    let sum = VotingPower::<T>::iter_prefix_values(netuid).fold(0u64, u64::saturating_add);
    equal(rule, TotalVotingPower::<T>::get(netuid), sum)?;
    holds(sum == 0 || VotingPowerTrackingEnabled::<T>::get(netuid), rule, || {
        format!("subnet {netuid} does not track voting power and has {sum} rao of it")
    })
}

/// Every coldkey that chose a hotkey for its miner emission is filed under that hotkey.
pub fn choosers_mirror_destinations<T: Config>() -> Check {
    let chosen: BTreeSet<_> = AutoStakeDestination::<T>::iter()
        .map(|(coldkey, netuid, hotkey)| (hotkey, netuid, coldkey))
        .collect();
    equal("choosers mirror destinations", AutoStakeChoosers::<T>::iter_keys().collect(), chosen)
}
