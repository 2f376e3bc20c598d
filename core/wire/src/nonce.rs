//! Which nonces are fresh: replay protection of the v10 protocol in bounded memory.
//!
//! A nonce is the sender's clock in Unix nanoseconds. The rule per stream, that is per (hotkey, dendrite uuid):
//!
//! - the first nonce of a stream must be younger than 4 seconds plus the request's own timeout;
//! - every further nonce must be strictly greater than the last accepted one;
//! - a nonce ahead of our clock passes.
//!
//! Three things differ from the official axon, each because neither `timeout` nor `version` is covered by the
//! signature and because memory must end somewhere:
//!
//! - the timeout counts up to [`NonceLimits::max_timeout_ns`] only, else whoever replays a captured request could
//!   make it fresh by writing a longer timeout into it;
//! - the first-sight rule holds for every client version, else writing an old version would switch it off;
//! - a stream is forgotten once its last nonce is too old to be accepted at first sight (forgetting it can then not
//!   revive a replay), and streams are limited in number, per hotkey and in all.

use alloc::collections::BTreeMap;

use crate::{hash::blake2_256, AccountId};

/// Age that a first nonce may always have: 4 seconds in nanoseconds.
pub const ALLOWED_DELTA_NS: u64 = 4_000_000_000;

/// Limits of a [`NonceWindow`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NonceLimits {
    /// Streams remembered in all.
    pub max_streams: usize,
    /// Streams remembered per hotkey.
    pub max_streams_per_hotkey: usize,
    /// Longest request timeout that extends the first-sight window, in nanoseconds.
    pub max_timeout_ns: u64,
}

impl Default for NonceLimits {
    /// 65,536 streams, 1,024 per hotkey, timeouts up to 60 seconds.
    fn default() -> Self {
        Self { max_streams: 65_536, max_streams_per_hotkey: 1_024, max_timeout_ns: 60_000_000_000 }
    }
}

/// Why a nonce is refused.
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
    /// Not greater than the last accepted nonce of the stream.
    #[error("Nonce is too old, a newer one was last processed")]
    Replayed,
    /// The hotkey opened more streams than it may.
    #[error("too many dendrites of this hotkey are active; reuse one or wait a minute")]
    TooManyStreams,
    /// The window is full.
    #[error("too many dendrites are active; try again in a minute")]
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

/// The last accepted nonce of every live stream.
#[derive(Debug, Clone)]
pub struct NonceWindow {
    limits: NonceLimits,
    last: BTreeMap<StreamId, u64>,
    per_hotkey: BTreeMap<AccountId, usize>,
    next_sweep_ns: u64,
}

impl NonceWindow {
    /// An empty window.
    pub fn new(limits: NonceLimits) -> Self {
        Self { limits, last: BTreeMap::new(), per_hotkey: BTreeMap::new(), next_sweep_ns: 0 }
    }

    /// Number of streams remembered.
    pub fn streams(&self) -> usize {
        self.last.len()
    }

    /// Whether `nonce` would be accepted at `now_ns`. Cheap: asked before the signature is verified.
    pub fn check(
        &self,
        stream: &StreamId,
        nonce: u64,
        timeout_ns: u64,
        now_ns: u64,
    ) -> Result<(), NonceError> {
        match self.last.get(stream) {
            Some(&last) if nonce > last => Ok(()),
            Some(_) => Err(NonceError::Replayed),
            None => {
                let allowed_ns = ALLOWED_DELTA_NS.saturating_add(timeout_ns.min(self.limits.max_timeout_ns));
                let age_ns = now_ns.saturating_sub(nonce);
                if age_ns >= allowed_ns {
                    return Err(NonceError::TooOld { age_ns, allowed_ns });
                }
                Ok(())
            }
        }
    }

    /// Checks and records `nonce`. Called after the signature was verified, so that nobody can move another
    /// sender's window.
    pub fn accept(
        &mut self,
        stream: StreamId,
        nonce: u64,
        timeout_ns: u64,
        now_ns: u64,
    ) -> Result<(), NonceError> {
        self.check(&stream, nonce, timeout_ns, now_ns)?;
        if let Some(last) = self.last.get_mut(&stream) {
            *last = nonce;
            return Ok(());
        }
        let full = self.last.len() >= self.limits.max_streams
            || self.of_hotkey(&stream.hotkey) >= self.limits.max_streams_per_hotkey;
        if full || now_ns >= self.next_sweep_ns {
            self.sweep(now_ns, full);
        }
        if self.of_hotkey(&stream.hotkey) >= self.limits.max_streams_per_hotkey {
            return Err(NonceError::TooManyStreams);
        }
        if self.last.len() >= self.limits.max_streams {
            return Err(NonceError::Full);
        }
        self.last.insert(stream, nonce);
        *self.per_hotkey.entry(stream.hotkey).or_insert(0) += 1;
        Ok(())
    }

