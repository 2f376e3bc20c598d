//! Settings of the whole network whose setters check their ranges.

use super::mock::*;
use crate::{pallet::*, subnets::NetworkSettings, types::ChainPace};
use frame_support::{assert_noop, assert_ok};
use myelin_economy::sessions::Sessions;
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

#[test]
fn another_length_of_sessions_waits_for_the_end_of_the_session_under_way() {
    on_fast_chain(|| {
        let set = |blocks| Network::sudo_set_session_length { blocks };
        let signed = RuntimeCall::from(set(500)).dispatch(RuntimeOrigin::signed(coldkey(0)));
        assert_eq!(signed.map_err(|refused| refused.error), Err(DispatchError::BadOrigin));
        for wrong in [0, 239, 7_201, u32::MAX] {
            let error: DispatchError = Refusal::InvalidValue.into();
            assert_noop!(by_root(set(wrong)), error);
        }
        assert_ok!(by_root(set(500)));
        announced(Event::SessionLengthSet { blocks: 500, from: 241 });
        let sessions = NetworkSettings::<Test>::sessions();
        assert_eq!([101, 240, 241].map(|block| sessions.at(block)), [240, 240, 500]);
    });
}

#[test]
fn sessions_follow_the_pace_of_the_chain_until_a_length_is_set() {
    on_chain(|| assert_eq!(SessionLength::<Test>::get(), Sessions::of(300)));
    on_fast_chain(|| assert_eq!(SessionLength::<Test>::get(), Sessions::of(240)));
    // A chain from before the length was stored.
    sp_io::TestExternalities::default().execute_with(|| {
        ChainProfile::<Test>::put(ChainPace { slot_ms: 250, fast: true });
        assert_eq!(NetworkSettings::<Test>::sessions(), Sessions::of(240));
        ChainProfile::<Test>::put(ChainPace { slot_ms: 12_000, fast: false });
        assert_eq!(NetworkSettings::<Test>::sessions(), Sessions::of(300));
    });
}
