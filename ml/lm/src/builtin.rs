//! The models that come with this crate, in three levels of quality.
//!
//! [`Level::Early`] and [`Level::Late`] are two checkpoints of one training run; `docs/reference/models.md` documents
//! how to make all models again, and their quality.

use crate::files;
use crate::model::TextModel;
use crate::ngram::{NgramModel, TableError};
use crate::tokenizer::{Tokenizer, TokenizerError};
use crate::transformer::{ModelFileError, TransformerModel};
use std::sync::Arc;

/// A level of quality.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Looks at two tokens.
    Ngram,
    /// The transformer after a small part of its training.
    Early,
    /// The transformer after all of its training.
    Late,
}

impl Level {
    /// From the lowest quality to the highest.
    pub const ALL: [Level; 3] = [Level::Ngram, Level::Early, Level::Late];

    /// The name used on command lines.
    pub fn name(self) -> &'static str {
        match self {
            Level::Ngram => "ngram",
            Level::Early => "early",
            Level::Late => "late",
        }
    }
}

impl std::str::FromStr for Level {
    type Err = BuiltinError;

    fn from_str(name: &str) -> Result<Self, BuiltinError> {
        Level::ALL.into_iter().find(|l| l.name() == name).ok_or_else(|| BuiltinError::Name(name.to_owned()))
    }
}

/// Reason why a built-in model is not available.
#[derive(Debug, thiserror::Error)]
pub enum BuiltinError {
    #[error("`{0}` is not a built-in model; choose ngram, early or late")]
    Name(String),
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
    #[error(transparent)]
    Table(#[from] TableError),
    #[error(transparent)]
    Model(#[from] ModelFileError),
}

const TOKENIZER: &str = include_str!("../models/tokenizer.txt");
const NGRAM: &[u8] = include_bytes!("../models/ngram.bin");
const EARLY: &[u8] = include_bytes!("../models/early.safetensors");
const LATE: &[u8] = include_bytes!("../models/late.safetensors");

/// The tokenizer all built-in models share.
pub fn tokenizer() -> Result<Arc<Tokenizer>, BuiltinError> {
    Ok(Arc::new(Tokenizer::parse(TOKENIZER)?))
}

/// A built-in transformer; `None` for the n-gram level.
pub fn transformer(level: Level) -> Result<Option<TransformerModel>, BuiltinError> {
    let bytes = match level {
        Level::Ngram => return Ok(None),
        Level::Early => EARLY,
        Level::Late => LATE,
    };
    Ok(Some(TransformerModel::read(level.name(), bytes, tokenizer()?)?))
}

/// The built-in n-gram model.
pub fn ngram() -> Result<NgramModel, BuiltinError> {
    Ok(NgramModel::read(Level::Ngram.name(), NGRAM, tokenizer()?)?)
}

/// A built-in model, ready to answer. Takes a few milliseconds; share the result.
pub fn model(level: Level) -> Result<Arc<dyn TextModel>, BuiltinError> {
    Ok(match transformer(level)? {
        Some(model) => Arc::new(model),
        None => Arc::new(ngram()?),
    })
}

/// The two files of a built-in model, each a name and its content. A directory of them has the model's identity.
pub fn directory(level: Level) -> [(&'static str, &'static [u8]); 2] {
    let weights = match level {
        Level::Ngram => (files::NGRAM, NGRAM),
        Level::Early => (files::TRANSFORMER, EARLY),
        Level::Late => (files::TRANSFORMER, LATE),
    };
    [(files::TOKENIZER, TOKENIZER.as_bytes()), weights]
}

#[cfg(test)]
mod tests;
