//! Further tasks for a miner that does the tasks it was asked.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    sync::Arc,
};

use myelin_wire::seed::Seed;
use tokio::sync::Semaphore;

use super::{
    ahead::{Orders, Piece, Stock},
    ask::{AskError, Reachable},
};
use crate::{
    evaluation::{
        load::{allot, choose_checked, own_tasks, ranks, Claim, Sequence},
        DrawnTask, LoadRule, SeedReference, Waves,
    },
    subnet::{Subnet, TaskPlan},
};

/// Draws further tasks for the miners of a round, on the mechanisms that pay for load.
pub struct Load<S: Subnet> {
    subnet: Arc<S>,
    state: Arc<S::State>,
    plans: Arc<Vec<TaskPlan>>,
    rules: BTreeMap<u8, LoadRule>,
    seeds: Vec<(Seed, SeedReference)>,
    /// Batches that each miner may get, by mechanism.
    allotted: BTreeMap<u8, Vec<u16>>,
    /// Ranks of the miners, by mechanism.
    ranks: BTreeMap<u8, Vec<usize>>,
    /// Tasks that were drawn before the round.
    stock: Option<Arc<Stock<S>>>,
    /// Drawing computes, so no more at a time than there are cores.
    cores: Arc<Semaphore>,
}

impl<S: Subnet> Load<S> {
    /// Load for miners whose own tasks come from `seeds`, on the mechanisms that have a rule. `claim`
    /// returns the claim of the miner at a place on a mechanism.
    pub fn new(
        subnet: Arc<S>,
        state: S::State,
        rules: BTreeMap<u8, LoadRule>,
        seeds: Vec<(Seed, SeedReference)>,
        claim: impl Fn(u8, usize) -> Claim,
    ) -> Self {
        let plans = Arc::new(subnet.tasks());
        let cores = Arc::new(Semaphore::new(std::thread::available_parallelism().map_or(1, usize::from)));
        let (mut allotted, mut ranked) = (BTreeMap::new(), BTreeMap::new());
        for (mechanism, rule) in &rules {
            let claims: Vec<Claim> = (0..seeds.len()).map(|miner| claim(*mechanism, miner)).collect();
            let batch = own_tasks(&plans).filter(|plan| plan.mechanism == *mechanism).count();
            allotted.insert(*mechanism, allot(rule, batch, &claims));
            ranked.insert(*mechanism, ranks(&claims));
        }
        let state = Arc::new(state);
        Self { subnet, state, plans, rules, seeds, allotted, ranks: ranked, stock: None, cores }
    }

    /// The same with tasks that were drawn before the round.
    pub fn with(self, stock: Option<Arc<Stock<S>>>) -> Self {
        Self { stock, ..self }
    }

    /// Batches that may follow the first ones of `miners`: rank by rank, and within each in the order in which they are
    /// asked.
    pub(super) fn further(&self, miners: &[Reachable]) -> Orders {
        let mut batches = Vec::new();
        for (mechanism, most) in &self.allotted {
            let ranks = self.ranks.get(mechanism).into_iter().flatten();
            for ((miner, most), rank) in most.iter().enumerate().zip(ranks) {
                let place = |batch| (*rank, Waves::of_batch(batch), miner, batch, *mechanism);
                batches.extend((1..*most).map(place));
            }
        }
        batches.sort_unstable();
        let order = |(_, _, miner, batch, mechanism): (usize, u32, usize, u16, u8)| {
            let (seed, reference) = *self.seeds.get(miner)?;
            let hotkey = miners.get(miner)?.miner.hotkey;
            Some((Piece::Own(hotkey, Some(mechanism), batch), seed, reference))
        };
        batches.into_iter().filter_map(order).collect()
    }

    /// Batches that a miner may get on a mechanism.
    pub(super) fn most(&self, mechanism: u8, miner: usize) -> u16 {
        self.allotted.get(&mechanism).and_then(|most| most.get(miner)).copied().unwrap_or(1)
    }

    /// Tasks that a miner may get after its first ones.
    pub(super) fn most_further(&self, miner: usize) -> usize {
        let further = |mechanism: &u8| usize::from(self.most(*mechanism, miner)).saturating_sub(1);
        self.allotted.keys().map(|mechanism| further(mechanism) * self.batch(*mechanism)).sum()
    }

    /// The load rule of a mechanism, if it pays for load.
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

    /// Number of tasks in a batch, those of all mechanisms together.
    pub(super) fn length(&self) -> u16 {
        own_tasks(&self.plans).count().max(1) as u16
    }

