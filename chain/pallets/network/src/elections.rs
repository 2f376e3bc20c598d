//! News for elections of authorities: the end of epochs, and changes of root stake.
//!
//! At the end of a subnet's epoch each validator is measured (`myelin_election::measure`). Where a mechanism demands
//! proof, its proofs of the last sixteen epochs count. Elsewhere its agreement in this epoch counts, by root stake,
//! with validators of other coldkeys. The measure is the mean over mechanisms, by their emission.

use alloc::{collections::BTreeMap, vec::Vec};

use myelin_election::{
    measure::{by_agreement, by_proofs},
    panel::Member,
    Panel, PerBillion,
};
use myelin_units::{MechId, NetUid, TaoBalance, Uid};
use myelin_yuma::{
    agreement::{independent_agreement, typical},
    step::stake::total_stake,
    EpochInput, EpochParams,
};

use crate::{
    emission::issue,
    epoch::Roll,
    evidence::{bytes, EvidenceLedger},
    pallet::Config,
    subnets::SubnetRegistry,
};

/// Parts of a whole in a [`PerBillion`].
const WHOLE: u64 = 1_000_000_000;

/// The elections of authorities, as far as the network tells them something.
pub trait Elections<AccountId> {
    /// Whether the ends of epochs are wanted.
    fn are_on() -> bool;

    /// Called before the root stake on a hotkey changes.
    fn root_stake_changes(hotkey: &AccountId);

    /// The validators of a subnet at the end of an epoch. With `by_proofs` all measures look back over sixteen epochs,
    /// otherwise some are of this epoch alone. The emission and all root stake are left at 0.
    fn epoch_ended(netuid: NetUid, panel: Panel, by_proofs: bool);
}

impl<AccountId> Elections<AccountId> for () {
    fn are_on() -> bool {
        false
    }
    fn root_stake_changes(_: &AccountId) {}
    fn epoch_ended(_: NetUid, _: Panel, _: bool) {}
}

/// Each subnet's part of the emission, by the rule of the coinbase; subnets that it does not pay are left out.
pub fn emissions<T: Config>() -> Vec<(NetUid, PerBillion)> {
    let eligible = crate::emission::eligible::<T>();
    let inputs: Vec<_> = eligible.iter().map(|&netuid| issue::state::<T>(netuid).share).collect();
    eligible.into_iter().zip(myelin_economy::emission::tao_parts(&inputs)).collect()
}

/// Measures of a subnet's validators at the end of an epoch, mechanism by mechanism.
pub struct Measures {
    /// Root stake of each neuron, with what it inherits on the subnet and without what it lends.
    root: Vec<TaoBalance>,
    /// A number for the coldkey of each neuron.
    holders: Vec<u32>,
    /// Of each neuron, the sum of its measures times the emission of their mechanisms.
    sums: Vec<u128>,
    /// Emission of the mechanisms so far.
    emission: u128,
    /// Whether each neuron had a permit and was not barred, on every mechanism so far.
    judged: Vec<bool>,
    by_proofs: bool,
}

impl Measures {
    /// No mechanism yet; `None` while elections are off.
    pub fn begin<T: Config>(roll: &Roll<T>) -> Option<Self> {
        if !T::Elections::are_on() {
            return None;
        }
        let mut numbers = BTreeMap::new();
        let mut number = |owner: &T::AccountId| {
            let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
            *numbers.entry(owner.clone()).or_insert(next)
        };
        Some(Self {
            root: roll.weights().map(|weight| weight.root).collect(),
            holders: roll.seats.iter().map(|seat| number(&seat.owner)).collect(),
            sums: alloc::vec![0; roll.seats.len()],
            emission: 0,
            judged: alloc::vec![true; roll.seats.len()],
            by_proofs: true,
        })
    }

