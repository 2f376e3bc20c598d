//! Draws tasks from a seed.
//!
//! | form | the miner sees | hidden |
//! |---|---|---|
//! | `example` | small tables with right results, constants that may occur | the query, seven kinds of rows |
//! | `words` | a question, names and kinds, a few rows | the same |
//! | `both` | a question, one small example with its result | the same |
//! | `control` | an earlier request of a customer | the query that the customer accepted, the same kinds of rows |
//!
//! A task by example is used only if it has one answer as far as can be told. Every query that differs from the
//! reference in one place ([`Plan::mutants`]) must fail on an example, or give the same result on all hidden tables.
//! Any task is used only if leaving out any test of the plan changes a hidden result, and most hidden results are
//! informative.

use std::{borrow::Cow, path::Path};

use myelin_subnet::{past::UsedUp, phrases::Templates, SubnetError};
use myelin_wire::seed::{Seed, SeedRng};

use crate::{
    data::Model,
    draw,
    judge::{Hidden, Judge, Meaning},
    lexicon::{self, public_phrasebook, Lexicon},
    past::{self, Past},
    phrase,
    plan::Plan,
    protocol::AnalysisRequest,
    query::Query,
    upload::{self, UploadLimits},
    value::Value,
};

mod trial;

use trial::{Near, Trial};

/// Form of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// By examples alone.
    Example,
    /// In words alone.
    Words,
    /// In words, with one example.
    Both,
}

/// Material of tasks.
#[derive(Clone, Debug)]
pub struct Source {
    /// Names and values.
    pub lexicon: Lexicon,
    /// Sentences of questions.
    pub phrasebook: Templates,
    /// Tables that exist; every fourth task is drawn from them, if there are any.
    pub tables: Vec<Model>,
}

/// A drawn task.
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    /// The miner's side.
    pub request: AnalysisRequest,
    /// The validator's side.
    pub hidden: Hidden,
}

/// Draws that may fail before the source gives up.
const ATTEMPTS: u64 = 120;
/// Most earlier requests that are tried for a control.
const CONTROL_ATTEMPTS: u64 = 8;
/// Least number of hidden databases with an informative result.
const LEAST_TELLING: usize = 4;

/// Most files that real tables are read from.
const MAX_FILES: usize = 256;
/// Longest text of a real table; columns with longer ones are left out.
const MAX_TEXT: usize = 60;

/// Real tables of this repository, by name.
const TABLES: [(&str, &str); 2] = [
    ("elements", include_str!("../data/tables/elements.csv")),
    ("eu_members", include_str!("../data/tables/eu_members.csv")),
];

impl Source {
    /// The words and tables of this repository.
    pub fn public() -> Result<Self, SubnetError> {
        let (lexicon, phrasebook) = (Lexicon::public()?, public_phrasebook()?);
        let tables = TABLES.iter().map(|(name, text)| {
            let wrong = |found| {
                SubnetError::new(format!("reading the table {name}"), found, "build from a clean checkout")
            };
            real_table(name, text.as_bytes()).map_err(wrong)
        });
        Ok(Self { lexicon, phrasebook, tables: tables.collect::<Result<_, _>>()? })
    }

    /// The default source of a new validator that names no files: words of its own, and the public tables.
    pub fn own(secret: [u8; 32]) -> Result<Self, SubnetError> {
        let (lexicon, phrasebook) = lexicon::own(secret)?;
        Ok(Self { lexicon, phrasebook, ..Self::public()? })
    }

    /// Replaces the public tables by the CSV files of a folder, each a table of its own, with decimals as whole numbers
    /// of their last place.
    pub fn with_tables(mut self, folder: &Path) -> Result<Self, SubnetError> {
        let wrong = |found: String| {
            SubnetError::new(
                format!("reading tables from {}", folder.display()),
                found,
                "correct or remove it",
            )
        };
        let entries = std::fs::read_dir(folder).map_err(|error| wrong(error.to_string()))?;
        let mut files: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        files.retain(|file| file.extension().is_some_and(|extension| extension == "csv"));
        if files.is_empty() || files.len() > MAX_FILES {
            return Err(wrong(format!("{} CSV files; 1 to {MAX_FILES} are wanted", files.len())));
        }
        // The order of files in a folder differs between machines.
        files.sort();
        self.tables.clear();
        for file in files {
            let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let bytes = std::fs::read(&file).map_err(|error| wrong(format!("{name}: {error}")))?;
            self.tables.push(real_table(&name, &bytes).map_err(wrong)?);
        }
        Ok(self)
    }
}

