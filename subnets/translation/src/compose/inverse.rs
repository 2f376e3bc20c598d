//! The composer backwards: reads a text by the patterns and words of a language, and writes it in another. It measures
//! how much a miner earns that knows the composer and nothing else.

use std::collections::HashMap;

use super::{
    capitals, fill, place, slot_of,
    words::{agreeing, behind_de, Determiner, Preposition, LEXICON},
    Language, Meaning, Phrase, PATTERNS, PLACEHOLDERS,
};

/// Most readings of a beginning that are followed.
const MOST_READINGS: usize = 16;
/// Most words of a noun phrase, without its second noun.
const MOST_WORDS: usize = 8;

/// The composer of a language backwards.
pub struct Inverse {
    language: Language,
    /// Noun phrases by how they are written, behind each determiner and preposition that patterns use.
    phrases: HashMap<(Determiner, Option<Preposition>), HashMap<String, Phrase>>,
}

/// The meaning that was read so far, and the rest of the text.
#[derive(Clone)]
struct Reading<'a> {
    meaning: Meaning,
    /// Slots that were read, so that a second one must say the same.
    seen: Vec<(&'static str, &'a str)>,
    rest: &'a str,
}

impl Inverse {
    /// Of a language.
    pub fn of(language: Language) -> Self {
        let mut phrases = HashMap::new();
        for determiner in Determiner::WORDS {
            for preposition in [None, Some(Preposition::Of), Some(Preposition::To), Some(Preposition::In)] {
                phrases.insert((determiner, preposition), written(language, determiner, preposition));
            }
        }
        Self { language, phrases }
    }

    /// A text in another language, if it follows the patterns.
    pub fn translate(&self, text: &str, to: Language) -> Option<String> {
        let mut out = String::new();
        let mut rest = text;
        while !rest.is_empty() {
            let (meaning, wording, left) = PATTERNS.iter().find_map(|pattern| {
                let wordings = &pattern.wordings[self.language as usize];
                let read = wordings.iter().find_map(|wording| self.sentence(wording, rest))?;
                Some((read.meaning, pattern.wordings[to as usize][0], read.rest))
            })?;
            super::add(&mut out, &capitals(&fill(wording, to, &meaning)));
            rest = left.strip_prefix(' ').unwrap_or(left);
        }
        Some(out)
    }

    /// Reads a sentence that ends where the text ends or a blank follows.
    fn sentence<'a>(&self, wording: &'static str, text: &'a str) -> Option<Reading<'a>> {
        let mut readings = vec![Reading { meaning: Meaning::default(), seen: Vec::new(), rest: text }];
        let mut left = wording;
        while !left.is_empty() {
            let at = left.find(['{', '[']).unwrap_or(left.len());
            let (literal, mark) = left.split_at(at);
            readings.retain_mut(|reading| match after(reading.rest, literal) {
                Some(rest) => {
                    reading.rest = rest;
                    true
                }
                None => false,
            });
            let Some(opening) = mark.chars().next() else { break };
            let end = mark.find(if opening == '{' { '}' } else { ']' })?;
            let inner = &mark[1..end];
            readings = readings
                .into_iter()
                .flat_map(|reading| match opening {
                    '{' => self.slot(inner, reading),
                    _ => choice(inner, reading),
                })
                .take(MOST_READINGS)
                .collect();
            left = &mark[end + 1..];
        }
        readings.into_iter().find(|reading| reading.rest.is_empty() || reading.rest.starts_with(' '))
    }

    /// The ways to read a slot.
    fn slot<'a>(&self, mark: &'static str, reading: Reading<'a>) -> Vec<Reading<'a>> {
        let (text, language) = (reading.rest, self.language);
        let mut found = Vec::new();
        let mut read = |length: usize, note: &dyn Fn(&mut Meaning)| {
            let (word, rest) = text.split_at(length);
            if reading.seen.iter().any(|(slot, before)| *slot == mark && *before != word) {
                return;
            }
            let mut next = reading.clone();
            next.seen.push((mark, word));
            next.rest = rest;
            note(&mut next.meaning);
            found.push(next);
        };
        let while_is = |is: fn(char) -> bool| text.find(|letter| !is(letter)).unwrap_or(text.len());
        match mark {
            "p" | "r" | "q" => {
                let length = while_is(char::is_alphabetic);
                let word = text[..length].to_owned();
                read(length, &|meaning| match mark {
                    "p" => meaning.names[0].clone_from(&word),
                    "r" => meaning.names[1].clone_from(&word),
                    _ => meaning.word.clone_from(&word),
                });
            }
            "n" => {
                let length = while_is(|letter| letter.is_ascii_digit());
                let number = text[..length].parse().unwrap_or_default();
                read(length, &|meaning| meaning.number = number);
            }
            "x" => {
                if let Some(placeholder) =
                    PLACEHOLDERS.into_iter().find(|placeholder| text.starts_with(placeholder))
                {
                    read(placeholder.len(), &|meaning| meaning.placeholder = placeholder);
                }
            }
            "t" => {
                for (at, time) in LEXICON.times.iter().enumerate() {
                    if let Some(rest) = after(text, &time[language as usize]) {
                        read(text.len() - rest.len(), &|meaning| meaning.time = at);
                    }
                }
            }
            _ if mark.contains(['v', 'w', 'V']) => {
                let which = usize::from(mark.contains('w'));
                for at in 0..LEXICON.verbs.len() {
                    for form in forms(language, mark, at) {
                        if let Some(rest) = after(text, &form) {
                            read(text.len() - rest.len(), &|meaning| meaning.verbs[which] = at);
                        }
                    }
                }
            }
            _ => {
                let at = place(mark);
                for (length, phrase, number) in self.noun_phrases(mark, text) {
                    read(length, &|meaning| {
                        meaning.phrases[at] = phrase.clone();
                        meaning.number = number.unwrap_or(meaning.number);
                    });
                }
            }
        }
        found
    }

