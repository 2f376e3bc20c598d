//! Miners that attack a validator with their answers, byte by byte over real sockets.

use std::{
    net::SocketAddr,
    sync::{
        atomic::{AtomicUsize, Ordering::Relaxed},
        Arc,
    },
    time::Duration,
};

use myelin_subnet::{chain::AxonPurpose, testkit::NETUID, Chain, ValidatorReport};
use myelin_wire::record::Reason;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::{
    guessing::Style,
    network::{key, report_where, Network},
};

/// Bytes that are sent back to every request, and further bytes without end behind them.
struct Attack {
    name: &'static str,
    first: Vec<u8>,
    /// Sent again and again behind the first bytes, with a pause before each.
    then: Option<(&'static [u8], Duration)>,
    /// Whether the connection stays open when everything is sent.
    stays: bool,
    /// The reasons as which its answers may be recorded.
    reasons: &'static [Reason],
}

const BAD_FORM: &[Reason] = &[Reason::Malformed];
const NO_HTTP: &[Reason] = &[Reason::Malformed, Reason::Refused];
const TOO_LONG: &[Reason] = &[Reason::Oversize];
const TOO_LATE: &[Reason] = &[Reason::Late];

/// A complete answer with this body.
fn answer(body: &[u8]) -> Vec<u8> {
    with_head("content-type: application/json\r\n", body)
}

fn with_head(lines: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\n{lines}content-length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// Bytes in the format of gzip, not compressed: a validator that unpacked answers would find a right one.
fn gzip(data: &[u8]) -> Vec<u8> {
    let length = data.len() as u16;
    let mut sum = u32::MAX;
    for byte in data {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            sum = sum >> 1 ^ (0xedb8_8320 & (sum & 1).wrapping_neg());
        }
    }
    let head = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 1];
    [
        &head[..],
        &length.to_le_bytes(),
        &(!length).to_le_bytes(),
        data,
        &(!sum).to_le_bytes(),
        &u32::from(length).to_le_bytes(),
    ]
    .concat()
}

