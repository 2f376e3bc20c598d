//! The kinds of subnet that this command mines and judges, and what sets each of them up.

mod text;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, ValueEnum};
use myelin_analysis::lexicon::{Lexicon, Phrasebook};
use myelin_analysis::miner::{ModelMiner, Searcher};
use myelin_analysis::task::Source;
use myelin_analysis::{AnalysisConfig, AnalysisSubnet};
use myelin_lm::openai::{EndpointConfig, OpenAiBackend};
use myelin_recognition::backend::Baseline;
use myelin_recognition::endpoint::EndpointBackend;
use myelin_recognition::{RecognitionConfig, RecognitionSubnet};
use myelin_subnet::{
    Miner, MinerError, MinerOptions, NodeChain, Subnet, Validator, ValidatorError, ValidatorOptions,
};
use myelin_text::TextSubnet;
use myelin_vision::endpoint as vision;
use myelin_wallet::Keypair;

use crate::output::{fail, Failure};

/// Times that a language model is asked for a query that fits the examples.
const ATTEMPTS: u64 = 3;
/// Longest time for an answer of a vision server.
const VISION_TIMEOUT: Duration = Duration::from_secs(60);

/// A kind of subnet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// Code and prose are continued.
    Text,
    /// Questions over tables are answered by queries.
    Analysis,
    /// Pages are read, scenes are classified.
    Recognition,
}

/// A subnet that was set up.
pub enum Opened {
    /// Of kind [`Kind::Text`].
    Text(TextSubnet),
    /// Of kind [`Kind::Analysis`].
    Analysis(AnalysisSubnet),
    /// Of kind [`Kind::Recognition`].
    Recognition(RecognitionSubnet),
}

impl Opened {
    /// Starts to judge.
    pub async fn validate(
        self,
        chain: NodeChain,
        hotkey: Arc<Keypair>,
        options: ValidatorOptions,
    ) -> Result<Validator, ValidatorError> {
        match self {
            Opened::Text(subnet) => Validator::start(Arc::new(subnet), chain, hotkey, options).await,
            Opened::Analysis(subnet) => Validator::start(Arc::new(subnet), chain, hotkey, options).await,
            Opened::Recognition(subnet) => Validator::start(Arc::new(subnet), chain, hotkey, options).await,
        }
    }

    /// Starts to answer.
    pub async fn mine(
        self,
        chain: NodeChain,
        hotkey: Arc<Keypair>,
        options: MinerOptions,
    ) -> Result<Miner, MinerError> {
        match self {
            Opened::Text(subnet) => Miner::start(Arc::new(subnet), chain, hotkey, options).await,
            Opened::Analysis(subnet) => Miner::start(Arc::new(subnet), chain, hotkey, options).await,
            Opened::Recognition(subnet) => Miner::start(Arc::new(subnet), chain, hotkey, options).await,
        }
    }

    /// By which rules it judges a mechanism.
    pub fn rules(&self, mechanism: u8) -> Option<String> {
        match self {
            Opened::Text(subnet) => myelin_subnet::rules::rules(subnet, mechanism),
            Opened::Analysis(subnet) => myelin_subnet::rules::rules(subnet, mechanism),
            Opened::Recognition(subnet) => myelin_subnet::rules::rules(subnet, mechanism),
        }
    }
}

/// What answers.
#[derive(Args, Clone, Debug)]
pub struct MinerSetup {
    /// What kind of subnet it is.
    #[arg(long, value_enum, default_value = "text")]
    kind: Kind,
    /// A built-in text model (ngram, early, late; late by default), or with --backend the name of the server's model.
    #[arg(long, value_name = "NAME")]
    model: Option<String>,
    /// Base URL of an OpenAI-compatible server, for example http://localhost:8000/v1.
    #[arg(long, value_name = "URL", requires = "model")]
    backend: Option<String>,
    /// Key of that server.
    #[arg(long, env = "OPENAI_API_KEY", hide_env_values = true)]
    backend_key: Option<String>,
    #[command(flatten)]
    text: text::Misbehaviour,
}

