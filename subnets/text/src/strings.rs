//! Answers made without a model: small programs that put words and lines of the request together.
//!
//! A validator writes some of them itself for every open task ([`zero_line`]): the worth of such a program there is
//! where the scale begins ([`crate::score`]). The kit searches the whole family for the best paid program
//! (`myelin subnet test text`).

use myelin_wire::{hash::blake2_256_of, seed::Seed};

use crate::{protocol::TextRequest, score::first_words, shape::floor_char};

mod bodies;
mod words;

use self::bodies::Body;
use self::words::{begun, Order, Source};

const DOMAIN: &[u8] = b"myelin/text-zero/1";
/// Longest answer of a recipe in bytes.
const LONGEST: usize = 160;

/// A program that answers without a model. It writes the rest of the begun word, a link, a body with words exchanged,
/// and an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recipe {
    /// Whether the word that the prompt has begun is finished first, as another word of the request.
    finish: Finish,
    /// The text between the begun word and the body.
    link: Link,
    /// The main part, and the part behind it.
    body: Body,
    end: Body,
    /// The order in which words are taken.
    order: Order,
    /// Distance in words from one exchanged word to the next; 0: none is exchanged.
    exchange: usize,
    /// Distance in bytes from one blank that is put in to the next; 0: none is put in.
    split: usize,
    /// The case of letters.
    case: Case,
    /// Bytes of the main part and of the whole answer.
    part: usize,
    length: usize,
    /// Number that picks one of several equal choices.
    variant: usize,
}

/// The finish of the begun word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Finish {
    Not,
    /// The most frequent word with this beginning.
    Frequent,
    /// The last word with this beginning that is not the most frequent.
    Other,
}

/// A text between the begun word and the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Link {
    Nothing,
    Text(&'static str),
    Name,
}

/// The case of letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Case {
    Same,
    Lower,
    Title,
}

const FINISHES: [Finish; 3] = [Finish::Not, Finish::Frequent, Finish::Other];
const LINKS: [Link; 10] = [
    Link::Nothing,
    Link::Nothing,
    Link::Nothing,
    Link::Text("("),
    Link::Text("."),
    Link::Text(" "),
    Link::Text(", "),
    Link::Text("::"),
    Link::Text("\n"),
    Link::Name,
];
const EXCHANGES: [usize; 7] = [0, 0, 0, 2, 3, 4, 6];
const SPLITS: [usize; 6] = [0, 0, 0, 0, 5, 7];
const CASES: [Case; 5] = [Case::Same, Case::Same, Case::Same, Case::Lower, Case::Title];
const PARTS: [usize; 7] = [8, 16, 24, 32, 48, 64, 96];
const LENGTHS: [usize; 6] = [8, 16, 32, 64, 96, LONGEST];
const VARIANTS: usize = 8;

/// Values of each choice of a recipe, in the order of [`Recipe::of`].
pub const CHOICES: [usize; 11] = [
    FINISHES.len(),
    LINKS.len(),
    bodies::ALL.len(),
    bodies::ALL.len(),
    words::ORDERS.len(),
    EXCHANGES.len(),
    SPLITS.len(),
    CASES.len(),
    PARTS.len(),
    LENGTHS.len(),
    VARIANTS,
];

impl Recipe {
    /// The recipe of these choices; each is taken modulo the number of values.
    pub fn of(choices: &[usize; CHOICES.len()]) -> Self {
        let [finish, link, body, end, order, exchange, split, case, part, length, variant] = *choices;
        Self {
            finish: FINISHES[finish % FINISHES.len()],
            link: LINKS[link % LINKS.len()],
            body: bodies::ALL[body % bodies::ALL.len()],
            end: bodies::ALL[end % bodies::ALL.len()],
            order: words::ORDERS[order % words::ORDERS.len()],
            exchange: EXCHANGES[exchange % EXCHANGES.len()],
            split: SPLITS[split % SPLITS.len()],
            case: CASES[case % CASES.len()],
            part: PARTS[part % PARTS.len()],
            length: LENGTHS[length % LENGTHS.len()],
            variant: variant % VARIANTS,
        }
    }

    /// A body alone, after the begun word.
    const fn plain(body: Body, order: Order) -> Self {
        Self {
            finish: Finish::Frequent,
            link: Link::Nothing,
            body,
            end: Body::Nothing,
            order,
            exchange: 0,
            split: 0,
            case: Case::Same,
            part: 96,
            length: 96,
            variant: 0,
        }
    }

    /// The answer.
    pub fn answer(&self, request: &TextRequest) -> String {
        let context = request.context();
        self.write(&mut Source::new(&context, request.suffix.as_deref().unwrap_or_default()))
    }

