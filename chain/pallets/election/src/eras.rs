//! Eras: the pass over all candidates in pages, the choice, the draw of seats, and the switch.

use alloc::vec::Vec;
use core::marker::PhantomData;

use codec::{Decode, DecodeWithMemTracking, Encode};
use frame_support::{
    pallet_prelude::*,
    traits::Get,
    weights::{constants::WEIGHT_REF_TIME_PER_MILLIS, Weight},
};
use myelin_election::{choose, order, Candidacy, Choice, Entry, Pass, Qualities, Reading, Rules, Sitting};
use myelin_units::Block;
use myelin_wire::AccountId;

use crate::{
    candidates::Candidates,
    interfaces::Seats,
    measured::Measured,
    now,
    pallet::{
        Candidacies, ChosenSet, Config, EraClock, Error, Event, NextSerial, Pallet, PassProgress,
        PassQualities, PassUnderWay,
    },
    panels::PanelBook,
    penalties::Penalties,
    presence::Presence,
    readings::Readings,
    rules,
};

/// A page takes this part of a block's weight.
const PART_OF_BLOCK: u64 = 64;
/// Choosing with 128 authorities in office, of whom the benchmarks have few; estimated.
const CHOOSING: Weight = Weight::from_parts(2 * WEIGHT_REF_TIME_PER_MILLIS, 0);
/// Entries that the panel of a subnet and its emission are read from, at most.
const READS_OF_SUBNET: u64 = 10;
/// Most candidates of a page.
const MOST_IN_PAGE: u64 = 1_024;

/// The switch, and the state of the era.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Clock {
    /// Whether elections are on.
    pub on: bool,
    /// Number of the era, by the passes that began.
    pub era: u32,
    /// First block in which the next pass may begin.
    pub next_pass: Block,
    /// Work that the next block goes on with.
    pub step: Step,
}

/// Work on an election.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum Step {
    /// No pass is under way.
    #[default]
    Waiting,
    /// A pass reads candidates.
    Reading,
    /// The new set is known, and its seats are drawn in the next block.
    Drawing,
}

/// A pass under way.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct UnderWay {
    /// The rules of its first block.
    pub rules: Rules,
    /// The pass.
    pub pass: Pass,
}

/// A new set whose seats are not drawn yet.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Chosen {
    /// The set.
    pub set: Vec<AccountId>,
    /// Authorities that leave.
    pub out: Vec<AccountId>,
    /// Authorities that join.
    pub joined: Vec<AccountId>,
}

/// Owner of [`EraClock`], [`PassUnderWay`], [`PassQualities`], [`PassProgress`] and [`ChosenSet`].
///
/// Invariants: a pass is stored exactly while candidates are read, and a chosen set exactly while its seats wait for
/// their draw. [`PassProgress`] is that of the pass.
pub struct Eras<T>(PhantomData<T>);

impl<T: Config> Eras<T> {
    /// Whether elections are on.
    pub fn is_on() -> bool {
        EraClock::<T>::get().on
    }

    /// `switch_on`.
    pub fn switch_on() -> DispatchResult {
        let mut clock = EraClock::<T>::get();
        ensure!(!clock.on, Error::<T>::AlreadyOn);
        clock.on = true;
        if clock.step == Step::Waiting {
            clock.next_pass = now::<T>().saturating_add(rules::<T>().era);
        }
        EraClock::<T>::put(clock);
        Presence::<T>::begin();
        Pallet::<T>::deposit_event(Event::SwitchedOn { first_pass: clock.next_pass });
        Ok(())
    }

    /// `switch_off`.
    pub fn switch_off() -> DispatchResult {
        let clock = EraClock::<T>::get();
        ensure!(clock.on, Error::<T>::AlreadyOff);
        EraClock::<T>::put(Clock { on: false, ..clock });
        Presence::<T>::end();
        Pallet::<T>::deposit_event(Event::SwitchedOff);
        Ok(())
    }

