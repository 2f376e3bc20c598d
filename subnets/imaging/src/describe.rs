//! Descriptions of scenes in English: wording them with a validator's own words, and reading them.
//!
//! A validator's secret chooses its words and sentences among those here. The reader knows all of them, takes words one
//! by one, and passes over those that it does not know.

use myelin_subnet::phrases::{fill, vary};
use myelin_wire::seed::{Seed, SeedRng};

use crate::scene::{Cell, Group, Lettering, Relation, Size, Wanted, LETTERS, MOST_LETTERS, MOST_THINGS};

/// Longest description that is read, in bytes.
pub const LONGEST: usize = 1000;

type Names = &'static [&'static [&'static str]];

const GROUND: Names = &[&["white"], &["grey", "gray"], &["black"], &["pale blue", "light blue", "sky blue"]];
const SHAPE: Names =
    &[&["circle", "disc"], &["square"], &["triangle"], &["star"], &["ring", "hoop"], &["cross", "plus sign"]];
const COLOUR: Names = &[
    &["red", "scarlet", "crimson"],
    &["green", "emerald"],
    &["blue", "cobalt"],
    &["yellow", "lemon"],
    &["purple", "violet"],
    &["orange", "tangerine"],
];
const SIZE: Names = &[&["small", "little", "tiny"], &["large", "big", "huge"]];
const ROW: Names = &[&["top", "upper"], &["middle"], &["bottom", "lower"]];
const RELATION: Names = &[
    &["to the left of", "left of"],
    &["to the right of", "right of"],
    &["above", "over"],
    &["below", "under", "beneath"],
];
const RELATIONS: [Relation; 4] = [Relation::Left, Relation::Right, Relation::Above, Relation::Below];
const NUMBER: Names = &[&["a", "one"], &["two"], &["three"], &["four"]];

const SENTENCES: &[&str] = &[
    "<A picture of|An image of|A drawing of|> {things} on a {ground} <background|ground|backdrop>{letters}.",
    "{things}<,|> on a <plain|> {ground} <background|ground>{letters}.",
    "On a {ground} <background|backdrop>: {things}{letters}.",
    "<Please draw|Draw|Paint|Show> {things}<,|> against a {ground} <ground|background>{letters}.",
    "A {ground} <background|ground|backdrop> with {things}{letters}.",
];
const LETTERING: &[&str] = &[
    ", with the <letters|word|text> \"{letters}\" <along|at> the {row}",
    " and the <word|letters> \"{letters}\" <at|along> the {row}",
    "; the {row} <says|reads> \"{letters}\"",
];
const PLACED: &[&str] = &["<in|at> the {place}", "in the {place} <corner|part>"];

/// The words of one validator, or of everybody.
pub struct Wordings {
    /// Names of each thing that may be used, in the order of the constants above.
    names: [Vec<Vec<&'static str>>; 7],
    sentences: Vec<String>,
    lettering: Vec<String>,
    placed: Vec<String>,
}

impl Wordings {
    /// All words.
    pub fn public() -> Self {
        let all = |names: Names| names.iter().map(|of| of.to_vec()).collect();
        let texts = |of: &[&str]| of.iter().map(|text| (*text).to_owned()).collect();
        Self {
            names: [GROUND, SHAPE, COLOUR, SIZE, ROW, RELATION, NUMBER].map(all),
            sentences: texts(SENTENCES),
            lettering: texts(LETTERING),
            placed: texts(PLACED),
        }
    }

    /// The words that a validator's secret chooses.
    pub fn own(secret: &[u8; 32]) -> Self {
        let mut rng = Seed(*secret).derive(b"imaging words", 0).rng();
        let mut some = |names: &Vec<Vec<&'static str>>| -> Vec<Vec<&'static str>> {
            let mut of_one = |of: &Vec<&'static str>| {
                let mut of = of.clone();
                rng.shuffle(&mut of);
                of.truncate(1 + rng.below(of.len() as u64) as usize);
                of
            };
            names.iter().map(&mut of_one).collect()
        };
        let public = Self::public();
        let names = public.names.each_ref().map(&mut some);
        let mut texts = |texts: &[String], count: usize| -> Vec<String> {
            (0..count).map(|_| vary(&rng.choose(texts).cloned().unwrap_or_default(), &mut rng)).collect()
        };
        Self {
            names,
            sentences: texts(&public.sentences, 6),
            lettering: texts(&public.lettering, 3),
            placed: texts(&public.placed, 2),
        }
    }

    fn name(&self, kind: usize, number: usize, rng: &mut SeedRng) -> &'static str {
        let of = self.names[kind].get(number).map(Vec::as_slice).unwrap_or_default();
        rng.choose(of).copied().unwrap_or_default()
    }

    /// The description of a scene.
    pub fn describe(&self, wanted: &Wanted, rng: &mut SeedRng) -> String {
        let things: Vec<String> = wanted.groups.iter().map(|group| self.group(group, rng)).collect();
        let things = match (wanted.relation, things.as_slice()) {
            (Some(relation), [one, other]) => {
                format!("{one} {} {other}", self.name(5, relation as usize, rng))
            }
            (_, [before @ .., last]) if !before.is_empty() => format!("{} and {last}", before.join(", ")),
            (_, all) => all.concat(),
        };
        let ground = wanted.ground.map_or("plain", |ground| self.name(0, ground.into(), rng));
        let letters = wanted.lettering.as_ref().map_or(String::new(), |lettering| {
            let text: String = lettering.letters.iter().map(|letter| letter_name(*letter)).collect();
            let row = ["top", "middle", "bottom"][usize::from(lettering.row.unwrap_or(2).min(2))];
            let template = rng.choose(&self.lettering).cloned().unwrap_or_default();
            fill(&vary(&template, rng), &[("letters", &text), ("row", row)])
        });
        let template = rng.choose(&self.sentences).cloned().unwrap_or_default();
        let slots = [("things", things.as_str()), ("ground", ground), ("letters", letters.as_str())];
        let said = fill(&vary(&template, rng), &slots);
        myelin_subnet::phrases::capital(said.trim_start())
    }

    fn group(&self, group: &Group, rng: &mut SeedRng) -> String {
        let mut words = vec![self.name(6, usize::from(group.count.max(1)) - 1, rng).to_owned()];
        words.extend(group.size.map(|size| self.name(3, size as usize, rng).to_owned()));
        words.push(self.name(2, group.colour.into(), rng).into());
        let shape = self.name(1, group.shape.into(), rng);
        words.push(match (group.count, shape) {
            (0 | 1, one) => one.to_owned(),
            (_, "cross") => "crosses".into(),
            (_, one) => format!("{one}s"),
        });
        if let ("a", Some("a" | "e" | "i" | "o" | "u")) = (words[0].as_str(), words[1].get(..1)) {
            words[0] = "an".into();
        }
        if let Some(place) = group.place {
            let row = self.name(4, place.row(), rng);
            let name = match (place.row(), place.column()) {
                (1, 1) => ["centre", "middle"][rng.below(2) as usize].to_owned(),
                (_, 1) => format!("{row} centre"),
                (_, column) => format!("{row} {}", if column == 0 { "left" } else { "right" }),
            };
            let template = rng.choose(&self.placed).cloned().unwrap_or_default();
            words.push(fill(&vary(&template, rng), &[("place", &name)]));
        }
        words.join(" ")
    }
}

