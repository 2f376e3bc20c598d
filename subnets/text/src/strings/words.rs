//! The words of a request, in different orders.

use std::collections::BTreeMap;

use crate::substitution::words;

/// The order in which words come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    Frequent,
    Rare,
    Recent,
    First,
}

pub const ORDERS: [Order; 4] = [Order::Frequent, Order::Rare, Order::Recent, Order::First];

/// Shortest word that counts as a name.
const SHORTEST_NAME: usize = 4;

/// Material of a recipe: the text before the cursor, with the part that it has already written, and the text behind.
pub struct Source<'r> {
    prompt: &'r str,
    /// The prompt and the text written after it.
    pub before: String,
    pub behind: &'r str,
    names: [Vec<&'r str>; ORDERS.len()],
}

impl<'r> Source<'r> {
    pub fn new(prompt: &'r str, behind: &'r str) -> Self {
        let mut counts = BTreeMap::<&str, (usize, usize, usize)>::new();
        let all = words(prompt).chain(words(behind)).map(|(_, word)| word);
        for (at, word) in all.filter(|word| word.len() >= SHORTEST_NAME).enumerate() {
            let (count, _, last) = counts.entry(word).or_insert((0, at, at));
            *count += 1;
            *last = at;
        }
        let by = |key: &dyn Fn((usize, usize, usize)) -> usize| {
            let mut names: Vec<_> = counts.iter().map(|(word, seen)| (key(*seen), seen.1, *word)).collect();
            names.sort_unstable();
            names.into_iter().map(|(_, _, word)| word).collect::<Vec<_>>()
        };
        let names = [
            by(&|(count, ..)| usize::MAX - count),
            by(&|(count, ..)| count),
            by(&|(.., last)| usize::MAX - last),
            by(&|(_, first, _)| first),
        ];
        Self { prompt, before: prompt.to_owned(), behind, names }
    }

    /// Appends a text to the text before the cursor.
    pub fn written(&mut self, text: &str) {
        self.before.truncate(self.prompt.len());
        self.before.push_str(text);
    }

    /// The prompt as the request has it.
    pub fn prompt(&self) -> &'r str {
        self.prompt
    }

    /// The different longer words of the request.
    pub fn names(&self, order: Order) -> &[&'r str] {
        let at = ORDERS.iter().position(|known| *known == order).unwrap_or_default();
        &self.names[at]
    }

    /// Names that fit, repeated to `count` of them.
    pub fn some(
        &self,
        order: Order,
        count: usize,
        fits: fn(&str) -> bool,
        otherwise: &'static str,
    ) -> Vec<&'r str> {
        let names: Vec<&str> = self.names(order).iter().copied().filter(|name| fits(name)).collect();
        match names.is_empty() {
            true => vec![otherwise; count],
            false => names.iter().copied().cycle().take(count).collect(),
        }
    }

    /// The blanks before the line of the cursor.
    pub fn indentation(&self) -> &str {
        let line = self.before.rsplit('\n').next().unwrap_or_default();
        &line[..line.len() - line.trim_start_matches(' ').len()]
    }
}

/// The rest of the word that the prompt has begun, as the most frequent word of the request that begins so; or as the
/// last `other` one.
pub fn begun<'r>(source: &Source<'r>, other: bool) -> &'r str {
    let prompt = source.prompt();
    let Some((at, word)) = words(prompt).last().filter(|(at, word)| at + word.len() == prompt.len()) else {
        return "";
    };
    let longer = |name: &&str| name.len() > word.len() && name.starts_with(word);
    let found = source.names(Order::Frequent).iter().copied().find(longer);
    let found = match other {
        false => found,
        true => {
            let before: Vec<&str> = words(&prompt[..at]).map(|(_, name)| name).collect();
            let names = before.into_iter().rev().chain(words(source.behind).map(|(_, name)| name));
            names.filter(longer).find(|name| Some(*name) != found)
        }
    };
    found.map_or("", |name| &name[prompt.len() - at..])
}
