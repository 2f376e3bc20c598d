//! Traces of drawn tokens: writing one, and reading a claimed one.

use crate::generate::generate_by;
use crate::kernel::{Kernel, Random};
use crate::model::{Completion, CompletionRequest, Drawn, Retrace, Trace};
use crate::sampling::{choose, flatter, log_probability};
use crate::tokenizer::{Token, Tokenizer};

/// The part of a prompt that was read.
pub(crate) struct Read<'r> {
    /// Number of tokens.
    pub tokens: usize,
    /// The word that the prompt has begun, which was not read.
    pub begun: &'r str,
    /// The tokens of the likeliest first word, where the likeliest text is asked for.
    pub first: Vec<Token>,
}

/// Generates as [`generate`](crate::generate::generate) does, with a trace.
pub(crate) fn draw(
    tokenizer: &Tokenizer,
    kernel: Kernel,
    request: &CompletionRequest,
    read: Read,
    next: impl FnMut(Option<Token>) -> Option<Vec<f32>>,
    on_text: &mut dyn FnMut(&str) -> bool,
) -> (Completion, Trace) {
    let mut random = Random::new(request.seed);
    let mut first = read.first.into_iter();
    let mut trace = Trace::default();
    let mut pick = |all: &[f32], allowed: &[f32]| {
        let token = first.next().unwrap_or_else(|| choose(allowed, request.temperature, &mut random));
        trace.tokens.push(u32::from(token));
        trace.micro_nats.push(log_probability(kernel, all, token));
        Some(token)
    };
    let completion = generate_by(tokenizer, request, read.tokens, read.begun, next, &mut pick, on_text);
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
    read: Read,
    next: impl FnMut(Option<Token>) -> Option<Vec<f32>>,
    tokens: &[Token],
) -> Option<Retrace> {
    let mut left = tokens.iter();
    // The tokens of the likeliest word are as good as the likeliest tokens.
    let mut of_word = read.first.iter().zip(tokens).take_while(|(one, other)| one == other).count();
    let (mut drawn, mut fits) = (Vec::with_capacity(tokens.len()), true);
    let mut pick = |all: &[f32], allowed: &[f32]| {
        let token = left.next().copied().filter(|token| allowed[*token as usize] > f32::MIN);
        let Some(token) = token else {
            fits = false;
            return None;
        };
        let best = allowed.iter().copied().fold(f32::MIN, f32::max);
        let behind = match of_word.checked_sub(1) {
            Some(left) => {
                of_word = left;
                0.0
            }
            None => f64::from(best) - f64::from(allowed[token as usize]),
        };
        drawn.push(Drawn {
            micro_nats: log_probability(kernel, all, token),
            behind: (behind * 1e6).round() as i64,
            flatter: flatter(allowed, request.temperature, token),
        });
        Some(token)
    };
    let completion = generate_by(tokenizer, request, read.tokens, read.begun, next, &mut pick, &mut |_| true);
    let whole = left.next().is_none();
    (fits && whole).then_some(Retrace { text: completion.text, drawn })
}
