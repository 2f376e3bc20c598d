//! Situations in words: keys, axons with an echo, and requests written byte by byte.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        atomic::{AtomicU64, Ordering::Relaxed},
        Arc,
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use myelin_neuron::{
    axon::{
        Admission, AllowList, AnswerNetwork, Axon, Call, Caller, Gate, HandlerError, OpenToAll, Pace, Reply,
        Route, RunningAxon, Standing,
    },
    dendrite::{Challenge, Query, Target},
};
use myelin_wallet::Keypair;
use myelin_wire::{
    body_hash::body_hash,
    v10::{self, header},
    AccountId,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

pub const NETWORK: AnswerNetwork = AnswerNetwork { genesis_hash: [7; 32], netuid: 2 };
pub const MODEL: [u8; 32] = [9; 32];

/// Nothing in these tests should take longer, however slow the machine.
pub const PATIENCE: Duration = Duration::from_secs(30);

pub fn alice() -> Keypair {
    Keypair::from_uri("//Alice").unwrap()
}

pub fn bob() -> Keypair {
    Keypair::from_uri("//Bob").unwrap()
}

pub fn loopback() -> SocketAddr {
    "127.0.0.1:0".parse().unwrap()
}

/// Bob's axon with the synapses of these tests; it signs answers.
pub fn axon() -> Axon {
    axon_for(OpenToAll)
}

pub fn axon_for(gate: impl Gate) -> Axon {
    Axon::new(Arc::new(bob()), gate)
        .route(Route::new("Echo", echo).protect(["data"]))
        .route(Route::new("Hang", |_: Call| async { std::future::pending().await }))
        .route(Route::new("Panic", |_: Call| async { panic!("handler gone wrong") }))
        .route(Route::new("Fail", |_: Call| async {
            Err::<Reply, _>(HandlerError::internal("the secret reason"))
        }))
        .sign_answers(NETWORK)
}

/// Admits everybody, and takes some for validators.
#[derive(Clone)]
pub struct Known {
    validators: AllowList,
    pace: Option<Pace>,
}

impl Known {
    pub fn validators(keys: impl IntoIterator<Item = Keypair>) -> Self {
        let validators = AllowList::new("nobody is refused");
        validators.replace(keys.into_iter().map(|key| key.public()));
        Self { validators, pace: None }
    }

    pub fn at(self, pace: Pace) -> Self {
        Self { pace: Some(pace), ..self }
    }
}

impl Gate for Known {
    fn admit(&self, _: &Caller, _: &str) -> Admission {
        Admission::Admitted
    }

    fn standing(&self, hotkey: &AccountId) -> Standing {
        self.validators.standing(hotkey)
    }

    fn pace(&self) -> Option<Pace> {
        self.pace
    }
}

pub async fn echo(call: Call) -> Result<Reply, HandlerError> {
    Ok(Reply::json(call.body).signed_by(MODEL))
}

pub async fn serve(axon: Axon) -> RunningAxon {
    axon.bind(loopback()).await.unwrap()
}

pub fn target(axon: &RunningAxon) -> Target {
    Target::new(bob().public(), axon.address())
}

pub fn query(data: &str) -> Query {
    let body = format!(r#"{{"data":"{data}"}}"#);
    Query::new("Echo", body, &["data"]).unwrap().timeout(PATIENCE)
}

pub fn ask(synapse: &str) -> Query {
    Query::new::<&str>(synapse, "{}", &[]).unwrap().timeout(PATIENCE)
}

pub fn challenge(id: u8) -> Challenge {
    Challenge { id: [id; 32], genesis_hash: NETWORK.genesis_hash, netuid: NETWORK.netuid }
}

pub fn now_ns() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64
}

/// A v10 request of Alice to Bob, built by hand so that every part can be spoilt.
#[derive(Clone)]
pub struct Raw {
    pub method: &'static str,
    pub path: String,
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

impl Raw {
    /// A correctly signed request for the echo.
    pub fn echo(data: &str) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let uuid = format!("raw-{}", NEXT.fetch_add(1, Relaxed));
        let body = format!(r#"{{"data":"{data}"}}"#).into_bytes();
        let hash = body_hash(&body, &["data"]).unwrap();
        let headers = [
            (header::NAME, "Echo".into()),
            (header::TIMEOUT, "12.0".into()),
            (header::DENDRITE_VERSION, "10005000".into()),
            (header::DENDRITE_UUID, uuid),
            (header::DENDRITE_HOTKEY, alice().address()),
            (header::BODY_HASH, hash),
            ("content-type", "application/json".into()),
        ];
        let headers = headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Self { method: "POST", path: "/Echo".into(), headers, body }.signed_at(now_ns(), &bob().address())
    }

    /// Signs again, with `nonce` and for the axon whose address is `receiver`.
    pub fn signed_at(self, nonce: u64, receiver: &str) -> Self {
        self.signed_with(&alice(), nonce, receiver)
    }

    /// Signs with another key, whose request it then is.
    pub fn signed_by(self, key: &Keypair) -> Self {
        let named = self.set(header::DENDRITE_HOTKEY, &key.address());
        named.signed_with(key, now_ns(), &bob().address())
    }

    fn signed_with(self, key: &Keypair, nonce: u64, receiver: &str) -> Self {
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
        self.headers.insert(name.into(), value.into());
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.headers.remove(name);
        self
    }

    pub fn to(mut self, path: &str) -> Self {
        self.path = path.into();
        self
    }

    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// The head, with a content length unless the headers set a framing of their own.
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

    /// Sends the request on a connection of its own and reads the answer to its end.
    pub async fn send(&self, axon: &RunningAxon) -> RawAnswer {
        let mut stream = TcpStream::connect(axon.address()).await.unwrap();
        stream.write_all(self.head().as_bytes()).await.unwrap();
        // The axon may refuse and close before it has read a body.
        let _ = stream.write_all(&self.body).await;
        read_answer(&mut stream).await
    }
}

#[derive(Debug)]
pub struct RawAnswer {
    pub status: u16,
    pub text: String,
}

impl RawAnswer {
    pub fn assert(&self, status: u16, text: &str) {
        assert!(
            self.status == status && self.text.contains(text),
            "expected {status} with `{text}`, got {} with {}",
            self.status,
            self.text
        );
    }
}

/// Reads one response with a content length, or all bytes until the peer closes. Status 0: nothing came.
pub async fn read_answer(stream: &mut TcpStream) -> RawAnswer {
    let mut bytes = Vec::new();
    let mut piece = [0u8; 16 * 1024];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
            if length.is_some_and(|length: usize| body.len() >= length) {
                break;
            }
        }
        match timeout(PATIENCE, stream.read(&mut piece)).await.expect("an answer or the end") {
            Ok(0) | Err(_) => break,
            Ok(read) => bytes.extend_from_slice(&piece[..read]),
        }
    }
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let status = text.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
    RawAnswer { status, text }
}

/// Asserts that an honest client is still served.
pub async fn assert_serves(axon: &RunningAxon) {
    Raw::echo("still here").send(axon).await.assert(200, r#"{"data":"still here"}"#);
}

/// Waits until `condition` holds.
pub async fn eventually(what: &str, condition: impl Fn() -> bool) {
    timeout(PATIENCE, async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await
    .unwrap_or_else(|_| panic!("it never happened that {what}"));
}
