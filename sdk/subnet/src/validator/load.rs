//! What more a miner is asked while it gets done what it was asked.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    sync::Arc,
};

use myelin_wire::seed::{Audience, Seed};
use tokio::sync::Semaphore;

use super::{
    ask::{AskError, Reachable},
    draw::draw_batch,
};
use crate::{
    evaluation::{
        load::{choose_checked, own_tasks, Sequence},
        DrawnTask, LoadRule, Waves,
    },
    subnet::{Share, Subnet, TaskPlan},
};

/// Draws further tasks for the miners of a round, on the mechanisms that pay for load.
pub struct Load<S: Subnet> {
    subnet: Arc<S>,
    state: Arc<S::State>,
    plans: Arc<Vec<TaskPlan>>,
    rules: BTreeMap<u8, LoadRule>,
    seeds: Vec<(Seed, [u8; 32])>,
    /// Drawing computes, so no more at a time than there are cores.
    cores: Arc<Semaphore>,
}

impl<S: Subnet> Load<S> {
    /// For miners whose own tasks come from `seeds`, on the mechanisms that have a rule.
    pub fn new(
        subnet: Arc<S>,
        state: S::State,
        rules: BTreeMap<u8, LoadRule>,
        seeds: Vec<(Seed, [u8; 32])>,
    ) -> Self {
        let plans = Arc::new(subnet.tasks());
        let cores = Arc::new(Semaphore::new(std::thread::available_parallelism().map_or(1, usize::from)));
        Self { subnet, state: Arc::new(state), plans, rules, seeds, cores }
    }

    /// How a mechanism is loaded, if it is.
    pub(super) fn rule(&self, mechanism: u8) -> Option<&LoadRule> {
        self.rules.get(&mechanism)
    }

    /// Tasks of a mechanism in a batch.
    pub(super) fn batch(&self, mechanism: u8) -> usize {
        own_tasks(&self.plans).filter(|plan| plan.mechanism == mechanism).count()
    }

    /// The batch to which a task belongs.
    pub(super) fn batch_of(&self, number: u16) -> u16 {
        number / self.length()
    }

    /// Numbers of a batch, those of other mechanisms with them.
    pub(super) fn length(&self) -> u16 {
        own_tasks(&self.plans).count().max(1) as u16
    }

    /// The order in which a miner gets the tasks of a mechanism.
    pub(super) fn sequence(&self, mechanism: u8, miner: usize) -> Option<Sequence> {
        let (rule, (_, reference)) = self.rules.get(&mechanism).zip(self.seeds.get(miner))?;
        let waves = Waves::new(rule, self.seeds.len(), self.batch(mechanism));
        Some(Sequence::new(*reference, waves, self.length()))
    }

    /// Draws the batches of a wave for a miner, in its order.
    pub(super) async fn draw(
        &self,
        one: &Reachable,
        miner: usize,
        mechanism: u8,
        batches: Range<u16>,
    ) -> Result<Vec<DrawnTask<S>>, AskError> {
        let known = self.seeds.get(miner).copied().zip(self.sequence(mechanism, miner));
        let Some(((seed, reference), sequence)) = known else { return Ok(Vec::new()) };
        let core = self.cores.clone().acquire_owned().await;
        let (subnet, state, plans) = (self.subnet.clone(), self.state.clone(), self.plans.clone());
        let audience = Audience::Miner(one.miner.hotkey);
        let drawing = tokio::task::spawn_blocking(move || {
            let _core = core;
            let own: Vec<&TaskPlan> = plans.iter().filter(|plan| plan.share == Share::Miner).collect();
            let wanted = |plan: &TaskPlan| plan.mechanism == mechanism;
            let mut drawn = Vec::new();
            for batch in batches {
                drawn.extend(draw_batch(
                    &*subnet,
                    (&seed, reference),
                    audience,
                    &own,
                    batch,
                    wanted,
                    &state,
                )?);
            }
            drawn.sort_by_cached_key(|task: &DrawnTask<S>| sequence.place(task.number));
            Ok(drawn)
        });
        drawing.await.map_err(|error| AskError::Panicked(error.to_string()))?
    }
}

/// How far a miner has come on a mechanism.
pub(crate) struct Burden {
    waves: Waves,
    wave: u32,
    /// Tasks of the last wave, those of them that were answered, and those without any reply.
    last: usize,
    answered: usize,
    waiting: usize,
    /// Tasks of earlier waves without any reply.
    open: usize,
}

impl Burden {
    /// The first wave was sent.
    pub(crate) fn new(rule: &LoadRule, miners: usize, batch: usize) -> Self {
        let mut waves = Waves::new(rule, miners, batch);
        waves.next(0, 0, 0);
        Self { waves, wave: 0, last: batch, answered: 0, waiting: batch, open: 0 }
    }

    /// Takes in a reply to a task of a batch, and says which batches to send now.
    pub(crate) fn replied(&mut self, batch: u16, answered: bool, length: usize) -> Option<Range<u16>> {
        if Waves::of_batch(batch) == self.wave {
            self.waiting = self.waiting.saturating_sub(1);
            self.answered += usize::from(answered);
        } else {
            self.open = self.open.saturating_sub(1);
        }
        let next = self.waves.next(self.last, self.answered, self.open)?;
        self.open += self.waiting;
        self.wave += 1;
        self.last = next.len() * length;
        (self.waiting, self.answered) = (self.last, 0);
        Some(next)
    }

    /// Number of the first task that was not sent, of batches of `length`.
    #[cfg(feature = "testkit")]
    pub(crate) fn sent(&self, length: usize) -> u16 {
        self.waves.sent() * length as u16
    }
}

impl<S: Subnet> Load<S> {
    /// Which answers are judged, by mechanism, miner and number, of those that came signed.
    pub(super) fn checked(
        &self,
        answered: impl Iterator<Item = (u8, usize, u16)>,
    ) -> BTreeSet<(u8, usize, u16)> {
        let mut numbers = BTreeMap::<(u8, usize), Vec<u16>>::new();
        for (mechanism, miner, number) in answered {
            numbers.entry((mechanism, miner)).or_default().push(number);
        }
        let mut checked = BTreeSet::new();
        for ((mechanism, miner), numbers) in numbers {
            let Some((rule, (_, reference))) = self.rules.get(&mechanism).zip(self.seeds.get(miner)) else {
                continue;
            };
            let chosen = choose_checked(rule, *reference, numbers);
            checked.extend(chosen.into_iter().map(|number| (mechanism, miner, number)));
        }
        checked
    }
}
