//! Benchmarks of the calls of this pallet; see `benchmarking` of the network pallet.

use frame_benchmarking::v2::*;
use frame_system::RawOrigin;

use super::*;

#[benchmarks]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn set_fee_rate() {
        #[extrinsic_call]
        _(RawOrigin::Root, 1, 7);
        assert_eq!(FeeRate::<T>::get(1), 7);
    }

    impl_benchmark_test_suite!(Pallet, sp_io::TestExternalities::default(), crate::tests::Test);
}
