//! The axon: a miner's HTTP server.
//!
//! ```no_run
//! # async fn example(hotkey: std::sync::Arc<dyn myelin_wire::sr25519::Signer>) -> Result<(), Box<dyn std::error::Error>> {
//! use myelin_neuron::axon::{Axon, AllowList, Call, Reply, Route};
//!
//! let permits = AllowList::new("no validator permit");
//! let axon = Axon::new(hotkey, permits.clone())
//!     .route(Route::new("Echo", |call: Call| async move { Ok(Reply::json(call.body)) }).protect(["data"]))
//!     .bind("0.0.0.0:8091".parse()?)
//!     .await?;
//! permits.replace([[1; 32]]); // whenever the metagraph changes
//! println!("serving on {}", axon.address());
//! axon.shutdown(std::time::Duration::from_secs(10)).await;
//! # Ok(()) }
//! ```
//!
//! Differences from the official axon, all on the side of caution:
//! * limits everywhere (the official axon has none);
//! * validators' room apart from strangers' at every step ([`Standing`]);
//! * the nonce rule in bounded memory ([`myelin_wire::nonce`]);
//! * a handler that ends with the sender's timeout (408);
//! * unsigned error answers, since a signature per refused request would let strangers spend the miner's time.

mod answer;
mod connections;
mod gate;
mod handler;
mod identity;
mod ledger;
mod listen;
mod metrics;
mod serve;
mod shares;
mod slots;
mod stall;
mod usage;

use std::{collections::BTreeMap, io, net::SocketAddr, sync::Arc, time::Duration};

use myelin_wire::{hash::Hash, nonce::NonceLimits, sr25519::Signer, ss58};
use tokio::net::TcpListener;

use crate::Clock;

pub use gate::{Admission, AllowList, Caller, Gate, OpenToAll, Pace, Protocol, Standing};
pub use handler::{Call, ChunkStream, Handler, HandlerError, Reply, Route};
pub use ledger::{AnswerLedger, MemoryLedger};
pub use listen::RunningAxon;
pub use metrics::AxonMetrics;
pub use shares::{Share, Shares};
pub use slots::{NoSlot, Slot, Slots};

/// Name of the official ping synapse, which every axon serves.
pub const PING: &str = "Synapse";

/// An axon's limits. The defaults suit a public miner on a small machine.
#[derive(Debug, Clone)]
pub struct AxonLimits {
    /// Connections at the same time. For one more, the axon closes a stranger's; if strangers have none, the new one.
    pub max_connections: usize,
    /// Connections that strangers may have among them; the rest is kept for addresses of validators.
    pub max_stranger_connections: usize,
    /// Connections of strangers from one network: an IPv4 /24, an IPv6 /64.
    pub max_connections_per_network: usize,
    /// Bytes of a request's head.
    pub max_header_bytes: usize,
    /// Header lines of a request.
    pub max_headers: usize,
    /// Time for a request's head to arrive, also between two requests of a connection.
    pub header_timeout: Duration,
    /// Bytes of a request's body.
    pub max_body_bytes: usize,
    /// Bytes of validators' bodies that are held at the same time, at least four of the largest. A validator may hold
    /// its share ([`Shares`]). Requests beyond are asked to come again.
    pub max_bodies_bytes: usize,
    /// Bytes for bodies of strangers, and for bodies that are read before their signature can be verified: at least one
    /// of the largest.
    pub max_stranger_bodies_bytes: usize,
    /// Time for a request's body to arrive.
    pub body_timeout: Duration,
    /// Time in which a peer must take at least some bytes of an answer.
    pub write_timeout: Duration,
    /// Longest time of a request, whatever timeout it asks for.
    pub max_request_time: Duration,
    /// Time granted to requests that do not say how long they wait.
    pub default_request_time: Duration,
    /// Handlers running at the same time. A request holds its handler while it waits in it, for example for a worker
    /// ([`Slots`]). Where handlers wait, one for each connection keeps requests from waiting for those that wait.
    pub max_handlers: usize,
    /// Verified requests waiting for a handler.
    pub max_waiting: usize,
    /// Requests of one validator at the same time.
    pub max_requests_per_validator: usize,
    /// Requests of all validators at the same time. A validator may have as many as it leaves to others, and always
    /// four.
    pub max_validator_requests: usize,
    /// Requests of all strangers at the same time.
    pub max_stranger_requests: usize,
    /// Nonce streams.
    pub nonces: NonceLimits,
}

impl Default for AxonLimits {
    fn default() -> Self {
        Self {
            max_connections: 1_024,
            max_stranger_connections: 512,
            max_connections_per_network: 256,
            max_header_bytes: 16 * 1024,
            max_headers: 64,
            header_timeout: Duration::from_secs(10),
            max_body_bytes: 1024 * 1024,
            max_bodies_bytes: 64 * 1024 * 1024,
            max_stranger_bodies_bytes: 16 * 1024 * 1024,
            body_timeout: Duration::from_secs(10),
            write_timeout: Duration::from_secs(10),
            max_request_time: Duration::from_secs(120),
            default_request_time: Duration::from_secs(12),
            max_handlers: 1_024,
            max_waiting: 512,
            max_requests_per_validator: 128,
            max_validator_requests: 512,
            max_stranger_requests: 512,
            nonces: NonceLimits::default(),
        }
    }
}

