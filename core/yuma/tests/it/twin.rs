//! Bit for bit: `run_epoch` is its literal twin.

use crate::arbitrary::{any_input, framed_input, healthy_input};
use myelin_yuma::{reference, run_epoch, run_epoch_with, EpochInput, Unlisted};
use proptest::{prelude::*, test_runner::TestRunner};

/// Epochs in sequence, each starting from the stored results of the one before.
fn sequence(mut input: EpochInput, epochs: usize) -> Vec<EpochInput> {
    let mut inputs = vec![];
    for _ in 0..epochs {
        inputs.push(input.clone());
        let output = run_epoch(&input);
        input.permits = output.permits;
        input.bonds = output.bonds;
        input.last_step_block = input.block;
        input.block = input.block.saturating_add(1);
    }
    inputs
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn fast_equals_literal_on_any_input(input in any_input(9)) {
        prop_assert_eq!(run_epoch(&input), reference::run_epoch(&input));
        let unlisted = Unlisted::Decays;
        prop_assert_eq!(run_epoch_with(&input, unlisted), reference::run_epoch_with(&input, unlisted));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn fast_equals_literal_over_several_epochs(input in any_input(24)) {
        for input in sequence(input, 4) {
            prop_assert_eq!(run_epoch(&input), reference::run_epoch(&input));
        }
    }

    #[test]
    fn fast_equals_literal_on_healthy_subnets(input in healthy_input(12, 40)) {
        for input in sequence(input, 3) {
            prop_assert_eq!(run_epoch(&input), reference::run_epoch(&input));
        }
    }

    #[test]
    fn fast_equals_literal_where_proof_is_demanded(input in prop_oneof![framed_input(9, 24), framed_input(3, 8)]) {
        for input in sequence(input, 2) {
            prop_assert_eq!(run_epoch(&input), reference::run_epoch(&input));
        }
    }
}

#[test]
fn fast_equals_literal_on_a_full_size_subnet() {
    // One such case takes as long as thousands of others, so `PROPTEST_CASES` does not hold here; `CASES_TIMES`
    // multiplies the few.
    let times = std::env::var("CASES_TIMES").ok().and_then(|times| times.parse().ok()).unwrap_or(1);
    let mut runner = TestRunner::new(ProptestConfig::with_cases(6 * times));
    let outcome = runner.run(&healthy_input(64, 256), |input| {
        for input in sequence(input, 2) {
            prop_assert_eq!(run_epoch(&input), reference::run_epoch(&input));
        }
        Ok(())
    });
    outcome.unwrap();
}

#[test]
fn the_empty_and_the_single_neuron_subnet_are_ordinary() {
    let empty = EpochInput::default();
    assert_eq!(run_epoch(&empty), reference::run_epoch(&empty));
    let single = EpochInput {
        emission: 7,
        total_stake: vec![1.into_fixed()],
        weights: vec![vec![(0, 65_535)]],
        ..EpochInput::default()
    };
    let output = run_epoch(&single);
    assert_eq!(output, reference::run_epoch(&single));
    assert_eq!(output.emission, [7], "an idle subnet pays by stake");
}

/// Short for a fixed-point integer.
trait IntoFixed {
    fn into_fixed(self) -> myelin_units::I64F64;
}

impl IntoFixed for i64 {
    fn into_fixed(self) -> myelin_units::I64F64 {
        myelin_units::I64F64::from_int(self)
    }
}
