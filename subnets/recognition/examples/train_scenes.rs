//! Trains the network for scenes and writes `models/scenes.safetensors`.
//!
//! `cargo run -p myelin-recognition --example train_scenes -- [STEPS] [THREADS] [FILE]`
//!
//! It sees scenes of the open renderer only, each once. The result depends on the number of steps alone, not on threads
//! or processor; the last lines say how good it is on fresh scenes of both renderers.

use std::time::Instant;

use myelin_lm::kernel::Kernel;
use myelin_recognition::{metrics, scene, score::likeliest};
use myelin_vision::{
    network::{probabilities, Architecture, Network},
    train::{Example, Trainer},
    weights,
};
use myelin_wire::seed::Seed;

const LINE: &str = "input 3 48 48; conv 16 5 2 2; relu; conv 32 3 1 1; relu; conv 64 3 2 1; relu; \
                    conv 64 3 2 1; relu; flatten; linear 64; relu; linear 22";
const BATCH: u64 = 64;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let steps: u64 = arguments.next().map_or(Ok(8000), |word| word.parse())?;
    let threads: usize = arguments.next().map_or(Ok(2), |word| word.parse())?;
    let file = arguments.next().unwrap_or_else(|| "models/scenes.safetensors".into());
    let network = Network::random(Architecture::parse(LINE)?, 1);
    let parameters: usize = network.architecture().parameters().iter().map(|(w, b)| w + b).sum();
    println!("{parameters} parameters, {steps} steps of {BATCH} scenes on {threads} threads");
    let groups: Vec<usize> = scene::GROUPS.iter().map(|(_, classes)| classes.len()).collect();
    let mut trainer = Trainer::new(network, groups.clone(), Kernel::best())?;
    let began = Instant::now();
    let mut mean = 0.0;
    for step in 0..steps {
        let batch = batch(trainer.network(), step, threads)?;
        let progress = step as f32 / steps as f32;
        let warm = (step as f32 / 100.0).min(1.0);
        let rate = 1.5e-3 * warm * (1.0 - progress * 0.98);
        let loss = trainer.step(&batch, rate, threads);
        mean = if step == 0 { loss } else { 0.98 * mean + 0.02 * loss };
        if step % 250 == 249 {
            println!("step {:5}  loss {mean:.3}  {:.0} s", step + 1, began.elapsed().as_secs_f32());
        }
    }
    let network = weights::rounded(trainer.network());
    let bytes = weights::write(&network)?;
    std::fs::write(&file, &bytes)?;
    println!(
        "{file}: {} bytes, id {}",
        bytes.len(),
        myelin_wire::hash::to_hex(&myelin_provenance::content_id(&bytes))
    );
    for (name, render) in [("open", scene::open as fn(&Seed) -> _), ("reserved", scene::reserved)] {
        report(name, &network, &groups, render)?;
    }
    Ok(())
}

fn batch(network: &Network, step: u64, threads: usize) -> Result<Vec<Example>, Box<dyn std::error::Error>> {
    let draw = |number: u64| -> Option<Example> {
        let seed = Seed([0xa7; 32]).derive(b"training", step * BATCH + number);
        let (picture, classes) = scene::open(&seed).ok()?;
        Some(Example { input: network.prepare(&picture).ok()?, classes: classes.to_vec() })
    };
    let mut examples: Vec<Option<Example>> = vec![None; BATCH as usize];
    let share = examples.len().div_ceil(threads.max(1));
    std::thread::scope(|scope| {
        for (part, examples) in examples.chunks_mut(share).enumerate() {
            scope.spawn(move || {
                for (at, example) in examples.iter_mut().enumerate() {
                    *example = draw((part * share + at) as u64);
                }
            });
        }
    });
    examples.into_iter().collect::<Option<_>>().ok_or_else(|| "a scene could not be drawn".into())
}

type Render =
    fn(
        &Seed,
    )
        -> Result<(myelin_vision::picture::Picture, scene::Classes), myelin_vision::picture::PictureError>;

fn report(
    name: &str,
    network: &Network,
    groups: &[usize],
    render: Render,
) -> Result<(), Box<dyn std::error::Error>> {
    const SCENES: u64 = 2000;
    let mut pairs = vec![Vec::new(); groups.len()];
    let mut scores = vec![Vec::new(); groups.len()];
    for number in 0..SCENES {
        let (picture, classes) = render(&Seed([0xf5; 32]).derive(b"fresh", number))?;
        let output = network.run(Kernel::best(), &network.prepare(&picture)?);
        let rows = probabilities(Kernel::best(), &output, groups);
        for (group, row) in rows.iter().enumerate() {
            pairs[group].push((likeliest(row), classes[group]));
            scores[group].push(metrics::brier(row, classes[group]));
        }
    }
    for (group, (question, classes)) in scene::GROUPS.iter().enumerate() {
        let right = pairs[group].iter().filter(|(said, truth)| said == truth).count();
        println!(
            "{name:9} {question:8} accuracy {:.3}  MCC {:.3}  Brier skill {:.3}",
            right as f64 / SCENES as f64,
            f64::from(metrics::matthews(&pairs[group], classes.len()).get()) / 1e6,
            f64::from(metrics::brier_skill(&scores[group], classes.len()).get()) / 1e6,
        );
    }
    Ok(())
}
