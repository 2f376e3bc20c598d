//! Request and answer.
//!
//! Requests go to the synapse `RoundTrip`; the fields stand beside those of the envelope, so their names must not be
//! `dendrite`, `axon`, `name`, `timeout`, `challenge` or `salt`.

use serde::{Deserialize, Serialize};

/// Version of protocol and scoring; a miner and a validator must have the same.
pub const VERSION: u32 = 1;
/// Fewest places of a map.
pub const FEWEST: usize = 30;
/// Most places of a map.
pub const MOST: usize = 60;
/// Coordinates are below this.
pub const SIDE: u32 = 10_000;

/// A place: its distance to the east and to the north.
pub type Place = [u32; 2];

/// The request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Map {
    /// The places to visit.
    pub places: Vec<Place>,
}

/// The answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trip {
    /// The places by their numbers from 0, each once. From the last place the way leads back to the first.
    pub order: Vec<u16>,
}

impl Map {
    /// Returns the fault of a request. A miner calls this first, because anybody may send it anything.
    pub fn check(&self) -> Result<(), String> {
        let count = self.places.len();
        if !(FEWEST..=MOST).contains(&count) {
            return Err(format!("a map has {FEWEST} to {MOST} places, not {count}"));
        }
        if self.places.iter().flatten().any(|coordinate| *coordinate >= SIDE) {
            return Err(format!("coordinates are below {SIDE}"));
        }
        Ok(())
    }
}

/// The distance of two places, rounded down to a whole number, so that every machine gets the same.
pub fn distance(one: Place, other: Place) -> u64 {
    let [east, north] = [0, 1].map(|axis| u64::from(one[axis].abs_diff(other[axis])));
    (east * east + north * north).isqrt()
}
