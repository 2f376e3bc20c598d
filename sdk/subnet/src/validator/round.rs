//! One round of a running validator: ask, keep the evidence, judge, remember.

use std::{
    collections::{BTreeMap, BTreeSet},
    panic::{catch_unwind, AssertUnwindSafe},
    time::{Duration, Instant},
};

use bytes::Bytes;
use myelin_wire::{
    beacon::Source,
    hash::{to_hex, Hash},
    record::{Asked as AskedIn, Ppm},
    seed::{Audience, Seed, SeedProof},
    AccountId,
};

use super::{
    ahead::{Ahead, Orders, Stock, AHEAD_BYTES},
    ask::{Asker, Reachable},
    deferred::{put_off, Matured, PutOff, WaitingKey},
    draw::{draw_from, Drawn, Occasion, Seeds},
    holding::demands_proof,
    load::Load,
    organic::Customers,
    prove::LostRounds,
    report::{MinerDecline, RoundReport, ValidatorStanding},
    runner::{Life, ValidatorError},
    schedule::Patience,
    store::StoreError,
    submissions::{entries_of, fetch, Competition, Contender, Entry, Fetched, Shelf},
    witness::Witness,
};
use crate::{
    chain::{Chain, Peer, Statement, SubnetView},
    evaluation::{
        evaluate_round, take_in, Asked, AskedTask, CountedAnswer, Decline, DrawnTask, Evaluated,
        EvaluationError, Fault, Judged, LoadRule, MinerScore, Outcome, RoundFacts, SeedReference, Standing,
        Standings, Submitted,
    },
    evidence::{
        EpochSalt, EvidenceError, KeptEntry, KeptMiner, KeptSource, KeptTask, RoundEvidence, RoundTasks,
    },
    submission::contests,
    subnet::{Consulted, Mechanism, MinerRef, Mode, Pay, Subnet, SubnetError},
};

/// A miner must hand its submission out again in one of `AGAIN` rounds, and in every round after a failure to do so.
const AGAIN: u64 = 8;

/// Result of one mechanism in a round.
struct Brought<S: Subnet> {
    /// Epoch, round and block in which it was asked, if in an earlier round.
    earlier: Option<AskedIn>,
    mechanism: u8,
    miners: Vec<MinerRef>,
    asked: Asked<S>,
}

impl<S: Subnet> Brought<S> {
    fn consult(&mut self, subnet: &S, time: Duration) {
        let Brought { miners, asked, .. } = self;
        let mut tasks = Vec::new();
        for AskedTask { task: DrawnTask { plan, challenge, .. }, deliveries } in &mut asked.tasks {
            let answers = deliveries.iter().filter_map(|delivery| match &delivery.outcome {
                Outcome::Answered(response) if plan.allows(delivery.latency) => {
                    Some((*miners.get(delivery.miner)?, response))
                }
                _ => None,
            });
            tasks.push(Consulted { challenge, answers: answers.collect() });
        }
        if catch_unwind(AssertUnwindSafe(|| subnet.consult(&mut tasks, time))).is_err() {
            tracing::error!(mechanism = self.mechanism, "the subnet's code panicked when it asked its judge");
        }
    }
}

impl<S: Subnet, C: Chain> Life<S, C> {
    /// Runs a round if this validator holds a permit and enough time is left.
    pub(super) async fn try_round(
        &mut self,
        view: &SubnetView,
        round: u16,
        source: u64,
        permit: bool,
    ) -> Result<(), ValidatorError> {
        if !permit {
            self.ahead = None;
            tracing::info!(epoch = view.epoch, round, "no validator permit yet, so miners would not answer");
            return Ok(());
        }
        let slot_ms = self.chain.slot_ms().await?;
        let submit = self.options.timetable.submit_block(view);
        let until_then =
            |block: u64| Duration::from_millis(submit.saturating_sub(block).saturating_mul(slot_ms));
        let (left, whole) = (until_then(view.block), until_then(view.epoch_start));
        let Some(patience) = Patience::of(left, self.last_judging, self.longest_deadline(), whole) else {
            // Judging may have become quicker: the estimate is halved, so that rounds are tried again.
            self.last_judging /= 2;
            self.ahead = None;
            tracing::info!(epoch = view.epoch, round, ?left, "too little time is left for a round");
            return Ok(());
        };
        let done = self.round(view, round, source, patience).await;
        give_back().await;
        done
    }