/// Bodies that are complete and wrong.
fn wrong_bodies() -> Vec<Attack> {
    let body = |name, first: Vec<u8>, reasons| Attack { name, first, then: None, stays: true, reasons };
    vec![
        body("deep", answer("[".repeat(8_000).as_bytes()), BAD_FORM),
        body(
            "deep field",
            answer(format!(r#"{{"guess":5,"x":{}}}"#, "[".repeat(7_000)).as_bytes()),
            BAD_FORM,
        ),
        body("huge number", answer(br#"{"guess":1e999}"#), BAD_FORM),
        body("number beyond 64 bits", answer(br#"{"guess":18446744073709551616}"#), BAD_FORM),
        body("negative", answer(br#"{"guess":-1}"#), BAD_FORM),
        body("twice", answer(br#"{"guess":1,"guess":2}"#), BAD_FORM),
        body("no UTF-8", answer(b"{\"guess\":\"\xff\xfe\"}"), BAD_FORM),
        body("zip", with_head("content-encoding: gzip\r\n", &gzip(br#"{"guess":500000}"#)), BAD_FORM),
        body("announced", b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n".to_vec(), TOO_LONG),
    ]
}

/// Answers that are not HTTP, or never end.
fn broken_streams() -> Vec<Attack> {
    let (now, slowly) = (Duration::ZERO, Duration::from_millis(20));
    let whole =
        |name, first: &[u8]| Attack { name, first: first.into(), then: None, stays: true, reasons: NO_HTTP };
    let stream = |name, first: &[u8], piece: &'static [u8], pause, reasons| Attack {
        name,
        first: first.into(),
        then: Some((piece, pause)),
        stays: true,
        reasons,
    };
    let chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    let long: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 8000\r\n\r\n";
    static PIECE: [u8; 0x4006] = {
        let mut piece = [b' '; 0x4006];
        (piece[0], piece[1], piece[2], piece[3], piece[4], piece[5]) = (b'4', b'0', b'0', b'0', b'\r', b'\n');
        piece
    };
    vec![
        whole("no HTTP", b"SSH-2.0-OpenSSH_9.6\r\n\r\n"),
        whole("two lengths", b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}"),
        stream(
            "endless head",
            b"HTTP/1.1 200 OK\r\n",
            b"x: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n",
            now,
            NO_HTTP,
        ),
        stream("endless body", chunked, b"8\r\nxxxxxxxx\r\n", now, TOO_LONG),
        stream("endless chunk", &[&chunked[..], b"7fffffff\r\n"].concat(), &PIECE, now, TOO_LONG),
        stream("byte by byte", long, b" ", slowly, TOO_LATE),
        stream("head byte by byte", b"HTTP/1.1 200 OK\r\nx: ", b"y", slowly, TOO_LATE),
        stream(
            "endless continue",
            b"",
            b"HTTP/1.1 100 Continue\r\n\r\n",
            slowly,
            &[Reason::Late, Reason::Malformed],
        ),
        Attack { name: "silent", first: long.into(), then: None, stays: true, reasons: TOO_LATE },
        Attack { name: "half", first: long.into(), then: None, stays: false, reasons: NO_HTTP },
    ]
}

impl Attack {
    /// Serves it under its own name.
    async fn serve(self, network: &Network) {
        let hotkey = key(self.name).public();
        network.chain.register(hotkey, false);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let attack = Arc::new(self);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(attack.clone().answer(stream));
            }
        });
        network.chain.signed_by(hotkey).serve_axon(NETUID, address, AxonPurpose::Answers).await.unwrap();
    }

    async fn answer(self: Arc<Self>, mut stream: TcpStream) {
        let mut request = [0; 16 * 1024];
        while matches!(stream.read(&mut request).await, Ok(read) if read > 0) {
            if stream.write_all(&self.first).await.is_err() {
                return;
            }
            while let Some((piece, pause)) = self.then {
                if !pause.is_zero() {
                    tokio::time::sleep(pause).await;
                }
                if stream.write_all(piece).await.is_err() {
                    return;
                }
            }
            if !self.stays {
                return;
            }
        }
    }
}

/// Reasons of a miner's records in the last round. In a task of two steps, such a miner does not reach the second.
fn reasons(network: &Network, report: &ValidatorReport, name: &str) -> Vec<Reason> {
    let uid = network.uid(name) as u16;
    let judged = &report.last_round.as_ref().unwrap().evaluated.judged;
    let its = judged.iter().map(|judged| &judged.record).filter(|record| record.miner_uid == uid);
    its.map(|record| record.reason).filter(|reason| *reason != Reason::NoCommitment).collect()
}

async fn attacked_by(attacks: Vec<Attack>) {
    let network = Network::start(400, true);
    let _honest = network.miner("honest", Style::Within { error: 2_000, own: 1 }).await;
    let expected: Vec<_> = attacks.iter().map(|attack| (attack.name, attack.reasons)).collect();
    for attack in attacks {
        attack.serve(&network).await;
    }
    network.announced().await;
    let validator = network.validator("v1").await;
    let report = report_where(&validator, "a round", |report| report.last_round.is_some()).await;
    for (name, expected) in expected {
        let found = reasons(&network, &report, name);
        println!("{name}: {found:?}");
        let all = !found.is_empty() && found.iter().all(|reason| expected.contains(reason));
        assert!(all, "{name}: {found:?} instead of {expected:?}");
    }
    assert_eq!(reasons(&network, &report, "honest"), [Reason::Scored; 6]);
    let report = report_where(&validator, "weights", |report| !report.weights.is_empty()).await;
    let weights = &report.weights[&0].1;
    let paid = weights.uids.iter().zip(&weights.values).filter(|(_, weight)| **weight > 0);
    let paid: Vec<u16> = paid.map(|(uid, _)| *uid).collect();
    assert_eq!(paid, [network.uid("honest") as u16], "nobody else is paid");
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_bodies_cost_their_senders_alone() {
    attacked_by(wrong_bodies()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn broken_and_endless_answers_cost_their_senders_alone() {
    attacked_by(broken_streams()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirection_is_not_followed() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let elsewhere: SocketAddr = listener.local_addr().unwrap();
    let visits = Arc::new(AtomicUsize::new(0));
    let counted = visits.clone();
    tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            counted.fetch_add(1, Relaxed);
        }
    });
    let moved = |name, status| Attack {
        name,
        first: format!("HTTP/1.1 {status}\r\nlocation: http://{elsewhere}/\r\ncontent-length: 0\r\n\r\n")
            .into(),
        then: None,
        stays: true,
        reasons: &[Reason::Refused, Reason::Malformed],
    };
    attacked_by(vec![moved("moved", "301 Moved Permanently"), moved("other", "307 Temporary Redirect")])
        .await;
    assert_eq!(visits.load(Relaxed), 0);
}

/// Customers are strangers as well: their files are bounded, and do not make a round fail.
#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_customers_files_holds_no_round_up() {
    let network = Network::start(400, true);
    let _honest = network.miner("honest", Style::Within { error: 2_000, own: 1 }).await;
    network.announced().await;
    let inbox = network.folder.path().join("inbox");
    std::fs::create_dir_all(&inbox).unwrap();
    for n in 0..3_000 {
        std::fs::write(inbox.join(format!("n{n}.json")), "{").unwrap();
    }
    std::fs::write(inbox.join("a-deep.json"), "[".repeat(1_000_000)).unwrap();
    std::fs::write(inbox.join("a-long.json"), " ".repeat(3 << 20)).unwrap();
    std::fs::write(inbox.join("a-bytes.json"), [0xff; 100]).unwrap();
    std::fs::create_dir_all(inbox.join("a-folder.json")).unwrap();
    let options = inbox.clone();
    let validator = network.validator_with("v1", |with| with.organic = Some(options)).await;
    let report = report_where(&validator, "a round", |report| report.last_round.is_some()).await;
    assert_eq!(reasons(&network, &report, "honest"), [Reason::Scored; 6]);
    report_where(&validator, "weights", |report| !report.weights.is_empty()).await;
}
