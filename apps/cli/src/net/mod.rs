//! A local network: node processes on this machine, one command to start, watch and stop them.
//!
//! Each network has a folder with a state file, the nodes' databases and their logs. Starting fails if a port is taken
//! or a network already runs there. Stopping first asks the nodes to end, and kills them after a while. The chain stays
//! in the folder, and the next start continues it unless a fresh one is requested.

mod node;
mod state;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

pub use node::{find_binary, free_port, is_free, Authority, NodeProcess, Ports};
pub use state::{start_time, Chain, NodeRecord, State};

use node::{LAST_FIRST_PORT, METRICS_ABOVE, P2P_ABOVE};

/// Parts of a network.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Folder for databases, logs and the state file.
    pub folder: PathBuf,
    /// The chain.
    pub chain: Chain,
    /// RPC port of the first node; the others follow. `None` and 0 take free ports.
    pub rpc_port: Option<u16>,
    /// Discard the chain of an earlier run and begin a new one.
    pub fresh: bool,
}

/// A running network, owned by this process: dropping it stops the nodes unless [`LocalNet::leave_running`].
pub struct LocalNet {
    nodes: Vec<NodeProcess>,
    folder: PathBuf,
}

/// Reasons for failing to start a network.
#[derive(Debug, thiserror::Error)]
pub enum NetError {
    /// A port that the network needs is taken.
    #[error("port {0} is in use; stop what listens there (`myelin net down` if it is an earlier network) or pass --rpc-port")]
    PortInUse(u16),
    /// The ports of a node would lie beyond the last one.
    #[error("--rpc-port {port} is too high: a node also listens {P2P_ABOVE} and {METRICS_ABOVE} ports above it; take one up to {LAST_FIRST_PORT}")]
    PortTooHigh {
        /// The requested port.
        port: u16,
    },
    /// The folder holds a chain of another shape.
    #[error("{folder} holds a chain with {found}, and {asked} were asked for; start it as it was begun, or pass --fresh, which discards it")]
    AnotherChain {
        /// The network's folder.
        folder: PathBuf,
        /// The chain in it.
        found: Chain,
        /// The requested chain.
        asked: Chain,
    },
    /// A network runs in this folder already.
    #[error("a network already runs from {0}; `myelin net status` shows it, `myelin net down` stops it")]
    AlreadyRunning(PathBuf),
    /// The node's binary was not found.
    #[error("the node's binary was not found; run `make build`, or set MYELIN_NODE to its path")]
    NoNode,
    /// A node ended or did not get ready.
    #[error("node {name} {what}; the end of its log ({log}):\n{tail}")]
    NodeFailed {
        /// The authority's name.
        name: String,
        /// The event.
        what: String,
        /// Its log file.
        log: PathBuf,
        /// Last lines of the log.
        tail: String,
    },
    /// The file system refused an operation.
    #[error("{path}: {error}{}", if .error.kind() == std::io::ErrorKind::StorageFull { "; free some disk space and try again" } else { "" })]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The system's error.
        error: std::io::Error,
    },
}

impl NetError {
    fn io(path: &Path, error: std::io::Error) -> Self {
        NetError::Io { path: path.to_path_buf(), error }
    }
}

impl LocalNet {
    /// Starts the nodes and waits until each answers RPC and the chain has grown.
    pub async fn start(plan: &Plan) -> Result<Self, NetError> {
        let binary = find_binary().ok_or(NetError::NoNode)?;
        if let Some(state) = State::read(&plan.folder) {
            if state.nodes.iter().any(|node| node.is_running()) {
                return Err(NetError::AlreadyRunning(plan.folder.clone()));
            }
        }
        let ports: Vec<Ports> = (0..plan.chain.authorities())
            .map(|index| Ports::choose(plan.rpc_port, index))
            .collect::<Result<_, _>>()?;
        prepare(plan)?;

        let mut net = LocalNet { nodes: Vec::new(), folder: plan.folder.clone() };
        let mut bootnode = None;
        for (index, ports) in ports.into_iter().enumerate() {
            let authority = Authority { index, chain: plan.chain };
            let node = NodeProcess::spawn(&binary, &plan.folder, authority, ports, bootnode.as_deref())?;
            bootnode = bootnode.or_else(|| Some(node.address()));
            net.nodes.push(node);
        }
        net.record()?;
        let deadline = Instant::now() + Duration::from_secs(60);
        for node in &mut net.nodes {
            node.wait_until_ready(deadline).await?;
        }
        Ok(net)
    }

    /// RPC endpoint of the first node.
    pub fn endpoint(&self) -> String {
        self.nodes.first().map(NodeProcess::endpoint).unwrap_or_default()
    }

    /// RPC endpoints of all nodes.
    pub fn endpoints(&self) -> Vec<String> {
        self.nodes.iter().map(NodeProcess::endpoint).collect()
    }

    /// Address of the first node for other nodes.
    pub fn address(&self) -> String {
        self.nodes.first().map(NodeProcess::address).unwrap_or_default()
    }

    /// Folder of logs and databases.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Names of nodes that ended unexpectedly.
    pub fn dead(&mut self) -> Vec<String> {
        self.nodes.iter_mut().filter_map(|node| (!node.alive()).then(|| node.name().to_string())).collect()
    }

    /// Lets the nodes go on after this process ends; `myelin net down` stops them.
    pub fn leave_running(mut self) {
        for node in self.nodes.drain(..) {
            node.leave_running();
        }
    }

    fn record(&self) -> Result<(), NetError> {
        let state = State { nodes: self.nodes.iter().map(NodeProcess::record).collect() };
        state.write(&self.folder)
    }
}

/// Prepares the folder for the chain of a plan. A chain of an earlier run stays unless a fresh one is requested.
fn prepare(plan: &Plan) -> Result<(), NetError> {
    let (folder, asked) = (&plan.folder, plan.chain);
    if plan.fresh {
        for old in ["nodes", "logs"] {
            let path = folder.join(old);
            if path.exists() {
                std::fs::remove_dir_all(&path).map_err(|error| NetError::io(&path, error))?;
            }
        }
    } else if let Some(found) = Chain::read(folder).filter(|found| *found != asked) {
        return Err(NetError::AnotherChain { folder: folder.clone(), found, asked });
    }
    std::fs::create_dir_all(folder.join("logs")).map_err(|error| NetError::io(folder, error))?;
    asked.write(folder)
}

impl Drop for LocalNet {
    fn drop(&mut self) {
        for node in &mut self.nodes {
            node.ask_to_end();
        }
        for node in &mut self.nodes {
            node.stop();
        }
        if !self.nodes.is_empty() {
            State::remove(&self.folder);
        }
    }
}

/// Stops the network of a folder. Returns the number of nodes that were running.
pub fn down(folder: &Path) -> usize {
    let Some(state) = State::read(folder) else { return 0 };
    let running: Vec<_> = state.nodes.into_iter().filter(NodeRecord::is_running).collect();
    for node in &running {
        node.terminate();
    }
    let deadline = Instant::now() + Duration::from_secs(10);
    while Instant::now() < deadline && running.iter().any(NodeRecord::is_running) {
        std::thread::sleep(Duration::from_millis(100));
    }
    for node in running.iter().filter(|node| node.is_running()) {
        node.kill();
    }
    State::remove(folder);
    running.len()
}
