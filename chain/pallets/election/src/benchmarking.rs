//! Benchmarks of the calls of this pallet, and of its work without a signer.

use alloc::vec::Vec;

use frame_benchmarking::v2::*;
use frame_support::traits::fungible::Mutate;
use frame_system::RawOrigin;
use myelin_election::{Candidacy, Member, Panel, PerBillion, Rules};
use myelin_units::TaoBalance;

use crate::{
    eras::{Clock, Eras, Step},
    interfaces::{Network, Seats},
    now,
    pallet::*,
    readings::Readings,
    rules,
};

/// Subnet of the panel; its number is as good as any.
const SUBNET: u16 = 1;

fn member<T: Config>(number: u32) -> T::AccountId {
    account("hotkey", number, 0)
}

fn coldkey<T: Config>(number: u32) -> T::AccountId {
    account("coldkey", number, 0)
}

/// A candidate with twice the least pledge, root stake and session keys.
fn candidate<T: Config>(number: u32) -> Result<(T::AccountId, T::AccountId), BenchmarkError>
where
    T::Holds: Mutate<T::AccountId>,
{
    let (hotkey, coldkey) = (member::<T>(number), coldkey::<T>(number));
    let pledge = twice::<T>();
    T::Holds::mint_into(&coldkey, pledge.to_rao().saturating_mul(4))?;
    T::Network::endow(&hotkey, &coldkey, TaoBalance::from_tokens(100));
    T::Seats::give_keys(&hotkey);
    crate::Candidates::<T>::join(coldkey.clone(), hotkey.clone(), pledge)?;
    Ok((hotkey, coldkey))
}

fn twice<T: Config>() -> TaoBalance {
    TaoBalance::from_rao(rules::<T>().least_pledge.to_rao().saturating_mul(2))
}

/// A panel of candidates.
fn panel<T: Config>(members: u32) -> Panel {
    let member = |number| Member {
        hotkey: member::<T>(number).into(),
        coldkey: coldkey::<T>(number).into(),
        backing: TaoBalance::from_tokens(100),
        measure: PerBillion::ONE,
    };
    Panel { emission: PerBillion::ONE, owner: None, members: (0..members).map(member).collect() }
}

/// Begins a pass that awaits all candidates.
fn begin<T: Config>() {
    let next_pass = now::<T>();
    EraClock::<T>::put(Clock { on: true, next_pass, ..Clock::default() });
    Eras::<T>::tick();
}

