//! Several subnets in one process: a TOML file with a section for each subnet, in place of options on the command line.
//!
//! ```toml
//! wallet = "alice"           # for every subnet below
//!
//! [[subnet]]
//! netuid = 2
//! hotkey = "validator1"
//!
//! [[subnet]]
//! netuid = 3
//! kind = "analysis"
//! hotkey = "validator2"
//! ```
//!
//! Names and permitted values are those of the options. The order of precedence: the option on the command line, the
//! section, the option's environment variable, the top of the file, the option's own default.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use clap::builder::Resettable;
use clap::{Arg, Command};
use toml::Value;

use crate::output::{fail, Failure};

/// Most subnets of one file.
const MOST: usize = 64;

/// A file's section for one subnet: options and their values.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Section {
    values: BTreeMap<String, Vec<String>>,
    /// Options that the section itself names, without those at the top of the file.
    own: BTreeSet<String>,
}

impl Section {
    /// The sections of a file, each with the options at its top.
    fn read(path: &Path) -> Result<Vec<Self>, Failure> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            Failure::new(format!("reading {}: {error}; --config names a TOML file", path.display()))
        })?;
        Self::parse(&text).map_err(|error| Failure::new(format!("{}: {error}", path.display())))
    }

    /// The requests of all sections of a file; without a file, the request of the command line.
    pub fn each<R>(
        file: Option<&Path>,
        of_command_line: R,
        of_section: impl Fn(&Self) -> Result<R, Failure>,
    ) -> Result<Vec<R>, Failure> {
        match file {
            None => Ok(vec![of_command_line]),
            Some(file) => Self::read(file)?.iter().map(of_section).collect(),
        }
    }

    /// A folder for this section, below the one of all sections unless the section names its own.
    pub fn folder(&self, common: PathBuf, netuid: Option<u16>) -> PathBuf {
        match netuid.filter(|_| !self.has("data")) {
            Some(netuid) => common.join(netuid.to_string()),
            None => common,
        }
    }

    fn parse(text: &str) -> Result<Vec<Self>, Failure> {
        let mut table: toml::Table = text.parse()?;
        let subnets = match table.remove("subnet") {
            Some(Value::Array(subnets)) if !subnets.is_empty() && subnets.len() <= MOST => subnets,
            _ => {
                return fail(format!(
                    "it names no subnets; write a section [[subnet]] for each of 1 to {MOST}"
                ))
            }
        };
        let common = Section { own: BTreeSet::new(), ..Section::default().with(table)? };
        let section = |subnet| match subnet {
            Value::Table(table) => common.clone().with(table),
            _ => fail("`subnet` is a value; write a section [[subnet]] for each subnet"),
        };
        subnets.into_iter().map(section).collect()
    }

    fn with(mut self, table: toml::Table) -> Result<Self, Failure> {
        for (name, value) in table {
            let values = match value {
                Value::Array(values) => {
                    values.iter().map(|value| word(&name, value)).collect::<Result<_, _>>()?
                }
                value => vec![word(&name, &value)?],
            };
            let name = name.replace('_', "-");
            self.own.insert(name.clone());
            self.values.insert(name, values);
        }
        Ok(self)
    }

    /// Whether the section itself names an option.
    pub fn has(&self, option: &str) -> bool {
        self.own.contains(option)
    }

    /// The command at `place` below `root`, with the section's values as defaults.
    pub fn apply(&self, root: Command, place: &[&str]) -> Result<Command, Failure> {
        let Some((name, rest)) = place.split_first() else { return self.apply_here(root) };
        let found = root.find_subcommand(name).cloned();
        let changed = match found {
            Some(command) => self.apply(command, rest)?,
            None => return fail(format!("there is no command `{name}`")),
        };
        Ok(root.mut_subcommand(name, |_| changed))
    }

    fn apply_here(&self, mut command: Command) -> Result<Command, Failure> {
        for (option, values) in &self.values {
            let known = command.get_arguments().find(|arg| arg.get_long() == Some(option)).map(Arg::get_id);
            let Some(id) = known.cloned() else {
                let names: Vec<&str> = command.get_arguments().filter_map(Arg::get_long).collect();
                return fail(format!("there is no option `{option}`; the options are {}", names.join(", ")));
            };
            // The parser keeps defaults for as long as the program runs; a file is read once.
            let values: Vec<&'static str> = values.iter().map(|value| &*value.clone().leak()).collect();
            // An environment variable would override the option in every section.
            let own = self.own.contains(option);
            command = command.mut_arg(id, |arg| {
                let arg = if own { arg.env(Resettable::Reset) } else { arg };
                arg.required(false).default_values(values)
            });
        }
        Ok(command)
    }
}

