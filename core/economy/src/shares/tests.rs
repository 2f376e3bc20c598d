use super::*;
use proptest::prelude::*;
use std::vec::Vec;

fn alpha(rao: u64) -> AlphaBalance {
    AlphaBalance::from_rao(rao)
}

#[test]
fn integers_are_exact_and_normalised() {
    for value in [1, 9, 10, 11, 1_000_000_007, u64::MAX] {
        let float = ShareFloat::from_int(value);
        assert_eq!(float.floor_u64(), value);
        assert!(float.mantissa() > MAX_MANTISSA / 10 && float.mantissa() <= MAX_MANTISSA);
    }
    assert_eq!(ShareFloat::from_int(1), ShareFloat { mantissa: MAX_MANTISSA, exponent: -21 });
    assert_eq!(ShareFloat::from_int(0), ShareFloat::ZERO);
}

#[test]
fn the_smallest_and_the_largest_mantissa_stay_as_they_are() {
    for mantissa in [MAX_MANTISSA / 10 + 1, MAX_MANTISSA] {
        assert_eq!(ShareFloat::normalised(mantissa, 3), ShareFloat { mantissa, exponent: 3 });
    }
    let largest = ShareFloat { mantissa: MAX_MANTISSA, exponent: 2 };
    assert_eq!(
        ShareFloat::normalised(MAX_MANTISSA / 10, 3),
        largest,
        "one less is the largest, a digit down"
    );
}

#[test]
fn a_third_has_twenty_one_digits() {
    let third = ShareFloat::from_int(1).mul_div(&ShareFloat::from_int(1), &ShareFloat::from_int(3));
    assert_eq!(third, ShareFloat { mantissa: 333_333_333_333_333_333_333, exponent: -21 });
    assert_eq!(
        third.mul_div(&ShareFloat::from_int(3), &ShareFloat::from_int(1)).floor_u64(),
        0,
        "truncation loses the last digit"
    );
}

#[test]
fn a_number_without_common_digits_changes_nothing() {
    let large = ShareFloat { mantissa: MAX_MANTISSA, exponent: 30 };
    assert_eq!(large.add(&ShareFloat::from_int(5)), large);
    assert_eq!(ShareFloat::from_int(5).saturating_sub(&large), ShareFloat::ZERO);
}

#[test]
fn first_stake_makes_one_share_per_rao() {
    let change =
        SharePool::default().add(&ShareFloat::ZERO, alpha(77)).expect("an empty pot takes any amount");
    assert_eq!(change.pool.shares, ShareFloat::from_int(77));
    assert_eq!(change.pool.value_of(&change.holder), alpha(77));
}

#[test]
fn a_reward_is_shared_in_proportion() {
    let first = SharePool::default().add(&ShareFloat::ZERO, alpha(300)).expect("first");
    let second = first.pool.add(&ShareFloat::ZERO, alpha(700)).expect("second");
    let pool = second.pool.add_for_all(alpha(1000));
    assert_eq!(pool.value_of(&first.holder), alpha(600));
    assert_eq!(pool.value_of(&second.holder), alpha(1400));
}

#[test]
fn an_amount_worth_no_share_is_refused() {
    let pool = SharePool { value: alpha(1_000), shares: ShareFloat::from_int(1_000) };
    let stranger = ShareFloat { mantissa: MAX_MANTISSA, exponent: 30 };
    assert_eq!(pool.add(&stranger, alpha(5)), Err(SharesError::InsufficientLiquidity { amount: 5 }));
    assert_eq!(pool.add(&stranger, alpha(0)).map(|c| c.pool), Ok(pool), "adding nothing is no error");
}

#[test]
fn one_rao_buys_shares_of_the_largest_pot() {
    let largest = SharePool { value: alpha(u64::MAX - 1), shares: ShareFloat::from_int(1) };
    let change =
        largest.add(&ShareFloat::from_int(1), alpha(1)).expect("a share of 2⁻⁶⁴ has digits to spare");
    assert!(change.pool.shares > largest.shares);
}

