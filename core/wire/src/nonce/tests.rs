use super::*;
use alloc::{format, string::ToString, vec::Vec};
use proptest::prelude::*;

const SECOND: u64 = 1_000_000_000;
const NOW: u64 = 1_800_000_000 * SECOND;
/// Time for which a stream is remembered after its last request, with the usual limits.
const RETENTION: u64 = 124 * SECOND;

fn window() -> NonceWindow {
    NonceWindow::new(NonceLimits::default())
}

fn stream(hotkey: u8, uuid: &str) -> StreamId {
    StreamId::new([hotkey; 32], uuid)
}

impl NonceWindow {
    fn stranger(&mut self, id: StreamId, nonce: u64, timeout_ns: u64, now_ns: u64) -> Result<(), NonceError> {
        self.accept(id, Rights::Stranger, nonce, timeout_ns, now_ns)
    }

    fn holder(&mut self, id: StreamId, nonce: u64, now_ns: u64) -> Result<(), NonceError> {
        self.accept(id, Rights::Holder, nonce, 0, now_ns)
    }

    fn assert_counts(&self) {
        assert_eq!(self.per_hotkey.values().sum::<usize>(), self.streams.len());
        assert_eq!(
            self.streams.values().filter(|stream| stream.rights == Rights::Holder).count(),
            self.holders
        );
        assert_eq!(self.due.len(), self.streams.len());
    }
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
fn later_nonces_must_grow_strictly_and_may_be_old_or_a_minute_ahead() {
    let mut w = window();
    let s = stream(1, "a");
    assert_eq!(w.stranger(s, NOW, 0, NOW), Ok(()));
    assert_eq!(w.stranger(s, NOW, 0, NOW), Err(NonceError::Replayed));
    assert_eq!(w.stranger(s, NOW - 1, 0, NOW), Err(NonceError::Replayed));
    assert_eq!(w.stranger(s, NOW + 1, 0, NOW + 30 * SECOND), Ok(()));
    assert_eq!(w.stranger(s, NOW + 91 * SECOND, 0, NOW + 31 * SECOND), Ok(()));
}

#[test]
fn a_nonce_more_than_a_minute_ahead_is_refused_at_first_sight_and_later() {
    let mut w = window();
    let (known, new) = (stream(1, "a"), stream(1, "b"));
    assert_eq!(w.stranger(known, NOW + 60 * SECOND, 0, NOW), Ok(()));
    for ahead in [60 * SECOND + 1, u64::MAX - NOW] {
        let refused = Err(NonceError::TooFarAhead { ahead_ns: ahead, allowed_ns: 60 * SECOND });
        assert_eq!(w.stranger(new, NOW + ahead, 0, NOW), refused);
        assert_eq!(w.stranger(known, NOW + ahead, 0, NOW), refused);
    }
    assert_eq!(w.streams(), 1);
}

#[test]
fn streams_of_other_dendrites_and_hotkeys_are_independent() {
    let mut w = window();
    assert_eq!(w.stranger(stream(1, "a"), NOW, 0, NOW), Ok(()));
    assert_eq!(w.stranger(stream(1, "b"), NOW - 1, 0, NOW), Ok(()));
    assert_eq!(w.stranger(stream(2, "a"), NOW - 2, 0, NOW), Ok(()));
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
        assert_eq!(w.stranger(stream(1, &format!("{n}")), NOW, 0, NOW), Ok(()));
    }
    assert_eq!(w.stranger(stream(1, "x"), NOW, 0, NOW), Err(NonceError::TooManyStreams));
    for n in 2..5 {
        assert_eq!(w.stranger(stream(n, "a"), NOW, 0, NOW), Ok(()));
    }
    assert_eq!(w.stranger(stream(9, "a"), NOW, 0, NOW), Err(NonceError::Full));
    // A stream that is known goes on.
    assert_eq!(w.stranger(stream(1, "0"), NOW + 1, 0, NOW + 1), Ok(()));
    // When the old streams have become too old for a first sight, there is room again.
    let later = NOW + RETENTION;
    assert_eq!(w.stranger(stream(9, "a"), later, 0, later), Ok(()));
    assert_eq!(w.streams(), 2, "the one that went on is younger");
    w.assert_counts();
}

