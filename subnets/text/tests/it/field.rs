//! Models, judges and a library for tests.

use std::{
    sync::{Arc, Mutex, OnceLock},
    time::Duration,
};

use myelin_lm::{
    builtin::{model, Level},
    model::TextModel,
};
use myelin_subnet::{AnswerContext, AnswerError, Subnet};
use myelin_text::{
    backend::{Backend, ModelBackend},
    library::Library,
    protocol::{TextRequest, TextResponse},
    Load, TextConfig, TextSubnet,
};

/// Lock of tests in which miners race against time, and of the test that computes for minutes beside them.
pub static MACHINE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

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

/// Answers one request after the other, each after a pause, so that a test does not depend on the speed of the machine.
pub fn steady(backend: Arc<dyn Backend>, pause_ms: u64) -> Arc<dyn Backend> {
    struct Steady(Mutex<Arc<dyn Backend>>, Duration, [u8; 32]);

    impl Backend for Steady {
        fn model_id(&self) -> [u8; 32] {
            self.2
        }

        fn answer(
            &self,
            context: &AnswerContext,
            request: &TextRequest,
        ) -> Result<TextResponse, AnswerError> {
            let backend = self.0.lock().unwrap();
            std::thread::sleep(self.1);
            backend.answer(context, request)
        }
    }
    let model = backend.model_id();
    Arc::new(Steady(Mutex::new(backend), Duration::from_millis(pause_ms), model))
}

/// The texts of a validator that names none.
pub fn library() -> Library {
    static LIBRARY: OnceLock<Library> = OnceLock::new();
    LIBRARY.get_or_init(|| Library::own([5; 32]).unwrap()).clone()
}

/// A subnet that can judge.
pub fn judging(load: Load) -> TextSubnet {
    let config = TextConfig { library: Some(library()), load, ..TextConfig::default() };
    TextSubnet::open(config).unwrap()
}

/// A subnet that answers.
pub fn answering(backend: Arc<dyn Backend>) -> TextSubnet {
    TextSubnet::open(TextConfig { backend: Some(backend), ..TextConfig::default() }).unwrap()
}
