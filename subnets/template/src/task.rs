//! Draws tasks from a seed that the validator cannot choose and that the miner cannot know before.

use myelin_wire::seed::Seed;
use serde::{Deserialize, Serialize};

use crate::protocol::{distance, Map, Place, FEWEST, MOST, SIDE};

/// The validator's secret side until the round is judged; it stays as evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hidden {
    /// Length of the shortest net of roads that connects all places.
    pub net: u64,
}

/// The map of a seed. The same seed always draws the same map, so an auditor can draw it again.
pub fn draw(seed: &Seed) -> (Map, Hidden) {
    let mut rng = seed.rng();
    let count = rng.range(FEWEST as u64, MOST as u64);
    let mut coordinate = || rng.below(SIDE.into()) as u32;
    let places: Vec<Place> = (0..count).map(|_| [coordinate(), coordinate()]).collect();
    let hidden = Hidden { net: net(&places) };
    (Map { places }, hidden)
}

/// Length of a minimum spanning tree by Prim's algorithm: it always adds the nearest place that is not connected yet.
///
/// A round trip without its last road connects all places too, so no trip is shorter.
pub fn net(places: &[Place]) -> u64 {
    let Some((first, rest)) = places.split_first() else { return 0 };
    let mut open: Vec<(u64, Place)> = rest.iter().map(|place| (distance(*first, *place), *place)).collect();
    let mut length = 0;
    while let Some(at) = (0..open.len()).min_by_key(|at| open[*at].0) {
        let (road, place) = open.swap_remove(at);
        length += road;
        for (nearest, other) in &mut open {
            *nearest = (*nearest).min(distance(place, *other));
        }
    }
    length
}
