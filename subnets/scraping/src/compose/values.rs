//! Values of composed rows, and how a site writes them.

use myelin_wire::seed::SeedRng;

use crate::value::{days, Kind, Order};

use super::Words;

/// A kind of value that can be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Maker {
    Title,
    Person,
    Firm,
    Place,
    Street,
    Symbol,
    Choice(Vec<&'static str>),
    Price,
    Decimal,
    Rating,
    Signed,
    Small,
    Count,
    Large,
    Year,
    Date,
    Link,
}

impl Maker {
    pub fn of(name: &'static str) -> Self {
        match name {
            "title" => Self::Title,
            "person" => Self::Person,
            "firm" => Self::Firm,
            "place" => Self::Place,
            "street" => Self::Street,
            "symbol" => Self::Symbol,
            "price" => Self::Price,
            "decimal" => Self::Decimal,
            "rating" => Self::Rating,
            "signed" => Self::Signed,
            "small" => Self::Small,
            "count" => Self::Count,
            "large" => Self::Large,
            "year" => Self::Year,
            "date" => Self::Date,
            "link" => Self::Link,
            _ => {
                let choices =
                    name.strip_prefix("choice/").expect("the program's own table is checked by a test");
                Self::Choice(choices.split('/').collect())
            }
        }
    }

    pub fn kind(&self) -> Kind {
        match self {
            Self::Date => Kind::Date,
            Self::Link => Kind::Link,
            Self::Title | Self::Person | Self::Firm | Self::Place | Self::Street | Self::Symbol => Kind::Text,
            Self::Choice(_) => Kind::Text,
            _ => Kind::Number,
        }
    }

    /// Makes a value in its one form. A link is made by the site.
    pub fn make(&self, words: &Words, rng: &mut SeedRng) -> String {
        let decimals = |rng: &mut SeedRng, most: u64, digits: usize| {
            let scale = 10u64.pow(digits as u32);
            shortest(rng.range(scale / 2, most * scale), digits)
        };
        match self {
            Self::Title => {
                let count = 2 + rng.below(3);
                let said: Vec<String> = (0..count).map(|at| words.title(at == 0, rng)).collect();
                said.join(" ")
            }
            Self::Person => format!("{} {}", words.name(rng), words.name(rng)),
            Self::Firm => {
                const ENDS: [&str; 6] = ["& Sons", "Ltd", "House", "Group", "Works", ""];
                let end = rng.choose(&ENDS).copied().unwrap_or_default();
                format!("{} {end}", words.name(rng)).trim_end().to_owned()
            }
            Self::Place => words.place(rng),
            Self::Street => {
                const STREETS: [&str; 4] = ["Street", "Lane", "Road", "Square"];
                let street = rng.choose(&STREETS).copied().unwrap_or_default();
                format!("{} {} {street}", 1 + rng.below(180), words.name(rng))
            }
            Self::Symbol => words.name(rng).to_uppercase().chars().take(4).collect(),
            Self::Choice(of) => rng.choose(of).copied().unwrap_or_default().to_owned(),
            Self::Price => decimals(rng, 300, 2),
            Self::Decimal => decimals(rng, 120, 1),
            Self::Rating => shortest(rng.range(10, 51), 1),
            Self::Signed => {
                let size = shortest(rng.range(1, 900), 2);
                if rng.below(2) == 0 {
                    format!("-{size}")
                } else {
                    size
                }
            }
            Self::Small => (1 + rng.below(12)).to_string(),
            Self::Count => (2 + rng.below(900)).to_string(),
            Self::Large => {
                let most = if rng.below(3) == 0 { 2_000_000 } else { 90_000 };
                (1_000 + rng.below(most)).to_string()
            }
            Self::Year => (1990 + rng.below(37)).to_string(),
            Self::Date => {
                let (year, month) = (2023 + rng.below(5), 1 + rng.below(12));
                let day = 1 + rng.below(u64::from(days(year as u32, month as u32)));
                format!("{year:04}-{month:02}-{day:02}")
            }
            Self::Link => String::new(),
        }
    }
}

