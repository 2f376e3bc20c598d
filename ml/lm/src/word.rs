//! The likeliest first word of an answer.
//!
//! A word can be written in several tokens, and a token can hold more than a word: `)`, `).` and `);` begin with the
//! same mark. So the likeliest token need not begin the likeliest word. The search follows the likeliest beginnings
//! and adds up the probabilities of all that make the same word.

use std::collections::BTreeMap;

use crate::kernel::exp;
use crate::model::CompletionRequest;
use crate::sampling::is_greedy;
use crate::tokenizer::{Special, Token, Tokenizer, SPECIAL_TOKENS};

/// Most steps of the model in a search.
const STEPS: usize = 12;
/// Beginnings that are less likely than this part of the likeliest word are not followed.
const FOLLOWED: f64 = 0.02;
/// Tokens that are less likely than this are left out.
const COUNTED: f64 = 1e-5;

/// Tokens that may begin the word, and the text that they make.
#[derive(Default)]
struct Beginning {
    tokens: Vec<Token>,
    text: Vec<u8>,
    probability: f64,
}

/// Beginnings that make one word, and the probability of each.
type Word = BTreeMap<Vec<Token>, f64>;

/// The tokens of the likeliest first word of an answer. They begin with `begun`, text that the prompt holds and the
/// model has not read, and may hold more text behind the word. The end of the answer and a stop text count as a word.
///
/// None where the request does not ask for the likeliest text. `logits_after` returns the logits behind tokens that
/// would come next, or `None` where they do not fit into the context.
pub(crate) fn likeliest(
    tokenizer: &Tokenizer,
    request: &CompletionRequest,
    begun: &str,
    mut logits_after: impl FnMut(&[Token]) -> Option<Vec<f32>>,
) -> Vec<Token> {
    if !is_greedy(request.temperature) || request.max_tokens == 0 {
        return Vec::new();
    }
    let mut words = BTreeMap::<Vec<u8>, Word>::new();
    let mut open = vec![Beginning { probability: 1.0, ..Beginning::default() }];
    for _ in 0..STEPS {
        let top = (0..open.len()).max_by(|a, b| open[*a].probability.total_cmp(&open[*b].probability));
        let Some(top) = top else { break };
        let from = open.swap_remove(top);
        let Some(logits) = logits_after(&from.tokens) else { continue };
        for (token, probability) in allowed(tokenizer, begun.as_bytes(), &from, &logits) {
            let text = [&from.text, tokenizer.bytes_of(token)].concat();
            let mut tokens = from.tokens.clone();
            let answer = text.get(begun.len()..).unwrap_or_default();
            let word = match token == Token::from(Special::End) {
                true => Some(FirstWord::default()),
                false => first_word(answer, &request.stop),
            };
            let Some(word) = word else {
                tokens.push(token);
                open.push(Beginning { tokens, text, probability });
                continue;
            };
            // A token that only shows that the word has ended is not part of it.
            let is_behind = word.end > 0 && begun.len() + word.end <= from.text.len();
            if !is_behind {
                tokens.push(token);
            }
            *words.entry(word.bytes).or_default().entry(tokens).or_default() += probability;
        }
        let [best, second] = words.values().map(of_word).fold([0.0; 2], |[best, second], probability| {
            if probability > best {
                [probability, best]
            } else {
                [best, f64::max(second, probability)]
            }
        });
        open.retain(|beginning| beginning.probability > best * FOLLOWED);
        let left: f64 = open.iter().map(|beginning| beginning.probability).sum();
        if best > second + left {
            break;
        }
    }
    let found = words.into_values().map(|word| {
        let probability = of_word(&word);
        (likeliest_of(word), probability)
    });
    let unfinished = open.into_iter().map(|beginning| (beginning.tokens, beginning.probability));
    likeliest_of(found.chain(unfinished))
}

fn of_word(word: &Word) -> f64 {
    word.values().sum()
}

fn likeliest_of(all: impl IntoIterator<Item = (Vec<Token>, f64)>) -> Vec<Token> {
    all.into_iter().max_by(|a, b| a.1.total_cmp(&b.1)).map_or(Vec::new(), |(tokens, _)| tokens)
}

/// The tokens that may come behind a beginning, and the probability of the beginning with each.
fn allowed<'a>(
    tokenizer: &'a Tokenizer,
    begun: &'a [u8],
    from: &Beginning,
    logits: &[f32],
) -> impl Iterator<Item = (Token, f64)> + 'a {
    let highest = logits.iter().copied().fold(f32::MIN, f32::max);
    let weights: Vec<f64> = logits.iter().map(|logit| f64::from(exp(logit - highest))).collect();
    let part = from.probability / weights.iter().sum::<f64>();
    let left = begun.get(from.text.len()..).unwrap_or_default();
    let tokens = weights.into_iter().enumerate().map(move |(token, weight)| (token as Token, weight * part));
    tokens.filter(move |(token, probability)| {
        let bytes = tokenizer.bytes_of(*token);
        let is_text =
            *token as usize >= SPECIAL_TOKENS || *token == Token::from(Special::End) && left.is_empty();
        let agrees = match bytes.is_empty() {
            true => left.is_empty(),
            false => left.starts_with(bytes) || bytes.starts_with(left),
        };
        *probability > COUNTED && is_text && agrees
    })
}

/// A word that begins a text, without white space before it, and the place where it ends.
#[derive(Default)]
struct FirstWord {
    bytes: Vec<u8>,
    end: usize,
}

/// The first word of a text if more text cannot make it longer: a run of letters and digits, or a mark. An empty word
/// if a stop text comes first.
fn first_word(text: &[u8], stops: &[String]) -> Option<FirstWord> {
    let stops_at = |stop: &String| text.windows(stop.len().max(1)).position(|part| part == stop.as_bytes());
    let stop = stops.iter().filter_map(stops_at).min();
    let start = text.iter().position(|byte| !byte.is_ascii_whitespace());
    let Some(start) = start.filter(|start| stop.is_none_or(|stop| *start < stop)) else {
        return stop.map(|_| FirstWord::default());
    };
    let length = match in_word(text[start]) {
        true => text[start..].iter().position(|byte| !in_word(*byte))?,
        false => 1,
    };
    let end = start + length;
    Some(FirstWord { bytes: text[start..end].to_vec(), end })
}

fn in_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii()
}

#[cfg(test)]
mod tests;
