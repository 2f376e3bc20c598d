//! Readings of candidates, and copies of them before they change.

use core::marker::PhantomData;

use myelin_election::{Candidacy, Reading};

use crate::{
    interfaces::{Network, Seats},
    pallet::{Candidacies, Config, KeptReadings, PassProgress},
};

/// Owner of [`KeptReadings`].
///
/// Invariant: a reading is kept only of a candidate that the pass under way awaits.
pub struct Readings<T>(PhantomData<T>);

impl<T: Config> Readings<T> {
    /// Notes the root stake on a hotkey before it changes, and keeps its reading for the pass under way. One read where
    /// the hotkey is no candidate. Else at most five, and two writes.
    pub fn root_stake_changes(hotkey: &T::AccountId) {
        let Some(before) = Candidacies::<T>::get(hotkey) else { return };
        let mut candidacy = before.clone();
        Self::keep(hotkey, &before, &mut candidacy);
        candidacy.note_stake(T::Network::root_stake_on(hotkey));
        if candidacy != before {
            Candidacies::<T>::insert(hotkey, candidacy);
        }
    }

    /// Keeps the reading of a candidate as it was before a change, if the pass under way awaits it and none is kept.
    /// From then on the changed candidacy notes the least root stake for the next pass.
    pub(crate) fn keep(hotkey: &T::AccountId, before: &Candidacy, changed: &mut Candidacy) {
        let Some(progress) = PassProgress::<T>::get() else { return };
        let awaited = progress.awaits(&hotkey.clone().into(), before.serial);
        if awaited && !KeptReadings::<T>::contains_key(hotkey) {
            let reading = Self::of(hotkey, before);
            changed.seen = reading.nominations;
            KeptReadings::<T>::insert(hotkey, reading);
        }
    }

    /// The reading that was kept for the pass, if there is one.
    pub(crate) fn take_kept(hotkey: &T::AccountId) -> Option<Reading> {
        KeptReadings::<T>::take(hotkey)
    }

    /// The present reading.
    pub(crate) fn of(hotkey: &T::AccountId, candidacy: &Candidacy) -> Reading {
        let (stake, has_keys) = (T::Network::root_stake_on(hotkey), T::Seats::has_keys(hotkey));
        candidacy.reading(hotkey.clone().into(), stake, has_keys)
    }
}
