//! Runs a query on the hidden tables of a task and reports the result.

use std::cell;

use myelin_wire::{
    record::{Ppm, Reason},
    seed::{Seed, SeedRng},
};
use serde::{Deserialize, Serialize};

use crate::{
    data::{Focus, Model, HIDDEN_PROFILES},
    engine::{Database, EngineError, Limits, Outcome, Prepared, Reads, MAX_CELL},
    explain,
    plan::Plan,
    protocol::{AnalysisResponse, MAX_EXPLANATION},
    query::{Query, MAX_BYTES},
    score::{self, Case},
    value::{same_rows, Cell, Row, Value},
};

/// Most rows of a reference result.
pub(crate) const REFERENCE_ROWS: usize = 400;
/// Most steps of a reference on one database.
pub(crate) const REFERENCE_STEPS: u64 = 200_000;
/// A query may take this many steps beyond [`STEPS_FACTOR`] times those of the reference.
const STEPS_MORE: u64 = 20_000;
/// Most steps of a query as a multiple of the steps of the reference.
const STEPS_FACTOR: u64 = 20;

/// The side of a task that the validator keeps to itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hidden {
    /// The tables with the possible values of their cells.
    pub model: Model,
    /// The meaning of the question.
    #[serde(flatten)]
    pub meaning: Meaning,
    /// Seed of the hidden rows.
    pub rows: [u8; 32],
    /// The results that the miner was shown.
    pub shown: Vec<Vec<Row>>,
}

/// The source of the right results.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Meaning {
    /// A drawn plan.
    Plan(Plan),
    /// A query that a customer accepted as the answer.
    Accepted {
        /// The query.
        sql: String,
        /// Whether the order of the result matters.
        ordered: bool,
    },
}

impl Hidden {
    /// The query that gives the right results.
    pub fn sql(&self) -> String {
        match &self.meaning {
            Meaning::Plan(plan) => plan.to_sql(&self.model.schema),
            Meaning::Accepted { sql, .. } => sql.clone(),
        }
    }

    /// The plan, if there is one.
    pub fn plan(&self) -> Option<&Plan> {
        match &self.meaning {
            Meaning::Plan(plan) => Some(plan),
            Meaning::Accepted { .. } => None,
        }
    }
}

/// Limits of the engine that decide whether a query is right: steps and rows of the reference, the multiple and the
/// addition for the steps of an answer, bytes of a value.
pub fn engine_limits() -> Vec<u64> {
    vec![REFERENCE_STEPS, REFERENCE_ROWS as u64, STEPS_FACTOR, STEPS_MORE, MAX_CELL as u64]
}

/// The hidden rows, and the reference that gives the right results on them.
pub struct Judge {
    database: Database,
    reference: Query,
    /// Seed of the hidden rows.
    seed: Seed,
    focus: Focus,
    shown: Vec<Vec<Row>>,
    ordered: bool,
    /// Whether numbers with a fraction are compared to ten digits: the last digits of sums and quotients of decimals
    /// depend on the order of operations. Drawn tasks have whole numbers.
    roughly: bool,
    model: Model,
    /// Steps that were run, or allowed where a run failed.
    steps: cell::Cell<u64>,
}

/// The right result on one set of hidden rows.
struct Right {
    rows: Vec<Row>,
    steps: u64,
    /// Whether the result is informative.
    telling: bool,
}

/// A set of hidden rows with the right result, and the steps and correctness of each query on it. Results of queries
/// may be large, and are not kept.
struct Trial {
    right: Right,
    ran: Vec<Result<(u64, bool), EngineError>>,
}

/// Result of judging a query.
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

/// Reason for not judging a query, with a note.
pub type Refused = (Reason, String);

impl Judge {
    /// Draws the hidden rows.
    pub fn open(hidden: &Hidden) -> Result<Self, EngineError> {
        let Hidden { model, meaning, rows, shown } = hidden;
        let reference = Query::read(&hidden.sql()).map_err(|error| EngineError::Query(error.to_string()))?;
        let database = Database::empty(&model.schema)?;
        let (focus, ordered) = match meaning {
            Meaning::Plan(plan) => (plan.focus(), plan.order.is_some()),
            Meaning::Accepted { ordered, .. } => {
                (model.focus_of(&reference, &database.prepare(&reference)?.reads), *ordered)
            }
        };
        let mut judge = Self {
            seed: Seed(*rows),
            focus,
            database,
            reference,
            shown: Vec::new(),
            ordered,
            roughly: hidden.plan().is_none(),
            model: model.clone(),
            steps: cell::Cell::new(0),
        };
        judge.shown = shown.iter().map(|rows| judge.compared(rows.clone())).collect();
        Ok(judge)
    }

