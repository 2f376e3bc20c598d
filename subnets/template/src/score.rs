//! From an answer to the parts of its score: integers in, millionths out.
//!
//! No floating point and no unordered maps: an auditor recomputes every score to the last bit.

use myelin_wire::record::{PartRule, Ppm, Reason, Rubric, RubricError};

use crate::protocol::{distance, Map, Trip, VERSION};

/// The rubric: how parts become a score. A subnet's owner announces its text, with the tasks, on the chain.
pub fn rubric() -> Result<Rubric, RubricError> {
    let parts = vec![
        PartRule::Share { name: "quality", weight: 1 },
        PartRule::Factor { name: "speed", floor: Ppm::new(900_000) },
    ];
    Rubric::new("round-trip", VERSION, parts)
}

/// The length of a trip. For an order that is not a trip, the reason as a code for the record and as a line for people.
pub fn length(map: &Map, trip: &Trip) -> Result<u64, (Reason, String)> {
    let (order, count) = (&trip.order, map.places.len());
    if order.is_empty() {
        return Err((Reason::Empty, "no places".into()));
    }
    let mut visited = vec![false; count];
    for number in order {
        match visited.get_mut(usize::from(*number)) {
            Some(seen) if !*seen => *seen = true,
            Some(_) => return Err((Reason::Garbage, format!("place {number} is visited twice"))),
            None => return Err((Reason::Garbage, format!("there is no place {number}"))),
        }
    }
    if order.len() < count {
        return Err((Reason::Garbage, format!("{} of {count} places are visited", order.len())));
    }
    let place = |at: usize| map.places[usize::from(order[at % count])];
    Ok((0..count).map(|at| distance(place(at), place(at + 1))).sum())
}

/// Quality of a trip: everything at the length of the net, nothing at twice that length. Rounds down.
pub fn quality(trip: u64, net: u64) -> Ppm {
    Ppm::ratio(net.saturating_mul(2).saturating_sub(trip), net)
}

/// Full within a quarter of the allowance, then falling in a straight line to nothing.
pub fn speed(spent_ms: u64, allowed_ms: u64) -> Ppm {
    let quarter = allowed_ms / 4;
    Ppm::ratio(allowed_ms.saturating_sub(spent_ms), allowed_ms.saturating_sub(quarter).max(1))
}