    /// The order in which a miner gets its tasks.
    pub(super) fn sequence(&self, miner: usize) -> Option<Sequence> {
        let (_, reference) = self.seeds.get(miner)?;
        Some(Sequence::new(*reference, self.length()))
    }

    /// Draws the batches of a wave for a miner, in its order.
    pub(super) async fn draw(
        &self,
        reachable: &Reachable,
        miner: usize,
        mechanism: u8,
        batches: Range<u16>,
    ) -> Result<Vec<DrawnTask<S>>, AskError> {
        let known = self.seeds.get(miner).copied().zip(self.sequence(miner));
        let Some(((seed, reference), sequence)) = known else { return Ok(Vec::new()) };
        let core = self.cores.clone().acquire_owned().await;
        let (subnet, state, plans) = (self.subnet.clone(), self.state.clone(), self.plans.clone());
        let (stock, hotkey) = (self.stock.clone(), reachable.miner.hotkey);
        let drawing = tokio::task::spawn_blocking(move || {
            let _core = core;
            let mut drawn = Vec::new();
            for batch in batches {
                let piece = Piece::Own(hotkey, Some(mechanism), batch);
                drawn.extend(match stock.as_ref().and_then(|stock| stock.take(&piece)) {
                    Some(tasks) => tasks,
                    None => piece.draw(&*subnet, (&seed, reference), &plans, &state)?,
                });
            }
            drawn.sort_by_cached_key(|task: &DrawnTask<S>| sequence.place(task.number));
            Ok(drawn)
        });
        drawing.await.map_err(|error| AskError::Panicked(error.to_string()))?
    }
}

/// Number of customers' requests of which one may go unanswered before a miner gets no more tasks.
const FORGIVEN: usize = 32;

/// Progress of a miner on a mechanism.
pub(crate) struct Burden {
    waves: Waves,
    wave: u32,
    /// Tasks of the last wave, answered ones among them, and ones without any reply.
    last: usize,
    answered: usize,
    waiting: usize,
    /// Tasks of earlier waves without any reply.
    open: usize,
    /// Requests of customers that are over, and the number of them that the miner did not answer.
    customers: usize,
    unserved: usize,
}

impl Burden {
    /// Progress of a miner that may get `most` batches, after the first wave was sent.
    pub(crate) fn new(most: u16, batch: usize) -> Self {
        let mut waves = Waves::up_to(most);
        waves.next(0, 0, 0);
        Self { waves, wave: 0, last: batch, answered: 0, waiting: batch, open: 0, customers: 0, unserved: 0 }
    }

    /// Counts a request of a customer that is over.
    pub(crate) fn served(&mut self, answered: bool) {
        self.customers += 1;
        self.unserved += usize::from(!answered);
    }

    /// Counts a reply to a task of a batch, and returns the batches to send now.
    pub(crate) fn replied(&mut self, batch: u16, answered: bool, length: usize) -> Option<Range<u16>> {
        if Waves::of_batch(batch) == self.wave {
            self.waiting = self.waiting.saturating_sub(1);
            self.answered += usize::from(answered);
        } else {
            self.open = self.open.saturating_sub(1);
        }
        let refuses_customers = self.unserved > 1 + self.customers / FORGIVEN;
        let next = self.waves.next(self.last, self.answered, self.open + usize::from(refuses_customers))?;
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
    /// Chooses which signed answers are judged, by mechanism, miner and number.
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
            let chosen = choose_checked(rule.judged(self.seeds.len()), *reference, numbers);
            checked.extend(chosen.into_iter().map(|number| (mechanism, miner, number)));
        }
        checked
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Batches sent to a miner that answers every task, and those requests of customers that `answers` selects.
    fn sent(customers: usize, answers: impl Fn(usize) -> bool) -> u16 {
        let mut burden = Burden::new(Waves::MOST_BATCHES, 4);
        (0..customers).for_each(|number| burden.served(answers(number)));
        let mut waves: Vec<_> = std::iter::once(0..1).collect();
        while let Some(wave) = waves.pop() {
            for batch in wave.flat_map(|batch| [batch; 4]) {
                waves.extend(burden.replied(batch, true, 4));
            }
        }
        burden.waves.sent()
    }

    #[test]
    fn a_miner_that_refuses_customers_gets_no_more_load() {
        assert_eq!(sent(0, |_| true), 63);
        assert_eq!(sent(40, |number| number > 1), 63, "two may have been unlucky");
        assert_eq!(sent(40, |number| number > 2), 1);
        assert_eq!(sent(2, |_| false), 1);
    }
}
