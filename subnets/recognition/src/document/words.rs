//! Sources of names and things: short public lists, or lists that a validator makes with its secret.

use myelin_subnet::phrases::{capital, Sounds};
use myelin_wire::seed::{Seed, SeedRng};

use crate::draw::Choices;

const FIRST: [&str; 24] = [
    "Anna", "Bruno", "Clara", "David", "Elena", "Felix", "Greta", "Hugo", "Irene", "Jonas", "Karin", "Lukas",
    "Maria", "Nils", "Olga", "Peter", "Rosa", "Simon", "Tilda", "Ulrich", "Vera", "Walter", "Yara", "Zoe",
];
const LAST: [&str; 24] = [
    "Abbott", "Becker", "Carver", "Dalton", "Ekman", "Fisher", "Garcia", "Hansen", "Ivanov", "Jensen",
    "Keller", "Lindgren", "Moreau", "Novak", "Okafor", "Petrov", "Quinn", "Rossi", "Santos", "Tanaka",
    "Ulmer", "Vargas", "Weber", "Young",
];
const STREETS: [&str; 12] = [
    "Mill Lane",
    "Station Road",
    "Harbour Street",
    "Oak Avenue",
    "Church Hill",
    "River Walk",
    "Market Square",
    "Garden Row",
    "Bridge Street",
    "Castle Way",
    "Forest Drive",
    "Lake View",
];
const CITIES: [&str; 14] = [
    "Aarhus", "Basel", "Bristol", "Cork", "Delft", "Evora", "Ghent", "Graz", "Leeds", "Lund", "Porto",
    "Turku", "Utrecht", "York",
];
const ITEMS: [&str; 32] = [
    "garden hose",
    "paper roll",
    "desk lamp",
    "steel bolt",
    "wool scarf",
    "copper wire",
    "glass jar",
    "oak panel",
    "coffee beans",
    "green tea",
    "bread flour",
    "olive oil",
    "printer ink",
    "safety gloves",
    "bicycle tube",
    "wall paint",
    "cotton shirt",
    "rain coat",
    "water filter",
    "door handle",
    "floor mat",
    "kitchen scale",
    "battery pack",
    "wood screws",
    "tomato soup",
    "dark chocolate",
    "apple juice",
    "rye bread",
    "soap bar",
    "pencil case",
    "tent pegs",
    "rubber seal",
];
const TRADES: [&str; 12] = [
    "Trading",
    "Logistics",
    "Supplies",
    "Bakery",
    "Tools",
    "Textiles",
    "Foods",
    "Printing",
    "Motors",
    "Optics",
    "Timber",
    "Pharmacy",
];
const LEGAL: [&str; 5] = ["Ltd.", "GmbH", "Inc.", "AB", "Co."];
const BEGINNINGS: [&str; 20] = [
    "ba", "ce", "dro", "fa", "gli", "ho", "ka", "le", "mi", "no", "pra", "qui", "ri", "sto", "tu", "va",
    "wen", "xi", "yo", "zu",
];
const MIDDLES: [&str; 14] =
    ["la", "men", "ri", "so", "ta", "vel", "no", "ki", "dar", "pu", "gen", "bo", "shi", "fe"];
const ENDS: [&str; 12] = ["n", "ra", "do", "k", "lis", "m", "ver", "sh", "to", "nd", "x", "ger"];

/// A word that no list has.
pub(super) fn invented(rng: &mut SeedRng) -> String {
    let mut word = (*rng.one(&BEGINNINGS)).to_owned();
    for _ in 0..rng.whole(1, 2) {
        word.push_str(rng.one::<&str>(&MIDDLES));
    }
    word.push_str(rng.one::<&str>(&ENDS));
    word
}

/// Names and things that stand in documents.
#[derive(Clone, Debug)]
pub struct Vocabulary {
    first: Vec<String>,
    last: Vec<String>,
    streets: Vec<String>,
    cities: Vec<String>,
    items: Vec<String>,
    trades: Vec<String>,
}

impl Vocabulary {
    /// The public vocabulary.
    pub fn public() -> Self {
        let list = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        Self {
            first: list(&FIRST),
            last: list(&LAST),
            streets: list(&STREETS),
            cities: list(&CITIES),
            items: list(&ITEMS),
            trades: list(&TRADES),
        }
    }

    /// A vocabulary of a validator's own: the names are invented, and so are the words for things.
    pub fn own(secret: [u8; 32]) -> Self {
        let mut rng = Seed(secret).derive(b"vocabulary", 0).rng();
        let sounds = Sounds::draw(&mut rng);
        let things: Vec<&str> = ITEMS.iter().filter_map(|item| item.split(' ').next_back()).collect();
        let called = |word: &String, rng: &mut SeedRng| format!("{word} {}", rng.one::<&str>(&things));
        let ways = ["Lane", "Road", "Street", "Avenue", "Hill", "Walk", "Row", "Way"];
        let streets = sounds.names(STREETS.len(), &mut rng);
        let items = sounds.words(ITEMS.len(), &mut rng);
        Self {
            first: sounds.names(FIRST.len(), &mut rng),
            last: sounds.names(LAST.len(), &mut rng),
            streets: streets.iter().map(|name| format!("{name} {}", rng.one::<&str>(&ways))).collect(),
            cities: sounds.names(CITIES.len(), &mut rng),
            items: items.iter().map(|word| called(word, &mut rng)).collect(),
            trades: sounds.names(TRADES.len(), &mut rng),
        }
    }

