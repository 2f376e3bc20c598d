//! The validators whose weights count where a subnet demands proof that they asked the miners they pay.
//!
//! A validator that proves its weights is paid in that epoch. One epoch in sixteen may go without a proof, so that a
//! chain which is out of reach for an hour costs an honest validator nothing. It is the fifteen proofs before it that
//! are paid: whoever works in one epoch of thirteen is paid for one of thirteen.
//!
//! Where validators with most of the stake hold evidence of each other, a proof also needs that another one holds the
//! evidence that was proven before ([`withheld`]).

use alloc::{vec, vec::Vec};

use myelin_units::{Uid, I64F64};

/// Epochs that a history remembers.
pub const REMEMBERED: u32 = 16;

/// Proofs that may fail within [`REMEMBERED`] epochs. With one more the validator loses its permit for a time.
pub const MOST_FAILURES: u32 = 2;

/// The last proofs of a validator on one mechanism.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// The epoch that the lowest bits stand for.
    pub latest: u64,
    /// Epochs with a proof that holds: bit `n` is the epoch `latest − n`.
    pub proven: u16,
    /// Epochs with a proof that does not hold, likewise.
    pub failed: u16,
}

impl History {
    /// The history as it stands in `epoch`. An earlier epoch than the latest leaves it as it is.
    pub fn at(self, epoch: u64) -> Self {
        let passed = epoch.saturating_sub(self.latest).min(REMEMBERED.into()) as u32;
        let shifted = |bits: u16| bits.checked_shl(passed).unwrap_or(0);
        Self { latest: self.latest.max(epoch), proven: shifted(self.proven), failed: shifted(self.failed) }
    }

    /// A proof held in `epoch`.
    pub fn prove(self, epoch: u64) -> Self {
        let then = self.at(epoch);
        Self { proven: then.proven | 1, ..then }
    }

    /// A proof did not hold in `epoch`, and the weights that it was for replaced earlier ones.
    pub fn fail(self, epoch: u64) -> Self {
        let then = self.at(epoch);
        Self { proven: then.proven & !1, failed: then.failed | 1, ..then }
    }

    /// Weights without a proof replaced earlier ones in `epoch`: no proof counts any longer.
    pub fn forget(self, epoch: u64) -> Self {
        Self { proven: 0, ..self.at(epoch) }
    }

    /// Nobody else could show the evidence that opened in `epoch`: no proof counts in it.
    pub fn withhold(self, epoch: u64) -> Self {
        let then = self.at(epoch);
        Self { proven: then.proven & !1, ..then }
    }

    /// Whether the validator's weights count at the end of `epoch`: a proof held in it, or in each of the fifteen
    /// epochs before it while none failed in it.
    pub fn counts(self, epoch: u64) -> bool {
        let then = self.at(epoch);
        then.latest == epoch && (then.proven & 1 == 1 || (then.proven >> 1 == 0x7FFF && then.failed & 1 == 0))
    }

    /// Whether so many proofs have failed up to `epoch` that the validator loses its permit.
    pub fn is_barred(self, epoch: u64) -> bool {
        self.at(epoch).failed.count_ones() > MOST_FAILURES
    }
}

/// A neuron at the end of an epoch, as far as it decides whose evidence others can show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Witness {
    /// Whether its weights are about to count.
    pub counts: bool,
    /// Its stake weight.
    pub stake: I64F64,
    /// Whether it has a root over the evidence that opened in this epoch.
    pub owes: bool,
    /// Neurons whose evidence it states to hold.
    pub holds: Vec<Uid>,
}

