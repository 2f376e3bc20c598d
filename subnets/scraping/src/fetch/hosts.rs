//! Turns of hosts: one request at a time, a wait between two, and a bounded memory of both hosts and their robots.txt.

use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::robots::Robots;
use super::{FetchError, Limits};

/// Memory for the rules of all sites together.
const RULES_BYTES: usize = 16 << 20;

/// Time for which rules hold. "Crawlers SHOULD NOT use the cached version for more than 24 hours" (RFC 9309, 2.4).
const RULES_HOLD: Duration = Duration::from_secs(24 * 3600);

/// Time after which rules that could not be read are asked for again.
const FAILURE_HOLDS: Duration = Duration::from_secs(5 * 60);

/// Owner of the turns of hosts.
pub struct Hosts {
    state: Mutex<State>,
    freed: Condvar,
    most: usize,
    at_once: usize,
}

#[derive(Default)]
struct State {
    hosts: HashMap<String, Host>,
    running: usize,
}

struct Host {
    busy: bool,
    /// The time before which no request may begin.
    next: Instant,
}

/// The right to send one request to a host. It ends when this is dropped, and `wait` later the next one may begin.
pub struct Turn<'a> {
    hosts: &'a Hosts,
    host: String,
    pub wait: Duration,
}

impl Hosts {
    pub fn new(limits: &Limits) -> Self {
        Self { state: Mutex::default(), freed: Condvar::new(), most: limits.hosts, at_once: limits.at_once }
    }

    /// Waits for the turn of a host, not beyond `deadline`.
    pub fn enter(&self, host: &str, deadline: Instant) -> Result<Turn<'_>, FetchError> {
        let busy = |reason: String| FetchError::TooBusy { host: host.to_owned(), reason };
        let mut state = lock(&self.state);
        loop {
            let now = Instant::now();
            let (taken, next) = state.hosts.get(host).map_or((false, now), |known| (known.busy, known.next));
            if next >= deadline {
                let seconds = next.saturating_duration_since(now).as_secs_f32();
                return Err(busy(format!("its next turn is in {seconds:.1} s, after the deadline")));
            }
            if now >= deadline {
                return Err(busy("other requests held its turn until the deadline".into()));
            }
            let free = !taken && state.running < self.at_once;
            if free && next <= now {
                if !state.make_room(host, self.most, now) {
                    return Err(busy(format!("all {} hosts in memory are in use or waiting", self.most)));
                }
                state.running += 1;
                state.hosts.insert(host.to_owned(), Host { busy: true, next });
                return Ok(Turn { hosts: self, host: host.to_owned(), wait: Duration::ZERO });
            }
            let until = if free { next } else { deadline };
            let waited = self.freed.wait_timeout(state, until.saturating_duration_since(now));
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    #[cfg(test)]
    fn known(&self) -> usize {
        lock(&self.state).hosts.len()
    }
}

impl State {
    /// Forgets the host whose wait ended first if there is no room for another. Waits that last are never forgotten.
    fn make_room(&mut self, host: &str, most: usize, now: Instant) -> bool {
        if self.hosts.len() < most || self.hosts.contains_key(host) {
            return true;
        }
        let idle = self.hosts.iter().filter(|(_, known)| !known.busy && known.next <= now);
        let oldest = idle.min_by_key(|(_, known)| known.next).map(|(name, _)| name.clone());
        oldest.is_some_and(|name| self.hosts.remove(&name).is_some())
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut state = lock(&self.hosts.state);
        state.running -= 1;
        if let Some(known) = state.hosts.get_mut(&self.host) {
            known.busy = false;
            known.next = known.next.max(Instant::now() + self.wait);
        }
        drop(state);
        self.hosts.freed.notify_all();
    }
}

/// Owner of the rules of sites, by their origin.
#[derive(Default)]
pub struct RulesCache {
    sites: Mutex<HashMap<String, Site>>,
}

/// The rules of a site, or the reason why they cannot be read.
pub type Rules = Result<Arc<Robots>, String>;

struct Site {
    rules: Rules,
    until: Instant,
    weight: usize,
}

impl RulesCache {
    pub fn get(&self, origin: &str) -> Option<Rules> {
        let sites = lock(&self.sites);
        sites.get(origin).filter(|site| site.until > Instant::now()).map(|site| site.rules.clone())
    }

