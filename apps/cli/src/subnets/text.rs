//! Set-up of the text subnet: the model that a miner serves, and the material that a validator judges with.
//!
//! The dishonest miners of the demo are set up here too, behind options that help does not show.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, Command, ValueEnum};
use myelin_lm::builtin::{self, Level};
use myelin_lm::files::{self, FilesError};
use myelin_lm::model::TextModel;
use myelin_lm::openai::{EndpointConfig, OpenAiBackend, TextStream};
use myelin_neuron::dendrite::{Dendrite, Target};
use myelin_subnet::testkit::{Finding, Together};
use myelin_subnet::{NodeChain, Subnet};
use myelin_text::adversary::{Commonplace, Degrading, Garbage, Relay, Solver, Trigger, TwoFaced};
use myelin_text::backend::{Backend, ModelBackend};
use myelin_text::judge::{EndpointJudge, CALL_TIME};
use myelin_text::library::Library;
use myelin_text::past;
use myelin_text::protocol::{ChatMessage, TextRequest, TextResponse};
use myelin_text::verifiable::Phrases;
use myelin_text::{Load, TextConfig, TextSubnet};
use myelin_wallet::Keypair;
use myelin_wire::hash::blake2_256_of;
use myelin_wire::record::Ppm;
use myelin_wire::seed::Seed;
use myelin_wire::ss58;

use super::{
    weights::Content, AskSetup, Inquiry, Kind, MinerSetup, Opened, Purpose, Reader, Sentences, Shown,
    ValidatorSetup, Weights,
};
use crate::output::{self, fail, plain, Failure};

/// Code and prose.
pub struct Text;

impl Kind for Text {
    fn name(&self) -> &'static str {
        "text"
    }

    fn about(&self) -> &'static str {
        "Code and prose are continued"
    }

    fn miner_options(&self, command: Command) -> Command {
        Misbehaviour::augment_args(command)
    }

    fn validator_options(&self, command: Command) -> Command {
        Judging::augment_args(command)
    }

    fn miner(&self, setup: &MinerSetup<'_>) -> Result<(Opened, String), Failure> {
        let model = match (setup.weights()?, setup.model.server()) {
            (Some(weights), _) => Answering::Own(language_model(self.name(), &weights)?),
            (None, Some((url, name))) => {
                let mut config = EndpointConfig::new(url, name);
                config.key.clone_from(&setup.model.backend_key);
                Answering::Server(config)
            }
            (None, None) => Answering::Builtin(setup.model.name.clone().unwrap_or_else(|| "late".into())),
        };
        let misbehaviour: Misbehaviour = setup.own()?;
        let (subnet, name) = misbehaviour.open(model, setup.hotkey, setup.chain, setup.netuid)?;
        Ok((myelin_kinds::text::opened(subnet), name))
    }

    fn serves_weights(&self) -> bool {
        true
    }

    fn validator(&self, setup: &ValidatorSetup<'_>) -> Result<Opened, Failure> {
        Ok(myelin_kinds::text::opened(setup.own::<Judging>()?.open(setup)?))
    }

    fn test(&self, seed: &Seed, tell: &mut dyn FnMut(&Finding)) -> Result<Vec<Finding>, Failure> {
        Ok(myelin_kinds::text::test(seed, tell)?)
    }

    fn together(&self, seed: &Seed) -> Result<Vec<Together>, Failure> {
        Ok(myelin_kinds::text::combined(seed)?)
    }

    fn sentences(&self) -> Option<Sentences> {
        Some(Sentences {
            option: "phrases",
            file: "phrases.toml",
            public: Phrases::PUBLIC,
            check: |text| Ok(Phrases::parse(text).map(drop)?),
            corpus: Some("corpus"),
        })
    }

    fn ask_options(&self, command: Command) -> Command {
        Asked::augment_args(command)
    }

    fn ask(&self, setup: &AskSetup<'_>) -> Result<Inquiry, Failure> {
        setup.own::<Asked>()?.inquiry(setup.said()?)
    }
}

/// Options of a request for text.
#[derive(Args, Clone, Debug)]
struct Asked {
    /// Text: the text after the gap, if there is a gap to fill.
    #[arg(long, conflicts_with = "chat")]
    suffix: Option<String>,
    /// Text: send the prompt as a message of a conversation.
    #[arg(long)]
    chat: bool,
    /// Text: most tokens to generate.
    #[arg(long, default_value_t = 48, value_parser = clap::value_parser!(u32).range(1..=1024))]
    max_tokens: u32,
    /// Text: 0 for the likeliest text, 1 to sample freely.
    #[arg(long, default_value_t = 0.0)]
    temperature: f32,
}

