//! Judges translations by references, in whole numbers.
//!
//! The accuracy of a translation is how much nearer it is to a reference than the text itself is:
//!
//! ```text
//! accuracy = (chrF of the translation − chrF of the text) / (1 − chrF of the text)
//! ```
//!
//! Each chrF is the largest over the references. So a copy of the text, of its names or of its numbers is worth
//! nothing, also between languages that are much alike. Long answers hedge between words: one that is longer than the
//! longest reference by more than [`LONGER`] loses in proportion.

use myelin_wire::record::{PartRule, Ppm, Reason, Rubric, RubricError};

use crate::{
    chrf::Reference,
    protected::{has_word, keeps, numbers},
    protocol::{Term, Text, TranslationRequest, TranslationResponse, CERTAIN, VERSION},
};

/// How much longer than the longest reference a translation may be without loss.
pub const LONGER: Ppm = Ppm::new(200_000);
/// Characters beyond that share that cost nothing, so that short texts have some freedom.
const FREE_CHARACTERS: usize = 8;
/// A translation this many times as long as the longest reference is worth nothing, and is not looked at any further.
const FAR_TOO_LONG: usize = 8;
/// Part of the accuracy that is left where a number or a term of the glossary is wrong.
const FLAWED: Ppm = Ppm::new(500_000);
/// Least mean accuracy of an answer that is a translation at all.
const LEAST: Ppm = Ppm::new(50_000);
/// Longest answer against the request, so that no time is spent on judging what nobody asked for.
const MOST_BYTES: usize = 256 << 10;

/// Parts of a score: mostly the accuracy, a little the miner's opinion of it. Speed moves a tenth.
pub fn rubric() -> Result<Rubric, RubricError> {
    Rubric::new(
        "translation",
        VERSION,
        vec![
            PartRule::Share { name: "accuracy", weight: 9 },
            PartRule::Share { name: "confidence", weight: 1 },
            PartRule::Factor { name: "speed", floor: Ppm::new(900_000) },
        ],
    )
}

/// A text's right translations, made ready for comparing.
pub struct Right {
    references: Vec<Reference>,
    /// chrF of the text itself.
    copied: u32,
    /// Characters of the longest reference.
    longest: usize,
    /// Words of the reference with the fewest, and of the one with the most.
    words: (usize, usize),
    /// Terms of which each translation must have a form.
    terms: Vec<[String; 2]>,
    /// Words that stay.
    keep: Vec<String>,
}

impl Right {
    /// The right translations of a text, for a customer with this glossary and these words that stay.
    pub fn new(text: &Text, references: &[String], glossary: &[Term], keep: &[String]) -> Self {
        let read: Vec<Reference> = references.iter().map(|reference| Reference::new(reference)).collect();
        let copied = nearest(&read, &text.text);
        let longest = references.iter().map(|reference| reference.chars().count()).max().unwrap_or_default();
        let forms = |term: &Term| [&term.target, &term.targets].map(|form| form.to_lowercase());
        let wanted = |forms: &[String; 2]| {
            !references.is_empty()
                && references.iter().all(|reference| has_form(&reference.to_lowercase(), forms))
        };
        let terms = glossary.iter().map(forms).filter(wanted).collect();
        let stays = |word: &&String| {
            has_word(&text.text, word) && references.iter().all(|reference| has_word(reference, word))
        };
        let keep = keep.iter().filter(stays).cloned().collect();
        let counts = || references.iter().map(|reference| count_words(reference));
        let words = (counts().min().unwrap_or_default(), counts().max().unwrap_or_default());
        Self { references: read, copied, longest, words, terms, keep }
    }

    /// Whether the text counts. One that is its own translation does not: a copy of it would be right.
    pub fn counts(&self) -> bool {
        self.copied < Ppm::ONE.get()
    }

