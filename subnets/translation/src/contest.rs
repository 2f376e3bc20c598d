//! Miners of known worth, for `myelin subnet test translation`.

use std::{sync::Arc, time::Duration};

use myelin_subnet::{
    testkit::{Contest, Player, Team},
    AnswerContext, Challenge, Subnet, SubnetError,
};
use myelin_wire::{
    record::Ppm,
    seed::{Seed, SeedRng},
};

use crate::{
    adversary::{oracle, Copy, Inverter, Lookup, Names},
    apertium::Apertium,
    backend::{Backend, Baseline, WithTerms},
    protocol::TranslationResponse,
    task::Task,
    TranslationConfig, TranslationSubnet,
};

/// Texts of each direction that the lookup has composed, beside all catalogues of this machine.
const COMPOSED: u64 = 4_000;

impl Contest for TranslationSubnet {
    fn judging(seed: &Seed) -> Result<Self, SubnetError> {
        Self::open(TranslationConfig { secret: Some(seed.0), ..TranslationConfig::default() })
    }

    fn oracle(&self, challenge: &Challenge<Self>, accuracy: Ppm, rng: &mut SeedRng) -> TranslationResponse {
        let task = Task { request: challenge.request.clone(), hidden: challenge.hidden.clone() };
        oracle(&task, u64::from(accuracy.get()) / 1_000, rng)
    }

    fn worthless(&self, challenge: &Challenge<Self>) -> Vec<(&'static str, TranslationResponse)> {
        let asked = challenge.request.texts.len();
        let said = |text: &dyn Fn(usize) -> String| TranslationResponse {
            texts: (0..asked).map(text).collect(),
            confidence: vec![100; asked],
        };
        vec![
            ("nothing", TranslationResponse::default()),
            ("empty texts", said(&|_| String::new())),
            ("the texts themselves", said(&|at| challenge.request.texts[at].text.clone())),
            ("random letters", said(&|at| "xq jzw kpv ".repeat(at + 3))),
            ("endless text", said(&|_| "de la el en ".repeat(10_000))),
        ]
    }

    fn baseline(&self) -> Result<Player<Self>, SubnetError> {
        Ok(player(Baseline::new(Arc::new(Apertium::new(1)))))
    }

    fn teams(&self) -> Result<Vec<Team<Self>>, SubnetError> {
        let apertium = Arc::new(Apertium::new(1));
        Ok(vec![vec![
            ("apertium", player(Baseline::new(apertium.clone()))),
            ("apertium with terms", player(WithTerms::new(apertium))),
        ]])
    }

    /// Apertium takes about 1.5 ms of a core for a text.
    fn time_for_one(&self) -> Duration {
        Duration::from_millis(24)
    }

    fn cheats(&self) -> Result<Vec<(&'static str, Player<Self>)>, SubnetError> {
        let otherwise = Arc::new(Baseline::new(Arc::new(Apertium::new(1))));
        Ok(vec![
            ("lookup in catalogues", player(Lookup::new(COMPOSED))),
            ("copy", player(Copy)),
            ("names", player(Names)),
            ("composer backwards", player(Inverter { otherwise })),
        ])
    }
}

fn player(backend: impl Backend + 'static) -> Player<TranslationSubnet> {
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
