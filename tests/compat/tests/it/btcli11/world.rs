//! The wallets of the accounts, used by the command as a process of its own or in a process that has it loaded.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use codec::Decode;
use myelin_abi::Account;
use myelin_chain_client::Key;
use myelin_compat::packages::Packages;
use myelin_compat::table::{Part, Verdict, ROWS};
use serde_json::{json, Value};

use crate::dev::account;
use crate::peer::Peer;
use crate::process::{run, Said};
use crate::town::{words, Town, Tried};
use crate::verdicts;

/// Seconds within which a command ends, unless it waits for ever.
const LIMIT: u64 = 60;
/// Seconds after which a command that waits for ever is ended.
const LONG_ENOUGH: u64 = 8;
/// Words of the package for a feature that the chain lacks.
const ABSENT: [&str; 2] = ["not found", "has no calls"];
/// The password of keys that are only kept encrypted.
pub const PASSWORD: &str = "open sesame";

/// The node, the wallets, and the commands tried.
pub struct World {
    town: Town,
    program: PathBuf,
    peer: Mutex<Peer>,
    /// The commands of the package with their options.
    commands: BTreeMap<String, Vec<String>>,
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
        let packages = Packages::Sdk11.installed().unwrap_or_else(|why| panic!("{why}"));
        let mut peer = Peer::btcli11(town.folder.path());
        let commands = serde_json::from_value(peer.get(json!({ "do": "commands" }))).expect("commands");
        let (program, peer) = (packages.join("bin/btcli"), Mutex::new(peer));
        Self { town, program, peer, commands, tried: Tried::default() }
    }

    /// Names of the package's commands that begin with a word, and the options of each.
    pub fn commands_of<'w>(&'w self, group: &'w str) -> impl Iterator<Item = (&'w str, &'w [String])> {
        let all = self.commands.iter();
        all.filter_map(move |(name, options)| {
            Some((name.strip_prefix(group)?.strip_prefix(' ')?, &**options))
        })
    }

    /// The command that a line begins with.
    fn command(&self, line: &str) -> &str {
        let begins = |name: &&String| line == **name || line.starts_with(&format!("{name} "));
        let longest = self.commands.keys().filter(begins).max_by_key(|name| name.len());
        longest.unwrap_or_else(|| panic!("the package has no command for `{line}`"))
    }

    /// A line with the options that every user would add: the chain, the wallet, and not to ask.
    fn line(&self, who: &str, line: &str, json: bool) -> Vec<String> {
        let wallets = self.wallets().display().to_string();
        let usual = ["--network", &self.endpoint, "--wallet-path", &wallets, "--wallet", who, "--yes"];
        let json = json.then_some("--json");
        usual.into_iter().chain(json).map(str::to_owned).chain(words(line)).collect()
    }

    fn try_here(&self, who: &str, line: &str, json: bool, seconds: u64) -> Said {
        self.try_answering(who, line, json, seconds, "")
    }

    fn try_answering(&self, who: &str, line: &str, json: bool, seconds: u64, answers: &str) -> Said {
        let words = self.line(who, line, json);
        let said = format!("btcli {}", words.join(" "));
        let request = json!({
            "do": "run", "words": words, "answers": answers, "seconds": seconds,
            "environment": { "BT_WALLET_PASSWORD": PASSWORD },
        });
        let mut peer = self.peer.lock().expect("not poisoned");
        let mut answer = tokio::task::block_in_place(|| peer.get(request));
        let mut text = |name: &str| answer[name].take().as_str().expect("a text").to_owned();
        let (text, complaint) = (text("text"), text("complaint"));
        let code = answer["code"].as_i64().and_then(|code| i32::try_from(code).ok());
        Said { line: said, code, text, complaint }
    }

    /// JSON answer of a command that succeeds, from a process of its own.
    pub async fn process(&self, who: &str, line: &str) -> Value {
        let said = run(&self.program, &self.line(who, line, true), self.folder.path(), "").await;
        self.worked(line, &said)
    }

    /// The same without starting a process.
    pub fn get(&self, who: &str, line: &str) -> Value {
        self.worked(line, &self.try_here(who, line, true, LIMIT))
    }

    /// The same for a command that asks.
    pub fn get_answering(&self, who: &str, line: &str, answers: &str) -> Value {
        self.worked(line, &self.try_answering(who, line, true, LIMIT, answers))
    }

    /// The same as text.
    pub fn text(&self, who: &str, line: &str) -> String {
        let said = self.try_here(who, line, false, LIMIT);
        assert_eq!(said.code, Some(0), "{}:\n{}", said.line, said.everything());
        self.tried.worked(self.command(line));
        said.everything()
    }

    fn worked(&self, line: &str, said: &Said) -> Value {
        let answer: Option<Value> = serde_json::from_str(&said.text).ok();
        let done = answer.as_ref().is_none_or(|answer| answer.get("success") != Some(&json!(false)));
        assert!(said.code == Some(0) && done, "{}: {:?}\n{}", said.line, said.code, said.everything());
        self.tried.worked(self.command(line));
        answer.unwrap_or_else(|| panic!("{}: no JSON:\n{}", said.line, said.everything()))
    }

    /// Asserts that a command is always refused with these words, and not with a traceback.
    pub fn refused(&self, who: &str, line: &str, why: &str) {
        self.fails(who, line, why);
        self.tried.refused(self.command(line));
    }

    /// Asserts that a command fails this time.
    pub fn fails(&self, who: &str, line: &str, why: &str) {
        says_why(&self.try_here(who, line, true, LIMIT), why);
    }

    /// The same for a process of its own.
    pub async fn process_fails(&self, who: &str, line: &str, why: &str) {
        says_why(&run(&self.program, &self.line(who, line, true), self.folder.path(), "").await, why);
    }

    /// Asserts that the package itself fails with this error of its program.
    pub fn breaks(&self, who: &str, line: &str, error: &str) {
        let said = self.try_here(who, line, true, LIMIT);
        let everything = said.everything();
        let broken = everything.contains("Traceback") && everything.contains(error);
        let failed = said.code.is_some_and(|code| code != 0);
        assert!(
            broken && failed,
            "{} does not break with `{error}`: {:?}\n{everything}",
            said.line,
            said.code
        );
        self.tried.refused(self.command(line));
    }

    /// Asserts that the chain lacks a call, a storage item or a pallet that a command needs; nothing is sent.
    pub fn absent(&self, who: &str, line: &str) {
        says_one_of(&self.try_here(who, line, true, LIMIT), &ABSENT);
        self.tried.refused(self.command(line));
    }

    /// The same for a command that reads several items at once: if one read fails, the package may wait for ever.
    pub fn absent_or_endless(&self, who: &str, line: &str) {
        let said = self.try_here(who, line, true, LONG_ENOUGH);
        if said.code.is_some() {
            says_one_of(&said, &ABSENT);
        }
        self.tried.refused(self.command(line));
    }

    /// A command that never ends.
    pub fn endless(&self, who: &str, line: &str) {
        let said = self.try_here(who, line, true, LONG_ENOUGH);
        assert_eq!(said.code, None, "{} ends:\n{}", said.line, said.everything());
        self.tried.refused(self.command(line));
    }

    /// A command that serves until it is ended.
    pub fn serves(&self, who: &str, line: &str, serves: impl Fn() -> bool + Sync) {
        let served = std::thread::scope(|scope| {
            let watch = scope.spawn(|| {
                let deadline = Instant::now() + Duration::from_secs(LONG_ENOUGH);
                while !serves() && Instant::now() < deadline {
                    std::thread::sleep(Duration::from_millis(50));
                }
                serves()
            });
            let said = self.try_here(who, line, true, LONG_ENOUGH);
            assert_eq!(said.code, None, "{} ends:\n{}", said.line, said.everything());
            watch.join().expect("watched")
        });
        assert!(served, "{line} does not serve");
        self.tried.worked(self.command(line));
    }

    /// Runs a command whose support the table states elsewhere; returns its answer if it is supported.
    pub fn as_said(&self, verdict: Verdict, who: &str, line: &str) -> Option<Value> {
        if matches!(verdict, Verdict::Absent(_)) {
            self.absent_or_endless(who, line);
            return None;
        }
        Some(self.get(who, line))
    }

    /// A storage item of the network's pallet.
    pub async fn stored<V: Decode>(&self, item: &str, keys: &[Key]) -> V {
        self.chain.value("SubtensorModule", item, keys).await.expect("stored")
    }

    /// The uid of a hotkey on a subnet.
    pub async fn uid(&self, netuid: u16, hotkey: &str) -> Option<u16> {
        self.chain.uid(netuid, &account(hotkey)).await.expect("read")
    }

    /// Accounts that may act for an account, with the kind of proxy and the delay in blocks.
    pub async fn proxies(&self, real: &Account) -> Vec<(Account, u8, u32)> {
        let stored = self.chain.value("Proxy", "Proxies", &[Key::from(real)]).await;
        let (proxies, _deposit): (Vec<(Account, u8, u32)>, u64) = stored.expect("read");
        proxies
    }

    /// Every command of the package stands in the table, and each tried command behaved as its row states.
    pub fn compare(&self) {
        let rows = ROWS.iter().filter(|row| row.part == Part::Btcli11);
        let own = rows.flat_map(|row| row.names().map(|name| (name.to_owned(), row.verdict)));
        let own = own.filter(|(name, _)| !["query NAME", "tx NAME"].contains(&&**name));
        let mut table: BTreeMap<String, Verdict> = BTreeMap::new();
        for (group, part) in [("query", Part::Reads11), ("tx", Part::Intents11)] {
            let generated = verdicts(part).into_iter();
            table.extend(generated.map(|(name, verdict)| (format!("{group} {}", dashed(name)), verdict)));
        }
        table.extend(own);
        let official: BTreeSet<&str> = self.commands.keys().map(String::as_str).collect();
        self.tried.compare(&official, &table);
    }
}

/// Asserts that the command failed with these words.
fn says_why(said: &Said, why: &str) {
    says_one_of(said, &[why]);
}

fn says_one_of(said: &Said, reasons: &[&str]) {
    let everything = said.everything();
    let failed = said.code.is_some_and(|code| code != 0);
    let plain = reasons.iter().any(|why| everything.contains(why)) && !everything.contains("Traceback");
    assert!(failed && plain, "{} does not say {reasons:?}: {:?}\n{everything}", said.line, said.code);
}

/// An amount as the command prints it, such as `τ1,234.500000000`, in rao.
pub fn amount(printed: &Value) -> u64 {
    let digits: String = printed.as_str().unwrap_or_default().chars().filter(char::is_ascii_digit).collect();
    digits.parse().unwrap_or_else(|_| panic!("{printed} is no amount"))
}

/// The name of a read or an intent, as the command spells it.
pub fn dashed(name: &str) -> String {
    name.replace('_', "-")
}
