//! A store of records in memory, for simulations and for looking ahead.

use alloc::collections::BTreeMap;

use myelin_economy::profile::Profile;
use myelin_units::{Block, NetUid};

use crate::{
    book::{Book, Poll},
    power::Prices,
    tally::Tally,
    track::TrackId,
    voter::{Sums, Voter},
    PollId,
};

/// The store. Accounts are numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Memory {
    /// The current block.
    pub now: Block,
    /// The pace.
    pub profile: Profile,
    /// Records of accounts.
    pub voters: BTreeMap<u32, Voter<u32>>,
    /// Received amounts, by delegate and track.
    pub received: BTreeMap<(u32, TrackId), Sums>,
    /// Amounts of those who voted themselves, by delegate and referendum.
    pub overridden: BTreeMap<(u32, PollId), Sums>,
    /// Referenda.
    pub polls: BTreeMap<PollId, Poll<u32>>,
    /// Prices, by the block of the note.
    pub notes: BTreeMap<Block, Prices>,
    /// Owners of subnets.
    pub owners: BTreeMap<NetUid, u32>,
    /// Electorates, by track; 0 of others.
    pub electorates: BTreeMap<TrackId, u128>,
    /// Prices of alpha now; of other subnets they are those of each note.
    pub present: BTreeMap<NetUid, u64>,
    /// TAO of accounts; others have enough for their vote lock.
    pub tao: BTreeMap<u32, u64>,
}

impl Memory {
    /// An empty store.
    pub fn new(profile: Profile) -> Self {
        Self {
            now: 0,
            profile,
            voters: BTreeMap::new(),
            received: BTreeMap::new(),
            overridden: BTreeMap::new(),
            polls: BTreeMap::new(),
            notes: BTreeMap::new(),
            owners: BTreeMap::new(),
            electorates: BTreeMap::new(),
            present: BTreeMap::new(),
            tao: BTreeMap::new(),
        }
    }
}

/// Writes a value, or removes the entry of an empty one.
fn put<K: Ord, V: Default + PartialEq>(map: &mut BTreeMap<K, V>, key: K, value: V) {
    if value == V::default() {
        map.remove(&key);
    } else {
        map.insert(key, value);
    }
}

impl Book for Memory {
    type Account = u32;

    fn now(&self) -> Block {
        self.now
    }

    fn profile(&self) -> Profile {
        self.profile
    }

    fn voter(&self, who: &u32) -> Voter<u32> {
        self.voters.get(who).cloned().unwrap_or_default()
    }

    fn put_voter(&mut self, who: &u32, voter: Voter<u32>) {
        put(&mut self.voters, *who, voter);
    }

    fn received(&self, who: &u32, track: TrackId) -> Sums {
        self.received.get(&(*who, track)).cloned().unwrap_or_default()
    }

    fn put_received(&mut self, who: &u32, track: TrackId, sums: Sums) {
        put(&mut self.received, (*who, track), sums);
    }

    fn overridden(&self, who: &u32, poll: PollId) -> Sums {
        self.overridden.get(&(*who, poll)).cloned().unwrap_or_default()
    }

    fn put_overridden(&mut self, who: &u32, poll: PollId, sums: Sums) {
        put(&mut self.overridden, (*who, poll), sums);
    }

    fn poll(&self, poll: PollId) -> Option<Poll<u32>> {
        self.polls.get(&poll).cloned()
    }

    fn put_tally(&mut self, poll: PollId, tally: Tally) {
        if let Some(own) = self.polls.get_mut(&poll) {
            own.tally = tally;
        }
    }

    fn prices(&self, noted: Block) -> Prices {
        self.notes.get(&noted).cloned().unwrap_or_default()
    }

    fn owner(&self, netuid: NetUid) -> Option<u32> {
        self.owners.get(&netuid).copied()
    }

    fn electorate(&self, track: TrackId) -> u128 {
        self.electorates.get(&track).copied().unwrap_or_default()
    }

    fn price(&self, netuid: NetUid) -> u64 {
        self.present.get(&netuid).copied().unwrap_or(u64::MAX)
    }

    fn tao(&self, who: &u32) -> u64 {
        self.tao.get(who).copied().unwrap_or(u64::MAX)
    }
}
