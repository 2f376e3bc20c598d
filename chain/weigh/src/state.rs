//! State in memory that counts reads and writes of keys, and can be set back to the first state.
//!
//! Every key counts once, however often it is used, as it is cached from then on; keys that every block uses anyway are
//! on a list of exceptions that the benchmark writes.

use std::{
    cell::RefCell,
    collections::{HashMap, HashSet},
};

use sp_runtime::{traits::BlakeTwo256, StateVersion};
use sp_state_machine::{
    Backend, BackendTransaction, ChildStorageCollection, InMemoryBackend, IterArgs, StateMachineStats,
    StorageCollection, StorageIterator, StorageKey, StorageValue, UsageInfo,
};
use sp_storage::{ChildInfo, Storage, TrackedStorageKey};
use sp_trie::{MerkleValue, PrefixedMemoryDB};

type Hasher = BlakeTwo256;
type Hash = sp_core::H256;
type Inner = InMemoryBackend<Hasher>;
type InnerIter = <Inner as Backend<Hasher>>::RawIter;

/// Whether a key was read and whether it was written.
#[derive(Clone, Copy, Default)]
struct Use {
    read: bool,
    written: bool,
}

/// The state.
pub struct State {
    first: Inner,
    now: RefCell<Inner>,
    used: RefCell<HashMap<Vec<u8>, Use>>,
    exceptions: RefCell<Vec<TrackedStorageKey>>,
}

impl State {
    /// A state that begins as this one.
    pub fn new(first: Storage) -> Self {
        let first = Inner::from((first, StateVersion::V1));
        let now = RefCell::new(first.clone());
        Self { first, now, used: RefCell::default(), exceptions: RefCell::default() }
    }

    fn note_read(&self, key: &[u8]) {
        self.used.borrow_mut().entry(key.to_vec()).or_default().read = true;
    }

    fn read<R>(&self, key: &[u8], read: impl FnOnce(&Inner) -> R) -> R {
        self.note_read(key);
        read(&self.now.borrow())
    }
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("State")
    }
}

/// Goes through the keys of a [`State`].
#[derive(Default)]
pub struct Keys(InnerIter);

impl StorageIterator<Hasher> for Keys {
    type Backend = State;
    type Error = <Inner as Backend<Hasher>>::Error;

    fn next_key(&mut self, state: &State) -> Option<Result<StorageKey, Self::Error>> {
        let key = self.0.next_key(&state.now.borrow());
        if let Some(Ok(key)) = &key {
            state.note_read(key);
        }
        key
    }

    fn next_pair(&mut self, state: &State) -> Option<Result<(StorageKey, StorageValue), Self::Error>> {
        let pair = self.0.next_pair(&state.now.borrow());
        if let Some(Ok((key, _))) = &pair {
            state.note_read(key);
        }
        pair
    }

    fn was_complete(&self) -> bool {
        self.0.was_complete()
    }
}

impl Backend<Hasher> for State {
    type Error = <Inner as Backend<Hasher>>::Error;
    type TrieBackendStorage = <Inner as Backend<Hasher>>::TrieBackendStorage;
    type RawIter = Keys;

    fn storage(&self, key: &[u8]) -> Result<Option<StorageValue>, Self::Error> {
        self.read(key, |state| state.storage(key))
    }

    fn storage_hash(&self, key: &[u8]) -> Result<Option<Hash>, Self::Error> {
        self.read(key, |state| state.storage_hash(key))
    }

    fn closest_merkle_value(&self, key: &[u8]) -> Result<Option<MerkleValue<Hash>>, Self::Error> {
        self.read(key, |state| state.closest_merkle_value(key))
    }

    fn child_closest_merkle_value(
        &self,
        child: &ChildInfo,
        key: &[u8],
    ) -> Result<Option<MerkleValue<Hash>>, Self::Error> {
        self.read(key, |state| state.child_closest_merkle_value(child, key))
    }

    fn child_storage(&self, child: &ChildInfo, key: &[u8]) -> Result<Option<StorageValue>, Self::Error> {
        self.read(key, |state| state.child_storage(child, key))
    }

    fn child_storage_hash(&self, child: &ChildInfo, key: &[u8]) -> Result<Option<Hash>, Self::Error> {
        self.read(key, |state| state.child_storage_hash(child, key))
    }

    fn next_storage_key(&self, key: &[u8]) -> Result<Option<StorageKey>, Self::Error> {
        self.read(key, |state| state.next_storage_key(key))
    }

    fn next_child_storage_key(
        &self,
        child: &ChildInfo,
        key: &[u8],
    ) -> Result<Option<StorageKey>, Self::Error> {
        self.read(key, |state| state.next_child_storage_key(child, key))
    }

    fn storage_root<'a>(
        &self,
        delta: impl Iterator<Item = (&'a [u8], Option<&'a [u8]>)>,
        version: StateVersion,
    ) -> (Hash, BackendTransaction<Hasher>) {
        self.now.borrow().storage_root(delta, version)
    }

    fn child_storage_root<'a>(
        &self,
        child: &ChildInfo,
        delta: impl Iterator<Item = (&'a [u8], Option<&'a [u8]>)>,
        version: StateVersion,
    ) -> (Hash, bool, BackendTransaction<Hasher>) {
        self.now.borrow().child_storage_root(child, delta, version)
    }

    fn raw_iter(&self, args: IterArgs) -> Result<Keys, Self::Error> {
        self.now.borrow().raw_iter(args).map(Keys)
    }

    fn register_overlay_stats(&self, _: &StateMachineStats) {}

    fn usage_info(&self) -> UsageInfo {
        UsageInfo::empty()
    }

    fn wipe(&self) -> Result<(), Self::Error> {
        *self.now.borrow_mut() = self.first.clone();
        self.used.borrow_mut().clear();
        Ok(())
    }

    fn commit(
        &self,
        root: Hash,
        changes: PrefixedMemoryDB<Hasher>,
        written: StorageCollection,
        _: ChildStorageCollection,
    ) -> Result<(), Self::Error> {
        self.now.borrow_mut().apply_transaction(root, changes);
        let mut used = self.used.borrow_mut();
        for (key, _) in written {
            used.entry(key).or_default().written = true;
        }
        Ok(())
    }

    /// Keys read, further reads, keys written, further writes; further ones cost nothing and are not counted.
    fn read_write_count(&self) -> (u32, u32, u32, u32) {
        let exceptions = self.exceptions.borrow();
        let excepted: HashSet<&[u8]> = exceptions.iter().map(|exception| exception.key.as_slice()).collect();
        let (mut reads, mut writes) = (0, 0);
        for (key, used) in self.used.borrow().iter() {
            if !excepted.contains(key.as_slice()) {
                reads += u32::from(used.read);
                writes += u32::from(used.written);
            }
        }
        (reads, 0, writes, 0)
    }

    fn reset_read_write_count(&self) {
        self.used.borrow_mut().clear();
    }

    fn get_whitelist(&self) -> Vec<TrackedStorageKey> {
        self.exceptions.borrow().clone()
    }

    fn set_whitelist(&self, exceptions: Vec<TrackedStorageKey>) {
        *self.exceptions.borrow_mut() = exceptions;
    }

    fn proof_size(&self) -> Option<u32> {
        None
    }

    fn get_read_and_written_keys(&self) -> Vec<(Vec<u8>, u32, u32, bool)> {
        Vec::new()
    }
}
