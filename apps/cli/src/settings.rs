//! Defaults that a person keeps: environment variables, and the file in which the official command keeps its own.
//!
//! What counts, in this order: the option, its own environment variable, the variables of official programs, the file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::output::{fail, Failure};

/// Where local networks listen.
pub const LOCAL: &str = "ws://127.0.0.1:9944";

/// Names in the file, the options they are defaults of, and the variables of official programs that say the same.
const KEYS: [(&str, &str, &[&str]); 4] = [
    (
        "network",
        "endpoint",
        &["BT_SUBTENSOR_CHAIN_ENDPOINT", "BT_CHAIN_ENDPOINT", "BT_SUBTENSOR_NETWORK", "BT_NETWORK"],
    ),
    ("wallet_path", "wallet_path", &[]),
    ("wallet_name", "wallet", &["BT_WALLET"]),
    ("wallet_hotkey", "hotkey", &[]),
];

/// The file and what it says.
#[derive(Debug)]
pub struct Settings {
    path: PathBuf,
    lines: Vec<String>,
}

impl Settings {
    /// Reads the file at `BTCLI_CONFIG_PATH`, else `~/.bittensor/config.yml`; an absent one says nothing.
    pub fn load() -> Self {
        let path = std::env::var_os("BTCLI_CONFIG_PATH").map(PathBuf::from).unwrap_or_else(|| {
            let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
            home.join(".bittensor").join("config.yml")
        });
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        Settings { path, lines: text.lines().map(str::to_owned).collect() }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Every name that is understood, and its value in the file.
    pub fn known(&self) -> BTreeMap<&'static str, Option<String>> {
        KEYS.iter().map(|(name, _, _)| (*name, self.value(name))).collect()
    }

    fn value(&self, name: &str) -> Option<String> {
        let line = self.lines.iter().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
        let value = line.trim().trim_matches(['\'', '"']);
        (!matches!(value, "" | "null" | "~")).then(|| value.to_owned())
    }

    /// Gives a name a value, or none; every other line of the file stays as it is.
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
            std::fs::create_dir_all(folder)?;
        }
        Ok(std::fs::write(&self.path, self.lines.join("\n") + "\n")?)
    }

    /// The default of an option, if a person chose one. `lookup` reads an environment variable.
    fn default_of(&self, option: &str, lookup: &impl Fn(&str) -> Option<String>) -> Option<String> {
        let (name, _, variables) = KEYS.iter().find(|(_, known, _)| *known == option)?;
        let chosen = variables
            .iter()
            .filter_map(|variable| lookup(variable).filter(|value| !value.is_empty()))
            .chain(self.value(name));
        match option {
            // Names of official networks are none of ours; they are for other programs.
            "endpoint" => chosen.filter_map(|value| endpoint(&value).ok()).next(),
            "wallet_path" => chosen.map(|value| in_home(&value, lookup)).next(),
            _ => chosen.into_iter().next(),
        }
    }

    /// The command with these defaults in place of its own.
    pub fn apply(&self, command: clap::Command) -> clap::Command {
        let lookup = |name: &str| std::env::var(name).ok();
        command
            .mut_args(|arg| match self.default_of(arg.get_id().as_str(), &lookup) {
                // The parser keeps defaults for as long as the program runs, which is once.
                Some(value) => arg.default_value(&*value.leak()),
                None => arg,
            })
            .mut_subcommands(|sub| self.apply(sub))
    }
}

fn in_home(path: &str, lookup: &impl Fn(&str) -> Option<String>) -> String {
    match (path.strip_prefix("~/"), lookup("HOME")) {
        (Some(rest), Some(home)) => format!("{home}/{rest}"),
        _ => path.to_owned(),
    }
}

/// An endpoint by address, or `local`.
pub fn endpoint(text: &str) -> Result<String, String> {
    match text {
        "local" => Ok(LOCAL.into()),
        address if address.contains("://") => Ok(address.into()),
        _ => Err(format!("there is no network named `{text}`; give an address such as {LOCAL}, or `local`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(text: &str) -> Settings {
        Settings { path: "absent".into(), lines: text.lines().map(str::to_owned).collect() }
    }

    #[test]
    fn the_file_is_read_as_the_official_command_writes_it() {
        let file = settings(
            "network: null\nwallet_name: 'alice'\nwallet_path: ~/keys\nmetagraph_cols:\n  UID: true\n",
        );
        let lookup = |name: &str| (name == "HOME").then(|| "/home/a".to_owned());
        assert_eq!(file.default_of("wallet", &lookup).as_deref(), Some("alice"));
        assert_eq!(file.default_of("wallet_path", &lookup).as_deref(), Some("/home/a/keys"));
        assert_eq!(file.default_of("endpoint", &lookup), None);
        assert_eq!(file.default_of("json", &lookup), None);
    }

    #[test]
    fn official_variables_come_before_the_file_and_official_networks_are_skipped() {
        let file = settings("network: ws://file:1\nwallet_name: alice\n");
        let environment = |name: &str| match name {
            "BT_NETWORK" => Some("local".to_owned()),
            "BT_WALLET" => Some("bob".to_owned()),
            _ => None,
        };
        assert_eq!(file.default_of("endpoint", &environment).as_deref(), Some(LOCAL));
        assert_eq!(file.default_of("wallet", &environment).as_deref(), Some("bob"));
        let finney = |name: &str| (name == "BT_NETWORK").then(|| "finney".to_owned());
        assert_eq!(file.default_of("endpoint", &finney).as_deref(), Some("ws://file:1"));
        assert!(endpoint("finney").is_err_and(|why| why.contains("local")));
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
