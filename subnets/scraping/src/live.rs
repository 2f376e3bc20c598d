//! Fetching, judged by fetching again.
//!
//! A validator's operator names the sites, as jobs ([`sites`]). A task asks all miners of a round for the rows of one
//! source. The validator looks at the source twice: when it asks, and some minutes later ([`watch`]). What is the same
//! both times is taken for right, and what differs counts for nobody.
//!
//! ```text
//! worth of a row = (right values / values that stayed)³       nothing unless more than half are right
//! accuracy       = 2 · worth of all rows / (rows that stayed + rows of the answer)
//! fresh          = right ones of the values that changed since the validator's last task about the source
//! paid           = accuracy · (1 + fresh) / 2
//! ```
//!
//! Rows of an answer beyond the number of those that stayed cost nothing, up to the number of rows that did not stay.
//! The task counts for nobody unless three miners sent rows, and at least half of those are mostly right.
//!
//! Everything here follows from the looks that stand in the evidence. Nothing is fetched to judge again.

mod remembered;
pub mod sites;
mod watch;

use myelin_wire::record::{Ppm, Reason};
use serde::{Deserialize, Serialize};

pub use sites::Sites;

use crate::{
    job::distinct,
    personal,
    protocol::{Rows, ScrapingRequest, ScrapingResponse},
    score::{pairs, refusal, worth, worth_of, Worth},
};

/// Rows of a source that are judged. Of a longer one the first count.
const MOST_ROWS: usize = 300;
/// Rows of an answer beyond the right ones that are looked at.
const MORE_ROWS: usize = 16;
/// Fewest answers with rows by which a task is judged.
const QUORUM: usize = 3;
/// An answer with this accuracy is mostly right.
const MOSTLY: Ppm = Ppm::new(500_000);

/// The part of a task about a live page that the validator keeps to itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Live {
    /// Name of the looks until they are known. It follows from the seed.
    pub name: u64,
    /// Places of the fields that name a row.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub key: Vec<usize>,
    /// Whether e-mail addresses and telephone numbers are kept.
    #[serde(default)]
    pub personal: bool,
    /// The looks at the source; none before the task is judged, and for good where they failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<Seen>,
}

/// Looks at a source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// When miners were asked.
    pub first: Rows,
    /// Some minutes later.
    pub second: Rows,
    /// The second look of the validator's last task about the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Rows>,
}

/// A row that stayed.
struct Right {
    values: Vec<String>,
    /// The values that are judged: those that were the same both times.
    judged: Vec<bool>,
    /// Those of them that are new since the last task about the source.
    changed: Vec<bool>,
}

/// The rows of a source that stayed between two looks.
struct Stable {
    rows: Vec<Right>,
    /// Number of rows that did not stay.
    other: usize,
    /// Whether the source has more rows than are judged.
    cut: bool,
}

impl Right {
    fn worth(&self, found: &[String]) -> u64 {
        let values = self.values.iter().zip(found).zip(&self.judged);
        worth_of(values.filter(|(_, judged)| **judged).map(|(pair, _)| pair))
    }

    /// Marks the values that differ from an earlier form of the row; all of them if there was none.
    fn compare(&mut self, before: Option<&Vec<String>>) {
        let is_new = |at: usize| before.is_none_or(|before| before.get(at) != Some(&self.values[at]));
        self.changed = (0..self.values.len()).map(|at| self.judged[at] && is_new(at)).collect();
    }
}

