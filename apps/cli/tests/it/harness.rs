//! A real network of real nodes on free ports, and the command against it.

use std::fs::File;
use std::future::Future;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::mpsc::{channel, Receiver};
use std::time::{Duration, Instant};

use myelin_abi::calls::admin::{SudoSetAdminFreezeWindow, SudoSetOwnerHparamRateLimit};
use myelin_chain_client::{ChainClient, Wait};
use serde_json::Value;
use tokio::net::TcpListener;

use super::ports::{free_port, is_free};
use super::{command, json, myelin, text};

/// Serves whoever connects to a free port until the tests end. Returns its address.
pub fn listen<F: Future<Output = ()>>(serve: impl FnOnce(TcpListener) -> F + Send + 'static) -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("a socket");
    let address = listener.local_addr().expect("bound");
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async { serve(TcpListener::from_std(listener).expect("a socket")).await });
    });
    address
}

/// Serves these routes on a free port until the tests end. Returns their address.
pub fn serve(routes: axum::Router) -> String {
    let serving =
        |listener| async { axum::serve(listener, routes).await.expect("serves until the tests end") };
    format!("http://{}", listen(serving))
}

/// A node beside a network, which ends with this value.
pub struct SecondNode {
    process: Child,
    folder: PathBuf,
    endpoint: String,
    /// Its log.
    pub log: PathBuf,
}

/// Starts a node with the keys of the folder as an authority beside a network.
pub fn second_node(net: &Network, folder: &Path) -> SecondNode {
    let status = net.ok(&["node", "status", "--json"]);
    let addresses = status["addresses"].as_array().expect("addresses").iter().filter_map(Value::as_str);
    let bootnode =
        addresses.into_iter().find(|address| address.starts_with("/ip4/127.0.0.1/tcp/")).expect("one here");
    let [port, rpc, metrics] = [free_port(), free_port(), free_port()].map(|port| port.to_string());
    let words = ["node", "run", "--authority", "--bootnode", bootnode, "--port", &port, "--rpc-port", &rpc];
    let log = folder.join("second.log");
    let out = File::create(&log).expect("a log");
    let mut node = command(folder, &[&words[..], &["--metrics-port", &metrics]].concat());
    node.env("MYELIN_NODE", super::readme::myelin_node()).stdin(Stdio::null());
    node.stdout(out.try_clone().expect("a handle")).stderr(out);
    let process = node.spawn().expect("it starts");
    SecondNode { process, folder: folder.into(), endpoint: format!("ws://127.0.0.1:{rpc}"), log }
}

impl SecondNode {
    /// Waits until it has the blocks of the others.
    pub fn wait_until_caught_up(&self) {
        let words = ["node", "status", "--endpoint", &self.endpoint, "--wait", "170"];
        let caught_up = myelin(&self.folder, &words);
        assert!(caught_up.status.success(), "{}", text(&caught_up.stderr));
    }
}

impl Drop for SecondNode {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A network started with `myelin net up`, stopped when dropped.
pub struct Network<'a> {
    folder: &'a Path,
    /// Its RPC endpoint.
    pub endpoint: String,
}

impl<'a> Network<'a> {
    /// A network of one node on free ports.
    pub fn up(folder: &'a Path) -> Self {
        let port = free_block_of_ports();
        let up = myelin(folder, &["net", "up", "--rpc-port", &port.to_string(), "--json"]);
        assert!(up.status.success(), "{}", text(&up.stderr));
        Network { folder, endpoint: format!("ws://127.0.0.1:{port}") }
    }

    /// A network that already runs.
    pub fn at(folder: &'a Path, endpoint: String) -> Self {
        Network { folder, endpoint }
    }

    /// The command against this network.
    pub fn run(&self, arguments: &[&str]) -> Output {
        let mut all = vec!["--endpoint", &self.endpoint];
        all.extend(arguments);
        myelin(self.folder, &all)
    }

    /// The JSON of a command that must succeed.
    pub fn ok(&self, arguments: &[&str]) -> Value {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
        json(&output)
    }

    /// The error of a command that must fail.
    pub fn refused(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {}", text(&output.stdout));
        text(&output.stderr)
    }

    /// Lets owners change a subnet at any time, but each parameter once only: on a fast network both windows would pass
    /// within seconds.
    pub fn open_freeze_window(&self) {
        self.as_root(&SudoSetAdminFreezeWindow { window: 0 });
        self.as_root(&SudoSetOwnerHparamRateLimit { epochs: 10_000 });
    }

    /// Sends a call as other programs do: without a trial beforehand.
    pub fn submit<C: myelin_chain_client::Call>(
        &self,
        call: &C,
        signer: &myelin_wallet::Keypair,
    ) -> Result<myelin_chain_client::Receipt, myelin_chain_client::ChainError> {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(async {
            let client = ChainClient::connect(&self.endpoint).await.expect("connected");
            client.submit(call, signer, Wait::Finality).await
        })
    }

    /// Sends a call with root's rights.
    pub fn as_root<C: myelin_chain_client::Call>(&self, call: &C) {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let alice = myelin_wallet::Keypair::from_uri("//Alice").expect("a key");
        runtime.block_on(async {
            let client = ChainClient::connect(&self.endpoint).await.expect("connected");
            client.sudo(call, &alice, Wait::Inclusion).await.expect("done as root");
        });
    }
}

impl Drop for Network<'_> {
    fn drop(&mut self) {
        myelin(self.folder, &["net", "down"]);
    }
}

/// A port such that it and the ports 1000 and 2000 above are free.
pub fn free_block_of_ports() -> u16 {
    // Tests run side by side in one process; each searches a range of its own.
    static TAKEN: AtomicU16 = AtomicU16::new(0);
    let nth = TAKEN.fetch_add(1, Ordering::Relaxed) % 10;
    let start = 20_000 + (std::process::id() % 9_000) as u16 + nth * 90;
    (start..start + 90)
        .find(|port| is_free(*port) && is_free(port + 1000) && is_free(port + 2000))
        .expect("free ports")
}

/// A running command that tells events, a line of JSON each. It is killed when dropped.
pub struct Teller {
    /// Its process.
    pub process: Child,
    events: Receiver<Value>,
}

impl Teller {
    /// Starts a command and reads its events.
    pub fn start(command: &mut Command) -> Self {
        let command = command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().expect("the command starts");
        let out = BufReader::new(process.stdout.take().expect("its output"));
        let (sender, events) = channel();
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                let event = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{line}: {error}"));
                if sender.send(event).is_err() {
                    return;
                }
            }
        });
        Teller { process, events }
    }

    /// The next event of which this is true; others are passed over.
    pub fn event(&self, patience: Duration, what: &str, is_wanted: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + patience;
        let mut seen = Vec::new();
        while let Ok(event) = self.events.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            if is_wanted(&event) {
                return event;
            }
            seen.push(format!("{} {}", event["event"], event["text"]));
        }
        panic!("{what} did not come, only {seen:?}");
    }
}

impl Drop for Teller {
    fn drop(&mut self) {
        // The process may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
