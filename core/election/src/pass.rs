//! The walk over all candidates, page by page over an era.
//!
//! A pass elects by the state of one block, its first: qualities are computed there, and each candidate counts with
//! its [`Reading`] of that block. The chain keeps this promise by copying on write. Before the first change of a
//! reading that the pass has not taken yet ([`Pass::awaits`]), it stores the reading as it was, and the page takes the
//! stored one. So stake that moves ahead of the cursor counts once.
//!
//! - *Joining* during a pass: the candidate waits for the next one.
//! - *Leaving or being jailed* during a pass: it is read as it was. Whoever applies the result drops those that may
//!   not serve any longer; [`SPARE`] more candidates than seats are kept for that.
//! - *Swapped hotkeys* are candidates that join; the coldkey's old reading has no quality under the new name.
//!
//! Candidates are walked by their [`place`], the order of the chain's storage map. The state is small: the cursor, and
//! the best so far. The best are the same for every division into pages (`tests/it/paged.rs`).

use alloc::vec::Vec;
use core::cmp::Ordering;

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use myelin_units::{PerBillion, TaoBalance};
use myelin_wire::{hash::blake2_128, AccountId};
use scale_info::TypeInfo;

use crate::{panel::Qualities, rules::Rules, stake};

/// Candidates that a pass keeps beyond the seats.
pub const SPARE: u32 = 32;

/// Place of a candidate in the order of the walk.
pub type Place = [u8; 48];

/// Place of a hotkey: its `blake2_128` and itself, as in a storage map hashed by `Blake2_128Concat`.
pub fn place(hotkey: &AccountId) -> Place {
    let mut place = [0; 48];
    let (head, tail) = place.split_at_mut(16);
    head.copy_from_slice(&blake2_128(hotkey));
    tail.copy_from_slice(hotkey);
    place
}

/// All that a pass reads of one candidate.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Reading {
    /// The candidate.
    pub hotkey: AccountId,
    /// The hotkey's owner.
    pub coldkey: AccountId,
    /// Serial number of the candidacy, in the order in which they began.
    pub serial: u64,
    /// TAO bound for the candidacy, without what is on its way out.
    pub pledge: TaoBalance,
    /// Root stake on the hotkey.
    pub nominations: TaoBalance,
    /// The same at the pass before, 0 if there was none.
    pub before: TaoBalance,
    /// Whether it may serve: ready, and with session keys.
    pub ready: bool,
}

impl Reading {
    /// The stake that counts, see [`stake`](crate::stake).
    pub fn counted(&self, rules: &Rules) -> TaoBalance {
        stake::counted(self.pledge, self.nominations, self.before, rules.leverage)
    }
}

/// A reason for which a candidate cannot be elected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// It is not ready, or it has no session keys.
    Unready,
    /// Its pledge is below the least one.
    Pledge,
    /// Its counted stake is nothing or below the least one.
    Stake,
    /// Its quality is nothing or below the least one.
    Quality,
}

/// A candidate that may be elected.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Entry {
    /// Its hotkey.
    pub hotkey: AccountId,
    /// The hotkey's owner.
    pub coldkey: AccountId,
    /// Counted stake in rao times quality in billionths.
    pub weight: u128,
    /// Serial number of the candidacy.
    pub serial: u64,
}

impl Entry {
    /// Order of election, the best first: more weight, then the earlier candidacy. Serial numbers differ, so there is
    /// no tie, and nobody chooses a number after learning what it decides.
    pub fn order(&self, other: &Self) -> Ordering {
        other.weight.cmp(&self.weight).then(self.serial.cmp(&other.serial))
    }
}

/// The first reason for which a reading has no entry; `None` if it has one.
pub fn obstacle(reading: &Reading, quality: PerBillion, rules: &Rules) -> Option<Obstacle> {
    let stake = reading.counted(rules);
    if !reading.ready {
        return Some(Obstacle::Unready);
    }
    if reading.pledge < rules.least_pledge {
        return Some(Obstacle::Pledge);
    }
    if stake.is_zero() || stake < rules.least_stake {
        return Some(Obstacle::Stake);
    }
    (quality == PerBillion::ZERO || quality < rules.least_quality).then_some(Obstacle::Quality)
}

/// A reading's entry; `None` if there is an [`obstacle`].
pub fn entry_of(reading: &Reading, quality: PerBillion, rules: &Rules) -> Option<Entry> {
    let Reading { hotkey, coldkey, serial, .. } = *reading;
    let weight = u128::from(reading.counted(rules).to_rao()).saturating_mul(quality.parts().into());
    obstacle(reading, quality, rules).is_none().then_some(Entry { hotkey, coldkey, weight, serial })
}

/// The best entries so far, the best first; of a coldkey only the best one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
struct Best(Vec<Entry>);

impl Best {
    /// Takes an entry among the best `most`.
    ///
    /// The order of offers does not matter. An entry is dropped only when `most` others of different coldkeys are
    /// better, or when its own coldkey has a better one.
    fn offer(&mut self, entry: Entry, most: usize) {
        if self.0.len() >= most && self.0.last().is_none_or(|worst| worst.order(&entry).is_lt()) {
            return;
        }
        if let Some(same) = self.0.iter().position(|listed| listed.coldkey == entry.coldkey) {
            if self.0.get(same).is_some_and(|listed| listed.order(&entry).is_lt()) {
                return;
            }
            self.0.remove(same);
        }
        let place = self.0.partition_point(|listed| listed.order(&entry).is_lt());
        self.0.insert(place, entry);
        self.0.truncate(most);
    }
}

