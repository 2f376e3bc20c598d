//! Subnets with several mechanisms: each runs its own epoch on its part of the emission, and the parts are
//! joined by uid.

use crate::output::EpochOutput;
use alloc::vec::Vec;
use myelin_units::U64F64;

/// The sum of the entries of a full split.
const WHOLE: u64 = 65_535;

/// Splits `emission` rao over `count` mechanisms.
///
/// With a `split` (65535ths, missing entries 0) mechanism `k` gets `floor(emission · split_k / 65535)`, without one
/// `floor(emission / count)`. The remainder goes to mechanism 0. A split that asks for more than the whole is served in
/// order until nothing remains. Without mechanisms there are no parts.
pub fn split_emission(emission: u64, count: usize, split: Option<&[u16]>) -> Vec<u64> {
    let mut left = emission;
    let mut parts: Vec<u64> = (0..count)
        .map(|k| {
            let wanted = match split {
                Some(split) => {
                    let share = u64::from(split.get(k).copied().unwrap_or(0));
                    (u128::from(emission) * u128::from(share) / u128::from(WHOLE)) as u64
                }
                None => emission / count as u64,
            };
            let part = wanted.min(left);
            left -= part;
            part
        })
        .collect();
    if let Some(first) = parts.first_mut() {
        *first += left;
    }
    parts
}

/// Shares (65535ths) of `count` mechanisms where `before` mechanisms had `shares`; without `shares` those were equal.
///
/// New mechanisms get nothing. The shares of closed mechanisms go to the others in proportion,
/// `floor(share · 65535 / Σ remaining)`, and the remainder to mechanism 0, as it does in [`split_emission`].
pub fn carried_over(shares: Option<&[u16]>, before: usize, count: usize) -> Vec<u16> {
    let known: Vec<u64> = match shares {
        Some(shares) => shares.iter().map(|&share| share.into()).collect(),
        None => split_emission(WHOLE, before, None),
    };
    let kept: Vec<u64> = (0..count).map(|k| known.get(k).copied().unwrap_or(0)).collect();
    let sum = kept.iter().sum::<u64>().max(1);
    let mut carried: Vec<u16> = kept.iter().map(|share| (share * WHOLE / sum) as u16).collect();
    let given: u64 = carried.iter().copied().map(u64::from).sum();
    if let Some(first) = carried.first_mut() {
        *first += (WHOLE - given) as u16;
    }
    carried
}

/// Joint result of a subnet's mechanisms; incentives and bonds stay with each mechanism.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SubnetOutput {
    /// Weighted mean over mechanisms, in 65535ths.
    pub stake_weight: Vec<u16>,
    /// Weighted mean over mechanisms, in 65535ths.
    pub consensus: Vec<u16>,
    /// Weighted mean over mechanisms, in 65535ths.
    pub dividends: Vec<u16>,
    /// Weighted mean over mechanisms, in 65535ths.
    pub validator_trust: Vec<u16>,
    /// Sum over mechanisms, in rao: the payment of miners.
    pub server_emission: Vec<u64>,
    /// Sum over mechanisms, in rao: the payment of validators.
    pub validator_emission: Vec<u64>,
    /// Weighted mean over mechanisms, in rao; for display and pruning.
    pub emission: Vec<u64>,
    /// Whether the neuron is active for any mechanism.
    pub active: Vec<bool>,
    /// Whether any mechanism grants a permit.
    pub permits: Vec<bool>,
}

/// Joins the outputs of a subnet's mechanisms, given the emission each ran with (`parts`, by mechanism).
///
/// The weight of mechanism `k` is `w_k = part_k / Σ parts` (1 for mechanism 0 and 0 for others if the sum is
/// 0). Means are running values `v := floor(v + x·w_k)`. Vectors of different lengths are joined as if padded
/// with 0.
pub fn aggregate(outputs: &[EpochOutput], parts: &[u64]) -> SubnetOutput {
    let total: u64 = parts.iter().fold(0, |total, &part| total.saturating_add(part));
    let weight = |k: usize| match (total, k) {
        (0, 0) => U64F64::ONE,
        (0, _) => U64F64::ZERO,
        _ => U64F64::from_ratio(parts.get(k).copied().unwrap_or(0), total),
    };
    let mut joined = SubnetOutput::default();
    for (k, output) in outputs.iter().enumerate() {
        let weight = weight(k);
        add_mean_u16(&mut joined.stake_weight, &output.stake_weight, weight);
        add_mean_u16(&mut joined.consensus, &output.consensus, weight);
        add_mean_u16(&mut joined.dividends, &output.dividends, weight);
        add_mean_u16(&mut joined.validator_trust, &output.validator_trust, weight);
        join(&mut joined.emission, &output.emission, |v, x| v.saturating_add(floor_mul(x, weight)));
        join(&mut joined.server_emission, &output.server_emission, u64::saturating_add);
        join(&mut joined.validator_emission, &output.validator_emission, u64::saturating_add);
        join(&mut joined.active, &output.active, |v, x| v || x);
        join(&mut joined.permits, &output.permits, |v, x| v || x);
    }
    joined
}

