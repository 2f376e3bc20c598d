//! Single steps, their refusals, and the paths by which power could be played twice.

use codec::{Decode, Encode, MaxEncodedLen};
use myelin_economy::profile::Profile;
use myelin_governance::{
    book::{self, DELEGATION_BOND_DAYS, LEAST_LOCK, LEAST_POWER},
    grant::{Claim, Grant, Milestone, MAX_MILESTONES},
    memory::Memory,
    power::MAX_SUM_ASSETS,
    voter::{MAX_DELEGATIONS, MAX_TERMS, MAX_VOTES},
    Asset, Cast, Delegation, Kind, Multiplier, Poll, PollId, Portfolio, Prices, Standing, Sums, Tally,
    TrackId, VoteError, Voter,
};
use myelin_units::{AlphaBalance, TaoBalance};

const DAY: u64 = 7_200;
const ALICE: u32 = 1;
const BOB: u32 = 2;
const CAROL: u32 = 3;
const TAO: u64 = 1_000_000_000;
const ONE: Multiplier = Multiplier::One;

/// A chain with an open referendum 0 on the track of parameters, 1 on that of upgrades, and 2 on subnet 5's.
fn chain() -> Memory {
    let mut chain = Memory::new(Profile::PRODUCTION);
    chain.notes.insert(0, Prices::new([(5, 500_000_000)]));
    chain.owners.insert(5, CAROL);
    let tracks = [Kind::Parameters.id(), Kind::Upgrade.id(), TrackId::rubrics(5).unwrap()];
    for (id, track) in (0..).zip(tracks) {
        open(&mut chain, id, track);
    }
    chain
}

fn open(chain: &mut Memory, id: PollId, track: TrackId) {
    let tally = Tally::new(1_000 * u128::from(TAO), chain.now);
    let barred = track.subnet().and_then(|netuid| chain.owners.get(&netuid).copied());
    chain.polls.insert(id, Poll { track, tally, standing: Standing::Open, barred });
    let prices = chain.notes[&0].clone();
    chain.notes.insert(chain.now, prices);
}

fn end(chain: &mut Memory, id: PollId, approved: Option<bool>) {
    let at = chain.now;
    chain.polls.get_mut(&id).unwrap().standing = Standing::Over { at, approved };
}

fn lock(chain: &mut Memory, who: u32, asset: Asset, tokens: u64) {
    book::lock(chain, &who, asset, tokens * TAO, u64::MAX).unwrap();
}

/// Ayes and nays in TAO, and support in TAO.
fn tally(chain: &Memory, id: PollId) -> (u128, u128, u128) {
    let tally = chain.polls[&id].tally;
    let halves = 2 * u128::from(TAO);
    (tally.ayes / halves, tally.nays / halves, tally.support / u128::from(TAO))
}

#[test]
fn a_vote_counts_everything_under_the_vote_lock_at_the_noted_prices() {
    let mut chain = chain();
    lock(&mut chain, ALICE, Asset::Free, 10);
    lock(&mut chain, ALICE, Asset::Stake(0), 20);
    lock(&mut chain, ALICE, Asset::Stake(5), 40);
    book::cast(&mut chain, &ALICE, 0, true, Multiplier::Two).unwrap();
    assert_eq!(tally(&chain, 0), (100, 0, 50), "10 + 20 + 40/2, twice; support is not multiplied");
    chain.notes.insert(0, Prices::new([(5, 1_000_000_000)]));
    book::cast(&mut chain, &ALICE, 2, false, ONE).unwrap();
    assert_eq!(tally(&chain, 2), (0, 40, 0), "alpha of the subnet alone, as it is");
    book::cast(&mut chain, &ALICE, 0, false, ONE).unwrap();
    assert_eq!(tally(&chain, 0).0, 0, "a changed vote leaves nothing on its former side");
}

