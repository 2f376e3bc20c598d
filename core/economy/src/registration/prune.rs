//! The uid of a new neuron.

use alloc::vec::Vec;

use myelin_units::{AlphaBalance, Block, Uid};

/// Facts about a registered neuron that pruning compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Its uid.
    pub uid: Uid,
    /// Combined emission of the last epoch.
    pub emission: AlphaBalance,
    /// Block of registration.
    pub registered: Block,
    /// Protected for good: one of [`immortal_uids`].
    pub immortal: bool,
}

/// Parameters of the choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PruneRule {
    /// The current block.
    pub block: Block,
    /// `ImmunityPeriod`: a neuron is immune while fewer blocks have passed since its registration.
    pub immunity_period: u64,
    /// `MinNonImmuneUids`: only above this many non-immune neurons is one of them taken.
    pub min_non_immune: u16,
}

/// Place of a new neuron.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UidChoice {
    /// A free uid at the end.
    Append(Uid),
    /// The uid of this neuron, which is replaced.
    Replace(Uid),
}

impl PruneRule {
    /// The neuron to replace: the lowest by (emission, registration, uid) among the non-immune if there are more than
    /// `min_non_immune` of them, otherwise among the immune. Immortal neurons are never replaced. Being a validator
    /// protects no neuron.
    pub fn choose(&self, neurons: &[Candidate]) -> Option<Uid> {
        let mortal = || neurons.iter().filter(|n| !n.immortal);
        let non_immune = mortal().filter(|n| !self.is_immune(n)).count();
        let take_immune = non_immune <= usize::from(self.min_non_immune);
        mortal()
            .filter(|n| self.is_immune(n) == take_immune)
            .min_by_key(|n| (n.emission, n.registered, n.uid))
            .map(|n| n.uid)
    }

    /// Whether a neuron is within its immunity period.
    pub fn is_immune(&self, neuron: &Candidate) -> bool {
        self.block.saturating_sub(neuron.registered) < self.immunity_period
    }
}

/// A free uid while there are fewer than `max_uids` neurons, else the one to replace; `None` if nobody may be replaced.
pub fn choose_uid(neurons: &[Candidate], max_uids: u16, rule: &PruneRule) -> Option<UidChoice> {
    match u16::try_from(neurons.len()) {
        Ok(n) if n < max_uids => Some(UidChoice::Append(n)),
        _ => rule.choose(neurons).map(UidChoice::Replace),
    }
}

/// Uids of the subnet owner that are never pruned.
///
/// `owned` lists (registration block, uid) of the hotkeys that belong to the owner's coldkey. The `limit`
/// (`ImmuneOwnerUidsLimit`) earliest are kept; the owner hotkey's uid, if registered, is put first if it is not among
/// them.
pub fn immortal_uids(owned: &[(Block, Uid)], owner_hotkey: Option<Uid>, limit: u16) -> Vec<Uid> {
    let limit = usize::from(limit);
    let mut sorted = owned.to_vec();
    sorted.sort_unstable();
    let mut uids: Vec<Uid> = sorted.into_iter().map(|(_, uid)| uid).take(limit).collect();
    if let Some(uid) = owner_hotkey.filter(|uid| !uids.contains(uid)) {
        uids.insert(0, uid);
        uids.truncate(limit);
    }
    uids
}
