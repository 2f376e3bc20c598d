//! Trails: things change hands in a long text, and the answer says who has what at its end.
//!
//! Each of ten people has one thing. A change is a swap of two people, a swap with whoever has a thing, or a round of
//! three. Each depends on those before it. Sentences about changes that do not happen stand between them.

use myelin_wire::seed::SeedRng;

use super::{
    chat,
    extraction::{value, Fields},
    phrases::{Kind, Phrases},
    tokens,
};
use crate::protocol::TextRequest;

/// People, each with a thing.
const PEOPLE: usize = 10;
/// People whose things are asked; only those whose thing changed.
const ASKED: usize = 3;

/// Attempts: changes that undo each other leave nothing to ask.
const ATTEMPTS: usize = 16;

/// A trail of so many changes, with the thing of each person that is asked.
pub fn draw(phrases: &Phrases, grade: u32, rng: &mut SeedRng) -> Option<(TextRequest, Fields)> {
    (0..ATTEMPTS).find_map(|_| attempt(phrases, grade, rng))
}

fn attempt(phrases: &Phrases, grade: u32, rng: &mut SeedRng) -> Option<(TextRequest, Fields)> {
    let mut names: Vec<&String> = phrases.names.iter().collect();
    rng.shuffle(&mut names);
    names.truncate(PEOPLE);
    let mut first: Vec<String> = Vec::new();
    for _ in 0..16 * PEOPLE {
        let (thing, _) = value(Kind::Code, phrases, rng)?;
        if first.len() < names.len() && !first.contains(&thing) {
            first.push(thing);
        }
    }
    let trail = Trail { phrases, names };
    let mut said: Vec<String> =
        (0..trail.names.len()).map(|at| trail.say("start", [at, at, at], &first[at], rng)).collect();
    rng.shuffle(&mut said);
    let mut has = first.clone();
    for _ in 0..grade {
        if rng.below(4) == 0 {
            let three = trail.three(rng)?;
            said.push(trail.say("idle", three, &has[three[0]], rng));
        }
        said.push(trail.change(&mut has, rng)?);
    }
    let mut moved: Vec<usize> = (0..has.len()).filter(|at| has[*at] != first[*at]).collect();
    if moved.len() < 2 {
        return None;
    }
    rng.shuffle(&mut moved);
    moved.truncate(ASKED);
    let wanted: Fields = moved.iter().map(|at| (trail.names[*at].clone(), has[*at].clone())).collect();
    let keys: Vec<String> = moved.iter().map(|at| format!("`{}`", trail.names[*at])).collect();
    let form = phrases.trail.say("form", &[("keys", &keys.join(", "))], rng);
    Some((chat(format!("{}\n{form}", said.join(" ")), tokens(96, 24, grade)), wanted))
}

struct Trail<'p> {
    phrases: &'p Phrases,
    names: Vec<&'p String>,
}

impl Trail<'_> {
    fn say(&self, construct: &str, [a, b, c]: [usize; 3], thing: &str, rng: &mut SeedRng) -> String {
        let [name, other, third] = [a, b, c].map(|at| self.names[at].as_str());
        let slots = [("name", name), ("other", other), ("third", third), ("v", thing)];
        self.phrases.trail.say(construct, &slots, rng)
    }

    /// Three different people.
    fn three(&self, rng: &mut SeedRng) -> Option<[usize; 3]> {
        let mut all: Vec<usize> = (0..self.names.len()).collect();
        rng.shuffle(&mut all);
        all.first_chunk().copied()
    }

    /// A change, carried out and said.
    fn change(&self, has: &mut [String], rng: &mut SeedRng) -> Option<String> {
        let three = self.three(rng)?;
        let [a, b, c] = three;
        let (construct, thing) = match rng.below(4) {
            0 | 1 => ("swap", has[a].clone()),
            2 => ("holder", has[b].clone()),
            _ => ("round", has[a].clone()),
        };
        has.swap(a, b);
        if construct == "round" {
            // The first gives to the second, the second to the third, the third to the first.
            has.swap(a, c);
        }
        Some(self.say(construct, three, &thing, rng))
    }
}
