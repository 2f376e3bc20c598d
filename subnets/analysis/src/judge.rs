//! Runs a query on the hidden tables of a task and says how it came out.

use myelin_wire::{
    record::{Ppm, Reason},
    seed::Seed,
};
use serde::{Deserialize, Serialize};

use crate::{
    data::{Focus, Model, HIDDEN_PROFILES},
    engine::{Database, EngineError, Limits, Outcome, Reads},
    explain,
    plan::Plan,
    protocol::{AnalysisResponse, MAX_EXPLANATION},
    query::{Query, MAX_BYTES},
    schema::Rows,
    score::{self, Case},
    value::{same_rows, Row, Value},
};

/// Most rows of a reference result.
const REFERENCE_ROWS: usize = 400;
/// Most steps of a reference on one database.
const REFERENCE_STEPS: u64 = 200_000;
/// A query may take this many steps beyond [`STEPS_FACTOR`] times those of the reference.
const STEPS_MORE: u64 = 20_000;
/// How many times the steps of the reference a query may take.
const STEPS_FACTOR: u64 = 20;

/// What the validator keeps to itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hidden {
    /// What the tables may hold.
    pub model: Model,
    /// What the question means.
    pub plan: Plan,
    /// Where the hidden rows come from.
    pub rows: [u8; 32],
    /// The results that the miner was shown.
    pub shown: Vec<Vec<Row>>,
}

/// The hidden tables with the right results.
pub struct Judge {
    cases: Vec<HiddenCase>,
    ordered: bool,
    model: Model,
}

struct HiddenCase {
    database: Database,
    right: Outcome,
    telling: bool,
}

/// What a query came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// [`score::accuracy`] of the hidden databases.
    pub accuracy: Ppm,
    /// [`score::cost`] over all hidden databases.
    pub cost: Ppm,
    /// [`explain::part`].
    pub explanation: Ppm,
    /// One line for people.
    pub note: String,
}

/// Why a query is not judged.
pub type Refused = (Reason, String);

impl Judge {
    /// Draws the hidden tables and runs the reference on them.
    pub fn open(hidden: &Hidden) -> Result<Self, EngineError> {
        let sql = hidden.plan.to_sql(&hidden.model.schema);
        let reference = Query::read(&sql).map_err(|error| EngineError::Query(error.to_string()))?;
        let mut cases: Vec<HiddenCase> = Vec::new();
        let focus = hidden.plan.focus();
        for rows in hidden_rows(&hidden.model, &focus, &hidden.rows) {
            let database = Database::open(&hidden.model.schema, &rows)?;
            let right = database.run(&reference, Limits { steps: REFERENCE_STEPS, rows: REFERENCE_ROWS })?;
            // A result that stood elsewhere could be sent without a query.
            let seen = hidden.shown.iter().chain(cases.iter().map(|case| &case.right.rows));
            let repeated = seen.into_iter().any(|rows| same_rows(rows, &right.rows, false));
            let counts = rows.iter().map(|rows| rows.len() as i64).collect::<Vec<_>>();
            let telling = !repeated && !is_commonplace(&right.rows, &counts);
            cases.push(HiddenCase { database, right, telling });
        }
        Ok(Self { cases, ordered: hidden.plan.order.is_some(), model: hidden.model.clone() })
    }

    /// Number of hidden databases on which the right result says something.
    pub fn telling(&self) -> usize {
        self.cases.iter().filter(|case| case.telling).count()
    }

    /// Rows of the right results.
    pub fn result_rows(&self) -> usize {
        self.cases.iter().map(|case| case.right.rows.len()).sum()
    }

    /// Whether a query gives another result than the reference on some hidden database.
    pub fn tells_apart(&self, query: &Query) -> bool {
        self.cases
            .iter()
            .any(|case| !self.run(case, query).is_ok_and(|(outcome, _)| self.is_right(case, &outcome)))
    }

    fn run(&self, case: &HiddenCase, query: &Query) -> Result<(Outcome, Reads), EngineError> {
        let steps = case.right.steps.saturating_mul(STEPS_FACTOR).saturating_add(STEPS_MORE);
        case.database.run_with_reads(query, Limits { steps, rows: case.right.rows.len() })
    }

    fn is_right(&self, case: &HiddenCase, outcome: &Outcome) -> bool {
        same_rows(&case.right.rows, &outcome.rows, self.ordered)
    }

    /// Judges an answer.
    pub fn judge(&self, response: &AnalysisResponse) -> Result<Verdict, Refused> {
        if response.sql.trim().is_empty() {
            return Err((Reason::Empty, "no query".into()));
        }
        if response.sql.len() > MAX_BYTES || response.explanation.len() > MAX_EXPLANATION {
            let bytes = response.sql.len() + response.explanation.len();
            return Err((Reason::Oversize, format!("{bytes} bytes")));
        }
        let garbage = |error: String| (Reason::Garbage, error);
        let query = Query::read(&response.sql).map_err(|error| garbage(error.to_string()))?;
        let (mut steps, mut reference) = (0u64, 0u64);
        let mut cases = Vec::new();
        let mut read = None;
        let mut trouble = String::new();
        for case in &self.cases {
            let right = match self.run(case, &query) {
                Ok((outcome, reads)) => {
                    steps = steps.saturating_add(outcome.steps);
                    reference = reference.saturating_add(case.right.steps);
                    read = Some(reads);
                    self.is_right(case, &outcome)
                }
                // It would fail on the others as well.
                Err(error @ EngineError::Query(_)) if read.is_none() => {
                    return Err(garbage(error.to_string()))
                }
                Err(error) => {
                    trouble = format!("; {error}");
                    false
                }
            };
            cases.push(Case { right, telling: case.telling });
        }
        let right = cases.iter().filter(|case| case.right).count();
        let explanation = read.map_or(Ppm::ZERO, |reads| {
            explain::part(&response.explanation, &query, &reads, &self.model.schema)
        });
        Ok(Verdict {
            accuracy: score::accuracy(&cases),
            cost: score::cost(steps, reference),
            explanation,
            note: format!(
                "right on {right} of {} hidden databases, {steps} steps against {reference}{trouble}",
                cases.len()
            ),
        })
    }
}

/// The rows of the hidden databases.
fn hidden_rows<'a>(
    model: &'a Model,
    focus: &'a Focus,
    seed: &'a [u8; 32],
) -> impl Iterator<Item = Rows> + 'a {
    HIDDEN_PROFILES.into_iter().enumerate().map(move |(number, profile)| {
        let mut rng = Seed(*seed).derive(b"hidden", number as u64).rng();
        model.rows(profile, focus, &mut rng)
    })
}

/// Results that queries without thought hit: nothing, unknowns and zeros alone, or the number of rows of a
/// table.
fn is_commonplace(rows: &[Row], counts: &[i64]) -> bool {
    let dull = |value: &Value| value.is_null() || *value == Value::Integer(0);
    let counted = |value: &Value| value.whole().is_some_and(|number| counts.contains(&number));
    rows.iter().flatten().all(dull)
        || matches!(rows, [row] if matches!(row.as_slice(), [only] if counted(only)))
}
