//! What counts on a mechanism of a subnet, and from which block on: the rubric in force, and the one that was
//! announced.
//!
//! A *rubric* is the rule by which the parts of a score become the score. Its text is what
//! `myelin_wire::record::Rubric` writes, or any other; its hash is Blake2b-256 of the text. Nothing has to happen in
//! the block from which an announced rubric is in force: what is in force is a function of the entry and the block
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

/// A rubric and when it begins to count.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct RubricChange {
    /// The rubric.
    pub rubric: DeclaredRubric,
    /// The first block in which it is in force.
    pub from: Block,
}

/// The rubrics of a mechanism: one, and at most one that comes after it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct RubricTimeline {
    /// In force until the next one is.
    pub first: RubricChange,
    /// In force from its block on, whatever that block is.
    pub next: Option<RubricChange>,
}

impl RubricTimeline {
    /// The first rubric of a mechanism: nobody could rely on another, so it is in force at once.
    pub fn beginning(rubric: DeclaredRubric, now: Block) -> Self {
        Self { first: RubricChange { rubric, from: now }, next: None }
    }

    /// What is in force in a block, from the one of the first rubric on.
    pub fn in_force(&self, block: Block) -> &RubricChange {
        match &self.next {
            Some(next) if next.from <= block => next,
            _ => &self.first,
        }
    }

    /// What was announced and is not in force yet in a block.
    pub fn announced(&self, block: Block) -> Option<&RubricChange> {
        self.next.as_ref().filter(|next| next.from > block)
    }

    /// Another rubric comes after the one in force, `notice` blocks from now. What was announced before and is not in
    /// force is dropped, and its notice with it.
    pub fn announce(&self, rubric: DeclaredRubric, now: Block, notice: Block) -> Self {
        let next = RubricChange { rubric, from: now.saturating_add(notice) };
        Self { first: self.in_force(now).clone(), next: Some(next) }
    }

    /// What is in force stays, and what was announced does not come; `None` if nothing is announced that is not in
    /// force.
    pub fn withdraw(self, now: Block) -> Option<(Self, RubricChange)> {
        let withdrawn = self.next.filter(|next| next.from > now)?;
        Some((Self { first: self.first, next: None }, withdrawn))
    }
}
