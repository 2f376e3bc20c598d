//! Asks the miners of a round, in two steps: first commitments, then answers, once the time of all miners to commit is
//! over. Where miners are paid for load, a miner that has done its tasks is asked more, as long as there is time.
//!
//! All tasks go to all miners at the same moment. A miner that passes its tasks on to another one therefore joins the
//! end of a queue in which the other's own tasks already stand, and commits later. [`asking`] holds the steps of a
//! round, [`settle`] sorts the answers afterwards.

use std::{
    collections::{BTreeMap, HashMap},
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use myelin_neuron::dendrite::{
    Answer, Authenticity, Challenge as Posed, Dendrite, Query, QueryError, Target,
};
use myelin_wire::{
    answer::SignedAnswer,
    commitment::Opening,
    hash::{blake2_256, from_hex, to_hex},
    record::{LatencyBucket, Reason},
    seed::{challenge_id, Audience},
    AccountId,
};

use super::{
    held::{room_of, Held, ROUND_BYTES},
    load::Load,
    organic::Customers,
    witness::Witness,
};
use crate::{
    evaluation::{faults::NoAnswer, AskedTask, CountedAnswer, Delivery, DrawnTask, Outcome},
    evidence::{question_salt, EpochSalt},
    exchange::{Committed, Question, Salt, SynapseNames},
    subnet::{MinerRef, Subnet, SubnetError, TaskPlan},
};

mod asking;
mod settle;

use asking::Asking;

/// Time to return an answer that has been computed already.
pub(crate) const OPENING_TIME: Duration = Duration::from_secs(4);
/// Room around a response: JSON, a salt, and the small request that official miners repeat.
pub(crate) const ENVELOPE_BYTES: usize = 8 * 1024;

/// A miner with its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reachable {
    /// The miner.
    pub miner: MinerRef,
    /// Where its axon listens.
    pub address: SocketAddr,
    /// Whether it announced that it takes requests whose signature covers path and body; then it gets only such
    /// requests.
    pub signed_bodies: bool,
}

/// Asks on behalf of one validator.
#[derive(Clone)]
pub struct Asker {
    dendrite: Dendrite,
    genesis: [u8; 32],
    netuid: u16,
    validator: AccountId,
    /// Most bytes of a round's answers that are held.
    room: usize,
    /// Whether each miner is asked for one of its answers a second time.
    twice: bool,
    /// Bytes from which the salts of its requests follow.
    salt: EpochSalt,
}

/// Result of a round of asking.
pub struct AskedRound<S: Subnet> {
    /// Tasks with their deliveries.
    pub asked: Vec<AskedTask<S>>,
    /// Answers that are not judged, by mechanism.
    pub counted: BTreeMap<u8, Vec<CountedAnswer>>,
    /// Requests and answers as they went over the wire.
    pub texts: Vec<Bytes>,
    /// Signatures of the answers.
    pub signed: Vec<SignedAnswer>,
}

/// One request to one miner.
pub(crate) struct Errand {
    /// Its place among the tasks, or among the requests of customers.
    pub(crate) task: usize,
    /// Whether a customer asks.
    pub(crate) organic: bool,
    pub(crate) mechanism: u8,
    pub(crate) miner: usize,
    pub(crate) challenge: [u8; 32],
    pub(crate) body: Bytes,
    pub(crate) limit: usize,
    pub(crate) commit: bool,
    pub(crate) deadline: Duration,
}

/// A commitment, with the time that it took.
pub(crate) struct Promise {
    pub(crate) errand: Errand,
    pub(crate) commitment: [u8; 32],
    pub(crate) latency: Duration,
}

/// A delivery in the making.
pub(super) struct Received<R> {
    pub task: usize,
    pub delivery: Delivery<R>,
    pub request: Bytes,
    pub answer: Option<Bytes>,
    pub signed: Option<SignedAnswer>,
}

impl<R> Received<R> {
    /// Holds the answer if it has the right length and its miner has room for it. Otherwise the answer is dropped, and
    /// the delivery only records that it was too long.
    fn hold(&mut self, held: &mut Held) {
        let room = self.answer.as_ref().map_or(0, |answer| room_of(answer));
        let oversize = matches!(self.delivery.outcome, Outcome::Failed(Reason::Oversize));
        if oversize || !held.takes(self.delivery.miner, room) {
            (self.answer, self.signed) = (None, None);
            (self.delivery.answer, self.delivery.signed) = ([0; 32], false);
            self.delivery.outcome = Outcome::Failed(Reason::Oversize);
        }
    }
}

