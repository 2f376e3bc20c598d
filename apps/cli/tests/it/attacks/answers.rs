//! Attacks on a validator's process: answers of hostile miners, and requests to the axon of its evidence.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr, TcpListener as StdListener};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::Arc;
use std::time::Duration;

use myelin_abi::calls::subtensor::ServeAxon;
use myelin_chain_client::Wait;
use myelin_subnet::disclosure::SYNAPSE;
use myelin_subnet::evidence::EvidenceFolder;
use myelin_wallet::Keypair;
use myelin_wire::answer::{AnswerClaim, CHALLENGE_HEADER, HEADER};
use myelin_wire::hash::{blake2_256, from_hex};
use myelin_wire::record::{miner_digest, Ppm, Reason, Record};
use myelin_wire::v10::header;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::axons::{attack, Attack, Served, Target, ZIPPED};
use super::requests::{send, Request};
use super::{account, key, Scene, Victim, MINER, OWNER, VALIDATOR};
use crate::ports::free_port;

/// Blocks of an epoch.
const TEMPO: u16 = 60;
/// Time that an answer takes at least, so that it does not count as known before the question.
const USUAL: Duration = Duration::from_millis(5);
/// The hostile miners' address, apart from the honest one's.
const ADDRESS: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 4);

/// An answer in form that is worth nothing.
const WRONG: &[u8] = br#"{"sql":"SELECT 'none'","explanation":""}"#;
/// A hash of nothing.
const OTHER: [u8; 32] = [7; 32];

static SPACES: [u8; 1 << 14] = [b' '; 1 << 14];

const SIGNATURE: &[Reason] = &[Reason::BadSignature];
const FORM: &[Reason] = &[Reason::Malformed];
const NO_HTTP: &[Reason] = &[Reason::Malformed, Reason::Refused];
const LENGTH: &[Reason] = &[Reason::Oversize];
const TIME: &[Reason] = &[Reason::Late];
const REFUSED: &[Reason] = &[Reason::Refused];
const GONE: &[Reason] = &[Reason::Unreachable, Reason::Excused];
/// Reasons of unsigned answers that are read. A miner that signs nothing gets its first tasks alone, and each of its
/// answers is judged.
const JUDGED: &[Reason] = &[Reason::Scored, Reason::Garbage, Reason::Empty];

/// A question to a hostile miner: the miner, and its right statement about [`WRONG`].
struct Asked<'a> {
    miner: &'a Keypair,
    claim: AnswerClaim,
}

