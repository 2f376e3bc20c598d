//! Weights that can be proved, and their proofs.

use myelin_wire::{
    evidence::{answers_due, draw, may_lack, needs_excuse, CannotProve, Lots, MOST_ABSENT, MOST_UNEXCUSED},
    AccountId,
};

use super::{
    commitment::PendingWeights,
    runner::{Life, ValidatorError},
};
use crate::{
    chain::{Chain, ProofDraw, SubnetView, WeightVector},
    evidence::{EvidenceError, Silent},
    subnet::Subnet,
};

/// A proof of committed weights.
pub(super) enum Proof {
    /// They were committed without a root.
    NotNeeded,
    /// Its bytes.
    Ready(Vec<u8>),
    /// It may be ready in this block: the randomness that draws the answers is not known yet, or miners' roots that
    /// may excuse them are not due.
    Wait(u64),
}

/// Reason why weights cannot be proved. They are not revealed then: weights without a proof would end what was proved
/// before.
#[derive(Debug, thiserror::Error)]
pub enum NoProof {
    /// The evidence cannot be read.
    #[error("the weights of epoch {epoch} cannot be proved: {fault}")]
    Evidence {
        /// Epoch of the weights.
        epoch: u64,
        /// Error of the evidence.
        fault: EvidenceError,
    },
    /// The evidence is not what was committed to.
    #[error(
        "the evidence of epoch {0} is not the one that was committed to, so its weights cannot be proved; \
         keep the evidence folder as the validator writes it"
    )]
    Changed(u64),
    /// An answer is missing.
    #[error("the weights of epoch {epoch} cannot be proved: {fault}")]
    Missing {
        /// Epoch of the weights.
        epoch: u64,
        /// The missing answer.
        fault: CannotProve,
    },
    /// Too many of the drawn miners have no answer and were not away.
    #[error(
        "the weights of epoch {epoch} cannot be proved: {absent} of the miners that were paid and drawn by head have \
         no answer, and {excused} of them were away; where more than {MOST_ABSENT} have none, at most \
         {MOST_UNEXCUSED} of them may not have been away"
    )]
    Unexcused {
        /// Epoch of the weights.
        epoch: u64,
        /// Drawn heads without an answer.
        absent: usize,
        /// Drawn heads among them whose miners were away.
        excused: usize,
    },
    /// Evidence could not be written, and the rest proves no weights.
    #[error(
        "no weights in epoch {epoch}: the subnet demands proof, and evidence could not be kept in {rounds} of its \
         rounds: {why}; earlier commitments to weights are still proved, and rounds count again once evidence can be \
         written"
    )]
    Unwritten {
        /// The epoch.
        epoch: u64,
        /// Rounds without evidence.
        rounds: u16,
        /// The last error.
        why: String,
    },
}

/// Rounds of an epoch that count for nobody, because the subnet demands proof and their evidence could not be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LostRounds {
    /// The epoch.
    pub(super) epoch: u64,
    /// Their number.
    pub(super) rounds: u16,
    /// The last error.
    pub(super) why: String,
}

/// Weights to commit to, the root over the evidence, and the miners that get no weight for want of answers.
pub(super) struct Provable {
    pub(super) weights: Vec<(u16, u16)>,
    pub(super) root: Option<[u8; 32]>,
    pub(super) silent: Option<Silent>,
}

impl<S: Subnet, C: Chain> Life<S, C> {
    /// Rounds of an epoch that were lost.
    pub(super) fn lost_in(&self, epoch: u64) -> Option<&LostRounds> {
        self.lost.as_ref().filter(|lost| lost.epoch == epoch)
    }

    /// Says why an epoch has no weights that could be proved.
    pub(super) fn tell_unproved(&self, epoch: u64, mechanism: u8) {
        match self.lost_in(epoch).cloned() {
            Some(LostRounds { rounds, why, .. }) => {
                self.complain(&NoProof::Unwritten { epoch, rounds, why });
            }
            None => tracing::info!(epoch, mechanism, "no weights: too few signed answers for a proof"),
        }
    }

