//! Limits of time and of each address in front of the JSON-RPC.
//!
//! The stock server reads a body and writes an answer for as long as its client takes, and counts the connections of
//! all addresses together. A hundred unfinished requests would keep everybody else out. So it listens on a port of this
//! machine alone, and clients meet the listeners of this module. They read a request to its end within a time, pass it
//! on, and drop clients that do not take their answers. Of a web socket only so many calls are at work at a time.
//!
//! A request holds a slot from its head on until its answer is taken, a web socket until it is closed. There are as
//! many slots as the stock server has connections (`--rpc-max-connections`). One address gets a quarter of them, this
//! machine all.

mod web_socket;

use std::{
    collections::HashMap,
    convert::Infallible,
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::{
    body::{Body, Bytes, Incoming},
    client::conn::http1 as client,
    header::{self, HeaderName, HeaderValue},
    server::conn::http1 as server,
    upgrade::OnUpgrade,
    Request, Response, StatusCode, Version,
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use jsonrpsee::{
    core::BoxError,
    server::{middleware::http::HostFilterLayer, HttpBody},
};
use sc_service::{
    config::{RpcConfiguration, RpcEndpoint, RpcMethods},
    error::Error,
    SpawnTaskHandle,
};
use tokio::{
    net::{TcpListener, TcpStream},
    time::{sleep, timeout},
};
use tokio_io_timeout::TimeoutStream;
use tower::Layer;

/// Limits of time for clients.
#[derive(Clone, Copy)]
struct Patience {
    /// For the head of a request, from the end of the one before.
    head: Duration,
    /// For the body of a request.
    body: Duration,
    /// For the next bytes of an answer to be taken.
    write: Duration,
}

const PATIENCE: Patience =
    Patience { head: Duration::from_secs(60), body: Duration::from_secs(30), write: Duration::from_secs(60) };
/// Pause after a connection could not be taken, because this process has no file handles left.
const RESPITE: Duration = Duration::from_millis(100);
/// Part of all slots that one address may hold.
const SHARE: usize = 4;
/// Headers by which proxies name their clients.
const NAMES_OF_CLIENTS: [&str; 3] = ["forwarded", "x-forwarded-for", "x-real-ip"];

/// The listeners for clients, before the stock server listens.
pub struct Gate {
    doors: Vec<(std::net::TcpListener, Door)>,
}

/// One listener and its rules.
struct Door {
    /// The listener of the stock server.
    inner: SocketAddr,
    /// Hosts that requests may name; all if none is listed.
    hosts: Option<HostFilterLayer>,
    /// Whether a proxy in front is believed which client it speaks for.
    trusts_proxies: bool,
    longest: usize,
    patience: Patience,
    slots: Arc<ConnectionSlots>,
}

impl Gate {
    /// Listens where the configuration says, and moves the stock server to ports of this machine alone.
    pub fn open(rpc: &mut RpcConfiguration) -> Result<Self, Error> {
        let mut gate = Self { doors: Vec::new() };
        let mut moved = Vec::new();
        for endpoint in rpc.addr.take().unwrap_or_default() {
            let listener = match bind(&endpoint) {
                Err(_) if endpoint.is_optional => continue,
                other => other?,
            };
            let (door, inner) = Door::of(endpoint, listener.local_addr()?)?;
            gate.doors.push((listener, door));
            moved.push(inner);
        }
        rpc.addr = Some(moved);
        Ok(gate)
    }

    /// Passes requests on to the stock server, which listens at these ports in the order of the configuration.
    pub fn serve(self, ports: Vec<u16>, spawn: &SpawnTaskHandle) -> Result<(), Error> {
        for ((listener, mut door), port) in self.doors.into_iter().zip(ports) {
            log::info!("JSON-RPC for clients: addr={}", listener.local_addr()?);
            door.inner.set_port(port);
            let accepting = accept(listener, Arc::new(door));
            spawn.spawn("rpc-gate", "rpc", async move {
                if let Err(error) = accepting.await {
                    log::error!("JSON-RPC has ended: {error}");
                }
            });
        }
        Ok(())
    }
}

fn bind(endpoint: &RpcEndpoint) -> io::Result<std::net::TcpListener> {
    let mut address = endpoint.listen_addr;
    std::net::TcpListener::bind(address).or_else(|error| {
        if !endpoint.retry_random_port {
            return Err(error);
        }
        address.set_port(0);
        std::net::TcpListener::bind(address)
    })
}

impl Door {
    /// The rules of an endpoint, and the endpoint of the stock server behind it.
    fn of(mut endpoint: RpcEndpoint, public: SocketAddr) -> Result<(Self, RpcEndpoint), Error> {
        let inner = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let port = public.port();
        let hosts = ["localhost", "127.0.0.1", "[::1]"].map(|host| format!("{host}:{port}"));
        let filter = || HostFilterLayer::new(hosts).map_err(|error| Error::Other(error.to_string()));
        let most = endpoint.max_connections as usize;
        let door = Self {
            inner,
            hosts: endpoint.cors.is_some().then(filter).transpose()?,
            trusts_proxies: endpoint.rate_limit_trust_proxy_headers,
            longest: (endpoint.max_payload_in_mb as usize).saturating_mul(1 << 20),
            patience: PATIENCE,
            slots: Arc::new(ConnectionSlots { most, taken: Mutex::default() }),
        };
        // The stock server decides by its own address, which is always of this machine.
        if matches!(endpoint.rpc_methods, RpcMethods::Auto) {
            endpoint.rpc_methods =
                if public.ip().is_loopback() { RpcMethods::Unsafe } else { RpcMethods::Safe };
        }
        endpoint.listen_addr = inner;
        endpoint.rate_limit_trust_proxy_headers = true;
        (endpoint.is_optional, endpoint.retry_random_port) = (false, false);
        // A slot is free a moment before the stock server notices.
        endpoint.max_connections = endpoint.max_connections.saturating_mul(2);
        Ok((door, endpoint))
    }
}

/// The slots of a listener.
struct ConnectionSlots {
    most: usize,
    taken: Mutex<HashMap<IpAddr, usize>>,
}

/// A slot that is taken until this is dropped.
struct ConnectionSlot {
    of: Arc<ConnectionSlots>,
    holder: IpAddr,
}

impl ConnectionSlots {
    /// A slot for a client, unless all slots or those of its address are taken.
    fn take(self: &Arc<Self>, client: IpAddr) -> Option<ConnectionSlot> {
        let holder = holder(client);
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let here = holder == Ipv4Addr::LOCALHOST;
        let share = if here { self.most } else { self.most.div_ceil(SHARE) };
        let held = taken.get(&holder).copied().unwrap_or_default();
        if held >= share || taken.values().sum::<usize>() >= self.most {
            return None;
        }
        taken.insert(holder, held.saturating_add(1));
        Some(ConnectionSlot { of: self.clone(), holder })
    }
}

impl Drop for ConnectionSlot {
    fn drop(&mut self) {
        let mut taken = self.of.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(held) = taken.get_mut(&self.holder) {
            *held = held.saturating_sub(1);
            if *held == 0 {
                taken.remove(&self.holder);
            }
        }
    }
}

/// The address whose slots a client takes: of IPv6 the network of 64 bits, since one client has all of it.
fn holder(client: IpAddr) -> IpAddr {
    match client.to_canonical() {
        IpAddr::V6(Ipv6Addr::LOCALHOST) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
        v4 => v4,
    }
}

async fn accept(listener: std::net::TcpListener, door: Arc<Door>) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let listener = TcpListener::from_std(listener)?;
    loop {
        match listener.accept().await {
            Err(_) => sleep(RESPITE).await,
            Ok((stream, client)) => {
                let _ = stream.set_nodelay(true);
                tokio::spawn(attend(stream, client.ip(), door.clone()));
            }
        }
    }
}

/// Serves the requests of one connection.
async fn attend(stream: TcpStream, client: IpAddr, door: Arc<Door>) {
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(door.patience.write));
    let hosts = door.hosts.clone().unwrap_or_else(HostFilterLayer::disable);
    let head = door.patience.head;
    let visit = Arc::new(Visit { door, client, onward: tokio::sync::Mutex::new(None) });
    let answer = tower::service_fn(move |request| {
        let visit = visit.clone();
        async move { Ok::<_, Infallible>(visit.answer(request).await) }
    });
    let mut connection = server::Builder::new();
    connection.timer(TokioTimer::new()).header_read_timeout(head);
    let service = TowerToHyperService::new(hosts.layer(answer));
    // The errors are those of clients that leave.
    let _ = connection.serve_connection(TokioIo::new(Box::pin(stream)), service).with_upgrades().await;
}

