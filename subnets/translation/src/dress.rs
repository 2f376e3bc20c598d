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
    protected::{has_word, is_letter, numbers, pieces},
    protocol::TranslationRequest,
};

/// A text in its dress, and how to take it off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dressed {
    /// The text for Apertium.
    pub text: String,
    to: Language,
    /// Words of the translation, the words in their place, and how often they were put in.
    undo: Vec<(String, String, usize)>,
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
        if has_word(&dressed.text, word) && !dressed.text.contains(&token) && is_name(word) {
            let (text, counts) = swapped_exactly(&dressed.text, word, &token);
            dressed.text = text;
            dressed.undo.push((token, word.clone(), counts));
        }
    }
    if full {
        dressed.numbers();
        dressed.terms(request, feminine);
    }
    dressed
}

/// A text with a word in place of another of the same case, outside of protected parts, and how often it was found.
fn swapped_exactly(text: &str, word: &str, by: &str) -> (String, usize) {
    let (mut out, mut count) = (String::with_capacity(text.len()), 0);
    for (part, is_protected) in pieces(text) {
        let mut rest = part;
        while let Some(at) = rest.find(word).filter(|_| !is_protected) {
            let end = at + word.len();
            let inside = is_letter(rest[..at].chars().next_back()) || is_letter(rest[end..].chars().next());
            out.push_str(&rest[..at]);
            out.push_str(if inside { word } else { by });
            count += usize::from(!inside);
            rest = &rest[end..];
        }
        out.push_str(rest);
    }
    (out, count)
}

/// A translation in which words that stay have lost their braces.
pub fn bare(said: &str, keep: &[String]) -> String {
    keep.iter().fold(said.to_owned(), |said, word| said.replace(&format!("{{{word}}}"), word))
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
                    undo.push((number, part.to_owned(), 1));
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
                    && !stand.source.iter().any(|word| has(&self.text, word))
            };
            let Some(at) = stands.iter().position(fits) else { continue };
            let mut used = false;
            let forms = [(&term.sources, &term.targets, 1), (&term.source, &term.target, 0)];
            for (source, target, number) in forms {
                if source.is_empty() || target.is_empty() || !has(&self.text, source) {
                    continue;
                }
                let stand = stands[at];
                let (text, counts) = swapped(&self.text, &[(source, stand.source[number])]);
                self.text = text;
                self.undo.push((stand.target[number].to_owned(), target.clone(), counts[0]));
                used = true;
            }
            if used {
                stands.remove(at);
            }
        }
    }

    /// The translation without the dress; `None` if a part of the dress was lost in it, or occurs too often.
    pub fn undressed(&self, said: &str) -> Option<String> {
        let swaps: Vec<(&str, &str)> = self.undo.iter().map(|(token, word, _)| (&**token, &**word)).collect();
        let (said, counts) = swapped(said, &swaps);
        let whole = counts.iter().zip(&self.undo).all(|(count, (.., put_in))| count == put_in);
        whole.then_some(if swaps.is_empty() { said } else { elided(&said, self.to) })
    }
}

/// A text with words in place of others, the longest first and all in one pass, and how often each was found. Words are
/// found whatever their case, and get a capital where there was one. Protected parts are words of their own.
pub fn swapped(text: &str, swaps: &[(&str, &str)]) -> (String, Vec<usize>) {
    let small: Vec<String> = swaps.iter().map(|(word, _)| word.to_lowercase()).collect();
    let mut order: Vec<usize> = (0..swaps.len()).filter(|at| !small[*at].is_empty()).collect();
    order.sort_by_key(|at| std::cmp::Reverse(small[*at].len()));
    let mut counts = vec![0; swaps.len()];
    let mut out = String::with_capacity(text.len());
    for (part, is_protected) in pieces(text) {
        if is_protected {
            match order.iter().find(|at| swaps[**at].0 == part) {
                Some(at) => {
                    counts[*at] += 1;
                    out.push_str(swaps[*at].1);
                }
                None => out.push_str(part),
            }
            continue;
        }
        let lower = part.to_lowercase();
        // A few letters change their length with their case; then capitals are not found.
        let lower = if lower.len() == part.len() { lower.as_str() } else { part };
        let (mut at, mut before) = (0, None);
        while let Some(first) = part[at..].chars().next() {
            let starts = !(is_letter(before) && first.is_alphanumeric());
            let found = order.iter().find(|swap| {
                let word = &small[**swap];
                starts
                    && lower.get(at..).is_some_and(|rest| rest.starts_with(word.as_str()))
                    && part.is_char_boundary(at + word.len())
                    && !(is_letter(word.chars().next_back())
                        && is_letter(part[at + word.len()..].chars().next()))
            });
            match found {
                Some(swap) => {
                    let (word, by) = swaps[*swap];
                    counts[*swap] += 1;
                    let large = first.is_uppercase() && !word.starts_with(char::is_uppercase);
                    out.push_str(&if large { capital(by) } else { by.to_owned() });
                    before = word.chars().next_back();
                    at += small[*swap].len();
                }
                None => {
                    out.push(first);
                    before = Some(first);
                    at += first.len_utf8();
                }
            }
        }
    }
    (out, counts)
}

/// Whether a text has a word, whatever its case.
fn has(text: &str, word: &str) -> bool {
    has_word(&text.to_lowercase(), &word.to_lowercase())
}

/// A text with the short forms that a language wants before vowels, and without those before consonants.
fn elided(text: &str, language: Language) -> String {
    // English words that begin with another sound than their letter are left alone.
    let unlike = ["hour", "honest", "honor", "heir", "use", "uni", "eur", "one", "once", "ubi"];
    let is_unlike =
        |word: &str| language == En && unlike.iter().any(|head| word.to_lowercase().starts_with(head));
    let vowel = |word: &str| {
        let letter = word.chars().next().and_then(|first| first.to_lowercase().next());
        letter.is_some_and(|letter| "aeiouâàéèêîôûœ".contains(letter))
    };
    let words: Vec<&str> = text.split(' ').collect();
    let mut out = String::with_capacity(text.len() + 8);
    for (at, word) in words.iter().enumerate() {
        let next = words.get(at + 1);
        if next.is_none_or(|next| is_unlike(next) || next.is_empty()) {
            out.push_str(word);
            if next.is_some() {
                out.push(' ');
            }
            continue;
        }
        let before_vowel = next.is_some_and(|next| vowel(next));
        let short = match (language, &*word.to_lowercase(), before_vowel) {
            (Fr, "le" | "la", true) => Some("l'"),
            (Fr, "de", true) => Some("d'"),
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
        let twice = dress(&request, "The folder at home", &genders, true);
        assert_eq!(twice.undressed("La casa en casa"), None, "one of two");
        let kept = dress(&request, "Nebulas and {file}", &genders, true);
        assert_eq!(kept.text, "Nebulas and {file}", "other words and protected parts");
        // A noun that stands in the text stands for no other.
        let taken = dress(&request, "The file and the book", &genders, true);
        assert_eq!(taken.text, "The dog and the book");
    }

    #[test]
    fn short_forms_stand_before_vowels() {
        assert_eq!(elided("Le écran de ordinateur, ce appareil", Fr), "L'écran d'ordinateur, ce appareil");
        assert_eq!(elided("a file of an house in an hour", En), "a file of a house in an hour");
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