    /// The round of this validator that draws from block `source`.
    pub(super) async fn occasion(
        &self,
        view: &SubnetView,
        round: u16,
        source: u64,
    ) -> Result<Occasion, ValidatorError> {
        let Source { value, settling } = self.chain.seed_source(source).await?;
        Ok(Occasion {
            genesis: self.chain.genesis(),
            netuid: self.options.netuid,
            epoch: view.epoch,
            round,
            source_block: source,
            source_hash: self.chain.block_hash(source).await?,
            source_value: value,
            settling,
        })
    }

    /// Asks and judges one round within `patience`.
    async fn round(
        &mut self,
        view: &SubnetView,
        round: u16,
        source: u64,
        patience: Patience,
    ) -> Result<(), ValidatorError> {
        let occasion = self.occasion(view, round, source).await?;
        let started = Instant::now();
        let mechanisms = self.mechanisms(view);
        let miners = self.miners(view, &occasion, &mechanisms);
        let ahead = self.ahead.take().filter(|ahead| *ahead.occasion() == occasion);
        let stock = ahead.map(Ahead::end);
        let drawn = self.draw(&occasion, &miners, &mechanisms, stock.as_deref())?;
        // Evidence of an earlier attempt at this round, which a restart cut off.
        let earlier = self.evidence.signed(view.epoch, round).unwrap_or_default();
        let mut witness = Witness::remembering(earlier);
        let submits = drawn.shared.iter().any(|task| self.is_submitted(task.plan.mechanism));
        // Before any miner is asked: if the chain does not answer, the round can still be begun again.
        let statements = if submits { self.statements(&occasion).await? } else { Vec::new() };
        let load = self.load(&mechanisms, drawn.own, &miners).map(|load| load.with(stock));
        let mut customers = self.customers(&miners);
        let (salt, asker) = self.salted(view.epoch);
        let time = patience.of_miners(submits);
        let asking = asker.ask(drawn.tasks, load.as_ref(), &mut customers, &miners, time, &mut witness);
        // Artefacts are fetched while miners answer, so that slow axons take no time from judging.
        let fetching = self.fetch(view, &occasion, &statements, patience.all / 2);
        let (asked, mut fetched) = tokio::join!(asking, fetching);
        // Tasks that were drawn ahead and not asked are of no use any more, and may be many.
        drop(load);
        give_back().await;
        let mut asked = asked?;
        self.answer(customers, &miners);
        let refs: Vec<MinerRef> = miners.iter().map(|reachable| reachable.miner).collect();
        let mut evidence = RoundEvidence {
            seeds: drawn.seeds,
            signed: std::mem::take(&mut asked.signed),
            equivocations: witness.contradictions().to_vec(),
            ..RoundEvidence::default()
        };
        let put_off =
            put_off(&*self.subnet, &occasion, &self.facts(&occasion), &refs, &mut asked, &evidence)?;
        evidence.texts = asked.texts;
        let mut brought = by_mechanism(asked.asked, asked.counted, &refs);
        let (mut entries, mut standings) = (Vec::new(), self.memory.standings.clone());
        for (mechanism, tasks) in by_plan(drawn.shared) {
            let Some(plan) = mechanisms.get(usize::from(mechanism)) else { continue };
            let fetched = fetched.remove(&mechanism).unwrap_or_default();
            let (standings, until) = (&mut standings, started + patience.all);
            let competed =
                self.compete(&occasion, (mechanism, plan), fetched, tasks, standings, until).await?;
            evidence.texts.extend(competed.texts);
            entries.extend(competed.entries.into_iter().map(|entry| (mechanism, entry)));
            brought.push(competed.brought);
        }
        let (asking, started) = (started.elapsed(), Instant::now());
        let mut brought = self.consult(brought, patience.all / 2).await?;
        evidence.tasks = kept_tasks((&*self.subnet, &occasion, salt), &refs, &entries, &brought)?;
        evidence.tasks.secret = self.options.tasks_secret.map(|hash| to_hex(&hash));
        evidence.tasks.deferred = put_off.iter().flat_map(|group| &group.tasks.tasks).cloned().collect();
        let gone = self.add_matured(&occasion, &mut brought, &mut evidence).await?;
        let kept = self.keep(&occasion, &evidence);
        self.unless_lost(view, round, kept)?;
        let (evaluated, mut standings, state) = self.judge_once(&occasion, brought, standings, &gone).await?;
        let submitted: Vec<Submitted> = entries.iter().map(submitted).collect();
        let declines = take_in(&mut standings, &mechanisms, &evaluated.scores, &submitted);
        forget_withdrawn(&mut standings, &mechanisms, view, self.options.terms.collateral);
        self.forget_gone(&mut standings, view, submits.then_some(&statements));
        let kept = self.keep_judged(view.epoch, round, &standings, &evaluated);
        self.last_judging = started.elapsed();
        self.unless_lost(view, round, kept)?;
        (self.memory.standings, self.memory.subnet) = (standings, state);
        self.memory.waiting.retain(|key, _| !gone.contains(key));
        self.memory.progress.next_round = round + 1;
        let saved = self.save_round(put_off);
        let (epoch, judging) = (view.epoch, self.last_judging);
        self.report_round(view, RoundReport { epoch, round, evaluated, asking, judging }, declines);
        Ok(saved?)
    }

