//! Reports of a running miner: lines, its status in another terminal, metrics; also while its server or its node is
//! gone.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::harness::{Network, Teller};
use super::ports::free_port;
use super::{command, json, myelin, text};

/// Longest time for any expected event.
const PATIENCE: Duration = Duration::from_secs(90);

/// An OpenAI-compatible server whose model has another name at first, and which hangs when told to.
struct Server {
    address: SocketAddr,
    mode: Arc<AtomicU8>,
}

const OTHER_MODEL: u8 = 0;
const HANGS: u8 = 1;
const ANSWERS: u8 = 2;

impl Server {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let (address, mode) =
            (listener.local_addr().expect("its address"), Arc::new(AtomicU8::new(OTHER_MODEL)));
        let told = mode.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let told = told.clone();
                std::thread::spawn(move || serve(stream, &told));
            }
        });
        Server { address, mode }
    }

    fn set(&self, mode: u8) {
        self.mode.store(mode, Ordering::SeqCst);
    }
}

/// Answers the requests of a connection.
fn serve(stream: TcpStream, mode: &AtomicU8) {
    let mut reader = BufReader::new(stream.try_clone().expect("a clone"));
    let mut out = stream;
    loop {
        let (mut head, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().expect("a length");
            }
            if line.trim().is_empty() {
                break;
            }
            head += &line;
        }
        let mut body = vec![0; length];
        if reader.read_exact(&mut body).is_err() {
            return;
        }
        let answer = if head.starts_with("GET") {
            let name = if mode.load(Ordering::SeqCst) == OTHER_MODEL { "other" } else { "wanted" };
            format!(r#"{{"object":"list","data":[{{"id":"{name}","object":"model","owned_by":"us"}}]}}"#)
        } else {
            while mode.load(Ordering::SeqCst) != ANSWERS {
                std::thread::sleep(Duration::from_millis(50));
            }
            r#"{"id":"1","object":"text_completion","created":1,"model":"wanted","choices":[{"index":0,"text":"hello","message":{"role":"assistant","content":"hello"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}"#.to_owned()
        };
        let length = answer.len();
        let head =
            format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n");
        if out.write_all((head + &answer).as_bytes()).is_err() {
            return;
        }
    }
}

/// A miner at work, and the events that it prints.
struct Miner(Teller);

impl Miner {
    fn start(net: &Network, folder: &std::path::Path, arguments: &[&str]) -> Self {
        let all = [&["--endpoint", &net.endpoint, "miner", "run", "--json"], arguments].concat();
        Miner(Teller::start(&mut command(folder, &all)))
    }

    /// The next event of a name; others are passed over.
    fn event(&self, name: &str) -> Value {
        self.0.event(PATIENCE, name, |event| event["event"] == name)
    }

    fn ask_to_end(&mut self) {
        let pid = self.0.process.id().to_string();
        assert!(std::process::Command::new("kill").arg(pid).status().expect("kill").success());
        assert!(self.0.process.wait().expect("its end").success());
    }
}

/// Status and body of a page.
fn get(address: &str, path: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).expect("connected");
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("asked");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("answered");
    let status = answer.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a status");
    (status, answer)
}

