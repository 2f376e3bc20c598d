//! Root dividends: what root stakers may claim of each subnet's alpha.
//!
//! Paying every root staker every epoch would be too much work, so a hotkey keeps one *rate* per subnet: alpha owed
//! per unit of root stake since the beginning of time. A holder owes its claim to `rate · stake` less what is already counted as
//! claimed; adding root stake raises the counted part by `rate · added`, so that new stake earns from now on only. Removing root stake
//! lowers it by `rate · removed`; where less than that is counted, the rest has been earned and not claimed, and is paid now.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use myelin_units::{AlphaBalance, TaoBalance, I96F32};

/// `RootClaimableThreshold` of a new subnet, in rao: smaller claims are skipped.
pub const DEFAULT_CLAIM_THRESHOLD_RAO: u64 = 500_000;
/// The largest threshold an owner may set, in rao.
pub const MAX_CLAIM_THRESHOLD_RAO: u64 = 10_000_000;
/// Most subnets in one manual claim.
pub const MAX_CLAIM_SUBNETS: usize = 5;
/// Stakers that are claimed for automatically per block, unless root sets another number.
pub const DEFAULT_ROOT_CLAIMS: u64 = 5;
/// The largest number of automatic claims per block.
pub const MAX_ROOT_CLAIMS: u64 = 50;
/// Price limit, in rao of TAO per alpha, of the sale in a swapping claim: practically none.
pub const CLAIM_SALE_LIMIT_RAO: u64 = 1_000;

/// What becomes of an amount of alpha earned for a hotkey's root stakers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accrual {
    /// The hotkey's new rate.
    Rate(I96F32),
    /// More alpha than there is root stake to carry it: all of it is staked to the hotkey's owner instead.
    StakeToOwner(AlphaBalance),
}

/// Adds `amount` to a hotkey's rate: rate + amount/`root_stake`.
pub fn accrue(rate: I96F32, amount: AlphaBalance, root_stake: TaoBalance) -> Accrual {
    if amount.to_rao() > root_stake.to_rao() {
        return Accrual::StakeToOwner(amount);
    }
    Accrual::Rate(rate + I96F32::from_ratio(amount.to_rao(), root_stake.to_rao()))
}

/// Alpha owed to a holder: `⌊rate · stake⌋ − claimed`, not below 0.
pub fn owed(rate: I96F32, root_stake: TaoBalance, claimed: u128) -> AlphaBalance {
    let earned = (rate * I96F32::from_int(root_stake.to_rao())).floor_u128();
    AlphaBalance::from_rao(u64::try_from(earned.saturating_sub(claimed)).unwrap_or(u64::MAX))
}

/// `RootClaimed` after root stake is added: past earnings are not earned again by the new stake.
pub fn claimed_after_adding(rate: I96F32, added: TaoBalance, claimed: u128) -> u128 {
    claimed.saturating_add((rate * I96F32::from_int(added.to_rao())).floor_u128())
}

/// `RootClaimed` after root stake is removed, not below 0. With [`paid_when_removing`] what the holder has earned does not change.
pub fn claimed_after_removing(rate: I96F32, removed: TaoBalance, claimed: u128) -> u128 {
    claimed.saturating_sub((rate * I96F32::from_int(removed.to_rao())).floor_u128())
}

/// Alpha that is paid when root stake is removed, because `RootClaimed` cannot say by less than 0 that the rest of the stake is still owed
/// it: `⌊rate · removed⌋ − claimed`, not below 0.
pub fn paid_when_removing(rate: I96F32, removed: TaoBalance, claimed: u128) -> AlphaBalance {
    owed(rate, removed, claimed)
}

/// `RootClaimed` with which a holder of this root stake is owed exactly `due`: `⌊rate · stake⌋ − due`. Stake that moves to a hotkey
/// with a rate at least as high keeps so what it was owed, and is owed nothing that the other hotkey earned before.
pub fn claimed_to_owe(rate: I96F32, root_stake: TaoBalance, due: AlphaBalance) -> u128 {
    claimed_after_adding(rate, root_stake, 0).saturating_sub(due.to_rao().into())
}

