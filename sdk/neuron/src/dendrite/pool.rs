//! The lanes to every axon: their number, and the free ones.

use std::{
    collections::{HashMap, VecDeque},
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use http::HeaderValue;
use myelin_wire::ss58;
use tokio::{
    sync::{watch, OwnedSemaphorePermit, Semaphore},
    time::Instant,
};

use super::{lane::Lane, query::Target, DendriteLimits};

/// All lanes of a dendrite.
pub(super) struct Pool {
    max_axons: usize,
    max_lanes: usize,
    max_lanes_at_first: usize,
    max_idle: Duration,
    state: Mutex<State>,
}

struct State {
    axons: HashMap<Target, Arc<AxonLanes>>,
    /// Turns at addresses that have not sent a signed answer yet, for all keys that announced them.
    first: HashMap<SocketAddr, Arc<Semaphore>>,
    next_sweep: Instant,
}

/// The lanes to one axon, and its name as it stands in headers.
pub(super) struct AxonLanes {
    pub(super) target: Target,
    pub(super) hotkey_text: String,
    pub(super) hotkey: HeaderValue,
    pub(super) ip: HeaderValue,
    pub(super) port: HeaderValue,
    pub(super) host: HeaderValue,
    permits: Arc<Semaphore>,
    /// Whether a signed answer has come.
    trusted: watch::Sender<bool>,
    first: Arc<Semaphore>,
    /// Free lanes, the least recently used in front.
    free: Mutex<VecDeque<Lane>>,
}

/// A lane in use; it returns to its axon when dropped.
pub(super) struct LaneInUse {
    pub(super) axon: Arc<AxonLanes>,
    lane: Option<Lane>,
    reusable: bool,
    max_idle: Duration,
    _permits: (OwnedSemaphorePermit, Option<OwnedSemaphorePermit>),
}

impl Pool {
    pub(super) fn new(limits: &DendriteLimits) -> Self {
        let state = State { axons: HashMap::new(), first: HashMap::new(), next_sweep: Instant::now() };
        Self {
            max_axons: limits.max_axons,
            max_lanes: limits.max_lanes_per_axon,
            max_lanes_at_first: limits.max_lanes_at_first,
            max_idle: limits.max_idle,
            state: Mutex::new(state),
        }
    }

    /// Notes that a target has answered with its signature, so that it gets all its lanes.
    pub(super) fn trust(&self, target: &Target) {
        if let Some(axon) = lock(&self.state).axons.get(target) {
            axon.trusted.send_if_modified(|trusted| !std::mem::replace(trusted, true));
        }
    }

    /// Waits for a free lane to `target`; `None` if there are too many axons in use.
    pub(super) async fn take(&self, target: Target) -> Option<LaneInUse> {
        let axon = self.axon(target)?;
        // The semaphore is never closed.
        let permit = axon.permits.clone().acquire_owned().await.ok()?;
        let first = axon.first_turn().await;
        let lane = lock(&axon.free).pop_back().unwrap_or_else(Lane::new);
        let max_idle = self.max_idle;
        Some(LaneInUse { axon, lane: Some(lane), reusable: false, max_idle, _permits: (permit, first) })
    }

    fn axon(&self, target: Target) -> Option<Arc<AxonLanes>> {
        let mut state = lock(&self.state);
        let now = Instant::now();
        if now >= state.next_sweep {
            state.next_sweep = now + self.max_idle;
            state.axons.values().for_each(|axon| axon.close_idle(self.max_idle));
        }
        if let Some(axon) = state.axons.get(&target) {
            return Some(axon.clone());
        }
        if state.axons.len() >= self.max_axons {
            // Only the pool itself still knows an axon that nobody is asking.
            state.axons.retain(|_, axon| Arc::strong_count(axon) > 1);
            state.first.retain(|_, first| Arc::strong_count(first) > 1);
            if state.axons.len() >= self.max_axons {
                return None;
            }
        }
        let first = || Arc::new(Semaphore::new(self.max_lanes_at_first.max(1)));
        let first = state.first.entry(target.address).or_insert_with(first).clone();
        let axon = Arc::new(AxonLanes::new(target, self.max_lanes, first));
        state.axons.insert(target, axon.clone());
        Some(axon)
    }
}

impl AxonLanes {
    /// One of the few lanes of an address that has not signed an answer yet; `None` once it has.
    async fn first_turn(&self) -> Option<OwnedSemaphorePermit> {
        if *self.trusted.borrow() {
            return None;
        }
        let mut trusted = self.trusted.subscribe();
        tokio::select! {
            biased;
            _ = trusted.wait_for(|trusted| *trusted) => None,
            turn = self.first.clone().acquire_owned() => turn.ok(),
        }
    }

    fn new(target: Target, max_lanes: usize, first: Arc<Semaphore>) -> Self {
        let value = |text: &str| HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""));
        let hotkey_text = ss58::encode(&target.hotkey);
        Self {
            target,
            hotkey: value(&hotkey_text),
            hotkey_text,
            ip: value(&target.address.ip().to_string()),
            port: HeaderValue::from(target.address.port()),
            host: value(&target.address.to_string()),
            permits: Arc::new(Semaphore::new(max_lanes)),
            trusted: watch::Sender::new(false),
            first,
            free: Mutex::default(),
        }
    }

    fn close_idle(&self, max_idle: Duration) {
        lock(&self.free).iter_mut().filter(|lane| lane.idle_longer_than(max_idle)).for_each(Lane::disconnect);
    }
}

impl LaneInUse {
    pub(super) fn lane(&mut self) -> &mut Lane {
        self.lane.get_or_insert_with(Lane::new)
    }

    pub(super) fn max_idle(&self) -> Duration {
        self.max_idle
    }

    /// Notes that a request goes out.
    pub(super) fn begun(&mut self) {
        self.reusable = false;
    }

    /// Notes that the last answer was read to its end.
    pub(super) fn finished(&mut self) {
        self.lane().rest();
        self.reusable = true;
    }
}

impl Drop for LaneInUse {
    fn drop(&mut self) {
        if let Some(mut lane) = self.lane.take() {
            if !self.reusable {
                // Abandoned in the middle of an answer; the nonce stream goes on, the connection does not.
                lane.disconnect();
            }
            lock(&self.axon.free).push_back(lane);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
