//! Backends of a miner.
//!
//! The baseline reads with Tesseract and classifies with a network of the bit-exact core; both run on one CPU core. The
//! configuration can replace them by a network of another file, or by a server that takes pictures (feature
//! `endpoint`).

use std::{sync::Arc, time::Duration};

use myelin_lm::kernel::Kernel;
use myelin_provenance::{content_id, ModelId};
use myelin_subnet::{AnswerContext, AnswerError};
use myelin_vision::{
    network::{probabilities, Network},
    picture::Picture,
    tesseract::Tesseract,
    weights::{self, WeightsError},
};

use crate::{
    extract,
    protocol::{RecognitionRequest, RecognitionResponse, Wanted},
    task,
};

/// Something that answers requests.
pub trait Backend: Send + Sync {
    /// The model that answers such requests, as the miner declares it in its signatures; zeros for none.
    fn model_id(&self, _wanted: Wanted) -> ModelId {
        [0; 32]
    }

    /// Answers a checked request.
    fn answer(
        &self,
        context: &AnswerContext,
        request: &RecognitionRequest,
    ) -> Result<RecognitionResponse, AnswerError>;
}

/// The file of the network for scenes that is part of the program; `examples/train_scenes.rs` made it.
pub const BUILTIN_NETWORK: &[u8] = include_bytes!("../models/scenes.safetensors");

/// The network for scenes that is part of the program.
pub fn builtin_network() -> Result<Network, WeightsError> {
    weights::read(BUILTIN_NETWORK)
}

/// Probabilities of each group for each picture by a network whose outputs are those groups in order.
pub fn classify(
    network: &Network,
    pictures: &[Picture],
    groups: &[usize],
) -> Result<Vec<Vec<Vec<u32>>>, AnswerError> {
    let failed = |error: String| AnswerError::Backend(error);
    let classes: usize = groups.iter().sum();
    let outputs = network.architecture().outputs();
    if outputs != classes {
        return Err(failed(format!("the network has {outputs} outputs for {classes} classes")));
    }
    let kernel = Kernel::best();
    let outputs = network.run_all(kernel, pictures, 1).map_err(|error| failed(error.to_string()))?;
    Ok(outputs.iter().map(|row| probabilities(kernel, row, groups)).collect())
}

/// Tesseract, which reads, and a network, which classifies. The network's file is the declared model. Tesseract is a
/// program of the machine, so its answers declare none.
pub struct Baseline {
    tesseract: Arc<Tesseract>,
    network: Network,
    id: ModelId,
}

impl Baseline {
    /// A baseline with the built-in network and one process of Tesseract at a time.
    pub fn new() -> Result<Self, WeightsError> {
        let network = weights::read(BUILTIN_NETWORK)?;
        Ok(Self::with(Arc::new(Tesseract::new(1)), network, content_id(BUILTIN_NETWORK)))
    }

    /// A baseline with another network, with the content hash of its file.
    pub fn with(tesseract: Arc<Tesseract>, network: Network, id: ModelId) -> Self {
        Self { tesseract, network, id }
    }
}

impl Backend for Baseline {
    fn model_id(&self, wanted: Wanted) -> ModelId {
        match wanted {
            Wanted::Read => [0; 32],
            Wanted::Classify => self.id,
        }
    }

    fn answer(
        &self,
        context: &AnswerContext,
        request: &RecognitionRequest,
    ) -> Result<RecognitionResponse, AnswerError> {
        let pictures = request.pictures().map_err(|error| AnswerError::Refused(error.to_string()))?;
        match (request.wanted, pictures.as_slice()) {
            (Wanted::Read, [page]) => {
                let time = context.time_left.saturating_sub(Duration::from_millis(200));
                let text = read(&self.tesseract, page, time).map_err(AnswerError::Backend)?;
                let values = extract::values(&text, &request.fields);
                Ok(RecognitionResponse { text, values, ..RecognitionResponse::default() })
            }
            (Wanted::Classify, pictures) => {
                if request.groups != task::groups() {
                    return Err(AnswerError::Refused("this network knows the classes of scenes only".into()));
                }
                let sizes: Vec<usize> = request.groups.iter().map(|group| group.classes.len()).collect();
                let probabilities = classify(&self.network, pictures, &sizes)?;
                Ok(RecognitionResponse { probabilities, ..RecognitionResponse::default() })
            }
            _ => Err(AnswerError::Refused("one picture can be read at a time".into())),
        }
    }
}

/// Reads a page at twice its size: Tesseract was trained on letters of thirty pixels.
fn read(tesseract: &Tesseract, page: &Picture, time: Duration) -> Result<String, String> {
    const ENOUGH: usize = 1000;
    let grey = page.to_grey();
    let larger = if grey.width() <= ENOUGH && grey.height() <= ENOUGH {
        grey.scaled(2 * grey.width(), 2 * grey.height()).map_err(|error| error.to_string())?
    } else {
        grey
    };
    tesseract.read(&larger, time).map_err(|error| error.to_string())
}
