//! Inputs that `EpochInput::validate` refuses, and the explanation of each refusal.

use myelin_units::I64F64;
use myelin_yuma::{EpochInput, EpochParams, InvalidInput, MAX_NEURONS};

fn two_neurons() -> EpochInput {
    EpochInput {
        params: EpochParams { commit_reveal: false, ..EpochParams::default() },
        total_stake: vec![I64F64::ONE; 2],
        registered: vec![1; 2],
        permits: vec![true; 2],
        weights: vec![vec![(1, 5)], vec![]],
        bonds: vec![vec![], vec![]],
        ..EpochInput::default()
    }
}

#[test]
fn well_formed_input_passes() {
    assert_eq!(two_neurons().validated(), Ok(two_neurons()));
    let most = EpochInput {
        total_stake: vec![I64F64::ZERO; MAX_NEURONS],
        registered: vec![0; MAX_NEURONS],
        permits: vec![false; MAX_NEURONS],
        weights: vec![vec![]; MAX_NEURONS],
        bonds: vec![vec![]; MAX_NEURONS],
        ..two_neurons()
    };
    assert!(most.validated().is_ok(), "as many neurons as there may be");
}

#[test]
fn each_malformation_is_named() {
    let refused = |change: fn(&mut EpochInput)| {
        let mut input = two_neurons();
        change(&mut input);
        input.validate().unwrap_err()
    };
    let length = |vector, found| InvalidInput::Length { vector, found, wanted: 2 };
    assert_eq!(refused(|i| i.permits.push(true)), length("permits", 3));
    assert_eq!(refused(|i| i.registered.clear()), length("registered", 0));
    assert_eq!(refused(|i| i.last_update = vec![0; 3]), length("last_update", 3));
    assert_eq!(refused(|i| i.params.commit_reveal = true), length("commit_blocks", 0));
    assert_eq!(refused(|i| i.owner_uid = Some(2)), InvalidInput::UnknownOwner { uid: 2 });
    assert_eq!(refused(|i| i.total_stake[1] = I64F64::from_int(-1)), InvalidInput::NegativeStake { uid: 1 });
    let unknown = InvalidInput::UnknownColumn { matrix: "weights", row: 1, column: 2 };
    assert_eq!(refused(|i| i.weights[1] = vec![(2, 1)]), unknown);
    let repeated = InvalidInput::RepeatedColumn { matrix: "bonds", row: 0, column: 1 };
    assert_eq!(refused(|i| i.bonds[0] = vec![(1, 1), (1, 2)]), repeated);
    let many = refused(|i| i.total_stake = vec![I64F64::ZERO; MAX_NEURONS + 1]);
    assert_eq!(many, InvalidInput::TooManyNeurons { found: MAX_NEURONS + 1 });
}

#[test]
fn an_error_says_what_was_found_and_what_to_do() {
    let error = InvalidInput::Length { vector: "permits", found: 3, wanted: 2 };
    assert_eq!(
        error.to_string(),
        "epoch input is malformed: `permits` has 3 entries for 2 neurons; give one per uid"
    );
}
