//! Benchmarks of the calls of this pallet, each with the fullest records; see `benchmarking` of the network pallet.

use alloc::{boxed::Box, vec, vec::Vec};

use codec::Encode;
use frame_benchmarking::v2::*;
use frame_support::{
    traits::{
        fungible::{Inspect, Mutate},
        schedule::{
            v3::{Anon, Named},
            DispatchTime,
        },
        Bounded, Get,
    },
    BoundedVec,
};
use frame_system::RawOrigin;
use myelin_governance::{
    book,
    enactment::Brake,
    grant::{Milestone, MAX_MILESTONES, OBJECTION_DAYS},
    power::{MAX_ASSETS, MAX_SUM_ASSETS},
    track::{days, term_end, MAX_PREIMAGE},
    voter::{MAX_DELEGATIONS, MAX_VOTES},
    Asset, Cast, Delegation, Holdings, Kind, Multiplier, PollId, Portfolio, Prices, Sums, TrackId, Voter,
};
use myelin_units::{Block, NetUid, TaoBalance};
use pallet_referenda::{BoundedCallOf, PalletsOriginOf, ReferendumInfo, ReferendumInfoFor, ReferendumInfoOf};
use sp_runtime::traits::{BlockNumberProvider, Hash};

use crate::{block, committee::task, now, pallet::*, store::Store};

const TAO: u64 = 1_000_000_000;
/// Terms of delegations that sums keep: six months that come, six that ended, and the current one.
const TERMS: u64 = 13;
/// Tasks of the schedule in a block, at most.
const TASKS: u32 = 64;
/// Full blocks of the schedule. A quarter of their tasks are as many enactments as a brake can put off to one block.
const CROWDED: u32 = 16;

fn track() -> TrackId {
    Kind::Parameters.id()
}

fn rich<T: Config>(name: &'static str, at: u32) -> Result<T::AccountId, BenchmarkError> {
    let who: T::AccountId = account(name, at, 0);
    T::Ledger::mint_into(&who, 10_000 * TAO)?;
    Ok(who)
}

/// A short call, as referenda and the schedule take it.
fn call<T: Config, C, H: Hash>() -> Result<Bounded<C, H>, BenchmarkError> {
    let call = Call::<T>::set_committee { committee: None };
    let call = <T as frame_system::Config>::RuntimeCall::from(call).encode();
    Ok(Bounded::Inline(BoundedVec::try_from(call).map_err(|_| "the call is short")?))
}

/// A later block.
fn next<T: Config>() {
    frame_system::Pallet::<T>::set_block_number(block::<T>(now::<T>().saturating_add(1)));
}

/// Open referenda, one on each of these tracks. Each has a note of its own, with prices of a full network.
fn open<T>(tracks: impl IntoIterator<Item = TrackId>) -> Result<Vec<PollId>, BenchmarkError>
where
    T: Config + pallet_referenda::Config,
    PalletsOriginOf<T>: From<Origin>,
{
    let proposer = rich::<T>("proposer", 0)?;
    let proposal: BoundedCallOf<T, ()> = call::<T, _, _>()?;
    let prices = Prices::new((1..MAX_SUM_ASSETS as NetUid).map(|netuid| (netuid, TAO)));
    let mut polls = Vec::new();
    for track in tracks {
        next::<T>();
        polls.push(pallet_referenda::ReferendumCount::<T>::get());
        let signed = RawOrigin::Signed(proposer.clone()).into();
        let (origin, at) = (Box::new(Origin(track).into()), DispatchTime::After(0u32.into()));
        pallet_referenda::Pallet::<T>::submit(signed, origin, proposal.clone(), at)?;
        Notes::<T>::mutate_extant(now::<T>(), |note| note.prices = prices.clone());
    }
    Ok(polls)
}

/// As many open referenda on the network as an account votes in.
fn open_all<T>() -> Result<Vec<PollId>, BenchmarkError>
where
    T: Config + pallet_referenda::Config,
    PalletsOriginOf<T>: From<Origin>,
{
    open::<T>([track(); MAX_VOTES])
}

