//! Judges a round again from its evidence.

use std::collections::HashMap;

use myelin_wire::{
    hash::{from_hex, to_hex},
    record::{Reason, Record},
    seed::Audience,
};

use super::{EvidenceError, EvidenceFolder, KeptTask};
use crate::{
    evaluation::{
        evaluate_round, AskedTask, Delivery, DrawnTask, EvaluationError, GroupRule, Outcome, RoundFacts,
    },
    subnet::{Challenge, MinerRef, Subnet},
};

/// Why a round cannot be judged again.
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
        /// What does not fit.
        what: String,
    },
    /// The subnet broke its contract.
    #[error(transparent)]
    Evaluation(#[from] EvaluationError),
}

/// The records that the round's evidence leads to; they equal those on disk if the validator judged as it says.
///
/// What only the validator saw, whether an answer came in time, and which network fault it excused, is taken from the
/// records; scores, reasons and groups are computed. `state` is the subnet's state before the round.
pub fn replay_round<S: Subnet>(
    subnet: &S,
    folder: &EvidenceFolder,
    epoch: u64,
    round: u16,
    rule: &GroupRule,
    state: &mut S::State,
) -> Result<Vec<Record>, ReplayError> {
    let inconsistent = |what: String| ReplayError::Inconsistent { epoch, round, what };
    let records = folder.records(epoch, round)?;
    let evidence = folder.read(epoch, round)?;
    let Some(any) = records.first() else { return Ok(Vec::new()) };
    let facts = RoundFacts { netuid: any.netuid, epoch, round, signer: any.signer };
    let miners: Option<Vec<MinerRef>> = evidence
        .tasks
        .miners
        .iter()
        .map(|kept| Some(MinerRef { uid: kept.uid, hotkey: from_hex(&kept.hotkey)? }))
        .collect();
    let miners = miners.ok_or_else(|| inconsistent("a hotkey is not 64 hexadecimal digits".into()))?;
    let audiences: HashMap<String, Audience> =
        evidence.seeds.iter().map(|seed| (to_hex(&seed.reference()), seed.context.audience)).collect();

    let mut asked = Vec::new();
    for kept in &evidence.tasks.tasks {
        let audience = audiences.get(&kept.seed).copied();
        let audience = audience.ok_or_else(|| inconsistent(format!("no proof of seed {}", kept.seed)))?;
        let task = read_task(subnet, kept, audience).map_err(&inconsistent)?;
        let mut deliveries = Vec::new();
        for record in records.iter().filter(|record| record.seed == task.seed && record.task == task.number) {
            let miner = miners.iter().position(|miner| record.is_about(&audience, &miner.hotkey));
            let miner =
                miner.ok_or_else(|| inconsistent(format!("uid {} was not asked", record.miner_uid)))?;
            deliveries.push(read_delivery::<S>(folder, record, miner)?);
        }
        asked.push(AskedTask { task, deliveries });
    }
    let evaluated = evaluate_round(subnet, &facts, &miners, asked, rule, |_| false, state)?;
    Ok(evaluated.judged.into_iter().map(|one| one.record).collect())
}

fn read_task<S: Subnet>(subnet: &S, kept: &KeptTask, audience: Audience) -> Result<DrawnTask<S>, String> {
    let plan = subnet.tasks().into_iter().find(|plan| plan.kind == kept.kind);
    let read = |error: serde_json::Error| format!("task {} cannot be read: {error}", kept.number);
    Ok(DrawnTask {
        plan: plan.ok_or_else(|| format!("this version knows no `{}` tasks", kept.kind))?,
        number: kept.number,
        seed: from_hex(&kept.seed).ok_or("a seed reference is not 64 hexadecimal digits")?,
        audience,
        challenge: Challenge {
            request: serde_json::from_value(kept.request.clone()).map_err(read)?,
            hidden: serde_json::from_value(kept.hidden.clone()).map_err(read)?,
        },
    })
}

fn read_delivery<S: Subnet>(
    folder: &EvidenceFolder,
    record: &Record,
    miner: usize,
) -> Result<Delivery<S::Response>, EvidenceError> {
    let outcome = match record.reason {
        // These follow from the answer itself.
        Reason::Scored | Reason::Empty | Reason::Garbage | Reason::Grouped => {
            let text = folder.text(record.epoch, &record.answer)?;
            serde_json::from_slice(&text).map_or(Outcome::Failed(Reason::Malformed), Outcome::Answered)
        }
        seen_by_the_validator => Outcome::Failed(seen_by_the_validator),
    };
    Ok(Delivery {
        miner,
        request: record.request,
        answer: record.answer,
        signed: record.signed,
        commit_place: (record.commit_order != u8::MAX).then_some(record.commit_order),
        latency: record.latency,
        outcome,
    })
}