/// A reply, or the absence of one.
pub(crate) struct Reply {
    pub(crate) answer: Answer,
    /// Whether the time of the request was over.
    pub(crate) over: bool,
}

impl Asker {
    /// An asker for `validator`, whose key `dendrite` signs with.
    pub fn new(dendrite: Dendrite, genesis: [u8; 32], netuid: u16, validator: AccountId) -> Self {
        Self { dendrite, genesis, netuid, validator, room: ROUND_BYTES, twice: false, salt: rand::random() }
    }

    /// The same with room for `room` bytes of a round's answers.
    pub fn holding(self, room: usize) -> Self {
        Self { room, ..self }
    }

    /// The same, which asks each miner for one of its signed answers a second time, so that a miner which signs two
    /// answers to one challenge is found. An honest miner has the answer still.
    pub fn asking_twice(self, twice: bool) -> Self {
        Self { twice, ..self }
    }

    /// The same with the salts of an epoch, so that a round that is asked again has the same requests.
    pub fn salted(self, salt: EpochSalt) -> Self {
        Self { salt, ..self }
    }

    /// Asks all tasks of a round, and requests of `customers` in between. Where there is a `load`, it draws further
    /// tasks for miners that do theirs. Miners get the deadline of each task, counted from the first request on. Tasks
    /// that they passed over are asked once more, with half the time. All of that ends after `patience`; opening, and
    /// asking for an answer a second time, take a few seconds more at most.
    pub async fn ask<S: Subnet>(
        &self,
        tasks: Vec<DrawnTask<S>>,
        load: Option<&Load<S>>,
        customers: &mut Customers<S>,
        miners: &[Reachable],
        patience: Duration,
        witness: &mut Witness,
    ) -> Result<AskedRound<S>, AskError> {
        let names = SynapseNames::of::<S>();
        let mut asking = Asking {
            asker: self,
            names: &names,
            load,
            miners,
            customers,
            patience,
            started: tokio::time::Instant::now(),
            tasks,
            received: Vec::new(),
            held: Held::new(self.room, miners.len()),
            promises: Vec::new(),
            burdens: HashMap::new(),
            second: Vec::new(),
        };
        asking.collect().await?;
        asking.ask_again().await?;
        asking.open().await?;
        if self.twice {
            asking.ask_twice().await?;
        }
        Ok(asking.settle(witness))
    }

    /// A request for each miner that gets one of `tasks`, of which the first is number `first` of the round.
    fn errands<S: Subnet>(
        &self,
        tasks: &[DrawnTask<S>],
        first: usize,
        miners: &[Reachable],
    ) -> Result<Vec<Errand>, AskError> {
        let mut errands = Vec::new();
        for (index, task) in (first..).zip(tasks) {
            let challenge = challenge_id(&task.seed.0, task.number, &self.validator);
            let salt = question_salt(&self.salt, &challenge);
            let body = question(&task.challenge.request, task.plan.commit.then_some(&challenge), salt)?;
            let audience = miners.iter().enumerate().filter(|(_, reachable)| match task.audience {
                Audience::Round => true,
                Audience::Miner(hotkey) => reachable.miner.hotkey == hotkey,
            });
            errands.extend(
                audience.map(|(miner, _)| Errand::of(&task.plan, index, miner, challenge, body.clone())),
            );
        }
        Ok(errands)
    }

    /// Sends one request, patiently: a miner that is busy or briefly unreachable is asked again.
    pub(crate) async fn send(
        &self,
        target: Target,
        synapse: &str,
        body: &Bytes,
        challenge: [u8; 32],
        deadline: Duration,
    ) -> Result<Reply, AskError> {
        let posed = Posed { id: challenge, genesis_hash: self.genesis, netuid: self.netuid };
        let query = Query::new::<&str>(synapse, body.clone(), &[])?.challenge(posed);
        let answer = self.dendrite.query(target, &query.timeout(deadline).patient()).await;
        // A miner whose own clock ends its time a little earlier has had all of its time.
        let over = answer.elapsed >= deadline - deadline / 20;
        Ok(Reply { answer, over })
    }
}

