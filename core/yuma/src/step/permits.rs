//! Neurons that may validate.

use alloc::vec::Vec;
use myelin_units::{Uid, I32F32};

/// Permits by uid for `n` neurons with the owner's forced on; missing ones are off.
pub fn with_owner(permits: &[bool], n: usize, owner: Option<Uid>) -> Vec<bool> {
    let mut permits: Vec<bool> = permits.iter().copied().chain(core::iter::repeat(false)).take(n).collect();
    if let Some(permit) = owner.and_then(|uid| permits.get_mut(usize::from(uid))) {
        *permit = true;
    }
    permits
}

/// The permits for the next epoch: the `max_validators` neurons with the largest stake weight, if it is not 0, and the
/// owner. Barred neurons get none, and nobody gets one in their place.
pub fn next(stake_weight: &[I32F32], max_validators: u16, owner: Option<Uid>, barred: &[bool]) -> Vec<bool> {
    let top = top_k_nonzero(stake_weight, usize::from(max_validators));
    proven(with_owner(&top, stake_weight.len(), owner), barred)
}

/// The permits of those that are not `unproven`; a missing mark is off.
pub fn proven(mut permits: Vec<bool>, unproven: &[bool]) -> Vec<bool> {
    for (permit, unproven) in permits.iter_mut().zip(unproven) {
        *permit &= !unproven;
    }
    permits
}

/// Flags of the values that are among the `k` largest and not 0. Among equal values the later ones win: a stable
/// ascending sort, of which the first `n − k` are discarded.
pub fn top_k_nonzero(values: &[I32F32], k: usize) -> Vec<bool> {
    let mut chosen: Vec<bool> = values.iter().map(|value| !value.is_zero()).collect();
    let discarded = values.len().saturating_sub(k);
    if discarded == 0 {
        return chosen;
    }
    let mut order: Vec<(I32F32, usize)> = values.iter().enumerate().map(|(i, &value)| (value, i)).collect();
    // Only which ones come first matters, not their order among themselves; the index makes the sort stable.
    if discarded < order.len() {
        order.select_nth_unstable(discarded);
    }
    for &(_, i) in order.iter().take(discarded) {
        if let Some(chosen) = chosen.get_mut(i) {
            *chosen = false;
        }
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixed(values: &[i32]) -> Vec<I32F32> {
        values.iter().map(|&v| I32F32::from_int(v)).collect()
    }

    #[test]
    fn ties_favour_the_higher_uid() {
        let top = top_k_nonzero(&fixed(&[0, 1, 2, 3, 4, 5, 5, 5, 5, 6]), 3);
        assert_eq!(top, [false, false, false, false, false, false, false, true, true, true]);
    }

    #[test]
    fn zero_is_never_chosen() {
        assert_eq!(top_k_nonzero(&fixed(&[0, 0, 7]), 64), [false, false, true]);
        assert_eq!(top_k_nonzero(&fixed(&[0, 0, 7]), 2), [false, false, true]);
        assert_eq!(top_k_nonzero(&fixed(&[1, 2]), 0), [false, false]);
        assert_eq!(top_k_nonzero(&[], 0), [false; 0]);
    }

    #[test]
    fn the_owner_always_has_a_permit() {
        assert_eq!(next(&fixed(&[0, 5, 4]), 1, Some(0), &[]), [true, true, false]);
        assert_eq!(next(&fixed(&[1]), 1, Some(9), &[]), [true], "an owner that is not registered has none");
    }

    #[test]
    fn who_is_barred_has_no_permit_and_leaves_it_to_nobody() {
        assert_eq!(next(&fixed(&[3, 5, 4]), 2, Some(0), &[false, true]), [true, false, true]);
        assert_eq!(next(&fixed(&[3, 5, 4]), 1, Some(0), &[true, true]), [false; 3]);
    }
}
