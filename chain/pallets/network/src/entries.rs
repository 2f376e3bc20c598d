//! Entries of storage maps in long loops: keys are put together in one buffer from parts that are hashed once.
//!
//! The storage API makes every key from its parts anew, and in WASM each vector and each hash on the way is a call into
//! the node, some ten of them for one value. An epoch and its pay-out look up a dozen items for each of hundreds of
//! hotkeys; here a look-up is one call, or two. Names, hashers and encodings are those of the items' declarations,
//! which a test compares.

use core::marker::PhantomData;

use alloc::{collections::BTreeMap, vec::Vec};

use codec::{Encode, FullCodec};
use frame_support::{storage::StoragePrefixedMap, Blake2_128Concat, StorageHasher};
use myelin_units::Uid;

/// Bytes that hold most values; longer ones make their buffer grow.
const VALUE_BYTES: usize = 64;

/// Accounts with the bytes by which maps with `Blake2_128Concat` know them, each hashed once.
pub struct Accounts<A>(BTreeMap<A, Vec<u8>>);

impl<A: Ord + Clone + Encode> Accounts<A> {
    /// None yet.
    pub fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// The part of a key that names this account.
    pub fn key(&mut self, account: &A) -> &[u8] {
        self.0.entry(account.clone()).or_insert_with(|| account.using_encoded(Blake2_128Concat::hash))
    }
}

/// The entries of the map `M` with values `V`. An entry is named by all parts of its key, each hashed as the map does
/// it: `entries.at().part(a).part(b)`.
pub struct Entries<M, V> {
    key: Vec<u8>,
    value: Vec<u8>,
    map: PhantomData<(M, V)>,
}

impl<V: FullCodec, M: StoragePrefixedMap<V>> Entries<M, V> {
    /// The entries of the map.
    pub fn new() -> Self {
        Self { key: M::final_prefix().to_vec(), value: Vec::with_capacity(VALUE_BYTES), map: PhantomData }
    }

    /// Begins the name of an entry.
    pub fn at(&mut self) -> Entry<'_, V> {
        self.key.truncate(M::final_prefix().len());
        Entry { key: &mut self.key, value: &mut self.value, map: PhantomData }
    }

    /// The values of the wanted uids on a subnet or mechanism, in a map that hashes neither.
    pub fn by_uid(
        mut self,
        index: u16,
        wanted: impl Iterator<Item = bool>,
    ) -> impl Iterator<Item = Option<V>> {
        (0..Uid::MAX).zip(wanted).map(move |(uid, wanted)| match wanted {
            true => self.at().part(&index.to_le_bytes()).part(&uid.to_le_bytes()).get(),
            false => None,
        })
    }
}

/// One entry, once all parts of its key are named.
pub struct Entry<'a, V> {
    key: &'a mut Vec<u8>,
    value: &'a mut Vec<u8>,
    map: PhantomData<V>,
}

impl<V: FullCodec> Entry<'_, V> {
    /// Adds a part of the key, as the hasher of the map makes it.
    pub fn part(self, part: &[u8]) -> Self {
        self.key.extend_from_slice(part);
        self
    }

    /// The value, if there is one that can be decoded.
    pub fn get(self) -> Option<V> {
        let room = self.value.capacity().max(VALUE_BYTES);
        self.value.resize(room, 0);
        let mut length = sp_io::storage::read(self.key, self.value, 0)? as usize;
        if length > self.value.len() {
            self.value.resize(length, 0);
            length = sp_io::storage::read(self.key, self.value, 0)? as usize;
        }
        V::decode(&mut self.value.get(..length)?).ok()
    }

    /// Stores a value.
    pub fn put(self, value: &V) {
        self.value.clear();
        value.encode_to(self.value);
        sp_io::storage::set(self.key, self.value);
    }
}