/// One connection of a client.
struct Visit {
    door: Arc<Door>,
    client: IpAddr,
    /// The connection to the stock server, once there was a request.
    onward: tokio::sync::Mutex<Option<client::SendRequest<Full<Bytes>>>>,
}

impl Visit {
    async fn answer(&self, mut request: Request<Incoming>) -> Response<HttpBody> {
        let Some(slot) = self.door.slots.take(self.client) else {
            return refusal(StatusCode::TOO_MANY_REQUESTS, "Too many connections. Please try again later.");
        };
        let upgrade = request.headers().contains_key(header::UPGRADE);
        let upgrade = upgrade.then(|| hyper::upgrade::on(&mut request));
        let (mut head, body) = request.into_parts();
        let body = match self.whole(body).await {
            Ok(body) => body,
            Err(status) => return refusal(status, "The request has not come, or is too large."),
        };
        self.address(&mut head, upgrade.is_some());
        let Ok(mut response) = self.pass_on(Request::from_parts(head, Full::new(body))).await else {
            return refusal(StatusCode::BAD_GATEWAY, "The node does not answer.");
        };
        match upgrade {
            Some(outer) if response.status() == StatusCode::SWITCHING_PROTOCOLS => {
                let inner = hyper::upgrade::on(&mut response);
                tokio::spawn(join(outer, inner, self.door.longest, slot));
                response.map(|_| HttpBody::empty())
            }
            _ => response.map(|body| {
                HttpBody::new(body.map_frame(move |frame| {
                    let _until_taken = &slot;
                    frame
                }))
            }),
        }
    }

