//! Attacks on the axon of a miner's process, most of which every axon gets. After each of them it must answer a request
//! that keeps to the rules.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Instant;

use myelin_neuron::axon::AxonLimits;
use myelin_neuron::dendrite::{self, Challenge, Dendrite, Query};
use myelin_wallet::Keypair;
use myelin_wire::answer::CHALLENGE_HEADER;
use myelin_wire::hash::to_hex;
use myelin_wire::v10::header;
use myelin_wire::{btauth, ss58, AccountId};
use tokio::net::TcpSocket;

use super::requests::{is_late, next, now_ns, send, send_slowly, Answer, Request};
use super::{account, key, Scene, MINER, PATIENCE, VALIDATOR};
use crate::ports::free_port;
use crate::text;

/// Bytes of gzip. Unpacked they are an object with a query.
pub const ZIPPED: [u8; 43] = [
    31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 171, 86, 42, 46, 204, 81, 178, 82, 10, 118, 245, 113, 117, 14, 81, 80,
    207, 203, 207, 75, 85, 87, 170, 5, 0, 49, 109, 69, 242, 23, 0, 0, 0,
];

/// An answer of the HTTP server to bytes that are no HTTP, if it can still be read.
const NO_HTTP: &[u16] = &[400, 0];
/// The same to a head that is too large.
const TOO_LARGE: &[u16] = &[431, 400, 0];
const UNREADABLE: &str = "Improperly formatted request";
const MISMATCH: &str = "Signature mismatch";
const NO_OBJECT: &str = "not a JSON object";

/// A question that the miner answers without a search.
const QUESTION: &str = r#"{
    "question": "For each city, give the total of price in sales.",
    "schema": {"tables": [{"name": "sales", "keyed": true, "columns": [
        {"name": "id", "kind": "integer"}, {"name": "city", "kind": "text"}, {"name": "price", "kind": "integer"}
    ]}]},
    "examples": [{"tables": [[[1, "Rome", 10], [2, "Oslo", 20], [3, "Rome", 30]]]}]
}"#;

/// Connections of a crowd above the limit for one network.
const EXCESS: usize = 44;

/// Hotkey of a neuron without stake.
const PLAIN: &str = "//plain_hk";

/// A request that an axon answers.
pub struct Served {
    pub synapse: &'static str,
    pub body: &'static str,
    /// Words of the answer.
    pub answer: &'static str,
    pub is_signed: bool,
}

/// An axon under attack, and a key that it answers.
pub struct Target<'a> {
    pub scene: &'a Scene<'a>,
    pub address: SocketAddr,
    pub receiver: AccountId,
    pub asker: Keypair,
    pub served: Served,
    dendrite: Dendrite,
}

/// Bytes for an axon, with the statuses by which it may refuse them and words of the refusal.
pub struct Attack {
    name: &'static str,
    statuses: &'static [u16],
    words: &'static str,
    bytes: Vec<u8>,
}

pub fn attack(
    name: &'static str,
    statuses: &'static [u16],
    words: &'static str,
    bytes: impl Into<Vec<u8>>,
) -> Attack {
    Attack { name, statuses, words, bytes: bytes.into() }
}

/// Attacks that take their time, each on a thread, with the statuses that may end it.
pub struct SlowAttacks(Vec<(&'static str, &'static [u16], JoinHandle<Answer>)>);

impl<'a> Target<'a> {
    pub fn new(
        scene: &'a Scene<'a>,
        address: SocketAddr,
        receiver: &str,
        asker: &str,
        served: Served,
    ) -> Self {
        let dendrite = Dendrite::new(Arc::new(key(asker)));
        Target { scene, address, receiver: key(receiver).public(), asker: key(asker), served, dendrite }
    }

    /// Asks as a client that keeps to the rules.
    fn ask(&self) -> Result<(), String> {
        let (id, genesis_hash) = (challenge(), self.scene.chain.genesis_hash().0);
        let query = Query::new::<&str>(self.served.synapse, self.served.body, &[]).expect("a query");
        let query =
            query.challenge(Challenge { id, genesis_hash, netuid: self.scene.netuid }).timeout(PATIENCE);
        let to = dendrite::Target::new(self.receiver, self.address);
        let got = self.scene.runtime.block_on(self.dendrite.query(to, &query));
        let body = text(&got.body);
        let is_right = got.is_success() && body.contains(self.served.answer);
        match is_right && got.signed().is_some() == self.served.is_signed {
            true => Ok(()),
            false => Err(format!("{}: {body}, {:?}", got.status, got.authenticity)),
        }
    }