    /// Adds the measures on a mechanism, whose inputs these are. A mechanism without emission counts as one with a rao.
    /// Returns the steps that it took: see [`Self::steps`].
    pub fn add<T: Config>(&mut self, roll: &Roll<T>, mecid: MechId, input: &EpochInput) -> u64 {
        let emission = u128::from(input.emission.max(1));
        let (measures, steps): (Vec<PerBillion>, _) =
            match EvidenceLedger::<T>::proven(roll, mecid, &input.permits) {
                Some(proven) => {
                    let steps = proven.len() as u64;
                    (proven.into_iter().map(by_proofs).collect(), steps)
                }
                None => {
                    self.by_proofs = false;
                    (self.agreements(input), self.steps(input))
                }
            };
        for (sum, measure) in self.sums.iter_mut().zip(measures) {
            *sum = sum.saturating_add(emission.saturating_mul(measure.parts().into()));
        }
        self.emission = self.emission.saturating_add(emission);
        let permits = input.permits.iter().chain(core::iter::repeat(&false));
        let barred = input.barred.iter().chain(core::iter::repeat(&false));
        for (judged, (permit, barred)) in self.judged.iter_mut().zip(permits.zip(barred)) {
            *judged &= *permit && !*barred;
        }
        steps.max(1)
    }

    /// Steps of comparing validators: each goes through all columns, and through all weights of its coldkey's
    /// validators.
    fn steps(&self, input: &EpochInput) -> u64 {
        let mut coldkeys = BTreeMap::<u32, (u64, u64)>::new();
        for (holder, row) in self.holders.iter().zip(&input.weights).filter(|(_, row)| !row.is_empty()) {
            let (rows, entries) = coldkeys.entry(*holder).or_default();
            *rows = rows.saturating_add(1);
            *entries = entries.saturating_add(row.len() as u64);
        }
        let columns = self.root.len() as u64;
        let of = |(rows, entries): &(u64, u64)| rows.saturating_mul(entries.saturating_add(columns));
        coldkeys.values().map(of).fold(columns, u64::saturating_add)
    }

    /// The agreement of each neuron set against the typical one, by root stake; by uid.
    fn agreements(&self, input: &EpochInput) -> Vec<PerBillion> {
        let by_root = EpochInput {
            total_stake: self.root.iter().map(|root| total_stake(root.to_rao(), 0, 0)).collect(),
            params: EpochParams { stake_threshold: 0, ..input.params.clone() },
            ..input.clone()
        };
        let found = independent_agreement(&by_root, &self.holders);
        let typical = typical(&found);
        let overlaps: BTreeMap<Uid, _> =
            found.iter().map(|agreement| (agreement.uid, agreement.overlap)).collect();
        let overlap = |uid: Uid| overlaps.get(&uid).copied().flatten();
        (0..=Uid::MAX).take(self.root.len()).map(|uid| by_agreement(overlap(uid), typical)).collect()
    }

    /// Delivers the panel to the elections: the validators that had a permit, were not barred and are active.
    pub fn deliver<T: Config>(self, roll: &Roll<T>, active: &[bool]) {
        let netuid = roll.netuid;
        let whole = self.emission.saturating_mul(WHOLE.into());
        let neurons = roll.seats.iter().zip(self.root.iter().zip(&self.sums));
        let counts = self.judged.iter().zip(active).map(|(judged, active)| *judged && *active);
        let members =
            neurons.zip(counts).filter(|(_, counts)| *counts).map(|((seat, (root, sum)), _)| Member {
                hotkey: bytes(&seat.hotkey),
                coldkey: bytes(&seat.owner),
                backing: *root,
                measure: PerBillion::ratio(*sum, whole),
            });
        let owner = SubnetRegistry::<T>::exists(netuid).then(|| bytes(&SubnetRegistry::<T>::owner(netuid)));
        let panel = Panel { owner, members: members.collect(), ..Panel::default() };
        T::Elections::epoch_ended(netuid, panel, self.by_proofs);
    }
}
