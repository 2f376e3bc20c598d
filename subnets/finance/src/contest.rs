//! Miners of known worth, for `myelin subnet test finance`.

use std::time::Duration;

use myelin_subnet::{
    testkit::{Contest, Player, Team},
    AnswerContext, Challenge, Subnet, SubnetError,
};
use myelin_wire::{
    record::Ppm,
    seed::{Seed, SeedRng},
};

use crate::{
    adversary::{Past, Stale, Stretched, Sure},
    backend::{Backend, BuiltIn},
    forecast::{Forecaster, FORECASTERS},
    protocol::{pack, unpack, FinanceResponse, Wanted, ONE},
    score,
    series::Composer,
    subnet::{FinanceConfig, FinanceSubnet},
};

impl Contest for FinanceSubnet {
    fn judging(seed: &Seed) -> Result<Self, SubnetError> {
        Self::open(FinanceConfig { composer: Some(Composer::new(&seed.0)), ..FinanceConfig::default() })
    }

    /// The outcome in this part of its paths, and the past in the others. Of an interval or a probability it knows so
    /// much as to be that part of the way from the past to the outcome.
    fn oracle(&self, challenge: &Challenge<Self>, accuracy: Ppm, rng: &mut SeedRng) -> FinanceResponse {
        let (request, outcome) = (&challenge.request, &challenge.hidden.outcome);
        let between =
            |past: i64, right: i64| past + (right - past) * i64::from(accuracy.get()) / i64::from(ONE);
        let end = outcome.last().copied().unwrap_or_default();
        match (request.wanted, score::past(request)) {
            (Wanted::Paths(count), FinanceResponse::Paths(packed)) => {
                let mut paths =
                    unpack(&packed, request.last(), count.into(), outcome.len()).unwrap_or_default();
                for path in &mut paths {
                    if rng.below(ONE.into()) < u64::from(accuracy.get()) {
                        path.clone_from(outcome);
                    }
                }
                FinanceResponse::Paths(pack(request.last(), &paths))
            }
            (_, FinanceResponse::Interval(low, high)) => {
                let near = |past: i32| between(past.into(), end.into()) as i32;
                FinanceResponse::Interval(near(low), near(high))
            }
            (_, FinanceResponse::Probability(past)) => {
                let happened = score::happens(request, request.last(), outcome);
                let right = if happened { i64::from(ONE) } else { 0 };
                FinanceResponse::Probability(between(past.into(), right) as u32)
            }
            (_, other) => other,
        }
    }

    fn worthless(&self, challenge: &Challenge<Self>) -> Vec<(&'static str, FinanceResponse)> {
        let request = &challenge.request;
        let far = |value: i32| vec![vec![value; request.steps.into()]; 200];
        vec![
            ("no paths", FinanceResponse::Paths(String::new())),
            ("no base64", FinanceResponse::Paths("?".repeat(1000))),
            ("endless paths", FinanceResponse::Paths("AAAA".repeat(100_000))),
            ("a reversed interval", FinanceResponse::Interval(10, -10)),
            ("a probability above one", FinanceResponse::Probability(ONE + 1)),
            ("paths far away", FinanceResponse::Paths(pack(request.last(), &far(500_000_000)))),
            ("an interval far away", FinanceResponse::Interval(500_000_000, 500_000_001)),
        ]
    }

    fn baseline(&self) -> Result<Player<Self>, SubnetError> {
        Ok(player(BuiltIn { forecaster: Forecaster::Fitted, salt: 1 }))
    }

    fn teams(&self) -> Result<Vec<Team<Self>>, SubnetError> {
        let built_in = |(name, forecaster)| (name, player(BuiltIn { forecaster, salt: 1 }));
        Ok(vec![FORECASTERS.into_iter().map(built_in).collect()])
    }

    fn time_for_one(&self) -> Duration {
        Duration::from_millis(3)
    }

    fn cheats(&self) -> Result<Vec<(&'static str, Player<Self>)>, SubnetError> {
        Ok(vec![
            ("past", player(Past)),
            ("walk", player(BuiltIn { forecaster: Forecaster::Walk, salt: 2 })),
            ("sure", player(Sure)),
            ("the last published forecast", player(Stale::default())),
            ("half as wide", player(Stretched(500))),
            ("a fifth narrower", player(Stretched(800))),
            ("a fifth wider", player(Stretched(1200))),
            ("twice as wide", player(Stretched(2000))),
        ])
    }

    /// A forecast takes a few milliseconds, and its luck is large.
    fn trial(&self) -> u16 {
        100
    }
}

fn context() -> AnswerContext {
    AnswerContext { asker: None, permitted: true, challenge: None, time_left: Duration::from_secs(10) }
}

fn player(backend: impl Backend + 'static) -> Player<FinanceSubnet> {
    Box::new(move |request| backend.answer(&context(), request).ok())
}
