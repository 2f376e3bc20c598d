//! The metadata that clients fetch.
//!
//! Version 15 numbers types in another order than version 14 if the framework builds it: those of a transaction come
//! first. Official clients of the 10th generation take keys of storage from version 14 and decode them by the types of
//! version 15, and take type 0 for account ids. So here version 15 begins like version 14, with the types of the
//! pallets; the first is the key of `System.Account`. Only the numbers differ from those of the framework.

use alloc::vec::Vec;
use codec::Encode;
use scale_info::{IntoPortable, Registry};
use sp_core::OpaqueMetadata;
use sp_metadata_ir::{
    frame_metadata::{
        v15::{
            CustomMetadata, ExtrinsicMetadata, OuterEnums, PalletMetadata, RuntimeApiMetadata,
            RuntimeMetadataV15,
        },
        RuntimeMetadataPrefixed,
    },
    MetadataIR,
};

use crate::Runtime;

#[cfg(test)]
mod hash;

/// The version that is numbered here.
const OURS: u32 = 15;

/// The metadata of a version; `None` if it is not offered.
pub(crate) fn at_version(version: u32) -> Option<OpaqueMetadata> {
    if version != OURS {
        return Runtime::metadata_at_version(version);
    }
    let metadata = RuntimeMetadataPrefixed::from(pallets_first(Runtime::metadata_ir()));
    Some(OpaqueMetadata::new(metadata.encode()))
}

