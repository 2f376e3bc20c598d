//! History of an account: events of past blocks that name it.

use codec::Decode;
use futures::{StreamExt, TryStreamExt};
use myelin_abi::Account;
use subxt::ext::scale_value::{Composite, Primitive, Value, ValueDef};

use crate::submit::{system_events_key, Event};
use crate::{ChainClient, ChainError, Hash, Result};

/// Blocks that are asked for at once.
const AT_ONCE: usize = 16;

/// One event that names an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happening {
    /// Height of the block.
    pub block: u64,
    /// Hash of the block.
    pub hash: Hash,
    /// The block's time in milliseconds since 1970.
    pub time_ms: u64,
    /// Number of the extrinsic in the block that caused it; `None` if the block itself did.
    pub extrinsic: Option<u32>,
    /// The event.
    pub event: Event,
    /// Its fields for people, such as `from=5F…, amount=7`.
    pub details: String,
}

impl ChainClient {
    /// Events of the blocks `from..=to` whose fields contain the account, in order.
    ///
    /// One request for each block; blocks whose state the node has dropped are an error.
    pub async fn history(&self, account: &Account, from: u64, to: u64) -> Result<Vec<Happening>> {
        let blocks = futures::stream::iter(from..=to).map(|block| self.happenings(account, block));
        let found: Vec<Vec<Happening>> = blocks.buffered(AT_ONCE).try_collect().await?;
        Ok(found.into_iter().flatten().collect())
    }

    /// All events of a block, in order.
    pub async fn events(&self, at: Hash) -> Result<Vec<Event>> {
        let runtime = self.runtime().await;
        let key = system_events_key(&runtime)?;
        let bytes = self.inner.rpc.state_get_storage(&key, Some(at.0.into())).await?.unwrap_or_default();
        let read = |event: std::result::Result<subxt::events::Event<'_, _>, _>| {
            let event = event.map_err(|error| ChainError::undecodable("System.Events", error))?;
            Ok(Event {
                pallet: event.pallet_name().into(),
                name: event.event_name().into(),
                fields: event.field_bytes().to_vec(),
            })
        };
        runtime.at.events().from_bytes(bytes).iter().map(read).collect()
    }

    async fn happenings(&self, account: &Account, block: u64) -> Result<Vec<Happening>> {
        let runtime = self.runtime().await;
        let hash = self.block_hash(block).await?;
        let key = system_events_key(&runtime)?;
        let bytes = self.inner.rpc.state_get_storage(&key, Some(hash.0.into())).await?.unwrap_or_default();
        if !bytes.windows(32).any(|window| window == account.0) {
            return Ok(Vec::new());
        }
        let time_ms = self.storage("Timestamp", "Now", &[], Some(hash)).await?.unwrap_or_default();
        let mut found = Vec::new();
        for event in runtime.at.events().from_bytes(bytes).iter() {
            let event = event.map_err(|error| ChainError::undecodable("System.Events", error))?;
            if !event.field_bytes().windows(32).any(|window| window == account.0) {
                continue;
            }
            let fields: Composite<()> = event
                .decode_fields_unchecked_as()
                .map_err(|error| ChainError::undecodable("System.Events", error))?;
            found.push(Happening {
                block,
                hash,
                time_ms,
                extrinsic: match event.phase() {
                    subxt::events::Phase::ApplyExtrinsic(index) => Some(index),
                    _ => None,
                },
                event: Event {
                    pallet: event.pallet_name().into(),
                    name: event.event_name().into(),
                    fields: event.field_bytes().to_vec(),
                },
                details: composite(&fields),
            });
        }
        Ok(found)
    }
}

impl Event {
    /// Its fields, decoded.
    pub fn decoded<T: Decode>(&self) -> Option<T> {
        T::decode(&mut &self.fields[..]).ok()
    }
}

/// Values in words: accounts as addresses, everything else as it is.
fn composite(fields: &Composite<()>) -> String {
    listed(fields, &|_| None)
}

/// Values in words. `special` is asked first for each of them.
pub(crate) fn listed<T>(fields: &Composite<T>, special: &dyn Fn(&Value<T>) -> Option<String>) -> String {
    let words = |value| words(value, special);
    let listed: Vec<String> = match fields {
        Composite::Named(fields) => {
            fields.iter().map(|(name, value)| format!("{name}={}", words(value))).collect()
        }
        Composite::Unnamed(fields) => match account(fields) {
            Some(account) => return myelin_wire::ss58::encode(&account),
            None => fields.iter().map(words).collect(),
        },
    };
    listed.join(", ")
}

/// A value in words. `special` is asked first for it and for each part of it.
pub(crate) fn words<T>(value: &Value<T>, special: &dyn Fn(&Value<T>) -> Option<String>) -> String {
    if let Some(words) = special(value) {
        return words;
    }
    let composite = |fields| listed(fields, special);
    match &value.value {
        ValueDef::Composite(inner) if inner.len() == 1 => composite(inner),
        ValueDef::Composite(inner) => match inner {
            Composite::Unnamed(fields) if account(fields).is_some() => composite(inner),
            _ => format!("({})", composite(inner)),
        },
        ValueDef::Variant(variant) if variant.values.is_empty() => variant.name.clone(),
        ValueDef::Variant(variant) => format!("{}({})", variant.name, composite(&variant.values)),
        ValueDef::Primitive(Primitive::Bool(value)) => value.to_string(),
        ValueDef::Primitive(Primitive::Char(value)) => value.to_string(),
        ValueDef::Primitive(Primitive::String(value)) => value.clone(),
        ValueDef::Primitive(Primitive::U128(value)) => value.to_string(),
        ValueDef::Primitive(Primitive::I128(value)) => value.to_string(),
        ValueDef::Primitive(Primitive::U256(bytes) | Primitive::I256(bytes)) => {
            format!("0x{}", hex::encode(bytes))
        }
        ValueDef::BitSequence(bits) => format!("{bits:?}"),
    }
}

/// 32 numbers of one byte each.
fn account<T>(fields: &[Value<T>]) -> Option<[u8; 32]> {
    let bytes: Option<Vec<u8>> = fields
        .iter()
        .map(|field| match &field.value {
            ValueDef::Primitive(Primitive::U128(byte)) => u8::try_from(*byte).ok(),
            _ => None,
        })
        .collect();
    bytes?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_said_with_names_addresses_and_numbers() {
        let alice = Value::from_bytes([1u8; 32]);
        let wrapped = Value::unnamed_composite([alice]);
        let fields = Composite::named([("who", wrapped), ("amount", Value::u128(7))]);
        let address = myelin_wire::ss58::encode(&[1; 32]);
        assert_eq!(composite(&fields), format!("who={address}, amount=7"));
        let pair = Composite::unnamed([Value::bool(true), Value::unnamed_variant("Some", [Value::u128(3)])]);
        assert_eq!(composite(&pair), "true, Some(3)");
    }
}
