//! Penalties: jail, the slashes that wait for the end of the time to appeal, and the slashed TAO.

use alloc::collections::BTreeSet;
use core::marker::PhantomData;

use frame_support::{
    pallet_prelude::*,
    traits::{fungible::BalancedHold, Imbalance, OnUnbalanced},
    weights::Weight,
};
use myelin_election::{Docket, DocketFull, Offence, PerBillion, Slash, Standing};
use myelin_units::{Block, TaoBalance};

use crate::{
    candidates::Candidates,
    history::History,
    measured::Measured,
    now,
    pallet::{Candidacies, Config, Error, Event, FirstReport, HoldReason, Pallet, SlashDocket},
    rules,
};

/// Most slashes that one block takes.
pub const MOST_IN_BLOCK: u32 = 4;

/// A proved offence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding<AccountId> {
    /// The offender.
    pub hotkey: AccountId,
    /// The offence.
    pub offence: Offence,
    /// Number of the term in which it was committed.
    pub term: u32,
    /// Seats of that term.
    pub seats: u32,
    /// The block from which the time to report it counts.
    pub committed: Block,
}

/// Owner of [`SlashDocket`] and [`FirstReport`].
///
/// Invariant: [`FirstReport`] is the block of the earliest report whose slash waits.
pub struct Penalties<T>(PhantomData<T>);

impl<T: Config> Penalties<T> {
    /// Takes a proved offence to account: the offender goes to jail, and its slash waits. An authority that is no
    /// candidate has nothing to lose. It counts among the offenders by whom the share of others is decided.
    pub(crate) fn convict(finding: Finding<T::AccountId>) -> DispatchResult {
        let Finding { hotkey, offence, term, seats, committed } = finding;
        ensure!(!History::<T>::is_convicted(term, &hotkey, offence), Error::<T>::AlreadyReported);
        let reported = now::<T>();
        let slash = Slash { hotkey: hotkey.clone().into(), offence, committed, reported, seats };
        let number = Self::file(slash).map_err(|_| Error::<T>::TooManySlashes)?;
        History::<T>::convict(term, hotkey.clone(), offence);
        Pallet::<T>::deposit_event(Event::Reported { hotkey: hotkey.clone(), offence, committed, number });
        Self::jail(hotkey);
        Ok(())
    }

    /// Files a slash, and returns its number. It waits if its offender has pledged.
    pub(crate) fn file(slash: Slash) -> Result<u32, DocketFull> {
        let mut docket = SlashDocket::<T>::get();
        let number = docket.file(slash, Self::has_pledged(&slash), &rules::<T>())?;
        Self::store(docket);
        Ok(number)
    }

    /// Files the slashes of those away in an era, as far as there is room.
    pub(crate) fn file_all(slashes: &[Slash]) {
        if slashes.is_empty() {
            return;
        }
        let (mut docket, rules) = (SlashDocket::<T>::get(), rules::<T>());
        for slash in slashes {
            if docket.file(*slash, Self::has_pledged(slash), &rules).is_err() {
                let who = T::AccountId::from(slash.hotkey);
                log::warn!(target: "elections", "too many slashes wait, so {who:?} loses nothing for its absence");
            }
        }
        Self::store(docket);
    }

    /// Whether a hotkey has to wait for the end of a jail, also for an offence as an appointed authority.
    pub(crate) fn is_jailed(hotkey: &T::AccountId) -> bool {
        let hotkey = hotkey.clone().into();
        SlashDocket::<T>::get().in_jail(now::<T>(), &rules::<T>()).any(|jailed| jailed == hotkey)
    }

    /// Those of `unfit` authorities that are in jail: candidates, and others that the docket lists.
    pub(crate) fn in_jail(unfit: impl Iterator<Item = [u8; 32]>) -> BTreeSet<[u8; 32]> {
        let listed: BTreeSet<_> = SlashDocket::<T>::get().in_jail(now::<T>(), &rules::<T>()).collect();
        let is_jailed = |hotkey: &[u8; 32]| {
            let candidacy = Candidacies::<T>::get(T::AccountId::from(*hotkey));
            listed.contains(hotkey)
                || candidacy.is_some_and(|candidacy| candidacy.jail_end(now::<T>()).is_some())
        };
        unfit.filter(is_jailed).collect()
    }

