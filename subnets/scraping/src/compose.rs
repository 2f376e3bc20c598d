//! Composes sites of a validator's own: pages with rows that nobody can look up, since they exist nowhere else.
//!
//! A *site* has a topic, a layout and habits: tags and classes, labels, where values stand, how numbers and dates are
//! written. Its pages have rows, and around them the rest that pages have: menus, advertisements in the form of rows,
//! hidden rows, lists of other things, remarks. Rows lack values here and there. Names and words follow from the
//! validator's secret.

use std::sync::LazyLock;

use myelin_subnet::phrases::{capital, Sounds};
use myelin_wire::seed::{Seed, SeedRng};
use url::Url;

use crate::protocol::Field;

mod html;
mod layout;
mod values;

use values::{Maker, Writing};

/// Composes sites by a secret.
pub struct Composer {
    words: Words,
}

/// Names and words of a validator.
struct Words {
    sounds: Sounds,
    names: Vec<String>,
    places: Vec<String>,
    plain: Vec<&'static str>,
}

/// A page with its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Composed {
    /// Its address.
    pub address: String,
    /// Its text.
    pub html: String,
    /// Its rows, with a value for every field.
    pub rows: Vec<Vec<String>>,
}

/// Words that are in everybody's titles.
const PLAIN: [&str; 40] = [
    "the", "of", "and", "in", "for", "with", "small", "old", "new", "red", "blue", "last", "first", "light",
    "night", "river", "garden", "stone", "winter", "summer", "house", "road", "paper", "glass", "silver",
    "green", "quiet", "long", "open", "second", "morning", "harbour", "letter", "window", "bridge", "field",
    "north", "south", "island", "market",
];

/// A topic of sites.
struct Topic {
    nouns: Vec<&'static str>,
    fields: Vec<TopicField>,
}

struct TopicField {
    name: &'static str,
    maker: Maker,
    labels: Vec<&'static str>,
}

static TOPICS: LazyLock<Vec<Topic>> = LazyLock::new(|| read_topics(include_str!("../data/topics.tsv")));

/// Fewest rows of a page that shows what is wanted, so that it shows how dates and numbers are written.
const LEAST_SHOWN: u64 = 6;

impl Words {
    /// A name of a person or a firm.
    fn name(&self, rng: &mut SeedRng) -> String {
        // Some names are new on every page.
        match rng.below(3) {
            0 => capital(&self.sounds.word(rng)),
            _ => rng.choose(&self.names).cloned().unwrap_or_default(),
        }
    }

    fn place(&self, rng: &mut SeedRng) -> String {
        rng.choose(&self.places).cloned().unwrap_or_default()
    }

    fn word(&self, rng: &mut SeedRng) -> String {
        self.sounds.word(rng)
    }

    /// A word of a title.
    fn title(&self, first: bool, rng: &mut SeedRng) -> String {
        let word = match rng.below(3) {
            0 => self.sounds.word(rng),
            _ => rng.choose(&self.plain).copied().unwrap_or_default().to_owned(),
        };
        if first {
            capital(&word)
        } else {
            word
        }
    }
}

/// A site: what its pages have in common.
pub struct Site<'a> {
    words: &'a Words,
    host: String,
    noun: &'static str,
    fields: Vec<&'static TopicField>,
    /// Places of the fields that are asked for.
    wanted: Vec<usize>,
    writing: Writing,
    layout: layout::Layout,
    path: String,
}

impl Composer {
    /// The composer of a secret.
    pub fn new(secret: &[u8; 32]) -> Self {
        let mut rng = Seed(*secret).derive(b"scraping habits", 0).rng();
        let sounds = Sounds::draw(&mut rng);
        let (names, places) = (sounds.names(80, &mut rng), sounds.names(40, &mut rng));
        let mut plain = PLAIN.to_vec();
        rng.shuffle(&mut plain);
        plain.truncate(28);
        Self { words: Words { sounds, names, places, plain } }
    }

