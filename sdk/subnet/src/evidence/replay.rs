//! Judges a round again from its evidence.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use myelin_wire::{
    hash::{from_hex, to_hex, Hash},
    record::{Reason, Record},
    seed::{Audience, Seed, SeedContext},
};

use super::{EvidenceError, EvidenceFolder, KeptMiner, KeptTask, RoundTasks};
use crate::{
    evaluation::{
        evaluate_round, Asked, AskedTask, Delivery, DrawnTask, Evaluated, EvaluationError, GroupRule,
        Outcome, RoundFacts, SeedReference, Taken,
    },
    subnet::{Challenge, MinerRef, Mode, Share, Subnet, TaskPlan},
    validator::{
        arena::Arena,
        ask::ENVELOPE_BYTES,
        submissions::{Competition, Entry, Shelf},
    },
};

mod deleted;
mod load;
mod recorded;

pub(super) use deleted::is_unclear;
pub(super) use recorded::Recorded;

/// Time limit of an auditor's run, far above its needs.
const PATIENCE: Duration = Duration::from_secs(24 * 3600);

/// Reason why a round cannot be judged again.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// A file is missing or damaged.
    #[error(transparent)]
    Evidence(#[from] EvidenceError),
    /// The files do not fit together.
    #[error("judging epoch {epoch} round {round} again: {what}")]
    Inconsistent {
        /// The epoch.
        epoch: u64,
        /// The round.
        round: u16,
        /// Description of the mismatch.
        what: String,
    },
    /// The subnet broke its contract.
    #[error(transparent)]
    Evaluation(#[from] EvaluationError),
}

/// The records that the round's evidence leads to; they equal those on disk if the validator judged as it states.
///
/// Some facts only the validator could observe: whether an answer came in time, and which network fault was excused.
/// They are taken from the records. Scores, reasons and groups are computed, and submissions are run again. `state` is
/// the subnet's state before the round.
pub fn replay_round<S: Subnet>(
    subnet: &Arc<S>,
    folder: &EvidenceFolder,
    epoch: u64,
    round: u16,
    rule: &GroupRule,
    state: &mut S::State,
) -> Result<Vec<Record>, ReplayError> {
    let again = evaluate_again(subnet, folder, epoch, round, rule, state)?;
    Ok(again.judged.into_iter().map(|judged| judged.record).collect())
}

/// Like [`replay_round`], with the scores of all miners.
pub(super) fn evaluate_again<S: Subnet>(
    subnet: &Arc<S>,
    folder: &EvidenceFolder,
    epoch: u64,
    round: u16,
    rule: &GroupRule,
    state: &mut S::State,
) -> Result<Evaluated, ReplayError> {
    let inconsistent = |what: String| ReplayError::Inconsistent { epoch, round, what };
    let records = folder.records(epoch, round)?;
    let evidence = folder.read(epoch, round)?;
    let Some(any) = records.first() else { return Ok(Evaluated::default()) };
    let miners = read_miners(evidence.tasks.miners.iter()).map_err(&inconsistent)?;
    let unread = |error: Unread| match error {
        Unread::Text(error) => ReplayError::Evidence(error),
        Unread::Wrong(what) => inconsistent(what),
    };
    let text = |hash: &Hash| folder.text(epoch, hash).map_err(Unread::Text);
    let mut audiences: HashMap<String, Audience> =
        evidence.seeds.iter().map(|seed| (to_hex(&seed.reference()), seed.context.audience)).collect();
    if let Some((common, _)) = common_seed(&evidence.tasks, epoch, round) {
        audiences.insert(to_hex(&common), Audience::Round);
    }

    // Tasks stand in the order in which they were judged, one mechanism after the other.
    let mut groups: Vec<Group<S>> = Vec::new();
    for kept in &evidence.tasks.tasks {
        let plan = plan_of(&**subnet, kept).map_err(&inconsistent)?;
        let mechanism = plan.mechanism;
        let at = groups.iter().position(|group| group.mechanism == mechanism).unwrap_or(groups.len());
        if at + 1 < groups.len() {
            return Err(inconsistent(format!("tasks of mechanism {mechanism} stand apart")));
        }
        if at == groups.len() {
            groups.push(Group { mechanism, tasks: Vec::new(), taken: Vec::new() });
        }
        let Group { tasks, taken, .. } = &mut groups[at];
        if kept.is_deleted() {
            let place = (tasks.len(), plan);
            let more = deleted::taken(&**subnet, kept, place, &audiences, &miners, &records);
            taken.extend(more.map_err(&inconsistent)?);
        } else {
            tasks.push(read_task(&**subnet, kept, &audiences).map_err(&inconsistent)?);
        }
    }
    let mut again = Evaluated::default();
    let facts = RoundFacts { netuid: any.netuid, epoch, round, mechanism: 0, signer: any.signer };
    for earlier in &evidence.tasks.matured {
        let miners = read_miners(earlier.miners.iter()).map_err(&inconsistent)?;
        let asked = read_asked(&**subnet, &earlier.tasks, &audiences, &miners, &records, text);
        let facts = RoundFacts { mechanism: earlier.mechanism, ..facts };
        let asked = asked.map_err(&unread)?;
        let evaluated = evaluate_round(&**subnet, &facts, &miners, asked, rule, |_, _| false, state)?;
        again.merge(evaluated.of_earlier(earlier.asked()));
    }
    for Group { mechanism, tasks, taken } in groups {
        let facts = RoundFacts { mechanism, ..facts };
        let shared = tasks.iter().any(|task| task.plan.share == Share::Network);
        let (miners, asked) = if shared {
            run_again(subnet, folder, &evidence.tasks, &facts, tasks, &records).map_err(&inconsistent)?
        } else {
            let answered = |task| answered(task, &miners, &records, &text).map_err(&unread);
            (miners.clone(), tasks.into_iter().map(answered).collect::<Result<_, _>>()?)
        };
        let asked = Asked { tasks: asked, counted: Vec::new(), taken };
        let counted = load::read_counted(&**subnet, &records, &evidence.signed, &miners, &asked, mechanism)
            .map_err(&inconsistent)?;
        let asked = Asked { counted, ..asked };
        again.merge(evaluate_round(&**subnet, &facts, &miners, asked, rule, |_, _| false, state)?);
    }
    Ok(again)
}

/// Tasks of one mechanism, in the order in which they were judged.
struct Group<S: Subnet> {
    mechanism: u8,
    tasks: Vec<DrawnTask<S>>,
    /// Deliveries of deleted tasks.
    taken: Vec<Taken>,
}

/// Reason why tasks and answers cannot be read.
enum Unread {
    Text(EvidenceError),
    Wrong(String),
}

impl From<String> for Unread {
    fn from(what: String) -> Self {
        Unread::Wrong(what)
    }
}

/// Kept tasks, each with the answers that `records` name; `text` finds an answer by its hash.
pub(crate) fn read_asked<S: Subnet, E: From<String>>(
    subnet: &S,
    kept: &[KeptTask],
    audiences: &HashMap<String, Audience>,
    miners: &[MinerRef],
    records: &[Record],
    text: impl Fn(&Hash) -> Result<Vec<u8>, E>,
) -> Result<Vec<AskedTask<S>>, E> {
    let read = |kept| answered(read_task(subnet, kept, audiences)?, miners, records, &text);
    kept.iter().map(read).collect()
}

/// A task with the answers that `records` name.
fn answered<S: Subnet, E: From<String>>(
    task: DrawnTask<S>,
    miners: &[MinerRef],
    records: &[Record],
    text: &impl Fn(&Hash) -> Result<Vec<u8>, E>,
) -> Result<AskedTask<S>, E> {
    let mut deliveries = Vec::new();
    for record in of_task(records, &task) {
        let miner = whose(record, &task, miners)?;
        deliveries.push(read_delivery::<S, E>(record, miner, task.plan.answer_limit, text)?);
    }
    Ok(AskedTask { task, deliveries })
}

pub(crate) fn read_miners<'a>(kept: impl Iterator<Item = &'a KeptMiner>) -> Result<Vec<MinerRef>, String> {
    let miners = kept.map(|kept| Some(MinerRef { uid: kept.uid, hotkey: from_hex(&kept.hotkey)? }));
    miners.collect::<Option<_>>().ok_or_else(|| "a hotkey is not 64 hexadecimal digits".into())
}

