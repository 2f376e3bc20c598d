//! Learns merges: again and again the most frequent adjacent pair becomes a token.

use super::{pieces, Token, Tokenizer, TokenizerError, FIRST_MERGE, SPECIAL_TOKENS};
use std::collections::{BinaryHeap, HashMap, HashSet};

/// Pieces seen less often than this do not influence the merges.
const MIN_PIECE_COUNT: u64 = 2;

struct Word {
    tokens: Vec<Token>,
    count: u64,
}

/// Learns a tokenizer with `vocabulary` tokens (fewer if the texts are too poor).
///
/// Ties between equally frequent pairs go to the pair with the smaller ids, so the result depends on the texts only.
pub fn learn<'a>(
    texts: impl Iterator<Item = &'a str>,
    vocabulary: usize,
) -> Result<Tokenizer, TokenizerError> {
    let mut counts: HashMap<&[u8], u64> = HashMap::new();
    for text in texts {
        for piece in pieces(text.as_bytes()) {
            *counts.entry(piece).or_default() += 1;
        }
    }
    let mut words: Vec<Word> = counts
        .into_iter()
        .filter(|(piece, count)| *count >= MIN_PIECE_COUNT && piece.len() > 1)
        .map(|(piece, count)| {
            let tokens = piece.iter().map(|&b| Token::from(b) + SPECIAL_TOKENS as Token).collect();
            Word { tokens, count }
        })
        .collect();

    let mut pairs: HashMap<(Token, Token), i64> = HashMap::new();
    let mut places: HashMap<(Token, Token), HashSet<usize>> = HashMap::new();
    for (i, word) in words.iter().enumerate() {
        for pair in word.tokens.windows(2) {
            *pairs.entry((pair[0], pair[1])).or_default() += word.count as i64;
            places.entry((pair[0], pair[1])).or_default().insert(i);
        }
    }
    let entry = |count: i64, (a, b): (Token, Token)| (count, !a, !b);
    let mut heap: BinaryHeap<_> = pairs.iter().map(|(pair, count)| entry(*count, *pair)).collect();
    let mut merges = Vec::new();
    while merges.len() + FIRST_MERGE < vocabulary {
        let Some((count, a, b)) = heap.pop() else { break };
        let pair = (!a, !b);
        // entries of the heap grow stale when counts change; a fresh one is pushed at each change
        if pairs.get(&pair) != Some(&count) || count < 1 {
            continue;
        }
        let merged = (FIRST_MERGE + merges.len()) as Token;
        merges.push(pair);
        let mut changed = HashSet::new();
        for i in places.remove(&pair).unwrap_or_default() {
            let word = &mut words[i];
            let old = std::mem::take(&mut word.tokens);
            word.tokens = join(&old, pair, merged);
            for (tokens, sign) in [(&old, -1), (&word.tokens, 1)] {
                for p in tokens.windows(2).map(|p| (p[0], p[1])) {
                    *pairs.entry(p).or_default() += sign * word.count as i64;
                    changed.insert(p);
                    if sign > 0 {
                        places.entry(p).or_default().insert(i);
                    }
                }
            }
        }
        pairs.remove(&pair);
        heap.extend(changed.into_iter().filter_map(|p| Some(entry(*pairs.get(&p)?, p))));
    }
    Tokenizer::new(merges)
}

fn join(tokens: &[Token], pair: (Token, Token), merged: Token) -> Vec<Token> {
    let mut out = Vec::with_capacity(tokens.len());
    let mut i = 0;
    while i < tokens.len() {
        if i + 1 < tokens.len() && (tokens[i], tokens[i + 1]) == pair {
            out.push(merged);
            i += 2;
        } else {
            out.push(tokens[i]);
            i += 1;
        }
    }
    out
}
