//! Composes texts in two languages at once, so that a validator has references that nobody can look up.
//!
//! A sentence is drawn as a meaning: a pattern, and the nouns, verbs, names and numbers in its places. Each language
//! writes the same meaning with its own articles, genders, agreement, contractions and elisions. A pattern may have
//! several wordings in a language, and each of them is a right translation. Names and the words that a validator uses
//! follow from its secret.

use std::{fmt::Write, sync::LazyLock};

use myelin_subnet::phrases::{capital, Sounds};
use myelin_wire::seed::{Seed, SeedRng};

use crate::language::Language;

mod inverse;
mod words;

pub use inverse::Inverse;
use words::{Determiner, Preposition, LEXICON};

/// Composes pairs of texts by a secret.
pub struct Composer {
    names: Vec<String>,
    words: Vec<String>,
    nouns: Vec<usize>,
    verbs: Vec<usize>,
    patterns: Vec<usize>,
}

/// A text with its right translations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The text.
    pub source: String,
    /// Its translations, which are equally right.
    pub references: Vec<String>,
    /// A noun of the text in both languages, one and many each.
    pub term: Option<[(String, String); 2]>,
    /// A name in the text that is a noun elsewhere, as names of products are.
    pub brand: Option<String>,
}

/// The number and the words of a noun phrase.
#[derive(Clone, Debug, Default)]
struct Phrase {
    noun: usize,
    adjective: Option<usize>,
    many: bool,
    /// The noun of "of the …", with its number.
    of: Option<(usize, bool)>,
}

/// The words in the places of a pattern.
#[derive(Clone, Default)]
struct Meaning {
    phrases: [Phrase; 3],
    verbs: [usize; 2],
    time: usize,
    names: [String; 2],
    word: String,
    number: u64,
    placeholder: &'static str,
}

/// A sentence in all languages.
struct Pattern {
    /// The number of each noun phrase, where it is not drawn.
    many: [Option<bool>; 3],
    /// Its wordings by language.
    wordings: [Vec<&'static str>; 4],
}

/// Values that programs fill in.
const PLACEHOLDERS: [&str; 6] = ["%s", "%1$s", "{name}", "{0}", "%(name)s", "{{user}}"];
/// Most sentences of a text.
const MOST_SENTENCES: u64 = 3;

static PATTERNS: LazyLock<Vec<Pattern>> =
    LazyLock::new(|| read_patterns(include_str!("../data/sentences.txt")));

impl Composer {
    /// The composer of a secret.
    pub fn new(secret: &[u8; 32]) -> Self {
        let mut rng = Seed(*secret).derive(b"translation habits", 0).rng();
        let sounds = Sounds::draw(&mut rng);
        let (names, words) = (sounds.names(60, &mut rng), sounds.words(60, &mut rng));
        let mut some = |all: usize| -> Vec<usize> {
            let mut places: Vec<usize> = (0..all).collect();
            rng.shuffle(&mut places);
            places.truncate(all.div_ceil(4) * 3);
            places
        };
        let nouns = some(LEXICON.nouns.len());
        let verbs = some(LEXICON.verbs.len());
        let patterns = some(PATTERNS.len());
        Self { names, words, nouns, verbs, patterns }
    }

    /// Composes a text of one to three sentences and its translations. With `branded`, a name may be that of a product.
    pub fn compose(&self, seed: &Seed, from: Language, to: Language, branded: bool) -> Pair {
        let mut rng = seed.derive(b"translation text", 0).rng();
        let sentences = 1 + rng.below(MOST_SENTENCES).min(rng.below(MOST_SENTENCES));
        let mut pair =
            Pair { source: String::new(), references: vec![String::new()], term: None, brand: None };
        for _ in 0..sentences {
            let pattern = &PATTERNS[pick(&self.patterns, &mut rng)];
            let mut meaning = self.meaning(pattern, &mut rng);
            if branded && pattern.wordings[from as usize][0].contains("{p}") && pair.brand.is_none() {
                let noun = &LEXICON.noun(from, pick(&self.nouns, &mut rng)).one;
                if !noun.contains([' ', '-']) {
                    meaning.names[0] = capital(noun);
                    pair.brand = Some(capital(noun));
                }
            }
            let said = |language: Language, wording: &str| capitals(&fill(wording, language, &meaning));
            add(&mut pair.source, &said(from, pattern.wordings[from as usize][0]));
            let wordings: Vec<String> =
                pattern.wordings[to as usize].iter().map(|wording| said(to, wording)).collect();
            pair.references = pair
                .references
                .iter()
                .flat_map(|before| {
                    wordings.iter().map(move |wording| {
                        let mut text = before.clone();
                        add(&mut text, wording);
                        text
                    })
                })
                .collect();
            if !pattern.wordings[from as usize][0].contains('1') {
                continue;
            }
            let noun = meaning.phrases[0].noun;
            let forms = |language| LEXICON.noun(language, noun);
            pair.term = Some([from, to].map(forms).map(|noun| (noun.one.clone(), noun.many.clone())));
        }
        pair
    }