/// A number of `digits` decimals without zeros at its end.
fn shortest(scaled: u64, digits: usize) -> String {
    let scale = 10u64.pow(digits as u32);
    let text = format!("{}.{:0digits$}", scaled / scale, scaled % scale);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// How a site writes values.
#[derive(Clone, Debug)]
pub struct Writing {
    /// The mark before decimals.
    mark: char,
    /// The mark between thousands, if there is one.
    thousands: Option<char>,
    /// The currency, and whether it stands first.
    currency: (&'static str, bool),
    date: DateWriting,
}

#[derive(Clone, Copy, Debug)]
enum DateWriting {
    Numbers(Order, char),
    /// Whether the month comes first, and whether it is whole.
    Words(bool, bool),
}

impl Writing {
    pub fn draw(rng: &mut SeedRng) -> Self {
        const POINT: [Option<char>; 4] = [None, Some(','), Some('\''), Some('\u{202f}')];
        const COMMA: [Option<char>; 4] = [None, Some('.'), Some(' '), Some('\u{a0}')];
        const CURRENCIES: [(&str, bool); 8] = [
            ("€ ", true),
            ("$", true),
            ("£", true),
            (" €", false),
            (" EUR", false),
            ("USD ", true),
            (" kr", false),
            ("", true),
        ];
        let mark = if rng.below(2) == 0 { '.' } else { ',' };
        let thousands = rng.choose(if mark == '.' { &POINT } else { &COMMA }).copied().flatten();
        let currency = rng.choose(&CURRENCIES).copied().unwrap_or_default();
        let date = match rng.below(4) {
            0 => DateWriting::Numbers(Order::Ymd, '-'),
            1 => DateWriting::Numbers(Order::Dmy, *rng.choose(&['.', '/', '-']).unwrap_or(&'.')),
            2 => DateWriting::Numbers(Order::Mdy, '/'),
            _ => DateWriting::Words(rng.below(2) == 0, rng.below(2) == 0),
        };
        Self { mark, thousands, currency, date }
    }

    /// A value as the site writes it.
    pub fn write(&self, maker: &Maker, value: &str) -> String {
        match maker.kind() {
            Kind::Number => self.number(maker, value),
            Kind::Date => self.date(value),
            Kind::Text | Kind::Link => value.to_owned(),
        }
    }

    fn number(&self, maker: &Maker, value: &str) -> String {
        let (whole, decimals) = value.split_once('.').unwrap_or((value, ""));
        let (sign, whole) = whole.strip_prefix('-').map_or(("", whole), |whole| ("-", whole));
        let mut out = String::from(sign);
        for (at, digit) in whole.chars().enumerate() {
            let left = whole.len() - at;
            if let Some(thousands) = self.thousands.filter(|_| at > 0 && left.is_multiple_of(3)) {
                // A year has no thousands.
                if *maker != Maker::Year {
                    out.push(thousands);
                }
            }
            out.push(digit);
        }
        // Prices have two decimals everywhere, others as many as they need.
        let least = if matches!(maker, Maker::Price | Maker::Signed) { 2 } else { 0 };
        if !decimals.is_empty() || least > 0 {
            out.push(self.mark);
            out.push_str(&format!("{decimals:0<least$}"));
        }
        match (maker, self.currency) {
            (Maker::Price, (currency, true)) => format!("{currency}{out}"),
            (Maker::Price, (currency, false)) => format!("{out}{currency}"),
            _ => out,
        }
    }

    fn date(&self, value: &str) -> String {
        const MONTHS: [&str; 12] = [
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
        let parts: Vec<&str> = value.split('-').collect();
        let [year, month, day] = parts[..] else { return value.to_owned() };
        match self.date {
            DateWriting::Numbers(Order::Ymd, between) => [year, month, day].join(&between.to_string()),
            DateWriting::Numbers(Order::Dmy, between) => [day, month, year].join(&between.to_string()),
            DateWriting::Numbers(Order::Mdy, between) => [month, day, year].join(&between.to_string()),
            DateWriting::Words(month_first, whole) => {
                let name = month.parse::<usize>().ok().and_then(|month| MONTHS.get(month.wrapping_sub(1)));
                let name = name.copied().unwrap_or_default();
                let name = if whole { name } else { &name[..3.min(name.len())] };
                let day = day.trim_start_matches('0');
                if month_first {
                    format!("{name} {day}, {year}")
                } else {
                    format!("{day} {name} {year}")
                }
            }
        }
    }
}