    fn of_hotkey(&self, hotkey: &AccountId) -> usize {
        self.per_hotkey.get(hotkey).copied().unwrap_or(0)
    }

    /// Forgets streams whose last nonce could not pass at first sight any more.
    ///
    /// Runs at most once per retention time, or once per second while the window is full.
    fn sweep(&mut self, now_ns: u64, full: bool) {
        const SECOND: u64 = 1_000_000_000;
        let retention = ALLOWED_DELTA_NS.saturating_add(self.limits.max_timeout_ns);
        let swept_at = self.next_sweep_ns.saturating_sub(retention);
        if full && now_ns < swept_at.saturating_add(SECOND) {
            return;
        }
        self.next_sweep_ns = now_ns.saturating_add(retention);
        let per_hotkey = &mut self.per_hotkey;
        self.last.retain(|stream, last| {
            let keep = now_ns.saturating_sub(*last) < retention;
            if !keep {
                if let Some(count) = per_hotkey.get_mut(&stream.hotkey) {
                    *count = count.saturating_sub(1);
                    if *count == 0 {
                        per_hotkey.remove(&stream.hotkey);
                    }
                }
            }
            keep
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{format, string::ToString, vec::Vec};
    use proptest::prelude::*;

    const SECOND: u64 = 1_000_000_000;
    const NOW: u64 = 1_800_000_000 * SECOND;

    fn window() -> NonceWindow {
        NonceWindow::new(NonceLimits::default())
    }

    fn stream(hotkey: u8, uuid: &str) -> StreamId {
        StreamId::new([hotkey; 32], uuid)
    }

    #[test]
    fn a_first_nonce_must_be_younger_than_four_seconds_plus_timeout() {
        let w = window();
        let s = stream(1, "a");
        assert_eq!(w.check(&s, NOW - 6 * SECOND + 1, 2 * SECOND, NOW), Ok(()));
        let refused = w.check(&s, NOW - 6 * SECOND, 2 * SECOND, NOW).unwrap_err();
        assert_eq!(refused, NonceError::TooOld { age_ns: 6 * SECOND, allowed_ns: 6 * SECOND });
        assert_eq!(
            refused.to_string(),
            "Nonce is too old: acceptable delta is 6.00 seconds but request was 6.00 seconds old"
        );
    }

    #[test]
    fn later_nonces_must_grow_strictly_but_may_be_old_or_ahead() {
        let mut w = window();
        let s = stream(1, "a");
        assert_eq!(w.accept(s, NOW, 0, NOW), Ok(()));
        assert_eq!(w.accept(s, NOW, 0, NOW), Err(NonceError::Replayed));
        assert_eq!(w.accept(s, NOW - 1, 0, NOW), Err(NonceError::Replayed));
        assert_eq!(w.accept(s, NOW + 1, 0, NOW + 30 * SECOND), Ok(()));
        assert_eq!(w.accept(s, NOW + 3_600 * SECOND, 0, NOW + 31 * SECOND), Ok(()));
    }

    #[test]
    fn streams_of_other_dendrites_and_hotkeys_are_independent() {
        let mut w = window();
        assert_eq!(w.accept(stream(1, "a"), NOW, 0, NOW), Ok(()));
        assert_eq!(w.accept(stream(1, "b"), NOW - 1, 0, NOW), Ok(()));
        assert_eq!(w.accept(stream(2, "a"), NOW - 2, 0, NOW), Ok(()));
        assert_eq!(w.streams(), 3);
    }

    #[test]
    fn a_longer_timeout_does_not_revive_a_captured_request() {
        let w = window();
        let age = 65 * SECOND;
        let refused = w.check(&stream(1, "a"), NOW - age, u64::MAX, NOW);
        assert_eq!(refused, Err(NonceError::TooOld { age_ns: age, allowed_ns: 64 * SECOND }));
    }

    #[test]
    fn one_hotkey_cannot_crowd_out_the_others() {
        let limits = NonceLimits { max_streams: 6, max_streams_per_hotkey: 3, ..NonceLimits::default() };
        let mut w = NonceWindow::new(limits);
        for n in 0..3 {
            assert_eq!(w.accept(stream(1, &format!("{n}")), NOW, 0, NOW), Ok(()));
        }
        assert_eq!(w.accept(stream(1, "x"), NOW, 0, NOW), Err(NonceError::TooManyStreams));
        for n in 2..5 {
            assert_eq!(w.accept(stream(n, "a"), NOW, 0, NOW), Ok(()));
        }
        assert_eq!(w.accept(stream(9, "a"), NOW, 0, NOW), Err(NonceError::Full));
        // A stream that is known goes on.
        assert_eq!(w.accept(stream(1, "0"), NOW + 1, 0, NOW), Ok(()));
        // When the old streams have become too old for a first sight, there is room again.
        let later = NOW + 65 * SECOND;
        assert_eq!(w.accept(stream(9, "a"), later, 0, later), Ok(()));
        assert_eq!(w.streams(), 1);
    }

    proptest! {
        /// Whatever arrives in whatever order: no (stream, nonce) is accepted twice and memory stays bounded.
        #[test]
        fn nothing_is_accepted_twice(events in proptest::collection::vec((0u8..3, 0u8..4, 0u64..200, 0u64..90, 0u64..90), 1..300)) {
            let limits = NonceLimits { max_streams: 6, max_streams_per_hotkey: 3, ..NonceLimits::default() };
            let mut w = NonceWindow::new(limits);
            let mut accepted = Vec::new();
            let mut now = NOW;
            for (hotkey, uuid, nonce, timeout, step) in events {
                now += step * SECOND / 4;
                let s = stream(hotkey, &format!("{uuid}"));
                let nonce = NOW + nonce * SECOND / 2;
                if w.accept(s, nonce, timeout * SECOND, now).is_ok() {
                    prop_assert!(!accepted.contains(&(s, nonce)));
                    accepted.push((s, nonce));
                }
                prop_assert!(w.streams() <= 6);
                prop_assert_eq!(w.per_hotkey.values().sum::<usize>(), w.streams());
            }
        }
    }

    /// A window that has two streams of hotkey 1 since `NOW`; the nonce of the old one has this age.
    fn full(age: u64, limits: NonceLimits) -> NonceWindow {
        let mut w = NonceWindow::new(limits);
        assert_eq!(w.accept(stream(1, "old"), NOW - age, 60 * SECOND, NOW), Ok(()));
        assert_eq!(w.accept(stream(1, "new"), NOW, 0, NOW), Ok(()));
        w
    }

    #[test]
    fn a_full_window_looks_for_room_once_per_second() {
        let crowded = [
            (NonceLimits { max_streams: 2, ..NonceLimits::default() }, NonceError::Full),
            (NonceLimits { max_streams_per_hotkey: 2, ..NonceLimits::default() }, NonceError::TooManyStreams),
        ];
        for (limits, refusal) in crowded {
            // The old stream can be forgotten from half a second on, which is found out after a second.
            let mut w = full(63 * SECOND + SECOND / 2, limits);
            for tenths in [4, 5, 6, 9] {
                let now = NOW + tenths * SECOND / 10;
                assert_eq!(w.accept(stream(1, "x"), now, 0, now), Err(refusal), "after {tenths} tenths");
            }
            let now = NOW + SECOND;
            assert_eq!(w.accept(stream(1, "x"), now, 0, now), Ok(()));
            assert_eq!(w.streams(), 2, "the old one is forgotten");
        }
    }

    #[test]
    fn a_stream_is_forgotten_when_its_nonce_could_not_pass_at_first_sight() {
        let limits = NonceLimits { max_streams: 2, ..NonceLimits::default() };
        for (age, outcome) in [(63 * SECOND, Ok(())), (63 * SECOND - 1, Err(NonceError::Full))] {
            let mut w = full(age, limits);
            let now = NOW + SECOND;
            assert_eq!(w.accept(stream(3, "x"), now, 0, now), outcome, "{age} ns old a second ago");
        }
    }

    #[test]
    fn a_window_with_room_is_swept_once_per_retention() {
        let mut w = full(0, NonceLimits::default());
        let sweep = 64 * SECOND;
        let now = NOW + sweep - 1;
        assert_eq!(w.accept(stream(2, "a"), now, 0, now), Ok(()));
        assert_eq!(w.streams(), 3, "not yet");
        let now = NOW + sweep;
        assert_eq!(w.accept(stream(3, "a"), now, 0, now), Ok(()));
        assert_eq!(w.streams(), 2, "those of the beginning are forgotten");
    }
}
