//! Grants: payments from the treasury by milestones.
//!
//! A referendum approves the whole plan. Its recipient claims one milestone after the other, with the hash of a report.
//! A claim is paid after [`OBJECTION_DAYS`], unless a referendum stopped the grant, and not while one on that is being
//! decided. A milestone that is not claimed in time ends the grant, and what was not paid stays in the treasury.

use alloc::vec::Vec;

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use myelin_economy::profile::Profile;
use myelin_units::{Block, TaoBalance};
use scale_info::TypeInfo;
use thiserror::Error;

use crate::track::days;

/// Most milestones.
pub const MAX_MILESTONES: usize = 12;
/// Days between a claim and its payment, in which a referendum on the end of the grant can begin.
pub const OBJECTION_DAYS: u32 = 14;
/// Most days in the future of a milestone's last block.
pub const LONGEST_DAYS: u32 = 730;

/// Id from which the account of the treasury is derived.
pub const TREASURY: [u8; 8] = *b"treatnsr";

/// The account of the treasury, which nobody has a key of: `modl` and its id, filled up with zeros.
pub fn treasury_account() -> [u8; 32] {
    let mut account = [0; 32];
    account.iter_mut().zip(b"modl".iter().chain(&TREASURY)).for_each(|(to, from)| *to = *from);
    account
}

/// A part of a grant.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Milestone {
    /// Its payment.
    pub amount: TaoBalance,
    /// Hash of the text that says what is to be done.
    pub text: [u8; 32],
    /// Last block in which it can be claimed.
    pub last: Block,
}

/// A claim that waits.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Claim {
    /// Block of the claim.
    pub at: Block,
    /// Hash of the report.
    pub report: [u8; 32],
}

/// A grant.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Grant<A> {
    /// Its recipient.
    pub recipient: A,
    /// Its milestones, in order.
    pub milestones: Vec<Milestone>,
    /// Milestones that were paid.
    pub paid: u8,
    /// The claim of the next one.
    pub claim: Option<Claim>,
    /// Ended by a referendum.
    pub stopped: bool,
}

/// Reasons to refuse a grant or a step of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum GrantError {
    /// No milestone, or more than [`MAX_MILESTONES`].
    #[error("a grant has 1 to {MAX_MILESTONES} milestones; this one has {0}")]
    Milestones(usize),
    /// A milestone pays nothing.
    #[error("milestone {0} pays nothing")]
    Nothing(usize),
    /// A milestone ends before the one before it, in the past, or too late.
    #[error("milestone {0} must end after the one before it, and within {LONGEST_DAYS} days")]
    Order(usize),
    /// The sum is larger than the track pays.
    #[error("the grant is {sum} TAO in all; one referendum of this track pays at most {most} TAO now")]
    TooMuch {
        /// All milestones.
        sum: TaoBalance,
        /// Most that the track pays.
        most: TaoBalance,
    },
    /// Stopped, paid in full, or lapsed.
    #[error("the grant has ended: it was stopped, paid in full, or a milestone was not claimed in time")]
    Ended,
    /// The milestone is claimed.
    #[error("the next milestone was claimed in block {0}")]
    Claimed(Block),
    /// There is no claim.
    #[error("the next milestone was not claimed")]
    NotClaimed,
    /// Objections are possible yet.
    #[error("the claim is paid in block {0} at the earliest")]
    Early(Block),
}

impl<A> Grant<A> {
    /// A checked grant. `most` is what one referendum of the track pays now.
    pub fn new(
        recipient: A,
        milestones: Vec<Milestone>,
        most: TaoBalance,
        now: Block,
        profile: &Profile,
    ) -> Result<Self, GrantError> {
        if milestones.is_empty() || milestones.len() > MAX_MILESTONES {
            return Err(GrantError::Milestones(milestones.len()));
        }
        let latest = now.saturating_add(days(LONGEST_DAYS, profile));
        let mut after = now;
        for (number, milestone) in milestones.iter().enumerate() {
            if milestone.amount.is_zero() {
                return Err(GrantError::Nothing(number));
            }
            if milestone.last <= after || milestone.last > latest {
                return Err(GrantError::Order(number));
            }
            after = milestone.last;
        }
        // Saturation is refused by the bound.
        let sum: TaoBalance = milestones.iter().map(|milestone| milestone.amount).sum();
        if sum > most {
            return Err(GrantError::TooMuch { sum, most });
        }
        Ok(Self { recipient, milestones, paid: 0, claim: None, stopped: false })
    }

    /// The milestone that comes next; `None` if the grant has ended.
    pub fn next(&self, now: Block) -> Option<&Milestone> {
        let next = self.milestones.get(usize::from(self.paid)).filter(|_| !self.stopped)?;
        (self.claim.is_some() || now <= next.last).then_some(next)
    }

    /// Amounts that are not paid and may be.
    pub fn open(&self, now: Block) -> TaoBalance {
        match self.next(now) {
            Some(_) => self.milestones.iter().skip(self.paid.into()).map(|milestone| milestone.amount).sum(),
            None => TaoBalance::ZERO,
        }
    }

    /// Claims the next milestone.
    pub fn claim(&mut self, report: [u8; 32], now: Block) -> Result<(), GrantError> {
        self.next(now).ok_or(GrantError::Ended)?;
        if let Some(claim) = self.claim {
            return Err(GrantError::Claimed(claim.at));
        }
        self.claim = Some(Claim { at: now, report });
        Ok(())
    }

