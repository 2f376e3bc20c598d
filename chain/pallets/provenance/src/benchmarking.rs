//! Benchmarks of the calls of this pallet, each with the largest record; see `benchmarking` of the network pallet.

use alloc::{boxed::Box, vec, vec::Vec};

use frame_benchmarking::v2::*;
use frame_support::traits::fungible::{Inspect, Mutate};
use frame_system::RawOrigin;
use myelin_provenance::{
    dispute::{MAX_DISPUTES, MAX_REFERENCE},
    licence::MAX_LICENCE,
    record::{MAX_ALIASES, MAX_CONTRIBUTORS, MAX_DATA, MAX_NAME, MAX_PARENTS, MAX_URL, MAX_URLS, SHARES},
    Contributor, ModelId, Record, WeightsKind,
};

use crate::{pallet::*, Register};

type Ledger<T> = <T as Config>::Holds;

/// An account with TAO.
fn rich<T: Config>(name: &'static str, at: u32) -> Result<T::AccountId, BenchmarkError>
where
    Ledger<T>: Mutate<T::AccountId> + Inspect<T::AccountId, Balance = u64>,
{
    let who: T::AccountId = account(name, at, 0);
    Ledger::<T>::mint_into(&who, 1_000_000_000_000)?;
    Ok(who)
}

/// The largest record of a model.
fn record<T: Config>(publisher: &T::AccountId, model: u8, parents: Vec<ModelId>) -> Record<T::AccountId> {
    let share = SHARES / MAX_CONTRIBUTORS as u32;
    let helpers = (1..MAX_CONTRIBUTORS as u32).map(|at| account("helper", at, 0));
    let accounts = core::iter::once(publisher.clone()).chain(helpers);
    Record {
        publisher: publisher.clone(),
        model: [model; 32],
        kind: WeightsKind::Directory,
        size: u64::MAX,
        name: vec![b'n'; MAX_NAME],
        parents,
        contributors: accounts.map(|account| Contributor { account, share }).collect(),
        run: Some([1; 32]),
        licence: vec![b'l'; MAX_LICENCE],
        data: vec![[2; 32]; MAX_DATA],
        urls: vec![[&b"https://"[..], &[b'u'; MAX_URL - 8]].concat(); MAX_URLS],
        aliases: vec![[3; 32]; MAX_ALIASES],
    }
}

/// A model with all parents, and its publisher.
fn published<T: Config>() -> Result<(T::AccountId, ModelId), BenchmarkError>
where
    Ledger<T>: Mutate<T::AccountId> + Inspect<T::AccountId, Balance = u64>,
{
    let publisher = rich::<T>("publisher", 0)?;
    let parents = parents::<T>(&publisher)?;
    Register::<T>::publish(publisher.clone(), record::<T>(&publisher, 99, parents))?;
    Ok((publisher, [99; 32]))
}

fn parents<T: Config>(publisher: &T::AccountId) -> Result<Vec<ModelId>, BenchmarkError> {
    for parent in 0..MAX_PARENTS as u8 {
        Register::<T>::publish(publisher.clone(), record::<T>(publisher, parent, vec![]))?;
    }
    Ok((0..MAX_PARENTS as u8).map(|parent| [parent; 32]).collect())
}

/// The longest reference.
fn reference() -> Vec<u8> {
    vec![b'r'; MAX_REFERENCE]
}

/// A model whose places for disputes are taken but for `free` of them; the first dispute is by account 0.
fn disputed<T: Config>(free: usize) -> Result<(T::AccountId, ModelId), BenchmarkError>
where
    Ledger<T>: Mutate<T::AccountId> + Inspect<T::AccountId, Balance = u64>,
{
    let (publisher, model) = published::<T>()?;
    for at in 0..(MAX_DISPUTES - free) as u32 {
        Register::<T>::dispute(rich::<T>("doubter", at)?, model, [4; 32], reference())?;
    }
    Ok((publisher, model))
}

#[benchmarks(where Ledger<T>: Mutate<T::AccountId> + Inspect<T::AccountId, Balance = u64>)]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn publish() -> Result<(), BenchmarkError> {
        let publisher = rich::<T>("publisher", 0)?;
        let parents = parents::<T>(&publisher)?;
        let record = Box::new(record::<T>(&publisher, 99, parents));
        #[extrinsic_call]
        _(RawOrigin::Signed(publisher), record);
        assert!(Models::<T>::contains_key([99; 32]));
        Ok(())
    }

    #[benchmark]
    fn confirm() -> Result<(), BenchmarkError> {
        let (_, model) = published::<T>()?;
        let record = Models::<T>::get(model).ok_or("it was published")?.record.id();
        let last: T::AccountId = account("helper", MAX_CONTRIBUTORS as u32 - 1, 0);
        #[extrinsic_call]
        _(RawOrigin::Signed(last.clone()), model, record);
        assert!(Models::<T>::get(model).is_some_and(|model| model.is_confirmed_by(&last)));
        Ok(())
    }

    #[benchmark]
    fn transfer() -> Result<(), BenchmarkError> {
        let (publisher, model) = published::<T>()?;
        let heir: T::AccountId = account("heir", 0, 0);
        #[extrinsic_call]
        _(RawOrigin::Signed(publisher), model, heir.clone());
        assert!(Owned::<T>::contains_key(heir, model));
        Ok(())
    }

    #[benchmark]
    fn withdraw() -> Result<(), BenchmarkError> {
        let (publisher, model) = published::<T>()?;
        #[extrinsic_call]
        _(RawOrigin::Signed(publisher), model);
        assert!(Models::<T>::get(model).is_some_and(|model| model.withdrawn.is_some()));
        Ok(())
    }

    #[benchmark]
    fn dispute() -> Result<(), BenchmarkError> {
        let (_, model) = disputed::<T>(1)?;
        let doubter = rich::<T>("last", 0)?;
        #[extrinsic_call]
        _(RawOrigin::Signed(doubter), model, [4; 32], reference());
        assert_eq!(Disputes::<T>::get(model).len(), MAX_DISPUTES);
        Ok(())
    }

    #[benchmark]
    fn answer() -> Result<(), BenchmarkError> {
        let (publisher, model) = disputed::<T>(0)?;
        let number = MAX_DISPUTES as u32 - 1;
        #[extrinsic_call]
        _(RawOrigin::Signed(publisher), model, number, [5; 32], reference());
        assert!(Disputes::<T>::get(model).iter().any(|kept| kept.answer.is_some()));
        Ok(())
    }

    #[benchmark]
    fn retract() -> Result<(), BenchmarkError> {
        let (_, model) = disputed::<T>(0)?;
        let last = MAX_DISPUTES as u32 - 1;
        let doubter: T::AccountId = account("doubter", last, 0);
        #[extrinsic_call]
        _(RawOrigin::Signed(doubter), model, last);
        assert!(Disputes::<T>::get(model).iter().any(|kept| kept.closed.is_some()));
        Ok(())
    }

    #[benchmark]
    fn takedown() -> Result<(), BenchmarkError> {
        let (_, model) = published::<T>()?;
        #[extrinsic_call]
        _(RawOrigin::Root, model, [4; 32], reference());
        assert!(Models::<T>::get(model).is_some_and(|model| model.taken_down.is_some()));
        Ok(())
    }

    impl_benchmark_test_suite!(Pallet, crate::tests::situation(), crate::tests::Test);
}
