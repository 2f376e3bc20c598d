//! Miners of known worth, with which `subnet test round-trip` checks the promises of this subnet.

use std::time::Duration;

use myelin_subnet::{
    testkit::{Contest, Player},
    Challenge, Subnet, SubnetError,
};
use myelin_wire::{
    record::Ppm,
    seed::{Seed, SeedRng},
};

use crate::{
    protocol::Trip,
    solver::{nearest, two_opt},
    subnet::Config,
    RoundTripSubnet,
};

impl Contest for RoundTripSubnet {
    fn judging(_: &Seed) -> Result<Self, SubnetError> {
        Self::open(Config::default())
    }

    /// The strong solver's trip, with a part of the places visited out of turn: one in three for the worst miner.
    fn oracle(&self, challenge: &Challenge<Self>, accuracy: Ppm, rng: &mut SeedRng) -> Trip {
        let mut trip = two_opt(&challenge.request);
        for at in 0..trip.order.len() {
            let (luck, other) = (rng.below(3_000_000), rng.index(trip.order.len()).unwrap_or(at));
            if luck < u64::from(accuracy.rest().get()) {
                trip.order.swap(at, other);
            }
        }
        trip
    }

    fn worthless(&self, challenge: &Challenge<Self>) -> Vec<(&'static str, Trip)> {
        let count = challenge.request.places.len() as u16;
        vec![
            ("nothing", Trip::default()),
            ("one place again and again", Trip { order: vec![0; count.into()] }),
            ("places that are not there", Trip { order: (count..2 * count).collect() }),
            ("half of the places", Trip { order: (0..count / 2).collect() }),
            ("far too many places", Trip { order: vec![1; 100_000] }),
        ]
    }

    fn baseline(&self) -> Result<Player<Self>, SubnetError> {
        Ok(Box::new(|map| Some(two_opt(map))))
    }

    fn time_for_one(&self) -> Duration {
        Duration::from_millis(1)
    }

    /// Maps are random, so there is nothing to look up and no template to read backwards. The only way to cheat is to
    /// be lazy.
    fn cheats(&self) -> Result<Vec<(&'static str, Player<Self>)>, SubnetError> {
        Ok(vec![
            (
                "places as they come",
                Box::new(|map| Some(Trip { order: (0..map.places.len() as u16).collect() })),
            ),
            ("the weak solver", Box::new(|map| Some(nearest(map)))),
        ])
    }
}