/// Validators whose evidence nobody else holds, by uid.
///
/// Only those that count are witnesses, for others that count and owe. The rule is in force where the witnesses of
/// somebody have more than half of the stake that counts, so that a few cannot switch it on against a majority that
/// holds nothing. A validator with at least as much stake as all others that count owes nothing.
pub fn withheld(neurons: &[Witness]) -> Vec<Uid> {
    let counting = || (0..).zip(neurons).filter(|(_, neuron): &(Uid, &Witness)| neuron.counts);
    let sum = |of: &mut dyn Iterator<Item = I64F64>| of.fold(I64F64::ZERO, I64F64::saturating_add);
    let owes = |uid: Uid| neurons.get(usize::from(uid)).is_some_and(|neuron| neuron.counts && neuron.owes);
    let all = sum(&mut counting().map(|(_, neuron)| neuron.stake));
    let mut shown = vec![false; neurons.len()];
    let mut stated = I64F64::ZERO;
    for (holder, neuron) in counting() {
        let mut others = neuron.holds.iter().copied().filter(|uid| *uid != holder && owes(*uid)).peekable();
        if others.peek().is_some() {
            stated = stated.saturating_add(neuron.stake);
        }
        for uid in others {
            if let Some(shown) = shown.get_mut(usize::from(uid)) {
                *shown = true;
            }
        }
    }
    let is_minor = |part: I64F64| all.saturating_sub(part) > part;
    if all.saturating_sub(stated) >= stated {
        return Vec::new();
    }
    let is_shown = |uid: Uid| shown.get(usize::from(uid)) == Some(&true);
    let owing = counting().filter(|(uid, neuron)| neuron.owes && !is_shown(*uid) && is_minor(neuron.stake));
    owing.map(|(uid, _)| uid).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Share of `epochs` epochs that count for one who proves where `works` says so.
    fn counted(epochs: u64, works: impl Fn(u64) -> bool) -> u64 {
        let mut history = History::default();
        let step = |epoch| {
            if works(epoch) {
                history = history.prove(epoch);
            }
            u64::from(history.counts(epoch))
        };
        (1..=epochs).map(step).sum()
    }

    #[test]
    fn one_miss_after_fifteen_proofs_costs_nothing_and_a_second_does() {
        assert_eq!(counted(100, |epoch| epoch != 50), 100);
        assert_eq!(counted(100, |epoch| epoch != 50 && epoch != 51), 99);
        assert_eq!(counted(100, |epoch| epoch != 50 && epoch != 60), 99);
        assert_eq!(counted(100, |epoch| epoch != 50 && epoch != 66), 100);
        assert_eq!(counted(100, |epoch| epoch != 15), 99, "a newcomer has no fifteen proofs");
    }

    #[test]
    fn who_works_now_and_then_is_paid_for_that_alone() {
        for every in 2..=40 {
            assert_eq!(counted(10 * every, |epoch| epoch % every == 0), 10);
        }
        assert_eq!(counted(32, |_| false), 0);
    }

    #[test]
    fn a_failure_or_weights_without_proof_end_what_was_proven() {
        let full = (1..=20).fold(History::default(), History::prove);
        assert!(full.counts(20) && full.counts(21) && !full.counts(22));
        assert!(!full.fail(21).counts(21));
        assert!(!full.fail(20).counts(20), "the weights that were proven have been replaced");
        assert!(!full.forget(20).counts(20) && !full.forget(20).counts(21));
        assert!(full.fail(20).prove(20).counts(20), "another proof in the same epoch counts");
    }

    #[test]
    fn three_failures_in_sixteen_epochs_cost_the_permit() {
        let history = History::default().fail(3).fail(3).fail(10);
        assert!(!history.is_barred(10), "two epochs");
        assert!(history.fail(18).is_barred(18));
        assert!(!history.fail(19).is_barred(19), "the first is forgotten");
        assert!(!History::default().fail(1).prove(u64::MAX).is_barred(u64::MAX));
    }

    fn witness(stake: u32, holds: &[Uid]) -> Witness {
        Witness { counts: true, stake: I64F64::from_int(stake), owes: true, holds: holds.to_vec() }
    }

    #[test]
    fn who_shows_its_evidence_to_nobody_is_withheld() {
        let all = [witness(5, &[1]), witness(5, &[0]), witness(5, &[0, 1, 2])];
        assert_eq!(withheld(&all), [2], "to hold one's own is nothing");
        let idle = Witness { counts: false, ..witness(5, &[2]) };
        assert_eq!(withheld(&[all.to_vec(), vec![idle]].concat()), [2], "a witness must count itself");
        let newcomer = Witness { owes: false, ..all[2].clone() };
        assert_eq!(withheld(&[all[0].clone(), all[1].clone(), newcomer]), [], "it has nothing to show yet");
    }

    #[test]
    fn validators_with_less_stake_silence_nobody() {
        let large = |stake| withheld(&[witness(stake, &[1, 2]), witness(5, &[2]), witness(5, &[1])]);
        assert_eq!(large(9), [0]);
        assert_eq!(large(10), []);
        assert_eq!(withheld(&[witness(1, &[]), witness(9, &[])]), [], "nobody holds anything");
        let few = [witness(1, &[1]), witness(1, &[0]), witness(40, &[]), witness(50, &[])];
        assert_eq!(withheld(&few), [], "a few cannot switch the rule on");
        let silent = [witness(30, &[1]), witness(31, &[0]), witness(40, &[])];
        assert_eq!(withheld(&silent), [2], "a majority can");
        let miners = [witness(30, &[7]), witness(31, &[9]), witness(20, &[])];
        assert_eq!(withheld(&miners), [], "who holds nothing of a validator is no witness");
    }

    #[test]
    fn a_withheld_proof_is_a_miss_like_others() {
        let full = (1..=20).fold(History::default(), History::prove);
        assert!(full.withhold(20).counts(20), "one of sixteen is free");
        assert!(!full.withhold(20).withhold(21).counts(21));
        assert!(!full.withhold(20).prove(21).withhold(21).counts(21));
        assert!(!History::default().prove(3).withhold(3).counts(3));
    }
}
