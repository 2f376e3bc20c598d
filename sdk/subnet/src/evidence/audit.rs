//! Checks a round from its evidence: seeds, signatures, every score.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use myelin_wire::{hash::to_hex, record::Record, seed::SeedContext};

use super::{replay_round, EvidenceFolder, ReplayError};
use crate::{evaluation::GroupRule, subnet::Subnet};

/// What an auditor found in a round.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audit {
    /// Records that were compared.
    pub records: usize,
    /// Proofs of seeds.
    pub seeds: usize,
    /// Signed answers.
    pub signed: usize,
    /// Blocks by number, with the hashes that seeds give them. Block 0 names the chain; only the chain knows whether they are right.
    pub blocks: BTreeSet<(u64, [u8; 32])>,
    /// What is not as the validator says, in words.
    pub faults: Vec<String>,
}

/// Checks the proofs of the seeds and the signatures of the answers, and judges the round again ([`replay_round`]). `state` is the subnet's
/// state before the round.
pub fn audit_round<S: Subnet>(
    subnet: &Arc<S>,
    folder: &EvidenceFolder,
    epoch: u64,
    round: u16,
    rule: &GroupRule,
    state: &mut S::State,
) -> Result<Audit, ReplayError> {
    let (records, evidence) = (folder.records(epoch, round)?, folder.read(epoch, round)?);
    let (seeds, signed) = (evidence.seeds.len(), evidence.signed.len());
    let mut audit = Audit { records: records.len(), seeds, signed, ..Audit::default() };
    let Some(any) = records.first() else { return Ok(audit) };
    for seed in &evidence.seeds {
        let context = &seed.context;
        audit.blocks.extend([(0, context.genesis), (context.source_block, context.source_hash)]);
        let expected = SeedContext { netuid: any.netuid, epoch, round, ..*context };
        if let Err(error) = seed.verify(&expected, |signer| *signer == any.signer) {
            audit.faults.push(format!("a seed is not proven: {error}"));
        }
    }
    let uids: HashMap<&str, u16> =
        evidence.tasks.miners.iter().map(|miner| (miner.hotkey.as_str(), miner.uid)).collect();
    let mut answers = HashSet::new();
    for answer in &evidence.signed {
        let claim = &answer.claim;
        if !answer.verify() {
            audit.faults.push("the signature of an answer is wrong".into());
        } else if (claim.netuid, claim.validator) == (any.netuid, any.signer) {
            let uid = uids.get(&*to_hex(&claim.miner));
            answers.extend(uid.map(|uid| (*uid, claim.request_hash, claim.answer_hash)));
        }
    }
    let is_signed = |one: &&Record| answers.contains(&(one.miner_uid, one.request, one.answer));
    let unsigned = records.iter().filter(|one| one.signed && !is_signed(one));
    audit.faults.extend(unsigned.map(|record| format!("{}: it did not sign that answer", name(record))));

    let again = match replay_round(subnet, folder, epoch, round, rule, state) {
        Ok(again) => again,
        Err(ReplayError::Inconsistent { what, .. }) => {
            audit.faults.push(what);
            return Ok(audit);
        }
        Err(error) => return Err(error),
    };
    if again.len() != records.len() {
        audit.faults.push(format!("{} records, and {} when judged again", records.len(), again.len()));
    }
    let differing = records.iter().zip(&again).filter(|(kept, again)| kept != again);
    audit.faults.extend(differing.map(|(kept, again)| {
        format!("{}: kept as {}, judged again {}", name(kept), verdict(kept), verdict(again))
    }));
    Ok(audit)
}

fn name(record: &Record) -> String {
    format!("uid {}, task {}", record.miner_uid, record.task)
}

fn verdict(record: &Record) -> String {
    let parts: Vec<String> = record.parts.iter().map(|part| part.get().to_string()).collect();
    format!("{:?} with score {} of parts {}", record.reason, record.score.get(), parts.join(", "))
}
