//! Starts node processes and asks them questions.
//!
//! Every wait has a limit; the node's log is printed when one is exceeded. Nodes are killed when dropped.

use crate::ports::free_port;
use serde_json::{json, Value};
use std::{
    fs::{self, File},
    io::{Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        atomic::{AtomicU32, Ordering},
        Arc,
    },
    time::{Duration, Instant},
};

/// Limit for a node to answer its first question. Generous: other tests may share two cores with it.
const START: Duration = Duration::from_secs(120);
/// Limit for any progress of a running network.
pub const PROGRESS: Duration = Duration::from_secs(120);
/// Limit for one answer.
const ANSWER: Duration = Duration::from_secs(30);
/// Time between two questions while waiting.
const POLL: Duration = Duration::from_millis(100);

/// The folder of a node's files. It is removed when nothing needs it, unless the test failed.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let _ = fs::remove_dir_all(&self.0);
        }
    }
}

/// The arguments of a node. Its database outlives its process, until the value is dropped.
pub struct Setup {
    chain: String,
    flags: Vec<String>,
    folder: Arc<Folder>,
    node_key: String,
    environment: Vec<(String, String)>,
}

impl Setup {
    /// A node of `chain` with further arguments.
    pub fn new(chain: &str, flags: &[&str]) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let base = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("node-{}-{n}", std::process::id()));
        fs::create_dir_all(&base).expect("the target folder is writable");
        Self {
            chain: chain.into(),
            flags: flags.iter().map(|flag| (*flag).into()).collect(),
            folder: Arc::new(Folder(base)),
            node_key: format!("{n:064x}"),
            environment: Vec::new(),
        }
    }

    /// Starts the node and waits until it answers.
    pub fn start(&self, bootnodes: &[&Node]) -> Node {
        let node = self.spawn(Command::new(env!("CARGO_BIN_EXE_myelin-node")), free_port(), bootnodes);
        node.wait("answered", START, |node| node.ask("system_health", json!([])).map(|_| ()));
        node
    }

    /// Starts nodes of one network, each of which knows those before it, and waits until each answers.
    pub fn start_all(setups: &[Self]) -> Vec<Node> {
        let mut nodes: Vec<Node> = Vec::new();
        for setup in setups {
            let known: Vec<&Node> = nodes.iter().collect();
            nodes.push(setup.start(&known));
        }
        nodes
    }

    /// Starts the node where no file can become larger than `kib` KiB: it soon gets the errors of a full disk.
    pub fn start_with_little_disk(&self, kib: u32) -> Node {
        let mut shell = Command::new("bash");
        let limits = format!("ulimit -f {kib}; trap '' XFSZ; exec \"$@\"");
        shell.args(["-c", &limits, "bash", env!("CARGO_BIN_EXE_myelin-node")]);
        self.spawn(shell, free_port(), &[])
    }

    /// Starts the node on the port of a running one.
    pub fn start_on_port_of(&self, other: &Node) -> Node {
        self.spawn(Command::new(env!("CARGO_BIN_EXE_myelin-node")), other.rpc_port, &[])
    }

    /// Starts the script of official suites, which makes a chain of its own, and waits until the node answers.
    pub fn start_localnet(&self, fast: bool, [first, second]: [u16; 2]) -> Node {
        let mut script = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/localnet.sh"));
        script
            .arg(if fast { "True" } else { "False" })
            .env("MYELIN_NODE", env!("CARGO_BIN_EXE_myelin-node"))
            .env("MYELIN_LOCALNET_PORTS", format!("{first} {second}"))
            .env("TMPDIR", self.base());
        let log = self.base().join(format!("log-{first}"));
        let out = File::create(&log).expect("the log can be written");
        script.stdin(Stdio::null()).stderr(out.try_clone().expect("a file handle can be cloned")).stdout(out);
        let process = script.spawn().expect("the script starts");
        Node { process, rpc_port: first, p2p_port: 0, log, _folder: self.folder.clone() }
    }

    /// The same with further arguments.
    pub fn with(mut self, flags: impl IntoIterator<Item = String>) -> Self {
        self.flags.extend(flags);
        self
    }

    /// Replaces the variables that processes get from the next start on.
    pub fn set_environment(&mut self, variables: Vec<(String, String)>) {
        self.environment = variables;
    }

    /// Removes the stored chain and keeps keys. The node must not run.
    pub fn lose_database(&self) {
        let chains = fs::read_dir(self.base().join("chains")).expect("the node ran");
        for chain in chains.flatten() {
            fs::remove_dir_all(chain.path().join("paritydb")).expect("the node stored blocks");
        }
    }

    /// The text of a file in the folder of the chain.
    pub fn file_of_chain(&self, name: &str) -> String {
        let chains = fs::read_dir(self.base().join("chains")).expect("the node ran");
        let mut files = chains.flatten().map(|chain| chain.path().join(name));
        files.find_map(|file| fs::read_to_string(file).ok()).expect("the node wrote it")
    }

    /// The name of the node in addresses of the network.
    pub fn peer_id(&self) -> String {
        let file = self.base().join("node-key");
        fs::write(&file, &self.node_key).expect("the folder is writable");
        let mut command = Command::new(env!("CARGO_BIN_EXE_myelin-node"));
        let done = command.args(["key", "inspect-node-key", "--file"]).arg(file).output();
        String::from_utf8_lossy(&done.expect("the node starts").stdout).trim().to_owned()
    }

    /// Folder of the files of the started process.
    pub fn base(&self) -> &Path {
        &self.folder.0
    }

    /// Whether a flag names the offered methods; without one all of them are offered.
    fn chooses_methods(&self) -> bool {
        self.flags.iter().any(|flag| flag == "--rpc-methods")
    }

    fn spawn(&self, mut command: Command, rpc_port: u16, bootnodes: &[&Node]) -> Node {
        let p2p_port = free_port();
        let log = self.base().join("log");
        let out = File::options().create(true).append(true).open(&log).expect("the log can be written");
        command
            .args([
                "--chain",
                &self.chain,
                "--no-prometheus",
                "--no-telemetry",
                "--no-mdns",
                "--disable-log-color",
            ])
            .args(["--rpc-port", &rpc_port.to_string()])
            .args(["--listen-addr", &format!("/ip4/127.0.0.1/tcp/{p2p_port}")])
            .args(["--node-key", &self.node_key])
            .arg("--base-path")
            .arg(self.base())
            .args(&self.flags)
            .args(if self.chooses_methods() { &[][..] } else { &["--rpc-methods", "unsafe"] })
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(out.try_clone().expect("a file handle can be cloned"))
            .stderr(out);
        if !bootnodes.is_empty() {
            command.arg("--bootnodes").args(bootnodes.iter().map(|node| node.address()));
        }
        let process = command.spawn().expect("the node binary starts");
        Node { process, rpc_port, p2p_port, log, _folder: self.folder.clone() }
    }
}

