//! Collateral, derived from its history: only the deeds and their blocks are kept, and every result is computed from
//! them.

use myelin_economy::collateral::CollateralError::{self, *};
use myelin_units::Block;

use super::number::{floor, fraction, rao, rao_of};

/// A deed that concerns the collateral of one miner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Locks this many rao while the subnet requires this amount and this unbonding time in blocks.
    Lock { rao: u64, asked: u64, unbonding: u32 },
    /// Asks the collateral back.
    AskBack,
    /// Withdraws the collateral.
    Withdraw,
    /// Forfeits the collateral for two answers to a challenge with this source block.
    Report { source: Block },
}

/// The accepted deeds, oldest first; refused ones are left out.
#[derive(Clone, Debug, Default)]
pub struct History(Vec<(Block, Deed)>);

/// Bounds of a requirement: nothing, or 0.1 to 1,000,000 TAO for 600 to 216,000 blocks.
pub fn may_ask(rao: u64, unbonding: u32) -> Result<(), CollateralError> {
    let tao = fraction(rao, 1_000_000_000u64);
    if rao == 0 {
        Ok(())
    } else if tao < fraction(1, 10) || tao > fraction(1_000_000, 1) {
        Err(AmountOutOfBounds)
    } else if !(600..=216_000).contains(&unbonding) {
        Err(UnbondingOutOfBounds)
    } else {
        Ok(())
    }
}

/// A tenth for the reporter, floored; the rest is recycled.
pub fn forfeit(amount: u64) -> (u64, u64) {
    let reward = rao(&fraction(amount, 10));
    (reward, rao_of(floor(&fraction(amount, 1)) - reward))
}

impl History {
    /// The deeds since the collateral was last empty.
    fn current(&self) -> &[(Block, Deed)] {
        let end = self.0.iter().rposition(|(_, deed)| matches!(deed, Deed::Withdraw | Deed::Report { .. }));
        &self.0[end.map_or(0, |end| end + 1)..]
    }

    /// Rao that are locked.
    pub fn amount(&self) -> u64 {
        let locked = self.current().iter().map(|(_, deed)| match deed {
            Deed::Lock { rao, .. } => *rao,
            _ => 0,
        });
        locked.fold(0, u64::saturating_add)
    }

    /// Block since which collateral is locked.
    pub fn since(&self) -> Option<Block> {
        self.current().first().map(|(block, _)| *block)
    }

    /// The first block of a withdrawal: the block of asking back plus the time agreed at the last lock.
    pub fn leaves(&self) -> Option<Block> {
        let asked = self.current().iter().find(|(_, deed)| *deed == Deed::AskBack)?.0;
        let agreed = self.current().iter().rev().find_map(|(_, deed)| match deed {
            Deed::Lock { unbonding, .. } => Some(*unbonding),
            _ => None,
        })?;
        Some(asked.saturating_add(agreed.into()))
    }

    /// Whether the miner counts as backed where a subnet requires this amount.
    pub fn backs(&self, asked: u64) -> bool {
        asked > 0 && self.leaves().is_none() && self.amount() >= asked
    }

    /// Applies the deed, or returns the reason why not; `None` if no collateral is locked that it could concern.
    pub fn try_do(&mut self, deed: Deed, now: Block) -> Option<Result<(), CollateralError>> {
        let since = self.since();
        let refusal = match deed {
            Deed::Lock { asked: 0, .. } => Some(NotRequired),
            Deed::Lock { .. } if self.leaves().is_some() => Some(Leaving),
            Deed::Lock { rao, asked, .. } if self.amount().saturating_add(rao) < asked => {
                Some(BelowRequirement)
            }
            Deed::Lock { .. } => None,
            Deed::AskBack => since.map(|_| self.leaves().map(|_| Leaving))?,
            Deed::Withdraw => {
                since.map(|_| self.leaves().is_none_or(|leaves| now < leaves).then_some(Staying))?
            }
            // Drawn after the lock, in the past, at most an hour ago.
            Deed::Report { source } => {
                let since = since?;
                let fits = source > since && source < now && now - source <= 300;
                (!fits).then_some(Staying)
            }
        };
        if refusal.is_none() {
            self.0.push((now, deed));
        }
        Some(refusal.map_or(Ok(()), Err))
    }
}
