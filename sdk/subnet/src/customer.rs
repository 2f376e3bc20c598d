//! Asks miners on behalf of a customer, who wants the answer and does not judge it.
//!
//! A customer's request has the form of a check: the same synapses, the same headers and a challenge. Where checks of
//! that kind are committed to before they are opened, it also has a commitment. So a miner that wants to do better in
//! checks has to do better for customers. Answers are signed, and the signature with both bodies is a [`Receipt`] that
//! anybody can verify.
//!
//! Streaming is the exception: no check is streamed. A streamed answer is opened afterwards, so it comes with a receipt
//! too. The signed answer is compared with the stream, because a miner could show one text and sign another.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use futures::{stream::FuturesUnordered, StreamExt};
use myelin_neuron::dendrite::{Answer, Challenge as Posed, Dendrite, Query};
use myelin_provenance::ModelId;
use myelin_wire::{
    answer::SignedAnswer,
    record::Reason,
    sr25519::Signer,
    status::{code, Status},
};
use rand::{distr::weighted::WeightedIndex, Rng};

use crate::{
    exchange::{commit_challenge, SynapseNames},
    subnet::{Subnet, TaskPlan},
    validator::ask::{
        dendrite_for, judge_form, question, read_commitment, target, AskError, Asker, Errand, Promise,
        Reachable, OPENING_TIME,
    },
};

/// Asks with one hotkey on one subnet.
pub struct Customer {
    asker: Asker,
    dendrite: Dendrite,
    genesis: [u8; 32],
    netuid: u16,
}

/// An answer with its receipt.
#[derive(Clone, Debug)]
pub struct Served<R> {
    /// Response of the miner.
    pub response: R,
    /// Request and answer as they went over the wire, signed; `None` from miners that do not sign, as official axons.
    pub receipt: Option<Receipt>,
    /// Time until the miner had bound itself to the answer.
    pub elapsed: Duration,
}

/// Proof for third parties that this miner gave this answer to this request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The statement with the miner's signature.
    pub signed: SignedAnswer,
    /// Body of the request.
    pub request: Bytes,
    /// Body of the answer.
    pub answer: Bytes,
}

impl Receipt {
    /// Identity of the model that the miner declares, by which the chain's registry knows it; `None` where it declares
    /// none.
    pub fn model(&self) -> Option<ModelId> {
        self.signed.claim.declared_model()
    }

    /// Whether the named miner signed exactly these bodies.
    pub fn verify(&self) -> bool {
        let hash = myelin_wire::hash::blake2_256;
        let claim = &self.signed.claim;
        claim.request_hash == hash(&self.request)
            && claim.answer_hash == hash(&self.answer)
            && self.signed.verify()
    }
}

/// Reason why a miner gave no answer that counts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unserved {
    /// The miner refused, or the connection to it failed.
    #[error("{} {}", .0.code, .0.message)]
    Status(Status),
    /// The answer has another form than required.
    #[error("its answer was {}", .0.word())]
    Form(Reason),
    /// The signed answer differs from the streamed answer.
    #[error("it signed another answer than it streamed, or ended the stream too early; ask another miner")]
    OtherThanStreamed,
}

/// Longest stream.
const STREAM_BYTES: usize = 8 << 20;

impl Unserved {
    /// Whether the miner does not know such requests, because it belongs to another kind of subnet.
    pub fn is_of_another_kind(&self) -> bool {
        matches!(self, Unserved::Status(status) if status.code == code::NOT_FOUND)
    }
}

impl Customer {
    /// Asks miners of `netuid` with the key of `signer`, on the chain whose first block has the hash `genesis`.
    pub fn new<S: Subnet>(subnet: &S, signer: Arc<dyn Signer>, genesis: [u8; 32], netuid: u16) -> Self {
        let hotkey = signer.public();
        let dendrite = dendrite_for(subnet, signer, subnet.request_limit());
        Self { asker: Asker::new(dendrite.clone(), genesis, netuid, hotkey), dendrite, genesis, netuid }
    }

    /// Sends the same request to all `miners` at the same moment, as a check of this plan would. The answers come in
    /// the order of the miners.
    pub async fn ask<S: Subnet>(
        &self,
        plan: &TaskPlan,
        request: &S::Request,
        miners: &[Reachable],
    ) -> Result<Vec<Result<Served<S::Response>, Unserved>>, AskError> {
        let names = SynapseNames::of::<S>();
        let started = tokio::time::Instant::now();
        let challenge: [u8; 32] = rand::random();
        let body = question(request, plan.commit.then_some(&challenge), rand::random())?;
        let errand = |miner| Errand::of(plan, 0, miner, challenge, body.clone()).repeating();
        let mut outcomes: Vec<_> = miners.iter().map(|_| Err(Unserved::Form(Reason::Late))).collect();
        let mut promises = Vec::new();
        let (name, posed) = match plan.commit {
            true => (&names.commit, commit_challenge(&challenge)),
            false => (&names.answer, challenge),
        };
        let mut first: FuturesUnordered<_> = miners
            .iter()
            .enumerate()
            .map(|(index, miner)| {
                let (body, left) = (&body, plan.deadline.saturating_sub(started.elapsed()));
                async move { (index, self.asker.send(target(miner), name, body, posed, left).await) }
            })
            .collect();
        while let Some((index, reply)) = first.next().await {
            let reply = reply?;
            let (answer, errand) = (&reply.answer, errand(index));
            if !plan.commit {
                outcomes[index] = read(&errand, answer, None, answer.elapsed);
                continue;
            }
            match read_commitment(&reply) {
                Ok(commitment) => promises.push(Promise { errand, commitment, latency: answer.elapsed }),
                Err(reason) => outcomes[index] = Err(unserved(answer, reason)),
            }
        }
        drop(first);

        // All miners are bound to their answers now, so none can repeat another's.
        let mut opening: FuturesUnordered<_> = promises
            .into_iter()
            .map(|promise| {
                let (miner, body, name) = (&miners[promise.errand.miner], &body, &names.open);
                async move {
                    let reply = self.asker.send(target(miner), name, body, challenge, OPENING_TIME).await;
                    (promise, reply)
                }
            })
            .collect();
        while let Some((promise, reply)) = opening.next().await {
            let (index, elapsed) = (promise.errand.miner, promise.latency);
            let hotkey = miners[index].miner.hotkey;
            outcomes[index] = read(&promise.errand, &reply?.answer, Some((&promise, hotkey)), elapsed);
        }
        drop(opening);
        Ok(outcomes)
    }

