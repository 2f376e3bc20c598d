//! Asks the miners of a round, in two steps: commitments first, then, when everybody has had its time, the answers. Where miners are
//! paid for load, whoever has done what it was asked is asked more, as long as there is time.
//!
//! All tasks go to all miners at the same moment. A miner that passes its tasks on to another one therefore joins the
//! end of a queue in which the other's own tasks already stand, and commits later.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use futures::{future::BoxFuture, stream::FuturesUnordered, FutureExt, StreamExt};
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

use super::{
    held::{Held, ROUND_BYTES},
    load::{Burden, Load},
    organic::Customers,
    witness::Witness,
};
use crate::{
    evaluation::{AskedTask, CountedAnswer, Delivery, DrawnTask, Outcome},
    exchange::{commit_challenge, Committed, Question, Salt, SynapseNames},
    subnet::{MinerRef, Subnet, SubnetError, TaskPlan},
};

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
    /// Whether it announced that it takes requests whose signature covers path and body; then it gets no others.
    pub signed_bodies: bool,
}

/// Asks on behalf of one validator.
#[derive(Clone)]
pub struct Asker {
    dendrite: Dendrite,
    genesis: [u8; 32],
    netuid: u16,
    validator: AccountId,
    /// Bytes of answers that are held of a round.
    room: usize,
}

/// What a round of asking brought.
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
    pub(crate) miner: usize,
    pub(crate) challenge: [u8; 32],
    pub(crate) body: Bytes,
    pub(crate) limit: usize,
    pub(crate) commit: bool,
    pub(crate) deadline: Duration,
}

/// A commitment, and when it came.
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
    /// Holds the answer if it has the right length and its miner has room for it. Otherwise nothing is left of it but that it was too long.
    fn hold(&mut self, held: &mut Held) {
        let length = self.answer.as_ref().map_or(0, Bytes::len);
        let oversize = matches!(self.delivery.outcome, Outcome::Failed(Reason::Oversize));
        if oversize || !held.takes(self.delivery.miner, length) {
            (self.answer, self.signed) = (None, None);
            (self.delivery.answer, self.delivery.signed) = ([0; 32], false);
            self.delivery.outcome = Outcome::Failed(Reason::Oversize);
        }
    }
}

/// What asking brings: a reply, or more tasks for a miner that has done what it was asked.
enum Event<S: Subnet> {
    Replied(Box<Errand>, Result<Answer, AskError>),
    Drawn(Result<Vec<DrawnTask<S>>, AskError>),
}

impl Asker {
    /// An asker for `validator`, whose key `dendrite` signs with.
    pub fn new(dendrite: Dendrite, genesis: [u8; 32], netuid: u16, validator: AccountId) -> Self {
        Self { dendrite, genesis, netuid, validator, room: ROUND_BYTES }
    }

    /// The same with room for so many bytes of a round's answers.
    pub fn holding(self, room: usize) -> Self {
        Self { room, ..self }
    }