fn word(name: &str, value: &Value) -> Result<String, Failure> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Integer(number) => Ok(number.to_string()),
        Value::Float(number) => Ok(number.to_string()),
        Value::Boolean(truth) => Ok(truth.to_string()),
        other => fail(format!("`{name}` is a {}; write a text, a number, true or false", other.type_str())),
    }
}

#[cfg(test)]
mod tests {
    use clap::{Args, FromArgMatches, Parser, Subcommand};

    use super::*;

    #[derive(Parser)]
    struct Tool {
        #[command(subcommand)]
        verb: Verb,
    }

    #[derive(Subcommand)]
    enum Verb {
        Run(Run),
    }

    #[derive(Args, Debug, PartialEq)]
    struct Run {
        #[arg(long)]
        netuid: u16,
        #[arg(long, default_value = "text")]
        kind: String,
        #[arg(long)]
        strict: bool,
        #[arg(long)]
        rate: Option<f64>,
        /// This variable is set on every machine.
        #[arg(long, env = "PATH")]
        name: Option<String>,
    }

    fn run(file: &str, arguments: &[&str]) -> Result<Vec<Run>, String> {
        let sections = Section::parse(file).map_err(|error| error.to_string())?;
        let run_of = |section: &Section| {
            let command = section.apply(<Tool as clap::CommandFactory>::command(), &["run"]);
            let command = command.map_err(|error| error.to_string())?;
            let given = ["tool", "run"].iter().chain(arguments);
            let matches = command.try_get_matches_from(given).map_err(|error| error.to_string())?;
            let Verb::Run(run) = Tool::from_arg_matches(&matches).map_err(|error| error.to_string())?.verb;
            Ok(run)
        };
        sections.iter().map(run_of).collect()
    }

    #[test]
    fn a_section_says_what_options_would_and_options_count_more() {
        let file = "rate = 0.5\n[[subnet]]\nnetuid = 2\n[[subnet]]\nnetuid = 3\nkind = 'analysis'\nstrict = true\nrate = 1\n";
        let name = std::env::var("PATH").ok();
        let expected = |netuid, kind: &str, strict, rate| Run {
            netuid,
            kind: kind.into(),
            strict,
            rate: Some(rate),
            name: name.clone(),
        };
        assert_eq!(
            run(file, &[]),
            Ok(vec![expected(2, "text", false, 0.5), expected(3, "analysis", true, 1.0)])
        );
        let given = run(file, &["--kind", "recognition"]).expect("two subnets");
        assert!(given.iter().all(|run| run.kind == "recognition"));
    }

    #[test]
    fn a_section_counts_more_than_the_environment_and_that_more_than_the_top() {
        let names = |file| -> Vec<_> {
            run(file, &[]).expect("sections").into_iter().filter_map(|run| run.name).collect()
        };
        let file = "name = 'top'\n[[subnet]]\nnetuid = 2\nname = 'own'\n[[subnet]]\nnetuid = 3\n";
        assert_eq!(names(file), ["own".to_owned(), std::env::var("PATH").expect("a path")]);
    }

    #[test]
    fn what_a_file_must_not_say_is_named() {
        let cases = [
            ("", "write a section [[subnet]]"),
            (
                "[[subnet]]\nnetuid = 2\ncolour = 'blue'",
                "there is no option `colour`; the options are netuid, kind",
            ),
            ("[[subnet]]\nnetuid = 'two'", "invalid value 'two' for '--netuid"),
            ("[[subnet]]\nnetuid = {}", "`netuid` is a table"),
            ("subnet = 3", "write a section [[subnet]]"),
            ("[[subnet]\n", "TOML parse error"),
            ("[[subnet]]\nkind = 'text'", "--netuid <NETUID>"),
        ];
        for (file, words) in cases {
            let said = run(file, &[]).expect_err(file);
            assert!(said.contains(words), "{file}: {said}");
        }
    }
}
