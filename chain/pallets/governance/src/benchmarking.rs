//! Benchmarks of the calls of this pallet, each with the fullest records; see `benchmarking` of the network pallet.

use alloc::{boxed::Box, vec::Vec};

use codec::Encode;
use frame_benchmarking::v2::*;
use frame_support::{
    traits::{
        fungible::{Inspect, Mutate},
        schedule::{v3::Named, DispatchTime},
        Bounded, Get,
    },
    BoundedVec,
};
use frame_system::RawOrigin;
use myelin_governance::{
    enactment::Brake,
    grant::{Milestone, MAX_MILESTONES, OBJECTION_DAYS},
    power::{MAX_ASSETS, MAX_SUM_ASSETS},
    track::days,
    voter::{MAX_DELEGATIONS, MAX_VOTES},
    Asset, Cast, Delegation, Kind, Multiplier, PollId, Portfolio, Sums, TrackId, Voter,
};
use myelin_units::{Block, NetUid, TaoBalance};
use pallet_referenda::{BoundedCallOf, PalletsOriginOf, ReferendumInfo, ReferendumInfoFor, ReferendumInfoOf};
use sp_runtime::traits::{BlockNumberProvider, Hash};

use crate::{block, committee::task, now, pallet::*};

const TAO: u64 = 1_000_000_000;
/// Terms of delegations that sums keep: six months that come, six that ended, and the current one.
const TERMS: u64 = 13;

fn track() -> TrackId {
    Kind::Parameters.id()
}

fn rich<T: Config>(name: &'static str, at: u32) -> Result<T::AccountId, BenchmarkError> {
    let who: T::AccountId = account(name, at, 0);
    T::Ledger::mint_into(&who, 10_000 * TAO)?;
    Ok(who)
}

/// A short call.
fn call<T: Config>() -> Vec<u8> {
    let call = Call::<T>::set_committee { committee: None };
    <T as frame_system::Config>::RuntimeCall::from(call).encode()
}

/// Open referenda on one track.
fn open<T>(count: usize) -> Result<Vec<PollId>, BenchmarkError>
where
    T: Config + pallet_referenda::Config,
    PalletsOriginOf<T>: From<Origin>,
{
    let proposer = rich::<T>("proposer", 0)?;
    let call = call::<T>();
    let proposal: BoundedCallOf<T, ()> =
        Bounded::Inline(BoundedVec::try_from(call).map_err(|_| "the call is short")?);
    let first = pallet_referenda::ReferendumCount::<T>::get();
    for _ in 0..count {
        let signed = RawOrigin::Signed(proposer.clone()).into();
        let (origin, at) = (Box::new(Origin(track()).into()), DispatchTime::After(0u32.into()));
        pallet_referenda::Pallet::<T>::submit(signed, origin, proposal.clone(), at)?;
    }
    Ok((first..).take(count).collect())
}

/// Assets of a full vote lock.
fn assets() -> Portfolio {
    let mut assets = Portfolio::default();
    assets.set(Asset::Free, 1_000 * TAO);
    (1..MAX_ASSETS as NetUid).for_each(|netuid| assets.set(Asset::Stake(netuid), TAO));
    assets
}

/// The fullest sums.
fn sums<T: Config>() -> Sums {
    let mut assets = Portfolio::default();
    assets.set(Asset::Free, 1_000 * TAO);
    (1..MAX_SUM_ASSETS as NetUid).for_each(|netuid| assets.set(Asset::Stake(netuid), TAO));
    let month = days(30, &T::Profile::get());
    let current = now::<T>().checked_div(month).unwrap_or_default();
    let mut sums = Sums::default();
    (0..TERMS).for_each(|term| sums.add((current + term).saturating_mul(month), &assets));
    sums
}

fn cast(poll: PollId) -> Cast {
    let (track, multiplier) = (track(), Multiplier::Two);
    Cast { poll, track, aye: true, multiplier, own: 1, delegated: 0, withdrawn: false }
}

/// A full record with votes in these referenda, whose delegate on the track is `to`.
fn record<T: Config>(polls: &[PollId], to: &T::AccountId) -> Voter<T::AccountId> {
    let ends = Block::from(u32::MAX);
    let on = |track| Delegation { track, to: to.clone(), portfolio: assets(), ends };
    let others = (1..MAX_DELEGATIONS as NetUid).filter_map(TrackId::rubrics);
    let delegations = core::iter::once(track()).chain(others).map(on).collect();
    let casts = polls.iter().copied().map(cast).collect();
    Voter { lock: assets(), until: 0, casts, delegations, retired: false }
}

/// Numbers of referenda that are over.
fn over() -> Vec<PollId> {
    (1_000_000..).take(MAX_VOTES).collect()
}

