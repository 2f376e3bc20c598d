//! Requests to an axon, built by hand so that every part can be spoilt.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use myelin_wallet::Keypair;
use myelin_wire::body_hash::body_hash;
use myelin_wire::btauth::SignedRequest;
use myelin_wire::v10::{self, header};
use myelin_wire::{ss58, AccountId};

use super::axons::Target;
use crate::text;

/// Longest time for which an axon keeps a connection that attacks it.
const KEPT: Duration = Duration::from_secs(60);

/// A number that no other call returns.
pub fn next() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Relaxed)
}

pub fn now_ns() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("a time").as_nanos() as u64
}

/// A request after whose answer the connection ends.
#[derive(Clone)]
pub struct Request {
    method: &'static str,
    path: String,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

impl Request {
    /// The target's own request, signed with the official headers.
    pub fn signed(target: &Target<'_>) -> Self {
        let body = target.served.body.as_bytes();
        let headers = [
            (header::NAME, target.served.synapse.to_owned()),
            (header::TIMEOUT, "12.0".to_owned()),
            (header::DENDRITE_VERSION, v10::PROTOCOL_VERSION.to_string()),
            (header::DENDRITE_UUID, format!("attack-{}", next())),
            (header::BODY_HASH, body_hash::<&str>(body, &[]).expect("an object")),
        ];
        let unsigned = Self::unsigned(target, headers);
        unsigned.signed_by(&target.asker, target)
    }

    /// The target's own request, signed with `btauth/1`.
    pub fn btauth(target: &Target<'_>, receiver: &AccountId, nonce: u64) -> Self {
        let path = format!("/{}", target.served.synapse);
        let signed = SignedRequest::new("POST", &path, target.served.body.as_bytes());
        Self::unsigned(target, signed.sign(&target.asker, receiver, nonce))
    }

    fn unsigned(target: &Target<'_>, headers: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        let usual = [("content-type", "application/json".to_owned()), ("connection", "close".to_owned())];
        let headers = headers.into_iter().chain(usual).map(|(name, value)| (name.to_owned(), value));
        Self {
            method: "POST",
            path: format!("/{}", target.served.synapse),
            headers: headers.collect(),
            body: target.served.body.as_bytes().to_vec(),
        }
    }

    /// The request of another key.
    pub fn signed_by(self, key: &Keypair, target: &Target<'_>) -> Self {
        let named = self.set(header::DENDRITE_HOTKEY, &key.address());
        named.sign(key, now_ns(), &ss58::encode(&target.receiver))
    }

    /// Signs what the headers say with any key.
    pub fn sign(self, key: &Keypair, nonce: u64, receiver: &str) -> Self {
        let get = |name: &str| self.headers[name].as_str();
        let text = v10::request_text(
            nonce,
            get(header::DENDRITE_HOTKEY),
            receiver,
            get(header::DENDRITE_UUID),
            get(header::BODY_HASH),
        );
        let signature = v10::sign_text(key, &text);
        self.set(header::DENDRITE_NONCE, &nonce.to_string()).set(header::DENDRITE_SIGNATURE, &signature)
    }

    pub fn set(mut self, name: &str, value: &str) -> Self {
        self.headers.insert(name.to_owned(), value.to_owned());
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.headers.remove(name);
        self
    }

    pub fn by(self, method: &'static str) -> Self {
        Self { method, ..self }
    }

    pub fn to(self, path: &str) -> Self {
        Self { path: path.to_owned(), ..self }
    }

    pub fn body(self, body: impl Into<Vec<u8>>) -> Self {
        Self { body: body.into(), ..self }
    }

    /// The head, with the length of the body unless the headers frame it otherwise.
    pub fn head(&self) -> String {
        let mut head = format!("{} {} HTTP/1.1\r\nhost: axon\r\n", self.method, self.path);
        for (name, value) in &self.headers {
            head += &format!("{name}: {value}\r\n");
        }
        if !["content-length", "transfer-encoding"].iter().any(|name| self.headers.contains_key(*name)) {
            head += &format!("content-length: {}\r\n", self.body.len());
        }
        head + "\r\n"
    }
}

impl From<Request> for Vec<u8> {
    fn from(request: Request) -> Self {
        [request.head().as_bytes(), &request.body].concat()
    }
}

/// An axon's answer; status 0 for none.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub text: String,
}

impl Answer {
    fn read(bytes: &[u8]) -> Self {
        let text = text(bytes);
        let status = text.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
        Self { status, text }
    }
}

/// Sends bytes on a connection of their own, and reads until the axon closes it.
pub fn send(address: SocketAddr, bytes: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(address).expect("the axon listens");
    stream.set_read_timeout(Some(KEPT)).expect("a limit");
    stream.set_write_timeout(Some(KEPT)).expect("a limit");
    // The axon may refuse and close before it has everything.
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    if let Err(error) = stream.read_to_end(&mut answer) {
        assert!(!is_late(&error), "the axon keeps the connection after {}", text(&answer));
    }
    Answer::read(&answer)
}

/// Sends bytes, and then `drip` again and again; reads byte by byte until the axon closes the connection.
pub fn send_slowly(address: SocketAddr, first: &[u8], drip: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(address).expect("the axon listens");
    stream.set_read_timeout(Some(Duration::from_millis(20))).expect("a limit");
    let (mut answer, started) = (Vec::new(), Instant::now());
    let mut is_open = stream.write_all(first).is_ok();
    while is_open {
        assert!(started.elapsed() < KEPT, "the axon keeps the connection after {}", text(&answer));
        let mut byte = [0];
        is_open = match stream.read(&mut byte) {
            Ok(0) => false,
            Ok(_) => {
                answer.push(byte[0]);
                std::thread::sleep(Duration::from_millis(5));
                true
            }
            Err(error) => is_late(&error) && stream.write_all(drip).is_ok(),
        };
    }
    Answer::read(&answer)
}

/// Whether a limit of time passed.
pub fn is_late(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}
