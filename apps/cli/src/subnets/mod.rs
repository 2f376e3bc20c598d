//! Kinds of subnet: the parts of each that the command needs to mine it and to judge it.
//!
//! A [`Kind`] has a name, options of its own, and sets up instances for miners and for validators. Those of
//! `myelin` are one file each; others come from the caller of [`run`](crate::run). The command treats all of them
//! alike.

#[cfg(feature = "analysis")]
mod analysis;
#[cfg(feature = "finance")]
mod finance;
#[cfg(feature = "imaging")]
mod imaging;
mod inquiry;
mod model;
#[cfg(any(feature = "imaging", feature = "recognition"))]
mod picture;
#[cfg(any(feature = "scraping", feature = "translation"))]
mod progress;
#[cfg(feature = "recognition")]
mod recognition;
#[cfg(feature = "scraping")]
mod scraping;
mod secret;
mod text;
#[cfg(feature = "translation")]
mod translation;
mod weights;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};
use futures::future::LocalBoxFuture;
use myelin_subnet::past::Past;
use myelin_subnet::rules::Terms;
use myelin_subnet::testkit::{Finding, Together};
use myelin_subnet::{NodeChain, SubnetError};
use myelin_wallet::Keypair;
use myelin_wire::seed::Seed;
use serde::Serialize;
use serde_json::json;

use crate::output::{self, fail, Failure, Outcome};
use crate::Global;

pub(crate) use inquiry::{stated, Caller, Cause, Refusal, Reply};
pub use inquiry::{Inquiry, Reader, Shown};
pub use model::Model;
pub use myelin_kinds::Opened;
pub(crate) use myelin_kinds::{Audited, Redraw};
pub(crate) use secret::{secret_hash, secret_in, secret_of};
pub use weights::Weights;

/// A kind of subnet, as the command runs it.
pub trait Kind: Send + Sync {
    /// Its name for `--kind`: lower-case letters, digits and hyphens.
    fn name(&self) -> &'static str;

    /// Its purpose, in a line for `--help`.
    fn about(&self) -> &'static str;

    /// Adds options that only miners of this kind have, as [`clap::Args::augment_args`] does.
    fn miner_options(&self, command: Command) -> Command {
        command
    }

    /// Adds options that only validators of this kind have.
    fn validator_options(&self, command: Command) -> Command {
        command
    }

