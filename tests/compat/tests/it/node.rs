//! A node of ours, with a chain of its own that ends with the test.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::ports::free_port;

/// Longest time until the first block.
const START: Duration = Duration::from_secs(60);

/// The process; it ends when this is dropped.
pub struct Node {
    process: Child,
    rpc_port: u16,
    log: PathBuf,
}

impl Node {
    /// A development chain of one authority that writes four blocks a second; its log is in `folder`.
    pub fn start(folder: &Path) -> Self {
        let binary = binary();
        let (rpc_port, p2p_port, log) = (free_port(), free_port(), folder.join("node.log"));
        let out = File::create(&log).expect("a log");
        let process = Command::new(&binary)
            .args(["--dev", "--no-prometheus", "--no-telemetry", "--no-mdns", "--state-pruning", "archive"])
            .args(["--rpc-port", &rpc_port.to_string()])
            .args(["--listen-addr", &format!("/ip4/127.0.0.1/tcp/{p2p_port}")])
            .arg("--base-path")
            .arg(folder.join("node"))
            .stdin(Stdio::null())
            .stdout(out.try_clone().expect("the log again"))
            .stderr(out)
            .spawn()
            .unwrap_or_else(|error| {
                panic!("{}: {error}; build it with `cargo xtask build`", binary.display())
            });
        let mut node = Self { process, rpc_port, log };
        node.wait_for_a_block();
        node
    }

    /// Address of its RPC server.
    pub fn endpoint(&self) -> String {
        format!("ws://127.0.0.1:{}", self.rpc_port)
    }

    fn wait_for_a_block(&mut self) {
        let deadline = Instant::now() + START;
        loop {
            let log = std::fs::read_to_string(&self.log).unwrap_or_default();
            if log.contains("Imported #") {
                return;
            }
            let runs = matches!(self.process.try_wait(), Ok(None));
            assert!(runs && Instant::now() < deadline, "the node wrote no block:\n{log}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // The process may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// `MYELIN_NODE`, or the node in the build cache.
pub fn binary() -> PathBuf {
    let home = || PathBuf::from(std::env::var_os("HOME").unwrap_or_default()).join(".cache/myelin");
    let cache = || std::env::var_os("MYELIN_CACHE").map_or_else(home, PathBuf::from);
    std::env::var_os("MYELIN_NODE")
        .map_or_else(|| cache().join("chain-target/debug/myelin-node"), PathBuf::from)
}
