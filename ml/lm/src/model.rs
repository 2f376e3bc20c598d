//! Interface that every model offers, in this process or behind an endpoint.

use std::borrow::Cow;
use std::time::Duration;

use myelin_provenance::ModelId;

use crate::prompt::{chat, Message};

/// A question to a model.
#[derive(Clone, Debug, PartialEq)]
pub struct CompletionRequest {
    /// Text to continue; with a suffix, the text left of the cursor.
    pub prompt: String,
    /// A conversation to answer, instead of a prompt.
    pub messages: Vec<Message>,
    /// Text right of the cursor, if the gap between the two is to be filled.
    pub suffix: Option<String>,
    /// Most tokens to generate.
    pub max_tokens: u32,
    /// 0 asks for the likeliest text: built-in models search for the first word and take the likeliest tokens behind
    /// it. 1 samples from the model's distribution.
    pub temperature: f32,
    /// Same model, request and seed: same answer, for built-in models.
    pub seed: u64,
    /// Texts that end the answer; they are not part of it.
    pub stop: Vec<String>,
}

impl Default for CompletionRequest {
    /// An empty prompt, 32 tokens, no randomness.
    fn default() -> Self {
        CompletionRequest {
            prompt: String::new(),
            messages: Vec::new(),
            suffix: None,
            max_tokens: 32,
            temperature: 0.0,
            seed: 0,
            stop: Vec::new(),
        }
    }
}

/// Why an answer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finish {
    /// The model ended it or a stop text was found.
    Stop,
    /// The limit on tokens or the model's context was reached.
    Length,
}

/// A model's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// The generated text, without the stop text.
    pub text: String,
    /// Tokens read, as far as the model says so.
    pub prompt_tokens: u32,
    /// Tokens generated, as far as the model says so.
    pub completion_tokens: u32,
    pub finish: Finish,
}

/// How likely a text is under a model, in integers, so that everybody adds up the same numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Likelihood {
    /// Natural logarithm of each token's probability, in millionths; never positive.
    pub micro_nats: Vec<i64>,
    /// Where each token begins in the scored text, in bytes; empty if the model does not say.
    pub starts: Vec<usize>,
    /// Length of the scored text.
    pub bytes: usize,
}

impl Likelihood {
    /// Logarithm of the probability of the whole text, in millionths of a nat.
    pub fn total(&self) -> i64 {
        self.micro_nats.iter().sum()
    }

    /// Mean cost in millionths of a nat per byte, rounded down; 0 for an empty text. Lower is likelier.
    pub fn cost_per_byte(&self) -> i64 {
        self.total().checked_neg().and_then(|cost| cost.checked_div(self.bytes as i64)).unwrap_or(0)
    }
}

/// The tokens that a model drew for an answer, with the logarithm of each token's probability in millionths of a nat.
/// The probability is that of the model itself, before temperature and before any token was ruled out.
///
/// Begins with the tokens of a word that the prompt had begun, and ends with the token that ended the answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    /// The tokens by their numbers.
    pub tokens: Vec<u32>,
    /// Never positive.
    pub micro_nats: Vec<i64>,
}

/// Result of reading the tokens that a model is said to have drawn for a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Retrace {
    /// The answer that these tokens make.
    pub text: String,
    /// Findings for each token.
    pub drawn: Vec<Drawn>,
}

/// One token that is said to have been drawn, as the reading model sees it; all values in millionths of a nat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Drawn {
    /// Logarithm of its probability, as in [`Trace`].
    pub micro_nats: i64,
    /// How far it lies below the likeliest token that was allowed; 0 for tokens of the likeliest first word.
    pub behind: i64,
    /// Evidence that it was drawn from a flatter distribution than the one asked for:
    /// [`flatter`](crate::sampling::flatter); 0 where the likeliest token was asked for.
    pub flatter: i64,
}

