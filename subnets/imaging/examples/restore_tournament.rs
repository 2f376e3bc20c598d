//! Lets miners of restoration compete on hidden originals and prints the table of the README.
//!
//! `cargo run -p myelin-imaging --example restore_tournament -- [TASKS] [PUBLIC] [LONGEST]`
//!
//! TASKS originals of each damage come from a secret that no training saw. The filters' search is tuned on PUBLIC tasks
//! of other secrets, with chains of at most LONGEST filters.

use std::time::Instant;

use myelin_imaging::restore::{
    damage::{of_side, Damaged, Task},
    filters::{non_local_means, untouched},
    miner::Restorer,
    originals::Style,
    score::{decibels, floor, measure, squares, Floor},
    search::{chain, search},
    Kind,
};
use myelin_vision::picture::{Picture, PictureError};
use myelin_wire::seed::Seed;

type Miner<'a> = (String, Box<dyn Fn(&Damaged) -> Result<Picture, PictureError> + 'a>);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let count: u64 = arguments.next().map_or(Ok(40), |word| word.parse())?;
    let public: u64 = arguments.next().map_or(Ok(12), |word| word.parse())?;
    let longest: usize = arguments.next().map_or(Ok(3), |word| word.parse())?;
    let restorer = Restorer::builtin()?;
    println!(
        "| damage | miner | PSNR in dB | above the best plain one | likeness | score | time of a picture |"
    );
    println!("|---|---|---|---|---|---|---|");
    for kind in Kind::ALL {
        let hidden = Style::own(&[0xd3; 32]);
        let task = |style: &Style, number| of_side(style, kind, &Seed([9; 32]).derive(b"cup", number), 64);
        let tasks: Vec<Task> = (0..count).map(|number| task(&hidden, number)).collect::<Result<_, _>>()?;
        let training: Vec<Task> = (0..public)
            .map(|number| task(&Style::own(&[number as u8; 32]), 1_000_000 + number))
            .collect::<Result<_, _>>()?;
        let began = Instant::now();
        let (steps, _) = search(&training, longest)?;
        eprintln!("{}: searched {:.0} s, found {steps:?}", kind.name(), began.elapsed().as_secs_f32());
        let began = Instant::now();
        let floors: Vec<Floor> = tasks.iter().map(floor).collect::<Result<_, _>>()?;
        eprintln!("{}: floor {:.1} ms", kind.name(), began.elapsed().as_secs_f64() * 1e3 / count as f64);
        let mut field: Vec<Miner> = vec![("untouched".into(), Box::new(untouched))];
        if kind != Kind::Holes {
            field.push((
                "non-local means".into(),
                Box::new(|damaged| non_local_means(&untouched(damaged)?, 16)),
            ));
        }
        field.push((format!("searched: {}", name(&steps)), Box::new(|damaged| chain(&steps, damaged))));
        field.push(("built-in networks".into(), Box::new(|damaged| restorer.restore(damaged))));
        for (name, miner) in field {
            row(kind, &name, &tasks, &floors, &*miner)?;
        }
    }
    Ok(())
}

fn name(steps: &[impl std::fmt::Debug]) -> String {
    steps.iter().map(|step| format!("{step:?}")).collect::<Vec<_>>().join(", ")
}

/// Runs a miner on all tasks and prints its means.
fn row(
    kind: Kind,
    name: &str,
    tasks: &[Task],
    floors: &[Floor],
    miner: &dyn Fn(&Damaged) -> Result<Picture, PictureError>,
) -> Result<(), PictureError> {
    let (mut peak, mut gain, mut likeness, mut score) = (0.0, 0.0, 0.0, 0.0);
    let mut time = 0.0;
    for (task, floor) in tasks.iter().zip(floors) {
        let began = Instant::now();
        let picture = miner(&task.damaged)?;
        time += began.elapsed().as_secs_f64() * 1e3;
        let measured = measure(task, floor, &picture);
        let counted = (0..task.original.width() * task.original.height())
            .filter(|at| task.damaged.is_hole(*at))
            .count();
        // As the judge does, one squared level a sample is added, so that a perfect picture has a number too.
        let error = squares(&picture, &task.original) + 3 * counted as u64;
        peak += decibels(255 * 255 * 3 * counted as u64, error) as f64 / 1e3;
        gain += measured.gain as f64 / 1e3;
        likeness += measured.likeness as f64 / 1e6;
        score += f64::from(measured.score().get()) / 1e6;
    }
    let [peak, gain, likeness, score, time] =
        [peak, gain, likeness, score, time].map(|sum| sum / tasks.len() as f64);
    println!(
        "| {} | {name} | {peak:.2} | {gain:+.2} | {likeness:.3} | {score:.3} | {time:.1} ms |",
        kind.name()
    );
    Ok(())
}
