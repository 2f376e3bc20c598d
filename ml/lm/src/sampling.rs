//! Choosing the next token.

use crate::kernel::{exp, Random};
use crate::tokenizer::Token;

/// Temperatures below this take the likeliest token.
const MIN_TEMPERATURE: f32 = 1e-3;

/// Chooses a token with probability proportional to `exp(logit / temperature)`.
///
/// Ties at temperature 0 go to the smaller token. The result depends on the arguments' bits only. Returns 0 for no
/// logits.
pub fn choose(logits: &[f32], temperature: f32, random: &mut Random) -> Token {
    let mut best = 0;
    for (i, &x) in logits.iter().enumerate() {
        if x > logits[best] {
            best = i;
        }
    }
    if temperature < MIN_TEMPERATURE || logits.is_empty() {
        return best as Token;
    }
    let (top, inverse) = (logits[best], 1.0 / temperature);
    let weights: Vec<f32> = logits.iter().map(|&x| exp((x - top) * inverse)).collect();
    let total: f64 = weights.iter().map(|&w| f64::from(w)).sum();
    let mut left = f64::from(random.unit()) * total;
    for (i, &w) in weights.iter().enumerate() {
        left -= f64::from(w);
        if left < 0.0 {
            return i as Token;
        }
    }
    best as Token
}
