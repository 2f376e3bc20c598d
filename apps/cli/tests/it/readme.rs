//! The commands of the README, run as the page has them.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use super::harness::free_block_of_ports;
use super::ports::free_port;
use super::{command, text};

/// Longest time until the miner has earned. The page names a time that was seen; a machine may be four times as slow.
const PATIENCE: Duration = Duration::from_secs(240);

/// The block of shell commands under a heading.
fn block(page: &str, heading: &str) -> String {
    let section = page.split(&format!("\n## {heading}\n")).nth(1).expect("a section");
    let fenced = section.split("```sh\n").nth(1).and_then(|rest| rest.split("\n```").next());
    fenced.expect("a block of commands").to_owned()
}

/// A home folder with the command where `make build` leaves it, and all processes that were started there.
pub struct Home {
    folder: tempfile::TempDir,
    rpc_port: String,
    axon_port: String,
    /// The line that finds the command.
    pub export: &'static str,
}

/// File for the processes that a block leaves in the background.
pub const STARTED: &str = "started.pids";

impl Home {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let built = folder.path().join(".cache/myelin/target/debug");
        std::fs::create_dir_all(&built).expect("a folder");
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_myelin"), built.join("myelin")).expect("a link");
        Home {
            folder,
            rpc_port: free_block_of_ports().to_string(),
            axon_port: free_port().to_string(),
            export: "export PATH=\"$HOME/.cache/myelin/target/debug:$PATH\"\n",
        }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A shell that stops at the first command that fails.
    fn shell(&self, script: &str) -> Output {
        let mut shell = Command::new("bash");
        let cargo = std::env::var_os("CARGO_HOME")
            .map(PathBuf::from)
            .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cargo")));
        let outer = command(self.path(), &[]);
        shell.args(["-e", "-o", "pipefail", "-c", script]).current_dir(self.path());
        for (name, value) in outer.get_envs() {
            match value {
                Some(value) => shell.env(name, value),
                None => shell.env_remove(name),
            };
        }
        shell
            .env("CARGO_HOME", cargo.expect("a home"))
            .env("MYELIN_NODE", myelin_node())
            .env("MYELIN_RPC_PORT", &self.rpc_port)
            .env("MYELIN_ENDPOINT", format!("ws://127.0.0.1:{}", self.rpc_port))
            .env("BT_AXON_PORT", &self.axon_port);
        shell.output().expect("a shell")
    }

    pub fn ok(&self, script: &str) -> String {
        let output = self.shell(script);
        let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
        assert!(output.status.success(), "{script}\n{said}\n{}", self.logs());
        said
    }

    /// Whether a neuron with an axon on subnet 2 has earned alpha.
    pub fn a_miner_earns(&self) -> bool {
        let graph = self.ok(&format!("{}myelin metagraph --netuid 2 --json", self.export));
        let graph: serde_json::Value = serde_json::from_str(&graph).expect("JSON");
        let neurons = graph["neurons"].as_array().expect("neurons").clone();
        neurons.iter().any(|neuron| {
            !neuron["axon"].is_null() && neuron["emission_rao"].as_u64().is_some_and(|alpha| alpha > 0)
        })
    }

    /// The logs of all processes in the background.
    pub fn logs(&self) -> String {
        let files = std::fs::read_dir(self.path()).expect("the home").flatten().map(|file| file.path());
        let logs = files.filter(|path| path.extension().is_some_and(|kind| kind == "log"));
        logs.map(|path| {
            let log = std::fs::read(&path).unwrap_or_default();
            format!("== {}\n{}\n", path.display(), text(&log))
        })
        .collect()
    }
}

impl Drop for Home {
    /// Ends the processes that the commands left in the background.
    fn drop(&mut self) {
        self.shell(&format!("{}kill $(cat {STARTED}) || true\nmyelin net down\nsleep 1", self.export));
    }
}

/// The node for the tests, whose shell has another home.
pub fn myelin_node() -> PathBuf {
    std::env::var_os("MYELIN_NODE").map(PathBuf::from).unwrap_or_else(|| {
        let cache = std::env::var_os("MYELIN_CACHE").map(PathBuf::from).unwrap_or_else(|| {
            PathBuf::from(std::env::var_os("HOME").expect("a home")).join(".cache/myelin")
        });
        cache.join("chain-target/debug/myelin-node")
    })
}

#[test]
fn the_commands_of_the_readme_lead_to_the_first_alpha() {
    let page = include_str!("../../../../README.md");
    let home = Home::new();
    let started = Instant::now();
    let first = block(page, "The first alpha");
    assert!(first.starts_with(home.export), "the block finds the command by itself");
    let said = home.ok(&format!("trap 'jobs -p > {STARTED}' EXIT\n{first}"));
    while !home.a_miner_earns() {
        let logs = home.logs();
        assert!(started.elapsed() < PATIENCE, "the miner earns nothing\n{said}\n{logs}");
        std::thread::sleep(Duration::from_secs(1));
    }
    println!("the first alpha after {:.1} s", started.elapsed().as_secs_f64());

    let everyday = home.ok(&format!("{}{}", home.export, block(page, "Everyday use")));
    for words in ["uid", "signed", "subnet", "stopped 1 node"] {
        assert!(everyday.contains(words), "{words}: {everyday}");
    }
}