fn letter_name(letter: u8) -> char {
    char::from(LETTERS[usize::from(letter) % LETTERS.len()])
}

/// The thing that a place refers to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Focus {
    Nothing,
    Things,
    Letters,
}

/// A reader of one description.
#[derive(Default)]
struct Reader {
    wanted: Wanted,
    count: Option<u8>,
    size: Option<Size>,
    colour: Option<u8>,
    /// Rows and columns that were named for the last group, and whether its middle was.
    place: (Option<u8>, Option<u8>, bool),
    /// A row that was named before a text.
    row_before: Option<u8>,
}

/// Reads a description. What it does not say stays open; words that mean nothing here are passed over.
pub fn parse(description: &str) -> Wanted {
    let text: String = description.chars().take(LONGEST).collect();
    let mut reader = Reader::default();
    let mut focus = Focus::Nothing;
    // Every second part stands in quotation marks.
    for (number, part) in text.split(['"', '\u{201c}', '\u{201d}']).enumerate() {
        if number % 2 == 1 {
            reader.end_place();
            reader.letters(part);
            focus = Focus::Letters;
            continue;
        }
        for clause in part.split([';', ':']) {
            if focus == Focus::Things {
                focus = Focus::Nothing;
                reader.end_place();
            }
            focus = reader.clause(clause, focus);
        }
    }
    reader.end_place();
    reader.wanted
}

