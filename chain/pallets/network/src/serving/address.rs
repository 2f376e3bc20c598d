//! Addresses that an endpoint may have.

use core::net::{Ipv4Addr, Ipv6Addr};

/// Whether `ip`, read as a number, may be announced; `ip_type` is 4 or 6.
///
/// Refused are 127.0.0.1 and ::1, which a listener forgot to replace by its address, the broadcast address, and numbers
/// beyond the type. Zero withdraws an endpoint. Private ranges and the rest of 127/8 serve test networks and subnets
/// behind one gateway.
pub(super) fn may_be_announced(ip: u128, ip_type: u8) -> bool {
    match ip_type {
        4 => u32::try_from(ip).is_ok_and(|ip| {
            let ip = Ipv4Addr::from(ip);
            ip != Ipv4Addr::LOCALHOST && !ip.is_broadcast()
        }),
        6 => ip != u128::MAX && Ipv6Addr::from(ip) != Ipv6Addr::LOCALHOST,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn v4(a: u8, b: u8, c: u8, d: u8) -> bool {
        may_be_announced(u128::from(u32::from(Ipv4Addr::new(a, b, c, d))), 4)
    }

    #[test]
    fn public_and_private_addresses_may_be_announced() {
        assert!(v4(8, 8, 8, 8));
        assert!(v4(10, 1, 2, 3));
        assert!(v4(127, 0, 0, 2));
        assert!(may_be_announced(u128::from(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1)), 6));
    }

    #[test]
    fn zero_withdraws_an_endpoint() {
        assert!(v4(0, 0, 0, 0));
        assert!(may_be_announced(0, 6));
    }

    #[test]
    fn addresses_that_lead_nowhere_are_refused() {
        assert!(!v4(127, 0, 0, 1));
        assert!(!v4(255, 255, 255, 255));
        assert!(!may_be_announced(1 << 32, 4));
        assert!(!may_be_announced(1, 6));
        assert!(!may_be_announced(u128::MAX, 6));
        assert!(!may_be_announced(5, 5));
    }
}
