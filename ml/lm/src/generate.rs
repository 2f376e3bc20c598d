//! The loop that turns next-token scores into an answer.

use crate::kernel::Random;
use crate::model::{Completion, CompletionRequest, Finish};
use crate::sampling::choose;
use crate::tokenizer::{Special, Token, Tokenizer, SPECIAL_TOKENS};

/// Generates an answer. `next` is called with the token chosen before (`None` at first) and returns the logits of the
/// following one, or `None` when the context is full. The first tokens must agree with `begun`, text that the prompt
/// already holds and the model has not read; it is not part of the answer. The answer begins with the tokens of
/// `first`, if there are some.
pub(crate) fn generate(
    tokenizer: &Tokenizer,
    request: &CompletionRequest,
    prompt_tokens: usize,
    begun: &str,
    first: Vec<Token>,
    next: impl FnMut(Option<Token>) -> Option<Vec<f32>>,
    on_text: &mut dyn FnMut(&str) -> bool,
) -> Completion {
    let mut random = Random::new(request.seed);
    let mut first = first.into_iter();
    let mut pick = |_: &[f32], allowed: &[f32]| {
        first.next().or_else(|| Some(choose(allowed, request.temperature, &mut random)))
    };
    generate_by(tokenizer, request, prompt_tokens, begun, next, &mut pick, on_text)
}

/// Chooses the next token from the logits of all tokens and those of the allowed ones; `None` ends the answer.
pub(crate) type Pick<'a> = dyn FnMut(&[f32], &[f32]) -> Option<Token> + 'a;

/// Like [`generate`], with another way to choose tokens.
pub(crate) fn generate_by(
    tokenizer: &Tokenizer,
    request: &CompletionRequest,
    prompt_tokens: usize,
    begun: &str,
    mut next: impl FnMut(Option<Token>) -> Option<Vec<f32>>,
    pick: &mut Pick,
    on_text: &mut dyn FnMut(&str) -> bool,
) -> Completion {
    let mut answer = Answer::new(&request.stop);
    let mut begun = begun.as_bytes();
    let mut last = None;
    let mut count = 0;
    let mut finish = Finish::Length;
    while count < request.max_tokens {
        let Some(all) = next(last) else { break };
        let mut logits = all.clone();
        // only text and the end are answers
        logits.iter_mut().take(SPECIAL_TOKENS).skip(1).for_each(|x| *x = f32::MIN);
        if !begun.is_empty() {
            for (token, logit) in logits.iter_mut().enumerate() {
                let bytes = tokenizer.bytes_of(token as Token);
                if bytes.is_empty() || !(begun.starts_with(bytes) || bytes.starts_with(begun)) {
                    *logit = f32::MIN;
                }
            }
        }
        let Some(token) = pick(&all, &logits) else { break };
        if token == Token::from(Special::End) {
            finish = Finish::Stop;
            break;
        }
        last = Some(token);
        let bytes = tokenizer.bytes_of(token);
        let known = begun.len().min(bytes.len());
        begun = &begun[known..];
        if known == bytes.len() {
            continue;
        }
        count += 1;
        if answer.push(&bytes[known..]) {
            finish = Finish::Stop;
            break;
        }
        if !answer.hand_out(on_text, false) {
            break;
        }
    }
    answer.hand_out(on_text, true);
    Completion { text: answer.text(), prompt_tokens: prompt_tokens as u32, completion_tokens: count, finish }
}

/// Collects bytes, finds stop texts, and gives out whole characters that cannot be part of a stop text any more.
struct Answer<'a> {
    stops: &'a [String],
    bytes: Vec<u8>,
    given: usize,
}

impl<'a> Answer<'a> {
    fn new(stops: &'a [String]) -> Self {
        Answer { stops, bytes: Vec::new(), given: 0 }
    }

    /// Adds bytes; true if a stop text is complete, which is then cut off with everything after it.
    fn push(&mut self, bytes: &[u8]) -> bool {
        let before = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        let found = self.stops.iter().filter(|s| !s.is_empty()).filter_map(|stop| {
            let from = (before + 1).saturating_sub(stop.len());
            let tail = &self.bytes[from..];
            tail.windows(stop.len()).position(|w| w == stop.as_bytes()).map(|i| from + i)
        });
        let cut = found.min();
        if let Some(at) = cut {
            self.bytes.truncate(at);
        }
        cut.is_some()
    }

    /// Hands out text that is certain, all of it at the end; false if the receiver wants no more.
    fn hand_out(&mut self, on_text: &mut dyn FnMut(&str) -> bool, end: bool) -> bool {
        let mut upto = self.bytes.len();
        if !end {
            let held = self.stops.iter().map(|stop| self.overlap(stop.as_bytes())).max().unwrap_or(0);
            upto -= held;
            upto -= unfinished(&self.bytes[..upto]);
        }
        if upto <= self.given {
            return true;
        }
        let text = String::from_utf8_lossy(&self.bytes[self.given..upto]).into_owned();
        self.given = upto;
        on_text(&text)
    }

    /// Longest end of the text that a stop text begins with.
    fn overlap(&self, stop: &[u8]) -> usize {
        let longest = stop.len().saturating_sub(1).min(self.bytes.len());
        (0..=longest).rev().find(|&n| self.bytes.ends_with(&stop[..n])).unwrap_or(0)
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

/// Bytes at the end that begin a character but do not complete it.
fn unfinished(bytes: &[u8]) -> usize {
    for back in 1..=bytes.len().min(3) {
        let byte = bytes[bytes.len() - back];
        let length = match byte {
            0xc0..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xf7 => 4,
            0x80..=0xbf => continue,
            _ => 1,
        };
        return if length > back { back } else { 0 };
    }
    0
}

#[cfg(test)]
mod tests;
