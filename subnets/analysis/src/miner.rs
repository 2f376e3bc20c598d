//! Backends of a miner.
//!
//! | miner | how |
//! |---|---|
//! | [`Searcher`] | searches for queries that fit the examples ([`search`]), reads key words ([`words`]) |
//! | [`ModelMiner`] | asks a language model, built in or behind an OpenAI-compatible endpoint |
//!
//! Both check their queries on the examples. The engine reports what a query uses, and the explanation is made of that.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use myelin_lm::model::{CompletionRequest, TextModel};
use myelin_subnet::{AnswerContext, AnswerError};

use crate::{
    engine::{Database, Limits},
    explain,
    plan::Plan,
    protocol::{AnalysisRequest, AnalysisResponse},
    query::Query,
    schema::Rows,
    value::same_rows,
};

pub mod search;
pub mod words;

/// Something that answers requests.
pub trait Backend: Send + Sync {
    /// The model that answers, as the miner declares it in its signatures.
    fn model_id(&self) -> [u8; 32] {
        [0; 32]
    }

    /// Answers a checked request.
    fn answer(
        &self,
        context: &AnswerContext,
        request: &AnalysisRequest,
    ) -> Result<AnalysisResponse, AnswerError>;
}

/// Limits of a query while a miner tries it.
const TRIAL: Limits = Limits { steps: 2_000_000, rows: 5_000 };

/// An answer with its explanation; the query must run on the first example.
pub fn explained(sql: &str, request: &AnalysisRequest) -> Result<AnalysisResponse, AnswerError> {
    let failed = |error: String| AnswerError::Backend(error);
    let query = Query::read(sql).map_err(|error| failed(error.to_string()))?;
    let empty: Rows = vec![Vec::new(); request.schema.tables.len()];
    let rows = request.examples.first().map_or(&empty, |example| &example.tables);
    let database = Database::open(&request.schema, rows).map_err(|error| failed(error.to_string()))?;
    let mut prepared = database.prepare(&query).map_err(|error| failed(error.to_string()))?;
    prepared.run(TRIAL).map_err(|error| failed(error.to_string()))?;
    Ok(AnalysisResponse {
        sql: query.sql().to_owned(),
        explanation: explain::explain(&query, &prepared.reads, &request.schema),
    })
}

/// Whether a query gives the right result on every example that has one.
pub fn fits_examples(sql: &str, request: &AnalysisRequest) -> bool {
    let Ok(query) = Query::read(sql) else { return false };
    request.examples.iter().all(|example| {
        let Some(result) = &example.result else { return true };
        let outcome =
            Database::open(&request.schema, &example.tables).and_then(|tables| tables.run(&query, TRIAL));
        outcome.is_ok_and(|outcome| same_rows(result, &outcome.rows, request.ordered))
    })
}

/// The miner without a model: one core, a few megabytes.
#[derive(Clone, Copy, Debug)]
pub struct Searcher {
    /// Most queries that are tried for one request.
    pub tries: u64,
    /// Most time for one request; less if the request leaves less.
    pub time: Duration,
}

impl Default for Searcher {
    fn default() -> Self {
        Self { tries: 2_000_000, time: Duration::from_secs(2) }
    }
}

impl Searcher {
    /// The plan that this miner would answer with.
    pub fn plan(&self, request: &AnalysisRequest, until: Instant) -> Option<Plan> {
        let said = words::read(request);
        let shown = request.examples.iter().any(|example| example.result.is_some());
        if !shown {
            return said;
        }
        let reading = said.filter(|plan| fits_examples(&plan.to_sql(&request.schema), request));
        reading.or_else(|| search::search(request, self.tries, until))
    }
}

impl Backend for Searcher {
    fn answer(
        &self,
        context: &AnswerContext,
        request: &AnalysisRequest,
    ) -> Result<AnalysisResponse, AnswerError> {
        // A fifth of the time is left for sending the answer back.
        let time = self.time.min(context.time_left * 4 / 5);
        let plan = self.plan(request, Instant::now() + time);
        let plan = plan.ok_or_else(|| AnswerError::Backend("no query was found that fits".into()))?;
        explained(&plan.to_sql(&request.schema), request)
    }
}

/// A miner in front of a language model.
pub struct ModelMiner {
    model: Arc<dyn TextModel>,
    attempts: u64,
}

impl ModelMiner {
    /// Asks `model`, up to `attempts` times as long as its query does not fit the examples.
    pub fn new(model: Arc<dyn TextModel>, attempts: u64) -> Self {
        Self { model, attempts }
    }
}

impl Backend for ModelMiner {
    fn model_id(&self) -> [u8; 32] {
        self.model.id()
    }

    fn answer(
        &self,
        context: &AnswerContext,
        request: &AnalysisRequest,
    ) -> Result<AnalysisResponse, AnswerError> {
        let until = Instant::now() + context.time_left * 4 / 5;
        let prompt = prompt(request);
        let mut best = None;
        for seed in 0..self.attempts.max(1) {
            if Instant::now() >= until {
                break;
            }
            let asked = CompletionRequest {
                prompt: prompt.clone(),
                max_tokens: 400,
                // The first try is the likeliest query; later ones vary.
                temperature: if seed == 0 { 0.0 } else { 0.7 },
                seed,
                stop: vec!["```".into()],
                ..CompletionRequest::default()
            };
            let text =
                self.model.complete(&asked).map_err(|error| AnswerError::Backend(error.to_string()))?.text;
            let sql = select_in(&text);
            if fits_examples(sql, request) {
                return explained(sql, request);
            }
            best = best.or_else(|| explained(sql, request).ok());
        }
        best.ok_or_else(|| AnswerError::Backend("the model wrote no query that runs".into()))
    }
}

