//! Scores of a round by its records alone, without the texts.
//!
//! Records say how each answer was judged. The miners' scores of the round follow from them, the list of tasks and the
//! rules. So a third party finds the scores without judging anything again, as an auditor does for tasks whose texts
//! were deleted.

use std::collections::{HashMap, HashSet};

use myelin_wire::{
    hash::from_hex,
    record::{miner_digest, Reason, Record},
    seed::{Audience, SeedProof},
};

use super::{
    deleted::{by_record, is_unclear},
    load::counted_by_record,
    read_miners,
};
use crate::{
    evaluation::{evaluate_round, load::own_tasks, Asked, GroupRule, MinerScore, RoundFacts},
    evidence::{KeptMiner, OutlinedTask, RoundOutline},
    subnet::{Mechanism, MinerRef, Mode, Pay, Share, Subnet, TaskPlan},
};

/// Limit on the miners of a round, above the number that a subnet can have.
const MOST_MINERS: usize = 4_096;

/// A round as its records and its list of tasks tell it.
pub(in crate::evidence) struct Recorded<'a> {
    /// Miners and tasks.
    pub outline: &'a RoundOutline,
    /// The seeds of the tasks.
    pub seeds: &'a [SeedProof],
    /// The records.
    pub records: &'a [Record],
}

impl Recorded<'_> {
    /// Scores of a mechanism's miners, in the order in which they enter the averages. The error says why records alone
    /// do not tell them.
    pub fn scores<S: Subnet>(&self, subnet: &S, mechanism: u8) -> Result<Vec<MinerScore>, String> {
        let Some(any) = self.records.first() else { return Err("the round has no records".into()) };
        let plans = subnet.tasks();
        let mechanisms = subnet.mechanisms();
        let plan = mechanisms.get(usize::from(mechanism)).ok_or("this version knows no such mechanism")?;
        self.check_pay((mechanism, plan), &plans)?;
        let facts = RoundFacts {
            netuid: any.netuid,
            epoch: any.epoch,
            round: any.round,
            mechanism,
            signer: any.signer,
        };
        let sheet = Sheet::of(self);
        let mut scores = Vec::new();
        for earlier in self.outline.matured.iter().filter(|matured| matured.mechanism == mechanism) {
            scores.extend(sheet.evaluate(subnet, &facts, &earlier.miners, &plans, earlier.tasks.iter())?);
        }
        let is_of = |task: &&OutlinedTask| {
            plans.iter().any(|plan| plan.kind == task.kind && plan.mechanism == mechanism)
        };
        let own: Vec<&OutlinedTask> = self.outline.tasks.iter().filter(is_of).collect();
        if !own.is_empty() {
            scores.extend(sheet.evaluate(subnet, &facts, &self.outline.miners, &plans, own.into_iter())?);
        }
        Ok(scores)
    }

    /// Digests of the miners whose scores of the round only a text tells.
    pub fn unclear(&self) -> HashSet<[u8; 16]> {
        self.records.iter().filter(|record| is_unclear(record)).map(|record| record.miner).collect()
    }

    /// Refuses mechanisms whose scores follow from more than the records, and tasks that are numbered otherwise.
    fn check_pay(&self, (mechanism, plan): (u8, &Mechanism), plans: &[TaskPlan]) -> Result<(), String> {
        match (plan.mode, plan.pay) {
            (Mode::Serve, Pay::Power(_) | Pay::Window(_)) => Ok(()),
            (Mode::Serve, Pay::Load(_)) => self.check_batches(mechanism, plans),
            _ => Err("scores of submissions and of agreement follow from more than the records".into()),
        }
    }

    /// The numbers of the tasks that a miner has alone are those of batches as this version has them, on one mechanism.
    fn check_batches(&self, mechanism: u8, plans: &[TaskPlan]) -> Result<(), String> {
        let batch: Vec<&TaskPlan> = own_tasks(plans).collect();
        let apart = batch.iter().any(|plan| plan.mechanism != mechanism);
        let kind = |number: u16| {
            let at = usize::from(number).checked_rem(batch.len())?;
            Some(batch[at].kind)
        };
        let is_own = |task: &&OutlinedTask| {
            plans.iter().any(|plan| plan.kind == task.kind && plan.share == Share::Miner)
        };
        let odd =
            self.outline.tasks.iter().filter(is_own).find(|task| kind(task.number) != Some(&*task.kind));
        match (apart, odd) {
            (false, None) => Ok(()),
            (true, _) => Err("tasks that miners have alone belong to several mechanisms".into()),
            (_, Some(task)) => Err(format!("task {} has another number than in this version", task.number)),
        }
    }
}

