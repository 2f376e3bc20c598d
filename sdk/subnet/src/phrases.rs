//! Sentences with slots, from which tasks are worded.
//!
//! The public phrases of a subnet lie in its crate. A validator has its own in the same form. They are drawn with its
//! secret from *wordings*, which are templates with alternatives in angle brackets, or written by hand. It keeps them
//! to itself.

use std::collections::BTreeMap;

use myelin_wire::seed::SeedRng;
use serde::Deserialize;

/// Wordings of constructs: templates by construct, `"{name} has {n} apples"`.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub struct Templates(BTreeMap<String, Vec<String>>);

impl Templates {
    /// Checks that everything needed can be worded: each construct has a template, and each template has the slots.
    /// `part` stands before the names of constructs in the error.
    pub fn check(&self, part: &str, needed: &[(&str, &[&str])]) -> Result<(), String> {
        let mut needed = needed.iter();
        needed.try_for_each(|(construct, slots)| {
            check(&format!("{part}{construct}"), self.of(construct), slots)
        })
    }

    /// All templates of a construct.
    pub fn of(&self, construct: &str) -> &[String] {
        self.0.get(construct).map(Vec::as_slice).unwrap_or_default()
    }

    /// All templates, each changed by `change`, which also gets the construct.
    pub fn map(&self, mut change: impl FnMut(&str, &str) -> String) -> Self {
        let mut change =
            |construct: &str, of: &[String]| of.iter().map(|text| change(construct, text)).collect();
        Self(self.0.iter().map(|(construct, of)| (construct.clone(), change(construct, of))).collect())
    }

    /// The templates of both.
    pub fn extend(&mut self, other: Self) {
        for (construct, of) in other.0 {
            let known = self.0.entry(construct).or_default();
            for template in of {
                if !known.contains(&template) {
                    known.push(template);
                }
            }
        }
    }

    /// A validator's own templates: up to `count` wordings of each template with alternatives.
    pub fn varied(&self, count: usize, rng: &mut SeedRng) -> Self {
        let constructs = self.0.iter();
        Self(constructs.map(|(construct, of)| (construct.clone(), wordings(of, count, rng))).collect())
    }

    /// Words a construct: draws a template and fills its slots.
    pub fn say(&self, construct: &str, slots: &[(&str, &str)], rng: &mut SeedRng) -> String {
        fill(rng.choose(self.of(construct)).map(String::as_str).unwrap_or_default(), slots)
    }
}

/// Up to `count` different wordings of each text with alternatives.
pub fn wordings(texts: &[String], count: usize, rng: &mut SeedRng) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for text in texts {
        for _ in 0..count {
            let wording = vary(text, rng);
            if !all.contains(&wording) {
                all.push(wording);
            }
        }
    }
    all
}

/// A wording of a text: one alternative is drawn from each pair of angle brackets, `<Keep|Leave> the numbers`.
/// Alternatives hold no brackets.
pub fn vary(text: &str, rng: &mut SeedRng) -> String {
    let mut said = String::new();
    let mut rest = text;
    while let Some((before, (choices, after))) =
        rest.split_once('<').and_then(|(before, from)| Some((before, from.split_once('>')?)))
    {
        let choices: Vec<&str> = choices.split('|').collect();
        said.push_str(before);
        said.push_str(rng.choose(&choices).copied().unwrap_or_default());
        rest = after;
    }
    said + rest
}

/// Sounds from which a validator builds words: a few beginnings, middles and ends of many.
pub struct Sounds([Vec<String>; 3]);