    /// Says that evidence of a round could not be kept. Where the subnet demands proof, that is an error, and the round
    /// counts for nobody: standings that do not follow from evidence would look like a lie.
    fn unless_lost(
        &mut self,
        view: &SubnetView,
        round: u16,
        kept: Result<(), EvidenceError>,
    ) -> Result<(), ValidatorError> {
        let Err(fault) = kept else { return Ok(()) };
        if !demands_proof(view) {
            self.complain(&fault);
            return Ok(());
        }
        let why = fault.to_string();
        let rounds = self.lost_in(view.epoch).map_or(0, |lost| lost.rounds);
        self.lost = Some(LostRounds { epoch: view.epoch, rounds: rounds + 1, why });
        Err(ValidatorError::LostRound { epoch: view.epoch, round, fault })
    }

    /// Lets the subnet ask its judges about what was brought, with half of the patience, so that
    /// time for judging is left.
    async fn consult(
        &self,
        mut brought: Vec<Brought<S>>,
        time: Duration,
    ) -> Result<Vec<Brought<S>>, ValidatorError> {
        let has_judge = |result: &Brought<S>| self.subnet.judge_of(result.mechanism).is_some();
        if !brought.iter().any(has_judge) {
            return Ok(brought);
        }
        let subnet = self.subnet.clone();
        let consulting = tokio::task::spawn_blocking(move || {
            let until = Instant::now() + time;
            for result in brought.iter_mut().filter(|result| subnet.judge_of(result.mechanism).is_some()) {
                result.consult(&*subnet, until.saturating_duration_since(Instant::now()));
            }
            brought
        });
        consulting.await.map_err(|error| ValidatorError::Panicked(error.to_string()))
    }

    /// The bytes from which the salts of an epoch follow, and an asker with them. Without them, if the disk refuses,
    /// requests have salts that nobody keeps, and no task of the round can be deleted.
    fn salted(&self, epoch: u64) -> (Option<EpochSalt>, Asker) {
        match self.evidence.salt(epoch) {
            Ok(salt) => (Some(salt), self.asker.clone().salted(salt)),
            Err(error) => {
                self.complain(&error);
                (None, self.asker.clone().salted(rand::random()))
            }
        }
    }

    async fn statements(&self, occasion: &Occasion) -> Result<Vec<Statement>, ValidatorError> {
        Ok(self.chain.statements(occasion.netuid, occasion.source_hash).await?)
    }

    fn answer(&mut self, customers: Customers<S>, miners: &[Reachable]) {
        if let Some(Err(error)) = self.inbox.as_mut().map(|inbox| inbox.answer(customers, miners)) {
            tracing::warn!(%error, "customers could not be answered");
        }
    }

    /// Keeps what is known before judging: what was asked and answered, and the subnet's state.
    fn keep(
        &mut self,
        &Occasion { epoch, round, .. }: &Occasion,
        evidence: &RoundEvidence,
    ) -> Result<(), EvidenceError> {
        let kept = self.evidence.making_room(&self.due, || {
            self.evidence.try_writing(epoch, round, evidence)?;
            self.evidence.write_state(epoch, round, &self.memory.subnet)
        });
        let within = self.evidence.prune(&self.due);
        if let Err(error) = within.and_then(|()| self.quota.keep(&self.evidence, &self.due)) {
            self.complain(&error);
        }
        kept
    }

    /// Keeps what judging has brought. A round with records is judged, so the records come last.
    fn keep_judged(
        &self,
        epoch: u64,
        round: u16,
        standings: &Standings,
        evaluated: &Evaluated,
    ) -> Result<(), EvidenceError> {
        self.evidence.making_room(&self.due, || {
            self.evidence.write_standings(epoch, round, &self.memory.standings, standings)?;
            let records = evaluated.judged.iter().map(|judged| &judged.record);
            self.evidence.write_records(epoch, round, records)
        })
    }