    /// The answer to the request whose words these are.
    fn write(&self, source: &mut Source) -> String {
        source.written("");
        let mut answer = String::new();
        if self.finish != Finish::Not {
            answer.push_str(begun(source, self.finish == Finish::Other));
        }
        match self.link {
            Link::Nothing => {}
            Link::Text(text) => answer.push_str(text),
            Link::Name => {
                answer.push_str(source.names(self.order).get(self.variant).copied().unwrap_or_default())
            }
        }
        source.written(&answer);
        let body = self.body.write(source, self.order, self.variant, self.part);
        answer.push_str(&self.edit(source, cut(&body, self.part)));
        source.written(&answer);
        answer.push_str(&self.end.write(source, self.order, self.variant + 1, self.part));
        cut(&answer, self.length).to_owned()
    }

    /// Exchanges words, puts blanks in, changes letters.
    fn edit(&self, source: &Source, text: &str) -> String {
        let names = source.names(self.order);
        let mut edited = String::with_capacity(2 * text.len());
        let (mut number, mut copied) = (0, 0);
        for (at, word) in crate::substitution::words(text).filter(|(_, word)| word.len() >= 3) {
            number += 1;
            if self.exchange > 0 && number % self.exchange == 0 && !names.is_empty() {
                edited.push_str(&text[copied..at]);
                edited.push_str(names[(7 * number + self.variant) % names.len()]);
                copied = at + word.len();
            }
        }
        edited.push_str(&text[copied..]);
        let mut out = String::with_capacity(2 * edited.len());
        let mut before = ' ';
        for (at, letter) in edited.chars().enumerate() {
            if self.split > 0 && at > 0 && at % self.split == 0 {
                out.push(' ');
            }
            match self.case {
                Case::Lower => out.push(letter.to_ascii_lowercase()),
                Case::Title if !before.is_alphanumeric() => out.push(letter.to_ascii_uppercase()),
                _ => out.push(letter),
            }
            before = letter;
        }
        out
    }
}

/// Recipes whose best answer is the zero of the scale: these for code, and more for texts that may be prose. They are
/// the best that the search of the kit found.
static CODE_ZERO: [Recipe; 8] = [
    Recipe::plain(Body::Template, Order::Frequent),
    Recipe::plain(Body::Template, Order::Recent),
    Recipe::plain(Body::Chain(1), Order::Frequent),
    Recipe::plain(Body::Phrase, Order::First),
    Recipe { exchange: 3, ..Recipe::plain(Body::Sibling, Order::Frequent) },
    Recipe { exchange: 4, ..Recipe::plain(Body::Match(12), Order::Recent) },
    Recipe { finish: Finish::Other, ..Recipe::plain(Body::Chain(1), Order::Recent) },
    Recipe { finish: Finish::Not, ..Recipe::plain(Body::Mark, Order::Frequent) },
];
static PROSE_ZERO: [Recipe; 6] = [
    Recipe::plain(Body::Sentence, Order::Frequent),
    Recipe::plain(Body::Chain(1), Order::Frequent),
    Recipe::plain(Body::Phrase, Order::First),
    Recipe { exchange: 2, ..Recipe::plain(Body::Match(12), Order::Frequent) },
    Recipe { exchange: 4, link: Link::Text(" "), ..Recipe::plain(Body::Match(12), Order::Recent) },
    Recipe { exchange: 3, ..Recipe::plain(Body::Line, Order::Frequent) },
];

/// The validator's own answers to a task, each one of several variants of its recipe. A hash of the hidden reference
/// draws them, so a miner cannot know them.
pub fn zero_line(request: &TextRequest, reference: &str) -> Vec<String> {
    let context = request.context();
    let mut source = Source::new(&context, request.suffix.as_deref().unwrap_or_default());
    recipes(request, &context, reference).map(|recipe| recipe.write(&mut source)).collect()
}

/// Whether one of the validator's own answers has the first word of the reference.
pub fn zero_line_begins(request: &TextRequest, reference: &str) -> bool {
    let context = request.context();
    let mut source = Source::new(&context, request.suffix.as_deref().unwrap_or_default());
    let begins = |text: &str| first_words(text, reference, request.is_line()) > 0;
    recipes(request, &context, reference).any(|recipe| begins(&recipe.write(&mut source)))
}

/// The recipes of the zero of a task.
fn recipes(request: &TextRequest, context: &str, reference: &str) -> impl Iterator<Item = Recipe> {
    let mut rng = Seed(blake2_256_of(&[DOMAIN, reference.as_bytes()])).rng();
    let is_code = request.suffix.is_some() || is_code(context);
    let of_prose = PROSE_ZERO.iter().filter(move |_| !is_code);
    let drawn = move |recipe: &Recipe| Recipe { variant: rng.index(VARIANTS).unwrap_or_default(), ..*recipe };
    CODE_ZERO.iter().chain(of_prose).map(drawn)
}

/// Whether a prompt looks like code.
pub fn is_code(prompt: &str) -> bool {
    prompt.bytes().filter(|byte| matches!(byte, b';' | b'{' | b'}')).count() > 3
}

/// The first `limit` bytes of a text, or a little less.
pub(crate) fn cut(text: &str, limit: usize) -> &str {
    &text[..floor_char(text, limit)]
}

#[cfg(test)]
mod tests;
