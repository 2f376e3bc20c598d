//! What the subnet promises everybody, as `myelin subnet test text` prints it, and what texts of a validator's own are worth.

use std::sync::Arc;

use myelin_lm::builtin::Level;
use myelin_subnet::{
    testkit::{table, test_subnet},
    Answer, MinerRef, Subnet,
};
use myelin_text::{
    adversary::{Garbage, Inverter, Lookup},
    backend::Backend,
    judge::Judge,
    library::Library,
    verifiable::Phrases,
    TextConfig, TextSubnet,
};
use myelin_wire::{
    record::{LatencyBucket, Ppm},
    seed::Seed,
};

use crate::{
    competition::answer,
    field::{built_in, honest, library, MACHINE},
};

#[test]
fn all_promises_are_kept() {
    let _machine = MACHINE.blocking_lock();
    let findings = test_subnet::<TextSubnet>(&Seed([1; 32]), |_| {}).unwrap();
    println!("{}", table(&findings));
    assert!(findings.iter().all(|finding| finding.kept), "{}", table(&findings));
}

/// The mean score of a miner on so many tasks of each of these kinds.
fn mean(subnet: &TextSubnet, miner: &dyn Backend, kinds: &[&str], count: u64) -> f64 {
    let plans: Vec<_> = subnet.tasks().into_iter().filter(|plan| kinds.contains(&plan.kind)).collect();
    let one = |plan, number| {
        let seed = Seed([2; 32]).derive(b"contest", number);
        let challenge = subnet.challenge(plan, &seed, &Default::default()).unwrap();
        let response = answer(miner, &challenge.request);
        let miner = MinerRef { uid: 0, hotkey: [1; 32] };
        let answers = [Answer { miner, response, latency: LatencyBucket::of_ms(50) }];
        let judgement = subnet.score(&challenge, &answers, &mut Default::default()).remove(0);
        let score: Ppm = subnet.rubric().score(&judgement.parts, judgement.reason).unwrap();
        f64::from(score.get()) / 1e6
    };
    let scores: f64 = plans.iter().flat_map(|plan| (0..count).map(move |number| one(plan, number))).sum();
    scores / (plans.len() as u64 * count) as f64
}

const OPEN: [&str; 2] = ["fill", "continue"];

fn judging_by(library: Library, phrases: Option<&str>) -> TextSubnet {
    TextSubnet::open(TextConfig {
        library: Some(library),
        judge: Some(Judge::new(built_in(Level::Late))),
        phrases: phrases.map(|text| Arc::new(Phrases::parse(text).unwrap())),
        ..TextConfig::default()
    })
    .unwrap()
}

#[test]
fn looking_up_pays_by_public_texts_and_nothing_by_those_of_a_validator_alone() {
    let [own, public] = Library::halves().unwrap();
    let late = honest(Level::Late, 3);
    let lookup = Lookup::new(public.clone(), late.clone());
    let gain = |library: Library| {
        let subnet = judging_by(library, None);
        (mean(&subnet, &*late, &OPEN, 20), mean(&subnet, &lookup, &OPEN, 20))
    };
    let ((plain, found), (own_plain, own_found)) = (gain(public), gain(own));
    println!("public texts: {plain:.3}, looked up {found:.3}; own: {own_plain:.3}, looked up {own_found:.3}");
    assert!(found > 1.5 * plain, "why nobody should judge by public texts: {found:.3} against {plain:.3}");
    assert!(own_found <= 1.02 * own_plain, "{own_found:.3} against {own_plain:.3}");
}

#[test]
fn phrases_of_a_validator_alone_are_not_read_backwards() {
    const KINDS: [&str; 3] = ["arithmetic", "extract", "program"];
    let inverter = Inverter::new(Arc::new(Garbage)).unwrap();
    let earns = |phrases| mean(&judging_by(library(), phrases), &inverter, &KINDS, 12);
    let (public, own) = (earns(None), earns(Some(include_str!("../../data/kit_phrases.toml"))));
    println!("public phrases {public:.3}, own {own:.3}");
    assert!(public > 0.95 && own < 0.05, "{public:.3} by the public phrases, {own:.3} by others");
}
