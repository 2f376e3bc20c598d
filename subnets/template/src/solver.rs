//! Solvers of miners: a weak one and a strong one.
//!
//! Yours goes here too: a better search, a model, or a request to a server of your own.

use crate::protocol::{distance, Map, Place, Trip};

/// Finds a trip.
pub type Solver = fn(&Map) -> Trip;

/// The solvers by name. The first one answers unless `--model` names another.
pub const SOLVERS: [(&str, Solver); 2] = [("two-opt", two_opt), ("nearest", nearest)];

/// The weak solver: goes on to the nearest place that it has not visited yet.
pub fn nearest(map: &Map) -> Trip {
    Trip { order: nearest_from(&map.places, 0) }
}

/// The strong solver: starts with the trip of [`nearest`], and uncrosses it for as long as that makes it shorter.
pub fn two_opt(map: &Map) -> Trip {
    let mut order = nearest_from(&map.places, 0);
    uncross(&map.places, &mut order);
    Trip { order }
}

fn nearest_from(places: &[Place], first: usize) -> Vec<u16> {
    let mut left: Vec<usize> = (0..places.len()).filter(|at| *at != first).collect();
    let (mut order, mut here) = (vec![first as u16], first);
    while let Some(next) = (0..left.len()).min_by_key(|at| distance(places[here], places[left[*at]])) {
        here = left.swap_remove(next);
        order.push(here as u16);
    }
    order
}

/// Walks a part of the trip the other way round wherever that shortens it.
fn uncross(places: &[Place], order: &mut [u16]) {
    let count = order.len();
    let road = |one: u16, other: u16| distance(places[usize::from(one)], places[usize::from(other)]);
    loop {
        let mut shorter = false;
        for begin in 0..count.saturating_sub(2) {
            for end in begin + 2..count {
                let (one, two) = (order[begin], order[begin + 1]);
                let (three, four) = (order[end], order[(end + 1) % count]);
                if road(one, three) + road(two, four) < road(one, two) + road(three, four) {
                    order[begin + 1..=end].reverse();
                    shorter = true;
                }
            }
        }
        if !shorter {
            return;
        }
    }
}
