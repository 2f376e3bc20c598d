use super::*;
use proptest::prelude::*;
use std::vec;

fn holding(alpha: u64, root: u64) -> Holding {
    Holding { alpha: AlphaBalance::from_rao(alpha), root: TaoBalance::from_rao(root) }
}

fn parent(id: u8, proportion: u64, alpha: u64, same_owner: bool) -> Parent<u8> {
    Parent { hotkey: id, proportion, holding: holding(alpha, 0), same_owner }
}

fn family(dividend: u64, own: u64, take: u16, parents: Vec<Parent<u8>>) -> FamilyDividend<u8> {
    FamilyDividend {
        hotkey: 0,
        dividend: AlphaBalance::from_rao(dividend),
        holding: holding(own, 0),
        lent: vec![],
        take,
        parents,
    }
}

#[test]
fn half_of_a_u64_proportion_is_a_little_less_than_half() {
    assert_eq!(proportion(u64::MAX), U96F32::ONE);
    assert_eq!(proportion(u64::MAX / 2).to_bits(), (1 << 31) - 1);
}

#[test]
fn lent_stake_counts_for_the_child() {
    let all = u64::MAX;
    assert_eq!(inherited(1_000, &[all], &[]), 0);
    assert_eq!(inherited(500, &[], &[Loan { value: 1_000, proportion: all }]), 1_500);
    assert_eq!(inherited(500, &[all, all], &[]), 0, "more than everything is everything");
}

#[test]
fn a_child_without_parents_keeps_its_dividend() {
    let split = family(1_000, 0, 11_796, vec![]).split(FamilyRates::default());
    assert_eq!((split.own.to_rao(), split.parents.len(), split.recycled.to_rao()), (1_000, 0, 0));
}

#[test]
fn take_applies_to_other_owners_only() {
    let all = u64::MAX;
    let parents = vec![parent(1, all, 1_000, true), parent(2, all, 1_000, false)];
    let split = family(3_000, 1_000, u16::MAX / 5, parents).split(FamilyRates::default());
    assert_eq!(split.parents[0].1.to_rao(), 999, "a third, floored");
    assert_eq!(split.parents[1].1.to_rao(), 799);
    assert_eq!(split.own.to_rao(), 1_200);
}

#[test]
fn burn_and_take_together_leave_the_parent_at_least_nothing() {
    let rates = FamilyRates { tao_weight: 0, burn: u64::MAX };
    let split = family(1_000, 0, u16::MAX, vec![parent(1, u64::MAX, 1_000, false)]).split(rates);
    assert_eq!((split.parents[0].1.to_rao(), split.own.to_rao(), split.recycled.to_rao()), (0, 0, 1_000));
}

#[test]
fn lists_of_children_are_checked() {
    let check = |children: &[(u64, u8)]| check_children(&0, children, &[9]);
    assert_eq!(check(&[(1, 1), (2, 2)]), Ok(()));
    assert_eq!(check(&[]), Ok(()));
    let six: Vec<(u64, u8)> = (1..7).map(|c| (1, c)).collect();
    assert_eq!(check(&six), Err(ChildrenError::TooManyChildren { found: 6 }));
    assert_eq!(
        check(&[(1, 3); 10]),
        Err(ChildrenError::DuplicateChild),
        "clients expect the name of the first mistake"
    );
    assert_eq!(check(&[(1, 0)]), Err(ChildrenError::InvalidChild));
    assert_eq!(check(&[(1, 3), (1, 3)]), Err(ChildrenError::DuplicateChild));
    assert_eq!(check(&[(1, 9)]), Err(ChildrenError::ParentChildConsistency));
    assert_eq!(check(&[(u64::MAX, 1), (1, 2)]), Err(ChildrenError::ProportionOverflow));
    assert_eq!(check(&[(u64::MAX, 1), (0, 2)]), Ok(()));
}

#[test]
fn five_children_are_not_too_many() {
    let five: Vec<(u64, u8)> = (1..=5).map(|child| (1, child)).collect();
    assert_eq!(check_children(&0, &five, &[9]), Ok(()));
}

#[test]
fn a_refused_list_is_named_as_clients_know_it() {
    let name = |children: &[(u64, u8)]| check_children(&0, children, &[9]).map_err(|error| error.name());
    let six: Vec<(u64, u8)> = (1..7).map(|child| (1, child)).collect();
    assert_eq!(name(&six), Err("TooManyChildren"));
    assert_eq!(name(&[(1, 0)]), Err("InvalidChild"));
    assert_eq!(name(&[(1, 3), (1, 3)]), Err("DuplicateChild"));
    assert_eq!(name(&[(u64::MAX, 1), (1, 2)]), Err("ProportionOverflow"));
    assert_eq!(name(&[(1, 9)]), Err("ChildParentInconsistency"));
}

#[test]
fn root_stake_counts_by_the_weight_of_tao() {
    let quarter = U96F32::from_ratio(1, 4);
    assert_eq!(holding(10, 400).weighted_root(quarter), U96F32::from_int(100));
    assert_eq!(holding(10, 400).weighted(quarter), U96F32::from_int(110));
}

prop_compose! {
    fn any_parent()(id in 1u8.., proportion: u64, alpha in 0u64..1 << 55, root in 0u64..1 << 55, same_owner: bool) -> Parent<u8> {
        Parent { hotkey: id, proportion, holding: holding(alpha, root), same_owner }
    }
}

proptest! {
    #[test]
    fn parts_never_exceed_the_dividend(
        dividend in 0u64..1 << 50,
        own in 0u64..1 << 55,
        take: u16,
        lent in prop::collection::vec(any::<u64>(), 0..4),
        parents in prop::collection::vec(any_parent(), 0..6),
        tao_weight: u64,
        burn: u64,
    ) {
        let parties = parents.len() as u64 + 2;
        let family = FamilyDividend { lent, ..family(dividend, own, take, parents) };
        let split = family.split(FamilyRates { tao_weight, burn });
        let paid: u64 = split.parents.iter().map(|(_, amount)| amount.to_rao()).sum();
        let total = paid + split.own.to_rao() + split.recycled.to_rao();
        prop_assert!(total <= dividend, "{} of {}", total, dividend);
        // Every party loses less than a rao to its floor, and quotients lose 2⁻³² of the dividend each.
        let slack = parties * (1 + (dividend >> 32));
        prop_assert!(total + slack >= dividend, "{} of {}", total, dividend);
    }

    #[test]
    fn lending_moves_stake_and_makes_none(own in 0u64..1 << 55, other in 0u64..1 << 55, p in any::<u64>(), q in any::<u64>()) {
        let (p, q) = (p / 2, q / 2);
        let lender = inherited(own, &[p, q], &[]);
        let first = inherited(other, &[], &[Loan { value: own, proportion: p }]);
        let second = inherited(0, &[], &[Loan { value: own, proportion: q }]);
        let sum = u128::from(lender) + u128::from(first) + u128::from(second);
        let exact = u128::from(own) + u128::from(other);
        prop_assert!(sum <= exact && sum + 3 >= exact);
    }

    #[test]
    fn nothing_panics(own: u64, child: u64, value: u64, p: u64, dividend: u64, take: u16) {
        let _ = inherited(own, &[child, p], &[Loan { value, proportion: p }, Loan { value: own, proportion: child }]);
        let _ = family(dividend, own, take, vec![parent(1, p, value, false)]).split(FamilyRates { tao_weight: p, burn: child });
    }
}
