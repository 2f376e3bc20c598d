//! Files that hold a model: safetensors with the sizes in the metadata.
//!
//! The metadata key `myelin.flow` holds the sizes as one line, such as `side 64 patch 8 width 160 layers 4 words 164
//! slots 8`. Tensors are brain floats. Names and shapes must be those of the sizes, and no other tensor is allowed, so
//! that a file has one meaning only.

use std::collections::HashMap;

use myelin_lm::kernel::to_bf16;
use safetensors::{tensor::TensorView, Dtype, SafeTensors};

use crate::{layout::Matrix, Config, Layout, Painter};

/// Largest file.
pub const MAX_FILE_BYTES: usize = 64 << 20;
const KEY: &str = "myelin.flow";
const SIZES: [&str; 6] = ["side", "patch", "width", "layers", "words", "slots"];

/// Why a file holds no model.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// The file is too large.
    #[error(
        "reading a painter: the file has {0} bytes, the limit is {MAX_FILE_BYTES}; make the model smaller"
    )]
    TooLarge(usize),
    /// The file is no safetensors file.
    #[error("reading a painter: no valid safetensors file ({0}); save it again")]
    Format(String),
    /// The metadata name no sizes.
    #[error("reading a painter: the metadata key `{KEY}` is missing, or its sizes are out of range; write them there")]
    Sizes,
    /// A tensor is missing, unexpected, of another shape or not finite.
    #[error("reading a painter: {0}; save exactly the tensors of its sizes as brain floats")]
    Tensor(String),
}

/// Reads a model.
pub fn read(bytes: &[u8]) -> Result<Painter, FileError> {
    if bytes.len() > MAX_FILE_BYTES {
        return Err(FileError::TooLarge(bytes.len()));
    }
    let format = |error: safetensors::SafeTensorError| FileError::Format(error.to_string());
    let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(format)?;
    let line = metadata.metadata().as_ref().and_then(|facts| facts.get(KEY)).ok_or(FileError::Sizes)?;
    let config = parse(line).ok_or(FileError::Sizes)?;
    let layout = Layout::new(config);
    if 2 * layout.parameters() > bytes.len() {
        return Err(FileError::Tensor("fewer values than its sizes need".into()));
    }
    let file = SafeTensors::deserialize(bytes).map_err(format)?;
    if file.len() != layout.entries().len() {
        let (found, expected) = (file.len(), layout.entries().len());
        return Err(FileError::Tensor(format!("{found} tensors instead of {expected}")));
    }
    let mut parameters = Vec::with_capacity(layout.parameters());
    for (matrix, shape, _) in layout.entries() {
        parameters.extend(values(&file, *matrix, shape)?);
    }
    Ok(Painter::of(layout, &parameters))
}

fn values(file: &SafeTensors, matrix: Matrix, shape: &[usize]) -> Result<Vec<u16>, FileError> {
    let name = matrix.name();
    let tensor = file.tensor(&name).map_err(|error| FileError::Tensor(format!("{name}: {error}")))?;
    if tensor.shape() != shape || tensor.dtype() != Dtype::BF16 {
        let (found, kind) = (tensor.shape(), tensor.dtype());
        return Err(FileError::Tensor(format!("{name} is {kind:?} {found:?} instead of BF16 {shape:?}")));
    }
    let values: Vec<u16> = tensor.data().chunks_exact(2).map(|b| u16::from_le_bytes([b[0], b[1]])).collect();
    if values.iter().any(|value| value & 0x7f80 == 0x7f80) {
        return Err(FileError::Tensor(format!("{name} holds infinity or no number")));
    }
    Ok(values)
}

/// The file of a model. Equal models give equal files.
pub fn write(painter: &Painter) -> Result<Vec<u8>, FileError> {
    let layout = painter.layout();
    let tensors: Vec<(String, [usize; 2], Vec<u8>)> = layout
        .entries()
        .iter()
        .map(|(matrix, shape, range)| {
            let list = &painter.parameters()[range.clone()];
            (matrix.name(), *shape, list.iter().flat_map(|value| to_bf16(*value).to_le_bytes()).collect())
        })
        .collect();
    let views: Vec<(&str, TensorView)> = tensors
        .iter()
        .map(|(name, shape, data)| Ok((name.as_str(), TensorView::new(Dtype::BF16, shape.to_vec(), data)?)))
        .collect::<Result<_, safetensors::SafeTensorError>>()
        .map_err(|error| FileError::Format(error.to_string()))?;
    let facts = HashMap::from([(KEY.to_owned(), line(&layout.config))]);
    safetensors::serialize(views, Some(facts)).map_err(|error| FileError::Format(error.to_string()))
}

fn line(config: &Config) -> String {
    let Config { side, patch, width, layers, words, slots } = *config;
    let sizes = SIZES.iter().zip([side, patch, width, layers, words, slots]);
    sizes.map(|(name, size)| format!("{name} {size}")).collect::<Vec<_>>().join(" ")
}

fn parse(line: &str) -> Option<Config> {
    let mut words = line.split(' ');
    let mut size = |name: &str| -> Option<usize> {
        (words.next()? == name).then_some(())?;
        words.next()?.parse().ok()
    };
    let [side, patch, width, layers, count, slots] = [
        size(SIZES[0])?,
        size(SIZES[1])?,
        size(SIZES[2])?,
        size(SIZES[3])?,
        size(SIZES[4])?,
        size(SIZES[5])?,
    ];
    let config = Config { side, patch, width, layers, words: count, slots };
    (config.is_valid() && words.next().is_none()).then_some(config)
}
