//! Candidates: their pledges, their standing, and the way out.

use core::marker::PhantomData;

use frame_support::{
    pallet_prelude::*,
    traits::{
        fungible::{InspectHold, MutateHold},
        tokens::Precision,
    },
};
use myelin_election::{Candidacy, Standing};
use myelin_units::{Block, TaoBalance};

use crate::{
    interfaces::{Network, Seats},
    now,
    pallet::{Candidacies, Config, Error, Event, HoldReason, HotkeyOf, KeptReadings, NextSerial, Pallet},
    penalties::Penalties,
    readings::Readings,
    rules,
};

/// Owner of [`Candidacies`], [`HotkeyOf`] and [`NextSerial`].
///
/// Invariants: a coldkey pledges for at most one hotkey. The amount on hold for [`HoldReason::Pledge`] on its account
/// is the pledge with all that is on its way out.
pub struct Candidates<T>(PhantomData<T>);

impl<T: Config> Candidates<T> {
    /// `join`.
    pub fn join(coldkey: T::AccountId, hotkey: T::AccountId, pledge: TaoBalance) -> DispatchResult {
        ensure!(T::Network::owner_of(&hotkey).as_ref() == Some(&coldkey), Error::<T>::NotYourHotkey);
        // A former candidacy without a pledge ends with its jail.
        if let Some(former) = HotkeyOf::<T>::get(&coldkey) {
            Self::end_if_over(&former);
        }
        ensure!(!Candidacies::<T>::contains_key(&hotkey), Error::<T>::AlreadyCandidate);
        ensure!(!HotkeyOf::<T>::contains_key(&coldkey), Error::<T>::OneForEachColdkey);
        ensure!(!Penalties::<T>::is_jailed(&hotkey), Error::<T>::InJail);
        let serial = NextSerial::<T>::get();
        let candidacy = Candidacy::new(coldkey.clone().into(), serial, pledge, &rules::<T>())
            .map_err(Error::<T>::from)?;
        T::Holds::hold(&HoldReason::Pledge.into(), &coldkey, pledge.to_rao())?;
        NextSerial::<T>::put(serial.saturating_add(1));
        Candidacies::<T>::insert(&hotkey, candidacy);
        HotkeyOf::<T>::insert(&coldkey, &hotkey);
        Pallet::<T>::deposit_event(Event::Joined { hotkey, coldkey, pledge });
        Ok(())
    }

    /// `pledge_more`.
    pub fn pledge_more(coldkey: T::AccountId, hotkey: T::AccountId, amount: TaoBalance) -> DispatchResult {
        let pledge = Self::change(&coldkey, &hotkey, |candidacy| {
            candidacy.add(amount, &rules::<T>()).map_err(Error::<T>::from)?;
            T::Holds::hold(&HoldReason::Pledge.into(), &coldkey, amount.to_rao())?;
            Ok(candidacy.pledge)
        })?;
        Pallet::<T>::deposit_event(Event::Pledged { hotkey, pledge });
        Ok(())
    }

    /// `unbond` of an amount; `leave` without one.
    pub fn unbond(coldkey: T::AccountId, hotkey: T::AccountId, amount: Option<TaoBalance>) -> DispatchResult {
        let (amount, pledge) = Self::change(&coldkey, &hotkey, |candidacy| {
            let amount = amount.unwrap_or(candidacy.pledge);
            candidacy.unbond(amount, now::<T>(), &rules::<T>()).map_err(Error::<T>::from)?;
            Ok((amount, candidacy.pledge))
        })?;
        Pallet::<T>::deposit_event(Event::Unbonding { hotkey, amount, pledge });
        Ok(())
    }

    /// `withdraw`.
    pub fn withdraw(coldkey: T::AccountId, hotkey: T::AccountId) -> DispatchResult {
        let mut candidacy = Self::own(&coldkey, &hotkey)?;
        ensure!(!Self::is_in_office(&hotkey), Error::<T>::NothingFree);
        let amount = candidacy.withdraw(now::<T>(), &rules::<T>()).map_err(Error::<T>::from)?;
        T::Holds::release(&HoldReason::Pledge.into(), &coldkey, amount.to_rao(), Precision::Exact)?;
        if candidacy.is_over(now::<T>()) {
            Self::end(&hotkey, &coldkey);
        } else {
            // Amounts on their way out are in no reading.
            Candidacies::<T>::insert(&hotkey, candidacy);
        }
        Pallet::<T>::deposit_event(Event::Withdrawn { hotkey, coldkey, amount });
        Ok(())
    }

    /// `chill`.
    pub fn chill(signer: T::AccountId, hotkey: T::AccountId) -> DispatchResult {
        let candidacy = Candidacies::<T>::get(&hotkey).ok_or(Error::<T>::NotCandidate)?;
        let coldkey = T::AccountId::from(candidacy.coldkey);
        ensure!(signer == hotkey || signer == coldkey, Error::<T>::NotYours);
        ensure!(candidacy.standing == Standing::Ready, Error::<T>::RestsAlready);
        Self::change(&coldkey, &hotkey, |candidacy| {
            candidacy.chill();
            Ok(())
        })?;
        Pallet::<T>::deposit_event(Event::Chilled { hotkey });
        Ok(())
    }