    /// Sets up a miner's subnet with its backend, and returns the backend's name as well.
    fn miner(&self, setup: &MinerSetup<'_>) -> Result<(Opened, String), Failure>;

    /// Whether its miners can serve the weights of a file, which [`MinerSetup::weights`] reads.
    fn serves_weights(&self) -> bool {
        false
    }

    /// Sets up a validator's subnet with everything it judges by.
    fn validator(&self, setup: &ValidatorSetup<'_>) -> Result<Opened, Failure>;

    /// Adds options that only questions to this kind have, for `myelin ask`.
    fn ask_options(&self, command: Command) -> Command {
        command
    }

    /// The question that these options describe.
    fn ask(&self, _setup: &AskSetup<'_>) -> Result<Inquiry, Failure> {
        fail(format!(
            "nothing can be asked of the kind `{}` on the command line yet; its program implements `Kind::ask` for that",
            self.name()
        ))
    }

    /// The work that these options describe, if it takes more than one request.
    fn job(&self, _setup: &AskSetup<'_>) -> Result<Option<Box<dyn Job>>, Failure> {
        Ok(None)
    }

    /// The jobs that these options describe, if they are to be done again and again.
    fn jobs(&self, _setup: &AskSetup<'_>) -> Result<Option<Box<dyn Jobs>>, Failure> {
        Ok(None)
    }

    /// The public sentences of which this kind's tasks are made; `None` where tasks have none.
    fn sentences(&self) -> Option<Sentences> {
        None
    }

    /// Tests the promises of the kind, and reports each one as soon as it is decided.
    fn test(&self, _seed: &Seed, _tell: &mut dyn FnMut(&Finding)) -> Result<Vec<Finding>, Failure> {
        fail(format!(
            "the kind `{}` names no miners of known worth yet; implement `Contest` for its subnet and call `test_subnet` here",
            self.name()
        ))
    }

    /// Measures combined answers of several miners beside those of the best of them alone.
    fn together(&self, _seed: &Seed) -> Result<Vec<Together>, Failure> {
        fail(format!(
            "answers of the kind `{}` are not combined; implement `Subnet::combine` for it and call `together` here",
            self.name()
        ))
    }
}

/// Work for `myelin ask` that takes several requests, such as a large file.
pub trait Job {
    /// The next request; `None` if the work is done.
    fn next(&mut self) -> Result<Option<Inquiry>, Failure>;

    /// Takes an answer to the last request, as it is shown to programs, and says how far the work is.
    fn take(&mut self, answer: &serde_json::Value) -> Result<String, Failure>;

    /// Writes the result.
    fn finish(&mut self) -> LocalBoxFuture<'_, Result<Shown, Failure>>;
}

/// Work for `myelin ask` that is done again and again.
pub trait Jobs {
    /// The time until the next job is due.
    fn wait(&mut self) -> Duration;

    /// Opens the job that [`wait`](Self::wait) waited for.
    fn open(&mut self) -> Result<Box<dyn Job>, Failure>;

    /// Takes the end of that job. Fails if its next time cannot be kept.
    fn ended(&mut self, outcome: Outcome) -> Outcome;
}

/// Sentences of which tasks are made, in a TOML file that a validator may replace by its own.
pub struct Sentences {
    /// Option of `myelin validator run` that names such a file, without its dashes.
    pub option: &'static str,
    /// The file's usual name.
    pub file: &'static str,
    /// The public file.
    pub public: &'static str,
    /// Checks that a file says everything that tasks need.
    pub check: fn(&str) -> Outcome,
    /// Option that names a folder of texts of which tasks are composed.
    pub corpus: Option<&'static str>,
}

/// Gives every option without an environment variable one: `--min-words` gets `MYELIN_MIN_WORDS`.
fn with_variable(arg: Arg) -> Arg {
    match arg.get_long() {
        Some(long) if arg.get_env().is_none() && !arg.is_hide_set() => {
            let name = format!("MYELIN_{}", long.to_uppercase().replace('-', "_"));
            // The parser keeps names for as long as the program runs.
            arg.env(&*name.leak())
        }
        _ => arg,
    }
}

/// Parts for setting up a miner.
pub struct MinerSetup<'a> {
    /// The model that answers.
    pub model: &'a Model,
    /// Every option of the command line.
    pub options: &'a ArgMatches,
    /// The miner's key.
    pub hotkey: &'a Arc<Keypair>,
    /// The chain, as this miner sees it.
    pub chain: &'a NodeChain,
    /// The subnet's number on the chain.
    pub netuid: u16,
}

impl MinerSetup<'_> {
    /// The kind's own options, added by [`Kind::miner_options`].
    pub fn own<T: Args>(&self) -> Result<T, Failure> {
        Ok(T::from_arg_matches(self.options)?)
    }

    /// The file of `--weights`, whose content is the model of `--model`; `None` if another model is to answer.
    pub fn weights(&self) -> Result<Option<Weights>, Failure> {
        let id = self.model.published()?;
        let file = self.model.weights.as_deref().zip(id);
        file.map(|(path, id)| Weights::find(path, id)).transpose()
    }

    /// The built-in model of the kind that `--model` names, one of `names`; the first by default.
    pub fn built_in<'n>(&self, names: &[&'n str]) -> Result<&'n str, Failure> {
        self.model.built_in(names)
    }
}

/// Earlier requests of customers: the options that validators of every kind have.
#[derive(Args, Clone, Debug, Default)]
pub struct Controls {
    /// File of earlier customers' requests with the accepted answers, a line {"request": {…}, "accepted": …} for each.
    /// It stays with this validator; a miner sees a line only when it is asked again.
    #[arg(long, value_name = "FILE")]
    pub past: Option<PathBuf>,
    /// Such requests for each miner in a round, or in each batch if miners are paid for the work they get done; they
    /// hide among those of customers (--organic): 2 with --past, none without it. They are part of the rules, so all
    /// validators of a subnet ask as many.
    #[arg(long = "controls", value_name = "COUNT", value_parser = clap::value_parser!(u16).range(0..=64))]
    pub count: Option<u16>,
}

