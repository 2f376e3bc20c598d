//! Power of the watch that every validator keeps for miners whose answers get worse.

use myelin_wire::{record::Ppm, seed::SeedRng};

use super::{is_served, Finding, Hall, Luck, TASKS};
use crate::{
    evaluation::Watch,
    subnet::{Pay, SubnetError},
    testkit::contest::Contest,
    validator::schedule::Timetable,
};

/// Accuracy of miners before they get worse, in millionths. The promise is made about the first.
const BEFORE: [u32; 3] = [900_000, 700_000, 500_000];
/// Loss of that accuracy, in percent.
const LOSSES: [u32; 4] = [5, 10, 25, 50];
/// The loss that must be detected.
const PROMISED: u32 = 25;
/// Miners that are simulated for each loss.
const MINERS: usize = 1_000;
/// Epochs for which a miner is known before it gets worse.
const KNOWN: u64 = 4;
/// Epochs in which the loss must be detected.
const FOUND: u64 = 2;
/// Epochs over which honest miners are watched.
const HONEST: usize = 6;

pub(super) fn trials<S: Contest>(hall: &Hall<S>) -> Result<Vec<Finding>, SubnetError> {
    let mut rng = hall.seed.derive(b"power", 0).rng();
    let judged = judged_in_an_epoch(hall);
    let (mut promised, mut needed) = (0.0, 0u64);
    let mut alarms = 0.0f64;
    let mut kept = true;
    let mut remarks = Vec::new();
    // A brief test keeps to what is promised.
    let (known, lost) = match hall.is_whole() {
        true => (&BEFORE[..], &LOSSES[..]),
        false => (&BEFORE[..1], &[PROMISED][..]),
    };
    for before in known.iter().copied() {
        let levels: Vec<u32> = lost.iter().map(|loss| before / 100 * (100 - loss)).collect();
        let answers = hall.oracles(&[&[before], &levels[..]].concat(), Luck::Shared, 2);
        let [usual, worse @ ..] = &answers[..] else { unreachable!("several levels") };
        alarms = alarms.max(false_alarms(usual, &mut rng));
        let mut found = Vec::new();
        for (loss, worse) in lost.iter().copied().zip(worse) {
            let mut after: Vec<u64> =
                (0..MINERS).map(|_| answers_until_found(usual, worse, &mut rng)).collect();
            after.sort_unstable();
            let in_time = after.partition_point(|answers| *answers <= FOUND * TASKS);
            let share = in_time as f64 / MINERS as f64;
            if (before, loss) == (BEFORE[0], PROMISED) {
                kept &= share >= 0.99;
                (promised, needed) = (share, after[MINERS * 99 / 100]);
            }
            found.push(format!("{loss} % {share:.3}"));
        }
        remarks.push(format!(
            "Losses found within {FOUND} epochs, {KNOWN} epochs after a miner came that was right in {:.1}: {}.",
            f64::from(before) / 1e6,
            found.join(", ")
        ));
    }
    kept &= alarms <= 0.01;
    let seen = format!(
        "in {promised:.3} of miners that were right in 0.9, with {TASKS} answers in an epoch; false alarms in {:.1} % \
         of miners in the worst epoch",
        100.0 * alarms
    );
    remarks.push(format!(
        "A quarter less of 0.9 takes {needed} answers in 99 of 100 cases. A validator judges {judged} of one miner in \
         an epoch of a full subnet, so it takes {}.",
        match needed.div_ceil(judged.max(1)) {
            1 => "one epoch".to_owned(),
            epochs => format!("{epochs} epochs"),
        }
    ));
    Ok(vec![Finding::new("a quarter less quality is found within two epochs", seen, kept).with(remarks)])
}

/// Adds the answers of an epoch, each drawn from `answers`, and returns whether the miner counts as worse.
fn epoch(watch: &mut Watch, answers: &[(Ppm, u32)], rng: &mut SeedRng) -> bool {
    let drawn = (0..TASKS).filter_map(|_| rng.choose(answers).copied());
    drawn.filter_map(|(score, _)| watch.update(score)).count() > 0
}

/// The share of honest miners that count as worse, in the worst epoch.
fn false_alarms(usual: &[(Ppm, u32)], rng: &mut SeedRng) -> f64 {
    let mut alarms = [0; HONEST];
    for _ in 0..MINERS {
        let mut watch = Watch::default();
        alarms.iter_mut().for_each(|alarms| *alarms += u32::from(epoch(&mut watch, usual, rng)));
    }
    f64::from(alarms.into_iter().max().unwrap_or_default()) / MINERS as f64
}

/// Answers that a miner gives from the beginning of a loss until its detection, limited to a few epochs.
fn answers_until_found(usual: &[(Ppm, u32)], worse: &[(Ppm, u32)], rng: &mut SeedRng) -> u64 {
    let mut watch = Watch::default();
    for _ in 0..KNOWN {
        epoch(&mut watch, usual, rng);
    }
    let most = 2 * FOUND * TASKS;
    let mut answers = 1..most;
    answers
        .find(|_| rng.choose(worse).is_some_and(|(score, _)| watch.update(*score).is_some()))
        .unwrap_or(most)
}

/// Answers of one miner on the first mechanism that a validator judges in an epoch of a full subnet. Smaller subnets
/// judge up to four times as many ([`LoadRule::judged`](crate::evaluation::LoadRule::judged)).
fn judged_in_an_epoch<S: Contest>(hall: &Hall<S>) -> u64 {
    u64::from(Timetable::default().rounds.rounds) * judged_in_a_round(hall)
}

pub(super) fn judged_in_a_round<S: Contest>(hall: &Hall<S>) -> u64 {
    let plans = hall.subnet.tasks();
    let asked: u64 = plans.iter().filter(|plan| is_served(plan)).map(|plan| u64::from(plan.count)).sum();
    match hall.subnet.mechanisms().first().map(|mechanism| mechanism.pay) {
        Some(Pay::Load(rule)) => u64::from(rule.checked),
        _ => asked,
    }
}
