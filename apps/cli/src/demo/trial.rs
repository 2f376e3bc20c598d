//! The act before an upgrade: somebody copies the chain's state with a node of its own, and tries code on the copy
//! before anybody votes.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use myelin_chain_client::ChainClient;
use serde::Serialize;

use super::author::{Machine, Site};
use super::governance::{until, PATIENCE};
use crate::net::find_binary;
use crate::output::{at, fail, Failure, Outcome};

/// The findings of the check about two versions of the runtime.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Tried {
    /// Block to which the copy reached at least.
    pub block: u64,
    /// Whether the check accepts the version that holders vote for.
    pub accepts_next: bool,
    /// Reasons for which it refuses the version with a wrong migration; none if it accepts it.
    pub refusals: Vec<String>,
}

impl Tried {
    /// Whether the check told one from the other, by the migration's fault.
    pub fn is_right(&self) -> bool {
        self.accepts_next && self.refusals.iter().any(|reason| reason.contains("issuance"))
    }

    /// The findings in words.
    pub fn found(&self) -> String {
        let next = if self.accepts_next { "accepted" } else { "refused" };
        let spoiled = match self.refusals.is_empty() {
            true => "accepted".into(),
            false => format!("refused: {}", self.refusals.join("; ")),
        };
        format!("on the state of block {} the next version is {next}, the other one {spoiled}", self.block)
    }
}

/// Copies the present state with a node at a site, and tries both versions on it.
pub async fn run(site: &Site, chain: &ChainClient, next: &Path, spoiled: &Path) -> Result<Tried, Failure> {
    let block = chain.best_block().await?.number;
    let mut machine = site.start(&[])?;
    let copied = copied(&mut machine, block).await;
    // A node takes some seconds to end.
    tokio::task::spawn_blocking(move || drop(machine)).await?;
    copied?;
    let state = site.base.with_extension("state.json");
    export(site, &state).await?;
    let accepts_next = refusals(&state, next).await?.is_empty();
    Ok(Tried { block, accepts_next, refusals: refusals(&state, spoiled).await? })
}

/// Waits until a node has a block.
async fn copied(machine: &mut Machine, block: u64) -> Outcome {
    let started = Instant::now();
    let own = loop {
        machine.alive()?;
        match ChainClient::connect(&machine.endpoint).await {
            Ok(own) => break own,
            Err(_) if started.elapsed() < PATIENCE => tokio::time::sleep(Duration::from_millis(500)).await,
            Err(error) => return Err(error.into()),
        }
    };
    until(&own, "a copy of the chain", async |best| Ok((best.number >= block).then_some(()))).await?;
    Ok(())
}

fn node() -> Result<tokio::process::Command, Failure> {
    let Some(binary) = find_binary() else { return fail("the program `myelin-node` was not found") };
    let mut command = tokio::process::Command::new(binary);
    command.stdin(Stdio::null()).kill_on_drop(true);
    Ok(command)
}

/// Writes the state that a node left at a site.
async fn export(site: &Site, state: &Path) -> Outcome {
    let mut command = node()?;
    command.args(["export-state", "--chain", &site.chain_file, "--base-path"]).arg(&site.base);
    let done = command.output().await?;
    if !done.status.success() {
        return fail(format!("`export-state`: {}", String::from_utf8_lossy(&done.stderr).trim()));
    }
    std::fs::write(state, done.stdout).map_err(at(state))
}

/// Reasons for which the check refuses a version; none if it accepts it.
async fn refusals(state: &Path, code: &Path) -> Result<Vec<String>, Failure> {
    let mut command = node()?;
    command.arg("check-upgrade").arg("--state").arg(state).arg("--wasm").arg(code);
    let done = command.output().await?;
    if done.status.success() {
        return Ok(Vec::new());
    }
    let told = String::from_utf8_lossy(&done.stderr);
    let reasons: Vec<String> =
        told.lines().filter_map(|line| line.trim().strip_prefix("- ")).map(String::from).collect();
    match reasons.is_empty() {
        true => fail(format!("`check-upgrade`: {}", told.trim())),
        false => Ok(reasons),
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// Findings that keep the promise.
    pub fn good() -> Tried {
        Tried {
            block: 9,
            accepts_next: true,
            refusals: vec!["the issuance is not what accounts hold".into()],
        }
    }

    #[test]
    fn the_check_has_to_accept_one_and_refuse_the_other_for_its_fault() {
        assert!(good().is_right());
        assert!(!Tried { accepts_next: false, ..good() }.is_right());
        assert!(!Tried { refusals: Vec::new(), ..good() }.is_right());
        assert!(!Tried { refusals: vec!["the file is no runtime".into()], ..good() }.is_right());
    }
}
