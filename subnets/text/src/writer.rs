//! Composes texts that nobody has, from pieces of texts that everybody may have.
//!
//! A passage that was cut from a text can be looked up by everybody who has the text or got its task before. So a
//! writer takes texts apart into lines, right-hand sides, arguments and clauses ([`pieces`]), and composes a new text
//! for every task. The text consists of pieces of many sources, one inside the other, under names of its own
//! ([`cast`]). It has few names and comes back to its lines, as in texts that people write. So a reader can forecast
//! from the text before the cursor how it goes on.
//!
//! The secret decides which pieces and words a validator uses, and enters into every draw. Nobody without the secret
//! composes the same text, even with the task's seed.

mod cast;
mod pieces;

use std::collections::{BTreeMap, BTreeSet, HashSet};

use myelin_wire::{hash::blake2_256_of, seed::SeedRng};

use self::{
    cast::{Cast, Role, Stems, LEAST_STEMS},
    pieces::Pieces,
};
use crate::substitution::{style_of, words, Style};

/// Length of a text: a passage with its hidden part fits, wherever it is cut.
const TEXT_BYTES: usize = 720;
/// A word that occurs in at least one of every so many texts belongs to the language and is not replaced.
const COMMON: usize = 12;
/// Deepest nesting of blocks.
const DEPTH: usize = 3;
/// Least number of pieces of each sort.
const LEAST_PIECES: usize = 24;

/// Texts give too few pieces of a sort.
#[derive(Debug, thiserror::Error)]
#[error("{has} {sort}, tasks need at least {needed}")]
pub struct TooFew {
    /// The sort of pieces, in the plural.
    pub sort: String,
    /// Pieces of that sort.
    pub has: usize,
    /// Pieces of that sort that are needed.
    pub needed: usize,
}

impl TooFew {
    fn check(sort: &str, has: usize, needed: usize) -> Result<(), Self> {
        match has < needed {
            true => Err(Self { sort: sort.to_owned(), has, needed }),
            false => Ok(()),
        }
    }
}

/// Composes texts. The same texts and the same secret make the same writer.
pub struct Writer {
    pieces: Pieces,
    stems: Stems,
    /// Words that are never replaced, in code and in prose.
    common: [HashSet<String>; 2],
    secret: [u8; 32],
}

impl Writer {
    /// Takes texts apart, code and prose.
    pub fn new(code: &[&str], prose: &[&str], secret: [u8; 32]) -> Result<Self, TooFew> {
        let common = [common(code), common(prose)];
        let stems = Stems::of(code.iter().chain(prose), &common, &secret);
        let pieces =
            Pieces::of(code, prose, |piece| lot(&secret, piece.as_bytes()).is_multiple_of(2), LEAST_PIECES);
        for (sort, pieces) in pieces.sorts() {
            TooFew::check(sort, pieces.len(), LEAST_PIECES)?;
        }
        for (ending, count) in stems.endings() {
            let sort = match ending {
                "" => "words for names, with no usual ending".to_owned(),
                ending => format!("words for names, with the ending -{ending}"),
            };
            TooFew::check(&sort, count, LEAST_STEMS)?;
        }
        Ok(Self { pieces, stems, common, secret })
    }

    /// A new text of code.
    pub fn code(&self, rng: &mut SeedRng) -> String {
        let mut draft = self.draft(rng);
        while draft.text.len() < TEXT_BYTES {
            draft.function();
        }
        draft.text
    }

    /// A new text of prose.
    pub fn prose(&self, rng: &mut SeedRng) -> String {
        let mut draft = self.draft(rng);
        while draft.text.len() < TEXT_BYTES {
            for _ in 0..draft.rng.range(3, 5) {
                draft.sentence();
                draft.text.push(' ');
            }
            draft.text.pop();
            draft.text.push_str("\n\n");
        }
        draft.text
    }

    /// Begins a text with names of its own.
    fn draft(&self, rng: &mut SeedRng) -> Draft<'_> {
        let drawn = [rng.next_u64(), rng.next_u64()].map(u64::to_le_bytes).concat();
        let mut rng = myelin_wire::seed::Seed(blake2_256_of(&[&self.secret, &drawn])).rng();
        let cast = Cast::draw(&self.stems, &mut rng);
        Draft { writer: self, cast, rng, text: String::new(), told: Vec::new() }
    }
}

/// A text that is being composed.
struct Draft<'w> {
    writer: &'w Writer,
    cast: Cast<'w>,
    rng: SeedRng,
    text: String,
    /// Lines of the text before names were put in.
    told: Vec<String>,
}

