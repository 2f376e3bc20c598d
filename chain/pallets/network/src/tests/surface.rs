//! Names, key hashers, values, defaults and indices that official clients rely on.

use super::mock::*;
use alloc::{
    collections::BTreeSet,
    format,
    string::{String, ToString},
    vec::Vec,
};
use frame_support::__private::metadata::{
    v14::{PalletMetadata, StorageEntryModifier, StorageEntryType},
    RuntimeMetadata,
};
use scale_info::{form::PortableForm, Field, PortableRegistry, TypeDef, TypeDefPrimitive, Variant};

/// Official interface of the items that this pallet has; its head explains the lines.
const OFFICIAL: &str = include_str!("official.txt");

/// Items of this network alone.
const OWN: &[&str] = &[
    "storage ChainProfile",
    "storage CollateralDrainRatio",
    "storage SubnetEpochConsensus",
    "storage CommitSigners",
    "storage Recounting",
    "storage SubnetRoster",
    "storage RootStakeMarks",
    "storage TaoSupply",
    "storage RootClaimPot",
    "storage NumRootClaim",
    "storage OwnershipBegan",
    "storage OwnershipEnded",
    "storage TakeoverCounts",
    "storage SwapsUnderWay",
    "storage ReplacedHotkeys",
    "call transfer_stake_limit",
    "call register_network_limit",
    "storage CountedConvictions",
    "storage TakeoverServed",
    "event RootClaimTypeSet",
    "storage CurrentDissolveCleanupStatus",
    "constant RemovalSteps",
    "storage RemovalClaims",
    "storage RemovalParts",
    "storage RemovalVoteLocks",
    "error StakeUnderVoteLock",
    "storage NominationSweep",
    "event SubnetLiquidated",
    "event AddStakeBurn",
    "event RejectLockedAlphaUpdated",
    "error RevealNotBeforeImmunityEnds",
    "error EvidenceDemanded",
    "error ProofTooLate",
    "event TransactionFeePaidWithAlpha",
    "storage PendingChildKeysByBlock",
    "storage PendingChildKeySubnets",
    "storage PendingChildKeyBacklog",
    "storage AutoStakeChoosers",
    "error TooManyParents",
    "error TooManyHotkeys",
    "storage SubnetRubrics",
    "storage RubricNotice",
    "storage RubricBond",
    "error RubricDecidedByVote",
    "error RubricTooYoung",
    "call announce_rubric",
    "call withdraw_rubric",
    "call sudo_set_rubric_notice",
    "event RubricAnnounced",
    "event RubricWithdrawn",
    "event RubricNoticeSet",
    "event EmissionSplitChanged",
    "storage FormerEmissionSplit",
    "error RubricTextOutOfBounds",
    "error RubricInForce",
    "error NoRubricAnnounced",
    "storage EvidenceDemands",
    "storage EvidenceRoots",
    "storage ProofHistories",
    "storage BarredValidators",
    "storage FormerHotkeys",
    "storage OutvotedMarks",
    "storage ProofBar",
    "call commit_proven_weights",
    "call reveal_proven_weights",
    "call demand_evidence",
    "call sudo_set_proof_bar",
    "event EvidenceDemanded",
    "event EvidenceCommitted",
    "event EvidenceProven",
    "event EvidenceRefused",
    "event ValidatorBarred",
    "event ProofBarSet",
    "event ValidatorMarked",
    "error ProofTooLong",
    "error NoRootCommitted",
    "storage AnswerRoots",
    "storage EvidenceHeld",
    "call commit_answer_root",
    "call attest_evidence",
    "event AnswerRootCommitted",
    "event EvidenceAttested",
    "event EvidenceWithheld",
    "error AnswerRootOutOfTurn",
    "error EvidenceNotOpen",
    "error NothingNewHeld",
    "storage ParentShares",
    "storage DeclaredModels",
    "call announce_parent_share",
    "call declare_model",
    "call share_pot",
    "call sudo_set_tao_weight",
    "storage FeeWeightPerRao",
    "storage FeePerByte",
    "call sudo_set_fee_weight_per_rao",
    "call sudo_set_fee_per_byte",
    "event FeeWeightPerRaoSet",
    "event FeePerByteSet",
    "storage SessionLength",
    "call sudo_set_session_length",
    "event SessionLengthSet",
    "event ParentShareAnnounced",
    "event ModelDeclared",
    "event PotShared",
    "event TaoWeightSet",
    "error UnknownModel",
    "error ModelTakenDown",
];

#[test]
fn everything_is_named_stored_and_numbered_as_clients_expect() {
    let ours: BTreeSet<String> = describe().into_iter().collect();
    let official: Vec<&str> = OFFICIAL.lines().filter(|line| !line.starts_with('#')).collect();
    let missing: Vec<_> = official.iter().filter(|line| !ours.contains(**line)).collect();
    assert!(
        missing.is_empty(),
        "official, but not what we have:\n{missing:#?}\nwe have:\n{:#?}",
        alike(&ours, &missing)
    );
    let extra: Vec<_> = ours
        .iter()
        .filter(|line| !official.contains(&line.as_str()) && !OWN.contains(&head(line).as_str()))
        .collect();
    assert!(extra.is_empty(), "neither official nor listed as our own: {extra:#?}");
}