    /// Asks one miner for an answer piece by piece, opens the whole afterwards and compares. `on_bytes` gets each event
    /// as it arrives; an error from it ends the request.
    pub async fn stream<S: Subnet>(
        &self,
        subnet: &S,
        plan: &TaskPlan,
        request: &S::Request,
        miner: &Reachable,
        mut on_bytes: impl FnMut(&[u8]) -> Result<(), String>,
    ) -> Result<Result<Served<S::Response>, Unserved>, AskError> {
        let names = SynapseNames::of::<S>();
        let challenge: [u8; 32] = rand::random();
        let body = question(request, None, rand::random())?;
        let posed = Posed { id: challenge, genesis_hash: self.genesis, netuid: self.netuid };
        let query =
            Query::new::<&str>(&names.stream, body.clone(), &[])?.challenge(posed).timeout(plan.deadline);
        let started = tokio::time::Instant::now();
        let mut events = match self.dendrite.stream(target(miner), &query).await {
            Ok(events) => events,
            Err(status) => return Ok(Err(Unserved::Status(status))),
        };
        let mut streamed = Vec::new();
        while let Some(chunk) = events.next().await {
            let chunk = chunk.map(|bytes| {
                streamed.extend_from_slice(&bytes);
                match streamed.len() <= STREAM_BYTES {
                    true => on_bytes(&bytes),
                    false => Err(format!("the stream is longer than {STREAM_BYTES} bytes")),
                }
            });
            match chunk {
                Ok(Ok(())) => {}
                Ok(Err(error)) => return Ok(Err(Unserved::Status(Status::unparsable(&error)))),
                Err(status) => return Ok(Err(Unserved::Status(status))),
            }
        }
        let elapsed = started.elapsed();
        let reply = self.asker.send(target(miner), &names.open, &body, challenge, OPENING_TIME).await?;
        let errand = Errand { commit: false, ..Errand::of(plan, 0, 0, challenge, body).repeating() };
        let served = read(&errand, &reply.answer, None, elapsed);
        Ok(served.and_then(|served: Served<S::Response>| {
            match subnet.is_streamed(&streamed, &served.response) {
                true => Ok(served),
                false => Err(Unserved::OtherThanStreamed),
            }
        }))
    }
}

fn unserved(answer: &Answer, reason: Reason) -> Unserved {
    match answer.is_success() {
        true => Unserved::Form(reason),
        false => Unserved::Status(answer.status.clone()),
    }
}

fn read<R: serde::de::DeserializeOwned>(
    errand: &Errand,
    answer: &Answer,
    promise: Option<(&Promise, myelin_wire::AccountId)>,
    elapsed: Duration,
) -> Result<Served<R>, Unserved> {
    if !answer.is_success() {
        return Err(Unserved::Status(answer.status.clone()));
    }
    let response = judge_form(errand, answer, promise).map_err(Unserved::Form)?;
    let receipt = answer.signed().map(|signed| Receipt {
        signed: *signed,
        request: errand.body.clone(),
        answer: answer.body.clone(),
    });
    Ok(Served { response, receipt, elapsed })
}

/// Draws up to `count` places with probability in proportion to their weights, without repetition.
pub fn draw_by_weight(weights: &[u64], count: usize) -> Vec<usize> {
    draw_with(weights, count, &mut rand::rng())
}

fn draw_with(weights: &[u64], count: usize, rng: &mut impl Rng) -> Vec<usize> {
    let mut weights = weights.to_vec();
    let mut drawn = Vec::new();
    while drawn.len() < count {
        // All remaining weights are zero.
        let Ok(index) = WeightedIndex::new(&weights) else { break };
        let chosen = rng.sample(index);
        weights[chosen] = 0;
        drawn.push(chosen);
    }
    drawn
}

#[cfg(test)]
mod tests {
    use rand::{rngs::StdRng, SeedableRng};

    use super::*;

    #[test]
    fn the_heavier_are_drawn_more_often_and_nobody_twice() {
        let mut rng = StdRng::seed_from_u64(1);
        let mut firsts = [0; 4];
        for _ in 0..1000 {
            let drawn = draw_with(&[1, 0, 8, 1], 9, &mut rng);
            assert_eq!(drawn.len(), 3, "whoever weighs nothing is not drawn");
            firsts[drawn[0]] += 1;
        }
        assert!(firsts[1] == 0 && (750..850).contains(&firsts[2]), "{firsts:?}");
        assert!(draw_with(&[0, 0], 2, &mut rng).is_empty());
        assert!(draw_with(&[], 2, &mut rng).is_empty());
    }
}
