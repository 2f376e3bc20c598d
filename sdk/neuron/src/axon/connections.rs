//! Connections that an axon keeps when more arrive than it has places.
//!
//! Places are counted in all, for strangers, and for each network of strangers (an IPv4 /24, an IPv6 /64: an attacker
//! has many addresses and few networks). The rest is kept for addresses from which a validator's verified request has
//! come. Where a count is full, the newcomer is let in and a stranger's connection is closed: the one that has been
//! idle longest in the network with most strangers. So an attacker with many connections loses its own, and a validator
//! that connects for the first time keeps its one. Where validators have all places, the one with most connections
//! loses the one that has been idle longest.

use std::{
    cmp::Reverse,
    collections::HashMap,
    net::{IpAddr, SocketAddr},
    sync::{
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed},
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
    },
};

use myelin_wire::AccountId;
use tokio::{sync::Notify, time::Instant};

use super::AxonLimits;

/// Addresses of validators that are remembered.
const MAX_KNOWN: usize = 1_024;

/// A network whose addresses belong to one party, as far as can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Network {
    V4([u8; 3]),
    V6([u8; 8]),
}

impl Network {
    pub(super) fn of(ip: IpAddr) -> Self {
        match ip.to_canonical() {
            IpAddr::V4(ip) => {
                let [a, b, c, _] = ip.octets();
                Self::V4([a, b, c])
            }
            IpAddr::V6(ip) => {
                let [a, b, c, d, e, f, g, h, ..] = ip.octets();
                Self::V6([a, b, c, d, e, f, g, h])
            }
        }
    }
}

#[derive(Clone)]
pub(super) struct Connections(Arc<Registry>);

struct Registry {
    max: usize,
    max_strangers: usize,
    max_per_network: usize,
    started: Instant,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    open: HashMap<u64, Open>,
    /// Connections of strangers, by network.
    networks: HashMap<Network, usize>,
    strangers: usize,
    /// Time of the last verified request of a validator from each address.
    known: HashMap<IpAddr, Instant>,
    next: u64,
}

struct Open {
    network: Network,
    /// Whether it takes one of the strangers' places.
    is_stranger: bool,
    connection: Arc<Shared>,
}

struct Shared {
    /// The validator whose verified request came over it first.
    validator: OnceLock<AccountId>,
    /// Verified requests that are being answered.
    serving: AtomicUsize,
    /// Whether the last request was refused, so that a part of it may still be on its way.
    refused: AtomicBool,
    /// Milliseconds from the start of the axon to the last request.
    active_ms: AtomicU64,
    displaced: Notify,
}

/// A connection with its place; dropping it gives the place up.
pub(super) struct Connection {
    registry: Arc<Registry>,
    id: u64,
    pub(super) remote: SocketAddr,
    shared: Arc<Shared>,
}

/// A request of a connection that is being answered; the connection is not closed for a newcomer meanwhile.
pub(super) struct Serving<'a>(&'a AtomicUsize);

impl Connections {
    pub(super) fn new(limits: &AxonLimits) -> Self {
        Self(Arc::new(Registry {
            max: limits.max_connections,
            max_strangers: limits.max_stranger_connections.min(limits.max_connections),
            max_per_network: limits.max_connections_per_network,
            started: Instant::now(),
            state: Mutex::default(),
        }))
    }

    /// Lets a connection in, and closes another one if there is no place; `None` if none can be closed.
    pub(super) fn enter(&self, remote: SocketAddr) -> Option<Connection> {
        let registry = &self.0;
        let (ip, network) = (remote.ip().to_canonical(), Network::of(remote.ip()));
        let mut state = registry.lock();
        let is_stranger = !state.known.contains_key(&ip);
        if is_stranger {
            if state.networks.get(&network).is_some_and(|count| *count >= registry.max_per_network) {
                state.displace(|open| open.is_stranger && open.network == network)?;
            }
            if state.strangers >= registry.max_strangers {
                state.displace(|open| open.is_stranger)?;
            }
        }
        if state.open.len() >= registry.max {
            state.displace(|_| true).or_else(|| state.displace_of_validators())?;
        }
        let shared = Arc::new(Shared {
            validator: OnceLock::new(),
            serving: AtomicUsize::new(0),
            refused: AtomicBool::new(false),
            active_ms: AtomicU64::new(registry.elapsed_ms()),
            displaced: Notify::new(),
        });
        let id = state.next;
        state.next += 1;
        if is_stranger {
            state.strangers += 1;
            *state.networks.entry(network).or_insert(0) += 1;
        }
        state.open.insert(id, Open { network, is_stranger, connection: shared.clone() });
        drop(state);
        Some(Connection { registry: registry.clone(), id, remote, shared })
    }
}

