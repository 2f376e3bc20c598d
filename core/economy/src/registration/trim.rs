//! Trimming a subnet: the neurons that stay, and their new uids.

use alloc::vec::Vec;

use myelin_units::Uid;

use super::prune::{Candidate, PruneRule};

/// Trimming is refused when immune and immortal neurons are at least this share of the new limit, in percent.
const MOST_SPARED_PERCENT: u32 = 80;

/// Uids that stay when a subnet is trimmed to `max` neurons, in their order: all but the lowest by (emission,
/// registration, uid), none of which is immune or immortal. `None` if immune and immortal neurons are 80 % of `max` or
/// more.
pub fn trim(neurons: &[Candidate], max: u16, rule: &PruneRule) -> Option<Vec<Uid>> {
    let spared = |neuron: &Candidate| neuron.immortal || rule.is_immune(neuron);
    let spared_count = neurons.iter().filter(|neuron| spared(neuron)).count() as u64;
    if spared_count.saturating_mul(100) >= u64::from(MOST_SPARED_PERCENT).saturating_mul(max.into()) {
        return None;
    }
    let mut going: Vec<&Candidate> = neurons.iter().filter(|neuron| !spared(neuron)).collect();
    going.sort_unstable_by_key(|neuron| (neuron.emission, neuron.registered, neuron.uid));
    going.truncate(neurons.len().saturating_sub(max.into()));
    let stays = |neuron: &&Candidate| !going.iter().any(|other| other.uid == neuron.uid);
    let mut kept: Vec<Uid> = neurons.iter().filter(stays).map(|neuron| neuron.uid).collect();
    kept.sort_unstable();
    Some(kept)
}

/// New uids after some neurons are removed and the others close the gaps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renumbering {
    /// The new uid of each old one.
    new: Vec<Option<Uid>>,
    after: u16,
}

impl Renumbering {
    /// For `before` neurons of which those in `kept`, in ascending order, stay.
    pub fn new(before: u16, kept: &[Uid]) -> Self {
        let mut new: Vec<Option<Uid>> = (0..before).map(|_| None).collect();
        let mut after: u16 = 0;
        for uid in kept {
            if let Some(slot) = new.get_mut(usize::from(*uid)).filter(|slot| slot.is_none()) {
                *slot = Some(after);
                after = after.saturating_add(1);
            }
        }
        Self { new, after }
    }

    /// Number of neurons before the change.
    pub fn before(&self) -> u16 {
        u16::try_from(self.new.len()).unwrap_or(u16::MAX)
    }

    /// Number of neurons after the change.
    pub fn after(&self) -> u16 {
        self.after
    }

    /// The new uid of an old one; `None` if its neuron goes.
    pub fn of(&self, uid: Uid) -> Option<Uid> {
        self.new.get(usize::from(uid)).copied().flatten()
    }

    /// The entries of a vector by uid that stay. Entries that the vector lacks at its end stay missing.
    pub fn entries<V: Clone>(&self, entries: &[V]) -> Vec<V> {
        let stays = entries.iter().zip(&self.new).filter(|(_, new)| new.is_some());
        stays.map(|(entry, _)| entry.clone()).collect()
    }

    /// The entries of a row that point at neurons that stay.
    pub fn row(&self, row: &[(Uid, u16)]) -> Vec<(Uid, u16)> {
        row.iter().filter_map(|(uid, value)| self.of(*uid).map(|uid| (uid, *value))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use myelin_units::AlphaBalance;
    use proptest::prelude::*;

    const RULE: PruneRule = PruneRule { block: 1_000, immunity_period: 100, min_non_immune: 0 };

    fn neuron(uid: Uid, emission: u64, registered: u64, immortal: bool) -> Candidate {
        Candidate { uid, emission: AlphaBalance::from_rao(emission), registered, immortal }
    }

    #[test]
    fn those_that_earned_least_go_unless_they_are_spared() {
        let neurons = [
            neuron(0, 0, 1, true),
            neuron(1, 5, 2, false),
            neuron(2, 1, 990, false),
            neuron(3, 4, 4, false),
            neuron(4, 5, 1, false),
            neuron(5, 9, 1, false),
        ];
        assert_eq!(trim(&neurons, 4, &RULE), Some(vec![0, 1, 2, 5]), "3 earned least, 4 is older than 1");
        assert_eq!(trim(&neurons, 3, &RULE), Some(vec![0, 2, 5]));
        assert_eq!(trim(&neurons, 6, &RULE), Some(vec![0, 1, 2, 3, 4, 5]));
    }

    #[test]
    fn a_subnet_full_of_spared_neurons_is_not_trimmed() {
        let neurons: Vec<_> = (0..10).map(|uid| neuron(uid, 1, 1, uid < 4)).collect();
        assert_eq!(trim(&neurons, 5, &RULE), None, "4 of 5 are 80 %");
        assert!(trim(&neurons, 6, &RULE).is_some());
    }

    proptest! {
        #[test]
        fn trimming_keeps_the_order_and_closes_gaps(
            emissions in prop::collection::vec((0u64..5, 0u64..1_000, prop::bool::weighted(0.1)), 0..40),
            max in 0u16..50,
        ) {
            let neurons: Vec<_> = (0..).zip(&emissions).map(|(uid, (e, r, i))| neuron(uid, *e, *r, *i)).collect();
            let before = neurons.len() as u16;
            if let Some(kept) = trim(&neurons, max, &RULE) {
                prop_assert_eq!(kept.len(), usize::from(before.min(max)));
                let spared = |n: &Candidate| n.immortal || RULE.is_immune(n);
                prop_assert!(neurons.iter().filter(|n| spared(n)).all(|n| kept.contains(&n.uid)));
                let worst_kept = neurons.iter().filter(|n| kept.contains(&n.uid) && !spared(n)).map(|n| n.emission).min();
                let best_gone = neurons.iter().filter(|n| !kept.contains(&n.uid)).map(|n| n.emission).max();
                if let (Some(worst), Some(best)) = (worst_kept, best_gone) {
                    prop_assert!(best <= worst);
                }
                let uids = Renumbering::new(before, &kept);
                prop_assert_eq!((uids.before(), usize::from(uids.after())), (before, kept.len()));
                let new: Vec<_> = kept.iter().map(|uid| uids.of(*uid)).collect();
                prop_assert_eq!(new, (0..uids.after()).map(Some).collect::<Vec<_>>());
                let column: Vec<Uid> = (0..before).collect();
                prop_assert_eq!(uids.entries(&column), kept.clone());
                let row: Vec<(Uid, u16)> = column.iter().map(|uid| (*uid, uid * 3)).collect();
                let expected: Vec<(Uid, u16)> = (0..).zip(kept.iter().map(|uid| uid * 3)).collect();
                prop_assert_eq!(uids.row(&row), expected);
            }
        }
    }
}
