//! Promises of this subnet, kept by its real generator, solvers, miners and validator.

mod promises;
mod tournament;

use myelin_subnet::{Answer, MinerRef, Subnet};
use myelin_wire::{record::LatencyBucket, seed::Seed};

use round_trip::protocol::{Map, Trip};
use round_trip::{subnet::Config, RoundTripSubnet};

fn subnet() -> RoundTripSubnet {
    RoundTripSubnet::open(Config::default()).unwrap()
}

/// The seed of a number.
fn seed(number: u64) -> Seed {
    Seed([0x1f; 32]).derive(b"test", number)
}

/// An answer that took so many milliseconds.
fn answer(response: Trip, ms: u64) -> Answer<Trip> {
    Answer { miner: MinerRef { uid: 0, hotkey: [0; 32] }, response, latency: LatencyBucket::of_ms(ms) }
}

/// The score of a trip, in millionths.
fn score(map_seed: &Seed, solve: &dyn Fn(&Map) -> Trip, ms: u64) -> u32 {
    let subnet = subnet();
    let plan = subnet.tasks().remove(0);
    let challenge = subnet.challenge(&plan, map_seed, &()).unwrap();
    let answers = [answer(solve(&challenge.request), ms)];
    let judged = subnet.score(&challenge, &answers, &mut ()).remove(0);
    subnet.rubric().score(&judged.parts, judged.reason).unwrap().get()
}

/// Visits the places in their order on the map.
fn in_order(map: &Map) -> Trip {
    Trip { order: (0..map.places.len() as u16).collect() }
}
