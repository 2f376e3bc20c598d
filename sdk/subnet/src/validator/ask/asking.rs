//! The state of a round that is being asked, and its steps.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use futures::{future::BoxFuture, stream::FuturesUnordered, FutureExt, StreamExt};
use myelin_wire::{answer::SignedAnswer, record::Reason, seed::challenge_id};

use super::{
    failed, read_answer, read_commitment,
    settle::{is_answer, passed_over},
    target, AskError, Asker, Errand, Promise, Reachable, Received, Reply, OPENING_TIME,
};
use crate::{
    evaluation::{DrawnTask, Outcome},
    exchange::{commit_challenge, SynapseNames},
    subnet::Subnet,
    validator::{
        held::Held,
        load::{Burden, Load},
        organic::Customers,
    },
};

/// State of a round so far.
pub(super) struct Asking<'a, S: Subnet> {
    pub(super) asker: &'a Asker,
    pub(super) names: &'a SynapseNames,
    pub(super) load: Option<&'a Load<S>>,
    pub(super) miners: &'a [Reachable],
    pub(super) customers: &'a mut Customers<S>,
    pub(super) patience: Duration,
    pub(super) started: tokio::time::Instant,
    pub(super) tasks: Vec<DrawnTask<S>>,
    pub(super) received: Vec<Received<S::Response>>,
    /// Room that the round has left for answers.
    pub(super) held: Held,
    pub(super) promises: Vec<Promise>,
    /// How far each miner has come, by mechanism and place among the miners.
    pub(super) burdens: HashMap<(u8, usize), Burden>,
    /// Signed answers that came when the same was asked a second time, with the place of the first.
    pub(super) second: Vec<(usize, SignedAnswer)>,
}

/// Event of a round: a reply, or more tasks for a miner that has done its tasks.
pub(super) enum Event<S: Subnet> {
    Replied(Box<Errand>, Result<Reply, AskError>),
    Drawn(Result<Vec<DrawnTask<S>>, AskError>),
}

impl<'a, S: Subnet> Asking<'a, S> {
    /// First step: commitments, and answers to requests that need no commitment.
    pub(super) async fn collect(&mut self) -> Result<(), AskError> {
        let mut under_way: FuturesUnordered<BoxFuture<'a, Event<S>>> = FuturesUnordered::new();
        let first = self.asker.errands(&self.tasks, 0, self.miners)?;
        let further = |miner| self.load.map_or(0, |load| load.most_further(miner));
        let mut most: Vec<usize> = (0..self.miners.len()).map(further).collect();
        first.iter().for_each(|errand| most[errand.miner] += 1);
        self.customers.begin(|miner| most[miner]);
        let first = self.customers.mix(first, false, &self.asker.validator)?;
        under_way.extend(first.into_iter().map(|errand| self.send(errand)));
        while let Some(event) = under_way.next().await {
            match event {
                Event::Replied(errand, reply) => under_way.extend(self.take(*errand, reply?)),
                Event::Drawn(drawn) => match self.further(drawn) {
                    Ok(further) => under_way.extend(further.into_iter().map(|errand| self.send(errand))),
                    // That miner gets no more tasks; answers so far stay.
                    Err(error) => tracing::warn!(%error, "more tasks for a miner could not be drawn"),
                },
            }
        }
        Ok(())
    }

