//! Links between parents and children on one subnet: who may begin to lend to whom, and who gives way.
//!
//! A hotkey has at most [`MAX_CHILDREN`] children by the protocol. Parents come uninvited, and every epoch reads all of
//! them, so this network limits them to [`MAX_PARENTS`]. Root has as many members, and all of them lend to the owner of
//! a new subnet.

use alloc::vec::Vec;

use myelin_units::U96F32;

use super::{proportion, Holding, MAX_CHILDREN};

/// Most parents of one hotkey on one subnet.
pub const MAX_PARENTS: usize = 64;

/// Rao that a parent lends: `⌊(alpha + root · tao_weight) · proportion⌋`.
pub fn lent(holding: &Holding, share: u64, tao_weight: u64) -> u64 {
    let weighted: U96F32 = holding.weighted(proportion(tao_weight));
    (weighted * proportion(share)).floor_u64()
}

/// Place of a new parent in the list of parents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// A place is free.
    Free,
    /// The parent at this position lends the least, and less than the newcomer: it gives way.
    InPlaceOf(usize),
    /// No place: every parent lends at least as much as the newcomer.
    None,
}

/// Room for a parent that lends `newcomer` rao beside parents that lend `loans` rao. Of several that lend the least the
/// last one gives way.
pub fn room_for(newcomer: u64, loans: &[u64]) -> Room {
    if loans.len() < MAX_PARENTS {
        return Room::Free;
    }
    let least = loans.iter().enumerate().map(|(at, loan)| (*loan, core::cmp::Reverse(at))).min();
    match least {
        Some((loan, core::cmp::Reverse(at))) if loan < newcomer => Room::InPlaceOf(at),
        _ => Room::None,
    }
}

/// A hotkey with its children and parents, each with the proportion on the u64 scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kin<'a, A> {
    /// The hotkey.
    pub hotkey: &'a A,
    /// Its children.
    pub children: &'a [(u64, A)],
    /// Its parents.
    pub parents: &'a [(u64, A)],
}

impl<A: PartialEq> Kin<'_, A> {
    /// Whether this hotkey may lend `share` to `child` as one more child. The two must be different, not linked in
    /// either direction, and both need a free place; all proportions lent together are at most the whole.
    pub fn may_lend(&self, share: u64, child: &Kin<'_, A>) -> bool {
        let linked = |links: &[(u64, A)]| links.iter().any(|(_, other)| other == child.hotkey);
        self.hotkey != child.hotkey
            && !linked(self.children)
            && !linked(self.parents)
            && self.children.len() < MAX_CHILDREN
            && child.parents.len() < MAX_PARENTS
            && self.children.iter().try_fold(share, |sum, (other, _)| sum.checked_add(*other)).is_some()
    }
}

/// A list of links in which the link to `key` has this proportion, or is absent for `None`. A new link comes last.
pub fn with_link<A: PartialEq>(mut links: Vec<(u64, A)>, key: A, share: Option<u64>) -> Vec<(u64, A)> {
    match (links.iter().position(|(_, other)| *other == key), share) {
        (Some(at), Some(share)) => {
            if let Some(link) = links.get_mut(at) {
                link.0 = share;
            }
        }
        (Some(at), None) => {
            links.remove(at);
        }
        (None, Some(share)) => links.push((share, key)),
        (None, None) => {}
    }
    links
}

#[cfg(test)]
mod tests {
    use super::*;
    use myelin_units::{AlphaBalance, TaoBalance};
    use proptest::prelude::*;
    use std::vec;

    #[test]
    fn a_loan_is_the_floored_part_of_the_weighted_stake() {
        let holding = Holding { alpha: AlphaBalance::from_rao(101), root: TaoBalance::from_rao(50) };
        assert_eq!(lent(&holding, u64::MAX, u64::MAX), 151);
        assert_eq!(lent(&holding, u64::MAX, 0), 101);
        assert_eq!(lent(&holding, u64::MAX / 2, 0), 50);
        assert_eq!(lent(&holding, 0, u64::MAX), 0);
    }

    #[test]
    fn who_lends_the_least_gives_way_to_who_lends_more() {
        let mut loans = vec![10; MAX_PARENTS];
        assert_eq!(room_for(1, &loans[1..]), Room::Free);
        assert_eq!(room_for(10, &loans), Room::None);
        assert_eq!(room_for(11, &loans), Room::InPlaceOf(MAX_PARENTS - 1));
        loans[7] = 3;
        assert_eq!(room_for(4, &loans), Room::InPlaceOf(7));
        assert_eq!(room_for(3, &loans), Room::None);
    }

    #[test]
    fn a_key_is_never_child_and_parent_of_the_same_hotkey() {
        let (a, b) = (1u8, 2u8);
        let lists = [(5u64, b)];
        let child = Kin { hotkey: &b, children: &[], parents: &[] };
        let alone = Kin { hotkey: &a, children: &[], parents: &[] };
        assert!(alone.may_lend(5, &child));
        assert!(!alone.may_lend(5, &alone));
        assert!(!Kin { parents: &lists, ..alone }.may_lend(5, &child));
        assert!(!Kin { children: &lists, ..alone }.may_lend(5, &child));
        let rich = [(u64::MAX, 3u8)];
        assert!(!Kin { children: &rich, ..alone }.may_lend(1, &child));
        assert!(Kin { children: &rich, ..alone }.may_lend(0, &child));
        let five: Vec<(u64, u8)> = (10..15).map(|key| (1, key)).collect();
        assert!(!Kin { children: &five, ..alone }.may_lend(1, &child));
        let many: Vec<(u64, u8)> = (10..74).map(|key| (1, key)).collect();
        assert!(!alone.may_lend(1, &Kin { parents: &many, ..child }));
    }

    proptest! {
        #[test]
        fn a_list_names_a_key_once_and_keeps_the_others(
            mut keys in prop::collection::vec(any::<u8>(), 0..20),
            key: u8,
            share: Option<u64>,
        ) {
            keys.sort_unstable();
            keys.dedup();
            let links: Vec<(u64, u8)> = keys.iter().map(|key| (7, *key)).collect();
            let changed = with_link(links.clone(), key, share);
            let found: Vec<u64> = changed.iter().filter(|(_, k)| *k == key).map(|(s, _)| *s).collect();
            prop_assert_eq!(found, share.into_iter().collect::<Vec<_>>());
            let others = |links: &[(u64, u8)]| -> Vec<(u64, u8)> {
                links.iter().filter(|(_, k)| *k != key).copied().collect()
            };
            prop_assert_eq!(others(&changed), others(&links));
        }
    }
}
