//! Backends that paint for a miner: the built-in model, and the renderer.

use std::sync::Arc;

use myelin_flow::{
    file::{self, FileError},
    Painter, Sampling,
};
use myelin_lm::kernel::Kernel;
use myelin_subnet::{AnswerContext, AnswerError};
use myelin_vision::picture::{Picture, PictureError};
use myelin_wire::{hash::blake2_256_of, seed::Seed};

use crate::{
    caption::{caption, CONFIG},
    describe::parse,
    protocol::{PaintRequest, PaintResponse},
    scene::{Laid, Wanted, COLOURS, SHAPES, SIDE},
};

/// Pictures for a miner.
pub trait Backend: Send + Sync {
    /// Answers a request that was checked.
    fn answer(&self, context: &AnswerContext, request: &PaintRequest) -> Result<PaintResponse, AnswerError>;

    /// The model that answers, as the miner declares it in its signatures.
    fn model_id(&self) -> [u8; 32] {
        [0; 32]
    }
}

/// The scene of a description.
///
/// Somebody who asks for anything else is told so, instead of getting an empty picture.
fn understood(description: &str) -> Result<Wanted, AnswerError> {
    let wanted = parse(description);
    if wanted.groups.is_empty() && wanted.lettering.is_none() {
        return Err(AnswerError::Refused(format!(
            "nothing of this description is known here; ask for {} in {}, or for \"letters\" in quotation marks",
            SHAPES.join(", "),
            COLOURS.join(", ")
        )));
    }
    Ok(wanted)
}

/// The file of the built-in model; `examples/train_imaging.rs` made it.
pub const BUILTIN_MODEL: &[u8] = include_bytes!("../models/scenes.safetensors");
/// Steps of the built-in miner.
pub const STEPS: u32 = 4;
/// Its guidance.
pub const GUIDANCE: f32 = 1.5;

/// The model that is part of the program.
pub fn builtin_model() -> Result<Painter, FileError> {
    file::read(BUILTIN_MODEL)
}

/// A model with a number of steps. The answer depends on model, steps and request alone, to the last bit.
#[derive(Clone)]
pub struct Model {
    painter: Arc<Painter>,
    steps: u32,
    id: [u8; 32],
}

impl Model {
    /// A model of the built-in kind.
    pub fn new(painter: Arc<Painter>, steps: u32) -> Self {
        let way = [&steps.to_le_bytes()[..], &GUIDANCE.to_bits().to_le_bytes()].concat();
        let id = blake2_256_of(&[b"myelin/imaging model 1", &painter.id(), &way]);
        Self { painter, steps, id }
    }

    /// The model of a file, which paints as the built-in miner does. [`Self::fits`] says whether it can.
    pub fn read(bytes: &[u8]) -> Result<Self, FileError> {
        Ok(Self::new(Arc::new(file::read(bytes)?), STEPS))
    }

    /// The built-in miner.
    pub fn builtin() -> Result<Self, FileError> {
        Ok(Self::new(Arc::new(builtin_model()?), STEPS))
    }

    /// Hash of the model and of the way in which it paints.
    pub fn id(&self) -> [u8; 32] {
        self.id
    }

    /// Picture `number` of a request.
    pub fn paint(&self, request: &PaintRequest, number: u8) -> Result<Picture, PictureError> {
        let seed = request.seed_of(number);
        self.paint_scene(request, &seed, &parse(&request.description).plan(&seed))
    }

    /// A picture of this scene in the size of a request.
    pub fn paint_scene(
        &self,
        request: &PaintRequest,
        seed: &Seed,
        laid: &Laid,
    ) -> Result<Picture, PictureError> {
        let sampling = Sampling { steps: self.steps, guidance: GUIDANCE, seed: seed.rng().next_u64() };
        let samples = self.painter.paint(Kernel::best(), &caption(laid), sampling);
        Picture::new(SIDE, SIDE, 3, samples)?.scaled(request.width as usize, request.height as usize)
    }

    /// Whether its sizes are those that captions of this subnet need.
    pub fn fits(&self) -> bool {
        self.painter.config() == CONFIG
    }
}

impl Backend for Model {
    fn model_id(&self) -> [u8; 32] {
        self.id()
    }

    fn answer(&self, _: &AnswerContext, request: &PaintRequest) -> Result<PaintResponse, AnswerError> {
        understood(&request.description)?;
        if !self.fits() {
            return Err(AnswerError::Refused("this model has other sizes than captions here".into()));
        }
        let failed = |error: PictureError| AnswerError::Backend(error.to_string());
        let pictures =
            (0..request.n).map(|number| self.paint(request, number)).collect::<Result<Vec<_>, _>>();
        PaintResponse::of(request, &pictures.map_err(failed)?, "myelin flow", Some(self.id())).map_err(failed)
    }
}

/// The renderer of scenes: a program that draws what it understands of a description.
///
/// Descriptions of this closed world can be drawn without a model. A renderer that draws them right is an honest miner:
/// the customer gets the picture that was described.
pub struct Renderer;

impl Backend for Renderer {
    fn model_id(&self) -> [u8; 32] {
        blake2_256_of(&[b"myelin/imaging renderer 1"])
    }

    fn answer(&self, _: &AnswerContext, request: &PaintRequest) -> Result<PaintResponse, AnswerError> {
        let failed = |error: PictureError| AnswerError::Backend(error.to_string());
        let wanted = understood(&request.description)?;
        let side = request.width.max(request.height) as usize;
        let draw = |number: u8| {
            let seed = request.seed_of(number);
            let picture = wanted.plan(&seed).draw(&seed, side)?;
            picture.scaled(request.width as usize, request.height as usize)
        };
        let pictures = (0..request.n).map(draw).collect::<Result<Vec<_>, _>>().map_err(failed)?;
        PaintResponse::of(request, &pictures, "myelin renderer", None).map_err(failed)
    }
}