/// Combines two vectors element by element, the shorter one padded.
fn join<T: Copy + Default>(values: &mut Vec<T>, others: &[T], combine: impl Fn(T, T) -> T) {
    if values.len() < others.len() {
        values.resize(others.len(), T::default());
    }
    for (value, &other) in values.iter_mut().zip(others) {
        *value = combine(*value, other);
    }
}

fn add_mean_u16(values: &mut Vec<u16>, others: &[u16], weight: U64F64) {
    join(values, others, |v, x| {
        v.saturating_add(u16::try_from(floor_mul(u64::from(x), weight)).unwrap_or(u16::MAX))
    });
}

/// `floor(x · weight)`.
fn floor_mul(x: u64, weight: U64F64) -> u64 {
    (U64F64::from_int(x) * weight).floor_u64()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_remainder_goes_to_the_first_mechanism() {
        assert_eq!(split_emission(25, 5, None), [5, 5, 5, 5, 5]);
        assert_eq!(split_emission(10, 4, None), [4, 2, 2, 2]);
        assert_eq!(split_emission(10, 0, None), [0u64; 0]);
        assert_eq!(split_emission(1000, 2, Some(&[32_768, 32_767])), [501, 499]);
        assert_eq!(split_emission(1000, 2, Some(&[0])), [1000, 0]);
    }

    #[test]
    fn shares_are_carried_over_to_another_number_of_mechanisms() {
        assert_eq!(carried_over(None, 1, 2), [65_535, 0]);
        assert_eq!(carried_over(None, 2, 1), [65_535]);
        assert_eq!(carried_over(Some(&[0, 65_535]), 2, 1), [65_535]);
        assert_eq!(carried_over(Some(&[10_000, 20_000, 35_535]), 3, 2), [21_845, 43_690]);
        assert_eq!(carried_over(Some(&[65_535]), 2, 3), [65_535, 0, 0]);
        assert_eq!(carried_over(None, 1, 0), [0u16; 0]);
    }

    proptest! {
        #[test]
        fn carried_shares_are_the_whole_and_keep_their_order(
            shares in prop::option::of(prop::collection::vec(any::<u16>(), 1..5)),
            before in 1usize..5,
            count in 1usize..5,
        ) {
            let carried = carried_over(shares.as_deref(), before, count);
            prop_assert_eq!(carried.len(), count);
            prop_assert_eq!(carried.iter().copied().map(u64::from).sum::<u64>(), WHOLE);
            if let Some(shares) = shares {
                let share = |k: usize| shares.get(k).copied().unwrap_or(0);
                for k in 2..count {
                    prop_assert!(share(k) < share(k - 1) || carried[k] >= carried[k - 1]);
                }
            }
        }
    }

    #[test]
    fn means_are_weighted_by_emission_and_payments_are_summed() {
        let output = |x: u16, rao: u64, flag: bool| EpochOutput {
            dividends: alloc::vec![x],
            server_emission: alloc::vec![rao],
            emission: alloc::vec![rao],
            permits: alloc::vec![flag],
            ..EpochOutput::default()
        };
        let joined = aggregate(&[output(100, 40, false), output(200, 10, true)], &[75, 25]);
        assert_eq!(joined.dividends, [75 + 50]);
        assert_eq!(joined.server_emission, [50]);
        assert_eq!(joined.emission, [30 + 2]);
        assert_eq!(joined.permits, [true]);
        let idle = aggregate(&[output(100, 0, false), output(200, 0, true)], &[0, 0]);
        assert_eq!(idle.dividends, [100]);
    }

    #[test]
    fn every_vector_is_joined_by_its_own_rule() {
        let output = |x: u16, rao: u64, flag: bool| EpochOutput {
            stake_weight: alloc::vec![x],
            consensus: alloc::vec![x + 1],
            validator_trust: alloc::vec![x + 2],
            validator_emission: alloc::vec![rao],
            active: alloc::vec![flag],
            permits: alloc::vec![!flag],
            ..EpochOutput::default()
        };
        let joined = aggregate(&[output(100, 40, false), output(200, 10, true)], &[50, 50]);
        assert_eq!((joined.stake_weight[0], joined.consensus[0], joined.validator_trust[0]), (150, 150, 152));
        assert_eq!(joined.validator_emission, [50]);
        assert_eq!((joined.active[0], joined.permits[0]), (true, true), "in one mechanism is enough");
        let longer = EpochOutput { active: alloc::vec![false, true], ..EpochOutput::default() };
        assert_eq!(aggregate(&[output(1, 0, true), longer], &[1, 0]).active, [true, true]);
    }

    proptest! {
        #[test]
        fn splitting_conserves_emission(
            emission in any::<u64>(),
            count in 1usize..17,
            split in prop::option::of(prop::collection::vec(any::<u16>(), 0..20)),
        ) {
            let parts = split_emission(emission, count, split.as_deref());
            prop_assert_eq!(parts.len(), count);
            prop_assert_eq!(parts.iter().map(|&p| p as u128).sum::<u128>(), emission as u128);
        }
    }
}
