//! Ports for processes that tests start. The test programs of several packages include this file.

use std::net::TcpListener;
use std::sync::atomic::{AtomicU16, Ordering};

/// Whether nobody listens on a port of this machine, at any of its addresses.
pub fn is_free(port: u16) -> bool {
    TcpListener::bind(("0.0.0.0", port)).is_ok()
}

/// A port that is free now, below those that systems give outgoing connections.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    // Processes side by side begin at different ports.
    let start = (std::process::id() % 90) as u16 * 100;
    (0..9_000)
        .map(|_| 11_000 + start.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % 9_000)
        .find(|port| is_free(*port))
        .expect("a free port")
}
