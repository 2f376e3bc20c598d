//! Deferred tasks of a validator: taken out of a round, kept, and judged in a later round once their outcome is known.
//!
//! [`Maturity::decide`](crate::evaluation::Maturity::decide) alone determines when they are judged. Until then tasks
//! and answers wait in the database, within a limit of bytes; the saved round that judges them also removes them.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    panic::{catch_unwind, AssertUnwindSafe},
    sync::Arc,
};

use bytes::Bytes;
use myelin_wire::{
    hash::{blake2_256, to_hex},
    seed::{challenge_id, Audience},
};
use serde::{Deserialize, Serialize};

use super::{
    ask::AskedRound,
    draw::Occasion,
    round::{kept_miner, kept_source, kept_task},
    runner::{Life, ValidatorError},
};
use crate::{
    chain::Chain,
    evaluation::{waiting_records, AskedTask, Decision, Maturity, RoundFacts},
    evidence::{read_asked, read_miners, DeferredAnswers, DeferredTasks, KeptTask, RoundEvidence},
    subnet::{Challenge, MinerRef, Subnet, SubnetError},
};

/// Groups of tasks that are judged in one round at most, the oldest first: after a long silence many are due.
const AT_ONCE: usize = 16;

/// Epoch and round in which tasks were asked, and their number among the groups of that round.
pub type WaitingKey = (u64, u16, u16);

/// Tasks that wait for their outcome.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Waiting {
    /// The tasks.
    pub tasks: DeferredTasks,
    /// Time until their outcome is known.
    pub maturity: Maturity,
    /// Bytes of tasks and answers.
    pub bytes: u64,
}

/// Tasks with their answers, on the way into the database.
pub(super) struct PutOff {
    pub(super) tasks: DeferredTasks,
    maturity: Maturity,
    answers: DeferredAnswers,
}

/// Tasks of an earlier round whose outcome is known.
pub(super) struct Matured<S: Subnet> {
    pub(super) tasks: DeferredTasks,
    pub(super) answers: DeferredAnswers,
    pub(super) miners: Vec<MinerRef>,
    pub(super) asked: Vec<AskedTask<S>>,
}

/// Answers that found no room.
#[derive(Debug, thiserror::Error)]
#[error(
    "{bytes} bytes of answers that would be judged later found no room beside {held}, so they count for nobody; allow \
     more than {most} bytes of deferred answers"
)]
struct NoRoom {
    bytes: u64,
    held: u64,
    most: u64,
}

/// Tasks that wait and cannot be judged any more.
#[derive(Debug, thiserror::Error)]
#[error("tasks of epoch {epoch} round {round} are given up, and count for nobody: {why}")]
struct GivenUp {
    epoch: u64,
    round: u16,
    why: String,
}