/// Default number of controls: without any, a miner could serve customers worse than checks.
const USUAL_CONTROLS: u16 = 2;

impl Controls {
    /// The number of controls for each miner.
    pub fn count(&self) -> u16 {
        self.count.unwrap_or(if self.past.is_some() { USUAL_CONTROLS } else { 0 })
    }

    /// Refuses controls without a file to make them of, and customers without controls unless that was requested.
    pub fn check(&self, organic: bool) -> Result<(), Failure> {
        match (&self.past, self.count) {
            (None, Some(1..)) => fail("--controls needs what controls are made of: name the file with --past"),
            (None, None) if organic => fail(
                "--organic without controls would let miners refuse customers and answer checks; name what customers asked before with --past, or \
                 say --controls 0",
            ),
            _ => Ok(()),
        }
    }

    /// The earlier requests of customers, read by a kind's reader.
    ///
    /// With the validator's secret for tasks nobody else can guess them from the names that it keeps of them.
    pub fn past<Q: Serialize, A>(
        &self,
        secret: Option<[u8; 32]>,
        read: impl Fn(&Path) -> Result<Past<Q, A>, SubnetError>,
    ) -> Result<Option<Arc<Past<Q, A>>>, Failure> {
        let past = self.past.as_deref().map(read).transpose()?;
        Ok(past.map(|past| Arc::new(past.keyed(secret))))
    }
}

/// Rules that a subnet's owner chooses for every kind.
#[derive(Args, Clone, Copy, Debug)]
pub struct Chosen {
    /// A newcomer is paid in full once it has earned as much as in so many average rounds, and before that in
    /// proportion; where it is paid by averages or by work done. There the default is 9. Finance, rating and
    /// submissions have no burn-in. It is part of the rules, so all validators of a subnet have the same.
    #[arg(long, value_name = "ROUNDS", value_parser = clap::value_parser!(u32).range(0..=1_000))]
    burn_in: Option<u32>,
    /// TAO of collateral without which a miner is neither asked nor paid; none if not given. The subnet must require as
    /// much (`myelin collateral require`), or miners can't lock it. It is part of the rules too.
    #[arg(long, value_name = "TAO", value_parser = output::some_amount)]
    collateral: Option<u64>,
    /// Most tasks in a round for all miners together, where miners are paid for what they get done; the kind sets the
    /// default, 16000 to 100000. With more than machines can do, many keys on one machine earn as much as one key; with
    /// fewer, only better answers count. It is part of the rules too.
    #[arg(long, value_name = "TASKS", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    load: Option<u32>,
}

impl Chosen {
    /// The same in the framework's form, for a subnet that can follow them.
    pub(crate) fn terms(self, subnet: &Opened) -> Result<Terms, Failure> {
        if self.load.is_some() && !subnet.pays_load() {
            return fail("miners of this kind are not paid for what they get done; leave --load out");
        }
        let Self { burn_in, collateral, load } = self;
        Ok(Terms { burn_in, collateral: collateral.unwrap_or_default(), load })
    }
}

/// Purpose of a validator's set-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Drawing tasks and judging answers.
    Judge,
    /// Judging earlier tasks again, which needs no texts or words of the validator's own.
    Replay,
    /// Printing the rules, which needs nothing else.
    Rules,
}

/// Parts for setting up a validator.
pub struct ValidatorSetup<'a> {
    /// Earlier requests of customers.
    pub controls: &'a Controls,
    /// The purpose.
    pub purpose: Purpose,
    /// The secret for tasks of the validator's own; none if it uses public material (`--public-texts`), or draws no
    /// tasks.
    pub secret: Option<[u8; 32]>,
    /// Folder for what outlives a restart; none if no tasks are drawn.
    pub data: Option<&'a Path>,
    /// Every option of the command line.
    pub options: &'a ArgMatches,
}

