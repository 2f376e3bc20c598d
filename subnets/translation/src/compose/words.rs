//! The words of the composer, and how each language bends and joins them.

use std::sync::LazyLock;

use crate::language::Language::{self, En, Es, Fr, Pt};

/// A noun of a language.
pub struct Noun {
    /// The form for one.
    pub one: String,
    /// The form for more than one.
    pub many: String,
    /// Whether it is feminine; English nouns are not.
    pub feminine: bool,
}

/// The forms of a verb.
pub struct Verb {
    /// Infinitive.
    pub base: String,
    /// Polite imperative.
    pub imperative: String,
    /// Past participle, masculine and for one.
    pub participle: String,
    /// Present, third person.
    pub third: String,
    /// Past, third person; in Portuguese alone.
    pub past: String,
}

/// Words in four languages, by language.
pub struct Lexicon {
    pub nouns: Vec<[Noun; 4]>,
    pub verbs: Vec<[Verb; 4]>,
    /// Masculine and feminine.
    pub adjectives: Vec<[[String; 2]; 4]>,
    pub times: Vec<[String; 4]>,
}

/// The word before a noun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Determiner {
    /// None.
    None,
    /// "the"
    The,
    /// "a"
    One,
    /// "this", "these"
    This,
    /// "your"
    Your,
    /// "all the"
    All,
    /// A number.
    Number(u64),
}

impl Determiner {
    /// Those that are words.
    pub const WORDS: [Self; 6] = [Self::None, Self::The, Self::One, Self::This, Self::Your, Self::All];
}

/// A preposition before a noun phrase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Preposition {
    /// "of"
    Of,
    /// "to"
    To,
    /// "in"
    In,
}

pub static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| Lexicon {
    nouns: rows(include_str!("../../data/nouns.tsv"), |[en, es, fr, pt]: [&str; 4], many| {
        [(en, many), (es, ""), (fr, ""), (pt, "")].map(|(text, many)| noun(text, many))
    }),
    verbs: rows(include_str!("../../data/verbs.tsv"), |[en, es, fr, pt]: [&str; 4], english| {
        let mut forms = english.split(' ').map(str::to_owned);
        let mut form = || forms.next().unwrap_or_default();
        let english = Verb {
            base: en.into(),
            imperative: en.into(),
            participle: form(),
            third: form(),
            past: String::new(),
        };
        let [es, fr, pt] = [es, fr, pt].map(verb);
        [english, es, fr, pt]
    }),
    adjectives: rows(include_str!("../../data/adjectives.tsv"), |texts: [&str; 4], _| texts.map(genders)),
    times: rows(include_str!("../../data/times.tsv"), |texts: [&str; 4], _| texts.map(str::to_owned)),
});

impl Lexicon {
    pub fn noun(&self, language: Language, at: usize) -> &Noun {
        &self.nouns[at][language as usize]
    }

    pub fn verb(&self, language: Language, at: usize) -> &Verb {
        &self.verbs[at][language as usize]
    }

    /// An adjective that agrees.
    pub fn adjective(&self, language: Language, at: usize, feminine: bool, many: bool) -> String {
        let form = &self.adjectives[at][language as usize][usize::from(feminine)];
        if many {
            plural(language, form)
        } else {
            form.clone()
        }
    }
}

/// Reads a table. A row has one column for each language; a column more belongs to English and stands behind it.
fn rows<T>(table: &str, read: impl Fn([&str; 4], &str) -> T) -> Vec<T> {
    let row = |line: &str| {
        let columns: Vec<&str> = line.split('\t').collect();
        match *columns {
            [en, more, es, fr, pt] => read([en, es, fr, pt], more),
            [en, es, fr, pt] => read([en, es, fr, pt], ""),
            _ => panic!("the program's own table is wrong: {line}"),
        }
    };
    table.lines().filter(|line| !line.starts_with('#')).map(row).collect()
}

fn noun(text: &str, many: &str) -> Noun {
    let spaced = |text: &str| text.replace('~', " ");
    match *text.split(' ').collect::<Vec<_>>() {
        [gender @ ("m" | "f"), one, many] => {
            Noun { one: spaced(one), many: spaced(many), feminine: gender == "f" }
        }
        _ => Noun { one: text.into(), many: many.into(), feminine: false },
    }
}

fn verb(text: &str) -> Verb {
    let mut forms = text.split(' ').map(str::to_owned);
    let mut form = || forms.next().unwrap_or_default();
    Verb { base: form(), imperative: form(), participle: form(), third: form(), past: form() }
}

fn genders(text: &str) -> [String; 2] {
    let (masculine, feminine) = text.split_once(' ').unwrap_or((text, text));
    [masculine.into(), feminine.into()]
}

/// The plural of an adjective.
fn plural(language: Language, form: &str) -> String {
    let stem = |letters: usize| &form[..form.len() - letters];
    let vowel = form.ends_with(['a', 'e', 'i', 'o', 'u']);
    match language {
        En => form.into(),
        Es if vowel => format!("{form}s"),
        Es => format!("{form}es"),
        Fr if form.ends_with(['s', 'x']) => form.into(),
        Fr if form.ends_with("al") => format!("{}aux", stem(2)),
        Fr => format!("{form}s"),
        Pt if form.ends_with('s') => form.into(),
        Pt if form.ends_with("el") => format!("{}eis", stem(2)),
        Pt if form.ends_with('l') => format!("{}is", stem(1)),
        Pt => format!("{form}s"),
    }
}

