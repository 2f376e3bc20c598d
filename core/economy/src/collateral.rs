//! Collateral of miners: TAO that a miner locks on a subnet and loses if a report proves that it gave two answers.
//!
//! A subnet's owner sets the amount that backs a miner and the time for which it stays after the miner asked it back
//! ([`Requirement`]). A miner locks a [`Bond`]; its only effect is that others see it. The one offence so far is
//! equivocation: two signed answers to one challenge. It forfeits the whole bond, once: the bond is gone then, and a
//! new one answers only for challenges after it was locked.
//!
//! * A bond answers for challenges whose source block lies after it was locked and at most [`REPORT_WINDOW`] blocks
//!   back.
//! * It stays for at least two windows after it was asked back, so a miner that leaves can still be reported.
//! * When its hotkey is replaced the bond follows, at most once in a window. The new hotkey answers for challenges from
//!   then on, the old one for earlier challenges ([`follow`](Bond::follow)).
//! * The reporter gets a tenth, the rest is recycled. So a miner that reports itself loses nine tenths, while one that
//!   waits gets everything back.
//!
//! These rules belong to this network; official chains have no such collateral. Decision 0020 gives the reasons.

use myelin_units::{Block, TaoBalance};

/// Most blocks between the source block of a challenge and the report of two answers to it: one hour at 12 seconds.
pub const REPORT_WINDOW: Block = 300;
/// Fewest blocks that collateral stays after it was asked back: two windows.
pub const MIN_UNBONDING: u32 = 600;
/// Most blocks that collateral stays after it was asked back: 30 days at 12 seconds.
pub const MAX_UNBONDING: u32 = 216_000;
/// The smallest requirement besides none, so that every entry on the chain has cost something.
pub const MIN_REQUIREMENT: TaoBalance = TaoBalance::from_rao(100_000_000);
/// The largest requirement.
pub const MAX_REQUIREMENT: TaoBalance = TaoBalance::from_tokens(1_000_000);
/// The reporter gets one part in this many of a forfeited bond.
pub const REPORTER_SHARE: u64 = 10;

/// Collateral that a subnet requires of its miners.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Requirement {
    /// TAO that backs a miner; 0 = off.
    pub amount: TaoBalance,
    /// Blocks that collateral stays after it was asked back.
    pub unbonding: u32,
}

/// Reasons to refuse a change of collateral.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CollateralError {
    /// The requirement is outside its bounds.
    #[error("a requirement is 0 (off) or between 0.1 and 1,000,000 TAO")]
    AmountOutOfBounds,
    /// The unbonding time is outside its bounds.
    #[error("collateral stays between 600 and 216,000 blocks after it was asked back")]
    UnbondingOutOfBounds,
    /// The subnet asks for no collateral.
    #[error("the subnet asks for no collateral; nothing was locked")]
    NotRequired,
    /// The subnet requires a longer unbonding time than the miner accepts.
    #[error("the subnet wants collateral to stay longer than was accepted; look again and decide")]
    UnbondingTooLong,
    /// The amount is less than the subnet requires.
    #[error("this is less than the subnet asks for; lock at least its requirement")]
    BelowRequirement,
    /// The bond was asked back before.
    #[error("this collateral was asked back; withdraw it first and lock anew")]
    Leaving,
    /// The bond was not asked back, or not long enough ago.
    #[error("this collateral still stays; ask it back and wait for its block")]
    Staying,
}

impl Requirement {
    /// A requirement within its bounds.
    pub fn new(amount: TaoBalance, unbonding: u32) -> Result<Self, CollateralError> {
        let off = amount.is_zero();
        if !off && !(MIN_REQUIREMENT..=MAX_REQUIREMENT).contains(&amount) {
            return Err(CollateralError::AmountOutOfBounds);
        }
        if !off && !(MIN_UNBONDING..=MAX_UNBONDING).contains(&unbonding) {
            return Err(CollateralError::UnbondingOutOfBounds);
        }
        Ok(if off { Self::default() } else { Self { amount, unbonding } })
    }

    /// Refuses a requirement with a longer unbonding time than the miner accepts. The owner may have changed it
    /// meanwhile, and topping up a bond binds all of it for the time that the subnet requires then.
    pub fn ensure_unbonds_within(&self, longest: u32) -> Result<(), CollateralError> {
        if self.unbonding > longest {
            return Err(CollateralError::UnbondingTooLong);
        }
        Ok(())
    }

    /// Whether the subnet asks for collateral.
    pub fn is_on(&self) -> bool {
        !self.amount.is_zero()
    }
}

/// Collateral of one miner on one subnet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bond {
    /// TAO that is locked.
    pub amount: TaoBalance,
    /// The bond answers for challenges after this block.
    pub since: Block,
    /// Blocks that the bond stays after it was asked back.
    pub unbonding: u32,
    /// Block from which the bond can be withdrawn, once it was asked back.
    pub leaves: Option<Block>,
}

