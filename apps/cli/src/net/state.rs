//! The record of a started network on disk, so that later commands find it.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::NetError;

/// Record of a network.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct State {
    /// Its nodes in order.
    pub nodes: Vec<NodeRecord>,
}

/// The shape of a chain, which it keeps for as long as it exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chain {
    authorities: usize,
    /// Whether blocks take 12 seconds.
    slow: bool,
    /// Whether its holders are to remove its root key.
    #[serde(default)]
    governed: bool,
}

impl std::fmt::Display for Chain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let pace = if self.slow { "12-second" } else { "250 ms" };
        let authorities = if self.authorities == 1 { "authority" } else { "authorities" };
        let governed = if self.governed { ", governed by its holders" } else { "" };
        write!(f, "{} {authorities} and {pace} blocks{governed}", self.authorities)
    }
}

impl Chain {
    /// A chain of one to four authorities, with blocks of 12 s or 250 ms.
    pub fn local(authorities: usize, slow: bool) -> Self {
        Chain { authorities: authorities.clamp(1, 4), slow, governed: false }
    }

    /// The chain of four authorities whose holders are to remove its root key.
    pub const GOVERNED: Self = Chain { authorities: 4, slow: false, governed: true };

    /// Number of authorities.
    pub fn authorities(self) -> usize {
        self.authorities
    }

    /// Name of the chain for the node.
    pub fn name(self) -> &'static str {
        match (self.authorities, self.slow) {
            _ if self.governed => "governed",
            (1, false) => "dev",
            (2, false) => "local",
            (3, false) => "local3",
            (_, false) => "local4",
            (1, true) => "dev-12s",
            (2, true) => "local-12s",
            (3, true) => "local3-12s",
            (_, true) => "local4-12s",
        }
    }

    fn path(folder: &Path) -> PathBuf {
        folder.join("chain.json")
    }

    /// The chain of a folder, `None` if none was begun there.
    pub fn read(folder: &Path) -> Option<Self> {
        let text = std::fs::read_to_string(Self::path(folder)).ok()?;
        folder.join("nodes").exists().then(|| serde_json::from_str(&text).ok())?
    }

    /// Records the chain that begins in a folder.
    pub fn write(self, folder: &Path) -> Result<(), NetError> {
        let path = Self::path(folder);
        let text = serde_json::to_string(&self).unwrap_or_default();
        std::fs::write(&path, text).map_err(|error| NetError::io(&path, error))
    }
}

/// A node process.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NodeRecord {
    /// The authority's name.
    pub name: String,
    /// Process id.
    pub pid: u32,
    /// Start of the process, in clock ticks since boot, which tells it from a later process with the same id.
    pub started: u64,
    /// RPC endpoint.
    pub endpoint: String,
    /// Log file.
    pub log: PathBuf,
}

impl NodeRecord {
    /// Whether this very process still runs.
    pub fn is_running(&self) -> bool {
        start_time(self.pid) == Some(self.started)
    }

    /// Asks the process to end.
    pub fn terminate(&self) {
        signal(self, "TERM");
    }

    /// Kills the process.
    pub fn kill(&self) {
        signal(self, "KILL");
    }
}

fn signal(node: &NodeRecord, signal: &str) {
    if node.is_running() {
        let _ =
            std::process::Command::new("kill").arg(format!("-{signal}")).arg(node.pid.to_string()).status();
    }
}

/// Start time of a process from `/proc`, `None` if there is no such process.
pub fn start_time(pid: u32) -> Option<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The command name is in parentheses and may contain anything; fields are counted after it.
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace();
    if fields.next() == Some("Z") {
        return None;
    }
    fields.nth(18)?.parse().ok()
}

impl State {
    fn path(folder: &Path) -> PathBuf {
        folder.join("net.json")
    }

    /// The state of a folder, `None` if no network was started there.
    pub fn read(folder: &Path) -> Option<Self> {
        let text = std::fs::read_to_string(Self::path(folder)).ok()?;
        serde_json::from_str(&text).ok()
    }

    /// Writes the state in one step, so that no reader sees half of it.
    pub fn write(&self, folder: &Path) -> Result<(), NetError> {
        let path = Self::path(folder);
        let staged = folder.join("net.json.new");
        let text = serde_json::to_string_pretty(self).unwrap_or_default();
        std::fs::write(&staged, text).map_err(|error| NetError::io(&staged, error))?;
        std::fs::rename(&staged, &path).map_err(|error| NetError::io(&path, error))
    }

    /// Forgets the network.
    pub fn remove(folder: &Path) {
        let _ = std::fs::remove_file(Self::path(folder));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_known_by_id_and_start_time() {
        let pid = std::process::id();
        let started = start_time(pid).expect("this process runs");
        let record =
            NodeRecord { name: "One".into(), pid, started, endpoint: String::new(), log: PathBuf::new() };
        assert!(record.is_running());
        assert!(!NodeRecord { started: started + 1, ..record }.is_running());
    }

    #[test]
    fn state_survives_the_disk_and_garbage_is_no_state() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(State::read(folder.path()).is_none());
        let state = State {
            nodes: vec![NodeRecord {
                name: "One".into(),
                pid: 1,
                started: 2,
                endpoint: "ws://127.0.0.1:9944".into(),
                log: "x".into(),
            }],
        };
        state.write(folder.path()).expect("written");
        assert_eq!(
            State::read(folder.path()).map(|s| s.nodes[0].endpoint.clone()),
            Some("ws://127.0.0.1:9944".into())
        );
        std::fs::write(folder.path().join("net.json"), "{").expect("written");
        assert!(State::read(folder.path()).is_none());
    }
}
