//! Benchmarks of the calls of this pallet; see `benchmarking` of the network pallet.

use alloc::{boxed::Box, vec::Vec};
use core::cell::RefCell;

use codec::Encode;
use frame_benchmarking::v2::*;
use frame_support::{
    storage::migration::put_storage_value, traits::fungible::Mutate, weights::WeightMeter, StorageHasher,
    Twox64Concat,
};
use frame_system::{pallet_prelude::BlockNumberFor, RawOrigin};
use myelin_abi::{ChallengeAudience, EquivocationReport, SaidAnswer};
use myelin_economy::collateral::{MAX_UNBONDING, MIN_UNBONDING};
use myelin_units::{NetUid, TaoBalance};
use pallet_network::{
    keys::{FollowHotkey, KeyOwnership},
    LastEpochBlock, SubnetOwner,
};
use sp_core::{crypto::KeyTypeId, sr25519};
use sp_runtime::traits::{Saturating, Zero};

use crate::{pallet::*, Ledger};

/// The subnet of genesis.
const SUBNET: NetUid = 1;
const KEYS: KeyTypeId = KeyTypeId(*b"bnch");
const REQUIRED: TaoBalance = TaoBalance::from_rao(10_000_000_000);

fn wait<T: Config>(blocks: u32) {
    let now = frame_system::Pallet::<T>::block_number();
    frame_system::Pallet::<T>::set_block_number(now.saturating_add(blocks.into()));
}

/// The owner of the miner and of the subnet, which requires collateral.
fn owner<T: Config>(miner: &T::AccountId) -> Result<T::AccountId, BenchmarkError> {
    wait::<T>(1_000);
    let owner: T::AccountId = account("owner", 0, 0);
    T::Currency::mint_into(&owner, 1_000_000_000_000)?;
    SubnetOwner::<T>::insert(SUBNET, &owner);
    // Outside the freeze window.
    LastEpochBlock::<T>::insert(SUBNET, pallet_network::subnets::now::<T>());
    KeyOwnership::<T>::claim(&owner, miner);
    Ledger::<T>::require(RawOrigin::Signed(owner.clone()).into(), SUBNET, REQUIRED, MIN_UNBONDING)?;
    Ok(owner)
}

/// A miner with collateral, and its owner.
fn backed<T: Config>(miner: T::AccountId) -> Result<(T::AccountId, T::AccountId), BenchmarkError> {
    let owner = owner::<T>(&miner)?;
    Ledger::<T>::lock(owner.clone(), SUBNET, miner.clone(), REQUIRED, MAX_UNBONDING)?;
    Ok((owner, miner))
}

/// A report of two answers that the miner signed for a challenge of this block.
fn report<T: Config>(miner: sr25519::Public) -> Result<EquivocationReport, BenchmarkError> {
    let hash = |byte: u8| {
        let mut hash = T::Hash::default();
        hash.as_mut().fill(byte);
        hash
    };
    let source = frame_system::Pallet::<T>::block_number();
    frame_system::BlockHash::<T>::insert(BlockNumberFor::<T>::zero(), hash(7));
    frame_system::BlockHash::<T>::insert(source, hash(8));
    // The value of the beacon is the hash of the block, so the seed holds with and without its strict rules.
    let place = Twox64Concat::hash(&sp_runtime::SaturatedConversion::saturated_into::<u32>(source).encode());
    put_storage_value(b"Beacon", b"Values", &place, [8u8; 32]);
    wait::<T>(1);
    let said = |byte: u8| SaidAnswer {
        request_hash: [4; 32],
        answer_hash: [byte; 32],
        model_id: [5; 32],
        signature: [0; 64],
    };
    let mut report = EquivocationReport {
        epoch: 1,
        round: 0,
        audience: ChallengeAudience::Miner(miner.0),
        source_block: sp_runtime::SaturatedConversion::saturated_into(source),
        source_hash: [8; 32],
        seed_signer: [1; 32],
        seed_output: [2; 32],
        task: 0,
        committed: false,
        validator: [3; 32],
        miner: miner.0,
        answers: [said(1), said(2)],
    };
    let payloads = RefCell::new(Vec::new());
    let _ = report.about([7; 32], SUBNET).verify(|_, payload, _| {
        payloads.borrow_mut().push(payload.to_vec());
        true
    });
    for (answer, payload) in report.answers.iter_mut().zip(payloads.into_inner()) {
        let signature = sp_io::crypto::sr25519_sign(KEYS, &miner, &payload).ok_or("the key is gone")?;
        answer.signature = signature.0;
    }
    Ok(report)
}