    /// Judges what a round has brought. If that fails, earlier tasks that were to be judged in it, `gone`, wait no
    /// longer.
    async fn judge_once(
        &mut self,
        occasion: &Occasion,
        brought: Vec<Brought<S>>,
        standings: Standings,
        gone: &BTreeSet<WaitingKey>,
    ) -> Result<(Evaluated, Standings, S::State), ValidatorError> {
        // A round that fails to be judged must leave the subnet's state as it was, so a copy goes out.
        let state = copy_state::<S>(&self.memory.subnet);
        let judged = self.judge(occasion, brought, standings, state).await;
        if judged.is_err() && !gone.is_empty() {
            // A round that cannot be judged must not keep later rounds from being judged.
            self.memory.waiting.retain(|key, _| !gone.contains(key));
            self.store.finish_round(&self.memory, &BTreeMap::new())?;
        }
        judged
    }

    /// Begins to draw the tasks of a round that starts later, unless that is under way.
    ///
    /// The chain and the averages at the start of the round decide which tasks are asked. Tasks for a miner that has
    /// left by then are dropped, and missing ones are drawn then.
    pub(super) async fn draw_ahead(
        &mut self,
        view: &SubnetView,
        round: u16,
        source: u64,
    ) -> Result<(), ValidatorError> {
        let occasion = self.occasion(view, round, source).await?;
        if self.ahead.as_ref().is_some_and(|ahead| *ahead.occasion() == occasion) {
            return Ok(());
        }
        // The tasks of another round are given up before new ones take their room.
        self.ahead = None;
        let mechanisms = self.mechanisms(view);
        let miners = self.miners(view, &occasion, &mechanisms);
        let seeds = self.seeds(&occasion, &miners);
        let load = self.load(&mechanisms, seeds.own(), &miners);
        let further = load.map(|load| load.further(&miners)).unwrap_or_default();
        let plans = self.subnet.tasks();
        let mut orders: Orders = seeds.pieces.into_iter().chain(further).collect();
        orders.retain(|(piece, ..)| !piece.matures(&*self.subnet, &plans));
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let (subnet, state) = (self.subnet.clone(), copy_state::<S>(&self.memory.subnet));
        self.ahead = Some(Ahead::start(subnet, state, occasion, orders, (cores, AHEAD_BYTES)));
        Ok(())
    }

    fn seeds(&self, occasion: &Occasion, miners: &[Reachable]) -> Seeds {
        let hotkeys: Vec<AccountId> = miners.iter().map(|reachable| reachable.miner.hotkey).collect();
        Seeds::draw(&self.subnet.tasks(), occasion, &hotkeys, self.hotkey.inner(), rand::random)
    }

    /// Draws the round's tasks on the mechanisms that are judged.
    fn draw(
        &self,
        occasion: &Occasion,
        miners: &[Reachable],
        mechanisms: &[Mechanism],
        stock: Option<&Stock<S>>,
    ) -> Result<Drawn<S>, SubnetError> {
        let seeds = self.seeds(occasion, miners);
        let mut drawn = draw_from(&*self.subnet, seeds, stock, &self.memory.subnet)?;
        let foreign = &self.foreign_rules.1;
        let on = |task: &DrawnTask<S>| {
            let mechanism = task.plan.mechanism;
            usize::from(mechanism) < mechanisms.len() && !foreign.contains(&mechanism)
        };
        drawn.tasks.retain(on);
        drawn.shared.retain(on);
        Ok(drawn)
    }

    /// Drops the standings of hotkeys that left the subnet or withdrew their submission. A submission is withdrawn if
    /// `statements` of the source block were read and hold no commitment of its hotkey.
    fn forget_gone(&self, standings: &mut Standings, view: &SubnetView, statements: Option<&Vec<Statement>>) {
        standings.retain(|(mechanism, hotkey), standing| {
            let states = |statement: &Statement| {
                statement.hotkey == *hotkey && self.entered(*mechanism, statement).is_some()
            };
            let back = statements.is_some_and(|all| !all.iter().any(states));
            view.by_hotkey(hotkey).is_some() && !(back && standing.since().is_some())
        });
    }

    /// Saves a judged round, with the tasks that wait for their outcome from now on.
    fn save_round(&mut self, put_off: Vec<PutOff>) -> Result<(), StoreError> {
        let mut answers = BTreeMap::new();
        for (key, (waiting, bytes)) in self.keep_waiting(put_off) {
            self.memory.waiting.insert(key, waiting);
            answers.insert(key, bytes);
        }
        self.store.finish_round(&self.memory, &answers)
    }

