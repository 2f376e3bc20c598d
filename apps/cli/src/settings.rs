//! The user's defaults: environment variables, and the file of the official command.
//!
//! The order of precedence: the option, its own environment variable, the variables of official programs, the file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::output::{at, fail, Failure};

/// Address of local networks.
pub const LOCAL: &str = "ws://127.0.0.1:9944";

/// The variable of the option `--endpoint`.
pub const ENDPOINT_VARIABLE: &str = "MYELIN_ENDPOINT";

/// Names in the file, their options, and the equivalent variables of official programs.
const KEYS: [(&str, &str, &[&str]); 4] = [
    (
        "network",
        "endpoint",
        &[
            ENDPOINT_VARIABLE,
            "BT_SUBTENSOR_CHAIN_ENDPOINT",
            "BT_CHAIN_ENDPOINT",
            "BT_SUBTENSOR_NETWORK",
            "BT_NETWORK",
        ],
    ),
    ("wallet_path", "wallet_path", &[]),
    ("wallet_name", "wallet", &["BT_WALLET"]),
    ("wallet_hotkey", "hotkey", &[]),
];

/// The file and its content.
#[derive(Debug)]
pub struct Settings {
    path: PathBuf,
    lines: Vec<String>,
}

impl Settings {
    /// Reads the file at `BTCLI_CONFIG_PATH`, else `~/.bittensor/config.yml`; an absent file has no defaults.
    pub fn load() -> Self {
        let path = std::env::var_os("BTCLI_CONFIG_PATH").map(PathBuf::from).unwrap_or_else(|| {
            let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
            home.join(".bittensor").join("config.yml")
        });
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        Settings { path, lines: text.lines().map(str::to_owned).collect() }
    }

    /// The path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Every known name, and its value in the file.
    pub fn known(&self) -> BTreeMap<&'static str, Option<String>> {
        KEYS.iter().map(|(name, _, _)| (*name, self.value(name))).collect()
    }

    /// The first default that cannot be read, and what to do about it. Such a default is ignored.
    pub fn broken(&self) -> Option<String> {
        KEYS.iter().find_map(|(name, _, _)| {
            let (at, text) = self.line(name)?;
            let why = scalar(text).err()?;
            Some(format!(
                "{}, line {}: the value of `{name}` {why}; write {name}: 'VALUE', or let `myelin config set {name} \
                 VALUE` do it",
                self.path.display(),
                at + 1
            ))
        })
    }

    /// Number and text of the line with a name.
    fn line(&self, name: &str) -> Option<(usize, &str)> {
        let of_name = |line: &'_ String| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(':'));
        let at = self.lines.iter().position(of_name)?;
        Some((at, &self.lines[at][name.len() + 1..]))
    }

    fn value(&self, name: &str) -> Option<String> {
        scalar(self.line(name)?.1).ok().flatten()
    }

    /// Sets or removes the value of a name; every other line of the file stays as it is.
    pub fn set(&mut self, name: &str, value: Option<&str>) -> Result<(), Failure> {
        if !KEYS.iter().any(|(known, _, _)| *known == name) {
            let names: Vec<&str> = KEYS.iter().map(|(name, _, _)| *name).collect();
            return fail(format!("there is no setting `{name}`; the settings are {}", names.join(", ")));
        }
        let line = match value {
            Some(value) if value.contains(['\n', '\'']) => {
                return fail(format!("`{value}` cannot be kept in {}", self.path.display()))
            }
            Some(value) => format!("{name}: '{value}'"),
            None => format!("{name}: null"),
        };
        let old = self
            .lines
            .iter_mut()
            .find(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(':')));
        match old {
            Some(old) => *old = line,
            None => self.lines.push(line),
        }
        if let Some(folder) = self.path.parent() {
            std::fs::create_dir_all(folder).map_err(at(folder))?;
        }
        std::fs::write(&self.path, self.lines.join("\n") + "\n").map_err(at(&self.path))
    }

    /// The user's default of an option and its source, if there is one. `lookup` reads an environment variable.
    fn default_of(&self, option: &str, lookup: &impl Fn(&str) -> Option<String>) -> Option<(String, String)> {
        let (name, _, variables) = KEYS.iter().find(|(_, known, _)| *known == option)?;
        let set = |variable: &&str| {
            let value = lookup(variable).filter(|value| !value.is_empty())?;
            Some((value, (*variable).to_owned()))
        };
        let kept = || Some((self.value(name)?, format!("`{name}` in {}", self.path.display())));
        let (value, source) = variables.iter().find_map(set).or_else(kept)?;
        Some((if option == "wallet_path" { in_home(&value, lookup) } else { value }, source))
    }

    /// The command with these defaults in place of its own.
    pub fn apply(&self, command: clap::Command) -> clap::Command {
        self.apply_with(command, &|name: &str| std::env::var(name).ok())
    }

    fn apply_with(&self, command: clap::Command, lookup: &impl Fn(&str) -> Option<String>) -> clap::Command {
        command
            .mut_args(|arg| without_empty_variable(arg, lookup))
            .mut_args(|arg| match self.default_of(arg.get_id().as_str(), lookup) {
                // The parser keeps defaults for as long as the program runs, which is once.
                Some((value, source)) => {
                    let value: &str = value.leak();
                    let arg = arg.default_value(value);
                    match Endpoint::parse(value) {
                        Err(why) if arg.get_id() == "endpoint" => {
                            let why =
                                format!("{why}; `{value}` comes from {source}, and --endpoint overrides it");
                            arg.value_parser(move |text: &str| match text == value {
                                true => Ok(Endpoint(Err(why.clone()))),
                                false => Endpoint::parse(text),
                            })
                        }
                        _ => arg,
                    }
                }
                None => arg,
            })
            .mut_subcommands(|sub| self.apply_with(sub, lookup))
    }
}

