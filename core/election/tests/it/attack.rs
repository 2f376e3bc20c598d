//! An automatic search for moves that give a party more weight than honest use of its stake.
//!
//! The party divides its TAO into pledges and nominations of up to six keys of up to six coldkeys. It moves
//! nominations between the epochs and the two passes that count. It joins any subnets, and votes honestly, by copy or
//! by agreement. It buys emission for up to four subnets of its own. The search begins with honest use, with hidden
//! keys and with random plans, and changes the best one. Everything is computed by the rules themselves, agreement
//! included.

mod search;
mod world;

use search::{search, Found};
use world::{Plan, World, HONEST_TAO};

/// A party's part of all TAO in the election, and of the emission that it can buy, in percent.
const SCENARIOS: [(u32, u32); 9] =
    [(10, 0), (10, 5), (10, 20), (20, 0), (20, 5), (20, 20), (33, 0), (33, 5), (33, 20)];

/// Part of their measure that honest validators keep, whatever a party with a third of all TAO votes.
const LEAST_MEASURE: f64 = 0.97;

/// Weight of the party and of all others if it uses its stake honestly, and the bound of what any plan reaches.
struct Base {
    ours: f64,
    theirs: f64,
    bound: f64,
    /// The same of the party's share.
    share_bound: f64,
}

fn base(world: &World, tao: u64, emission: u32) -> Base {
    let (ours, theirs) = world.weights(&Plan::honest(), tao);
    // No plan has a measure above 1, more backing than all its TAO, or more weight than its TAO times the best
    // quality.
    let bought = f64::from(emission) / 100.0;
    let best = |bought| tao as f64 * World::best_quality(tao, bought) / ours;
    // The party and all others get the same of the honest subnets, but for measures. Its own ones add its TAO at most.
    // It is set against what backs the honest ones without the party, since that can leave them.
    let own_part = bought / (1.0 - bought) * tao as f64 / World::honest_backing();
    let share_bound = (1.0 + own_part) / LEAST_MEASURE;
    Base { ours, theirs, bound: best(0.0).max(best(bought)), share_bound }
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
            let (own, share) = (ours / base.ours, ours / base.ours / (theirs / base.theirs));
            assert!(own <= base.bound * 1.000_001, "{plan:?} is above the bound");
            assert!(share <= base.share_bound, "{plan:?} is above the bound of shares");
            (own, share)
        });
        (part, emission, found, base.share_bound)
    };
    SCENARIOS.map(of).into()
}

#[test]
fn no_plan_that_is_found_passes_the_bound_or_gains_without_emission() {
    for (part, emission, found, bound) in run(1, 120) {
        assert!(
            found.own <= 1.01 && found.relative <= bound,
            "{part} % TAO, {emission} % emission: {found:?}"
        );
        if emission == 0 {
            assert!(found.own < 1.02 && found.relative < 1.05, "{part} % of TAO: {found:?}");
        }
    }
}

/// The table of decision 0117: `cargo test -p myelin-election -- --ignored --nocapture the_long_search`.
#[test]
#[ignore = "minutes, and prints the table of decision 0117; `make test-long` runs it"]
fn the_long_search() {
    for seed in [1, 2] {
        println!("seed {seed}, 20,000 plans a line");
        for (part, emission, found, bound) in run(seed, 20_000) {
            println!(
                "{part:3} % TAO {emission:3} % emission: own {:.3} relative {:.3} bound {bound:.3} | {}",
                found.own,
                found.relative,
                found.plan.summary()
            );
        }
    }
}