/// Progress of a pass. The chain keeps it beside the pass, since each change of a reading asks for it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Progress {
    /// The first serial number that waits for the next pass.
    first_later: u64,
    /// Place of the candidate that was read last.
    cursor: Option<Place>,
}

impl Progress {
    /// Whether the pass will still read this candidate, so that its reading has to be kept before it changes.
    pub fn awaits(&self, hotkey: &AccountId, serial: u64) -> bool {
        self.takes(serial) && self.cursor.as_ref().is_none_or(|cursor| *cursor < place(hotkey))
    }

    /// Whether a candidacy with this serial number began before the pass.
    pub fn takes(&self, serial: u64) -> bool {
        serial < self.first_later
    }
}

/// A pass under way.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Pass {
    progress: Progress,
    /// Candidates read.
    read: u32,
    best: Best,
    /// Entries of the set in office, in its order.
    sitting: Vec<(AccountId, Option<Entry>)>,
}

impl Pass {
    /// A pass that begins now. `next_serial` is the number that the next candidacy gets; `office` is the set in
    /// office.
    pub fn begin(next_serial: u64, office: &[AccountId]) -> Self {
        let sitting = office.iter().map(|hotkey| (*hotkey, None)).collect();
        let progress = Progress { first_later: next_serial, cursor: None };
        Self { progress, read: 0, best: Best::default(), sitting }
    }

    /// Place of the candidate that was read last; the next page begins behind it.
    pub fn cursor(&self) -> Option<&Place> {
        self.progress.cursor.as_ref()
    }

    /// Its progress.
    pub fn progress(&self) -> Progress {
        self.progress
    }

    /// Candidates read so far.
    pub fn read(&self) -> u32 {
        self.read
    }

    /// Whether the pass will still read this candidate; see [`Progress::awaits`].
    pub fn awaits(&self, hotkey: &AccountId, serial: u64) -> bool {
        self.progress.awaits(hotkey, serial)
    }

    /// Takes a page: readings behind the cursor, in the order of their places. Others are passed over.
    pub fn take(&mut self, page: &[Reading], qualities: &Qualities, rules: &Rules) {
        let most = usize::try_from(rules.seats.saturating_add(SPARE)).unwrap_or(usize::MAX);
        for reading in page {
            let place = place(&reading.hotkey);
            if self.progress.cursor.is_some_and(|cursor| place <= cursor) {
                continue;
            }
            self.progress.cursor = Some(place);
            self.read = self.read.saturating_add(1);
            if !self.progress.takes(reading.serial) {
                continue;
            }
            let Some(entry) = entry_of(reading, qualities.of(&reading.hotkey), rules) else { continue };
            self.best.offer(entry, most);
            if let Some((_, sits)) = self.sitting.iter_mut().find(|(hotkey, _)| *hotkey == entry.hotkey) {
                *sits = Some(entry);
            }
        }
    }

    /// The result: the best entries, and the entries of the set in office.
    pub fn finish(self) -> (Vec<Entry>, Vec<(AccountId, Option<Entry>)>) {
        (self.best.0, self.sitting)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_candidate_that_cannot_be_elected_has_a_reason_and_no_entry() {
        let rules = Rules { least_stake: TaoBalance::from_tokens(300), ..Rules::production() };
        let tokens = TaoBalance::from_tokens;
        let good = Reading {
            hotkey: [1; 32],
            coldkey: [2; 32],
            serial: 7,
            pledge: tokens(100),
            nominations: tokens(250),
            before: tokens(200),
            ready: true,
        };
        let of = |reading: Reading, quality| {
            let (found, entry) = (obstacle(&reading, quality, &rules), entry_of(&reading, quality, &rules));
            assert_eq!(found.is_none(), entry.is_some(), "{reading:?}");
            found.ok_or(entry.map_or(0, |entry| entry.weight))
        };
        let (ten, half) = (PerBillion::percent(10), PerBillion::percent(50));
        assert_eq!(good.counted(&rules), tokens(300));
        assert_eq!(of(good, half), Err(u128::from(tokens(300).to_rao()) * 500_000_000));
        assert_eq!(of(Reading { ready: false, ..good }, half), Ok(Obstacle::Unready));
        assert_eq!(of(Reading { pledge: tokens(99), ..good }, half), Ok(Obstacle::Pledge));
        assert_eq!(of(Reading { before: tokens(199), ..good }, half), Ok(Obstacle::Stake));
        assert!(of(good, ten).is_err());
        assert_eq!(of(good, ten.saturating_sub(PerBillion::from_parts(1))), Ok(Obstacle::Quality));
        let none = TaoBalance::ZERO;
        let lax = Rules { least_pledge: none, least_stake: none, least_quality: PerBillion::ZERO, ..rules };
        assert_eq!(obstacle(&good, PerBillion::ZERO, &lax), Some(Obstacle::Quality));
        let poor = Reading { pledge: none, ..good };
        assert_eq!(obstacle(&poor, half, &lax), Some(Obstacle::Stake), "nothing stands for its nominations");
    }
}