    fn has_pledged(slash: &Slash) -> bool {
        Candidates::<T>::is_candidate(&T::AccountId::from(slash.hotkey))
    }

    /// Lets a candidate rest.
    pub(crate) fn chill(hotkey: &T::AccountId) {
        let rests = Candidates::<T>::punish(hotkey, |candidacy| {
            let was_ready = candidacy.standing == Standing::Ready;
            candidacy.chill();
            was_ready
        });
        if rests == Some(true) {
            Pallet::<T>::deposit_event(Event::Chilled { hotkey: hotkey.clone() });
        }
    }

    fn jail(hotkey: T::AccountId) {
        let until = Candidates::<T>::punish(&hotkey, |candidacy| {
            candidacy.jail(now::<T>(), &rules::<T>());
            match candidacy.standing {
                Standing::Jailed { until } => until,
                Standing::Ready | Standing::Chilled => now::<T>(),
            }
        });
        if let Some(until) = until {
            Pallet::<T>::deposit_event(Event::Jailed { hotkey, until });
        }
    }

    /// Work of a block: takes the slashes that are due, at most [`MOST_IN_BLOCK`] of them.
    pub(crate) fn tick() -> Weight {
        let Some(reported) = FirstReport::<T>::get() else { return Measured::<T>::uncounted() };
        let rules = rules::<T>();
        if reported.saturating_add(rules.appeal_window) > now::<T>() {
            return Measured::<T>::take(0);
        }
        let (mut docket, mut taken) = (SlashDocket::<T>::get(), 0);
        while taken < MOST_IN_BLOCK {
            let Some((number, slash, share)) = docket.take_due(now::<T>(), &rules) else { break };
            Self::take(number, &slash, share);
            taken = taken.saturating_add(1);
        }
        Self::store(docket);
        Measured::<T>::take(taken)
    }

    /// Takes a slash, of all that is pledged and of what is on its way out. The TAO is recycled.
    fn take(number: u32, slash: &Slash, share: PerBillion) {
        let hotkey = T::AccountId::from(slash.hotkey);
        let taken = Candidates::<T>::punish(&hotkey, |candidacy| {
            let amount = slash.take(share, candidacy);
            Self::recycle(&T::AccountId::from(candidacy.coldkey), amount);
            amount
        });
        Candidates::<T>::end_if_over(&hotkey);
        let (offence, amount) = (slash.offence, taken.unwrap_or(TaoBalance::ZERO));
        Pallet::<T>::deposit_event(Event::Slashed { number, hotkey, offence, share, amount });
    }

    fn recycle(coldkey: &T::AccountId, amount: TaoBalance) {
        let (taken, missing) = T::Holds::slash(&HoldReason::Pledge.into(), coldkey, amount.to_rao());
        if missing > 0 {
            log::error!(target: "elections", "{missing} rao of a pledge of {coldkey:?} are not on hold");
        }
        log::debug!(target: "elections", "{} rao of the pledge of {coldkey:?} are slashed", taken.peek());
        T::Recycle::on_unbalanced(taken);
    }

    /// `cancel_slash`.
    pub fn cancel(number: u32) -> DispatchResult {
        let mut docket = SlashDocket::<T>::get();
        let slash = docket.cancel(number).ok_or(Error::<T>::NoSuchSlash)?;
        Self::store(docket);
        let hotkey = T::AccountId::from(slash.hotkey);
        Pallet::<T>::deposit_event(Event::SlashCancelled { number, hotkey });
        Ok(())
    }

    fn store(docket: Docket) {
        FirstReport::<T>::set(docket.first_report());
        SlashDocket::<T>::put(docket);
    }
}