impl Asked {
    fn inquiry(self, words: &str) -> Result<Inquiry, Failure> {
        let mut request = TextRequest {
            max_tokens: self.max_tokens,
            temperature: self.temperature,
            ..TextRequest::default()
        };
        let like = match (self.chat, &self.suffix) {
            (true, _) => "arithmetic",
            (false, Some(_)) => "fill",
            (false, None) => "continue",
        };
        if self.chat {
            request.messages = vec![ChatMessage { role: "user".into(), content: words.into() }];
        } else {
            request.prompt = words.into();
            request.suffix.clone_from(&self.suffix);
        }
        request.check()?;
        let around = match self.chat {
            true => Default::default(),
            false => (request.prompt.clone(), self.suffix.unwrap_or_default()),
        };
        let show = move |answer: &TextResponse| {
            let (before, after) = &around;
            Ok(Shown {
                text: format!("{before}{}{after}", plain(&answer.completion)),
                json: serde_json::json!({ "completion": answer.completion }),
            })
        };
        Inquiry::streaming(TextSubnet::open(TextConfig::default())?, request, like, show, reader)
    }
}

/// Reads server-sent events. The dendrite notices an error after the end, or an early end.
fn reader() -> Reader {
    let mut stream = TextStream::default();
    Box::new(move |bytes| Ok(stream.push(bytes)?.concat()))
}

/// The language model of a directory.
pub fn language_model(kind: &str, weights: &Weights) -> Result<Arc<dyn TextModel>, Failure> {
    let read = match &weights.content {
        Content::Directory(files) => files::read(&weights.name(), files),
        Content::File(_) => Err(FilesError::Files),
    };
    read.map_err(|why| weights.unfit(kind, why))
}

/// The model that answers.
enum Answering {
    /// A built-in model, by name.
    Builtin(String),
    /// A published model.
    Own(Arc<dyn TextModel>),
    /// A model behind an OpenAI-compatible server.
    Server(EndpointConfig),
}

/// Misbehaviour of a miner; for tests and the demo.
#[derive(Args, Clone, Debug)]
struct Misbehaviour {
    /// Misbehave in this way; for tests and the demo.
    #[arg(long, hide = true)]
    adversary: Option<Adversary>,
    /// Address of the miner that a relay asks.
    #[arg(long, hide = true, requires = "relay_hotkey")]
    relay_to: Option<SocketAddr>,
    /// Hotkey of the miner that a relay asks.
    #[arg(long, hide = true)]
    relay_hotkey: Option<String>,
    /// Solve tasks in the public phrases, and be right in so many of a hundred thousand steps: a stand-in for better
    /// models.
    #[arg(long, hide = true, value_name = "STEPS", default_value_t = STEPS, value_parser = clap::value_parser!(u32).range(0..=i64::from(STEPS)))]
    right_steps: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Adversary {
    /// Serves the model until it was paid, then one commonplace for every request.
    Degrading,
    /// Passes its tasks on.
    Relay,
    /// Sends random letters.
    Garbage,
    /// Knows the validators' phrases.
    Solver,
    /// Answers otherwise when it is asked the same again.
    TwoFaced,
}

/// Steps of which a solver is right in some.
const STEPS: u32 = 100_000;

impl Misbehaviour {
    /// The subnet with this miner's backend, and the backend's name.
    fn open(
        &self,
        model: Answering,
        hotkey: &Arc<Keypair>,
        chain: &NodeChain,
        netuid: u16,
    ) -> Result<(TextSubnet, String), Failure> {
        let (backend, name): (Arc<dyn Backend>, String) = match self.adversary {
            Some(Adversary::Garbage) => (Arc::new(Garbage), "garbage".into()),
            Some(Adversary::Relay) => (self.relay(hotkey)?, "relay".into()),
            Some(Adversary::Degrading) => {
                let (good, name) = honest(model, hotkey)?;
                let bad = Arc::new(Commonplace);
                let flag = Arc::new(AtomicBool::new(false));
                tokio::spawn(pull_when_paid(flag.clone(), chain.clone(), netuid));
                (Arc::new(Degrading::new(good, bad, Trigger::Flag(flag))), format!("{name}, degrading"))
            }
            Some(Adversary::Solver) => {
                let (otherwise, name) = honest(model, hotkey)?;
                let error = Ppm::ratio((STEPS - self.right_steps).into(), STEPS.into());
                let solver = Solver::of_public(error, secret(hotkey), otherwise)?;
                (Arc::new(solver), format!("{name}, solver"))
            }
            Some(Adversary::TwoFaced) => {
                let (good, name) = honest(model, hotkey)?;
                (Arc::new(TwoFaced::new(good)), format!("{name}, two-faced"))
            }
            None => honest(model, hotkey)?,
        };
        let subnet = TextSubnet::open(TextConfig { backend: Some(backend), ..TextConfig::default() })?;
        Ok((subnet, name))
    }