#[test]
fn a_vote_counts_at_most_what_is_there_and_what_its_pool_backs_now() {
    let mut chain = chain();
    lock(&mut chain, ALICE, Asset::Free, 10);
    lock(&mut chain, ALICE, Asset::Stake(5), 40);
    for (price, tao, power) in [(900_000_000, 99 * TAO, 30), (250_000_000, 99 * TAO, 20), (0, 3 * TAO, 3)] {
        chain.present.insert(5, price);
        chain.tao.insert(ALICE, tao);
        book::cast(&mut chain, &ALICE, 0, true, ONE).unwrap();
        assert_eq!(tally(&chain, 0), (power, 0, power));
    }
    book::cast(&mut chain, &ALICE, 2, true, ONE).unwrap();
    assert_eq!(tally(&chain, 2), (40, 0, 40), "on its own subnet alpha counts as it is");
}

#[test]
fn a_vote_lock_holds_nothing_of_an_asset_or_enough_of_it() {
    let mut chain = chain();
    let small = LEAST_LOCK - 1;
    let lock = |chain: &mut Memory, amount| book::lock(chain, &ALICE, Asset::Stake(5), amount, u64::MAX);
    assert_eq!(lock(&mut chain, small), Err(VoteError::SmallLock(small)));
    lock(&mut chain, LEAST_LOCK).unwrap();
    lock(&mut chain, 1).unwrap();
    let unlock = |chain: &mut Memory, amount| book::unlock(chain, &ALICE, Asset::Stake(5), amount);
    assert_eq!(unlock(&mut chain, 2), Err(VoteError::SmallLock(small)));
    unlock(&mut chain, 1).unwrap();
    unlock(&mut chain, LEAST_LOCK).unwrap();
    assert!(chain.voters.is_empty());
}

#[test]
fn the_electorate_grows_by_what_votes_bring_and_by_issuance() {
    let mut chain = chain();
    let electorate = |chain: &Memory| chain.polls[&2].tally.electorate / u128::from(TAO);
    for (now, more, counted) in
        [(900, 1, 1_000), (1_200, 50, 1_050), (1_200, 1, 1_051), (1_200, 600, 1_200), (300, 1, 1_200)]
    {
        chain.electorates.insert(TrackId::rubrics(5).unwrap(), now * u128::from(TAO));
        lock(&mut chain, ALICE, Asset::Stake(5), more);
        book::cast(&mut chain, &ALICE, 2, true, ONE).unwrap();
        assert_eq!(electorate(&chain), counted);
    }
    assert_eq!(chain.polls[&0].tally.electorate, 1_000 * u128::from(TAO), "that of another track");
    let tally = Tally::new(1_000 * u128::from(TAO), 7);
    let after = |blocks: u64| tally.issued(9_000 * u128::from(TAO), 7 + blocks).electorate / u128::from(TAO);
    assert_eq!([after(0), after(30), after(9_000)], [1_000, 1_030, 9_000]);
}

#[test]
fn a_vote_binds_until_the_referendum_is_over_and_the_winner_for_longer() {
    let mut chain = chain();
    for who in [ALICE, BOB] {
        lock(&mut chain, who, Asset::Free, 10);
        book::cast(&mut chain, &who, 0, who == ALICE, Multiplier::OneAndHalf).unwrap();
    }
    assert_eq!(book::unlock(&mut chain, &ALICE, Asset::Free, 1), Err(VoteError::BoundByVote(0)));
    book::withdraw(&mut chain, &BOB, 0).unwrap();
    assert_eq!(tally(&chain, 0), (15, 0, 10));
    assert_eq!(book::unlock(&mut chain, &BOB, Asset::Free, 1), Err(VoteError::BoundByVote(0)));
    chain.now = 9;
    end(&mut chain, 0, Some(true));
    let until = 9 + 28 * DAY;
    assert_eq!(book::unlock(&mut chain, &ALICE, Asset::Free, 1), Err(VoteError::BoundUntil(until)));
    assert_eq!(book::unlock(&mut chain, &BOB, Asset::Free, 10 * TAO), Ok(()));
    chain.now = until;
    assert_eq!(book::unlock(&mut chain, &ALICE, Asset::Free, 10 * TAO), Ok(()));
    let gone = VoteError::NotLocked(0);
    assert_eq!(book::unlock(&mut chain, &ALICE, Asset::Free, 1), Err(gone));
    assert!(chain.voters[&ALICE].lock.is_empty() && !chain.voters.contains_key(&BOB));
}

