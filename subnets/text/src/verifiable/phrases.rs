//! The words and sentences that verifiable tasks are made of.

use myelin_subnet::{
    phrases::{check, fill, vary, wordings, Sounds, Templates},
    SubnetError,
};
use myelin_wire::seed::{Seed, SeedRng};
use serde::Deserialize;

/// Number of wordings that a validator draws of each template.
const WORDINGS: usize = 3;

/// Names, things and templates. The public ones lie in this repository; a validator's own stay with it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phrases {
    /// First names.
    pub names: Vec<String>,
    /// Surnames.
    pub surnames: Vec<String>,
    /// Things that are counted, in the plural.
    pub items: Vec<String>,
    /// Towns.
    pub places: Vec<String>,
    /// Lower-case words for lists.
    pub words: Vec<String>,
    /// Templates of stories.
    pub arithmetic: Templates,
    /// Templates of trails.
    pub trail: Templates,
    /// Templates of extraction tasks.
    pub extraction: Extraction,
    /// Templates of specifications.
    pub code: Templates,
}

/// Templates of texts from which fields are to be read.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Extraction {
    /// Sentences that describe the form of the answer.
    pub form: Vec<String>,
    /// Fields that a task may ask for.
    pub fields: Vec<Field>,
}

/// A field of a text.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// The key in the answer.
    pub key: String,
    /// The field, in the words of the request.
    pub asked: String,
    /// Kind of its value.
    pub kind: Kind,
    /// Sentences that state the value.
    pub said: Vec<String>,
    /// Sentences that state another value of the same kind, which the task does not ask for.
    pub decoy: Vec<String>,
}

/// Form of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Letters and digits, `KX-4821`.
    Code,
    /// A day, written `12 March 2031`, asked as `2031-03-12`.
    Day,
    /// Money, written `1,284.50`, asked as `1284.50`.
    Amount,
    /// First name and surname.
    Person,
    /// A town.
    Place,
    /// A small number.
    Count,
    /// An address for mail.
    Email,
}

/// Sentences with alternatives, from which a validator's own phrases are drawn.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wordings {
    items: Vec<String>,
    /// Phrases around a sentence.
    frames: Vec<String>,
    arithmetic: Templates,
    trail: Templates,
    extraction: Extraction,
    code: Templates,
}

/// Puts each sentence into a frame; the first line of a specification and the form of an answer stand for themselves.
fn framed(templates: &Templates, frames: &[String], rng: &mut SeedRng) -> Templates {
    const BARE: [&str; 3] = ["form", "numbers", "words"];
    templates.map(|construct, said| match BARE.contains(&construct) {
        true => said.to_owned(),
        false => in_frame(said, frames, rng),
    })
}

fn in_frame(said: &str, frames: &[String], rng: &mut SeedRng) -> String {
    let frame = rng.choose(frames).map_or("{said}", String::as_str);
    fill(&vary(frame, rng), &[("said", said)])
}

fn wrong(found: impl std::fmt::Display) -> SubnetError {
    SubnetError::new("reading phrases", found.to_string(), "correct the file")
}

const STORY: &[(&str, &[&str])] = &[
    ("start", &["name", "n", "items"]),
    ("gain", &["n"]),
    ("lose", &["n"]),
    ("times", &["n"]),
    ("share", &["n"]),
    ("part", &["n"]),
    ("percent", &["n"]),
    ("idle", &["n"]),
    ("more", &["other", "n", "name"]),
    ("fewer", &["other", "n", "name"]),
    ("ask", &["name"]),
    ("ask_both", &["name", "other"]),
    ("form", &[]),
];

const TRAIL: &[(&str, &[&str])] = &[
    ("start", &["name", "v"]),
    ("swap", &["name", "other"]),
    ("holder", &["name", "v"]),
    ("round", &["name", "other", "third"]),
    ("idle", &["name", "other"]),
    ("form", &["keys"]),
];

const CODE: &[(&str, &[&str])] = &[
    ("numbers", &["gives"]),
    ("words", &["gives"]),
    ("form", &[]),
    ("keep_divisible", &["n"]),
    ("keep_above", &["n"]),
    ("keep_below", &["n"]),
    ("drop_every", &["n"]),
    ("times_plus", &["n", "m"]),
    ("differences", &[]),
    ("running_sum", &[]),
    ("ascending", &[]),
    ("descending", &[]),
    ("reversed", &[]),
    ("distinct", &[]),
    ("rotate", &["n"]),
    ("digits", &[]),
    ("clamp", &["n", "m"]),
    ("sum", &[]),
    ("greatest", &[]),
    ("spread", &[]),
    ("alternating", &[]),
    ("rise", &[]),
    ("variety", &[]),
    ("longer", &["n"]),
    ("containing", &["c"]),
    ("lacking", &["c"]),
    ("backwards", &[]),
    ("by_length", &[]),
    ("alphabetical", &[]),
    ("doubled", &[]),
    ("joined", &["c"]),
    ("initials", &[]),
    ("letters", &[]),
];

impl Phrases {
    /// The file with the phrases of this repository.
    pub const PUBLIC: &str = include_str!("../../data/phrases.toml");

    /// The phrases of this repository.
    pub fn public() -> Result<Self, SubnetError> {
        Self::parse(Self::PUBLIC)
    }