impl Registry {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn elapsed_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

impl State {
    /// Closes one of `those` that is neither a validator's nor being answered: in the network with most strangers, the
    /// one that has been idle longest.
    fn displace(&mut self, those: impl Fn(&Open) -> bool) -> Option<()> {
        let crowd = |open: &Open| self.networks.get(&open.network).copied().unwrap_or(0);
        let id = self
            .open
            .iter()
            .filter(|(_, open)| those(open) && open.connection.may_be_displaced())
            .max_by_key(|(id, open)| (crowd(open), Reverse((open.connection.active_ms.load(Relaxed), **id))))
            .map(|(id, _)| *id)?;
        self.leave(id)?.displaced.notify_one();
        Some(())
    }

    /// Closes a connection over which nothing is answered: of the validator with most connections, the one that has
    /// been idle longest.
    fn displace_of_validators(&mut self) -> Option<()> {
        let mut counts = HashMap::new();
        for validator in self.open.values().filter_map(|open| open.connection.validator.get()) {
            *counts.entry(*validator).or_insert(0usize) += 1;
        }
        let idle = self.open.iter().filter(|(_, open)| open.connection.serving.load(Relaxed) == 0);
        let of_validators =
            idle.filter_map(|(id, open)| Some((id, open, counts.get(open.connection.validator.get()?)?)));
        let largest = of_validators.max_by_key(|(id, open, count)| {
            (*count, Reverse((open.connection.active_ms.load(Relaxed), **id)))
        });
        let id = largest.map(|(id, ..)| *id)?;
        self.leave(id)?.displaced.notify_one();
        Some(())
    }

    fn leave(&mut self, id: u64) -> Option<Arc<Shared>> {
        let open = self.open.remove(&id)?;
        if open.is_stranger {
            self.stranger_left(open.network);
        }
        Some(open.connection)
    }

    fn stranger_left(&mut self, network: Network) {
        self.strangers -= 1;
        if let Some(count) = self.networks.get_mut(&network) {
            *count -= 1;
            if *count == 0 {
                self.networks.remove(&network);
            }
        }
    }

    /// Remembers the address of a validator; the address that has been silent longest makes room.
    fn remember(&mut self, ip: IpAddr, now: Instant) {
        if self.known.len() >= MAX_KNOWN && !self.known.contains_key(&ip) {
            let oldest = self.known.iter().min_by_key(|(_, at)| **at).map(|(ip, _)| *ip);
            oldest.and_then(|ip| self.known.remove(&ip));
        }
        self.known.insert(ip, now);
    }
}

impl Shared {
    fn may_be_displaced(&self) -> bool {
        self.validator.get().is_none() && self.serving.load(Relaxed) == 0
    }
}

impl Connection {
    /// Notes that a request has come.
    pub(super) fn touch(&self) {
        self.shared.active_ms.store(self.registry.elapsed_ms(), Relaxed);
    }

    /// Notes that a request of a validator was verified: the connection gets one of the places that are kept, and so do
    /// others from its address.
    pub(super) fn verified(&self, validator: AccountId) {
        if self.shared.validator.set(validator).is_err() {
            return;
        }
        let mut state = self.registry.lock();
        state.remember(self.remote.ip().to_canonical(), Instant::now());
        let Some(open) = state.open.get_mut(&self.id) else { return };
        let network = open.network;
        if std::mem::take(&mut open.is_stranger) {
            state.stranger_left(network);
        }
    }

    /// Notes whether the last request was refused.
    pub(super) fn note_outcome(&self, refused: bool) {
        self.shared.refused.store(refused, Relaxed);
    }

    /// Whether the last request was refused.
    pub(super) fn was_refused(&self) -> bool {
        self.shared.refused.load(Relaxed)
    }

    /// Marks the connection as answering a request until the result is dropped.
    pub(super) fn serving(&self) -> Serving<'_> {
        self.shared.serving.fetch_add(1, Relaxed);
        Serving(&self.shared.serving)
    }

    /// Waits until the place is given to another connection.
    pub(super) async fn displaced(&self) {
        self.shared.displaced.notified().await;
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.registry.lock().leave(self.id);
    }
}