/// Version 15 with the types of the pallets before all others.
fn pallets_first(ir: MetadataIR) -> RuntimeMetadataV15 {
    let mut types = Registry::new();
    let pallets: Vec<PalletMetadata> = ir.pallets.into_iter().map(Into::into).collect();
    let pallets = types.map_into_portable(pallets);
    let extrinsic: ExtrinsicMetadata = ir.extrinsic.into();
    let extrinsic = extrinsic.into_portable(&mut types);
    let ty = types.register_type(&ir.ty);
    let apis: Vec<RuntimeApiMetadata> = ir.apis.into_iter().map(Into::into).collect();
    let apis = types.map_into_portable(apis);
    let outer_enums: OuterEnums = ir.outer_enums.into();
    let outer_enums = outer_enums.into_portable(&mut types);
    let custom = CustomMetadata { map: Default::default() };
    RuntimeMetadataV15 { types: types.into(), pallets, extrinsic, ty, apis, outer_enums, custom }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{collections::BTreeMap, format, string::String};
    use codec::Decode;
    use frame_metadata::{
        v14::{RuntimeMetadataV14, StorageEntryType},
        v15::PalletMetadata,
        RuntimeMetadata,
    };
    use scale_info::{form::PortableForm, PortableRegistry, Type, TypeDef};

    /// Building metadata asks for constants, which depend on the pace of a chain.
    fn on_chain<R>(build: impl FnOnce() -> R) -> R {
        sp_io::TestExternalities::default().execute_with(build)
    }

    fn decoded(metadata: Option<OpaqueMetadata>) -> RuntimeMetadataV15 {
        let metadata = metadata.expect("version 15 is offered");
        match RuntimeMetadataPrefixed::decode(&mut &metadata[..]).expect("metadata decodes").1 {
            RuntimeMetadata::V15(metadata) => metadata,
            other => panic!("asked for version 15, got {}", other.version()),
        }
    }

    fn ours() -> RuntimeMetadataV15 {
        decoded(on_chain(|| at_version(15)))
    }

    fn version_14() -> RuntimeMetadataV14 {
        match on_chain(Runtime::metadata).1 {
            RuntimeMetadata::V14(metadata) => metadata,
            other => panic!("the plain metadata is version 14, got {}", other.version()),
        }
    }

    #[test]
    fn type_0_is_the_account_id() {
        for types in [&version_14().types, &ours().types] {
            let path = &types.resolve(0).expect("there are types").path;
            assert_eq!(path.segments, ["sp_core", "crypto", "AccountId32"]);
        }
    }

    #[test]
    fn keys_of_version_14_decode_by_the_types_of_version_15() {
        let (old, new) = (version_14(), ours());
        let entries =
            old.pallets.iter().filter_map(|pallet| pallet.storage.as_ref()).flat_map(|s| &s.entries);
        let mut seen = 0;
        for entry in entries {
            if let StorageEntryType::Map { key, .. } = &entry.ty {
                assert_eq!(old.types.resolve(key.id), new.types.resolve(key.id), "{}", entry.name);
                seen += 1;
            }
        }
        assert!(seen > 100, "{seen} maps are fewer than the network pallet has");
        for (before, after) in old.pallets.iter().zip(&new.pallets) {
            assert!(before.storage == after.storage, "storage of {}", before.name);
            assert!(before.calls == after.calls, "calls of {}", before.name);
        }
    }

    #[test]
    fn only_numbers_differ_from_what_the_framework_says() {
        let framework = decoded(on_chain(|| Runtime::metadata_at_version(15)));
        let ours = ours();
        assert_ne!(framework.types, ours.types, "without a difference this module is not needed");
        assert_eq!(framework.types.types.len(), ours.types.types.len());
        for (place, ty) in ours.types.types.iter().enumerate() {
            assert_eq!(ty.id as usize, place);
        }
        let mut same = Same { left: &framework.types, right: &ours.types, met: BTreeMap::new() };
        same.check(framework.ty.id, ours.ty.id);
        same.check(framework.extrinsic.address_ty.id, ours.extrinsic.address_ty.id);
        same.check(framework.extrinsic.call_ty.id, ours.extrinsic.call_ty.id);
        same.check(framework.extrinsic.signature_ty.id, ours.extrinsic.signature_ty.id);
        same.check(framework.extrinsic.extra_ty.id, ours.extrinsic.extra_ty.id);
        same.check(framework.outer_enums.event_enum_ty.id, ours.outer_enums.event_enum_ty.id);
        same.check(framework.outer_enums.error_enum_ty.id, ours.outer_enums.error_enum_ty.id);
        let extensions = |metadata: &RuntimeMetadataV15| metadata.extrinsic.signed_extensions.clone();
        assert_eq!(extensions(&framework).len(), extensions(&ours).len());
        for (left, right) in extensions(&framework).iter().zip(&extensions(&ours)) {
            assert_eq!(left.identifier, right.identifier);
            same.check(left.ty.id, right.ty.id);
            same.check(left.additional_signed.id, right.additional_signed.id);
        }
        assert_eq!(framework.pallets.len(), ours.pallets.len());
        for (left, right) in framework.pallets.iter().zip(&ours.pallets) {
            assert_eq!((&left.name, left.index, &left.docs), (&right.name, right.index, &right.docs));
            let enums = |pallet: &PalletMetadata<PortableForm>| {
                let (calls, event, error) = (&pallet.calls, &pallet.event, &pallet.error);
                [
                    calls.as_ref().map(|it| it.ty.id),
                    event.as_ref().map(|it| it.ty.id),
                    error.as_ref().map(|it| it.ty.id),
                ]
            };
            for pair in enums(left).into_iter().zip(enums(right)) {
                match pair {
                    (Some(left), Some(right)) => same.check(left, right),
                    (left, right) => assert_eq!(left, right),
                }
            }
            assert_eq!(left.constants.len(), right.constants.len());
            for (left, right) in left.constants.iter().zip(&right.constants) {
                assert_eq!((&left.name, &left.value, &left.docs), (&right.name, &right.value, &right.docs));
                same.check(left.ty.id, right.ty.id);
            }
        }
        assert_eq!(framework.apis.len(), ours.apis.len());
        for (left, right) in framework.apis.iter().zip(&ours.apis) {
            assert_eq!((&left.name, left.methods.len()), (&right.name, right.methods.len()));
            for (left, right) in left.methods.iter().zip(&right.methods) {
                assert_eq!((&left.name, left.inputs.len()), (&right.name, right.inputs.len()));
                same.check(left.output.id, right.output.id);
                for (left, right) in left.inputs.iter().zip(&right.inputs) {
                    assert_eq!(left.name, right.name);
                    same.check(left.ty.id, right.ty.id);
                }
            }
        }
    }

    /// Walks two registries side by side.
    struct Same<'a> {
        left: &'a PortableRegistry,
        right: &'a PortableRegistry,
        met: BTreeMap<u32, u32>,
    }

    impl Same<'_> {
        fn check(&mut self, left: u32, right: u32) {
            if let Some(met) = self.met.insert(left, right) {
                assert_eq!(met, right, "type {left} has two numbers");
                return;
            }
            let a = self.left.resolve(left).expect("the registry is complete");
            let b = self.right.resolve(right).expect("the registry is complete");
            assert_eq!(without_numbers(a), without_numbers(b));
            let (a, b) = (references(a), references(b));
            assert_eq!(a.len(), b.len());
            a.into_iter().zip(b).for_each(|(a, b)| self.check(a, b));
        }
    }

    /// Description of a type without the numbers of other types.
    fn without_numbers(ty: &Type<PortableForm>) -> String {
        let fields = |fields: &[scale_info::Field<PortableForm>]| {
            fields
                .iter()
                .map(|field| format!("{:?} {:?} {:?}", field.name, field.type_name, field.docs))
                .collect()
        };
        let shape: Vec<String> = match &ty.type_def {
            TypeDef::Composite(composite) => fields(&composite.fields),
            TypeDef::Variant(variant) => {
                let described = |v: &scale_info::Variant<PortableForm>| {
                    let fields: Vec<String> = fields(&v.fields);
                    format!("{} {} {:?} {fields:?}", v.name, v.index, v.docs)
                };
                variant.variants.iter().map(described).collect()
            }
            TypeDef::Array(array) => alloc::vec![format!("{}", array.len)],
            TypeDef::Primitive(primitive) => alloc::vec![format!("{primitive:?}")],
            TypeDef::Sequence(_) | TypeDef::Tuple(_) | TypeDef::Compact(_) | TypeDef::BitSequence(_) => {
                Vec::new()
            }
        };
        format!("{:?} {:?} {shape:?}", ty.path, core::mem::discriminant(&ty.type_def))
    }

    /// The numbers of the types that a type consists of.
    fn references(ty: &Type<PortableForm>) -> Vec<u32> {
        let parameters = ty.type_params.iter().filter_map(|parameter| parameter.ty.map(|ty| ty.id));
        let parts: Vec<u32> = match &ty.type_def {
            TypeDef::Composite(composite) => composite.fields.iter().map(|field| field.ty.id).collect(),
            TypeDef::Variant(variant) => {
                variant.variants.iter().flat_map(|v| v.fields.iter().map(|field| field.ty.id)).collect()
            }
            TypeDef::Sequence(sequence) => alloc::vec![sequence.type_param.id],
            TypeDef::Array(array) => alloc::vec![array.type_param.id],
            TypeDef::Tuple(tuple) => tuple.fields.iter().map(|ty| ty.id).collect(),
            TypeDef::Primitive(_) => Vec::new(),
            TypeDef::Compact(compact) => alloc::vec![compact.type_param.id],
            TypeDef::BitSequence(bits) => alloc::vec![bits.bit_store_type.id, bits.bit_order_type.id],
        };
        parameters.chain(parts).collect()
    }
}
