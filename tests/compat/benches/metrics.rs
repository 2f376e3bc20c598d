//! Measures that judge answers, beside the packages that people use for them.

use std::process::Command;
use std::time::Instant;

use myelin_compat::packages::Packages;
use myelin_finance::crps::Crps;
use myelin_wire::seed::Seed;

/// Paths, steps and miners of the largest round.
const PATHS: usize = 1000;
const STEPS: usize = 289;
const MINERS: usize = 256;
/// Times that both are measured, one after the other.
const TIMES: usize = 5;

fn main() {
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
    let packages = Packages::Sdk10.installed().unwrap_or_else(|why| panic!("{why}"));

    let mut ratios = [Vec::new(), Vec::new()];
    for _ in 0..TIMES {
        let (mut crps, mut sum) = (Crps::default(), 0);
        let started = Instant::now();
        for _ in 0..MINERS {
            sum = crps.of_columns(&rows, &outcomes).iter().sum::<i64>();
        }
        let ours = started.elapsed().as_secs_f64();
        let run = Command::new(packages.join("bin/python"))
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/peers/crps.py"))
            .arg(&file)
            .args([PATHS, STEPS, MINERS].map(|number| number.to_string()))
            .env("OMP_NUM_THREADS", "1")
            .output()
            .expect("Python runs");
        let said: serde_json::Value = serde_json::from_slice(&run.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&run.stderr)));
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
