//! Miners of known worth, for `myelin subnet test scraping`.

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
    adversary::{oracle, Again, Keeper, Strings},
    backend::{Backend, Reader},
    protocol::{Rows, ScrapingResponse},
    task::Task,
    wrapper::Care,
    ScrapingConfig, ScrapingSubnet,
};

/// Tasks of the validator that a miner has kept.
const KEPT: u64 = 2_000;

impl Contest for ScrapingSubnet {
    fn judging(seed: &Seed) -> Result<Self, SubnetError> {
        Self::open(ScrapingConfig { secret: Some(seed.0), ..ScrapingConfig::default() })
    }

    fn oracle(&self, challenge: &Challenge<Self>, accuracy: Ppm, rng: &mut SeedRng) -> ScrapingResponse {
        let task = Task { request: challenge.request.clone(), hidden: challenge.hidden.clone() };
        oracle(&task, u64::from(accuracy.get()) / 1_000, rng)
    }

    fn worthless(&self, challenge: &Challenge<Self>) -> Vec<(&'static str, ScrapingResponse)> {
        let fields = challenge.request.fields.len();
        let said = |rows: Vec<Vec<String>>| ScrapingResponse {
            sources: vec![Rows { rows, ..Rows::default() }; challenge.request.sources.len()],
        };
        let random = |row: usize| (0..fields).map(|field| format!("{}", row * 7_919 + field)).collect();
        vec![
            ("nothing", ScrapingResponse::default()),
            ("no rows", said(Vec::new())),
            ("empty values", said(vec![vec![String::new(); fields]; 10])),
            ("random numbers", said((0..10).map(random).collect())),
            ("a hundred thousand rows", said(vec![vec![String::new(); fields]; 33_000])),
        ]
    }

    fn baseline(&self) -> Result<Player<Self>, SubnetError> {
        Ok(player(Reader::new(Care::Little, None)))
    }

    fn teams(&self) -> Result<Vec<Team<Self>>, SubnetError> {
        let reader = |care| player(Reader::new(care, None));
        Ok(vec![vec![("wrapper", reader(Care::Much)), ("places", reader(Care::Little))]])
    }

    /// Eight pages and the request around them take that much of a core.
    fn time_for_one(&self) -> Duration {
        Duration::from_millis(6)
    }

    fn cheats(&self) -> Result<Vec<(&'static str, Player<Self>)>, SubnetError> {
        let secret = self.secret().unwrap_or_default();
        Ok(vec![
            ("the example again", player(Again)),
            ("strings by their form", player(Strings)),
            ("kept values", player(Keeper::new(&secret, KEPT))),
        ])
    }
}

fn player(backend: impl Backend + 'static) -> Player<ScrapingSubnet> {
    Box::new(move |request| {
        let context = AnswerContext {
            asker: None,
            permitted: true,
            challenge: None,
            time_left: Duration::from_secs(60),
        };
        backend.answer(&context, request).ok()
    })
}
