//! Backends that translate for a miner.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use myelin_subnet::{AnswerContext, AnswerError};

use crate::{
    apertium::Apertium,
    dress::{self, swapped, Dressed},
    language::Language,
    protected::{has_word, keeps},
    protocol::{Term, Text, TranslationRequest, TranslationResponse},
};

/// Translations for a miner.
pub trait Backend: Send + Sync {
    /// Answers a request that was checked.
    fn answer(
        &self,
        context: &AnswerContext,
        request: &TranslationRequest,
    ) -> Result<TranslationResponse, AnswerError>;

    /// Identifier of the model.
    fn model_id(&self) -> [u8; 32] {
        [0; 32]
    }
}

/// Time that is left for the way back.
pub const RESERVE: Duration = Duration::from_millis(200);
/// Confidence of Apertium's translations in percent: its usual accuracy on composed texts.
const USUAL: u8 = 45;
/// The same where the glossary had a say.
const USUAL_WITH_TERMS: u8 = 50;

/// Apertium alone: the baseline.
pub struct Baseline {
    apertium: Arc<Apertium>,
}

impl Baseline {
    /// With so many processes at a time.
    pub fn new(apertium: Arc<Apertium>) -> Self {
        Self { apertium }
    }
}

impl Backend for Baseline {
    fn answer(
        &self,
        context: &AnswerContext,
        request: &TranslationRequest,
    ) -> Result<TranslationResponse, AnswerError> {
        let texts = request.texts.iter().map(|text| text.text.clone()).collect();
        let texts = translate(&self.apertium, context, request, texts)?;
        let confidence = vec![USUAL; texts.len()];
        Ok(TranslationResponse { texts, confidence })
    }
}

/// Apertium with care for what a customer wants: the glossary, words that stay, placeholders for numbers ([`dress`]).
pub struct WithTerms {
    apertium: Arc<Apertium>,
    /// Genders of nouns.
    genders: Bounded<(Language, String), Option<bool>>,
    /// Apertium's own words for terms.
    usual: Bounded<((Language, Language), String), String>,
}

impl WithTerms {
    /// With so many processes at a time.
    pub fn new(apertium: Arc<Apertium>) -> Self {
        Self { apertium, genders: Bounded::new(), usual: Bounded::new() }
    }

    /// Which nouns of the glossary are feminine.
    fn genders(
        &self,
        request: &TranslationRequest,
        time: Duration,
    ) -> Result<BTreeMap<(Language, String), bool>, AnswerError> {
        let nouns = dress::nouns(request);
        for language in [request.from, request.to] {
            let of_language = nouns.iter().filter(|(of, _)| *of == language).map(|(_, word)| *word);
            let unmet = |word: &&str| self.genders.get(&(language, (*word).to_owned())).is_none();
            let words: Vec<&str> = of_language.filter(unmet).collect();
            if words.is_empty() {
                continue;
            }
            let found = self.apertium.feminine(language, &words, time);
            let found = found.map_err(|error| AnswerError::Backend(error.to_string()))?;
            self.genders.extend(words.iter().map(|word| (language, (*word).to_owned())).zip(found));
        }
        let with_gender = |(language, word): (Language, &str)| {
            let key = (language, word.to_owned());
            let gender = self.genders.get(&key).flatten()?;
            Some((key, gender))
        };
        Ok(nouns.into_iter().filter_map(with_gender).collect())
    }
}