    /// Rows in the form in which they are compared.
    fn compared(&self, mut rows: Vec<Row>) -> Vec<Row> {
        if self.roughly {
            rows.iter_mut().flatten().for_each(Value::round);
        }
        rows
    }

    /// Fills the tables with one set of hidden rows after the other, with the cells that these queries and the
    /// reference read. Visits each set until a visit returns true.
    fn each_case(
        &self,
        queries: &[Reads],
        mut visit: impl FnMut(&Right) -> bool,
    ) -> Result<Vec<Right>, EngineError> {
        let mut filler = self.database.filler()?;
        let mut reference = self.database.prepare(&self.reference)?;
        let mut reads = reference.reads.clone();
        queries.iter().for_each(|query| reads.extend(query));
        let mut cases: Vec<Right> = Vec::new();
        for (number, profile) in HIDDEN_PROFILES.into_iter().enumerate() {
            let mut rng = hidden_rng(&self.seed, number);
            let tables = self.model.rows_for(Some(&reads), profile, &self.focus, &mut rng);
            filler.fill(&tables)?;
            let Outcome { rows, steps } =
                reference.run(Limits { steps: REFERENCE_STEPS, rows: REFERENCE_ROWS })?;
            let rows = self.compared(rows);
            // A result that the miner has seen elsewhere could be sent without a query.
            let mut seen = self.shown.iter().chain(cases.iter().map(|case| &case.rows));
            let repeated = seen.any(|seen| same_rows(seen, &rows, false));
            let counts: Vec<usize> = tables.iter().map(Vec::len).collect();
            let cells = rows.iter().flatten().map(Cell::of);
            let telling = !repeated && !is_commonplace(cells, &counts);
            let case = Right { rows, steps, telling };
            let enough = visit(&case);
            cases.push(case);
            if enough {
                break;
            }
        }
        Ok(cases)
    }

    /// Runs a query where the reference gave `right`. A query is prepared once, because its plan does not depend on
    /// rows.
    fn run(&self, query: &mut Prepared<'_>, right: &Right) -> Result<(u64, bool), EngineError> {
        let steps = right.steps.saturating_mul(STEPS_FACTOR).saturating_add(STEPS_MORE);
        let ran = query.run(Limits { steps, rows: right.rows.len() });
        let taken = ran.as_ref().map_or(steps, |ran| ran.steps);
        self.steps.set(self.steps.get().saturating_add(taken));
        let Outcome { rows, steps } = ran?;
        Ok((steps, same_rows(&right.rows, &self.compared(rows), self.ordered)))
    }

    /// Runs reference and queries on all hidden rows.
    fn trials(&self, queries: &mut [Prepared<'_>]) -> Result<Vec<Trial>, EngineError> {
        let reads: Vec<Reads> = queries.iter().map(|query| query.reads.clone()).collect();
        let mut ran = Vec::new();
        let cases = self.each_case(&reads, |right| {
            ran.push(queries.iter_mut().map(|query| self.run(query, right)).collect());
            false
        })?;
        Ok(cases.into_iter().zip(ran).map(|(right, ran)| Trial { right, ran }).collect())
    }

    /// The number of hidden databases with an informative right result. The search ends once `enough` are found, or
    /// once so many can no longer be found.
    pub fn telling(&self, enough: usize) -> Result<usize, EngineError> {
        let (mut telling, mut left) = (0, HIDDEN_PROFILES.len());
        self.each_case(&[], |right| {
            telling += usize::from(right.telling);
            left -= 1;
            telling + left < enough || telling >= enough
        })?;
        Ok(telling)
    }

    /// Prepares a query, appends it to the others, and returns its place.
    fn prepare<'a>(&'a self, query: &Query, prepared: &mut Vec<Prepared<'a>>) -> Result<usize, EngineError> {
        prepared.push(self.database.prepare(query)?);
        Ok(prepared.len() - 1)
    }

    /// Steps that the queries judged so far have taken, and for each run that failed all that it was allowed.
    pub fn steps(&self) -> u64 {
        self.steps.get()
    }

