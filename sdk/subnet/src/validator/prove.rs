//! Weights that can be proved, and their proofs.

use myelin_wire::evidence::{CannotProve, Lots};

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
    /// The randomness that draws the answers is not known yet.
    Wait,
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
}

/// Weights to commit to, the root over the evidence, and the miners that get no weight for want of answers.
pub(super) struct Provable {
    pub(super) weights: Vec<(u16, u16)>,
    pub(super) root: Option<[u8; 32]>,
    pub(super) silent: Option<Silent>,
}

impl<S: Subnet, C: Chain> Life<S, C> {
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
        let draw = self.chain.proof_draw(pending.track(netuid), epoch).await?;
        let Some(ProofDraw { randomness, committed, incentives }) = draw else { return Ok(Ok(Proof::Wait)) };
        let validator = self.hotkey.public();
        let weights = view.need_proof(&validator, &pending.weights, committed);
        let uids = (0..).take(incentives.len()).collect();
        let paid = WeightVector { uids, values: incentives, version_key: 0 };
        let paid = view.need_proof(&validator, &paid, committed);
        let paid: Vec<u16> = paid.into_iter().map(|(uid, _)| uid).collect();
        let answers = view.evidence.on(pending.mechanism).unwrap_or(1).into();
        let lots = Lots { randomness, weights: &weights, paid: &paid, answers };
        let proven = self.evidence.tree(netuid, epoch, validator);
        let proven = proven.map_err(|fault| NoProof::Evidence { epoch, fault }).and_then(|held| {
            if held.tree.root() != root {
                return Err(NoProof::Changed(epoch));
            }
            let proof = held.tree.prove(&lots, &held.seeds);
            proof.map_err(|fault| NoProof::Missing { epoch, fault })
        });
        Ok(proven.map(|proof| Proof::Ready(proof.to_bytes())))
    }
}
