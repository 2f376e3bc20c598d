//! Every call of the runtime, read from its metadata: a new call is fuzzed as soon as it exists.

use std::{collections::BTreeMap, sync::OnceLock};

use codec::{Decode, Encode};
use frame_metadata::{v14::RuntimeMetadataV14, RuntimeMetadata, RuntimeMetadataPrefixed};
use myelin_runtime::Runtime;
use scale_info::{form::PortableForm, PortableRegistry, TypeDef};

/// Calls that random stories do not make, with the reason.
pub const EXCLUDED: &[(&str, Option<&str>, &str)] = &[
    ("System", Some("set_heap_pages"), "root may write anything below the rules"),
    ("System", Some("set_code"), "root may replace the rules"),
    ("System", Some("set_code_without_checks"), "root may replace the rules"),
    ("System", Some("authorize_upgrade"), "root may replace the rules"),
    ("System", Some("authorize_upgrade_without_checks"), "root may replace the rules"),
    ("System", Some("apply_authorized_upgrade"), "root may replace the rules"),
    ("System", Some("set_storage"), "root may write anything below the rules"),
    ("System", Some("kill_storage"), "root may write anything below the rules"),
    ("System", Some("kill_prefix"), "root may write anything below the rules"),
    ("Timestamp", None, "an inherent: every block has it"),
    ("Beacon", Some("contribute"), "an inherent: no transaction carries it"),
    (
        "Beacon",
        Some("demand_contributions"),
        "these blocks have no author who could contribute, so none would follow",
    ),
    (
        "Grandpa",
        None,
        "words about finality, which these blocks do not have; `closed` has the bounds of `note_stalled`",
    ),
    ("Sudo", None, "the fuzzer itself wraps calls for root; another sudo key would end every story"),
];

/// Calls that nobody can make, not even root (`myelin_runtime::closed`), with the reason.
pub const NEVER_DONE: &[(&str, &str)] = &[
    ("Balances::burn", "closed: TAO leaves circulation only through the network pallet, which counts it"),
    ("Balances::force_set_balance", "closed: it would mint or destroy TAO that no schedule knows"),
    ("Balances::force_adjust_total_issuance", "closed: it would change a sum without its parts"),
    (
        "Balances::force_unreserve",
        "closed: no keeper of a deposit would hear of it, and the deposit's return would take TAO that a hold keeps",
    ),
    ("Preimage::request_preimage", "closed: only the pallets that schedule ask for preimages"),
    ("Preimage::unrequest_preimage", "closed: only the pallets that schedule ask for preimages"),
    ("Preimage::ensure_updated", "closed: no preimage is of an older form"),
    ("Scheduler::schedule", "closed: only pallets schedule"),
    ("Scheduler::cancel", "closed: only pallets schedule"),
    ("Scheduler::schedule_named", "closed: only pallets schedule"),
    ("Scheduler::cancel_named", "closed: only pallets schedule"),
    ("Scheduler::schedule_after", "closed: only pallets schedule"),
    ("Scheduler::schedule_named_after", "closed: only pallets schedule"),
    ("Scheduler::set_retry", "closed: only pallets schedule"),
    ("Scheduler::set_retry_named", "closed: only pallets schedule"),
    ("Scheduler::cancel_retry", "closed: only pallets schedule"),
    ("Scheduler::cancel_retry_named", "closed: only pallets schedule"),
    ("Referenda::cancel", "closed: nobody ends a referendum but the votes"),
    ("Referenda::kill", "closed: nobody ends a referendum but the votes"),
    ("Referenda::nudge_referendum", "closed: only the schedule makes it"),
    ("Referenda::one_fewer_deciding", "closed: only the schedule makes it"),
    ("Governance::enact", "the origin of a referendum, which no transaction has"),
];

/// One argument of a call.
#[derive(Clone, Debug)]
pub struct Argument {
    /// Its name.
    pub name: String,
    /// Its type as the source writes it, such as `NetUid`.
    pub written: String,
    /// Its type in the registry.
    pub ty: u32,
}

/// One call of the runtime.
#[derive(Clone, Debug)]
pub struct Kind {
    /// Its pallet.
    pub pallet: String,
    /// Its name.
    pub name: String,
    /// Index of the pallet and of the call, with which its encoding begins.
    pub index: [u8; 2],
    /// Its arguments.
    pub arguments: Vec<Argument>,
}

impl Kind {
    /// `Pallet::name`.
    pub fn title(&self) -> String {
        format!("{}::{}", self.pallet, self.name)
    }
}

/// Calls and the types of their arguments.
pub struct Schema {
    /// The calls.
    pub kinds: Vec<Kind>,
    /// Types by number.
    pub types: PortableRegistry,
}

impl Schema {
    /// The calls that stories make. Requires externalities.
    pub fn read() -> Self {
        let mut schema = Self::whole();
        schema.kinds.retain(|kind| excluded(&kind.pallet, &kind.name).is_none());
        schema
    }

    /// All calls in the metadata of the runtime. Requires externalities.
    pub fn whole() -> Self {
        let metadata = metadata();
        let mut kinds = Vec::new();
        for pallet in &metadata.pallets {
            let Some(calls) = &pallet.calls else { continue };
            let ty = metadata.types.resolve(calls.ty.id).expect("every type is listed");
            let TypeDef::Variant(variants) = &ty.type_def else { panic!("calls are enums") };
            for variant in &variants.variants {
                let arguments = variant.fields.iter().map(|field| Argument {
                    name: field.name.clone().unwrap_or_default(),
                    written: field.type_name.clone().unwrap_or_default(),
                    ty: field.ty.id,
                });
                kinds.push(Kind {
                    pallet: pallet.name.clone(),
                    name: variant.name.clone(),
                    index: [pallet.index, variant.index],
                    arguments: arguments.collect(),
                });
            }
        }
        Self { kinds, types: metadata.types }
    }
}

/// Reason to leave a call out.
pub fn excluded(pallet: &str, call: &str) -> Option<&'static str> {
    let applies = |name: &Option<&str>| name.is_none_or(|name| name == call);
    EXCLUDED.iter().find(|(of, name, _)| *of == pallet && applies(name)).map(|(_, _, reason)| *reason)
}

/// The runtime's metadata of version 14.
pub fn metadata() -> RuntimeMetadataV14 {
    let bytes = Runtime::metadata().encode();
    let decoded = RuntimeMetadataPrefixed::decode(&mut &bytes[..]).expect("metadata decodes");
    match decoded.1 {
        RuntimeMetadata::V14(metadata) => metadata,
        other => panic!("asked for version 14, got {}", other.version()),
    }
}

/// The last part of a type's path, such as `AccountId32`.
pub fn type_name(ty: &scale_info::Type<PortableForm>) -> &str {
    ty.path.segments.last().map_or("", String::as_str)
}

/// Names of the errors of all pallets by the index of the pallet and their own. Requires externalities the first time.
pub fn error_names() -> &'static BTreeMap<(u8, u8), String> {
    static NAMES: OnceLock<BTreeMap<(u8, u8), String>> = OnceLock::new();
    NAMES.get_or_init(|| {
        let metadata = metadata();
        let mut names = BTreeMap::new();
        for pallet in &metadata.pallets {
            let Some(errors) = &pallet.error else { continue };
            let ty = metadata.types.resolve(errors.ty.id).expect("every type is listed");
            let TypeDef::Variant(variants) = &ty.type_def else { panic!("errors are enums") };
            names.extend(variants.variants.iter().map(|v| ((pallet.index, v.index), v.name.clone())));
        }
        names
    })
}
