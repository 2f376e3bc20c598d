//! Traces of drawn tokens: writing one, and reading a claimed one.

use crate::generate::generate_by;
use crate::kernel::{Kernel, Random};
use crate::model::{Completion, CompletionRequest, Drawn, Retrace, Trace};
use crate::sampling::{choose, flatter, log_probability};
use crate::tokenizer::{Token, Tokenizer};

/// Generates as [`generate`](crate::generate::generate) does, with a trace. `read` holds the number of tokens read and
/// the word that the prompt has begun.
pub(crate) fn draw(
    tokenizer: &Tokenizer,
    kernel: Kernel,
    request: &CompletionRequest,
    read: (usize, &str),
    next: impl FnMut(Option<Token>) -> Option<Vec<f32>>,
    on_text: &mut dyn FnMut(&str) -> bool,
) -> (Completion, Trace) {
    let mut random = Random::new(request.seed);
    let mut trace = Trace::default();
    let mut pick = |all: &[f32], allowed: &[f32]| {
        let token = choose(allowed, request.temperature, &mut random);
        trace.tokens.push(u32::from(token));
        trace.micro_nats.push(log_probability(kernel, all, token));
        Some(token)
    };
    let completion = generate_by(tokenizer, request, read.0, read.1, next, &mut pick, on_text);
    (completion, trace)
}

/// The tokens, if all of them are of the vocabulary.
pub(crate) fn known(tokenizer: &Tokenizer, tokens: &[u32]) -> Option<Vec<Token>> {
    let known = |token: &u32| (*token as usize) < tokenizer.vocabulary();
    tokens.iter().map(|token| known(token).then_some(*token as Token)).collect()
}

/// Replays [`draw`] with given tokens; `None` if it ends elsewhere or a token was not allowed.
pub(crate) fn read(
    tokenizer: &Tokenizer,
    kernel: Kernel,
    request: &CompletionRequest,
    read: (usize, &str),
    next: impl FnMut(Option<Token>) -> Option<Vec<f32>>,
    tokens: &[Token],
) -> Option<Retrace> {
    let mut left = tokens.iter();
    let (mut drawn, mut fits) = (Vec::with_capacity(tokens.len()), true);
    let mut pick = |all: &[f32], allowed: &[f32]| {
        let token = left.next().copied().filter(|token| allowed[*token as usize] > f32::MIN);
        let Some(token) = token else {
            fits = false;
            return None;
        };
        let best = allowed.iter().copied().fold(f32::MIN, f32::max);
        let behind = f64::from(best) - f64::from(allowed[token as usize]);
        drawn.push(Drawn {
            micro_nats: log_probability(kernel, all, token),
            behind: (behind * 1e6).round() as i64,
            flatter: flatter(allowed, request.temperature, token),
        });
        Some(token)
    };
    let completion = generate_by(tokenizer, request, read.0, read.1, next, &mut pick, &mut |_| true);
    let whole = left.next().is_none();
    (fits && whole).then_some(Retrace { text: completion.text, drawn })
}
