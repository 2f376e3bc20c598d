//! The files of a model of text, and its identity: a directory of the tokenizer and of the weights.
//!
//! The names are fixed, so that the identity does not depend on the name of a model or on where its files lie.

use std::collections::BTreeMap;
use std::sync::Arc;

use myelin_provenance::{Manifest, ModelId};

use crate::model::TextModel;
use crate::ngram::{NgramModel, TableError};
use crate::tokenizer::{Tokenizer, TokenizerError};
use crate::transformer::{ModelFileError, TransformerModel};

/// The file of the tokenizer.
pub const TOKENIZER: &str = "tokenizer.txt";
/// The file of a transformer's weights.
pub const TRANSFORMER: &str = "model.safetensors";
/// The file of an n-gram table.
pub const NGRAM: &str = "model.bin";

/// Reason why files are no model of text.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    #[error(
        "a model of text is a directory of `{TOKENIZER}` and `{TRANSFORMER}` or `{NGRAM}`, and nothing else"
    )]
    Files,
    #[error("`{TOKENIZER}` is no UTF-8 text")]
    Text,
    #[error("`{TOKENIZER}` is not written as its reader would write it")]
    Form,
    #[error("`{TOKENIZER}`: {0}")]
    Tokenizer(#[from] TokenizerError),
    #[error("`{NGRAM}`: {0}")]
    Table(#[from] TableError),
    #[error("`{TRANSFORMER}`: {0}")]
    Model(#[from] ModelFileError),
}

/// The model of a directory's files, each a path with its content. Its identity is that of the directory.
pub fn read(name: &str, files: &BTreeMap<String, Vec<u8>>) -> Result<Arc<dyn TextModel>, FilesError> {
    let content = files.get(TOKENIZER).filter(|_| files.len() == 2).ok_or(FilesError::Files)?;
    let text = std::str::from_utf8(content).map_err(|_| FilesError::Text)?;
    let tokenizer = Arc::new(Tokenizer::parse(text)?);
    // The identity is that of the text which the tokenizer writes.
    if tokenizer.to_text() != text {
        return Err(FilesError::Form);
    }
    match (files.get(TRANSFORMER), files.get(NGRAM)) {
        (Some(weights), _) => Ok(Arc::new(TransformerModel::read(name, weights, tokenizer)?)),
        (None, Some(table)) => Ok(Arc::new(NgramModel::read(name, table, tokenizer)?)),
        (None, None) => Err(FilesError::Files),
    }
}

/// Identity of a tokenizer with a file of weights: that of a directory of the two.
pub(crate) fn identity(tokenizer: &Tokenizer, name: &str, weights: &[u8]) -> ModelId {
    let text = tokenizer.to_text();
    let manifest = Manifest::of_contents(&[(TOKENIZER, text.as_bytes()), (name, weights)]);
    manifest.expect("the names are two plain ones above, and memory holds less than 2^64 bytes").id()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builtin::{self, Level};
    use crate::model::CompletionRequest;

    fn files(level: Level) -> BTreeMap<String, Vec<u8>> {
        builtin::directory(level).into_iter().map(|(name, bytes)| (name.to_owned(), bytes.to_vec())).collect()
    }

    fn refused(files: &BTreeMap<String, Vec<u8>>) -> FilesError {
        read("refused", files).err().expect("no model")
    }

    #[test]
    fn a_directory_is_the_model_that_it_names() {
        for level in Level::ALL {
            let own = read("own", &files(level)).expect("a model");
            let built_in = builtin::model(level).expect("built in");
            assert_eq!((own.id(), own.name()), (built_in.id(), "own".to_owned()));
            let asked = CompletionRequest {
                prompt: "use std::".into(),
                max_tokens: 8,
                ..CompletionRequest::default()
            };
            let answer = |model: &dyn TextModel| model.complete(&asked).expect("an answer").text;
            assert_eq!(answer(&*own), answer(&*built_in));
        }
    }

    #[test]
    fn what_is_no_model_is_named() {
        let with = |name: &str, bytes: &[u8]| {
            let mut files = files(Level::Ngram);
            files.insert(name.into(), bytes.to_vec());
            files
        };
        let text = builtin::tokenizer().expect("built in").to_text();
        assert!(matches!(refused(&BTreeMap::new()), FilesError::Files));
        assert!(matches!(refused(&with("README.md", b"more")), FilesError::Files));
        assert!(matches!(refused(&with(TOKENIZER, b"\xff")), FilesError::Text));
        assert!(matches!(refused(&with(TOKENIZER, text.trim_end().as_bytes())), FilesError::Form));
        assert!(matches!(refused(&with(TOKENIZER, b"other")), FilesError::Tokenizer(TokenizerError::Header)));
        assert!(matches!(refused(&with(NGRAM, b"other")), FilesError::Table(TableError::Format(_))));
        let late = files(Level::Late);
        let cut = BTreeMap::from_iter(late.iter().map(|(name, bytes)| match &**name {
            TRANSFORMER => (name.clone(), bytes[..bytes.len() - 2].to_vec()),
            _ => (name.clone(), bytes.clone()),
        }));
        assert!(matches!(refused(&cut), FilesError::Model(ModelFileError::Format(_))));
        // A tokenizer of another vocabulary does not fit the weights.
        let first = text.lines().take(2).map(|line| format!("{line}\n")).collect::<String>();
        assert!(matches!(
            refused(&with(TOKENIZER, first.as_bytes())),
            FilesError::Table(TableError::Vocabulary)
        ));
        // Each merge doubles the token before it.
        let doubled: String =
            (264..300).map(|token| format!("{0} {0}\n", if token == 264 { 8 } else { token - 1 })).collect();
        let bomb = format!("{}\n{doubled}", text.lines().next().expect("a header"));
        let why = refused(&with(TOKENIZER, bomb.as_bytes()));
        assert!(matches!(why, FilesError::Tokenizer(TokenizerError::TooLong { line: 10 })), "{why}");
    }
}
