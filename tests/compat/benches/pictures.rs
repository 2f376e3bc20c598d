//! The built-in image model beside the same network in PyTorch, each on one thread.

use std::process::Command;
use std::time::Instant;

use myelin_compat::packages::Packages;
use myelin_flow::Sampling;
use myelin_imaging::{
    backend::{builtin_model, BUILTIN_MODEL, GUIDANCE, STEPS},
    caption::caption,
    scene::Wanted,
};
use myelin_lm::kernel::{Kernel, Random};
use myelin_wire::seed::Seed;
use serde_json::{json, Value};

/// Pictures that both paint.
const PICTURES: u64 = 24;
/// Times that both are measured, one after the other.
const TIMES: usize = 5;
/// Largest difference of a sample, of 255: sums have another order.
const APART: u64 = 3;

fn main() {
    let painter = builtin_model().expect("the built-in model");
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("model"), BUILTIN_MODEL).expect("written");
    let (mut captions, mut pictures) = (Vec::new(), Vec::new());
    for number in 0..PICTURES {
        let seed = Seed([5; 32]).derive(b"picture", number);
        let caption = caption(&Wanted::draw(&seed).plan(&seed));
        let mut random = Random::new(number);
        let noise = (0..painter.config().samples()).flat_map(|_| random.normal().to_le_bytes());
        let file = at(&format!("noise-{number}"));
        std::fs::write(&file, noise.collect::<Vec<u8>>()).expect("written");
        let slots = caption.iter().map(|slot| json!({ "words": slot.words, "at": slot.at }));
        pictures.push(json!({ "noise": file, "caption": slots.collect::<Vec<_>>() }));
        captions.push(caption);
    }
    let jobs = json!({ "steps": STEPS, "guidance": GUIDANCE, "pictures": pictures });
    std::fs::write(at("jobs"), jobs.to_string()).expect("written");
    let packages = Packages::Pytorch.installed().unwrap_or_else(|why| panic!("{why}"));
    let script = format!("{}/peers/flow.py", env!("CARGO_MANIFEST_DIR"));

    let mut ratios = Vec::new();
    for _ in 0..TIMES {
        let started = Instant::now();
        let ours: Vec<Vec<u8>> = (0..)
            .zip(&captions)
            .map(|(seed, caption)| {
                painter.paint(Kernel::best(), caption, Sampling { steps: STEPS, guidance: GUIDANCE, seed })
            })
            .collect();
        let took = started.elapsed().as_secs_f64();
        let run = Command::new(packages.join("bin/python"))
            .args([&script.as_str().into(), &at("model"), &at("jobs")])
            .env("OMP_NUM_THREADS", "1")
            .output()
            .expect("Python runs");
        let said: Value = serde_json::from_slice(&run.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&run.stderr)));
        for (ours, theirs) in ours.iter().zip(said["samples"].as_array().expect("samples")) {
            let theirs =
                theirs.as_array().expect("a picture").iter().map(|level| level.as_u64().expect("a level"));
            let apart = ours.iter().zip(theirs).map(|(one, other)| u64::from(*one).abs_diff(other)).max();
            assert!(apart.is_some_and(|apart| apart <= APART), "the same pictures: {apart:?}");
        }
        let seconds = said["seconds"].as_f64().expect("seconds");
        println!("{PICTURES} pictures of {STEPS} steps: ours {took:.3} s, PyTorch {seconds:.3} s");
        ratios.push(seconds / took);
    }
    ratios.sort_by(f64::total_cmp);
    println!("median: {:.2} times as fast as PyTorch (goal: 1)", ratios[TIMES / 2]);
}
