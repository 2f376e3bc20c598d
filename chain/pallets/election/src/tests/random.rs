//! Random actions: the invariants hold after each, no TAO appears or vanishes, and every pass elects as one sort would.

use std::collections::BTreeSet;

use myelin_election::{
    change_limit, choose,
    pass::{entry_of, SPARE},
    Choice, Entry, Qualities, Reading, Rules, Sitting, Standing,
};
use proptest::prelude::*;
use sp_runtime::AccountId32;

use super::mock::*;
use crate::{rules, Candidacies, EraClock, Event, History, PanelBook, SlashDocket, Step};

/// Hotkeys that take part; those of office are among them.
const HOTKEYS: u8 = 34;

#[derive(Clone, Debug)]
enum Act {
    Join(u8, u64),
    PledgeMore(u8, u64),
    Unbond(u8, u64),
    Leave(u8),
    Withdraw(u8),
    Chill(u8),
    Resume(u8),
    Stake(u8, u64),
    Move(u8, u8),
    Epoch(Vec<(u8, u32)>),
    Keys(u8, bool),
    Switch(bool),
    Blocks(u32),
    TwoBlocks(u64),
    TwoVotes(u8, u64),
    Cancel(u32),
}

fn act() -> impl Strategy<Value = Act> {
    use Act::*;
    let who = 0..HOTKEYS;
    prop_oneof![
        8 => (who.clone(), 1..400u64).prop_map(|(who, tokens)| Join(who, tokens)),
        3 => (who.clone(), 0..200u64).prop_map(|(who, tokens)| PledgeMore(who, tokens)),
        3 => (who.clone(), 0..200u64).prop_map(|(who, tokens)| Unbond(who, tokens)),
        1 => who.clone().prop_map(Leave),
        2 => who.clone().prop_map(Withdraw),
        1 => who.clone().prop_map(Chill),
        1 => who.clone().prop_map(Resume),
        5 => (who.clone(), 0..1_000u64).prop_map(|(who, tokens)| Stake(who, tokens)),
        3 => (who.clone(), who.clone()).prop_map(|(from, to)| Move(from, to)),
        2 => prop::collection::vec((who.clone(), 0..=100u32), 10..20).prop_map(Epoch),
        1 => (who, any::<bool>()).prop_map(|(who, has)| Keys(who, has)),
        1 => prop::bool::weighted(0.8).prop_map(Switch),
        8 => (1..12u32).prop_map(Blocks),
        2 => (0..8u64).prop_map(TwoBlocks),
        2 => (30..HOTKEYS, 1..4u64).prop_map(|(who, set)| TwoVotes(who, set)),
        1 => (0..6u32).prop_map(Cancel),
    ]
}

/// The state after a pass's first block, from which one sort elects.
struct Photo {
    readings: Vec<Reading>,
    qualities: Qualities,
    rules: Rules,
}

impl Photo {
    fn take() -> Self {
        let reading = |(hotkey, candidacy): (AccountId32, myelin_election::Candidacy)| Reading {
            hotkey: hotkey.clone().into(),
            coldkey: candidacy.coldkey,
            serial: candidacy.serial,
            pledge: candidacy.pledge,
            nominations: world::Stakes::<Test>::get(&hotkey),
            before: candidacy.seen,
            ready: candidacy.standing == Standing::Ready && world::Keys::<Test>::contains_key(&hotkey),
        };
        let panels: Vec<_> = PanelBook::<Test>::all().collect();
        Self {
            readings: Candidacies::<Test>::iter().map(reading).collect(),
            qualities: Qualities::new(&panels),
            rules: crate::rules::<Test>(),
        }
    }

