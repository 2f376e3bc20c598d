//! `myelin chain`: the equation of all TAO, and a watch that notices what root plants into a chain's storage.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{channel, Receiver};
use std::time::Duration;

use codec::Encode;
use myelin_chain_client::{AnyCall, ChainClient, Wait};
use serde_json::Value;

use super::harness::{Network, Teller};
use super::{command, myelin, text};

/// Longest time for any expected event.
const PATIENCE: Duration = Duration::from_secs(120);
/// Storage keys: the twox-128 hashes of `SubtensorModule`, and of `TotalNetworks` and `TotalStake`.
const TOTAL_NETWORKS: &str = "658faa385070e074c85bf6b568cf05555f3bb7bcd0a076a48abf8c256d221721";
const TOTAL_STAKE: &str = "658faa385070e074c85bf6b568cf05554f85a3603259384a5fa5494b7d7fdb8c";

/// A running watch, and the events that it prints.
struct Watch(Teller);

impl Watch {
    fn start(net: &Network, folder: &std::path::Path, arguments: &[&str]) -> Self {
        let all = [&["--endpoint", &net.endpoint, "chain", "watch", "--json"], arguments].concat();
        let node = super::readme::myelin_node();
        Watch(Teller::start(command(folder, &all).env("MYELIN_NODE", node)))
    }

    fn event(&self, what: &str, is_wanted: impl Fn(&Value) -> bool) -> Value {
        self.0.event(PATIENCE, what, is_wanted)
    }

    /// The next event of an alert or a notice of a kind.
    fn news(&self, event: &str, kind: &str) -> Value {
        self.event(kind, |line| line["event"] == event && line["kind"] == kind)
    }
}

/// A server that refuses its first request, and the bodies of all requests with the answers that they got.
fn webhook() -> (SocketAddr, Receiver<(u16, Value)>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its address");
    let (sender, bodies) = channel();
    std::thread::spawn(move || {
        let mut status = 503;
        for stream in listener.incoming().flatten() {
            let body = take(stream, status);
            if sender.send((status, body)).is_err() {
                return;
            }
            status = 204;
        }
    });
    (address, bodies)
}

/// Reads one request, and answers it.
fn take(stream: TcpStream, status: u16) -> Value {
    let mut reader = BufReader::new(stream.try_clone().expect("a clone"));
    let (mut first, mut length) = (String::new(), 0);
    reader.read_line(&mut first).expect("a request");
    assert!(first.starts_with("POST /alerts "), "{first}");
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).expect("a header");
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().expect("a length");
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("a body");
    let answer = format!("HTTP/1.1 {status} x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    { stream }.write_all(answer.as_bytes()).expect("answered");
    serde_json::from_slice(&body).expect("a body in JSON")
}

/// Overwrites a stored value as root.
fn plant(net: &Network, key: &str, value: impl Encode) {
    let bytes: Vec<u8> = (0..key.len() / 2)
        .map(|at| u8::from_str_radix(&key[2 * at..2 * at + 2], 16).expect("hexadecimal"))
        .collect();
    let call = AnyCall::new("System", "set_storage", vec![(bytes, value.encode())].encode());
    let alice = myelin_wallet::Keypair::from_uri("//Alice").expect("a key");
    tokio::runtime::Runtime::new().expect("a runtime").block_on(async {
        let client = ChainClient::connect(&net.endpoint).await.expect("connected");
        client.sudo(call, &alice, Wait::Inclusion).await.expect("planted");
    });
}

