//! The words of which tables and questions are made.
//!
//! The public lexicon and phrasebook lie in this repository. A validator has its own, drawn with its secret from the
//! wordings of this repository or written by hand in the same form, and keeps them to itself.

use myelin_subnet::{
    phrases::{vary, Sounds, Templates},
    SubnetError,
};
use myelin_wire::seed::{Seed, SeedRng};
use serde::Deserialize;

use crate::value::{day_of, FIRST_DAY, LAST_DAY};

/// Nouns and attributes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lexicon {
    /// Subjects of tables, in singular and plural.
    pub entities: Vec<(String, String)>,
    /// Subjects of columns.
    pub attributes: Vec<Attribute>,
}

/// A kind of column. Exactly one of `values`, `range`, `dates` and `flag` gives its values.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attribute {
    /// Name of the column.
    pub name: String,
    /// Words of a question for the column, instead of its name.
    pub words: Vec<String>,
    /// Texts.
    #[serde(default)]
    pub values: Vec<String>,
    /// Whole numbers, the least and the greatest.
    #[serde(default)]
    pub range: Option<(i64, i64)>,
    /// A day, and the number of days that follow it.
    #[serde(default)]
    pub dates: Option<(String, i64)>,
    /// Truth values.
    #[serde(default)]
    pub flag: bool,
}

/// Sentences with alternatives in angle brackets, from which a validator's own words are drawn. Columns stand as
/// `name=words`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wordings {
    entities: Vec<(String, String)>,
    texts: Vec<String>,
    numbers: Vec<String>,
    dates: Vec<String>,
    flags: Vec<String>,
    phrasebook: Templates,
}

/// The place of an invented word in a phrase.
const INVENTED: &str = "{invented}";
/// Number of tables that a validator draws. Of the columns of each kind it draws all but one.
const ENTITIES: usize = 14;
/// Number of wordings of each template, of values of a text column, and of days of a column of dates.
const WORDINGS: usize = 3;
const VALUES: usize = 6;
const DAYS: u64 = 1_200;

impl Wordings {
    fn read() -> Result<Self, SubnetError> {
        toml::from_str(include_str!("../data/wordings.toml")).map_err(|error| {
            SubnetError::new("reading the wordings", error.to_string(), "build from a clean checkout")
        })
    }
}

/// Words of a validator's own: names of tables and columns, and the sentences of questions.
pub fn own(secret: [u8; 32]) -> Result<(Lexicon, Templates), SubnetError> {
    let mut rng = Seed(secret).derive(b"invented", 0).rng();
    let sounds = Sounds::draw(&mut rng);
    let (lexicon, book) = with_slots(secret)?;
    let invented = |_: &str, template: &str| match template.contains(INVENTED) {
        true => template.replace(INVENTED, &sounds.word(&mut rng)),
        false => template.to_owned(),
    };
    Ok((lexicon, book.map(invented)))
}

/// The same with a slot `{invented}` in the place of words that the secret invents.
pub(crate) fn with_slots(secret: [u8; 32]) -> Result<(Lexicon, Templates), SubnetError> {
    let wordings = Wordings::read()?;
    let mut rng = Seed(secret).derive(b"words", 0).rng();
    let sounds = Sounds::draw(&mut rng);
    let mut entities = wordings.entities;
    rng.shuffle(&mut entities);
    entities.truncate(ENTITIES);
    let mut attributes = Vec::new();
    attributes.extend(columns(wordings.texts, &mut rng).map(|column| (column, 0)));
    attributes.extend(columns(wordings.numbers, &mut rng).map(|column| (column, 1)));
    attributes.extend(columns(wordings.dates, &mut rng).map(|column| (column, 2)));
    attributes.extend(columns(wordings.flags, &mut rng).map(|column| (column, 3)));
    let attributes = attributes.into_iter().map(|((name, words), kind)| {
        let mut attribute =
            Attribute { name, words: vec![words], values: Vec::new(), range: None, dates: None, flag: false };
        match kind {
            0 => attribute.values = sounds.names(VALUES, &mut rng),
            1 => {
                let low = rng.range(0, 40) as i64;
                attribute.range = Some((low, low + rng.range(20, 900) as i64));
            }
            2 => {
                let (year, month, day) = (rng.range(2008, 2029), rng.range(1, 12), rng.range(1, 28));
                let days = rng.range(60, DAYS) as i64;
                attribute.dates = Some((format!("{year}-{month:02}-{day:02}"), days));
            }
            _ => attribute.flag = true,
        }
        attribute
    });
    let lexicon = Lexicon { entities, attributes: attributes.collect() }.check()?;
    let book =
        wordings.phrasebook.varied(WORDINGS, &mut rng).map(|_, template| template.replace('~', INVENTED));
    book.check("", CONSTRUCTS)
        .map_err(|found| SubnetError::new("reading a phrasebook", found, "correct the file"))?;
    Ok((lexicon, book))
}

