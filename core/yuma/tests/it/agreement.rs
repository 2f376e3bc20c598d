//! Promises of the published agreement of validators.

use crate::arbitrary::{any_input, healthy_input};
use myelin_units::{Uid, I64F64};
use myelin_yuma::agreement::{agreement, typical, Agreement};
use myelin_yuma::{run_epoch, EpochInput};
use proptest::prelude::*;

const WHOLE: f64 = 65_535.0;

/// The overlap of each validator with weights, from the definition, in ordinary fractions.
fn literal(input: &EpochInput) -> Vec<(Uid, Option<f64>)> {
    let n = input.total_stake.len();
    let stake: Vec<f64> = input.total_stake.iter().map(|stake| stake.floor_u64() as f64).collect();
    let row = |i: usize| {
        let mut row = vec![0.0; n];
        for &(column, weight) in input.weights[i].iter().filter(|(column, _)| usize::from(*column) != i) {
            row[usize::from(column)] = f64::from(weight);
        }
        let sum: f64 = row.iter().sum();
        (sum > 0.0).then(|| row.iter().map(|weight| weight / sum).collect::<Vec<f64>>())
    };
    let voters: Vec<(usize, Vec<f64>)> = (0..n).filter_map(|i| Some((i, row(i)?))).collect();
    let of = |i: usize, own: &[f64]| {
        let mean = |j: usize| {
            let others = || voters.iter().filter(|(k, _)| *k != i && *k != j);
            let held: f64 = others().map(|(k, _)| stake[*k]).sum();
            (held > 0.0).then(|| others().map(|(k, row)| stake[*k] * row[j]).sum::<f64>() / held)
        };
        let pairs: Vec<(f64, f64)> =
            (0..n).filter(|j| *j != i).filter_map(|j| Some((own[j], mean(j)?))).collect();
        let sums = pairs.iter().fold((0.0, 0.0), |sums, pair| (sums.0 + pair.0, sums.1 + pair.1));
        (sums.0 > 0.0 && sums.1 > 0.0)
            .then(|| pairs.iter().map(|pair| (pair.0 / sums.0).min(pair.1 / sums.1)).sum())
    };
    voters.iter().map(|(i, own)| (*i as Uid, of(*i, own))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn any_input_has_an_answer_for_permitted_validators_alone(input in any_input(12)) {
        let found = agreement(&input);
        prop_assert!(found.windows(2).all(|pair| pair[0].uid < pair[1].uid));
        for agreement in &found {
            let permitted = input.permits.get(usize::from(agreement.uid)).copied().unwrap_or(false);
            prop_assert!(permitted || input.owner_uid == Some(agreement.uid));
        }
        let overlaps = || found.iter().filter_map(|agreement| agreement.overlap);
        if let Some(typical) = typical(&found) {
            prop_assert!(overlaps().min() <= Some(typical) && Some(typical) <= overlaps().max());
        }
    }

    #[test]
    fn the_overlap_is_its_definition(input in healthy_input(5, 9)) {
        let (found, wanted) = (agreement(&input), literal(&input));
        prop_assert_eq!(found.len(), wanted.len());
        for (found, (uid, overlap)) in found.iter().zip(wanted) {
            prop_assert_eq!(found.uid, uid);
            prop_assert_eq!(found.overlap.is_some(), overlap.is_some(), "{:?}", found);
            let far = found.overlap.zip(overlap).map_or(0.0, |(got, wanted)| wanted * WHOLE - f64::from(got));
            prop_assert!((-0.01..1.01).contains(&far), "{:?} {:?}", found, overlap);
        }
    }

    #[test]
    fn what_is_clipped_is_what_the_epoch_does_not_trust(input in healthy_input(5, 9)) {
        let trust = run_epoch(&input).validator_trust;
        for agreement in agreement(&input) {
            let whole = u32::from(agreement.clipped) + u32::from(trust[usize::from(agreement.uid)]);
            prop_assert!((65_533..=65_535).contains(&whole), "{:?}", agreement);
        }
    }

    #[test]
    fn own_stake_does_not_change_the_overlap(input in healthy_input(5, 9), stake in 1u64..1_000_000_000_000) {
        let mut richer = input.clone();
        richer.total_stake[0] = I64F64::from_int(stake);
        let of_first = |input| agreement(input).first().copied().filter(|first: &Agreement| first.uid == 0);
        let (before, after) = (of_first(&input), of_first(&richer));
        let (before, after) = (before.and_then(|first| first.overlap), after.and_then(|first| first.overlap));
        prop_assert_eq!(before.is_some(), after.is_some());
        let (before, after) = (before.unwrap_or(0), after.unwrap_or(0));
        prop_assert!(before.abs_diff(after) <= 1, "{} {}", before, after);
    }

    #[test]
    fn a_copy_of_the_only_other_validator_agrees_wholly(input in healthy_input(1, 9)) {
        let mut input = input;
        input.permits[1] = true;
        input.total_stake[1] = I64F64::from_int(7);
        input.weights[1] = input.weights[0].clone();
        // Their rows have different sums, since neither weighs itself, and so they are rounded differently.
        for agreement in agreement(&input) {
            prop_assert!(agreement.overlap.is_none_or(|overlap| overlap >= 65_532), "{:?}", agreement);
        }
    }
}