    /// Asks all tasks of a round, and where there is a `load`, what it draws for those that get things done; in between what `customers`
    /// ask. Miners get the deadline of each task, or `patience` if that is shorter, counted from the first request on; opening takes a few
    /// seconds more at most.
    pub async fn ask<S: Subnet>(
        &self,
        mut tasks: Vec<DrawnTask<S>>,
        load: Option<&Load<S>>,
        customers: &mut Customers<S>,
        miners: &[Reachable],
        patience: Duration,
        witness: &mut Witness,
    ) -> Result<AskedRound<S>, AskError> {
        let names = SynapseNames::of::<S>();
        let started = tokio::time::Instant::now();
        let mut received: Vec<Received<S::Response>> = Vec::new();
        let mut promises: Vec<Promise> = Vec::new();
        let mut held = Held::new(self.room, miners.len());
        let mut burdens = HashMap::<(u8, usize), Burden>::new();

        // First step: commitments, and answers to what needs none.
        let mut under_way: FuturesUnordered<BoxFuture<Event<S>>> = FuturesUnordered::new();
        let errand = |errand: Errand| {
            let name = if errand.commit { &names.commit } else { &names.answer };
            let challenge =
                if errand.commit { commit_challenge(&errand.challenge) } else { errand.challenge };
            let deadline = errand.deadline.min(patience).saturating_sub(started.elapsed());
            let target = target(&miners[errand.miner]);
            async move {
                let answer = self.send(target, name, &errand.body, challenge, deadline).await;
                Event::Replied(Box::new(errand), answer)
            }
            .boxed()
        };
        let first = customers.mix(self.errands(&tasks, 0, miners)?, false, &self.validator)?;
        under_way.extend(first.into_iter().map(errand));
        while let Some(event) = under_way.next().await {
            let (asked, answer) = match event {
                Event::Replied(asked, answer) => (asked, answer?),
                Event::Drawn(drawn) => {
                    let known = tasks.len();
                    let further = drawn.and_then(|drawn| {
                        tasks.extend(drawn);
                        customers.mix(self.errands(&tasks[known..], known, miners)?, true, &self.validator)
                    });
                    match further {
                        Ok(further) => under_way.extend(further.into_iter().map(errand)),
                        // That miner gets no more; what everybody has answered stays.
                        Err(error) => tracing::warn!(%error, "more tasks for a miner could not be drawn"),
                    }
                    continue;
                }
            };
            let mut one = match (asked.commit, read_commitment(&answer)) {
                (false, _) => read_answer(&asked, answer, None),
                (true, Ok(commitment)) => {
                    promises.push(Promise { errand: *asked, commitment, latency: answer.elapsed });
                    continue;
                }
                (true, Err(reason)) => failed(&asked, reason, answer.elapsed),
            };
            one.hold(&mut held);
            if asked.organic {
                customers.take(one);
                continue;
            }
            let plan = &tasks[asked.task].plan;
            let over = started.elapsed() >= plan.deadline.min(patience);
            if let Some((load, rule)) = load.and_then(|load| Some((load, load.rule(plan.mechanism)?))) {
                let length = load.batch(plan.mechanism);
                let burden = burdens.entry((plan.mechanism, asked.miner));
                let burden = burden.or_insert_with(|| Burden::new(rule, miners.len(), length));
                let batch = load.batch_of(tasks[asked.task].number);
                let answered = one.delivery.signed && is_answer(plan, &one.delivery);
                let next = burden.replied(batch, answered, length);
                // What is not signed can't count unless it is judged, so there may be only so much of it.
                if batch > 0 && !one.delivery.signed && is_answer(plan, &one.delivery) {
                    one.delivery.outcome = Outcome::Failed(Reason::BadSignature);
                }
                if let Some(batches) = next.filter(|_| !over) {
                    let (miner, one) = (asked.miner, &miners[asked.miner]);
                    let drawing = load.draw(one, miner, plan.mechanism, batches);
                    under_way.push(drawing.map(Event::Drawn).boxed());
                }
            }
            received.push(one);
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
            one.hold(&mut held);
            if promise.errand.organic {
                customers.take(one);
                continue;
            }
            one.delivery.commit_place = places.get(&(promise.errand.task, promise.errand.miner)).copied();
            received.push(one);
        }
        drop(opening);

        let mut signed = Vec::new();
        for one in &mut received {
            if let Some(answer) = one.signed {
                signed.push(answer);
                if witness.sees(answer) {
                    one.delivery.outcome = Outcome::Failed(Reason::Equivocation);
                }
            }
        }
        let counted = match load {
            Some(load) => {
                refuse_unsigned(load, &tasks, &mut received);
                spare(load, &tasks, &mut received)
            }
            None => BTreeMap::new(),
        };
        let mut texts = Vec::new();
        let mut deliveries: Vec<Vec<Delivery<S::Response>>> = tasks.iter().map(|_| Vec::new()).collect();
        for one in received {
            texts.push(one.request);
            texts.extend(one.answer);
            deliveries[one.task].push(one.delivery);
        }
        texts.sort_unstable();
        texts.dedup();
        let asked = tasks.into_iter().zip(deliveries).filter(|(_, deliveries)| !deliveries.is_empty());
        let asked = asked.map(|(task, deliveries)| AskedTask { task, deliveries }).collect();
        Ok(AskedRound { asked, counted, texts, signed })
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
            let challenge = challenge_id(&task.seed, task.number, &self.validator);
            let body = question(&task.challenge.request, task.plan.commit.then_some(&challenge))?;
            let audience = miners.iter().enumerate().filter(|(_, one)| match task.audience {
                Audience::Round => true,
                Audience::Miner(hotkey) => one.miner.hotkey == hotkey,
            });
            errands.extend(
                audience.map(|(miner, _)| Errand::of(&task.plan, index, miner, challenge, body.clone())),
            );
        }
        Ok(errands)
    }

    /// Sends one request, patiently: whoever is busy or out for a moment is asked again.
    pub(crate) async fn send(
        &self,
        target: Target,
        synapse: &str,
        body: &Bytes,
        challenge: [u8; 32],
        deadline: Duration,
    ) -> Result<Answer, AskError> {
        let posed = Posed { id: challenge, genesis_hash: self.genesis, netuid: self.netuid };
        let query = Query::new::<&str>(synapse, body.clone(), &[])?.challenge(posed);
        Ok(self.dendrite.query(target, &query.timeout(deadline).patient()).await)
    }
}

