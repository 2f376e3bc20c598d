//! A pass in pages elects as one without pages, whatever candidates do meanwhile.

use std::collections::{BTreeMap, BTreeSet};

use myelin_election::panel::Member;
use myelin_election::{
    pass::{entry_of, place, Entry, Pass, Place, Reading, SPARE},
    Panel, PerBillion, Qualities, Rules,
};
use myelin_units::TaoBalance;
use myelin_wire::AccountId;
use proptest::prelude::*;

const RULES: Rules = Rules { seats: 4, ..Rules::production() };

fn key(number: u16) -> AccountId {
    let mut key = [7; 32];
    key[..2].copy_from_slice(&number.to_le_bytes());
    key
}

fn reading(number: u16, pledge: u64, nominations: u64, before: u64) -> Reading {
    let [pledge, nominations, before] = [pledge, nominations, before].map(TaoBalance::from_tokens);
    // Every third shares its coldkey with the one before.
    let coldkey = key(if number % 3 == 2 { number - 1 } else { number });
    let serial = number.into();
    Reading { hotkey: key(number), coldkey, serial, pledge, nominations, before, ready: true }
}

/// Validators of one subnet with different measures.
fn qualities(candidates: u16) -> Qualities {
    let member = |number: u16| Member {
        hotkey: key(number),
        coldkey: key(number),
        backing: TaoBalance::from_tokens(1),
        measure: PerBillion::percent(20 + u32::from(number * 7 % 80)),
    };
    let panel = Panel {
        emission: PerBillion::ONE,
        owner: None,
        network: TaoBalance::from_tokens(candidates.into()),
        members: (0..candidates).map(member).collect(),
    };
    Qualities::new([&panel])
}

/// The best by sorting all: the literal twin of a pass.
fn literal(readings: &[Reading], qualities: &Qualities) -> Vec<Entry> {
    let mut all: Vec<_> = readings
        .iter()
        .filter_map(|reading| entry_of(reading, qualities.of(&reading.hotkey), &RULES))
        .collect();
    all.sort_by(Entry::order);
    let mut coldkeys = BTreeSet::new();
    all.retain(|entry| coldkeys.insert(entry.coldkey));
    all.truncate((RULES.seats + SPARE) as usize);
    all
}

/// Candidates as a chain keeps them, with the readings that it keeps while a pass is under way.
struct Store {
    candidates: BTreeMap<Place, Reading>,
    kept: BTreeMap<Place, Reading>,
    next: u16,
}

impl Store {
    /// Copies on write, then changes.
    fn change(&mut self, pass: &Pass, number: u16, change: impl FnOnce(&mut Reading)) {
        let at = place(&key(number));
        let Some(reading) = self.candidates.get_mut(&at) else { return };
        if pass.awaits(&reading.hotkey, reading.serial) {
            self.kept.entry(at).or_insert(*reading);
        }
        change(reading);
    }

    fn page(&self, pass: &Pass, length: usize) -> Vec<Reading> {
        let from = pass.cursor().copied();
        let behind = self.candidates.iter().filter(|(at, _)| from.is_none_or(|cursor| **at > cursor));
        behind.take(length).map(|(at, reading)| *self.kept.get(at).unwrap_or(reading)).collect()
    }

    fn act(&mut self, pass: &Pass, act: Act) {
        match act {
            Act::Join(pledge) => {
                let new = reading(self.next, pledge, 90_000, 90_000);
                self.candidates.insert(place(&new.hotkey), new);
                self.next += 1;
            }
            Act::Leave(number) => self.change(pass, number, |reading| reading.ready = false),
            Act::Pledge(number, tao) => {
                self.change(pass, number, |reading| reading.pledge = TaoBalance::from_tokens(tao));
            }
            Act::Move(from, to) => {
                let mut moved = TaoBalance::ZERO;
                self.change(pass, from, |reading| moved = std::mem::take(&mut reading.nominations));
                self.change(pass, to, |reading| {
                    reading.nominations = reading.nominations.saturating_add(moved)
                });
            }
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Act {
    Join(u64),
    Leave(u16),
    Pledge(u16, u64),
    Move(u16, u16),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        (100u64..10_000).prop_map(Act::Join),
        (0u16..90).prop_map(Act::Leave),
        (0u16..90, 0u64..10_000).prop_map(|(number, tao)| Act::Pledge(number, tao)),
        (0u16..90, 0u16..90).prop_map(|(from, to)| Act::Move(from, to)),
    ]
}

proptest! {
    #[test]
    fn a_paged_pass_elects_as_the_first_block_would(
        all in prop::collection::vec((0u64..2_000, 0u64..20_000, 0u64..20_000), 0..80),
        pages in prop::collection::vec((1usize..20, prop::collection::vec(act(), 0..6)), 1..40),
    ) {
        let readings: Vec<_> = (0..).zip(&all).map(|(number, (pledge, now, before))| {
            reading(number, *pledge, *now, *before)
        }).collect();
        let qualities = qualities(90);
        let next = readings.len() as u16;
        let office: Vec<_> = (0..6).map(|number| key(number * 5)).collect();
        let mut store = Store {
            candidates: readings.iter().map(|reading| (place(&reading.hotkey), *reading)).collect(),
            kept: BTreeMap::new(),
            next,
        };
        let mut pass = Pass::begin(next.into(), &office);
        for (length, acts) in pages.iter().cycle().take(2_000) {
            acts.iter().take(if store.next < 200 { 6 } else { 0 }).for_each(|act| store.act(&pass, *act));
            let page = store.page(&pass, *length);
            if page.is_empty() {
                break;
            }
            pass.take(&page, &qualities, &RULES);
        }
        prop_assert!(store.page(&pass, 1).is_empty(), "every candidate was read");
        let (best, sitting) = pass.finish();
        prop_assert_eq!(&best, &literal(&readings, &qualities));
        for (hotkey, entry) in sitting {
            let reading = readings.iter().find(|reading| reading.hotkey == hotkey);
            prop_assert_eq!(entry, reading.and_then(|found| entry_of(found, qualities.of(&hotkey), &RULES)));
        }
    }

    /// A candidate that is read twice, or out of order, counts once.
    #[test]
    fn a_page_that_comes_again_changes_nothing(
        all in prop::collection::vec((100u64..2_000, 0u64..20_000), 1..60), length in 1usize..20,
    ) {
        let mut readings: Vec<_> =
            (0..).zip(&all).map(|(number, (pledge, now))| reading(number, *pledge, *now, *now)).collect();
        readings.sort_by_key(|reading| place(&reading.hotkey));
        let qualities = qualities(60);
        let mut once = Pass::begin(1_000, &[]);
        let mut again = once.clone();
        for page in readings.chunks(length) {
            once.take(page, &qualities, &RULES);
            again.take(page, &qualities, &RULES);
            again.take(page, &qualities, &RULES);
            again.take(&readings[..length.min(readings.len())], &qualities, &RULES);
        }
        prop_assert_eq!(once.read() as usize, readings.len());
        prop_assert_eq!(once, again);
    }
}
