//! Storage of subnets that do not exist, found by the shape of keys in the metadata: a new item is watched from the day
//! it exists.

use frame_metadata::v14::{StorageEntryMetadata, StorageEntryType, StorageHasher};
use myelin_runtime::Runtime;
use myelin_units::subnet_of_index;
use pallet_network::{invariants::Violation, removal::SubnetRemoval, subnets::SubnetRegistry};
use scale_info::{form::PortableForm, PortableRegistry, TypeDef, TypeDefPrimitive};
use sp_io::hashing::twox_128;

use crate::{
    schema::{metadata, type_name},
    trace::below,
};

/// Pallets with items by subnet.
const PALLETS: [&str; 3] = ["SubtensorModule", "Swap", "Commitments"];
/// Items that outlive their subnet, with the reason.
const OUTLIVING: [(&str, &str); 2] = [
    (
        "RegisteredSubnetCounter",
        "counts the subnets that have had a number, so that clients notice a new one",
    ),
    ("FeeRate", "root may set the fee of a subnet to come; what a removed one had is forgotten with it"),
];

/// An item whose keys name a subnet.
pub struct Watched {
    name: String,
    prefix: Vec<u8>,
    /// Place of the subnet's number in a key.
    at: usize,
}

/// All items whose keys name a subnet. Requires externalities.
pub fn watched() -> Vec<Watched> {
    let metadata = metadata();
    let mut watched = Vec::new();
    for pallet in metadata.pallets.iter().filter(|pallet| PALLETS.contains(&pallet.name.as_str())) {
        let entries = pallet.storage.iter().flat_map(|storage| &storage.entries);
        for entry in entries.filter(|entry| OUTLIVING.iter().all(|(name, _)| *name != entry.name)) {
            if let Some(at) = place_of_netuid(entry, &metadata.types) {
                let prefix = [twox_128(pallet.name.as_bytes()), twox_128(entry.name.as_bytes())].concat();
                watched.push(Watched { name: entry.name.clone(), prefix, at });
            }
        }
    }
    watched
}

/// The first of these items that names a subnet which does not exist.
pub fn check(watched: &[Watched]) -> Result<(), Violation> {
    for Watched { name, prefix, at } in watched {
        for key in below(prefix) {
            let Some(bytes) = key.get(*at..*at + 2) else { continue };
            let netuid = subnet_of_index(u16::from_le_bytes([bytes[0], bytes[1]]));
            let there =
                SubnetRegistry::<Runtime>::exists(netuid) || SubnetRemoval::<Runtime>::is_in_progress(netuid);
            if !there {
                let found = format!("`{name}` has an entry of subnet {netuid}");
                return Err(Violation { rule: "nothing is left of a subnet that does not exist", found });
            }
        }
    }
    Ok(())
}

/// Place of the first key of two bytes, behind the prefix and the keys before it.
fn place_of_netuid(entry: &StorageEntryMetadata<PortableForm>, types: &PortableRegistry) -> Option<usize> {
    let StorageEntryType::Map { hashers, key, .. } = &entry.ty else { return None };
    let keys: Vec<u32> = match (&types.resolve(key.id)?.type_def, hashers.len()) {
        (TypeDef::Tuple(tuple), 2..) => tuple.fields.iter().map(|field| field.id).collect(),
        _ => vec![key.id],
    };
    let mut at = 32;
    for (hasher, key) in hashers.iter().zip(keys) {
        at += match hasher {
            StorageHasher::Identity => 0,
            StorageHasher::Twox64Concat => 8,
            StorageHasher::Blake2_128Concat => 16,
            _ => return None,
        };
        let ty = types.resolve(key)?;
        match &ty.type_def {
            TypeDef::Primitive(TypeDefPrimitive::U16) => return Some(at),
            TypeDef::Primitive(TypeDefPrimitive::U64) => at += 8,
            _ if type_name(ty) == "AccountId32" => at += 32,
            _ => return None,
        }
    }
    None
}
