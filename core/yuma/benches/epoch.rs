//! Time of one epoch on one core: `cargo bench -p myelin-yuma --profile dev --bench epoch`.
//!
//! Prints for each size and density the median and the best of many runs of the fast path. Beside them it prints one
//! run of the literal twin on the same input (checked to give the same output) and the time per stored weight. That
//! time stays level if time is linear in the non-zeros. Arguments: `--no-twin` leaves the twin out, `--rules all` adds
//! Yuma 2, liquid alpha, and epochs that demand proof, in which validators are outvoted on most miners.

use std::hint::black_box;
use std::time::{Duration, Instant};

use myelin_units::I64F64;
use myelin_yuma::{reference, run_epoch, EpochInput, EpochParams};

/// Neurons, validators, share of the possible weights that are set (in percent).
const SIZES: [(u16, u16, u64); 6] =
    [(256, 64, 100), (1024, 64, 100), (4096, 256, 100), (256, 64, 10), (1024, 64, 10), (4096, 256, 10)];

#[derive(Clone, Copy, PartialEq)]
enum Rules {
    Yuma3,
    Yuma3Liquid,
    Yuma2,
    Yuma3Proof,
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let with_twin = !arguments.iter().any(|a| a == "--no-twin");
    let all = arguments.windows(2).any(|pair| pair == ["--rules", "all"]);
    println!("epoch, one core; one run of the literal twin beside");
    println!(
        "{:<13} {:>9} {:>8} {:>12} {:>12} {:>12} {:>14}",
        "rules", "size", "density", "median", "best", "per weight", "twin"
    );
    let rules: &[Rules] = if all {
        &[Rules::Yuma3, Rules::Yuma3Liquid, Rules::Yuma2, Rules::Yuma3Proof]
    } else {
        &[Rules::Yuma3]
    };
    for &rules in rules {
        for (neurons, validators, percent) in SIZES {
            measure(rules, neurons, validators, percent, with_twin);
        }
    }
}

fn measure(rules: Rules, neurons: u16, validators: u16, percent: u64, with_twin: bool) {
    let input = settled(rules, neurons, validators, percent);
    let weights: usize = input.weights.iter().map(Vec::len).sum();
    let (median, best) = median_and_best(|| {
        black_box(run_epoch(black_box(&input)));
    });
    let twin = if with_twin {
        let start = Instant::now();
        let output = reference::run_epoch(&input);
        let time = start.elapsed();
        assert_eq!(run_epoch(&input), output, "the fast path and its twin disagree");
        format!("{:.3} ms", time.as_secs_f64() * 1e3)
    } else {
        "-".into()
    };
    let name = match rules {
        Rules::Yuma3 => "yuma3",
        Rules::Yuma3Liquid => "yuma3-liquid",
        Rules::Yuma2 => "yuma2",
        Rules::Yuma3Proof => "yuma3-proof",
    };
    println!(
        "{name:<13} {:>9} {percent:>7}% {:>9.3} ms {:>9.3} ms {:>9.1} ns {twin:>14}",
        format!("{neurons}x{validators}"),
        median.as_secs_f64() * 1e3,
        best.as_secs_f64() * 1e3,
        best.as_secs_f64() * 1e9 / weights as f64,
    );
}

/// The median and the best of as many runs as fit a second, at least 11 and at most 501.
fn median_and_best(mut run: impl FnMut()) -> (Duration, Duration) {
    let start = Instant::now();
    let mut times = vec![];
    while times.len() < 11 || (start.elapsed() < Duration::from_secs(1) && times.len() < 501) {
        let start = Instant::now();
        run();
        times.push(start.elapsed());
    }
    times.sort_unstable();
    (times[times.len() / 2], times[0])
}

/// A subnet in its third epoch: random weights, bonds as two epochs left them.
fn settled(rules: Rules, neurons: u16, validators: u16, percent: u64) -> EpochInput {
    let mut input = subnet(rules, neurons, validators, percent);
    for _ in 0..2 {
        let output = run_epoch(&input);
        input.bonds = output.bonds;
        input.permits = output.permits;
        input.last_step_block = input.block;
        input.block += u64::from(input.params.tempo);
        input.last_update = vec![input.block - 1; usize::from(neurons)];
    }
    input
}

fn subnet(rules: Rules, neurons: u16, validators: u16, percent: u64) -> EpochInput {
    let mut random = SplitMix(u64::from(neurons) << 32 | percent);
    let row = |random: &mut SplitMix| -> Vec<(u16, u16)> {
        let listed = (0..neurons).filter(|_| random.next() % 100 < percent).collect::<Vec<_>>();
        listed.into_iter().map(|uid| (uid, random.next() as u16 | 1)).collect()
    };
    let size = usize::from(neurons);
    EpochInput {
        params: EpochParams {
            yuma3: rules != Rules::Yuma2,
            liquid_alpha: rules == Rules::Yuma3Liquid,
            max_validators: validators,
            commit_reveal: false,
            ..EpochParams::default()
        },
        block: 5000,
        emission: 360_000_000_000,
        last_step_block: 4640,
        owner_uid: None,
        total_stake: (0..neurons)
            .map(
                |uid| {
                    if uid < validators {
                        1_000_000_000_000 + random.next() % 1_000_000_000_000
                    } else {
                        0
                    }
                },
            )
            .map(I64F64::from_int)
            .collect(),
        last_update: vec![4999; size],
        registered: vec![1; size],
        permits: (0..neurons).map(|uid| uid < validators).collect(),
        weights: (0..neurons).map(|uid| if uid < validators { row(&mut random) } else { vec![] }).collect(),
        bonds: vec![vec![]; size],
        commit_blocks: vec![],
        unproven: if rules == Rules::Yuma3Proof { vec![false; size] } else { vec![] },
        ..EpochInput::default()
    }
}

/// A small generator of reproducible numbers.
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}
