//! Records of tasks whose texts were deleted: they are taken as they were kept, as far as they are possible.

use std::collections::HashMap;

use myelin_wire::{
    record::{Reason, Record},
    seed::Audience,
};

use super::{audience_of, delivered, seed_of, KeptTask};
use crate::{
    evaluation::{Outcome, SeedReference, Taken},
    subnet::{MinerRef, Pay, Share, Subnet, TaskPlan},
};

/// Whether the record alone does not tell if an answer came in form: without the text, nobody knows whether the subnet
/// or the protocol refused it.
pub(in crate::evidence) fn is_unclear(record: &Record) -> bool {
    let by_either = matches!(record.reason, Reason::Malformed | Reason::Oversize | Reason::Excused);
    by_either && record.answer != [0; 32]
}

/// The deliveries of a deleted task. It has `place.1` as plan, and `place.0` tasks of its mechanism stand before it.
pub(super) fn taken<S: Subnet>(
    subnet: &S,
    kept: &KeptTask,
    (before, plan): (usize, TaskPlan),
    audiences: &HashMap<String, Audience>,
    miners: &[MinerRef],
    records: &[Record],
) -> Result<Vec<Taken>, String> {
    let (seed, audience) = (seed_of(kept)?, audience_of(kept, audiences)?);
    let mechanisms = subnet.mechanisms();
    let pay = mechanisms.get(usize::from(plan.mechanism)).map(|mechanism| mechanism.pay);
    // There, what one answer is worth depends on the texts of all others.
    let alone = plan.share == Share::Miner && matches!(audience, Audience::Miner(_));
    if !alone || matches!(pay, Some(Pay::Agreement(_))) {
        return Err(format!("task {} cannot be without its texts: it is compared with others", kept.number));
    }
    let mut taken = Vec::new();
    for record in records.iter().filter(|record| (record.seed, record.task) == (seed.0, kept.number)) {
        if record.reason == Reason::Counted {
            continue;
        }
        let miner = miners.iter().position(|miner| record.is_about(&audience, &miner.hotkey));
        let miner = miner.ok_or_else(|| format!("uid {} was not asked", record.miner_uid))?;
        let mut record = record.clone();
        if record.reason == Reason::Grouped {
            // Whether its miner repeats another one is found by other tasks.
            record.reason = Reason::Scored;
        }
        record.score = record.recompute(subnet.rubric()).map_err(|error| {
            format!("uid {}, task {}: its parts give no score: {error}", record.miner_uid, record.task)
        })?;
        taken.push(by_record(record, miner, (before, &plan)));
    }
    taken.sort_by_key(|answer| answer.delivery.miner);
    Ok(taken)
}

/// A delivery to the miner with this index, as far as its record alone tells it. `before` tasks of its mechanism stand
/// before it. What came in form follows from the reason, unless the record [is unclear](is_unclear).
pub(super) fn by_record(record: Record, miner: usize, (before, plan): (usize, &TaskPlan)) -> Taken {
    let outcome = match record.reason {
        Reason::Scored | Reason::Empty | Reason::Garbage | Reason::Grouped => Outcome::Answered(()),
        reason => Outcome::Failed(reason),
    };
    let delivery = delivered(&record, miner, outcome);
    let (number, seed) = (record.task, SeedReference(record.seed));
    Taken { before, plan: plan.clone(), number, seed, delivery, record }
}