    /// The whole body, or the status that refuses it.
    async fn whole(&self, body: Incoming) -> Result<Bytes, StatusCode> {
        let longest = self.door.longest;
        if body.size_hint().lower() > longest as u64 {
            return Err(StatusCode::PAYLOAD_TOO_LARGE);
        }
        match timeout(self.door.patience.body, Limited::new(body, longest).collect()).await {
            Err(_) => Err(StatusCode::REQUEST_TIMEOUT),
            Ok(Ok(body)) => Ok(body.to_bytes()),
            Ok(Err(error)) if error.is::<LengthLimitError>() => Err(StatusCode::PAYLOAD_TOO_LARGE),
            Ok(Err(_)) => Err(StatusCode::BAD_REQUEST),
        }
    }

    /// Addresses a request to the stock server, in the name of the client.
    fn address(&self, head: &mut hyper::http::request::Parts, upgrades: bool) {
        let path = head.uri.path_and_query().map_or("/", |path| path.as_str()).parse();
        head.uri = path.unwrap_or_default();
        head.version = Version::HTTP_11;
        let headers = &mut head.headers;
        for of_the_connection in [header::TRANSFER_ENCODING, header::EXPECT, header::CONTENT_LENGTH] {
            headers.remove(of_the_connection);
        }
        if !upgrades {
            headers.remove(header::CONNECTION);
        }
        let is_named = NAMES_OF_CLIENTS.iter().any(|name| headers.contains_key(*name));
        if !(self.door.trusts_proxies && is_named) {
            for name in NAMES_OF_CLIENTS {
                headers.remove(name);
            }
            if let Ok(client) = HeaderValue::from_str(&self.client.to_string()) {
                headers.insert(HeaderName::from_static("x-real-ip"), client);
            }
        }
        if let Ok(host) = HeaderValue::from_str(&self.door.inner.to_string()) {
            headers.insert(header::HOST, host);
        }
    }

