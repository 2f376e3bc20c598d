//! One round of a running validator: ask, keep the evidence, judge, remember.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use myelin_wire::{
    hash::to_hex,
    record::Ppm,
    seed::{Audience, SeedProof},
    AccountId,
};

use super::{
    ask::{AskedRound, Reachable},
    draw::{draw_round, Occasion},
    report::{RoundReport, ValidatorStanding},
    runner::{Life, ValidatorError},
    witness::Witness,
};
use crate::{
    chain::{Chain, Peer, SubnetView},
    evaluation::{evaluate_round, AskedTask, Evaluated, EvaluationError, Judged, RoundFacts},
    evidence::{KeptMiner, KeptTask, RoundEvidence, RoundTasks},
    subnet::{MinerRef, Subnet, SubnetError},
};

impl<S: Subnet, C: Chain> Life<S, C> {
    /// Runs a round if this validator may and there is time for it.
    pub(super) async fn try_round(
        &mut self,
        view: &SubnetView,
        round: u16,
        source: u64,
        permit: bool,
    ) -> Result<(), ValidatorError> {
        if !permit {
            tracing::info!(epoch = view.epoch, round, "no validator permit yet, so miners would not answer");
            return Ok(());
        }
        let slot_ms = self.chain.slot_ms().await?;
        let blocks = self.options.timetable.submit_block(view).saturating_sub(view.block);
        let left = Duration::from_millis(blocks.saturating_mul(slot_ms));
        if left < self.last_round_took {
            tracing::info!(epoch = view.epoch, round, ?left, "too little time is left for a round");
            return Ok(());
        }
        let started = Instant::now();
        // Some of the time is needed to open and to judge.
        self.round(view, round, source, left * 6 / 10).await?;
        self.last_round_took = started.elapsed();
        Ok(())
    }

    /// Asks, waiting for answers no longer than `patience`, and judges one round.
    async fn round(
        &mut self,
        view: &SubnetView,
        round: u16,
        source: u64,
        patience: Duration,
    ) -> Result<(), ValidatorError> {
        let occasion = Occasion {
            genesis: self.chain.genesis(),
            netuid: self.options.netuid,
            epoch: view.epoch,
            round,
            source_block: source,
            source_hash: self.chain.block_hash(source).await?,
        };
        let started = Instant::now();
        let miners = self.miners(view, &occasion);
        let hotkeys: Vec<AccountId> = miners.iter().map(|one| one.miner.hotkey).collect();
        let keys = self.hotkey.inner();
        let drawn = draw_round(&*self.subnet, &occasion, &hotkeys, keys, &self.memory.subnet, rand::random)?;
        // Evidence of an earlier attempt at this round, which a restart cut off.
        let earlier = self.evidence.signed(view.epoch, round).unwrap_or_default();
        let mut witness = Witness::remembering(earlier);
        let asked = self.asker.ask(drawn.tasks, &miners, patience, &mut witness).await?;
        let asking = started.elapsed();
        if let Err(error) = self.keep(view.epoch, round, &drawn.seeds, &miners, &asked, &witness) {
            self.complain(&error);
        }

        let started = Instant::now();
        let refs: Vec<MinerRef> = miners.iter().map(|one| one.miner).collect();
        let facts = RoundFacts {
            netuid: self.options.netuid,
            epoch: view.epoch,
            round,
            signer: self.hotkey.public(),
        };
        let (subnet, rule, epoch) = (self.subnet.clone(), self.options.groups, view.epoch);
        let mut standings = self.memory.standings.clone();
        // A round that fails to be judged must leave the subnet's state as it was, so a copy goes out.
        let mut state = copy_state::<S>(&self.memory.subnet);
        let judging = tokio::task::spawn_blocking(move || {
            let excuse = |hotkey: &AccountId| standings.entry(*hotkey).or_default().faults().excuse(epoch);
            let evaluated = evaluate_round(&*subnet, &facts, &refs, asked.asked, &rule, excuse, &mut state)?;
            Ok::<_, EvaluationError>((evaluated, standings, state))
        });
        let (evaluated, mut standings, state) =
            judging.await.map_err(|error| ValidatorError::Panicked(error.to_string()))??;
        for one in &evaluated.scores {
            if let Some(score) = one.score {
                standings.entry(one.miner.hotkey).or_default().update(score, self.options.rate);
            }
        }
        standings.retain(|hotkey, _| view.by_hotkey(hotkey).is_some());
        let records = evaluated.judged.iter().map(|one| &one.record);
        let kept = self.evidence.write_records(epoch, round, records);
        self.memory.standings = standings;
        self.memory.subnet = state;
        self.memory.progress.next_round = round + 1;
        let saved = self.store.finish_round(&self.memory);
        self.report_round(view, round, evaluated, asking, started.elapsed());
        kept?;
        Ok(saved?)
    }