/// Memory of a process in MiB.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    /// Memory that belongs to this process alone.
    pub own: u64,
    /// Pages of files: the program, and the database.
    pub files: u64,
}

impl Memory {
    /// All resident memory.
    pub fn all(self) -> u64 {
        self.own + self.files
    }
}

/// A running node.
pub struct Node {
    process: Child,
    rpc_port: u16,
    p2p_port: u16,
    log: PathBuf,
    /// The process writes there, even when its arguments are dropped.
    _folder: Arc<Folder>,
}

impl Node {
    /// Address for other nodes.
    fn address(&self) -> String {
        let id = self.call("system_localPeerId", json!([]));
        format!("/ip4/127.0.0.1/tcp/{}/p2p/{}", self.p2p_port, id.as_str().expect("a peer id is text"))
    }

    /// Port for other nodes.
    pub fn p2p_port(&self) -> u16 {
        self.p2p_port
    }

    /// Asks the node; fails the test if it does not answer.
    pub fn call(&self, method: &str, params: Value) -> Value {
        self.ask(method, params)
            .unwrap_or_else(|problem| self.fail(&format!("did not answer {method}: {problem}")))
    }

    /// Sends requests to another port from now on.
    pub fn ask_at(&mut self, port: u16) {
        self.rpc_port = port;
    }

