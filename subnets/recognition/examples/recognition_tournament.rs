//! Lets known kinds of miners compete and prints the tables of the README.
//!
//! `cargo run -p myelin-recognition --example recognition_tournament -- [PAGES] [SHEETS]`

use std::time::{Duration, Instant};

use myelin_recognition::{
    adversary::{oracle, tasks, trial, Commonplace, Garbage, Inverter, Lookup, Silent},
    backend::{Backend, Baseline},
    score,
    task::{Renderer, Task},
};
use myelin_wire::{record::Ppm, seed::Seed};

const RENDERERS: [Renderer; 2] = [Renderer::Open, Renderer::Reserved];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let pages: u64 = arguments.next().map_or(Ok(40), |word| word.parse())?;
    let sheets: u64 = arguments.next().map_or(Ok(40), |word| word.parse())?;
    let began = Instant::now();
    let drawn =
        RENDERERS.map(|renderer| [tasks(b"cup", renderer, pages, 0), tasks(b"cup", renderer, 0, sheets)]);
    let spent = began.elapsed();
    let bytes = |tasks: &[Task]| -> usize {
        tasks.iter().flat_map(|task| &task.request.images).map(String::len).sum::<usize>()
            / tasks.len().max(1)
    };
    println!(
        "drawing: {:.1} ms a task; a page request has {} bytes, a scenes request {}\n",
        spent.as_secs_f64() * 1e3 / (2 * (pages + sheets)) as f64,
        (bytes(&drawn[0][0]) + bytes(&drawn[1][0])) / 2,
        (bytes(&drawn[0][1]) + bytes(&drawn[1][1])) / 2,
    );

    let baseline = Baseline::new()?;
    let (lookup, inverter) = (Lookup::new(2000, 400), Inverter::new());
    let field: [(&str, &dyn Backend); 6] = [
        ("baseline", &baseline),
        ("lookup", &lookup),
        ("inverter", &inverter),
        ("commonplace", &Commonplace),
        ("garbage", &Garbage),
        ("silent", &Silent),
    ];
    println!("| miner | pages, open | pages, reserved | scenes, open | scenes, reserved | score | time |");
    println!("|---|---|---|---|---|---|---|");
    for (name, backend) in field {
        let began = Instant::now();
        let worths = drawn.each_ref().map(|kinds| kinds.each_ref().map(|tasks| worth(backend, tasks)));
        let time = began.elapsed().as_secs_f64() * 1e3 / (2 * (pages + sheets)) as f64;
        let [[pages_open, scenes_open], [pages_reserved, scenes_reserved]] = worths;
        let show = |[accuracy, reliability]: [f64; 2]| format!("{accuracy:.3}, {reliability:.3}");
        let all = [pages_open, pages_reserved, scenes_open, scenes_reserved];
        let score = all.iter().flatten().sum::<f64>() / 8.0;
        println!("| {name} | {} | {score:.3} | {time:.0} ms |", all.map(show).join(" | "));
        if name == "baseline" {
            let drop = |open: [f64; 2], reserved: [f64; 2]| {
                100.0 * (1.0 - reserved.iter().sum::<f64>() / open.iter().sum::<f64>())
            };
            eprintln!(
                "drop on the reserved renderer: pages {:.1} %, scenes {:.1} %",
                drop(pages_open, pages_reserved),
                drop(scenes_open, scenes_reserved)
            );
        }
    }

    println!("\n| right in | score |\n|---|---|");
    let all: Vec<&Task> = drawn.iter().flatten().flatten().collect();
    for permille in [300, 500, 700, 800, 900, 950, 990, 1000] {
        println!("| {:.2} | {:.3} |", permille as f64 / 1000.0, pay(&all, permille)?);
    }
    Ok(())
}

fn worth(backend: &dyn Backend, tasks: &[Task]) -> [f64; 2] {
    let parts = trial(backend, tasks, Duration::from_secs(60));
    let mean = |at: usize| {
        parts.iter().map(|parts| f64::from(parts[at])).sum::<f64>() / parts.len().max(1) as f64 / 1e6
    };
    [mean(0), mean(1)]
}

/// Mean score of a miner that is right so often, answering at once; also measures the time for judging.
fn pay(tasks: &[&Task], permille: u64) -> Result<f64, Box<dyn std::error::Error>> {
    let rubric = score::rubric()?;
    let mut rng = Seed([1; 32]).derive(b"oracle", permille).rng();
    let answers: Vec<_> = tasks.iter().map(|task| oracle(task, permille, &mut rng)).collect();
    let began = Instant::now();
    let mut sum = 0.0;
    for (task, answer) in tasks.iter().zip(&answers) {
        let worth = score::judge(&task.request, &task.hidden, answer);
        let [accuracy, reliability] = worth.parts;
        sum += f64::from(rubric.score(&[accuracy, reliability, Ppm::ONE], worth.reason)?.get()) / 1e6;
    }
    if permille == 900 {
        eprintln!(
            "judging: {:.3} ms an answer",
            began.elapsed().as_secs_f64() * 1e3 / tasks.len().max(1) as f64
        );
    }
    Ok(sum / tasks.len().max(1) as f64)
}
