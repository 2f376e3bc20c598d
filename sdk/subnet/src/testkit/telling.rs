//! Measures how well a stranger learns to tell two kinds of messages apart.
//!
//! Miners see the messages of validators, and would like to know which of them are checks. A miner could do what this
//! module does: collect messages, learn from those whose kind it found out, and guess the others. The learner is a
//! logistic regression over pieces of the texts and over the numbers.

use std::collections::BTreeSet;

use myelin_wire::{
    hash::blake2_256_of,
    seed::{Seed, SeedRng},
};

/// A message as its receiver sees it.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Kind of the message, one of two.
    pub kind: bool,
    /// Texts by name: a body, a header.
    pub texts: Vec<(String, String)>,
    /// Numbers by name: a length, a time.
    pub numbers: Vec<(String, f64)>,
}

/// Parts of the cross-validation.
const FOLDS: usize = 5;
/// Places into which features are hashed.
const PLACES: usize = 1 << 16;
/// Number of ranges into which the values of a number are divided, each with as many messages.
const BINS: usize = 10;
/// Passes of the learner over its messages, and its learning rate.
const PASSES: usize = 30;
const RATE: f64 = 0.5;
/// Decay of the weights in a step, so that the learner does not memorise messages.
const DECAY: f64 = 1e-4;

/// Area under the curve of the guesses about messages that the learner has not seen, by five-fold cross-validation: 0.5
/// is guessing, 1 is certainty. `None` if there are fewer than ten of either kind.
pub fn tell_apart(messages: &[Seen], seed: &Seed) -> Option<f64> {
    let of_kind = |kind: bool| messages.iter().filter(|message| message.kind == kind).count();
    if of_kind(true).min(of_kind(false)) < 10 {
        return None;
    }
    let edges = edges(messages);
    let rows: Vec<(Vec<(usize, f64)>, bool)> =
        messages.iter().map(|message| (features(message, &edges), message.kind)).collect();
    let mut rng = seed.rng();
    // Each kind is split evenly over the folds, so that all have as many of it.
    let mut fold = vec![0; rows.len()];
    for kind in [false, true] {
        let mut places: Vec<usize> = (0..rows.len()).filter(|place| rows[*place].1 == kind).collect();
        rng.shuffle(&mut places);
        places.into_iter().enumerate().for_each(|(turn, place)| fold[place] = turn % FOLDS);
    }
    let areas = (0..FOLDS).map(|held_out| {
        let (test, train): (Vec<_>, Vec<_>) = (0..rows.len()).partition(|place| fold[*place] == held_out);
        let weights = learn(&rows, train, &mut rng);
        let guesses: Vec<(f64, bool)> =
            test.into_iter().map(|place| (score(&weights, &rows[place].0), rows[place].1)).collect();
        area(guesses)
    });
    Some(areas.sum::<f64>() / FOLDS as f64)
}

/// The bounds of the tenths of each number.
fn edges(messages: &[Seen]) -> Vec<(String, Vec<f64>)> {
    let names: BTreeSet<&String> =
        messages.iter().flat_map(|message| message.numbers.iter().map(|(name, _)| name)).collect();
    let tenths = |name: &String| {
        let mut all: Vec<f64> = messages
            .iter()
            .flat_map(|message| {
                message.numbers.iter().filter(|(other, _)| other == name).map(|(_, number)| *number)
            })
            .collect();
        all.sort_by(f64::total_cmp);
        (1..BINS).filter_map(|tenth| all.get(all.len() * tenth / BINS).copied()).collect()
    };
    names.into_iter().map(|name| (name.clone(), tenths(name))).collect()
}