/// Takes the deferred tasks out of a round, one group for each mechanism and maturity. Their texts go along; their
/// signatures stay, so that the round's evidence still covers their answers.
pub(super) fn put_off<S: Subnet>(
    subnet: &S,
    occasion: &Occasion,
    facts: &RoundFacts,
    miners: &[MinerRef],
    asked: &mut AskedRound<S>,
    evidence: &RoundEvidence,
) -> Result<Vec<PutOff>, SubnetError> {
    let mut groups = BTreeMap::<(u8, Maturity), Vec<AskedTask<S>>>::new();
    let mut now = Vec::new();
    for asked_task in std::mem::take(&mut asked.asked) {
        let plan = &asked_task.task.plan;
        match subnet.maturity(plan) {
            Some(maturity) => groups.entry((plan.mechanism, maturity)).or_default().push(asked_task),
            None => now.push(asked_task),
        }
    }
    let hashes = |tasks: &[AskedTask<S>]| -> HashSet<[u8; 32]> {
        let deliveries = tasks.iter().flat_map(|asked| &asked.deliveries);
        deliveries.flat_map(|delivery| [delivery.request, delivery.answer]).collect()
    };
    let mut put_off = Vec::new();
    if !groups.is_empty() {
        let texts: HashMap<[u8; 32], Bytes> =
            std::mem::take(&mut asked.texts).into_iter().map(|text| (blake2_256(&text), text)).collect();
        let of = |hashes: &HashSet<[u8; 32]>| {
            let mut found: Vec<Bytes> = hashes.iter().filter_map(|hash| texts.get(hash).cloned()).collect();
            found.sort_unstable();
            found
        };
        asked.texts = of(&hashes(&now));
        for ((mechanism, maturity), tasks) in groups {
            let texts = of(&hashes(&tasks));
            let facts = RoundFacts { mechanism, ..*facts };
            let answers = answers_to(subnet, &facts, miners, &tasks, texts, evidence);
            let tasks = DeferredTasks {
                epoch: occasion.epoch,
                round: occasion.round,
                mechanism,
                source: kept_source(occasion),
                miners: miners.iter().map(kept_miner).collect(),
                tasks: tasks.iter().map(kept_task).collect::<Result<_, _>>()?,
            };
            put_off.push(PutOff { tasks, maturity, answers });
        }
    }
    asked.asked = now;
    Ok(put_off)
}

/// The answers to `tasks`, with the parts of the round's `evidence` that concern them.
fn answers_to<S: Subnet>(
    subnet: &S,
    facts: &RoundFacts,
    miners: &[MinerRef],
    tasks: &[AskedTask<S>],
    texts: Vec<Bytes>,
    evidence: &RoundEvidence,
) -> DeferredAnswers {
    let seeds: HashSet<[u8; 32]> = tasks.iter().map(|asked| asked.task.seed.0).collect();
    let challenges: HashSet<[u8; 32]> = tasks
        .iter()
        .map(|asked| challenge_id(&asked.task.seed.0, asked.task.number, &facts.signer))
        .collect();
    let seeds = evidence.seeds.iter().filter(|seed| seeds.contains(&seed.reference()));
    let signed = evidence.signed.iter().filter(|answer| challenges.contains(&answer.claim.challenge_id));
    let pairs = evidence.equivocations.iter();
    DeferredAnswers {
        records: waiting_records(subnet, facts, miners, tasks),
        seeds: seeds.cloned().collect(),
        signed: signed.copied().collect(),
        equivocations: pairs
            .filter(|pair| challenges.contains(&pair.first.claim.challenge_id))
            .cloned()
            .collect(),
        texts,
    }
}

impl<S: Subnet, C: Chain> Life<S, C> {
    /// The deferred tasks that find room, with the bytes of their answers.
    pub(super) fn keep_waiting(&self, put_off: Vec<PutOff>) -> BTreeMap<WaitingKey, (Waiting, Vec<u8>)> {
        let most = self.options.deferred_bytes;
        let mut held: u64 = self.memory.waiting.values().map(|group| group.bytes).sum();
        let mut kept = BTreeMap::new();
        for (part, PutOff { tasks, maturity, answers }) in (0..).zip(put_off) {
            let (epoch, round) = (tasks.epoch, tasks.round);
            let answers = match answers.to_bytes() {
                Ok(answers) => answers,
                Err(why) => {
                    self.complain(&GivenUp { epoch, round, why });
                    continue;
                }
            };
            let bytes = (answers.len() + serde_json::to_vec(&tasks).map_or(0, |json| json.len())) as u64;
            if held + bytes > most {
                self.complain(&NoRoom { bytes, held, most });
                continue;
            }
            held += bytes;
            kept.insert((epoch, round, part), (Waiting { tasks, maturity, bytes }, answers));
        }
        kept
    }

