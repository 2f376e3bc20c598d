//! Backends that translate for a miner.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use myelin_subnet::{AnswerContext, AnswerError};

use crate::{
    apertium::Apertium,
    protected::keeps,
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

/// Apertium with the customer's glossary: what Apertium says for a term is replaced by what the customer wants.
pub struct WithTerms {
    apertium: Arc<Apertium>,
}

impl WithTerms {
    /// With so many processes at a time.
    pub fn new(apertium: Arc<Apertium>) -> Self {
        Self { apertium }
    }
}

impl Backend for WithTerms {
    fn answer(
        &self,
        context: &AnswerContext,
        request: &TranslationRequest,
    ) -> Result<TranslationResponse, AnswerError> {
        let mut texts: Vec<String> = request.texts.iter().map(|text| text.text.clone()).collect();
        // The terms are translated beside the texts, so that it is known how Apertium says them.
        let forms: Vec<(&str, &str)> = request.glossary.iter().flat_map(forms).collect();
        texts.extend(forms.iter().map(|(source, _)| (*source).to_owned()));
        let mut said = translate(&self.apertium, context, request, texts)?;
        let usual = said.split_off(request.texts.len());
        let replaced: BTreeMap<String, &str> = usual
            .into_iter()
            .zip(&forms)
            .map(|(usual, (_, wanted))| (usual.trim().to_lowercase(), *wanted))
            .filter(|(usual, wanted)| !usual.is_empty() && usual != &wanted.to_lowercase())
            .collect();
        let texts: Vec<String> = said
            .iter()
            .zip(&request.texts)
            .map(|(said, text)| {
                let better = replace_words(said, &replaced);
                if keeps(&text.text, &better) {
                    better
                } else {
                    said.clone()
                }
            })
            .collect();
        let confidence = vec![USUAL_WITH_TERMS; texts.len()];
        Ok(TranslationResponse { texts, confidence })
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

/// A text with words in place of others, longest first, and a capital where there was one.
fn replace_words(text: &str, replaced: &BTreeMap<String, &str>) -> String {
    let mut words: Vec<&String> = replaced.keys().collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let is_letter = |letter: Option<char>| letter.is_some_and(char::is_alphanumeric);
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let begins = !is_letter(out.chars().next_back());
        let found = words.iter().find(|word| {
            let head = rest.get(..word.len());
            begins
                && head.is_some_and(|head| head.to_lowercase() == ***word)
                && !is_letter(rest[word.len()..].chars().next())
        });
        match found {
            Some(word) => {
                let wanted = replaced[*word];
                match first.is_uppercase() {
                    true => out.push_str(&myelin_subnet::phrases::capital(wanted)),
                    false => out.push_str(wanted),
                }
                rest = &rest[word.len()..];
            }
            None => {
                out.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
    }
    out
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
    use crate::{language::Language, protocol::Text};

    #[test]
    fn whole_words_are_replaced() {
        let replaced = BTreeMap::from([("lima".to_owned(), "archivo"), ("lima roja".to_owned(), "X")]);
        assert_eq!(
            replace_words("Lima y sublima, lima; lima roja: élima", &replaced),
            "Archivo y sublima, archivo; X: élima"
        );
    }

    #[test]
    fn a_glossary_is_followed() {
        let request = TranslationRequest {
            from: Language::En,
            to: Language::Es,
            texts: vec![Text { text: "The file of %s is open.".into(), ..Text::default() }],
            glossary: vec![Term {
                source: "file".into(),
                sources: "files".into(),
                target: "archivo".into(),
                targets: "archivos".into(),
            }],
            keep: vec![],
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
        assert!(said.texts[0].contains("archivo") && said.texts[0].contains("%s"), "{said:?}");
    }
}