#[benchmarks]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn set_requirement() -> Result<(), BenchmarkError> {
        let owner = owner::<T>(&account("miner", 0, 0))?;
        #[extrinsic_call]
        _(RawOrigin::Signed(owner), SUBNET, REQUIRED, MAX_UNBONDING);
        assert_eq!(Ledger::<T>::requirement(SUBNET).unbonding, MAX_UNBONDING);
        Ok(())
    }

    #[benchmark]
    fn lock() -> Result<(), BenchmarkError> {
        let (owner, miner) = backed::<T>(account("miner", 0, 0))?;
        #[extrinsic_call]
        _(RawOrigin::Signed(owner), SUBNET, miner.clone(), REQUIRED, MAX_UNBONDING);
        assert!(Ledger::<T>::is_backed(SUBNET, &miner));
        Ok(())
    }

    #[benchmark]
    fn unbond() -> Result<(), BenchmarkError> {
        let (owner, miner) = backed::<T>(account("miner", 0, 0))?;
        #[extrinsic_call]
        _(RawOrigin::Signed(owner), SUBNET, miner.clone());
        assert!(!Ledger::<T>::is_backed(SUBNET, &miner));
        Ok(())
    }

    #[benchmark]
    fn withdraw() -> Result<(), BenchmarkError> {
        let (owner, miner) = backed::<T>(account("miner", 0, 0))?;
        Ledger::<T>::unbond(owner.clone(), SUBNET, miner.clone())?;
        wait::<T>(MIN_UNBONDING + 1);
        #[extrinsic_call]
        _(RawOrigin::Signed(owner), SUBNET, miner.clone());
        assert!(!Bonds::<T>::contains_key(SUBNET, &miner));
        Ok(())
    }

    /// A bond follows to the hotkey that replaces another.
    #[benchmark]
    fn followed() -> Result<(), BenchmarkError> {
        let (owner, miner) = backed::<T>(account("miner", 0, 0))?;
        let heir: T::AccountId = account("heir", 0, 0);
        KeyOwnership::<T>::claim(&owner, &heir);
        #[block]
        {
            let mut meter = WeightMeter::new();
            <crate::Pallet<T> as FollowHotkey<T::AccountId>>::follow(
                SUBNET, &owner, &miner, &heir, &mut meter,
            );
        }
        assert!(Bonds::<T>::contains_key(SUBNET, &heir));
        Ok(())
    }

    /// Two signatures are checked and the collateral is forfeited.
    #[benchmark]
    fn proven() -> Result<(), BenchmarkError> {
        let key = sp_io::crypto::sr25519_generate(KEYS, None);
        let (_, miner) = backed::<T>(T::AccountId::from(key.0))?;
        wait::<T>(1);
        let proof = report::<T>(key)?;
        let reporter: T::AccountId = account("reporter", 0, 0);
        T::Currency::mint_into(&reporter, 1_000_000_000)?;
        #[extrinsic_call]
        report(RawOrigin::Signed(reporter), SUBNET, Box::new(proof));
        assert!(!Bonds::<T>::contains_key(SUBNET, &miner));
        Ok(())
    }

    impl_benchmark_test_suite!(Pallet, crate::tests::situation(), crate::tests::Test);
}
