//! Artefacts that a miner may submit instead of serving: a network for the bit-exact core, or a program.
//!
//! | file | recognised by | run by |
//! |---|---|---|
//! | safetensors with an architecture | the length of its header and `{` | this core |
//! | ONNX of covered operators | not one of the others | this core, after translation |
//! | WebAssembly | `\0asm` | the framework's sandbox, on the JSON of the same request |
//!
//! A network answers `scenes`; its answer about pages is empty. Every validator runs the same file on the same pictures
//! and arrives at the same millionths.

use myelin_subnet::AnswerError;
use myelin_vision::{
    network::Network,
    onnx::{self, OnnxError},
    weights::{self, WeightsError},
};

use crate::{
    backend::classify,
    protocol::{RecognitionRequest, RecognitionResponse, Wanted},
    scene, task,
};

/// Kind of a submitted file.
#[derive(Clone, Debug, PartialEq)]
pub enum Artefact {
    /// A checked network, which answers here.
    Network(Box<Network>),
    /// A program for the sandbox.
    Program,
}

/// Reasons for refusing a file.
#[derive(Debug, thiserror::Error)]
pub enum ArtefactError {
    /// The safetensors file holds no network.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// The ONNX file holds no network.
    #[error(transparent)]
    Onnx(#[from] OnnxError),
    /// The network has another number of outputs.
    #[error(
        "opening an artefact: the network has {found} outputs, the scenes have {expected} classes; \
         train it for shape, colour and pattern in this order"
    )]
    OtherClasses {
        /// Outputs of the network.
        found: usize,
        /// Classes of all groups.
        expected: usize,
    },
}

/// Opens a stranger's file: checks the whole file within limits, or refuses it by name.
pub fn open(bytes: &[u8]) -> Result<Artefact, ArtefactError> {
    if bytes.starts_with(b"\0asm") {
        return Ok(Artefact::Program);
    }
    let network = if bytes.get(8) == Some(&b'{') { weights::read(bytes)? } else { onnx::read(bytes)? };
    let expected = scene::GROUPS.iter().map(|(_, classes)| classes.len()).sum();
    let found = network.architecture().outputs();
    if found != expected {
        return Err(ArtefactError::OtherClasses { found, expected });
    }
    Ok(Artefact::Network(Box::new(network)))
}

/// The answer of a submitted network: a pure function of network and request.
pub fn run(network: &Network, request: &RecognitionRequest) -> Result<RecognitionResponse, AnswerError> {
    let pictures = request.pictures().map_err(|error| AnswerError::Refused(error.to_string()))?;
    if request.wanted == Wanted::Read || request.groups != task::groups() {
        return Ok(RecognitionResponse::default());
    }
    let sizes: Vec<usize> = request.groups.iter().map(|group| group.classes.len()).collect();
    let probabilities = classify(network, &pictures, &sizes)?;
    Ok(RecognitionResponse { probabilities, ..RecognitionResponse::default() })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{adversary::tasks, backend::builtin_network, score, task::Renderer};

    #[test]
    fn a_submitted_network_answers_like_the_one_that_serves() {
        let file = include_bytes!("../models/scenes.safetensors");
        let Artefact::Network(network) = open(file).expect("a network") else { panic!("a network") };
        assert_eq!(*network, builtin_network().expect("built in"));
        let task = tasks(b"submit", Renderer::Open, 0, 1).remove(0);
        let answer = run(&network, &task.request).expect("it answers");
        let worth = score::judge(&task.request, &task.hidden, &answer);
        assert!(worth.parts[0].get() > 500_000, "{}", worth.note);
        let page = tasks(b"submit", Renderer::Open, 1, 0).remove(0);
        assert_eq!(run(&network, &page.request).expect("it answers"), RecognitionResponse::default());
    }

    #[test]
    fn foreign_files_are_told_apart_or_refused_by_name() {
        assert_eq!(open(b"\0asm\x01\0\0\0").expect("a program"), Artefact::Program);
        let small = include_bytes!("../../../ml/vision/tests/small.onnx");
        let refused = |bytes: &[u8]| open(bytes).expect_err("refused").to_string();
        assert!(refused(small).contains("5 outputs"));
        let at = small.windows(4).position(|window| window == b"Relu").expect("it is there");
        let mut other = small.to_vec();
        other[at..at + 4].copy_from_slice(b"Mish");
        assert!(refused(&other).contains("`Mish`"));
        assert!(refused(b"").contains("ONNX"));
        assert!(refused(b"\x02\0\0\0\0\0\0\0{}").contains("myelin.vision"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_an_artefact_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = open(&bytes);
        }
    }
}