    fn meaning(&self, pattern: &Pattern, rng: &mut SeedRng) -> Meaning {
        let phrases = pattern.many.map(|many| Phrase {
            noun: pick(&self.nouns, rng),
            adjective: (rng.below(3) == 0).then(|| rng.below(LEXICON.adjectives.len() as u64) as usize),
            many: many.unwrap_or_else(|| rng.below(3) == 0),
            of: (rng.below(5) == 0).then(|| (pick(&self.nouns, rng), rng.below(3) == 0)),
        });
        let names = |rng: &mut SeedRng| rng.choose(&self.names).cloned().unwrap_or_default();
        let first = names(rng);
        let mut second = names(rng);
        while second == first {
            second = names(rng);
        }
        let most = if rng.below(2) == 0 { 20 } else { 900 };
        let verb = pick(&self.verbs, rng);
        let mut other = pick(&self.verbs, rng);
        while other == verb {
            other = pick(&self.verbs, rng);
        }
        Meaning {
            phrases,
            verbs: [verb, other],
            time: rng.below(LEXICON.times.len() as u64) as usize,
            names: [first, second],
            word: rng.choose(&self.words).cloned().unwrap_or_default(),
            number: 2 + rng.below(most),
            placeholder: PLACEHOLDERS[rng.below(PLACEHOLDERS.len() as u64) as usize],
        }
    }
}

fn pick(of: &[usize], rng: &mut SeedRng) -> usize {
    of[rng.below(of.len() as u64) as usize]
}

fn add(text: &mut String, sentence: &str) {
    if !text.is_empty() {
        text.push(' ');
    }
    text.push_str(sentence);
}

/// Capitals where sentences begin.
fn capitals(text: &str) -> String {
    let sentences: Vec<String> = text.split(". ").map(capital).collect();
    sentences.join(". ")
}

/// Fills a wording.
fn fill(wording: &str, language: Language, meaning: &Meaning) -> String {
    let mut out = String::with_capacity(2 * wording.len());
    let mut rest = wording;
    while let Some(at) = rest.find(['{', '[']) {
        out.push_str(&rest[..at]);
        let closes = if rest[at..].starts_with('{') { '}' } else { ']' };
        let end = at + rest[at..].find(closes).expect("patterns are checked by a test");
        let mark = &rest[at + 1..end];
        if closes == '}' {
            slot(&mut out, mark, language, meaning);
        } else {
            let (choice, texts) = mark.split_once(':').expect("patterns are checked by a test");
            if let "y" | "o" = choice {
                out.push_str(spanish_joint(choice, &form(texts, language, meaning)));
                rest = &rest[end + 1..];
                continue;
            }
            let (one, other) = texts.split_once('|').expect("patterns are checked by a test");
            let feminine = |at: usize| LEXICON.noun(language, meaning.phrases[at].noun).feminine;
            let second = match choice {
                "+" => !(feminine(0) && feminine(1)),
                _ if choice.ends_with('g') => feminine(place(choice)),
                _ => meaning.phrases[place(choice)].many,
            };
            out.push_str(if second { other } else { one });
        }
        rest = &rest[end + 1..];
    }
    out + rest
}

/// "and" or "or" in Spanish, which change before the same sound.
fn spanish_joint(joint: &str, next: &str) -> &'static str {
    match joint {
        "y" if next.starts_with('i') => "e",
        "y" => "y",
        _ if next.starts_with('o') => "u",
        _ => "o",
    }
}

/// The form of a verb that a slot has.
fn form(mark: &str, language: Language, meaning: &Meaning) -> String {
    let verb = LEXICON.verb(language, meaning.verbs[usize::from(mark.contains('w'))]);
    match mark {
        "V" => verb.imperative.clone(),
        "v3" => verb.third.clone(),
        "v+0" => verb.participle.clone(),
        "v-" => verb.past.clone(),
        "of:v" | "of:w" => words::behind_de(language, &verb.base),
        _ => verb.base.clone(),
    }
}

