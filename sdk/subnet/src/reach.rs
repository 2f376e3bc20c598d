//! Announced addresses that validators and customers connect to.
//!
//! A miner announces any address it likes. A validator that connects to an address of its own network on a stranger's
//! word sends that stranger's requests to services that trust this machine. The result tells the stranger what is
//! there.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Time between two blocks of a public network. A faster chain is a local one, and allows all addresses.
const PUBLIC_SLOT_MS: u64 = 12_000;

/// Whether a chain is a local one, by the time between two blocks.
pub fn is_local_chain(slot_ms: u64) -> bool {
    slot_ms < PUBLIC_SLOT_MS
}

/// Whether an address belongs to the public internet. IPv4 addresses in IPv6 are checked as IPv4 addresses.
pub fn is_public(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

/// A name that has only addresses that may not be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the name leads to {0}, which may not be reached")]
pub struct Unreachable(pub IpAddr);

/// The addresses of a name that may be reached. A name without any address has none of either.
pub fn reachable(found: &[IpAddr], reaches: fn(IpAddr) -> bool) -> Result<Vec<IpAddr>, Unreachable> {
    let open: Vec<IpAddr> = found.iter().copied().filter(|ip| reaches(*ip)).collect();
    match found.first() {
        Some(first) if open.is_empty() => Err(Unreachable(*first)),
        _ => Ok(open),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let shared = a == 100 && (64..128).contains(&b);
    let protocols = (a, b, c) == (192, 0, 0) || (a, b, c) == (192, 88, 99);
    let benchmarks = a == 198 && (18..20).contains(&b);
    let reserved = a == 0 || a >= 224;
    let inner = ip.is_private() || ip.is_loopback() || ip.is_link_local() || ip.is_documentation();
    !(inner || shared || protocols || benchmarks || reserved)
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let [a, b, c, ..] = ip.segments();
    match (a, b) {
        // Global unicast is 2000::/3. In it 2001::/23 is for protocols, and 2001:db8::/32 for documentation.
        (0x2001, 0..=0x1ff | 0xdb8) => false,
        // 6to4 and the translation prefix lead to the IPv4 address in them.
        (0x2002, _) => is_public_v4(Ipv4Addr::from((u32::from(b) << 16) | u32::from(c))),
        (0x3fff, 0..=0xfff) => false,
        (0x64, 0xff9b) => {
            let [.., high, low] = ip.segments();
            is_public_v4(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low)))
        }
        (0x2000..=0x3fff, _) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_to_the_addresses_that_may_be_reached() {
        let [inner, outer] = [[10, 0, 0, 1], [1, 1, 1, 1]].map(IpAddr::from);
        assert_eq!(reachable(&[inner, outer], is_public), Ok(vec![outer]));
        assert_eq!(reachable(&[inner], is_public), Err(Unreachable(inner)));
        assert_eq!(reachable(&[], is_public), Ok(vec![]));
    }

    #[test]
    fn addresses_of_ones_own_network_are_not_public() {
        let of = |text: &str| is_public(text.parse().unwrap());
        for inner in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.2",
            "169.254.169.254",
            "172.16.0.1",
            "192.168.1.1",
            "192.0.0.1",
            "192.0.2.1",
            "198.18.0.1",
            "203.0.113.7",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "fe80::1",
            "fd00::1",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
            "2002:7f00:1::",
            "2002:a00:1::",
            "64:ff9b::a00:1",
            "::7f00:1",
        ] {
            assert!(!of(inner), "{inner}");
        }
        for public in [
            "1.1.1.1",
            "100.63.0.1",
            "100.128.0.1",
            "172.32.0.1",
            "198.20.0.1",
            "223.255.255.255",
            "2606:4700::1111",
            "::ffff:8.8.8.8",
            "2002:808:808::",
            "64:ff9b::808:808",
        ] {
            assert!(of(public), "{public}");
        }
    }

    #[test]
    fn a_chain_slower_than_a_local_one_is_everybodys() {
        assert!(is_local_chain(250) && !is_local_chain(12_000));
    }
}