    /// Everybody with an axon that was registered before the source block, but not this validator.
    fn miners(&self, view: &SubnetView, occasion: &Occasion) -> Vec<Reachable> {
        let eligible =
            |peer: &&Peer| peer.hotkey != self.hotkey.public() && peer.registered_at < occasion.source_block;
        let mut miners: Vec<Reachable> = view
            .neurons
            .iter()
            .filter(eligible)
            .filter_map(|peer| {
                let miner = MinerRef { uid: peer.uid, hotkey: peer.hotkey };
                Some(Reachable { miner, address: peer.axon? })
            })
            .collect();
        if miners.len() > self.options.most_miners {
            // The choice follows from the round's seed, so a validator can't leave out whom it likes.
            let context = occasion.context(Audience::Round);
            let (_, seed) = SeedProof::draw(context, self.hotkey.inner(), rand::random());
            seed.derive(b"peers", 0).rng().shuffle(&mut miners);
            miners.truncate(self.options.most_miners);
            miners.sort_unstable_by_key(|one| one.miner);
        }
        miners
    }

    fn keep(
        &self,
        epoch: u64,
        round: u16,
        seeds: &[SeedProof],
        miners: &[Reachable],
        asked: &AskedRound<S>,
        witness: &Witness,
    ) -> Result<(), ValidatorError> {
        let json = |value: serde_json::Result<serde_json::Value>| {
            value.map_err(|error| {
                SubnetError::new("keeping a task", error.to_string(), "let it be written as JSON")
            })
        };
        let task = |one: &AskedTask<S>| {
            Ok::<_, SubnetError>(KeptTask {
                seed: to_hex(&one.task.seed),
                number: one.task.number,
                kind: one.task.plan.kind.to_owned(),
                request: json(serde_json::to_value(&one.task.challenge.request))?,
                hidden: json(serde_json::to_value(&one.task.challenge.hidden))?,
            })
        };
        let miner = |one: &Reachable| KeptMiner { uid: one.miner.uid, hotkey: to_hex(&one.miner.hotkey) };
        let evidence = RoundEvidence {
            seeds: seeds.to_vec(),
            tasks: RoundTasks {
                miners: miners.iter().map(miner).collect(),
                tasks: asked.asked.iter().map(task).collect::<Result<_, _>>()?,
            },
            signed: asked.signed.clone(),
            texts: asked.texts.iter().map(|text| text.to_vec()).collect(),
            equivocations: witness.contradictions().to_vec(),
        };
        Ok(self.evidence.write(epoch, round, &evidence)?)
    }

    fn report_round(
        &self,
        view: &SubnetView,
        round: u16,
        evaluated: Evaluated,
        asking: Duration,
        judging: Duration,
    ) {
        for Judged { record, note } in &evaluated.judged {
            tracing::debug!(note, "{}", record.explain(self.subnet.rubric()));
        }
        let scores: BTreeMap<u16, Option<u32>> =
            evaluated.scores.iter().map(|one| (one.miner.uid, one.score.map(Ppm::get))).collect();
        tracing::info!(epoch = view.epoch, round, ?scores, ?asking, ?judging, "judged a round");
        let standings = view.neurons.iter().filter_map(|peer| {
            let standing = self.memory.standings.get(&peer.hotkey)?;
            Some(ValidatorStanding {
                miner: MinerRef { uid: peer.uid, hotkey: peer.hotkey },
                average: standing.average(),
                rounds: standing.rounds(),
            })
        });
        let standings: Vec<_> = standings.collect();
        let last = RoundReport { epoch: view.epoch, round, evaluated, asking, judging };
        self.reporter.send_modify(|report| {
            report.last_round = Some(last);
            report.standings = standings;
        });
    }
}

/// A copy by way of the form in which it is saved; a state that cannot be saved starts afresh, as after a restart.
fn copy_state<S: Subnet>(state: &S::State) -> S::State {
    let saved = serde_json::to_value(state);
    saved.and_then(serde_json::from_value).unwrap_or_default()
}
