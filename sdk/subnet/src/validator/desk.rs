//! The axon at which a validator reports its evidence.

use std::{
    collections::HashSet,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::{Duration, Instant},
};

use myelin_neuron::axon::{
    Admission, Axon, AxonError, AxonLimits, Call, Caller, Gate, HandlerError, Reply, Route, RunningAxon,
    Standing,
};
use myelin_wire::{
    hash::{from_hex, Hash},
    sr25519::Signer,
    AccountId,
};
use tokio::sync::Semaphore;

use crate::{
    chain::SubnetView,
    disclosure::{Asker, Clock, Page, PageRequest, Shelf, Told, Untold, Visits, REQUEST_BYTES, SYNAPSE},
    evidence::EvidenceFolder,
};

/// Requests that are answered at the same time for registered hotkeys, and for strangers. Some read a round's records.
const READING: usize = 2;
const READING_OF_STRANGERS: usize = 1;
/// Requests of one registered hotkey at the same time.
const OF_REGISTERED: usize = 4;
/// Requests of all strangers at the same time.
const OF_STRANGERS: usize = 16;
/// Connections of strangers, and those of one network: each may leave a page unread for a while.
const CONNECTIONS: usize = 128;
const CONNECTIONS_OF_NETWORK: usize = 64;

/// Address at which a validator reports its evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EvidenceAxon {
    /// Where the axon listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The address that is announced, if it differs from the one listened on.
    pub announce: Option<SocketAddr>,
}

/// The running axon.
pub(super) struct Desk {
    axon: RunningAxon,
    announced: SocketAddr,
    lobby: Lobby,
}

/// The validator whose evidence is reported.
pub(super) struct Teller {
    pub(super) signer: Arc<dyn Signer>,
    pub(super) genesis: Hash,
    pub(super) netuid: u16,
    pub(super) folder: EvidenceFolder,
}

/// Registered hotkeys, the state of the chain, and the number of requests of each hotkey. Clones share it.
#[derive(Clone)]
struct Lobby(Arc<Inner>);

struct Inner {
    registered: RwLock<HashSet<AccountId>>,
    clock: RwLock<Option<Clock>>,
    visits: Mutex<Visits>,
    reading: Semaphore,
    reading_of_strangers: Semaphore,
    shelf: Shelf,
}

impl Lobby {
    fn is_registered(&self, hotkey: &AccountId) -> bool {
        self.0.registered.read().unwrap_or_else(PoisonError::into_inner).contains(hotkey)
    }

    fn admits(&self, caller: &Caller) -> bool {
        let registered = self.is_registered(&caller.hotkey);
        let mut visits = self.0.visits.lock().unwrap_or_else(PoisonError::into_inner);
        visits.admit(&caller.hotkey, registered, caller.remote.ip(), Instant::now())
    }
}

impl Gate for Lobby {
    fn admit(&self, _: &Caller, _: &str) -> Admission {
        Admission::Admitted
    }

    /// Standing of a hotkey: room is kept for registered hotkeys.
    fn standing(&self, hotkey: &AccountId) -> Standing {
        match self.is_registered(hotkey) {
            true => Standing::Validator { priority: 1 },
            false => Standing::Stranger,
        }
    }
}

