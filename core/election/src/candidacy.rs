//! A candidacy: the pledge, its standing, and the way out.
//!
//! A pledge that is on its way out elects nobody and can still be slashed. It is free `unbonding` blocks after the
//! wish, or after the candidate's last block in office if that is later. So whatever an authority does in office, its
//! whole pledge is there until the last report and the last appeal are over.
//!
//! Only the pledge is slashed. Nominations and collateral are not touched.

use alloc::vec::Vec;

use codec::{Decode, DecodeWithMemTracking, Encode};
use myelin_units::{Block, TaoBalance};
use myelin_wire::AccountId;
use scale_info::TypeInfo;
use thiserror::Error;

use crate::{pass::Reading, rules::Rules};

/// Most amounts of one candidacy that are on their way out.
pub const MOST_LEAVING: usize = 8;

/// Whether a candidate may be elected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub enum Standing {
    /// It may be elected.
    Ready,
    /// It rests, by its own wish or because it wrote too few blocks, until it says otherwise.
    Chilled,
    /// It committed an offence, and may come back after this block if it says so.
    Jailed {
        /// The last block in jail.
        until: Block,
    },
}

/// Part of a pledge on its way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Leaving {
    /// The amount.
    pub amount: TaoBalance,
    /// Block of the wish.
    pub since: Block,
}

/// A candidacy as the chain keeps it, by hotkey. A coldkey has one at a time.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Candidacy {
    /// The hotkey's owner, whose TAO is pledged.
    pub coldkey: AccountId,
    /// Number among all candidacies, in the order in which they began.
    pub serial: u64,
    /// TAO that elects.
    pub pledge: TaoBalance,
    /// TAO on its way out, the earliest first; at most [`MOST_LEAVING`] entries.
    pub leaving: Vec<Leaving>,
    /// Whether it may be elected.
    pub standing: Standing,
    /// Least root stake on the hotkey from the last pass until its last change.
    pub seen: TaoBalance,
    /// Last block in office; 0 if it never was.
    pub served: Block,
}

/// Reasons to refuse a step of a candidacy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CandidacyError {
    /// The pledge would be below the least one.
    #[error("the pledge would be {found} TAO and has to be at least {needed}; take out all of it to end the candidacy")]
    PledgeTooSmall {
        /// The pledge after the step.
        found: TaoBalance,
        /// The least pledge.
        needed: TaoBalance,
    },
    /// More than the pledge shall leave.
    #[error("the pledge is {0} TAO; no more than that can leave")]
    MoreThanPledged(TaoBalance),
    /// A sum of nothing.
    #[error("the amount is zero")]
    Nothing,
    /// [`MOST_LEAVING`] amounts are on their way out.
    #[error("{MOST_LEAVING} amounts are on their way out; wait for the first, and withdraw it")]
    TooManyLeaving,
    /// Nothing is free yet.
    #[error("nothing is free before block {0}")]
    NotFree(Block),
    /// The candidate is in jail.
    #[error("the candidate is in jail until block {0}")]
    Jailed(Block),
    /// The candidate is ready already.
    #[error("the candidate is ready already")]
    Ready,
}

impl Candidacy {
    /// A new candidacy with this pledge.
    ///
    /// # Errors
    /// `PledgeTooSmall`.
    pub fn new(
        coldkey: AccountId,
        serial: u64,
        pledge: TaoBalance,
        rules: &Rules,
    ) -> Result<Self, CandidacyError> {
        enough(pledge, rules)?;
        let (leaving, standing) = (Vec::new(), Standing::Ready);
        Ok(Self { coldkey, serial, pledge, leaving, standing, seen: TaoBalance::ZERO, served: 0 })
    }

    /// Adds to the pledge.
    ///
    /// # Errors
    /// `Nothing`, or `PledgeTooSmall` after a slash that left too little.
    pub fn add(&mut self, amount: TaoBalance, rules: &Rules) -> Result<(), CandidacyError> {
        some(amount)?;
        let pledge = self.pledge.saturating_add(amount);
        enough(pledge, rules)?;
        self.pledge = pledge;
        Ok(())
    }

    /// Sends part of the pledge on its way out. With all of it the candidate is chilled.
    ///
    /// # Errors
    /// `Nothing`, `MoreThanPledged`, `PledgeTooSmall` for what is left, `TooManyLeaving`.
    pub fn unbond(&mut self, amount: TaoBalance, now: Block, rules: &Rules) -> Result<(), CandidacyError> {
        some(amount)?;
        let left = self.pledge.checked_sub(amount).ok_or(CandidacyError::MoreThanPledged(self.pledge))?;
        if !left.is_zero() {
            enough(left, rules)?;
        }
        if self.leaving.len() >= MOST_LEAVING {
            return Err(CandidacyError::TooManyLeaving);
        }
        self.leaving.push(Leaving { amount, since: now });
        self.pledge = left;
        if left.is_zero() && self.standing == Standing::Ready {
            self.standing = Standing::Chilled;
        }
        Ok(())
    }

