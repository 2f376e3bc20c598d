//! A model that looks at the last two tokens only: the honest floor of quality.
//!
//! `p(c | a b)` mixes the counts of `c` after `a b`, of `c` after `b` and of `c` alone: `p(c|ab) = max(n(abc) − D,
//! 0)/n(ab·) + D·k(ab)/n(ab·) · p(c|b)`, and likewise for pairs. `D = 3/4` is the discount and `k` the number of
//! different successors (interpolated absolute discounting; Ney, Essen & Kneser, 1994). Rare triples and pairs are not
//! kept, so the table stays small. The model ignores text right of the cursor.

mod table;

pub use table::{NgramTable, Pruning, TableError};

use crate::files;
use crate::generate::generate;
use crate::kernel::{ln, Kernel};
use crate::model::{
    Completion, CompletionRequest, Likelihood, ModelError, Retrace, TextModel, Trace, MAX_TEXT_BYTES,
};
use crate::prompt;
use crate::tokenizer::{Special, Token, Tokenizer};
use crate::trace::{self, Read};
use crate::word;
use myelin_provenance::ModelId;
use std::sync::Arc;

/// Tokens of a prompt worth encoding.
const READ: usize = 64;
/// Tokens of an answer before it must end, as if it had a context.
const CONTEXT: usize = 4096;

/// An n-gram table as a [`TextModel`].
pub struct NgramModel {
    name: String,
    id: ModelId,
    tokenizer: Arc<Tokenizer>,
    table: NgramTable,
}

impl NgramModel {
    /// Reads a table file. Refuses one whose vocabulary is not the tokenizer's.
    pub fn read(name: &str, bytes: &[u8], tokenizer: Arc<Tokenizer>) -> Result<Self, TableError> {
        let table = NgramTable::read(bytes)?;
        if table.vocabulary() != tokenizer.vocabulary() {
            return Err(TableError::Vocabulary);
        }
        let id = files::identity(&tokenizer, files::NGRAM, bytes);
        Ok(NgramModel { name: name.to_owned(), id, tokenizer, table })
    }

    /// The two tokens before the cursor.
    fn context(&self, prompt: &str) -> (usize, [Token; 2]) {
        let end = Token::from(Special::End);
        let tokens = prompt::tokens(&self.tokenizer, prompt, None, READ);
        let at = |back: usize| tokens.len().checked_sub(back).map_or(end, |i| tokens[i]);
        (tokens.len(), [at(2), at(1)])
    }

    /// The answer of the likeliest token at each place, without a search for the likeliest first word.
    pub fn likeliest_tokens(&self, request: &CompletionRequest) -> Result<Completion, ModelError> {
        request.check()?;
        let request = &*request.as_text();
        let (read, context) = self.begin(request);
        let next = self.continued(context);
        Ok(generate(&self.tokenizer, request, read.tokens, read.begun, Vec::new(), next, &mut |_| true))
    }

    /// The part of a request's prompt that is read, and the two tokens before the cursor.
    fn begin<'r>(&self, request: &'r CompletionRequest) -> (Read<'r>, [Token; 2]) {
        let (before, begun) = prompt::split_begun(&request.prompt);
        let (tokens, context) = self.context(before);
        (Read { tokens, begun, first: Vec::new() }, context)
    }

    /// Like [`NgramModel::begin`], with the tokens of the likeliest first word.
    fn begin_with_word<'r>(&self, request: &'r CompletionRequest) -> (Read<'r>, [Token; 2]) {
        let (mut read, context) = self.begin(request);
        let peek = |tokens: &[Token]| {
            Some(self.logits(tokens.iter().fold(context, |[_, last], token| [last, *token])))
        };
        read.first = word::likeliest(&self.tokenizer, request, read.begun, peek);
        (read, context)
    }

    /// The logits after each token, until the context is full.
    fn continued(&self, mut context: [Token; 2]) -> impl FnMut(Option<Token>) -> Option<Vec<f32>> + '_ {
        let mut room = CONTEXT;
        move |last| {
            if let Some(token) = last {
                context = [context[1], token];
                room = room.checked_sub(1)?;
            }
            Some(self.logits(context))
        }
    }

    fn logits(&self, context: [Token; 2]) -> Vec<f32> {
        self.table.distribution(context).into_iter().map(|p| ln(p) as f32).collect()
    }
}

impl TextModel for NgramModel {
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
        let (read, context) = self.begin_with_word(request);
        let next = self.continued(context);
        Ok(generate(&self.tokenizer, request, read.tokens, read.begun, read.first, next, on_text))
    }

    fn complete_traced(
        &self,
        request: &CompletionRequest,
        on_text: &mut dyn FnMut(&str) -> bool,
    ) -> Result<(Completion, Option<Trace>), ModelError> {
        request.check()?;
        let request = &*request.as_text();
        let (read, context) = self.begin_with_word(request);
        let next = self.continued(context);
        let (completion, trace) = trace::draw(&self.tokenizer, Kernel::best(), request, read, next, on_text);
        Ok((completion, Some(trace)))
    }

    fn retrace(&self, request: &CompletionRequest, tokens: &[u32]) -> Result<Option<Retrace>, ModelError> {
        request.check()?;
        let request = &*request.as_text();
        let (read, context) = self.begin_with_word(request);
        let Some(tokens) = trace::known(&self.tokenizer, tokens) else { return Ok(None) };
        let next = self.continued(context);
        Ok(trace::read(&self.tokenizer, Kernel::best(), request, read, next, &tokens))
    }

    fn likelihood(
        &self,
        prompt: &str,
        _suffix: Option<&str>,
        continuation: &str,
    ) -> Result<Likelihood, ModelError> {
        for (what, text) in [("bytes of prompt", prompt), ("bytes of continuation", continuation)] {
            if text.len() > MAX_TEXT_BYTES {
                return Err(ModelError::TooLarge { what, asked: text.len(), limit: MAX_TEXT_BYTES });
            }
        }
        let (_, mut context) = self.context(prompt);
        let mut micro_nats = Vec::new();
        let wanted = self.tokenizer.encode(continuation);
        for &token in &wanted {
            let nats = ln(self.table.probability(context, token));
            micro_nats.push(((nats * 1e6).round() as i64).min(0));
            context = [context[1], token];
        }
        Ok(Likelihood { micro_nats, starts: self.tokenizer.starts(&wanted), bytes: continuation.len() })
    }
}

#[cfg(test)]
mod tests;
