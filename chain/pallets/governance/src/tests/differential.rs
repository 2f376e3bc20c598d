//! The pallet against the rules over a store in memory: random steps change both in the same way.

use std::collections::BTreeMap;

use frame_support::traits::{
    fungible::{Inspect, Mutate},
    tokens::{Fortitude, Preservation},
};
use myelin_economy::profile::Profile;
use myelin_governance::{
    book, memory::Memory, Asset, Book, Kind, Multiplier, Poll, PollId, Standing, TrackId, VoteError,
    VoteLocks,
};
use myelin_units::{AlphaBalance, TaoBalance};
use pallet_referenda::{ReferendumInfo, ReferendumInfoFor};
use proptest::prelude::*;
use sp_runtime::DispatchResult;

use super::mock::*;
use crate::{notes::NoteBook, Error, Notes, Overridden, Received, Voters};

/// Alice proposes, so deposits are held on her account; she takes no step.
const PEOPLE: core::ops::RangeInclusive<u32> = 2..=7;
const ASSETS: [Asset; 3] = [Asset::Free, Asset::Stake(0), Asset::Stake(NETUID)];

#[derive(Clone, Debug)]
enum Step {
    Wait(u32),
    Reprice(u64),
    Open(usize),
    End(usize, Option<bool>),
    Transfer { from: u32, to: u32, tokens: u64 },
    Lock { who: u32, asset: usize, tokens: u64 },
    Unlock { who: u32, asset: usize, tokens: u64 },
    Cast { who: u32, poll: usize, aye: bool, multiplier: usize },
    Withdraw { who: u32, poll: usize },
    Delegate { who: u32, track: usize, to: u32 },
    Undelegate { who: u32, track: usize },
    Succeed { old: u32, new: u32 },
    Remove { rate: u64 },
    Sell { to: u32 },
}

fn step() -> impl Strategy<Value = Step> {
    use Step::*;
    let (who, asset, poll, track) = (PEOPLE, 0..ASSETS.len(), 0..4_usize, 0..3_usize);
    let tokens = 1..60_u64;
    prop_oneof![
        2 => prop_oneof![3 => 1..60_u32, 1 => 100..500_u32].prop_map(Wait),
        1 => (0..5_u64).prop_map(Reprice),
        3 => track.clone().prop_map(Open),
        2 => (poll.clone(), any::<Option<bool>>()).prop_map(|(poll, approved)| End(poll, approved)),
        3 => (who.clone(), who.clone(), tokens.clone())
            .prop_map(|(from, to, tokens)| Transfer { from, to, tokens: tokens * 10 }),
        6 => (who.clone(), asset.clone(), tokens.clone())
            .prop_map(|(who, asset, tokens)| Lock { who, asset, tokens }),
        4 => (who.clone(), asset, tokens)
            .prop_map(|(who, asset, tokens)| Unlock { who, asset, tokens }),
        8 => (who.clone(), poll.clone(), any::<bool>(), 0..3_usize)
            .prop_map(|(who, poll, aye, multiplier)| Cast { who, poll, aye, multiplier }),
        3 => (who.clone(), poll).prop_map(|(who, poll)| Withdraw { who, poll }),
        6 => (who.clone(), track.clone(), who.clone())
            .prop_map(|(who, track, to)| Delegate { who, track, to }),
        3 => (who.clone(), track).prop_map(|(who, track)| Undelegate { who, track }),
        1 => (who.clone(), who.clone()).prop_map(|(old, new)| Succeed { old, new }),
        1 => (0..4_u64).prop_map(|rate| Remove { rate }),
        1 => who.prop_map(|to| Sell { to }),
    ]
}

fn track(number: usize) -> TrackId {
    [payments(), Kind::Upgrade.id(), rubric()][number]
}

/// The rules over a store in memory, which is told of everything that happens on the chain.
struct Twin {
    book: Memory,
}

type Expected = Result<(), VoteError>;

impl Twin {
    fn new() -> Self {
        let mut book = Memory::new(Profile::FAST);
        book.now = 1;
        book.owners.insert(NETUID, OWNER);
        Self { book }
    }

    fn polls(&self) -> Vec<PollId> {
        let open = self.book.polls.iter().filter(|(_, poll)| poll.standing == Standing::Open);
        open.map(|(id, _)| *id).collect()
    }

