//! Every struct has the official fields in the official order with the official types.

use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};

use scale_info::{form::PortableForm, MetaType, PortableRegistry, Registry, Type, TypeDef, TypeInfo};

use crate::*;

/// A type as the official tables write it.
fn name(types: &PortableRegistry, id: u32) -> String {
    let ty = types.resolve(id).expect("registered");
    let last = ty.path.segments.last().map(|segment| segment.to_string());
    match &ty.type_def {
        TypeDef::Primitive(primitive) => format!("{primitive:?}").to_lowercase(),
        TypeDef::Compact(inner) => format!("Compact<{}>", name(types, inner.type_param.id)),
        TypeDef::Sequence(inner) => format!("Vec<{}>", name(types, inner.type_param.id)),
        TypeDef::Array(inner) => format!("[{}; {}]", name(types, inner.type_param.id), inner.len),
        TypeDef::Tuple(inner) => {
            let fields: Vec<_> = inner.fields.iter().map(|field| name(types, field.id)).collect();
            format!("({})", fields.join(", "))
        }
        TypeDef::Variant(_) if last.as_deref() == Some("Option") => {
            let inner = ty.type_params[0].ty.expect("an option has a parameter");
            format!("Option<{}>", name(types, inner.id))
        }
        _ => match last.expect("named").as_str() {
            "Account" => "AccountId32".into(),
            other => other.into(),
        },
    }
}

fn shape<T: TypeInfo + 'static>() -> String {
    let mut registry = Registry::new();
    let id = registry.register_type(&MetaType::new::<T>()).id;
    let types = PortableRegistry::from(registry);
    let ty: &Type<PortableForm> = types.resolve(id).expect("just registered");
    let TypeDef::Composite(fields) = &ty.type_def else { panic!("not a struct") };
    let mut text = format!("{}\n", ty.path.segments.last().expect("named"));
    for field in &fields.fields {
        let (field, ty) = (field.name.as_ref().expect("named"), name(&types, field.ty.id));
        text.push_str(&format!("  {field}: {ty}\n"));
    }
    text
}

#[test]
fn every_struct_has_the_official_fields() {
    let ours = [
        shape::<AxonInfo>(),
        shape::<PrometheusInfo>(),
        shape::<DelegateInfo<Account>>(),
        shape::<NeuronInfo<Account>>(),
        shape::<NeuronInfoLite<Account>>(),
        shape::<StakeInfo<Account>>(),
        shape::<SubnetInfo<Account>>(),
        shape::<SubnetInfov2<Account>>(),
        shape::<SubnetHyperparams>(),
        shape::<SubnetHyperparamsV2>(),
        shape::<DynamicInfo<Account>>(),
        shape::<Metagraph<Account>>(),
        shape::<SelectiveMetagraph<Account>>(),
        shape::<SubnetState<Account>>(),
        shape::<SubnetIdentityV3>(),
        shape::<ChainIdentityV2>(),
        shape::<SimSwapResult>(),
        shape::<SubnetPrice>(),
        shape::<HyperparamEntry>(),
        shape::<StakeAvailability>(),
        shape::<LockState>(),
    ];
    let official = include_str!("official.txt");
    let (_, official) = official.split_once("\n\n").expect("a comment, then the structs");
    let official: Vec<_> = official.split("\n\n").collect();
    assert_eq!(ours.len(), official.len());
    for (ours, official) in ours.iter().zip(official) {
        assert_eq!(ours.trim(), official.trim());
    }
}