    /// Remembers rules, and forgets those that end first while there are too many of them.
    pub fn put(&self, origin: String, rules: Rules, most: usize) {
        let hold = if rules.is_ok() { RULES_HOLD } else { FAILURE_HOLDS };
        let weight = origin.len() + rules.as_ref().map_or_else(String::len, |rules| rules.weight());
        let mut sites = lock(&self.sites);
        sites.insert(origin.clone(), Site { rules, until: Instant::now() + hold, weight });
        let mut total: usize = sites.values().map(|site| site.weight).sum();
        while sites.len() > most || total > RULES_BYTES {
            let others = sites.iter().filter(|(name, _)| **name != origin);
            let Some(oldest) = others.min_by_key(|(_, site)| site.until).map(|(name, _)| name.clone()) else {
                break;
            };
            total -= sites.remove(&oldest).map_or(0, |site| site.weight);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(most: usize, at_once: usize) -> Hosts {
        Hosts::new(&Limits { hosts: most, at_once, ..Limits::default() })
    }

    fn soon(ms: u64) -> Instant {
        Instant::now() + Duration::from_millis(ms)
    }

    #[test]
    fn the_next_turn_of_a_host_comes_after_its_wait() {
        let hosts = hosts(8, 8);
        let begin = Instant::now();
        hosts.enter("a", soon(9000)).unwrap().wait = Duration::from_secs(2);
        let refused = hosts.enter("a", soon(500));
        assert!(matches!(refused, Err(FetchError::TooBusy { reason, .. }) if reason.contains("next turn")));
        drop(hosts.enter("b", soon(9000)).unwrap());
        drop(hosts.enter("a", soon(9000)).unwrap());
        assert!(begin.elapsed() >= Duration::from_secs(2));
    }

    #[test]
    fn a_host_serves_one_turn_and_all_hosts_serve_at_once_turns() {
        let hosts = hosts(8, 2);
        let first = hosts.enter("a", soon(9000)).unwrap();
        assert!(matches!(hosts.enter("a", soon(20)), Err(FetchError::TooBusy { .. })));
        let second = hosts.enter("b", soon(9000)).unwrap();
        assert!(matches!(hosts.enter("c", soon(20)), Err(FetchError::TooBusy { .. })));
        std::thread::scope(|threads| {
            let waiting = threads.spawn(|| hosts.enter("c", soon(9000)).is_ok());
            std::thread::sleep(Duration::from_millis(20));
            drop(first);
            assert!(waiting.join().unwrap());
        });
        drop(second);
    }

    #[test]
    fn memory_of_hosts_is_bounded_and_waits_are_kept() {
        let hosts = hosts(3, 8);
        for name in 0..50 {
            drop(hosts.enter(&name.to_string(), soon(9000)).unwrap());
            assert!(hosts.known() <= 3);
        }
        for name in ["a", "b", "c"] {
            hosts.enter(name, soon(9000)).unwrap().wait = Duration::from_secs(60);
        }
        let Err(FetchError::TooBusy { reason, .. }) = hosts.enter("d", soon(9000)) else { panic!("no room") };
        assert!(reason.contains("all 3 hosts"), "{reason}");
    }

    #[test]
    fn memory_of_rules_is_bounded() {
        let cache = RulesCache::default();
        let long =
            Robots::parse(format!("user-agent: *\ndisallow: /{}", "a".repeat(400_000)).as_bytes(), "x");
        for site in 0..100 {
            cache.put(format!("http://{site}.test"), Ok(Arc::new(long.clone())), 1000);
        }
        let sites = lock(&cache.sites);
        assert!(sites.len() > 30 && sites.values().map(|site| site.weight).sum::<usize>() <= RULES_BYTES);
        assert!(sites.contains_key("http://99.test") && !sites.contains_key("http://0.test"));
        drop(sites);
        cache.put("http://few.test".into(), Err("down".into()), 2);
        assert_eq!(lock(&cache.sites).len(), 2);
    }
}