    /// Adds the tasks of earlier rounds whose outcome is known to the results of a round, and their evidence to its
    /// evidence. Returns the keys of tasks that need not wait any longer.
    async fn add_matured(
        &self,
        occasion: &Occasion,
        brought: &mut Vec<Brought<S>>,
        evidence: &mut RoundEvidence,
    ) -> Result<BTreeSet<WaitingKey>, ValidatorError> {
        let (matured, gone) = self.matured(occasion.source_block).await?;
        let mut earlier = Vec::new();
        for Matured { tasks, answers, miners, asked } in matured {
            let (mechanism, when) = (tasks.mechanism, Some(tasks.asked()));
            earlier.push(Brought { earlier: when, mechanism, miners, asked: asked.into() });
            evidence.take_in(tasks, answers);
        }
        brought.splice(0..0, earlier);
        Ok(gone)
    }

    /// The facts of this validator's round, for the first mechanism.
    fn facts(&self, occasion: &Occasion) -> RoundFacts {
        let &Occasion { netuid, epoch, round, .. } = occasion;
        RoundFacts { netuid, epoch, round, mechanism: 0, signer: self.hotkey.public() }
    }

    /// Requests of customers, for miners whose average is at least half of the best; for every miner as long as no
    /// average is known.
    fn customers(&mut self, miners: &[Reachable]) -> Customers<S> {
        let Some(inbox) = &mut self.inbox else { return Customers::none() };
        let plan_of = |kind| self.subnet.tasks().into_iter().find(|plan| plan.kind == kind);
        let Some(plan) = self.subnet.organic_kind().and_then(plan_of) else { return Customers::none() };
        let average = |reachable: &Reachable| {
            let standing = self.memory.standings.get(&(plan.mechanism, reachable.miner.hotkey));
            standing.map_or(0, |standing| standing.merit().get())
        };
        let averages: Vec<u32> = miners.iter().map(average).collect();
        let best = averages.iter().copied().max().unwrap_or_default();
        let worthy = averages.into_iter().map(|average| average >= best.div_ceil(2)).collect();
        inbox.open(&*self.subnet, plan, worthy).unwrap_or_else(|error| {
            tracing::warn!(%error, "the folder of customers' requests cannot be read");
            Customers::none()
        })
    }

    /// The load that draws further tasks for miners, if a mechanism pays for load.
    fn load(
        &self,
        mechanisms: &[Mechanism],
        own: Vec<(Seed, SeedReference)>,
        miners: &[Reachable],
    ) -> Option<Load<S>> {
        let rules = (0u8..).zip(mechanisms).filter_map(|(mechanism, plan)| match plan.pay {
            Pay::Load(rule) if !self.foreign_rules.1.contains(&mechanism) => Some((mechanism, rule)),
            _ => None,
        });
        let rules: BTreeMap<u8, LoadRule> = rules.collect();
        let sharpness = |mechanism| rules.get(&mechanism).map_or(1, |rule| rule.sharpness);
        let claim = |mechanism, miner: usize| {
            let hotkey = miners.get(miner).map(|reachable| reachable.miner.hotkey);
            let standing = hotkey.and_then(|hotkey| self.memory.standings.get(&(mechanism, hotkey)));
            standing.map(|standing| standing.claim(sharpness(mechanism))).unwrap_or_default()
        };
        let state = || copy_state::<S>(&self.memory.subnet);
        (!rules.is_empty()).then(|| Load::new(self.subnet.clone(), state(), rules.clone(), own, claim))
    }

    /// Fetches submissions, by mechanism.
    async fn fetch(
        &self,
        view: &SubnetView,
        occasion: &Occasion,
        statements: &[Statement],
        patience: Duration,
    ) -> BTreeMap<u8, Vec<Fetched>> {
        let (mut fetched, started) = (BTreeMap::new(), Instant::now());
        for (mechanism, plan) in (0u8..).zip(self.mechanisms(view)) {
            let Some(competition) = competition(occasion, mechanism, &plan) else { continue };
            let contenders = self.contenders(view, occasion, mechanism, statements);
            let left = patience.saturating_sub(started.elapsed());
            fetched.insert(mechanism, fetch::<S>(&competition, &self.shelf(), contenders, left).await);
        }
        fetched
    }

