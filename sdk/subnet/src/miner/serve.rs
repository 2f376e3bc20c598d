//! Requests and answers of a miner's axon.

use std::{sync::Arc, time::Duration};

use myelin_neuron::axon::{Call, HandlerError, NoSlot, Reply, Route, Shares, Slot, Slots, Standing};
use myelin_wire::{
    commitment::Opening,
    hash::{blake2_256, from_hex, to_hex},
    AccountId,
};
use serde::Serialize;
use tokio::sync::Semaphore;

use super::{
    memory::{AnswerMemory, InProgress, KeptAnswer, Owner},
    roll::Doorkeeper,
    stream::{Events, BUFFER},
    submitted::Published,
    work::Work,
    Strangers,
};
use crate::{
    exchange::{
        answer_body, challenge_body, commit_challenge, AskedBy, Committed, Question, SynapseNames, Wanted,
        LONGEST_SALT,
    },
    subnet::{AnswerContext, AnswerError, Subnet},
};

/// Most requests that wait for a worker, and those of strangers among them: validators go first, and must not wait for
/// strangers to give up.
const MOST_WAITING: usize = 1_024;
pub(super) const MOST_STRANGERS: usize = 16;

/// Answers requests of one subnet.
pub(super) struct Desk<S> {
    subnet: Arc<S>,
    hotkey: AccountId,
    memory: Arc<AnswerMemory>,
    doorkeeper: Doorkeeper,
    workers: Slots,
    waiting_strangers: Arc<Semaphore>,
    in_progress: InProgress,
    /// Memory for pieces of streams that were not read yet.
    unread: Shares<Owner>,
    published: Published,
    work: Work,
}

impl<S> Clone for Desk<S> {
    fn clone(&self) -> Self {
        Self {
            subnet: self.subnet.clone(),
            hotkey: self.hotkey,
            memory: self.memory.clone(),
            doorkeeper: self.doorkeeper.clone(),
            workers: self.workers.clone(),
            waiting_strangers: self.waiting_strangers.clone(),
            in_progress: self.in_progress.clone(),
            unread: self.unread.clone(),
            published: self.published.clone(),
            work: self.work.clone(),
        }
    }
}

impl<S: Subnet> Desk<S> {
    pub(super) fn new(
        subnet: Arc<S>,
        hotkey: AccountId,
        memory: Arc<AnswerMemory>,
        doorkeeper: Doorkeeper,
        published: Published,
        workers: usize,
        work: Work,
    ) -> Self {
        let workers = Slots::new(workers.max(1), MOST_WAITING);
        let (in_progress, unread) = (InProgress::default(), Shares::new(BUFFER));
        let waiting_strangers = Arc::new(Semaphore::new(MOST_STRANGERS));
        Self {
            subnet,
            hotkey,
            memory,
            doorkeeper,
            workers,
            waiting_strangers,
            in_progress,
            unread,
            published,
            work,
        }
    }

    /// The synapses of the subnet: answer, stream, commit, open, artefact.
    pub(super) fn routes(&self) -> Vec<Route> {
        let names = SynapseNames::of::<S>();
        let [answer, stream, commit, open] = std::array::from_fn(|_| self.clone());
        let published = self.published.clone();
        vec![
            Route::new(&names.answer, move |call: Call| {
                let desk = answer.clone();
                async move { desk.answer(call).await }
            }),
            Route::new(&names.stream, move |call: Call| {
                let desk = stream.clone();
                async move { desk.stream(call).await }
            }),
            Route::new(&names.commit, move |call: Call| {
                let desk = commit.clone();
                async move { desk.commit(call).await }
            }),
            Route::new(&names.open, move |call: Call| {
                let desk = open.clone();
                async move { desk.open(call) }
            }),
            Route::new(&names.artefact, move |call: Call| {
                let published = published.clone();
                async move { hand_out(&published, &call) }
            })
            .public(),
        ]
    }

    /// Answers at once; a challenge has one answer, which is repeated.
    async fn answer(&self, call: Call) -> Result<Reply, HandlerError> {
        let question = read_question::<S>(&call.body)?;
        let Some(challenge) = call.challenge_id else {
            let response = self.compute(&call, None, question.request.clone()).await?;
            let body = answer_body(&call.terminals, &question.request, &response).map_err(unwritable)?;
            return Ok(Reply::json(body));
        };
        let asked = AskedBy { validator: call.caller.hotkey, challenge };
        let model = self.subnet.model_id(&question.request);
        let body = self.answer_once(&call, asked, question, None).await?.1;
        Ok(Reply::json(body).signed_by(model))
    }

