//! Backends that paint for a miner: the built-in model, and the renderer.

use std::sync::Arc;

use myelin_flow::{
    file::{self, FileError},
    Painter, Sampling,
};
use myelin_lm::kernel::Kernel;
use myelin_provenance::{content_id, ModelId};
use myelin_subnet::{AnswerContext, AnswerError};
use myelin_vision::picture::{Picture, PictureError};
use myelin_wire::seed::Seed;

use crate::{
    caption::{caption, CONFIG},
    describe::parse,
    protocol::{Declared, PaintRequest, PaintResponse},
    scene::{Laid, Wanted, COLOURS, SHAPES, SIDE},
};

/// Pictures for a miner.
pub trait Backend: Send + Sync {
    /// Answers a request that was checked.
    fn answer(&self, context: &AnswerContext, request: &PaintRequest) -> Result<PaintResponse, AnswerError>;

    /// The model that paints, as the miner declares it in its signatures; zeros for none.
    fn model_id(&self) -> ModelId {
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
    id: ModelId,
}

impl Model {
    /// The model of a file. [`Self::fits`] says whether it can paint what this subnet asks for.
    pub fn new(file: &[u8], steps: u32) -> Result<Self, FileError> {
        Ok(Self { painter: Arc::new(file::read(file)?), steps, id: content_id(file) })
    }

    /// The built-in miner.
    pub fn builtin() -> Result<Self, FileError> {
        Self::new(BUILTIN_MODEL, STEPS)
    }

    /// The model and the settings of its pictures, as its answers declare them.
    pub fn declared(&self) -> Declared {
        Declared { model: self.id, settings: format!("steps {} guidance {GUIDANCE}", self.steps) }
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
    fn model_id(&self) -> ModelId {
        self.id
    }

    fn answer(&self, _: &AnswerContext, request: &PaintRequest) -> Result<PaintResponse, AnswerError> {
        understood(&request.description)?;
        if !self.fits() {
            return Err(AnswerError::Refused("this model has other sizes than captions here".into()));
        }
        let failed = |error: PictureError| AnswerError::Backend(error.to_string());
        let pictures =
            (0..request.n).map(|number| self.paint(request, number)).collect::<Result<Vec<_>, _>>();
        PaintResponse::of(request, &pictures.map_err(failed)?, "myelin flow", Some(&self.declared()))
            .map_err(failed)
    }
}

/// The renderer of scenes: a program that draws what it understands of a description.
///
/// Descriptions of this closed world can be drawn without a model. A renderer that draws them right is an honest miner:
/// the customer gets the picture that was described. It has no weights, so it declares no model.
pub struct Renderer;

impl Backend for Renderer {
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
