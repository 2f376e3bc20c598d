//! Set-up of the analysis subnet: a search or a language model that answers, and the words of which tasks are made.
//!
//! The worse miners of the demo are set up here too, behind an option that help does not show.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, Command, ValueEnum};
use myelin_analysis::adversary::{FirstExample, Garbage};
use myelin_analysis::engine::Limits;
use myelin_analysis::lexicon::{phrasebook, Lexicon, PHRASEBOOK};
use myelin_analysis::miner::{Backend, ModelMiner, Searcher};
use myelin_analysis::protocol::{AnalysisRequest, AnalysisResponse};
use myelin_analysis::task::Source;
use myelin_analysis::upload::{tables_from_csv, tables_from_parquet, Answered, File, Upload, UploadLimits};
use myelin_analysis::value::Value;
use myelin_analysis::{past, AnalysisConfig, AnalysisSubnet, Load};
use myelin_lm::openai::{EndpointConfig, OpenAiBackend};
use myelin_subnet::testkit::{Finding, Together};
use myelin_subnet::{AnswerContext, AnswerError, Subnet};
use myelin_wire::seed::Seed;

use super::text::language_model;
use super::{AskSetup, Inquiry, Kind, MinerSetup, Opened, Sentences, Shown, ValidatorSetup, PAUSE};
use crate::output::{self, fail, plain, Failure};

/// Most attempts of a language model at a query that fits the examples.
const ATTEMPTS: u64 = 3;

/// Questions over tables.
pub struct Analysis;

/// Material of tasks.
#[derive(Args)]
struct Words {
    /// Analysis: names and values of tables, instead of those that are made with the secret.
    #[arg(long, value_name = "FILE")]
    lexicon: Option<PathBuf>,
    /// Analysis: phrases of questions, instead of those that are made with the secret.
    #[arg(long, value_name = "FILE")]
    phrasebook: Option<PathBuf>,
    /// Analysis: a folder of CSV files; every fourth question is about one of these tables, instead of those that
    /// everybody has.
    #[arg(long, value_name = "DIR")]
    tables: Option<PathBuf>,
}

/// Ways to do worse than possible; for tests and the demo.
#[derive(Args)]
struct Misbehaviour {
    /// Misbehave in this way; for tests and the demo.
    #[arg(long, hide = true)]
    analysis_adversary: Option<Adversary>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Adversary {
    /// Looks at one example.
    FirstExample,
    /// Sends no queries.
    Garbage,
}

/// Delays the answers of a backend, so that validators do not draw hundreds of tasks for a worthless miner.
struct Slowly<B>(B);

impl<B: Backend> Backend for Slowly<B> {
    fn answer(
        &self,
        context: &AnswerContext,
        request: &AnalysisRequest,
    ) -> Result<AnalysisResponse, AnswerError> {
        std::thread::sleep(PAUSE);
        self.0.answer(context, request)
    }
}

impl Kind for Analysis {
    fn name(&self) -> &'static str {
        "analysis"
    }

    fn about(&self) -> &'static str {
        "Questions over tables are answered by queries"
    }

    fn miner_options(&self, command: Command) -> Command {
        Misbehaviour::augment_args(command)
    }

    fn validator_options(&self, command: Command) -> Command {
        Words::augment_args(command)
    }

    fn miner(&self, setup: &MinerSetup<'_>) -> Result<(Opened, String), Failure> {
        if let Some(weights) = setup.weights()? {
            let miner = ModelMiner::new(language_model(self.name(), &weights)?, ATTEMPTS);
            let config = AnalysisConfig { backend: Some(Arc::new(miner)), ..AnalysisConfig::default() };
            return Ok((myelin_kinds::analysis::opened(AnalysisSubnet::open(config)?), weights.name()));
        }
        let (backend, name): (Arc<dyn Backend>, _) = match setup.model.server_or_nameless()? {
            Some((url, model)) => {
                let mut config = EndpointConfig::new(url, model);
                config.key.clone_from(&setup.model.backend_key);
                let server = Arc::new(OpenAiBackend::new(config)?);
                (Arc::new(ModelMiner::new(server, ATTEMPTS)), model)
            }
            None => match setup.own::<Misbehaviour>()?.analysis_adversary {
                Some(Adversary::FirstExample) => {
                    (Arc::new(FirstExample(Searcher::default())), "search by one example")
                }
                Some(Adversary::Garbage) => (Arc::new(Slowly(Garbage)), "garbage"),
                None => (Arc::new(Searcher::default()), "search"),
            },
        };
        let config = AnalysisConfig { backend: Some(backend), ..AnalysisConfig::default() };
        Ok((myelin_kinds::analysis::opened(AnalysisSubnet::open(config)?), name.to_owned()))
    }

    fn serves_weights(&self) -> bool {
        true
    }

    fn validator(&self, setup: &ValidatorSetup<'_>) -> Result<Opened, Failure> {
        let words: Words = setup.own()?;
        let mut source = match setup.secret {
            Some(secret) => Source::own(secret)?,
            None => Source::public()?,
        };
        if let Some(path) = &words.lexicon {
            source.lexicon = Lexicon::parse(&read(path)?)?;
        }
        if let Some(path) = &words.phrasebook {
            source.phrasebook = phrasebook(&read(path)?)?;
        }
        if let Some(folder) = &words.tables {
            source = source.with_tables(folder)?;
        }
        let past = setup.controls.past(setup.secret, past::read)?;
        let load = Load { control: setup.controls.count(), ..Load::default() };
        let config = AnalysisConfig { source: Some(source), past, load, ..AnalysisConfig::default() };
        Ok(myelin_kinds::analysis::opened(AnalysisSubnet::open(config)?))
    }

    fn sentences(&self) -> Option<Sentences> {
        Some(Sentences {
            option: "phrasebook",
            file: "phrasebook.toml",
            public: PHRASEBOOK,
            check: |text| Ok(phrasebook(text).map(drop)?),
            corpus: None,
        })
    }

    fn ask_options(&self, command: Command) -> Command {
        Tables::augment_args(command)
    }

    fn ask(&self, setup: &AskSetup<'_>) -> Result<Inquiry, Failure> {
        let upload = setup.own::<Tables>()?.upload()?;
        let request = upload.request(setup.said()?);
        request.check()?;
        let show = move |answer: &AnalysisResponse| show(&upload, answer);
        Inquiry::new(AnalysisSubnet::open(AnalysisConfig::default())?, request, LIKE, show)
    }

    fn test(&self, seed: &Seed, tell: &mut dyn FnMut(&Finding)) -> Result<Vec<Finding>, Failure> {
        Ok(myelin_kinds::analysis::test(seed, tell)?)
    }

    fn together(&self, seed: &Seed) -> Result<Vec<Together>, Failure> {
        Ok(myelin_kinds::analysis::combined(seed)?)
    }
}