/// Reason for not reading a YAML value.
const UNREADABLE: &str = "is no text in one line";

/// The text of a YAML value in one line; `None` if it is empty or `null`. The error is a clause.
fn scalar(line: &str) -> Result<Option<String>, &'static str> {
    let line = line.trim();
    match line.chars().next() {
        Some(quote @ ('\'' | '"')) => quoted(&line[1..], quote),
        Some(indicator) if "[]{},&*!|>%@`".contains(indicator) => Err(UNREADABLE),
        _ => plain(line.split(" #").next().unwrap_or_default().trim_end()),
    }
}

fn quoted(line: &str, quote: char) -> Result<Option<String>, &'static str> {
    let closed = line.split_once(quote).ok_or("begins with a quotation mark that nothing closes");
    let (value, rest) = closed.map(|(value, rest)| (value, rest.trim_start()))?;
    let has_escapes = quote == '"' && value.contains('\\');
    if has_escapes || !(rest.is_empty() || rest.starts_with('#')) {
        return Err(UNREADABLE);
    }
    Ok((!value.is_empty()).then(|| value.to_owned()))
}

fn plain(value: &str) -> Result<Option<String>, &'static str> {
    if value.starts_with('#') || matches!(value, "" | "null" | "Null" | "NULL" | "~") {
        return Ok(None);
    }
    if value.contains(": ") || value.ends_with(':') || value.starts_with("- ") {
        return Err(UNREADABLE);
    }
    Ok(Some(value.to_owned()))
}

/// Ignores a variable that is set to the empty text.
fn without_empty_variable(arg: clap::Arg, lookup: &impl Fn(&str) -> Option<String>) -> clap::Arg {
    let variable = arg.get_env().and_then(|name| name.to_str()).and_then(lookup);
    match variable.as_deref() {
        Some("") => arg.env(clap::builder::Resettable::Reset),
        _ => arg,
    }
}

fn in_home(path: &str, lookup: &impl Fn(&str) -> Option<String>) -> String {
    match (path.strip_prefix("~/"), lookup("HOME")) {
        (Some(rest), Some(home)) => format!("{home}/{rest}"),
        _ => path.to_owned(),
    }
}

/// The node's address, or the reason why a default of it is invalid, which only commands that need a node report.
#[derive(Clone, Debug)]
pub struct Endpoint(Result<String, String>);

