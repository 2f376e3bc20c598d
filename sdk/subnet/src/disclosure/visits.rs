//! Limits on the requests for evidence.

use std::{
    collections::HashMap,
    net::IpAddr,
    time::{Duration, Instant},
};

use myelin_wire::AccountId;

/// The period in which requests are counted.
const PERIOD: Duration = Duration::from_secs(60);
/// Requests of a registered hotkey in a period.
const OF_REGISTERED: u32 = 240;
/// Requests of strangers of one network in a period.
const OF_NETWORK: u32 = 60;
/// Requests of all strangers in a period. It also bounds the memory about them.
const OF_STRANGERS: u32 = 1_200;

/// Counts requests in a period of a minute. A registered hotkey has room of its own. Other keys cost nothing, so they
/// are counted by network: an IPv4 /24, an IPv6 /64.
#[derive(Debug)]
pub struct Visits {
    begun: Instant,
    registered: HashMap<AccountId, u32>,
    networks: HashMap<u64, u32>,
    strangers: u32,
}

impl Visits {
    /// No requests yet.
    pub fn new(now: Instant) -> Self {
        Self { begun: now, registered: HashMap::new(), networks: HashMap::new(), strangers: 0 }
    }

    /// Whether a request is answered. Refused requests of one network take no room from another.
    pub fn admit(&mut self, hotkey: &AccountId, registered: bool, from: IpAddr, now: Instant) -> bool {
        if now.duration_since(self.begun) >= PERIOD {
            *self = Self::new(now);
        }
        if registered {
            let count = self.registered.entry(*hotkey).or_default();
            *count = count.saturating_add(1);
            return *count <= OF_REGISTERED;
        }
        if self.strangers >= OF_STRANGERS {
            return false;
        }
        let count = self.networks.entry(network_of(from)).or_default();
        let admitted = *count < OF_NETWORK;
        if admitted {
            *count += 1;
            self.strangers += 1;
        }
        admitted
    }
}

fn network_of(address: IpAddr) -> u64 {
    match address.to_canonical() {
        IpAddr::V4(ip) => u64::from(u32::from(ip) >> 8),
        // No IPv4 network has such a high number.
        IpAddr::V6(ip) => (u128::from(ip) >> 64) as u64 | 1 << 63,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registered_key_and_a_network_have_so_many_requests_in_a_minute() {
        let begun = Instant::now();
        let mut visits = Visits::new(begun);
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        let mut admitted = |key: u8, registered, from: &str, requests: u32, after| {
            let now = begun + Duration::from_secs(after);
            (0..requests).filter(|_| visits.admit(&[key; 32], registered, ip(from), now)).count()
        };
        assert_eq!(admitted(1, true, "192.0.2.1", 300, 0), 240);
        assert_eq!(admitted(2, true, "192.0.2.1", 10, 0), 10, "each registered key has its own");
        assert_eq!(admitted(3, false, "192.0.2.1", 50, 0), 50);
        assert_eq!(admitted(4, false, "192.0.2.99", 50, 0), 10, "a new key in the same network");
        assert_eq!(admitted(4, false, "2001:db8::1", 50, 59), 50);
        assert_eq!(admitted(4, false, "2001:db8::2", 50, 59), 10);
        assert_eq!(admitted(1, true, "192.0.2.1", 300, 61), 240, "the next minute");
    }

    #[test]
    fn strangers_of_many_networks_share_a_limit_that_registered_keys_do_not_feel() {
        let begun = Instant::now();
        let mut visits = Visits::new(begun);
        let from = |network: u32| IpAddr::from(std::net::Ipv4Addr::from(network << 8));
        let admitted =
            (0..100_000).filter(|network| visits.admit(&[9; 32], false, from(*network), begun)).count();
        assert_eq!((admitted, visits.networks.len()), (1_200, 1_200));
        assert!(visits.admit(&[1; 32], true, from(1), begun));
    }
}
