//! Random sequences of everything that accounts can do, in a world where holdings move, checked after every step.
//!
//! The model keeps of each vote and delegation the amounts that it was made with, and counts every open referendum
//! anew from these. It knows nothing of sums, overrides and terms that are kept apart.

use std::collections::BTreeMap;

use myelin_economy::profile::Profile;
use myelin_governance::{
    book::{self, available},
    memory::Memory,
    track::TrackId,
    Asset, Kind, Multiplier, Poll, PollId, Portfolio, Prices, Standing, Tally, Valuation, VoteError,
};
use myelin_units::TaoBalance;
use proptest::prelude::*;

const ACCOUNTS: u32 = 6;
const UNIT: u64 = 200_000_000;
const ASSETS: [Asset; 4] = [Asset::Free, Asset::Stake(0), Asset::Stake(1), Asset::Stake(2)];
const OWNER: u32 = 0;

#[derive(Clone, Debug)]
enum Step {
    Wait(u64),
    Reprice(u64),
    Open(u8),
    End(usize, Option<bool>),
    Move { from: u32, to: u32, asset: usize, amount: u64 },
    Exchange { who: u32, from: usize, to: usize, amount: u64 },
    Lock { who: u32, asset: usize, amount: u64 },
    Unlock { who: u32, asset: usize, amount: u64 },
    Cast { who: u32, poll: usize, aye: bool, multiplier: usize },
    Withdraw { who: u32, poll: usize },
    Delegate { who: u32, track: u8, to: u32 },
    Undelegate { who: u32, track: u8 },
    Succeed { old: u32, new: u32 },
    Remove { netuid: u16, rate: u64 },
}

fn step() -> impl Strategy<Value = Step> {
    use Step::*;
    let (who, asset, amount, poll, track) = (0..ACCOUNTS, 0..ASSETS.len(), 1..40_u64, 0..4_usize, 0..3_u8);
    prop_oneof![
        2 => prop_oneof![3 => 1..60_u64, 1 => 100..500_u64].prop_map(Wait),
        1 => (0..5_u64).prop_map(Reprice),
        3 => track.clone().prop_map(Open),
        2 => (poll.clone(), any::<Option<bool>>()).prop_map(|(poll, approved)| End(poll, approved)),
        4 => (who.clone(), who.clone(), asset.clone(), amount.clone())
            .prop_map(|(from, to, asset, amount)| Move { from, to, asset, amount }),
        2 => (who.clone(), asset.clone(), asset.clone(), amount.clone())
            .prop_map(|(who, from, to, amount)| Exchange { who, from, to, amount }),
        6 => (who.clone(), asset.clone(), amount.clone())
            .prop_map(|(who, asset, amount)| Lock { who, asset, amount }),
        4 => (who.clone(), asset, amount)
            .prop_map(|(who, asset, amount)| Unlock { who, asset, amount }),
        8 => (who.clone(), poll.clone(), any::<bool>(), 0..3_usize)
            .prop_map(|(who, poll, aye, multiplier)| Cast { who, poll, aye, multiplier }),
        3 => (who.clone(), poll).prop_map(|(who, poll)| Withdraw { who, poll }),
        6 => (who.clone(), track.clone(), who.clone())
            .prop_map(|(who, track, to)| Delegate { who, track, to }),
        3 => (who.clone(), track).prop_map(|(who, track)| Undelegate { who, track }),
        1 => (who.clone(), who).prop_map(|(old, new)| Succeed { old, new }),
        1 => (1..3_u16, 0..4_u64).prop_map(|(netuid, rate)| Remove { netuid, rate }),
    ]
}

/// A vote that stands, with the amounts that it was made with, and TAO that was paid since for alpha among them.
#[derive(Clone, Debug)]
struct Stands {
    aye: bool,
    multiplier: Multiplier,
    amounts: Portfolio,
    removed: Vec<Asset>,
    paid: u64,
}

#[derive(Clone, Debug)]
struct Lent {
    to: u32,
    amounts: Portfolio,
    ends: u64,
}

struct World {
    book: Memory,
    held: BTreeMap<(u32, Asset), u64>,
    /// Amounts of each asset that exist, with what was removed.
    supply: BTreeMap<Asset, u64>,
    votes: BTreeMap<(PollId, u32), Stands>,
    lent: BTreeMap<(u32, TrackId), Lent>,
    price: u64,
    /// Number of the next referendum.
    next: PollId,
}

