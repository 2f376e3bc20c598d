//! Promises of every epoch.

use crate::arbitrary::{any_input, healthy_input};
use myelin_units::I64F64;
use myelin_yuma::mechanisms::{aggregate, split_emission};
use myelin_yuma::{run_epoch, run_epoch_with, EpochInput, EpochParams, Unlisted};
use proptest::prelude::*;

fn total(amounts: &[u64]) -> u128 {
    amounts.iter().map(|&amount| u128::from(amount)).sum()
}

/// Any epoch whose stakes fit their type together, as they do with any amount of money that can exist.
fn possible_input(largest: u16) -> impl Strategy<Value = EpochInput> {
    any_input(largest).prop_map(|mut input| {
        while input.total_stake.iter().copied().sum::<I64F64>() == I64F64::MAX {
            input.total_stake.iter_mut().for_each(|stake| *stake = I64F64::from_bits(stake.to_bits() >> 1));
        }
        input
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn never_more_is_paid_than_there_is(input in possible_input(12)) {
        let output = run_epoch(&input);
        let emission = u128::from(input.emission);
        prop_assert!(total(&output.emission) <= emission);
        prop_assert!(total(&output.server_emission) + total(&output.validator_emission) <= emission);
    }

    #[test]
    fn every_vector_has_one_entry_per_neuron(input in any_input(12)) {
        let output = run_epoch(&input);
        let n = input.total_stake.len();
        let lengths = [
            output.stake_weight.len(), output.consensus.len(), output.incentive.len(), output.dividends.len(),
            output.validator_trust.len(), output.server_emission.len(), output.validator_emission.len(),
            output.emission.len(), output.active.len(), output.permits.len(), output.bonds.len(),
        ];
        prop_assert_eq!(lengths, [n; 11]);
    }

    #[test]
    fn only_neurons_with_the_new_permit_keep_bonds(input in any_input(12)) {
        let output = run_epoch(&input);
        for (permit, row) in output.permits.iter().zip(&output.bonds) {
            prop_assert!(*permit || row.is_empty());
            prop_assert!(row.windows(2).all(|pair| pair[0].0 < pair[1].0));
        }
    }

    #[test]
    fn what_is_stored_is_well_formed_input(input in healthy_input(4, 10)) {
        let output = run_epoch(&input);
        let next = EpochInput { permits: output.permits, bonds: output.bonds, ..input };
        prop_assert_eq!(next.validate(), Ok(()));
    }

    #[test]
    fn nobody_without_stake_gets_dividends(input in any_input(12)) {
        let output = run_epoch(&input);
        for (uid, stake) in input.total_stake.iter().enumerate() {
            prop_assert!(*stake > I64F64::ZERO || !input.params.yuma3 || output.dividends[uid] == 0);
        }
    }

    #[test]
    fn without_proof_nobody_votes_judges_or_earns(input in any_input(12)) {
        let output = run_epoch(&input);
        for uid in (0..output.dividends.len()).filter(|uid| input.unproven.get(*uid) == Some(&true)) {
            prop_assert_eq!((output.dividends[uid], output.validator_trust[uid]), (0, 0));
            prop_assert_eq!(output.validator_emission[uid], 0);
        }
        let mut silent = input.clone();
        for (uid, _) in input.unproven.iter().enumerate().filter(|(_, unproven)| **unproven) {
            silent.weights.get_mut(uid).into_iter().for_each(Vec::clear);
        }
        prop_assert_eq!(run_epoch(&silent).consensus, output.consensus);
    }

    #[test]
    fn who_is_barred_gets_no_permit(input in any_input(12)) {
        let output = run_epoch(&input);
        for (uid, permit) in output.permits.iter().enumerate() {
            prop_assert!(!permit || input.barred.get(uid) != Some(&true));
        }
    }

    #[test]
    fn mechanisms_together_pay_at_most_the_whole(input in possible_input(8), emission in any::<u64>(), split in any::<[u16; 3]>()) {
        let parts = split_emission(emission, 3, Some(&split));
        let outputs: Vec<_> =
            parts.iter().map(|&emission| run_epoch(&EpochInput { emission, ..input.clone() })).collect();
        let joined = aggregate(&outputs, &parts);
        prop_assert!(total(&joined.server_emission) + total(&joined.validator_emission) <= u128::from(emission));
        prop_assert_eq!(joined.permits, outputs[0].permits.clone());
    }
}

proptest! {
    /// With liquid alpha a miner that a validator stops listing loses its bond; one listed with weight 0 keeps a part.
    #[test]
    fn a_listed_zero_lets_bonds_decay(input in healthy_input(4, 8)) {
        let n = input.total_stake.len() as u16;
        let params = EpochParams { yuma3: true, liquid_alpha: true, bonds_penalty: 0, ..input.params.clone() };
        let input = EpochInput { params, ..input };
        let mut listed = input.clone();
        for (uid, row) in listed.weights.iter_mut().enumerate().take(4) {
            row.extend((0..n).filter(|&j| j != uid as u16 && !input.weights[uid].iter().any(|e| e.0 == j)).map(|j| (j, 0)));
        }
        // The diagonal is never listed, so bonds toward oneself are left out of the comparison.
        listed.bonds.iter_mut().enumerate().for_each(|(uid, row)| row.retain(|e| usize::from(e.0) != uid));
        let with_zeros = run_epoch(&listed);
        let dense = run_epoch_with(&EpochInput { bonds: listed.bonds.clone(), ..input }, Unlisted::Decays);
        prop_assert_eq!(with_zeros.dividends, dense.dividends);
        prop_assert_eq!(with_zeros.emission, dense.emission);
    }
}

#[test]
fn a_column_reset_leaves_no_bond_toward_the_neuron() {
    let mut rows = vec![vec![(1, 5), (2, 6)], vec![(2, 7)], vec![]];
    myelin_yuma::step::bonds::reset_column(&mut rows, 2);
    assert_eq!(rows, [vec![(1, 5)], vec![], vec![]]);
}
