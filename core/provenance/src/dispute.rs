//! Disputes of a model: a public doubt with a deposit, and the owner's answer.
//!
//! A dispute decides nothing. It is a mark that everybody sees. Its text is elsewhere: the chain keeps its hash and a
//! reference. One that its author closed stays where it is; only when all places are taken does a new dispute take the
//! place of the closed one that is oldest. The number of disputes ever raised is kept with the model.

use alloc::vec::Vec;

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use myelin_units::{Block, TaoBalance};
use scale_info::TypeInfo;
use thiserror::Error;

use crate::identity::Hash;

/// Most disputes of a model that are kept.
pub const MAX_DISPUTES: usize = 16;
/// Most bytes of a reference.
pub const MAX_REFERENCE: usize = 128;
/// TAO on hold for a dispute that is not closed.
pub const DISPUTE_DEPOSIT: TaoBalance = TaoBalance::from_rao(1_000_000_000);

/// Something said about a model.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Statement {
    /// Block in which it was said.
    pub block: Block,
    /// Content hash of its text.
    pub hash: Hash,
    /// Place of the text, for people.
    pub reference: Vec<u8>,
}

/// A doubt of an account about a model.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Dispute<AccountId> {
    /// Its number among all disputes of the model, from 0.
    pub number: u32,
    /// Its author.
    pub by: AccountId,
    /// TAO on hold on the author's account until it is closed.
    pub deposit: TaoBalance,
    /// The doubt.
    pub raised: Statement,
    /// The owner's answer.
    pub answer: Option<Statement>,
    /// Block in which its author closed it.
    pub closed: Option<Block>,
}

/// Reasons to refuse a step of a dispute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum DisputeError {
    /// The reference is too long or not printable.
    #[error("a reference has at most {MAX_REFERENCE} bytes of printable ASCII")]
    Reference,
    /// The owner disputes its own model.
    #[error("the owner cannot dispute its own model; withdraw it instead")]
    Own,
    /// The account has an open dispute of this model.
    #[error("this account has an open dispute of this model; close it first")]
    Open,
    /// [`MAX_DISPUTES`] disputes are open.
    #[error("{MAX_DISPUTES} disputes of this model are open, which everybody sees; no more are kept")]
    Full,
    /// The model has no dispute of this number.
    #[error("the model has no dispute of this number")]
    Unknown,
    /// It was answered.
    #[error("the dispute was answered already")]
    Answered,
    /// It was closed.
    #[error("the dispute was closed already")]
    Closed,
    /// Somebody else raised it.
    #[error("somebody else raised this dispute")]
    NotYours,
}

impl Statement {
    /// A statement with a checked reference.
    pub fn new(block: Block, hash: Hash, reference: Vec<u8>) -> Result<Self, DisputeError> {
        let printable = reference.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ');
        match printable && reference.len() <= MAX_REFERENCE {
            true => Ok(Self { block, hash, reference }),
            false => Err(DisputeError::Reference),
        }
    }
}

impl MaxEncodedLen for Statement {
    fn max_encoded_len() -> usize {
        8 + 32 + 2 + MAX_REFERENCE
    }
}

/// The place for a new dispute by this account among those that are kept.
pub fn place<AccountId: PartialEq>(
    kept: &[Dispute<AccountId>],
    owner: &AccountId,
    by: &AccountId,
) -> Result<usize, DisputeError> {
    if by == owner {
        return Err(DisputeError::Own);
    }
    if kept.iter().any(|dispute| dispute.by == *by && dispute.closed.is_none()) {
        return Err(DisputeError::Open);
    }
    if kept.len() < MAX_DISPUTES {
        return Ok(kept.len());
    }
    let closed = kept.iter().enumerate().filter(|(_, dispute)| dispute.closed.is_some());
    closed.min_by_key(|(_, dispute)| dispute.number).map(|(at, _)| at).ok_or(DisputeError::Full)
}

/// The dispute of this number.
pub fn numbered<AccountId>(
    kept: &mut [Dispute<AccountId>],
    number: u32,
) -> Result<&mut Dispute<AccountId>, DisputeError> {
    kept.iter_mut().find(|dispute| dispute.number == number).ok_or(DisputeError::Unknown)
}

impl<AccountId: PartialEq> Dispute<AccountId> {
    /// Notes the owner's answer; there is one at most.
    pub fn answer(&mut self, answer: Statement) -> Result<(), DisputeError> {
        if self.closed.is_some() {
            return Err(DisputeError::Closed);
        }
        if self.answer.is_some() {
            return Err(DisputeError::Answered);
        }
        self.answer = Some(answer);
        Ok(())
    }

    /// Closes it, and returns the deposit that is free now.
    pub fn close(&mut self, by: &AccountId, now: Block) -> Result<TaoBalance, DisputeError> {
        if self.by != *by {
            return Err(DisputeError::NotYours);
        }
        if self.closed.is_some() {
            return Err(DisputeError::Closed);
        }
        self.closed = Some(now);
        Ok(core::mem::replace(&mut self.deposit, TaoBalance::ZERO))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    fn statement(block: Block) -> Statement {
        Statement::new(block, [0; 32], b"https://forum.example/7".to_vec()).expect("well-formed")
    }

    fn dispute(number: u32, by: u8, closed: Option<Block>) -> Dispute<u8> {
        let deposit = if closed.is_some() { TaoBalance::ZERO } else { DISPUTE_DEPOSIT };
        Dispute { number, by, deposit, raised: statement(1), answer: None, closed }
    }

    #[test]
    fn references_are_short_printable_text() {
        assert_eq!(Statement::new(1, [0; 32], vec![b'a'; MAX_REFERENCE + 1]), Err(DisputeError::Reference));
        assert_eq!(Statement::new(1, [0; 32], vec![7]), Err(DisputeError::Reference));
        let longest = Statement::new(1, [0; 32], vec![b'a'; MAX_REFERENCE]).expect("fits");
        assert_eq!(longest.encode().len(), Statement::max_encoded_len());
    }

    #[test]
    fn an_account_has_one_open_dispute_and_closed_ones_give_way_only_when_all_places_are_taken() {
        assert_eq!(place::<u8>(&[], &1, &1), Err(DisputeError::Own));
        assert_eq!(place(&[dispute(0, 2, None)], &1, &2), Err(DisputeError::Open));
        assert_eq!(place(&[dispute(0, 2, Some(3))], &1, &2), Ok(1));
        let mut full: Vec<Dispute<u8>> = (0..16).map(|at| dispute(at, at as u8 + 2, None)).collect();
        assert_eq!(place(&full, &1, &99), Err(DisputeError::Full));
        full[9] = dispute(40, 11, Some(5));
        full[12] = dispute(12, 14, Some(6));
        assert_eq!(place(&full, &1, &99), Ok(12));
    }

    #[test]
    fn only_the_author_closes_a_dispute_and_only_once() {
        let mut opened = dispute(0, 2, None);
        assert_eq!(opened.close(&3, 5), Err(DisputeError::NotYours));
        opened.answer(statement(4)).expect("the first answer");
        assert_eq!(opened.answer(statement(5)), Err(DisputeError::Answered));
        assert_eq!(opened.close(&2, 5), Ok(DISPUTE_DEPOSIT));
        assert_eq!(opened.close(&2, 6), Err(DisputeError::Closed));
        assert_eq!((opened.deposit, opened.closed), (TaoBalance::ZERO, Some(5)));
        let mut unanswered = dispute(0, 2, Some(3));
        assert_eq!(unanswered.answer(statement(9)), Err(DisputeError::Closed));
    }
}