impl Drop for Serving<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    fn registry(max: usize, strangers: usize, per_network: usize) -> Connections {
        Connections::new(&AxonLimits {
            max_connections: max,
            max_stranger_connections: strangers,
            max_connections_per_network: per_network,
            ..AxonLimits::default()
        })
    }

    fn from(address: &str) -> SocketAddr {
        SocketAddr::new(address.parse().unwrap(), 1)
    }

    fn is_displaced(connection: &Connection) -> bool {
        connection.displaced().now_or_never().is_some()
    }

    #[test]
    fn networks_are_24_bits_of_ipv4_and_64_of_ipv6() {
        let of = |text: &str| Network::of(text.parse().unwrap());
        assert_eq!(of("192.0.2.1"), of("192.0.2.254"));
        assert_ne!(of("192.0.2.1"), of("192.0.3.1"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.7"), "IPv4 in IPv6 is IPv4");
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:1"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
    }

    #[test]
    fn a_network_that_is_full_closes_its_own_oldest() {
        let all = registry(9, 9, 2);
        let other = all.enter(from("192.0.2.1")).unwrap();
        let own: Vec<_> = (1..4).map(|n| all.enter(from(&format!("2001:db8::{n}"))).unwrap()).collect();
        assert!(is_displaced(&own[0]) && !is_displaced(&own[1]) && !is_displaced(&own[2]));
        assert!(!is_displaced(&other));
    }

    #[test]
    fn who_holds_most_places_loses_them_first() {
        let all = registry(9, 4, 9);
        let honest = all.enter(from("192.0.2.1")).unwrap();
        let crowd: Vec<_> = (0..50).map(|_| all.enter(from("198.51.100.1")).unwrap()).collect();
        assert!(!is_displaced(&honest));
        assert_eq!(crowd.iter().filter(|connection| is_displaced(connection)).count(), 47);
        drop(crowd);
        assert_eq!(all.0.lock().strangers, 1);
    }

    #[test]
    fn verified_and_served_connections_stay_and_their_addresses_find_places() {
        let all = registry(4, 2, 9);
        let validator = all.enter(from("192.0.2.1")).unwrap();
        validator.verified([1; 32]);
        let served = all.enter(from("198.51.100.1")).unwrap();
        let serving = served.serving();
        let idle = all.enter(from("198.51.100.1")).unwrap();
        let _next = all.enter(from("203.0.113.1")).unwrap();
        assert!(is_displaced(&idle) && !is_displaced(&served) && !is_displaced(&validator));
        // Strangers have no more than two of the four places, so the validator's address has one left.
        let again = all.enter(from("192.0.2.1")).unwrap();
        again.verified([1; 32]);
        let counts = |all: &Connections| {
            let state = all.0.lock();
            (state.strangers, state.open.len())
        };
        assert_eq!(counts(&all), (2, 4));
        let third = all.enter(from("192.0.2.1")).expect("a stranger makes room");
        third.verified([1; 32]);
        let held: Vec<_> = [&validator, &again, &third].map(|connection| connection.serving()).into();
        assert!(all.enter(from("192.0.2.1")).is_none(), "nobody is left who may be closed");
        drop(serving);
        assert!(all.enter(from("192.0.2.1")).is_some() && is_displaced(&served));
        drop(held);
    }

    #[test]
    fn a_validator_in_every_place_loses_its_oldest_and_nobody_else_does() {
        let all = registry(8, 4, 9);
        let verified = |address: &str, validator: u8| {
            let connection = all.enter(from(address)).unwrap();
            connection.verified([validator; 32]);
            connection
        };
        let honest = verified("192.0.2.1", 1);
        let greedy: Vec<_> = (0..7).map(|_| verified("198.51.100.1", 2)).collect();
        let answered = greedy[0].serving();
        let newcomers = [verified("203.0.113.1", 3), verified("198.51.100.1", 2), verified("192.0.2.1", 1)];
        assert!(!is_displaced(&honest) && !newcomers.iter().any(is_displaced));
        let lost: Vec<_> = greedy.iter().map(is_displaced).collect();
        assert_eq!(lost, [false, true, true, true, false, false, false]);
        drop(answered);
    }

    #[test]
    fn a_place_is_given_up_once() {
        let all = registry(1, 1, 1);
        let first = all.enter(from("192.0.2.1")).unwrap();
        let second = all.enter(from("192.0.2.1")).unwrap();
        drop(first);
        assert_eq!(all.0.lock().open.len(), 1);
        drop(second);
        let state = all.0.lock();
        assert!(state.open.is_empty() && state.networks.is_empty() && state.strangers == 0);
    }
}
