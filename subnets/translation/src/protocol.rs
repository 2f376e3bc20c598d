//! Messages between validators, users and miners of this subnet.

use serde::{Deserialize, Serialize};

use crate::language::{Language, DIRECTIONS};

/// Version of protocol and scoring; part of the subnet's name on the wire.
pub const VERSION: u32 = 1;
/// Most texts of a request.
pub const MOST_TEXTS: usize = 32;
/// Longest text in characters.
pub const LONGEST_TEXT: usize = 4000;
/// Most characters of all texts of a request.
pub const MOST_CHARACTERS: usize = 16_000;
/// Longest remark about a text in characters.
pub const LONGEST_REMARK: usize = 500;
/// Most terms of a glossary, and most words that stay as they are.
pub const MOST_TERMS: usize = 64;
/// Longest term in characters.
pub const LONGEST_TERM: usize = 100;
/// Confidence of a translation that is certainly right.
pub const CERTAIN: u8 = 100;

/// Texts to translate.
///
/// Placeholders, markup, entities and addresses ([`protected`](crate::protected::protected)) come back unchanged, and
/// so do the words of `keep`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TranslationRequest {
    /// The language of the texts.
    pub from: Language,
    /// The wanted language.
    pub to: Language,
    /// The texts, from 1 to [`MOST_TEXTS`].
    pub texts: Vec<Text>,
    /// Translations of terms that the customer wants. The form in the text follows its grammar.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub glossary: Vec<Term>,
    /// Words that stay as they are, such as names of products.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keep: Vec<String>,
}

/// A text to translate.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// The text.
    pub text: String,
    /// Where it stands, or a remark for translators.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remark: Option<String>,
    /// Most characters of its translation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u16>,
}

/// A term and its translation, for one and for many.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Term {
    /// The term.
    pub source: String,
    /// Its plural; empty if it has none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sources: String,
    /// Its translation.
    pub target: String,
    /// The translation of its plural; empty if it has none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub targets: String,
}

/// A miner's answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TranslationResponse {
    /// The translations, in the order of the texts. An empty one says that the miner has none.
    pub texts: Vec<String>,
    /// How right each translation is in the miner's own opinion, in percent: its expected accuracy.
    pub confidence: Vec<u8>,
}

/// Reasons for refusing a request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// No translation goes in this direction.
    #[error("nobody translates from {0} to {1} here; the directions are {directions}", directions = directions())]
    Direction(&'static str, &'static str),
    /// A part is larger than this subnet serves, or missing.
    #[error("{what} is {found}, it must be 1 to {limit}; ask for less")]
    Size {
        /// The part.
        what: &'static str,
        /// Its size.
        found: usize,
        /// The limit.
        limit: usize,
    },
}

/// The directions by their codes.
fn directions() -> String {
    let all: Vec<String> =
        DIRECTIONS.iter().map(|(from, to)| format!("{}-{}", from.code(), to.code())).collect();
    all.join(", ")
}

impl TranslationRequest {
    /// Checks direction and sizes.
    pub fn check(&self) -> Result<(), RequestError> {
        if !DIRECTIONS.contains(&(self.from, self.to)) {
            return Err(RequestError::Direction(self.from.code(), self.to.code()));
        }
        let size = |what, found, limit| match (1..=limit).contains(&found) {
            true => Ok(()),
            false => Err(RequestError::Size { what, found, limit }),
        };
        let letters = |text: &str| text.chars().count();
        size("the number of texts", self.texts.len(), MOST_TEXTS)?;
        for text in &self.texts {
            size("the length of a text", letters(&text.text), LONGEST_TEXT)?;
            size("the length of a remark", text.remark.as_deref().map_or(1, letters).max(1), LONGEST_REMARK)?;
        }
        let all = self.texts.iter().map(|text| letters(&text.text)).sum();
        size("the length of all texts", all, MOST_CHARACTERS)?;
        size("the number of terms", self.glossary.len().max(1), MOST_TERMS)?;
        size("the number of words to keep", self.keep.len().max(1), MOST_TERMS)?;
        for term in &self.glossary {
            size("the length of a term", letters(&term.source), LONGEST_TERM)?;
            size("the length of a term's translation", letters(&term.target), LONGEST_TERM)?;
            for many in [&term.sources, &term.targets] {
                size("the length of a term's plural", letters(many).max(1), LONGEST_TERM)?;
            }
        }
        self.keep
            .iter()
            .try_for_each(|word| size("the length of a word to keep", letters(word), LONGEST_TERM))
    }
}

impl TranslationResponse {
    /// Bytes of all translations.
    pub fn size(&self) -> usize {
        self.texts.iter().map(String::len).sum::<usize>() + self.confidence.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(texts: &[&str]) -> TranslationRequest {
        let texts = texts.iter().map(|text| Text { text: (*text).into(), ..Text::default() }).collect();
        TranslationRequest { from: Language::En, to: Language::Es, texts, glossary: vec![], keep: vec![] }
    }

    #[test]
    fn sizes_and_directions_are_checked() {
        assert_eq!(request(&["Open"]).check(), Ok(()));
        let wrong = |request: TranslationRequest| request.check().unwrap_err().to_string();
        assert!(wrong(request(&[])).contains("the number of texts is 0, it must be 1 to 32"));
        assert!(wrong(request(&[""])).contains("the length of a text is 0"));
        assert!(wrong(request(&[&"é".repeat(4001)])).contains("is 4001, it must be 1 to 4000"));
        assert!(wrong(request(&["a".repeat(4000).as_str(); 5])).contains("the length of all texts is 20000"));
        let other = wrong(TranslationRequest { to: Language::Fr, ..request(&["a"]) });
        assert!(other.contains("from en to fr") && other.contains("es-fr"), "{other}");
        let term = Term { source: "file".into(), ..Term::default() };
        let empty = wrong(TranslationRequest { glossary: vec![term], ..request(&["a"]) });
        assert!(empty.contains("a term's translation is 0"), "{empty}");
        let keep = wrong(TranslationRequest { keep: vec![String::new()], ..request(&["a"]) });
        assert!(keep.contains("a word to keep is 0"), "{keep}");
    }
}