#[test]
fn the_losing_side_and_undecided_referenda_bind_no_longer() {
    for approved in [Some(false), None] {
        let mut chain = chain();
        lock(&mut chain, ALICE, Asset::Free, 10);
        book::cast(&mut chain, &ALICE, 0, true, Multiplier::Two).unwrap();
        end(&mut chain, 0, approved);
        assert_eq!(book::unlock(&mut chain, &ALICE, Asset::Free, 1), Ok(()), "{approved:?}");
    }
}

#[test]
fn an_own_vote_goes_before_the_delegates_in_every_order() {
    let track = Kind::Parameters.id();
    type Step = fn(&mut Memory);
    let delegates: Step = |chain| book::delegate(chain, &ALICE, Kind::Parameters.id(), &BOB).unwrap();
    let alice: Step = |chain| {
        book::cast(chain, &ALICE, 0, false, ONE).unwrap();
    };
    let bob: Step = |chain| {
        book::cast(chain, &BOB, 0, true, Multiplier::Two).unwrap();
    };
    for order in [
        [delegates, alice, bob],
        [delegates, bob, alice],
        [alice, delegates, bob],
        [alice, bob, delegates],
        [bob, alice, delegates],
        [bob, delegates, alice],
    ] {
        let mut chain = chain();
        lock(&mut chain, ALICE, Asset::Free, 100);
        lock(&mut chain, BOB, Asset::Free, 10);
        order.iter().for_each(|step| step(&mut chain));
        assert_eq!(tally(&chain, 0), (20, 100, 10));
        book::withdraw(&mut chain, &ALICE, 0).unwrap();
        assert_eq!(tally(&chain, 0), (120, 0, 10), "delegated power: once, and no support");
        book::cast(&mut chain, &ALICE, 0, false, ONE).unwrap();
        book::undelegate(&mut chain, &ALICE, track).unwrap();
        assert_eq!(tally(&chain, 0), (20, 100, 10));
        assert!(chain.received.is_empty() && chain.overridden.is_empty());
    }
}

#[test]
fn a_delegation_leaves_with_its_power_and_binds_for_a_week() {
    let mut chain = chain();
    let track = Kind::Parameters.id();
    lock(&mut chain, ALICE, Asset::Free, 100);
    book::delegate(&mut chain, &ALICE, track, &BOB).unwrap();
    book::cast(&mut chain, &BOB, 0, true, ONE).unwrap();
    assert_eq!(tally(&chain, 0), (100, 0, 0));
    let bound = VoteError::BoundByDelegation { track, amount: 100 * TAO };
    assert_eq!(book::unlock(&mut chain, &ALICE, Asset::Free, 1), Err(bound));
    book::delegate(&mut chain, &ALICE, track, &CAROL).unwrap();
    assert_eq!(tally(&chain, 0), (0, 0, 0), "the new delegate has not voted");
    book::cast(&mut chain, &CAROL, 0, false, ONE).unwrap();
    assert_eq!(tally(&chain, 0), (0, 100, 0));
    book::undelegate(&mut chain, &ALICE, track).unwrap();
    assert_eq!(tally(&chain, 0), (0, 0, 0));
    let until = u64::from(DELEGATION_BOND_DAYS) * DAY;
    assert_eq!(book::unlock(&mut chain, &ALICE, Asset::Free, 1), Err(VoteError::BoundUntil(until)));
}

