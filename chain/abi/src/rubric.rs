//! Rubrics of a mechanism: the rubric in force, and the announced one with the block from which it is in force.
//!
//! A *rubric* is the rule by which the parts of a score become the score. Its text is written by
//! `myelin_wire::record::Rubric`, or any other; its hash is Blake2b-256 of the text. No call or block hook puts an
//! announced rubric in force: the rubric in force is a function of the entry and the block
//! ([`RubricTimeline::in_force`]).

use alloc::vec::Vec;

use codec::{Decode, DecodeWithMemTracking, Encode};
use myelin_units::Block;
use myelin_wire::hash::blake2_256;
use scale_info::TypeInfo;

/// Most bytes of a text that the chain keeps.
pub const MAX_RUBRIC_TEXT: usize = 512;

/// A rubric as its owner hands it in.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub enum RubricSource {
    /// Its text, which the chain keeps and hashes.
    #[codec(index = 0)]
    Text(Vec<u8>),
    /// The hash of a text that is published elsewhere.
    #[codec(index = 1)]
    Hash([u8; 32]),
}

/// A rubric as the chain keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct DeclaredRubric {
    /// Blake2b-256 of its text.
    pub hash: [u8; 32],
    /// The text; empty where it is published elsewhere.
    pub text: Vec<u8>,
}

impl From<RubricSource> for DeclaredRubric {
    fn from(source: RubricSource) -> Self {
        match source {
            RubricSource::Text(text) => Self { hash: blake2_256(&text), text },
            RubricSource::Hash(hash) => Self { hash, text: Vec::new() },
        }
    }
}

/// A rubric and the block from which it is in force.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct RubricChange {
    /// The rubric.
    pub rubric: DeclaredRubric,
    /// The first block in which it is in force.
    pub from: Block,
}

/// The rubrics of a mechanism: one, and at most one successor.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct RubricTimeline {
    /// In force until the next one is.
    pub first: RubricChange,
    /// In force from its block on.
    pub next: Option<RubricChange>,
}

impl RubricTimeline {
    /// The first rubric of a mechanism. No miner could rely on an earlier one, so it is in force at once.
    pub fn beginning(rubric: DeclaredRubric, now: Block) -> Self {
        Self { first: RubricChange { rubric, from: now }, next: None }
    }

    /// The rubric in force in a block; defined from the block of the first rubric on.
    pub fn in_force(&self, block: Block) -> &RubricChange {
        match &self.next {
            Some(next) if next.from <= block => next,
            _ => &self.first,
        }
    }

    /// The announced rubric that is not in force yet in a block.
    pub fn announced(&self, block: Block) -> Option<&RubricChange> {
        self.next.as_ref().filter(|next| next.from > block)
    }

    /// Announces a rubric that follows the one in force, `notice` blocks from now. An earlier announcement that is not
    /// in force yet is dropped, with its notice.
    pub fn announce(&self, rubric: DeclaredRubric, now: Block, notice: Block) -> Self {
        let next = RubricChange { rubric, from: now.saturating_add(notice) };
        Self { first: self.in_force(now).clone(), next: Some(next) }
    }

    /// Withdraws the announced rubric and keeps the one in force; `None` if no announced rubric waits.
    pub fn withdraw(self, now: Block) -> Option<(Self, RubricChange)> {
        let withdrawn = self.next.filter(|next| next.from > now)?;
        Some((Self { first: self.first, next: None }, withdrawn))
    }
}