/// The common seed of the network with its reference, if the round's source is kept.
pub(super) fn common_seed(tasks: &RoundTasks, epoch: u64, round: u16) -> Option<([u8; 32], Seed)> {
    let source = tasks.source.as_ref()?;
    let context = SeedContext {
        genesis: from_hex(&source.genesis)?,
        netuid: source.netuid,
        epoch,
        round,
        audience: Audience::Round,
        source_block: source.block,
        source_hash: from_hex(source.drawn_from())?,
    };
    Some(context.common())
}

fn of_task<'a, S: Subnet>(
    records: &'a [Record],
    task: &DrawnTask<S>,
) -> impl Iterator<Item = &'a Record> + use<'a, S> {
    let (SeedReference(seed), number) = (task.seed, task.number);
    records.iter().filter(move |record| record.seed == seed && record.task == number)
}

fn whose<S: Subnet>(record: &Record, task: &DrawnTask<S>, miners: &[MinerRef]) -> Result<usize, String> {
    let miner = miners.iter().position(|miner| record.is_about(&task.audience, &miner.hotkey));
    miner.ok_or_else(|| format!("uid {} was not asked", record.miner_uid))
}

/// Runs submissions on their tasks again. Only the validator could observe that an artefact was not available or not
/// run in time.
fn run_again<S: Subnet>(
    subnet: &Arc<S>,
    folder: &EvidenceFolder,
    kept: &RoundTasks,
    facts: &RoundFacts,
    tasks: Vec<DrawnTask<S>>,
    records: &[Record],
) -> Result<(Vec<MinerRef>, Vec<AskedTask<S>>), String> {
    let mechanisms = subnet.mechanisms();
    let mode = mechanisms.get(usize::from(facts.mechanism)).map(|mechanism| mechanism.mode);
    let Some(Mode::Submit { limits, artefact_limit }) = mode else {
        return Err(format!("mechanism {} takes no submissions in this version", facts.mechanism));
    };
    let genesis = kept.source.as_ref().and_then(|source| from_hex(&source.genesis)).unwrap_or_default();
    let competition =
        Competition { genesis, netuid: facts.netuid, mechanism: facts.mechanism, limits, artefact_limit };
    let shelf = Shelf::new(folder.artefacts());
    let kept = kept.entries.iter().filter(|entry| entry.mechanism == facts.mechanism);
    let miners = read_miners(kept.clone().map(|entry| &entry.miner))?;
    let mut entries = Vec::new();
    for (kept, miner) in kept.zip(&miners) {
        let commitment = from_hex(&kept.commitment).ok_or("a commitment is not 64 hexadecimal digits")?;
        // An artefact that was not available then may be there now.
        let missing = kept.missing.and_then(Reason::from_code);
        let found = || shelf.has(&competition, miner, &commitment);
        let artefact = missing.map_or_else(|| found().ok_or(Reason::Unreachable), Err);
        let (place, block) = (kept.place, kept.block);
        entries.push(Entry { miner: *miner, place, block, commitment, artefact });
    }
    let until = Instant::now() + PATIENCE;
    let mut asked = Arena::new(subnet.clone()).compete(&competition, &shelf, tasks, &entries, 0, until).asked;
    for answered in &mut asked {
        for record in of_task(records, &answered.task) {
            let seen = [Reason::Unreachable, Reason::Excused, Reason::BrokenCommitment];
            let is_it = |entry: &Entry| {
                record.is_about(&answered.task.audience, &entry.miner.hotkey)
                    && record.commit_order == entry.place
            };
            let miner = entries.iter().position(is_it);
            let miner = miner.ok_or_else(|| format!("uid {} has not entered that", record.miner_uid))?;
            let delivery = answered.deliveries.iter_mut().find(|delivery| delivery.miner == miner);
            if entries[miner].artefact.is_err() && record.reason.pays() {
                let commitment = to_hex(&entries[miner].commitment);
                return Err(format!("the artefact of commitment {commitment} is not in the folder"));
            }
            // Only the validator could observe why there was no artefact.
            let seen = seen.contains(&record.reason) || entries[miner].artefact.is_err();
            let Some(delivery) = delivery.filter(|_| seen) else { continue };
            (delivery.answer, delivery.latency) = (record.answer, record.latency);
            delivery.outcome = Outcome::Failed(record.reason);
        }
    }
    Ok((miners, asked))
}

