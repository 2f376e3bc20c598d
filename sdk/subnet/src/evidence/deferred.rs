//! Tasks that are judged in a later round than they were asked in, and their answers.

use std::collections::HashSet;

use bytes::Bytes;
use myelin_wire::{
    answer::SignedAnswer,
    equivocation::Equivocation,
    record::{Asked, Extension, Record},
    seed::SeedProof,
};
use serde::{Deserialize, Serialize};

use super::{
    joined, pair_bytes, read_pair, read_signed, record_bytes, records_in, signed_bytes, KeptMiner,
    KeptSource, KeptTask, RoundEvidence, SIGNED_LEN,
};

/// Tasks of one mechanism with one maturity that were asked together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeferredTasks {
    /// Epoch in which they were asked.
    pub epoch: u64,
    /// Round of that epoch.
    pub round: u16,
    /// The mechanism.
    pub mechanism: u8,
    /// The block that their seeds were drawn from.
    pub source: KeptSource,
    /// Miners of the round.
    pub miners: Vec<KeptMiner>,
    /// The tasks. Once they are settled, each hides its outcome.
    pub tasks: Vec<KeptTask>,
}

impl DeferredTasks {
    /// Time at which they were asked, in the form that their records use.
    pub fn asked(&self) -> Asked {
        Asked { epoch: self.epoch, round: self.round, block: self.source.block }
    }
}

/// The answers to tasks that wait, with all proofs about them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeferredAnswers {
    /// One record for each answer or missing answer. Reasons state the observation; scores are missing.
    pub records: Vec<Record>,
    /// The seeds of the tasks.
    pub seeds: Vec<SeedProof>,
    /// The answers' signatures.
    pub signed: Vec<SignedAnswer>,
    /// Contradictions found.
    pub equivocations: Vec<Equivocation>,
    /// Requests and answers.
    pub texts: Vec<Bytes>,
}

/// Sections before the texts.
const SECTIONS: usize = 4;

impl DeferredAnswers {
    /// One string of bytes: records, seeds, signatures, contradictions, then the texts, each behind its length in four
    /// bytes. The error describes a part that does not fit this form.
    pub fn to_bytes(&self) -> Result<Vec<u8>, String> {
        let sections = [
            record_bytes(self.records.iter()).map_err(|error| error.to_string())?,
            joined(&self.seeds, SeedProof::to_bytes),
            joined(&self.signed, signed_bytes),
            joined(&self.equivocations, pair_bytes),
        ];
        let mut out = Vec::new();
        for section in sections.iter().map(Vec::as_slice).chain(self.texts.iter().map(Bytes::as_ref)) {
            let length = u32::try_from(section.len()).map_err(|_| "more than 4 GiB in one place")?;
            out.extend(length.to_le_bytes());
            out.extend(section);
        }
        Ok(out)
    }

    /// Reads the bytes of [`to_bytes`](Self::to_bytes).
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, String> {
        let mut sections = Vec::new();
        let mut rest = bytes;
        while !rest.is_empty() {
            let section = rest.split_first_chunk().and_then(|(length, tail)| {
                tail.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)
            });
            let (section, tail) = section.ok_or("answers that wait end in the middle")?;
            sections.push(section);
            rest = tail;
        }
        let Some((&[records, seeds, signed, pairs], texts)) = sections.split_first_chunk::<SECTIONS>() else {
            return Err("answers that wait have no beginning".into());
        };
        let seed = |chunk| SeedProof::from_bytes(chunk).map_err(|error| error.to_string());
        let answer = |chunk| read_signed(chunk).ok_or("a signed answer that waits is none");
        let pair = |chunk| read_pair(chunk).ok_or("a contradiction that waits is none");
        Ok(Self {
            records: records_in(records)?,
            seeds: seeds.chunks(SeedProof::LEN).map(seed).collect::<Result<_, _>>()?,
            signed: signed.chunks(SIGNED_LEN).map(answer).collect::<Result<_, _>>()?,
            equivocations: pairs.chunks(2 * SIGNED_LEN).map(pair).collect::<Result<_, _>>()?,
            texts: texts.iter().map(|text| Bytes::copy_from_slice(text)).collect(),
        })
    }
}

impl RoundEvidence {
    /// Adds tasks of an earlier round that are judged in this one.
    pub fn take_in(&mut self, tasks: DeferredTasks, answers: DeferredAnswers) {
        let known: HashSet<[u8; 32]> = self.seeds.iter().map(SeedProof::reference).collect();
        self.seeds.extend(answers.seeds.into_iter().filter(|seed| !known.contains(&seed.reference())));
        self.signed.extend(answers.signed);
        self.equivocations.extend(answers.equivocations);
        self.texts.extend(answers.texts);
        self.texts.push(Extension { asked: Some(tasks.asked()) }.to_bytes().into());
        self.tasks.matured.push(tasks);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::tests::{evidence, records};

    fn answers() -> DeferredAnswers {
        let RoundEvidence { seeds, signed, texts, equivocations, .. } = evidence();
        DeferredAnswers { records: records(), seeds, signed, equivocations, texts }
    }

    #[test]
    fn answers_that_wait_are_read_back_whole_and_in_no_other_form() {
        for answers in [answers(), DeferredAnswers::default()] {
            let bytes = answers.to_bytes().unwrap();
            assert_eq!(DeferredAnswers::from_bytes(&bytes), Ok(answers));
        }
        let bytes = answers().to_bytes().unwrap();
        for cut in [1, 3, 8, bytes.len() - 1] {
            assert!(DeferredAnswers::from_bytes(&bytes[..cut]).is_err(), "{cut} bytes");
        }
        assert!(DeferredAnswers::from_bytes(&[]).is_err());
    }

    #[test]
    fn a_seed_of_two_groups_of_tasks_is_kept_once() {
        let mut round = RoundEvidence::default();
        let source =
            KeptSource { genesis: String::new(), netuid: 2, block: 9, hash: String::new(), value: None };
        let (miners, tasks) = (Vec::new(), Vec::new());
        let tasks = DeferredTasks { epoch: 3, round: 1, mechanism: 0, source, miners, tasks };
        round.take_in(tasks.clone(), answers());
        round.take_in(tasks.clone(), answers());
        assert_eq!((round.seeds.len(), round.tasks.matured.len()), (answers().seeds.len(), 2));
        let extension = Extension { asked: Some(tasks.asked()) };
        assert!(round.texts.contains(&Bytes::from(extension.to_bytes())));
    }
}