/// The place of the noun phrase that a mark names.
fn place(mark: &str) -> usize {
    let digit = mark.bytes().find(u8::is_ascii_digit).expect("patterns are checked by a test");
    usize::from(digit - b'1')
}

/// Writes what belongs in one slot.
fn slot(out: &mut String, mark: &str, language: Language, meaning: &Meaning) {
    let written = match mark {
        "p" => write!(out, "{}", meaning.names[0]),
        "r" => write!(out, "{}", meaning.names[1]),
        "q" => write!(out, "{}", meaning.word),
        "x" => write!(out, "{}", meaning.placeholder),
        "n" => write!(out, "{}", meaning.number),
        "t" => write!(out, "{}", LEXICON.times[meaning.time][language as usize]),
        "v" | "w" | "V" | "v3" | "v+0" | "v-" | "of:v" | "of:w" => {
            write!(out, "{}", form(mark, language, meaning))
        }
        _ if mark.starts_with("v+") => {
            let phrase = &meaning.phrases[place(&mark[1..])];
            let feminine = LEXICON.noun(language, phrase.noun).feminine;
            write!(
                out,
                "{}",
                words::agreeing(language, &form("v+0", language, meaning), feminine, phrase.many)
            )
        }
        _ => {
            let at = place(mark);
            let (determiner, preposition) = slot_of(mark, meaning.number);
            write!(out, "{}", phrase(language, &meaning.phrases[at], determiner, preposition))
        }
    };
    written.expect("a text can be written to");
}

/// The determiner and the preposition of a noun phrase's slot.
fn slot_of(mark: &str, number: u64) -> (Determiner, Option<Preposition>) {
    let (before, after) = mark.split_at(mark.find(|letter: char| letter.is_ascii_digit()).unwrap_or(0));
    let preposition = match before {
        "of" => Some(Preposition::Of),
        "to" => Some(Preposition::To),
        "in" => Some(Preposition::In),
        _ => None,
    };
    let determiner = match (before, &after[1..]) {
        ("n", _) => Determiner::Number(number),
        (_, "a") => Determiner::One,
        (_, "this") => Determiner::This,
        (_, "your") => Determiner::Your,
        (_, "all") => Determiner::All,
        (_, "bare") => Determiner::None,
        _ => Determiner::The,
    };
    (determiner, preposition)
}

/// A noun phrase in a language.
fn phrase(
    language: Language,
    phrase: &Phrase,
    determiner: Determiner,
    preposition: Option<Preposition>,
) -> String {
    let noun = LEXICON.noun(language, phrase.noun);
    let name = if phrase.many { &noun.many } else { &noun.one };
    let adjective = phrase.adjective.map(|at| LEXICON.adjective(language, at, noun.feminine, phrase.many));
    let words = match (language, adjective) {
        (_, None) => name.clone(),
        (Language::En, Some(adjective)) => format!("{adjective} {name}"),
        (_, Some(adjective)) => format!("{name} {adjective}"),
    };
    let mut text = words::determined(language, determiner, preposition, noun.feminine, phrase.many, &words);
    if let Some((of, many)) = phrase.of {
        let of = Phrase { noun: of, adjective: None, many, of: None };
        text.push(' ');
        text.push_str(&self::phrase(language, &of, Determiner::The, Some(Preposition::Of)));
    }
    text
}

/// Reads the patterns of the program's own file.
fn read_patterns(text: &'static str) -> Vec<Pattern> {
    let blocks = text.split("\n\n").filter(|block| !block.starts_with('#'));
    let pattern = |block: &'static str| {
        let mut lines = block.lines();
        let head = lines.next().unwrap_or_default();
        let mut pattern = Pattern { many: [None; 3], wordings: Default::default() };
        for drawn in head.split(' ').filter(|drawn| drawn.starts_with(|letter: char| letter.is_ascii_digit()))
        {
            pattern.many[place(drawn)] = match &drawn[1..] {
                "s" => Some(false),
                "p" => Some(true),
                _ => None,
            };
        }
        for line in lines {
            let (code, wording) = line.split_once(' ').unwrap_or_default();
            if let Some(language) = Language::of_code(code) {
                pattern.wordings[language as usize].push(wording);
            }
        }
        pattern
    };
    blocks.map(pattern).collect()
}

#[cfg(test)]
mod tests;