#[test]
fn a_delegation_counts_on_its_track_until_its_term_ends_and_goes_no_further() {
    let mut chain = chain();
    let track = Kind::Parameters.id();
    lock(&mut chain, ALICE, Asset::Free, 100);
    lock(&mut chain, BOB, Asset::Free, 10);
    book::delegate(&mut chain, &ALICE, track, &BOB).unwrap();
    book::delegate(&mut chain, &BOB, track, &CAROL).unwrap();
    book::cast(&mut chain, &CAROL, 0, true, ONE).unwrap();
    assert_eq!(tally(&chain, 0), (10, 0, 0), "power that Bob received stays with Bob");
    book::cast(&mut chain, &BOB, 1, true, ONE).unwrap();
    assert_eq!(tally(&chain, 1), (10, 0, 10), "another track");
    chain.now = chain.voters[&ALICE].delegations[0].ends - 1;
    open(&mut chain, 7, track);
    chain.now += 1;
    open(&mut chain, 8, track);
    for (id, ayes) in [(7, 110), (8, 10)] {
        book::cast(&mut chain, &BOB, id, true, ONE).unwrap();
        assert_eq!(tally(&chain, id).0, ayes);
    }
    book::cast(&mut chain, &ALICE, 7, false, ONE).unwrap();
    assert_eq!(tally(&chain, 7), (10, 100, 10), "it ended since, and counts once all the same");
}

#[test]
fn on_a_subnets_track_delegates_lend_support_too() {
    let mut chain = chain();
    let track = TrackId::rubrics(5).unwrap();
    lock(&mut chain, ALICE, Asset::Stake(5), 30);
    lock(&mut chain, ALICE, Asset::Free, 70);
    book::delegate(&mut chain, &ALICE, track, &BOB).unwrap();
    book::cast(&mut chain, &BOB, 2, true, ONE).unwrap();
    assert_eq!(tally(&chain, 2), (30, 0, 30));
    lock(&mut chain, CAROL, Asset::Stake(5), 9);
    assert_eq!(book::cast(&mut chain, &CAROL, 2, true, ONE), Err(VoteError::Owner));
    assert_eq!(book::delegate(&mut chain, &CAROL, track, &BOB), Err(VoteError::Owner));
}

#[test]
fn a_successor_takes_votes_bonds_and_delegations_but_no_delegators() {
    let mut chain = chain();
    let track = Kind::Parameters.id();
    let heir = 9;
    lock(&mut chain, ALICE, Asset::Free, 100);
    lock(&mut chain, BOB, Asset::Free, 10);
    book::delegate(&mut chain, &ALICE, track, &BOB).unwrap();
    book::delegate(&mut chain, &BOB, Kind::Upgrade.id(), &heir).unwrap();
    book::cast(&mut chain, &BOB, 0, true, Multiplier::Two).unwrap();
    assert_eq!(tally(&chain, 0), (120, 0, 10));
    book::succeed(&mut chain, &BOB, &heir).unwrap();
    assert_eq!(tally(&chain, 0), (20, 0, 10));
    assert_eq!(book::unlock(&mut chain, &heir, Asset::Free, 1), Err(VoteError::BoundByVote(0)));
    assert!(chain.voters[&heir].delegations.is_empty(), "nobody delegates to itself");
    assert_eq!(book::cast(&mut chain, &BOB, 0, true, ONE), Err(VoteError::Retired));
    assert_eq!(book::delegate(&mut chain, &ALICE, Kind::Upgrade.id(), &BOB), Err(VoteError::Retired));
    book::cast(&mut chain, &ALICE, 0, false, ONE).unwrap();
    assert_eq!(tally(&chain, 0), (20, 100, 10));
    for (old, new) in [(ALICE, heir), (ALICE, BOB), (ALICE, ALICE)] {
        assert_eq!(book::succeed(&mut chain, &old, &new), Err(VoteError::InUse));
    }
}

