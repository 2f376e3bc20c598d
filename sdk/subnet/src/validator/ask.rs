//! Asks the miners of a round, in two steps: commitments first, then, when everybody has had its time, the answers.
//!
//! All tasks go to all miners at the same moment. A miner that passes its tasks on to another one therefore joins the
//! end of a queue in which the other's own tasks already stand, and commits later.

use std::{collections::HashMap, net::SocketAddr, sync::Arc, time::Duration};

use bytes::Bytes;
use futures::{stream::FuturesUnordered, StreamExt};
use myelin_neuron::dendrite::{
    Answer, Authenticity, Challenge as Posed, Dendrite, Query, QueryError, Target,
};
use myelin_wire::{
    answer::SignedAnswer,
    commitment::Opening,
    hash::{blake2_256, from_hex, to_hex},
    record::{LatencyBucket, Reason},
    seed::{challenge_id, Audience},
    status::code,
    AccountId,
};

use super::witness::Witness;
use crate::{
    evaluation::{AskedTask, Delivery, DrawnTask, Outcome},
    exchange::{commit_challenge, Committed, Question, Salt, SynapseNames},
    subnet::{MinerRef, Subnet},
};

/// Pause before an unreachable axon is tried once more.
const RETRY_AFTER: Duration = Duration::from_millis(200);
/// Time to return an answer that has been computed already.
const OPENING_TIME: Duration = Duration::from_secs(4);
/// Room for the echo of the request and for JSON around an answer.
const ENVELOPE_BYTES: usize = 8 * 1024;

/// A miner with its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reachable {
    /// The miner.
    pub miner: MinerRef,
    /// Where its axon listens.
    pub address: SocketAddr,
}

/// Asks on behalf of one validator.
#[derive(Clone)]
pub struct Asker {
    dendrite: Dendrite,
    genesis: [u8; 32],
    netuid: u16,
    validator: AccountId,
}

/// What a round of asking brought.
pub struct AskedRound<S: Subnet> {
    /// Tasks with their deliveries.
    pub asked: Vec<AskedTask<S>>,
    /// Requests and answers as they went over the wire.
    pub texts: Vec<Bytes>,
    /// Signatures of the answers.
    pub signed: Vec<SignedAnswer>,
}

/// One request to one miner.
struct Errand {
    task: usize,
    miner: usize,
    challenge: [u8; 32],
    body: Bytes,
    limit: usize,
    commit: bool,
}

/// A commitment, and when it came.
struct Promise {
    errand: Errand,
    commitment: [u8; 32],
    latency: Duration,
}

/// A delivery in the making.
struct Received<R> {
    task: usize,
    delivery: Delivery<R>,
    answer: Option<Bytes>,
    signed: Option<SignedAnswer>,
}

impl Asker {
    /// An asker for `validator`, whose key `dendrite` signs with.
    pub fn new(dendrite: Dendrite, genesis: [u8; 32], netuid: u16, validator: AccountId) -> Self {
        Self { dendrite, genesis, netuid, validator }
    }

