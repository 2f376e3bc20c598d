//! The act of elections: an operator whose validator judges well becomes a candidate with a node of its own, and takes
//! the seat of an author of genesis.
//!
//! A second candidate pledges far more and judges nothing. The operator does everything with commands, as anybody
//! would.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use myelin_abi::calls::subtensor::AddStake;
use myelin_abi::Account;
use myelin_chain_client::{ChainClient, Wait};
use myelin_units::{TaoBalance, ROOT};
use serde::Serialize;
use serde_json::Value;

use super::stage::{Actor, Stage};
use crate::net::{free_port, Chain, LocalNet};
use crate::output::{address, at, fail, Failure, Outcome};

/// TAO on root on each validator's hotkey.
const NOMINATED: u64 = 300;
/// TAO that the operator pledges.
const PLEDGED: &str = "20";
/// The candidate that judges nothing: its coldkey, its hotkey, and its pledge.
const IDLE: [&str; 3] = ["//Dave", "//Dave//idle", "1500"];
/// Blocks after the new set took office in which authors are counted, at most and at least.
const COUNTED: [u64; 2] = [200, 24];
/// Blocks by which the final chain may differ from the best one that was seen.
const FORKS: u64 = 16;

/// A place for a machine of an operator.
#[derive(Clone)]
pub struct Site {
    /// Base path of the node.
    pub base: PathBuf,
    /// The chain file.
    pub chain_file: String,
    /// Log of the node.
    log: PathBuf,
    /// A node that it begins with.
    bootnode: String,
}

/// A node that runs at a site.
pub struct Machine {
    node: Child,
    log: PathBuf,
    /// Address of its JSON-RPC.
    pub endpoint: String,
}

/// An operator with a node that is no authority yet.
pub struct Operator {
    /// The place of its machine.
    pub site: Site,
    machine: Machine,
    /// Name of its validator.
    pub name: String,
    /// The validator's hotkey, which is the candidate.
    pub hotkey: Account,
}

/// The result of an election, by accounts.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Elected {
    /// The candidate's hotkey.
    pub candidate: String,
    /// Name of the validator with this hotkey.
    pub validator: String,
    /// The set before.
    pub before: Vec<String>,
    /// The set after.
    pub after: Vec<String>,
    /// The first block of the new set's office.
    pub seen_at: u64,
    /// Number of final blocks after that by each author.
    pub authors: BTreeMap<String, u64>,
}

impl Elected {
    fn joined(&self) -> Vec<&String> {
        self.after.iter().filter(|who| !self.before.contains(who)).collect()
    }

    fn left(&self) -> Vec<&String> {
        self.before.iter().filter(|who| !self.after.contains(who)).collect()
    }

    /// Whether the candidate alone took the seat of one author.
    pub fn is_replaced(&self) -> bool {
        self.joined() == [&self.candidate] && self.left().len() == 1
    }

    /// The change in words.
    pub fn change(&self) -> String {
        let named = |all: Vec<&String>| all.into_iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        format!(
            "{} ({}) joined and {} left in block {}; a pledge of {} τ without judging elected nobody",
            named(self.joined()),
            self.validator,
            named(self.left()),
            self.seen_at,
            IDLE[2]
        )
    }

    /// Whether the new author writes at least half of its turns, and only those in office write.
    pub fn writes(&self) -> bool {
        let total: u64 = self.authors.values().sum();
        let own = self.authors.get(&self.candidate).copied().unwrap_or_default();
        let turns = total / (self.after.len() as u64).max(1);
        total >= COUNTED[1]
            && own.saturating_mul(2) >= turns
            && self.authors.keys().all(|who| self.after.contains(who))
    }

    /// The count of blocks in words.
    pub fn written(&self) -> String {
        let total: u64 = self.authors.values().sum();
        let of = |who: &String| self.authors.get(who).copied().unwrap_or_default();
        let left: u64 = self.left().into_iter().map(of).sum();
        format!("{} of {total} final blocks are its own, {left} of the one that left", of(&self.candidate))
    }
}

/// Runs the command as somebody would, and returns what it prints.
pub async fn myelin(arguments: &[&str]) -> Result<Value, Failure> {
    let mut command = tokio::process::Command::new(std::env::current_exe()?);
    command.args(arguments).arg("--json");
    let done = command.stdin(Stdio::null()).kill_on_drop(true).output().await?;
    if !done.status.success() {
        let why = String::from_utf8_lossy(&done.stderr).into_owned();
        return fail(format!("`myelin {}`: {}", arguments.join(" "), why.trim()));
    }
    Ok(serde_json::from_slice(&done.stdout)?)
}

