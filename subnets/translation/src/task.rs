//! Tasks of this subnet: texts of a validator's own with their right translations.

use myelin_subnet::past::UsedUp;
use myelin_wire::seed::Seed;
use serde::{Deserialize, Serialize};

use crate::{
    compose::{Composer, Pair},
    language::DIRECTIONS,
    past::Past,
    protocol::{Term, Text, TranslationRequest},
};

/// Texts of a drawn task.
pub const TEXTS: u64 = 16;
/// Remarks as files of programs have them.
const REMARKS: [&str; 8] = [
    "menu",
    "A button",
    "title",
    "dialog.message",
    "Shown in the list",
    "errors.3",
    "settings.label",
    "tooltip",
];
/// Most terms of a drawn glossary.
const TERMS: usize = 3;
/// Characters that a translation may have beyond its longest reference, where it has a limit.
const ROOM: usize = 12;

/// The part that the validator keeps: the right translations of each text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hidden {
    /// They are equally right.
    pub references: Vec<Vec<String>>,
}

/// A request and what it is judged by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// Sent to the miner.
    pub request: TranslationRequest,
    /// Known to the validator alone.
    pub hidden: Hidden,
}

/// Draws texts of a direction that is drawn too, with a glossary and words that stay if `terms`.
pub fn draw(composer: &Composer, seed: &Seed, terms: bool) -> Task {
    let mut rng = seed.derive(b"translation task", 0).rng();
    let (from, to) = rng.choose(&DIRECTIONS).copied().unwrap_or(DIRECTIONS[0]);
    let pairs: Vec<Pair> =
        (0..TEXTS).map(|at| composer.compose(&seed.derive(b"text", at), from, to, terms)).collect();
    let mut glossary = Vec::<Term>::new();
    for [source, target] in pairs.iter().filter_map(|pair| pair.term.clone()) {
        let term = Term { source: source.0, sources: source.1, target: target.0, targets: target.1 };
        if terms && glossary.len() < TERMS && glossary.iter().all(|known| known.source != term.source) {
            glossary.push(term);
        }
    }
    let longest =
        |pair: &Pair| pair.references.iter().map(|text| text.chars().count()).max().unwrap_or_default();
    let text = |pair: &Pair, limited: bool, remarked: bool, place: usize| Text {
        text: pair.source.clone(),
        remark: remarked.then(|| REMARKS[place].to_owned()),
        limit: limited.then(|| u16::try_from(longest(pair) + ROOM).unwrap_or(u16::MAX)),
    };
    // Whether texts have remarks depends on the file, so on the request.
    let remarked = rng.below(2) == 0;
    let mut place = || rng.below(REMARKS.len() as u64) as usize;
    let places: Vec<usize> = pairs.iter().map(|_| place()).collect();
    let mut limited = || rng.below(8) == 0;
    let texts =
        pairs.iter().zip(places).map(|(pair, place)| text(pair, limited(), remarked, place)).collect();
    let mut keep: Vec<String> = pairs.iter().filter_map(|pair| pair.brand.clone()).collect();
    keep.sort();
    keep.dedup();
    let request = TranslationRequest { from, to, texts, glossary, keep };
    Task { request, hidden: Hidden { references: pairs.into_iter().map(|pair| pair.references).collect() } }
}

/// A task from an earlier request of a customer, which is judged by what the customer accepted.
pub fn control(past: &Past, used: &UsedUp, seed: &Seed) -> Option<Task> {
    let place = past.draw(used, &mut seed.derive(b"translation control", 0).rng())?;
    let line = &past.lines()[place];
    let references = line.answer.iter().map(|text| vec![text.clone()]).collect();
    Some(Task { request: line.request.clone(), hidden: Hidden { references } })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_follows_from_its_seed_and_is_a_request_of_the_subnet() {
        let composer = Composer::new(&[1; 32]);
        let mut directions = std::collections::BTreeSet::new();
        for number in 0..100 {
            let seed = Seed([2; 32]).derive(b"", number);
            let task = draw(&composer, &seed, number % 2 == 0);
            assert_eq!(task.request.check(), Ok(()));
            assert_eq!(task, draw(&composer, &seed, number % 2 == 0));
            assert_eq!(task.hidden.references.len(), TEXTS as usize);
            assert_eq!(task.request.glossary.is_empty(), number % 2 == 1);
            directions.insert((task.request.from, task.request.to));
        }
        assert_eq!(directions.len(), DIRECTIONS.len());
    }
}