#[test]
fn an_owner_gains_no_vote_on_its_rubric_by_a_swap_of_keys() {
    let mut chain = chain();
    let track = TrackId::rubrics(5).unwrap();
    lock(&mut chain, ALICE, Asset::Stake(5), 30);
    lock(&mut chain, BOB, Asset::Stake(5), 20);
    book::delegate(&mut chain, &BOB, track, &ALICE).unwrap();
    book::cast(&mut chain, &ALICE, 2, true, ONE).unwrap();
    book::succeed(&mut chain, &BOB, &CAROL).unwrap();
    assert_eq!(tally(&chain, 2), (30, 0, 30), "the owner's delegation ended");
    let mut chain = self::chain();
    lock(&mut chain, ALICE, Asset::Stake(5), 30);
    book::cast(&mut chain, &ALICE, 2, true, ONE).unwrap();
    book::succeed(&mut chain, &ALICE, &CAROL).unwrap();
    assert_eq!(tally(&chain, 2), (0, 0, 0));
    assert_eq!(book::unlock(&mut chain, &CAROL, Asset::Stake(5), 1), Err(VoteError::BoundByVote(2)));
}

#[test]
fn a_new_owner_loses_vote_and_delegation_on_the_rubric_of_its_subnet_alone() {
    let mut chain = chain();
    let track = TrackId::rubrics(5).unwrap();
    lock(&mut chain, ALICE, Asset::Stake(5), 30);
    book::cast(&mut chain, &ALICE, 0, true, ONE).unwrap();
    book::cast(&mut chain, &ALICE, 2, true, ONE).unwrap();
    book::delegate(&mut chain, &ALICE, track, &BOB).unwrap();
    book::delegate(&mut chain, &ALICE, Kind::Upgrade.id(), &BOB).unwrap();
    for netuid in [0, 6] {
        book::owner_changed(&mut chain, netuid, &ALICE).unwrap();
    }
    assert_eq!((tally(&chain, 0).0, tally(&chain, 2).0), (15, 30));
    book::owner_changed(&mut chain, 5, &ALICE).unwrap();
    book::cast(&mut chain, &BOB, 1, true, ONE).unwrap();
    assert_eq!((tally(&chain, 0).0, tally(&chain, 1).0, tally(&chain, 2).0), (15, 15, 0));
    assert!(chain.voters[&ALICE].delegation(track).is_none());
    assert_eq!(book::unlock(&mut chain, &ALICE, Asset::Stake(5), 1), Err(VoteError::BoundByVote(0)));
}

#[test]
fn the_payment_for_locked_alpha_is_its_part_rounded_up() {
    let paid = |locked, alpha, paid| {
        let paid = TaoBalance::from_rao(paid);
        book::paid_for_locked(locked, AlphaBalance::from_rao(alpha), paid).to_rao()
    };
    assert_eq!([paid(1, 3, 10), paid(3, 3, 10), paid(4, 3, 10), paid(0, 3, 10)], [4, 10, 10, 0]);
    assert_eq!([paid(1, 0, 10), paid(u64::MAX, u64::MAX, u64::MAX), paid(1, 3, 0)], [0, u64::MAX, 0]);
}

#[test]
fn tao_that_is_paid_for_locked_alpha_is_bound_in_its_place() {
    let mut chain = chain();
    let track = Kind::Parameters.id();
    lock(&mut chain, ALICE, Asset::Stake(5), 40);
    book::delegate(&mut chain, &ALICE, track, &BOB).unwrap();
    book::delegate(&mut chain, &ALICE, Kind::Upgrade.id(), &BOB).unwrap();
    book::cast(&mut chain, &ALICE, 0, true, ONE).unwrap();
    book::cast(&mut chain, &BOB, 1, true, ONE).unwrap();
    assert_eq!((tally(&chain, 0).0, tally(&chain, 1).0), (20, 20));
    book::subnet_removed(&mut chain, &ALICE, 5).unwrap();
    assert_eq!((tally(&chain, 0).0, tally(&chain, 1).0), (20, 0));
    assert!(chain.voters[&ALICE].lock.is_empty());
    for tokens in [5, 7] {
        book::alpha_paid(&mut chain, &ALICE, TaoBalance::from_tokens(tokens)).unwrap();
    }
    let alice = &chain.voters[&ALICE];
    assert_eq!((alice.lock.amount(Asset::Stake(5)), alice.lock.amount(Asset::Free)), (0, 12 * TAO));
    assert!(alice.delegations.is_empty());
    assert_eq!(book::unlock(&mut chain, &ALICE, Asset::Free, 1), Err(VoteError::BoundByVote(0)));
    let before = chain.clone();
    book::subnet_removed(&mut chain, &CAROL, 5).unwrap();
    assert_eq!(chain, before, "nothing of Carol's was locked");
}