/// The records of a round by task.
struct Sheet<'a> {
    records: &'a [Record],
    by_task: HashMap<([u8; 32], u16), Vec<&'a Record>>,
    audiences: HashMap<[u8; 32], Audience>,
}

impl<'a> Sheet<'a> {
    fn of(recorded: &Recorded<'a>) -> Self {
        let mut by_task: HashMap<_, Vec<&Record>> = HashMap::new();
        for record in recorded.records.iter().filter(|record| record.reason != Reason::Counted) {
            by_task.entry((record.seed, record.task)).or_default().push(record);
        }
        let audience = |seed: &SeedProof| (seed.reference(), seed.context.audience);
        let audiences = recorded.seeds.iter().map(audience).collect();
        Self { records: recorded.records, by_task, audiences }
    }

    /// Scores of these tasks, all of the mechanism that `facts` name.
    fn evaluate<'t, S: Subnet>(
        &self,
        subnet: &S,
        facts: &RoundFacts,
        miners: &[KeptMiner],
        plans: &[TaskPlan],
        tasks: impl Iterator<Item = &'t OutlinedTask>,
    ) -> Result<Vec<MinerScore>, String> {
        if miners.len() > MOST_MINERS {
            return Err(format!("{} miners are more than a subnet has", miners.len()));
        }
        let miners = read_miners(miners.iter())?;
        let places: HashMap<[u8; 16], usize> =
            (0..).zip(&miners).map(|(at, miner)| (miner_digest(&miner.hotkey), at)).collect();
        let mut taken = Vec::new();
        for task in tasks {
            let plan = plans.iter().find(|plan| plan.kind == task.kind);
            let plan = plan.ok_or_else(|| format!("this version knows no `{}` tasks", task.kind))?;
            let seed: [u8; 32] =
                from_hex(&task.seed).ok_or("a seed reference is not 64 hexadecimal digits")?;
            let audience = self.audiences.get(&seed);
            let audience = audience.ok_or_else(|| format!("no proof of seed {}", task.seed))?;
            let mut of_task = Vec::new();
            for record in self.by_task.get(&(seed, task.number)).into_iter().flatten() {
                let miner = place(record, audience, &miners, &places)?;
                of_task.push(by_record(Record::clone(record), miner, (0, plan)));
            }
            of_task.sort_by_key(|answer| answer.delivery.miner);
            taken.extend(of_task);
        }
        let pays_load = |mechanism: &Mechanism| matches!(mechanism.pay, Pay::Load(_));
        let counted = match subnet.mechanisms().get(usize::from(facts.mechanism)).is_some_and(pays_load) {
            false => Vec::new(),
            true => {
                let batch: Vec<&TaskPlan> = own_tasks(plans).collect();
                let alone = |record: &Record| {
                    let at = places.get(&record.miner).copied();
                    let at = at.filter(|at| record.audience == Audience::Miner(miners[*at].hotkey).tag());
                    at.ok_or_else(|| format!("uid {} was not asked", record.miner_uid))
                };
                counted_by_record(self.records, &batch, alone)?
            }
        };
        let asked: Asked<S> = Asked { tasks: Vec::new(), counted, taken };
        let (rule, mut state) = (GroupRule::default(), S::State::default());
        let evaluated = evaluate_round(subnet, facts, &miners, asked, &rule, |_, _| false, &mut state);
        Ok(evaluated.map_err(|error| error.to_string())?.scores)
    }
}

/// Index of the miner that a record is about, if it was asked.
fn place(
    record: &Record,
    audience: &Audience,
    miners: &[MinerRef],
    places: &HashMap<[u8; 16], usize>,
) -> Result<usize, String> {
    let at = places.get(&record.miner).copied();
    let at = at.filter(|at| record.is_about(audience, &miners[*at].hotkey));
    at.ok_or_else(|| format!("uid {} was not asked", record.miner_uid))
}