/// Tracks of the rubrics of new subnets.
fn rubrics<T: Config>(count: usize) -> Result<Vec<TrackId>, BenchmarkError> {
    T::Ledger::mint_into(&T::Treasury::get(), 100_000 * TAO)?;
    let mut tracks = Vec::new();
    for at in 0..count {
        let opened = T::Holdings::open_subnet(&account("owner", at as u32, 0), &T::Treasury::get())?;
        tracks.extend(TrackId::rubrics(opened));
    }
    Ok(tracks)
}

/// Fills this block of the schedule and those after it.
fn crowd<T: Config>(first: Block) -> Result<(), BenchmarkError> {
    let call = call::<T, _, _>()?;
    for _ in 0..CROWDED * TASKS {
        let (at, origin) = (DispatchTime::At(block::<T>(first)), Origin(track()).into());
        T::Scheduler::schedule(at, None, 63, origin, call.clone())?;
    }
    Ok(())
}

/// Assets of a full vote lock.
fn assets() -> Portfolio {
    let mut assets = Portfolio::default();
    assets.set(Asset::Free, 1_000 * TAO);
    (1..MAX_ASSETS as NetUid).for_each(|netuid| assets.set(Asset::Stake(netuid), TAO));
    assets
}

/// The fullest sums, of this amount in each asset.
fn sums<T: Config>(amount: u64) -> Sums {
    let mut assets = Portfolio::default();
    assets.set(Asset::Free, amount);
    (1..MAX_SUM_ASSETS as NetUid).for_each(|netuid| assets.set(Asset::Stake(netuid), amount));
    let month = days(30, &T::Profile::get());
    let current = now::<T>().checked_div(month).unwrap_or_default();
    let mut sums = Sums::default();
    (0..TERMS).for_each(|term| sums.add((current + term).saturating_mul(month), &assets));
    sums
}

fn cast(poll: PollId, track: TrackId) -> Cast {
    let multiplier = Multiplier::Two;
    Cast { poll, track, aye: true, multiplier, own: 1, delegated: 0, withdrawn: false }
}

/// A full record with votes in these referenda, whose delegate on the track is `to`.
fn record<T: Config>(polls: &[PollId], to: &T::AccountId) -> Voter<T::AccountId> {
    let ends = term_end(now::<T>(), &T::Profile::get());
    let on = |track| Delegation { track, to: to.clone(), portfolio: assets(), ends };
    let others = (1..MAX_DELEGATIONS as NetUid).filter_map(TrackId::rubrics);
    let delegations = core::iter::once(track()).chain(others).map(on).collect();
    let casts = polls.iter().map(|poll| cast(*poll, track())).collect();
    Voter { lock: assets(), until: 0, casts, delegations, retired: false }
}

/// An account with a full record, that uses the fullest sums in its own referenda and in others.
fn voter<T: Config>(
    name: &'static str,
    own: &[PollId],
    others: &[PollId],
    to: &T::AccountId,
) -> Result<T::AccountId, BenchmarkError> {
    let who = rich::<T>(name, 0)?;
    Voters::<T>::insert(&who, record::<T>(own, to));
    Received::<T>::insert(&who, track(), sums::<T>(2 * TAO));
    own.iter().chain(others).for_each(|poll| Overridden::<T>::insert(&who, poll, sums::<T>(TAO)));
    Ok(who)
}

/// An account with a full record, and its delegate with one. Both use the fullest sums.
fn pair<T: Config>(
    own: &[PollId],
    theirs: &[PollId],
) -> Result<(T::AccountId, T::AccountId), BenchmarkError> {
    let to = voter::<T>("delegate", theirs, own, &account("nobody", 0, 0))?;
    Ok((voter::<T>("voter", own, theirs, &to)?, to))
}

fn committee<T: Config>() -> T::AccountId {
    let committee: T::AccountId = account("committee", 0, 0);
    Committee::<T>::put(&committee);
    committee
}