fn plan_of<S: Subnet>(subnet: &S, kept: &KeptTask) -> Result<TaskPlan, String> {
    let plan = subnet.tasks().into_iter().find(|plan| plan.kind == kept.kind);
    plan.ok_or_else(|| format!("this version knows no `{}` tasks", kept.kind))
}

fn audience_of(kept: &KeptTask, audiences: &HashMap<String, Audience>) -> Result<Audience, String> {
    let audience = audiences.get(&kept.seed).copied();
    audience.ok_or_else(|| format!("no proof of seed {}", kept.seed))
}

fn seed_of(kept: &KeptTask) -> Result<SeedReference, String> {
    let seed = from_hex(&kept.seed).ok_or("a seed reference is not 64 hexadecimal digits")?;
    Ok(SeedReference(seed))
}

fn read_task<S: Subnet>(
    subnet: &S,
    kept: &KeptTask,
    audiences: &HashMap<String, Audience>,
) -> Result<DrawnTask<S>, String> {
    let audience = audience_of(kept, audiences)?;
    let read = |error: serde_json::Error| format!("task {} cannot be read: {error}", kept.number);
    Ok(DrawnTask {
        plan: plan_of(subnet, kept)?,
        number: kept.number,
        seed: seed_of(kept)?,
        audience,
        challenge: Challenge {
            request: serde_json::from_value(kept.request.clone()).map_err(read)?,
            hidden: serde_json::from_value(kept.hidden.clone()).map_err(read)?,
        },
    })
}

