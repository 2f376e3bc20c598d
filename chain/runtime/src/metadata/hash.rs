//! Whether the committed hash of the metadata matches the metadata that clients fetch.
//!
//! Hardware wallets see a small part of the metadata with a proof. They sign the hash of the whole, and
//! `CheckMetadataHash` compares it with the hash that was compiled into the runtime: `metadata-hash.txt`.

use std::fs;

use codec::Decode;
use frame_metadata::RuntimeMetadataPrefixed;
use merkleized_metadata::{generate_metadata_digest, ExtraInfo};

use crate::{constants::SS58_PREFIX, genesis, metadata::at_version, VERSION};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/metadata-hash.txt");

/// The hash of version 15 on the chain of a preset, as a wallet computes it.
fn hash_on(preset: &str) -> String {
    let storage = genesis::storage(preset).expect("the preset exists").expect("the preset fits the pallets");
    let bytes = sp_io::TestExternalities::from(storage)
        .execute_with(|| at_version(15))
        .expect("version 15 is offered");
    let metadata = RuntimeMetadataPrefixed::decode(&mut &bytes[..]).expect("metadata decodes").1;
    let about = ExtraInfo {
        spec_version: VERSION.spec_version,
        spec_name: VERSION.spec_name.into(),
        base58_prefix: SS58_PREFIX,
        decimals: 9,
        token_symbol: "TAO".into(),
    };
    let hash = generate_metadata_digest(&metadata, about).expect("every type is described").hash();
    format!("{:?}", sp_core::H256(hash))
}

#[test]
fn the_committed_hash_is_that_of_the_metadata() {
    let hash = hash_on("development");
    if std::env::var_os("MYELIN_WRITE_REFERENCE").is_some() {
        fs::write(FILE, format!("{hash}\n")).expect("the hash can be written");
    }
    let committed = fs::read_to_string(FILE).expect("the hash is in the repository");
    assert_eq!(
        committed.trim(),
        hash,
        "chain/runtime/metadata-hash.txt is not the hash of the metadata; hardware wallets could not sign. If calls or the version \
         changed on purpose, write it with MYELIN_WRITE_REFERENCE=1 and build again"
    );
}

#[test]
fn one_hash_serves_chains_of_every_pace() {
    for preset in &genesis::PRESETS {
        assert_eq!(hash_on(preset.id), hash_on("development"), "{}", preset.id);
    }
}