    /// Phrases of a validator's own: the names are invented, and the sentences are drawn from the wordings of this
    /// repository.
    pub fn own(secret: [u8; 32]) -> Result<Self, SubnetError> {
        let wordings_of: Wordings =
            toml::from_str(include_str!("../../data/wordings.toml")).map_err(wrong)?;
        let mut rng = Seed(secret).derive(b"phrases", 0).rng();
        let sounds = Sounds::draw(&mut rng);
        let mut names = |count| sounds.names(count, &mut rng);
        let (names, surnames, places) = (names(16), names(16), names(16));
        let words = sounds.words(32, &mut rng);
        let Wordings { items, frames, arithmetic, trail, extraction, code } = wordings_of;
        // Wanted and unwanted fields stand in the same frames, so a frame does not tell them apart.
        let framed_list = |all: &[String], rng: &mut SeedRng| -> Vec<String> {
            wordings(all, WORDINGS, rng).iter().map(|wording| in_frame(wording, &frames, rng)).collect()
        };
        let field = |field: Field| Field {
            key: vary(&field.key, &mut rng),
            asked: vary(&field.asked, &mut rng),
            kind: field.kind,
            said: framed_list(&field.said, &mut rng),
            decoy: framed_list(&field.decoy, &mut rng),
        };
        let fields = extraction.fields.into_iter().map(field).collect();
        let form = wordings(&extraction.form, WORDINGS, &mut rng);
        let phrases = Self {
            names,
            surnames,
            items: wordings(&items, WORDINGS, &mut rng),
            places,
            words,
            arithmetic: framed(&arithmetic.varied(WORDINGS, &mut rng), &frames, &mut rng),
            trail: framed(&trail.varied(WORDINGS, &mut rng), &frames, &mut rng),
            extraction: Extraction { form, fields },
            code: framed(&code.varied(WORDINGS, &mut rng), &frames, &mut rng),
        };
        phrases.check()
    }

    /// Adds all names, things and sentences of other phrases.
    pub(crate) fn extend(&mut self, other: Self) {
        self.names.extend(other.names);
        self.surnames.extend(other.surnames);
        self.items.extend(other.items);
        self.places.extend(other.places);
        self.words.extend(other.words);
        self.arithmetic.extend(other.arithmetic);
        self.trail.extend(other.trail);
        self.code.extend(other.code);
        self.extraction.form.extend(other.extraction.form);
        self.extraction.fields.extend(other.extraction.fields);
    }

    /// Reads phrases and checks that they suffice for every task.
    pub fn parse(text: &str) -> Result<Self, SubnetError> {
        toml::from_str::<Self>(text).map_err(wrong)?.check()
    }

    fn check(self) -> Result<Self, SubnetError> {
        let phrases = self;
        let lists = [
            ("names", &phrases.names, 12),
            ("surnames", &phrases.surnames, 8),
            ("items", &phrases.items, 4),
            ("places", &phrases.places, 8),
            ("words", &phrases.words, 16),
        ];
        for (what, list, least) in lists {
            if list.len() < least {
                return Err(wrong(format!("{} {what}, at least {least} are needed", list.len())));
            }
        }
        let odd = |word: &&String| word.is_empty() || !word.bytes().all(|byte| byte.is_ascii_lowercase());
        if let Some(word) = phrases.words.iter().find(odd) {
            return Err(wrong(format!("the word {word:?} is not of lower-case letters alone")));
        }
        phrases.arithmetic.check("arithmetic.", STORY).map_err(wrong)?;
        phrases.trail.check("trail.", TRAIL).map_err(wrong)?;
        phrases.code.check("code.", CODE).map_err(wrong)?;
        let Extraction { form, fields } = &phrases.extraction;
        check("extraction.form", form, &["keys", "text"]).map_err(wrong)?;
        if fields.len() < 4 {
            return Err(wrong(format!("{} fields to extract, at least 4 are needed", fields.len())));
        }
        for field in fields {
            check(&field.key, &field.said, &["v"]).map_err(wrong)?;
            check(&field.key, &field.decoy, &["v"]).map_err(wrong)?;
        }
        Ok(phrases)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_of_two_validators_say_everything_and_differ() {
        let [one, same, other] = [1, 1, 2].map(|secret| Phrases::own([secret; 32]).unwrap());
        assert_eq!((&one.names, one.code.of("joined")), (&same.names, same.code.of("joined")));
        let sentences = |phrases: &Phrases| {
            STORY
                .iter()
                .flat_map(|(construct, _)| phrases.arithmetic.of(construct).to_vec())
                .collect::<Vec<_>>()
        };
        let (one, other) = (sentences(&one), sentences(&other));
        let shared = one.iter().filter(|sentence| other.contains(sentence)).count();
        assert!(4 * shared < one.len(), "{shared} of {}", one.len());
    }

    #[test]
    fn incomplete_phrases_are_refused_with_what_is_missing() {
        let public = include_str!("../../data/phrases.toml");
        let cases = [
            ("{keys}", "some keys", "lacks {keys}"),
            ("rise =", "fall =", "no template for `code.rise`"),
            ("\"amber\"", "\"Amber\"", "lower-case"),
            ("kind = \"day\"", "kind = \"week\"", "unknown variant"),
            ("{other} has {n} more", "{other} has more", "lacks {n}"),
        ];
        for (old, new, words) in cases {
            let found = Phrases::parse(&public.replace(old, new)).unwrap_err().to_string();
            assert!(found.contains(words), "{words}: {found}");
        }
    }
}
