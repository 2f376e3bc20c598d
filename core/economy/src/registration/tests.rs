use super::*;
use myelin_units::{AlphaBalance, TaoBalance, I96F32, U64F64};
use proptest::prelude::*;
use std::vec;
use std::vec::Vec;

fn tao(rao: u64) -> TaoBalance {
    TaoBalance::from_rao(rao)
}

const WIDE: BurnBounds = BurnBounds { min: TaoBalance::ZERO, max: TaoBalance::MAX };

mod price {
    use super::*;

    #[test]
    fn no_half_life_means_no_decay() {
        assert_eq!(burn_factor(0), NO_DECAY_FACTOR);
        assert_eq!(WIDE.decayed(TaoBalance::MAX, burn_factor(0)), TaoBalance::MAX);
    }

    #[test]
    fn known_factors() {
        assert_eq!((burn_factor(1), burn_factor(360)), (1 << 31, 4_286_705_684));
    }

    #[test]
    fn contradicting_bounds_end_at_the_lower_one() {
        let bounds = BurnBounds { min: tao(10), max: tao(5) };
        assert_eq!(bounds.bumped(tao(7), U64F64::ONE), tao(10));
    }

    #[test]
    fn demand_raises_the_price_from_the_least_that_an_owner_may_set() {
        // A registration in each of sixty blocks, with the default factor and half-life.
        let demanded = |least: u64| {
            let bounds = BurnBounds { min: tao(least), ..WIDE };
            let (factor, mult) = (burn_factor(360), U64F64::from_ratio(126u64, 100u64));
            (0..60).fold(tao(least), |price, _| bounds.bumped(bounds.decayed(price, factor), mult)).to_rao()
        };
        assert!(demanded(LEAST_MIN_BURN_RAO) > 500_000_000, "half a TAO");
        assert_eq!([0, 3].map(demanded), [0, 3], "below it the price may stand still");
    }

    proptest! {
        #[test]
        fn the_price_halves_in_its_half_life(burn in 1u64 << 40..1 << 60, half_life in 1u16..2_000) {
            let factor = burn_factor(half_life);
            let after = (0..half_life).fold(tao(burn), |burn, _| WIDE.decayed(burn, factor));
            let half = burn / 2;
            // The factor and the products that find it are rounded at 2⁻³², which costs up to 2·half_life·2⁻³² of the
            // price, and each block floors a rao.
            let slack = (half >> 20) + 2 * u64::from(half_life);
            prop_assert!(after.to_rao().abs_diff(half) <= slack, "{} of {}", after, burn);
        }

        #[test]
        fn factors_grow_with_the_half_life(h in 1u16..36_100) {
            prop_assert!(burn_factor(h) <= burn_factor(h + 1));
            prop_assert!(burn_factor(h) < NO_DECAY_FACTOR);
        }

        #[test]
        fn prices_stay_within_bounds(burn: u64, a: u64, b: u64, factor in 0u64..1 << 33, mult: u128) {
            let bounds = BurnBounds { min: tao(a.min(b)), max: tao(a.max(b)) };
            for price in [bounds.decayed(tao(burn), factor), bounds.bumped(tao(burn), U64F64::from_bits(mult))] {
                prop_assert!(bounds.min <= price && price <= bounds.max);
            }
        }

        #[test]
        fn a_registration_never_lowers_the_price(burn: u64, mult: u128) {
            prop_assert!(WIDE.bumped(tao(burn), U64F64::from_bits(mult)) >= tao(burn));
        }
    }
}

mod lock_cost {
    use super::*;

    const MAINNET: LockCost = LockCost {
        last_lock: TaoBalance::from_rao(4_000_000_000_000),
        min_lock: TaoBalance::from_rao(1_000_000_000_000),
        last_block: 1_000,
        interval: 100_800,
        block_emission: 1_000_000_000,
    };