    /// Sends one request of the first step.
    fn send(&self, errand: Errand) -> BoxFuture<'a, Event<S>> {
        let Self { asker, names, miners, patience, started, .. } = *self;
        async move {
            let name = if errand.commit { &names.commit } else { &names.answer };
            let challenge =
                if errand.commit { commit_challenge(&errand.challenge) } else { errand.challenge };
            let deadline = errand.deadline.min(patience).saturating_sub(started.elapsed());
            let reply = asker.send(target(&miners[errand.miner]), name, &errand.body, challenge, deadline);
            let reply = reply.await;
            Event::Replied(Box::new(errand), reply)
        }
        .boxed()
    }

    /// Handles a reply of the first step, and draws more tasks for the miner if it has done its tasks.
    fn take(&mut self, errand: Errand, reply: Reply) -> Option<BoxFuture<'a, Event<S>>> {
        let latency = reply.answer.elapsed;
        let mut received = match (errand.commit, read_commitment(&reply)) {
            (false, _) => read_answer(&errand, reply, None),
            (true, Ok(commitment)) => {
                self.promises.push(Promise { errand, commitment, latency });
                return None;
            }
            (true, Err(reason)) => failed(&errand, reason, latency),
        };
        received.hold(&mut self.held);
        if errand.organic {
            self.take_from_customer(&errand, received);
            return None;
        }
        let more = self.burden(&mut received);
        self.received.push(received);
        more
    }

    /// Handles an answer to a customer's request. A miner that refuses customers gets no more load than a miner that
    /// refuses tasks.
    fn take_from_customer(&mut self, errand: &Errand, received: Received<S::Response>) {
        if let Some(burden) = self.burdens.get_mut(&(errand.mechanism, errand.miner)) {
            burden.served(matches!(received.delivery.outcome, Outcome::Answered(_)));
        }
        self.customers.take(received);
    }

    /// Notes an answer where miners are paid for load, and draws the next wave if it is due.
    fn burden(&mut self, received: &mut Received<S::Response>) -> Option<BoxFuture<'a, Event<S>>> {
        let task = &self.tasks[received.task];
        let (mechanism, miner) = (task.plan.mechanism, received.delivery.miner);
        let load = self.load.filter(|load| load.rule(mechanism).is_some())?;
        let length = load.batch(mechanism);
        let burden = self.burdens.entry((mechanism, miner));
        let burden = burden.or_insert_with(|| Burden::new(load.most(mechanism, miner), length));
        let batch = load.batch_of(task.number);
        let came = is_answer(&task.plan, &received.delivery);
        let next = burden.replied(batch, came && received.delivery.signed, length);
        // An unsigned answer only counts if it is judged, so a miner may have only few of them.
        if batch > 0 && came && !received.delivery.signed {
            received.delivery.outcome = Outcome::Failed(Reason::BadSignature);
        }
        let over = self.started.elapsed() >= task.plan.deadline.min(self.patience);
        let batches = next.filter(|_| !over)?;
        let drawing = load.draw(&self.miners[miner], miner, mechanism, batches);
        Some(drawing.map(Event::Drawn).boxed())
    }

    /// Requests for tasks that were drawn for a miner.
    fn further(&mut self, drawn: Result<Vec<DrawnTask<S>>, AskError>) -> Result<Vec<Errand>, AskError> {
        let known = self.tasks.len();
        self.tasks.extend(drawn?);
        let further = self.asker.errands(&self.tasks[known..], known, self.miners)?;
        self.customers.mix(further, true, &self.asker.validator)
    }

    /// Asks the tasks once more that miners passed over, with half the time. A miner that was working on such a task on
    /// another core has the answer soon; a miner that left it out gains nothing.
    pub(super) async fn ask_again(&mut self) -> Result<(), AskError> {
        let Some(load) = self.load else { return Ok(()) };
        let passed = passed_over(load, &self.tasks, &self.received);
        let again = |at: usize| {
            let Self { asker, names, miners, patience, started, .. } = *self;
            let received = &self.received[at];
            let (task, miner) = (&self.tasks[received.task], received.delivery.miner);
            let challenge = challenge_id(&task.seed.0, task.number, &asker.validator);
            let errand = Errand::of(&task.plan, received.task, miner, challenge, received.request.clone());
            async move {
                let time = (errand.deadline / 2).min(patience.saturating_sub(started.elapsed()));
                let target = target(&miners[errand.miner]);
                let reply = asker.send(target, &names.answer, &errand.body, errand.challenge, time).await;
                (at, errand, reply)
            }
        };
        let mut asked: FuturesUnordered<_> = passed.into_iter().map(again).collect();
        let mut replies = Vec::new();
        while let Some((at, errand, reply)) = asked.next().await {
            replies.push((at, read_answer(&errand, reply?, None)));
        }
        drop(asked);
        for (at, mut received) in replies {
            received.hold(&mut self.held);
            let plan = &self.tasks[received.task].plan;
            if is_answer(plan, &received.delivery) {
                received.delivery.latency = plan.too_late();
                self.received[at] = received;
            }
        }
        Ok(())
    }

    /// Second step: no commitment is accepted any more, so the answers may be seen.
    pub(super) async fn open(&mut self) -> Result<(), AskError> {
        let promises = std::mem::take(&mut self.promises);
        let places = places(&promises, self.tasks.len());
        let Self { asker, names, miners, .. } = *self;
        let mut opening: FuturesUnordered<_> = promises
            .into_iter()
            .map(|promise| {
                let target = target(&miners[promise.errand.miner]);
                let (body, challenge) = (promise.errand.body.clone(), promise.errand.challenge);
                async move {
                    let reply = asker.send(target, &names.open, &body, challenge, OPENING_TIME).await;
                    (promise, reply)
                }
            })
            .collect();
        while let Some((promise, reply)) = opening.next().await {
            let hotkey = miners[promise.errand.miner].miner.hotkey;
            let mut received = read_answer(&promise.errand, reply?, Some((&promise, hotkey)));
            received.hold(&mut self.held);
            if promise.errand.organic {
                self.customers.take(received);
                continue;
            }
            let place = places.get(&(promise.errand.task, promise.errand.miner)).copied();
            received.delivery.commit_place = place;
            self.received.push(received);
        }
        Ok(())
    }
}

impl<S: Subnet> Asking<'_, S> {
    /// Asks each miner for one of its signed answers a second time. Chance chooses which, so no miner knows.
    pub(super) async fn ask_twice(&mut self) -> Result<(), AskError> {
        let mut signed = BTreeMap::<usize, Vec<usize>>::new();
        for (at, received) in self.received.iter().enumerate() {
            if received.signed.is_some() {
                signed.entry(received.delivery.miner).or_default().push(at);
            }
        }
        let Self { asker, names, miners, .. } = *self;
        let chosen = signed.into_values().map(|places| places[rand::random_range(..places.len())]);
        let mut asked: FuturesUnordered<_> = chosen
            .map(|at| {
                let received = &self.received[at];
                let task = &self.tasks[received.task];
                let name = if task.plan.commit { &names.open } else { &names.answer };
                let challenge = challenge_id(&task.seed.0, task.number, &asker.validator);
                let target = target(&miners[received.delivery.miner]);
                async move {
                    (at, asker.send(target, name, &received.request, challenge, OPENING_TIME).await)
                }
            })
            .collect();
        let mut second = Vec::new();
        while let Some((at, reply)) = asked.next().await {
            second.extend(reply?.answer.signed().map(|signed| (at, *signed)));
        }
        drop(asked);
        self.second = second;
        Ok(())
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