impl Endpoint {
    /// An endpoint by address, or `local`.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text {
            "local" => Ok(Endpoint(Ok(LOCAL.into()))),
            address if address.contains("://") => Ok(Endpoint(Ok(address.into()))),
            _ => Err(format!(
                "there is no network named `{text}`; give an address such as {LOCAL}, or `local`"
            )),
        }
    }

    /// Its address.
    pub fn url(&self) -> Result<&str, Failure> {
        self.0.as_deref().map_err(Failure::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(text: &str) -> Settings {
        Settings { path: "absent".into(), lines: text.lines().map(str::to_owned).collect() }
    }

    fn default_of(
        file: &Settings,
        option: &str,
        lookup: impl Fn(&str) -> Option<&'static str>,
    ) -> Option<String> {
        file.default_of(option, &|name: &str| lookup(name).map(str::to_owned)).map(|(value, _)| value)
    }

    #[test]
    fn the_file_is_read_as_the_official_command_writes_it() {
        let file = settings(
            "network: null\nwallet_name: 'alice'\nwallet_path: ~/keys\nmetagraph_cols:\n  UID: true\n",
        );
        let of = |option: &str| default_of(&file, option, |name| (name == "HOME").then_some("/home/a"));
        assert_eq!(of("wallet").as_deref(), Some("alice"));
        assert_eq!(of("wallet_path").as_deref(), Some("/home/a/keys"));
        assert_eq!(of("endpoint"), None);
        assert_eq!(of("json"), None);
    }

    #[test]
    fn what_is_no_text_is_named_with_its_line_and_counts_as_nothing() {
        for wrong in
            ["[1,2", "{a: b}", "'alice", "\"alice", "'a' b", "a: b", "&x y", "> ", "'it''s'", "\"\\u00e9\""]
        {
            let file = settings(&format!("network: null\nwallet_name: {wrong}\n"));
            let why = file.broken().unwrap_or_else(|| panic!("{wrong}"));
            assert!(why.starts_with("absent, line 2: the value of `wallet_name`"), "{why}");
            assert_eq!(default_of(&file, "wallet", |_| None), None, "{wrong}");
        }
        for (right, value) in [
            ("alice", Some("alice")),
            ("'alice' # mine", Some("alice")),
            ("alice # mine", Some("alice")),
            ("\"a b\"", Some("a b")),
            ("a#b", Some("a#b")),
            ("", None),
            ("# none", None),
            ("~", None),
            ("''", None),
        ] {
            let file = settings(&format!("wallet_name: {right}\n"));
            assert_eq!(file.broken(), None, "{right}");
            assert_eq!(default_of(&file, "wallet", |_| None).as_deref(), value, "{right}");
        }
        assert_eq!(settings("network: ws://127.0.0.1:9944").broken(), None);
    }

    #[test]
    fn variables_come_before_the_file() {
        let file = settings("network: ws://file:1\nwallet_name: alice\n");
        let environment = |name: &str| match name {
            "BT_NETWORK" => Some("local"),
            "BT_WALLET" => Some("bob"),
            _ => None,
        };
        assert_eq!(default_of(&file, "endpoint", environment).as_deref(), Some("local"));
        assert_eq!(default_of(&file, "wallet", environment).as_deref(), Some("bob"));
        let both = |name: &str| if name == "MYELIN_ENDPOINT" { Some("ws://b:1") } else { environment(name) };
        assert_eq!(default_of(&file, "endpoint", both).as_deref(), Some("ws://b:1"));
        assert_eq!(default_of(&file, "endpoint", |_| None).as_deref(), Some("ws://file:1"));
        assert!(Endpoint::parse("finney").is_err_and(|why| why.contains("local")));
    }

    /// The endpoint of a command line with these settings and no variables.
    fn endpoint_of(file: &str, arguments: &[&str]) -> Result<String, String> {
        let arg = clap::Arg::new("endpoint").long("endpoint").value_parser(Endpoint::parse);
        let command = settings(file).apply_with(clap::Command::new("test").arg(arg), &|_: &str| None);
        let matches = command.try_get_matches_from(arguments).map_err(|error| error.to_string())?;
        let endpoint = matches.get_one::<Endpoint>("endpoint").expect("a default");
        endpoint.url().map(str::to_owned).map_err(|failure| failure.to_string())
    }

    #[test]
    fn a_kept_network_that_is_none_of_ours_is_an_error_that_says_where_it_is_kept() {
        let kept = endpoint_of("network: finney", &["test"]).expect_err("no network of ours");
        for words in ["no network named `finney`", "`network` in absent", "--endpoint"] {
            assert!(kept.contains(words), "{kept}");
        }
        let given = endpoint_of("network: finney", &["test", "--endpoint", "ws://given:1"]);
        assert_eq!(given.as_deref(), Ok("ws://given:1"));
        let wrong = endpoint_of("network: finney", &["test", "--endpoint", "archive"]);
        assert!(wrong.is_err_and(|why| why.contains("no network named `archive`")));
        assert_eq!(endpoint_of("network: local", &["test"]).as_deref(), Ok(LOCAL));
        assert_eq!(endpoint_of("network: ws://file:1", &["test"]).as_deref(), Ok("ws://file:1"));
    }

    #[test]
    fn setting_one_line_keeps_the_others() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("config.yml");
        std::fs::write(&path, "wallet_name: alice\nmetagraph_cols:\n  UID: true\n").expect("written");
        let text = std::fs::read_to_string(&path).expect("read");
        let mut file = Settings { path: path.clone(), ..settings(&text) };
        file.set("wallet_name", Some("bob")).expect("kept");
        file.set("wallet_hotkey", Some("miner")).expect("kept");
        file.set("network", None).expect("kept");
        assert_eq!(
            std::fs::read_to_string(&path).expect("read"),
            "wallet_name: 'bob'\nmetagraph_cols:\n  UID: true\nwallet_hotkey: 'miner'\nnetwork: null\n"
        );
        assert!(file.set("colour", Some("blue")).is_err());
    }
}
