//! A miner that has every text that tasks may be cut from, and recognises passages in spite of their fresh names.
//!
//! Renaming changes words one by one, so the words between stand in the same order and at the same distances as in the
//! source. The words that agree say where the passage was cut; the words that differ there are the fresh names. The
//! miner puts the fresh names into the text that follows in the source, and so knows the hidden reference but for names
//! that stand in it alone.

use std::{
    collections::BTreeMap,
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use myelin_subnet::{AnswerContext, AnswerError};

use super::found_or;
use crate::{
    backend::Backend,
    library::Library,
    protocol::{TextRequest, TextResponse},
    substitution::{words, Substitution},
    task::CONTINUATION_BYTES,
};

/// Words in a row that are looked up together.
const RUN: usize = 3;
/// Runs that occur more often do not show where a passage is from.
const COMMON: usize = 64;
/// Runs that must agree on a place: the least number, and the divisor of the number of runs of a prompt.
const LEAST: (usize, usize) = (4, 6);
/// Most runs that are remembered.
const MOST_RUNS: usize = 1 << 25;

/// Looks passages up, and asks another backend for the others.
pub struct Lookup {
    library: Library,
    /// Hash of a run, document, number of its first word; sorted.
    runs: Vec<(u64, u32, u32)>,
    otherwise: Arc<dyn Backend>,
}

impl Lookup {
    /// Indexes the texts of a library; `otherwise` answers requests whose passage is not found in it.
    pub fn new(library: Library, otherwise: Arc<dyn Backend>) -> Self {
        let runs_of = |(document, text): (usize, &str)| -> Vec<(u64, u32, u32)> {
            let words: Vec<&str> = words(text).map(|(_, word)| word).collect();
            let run = |(at, run): (usize, &[&str])| (hash(run), document as u32, at as u32);
            words.windows(RUN).enumerate().map(run).collect()
        };
        let mut runs: Vec<_> = library.texts().enumerate().flat_map(runs_of).take(MOST_RUNS).collect();
        runs.sort_unstable();
        Self { library, runs, otherwise }
    }

    /// The text behind the cut of a passage, with its fresh names; `None` if the passage is not of these texts.
    pub fn find(&self, request: &TextRequest) -> Option<String> {
        let asked: Vec<(usize, &str)> = words(&request.prompt).collect();
        let mut votes = BTreeMap::<(u32, u32), usize>::new();
        for (at, run) in asked.windows(RUN).enumerate() {
            let run: Vec<&str> = run.iter().map(|(_, word)| *word).collect();
            for (_, document, first) in self.places(hash(&run)) {
                // Position of the prompt's first word, if this is the place.
                let start = first.checked_sub(at as u32);
                start.into_iter().for_each(|start| *votes.entry((*document, start)).or_default() += 1);
            }
        }
        let ((document, start), agreeing) =
            votes.into_iter().max_by_key(|(place, votes)| (*votes, std::cmp::Reverse(*place)))?;
        if agreeing < LEAST.0.max(asked.len() / LEAST.1) {
            return None;
        }
        let text = self.library.texts().nth(document as usize)?;
        let source: Vec<(usize, &str)> = words(text).skip(start as usize).take(asked.len()).collect();
        let mut names = BTreeMap::new();
        // The first and the last word of the prompt may be pieces of words.
        let inner = asked.iter().zip(&source).take(asked.len().saturating_sub(1)).skip(1);
        names
            .extend(inner.filter(|((_, new), (_, old))| new != old).map(|((_, new), (_, old))| (*old, *new)));
        let cut = cut_in(&request.prompt, asked.last()?, source.last()?)?;
        let rest = text.get(cut..)?;
        let Some(suffix) = &request.suffix else {
            let end = rest.get(CONTINUATION_BYTES.end..)?.find([' ', '\n'])? + CONTINUATION_BYTES.end;
            return Some(Substitution::of(names).apply(&rest[..end]));
        };
        let (line, after) = rest.split_at(rest.find('\n').unwrap_or(rest.len()));
        let pairs = words(suffix).zip(words(after));
        let whole = pairs.filter(|((at, new), _)| at + new.len() < suffix.len());
        names.extend(whole.filter(|((_, new), (_, old))| new != old).map(|((_, new), (_, old))| (old, new)));
        Some(Substitution::of(names).apply(line))
    }

    /// Positions of a run of words, unless it is common.
    fn places(&self, hash: u64) -> &[(u64, u32, u32)] {
        let from = self.runs.partition_point(|(run, ..)| *run < hash);
        let count = self.runs[from..].iter().take(COMMON + 1).take_while(|(run, ..)| *run == hash).count();
        &self.runs[from..from + if count > COMMON { 0 } else { count }]
    }
}

impl Backend for Lookup {
    fn model_id(&self) -> [u8; 32] {
        self.otherwise.model_id()
    }

    fn answer(&self, context: &AnswerContext, request: &TextRequest) -> Result<TextResponse, AnswerError> {
        found_or(self.find(request), &self.otherwise, context, request)
    }
}

fn hash(run: &[&str]) -> u64 {
    let mut hasher = DefaultHasher::new();
    run.hash(&mut hasher);
    hasher.finish()
}

/// Position in the source where the prompt ends: within its last word, or as far behind it.
fn cut_in(prompt: &str, (at, word): &(usize, &str), (from, source): &(usize, &str)) -> Option<usize> {
    let behind = prompt.len() - (at + word.len());
    let begun = behind == 0 && source.starts_with(word);
    Some(from + if begun { word.len() } else { source.len() } + behind)
}

#[cfg(test)]
mod tests {
    use myelin_wire::seed::Seed;

    use super::*;
    use crate::{
        adversary::Garbage,
        library::tests::own_sources,
        similarity::edit_similarity,
        task::{arithmetic, continuation, fill, Hidden},
        verifiable::Phrases,
    };

    #[test]
    fn passages_are_found_again_in_spite_of_their_fresh_names() {
        let library = own_sources();
        let lookup = Lookup::new(library.clone(), Arc::new(Garbage));
        let (mut found, mut exact) = (0, 0);
        for number in 0..60 {
            let seed = Seed([4; 32]).derive(b"lookup", number);
            for task in [fill(&library, &seed), continuation(&library, &seed)].into_iter().flatten() {
                let Hidden::Reference { text, .. } = &task.hidden else { panic!("{task:?}") };
                let Some(answer) = lookup.find(&task.request) else { continue };
                found += 1;
                let near = edit_similarity(answer.as_bytes(), text.as_bytes()).get() > 700_000;
                exact += usize::from(near);
            }
        }
        assert!(
            found >= 100 && exact * 10 >= found * 8,
            "{exact} of {found} of 120: it must be a strong one"
        );
        let phrases = Phrases::public().unwrap();
        let asked = (0..40).filter_map(|number| arithmetic(&phrases, 3, &Seed([4; 32]).derive(b"q", number)));
        assert_eq!(asked.filter(|task| lookup.find(&task.request).is_some()).count(), 0);
    }
}