/// An account with a full record, and its delegate with one. Both use the fullest sums.
fn pair<T: Config>(
    own: &[PollId],
    theirs: &[PollId],
) -> Result<(T::AccountId, T::AccountId), BenchmarkError> {
    let (who, to) = (rich::<T>("voter", 0)?, rich::<T>("delegate", 0)?);
    Voters::<T>::insert(&who, record::<T>(own, &to));
    Voters::<T>::insert(&to, record::<T>(theirs, &account("nobody", 0, 0)));
    for key in [&who, &to] {
        Received::<T>::insert(key, track(), sums::<T>());
        for poll in own.iter().chain(theirs) {
            Overridden::<T>::insert(key, poll, sums::<T>());
        }
    }
    Ok((who, to))
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

    #[benchmark]
    fn lock() -> Result<(), BenchmarkError> {
        let (who, _) = pair::<T>(&over(), &[])?;
        #[extrinsic_call]
        _(RawOrigin::Signed(who.clone()), Asset::Free, TAO);
        assert_eq!(Voters::<T>::get(who).lock.amount(Asset::Free), 1_001 * TAO);
        Ok(())
    }

    #[benchmark]
    fn unlock() -> Result<(), BenchmarkError> {
        let (who, _) = pair::<T>(&over(), &[])?;
        Voters::<T>::mutate(&who, |voter| voter.lock.set(Asset::Free, 1_001 * TAO));
        #[extrinsic_call]
        _(RawOrigin::Signed(who.clone()), Asset::Free, TAO);
        assert_eq!(Voters::<T>::get(who).lock.amount(Asset::Free), 1_000 * TAO);
        Ok(())
    }

    #[benchmark]
    fn vote() -> Result<(), BenchmarkError> {
        let polls = open::<T>(MAX_VOTES)?;
        // All votes but one stand, and it leaves room for another.
        let own: Vec<_> = polls.iter().skip(1).copied().chain(over().into_iter().take(1)).collect();
        let (who, _) = pair::<T>(&own, &polls)?;
        #[extrinsic_call]
        _(RawOrigin::Signed(who.clone()), polls[0], false, Multiplier::Two);
        assert!(Voters::<T>::get(who).cast(polls[0]).is_some());
        Ok(())
    }

    #[benchmark]
    fn withdraw() -> Result<(), BenchmarkError> {
        let polls = open::<T>(MAX_VOTES)?;
        let (who, _) = pair::<T>(&polls, &polls)?;
        #[extrinsic_call]
        _(RawOrigin::Signed(who.clone()), polls[0]);
        assert!(Voters::<T>::get(who).cast(polls[0]).is_some_and(|cast| cast.withdrawn));
        Ok(())
    }

    #[benchmark]
    fn delegate() -> Result<(), BenchmarkError> {
        let polls = open::<T>(MAX_VOTES)?;
        let (who, _) = pair::<T>(&polls, &polls)?;
        let to = rich::<T>("delegate", 1)?;
        Voters::<T>::insert(&to, record::<T>(&polls, &account("nobody", 0, 0)));
        Received::<T>::insert(&to, track(), sums::<T>());
        #[extrinsic_call]
        _(RawOrigin::Signed(who.clone()), track(), to.clone());
        assert!(Voters::<T>::get(who).delegation(track()).is_some_and(|own| own.to == to));
        Ok(())
    }

    #[benchmark]
    fn undelegate() -> Result<(), BenchmarkError> {
        let polls = open::<T>(MAX_VOTES)?;
        let (who, _) = pair::<T>(&polls, &polls)?;
        #[extrinsic_call]
        _(RawOrigin::Signed(who.clone()), track());
        assert!(Voters::<T>::get(who).delegation(track()).is_none());
        Ok(())
    }

    #[benchmark]
    fn enact() -> Result<(), BenchmarkError> {
        let call = Call::<T>::set_committee { committee: Some(account("committee", 0, 0)) };
        #[extrinsic_call]
        _(T::RuntimeOrigin::from(Origin(Kind::Authorities.id())), Box::new(call.into()), None);
        assert!(Committee::<T>::get().is_some());
        Ok(())
    }

    #[benchmark]
    fn delay() -> Result<(), BenchmarkError> {
        let committee = committee::<T>();
        let call = Bounded::Inline(BoundedVec::try_from(call::<T>()).map_err(|_| "the call is short")?);
        let at = DispatchTime::At(block::<T>(now::<T>().saturating_add(10)));
        <T as Config>::Scheduler::schedule_named(task(7), at, None, 63, Origin(track()).into(), call)?;
        #[extrinsic_call]
        _(RawOrigin::Signed(committee), 7, 5);
        assert_eq!(Delays::<T>::get().len(), 1);
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

    #[benchmark]
    fn set_committee() -> Result<(), BenchmarkError> {
        let committee: T::AccountId = account("committee", 0, 0);
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
    fn open_subnet() -> Result<(), BenchmarkError> {
        let owner = rich::<T>("owner", 0)?;
        T::Ledger::mint_into(&T::Treasury::get(), 100_000 * TAO)?;
        #[extrinsic_call]
        _(RawOrigin::Root, owner);
        Ok(())
    }

    #[benchmark]
    fn collect() -> Result<(), BenchmarkError> {
        let (who, poll) = (rich::<T>("collector", 0)?, open::<T>(1)?.first().copied().unwrap_or_default());
        let status = pallet_referenda::Pallet::<T>::ensure_ongoing(poll)?;
        let at = <T as pallet_referenda::Config>::BlockNumberProvider::current_block_number();
        let ended: ReferendumInfoOf<T, ()> =
            ReferendumInfo::TimedOut(at, Some(status.submission_deposit), status.decision_deposit);
        ReferendumInfoFor::<T>::insert(poll, ended);
        #[extrinsic_call]
        _(RawOrigin::Signed(who), poll);
        assert!(T::Ledger::total_balance(&T::Treasury::get()) >= TAO);
        Ok(())
    }

    impl_benchmark_test_suite!(Pallet, crate::tests::mock::situation(), crate::tests::mock::Test);
}
