//! A node that tests share, and requests to it written byte by byte.

use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    sync::{Arc, Mutex, Weak},
    time::Duration,
};

use serde_json::{json, Value};

use crate::harness::{Node, Setup};

/// A node of one authority that several tests use at the same time; the last of them ends it.
pub struct Open {
    pub node: Node,
    _setup: Setup,
}

/// The node for tests that do not harm others.
pub fn shared() -> Arc<Open> {
    static RUNNING: Mutex<Weak<Open>> = Mutex::new(Weak::new());
    let mut running = RUNNING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(open) = running.upgrade() {
        return open;
    }
    let setup = Setup::new("dev", &["--one", "--force-authoring"]);
    let open = Arc::new(Open { node: setup.start(&[]), _setup: setup });
    *running = Arc::downgrade(&open);
    open
}

/// An answer over HTTP.
pub struct Reply {
    pub status: u16,
    body: String,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{}: {}", self.status, self.body))
    }
}

/// Posts a body with further lines of the head.
pub fn http(node: &Node, lines: &str, body: &[u8]) -> Reply {
    let mut stream = node.connect();
    let (length, host) = (body.len(), node.host());
    let head = format!(
        "POST / HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\nconnection: close\r\n\
         {lines}content-length: {length}\r\n\r\n"
    );
    // The node may refuse and close before it has read everything.
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
    Reply { status, body: body.into() }
}

/// A web socket.
pub struct Socket {
    stream: TcpStream,
}

impl Socket {
    pub fn open(node: &Node) -> Self {
        let mut stream = node.connect();
        let head = format!(
            "GET / HTTP/1.1\r\nhost: {}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
            node.host()
        );
        stream.write_all(head.as_bytes()).expect("the node takes the head");
        let mut answer = Vec::new();
        let mut byte = [0];
        while !answer.ends_with(b"\r\n\r\n") {
            stream.read_exact(&mut byte).expect("the node answers");
            answer.extend_from_slice(&byte);
        }
        assert!(answer.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&answer));
        Self { stream }
    }

    /// Sends a text.
    pub fn send(&mut self, text: &[u8]) {
        self.stream.write_all(&frame(1, text)).expect("the node reads");
    }

    /// Sends a request.
    pub fn call(&mut self, id: u32, method: &str, params: Value) {
        let request = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        self.send(request.to_string().as_bytes());
    }

    pub fn ping(&mut self) {
        self.stream.write_all(&frame(9, b"x")).expect("the node reads");
    }

    /// Sends calls and reads nothing, until the node reads nothing either. Returns the number sent.
    pub fn call_until_stuck(&mut self, method: &str) -> usize {
        let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": [] });
        let request = frame(1, request.to_string().as_bytes());
        self.stream.set_write_timeout(Some(Duration::from_millis(500))).expect("a time limit");
        (0..20_000).take_while(|_| self.stream.write_all(&request).is_ok()).count()
    }

    /// The next answer to a request; messages of subscriptions are skipped.
    pub fn answer(&mut self) -> Value {
        loop {
            let (kind, text) = self.message();
            if kind == 1 {
                let value: Value = serde_json::from_slice(&text).expect("JSON");
                if value.get("id").is_some() {
                    return value;
                }
            }
            assert_ne!(kind, 8, "the node closed: {}", String::from_utf8_lossy(&text));
        }
    }

    fn message(&mut self) -> (u8, Vec<u8>) {
        let [first, second] = self.bytes::<2>();
        let length = match second & 127 {
            126 => u64::from(u16::from_be_bytes(self.bytes())),
            127 => u64::from_be_bytes(self.bytes()),
            short => u64::from(short),
        };
        let mut text = vec![0; usize::try_from(length).expect("a message that fits")];
        self.read(&mut text);
        (first & 15, text)
    }

    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.read(&mut bytes);
        bytes
    }

    fn read(&mut self, bytes: &mut [u8]) {
        match self.stream.read_exact(bytes) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => panic!("the node says nothing"),
            other => other.expect("the node goes on"),
        }
    }
}

/// A frame of a client, masked with zeros.
fn frame(kind: u8, data: &[u8]) -> Vec<u8> {
    let length = data.len();
    let mut frame = vec![0x80 | kind];
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short), _) if short < 126 => frame.push(0x80 | short),
        (_, Ok(medium)) => {
            frame.push(0x80 | 126);
            frame.extend(medium.to_be_bytes());
        }
        _ => {
            frame.push(0x80 | 127);
            frame.extend((length as u64).to_be_bytes());
        }
    }
    frame.extend([0; 4]);
    frame.extend_from_slice(data);
    frame
}
