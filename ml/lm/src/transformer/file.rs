//! Model files: the safetensors layout with brain floats, written so that equal models are equal files.
//!
//! Eight bytes with the length of the header, the header (JSON with sorted keys), the values in order. Any safetensors
//! reader can open such a file; ours reads only what ours writes and checks every size before it allocates.

use super::{Config, Layout, Matrix};
use serde_json::{json, Map, Value};
use std::collections::BTreeMap;

/// Larger files are refused.
const MAX_FILE_BYTES: usize = 256 << 20;
const MAX_HEADER_BYTES: usize = 1 << 20;

/// Metadata of a model file besides its sizes: free text by key.
pub type ModelMetadata = BTreeMap<String, String>;

/// Why a model file was refused.
#[derive(Debug, thiserror::Error)]
pub enum ModelFileError {
    #[error("not a model file: {0}")]
    Format(&'static str),
    #[error("the header of the model file is not valid JSON: {0}")]
    Header(#[from] serde_json::Error),
    #[error("the model file holds a value that is not a finite number in `{tensor}`")]
    NotFinite { tensor: String },
}

fn name(matrix: Matrix) -> String {
    match matrix {
        Matrix::Embedding => "embedding".into(),
        Matrix::AttentionMix(l) => format!("layers.{l:02}.attention.mix"),
        Matrix::Query(l) => format!("layers.{l:02}.attention.qkv"),
        Matrix::AttentionOut(l) => format!("layers.{l:02}.attention.out"),
        Matrix::MlpMix(l) => format!("layers.{l:02}.mlp.mix"),
        Matrix::Up(l) => format!("layers.{l:02}.mlp.up"),
        Matrix::Down(l) => format!("layers.{l:02}.mlp.down"),
        Matrix::Head => "head".into(),
    }
}

/// The bytes of a model file. Panics if the number of parameters does not match the layout.
pub fn write(layout: &Layout, parameters: &[u16], metadata: &ModelMetadata) -> Vec<u8> {
    assert_eq!(parameters.len(), layout.parameters(), "one value per parameter");
    let c = layout.config;
    let mut facts = metadata.clone();
    let sizes = [
        ("vocabulary", c.vocabulary),
        ("context", c.context),
        ("layers", c.layers),
        ("width", c.width),
        ("heads", c.heads),
    ];
    facts.extend(sizes.iter().map(|(key, value)| ((*key).to_owned(), value.to_string())));
    let mut header = Map::new();
    header.insert("__metadata__".into(), json!(facts));
    for (matrix, shape, range) in layout.entries() {
        let offsets = [2 * range.start, 2 * range.end];
        header.insert(name(*matrix), json!({ "dtype": "BF16", "shape": shape, "data_offsets": offsets }));
    }
    let mut header = Value::Object(header).to_string().into_bytes();
    header.resize(header.len().next_multiple_of(8), b' ');
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header);
    parameters.iter().for_each(|x| bytes.extend_from_slice(&x.to_le_bytes()));
    bytes
}

/// Reads and checks a model file: sizes, shapes, places, finite values.
pub fn read(bytes: &[u8]) -> Result<(Layout, Vec<u16>, ModelMetadata), ModelFileError> {
    let format = ModelFileError::Format;
    if bytes.len() > MAX_FILE_BYTES {
        return Err(format("it is larger than 256 MiB"));
    }
    let (length, rest) = bytes.split_first_chunk::<8>().ok_or(format("it is too short"))?;
    let length = usize::try_from(u64::from_le_bytes(*length)).unwrap_or(usize::MAX);
    if length > MAX_HEADER_BYTES || length > rest.len() {
        return Err(format("the length of its header is wrong"));
    }
    let (header, data) = rest.split_at(length);
    let header: BTreeMap<String, Value> = serde_json::from_slice(header)?;
    let metadata: ModelMetadata = header
        .get("__metadata__")
        .and_then(|m| serde_json::from_value(m.clone()).ok())
        .ok_or(format("its header has no metadata"))?;
    let size = |key: &str| metadata.get(key).and_then(|v| v.parse::<usize>().ok()).unwrap_or(0);
    let config = Config {
        vocabulary: size("vocabulary"),
        context: size("context"),
        layers: size("layers"),
        width: size("width"),
        heads: size("heads"),
    };
    if !config.is_valid() {
        return Err(format("its sizes are missing or out of range"));
    }
    let layout = Layout::new(config);
    if data.len() != 2 * layout.parameters() || header.len() != layout.entries().len() + 1 {
        return Err(format("the amount of data does not match its sizes"));
    }
    for (matrix, shape, range) in layout.entries() {
        let entry = header.get(&name(*matrix)).ok_or(format("a tensor is missing"))?;
        let expected =
            json!({ "dtype": "BF16", "shape": shape, "data_offsets": [2 * range.start, 2 * range.end] });
        if *entry != expected {
            return Err(format("a tensor has another type, shape or place"));
        }
    }
    let parameters: Vec<u16> = data.chunks_exact(2).map(|b| u16::from_le_bytes([b[0], b[1]])).collect();
    let finite = |x: &u16| x & 0x7f80 != 0x7f80;
    let bad = layout.entries().iter().find(|(_, _, range)| !parameters[range.clone()].iter().all(finite));
    match bad {
        Some((matrix, _, _)) => Err(ModelFileError::NotFinite { tensor: name(*matrix) }),
        None => Ok((layout, parameters, metadata)),
    }
}
