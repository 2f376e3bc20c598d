//! The miners and validators of the demo as processes of their own, as they would run anywhere.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use myelin_subnet::evidence::EvidenceFolder;

use super::play::{Feed, Play};
use super::proof::Cheat;
use super::report::Scores;
use super::stage::{Actor, Stage};
use crate::commands::validator::averages_of;
use crate::net::free_port;
use crate::output::{fail, Failure};
use crate::service::name_of;

/// Address of the miners: the chain refuses 127.0.0.1, but not the rest of the loopback range.
const LOOPBACK: &str = "127.0.0.2";

/// The running processes; dropping this ends them.
pub struct Troupe {
    running: Vec<(String, Child, PathBuf)>,
    /// Whether validators judge several subnets.
    several: bool,
    /// The feeds that validators ask about.
    _feeds: Vec<Feed>,
}

/// Settings of all processes.
pub struct Direction<'a> {
    /// RPC endpoints of the nodes; actors are spread over them.
    pub endpoints: &'a [String],
    /// Folder for logs and state.
    pub folder: &'a Path,
    /// Validators give every answer the same score.
    pub negative_control: bool,
}

impl Direction<'_> {
    /// The command of an actor, without its subcommand.
    fn command(&self, actor: &Actor, index: usize) -> Result<Command, Failure> {
        let program = std::env::current_exe()?;
        let mut command = match actor.role {
            None => Command::new(program),
            Some(_) => {
                let mut nice = Command::new("nice");
                nice.args(["-n", STAND_BACK]).arg(program);
                nice
            }
        };
        command
            .args(["--endpoint", &self.endpoints[index % self.endpoints.len()]])
            .env("MYELIN_LOG", "info")
            .env("BT_WALLET_HOTKEY", &actor.hotkey_uri)
            .env("MYELIN_DATA", self.folder.join("state").join(&actor.name));
        Ok(command)
    }
}

/// Niceness of the miners: nodes and validators come first, as if each had a machine of its own.
const STAND_BACK: &str = "10";

/// The configuration of a validator: a section for each stage.
fn judging(stages: &[Stage], direction: &Direction<'_>) -> String {
    let section = |stage: &Stage| {
        let Stage { netuid, play, .. } = stage;
        let others = stages.iter().any(|other| other.play.kind != play.kind);
        let beside = if others { play.judging_beside } else { "" };
        let control = if direction.negative_control { "equal-scores = true" } else { "" };
        let Play { kind, judging, .. } = play;
        let collateral = match play.collateral {
            0 => String::new(),
            tao => format!("collateral = {tao}"),
        };
        let feeds = direction.folder.join("state/feeds.toml").display().to_string();
        let feeds = play.feed.map(|_| format!("feeds = {feeds:?}")).unwrap_or_default();
        let own = [judging, beside, &feeds, control, &collateral].join("\n");
        format!("[[subnet]]\nnetuid = {netuid}\nkind = \"{kind}\"\n{own}\n")
    };
    stages.iter().map(section).collect()
}

/// Evidence of a validator about a stage.
pub fn evidence(folder: &Path, validator: &Actor, stage: &Stage) -> EvidenceFolder {
    let data = folder.join("state").join(&validator.name).join(stage.netuid.to_string());
    EvidenceFolder { path: data.join("evidence"), keep: usize::MAX }
}

impl Troupe {
    /// Starts every miner, except for those that come late, then every validator.
    pub fn start(stages: &[Stage], direction: &Direction<'_>) -> Result<Self, Failure> {
        let state = direction.folder.join("state");
        let feeds = stages.iter().filter_map(|stage| stage.play.feed).map(|start| start(&state));
        let feeds = feeds.collect::<Result<_, _>>()?;
        let mut troupe = Troupe { running: Vec::new(), several: stages.len() > 1, _feeds: feeds };
        for stage in stages {
            troupe.start_miners(stage, direction, false)?;
        }
        let working = |actor: &&Actor| actor.cheat != Some(Cheat::Copier);
        for (index, actor) in stages.iter().take(1).flat_map(Stage::validators).filter(working).enumerate() {
            let config = direction.folder.join("state").join(format!("{}.toml", actor.name));
            std::fs::write(&config, judging(stages, direction)).map_err(crate::output::at(&config))?;
            let mut command = direction.command(actor, index)?;
            // An environment variable would take precedence over the file.
            command.env_remove("MYELIN_NETUID").args(["validator", "run", "--config"]).arg(config);
            troupe.spawn(command, actor, direction)?;
        }
        Ok(troupe)
    }

