//! Metrics of an axon: counters that only grow, and two gauges.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use myelin_wire::status::code;

macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        #[derive(Debug, Default)]
        pub(super) struct Counters { $(pub(super) $name: AtomicU64,)* }

        /// The counters at one moment.
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
        pub struct AxonMetrics { $($(#[$doc])* pub $name: u64,)* }

        impl Counters {
            pub(super) fn snapshot(&self) -> AxonMetrics {
                AxonMetrics { $($name: self.$name.load(Relaxed),)* }
            }
        }

        impl AxonMetrics {
            /// Names and values, for exporters.
            pub fn fields(&self) -> impl Iterator<Item = (&'static str, u64)> {
                [$((stringify!($name), self.$name),)*].into_iter()
            }
        }
    };
}

counters! {
    /// Connections accepted.
    connections,
    /// Connections closed at once because a limit was reached.
    connections_refused,
    /// Connections of strangers closed to make room for a newcomer.
    connections_displaced,
    /// Connections that ended with an error: broken HTTP, slow headers, stalled readers, disconnects.
    connections_failed,
    /// Connections open now.
    connections_open,
    /// Requests received.
    requests,
    /// Requests in a handler now.
    handling,
    /// Answered with 200.
    success,
    /// Refused: unreadable (400).
    bad_request,
    /// Refused: not verified (401).
    not_verified,
    /// Refused by the gate (403).
    forbidden,
    /// Refused: no such synapse (404).
    not_found,
    /// Too late (408).
    timed_out,
    /// Refused: body too large (413).
    too_large,
    /// Failed in the handler or tampered with (500).
    failed,
    /// Refused: all slots taken (503).
    busy,
    /// Any other status.
    other,
    /// Refused: the sender has used up its quota (503).
    over_quota,
    /// Answers signed.
    signed,
    /// Answers that were not signed because the challenge had been answered differently before.
    unsigned_repeats,
    /// Bytes of request bodies read.
    bytes_in,
    /// Bytes of whole answers.
    bytes_out,
}

impl Counters {
    pub(super) fn count_status(&self, status: u16) {
        let counter = match status {
            code::SUCCESS => &self.success,
            code::BAD_REQUEST => &self.bad_request,
            code::NOT_VERIFIED => &self.not_verified,
            code::FORBIDDEN => &self.forbidden,
            code::NOT_FOUND => &self.not_found,
            code::TIMEOUT => &self.timed_out,
            code::TOO_LARGE => &self.too_large,
            code::INTERNAL => &self.failed,
            code::UNAVAILABLE => &self.busy,
            _ => &self.other,
        };
        add(counter, 1);
    }
}

pub(super) fn add(counter: &AtomicU64, amount: u64) {
    counter.fetch_add(amount, Relaxed);
}

/// Counts up now and down when dropped.
pub(super) struct Gauge<'a>(&'a AtomicU64);

impl<'a> Gauge<'a> {
    pub(super) fn new(gauge: &'a AtomicU64) -> Self {
        gauge.fetch_add(1, Relaxed);
        Self(gauge)
    }
}

impl Drop for Gauge<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}
