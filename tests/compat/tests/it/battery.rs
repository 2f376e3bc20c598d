//! Requests written by hand, so that every header can be wrong.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, SystemTime};

use myelin_wire::body_hash::body_hash;
use myelin_wire::v10::{self, header};
use serde_json::Value;

use super::dev::key;

/// The fields that a signature over an `Echo` covers.
pub const PROTECTED: [&str; 3] = ["text", "number", "items"];

/// A request of //Alice; fresh and signed for //Bob unless changed.
pub struct Letter {
    pub method: &'static str,
    pub synapse: &'static str,
    pub body: String,
    /// Value that is signed for the body; by default its hash.
    pub body_hash: Option<String>,
    pub protected: &'static [&'static str],
    pub nonce: u64,
    pub uuid: String,
    pub version: u32,
    pub timeout: &'static str,
    pub receiver: &'static str,
    /// Headers that are omitted.
    pub without: &'static [&'static str],
    /// Headers with another value than the signed one.
    pub instead: &'static [(&'static str, &'static str)],
    pub upper_case: bool,
}

impl Default for Letter {
    fn default() -> Self {
        Letter {
            method: "POST",
            synapse: "Echo",
            body: r#"{"text":"hey","number":0,"items":[]}"#.into(),
            body_hash: None,
            protected: &PROTECTED,
            nonce: now(),
            uuid: format!("uuid-{}", now()),
            version: v10::PROTOCOL_VERSION,
            timeout: "5.0",
            receiver: "//Bob",
            without: &[],
            instead: &[],
            upper_case: false,
        }
    }
}

/// Reply to a request.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub body: Value,
}

impl Reply {
    /// The message of a refusal.
    pub fn message(&self) -> &str {
        self.body["message"].as_str().unwrap_or_default()
    }
}

/// Unix nanoseconds.
pub fn now() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970");
    u64::try_from(since.as_nanos()).expect("before 2554")
}

impl Letter {
    fn headers(&self) -> Vec<(String, String)> {
        let (alice, receiver) = (key("//Alice"), key(self.receiver).address());
        let hash = self.body_hash.clone().unwrap_or_else(|| {
            body_hash(self.body.as_bytes(), self.protected).expect("a body with its protected fields")
        });
        let text = v10::request_text(self.nonce, &alice.address(), &receiver, &self.uuid, &hash);
        let mut headers = vec![
            (header::NAME, self.synapse.to_owned()),
            (header::TIMEOUT, self.timeout.to_owned()),
            (header::DENDRITE_VERSION, self.version.to_string()),
            (header::DENDRITE_NONCE, self.nonce.to_string()),
            (header::DENDRITE_UUID, self.uuid.clone()),
            (header::DENDRITE_HOTKEY, alice.address()),
            (header::DENDRITE_SIGNATURE, v10::sign_text(&alice, &text)),
            (header::BODY_HASH, hash),
        ];
        headers.retain(|(name, _)| !self.without.contains(name));
        for (name, value) in &mut headers {
            if let Some((_, other)) = self.instead.iter().find(|(other, _)| other == name) {
                *value = (*other).to_owned();
            }
        }
        // An empty text, as official axons need it to build the class from the headers.
        headers.push(("bt_header_input_obj_text", "IiI=".into()));
        let case = |name: &str| if self.upper_case { name.to_uppercase() } else { name.to_owned() };
        headers.into_iter().map(|(name, value)| (case(name), value)).collect()
    }

    /// Sends it to the axon on a port of this machine.
    pub fn send(&self, port: u16) -> Reply {
        let headers: String =
            self.headers().iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        post(port, self.method, &format!("/{}", self.synapse), &headers, &self.body)
    }
}

/// One HTTP request on a connection of its own. `headers` are whole lines.
pub fn post(port: u16, method: &str, path: &str, headers: &str, body: &str) -> Reply {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("connected");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("set");
    // In one piece: an axon that refuses by the head alone closes the connection before the rest arrives.
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n{headers}\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).expect("sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("answered");
    let answer = String::from_utf8(answer).expect("a text");
    let (head, rest) = answer.split_once("\r\n\r\n").expect("a head and a body");
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|code| code.parse().ok());
    let headers = lines.filter_map(|line| line.split_once(": "));
    Reply {
        status: status.expect("a status"),
        headers: headers.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect(),
        body: serde_json::from_str(rest).unwrap_or(Value::Null),
    }
}
