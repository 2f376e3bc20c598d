//! The encoding of commitments. What the calls promise is tested with real subnets, in the network pallet.

use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::BoundedVec;
use proptest::prelude::*;
use scale_info::{MetaType, PortableRegistry, Registry, TypeDef};

use crate::types::{CommitmentInfo, Data, Registration, MAX_BIG_RAW, MAX_RAW, MAX_SEALED};

fn any_data() -> impl Strategy<Value = Data> {
    let bytes = |most: u32| prop::collection::vec(any::<u8>(), 0..=most as usize);
    prop_oneof![
        Just(Data::None),
        bytes(MAX_RAW).prop_map(|bytes| Data::Raw(BoundedVec::truncate_from(bytes))),
        any::<[u8; 32]>().prop_map(Data::BlakeTwo256),
        any::<[u8; 32]>().prop_map(Data::Sha256),
        any::<[u8; 32]>().prop_map(Data::Keccak256),
        any::<[u8; 32]>().prop_map(Data::ShaThree256),
        (bytes(MAX_SEALED), any::<u64>()).prop_map(|(bytes, reveal_round)| Data::TimelockEncrypted {
            encrypted: BoundedVec::truncate_from(bytes),
            reveal_round
        }),
        Just(Data::ResetBondsFlag),
        bytes(MAX_BIG_RAW).prop_map(|bytes| Data::BigRaw(BoundedVec::truncate_from(bytes))),
    ]
}

proptest! {
    #[test]
    fn a_field_survives_its_encoding_and_keeps_its_bound(data in any_data()) {
        let bytes = data.encode();
        prop_assert!(bytes.len() <= Data::max_encoded_len());
        prop_assert_eq!(Data::decode(&mut &bytes[..]), Ok(data));
    }

    #[test]
    fn bytes_never_decode_to_what_encodes_differently(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let input = &mut &bytes[..];
        if let Ok(data) = Data::decode(input) {
            let read = bytes.len() - input.len();
            prop_assert_eq!(data.encode(), &bytes[..read]);
        }
    }
}

#[test]
fn clients_pick_the_variant_of_a_raw_field_by_its_length() {
    let mut registry = Registry::new();
    let id = registry.register_type(&MetaType::new::<Data>()).id;
    let types = PortableRegistry::from(registry);
    let TypeDef::Variant(variants) = &types.resolve(id).expect("it was registered").type_def else {
        panic!("a field is an enum");
    };
    let number = |name: &str| variants.variants.iter().find(|v| v.name == name).map(|v| v.index);
    let raw = Data::Raw(BoundedVec::truncate_from(b"model".to_vec()));
    assert_eq!(Some(raw.encode()[0]), number("Raw5"));
    assert_eq!(&raw.encode()[1..], b"model");
    let named = ["None", "Raw0", "Raw128", "BlakeTwo256", "Sha256", "Keccak256", "ShaThree256"];
    assert_eq!(named.map(number), [0, 1, 129, 130, 131, 132, 133].map(Some));
    let named = ["TimelockEncrypted", "ResetBondsFlag", "BigRaw"];
    assert_eq!(named.map(number), [134, 135, 136].map(Some));
    assert_eq!(variants.variants.len(), 137);
}

#[test]
fn a_stored_commitment_has_the_official_bytes() {
    let fields =
        BoundedVec::truncate_from(vec![Data::Raw(BoundedVec::truncate_from(vec![7, 8])), Data::None]);
    let stored = Registration { deposit: 1, block: 2u32, info: CommitmentInfo { fields } };
    assert_eq!(stored.encode(), [1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 8, 3, 7, 8, 0]);
}

#[test]
fn a_commitment_of_more_than_three_fields_does_not_decode() {
    let fields = |count: usize| vec![Data::None; count].encode();
    assert!(CommitmentInfo::decode(&mut &fields(3)[..]).is_ok());
    assert!(CommitmentInfo::decode(&mut &fields(4)[..]).is_err());
}

#[test]
fn small_commitments_take_the_least_space() {
    let info = |fields| CommitmentInfo { fields: BoundedVec::truncate_from(fields) };
    assert_eq!(info(vec![]).space(), 100);
    assert_eq!(info(vec![Data::Sha256([0; 32]); 3]).space(), 100);
    let big = Data::BigRaw(BoundedVec::truncate_from(vec![0; 512]));
    assert_eq!(info(vec![big.clone(), big, Data::ResetBondsFlag]).space(), 1024);
}
