//! A row of weights on the chain, beside the one that follows from the standings that its validator committed to.
//!
//! A validator weighs in a block that only it knows: after its last round, and before the block of its commitment. A
//! row is compared where everything that weights follow from was the same all that time. Otherwise an honest row could
//! look like a wrong one, and nothing is said about it.

use myelin_abi::rubric::RubricChange;
use myelin_abi::{Account, EvidenceRoot, EvidenceTimeline, ProofHistory};
use myelin_units::{Block, MechId, NetUid, Uid};

use crate::gather::Seat;
use crate::View;

/// A neuron that had its uid at two times: the same hotkey, registered in the same block.
fn is_same(one: &Seat, other: &Seat) -> bool {
    (one.hotkey, one.registered) == (other.hotkey, other.registered)
}

/// Everything in a state that weights follow from, besides standings and rules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moment {
    /// The neurons by uid.
    pub seats: Vec<Seat>,
    /// Hotkey of the subnet's owner.
    pub owner: Option<Account>,
    /// Signed answers that a miner with a weight needs; `None` where no proof is demanded.
    pub answers: Option<u16>,
    /// Epochs from a commitment to its reveal; `None` without commitments.
    pub period: Option<u64>,
}

impl Moment {
    /// Reads the state of a block.
    pub fn read(view: &View, netuid: NetUid, mechanism: MechId, block: Block) -> Self {
        let demands: EvidenceTimeline = view.of_subnet("EvidenceDemands", netuid).unwrap_or_default();
        let in_force = demands.in_force(block);
        // Validators are ready for a demand before it is in force.
        let demand = match demands.announced(block) {
            Some((announced, _)) if in_force.answers == 0 => announced,
            _ => in_force,
        };
        let reveals = view.parameter("CommitRevealWeightsEnabled", Some(netuid)) != 0;
        let period = view.parameter("RevealPeriodEpochs", Some(netuid));
        Self {
            seats: view.of_subnet("SubnetRoster", netuid).unwrap_or_default(),
            owner: view.of_subnet("SubnetOwnerHotkey", netuid),
            answers: demand.on(mechanism),
            period: u64::try_from(period).ok().filter(|_| reveals),
        }
    }

    /// Whether weights are the same at both times.
    fn is_like(&self, other: &Self) -> bool {
        let neurons = self.seats.len() == other.seats.len()
            && self.seats.iter().zip(&other.seats).all(|(one, other)| is_same(one, other));
        neurons && (self.owner, self.answers) == (other.owner, other.answers)
    }

    /// Uid of a hotkey.
    pub fn uid_of(&self, hotkey: &Account) -> Option<Uid> {
        (0..).zip(&self.seats).find(|(_, seat)| seat.hotkey == *hotkey).map(|(uid, _)| uid)
    }

    /// The neurons whose weights need no proof: the validator's own, and that of the subnet's owner.
    pub fn exempt(&self, validator: &Account) -> [Option<Uid>; 2] {
        [self.uid_of(validator), self.owner.and_then(|owner| self.uid_of(&owner))]
    }
}

/// Reason why nothing can be said about a row of weights, or about standings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Doubt {
    /// No row of this commitment is on the chain for sure.
    #[error("no proof of weights held in epoch {0}, so those on the chain may be of another epoch")]
    NotProven(u64),
    /// The neurons, the owner or the demand changed while the validator may have weighed.
    #[error(
        "neurons, owner or demand changed between the last round and the commitment, so nobody else knows what the \
         validator weighed"
    )]
    Changed,
    /// The reveal period changed.
    #[error("the reveal period changed, so the weights on the chain may be of another epoch")]
    Period,
    /// No rules are known by which the validator had to judge.
    #[error("the owner had announced no rules, so the validator judged by its own")]
    NoRules,
    /// The validator may have gone on by earlier rules.
    #[error(
        "the rules are in force since epoch {since}, and a validator may go on by earlier ones for {grace} epochs"
    )]
    NewRules {
        /// Epoch in which they came into force.
        since: u64,
        /// Epochs of grace.
        grace: u64,
    },
    /// The chain has other rules than those at hand.
    #[error(
        "the rules in force were others than those of this kind, these options and the terms in the file; give those \
         with which validators ran"
    )]
    OtherRules,
}

/// The rules by which a validator had to judge in an epoch in which it committed. They are those in force, if they have
/// been for longer than the grace in which earlier ones may still be used; `since` is the epoch in which they began.
pub fn settled(
    rules: Option<&RubricChange>,
    since: u64,
    committed: &EvidenceRoot<Account>,
    grace: u64,
) -> Result<[u8; 32], Doubt> {
    let rules = rules.filter(|rules| rules.from <= committed.block).ok_or(Doubt::NoRules)?;
    match committed.epoch > since.saturating_add(grace) {
        true => Ok(rules.rubric.hash),
        false => Err(Doubt::NewRules { since, grace }),
    }
}

/// The chain around a commitment to weights that was revealed in an epoch.
#[derive(Clone, Copy, Debug)]
pub struct Revealed<'a> {
    /// The epoch of the reveal.
    pub epoch: u64,
    /// The validator's proofs at the end of that epoch.
    pub proofs: ProofHistory,
    /// The state after the last round, before which nobody weighs.
    pub earliest: &'a Moment,
    /// The state before the block of the commitment.
    pub committed: &'a Moment,
    /// The state before the block in which the epoch of the reveal ended.
    pub ended: &'a Moment,
    /// The row in that state.
    pub row: &'a [(Uid, u16)],
}

/// A weight that does not follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unlike {
    /// The neuron.
    pub uid: Uid,
    /// The weight that follows from the standings.
    pub due: u16,
    /// The weight on the chain.
    pub found: u16,
}

impl Revealed<'_> {
    /// Whether everything that decides about the weights is known.
    pub fn certain(&self) -> Result<(), Doubt> {
        let Self { epoch, proofs, earliest, committed, ended, .. } = self;
        // A later row without a proof, or with one that does not hold, would have cleared the mark.
        if !proofs.is_proven(*epoch) {
            return Err(Doubt::NotProven(*epoch));
        }
        if committed.period.is_none() || committed.period != ended.period {
            return Err(Doubt::Period);
        }
        match earliest.is_like(committed) {
            true => Ok(()),
            false => Err(Doubt::Changed),
        }
    }

    /// Weights of the row that are not those that were `due`, by uid. Neurons that have come, gone or moved since the
    /// commitment are left out: the chain clears their weights.
    pub fn unlike(&self, due: &[(Uid, u16)]) -> Result<Vec<Unlike>, Doubt> {
        self.certain()?;
        let of = |row: &[(Uid, u16)], uid: Uid| {
            row.iter().find(|(known, _)| *known == uid).map_or(0, |(_, weight)| *weight)
        };
        let pairs = (0..).zip(self.committed.seats.iter().zip(&self.ended.seats));
        let stayed = pairs.filter(|(_, (then, now))| is_same(then, now)).map(|(uid, _)| uid);
        let compared = stayed.map(|uid| Unlike { uid, due: of(due, uid), found: of(self.row, uid) });
        Ok(compared.filter(|weight| weight.due != weight.found).collect())
    }
}

#[cfg(test)]
mod tests;
