//! Choosing the next token.

use crate::kernel::{exp, ln, max_and_exp_sum, Kernel, Random};
use crate::tokenizer::Token;

/// Temperatures below this take the likeliest token.
const MIN_TEMPERATURE: f32 = 1e-3;
/// Relative flatness of the distribution that [`flatter`] compares with: its exponent is 1 minus this.
const FLATTER: f32 = 0.25;
/// Most evidence that one token gives, in millionths of a nat.
const MOST_EVIDENCE: i64 = 20_000_000;

/// Whether the likeliest token is asked for.
pub fn is_greedy(temperature: f32) -> bool {
    temperature < MIN_TEMPERATURE
}

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
    if is_greedy(temperature) || logits.is_empty() {
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

/// Evidence that a token was drawn from a flatter distribution than `p ∝ exp(logit / temperature)`, in millionths of a
/// nat: `ln q(token) − ln p(token)` for `q ∝ p^(3/4)`.
///
/// For a token drawn from `p` the mean of `q/p` is exactly 1. So the evidence of many tokens together exceeds `x` nats
/// with probability `e^−x` at most. A worse model draws tokens from the tail of `p`, where `q/p` is large. Returns 0 at
/// temperature 0.
pub fn flatter(logits: &[f32], temperature: f32, token: Token) -> i64 {
    if is_greedy(temperature) {
        return 0;
    }
    let top = logits.iter().copied().fold(f32::MIN, f32::max);
    let inverse = 1.0 / temperature;
    let (mut plain, mut flat) = (0f64, 0f64);
    for &logit in logits {
        let below = (logit - top) * inverse;
        plain += f64::from(exp(below));
        flat += f64::from(exp(below * (1.0 - FLATTER)));
    }
    let below = f64::from((logits[token as usize] - top) * inverse);
    let nats = -f64::from(FLATTER) * below + ln(plain) - ln(flat);
    ((nats * 1e6).round() as i64).min(MOST_EVIDENCE)
}

/// Logarithm of a token's probability in millionths of a nat, at most 0.
pub fn log_probability(kernel: Kernel, logits: &[f32], token: Token) -> i64 {
    let (m, z) = max_and_exp_sum(kernel, logits);
    let nats = f64::from(logits[token as usize]) - f64::from(m) - ln(f64::from(z));
    ((nats * 1e6).round() as i64).min(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_drawn_as_asked_gives_no_evidence_and_what_is_drawn_flatter_does() {
        let logits: Vec<f32> = (0..200u16).map(|i| f32::from(i * 37 % 101) * 0.08).collect();
        let mut random = Random::new(5);
        let mut mean = |temperature: f32| {
            let draws = 4000;
            let sum: i64 =
                (0..draws).map(|_| flatter(&logits, 0.7, choose(&logits, temperature, &mut random))).sum();
            sum / draws
        };
        let (asked, flat, sharp) = (mean(0.7), mean(1.2), mean(0.4));
        assert!(asked < 0 && flat > 0 && sharp < asked, "{asked} {flat} {sharp}");
        assert_eq!(flatter(&logits, 0.0, 3), 0);
        // The mean of q/p over p is 1, to the rounding of logarithms.
        let weight = |i: u16| f64::from(exp((logits[usize::from(i)] - 8.0) / 0.7));
        let total: f64 = (0..200).map(weight).sum();
        let mean: f64 =
            (0..200).map(|i| weight(i) / total * (flatter(&logits, 0.7, i) as f64 / 1e6).exp()).sum();
        assert!((mean - 1.0).abs() < 1e-4, "{mean}");
    }

    #[test]
    fn a_token_that_was_ruled_out_is_full_evidence() {
        assert_eq!(flatter(&[0.0, 1.0, f32::MIN], 1.0, 2), MOST_EVIDENCE);
    }
}