#[test]
fn amounts_under_the_vote_lock_are_held_and_may_not_leave() {
    let mut chain = chain();
    let held = 5 * LEAST_LOCK;
    let not_held = VoteError::NotHeld { held, locked: 0, amount: held + 1 };
    assert_eq!(book::lock(&mut chain, &ALICE, Asset::Free, held + 1, held), Err(not_held));
    assert_eq!(book::lock(&mut chain, &ALICE, Asset::Free, 0, held), Err(VoteError::Nothing));
    let locked = 4 * LEAST_LOCK;
    book::lock(&mut chain, &ALICE, Asset::Free, locked, held).unwrap();
    let not_held = VoteError::NotHeld { held, locked, amount: u64::MAX };
    assert_eq!(book::lock(&mut chain, &ALICE, Asset::Free, u64::MAX, held), Err(not_held));
    assert_eq!(book::unlock(&mut chain, &ALICE, Asset::Free, 0), Err(VoteError::Nothing));
    assert_eq!(book::unlock(&mut chain, &ALICE, Asset::Free, held), Err(VoteError::NotLocked(locked)));
    for netuid in 1..16 {
        lock(&mut chain, ALICE, Asset::Stake(netuid), 1);
    }
    let full = book::lock(&mut chain, &ALICE, Asset::Stake(16), 1, 1);
    assert_eq!(full, Err(VoteError::TooManyAssets));
    lock(&mut chain, ALICE, Asset::Stake(15), 1);
    assert_eq!([book::available(10, 4, 3), book::available(10, 3, 4), book::available(1, 2, 0)], [6, 6, 0]);
}

#[test]
fn wrong_votes_are_refused_and_change_nothing() {
    let mut chain = chain();
    let track = Kind::Parameters.id();
    let tiny = LEAST_POWER as u64 - 1;
    // Alpha of subnet 5 costs half a TAO.
    book::lock(&mut chain, &ALICE, Asset::Stake(5), 2 * tiny, u64::MAX).unwrap();
    end(&mut chain, 1, Some(false));
    let before = chain.clone();
    for (step, error) in [
        (book::cast(&mut chain, &ALICE, 99, true, ONE).map(drop), VoteError::UnknownPoll(99)),
        (book::cast(&mut chain, &ALICE, 1, true, ONE).map(drop), VoteError::Over(1)),
        (book::cast(&mut chain, &ALICE, 0, true, ONE).map(drop), VoteError::TooLittle { power: tiny.into() }),
        (book::cast(&mut chain, &BOB, 0, true, ONE).map(drop), VoteError::TooLittle { power: 0 }),
        (book::withdraw(&mut chain, &ALICE, 0), VoteError::NoVote(0)),
        (book::withdraw(&mut chain, &ALICE, 99), VoteError::UnknownPoll(99)),
        (book::delegate(&mut chain, &ALICE, track, &ALICE), VoteError::ToItself),
        (book::delegate(&mut chain, &ALICE, TrackId(99), &BOB), VoteError::UnknownTrack(TrackId(99))),
        (book::delegate(&mut chain, &BOB, track, &ALICE), VoteError::TooLittle { power: 0 }),
        (book::undelegate(&mut chain, &ALICE, track), VoteError::NotDelegated(track)),
    ] {
        assert_eq!(step, Err(error));
    }
    assert_eq!(chain, before);
    book::lock(&mut chain, &ALICE, Asset::Stake(5), 2, u64::MAX).unwrap();
    book::cast(&mut chain, &ALICE, 0, true, ONE).unwrap();
    assert_eq!(book::cast(&mut chain, &ALICE, 0, true, ONE), Err(VoteError::SameVote));
    book::withdraw(&mut chain, &ALICE, 0).unwrap();
    assert_eq!(book::withdraw(&mut chain, &ALICE, 0), Err(VoteError::NoVote(0)));
}