/// The attack that switched an axon off for good: a full window of nonces from the future.
#[test]
fn a_window_full_of_strangers_serves_holders_and_recovers() {
    let mut w = window();
    for n in 0..65_536u32 {
        let key = StreamId::new([(n / 1_024) as u8; 32], &format!("{n}"));
        assert!(w.stranger(key, u64::MAX, 0, NOW).is_err(), "a nonce of the far future");
        let _ = w.stranger(key, NOW + 60 * SECOND, 0, NOW);
    }
    assert_eq!(w.streams(), NonceLimits::default().max_streams);
    assert_eq!(w.stranger(stream(200, "new"), NOW, 0, NOW), Err(NonceError::Full));
    assert_eq!(w.holder(stream(200, "new"), NOW, NOW), Ok(()));
    let later = NOW + RETENTION;
    assert_eq!(
        w.stranger(stream(201, "new"), later, 0, later),
        Ok(()),
        "a stranger once the others are over"
    );
    w.assert_counts();
}

#[test]
fn a_stream_is_forgotten_when_its_nonce_could_not_pass_at_first_sight() {
    let limits = NonceLimits { max_streams: 1, ..NonceLimits::default() };
    for (waited, outcome) in [(RETENTION, Ok(())), (RETENTION - 1, Err(NonceError::Full))] {
        let mut w = NonceWindow::new(limits);
        assert_eq!(w.stranger(stream(1, "old"), NOW + 60 * SECOND, 0, NOW), Ok(()));
        let now = NOW + waited;
        assert_eq!(w.stranger(stream(3, "x"), now, 0, now), outcome, "after {waited} ns");
        let replayed = w.check(&stream(1, "old"), NOW + 60 * SECOND, u64::MAX, now);
        assert!(replayed.is_err(), "known or forgotten, it does not pass again");
    }
}

#[test]
fn a_clock_set_back_revives_nothing_that_is_remembered() {
    let mut w = window();
    assert_eq!(w.stranger(stream(1, "a"), NOW, 0, NOW), Ok(()));
    let back = NOW - 3_600 * SECOND;
    assert_eq!(w.stranger(stream(1, "a"), back, 0, back), Err(NonceError::Replayed));
    assert_eq!(w.stranger(stream(1, "b"), back, 0, back), Ok(()));
    w.assert_counts();
}

proptest! {
    /// For any arrivals in any order: no (stream, nonce) is accepted twice and memory stays bounded.
    #[test]
    fn nothing_is_accepted_twice(
        events in proptest::collection::vec((0u8..4, 0u8..4, 0u64..300, 0u64..90, 0u64..90), 1..300),
    ) {
        let limits = NonceLimits {
            max_streams: 6, max_holder_streams: 3, max_streams_per_hotkey: 3, ..NonceLimits::default()
        };
        let mut w = NonceWindow::new(limits);
        let mut accepted = Vec::new();
        let mut now = NOW;
        for (hotkey, uuid, nonce, timeout, step) in events {
            now += step * SECOND / 4;
            let s = stream(hotkey, &format!("{uuid}"));
            let nonce = NOW + nonce * SECOND / 2;
            let rights = if hotkey == 3 { Rights::Holder } else { Rights::Stranger };
            if w.accept(s, rights, nonce, timeout * SECOND, now).is_ok() {
                prop_assert!(!accepted.contains(&(s, nonce)));
                accepted.push((s, nonce));
            }
            prop_assert!(w.streams() <= 9);
            w.assert_counts();
        }
    }

    /// For any requests of strangers at any time, a validator's next honest request passes, on each of its lanes.
    #[test]
    fn strangers_never_lose_a_validator_its_stream(
        events in proptest::collection::vec((0u8..40, 0u16..40, any::<u64>(), 0u64..200, 0u64..400, any::<bool>()), 1..400),
    ) {
        let limits = NonceLimits {
            max_streams: 12, max_holder_streams: 8, max_streams_per_hotkey: 4, ..NonceLimits::default()
        };
        let mut w = NonceWindow::new(limits);
        let mut now = NOW;
        for (hotkey, uuid, nonce, near, step, wild) in events {
            now += step * SECOND / 8;
            let nonce = if wild { nonce } else { now - 80 * SECOND + near * SECOND };
            let _ = w.stranger(stream(hotkey, &format!("{uuid}")), nonce, nonce, now);
            // Two validators with four lanes each, whose clocks are right.
            for (validator, lane) in (100..102).flat_map(|validator| (0..4).map(move |lane| (validator, lane))) {
                now += 1;
                prop_assert_eq!(w.holder(stream(validator, &format!("{lane}")), now, now), Ok(()));
            }
        }
        w.assert_counts();
    }
}