fn track(number: u8) -> TrackId {
    [Kind::Parameters.id(), Kind::Upgrade.id(), TrackId::rubrics(1).unwrap()][usize::from(number)]
}

impl World {
    fn new() -> Self {
        let mut world = World {
            book: Memory::new(Profile::FAST),
            held: BTreeMap::new(),
            supply: BTreeMap::new(),
            votes: BTreeMap::new(),
            lent: BTreeMap::new(),
            price: 2,
            next: 0,
        };
        world.book.owners.insert(1, OWNER);
        for asset in ASSETS {
            for who in 0..ACCOUNTS {
                world.give(who, asset, 30 * UNIT);
            }
        }
        (0..4).for_each(|number| world.open(number % 3));
        world
    }

    fn give(&mut self, who: u32, asset: Asset, amount: u64) {
        *self.held.entry((who, asset)).or_default() += amount;
        *self.supply.entry(asset).or_default() += amount;
    }

    fn held(&self, who: u32, asset: Asset) -> u64 {
        self.held.get(&(who, asset)).copied().unwrap_or_default()
    }

    fn locked(&self, who: u32, asset: Asset) -> u64 {
        self.book.voters.get(&who).map_or(0, |voter| voter.lock.amount(asset))
    }

    fn polls(&self) -> Vec<PollId> {
        let open = self.book.polls.iter().filter(|(_, poll)| poll.standing == Standing::Open);
        open.map(|(id, _)| *id).collect()
    }

    fn open(&mut self, number: u8) {
        let now = self.book.now;
        let prices = Prices::new([(1, self.price * 250_000_000), (2, 333_333_333)]);
        // Referenda of one block share a note; the first one of a block writes it.
        self.book.notes.entry(now).or_insert(prices);
        let track = track(number);
        let barred = track.subnet().map(|_| OWNER);
        let poll = Poll { track, tally: Tally::new(1, now), standing: Standing::Open, barred };
        self.book.polls.insert(self.next, poll);
        self.next += 1;
    }

    /// Time passes. Referenda don't last for longer than sums keep delegations that ended.
    fn wait(&mut self, blocks: u64) {
        self.book.now += blocks;
        let at = self.book.now;
        let old = self.book.polls.values_mut().filter(|poll| poll.tally.noted + 800 < at);
        for poll in old.filter(|poll| poll.standing == Standing::Open) {
            poll.standing = Standing::Over { at, approved: None };
        }
        self.forget();
    }

    /// Votes in referenda that are over count nowhere.
    fn forget(&mut self) {
        let open = self.polls();
        self.votes.retain(|(id, _), _| open.contains(id));
    }

    fn take(&mut self, step: &Step) -> Result<(), VoteError> {
        let polls = self.polls();
        let nth = |poll: usize| polls.get(poll % polls.len().max(1)).copied().unwrap_or(PollId::MAX);
        match *step {
            Step::Wait(blocks) => self.wait(blocks),
            Step::Reprice(price) => self.price = price,
            Step::Open(number) if polls.len() < 4 => self.open(number),
            Step::Open(_) => {}
            Step::End(poll, approved) => {
                let at = self.book.now;
                if let Some(poll) = self.book.polls.get_mut(&nth(poll)) {
                    poll.standing = Standing::Over { at, approved };
                }
                self.forget();
            }
            Step::Move { from, to, asset, amount } => {
                let asset = ASSETS[asset];
                let free = available(self.held(from, asset), self.locked(from, asset), 0);
                let amount = free.min(amount * UNIT);
                *self.held.entry((from, asset)).or_default() -= amount;
                *self.held.entry((to, asset)).or_default() += amount;
            }
            Step::Exchange { who, from, to, amount } => {
                let (from, to) = (ASSETS[from], ASSETS[to]);
                let free = available(self.held(who, from), self.locked(who, from), 0);
                let amount = free.min(amount * UNIT);
                *self.held.entry((who, from)).or_default() -= amount;
                *self.supply.entry(from).or_default() -= amount;
                self.give(who, to, amount);
            }
            Step::Lock { who, asset, amount } => {
                let held = self.held(who, ASSETS[asset]);
                book::lock(&mut self.book, &who, ASSETS[asset], amount * UNIT, held)?;
            }
            Step::Unlock { who, asset, amount } => {
                let amount = self.locked(who, ASSETS[asset]).min(amount * UNIT);
                book::unlock(&mut self.book, &who, ASSETS[asset], amount)?;
            }
            Step::Cast { who, poll, aye, multiplier } => {
                let (id, multiplier) = (nth(poll), Multiplier::ALL[multiplier]);
                book::cast(&mut self.book, &who, id, aye, multiplier)?;
                let amounts = self.book.voters[&who].lock.clone();
                self.votes
                    .insert((id, who), Stands { aye, multiplier, amounts, removed: Vec::new(), paid: 0 });
            }
            Step::Withdraw { who, poll } => {
                book::withdraw(&mut self.book, &who, nth(poll))?;
                self.votes.remove(&(nth(poll), who));
            }
            Step::Delegate { who, track: number, to } => {
                book::delegate(&mut self.book, &who, track(number), &to)?;
                let own = self.book.voters[&who].delegation(track(number)).unwrap();
                let amounts = self.book.voters[&who].lock.on_track(track(number));
                self.lent.insert((who, track(number)), Lent { to, amounts, ends: own.ends });
            }
            Step::Undelegate { who, track: number } => {
                book::undelegate(&mut self.book, &who, track(number))?;
                self.lent.remove(&(who, track(number)));
            }
            Step::Succeed { old, new } => self.succeed(old, new)?,
            Step::Remove { netuid, rate } => self.remove(netuid, rate)?,
        }
        Ok(())
    }

