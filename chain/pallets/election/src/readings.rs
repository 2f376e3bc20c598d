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
        let Some(mut candidacy) = Candidacies::<T>::get(hotkey) else { return };
        Self::keep(hotkey, &candidacy);
        let seen = candidacy.seen;
        candidacy.note_stake(T::Network::root_stake_on(hotkey));
        if candidacy.seen != seen {
            Candidacies::<T>::insert(hotkey, candidacy);
        }
    }

    /// Keeps the reading of a candidate as it is, if the pass under way awaits it and none is kept.
    pub(crate) fn keep(hotkey: &T::AccountId, candidacy: &Candidacy) {
        let Some(progress) = PassProgress::<T>::get() else { return };
        let awaited = progress.awaits(&hotkey.clone().into(), candidacy.serial);
        if awaited && !KeptReadings::<T>::contains_key(hotkey) {
            KeptReadings::<T>::insert(hotkey, Self::of(hotkey, candidacy));
        }
    }

    /// The reading for the pass: the kept one, or the present one.
    pub(crate) fn take(hotkey: &T::AccountId, candidacy: &Candidacy) -> Reading {
        KeptReadings::<T>::take(hotkey).unwrap_or_else(|| Self::of(hotkey, candidacy))
    }

    /// The present reading.
    fn of(hotkey: &T::AccountId, candidacy: &Candidacy) -> Reading {
        let (stake, has_keys) = (T::Network::root_stake_on(hotkey), T::Seats::has_keys(hotkey));
        candidacy.reading(hotkey.clone().into(), stake, has_keys)
    }
}
