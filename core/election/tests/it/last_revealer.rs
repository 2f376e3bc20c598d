//! The choices of a party of authors among the values of a block that draws seeds (decision 0118).
//!
//! A party knows the value of a block if it writes all blocks from its present turn up to it. It looks at all values
//! that it can reach, and takes one if it likes it; else it leaves the turn to others, and takes a value that it does
//! not know. Each value suits it with the same small probability `p`, so the number of values that it sees is what it
//! gains: `c·p` instead of `p`.

use std::collections::HashMap;

use myelin_election::order;
use myelin_wire::{
    beacon::{Turn, START},
    sr25519::Keypair,
};

/// The turns of a party among all seats, which go round; and the cost of its choices.
struct Game<'a> {
    turns: &'a [bool],
    /// Whether each block needs a contribution.
    required: bool,
    known: HashMap<(usize, u32, u32), f64>,
}

fn ways(n: u32, k: u32) -> f64 {
    (0..k).map(|i| f64::from(n - i) / f64::from(i + 1)).product()
}

impl Game<'_> {
    /// Values that the party sees at most, if the turn is at `place`, the value is that of the block `ahead` blocks on
    /// (1 is the next one), and it withholds at most `budget` blocks.
    fn seen(&mut self, place: usize, ahead: u32, budget: u32) -> f64 {
        let n = self.turns.len();
        let run = (0..n).take_while(|step| self.turns[(place + step) % n]).count();
        if run == 0 {
            let gap = (0..n).take_while(|step| !self.turns[(place + step) % n]).count();
            return if gap >= ahead as usize {
                1.0
            } else {
                self.seen((place + gap) % n, ahead - gap as u32, budget)
            };
        }
        if run == n {
            return f64::INFINITY;
        }
        if let Some(seen) = self.known.get(&(place, ahead, budget)) {
            return *seen;
        }
        let run = run as u32;
        // The block in question is written in the turn `last` of the run; the turns before give `ahead − 1` others.
        let choices = if self.required { 1.0 } else { 2f64.powi(ahead as i32) };
        let inside: f64 = (ahead..=run)
            .filter(|last| last - ahead <= budget)
            .map(|last| ways(last - 1, ahead - 1) * choices)
            .sum();
        // Or it writes fewer, and others go on with a value that it does not know.
        let mut beyond = 0f64;
        for written in 0..ahead.min(run + 1) {
            let withheld = run - written;
            if withheld <= budget {
                let next = (place + run as usize) % n;
                beyond = beyond.max(self.seen(next, ahead - written, budget - withheld));
            }
        }
        self.known.insert((place, ahead, budget), inside + beyond);
        inside + beyond
    }
}

/// Mean over all first turns of the values that the party sees, for a block a round ahead, and the most of any.
fn choices(turns: &[bool], required: bool, budget: u32) -> (f64, f64) {
    let mut game = Game { turns, required, known: HashMap::new() };
    let ahead = turns.len() as u32;
    let all: Vec<f64> = (0..turns.len()).map(|place| game.seen(place, ahead, budget)).collect();
    (all.iter().sum::<f64>() / all.len() as f64, all.iter().copied().fold(0.0, f64::max))
}

/// Seats of a party at equal distances.
fn apart(seats: usize, distance: usize) -> Vec<bool> {
    (0..seats).map(|place| place % distance == 0).collect()
}

/// Seats of a party with the first `own` of the keys, in the order that the rule of elections draws.
fn drawn(seats: u8, own: u8, era: u8) -> Vec<bool> {
    let set = (0..seats).map(|number| [number; 32]).collect();
    order(set, &[era; 32]).iter().map(|hotkey| hotkey[0] < own).collect()
}

#[test]
fn a_party_that_withholds_nothing_has_no_choice_where_contributions_are_required() {
    for turns in [apart(32, 8), apart(32, 4), drawn(32, 8, 1), drawn(32, 10, 2)] {
        assert_eq!(choices(&turns, true, 0), (1.0, 1.0));
        assert!(choices(&turns, false, 0).0 > 1.0, "without, leaving out a contribution is free");
    }
}

#[test]
fn one_withheld_block_is_one_bit() {
    // Separate seats: in its own turn the party sees two values, one of them unknown. Elsewhere it has no choice.
    let (mean, most) = choices(&apart(32, 8), true, 1);
    assert_eq!(most, 2.0);
    assert!(mean <= 1.0 + 2.0 / 8.0 + 1e-9, "its own turn, or the turn that it shifts there: {mean}");
    let (mean, most) = choices(&apart(32, 8), true, 64);
    assert!(mean <= 2.0 && most <= 2.0, "with many withheld blocks it always has the last turn, and no more");
}

#[test]
fn the_choices_by_share_and_order() {
    println!("share order     budget   required mean/most      optional mean/most");
    for own in [1u8, 4, 8, 10] {
        for budget in [0, 1, 4, 32] {
            let drawn: Vec<_> = (0..20).map(|era| drawn(32, own, era)).collect();
            let of = |required| {
                let all: Vec<_> = drawn.iter().map(|turns| choices(turns, required, budget)).collect();
                let mean = all.iter().map(|(mean, _)| mean).sum::<f64>() / all.len() as f64;
                (mean, all.iter().map(|(_, most)| *most).fold(0.0, f64::max))
            };
            let (required, optional) = (of(true), of(false));
            println!(
                "{own:3}/32 drawn {budget:8}   {:8.2} {:8.1}   {:10.2} {:8.1}",
                required.0, required.1, optional.0, optional.1
            );
            // A third of the seats, and one withheld block: the bound of decision 0118.
            if budget == 1 {
                assert!(required.0 <= 1.0 + 3.0 * f64::from(own) / 32.0, "{own}: {required:?}");
            }
            assert!(required.0 <= optional.0 + 1e-9);
        }
    }
}

/// The beacon itself: a party with one turn in a round keeps its block if it likes the value, and withholds it
/// otherwise.
#[test]
fn the_beacon_gives_a_last_author_two_draws() {
    let keys: Vec<Keypair> = (1..=4).map(|number| Keypair::from_seed(&[number; 32])).collect();
    let value = |before: [u8; 32], slot: u64| {
        let turn = Turn { genesis: [9; 32], before, slot };
        let author = &keys[(slot % 4) as usize];
        turn.value(&author.public(), Some(&turn.contribute(author, [0; 32]))).expect("the author's own")
    };
    let suits = |value: [u8; 32]| value[0] < 64;
    let (mut before, mut kept, mut won) = (START, 0u32, 0u32);
    const ROUNDS: u64 = 600;
    for round in 0..ROUNDS {
        // The turn of key 0 writes the block in question, or leaves it to key 1.
        let (own, other) = (value(before, 4 * round), value(before, 4 * round + 1));
        let chosen = if suits(own) { own } else { other };
        kept += u32::from(suits(own));
        won += u32::from(suits(chosen));
        before = value(chosen, 4 * round + 2);
    }
    // A quarter without a choice; 1 − (3/4)² = 0.4375 with two draws. Three deviations are 0.06.
    let share = |count: u32| f64::from(count) / ROUNDS as f64;
    assert!((share(kept) - 0.25).abs() < 0.06 && (share(won) - 0.4375).abs() < 0.06, "{kept} {won}");
}
