//! Agreement of validators: how much of its weight each gives as the others do. It is published and pays nobody.
//!
//! The epoch clips a validator's weights to the consensus of all, its own vote included. So a validator with much stake
//! is hardly clipped, whatever it says. Here each is compared with the others alone.

use crate::arithmetic::bits;
use crate::input::{EpochInput, EpochParams};
use crate::matrix::{Row, SparseMatrix};
use crate::median::weighted_median;
use crate::schedule::activity_cutoff;
use crate::step::{activity, clip, consensus, permits, stake, weights};
use alloc::vec::Vec;
use myelin_units::{Uid, I32F32};

/// Parts of a whole in the numbers of an [`Agreement`].
const WHOLE: u128 = 65_535;

/// The weights of one validator beside those of the others; shares in 65535ths, rounded down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// The validator.
    pub uid: Uid,
    /// Its share in the stake that votes; 0 if it is inactive or has no stake.
    pub voice: u16,
    /// The part of its weight that the others give to the same neurons. `None` if no other validator votes, or none of
    /// them may judge the neurons that this one weighs.
    pub overlap: Option<u16>,
    /// The part of its weight above the consensus of all, which the epoch cuts off.
    pub clipped: u16,
}

/// The agreement of each validator that has a permit and weights, by uid.
///
/// Let `O_j` be the mean of the others' weights for `j`, by their active stake: `floor(Σ A_k·W_kj / Σ A_k)` over the
/// voters `k` other than the validator and `j`, since nobody but the owner may weigh itself. Columns without such a
/// voter are left out. With both rows divided by their sums, `overlap = Σ_j min(W_ij, O_j)`.
pub fn agreement(input: &EpochInput) -> Vec<Agreement> {
    agreements(input, |uid| Vec::from([uid]))
}

/// [`agreement`], where a validator is compared with the validators of other holders alone.
///
/// `holders` has a number for the holder of each neuron, such as a place of its coldkey in a list. A neuron without one
/// has a holder of its own.
pub fn independent_agreement(input: &EpochInput, holders: &[u32]) -> Vec<Agreement> {
    let holder = |uid: Uid| holders.get(usize::from(uid));
    let with = |uid: Uid| {
        let is_kin = |other: &Uid| *other == uid || holder(uid).is_some() && holder(*other) == holder(uid);
        (0..=Uid::MAX).take(input.neurons()).filter(is_kin).collect::<Vec<_>>()
    };
    agreements(input, with)
}

/// The agreement of each validator with those that are not of its `kin`, which it belongs to itself.
fn agreements(input: &EpochInput, kin: impl Fn(Uid) -> Vec<Uid>) -> Vec<Agreement> {
    let votes = Votes::new(input);
    (0..input.neurons())
        .filter_map(|i| Uid::try_from(i).ok())
        .filter_map(|uid| {
            let row = votes.row(uid);
            let given = sum(row);
            (given > 0).then(|| Agreement {
                uid,
                voice: part(votes.stake(uid).into(), votes.stakes),
                overlap: votes.overlap(uid, &kin(uid)),
                clipped: part(votes.cut(row), given.into()),
            })
        })
        .collect()
}

/// The agreement that validators with half of the stake reach or exceed; `None` where nobody has one.
pub fn typical(agreements: &[Agreement]) -> Option<u16> {
    let voting = || agreements.iter().filter_map(|agreement| Some((agreement.overlap?, agreement.voice)));
    let stakes: Vec<I32F32> = voting().map(|(_, voice)| I32F32::from_int(voice)).collect();
    let overlaps: Vec<I32F32> = voting().map(|(overlap, _)| I32F32::from_int(overlap)).collect();
    let held: u32 = voting().map(|(_, voice)| u32::from(voice)).sum();
    if held == 0 {
        return None;
    }
    // Those at or below the median hold more than the minority, so those below it hold at most that.
    let minority = I32F32::from_ratio(i64::from(held), 2);
    u16::try_from(weighted_median(&stakes, &overlaps, minority).floor_u64()).ok()
}

