//! The worth of a validator's own texts against miners that have the public ones.

use std::{process::Command, sync::Arc};

use myelin_lm::builtin::Level;
use myelin_subnet::{Answer, MinerRef, Subnet};
use myelin_text::{
    adversary::{Garbage, Inverter, Lookup, Shapes},
    backend::Backend,
    library::Library,
    verifiable::Phrases,
    TextConfig, TextSubnet,
};
use myelin_wire::{
    hash::{blake2_256, to_hex},
    record::{LatencyBucket, Ppm},
    seed::Seed,
};

use crate::{
    competition::answer,
    field::{honest, library},
};

/// The mean score of a miner on so many tasks of each of these kinds.
fn mean(subnet: &TextSubnet, miner: &dyn Backend, kinds: &[&str], count: u64) -> f64 {
    let plans: Vec<_> = subnet.tasks().into_iter().filter(|plan| kinds.contains(&plan.kind)).collect();
    let score_of = |plan, number| {
        let seed = Seed([2; 32]).derive(b"contest", number);
        let challenge = subnet.challenge(plan, &seed, &Default::default()).unwrap();
        let response = answer(miner, &challenge.request);
        let miner = MinerRef { uid: 0, hotkey: [1; 32] };
        let answers = [Answer { miner, response, latency: LatencyBucket::of_ms(50) }];
        let judgement = subnet.score(&challenge, &answers, &mut Default::default()).remove(0);
        let score: Ppm = subnet.rubric().score(&judgement.parts, judgement.reason).unwrap();
        f64::from(score.get()) / 1e6
    };
    let scores: f64 =
        plans.iter().flat_map(|plan| (0..count).map(move |number| score_of(plan, number))).sum();
    scores / (plans.len() as u64 * count) as f64
}

const OPEN: [&str; 2] = ["fill", "continue"];

fn judging_by(library: Library, phrases: Phrases) -> TextSubnet {
    TextSubnet::open(TextConfig {
        library: Some(library),
        phrases: Some(Arc::new(phrases)),
        ..TextConfig::default()
    })
    .unwrap()
}

#[test]
fn looking_up_pays_by_public_texts_and_nothing_by_those_that_are_composed() {
    let public = Library::public().unwrap();
    let late = honest(Level::Late, 3);
    let cheats: [Arc<dyn Backend>; 2] = [
        Arc::new(Lookup::new(public.clone(), late.clone())),
        Arc::new(Shapes::new(public.texts().map(str::to_owned).collect(), late.clone())),
    ];
    let gains = |library: Library| {
        let subnet = judging_by(library, Phrases::public().unwrap());
        let earned = |miner: &dyn Backend| mean(&subnet, miner, &OPEN, 60);
        (earned(&*late), cheats.iter().map(|cheat| earned(&**cheat)).collect::<Vec<_>>())
    };
    let ((plain, found), (own_plain, own_found)) = (gains(public), gains(library()));
    println!(
        "public texts: {plain:.3}, looked up {found:.3?}; own: {own_plain:.3}, looked up {own_found:.3?}"
    );
    assert!(found[0] > 1.5 * plain, "why nobody should judge by public texts: {found:?} against {plain:.3}");
    // Sixty tasks of each kind show no smaller difference; the kit's row on cheats covers more.
    assert!(own_found.iter().all(|found| *found <= own_plain + 0.03), "{own_found:?} against {own_plain:.3}");
}

#[test]
fn phrases_of_a_validator_alone_are_not_read_backwards() {
    const KINDS: [&str; 3] = ["arithmetic", "extract", "program"];
    let of_public = Inverter::new(Arc::new(Garbage)).unwrap();
    let of_others = Inverter::of_others(64, Arc::new(Garbage)).unwrap();
    let earns = |inverter, phrases| mean(&judging_by(library(), phrases), inverter, &KINDS, 12);
    let (public, own) = (Phrases::public().unwrap(), Phrases::own([0xaa; 32]).unwrap());
    let by_public = earns(&of_public, public);
    let (by_own, by_others) = (earns(&of_public, own.clone()), earns(&of_others, own));
    println!("public phrases {by_public:.3}, own {by_own:.3}, by those of other secrets {by_others:.3}");
    assert!(
        by_public > 0.95 && by_own < 0.05 && by_others < 0.05,
        "{by_public:.3} {by_own:.3} {by_others:.3}"
    );
}

/// Variable of a process that only reports its draws.
const SAY: &str = "MYELIN_SAY_WHAT_IS_DRAWN";

/// The draws of the default library in the process of another test run, on whose machine the package manager has these
/// crates.
fn drawn_beside(crates: &[(&str, &str)]) -> String {
    let home = tempfile::tempdir().unwrap();
    for (name, text) in crates {
        let folder = home.path().join("registry/src/index").join(name);
        std::fs::create_dir_all(folder.join("src")).unwrap();
        std::fs::write(folder.join("Cargo.toml"), "[package]\nlicense = \"MIT\"\n").unwrap();
        for number in 0..8 {
            std::fs::write(folder.join(format!("src/{number}.rs")), text.repeat(8)).unwrap();
        }
        std::fs::write(folder.join("README.md"), text.repeat(8)).unwrap();
    }
    let test = "contest::a_seed_draws_the_same_tasks_whatever_lies_beside";
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env("CARGO_HOME", home.path())
        .env(SAY, "1")
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let line = said.lines().find_map(|line| line.split_once("drawn: ")).expect("what was drawn");
    line.1.to_owned()
}

#[test]
fn a_seed_draws_the_same_tasks_whatever_lies_beside() {
    if std::env::var_os(SAY).is_some() {
        let subnet = judging_by(library(), Phrases::own([5; 32]).unwrap());
        let mut all = String::new();
        for plan in subnet.tasks().into_iter().filter(|plan| plan.kind != "control") {
            for number in 0..20 {
                let seed = Seed([2; 32]).derive(b"beside", number);
                all += &format!("{:?}", subnet.challenge(&plan, &seed, &Default::default()).unwrap().request);
            }
        }
        println!("drawn: {}", to_hex(&blake2_256(all.as_bytes())));
        return;
    }
    let text = "fn measure(width: usize, height: usize) -> usize {\n    width.saturating_mul(height)\n}\n";
    let others = [("serde_json-1.0.0", text), ("another-2.0.0", "Pages of something else follow here.\n")];
    assert_eq!(drawn_beside(&[]), drawn_beside(&others));
}
