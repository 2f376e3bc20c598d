//! The words and sentences that verifiable tasks are made of.

use std::collections::BTreeMap;

use myelin_subnet::SubnetError;
use myelin_wire::seed::SeedRng;
use serde::Deserialize;

/// Names, things and templates. The public ones lie in this repository; a validator's own stay with it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phrases {
    /// First names.
    pub names: Vec<String>,
    /// Surnames.
    pub surnames: Vec<String>,
    /// Things that are counted, in the plural.
    pub items: Vec<String>,
    /// Towns.
    pub places: Vec<String>,
    /// Lower-case words for lists.
    pub words: Vec<String>,
    /// Templates of stories.
    pub arithmetic: BTreeMap<String, Vec<String>>,
    /// What can be extracted.
    pub extraction: Extraction,
    /// Templates of specifications.
    pub code: BTreeMap<String, Vec<String>>,
}

/// Templates of texts from which fields are to be read.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Extraction {
    /// How it is asked.
    pub form: Vec<String>,
    /// What may be asked.
    pub fields: Vec<Field>,
}

/// Something that a text says.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// The key in the answer.
    pub key: String,
    /// What is asked, in words.
    pub asked: String,
    /// What kind of value it has.
    pub kind: Kind,
    /// Sentences that say it.
    pub said: Vec<String>,
    /// Sentences that say something of the same kind that is not asked.
    pub decoy: Vec<String>,
}

/// What a value looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Letters and digits, `KX-4821`.
    Code,
    /// A day, written `12 March 2031`, asked as `2031-03-12`.
    Day,
    /// Money, written `1,284.50`, asked as `1284.50`.
    Amount,
    /// First name and surname.
    Person,
    /// A town.
    Place,
    /// A small number.
    Count,
    /// An address for mail.
    Email,
}

const STORY: &[(&str, &[&str])] = &[
    ("start", &["name", "n", "items"]),
    ("gain", &["n"]),
    ("lose", &["n"]),
    ("times", &["n"]),
    ("share", &["n"]),
    ("part", &["n"]),
    ("percent", &["n"]),
    ("idle", &["n"]),
    ("more", &["other", "n", "name"]),
    ("fewer", &["other", "n", "name"]),
    ("ask", &["name"]),
    ("ask_both", &["name", "other"]),
    ("form", &[]),
];

const CODE: &[(&str, &[&str])] = &[
    ("numbers", &["gives"]),
    ("words", &["gives"]),
    ("form", &[]),
    ("keep_divisible", &["n"]),
    ("keep_above", &["n"]),
    ("keep_below", &["n"]),
    ("drop_every", &["n"]),
    ("times_plus", &["n", "m"]),
    ("differences", &[]),
    ("running_sum", &[]),
    ("ascending", &[]),
    ("descending", &[]),
    ("reversed", &[]),
    ("distinct", &[]),
    ("rotate", &["n"]),
    ("digits", &[]),
    ("clamp", &["n", "m"]),
    ("sum", &[]),
    ("greatest", &[]),
    ("spread", &[]),
    ("alternating", &[]),
    ("rise", &[]),
    ("variety", &[]),
    ("longer", &["n"]),
    ("containing", &["c"]),
    ("lacking", &["c"]),
    ("backwards", &[]),
    ("by_length", &[]),
    ("alphabetical", &[]),
    ("doubled", &[]),
    ("joined", &["c"]),
    ("initials", &[]),
    ("letters", &[]),
];

impl Phrases {
    /// The phrases of this repository.
    pub fn public() -> Result<Self, SubnetError> {
        Self::parse(include_str!("../../data/phrases.toml"))
    }

    /// Reads phrases and checks that every task can be said.
    pub fn parse(text: &str) -> Result<Self, SubnetError> {
        let wrong = |found: String| SubnetError::new("reading phrases", found, "correct the file");
        let phrases: Self = toml::from_str(text).map_err(|error| wrong(error.to_string()))?;
        let lists = [
            ("names", &phrases.names, 8),
            ("surnames", &phrases.surnames, 8),
            ("items", &phrases.items, 4),
            ("places", &phrases.places, 8),
            ("words", &phrases.words, 16),
        ];
        for (what, list, least) in lists {
            if list.len() < least {
                return Err(wrong(format!("{} {what}, at least {least} are needed", list.len())));
            }
        }
        let odd = |word: &&String| word.is_empty() || !word.bytes().all(|byte| byte.is_ascii_lowercase());
        if let Some(word) = phrases.words.iter().find(odd) {
            return Err(wrong(format!("the word {word:?} is not of lower-case letters alone")));
        }
        complete("arithmetic", &phrases.arithmetic, STORY).map_err(&wrong)?;
        complete("code", &phrases.code, CODE).map_err(&wrong)?;
        let Extraction { form, fields } = &phrases.extraction;
        lacks("extraction.form", form, &["keys", "text"]).map_err(&wrong)?;
        if fields.len() < 4 {
            return Err(wrong(format!("{} fields to extract, at least 4 are needed", fields.len())));
        }
        for field in fields {
            lacks(&field.key, &field.said, &["v"]).map_err(&wrong)?;
            lacks(&field.key, &field.decoy, &["v"]).map_err(&wrong)?;
        }
        Ok(phrases)
    }

    /// Something of a list, by a template's slots.
    pub(super) fn say(
        templates: &BTreeMap<String, Vec<String>>,
        construct: &str,
        slots: &[(&str, &str)],
        rng: &mut SeedRng,
    ) -> String {
        let list = templates.get(construct).map(Vec::as_slice).unwrap_or_default();
        fill(rng.choose(list).map(String::as_str).unwrap_or_default(), slots)
    }
}

fn complete(
    part: &str,
    templates: &BTreeMap<String, Vec<String>>,
    needed: &[(&str, &[&str])],
) -> Result<(), String> {
    needed.iter().try_for_each(|(construct, slots)| {
        let list = templates.get(*construct).map(Vec::as_slice).unwrap_or_default();
        lacks(&format!("{part}.{construct}"), list, slots)
    })
}

fn lacks(construct: &str, templates: &[String], slots: &[&str]) -> Result<(), String> {
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

/// Puts the slots into a template in one pass, so that braces within a value stay what they are.
pub(super) fn fill(template: &str, slots: &[(&str, &str)]) -> String {
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
    use super::*;

    #[test]
    fn incomplete_phrases_are_refused_with_what_is_missing() {
        let public = include_str!("../../data/phrases.toml");
        let cases = [
            ("{keys}", "some keys", "lacks {keys}"),
            ("rise =", "fall =", "no template for `code.rise`"),
            ("\"amber\"", "\"Amber\"", "lower-case"),
            ("kind = \"day\"", "kind = \"week\"", "unknown variant"),
            ("{other} has {n} more", "{other} has more", "lacks {n}"),
        ];
        for (old, new, words) in cases {
            let found = Phrases::parse(&public.replace(old, new)).unwrap_err().to_string();
            assert!(found.contains(words), "{words}: {found}");
        }
    }

    #[test]
    fn slots_are_filled_once() {
        assert_eq!(fill("{a} and {b} {c}", &[("a", "{b}"), ("b", "x")]), "{b} and x {c}");
    }
}