/// The votes of an epoch, as its first steps find them.
struct Votes {
    weights: SparseMatrix,
    consensus: Vec<I32F32>,
    /// Active stake of those that have weights, raw bits; 0 for all others.
    active: Vec<u64>,
    /// Sum of the above.
    stakes: u128,
    /// By column, the sum of the voters' weights times their stake.
    support: Vec<u128>,
    owner: Option<Uid>,
}

impl Votes {
    fn new(input: &EpochInput) -> Self {
        let EpochParams { kappa, tempo, activity_cutoff_factor_milli, stake_threshold, .. } = input.params;
        let (n, owner) = (input.neurons(), input.owner_uid);
        let total_stake = input.total_stake.get(..n).unwrap_or_default();
        let cutoff = activity_cutoff(activity_cutoff_factor_milli, tempo);
        let active = activity::active(n, &input.last_update, cutoff, input.block);
        let stake_weight = stake::stake_weight(total_stake, stake_threshold, owner);
        let permits = permits::with_owner(&input.permits, n, owner);
        let active_stake = stake::active_stake(&stake_weight, &active, &permits);
        let masks = weights::WeightMasks {
            permits: &permits,
            owner,
            last_update: &input.last_update,
            registered: &input.registered,
            commit_blocks: input.params.commit_reveal.then_some(&input.commit_blocks),
        };
        let weights = weights::usable_weights(n, &input.weights, &masks);
        let consensus = consensus::consensus(&weights, &active_stake, I32F32::from_u16_unit(kappa));
        let mut votes = Votes {
            active: alloc::vec![0; n],
            support: alloc::vec![0; n],
            stakes: 0,
            weights,
            consensus,
            owner,
        };
        votes.count(&active_stake);
        votes
    }

    /// Sums the votes of the neurons that have stake and weights.
    fn count(&mut self, active_stake: &[I32F32]) {
        for ((row, held), &stake) in self.weights.rows().zip(&mut self.active).zip(active_stake) {
            if sum(row) == 0 {
                continue;
            }
            *held = bits(stake);
            self.stakes = self.stakes.saturating_add((*held).into());
            for (column, weight) in row.entries() {
                if let Some(support) = self.support.get_mut(usize::from(column)) {
                    *support = support.saturating_add(product(*held, bits(weight)));
                }
            }
        }
    }

