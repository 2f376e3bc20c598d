//! A proved state, read item by item.

use std::cell::RefCell;
use std::collections::BTreeSet;

use codec::{Compact, Decode};
use myelin_economy::params::find;
use myelin_units::NetUid;
use myelin_wire::hash::Hash;
use myelin_wire::trie::{storage_key, Hasher, StateProof, TrieError};

/// Pallet of almost all items.
pub const NETWORK: &str = "SubtensorModule";

use Hasher::{Blake2_128Concat, Identity, Twox64Concat};

/// A state by its root, of which a proof shows a part.
///
/// Items that the proof does not cover count as absent, and their keys are noted.
pub struct View<'a> {
    root: Hash,
    proof: &'a StateProof,
    notes: RefCell<Notes>,
}

#[derive(Default)]
struct Notes {
    read: BTreeSet<Vec<u8>>,
    wanted: BTreeSet<Vec<u8>>,
    /// The first node or value that makes no sense.
    broken: Option<String>,
}

impl<'a> View<'a> {
    /// The state with this root.
    pub fn new(root: Hash, proof: &'a StateProof) -> Self {
        Self { root, proof, notes: RefCell::default() }
    }

    /// Keys that were read and that the proof does not cover.
    pub fn wanted(&self) -> Vec<Vec<u8>> {
        self.notes.borrow().wanted.iter().cloned().collect()
    }

    /// Whether the proof covers everything that was read so far.
    pub fn is_complete(&self) -> bool {
        self.notes.borrow().wanted.is_empty()
    }

    /// The first node or value that makes no sense.
    pub fn broken(&self) -> Option<String> {
        self.notes.borrow().broken.clone()
    }

    /// Number of different keys that were read.
    pub fn keys(&self) -> usize {
        self.notes.borrow().read.len()
    }

    /// The bytes under a key.
    pub fn bytes(&self, key: &[u8]) -> Option<Vec<u8>> {
        let mut notes = self.notes.borrow_mut();
        notes.read.insert(key.to_vec());
        match self.proof.value(&self.root, key) {
            Ok(value) => value,
            Err(TrieError::Missing(_)) => {
                notes.wanted.insert(key.to_vec());
                None
            }
            Err(error) => {
                notes.broken.get_or_insert(error.to_string());
                None
            }
        }
    }

    /// The value of an item of any pallet.
    pub fn item<V: Decode>(&self, pallet: &str, item: &str, parts: &[(Hasher, &[u8])]) -> Option<V> {
        let bytes = self.bytes(&storage_key(pallet, item, parts))?;
        match V::decode(&mut &bytes[..]) {
            Ok(value) => Some(value),
            Err(error) => {
                let what = format!("{pallet}.{item} has another form than this version knows: {error}");
                self.notes.borrow_mut().broken.get_or_insert(what);
                None
            }
        }
    }

    /// An item of the network without keys.
    pub fn network<V: Decode>(&self, item: &str) -> Option<V> {
        self.item(NETWORK, item, &[])
    }

    /// An item of a subnet, or of a mechanism by its storage index.
    pub fn of_subnet<V: Decode>(&self, item: &str, netuid: NetUid) -> Option<V> {
        let hasher = match item {
            "Yuma3On" | "LiquidAlphaOn" => Blake2_128Concat,
            "RevealPeriodEpochs" | "MechanismCountCurrent" | "MechanismEmissionSplit" => Twox64Concat,
            _ => Identity,
        };
        self.item(NETWORK, item, &[(hasher, &netuid.to_le_bytes())])
    }

    /// An item of a uid on a subnet or mechanism.
    pub fn of_uid<V: Decode>(&self, item: &str, index: u16, uid: u16) -> Option<V> {
        self.item(NETWORK, item, &[(Identity, &index.to_le_bytes()), (Identity, &uid.to_le_bytes())])
    }

    /// An item of an account.
    pub fn of_account<V: Decode>(&self, item: &str, account: &[u8; 32]) -> Option<V> {
        self.item(NETWORK, item, &[(Blake2_128Concat, account)])
    }

    /// An item of an account on a subnet.
    pub fn of_account_on<V: Decode>(&self, item: &str, account: &[u8; 32], netuid: NetUid) -> Option<V> {
        self.item(NETWORK, item, &[(Blake2_128Concat, account), (Identity, &netuid.to_le_bytes())])
    }

    /// An item of a subnet or mechanism for an account.
    pub fn of_subnet_for<V: Decode>(&self, item: &str, index: u16, account: &[u8; 32]) -> Option<V> {
        let hashers = match item {
            "WeightCommits" => (Twox64Concat, Twox64Concat),
            _ => (Identity, Blake2_128Concat),
        };
        self.item(NETWORK, item, &[(hashers.0, &index.to_le_bytes()), (hashers.1, account)])
    }

    /// A number of the parameter table, or its default.
    pub fn parameter(&self, item: &str, netuid: Option<NetUid>) -> i128 {
        let Some(row) = find(item) else { return 0 };
        let stored = match netuid {
            Some(netuid) => self.of_subnet::<Fixed>(item, netuid),
            None => self.network::<Fixed>(item),
        };
        stored.and_then(|Fixed(bytes)| row.kind.from_bytes(&bytes)).unwrap_or(row.stored())
    }

    /// Version of the runtime, by its last upgrade.
    pub fn runtime(&self) -> Option<u32> {
        self.item::<(Compact<u32>, String)>("System", "LastRuntimeUpgrade", &[]).map(|(version, _)| version.0)
    }
}

/// All bytes of a value.
struct Fixed(Vec<u8>);

impl Decode for Fixed {
    fn decode<I: codec::Input>(input: &mut I) -> Result<Self, codec::Error> {
        let length =
            input.remaining_len()?.filter(|length| *length <= 64).ok_or("no number has so many bytes")?;
        let mut bytes = vec![0; length];
        input.read(&mut bytes)?;
        Ok(Self(bytes))
    }
}