    /// Answers piece by piece. The answer to a challenge is kept, so that it can be opened when the stream has ended.
    /// The worker is free as soon as the answer is computed, whether it was read or not.
    async fn stream(&self, call: Call) -> Result<Reply, HandlerError> {
        let request = read_question::<S>(&call.body)?.request;
        let asked = call.challenge_id.map(|challenge| AskedBy { validator: call.caller.hotkey, challenge });
        let turn = match asked {
            Some(asked) => Some(self.in_progress.turn(asked).lock_owned().await),
            None => None,
        };
        if asked.is_some_and(|asked| self.memory.find(&asked).is_some()) {
            return Err(HandlerError::bad_request("this challenge was answered already; open it"));
        }
        let (worker, context) = self.worker(&call, call.challenge_id).await?;
        let (subnet, memory, owner) = (self.subnet.clone(), self.memory.clone(), self.owner(&call));
        let job = self.work.begin();
        let (mut events, reading) = Events::new(self.unread.clone(), owner);
        tokio::task::spawn_blocking(move || {
            let (_worker, _turn) = (worker, turn);
            let answered = subnet.answer_streaming(&context, &request, &mut |event| events.send(&event));
            if let Some(outcome) = &answered {
                job.ended(outcome.as_ref());
            }
            match answered {
                None => events.fail(HandlerError::bad_request(format!("{} is not streamed", S::NAME))),
                Some(Err(error)) => events.fail(refusal(error)),
                // A stream that could not be sent to its end is no answer.
                Some(Ok(_)) if !events.heard() => {}
                Some(Ok(response)) => match (asked, KeptAnswer::new(&request, &response, None)) {
                    (Some(asked), Ok(kept)) => {
                        memory.keep(asked, owner, kept);
                        events.end();
                    }
                    (None, _) => events.end(),
                    (_, Err(error)) => events.fail(unwritable(error)),
                },
            }
        });
        reading.reply().await
    }

    /// Computes the answer and returns the hash that binds this miner to it.
    async fn commit(&self, call: Call) -> Result<Reply, HandlerError> {
        let question = read_question::<S>(&call.body)?;
        let challenge = question.challenge.as_deref().and_then(from_hex::<32>).ok_or_else(|| {
            HandlerError::bad_request("a commitment needs the field `challenge`: 64 hexadecimal digits")
        })?;
        let asked = AskedBy { validator: call.caller.hotkey, challenge };
        let model = self.subnet.model_id(&question.request);
        let (kept, body) = self.answer_once(&call, asked, question, Some(salt())).await?;
        let opening = Opening {
            challenge_id: challenge,
            answer_hash: blake2_256(&body),
            hotkey: self.hotkey,
            salt: kept.salt.unwrap_or_default(),
        };
        let reply = Committed { commitment: to_hex(&opening.commitment()) };
        let reply = Reply::json(
            serde_json::to_vec(&reply).map_err(|error| HandlerError::internal(error.to_string()))?,
        );
        Ok(if call.challenge_id == Some(commit_challenge(&challenge)) {
            reply.signed_by(model)
        } else {
            reply
        })
    }

    /// Returns the answer that was committed to; the request is sent once more.
    fn open(&self, call: Call) -> Result<Reply, HandlerError> {
        let challenge =
            call.challenge_id.ok_or_else(|| HandlerError::bad_request("opening needs the challenge"))?;
        let asked = AskedBy { validator: call.caller.hotkey, challenge };
        let kept = self
            .memory
            .find(&asked)
            .ok_or_else(|| HandlerError::bad_request("nothing was committed to under this challenge"))?;
        let question = read_question::<S>(&call.body)?;
        let model = self.subnet.model_id(&question.request);
        Ok(Reply::json(repeat(&kept, &question)?).signed_by(model))
    }

    /// The answer to a challenge, computed if it is the first time, and its body.
    async fn answer_once(
        &self,
        call: &Call,
        asked: AskedBy,
        question: Question<S::Request>,
        salt: Option<[u8; 32]>,
    ) -> Result<(KeptAnswer, Vec<u8>), HandlerError> {
        let turn = self.in_progress.turn(asked);
        let _turn = turn.lock().await;
        let kept = match self.memory.find(&asked) {
            Some(kept) => kept,
            None => {
                let response = self.compute(call, Some(asked.challenge), question.request.clone()).await?;
                let answer = KeptAnswer::new(&question.request, &response, salt).map_err(unwritable)?;
                self.memory.keep(asked, self.owner(call), answer)
            }
        };
        let body = repeat(&kept, &question)?;
        Ok((kept, body))
    }

