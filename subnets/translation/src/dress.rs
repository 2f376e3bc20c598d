//! Texts in a dress that Apertium translates well, and translations without it.
//!
//! - A term of the glossary becomes a plain noun whose translation has the gender and number of the term's translation,
//!   so that articles, adjectives and verbs agree. Afterwards that noun's translation gives way to the term's.
//! - A placeholder for a whole number becomes a number.
//! - A word that stays becomes a placeholder.

use std::collections::BTreeMap;

use myelin_subnet::phrases::capital;

use crate::{
    language::Language::{self, En, Es, Fr, Pt},
    protected::{numbers, pieces},
    protocol::TranslationRequest,
};

/// A text in its dress, and how to take it off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dressed {
    /// The text for Apertium.
    pub text: String,
    to: Language,
    /// Words of the translation, each once, with the words in their place.
    undo: Vec<(String, String)>,
}

/// A noun that stands for others: one and many in the language of the text, and in the wanted one.
struct Stand {
    source: [&'static str; 2],
    target: [&'static str; 2],
    /// Whether it is feminine in the language of the text, if that has genders, and in the wanted one.
    feminine: [bool; 2],
}

const fn stand(source: [&'static str; 2], target: [&'static str; 2], feminine: [bool; 2]) -> Stand {
    Stand { source, target, feminine }
}

/// Nouns that stand for others. A test translates them.
fn stands(direction: (Language, Language)) -> &'static [Stand] {
    const EN_ES: [Stand; 4] = [
        stand(["book", "books"], ["libro", "libros"], [false, false]),
        stand(["house", "houses"], ["casa", "casas"], [false, true]),
        stand(["dog", "dogs"], ["perro", "perros"], [false, false]),
        stand(["table", "tables"], ["mesa", "mesas"], [false, true]),
    ];
    const ES_FR: [Stand; 4] = [
        stand(["libro", "libros"], ["livre", "livres"], [false, false]),
        stand(["casa", "casas"], ["maison", "maisons"], [true, true]),
        stand(["coche", "coches"], ["voiture", "voitures"], [false, true]),
        stand(["leche", "leches"], ["lait", "laits"], [true, false]),
    ];
    const FR_ES: [Stand; 4] = [
        stand(["livre", "livres"], ["libro", "libros"], [false, false]),
        stand(["maison", "maisons"], ["casa", "casas"], [true, true]),
        stand(["lit", "lits"], ["cama", "camas"], [false, true]),
        stand(["voiture", "voitures"], ["coche", "coches"], [true, false]),
    ];
    const ES_PT: [Stand; 4] = [
        stand(["libro", "libros"], ["livro", "livros"], [false, false]),
        stand(["casa", "casas"], ["casa", "casas"], [true, true]),
        stand(["viaje", "viajes"], ["viagem", "viagens"], [false, true]),
        stand(["leche", "leches"], ["leite", "leites"], [true, false]),
    ];
    const PT_ES: [Stand; 4] = [
        stand(["livro", "livros"], ["libro", "libros"], [false, false]),
        stand(["casa", "casas"], ["casa", "casas"], [true, true]),
        stand(["leite", "leites"], ["leche", "leches"], [false, true]),
        stand(["viagem", "viagens"], ["viaje", "viajes"], [true, false]),
    ];
    match direction {
        (En, Es) => &EN_ES,
        (Es, Fr) => &ES_FR,
        (Fr, Es) => &FR_ES,
        (Es, Pt) => &ES_PT,
        (Pt, Es) => &PT_ES,
        // English nouns have no gender that others agree with.
        _ => &[],
    }
}

/// Words of the glossary whose gender has to be known, by their language.
pub fn nouns(request: &TranslationRequest) -> Vec<(Language, &str)> {
    let terms = request.glossary.iter();
    let words =
        terms.flat_map(|term| [(request.from, term.source.as_str()), (request.to, term.target.as_str())]);
    words.filter(|(language, _)| *language != En).collect()
}

/// Dresses a text. `feminine` knows genders of nouns. With `full`, terms and numbers are dressed too.
pub fn dress(
    request: &TranslationRequest,
    text: &str,
    feminine: &BTreeMap<(Language, String), bool>,
    full: bool,
) -> Dressed {
    let mut dressed = Dressed { text: text.to_owned(), to: request.to, undo: Vec::new() };
    for word in &request.keep {
        let token = format!("{{{word}}}");
        if dressed.text.contains(word.as_str()) && !dressed.text.contains(&token) && is_name(word) {
            dressed.text = replace_words(&dressed.text, word, &token, false);
            dressed.undo.push((token, word.clone()));
        }
    }
    if full {
        dressed.numbers();
        dressed.terms(request, feminine);
    }
    dressed
}

/// Whether a word can stand between braces.
fn is_name(word: &str) -> bool {
    word.len() <= 64 && word.chars().all(|letter| letter.is_alphanumeric() || " _.-".contains(letter))
}

impl Dressed {
    fn numbers(&mut self) {
        let taken: Vec<String> = numbers(&self.text).into_iter().map(str::to_owned).collect();
        let mut free =
            (4071..).map(|number: u32| number.to_string()).filter(|number| !taken.contains(number));
        let (mut out, mut undo) = (String::new(), Vec::new());
        for (part, is_protected) in pieces(&self.text) {
            let is_number = is_protected && part.starts_with('%') && part.ends_with(['d', 'i', 'u']);
            match is_number.then(|| free.next()).flatten() {
                Some(number) => {
                    out.push_str(&number);
                    undo.push((number, part.to_owned()));
                }
                None => out.push_str(part),
            }
        }
        self.text = out;
        self.undo.extend(undo);
    }

