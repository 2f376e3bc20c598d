//! Settings of the whole network whose setters check their ranges.

use super::mock::*;
use crate::pallet::*;
use frame_support::{assert_noop, assert_ok};
use sp_runtime::{traits::Dispatchable, DispatchError};

fn by_root(call: Network) -> Result<(), DispatchError> {
    RuntimeCall::from(call).dispatch(RuntimeOrigin::root()).map(drop).map_err(|refused| refused.error)
}

#[test]
fn root_alone_sets_the_prices_of_transactions_within_their_ranges() {
    on_chain(|| {
        assert_eq!((FeeWeightPerRao::<Test>::get(), FeePerByte::<Test>::get()), (2_000, 1));
        let weight = |weight| Network::sudo_set_fee_weight_per_rao { weight };
        let byte = |rao| Network::sudo_set_fee_per_byte { rao };
        for call in [weight(200), byte(100)] {
            let signed = RuntimeCall::from(call).dispatch(RuntimeOrigin::signed(coldkey(0)));
            assert_eq!(signed.map_err(|refused| refused.error), Err(DispatchError::BadOrigin));
        }
        for wrong in [weight(0), weight(199), weight(20_001), byte(0), byte(101), byte(u64::MAX)] {
            let error: DispatchError = Refusal::InvalidValue.into();
            assert_noop!(by_root(wrong), error);
        }
        assert_ok!(by_root(weight(200)));
        announced(Event::FeeWeightPerRaoSet { weight: 200 });
        assert_ok!(by_root(byte(100)));
        announced(Event::FeePerByteSet { rao: 100 });
        assert_eq!((FeeWeightPerRao::<Test>::get(), FeePerByte::<Test>::get()), (200, 100));
    });
}
