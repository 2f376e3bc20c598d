//! Succession: a swapped hotkey inherits everything that is known of the old one.
//!
//! The chain keeps no list of swaps that a validator could read later. It keeps the uid and the block in which that uid
//! was registered. A swap changes neither; a new registration changes the block. So a hotkey on the same registration
//! as an earlier hotkey is its successor, and a miner that has got worse cannot start again for the price of a swap.

use std::collections::{BTreeMap, BTreeSet};

use myelin_wire::AccountId;
use serde::{Deserialize, Serialize};

use super::Standing;

/// A registration, which a swap of hotkeys does not change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Seat {
    /// The uid.
    pub uid: u16,
    /// Block in which it was registered.
    pub registered_at: u64,
}

/// Notes the registration of every miner, and hands the standings of swapped hotkeys to their successors. A successor's
/// own earlier standing is dropped: otherwise it could choose the better of two pasts.
pub fn follow_swaps(
    standings: &mut BTreeMap<(u8, AccountId), Standing>,
    seated: impl Iterator<Item = (Seat, AccountId)>,
) {
    let seated: BTreeMap<Seat, AccountId> = seated.collect();
    let seats: BTreeMap<AccountId, Seat> = seated.iter().map(|(seat, hotkey)| (*hotkey, *seat)).collect();
    let moved = |((mechanism, old), standing): (&(u8, AccountId), &Standing)| {
        let new = standing.seat().and_then(|seat| seated.get(&seat))?;
        (new != old).then_some(((*mechanism, *old), *new))
    };
    let moved: BTreeSet<_> = standings.iter().filter_map(moved).collect();
    let taken: Vec<_> = moved
        .into_iter()
        .filter_map(|((mechanism, old), new)| Some(((mechanism, new), standings.remove(&(mechanism, old))?)))
        .collect();
    standings.extend(taken);
    for ((_, hotkey), standing) in standings {
        if let Some(seat) = seats.get(hotkey) {
            standing.sit(*seat);
        }
    }
}

#[cfg(test)]
mod tests {
    use myelin_wire::record::Ppm;

    use super::*;

    fn standing(score: u32) -> Standing {
        let mut standing = Standing::default();
        standing.update(Ppm::new(score), Ppm::ONE);
        standing
    }

    fn seat(uid: u16, registered_at: u64) -> Seat {
        Seat { uid, registered_at }
    }

    #[test]
    fn a_swapped_hotkey_inherits_and_a_new_registration_does_not() {
        let (old, new, newcomer) = ([1; 32], [2; 32], [3; 32]);
        let mut standings = BTreeMap::from([((0, old), standing(700_000)), ((1, old), standing(300_000))]);
        follow_swaps(&mut standings, [(seat(4, 100), old)].into_iter());
        assert_eq!(standings[&(0, old)].average(), Ppm::new(700_000));

        follow_swaps(&mut standings, [(seat(4, 100), new)].into_iter());
        assert_eq!(standings.keys().copied().collect::<Vec<_>>(), [(0, new), (1, new)]);
        assert_eq!(standings[&(0, new)].average(), Ppm::new(700_000));
        assert_eq!(standings[&(1, new)].rounds(), 1);

        follow_swaps(&mut standings, [(seat(4, 200), newcomer)].into_iter());
        assert!(!standings.contains_key(&(0, newcomer)), "the uid was registered anew");
    }

    #[test]
    fn two_hotkeys_that_change_places_take_their_pasts_along() {
        let (one, other) = ([1; 32], [2; 32]);
        let mut standings = BTreeMap::from([((0, one), standing(700_000)), ((0, other), standing(300_000))]);
        follow_swaps(&mut standings, [(seat(4, 100), one), (seat(5, 100), other)].into_iter());
        follow_swaps(&mut standings, [(seat(4, 100), other), (seat(5, 100), one)].into_iter());
        assert_eq!(standings[&(0, other)].average(), Ppm::new(700_000));
        assert_eq!(standings[&(0, one)].average(), Ppm::new(300_000));
    }
}