/// A participle that agrees.
pub fn agreeing(language: Language, participle: &str, feminine: bool, many: bool) -> String {
    let stem = participle.strip_suffix('o').unwrap_or(participle);
    let ending = match (language, feminine) {
        (En, _) | (Fr, false) => "",
        (Fr, true) => "e",
        (Es | Pt, true) => "a",
        (Es | Pt, false) => "o",
    };
    let stem = if matches!(language, En | Fr) { participle } else { stem };
    let many = if many && language != En { "s" } else { "" };
    format!("{stem}{ending}{many}")
}

/// A base form behind "de".
pub fn behind_de(language: Language, base: &str) -> String {
    match language {
        En => format!("to {base}"),
        Fr if begins_with_vowel(base) => format!("d'{base}"),
        _ => format!("de {base}"),
    }
}

/// Whether French drops the vowel of the word before. No word of the tables begins with an aspirated h.
fn begins_with_vowel(text: &str) -> bool {
    text.starts_with(|letter: char| "aeiouâàéèêîôûœh".contains(letter))
}

/// Words with their determiner and preposition, joined as the language joins them.
pub fn determined(
    language: Language,
    determiner: Determiner,
    preposition: Option<Preposition>,
    feminine: bool,
    many: bool,
    words: &str,
) -> String {
    let form = |forms: [&'static str; 4]| forms[usize::from(feminine) + 2 * usize::from(many)];
    let vowel = begins_with_vowel(words);
    let article = match (language, determiner) {
        (_, Determiner::None) => String::new(),
        (_, Determiner::Number(number)) => format!("{number} "),
        (En, Determiner::The) => "the ".into(),
        (En, Determiner::One) => {
            if words.starts_with(['a', 'e', 'i', 'o', 'u']) { "an " } else { "a " }.into()
        }
        (En, Determiner::This) => if many { "these " } else { "this " }.into(),
        (En, Determiner::Your) => "your ".into(),
        (En, Determiner::All) => "all the ".into(),
        (Es, Determiner::The) => form(["el ", "la ", "los ", "las "]).into(),
        (Es, Determiner::One) => form(["un ", "una ", "unos ", "unas "]).into(),
        (Es, Determiner::This) => form(["este ", "esta ", "estos ", "estas "]).into(),
        (Es, Determiner::Your) => if many { "sus " } else { "su " }.into(),
        (Es, Determiner::All) => form(["todo el ", "toda la ", "todos los ", "todas las "]).into(),
        (Fr, Determiner::The) if vowel && !many => "l'".into(),
        (Fr, Determiner::The) => form(["le ", "la ", "les ", "les "]).into(),
        (Fr, Determiner::One) => form(["un ", "une ", "des ", "des "]).into(),
        (Fr, Determiner::This) if vowel && !many && !feminine => "cet ".into(),
        (Fr, Determiner::This) => form(["ce ", "cette ", "ces ", "ces "]).into(),
        (Fr, Determiner::Your) => if many { "vos " } else { "votre " }.into(),
        (Fr, Determiner::All) => form(["tout le ", "toute la ", "tous les ", "toutes les "]).into(),
        (Pt, Determiner::The) => form(["o ", "a ", "os ", "as "]).into(),
        (Pt, Determiner::One) => form(["um ", "uma ", "uns ", "umas "]).into(),
        (Pt, Determiner::This) => form(["este ", "esta ", "estes ", "estas "]).into(),
        (Pt, Determiner::Your) => form(["o seu ", "a sua ", "os seus ", "as suas "]).into(),
        (Pt, Determiner::All) => form(["todo o ", "toda a ", "todos os ", "todas as "]).into(),
    };
    let Some(preposition) = preposition else { return article + words };
    let bare = match (language, preposition) {
        (En, Preposition::Of) => "of ",
        (En, Preposition::To) => "to ",
        (En, Preposition::In) => "in ",
        (Es | Fr | Pt, Preposition::Of) => "de ",
        (Es | Pt, Preposition::To) => "a ",
        (Fr, Preposition::To) => "à ",
        (Es, Preposition::In) => "en ",
        (Fr, Preposition::In) => "dans ",
        (Pt, Preposition::In) => "em ",
    };
    let joined = contracted(language, preposition, &article).unwrap_or_else(|| format!("{bare}{article}"));
    if language == Fr && joined == "de " && vowel {
        return format!("d'{words}");
    }
    joined + words
}

/// A preposition and an article in one word.
fn contracted(language: Language, preposition: Preposition, article: &str) -> Option<String> {
    use Preposition::{In, Of, To};
    let text = match (language, preposition, article) {
        (Es, Of, "el ") => "del ",
        (Es, To, "el ") => "al ",
        (Fr, Of, "le ") => "du ",
        (Fr, Of, "les ") => "des ",
        (Fr, To, "le ") => "au ",
        (Fr, To, "les ") => "aux ",
        (Pt, Of, _) if article.starts_with(['o', 'a', 'e']) => return Some(format!("d{article}")),
        (Pt, In, _) if article.starts_with(['o', 'a', 'u', 'e']) => return Some(format!("n{article}")),
        (Pt, To, _) if article.starts_with('o') => return Some(format!("a{article}")),
        (Pt, To, _) if article.starts_with('a') => return Some(format!("à{}", &article[1..])),
        _ => return None,
    };
    Some(text.into())
}