#[benchmarks(where T::Holds: Mutate<T::AccountId>)]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn join() -> Result<(), BenchmarkError> {
        let (hotkey, owner) = (member::<T>(1), coldkey::<T>(1));
        T::Holds::mint_into(&owner, twice::<T>().to_rao().saturating_mul(4))?;
        T::Network::endow(&hotkey, &owner, TaoBalance::from_tokens(100));
        #[extrinsic_call]
        _(RawOrigin::Signed(owner), hotkey.clone(), twice::<T>());
        assert!(Candidacies::<T>::contains_key(&hotkey));
        Ok(())
    }

    #[benchmark]
    fn pledge_more() -> Result<(), BenchmarkError> {
        let (hotkey, owner) = candidate::<T>(1)?;
        begin::<T>();
        #[extrinsic_call]
        _(RawOrigin::Signed(owner), hotkey.clone(), twice::<T>());
        assert!(KeptReadings::<T>::contains_key(&hotkey));
        Ok(())
    }

    #[benchmark]
    fn unbond() -> Result<(), BenchmarkError> {
        let (hotkey, owner) = candidate::<T>(1)?;
        begin::<T>();
        #[extrinsic_call]
        _(RawOrigin::Signed(owner), hotkey.clone(), twice::<T>());
        assert!(KeptReadings::<T>::contains_key(&hotkey));
        Ok(())
    }

    #[benchmark]
    fn withdraw() -> Result<(), BenchmarkError> {
        let (hotkey, owner) = candidate::<T>(1)?;
        crate::Candidates::<T>::unbond(owner.clone(), hotkey.clone(), None)?;
        Candidacies::<T>::mutate_extant(&hotkey, |candidacy: &mut Candidacy| {
            candidacy.leaving.iter_mut().for_each(|leaving| leaving.since = 0);
        });
        let later = rules::<T>().unbonding.saturating_add(1);
        frame_system::Pallet::<T>::set_block_number(sp_runtime::SaturatedConversion::saturated_into(later));
        #[extrinsic_call]
        _(RawOrigin::Signed(owner), hotkey.clone());
        assert!(!Candidacies::<T>::contains_key(&hotkey));
        Ok(())
    }

    #[benchmark]
    fn chill() -> Result<(), BenchmarkError> {
        let (hotkey, owner) = candidate::<T>(1)?;
        begin::<T>();
        #[extrinsic_call]
        _(RawOrigin::Signed(owner), hotkey.clone());
        assert!(KeptReadings::<T>::contains_key(&hotkey));
        Ok(())
    }

    #[benchmark]
    fn resume() -> Result<(), BenchmarkError> {
        let (hotkey, owner) = candidate::<T>(1)?;
        crate::Candidates::<T>::chill(owner.clone(), hotkey.clone())?;
        begin::<T>();
        #[extrinsic_call]
        _(RawOrigin::Signed(owner), hotkey.clone());
        assert!(KeptReadings::<T>::contains_key(&hotkey));
        Ok(())
    }

    #[benchmark]
    fn set_rules() {
        let rules = Rules { seats: 9, ..Rules::production() };
        #[extrinsic_call]
        _(RawOrigin::Root, rules);
        assert_eq!(SetRules::<T>::get(), Some(rules));
    }

    #[benchmark]
    fn switch() {
        #[block]
        {
            let _ = Eras::<T>::switch_on();
        }
        assert!(Eras::<T>::is_on());
    }

    #[benchmark]
    fn tick() {
        #[block]
        {
            Eras::<T>::tick();
        }
        assert_eq!(EraClock::<T>::get().step, Step::Waiting);
    }

    /// A first block with a panel of `m` validators.
    #[benchmark]
    fn begin_pass(m: Linear<0, 128>) -> Result<(), BenchmarkError> {
        Panels::<T>::insert(SUBNET, panel::<T>(m));
        T::Network::pay(SUBNET);
        let next_pass = now::<T>();
        EraClock::<T>::put(Clock { on: true, next_pass, ..Clock::default() });
        #[block]
        {
            Eras::<T>::tick();
        }
        assert_eq!(EraClock::<T>::get().step, Step::Reading);
        assert_eq!(PassQualities::<T>::get().len(), m as usize);
        Ok(())
    }

    /// A page of `c` candidates whose readings were kept, or the first page if it holds fewer.
    #[benchmark]
    fn page(c: Linear<0, 64>) -> Result<(), BenchmarkError> {
        for number in 0..c {
            candidate::<T>(number)?;
        }
        Panels::<T>::insert(SUBNET, panel::<T>(c));
        T::Network::pay(SUBNET);
        begin::<T>();
        for number in 0..c {
            Readings::<T>::root_stake_changes(&member::<T>(number));
        }
        #[block]
        {
            Eras::<T>::tick();
        }
        assert!(EraClock::<T>::get().era > 0);
        Ok(())
    }

    /// The draw of the seats of a set.
    #[benchmark]
    fn draw() -> Result<(), BenchmarkError> {
        let seats = rules::<T>().seats;
        let set: Vec<[u8; 32]> = (0..seats).map(|number| member::<T>(number).into()).collect();
        ChosenSet::<T>::put(crate::eras::Chosen { joined: set.clone(), out: Vec::new(), set });
        EraClock::<T>::put(Clock { on: true, era: 1, step: Step::Drawing, ..Clock::default() });
        #[block]
        {
            Eras::<T>::tick();
        }
        assert_eq!(EraClock::<T>::get().step, Step::Waiting);
        Ok(())
    }

    impl_benchmark_test_suite!(Pallet, crate::tests::situation(), crate::tests::Test);
}