    #[test]
    fn it_doubles_at_once_and_falls_back_in_an_interval() {
        assert_eq!(MAINNET.at(1_000), tao(8_000_000_000_000));
        let after_one = MAINNET.at(101_800).to_rao();
        // ⌊last/interval⌋ loses less than one rao per block.
        assert!((4_000_000_000_000..4_000_000_100_800).contains(&after_one), "{after_one}");
        assert_eq!(MAINNET.at(202_600 + 1_000), MAINNET.min_lock);
    }

    #[test]
    fn after_a_halving_it_falls_twice_as_fast() {
        let halved = LockCost { block_emission: 500_000_000, ..MAINNET };
        let fall = |cost: LockCost| cost.at(1_000).to_rao() - cost.at(11_000).to_rao();
        assert!(fall(halved).abs_diff(2 * fall(MAINNET)) <= 10_000);
    }

    #[test]
    fn without_emission_it_does_not_fall() {
        let ended = LockCost { block_emission: 0, ..MAINNET };
        assert_eq!(ended.at(u64::MAX), tao(8_000_000_000_000));
    }

    proptest! {
        #[test]
        fn it_never_rises_between_registrations(last: u64, min: u64, last_block: u64, interval: u64, emission: u64, a: u64, b: u64) {
            let cost = LockCost { last_lock: tao(last), min_lock: tao(min), last_block, interval, block_emission: emission };
            prop_assert!(cost.at(a.min(b)) >= cost.at(a.max(b)));
            prop_assert!(cost.at(a) >= tao(min));
        }

        #[test]
        fn the_lowest_price_is_reached_in_the_end(last in 1_000..u64::MAX / 4, interval in 1u64..1_000, min in 1u64..1_000) {
            let cost = LockCost { last_lock: tao(last), min_lock: tao(min), last_block: 1, interval, block_emission: 1_000_000_000 };
            let first = cost.at_most(tao(min), 1).expect("it falls by a rao a block at least");
            prop_assert!(cost.at(first) == tao(min) && cost.at(first - 1) > tao(min));
        }

        #[test]
        fn it_is_predicted_when_it_reaches_a_limit(
            last in 0..u64::MAX / 2, min: u64, last_block in 0u64..10_000, interval in 0u64..200_000, now in 0u64..500_000, limit: u64,
        ) {
            let cost = LockCost { last_lock: tao(last), min_lock: tao(min), last_block, interval, block_emission: 1_000_000_000 };
            match cost.at_most(tao(limit), now) {
                Some(first) => {
                    prop_assert!(first >= now && cost.at(first) <= tao(limit));
                    prop_assert!(first == now || cost.at(first - 1) > tao(limit));
                }
                None => prop_assert!(cost.at(u64::MAX) > tao(limit)),
            }
        }
    }
}

mod pools {
    use super::*;

    fn prices(list: &[u64]) -> Vec<U64F64> {
        list.iter().map(|p| U64F64::from_int(*p)).collect()
    }

    #[test]
    fn the_median_ignores_dead_pools() {
        assert_eq!(median_price(&[]), U64F64::ONE);
        assert_eq!(median_price(&prices(&[0, 0])), U64F64::ONE);
        assert_eq!(median_price(&prices(&[9, 0, 1, 3])), U64F64::from_int(3));
        assert_eq!(median_price(&prices(&[4, 1])), U64F64::from_ratio(5, 2));
    }

    #[test]
    fn a_new_pool_starts_at_the_median_price() {
        let (reserve, alpha) = founding_pool(tao(1_000), tao(3_000), &prices(&[2, 3, 4]));
        assert_eq!((reserve, alpha), (tao(3_000), AlphaBalance::from_rao(1_000)));
    }
}

mod subnets {
    use super::*;

    fn subnet(netuid: u16, registered_at: u64, price: u64) -> PrunableSubnet {
        PrunableSubnet { netuid, registered_at, moving_price: I96F32::from_int(price) }
    }