type Reply = Box<dyn Fn(&Asked<'_>) -> Vec<u8> + Send + Sync>;

/// A miner that attacks with its answers.
struct Hostile {
    name: &'static str,
    /// The reasons as which its answers may be recorded.
    reasons: &'static [Reason],
    /// Time before its reply.
    pause: Duration,
    reply: Reply,
    /// Bytes that it sends again and again behind its reply, with a pause before each.
    then: Option<(&'static [u8], Duration)>,
    /// Whether the connection stays open when everything is sent.
    stays: bool,
}

/// A hostile miner on its subnet.
struct Registered {
    hostile: Hostile,
    key: Keypair,
    /// The statement about its answers, without those parts that a question brings.
    claim: AnswerClaim,
    asked: AtomicUsize,
}

fn answers(
    name: &'static str,
    reasons: &'static [Reason],
    reply: impl Fn(&Asked<'_>) -> Vec<u8> + Send + Sync + 'static,
) -> Hostile {
    Hostile { name, reasons, pause: USUAL, reply: Box::new(reply), then: None, stays: true }
}

fn sends(name: &'static str, reasons: &'static [Reason], bytes: impl Into<Vec<u8>>) -> Hostile {
    let bytes = bytes.into();
    answers(name, reasons, move |_| bytes.clone())
}

fn with_head(lines: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\n{lines}content-length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

fn signed(claim: AnswerClaim, key: &Keypair) -> Vec<u8> {
    with_head(&format!("{HEADER}: {}\r\n", claim.sign(key).header()), WRONG)
}

fn wrong_signatures() -> Vec<Hostile> {
    let forged = |name, forge: fn(AnswerClaim) -> AnswerClaim| {
        answers(name, SIGNATURE, move |asked: &Asked<'_>| signed(forge(asked.claim), asked.miner))
    };
    vec![
        forged("signed for another request", |claim| AnswerClaim { request_hash: OTHER, ..claim }),
        forged("signed for an earlier challenge", |claim| AnswerClaim { challenge_id: OTHER, ..claim }),
        forged("signed for another answer", |claim| AnswerClaim { answer_hash: OTHER, ..claim }),
        forged("signed for another chain", |claim| AnswerClaim { genesis_hash: OTHER, ..claim }),
        forged("signed for another subnet", |claim| AnswerClaim { netuid: 0, ..claim }),
        forged("signed for another validator", |claim| AnswerClaim { validator: OTHER, ..claim }),
        answers("signed by another key", SIGNATURE, |asked| signed(asked.claim, &key("//Mallory"))),
        sends("no signature in its header", SIGNATURE, with_head(&format!("{HEADER}: 1.none\r\n"), WRONG)),
    ]
}

/// Answers that are read, and are wrong.
fn wrong_answers() -> Vec<Hostile> {
    let body = |name, body: &[u8]| sends(name, JUDGED, with_head("", body));
    let head = |name, lines: &str| sends(name, JUDGED, with_head(lines, WRONG));
    vec![
        body("unsigned", WRONG),
        body("no query", br#"{"sql":" "}"#),
        body("a score of its own", br#"{"sql":"SELECT 'none'","score":1000000,"reason":"scored"}"#),
        body("a file of the validator", br#"{"sql":"ATTACH DATABASE '/etc/passwd' AS passwd"}"#),
        body(
            "a query without end",
            br#"{"sql":"WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n"}"#,
        ),
        head("a process time before the question", &format!("{}: -5\r\n", header::AXON_PROCESS_TIME)),
        head("another content type", "content-type: text/html\r\n"),
    ]
}

/// Complete answers that are no answers of the subnet.
fn wrong_bodies() -> Vec<Hostile> {
    let body = |name, body: &[u8]| sends(name, FORM, with_head("content-type: application/json\r\n", body));
    let deep_field = format!(r#"{{"sql":"SELECT 1","x":{}}}"#, "[".repeat(7_000));
    let long = format!(r#"{{"sql":"{}"}}"#, "x".repeat(4 << 20));
    vec![
        body("nothing", b""),
        body("no JSON", b"SELECT 1"),
        body("a list", b"[1, 2]"),
        body("deep lists", "[".repeat(8_000).as_bytes()),
        body("a deep field", deep_field.as_bytes()),
        body("no UTF-8", b"{\"sql\":\"\xff\xfe\"}"),
        body("a huge number", br#"{"sql":1e999}"#),
        body("no number", br#"{"sql":NaN}"#),
        body("two queries", br#"{"sql":"SELECT 1","sql":"SELECT 2"}"#),
        sends("compressed", FORM, with_head("content-encoding: gzip\r\n", &ZIPPED)),
        sends("too long", LENGTH, with_head("", long.as_bytes())),
        sends("announced too long", LENGTH, "HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n"),
    ]
}

/// Other statuses, and replies that are no HTTP.
fn wrong_replies(elsewhere: SocketAddr) -> Vec<Hostile> {
    let status =
        |name, line: &str| sends(name, REFUSED, format!("HTTP/1.1 {line}\r\ncontent-length: 0\r\n\r\n"));
    let header = |n: u32| format!("x-{n}: x\r\n");
    let half = "HTTP/1.1 200 OK\r\ncontent-length: 8000\r\n\r\n{";
    vec![
        status("moved", &format!("301 Moved Permanently\r\nlocation: http://{elsewhere}/")),
        status("elsewhere for now", &format!("307 Temporary Redirect\r\nlocation: http://{elsewhere}/")),
        status("an error", "500 Internal Server Error"),
        status("too late before its time is over", "408 Request Timeout"),
        sends("no content", REFUSED, "HTTP/1.1 204 No Content\r\n\r\n"),
        sends("no HTTP", NO_HTTP, "SSH-2.0-OpenSSH_9.6\r\n\r\n"),
        sends("two lengths", NO_HTTP, "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}"),
        sends("many headers", NO_HTTP, with_head(&(0..2_000).map(header).collect::<String>(), WRONG)),
        sends("a long header", NO_HTTP, with_head(&format!("x: {}\r\n", "x".repeat(1 << 20)), WRONG)),
        Hostile { stays: false, ..sends("half an answer", NO_HTTP, half) },
        Hostile { stays: false, ..sends("closed without an answer", GONE, "") },
    ]
}

/// Replies that never end, or come too late.
fn endless_replies() -> Vec<Hostile> {
    let (now, slowly) = (Duration::ZERO, Duration::from_millis(50));
    let endless = |name, reasons, first: &str, piece: &'static [u8], pause| Hostile {
        then: Some((piece, pause)),
        ..sends(name, reasons, first)
    };
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n7fffffff\r\n";
    let long = "HTTP/1.1 200 OK\r\ncontent-length: 8000\r\n\r\n";
    let busy = "HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\ncontent-length: 0\r\n\r\n";
    vec![
        endless("endless head", NO_HTTP, "HTTP/1.1 200 OK\r\n", b"x: yyyyyyyyyyyyyyyyyyyyyyyy\r\n", now),
        endless("endless body", LENGTH, "HTTP/1.1 200 OK\r\n\r\n", &SPACES, now),
        endless("endless chunk", LENGTH, chunked, &SPACES, now),
        endless("body byte by byte", TIME, long, b" ", slowly),
        endless("head byte by byte", TIME, "HTTP/1.1 200 OK\r\nx: ", b"y", slowly),
        sends("silent", TIME, ""),
        sends("silent after the head", TIME, long),
        sends("busy for ever", TIME, busy),
        Hostile { pause: Duration::from_secs(60), ..sends("too late", TIME, with_head("", WRONG)) },
    ]
}

impl Registered {
    /// Answers on a connection until it ends.
    async fn answer(self: Arc<Self>, mut stream: TcpStream) {
        let Hostile { pause, reply, then, stays, .. } = &self.hostile;
        while let Some((challenge_id, body)) = read_question(&mut stream).await {
            self.asked.fetch_add(1, Relaxed);
            tokio::time::sleep(*pause).await;
            let claim = AnswerClaim { challenge_id, request_hash: blake2_256(&body), ..self.claim };
            let bytes = reply(&Asked { miner: &self.key, claim });
            if stream.write_all(&bytes).await.is_err() {
                return;
            }
            while let Some((piece, pause)) = then {
                if !pause.is_zero() {
                    tokio::time::sleep(*pause).await;
                }
                if stream.write_all(piece).await.is_err() {
                    return;
                }
            }
            if !stays {
                return;
            }
        }
    }

    /// Serves on a free port, and announces it.
    async fn serve(self: Arc<Self>, scene: &Scene<'_>) {
        let listener = TcpListener::bind((ADDRESS, 0)).await.expect("a port");
        let announced = ServeAxon {
            netuid: scene.netuid,
            version: 1,
            ip: u128::from(u32::from(ADDRESS)),
            port: listener.local_addr().expect("bound").port(),
            ip_type: 4,
            protocol: 4,
            placeholder1: 0,
            placeholder2: 0,
        };
        let serving = self.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serving.clone().answer(stream));
            }
        });
        scene.chain.submit(&announced, &self.key, Wait::Inclusion).await.expect("announced");
    }

    /// Asserts that its answers were recorded for a stated reason, or as late on a busy machine, and paid nothing.
    fn assert_unpaid(&self, records: &[Record]) {
        let Hostile { name, reasons, .. } = &self.hostile;
        let digest = miner_digest(&self.key.public());
        let its = || records.iter().filter(|record| record.miner == digest);
        let (stated, others): (Vec<Reason>, Vec<Reason>) =
            its().map(|record| record.reason).partition(|reason| reasons.contains(reason));
        println!("{name}: {stated:?} {others:?}");
        assert!(self.asked.load(Relaxed) > 0, "{name} was not asked");
        // A miner's first tasks have records also when they are open in the end.
        assert!(!stated.is_empty(), "{name} has no record of {reasons:?}");
        assert!(others.iter().all(|reason| *reason == Reason::Late), "{name}: {others:?}, not {reasons:?}");
        assert!(its().all(|record| record.score == Ppm::ZERO), "{name} is paid");
    }
}

/// Challenge and body of the next request.
async fn read_question(stream: &mut TcpStream) -> Option<([u8; 32], Vec<u8>)> {
    let (mut bytes, mut piece) = (Vec::<u8>::new(), vec![0u8; 16 * 1024]);
    loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
            let value =
                |name: &str| head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
            let length: usize = value("content-length")?.parse().ok()?;
            if let Some(body) = bytes.get(end + 4..end + 4 + length) {
                return Some((from_hex(value(CHALLENGE_HEADER)?)?, body.to_vec()));
            }
        }
        match stream.read(&mut piece).await {
            Ok(read) if read > 0 => bytes.extend_from_slice(&piece[..read]),
            _ => return None,
        }
    }
}

/// Every record of the validator.
fn records(folder: &EvidenceFolder) -> Vec<Record> {
    let of_epoch = |epoch| folder.rounds(epoch).into_iter().map(move |round| (epoch, round));
    let rounds = folder.epochs().into_iter().flat_map(of_epoch);
    rounds.flat_map(|(epoch, round)| folder.records(epoch, round).unwrap_or_default()).collect()
}

/// Requests for evidence that is not there, or that is nobody's business.
fn wrong_demands(target: &Target<'_>) -> Vec<Attack> {
    let asks = |body: &str| Request::signed(target).body(body);
    let huge = u64::MAX;
    vec![
        attack("another part", &[400], "no request for evidence", asks(r#"{"part":"keys"}"#)),
        attack(
            "an epoch before all",
            &[400],
            "no request for evidence",
            asks(r#"{"part":"own","epoch":-1}"#),
        ),
        attack(
            "an epoch after all",
            &[400],
            "no judged round",
            asks(&format!(r#"{{"part":"records","epoch":{huge},"round":65535}}"#)),
        ),
        attack("a page behind the end", &[400], "", asks(&format!(r#"{{"part":"rounds","from":{huge}}}"#))),
        attack(
            "a file in place of an artefact",
            &[400],
            "no artefact is kept",
            asks(r#"{"part":"artefact","hash":"../../../../etc/passwd"}"#),
        ),
        attack(
            "a folder in place of a validator",
            &[400],
            "no evidence of a validator",
            asks(r#"{"part":"rounds","of":"../../.."}"#),
        ),
        attack("another's texts", &[400], "served here, and no more", asks(r#"{"part":"text","of":"00"}"#)),
    ]
}

/// A reader that asks for more than its share.
fn flood(target: &Target<'_>) {
    let reader = key(OWNER);
    let asked_too_much = (0..1_000).any(|_| send(target.address, &flooding(target, &reader)).status == 503);
    assert!(asked_too_much, "a reader gets everything that it asks for");
    target.still_serves("a flood of requests");
}

/// A request for evidence of another key.
fn flooding(target: &Target<'_>, reader: &Keypair) -> Vec<u8> {
    Request::signed(target).signed_by(reader, target).into()
}

/// Every hostile miner.
fn hostile_miners(elsewhere: SocketAddr) -> Vec<Hostile> {
    [wrong_signatures(), wrong_answers(), wrong_bodies(), wrong_replies(elsewhere), endless_replies()]
        .into_iter()
        .flatten()
        .collect()
}

fn uri(number: usize) -> String {
    format!("//hostile//{number}")
}

#[test]
fn a_validators_process_pays_no_hostile_miner_and_shows_its_evidence_to_readers_that_keep_to_the_rules() {
    let folder = tempfile::tempdir().expect("a folder");
    // Nobody may come there.
    let elsewhere = StdListener::bind("127.0.0.5:0").expect("a port");
    elsewhere.set_nonblocking(true).expect("a socket");
    let hostile = hostile_miners(elsewhere.local_addr().expect("bound"));
    let miners = (0..hostile.len()).map(|number| account(&uri(number)));
    let scene = Scene::set(folder.path(), &miners.chain([account(MINER)]).collect::<Vec<_>>());
    let mut miner = scene.mine(free_port());
    let hostile: Vec<Arc<Registered>> =
        (0..).zip(hostile).map(|(number, hostile)| registered(&scene, hostile, &uri(number))).collect();
    let serving = hostile.iter().map(|miner| miner.clone().serve(&scene));
    scene.runtime.block_on(futures::future::join_all(serving));
    scene.permit_validator(TEMPO);

    let (netuid, port) = (scene.netuid.to_string(), free_port());
    let evidence_port = port.to_string();
    let judge = ["validator", "run", "--kind", "analysis", "-n", &netuid, "--data", "validator"];
    let own =
        ["-w", "//Alice", "-k", VALIDATOR, "--evidence-ip", "127.0.0.3", "--evidence-port", &evidence_port];
    let mut validator = Victim::start(&scene, "judges", &[&judge[..], &own].concat());
    let served =
        Served { synapse: SYNAPSE, body: r#"{"part":"rounds"}"#, answer: "signature", is_signed: false };
    let address = SocketAddr::from(([127, 0, 0, 3], port));
    let target = Target::new(&scene, address, VALIDATOR, &uri(0), served);
    target.until_it_serves();
    let slow = target.attack_slowly();
    target.play_all();
    target.play(wrong_demands);
    flood(&target);
    slow.end(&target);

    let (judging, honest) = (scene.uid(VALIDATOR), scene.uid(MINER));
    let weights = || {
        let weights = scene.runtime.block_on(scene.chain.weights(scene.netuid, judging)).unwrap_or_default();
        weights.into_iter().filter(|(_, weight)| *weight > 0).map(|(uid, _)| uid).collect::<Vec<u16>>()
    };
    scene.until("a weight of the honest miner", || weights().contains(&honest));
    assert_eq!(weights(), [honest], "nobody else is paid");
    let records =
        records(&EvidenceFolder { path: folder.path().join("validator/evidence"), keep: usize::MAX });
    hostile.iter().for_each(|miner| miner.assert_unpaid(&records));
    let digest = miner_digest(&account(MINER).0);
    let is_paid = |record: &Record| record.miner == digest && record.score > Ppm::ZERO;
    assert!(records.iter().any(is_paid), "the honest miner has a score");
    let nobody = elsewhere.accept().expect_err("a redirection was followed");
    assert_eq!(nobody.kind(), ErrorKind::WouldBlock);
    validator.assert_unharmed();
    miner.assert_unharmed();
}

fn registered(scene: &Scene<'_>, hostile: Hostile, uri: &str) -> Arc<Registered> {
    let key = key(uri);
    let claim = AnswerClaim {
        genesis_hash: scene.chain.genesis_hash().0,
        netuid: scene.netuid,
        challenge_id: [0; 32],
        request_hash: [0; 32],
        answer_hash: blake2_256(WRONG),
        model_id: [0; 32],
        validator: account(VALIDATOR).0,
        miner: key.public(),
    };
    Arc::new(Registered { hostile, key, claim, asked: AtomicUsize::new(0) })
}
