//! Freshness of nonces: replay protection of the v10 protocol in bounded memory.
//!
//! A nonce is the sender's clock in Unix nanoseconds. The rule per stream, that is per (hotkey, dendrite uuid):
//!
//! - the first nonce of a stream must be younger than 4 seconds plus the request's own timeout;
//! - every further nonce must be strictly greater than the last accepted one;
//! - no nonce may be more than [`NonceLimits::max_ahead_ns`] ahead of our clock.
//!
//! Five things differ from the official axon, each because neither `timeout` nor `version` is covered by the
//! signature and because memory must end somewhere:
//!
//! - the timeout counts up to [`NonceLimits::max_timeout_ns`] only: otherwise a replayed request could be made fresh by
//!   writing a longer timeout into it;
//! - the first-sight rule holds for every client version, else writing an old version would switch it off;
//! - a nonce far ahead is refused, else its stream could never be forgotten;
//! - a stream is forgotten [`NonceLimits::retention_ns`] after its last request came. Its last nonce is then too old
//!   for a first sight, so that forgetting it cannot revive a replay;
//! - streams are limited per hotkey and in all, and those of strangers apart from those of [holders](Rights::Holder):
//!   whatever strangers send, a holder finds room.

use alloc::collections::{BTreeMap, BTreeSet};

use crate::{hash::blake2_256, AccountId};

/// Age that a first nonce may always have: 4 seconds in nanoseconds.
pub const ALLOWED_DELTA_NS: u64 = 4_000_000_000;

/// Streams that one call may forget or look at again. A call remembers at most one, so what is over never piles up.
const FORGOTTEN_AT_ONCE: usize = 16;

/// Limits of a [`NonceWindow`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NonceLimits {
    /// Streams of strangers remembered in all.
    pub max_streams: usize,
    /// Streams of holders remembered in all; room for every holder's own limit means that none can take another's.
    pub max_holder_streams: usize,
    /// Streams remembered per hotkey.
    pub max_streams_per_hotkey: usize,
    /// Longest request timeout that extends the first-sight window, in nanoseconds.
    pub max_timeout_ns: u64,
    /// Most that a nonce may be ahead of our clock, in nanoseconds.
    pub max_ahead_ns: u64,
}

impl Default for NonceLimits {
    /// 16,384 streams of strangers, 262,144 of holders (256 hotkeys), 1,024 per hotkey, timeouts up to 60 seconds,
    /// clocks up to 60 seconds ahead.
    fn default() -> Self {
        Self {
            max_streams: 16_384,
            max_holder_streams: 262_144,
            max_streams_per_hotkey: 1_024,
            max_timeout_ns: 60_000_000_000,
            max_ahead_ns: 60_000_000_000,
        }
    }
}

impl NonceLimits {
    /// Time after which the nonce of a request, however far ahead it was, cannot pass at first sight any more.
    pub fn retention_ns(&self) -> u64 {
        ALLOWED_DELTA_NS.saturating_add(self.max_timeout_ns).saturating_add(self.max_ahead_ns)
    }
}

/// Whether room is kept for a sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rights {
    /// Room is kept: a validator that this miner serves.
    Holder,
    /// No room is kept: anybody can make any number of such keys.
    Stranger,
}

/// Reasons to refuse a nonce.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NonceError {
    /// First sight of the stream, and older than the window.
    #[error(
        "Nonce is too old: acceptable delta is {}.{:02} seconds but request was {}.{:02} seconds old",
        allowed_ns / 1_000_000_000, allowed_ns / 10_000_000 % 100, age_ns / 1_000_000_000, age_ns / 10_000_000 % 100
    )]
    TooOld {
        /// Age of the nonce by our clock.
        age_ns: u64,
        /// Largest acceptable age.
        allowed_ns: u64,
    },
    /// Further ahead of our clock than clocks may differ.
    #[error(
        "Nonce is {} seconds ahead of this clock, accepted are {}; set the sender's clock",
        ahead_ns / 1_000_000_000, allowed_ns / 1_000_000_000
    )]
    TooFarAhead {
        /// Time ahead of our clock.
        ahead_ns: u64,
        /// Largest acceptable time ahead.
        allowed_ns: u64,
    },
    /// Not greater than the last accepted nonce of the stream.
    #[error("Nonce is too old, a newer one was last processed")]
    Replayed,
    /// The hotkey opened more streams than it may.
    #[error("too many dendrites of this hotkey are active; reuse one or wait two minutes")]
    TooManyStreams,
    /// The part of the window for such senders is full.
    #[error("too many dendrites are active; try again in two minutes")]
    Full,
}

/// Identity of a stream: hotkey and digest of the dendrite's uuid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct StreamId {
    hotkey: AccountId,
    uuid: [u8; 16],
}

impl StreamId {
    /// The stream of a dendrite; `uuid` may be any text.
    pub fn new(hotkey: AccountId, uuid: &str) -> Self {
        let mut short = [0u8; 16];
        short.copy_from_slice(&blake2_256(uuid.as_bytes())[..16]);
        Self { hotkey, uuid: short }
    }
}

