//! Votes of a referendum. Approval is the weight for it among all weight; support is the power of those who voted for
//! it themselves, as a part of the electorate.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use myelin_units::{Block, PerBillion};
use scale_info::TypeInfo;

use crate::{track::LEAST_SUPPORT, voter::Cast};

/// Most power that a block adds to an electorate by issuance, in rao: a TAO, or an alpha of one subnet.
const ISSUED: u128 = 1_000_000_000;

/// The tally of a referendum.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Tally {
    /// Weight for it, in halves of a rao.
    pub ayes: u128,
    /// Weight against it, in halves of a rao.
    pub nays: u128,
    /// Power in rao of accounts that voted for it themselves. On tracks of the network delegated power is not in it: a
    /// delegate can't lift a referendum over the support that it needs.
    pub support: u128,
    /// All power that could vote, in rao: that of its submission, and what votes have brought since.
    pub electorate: u128,
    /// Block in which prices and electorate were noted.
    pub noted: Block,
}

impl Tally {
    /// The tally of a new referendum.
    pub fn new(electorate: u128, noted: Block) -> Self {
        Self { electorate, noted, ..Self::default() }
    }

    /// Takes one vote out and puts another in. A withdrawn vote counts nothing.
    pub fn replace(&mut self, before: Option<&Cast>, after: Option<&Cast>) {
        // Each vote that leaves was added before, and sums stay below 2⁶⁴ · 4 · accounts: nothing saturates.
        if let Some(cast) = before.filter(|cast| cast.counts()) {
            let side = if cast.aye { &mut self.ayes } else { &mut self.nays };
            *side = side.saturating_sub(cast.weight());
            self.support = self.support.saturating_sub(cast.support());
        }
        if let Some(cast) = after.filter(|cast| cast.counts()) {
            let side = if cast.aye { &mut self.ayes } else { &mut self.nays };
            *side = side.saturating_add(cast.weight());
            self.support = self.support.saturating_add(cast.support());
        }
    }

    /// Counts an electorate that is larger now, by what a vote brings at most. Whatever votes is in it, so nobody gains
    /// support by taking power out of it while prices are noted. Alpha that is bought for one block, and does not vote,
    /// is not.
    pub fn grow(&mut self, electorate: u128, brought: u128) {
        let most = self.electorate.saturating_add(brought);
        self.electorate = self.electorate.max(electorate.min(most));
    }

    /// The same with what was issued since the submission, and has not voted yet.
    pub fn issued(mut self, electorate: u128, now: Block) -> Self {
        let blocks = u128::from(now.saturating_sub(self.noted));
        self.grow(electorate, blocks.saturating_mul(ISSUED));
        self
    }

    /// Weight for it among all weight; 0 without votes.
    pub fn approval(&self) -> PerBillion {
        PerBillion::ratio(self.ayes, self.ayes.saturating_add(self.nays))
    }

    /// Whether enough support it for its deposit for the decision to return if it is rejected.
    pub fn is_backed(&self) -> bool {
        self.support() >= LEAST_SUPPORT
    }

    /// Power for it among the electorate.
    pub fn support(&self) -> PerBillion {
        PerBillion::ratio(self.support, self.electorate)
    }
}
