//! Records of votes behind [`Book`].

use core::marker::PhantomData;

use frame_support::traits::{fungible::Inspect, Get, PollStatus, Polling};
use myelin_economy::profile::Profile;
use myelin_governance::{Book, Holdings, Poll, PollId, Prices, Standing, Sums, Tally, TrackId, Voter};
use myelin_units::{Block, NetUid};

use crate::{
    deposits::Deposits,
    notes::NoteBook,
    now,
    pallet::{Config, Notes, Overridden, Received, Voters},
    polls::PollRecords,
};

/// Owner of [`Voters`], [`Received`] and [`Overridden`]. Records that say nothing are not kept.
pub struct Store<T>(PhantomData<T>);

impl<T> Store<T> {
    /// The store of this chain.
    pub(crate) fn open() -> Self {
        Self(PhantomData)
    }
}

impl<T: Config> Book for Store<T> {
    type Account = T::AccountId;

    fn now(&self) -> Block {
        now::<T>()
    }

    fn profile(&self) -> Profile {
        T::Profile::get()
    }

    fn voter(&self, who: &T::AccountId) -> Voter<T::AccountId> {
        Voters::<T>::get(who)
    }

    fn put_voter(&mut self, who: &T::AccountId, voter: Voter<T::AccountId>) {
        match voter == Voter::default() {
            true => Voters::<T>::remove(who),
            false => Voters::<T>::insert(who, voter),
        }
    }

    fn received(&self, who: &T::AccountId, track: TrackId) -> Sums {
        Received::<T>::get(who, track)
    }

    fn put_received(&mut self, who: &T::AccountId, track: TrackId, sums: Sums) {
        match sums.is_empty() {
            true => Received::<T>::remove(who, track),
            false => Received::<T>::insert(who, track, sums),
        }
    }

    fn overridden(&self, who: &T::AccountId, poll: PollId) -> Sums {
        Overridden::<T>::get(who, poll)
    }

    fn put_overridden(&mut self, who: &T::AccountId, poll: PollId, sums: Sums) {
        match sums.is_empty() {
            true => Overridden::<T>::remove(who, poll),
            false => Overridden::<T>::insert(who, poll, sums),
        }
    }

    /// A referendum that can't be voted on any more is over, whatever the stock pallet says. What a vote asks of one
    /// that is over is its end alone, so the rest of it is empty.
    fn poll(&self, poll: PollId) -> Option<Poll<T::AccountId>> {
        if let Some((tally, track)) = T::Polls::as_ongoing(poll) {
            let tally = tally.tally;
            let subnet = track.subnet().and_then(T::Holdings::subnet);
            let since = subnet.as_ref().map(|(_, since)| *since);
            let standing = match NoteBook::<T>::is_alive_since(track, tally.noted, since) {
                true => Standing::Open,
                false => Standing::Over { at: now::<T>(), approved: None },
            };
            let barred = subnet.map(|(owner, _)| owner);
            return Some(Poll { track, tally, standing, barred });
        }
        let (at, approved) = T::Polls::end(poll)?;
        let (track, tally) = (TrackId(u16::MAX), Tally::default());
        Some(Poll { track, tally, standing: Standing::Over { at, approved }, barred: None })
    }

    fn put_tally(&mut self, poll: PollId, tally: Tally) {
        Deposits::<T>::note(poll, &tally);
        T::Polls::access_poll(poll, |status| {
            if let PollStatus::Ongoing(kept, _) = status {
                kept.tally = tally;
            }
        });
    }

    fn prices(&self, noted: Block) -> Prices {
        Notes::<T>::get(noted).unwrap_or_default().prices
    }

    fn owner(&self, netuid: NetUid) -> Option<T::AccountId> {
        T::Holdings::subnet(netuid).map(|(owner, _)| owner)
    }

    fn electorate(&self, track: TrackId) -> u128 {
        NoteBook::<T>::electorate(track)
    }

    fn price(&self, netuid: NetUid) -> u64 {
        T::Holdings::price(netuid)
    }

    fn tao(&self, who: &T::AccountId) -> u64 {
        T::Ledger::total_balance(who)
    }
}