/// State remembered of a stream.
#[derive(Debug, Clone, Copy)]
struct Stream {
    last: u64,
    /// Our clock at the arrival of the last nonce.
    received_ns: u64,
    /// Rights that the sender had when the stream began.
    rights: Rights,
}

/// The last accepted nonce of every live stream.
#[derive(Debug, Clone)]
pub struct NonceWindow {
    limits: NonceLimits,
    streams: BTreeMap<StreamId, Stream>,
    per_hotkey: BTreeMap<AccountId, usize>,
    holders: usize,
    /// Time of the next check of each stream, when it may be forgotten.
    due: BTreeSet<(u64, StreamId)>,
}

impl NonceWindow {
    /// An empty window.
    pub fn new(limits: NonceLimits) -> Self {
        Self {
            limits,
            streams: BTreeMap::new(),
            per_hotkey: BTreeMap::new(),
            holders: 0,
            due: BTreeSet::new(),
        }
    }

    /// Number of streams remembered.
    pub fn streams(&self) -> usize {
        self.streams.len()
    }

    /// Whether `nonce` would be accepted at `now_ns`, if there is room. Cheap: asked before the signature is verified.
    pub fn check(
        &self,
        stream: &StreamId,
        nonce: u64,
        timeout_ns: u64,
        now_ns: u64,
    ) -> Result<(), NonceError> {
        let (ahead_ns, age_ns) = (nonce.saturating_sub(now_ns), now_ns.saturating_sub(nonce));
        let last = self.streams.get(stream).map(|stream| stream.last);
        if last.is_some_and(|last| nonce <= last) {
            return Err(NonceError::Replayed);
        }
        if ahead_ns > self.limits.max_ahead_ns {
            return Err(NonceError::TooFarAhead { ahead_ns, allowed_ns: self.limits.max_ahead_ns });
        }
        let allowed_ns = ALLOWED_DELTA_NS.saturating_add(timeout_ns.min(self.limits.max_timeout_ns));
        if last.is_none() && age_ns >= allowed_ns {
            return Err(NonceError::TooOld { age_ns, allowed_ns });
        }
        Ok(())
    }

    /// Checks and records `nonce` of a sender with these rights. Called after the signature was verified, so that
    /// nobody can move another sender's window.
    pub fn accept(
        &mut self,
        id: StreamId,
        rights: Rights,
        nonce: u64,
        timeout_ns: u64,
        now_ns: u64,
    ) -> Result<(), NonceError> {
        self.check(&id, nonce, timeout_ns, now_ns)?;
        if let Some(stream) = self.streams.get_mut(&id) {
            // A clock that was set back must not shorten the time for which a stream is remembered.
            (stream.last, stream.received_ns) = (nonce, now_ns.max(stream.received_ns));
            return Ok(());
        }
        self.forget_stale(now_ns);
        if self.of_hotkey(&id.hotkey) >= self.limits.max_streams_per_hotkey {
            return Err(NonceError::TooManyStreams);
        }
        let (taken, room) = match rights {
            Rights::Holder => (self.holders, self.limits.max_holder_streams),
            Rights::Stranger => (self.streams.len() - self.holders, self.limits.max_streams),
        };
        if taken >= room {
            return Err(NonceError::Full);
        }
        self.holders += usize::from(rights == Rights::Holder);
        self.streams.insert(id, Stream { last: nonce, received_ns: now_ns, rights });
        self.due.insert((now_ns.saturating_add(self.limits.retention_ns()), id));
        *self.per_hotkey.entry(id.hotkey).or_insert(0) += 1;
        Ok(())
    }

    fn of_hotkey(&self, hotkey: &AccountId) -> usize {
        self.per_hotkey.get(hotkey).copied().unwrap_or(0)
    }

    /// Forgets streams whose last nonce could not pass at first sight any more, a bounded number of them.
    fn forget_stale(&mut self, now_ns: u64) {
        for _ in 0..FORGOTTEN_AT_ONCE {
            let Some(&(due_ns, id)) = self.due.first().filter(|(due_ns, _)| *due_ns <= now_ns) else {
                return;
            };
            self.due.remove(&(due_ns, id));
            let Some(stream) = self.streams.get(&id).copied() else { continue };
            let over_ns = stream.received_ns.saturating_add(self.limits.retention_ns());
            if over_ns > now_ns {
                self.due.insert((over_ns, id));
            } else {
                self.forget(&id, stream.rights);
            }
        }
    }

    fn forget(&mut self, id: &StreamId, rights: Rights) {
        self.streams.remove(id);
        self.holders -= usize::from(rights == Rights::Holder);
        if let Some(count) = self.per_hotkey.get_mut(&id.hotkey) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.per_hotkey.remove(&id.hotkey);
            }
        }
    }
}

#[cfg(test)]
mod tests;