/// Names and words of all but one of the columns, in a new order.
fn columns(mut wordings: Vec<String>, rng: &mut SeedRng) -> impl Iterator<Item = (String, String)> {
    rng.shuffle(&mut wordings);
    wordings.pop();
    let drawn: Vec<String> = wordings.iter().map(|wording| vary(wording, rng)).collect();
    drawn.into_iter().filter_map(|column| {
        let (name, words) = column.split_once('=')?;
        Some((name.to_owned(), words.to_owned()))
    })
}

/// Every construct that a phrasebook must have sentences for, with the slots that each of its templates must have.
const CONSTRUCTS: &[(&str, &[&str])] = &[
    ("list", &["outputs", "source", "filters", "order"]),
    ("distinct", &["outputs", "source", "filters", "order"]),
    ("total", &["outputs", "source", "filters"]),
    ("groups", &["keys", "outputs", "source", "filters", "having", "order"]),
    ("and", &[]),
    ("source", &["table"]),
    ("joined", &["table", "joined"]),
    ("kept", &["table", "joined"]),
    ("filters", &["tests"]),
    ("eq", &["column", "value"]),
    ("ne", &["column", "value"]),
    ("lt", &["column", "value"]),
    ("le", &["column", "value"]),
    ("gt", &["column", "value"]),
    ("ge", &["column", "value"]),
    ("between", &["column", "low", "high"]),
    ("one_of", &["column", "values"]),
    ("null", &["column"]),
    ("not_null", &["column"]),
    ("prefix", &["column", "text"]),
    ("contains", &["column", "text"]),
    ("above_average", &["column", "table"]),
    ("below_average", &["column", "table"]),
    ("without", &["table", "joined"]),
    ("either", &["one", "other"]),
    ("rows", &[]),
    ("count", &["column"]),
    ("count_distinct", &["column"]),
    ("sum", &["column"]),
    ("least", &["column"]),
    ("greatest", &["column"]),
    ("average", &["column"]),
    ("having", &["test"]),
    ("ascending", &["output"]),
    ("descending", &["output"]),
    ("limit", &["number"]),
];

fn wrong(found: String) -> SubnetError {
    SubnetError::new("reading a lexicon", found, "correct the file")
}

impl Lexicon {
    /// The lexicon of this repository.
    pub fn public() -> Result<Self, SubnetError> {
        Self::parse(include_str!("../data/lexicon.toml"))
    }

    /// Reads a lexicon and checks that tasks can be drawn from it.
    pub fn parse(text: &str) -> Result<Self, SubnetError> {
        toml::from_str::<Self>(text).map_err(|error| wrong(error.to_string()))?.check()
    }