impl Bond {
    /// The bond after locking `added`: a new bond, or a larger one if one exists.
    ///
    /// A larger bond answers from the same block on as the first; it stays for as long as the subnet requires now.
    pub fn lock(
        existing: Option<Self>,
        added: TaoBalance,
        requirement: &Requirement,
        now: Block,
    ) -> Result<Self, CollateralError> {
        if !requirement.is_on() {
            return Err(CollateralError::NotRequired);
        }
        if existing.is_some_and(|bond| bond.leaves.is_some()) {
            return Err(CollateralError::Leaving);
        }
        let (before, since) = existing.map_or((TaoBalance::ZERO, now), |bond| (bond.amount, bond.since));
        let amount = before.saturating_add(added);
        if amount < requirement.amount {
            return Err(CollateralError::BelowRequirement);
        }
        Ok(Self { amount, since, unbonding: requirement.unbonding, leaves: None })
    }

    /// The bond after it was asked back.
    pub fn unbond(self, now: Block) -> Result<Self, CollateralError> {
        if self.leaves.is_some() {
            return Err(CollateralError::Leaving);
        }
        Ok(Self { leaves: Some(now.saturating_add(self.unbonding.into())), ..self })
    }

    /// Refuses a withdrawal before its block.
    pub fn ensure_free(&self, now: Block) -> Result<(), CollateralError> {
        match self.leaves {
            Some(block) if now >= block => Ok(()),
            _ => Err(CollateralError::Staying),
        }
    }

    /// The bond after another hotkey replaced its own: the new hotkey answers for challenges from now on. `None` if the
    /// bond stays with the old hotkey: it was asked back, or it has followed a hotkey before (`has_followed`) that may
    /// still be reported.
    pub fn follow(self, has_followed: bool, now: Block) -> Option<Self> {
        let settled = !has_followed || is_settled(self.since, now);
        (self.leaves.is_none() && settled).then_some(Self { since: now, ..self })
    }

    /// Whether the miner counts as backed: the bond covers the required amount and was not asked back.
    pub fn backs(&self, requirement: &Requirement) -> bool {
        requirement.is_on() && self.leaves.is_none() && self.amount >= requirement.amount
    }

    /// Whether the bond answers now for a challenge with this source block.
    pub fn answers_for(&self, source: Block, now: Block) -> bool {
        source > self.since && is_recent(source, now)
    }
}

/// Whether a hotkey still answers for a challenge with this source block. It was replaced at block `replaced`, and its
/// bond answered for challenges after block `since`.
pub fn former_answers_for(since: Block, replaced: Block, source: Block, now: Block) -> bool {
    source > since && source <= replaced && is_recent(source, now)
}

/// Whether a hotkey that was replaced at this block can no longer be reported.
pub fn is_settled(replaced: Block, now: Block) -> bool {
    now.saturating_sub(replaced) > REPORT_WINDOW
}

/// Whether a challenge with this source block may still be reported.
pub fn is_recent(source: Block, now: Block) -> bool {
    source < now && now.saturating_sub(source) <= REPORT_WINDOW
}

/// The two parts of forfeited TAO; they add up to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forfeit {
    /// The reporter's part.
    pub reward: TaoBalance,
    /// Destroyed, so that it may be minted again.
    pub recycled: TaoBalance,
}