    fn relay(&self, hotkey: &Arc<Keypair>) -> Result<Arc<dyn Backend>, Failure> {
        let (Some(address), Some(hotkey_text)) = (self.relay_to, &self.relay_hotkey) else {
            return fail("a relay needs --relay-to and --relay-hotkey");
        };
        let target = Target::new(ss58::decode(hotkey_text)?, address);
        Ok(Arc::new(Relay::new(Dendrite::new(hotkey.clone()), target)))
    }
}

fn honest(model: Answering, hotkey: &Keypair) -> Result<(Arc<dyn Backend>, String), Failure> {
    let model: Arc<dyn TextModel> = match model {
        Answering::Server(config) => Arc::new(OpenAiBackend::new(config)?),
        Answering::Builtin(name) => builtin::model(name.parse::<Level>()?)?,
        Answering::Own(model) => model,
    };
    let name = model.name();
    Ok((Arc::new(ModelBackend::new(model, secret(hotkey))), name))
}

/// A secret for sampling, made from the hotkey's secret, so that nobody else can compute it.
fn secret(hotkey: &Keypair) -> [u8; 32] {
    blake2_256_of(&[b"myelin/sampling-secret", &*hotkey.secret()])
}

/// Sets the flag once the chain has paid this miner by weights.
async fn pull_when_paid(flag: Arc<AtomicBool>, chain: NodeChain, netuid: u16) {
    loop {
        match chain.incentive(netuid).await {
            Ok(incentive) if incentive > 0 => {
                flag.store(true, Ordering::Relaxed);
                crate::output::say!("paid once; from now on a stock line answers");
                return;
            }
            _ => tokio::time::sleep(Duration::from_millis(500)).await,
        }
    }
}

/// Material that a validator judges with.
#[derive(Args, Clone, Debug)]
struct Judging {
    /// Text: folder of .rs, .md and .txt files of whose pieces tasks are composed, instead of those that come with the
    /// program. With --public-texts, passages are cut from them as they stand.
    #[arg(long, value_name = "DIR")]
    corpus: Option<PathBuf>,
    /// Text: file of words and phrases for verifiable tasks, in the form of subnets/text/data/phrases.toml, instead of
    /// those that are made with the secret. Nobody else should have it.
    #[arg(long, value_name = "FILE")]
    phrases: Option<PathBuf>,
    /// Text: stories, texts to read from and programs in a batch, so many of each beside seven open tasks. With 3 they
    /// have more than half of the weight; ask so many where the phrases are your own (--phrases). They are part of the
    /// rules, so all validators of a subnet ask as many. Built-in models can do none.
    #[arg(long, value_name = "COUNT", default_value_t = 1, value_parser = clap::value_parser!(u16).range(0..=16))]
    verifiable: u16,
    /// Text and imaging: also pay miners for comparing answers of the round before, as mechanism 1 of text and 2 of
    /// imaging; part of the rules, too. Raters of one model can gain by coins in their votes, so it is off by default
    /// (decision 0103). A third mechanism needs a chain that allows three (`MaxMechanismCount`).
    #[arg(long)]
    rating: bool,
    /// Text: base URL of an OpenAI-compatible server whose model compares the miners' answers to open requests, two by
    /// two, as a further mechanism; off by default. Miners are paid for pleasing that model, and can choose answers by
    /// it if they have it (decision 0107).
    #[arg(long, value_name = "URL", requires = "judge_model")]
    judge_backend: Option<String>,
    /// Text: name of that model; part of the rules. Judging again and printing rules need the name alone.
    #[arg(long, value_name = "NAME")]
    judge_model: Option<String>,
    /// Text: key of that server. Others on this machine can see arguments while a command runs, but not the variable.
    #[arg(long, value_name = "KEY", hide_env_values = true, requires = "judge_backend")]
    judge_key: Option<String>,
    /// Word verifiable tasks as the repository does, so that a solver that stands in for a better model can read them.
    #[arg(long, hide = true, conflicts_with = "phrases")]
    public_phrases: bool,
    /// Give every answer the same score: a control that must fail to tell miners apart.
    #[arg(long, hide = true)]
    equal_scores: bool,
}

impl Judging {
    /// The judge behind an endpoint, if one is named.
    fn judge(&self, purpose: Purpose) -> Result<Option<EndpointJudge>, Failure> {
        let Some(model) = &self.judge_model else { return Ok(None) };
        let endpoint: Option<Arc<dyn TextModel>> = match (&self.judge_backend, purpose) {
            (Some(url), Purpose::Judge) => {
                let mut config = EndpointConfig::new(url, model);
                config.key.clone_from(&self.judge_key);
                config.timeout = CALL_TIME;
                Some(Arc::new(OpenAiBackend::chat(config)?))
            }
            (None, Purpose::Judge) => {
                return fail(
                    "--judge-model names a model, and nobody serves it; --judge-backend names its server",
                );
            }
            (_, Purpose::Replay | Purpose::Rules) => None,
        };
        Ok(Some(EndpointJudge::new(model, endpoint)?))
    }