    /// Composes a site.
    pub fn site(&self, seed: &Seed) -> Site<'_> {
        let mut rng = seed.derive(b"scraping site", 0).rng();
        let topic = &TOPICS[rng.below(TOPICS.len() as u64) as usize];
        // The first field names the row. Some of the others are not there, and some that are there are not wanted.
        let mut fields: Vec<&TopicField> = topic.fields[1..].iter().filter(|_| rng.below(6) > 0).collect();
        fields.insert(0, &topic.fields[0]);
        let wanted = (0..fields.len()).filter(|at| *at == 0 || rng.below(5) > 0).collect();
        let writing = Writing::draw(&mut rng);
        let host = format!("{}-{}.example", self.words.word(&mut rng), self.words.word(&mut rng));
        let path = self.words.word(&mut rng);
        let layout = layout::Layout::draw(&fields, &self.words, &mut rng);
        let noun = rng.choose(&topic.nouns).copied().unwrap_or_default();
        Site { words: &self.words, host, noun, fields, wanted, writing, layout, path }
    }
}

impl Site<'_> {
    /// The fields of its rows, as a customer would name them.
    pub fn fields(&self) -> Vec<Field> {
        let field = |at: &usize| {
            let field = self.fields[*at];
            Field { name: field.name.into(), kind: field.maker.kind(), select: None }
        };
        self.wanted.iter().map(field).collect()
    }

    /// A page of the site that has at least some rows.
    pub fn example(&self, seed: &Seed) -> Composed {
        self.compose(1, LEAST_SHOWN, seed)
    }

    /// Another page of the site.
    pub fn page(&self, number: u64, seed: &Seed) -> Composed {
        self.compose(number, 2, seed)
    }

    fn compose(&self, number: u64, least: u64, seed: &Seed) -> Composed {
        let mut rng = seed.derive(b"scraping page", number).rng();
        let address = format!("https://{}/{}?page={number}", self.host, self.path);
        let count = least + rng.below(9);
        let rows: Vec<Row> = (0..count).map(|_| self.row(&mut rng)).collect();
        let html = self.page_of(number, &rows, &mut rng);
        let base = Url::parse(&address).expect("composed addresses are checked by a test");
        let value = |row: &Row, at: usize| match &row.values[at] {
            Some(written) if self.fields[at].maker == Maker::Link => {
                base.join(&written.shown).map(String::from).unwrap_or_default()
            }
            Some(written) => written.value.clone(),
            None => String::new(),
        };
        let rows = rows.iter().map(|row| self.wanted.iter().map(|at| value(row, *at)).collect()).collect();
        Composed { address, html, rows }
    }

    fn row(&self, rng: &mut SeedRng) -> Row {
        let values = self.fields.iter().enumerate().map(|(at, field)| {
            // The field that names a row is always there.
            let missing = at > 0 && rng.below(12) == 0;
            let value = match field.maker {
                Maker::Link => format!("/{}/{}", self.noun, self.words.word(rng)),
                _ => field.maker.make(self.words, rng),
            };
            let shown = match field.maker {
                Maker::Link => format!("{value}-{}", 100 + rng.below(90_000)),
                _ => self.writing.write(&field.maker, &value),
            };
            (!missing).then_some(Written { value, shown })
        });
        Row { values: values.collect() }
    }
}

/// A row of a page.
struct Row {
    /// A value for each field; none is missing.
    values: Vec<Option<Written>>,
}

/// A value, and how the site writes it.
struct Written {
    value: String,
    shown: String,
}

/// Reads the program's own topics.
fn read_topics(table: &'static str) -> Vec<Topic> {
    let field = |cell: &'static str| {
        let (name, rest) = cell.split_once('=').expect("the program's own table is checked by a test");
        let (maker, labels) = rest.split_once(':').expect("the program's own table is checked by a test");
        let labels = labels.split(',').filter(|label| !label.is_empty()).collect();
        TopicField { name, maker: Maker::of(maker), labels }
    };
    let topic = |line: &'static str| {
        let mut cells = line.split('\t');
        let nouns = cells.next().unwrap_or_default().split(',').collect();
        Topic { nouns, fields: cells.map(field).collect() }
    };
    table.lines().filter(|line| !line.starts_with('#')).map(topic).collect()
}

#[cfg(test)]
mod tests;