impl Stable {
    /// The rows and values that are the same in both looks. The error says why nothing can be judged by them.
    fn of(live: &Live) -> Result<Self, &'static str> {
        let seen = live.seen.as_ref().ok_or("the page was not looked at twice")?;
        let Seen { first, second, before } = seen;
        if first.problem.is_some() || second.problem.is_some() {
            return Err("the validator could not read the page twice");
        }
        let (mut first, mut second) = (distinct(&first.rows, &live.key), distinct(&second.rows, &live.key));
        let cut = first.len().max(second.len()) > MOST_ROWS;
        first.truncate(MOST_ROWS);
        second.truncate(MOST_ROWS);
        let paired = pairs((first.len(), second.len()), |one, other| worth(&first[one], &second[other]));
        let most = first.len().max(second.len());
        if paired.is_empty() || 2 * paired.len() < most {
            return Err("the page has no rows, or most of them differ between two looks");
        }
        let right = |(one, other, _): &(usize, usize, u64)| {
            let (values, earlier) = (second[*other].clone(), &first[*one]);
            let judged = (0..values.len()).map(|at| earlier.get(at) == Some(&values[at])).collect();
            Right { changed: vec![false; values.len()], values, judged }
        };
        let mut rows: Vec<Right> = paired.iter().map(right).collect();
        if let Some(before) = before {
            let before = distinct(&before.rows, &live.key);
            let before = &before[..before.len().min(MOST_ROWS)];
            let paired = pairs((rows.len(), before.len()), |row, at| rows[row].worth(&before[at]));
            let mut paired = paired.into_iter().peekable();
            for (place, row) in rows.iter_mut().enumerate() {
                let known = paired.next_if(|(row, ..)| *row == place);
                row.compare(known.map(|(_, at, _)| &before[at]));
            }
        }
        Ok(Self { other: most - rows.len(), rows, cut })
    }

    /// The accuracy of the rows of an answer, and what is paid for them.
    fn accuracy(&self, rows: &[Vec<String>]) -> (Ppm, Ppm) {
        let found = if self.cut { &rows[..rows.len().min(MOST_ROWS)] } else { rows };
        let looked_at = &found[..found.len().min(2 * self.rows.len() + self.other + MORE_ROWS)];
        let paired =
            pairs((self.rows.len(), looked_at.len()), |row, at| self.rows[row].worth(&looked_at[at]));
        let worth: u64 = paired.iter().map(|(.., worth)| worth).sum();
        // Rows that come and go are not known, so as many may stand beside the right ones. Their number does not depend
        // on the pairs: then a value that is corrected never costs anything.
        let counted = found.len().min(self.rows.len()).max(found.len().saturating_sub(self.other));
        let of = (self.rows.len() + counted) as u64;
        let accuracy = Ppm::ratio(2 * worth, of.max(1) * u64::from(Ppm::ONE.get()));
        let changed: usize =
            self.rows.iter().flat_map(|row| &row.changed).filter(|changed| **changed).count();
        if changed == 0 {
            return (accuracy, accuracy);
        }
        let is_right = |row: &Right, found: &[String], at: usize| {
            row.changed[at] && found.get(at) == Some(&row.values[at])
        };
        let of_pair = |(row, at, _): &(usize, usize, u64)| {
            let (row, found) = (&self.rows[*row], &looked_at[*at]);
            (0..row.values.len()).filter(|value| is_right(row, found, *value)).count()
        };
        let fresh = Ppm::ratio(paired.iter().map(of_pair).sum::<usize>() as u64, changed as u64);
        (accuracy, accuracy.of(Ppm::new((Ppm::ONE.get() + fresh.get()) / 2)))
    }
}

/// Takes what leads to a person out of rows.
fn clean(rows: &mut [Vec<String>]) {
    rows.iter_mut().flatten().for_each(personal::remove);
}

/// Judges the answers to one task together.
pub fn judge(request: &ScrapingRequest, live: &Live, answers: &[&ScrapingResponse]) -> Vec<Worth> {
    let stable = Stable::of(live);
    let mut agree = 0;
    let mut worths: Vec<Worth> = Vec::with_capacity(answers.len());
    for answer in answers {
        let worth = match (refusal(request, answer), &stable) {
            (Some(refused), _) => refused,
            (None, Err(_)) => Worth::refused(Reason::Scored, ""),
            (None, Ok(stable)) => {
                let mut rows: Vec<Vec<String>> =
                    answer.sources.iter().flat_map(|source| source.rows.iter().cloned()).collect();
                if !live.personal {
                    clean(&mut rows);
                }
                let rows = distinct(&rows, &live.key);
                let (accuracy, paid) = stable.accuracy(&rows);
                agree += usize::from(accuracy >= MOSTLY);
                let note =
                    format!("{} rows, {} stayed; accuracy {}", rows.len(), stable.rows.len(), accuracy.get());
                Worth { accuracy: paid, reason: Reason::Scored, note }
            }
        };
        worths.push(worth);
    }
    let with_rows = worths.iter().filter(|worth| worth.reason == Reason::Scored).count();
    let why = match stable {
        Err(why) => why.to_owned(),
        Ok(_) if with_rows < QUORUM || 2 * agree < with_rows => {
            format!("{agree} of {with_rows} answers with rows are mostly right, which is too few to judge by")
        }
        Ok(_) => return worths,
    };
    // An answer of another form is wrong whatever the page says. One without rows may be all that can be said.
    let judged = |worth: &Worth| !matches!(worth.reason, Reason::Scored | Reason::Empty);
    let excused =
        |worth: Worth| if judged(&worth) { worth } else { Worth::refused(Reason::Excused, why.clone()) };
    worths.into_iter().map(excused).collect()
}

#[cfg(test)]
mod tests;