    /// Noun phrases at the beginning of a text, longest first: length, phrase, number.
    fn noun_phrases(&self, mark: &str, text: &str) -> Vec<(usize, Phrase, Option<u64>)> {
        let (determiner, preposition) = slot_of(mark, 0);
        let mut found = Vec::new();
        if let Determiner::Number(_) = determiner {
            let Some((digits, rest)) = text.split_once(' ') else { return found };
            let Ok(number) = digits.parse() else { return found };
            for (length, phrase) in self.with_second(Determiner::None, None, rest) {
                found.push((digits.len() + 1 + length, phrase, Some(number)));
            }
            return found;
        }
        found.extend(
            self.with_second(determiner, preposition, text)
                .into_iter()
                .map(|(length, one)| (length, one, None)),
        );
        found
    }

    fn with_second(
        &self,
        determiner: Determiner,
        preposition: Option<Preposition>,
        text: &str,
    ) -> Vec<(usize, Phrase)> {
        let mut found = Vec::new();
        for (length, phrase) in self.simple(determiner, preposition, text) {
            if let Some(rest) = text[length..].strip_prefix(' ') {
                for (more, second) in self.simple(Determiner::The, Some(Preposition::Of), rest) {
                    if second.adjective.is_none() {
                        let of = Some((second.noun, second.many));
                        found.push((length + 1 + more, Phrase { of, ..phrase.clone() }));
                    }
                }
            }
            found.push((length, phrase));
        }
        found.sort_by_key(|(length, _)| std::cmp::Reverse(*length));
        found
    }

    fn simple(
        &self,
        determiner: Determiner,
        preposition: Option<Preposition>,
        text: &str,
    ) -> Vec<(usize, Phrase)> {
        let known = &self.phrases[&(determiner, preposition)];
        let mut found = Vec::new();
        let ends = text.char_indices().filter(|(_, letter)| !letter.is_alphanumeric() && *letter != '-');
        for end in ends.map(|(at, _)| at).chain([text.len()]).take(MOST_WORDS) {
            if let Some(phrase) = known.get(&text[..end].to_lowercase()) {
                found.push((end, phrase.clone()));
            }
        }
        found
    }
}

/// The rest of a text behind its beginning, whatever the case of the first letter.
fn after<'a>(text: &'a str, beginning: &str) -> Option<&'a str> {
    if let Some(rest) = text.strip_prefix(beginning) {
        return Some(rest);
    }
    let first = beginning.chars().next()?;
    let rest = text.strip_prefix(|letter: char| letter.to_lowercase().eq(first.to_lowercase()))?;
    rest.strip_prefix(&beginning[first.len_utf8()..])
}

/// Both ways to read `[1:has|have]`.
fn choice<'a>(mark: &'static str, reading: Reading<'a>) -> Vec<Reading<'a>> {
    if mark.starts_with(['y', 'o']) {
        let joints = if mark.starts_with('y') { ["y", "e"] } else { ["o", "u"] };
        let read = |joint: &str| Some(Reading { rest: after(reading.rest, joint)?, ..reading.clone() });
        return joints.into_iter().filter_map(read).collect();
    }
    let (one, other) = mark.split_once(':').and_then(|(_, texts)| texts.split_once('|')).unwrap_or_default();
    let read = |text: &&str| Some(Reading { rest: after(reading.rest, text)?, ..reading.clone() });
    [one, other].iter().filter_map(read).collect()
}

/// The forms of a verb in which a slot may be written.
fn forms(language: Language, mark: &str, at: usize) -> Vec<String> {
    let verb = LEXICON.verb(language, at);
    match mark {
        "v" | "w" => vec![verb.base.clone()],
        "V" => vec![verb.imperative.clone()],
        "v3" => vec![verb.third.clone()],
        "v-" => vec![verb.past.clone()],
        "v+0" => vec![verb.participle.clone()],
        _ if mark.starts_with("v+") => {
            let ways = [(true, true), (false, true), (true, false), (false, false)];
            ways.map(|(feminine, many)| agreeing(language, &verb.participle, feminine, many)).to_vec()
        }
        _ => vec![behind_de(language, &verb.base)],
    }
}

/// All noun phrases of one noun with a determiner and a preposition, by how they are written, in small letters.
fn written(
    language: Language,
    determiner: Determiner,
    preposition: Option<Preposition>,
) -> HashMap<String, Phrase> {
    let mut all = HashMap::new();
    for noun in 0..LEXICON.nouns.len() {
        for adjective in std::iter::once(None).chain((0..LEXICON.adjectives.len()).map(Some)) {
            for many in [true, false] {
                let phrase = Phrase { noun, adjective, many, of: None };
                let text = super::phrase(language, &phrase, determiner, preposition);
                all.insert(text.to_lowercase(), phrase);
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use myelin_wire::seed::Seed;

    use super::*;
    use crate::{compose::Composer, language::DIRECTIONS};

    #[test]
    fn what_was_composed_is_read_again() {
        let composer = Composer::new(&[5; 32]);
        for (from, to) in DIRECTIONS {
            let inverse = Inverse::of(from);
            let mut right = 0;
            for number in 0..60 {
                let pair = composer.compose(&Seed([6; 32]).derive(b"", number), from, to, false);
                right += usize::from(
                    inverse.translate(&pair.source, to).is_some_and(|said| pair.references.contains(&said)),
                );
            }
            // Some texts say two things.
            assert!(right >= 48, "{from:?} {to:?}: {right} of 60");
        }
    }
}
