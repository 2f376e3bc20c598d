//! The measure of a validator on a subnet: its proofs where the subnet demands them, else its agreement.
//!
//! Both look back over sixteen epochs, so that nobody gets a measure by a single good one. Neither pays for more than
//! what a usual honest validator shows.

use myelin_units::PerBillion;

/// Epochs over which a measure looks back.
pub const REMEMBERED: u32 = 16;

/// Part of the typical agreement, in tenths, that counts as all of it.
pub const TOLERATED: u32 = 9;

/// The part of the last sixteen epochs with a proof; bit `n` is the epoch `n` epochs ago.
///
/// Fifteen count as all of them: one of sixteen is free, as for the weights themselves (`myelin_yuma::proven`).
pub fn by_proofs(proven: u16) -> PerBillion {
    match proven.count_ones() {
        15.. => PerBillion::ONE,
        few => PerBillion::ratio(few.into(), REMEMBERED.into()),
    }
}

/// The agreement of one epoch, set against the typical one of the subnet: `min(1, 10·overlap / (9·typical))`, rounded
/// down; both in 65535ths.
///
/// Above nine tenths of the typical agreement more is worth nothing. So neither a copy of others' weights nor votes
/// that several keys agreed upon are worth more than honest work. Without a typical agreement there is nothing to
/// compare with, and the measure is nothing.
pub fn by_agreement(overlap: Option<u16>, typical: Option<u16>) -> PerBillion {
    let (Some(overlap), Some(typical)) = (overlap, typical) else { return PerBillion::ZERO };
    let (overlap, typical) = (u128::from(overlap) * 10, u128::from(typical) * u128::from(TOLERATED));
    PerBillion::ratio(overlap, typical)
}

/// The measure after an epoch: `floor((15·before + now) / 16)`. A newcomer begins with nothing.
pub fn remember(before: PerBillion, now: PerBillion) -> PerBillion {
    let weighed = u128::from(before.parts()) * u128::from(REMEMBERED - 1) + u128::from(now.parts());
    PerBillion::ratio(weighed, u128::from(PerBillion::ONE.parts()) * u128::from(REMEMBERED))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_epoch_of_sixteen_without_a_proof_is_free() {
        assert_eq!(by_proofs(u16::MAX), PerBillion::ONE);
        assert_eq!(by_proofs(u16::MAX - 64), PerBillion::ONE);
        assert_eq!(by_proofs(0x3FFF), PerBillion::ratio(14, 16));
        assert_eq!(by_proofs(0), PerBillion::ZERO);
    }

    #[test]
    fn more_than_the_usual_agreement_is_worth_nothing() {
        let of = |overlap, typical| by_agreement(Some(overlap), Some(typical));
        assert_eq!(of(36_000, 40_000), PerBillion::ONE);
        assert_eq!(of(65_535, 40_000), PerBillion::ONE);
        assert_eq!(of(18_000, 40_000), PerBillion::percent(50));
        assert_eq!((of(1, 0), of(0, 40_000)), (PerBillion::ZERO, PerBillion::ZERO));
        assert_eq!(by_agreement(None, Some(1)), PerBillion::ZERO);
        assert_eq!(by_agreement(Some(1), None), PerBillion::ZERO);
    }

    #[test]
    fn a_measure_is_earned_and_lost_over_epochs() {
        let after = |epochs: u32, from, now| (0..epochs).fold(from, |measure, _| remember(measure, now));
        let percent = |measure: PerBillion| measure.parts() / 10_000_000;
        assert_eq!(percent(after(1, PerBillion::ZERO, PerBillion::ONE)), 6);
        assert_eq!(percent(after(16, PerBillion::ZERO, PerBillion::ONE)), 64);
        assert_eq!(percent(after(48, PerBillion::ZERO, PerBillion::ONE)), 95);
        assert_eq!(percent(after(16, PerBillion::ONE, PerBillion::ZERO)), 35);
        assert_eq!(after(1_000, PerBillion::ONE, PerBillion::ONE), PerBillion::ONE);
    }
}
