//! Root dividends: the claims of root stakers on each subnet's alpha.
//!
//! Paying every root staker every epoch would be too much work, so a hotkey keeps one *rate* per subnet: alpha owed per
//! unit of root stake since the beginning of time. A holder is owed `rate · stake` less the part counted as claimed.
//! Adding root stake raises the counted part by `rate · added`, so that new stake earns from now on only. Removing root
//! stake lowers the counted part by `rate · removed`. If less than that is counted, the difference was earned and not
//! claimed, and is paid at once.
//!
//! Every rounding is in favour of the accrued sum: claims and reductions of the counted part are rounded down,
//! additions to the counted part are rounded up. So `Σ max(0, rate · stake − claimed)` over all holders never exceeds
//! the alpha that accrued and was not paid.

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

/// Result of adding alpha that was earned for a hotkey's root stakers.
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

/// Alpha that must have accrued for a holder, including the fraction of a rao that is not owed yet: `⌈rate · stake⌉ −
/// claimed`, not below 0.
pub fn to_keep(rate: I96F32, root_stake: TaoBalance, claimed: u128) -> AlphaBalance {
    let kept = earned_rounded_up(rate, root_stake).saturating_sub(claimed);
    AlphaBalance::from_rao(u64::try_from(kept).unwrap_or(u64::MAX))
}

/// `RootClaimed` after root stake is added, so that the new stake does not earn past dividends again. Rounded up, so
/// the amount owed to the holder may fall by one rao.
pub fn claimed_after_adding(rate: I96F32, added: TaoBalance, claimed: u128) -> u128 {
    claimed.saturating_add(earned_rounded_up(rate, added))
}

/// `RootClaimed` after root stake is removed, not below 0. Together with [`paid_when_removing`] the holder's total
/// earnings do not change.
pub fn claimed_after_removing(rate: I96F32, removed: TaoBalance, claimed: u128) -> u128 {
    claimed.saturating_sub((rate * I96F32::from_int(removed.to_rao())).floor_u128())
}

/// Alpha paid when root stake is removed: `⌊rate · removed⌋ − claimed`, not below 0. `RootClaimed` cannot become
/// negative, so it could not record that this alpha is still owed.
pub fn paid_when_removing(rate: I96F32, removed: TaoBalance, claimed: u128) -> AlphaBalance {
    owed(rate, removed, claimed)
}

/// `RootClaimed` on a hotkey after root stake moved there from a hotkey with the rate `former`. The sum of `here`,
/// counted on the new hotkey so far, and `there`, counted on the former one and corrected by the difference of the
/// rates.
///
/// If `rate` is higher, the correction is `there + ⌈(rate − former) · moved⌉`: the stake is owed nothing that the new
/// hotkey earned before. If it is lower, `there − ⌊(former − rate) · moved⌋`, not below 0, and [`paid_when_moving`]
/// gives the payment. So the moved stake keeps its claim, up to one rao where the rates differ.
pub fn claimed_after_moving(
    former: I96F32,
    rate: I96F32,
    moved: TaoBalance,
    there: u128,
    here: u128,
) -> u128 {
    let moved_along = if rate < former {
        claimed_after_removing(former - rate, moved, there)
    } else {
        claimed_after_adding(rate - former, moved, there)
    };
    moved_along.saturating_add(here)
}

/// Alpha paid when root stake moves to a hotkey with a lower rate: `⌊(former − rate) · moved⌋ − there`, not below 0.
/// `RootClaimed` cannot become negative, so it could not record that this alpha is still owed.
pub fn paid_when_moving(former: I96F32, rate: I96F32, moved: TaoBalance, there: u128) -> AlphaBalance {
    if rate < former {
        paid_when_removing(former - rate, moved, there)
    } else {
        AlphaBalance::ZERO
    }
}