/// Keys on the chain: those of a node, and the coldkey and the hotkey that they are announced for.
struct Candidate<'a> {
    endpoint: &'a str,
    chain_file: &'a str,
    base: String,
    coldkey: &'a str,
    hotkey: &'a str,
}

impl Candidate<'_> {
    /// The keys of its node.
    async fn make_keys(&self) -> Outcome {
        myelin(&["node", "keys", "new", "--chain-file", self.chain_file, "--base-path", &self.base]).await?;
        Ok(())
    }

    /// A command that sends with its keys.
    async fn send(&self, arguments: &[&str]) -> Outcome {
        let keys = ["--wallet", self.coldkey, "--hotkey", self.hotkey, "--wait", "inclusion", "--yes"];
        myelin(&[&["--endpoint", self.endpoint], arguments, &keys].concat()).await?;
        Ok(())
    }

    /// Announces the keys for the hotkey, and pledges.
    async fn join(&self, pledge: &str) -> Outcome {
        self.send(&["wallet", "transfer", "--to", self.hotkey, "--amount", "1"]).await?;
        let place = ["--chain-file", self.chain_file, "--base-path", &self.base];
        self.send(&[&["node", "keys", "announce", "--use-hotkey"], &place[..]].concat()).await?;
        self.send(&["election", "join", pledge]).await
    }
}

impl Operator {
    /// Starts the operator's node, and makes its validator and the idle account candidates. Holders put TAO on root on
    /// all validators before. It is done before validators run, whose hotkeys send weights then.
    pub async fn begin(
        network: &LocalNet,
        chain: &ChainClient,
        stage: &Stage,
        seed: u64,
    ) -> Result<Self, Failure> {
        let Some(validator) = stage.validators().next() else { return fail("nobody judges") };
        futures::future::try_join_all(stage.validators().map(|validator| nominate(chain, validator))).await?;
        let folder = network.folder().join("state").join("author");
        std::fs::create_dir_all(&folder).map_err(at(&folder))?;
        let text = |path: PathBuf| path.display().to_string();
        let chain_file = text(folder.join("chain.json"));
        myelin(&["node", "chain-file", "--like", Chain::GOVERNED.name(), "--out", &chain_file]).await?;
        let endpoint = network.endpoint();
        let coldkey = format!("//demo-{seed}//{}//coldkey", validator.name);
        let of = |base: &str, coldkey, hotkey| Candidate {
            endpoint: &endpoint,
            chain_file: &chain_file,
            base: text(folder.join(base)),
            coldkey,
            hotkey,
        };
        let own = of("node", coldkey.as_str(), validator.hotkey_uri.as_str());
        own.make_keys().await?;
        let site = Site {
            base: PathBuf::from(&own.base),
            chain_file: chain_file.clone(),
            log: network.folder().join("logs").join("node-author.log"),
            bootnode: network.address(),
        };
        let machine = site.start(&["--authority"])?;
        let (name, hotkey) = (validator.name.clone(), validator.hotkey_account());
        let operator = Operator { site, machine, name, hotkey };
        own.join(PLEDGED).await?;
        let idle = of("idle", IDLE[0], IDLE[1]);
        idle.make_keys().await?;
        idle.send(&["wallet", "associate-hotkey"]).await?;
        idle.join(IDLE[2]).await?;
        Ok(operator)
    }

    /// Fails if its node ended.
    pub fn alive(&mut self) -> Outcome {
        self.machine.alive()
    }
}

impl Site {
    /// Another place beside this one.
    pub fn beside(&self, name: &str) -> Self {
        Self {
            base: self.base.with_file_name(name),
            chain_file: self.chain_file.clone(),
            log: self.log.with_file_name(format!("node-author-{name}.log")),
            bootnode: self.bootnode.clone(),
        }
    }

    /// Starts a node. With the option `--authority` it uses the keys there; it has no office yet.
    pub fn start(&self, options: &[&str]) -> Result<Machine, Failure> {
        let Self { base, chain_file, log, bootnode } = self;
        let out = File::create(log).map_err(at(log))?;
        let errors = out.try_clone().map_err(at(log))?;
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["node", "run", "--chain-file", chain_file, "--bootnode", bootnode]).args(options);
        command.arg("--base-path").arg(base);
        let [port, rpc, metrics] = [free_port(), free_port(), free_port()];
        for (option, port) in [("--port", port), ("--rpc-port", rpc), ("--metrics-port", metrics)] {
            command.args([option, &port.to_string()]);
        }
        command.args(["--", "--no-telemetry", "--no-mdns", "--allow-private-ip"]);
        let node = command.stdin(Stdio::null()).stdout(out).stderr(errors).spawn()?;
        Ok(Machine { node, log: log.clone(), endpoint: format!("ws://127.0.0.1:{rpc}") })
    }
}