#[test]
fn nobody_takes_more_than_they_own() {
    let first = SharePool::default().add(&ShareFloat::ZERO, alpha(300)).expect("first");
    let second = first.pool.add(&ShareFloat::ZERO, alpha(700)).expect("second");
    assert_eq!(second.pool.remove(&first.holder, alpha(301)), None);
    let left = second.pool.remove(&first.holder, alpha(300)).expect("all of it");
    assert_eq!(left.pool.value_of(&left.holder), alpha(0));
    assert_eq!(left.pool.value_of(&second.holder), alpha(700));
}

/// Random stakes, rewards and withdrawals by four holders.
#[derive(Debug, Clone)]
enum Step {
    Add(usize, u64),
    Remove(usize, u64),
    Reward(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let amount = prop_oneof![1u64..1000, 1u64..1_000_000_000, 1u64..1_000_000_000_000_000];
    prop_oneof![
        (0usize..4, amount.clone()).prop_map(|(h, a)| Step::Add(h, a)),
        (0usize..4, amount.clone()).prop_map(|(h, a)| Step::Remove(h, a)),
        amount.prop_map(Step::Reward),
    ]
}

proptest! {
    #[test]
    fn holders_own_the_pot_up_to_a_rao_per_operation(steps in prop::collection::vec(step(), 1..60)) {
        // One holder stays, so that the pot never shrinks by more digits than shares have to spare.
        const SEED: u64 = 1_000_000_000_000;
        let seeded = SharePool::default().add(&ShareFloat::ZERO, alpha(SEED)).expect("an empty pot takes any amount");
        let mut pool = seeded.pool;
        let mut holders = [ShareFloat::ZERO, ShareFloat::ZERO, ShareFloat::ZERO, ShareFloat::ZERO, seeded.holder];
        let mut ledger = u128::from(SEED);
        for step in &steps {
            match *step {
                Step::Add(h, amount) => {
                    let before = pool.value_of(&holders[h]).to_rao();
                    if let Ok(change) = pool.add(&holders[h], alpha(amount)) {
                        pool = change.pool;
                        holders[h] = change.holder;
                        ledger += u128::from(amount);
                        let after = pool.value_of(&holders[h]).to_rao();
                        prop_assert!(after.abs_diff(before + amount) <= 1, "{} + {} became {}", before, amount, after);
                    }
                }
                Step::Remove(h, amount) => {
                    let amount = amount.min(pool.value_of(&holders[h]).to_rao());
                    if let Some(change) = pool.remove(&holders[h], alpha(amount)) {
                        pool = change.pool;
                        holders[h] = change.holder;
                        ledger -= u128::from(amount);
                    }
                }
                Step::Reward(amount) => {
                    if !pool.is_empty() {
                        pool = pool.add_for_all(alpha(amount));
                        ledger += u128::from(amount);
                    }
                }
            }
            prop_assert_eq!(u128::from(pool.value.to_rao()), ledger, "the pot holds exactly what was put in and not taken out");
            let owned: Vec<u64> = holders.iter().map(|h| pool.value_of(h).to_rao()).collect();
            let sum: u128 = owned.iter().map(|v| u128::from(*v)).sum();
            let slack = 4 + steps.len() as u128;
            prop_assert!(sum <= ledger + slack, "parts {:?} exceed the whole {}", owned, ledger);
            prop_assert!(sum + slack >= ledger, "parts {:?} fall short of the whole {}", owned, ledger);
        }
    }

    #[test]
    fn order_agrees_with_integers(a in any::<u64>(), b in any::<u64>()) {
        prop_assert_eq!(ShareFloat::from_int(a).cmp(&ShareFloat::from_int(b)), a.cmp(&b));
    }

    #[test]
    fn sums_and_differences_of_integers_are_exact(a in any::<u32>(), b in any::<u32>()) {
        let (x, y) = (ShareFloat::from_int(u64::from(a)), ShareFloat::from_int(u64::from(b)));
        prop_assert_eq!(x.add(&y).floor_u64(), u64::from(a) + u64::from(b));
        prop_assert_eq!(x.saturating_sub(&y).floor_u64(), u64::from(a.saturating_sub(b)));
    }
}

#[test]
fn the_last_to_leave_takes_its_rest_along_and_others_keep_theirs() {
    let shares = ShareFloat::from_int;
    // One rao is left of two shares; half a share was the leaver's, one and a half are another's.
    let pool = SharePool { value: alpha(1), shares: shares(2) };
    let half = shares(1).mul_div(&shares(1), &shares(2));
    let left = pool.without(&half);
    assert_eq!((left.value, left.shares), (alpha(1), shares(3).mul_div(&shares(1), &shares(2))));
    // Nothing but what truncation made of one share is left.
    let pool = SharePool { value: alpha(1), shares: shares(1).add(&ShareFloat::normalised(3, -18)) };
    assert_eq!(pool.without(&shares(1)), SharePool::default());
    assert_eq!(SharePool::default().without(&ShareFloat::ZERO), SharePool::default());
}

#[test]
fn a_sole_holder_that_leaves_after_rewards_leaves_no_pot_behind() {
    let mut pool = SharePool::default().add(&ShareFloat::ZERO, alpha(3)).expect("worth three shares").pool;
    let holder = ShareFloat::from_int(3);
    pool = pool.add_for_all(alpha(7));
    let owned = pool.value_of(&holder);
    let change = pool.remove(&holder, owned).expect("it owns that");
    assert!(change.pool.value_of(&change.holder).is_zero());
    assert!(change.pool.without(&change.holder).is_empty());
}

#[test]
fn holders_who_go_one_by_one_leave_a_rest_and_one_who_stays_does_not() {
    let mut pool = SharePool::default();
    let mut holders = std::vec::Vec::new();
    for i in 0..3_000u64 {
        let change = pool.add(&ShareFloat::ZERO, AlphaBalance::from_rao(1 + i * i * 977)).unwrap();
        holders.push(change.holder);
        pool = change.pool.add_for_all(AlphaBalance::from_rao(i % 7));
    }
    let former = pool.shares;
    for holder in &holders[1..] {
        let value = pool.value.saturating_sub(pool.value_of(holder));
        pool = SharePool { value, shares: pool.shares.saturating_sub(holder) };
    }
    assert!(!pool.is_rest_of(&former), "a holder of about one rao is left");
    pool.shares = pool.shares.saturating_sub(&holders[0]);
    assert!(pool.is_rest_of(&former));
}

#[test]
fn a_millionth_of_what_was_given_up_is_a_holders_share() {
    let pool = |shares| SharePool { value: alpha(5), shares: ShareFloat::from_int(shares) };
    let holder = ShareFloat::from_int(1_000_000);
    assert_eq!(
        pool(1_000_001).without(&holder).shares,
        ShareFloat::from_int(1),
        "one in a million is somebody"
    );
    let less = ShareFloat::from_int(1_000_001);
    assert_eq!(pool(1_000_002).without(&less), SharePool::default(), "less is what truncation left");
}

#[test]
fn a_pot_without_value_or_without_shares_is_nobodys() {
    let empty = [
        SharePool { value: alpha(0), shares: ShareFloat::from_int(3) },
        SharePool { value: alpha(3), shares: ShareFloat::ZERO },
    ];
    for pool in empty {
        assert!(pool.is_empty());
        assert_eq!(pool.add_for_all(alpha(9)), pool);
    }
    assert!(!SharePool { value: alpha(3), shares: ShareFloat::from_int(3) }.is_empty());
}

#[test]
fn one_part_in_a_quadrillion_is_somebodys() {
    let rest = SharePool { value: alpha(1), shares: ShareFloat::from_int(1) };
    assert!(!rest.is_rest_of(&ShareFloat::from_int(1_000_000_000_000_000)));
    assert!(rest.is_rest_of(&ShareFloat::from_int(1_000_000_000_000_001)));
}