/// Indices, among `n` registered root stakers, of those claimed for automatically in a block: sorted and distinct, at
/// most `k`.
///
/// x₀ is the first 8 bytes of the parent block's hash, big-endian; for i in 0..k the next is
/// `min(x + be64(hash[8i mod 32 ..]), 2⁶⁴ − 1) mod n`.
pub fn claim_indices(hash: &[u8; 32], k: u64, n: u64) -> Vec<u64> {
    let mut chosen = BTreeSet::new();
    if n == 0 {
        return Vec::new();
    }
    let (words, _) = hash.as_chunks::<8>();
    let mut x = words.first().map_or(0, |w| u64::from_be_bytes(*w));
    // Beyond the legal number of claims a caller has made a mistake; the loop stays short.
    for word in words.iter().cycle().take(usize::try_from(k).unwrap_or(usize::MAX).min(1 << 16)) {
        x = x.saturating_add(u64::from_be_bytes(*word)) % n;
        chosen.insert(x);
    }
    chosen.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn more_alpha_than_root_stake_goes_to_the_owner() {
        let amount = AlphaBalance::from_rao(11);
        assert_eq!(accrue(I96F32::ZERO, amount, TaoBalance::from_rao(10)), Accrual::StakeToOwner(amount));
        assert_eq!(
            accrue(I96F32::ZERO, amount, TaoBalance::from_rao(22)),
            Accrual::Rate(I96F32::from_ratio(1, 2))
        );
        assert_eq!(accrue(I96F32::ONE, AlphaBalance::ZERO, TaoBalance::ZERO), Accrual::Rate(I96F32::ONE));
    }

    #[test]
    fn nobody_is_chosen_from_nobody() {
        assert!(claim_indices(&[7; 32], 5, 0).is_empty());
        assert!(claim_indices(&[7; 32], 0, 5).is_empty());
        assert_eq!(claim_indices(&[7; 32], 5, 1), [0]);
    }

    proptest! {
        #[test]
        fn new_root_stake_owes_nothing_from_the_past(
            bits in 0i128..1 << 40,
            stake in 0u64..1 << 50,
            added in 0u64..1 << 50,
        ) {
            let rate = I96F32::from_bits(bits);
            let before = owed(rate, TaoBalance::from_rao(stake), 0).to_rao();
            let claimed = claimed_after_adding(rate, TaoBalance::from_rao(added), 0);
            let after = owed(rate, TaoBalance::from_rao(stake + added), claimed).to_rao();
            prop_assert!(after.abs_diff(before) <= 1, "{} became {}", before, after);
        }

        #[test]
        fn removing_root_stake_leaves_past_earnings_as_they_are(
            bits in 0i128..1 << 40,
            stake in 0u64..1 << 50,
            part in 0u64..=100,
            claimed_part in 0u128..=100,
        ) {
            let rate = I96F32::from_bits(bits);
            let tao = TaoBalance::from_rao;
            let removed = (u128::from(stake) * u128::from(part) / 100) as u64;
            let claimed = u128::from(owed(rate, tao(stake), 0).to_rao()) * claimed_part / 100;
            let before = owed(rate, tao(stake), claimed).to_rao();
            let paid = paid_when_removing(rate, tao(removed), claimed).to_rao();
            let left = owed(rate, tao(stake - removed), claimed_after_removing(rate, tao(removed), claimed));
            prop_assert!(paid + left.to_rao() <= before, "{} and {} of {}", paid, left, before);
            prop_assert!(paid + left.to_rao() + 1 >= before, "{} and {} of {}", paid, left, before);
        }

        #[test]
        fn moved_root_stake_is_owed_what_it_was(
            from in 0i128..1 << 40,
            ahead in 0i128..1 << 40,
            stake in 0u64..1 << 50,
            claimed in 0u128..1 << 50,
        ) {
            let (from, to) = (I96F32::from_bits(from), I96F32::from_bits(from + ahead));
            let stake = TaoBalance::from_rao(stake);
            let before = owed(from, stake, claimed);
            let after = owed(to, stake, claimed_to_owe(to, stake, before));
            prop_assert_eq!(after, before);
        }

        #[test]
        fn all_holders_together_claim_no_more_than_was_earned(
            amount in 0u64..1 << 50,
            stakes in prop::collection::vec(1u64..1 << 50, 1..20),
        ) {
            let total: u64 = stakes.iter().sum();
            if let Accrual::Rate(rate) = accrue(I96F32::ZERO, AlphaBalance::from_rao(amount), TaoBalance::from_rao(total)) {
                let claims: u64 = stakes.iter().map(|s| owed(rate, TaoBalance::from_rao(*s), 0).to_rao()).sum();
                prop_assert!(claims <= amount);
            }
        }

        #[test]
        fn indices_are_sorted_distinct_and_in_range(hash: [u8; 32], k in 0u64..60, n in 1u64..10_000) {
            let indices = claim_indices(&hash, k, n);
            prop_assert!(indices.windows(2).all(|w| w[0] < w[1]));
            prop_assert!(indices.iter().all(|i| *i < n) && indices.len() as u64 <= k);
        }
    }
}