    /// Starts the miners of a stage: the late ones, or all others.
    pub fn start_miners(
        &mut self,
        stage: &Stage,
        direction: &Direction<'_>,
        late: bool,
    ) -> Result<(), Failure> {
        let miners = || {
            stage
                .miners()
                .filter_map(|actor| Some((actor, actor.role?)))
                .filter(|(_, role)| role.late == late)
        };
        let ports: Vec<u16> = miners().map(|_| free_port()).collect();
        for (index, ((actor, role), port)) in miners().zip(&ports).enumerate() {
            let mut command = direction.command(actor, index)?;
            command.env("MYELIN_NETUID", stage.netuid.to_string());
            command.args(["miner", "run", "--kind", stage.play.kind, "--ip", LOOPBACK]);
            command.args(["--port", &port.to_string()]).args(role.options);
            if let Some(wanted) = role.relays_to {
                let found = miners().zip(&ports).filter(|((_, role), _)| role.name == wanted).last();
                let Some(((other, _), port)) = found else {
                    return fail(format!("nobody plays `{wanted}`, to whom {} relays", actor.name));
                };
                let hotkey = crate::output::address(&other.hotkey_account());
                command.args(["--relay-to", &format!("{LOOPBACK}:{port}"), "--relay-hotkey", &hotkey]);
            }
            if let Some(artefact) = role.submits {
                let path = direction.folder.join("state").join(format!("{}.artefact", actor.name));
                std::fs::write(&path, artefact).map_err(crate::output::at(&path))?;
                command.arg("--submit").arg(path);
            }
            self.spawn(command, actor, direction)?;
        }
        Ok(())
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

    /// The present score of each miner of a stage by its uid, 0 to 1: the mean of the averages that validators print
    /// for the miner's mechanism.
    pub fn scores(&self, stage: &Stage) -> Scores {
        let mechanisms: BTreeMap<u16, u8> =
            stage.miners().map(|actor| (actor.uid, actor.mechanism())).collect();
        let mut sums: BTreeMap<u16, (f64, u32)> = BTreeMap::new();
        for (_, _, log) in &self.running {
            let text = std::fs::read_to_string(log).unwrap_or_default();
            for mechanism in 0..stage.play.mechanisms() {
                let begin = averages_of(&name_of(stage.netuid, self.several), mechanism);
                let line = text.lines().rev().find_map(|line| line.trim_start().strip_prefix(&begin));
                let pairs = line.unwrap_or_default().split_whitespace();
                for (uid, average) in pairs.filter_map(|pair| pair.split_once(':')) {
                    if let (Ok(uid), Ok(average)) = (uid.parse(), average.parse::<f64>()) {
                        if mechanisms.get(&uid) == Some(&mechanism) {
                            let sum = sums.entry(uid).or_default();
                            *sum = (sum.0 + average, sum.1 + 1);
                        }
                    }
                }
            }
        }
        sums.into_iter().map(|(uid, (sum, count))| (uid, sum / f64::from(count))).collect()
    }

    /// Halts an actor's process where it is.
    pub fn halt(&mut self, actor: &Actor) {
        for (_, child, _) in self.running.iter().filter(|(name, ..)| *name == actor.name) {
            let _ = Command::new("kill").arg("-STOP").arg(child.id().to_string()).status();
        }
    }

    /// Name and log of a process that ended unexpectedly.
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
            // A halted process ends only when it goes on.
            for signal in ["-TERM", "-CONT"] {
                let _ = Command::new("kill").arg(signal).arg(child.id().to_string()).status();
            }
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
