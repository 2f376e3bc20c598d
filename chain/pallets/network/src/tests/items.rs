//! Storage of the pallets that know subnets and hotkeys, as the metadata describes it: so that tests notice a new item.

use super::mock::*;
use codec::Encode;
use frame_support::{
    __private::metadata::{
        v14::{StorageEntryModifier, StorageEntryType, StorageHasher},
        RuntimeMetadata,
    },
    Blake2_128Concat, StorageHasher as Hash, Twox64Concat,
};
use myelin_units::NetUid;
use scale_info::{TypeDef, TypeDefPrimitive};
use sp_io::hashing::twox_128;

/// A map.
pub struct Map {
    pub name: String,
    prefix: Vec<u8>,
    parts: Vec<(StorageHasher, Part)>,
    value: Option<Vec<u8>>,
}

#[derive(Clone, Copy, PartialEq)]
enum Part {
    Subnet,
    Account,
    Mechanism,
    Number,
    Limit,
}

/// Pallets of these tests with entries by subnet or hotkey.
const PALLETS: [&str; 4] = ["SubtensorModule", "Swap", "Commitments", "AlphaAssets"];

/// Every map that has entries per subnet.
pub fn per_subnet() -> Vec<Map> {
    let is_per_subnet =
        |map: &Map| map.parts.iter().any(|(_, part)| [Part::Subnet, Part::Limit].contains(part));
    maps().into_iter().filter(is_per_subnet).collect()
}

/// The name of every map that has entries per account.
pub fn per_account() -> Vec<String> {
    let is_per_account =
        |map: &Map| map.parts.iter().any(|(_, part)| [Part::Account, Part::Limit].contains(part));
    maps().into_iter().filter(is_per_account).map(|map| map.name).collect()
}

/// Every entry of the pallets, maps and single values, with the name of its item: key without the item's prefix, and
/// value.
pub fn everything() -> Vec<(String, Vec<u8>, Vec<u8>)> {
    let RuntimeMetadata::V14(metadata) = Test::metadata().1 else { panic!("metadata is not V14") };
    let storages = metadata.pallets.into_iter().filter_map(|pallet| pallet.storage);
    let mut found = Vec::new();
    for storage in storages.filter(|storage| PALLETS.contains(&storage.prefix.as_str())) {
        for entry in storage.entries {
            let prefix = [twox_128(storage.prefix.as_bytes()), twox_128(entry.name.as_bytes())].concat();
            let mut next = sp_io::storage::get(&prefix).map(|_| prefix.clone());
            next = next.or_else(|| sp_io::storage::next_key(&prefix));
            while let Some(key) = next.filter(|key| key.starts_with(&prefix)) {
                let value = sp_io::storage::get(&key).expect("it was found").to_vec();
                found.push((entry.name.clone(), key[prefix.len()..].to_vec(), value));
                next = sp_io::storage::next_key(&key);
            }
        }
    }
    found
}

fn maps() -> Vec<Map> {
    let RuntimeMetadata::V14(metadata) = Test::metadata().1 else { panic!("metadata is not V14") };
    let mut maps = Vec::new();
    for pallet in &metadata.pallets {
        let Some(storage) = pallet.storage.as_ref().filter(|s| PALLETS.contains(&s.prefix.as_str())) else {
            continue;
        };
        for entry in &storage.entries {
            let StorageEntryType::Map { hashers, key, .. } = &entry.ty else { continue };
            let kind = |id: u32| {
                let ty = metadata.types.resolve(id).expect("the registry is complete");
                match (&ty.type_def, ty.path.segments.last().map(String::as_str)) {
                    (TypeDef::Primitive(TypeDefPrimitive::U16), _) => Part::Subnet,
                    (TypeDef::Primitive(TypeDefPrimitive::U8), _) => Part::Mechanism,
                    (TypeDef::Primitive(TypeDefPrimitive::U64), _) => Part::Number,
                    (_, Some("AccountId32")) => Part::Account,
                    (_, Some("RateLimitKey")) => Part::Limit,
                    // The number of a lease; a rank.
                    (TypeDef::Primitive(TypeDefPrimitive::U32) | TypeDef::Array(_), _) => Part::Number,
                    other => panic!("{}: a new kind of key, {other:?}", entry.name),
                }
            };
            let ty = metadata.types.resolve(key.id).expect("the registry is complete");
            let parts: Vec<Part> = match &ty.type_def {
                TypeDef::Tuple(tuple) if hashers.len() > 1 => {
                    tuple.fields.iter().map(|field| kind(field.id)).collect()
                }
                _ => vec![kind(key.id)],
            };
            let prefix = [twox_128(storage.prefix.as_bytes()), twox_128(entry.name.as_bytes())].concat();
            let value = match entry.modifier {
                StorageEntryModifier::Default => Some(entry.default.clone()),
                StorageEntryModifier::Optional => None,
            };
            maps.push(Map {
                name: entry.name.clone(),
                prefix,
                parts: hashers.iter().cloned().zip(parts).collect(),
                value,
            });
        }
    }
    maps
}

impl Map {
    /// The key of an entry of a subnet, with account 9 and number 3.
    pub fn key(&self, netuid: NetUid) -> Vec<u8> {
        let mut bytes = self.prefix.clone();
        for (hasher, part) in &self.parts {
            let part = match part {
                Part::Subnet => netuid.encode(),
                Part::Account => coldkey(9).encode(),
                Part::Mechanism => 3u8.encode(),
                Part::Number => 3u64.encode(),
                Part::Limit => crate::types::RateLimitKey::<AccountId>::SetSNOwnerHotkey(netuid).encode(),
            };
            bytes.extend(match hasher {
                StorageHasher::Blake2_128Concat => Blake2_128Concat::hash(&part),
                StorageHasher::Twox64Concat => Twox64Concat::hash(&part),
                StorageHasher::Identity => part,
                other => panic!("{}: a new hasher, {other:?}", self.name),
            });
        }
        bytes
    }

    /// A value that decodes where a value is decoded.
    pub fn value(&self) -> Vec<u8> {
        self.value.clone().unwrap_or_else(|| vec![0; 200])
    }

    /// Entries of a subnet and of its mechanisms.
    pub fn entries(&self, netuid: NetUid) -> Vec<(Vec<u8>, Vec<u8>)> {
        let mut found = Vec::new();
        let mut key = self.prefix.clone();
        while let Some(next) = sp_io::storage::next_key(&key).filter(|k| k.starts_with(&self.prefix)) {
            if self.is_about(&next, netuid) {
                found.push((next.clone(), sp_io::storage::get(&next).expect("it was found").to_vec()));
            }
            key = next;
        }
        found
    }

    fn is_about(&self, key: &[u8], netuid: NetUid) -> bool {
        let mut at = self.prefix.len();
        for (hasher, part) in &self.parts {
            at += match hasher {
                StorageHasher::Blake2_128Concat => 16,
                StorageHasher::Twox64Concat => 8,
                _ => 0,
            };
            match part {
                Part::Subnet => {
                    return myelin_units::subnet_of_index(u16::from_le_bytes([key[at], key[at + 1]]))
                        == netuid
                }
                Part::Account => at += 32,
                Part::Mechanism => at += 1,
                Part::Number => at += 8,
                Part::Limit => {
                    use codec::Decode;
                    let key = crate::types::RateLimitKey::<AccountId>::decode(&mut &key[at..]);
                    return key.expect("keys decode").subnet() == Some(netuid);
                }
            }
        }
        false
    }
}