/// Why a model gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    #[error("the request asks for {asked} {what}, the limit is {limit}; ask for less")]
    TooLarge { what: &'static str, asked: usize, limit: usize },
    #[error("temperature {0} is not a number from 0 to 2")]
    Temperature(f32),
    #[error("the model `{model}` does not offer {what}")]
    Unsupported { model: String, what: &'static str },
    #[error("the endpoint {url} did not answer: {reason}; check that it runs and that the address is right")]
    Unreachable { url: String, reason: String },
    #[error("the endpoint {url} refused the request with status {status}: {message}")]
    Refused {
        url: String,
        status: u16,
        message: String,
        /// Time after which the endpoint wants to be asked again, if it names one.
        retry_after: Option<Duration>,
    },
    #[error("the endpoint {url} sent an answer that cannot be used: {reason}")]
    Answer { url: String, reason: String },
}

/// A model that continues text.
pub trait TextModel: Send + Sync {
    /// Name for people.
    fn name(&self) -> String;

    /// Identity of the model, by which the chain's registry knows it: equal ids of weights give equal answers. An
    /// endpoint's names its address and the model's name, and proves nothing.
    fn id(&self) -> ModelId;

    /// Answers a request.
    fn complete(&self, request: &CompletionRequest) -> Result<Completion, ModelError>;

    /// Answers a request and hands out the text piece by piece; the pieces add up to the answer's text. Generation
    /// ends early when `on_text` returns false. Models that cannot stream hand out everything at the end.
    fn complete_streaming(
        &self,
        request: &CompletionRequest,
        on_text: &mut dyn FnMut(&str) -> bool,
    ) -> Result<Completion, ModelError> {
        let completion = self.complete(request)?;
        on_text(&completion.text);
        Ok(completion)
    }

    /// Answers a request like [`TextModel::complete_streaming`] and returns the drawn tokens, for models that can; see
    /// [`TextModel::retrace`].
    fn complete_traced(
        &self,
        request: &CompletionRequest,
        on_text: &mut dyn FnMut(&str) -> bool,
    ) -> Result<(Completion, Option<Trace>), ModelError> {
        Ok((self.complete_streaming(request, on_text)?, None))
    }

    /// Several answers to one request, each with a temperature and a seed of its own in place of the request's. Models
    /// that can read the prompt once for all of them; the answers are those of [`TextModel::complete`].
    fn complete_each(
        &self,
        request: &CompletionRequest,
        draws: &[(f32, u64)],
    ) -> Result<Vec<Completion>, ModelError> {
        draws.iter().map(|draw| self.complete(&request.drawn(*draw))).collect()
    }

    /// Reads the tokens that somebody says this model drew for a request, all at once. `None` if they cannot be an
    /// answer of this model to it: a token that was not allowed, none where the answer was not over, or more after it.
    fn retrace(&self, request: &CompletionRequest, tokens: &[u32]) -> Result<Option<Retrace>, ModelError> {
        let _ = (request, tokens);
        Err(ModelError::Unsupported { model: self.name(), what: "traces" })
    }

    /// Likelihood of `continuation` after `prompt` (and before `suffix`), token by token. Bit-reproducible for
    /// built-in models.
    fn likelihood(
        &self,
        prompt: &str,
        suffix: Option<&str>,
        continuation: &str,
    ) -> Result<Likelihood, ModelError> {
        let _ = (prompt, suffix, continuation);
        Err(ModelError::Unsupported { model: self.name(), what: "likelihoods" })
    }

    /// Likelihoods of several continuations of one prompt, bit for bit those of [`TextModel::likelihood`]. Models that
    /// can do so read the prompt once for all of them.
    fn likelihoods(
        &self,
        prompt: &str,
        suffix: Option<&str>,
        continuations: &[&str],
    ) -> Result<Vec<Likelihood>, ModelError> {
        continuations.iter().map(|continuation| self.likelihood(prompt, suffix, continuation)).collect()
    }

    /// Logarithm of each token's probability in nats, rounded to millionths; see [`TextModel::likelihood`].
    fn logprobs(&self, prompt: &str, continuation: &str) -> Result<Vec<f32>, ModelError> {
        let likelihood = self.likelihood(prompt, None, continuation)?;
        Ok(likelihood.micro_nats.iter().map(|&x| x as f32 / 1e6).collect())
    }
}

/// Longest prompt, suffix or continuation accepted, in bytes.
pub const MAX_TEXT_BYTES: usize = 1 << 20;
/// Most tokens generated for one request.
pub const MAX_TOKENS: u32 = 4096;
/// Most stop texts of one request.
pub const MAX_STOPS: usize = 16;

impl CompletionRequest {
    /// The request for a model that only continues text: a conversation as one text that ends where the answer begins.
    pub fn as_text(&self) -> Cow<'_, Self> {
        if self.messages.is_empty() {
            return Cow::Borrowed(self);
        }
        let (prompt, ends) = chat(&self.messages);
        let stop = self.stop.iter().cloned().chain(ends).collect();
        Cow::Owned(Self { prompt, stop, messages: Vec::new(), ..self.clone() })
    }

    /// The request with another temperature and seed.
    pub(crate) fn drawn(&self, (temperature, seed): (f32, u64)) -> Self {
        Self { temperature, seed, ..self.clone() }
    }

    /// Checks the limits every model shares.
    pub fn check(&self) -> Result<(), ModelError> {
        let suffix = self.suffix.as_ref().map_or(0, String::len);
        let said: usize = self.messages.iter().map(|said| said.role.len() + said.content.len()).sum();
        let stop = self.stop.iter().map(String::len).max().unwrap_or(0);
        let limits = [
            ("bytes of prompt", self.prompt.len() + said, MAX_TEXT_BYTES),
            ("bytes of suffix", suffix, MAX_TEXT_BYTES),
            ("tokens", self.max_tokens as usize, MAX_TOKENS as usize),
            ("stop texts", self.stop.len(), MAX_STOPS),
            ("bytes of stop text", stop, 1024),
        ];
        if let Some((what, asked, limit)) = limits.into_iter().find(|(_, asked, limit)| asked > limit) {
            return Err(ModelError::TooLarge { what, asked, limit });
        }
        if !(0.0..=2.0).contains(&self.temperature) {
            return Err(ModelError::Temperature(self.temperature));
        }
        Ok(())
    }
}