    /// The next set by one sort of all readings, without those that may not serve now.
    fn elect(&self) -> Choice {
        let entry = |reading: &Reading| entry_of(reading, self.qualities.of(&reading.hotkey), &self.rules);
        let mut all: Vec<Entry> = self.readings.iter().filter_map(entry).collect();
        all.sort_by(Entry::order);
        let mut coldkeys = BTreeSet::new();
        let mut best: Vec<Entry> =
            all.iter().filter(|entry| coldkeys.insert(entry.coldkey)).copied().collect();
        best.truncate((self.rules.seats + SPARE) as usize);
        let serves = |entry: &Entry| {
            let hotkey = AccountId32::from(entry.hotkey);
            let candidacy = Candidacies::<Test>::get(&hotkey);
            let is_fit = candidacy.is_some_and(|candidacy| {
                candidacy.standing == Standing::Ready && candidacy.pledge >= self.rules.least_pledge
            });
            is_fit && world::Keys::<Test>::contains_key(&hotkey)
        };
        best.retain(serves);
        let (docket, now) = (SlashDocket::<Test>::get(), System::block_number().into());
        let in_jail: Vec<_> = docket.in_jail(now, &rules::<Test>()).collect();
        let is_jailed = |hotkey: &[u8; 32]| {
            let standing =
                Candidacies::<Test>::get(AccountId32::from(*hotkey)).map(|candidacy| candidacy.standing);
            in_jail.contains(hotkey) || matches!(standing, Some(Standing::Jailed { until }) if now <= until)
        };
        let sitting = |hotkey: [u8; 32]| {
            let entry = all.iter().find(|entry| entry.hotkey == hotkey).copied();
            Sitting { hotkey, entry: entry.filter(serves), jailed: is_jailed(&hotkey) }
        };
        let office: Vec<_> = office().into_iter().map(|who| sitting(who.into())).collect();
        choose(&office, &best, &self.rules)
    }
}

/// Events that a story waits for.
#[derive(Default)]
struct Watch {
    photo: Option<Photo>,
    expected: Option<Choice>,
    open_era: Option<u32>,
    elected: usize,
    reported: usize,
}

impl Watch {
    /// One block, whose events follow from what went before.
    fn block(&mut self) {
        let step = EraClock::<Test>::get().step;
        let office = office();
        block();
        if step == Step::Reading && EraClock::<Test>::get().step != Step::Reading {
            self.expected = self.photo.take().map(|photo| photo.elect());
        }
        for event in events() {
            match event {
                Event::PassBegan { era, .. } => {
                    assert_eq!(self.open_era.replace(era), None, "the era before has ended");
                    self.photo = Some(Photo::take());
                    return;
                }
                Event::SetStays { era, reason } => {
                    assert_eq!(self.open_era.take(), Some(era));
                    assert_eq!(self.expected.take(), Some(Choice::Stays(reason)));
                }
                Event::ResultDropped { era } => assert_eq!(self.open_era.take(), Some(era)),
                Event::Elected { era, set, out, joined } => {
                    assert_eq!(self.open_era.take(), Some(era));
                    let limit = change_limit(office.len());
                    assert!(out.len() <= limit && joined.len() <= limit);
                    let mut wanted: BTreeSet<_> = office.iter().cloned().collect();
                    out.iter().for_each(|who| assert!(wanted.remove(who)));
                    joined.iter().for_each(|who| assert!(wanted.insert(who.clone())));
                    assert_eq!(set.iter().cloned().collect::<BTreeSet<_>>(), wanted);
                    let Some(Choice::Changes { set: by_sort, .. }) = self.expected.take() else {
                        panic!("one sort keeps the set")
                    };
                    let by_sort: BTreeSet<_> = by_sort.into_iter().map(AccountId32::from).collect();
                    assert_eq!(by_sort, wanted, "pages and one sort elect the same");
                    self.elected += 1;
                }
                _ => {}
            }
        }
    }