impl ValidatorSetup<'_> {
    /// The kind's own options, added by [`Kind::validator_options`].
    pub fn own<T: Args>(&self) -> Result<T, Failure> {
        Ok(T::from_arg_matches(self.options)?)
    }

    /// Whether miners are also paid for rating each other: `--rating`, an option that text declares for several kinds.
    pub fn rates(&self) -> bool {
        self.options.try_get_one("rating").ok().flatten().copied().unwrap_or_default()
    }
}

/// Parts of a question.
pub struct AskSetup<'a> {
    /// The question in words.
    pub words: Option<&'a str>,
    /// The file for the result.
    pub out: Option<&'a Path>,
    /// Every option of the command line.
    pub options: &'a ArgMatches,
}

impl AskSetup<'_> {
    /// The kind's own options, added by [`Kind::ask_options`].
    pub fn own<T: Args>(&self) -> Result<T, Failure> {
        Ok(T::from_arg_matches(self.options)?)
    }

    /// The question in words; fails if there is none.
    pub fn said(&self) -> Result<&str, Failure> {
        match self.words {
            Some(words) if !words.trim().is_empty() => Ok(words),
            _ => fail("nothing is asked; write it as the last word of the command, in quotes"),
        }
    }
}

/// Time that worthless miners of the demo take for an answer.
#[cfg(any(feature = "analysis", feature = "recognition"))]
const PAUSE: std::time::Duration = std::time::Duration::from_millis(500);

/// Every kind that this program knows.
pub(crate) struct Kinds(Vec<Box<dyn Kind>>);

/// Places of the options of miners, of validators and of askers.
const MINER: [&str; 2] = ["miner", "run"];
const VALIDATOR: [&str; 2] = ["validator", "run"];
const RULES: &str = "rules";
const REPLAY: &str = "replay";
const EVIDENCE: &str = "evidence";
const VERIFY: &str = "verify";
const SCORES: &str = "scores";
const ARTEFACT: &str = "artefact";
const ASK: &str = "ask";

impl Kinds {
    /// The program's own kinds, then those of `myelin`.
    pub fn with(own: Vec<Box<dyn Kind>>) -> Self {
        let known: Vec<Box<dyn Kind>> = vec![
            Box::new(text::Text),
            #[cfg(feature = "analysis")]
            Box::new(analysis::Analysis),
            #[cfg(feature = "recognition")]
            Box::new(recognition::Recognition),
            #[cfg(feature = "finance")]
            Box::new(finance::Finance),
            #[cfg(feature = "translation")]
            Box::new(translation::Translation),
            #[cfg(feature = "scraping")]
            Box::new(scraping::Scraping),
            #[cfg(feature = "imaging")]
            Box::new(imaging::Imaging),
        ];
        Self(own.into_iter().chain(known).collect())
    }

    /// The kind of a name.
    pub fn find(&self, name: &str) -> Result<&dyn Kind, Failure> {
        let found = self.0.iter().find(|kind| kind.name() == name);
        found.map(|kind| &**kind).ok_or_else(|| {
            Failure::new(format!("there is no kind `{name}`; the kinds are {}", self.names().join(", ")))
        })
    }