    fn succeed(&mut self, old: u32, new: u32) -> Result<(), VoteError> {
        book::succeed(&mut self.book, &old, &new)?;
        for asset in ASSETS {
            let amount = self.held.remove(&(old, asset)).unwrap_or_default();
            *self.held.entry((new, asset)).or_default() += amount;
        }
        let mine: Vec<_> = self.votes.keys().filter(|(_, who)| *who == old).copied().collect();
        for (id, _) in mine {
            let vote = self.votes.remove(&(id, old)).unwrap();
            if self.book.polls[&id].barred != Some(new) {
                self.votes.insert((id, new), vote);
            }
        }
        let mine: Vec<_> = self.lent.keys().filter(|(who, _)| *who == old).copied().collect();
        for (_, on) in mine {
            let lent = self.lent.remove(&(old, on)).unwrap();
            let barred = on.subnet().is_some() && new == OWNER;
            if lent.to != new && !barred {
                self.lent.insert((new, on), lent);
            }
        }
        // Power that was lent to the old account votes no more.
        self.lent.values_mut().filter(|lent| lent.to == old).for_each(|lent| lent.ends = 0);
        Ok(())
    }

    /// The subnet is removed, everybody is paid, and another one of its number begins.
    fn remove(&mut self, netuid: u16, rate: u64) -> Result<(), VoteError> {
        let asset = Asset::Stake(netuid);
        if netuid == 1 {
            // Its referenda end with it.
            let at = self.book.now;
            let of = TrackId::rubrics(1).unwrap();
            let polls = self.book.polls.values_mut().filter(|poll| poll.track == of);
            polls.for_each(|poll| poll.standing = Standing::Over { at, approved: None });
            self.forget();
        }
        for who in 0..ACCOUNTS {
            let (held, locked) = (self.held(who, asset), self.locked(who, asset));
            let paid = |amount: u64| amount / 4 * rate;
            if locked > 0 {
                book::subnet_removed(&mut self.book, &who, netuid)?;
                book::alpha_paid(&mut self.book, &who, TaoBalance::from_rao(paid(locked)))?;
                for ((_, _), vote) in self.votes.iter_mut().filter(|((_, voter), _)| *voter == who) {
                    if vote.amounts.amount(asset) > 0 {
                        vote.paid += paid(locked);
                        vote.removed.push(asset);
                    }
                }
                self.lent.retain(|(own, _), lent| *own != who || lent.amounts.amount(asset) == 0);
            }
            self.held.remove(&(who, asset));
            // Alpha of a removed subnet stays in the count, because open votes may count it.
            self.give(who, Asset::Free, paid(held - locked) + paid(locked));
        }
        (0..ACCOUNTS).for_each(|who| self.give(who, asset, 5 * UNIT));
        Ok(())
    }

