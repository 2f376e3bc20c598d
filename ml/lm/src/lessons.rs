//! Cuts training sequences out of a corpus.
//!
//! Sequence number `i` is a pure function of (corpus, tokenizer, seed, `i`), so a training run can stop and go on
//! anywhere. A sequence is filled with samples of two kinds, half and half:
//!
//! * running text: `End` and the text from some line on;
//! * filling in: `Suffix` right `Prefix` left middle `End`, where the middle mostly ends at a line's end, as
//!   completions in an editor do. The text right of the cursor comes first, so that the middle continues the text left
//!   of the cursor directly. A small model learns this much sooner than any order that puts something between the two.
//!
//! Cuts fall on characters, not on tokens, and running text is cut and joined again once, so that the model is not
//! surprised by a cursor inside a word.

use crate::corpus::Corpus;
use crate::kernel::Random;
use crate::tokenizer::{CachingEncoder, Special, Token, Tokenizer};

/// Room below which a sequence is finished with running text.
const MIN_SAMPLE: usize = 48;
/// Bytes read for one token of room, enough for nearly all code.
const BYTES_PER_TOKEN: usize = 5;

/// A source of training sequences.
#[derive(Debug)]
pub struct Lessons<'a> {
    corpus: &'a Corpus,
    encoder: CachingEncoder<'a>,
    /// Position after each document in the concatenation of all.
    ends: Vec<usize>,
    seed: u64,
    /// How many of 256 samples are for filling in.
    fill_share: usize,
}

impl<'a> Lessons<'a> {
    /// Panics if the corpus is empty.
    pub fn new(corpus: &'a Corpus, tokenizer: &'a Tokenizer, seed: u64, fill_share: usize) -> Self {
        let ends: Vec<usize> = corpus
            .documents
            .iter()
            .scan(0, |end, d| {
                *end += d.text.len();
                Some(*end)
            })
            .collect();
        assert!(ends.last().is_some_and(|&end| end > 0), "a corpus without text teaches nothing");
        Lessons { corpus, encoder: CachingEncoder::new(tokenizer), ends, seed, fill_share }
    }

    /// Sequence number `index`, exactly `length` tokens.
    pub fn sequence(&mut self, index: u64, length: usize) -> Vec<Token> {
        let mut random = Random::stream(self.seed, index);
        let mut tokens = Vec::with_capacity(length + 16);
        while tokens.len() < length {
            let room = length - tokens.len();
            let text = self.window(&mut random, room * BYTES_PER_TOKEN);
            let fill = random.below(256) < self.fill_share && room >= MIN_SAMPLE;
            if !(fill && self.fill_in(text, room, &mut random, &mut tokens)) {
                let cut = floor_char(text, random.below(text.len() + 1));
                tokens.push(Special::End.into());
                self.encoder.encode(&text[..cut], &mut tokens);
                self.encoder.encode(&text[cut..], &mut tokens);
            }
        }
        tokens.truncate(length);
        tokens
    }

    /// Text from the start of a random line, to the end of its document or `bytes` bytes long.
    fn window(&self, random: &mut Random, bytes: usize) -> &'a str {
        let total = self.ends.last().copied().unwrap_or(0);
        let at = random.below(total);
        let index = self.ends.partition_point(|&end| end <= at);
        let text = self.corpus.documents[index].text.as_str();
        let offset = at + text.len() - self.ends[index];
        let start = text.as_bytes()[..offset].iter().rposition(|&b| b == b'\n').map_or(0, |i| i + 1);
        &text[start..floor_char(text, (start + bytes).min(text.len()))]
    }

    /// Adds one sample for filling in; false if the text is too short for it.
    fn fill_in(&mut self, text: &str, room: usize, random: &mut Random, out: &mut Vec<Token>) -> bool {
        let size = MIN_SAMPLE + random.below(room + 1 - MIN_SAMPLE);
        let text = &text[..floor_char(text, (size * 7 / 2).min(text.len()))];
        let Some((start, end)) = middle(text, random) else { return false };
        let without_suffix = random.below(5) == 0;
        let mut parts = [Vec::new(), Vec::new(), Vec::new()];
        self.encoder.encode(&text[..start], &mut parts[0]);
        if !without_suffix {
            self.encoder.encode(&text[end..], &mut parts[1]);
        }
        self.encoder.encode(&text[start..end], &mut parts[2]);
        let [prefix, suffix, middle] = parts;
        if middle.len() + 3 > size {
            return false;
        }
        let (left, right) = share_room(size - 3 - middle.len(), prefix.len(), suffix.len());
        out.push(Special::Suffix.into());
        out.extend_from_slice(&suffix[..right]);
        out.push(Special::Prefix.into());
        out.extend_from_slice(&prefix[prefix.len() - left..]);
        out.extend(middle);
        out.push(Special::End.into());
        true
    }
}

/// Splits `room` tokens between the text left and right of the cursor: two thirds go to the left. Room that one side
/// does not need goes to the other.
pub fn share_room(room: usize, left: usize, right: usize) -> (usize, usize) {
    let right_share = right.min(room / 3);
    let left_share = left.min(room - right_share);
    (left_share, right.min(room - left_share))
}

/// Where a middle begins and ends in a text; `None` if the text is too short.
fn middle(text: &str, random: &mut Random) -> Option<(usize, usize)> {
    if text.len() < 32 {
        return None;
    }
    let mut start = text.len() / 8 + random.below(text.len() * 3 / 4);
    if random.below(4) == 0 {
        // the whole rest of a line after its indentation
        start = text.as_bytes()[..start].iter().rposition(|&b| b == b'\n').map_or(0, |i| i + 1);
        start += text.as_bytes()[start..].iter().take_while(|&&b| b == b' ').count();
    }
    let start = floor_char(text, start);
    let line_end = |from: usize| text.as_bytes()[from..].iter().position(|&b| b == b'\n').map(|i| from + i);
    let kind = random.below(100);
    let end = if kind < 85 {
        let lines = if kind < 60 { 1 } else { 1 + random.below(3) };
        let mut end = start;
        for _ in 0..lines {
            let from = if end > start || text.as_bytes().get(end) == Some(&b'\n') { end + 1 } else { end };
            end = line_end(from.min(text.len()))?;
        }
        end
    } else {
        floor_char(text, (start + 1 + random.below(40)).min(text.len()))
    };
    (end > start).then_some((start, end))
}

/// The largest character boundary at or below `at`.
pub(crate) fn floor_char(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    (0..=at).rev().find(|&i| text.is_char_boundary(i)).unwrap_or(0)
}

#[cfg(test)]
mod tests;