#[test]
fn every_error_tells_what_to_do() {
    let (pallet, types) = metadata();
    let errors = pallet.error.expect("the pallet has errors").ty.id;
    for variant in variants(&types, errors) {
        assert!(!variant.docs.is_empty(), "{} has no text", variant.name);
    }
}

/// `storage Tempo` of a line.
fn head(line: &str) -> String {
    line.split(' ').take(2).collect::<Vec<_>>().join(" ")
}

/// Our lines about the items that are missing, for the failure message.
fn alike(ours: &BTreeSet<String>, missing: &[&&str]) -> Vec<String> {
    let heads: Vec<_> = missing.iter().map(|line| head(line)).collect();
    ours.iter().filter(|line| heads.contains(&head(line))).cloned().collect()
}

fn metadata() -> (PalletMetadata<PortableForm>, PortableRegistry) {
    let RuntimeMetadata::V14(metadata) = Test::metadata().1 else { panic!("metadata is not V14") };
    let pallet = metadata.pallets.into_iter().find(|pallet| pallet.name == "SubtensorModule");
    (pallet.expect("the pallet is in the metadata"), metadata.types)
}

fn variants(types: &PortableRegistry, id: u32) -> Vec<Variant<PortableForm>> {
    match types.resolve(id).map(|ty| &ty.type_def) {
        Some(TypeDef::Variant(variant)) => variant.variants.clone(),
        other => panic!("not an enum: {other:?}"),
    }
}

/// The pallet in the words of `official.txt`.
fn describe() -> Vec<String> {
    let (pallet, types) = metadata();
    let mut lines = Vec::new();
    for entry in pallet.storage.expect("the pallet has storage").entries {
        let (hashers, key, value) = match entry.ty {
            StorageEntryType::Plain(value) => ("-".to_string(), "-".to_string(), value.id),
            StorageEntryType::Map { hashers, key, value } => {
                let hashers: Vec<_> = hashers.iter().map(|hasher| format!("{hasher:?}")).collect();
                (hashers.join(","), name(&types, key.id), value.id)
            }
        };
        let modifier = match entry.modifier {
            StorageEntryModifier::Optional => "Option",
            StorageEntryModifier::Default => "Default",
        };
        let default: String = entry.default.iter().map(|byte| format!("{byte:02x}")).collect();
        let value = name(&types, value);
        lines.push(format!("storage {} {hashers} {key} {value} {modifier} {default}", entry.name));
    }
    let enums = [
        ("call", pallet.calls.map(|calls| calls.ty.id)),
        ("event", pallet.event.map(|event| event.ty.id)),
        ("error", pallet.error.map(|error| error.ty.id)),
    ];
    for (kind, id) in enums {
        for variant in variants(&types, id.expect("the pallet has it")) {
            lines.push(match kind {
                // Clients learn the numbers of errors from the metadata, and some take them for places in its list.
                "error" => format!("error {}", variant.name),
                _ => format!("{kind} {} {} {}", variant.name, variant.index, fields(&types, &variant.fields)),
            });
        }
    }
    lines
}

fn fields(types: &PortableRegistry, fields: &[Field<PortableForm>]) -> String {
    let described: Vec<_> = fields
        .iter()
        .map(|field| {
            let label = field.name.as_ref().map(|name| format!("{name}:")).unwrap_or_default();
            label + &name(types, field.ty.id)
        })
        .collect();
    if described.is_empty() {
        "-".to_string()
    } else {
        described.join(",")
    }
}

/// A type as `official.txt` writes it: the last part of its path, or its structure.
fn name(types: &PortableRegistry, id: u32) -> String {
    let ty = types.resolve(id).expect("the registry is complete");
    let parameters = || -> Vec<String> {
        ty.type_params.iter().filter_map(|p| p.ty.map(|ty| name(types, ty.id))).collect()
    };
    if let Some(last) = ty.path.segments.last() {
        return match last.as_str() {
            "BoundedVec" => format!("BoundedVec<{}>", parameters().first().cloned().unwrap_or_default()),
            "Option" | "BTreeMap" | "BTreeSet" => format!("{last}<{}>", parameters().join(",")),
            // The same fields under our own name.
            "ShareFloat" => "SafeFloat".to_string(),
            other => other.to_string(),
        };
    }
    match &ty.type_def {
        TypeDef::Sequence(sequence) => format!("Vec<{}>", name(types, sequence.type_param.id)),
        TypeDef::Array(array) => format!("[{};{}]", name(types, array.type_param.id), array.len),
        TypeDef::Tuple(tuple) => {
            let parts: Vec<_> = tuple.fields.iter().map(|field| name(types, field.id)).collect();
            format!("({})", parts.join(","))
        }
        TypeDef::Compact(compact) => format!("Compact<{}>", name(types, compact.type_param.id)),
        TypeDef::Primitive(primitive) => primitive_name(primitive).to_string(),
        other => format!("{other:?}"),
    }
}

fn primitive_name(primitive: &TypeDefPrimitive) -> &'static str {
    match primitive {
        TypeDefPrimitive::Bool => "bool",
        TypeDefPrimitive::U8 => "u8",
        TypeDefPrimitive::U16 => "u16",
        TypeDefPrimitive::U32 => "u32",
        TypeDefPrimitive::U64 => "u64",
        TypeDefPrimitive::U128 => "u128",
        TypeDefPrimitive::I16 => "i16",
        TypeDefPrimitive::I64 => "i64",
        TypeDefPrimitive::I128 => "i128",
        _ => "another primitive",
    }
}