#[test]
fn votes_and_delegations_of_an_account_have_limits_and_votes_that_are_over_make_room() {
    let mut chain = chain();
    lock(&mut chain, ALICE, Asset::Free, 10);
    let most = MAX_VOTES as u32;
    for id in 10..10 + most + 1 {
        open(&mut chain, id, Kind::Parameters.id());
    }
    for id in 10..10 + most {
        book::cast(&mut chain, &ALICE, id, true, ONE).unwrap();
    }
    let last = 10 + most;
    assert_eq!(book::cast(&mut chain, &ALICE, last, true, ONE), Err(VoteError::TooManyVotes));
    book::cast(&mut chain, &ALICE, 10, false, ONE).unwrap();
    end(&mut chain, 10, None);
    book::cast(&mut chain, &ALICE, last, true, ONE).unwrap();
    for netuid in 1..MAX_DELEGATIONS as u16 {
        lock(&mut chain, BOB, Asset::Stake(netuid), 1);
        book::delegate(&mut chain, &BOB, TrackId::rubrics(netuid).unwrap(), &ALICE).unwrap();
    }
    lock(&mut chain, BOB, Asset::Free, 1);
    book::delegate(&mut chain, &BOB, TrackId(0), &ALICE).unwrap();
    assert_eq!(book::delegate(&mut chain, &BOB, TrackId(2), &ALICE), Err(VoteError::TooManyDelegations));
    book::delegate(&mut chain, &BOB, TrackId(0), &CAROL).unwrap();
}

#[test]
fn full_records_are_as_long_as_their_bounds_say() {
    let mut assets = Portfolio::default();
    (1..=16).for_each(|netuid| assets.set(Asset::Stake(netuid), u64::MAX));
    let cast = |poll| Cast {
        poll,
        track: TrackId(u16::MAX),
        aye: true,
        multiplier: ONE,
        own: u128::MAX,
        delegated: u128::MAX,
        withdrawn: true,
    };
    let delegation =
        |track| Delegation { track: TrackId(track), to: u32::MAX, portfolio: assets.clone(), ends: u64::MAX };
    let voter = Voter {
        lock: assets.clone(),
        until: u64::MAX,
        casts: (0..MAX_VOTES as u32).map(cast).collect(),
        delegations: (0..MAX_DELEGATIONS as u16).map(delegation).collect(),
        retired: true,
    };
    assert_eq!(voter.encoded_size(), Voter::<u32>::max_encoded_len());
    assert_eq!(Voter::decode(&mut &voter.encode()[..]), Ok(voter));
    let mut sums = Sums::default();
    let mut all = assets;
    all.set(Asset::Free, 1);
    (0..=128).for_each(|netuid| all.set(Asset::Stake(netuid), 1));
    // Free TAO takes two bytes less than the longest asset.
    assert_eq!(all.encoded_size(), Portfolio::max_encoded_len() - 2);
    (0..MAX_TERMS as u64).for_each(|month| sums.add(month, &all));
    assert_eq!(sums.encoded_size(), Sums::max_encoded_len() - 2 * MAX_TERMS);
    let prices = Prices::new((0..MAX_SUM_ASSETS as u16).map(|netuid| (netuid, u64::MAX)));
    assert_eq!(prices.encoded_size(), Prices::max_encoded_len());
    let milestone = Milestone { amount: TaoBalance::MAX, text: [1; 32], last: u64::MAX };
    let grant = Grant {
        recipient: u32::MAX,
        milestones: vec![milestone; MAX_MILESTONES],
        paid: 1,
        claim: Some(Claim { at: u64::MAX, report: [1; 32] }),
        stopped: true,
    };
    assert_eq!(grant.encoded_size(), Grant::<u32>::max_encoded_len());
}
