//! A chain with accounts whose wallets the official command uses.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;
use std::path::PathBuf;

use myelin_compat::packages::Packages;
use myelin_compat::table::{Part, ROWS};
use serde_json::Value;

use crate::process::{run, Said};
use crate::town::{words, Town, Tried};

/// In place of a wallet: all of them.
pub const EVERYBODY: &str = "*";
/// Exit code of the package where it reports that the chain or a command of its own failed.
const REPORTED: i32 = 0;

/// The node, the wallets, and the commands tried.
pub struct World {
    town: Town,
    program: PathBuf,
    /// The commands of the package with their options.
    commands: BTreeMap<String, BTreeSet<String>>,
    tried: Tried,
}

impl Deref for World {
    type Target = Town;

    fn deref(&self) -> &Town {
        &self.town
    }
}

impl World {
    /// Starts the node, and asks the package for its commands.
    pub async fn start() -> Self {
        let town = Town::start().await;
        let packages = Packages::Btcli9.installed().unwrap_or_else(|why| panic!("{why}"));
        let program = packages.join("bin/btcli");
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/peers/commands.py").to_owned();
        let listed = run(&packages.join("bin/python"), &[script], town.folder.path(), "").await;
        let commands = serde_json::from_str(&listed.text)
            .unwrap_or_else(|error| panic!("{error}: {}", listed.everything()));
        Self { town, program, commands, tried: Tried::default() }
    }

    /// Runs a command with the wallet `who` (with no wallet if `who` is empty). Options are separated by blanks; `'`
    /// keeps blanks together. Where the command has the options, it gets the chain and the wallet's files, and is told
    /// not to ask.
    async fn run(&self, who: &str, command: &str, options: &str, json: bool, answers: &str) -> Said {
        let known = self.commands.get(command);
        let known = known.unwrap_or_else(|| panic!("the package has no command `{command}`"));
        let mut words = words(&format!("{command} {options}"));
        let wallets = self.wallets().display().to_string();
        let mut usual = vec![("--network", &*self.endpoint), ("--no-prompt", "")];
        if !who.is_empty() {
            usual.push(("--wallet-path", &wallets));
        }
        if !["", EVERYBODY].contains(&who) {
            usual.extend([("--wallet-name", who), ("--hotkey", "default")]);
        }
        if json {
            usual.push(("--json-output", ""));
        }
        // The options of this command name the values to clear.
        usual.retain(|_| command != "config clear");
        for (name, value) in usual {
            if known.contains(name) && !words.iter().any(|word| word == name) {
                words.push(name.to_owned());
                words.extend((!value.is_empty()).then(|| value.to_owned()));
            }
        }
        run(&self.program, &words, self.folder.path(), answers).await
    }

    /// JSON answer of a command that succeeds; it stands below all other output.
    pub async fn json(&self, who: &str, command: &str, options: &str) -> Value {
        self.json_answering(who, command, options, "").await
    }

    /// The same for a command that asks although it was told not to.
    pub async fn json_answering(&self, who: &str, command: &str, options: &str, answers: &str) -> Value {
        let said = self.run(who, command, options, true, answers).await;
        let places = said.text.match_indices(['{', '[']);
        let answer = places.filter_map(|(place, _)| serde_json::from_str(&said.text[place..]).ok()).next();
        let answer = answer.unwrap_or_else(|| panic!("{}: no JSON:\n{}", said.line, said.everything()));
        assert_eq!(said.code, Some(0), "{}:\n{}", said.line, said.everything());
        self.tried.worked(command);
        answer
    }

    /// Output of a command that succeeds.
    pub async fn text(&self, who: &str, command: &str, options: &str) -> String {
        self.text_answering(who, command, options, "").await
    }

    /// The same for a command that asks.
    pub async fn text_answering(&self, who: &str, command: &str, options: &str, answers: &str) -> String {
        let said = self.run(who, command, options, false, answers).await;
        let everything = said.everything();
        let fine = said.code == Some(0) && !everything.contains('❌');
        assert!(fine, "{}:\n{everything}", said.line);
        self.tried.worked(command);
        everything
    }

    /// Standard output of a command that succeeds, even if it reports that others did not answer.
    pub async fn output(&self, who: &str, command: &str, options: &str) -> String {
        let said = self.run(who, command, options, false, "").await;
        assert_eq!(said.code, Some(0), "{}:\n{}", said.line, said.everything());
        self.tried.worked(command);
        said.text
    }

    /// Asserts that a command reports a failure with these words, and not with a traceback.
    pub async fn refused(&self, who: &str, command: &str, options: &str, why: &str) {
        self.refused_with(REPORTED, who, command, options, why).await;
    }

    /// The same for a command that ends with this exit code.
    pub async fn refused_with(&self, code: i32, who: &str, command: &str, options: &str, why: &str) {
        let said = self.run(who, command, options, false, "y\n").await;
        let everything = said.everything();
        let plain = everything.contains(why) && !everything.contains("Traceback");
        assert!(plain, "{} does not say `{why}`:\n{everything}", said.line);
        assert_eq!(said.code, Some(code), "{}:\n{everything}", said.line);
        self.tried.refused(command);
    }

    /// Every command of the package stands in the table once, and each tried command behaved as its row states.
    pub fn compare(&self) {
        let rows = ROWS.iter().filter(|row| row.part == Part::Btcli9);
        let listed = rows.clone().flat_map(|row| row.names()).count();
        let table: BTreeMap<_, _> =
            rows.flat_map(|row| row.names().map(|name| (name.to_owned(), row.verdict))).collect();
        assert_eq!(listed, table.len(), "a command stands in two rows");
        self.tried.compare(&self.commands.keys().map(String::as_str).collect(), &table);
    }
}
