//! An automatic search for moves that give a party more weight than honest use of its stake.
//!
//! The party divides its TAO into pledges and nominations of up to six keys of up to six coldkeys. It moves
//! nominations between the epochs and the two passes that count. It joins any subnets, and votes honestly, by copy or
//! by agreement. It buys emission for up to four subnets of its own. The search tries random plans and then changes
//! the best one. Everything is computed by the rules themselves, agreement included.

mod search;
mod world;

use search::{search, Found};
use world::{Plan, World, HONEST_TAO};

/// A party's part of all TAO in the election, and of the emission that it can buy, in percent.
const SCENARIOS: [(u32, u32); 9] =
    [(10, 0), (10, 5), (10, 20), (20, 0), (20, 5), (20, 20), (33, 0), (33, 5), (33, 20)];

/// Weight of the party and of all others if it uses its stake honestly, and the bound of what any plan reaches.
struct Base {
    ours: f64,
    theirs: f64,
    bound: f64,
}

fn base(world: &World, tao: u64, emission: u32) -> Base {
    let (ours, theirs) = world.weights(&Plan::honest(), tao);
    // No plan has a measure above 1, more backing than all its TAO, or more weight than its TAO times the best
    // quality.
    let bound = tao as f64 * world.best_quality(tao, f64::from(emission) / 100.0) / ours;
    Base { ours, theirs, bound }
}

/// TAO of a party with this part of the whole, in percent.
fn tao_of(part: u32) -> u64 {
    HONEST_TAO * u64::from(part) / u64::from(100 - part)
}

fn run(seed: u64, budget: u32) -> Vec<(u32, u32, Found, f64)> {
    let world = World::new(seed);
    let of = |(part, emission): (u32, u32)| {
        let tao = tao_of(part);
        let base = base(&world, tao, emission);
        let found = search(seed ^ u64::from(part * 1_000 + emission), budget, emission, |plan| {
            let (ours, theirs) = world.weights(plan, tao);
            assert!(ours / base.ours <= base.bound * 1.000_001, "{plan:?} is above the bound");
            (ours / base.ours, ours / base.ours / (theirs / base.theirs))
        });
        (part, emission, found, base.bound)
    };
    SCENARIOS.map(of).into()
}

#[test]
fn no_plan_that_is_found_passes_the_bound_or_gains_without_emission() {
    for (part, emission, found, bound) in run(1, 120) {
        assert!(found.own <= bound, "{part} % of TAO, {emission} % of emission: {found:?}");
        if emission == 0 {
            assert!(found.own < 1.02 && found.relative < 1.05, "{part} % of TAO: {found:?}");
        }
    }
}

/// The table of decision 0118: `cargo test -p myelin-election -- --ignored --nocapture the_long_search`.
#[test]
#[ignore = "minutes; prints the table of decision 0118"]
fn the_long_search() {
    for seed in [1, 2] {
        println!("seed {seed}, 4,000 plans a line");
        for (part, emission, found, bound) in run(seed, 4_000) {
            println!(
                "{part:3} % TAO {emission:3} % emission: own {:.3} relative {:.3} bound {bound:.3} | {}",
                found.own,
                found.relative,
                found.plan.summary()
            );
        }
    }
}
