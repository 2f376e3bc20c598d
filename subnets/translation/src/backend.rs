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
    protocol::{Term, TranslationRequest, TranslationResponse},
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
    /// Genders of nouns that were looked up.
    genders: Mutex<BTreeMap<(Language, String), Option<bool>>>,
}

/// Most nouns whose gender is kept.
const MOST_GENDERS: usize = 20_000;

impl WithTerms {
    /// With so many processes at a time.
    pub fn new(apertium: Arc<Apertium>) -> Self {
        Self { apertium, genders: Mutex::default() }
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
            let known = |word: &str| self.known().contains_key(&(language, word.to_owned()));
            let words: Vec<&str> = of_language.filter(|word| !known(word)).collect();
            if words.is_empty() {
                continue;
            }
            let found = self.apertium.feminine(language, &words, time);
            let found = found.map_err(|error| AnswerError::Backend(error.to_string()))?;
            let mut known = self.known();
            if known.len() + words.len() > MOST_GENDERS {
                known.clear();
            }
            known.extend(words.iter().map(|word| (language, (*word).to_owned())).zip(found));
        }
        let known = self.known();
        let one = |(language, word): (Language, &str)| {
            let key = (language, word.to_owned());
            let gender = known.get(&key).copied().flatten()?;
            Some((key, gender))
        };
        Ok(nouns.into_iter().filter_map(one).collect())
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<(Language, String), Option<bool>>> {
        self.genders.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl Backend for WithTerms {
    fn answer(
        &self,
        context: &AnswerContext,
        request: &TranslationRequest,
    ) -> Result<TranslationResponse, AnswerError> {
        let genders = self.genders(request, context.time_left.saturating_sub(RESERVE))?;
        // A second, plainer dress for texts that lose a part of the first.
        let dressed: Vec<[Dressed; 2]> = request
            .texts
            .iter()
            .map(|text| [true, false].map(|full| dress::dress(request, &text.text, &genders, full)))
            .collect();
        let mut texts: Vec<String> = dressed.iter().map(|[full, _]| full.text.clone()).collect();
        texts.extend(
            dressed.iter().filter(|[full, plain]| full != plain).map(|[_, plain]| plain.text.clone()),
        );
        // The terms are translated as well, so that it is known how Apertium says them.
        let forms: Vec<(&str, &str)> = request.glossary.iter().flat_map(forms).collect();
        texts.extend(forms.iter().map(|(source, _)| (*source).to_owned()));
        let said = translate(&self.apertium, context, request, texts)?;
        let usual = &said[said.len() - forms.len()..];
        let (first, mut second) = said.split_at(request.texts.len());
        let mut answer = TranslationResponse::default();
        for ((text, [full, plain]), said) in request.texts.iter().zip(&dressed).zip(first) {
            let keeps_all = |translation: &String| {
                keeps(&text.text, translation)
                    && request
                        .keep
                        .iter()
                        .all(|word| !has_word(&text.text, word) || has_word(translation, word))
            };
            let mut candidates = vec![(full, said)];
            if full != plain {
                candidates.push((plain, &second[0]));
                second = &second[1..];
            }
            let best = candidates.iter().find_map(|(dress, said)| dress.undressed(said).filter(keeps_all));
            let best = best.unwrap_or_else(|| dress::bare(candidates[candidates.len() - 1].1, &request.keep));
            let best = with_terms(&best, &forms, usual);
            answer.confidence.push(if keeps_all(&best) { USUAL_WITH_TERMS } else { 0 });
            answer.texts.push(best);
        }
        Ok(answer)
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
fn with_terms(said: &str, forms: &[(&str, &str)], usual: &[String]) -> String {
    let swaps: Vec<(&str, &str)> = usual
        .iter()
        .map(|usual| usual.trim())
        .zip(forms)
        // A term that is there already is not replaced by itself or within itself.
        .filter(|(usual, (_, wanted))| {
            !usual.is_empty() && !has_word(&wanted.to_lowercase(), &usual.to_lowercase())
        })
        .map(|(usual, (_, wanted))| (usual, *wanted))
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
    use crate::protocol::Text;

    #[test]
    fn whole_words_are_replaced() {
        let forms = [("file", "archivo"), ("red file", "X")];
        let said = with_terms(
            "Lima y sublima, lima; lima roja: élima",
            &forms,
            &["lima".into(), "lima roja".into()],
        );
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
