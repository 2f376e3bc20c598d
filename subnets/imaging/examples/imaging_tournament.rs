//! Lets known kinds of miners compete and prints the tables of the README.
//!
//! `cargo run -p myelin-imaging --example imaging_tournament -- [TASKS] [STEPS] [MODEL]`
//!
//! STEPS is the budget of the search for pixels, for each picture; nobody searches with 0. MODEL is the file of another
//! model than the built-in one. Tasks are worded and judged by one validator; the
//! searching miners have a judge of another secret.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use myelin_imaging::{
    adversary::{oracle, Blank, Climber, Fixed, Noise, Stripes},
    backend::{Backend, Model, Renderer, BUILTIN_MODEL, STEPS},
    describe::Wordings,
    judge::Judge,
    measure::View,
    protocol::PaintResponse,
    score,
    task::{self, Task},
};
use myelin_subnet::AnswerContext;
use myelin_wire::{record::Ppm, seed::Seed};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let count: u64 = arguments.next().map_or(Ok(60), |word| word.parse())?;
    let budget: u32 = arguments.next().map_or(Ok(250), |word| word.parse())?;
    let secret = [3; 32];
    let began = Instant::now();
    let judge = Judge::train(&secret)?;
    eprintln!("training the judge: {:.1} s", began.elapsed().as_secs_f32());
    let words = Wordings::own(&secret);
    let tasks: Vec<Task> =
        (0..count).map(|number| task::draw(&words, &Seed([9; 32]).derive(b"cup", number))).collect();

    let file = match arguments.next() {
        Some(path) => std::fs::read(path)?,
        None => BUILTIN_MODEL.to_vec(),
    };
    let painter = |steps| Model::new(&file, steps).map(Arc::new);
    let climber = |from: Option<Arc<dyn Backend>>| Climber::new(&[77; 32], budget, from);
    let mut field: Vec<(String, Arc<dyn Backend>)> = vec![
        ("renderer".into(), Arc::new(Renderer)),
        (format!("built-in, {STEPS} steps"), painter(STEPS)?),
        ("built-in, 20 steps".into(), painter(20)?),
        ("built-in, 8 steps".into(), painter(8)?),
        ("built-in, 2 steps".into(), painter(2)?),
        ("built-in, a step".into(), painter(1)?),
        ("searched from the ground".into(), Arc::new(climber(None)?)),
        ("searched from built-in".into(), Arc::new(climber(Some(painter(STEPS)?))?)),
        ("searched from renderer".into(), Arc::new(climber(Some(Arc::new(Renderer)))?)),
        ("stripes".into(), Arc::new(Stripes)),
        ("one good picture".into(), Arc::new(Fixed)),
        ("noise".into(), Arc::new(Noise)),
        ("blank".into(), Arc::new(Blank)),
    ];
    if budget == 0 {
        field.retain(|(name, _)| !name.starts_with("searched"));
    }
    println!(
        "| miner | attributes | layout | lettering | natural | variety | score | paid | time for a picture |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    let mut details = Vec::new();
    let mut best = None;
    for (name, backend) in field {
        let outcome = trial(&judge, &tasks, &*backend)?;
        let paid = outcome.score.powi(4) / best.get_or_insert(outcome.score.powi(4)).max(1e-9);
        let parts: Vec<String> = outcome.parts.iter().map(|part| format!("{part:.3}")).collect();
        let time = outcome.time.as_secs_f64() * 1e3;
        println!("| {name} | {} | {:.3} | {paid:.3} | {time:.0} ms |", parts.join(" | "), outcome.score);
        details.push((name, outcome));
    }
    println!("\n| miner | {} |", score::Shown::default().named().map(|(name, _)| name).join(" | "));
    println!("|---|---|---|---|---|---|---|---|---|");
    for (name, outcome) in details.iter().take(8) {
        let shown: Vec<String> = outcome.shown.iter().map(|part| format!("{part:.2}")).collect();
        println!("| {name} | {} |", shown.join(" | "));
    }
    println!("\n| right in | score |\n|---|---|");
    for permille in [300, 500, 700, 800, 900, 950, 990, 1000] {
        let mut rng = Seed([1; 32]).derive(b"oracle", permille).rng();
        let answers: Vec<PaintResponse> = tasks.iter().map(|task| oracle(task, permille, &mut rng)).collect();
        let began = Instant::now();
        let scores: Vec<f64> = tasks
            .iter()
            .zip(&answers)
            .map(|(task, answer)| paid(&judge, task, answer).map(|(_, score)| score))
            .collect::<Result<_, _>>()?;
        println!("| {:.2} | {:.3} |", permille as f64 / 1e3, scores.iter().sum::<f64>() / count as f64);
        if permille == 900 {
            eprintln!("judging: {:.1} ms an answer", began.elapsed().as_secs_f64() * 1e3 / count as f64);
        }
    }
    Ok(())
}

struct Outcome {
    parts: [f64; 5],
    score: f64,
    shown: [f64; 8],
    time: Duration,
}

/// Parts and score of an answer that came at once.
fn paid(
    judge: &Judge,
    task: &Task,
    answer: &PaintResponse,
) -> Result<([f64; 5], f64), Box<dyn std::error::Error>> {
    let worth = score::judge(judge, &task.request, &task.hidden.wanted, answer);
    let mut parts = worth.parts.to_vec();
    parts.push(Ppm::ONE);
    let score = score::rubric()?.score(&parts, worth.reason)?;
    Ok((worth.parts.map(|part| f64::from(part.get()) / 1e6), f64::from(score.get()) / 1e6))
}

fn trial(
    judge: &Judge,
    tasks: &[Task],
    backend: &dyn Backend,
) -> Result<Outcome, Box<dyn std::error::Error>> {
    let mut outcome = Outcome { parts: [0.0; 5], score: 0.0, shown: [0.0; 8], time: Duration::ZERO };
    let mut shown = vec![Vec::new(); 8];
    for task in tasks {
        let time_left = Duration::from_secs(600);
        let context = AnswerContext { asker: None, permitted: true, challenge: None, time_left };
        let began = Instant::now();
        let answer = backend.answer(&context, &task.request)?;
        outcome.time += began.elapsed() / (tasks.len() as u32 * u32::from(task.request.n));
        let (parts, score) = paid(judge, task, &answer)?;
        outcome.parts.iter_mut().zip(parts).for_each(|(sum, part)| *sum += part / tasks.len() as f64);
        outcome.score += score / tasks.len() as f64;
        for picture in answer.unpacked(&task.request)? {
            let look = score::look(judge, &task.hidden.wanted, &View::of(&picture));
            for (list, (_, value)) in shown.iter_mut().zip(look.named()) {
                list.extend(value.map(|value| f64::from(value) / 1e3));
            }
        }
    }
    for (mean, list) in outcome.shown.iter_mut().zip(shown) {
        *mean = list.iter().sum::<f64>() / list.len().max(1) as f64;
    }
    Ok(outcome)
}