impl Errand {
    /// A request under a plan.
    pub(crate) fn of(plan: &TaskPlan, task: usize, miner: usize, challenge: [u8; 32], body: Bytes) -> Self {
        let limit = plan.answer_limit + ENVELOPE_BYTES;
        let (commit, deadline) = (plan.commit, plan.deadline);
        Self { task, organic: false, miner, challenge, body, limit, commit, deadline }
    }

    /// The same with room for an answer that repeats the request. A check has none: its request is small.
    pub(crate) fn repeating(self) -> Self {
        Self { limit: self.limit + self.body.len(), ..self }
    }
}

/// The body of a request; it names the challenge where a commitment is wanted.
pub(crate) fn question<R: serde::Serialize + Clone>(
    request: &R,
    challenge: Option<&[u8; 32]>,
) -> Result<Bytes, AskError> {
    let question = Question { request: request.clone(), challenge: challenge.map(|id| to_hex(id)) };
    serde_json::to_vec(&question).map(Bytes::from).map_err(|error| AskError::Body(error.to_string()))
}

/// Whether it is an answer in time and form.
fn is_answer<R>(plan: &TaskPlan, delivery: &Delivery<R>) -> bool {
    matches!(delivery.outcome, Outcome::Answered(_)) && plan.allows(delivery.latency)
}

/// Whether nothing came at all: the time was over, or nobody was there or had a place free.
fn is_open<R>(delivery: &Delivery<R>) -> bool {
    matches!(delivery.outcome, Outcome::Failed(Reason::Late | Reason::Unreachable))
}

/// Refuses what a miner did not sign that has signed other answers: what is not signed is judged, and who chooses what to sign would choose what is
/// judged.
fn refuse_unsigned<S: Subnet>(
    load: &Load<S>,
    tasks: &[DrawnTask<S>],
    received: &mut [Received<S::Response>],
) {
    let place = |one: &Received<S::Response>| (tasks[one.task].plan.mechanism, one.delivery.miner);
    let came = |one: &Received<S::Response>| is_answer(&tasks[one.task].plan, &one.delivery);
    let signers: BTreeSet<(u8, usize)> =
        received.iter().filter(|one| one.delivery.signed && came(one)).map(place).collect();
    for one in received {
        let (mechanism, _) = place(one);
        let unsigned = !one.delivery.signed && came(one) && load.rule(mechanism).is_some();
        if unsigned && signers.contains(&place(one)) {
            one.delivery.outcome = Outcome::Failed(Reason::BadSignature);
        }
    }
}