    fn names(&self) -> Vec<&'static str> {
        self.0.iter().map(|kind| kind.name()).collect()
    }

    /// The command line with the names and the options of these kinds.
    pub fn describe(&self, root: Command) -> Command {
        let default = self.names()[0];
        let named = |command: Command| {
            let values = self.0.iter().map(|kind| PossibleValue::new(kind.name()).help(kind.about()));
            command.mut_arg("kind", |kind| kind.value_parser(PossibleValuesParser::new(values)))
        };
        let run = |command: Command, add: fn(&dyn Kind, Command) -> Command| {
            let about = command.get_about().cloned().unwrap_or_default();
            let command = named(command).mut_arg("kind", |kind| kind.required(false).default_value(default));
            let command = self.0.iter().fold(command, |command, kind| add(&**kind, command));
            // Options that come as a struct bring its documentation along, which is not the command's.
            command.about(about).long_about(None)
        };
        let [miner, validator] = [MINER[0], VALIDATOR[0]];
        root.mut_subcommand(miner, |miner| {
            let miner = miner.mut_subcommand(MINER[1], |command| {
                run(command, |kind, command| kind.miner_options(command)).mut_args(with_variable)
            });
            [SCORES, ARTEFACT].into_iter().fold(miner, |miner, name| {
                miner.mut_subcommand(name, |command| {
                    run(command, |kind, command| kind.validator_options(command)).mut_args(with_variable)
                })
            })
        })
        .mut_subcommand(validator, |validator| {
            [VALIDATOR[1], RULES, REPLAY].into_iter().fold(validator, |validator, name| {
                validator.mut_subcommand(name, |command| {
                    run(command, |kind, command| kind.validator_options(command)).mut_args(with_variable)
                })
            })
        })
        .mut_subcommand(EVIDENCE, |evidence| {
            [VERIFY, REPLAY].into_iter().fold(evidence, |evidence, name| {
                evidence.mut_subcommand(name, |command| {
                    run(command, |kind, command| kind.validator_options(command)).mut_args(with_variable)
                })
            })
        })
        .mut_subcommand(ASK, |command| run(command, |kind, command| kind.ask_options(command)))
        .mut_subcommand("subnet", |subnet| subnet.mut_subcommand("test", named))
    }

    /// Refuses duplicate names and options, between which nobody could choose.
    pub fn check(&self, described: &Command) -> Result<(), Failure> {
        let mut names = BTreeSet::new();
        if let Some(twice) = self.names().into_iter().find(|name| !names.insert(*name)) {
            return fail(format!("two kinds of subnet are called `{twice}`; give yours another name"));
        }
        let of_validators = [
            [VALIDATOR[0], RULES],
            [VALIDATOR[0], REPLAY],
            [EVIDENCE, VERIFY],
            [EVIDENCE, REPLAY],
            [MINER[0], SCORES],
            [MINER[0], ARTEFACT],
        ];
        for place in of_validators.iter().map(|place| &place[..]).chain([&MINER[..], &VALIDATOR, &[ASK]]) {
            let command = place.iter().try_fold(described, |command, word| command.find_subcommand(word));
            let own = command.into_iter().flat_map(Command::get_arguments);
            let mut options = BTreeSet::new();
            let all = described.get_arguments().chain(own).filter_map(Arg::get_long);
            if let Some(twice) = all.into_iter().find(|option| !options.insert(*option)) {
                return fail(format!(
                    "`{}` has two options --{twice}; give that of your kind of subnet another name",
                    place.join(" ")
                ));
            }
        }
        Ok(())
    }
}

/// A kind, with every option of the command line.
#[derive(Args, Clone, Debug)]
pub(crate) struct Choice {
    /// Kind of subnet.
    #[arg(long)]
    pub kind: String,
    #[command(flatten)]
    given: Given,
}

impl Choice {
    /// All options, among which the kind finds its own.
    pub fn options(&self) -> &ArgMatches {
        &self.given.0
    }

    /// The subnet for its rules and rubric alone, with so many controls. It reads no texts and no models.
    pub fn open_for_rules(&self, kinds: &Kinds, controls: u16) -> Result<Opened, Failure> {
        let controls = Controls { past: None, count: Some(controls) };
        let (purpose, options) = (Purpose::Rules, self.options());
        kinds.find(&self.kind)?.validator(&ValidatorSetup {
            controls: &controls,
            purpose,
            secret: None,
            data: None,
            options,
        })
    }
}

/// Options before they become fields.
#[derive(Clone, Debug)]
struct Given(ArgMatches);

impl FromArgMatches for Given {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        Ok(Self(matches.clone()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.0 = matches.clone();
        Ok(())
    }
}

impl Args for Given {
    fn augment_args(command: Command) -> Command {
        command
    }