    /// The accuracy of a translation, and its flaw if it has one.
    pub fn accuracy(&self, text: &Text, translation: &str) -> (Ppm, Option<&'static str>) {
        if translation.trim().is_empty() {
            return (Ppm::ZERO, Some("nothing"));
        }
        let length = translation.chars().count();
        if length > FAR_TOO_LONG * self.longest.max(FREE_CHARACTERS) {
            return (Ppm::ZERO, Some("far too long"));
        }
        if !keeps(&text.text, translation) {
            return (Ppm::ZERO, Some("a placeholder, tag or address is lost or added"));
        }
        if text.limit.is_some_and(|limit| length > usize::from(limit)) {
            return (Ppm::ZERO, Some("longer than its limit"));
        }
        let gained = nearest(&self.references, translation).saturating_sub(self.copied);
        let mut accuracy = Ppm::ratio(gained.into(), u64::from(Ppm::ONE.get() - self.copied).max(1));
        let free = self.longest + self.longest * LONGER.get() as usize / 1_000_000 + FREE_CHARACTERS;
        let mut flaw = None;
        if length > free {
            accuracy = accuracy.of(Ppm::ratio(free as u64, length as u64));
            flaw = Some("too long");
        }
        if numbers(&text.text) != numbers(translation) {
            accuracy = accuracy.of(FLAWED);
            flaw = Some("another number");
        }
        let (words, spread) = (count_words(translation), self.words.1.div_ceil(3));
        if words + spread < self.words.0 || words > self.words.1 + spread {
            accuracy = accuracy.of(FLAWED);
            flaw = Some("another number of words");
        }
        let lower = translation.to_lowercase();
        if !self.terms.iter().all(|forms| has_form(&lower, forms)) {
            accuracy = accuracy.of(FLAWED);
            flaw = Some("a term of the glossary is missing");
        }
        if !self.keep.iter().all(|word| has_word(translation, word)) {
            accuracy = accuracy.of(FLAWED);
            flaw = Some("a word that stays is lost");
        }
        (accuracy, flaw)
    }
}

fn count_words(text: &str) -> usize {
    text.split_whitespace().filter(|word| word.contains(char::is_alphanumeric)).count()
}

/// Whether a text in small letters has a form of a term.
fn has_form(text: &str, forms: &[String; 2]) -> bool {
    forms.iter().any(|form| has_word(text, form))
}

/// The largest chrF of a text over references.
fn nearest(references: &[Reference], text: &str) -> u32 {
    references.iter().map(|reference| reference.compare(text)).max().unwrap_or_default()
}

/// Worth of an answer before its speed is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worth {
    /// Accuracy and confidence.
    pub parts: [Ppm; 2],
    /// Reason for paying the parts or not.
    pub reason: Reason,
    /// One line for people.
    pub note: String,
}

/// Judges an answer by the right translations of each text.
pub fn judge(request: &TranslationRequest, right: &[Right], answer: &TranslationResponse) -> Worth {
    let refused = |reason, note: String| Worth { parts: [Ppm::ZERO; 2], reason, note };
    let asked = request.texts.len();
    if answer.size() > MOST_BYTES {
        return refused(Reason::Oversize, format!("{} bytes of translations", answer.size()));
    }
    if answer.texts.iter().all(|text| text.trim().is_empty()) {
        return refused(Reason::Empty, "no translation".into());
    }
    if answer.texts.len() != asked || answer.confidence.len() != asked {
        let (texts, confidence) = (answer.texts.len(), answer.confidence.len());
        return refused(
            Reason::Malformed,
            format!("{texts} translations and {confidence} confidences for {asked} texts"),
        );
    }
    if answer.confidence.iter().any(|percent| *percent > CERTAIN) {
        return refused(Reason::Malformed, "a confidence is more than 100 percent".into());
    }
    let (mut accuracy, mut opinion, mut counted, mut flaws) = (0u64, 0u64, 0u64, Vec::new());
    for (((text, right), translation), percent) in
        request.texts.iter().zip(right).zip(&answer.texts).zip(&answer.confidence)
    {
        if !right.counts() {
            continue;
        }
        counted += 1;
        let (found, flaw) = right.accuracy(text, translation);
        accuracy += u64::from(found.get());
        // The square of the error is smallest for whoever states the accuracy that it expects.
        let error = Ppm::new(found.get().abs_diff(u32::from(*percent) * 10_000));
        opinion += u64::from(Ppm::ONE.get() - error.of(error).get());
        flaws.extend(flaw);
    }
    if counted == 0 {
        return refused(Reason::Excused, "every text is its own translation".into());
    }
    let whole = 1_000_000 * counted;
    let accuracy = Ppm::ratio(accuracy, whole);
    if accuracy < LEAST {
        return refused(
            Reason::Garbage,
            format!("{}; no translation of these texts", note(accuracy, &flaws)),
        );
    }
    // An opinion of translations that are worth nothing is worth nothing.
    let opinion = Ppm::ratio(opinion, whole).of(accuracy);
    Worth { parts: [accuracy, opinion], reason: Reason::Scored, note: note(accuracy, &flaws) }
}

fn note(accuracy: Ppm, flaws: &[&str]) -> String {
    let mut note = format!("accuracy {}.{:03}", accuracy.get() / 1_000_000, accuracy.get() / 1000 % 1000);
    let mut told: Vec<&str> = flaws.to_vec();
    told.sort_unstable();
    told.dedup();
    for flaw in told {
        let count = flaws.iter().filter(|found| **found == flaw).count();
        note += &format!(", {count} × {flaw}");
    }
    note
}

#[cfg(test)]
mod tests;