    fn family(&self, rng: &mut SeedRng) -> String {
        if rng.chance(500) {
            capital(&invented(rng))
        } else {
            rng.one(&self.last).clone()
        }
    }

    pub(super) fn person(&self, rng: &mut SeedRng) -> String {
        let first = rng.one(&self.first).clone();
        format!("{first} {}", self.family(rng))
    }

    pub(super) fn company(&self, rng: &mut SeedRng) -> String {
        let name = self.family(rng);
        let trade = rng.one(&self.trades);
        format!("{name} {trade} {}", rng.one(&LEGAL))
    }

    pub(super) fn address(&self, rng: &mut SeedRng) -> String {
        let street = if rng.chance(300) {
            capital(&invented(rng)) + " Street"
        } else {
            rng.one(&self.streets).clone()
        };
        format!("{} {street}", rng.whole(1, 249))
    }

    pub(super) fn city(&self, rng: &mut SeedRng) -> String {
        let city = if rng.chance(300) { capital(&invented(rng)) } else { rng.one(&self.cities).clone() };
        format!("{} {city}", rng.whole(10_000, 99_999))
    }

    /// Items that differ in their first letters, so that each is found by its name.
    pub(super) fn items(&self, rng: &mut SeedRng, count: usize) -> Vec<String> {
        let mut items: Vec<String> = Vec::new();
        // A third of the words are new; a few attempts always give enough.
        for _ in 0..20 * count {
            if items.len() == count {
                break;
            }
            let item = if rng.chance(350) {
                let thing = rng.one(&self.items).split(' ').next_back().unwrap_or_default();
                format!("{} {thing}", invented(rng))
            } else {
                rng.one(&self.items).clone()
            };
            if items.iter().all(|known| known.get(..3) != item.get(..3)) {
                items.push(item);
            }
        }
        items
    }

    /// Sentences of a letter.
    pub(super) fn sentence(&self, rng: &mut SeedRng) -> String {
        let item = self.items(rng, 1).pop().unwrap_or_default();
        match rng.below(8) {
            0 => format!("Please send {} boxes of {item} to our store.", rng.whole(2, 99)),
            1 => format!("The {item} you ordered will arrive on {}.", date(rng)),
            2 => format!("We received {} of the parts under {}.", rng.whole(2, 60), code(rng)),
            3 => format!("Your account shows a balance of {}.", amount(rng)),
            4 => format!("Mrs {} asked about the {item} again.", self.family(rng)),
            5 => format!("The meeting moves to {} at {}.", date(rng), self.address(rng)),
            6 => format!("Call {} before noon.", phone(rng)),
            _ => format!("The {} branch sells {item} for {}.", capital(&invented(rng)), amount(rng)),
        }
    }
}

pub(super) fn date(rng: &mut SeedRng) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (year, month, day) = (rng.whole(1998, 2034), rng.whole(1, 12), rng.whole(1, 28));
    match rng.below(4) {
        0 => format!("{year}-{month:02}-{day:02}"),
        1 => format!("{day:02}.{month:02}.{year}"),
        2 => format!("{day} {} {year}", MONTHS[month as usize - 1]),
        _ => format!("{day:02}/{month:02}/{year}"),
    }
}

pub(super) fn amount(rng: &mut SeedRng) -> String {
    let cents = match rng.below(3) {
        0 => rng.whole(99, 9_999),
        1 => rng.whole(1_000, 99_999),
        _ => rng.whole(10_000, 999_999),
    };
    let whole = cents / 100;
    let grouped =
        if whole >= 1000 { format!("{},{:03}", whole / 1000, whole % 1000) } else { whole.to_string() };
    format!("{grouped}.{:02}", cents % 100)
}

/// Letters and digits that are not mistaken for each other at sight.
pub(super) fn code(rng: &mut SeedRng) -> String {
    const LETTERS: [char; 20] =
        ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'J', 'K', 'L', 'M', 'N', 'P', 'R', 'T', 'U', 'V', 'X', 'Y'];
    let letters: String = (0..rng.whole(2, 3)).map(|_| *rng.one(&LETTERS)).collect();
    let digits: String = (0..rng.whole(4, 6)).map(|_| char::from(b'0' + rng.below(10) as u8)).collect();
    match rng.below(3) {
        0 => format!("{letters}-{digits}"),
        1 => format!("{letters}{digits}"),
        _ => format!("{digits}/{letters}"),
    }
}

pub(super) fn phone(rng: &mut SeedRng) -> String {
    format!("+{} {} {}", rng.whole(20, 99), rng.whole(100, 999), rng.whole(100_000, 999_999))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vocabularies_of_two_validators_and_of_everybody_share_hardly_a_name() {
        let names =
            |words: &Vocabulary| [&words.first[..], &words.last, &words.cities, &words.items].concat();
        let all = [Vocabulary::public(), Vocabulary::own([1; 32]), Vocabulary::own([2; 32])];
        assert_eq!(names(&Vocabulary::own([1; 32])), names(&all[1]));
        for (one, other) in [(0, 1), (0, 2), (1, 2)] {
            let (one, other) = (names(&all[one]), names(&all[other]));
            assert!(one.iter().filter(|name| other.contains(name)).count() < 6, "{one:?} {other:?}");
        }
    }
}
