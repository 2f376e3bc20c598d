//! Records of accounts: vote lock, votes and delegations; and the sums that delegates receive.

use alloc::vec::Vec;

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use myelin_units::Block;
use scale_info::TypeInfo;

use crate::{
    power::{Multiplier, Portfolio, MAX_ASSETS},
    track::{Kind, TrackId},
    PollId,
};

/// Most votes of an account in referenda that are not over.
pub const MAX_VOTES: usize = 32;
/// Most tracks on which an account delegates.
pub const MAX_DELEGATIONS: usize = 16;
/// Most terms of delegations that a sum keeps apart: one a month for the term and the longest referendum after it.
pub const MAX_TERMS: usize = 20;

/// The vote of an account in a referendum.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Cast {
    /// The referendum.
    pub poll: PollId,
    /// Its track.
    pub track: TrackId,
    /// For it, or against it.
    pub aye: bool,
    /// Multiplier of the own power.
    pub multiplier: Multiplier,
    /// Power of the own vote lock when it was cast, in rao.
    pub own: u128,
    /// Power of those who delegate and did not vote themselves, in rao.
    pub delegated: u128,
    /// Taken back: it counts nothing, and binds the vote lock until the referendum is over.
    pub withdrawn: bool,
}

impl Cast {
    /// Whether it counts.
    pub fn counts(&self) -> bool {
        !self.withdrawn
    }

    /// Weight in halves of a rao. Delegated power is not multiplied.
    pub fn weight(&self) -> u128 {
        let own = self.own.saturating_mul(self.multiplier.halves().into());
        self.delegated.saturating_mul(Multiplier::One.halves().into()).saturating_add(own)
    }

    /// Power of the vote, without its multiplier.
    pub fn power(&self) -> u128 {
        self.own.saturating_add(self.delegated)
    }

    /// Power that supports the referendum: the own one if the vote is for it, with the delegated one on tracks where it
    /// counts.
    pub fn support(&self) -> u128 {
        let delegates = self.track.kind().is_some_and(Kind::delegates_support);
        match (self.aye, delegates) {
            (false, _) => 0,
            (true, false) => self.own,
            (true, true) => self.power(),
        }
    }
}

/// Power that an account lets another one use on a track.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Delegation<A> {
    /// The track.
    pub track: TrackId,
    /// The delegate.
    pub to: A,
    /// Amounts, as they were under the vote lock when it was made.
    pub portfolio: Portfolio,
    /// First block in which submitted referenda do not count it any more.
    pub ends: Block,
}

/// Everything that is kept of an account.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Voter<A> {
    /// Amounts under the vote lock.
    pub lock: Portfolio,
    /// First block in which amounts may leave, if nothing else binds them.
    pub until: Block,
    /// Votes in referenda, by number.
    pub casts: Vec<Cast>,
    /// Delegations, one for each track.
    pub delegations: Vec<Delegation<A>>,
    /// Another account took its place; it votes no more.
    pub retired: bool,
}

impl<A> Default for Voter<A> {
    fn default() -> Self {
        Self {
            lock: Portfolio::default(),
            until: 0,
            casts: Vec::new(),
            delegations: Vec::new(),
            retired: false,
        }
    }
}

impl<A> Voter<A> {
    /// Its vote in a referendum, withdrawn or not.
    pub fn cast(&self, poll: PollId) -> Option<&Cast> {
        self.casts.iter().find(|cast| cast.poll == poll)
    }

    /// Its delegation on a track.
    pub fn delegation(&self, track: TrackId) -> Option<&Delegation<A>> {
        self.delegations.iter().find(|delegation| delegation.track == track)
    }

    /// Puts a vote in the place of the former one.
    pub(crate) fn put_cast(&mut self, cast: Cast) {
        match self.casts.iter_mut().find(|own| own.poll == cast.poll) {
            Some(own) => *own = cast,
            None => self.casts.push(cast),
        }
    }
}

impl<A: MaxEncodedLen> MaxEncodedLen for Voter<A> {
    fn max_encoded_len() -> usize {
        let portfolio = MAX_ASSETS.saturating_mul(11).saturating_add(1);
        let delegation = A::max_encoded_len().saturating_add(2 + 8).saturating_add(portfolio);
        let casts = MAX_VOTES.saturating_mul(Cast::max_encoded_len());
        let delegations = MAX_DELEGATIONS.saturating_mul(delegation);
        portfolio.saturating_add(8 + 1 + 1 + 1).saturating_add(casts).saturating_add(delegations)
    }
}

/// Sums of delegated amounts, by the block in which the delegations end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Sums(Vec<(Block, Portfolio)>);

impl Sums {
    /// Adds a delegation that ends in block `ends`.
    pub fn add(&mut self, ends: Block, portfolio: &Portfolio) {
        match self.0.binary_search_by_key(&ends, |(own, _)| *own) {
            Ok(at) => self.0.iter_mut().skip(at).take(1).for_each(|(_, sum)| sum.add(portfolio)),
            Err(at) => self.0.insert(at, (ends, portfolio.clone())),
        }
    }

    /// Takes out a delegation that ends in block `ends`; nothing if [`Self::prune`] took it out before.
    pub fn subtract(&mut self, ends: Block, portfolio: &Portfolio) {
        if let Ok(at) = self.0.binary_search_by_key(&ends, |(own, _)| *own) {
            self.0.iter_mut().skip(at).take(1).for_each(|(_, sum)| sum.subtract(portfolio));
        }
        self.0.retain(|(_, sum)| !sum.is_empty());
    }

    /// Drops delegations that ended before `block`.
    pub fn prune(&mut self, block: Block) {
        self.0.retain(|(ends, _)| *ends >= block);
    }

    /// Amounts that count in a referendum noted in block `noted`, without those of `but`.
    pub fn counted(&self, noted: Block, but: &Sums) -> Portfolio {
        let mut total = Portfolio::default();
        for (ends, sum) in self.0.iter().filter(|(ends, _)| counts_in(*ends, noted)) {
            let mut sum = sum.clone();
            but.0.iter().filter(|(other, _)| other == ends).for_each(|(_, voted)| sum.subtract(voted));
            total.add(&sum);
        }
        total
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl MaxEncodedLen for Sums {
    fn max_encoded_len() -> usize {
        MAX_TERMS.saturating_mul(Portfolio::max_encoded_len().saturating_add(8)).saturating_add(1)
    }
}

/// Whether a delegation that ends in block `ends` counts in a referendum noted in block `noted`. It depends on nothing
/// that changes while the referendum goes on.
pub fn counts_in(ends: Block, noted: Block) -> bool {
    noted < ends
}
