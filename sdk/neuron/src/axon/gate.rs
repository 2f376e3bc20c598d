//! Admission of senders: the permission to ask, a sender's standing, and the order of serving.

use std::{
    collections::HashSet,
    net::SocketAddr,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use myelin_wire::{nonce::Rights, AccountId};

/// Sender of a request. The hotkey is only claimed until the signature is verified; a gate sees it before that.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The sender's hotkey; zero for requests to a [public](super::Route::public) synapse, which verifies nobody.
    pub hotkey: AccountId,
    /// Where the connection comes from.
    pub remote: SocketAddr,
    /// How the request is signed.
    pub protocol: Protocol,
}

/// How a request is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// The official headers `bt_header_dendrite_*`, with the sender's protocol version if it states one.
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

/// Standing of a sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// A validator that this axon serves: room is kept for it, and strangers cannot take any of that room.
    Validator {
        /// Weight among validators that wait: their turns are in proportion to it. For example the stake.
        priority: u64,
    },
    /// Anybody else. Keys cost nothing, so all strangers share one account.
    Stranger,
}

impl Standing {
    /// Whether room is kept for its nonces.
    pub fn rights(self) -> Rights {
        match self {
            Self::Validator { .. } => Rights::Holder,
            Self::Stranger => Rights::Stranger,
        }
    }

    /// Weight among requests that wait, 0 for strangers, who come last.
    pub fn priority(self) -> u64 {
        match self {
            Self::Validator { priority } => priority.max(1),
            Self::Stranger => 0,
        }
    }
}

/// Requests that a validator may send: `requests` at once, and as many again within every period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Requests.
    pub requests: u32,
    /// The period.
    pub per: Duration,
}

/// Decides on the admission of requests. Called for every request before its signature is verified, so it must be quick
/// and must not wait; it reads state that other tasks keep current.
pub trait Gate: Send + Sync + 'static {
    /// May `caller` send `synapse`?
    fn admit(&self, caller: &Caller, synapse: &str) -> Admission;

    /// Standing of a hotkey once its signature is verified.
    fn standing(&self, _hotkey: &AccountId) -> Standing {
        Standing::Stranger
    }

    /// How many requests each validator may send; `None` for any number.
    fn pace(&self) -> Option<Pace> {
        None
    }
}

/// Admits everybody whose signature holds, and knows no validators. For tests and public services.
#[derive(Debug, Clone, Copy, Default)]
pub struct OpenToAll;

impl Gate for OpenToAll {
    fn admit(&self, _: &Caller, _: &str) -> Admission {
        Admission::Admitted
    }
}

/// Admits listed hotkeys, all as validators of the same priority. The list is replaced as a whole while serving.
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

    fn standing(&self, hotkey: &AccountId) -> Standing {
        match self.contains(hotkey) {
            true => Standing::Validator { priority: 1 },
            false => Standing::Stranger,
        }
    }
}