impl Reader {
    fn clause(&mut self, clause: &str, mut focus: Focus) -> Focus {
        let lower = clause.to_lowercase();
        let words: Vec<&str> =
            lower.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
        let mut at = 0;
        while at < words.len() {
            let (word, next) = (words[at], words.get(at + 1).copied().unwrap_or_default());
            at += 1;
            let after = words.get(at + 1).copied().unwrap_or_default();
            if let Some(ground) = ground(word, next, after) {
                self.wanted.ground = Some(ground);
                self.end_place();
                focus = Focus::Nothing;
                at += usize::from(ground == 3 && !is_ground_word(next));
            } else if let Some(relation) = relation(word, next) {
                self.end_place();
                self.wanted.relation = Some(relation).filter(|_| self.wanted.groups.len() == 1);
                focus = Focus::Nothing;
                at += usize::from(next == "of");
            } else if let Some(shape) = shape(word) {
                self.end_place();
                self.thing(shape);
                focus = Focus::Things;
            } else if let Some(number) = number(word) {
                self.count = Some(number);
            } else if let Some(size) = named(SIZE, word) {
                self.size = Some([Size::Small, Size::Large][usize::from(size)]);
            } else if let Some(colour) = named(COLOUR, word) {
                self.colour = Some(colour);
            } else {
                self.place_word(word, focus);
            }
        }
        focus
    }

    fn thing(&mut self, shape: u8) {
        let (count, size, colour) = (self.count.take(), self.size.take(), self.colour.take());
        let left = MOST_THINGS.saturating_sub(self.wanted.things()) as u8;
        let count = count.unwrap_or(1).min(left);
        if count > 0 {
            let colour = colour.unwrap_or_default();
            self.wanted.groups.push(Group { count, shape, colour, size, place: None });
        }
    }

    fn letters(&mut self, text: &str) {
        let upper = text.to_uppercase();
        let known = upper.bytes().filter_map(|letter| LETTERS.iter().position(|other| *other == letter));
        let letters: Vec<u8> = known.take(MOST_LETTERS).map(|letter| letter as u8).collect();
        if !letters.is_empty() {
            self.wanted.lettering = Some(Lettering { letters, row: self.row_before.take() });
        }
    }

    fn place_word(&mut self, word: &str, focus: Focus) {
        let row = named(ROW, word).or((word == "centre" || word == "center").then_some(1));
        match (focus, row, word) {
            (Focus::Letters, Some(row), _) => {
                if let Some(lettering) = &mut self.wanted.lettering {
                    lettering.row.get_or_insert(row);
                }
            }
            (Focus::Nothing, Some(row), _) => self.row_before = Some(row),
            (Focus::Things, Some(1), _) => self.place.2 = true,
            (Focus::Things, Some(row), _) => self.place.0 = Some(row),
            (Focus::Things, None, "left") => self.place.1 = Some(0),
            (Focus::Things, None, "right") => self.place.1 = Some(2),
            _ => {}
        }
    }

