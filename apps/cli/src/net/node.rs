//! One node process.

use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use super::state::{start_time, Chain};
use super::{NetError, NodeRecord};

/// An authority of a network.
#[derive(Clone, Copy, Debug)]
pub struct Authority {
    /// From 0 to 3.
    pub index: usize,
    /// The chain.
    pub chain: Chain,
}

impl Authority {
    fn name(self) -> &'static str {
        ["One", "Two", "Three", "Four"][self.index.min(3)]
    }

    fn flag(self) -> &'static str {
        ["--one", "--two", "--three", "--four"][self.index.min(3)]
    }

    /// A fixed libp2p identity, so that the other nodes know the address beforehand. For test networks only.
    fn node_key(self) -> String {
        format!("{:064x}", self.index + 1)
    }
}

/// Peer ids of the fixed identities, in the order of the authorities.
const PEER_IDS: [&str; 4] = [
    "12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp",
    "12D3KooWHdiAxVd8uMQR1hGWXccidmfCwLqcMpGwR6QcTP6QRMuD",
    "12D3KooWSCufgHzV4fCwRijfH2k3abrpAJxTKxEvN1FDuRXA2U9x",
    "12D3KooWSsChzF81YDUKpe9Uk5AHV5oqAaXAcWNSPYgoLauUk4st",
];

/// Ports of a node, all on the loopback address.
#[derive(Clone, Copy, Debug)]
pub struct Ports {
    /// JSON-RPC over WebSocket.
    pub rpc: u16,
    /// Peer to peer.
    pub p2p: u16,
    /// Prometheus.
    pub metrics: u16,
}

/// Distance from the RPC port to the peer-to-peer port.
pub(super) const P2P_ABOVE: u16 = 1_000;
/// Distance from the RPC port to the Prometheus port.
pub(super) const METRICS_ABOVE: u16 = 2_000;

/// The highest RPC port with which four nodes have all their ports.
pub(super) const LAST_FIRST_PORT: u16 = u16::MAX - METRICS_ABOVE - 3;

impl Ports {
    /// The default port of clients, if so many nodes can use the ports from there on.
    pub fn usual(nodes: usize) -> Option<u16> {
        const USUAL: u16 = 9944;
        (0..nodes).all(|index| Self::choose(Some(USUAL), index).is_ok()).then_some(USUAL)
    }

    /// Ports counted from `first`, or free ones that the system picks.
    pub fn choose(first: Option<u16>, index: usize) -> Result<Self, NetError> {
        match first {
            None | Some(0) => Ok(Ports { rpc: free_port(), p2p: free_port(), metrics: free_port() }),
            Some(first) => {
                let above = |distance: u16| {
                    let index = u16::try_from(index).ok()?;
                    first.checked_add(distance)?.checked_add(index)
                };
                let ports = above(0).zip(above(P2P_ABOVE)).zip(above(METRICS_ABOVE));
                let ((rpc, p2p), metrics) = ports.ok_or(NetError::PortTooHigh { port: first })?;
                let ports = Ports { rpc, p2p, metrics };
                match [ports.rpc, ports.p2p, ports.metrics]
                    .into_iter()
                    .find(|port| !is_free("127.0.0.1", *port))
                {
                    Some(port) => Err(NetError::PortInUse(port)),
                    None => Ok(ports),
                }
            }
        }
    }
}

/// Whether nobody listens on a port of an address of this machine.
pub fn is_free(address: &str, port: u16) -> bool {
    TcpListener::bind((address, port)).is_ok()
}

/// A port that is free now; zero if there is none.
///
/// Systems give outgoing connections ports from 32,768 on. A port from there may be taken before its node listens.
pub fn free_port() -> u16 {
    const FIRST: u16 = 11_000;
    const COUNT: u16 = 9_000;
    static NEXT: AtomicU16 = AtomicU16::new(0);
    // Processes side by side begin at different ports.
    let start = (std::process::id() % 90) as u16 * (COUNT / 90);
    (0..COUNT)
        .map(|_| FIRST + start.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % COUNT)
        // Miners of the demo listen at other loopback addresses than nodes.
        .find(|port| is_free("0.0.0.0", *port))
        .unwrap_or(0)
}

/// The node's binary: `MYELIN_NODE`, beside this program, in the build cache, or on the path.
pub fn find_binary() -> Option<PathBuf> {
    const NAME: &str = "myelin-node";
    if let Some(path) = std::env::var_os("MYELIN_NODE") {
        return Some(PathBuf::from(path)).filter(|path| path.is_file());
    }
    let beside = std::env::current_exe().ok().and_then(|exe| Some(exe.parent()?.join(NAME)));
    let cache = std::env::var_os("MYELIN_CACHE")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache/myelin")))
        .map(|cache| cache.join("chain-target/debug").join(NAME));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).map(|folder| folder.join(NAME));
    beside.into_iter().chain(cache).chain(on_path).find(|candidate| candidate.is_file())
}

