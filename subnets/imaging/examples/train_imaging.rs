//! Trains the built-in model and writes `models/scenes.safetensors`.
//!
//! `cargo run -p myelin-imaging --example train_imaging -- STEPS DECAY_FROM [THREADS] [FOLDER]`
//!
//! It paints scenes of the renderer, each once. The rate rises over 100 steps, stays, and falls to nothing from step
//! DECAY_FROM on. The result depends on the two numbers alone, not on threads, processor or interruptions: the state is
//! kept in `FOLDER/run.state`, from which an interrupted run goes on.

use std::{path::Path, time::Instant};

use myelin_flow::{
    file,
    train::{Example, Rates, Trainer},
    Painter,
};
use myelin_imaging::{
    caption::{caption, CONFIG},
    scene::{Wanted, SIDE},
};
use myelin_lm::kernel::Kernel;
use myelin_provenance::content_id;
use myelin_wire::{hash::to_hex, seed::Seed};

const BATCH: u64 = Trainer::multiple() as u64;
/// Steps after which the state is kept.
const KEEP: u64 = 200;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let steps: u64 = arguments.next().ok_or("name the number of steps")?.parse()?;
    let decay_from: u64 = arguments.next().ok_or("name the step from which the rate falls")?.parse()?;
    let threads: usize = arguments.next().map_or(Ok(1), |word| word.parse())?;
    let folder = arguments.next().unwrap_or_else(|| ".".into());
    let state = Path::new(&folder).join("run.state");
    let mut trainer = Trainer::new(CONFIG, Rates::default(), 1, Kernel::best(), threads);
    if state.exists() {
        trainer.resume(&std::fs::read(&state)?)?;
        println!("going on from step {}", trainer.steps());
    }
    let (began, mut mean) = (Instant::now(), 0.0);
    while trainer.steps() < steps {
        let step = trainer.steps();
        let batch = (0..BATCH).map(|number| example(step * BATCH + number)).collect::<Result<Vec<_>, _>>()?;
        let falling = steps.saturating_sub(step) as f32 / steps.saturating_sub(decay_from).max(1) as f32;
        let rate = ((step + 1) as f32 / 100.0).min(1.0).min(falling);
        let error = trainer.step(&batch, rate);
        mean = if mean == 0.0 { error } else { 0.98 * mean + 0.02 * error };
        if trainer.steps().is_multiple_of(50) {
            println!("step {:5}  error {mean:.4}  {:.0} s", trainer.steps(), began.elapsed().as_secs_f32());
        }
        if trainer.steps().is_multiple_of(KEEP) || trainer.steps() == steps {
            std::fs::write(state.with_extension("part"), trainer.save())?;
            std::fs::rename(state.with_extension("part"), &state)?;
        }
        if trainer.steps().is_multiple_of(1000) {
            write(
                &trainer.painter(),
                &Path::new(&folder).join(format!("at{}.safetensors", trainer.steps())),
            )?;
        }
    }
    write(&trainer.painter(), &Path::new(&folder).join("scenes.safetensors"))
}

fn write(painter: &Painter, path: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let bytes = file::write(painter)?;
    std::fs::write(path, &bytes)?;
    println!("{}: {} bytes, id {}", path.display(), bytes.len(), to_hex(&content_id(&bytes)));
    Ok(())
}

fn example(number: u64) -> Result<Example, Box<dyn std::error::Error>> {
    let seed = Seed([0x1f; 32]).derive(b"training", number);
    let laid = Wanted::draw(&seed).plan(&seed);
    let samples = laid.draw(&seed, SIDE)?.samples().to_vec();
    Ok(Example { samples, caption: caption(&laid) })
}