/// Divides forfeited TAO; the reporter's part is rounded down.
pub fn forfeit(amount: TaoBalance) -> Forfeit {
    let reward = TaoBalance::from_rao(amount.to_rao().checked_div(REPORTER_SHARE).unwrap_or(0));
    Forfeit { reward, recycled: amount.saturating_sub(reward) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn requirement() -> Requirement {
        Requirement::new(TaoBalance::from_tokens(10), 1000).expect("within bounds")
    }

    fn bond() -> Bond {
        Bond::lock(None, TaoBalance::from_tokens(10), &requirement(), 50).expect("enough")
    }

    #[test]
    fn a_replaced_hotkey_answers_for_what_was_asked_after_it_was_backed_and_until_it_was_replaced() {
        let answers = |source| former_answers_for(50, 90, source, 100);
        assert_eq!([50, 51, 90, 91].map(answers), [false, true, true, false]);
    }

    #[test]
    fn a_requirement_has_bounds_and_can_be_off() {
        let new = |rao, unbonding| Requirement::new(TaoBalance::from_rao(rao), unbonding);
        assert_eq!(new(0, 0), Ok(Requirement::default()));
        assert_eq!(new(0, 9_999_999), Ok(Requirement::default()));
        assert_eq!(new(MIN_REQUIREMENT.to_rao() - 1, 600), Err(CollateralError::AmountOutOfBounds));
        assert_eq!(new(MAX_REQUIREMENT.to_rao() + 1, 600), Err(CollateralError::AmountOutOfBounds));
        assert_eq!(new(MIN_REQUIREMENT.to_rao(), 599), Err(CollateralError::UnbondingOutOfBounds));
        assert_eq!(new(MAX_REQUIREMENT.to_rao(), 216_001), Err(CollateralError::UnbondingOutOfBounds));
        assert!(new(MIN_REQUIREMENT.to_rao(), 600).is_ok_and(|requirement| requirement.is_on()));
    }

    #[test]
    fn collateral_stays_no_longer_than_was_accepted() {
        let within = |longest| requirement().ensure_unbonds_within(longest);
        assert_eq!((within(1000), within(u32::MAX)), (Ok(()), Ok(())));
        assert_eq!(within(999), Err(CollateralError::UnbondingTooLong));
        assert_eq!(Requirement::default().ensure_unbonds_within(0), Ok(()), "nothing is asked for");
    }

    #[test]
    fn locking_needs_a_requirement_and_reaches_it() {
        let lock = |existing, tao, requirement: &Requirement| {
            Bond::lock(existing, TaoBalance::from_tokens(tao), requirement, 70)
        };
        assert_eq!(lock(None, 10, &Requirement::default()), Err(CollateralError::NotRequired));
        assert_eq!(lock(None, 9, &requirement()), Err(CollateralError::BelowRequirement));
        let more = lock(Some(bond()), 5, &requirement()).expect("enough");
        assert_eq!((more.amount, more.since), (TaoBalance::from_tokens(15), 50), "the first block counts");
        let leaving = bond().unbond(60).expect("it stays");
        assert_eq!(lock(Some(leaving), 10, &requirement()), Err(CollateralError::Leaving));
    }

    #[test]
    fn asking_back_ends_the_backing_at_once_and_the_liability_later() {
        assert!(bond().backs(&requirement()));
        let leaving = bond().unbond(100).expect("it stays");
        assert!(!leaving.backs(&requirement()));
        assert!(leaving.answers_for(101, 400), "still liable");
        assert_eq!(leaving.unbond(101), Err(CollateralError::Leaving));
        assert_eq!(leaving.ensure_free(1099), Err(CollateralError::Staying));
        assert_eq!(leaving.ensure_free(1100), Ok(()));
        assert_eq!(bond().ensure_free(Block::MAX), Err(CollateralError::Staying), "never asked back");
    }

    #[test]
    fn a_bond_answers_for_recent_challenges_after_it_was_locked() {
        let answers = |source, now| bond().answers_for(source, now);
        assert!(!answers(50, 60) && answers(51, 60), "not for the block in which it was locked");
        assert!(answers(100, 400) && !answers(100, 401), "for one window");
        assert!(!answers(100, 100) && !answers(101, 100), "a source lies in the past");
    }

    #[test]
    fn a_bond_follows_its_miner_unless_it_was_asked_back_or_moved_lately() {
        let followed = bond().follow(false, 700).expect("it backs a miner");
        assert_eq!((followed.since, followed.amount, followed.unbonding), (700, bond().amount, 1000));
        assert_eq!(bond().unbond(60).expect("it stays").follow(false, 700), None);
        assert_eq!(followed.follow(true, 700 + REPORT_WINDOW), None);
        assert!(followed.follow(true, 701 + REPORT_WINDOW).is_some());
    }

    proptest! {
        /// At whatever block a swap happens, every challenge that the bond would have answered for has exactly one key
        /// that answers for it.
        #[test]
        fn a_swap_leaves_no_challenge_without_an_answer(since in 0u64..500, swap in 0u64..500, source in 0u64..1000, wait in 0u64..400) {
            let (swap, now) = (since + swap, source.max(since + swap) + wait);
            let before = Bond { since, ..bond() };
            let after = before.follow(false, swap).expect("it backs a miner");
            let (old, new) = (former_answers_for(since, swap, source, now), after.answers_for(source, now));
            prop_assert_eq!(before.answers_for(source, now), old || new);
            prop_assert!(!(old && new));
            prop_assert!(!old || !is_settled(swap, now));
        }

        #[test]
        fn parts_add_up_and_reporting_oneself_never_pays(rao: u64) {
            let Forfeit { reward, recycled } = forfeit(TaoBalance::from_rao(rao));
            prop_assert_eq!(reward.to_rao() + recycled.to_rao(), rao);
            prop_assert!(reward.to_rao() <= rao / 10);
        }

        /// A miner that offends before it asks its bond back can still be reported before the bond can leave.
        #[test]
        fn nobody_leaves_before_the_last_report(offence in 0u64..1 << 40, asked in 0u64..1 << 40, unbonding in MIN_UNBONDING..=MAX_UNBONDING) {
            let requirement = Requirement::new(MIN_REQUIREMENT, unbonding).expect("within bounds");
            let bond = Bond::lock(None, MIN_REQUIREMENT, &requirement, 0).expect("enough");
            let leaving = bond.unbond(asked).expect("it stays");
            let last_report = offence + REPORT_WINDOW;
            if offence <= asked {
                prop_assert_eq!(leaving.ensure_free(last_report), Err(CollateralError::Staying));
            }
        }
    }
}
