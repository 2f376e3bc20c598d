//! The cheapest competitor: copies the text that follows the most similar place of the training text.

use super::{Cursor, Report};
use crate::corpus::Corpus;
use crate::lessons::floor_char;
use crate::tokenizer::{pieces, CachingEncoder, Token, Tokenizer};
use std::collections::HashMap;

/// Fewest tokens before the cursor that must agree.
const LEAST: usize = 2;
/// Tokens compared.
const MOST: usize = 64;

/// Finds, for every cursor, the place of a corpus that goes on with the begun word and whose preceding tokens agree
/// longest, and copies the rest of its line. Of equally long matches the first one counts.
pub struct NearestCopier {
    answers: Vec<String>,
}

struct Best {
    /// Tokens before the begun word, and that word.
    before: Vec<Token>,
    begun: String,
    length: usize,
    answer: String,
}

impl NearestCopier {
    /// Reads the corpus once.
    pub fn new(corpus: &Corpus, tokenizer: &Tokenizer, cursors: &[Cursor]) -> Self {
        let mut best: Vec<Best> = cursors
            .iter()
            .map(|c| {
                let begun = pieces(c.before.as_bytes()).last().map_or(0, <[u8]>::len);
                let (before, begun) = c.before.split_at(floor_char(&c.before, c.before.len() - begun));
                let tokens = tokenizer.encode(before);
                let before = tokens[tokens.len().saturating_sub(MOST)..].to_vec();
                Best { before, begun: begun.to_owned(), length: 0, answer: String::new() }
            })
            .collect();
        let mut by_end: HashMap<&[Token], Vec<usize>> = HashMap::new();
        let keys: Vec<Vec<Token>> = best.iter().map(|b| b.before.clone()).collect();
        for (i, key) in keys.iter().enumerate().filter(|(_, key)| key.len() >= LEAST) {
            by_end.entry(&key[key.len() - LEAST..]).or_default().push(i);
        }
        let mut encoder = CachingEncoder::new(tokenizer);
        let mut tokens = Vec::new();
        for document in &corpus.documents {
            tokens.clear();
            encoder.encode(&document.text, &mut tokens);
            for end in LEAST..tokens.len() {
                let Some(candidates) = by_end.get(&tokens[end - LEAST..end]) else { continue };
                for &i in candidates {
                    let agree = tokens[..end].iter().rev().zip(best[i].before.iter().rev());
                    let length = agree.take_while(|(a, b)| a == b).count();
                    if length <= best[i].length {
                        continue;
                    }
                    let text = tokenizer.decode(&tokens[end..tokens.len().min(end + MOST)]);
                    if let Some(rest) = text.strip_prefix(&best[i].begun) {
                        best[i].length = length;
                        best[i].answer = rest.split('\n').next().unwrap_or_default().to_owned();
                    }
                }
            }
        }
        NearestCopier { answers: best.into_iter().map(|b| b.answer).collect() }
    }

    /// The copies, one per cursor.
    pub fn answers(&self) -> &[String] {
        &self.answers
    }

    /// Figures for the cursors the copier was made for.
    pub fn report(&self, cursors: &[Cursor]) -> Report {
        let mut report = Report::default();
        cursors.iter().zip(&self.answers).for_each(|(cursor, answer)| report.add(answer, &cursor.reference));
        report
    }
}
