//! Memory of signed answers: an honest miner never signs two answers to one challenge.
//!
//! A validator may repeat a question after a lost connection, and a sampling model answers differently the second
//! time. Two signed answers would look like [equivocation](myelin_wire::equivocation), so the second goes out
//! unsigned.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use myelin_wire::{answer::AnswerClaim, hash::Hash, AccountId};

/// Remembers which answer was signed for which challenge.
pub trait AnswerLedger: Send + Sync + 'static {
    /// Whether a claim may be signed; if so its answer is remembered for its challenge before this returns. Must be
    /// quick.
    fn may_sign(&self, claim: &AnswerClaim) -> bool;
}

/// A ledger in memory: bounded, forgets the oldest entries after a while, does not survive a restart.
///
/// When it is full of young entries it refuses to sign rather than forget.
pub struct MemoryLedger {
    capacity: usize,
    retention: Duration,
    state: Mutex<State>,
}

type Key = (AccountId, [u8; 32]);

#[derive(Default)]
struct State {
    signed: HashMap<Key, Hash>,
    order: VecDeque<(Instant, Key)>,
}

impl MemoryLedger {
    /// A ledger for `capacity` answers that may forget an answer after `retention`.
    pub fn new(capacity: usize, retention: Duration) -> Self {
        Self { capacity, retention, state: Mutex::default() }
    }
}

impl Default for MemoryLedger {
    /// A million answers, about 200 MB when full, forgotten after one hour at the earliest.
    fn default() -> Self {
        Self::new(1_000_000, Duration::from_secs(3_600))
    }
}

impl AnswerLedger for MemoryLedger {
    fn may_sign(&self, claim: &AnswerClaim) -> bool {
        self.may_sign_at(Instant::now(), &claim.validator, &claim.challenge_id, &claim.answer_hash)
    }
}

impl MemoryLedger {
    fn may_sign_at(
        &self,
        now: Instant,
        validator: &AccountId,
        challenge_id: &[u8; 32],
        answer: &Hash,
    ) -> bool {
        let key = (*validator, *challenge_id);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(signed) = state.signed.get(&key) {
            return signed == answer;
        }
        if state.order.len() >= self.capacity {
            match state.order.front() {
                Some((since, oldest)) if now.duration_since(*since) >= self.retention => {
                    let oldest = *oldest;
                    state.signed.remove(&oldest);
                    state.order.pop_front();
                }
                _ => return false,
            }
        }
        state.signed.insert(key, *answer);
        state.order.push_back((now, key));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_challenge_gets_one_signed_answer() {
        let ledger = MemoryLedger::new(2, Duration::from_secs(60));
        let start = Instant::now();
        let may_sign = |seconds, validator, challenge, answer| {
            let now = start + Duration::from_secs(seconds);
            ledger.may_sign_at(now, &[validator; 32], &[challenge; 32], &[answer; 32])
        };
        assert!(may_sign(0, 1, 7, 1));
        assert!(may_sign(1, 1, 7, 1), "the same answer again");
        assert!(!may_sign(1, 1, 7, 2));
        assert!(may_sign(2, 2, 7, 2), "challenge ids belong to their validator");
        assert!(!may_sign(3, 3, 7, 2), "full of young entries");
        assert!(may_sign(60, 3, 7, 2), "the oldest entry is forgotten");
        assert!(!may_sign(60, 2, 7, 9), "the second oldest is still remembered");
    }
}