    /// Work of a block. A pass begins in one block; each later block reads a page, the last of which also chooses; the
    /// block after that draws the seats. A pass that was begun is brought to its end, even if elections are turned off.
    pub(crate) fn tick() -> Weight {
        let clock = EraClock::<T>::get();
        match clock.step {
            Step::Waiting if clock.on && now::<T>() >= clock.next_pass => {
                if T::Seats::is_changing() {
                    return Measured::<T>::tick();
                }
                Self::begin(clock)
            }
            Step::Waiting => Measured::<T>::tick(),
            Step::Reading => Self::read_page(clock, Self::page_length()),
            Step::Drawing => Self::draw(clock),
        }
    }

    /// Begins a pass: the absent are chilled, qualities are computed, and readings are kept from now on.
    fn begin(clock: Clock) -> Weight {
        let judged_absent = Presence::<T>::judge();
        let rules = rules::<T>();
        let panels: Vec<_> = PanelBook::<T>::all().collect();
        let members: usize = panels.iter().map(|panel| panel.members.len()).sum();
        let qualities = Qualities::new(&panels);
        let judged = u32::try_from(qualities.len()).unwrap_or(u32::MAX);
        let office: Vec<AccountId> = T::Seats::in_office().into_iter().map(Into::into).collect();
        let pass = Pass::begin(NextSerial::<T>::get(), &office);
        PassQualities::<T>::put(qualities);
        PassProgress::<T>::put(pass.progress());
        PassUnderWay::<T>::put(UnderWay { rules, pass });
        let era = clock.era.saturating_add(1);
        let next_pass = now::<T>().saturating_add(rules.era);
        EraClock::<T>::put(Clock { era, next_pass, step: Step::Reading, ..clock });
        Pallet::<T>::deposit_event(Event::PassBegan { era, judged });
        // Of each subnet, its panel and what its emission follows from.
        let panels = T::DbWeight::get().reads(READS_OF_SUBNET.saturating_mul(panels.len() as u64));
        let computed = Measured::<T>::begin_pass(u32::try_from(members).unwrap_or(u32::MAX));
        computed.saturating_add(panels).saturating_add(judged_absent)
    }

    /// Most candidates that one block reads: those that a 64th of the block has room for, and at least one.
    pub fn page_length() -> usize {
        let room = T::BlockWeights::get().max_block.ref_time() / PART_OF_BLOCK;
        let each = Measured::<T>::page(1).saturating_sub(Measured::<T>::page(0)).ref_time();
        let length = room.checked_div(each).unwrap_or(MOST_IN_PAGE).clamp(1, MOST_IN_PAGE);
        usize::try_from(length).unwrap_or(1)
    }

    /// Reads the next page, of at most so many candidates; the last one, which is not full, ends the pass.
    pub(crate) fn read_page(clock: Clock, most: usize) -> Weight {
        let Some(UnderWay { rules, mut pass }) = PassUnderWay::<T>::get() else {
            log::error!(target: "elections", "the pass of era {} is lost, so the set stays", clock.era);
            EraClock::<T>::put(Clock { step: Step::Waiting, ..clock });
            return Measured::<T>::tick();
        };
        let page = Self::page(&pass, most);
        let cost = Measured::<T>::page(u32::try_from(page.len()).unwrap_or(u32::MAX));
        pass.take(&page, &PassQualities::<T>::get(), &rules);
        if page.len() < most {
            return cost.saturating_add(Self::finish(clock, rules, pass));
        }
        PassProgress::<T>::put(pass.progress());
        PassUnderWay::<T>::put(UnderWay { rules, pass });
        cost
    }

