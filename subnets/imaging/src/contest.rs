//! Miners of known worth, for `myelin subnet test imaging`.

use std::{fmt::Display, sync::Arc, time::Duration};

use base64::{engine::general_purpose::STANDARD, Engine};
use myelin_subnet::{
    testkit::{Contest, Player},
    AnswerContext, Challenge, Subnet, SubnetError,
};
use myelin_wire::{
    record::Ppm,
    seed::{Seed, SeedRng},
};

use crate::{
    adversary::{oracle, Blank, Climber, Fixed, Noise, Stripes},
    backend::{Backend, Model},
    protocol::PaintResponse,
    task::Task,
    ImagingConfig, ImagingSubnet,
};

/// Steps of the search for pixels, for each picture.
const STEPS: u32 = 250;

impl Contest for ImagingSubnet {
    fn judging(seed: &Seed) -> Result<Self, SubnetError> {
        Self::open(ImagingConfig { secret: Some(seed.0), ..ImagingConfig::default() })
    }

    fn oracle(&self, challenge: &Challenge<Self>, accuracy: Ppm, rng: &mut SeedRng) -> PaintResponse {
        let task = Task { request: challenge.request.clone(), hidden: challenge.hidden.clone() };
        oracle(&task, u64::from(accuracy.get()) / 1_000, rng)
    }

    fn worthless(&self, challenge: &Challenge<Self>) -> Vec<(&'static str, PaintResponse)> {
        let of = |backend: &dyn Backend| backend.answer(&context(), &challenge.request).ok();
        let files = |file: &[u8]| {
            let pictures = vec![STANDARD.encode(file); challenge.request.n.into()];
            Some(PaintResponse { pictures, model: String::new() })
        };
        let bomb =
            [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\x7f\xff\xff\xff\x7f\xff\xff\xff".as_slice(), &[8; 64]].concat();
        let all = [
            ("nothing", Some(PaintResponse { pictures: Vec::new(), model: String::new() })),
            ("the ground alone", of(&Blank)),
            ("noise", of(&Noise)),
            ("no picture", files(b"not a picture")),
            ("a bomb", files(&bomb)),
            ("endless files", files(&vec![0; 6 << 20])),
        ];
        all.into_iter().filter_map(|(name, answer)| Some((name, answer?))).collect()
    }

    fn baseline(&self) -> Result<Player<Self>, SubnetError> {
        Ok(player(Model::builtin().map_err(|error| wrong("reading the built-in model", error))?))
    }

    fn time_for_one(&self) -> Duration {
        Duration::from_millis(70)
    }

    fn cheats(&self) -> Result<Vec<(&'static str, Player<Self>)>, SubnetError> {
        // Its judge is as good as this validator's, but has another secret.
        let climber =
            Climber::new(&[77; 32], STEPS, None).map_err(|error| wrong("training a judge", error))?;
        Ok(vec![
            ("blank", player(Blank)),
            ("noise", player(Noise)),
            ("stripes of the right colours", player(Stripes)),
            ("one good picture", player(Fixed)),
            ("searched pixels", player(climber)),
        ])
    }

    /// A search takes a second for a picture.
    fn trial(&self) -> u16 {
        6
    }
}

fn wrong(attempted: &str, error: impl Display) -> SubnetError {
    SubnetError::new(attempted, error.to_string(), "build this program again")
}

fn context() -> AnswerContext {
    AnswerContext { asker: None, permitted: true, challenge: None, time_left: Duration::from_secs(60) }
}

fn player(backend: impl Backend + 'static) -> Player<ImagingSubnet> {
    let backend = Arc::new(backend);
    Box::new(move |request| backend.answer(&context(), request).ok())
}
