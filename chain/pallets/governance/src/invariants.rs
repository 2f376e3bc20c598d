//! Invariants of the pallet, for tests and for the fuzzer.

use alloc::collections::BTreeMap;

use frame_support::traits::{fungible::InspectFreeze, Get, Polling};
use myelin_governance::{
    track::kept_since, Asset, Book, Holdings, PollId, Standing, Sums, Tally, TrackId, Valuation, Voter,
};
use myelin_units::ROOT;

use crate::{
    now,
    pallet::{Config, FreezeReason, NoteRange, Notes, Overridden, Received, Voters},
    store::Store,
};

/// Moves between an account's hotkeys whose rounding is granted: each may lose a rao.
const MOVES: u64 = 1_000;

type Answer = Result<(), &'static str>;

/// Checks the invariants of this pallet. The error names the broken one.
pub fn check<T: Config>() -> Answer {
    Voters::<T>::iter().try_for_each(|(who, voter)| lock_is_held::<T>(&who, &voter))?;
    sums_are_those_of_delegations::<T>()?;
    tallies_are_those_of_votes::<T>()?;
    notes_are_a_list::<T>()
}

fn lock_is_held<T: Config>(who: &T::AccountId, voter: &Voter<T::AccountId>) -> Answer {
    let free = voter.lock.amount(Asset::Free);
    if T::Ledger::balance_frozen(&FreezeReason::VoteLock.into(), who) != free {
        return Err("the frozen TAO is not what is under the vote lock");
    }
    // Free TAO under the vote lock can serve as collateral, and be forfeited.
    // Alpha of a subnet that is being removed leaves with its first holding that becomes a claim.
    let stays = |(asset, _): &(Asset, u64)| match asset {
        Asset::Free => false,
        Asset::Stake(netuid) => *netuid == ROOT || T::Holdings::subnet(*netuid).is_some(),
    };
    let is_held = |(asset, amount)| amount <= T::Holdings::held(who, asset).saturating_add(MOVES);
    match voter.lock.iter().filter(stays).all(is_held) {
        true => Ok(()),
        false => Err("more is under a vote lock than the account holds"),
    }
}

fn sums_are_those_of_delegations<T: Config>() -> Answer {
    let kept = kept_since(now::<T>(), &T::Profile::get());
    let mut expected = BTreeMap::<(T::AccountId, TrackId), Sums>::new();
    for voter in Voters::<T>::iter_values() {
        for own in voter.delegations.into_iter().filter(|own| own.ends >= kept) {
            expected.entry((own.to, own.track)).or_default().add(own.ends, &own.portfolio);
        }
    }
    let pruned = |(to, track, mut sums): (T::AccountId, TrackId, Sums)| {
        sums.prune(kept);
        ((to, track), sums)
    };
    let found = Received::<T>::iter().map(pruned).filter(|(_, sums)| !sums.is_empty());
    match found.collect::<BTreeMap<_, _>>() == expected {
        true => Ok(()),
        false => Err("the sums of delegates are not what others delegate"),
    }
}

fn tallies_are_those_of_votes<T: Config>() -> Answer {
    let store = Store::<T>::open();
    let mut counted = BTreeMap::<PollId, Tally>::new();
    for (who, voter) in Voters::<T>::iter() {
        for cast in voter.casts.iter().filter(|cast| cast.counts()) {
            let open = store.poll(cast.poll).filter(|poll| poll.standing == Standing::Open);
            let Some(poll) = open else { continue };
            let noted = poll.tally.noted;
            let used =
                Received::<T>::get(&who, cast.track).counted(noted, &Overridden::<T>::get(&who, cast.poll));
            if Valuation::on(cast.track, store.prices(noted)).total(&used) > cast.delegated {
                return Err("a vote counts less than what others delegate");
            }
            let empty = Tally::new(poll.tally.electorate, noted);
            counted.entry(cast.poll).or_insert(empty).replace(None, Some(cast));
        }
    }
    let is_kept = |(poll, tally): (PollId, Tally)| {
        T::Polls::as_ongoing(poll).is_some_and(|(kept, _)| kept.tally == tally)
    };
    match counted.into_iter().all(is_kept) {
        true => Ok(()),
        false => Err("a tally is not the sum of the votes"),
    }
}

fn notes_are_a_list<T: Config>() -> Answer {
    let (mut count, mut at) = (0_usize, NoteRange::<T>::get().map(|(oldest, _)| oldest));
    let all = Notes::<T>::iter().count();
    while let Some(block) = at.filter(|_| count < all) {
        let note = Notes::<T>::get(block).ok_or("the list of notes has a gap")?;
        count = count.saturating_add(1);
        if note.next.is_none() && NoteRange::<T>::get().map(|(_, latest)| latest) != Some(block) {
            return Err("the list of notes does not end with the latest");
        }
        at = note.next;
    }
    match (at, count == all) {
        (None, true) => Ok(()),
        _ => Err("a note is not in the list"),
    }
}