fn real_table(name: &str, bytes: &[u8]) -> Result<Model, String> {
    let found = upload::tables_from_csv(&[upload::File { name, bytes }], &UploadLimits::default());
    let found = found.map_err(|error| error.to_string())?.exact().without_long_texts(MAX_TEXT);
    Ok(Model::of_tables(found.schema, &found.rows))
}

/// Draws a task; `None` if no attempt gave one with a single answer.
pub fn draw(source: &Source, form: Form, seed: &Seed) -> Option<Task> {
    (0..ATTEMPTS).find_map(|attempt| attempt_draw(source, form, &seed.derive(b"attempt", attempt)))
}

fn attempt_draw(source: &Source, form: Form, seed: &Seed) -> Option<Task> {
    let mut rng = seed.rng();
    let grade = rng.range(1, draw::GRADES);
    let real = !source.tables.is_empty() && rng.below(4) == 0;
    let model = match real {
        true => Cow::Borrowed(rng.choose(&source.tables)?),
        false => Cow::Owned(Model::draw(&source.lexicon, &mut rng)?),
    };
    let plan = draw::plan(&model, grade, &mut rng)?;
    let near = Near::of(&plan, &model.schema, form)?;
    let rows = seed.derive(b"rows", 0);
    let focus = plan.focus();
    let examples = {
        let trial = Trial { model: &model, plan: &plan, focus: &focus };
        let chosen = trial.examples(form, &near, seed)?;
        if !trial.has_one_answer(&rows, &near.weaker, &chosen) {
            return None;
        }
        chosen.examples
    };
    let shown = examples.iter().filter_map(|example| example.result.clone()).collect();
    let question = match form {
        Form::Example => String::new(),
        Form::Words | Form::Both => phrase::question(&model, &plan, &source.phrasebook, &mut rng)?,
    };
    let request = AnalysisRequest {
        question,
        schema: model.schema.clone(),
        constants: if form == Form::Example { constants(&model, &plan, &mut rng) } else { Vec::new() },
        ordered: plan.order.is_some(),
        examples,
    };
    // A text of a real table may hold what queries must not.
    Query::read(&plan.to_sql(&model.schema)).ok()?;
    let model = model.into_owned();
    Some(Task { request, hidden: Hidden { model, meaning: Meaning::Plan(plan), rows: rows.0, shown } })
}

/// A control: an earlier request of a customer, if possible one that is not used up and has informative hidden rows.
pub fn control(past: &Past, used: &UsedUp, seed: &Seed) -> Option<Task> {
    let mut rng = seed.rng();
    let mut drawn = (0..CONTROL_ATTEMPTS).filter_map(|attempt| {
        let line = &past.lines()[past.draw(used, &mut rng)?];
        Some(past::task(line, seed.derive(b"rows", attempt).0))
    });
    let first = drawn.next()?;
    let says_something = |task: &Task| {
        let found = Judge::open(&task.hidden).and_then(|judge| judge.telling(LEAST_TELLING));
        found.is_ok_and(|telling| telling >= LEAST_TELLING)
    };
    match says_something(&first) {
        true => Some(first),
        false => Some(drawn.find(says_something).unwrap_or(first)),
    }
}

/// The constants of the reference among others, so that the list does not give away which are used.
fn constants(model: &Model, plan: &Plan, rng: &mut SeedRng) -> Vec<Value> {
    let mut constants = plan.constants();
    let tables = plan.tables(&model.schema).unwrap_or_default();
    for _ in 0..2 {
        let Some(table) = rng.choose(&tables) else { break };
        let columns: Vec<_> = model.schema.columns_of(*table).map(|(at, _)| at).collect();
        let decoy = rng.choose(&columns).and_then(|at| model.constant(*at, rng));
        constants.extend(decoy);
    }
    constants.sort();
    constants.dedup();
    constants
}

#[cfg(test)]
mod tests;
