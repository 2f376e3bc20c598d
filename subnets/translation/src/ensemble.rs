//! One answer from several: for each text the translation that is nearest to all others.
//!
//! This is decoding by least Bayes risk (Kumar and Byrne 2004) with chrF as the gain: translations that agree with many
//! others, by the miners' weights, are likely to be right.

use crate::{
    chrf::Reference,
    protected::keeps,
    protocol::{TranslationRequest, TranslationResponse},
};

/// Combines answers. Translations that lose a protected part are left out where others keep it. `None` if no answer has
/// a translation for every text.
pub fn combine(
    request: &TranslationRequest,
    answers: &[(TranslationResponse, u64)],
) -> Option<TranslationResponse> {
    if let [(alone, _)] = answers {
        return Some(alone.clone());
    }
    let asked = request.texts.len();
    let whole: Vec<&(TranslationResponse, u64)> = answers
        .iter()
        .filter(|(answer, _)| answer.texts.len() == asked && answer.confidence.len() == asked)
        .collect();
    let mut combined = TranslationResponse::default();
    for (at, text) in request.texts.iter().enumerate() {
        let mut said: Vec<(&str, u64, u8)> = whole
            .iter()
            .map(|(answer, weight)| (answer.texts[at].as_str(), *weight, answer.confidence[at]))
            .filter(|(translation, ..)| !translation.trim().is_empty())
            .collect();
        if said.iter().any(|(translation, ..)| keeps(&text.text, translation)) {
            said.retain(|(translation, ..)| keeps(&text.text, translation));
        }
        let best = nearest(&said)?;
        combined.texts.push(best.0.to_owned());
        combined.confidence.push(best.2);
    }
    (!combined.texts.is_empty()).then_some(combined)
}

/// The translation with the largest mean chrF against all, itself among them, by weight; the one that more than half
/// of the weight says, if there is one.
fn nearest<'a>(said: &[(&'a str, u64, u8)]) -> Option<(&'a str, u64, u8)> {
    let weight = |is: &dyn Fn(&str) -> bool| -> u128 {
        said.iter()
            .filter(|(translation, ..)| is(translation))
            .map(|(_, weight, _)| u128::from(*weight))
            .sum()
    };
    let all = weight(&|_| true);
    let decided = said.iter().find(|(translation, ..)| 2 * weight(&|other| other == *translation) > all);
    if let Some(decided) = decided {
        return Some(*decided);
    }
    let read: Vec<Reference> = said.iter().map(|(translation, ..)| Reference::new(translation)).collect();
    let gain = |translation: &str| -> u128 {
        let each = read.iter().zip(said);
        each.map(|(other, (_, weight, _))| u128::from(other.compare(translation)) * u128::from(*weight)).sum()
    };
    // Ties are broken by the words, so that the order of the miners has no influence.
    let best = said.iter().max_by_key(|(translation, weight, _)| (gain(translation), *weight, *translation));
    best.copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{language::Language, protocol::Text};

    #[test]
    fn the_translation_that_most_agree_with_is_taken() {
        let text = Text { text: "Open %s".into(), ..Text::default() };
        let request = TranslationRequest {
            from: Language::En,
            to: Language::Es,
            texts: vec![text],
            glossary: vec![],
            keep: vec![],
        };
        let answer = |said: &str, weight| {
            (TranslationResponse { texts: vec![said.into()], confidence: vec![50] }, weight)
        };
        let said = |answers: &[(TranslationResponse, u64)]| {
            combine(&request, answers).map(|combined| combined.texts[0].clone())
        };
        let three =
            [answer("Abra la puerta de %s", 2), answer("Cierre %s", 2), answer("Abra la puerta a %s", 2)];
        assert!(said(&three).is_some_and(|said| said.starts_with("Abra la puerta")));
        let mut turned = three.clone();
        turned.reverse();
        assert_eq!(said(&turned), said(&three));
        // More than half of the weight decides.
        assert_eq!(
            said(&[answer("Cierre %s", 5), answer("Abra %s", 2), answer("Abra %s", 2)]).as_deref(),
            Some("Cierre %s")
        );
        // A placeholder is kept if anybody keeps it.
        assert_eq!(said(&[answer("Abra", 9), answer("Abrir %s", 1)]).as_deref(), Some("Abrir %s"));
        assert_eq!(said(&[answer(" ", 9), answer("", 1)]), None);
    }
}