    fn wait(&mut self, blocks: u32) {
        System::set_block_number(System::block_number() + blocks);
        self.book.now += u64::from(blocks);
        let old = |poll: &Poll<u32>| poll.tally.noted + 800 < self.book.now;
        let old: Vec<_> =
            self.polls().into_iter().filter(|id| self.book.polls.get(id).is_some_and(old)).collect();
        old.into_iter().for_each(|id| self.end(id, None));
    }

    /// A referendum ends on both sides. That stock referenda end by votes is shown elsewhere.
    fn end(&mut self, id: PollId, approved: Option<bool>) {
        let at = System::block_number();
        let info = match approved {
            Some(true) => ReferendumInfo::Approved(at, None, None),
            Some(false) => ReferendumInfo::Rejected(at, None, None),
            None => ReferendumInfo::Killed(at),
        };
        ReferendumInfoFor::<Test>::insert(id, info);
        let ended = self.book.polls.get_mut(&id).expect("it is open");
        ended.standing = Standing::Over { at: at.into(), approved };
    }

    fn open(&mut self, track: TrackId) {
        if track.subnet().is_some_and(|_| network::Owners::<Test>::get(NETUID).unwrap().1 >= self.book.now) {
            return;
        }
        let id = super::mock::open(track);
        let note = Notes::<Test>::get(self.book.now).expect("it was taken");
        self.book.notes.insert(self.book.now, note.prices);
        let barred = track.subnet().and_then(|netuid| self.book.owner(netuid));
        self.book.polls.insert(id, Poll { track, tally: tally(id), standing: Standing::Open, barred });
    }

    /// A step on both sides: what the chain answers, and what the rules say.
    fn take(&mut self, step: &Step) -> (DispatchResult, Expected) {
        let polls = self.polls();
        let nth = |poll: usize| polls.get(poll % polls.len().max(1)).copied().unwrap_or(PollId::MAX);
        for of in (0..3).map(track) {
            self.book.electorates.insert(of, NoteBook::<Test>::electorate(of));
        }
        self.book.present.insert(NETUID, network::Price::<Test>::get(NETUID));
        let (book, fine) = (&mut self.book, (Ok(()), Ok(())));
        match *step {
            Step::Wait(blocks) => self.wait(blocks),
            Step::Reprice(price) => network::Price::<Test>::insert(NETUID, price * TAO / 4),
            Step::Open(number) if polls.len() < 4 => self.open(track(number)),
            Step::Open(_) => {}
            Step::End(poll, approved) if !polls.is_empty() => self.end(nth(poll), approved),
            Step::End(..) => {}
            Step::Transfer { from, to, tokens } => {
                let _ = Balances::transfer(&from, &to, tokens * TAO, Preservation::Protect);
            }
            Step::Lock { who, asset, tokens } => {
                let (asset, amount) = (ASSETS[asset], tokens * TAO);
                let held = match asset {
                    Asset::Free => Balances::balance(&who),
                    Asset::Stake(netuid) => network::Stakes::<Test>::get(netuid, who),
                };
                let expected = book::lock(book, &who, asset, amount, held);
                return (Governance::lock(signed(who), asset, amount), expected);
            }
            Step::Unlock { who, asset, tokens } => {
                let (asset, amount) = (ASSETS[asset], tokens * TAO);
                let expected = book::unlock(book, &who, asset, amount);
                return (Governance::unlock(signed(who), asset, amount), expected);
            }
            Step::Cast { who, poll, aye, multiplier } => {
                let (id, multiplier) = (nth(poll), Multiplier::ALL[multiplier]);
                let expected = book::cast(book, &who, id, aye, multiplier).map(drop);
                return (vote_with(who, id, aye, multiplier), expected);
            }
            Step::Withdraw { who, poll } => {
                let expected = book::withdraw(book, &who, nth(poll));
                return (Governance::withdraw(signed(who), nth(poll)), expected);
            }
            Step::Delegate { who, track: number, to } => {
                let expected = book::delegate(book, &who, track(number), &to);
                return (Governance::delegate(signed(who), track(number), to), expected);
            }
            Step::Undelegate { who, track: number } => {
                let expected = book::undelegate(book, &who, track(number));
                return (Governance::undelegate(signed(who), track(number)), expected);
            }
            Step::Succeed { old, new } => self.succeed(old, new),
            Step::Remove { rate } => self.remove(rate),
            Step::Sell { to } => {
                let _ = book::owner_changed(book, NETUID, &to);
                book.owners.insert(NETUID, to);
                let of = |poll: &&mut Poll<u32>| poll.track == rubric();
                book.polls.values_mut().filter(of).for_each(|poll| poll.barred = Some(to));
                network::Owners::<Test>::mutate(NETUID, |owner| {
                    *owner = owner.take().map(|(_, since)| (to, since));
                });
                <Governance as VoteLocks<u32>>::owner_changed(NETUID, &to);
            }
        }
        fine
    }

