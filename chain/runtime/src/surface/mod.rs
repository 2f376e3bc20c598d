//! Whether official clients find the items that they use: names, key hashers, values, arguments and answers.
//!
//! `official.txt` lists these items. `docs/reference/surface.md` lists the absent and different ones, and is written by
//! `MYELIN_WRITE_REFERENCE=1`. A test fails if the page does not match the metadata, or if a core flow would break.

use alloc::{
    collections::BTreeMap,
    format,
    string::{String, ToString},
    vec::Vec,
};
use core::fmt::Write;

use codec::Decode;
use frame_metadata::{
    v14::{StorageEntryMetadata, StorageEntryModifier, StorageEntryType},
    v15::RuntimeMetadataV15,
    RuntimeMetadata, RuntimeMetadataPrefixed,
};
use scale_info::{form::PortableForm, PortableRegistry, TypeDef};

const OFFICIAL: &str = include_str!("official.txt");
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/surface.md");

/// Reasons for absent items, by a piece of their names.
const REASONS: &[(&str, &str)] = &[
    ("timelocked", "time-locked commits come later"),
    ("oldkey", "replaced coldkeys come later"),
    ("Crowdloan.", "crowdloans come later"),
    ("lease", "leases come later"),
    ("MevShield.", "the shield comes later"),
    ("asket", "baskets come later"),
    ("beta_pricing", "baskets come later"),
    ("epoch_consensus", "every subnet runs Yuma, as `SubnetEpochConsensus` says"),
    ("trim_null", "every subnet runs Yuma"),
    ("ow_register", "neurons register for TAO alone"),
    ("PowRegistration", "neurons register for TAO alone"),
    ("_collateral", "collateral is in TAO: the pallet `Collateral` (decision 0020)"),
    ("tao_flow", "shares of emission do not follow flows"),
    ("liquidity", "users provide no liquidity"),
    ("_position", "users provide no liquidity"),
    ("EVM.", "there is no EVM"),
    ("evm", "there is no EVM"),
    ("grandpa_change", "`swap_authorities` changes GRANDPA's authorities together with Aura's"),
    ("dissolve_network_schedule", "the removal of a subnet begins at once"),
    ("total_issuance", "not even root changes what was issued"),
];

/// Of priority A and not here.
const NOT_YET: &[&str] = &["call SubtensorModule.commit_timelocked_mechanism_weights"];

/// An item that clients look up, and its shape here.
struct Wanted {
    priority: &'static str,
    /// Kind and name.
    item: String,
    expected: &'static str,
    /// The shape here, if there is one.
    found: Option<String>,
}

impl Wanted {
    fn is_met(&self) -> bool {
        self.found.as_ref().is_some_and(|found| self.expected == "?" || found == self.expected)
    }
}

#[test]
fn core_flows_find_all_they_need() {
    let broken: Vec<_> = compare()
        .into_iter()
        .filter(|wanted| wanted.priority == "A" && !wanted.is_met())
        .map(|wanted| (wanted.item, wanted.expected, wanted.found))
        .filter(|(item, ..)| NOT_YET.iter().all(|absent| item != absent))
        .collect();
    assert!(broken.is_empty(), "official clients expect: {broken:#?}");
    for absent in NOT_YET {
        let wanted = compare().into_iter().find(|wanted| wanted.item == *absent);
        assert!(
            wanted.is_some_and(|wanted| !wanted.is_met()),
            "{absent} is here now; take it out of the list"
        );
    }
}

#[test]
fn the_page_says_what_is_absent() {
    let page = page();
    if std::env::var_os("MYELIN_WRITE_REFERENCE").is_some() {
        std::fs::write(PAGE, &page).expect("the page can be written");
    }
    let written = std::fs::read_to_string(PAGE).expect("the page is in the repository");
    assert!(
        written == page,
        "docs/reference/surface.md is not what the metadata says; if that is meant, write it with \
         MYELIN_WRITE_REFERENCE=1. It should say:\n{page}"
    );
}

fn page() -> String {
    let wanted = compare();
    let mut page = String::from(
        "# What official clients find\n\nWritten by `MYELIN_WRITE_REFERENCE=1` and the tests of `chain/runtime/src/surface`, from the \
         metadata; do not edit.\n\nA = core flows, B = the rest of commands and reads of SDK 10, btcli 9 and SDK 11, C = niche.\n\n\
         Here means that the item exists with its shape. Items of absent features are there for clients that read them, and nothing \
         writes them.\n\n| priority | here | of |\n|---|---|---|\n",
    );
    for priority in ["A", "B", "C"] {
        let all = wanted.iter().filter(|wanted| wanted.priority == priority);
        let (met, all) = (all.clone().filter(|wanted| wanted.is_met()).count(), all.count());
        let _ = writeln!(page, "| {priority} | {met} | {all} |");
    }
    page.push_str(
        "\n## Absent, or different\n\n| priority | item | expected | here | why |\n|---|---|---|---|---|\n",
    );
    for Wanted { priority, item, expected, found } in wanted.iter().filter(|wanted| !wanted.is_met()) {
        let found = found.as_ref().map_or("–".into(), |found| format!("`{found}`"));
        let why = REASONS.iter().find(|(piece, _)| item.contains(piece));
        let (_, why) =
            why.unwrap_or_else(|| panic!("{item} is absent, or has another shape, without a reason"));
        let _ = writeln!(page, "| {priority} | {item} | `{expected}` | {found} | {why} |");
    }
    page
}