/// Takes out what is not judged: of signed answers those that only count, and what was more than a miner could do.
fn spare<S: Subnet>(
    load: &Load<S>,
    tasks: &[DrawnTask<S>],
    received: &mut Vec<Received<S::Response>>,
) -> BTreeMap<u8, Vec<CountedAnswer>> {
    let place = |one: &Received<S::Response>| {
        let task = &tasks[one.task];
        (task.plan.mechanism, one.delivery.miner, task.number)
    };
    let mut done = BTreeMap::<(u8, usize), (Vec<u16>, Vec<u16>)>::new();
    let mut signed = Vec::new();
    for one in received.iter() {
        let (mechanism, miner, number) = place(one);
        let (answered, open) = done.entry((mechanism, miner)).or_default();
        if is_answer(&tasks[one.task].plan, &one.delivery) {
            answered.push(number);
            signed.extend(one.delivery.signed.then_some((mechanism, miner, number)));
        } else if is_open(&one.delivery) {
            open.push(number);
        }
    }
    let checked = load.checked(signed.iter().copied());
    let unjudged: BTreeSet<_> = signed.into_iter().filter(|one| !checked.contains(one)).collect();
    let mut too_much = BTreeSet::new();
    for ((mechanism, miner), (answered, open)) in done {
        let beyond = load.sequence(mechanism, miner).map(|sequence| sequence.beyond(&answered, &open));
        too_much.extend(beyond.into_iter().flatten().map(|number| (mechanism, miner, number)));
    }
    let mut counted = BTreeMap::<u8, Vec<CountedAnswer>>::new();
    received.retain(|one| {
        let (mechanism, miner, number) = place(one);
        if load.rule(mechanism).is_none() {
            return true;
        }
        let is_counted = unjudged.contains(&(mechanism, miner, number));
        if is_counted {
            let Delivery { request, answer, latency, .. } = one.delivery;
            let (seed, weight) = (tasks[one.task].seed, tasks[one.task].plan.weight);
            let one = CountedAnswer { miner, number, seed, weight, request, answer, latency };
            counted.entry(mechanism).or_default().push(one);
        }
        !is_counted && !too_much.contains(&(mechanism, miner, number))
    });
    counted
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

pub(crate) fn target(one: &Reachable) -> Target {
    let target = Target::new(one.miner.hotkey, one.address);
    if one.signed_bodies {
        target.signing_bodies()
    } else {
        target
    }
}

/// Places of the commitments in each task, by the order in which they came.
fn places(promises: &[Promise], tasks: usize) -> HashMap<(usize, usize), u8> {
    let mut next = vec![0u8; tasks];
    let mut places = HashMap::new();
    for promise in promises.iter().filter(|promise| !promise.errand.organic) {
        let place = &mut next[promise.errand.task];
        places.insert((promise.errand.task, promise.errand.miner), *place);
        *place = place.saturating_add(1).min(u8::MAX - 1);
    }
    places
}

pub(crate) fn read_commitment(answer: &Answer) -> Result<[u8; 32], Reason> {
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
        request: errand.body.clone(),
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

/// A dendrite that reads no answers larger than the tasks allow, with requests of so many bytes repeated in them.
pub fn dendrite_for<S: Subnet>(
    subnet: &S,
    signer: Arc<dyn myelin_wire::sr25519::Signer>,
    repeated: usize,
) -> Dendrite {
    let largest = subnet.tasks().iter().map(|plan| plan.answer_limit).max().unwrap_or_default();
    let limits = myelin_neuron::dendrite::DendriteLimits {
        max_answer_bytes: largest + ENVELOPE_BYTES + repeated,
        // As many as a first batch has tasks: an address that somebody else announced gets no more.
        max_lanes_at_first: 16,
        ..Default::default()
    };
    Dendrite::with(signer, limits, myelin_neuron::Clock::system(), None)
}