/// Tables of a question.
#[derive(Args)]
struct Tables {
    /// Analysis: a table, as a CSV file whose first line names the columns, or as a Parquet file. Several tables:
    /// several times.
    #[arg(long, value_name = "FILE")]
    table: Vec<PathBuf>,
}

impl Tables {
    fn upload(&self) -> Result<Upload, Failure> {
        let limits = UploadLimits::default();
        let mut tables = Vec::new();
        for path in &self.table {
            let failed = |error| Failure::new(format!("reading the table {}: {error}", path.display()));
            // A file that is too long is not read.
            let length = std::fs::metadata(path).map_err(failed)?.len();
            if length > limits.bytes as u64 {
                return fail(format!(
                    "the table {} has {length} bytes, the limit is {}; take a part of it",
                    path.display(),
                    limits.bytes
                ));
            }
            let name = path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let bytes = std::fs::read(path).map_err(failed)?;
            if bytes.trim_ascii().is_empty() {
                return fail(format!(
                    "the table {} is empty; its first line must name the columns",
                    path.display()
                ));
            }
            tables.push((name, bytes));
        }
        let files: Vec<File<'_>> =
            tables.iter().map(|(name, bytes)| File { name, bytes: &bytes[..] }).collect();
        let ends =
            |path: &PathBuf, end: &str| path.extension().is_some_and(|found| found.eq_ignore_ascii_case(end));
        let all = |end| self.table.iter().all(|path| ends(path, end));
        match &*files {
            [] => fail("no table is named; name one with --table FILE.csv or --table FILE.parquet"),
            files if all("csv") => Ok(tables_from_csv(files, &limits)?),
            files if all("parquet") => Ok(tables_from_parquet(files, &limits)?),
            _ => fail("the tables are neither all .csv nor all .parquet files; convert those that are not"),
        }
    }
}

/// The kind of tasks that comes nearest to people's questions.
const LIKE: &str = "words";
/// Limits of a miner's query on this machine.
const COST: Limits = Limits { steps: 200_000_000, rows: 10_000 };
/// Most rows of a result that people are shown.
const SHOWN: usize = 100;

/// The query, its explanation, and its result on all rows, which never left this machine.
fn show(upload: &Upload, answer: &AnalysisResponse) -> Result<Shown, Failure> {
    let Answered { columns, rows } = upload.run(answer, COST)?;
    let columns: Vec<String> = columns.iter().map(|name| plain(name)).collect();
    let is_text = |column: &usize| rows.iter().any(|row| matches!(row.get(*column), Some(Value::Text(_))));
    let texts = (0..columns.len()).take_while(is_text).count();
    let mut table = output::table(&columns.iter().map(String::as_str).collect::<Vec<_>>(), texts);
    for row in rows.iter().take(SHOWN) {
        table.add_row(row.iter().map(cell));
    }
    let more = match rows.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!("\nand {more} rows more; --json has them all"),
    };
    let result = if rows.is_empty() { "no rows".to_string() } else { format!("{table}{more}") };
    let text = format!("{}\n{}\n\n{result}", plain(&answer.sql), plain(&answer.explanation));
    let json = serde_json::json!({ "sql": answer.sql, "explanation": answer.explanation, "columns": columns, "rows": rows });
    Ok(Shown { text, json })
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Integer(number) => number.to_string(),
        Value::Real(number) => number.to_string(),
        Value::Text(text) => plain(text),
    }
}

fn read(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path)
        .map_err(|error| Failure::new(format!("reading {}: {error}", path.display())))
}
