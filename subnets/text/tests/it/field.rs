//! Models, judges and a library for tests.

use std::sync::{Arc, OnceLock};

use myelin_lm::{
    builtin::{model, Level},
    model::TextModel,
};
use myelin_subnet::Subnet;
use myelin_text::{
    backend::{Backend, ModelBackend},
    judge::Judge,
    library::Library,
    Load, TextConfig, TextSubnet,
};

/// A built-in model, read once for all tests.
pub fn built_in(level: Level) -> Arc<dyn TextModel> {
    static MODELS: OnceLock<Vec<Arc<dyn TextModel>>> = OnceLock::new();
    let models = MODELS.get_or_init(|| Level::ALL.iter().map(|level| model(*level).unwrap()).collect());
    models[Level::ALL.iter().position(|known| *known == level).unwrap()].clone()
}

/// An honest miner with a secret of its own.
pub fn honest(level: Level, secret: u8) -> Arc<dyn Backend> {
    Arc::new(ModelBackend::new(built_in(level), [secret; 32]))
}

/// The held-out crates that the package manager has on disk; this build has fetched enough of them.
pub fn library() -> Library {
    static LIBRARY: OnceLock<Library> = OnceLock::new();
    LIBRARY.get_or_init(|| Library::held_out().unwrap()).clone()
}

/// A subnet that can judge.
pub fn judging(load: Load) -> TextSubnet {
    let judge = Judge::new(built_in(Level::Late));
    let config = TextConfig { library: Some(library()), judge: Some(judge), load, ..TextConfig::default() };
    TextSubnet::open(config).unwrap()
}

/// A subnet that answers.
pub fn answering(backend: Arc<dyn Backend>) -> TextSubnet {
    TextSubnet::open(TextConfig { backend: Some(backend), ..TextConfig::default() }).unwrap()
}
