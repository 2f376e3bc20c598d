//! Checks of an auditor on tasks that were asked in an earlier round.

use std::collections::{HashMap, HashSet};

use myelin_wire::{
    answer::SignedAnswer,
    hash::from_hex,
    record::{Extension, Record},
    seed::challenge_id,
};

use super::Audit;
use crate::{
    evidence::{DeferredTasks, EvidenceFolder, KeptTask, RoundEvidence},
    subnet::Subnet,
};

impl Audit {
    /// Checks tasks of earlier rounds: they were judged when their outcome could be known, and their extension is
    /// there. As far as the earlier round is kept, their requests and answers are the same there.
    pub(super) fn earlier<S: Subnet>(
        &mut self,
        subnet: &S,
        folder: &EvidenceFolder,
        evidence: &RoundEvidence,
        any: &Record,
    ) {
        let now = self.source.map_or(0, |(_, block, _)| block);
        for tasks in &evidence.tasks.matured {
            let (epoch, round) = (tasks.epoch, tasks.round);
            let asked = tasks.asked();
            let plans = subnet.tasks();
            for task in &tasks.tasks {
                let plan = plans.iter().find(|plan| plan.kind == task.kind);
                let due =
                    plan.and_then(|plan| subnet.maturity(plan)).map(|maturity| maturity.due(asked.block));
                match due {
                    None => self.faults.push(format!("`{}` tasks are judged in their own round", task.kind)),
                    Some(due) if now < due => self.faults.push(format!(
                        "task {} of epoch {epoch} round {round} was judged at block {now}, before block {due}",
                        task.number
                    )),
                    Some(_) => {}
                }
            }
            let hash = Extension { asked: Some(asked) }.hash();
            if let Err(error) = folder.text(any.epoch, &hash) {
                self.faults.push(format!("the extension of records is missing: {error}"));
            }
            // Evidence of old epochs is removed after a while.
            if let Ok(origin) = folder.read(epoch, round) {
                let found = against_origin(tasks, evidence, &origin, any);
                self.faults.extend(found.map(|what| format!("asked in epoch {epoch} round {round}: {what}")));
            }
        }
    }
}

/// Differences from the round in which tasks were asked, as text.
fn against_origin(
    tasks: &DeferredTasks,
    evidence: &RoundEvidence,
    origin: &RoundEvidence,
    any: &Record,
) -> Option<String> {
    if tasks.miners != origin.tasks.miners || Some(&tasks.source) != origin.tasks.source.as_ref() {
        return Some("other miners or another block are kept there".into());
    }
    let named = |task: &KeptTask| (task.seed.clone(), task.number);
    let put_off: HashMap<_, _> = origin.tasks.deferred.iter().map(|task| (named(task), task)).collect();
    let mut challenges = HashSet::new();
    for task in &tasks.tasks {
        let kept = put_off.get(&named(task));
        if !kept.is_some_and(|kept| (&kept.kind, &kept.request) == (&task.kind, &task.request)) {
            return Some(format!("task {} is not among those that were put off", task.number));
        }
        challenges.extend(from_hex(&task.seed).map(|seed| challenge_id(&seed, task.number, &any.signer)));
    }
    let said = |answer: &SignedAnswer| {
        (answer.claim.miner, answer.claim.challenge_id, answer.claim.request_hash, answer.claim.answer_hash)
    };
    let known: HashSet<_> = evidence.signed.iter().map(said).collect();
    let mut promised = origin.signed.iter().filter(|answer| challenges.contains(&answer.claim.challenge_id));
    let missing = promised.find(|answer| !known.contains(&said(answer)));
    missing.map(|_| "an answer that was signed then is missing".into())
}