    /// First block in which an amount on its way out is free, unless the candidate serves until then.
    pub fn free_at(&self, leaving: &Leaving, rules: &Rules) -> Block {
        leaving.since.max(self.served).saturating_add(rules.unbonding)
    }

    /// Takes out what is free, and returns it.
    ///
    /// # Errors
    /// `NotFree` with the first block in which something is.
    pub fn withdraw(&mut self, now: Block, rules: &Rules) -> Result<TaoBalance, CandidacyError> {
        let first = self.leaving.iter().map(|leaving| self.free_at(leaving, rules)).min();
        let first = first.unwrap_or(Block::MAX);
        let (free, stays): (Vec<_>, Vec<_>) =
            self.leaving.iter().copied().partition(|leaving| self.free_at(leaving, rules) <= now);
        if free.is_empty() {
            return Err(CandidacyError::NotFree(first));
        }
        self.leaving = stays;
        Ok(free.iter().map(|leaving| leaving.amount).sum())
    }

    /// Whether nothing is left of it, so that its record can be removed. A record without a pledge stays as long as its
    /// jail, so that nobody leaves jail by a new candidacy.
    pub fn is_over(&self, now: Block) -> bool {
        self.pledge.is_zero() && self.leaving.is_empty() && self.jail_end(now).is_none()
    }

    /// Notes the root stake on the hotkey before it changes, so that only what stays from pass to pass counts.
    pub fn note_stake(&mut self, held: TaoBalance) {
        self.seen = self.seen.min(held);
    }

    /// Rests, by its own wish or because it wrote too few blocks. Nobody leaves jail by it.
    pub fn chill(&mut self) {
        if self.standing == Standing::Ready {
            self.standing = Standing::Chilled;
        }
    }

    /// Comes back.
    ///
    /// # Errors
    /// `Ready`, `Jailed`, `PledgeTooSmall`.
    pub fn resume(&mut self, now: Block, rules: &Rules) -> Result<(), CandidacyError> {
        if self.standing == Standing::Ready {
            return Err(CandidacyError::Ready);
        }
        if let Some(end) = self.jail_end(now) {
            return Err(CandidacyError::Jailed(end));
        }
        enough(self.pledge, rules)?;
        self.standing = Standing::Ready;
        Ok(())
    }

    /// Goes to jail, or stays there longer.
    pub fn jail(&mut self, now: Block, rules: &Rules) {
        let until = now.saturating_add(rules.jail);
        self.standing = match self.standing {
            Standing::Jailed { until: before } => Standing::Jailed { until: before.max(until) },
            Standing::Ready | Standing::Chilled => Standing::Jailed { until },
        };
    }

    /// Last block of its jail, if it is in jail.
    pub fn jail_end(&self, now: Block) -> Option<Block> {
        match self.standing {
            Standing::Jailed { until } if now <= until => Some(until),
            Standing::Ready | Standing::Chilled | Standing::Jailed { .. } => None,
        }
    }

    /// TAO that a slash reaches: the pledge and all that is on its way out.
    pub fn exposed(&self) -> TaoBalance {
        self.leaving.iter().map(|leaving| leaving.amount).sum::<TaoBalance>().saturating_add(self.pledge)
    }

    /// Takes `amount`, first of the pledge and then of what leaves last. Returns what was taken.
    pub fn slash(&mut self, amount: TaoBalance) -> TaoBalance {
        let mut open = amount;
        let mut take = |from: &mut TaoBalance| {
            let part = open.min(*from);
            *from = from.saturating_sub(part);
            open = open.saturating_sub(part);
        };
        take(&mut self.pledge);
        self.leaving.iter_mut().rev().for_each(|leaving| take(&mut leaving.amount));
        self.leaving.retain(|leaving| !leaving.amount.is_zero());
        amount.saturating_sub(open)
    }

    /// The reading that a pass takes of it. `nominations` is the root stake on the hotkey; `has_keys` whether it has
    /// session keys.
    pub fn reading(&self, hotkey: AccountId, nominations: TaoBalance, has_keys: bool) -> Reading {
        let Self { coldkey, serial, pledge, seen, .. } = *self;
        let ready = has_keys && self.standing == Standing::Ready;
        Reading { hotkey, coldkey, serial, pledge, nominations, before: seen, ready }
    }
}

fn some(amount: TaoBalance) -> Result<(), CandidacyError> {
    (!amount.is_zero()).then_some(()).ok_or(CandidacyError::Nothing)
}

fn enough(found: TaoBalance, rules: &Rules) -> Result<(), CandidacyError> {
    let needed = rules.least_pledge;
    (found >= needed).then_some(()).ok_or(CandidacyError::PledgeTooSmall { found, needed })
}

#[cfg(test)]
mod tests;