impl Backend for WithTerms {
    fn answer(
        &self,
        context: &AnswerContext,
        request: &TranslationRequest,
    ) -> Result<TranslationResponse, AnswerError> {
        let genders = self.genders(request, context.time_left.saturating_sub(RESERVE))?;
        let dressed: Vec<Dressed> =
            request.texts.iter().map(|text| dress::dress(request, &text.text, &genders, true)).collect();
        let forms: Vec<(&str, &str)> = request.glossary.iter().flat_map(forms).collect();
        let mut texts: Vec<String> = dressed.iter().map(|dressed| dressed.text.clone()).collect();
        // Terms that were not met before are translated as well, so that it is known how Apertium says them.
        let direction = (request.from, request.to);
        let usual = |form: &str| self.usual.get(&(direction, form.to_owned()));
        let unmet: Vec<&str> =
            forms.iter().map(|(form, _)| *form).filter(|form| usual(form).is_none()).collect();
        texts.extend(unmet.iter().map(|form| (*form).to_owned()));
        let mut said = translate(&self.apertium, context, request, texts)?;
        let met = said.split_off(request.texts.len());
        self.usual.extend(unmet.iter().map(|form| (direction, (*form).to_owned())).zip(met));
        let keeps_all = |text: &Text, translation: &String| {
            keeps(&text.text, translation)
                && request.keep.iter().all(|word| !has_word(&text.text, word) || has_word(translation, word))
        };
        let mut best: Vec<Option<String>> = request
            .texts
            .iter()
            .zip(dressed.iter().zip(&said))
            .map(|(text, (dressed, said))| dressed.undressed(said).filter(|said| keeps_all(text, said)))
            .collect();
        // A plainer dress for texts that lost a part of the first.
        let lost: Vec<usize> = (0..best.len()).filter(|at| best[*at].is_none()).collect();
        if !lost.is_empty() {
            let plain: Vec<Dressed> = lost
                .iter()
                .map(|at| dress::dress(request, &request.texts[*at].text, &genders, false))
                .collect();
            let texts = plain.iter().map(|plain| plain.text.clone()).collect();
            for ((at, plain), again) in
                lost.iter().zip(&plain).zip(translate(&self.apertium, context, request, texts)?)
            {
                best[*at] = plain.undressed(&again).filter(|said| keeps_all(&request.texts[*at], said));
                said[*at] = dress::bare(&again, &request.keep);
            }
        }
        let replaced: Vec<(String, &str)> =
            forms.iter().filter_map(|(form, wanted)| Some((usual(form)?, *wanted))).collect();
        let mut answer = TranslationResponse::default();
        for ((text, best), said) in request.texts.iter().zip(best).zip(said) {
            let best = with_terms(&best.unwrap_or(said), &replaced);
            answer.confidence.push(if keeps_all(text, &best) { USUAL_WITH_TERMS } else { 0 });
            answer.texts.push(best);
        }
        Ok(answer)
    }
}

/// A map of so many entries at most: a full one begins anew.
struct Bounded<K, V>(Mutex<BTreeMap<K, V>>);

/// Most entries of what is looked up once.
const MOST_KNOWN: usize = 20_000;

impl<K: Ord, V: Clone> Bounded<K, V> {
    fn new() -> Self {
        Self(Mutex::default())
    }

    fn get(&self, key: &K) -> Option<V> {
        self.lock().get(key).cloned()
    }

    fn extend(&self, entries: impl Iterator<Item = (K, V)>) {
        let mut map = self.lock();
        if map.len() > MOST_KNOWN {
            map.clear();
        }
        map.extend(entries);
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<K, V>> {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// The forms of a term with their translations.
fn forms(term: &Term) -> Vec<(&str, &str)> {
    let mut forms = vec![(term.source.as_str(), term.target.as_str())];
    if !term.sources.is_empty() && !term.targets.is_empty() {
        forms.push((term.sources.as_str(), term.targets.as_str()));
    }
    forms
}

/// A translation in which Apertium's own words for terms are replaced by the customer's.
fn with_terms(said: &str, replaced: &[(String, &str)]) -> String {
    let swaps: Vec<(&str, &str)> = replaced
        .iter()
        .map(|(usual, wanted)| (usual.trim(), *wanted))
        // A term that is there already is not replaced by itself or within itself.
        .filter(|(usual, wanted)| {
            !usual.is_empty() && !has_word(&wanted.to_lowercase(), &usual.to_lowercase())
        })
        .collect();
    swapped(said, &swaps).0
}

/// Translates with Apertium in the time that is left.
fn translate(
    apertium: &Apertium,
    context: &AnswerContext,
    request: &TranslationRequest,
    texts: Vec<String>,
) -> Result<Vec<String>, AnswerError> {
    let time = context.time_left.saturating_sub(RESERVE);
    let said = apertium.translate((request.from, request.to), texts, time);
    said.map_err(|error| AnswerError::Backend(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_words_are_replaced() {
        let replaced = [("lima".to_owned(), "archivo"), ("lima roja".to_owned(), "X")];
        let said = with_terms("Lima y sublima, lima; lima roja: élima", &replaced);
        assert_eq!(said, "Archivo y sublima, archivo; X: élima");
    }

    #[test]
    fn a_glossary_is_followed() {
        let text = |text: &str| Text { text: text.into(), ..Text::default() };
        let request = TranslationRequest {
            from: Language::En,
            to: Language::Es,
            texts: vec![text("The file of Nebula is open."), text("%d files were deleted")],
            glossary: vec![Term {
                source: "file".into(),
                sources: "files".into(),
                target: "archivo".into(),
                targets: "archivos".into(),
            }],
            keep: vec!["Nebula".into()],
        };
        let context = AnswerContext {
            asker: None,
            permitted: true,
            challenge: None,
            time_left: Duration::from_secs(60),
        };
        let apertium = Arc::new(Apertium::new(1));
        let said = Baseline::new(apertium.clone()).answer(&context, &request).unwrap();
        assert!(said.texts[0].contains("lima"), "{said:?}");
        let said = WithTerms::new(apertium).answer(&context, &request).unwrap();
        assert_eq!(said.texts, ["El archivo de Nebula es abierto.", "%d archivos estuvieron eliminados"]);
    }
}
