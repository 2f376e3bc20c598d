//! Root dividends.

use std::collections::BTreeSet;

use myelin_economy::claim::Accrual;
use myelin_units::I96F32;
use num_bigint::BigInt;

use super::number::{ceil, exact, floor, i96f32, rao_of, whole, Format};

/// rate += amount/root stake; more alpha than root stake goes to the owner.
pub fn accrue(rate: I96F32, amount: u64, root_stake: u64) -> Accrual {
    if amount > root_stake {
        return Accrual::StakeToOwner(amount.into());
    }
    let gained = Format::I96F32.div(&whole(amount), &whole(root_stake));
    Accrual::Rate(i96f32(&Format::I96F32.add(&exact(rate), &gained)))
}

/// ⌊rate·stake⌋ as a non-negative integer within the format.
fn earned(rate: I96F32, stake: u64) -> BigInt {
    floor(&Format::I96F32.mul(&exact(rate), &whole(stake))).max(BigInt::ZERO)
}

/// ⌈rate·stake⌉ within the format.
fn earned_rounded_up(rate: I96F32, stake: u64) -> BigInt {
    ceil(&Format::I96F32.mul(&exact(rate), &whole(stake))).max(BigInt::ZERO)
}

/// ⌈rate·stake⌉ − claimed.
pub fn to_keep(rate: I96F32, stake: u64, claimed: u128) -> u64 {
    rao_of(earned_rounded_up(rate, stake) - claimed)
}

/// ⌊rate·stake⌋ − claimed.
pub fn owed(rate: I96F32, stake: u64, claimed: u128) -> u64 {
    rao_of(earned(rate, stake) - claimed)
}

/// claimed + ⌈rate·added⌉.
pub fn claimed_after_adding(rate: I96F32, added: u64, claimed: u128) -> u128 {
    u128::try_from((earned_rounded_up(rate, added) + claimed).min(u128::MAX.into())).expect("clamped")
}

/// claimed − rate·removed.
pub fn claimed_after_removing(rate: I96F32, removed: u64, claimed: u128) -> u128 {
    u128::try_from((BigInt::from(claimed) - earned(rate, removed)).max(BigInt::ZERO)).expect("clamped")
}

/// rate·removed − claimed.
pub fn paid_when_removing(rate: I96F32, removed: u64, claimed: u128) -> u64 {
    rao_of((earned(rate, removed) - claimed).max(BigInt::ZERO))
}

/// there + here + ⌈(rate − former)·moved⌉; where the rate is lower, max(there − ⌊(former − rate)·moved⌋, 0) + here.
pub fn claimed_after_moving(former: I96F32, rate: I96F32, moved: u64, there: u128, here: u128) -> u128 {
    let counted = if rate < former {
        (BigInt::from(there) - lost(former, rate, moved)).max(BigInt::ZERO)
    } else {
        let ahead = Format::I96F32.sub(&exact(rate), &exact(former));
        ceil(&Format::I96F32.mul(&ahead, &whole(moved))) + there
    };
    u128::try_from((counted + here).min(u128::MAX.into())).expect("clamped")
}

/// max(⌊(former − rate)·moved⌋ − there, 0) where the rate is lower, else 0.
pub fn paid_when_moving(former: I96F32, rate: I96F32, moved: u64, there: u128) -> u64 {
    rao_of((lost(former, rate, moved) - there).max(BigInt::ZERO))
}

/// ⌊(former − rate)·moved⌋, not below 0.
fn lost(former: I96F32, rate: I96F32, moved: u64) -> BigInt {
    let behind = Format::I96F32.sub(&exact(former), &exact(rate));
    floor(&Format::I96F32.mul(&behind, &whole(moved))).max(BigInt::ZERO)
}

/// x = first 8 bytes; for i in 0..k: x = min(x + be64(hash[8i mod 32 ..]), 2⁶⁴ − 1) mod n.
pub fn claim_indices(hash: &[u8; 32], k: u64, n: u64) -> Vec<u64> {
    let word = |i: usize| BigInt::from_bytes_be(num_bigint::Sign::Plus, &hash[i..i + 8]);
    let mut x = word(0);
    let mut chosen = BTreeSet::new();
    for i in 0..k {
        if n == 0 {
            break;
        }
        let start = usize::try_from(8 * i % 32).expect("small");
        x = (x + word(start)).min(u64::MAX.into()) % n;
        chosen.insert(rao_of(x.clone()));
    }
    chosen.into_iter().collect()
}
