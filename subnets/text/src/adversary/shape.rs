//! A miner that has all texts that passages may be made of, and finds places of the same shape, whatever names stand
//! there.
//!
//! Names are replaced and pieces recombined, but the text between the names keeps its order within a piece. This miner
//! compares texts with all names taken out. It answers with the text behind the longest agreement, and puts the names
//! of the prompt in.

use std::{collections::BTreeMap, sync::Arc};

use myelin_subnet::{AnswerContext, AnswerError};

use super::found_or;
use crate::{
    backend::Backend,
    protocol::{TextRequest, TextResponse},
    shape::{hash, signs, Sign},
    substitution::Substitution,
    task::CONTINUATION_BYTES,
};

/// Signs in a row that are looked up together, and that must agree.
const RUN: usize = 6;
const LEAST: usize = 10;
/// Most places that are compared, of those where the last signs stand.
const COMPARED: usize = 400;
/// Most signs that are remembered.
const MOST_SIGNS: usize = 1 << 25;

/// Finds shapes, and asks another backend where it finds none.
pub struct Shapes {
    texts: Vec<String>,
    signs: Vec<Vec<Sign>>,
    /// The last signs of a run, text, number of the sign behind; sorted.
    runs: Vec<(u64, u32, u32)>,
    otherwise: Arc<dyn Backend>,
}

impl Shapes {
    /// Indexes texts; `otherwise` answers where nothing agrees.
    pub fn new(texts: Vec<String>, otherwise: Arc<dyn Backend>) -> Self {
        let signs: Vec<Vec<Sign>> = texts.iter().map(|text| signs(text)).collect();
        let of_text = |(text, signs): (usize, &Vec<Sign>)| -> Vec<(u64, u32, u32)> {
            let run = |(at, run): (usize, &[Sign])| (hash(run), text as u32, (at + RUN) as u32);
            signs.windows(RUN).enumerate().map(run).collect()
        };
        let mut runs: Vec<_> = signs.iter().enumerate().flat_map(of_text).take(MOST_SIGNS).collect();
        runs.sort_unstable();
        Self { texts, signs, runs, otherwise }
    }

    /// The text behind a place of the same shape as the end of the prompt, with the prompt's names.
    pub fn find(&self, request: &TextRequest) -> Option<String> {
        let asked = signs(&request.prompt);
        let run = hash(asked.get(asked.len().checked_sub(RUN)?..)?);
        let from = self.runs.partition_point(|(known, ..)| *known < run);
        let places = self.runs[from..].iter().take_while(|(known, ..)| *known == run).take(COMPARED);
        let agreeing = |(_, text, end): &(u64, u32, u32)| {
            let before = self.signs[*text as usize][..*end as usize].iter().rev();
            let agreed = before.zip(asked.iter().rev()).take_while(|(one, other)| one.shape == other.shape);
            (agreed.count(), *text as usize, *end as usize)
        };
        let (agreed, text, end) = places.map(agreeing).max()?;
        if agreed < LEAST {
            return None;
        }
        let (source, known) = (&self.texts[text], &self.signs[text]);
        let pairs = known[end - agreed..end].iter().zip(&asked[asked.len() - agreed..]);
        let names: BTreeMap<&str, &str> =
            pairs.map(|(old, new)| (&source[old.from..old.to], &request.prompt[new.from..new.to])).collect();
        let rest = &source[known[end - 1].to..];
        let rest = match request.suffix {
            Some(_) => rest.lines().next()?,
            None => {
                let end = rest.get(CONTINUATION_BYTES.end..)?.find([' ', '\n'])? + CONTINUATION_BYTES.end;
                &rest[..end]
            }
        };
        let spaced = rest.strip_prefix(' ').filter(|_| request.prompt.ends_with([' ', '\n'])).unwrap_or(rest);
        (!spaced.trim().is_empty()).then(|| Substitution::of(names).apply(spaced))
    }
}

impl Backend for Shapes {
    fn model_id(&self) -> [u8; 32] {
        self.otherwise.model_id()
    }

    fn answer(&self, context: &AnswerContext, request: &TextRequest) -> Result<TextResponse, AnswerError> {
        found_or(self.find(request), &self.otherwise, context, request)
    }
}

#[cfg(test)]
mod tests {
    use myelin_wire::seed::Seed;

    use super::*;
    use crate::{
        adversary::Garbage,
        library::tests::own_sources,
        similarity::edit_similarity,
        task::{fill, Hidden},
    };

    #[test]
    fn passages_are_found_by_their_shape_whatever_names_they_have() {
        let library = own_sources();
        let shapes = Shapes::new(library.texts().map(str::to_owned).collect(), Arc::new(Garbage));
        let (mut found, mut near) = (0, 0);
        for number in 0..60 {
            let Some(task) = fill(&library, &Seed([4; 32]).derive(b"shape", number)) else { continue };
            let Hidden::Reference { text, .. } = &task.hidden else { panic!("{task:?}") };
            let Some(answer) = shapes.find(&task.request) else { continue };
            found += 1;
            near += usize::from(edit_similarity(answer.as_bytes(), text.as_bytes()).get() > 700_000);
        }
        assert!(found >= 30 && near * 10 >= found * 7, "{near} of {found} of 60: it must be a strong one");
    }
}
