use super::*;
use crate::pool::Pool;
use proptest::prelude::*;
use std::vec;

fn subnet(tao: u64, alpha_in: u64, alpha_out: u64, moving_price: U64F64) -> SubnetState {
    let pool = Pool::balanced(TaoBalance::from_rao(tao), AlphaBalance::from_rao(alpha_in));
    SubnetState {
        market: Market::Dynamic(pool),
        alpha_in: pool.alpha,
        alpha_out: AlphaBalance::from_rao(alpha_out),
        share: ShareInput { moving_price, miner_burned: U64F64::ZERO, enabled: true },
        owner_cut: Some(11_796),
    }
}

fn block(root_tao: u64) -> BlockInput {
    BlockInput {
        tao_emission: TaoBalance::from_rao(1_000_000_000),
        root_tao: TaoBalance::from_rao(root_tao),
        tao_weight: u64::MAX / 2,
    }
}

const TOKENS: u64 = 1_000_000_000;

#[test]
fn with_no_eligible_subnet_everything_is_recycled() {
    assert_eq!(
        emit(&block(5), &[]),
        BlockEmission { subnets: vec![], recycled: TaoBalance::from_rao(1_000_000_000) }
    );
}

#[test]
fn a_young_subnet_receives_liquidity_at_its_price() {
    let young = subnet(10 * TOKENS, 20 * TOKENS, 0, U64F64::from_ratio(1, 2));
    let input = BlockInput { tao_emission: TaoBalance::from_rao(400_000_000), ..block(1_000_000 * TOKENS) };
    let change = emit(&input, &[young]).subnets[0];
    // Root outweighs the little alpha there is, so the cap of nearly one alpha per block does not bind.
    assert_eq!((change.tao_in.to_rao(), change.alpha_in.to_rao()), (400_000_000, 800_000_000));
    assert_eq!((change.excess_tao, change.alpha_bought), (TaoBalance::ZERO, AlphaBalance::ZERO));
    assert_eq!(change.weight, Some(QuoteWeight::HALF));
    assert_eq!(change.alpha_out.to_rao(), 1_000_000_000);
}

#[test]
fn a_grown_subnet_is_bought_instead() {
    let grown = subnet(50_000 * TOKENS, 1_000_000 * TOKENS, 3_000_000 * TOKENS, U64F64::from_ratio(1, 20));
    let change = emit(&block(5_000_000 * TOKENS), &[grown]).subnets[0];
    assert!(change.excess_tao.to_rao() > 900_000_000, "{change:?}");
    // At 0.05 TAO per alpha the buy brings close to twenty times as much alpha.
    let ratio = change.alpha_bought.to_rao() as f64 / change.excess_tao.to_rao() as f64;
    assert!((19.9..20.0).contains(&ratio), "{ratio}");
    let after = change.tao_in.to_rao() + change.excess_tao.to_rao();
    assert!((999_999_998..=1_000_000_000).contains(&after));
}

#[test]
fn a_disabled_subnet_emits_alpha_and_no_tao() {
    let mut quiet = subnet(10 * TOKENS, 20 * TOKENS, 0, U64F64::ONE);
    quiet.share.enabled = false;
    let emission = emit(&block(TOKENS), &[quiet, subnet(10 * TOKENS, 20 * TOKENS, 0, U64F64::ONE)]);
    let change = emission.subnets[0];
    assert_eq!((change.tao_in, change.alpha_in, change.excess_tao), Default::default());
    assert_eq!(change.alpha_out.to_rao(), 1_000_000_000);
    assert!(!change.pots.server.is_zero());
}

#[test]
fn an_injection_beyond_the_weights_is_dropped_and_recycled() {
    // The pool holds so little that any injection changes its proportions beyond 99 %.
    let mut tiny = subnet(1_000, 20 * TOKENS, 0, U64F64::ONE);
    tiny.market =
        Market::Dynamic(Pool::balanced(TaoBalance::from_rao(0), AlphaBalance::from_rao(20 * TOKENS)));
    let emission = emit(&block(1_000_000 * TOKENS), &[tiny]);
    let change = emission.subnets[0];
    assert_eq!((change.tao_in, change.alpha_in), (TaoBalance::ZERO, AlphaBalance::ZERO));
    assert_eq!(emission.recycled.to_rao() + change.excess_tao.to_rao(), 1_000_000_000);
}

#[test]
fn root_is_paid_only_when_prices_add_up_to_more_than_one() {
    let pair =
        |price| [subnet(100 * TOKENS, 200 * TOKENS, 0, price), subnet(100 * TOKENS, 200 * TOKENS, 0, price)];
    let low = emit(&block(1_000 * TOKENS), &pair(U64F64::from_ratio(1, 2)));
    assert!(low.subnets.iter().all(|s| s.pots.root.is_zero() && !s.pots.recycled.is_zero()));
    let high = emit(&block(1_000 * TOKENS), &pair(U64F64::from_ratio(2, 3)));
    assert!(high.subnets.iter().all(|s| !s.pots.root.is_zero() && s.pots.recycled.is_zero()));
}

prop_compose! {
    fn any_subnet()(
        tao in 0u64..1 << 54,
        alpha_in in 0u64..1 << 54,
        alpha_out in 0u64..1 << 54,
        price in 0u64..1 << 34,
        burned in 0u64..100,
        enabled: bool,
        cut in prop::option::of(any::<u16>()),
        stable in prop::bool::weighted(0.1),
    ) -> SubnetState {
        let mut state = subnet(tao, alpha_in, alpha_out, U64F64::from_bits(u128::from(price) << 32));
        state.share.miner_burned = U64F64::from_ratio(burned, 100u64);
        state.share.enabled = enabled;
        state.owner_cut = cut;
        if stable {
            state.market = Market::Stable;
        }
        state
    }
}

proptest! {
    #[test]
    fn minted_tao_is_placed_or_recycled_to_the_rao(
        subnets in prop::collection::vec(any_subnet(), 0..12),
        tao in 0u64..2_000_000_000,
        root in 0u64..1 << 54,
        tao_weight: u64,
    ) {
        let input = BlockInput { tao_emission: TaoBalance::from_rao(tao), root_tao: TaoBalance::from_rao(root), tao_weight };
        let emission = emit(&input, &subnets);
        let placed: u64 = emission.subnets.iter().map(|s| s.tao_in.to_rao() + s.excess_tao.to_rao()).sum();
        prop_assert_eq!(placed + emission.recycled.to_rao(), tao);
        for (before, change) in subnets.iter().zip(&emission.subnets) {
            prop_assert!(before.share.enabled || change.tao_in.is_zero() && change.excess_tao.is_zero());
            prop_assert!(change.alpha_in <= change.alpha_out, "injection is capped by the alpha emission");
            let pots = change.pots;
            let parts = [pots.owner_cut, pots.server, pots.validator, pots.root, pots.recycled];
            prop_assert!(parts.into_iter().sum::<AlphaBalance>() <= change.alpha_out);
            if let Market::Dynamic(pool) = before.market {
                prop_assert!(change.alpha_bought <= pool.alpha);
            }
        }
    }
}
