//! Rao of each neuron.

use crate::arithmetic::{add, bits, sum, Reciprocal};
use alloc::vec::Vec;
use myelin_units::I32F32;

/// Payment of each neuron, in rao, by uid. Every amount is floored; the dust is not paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Emission {
    /// For incentive.
    pub server: Vec<u64>,
    /// For dividends.
    pub validator: Vec<u64>,
    /// For both together, floored once.
    pub combined: Vec<u64>,
}

/// Splits `emission` rao: incentives and dividends by their shares in the sum of all incentives and
/// dividends.
///
/// If that sum is 0 (no usable weights) servers get nothing and validators everything, by active stake, or by
/// stake weight if nobody is active.
pub fn split(
    emission: u64,
    incentive: &[I32F32],
    dividends: &[I32F32],
    active_stake: &[I32F32],
    stake_weight: &[I32F32],
) -> Emission {
    let total = add(sum(incentive), sum(dividends));
    if total == 0 {
        let by = if sum(active_stake) > 0 { active_stake } else { stake_weight };
        let amounts: Vec<u64> = by.iter().map(|&share| floor_share(bits(share), emission)).collect();
        return Emission { server: alloc::vec![0; by.len()], validator: amounts.clone(), combined: amounts };
    }
    let total = Reciprocal::new(total);
    let pay = |part: u64| if part == 0 { 0 } else { floor_share(total.fraction(part), emission) };
    Emission {
        server: incentive.iter().map(|&i| pay(bits(i))).collect(),
        validator: dividends.iter().map(|&d| pay(bits(d))).collect(),
        combined: incentive.iter().zip(dividends).map(|(&i, &d)| pay(add(bits(i), bits(d)))).collect(),
    }
}

/// `floor(share · emission)`, saturated.
fn floor_share(share: u64, emission: u64) -> u64 {
    u64::try_from((u128::from(share) * u128::from(emission)) >> 32).unwrap_or(u64::MAX)
}
