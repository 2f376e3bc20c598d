//! Draws the tasks of a round again from their seeds, for an auditor who has the validator's secret for tasks.

use std::{
    collections::HashMap,
    panic::{catch_unwind, AssertUnwindSafe},
};

use myelin_wire::{
    hash::{to_hex, Hash},
    seed::{Audience, Seed},
};
use serde::{de::DeserializeOwned, Serialize};
use serde_json::Value;

use super::{replay::common_seed, EvidenceFolder, KeptTask};
use crate::subnet::{Share, Subnet, TaskPlan};

/// Tasks that were drawn again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Redrawn {
    /// Tasks that were compared.
    pub tasks: usize,
    /// Tasks that are made of customers' requests, which an auditor does not have.
    pub skipped: usize,
    /// Differences from the tasks that are kept.
    pub faults: Vec<String>,
}

/// Draws the tasks of a round again and compares them with those that are kept.
///
/// `subnet` was opened with the validator's secret, whose hash is `secret`; `state` is its state before the round. The
/// hidden part is compared where nothing is added to it after drawing. Tasks of earlier rounds are left to those.
pub fn redraw_round<S: Subnet>(
    subnet: &S,
    folder: &EvidenceFolder,
    (epoch, round): (u64, u16),
    secret: &Hash,
    without: Option<&str>,
    state: &S::State,
) -> Redrawn {
    let mut redrawn = Redrawn::default();
    let evidence = match folder.read(epoch, round) {
        Ok(evidence) => evidence,
        Err(error) => {
            redrawn.faults.push(error.to_string());
            return redrawn;
        }
    };
    let secret = to_hex(secret);
    if evidence.tasks.secret.as_ref().is_some_and(|kept| *kept != secret) {
        redrawn.faults.push("the validator drew with another secret than this one".into());
        return redrawn;
    }
    let mut seeds: HashMap<String, (Seed, Share)> = HashMap::new();
    for proof in &evidence.seeds {
        let share = match proof.context.audience {
            Audience::Round => Share::Round,
            Audience::Miner(_) => Share::Miner,
        };
        // The audit compares the occasion and the signer.
        match proof.verify(&proof.context, |_| true) {
            Ok(seed) => drop(seeds.insert(to_hex(&proof.reference()), (seed, share))),
            Err(error) => redrawn.faults.push(format!("a seed is not proven: {error}")),
        }
    }
    if let Some((reference, seed)) = common_seed(&evidence.tasks, epoch, round) {
        seeds.insert(to_hex(&reference), (seed, Share::Network));
    }
    let plans = subnet.tasks();
    for kept in evidence.tasks.tasks.iter().chain(&evidence.tasks.deferred) {
        if without == Some(kept.kind.as_str()) || kept.customer.is_some() {
            redrawn.skipped += 1;
            continue;
        }
        redrawn.tasks += 1;
        if let Err(why) = again(subnet, &plans, &seeds, kept, state) {
            redrawn.faults.push(format!("task {} of seed {}: {why}", kept.number, short(&kept.seed)));
        }
    }
    redrawn
}

/// Draws one task again.
fn again<S: Subnet>(
    subnet: &S,
    plans: &[TaskPlan],
    seeds: &HashMap<String, (Seed, Share)>,
    kept: &KeptTask,
    state: &S::State,
) -> Result<(), String> {
    let (seed, share) = seeds.get(&kept.seed).ok_or("its seed is not in the evidence")?;
    let plans: Vec<&TaskPlan> = plans.iter().filter(|plan| plan.share == *share).collect();
    let length = plans.iter().map(|plan| plan.count).fold(0, u16::saturating_add);
    let (batch, place) = match length {
        0 => return Err("nothing is drawn from such a seed".into()),
        length => (kept.number / length, kept.number % length),
    };
    let kinds = plans.iter().flat_map(|plan| (0..plan.count).map(move |index| (*plan, index)));
    let (plan, index) =
        kinds.enumerate().find(|(at, _)| *at == usize::from(place)).map(|(_, task)| task).ok_or("no task")?;
    if plan.kind != kept.kind {
        return Err(format!("its seed draws a `{}`, and it is kept as a `{}`", plan.kind, kept.kind));
    }
    let index = u64::from(batch) * u64::from(plan.count) + u64::from(index);
    let sub_seed = seed.derive(plan.kind.as_bytes(), index);
    let draw = AssertUnwindSafe(|| subnet.challenge(plan, &sub_seed, state));
    let drawn =
        catch_unwind(draw).map_err(|_| "drawing it again broke off")?.map_err(|error| error.to_string())?;
    if plain(&drawn.request) != reread::<S::Request>(&kept.request) {
        return Err("its seed draws another question".into());
    }
    // Verdicts and outcomes are added later.
    let is_final = subnet.judge_of(plan.mechanism).is_none() && subnet.maturity(plan).is_none();
    if is_final && plain(&drawn.hidden) != reread::<S::Hidden>(&kept.hidden) {
        return Err("its seed draws another solution".into());
    }
    Ok(())
}

fn plain(value: &impl Serialize) -> Option<Value> {
    serde_json::to_value(value).ok()
}

/// A kept value in the form that it has after reading.
fn reread<T: Serialize + DeserializeOwned>(kept: &Value) -> Option<Value> {
    plain(&serde_json::from_value::<T>(kept.clone()).ok()?)
}

fn short(text: &str) -> &str {
    text.get(..8).unwrap_or(text)
}