    /// Runs the fetched artefacts.
    async fn compete(
        &self,
        occasion: &Occasion,
        (mechanism, plan): (u8, &Mechanism),
        fetched: Vec<Fetched>,
        tasks: Vec<DrawnTask<S>>,
        standings: &mut Standings,
        until: Instant,
    ) -> Result<Competed<S>, ValidatorError> {
        let (Some(competition), false) = (competition(occasion, mechanism, plan), fetched.is_empty()) else {
            let (miners, asked) = (Vec::new(), unasked(tasks).into());
            let brought = Brought { earlier: None, mechanism, miners, asked };
            return Ok(Competed { entries: Vec::new(), texts: Vec::new(), brought });
        };
        let shelf = self.shelf();
        // Current entries come first, and replaced ones after all of these.
        let (mut entries, mut replaced) = (Vec::new(), Vec::new());
        for submission in fetched {
            let standing = standings.entry((mechanism, submission.contender.miner.hotkey)).or_default();
            let mut all =
                entries_of(&competition, &shelf, submission, standing, occasion.source_block).into_iter();
            entries.extend(all.next());
            replaced.extend(all);
        }
        entries.append(&mut replaced);
        let (_, seed) = occasion.context(Audience::Round).common();
        let first = seed.derive(b"first", mechanism.into()).rng().index(entries.len()).unwrap_or_default();
        let arena = self.arena.clone();
        let running = tokio::task::spawn_blocking(move || {
            let competed = arena.compete(&competition, &shelf, tasks, &entries, first, until);
            (competed, entries)
        });
        let (competed, entries) =
            running.await.map_err(|error| ValidatorError::Panicked(error.to_string()))?;
        let miners = entries.iter().map(|entry| entry.miner).collect();
        let brought = Brought { earlier: None, mechanism, miners, asked: competed.asked.into() };
        Ok(Competed { entries, texts: competed.texts, brought })
    }

    fn shelf(&self) -> Shelf {
        Shelf::new(self.evidence.artefacts())
    }

    /// The round's seed of this validator, which nobody else knows.
    pub(super) fn own_seed(&self, occasion: &Occasion) -> Seed {
        SeedProof::draw(occasion.context(Audience::Round), self.hotkey.inner(), rand::random()).1
    }

    fn is_submitted(&self, mechanism: u8) -> bool {
        contests(&*self.subnet).iter().any(|contest| contest.mechanism == mechanism)
    }

    /// Commitment of a miner on a mechanism; `None` if there is none.
    fn entered(&self, mechanism: u8, statement: &Statement) -> Option<Hash> {
        let contests = contests(&*self.subnet);
        contests.iter().find(|contest| contest.mechanism == mechanism)?.entered(statement)
    }

    /// Miners that had committed long enough before the source block. A miner that commits later is judged by its
    /// earlier commitment: otherwise it could avoid being judged for ever.
    fn contenders(
        &self,
        view: &SubnetView,
        occasion: &Occasion,
        mechanism: u8,
        statements: &[Statement],
    ) -> Vec<Contender> {
        // The miners that are asked again are this validator's secret until it asks.
        let seed = self.own_seed(occasion);
        let contender = |statement: &Statement| {
            let peer =
                view.by_hotkey(&statement.hotkey).filter(|peer| peer.hotkey != self.hotkey.public())?;
            if !self.is_backed(peer) {
                return None;
            }
            let entered = self.entered(mechanism, statement)?;
            let standing = self.memory.standings.get(&(mechanism, peer.hotkey));
            let known = standing.and_then(Standing::current);
            let in_time = occasion.is_settled(statement.block) && occasion.is_settled(peer.registered_at);
            let (commitment, block) = if in_time { (entered, statement.block) } else { known? };
            let missed = standing.is_some_and(|standing| standing.is_awaited(&commitment));
            let drawn = seed.derive(b"again", peer.uid.into()).rng().below(AGAIN) == 0;
            Some(Contender {
                miner: MinerRef { uid: peer.uid, hotkey: peer.hotkey },
                address: peer.axon,
                block,
                commitment,
                again: missed || drawn || !in_time,
                before: known.filter(|(known, _)| *known != commitment),
            })
        };
        statements.iter().filter_map(contender).collect()
    }

    /// Judges the results of every mechanism, on a thread of its own.
    async fn judge(
        &self,
        occasion: &Occasion,
        brought: Vec<Brought<S>>,
        mut standings: Standings,
        mut state: S::State,
    ) -> Result<(Evaluated, Standings, S::State), ValidatorError> {
        let (subnet, rule, facts) = (self.subnet.clone(), self.options.groups, self.facts(occasion));
        let judging = tokio::task::spawn_blocking(move || {
            let mut all = Evaluated::default();
            for Brought { earlier, mechanism, miners, asked } in brought {
                let (facts, epoch) = (RoundFacts { mechanism, ..facts }, facts.epoch);
                let excuse = |hotkey: &AccountId, fault: Fault| {
                    standings.entry((mechanism, *hotkey)).or_default().faults().excuse(fault, epoch)
                };
                let judged = evaluate_round(&*subnet, &facts, &miners, asked, &rule, excuse, &mut state)?;
                all.merge(match earlier {
                    Some(earlier) => judged.of_earlier(earlier),
                    None => judged,
                });
            }
            Ok::<_, EvaluationError>((all, standings, state))
        });
        Ok(judging.await.map_err(|error| ValidatorError::Panicked(error.to_string()))??)
    }