fn compare() -> Vec<Wanted> {
    let ours = described();
    let line = |line: &'static str| {
        let mut words = line.splitn(4, ' ');
        let mut word = || words.next().expect("priority, kind, name and shape");
        let (priority, kind, name, expected) = (word(), word(), word(), word());
        let item = format!("{kind} {name}");
        let found = ours.get(&item).cloned();
        Wanted { priority, item, expected, found }
    };
    OFFICIAL.lines().filter(|line| !line.starts_with('#')).map(line).collect()
}

/// Contents of the metadata, in the words of `official.txt`: the shape by kind and name.
fn described() -> BTreeMap<String, String> {
    let encoded = sp_io::TestExternalities::default().execute_with(|| crate::metadata::at_version(15));
    let encoded = encoded.expect("version 15 is offered");
    let RuntimeMetadata::V15(metadata) =
        RuntimeMetadataPrefixed::decode(&mut &encoded[..]).expect("metadata decodes").1
    else {
        panic!("asked for version 15");
    };
    let mut items = BTreeMap::new();
    describe_pallets(&metadata, &mut items);
    for api in &metadata.apis {
        for method in &api.methods {
            let inputs = method.inputs.iter().map(|input| (input.name.clone(), input.ty.id));
            let answer = name(&metadata.types, method.output.id);
            let shape = format!("{} {answer}", arguments(&metadata.types, inputs));
            items.insert(format!("api {}.{}", api.name, method.name), shape);
        }
    }
    items
}

fn describe_pallets(metadata: &RuntimeMetadataV15, items: &mut BTreeMap<String, String>) {
    let types = &metadata.types;
    for pallet in &metadata.pallets {
        for entry in pallet.storage.iter().flat_map(|storage| &storage.entries) {
            items.insert(format!("storage {}.{}", pallet.name, entry.name), storage(types, entry));
        }
        for constant in &pallet.constants {
            items.insert(format!("constant {}.{}", pallet.name, constant.name), name(types, constant.ty.id));
        }
        let calls = pallet.calls.as_ref().and_then(|calls| types.resolve(calls.ty.id));
        let Some(TypeDef::Variant(calls)) = calls.map(|calls| &calls.type_def) else { continue };
        for call in &calls.variants {
            let fields =
                call.fields.iter().map(|field| (field.name.clone().unwrap_or_default(), field.ty.id));
            items.insert(format!("call {}.{}", pallet.name, call.name), arguments(types, fields));
        }
    }
}

fn storage(types: &PortableRegistry, entry: &StorageEntryMetadata<PortableForm>) -> String {
    let (keys, value) = match &entry.ty {
        StorageEntryType::Plain(value) => (String::new(), value.id),
        StorageEntryType::Map { hashers, key, value } => {
            let keys: Vec<String> = match types.resolve(key.id).map(|key| &key.type_def) {
                Some(TypeDef::Tuple(tuple)) if hashers.len() > 1 => {
                    tuple.fields.iter().map(|key| name(types, key.id)).collect()
                }
                _ => alloc::vec![name(types, key.id)],
            };
            let keys: Vec<String> =
                keys.iter().zip(hashers).map(|(key, hasher)| format!("{key} {hasher:?}")).collect();
            (format!("[{}] ", keys.join(", ")), value.id)
        }
    };
    let modifier = match entry.modifier {
        StorageEntryModifier::Optional => "optional",
        StorageEntryModifier::Default => "default",
    };
    format!("{keys}{} {modifier}", name(types, value))
}

fn arguments(types: &PortableRegistry, arguments: impl Iterator<Item = (String, u32)>) -> String {
    let arguments: Vec<String> =
        arguments.map(|(argument, ty)| format!("{argument}: {}", name(types, ty))).collect();
    format!("({})", arguments.join(", "))
}

/// A type as `official.txt` writes it: the last part of its path, or its structure.
fn name(types: &PortableRegistry, id: u32) -> String {
    let ty = types.resolve(id).expect("the registry is complete");
    let inner = || -> Vec<String> {
        ty.type_params.iter().filter_map(|parameter| Some(name(types, parameter.ty?.id))).collect()
    };
    if let Some(last) = ty.path.segments.last() {
        return match last.as_str() {
            "BoundedVec" => format!("BoundedVec<{}>", inner().first().cloned().unwrap_or_default()),
            "Option" | "BTreeMap" | "BTreeSet" => format!("{last}<{}>", inner().join(", ")),
            other => other.to_string(),
        };
    }
    match &ty.type_def {
        TypeDef::Sequence(sequence) => format!("Vec<{}>", name(types, sequence.type_param.id)),
        TypeDef::Array(array) => format!("[{};{}]", name(types, array.type_param.id), array.len),
        TypeDef::Tuple(tuple) => {
            let parts: Vec<String> = tuple.fields.iter().map(|field| name(types, field.id)).collect();
            format!("({})", parts.join(", "))
        }
        TypeDef::Compact(compact) => format!("Compact<{}>", name(types, compact.type_param.id)),
        TypeDef::Primitive(primitive) => format!("{primitive:?}").to_lowercase(),
        other => format!("{other:?}"),
    }
}