/// Which network an axon signs its answers for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnswerNetwork {
    /// Hash of the chain's first block.
    pub genesis_hash: Hash,
    /// The subnet that the miner serves.
    pub netuid: u16,
}

/// Why an axon does not start.
#[derive(Debug, thiserror::Error)]
pub enum AxonError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}; is another miner running there?")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// Error of the system.
        source: io::Error,
    },
    /// Two routes of one name.
    #[error("the synapse `{0}` was attached twice")]
    DuplicateRoute(String),
    /// A name that cannot be a path segment.
    #[error("`{0}` cannot name a synapse: use letters, digits and `_`")]
    RouteName(String),
}

/// An axon being put together.
pub struct Axon {
    signer: Arc<dyn Signer>,
    gate: Box<dyn Gate>,
    routes: Vec<Route>,
    network: Option<AnswerNetwork>,
    ledger: Arc<dyn AnswerLedger>,
    limits: AxonLimits,
    clock: Clock,
}

impl Axon {
    /// An axon of the hotkey `signer` that admits the senders that `gate` admits. It serves the ping synapse.
    pub fn new(signer: Arc<dyn Signer>, gate: impl Gate) -> Self {
        Self {
            signer,
            gate: Box::new(gate),
            routes: Vec::new(),
            network: None,
            ledger: Arc::new(MemoryLedger::default()),
            limits: AxonLimits::default(),
            clock: Clock::system(),
        }
    }

    /// Attaches a synapse.
    pub fn route(mut self, route: Route) -> Self {
        self.routes.push(route);
        self
    }

    /// Signs answers for this chain and subnet where handlers ask for it.
    pub fn sign_answers(mut self, network: AnswerNetwork) -> Self {
        self.network = Some(network);
        self
    }

    /// Remembers signed answers elsewhere, for example on disk.
    pub fn ledger(mut self, ledger: Arc<dyn AnswerLedger>) -> Self {
        self.ledger = ledger;
        self
    }

    /// Replaces the limits.
    pub fn limits(mut self, limits: AxonLimits) -> Self {
        self.limits = limits;
        self
    }

    /// Replaces the clock that nonces are compared with.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Starts to serve; port 0 takes a free one.
    pub async fn bind(self, address: SocketAddr) -> Result<RunningAxon, AxonError> {
        let failed = |source| AxonError::Bind { address, source };
        let shared = self.into_shared()?;
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let bound = listener.local_addr().map_err(failed)?;
        Ok(listen::start(listener, bound, shared))
    }

    fn into_shared(self) -> Result<Arc<Shared>, AxonError> {
        let ping = Route::new(PING, |call: Call| async move { Ok(Reply::json(call.body)) });
        let mut routes = BTreeMap::new();
        for route in self.routes.into_iter().chain([ping]) {
            let valid = |c: char| c.is_ascii_alphanumeric() || c == '_';
            if route.name.is_empty() || !route.name.chars().all(valid) {
                return Err(AxonError::RouteName(route.name.to_string()));
            }
            let name = route.name.clone();
            if routes.insert(name.clone(), route).is_some() {
                return Err(AxonError::DuplicateRoute(name.to_string()));
            }
        }
        let address = ss58::encode(&self.signer.public());
        Ok(Arc::new(Shared {
            identities: identity::Identities::new(address, self.limits.nonces),
            slots: slots::Slots::new(self.limits.max_handlers, self.limits.max_waiting),
            usage: usage::Usage::new(
                self.limits.max_requests_per_validator,
                self.limits.max_validator_requests,
                self.limits.max_stranger_requests,
            ),
            bodies: Shares::new(self.limits.validators_kib() + self.limits.strangers_kib()),
            counters: metrics::Counters::default(),
            signer: self.signer,
            gate: self.gate,
            routes,
            network: self.network,
            ledger: self.ledger,
            limits: self.limits,
            clock: self.clock,
        }))
    }
}

impl AxonLimits {
    /// KiB for bodies of validators.
    fn validators_kib(&self) -> usize {
        self.max_bodies_bytes.max(self.max_body_bytes.saturating_mul(4)).div_ceil(1024)
    }

    /// KiB for bodies of strangers and of senders that are not verified yet.
    fn strangers_kib(&self) -> usize {
        self.max_stranger_bodies_bytes.max(self.max_body_bytes).div_ceil(1024)
    }
}

/// State that all connections of an axon share.
struct Shared {
    identities: identity::Identities,
    slots: slots::Slots,
    usage: usage::Usage,
    /// Memory for bodies, in KiB.
    bodies: Shares<usage::Payer>,
    counters: metrics::Counters,
    signer: Arc<dyn Signer>,
    gate: Box<dyn Gate>,
    routes: BTreeMap<Arc<str>, Route>,
    network: Option<AnswerNetwork>,
    ledger: Arc<dyn AnswerLedger>,
    limits: AxonLimits,
    clock: Clock,
}