fn milestones<T: Config>() -> BoundedVec<Milestone, frame_support::traits::ConstU32<12>> {
    let last = |number: usize| now::<T>().saturating_add(100 + number as u64);
    let milestone =
        |number| Milestone { amount: TaoBalance::from_tokens(1), text: [1; 32], last: last(number) };
    BoundedVec::truncate_from((0..MAX_MILESTONES).map(milestone).collect())
}

/// A full treasury, and a grant from it to the account.
fn granted<T: Config>() -> Result<T::AccountId, BenchmarkError> {
    let recipient = rich::<T>("recipient", 0)?;
    T::Ledger::mint_into(&T::Treasury::get(), 100_000 * TAO)?;
    Pallet::<T>::grant(RawOrigin::Root.into(), recipient.clone(), milestones::<T>())?;
    Ok(recipient)
}

#[benchmarks(where T: pallet_referenda::Config, PalletsOriginOf<T>: From<Origin>, T::RuntimeOrigin: From<Origin>)]
mod benchmarks {
    use super::*;

    /// An account with `c` votes in referenda on rubrics that nobody can vote on any more, although the stock pallet
    /// lets them go on. It delegates on all these tracks, so that each vote leaves the sums of a delegate.
    #[benchmark]
    fn settle(c: Linear<0, { MAX_VOTES as u32 }>) -> Result<(), BenchmarkError> {
        let rubrics = rubrics::<T>(MAX_DELEGATIONS)?;
        let tracks = || rubrics.iter().copied().cycle().take(c as usize);
        let polls = open::<T>(tracks())?;
        let _ = Notes::<T>::clear(u32::MAX, None);
        let (who, to) = pair::<T>(&polls, &[])?;
        let on = |track| Delegation { track, to: to.clone(), portfolio: assets(), ends: u64::MAX };
        Voters::<T>::mutate(&who, |voter| {
            voter.delegations = rubrics.iter().copied().map(on).collect();
            voter.casts =
                polls.iter().copied().zip(tracks()).map(|(poll, track)| cast(poll, track)).collect();
        });
        #[block]
        {
            let _ = book::settled(&mut Store::<T>::open(), &who);
        }
        assert!(Voters::<T>::get(&who).casts.is_empty());
        assert!(polls.iter().all(|poll| !Overridden::<T>::contains_key(&to, poll)));
        Ok(())
    }

    #[benchmark]
    fn lock() -> Result<(), BenchmarkError> {
        let (who, _) = pair::<T>(&open_all::<T>()?, &[])?;
        #[extrinsic_call]
        _(RawOrigin::Signed(who.clone()), Asset::Free, TAO);
        assert_eq!(Voters::<T>::get(who).lock.amount(Asset::Free), 1_001 * TAO);
        Ok(())
    }

    #[benchmark]
    fn unlock() -> Result<(), BenchmarkError> {
        let (who, _) = pair::<T>(&[], &[])?;
        Voters::<T>::mutate(&who, |voter| voter.lock.set(Asset::Free, 1_001 * TAO));
        #[extrinsic_call]
        _(RawOrigin::Signed(who.clone()), Asset::Free, TAO);
        assert_eq!(Voters::<T>::get(who).lock.amount(Asset::Free), 1_000 * TAO);
        Ok(())
    }

    #[benchmark]
    fn vote() -> Result<(), BenchmarkError> {
        let polls = open_all::<T>()?;
        let (who, _) = pair::<T>(&polls[1..], &polls)?;
        #[extrinsic_call]
        _(RawOrigin::Signed(who.clone()), polls[0], false, Multiplier::Two);
        assert!(Voters::<T>::get(who).cast(polls[0]).is_some());
        Ok(())
    }

    #[benchmark]
    fn withdraw() -> Result<(), BenchmarkError> {
        let polls = open_all::<T>()?;
        let (who, _) = pair::<T>(&polls, &polls)?;
        #[extrinsic_call]
        _(RawOrigin::Signed(who.clone()), polls[0]);
        assert!(Voters::<T>::get(who).cast(polls[0]).is_some_and(|cast| cast.withdrawn));
        Ok(())
    }