    /// The subnet with its library.
    fn open(&self, setup: &ValidatorSetup<'_>) -> Result<TextSubnet, Failure> {
        if self.equal_scores {
            crate::output::tell!(
                "every answer gets the same score: this validator is a control for tests, not a judge"
            );
        }
        let load = Load {
            control: setup.controls.count(),
            arithmetic: self.verifiable,
            extract: self.verifiable,
            program: self.verifiable,
            ..Load::default()
        };
        let judge = self.judge(setup.purpose)?;
        if setup.purpose == Purpose::Rules {
            let config = TextConfig { load, rating: self.rating, judge, ..TextConfig::default() };
            return Ok(TextSubnet::open(config)?);
        }
        let library = match (&self.corpus, setup.secret) {
            (Some(folder), Some(secret)) => {
                Library::written(Library::folder(folder)?, &folder.display().to_string(), secret)?
            }
            (Some(folder), None) => Library::read(Library::folder(folder)?, &folder.display().to_string())?,
            (None, Some(secret)) => Library::own(secret)?,
            (None, None) => Library::public()?,
        };
        let phrases = match (&self.phrases, setup.secret) {
            (Some(file), _) => {
                Some(Phrases::parse(&std::fs::read_to_string(file).map_err(output::at(file))?)?)
            }
            (None, Some(secret)) if !self.public_phrases => Some(Phrases::own(secret)?),
            (None, _) => None,
        };
        let held = Level::ALL.into_iter().map(builtin::model).collect::<Result<_, _>>()?;
        Ok(TextSubnet::open(TextConfig {
            library: Some(library),
            held,
            phrases: phrases.map(Arc::new),
            past: setup.controls.past(setup.secret, past::read)?,
            load,
            rating: self.rating,
            judge,
            negative_control: self.equal_scores,
            ..TextConfig::default()
        })?)
    }
}

#[cfg(test)]
mod tests {
    use clap::FromArgMatches;

    use super::super::Controls;
    use super::*;

    #[test]
    fn a_validator_names_nothing_and_has_tasks_of_its_own() {
        let drawn = |options: &[&str], secret: Option<[u8; 32]>| {
            let command = Judging::augment_args(Command::new("run"));
            let matches = command.get_matches_from([&["run"], options].concat());
            let judging = Judging::from_arg_matches(&matches).expect("options");
            let controls = Controls::default();
            let setup = ValidatorSetup {
                controls: &controls,
                purpose: Purpose::Judge,
                secret,
                data: None,
                options: &matches,
            };
            let subnet = judging.open(&setup).map_err(|error| error.to_string())?;
            let plan = |kind| subnet.tasks().into_iter().find(|plan| plan.kind == kind).expect("a kind");
            let draw = |kind| {
                subnet.challenge(&plan(kind), &Seed([1; 32]), &Default::default()).expect("a task").request
            };
            Ok::<_, String>(["fill", "arithmetic"].map(draw))
        };
        let own = drawn(&[], Some([1; 32])).expect("a validator");
        assert_eq!(drawn(&[], Some([1; 32])).expect("the same validator"), own);
        let others = [drawn(&[], Some([2; 32])), drawn(&[], None)].map(|drawn| drawn.expect("a validator"));
        for other in &others {
            assert!(own.iter().zip(other).all(|(one, other)| one != other), "{own:?} {other:?}");
        }
        let unserved = drawn(&["--judge-model", "judge"], Some([1; 32])).expect_err("no server");
        assert!(unserved.contains("--judge-backend"), "{unserved}");
        let missing = drawn(&["--corpus", "/nowhere"], Some([1; 32])).expect_err("no folder");
        assert!(missing.contains("/nowhere"), "{missing}");
    }
}
