//! Random subnets, sane and absurd.

use myelin_units::I64F64;
use myelin_yuma::{EpochInput, EpochParams};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

/// Stored rows as validators really leave them: rising columns, some explicit zeros.
fn tidy_row(n: u16) -> BoxedStrategy<Vec<(u16, u16)>> {
    vec(
        option::weighted(0.6, prop_oneof![2 => Just(0u16), 6 => any::<u16>(), 1 => Just(65_535)]),
        usize::from(n),
    )
    .prop_map(|row| row.into_iter().enumerate().filter_map(|(j, w)| Some((j as u16, w?))).collect())
    .boxed()
}

/// Rows that no validator should leave: unordered, repeated, beyond the last neuron.
fn wild_row(n: u16) -> BoxedStrategy<Vec<(u16, u16)>> {
    vec((0..n.saturating_mul(2).max(2), prop_oneof![Just(0u16), 1..9u16, any::<u16>()]), 0..20).boxed()
}

fn rows(n: u16) -> BoxedStrategy<Vec<Vec<(u16, u16)>>> {
    let row = prop_oneof![8 => tidy_row(n), 2 => Just(vec![]), 1 => wild_row(n)];
    prop_oneof![6 => vec(row.clone(), usize::from(n)), 1 => vec(row, 0..=usize::from(n) + 3)].boxed()
}

fn stake() -> BoxedStrategy<I64F64> {
    prop_oneof![
        3 => Just(I64F64::ZERO),
        6 => (0u64..21_000_000_000_000_000).prop_map(I64F64::from_int),
        2 => (0u64..10).prop_map(I64F64::from_int),
        2 => any::<u64>().prop_map(|bits| I64F64::from_bits(bits.into())),
        1 => (0i128..=i128::MAX).prop_map(I64F64::from_bits),
    ]
    .boxed()
}

fn params() -> BoxedStrategy<EpochParams> {
    let shares = (
        prop_oneof![5 => Just(32_767u16), 1 => Just(0), 1 => Just(65_535), 3 => any::<u16>()],
        prop_oneof![2 => Just(0u16), 3 => Just(65_535), 3 => any::<u16>()],
        prop_oneof![4 => Just(900_000u64), 1 => Just(0), 1 => Just(1_000_000), 4 => 0u64..1_000_000, 1 => any::<u64>()],
        prop_oneof![0u16..8, Just(64)],
    );
    let liquid = (
        any::<bool>(),
        any::<bool>(),
        prop_oneof![4 => Just((45_875u16, 58_982u16)), 3 => any::<(u16, u16)>()],
        prop_oneof![4 => Just(1000i16), 4 => any::<i16>()],
    );
    let rest = (
        prop_oneof![Just(0u16), 1..20u16, Just(360), any::<u16>()],
        prop_oneof![Just(13_889u32), 0..3000u32, any::<u32>()],
        prop_oneof![5 => Just(0u64), 2 => 0u64..20, 1 => any::<u64>()],
        any::<bool>(),
    );
    (shares, liquid, rest)
        .prop_map(
            |((kappa, penalty, average, validators), (yuma3, liquid_alpha, alphas, steepness), rest)| {
                EpochParams {
                    kappa,
                    bonds_penalty: penalty,
                    bonds_moving_average: average,
                    max_validators: validators,
                    yuma3,
                    liquid_alpha,
                    alpha_low: alphas.0,
                    alpha_high: alphas.1,
                    steepness,
                    tempo: rest.0,
                    activity_cutoff_factor_milli: rest.1,
                    stake_threshold: rest.2,
                    commit_reveal: rest.3,
                }
            },
        )
        .boxed()
}

/// Any epoch of at most `largest` neurons, well formed or not.
pub fn any_input(largest: u16) -> BoxedStrategy<EpochInput> {
    (0..=largest).prop_flat_map(input_of).boxed()
}