    /// Asks all tasks of a round. Miners get the deadline of each task, or `patience` if that is shorter; opening takes
    /// a few seconds more at most.
    pub async fn ask<S: Subnet>(
        &self,
        tasks: Vec<DrawnTask<S>>,
        miners: &[Reachable],
        patience: Duration,
        witness: &mut Witness,
    ) -> Result<AskedRound<S>, AskError> {
        let names = SynapseNames::of::<S>();
        let errands = self.errands(&tasks, miners)?;
        let mut texts: Vec<Bytes> = errands.iter().map(|errand| errand.body.clone()).collect();
        let mut received: Vec<Received<S::Response>> = Vec::new();
        let mut promises: Vec<Promise> = Vec::new();

        // First step: commitments, and answers to what needs none.
        let mut under_way: FuturesUnordered<_> = errands
            .into_iter()
            .map(|errand| {
                let name = if errand.commit { &names.commit } else { &names.answer };
                let challenge =
                    if errand.commit { commit_challenge(&errand.challenge) } else { errand.challenge };
                let deadline = tasks[errand.task].plan.deadline.min(patience);
                let target = target(&miners[errand.miner]);
                async move {
                    let answer = self.send(target, name, &errand.body, challenge, deadline).await;
                    (errand, answer)
                }
            })
            .collect();
        while let Some((errand, answer)) = under_way.next().await {
            let answer = answer?;
            match (errand.commit, read_commitment(&answer)) {
                (false, _) => received.push(read_answer(&errand, answer, None)),
                (true, Ok(commitment)) => {
                    promises.push(Promise { errand, commitment, latency: answer.elapsed })
                }
                (true, Err(reason)) => received.push(failed(&errand, reason, answer.elapsed)),
            }
        }
        drop(under_way);

        // Second step: nothing more will be committed to, so the answers may be seen.
        let places = places(&promises, tasks.len());
        let mut opening: FuturesUnordered<_> = promises
            .into_iter()
            .map(|promise| {
                let target = target(&miners[promise.errand.miner]);
                let (body, challenge) = (promise.errand.body.clone(), promise.errand.challenge);
                let name = &names.open;
                async move { (promise, self.send(target, name, &body, challenge, OPENING_TIME).await) }
            })
            .collect();
        while let Some((promise, answer)) = opening.next().await {
            let miner = miners[promise.errand.miner].miner.hotkey;
            let mut one = read_answer(&promise.errand, answer?, Some((&promise, miner)));
            one.delivery.commit_place = places.get(&(promise.errand.task, promise.errand.miner)).copied();
            received.push(one);
        }
        drop(opening);

        let mut signed = Vec::new();
        let mut deliveries: Vec<Vec<Delivery<S::Response>>> = tasks.iter().map(|_| Vec::new()).collect();
        for mut one in received {
            if let Some(answer) = one.signed {
                signed.push(answer);
                if witness.sees(answer) {
                    one.delivery.outcome = Outcome::Failed(Reason::Equivocation);
                }
            }
            texts.extend(one.answer);
            deliveries[one.task].push(one.delivery);
        }
        texts.sort_unstable();
        texts.dedup();
        let asked = tasks.into_iter().zip(deliveries);
        let asked = asked.map(|(task, deliveries)| AskedTask { task, deliveries }).collect();
        Ok(AskedRound { asked, texts, signed })
    }

    fn errands<S: Subnet>(
        &self,
        tasks: &[DrawnTask<S>],
        miners: &[Reachable],
    ) -> Result<Vec<Errand>, AskError> {
        let mut errands = Vec::new();
        for (index, task) in tasks.iter().enumerate() {
            let challenge = challenge_id(&task.seed, task.number, &self.validator);
            let commit = task.plan.commit;
            let question = Question {
                request: task.challenge.request.clone(),
                challenge: commit.then(|| to_hex(&challenge)),
            };
            let body = Bytes::from(
                serde_json::to_vec(&question).map_err(|error| AskError::Body(error.to_string()))?,
            );
            let audience = miners.iter().enumerate().filter(|(_, one)| match task.audience {
                Audience::Round => true,
                Audience::Miner(hotkey) => one.miner.hotkey == hotkey,
            });
            errands.extend(audience.map(|(miner, _)| Errand {
                task: index,
                miner,
                challenge,
                body: body.clone(),
                limit: task.plan.answer_limit + ENVELOPE_BYTES,
                commit,
            }));
        }
        Ok(errands)
    }

    /// Sends one request; a second time if nobody was there and there is time left.
    async fn send(
        &self,
        target: Target,
        synapse: &str,
        body: &Bytes,
        challenge: [u8; 32],
        deadline: Duration,
    ) -> Result<Answer, AskError> {
        let posed = Posed { id: challenge, genesis_hash: self.genesis, netuid: self.netuid };
        let query = Query::new::<&str>(synapse, body.clone(), &[])?.challenge(posed);
        let started = tokio::time::Instant::now();
        let mut answer = self.dendrite.query(target, &query.clone().timeout(deadline)).await;
        let left = deadline.saturating_sub(started.elapsed() + RETRY_AFTER);
        if answer.status.code == code::UNAVAILABLE && left > RETRY_AFTER {
            tokio::time::sleep(RETRY_AFTER).await;
            answer = self.dendrite.query(target, &query.timeout(left)).await;
            answer.elapsed = started.elapsed();
        }
        Ok(answer)
    }
}

/// Why a round cannot be asked: the subnet's request does not fit the protocol.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// The request cannot be written as JSON.
    #[error("the subnet's request cannot be written as JSON: {0}")]
    Body(String),
    /// The request or its name is not a synapse.
    #[error(transparent)]
    Query(#[from] QueryError),
}

fn target(one: &Reachable) -> Target {
    Target { hotkey: one.miner.hotkey, address: one.address }
}

