//! The transformer as a [`TextModel`].

use super::{file, ModelFileError, ModelMetadata, Session, Weights};
use crate::files;
use crate::generate::generate;
use crate::kernel::Kernel;
use crate::model::{
    Completion, CompletionRequest, Likelihood, ModelError, Retrace, TextModel, Trace, MAX_TEXT_BYTES,
};
use crate::prompt;
use crate::sampling::log_probability;
use crate::tokenizer::{Token, Tokenizer};
use crate::trace::{self, Read};
use crate::word;
use myelin_provenance::ModelId;
use std::sync::Arc;

/// Tokens of a prompt read at a time.
const READ_AT_ONCE: usize = 64;

/// A causal transformer that runs in this process, on one thread per request.
pub struct TransformerModel {
    name: String,
    id: ModelId,
    tokenizer: Arc<Tokenizer>,
    weights: Weights,
    metadata: ModelMetadata,
}

impl TransformerModel {
    /// Reads a model file. Refuses one whose vocabulary is not the tokenizer's.
    pub fn read(name: &str, bytes: &[u8], tokenizer: Arc<Tokenizer>) -> Result<Self, ModelFileError> {
        Self::with_kernel(name, bytes, tokenizer, Kernel::best())
    }

    /// Like [`TransformerModel::read`], with a choice of machine instructions.
    pub fn with_kernel(
        name: &str,
        bytes: &[u8],
        tokenizer: Arc<Tokenizer>,
        kernel: Kernel,
    ) -> Result<Self, ModelFileError> {
        let (layout, parameters, metadata) = file::read(bytes)?;
        if layout.config.vocabulary != tokenizer.vocabulary() {
            return Err(ModelFileError::Format("its vocabulary is not that of the tokenizer"));
        }
        Ok(TransformerModel {
            name: name.to_owned(),
            id: files::identity(&tokenizer, files::TRANSFORMER, bytes),
            weights: Weights::new(&layout, &parameters, kernel),
            tokenizer,
            metadata,
        })
    }

    /// Metadata of the model file, which describes its training.
    pub fn metadata(&self) -> &ModelMetadata {
        &self.metadata
    }

    /// The tokenizer the model was trained with.
    pub fn tokenizer(&self) -> &Arc<Tokenizer> {
        &self.tokenizer
    }

    /// The weights, for use with a session.
    pub fn weights(&self) -> &Weights {
        &self.weights
    }
}

/// Feeds many tokens in portions of bounded memory.
fn read_all(session: &mut Session, tokens: &[Token]) {
    tokens.chunks(READ_AT_ONCE).for_each(|chunk| session.feed(chunk));
}

impl TextModel for TransformerModel {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn id(&self) -> ModelId {
        self.id
    }

    fn complete(&self, request: &CompletionRequest) -> Result<Completion, ModelError> {
        self.complete_streaming(request, &mut |_| true)
    }

    fn complete_streaming(
        &self,
        request: &CompletionRequest,
        on_text: &mut dyn FnMut(&str) -> bool,
    ) -> Result<Completion, ModelError> {
        request.check()?;
        let request = &*request.as_text();
        let (mut session, read, begun) = self.begin(request);
        let first = self.first_word(request, begun, &mut session);
        Ok(generate(&self.tokenizer, request, read, begun, first, continued(session), on_text))
    }

    fn complete_traced(
        &self,
        request: &CompletionRequest,
        on_text: &mut dyn FnMut(&str) -> bool,
    ) -> Result<(Completion, Option<Trace>), ModelError> {
        request.check()?;
        let request = &*request.as_text();
        let (mut session, tokens, begun) = self.begin(request);
        let read = Read { tokens, begun, first: self.first_word(request, begun, &mut session) };
        let kernel = self.weights.kernel();
        let (completion, trace) =
            trace::draw(&self.tokenizer, kernel, request, read, continued(session), on_text);
        Ok((completion, Some(trace)))
    }

    fn complete_each(
        &self,
        request: &CompletionRequest,
        draws: &[(f32, u64)],
    ) -> Result<Vec<Completion>, ModelError> {
        request.check()?;
        let request = &*request.as_text();
        let (session, read, begun) = self.begin(request);
        let answer = |draw: &(f32, u64)| {
            let request = request.drawn(*draw);
            request.check()?;
            let mut session = session.clone();
            let first = self.first_word(&request, begun, &mut session);
            Ok(generate(&self.tokenizer, &request, read, begun, first, continued(session), &mut |_| true))
        };
        draws.iter().map(answer).collect()
    }

