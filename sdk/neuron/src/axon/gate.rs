//! Who may ask, and who is served first.

use std::{
    collections::HashSet,
    net::SocketAddr,
    sync::{Arc, PoisonError, RwLock},
};

use myelin_wire::AccountId;

/// Who sends a request. The hotkey is only claimed until the signature was verified; a gate sees it before.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The sender's hotkey.
    pub hotkey: AccountId,
    /// Where the connection comes from.
    pub remote: SocketAddr,
    /// How the request is signed.
    pub protocol: Protocol,
}

/// How a request is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// The official headers `bt_header_dendrite_*`, with the sender's protocol version if it tells.
    V10 {
        /// Version as one integer, such as 10005000.
        version: Option<u32>,
    },
    /// `btauth/1`.
    BtAuth,
}

/// A gate's decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admission {
    /// The request goes on.
    Admitted,
    /// Status 403 with this reason.
    Refused(String),
}

/// Decides who may ask. Called for every request before its signature is verified, so it must be quick and must
/// not wait; it looks things up that somebody else keeps current.
pub trait Gate: Send + Sync + 'static {
    /// May `caller` send `synapse`?
    fn admit(&self, caller: &Caller, synapse: &str) -> Admission;
}

/// Orders requests that wait for a free slot: higher numbers first, equal numbers by arrival.
pub trait Priority: Send + Sync + 'static {
    /// The priority of a verified caller, for example its stake.
    fn priority(&self, caller: &Caller, synapse: &str) -> u64;
}

/// Admits everybody whose signature holds. For tests and public services.
#[derive(Debug, Clone, Copy, Default)]
pub struct OpenToAll;

impl Gate for OpenToAll {
    fn admit(&self, _: &Caller, _: &str) -> Admission {
        Admission::Admitted
    }
}

/// Serves in the order of arrival.
#[derive(Debug, Clone, Copy, Default)]
pub struct FirstComeFirstServed;

impl Priority for FirstComeFirstServed {
    fn priority(&self, _: &Caller, _: &str) -> u64 {
        0
    }
}

/// Admits listed hotkeys, such as the validators with a permit. The list is replaced as a whole while serving.
#[derive(Debug, Clone)]
pub struct AllowList {
    hotkeys: Arc<RwLock<HashSet<AccountId>>>,
    reason: Arc<str>,
}

impl AllowList {
    /// An empty list; `reason` tells a refused caller what it lacks, for example "no validator permit".
    pub fn new(reason: &str) -> Self {
        Self { hotkeys: Arc::default(), reason: reason.into() }
    }

    /// Replaces the list for all clones of this gate.
    pub fn replace(&self, hotkeys: impl IntoIterator<Item = AccountId>) {
        let hotkeys = hotkeys.into_iter().collect();
        *self.hotkeys.write().unwrap_or_else(PoisonError::into_inner) = hotkeys;
    }

    /// Whether a hotkey is listed.
    pub fn contains(&self, hotkey: &AccountId) -> bool {
        self.hotkeys.read().unwrap_or_else(PoisonError::into_inner).contains(hotkey)
    }
}

impl Gate for AllowList {
    fn admit(&self, caller: &Caller, _: &str) -> Admission {
        if self.contains(&caller.hotkey) {
            Admission::Admitted
        } else {
            Admission::Refused(self.reason.to_string())
        }
    }
}