impl Machine {
    /// Fails if the node ended.
    pub fn alive(&mut self) -> Outcome {
        match self.node.try_wait() {
            Ok(None) => Ok(()),
            _ => fail(format!("a node of the operator ended by itself; see {}", self.log.display())),
        }
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg("-TERM").arg(self.node.id().to_string()).status();
        let deadline = Instant::now() + Duration::from_secs(10);
        while Instant::now() < deadline && matches!(self.node.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(50));
        }
        let _ = self.node.kill();
        let _ = self.node.wait();
    }
}

/// Puts TAO of a validator's coldkey on root on its hotkey.
async fn nominate(chain: &ChainClient, validator: &Actor) -> Outcome {
    let (hotkey, amount_staked) = (validator.hotkey_account(), TaoBalance::from_tokens(NOMINATED));
    let call = AddStake { hotkey, netuid: ROOT, amount_staked };
    chain.submit(&call, &validator.coldkey, Wait::Inclusion).await?;
    Ok(())
}

/// The accounts in office in the best block.
pub async fn in_office(chain: &ChainClient) -> Result<Vec<Account>, Failure> {
    Ok(chain.elections(None).await?.in_office)
}

/// The report of an election: the set before, and the set after it, which was first seen in a block. Waits until enough
/// blocks after that are final, and counts their authors.
pub async fn elected(
    chain: &ChainClient,
    (candidate, validator): (&Account, &str),
    [before, after]: [&[Account]; 2],
    seen_at: u64,
    patience: Duration,
) -> Result<Elected, Failure> {
    let [most, least] = COUNTED;
    let enough = seen_at.saturating_add(FORKS).saturating_add(least);
    let started = Instant::now();
    let mut last = chain.finalized_block().await?;
    while last.number < enough {
        if started.elapsed() > patience {
            return fail(format!("block {enough} is not final; finality stopped at {}", last.number));
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
        last = chain.finalized_block().await?;
    }
    let mut accounts = BTreeMap::new();
    for account in before.iter().chain(after) {
        let keys = chain.session_keys(account, last.hash).await?;
        accounts.extend(keys.map(|keys| (keys.aura, address(account))));
    }
    let (mut first, mut authors) = (None, BTreeMap::<String, u64>::new());
    for number in seen_at.saturating_sub(FORKS)..=last.number.min(seen_at.saturating_add(most)) {
        let hash = chain.block_hash(number).await?;
        if first.is_some() {
            let author = accounts.get(&chain.author(hash).await?).cloned().unwrap_or_default();
            *authors.entry(author).or_default() += 1;
        } else if chain.elections(Some(hash)).await?.in_office.contains(candidate) {
            first = Some(number);
        }
    }
    let named = |all: &[Account]| all.iter().map(address).collect();
    Ok(Elected {
        candidate: address(candidate),
        validator: validator.to_owned(),
        before: named(before),
        after: named(after),
        seen_at: first.unwrap_or(seen_at),
        authors,
    })
}

#[cfg(test)]
pub mod tests {
    use super::*;

    fn names(all: &[&str]) -> Vec<String> {
        all.iter().map(ToString::to_string).collect()
    }

    /// An election in which `new` took the seat of `one`, and everybody wrote ten blocks.
    pub fn good() -> Elected {
        let after = names(&["two", "three", "four", "new"]);
        Elected {
            candidate: "new".into(),
            validator: "validator-1".into(),
            before: names(&["one", "two", "three", "four"]),
            authors: after.iter().map(|who| (who.clone(), 10)).collect(),
            after,
            seen_at: 300,
        }
    }

    #[test]
    fn one_author_is_replaced_by_the_candidate_and_no_other() {
        assert!(good().is_replaced() && !Elected::default().is_replaced());
        let after = |all: &[&str]| Elected { after: names(all), ..good() }.is_replaced();
        assert!(!after(&["one", "two", "three", "four"]) && !after(&["two", "three", "four", "idle"]));
        assert!(!after(&["three", "four", "new"]) && !after(&["one", "two", "three", "four", "new"]));
        assert!(good().change().starts_with("new (validator-1) joined and one left in block 300;"));
    }

    #[test]
    fn the_new_author_writes_in_its_turn_and_nobody_else_out_of_office() {
        assert!(good().writes());
        assert_eq!(good().written(), "10 of 40 final blocks are its own, 0 of the one that left");
        let with = |who: &str, blocks| {
            let mut elected = good();
            elected.authors.insert(who.into(), blocks);
            elected.writes()
        };
        assert!(with("new", 4) && !with("new", 3) && !with("one", 1) && !with("", 1));
        let few = Elected { authors: good().authors.into_keys().map(|who| (who, 5)).collect(), ..good() };
        assert!(!few.writes(), "20 blocks show nothing");
    }
}
