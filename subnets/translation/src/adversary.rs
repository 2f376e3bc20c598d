//! Miners that stand for a known worth or a known trick, for tests and reports. Nothing in the product's own path uses
//! this module.
//!
//! * [`oracle`] knows the right translations and errs as often as it is told to: a better one must earn more;
//! * [`Lookup`] has every catalogue that is installed on this machine, and many texts that it composed itself;
//! * [`Inverter`] runs the public composer backwards;
//! * [`Copy`] and [`Names`] give back the text and its names.

use std::{collections::HashMap, sync::Arc};

use myelin_subnet::{AnswerContext, AnswerError};
use myelin_wire::seed::{Seed, SeedRng};

use crate::{
    backend::Backend,
    catalogue::mo,
    chrf::Reference,
    compose::{Composer, Inverse},
    language::{Language, DIRECTIONS},
    protected::{numbers, protected},
    protocol::{TranslationRequest, TranslationResponse},
    task::Task,
};

/// The answer of a miner that has this many of a thousand words right.
pub fn oracle(task: &Task, permille: u64, rng: &mut SeedRng) -> TranslationResponse {
    let texts = task.hidden.references.iter().map(|references| {
        let reference = references.first().map(String::as_str).unwrap_or_default();
        let words: Vec<String> = reference
            .split(' ')
            .map(|word| {
                // A miner with wrong words still keeps placeholders and numbers.
                let fixed = !protected(word).is_empty() || !numbers(word).is_empty();
                if fixed || rng.below(1000) < permille {
                    word.into()
                } else {
                    word.chars().rev().collect()
                }
            })
            .collect();
        words.join(" ")
    });
    let texts: Vec<String> = texts.collect();
    let confidence = vec![(permille / 10) as u8; texts.len()];
    TranslationResponse { texts, confidence }
}

/// Gives every text the translation that `say` finds, and the text itself where it finds none.
fn each(
    request: &TranslationRequest,
    percent: u8,
    say: impl Fn(&str) -> Option<String>,
) -> TranslationResponse {
    let texts: Vec<String> =
        request.texts.iter().map(|text| say(&text.text).unwrap_or_else(|| text.text.clone())).collect();
    let confidence = vec![percent; texts.len()];
    TranslationResponse { texts, confidence }
}

/// Gives back the texts.
pub struct Copy;

impl Backend for Copy {
    fn answer(
        &self,
        _: &AnswerContext,
        request: &TranslationRequest,
    ) -> Result<TranslationResponse, AnswerError> {
        Ok(each(request, 0, |_| None))
    }
}

/// Gives back names, numbers and protected parts.
pub struct Names;

impl Backend for Names {
    fn answer(
        &self,
        _: &AnswerContext,
        request: &TranslationRequest,
    ) -> Result<TranslationResponse, AnswerError> {
        let stays = |word: &&str| {
            !protected(word).is_empty()
                || word.contains(|letter: char| letter.is_uppercase() || letter.is_ascii_digit())
        };
        Ok(each(request, 0, |text| Some(text.split(' ').filter(stays).collect::<Vec<_>>().join(" "))))
    }
}

/// Looks texts up: the translation of the nearest text that it knows.
pub struct Lookup {
    known: HashMap<(Language, Language), Vec<(String, String)>>,
    /// Places of known texts by the words in them.
    by_word: HashMap<(Language, Language), HashMap<String, Vec<u32>>>,
}

/// Texts that are compared with each one that is asked.
const CANDIDATES: usize = 24;
/// Places of a word that are kept: more frequent words tell little.
const PLACES: usize = 400;