/// Rows of a table that a prompt shows.
const PROMPT_ROWS: usize = 8;

/// A request as a language model reads it, ending where the query begins.
pub fn prompt(request: &AnalysisRequest) -> String {
    let mut text = String::from(
        "Write one SELECT in SQLite's dialect. Columns of the result stand in the order in which they are asked \
         for, keys of groups first. Where order is asked for, break ties by the other columns of the result from \
         left to right, ascending. Cut averages to whole numbers: SUM(x) / COUNT(x). Truth values are 0 and 1.\n\n",
    );
    for (at, table) in request.schema.tables.iter().enumerate() {
        let columns: Vec<String> = table
            .columns
            .iter()
            .map(|column| {
                let kind = format!("{:?}", column.kind).to_uppercase();
                format!("{} {kind}{}", column.name, if column.nullable { "" } else { " NOT NULL" })
            })
            .collect();
        text += &format!("CREATE TABLE {} ({});\n", table.name, columns.join(", "));
        for link in request.schema.references.iter().filter(|link| link.table == at) {
            let to = request.schema.tables.get(link.to).map_or("", |table| table.name.as_str());
            let column = table.columns.get(link.column).map_or("", |column| column.name.as_str());
            text += &format!("-- {}.{column} refers to {to}\n", table.name);
        }
    }
    for (number, example) in request.examples.iter().enumerate() {
        text += &format!("\nExample {}:\n", number + 1);
        for (table, rows) in request.schema.tables.iter().zip(&example.tables) {
            text += &format!("{}:\n", table.name);
            for row in rows.iter().take(PROMPT_ROWS) {
                text += &format!("  {}\n", cells(row));
            }
        }
        if let Some(result) = &example.result {
            text += "right result:\n";
            for row in result {
                text += &format!("  {}\n", cells(row));
            }
        }
    }
    if !request.constants.is_empty() {
        text += &format!("\nConstants that may occur: {}\n", cells(&request.constants));
    }
    if !request.question.is_empty() {
        text += &format!("\nQuestion: {}\n", request.question);
    } else if request.ordered {
        text += "\nThe order of the rows matters.\n";
    }
    text + "\n```sql\n"
}

fn cells(row: &[crate::value::Value]) -> String {
    let cells: Vec<String> = row.iter().map(crate::value::Value::to_sql).collect();
    cells.join(", ")
}

/// The query in a model's text: from the first SELECT or WITH to the first semicolon or closing fence.
fn select_in(text: &str) -> &str {
    let text = text.split("```").find(|part| !part.trim().is_empty()).unwrap_or(text);
    let upper = text.to_ascii_uppercase();
    let start = ["SELECT", "WITH"].iter().filter_map(|word| upper.find(word)).min().unwrap_or(0);
    let text = text.get(start..).unwrap_or(text);
    text.split(';').next().unwrap_or(text).trim()
}

#[cfg(test)]
mod tests {
    use myelin_lm::model::{Completion, Finish, ModelError};
    use myelin_wire::seed::Seed;

    use super::*;
    use crate::task::{draw, Form, Source};

    #[test]
    fn queries_are_found_in_what_models_write() {
        assert_eq!(select_in("Sure:\nselect 1 from t; I hope this helps"), "select 1 from t");
        assert_eq!(
            select_in("WITH a AS (SELECT 1 FROM t) SELECT * FROM a\n"),
            "WITH a AS (SELECT 1 FROM t) SELECT * FROM a"
        );
        assert_eq!(select_in("no query"), "no query");
    }

    /// Writes one text after the other.
    struct Scripted(std::sync::Mutex<Vec<&'static str>>);

    impl TextModel for Scripted {
        fn name(&self) -> String {
            "scripted".into()
        }

        fn id(&self) -> [u8; 32] {
            [7; 32]
        }

        fn complete(&self, request: &CompletionRequest) -> Result<Completion, ModelError> {
            assert!(request.prompt.contains("CREATE TABLE"), "the prompt shows the tables");
            let text = self.0.lock().unwrap().remove(0).to_owned();
            Ok(Completion { text, prompt_tokens: 0, completion_tokens: 0, finish: Finish::Stop })
        }
    }

    #[test]
    fn a_model_is_asked_again_until_its_query_fits_the_examples() {
        let task = draw(&Source::public().unwrap(), Form::Both, &Seed([2; 32])).unwrap();
        let context = AnswerContext {
            asker: None,
            permitted: true,
            challenge: None,
            time_left: Duration::from_secs(600),
        };
        let right: &'static str = task.hidden.sql().leak();
        let ask = |texts: Vec<&'static str>| {
            let attempts = texts.len() as u64;
            ModelMiner::new(Arc::new(Scripted(texts.into())), attempts).answer(&context, &task.request)
        };
        let asked = ask(vec!["I can't", "SELECT 1", right, "never read"]).unwrap();
        assert_eq!(asked, explained(right, &task.request).unwrap());
        // A query that runs is better than none.
        assert_eq!(ask(vec!["I can't", "SELECT 1"]).unwrap().sql, "SELECT 1");
        assert!(ask(vec!["I can't", "DROP TABLE x"]).is_err());
    }
}