    #[test]
    fn the_cheapest_old_subnet_gives_way() {
        let subnets = [subnet(0, 0, 0), subnet(1, 10, 3), subnet(2, 20, 1), subnet(3, 95, 0)];
        assert_eq!(choose_subnet_to_prune(&subnets, 120, 100), Some(2));
        assert_eq!(choose_subnet_to_prune(&subnets, 119, 100), Some(1), "2 is immune for one more block");
        assert_eq!(choose_subnet_to_prune(&subnets, 50, 100), None);
    }

    #[test]
    fn among_equals_the_oldest_gives_way() {
        let subnets = [subnet(5, 30, 1), subnet(6, 20, 1), subnet(7, 20, 1)];
        assert_eq!(choose_subnet_to_prune(&subnets, 1_000, 100), Some(6));
    }
}

mod neurons {
    use super::*;

    fn neuron(uid: u16, emission: u64, registered: u64) -> Candidate {
        Candidate { uid, emission: AlphaBalance::from_rao(emission), registered, immortal: false }
    }

    #[test]
    fn a_free_uid_is_taken_first() {
        let rule = PruneRule { block: 100, immunity_period: 10, min_non_immune: 0 };
        let neurons = vec![neuron(0, 0, 0), neuron(1, 0, 0)];
        assert_eq!(choose_uid(&neurons, 3, &rule), Some(UidChoice::Append(2)));
        assert_eq!(choose_uid(&neurons, 2, &rule), Some(UidChoice::Replace(0)));
        assert_eq!(choose_uid(&[], 0, &rule), None);
    }

    #[test]
    fn the_owner_hotkey_comes_first_among_the_immortal() {
        let owned = [(30, 3), (10, 1), (20, 2)];
        assert_eq!(immortal_uids(&owned, None, 2), [1, 2]);
        assert_eq!(immortal_uids(&owned, Some(3), 2), [3, 1]);
        assert_eq!(immortal_uids(&owned, Some(1), 2), [1, 2]);
        assert_eq!(immortal_uids(&owned, Some(3), 0), [0u16; 0]);
        assert_eq!(immortal_uids(&[], Some(9), 1), [9]);
    }

    prop_compose! {
        fn any_neurons()(list in prop::collection::vec((0u64..5, 0u64..200, prop::bool::weighted(0.2)), 0..30)) -> Vec<Candidate> {
            list.into_iter().enumerate().map(|(uid, (emission, registered, immortal))| {
                Candidate { immortal, ..neuron(uid as u16, emission, registered) }
            }).collect()
        }
    }

    proptest! {
        #[test]
        fn pruning_never_removes_an_immortal_neuron(neurons in any_neurons(), immunity in 0u64..300, floor in 0u16..12) {
            let rule = PruneRule { block: 200, immunity_period: immunity, min_non_immune: floor };
            if let Some(uid) = rule.choose(&neurons) {
                prop_assert!(!neurons[usize::from(uid)].immortal);
            }
        }

        #[test]
        fn an_immune_neuron_goes_only_when_few_others_are_left(neurons in any_neurons(), immunity in 0u64..300, floor in 0u16..12) {
            let rule = PruneRule { block: 200, immunity_period: immunity, min_non_immune: floor };
            let exposed: Vec<&Candidate> = neurons.iter().filter(|n| !n.immortal && !rule.is_immune(n)).collect();
            if let Some(uid) = rule.choose(&neurons) {
                let chosen = &neurons[usize::from(uid)];
                prop_assert_eq!(rule.is_immune(chosen), exposed.len() <= usize::from(floor));
                let rivals = neurons.iter().filter(|n| !n.immortal && rule.is_immune(n) == rule.is_immune(chosen));
                prop_assert!(rivals.into_iter().all(|n| n.emission >= chosen.emission));
            } else {
                prop_assert!(exposed.len() <= usize::from(floor));
            }
        }
    }
}