/// A node that this program started.
pub struct NodeProcess {
    child: Option<Child>,
    authority: Authority,
    ports: Ports,
    log: PathBuf,
}

impl NodeProcess {
    /// Starts the node; its output goes to a log file.
    pub fn spawn(
        binary: &Path,
        folder: &Path,
        authority: Authority,
        ports: Ports,
        bootnode: Option<&str>,
    ) -> Result<Self, NetError> {
        let base = folder.join("nodes").join(authority.name().to_lowercase());
        std::fs::create_dir_all(&base).map_err(|error| NetError::io(&base, error))?;
        let log = folder.join("logs").join(format!("node-{}.log", authority.name().to_lowercase()));
        let file = File::create(&log).map_err(|error| NetError::io(&log, error))?;
        let errors = file.try_clone().map_err(|error| NetError::io(&log, error))?;
        let mut command = Command::new(binary);
        command
            .args(["--chain", authority.chain.name(), authority.flag(), "--base-path"])
            .arg(&base)
            .args(["--node-key", &authority.node_key()])
            .args(["--listen-addr", &format!("/ip4/127.0.0.1/tcp/{}", ports.p2p)])
            .args(["--rpc-port", &ports.rpc.to_string(), "--prometheus-port", &ports.metrics.to_string()])
            // Web pages in a browser of this machine can reach the port, and must not change the node.
            .args(["--rpc-methods", "safe", "--state-pruning", "archive"])
            .args(["--no-telemetry", "--no-mdns", "--allow-private-ip"]);
        if authority.chain.authorities() == 1 {
            command.arg("--force-authoring");
        }
        if let Some(bootnode) = bootnode {
            command.args(["--bootnodes", bootnode]);
        }
        let child = command
            .stdin(Stdio::null())
            .stdout(file)
            .stderr(errors)
            .spawn()
            .map_err(|error| NetError::io(binary, error))?;
        Ok(NodeProcess { child: Some(child), authority, ports, log })
    }

    /// Name of its authority.
    pub fn name(&self) -> &'static str {
        self.authority.name()
    }

    /// RPC endpoint.
    pub fn endpoint(&self) -> String {
        format!("ws://127.0.0.1:{}", self.ports.rpc)
    }

    /// Address for other nodes.
    pub fn address(&self) -> String {
        format!("/ip4/127.0.0.1/tcp/{}/p2p/{}", self.ports.p2p, PEER_IDS[self.authority.index.min(3)])
    }

    /// The record from which later commands find the node.
    pub fn record(&self) -> NodeRecord {
        let pid = self.child.as_ref().map_or(0, Child::id);
        NodeRecord {
            name: self.name().to_string(),
            pid,
            started: start_time(pid).unwrap_or_default(),
            endpoint: self.endpoint(),
            log: self.log.clone(),
        }
    }

    /// Whether the process still runs.
    pub fn alive(&mut self) -> bool {
        self.child.as_mut().is_some_and(|child| matches!(child.try_wait(), Ok(None)))
    }

    /// Waits until the node listens for RPC and has imported a block.
    pub async fn wait_until_ready(&mut self, deadline: Instant) -> Result<(), NetError> {
        loop {
            if !self.alive() {
                return Err(self.failed("ended by itself"));
            }
            let listening = tokio::net::TcpStream::connect(("127.0.0.1", self.ports.rpc)).await.is_ok();
            let growing = std::fs::read_to_string(&self.log).is_ok_and(|log| log.contains("Imported #"));
            if listening && growing {
                return Ok(());
            }
            if Instant::now() > deadline {
                return Err(self.failed("made no block within a minute"));
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    fn failed(&self, what: &str) -> NetError {
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        NetError::NodeFailed {
            name: self.name().to_string(),
            what: what.to_string(),
            log: self.log.clone(),
            tail: lines[lines.len().saturating_sub(8)..].join("\n"),
        }
    }

    /// Lets the process go on without this program.
    pub fn leave_running(mut self) {
        self.child = None;
    }

    /// Asks the process to end.
    pub fn ask_to_end(&mut self) {
        if self.child.is_some() {
            self.record().terminate();
        }
    }

    /// Waits a while for the end, then kills the process.
    pub fn stop(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        let deadline = Instant::now() + Duration::from_secs(10);
        while Instant::now() < deadline {
            if !matches!(child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let _ = child.kill();
        let _ = child.wait();
    }
}
