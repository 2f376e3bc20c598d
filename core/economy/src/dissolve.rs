//! Ending a subnet: who gets what is in its pool.

use alloc::vec::Vec;

use myelin_units::{AlphaBalance, TaoBalance, U64F64};

/// Shares a pot among claims of alpha: `⌊pot·claim/Σ⌋` each, and the remaining rao one each by largest remainder, the
/// earlier claim first among equals. The parts add up to the pot, unless all claims are 0: then nobody gets anything.
pub fn liquidate(pot: TaoBalance, claims: &[AlphaBalance]) -> Vec<TaoBalance> {
    let total: u128 = claims.iter().map(|c| u128::from(c.to_rao())).sum();
    if total == 0 {
        return claims.iter().map(|_| TaoBalance::ZERO).collect();
    }
    let pot = u128::from(pot.to_rao());
    let product = |claim: &AlphaBalance| pot * u128::from(claim.to_rao());
    // A part is at most the pot, which is 64 bits wide.
    let mut parts: Vec<u64> = claims.iter().map(|c| (product(c) / total) as u64).collect();
    let placed: u128 = parts.iter().map(|p| u128::from(*p)).sum();
    let mut by_remainder: Vec<(u128, usize)> =
        claims.iter().enumerate().map(|(i, c)| (product(c) % total, i)).collect();
    by_remainder.sort_by_key(|(remainder, _)| core::cmp::Reverse(*remainder));
    // Fewer rao are left than there are claims with a remainder.
    let left = usize::try_from(pot - placed).unwrap_or(usize::MAX);
    for (_, index) in by_remainder.into_iter().take(left) {
        if let Some(part) = parts.get_mut(index) {
            *part = part.saturating_add(1);
        }
    }
    parts.into_iter().map(TaoBalance::from_rao).collect()
}

/// What the owner of an old subnet (registered before `NetworkRegistrationStartBlock`) gets back:
/// `lock − alpha issuance · owner cut · spot price`, not below 0. `owner_cut` is on the u16 scale.
pub fn owner_refund(
    lock: TaoBalance,
    alpha_issuance: AlphaBalance,
    owner_cut: u16,
    price: U64F64,
) -> TaoBalance {
    let (cut, _) = alpha_issuance.split_floor(owner_cut);
    let earned = (U64F64::from_int(cut.to_rao()) * price).floor_u64();
    lock.saturating_sub(TaoBalance::from_rao(earned))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shares(pot: u64, claims: &[u64]) -> Vec<u64> {
        let claims: Vec<AlphaBalance> = claims.iter().copied().map(AlphaBalance::from_rao).collect();
        liquidate(TaoBalance::from_rao(pot), &claims).into_iter().map(TaoBalance::to_rao).collect()
    }

    #[test]
    fn remaining_rao_go_to_the_largest_remainders_first() {
        assert_eq!(shares(10, &[1, 1, 1]), [4, 3, 3]);
        assert_eq!(shares(11, &[1, 1, 1]), [4, 4, 3]);
        // 7·(1,2,3)/6 = 1.17, 2.33, 3.5: the last has the largest remainder.
        assert_eq!(shares(7, &[1, 2, 3]), [1, 2, 4]);
    }

    #[test]
    fn nobody_is_paid_when_nobody_claims() {
        assert_eq!(shares(10, &[0, 0]), [0, 0]);
        assert_eq!(shares(10, &[]), [0u64; 0]);
    }

    #[test]
    fn owner_refund_is_what_the_cut_has_not_earned_back() {
        let refund = |alpha| {
            let half = U64F64::from_ratio(1, 2);
            owner_refund(TaoBalance::from_rao(1000), AlphaBalance::from_rao(alpha), u16::MAX, half).to_rao()
        };
        assert_eq!((refund(0), refund(600), refund(5000)), (1000, 700, 0));
    }

    proptest! {
        #[test]
        fn parts_add_up_to_the_pot(pot in any::<u64>(), claims in prop::collection::vec(any::<u64>(), 1..40)) {
            let parts = shares(pot, &claims);
            let sum: u128 = parts.iter().map(|p| u128::from(*p)).sum();
            let expected = if claims.iter().all(|c| *c == 0) { 0 } else { u128::from(pot) };
            prop_assert_eq!(sum, expected);
        }

        #[test]
        fn a_part_is_within_one_rao_of_its_exact_share(pot in any::<u64>(), claims in prop::collection::vec(1u64.., 1..40)) {
            let total: u128 = claims.iter().map(|c| u128::from(*c)).sum();
            for (part, claim) in shares(pot, &claims).into_iter().zip(&claims) {
                let exact = u128::from(pot) * u128::from(*claim) / total;
                prop_assert!(u128::from(part) == exact || u128::from(part) == exact + 1);
            }
        }
    }
}