fn read_delivery<S: Subnet, E>(
    record: &Record,
    miner: usize,
    answer_limit: usize,
    text: &impl Fn(&Hash) -> Result<Vec<u8>, E>,
) -> Result<Delivery<S::Response>, E> {
    let came = record.answer != [0; 32];
    let read = || -> Result<_, E> {
        let text = text(&record.answer)?;
        let fits = text.len() <= answer_limit + ENVELOPE_BYTES;
        Ok(fits.then(|| serde_json::from_slice(&text).ok()))
    };
    let outcome = match record.reason {
        // These reasons follow from the answer itself.
        Reason::Scored | Reason::Empty | Reason::Garbage | Reason::Grouped | Reason::TooFast => match read()?
        {
            Some(Some(response)) => Outcome::Answered(response),
            Some(None) => Outcome::Failed(Reason::Malformed),
            None => Outcome::Failed(Reason::Oversize),
        },
        // These reasons follow from the answer if the subnet gave them. The protocol gives them for an answer that has
        // no form, is too long or did not come.
        reason @ (Reason::Malformed | Reason::Oversize | Reason::Excused) if came => {
            read()?.flatten().map_or(Outcome::Failed(reason), Outcome::Answered)
        }
        seen_by_the_validator => Outcome::Failed(seen_by_the_validator),
    };
    Ok(delivered(record, miner, outcome))
}

/// The delivery that a record describes, with this outcome.
fn delivered<R>(record: &Record, miner: usize, outcome: Outcome<R>) -> Delivery<R> {
    Delivery {
        miner,
        request: record.request,
        answer: record.answer,
        signed: record.signed,
        commit_place: (record.commit_order != u8::MAX).then_some(record.commit_order),
        latency: record.latency,
        outcome,
    }
}