    fn augment_args_for_update(command: Command) -> Command {
        command
    }
}

/// The rules by which this version judges a kind of subnet with the options of a validator.
#[derive(Args, Clone, Debug)]
pub(crate) struct Rules {
    #[command(flatten)]
    choice: Choice,
    /// Mechanism: miners answer on 0, and submit artefacts on 1.
    #[arg(long, default_value_t = 0)]
    mechanism: u8,
    /// Earlier requests of customers, as many as with `myelin validator run`.
    #[arg(long, value_name = "COUNT", default_value_t = 0, value_parser = clap::value_parser!(u16).range(0..=64))]
    controls: u16,
    #[command(flatten)]
    chosen: Chosen,
}

impl Rules {
    /// Prints the rules: their text, or an object that holds it.
    pub fn show(&self, global: &Global, kinds: &Kinds) -> Outcome {
        let text = self.text(kinds)?;
        if !global.json {
            output::write(&text);
            return Ok(());
        }
        let hash = myelin_wire::hash::to_hex(&myelin_wire::hash::blake2_256(text.as_bytes()));
        output::json(&json!({ "kind": self.choice.kind, "mechanism": self.mechanism, "text": text,
                              "hash": format!("0x{hash}") }))
    }

    /// The text of the rules.
    pub fn text(&self, kinds: &Kinds) -> Result<String, Failure> {
        let opened = self.choice.open_for_rules(kinds, self.controls)?;
        opened
            .rules(self.mechanism, self.chosen.terms(&opened)?)
            .ok_or_else(|| Failure::new(format!("a subnet of this kind has no mechanism {}", self.mechanism)))
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::Cli;

    /// A kind with an option of its own, under a name of its own.
    struct Own(&'static str, &'static str);

    impl Kind for Own {
        fn name(&self) -> &'static str {
            self.0
        }

        fn about(&self) -> &'static str {
            "Nothing"
        }

        fn miner_options(&self, command: Command) -> Command {
            command.arg(clap::Arg::new("effort").long(self.1)).about("what an option brings along")
        }

        fn miner(&self, _: &MinerSetup<'_>) -> Result<(Opened, String), Failure> {
            fail("nothing answers")
        }

        fn validator(&self, _: &ValidatorSetup<'_>) -> Result<Opened, Failure> {
            fail("nothing judges")
        }
    }

    fn parsed(kinds: &Kinds, line: &str) -> Result<(String, ArgMatches), String> {
        let command = kinds.describe(Cli::command());
        let matches = command.try_get_matches_from(line.split(' ')).map_err(|error| error.to_string())?;
        let below = MINER.iter().try_fold(&matches, |matches, word| matches.subcommand_matches(word));
        let choice =
            Choice::from_arg_matches(below.expect("this command")).map_err(|error| error.to_string())?;
        Ok((choice.kind.clone(), choice.options().clone()))
    }

    #[test]
    fn a_program_adds_a_kind_with_its_options_and_keeps_all_others() {
        let kinds = Kinds::with(vec![Box::new(Own("own", "effort"))]);
        assert!(kinds.check(&kinds.describe(Cli::command())).is_ok());
        let line = "own miner run --netuid 2 --ip 127.0.0.2";
        let (kind, options) = parsed(&kinds, &format!("{line} --effort 7")).expect("parsed");
        assert_eq!((&*kind, options.get_one::<String>("effort").map(String::as_str)), ("own", Some("7")));
        assert_eq!(parsed(&kinds, &format!("{line} --kind analysis")).expect("parsed").0, "analysis");
        let unknown = parsed(&kinds, &format!("{line} --kind other")).expect_err("no such kind");
        assert!(unknown.contains("own, text, analysis, recognition"), "{unknown}");
        assert!(kinds.find("own").is_ok());
        // Without kinds of a program's own, text is the default.
        assert_eq!(parsed(&Kinds::with(Vec::new()), line).expect("parsed").0, "text");
        assert!(parsed(&Kinds::with(Vec::new()), &format!("{line} --effort 7")).is_err());
    }