    async fn pass_on(&self, request: Request<Full<Bytes>>) -> Result<Response<Incoming>, BoxError> {
        let mut onward = self.onward.lock().await;
        let mut sender = match onward.take() {
            Some(sender) if !sender.is_closed() => sender,
            _ => self.connect().await?,
        };
        if sender.ready().await.is_err() {
            sender = self.connect().await?;
        }
        let response = sender.send_request(request).await?;
        *onward = Some(sender);
        Ok(response)
    }

    async fn connect(&self) -> Result<client::SendRequest<Full<Bytes>>, BoxError> {
        let stream = TcpStream::connect(self.door.inner).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = client::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection.with_upgrades());
        Ok(sender)
    }
}

fn refusal(status: StatusCode, why: &'static str) -> Response<HttpBody> {
    let mut response = Response::new(HttpBody::from(why));
    *response.status_mut() = status;
    response
}

/// Passes the messages of a web socket until one side ends.
async fn join(outer: OnUpgrade, inner: OnUpgrade, longest: usize, _slot: ConnectionSlot) {
    if let (Ok(outer), Ok(inner)) = (outer.await, inner.await) {
        web_socket::join(outer, inner, longest).await;
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read, Write},
        net::TcpStream as Client,
        time::Instant,
    };

    use super::*;

    const SHORT: Duration = Duration::from_millis(400);
    const UNFINISHED: &[u8] = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{";
    const WHOLE: &[u8] = b"POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}";

    /// A door for requests of up to 1,000 bytes before a server.
    pub fn door_before(inner: SocketAddr) -> Door {
        Door {
            inner,
            hosts: None,
            trusts_proxies: false,
            longest: 1_000,
            patience: PATIENCE,
            slots: Arc::new(ConnectionSlots { most: 8, taken: Mutex::default() }),
        }
    }

    /// A door before a server that answers everything with so many bytes, and the address of the door.
    fn door(
        most: usize,
        answer: usize,
        patience: Patience,
    ) -> (tokio::runtime::Runtime, SocketAddr, Arc<Door>) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let runtime = runtime.expect("a runtime");
        let listen = || std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let (inner, outer) = (listen(), listen());
        let inner_address = inner.local_addr().expect("an address");
        let slots = Arc::new(ConnectionSlots { most, taken: Mutex::default() });
        let door = Arc::new(Door { patience, slots, ..door_before(inner_address) });
        inner.set_nonblocking(true).expect("set");
        runtime.spawn(async move {
            let inner = TcpListener::from_std(inner).expect("a listener");
            while let Ok((stream, _)) = inner.accept().await {
                let body = move || Full::new(Bytes::from(vec![b'x'; answer]));
                let service = hyper::service::service_fn(move |_: Request<Incoming>| async move {
                    Ok::<_, Infallible>(Response::new(body()))
                });
                tokio::spawn(server::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
        let address = outer.local_addr().expect("an address");
        runtime.spawn(accept(outer, door.clone()));
        (runtime, address, door)
    }

    fn send(address: SocketAddr, bytes: &[u8]) -> Client {
        let mut client = Client::connect(address).expect("the door is open");
        client.set_read_timeout(Some(Duration::from_secs(20))).expect("set");
        client.write_all(bytes).expect("sent");
        client
    }

    fn status(mut client: Client) -> String {
        let mut answer = [0; 12];
        client.read_exact(&mut answer).expect("an answer");
        String::from_utf8_lossy(&answer[9..]).into_owned()
    }

    fn free(door: &Door) -> bool {
        door.slots.taken.lock().expect("nobody panicked").is_empty()
    }

    #[test]
    fn one_address_has_a_quarter_of_the_slots_and_this_machine_all() {
        let take = |slots: &Arc<ConnectionSlots>, client: &str, wanted: usize| {
            let client = client.parse().expect("an address");
            (0..wanted).map_while(|_| slots.take(client)).collect::<Vec<_>>()
        };
        let slots = Arc::new(ConnectionSlots { most: 100, taken: Mutex::default() });
        let one = take(&slots, "203.0.113.5", 99);
        assert_eq!(one.len(), 25);
        assert!(take(&slots, "::ffff:203.0.113.5", 1).is_empty(), "it has another form too");
        let six = take(&slots, "2001:db8::1", 99);
        assert_eq!(six.len(), 25);
        assert!(take(&slots, "2001:db8::2", 1).is_empty(), "one client has the whole network");
        assert_eq!(take(&slots, "2001:db8:0:1::1", 99).len(), 25);
        let here = take(&slots, "127.0.0.1", 99);
        assert_eq!(here.len(), 50);
        assert!(take(&slots, "203.0.113.6", 1).is_empty() && take(&slots, "::1", 1).is_empty());
        drop(six);
        assert_eq!(take(&slots, "::1", 99).len(), 25);
        assert_eq!(take(&slots, "203.0.113.6", 99).len(), 25);
        drop((one, here));
        assert_eq!(take(&slots, "127.0.0.1", 999).len(), 100);
        assert!(slots.taken.lock().expect("nobody panicked").is_empty());
    }

    #[test]
    fn unfinished_bodies_hold_their_slots_for_a_limited_time() {
        let patience = Patience { body: SHORT, ..PATIENCE };
        let (_runtime, address, door) = door(8, 2, patience);
        let started = Instant::now();
        let unfinished: Vec<_> = (0..8).map(|_| send(address, UNFINISHED)).collect();
        while door.slots.taken.lock().expect("nobody panicked").values().sum::<usize>() < 8 {
            assert!(started.elapsed() < Duration::from_secs(10), "they never came");
        }
        assert_eq!(status(send(address, WHOLE)), "429");
        for client in unfinished {
            assert_eq!(status(client), "408");
        }
        assert!(started.elapsed() >= SHORT);
        assert_eq!(status(send(address, WHOLE)), "200");
    }

    #[test]
    fn an_answer_that_is_not_taken_ends_with_its_connection() {
        let patience = Patience { write: SHORT, ..PATIENCE };
        let (_runtime, address, door) = door(8, 64 << 20, patience);
        let client = send(address, WHOLE);
        std::thread::sleep(SHORT / 4);
        assert!(!free(&door), "the answer is under way");
        let started = Instant::now();
        while !free(&door) {
            assert!(started.elapsed() < Duration::from_secs(20), "the answer waits for its client");
            std::thread::sleep(SHORT / 10);
        }
        drop(client);
    }

    #[test]
    fn heads_and_bodies_without_end_are_refused() {
        let patience = Patience { head: SHORT, ..PATIENCE };
        let (_runtime, address, door) = door(8, 2, patience);
        let mut silent = send(address, b"POST / HT");
        assert_eq!(silent.read(&mut [0; 1]).ok(), Some(0), "closed");
        let long = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1001\r\n\r\n";
        assert_eq!(status(send(address, long)), "413");
        let chunked =
            format!("POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n3e9\r\n{:1001}\r\n", "");
        assert_eq!(status(send(address, chunked.as_bytes())), "413");
        assert!(free(&door));
    }
}
