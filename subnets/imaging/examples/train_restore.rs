//! Trains a network of restoration and writes `restore-KIND.safetensors`.
//!
//! `cargo run -p myelin-imaging --example train_restore -- KIND STEPS DECAY_FROM [THREADS] [FOLDER] [WIDTH] [DEPTH]`
//!
//! It composes originals, each in a style of its own and each shown once. The rate rises over 100 steps, stays, and
//! falls to nothing from step DECAY_FROM on. The result depends on KIND, STEPS, DECAY_FROM, WIDTH and DEPTH alone, not
//! on threads, processor or interruptions: an interrupted run goes on from the state in `FOLDER/KIND.state`.

use std::{path::Path, time::Instant};

use myelin_imaging::restore::{damage, miner, originals::Style, Kind};
use myelin_lm::kernel::Kernel;
use myelin_provenance::content_id;
use myelin_vision::{
    train::{Pair, Trainer},
    weights,
};
use myelin_wire::{hash::to_hex, seed::Seed};

/// Side of the originals: many small steps teach more than few large ones.
const SIDE: usize = 32;
/// Pictures of a step. A trainer computes at most eight parts of it side by side.
const BATCH: u64 = 8;
/// Highest rate.
const RATE: f32 = 1.5e-3;
/// Steps after which the state is kept.
const KEEP: u64 = 200;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let name = arguments.next().ok_or("name the kind of damage")?;
    let kind =
        Kind::ALL.into_iter().find(|kind| kind.name() == name).ok_or("name noise, blur, small or holes")?;
    let steps: u64 = arguments.next().ok_or("name the number of steps")?.parse()?;
    let decay_from: u64 = arguments.next().ok_or("name the step from which the rate falls")?.parse()?;
    let threads: usize = arguments.next().map_or(Ok(1), |word| word.parse())?;
    let folder = arguments.next().unwrap_or_else(|| ".".into());
    let width: usize = arguments.next().map_or(Ok(32), |word| word.parse())?;
    let depth: usize = arguments.next().map_or(Ok(4), |word| word.parse())?;
    let state = Path::new(&folder).join(format!("{name}.state"));
    let network = miner::untrained(kind, (width, depth), SIDE, 1)?;
    let outputs = network.architecture().outputs();
    println!(
        "{}; {} million multiplications",
        network.architecture().text(),
        network.architecture().work() >> 20
    );
    let mut trainer = Trainer::new(network, vec![outputs], Kernel::best())?;
    let mut step = 0;
    if state.exists() {
        let bytes = std::fs::read(&state)?;
        let (head, body) = bytes.split_first_chunk::<8>().ok_or("the state is too short; delete it")?;
        trainer.resume(body)?;
        step = u64::from_le_bytes(*head);
        println!("going on from step {step}");
    }
    let (began, mut mean) = (Instant::now(), None);
    while step < steps {
        let batch = batch(kind, step, threads)?;
        let falling = steps.saturating_sub(step) as f32 / steps.saturating_sub(decay_from).max(1) as f32;
        let rate = RATE * ((step + 1) as f32 / 100.0).min(1.0).min(falling);
        let loss = trainer.step(&batch, rate, threads);
        // Root of the mean squared error in levels, for people only.
        let levels = 127.5 * loss;
        let so_far = *mean.get_or_insert(levels);
        mean = Some(0.98 * so_far + 0.02 * levels);
        step += 1;
        if step % 50 == 0 {
            println!(
                "step {step:5}  {:.3} levels  {:.0} s",
                mean.unwrap_or(0.0),
                began.elapsed().as_secs_f32()
            );
        }
        if step % KEEP == 0 || step == steps {
            let bytes = [&step.to_le_bytes()[..], &trainer.save()].concat();
            std::fs::write(state.with_extension("part"), bytes)?;
            std::fs::rename(state.with_extension("part"), &state)?;
        }
    }
    let network = miner::finished(kind, &weights::rounded(trainer.network()))?;
    let path = Path::new(&folder).join(format!("restore-{name}.safetensors"));
    let bytes = weights::write(&network)?;
    std::fs::write(&path, &bytes)?;
    println!("{}: {} bytes, id {}", path.display(), bytes.len(), to_hex(&content_id(&bytes)));
    Ok(())
}

/// The lessons of a step, made on several threads.
fn batch(kind: Kind, step: u64, threads: usize) -> Result<Vec<Pair>, Box<dyn std::error::Error>> {
    let share = BATCH.div_ceil(threads.max(1) as u64);
    let lessons = |from: u64| -> Result<Vec<Pair>, myelin_vision::picture::PictureError> {
        (from..(from + share).min(BATCH)).map(|number| lesson(kind, step * BATCH + number)).collect()
    };
    std::thread::scope(|scope| {
        let parts: Vec<_> =
            (0..BATCH).step_by(share as usize).map(|from| scope.spawn(move || lessons(from))).collect();
        let mut batch = Vec::new();
        for part in parts {
            batch.extend(part.join().map_err(|_| "making lessons failed")??);
        }
        Ok(batch)
    })
}

fn lesson(kind: Kind, number: u64) -> Result<Pair, myelin_vision::picture::PictureError> {
    let seed = Seed([0x2e; 32]).derive(kind.name().as_bytes(), number);
    miner::lesson(&damage::of_side(&Style::own(&seed.0), kind, &seed, SIDE)?)
}
