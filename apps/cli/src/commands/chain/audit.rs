//! Audits beside a watch: a copy of the state after a block, read by RPC and checked by `myelin-node check-state`.
//!
//! The copy is written as a chain file, page by page, and removed afterwards. The node's binary computes the root of
//! the copy and compares it with the block's header, so a page that is missing or made up is noticed. Then it decodes
//! each value and checks every rule of the ledgers, account by account. Time and size of an audit are limited. An audit
//! beyond its limits is reported and raises no alert.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use clap::Args;
use myelin_chain_client::{Block, ChainClient, Hash};
use serde_json::json;
use tokio::io::{AsyncWriteExt, BufWriter};
use tokio::process::Command;
use tokio::task::JoinHandle;

use super::record::News;
use crate::net::{self, NetError};
use crate::output::{fail, grouped, plain, Failure};

/// Most letters of a finding that are passed on.
const LONGEST: usize = 4_000;
/// A chain file as far as its first stored value, and after its last one.
const HEAD: &str =
    r#"{"name":"copy","id":"copy","bootNodes":[],"genesis":{"raw":{"childrenDefault":{},"top":{"#;
const TAIL: &str = "}}}}\n";
/// Words with which the node's binary begins its findings about a state.
const UNSOUND: &str = "this state is not sound";

/// Audits beside the watch.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Audits of the whole state")]
pub struct Plan {
    /// Copy and check the whole state at the first block, and again after so many blocks; never by default.
    #[arg(long, value_name = "BLOCKS", value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    audit_every: Option<u64>,
    /// The node's binary, which checks the copy; found as `myelin node run` finds it by default.
    #[arg(long, value_name = "PATH", requires = "audit_every")]
    node: Option<PathBuf>,
    /// Folder for the copy; that for temporary files by default.
    #[arg(long, value_name = "DIR", requires = "audit_every")]
    audit_folder: Option<PathBuf>,
    /// Longest time of one audit.
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 900,
        value_parser = clap::value_parser!(u64).range(1..=86_400)
    )]
    audit_seconds: u64,
    /// Largest copy, in MiB. The node's binary needs several times as much memory.
    #[arg(long, value_name = "MIB", default_value_t = 1_024, value_parser = clap::value_parser!(u64).range(1..=65_536))]
    audit_mib: u64,
}

/// Outcome of an audit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every rule holds.
    Sound {
        /// Stored values.
        values: u64,
        /// Size of the copy.
        bytes: u64,
    },
    /// The state breaks a rule.
    Unsound(String),
    /// The audit did not come to a result.
    Impossible(String),
}

/// An audit that has ended.
#[derive(Clone, Debug)]
pub struct Report {
    /// The block.
    pub block: Block,
    /// Its result.
    pub verdict: Verdict,
    /// Time that it took.
    pub took: Duration,
}

impl Report {
    /// The news of the audit.
    pub fn news(&self) -> News {
        let at = Some(self.block);
        let seconds = self.took.as_secs_f64();
        let number = grouped(self.block.number);
        match &self.verdict {
            Verdict::Sound { values, bytes } => {
                let (kept, kib) = (grouped(*values), grouped(bytes / 1_024));
                let text = format!(
                    "the state after block {number} is sound: {kept} values, {kib} KiB, {seconds:.1} s"
                );
                let fields = json!({ "sound": true, "values": values, "bytes": bytes, "seconds": seconds });
                News { fields, ..News::notice("audit", at, text) }
            }
            Verdict::Unsound(found) => {
                let text = format!("the state after block {number} is not sound: {found}");
                News::alert("audit", at, text, json!({ "sound": false, "found": found, "seconds": seconds }))
            }
            Verdict::Impossible(why) => {
                News::notice("audit", at, format!("the state after block {number} was not checked: {why}"))
            }
        }
    }
}

/// The audits of a watch, one at a time.
pub struct Audits {
    plan: Plan,
    node: PathBuf,
    next: u64,
    running: Option<JoinHandle<Report>>,
}

impl Audits {
    /// The audits of a plan, if it has any. Fails where the node's binary is missing.
    pub fn of(plan: &Plan) -> Result<Option<Self>, Failure> {
        if plan.audit_every.is_none() {
            return Ok(None);
        }
        let node = match &plan.node {
            Some(node) if !node.is_file() => {
                return fail(format!("{} is no file; --node names the binary `myelin-node`", node.display()))
            }
            Some(node) => node.clone(),
            None => net::find_binary().ok_or(NetError::NoNode)?,
        };
        Ok(Some(Audits { plan: plan.clone(), node, next: 0, running: None }))
    }

    /// Starts an audit of a block if one is due and none runs.
    pub fn start(&mut self, chain: &ChainClient, block: Block, state_root: Hash) {
        let Some(every) = self.plan.audit_every else { return };
        if block.number < self.next || self.running.is_some() {
            return;
        }
        self.next = block.number.saturating_add(every);
        let (chain, plan, node) = (chain.clone(), self.plan.clone(), self.node.clone());
        self.running = Some(tokio::spawn(async move {
            let started = Instant::now();
            let limit = Duration::from_secs(plan.audit_seconds);
            let checked = tokio::time::timeout(limit, audit(&chain, &plan, &node, block, state_root)).await;
            let verdict = checked.unwrap_or_else(|_| {
                Verdict::Impossible(format!(
                    "it took longer than {} s; --audit-seconds allows more",
                    plan.audit_seconds
                ))
            });
            Report { block, verdict, took: started.elapsed() }
        }));
    }