impl Draft<'_> {
    /// True in `percent` of a hundred cases.
    fn chance(&mut self, percent: u64) -> bool {
        self.rng.below(100) < percent
    }

    fn pick<'p>(&mut self, pieces: &'p [String]) -> &'p str {
        self.rng.choose(pieces).map_or("", String::as_str)
    }

    fn function(&mut self) {
        let pieces = &self.writer.pieces;
        if self.chance(40) {
            self.text.push_str("/// ");
            self.sentence();
            self.text.push('\n');
        }
        let header = self.pick(&pieces.headers).to_owned();
        self.line(0, &header);
        self.block(1);
        if self.chance(50) {
            let tail = self.pick(&pieces.rights).to_owned();
            self.line(1, &tail);
        }
        self.text.push_str("}\n\n");
    }

    fn block(&mut self, depth: usize) {
        let most = if depth == 1 { 6 } else { 3 };
        for _ in 0..self.rng.range(most / 2, most) {
            let pieces = &self.writer.pieces;
            match self.rng.below(100) {
                // A line of the text comes again, with other names.
                0..30 if !self.told.is_empty() => {
                    let told = self.rng.choose(&self.told).cloned().unwrap_or_default();
                    self.line(depth, &told);
                }
                0..50 => {
                    let left = self.pick(&pieces.lefts).to_owned();
                    let line = format!("{left} = {};", self.pick(&pieces.rights));
                    self.told.push(line.clone());
                    self.line(depth, &line);
                }
                50..72 if depth < DEPTH => {
                    let opener = self.pick(&pieces.openers).to_owned();
                    self.line(depth, &opener);
                    self.block(depth + 1);
                    let end = if opener.ends_with("else {") { "};" } else { "}" };
                    self.line(depth, end);
                }
                _ => {
                    let line = self.pick(&pieces.statements).to_owned();
                    self.told.push(line.clone());
                    self.line(depth, &line);
                }
            }
        }
    }

    /// A line of code, with other arguments and under the names of this text.
    fn line(&mut self, depth: usize, line: &str) {
        self.text.extend(std::iter::repeat_n("    ", depth));
        let line = self.with_other_arguments(line);
        self.put(&line, &self.writer.common[0], role_in_code);
        self.text.push('\n');
    }

    /// Replaces some arguments by others.
    fn with_other_arguments(&mut self, line: &str) -> String {
        let mut out = String::with_capacity(line.len() + 16);
        let mut copied = 0;
        for (from, to) in pieces::arguments(line) {
            if line[from..to].contains("self") || !self.chance(60) {
                continue;
            }
            out.push_str(&line[copied..from]);
            out.push_str(self.rng.choose(&self.writer.pieces.arguments).map_or("", String::as_str));
            copied = to;
        }
        out + &line[copied..]
    }

    fn sentence(&mut self) {
        let pieces = &self.writer.pieces;
        let mut sentence = self.pick(&pieces.heads).to_owned();
        let wanted = self.rng.range(50, 130) as usize;
        while sentence.len() < wanted {
            sentence.push_str(self.pick(&pieces.tails));
        }
        sentence.push('.');
        self.put(&sentence, &self.writer.common[1], role_in_prose);
    }

    /// Writes a piece under the names of this text, and with other numbers.
    fn put(&mut self, piece: &str, common: &HashSet<String>, role: fn(&str, usize, &str) -> Option<Role>) {
        let mut copied = 0;
        for (start, word) in words(piece) {
            if common.contains(word) {
                continue;
            }
            let Some(role) = role(piece, start, word) else { continue };
            self.gap(&piece[copied..start]);
            self.text.push_str(self.cast.name(role, word, &mut self.rng));
            copied = start + word.len();
        }
        self.gap(&piece[copied..]);
    }

    fn gap(&mut self, gap: &str) {
        for c in gap.chars() {
            match c {
                '2'..='9' => self.text.push(char::from(b'1' + self.rng.below(9) as u8)),
                _ => self.text.push(c),
            }
        }
    }
}

/// The role of a word of a line of code; `None` if it belongs to the language.
fn role_in_code(line: &str, start: usize, word: &str) -> Option<Role> {
    let after = line.as_bytes().get(start + word.len());
    Some(match style_of(word)? {
        Style::Camel => Role::Type,
        Style::Screaming => Role::Constant,
        Style::Snake if after == Some(&b'(') || after == Some(&b'!') => Role::Call,
        Style::Snake if line[..start].ends_with('.') => Role::Field,
        Style::Snake => Role::Variable,
    })
}

/// The role of a word of a sentence. Only words of letters alone have one, except names.
fn role_in_prose(sentence: &str, start: usize, word: &str) -> Option<Role> {
    let (first, rest) = word.as_bytes().split_first()?;
    let lower = rest.iter().all(u8::is_ascii_lowercase);
    let fits = word.len() > 3 && lower && (first.is_ascii_lowercase() || start == 0);
    let follows = sentence.as_bytes().get(start + word.len());
    (fits && follows != Some(&b'\'')).then(|| Role::Word(first.is_ascii_uppercase()))
}

/// The words that stand in many texts.
fn common(texts: &[&str]) -> HashSet<String> {
    let mut counts = BTreeMap::<&str, usize>::new();
    for text in texts {
        let distinct: BTreeSet<&str> = words(text).map(|(_, word)| word).collect();
        distinct.into_iter().for_each(|word| *counts.entry(word).or_default() += 1);
    }
    let least = (texts.len() / COMMON).max(2);
    counts.into_iter().filter(|(_, count)| *count >= least).map(|(word, _)| word.to_owned()).collect()
}

/// A hash of a secret and a text.
fn lot(secret: &[u8; 32], text: &[u8]) -> u64 {
    let hash = blake2_256_of(&[b"myelin/lot", secret, text]);
    u64::from_le_bytes(std::array::from_fn(|at| hash[at]))
}

#[cfg(test)]
mod tests;