    /// Asks the node.
    pub fn ask(&self, method: &str, params: Value) -> Result<Value, String> {
        let mut answer =
            self.post(&json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }))?;
        match answer.get_mut("result") {
            Some(result) => Ok(result.take()),
            None => Err(answer.to_string()),
        }
    }

    /// Sends a JSON-RPC request, or several as an array, over HTTP.
    pub fn post(&self, request: &Value) -> Result<Value, String> {
        let body = request.to_string();
        let request = format!(
            "POST / HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Type: application/json\r\nConnection: close\r\n\
             Content-Length: {}\r\n\r\n{body}",
            self.rpc_port,
            body.len()
        );
        let answer = self.exchange(&request).map_err(|error| error.to_string())?;
        let (head, body) = answer.split_once("\r\n\r\n").ok_or("the answer is not HTTP")?;
        serde_json::from_str(body).map_err(|_| format!("{head}\n{body}"))
    }

    /// Host and port for requests.
    pub fn host(&self) -> String {
        format!("127.0.0.1:{}", self.rpc_port)
    }

    /// A connection on which answers may take a while.
    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(("127.0.0.1", self.rpc_port)).expect("the node listens");
        stream.set_read_timeout(Some(ANSWER)).expect("a time limit");
        stream
    }

    /// Sends a request as it stands and reads until the node closes.
    pub fn exchange(&self, request: &str) -> std::io::Result<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.rpc_port))?;
        stream.set_read_timeout(Some(ANSWER))?;
        stream.write_all(request.as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    }

    /// Number of the best block.
    pub fn best(&self) -> u32 {
        self.number_of(self.call("chain_getHeader", json!([])))
    }

    /// Number of the last finalised block.
    pub fn finalised(&self) -> u32 {
        let hash = self.call("chain_getFinalizedHead", json!([]));
        self.number_of(self.call("chain_getHeader", json!([hash])))
    }

    /// Hash of the block with this number on the best chain.
    pub fn hash(&self, number: u32) -> String {
        match self.call("chain_getBlockHash", json!([number])) {
            Value::String(hash) => hash,
            other => self.fail(&format!("has no block {number}: {other}")),
        }
    }

    /// The slot in which block `number` was written.
    pub fn slot(&self, number: u32) -> u64 {
        let header = self.call("chain_getHeader", json!([self.hash(number)]));
        // The first digest item is Aura's: variant 6 (pre-runtime), engine "aura", length, slot.
        let log = header["digest"]["logs"][0].as_str().expect("a block carries its slot").to_owned();
        let bytes = hex(&log);
        assert_eq!(&bytes[..5], b"\x06aura", "unexpected digest {log}");
        u64::from_le_bytes(bytes[6..14].try_into().expect("eight bytes"))
    }

    fn number_of(&self, header: Value) -> u32 {
        let number = header["number"].as_str().unwrap_or_else(|| self.fail("sent a header without a number"));
        u32::from_str_radix(number.trim_start_matches("0x"), 16).expect("numbers are hexadecimal")
    }

    /// Waits until the node has finalised block `number`.
    pub fn wait_finalised(&self, number: u32) {
        self.wait(&format!("finalised block {number}"), PROGRESS, |node| match node.finalised() {
            finalised if finalised >= number => Ok(()),
            finalised => Err(format!("finalised block {finalised}")),
        });
    }

    /// Waits until `question` is answered with `Ok`.
    pub fn wait<T>(&self, what: &str, limit: Duration, question: impl Fn(&Self) -> Result<T, String>) -> T {
        let start = Instant::now();
        loop {
            let problem = match question(self) {
                Ok(answer) => return answer,
                Err(problem) => problem,
            };
            if start.elapsed() > limit {
                self.fail(&format!("has not {what} within {} s: {problem}", limit.as_secs()));
            }
            std::thread::sleep(POLL);
        }
    }

    /// Memory of the process; `None` where the system does not report it.
    pub fn memory(&self) -> Option<Memory> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id())).ok()?;
        let mib = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            Some(line.split_whitespace().next()?.parse::<u64>().ok()? / 1024)
        };
        Some(Memory { own: mib("RssAnon:")?, files: mib("RssFile:")? })
    }

    /// The log of the node.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Ends the process at once, as a power cut would.
    pub fn kill(mut self) {
        self.process.kill().expect("a running process can be killed");
        self.process.wait().expect("a killed process ends");
    }

    /// Asks the process to end and returns whether it did so without an error.
    pub fn terminate(self) -> bool {
        let asked = Command::new("kill").args(["-TERM", &self.process.id().to_string()]).status();
        assert!(asked.is_ok_and(|status| status.success()), "SIGTERM could not be sent");
        self.end().0
    }

    /// Waits until the process ends by itself. Returns whether it reported success, and its log.
    pub fn end(mut self) -> (bool, String) {
        let start = Instant::now();
        loop {
            if let Some(status) = self.process.try_wait().expect("a child can be waited for") {
                return (status.success(), self.log());
            }
            if start.elapsed() > PROGRESS {
                self.fail(&format!("was expected to end within {} s", PROGRESS.as_secs()));
            }
            std::thread::sleep(POLL);
        }
    }

    fn fail(&self, what: &str) -> ! {
        let log = self.log();
        let lines: Vec<_> = log.lines().collect();
        let tail = lines[lines.len().saturating_sub(40)..].join("\n");
        panic!("the node on RPC port {} {what}; the end of {}:\n{tail}", self.rpc_port, self.log.display());
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// File name of a built-in chain with this many milliseconds between blocks, as its operator would write it.
pub fn chain_file(built_in: &str, slot_ms: u64) -> String {
    changed_chain(built_in, &slot_ms.to_string(), |genesis| {
        let pace = &mut genesis["subtensorModule"]["profile"]["slot_ms"];
        assert!(pace.is_u64(), "the chain file says at which pace blocks come");
        *pace = slot_ms.into();
    })
}

/// File name of a built-in chain whose genesis is changed; `name` tells it from others.
pub fn changed_chain(built_in: &str, name: &str, change: impl FnOnce(&mut Value)) -> String {
    let exported = Command::new(env!("CARGO_BIN_EXE_myelin-node"))
        .args(["export-chain-spec", "--chain", built_in])
        .output()
        .expect("the node binary starts");
    let mut chain: Value = serde_json::from_slice(&exported.stdout).expect("a chain file is JSON");
    change(&mut chain["genesis"]["runtimeGenesis"]["patch"]);
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{built_in}-{name}.json"));
    fs::write(&file, chain.to_string()).expect("the target folder is writable");
    file.display().to_string()
}

/// Bytes of a `0x…` text.
pub fn hex(text: &str) -> Vec<u8> {
    let digits = text.trim_start_matches("0x").as_bytes();
    digits
        .chunks(2)
        .map(|pair| {
            let pair = std::str::from_utf8(pair).expect("hexadecimal digits are ASCII");
            u8::from_str_radix(pair, 16).expect("answers are hexadecimal")
        })
        .collect()
}