    /// `resume`.
    pub fn resume(coldkey: T::AccountId, hotkey: T::AccountId) -> DispatchResult {
        Self::change(&coldkey, &hotkey, |candidacy| {
            candidacy.resume(now::<T>(), &rules::<T>()).map_err(Error::<T>::from)?;
            Ok(())
        })?;
        Pallet::<T>::deposit_event(Event::Resumed { hotkey });
        Ok(())
    }

    /// Notes that accounts write no blocks from now on. Their pledges are free `unbonding` blocks later at the
    /// earliest.
    pub fn left_office(former: &[T::AccountId]) {
        for hotkey in former {
            // The last block in office is in no reading.
            Candidacies::<T>::mutate_extant(hotkey, |candidacy| candidacy.served = now::<T>());
        }
    }

    /// First block in which something of a pledge is free; `None` if none is known.
    pub fn free_at(hotkey: &T::AccountId) -> Option<Block> {
        let mut candidacy = Candidacies::<T>::get(hotkey)?;
        if Self::is_in_office(hotkey) || candidacy.leaving.is_empty() {
            return None;
        }
        match candidacy.withdraw(now::<T>(), &rules::<T>()) {
            Err(myelin_election::CandidacyError::NotFree(block)) => Some(block),
            _ => Some(now::<T>()),
        }
    }

    /// Whether a hotkey is a candidate, or its pledge is on its way out.
    pub(crate) fn is_candidate(hotkey: &T::AccountId) -> bool {
        Candidacies::<T>::contains_key(hotkey)
    }

    /// Changes a candidacy without its coldkey, and keeps its reading before if the pass under way awaits it. `None` if
    /// the hotkey is no candidate.
    pub(crate) fn punish<R>(hotkey: &T::AccountId, step: impl FnOnce(&mut Candidacy) -> R) -> Option<R> {
        let before = Candidacies::<T>::get(hotkey)?;
        let mut candidacy = before.clone();
        let result = step(&mut candidacy);
        Readings::<T>::keep(hotkey, &before, &mut candidacy);
        Candidacies::<T>::insert(hotkey, candidacy);
        Some(result)
    }

    /// Ends a candidacy of which nothing is left.
    pub(crate) fn end_if_over(hotkey: &T::AccountId) {
        if let Some(candidacy) = Candidacies::<T>::get(hotkey).filter(|kept| kept.is_over(now::<T>())) {
            Self::end(hotkey, &T::AccountId::from(candidacy.coldkey));
        }
    }

    fn end(hotkey: &T::AccountId, coldkey: &T::AccountId) {
        Candidacies::<T>::remove(hotkey);
        HotkeyOf::<T>::remove(coldkey);
        KeptReadings::<T>::remove(hotkey);
    }

    /// Whether a candidate may take a seat: ready, with session keys, and with enough pledged.
    pub fn may_serve(hotkey: &T::AccountId, least_pledge: TaoBalance) -> bool {
        let is_fit =
            |candidacy: Candidacy| candidacy.standing == Standing::Ready && candidacy.pledge >= least_pledge;
        Candidacies::<T>::get(hotkey).is_some_and(is_fit) && T::Seats::has_keys(hotkey)
    }

    /// TAO on hold for pledges on an account.
    pub fn on_hold(coldkey: &T::AccountId) -> u64 {
        T::Holds::balance_on_hold(&HoldReason::Pledge.into(), coldkey)
    }

    fn is_in_office(hotkey: &T::AccountId) -> bool {
        T::Seats::in_office().contains(hotkey)
    }

    /// Changes a candidacy, and keeps its reading before if the pass under way awaits it.
    fn change<R>(
        coldkey: &T::AccountId,
        hotkey: &T::AccountId,
        step: impl FnOnce(&mut Candidacy) -> Result<R, DispatchError>,
    ) -> Result<R, DispatchError> {
        let before = Self::own(coldkey, hotkey)?;
        let mut candidacy = before.clone();
        let result = step(&mut candidacy)?;
        Readings::<T>::keep(hotkey, &before, &mut candidacy);
        Candidacies::<T>::insert(hotkey, candidacy);
        Ok(result)
    }

    /// The candidacy of a hotkey, if this coldkey pledged for it.
    fn own(coldkey: &T::AccountId, hotkey: &T::AccountId) -> Result<Candidacy, Error<T>> {
        let candidacy = Candidacies::<T>::get(hotkey).ok_or(Error::<T>::NotCandidate)?;
        ensure!(T::AccountId::from(candidacy.coldkey) == *coldkey, Error::<T>::NotYours);
        Ok(candidacy)
    }
}
