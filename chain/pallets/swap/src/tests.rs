use frame_support::{assert_noop, assert_ok, derive_impl};
use myelin_economy::pool::{BlockTrades, Fee, QuoteWeight, MAX_FEE_RATE};
use myelin_units::{AlphaBalance, TaoBalance, U64F64};
use sp_runtime::{traits::BadOrigin, BuildStorage};

use crate as pallet_myelin_swap;
use crate::{AlphaSqrtPrice, Error, Event, FeeRate, TradesOfBlock};

frame_support::construct_runtime!(
    pub enum Test {
        System: frame_system = 0,
        Swap: pallet_myelin_swap = 28,
    }
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = frame_system::mocking::MockBlock<Test>;
}

impl pallet_myelin_swap::Config for Test {}

fn chain(test: impl FnOnce()) {
    let storage =
        frame_system::GenesisConfig::<Test>::default().build_storage().expect("an empty genesis builds");
    sp_io::TestExternalities::new(storage).execute_with(|| {
        System::set_block_number(1);
        test();
    });
}

#[test]
fn a_new_pool_has_equal_weights_and_the_default_fee() {
    chain(|| {
        let pool = Swap::pool(7, TaoBalance::from_rao(3), AlphaBalance::from_rao(4));
        assert_eq!((pool.tao.to_rao(), pool.alpha.to_rao()), (3, 4));
        assert_eq!(pool.weight, QuoteWeight::HALF);
        assert_eq!(Swap::fee(7), Fee(33));
    });
}

#[test]
fn only_root_sets_the_fee_and_only_up_to_the_maximum() {
    chain(|| {
        assert_noop!(Swap::set_fee_rate(RuntimeOrigin::signed(1), 7, 50), BadOrigin);
        assert_noop!(
            Swap::set_fee_rate(RuntimeOrigin::root(), 7, MAX_FEE_RATE + 1),
            Error::<Test>::FeeRateTooHigh
        );
        assert_ok!(Swap::set_fee_rate(RuntimeOrigin::root(), 7, MAX_FEE_RATE));
        System::assert_last_event(Event::FeeRateSet { netuid: 7, rate: MAX_FEE_RATE }.into());
        assert_eq!((Swap::fee(7), Swap::fee(8)), (Fee(MAX_FEE_RATE), Fee(33)));
    });
}

#[test]
fn a_removed_subnet_leaves_nothing_behind() {
    chain(|| {
        let weight = QuoteWeight::new(600_000_000_000_000_000).expect("60 % is legal");
        Swap::set_quote_weight(7, weight);
        FeeRate::<Test>::insert(7, 40);
        Swap::publish_price(7, U64F64::from_int(4u64));
        assert_eq!(AlphaSqrtPrice::<Test>::get(7), U64F64::from_int(2u64));
        assert_eq!(Swap::pool(7, TaoBalance::ZERO, AlphaBalance::ZERO).weight, weight);
        Swap::remove_subnet(7);
        assert_eq!(Swap::pool(7, TaoBalance::ZERO, AlphaBalance::ZERO).weight, QuoteWeight::HALF);
        assert_eq!(Swap::fee(7), Fee(33));
        assert_eq!(AlphaSqrtPrice::<Test>::iter().count(), 0);
    });
}

#[test]
fn the_trades_of_a_block_are_forgotten_at_its_end() {
    use frame_support::traits::Hooks;
    chain(|| {
        let trades = BlockTrades { tao_in: TaoBalance::from_rao(5), ..Default::default() };
        Swap::note_trades(7, trades);
        assert_eq!((Swap::trades(7), Swap::trades(8)), (trades, BlockTrades::default()));
        Swap::on_finalize(1);
        assert_eq!(TradesOfBlock::<Test>::iter().count(), 0);
    });
}
