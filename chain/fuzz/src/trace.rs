//! Traces of a failed call: the root of the whole state, apart from the entries that every transaction changes.

use std::collections::BTreeMap;

use myelin_runtime::{AccountId, Authorship, Runtime, RuntimeCall};
use sp_core::storage::well_known_keys::EXTRINSIC_INDEX;
use sp_io::{hashing::twox_128, storage};
use sp_runtime::StateVersion;

use crate::world::{Outcome, World};

/// Raw storage.
type Entries = BTreeMap<Vec<u8>, Vec<u8>>;

/// Makes a call and takes it back. Returns its outcome, and whether the state changed. The comparison leaves out the
/// accounts of the signer and of the author, who earns the fee, and the entries that a block keeps about its
/// transactions.
pub fn attempt(world: &mut World, signer: usize, call: &RuntimeCall) -> (Outcome, bool) {
    let id = world.cast.actor(signer).id.clone();
    let (root, noted) = world.look(|| {
        storage::start_transaction();
        let noted = notes(&id);
        (storage::root(StateVersion::V1), noted)
    });
    let outcome = world.submit(signer, call);
    let changed = world.look(|| {
        notes(&id).keys().filter(|key| !noted.contains_key(*key)).for_each(|key| storage::clear(key));
        noted.iter().for_each(|(key, value)| storage::set(key, value));
        let changed = storage::root(StateVersion::V1) != root;
        storage::rollback_transaction();
        changed
    });
    (outcome, changed)
}

/// The entries that every transaction changes.
fn notes(signer: &AccountId) -> Entries {
    let accounts = frame_system::Account::<Runtime>::hashed_key_for(signer);
    let author = Authorship::author().map(frame_system::Account::<Runtime>::hashed_key_for);
    let all_accounts = &frame_system::Account::<Runtime>::hashed_key_for(signer)[..32];
    let mut entries: Entries = [&b"System"[..], b"TransactionPayment"]
        .iter()
        .flat_map(|pallet| below(&twox_128(pallet)))
        .filter(|key| !key.starts_with(all_accounts))
        .filter_map(|key| Some((key.clone(), storage::get(&key)?.to_vec())))
        .collect();
    for key in [Some(accounts), author, Some(EXTRINSIC_INDEX.to_vec())].into_iter().flatten() {
        if let Some(value) = storage::get(&key) {
            entries.insert(key, value.to_vec());
        }
    }
    entries
}

/// All keys that begin with these bytes.
pub fn below(prefix: &[u8]) -> Vec<Vec<u8>> {
    let next = |key: &Vec<u8>| storage::next_key(key).filter(|key| key.starts_with(prefix));
    std::iter::successors(next(&prefix.to_vec()), next).collect()
}
