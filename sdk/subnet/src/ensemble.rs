//! One answer made of several, where answers are texts.

use std::{cmp::Reverse, collections::BTreeMap};

use myelin_wire::record::Ppm;

/// The text with more than half of the weight, or else the text that is most like all others, by weight: texts cannot
/// be averaged, but the text in their middle can be found. Texts of white space alone are ignored; the order of the
/// texts does not matter.
///
/// Among equals it is the heaviest, and among these the first by its letters. Texts are compared as `form` returns
/// them, each once.
pub fn middle<'a, F>(
    texts: impl Iterator<Item = (&'a str, u64)>,
    form: impl Fn(&'a str) -> F,
    alike: impl Fn(&F, &F) -> Ppm,
) -> Option<&'a str> {
    let mut said = BTreeMap::<&str, u128>::new();
    for (text, weight) in texts.filter(|(text, _)| !text.trim().is_empty()) {
        *said.entry(text).or_default() += u128::from(weight);
    }
    let all: u128 = said.values().sum();
    if let Some((text, _)) = said.iter().find(|(_, weight)| 2 * **weight > all) {
        return Some(text);
    }
    let forms: Vec<F> = said.keys().map(|text| form(text)).collect();
    let likeness = |one: &F| -> u128 {
        forms
            .iter()
            .zip(said.values())
            .map(|(other, weight)| u128::from(alike(one, other).get()) * weight)
            .sum()
    };
    let scored =
        said.iter().zip(&forms).map(|((text, weight), form)| (likeness(form), *weight, Reverse(*text)));
    scored.max().map(|(_, _, text)| text.0)
}