#[test]
fn a_miner_says_what_it_does_and_what_is_wrong() {
    let folder = tempfile::tempdir().expect("a folder");
    let net = Network::up(folder.path());
    net.ok(&["wallet", "new", "-w", "alice", "--no-password", "--json"]);
    net.ok(&["wallet", "faucet", "alice", "--json"]);
    let early = net.refused(&["miner", "run", "-n", "7", "-w", "alice", "--ip", "127.0.0.2"]);
    assert!(early.contains("there is no subnet 7"), "{early}");
    let early = net.refused(&["miner", "run", "-n", "1", "-w", "alice", "--ip", "127.0.0.2"]);
    assert!(early.contains("`myelin subnet register --netuid 1 --wallet alice`"), "{early}");
    let absent = net.refused(&["miner", "status"]);
    assert!(absent.contains("no miner has run with the data folder .myelin/miner"), "{absent}");
    net.ok(&["subnet", "register", "-n", "1", "-w", "alice", "--wait", "inclusion", "--yes", "--json"]);

    // The server has another model, which is reported at once; then it has the right one, which is reported too.
    let server = Server::start();
    let (backend, port) = (format!("http://{}/v1", server.address), free_port().to_string());
    let arguments = [
        "-n",
        "1",
        "-w",
        "alice",
        "--ip",
        "127.0.0.2",
        "--port",
        &port,
        "--backend",
        &backend,
        "--model",
        "wanted",
        "--report-every",
        "1",
        "--metrics",
        "127.0.0.1:0",
        "--serve-strangers-after",
        "0",
    ];
    let mut miner = Miner::start(&net, folder.path(), &arguments);
    let started = miner.event("started");
    assert_eq!(started["netuid"], 1);
    let uid = started["uid"].to_string();
    let metrics = miner.event("metrics")["address"].as_str().expect("an address").to_owned();
    let trouble = miner.event("backend_trouble");
    assert!(trouble["problem"].as_str().is_some_and(|why| why.contains("no model `wanted`")), "{trouble}");
    let (status, why) = get(&metrics, "/health");
    assert!(status == 503 && why.contains("no model `wanted`"), "{why}");
    server.set(HANGS);
    miner.event("backend_answers");
    assert_eq!(get(&metrics, "/health").0, 200);

    // The server hangs with a customer's request: one event while it does, one when it answers again.
    let asking = std::thread::scope(|scope| {
        let ask = scope.spawn(|| {
            let ask = ["ask", "-n", "1", "--uid", &uid, "-w", "alice", "--json", "hello"];
            (0..20).find(|_| net.run(&ask).status.success())
        });
        let trouble = miner.event("backend_trouble");
        let problem = trouble["problem"].as_str().expect("a problem");
        assert!(problem.contains("has not answered") || problem.contains("fails"), "{trouble}");
        server.set(ANSWERS);
        miner.event("backend_answers");
        ask.join().expect("asked")
    });
    assert!(asking.is_some(), "the customer is answered in the end");

    // Another terminal and Prometheus show the same.
    let status = (0..20).find_map(|_| {
        std::thread::sleep(Duration::from_millis(500));
        let status = json(&myelin(folder.path(), &["miner", "status", "--json"]));
        (status[0]["answered"].as_u64() > Some(0)).then(|| status[0].clone())
    });
    let status = status.expect("an answer in the status");
    assert_eq!((&status["running"], &status["netuid"]), (&true.into(), &1.into()), "{status}");
    let shown = text(&myelin(folder.path(), &["miner", "status"]).stdout);
    for words in ["running (process", "last asked", "median time", "incentive"] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    let (code, page) = get(&metrics, "/metrics");
    assert_eq!(code, 200);
    assert!(page.contains("text/plain; version=0.0.4"), "{page}");
    let answered =
        page.lines().find(|line| line.starts_with("myelin_miner_answers_total{netuid=\"1\",uid=\""));
    assert!(answered.is_some_and(|line| !line.ends_with(" 0")), "{page}");

    // The node goes away and comes back.
    assert!(myelin(folder.path(), &["net", "down"]).status.success());
    miner.event("node_silent");
    let rpc = net.endpoint.rsplit(':').next().expect("a port").to_owned();
    let up = myelin(folder.path(), &["net", "up", "--rpc-port", &rpc]);
    assert!(up.status.success(), "{}", text(&up.stderr));
    miner.event("node_answers");
    miner.event("status");

    miner.ask_to_end();
    let stopped = myelin(folder.path(), &["miner", "status"]);
    assert_eq!(stopped.status.code(), Some(1));
    assert!(text(&stopped.stdout).contains("stopped, as of"), "{}", text(&stopped.stdout));
}