    /// The report of an audit that has ended.
    pub async fn ended(&mut self) -> Option<Report> {
        match &self.running {
            Some(running) if running.is_finished() => self.wait().await,
            _ => None,
        }
    }

    /// Waits for the audit that runs; its time is limited.
    pub async fn wait(&mut self) -> Option<Report> {
        self.running.take()?.await.ok()
    }
}

impl Drop for Audits {
    fn drop(&mut self) {
        if let Some(running) = &self.running {
            running.abort();
        }
    }
}

/// A file that is removed with this value.
struct Removed(PathBuf);

impl Drop for Removed {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Copies the state, and has it checked.
async fn audit(chain: &ChainClient, plan: &Plan, node: &Path, block: Block, state_root: Hash) -> Verdict {
    let folder = plan.audit_folder.clone().unwrap_or_else(std::env::temp_dir);
    let copy = Removed(folder.join(format!("myelin-audit-{}.json", std::process::id())));
    let most = plan.audit_mib.saturating_mul(1_024 * 1_024);
    match write(chain, &copy.0, block.hash, most).await {
        Err(why) => Verdict::Impossible(why.to_string()),
        Ok((values, bytes)) => match check(node, &copy.0, state_root).await {
            Ok(()) => Verdict::Sound { values, bytes },
            Err(said) => judged(&said),
        },
    }
}

/// Writes the whole state after a block as a chain file, and returns the number of its values and its size.
async fn write(chain: &ChainClient, path: &Path, at: Hash, most: u64) -> Result<(u64, u64), Failure> {
    let unwritable = |error: std::io::Error| crate::output::at(path)(error);
    // One name for each process, so that a file that an interrupted audit has left is written over.
    let _ = std::fs::remove_file(path);
    let mut options = tokio::fs::OpenOptions::new();
    let file = options.write(true).create_new(true).mode(0o600).open(path).await.map_err(unwritable)?;
    let mut file = BufWriter::new(file);
    file.write_all(HEAD.as_bytes()).await.map_err(unwritable)?;
    let (mut values, mut bytes, mut last) = (0u64, HEAD.len() as u64, None::<Vec<u8>>);
    loop {
        let page = chain.state_page(last.as_deref(), at).await?;
        let Some((end, _)) = page.last() else { break };
        let end = end.clone();
        for (key, value) in &page {
            if key.starts_with(b":child_storage:") {
                return fail("the state has child tries, which this copy cannot hold");
            }
            let comma = if values == 0 { "" } else { "," };
            let line = format!("{comma}\n\"0x{}\":\"0x{}\"", hex(key), hex(value));
            (values, bytes) = (values.saturating_add(1), bytes.saturating_add(line.len() as u64));
            if bytes > most {
                return fail(format!("the copy is larger than {} MiB; --audit-mib allows more", most >> 20));
            }
            file.write_all(line.as_bytes()).await.map_err(unwritable)?;
        }
        last = Some(end);
    }
    file.write_all(TAIL.as_bytes()).await.map_err(unwritable)?;
    file.flush().await.map_err(unwritable)?;
    Ok((values, bytes))
}

fn hex(bytes: &[u8]) -> String {
    myelin_wire::hash::to_hex(bytes)
}

/// Has the node's binary check a copy; the error is its last words.
async fn check(node: &Path, copy: &Path, state_root: Hash) -> Result<(), String> {
    let mut command = Command::new(node);
    command.arg("check-state").arg("--state").arg(copy).arg("--state-root").arg(state_root.to_string());
    command.stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true);
    let output = command.output().await.map_err(|error| format!("{}: {error}", node.display()))?;
    if output.status.success() {
        return Ok(());
    }
    Err(plain(&String::from_utf8_lossy(&output.stderr)).chars().take(LONGEST).collect())
}

/// The verdict in the words of a check that failed.
fn judged(said: &str) -> Verdict {
    match said.split_once(UNSOUND) {
        Some((_, found)) => {
            let reasons = found.lines().map(|line| line.trim().trim_start_matches("- "));
            let reasons: Vec<&str> = reasons.filter(|line| !line.is_empty() && *line != ":").collect();
            Verdict::Unsound(reasons.join("; "))
        }
        None => Verdict::Impossible(said.trim().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_about_the_state_raise_an_alert_and_failures_of_the_check_do_not() {
        let found =
            "9 keys\nError: this state is not sound:\n  - subnets are counted: 77 is not 2\n  - and more\n";
        let unsound = judged(found);
        assert_eq!(unsound, Verdict::Unsound("subnets are counted: 77 is not 2; and more".into()));
        let impossible = judged("the check could not be carried out: the copy has the state root 0x07\n");
        assert!(matches!(&impossible, Verdict::Impossible(why) if why.contains("the state root")));
        let block = Block { number: 7, hash: Hash([7; 32]) };
        let news = |verdict| Report { block, verdict, took: Duration::from_secs(1) }.news();
        assert!(news(unsound).is_alert && !news(impossible).is_alert);
        assert!(!news(Verdict::Sound { values: 9, bytes: 2_048 }).is_alert);
    }

    #[test]
    fn a_copy_without_values_is_a_chain_file() {
        let copy: serde_json::Value = serde_json::from_str(&format!("{HEAD}{TAIL}")).expect("JSON");
        assert!(copy["genesis"]["raw"]["top"].is_object() && copy["bootNodes"].is_array());
    }
}