#[test]
fn a_watch_follows_a_sound_chain_and_audits_a_copy_of_its_state() {
    let folder = tempfile::tempdir().expect("a folder");
    let net = Network::up(folder.path());
    let equation = net.ok(&["chain", "equation", "--json"]);
    assert_eq!(equation["holds"], true, "{equation}");
    assert_eq!(equation["terms"]["issuance_rao"], equation["terms"]["ledger_rao"]);
    assert!(equation["terms"]["people_rao"].as_u64().is_some_and(|rao| rao > 0), "{equation}");

    // From the first block on, so that blocks before the present one are looked at, too.
    let mut watch =
        Watch::start(&net, folder.path(), &["--from", "1", "--blocks", "12", "--audit-every", "100"]);
    let begun = watch.event("the beginning", |line| line["event"] == "watching");
    assert_eq!(begun["block"], 1);
    let audit = watch.news("notice", "audit");
    assert_eq!(audit["sound"], true, "{audit}");
    assert!(audit["values"].as_u64().is_some_and(|values| values > 100), "{audit}");
    let last = watch.event("the last status", |line| line["event"] == "status" && line["blocks"] == 12);
    assert_eq!(
        (&last["block"], &last["holds"], &last["alerts"]),
        (&12.into(), &true.into(), &0.into()),
        "{last}"
    );
    assert_eq!(last["audited_block"], 1);
    let ended = watch.event("the end", |line| line["event"] == "ended");
    assert_eq!((&ended["alerts"], &ended["error"]), (&0.into(), &Value::Null));
    assert!(watch.0.process.wait().expect("its end").success());

    // Too large a copy is given up and raises no alert.
    let small = Watch::start(&net, folder.path(), &["--audit-every", "100", "--audit-mib", "1"]);
    let audit = small.news("notice", "audit");
    assert!(audit["text"].as_str().is_some_and(|text| text.contains("larger than 1 MiB")), "{audit}");
    let absent = net.refused(&["chain", "watch", "--audit-every", "9", "--node", "nowhere"]);
    assert!(absent.contains("--node names the binary"), "{absent}");
}

#[test]
fn a_watch_raises_an_alert_at_the_first_difference_and_posts_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let net = Network::up(folder.path());
    let (address, bodies) = webhook();
    let hook = format!("http://{address}/alerts");
    let watch =
        Watch::start(&net, folder.path(), &["--audit-every", "8", "--webhook", &hook, "--stalled", "15"]);
    watch.event("a status", |line| line["event"] == "status" && line["holds"] == true);

    // A fault that no total shows is found by the audit.
    plant(&net, TOTAL_NETWORKS, 77u16);
    let found = watch.news("alert", "audit");
    assert!(found["found"].as_str().is_some_and(|why| why.contains("subnets are counted")), "{found}");
    let (refused, taken) = (body(&bodies), body(&bodies));
    assert_eq!((refused.0, taken.0, &refused.1), (503, 204, &taken.1), "the alert is posted again");
    assert_eq!((&taken.1["event"], &taken.1["kind"]), (&"alert".into(), &"audit".into()), "{}", taken.1);
    assert_eq!((&taken.1["block"], &taken.1["found"]), (&found["block"], &found["found"]));

    // The first block in which TAO does not add up is named, with its terms.
    plant(&net, TOTAL_STAKE, 1u64);
    let found = watch.news("alert", "difference");
    assert_eq!(found["rule"], "total stake is in pools and on root", "{found}");
    assert!(found["difference_rao"].as_i64().is_some_and(|rao| rao != 0), "{found}");
    assert!(found["hash"].as_str().is_some_and(|hash| hash.len() == 66), "{found}");
    let posted = std::iter::repeat_with(|| body(&bodies).1).find(|body| body["kind"] == "difference");
    let posted = posted.expect("posted");
    assert_eq!((&posted["block"], &posted["hash"]), (&found["block"], &found["hash"]));
    let status = net.run(&["chain", "equation", "--json"]);
    assert_eq!(status.status.code(), Some(1), "{}", text(&status.stdout));
    let said = net.refused(&["chain", "watch", "--exit-on-alert"]);
    assert!(said.contains("at its first alert"), "{said}");

    // The node goes away, which stops finality, and comes back.
    assert!(myelin(folder.path(), &["net", "down"]).status.success());
    watch.news("alert", "stalled");
    let rpc = net.endpoint.rsplit(':').next().expect("a port").to_owned();
    let up = myelin(folder.path(), &["net", "up", "--rpc-port", &rpc]);
    assert!(up.status.success(), "{}", text(&up.stderr));
    watch.news("notice", "moves");
}

fn body(bodies: &Receiver<(u16, Value)>) -> (u16, Value) {
    bodies.recv_timeout(PATIENCE).expect("a request")
}
