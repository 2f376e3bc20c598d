//! Costs of the calls of this pallet; see `benchmarking` of the network pallet. Most calls do the same for another row
//! of the table of parameters. So one call stands for all similar ones: of the network, of a subnet, and of a subnet
//! with other work behind it.

use alloc::{vec, vec::Vec};

use frame_benchmarking::v2::*;
use frame_system::{pallet_prelude::BlockNumberFor, RawOrigin};
use myelin_units::{storage_index, NetUid, Uid};
use pallet_network::{neurons::NeuronRegistry, *};

use crate::pallet::{Call, Config, Pallet};

/// The subnet of genesis.
const SUBNET: NetUid = 1;
/// Most mechanisms, and the neurons of a subnet that has them.
const MECHANISMS: u8 = 16;
const NEURONS: u16 = 16;

/// The owner of the subnet, outside the freeze window and long after its last change.
fn owner<T: Config>() -> T::AccountId {
    let owner: T::AccountId = account("owner", 0, 0);
    SubnetOwner::<T>::insert(SUBNET, &owner);
    frame_system::Pallet::<T>::set_block_number(BlockNumberFor::<T>::from(500_000u32));
    LastEpochBlock::<T>::insert(SUBNET, 500_000);
    owner
}

#[benchmarks]
mod benchmarks {
    use super::*;

    /// A value of the network that makes blocks check all nominations.
    #[benchmark]
    fn network_value() {
        #[extrinsic_call]
        sudo_set_nominator_min_required_stake(RawOrigin::Root, 7);
        assert_eq!(NominatorMinRequiredStake::<T>::get(), 7);
    }

    /// A value of a subnet, by its owner, which must fit others.
    #[benchmark]
    fn subnet_value() {
        let owner = owner::<T>();
        let period = ImmunityPeriod::<T>::get(SUBNET) + 1;
        RevealPeriodEpochs::<T>::insert(SUBNET, 1);
        #[extrinsic_call]
        sudo_set_immunity_period(RawOrigin::Signed(owner), SUBNET, period);
        assert_eq!(ImmunityPeriod::<T>::get(SUBNET), period);
    }

    /// The owner hotkey, with locks in favour of both.
    #[benchmark]
    fn owner_hotkey() {
        let owner = owner::<T>();
        let (old, new): (T::AccountId, T::AccountId) = (account("old", 0, 0), account("new", 0, 0));
        SubnetOwnerHotkey::<T>::insert(SUBNET, &old);
        Owner::<T>::insert(&new, &owner);
        Uids::<T>::insert(SUBNET, &new, 0);
        let sum = myelin_abi::LockState {
            locked_mass: 1_000_000_000_000.into(),
            conviction: myelin_units::U64F64::from_int(1_000_000_000_000u64),
            last_update: 499_000,
        };
        LockingColdkeys::<T>::insert((SUBNET, &old, &owner), ());
        OwnerLock::<T>::insert(SUBNET, &sum);
        DecayingOwnerLock::<T>::insert(SUBNET, &sum);
        HotkeyLock::<T>::insert(SUBNET, &new, &sum);
        DecayingHotkeyLock::<T>::insert(SUBNET, &new, &sum);
        #[extrinsic_call]
        sudo_set_sn_owner_hotkey(RawOrigin::Signed(owner), SUBNET, new.clone());
        assert_eq!(SubnetOwnerHotkey::<T>::get(SUBNET), new);
    }

    /// All mechanisms but one are removed, with their weights and bonds.
    #[benchmark]
    fn mechanism_count() {
        let owner = owner::<T>();
        SubnetworkN::<T>::insert(SUBNET, NEURONS);
        MaxAllowedUids::<T>::insert(SUBNET, NEURONS);
        MechanismCountCurrent::<T>::insert(SUBNET, MECHANISMS);
        let row: Vec<(Uid, u16)> = (0..NEURONS).map(|uid| (uid, 1)).collect();
        for index in (0..MECHANISMS).map(|mecid| storage_index(SUBNET, mecid)) {
            Incentive::<T>::insert(index, vec![1u16; NEURONS.into()]);
            LastUpdate::<T>::insert(index, vec![1u64; NEURONS.into()]);
            for uid in 0..NEURONS {
                Weights::<T>::insert(index, uid, &row);
                Bonds::<T>::insert(index, uid, &row);
            }
        }
        #[extrinsic_call]
        sudo_set_mechanism_count(RawOrigin::Signed(owner), SUBNET, 1);
        assert!(!Weights::<T>::contains_key(storage_index(SUBNET, 1), 0));
        assert_eq!(NeuronRegistry::<T>::count(SUBNET), NEURONS);
    }

    /// Shares of all mechanisms.
    #[benchmark]
    fn emission_split() {
        let owner = owner::<T>();
        MechanismCountCurrent::<T>::insert(SUBNET, MECHANISMS);
        let mut split = vec![1u16; MECHANISMS.into()];
        split[0] = u16::MAX - u16::from(MECHANISMS) + 1;
        #[extrinsic_call]
        sudo_set_mechanism_emission_split(RawOrigin::Signed(owner), SUBNET, Some(split.clone()));
        assert_eq!(MechanismEmissionSplit::<T>::get(SUBNET), Some(split));
    }

    impl_benchmark_test_suite!(Pallet, crate::tests::situation(), crate::tests::Test);
}
