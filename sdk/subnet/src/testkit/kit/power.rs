//! Whether a miner that gets worse is noticed.

use myelin_wire::{record::Ppm, seed::SeedRng};

use super::{mean, Finding, Hall, TASKS};
use crate::{subnet::SubnetError, testkit::contest::Contest};

/// How often the miner is right before it gets worse, in millionths.
const BEFORE: u32 = 900_000;
/// What it loses of that, in percent.
const LOSSES: [u32; 4] = [5, 10, 25, 50];
/// Epochs that are simulated for each loss.
const EPOCHS: usize = 4_000;

pub(super) fn trials<S: Contest>(hall: &Hall<S>) -> Result<Vec<Finding>, SubnetError> {
    let before = hall.oracles(&[BEFORE], 2).concat();
    let mut rng = hall.seed.derive(b"power", 0).rng();
    let honest = epochs(&before, &mut rng);
    // What one honest epoch of two hundred stays below, so that on others, too, at most one of a hundred is a false alarm.
    let mut sorted = honest;
    sorted.sort_by(f64::total_cmp);
    let alarm = sorted[EPOCHS / 200];
    let false_alarms = epochs(&before, &mut rng).into_iter().filter(|mean| *mean < alarm).count();
    let mut seen = Vec::new();
    let mut kept = true;
    let left = LOSSES.map(|loss| BEFORE / 100 * (100 - loss));
    for (loss, after) in LOSSES.into_iter().zip(hall.oracles(&left, 3)) {
        let missed =
            epochs(&after, &mut rng).into_iter().filter(|mean| *mean >= alarm).count() as f64 / EPOCHS as f64;
        // In either of two epochs.
        let found = 1.0 - missed * missed;
        kept &= loss != 25 || found > 0.99;
        seen.push(format!("{loss} % {found:.3}"));
    }
    let seen = format!(
        "found within 2 epochs of {TASKS} tasks: {}; false alarms {:.1} % of epochs",
        seen.join(", "),
        100.0 * false_alarms as f64 / EPOCHS as f64
    );
    kept &= 100 * false_alarms <= EPOCHS;
    Ok(vec![Finding { promise: "a quarter less quality is found within two epochs", seen, kept }])
}

/// Means of epochs, each of tasks drawn from `scores`.
fn epochs(scores: &[(Ppm, u32)], rng: &mut SeedRng) -> Vec<f64> {
    let mut epoch = || {
        let drawn: Vec<_> = (0..TASKS).filter_map(|_| rng.choose(scores).copied()).collect();
        mean(&drawn)
    };
    (0..EPOCHS).map(|_| epoch()).collect()
}