    pub fn still_serves(&self, after: &str) {
        self.ask().unwrap_or_else(|why| panic!("after {after}: {why}\n{}", self.scene.logs()));
    }

    /// Waits until the process has started and knows the asker.
    pub fn until_it_serves(&self) {
        self.scene.until("an answer", || self.ask().map_err(|why| println!("not yet: {why}")).is_ok());
    }

    fn strike(&self, Attack { name, statuses, words, bytes }: Attack) {
        let Answer { status, text } = send(self.address, &bytes);
        assert!(statuses.contains(&status) && text.contains(words), "{name}: {status}, {text}");
        self.still_serves(name);
    }

    /// Plays a group of attacks. The group is made anew for each of them, so that each is signed right before it is
    /// sent.
    pub fn play(&self, group: impl Fn(&Self) -> Vec<Attack>) {
        for index in 0..group(self).len() {
            self.strike(group(self).swap_remove(index));
        }
    }

    /// Plays the attacks that every axon refuses in the same way.
    pub fn play_all(&self) {
        for group in [paths, unreadable_headers, wrong_names, wrong_btauth, wrong_bodies, wrong_framing] {
            self.play(group);
        }
        self.repeat_requests();
    }

    /// Requests that are sent again, as they were or with a longer timeout.
    fn repeat_requests(&self) {
        let official = Request::signed(self);
        let longer = official.clone().set(header::TIMEOUT, "1000000");
        let processed = "a newer one was last processed";
        self.strike(attack("a request", &[200], "", official.clone()));
        self.strike(attack("the same again", &[401], processed, official));
        self.strike(attack("the same with a longer timeout", &[401], processed, longer));
        let btauth = Request::btauth(self, &self.receiver, now_ns());
        self.strike(attack("a btauth request", &[200], "", btauth.clone()));
        self.strike(attack("the same btauth request again", &[401], "already received", btauth));
    }