/// Features of a message for the learner: words, runs of three letters, and the ranges of its numbers.
fn features(message: &Seen, edges: &[(String, Vec<f64>)]) -> Vec<(usize, f64)> {
    let mut places = BTreeSet::new();
    let mut add = |parts: &[&[u8]]| places.insert(place(parts));
    for (name, text) in &message.texts {
        for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
            add(&[b"word", name.as_bytes(), word.as_bytes()]);
        }
        for run in text.as_bytes().windows(3) {
            add(&[b"run", name.as_bytes(), run]);
        }
        add(&[b"length", name.as_bytes(), &[text.len().checked_ilog2().unwrap_or_default() as u8]]);
    }
    let text_share = 1.0 / (places.len().max(1) as f64).sqrt();
    let mut row: Vec<(usize, f64)> = places.into_iter().map(|place| (place, text_share)).collect();
    for (name, number) in &message.numbers {
        let bounds = edges.iter().find(|(other, _)| other == name).map_or(&[][..], |(_, bounds)| bounds);
        let bin = bounds.iter().filter(|bound| number >= *bound).count();
        row.push((place(&[b"number", name.as_bytes(), &[bin as u8]]), 0.5));
    }
    row
}

/// Place of a feature.
fn place(parts: &[&[u8]]) -> usize {
    let hash = blake2_256_of(parts);
    u32::from_le_bytes([hash[0], hash[1], hash[2], hash[3]]) as usize % PLACES
}

fn learn(rows: &[(Vec<(usize, f64)>, bool)], mut train: Vec<usize>, rng: &mut SeedRng) -> Vec<f64> {
    // Both kinds have the same total weight, however many there are of each.
    let share = |kind: bool| {
        train.len() as f64 / (2 * train.iter().filter(|place| rows[**place].1 == kind).count().max(1)) as f64
    };
    let weight = [share(false), share(true)];
    let mut weights = vec![0.0; PLACES + 1];
    for pass in 0..PASSES {
        rng.shuffle(&mut train);
        let rate = RATE / (1.0 + pass as f64 / 5.0);
        for place in &train {
            let (row, kind) = &rows[*place];
            let guess = 1.0 / (1.0 + (-score(&weights, row)).exp());
            let step = rate * weight[usize::from(*kind)] * (f64::from(u8::from(*kind)) - guess);
            for (at, value) in row {
                weights[*at] += step * value - rate * DECAY * weights[*at];
            }
            weights[PLACES] += step * 0.1;
        }
    }
    weights
}

fn score(weights: &[f64], row: &[(usize, f64)]) -> f64 {
    weights[PLACES] + row.iter().map(|(at, value)| weights[*at] * value).sum::<f64>()
}

/// Probability that a message of the second kind is guessed higher than one of the first; a draw counts half.
fn area(mut guesses: Vec<(f64, bool)>) -> f64 {
    guesses.sort_by(|one, other| one.0.total_cmp(&other.0));
    let (mut below, mut wins) = (0.0, 0.0);
    let of_kind = |kind: bool| guesses.iter().filter(|guess| guess.1 == kind).count() as f64;
    for run in guesses.chunk_by(|one, other| one.0 == other.0) {
        let here = run.iter().filter(|guess| !guess.1).count() as f64;
        wins += (run.len() as f64 - here) * (below + here / 2.0);
        below += here;
    }
    wins / (of_kind(true) * of_kind(false))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Messages whose kinds differ in `letter` of the text, in a number by `shift`, or in nothing.
    fn messages(letters: [&str; 2], shift: f64) -> Vec<Seen> {
        let mut rng = Seed([4; 32]).rng();
        let mut one = |number: u64| {
            let kind = number.is_multiple_of(2);
            let noise: Vec<String> = (0..12).map(|_| format!("w{}", rng.below(200))).collect();
            Seen {
                kind,
                texts: vec![("body".into(), format!("{} {}", noise.join(" "), letters[usize::from(kind)]))],
                numbers: vec![("time".into(), rng.below(1000) as f64 + if kind { shift } else { 0.0 })],
            }
        };
        (0..400).map(&mut one).collect()
    }

    #[test]
    fn what_differs_is_found_and_what_does_not_is_not() {
        let area = |messages: Vec<Seen>| tell_apart(&messages, &Seed([5; 32])).unwrap();
        let (text, number) = (area(messages(["tea", "coffee"], 0.0)), area(messages(["", ""], 600.0)));
        let nothing = area(messages(["", ""], 0.0));
        assert!(text > 0.95 && number > 0.8 && (nothing - 0.5).abs() < 0.07, "{text} {number} {nothing}");
        assert_eq!(tell_apart(&messages(["", ""], 0.0)[..19], &Seed([5; 32])), None);
    }
}
