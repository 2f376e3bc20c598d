use super::*;
use proptest::prelude::*;
use std::vec;

fn input(price: (u64, u64), burned: (u64, u64), enabled: bool) -> ShareInput {
    ShareInput {
        moving_price: U64F64::from_ratio(price.0, price.1),
        miner_burned: U64F64::from_ratio(burned.0, burned.1),
        enabled,
    }
}

fn halves(n: u64) -> U64F64 {
    U64F64::from_ratio(n, 2u64)
}

mod shares {
    use super::*;

    #[test]
    fn withheld_emission_lowers_the_share() {
        let shares = tao_shares(&[input((1, 1), (1, 1), true), input((1, 1), (0, 1), true)]);
        assert_eq!(shares, [U64F64::ZERO, U64F64::ONE]);
        let all_withheld = tao_shares(&[input((1, 1), (1, 1), true), input((1, 1), (3, 1), true)]);
        assert_eq!(all_withheld, [halves(1), halves(1)], "if everybody withholds, price alone decides");
    }

    #[test]
    fn nothing_is_shared_without_a_price_or_an_enabled_subnet() {
        assert_eq!(tao_shares(&[]), []);
        assert_eq!(tao_shares(&[input((0, 1), (0, 1), true)]), [U64F64::ZERO]);
        assert_eq!(tao_shares(&[input((1, 1), (0, 1), false)]), [U64F64::ZERO]);
    }

    #[test]
    fn parts_are_shares_in_billionths_rounded_down() {
        let thirds = [1, 2].map(|price| input((price, 1), (0, 1), true));
        let parts = |of: &[ShareInput]| tao_parts(of).into_iter().map(PerBillion::parts).collect::<Vec<_>>();
        assert_eq!(parts(&thirds), [333_333_333, 666_666_666]);
        assert_eq!((parts(&thirds[..1]), parts(&[])), (vec![1_000_000_000], vec![]));
    }

    proptest! {
        #[test]
        fn shares_add_up_to_one_at_most(list in prop::collection::vec((1u64..1 << 40, 0u64..100, any::<bool>()), 1..40)) {
            let inputs: Vec<ShareInput> = list.iter().map(|(p, b, e)| input((*p, 1 << 30), (*b, 100), *e)).collect();
            let sum: U64F64 = tao_shares(&inputs).into_iter().sum();
            prop_assert!(sum <= U64F64::ONE);
            let slack = U64F64::from_ratio(1, 1_000_000_000_000u64);
            let nobody = inputs.iter().all(|i| !i.enabled);
            prop_assert!(nobody || sum + slack >= U64F64::ONE, "{}", sum);
        }

        #[test]
        fn a_higher_price_never_lowers_the_share(p in 1u64..1 << 40, more in 0u64..1 << 40, q in 1u64..1 << 40) {
            let share = |price| tao_shares(&[input((price, 1 << 20), (0, 1), true), input((q, 1 << 20), (0, 1), true)])[0];
            prop_assert!(share(p) <= share(p + more));
        }
    }
}

mod prices {
    use super::*;

    fn rule(age: u64) -> MovingPrice {
        MovingPrice {
            alpha: I96F32::from_ratio(1, 10),
            halving_blocks: 100,
            first_emission_block: 1,
            block: age,
        }
    }

    #[test]
    fn no_price_counts_for_more_than_one() {
        let next = rule(100).next(I96F32::ZERO, U64F64::from_int(50u64));
        assert_eq!(next, rule(100).next(I96F32::ZERO, U64F64::ONE));
        assert_eq!(next, I96F32::from_ratio(1, 10) * I96F32::from_ratio(1, 2));
    }

    proptest! {
        #[test]
        fn the_price_moves_toward_the_spot_and_never_past_it(old in 0u64..1 << 32, spot in 0u64..1 << 32, age in 1u64..1 << 30) {
            let (old, spot) = (I96F32::from_bits(i128::from(old)), U64F64::from_bits(u128::from(spot) << 32));
            let target: I96F32 = spot.cast();
            let next = rule(age).next(old, spot);
            // Both products are floored, so the result may be two bits low.
            let slack = I96F32::from_bits(2);
            prop_assert!(next + slack >= old.min(target) && next <= old.max(target));
        }

        #[test]
        fn nothing_panics(alpha: i128, halving: u64, first: u64, block: u64, old: i128, spot: u128) {
            let rule = MovingPrice { alpha: I96F32::from_bits(alpha), halving_blocks: halving, first_emission_block: first, block };
            let _ = rule.next(I96F32::from_bits(old), U64F64::from_bits(spot));
        }
    }
}