/// Places of the commitments in each task, by the order in which they came.
fn places(promises: &[Promise], tasks: usize) -> HashMap<(usize, usize), u8> {
    let mut next = vec![0u8; tasks];
    let mut places = HashMap::new();
    for promise in promises {
        let place = &mut next[promise.errand.task];
        places.insert((promise.errand.task, promise.errand.miner), *place);
        *place = place.saturating_add(1).min(u8::MAX - 1);
    }
    places
}

fn read_commitment(answer: &Answer) -> Result<[u8; 32], Reason> {
    if !answer.is_success() {
        return Err(reason_of(answer));
    }
    if matches!(answer.authenticity, Authenticity::Invalid(_)) {
        return Err(Reason::BadSignature);
    }
    let committed: Option<Committed> = serde_json::from_slice(&answer.body).ok();
    committed.and_then(|one| from_hex(&one.commitment)).ok_or(Reason::NoCommitment)
}

/// What a status other than success means for the miner.
fn reason_of(answer: &Answer) -> Reason {
    match answer.status.code {
        code::TIMEOUT => Reason::Late,
        code::UNAVAILABLE => Reason::Unreachable,
        code::UNPROCESSABLE => Reason::Oversize,
        _ => Reason::Refused,
    }
}

fn failed<R>(errand: &Errand, reason: Reason, latency: Duration) -> Received<R> {
    Received {
        task: errand.task,
        delivery: Delivery {
            miner: errand.miner,
            request: blake2_256(&errand.body),
            answer: [0; 32],
            signed: false,
            commit_place: None,
            latency: bucket(latency),
            outcome: Outcome::Failed(reason),
        },
        answer: None,
        signed: None,
    }
}

fn bucket(latency: Duration) -> LatencyBucket {
    LatencyBucket::of_ms(u64::try_from(latency.as_millis()).unwrap_or(u64::MAX))
}

fn read_answer<R: serde::de::DeserializeOwned>(
    errand: &Errand,
    answer: Answer,
    promise: Option<(&Promise, AccountId)>,
) -> Received<R> {
    // What counts is when the miner bound itself to the answer, not when it was opened.
    let latency = promise.map_or(answer.elapsed, |(promise, _)| promise.latency);
    if !answer.is_success() {
        return failed(errand, reason_of(&answer), latency);
    }
    let mut received = failed(errand, Reason::Malformed, latency);
    received.delivery.answer = blake2_256(&answer.body);
    received.delivery.signed = answer.signed().is_some();
    received.delivery.outcome = match judge_form::<R>(errand, &answer, promise) {
        Ok(response) => Outcome::Answered(response),
        Err(reason) => Outcome::Failed(reason),
    };
    received.signed = answer.signed().copied();
    received.answer = Some(answer.body);
    received
}

/// Whether an answer has the form that the protocol asks for.
fn judge_form<R: serde::de::DeserializeOwned>(
    errand: &Errand,
    answer: &Answer,
    promise: Option<(&Promise, AccountId)>,
) -> Result<R, Reason> {
    if answer.body.len() > errand.limit {
        return Err(Reason::Oversize);
    }
    if matches!(answer.authenticity, Authenticity::Invalid(_)) {
        return Err(Reason::BadSignature);
    }
    if let Some((promise, hotkey)) = promise {
        let salt: Option<Salt> = serde_json::from_slice(&answer.body).ok();
        let salt = salt.and_then(|salt| from_hex(&salt.salt)).ok_or(Reason::BrokenCommitment)?;
        let opening =
            Opening { challenge_id: errand.challenge, answer_hash: blake2_256(&answer.body), hotkey, salt };
        if !opening.opens(&promise.commitment) {
            return Err(Reason::BrokenCommitment);
        }
    }
    serde_json::from_slice(&answer.body).map_err(|_| Reason::Malformed)
}

/// A dendrite that reads no answers larger than the tasks allow.
pub fn dendrite_for<S: Subnet>(subnet: &S, signer: Arc<dyn myelin_wire::sr25519::Signer>) -> Dendrite {
    let largest = subnet.tasks().iter().map(|plan| plan.answer_limit).max().unwrap_or_default();
    let limits = myelin_neuron::dendrite::DendriteLimits {
        max_answer_bytes: largest + ENVELOPE_BYTES,
        ..Default::default()
    };
    Dendrite::with(signer, limits, myelin_neuron::Clock::system(), None)
}
