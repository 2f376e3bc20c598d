//! Benchmarks of the calls of this pallet. Publishing is measured by the network pallet, which knows the neurons.

use frame_benchmarking::v2::*;
use frame_system::RawOrigin;

use super::*;

#[benchmarks]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn set_max_space() {
        #[extrinsic_call]
        _(RawOrigin::Root, 700);
        assert_eq!(MaxSpace::<T>::get(), 700);
    }
}