impl Sounds {
    /// The sounds of one validator.
    pub fn draw(rng: &mut SeedRng) -> Self {
        const CONSONANTS: [&str; 22] = [
            "b", "br", "c", "d", "dr", "f", "g", "gr", "h", "j", "k", "l", "m", "n", "p", "pr", "r", "s",
            "t", "tr", "v", "w",
        ];
        const VOWELS: [&str; 7] = ["a", "e", "i", "o", "u", "ai", "ou"];
        const ENDS: [&str; 12] = ["n", "r", "l", "s", "m", "t", "nd", "rk", "st", "x", "ck", ""];
        let mut sounds = |count: usize, last: &[&'static str]| -> Vec<String> {
            let mut one = |from: &[&'static str]| rng.choose(from).copied().unwrap_or_default();
            (0..count).map(|_| [one(&CONSONANTS), one(&VOWELS), one(last)].concat()).collect()
        };
        Self([sounds(24, &[""]), sounds(16, &[""]), sounds(16, &ENDS)])
    }

    /// A word in small letters that is in no list, of two or three syllables.
    pub fn word(&self, rng: &mut SeedRng) -> String {
        let [beginnings, middles, ends] = &self.0;
        let mut one = |of: &[String]| rng.choose(of).cloned().unwrap_or_default();
        let (first, last) = (one(beginnings), one(ends));
        let middle =
            if rng.below(3) == 0 { rng.choose(middles).cloned().unwrap_or_default() } else { String::new() };
        first + &middle + &last
    }

    /// `count` different words.
    pub fn words(&self, count: usize, rng: &mut SeedRng) -> Vec<String> {
        let mut words = Vec::new();
        // There are several hundred words, so few draws give a word a second time.
        for _ in 0..20 * count {
            let word = self.word(rng);
            if words.len() < count && !words.contains(&word) {
                words.push(word);
            }
        }
        words
    }

    /// The same as names, with a capital letter.
    pub fn names(&self, count: usize, rng: &mut SeedRng) -> Vec<String> {
        self.words(count, rng).iter().map(|word| capital(word)).collect()
    }
}

/// A word with a capital at its beginning.
pub fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Checks that there is a template and that each has all slots.
pub fn check(construct: &str, templates: &[String], slots: &[&str]) -> Result<(), String> {
    if templates.is_empty() {
        return Err(format!("no template for `{construct}`"));
    }
    for template in templates {
        if let Some(slot) = slots.iter().find(|slot| !template.contains(&format!("{{{slot}}}"))) {
            return Err(format!("`{template}` of `{construct}` lacks {{{slot}}}"));
        }
    }
    Ok(())
}

/// Puts the slots into a template in one pass, so that braces within a value stay unchanged.
pub fn fill(template: &str, slots: &[(&str, &str)]) -> String {
    let mut said = String::new();
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        let (before, slot) = rest.split_at(open);
        said.push_str(before);
        let known =
            slots.iter().find(|(name, _)| slot[1..].strip_prefix(name).is_some_and(|r| r.starts_with('}')));
        rest = match known {
            Some((name, value)) => {
                said.push_str(value);
                &slot[name.len() + 2..]
            }
            None => {
                said.push('{');
                &slot[1..]
            }
        };
    }
    said + rest
}

#[cfg(test)]
mod tests {
    use myelin_wire::seed::Seed;

    use super::*;

    #[test]
    fn a_wording_takes_one_alternative_of_each() {
        let mut rng = Seed([1; 32]).rng();
        let all = wordings(&["<Keep|Leave> {n} <of them|>!".to_owned()], 64, &mut rng);
        let expected = ["Keep {n} of them!", "Keep {n} !", "Leave {n} of them!", "Leave {n} !"];
        assert_eq!(all.len(), 4);
        assert!(expected.iter().all(|text| all.iter().any(|found| found == text)), "{all:?}");
        assert_eq!(vary("a < b and no more", &mut rng), "a < b and no more");
    }

    #[test]
    fn two_secrets_give_different_words() {
        let words = |seed| {
            let mut rng = Seed([seed; 32]).rng();
            Sounds::draw(&mut rng).words(40, &mut rng)
        };
        let (one, other) = (words(1), words(2));
        assert_eq!((one.len(), &one), (40, &words(1)));
        assert!(one.iter().filter(|word| other.contains(word)).count() < 8, "{one:?} {other:?}");
    }

    #[test]
    fn slots_are_filled_once() {
        assert_eq!(fill("{a} and {b} {c}", &[("a", "{b}"), ("b", "x")]), "{b} and x {c}");
    }
}