    /// Owner of the memory that an answer takes.
    fn owner(&self, call: &Call) -> Owner {
        match self.doorkeeper.roll.contains(&call.caller.hotkey) {
            true => Owner::Validator(call.caller.hotkey),
            false => Owner::Strangers,
        }
    }

    /// Computes on a thread of its own, when a worker is free.
    async fn compute(
        &self,
        call: &Call,
        challenge: Option<[u8; 32]>,
        request: S::Request,
    ) -> Result<S::Response, HandlerError> {
        let (worker, context) = self.worker(call, challenge).await?;
        let (subnet, job) = (self.subnet.clone(), self.work.begin());
        let computed = tokio::task::spawn_blocking(move || {
            let _worker = worker;
            let answered = subnet.answer(&context, &request);
            job.ended(answered.as_ref());
            answered
        });
        match computed.await {
            Ok(answered) => answered.map_err(refusal),
            Err(error) => Err(HandlerError::internal(error.to_string())),
        }
    }

    /// Waits until a worker is free: validators in proportion to their stake, then strangers. Returns it with the
    /// context of the request.
    async fn worker(
        &self,
        call: &Call,
        challenge: Option<[u8; 32]>,
    ) -> Result<(Slot, AnswerContext), HandlerError> {
        self.work.asked();
        let standing = self.doorkeeper.roll.standing_of(&call.caller.hotkey);
        let permitted = standing != Standing::Stranger;
        let mut _place = None;
        if let (false, Strangers::Served { delay }) = (permitted, self.doorkeeper.strangers) {
            _place = Some(self.waiting_strangers.try_acquire().map_err(|_| HandlerError::busy())?);
            tokio::time::sleep(delay).await;
        }
        let worker = self.workers.take(call.caller.hotkey, standing, call.deadline).await;
        let worker = worker.map_err(|none| match none {
            NoSlot::Full => HandlerError::busy(),
            NoSlot::Late => call.late(),
        })?;
        let context = AnswerContext {
            asker: Some(call.caller.hotkey),
            permitted,
            challenge,
            time_left: call.deadline.saturating_duration_since(tokio::time::Instant::now()),
        };
        if context.time_left == Duration::ZERO {
            return Err(call.late());
        }
        Ok((worker, context))
    }
}

/// Error that the caller gets if there is no answer.
fn refusal(error: AnswerError) -> HandlerError {
    match error {
        AnswerError::Refused(why) => HandlerError::bad_request(why),
        AnswerError::Backend(_) => HandlerError::unavailable("the backend gave no answer"),
    }
}

/// Sends an artefact to any caller.
fn hand_out(published: &Published, call: &Call) -> Result<Reply, HandlerError> {
    let wanted: Wanted = serde_json::from_slice(&call.body)
        .map_err(|error| HandlerError::bad_request(format!("not a request for an artefact: {error}")))?;
    let commitment = from_hex(&wanted.commitment)
        .ok_or_else(|| HandlerError::bad_request("a commitment has 64 hexadecimal digits"))?;
    let body = published.find(&commitment);
    let body = body.ok_or_else(|| HandlerError::bad_request("this miner has published no such artefact"))?;
    Ok(Reply::json(body))
}

fn read_question<S: Subnet>(body: &[u8]) -> Result<Question<S::Request>, HandlerError> {
    serde_json::from_slice(body)
        .map_err(|error| HandlerError::bad_request(format!("not a {} request: {error}", S::NAME)))
}

/// The body of an answer that is sent again.
fn repeat(kept: &KeptAnswer, question: &Question<impl Serialize>) -> Result<Vec<u8>, HandlerError> {
    if !kept.answers(&question.request).map_err(unwritable)? {
        return Err(HandlerError::bad_request("this challenge was posed with another request before"));
    }
    let asked = question.salt.as_ref().filter(|salt| salt.len() <= LONGEST_SALT);
    let salt = kept.salt.map(|salt| to_hex(&salt)).or_else(|| asked.cloned());
    challenge_body(&kept.response, salt.as_deref()).map_err(unwritable)
}

fn unwritable(error: serde_json::Error) -> HandlerError {
    HandlerError::internal(error.to_string())
}

fn salt() -> [u8; 32] {
    rand::random()
}