    fn succeed(&mut self, old: u32, new: u32) {
        let may = <Governance as VoteLocks<u32>>::may_succeed(&old, &new);
        assert_eq!(book::succeed(&mut self.book, &old, &new), may);
        <Governance as VoteLocks<u32>>::succeed(&old, &new);
        if may.is_err() {
            return;
        }
        let all = Balances::reducible_balance(&old, Preservation::Expendable, Fortitude::Polite);
        assert_eq!(all, Balances::balance(&old), "nothing of it is frozen");
        Balances::transfer(&old, &new, all, Preservation::Expendable).unwrap();
        for netuid in [0, NETUID] {
            let stake = network::Stakes::<Test>::take(netuid, old);
            network::Stakes::<Test>::mutate(netuid, new, |own| *own += stake);
        }
        <Governance as VoteLocks<u32>>::bind(&new);
    }

    /// The subnet is removed, everybody is paid, and another one of its number begins in the next block.
    fn remove(&mut self, rate: u64) {
        let ended: Vec<_> =
            self.book.polls.iter().filter(|(_, poll)| poll.track == rubric()).map(|(id, _)| *id).collect();
        for id in ended {
            let at = self.book.now;
            let poll = self.book.polls.get_mut(&id).expect("it is listed");
            if poll.standing == Standing::Open {
                poll.standing = Standing::Over { at, approved: None };
            }
        }
        let owner = network::Owners::<Test>::take(NETUID).expect("it is there").0;
        for who in PEOPLE {
            let (alpha, locked) = (
                network::Stakes::<Test>::take(NETUID, who),
                self.book.voter(&who).lock.amount(Asset::Stake(NETUID)),
            );
            let (alpha, paid) = (AlphaBalance::from_rao(alpha), TaoBalance::from_rao(alpha / 3 * rate));
            if !paid.is_zero() {
                Balances::mint_into(&who, paid.to_rao()).unwrap();
            }
            if locked > 0 {
                let paid = book::paid_for_locked(locked, alpha, paid);
                book::subnet_removed(&mut self.book, &who, NETUID).unwrap();
                book::alpha_paid(&mut self.book, &who, paid).unwrap();
            }
            let claimed = <Governance as VoteLocks<u32>>::alpha_claimed(NETUID, &who).to_rao();
            assert_eq!(claimed, locked);
            if claimed > 0 {
                let paid = book::paid_for_locked(claimed, alpha, paid);
                <Governance as VoteLocks<u32>>::alpha_paid(&who, paid);
            }
        }
        network::Owners::<Test>::insert(NETUID, (owner, self.book.now));
        PEOPLE.for_each(|who| network::Stakes::<Test>::insert(NETUID, who, 100 * TAO));
    }

    fn check(&self) {
        let voters: BTreeMap<_, _> = Voters::<Test>::iter().collect();
        assert_eq!(voters, self.book.voters);
        let sums: BTreeMap<_, _> =
            Received::<Test>::iter().map(|(who, track, sums)| ((who, track), sums)).collect();
        assert_eq!(sums, self.book.received);
        let sums: BTreeMap<_, _> =
            Overridden::<Test>::iter().map(|(who, poll, sums)| ((who, poll), sums)).collect();
        assert_eq!(sums, self.book.overridden);
        for id in self.polls() {
            assert_eq!(tally(id), self.book.polls[&id].tally, "referendum {id}");
        }
        super::mock::check();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn the_chain_does_what_the_rules_say(steps in prop::collection::vec(step(), 1..80)) {
        on_chain(|| {
            let mut twin = Twin::new();
            PEOPLE.for_each(|who| network::Stakes::<Test>::insert(0, who, 50 * TAO));
            (0..4).for_each(|number| twin.open(track(number % 3)));
            for step in &steps {
                let before = twin.book.clone();
                let (found, expected) = twin.take(step);
                if expected.is_err() {
                    // The chain takes back all of a refused call, also votes that are over.
                    twin.book = before;
                }
                assert_eq!(found, expected.map_err(|error| Error::<Test>::from(error).into()), "{step:?}");
                twin.check();
            }
        });
    }
}