    fn retrace(&self, request: &CompletionRequest, tokens: &[u32]) -> Result<Option<Retrace>, ModelError> {
        request.check()?;
        let request = &*request.as_text();
        let (mut session, read, begun) = self.begin(request);
        let Some(tokens) = trace::known(&self.tokenizer, tokens) else { return Ok(None) };
        let Some((_, fed)) = tokens.split_last() else { return Ok(None) };
        if fed.len() > session.room() {
            return Ok(None);
        }
        let read = Read { tokens: read, begun, first: self.first_word(request, begun, &mut session) };
        let mut rows = session.logits(1);
        for part in fed.chunks(READ_AT_ONCE) {
            session.feed(part);
            rows.extend(session.logits(part.len()));
        }
        let width = self.weights.config().vocabulary;
        let full = session.room() == 0;
        let mut rows = rows.chunks_exact(width);
        // Another token could follow where the context is not full; `trace` finds out that none does.
        let next = |_: Option<Token>| match rows.next() {
            Some(row) => Some(row.to_vec()),
            None => (!full).then(|| vec![0.0; width]),
        };
        Ok(trace::read(&self.tokenizer, self.weights.kernel(), request, read, next, &tokens))
    }

    fn likelihood(
        &self,
        prompt: &str,
        suffix: Option<&str>,
        continuation: &str,
    ) -> Result<Likelihood, ModelError> {
        self.likelihood_after(prompt, suffix, continuation, &mut None)
    }

    /// Reads the prompt once for all continuations that leave the same part of it in the context.
    fn likelihoods(
        &self,
        prompt: &str,
        suffix: Option<&str>,
        continuations: &[&str],
    ) -> Result<Vec<Likelihood>, ModelError> {
        let mut read = None;
        continuations
            .iter()
            .map(|continuation| self.likelihood_after(prompt, suffix, continuation, &mut read))
            .collect()
    }
}

/// The logits after each token, until the context is full.
fn continued(mut session: Session<'_>) -> impl FnMut(Option<Token>) -> Option<Vec<f32>> + '_ {
    move |last| {
        if let Some(token) = last {
            if session.room() == 0 {
                return None;
            }
            session.feed(&[token]);
        }
        Some(session.logits(1))
    }
}

/// Tokens of a prompt, and a session that has read them.
type ReadPrompt<'a> = (Vec<Token>, Session<'a>);

impl TransformerModel {
    fn first_word(&self, request: &CompletionRequest, begun: &str, session: &mut Session) -> Vec<Token> {
        let peek = |tokens: &[Token]| (tokens.len() <= session.room()).then(|| session.peek(tokens));
        word::likeliest(&self.tokenizer, request, begun, peek)
    }

    /// Reads as much of the prompt as leaves room for the answer (at least half of the context): the session, the
    /// number of tokens read, and the word that is begun.
    fn begin<'r>(&self, request: &'r CompletionRequest) -> (Session<'_>, usize, &'r str) {
        let context = self.weights.config().context;
        let room = context - (request.max_tokens as usize).min(context / 2);
        let (before, begun) = prompt::split_begun(&request.prompt);
        let tokens = prompt::tokens(&self.tokenizer, before, request.suffix.as_deref(), room);
        let mut session = Session::new(&self.weights);
        read_all(&mut session, &tokens);
        (session, tokens.len(), begun)
    }

    /// Texts longer than half of the context are scored in windows that overlap by half. `latest` is the prompt read
    /// last, to be continued again if it is the same.
    fn likelihood_after<'a>(
        &'a self,
        prompt: &str,
        suffix: Option<&str>,
        continuation: &str,
        latest: &mut Option<ReadPrompt<'a>>,
    ) -> Result<Likelihood, ModelError> {
        for (what, text) in [("bytes of prompt", prompt), ("bytes of continuation", continuation)] {
            if text.len() > MAX_TEXT_BYTES {
                return Err(ModelError::TooLarge { what, asked: text.len(), limit: MAX_TEXT_BYTES });
            }
        }
        let context = self.weights.config().context;
        let wanted = self.tokenizer.encode(continuation);
        let mut micro_nats = Vec::with_capacity(wanted.len());
        let mut seen = String::from(prompt);
        for window in wanted.chunks(context / 2) {
            let read = prompt::tokens(&self.tokenizer, &seen, suffix, context - window.len());
            let mut session = match latest {
                Some((tokens, session)) if *tokens == read => session.clone(),
                _ => {
                    let mut session = Session::new(&self.weights);
                    read_all(&mut session, &read);
                    *latest = Some((read, session.clone()));
                    session
                }
            };
            let mut logits = session.logits(1);
            for (i, &token) in window.iter().enumerate() {
                let n = self.weights.config().vocabulary;
                micro_nats.push(log_probability(self.weights.kernel(), &logits[i * n..(i + 1) * n], token));
                if i == 0 && window.len() > 1 {
                    session.feed(&window[..window.len() - 1]);
                    logits.extend(session.logits(window.len() - 1));
                }
            }
            seen.push_str(&self.tokenizer.decode(window));
        }
        Ok(Likelihood { micro_nats, starts: self.tokenizer.starts(&wanted), bytes: continuation.len() })
    }
}