    /// The part of the weights that this validator can prove, where the subnet demands it. A miner that signed fewer
    /// answers in this epoch than the subnet demands gets none.
    pub(super) fn provable(
        &self,
        view: &SubnetView,
        mechanism: u8,
        weights: Vec<(u16, u16)>,
    ) -> Result<Provable, ValidatorError> {
        let Some(least) = view.evidence.on(mechanism) else {
            return Ok(Provable { weights, root: None, silent: None });
        };
        if self.lost_in(view.epoch).is_some() && self.evidence.rounds(view.epoch).is_empty() {
            // Where nothing could be written, there may be no folder to read.
            return Ok(Provable { weights: Vec::new(), root: None, silent: None });
        }
        let validator = self.hotkey.public();
        let tree = self.evidence.tree(self.options.netuid, view.epoch, validator)?.tree;
        let branches = tree.branches();
        if !branches.miners.is_empty() {
            if let Err(error) = self.evidence.write_branches(view.epoch, &branches) {
                // It is computed again for whoever asks.
                self.complain(&error);
            }
        }
        let (uids, values) = weights.iter().copied().unzip();
        let row = WeightVector { uids, values, version_key: 0 };
        let needy = view.need_proof(&validator, &row, view.block);
        let answers = |uid: u16| {
            let peer = view.neurons.get(usize::from(uid));
            peer.map_or(0, |peer| tree.answers_of(uid, &peer.hotkey))
        };
        let few = needy.iter().filter(|(uid, _)| answers(*uid) < u32::from(least));
        let silent: Vec<u16> = few.map(|(uid, _)| *uid).collect();
        let cut = |(uid, weight)| (uid, if silent.contains(&uid) { 0 } else { weight });
        let mut weights: Vec<(u16, u16)> = weights.into_iter().map(cut).collect();
        if weights.iter().all(|(_, weight)| *weight == 0) {
            weights.clear();
        }
        let silent = (!silent.is_empty()).then_some(Silent { least, uids: silent });
        Ok(Provable { weights, root: Some(tree.root()), silent })
    }

    /// The proof of committed weights.
    pub(super) async fn prove(
        &self,
        view: &SubnetView,
        pending: &PendingWeights,
    ) -> Result<Result<Proof, NoProof>, ValidatorError> {
        let Some(root) = pending.root else { return Ok(Ok(Proof::NotNeeded)) };
        let (netuid, epoch) = (self.options.netuid, pending.epoch);
        let drawn = self.chain.proof_draw(pending.track(netuid), epoch).await?;
        let Some(ProofDraw { randomness, committed, incentives, answers }) = drawn else {
            return Ok(Ok(Proof::Wait(view.block + 1)));
        };
        let validator = self.hotkey.public();
        let weights = view.need_proof(&validator, &pending.weights, committed);
        let uids = (0..).take(incentives.len()).collect();
        let paid = WeightVector { uids, values: incentives, version_key: 0 };
        let paid = view.need_proof(&validator, &paid, committed);
        let paid: Vec<u16> = paid.into_iter().map(|(uid, _)| uid).collect();
        let lots = Lots { randomness, weights: &weights, paid: &paid, answers: answers.into() };
        let proven = self.evidence.tree(netuid, epoch, validator);
        let proven = proven.map_err(|fault| NoProof::Evidence { epoch, fault }).and_then(|held| {
            if held.tree.root() != root {
                return Err(NoProof::Changed(epoch));
            }
            let sits = |uid: u16| view.neurons.get(usize::from(uid)).map(|peer| peer.hotkey);
            let proof = held.tree.prove(&lots, &held.seeds, sits);
            proof.map_err(|fault| NoProof::Missing { epoch, fault })
        });
        let proof = match proven {
            Ok(proof) => proof,
            Err(fault) => return Ok(Err(fault)),
        };
        let lacking = proof.lacking(&draw(&root, &lots));
        Ok(match self.count_away(view, epoch, &lacking).await? {
            Err(until) => Ok(Proof::Wait(until)),
            Ok(excused) if may_lack(lacking.len(), excused) => Ok(Proof::Ready(proof.to_bytes())),
            Ok(excused) => Err(NoProof::Unexcused { epoch, absent: lacking.len(), excused }),
        })
    }

    /// Drawn heads among those that lack an answer whose miners were away, if it matters; the block to wait for while
    /// miners' roots are not due.
    async fn count_away(
        &self,
        view: &SubnetView,
        epoch: u64,
        lacking: &[u16],
    ) -> Result<Result<usize, u64>, ValidatorError> {
        if !needs_excuse(lacking.len()) {
            return Ok(Ok(0));
        }
        let due = answers_due(view.epoch_start, view.tempo);
        if view.epoch <= epoch + 1 && view.block <= due {
            return Ok(Err(due + 1));
        }
        let hotkey = |uid: &u16| view.neurons.get(usize::from(*uid)).map(|peer| peer.hotkey);
        let miners: Vec<AccountId> = lacking.iter().filter_map(hotkey).collect();
        let away = self.chain.were_away(self.options.netuid, epoch, &miners).await?;
        Ok(Ok(away.into_iter().filter(|away| *away).count()))
    }
}