impl Lookup {
    /// Knows the catalogues of this machine, and `composed` texts of each direction by a secret of its own.
    pub fn new(composed: u64) -> Self {
        let mut known = HashMap::<_, Vec<(String, String)>>::new();
        let catalogues: HashMap<Language, HashMap<String, String>> =
            Language::ALL.into_iter().map(|language| (language, mo::installed(language))).collect();
        let composer = Composer::new(&[77; 32]);
        for (from, to) in DIRECTIONS {
            let pairs = known.entry((from, to)).or_default();
            let (one, other) = (&catalogues[&from], &catalogues[&to]);
            // Catalogues go from English, so two languages are joined over it.
            if from == Language::En {
                pairs.extend(other.iter().map(|(english, text)| (english.clone(), text.clone())));
            } else if to == Language::En {
                pairs.extend(one.iter().map(|(english, text)| (text.clone(), english.clone())));
            } else {
                let joined = one
                    .iter()
                    .filter_map(|(english, text)| Some((text.clone(), other.get(english)?.clone())));
                pairs.extend(joined);
            }
            for number in 0..composed {
                let pair = composer.compose(&Seed([78; 32]).derive(b"", number), from, to, false);
                pairs.extend(
                    pair.references.first().map(|reference| (pair.source.clone(), reference.clone())),
                );
            }
            pairs.sort_unstable();
        }
        let mut by_word = HashMap::<_, HashMap<String, Vec<u32>>>::new();
        for (direction, pairs) in &known {
            let index = by_word.entry(*direction).or_default();
            for (at, (source, _)) in (0..).zip(pairs) {
                for word in source.split_whitespace() {
                    let places = index.entry(word.to_lowercase()).or_default();
                    if places.len() < PLACES && places.last() != Some(&at) {
                        places.push(at);
                    }
                }
            }
        }
        Self { known, by_word }
    }

    /// Texts with translations that it knows.
    pub fn len(&self) -> usize {
        self.known.values().map(Vec::len).sum()
    }

    /// Whether it knows nothing.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn nearest(&self, direction: (Language, Language), text: &str) -> Option<String> {
        let (known, index) = (self.known.get(&direction)?, self.by_word.get(&direction)?);
        let mut shared = HashMap::<u32, u32>::new();
        for word in text.split_whitespace() {
            for place in index.get(&word.to_lowercase()).into_iter().flatten() {
                // Rare words tell more.
                *shared.entry(*place).or_default() += (2000 / index[&word.to_lowercase()].len()) as u32;
            }
        }
        let mut candidates: Vec<(u32, u32)> =
            shared.into_iter().map(|(place, weight)| (weight, place)).collect();
        candidates.sort_unstable_by(|one, other| other.cmp(one));
        let asked = Reference::new(text);
        let best = candidates
            .iter()
            .take(CANDIDATES)
            .max_by_key(|(_, place)| asked.compare(&known[*place as usize].0))?;
        Some(known[best.1 as usize].1.clone())
    }
}

impl Backend for Lookup {
    fn answer(
        &self,
        _: &AnswerContext,
        request: &TranslationRequest,
    ) -> Result<TranslationResponse, AnswerError> {
        Ok(each(request, 10, |text| self.nearest((request.from, request.to), text)))
    }
}

/// Reads texts by the public composer's own patterns and words, and writes them in the other language.
pub struct Inverter {
    /// For texts that do not follow the patterns.
    pub otherwise: Arc<dyn Backend>,
}

impl Backend for Inverter {
    fn answer(
        &self,
        context: &AnswerContext,
        request: &TranslationRequest,
    ) -> Result<TranslationResponse, AnswerError> {
        let inverse = Inverse::of(request.from);
        let read: Vec<Option<String>> =
            request.texts.iter().map(|text| inverse.translate(&text.text, request.to)).collect();
        if let Some(all) = read.iter().cloned().collect::<Option<Vec<String>>>() {
            let confidence = vec![99; all.len()];
            return Ok(TranslationResponse { texts: all, confidence });
        }
        let mut answer = self.otherwise.answer(context, request)?;
        for (at, read) in read.into_iter().enumerate() {
            if let (Some(read), Some(text)) = (read, answer.texts.get_mut(at)) {
                *text = read;
                answer.confidence[at] = 99;
            }
        }
        Ok(answer)
    }
}
