//! How the command sets up the analysis subnet: a search or a language model answers, and whose words tasks are made of.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, Command};
use myelin_analysis::lexicon::{phrasebook, Lexicon};
use myelin_analysis::miner::{Backend, ModelMiner, Searcher};
use myelin_analysis::task::Source;
use myelin_analysis::{AnalysisConfig, AnalysisSubnet};
use myelin_lm::openai::{EndpointConfig, OpenAiBackend};
use myelin_subnet::rules::rules;
use myelin_subnet::testkit::{test_subnet, Finding};
use myelin_subnet::Subnet;
use myelin_wire::seed::Seed;

use super::{Kind, MinerSetup, Opened, ValidatorSetup};
use crate::output::Failure;

/// Times that a language model is asked for a query that fits the examples.
const ATTEMPTS: u64 = 3;

/// Questions over tables.
pub struct Analysis;

/// What tasks are made of.
#[derive(Args)]
struct Words {
    /// Analysis: names and values of tables, instead of those that everybody has.
    #[arg(long, value_name = "FILE")]
    lexicon: Option<PathBuf>,
    /// Analysis: how questions are said, instead of the phrases that everybody has.
    #[arg(long, value_name = "FILE")]
    phrasebook: Option<PathBuf>,
}

impl Kind for Analysis {
    fn name(&self) -> &'static str {
        "analysis"
    }

    fn about(&self) -> &'static str {
        "Questions over tables are answered by queries"
    }

    fn validator_options(&self, command: Command) -> Command {
        Words::augment_args(command)
    }

    fn miner(&self, setup: &MinerSetup<'_>) -> Result<(Opened, String), Failure> {
        let (backend, name): (Arc<dyn Backend>, _) = match setup.model.server_or_nameless()? {
            Some((url, model)) => {
                let mut config = EndpointConfig::new(url, model);
                config.key.clone_from(&setup.model.backend_key);
                let server = Arc::new(OpenAiBackend::new(config)?);
                (Arc::new(ModelMiner::new(server, ATTEMPTS)), model)
            }
            None => (Arc::new(Searcher::default()), "search"),
        };
        let config = AnalysisConfig { backend: Some(backend), ..AnalysisConfig::default() };
        Ok((Opened::new(AnalysisSubnet::open(config)?), name.to_owned()))
    }

    fn validator(&self, setup: &ValidatorSetup<'_>) -> Result<Opened, Failure> {
        let words: Words = setup.own()?;
        let mut source = Source::public()?;
        if let Some(path) = &words.lexicon {
            source.lexicon = Lexicon::parse(&read(path)?)?;
        }
        if let Some(path) = &words.phrasebook {
            source.phrasebook = phrasebook(&read(path)?)?;
        }
        let config = AnalysisConfig { source: Some(source), ..AnalysisConfig::default() };
        Ok(Opened::new(AnalysisSubnet::open(config)?))
    }

    fn test(&self, seed: &Seed, tell: &mut dyn FnMut(&Finding)) -> Result<Vec<Finding>, Failure> {
        Ok(test_subnet::<AnalysisSubnet>(seed, tell)?)
    }

    fn rules(&self, mechanism: u8) -> Result<Option<String>, Failure> {
        Ok(rules(&AnalysisSubnet::open(AnalysisConfig::default())?, mechanism))
    }
}

fn read(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path)
        .map_err(|error| Failure::new(format!("reading {}: {error}", path.display())))
}
