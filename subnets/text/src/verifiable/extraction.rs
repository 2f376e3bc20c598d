//! Extraction: a text has values that the task asks for, values of the same kind that it does not ask for, and
//! unrelated sentences.

use std::collections::BTreeMap;

use myelin_subnet::phrases::fill;
use myelin_wire::seed::SeedRng;
use serde_json::Value;

use super::{
    chat,
    phrases::{Kind, Phrases},
    tokens,
};
use crate::{library::Library, protocol::TextRequest};

/// Number of fields in a task.
const ASKED: usize = 4;
/// Most bytes of a sentence of the library between the others.
const STRANGE: usize = 220;

/// Names of the months in texts.
pub(crate) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Keys with the values that an answer must have.
pub type Fields = BTreeMap<String, String>;

/// A text with its values, among so many sentences that state others.
pub fn draw(
    library: &Library,
    phrases: &Phrases,
    grade: u32,
    rng: &mut SeedRng,
) -> Option<(TextRequest, Fields)> {
    let mut fields: Vec<_> = phrases.extraction.fields.iter().collect();
    rng.shuffle(&mut fields);
    fields.truncate(ASKED);
    let mut sentences = Vec::new();
    let mut wanted = Fields::new();
    for field in &fields {
        let (written, plain) = value(field.kind, phrases, rng)?;
        sentences.push(fill(rng.choose(&field.said)?, &[("v", &written)]));
        wanted.insert(field.key.clone(), plain);
    }
    // Each wanted value has another one beside it; further ones come with the grade.
    for number in 0..ASKED + grade as usize {
        let field = fields[number % fields.len()];
        let (decoy, _) = (0..16)
            .filter_map(|_| value(field.kind, phrases, rng))
            .find(|(_, other)| wanted.get(&field.key).is_some_and(|plain| normal(other) != normal(plain)))?;
        sentences.push(fill(rng.choose(&field.decoy)?, &[("v", &decoy)]));
    }
    sentences.extend((0..rng.range(1, 2 + u64::from(grade) / 4)).filter_map(|_| strange(library, rng)));
    rng.shuffle(&mut sentences);
    let keys: Vec<String> = fields.iter().map(|field| format!("`{}` ({})", field.key, field.asked)).collect();
    let slots = [("keys", keys.join(", ")), ("text", sentences.join(" "))];
    let slots: Vec<_> = slots.iter().map(|(name, value)| (*name, value.as_str())).collect();
    Some((chat(fill(rng.choose(&phrases.extraction.form)?, &slots), tokens(160, 0, grade)), wanted))
}

/// A value as the text writes it, and as the answer must have it.
pub(crate) fn value(kind: Kind, phrases: &Phrases, rng: &mut SeedRng) -> Option<(String, String)> {
    let same = |text: String| Some((text.clone(), text));
    match kind {
        Kind::Code => {
            let mut letter = || char::from(b'A' + rng.below(26) as u8);
            let (one, other) = (letter(), letter());
            same(format!("{one}{other}-{}", rng.range(1000, 9999)))
        }
        Kind::Day => {
            let (day, month, year) = (rng.range(1, 28), rng.below(12), rng.range(2027, 2046));
            let written = format!("{day} {} {year}", MONTHS[month as usize]);
            Some((written, format!("{year}-{:02}-{day:02}", month + 1)))
        }
        Kind::Amount => {
            let (crowns, cents) = (rng.range(1_000, 99_999), rng.range(10, 99));
            let written = format!("{},{:03}.{cents}", crowns / 1000, crowns % 1000);
            Some((written, format!("{crowns}.{cents}")))
        }
        Kind::Person => same(format!("{} {}", rng.choose(&phrases.names)?, rng.choose(&phrases.surnames)?)),
        Kind::Place => same(rng.choose(&phrases.places)?.clone()),
        Kind::Count => same(rng.range(12, 480).to_string()),
        Kind::Email => {
            let name = rng.choose(&phrases.surnames)?.to_lowercase();
            let place = rng.choose(&phrases.places)?.to_lowercase();
            same(format!("{name}{}@{place}.example", rng.range(2, 99)))
        }
    }
}

/// A sentence of the library's prose.
fn strange(library: &Library, rng: &mut SeedRng) -> Option<String> {
    let text = library.prose(rng);
    let from = rng.index(text.len())?;
    let from = (from..text.len()).find(|&at| text.is_char_boundary(at))?;
    let start = text[from..].find(". ")? + from + 2;
    let sentence = &text[start..start + text[start..].find(". ")? + 1];
    let plain = sentence.is_ascii() && !sentence.contains(['{', '}', '`', '\n', '<', '>']);
    (plain && (20..=STRANGE).contains(&sentence.len())).then(|| sentence.to_owned())
}

/// The number of wanted values that an answer gives. The first JSON object in the text is read. Its other keys count as
/// wrong answers, so that naming everything gains nothing.
pub fn right(wanted: &Fields, text: &str) -> usize {
    let Some(object) = first_object(text) else { return 0 };
    let right = wanted.iter().filter(|(key, value)| {
        let found = match object.get(*key) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            _ => return false,
        };
        same(value, &found)
    });
    let right = right.count();
    let more = object.keys().filter(|key| !wanted.contains_key(*key)).count();
    right.saturating_sub(more)
}

fn first_object(text: &str) -> Option<serde_json::Map<String, Value>> {
    let open = text.find('{')?;
    let mut values = serde_json::Deserializer::from_str(&text[open..]).into_iter::<Value>();
    match values.next() {
        Some(Ok(Value::Object(object))) => Some(object),
        _ => None,
    }
}

/// Whether two values are the same but for white space, letter case, commas in numbers and zeros at the end of a
/// fraction.
fn same(wanted: &str, found: &str) -> bool {
    normal(wanted) == normal(found)
}

fn normal(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let number = text.replace(',', "");
    let digits = number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if !digits || number.bytes().filter(|byte| *byte == b'.').count() > 1 {
        return text;
    }
    match number.split_once('.') {
        Some((whole, fraction)) => match fraction.trim_end_matches('0') {
            "" => whole.to_owned(),
            fraction => format!("{whole}.{fraction}"),
        },
        None => number,
    }
}