#[test]
fn root_counts_against_alpha_by_its_weight() {
    let rho = |root, weight, alpha| {
        root_proportion(TaoBalance::from_rao(root), weight, AlphaBalance::from_rao(alpha))
    };
    assert_eq!(rho(1_000, u64::MAX, 3_000), U96F32::from_ratio(1, 4));
    assert_eq!(rho(0, u64::MAX, 3_000), U96F32::ZERO);
    assert_eq!(rho(5, u64::MAX, 0), U96F32::ONE);
    assert_eq!(rho(0, 0, 0), U96F32::ZERO);
}

#[test]
fn root_sells_only_when_prices_add_up_to_more_than_one() {
    assert!(!root_sell_flag(&[halves(1), halves(1)]));
    assert!(root_sell_flag(&[halves(1), halves(1), U64F64::from_bits(1)]));
}

mod injection {
    use super::*;

    #[test]
    fn a_young_subnet_receives_liquidity_and_an_old_one_is_bought() {
        let tao = U96F32::from_int(1_000_000u64);
        let alpha = AlphaBalance::from_rao(1_000_000_000);
        let plan = |rho| plan_injection(tao, alpha, halves(1), rho);
        let young = plan(U96F32::ONE);
        assert_eq!(
            (young.tao_in.to_rao(), young.alpha_in.to_rao(), young.excess_tao.to_rao()),
            (1_000_000, 2_000_000, 0)
        );
        let old = plan(U96F32::from_ratio(1, 1_000));
        assert_eq!(
            (old.tao_in.to_rao(), old.alpha_in.to_rao(), old.excess_tao.to_rao()),
            (499_999, 999_999, 500_000)
        );
    }

    #[test]
    fn without_a_price_everything_is_injected_as_tao() {
        let plan =
            plan_injection(U96F32::from_int(7u64), AlphaBalance::from_rao(9), U64F64::ZERO, U96F32::ONE);
        assert_eq!(
            (plan.tao_in.to_rao(), plan.alpha_in, plan.excess_tao),
            (7, AlphaBalance::ZERO, TaoBalance::ZERO)
        );
    }

    proptest! {
        #[test]
        fn parts_never_exceed_the_tao_given(tao in 0u128..1 << 70, alpha in 0u64..1 << 40, price: u128, rho in 0u128..=1 << 32) {
            let tao = U96F32::from_bits(tao);
            let plan = plan_injection(tao, AlphaBalance::from_rao(alpha), U64F64::from_bits(price >> 8), U96F32::from_bits(rho));
            let used = u128::from(plan.tao_in.to_rao()) + u128::from(plan.excess_tao.to_rao());
            prop_assert!(used <= tao.floor_u128() && used + 1 >= tao.floor_u128());
            prop_assert!(plan.alpha_in.to_rao() <= alpha);
        }
    }
}

mod pots {
    use super::*;

    #[test]
    fn validators_and_root_share_the_half_that_miners_do_not_get() {
        let pots = block_pots(AlphaBalance::from_rao(1_000_000), None, U96F32::from_ratio(1, 4), true);
        let rao =
            (pots.owner_cut.to_rao(), pots.server.to_rao(), pots.validator.to_rao(), pots.root.to_rao());
        assert_eq!(rao, (0, 500_000, 375_000, 125_000));
        let silent = block_pots(AlphaBalance::from_rao(1_000_000), None, U96F32::from_ratio(1, 4), false);
        assert_eq!((silent.root.to_rao(), silent.recycled.to_rao()), (0, 125_000));
        assert_eq!(silent.validator, pots.validator, "validators do not get it either");
    }

    #[test]
    fn the_owner_is_paid_first() {
        let pots = block_pots(AlphaBalance::from_rao(1_000_000_000), Some(11_796), U96F32::ZERO, true);
        assert_eq!(pots.owner_cut.to_rao(), 179_995_422);
    }

    proptest! {
        #[test]
        fn pots_never_exceed_the_emission(alpha in 0u64..1 << 40, cut in prop::option::of(any::<u16>()), rho in 0u128..1 << 33, sells: bool) {
            let pots = block_pots(AlphaBalance::from_rao(alpha), cut, U96F32::from_bits(rho), sells);
            let parts = vec![pots.owner_cut, pots.server, pots.validator, pots.root, pots.recycled];
            let sum: u64 = parts.into_iter().map(AlphaBalance::to_rao).sum();
            prop_assert!(sum <= alpha && sum + 4 >= alpha, "{} of {}", sum, alpha);
            prop_assert_eq!(pots.left_of(AlphaBalance::from_rao(alpha)).to_rao(), alpha - sum);
        }
    }
}