    /// Everybody with an axon, and with the collateral that the rules require, that was registered long enough before
    /// the source block, but not this validator. Nobody if all that is judged is submitted.
    fn miners(&self, view: &SubnetView, occasion: &Occasion, mechanisms: &[Mechanism]) -> Vec<Reachable> {
        if !mechanisms.iter().any(|mechanism| mechanism.mode == Mode::Serve) {
            return Vec::new();
        }
        let eligible = |peer: &&Peer| {
            let is_other = peer.hotkey != self.hotkey.public();
            is_other && occasion.is_settled(peer.registered_at) && self.is_backed(peer)
        };
        let mut miners: Vec<Reachable> = view
            .neurons
            .iter()
            .filter(eligible)
            .filter_map(|peer| {
                let miner = MinerRef { uid: peer.uid, hotkey: peer.hotkey };
                Some(Reachable { miner, address: peer.axon?, signed_bodies: peer.signed_bodies })
            })
            .collect();
        if miners.len() > self.options.most_miners {
            // The choice follows from the round's seed, so a validator cannot choose the miners that it leaves out.
            self.own_seed(occasion).derive(b"peers", 0).rng().shuffle(&mut miners);
            miners.truncate(self.options.most_miners);
            miners.sort_unstable_by_key(|reachable| reachable.miner);
        }
        miners
    }

    fn report_round(&self, view: &SubnetView, last: RoundReport, declines: Vec<(u8, MinerRef, Decline)>) {
        let RoundReport { epoch, round, evaluated, asking, judging } = &last;
        for Judged { record, note } in &evaluated.judged {
            tracing::debug!(note, "{}", record.explain(self.subnet.rubric()));
        }
        let score = |scored: &MinerScore| ((scored.mechanism, scored.miner.uid), scored.score.map(Ppm::get));
        let scores: BTreeMap<(u8, u16), Option<u32>> = evaluated.scores.iter().map(score).collect();
        tracing::info!(epoch, round, ?scores, ?asking, ?judging, "judged a round");
        for (mechanism, miner, decline) in &declines {
            tracing::warn!(epoch, round, mechanism, uid = miner.uid, ?decline, "a miner got worse");
        }
        let at = (*epoch, *round);
        let declines = declines
            .into_iter()
            .map(|(mechanism, miner, decline)| ((mechanism, miner.uid), MinerDecline { miner, at, decline }));
        let standing = |((mechanism, hotkey), standing): (&(u8, AccountId), &Standing)| {
            Some(ValidatorStanding {
                mechanism: *mechanism,
                miner: MinerRef { uid: view.by_hotkey(hotkey)?.uid, hotkey: *hotkey },
                average: standing.merit(),
                rounds: standing.rounds(),
            })
        };
        let mut standings: Vec<_> = self.memory.standings.iter().filter_map(standing).collect();
        standings.sort_unstable_by_key(|standing| (standing.mechanism, standing.miner.uid));
        self.reporter.send_modify(|report| {
            report.last_round = Some(last);
            report.declines.extend(declines);
            report.standings = standings;
        });
    }
}

/// Lets the standing of a miner that withdrew its address or its collateral fade as if it had been asked without an
/// answer. Otherwise one machine could serve under one key after the other and be paid for all of them.
fn forget_withdrawn(standings: &mut Standings, mechanisms: &[Mechanism], view: &SubnetView, collateral: u64) {
    let withdrew = |peer: &Peer| peer.axon.is_none() || peer.collateral < collateral;
    let without = |hotkey| view.by_hotkey(hotkey).is_some_and(withdrew);
    for ((mechanism, hotkey), standing) in standings.iter_mut() {
        let plan = mechanisms.get(usize::from(*mechanism)).filter(|plan| plan.mode == Mode::Serve);
        if let Some(plan) = plan.filter(|_| without(hotkey)) {
            standing.fade(plan);
        }
    }
}

/// The competition of a mechanism that takes submissions.
fn competition(occasion: &Occasion, mechanism: u8, plan: &Mechanism) -> Option<Competition> {
    let Mode::Submit { limits, artefact_limit } = plan.mode else { return None };
    let (genesis, netuid) = (occasion.genesis, occasion.netuid);
    Some(Competition { genesis, netuid, mechanism, limits, artefact_limit })
}

/// The facts about an entry that averages need.
fn submitted((mechanism, entry): &(u8, Entry)) -> Submitted {
    Submitted { mechanism: *mechanism, place: entry.place, commitment: entry.commitment }
}

/// Submissions on one mechanism, and their answers.
struct Competed<S: Subnet> {
    entries: Vec<Entry>,
    texts: Vec<Bytes>,
    brought: Brought<S>,
}

