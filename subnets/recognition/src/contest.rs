//! Miners of known worth, for `myelin subnet test recognition`.

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
    adversary::{oracle, Commonplace, Garbage, Inverter, Lookup, ShortSighted},
    backend::{Backend, Baseline},
    protocol::RecognitionResponse,
    task::Task,
    RecognitionConfig, RecognitionSubnet,
};

/// Pages and sheets of scenes that the lookup has indexed.
const SEEN: (u64, u64) = (500, 100);

impl Contest for RecognitionSubnet {
    fn judging(seed: &Seed) -> Result<Self, SubnetError> {
        Self::open(RecognitionConfig { secret: Some(seed.0), ..RecognitionConfig::default() })
    }

    fn oracle(&self, challenge: &Challenge<Self>, accuracy: Ppm, rng: &mut SeedRng) -> RecognitionResponse {
        let task = Task { request: challenge.request.clone(), hidden: challenge.hidden.clone() };
        oracle(&task, u64::from(accuracy.get()) / 1_000, rng)
    }

    fn worthless(&self, challenge: &Challenge<Self>) -> Vec<(&'static str, RecognitionResponse)> {
        let empty = RecognitionResponse::default();
        let letters = Garbage.answer(&context(), &challenge.request).map(|answer| answer.text);
        let row = vec![vec![vec![u32::MAX; 3]; 40]; 40];
        vec![
            ("nothing", empty.clone()),
            ("random letters", RecognitionResponse { text: letters.unwrap_or_default(), ..empty.clone() }),
            ("endless text", RecognitionResponse { text: "lorem ".repeat(100_000), ..empty.clone() }),
            ("impossible probabilities", RecognitionResponse { probabilities: row, ..empty }),
        ]
    }

    fn baseline(&self) -> Result<Player<Self>, SubnetError> {
        Ok(player(tesseract()?))
    }

    fn teams(&self) -> Result<Vec<Team<Self>>, SubnetError> {
        Ok(vec![vec![
            ("tesseract", player(tesseract()?)),
            ("short-sighted", player(ShortSighted(tesseract()?))),
        ]])
    }

    fn time_for_one(&self) -> Duration {
        Duration::from_millis(220)
    }

    fn cheats(&self) -> Result<Vec<(&'static str, Player<Self>)>, SubnetError> {
        Ok(vec![
            ("lookup", player(Lookup::new(SEEN.0, SEEN.1))),
            ("template inverter", player(Inverter::new())),
            ("commonplace", player(Commonplace)),
        ])
    }

    /// A page takes the baseline about a second.
    fn trial(&self) -> u16 {
        6
    }
}

fn context() -> AnswerContext {
    AnswerContext { asker: None, permitted: true, challenge: None, time_left: Duration::from_secs(60) }
}

fn tesseract() -> Result<Baseline, SubnetError> {
    Baseline::new().map_err(|error| {
        SubnetError::new("reading the built-in network", error.to_string(), "build this program again")
    })
}

fn player(backend: impl Backend + 'static) -> Player<RecognitionSubnet> {
    Box::new(move |request| backend.answer(&context(), request).ok())
}