    #[test]
    fn customers_are_not_asked_for_without_controls_unless_that_is_said() {
        let controls = |past: Option<&str>, count| Controls { past: past.map(PathBuf::from), count };
        assert!(controls(None, None).check(true).is_err());
        assert!(controls(None, None).check(false).is_ok());
        assert!(controls(None, Some(0)).check(true).is_ok());
        assert!(controls(None, Some(2)).check(false).is_err(), "nothing to make them of");
        assert_eq!(controls(Some("asked.jsonl"), None).count(), USUAL_CONTROLS);
        assert_eq!(controls(Some("asked.jsonl"), Some(0)).count(), 0);
        assert!(controls(Some("asked.jsonl"), None).check(true).is_ok());
    }

    #[test]
    fn rules_are_those_that_a_validator_with_the_same_options_judges_by() {
        let kinds = Kinds::with(Vec::new());
        let rules = |line: &str| {
            let command = kinds.describe(Cli::command());
            let matches = command.try_get_matches_from(line.split(' ')).expect("parsed");
            let below =
                matches.subcommand_matches("validator").and_then(|below| below.subcommand_matches(RULES));
            let rules = Rules::from_arg_matches(below.expect("this command")).expect("its options");
            rules.text(&kinds).map_err(|error| error.to_string())
        };
        let usual = rules("myelin validator rules").expect("rules");
        assert!(usual.contains("task arithmetic miner 1 ") && !usual.contains("task control"), "{usual}");
        let own = rules("myelin validator rules --kind text --verifiable 0 --load 300 --controls 2")
            .expect("rules");
        assert!(own.contains("pay load 300 ") && own.contains("task control miner 2 "), "{own}");
        assert!(!own.contains("task arithmetic"), "{own}");
        // The chain keeps so many bytes, with most controls too.
        let longest = rules("myelin validator rules --kind text --controls 64").expect("rules");
        assert!(longest.len() <= 512, "{} bytes: {longest}", longest.len());
        assert!(
            longest.contains("\nengine js ") && longest.contains("\nmeasure agreement (right-zero)/"),
            "{longest}"
        );
        assert_eq!(myelin_subnet::rules::check_text(&longest, 0), Ok(()));
        let slow = rules("myelin validator rules --burn-in 12").expect("rules");
        assert_eq!(slow.replace("\naverage 400000 12 earned ", "\naverage 400000 9 earned "), usual);
        assert_ne!(slow, usual);
        let program = |line| rules(line).expect("rules");
        let submitted = "myelin validator rules --kind analysis --mechanism 1";
        assert_eq!(program(submitted), program(&format!("{submitted} --burn-in 12")), "a ladder has none");
        let submitted = rules("myelin validator rules --kind analysis --mechanism 1").expect("rules");
        assert!(submitted.contains("mechanism 1 submit "), "{submitted}");
        assert!(
            rules("myelin validator rules --mechanism 7").is_err_and(|why| why.contains("no mechanism 7"))
        );
    }

    #[test]
    fn options_of_kinds_leave_what_help_says_of_the_command() {
        let said = |kinds: &Kinds| {
            let mut command = kinds.describe(Cli::command());
            MINER
                .iter()
                .fold(&mut command, |command, word| command.find_subcommand_mut(word).expect("there"))
                .get_about()
                .map(ToString::to_string)
        };
        let usual = Some("Serves answers until it is stopped".to_owned());
        assert_eq!(said(&Kinds::with(vec![Box::new(Own("own", "effort"))])), usual);
    }

    #[test]
    fn a_name_or_an_option_that_is_taken_is_refused() {
        let check = |own| {
            let kinds = Kinds::with(vec![Box::new(own)]);
            kinds.check(&kinds.describe(Cli::command())).expect_err("refused").to_string()
        };
        assert!(check(Own("text", "effort")).contains("two kinds of subnet are called `text`"));
        assert!(check(Own("own", "port")).contains("two options --port"));
        assert!(check(Own("own", "endpoint")).contains("two options --endpoint"));
        let usual = Kinds::with(Vec::new());
        assert!(usual.check(&usual.describe(Cli::command())).is_ok());
    }
}
