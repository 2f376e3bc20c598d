//! Fresh names: identifiers of a passage are replaced, each everywhere, by names that its author never wrote.
//!
//! A miner that has the sources on disk can find the passage from which a task was cut. After substitution the hidden
//! reference differs from the source. Prompt and reference still agree with each other, because the same pairs are
//! replaced in both. The new names are real identifiers from elsewhere in the same sources, of the same style, so the
//! text stays as natural as it was.
//!
//! This keeps a model from reciting texts that it learnt by heart. It does not keep a program from looking the passage
//! up: one that aligns prompt and source finds the pairs again.

use std::collections::{BTreeMap, BTreeSet};

use myelin_wire::seed::SeedRng;

/// Spelling of an identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Style {
    /// `snake_case`, also single lower-case words.
    Snake,
    /// `CamelCase` with a lower-case letter in it.
    Camel,
    /// `SCREAMING_CASE`.
    Screaming,
}

/// The style of a word, or `None` if it is too short to carry meaning, mixed, or reserved.
pub fn style_of(word: &str) -> Option<Style> {
    if word.len() < 4 || word.len() > 24 {
        return None;
    }
    let first = word.as_bytes()[0];
    let has = |test: fn(&u8) -> bool| word.bytes().any(|byte| test(&byte));
    let (upper, lower, under) =
        (has(u8::is_ascii_uppercase), has(u8::is_ascii_lowercase), word.contains('_'));
    let style = match (first.is_ascii_uppercase(), upper, lower, under) {
        (false, false, true, _) if first.is_ascii_lowercase() => Style::Snake,
        (true, true, true, false) => Style::Camel,
        (true, true, false, _) => Style::Screaming,
        _ => return None,
    };
    RESERVED.binary_search(&word).is_err().then_some(style)
}

/// The words of a text with the position of each: runs of letters, digits and `_` that do not begin with a digit.
pub fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let (bytes, mut rest) = (text.as_bytes(), 0);
    std::iter::from_fn(move || {
        let start = rest + bytes[rest..].iter().position(is_word)?;
        let length = bytes[start..].iter().position(|byte| !is_word(byte)).unwrap_or(bytes.len() - start);
        rest = start + length;
        Some((start, &text[start..rest]))
    })
    .filter(|(_, word)| !word.as_bytes()[0].is_ascii_digit())
}

/// A style with fewer common names than this also draws from the uncommon ones.
const ENOUGH_NAMES: usize = 32;

/// Names that may replace others, by style, sorted and distinct.
#[derive(Clone, Debug, Default)]
pub struct NamePool(BTreeMap<Style, Vec<String>>);

impl NamePool {
    /// The identifiers that occur in at least two of the `texts`, so that typing errors and one-off names stay out; of
    /// a style that has fewer than [`ENOUGH_NAMES`] of those, all identifiers.
    pub fn of<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        let mut counts = BTreeMap::<&str, u32>::new();
        for text in texts {
            let distinct: BTreeSet<&str> = words(text).map(|(_, word)| word).collect();
            for word in distinct {
                *counts.entry(word).or_default() += 1;
            }
        }
        let pick = |style: Style, least: u32| -> Vec<String> {
            let fits = |(word, count): &(&&str, &u32)| **count >= least && style_of(word) == Some(style);
            counts.iter().filter(fits).map(|(word, _)| (*word).to_owned()).collect()
        };
        let names = |style: Style| {
            let common = pick(style, 2);
            (style, if common.len() < ENOUGH_NAMES { pick(style, 1) } else { common })
        };
        Self([Style::Snake, Style::Camel, Style::Screaming].into_iter().map(names).collect())
    }

    /// A name of a style that is not among `taken`; `None` if sixteen draws find none.
    pub fn draw(&self, style: Style, taken: &BTreeSet<String>, rng: &mut SeedRng) -> Option<String> {
        let names = self.0.get(&style)?;
        (0..16).filter_map(|_| rng.choose(names)).find(|name| !taken.contains(*name)).cloned()
    }
}

/// Pairs of old and new names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Substitution(BTreeMap<String, String>);

impl Substitution {
    /// Draws new names for up to `most` identifiers of `passage`. Identifiers that occur in `target`, the part that
    /// will be hidden, come first, and then the most frequent ones.
    pub fn draw(passage: &str, target: &str, most: usize, pool: &NamePool, rng: &mut SeedRng) -> Self {
        let mut taken: BTreeSet<String> = words(passage).map(|(_, word)| word.to_owned()).collect();
        let mut counts = BTreeMap::<&str, usize>::new();
        for (_, word) in words(passage).filter(|(_, word)| style_of(word).is_some()) {
            *counts.entry(word).or_default() += 1;
        }
        let hidden: BTreeSet<&str> = words(target).map(|(_, word)| word).collect();
        let mut ranked: Vec<_> = counts.into_iter().filter(|(_, count)| *count > 1).collect();
        ranked.sort_by_key(|(word, count)| (std::cmp::Reverse((hidden.contains(word), *count)), *word));
        let mut pairs = BTreeMap::new();
        for (word, _) in ranked.into_iter().take(most) {
            let Some(style) = style_of(word) else { continue };
            if let Some(name) = pool.draw(style, &taken, rng) {
                taken.insert(name.clone());
                pairs.insert(word.to_owned(), name);
            }
        }
        Self(pairs)
    }