impl Errand {
    /// A request under a plan.
    pub(crate) fn of(plan: &TaskPlan, task: usize, miner: usize, challenge: [u8; 32], body: Bytes) -> Self {
        let limit = plan.answer_limit + ENVELOPE_BYTES;
        let (mechanism, commit, deadline) = (plan.mechanism, plan.commit, plan.deadline);
        Self { task, organic: false, mechanism, miner, challenge, body, limit, commit, deadline }
    }

    /// The same with room for an answer that repeats the request. A check needs no such room: its request is small.
    pub(crate) fn repeating(self) -> Self {
        Self { limit: self.limit + self.body.len(), ..self }
    }
}

/// The body of a request; it names the challenge where a commitment is wanted. Every request has a salt, so that
/// those of customers are no exception.
pub(crate) fn question<R: serde::Serialize + Clone>(
    request: &R,
    challenge: Option<&[u8; 32]>,
    salt: [u8; 16],
) -> Result<Bytes, AskError> {
    let (challenge, salt) = (challenge.map(|id| to_hex(id)), Some(to_hex(&salt)));
    let question = Question { request: request.clone(), challenge, salt };
    serde_json::to_vec(&question).map(Bytes::from).map_err(|error| AskError::Body(error.to_string()))
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
    /// A further task could not be drawn.
    #[error(transparent)]
    Subnet(#[from] SubnetError),
    /// The subnet's code panicked.
    #[error("drawing a task stopped unexpectedly: {0}")]
    Panicked(String),
}

pub(crate) fn target(reachable: &Reachable) -> Target {
    let target = Target::new(reachable.miner.hotkey, reachable.address);
    if reachable.signed_bodies {
        target.signing_bodies()
    } else {
        target
    }
}

pub(crate) fn read_commitment(Reply { answer, over }: &Reply) -> Result<[u8; 32], Reason> {
    if !answer.is_success() {
        return Err(reason_of(answer, *over));
    }
    if matches!(answer.authenticity, Authenticity::Invalid(_)) {
        return Err(Reason::BadSignature);
    }
    let committed: Option<Committed> = serde_json::from_slice(&answer.body).ok();
    committed.and_then(|committed| from_hex(&committed.commitment)).ok_or(Reason::NoCommitment)
}

fn reason_of(answer: &Answer, over: bool) -> Reason {
    NoAnswer { status: answer.status.code, replied: answer.replied, over }.reason()
}

pub(super) fn failed<R>(errand: &Errand, reason: Reason, latency: Duration) -> Received<R> {
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
        request: errand.body.clone(),
        answer: None,
        signed: None,
    }
}

fn bucket(latency: Duration) -> LatencyBucket {
    LatencyBucket::of_ms(u64::try_from(latency.as_millis()).unwrap_or(u64::MAX))
}

pub(super) fn read_answer<R: serde::de::DeserializeOwned>(
    errand: &Errand,
    Reply { answer, over }: Reply,
    promise: Option<(&Promise, AccountId)>,
) -> Received<R> {
    // The time that counts is that of the commitment, not that of the opening.
    let latency = promise.map_or(answer.elapsed, |(promise, _)| promise.latency);
    if !answer.is_success() {
        return failed(errand, reason_of(&answer, over), latency);
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
pub(crate) fn judge_form<R: serde::de::DeserializeOwned>(
    errand: &Errand,
    answer: &Answer,
    promise: Option<(&Promise, AccountId)>,
) -> Result<R, Reason> {
    let response = form(&answer.body, errand.limit)?;
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
    Ok(response)
}

/// An answer of the right length and type.
pub(crate) fn form<R: serde::de::DeserializeOwned>(body: &[u8], limit: usize) -> Result<R, Reason> {
    match body.len() > limit {
        true => Err(Reason::Oversize),
        false => serde_json::from_slice(body).map_err(|_| Reason::Malformed),
    }
}

/// A dendrite that reads no answers larger than the tasks allow, with room for a repeated request of this size.
pub fn dendrite_for<S: Subnet>(
    subnet: &S,
    signer: Arc<dyn myelin_wire::sr25519::Signer>,
    repeated: usize,
) -> Dendrite {
    let largest = subnet.tasks().iter().map(|plan| plan.answer_limit).max().unwrap_or_default();
    let limits = myelin_neuron::dendrite::DendriteLimits {
        max_answer_bytes: largest + ENVELOPE_BYTES + repeated,
        // As many as a first batch has tasks: an address that another hotkey announced gets no more.
        max_lanes_at_first: 16,
        ..Default::default()
    };
    Dendrite::with(signer, limits, myelin_neuron::Clock::system(), None)
}