    fn row(&self, uid: Uid) -> Row<'_> {
        self.weights.row(usize::from(uid))
    }

    fn stake(&self, uid: Uid) -> u64 {
        self.active.get(usize::from(uid)).copied().unwrap_or(0)
    }

    /// Weight above the consensus.
    fn cut(&self, row: Row) -> u128 {
        let above = |(column, weight): (Uid, I32F32)| {
            let consensus = self.consensus.get(usize::from(column)).copied().unwrap_or(I32F32::ZERO);
            let kept = clip::clip(weight, consensus).map_or(0, bits);
            u128::from(bits(weight).saturating_sub(kept))
        };
        row.entries().map(above).sum()
    }

    /// By column, what these neurons add to the support; and the sum of their stake.
    fn support_of(&self, neurons: &[Uid]) -> (Vec<u128>, u128) {
        let mut support = alloc::vec![0u128; self.support.len()];
        for &uid in neurons {
            for (column, weight) in self.row(uid).entries() {
                if let Some(sum) = support.get_mut(usize::from(column)) {
                    *sum = sum.saturating_add(product(self.stake(uid), bits(weight)));
                }
            }
        }
        (support, neurons.iter().map(|&uid| u128::from(self.stake(uid))).sum())
    }

    /// The overlap of a row with the mean of the rows of all but its `kin`.
    fn overlap(&self, uid: Uid, kin: &[Uid]) -> Option<u16> {
        let mut own = self.row(uid).entries().peekable();
        let (mut given, mut others) = (0u128, 0u128);
        let mut pairs = Vec::with_capacity(self.support.len());
        let (kin_support, kin_stake) = self.support_of(kin);
        for (column, (&support, &by_kin)) in (0..=Uid::MAX).zip(self.support.iter().zip(&kin_support)) {
            let weight = own.next_if(|&(listed, _)| listed == column).map_or(0, |(_, weight)| bits(weight));
            if column == uid && self.owner != Some(uid) {
                continue;
            }
            let is_silent = self.owner != Some(column) && !kin.contains(&column);
            let silent = if is_silent { self.stake(column) } else { 0 };
            let voting = self.stakes.saturating_sub(kin_stake).saturating_sub(silent.into());
            let Some(mean) = support.saturating_sub(by_kin).checked_div(voting) else { continue };
            given = given.saturating_add(weight.into());
            others = others.saturating_add(mean);
            pairs.push((u128::from(weight), mean));
        }
        if given == 0 || others == 0 {
            return None;
        }
        // Both sums are below 2⁴⁸ and each number is at most the sum of its row, so no product reaches 2⁹⁶.
        let common =
            |&(weight, mean): &(u128, u128)| weight.saturating_mul(others).min(mean.saturating_mul(given));
        Some(part(pairs.iter().map(common).sum(), given.saturating_mul(others)))
    }
}

/// Sum of a row, raw bits.
fn sum(row: Row) -> u64 {
    row.values.iter().fold(0, |sum, &weight| bits(weight).saturating_add(sum))
}

fn product(a: u64, b: u64) -> u128 {
    u128::from(a).saturating_mul(b.into())
}