    /// Votes and delegations that count in a referendum: account, amounts, side, multiplier, and whether by a delegate.
    fn counted(&self, id: PollId) -> Vec<(u32, &Portfolio, bool, Multiplier, bool)> {
        let poll = &self.book.polls[&id];
        let mut counted: Vec<_> = self
            .votes
            .iter()
            .filter(|((of, _), _)| *of == id)
            .map(|((_, who), vote)| (*who, &vote.amounts, vote.aye, vote.multiplier, false))
            .collect();
        for ((who, on), lent) in &self.lent {
            let alive = *on == poll.track && poll.tally.noted < lent.ends;
            if !alive || self.votes.contains_key(&(id, *who)) {
                continue;
            }
            if let Some(vote) = self.votes.get(&(id, lent.to)) {
                counted.push((*who, &lent.amounts, vote.aye, Multiplier::One, true));
            }
        }
        counted
    }

    fn check(&self) {
        for id in self.polls() {
            self.tally_is_the_sum_of_what_counts(id);
            self.no_unit_counts_twice(id);
        }
        for ((who, asset), held) in &self.held {
            assert!(self.locked(*who, *asset) <= *held, "locked without being held");
        }
    }

    fn tally_is_the_sum_of_what_counts(&self, id: PollId) {
        let poll = &self.book.polls[&id];
        let valuation = Valuation::on(poll.track, self.book.notes[&poll.tally.noted].clone());
        let (mut ayes, mut nays, mut support, mut delegates) = (0, 0, 0, BTreeMap::new());
        for (who, amounts, aye, multiplier, lent) in self.counted(id) {
            if lent {
                let to = self.lent[&(who, poll.track)].to;
                delegates.entry((to, aye)).or_insert_with(Portfolio::default).add(amounts);
                continue;
            }
            let power = valuation.total(amounts);
            *if aye { &mut ayes } else { &mut nays } += power * u128::from(multiplier.halves());
            support += if aye { power } else { 0 };
        }
        for ((_, aye), amounts) in delegates {
            let power = valuation.total(&amounts);
            *if aye { &mut ayes } else { &mut nays } += power * 2;
            support += if aye && poll.track.subnet().is_some() { power } else { 0 };
        }
        let found = (poll.tally.ayes, poll.tally.nays, poll.tally.support);
        assert_eq!(found, (ayes, nays, support), "referendum {id}");
    }

    /// Amounts that count are under the vote lock of their account, or their alpha was removed and the TAO paid for it
    /// is; accounts count once; and all together are no more than exists.
    fn no_unit_counts_twice(&self, id: PollId) {
        let counted = self.counted(id);
        let mut sums = BTreeMap::<Asset, u64>::new();
        for (at, (who, amounts, _, _, lent)) in counted.iter().enumerate() {
            assert!(
                counted.iter().skip(at + 1).all(|(other, ..)| other != who),
                "account {who} counts twice"
            );
            let vote = self.votes.get(&(id, *who)).filter(|_| !lent);
            let paid = vote.map_or(0, |vote| vote.paid);
            for (asset, amount) in amounts.iter() {
                *sums.entry(asset).or_default() += amount;
                let removed = vote.is_some_and(|vote| vote.removed.contains(&asset));
                let needed = match (asset, removed) {
                    (_, true) => 0,
                    (Asset::Free, _) => amount + paid,
                    _ => amount,
                };
                assert!(self.locked(*who, asset) >= needed, "{asset:?} of {who} counts and is not bound");
            }
            assert!(self.locked(*who, Asset::Free) >= paid, "TAO for removed alpha is not bound");
        }
        for (asset, sum) in sums {
            assert!(sum <= self.supply[&asset], "{asset:?}: {sum} counted");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn whatever_accounts_do_no_unit_counts_twice(steps in prop::collection::vec(step(), 1..120)) {
        let mut world = World::new();
        for step in &steps {
            let before = world.book.clone();
            let settled = |mut book: Memory| {
                for who in 0..ACCOUNTS {
                    let _ = book::settled(&mut book, &who);
                }
                book
            };
            if world.take(step).is_err() && !matches!(step, Step::Remove { .. }) {
                prop_assert_eq!(settled(world.book.clone()), settled(before), "a refused step changed something");
            }
            world.check();
        }
    }
}
