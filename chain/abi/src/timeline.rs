//! A setting of a subnet that changes with notice.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use myelin_units::Block;
use scale_info::TypeInfo;

/// The value in force, and at most one successor.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Timeline<V> {
    /// In force until the next one is.
    pub first: V,
    /// In force from its block on.
    pub next: Option<(V, Block)>,
}

impl<V: Copy> Timeline<V> {
    /// The value in force in a block.
    pub fn in_force(&self, block: Block) -> V {
        match self.next {
            Some((next, from)) if from <= block => next,
            _ => self.first,
        }
    }

    /// The value that is announced and not in force yet, with its first block.
    pub fn announced(&self, block: Block) -> Option<(V, Block)> {
        self.next.filter(|(_, from)| *from > block)
    }

    /// Announces a value that is in force from a block on. An earlier announcement that is not in force is dropped.
    pub fn announce(&self, value: V, now: Block, from: Block) -> Self {
        Self { first: self.in_force(now), next: Some((value, from)) }
    }
}
