//! Invariants of the pallet, for tests, the fuzzer and audits of a state.

use alloc::collections::BTreeSet;

use myelin_election::candidacy::MOST_LEAVING;

use crate::{
    candidates::Candidates,
    eras::Step,
    pallet::{
        Candidacies, ChosenSet, Config, EraClock, HotkeyOf, KeptReadings, NextSerial, Panels, PassProgress,
        PassQualities, PassUnderWay,
    },
};

type Answer = Result<(), &'static str>;

fn holds(is_so: bool, broken: &'static str) -> Answer {
    is_so.then_some(()).ok_or(broken)
}

/// Checks the invariants of this pallet. The error names the broken one.
pub fn check<T: Config>() -> Answer {
    candidacies_are_on_hold::<T>()?;
    the_pass_is_stored::<T>()?;
    panels_list_hotkeys_once::<T>()
}

fn candidacies_are_on_hold<T: Config>() -> Answer {
    let mut serials = BTreeSet::new();
    for (hotkey, candidacy) in Candidacies::<T>::iter() {
        let coldkey = T::AccountId::from(candidacy.coldkey);
        let held = Candidates::<T>::on_hold(&coldkey);
        holds(held == candidacy.exposed().to_rao(), "the TAO on hold is not what the candidacy says")?;
        let named = HotkeyOf::<T>::get(&coldkey);
        holds(named == Some(hotkey), "a coldkey does not name the hotkey for which it pledged")?;
        holds(candidacy.leaving.len() <= MOST_LEAVING, "too many amounts are on their way out")?;
        holds(!candidacy.is_over(), "a candidacy of which nothing is left is stored")?;
        let fresh = candidacy.serial < NextSerial::<T>::get() && serials.insert(candidacy.serial);
        holds(fresh, "two candidacies have one serial number, or it was not given yet")?;
    }
    let coldkeys = HotkeyOf::<T>::iter_keys().count();
    holds(coldkeys == serials.len(), "a coldkey names a hotkey that is no candidate")
}

fn the_pass_is_stored<T: Config>() -> Answer {
    let step = EraClock::<T>::get().step;
    let pass = PassUnderWay::<T>::get();
    holds(pass.is_some() == (step == Step::Reading), "a pass is stored while none is under way, or none is")?;
    holds(ChosenSet::<T>::exists() == (step == Step::Drawing), "a chosen set waits that no block draws")?;
    let progress = pass.map(|under_way| under_way.pass.progress());
    holds(PassProgress::<T>::get() == progress, "the progress is not that of the pass")?;
    holds(progress.is_some() || !PassQualities::<T>::exists(), "qualities are left of a pass")?;
    let awaited = |hotkey: &T::AccountId| {
        let serial = Candidacies::<T>::get(hotkey).map(|candidacy| candidacy.serial);
        let key = hotkey.clone().into();
        progress.zip(serial).is_some_and(|(progress, serial)| progress.awaits(&key, serial))
    };
    holds(KeptReadings::<T>::iter_keys().all(|hotkey| awaited(&hotkey)), "a kept reading is not awaited")
}

fn panels_list_hotkeys_once<T: Config>() -> Answer {
    let is_once = |members: &[myelin_election::Member]| {
        let hotkeys: BTreeSet<_> = members.iter().map(|member| member.hotkey).collect();
        hotkeys.len() == members.len()
    };
    holds(Panels::<T>::iter_values().all(|panel| is_once(&panel.members)), "a panel lists a hotkey twice")
}