fn input_of(n: u16) -> BoxedStrategy<EpochInput> {
    let size = usize::from(n);
    let block = || prop_oneof![6 => 0u64..40, 1 => Just(0), 1 => any::<u64>()];
    let blocks = move || {
        prop_oneof![
            4 => vec(0u64..40, size),
            2 => vec(30u64..60, size),
            1 => vec(any::<u64>(), 0..=size + 2),
        ]
    };
    let clock = (
        block(),
        prop_oneof![Just(0u64), Just(1_000_000_007), any::<u64>()],
        block(),
        option::of(0..n.max(1) + 1),
    );
    let state = (
        prop_oneof![6 => vec(stake(), size), 1 => Just(vec![I64F64::ZERO; size]), 1 => vec(Just(I64F64::MAX), size)],
        blocks(),
        prop_oneof![3 => vec(0u64..30, size), 1 => Just(vec![0; size]), 1 => blocks()],
        prop_oneof![4 => vec(prop::bool::weighted(0.7), size), 1 => vec(any::<bool>(), 0..=size + 2)],
    );
    let matrices = (rows(n), rows(n), vec(option::of(0u64..60), 0..=size + 1));
    let marks = move || prop_oneof![2 => Just(vec![]), 1 => vec(any::<bool>(), 0..=size + 1)];
    (params(), clock, state, matrices, (marks(), marks()))
        .prop_map(|(params, (block, emission, last_step_block, owner_uid), state, matrices, marks)| {
            EpochInput {
                params,
                block,
                emission,
                last_step_block,
                owner_uid,
                total_stake: state.0,
                last_update: state.1,
                registered: state.2,
                permits: state.3,
                weights: matrices.0,
                bonds: matrices.1,
                commit_blocks: matrices.2,
                unproven: marks.0,
                barred: marks.1,
            }
        })
        .boxed()
}

/// A healthy subnet: everybody up to date, every validator with a permit and weights, bonds from an earlier
/// epoch.
pub fn healthy_input(validators: u16, n: u16) -> BoxedStrategy<EpochInput> {
    let size = usize::from(n);
    (
        params(),
        vec(1u64..1_000_000_000_000, usize::from(validators)),
        vec(tidy_row(n), usize::from(validators)),
        vec(tidy_row(n), usize::from(validators)),
    )
        .prop_map(move |(params, stakes, weights, bonds)| {
            let pad = |rows: Vec<Vec<(u16, u16)>>| {
                rows.into_iter().chain(core::iter::repeat(vec![])).take(size).collect()
            };
            EpochInput {
                params: EpochParams {
                    tempo: 360,
                    max_validators: validators,
                    stake_threshold: 0,
                    commit_reveal: false,
                    ..params
                },
                block: 5000,
                emission: 1_000_000_000,
                last_step_block: 4640,
                owner_uid: None,
                total_stake: stakes
                    .into_iter()
                    .chain(core::iter::repeat(0))
                    .take(size)
                    .map(I64F64::from_int)
                    .collect(),
                last_update: vec![4999; size],
                registered: vec![1; size],
                permits: (0..n).map(|uid| uid < validators).collect(),
                weights: pad(weights),
                bonds: pad(bonds),
                commit_blocks: vec![],
                unproven: vec![],
                barred: vec![],
            }
        })
        .boxed()
}

/// A healthy subnet that demands proof. Its validators nearly agree, and give nothing to some miners.
pub fn framed_input(validators: u16, n: u16) -> BoxedStrategy<EpochInput> {
    let weight = (700u16..1300, prop::bool::weighted(0.07), any::<bool>());
    let row = vec(weight, usize::from(n)).prop_map(|row| {
        let entry = |(j, (weight, nothing, listed)): (u16, (u16, bool, bool))| match (nothing, listed) {
            (true, false) => None,
            (true, true) => Some((j, 0)),
            (false, _) => Some((j, weight * (1 + j % 7))),
        };
        (0..).zip(row).filter_map(entry).collect::<Vec<_>>()
    });
    (healthy_input(validators, n), vec(row, usize::from(validators)))
        .prop_map(move |(mut input, rows)| {
            input.weights.iter_mut().zip(rows).for_each(|(old, new)| *old = new);
            input.unproven = vec![false; usize::from(n)];
            input
        })
        .boxed()
}
