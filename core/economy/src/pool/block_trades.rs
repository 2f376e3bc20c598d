//! The orders of one block against each other: no order gains from an earlier order in the opposite direction.
//!
//! Without this rule the author of a block could place a buy before somebody else's buy and a sale behind it, and sell
//! the alpha that the two buys made more expensive: a *sandwich*. Here a buy meets the pool as if nothing had been sold
//! in its block, and a sale meets it as if nothing had been bought ([`BlockTrades::ask`], [`BlockTrades::bid`]). Both
//! sides of the book therefore start a block at the same price p and move apart: every buy pays p or more, every sale
//! gets p or less, and
//!
//! > TAO + p · alpha of no trader grows within a block, whatever the orders, the accounts and the inventory.
//!
//! The difference that opposite orders leave between the two sides stays in the pool.
//!
//! * Orders of one direction, and so every single order of a block, get the same amounts as from the pool alone.
//! * The pool can always pay: its reserves are those of one side plus the amounts that the other side brought in.
//! * The product `alpha^w_b · tao^w_q` never falls: a side gives no more than the pool itself would, and output is
//!   rounded by [`Rounding::Curve`].
//!
//! The caller keeps one [`BlockTrades`] per pool, empty at the start of every block; decision 0018 has the reasons and
//! figures.

use myelin_units::{AlphaBalance, TaoBalance};

use super::swap::{Rounding, SwapError, Terms, Trade};
use super::Pool;

/// Amounts that the orders of a block have moved so far in one pool.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "codec",
    derive(codec::Encode, codec::Decode, codec::DecodeWithMemTracking, codec::MaxEncodedLen)
)]
#[cfg_attr(feature = "codec", derive(scale_info::TypeInfo))]
pub struct BlockTrades {
    /// TAO that buys brought in.
    pub tao_in: TaoBalance,
    /// Alpha that buys took out.
    pub alpha_out: AlphaBalance,
    /// Alpha that sales brought in.
    pub alpha_in: AlphaBalance,
    /// TAO that sales took out.
    pub tao_out: TaoBalance,
}

impl BlockTrades {
    /// The pool that the next buy meets: the sales of the block undone.
    pub fn ask(&self, pool: &Pool) -> Pool {
        Pool {
            tao: pool.tao.saturating_add(self.tao_out),
            alpha: pool.alpha.saturating_sub(self.alpha_in),
            ..*pool
        }
    }

    /// The pool that the next sale meets: the buys of the block undone.
    pub fn bid(&self, pool: &Pool) -> Pool {
        Pool {
            tao: pool.tao.saturating_sub(self.tao_in),
            alpha: pool.alpha.saturating_add(self.alpha_out),
            ..*pool
        }
    }

    /// Executes a buy at the present state of the block; `tao` includes the fee, `pool` holds the real reserves.
    pub fn buy(
        &self,
        pool: &Pool,
        tao: TaoBalance,
        terms: Terms,
    ) -> Result<Trade<TaoBalance, AlphaBalance>, SwapError> {
        self.ask(pool).buy_rounded(tao, terms, Rounding::Curve)
    }

    /// Executes a sale at the present state of the block; `alpha` includes the fee, `pool` holds the real reserves.
    pub fn sell(
        &self,
        pool: &Pool,
        alpha: AlphaBalance,
        terms: Terms,
    ) -> Result<Trade<AlphaBalance, TaoBalance>, SwapError> {
        self.bid(pool).sell_rounded(alpha, terms, Rounding::Curve)
    }

    /// The trades of the block including this buy.
    pub fn after_buy(&self, trade: &Trade<TaoBalance, AlphaBalance>) -> Self {
        BlockTrades {
            tao_in: self.tao_in.saturating_add(trade.amount_in),
            alpha_out: self.alpha_out.saturating_add(trade.amount_out),
            ..*self
        }
    }

    /// The trades of the block including this sale.
    pub fn after_sale(&self, trade: &Trade<AlphaBalance, TaoBalance>) -> Self {
        BlockTrades {
            alpha_in: self.alpha_in.saturating_add(trade.amount_in),
            tao_out: self.tao_out.saturating_add(trade.amount_out),
            ..*self
        }
    }
}

#[cfg(test)]
mod tests;
