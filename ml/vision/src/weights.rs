//! Files that hold a network: safetensors with the architecture in the metadata.
//!
//! The metadata key `myelin.vision` holds the line that [`Architecture::parse`] reads; the tensors of layer 3 are
//! called `3.weight` and `3.bias`, in `F32` or `BF16`. Shapes must be those of the architecture, and no other tensor is
//! allowed, so that a file has one meaning only.

use std::collections::HashMap;

use myelin_lm::kernel::{from_bf16, to_bf16};
use safetensors::{tensor::TensorView, Dtype, SafeTensors};

use crate::network::{Architecture, Network, NetworkError, Parameters, MAX_PARAMETERS};

/// Largest file.
pub const MAX_FILE_BYTES: usize = 4 * MAX_PARAMETERS + (1 << 20);
const KEY: &str = "myelin.vision";

/// Why a file holds no network.
#[derive(Debug, thiserror::Error)]
pub enum WeightsError {
    /// The file is too large.
    #[error(
        "reading weights: the file has {0} bytes, the limit is {MAX_FILE_BYTES}; make the network smaller"
    )]
    TooLarge(usize),
    /// The file is no safetensors file.
    #[error("reading weights: no valid safetensors file ({0}); save it again")]
    Format(String),
    /// The metadata name no architecture.
    #[error("reading weights: the metadata has no `{KEY}`; put the line of the architecture there")]
    NoArchitecture,
    /// A tensor is missing or unexpected.
    #[error("reading weights: {0}; save exactly the tensors of the architecture")]
    Tensor(String),
    /// The network itself is refused.
    #[error(transparent)]
    Network(#[from] NetworkError),
}

/// Reads a network.
pub fn read(bytes: &[u8]) -> Result<Network, WeightsError> {
    if bytes.len() > MAX_FILE_BYTES {
        return Err(WeightsError::TooLarge(bytes.len()));
    }
    let format = |error: safetensors::SafeTensorError| WeightsError::Format(error.to_string());
    let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(format)?;
    let line =
        metadata.metadata().as_ref().and_then(|facts| facts.get(KEY)).ok_or(WeightsError::NoArchitecture)?;
    let architecture = Architecture::parse(line)?;
    let file = SafeTensors::deserialize(bytes).map_err(format)?;
    let mut parameters = Vec::new();
    let mut expected = 0;
    for number in 0..architecture.layers().len() {
        let [weight, bias] = architecture.parameter_shapes(number);
        let mut list = |name: &str, shape: &[usize]| {
            if shape.is_empty() {
                return Ok(Vec::new());
            }
            expected += 1;
            values(&file, &format!("{number}.{name}"), shape)
        };
        parameters.push(Parameters { weight: list("weight", &weight)?, bias: list("bias", &bias)? });
    }
    if file.len() != expected {
        return Err(WeightsError::Tensor(format!("{} tensors instead of {expected}", file.len())));
    }
    Ok(Network::new(architecture, parameters)?)
}

fn values(file: &SafeTensors, name: &str, shape: &[usize]) -> Result<Vec<f32>, WeightsError> {
    let tensor = file.tensor(name).map_err(|error| WeightsError::Tensor(format!("{name}: {error}")))?;
    if tensor.shape() != shape {
        let found = tensor.shape();
        return Err(WeightsError::Tensor(format!("{name} has the shape {found:?} instead of {shape:?}")));
    }
    let data = tensor.data();
    match tensor.dtype() {
        Dtype::F32 => {
            Ok(data.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect())
        }
        Dtype::BF16 => {
            Ok(data.chunks_exact(2).map(|b| from_bf16(u16::from_le_bytes([b[0], b[1]]))).collect())
        }
        other => Err(WeightsError::Tensor(format!("{name} is {other:?}, neither F32 nor BF16"))),
    }
}

/// The network with every parameter rounded to a brain float, as [`write`] stores it.
pub fn rounded(network: &Network) -> Network {
    let mut network = network.clone();
    let values = network.parameters_mut().iter_mut().flat_map(|p| p.weight.iter_mut().chain(&mut p.bias));
    values.for_each(|value| *value = from_bf16(to_bf16(*value)));
    network
}

/// A file with the parameters as brain floats.
pub fn write(network: &Network) -> Result<Vec<u8>, WeightsError> {
    let architecture = network.architecture();
    let mut tensors: Vec<(String, Vec<usize>, Vec<u8>)> = Vec::new();
    for (number, parameters) in network.parameters().iter().enumerate() {
        let [weight, bias] = architecture.parameter_shapes(number);
        for (name, shape, list) in [("weight", weight, &parameters.weight), ("bias", bias, &parameters.bias)]
        {
            if !shape.is_empty() {
                let data = list.iter().flat_map(|x| to_bf16(*x).to_le_bytes()).collect();
                tensors.push((format!("{number}.{name}"), shape, data));
            }
        }
    }
    let views: Vec<(&str, TensorView)> = tensors
        .iter()
        .map(|(name, shape, data)| Ok((name.as_str(), TensorView::new(Dtype::BF16, shape.clone(), data)?)))
        .collect::<Result<_, safetensors::SafeTensorError>>()
        .map_err(|error| WeightsError::Format(error.to_string()))?;
    let facts = HashMap::from([(KEY.to_owned(), architecture.text())]);
    safetensors::serialize(views, Some(facts)).map_err(|error| WeightsError::Format(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn network() -> Network {
        let line = "input 1 8 8; conv 4 3 2 1; scale; relu; flatten; linear 5";
        rounded(&Network::random(Architecture::parse(line).expect("valid"), 1))
    }

    #[test]
    fn a_file_holds_the_network_that_was_written() {
        let network = network();
        let bytes = write(&network).expect("written");
        assert_eq!(read(&bytes).expect("read"), network);
    }

    #[test]
    fn a_file_that_is_not_exactly_its_architecture_is_refused() {
        let bytes = write(&network()).expect("written");
        let text = |from: &str, to: &str| {
            let at = bytes.windows(from.len()).position(|w| w == from.as_bytes()).expect("it is there");
            let mut changed = bytes.clone();
            changed[at..at + from.len()].copy_from_slice(to.as_bytes());
            read(&changed).expect_err("refused").to_string()
        };
        assert!(text("linear 5", "linear 6").contains("4.weight has the shape"));
        assert!(text("; relu;", "; gelu;").contains("`gelu`"));
        assert!(text("myelin.vision", "myelin.listen").contains("no `myelin.vision`"));
        assert!(text("0.bias", "0.bios").contains("0.bias"));
        let mut infinite = bytes.clone();
        let end = infinite.len();
        infinite[end - 2..].copy_from_slice(&0x7f80u16.to_le_bytes());
        assert!(read(&infinite).expect_err("refused").to_string().contains("infinity"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_network_or_an_error(mut bytes in proptest::collection::vec(any::<u8>(), 0..200), long in any::<bool>()) {
            if long {
                bytes.splice(0..0, (bytes.len() as u64).to_le_bytes());
            }
            let _ = read(&bytes);
        }

        #[test]
        fn a_changed_byte_never_harms(at in any::<usize>(), value in any::<u8>()) {
            let mut bytes = write(&network()).expect("written");
            let at = at % bytes.len();
            bytes[at] = value;
            if let Ok(network) = read(&bytes) {
                network.run(myelin_lm::kernel::Kernel::best(), &vec![0.5; network.architecture().input().len()]);
            }
        }
    }
}