/// `floor(65535 · part / whole)`; 0 of nothing.
fn part(part: u128, whole: u128) -> u16 {
    let scaled = part.min(whole).saturating_mul(WHOLE).checked_div(whole).unwrap_or(0);
    u16::try_from(scaled).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use myelin_units::I64F64;

    /// Validators with stake and weights, and three miners behind them.
    fn subnet(validators: &[(u64, &[(Uid, u16)])]) -> EpochInput {
        let n = validators.len() + 3;
        let padded = |row: usize| validators.get(row).copied().unwrap_or((0, &[]));
        EpochInput {
            params: EpochParams { commit_reveal: false, ..EpochParams::default() },
            block: 100,
            total_stake: (0..n).map(|uid| I64F64::from_int(padded(uid).0)).collect(),
            last_update: vec![99; n],
            registered: vec![1; n],
            permits: (0..n).map(|uid| uid < validators.len()).collect(),
            weights: (0..n).map(|uid| padded(uid).1.to_vec()).collect(),
            ..EpochInput::default()
        }
    }

    fn overlaps(input: &EpochInput) -> Vec<Option<u16>> {
        agreement(input).iter().map(|agreement| agreement.overlap).collect()
    }

    #[test]
    fn equal_weights_agree_wholly_and_an_outlier_is_seen_on_both_sides() {
        let (honest, odd): (&[_], &[_]) = (&[(4, 3), (5, 1)], &[(6, 9)]);
        let input = subnet(&[(1, honest), (2, honest), (1, honest), (1, odd)]);
        let found = agreement(&input);
        // A fifth of the stake is odd, which is a quarter, a third and a quarter of the others' stake.
        let of_honest = [49_151, 43_690, 49_151, 0];
        let got: Vec<_> = found.iter().map(|agreement| agreement.overlap).collect();
        // A mean is rounded down, so a figure may be one part less.
        for (got, wanted) in got.iter().zip(of_honest) {
            assert!(got.is_some_and(|got| got <= wanted && got + 1 >= wanted), "{got:?} {wanted}");
        }
        assert_eq!(found.iter().map(|agreement| agreement.clipped).collect::<Vec<_>>(), [0, 0, 0, 65_535]);
        assert!((26_213..=26_214).contains(&found[1].voice), "two fifths: {}", found[1].voice);
        assert_eq!(typical(&found), got[1]);
        assert_eq!(overlaps(&subnet(&[(1, honest), (7, honest), (2, honest)])), [Some(65_535); 3]);
    }

    #[test]
    fn much_stake_hides_an_outlier_from_the_clip_and_not_from_the_others() {
        let input = subnet(&[(60, &[(4, 1)]), (20, &[(5, 1)]), (20, &[(5, 1)])]);
        let found = agreement(&input);
        assert_eq!((found[0].overlap, found[0].clipped), (Some(0), 0));
        assert_eq!((found[1].overlap, found[1].clipped), (Some(16_383), 65_535));
    }

    #[test]
    fn keys_of_one_holder_do_not_agree_with_each_other() {
        let (ours, theirs): (&[_], &[_]) = (&[(4, 1)], &[(5, 1)]);
        let input = subnet(&[(1, ours), (1, ours), (1, theirs), (1, theirs)]);
        let of = |holders: &[u32]| {
            independent_agreement(&input, holders)
                .iter()
                .map(|agreement| agreement.overlap)
                .collect::<Vec<_>>()
        };
        assert_eq!(of(&[]), overlaps(&input), "each has a holder of its own");
        assert_eq!(of(&[0, 1, 2, 3, 4, 5, 6]), overlaps(&input));
        assert_eq!(of(&[0, 0, 2, 3, 4, 5, 6])[..2], [Some(0); 2], "the two agree with nobody else");
        assert_eq!(of(&[0, 0, 2, 3, 4, 5, 6])[2..], overlaps(&input)[2..]);
        assert_eq!(of(&[0; 7]), [None; 4], "there is nobody else");
    }

    #[test]
    fn nobody_is_compared_where_nobody_else_votes() {
        assert_eq!(overlaps(&subnet(&[(1, &[(3, 1)])])), [None]);
        // The second has no stake, so it votes on nothing and is compared all the same.
        assert_eq!(overlaps(&subnet(&[(1, &[(4, 1)]), (0, &[(4, 1)])])), [None, Some(65_535)]);
        assert_eq!(agreement(&subnet(&[(1, &[(4, 0)]), (1, &[])])), []);
        assert_eq!(typical(&agreement(&subnet(&[(1, &[(3, 1)])]))), None);
    }

    #[test]
    fn what_a_validator_may_not_judge_costs_it_nothing() {
        // Each gives the same, and no row holds a weight on itself.
        let all: &[(Uid, u16)] = &[(0, 1), (1, 1), (2, 1), (4, 2)];
        assert_eq!(overlaps(&subnet(&[(1, all), (3, all), (2, all)])), [Some(65_535); 3]);
        // Of two validators neither can be judged by a third.
        let both: &[(Uid, u16)] = &[(0, 5), (1, 5), (4, 2)];
        assert_eq!(overlaps(&subnet(&[(1, both), (3, both)])), [Some(65_535); 2]);
        // The owner's weight on itself counts, and others may give the same.
        let owned = EpochInput { owner_uid: Some(0), ..subnet(&[(1, &[(0, 1)]), (1, &[(0, 1)])]) };
        assert_eq!(overlaps(&owned), [Some(65_535); 2]);
    }

    #[test]
    fn inactive_validators_are_compared_and_have_no_voice() {
        let mut input = subnet(&[(1, &[(4, 1)]), (1, &[(4, 1)]), (9, &[(5, 1)])]);
        input.params = EpochParams { activity_cutoff_factor_milli: 1_000, tempo: 10, ..input.params };
        input.last_update[2] = 80;
        let found = agreement(&input);
        assert_eq!((found[2].voice, found[2].overlap), (0, Some(0)));
        assert_eq!(found[0].overlap, Some(65_535));
    }
}
