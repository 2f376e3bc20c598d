//! Typed reads of single storage items and whole maps, at any block.

use codec::Decode;
use myelin_abi::Account;
use subxt::ext::scale_value::Value;

use crate::{ChainClient, ChainError, Hash, Result};

/// Keys fetched in one request when a map is read.
const PAGE: u32 = 512;

/// One key of a storage map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// A number of any width: netuid, uid, block.
    Number(u64),
    /// An account or hash.
    Bytes([u8; 32]),
}

impl From<u16> for Key {
    fn from(number: u16) -> Self {
        Key::Number(number.into())
    }
}

impl From<u64> for Key {
    fn from(number: u64) -> Self {
        Key::Number(number)
    }
}

impl From<&Account> for Key {
    fn from(account: &Account) -> Self {
        Key::Bytes(account.0)
    }
}

impl Key {
    fn value(self) -> Value {
        match self {
            Key::Number(number) => Value::u128(number.into()),
            Key::Bytes(bytes) => Value::from_bytes(bytes),
        }
    }
}

impl ChainClient {
    /// Value of one storage item, `None` where the chain has none and declares no default.
    ///
    /// `keys` are the map's keys in order, none for a plain item; hashers and default come from the metadata.
    /// `at` defaults to the best block.
    pub async fn storage<V: Decode>(
        &self,
        pallet: &str,
        item: &str,
        keys: &[Key],
        at: Option<Hash>,
    ) -> Result<Option<V>> {
        let what = format!("{pallet}.{item}");
        let runtime = self.runtime().await;
        let (key, default) = {
            let entry = runtime
                .at
                .storage()
                .entry(subxt::dynamic::storage::<Vec<Value>, Value>(pallet, item))
                .map_err(|error| ChainError::undecodable(&what, error))?;
            let keys = keys.iter().map(|key| key.value()).collect();
            let key = entry.fetch_key(keys).map_err(|error| ChainError::undecodable(&what, error))?;
            (key, entry.default_value().map(|value| value.bytes().to_vec()))
        };
        let stored = self.inner.rpc.state_get_storage(&key, at.map(|hash| hash.0.into())).await?;
        match stored.or(default) {
            None => Ok(None),
            Some(bytes) => {
                V::decode(&mut &bytes[..]).map(Some).map_err(|error| ChainError::undecodable(what, error))
            }
        }
    }

    /// Value of one storage item that has a default.
    pub async fn value<V: Decode>(&self, pallet: &str, item: &str, keys: &[Key]) -> Result<V> {
        self.storage(pallet, item, keys, None)
            .await?
            .ok_or_else(|| ChainError::NotFound(format!("{pallet}.{item} is empty for this key")))
    }

    /// A constant of the chain's metadata.
    pub async fn constant<V: Decode>(&self, pallet: &str, name: &str) -> Result<V> {
        let what = format!("{pallet}.{name}");
        let runtime = self.runtime().await;
        let metadata = runtime.at.metadata();
        let constant = metadata.pallet_by_name(pallet).and_then(|pallet| pallet.constant_by_name(name));
        let constant =
            constant.ok_or_else(|| ChainError::NotFound(format!("this chain has no constant {what}")))?;
        V::decode(&mut constant.value()).map_err(|error| ChainError::undecodable(what, error))
    }

    /// All entries of a map below some leading keys, which are given as they stand in the storage key.
    ///
    /// For keys hashed with `Identity` that is their encoding, for example `&netuid.to_le_bytes()`; empty
    /// reads the whole map. Answers (remaining key bytes, value) in storage order, read page by page at one
    /// block.
    pub async fn entries<V: Decode>(
        &self,
        pallet: &str,
        item: &str,
        leading: &[u8],
        at: Option<Hash>,
    ) -> Result<Vec<(Vec<u8>, V)>> {
        let what = format!("{pallet}.{item}");
        let runtime = self.runtime().await;
        let mut prefix = runtime
            .at
            .storage()
            .entry(subxt::dynamic::storage::<Vec<Value>, Value>(pallet, item))
            .map_err(|error| ChainError::undecodable(&what, error))?
            .key_prefix()
            .to_vec();
        prefix.extend_from_slice(leading);
        self.pages(what, prefix, at).await
    }

    /// All entries of a map below its first keys, for any hashers; otherwise as [`entries`](Self::entries).
    pub async fn entries_below<V: Decode>(
        &self,
        pallet: &str,
        item: &str,
        first: &[Key],
        at: Option<Hash>,
    ) -> Result<Vec<(Vec<u8>, V)>> {
        let what = format!("{pallet}.{item}");
        let runtime = self.runtime().await;
        let prefix = {
            let entry = runtime
                .at
                .storage()
                .entry(subxt::dynamic::storage::<Vec<Value>, Value>(pallet, item))
                .map_err(|error| ChainError::undecodable(&what, error))?;
            let first: Vec<Value> = first.iter().map(|key| key.value()).collect();
            entry.iter_key(first).map_err(|error| ChainError::undecodable(&what, error))?
        };
        self.pages(what, prefix, at).await
    }

    async fn pages<V: Decode>(
        &self,
        what: String,
        prefix: Vec<u8>,
        at: Option<Hash>,
    ) -> Result<Vec<(Vec<u8>, V)>> {
        let at = match at {
            Some(hash) => hash,
            None => self.best_block().await?.hash,
        };
        let mut entries = Vec::new();
        let mut last: Option<Vec<u8>> = None;
        loop {
            let keys = self
                .inner
                .rpc
                .state_get_keys_paged(&prefix, PAGE, last.as_deref(), Some(at.0.into()))
                .await?;
            if keys.is_empty() {
                return Ok(entries);
            }
            let sets = self
                .inner
                .rpc
                .state_query_storage_at(keys.iter().map(Vec::as_slice), Some(at.0.into()))
                .await?;
            for set in sets {
                for (key, value) in set.changes {
                    let Some(value) = value else { continue };
                    let decoded = V::decode(&mut &value.0[..])
                        .map_err(|error| ChainError::undecodable(&what, error))?;
                    entries.push((key.0[prefix.len()..].to_vec(), decoded));
                }
            }
            let full = keys.len() == PAGE as usize;
            last = keys.into_iter().last();
            if !full {
                return Ok(entries);
            }
        }
    }
}
