//! Verification of senders: keys, nonces, replays.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use myelin_wire::{
    btauth::{AuthError, AuthHead, ReplayStore, SignedRequest},
    nonce::{NonceLimits, NonceWindow, Rights},
    sr25519::PublicKey,
    v10::{RequestHead, VerifyError},
    AccountId,
};

/// Decoded keys that are kept; decoding a point costs a tenth of a verification.
const MAX_CACHED_KEYS: usize = 4_096;
/// Requests of `btauth/1` remembered within its 12 seconds: those of strangers in all, and those of each sender.
const MAX_REPLAYS: usize = 65_536;
const MAX_REPLAYS_PER_HOTKEY: usize = 65_536;

/// Memory of an axon about its senders. Every lock is held for a map operation only.
pub(super) struct Identities {
    own_address: String,
    nonces: Mutex<NonceWindow>,
    replays: Mutex<ReplayStore>,
    keys: Mutex<HashMap<AccountId, PublicKey>>,
}

impl Identities {
    pub(super) fn new(own_address: String, limits: NonceLimits) -> Self {
        Self {
            own_address,
            nonces: Mutex::new(NonceWindow::new(limits)),
            replays: Mutex::new(ReplayStore::new(MAX_REPLAYS, MAX_REPLAYS_PER_HOTKEY)),
            keys: Mutex::default(),
        }
    }

    pub(super) fn own_address(&self) -> &str {
        &self.own_address
    }

    /// Verifies a v10 request: nonce, then signature, then the nonce is used up.
    pub(super) fn verify_v10(
        &self,
        head: &RequestHead<'_>,
        hotkey: AccountId,
        rights: Rights,
        now_ns: u64,
    ) -> Result<(), VerifyError> {
        let known = self.key(&hotkey);
        let key = match known {
            Some(key) => key,
            None => PublicKey::new(&hotkey).map_err(VerifyError::Key)?,
        };
        let (stream, nonce) = head.stream(hotkey)?;
        // The cheap check first: replays cost no curve arithmetic.
        lock(&self.nonces).check(&stream, nonce, head.timeout_ns, now_ns).map_err(VerifyError::Nonce)?;
        head.verify_signature(&key, &self.own_address)?;
        let accepted = lock(&self.nonces).accept(stream, rights, nonce, head.timeout_ns, now_ns);
        accepted.map_err(VerifyError::Nonce)?;
        if known.is_none() {
            self.remember_key(hotkey, key);
        }
        Ok(())
    }

    /// Verifies a `btauth/1` request whose receiver and age were checked: signature, then replay.
    pub(super) fn verify_btauth(
        &self,
        head: &AuthHead<'_>,
        request: &SignedRequest<'_>,
        rights: Rights,
        now_ns: u64,
    ) -> Result<(), AuthError> {
        head.verify(request)?;
        lock(&self.replays).accept(head.sender, rights, head.nonce, now_ns)
    }

    fn key(&self, hotkey: &AccountId) -> Option<PublicKey> {
        lock(&self.keys).get(hotkey).copied()
    }

    /// Only keys that verified something are kept, so strangers cannot fill the cache.
    fn remember_key(&self, hotkey: AccountId, key: PublicKey) {
        let mut keys = lock(&self.keys);
        if keys.len() >= MAX_CACHED_KEYS {
            keys.clear();
        }
        keys.insert(hotkey, key);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