    /// Begins the attacks that take their time.
    pub fn attack_slowly(&self) -> SlowAttacks {
        let signed = || Request::signed(self);
        let half = [signed().head().as_bytes(), &self.served.body.as_bytes()[..5]].concat();
        let chunked = signed().set("transfer-encoding", "chunked").body("1000\r\nabc");
        let head = b"POST /Synapse HTTP/1.1\r\nx-slow: ".to_vec();
        type Slow = (&'static str, &'static [u16], Vec<u8>, &'static [u8]);
        let cases: [Slow; 5] = [
            ("silence", &[0, 408], Vec::new(), b""),
            ("a head byte by byte", &[0, 408], head, b"x"),
            ("half a body", &[408], half, b""),
            ("half a chunk", &[408], chunked.into(), b""),
            ("an answer read byte by byte", &[200], signed().into(), b""),
        ];
        let address = self.address;
        let begin = |(name, statuses, first, drip): Slow| {
            (name, statuses, std::thread::spawn(move || send_slowly(address, &first, drip)))
        };
        SlowAttacks(cases.into_iter().map(begin).collect())
    }

    /// Opens [`EXCESS`] connections more than one network may have. That many of the oldest are closed, and no others.
    fn crowd(&self) {
        let from: SocketAddr = "127.0.9.1:0".parse().expect("an address");
        let connect = |_| {
            let connecting = async {
                let socket = TcpSocket::new_v4().expect("a socket");
                socket.bind(from).expect("an address of this machine");
                socket.connect(self.address).await.expect("connected").into_std().expect("a socket")
            };
            self.scene.runtime.block_on(connecting)
        };
        let AxonLimits { max_connections_per_network: places, header_timeout, .. } = AxonLimits::default();
        let started = Instant::now();
        let mut crowd: Vec<TcpStream> = (0..places + EXCESS).map(connect).collect();

        // Connections come in one after another, so the newest is served when all have come in.
        let mut newest = crowd.pop().expect("a crowd");
        newest.set_nonblocking(false).expect("a socket that waits");
        newest.set_read_timeout(Some(PATIENCE)).expect("a limit");
        newest.write_all(&Vec::<u8>::from(Request::signed(self))).expect("the newest connection is open");
        let mut answer = Vec::new();
        newest.read_to_end(&mut answer).expect("the newest connection is served");
        let answer = text(&answer);
        assert!(answer.contains(self.served.answer), "{answer}");

        let is_open =
            |mut stream: &TcpStream| Read::read(&mut stream, &mut [0]).is_err_and(|error| is_late(&error));
        let (oldest, others) = crowd.split_at(EXCESS);
        self.scene.until("an end of the oldest connections", || !oldest.iter().any(is_open));
        let closed = others.iter().filter(|stream| !is_open(stream)).count();
        let passed = started.elapsed();
        assert!(passed < header_timeout, "after {passed:?} silence alone closes connections");
        assert_eq!(closed, 0, "of {} connections within the limit", others.len());
        self.still_serves("a crowd of connections from one network");
    }
}

impl SlowAttacks {
    /// Waits until all have ended.
    pub fn end(self, target: &Target<'_>) {
        for (name, statuses, running) in self.0 {
            let Answer { status, text } = running.join().expect(name);
            assert!(statuses.contains(&status), "{name}: {status}, {text}");
        }
        target.still_serves("attacks that took their time");
    }
}

/// A challenge that was not posed before.
fn challenge() -> [u8; 32] {
    let mut id = [0; 32];
    id[..8].copy_from_slice(&next().to_le_bytes());
    id
}

fn paths(target: &Target<'_>) -> Vec<Attack> {
    let to = |path: &str| Request::signed(target).to(path);
    let no_synapse = "not found. Available synapses";
    vec![
        attack("another method", &[405], "", to("/Synapse").by("PUT")),
        attack("a tunnel", &[405], "", "CONNECT example.org:443 HTTP/1.1\r\nhost: a\r\n\r\n"),
        attack("another host", &[404], no_synapse, to("http://169.254.169.254/latest/meta-data")),
        attack("another synapse", &[404], no_synapse, to("/Nothing")),
        attack("no synapse", &[404], no_synapse, to("/")),
        attack("a way up", &[404], no_synapse, to("/../../etc/passwd")),
        attack("a hidden way up", &[404], no_synapse, to("/%2e%2e%2f%2e%2e%2fetc%2fpasswd")),
        attack("a long path", &[404], no_synapse, to(&format!("/{}", "n".repeat(2_000)))),
    ]
}

fn unreadable_headers(target: &Target<'_>) -> Vec<Attack> {
    let long = "u".repeat(65);
    let cases = [
        ("a nonce in words", header::DENDRITE_NONCE, "tomorrow"),
        ("a negative nonce", header::DENDRITE_NONCE, "-1"),
        ("a nonce beyond 64 bits", header::DENDRITE_NONCE, "99999999999999999999999"),
        ("a negative timeout", header::TIMEOUT, "-1"),
        ("a timeout that is no number", header::TIMEOUT, "NaN"),
        ("an endless timeout", header::TIMEOUT, "inf"),
        ("a version in parts", header::DENDRITE_VERSION, "10.5.0"),
        ("a long uuid", header::DENDRITE_UUID, long.as_str()),
        ("a short challenge", CHALLENGE_HEADER, "12ab"),
    ];
    let signed = || Request::signed(target);
    let refused =
        cases.map(|(name, header, value)| attack(name, &[400], UNREADABLE, signed().set(header, value)));
    let huge = signed().set(header::TIMEOUT, "1e300");
    refused.into_iter().chain([attack("a huge timeout", &[200], target.served.answer, huge)]).collect()
}

fn wrong_names(target: &Target<'_>) -> Vec<Attack> {
    let signed = || Request::signed(target);
    let (mallory, own, hour) = (key("//Mallory"), ss58::encode(&target.receiver), 3_600_000_000_000);
    let of_asker = |nonce: u64, receiver: &str| signed().sign(&target.asker, nonce, receiver);
    let bare = format!(
        "POST /{} HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{{}}",
        target.served.synapse
    );
    let zeros = format!("0x{}", "00".repeat(64));
    vec![
        attack("no header", &[401], "Missing Hotkey", bare),
        attack("no name", &[401], "Missing Hotkey", signed().without(header::DENDRITE_HOTKEY)),
        attack(
            "a name that is no text",
            &[401],
            "Missing Hotkey",
            signed().set(header::DENDRITE_HOTKEY, "ÿ"),
        ),
        attack("a wrong name", &[401], "Invalid Hotkey", signed().set(header::DENDRITE_HOTKEY, "5Nobody")),
        attack("no nonce", &[401], "Missing Nonce", signed().without(header::DENDRITE_NONCE)),
        attack("no signature", &[401], "Missing Signature", signed().without(header::DENDRITE_SIGNATURE)),
        attack("no hexadecimal", &[401], MISMATCH, signed().set(header::DENDRITE_SIGNATURE, "0xzz")),
        attack("zeros", &[401], MISMATCH, signed().set(header::DENDRITE_SIGNATURE, &zeros)),
        attack("another uuid", &[401], MISMATCH, signed().set(header::DENDRITE_UUID, "another")),
        attack("another hash", &[401], MISMATCH, signed().set(header::BODY_HASH, "00")),
        attack("a stolen name", &[401], MISMATCH, signed().sign(&mallory, now_ns(), &own)),
        attack("another receiver", &[401], MISMATCH, of_asker(now_ns(), &mallory.address())),
        attack("the far future", &[401], "ahead of this clock", of_asker(now_ns() + hour, &own)),
        attack("the past", &[401], "Nonce is too old: acceptable", of_asker(now_ns() - hour, &own)),
    ]
}

fn wrong_btauth(target: &Target<'_>) -> Vec<Attack> {
    use btauth::header;
    let (own, other, apart) = (target.receiver, account("//Mallory").0, 20_000_000_000);
    let to = |receiver: &AccountId, nonce: u64| Request::btauth(target, receiver, nonce);
    let fresh = || to(&own, now_ns());
    let asked = format!("/{}?a=b", target.served.synapse);
    let stolen = fresh().set(header::HOTKEY, &key("//Mallory").address());
    vec![
        attack("btauth 2", &[400], header::VERSION, fresh().set(header::VERSION, "2")),
        attack("btauth by another scheme", &[400], header::CRYPTO, fresh().set(header::CRYPTO, "rsa")),
        attack("btauth unsigned", &[400], header::SIGNATURE, fresh().without(header::SIGNATURE)),
        attack("btauth to another", &[401], "another receiver", to(&other, now_ns())),
        attack("btauth of the past", &[401], "stale", to(&own, now_ns() - apart)),
        attack("btauth of the future", &[401], "stale", to(&own, now_ns() + apart)),
        attack("btauth with another body", &[401], "does not fit", fresh().body("{}")),
        attack("btauth with another path", &[401], "does not fit", fresh().to(&asked)),
        // A miner refuses the other key before it looks at the signature.
        attack("btauth in another's name", &[401, 403], "", stolen),
    ]
}

fn wrong_bodies(target: &Target<'_>) -> Vec<Attack> {
    let signed = || Request::signed(target);
    let no_object = |name, body: &[u8]| attack(name, &[400], NO_OBJECT, signed().body(body));
    let own = ss58::encode(&target.receiver);
    let other_hash = signed().set(header::BODY_HASH, "00").sign(&target.asker, now_ns(), &own);
    let zipped = signed().set("content-encoding", "gzip").body(ZIPPED);
    let chunks = format!("10000\r\n{}\r\n", " ".repeat(0x1_0000)).repeat(32) + "0\r\n\r\n";
    let chunked = signed().set("transfer-encoding", "chunked").body(chunks);
    let announced = signed().set("content-length", "1000000000000");
    vec![
        attack("a false hash", &[500], "Hash mismatch", other_hash),
        no_object("no body", b""),
        no_object("no JSON", b"not json"),
        no_object("a list", b"[1, 2]"),
        no_object("half an object", b"{\"a\": 1"),
        no_object("deep lists", "[".repeat(5_000).as_bytes()),
        no_object("no UTF-8", b"{\"a\": \"\xff\xfe\"}"),
        attack("a compressed body", &[400], NO_OBJECT, zipped),
        attack("a body announced too large", &[413], "larger than", announced),
        attack("a body too large", &[413], "larger than", signed().body(vec![b' '; 2 << 20])),
        attack("chunks too large", &[413], "larger than", chunked),
    ]
}

fn wrong_framing(target: &Target<'_>) -> Vec<Attack> {
    let signed = || Request::signed(target);
    let many = (0..200).fold(signed(), |request, n| request.set(&format!("x-{n}"), "x"));
    let followed = [Vec::<u8>::from(signed().without("connection")), vec![0xff; 1_000]].concat();
    let chunk = signed().set("transfer-encoding", "chunked").body("zz\r\n{}\r\n0\r\n\r\n");
    let lengths = "POST /Synapse HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}";
    let hello = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec();
    vec![
        attack("a long header", TOO_LARGE, "", signed().set("x-long", &"x".repeat(20_000))),
        attack("many headers", TOO_LARGE, "", many),
        attack("two lengths", NO_HTTP, "", lengths),
        attack("a coding of no chunks", NO_HTTP, "", signed().set("transfer-encoding", "gzip")),
        attack("a chunk without a length", NO_HTTP, "", chunk),
        attack("half a line", NO_HTTP, "", "GET\r\n\r\n"),
        attack("another version", NO_HTTP, "", "POST /Synapse HTTP/9.9\r\n\r\n"),
        attack("HTTP/2", NO_HTTP, "", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        attack("TLS", NO_HTTP, "", [hello, vec![0; 600]].concat()),
        attack("zeros", NO_HTTP, "", vec![0u8; 100_000]),
        attack("noise behind a request", &[200], target.served.answer, followed),
    ]
}

/// Questions that are none, and the other synapses of a miner.
fn wrong_questions(target: &Target<'_>) -> Vec<Attack> {
    let signed = || Request::signed(target);
    let asks = |body: &str| signed().body(body);
    let artefact = |body: &str| asks(body).to("/AnalysisArtefact");
    let deep = format!(r#"{{"question":{}{}}}"#, "[".repeat(5_000), "]".repeat(5_000));
    let long = target.served.body.replace("For each city", &"x".repeat(5_000));
    let unknown = signed().to("/AnalysisOpen").set(CHALLENGE_HEADER, &to_hex(&challenge()));
    let nothing = format!(r#"{{"commitment":"{}"}}"#, "00".repeat(32));
    let large = format!(r#"{{"commitment":"{}"}}"#, "0".repeat(20_000));
    vec![
        attack("a key of nobody", &[403], "blacklisted", signed().signed_by(&key("//Mallory"), target)),
        attack("a key without a permit", &[403], "blacklisted", signed().signed_by(&key(PLAIN), target)),
        attack("nothing asked", &[400], "not a Analysis request", asks("{}")),
        attack("a deep question", &[400], "", asks(&deep)),
        attack("a huge number", &[400], "", asks(r#"{"question":1e999}"#)),
        attack("a long question", &[400], "the length of the question", asks(&long)),
        attack("a microsecond", &[408], "", signed().set(header::TIMEOUT, "0.000001")),
        attack("a commitment to nothing", &[400], "needs the field", signed().to("/AnalysisCommit")),
        attack("opening without a challenge", &[400], "needs the challenge", signed().to("/AnalysisOpen")),
        attack("opening the unknown", &[400], "nothing was committed to", unknown),
        attack("no commitment", &[400], "not a request for an artefact", artefact("{}")),
        attack("a file", &[400], "64 hexadecimal", artefact(r#"{"commitment":"../../../etc/passwd"}"#)),
        attack("an artefact of nobody", &[400], "no such artefact", artefact(&nothing)),
        attack("a large commitment", &[413], "larger than", artefact(&large)),
    ]
}

/// A challenge that comes back with another question.
fn challenge_posed_twice(target: &Target<'_>) {
    let id = to_hex(&challenge());
    let posed = || Request::signed(target).set(CHALLENGE_HEADER, &id);
    let other = target.served.body.replace("each city", "every city");
    let refused = "posed with another request";
    target.strike(attack("a challenge", &[200], target.served.answer, posed()));
    target.strike(attack("the challenge for another question", &[400], refused, posed().body(other)));
}

#[test]
fn a_miners_process_refuses_each_attack_by_its_status_and_answers_its_validator() {
    let folder = tempfile::tempdir().expect("a folder");
    let scene = Scene::set(folder.path(), &[account(MINER), account(PLAIN)]);
    let port = free_port();
    let mut miner = scene.mine(port);
    // The validator sets no weights here, so no further epoch may end.
    scene.permit_validator(720);
    let served = Served { synapse: "Analysis", body: QUESTION, answer: "GROUP BY", is_signed: true };
    let target = Target::new(&scene, SocketAddr::from(([127, 0, 0, 2], port)), MINER, VALIDATOR, served);
    target.until_it_serves();
    let slow = target.attack_slowly();
    target.play_all();
    target.play(wrong_questions);
    challenge_posed_twice(&target);
    target.crowd();
    slow.end(&target);
    miner.assert_unharmed();
}
