//! The miners and validators of the demo as processes of their own, as they would run anywhere.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::cast::Role;
use super::report::Scores;
use super::stage::{Actor, Stage};
use crate::commands::validator::AVERAGES;
use crate::net::free_port;
use crate::output::Failure;

/// Where the miners listen: the chain takes no 127.0.0.1, but the rest of the loopback range.
const LOOPBACK: &str = "127.0.0.2";

/// The running processes; dropping this ends them.
pub struct Troupe {
    running: Vec<(String, Child, PathBuf)>,
}

/// What every process is told.
pub struct Direction<'a> {
    /// RPC endpoints of the nodes; actors are spread over them.
    pub endpoints: &'a [String],
    /// Folder for logs and state.
    pub folder: &'a Path,
    /// Validators give every answer the same score.
    pub negative_control: bool,
}

impl Troupe {
    /// Starts every miner, then every validator.
    pub fn start(stage: &Stage, direction: &Direction<'_>) -> Result<Self, Failure> {
        let program = std::env::current_exe()?;
        let mut troupe = Troupe { running: Vec::new() };
        let ports: Vec<u16> = stage.miners().map(|_| free_port()).collect();
        let mut best = None;
        for (actor, port) in stage.miners().zip(&ports) {
            if actor.role == Some(Role::Late) {
                best = Some((*port, crate::output::address(&actor.hotkey_account())));
            }
        }
        for (index, (actor, port)) in stage.miners().zip(&ports).enumerate() {
            let mut command = troupe.command(&program, actor, stage.netuid, direction, index);
            command.args(["miner", "run", "--kind", "text", "--port", &port.to_string(), "--ip", LOOPBACK]);
            match actor.role {
                Some(Role::Ngram) => command.args(["--model", "ngram"]),
                Some(Role::Early) => command.args(["--model", "early"]),
                Some(Role::Late) | None => command.args(["--model", "late"]),
                Some(Role::Degrading) => command.args(["--model", "late", "--adversary", "degrading"]),
                Some(Role::Garbage) => command.args(["--model", "ngram", "--adversary", "garbage"]),
                Some(Role::Relay) => {
                    let (port, hotkey) = best.clone().unwrap_or_default();
                    command.args(["--model", "ngram", "--adversary", "relay"]);
                    command.args(["--relay-to", &format!("{LOOPBACK}:{port}"), "--relay-hotkey", &hotkey])
                }
            };
            if actor.role == Some(Role::Late) {
                // The relay holds no permit; this one miner answers it all the same, so that relaying can be tested.
                command.args(["--serve-strangers-after", "0"]);
            }
            troupe.spawn(command, actor, direction)?;
        }
        for (index, actor) in stage.validators().enumerate() {
            let mut command = troupe.command(&program, actor, stage.netuid, direction, index);
            // No built-in model does verifiable tasks, and here all of them share one machine.
            command.args(["validator", "run", "--kind", "text", "--verifiable", "0"]);
            if direction.negative_control {
                command.arg("--equal-scores");
            }
            troupe.spawn(command, actor, direction)?;
        }
        Ok(troupe)
    }

    fn command(
        &self,
        program: &Path,
        actor: &Actor,
        netuid: u16,
        direction: &Direction<'_>,
        index: usize,
    ) -> Command {
        let mut command = Command::new(program);
        let endpoint = &direction.endpoints[index % direction.endpoints.len()];
        command
            .args(["--endpoint", endpoint])
            // One thread of computation per model: several of them share this machine.
            .env("RAYON_NUM_THREADS", "1")
            .env("MYELIN_LOG", "info")
            .env("MYELIN_NETUID", netuid.to_string())
            .env("BT_WALLET_HOTKEY", &actor.hotkey_uri)
            .env("MYELIN_DATA", direction.folder.join("state").join(&actor.name));
        command
    }

    fn spawn(
        &mut self,
        mut command: Command,
        actor: &Actor,
        direction: &Direction<'_>,
    ) -> Result<(), Failure> {
        let log = direction.folder.join("logs").join(format!("{}.log", actor.name));
        let out = File::create(&log)?;
        let errors = out.try_clone()?;
        let child = command.stdin(Stdio::null()).stdout(out).stderr(errors).spawn()?;
        self.running.push((actor.name.clone(), child, log));
        Ok(())
    }

    /// What the validators think of each miner by now, by uid: the mean of their averages, 0 to 1, as they print them.
    pub fn scores(&self) -> Scores {
        let mut sums: BTreeMap<u16, (f64, u32)> = BTreeMap::new();
        for (_, _, log) in &self.running {
            let text = std::fs::read_to_string(log).unwrap_or_default();
            let Some(line) = text.lines().rev().find_map(|line| line.trim_start().strip_prefix(AVERAGES))
            else {
                continue;
            };
            for (uid, average) in line.split_whitespace().filter_map(|pair| pair.split_once(':')) {
                if let (Ok(uid), Ok(average)) = (uid.parse(), average.parse::<f64>()) {
                    let sum = sums.entry(uid).or_default();
                    *sum = (sum.0 + average, sum.1 + 1);
                }
            }
        }
        sums.into_iter().map(|(uid, (sum, count))| (uid, sum / f64::from(count))).collect()
    }

    /// Name and log of a process that ended although it should not.
    pub fn casualty(&mut self) -> Option<(String, PathBuf)> {
        self.running.iter_mut().find_map(|(name, child, log)| match child.try_wait() {
            Ok(None) => None,
            _ => Some((name.clone(), log.clone())),
        })
    }
}

impl Drop for Troupe {
    fn drop(&mut self) {
        for (_, child, _) in &self.running {
            let _ = Command::new("kill").arg("-TERM").arg(child.id().to_string()).status();
        }
        let deadline = Instant::now() + Duration::from_secs(5);
        for (_, child, _) in &mut self.running {
            while Instant::now() < deadline && matches!(child.try_wait(), Ok(None)) {
                std::thread::sleep(Duration::from_millis(20));
            }
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