    fn act(&mut self, act: &Act) {
        let me = |number: u8| signed(coldkey_of(number));
        // Refused calls change nothing, which the checks after them show.
        let _ = match act.clone() {
            Act::Join(who, tokens) => Elections::join(me(who), hotkey(who), tao(tokens)),
            Act::PledgeMore(who, tokens) => Elections::pledge_more(me(who), hotkey(who), tao(tokens)),
            Act::Unbond(who, tokens) => Elections::unbond(me(who), hotkey(who), tao(tokens)),
            Act::Leave(who) => Elections::leave(me(who), hotkey(who)),
            Act::Withdraw(who) => Elections::withdraw(me(who), hotkey(who)),
            Act::Chill(who) => Elections::chill(me(who), hotkey(who)),
            Act::Resume(who) => Elections::resume(me(who), hotkey(who)),
            Act::Stake(who, tokens) => {
                stake(who, tokens);
                Ok(())
            }
            Act::Move(from, to) => {
                let moved = world::Stakes::<Test>::get(hotkey(from)).to_rao() / 1_000_000_000;
                let there = world::Stakes::<Test>::get(hotkey(to)).to_rao() / 1_000_000_000;
                if from != to {
                    stake(from, 0);
                    stake(to, there + moved);
                }
                Ok(())
            }
            Act::Epoch(judges) => {
                let mut seen = BTreeSet::new();
                let once = judges.into_iter().filter(|(who, _)| seen.insert(*who));
                let stake_of = |who| world::Stakes::<Test>::get(hotkey(who)).to_rao() / 1_000_000_000;
                epoch(once.map(|(who, percent)| (who, percent, stake_of(who))).collect::<Vec<_>>());
                Ok(())
            }
            // Session keys are looked up when a page reads their candidate.
            Act::Keys(who, has) if EraClock::<Test>::get().step == Step::Waiting => {
                match has {
                    true => world::Keys::<Test>::insert(hotkey(who), ()),
                    false => world::Keys::<Test>::remove(hotkey(who)),
                }
                Ok(())
            }
            Act::Keys(..) => Ok(()),
            Act::Switch(true) => Elections::switch_on(RuntimeOrigin::root()),
            Act::Switch(false) => Elections::switch_off(RuntimeOrigin::root()),
            Act::Blocks(count) => {
                (0..count).for_each(|_| self.block());
                Ok(())
            }
            // The offender is whoever had the slot.
            Act::TwoBlocks(ago) => {
                let slot = world::Slot::<Test>::get().saturating_sub(ago);
                if let Some((_, seat)) = History::<Test>::author_of(slot) {
                    let (first, second) = two_blocks(seat.hotkey[0], slot);
                    self.reported += usize::from(Elections::report_blocks(me(0), first, second).is_ok());
                }
                Ok(())
            }
            Act::TwoVotes(who, set) => {
                let report = Elections::report_votes(me(0), two_votes(who, set, 7, [1, 2]));
                self.reported += usize::from(report.is_ok());
                Ok(())
            }
            Act::Cancel(number) => Elections::cancel_slash(RuntimeOrigin::root(), number),
        };
        events();
        check();
    }
}

/// Elections and reports of a story.
fn story(acts: &[Act]) -> (usize, usize) {
    on_chain(|| {
        let mut watch = Watch::default();
        for number in (0..HOTKEYS).step_by(3) {
            watch.act(&Act::Join(number, 50));
            watch.act(&Act::Stake(number, 100));
        }
        watch.act(&Act::Epoch((0..HOTKEYS).map(|who| (who, 60)).collect()));
        watch.act(&Act::Switch(true));
        acts.iter().for_each(|act| watch.act(act));
        (watch.elected, watch.reported)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn random_actions_break_no_invariant_and_every_pass_elects_as_one_sort(
        acts in prop::collection::vec(act(), 1..150),
    ) {
        story(&acts);
    }
}

/// The stories above really elect, and punish.
#[test]
fn a_story_of_blocks_elects_and_one_with_offences_punishes() {
    assert!(story(&vec![Act::Blocks(10); 20]).0 > 3);
    let offences = [Act::Blocks(10), Act::TwoBlocks(1), Act::TwoVotes(31, 1), Act::Blocks(8)];
    assert!(story(&offences).1 == 2);
}