impl MinerSetup {
    /// The subnet with what answers, and its name.
    pub fn open(
        &self,
        hotkey: &Arc<Keypair>,
        chain: &NodeChain,
        netuid: u16,
    ) -> Result<(Opened, String), Failure> {
        let server = self.backend.as_deref().zip(self.model.as_deref());
        if let (None, Some(model), true) = (server, &self.model, self.kind != Kind::Text) {
            return fail(format!(
                "--model {model} names a model of a server; say with --backend where that is"
            ));
        }
        match self.kind {
            Kind::Text => {
                let (subnet, name) = self.text.open(self.text_model(), hotkey, chain, netuid)?;
                Ok((Opened::Text(subnet), name))
            }
            Kind::Analysis => {
                let (backend, name): (Arc<dyn myelin_analysis::miner::Backend>, _) = match server {
                    Some((url, model)) => {
                        let config = self.endpoint(url, model);
                        let server = Arc::new(OpenAiBackend::new(config)?);
                        (Arc::new(ModelMiner::new(server, ATTEMPTS)), model)
                    }
                    None => (Arc::new(Searcher::default()), "search"),
                };
                let config = AnalysisConfig { backend: Some(backend), ..AnalysisConfig::default() };
                Ok((Opened::Analysis(AnalysisSubnet::open(config)?), name.to_owned()))
            }
            Kind::Recognition => {
                let (backend, name): (Arc<dyn myelin_recognition::backend::Backend>, _) = match server {
                    Some((url, model)) => {
                        let config = vision::EndpointConfig {
                            base_url: url.to_owned(),
                            model: model.to_owned(),
                            key: self.backend_key.clone(),
                            timeout: VISION_TIMEOUT,
                        };
                        (Arc::new(EndpointBackend::new(vision::Endpoint::new(config)?)), model)
                    }
                    None => (Arc::new(Baseline::new()?), "tesseract"),
                };
                let config = RecognitionConfig { backend: Some(backend), ..RecognitionConfig::default() };
                Ok((Opened::Recognition(RecognitionSubnet::open(config)?), name.to_owned()))
            }
        }
    }

    fn endpoint(&self, url: &str, model: &str) -> EndpointConfig {
        let mut config = EndpointConfig::new(url, model);
        config.key.clone_from(&self.backend_key);
        config
    }

    fn text_model(&self) -> text::Model {
        let name = self.model.as_deref().unwrap_or("late");
        match &self.backend {
            Some(url) => text::Model::Server(self.endpoint(url, name)),
            None => text::Model::Builtin(name.to_owned()),
        }
    }
}

/// What is judged, and with what.
#[derive(Args, Clone, Debug)]
pub struct ValidatorSetup {
    /// What kind of subnet it is.
    #[arg(long, value_enum, default_value = "text")]
    kind: Kind,
    #[command(flatten)]
    text: text::Judging,
    /// Analysis: names and values of tables, instead of those that everybody has.
    #[arg(long, value_name = "FILE")]
    lexicon: Option<PathBuf>,
    /// Analysis: how questions are said, instead of the phrases that everybody has.
    #[arg(long, value_name = "FILE")]
    phrasebook: Option<PathBuf>,
}

impl ValidatorSetup {
    /// The subnet with what it judges by.
    pub fn open(&self) -> Result<Opened, Failure> {
        Ok(match self.kind {
            Kind::Text => Opened::Text(self.text.open()?),
            Kind::Analysis => {
                let mut source = Source::public()?;
                if let Some(path) = &self.lexicon {
                    source.lexicon = Lexicon::parse(&read(path)?)?;
                }
                if let Some(path) = &self.phrasebook {
                    source.phrasebook = Phrasebook::parse(&read(path)?)?;
                }
                let config = AnalysisConfig { source: Some(source), ..AnalysisConfig::default() };
                Opened::Analysis(AnalysisSubnet::open(config)?)
            }
            Kind::Recognition => Opened::Recognition(RecognitionSubnet::open(RecognitionConfig::default())?),
        })
    }
}

fn read(path: &std::path::Path) -> Result<String, Failure> {
    std::fs::read_to_string(path)
        .map_err(|error| Failure::new(format!("reading {}: {error}", path.display())))
}

/// The rules by which this version judges a kind of subnet.
#[derive(Args, Clone, Debug)]
pub struct Rules {
    /// What kind of subnet it is.
    #[arg(long, value_enum)]
    kind: Kind,
    /// The mechanism: 0 is served, 1 is submitted.
    #[arg(long, default_value_t = 0)]
    mechanism: u8,
}

impl Rules {
    /// Their text.
    pub fn text(&self) -> Result<String, Failure> {
        let opened = match self.kind {
            Kind::Text => Opened::Text(TextSubnet::open(myelin_text::TextConfig::default())?),
            Kind::Analysis => Opened::Analysis(AnalysisSubnet::open(AnalysisConfig::default())?),
            Kind::Recognition => Opened::Recognition(RecognitionSubnet::open(RecognitionConfig::default())?),
        };
        match opened.rules(self.mechanism) {
            Some(text) => Ok(text),
            None => fail(format!("a subnet of this kind has no mechanism {}", self.mechanism)),
        }
    }
}