fn unasked<S: Subnet>(tasks: Vec<DrawnTask<S>>) -> Vec<AskedTask<S>> {
    tasks.into_iter().map(|task| AskedTask { task, deliveries: Vec::new() }).collect()
}

/// The tasks of each mechanism, in the order in which they were drawn.
fn by_plan<S: Subnet>(tasks: Vec<DrawnTask<S>>) -> BTreeMap<u8, Vec<DrawnTask<S>>> {
    let mut plans = BTreeMap::<u8, Vec<DrawnTask<S>>>::new();
    for task in tasks {
        plans.entry(task.plan.mechanism).or_default().push(task);
    }
    plans
}

fn by_mechanism<S: Subnet>(
    asked: Vec<AskedTask<S>>,
    mut counted: BTreeMap<u8, Vec<CountedAnswer>>,
    miners: &[MinerRef],
) -> Vec<Brought<S>> {
    let mut plans = BTreeMap::<u8, Vec<AskedTask<S>>>::new();
    for asked_task in asked {
        plans.entry(asked_task.task.plan.mechanism).or_default().push(asked_task);
    }
    let mut brought = |(mechanism, tasks)| {
        let counted = counted.remove(&mechanism).unwrap_or_default();
        Brought {
            earlier: None,
            mechanism,
            miners: miners.to_vec(),
            asked: Asked { tasks, counted, taken: Vec::new() },
        }
    };
    plans.into_iter().map(&mut brought).collect()
}

/// Miners, tasks and submissions of a round, as evidence keeps them.
fn kept_tasks<S: Subnet>(
    (subnet, occasion, salt): (&S, &Occasion, Option<EpochSalt>),
    miners: &[MinerRef],
    entries: &[(u8, Entry)],
    brought: &[Brought<S>],
) -> Result<RoundTasks, SubnetError> {
    let entry = |(mechanism, entry): &(u8, Entry)| KeptEntry {
        mechanism: *mechanism,
        miner: kept_miner(&entry.miner),
        place: entry.place,
        block: entry.block,
        commitment: to_hex(&entry.commitment),
        missing: entry.artefact.as_ref().err().map(|reason| reason.code()),
    };
    let kept = |asked: &AskedTask<S>| {
        let task = kept_task(asked)?;
        let salt = salt.as_ref().filter(|_| subnet.organic_kind() == Some(asked.task.plan.kind));
        Ok(match salt {
            Some(salt) => task.of_customer(salt),
            None => task,
        })
    };
    Ok(RoundTasks {
        miners: miners.iter().map(kept_miner).collect(),
        tasks: brought
            .iter()
            .flat_map(|result| &result.asked.tasks)
            .map(kept)
            .collect::<Result<_, SubnetError>>()?,
        source: Some(kept_source(occasion)),
        entries: entries.iter().map(entry).collect(),
        ..RoundTasks::default()
    })
}

pub(super) fn kept_miner(miner: &MinerRef) -> KeptMiner {
    KeptMiner { uid: miner.uid, hotkey: to_hex(&miner.hotkey) }
}

pub(super) fn kept_source(occasion: &Occasion) -> KeptSource {
    KeptSource {
        genesis: to_hex(&occasion.genesis),
        netuid: occasion.netuid,
        block: occasion.source_block,
        hash: to_hex(&occasion.source_hash),
        value: occasion.source_value.as_ref().map(|value| to_hex(value)),
    }
}

pub(super) fn kept_task<S: Subnet>(asked: &AskedTask<S>) -> Result<KeptTask, SubnetError> {
    let json = |value: serde_json::Result<serde_json::Value>| {
        value.map_err(|error| {
            SubnetError::new("keeping a task", error.to_string(), "let it be written as JSON")
        })
    };
    let task = &asked.task;
    Ok(KeptTask {
        seed: to_hex(&task.seed.0),
        number: task.number,
        kind: task.plan.kind.to_owned(),
        request: json(serde_json::to_value(&task.challenge.request))?,
        hidden: json(serde_json::to_value(&task.challenge.hidden))?,
        customer: None,
    })
}

/// Gives memory back on a thread that may wait for the allocator.
async fn give_back() {
    if let Err(error) = tokio::task::spawn_blocking(crate::memory::give_back).await {
        tracing::debug!(%error, "no memory was given back");
    }
}

/// Copies a state through its saved form; a state that cannot be saved starts afresh, as after a restart.
fn copy_state<S: Subnet>(state: &S::State) -> S::State {
    let saved = serde_json::to_value(state);
    saved.and_then(serde_json::from_value).unwrap_or_default()
}
