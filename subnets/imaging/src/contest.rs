//! Miners of known worth, for `myelin subnet test imaging`.

use std::{fmt::Display, time::Duration};

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
    ImagingConfig, ImagingHidden, ImagingRequest, ImagingResponse, ImagingSubnet,
};

/// Steps of the search for pixels, for each picture.
const STEPS: u32 = 250;

impl Contest for ImagingSubnet {
    fn judging(seed: &Seed) -> Result<Self, SubnetError> {
        Self::open(ImagingConfig { secret: Some(seed.0), ..ImagingConfig::default() })
    }

    fn oracle(&self, challenge: &Challenge<Self>, accuracy: Ppm, rng: &mut SeedRng) -> ImagingResponse {
        let nothing = || ImagingResponse::Painted(empty());
        let (ImagingRequest::Paint(request), ImagingHidden::Scene(hidden)) =
            (&challenge.request, &challenge.hidden)
        else {
            return nothing();
        };
        let task = Task { request: request.clone(), hidden: hidden.clone() };
        ImagingResponse::Painted(oracle(&task, u64::from(accuracy.get()) / 1_000, rng))
    }

    fn worthless(&self, challenge: &Challenge<Self>) -> Vec<(&'static str, ImagingResponse)> {
        let ImagingRequest::Paint(request) = &challenge.request else { return Vec::new() };
        let of = |backend: &dyn Backend| backend.answer(&context(), request).ok();
        let files = |file: &[u8]| {
            let pictures = vec![STANDARD.encode(file); request.n.into()];
            Some(PaintResponse { pictures, ..PaintResponse::default() })
        };
        let bomb =
            [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\x7f\xff\xff\xff\x7f\xff\xff\xff".as_slice(), &[8; 64]].concat();
        let all = [
            ("nothing", Some(empty())),
            ("the ground alone", of(&Blank)),
            ("noise", of(&Noise)),
            ("no picture", files(b"not a picture")),
            ("a bomb", files(&bomb)),
            ("endless files", files(&vec![0; 6 << 20])),
        ];
        all.into_iter().filter_map(|(name, answer)| Some((name, ImagingResponse::Painted(answer?)))).collect()
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

fn empty() -> PaintResponse {
    PaintResponse::default()
}

/// Paints. The promises are tested on the first mechanism, whose tasks are descriptions.
fn player(backend: impl Backend + 'static) -> Player<ImagingSubnet> {
    Box::new(move |request| match request {
        ImagingRequest::Paint(request) => {
            backend.answer(&context(), request).ok().map(ImagingResponse::Painted)
        }
        _ => None,
    })
}