impl Desk {
    /// Starts the axon.
    pub(super) async fn open(at: EvidenceAxon, teller: Teller) -> Result<Self, AxonError> {
        let lobby = Lobby(Arc::new(Inner {
            registered: RwLock::default(),
            clock: RwLock::default(),
            visits: Mutex::new(Visits::new(Instant::now())),
            reading: Semaphore::new(READING),
            reading_of_strangers: Semaphore::new(READING_OF_STRANGERS),
            shelf: Shelf::default(),
        }));
        let limits = AxonLimits {
            max_body_bytes: REQUEST_BYTES,
            max_bodies_bytes: 256 * REQUEST_BYTES,
            max_stranger_bodies_bytes: 64 * REQUEST_BYTES,
            max_requests_per_validator: OF_REGISTERED,
            max_stranger_requests: OF_STRANGERS,
            max_stranger_connections: CONNECTIONS,
            max_connections_per_network: CONNECTIONS_OF_NETWORK,
            ..AxonLimits::default()
        };
        let (signer, teller, inside) = (teller.signer.clone(), Arc::new(teller), lobby.clone());
        let answer = move |call: Call| {
            let (teller, lobby) = (teller.clone(), inside.clone());
            async move { tell(teller, lobby, call).await }
        };
        let axon = Axon::new(signer, lobby.clone()).limits(limits);
        let axon = axon.route(Route::new(SYNAPSE, answer)).bind(at.listen).await?;
        let announced = at.announce.unwrap_or_else(|| axon.address());
        Ok(Self { axon, announced, lobby })
    }

    /// Where it listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.axon.address()
    }

    /// The address for the chain.
    pub(super) fn announced(&self) -> SocketAddr {
        self.announced
    }

    /// Takes over the state of the chain.
    pub(super) fn renew(&self, view: &SubnetView) {
        let registered = view.neurons.iter().map(|peer| peer.hotkey).collect();
        *self.lobby.0.registered.write().unwrap_or_else(PoisonError::into_inner) = registered;
        *self.lobby.0.clock.write().unwrap_or_else(PoisonError::into_inner) = Some(Clock::of(view));
    }

    /// Finishes the answers under way, at most for `grace`.
    pub(super) async fn close(self, grace: Duration) {
        self.axon.shutdown(grace).await;
    }
}

async fn tell(teller: Arc<Teller>, lobby: Lobby, call: Call) -> Result<Reply, HandlerError> {
    if !lobby.admits(&call.caller) {
        return Err(HandlerError::busy());
    }
    let request: PageRequest = serde_json::from_slice(&call.body)
        .map_err(|error| HandlerError::bad_request(format!("this is no request for evidence: {error}")))?;
    let clock = *lobby.0.clock.read().unwrap_or_else(PoisonError::into_inner);
    let clock = clock.ok_or_else(|| HandlerError::unavailable("the chain was not read yet; ask again"))?;
    let hotkey = call.caller.hotkey;
    let asker = Asker { hotkey, registered: lobby.is_registered(&hotkey) };
    let places = match asker.registered {
        true => &lobby.0.reading,
        false => &lobby.0.reading_of_strangers,
    };
    let _reading = places.acquire().await.map_err(|_| HandlerError::busy())?;
    let inside = lobby.clone();
    let reading = tokio::task::spawn_blocking(move || {
        // Whoever names this validator itself gets its own evidence; the signature covers the request as it came.
        let own = request.of.as_deref().and_then(from_hex) == Some(teller.signer.public());
        let asked = PageRequest { of: request.of.clone().filter(|_| !own), ..request.clone() };
        let page = inside.0.shelf.page(&teller.folder, clock, asker, &asked)?;
        Ok::<_, Untold>(sign(&teller, hotkey, &request, &page))
    });
    let body = reading.await.map_err(|error| HandlerError::internal(error.to_string()))?;
    body.map(Reply::json).map_err(|untold| match untold {
        Untold::TooSoon { .. } => HandlerError::forbidden(untold.to_string()),
        Untold::Busy => HandlerError::busy(),
        Untold::Evidence(error) => HandlerError::internal(error.to_string()),
        _ => HandlerError::bad_request(untold.to_string()),
    })
}

fn sign(teller: &Teller, asker: AccountId, request: &PageRequest, page: &Page) -> Vec<u8> {
    let &Teller { ref signer, genesis, netuid, .. } = teller;
    let told = Told { genesis, netuid, validator: signer.public(), asker, request, page };
    serde_json::to_vec(&told.sign(&**signer)).unwrap_or_default()
}