    /// Tasks whose outcome is known at block `now`, and the keys of all tasks that need not wait any longer.
    pub(super) async fn matured(
        &self,
        now: u64,
    ) -> Result<(Vec<Matured<S>>, BTreeSet<WaitingKey>), ValidatorError> {
        let (mut matured, mut gone) = (Vec::new(), BTreeSet::new());
        for (key, waiting) in &self.memory.waiting {
            let Waiting { tasks, maturity, .. } = waiting;
            let asked = tasks.source.block;
            if matured.len() == AT_ONCE || now < maturity.due(asked) {
                continue;
            }
            let all = tasks.tasks.len();
            let settled = match self.foreign_rules.1.contains(&tasks.mechanism) {
                // Other rules than ours are in force there.
                true => Vec::new(),
                false => self.settle(tasks).await?,
            };
            let why = match maturity.decide(asked, now, settled.len(), all) {
                Decision::Wait => continue,
                Decision::Drop => Err("no outcome was known in time".to_owned()),
                Decision::Judge => {
                    if settled.len() < all {
                        tracing::warn!(
                            ?key,
                            known = settled.len(),
                            all,
                            "some outcomes were not known in time"
                        );
                    }
                    self.load_answers(key, DeferredTasks { tasks: settled, ..tasks.clone() })
                }
            };
            gone.insert(*key);
            match why {
                Ok(group) => matured.push(group),
                Err(why) => self.complain(&GivenUp { epoch: tasks.epoch, round: tasks.round, why }),
            }
        }
        Ok((matured, gone))
    }

    /// Asks the subnet for outcomes, on a thread that may block. Returns the tasks whose outcome is known, which is now
    /// their hidden part.
    async fn settle(&self, tasks: &DeferredTasks) -> Result<Vec<KeptTask>, ValidatorError> {
        let (subnet, tasks): (Arc<S>, _) = (self.subnet.clone(), tasks.clone());
        let settling = tokio::task::spawn_blocking(move || {
            let settle = |task: &KeptTask| {
                let settled = catch_unwind(AssertUnwindSafe(|| settle(&*subnet, &tasks, task)));
                settled.unwrap_or_else(|_| {
                    tracing::error!(
                        kind = task.kind,
                        "the subnet's code panicked when it was asked for an outcome"
                    );
                    None
                })
            };
            tasks.tasks.iter().filter_map(settle).collect()
        });
        settling.await.map_err(|error| ValidatorError::Panicked(error.to_string()))
    }

    /// The answers to settled tasks. The error describes their defect.
    fn load_answers(&self, key: &WaitingKey, tasks: DeferredTasks) -> Result<Matured<S>, String> {
        let bytes = self.store.answers(key).map_err(|error| error.to_string())?;
        let answers = DeferredAnswers::from_bytes(&bytes.ok_or("their answers are not in the database")?)?;
        let miners = read_miners(tasks.miners.iter())?;
        let audiences: HashMap<String, Audience> =
            answers.seeds.iter().map(|seed| (to_hex(&seed.reference()), seed.context.audience)).collect();
        let texts: HashMap<[u8; 32], &Bytes> =
            answers.texts.iter().map(|text| (blake2_256(text), text)).collect();
        let text =
            |hash: &[u8; 32]| texts.get(hash).map(|text| text.to_vec()).ok_or("a text is missing".to_owned());
        let asked = read_asked(&*self.subnet, &tasks.tasks, &audiences, &miners, &answers.records, text)?;
        Ok(Matured { tasks, answers, miners, asked })
    }
}

/// The task with its outcome, if that is known.
fn settle<S: Subnet>(subnet: &S, tasks: &DeferredTasks, task: &KeptTask) -> Option<KeptTask> {
    let plan = subnet.tasks().into_iter().find(|plan| plan.kind == task.kind)?;
    let challenge = Challenge {
        request: serde_json::from_value(task.request.clone()).ok()?,
        hidden: serde_json::from_value(task.hidden.clone()).ok()?,
    };
    let outcome = subnet.settle(&plan, &tasks.asked(), &challenge)?;
    Some(KeptTask { hidden: serde_json::to_value(outcome).ok()?, ..task.clone() })
}