    #[benchmark]
    fn delegate() -> Result<(), BenchmarkError> {
        let (own, former, theirs) = (open_all::<T>()?, open_all::<T>()?, open_all::<T>()?);
        let (who, _) = pair::<T>(&own, &former)?;
        let to = voter::<T>("new delegate", &theirs, &own, &account("nobody", 0, 0))?;
        #[extrinsic_call]
        _(RawOrigin::Signed(who.clone()), track(), to.clone());
        assert!(Voters::<T>::get(who).delegation(track()).is_some_and(|own| own.to == to));
        Ok(())
    }

    #[benchmark]
    fn undelegate() -> Result<(), BenchmarkError> {
        let (who, _) = pair::<T>(&open_all::<T>()?, &open_all::<T>()?)?;
        #[extrinsic_call]
        _(RawOrigin::Signed(who.clone()), track());
        assert!(Voters::<T>::get(who).delegation(track()).is_none());
        Ok(())
    }

    /// Of the longest proposal, which a brake puts off to a crowded block. Without the call inside.
    #[benchmark]
    fn enact() -> Result<(), BenchmarkError> {
        let (since, until) = (now::<T>(), now::<T>().saturating_add(10));
        LastBrake::<T>::put(Brake { since, until });
        crowd::<T>(until)?;
        let call = frame_system::Call::<T>::remark { remark: vec![1; MAX_PREIMAGE - 64] };
        let events = frame_system::Pallet::<T>::event_count();
        #[extrinsic_call]
        _(T::RuntimeOrigin::from(Origin(Kind::Authorities.id())), Box::new(call.into()), None);
        let put_off = frame_system::Pallet::<T>::event_count().saturating_sub(events);
        assert_eq!(put_off, 3, "its preimage is noted and it is scheduled");
        Ok(())
    }

    #[benchmark]
    fn delay() -> Result<(), BenchmarkError> {
        let committee = committee::<T>();
        let due = now::<T>().saturating_add(10);
        let at = DispatchTime::At(block::<T>(due));
        <T as Config>::Scheduler::schedule_named(
            task(7),
            at,
            None,
            63,
            Origin(track()).into(),
            call::<T, _, _>()?,
        )?;
        crowd::<T>(due)?;
        let delays = (1..MAX_DELAYS).map(|number| (PollId::MAX - number, due.saturating_add(1)));
        Delays::<T>::put(BoundedVec::truncate_from(delays.collect()));
        #[extrinsic_call]
        _(RawOrigin::Signed(committee), 7, 1);
        assert_eq!(Delays::<T>::get().len(), MAX_DELAYS as usize);
        Ok(())
    }

    #[benchmark]
    fn mark() -> Result<(), BenchmarkError> {
        let (committee, now) = (committee::<T>(), now::<T>());
        let marks = (1..MAX_MARKS).map(|number| (T::Hashing::hash_of(&number), now));
        Marks::<T>::put(BoundedVec::truncate_from(marks.collect()));
        #[extrinsic_call]
        _(RawOrigin::Signed(committee), T::Hash::default());
        assert_eq!(Marks::<T>::get().len(), MAX_MARKS as usize);
        Ok(())
    }

    #[benchmark]
    fn pull_brake() -> Result<(), BenchmarkError> {
        let committee = committee::<T>();
        #[extrinsic_call]
        _(RawOrigin::Signed(committee));
        assert!(LastBrake::<T>::get().is_some());
        Ok(())
    }

    #[benchmark]
    fn release_brake() -> Result<(), BenchmarkError> {
        let (committee, since) = (committee::<T>(), now::<T>());
        LastBrake::<T>::put(Brake { since, until: since.saturating_add(9) });
        #[extrinsic_call]
        _(RawOrigin::Signed(committee));
        assert_eq!(LastBrake::<T>::get(), Some(Brake { since, until: now::<T>() }));
        Ok(())
    }

