//! The files of a model of text, and its identity: a directory of the tokenizer and of the weights.
//!
//! The names are fixed, so that the identity does not depend on the name of a model or on where its files lie.

use myelin_provenance::{Manifest, ModelId};

use crate::tokenizer::Tokenizer;

/// The file of the tokenizer.
pub const TOKENIZER: &str = "tokenizer.txt";
/// The file of a transformer's weights.
pub const TRANSFORMER: &str = "model.safetensors";
/// The file of an n-gram table.
pub const NGRAM: &str = "model.bin";

/// Identity of a tokenizer with a file of weights: that of a directory of the two.
pub(crate) fn identity(tokenizer: &Tokenizer, name: &str, weights: &[u8]) -> ModelId {
    let text = tokenizer.to_text();
    let manifest = Manifest::of_contents(&[(TOKENIZER, text.as_bytes()), (name, weights)]);
    manifest.expect("the names are two plain ones above, and memory holds less than 2^64 bytes").id()
}
