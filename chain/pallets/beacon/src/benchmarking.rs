//! Benchmarks of the beacon: a contribution, and the end of a block.

use alloc::vec;

use frame_benchmarking::v2::*;
use frame_support::{traits::Hooks, BoundedVec};
use frame_system::{pallet_prelude::BlockNumberFor, RawOrigin};
use myelin_wire::{beacon::NOTICE, sr25519::Keypair};
use sp_runtime::traits::Saturating;

use crate::*;

/// A block after a full ring, with an author.
fn block<T: Config>() -> Result<(BlockNumberFor<T>, Keypair), BenchmarkError> {
    let author = Keypair::from_seed(&[1; 32]);
    let key = AuraId::decode(&mut &author.public()[..]).map_err(|_| "a key is 32 bytes")?;
    let keys = BoundedVec::try_from(vec![key]).map_err(|_| "room for an authority")?;
    pallet_aura::Authorities::<T>::put(keys);
    pallet_aura::CurrentSlot::<T>::put(sp_consensus_aura::Slot::from(7));
    let now = BlockNumberFor::<T>::from(KEPT).saturating_add(9u32.into());
    frame_system::Pallet::<T>::set_block_number(now);
    // A block without a contribution costs more to end, and is valid without the strict rules.
    StrictFrom::<T>::kill();
    Values::<T>::insert(now.saturating_sub(1u32.into()), [2; 32]);
    Values::<T>::insert(now.saturating_sub(KEPT.into()), [3; 32]);
    Ok((now, author))
}

#[benchmarks]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn contribute() -> Result<(), BenchmarkError> {
        let (now, author) = block::<T>()?;
        let VrfSignature { output, proof } = Pallet::<T>::turn().contribute(&author, [4; 32]);
        #[extrinsic_call]
        _(RawOrigin::None, output, proof);
        assert!(Values::<T>::contains_key(now));
        Ok(())
    }

    #[benchmark]
    fn demand_contributions() -> Result<(), BenchmarkError> {
        block::<T>()?;
        #[extrinsic_call]
        _(RawOrigin::Root, *NOTICE.start());
        assert!(StrictFrom::<T>::exists());
        Ok(())
    }

    /// End of a block without a contribution, which removes an old value.
    #[benchmark]
    fn close() -> Result<(), BenchmarkError> {
        let (now, _) = block::<T>()?;
        #[block]
        {
            Pallet::<T>::on_finalize(now);
        }
        assert!(Values::<T>::contains_key(now));
        assert!(!Values::<T>::contains_key(now.saturating_sub(KEPT.into())));
        Ok(())
    }

    impl_benchmark_test_suite!(Pallet, crate::tests::chain(), crate::tests::Test);
}
