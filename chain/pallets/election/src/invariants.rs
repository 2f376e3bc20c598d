//! Invariants of the pallet, for tests, the fuzzer and audits of a state.

use alloc::{collections::BTreeSet, vec::Vec};

use myelin_election::{candidacy::MOST_LEAVING, docket::MOST_SLASHES};

use crate::{
    candidates::Candidates,
    eras::Step,
    history::History,
    pallet::{
        Candidacies, ChosenSet, Config, Convicted, EraAttendance, EraClock, FirstReport, HotkeyOf,
        KeptReadings, NextSerial, Panels, PassProgress, PassQualities, PassUnderWay, SlashDocket, TermIndex,
        TermSeats,
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
    panels_list_hotkeys_once::<T>()?;
    seats_are_of_known_terms::<T>()?;
    slashes_are_in_order::<T>()
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
        // A record that was in jail stays until its coldkey joins again.
        holds(!candidacy.is_over(0), "a candidacy of which nothing is left is stored")?;
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

fn seats_are_of_known_terms<T: Config>() -> Answer {
    let terms = TermIndex::<T>::get();
    let known: BTreeSet<u32> = terms.iter().map(|term| term.number).collect();
    let stored: BTreeSet<u32> = TermSeats::<T>::iter_keys().collect();
    holds(known == stored, "seats are stored of a term that is not known, or a term has none")?;
    let fits = terms.iter().all(|term| TermSeats::<T>::get(term.number).len() == term.seats as usize);
    holds(fits, "a term has more or fewer seats than it says")?;
    holds(Convicted::<T>::iter_keys().all(|term| known.contains(&term)), "a conviction is of no known term")?;
    let attendance = EraAttendance::<T>::get();
    holds(
        attendance.is_some() == EraClock::<T>::get().on,
        "blocks are counted while elections are off, or not",
    )?;
    let seats = History::<T>::in_office().len();
    holds(
        attendance.is_none_or(|attendance| attendance.seats() == seats),
        "blocks are counted for another set",
    )
}

fn slashes_are_in_order<T: Config>() -> Answer {
    let docket = SlashDocket::<T>::get();
    holds(FirstReport::<T>::get() == docket.first_report(), "the first report is not that of the docket")?;
    let numbers: Vec<u32> = docket.iter().map(|filed| filed.number).collect();
    let rises = numbers.windows(2).all(|pair| pair[0] < pair[1]);
    let given = numbers.last().is_none_or(|last| *last < docket.next_number());
    holds(rises && given && numbers.len() <= MOST_SLASHES, "the docket is out of order, or too long")
}