/// `⌈rate · stake⌉`; the product is exact.
fn earned_rounded_up(rate: I96F32, root_stake: TaoBalance) -> u128 {
    let earned = (rate * I96F32::from_int(root_stake.to_rao())).max(I96F32::ZERO);
    let fraction = earned.to_bits() & ((1 << I96F32::FRACTION_BITS) - 1);
    earned.floor_u128().saturating_add(u128::from(fraction > 0))
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
    fn the_smallest_part_of_a_rao_is_rounded_up() {
        let (least, one) = (I96F32::from_bits(1), TaoBalance::from_rao(1));
        assert_eq!((claimed_after_adding(least, one, 7), to_keep(least, one, 0).to_rao()), (8, 1));
        assert_eq!(claimed_after_adding(I96F32::ONE, one, 7), 8, "a whole rao is no more");
        assert_eq!(claimed_after_adding(least, TaoBalance::ZERO, 7), 7);
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
            prop_assert!(after <= before && before <= after + 1, "{} became {}", before, after);
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
        fn moved_root_stake_is_owed_what_it_was_but_for_a_rao(
            from in 0i128..1 << 40,
            to in prop_oneof![Just(None), (0i128..1 << 41).prop_map(Some)],
            stake in 0u64..1 << 50,
            part in 0u128..=100,
        ) {
            let (from, to) = (I96F32::from_bits(from), I96F32::from_bits(to.unwrap_or(from)));
            let stake = TaoBalance::from_rao(stake);
            let claimed = u128::from(owed(from, stake, 0).to_rao()) * part / 100;
            let before = owed(from, stake, claimed).to_rao();
            let paid = paid_when_moving(from, to, stake, claimed).to_rao();
            let left = owed(to, stake, claimed_after_moving(from, to, stake, claimed, 0)).to_rao();
            let after = paid + left;
            prop_assert!(after <= before && before <= after + 1, "{} became {}", before, after);
            prop_assert!(to != from || left == before, "a hotkey with the same rates takes over to the rao");
            prop_assert!(to < from || paid == 0, "nothing is paid that can be owed");
        }

        #[test]
        fn whatever_root_stakers_do_they_can_claim_no_more_than_accrued(
            steps in prop::collection::vec((0u8..6, 0usize..2, 0usize..3, 1u64..40, 0u32..30), 1..60),
        ) {
            let tao = TaoBalance::from_rao;
            let (mut pot, mut rates) = (0u128, [I96F32::ZERO; 2]);
            // By hotkey and holder: root stake, and what is counted as claimed.
            let mut held = [[(0u64, 0u128); 3]; 2];
            for (step, hotkey, who, amount, scale) in steps {
                let (amount, rate) = (amount << scale, rates[hotkey]);
                let all = |hotkey: usize, held: &[[(u64, u128); 3]; 2]| held[hotkey].iter().map(|h| h.0).sum::<u64>();
                let (stake, claimed) = held[hotkey][who];
                match step {
                    0 => {
                        let accrued = AlphaBalance::from_rao(amount);
                        if let Accrual::Rate(raised) = accrue(rate, accrued, tao(all(hotkey, &held))) {
                            rates[hotkey] = raised;
                            pot += u128::from(amount);
                        }
                    }
                    1 | 2 => held[hotkey][who] = (stake + amount, claimed_after_adding(rate, tao(amount), claimed)),
                    3 => {
                        let gone = amount.min(stake);
                        let paid = u128::from(paid_when_removing(rate, tao(gone), claimed).to_rao());
                        prop_assert!(paid <= pot, "{} of {}", paid, pot);
                        pot -= paid;
                        let left = claimed_after_removing(rate, tao(gone), claimed);
                        held[hotkey][who] = (stake - gone, if gone < stake { left } else { 0 });
                    }
                    4 => {
                        let due = u128::from(owed(rate, tao(stake), claimed).to_rao());
                        held[hotkey][who].1 += due;
                        pot -= due;
                    }
                    _ => {
                        let other = 1 - hotkey;
                        if all(other, &held) == 0 {
                            rates[other] = rates[other].max(rate);
                        }
                        let (own, here) = held[other][who];
                        let paid = paid_when_moving(rate, rates[other], tao(stake), claimed).to_rao();
                        prop_assert!(u128::from(paid) <= pot, "{} of {}", paid, pot);
                        pot -= u128::from(paid);
                        let moved = claimed_after_moving(rate, rates[other], tao(stake), claimed, here);
                        held[hotkey][who] = (0, 0);
                        held[other][who] = (own + stake, moved);
                    }
                }
                let due = |hotkey: usize| {
                    let dues = held[hotkey].iter().map(|(stake, claimed)| owed(rates[hotkey], tao(*stake), *claimed));
                    dues.map(|due| u128::from(due.to_rao())).sum::<u128>()
                };
                let due = due(0) + due(1);
                prop_assert!(due <= pot, "after {}: {} can be claimed of {}", step, due, pot);
            }
        }

        #[test]
        fn what_is_kept_for_a_holder_covers_what_it_is_owed(
            bits in 0i128..1 << 40,
            stake in 0u64..1 << 50,
            claimed in 0u128..1 << 50,
        ) {
            let (rate, stake) = (I96F32::from_bits(bits), TaoBalance::from_rao(stake));
            let (kept, due) = (to_keep(rate, stake, claimed).to_rao(), owed(rate, stake, claimed).to_rao());
            prop_assert!(due <= kept && kept <= due + 1, "{} for {}", kept, due);
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