    /// Another committee pulled the brake, and all places for marks are taken.
    #[benchmark]
    fn set_committee() -> Result<(), BenchmarkError> {
        let (former, now): (T::AccountId, _) = (committee::<T>(), now::<T>());
        Pallet::<T>::pull_brake(RawOrigin::Signed(former).into())?;
        let marks = (0..MAX_MARKS).map(|number| (T::Hashing::hash_of(&number), now));
        Marks::<T>::put(BoundedVec::truncate_from(marks.collect()));
        let committee: T::AccountId = account("another", 0, 0);
        #[extrinsic_call]
        _(RawOrigin::Root, Some(committee.clone()));
        assert_eq!(Committee::<T>::get(), Some(committee));
        Ok(())
    }

    #[benchmark]
    fn spend() -> Result<(), BenchmarkError> {
        T::Ledger::mint_into(&T::Treasury::get(), 100_000 * TAO)?;
        let to: T::AccountId = account("recipient", 0, 0);
        #[extrinsic_call]
        _(RawOrigin::Root, to.clone(), TaoBalance::from_tokens(9));
        assert_eq!(T::Ledger::total_balance(&to), 9 * TAO);
        Ok(())
    }

    #[benchmark]
    fn grant() -> Result<(), BenchmarkError> {
        T::Ledger::mint_into(&T::Treasury::get(), 100_000 * TAO)?;
        #[extrinsic_call]
        _(RawOrigin::Root, account("recipient", 0, 0), milestones::<T>());
        assert_eq!(GrantCount::<T>::get(), 1);
        Ok(())
    }

    #[benchmark]
    fn stop_grant() -> Result<(), BenchmarkError> {
        granted::<T>()?;
        #[extrinsic_call]
        _(RawOrigin::Root, 0);
        assert!(Grants::<T>::get(0).is_some_and(|kept| kept.stopped));
        Ok(())
    }

    #[benchmark]
    fn claim() -> Result<(), BenchmarkError> {
        let recipient = granted::<T>()?;
        #[extrinsic_call]
        _(RawOrigin::Signed(recipient), 0, [1; 32]);
        assert!(Grants::<T>::get(0).is_some_and(|kept| kept.claim.is_some()));
        Ok(())
    }

    #[benchmark]
    fn pay() -> Result<(), BenchmarkError> {
        let recipient = granted::<T>()?;
        Pallet::<T>::claim(RawOrigin::Signed(recipient.clone()).into(), 0, [1; 32])?;
        let later = now::<T>().saturating_add(days(OBJECTION_DAYS, &T::Profile::get()));
        frame_system::Pallet::<T>::set_block_number(block::<T>(later));
        #[extrinsic_call]
        _(RawOrigin::Signed(recipient), 0);
        assert!(Grants::<T>::get(0).is_some_and(|kept| kept.paid == 1));
        Ok(())
    }

    #[benchmark]
    fn collect() -> Result<(), BenchmarkError> {
        let (who, poll) = (rich::<T>("collector", 0)?, open::<T>([track()])?[0]);
        pallet_referenda::Pallet::<T>::place_decision_deposit(RawOrigin::Signed(who.clone()).into(), poll)?;
        let status = pallet_referenda::Pallet::<T>::ensure_ongoing(poll)?;
        let at = <T as pallet_referenda::Config>::BlockNumberProvider::current_block_number();
        let ended: ReferendumInfoOf<T, ()> =
            ReferendumInfo::Rejected(at, Some(status.submission_deposit), status.decision_deposit);
        ReferendumInfoFor::<T>::insert(poll, ended);
        #[extrinsic_call]
        _(RawOrigin::Signed(who), poll);
        let deposits = Kind::Parameters.id().row().map(|row| row.deposit.to_rao()).unwrap_or_default();
        assert!(T::Ledger::total_balance(&T::Treasury::get()) >= TAO + deposits);
        Ok(())
    }

    impl_benchmark_test_suite!(Pallet, crate::tests::mock::situation(), crate::tests::mock::Test);
}