    /// Gives the last group the place that was named for it.
    fn end_place(&mut self) {
        let (row, column, middle) = std::mem::take(&mut self.place);
        if let (Some(group), true) =
            (self.wanted.groups.last_mut(), row.is_some() || column.is_some() || middle)
        {
            if group.count == 1 {
                group.place = Some(Cell(3 * row.unwrap_or(1) + column.unwrap_or(1)));
            }
        }
    }
}

fn is_ground_word(word: &str) -> bool {
    matches!(word, "background" | "ground" | "backdrop")
}

fn ground(word: &str, next: &str, after: &str) -> Option<u8> {
    match word {
        "white" if is_ground_word(next) => Some(0),
        "grey" | "gray" if is_ground_word(next) => Some(1),
        "black" if is_ground_word(next) => Some(2),
        "pale" | "light" | "sky" if next == "blue" && is_ground_word(after) => Some(3),
        "blue" if is_ground_word(next) => Some(3),
        _ => None,
    }
}

fn relation(word: &str, next: &str) -> Option<Relation> {
    match (word, next) {
        ("left", "of") => Some(Relation::Left),
        ("right", "of") => Some(Relation::Right),
        ("above" | "over", _) => Some(Relation::Above),
        ("below" | "under" | "beneath", _) => Some(Relation::Below),
        _ => None,
    }
}

fn shape(word: &str) -> Option<u8> {
    match word {
        "crosses" => Some(5),
        "plus" => Some(5),
        "cross" => Some(5),
        _ => named(SHAPE, word.strip_suffix('s').unwrap_or(word)),
    }
}

fn number(word: &str) -> Option<u8> {
    match word {
        "an" | "single" => Some(1),
        "2" => Some(2),
        "3" => Some(3),
        "4" => Some(4),
        _ => named(NUMBER, word).map(|number| number + 1),
    }
}

/// The number of the thing that has this name.
fn named(names: Names, word: &str) -> Option<u8> {
    names.iter().position(|of| of.contains(&word)).map(|number| number as u8)
}

// The names of relations have several words and are read by `relation`.
const _: () = assert!(RELATION.len() == RELATIONS.len());

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_description_is_read_as_it_was_meant_whatever_the_words() {
        for number in 0..600u64 {
            let seed = Seed([5; 32]).derive(b"test", number);
            let wanted = Wanted::draw(&seed);
            let words = match number % 3 {
                0 => Wordings::public(),
                _ => Wordings::own(&seed.0),
            };
            let said = words.describe(&wanted, &mut seed.rng());
            assert_eq!(parse(&said), wanted, "{said}");
        }
    }

    #[test]
    fn a_person_s_words_are_understood() {
        let wanted = parse("I would like 3 tiny stars in violet? No: two big red discs, grey background");
        assert_eq!((wanted.groups.len(), wanted.ground), (2, Some(1)));
        let wanted = parse("A green ring on the left. The text \u{201c}Cap\u{201d} at the top");
        assert_eq!(wanted.groups[0].place, Some(Cell(3)));
        assert_eq!(wanted.lettering, Some(Lettering { letters: vec![1, 0, 9], row: Some(0) }));
        assert_eq!(parse("nothing that is known here"), Wanted::default());
        assert_eq!(parse("four squares, four circles").things(), 4);
    }

    #[test]
    fn two_secrets_word_one_scene_differently() {
        let wanted = Wanted::draw(&Seed([8; 32]));
        let said = |secret: u8| {
            let words = Wordings::own(&[secret; 32]);
            (0..8).map(|number| words.describe(&wanted, &mut Seed([number; 32]).rng())).collect::<Vec<_>>()
        };
        assert!(
            said(1).iter().filter(|description| said(2).contains(description)).count() <= 2,
            "{:?} {:?}",
            said(1),
            said(2)
        );
    }

    proptest! {
        #[test]
        fn any_text_is_some_scene(text in "\\PC{0,200}") {
            let wanted = parse(&text);
            prop_assert!(wanted.things() <= MOST_THINGS);
            wanted.plan(&Seed([1; 32]));
        }
    }
}
