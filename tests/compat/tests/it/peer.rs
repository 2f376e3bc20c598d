//! A process with official packages that executes requests.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{channel, Receiver};
use std::time::Duration;

use myelin_compat::packages::Packages;
use serde_json::{json, Value};

/// Longest time for one answer; the slowest, a legacy key derivation, takes seconds.
const PATIENCE: Duration = Duration::from_secs(120);

/// The process; it ends when this is dropped.
pub struct Peer {
    child: Child,
    requests: ChildStdin,
    answers: Receiver<String>,
    complaints: File,
}

impl Peer {
    /// The package bittensor-wallet, in the version that bittensor 10.5 uses.
    pub fn wallet() -> Self {
        Self::python(Packages::Sdk10, "wallet.py", "10")
    }

    /// The keys of bittensor 11.
    pub fn wallet_of_11() -> Self {
        Self::python(Packages::Sdk11, "wallet.py", "11")
    }

    /// Request signatures of bittensor 11.
    pub fn btauth() -> Self {
        Self::python(Packages::Sdk11, "btauth.py", "")
    }

    /// The chain at `endpoint` as bittensor 11 sees it; the package keeps its files in `folder`.
    pub fn chain11(endpoint: &str, folder: &Path) -> Self {
        let mut python = Self::script(Packages::Sdk11, "chain11.py", endpoint);
        python.env("HOME", folder).env_remove("BITTENSOR_RUNTIME_CACHE_DIR");
        Self::start(python)
    }

    /// The command line of bittensor 11; it keeps its files in `folder`.
    pub fn btcli11(folder: &Path) -> Self {
        let mut python = Command::new(installed(Packages::Sdk11).join("bin/python"));
        // So wide that no line of JSON is broken.
        python.arg(script("btcli11.py")).env("PYTHONDONTWRITEBYTECODE", "1").env("COLUMNS", "20000");
        python.env("HOME", folder).current_dir(folder);
        Self::start(python)
    }

    /// The chain at `endpoint` as bittensor 10 sees it, by the client that `kind` names: `""`, or `"async"` for the
    /// asynchronous one. Wallets go to `folder`.
    pub fn chain10(endpoint: &str, folder: &Path, kind: &str) -> Self {
        let mut python = Self::script(Packages::Sdk10, "chain10.py", endpoint);
        python.arg(kind).env("HOME", folder);
        Self::start(python)
    }

    /// A client that sends requests to the node at `endpoint` which no client should send.
    pub fn rpc(endpoint: &str) -> Self {
        Self::python(Packages::Sdk10, "rpc.py", endpoint)
    }

    /// Axon and dendrite of bittensor 10.5, with wallets in `folder`.
    pub fn neuron(folder: &Path) -> Self {
        Self::python(Packages::Sdk10, "neuron.py", &folder.display().to_string())
    }

    /// Keys of polkadot.js.
    pub fn polkadot() -> Self {
        let folder = installed(Packages::PolkadotJs);
        let mut node = Command::new("node");
        node.arg(script("polkadot.mjs")).arg(folder);
        Self::start(node)
    }

    /// The chain at `endpoint` as polkadot.js sees it.
    pub fn polkadot_chain(endpoint: &str) -> Self {
        let folder = installed(Packages::PolkadotJs);
        let mut node = Command::new("node");
        node.arg(script("polkadot_chain.mjs")).arg(folder).arg(endpoint);
        Self::start(node)
    }

    fn python(packages: Packages, name: &str, argument: &str) -> Self {
        Self::start(Self::script(packages, name, argument))
    }

    fn script(packages: Packages, name: &str, argument: &str) -> Command {
        let mut python = Command::new(installed(packages).join("bin/python"));
        python.arg(script(name)).arg(argument).env("PYTHONDONTWRITEBYTECODE", "1");
        python
    }

    /// Any program that answers as those of `peers/` do.
    pub fn start(mut command: Command) -> Self {
        let complaints = tempfile::tempfile().expect("a file");
        let stderr = complaints.try_clone().expect("the file again");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(stderr);
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
        let requests = child.stdin.take().expect("a pipe");
        let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let (sender, answers) = channel();
        std::thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| sender.send(line)));
        Self { child, requests, answers, complaints }
    }

    /// Sends a request; the error is the exception of the package.
    pub fn ask(&mut self, request: Value) -> Result<Value, String> {
        let sent = writeln!(self.requests, "{request}");
        let answer = match (sent, self.answers.recv_timeout(PATIENCE)) {
            (Ok(()), Ok(answer)) => answer,
            (sent, answer) => panic!("{request} was not answered: {sent:?} {answer:?}\n{}", self.said()),
        };
        let mut answer: Value = serde_json::from_str(&answer).expect("JSON");
        match answer.get("error") {
            Some(error) => Err(error.as_str().unwrap_or_default().to_owned()),
            None => Ok(answer["ok"].take()),
        }
    }

    /// Sends a request that must succeed.
    pub fn get(&mut self, request: Value) -> Value {
        let shown = request.to_string();
        self.ask(request).unwrap_or_else(|error| panic!("{shown}: {error}\n{}", self.said()))
    }

    /// Sends a request whose answer is a text.
    pub fn text(&mut self, request: Value) -> String {
        let answer = self.get(request);
        answer.as_str().unwrap_or_else(|| panic!("{answer} is no text")).to_owned()
    }

    /// The address of a key from its source.
    pub fn address(&mut self, kind: &str, source: &str) -> String {
        self.text(json!({ "do": "address", kind: source }))
    }

    /// The address of the key in a plain keyfile.
    pub fn address_in(&mut self, content: &str) -> String {
        self.text(json!({ "do": "read", "content": content }))
    }

    /// Its text on standard error.
    fn said(&mut self) -> String {
        let mut text = String::new();
        let read = self.complaints.rewind().and_then(|()| self.complaints.read_to_string(&mut text));
        read.map_or_else(|error| error.to_string(), |_| text)
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // The process may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn installed(packages: Packages) -> std::path::PathBuf {
    packages.installed().unwrap_or_else(|why| panic!("{why}"))
}

fn script(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("peers").join(name)
}
