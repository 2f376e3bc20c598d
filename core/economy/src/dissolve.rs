//! Ending a subnet: the division of its pool among the holders of its alpha.

use alloc::vec::Vec;

use myelin_units::{AlphaBalance, TaoBalance, U64F64};

/// A claim's part of a pot before the rao that division leaves over are given out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// `⌊pot·claim/Σ⌋`.
    pub tao: TaoBalance,
    /// Remainder of that division, in units of 1/Σ rao.
    pub remainder: u128,
}

/// The part of one claim when all claims add up to `total` rao; nothing when `total` is 0.
pub fn part_of(pot: TaoBalance, claim: AlphaBalance, total: u128) -> Part {
    let product = u128::from(pot.to_rao()).saturating_mul(claim.to_rao().into());
    // A part is at most the pot, which is 64 bits wide.
    let tao = u64::try_from(product.checked_div(total).unwrap_or(0)).unwrap_or(u64::MAX);
    Part { tao: TaoBalance::from_rao(tao), remainder: product.checked_rem(total).unwrap_or(0) }
}

/// Order of claims when the left-over rao are given out, as bytes that sort in that order: largest remainder first, the
/// earlier claim (`index`) first among equals.
///
/// A ledger that keeps claims under these bytes can pay them one by one without ever holding all of them. The first
/// claims get one more rao each, until no left-over rao remain.
pub fn rank(remainder: u128, index: u64) -> [u8; 24] {
    let mut bytes = [0; 24];
    let (by_remainder, by_index) = bytes.split_at_mut(16);
    by_remainder.copy_from_slice(&(u128::MAX - remainder).to_be_bytes());
    by_index.copy_from_slice(&index.to_be_bytes());
    bytes
}

/// Shares a pot among claims of alpha: `⌊pot·claim/Σ⌋` each, and the remaining rao one each by largest remainder, the
/// earlier claim first among equals. The parts add up to the pot, unless all claims are 0: then nobody gets anything.
pub fn liquidate(pot: TaoBalance, claims: &[AlphaBalance]) -> Vec<TaoBalance> {
    let total: u128 = claims.iter().map(|c| u128::from(c.to_rao())).sum();
    if total == 0 {
        return claims.iter().map(|_| TaoBalance::ZERO).collect();
    }
    let parts: Vec<Part> = claims.iter().map(|claim| part_of(pot, *claim, total)).collect();
    let mut ranked: Vec<([u8; 24], usize)> =
        parts.iter().enumerate().map(|(i, part)| (rank(part.remainder, i as u64), i)).collect();
    ranked.sort_unstable();
    let mut paid: Vec<TaoBalance> = parts.iter().map(|part| part.tao).collect();
    // Fewer rao are left than there are claims with a remainder.
    let left = pot.saturating_sub(paid.iter().copied().sum());
    for (_, index) in ranked.into_iter().take(usize::try_from(left.to_rao()).unwrap_or(usize::MAX)) {
        if let Some(part) = paid.get_mut(index) {
            *part = part.saturating_add(TaoBalance::from_rao(1));
        }
    }
    paid
}

/// Refund of the lock to the owner of an old subnet (registered before `NetworkRegistrationStartBlock`): `lock − alpha
/// issuance · owner cut · spot price`, not below 0. `owner_cut` is on the u16 scale.
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

    #[test]
    fn ranks_put_large_remainders_and_then_early_claims_first() {
        let mut ranks = [rank(3, 1), rank(7, 2), rank(3, 0), rank(u128::MAX, 9), rank(0, 0)];
        ranks.sort_unstable();
        assert_eq!(ranks, [rank(u128::MAX, 9), rank(7, 2), rank(3, 0), rank(3, 1), rank(0, 0)]);
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