    fn check(self) -> Result<Self, SubnetError> {
        let lexicon = self;
        if lexicon.entities.len() < 4 {
            return Err(wrong("fewer than 4 entities".into()));
        }
        let plain = |name: &str| {
            let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
            name.starts_with(|c: char| c.is_ascii_lowercase())
                && name.len() <= 40
                && name.chars().all(letters)
        };
        let names = lexicon.entities.iter().flat_map(|(one, many)| [one, many]);
        let odd =
            names.chain(lexicon.attributes.iter().map(|attribute| &attribute.name)).find(|name| !plain(name));
        if let Some(name) = odd {
            return Err(wrong(format!(
                "the name {name:?} is not of lower-case letters, digits and `_` alone"
            )));
        }
        let texts = lexicon.attributes.iter().flat_map(|attribute| &attribute.values);
        let quoted = |text: &&String| text.is_empty() || text.len() > 60 || text.contains(['"', '`']);
        if let Some(text) =
            texts.clone().find(quoted).or(texts.clone().find(|text| text.contains(char::is_control)))
        {
            return Err(wrong(format!(
                "the value {text:?} is empty, too long, or holds a quote or control character"
            )));
        }
        let mut kinds = [0; 4];
        for attribute in &lexicon.attributes {
            // A few days beyond, years still have four digits.
            let whole = |first: i64, days: i64| first > FIRST_DAY && first.saturating_add(days) < LAST_DAY;
            let dated = attribute
                .dates
                .as_ref()
                .is_some_and(|(day, days)| *days > 9 && day_of(day).is_some_and(|first| whole(first, *days)));
            let has = [
                attribute.values.len() > 2,
                attribute.range.is_some_and(|(low, high)| low + 3 < high && high - low < 1_000_000),
                dated,
                attribute.flag,
            ];
            if has.iter().filter(|has| **has).count() != 1 || attribute.words.is_empty() {
                return Err(wrong(format!(
                    "`{}` needs words and one of: 3 values, a range of 5 to 1,000,000, 10 dates, a flag",
                    attribute.name
                )));
            }
            for (kind, has) in kinds.iter_mut().zip(has) {
                *kind += usize::from(has);
            }
        }
        if kinds.iter().zip([9, 12, 4, 4]).any(|(found, least)| *found < least) {
            return Err(wrong(format!(
                "{kinds:?} attributes of texts, numbers, dates and flags; at least 9, 12, 4 and 4 are needed"
            )));
        }
        Ok(lexicon)
    }
}

/// The file with the phrases of this repository.
pub const PHRASEBOOK: &str = include_str!("../data/phrasebook.toml");

/// The phrasebook of this repository.
pub fn public_phrasebook() -> Result<Templates, SubnetError> {
    phrasebook(PHRASEBOOK)
}

/// Reads a phrasebook and checks that it covers every construct.
pub fn phrasebook(text: &str) -> Result<Templates, SubnetError> {
    let wrong = |found: String| SubnetError::new("reading a phrasebook", found, "correct the file");
    let book: Templates = toml::from_str(text).map_err(|error| wrong(error.to_string()))?;
    book.check("", CONSTRUCTS).map_err(wrong)?;
    Ok(book)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_words_are_complete() {
        Lexicon::public().unwrap();
        public_phrasebook().unwrap();
    }

    #[test]
    fn words_of_two_validators_are_complete_and_differ() {
        let [one, same, other] = [1, 1, 2].map(|secret| own([secret; 32]).unwrap());
        let names = |(lexicon, _): &(Lexicon, Templates)| -> Vec<String> {
            lexicon.attributes.iter().map(|attribute| attribute.words.concat()).collect()
        };
        assert_eq!((names(&one), one.1.of("list")), (names(&same), same.1.of("list")));
        let shared = names(&one).iter().filter(|name| names(&other).contains(name)).count();
        assert!(2 * shared < names(&one).len(), "{shared} of {}", names(&one).len());
        let shared = one.1.of("groups").iter().filter(|one| other.1.of("groups").contains(one)).count();
        assert!(shared < 2, "{shared}");
    }

    #[test]
    fn incomplete_words_are_refused_with_what_is_missing() {
        let lexicon = include_str!("../data/lexicon.toml").replace("flag = true", "flag = false");
        assert!(Lexicon::parse(&lexicon).unwrap_err().to_string().contains("`active` needs"));
        let lexicon = include_str!("../data/lexicon.toml").replace("\"teams\"", "\"Te\\\"ams\"");
        assert!(Lexicon::parse(&lexicon).unwrap_err().to_string().contains("lower-case letters"));
        let lexicon = include_str!("../data/lexicon.toml").replace("Aachen", "Aa`chen");
        assert!(Lexicon::parse(&lexicon).unwrap_err().to_string().contains("holds a quote"));
        let book = PHRASEBOOK.replace("{high}", "the upper end");
        assert!(phrasebook(&book).unwrap_err().to_string().contains("lacks {high}"));
        let book = PHRASEBOOK.replace("one_of =", "any_of =");
        assert!(phrasebook(&book).unwrap_err().to_string().contains("no template for `one_of`"));
    }
}
