//! Measures that judge answers, beside the packages that people use for them.

use std::process::Command;
use std::time::Instant;

use myelin_compat::packages::Packages;
use myelin_finance::crps::Crps;
use myelin_translation::{chrf::Reference, compose::Composer, language::DIRECTIONS};
use myelin_wire::seed::Seed;

/// Paths, steps and miners of the largest round.
const PATHS: usize = 1000;
const STEPS: usize = 289;
const MINERS: usize = 256;
/// Times that both are measured, one after the other.
const TIMES: usize = 5;
/// Translations that are compared with their references.
const TRANSLATIONS: usize = 20_000;

fn main() {
    crps();
    chrf();
}

/// A Python program of this crate with the packages.
fn python(script: &str) -> Command {
    let packages = Packages::Metrics.installed().unwrap_or_else(|why| panic!("{why}"));
    let mut python = Command::new(packages.join("bin/python"));
    python.arg(format!("{}/peers/{script}", env!("CARGO_MANIFEST_DIR"))).env("OMP_NUM_THREADS", "1");
    python
}

/// The JSON that a program printed.
fn said(python: &mut Command) -> serde_json::Value {
    let run = python.output().expect("Python runs");
    serde_json::from_slice(&run.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&run.stderr)))
}

/// chrF of translations, one by one, beside `sacrebleu`.
fn chrf() {
    // Composed texts beside the next text of the same direction, and beside themselves with some words left out.
    let composer = Composer::new(&[2; 32]);
    let texts: Vec<String> = (0..=TRANSLATIONS as u64)
        .map(|at| {
            let (from, to) = DIRECTIONS[at as usize % DIRECTIONS.len()];
            composer.compose(&Seed([3; 32]).derive(b"", at), from, to, false).references.swap_remove(0)
        })
        .collect();
    let pairs: Vec<(String, String)> = texts
        .windows(2)
        .enumerate()
        .map(|(at, two)| {
            let kept = two[0].split(' ').enumerate().filter(|(word, _)| word % 4 != at % 4);
            let cut: Vec<&str> = kept.map(|(_, word)| word).collect();
            (if at % 3 == 0 { two[1].clone() } else { cut.join(" ") }, two[0].clone())
        })
        .collect();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("pairs.json");
    std::fs::write(&file, serde_json::to_vec(&pairs).expect("JSON")).expect("written");
    let mut ratios = Vec::new();
    for _ in 0..TIMES {
        let started = Instant::now();
        let ours: Vec<u32> =
            pairs.iter().map(|(answer, reference)| Reference::new(reference).compare(answer)).collect();
        let took = started.elapsed().as_secs_f64();
        let said = said(python("chrf.py").arg(&file));
        let theirs = said["scores"].as_array().expect("scores");
        for ((ours, theirs), pair) in ours.iter().zip(theirs).zip(&pairs) {
            // Theirs is in percent: four decimals of it are millionths.
            let theirs = theirs.as_f64().expect("a number") * 10_000.0;
            assert!((f64::from(*ours) - theirs).abs() < 0.51, "{ours} and {theirs}: {pair:?}");
        }
        let seconds = said["seconds"].as_f64().expect("seconds");
        println!("chrF of {TRANSLATIONS} translations: ours {took:.3} s, sacrebleu {seconds:.3} s");
        ratios.push(seconds / took);
    }
    ratios.sort_by(f64::total_cmp);
    println!("median: {:.1} times as fast as sacrebleu (goal: 5)", ratios[TIMES / 2]);
}

/// CRPS of paths, beside NumPy.
fn crps() {
    let mut rng = Seed([1; 32]).rng();
    // Nearly normal, with a standard deviation of 3,000.
    let mut value = || (0..12).map(|_| rng.below(3000) as i32).sum::<i32>() - 18_000;
    let rows: Vec<Vec<i32>> = (0..PATHS).map(|_| (0..STEPS).map(|_| value()).collect()).collect();
    let outcomes: Vec<i32> = (0..STEPS).map(|_| value()).collect();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("ensemble");
    let bytes: Vec<u8> =
        rows.iter().chain([&outcomes]).flatten().flat_map(|value| value.to_le_bytes()).collect();
    std::fs::write(&file, bytes).expect("written");

    let mut ratios = [Vec::new(), Vec::new()];
    for _ in 0..TIMES {
        let (mut crps, mut sum) = (Crps::default(), 0);
        let started = Instant::now();
        for _ in 0..MINERS {
            sum = crps.of_columns(&rows, &outcomes).iter().sum::<i64>();
        }
        let ours = started.elapsed().as_secs_f64();
        let numbers = [PATHS, STEPS, MINERS].map(|number| number.to_string());
        let said = said(python("crps.py").arg(&file).args(numbers));
        for (ratios, kind) in ratios.iter_mut().zip(["float64", "int32"]) {
            assert_eq!(said[format!("{kind} sum")].as_i64(), Some(sum), "both are exact");
            let theirs = said[kind].as_f64().expect("seconds");
            println!("CRPS of {PATHS} × {STEPS} × {MINERS}: ours {ours:.3} s, NumPy in {kind} {theirs:.3} s");
            ratios.push(theirs / ours);
        }
    }
    for (mut ratios, kind) in ratios.into_iter().zip(["float64", "int32"]) {
        ratios.sort_by(f64::total_cmp);
        println!("median: {:.1} times as fast as NumPy in {kind} (goal: 3)", ratios[TIMES / 2]);
    }
}