    /// Readings of the candidates behind the cursor. Their root stake is remembered for the next pass. Where a reading
    /// was kept, it was remembered then, and may have been less since.
    fn page(pass: &Pass, most: usize) -> Vec<Reading> {
        let behind = pass.cursor().and_then(|place| <[u8; 32]>::try_from(place.get(16..)?).ok());
        let listed: Vec<(T::AccountId, Candidacy)> = match behind {
            Some(last) => Candidacies::<T>::iter_from_key(T::AccountId::from(last)).take(most).collect(),
            None => Candidacies::<T>::iter().take(most).collect(),
        };
        let progress = pass.progress();
        let read = |(hotkey, candidacy): (T::AccountId, Candidacy)| {
            if let Some(kept) = Readings::<T>::take_kept(&hotkey) {
                return kept;
            }
            let reading = Readings::<T>::of(&hotkey, &candidacy);
            if progress.takes(candidacy.serial) && candidacy.seen != reading.nominations {
                Candidacies::<T>::insert(&hotkey, Candidacy { seen: reading.nominations, ..candidacy });
            }
            reading
        };
        listed.into_iter().map(read).collect()
    }

    /// Ends a pass, and chooses the next set. Candidates that may not serve any longer are left out.
    fn finish(clock: Clock, rules: Rules, pass: Pass) -> Weight {
        PassUnderWay::<T>::kill();
        PassProgress::<T>::kill();
        PassQualities::<T>::kill();
        let (mut best, sitting) = pass.finish();
        // Of each, whether it may serve or is in jail: its candidacy twice and its session keys. Once, the docket.
        let looked_at = best.len().saturating_add(sitting.len()) as u64;
        let cost = CHOOSING
            .saturating_add(T::DbWeight::get().reads(looked_at.saturating_mul(3)))
            .saturating_add(Measured::<T>::take(0));
        if !clock.on {
            Self::drop_result(clock);
            return cost;
        }
        let serves =
            |entry: &Entry| Candidates::<T>::may_serve(&T::AccountId::from(entry.hotkey), rules.least_pledge);
        best.retain(&serves);
        let entry_of = |hotkey: &AccountId| {
            let found = sitting.iter().find(|(sits, _)| sits == hotkey).and_then(|(_, entry)| *entry);
            found.filter(&serves)
        };
        let office: Vec<AccountId> = T::Seats::in_office().into_iter().map(Into::into).collect();
        let mut office: Vec<_> = office
            .into_iter()
            .map(|hotkey| Sitting { hotkey, entry: entry_of(&hotkey), jailed: false })
            .collect();
        let unfit = office.iter().filter(|sitting| sitting.entry.is_none()).map(|sitting| sitting.hotkey);
        let in_jail = Penalties::<T>::in_jail(unfit);
        office.iter_mut().for_each(|sitting| sitting.jailed = in_jail.contains(&sitting.hotkey));
        let step = match choose(&office, &best, &rules) {
            Choice::Stays(reason) => {
                Pallet::<T>::deposit_event(Event::SetStays { era: clock.era, reason });
                Step::Waiting
            }
            Choice::Changes { set, out, joined } => {
                ChosenSet::<T>::put(Chosen { set, out, joined });
                Step::Drawing
            }
        };
        EraClock::<T>::put(Clock { step, ..clock });
        cost
    }

    /// Draws the seats by the beacon's value of the block in which the set was chosen, and puts the set into office.
    fn draw(clock: Clock) -> Weight {
        let chosen = ChosenSet::<T>::take();
        let Some(Chosen { set, out, joined }) = chosen.filter(|_| clock.on) else {
            Self::drop_result(clock);
            return Measured::<T>::draw();
        };
        let accounts = |keys: Vec<AccountId>| keys.into_iter().map(T::AccountId::from).collect::<Vec<_>>();
        let set = accounts(order(set, &T::Draw::get()));
        T::Seats::appoint(set.clone());
        let (era, out, joined) = (clock.era, accounts(out), accounts(joined));
        Pallet::<T>::deposit_event(Event::Elected { era, set, out, joined });
        EraClock::<T>::put(Clock { step: Step::Waiting, ..clock });
        Measured::<T>::draw()
    }

    fn drop_result(clock: Clock) {
        EraClock::<T>::put(Clock { step: Step::Waiting, ..clock });
        Pallet::<T>::deposit_event(Event::ResultDropped { era: clock.era });
    }
}
