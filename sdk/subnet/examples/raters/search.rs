//! Hill climbing over ways to vote, with the rule itself as the judge.

use std::fmt;

use myelin_subnet::evaluation::raters::RatingRule;
use myelin_wire::seed::{Seed, SeedRng};

use crate::{
    world::{place, unit, Source, Strategy, World, SOURCES},
    CABALS,
};

/// The best way to cheat that was found.
pub struct Found {
    cheats: usize,
    strategy: Strategy,
    /// Gain where it was searched, and on fresh rounds.
    searched: f64,
    fresh: f64,
    tried: u64,
}

/// Sources that are tried: all that a rater has by itself. Cabals that share what they see have a row of the tables.
fn of_its_own() -> Vec<Source> {
    SOURCES.into_iter().filter(|source| *source != Source::Pooled).collect()
}

impl Found {
    /// Climbs from the honest votes and from each other source mixed with them, in cabals of each size.
    pub fn best(world: &World, steps: u64, windows: u64) -> Self {
        let mut best: Option<Self> = None;
        let mut tried = 0;
        for (start, source) in of_its_own().iter().enumerate() {
            let cheats = CABALS[start % CABALS.len()];
            let from = Strategy::mixed(&[(Source::Own, 0.5), (*source, 0.5)]);
            let found = climb(world, cheats, from, steps, start as u8);
            tried += steps;
            if best.as_ref().is_none_or(|best| found.fresh > best.fresh) {
                best = Some(found);
            }
        }
        let mut best = best.unwrap_or_else(|| climb(world, 1, Strategy::only(Source::Own), 0, 0));
        best.tried = tried;
        best.fresh = World { cheats: best.cheats, ..*world }.gain(
            &RatingRule::default(),
            &best.strategy,
            2 * windows.max(1),
            77,
        );
        best
    }
}

fn climb(world: &World, cheats: usize, from: Strategy, steps: u64, seed: u8) -> Found {
    let rule = RatingRule::default();
    let mut rng = Seed([seed; 32]).derive(b"search", cheats as u64).rng();
    let gain = |strategy: &Strategy, cheats: usize| World { cheats, ..*world }.gain(&rule, strategy, 2, 5);
    let (mut strategy, mut cheats) = (from, cheats);
    let mut searched = gain(&strategy, cheats);
    for _ in 0..steps {
        let mut next = strategy;
        change(&mut next, &mut rng);
        let among = if rng.below(4) == 0 { CABALS[rng.below(CABALS.len() as u64) as usize] } else { cheats };
        let found = gain(&next, among);
        if found > searched {
            (strategy, cheats, searched) = (next, among, found);
        }
    }
    // A fresh seed: the best of many tries was lucky on its own.
    let fresh = World { cheats, ..*world }.gain(&rule, &strategy, 4, 6);
    Found { cheats, strategy, searched, fresh, tried: steps }
}

/// Moves part of the votes from one source to another.
fn change(strategy: &mut Strategy, rng: &mut SeedRng) {
    if rng.below(8) == 0 {
        strategy.together = !strategy.together;
    }
    let sources = of_its_own();
    let to = place(sources[rng.below(sources.len() as u64) as usize]);
    let part = [0.05, 0.2, 0.5, 1.0][rng.below(4) as usize];
    let which = rng.below(3);
    let mut shift = |chances: &mut [f64; SOURCES.len()]| {
        chances.iter_mut().for_each(|chance| *chance *= 1.0 - part);
        chances[to] += part;
        if unit(rng) < 0.1 {
            *chances = [0.0; SOURCES.len()];
            chances[to] = 1.0;
        }
    };
    if which != 1 {
        shift(&mut strategy.sure);
    }
    if which != 0 {
        shift(&mut strategy.unsure);
    }
}

impl fmt::Display for Found {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = |chances: &[f64; SOURCES.len()]| {
            let parts = SOURCES.iter().zip(chances).filter(|(_, part)| **part >= 0.005);
            parts.map(|(source, part)| format!("{source:?} {part:.2}")).collect::<Vec<_>>().join(", ")
        };
        let Self { cheats, strategy, searched, fresh, tried } = self;
        let (sure, unsure) = (named(&strategy.sure), named(&strategy.unsure));
        write!(
            to,
            "best of {tried} ways searched: {fresh:.3} of an honest rater on fresh rounds ({searched:.3} where it was \
             found), with {cheats} cheats of 50, drawn together: {}, where sure: {sure}; where not: {unsure}",
            strategy.together
        )
    }
}
