//! The next set of authorities, out of the best candidates and the set in office.
//!
//! **Rotation.** In one era at most `⌊(n − 1) / 3⌋` of `n` authorities leave and as many join, at least one. So more
//! than two thirds of the old set stay. From two authorities on, any two groups that can make blocks final, one of the
//! old and one of the new set, share a member. With `out` and `in` changes the shared part has `n − out` members. The
//! groups have more than `2n/3 − out` and `2(n − out + in)/3 − in` members in it. The sum is above `n − out` if
//! `2·out + in ≤ n`.
//!
//! **Hysteresis.** A challenger takes a full seat only with more than `lead` above its holder. So two candidates of
//! about the same weight do not change places in each era.
//!
//! **Order.** Authorities write blocks in turn. The order of seats is drawn by a value of the beacon after the set is
//! known, so that nobody arranges for several seats in a row.

use alloc::vec::Vec;

use codec::{Decode, DecodeWithMemTracking, Encode};
use myelin_units::PerBillion;
use myelin_wire::{
    beacon::Value,
    hash::{blake2_256_of, Hash},
    AccountId,
};
use scale_info::TypeInfo;

use crate::{pass::Entry, rules::Rules};

const ORDER_DOMAIN: &[u8] = b"myelin/seat-order/1";

/// An authority in office, as the last pass found it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sitting {
    /// Its hotkey.
    pub hotkey: AccountId,
    /// Its entry; `None` if it may not serve any longer.
    pub entry: Option<Entry>,
    /// Whether it is in jail for an offence.
    pub jailed: bool,
}

/// Reasons to keep the set in office.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub enum Reason {
    /// There are fewer candidates than the least number of authorities, or the set would shrink below that number.
    TooFewCandidates,
    /// Nobody leaves and nobody joins.
    NothingChanges,
}

/// The result of an election.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub enum Choice {
    /// The set in office stays.
    Stays(Reason),
    /// Another set takes office.
    Changes {
        /// The new set: those that stay in their order, then those that join, the best first.
        set: Vec<AccountId>,
        /// Those that leave.
        out: Vec<AccountId>,
        /// Those that join.
        joined: Vec<AccountId>,
    },
}

/// Most authorities that leave, and most that join, in one era.
pub fn change_limit(office: usize) -> usize {
    (office.saturating_sub(1) / 3).max(1)
}

/// The next set.
///
/// `best` are candidates that may serve, the best first, one of a coldkey; those in office may be among them. First,
/// authorities that may not serve leave: those in jail before others, and else in the order of their seats. Then free
/// seats are filled. Last, challengers take the seats of the weakest. Each step keeps the limit of [`change_limit`]. A
/// set that is smaller than the least number of authorities does not shrink further, and grows era by era.
pub fn choose(office: &[Sitting], best: &[Entry], rules: &Rules) -> Choice {
    let least = usize::try_from(rules.least_authorities.max(1)).unwrap_or(usize::MAX);
    if best.len() < least {
        return Choice::Stays(Reason::TooFewCandidates);
    }
    let mut change = Change::new(office, rules);
    let challengers =
        best.iter().filter(|entry| !office.iter().any(|sitting| sitting.hotkey == entry.hotkey));
    for challenger in challengers {
        if change.joined.len() >= change.limit {
            break;
        }
        if change.has_seat_of(&challenger.coldkey) {
            continue;
        }
        if !change.has_free_seat() && !change.displace(challenger, rules.lead) {
            break;
        }
        change.joined.push(challenger.hotkey);
    }
    change.finish(least.min(office.len()))
}

/// The order of seats: by `blake2_256(domain, value, hotkey)`.
pub fn order(mut set: Vec<AccountId>, value: &Value) -> Vec<AccountId> {
    let drawn = |hotkey: &AccountId| -> Hash { blake2_256_of(&[ORDER_DOMAIN, value, hotkey]) };
    set.sort_by_cached_key(drawn);
    set
}

/// A change of the set, step by step.
struct Change {
    limit: usize,
    seats: usize,
    staying: Vec<Sitting>,
    out: Vec<AccountId>,
    joined: Vec<AccountId>,
}

impl Change {
    /// Removes those that may not serve, and the weakest beyond the number of seats, as far as the limit goes.
    fn new(office: &[Sitting], rules: &Rules) -> Self {
        let mut change = Self {
            limit: change_limit(office.len()),
            seats: usize::try_from(rules.seats).unwrap_or(usize::MAX),
            staying: office.to_vec(),
            out: Vec::new(),
            joined: Vec::new(),
        };
        while change.out.len() < change.limit {
            let place = |leaves: fn(&Sitting) -> bool| change.staying.iter().position(leaves);
            let unfit = place(|sitting| sitting.entry.is_none() && sitting.jailed)
                .or_else(|| place(|sitting| sitting.entry.is_none()));
            let excess = (change.staying.len() > change.seats).then(|| change.weakest()).flatten();
            let Some(place) = unfit.or(excess) else { break };
            change.remove(place);
        }
        change
    }

    fn remove(&mut self, place: usize) {
        if place < self.staying.len() {
            self.out.push(self.staying.remove(place).hotkey);
        }
    }

    /// Place of the weakest among those that may serve.
    fn weakest(&self) -> Option<usize> {
        let fit =
            self.staying.iter().enumerate().filter_map(|(place, sitting)| Some((place, sitting.entry?)));
        fit.max_by(|(_, a), (_, b)| a.order(b)).map(|(place, _)| place)
    }

    fn has_free_seat(&self) -> bool {
        self.staying.len().saturating_add(self.joined.len()) < self.seats
    }

    fn has_seat_of(&self, coldkey: &AccountId) -> bool {
        self.staying.iter().any(|sitting| sitting.entry.is_some_and(|entry| entry.coldkey == *coldkey))
    }

    /// Frees the seat of the weakest, if the challenger has more than `lead` above it: `weight > own + floor(lead ·
    /// own)`.
    fn displace(&mut self, challenger: &Entry, lead: PerBillion) -> bool {
        let full = self.staying.len().saturating_add(self.joined.len()) <= self.seats;
        let Some(place) = self.weakest().filter(|_| full && self.out.len() < self.limit) else {
            return false;
        };
        let own = self.staying.get(place).and_then(|sitting| sitting.entry).map_or(0, |entry| entry.weight);
        // Weights are below 2⁶⁴ · 10⁹, so the product is below 2¹²⁴.
        let needed = own.saturating_mul(lead.parts().into()) / u128::from(PerBillion::ONE.parts());
        let wins = challenger.weight > own.saturating_add(needed);
        if wins {
            self.remove(place);
        }
        wins
    }

    fn finish(self, least: usize) -> Choice {
        let Self { staying, out, joined, .. } = self;
        let stays = staying.iter().map(|sitting| sitting.hotkey);
        let set: Vec<_> = stays.chain(joined.iter().copied()).collect();
        match (out.is_empty() && joined.is_empty(), set.len() < least) {
            (true, _) => Choice::Stays(Reason::NothingChanges),
            (_, true) => Choice::Stays(Reason::TooFewCandidates),
            _ => Choice::Changes { set, out, joined },
        }
    }
}

#[cfg(test)]
mod tests;
