//! Miners of known worth, for `myelin subnet test analysis`.

use std::time::Duration;

use myelin_subnet::{
    testkit::{Contest, Player},
    AnswerContext, Challenge, Subnet, SubnetError,
};
use myelin_wire::{
    record::Ppm,
    seed::{Seed, SeedRng},
};

use crate::{
    adversary::{oracle, Commonplace, Garbage, Inverter, Literal, Lookup},
    judge::Meaning,
    miner::{Backend, Searcher},
    protocol::AnalysisResponse,
    query,
    task::Source,
    AnalysisConfig, AnalysisSubnet,
};

/// The search stops by tries and not by the clock, so that a busy machine finds the same.
const SEARCH: Searcher = Searcher { tries: 300_000, time: Duration::from_secs(60) };
/// Tasks of each form that the lookup has indexed.
const SEEN: u64 = 200;
/// Secrets whose words an inverter has drawn.
const OTHERS: u8 = 32;

impl Contest for AnalysisSubnet {
    fn judging(seed: &Seed) -> Result<Self, SubnetError> {
        Self::open(AnalysisConfig { source: Some(Source::own(seed.0)?), ..AnalysisConfig::default() })
    }

    fn oracle(&self, challenge: &Challenge<Self>, accuracy: Ppm, rng: &mut SeedRng) -> AnalysisResponse {
        let Challenge { request, hidden } = challenge;
        match &hidden.meaning {
            Meaning::Plan(plan) => oracle(accuracy, plan, &hidden.model.schema, request, rng),
            Meaning::Accepted { sql, .. } => AnalysisResponse { sql: sql.clone(), ..Default::default() },
        }
    }

    fn worthless(&self, challenge: &Challenge<Self>) -> Vec<(&'static str, AnalysisResponse)> {
        let answer = |sql: String| AnalysisResponse { sql, explanation: String::new() };
        let mut worthless = vec![
            ("nothing", answer(String::new())),
            ("a query that is too long", answer(format!("SELECT {}", "1+".repeat(query::MAX_BYTES)))),
            (
                "an endless query",
                answer("WITH RECURSIVE a(x) AS (SELECT 1 UNION ALL SELECT x FROM a) SELECT x FROM a".into()),
            ),
        ];
        let lazy: [(&'static str, &dyn Backend); 3] =
            [("random words", &Garbage), ("the shown result", &Literal), ("any query", &Commonplace)];
        for (name, lazy) in lazy {
            worthless.extend(lazy.answer(&context(), &challenge.request).ok().map(|answer| (name, answer)));
        }
        worthless
    }

    fn baseline(&self) -> Result<Player<Self>, SubnetError> {
        Ok(player(SEARCH))
    }

    fn time_for_one(&self) -> Duration {
        Duration::from_millis(24)
    }

    fn cheats(&self) -> Result<Vec<(&'static str, Player<Self>)>, SubnetError> {
        Ok(vec![
            ("lookup", player(Lookup::new(&Source::public()?, SEEN))),
            ("harvester", player(Lookup::new(self.source()?, SEEN))),
            ("template inverter", player(Inverter::new(SEARCH)?)),
            ("inverter of other secrets", player(Inverter::of_others(OTHERS, SEARCH)?)),
        ])
    }
}

fn context() -> AnswerContext {
    AnswerContext { asker: None, permitted: true, challenge: None, time_left: Duration::from_secs(80) }
}

fn player(backend: impl Backend + 'static) -> Player<AnalysisSubnet> {
    Box::new(move |request| backend.answer(&context(), request).ok())
}