    fn terms(&mut self, request: &TranslationRequest, feminine: &BTreeMap<(Language, String), bool>) {
        let mut stands: Vec<&Stand> = stands((request.from, request.to)).iter().collect();
        for term in &request.glossary {
            let gender = |language: Language, word: &str| match language {
                En => Some(false),
                _ => feminine.get(&(language, word.to_owned())).copied(),
            };
            let genders = (gender(request.from, &term.source), gender(request.to, &term.target));
            let (Some(of_source), Some(of_target)) = genders else { continue };
            let fits = |stand: &&Stand| {
                stand.feminine == [of_source, of_target]
                    && !stand.source.iter().any(|word| has_word(&self.text, word))
            };
            let Some(at) = stands.iter().position(fits) else { continue };
            let mut used = false;
            let forms = [(&term.sources, &term.targets, 1), (&term.source, &term.target, 0)];
            for (source, target, number) in forms {
                if source.is_empty() || target.is_empty() || !has_word(&self.text, source) {
                    continue;
                }
                let stand = stands[at];
                self.text = replace_words(&self.text, source, stand.source[number], true);
                self.undo.push((stand.target[number].to_owned(), target.clone()));
                used = true;
            }
            if used {
                stands.remove(at);
            }
        }
    }

    /// The translation without the dress; `None` if a part of the dress was lost in it.
    pub fn undressed(&self, said: &str) -> Option<String> {
        let mut said = said.to_owned();
        // Each token is put out of the way first, so that what stands for one is not taken for another.
        for (at, (token, _)) in self.undo.iter().enumerate() {
            if !has_word(&said, token) {
                return None;
            }
            said = replace_words(&said, token, &mark(at), true);
        }
        for (at, (_, word)) in self.undo.iter().enumerate() {
            let (small, large) = (mark(at), mark(at).to_uppercase());
            said = said.replace(&large, &capital(word)).replace(&small, word);
        }
        Some(if self.undo.is_empty() { said } else { elided(&said, self.to) })
    }
}

/// A word that occurs in no text, with a capital if it stands for a word with one.
fn mark(at: usize) -> String {
    format!("\u{1}m{at}\u{1}")
}

/// Whether a text has a word, whatever the case.
pub fn has_word(text: &str, word: &str) -> bool {
    replace_words(text, word, "", true) != text
}

/// A text with a word in place of another. `any_case` finds it with a capital too, which then comes back.
pub fn replace_words(text: &str, word: &str, by: &str, any_case: bool) -> String {
    let is_letter = |letter: Option<char>| letter.is_some_and(char::is_alphanumeric);
    let (begins, ends) = (is_letter(word.chars().next()), is_letter(word.chars().next_back()));
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let head = rest.get(..word.len()).filter(|_| !word.is_empty());
        let same =
            head.is_some_and(|head| head == word || (any_case && head.to_lowercase() == word.to_lowercase()));
        let behind = rest.get(word.len()..).and_then(|rest| rest.chars().next());
        let inside = (begins && is_letter(out.chars().next_back())) || (ends && is_letter(behind));
        if same && !inside {
            let large = any_case && first.is_uppercase() && !word.starts_with(char::is_uppercase);
            match large {
                true if by.starts_with('\u{1}') => out.push_str(&by.to_uppercase()),
                true => out.push_str(&capital(by)),
                false => out.push_str(by),
            }
            rest = &rest[word.len()..];
        } else {
            out.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    out
}

/// A text with the short forms that a language wants before vowels, and without those before consonants.
fn elided(text: &str, language: Language) -> String {
    let vowel = |word: &str| {
        let letter = word.chars().next().and_then(|first| first.to_lowercase().next());
        letter.is_some_and(|letter| "aeiouâàéèêîôûœ".contains(letter))
    };
    let words: Vec<&str> = text.split(' ').collect();
    let mut out = String::with_capacity(text.len() + 8);
    for (at, word) in words.iter().enumerate() {
        let before_vowel = words.get(at + 1).is_some_and(|next| vowel(next));
        let short = match (language, &*word.to_lowercase(), before_vowel) {
            (Fr, "le" | "la", true) => Some("l'"),
            (Fr, "de", true) => Some("d'"),
            (Fr, "ce", true) => Some("cet "),
            (En, "a", true) => Some("an "),
            (En, "an", false) => Some("a "),
            _ => None,
        };
        match short {
            Some(short) if word.starts_with(char::is_uppercase) => out.push_str(&capital(short)),
            Some(short) => out.push_str(short),
            None => {
                out.push_str(word);
                if at + 1 < words.len() {
                    out.push(' ');
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{
        apertium::Apertium,
        language::DIRECTIONS,
        protocol::{Term, Text},
    };

    fn request(from: Language, to: Language, terms: &[[&str; 4]], keep: &[&str]) -> TranslationRequest {
        let term = |[source, sources, target, targets]: &[&str; 4]| Term {
            source: (*source).into(),
            sources: (*sources).into(),
            target: (*target).into(),
            targets: (*targets).into(),
        };
        TranslationRequest {
            from,
            to,
            texts: vec![Text::default()],
            glossary: terms.iter().map(term).collect(),
            keep: keep.iter().map(|word| (*word).into()).collect(),
        }
    }

    #[test]
    fn a_dress_goes_on_and_comes_off() {
        let terms = [["file", "files", "archivo", "archivos"], ["folder", "folders", "carpeta", "carpetas"]];
        let request = request(En, Es, &terms, &["Nebula"]);
        let genders = BTreeMap::from([((Es, "archivo".into()), false), ((Es, "carpeta".into()), true)]);
        let dressed = dress(&request, "Files: %d files in the folder of Nebula", &genders, true);
        assert_eq!(dressed.text, "Books: 4071 books in the house of {Nebula}");
        let said = dressed.undressed("Libros: 4071 libros en la casa de {Nebula}");
        assert_eq!(said.as_deref(), Some("Archivos: %d archivos en la carpeta de Nebula"));
        assert_eq!(dressed.undressed("Libros: libros en la casa de {Nebula}"), None, "a number was lost");
        let plain = dress(&request, "Files: %d files", &genders, false);
        assert_eq!((plain.text.as_str(), plain.undressed("X").as_deref()), ("Files: %d files", Some("X")));
        // A noun that stands in the text stands for no other.
        let taken = dress(&request, "The file and the book", &genders, true);
        assert_eq!(taken.text, "The dog and the book");
    }

    #[test]
    fn short_forms_stand_before_vowels() {
        assert_eq!(elided("Le écran de ordinateur, ce appareil", Fr), "L'écran d'ordinateur, cet appareil");
        assert_eq!(elided("a file of an house", En), "a file of a house");
        assert_eq!(elided("La puerta", Es), "La puerta");
    }

    #[test]
    fn apertium_translates_what_stands_for_others() {
        let apertium = Apertium::new(1);
        for direction in DIRECTIONS {
            for stand in stands(direction) {
                let texts = stand.source.iter().map(|word| (*word).to_owned()).collect();
                let said = apertium.translate(direction, texts, Duration::from_secs(60)).unwrap();
                let said: Vec<String> = said.iter().map(|word| word.to_lowercase()).collect();
                assert_eq!(said, stand.target, "{direction:?}");
                let to = direction.1;
                let gender = apertium.feminine(to, &[stand.target[0]], Duration::from_secs(60)).unwrap();
                assert_eq!(gender, [Some(stand.feminine[1])], "{direction:?} {}", stand.target[0]);
            }
        }
    }
}