    /// Judges an answer.
    pub fn judge(&self, response: &AnalysisResponse) -> Result<Verdict, Refused> {
        self.judge_all(&[response]).remove(0)
    }

    /// Judges answers, each on its own.
    pub fn judge_all(&self, responses: &[&AnalysisResponse]) -> Vec<Result<Verdict, Refused>> {
        let mut prepared = Vec::new();
        let read: Vec<Result<(usize, Query), Refused>> = responses
            .iter()
            .map(|response| {
                let query = check(response)?;
                Ok((self.prepare(&query, &mut prepared).map_err(garbage)?, query))
            })
            .collect();
        let trials = match self.trials(&mut prepared) {
            Ok(trials) if trials.iter().any(|trial| trial.right.telling) => Ok(trials),
            // Any query without a result would be right.
            Ok(_) => Err("the right results say nothing".to_owned()),
            Err(error) => Err(format!("the hidden tables failed: {error}")),
        };
        let verdict = |(response, read): (&&AnalysisResponse, Result<(usize, Query), Refused>)| {
            let (at, query) = read?;
            let trials = trials.as_ref().map_err(|why| (Reason::Excused, why.clone()))?;
            let Some(Prepared { reads, .. }) = prepared.get(at) else { return Err(garbage("no query")) };
            let explain = || explain::part(&response.explanation, &query, reads, &self.model.schema);
            verdict(trials, at, explain)
        };
        responses.iter().zip(read).map(verdict).collect()
    }
}

fn garbage(error: impl ToString) -> Refused {
    (Reason::Garbage, error.to_string())
}

/// The query of an answer.
fn check(response: &AnalysisResponse) -> Result<Query, Refused> {
    if response.sql.trim().is_empty() {
        return Err((Reason::Empty, "no query".into()));
    }
    if response.sql.len() > MAX_BYTES || response.explanation.len() > MAX_EXPLANATION {
        let bytes = response.sql.len() + response.explanation.len();
        return Err((Reason::Oversize, format!("{bytes} bytes")));
    }
    Query::read(&response.sql).map_err(garbage)
}

/// The verdict on query number `at`.
fn verdict(trials: &[Trial], at: usize, explain: impl Fn() -> Ppm) -> Result<Verdict, Refused> {
    let (mut steps, mut reference) = (0u64, 0u64);
    let mut cases = Vec::new();
    let mut ran = false;
    let mut trouble = String::new();
    for trial in trials {
        let right = match trial.ran.get(at) {
            Some(Ok((needed, right))) => {
                steps = steps.saturating_add(*needed);
                reference = reference.saturating_add(trial.right.steps);
                ran = true;
                *right
            }
            // The query would fail on the other databases as well.
            Some(Err(error @ EngineError::Query(_))) if !ran => return Err(garbage(error)),
            Some(Err(error)) => {
                trouble = format!("; {error}");
                false
            }
            None => false,
        };
        cases.push(Case { right, telling: trial.right.telling });
    }
    let right = cases.iter().filter(|case| case.right).count();
    Ok(Verdict {
        accuracy: score::accuracy(&cases),
        cost: score::cost(steps, reference),
        explanation: if ran { explain() } else { Ppm::ZERO },
        note: format!(
            "right on {right} of {} hidden databases, {steps} steps against {reference}{trouble}",
            cases.len()
        ),
    })
}

/// The generator of hidden database `number`.
pub(crate) fn hidden_rng(seed: &Seed, number: usize) -> SeedRng {
    seed.derive(b"hidden", number as u64).rng()
}

/// Whether a result with these cells is one that careless queries hit: no rows, unknowns and zeros alone, or the number
/// of rows of a table.
pub(crate) fn is_commonplace<'a>(mut cells: impl Iterator<Item = Cell<'a>>, counts: &[usize]) -> bool {
    let dull = |cell: Cell<'_>| cell == Cell::Null || cell == Cell::Integer(0);
    let counted = |cell: Cell<'_>| {
        let number = cell.to_value().whole().and_then(|number| usize::try_from(number).ok());
        number.is_some_and(|number| counts.contains(&number))
    };
    match (cells.next(), cells.next()) {
        (None, _) => true,
        (Some(only), None) => dull(only) || counted(only),
        (Some(first), Some(second)) => dull(first) && dull(second) && cells.all(dull),
    }
}