    /// These pairs of old and new names.
    pub fn of<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        Self(pairs.into_iter().map(|(old, new)| (old.to_owned(), new.to_owned())).collect())
    }

    /// Number of pairs.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no pair.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text with every old name replaced that stands as a whole word.
    pub fn apply(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut copied = 0;
        for (start, word) in words(text) {
            if let Some(name) = self.0.get(word) {
                out.push_str(&text[copied..start]);
                out.push_str(name);
                copied = start + word.len();
            }
        }
        out.push_str(&text[copied..]);
        out
    }
}

/// Words of the language and of its standard library that a renaming would make wrong. Sorted.
const RESERVED: [&str; 149] = [
    "Arc",
    "BTreeMap",
    "BTreeSet",
    "Box",
    "Cell",
    "Clone",
    "Copy",
    "Cow",
    "Debug",
    "Default",
    "Deref",
    "Deserialize",
    "Display",
    "Drop",
    "Duration",
    "Eq",
    "Err",
    "Error",
    "From",
    "Future",
    "Hash",
    "HashMap",
    "HashSet",
    "Instant",
    "Into",
    "IntoIterator",
    "Item",
    "Iterator",
    "Mutex",
    "None",
    "Option",
    "Ord",
    "Ordering",
    "Output",
    "PartialEq",
    "PartialOrd",
    "Path",
    "PathBuf",
    "PhantomData",
    "Pin",
    "Poll",
    "Read",
    "RefCell",
    "Result",
    "Self",
    "Send",
    "Serialize",
    "Sized",
    "Some",
    "Source",
    "String",
    "Sync",
    "Target",
    "ToString",
    "TryFrom",
    "Unpin",
    "Vec",
    "VecDeque",
    "Write",
    "alloc",
    "allow",
    "assert",
    "assert_eq",
    "assert_ne",
    "async",
    "await",
    "bool",
    "borrow",
    "break",
    "cfg",
    "char",
    "clone",
    "cmp",
    "collect",
    "collections",
    "const",
    "continue",
    "core",
    "crate",
    "debug_assert",
    "default",
    "deref",
    "derive",
    "drop",
    "else",
    "enum",
    "expect",
    "extend",
    "extern",
    "false",
    "feature",
    "filter",
    "format",
    "from",
    "hash",
    "i128",
    "impl",
    "inline",
    "insert",
    "into",
    "into_iter",
    "is_empty",
    "is_none",
    "is_some",
    "isize",
    "iter",
    "iter_mut",
    "loop",
    "macro_rules",
    "match",
    "matches",
    "must_use",
    "next",
    "panic",
    "print",
    "println",
    "push",
    "push_str",
    "return",
    "self",
    "slice",
    "static",
    "struct",
    "super",
    "take",
    "test",
    "tests",
    "to_owned",
    "to_string",
    "todo",
    "trait",
    "true",
    "type",
    "u128",
    "unimplemented",
    "union",
    "unreachable",
    "unsafe",
    "unwrap",
    "unwrap_or",
    "unwrap_or_default",
    "usize",
    "vec",
    "where",
    "while",
    "with",
    "write",
    "writeln",
    "yield",
];

#[cfg(test)]
mod tests {
    use myelin_wire::seed::Seed;

    use super::*;

    fn pool() -> NamePool {
        NamePool::of(
            ["velocity Harbour MAX_DEPTH window_size", "Harbour velocity MAX_DEPTH window_size"].into_iter(),
        )
    }

    #[test]
    fn reserved_words_are_sorted_so_that_they_are_found() {
        let mut sorted = RESERVED;
        sorted.sort_unstable();
        for word in sorted {
            assert_eq!(style_of(word), None, "{word}");
        }
    }

    #[test]
    fn names_are_replaced_everywhere_as_whole_words_only() {
        let passage = "let reader = Reader::new(readers); reader.read(reader_size)";
        let pairs = Substitution(BTreeMap::from([("reader".into(), "velocity".into())]));
        assert_eq!(pairs.apply(passage), "let velocity = Reader::new(readers); velocity.read(reader_size)");
    }

    #[test]
    fn prompt_and_reference_stay_paired_and_keep_their_style() {
        let prompt = "fn open(source: Channel) -> Channel {\n    let channel = ";
        let reference = "Channel::from(source);";
        let passage = format!("{prompt}{reference}");
        let mut rng = Seed([1; 32]).rng();
        let pairs = Substitution::draw(&passage, reference, 2, &pool(), &mut rng);
        assert_eq!(pairs.len(), 2);
        let together = pairs.apply(&passage);
        assert_eq!(together, format!("{}{}", pairs.apply(prompt), pairs.apply(reference)));
        assert!(!words(&together).any(|(_, word)| word == "Channel" || word == "source"));
        assert!(together.contains("Harbour"), "the only name in camel case: {together}");
    }

    #[test]
    fn a_name_that_the_passage_has_already_is_never_given_anew() {
        let passage = "Harbour Harbour Channel Channel";
        let pairs = Substitution::draw(passage, "", 2, &pool(), &mut Seed([1; 32]).rng());
        assert!(pairs.is_empty(), "the pool has no other camel case name");
    }

    #[test]
    fn words_of_any_text_are_found_without_panic() {
        let found: Vec<_> = words("a1 _b 2c é naïve x").collect();
        assert_eq!(found.iter().map(|(_, word)| *word).collect::<Vec<_>>(), ["a1", "_b", "na", "ve", "x"]);
    }
}