    /// Pays the claimed milestone and returns its amount.
    pub fn pay(&mut self, now: Block, profile: &Profile) -> Result<TaoBalance, GrantError> {
        let amount = self.next(now).ok_or(GrantError::Ended)?.amount;
        let claim = self.claim.ok_or(GrantError::NotClaimed)?;
        let earliest = claim.at.saturating_add(days(OBJECTION_DAYS, profile));
        if now < earliest {
            return Err(GrantError::Early(earliest));
        }
        self.claim = None;
        self.paid = self.paid.saturating_add(1);
        Ok(amount)
    }

    /// Ends the grant.
    pub fn stop(&mut self, now: Block) -> Result<(), GrantError> {
        self.next(now).ok_or(GrantError::Ended)?;
        self.stopped = true;
        self.claim = None;
        Ok(())
    }
}

impl<A: MaxEncodedLen> MaxEncodedLen for Grant<A> {
    fn max_encoded_len() -> usize {
        let milestones = MAX_MILESTONES.saturating_mul(Milestone::max_encoded_len()).saturating_add(1);
        let claim = Option::<Claim>::max_encoded_len();
        A::max_encoded_len().saturating_add(milestones).saturating_add(claim).saturating_add(1 + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::track::{Kind, Track};

    const CHAIN: Profile = Profile::PRODUCTION;
    const DAY: u64 = 7_200;

    fn milestone(tao: u64, day: u64) -> Milestone {
        Milestone { amount: TaoBalance::from_tokens(tao), text: [0; 32], last: day * DAY }
    }

    fn plan(milestones: &[Milestone]) -> Result<Grant<u8>, GrantError> {
        let most = Track::of(Kind::Grants).most_payment(TaoBalance::from_tokens(1_000));
        Grant::new(7, milestones.to_vec(), most, DAY, &CHAIN)
    }

    #[test]
    fn the_treasury_is_an_account_of_a_pallet() {
        assert_eq!(treasury_account()[..12], *b"modltreatnsr");
        assert_eq!(treasury_account()[12..], [0; 20]);
    }

    #[test]
    fn a_plan_has_an_order_and_a_limit() {
        assert!(plan(&[milestone(4, 2), milestone(6, 731)]).is_ok());
        for (milestones, error) in [
            (vec![], GrantError::Milestones(0)),
            (vec![milestone(1, 9); 13], GrantError::Milestones(13)),
            (vec![milestone(1, 2), milestone(0, 3)], GrantError::Nothing(1)),
            (vec![milestone(1, 1)], GrantError::Order(0)),
            (vec![milestone(1, 3), milestone(1, 3)], GrantError::Order(1)),
            (vec![milestone(1, 732)], GrantError::Order(0)),
        ] {
            assert_eq!(plan(&milestones), Err(error));
        }
        let (sum, most) = (TaoBalance::from_tokens(11), TaoBalance::from_tokens(10));
        assert_eq!(plan(&[milestone(5, 2), milestone(6, 3)]), Err(GrantError::TooMuch { sum, most }));
        let endless = Milestone { amount: TaoBalance::MAX, ..milestone(1, 2) };
        assert!(plan(&[endless, milestone(1, 3)]).is_err());
    }

    #[test]
    fn milestones_are_paid_in_order_after_the_time_for_objections() {
        let mut grant = plan(&[milestone(4, 10), milestone(6, 60)]).unwrap();
        assert_eq!(grant.pay(10 * DAY, &CHAIN), Err(GrantError::NotClaimed));
        grant.claim([1; 32], 10 * DAY).unwrap();
        assert_eq!(grant.claim([1; 32], 11 * DAY), Err(GrantError::Claimed(10 * DAY)));
        assert_eq!(grant.pay(24 * DAY - 1, &CHAIN), Err(GrantError::Early(24 * DAY)));
        assert_eq!(grant.open(24 * DAY), TaoBalance::from_tokens(10));
        assert_eq!(grant.pay(24 * DAY, &CHAIN), Ok(TaoBalance::from_tokens(4)));
        assert_eq!(grant.open(24 * DAY), TaoBalance::from_tokens(6));
        grant.claim([2; 32], 60 * DAY).unwrap();
        assert_eq!(grant.pay(74 * DAY, &CHAIN), Ok(TaoBalance::from_tokens(6)));
        assert_eq!(
            (grant.claim([3; 32], 75 * DAY), grant.stop(75 * DAY)),
            (Err(GrantError::Ended), Err(GrantError::Ended))
        );
    }

    #[test]
    fn a_grant_ends_by_a_vote_or_by_a_missed_milestone() {
        let mut stopped = plan(&[milestone(4, 10)]).unwrap();
        stopped.claim([1; 32], 10 * DAY).unwrap();
        stopped.stop(11 * DAY).unwrap();
        assert_eq!(stopped.pay(40 * DAY, &CHAIN), Err(GrantError::Ended));
        let mut missed = plan(&[milestone(4, 10)]).unwrap();
        assert_eq!(missed.claim([1; 32], 10 * DAY + 1), Err(GrantError::Ended));
        assert_eq!(missed.open(10 * DAY + 1), TaoBalance::ZERO);
    }

    #[test]
    fn a_vote_on_the_first_days_stops_a_grant_before_a_claim_is_paid() {
        let row = Track::of(Kind::Stops);
        assert!(row.prepare + row.decision + row.confirm + row.enactment < OBJECTION_DAYS);
    }
}
