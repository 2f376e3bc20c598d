//! Pay of raters that cheat. Simulated raters vote on the same comparisons, and the rule of peer evaluation
//! (`myelin_subnet::evaluation::raters`) measures them.
//!
//! `cargo run -p myelin-subnet --example raters -- [WINDOWS] [STEPS]` prints tables: the worth of a cheat in
//! relation to that of an honest rater in the same rounds, means over so many windows of 30 rounds. Then it searches
//! for a better way to cheat, so many steps from each of several starts.
//!
//! | file | what it holds |
//! |---|---|
//! | `world.rs` | items, raters and their votes |
//! | `search.rs` | hill climbing over ways to vote |
//!
//! Assumed are the raters' accuracies and the cues of open items, all in `world.rs`.

mod search;
mod world;

use std::error::Error;

use myelin_subnet::evaluation::raters::RatingRule;
use world::{Source, Strategy, World, USUAL};

/// Cheats among fifty raters: one, and then 10 % to 48 %.
const CABALS: [usize; 6] = [1, 5, 10, 15, 20, 24];

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let windows = arguments.next().map_or(Ok(4), |text| text.parse())?;
    let steps = arguments.next().map_or(Ok(60), |text| text.parse())?;
    for (name, world) in worlds() {
        let (_, honest) = world.worths(&RatingRule::default(), &Strategy::only(Source::Own), windows, 1);
        println!("\n## {name}: an honest rater is worth {honest:.4}\n");
        cabals(&world, windows);
        keys(&world, windows);
        if steps > 0 {
            println!("\n{}", search::Found::best(&world, steps, windows));
        }
    }
    Ok(())
}

/// The conditions in which cheats are tried.
fn worlds() -> [(&'static str, World); 4] {
    [
        ("accuracy 0.8", USUAL),
        ("the same items are hard for all", World { common: true, ..USUAL }),
        ("accuracy 0.65 on open items", World { open_sure: 0.75, open_unsure: 0.55, ..USUAL }),
        ("64 items of each kind", World { gold: 64, open: 64, ..USUAL }),
    ]
}

fn cabals(world: &World, windows: u64) {
    println!("| cheats of 50 | 1 | 5 | 10 | 15 | 20 | 24 |\n|---|---|---|---|---|---|---|");
    let row = |name: &str, world: World, strategy: &Strategy| {
        let gain =
            |cheats: usize| World { cheats, ..world }.gain(&RatingRule::default(), strategy, windows, 2);
        let gains: Vec<String> = CABALS.iter().map(|cheats| format!("{:.3}", gain(*cheats))).collect();
        println!("| {name} | {} |", gains.join(" | "));
    };
    use Source::*;
    let only = [
        ("honest", Own),
        ("the longer side", Length),
        ("the lower uid", Uid),
        ("the faster answer", Latency),
        ("last round's better author", Prior),
        ("a secret function of the item", Hash),
        ("a coin", Random),
        ("the opposite of what it sees", Opposite),
    ];
    for (name, source) in only {
        row(name, *world, &Strategy::only(source));
    }
    for part in [0.1, 0.2, 0.4] {
        let mixed = Strategy::mixed(&[(Own, 1.0 - part), (Hash, part)]);
        row(&format!("a secret function of {part} of the items"), *world, &mixed);
    }
    let sure = Strategy { unsure: Strategy::only(Silent).sure, ..Strategy::only(Own) };
    row("silent where it is not sure", *world, &sure);
    let spotted = World { spotted: 0.5, ..*world };
    row("the secret function, own votes on half of gold", spotted, &Strategy::only(Hash));
    let spotted = World { spotted: 1.0, ..*world };
    row("the secret function, own votes on all gold", spotted, &Strategy::only(Hash));
    row("what most of the cheats see", *world, &Strategy::only(Pooled));
    let noisy = Strategy { together: false, ..Strategy::mixed(&[(Pooled, 0.8), (Random, 0.2)]) };
    row("the same, a coin for 0.2 of the votes", *world, &noisy);
}

/// Sum of the worths of several keys of one rater.
fn keys(world: &World, windows: u64) {
    println!("\n| keys of one rater, worth in sum | 2 | 5 | 10 | 20 |\n|---|---|---|---|---|");
    for part in [0.0, 0.2, 0.4, 0.5] {
        let votes = Strategy::mixed(&[(Source::Own, 1.0 - part), (Source::Random, part)]);
        let strategy = Strategy { together: false, one_rater: true, ..votes };
        let sum = |cheats: usize| {
            let world = World { cheats, ..*world };
            cheats as f64 * world.gain(&RatingRule::default(), &strategy, windows, 2)
        };
        let sums: Vec<String> = [2, 5, 10, 20].iter().map(|keys| format!("{:.2}", sum(*keys))).collect();
        println!("| a coin for {part} of the votes | {} |", sums.join(" | "));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gain(world: World, strategy: &Strategy) -> f64 {
        world.gain(&RatingRule::default(), strategy, 1, 3)
    }

    #[test]
    fn votes_by_what_all_can_see_earn_at_most_a_twentieth() {
        for source in [Source::Length, Source::Uid, Source::Latency, Source::Prior, Source::Hash] {
            for cheats in [1, 24] {
                let world = World { cheats, ..USUAL };
                assert!(gain(world, &Strategy::only(source)) <= 0.05, "{source:?}, {cheats} cheats");
            }
        }
    }

    #[test]
    fn a_cabal_that_mixes_a_secret_into_its_votes_loses() {
        for cheats in [5, 24] {
            let mixed = Strategy::mixed(&[(Source::Own, 0.8), (Source::Hash, 0.2)]);
            assert!(gain(World { cheats, ..USUAL }, &mixed) < 0.8, "{cheats} cheats");
        }
    }

    #[test]
    fn honest_raters_earn_alike() {
        let same = gain(World { cheats: 10, ..USUAL }, &Strategy::only(Source::Own));
        assert!((0.9..1.1).contains(&same), "{same}");
    }

    #[test]
    fn a_second_key_with_the_same_votes_gains_nothing() {
        let copies = Strategy { one_rater: true, ..Strategy::only(Source::Own) };
        let both = 2.0 * gain(World { cheats: 2, ..USUAL }, &copies);
        assert!(both < 1.1, "{both}");
    }
}
