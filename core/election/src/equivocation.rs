//! The proof that an author signed two blocks for one slot.
//!
//! Two headers prove it if they have the same slot, different content, and the seal of the slot's author. A seal names
//! no chain. An operator that uses its keys on two chains of the same pace signs a header for each slot on both, and
//! is no offender. So both headers have to descend from blocks of this chain: each brings the headers between itself
//! and a block that the chain knows, if there are any.

use alloc::vec::Vec;

use myelin_wire::{
    hash::Hash,
    header::{Header, Sealed},
    sr25519::{Signature, NOBODY},
    AccountId,
};
use thiserror::Error;

/// Most headers between an equivocating one and a block of the chain: two turns of 32 authors on a fork.
pub const MOST_BETWEEN: usize = 64;

/// A header with its way back to the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rooted {
    /// The header, with its seal.
    pub header: Header,
    /// Headers before it, its parent first, down to the one whose parent is a block of the chain.
    pub between: Vec<Header>,
}

/// Two headers by one author for one slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuraReport {
    /// One of them.
    pub first: Rooted,
    /// The other one.
    pub second: Rooted,
}

/// Reasons why a report proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ReportError {
    /// A header lacks its slot or seal.
    #[error("a header has no slot or no seal of Aura at its end; report headers as the node imported them")]
    NotSealed,
    /// The headers are of different slots.
    #[error("the headers are of slots {0} and {1}; an author may sign one in each")]
    DifferentSlots(u64, u64),
    /// The signed content is the same.
    #[error("both headers have the same content; signing it twice is no offence")]
    SameHeader,
    /// The slot lies too far back.
    #[error("slot {found} is older than slot {oldest}, the oldest that can be reported")]
    TooOld {
        /// Slot of the headers.
        found: u64,
        /// The oldest slot that can be reported.
        oldest: u64,
    },
    /// The slot lies in the future.
    #[error("slot {found} comes after slot {now}, the present one")]
    ToCome {
        /// Slot of the headers.
        found: u64,
        /// The present slot.
        now: u64,
    },
    /// The chain had no author for the slot.
    #[error("no list of authors is known for slot {0}")]
    NoAuthor(u64),
    /// A header is not signed by the author of the slot.
    #[error("a header is not signed by the author whose turn slot {0} was")]
    NotByAuthor(u64),
    /// A header does not lead to a block of this chain.
    #[error(
        "a header does not lead to a block of this chain in at most {MOST_BETWEEN} steps; it may be of another chain"
    )]
    Unconnected,
}

/// Knowledge of the chain about the slots and blocks in question.
pub struct Known<Authors, Blocks> {
    /// The present slot.
    pub now: u64,
    /// The oldest slot that can be reported.
    pub oldest: u64,
    /// The author of a slot, by the list in force then.
    pub author: Authors,
    /// The hash of the chain's block of a height, as far back as it is kept.
    pub block: Blocks,
}

impl AuraReport {
    /// Checks the report, and returns the author with the slot.
    ///
    /// `signed` says whether a key signed a message with Substrate's context (`sr25519::verify` or the function of a
    /// host). Costs two verifications, and a hash for each header.
    ///
    /// # Errors
    /// The first reason why it proves nothing.
    pub fn verify(
        &self,
        known: &Known<impl Fn(u64) -> Option<AccountId>, impl Fn(u32) -> Option<Hash>>,
        signed: impl Fn(&AccountId, &[u8], &Signature) -> bool,
    ) -> Result<(AccountId, u64), ReportError> {
        let sealed = |rooted: &Rooted| rooted.header.sealed().ok_or(ReportError::NotSealed);
        let (first, second) = (sealed(&self.first)?, sealed(&self.second)?);
        let slot = first.slot;
        if slot != second.slot {
            return Err(ReportError::DifferentSlots(slot, second.slot));
        }
        if first.signed == second.signed {
            return Err(ReportError::SameHeader);
        }
        if slot < known.oldest {
            return Err(ReportError::TooOld { found: slot, oldest: known.oldest });
        }
        if slot > known.now {
            return Err(ReportError::ToCome { found: slot, now: known.now });
        }
        let author =
            (known.author)(slot).filter(|author| *author != NOBODY).ok_or(ReportError::NoAuthor(slot))?;
        let by_author = |sealed: &Sealed| signed(&author, &sealed.signed, &sealed.signature);
        if !by_author(&first) || !by_author(&second) {
            return Err(ReportError::NotByAuthor(slot));
        }
        if !self.first.is_connected(&known.block) || !self.second.is_connected(&known.block) {
            return Err(ReportError::Unconnected);
        }
        Ok((author, slot))
    }
}

impl Rooted {
    /// Whether each header names the next one as its parent, and the last one a block of the chain.
    fn is_connected(&self, block: impl Fn(u32) -> Option<Hash>) -> bool {
        let mut at = &self.header;
        for before in self.between.iter().take(MOST_BETWEEN) {
            if before.hash() != at.parent || before.number.checked_add(1) != Some(at.number) {
                return false;
            }
            at = before;
        }
        let parent = at.number.checked_sub(1).and_then(block);
        self.between.len() <= MOST_BETWEEN && parent == Some(at.parent)
    }
}

#[cfg(test)]
mod tests;
