//! Prints scores by grade and pay of solvers of known quality: `cargo run -p myelin-text --example grades`.
//!
//! Each solver knows the right answers and errs in a step of a task with a chance of its own. Answers are judged by the
//! code that judges on the network, at the highest level. An argument is the number of tasks of each kind.

use std::sync::Arc;

use myelin_subnet::{Answer, Challenge, MinerRef, Subnet};
use myelin_text::{
    adversary::stepwise,
    library::Library,
    task::{self, Hidden, Task},
    verifiable::{
        grade::{level_of, TOP},
        Phrases,
    },
    TextConfig, TextSubnet,
};
use myelin_wire::{
    record::{LatencyBucket, Ppm},
    seed::Seed,
};

/// Chances of being right in a step, in millionths.
const SOLVERS: [u32; 8] = [800_000, 900_000, 950_000, 980_000, 990_000, 995_000, 999_000, 1_000_000];
/// Part of the quality that open tasks are, and the score that the late model has there.
const OPEN: (f64, f64) = (0.5, 0.08);

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let count = std::env::args().nth(1).map_or(Ok(400), |count| count.parse())?;
    let phrases = Arc::new(Phrases::own([7; 32])?);
    let library = Library::own([7; 32])?;
    let config = TextConfig {
        library: Some(library.clone()),
        phrases: Some(phrases.clone()),
        ..TextConfig::default()
    };
    let subnet = TextSubnet::open(config)?;
    let mut tasks = Vec::new();
    for number in 0..count {
        let seed = |kind: &[u8]| Seed([8; 32]).derive(kind, number);
        let drawn = [
            task::arithmetic(&phrases, TOP, &seed(b"arithmetic")),
            task::fields(&library, &phrases, TOP, &seed(b"extract")),
            task::trail(&phrases, TOP, &seed(b"trail")),
            task::program(&phrases, TOP, &seed(b"program")),
        ];
        tasks.extend(drawn.into_iter().flatten());
    }
    let bytes: usize = tasks.iter().map(|task| task.request.messages[0].content.len()).sum();
    println!("{} tasks, {} bytes on average\n", tasks.len(), bytes / tasks.len());
    let levels: Vec<String> =
        (0..=TOP).map(|level| format!("{} to {}", 1 << level, (2 << level) - 1)).collect();
    println!("| right in a step | {} | all | quality | pay |", levels.join(" | "));
    println!("|---|{}---|---|---|", "---|".repeat(levels.len()));
    let sharpness = subnet.mechanisms()[0].pay.sharpness() as i32;
    let quality = |mean: f64| OPEN.0 * OPEN.1 + (1.0 - OPEN.0) * mean;
    for right in SOLVERS {
        let (by_level, mean) = scores(&subnet, &tasks, Ppm::new(1_000_000 - right));
        let cells: Vec<String> = by_level.iter().map(|mean| format!("{mean:.2}")).collect();
        let pay = (quality(mean) / quality(1.0)).powi(sharpness);
        let right = f64::from(right) / 1e6;
        println!("| {right} | {} | {mean:.3} | {:.3} | {pay:.4} |", cells.join(" | "), quality(mean));
    }
    Ok(())
}

/// Mean scores of a solver by level, and the mean over levels and kinds alike.
fn scores(subnet: &TextSubnet, tasks: &[Task], error: Ppm) -> (Vec<f64>, f64) {
    let mut sums = vec![(0.0, 0.0); usize::from(TOP) + 1];
    let mut all = 0.0;
    for (number, task) in tasks.iter().enumerate() {
        let Hidden::Graded { grade, .. } = task.hidden else { continue };
        let mut luck = Seed([9; 32]).derive(b"luck", number as u64).rng();
        let response = stepwise(error, &task.request, &task.hidden, None, &mut luck);
        let miner = MinerRef { uid: 0, hotkey: [1; 32] };
        let answers = [Answer { miner, response, latency: LatencyBucket::of_ms(500) }];
        let challenge = Challenge { request: task.request.clone(), hidden: task.hidden.clone() };
        let judgement = subnet.score(&challenge, &answers, &mut Default::default()).remove(0);
        let score =
            subnet.rubric().score(&judgement.parts, judgement.reason).map_or(Ppm::ZERO, |score| score);
        let score = f64::from(score.get()) / 1e6;
        let (sum, count) = &mut sums[usize::from(level_of(grade))];
        (*sum, *count) = (*sum + score, *count + 1.0);
        all += score / tasks.len() as f64;
    }
    (sums.into_iter().map(|(sum, count)| sum / f64::max(count, 1.0)).collect(), all)
}
