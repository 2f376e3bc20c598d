//! Answers that declare a model which this version does not hold.
//!
//! A validator may have run a declared model again to check an answer. An auditor repeats that with the models of its
//! own version. Evidence of earlier versions names built-in models by other hashes, and of a validator with other files
//! it names those. The ids are read like any other, and the check by the model is missing.

use std::collections::HashMap;

use myelin_provenance::ModelId;
use myelin_wire::{
    answer::SignedAnswer,
    hash::{to_hex, Hash},
    record::{miner_digest, Record},
    seed::challenge_id,
};

use super::Audit;
use crate::subnet::Subnet;

/// An answer by its miner's digest, its challenge and its hash.
type Answered = ([u8; 16], [u8; 32], Hash);

/// Answers with the models that they declare.
pub(super) struct Unheld(HashMap<Answered, ModelId>);

impl Unheld {
    /// Those of the signed answers, where the subnet checks declared models at all.
    pub fn of<S: Subnet>(subnet: &S, signed: &[SignedAnswer]) -> Self {
        let held = subnet.held_models();
        let unheld = signed.iter().filter_map(|answer| {
            let claim = &answer.claim;
            let model = claim.declared_model().filter(|model| !held.contains(model))?;
            Some(((miner_digest(&claim.miner), claim.challenge_id, claim.answer_hash), model))
        });
        Self(if held.is_empty() { HashMap::new() } else { unheld.collect() })
    }

    /// The model that the answer of a record declares, if it is not held.
    fn model(&self, record: &Record) -> Option<&ModelId> {
        let challenge = challenge_id(&record.seed, record.task, &record.signer);
        self.0.get(&(record.miner, challenge, record.answer))
    }

    /// A clause for a record that differs when judged again; empty if its model is held or none is declared.
    pub fn clause(&self, record: &Record) -> String {
        self.model(record).map_or_else(String::new, |model| {
            format!("; its answer declares model {}, which this version does not hold", to_hex(model))
        })
    }
}

impl Audit {
    /// Counts the records whose answers declare a model that is not held.
    pub(super) fn models(&mut self, unheld: &Unheld, records: &[Record]) {
        for model in records.iter().filter_map(|record| unheld.model(record)) {
            *self.unheld.entry(*model).or_default() += 1;
        }
    }
}
