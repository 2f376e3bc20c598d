//! `myelin-node check-state`: whether a chain's state is sound. `check-upgrade`: the effects of a new runtime on it.
//!
//! The state comes from `export-state`. A new code runs its migrations and a few blocks on it in memory; nothing is
//! written. Afterwards every stored value must decode by the new metadata, and the ledgers must still balance.

use codec::{Compact, Decode, DecodeAll, Encode};
use frame_metadata::{
    v14::{RuntimeMetadataV14, StorageEntryType},
    RuntimeMetadata, RuntimeMetadataPrefixed,
};
use myelin_runtime::{audit, opaque::Block, Header, RuntimeCall, UncheckedExtrinsic};
use sc_executor::{HeapAllocStrategy, WasmExecutor};
use scale_decode::visitor::{decode_with_visitor, IgnoreVisitor};
use sp_consensus_aura::{Slot, AURA_ENGINE_ID};
use sp_core::{
    storage::{well_known_keys::CODE, Storage},
    traits::{CallContext, CodeExecutor, RuntimeCode, WrappedRuntimeCode},
    H256,
};
use sp_io::hashing::twox_128;
use sp_runtime::{traits::Header as _, BuildStorage, Digest, DigestItem};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    path::PathBuf,
    time::{Duration, Instant},
};

use crate::chain_spec;

mod shape;

use shape::{Shape, Shapes};

/// Most problems of one kind that are printed.
const SHOWN: usize = 10;

/// Most blocks that migrations may go on for.
const MOST_MIGRATING: u32 = 100_000;

/// Checks a chain's state by its own runtime: every value decodes, every rao has a place; exits with an error if not.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Nothing is written, and no node needs to run. The exit code is 0 if the state is sound; otherwise every reason is printed.

Example:
  myelin-node export-state --chain mychain.json --base-path data > state.json
  myelin-node check-state --state state.json")]
pub struct CheckStateCmd {
    /// The state: a chain file as `export-state` writes it.
    #[arg(long)]
    state: String,
    /// State root of the block, as its header names it. A copy with another root is not checked.
    #[arg(long, value_name = "HASH")]
    state_root: Option<H256>,
}

impl CheckStateCmd {
    /// Runs the check and prints what it sees.
    ///
    /// # Errors
    /// If the file cannot be read, or if the state is not sound.
    pub fn run(&self) -> Result<(), Problem> {
        let mut trial = Trial::new(load(&self.state)?, None)?;
        if let Some(expected) = self.state_root {
            trial.is_whole(expected)?;
        }
        let mut reasons = trial.undecodable()?;
        reasons.extend(trial.broken_ledgers()?);
        if !reasons.is_empty() {
            return Err(Problem::Unsound(reasons));
        }
        println!("the state is sound");
        Ok(())
    }
}

/// Tries a new runtime on a copy of a chain's state; exits with an error if it must not be enacted.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Nothing is written, and no node needs to run. What is checked, in this order:
  1. the version rises, and no call changes its encoding behind an unchanged transaction_version
  2. migrations run to their end; those that go on in pages take several blocks, which hold no transactions
  3. blocks are made after that (--blocks)
  4. every stored value decodes by the new metadata
  5. the ledgers balance: issuance, reserves, every rao of alpha
The exit code is 0 if nothing speaks against the runtime; otherwise every reason is printed.

Example:
  myelin-node export-state --chain mychain.json --base-path data > state.json
  myelin-node check-upgrade --state state.json --wasm new_runtime.compact.compressed.wasm")]
pub struct CheckUpgradeCmd {
    /// The new runtime: a `.wasm` file, compressed or not.
    #[arg(long)]
    wasm: PathBuf,
    /// The state: a chain file as `export-state` writes it.
    #[arg(long)]
    state: String,
    /// Blocks that the new runtime runs after its migrations.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    blocks: u32,
    /// Accept a runtime of the same version and run its migrations as if the state came from an older one.
    #[arg(long)]
    rehearse: bool,
}

/// Reasons why a check could not be carried out, or its findings.
#[derive(Debug)]
pub enum Problem {
    /// The check could not be carried out.
    Impossible(String),
    /// The new runtime must not be enacted on this state, for these reasons.
    Refused(Vec<String>),
    /// The state breaks these rules.
    Unsound(Vec<String>),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (verdict, reasons) = match self {
            Self::Impossible(reason) => return write!(f, "the check could not be carried out: {reason}"),
            Self::Refused(reasons) => ("this runtime must not be enacted on this state:", reasons),
            Self::Unsound(reasons) => ("this state is not sound:", reasons),
        };
        write!(f, "{verdict}")?;
        reasons.iter().try_for_each(|reason| write!(f, "\n  - {reason}"))
    }
}

impl std::error::Error for Problem {}

fn impossible(reason: impl fmt::Display) -> Problem {
    Problem::Impossible(reason.to_string())
}

impl CheckUpgradeCmd {
    /// Runs the check and prints what it sees.
    ///
    /// # Errors
    /// If a file cannot be read, or if the runtime must not be enacted.
    pub fn run(&self) -> Result<(), Problem> {
        let new = std::fs::read(&self.wasm)
            .map_err(|error| impossible(format!("{}: {error}", self.wasm.display())))?;
        let mut trial = Trial::new(load(&self.state)?, Some(new))?;
        let mut reasons = trial.compare_versions(self.rehearse)?;
        if reasons.is_empty() {
            reasons.extend(trial.run_blocks(self.blocks, self.rehearse)?);
            reasons.extend(trial.undecodable()?);
            reasons.extend(trial.left_behind()?);
            reasons.extend(trial.broken_ledgers()?);
        }
        if reasons.is_empty() {
            println!("nothing speaks against enacting this runtime on this state");
            return Ok(());
        }
        Err(Problem::Refused(reasons))
    }
}

fn load(state: &str) -> Result<Storage, Problem> {
    chain_spec::load(state).map_err(impossible)?.build_storage().map_err(impossible)
}

/// A copy of a state, and the code that is tried on it.
struct Trial {
    state: sp_io::TestExternalities,
    executor: WasmExecutor<sp_io::SubstrateHostFunctions>,
    old: Vec<u8>,
    new: Vec<u8>,
}

impl Trial {
    /// Without `new`, the code that the state holds is tried.
    fn new(mut state: Storage, new: Option<Vec<u8>>) -> Result<Self, Problem> {
        let old = state.top.remove(CODE).ok_or_else(|| impossible("the state holds no runtime"))?;
        println!("state: {} keys", state.top.len());
        // The audit keeps its comparisons in memory, more than a block may need.
        let unlimited = HeapAllocStrategy::Dynamic { maximum_pages: None };
        let executor = WasmExecutor::builder()
            .with_onchain_heap_alloc_strategy(unlimited)
            .with_offchain_heap_alloc_strategy(unlimited)
            .build();
        Ok(Self {
            state: sp_io::TestExternalities::new_with_code(&old, state),
            executor,
            new: new.unwrap_or_else(|| old.clone()),
            old,
        })
    }

    /// Whether the copy is the state of the block whose header names this root.
    fn is_whole(&self, expected: H256) -> Result<(), Problem> {
        let root = *self.state.backend.root();
        if root == expected {
            println!("state root: {root:?}, as in the header");
            return Ok(());
        }
        Err(impossible(format!(
            "the copy has the state root {root:?}, and the header names {expected:?}; it is not the state of that \
             block, so take it again"
        )))
    }

    fn call(&mut self, code: &[u8], method: &str, arguments: &[u8]) -> Result<Vec<u8>, Problem> {
        let fetcher = WrappedRuntimeCode(code.into());
        let runtime = RuntimeCode { code_fetcher: &fetcher, heap_pages: None, hash: twox_128(code).to_vec() };
        let context = CallContext::Onchain { import: false };
        let (answer, _) = self.executor.call(&mut self.state.ext(), &runtime, method, arguments, context);
        answer.map_err(|error| Problem::Refused(vec![format!("{method} failed: {error}")]))
    }

    fn ask<T: Decode>(&mut self, code: &[u8], method: &str, arguments: &[u8]) -> Result<T, Problem> {
        let answer = self.call(code, method, arguments)?;
        T::decode_all(&mut &answer[..])
            .map_err(|error| impossible(format!("the answer of {method}: {error}")))
    }

    /// Reasons in the two versions to stop.
    fn compare_versions(&mut self, rehearse: bool) -> Result<Vec<String>, Problem> {
        let (old_code, new_code) = (self.old.clone(), self.new.clone());
        let old: sp_version::RuntimeVersion = self.ask(&old_code, "Core_version", &[])?;
        let new: sp_version::RuntimeVersion = self.ask(&new_code, "Core_version", &[])?;
        println!("version: {} {} -> {} {}", old.spec_name, old.spec_version, new.spec_name, new.spec_version);
        let mut reasons = Vec::new();
        if old.spec_name != new.spec_name {
            reasons.push(format!("it is `{}`, the chain runs `{}`", new.spec_name, old.spec_name));
        }
        let rises = new.spec_version > old.spec_version;
        if !(rises || rehearse && new.spec_version == old.spec_version) {
            reasons.push(format!(
                "its spec_version {} is not above the chain's {}: raise it (or pass --rehearse to try the migrations alone)",
                new.spec_version, old.spec_version
            ));
        }
        let (before, after) = (self.metadata(&old_code)?, self.metadata(&new_code)?);
        if old.transaction_version == new.transaction_version {
            reasons.extend(changed_calls(&before, &after));
            reasons.extend(changed_extensions(&before, &after));
        } else {
            println!(
                "transaction_version rises to {}: offline signers need an update",
                new.transaction_version
            );
        }
        let gone: Vec<_> = surface(&before).difference(&surface(&after)).cloned().collect();
        list("no longer there for clients", &gone);
        let status = item("SubtensorModule", "CurrentDissolveCleanupStatus");
        let under_way = self.state.execute_with(|| sp_io::storage::exists(&status));
        reasons.extend(interrupted_removal(&before, &after, under_way));
        Ok(reasons)
    }

    /// Stored values of items that pallets of the new runtime no longer have.
    fn left_behind(&mut self) -> Result<Vec<String>, Problem> {
        let (old_code, new_code) = (self.old.clone(), self.new.clone());
        let (old, new) = (self.metadata(&old_code)?, self.metadata(&new_code)?);
        Ok(left_behind(&old, &new, |prefix, name| self.below(&item(prefix, name)).len()))
    }

    /// Runs the migrations and blocks of the new runtime; returns those that are too heavy for a block.
    fn run_blocks(&mut self, count: u32, rehearse: bool) -> Result<Vec<String>, Problem> {
        let new = self.new.clone();
        let mut reasons = Vec::new();
        self.state.execute_with(|| {
            sp_io::storage::set(CODE, &new);
            // These blocks are made without the keys of their authors, so they hold no contributions to the beacon.
            sp_io::storage::clear(&item("Beacon", "StrictFrom"));
            if rehearse {
                sp_io::storage::clear(&item("System", "LastRuntimeUpgrade"));
            }
        });
        let mut number: u32 = self.stored("System", "Number")?;
        let mut slot: u64 = self.stored("Aura", "CurrentSlot")?;
        let slot_ms: u64 = self.ask(&new, "AuraApi_slot_duration", &[])?;
        let (mut left, mut migrating) = (count, 0u32);
        while left > 0 {
            (number, slot) = (number + 1, slot + 1);
            let digest =
                Digest { logs: vec![DigestItem::PreRuntime(AURA_ENGINE_ID, Slot::from(slot).encode())] };
            let header =
                Header::new(number, Default::default(), Default::default(), Default::default(), digest);
            let started = Instant::now();
            let mode: sp_runtime::ExtrinsicInclusionMode =
                self.ask(&new, "Core_initialize_block", &header.encode())?;
            let begun = started.elapsed();
            let time = RuntimeCall::from(pallet_timestamp::Call::set { now: slot * slot_ms });
            let inherent = UncheckedExtrinsic::new_bare(time).encode();
            let applied: sp_runtime::ApplyExtrinsicResult =
                self.ask(&new, "BlockBuilder_apply_extrinsic", &inherent)?;
            if !matches!(applied, Ok(Ok(()))) {
                return Err(Problem::Refused(vec![format!("block {number} refuses its time: {applied:?}")]));
            }
            let _: <Block as sp_runtime::traits::Block>::Header =
                self.ask(&new, "BlockBuilder_finalize_block", &[])?;
            if begun > Duration::from_millis(slot_ms) {
                println!("block {number} takes longer to begin than a slot of {slot_ms} ms on this machine");
            }
            reasons.extend(self.too_heavy(number)?);
            if mode == sp_runtime::ExtrinsicInclusionMode::OnlyInherents {
                migrating += 1;
                if migrating > MOST_MIGRATING {
                    let endless = format!("its migrations are not done after {MOST_MIGRATING} blocks");
                    return Err(Problem::Refused(vec![endless]));
                }
                continue;
            }
            if migrating > 0 {
                println!("migrations go on for {migrating} blocks, which hold no transactions");
            }
            let what = if left == count && migrating == 0 { "migrations and block" } else { "block" };
            println!("{what} {number}: {:.1} ms", ms(begun));
            (left, migrating) = (left - 1, 0);
        }
        Ok(reasons)
    }

    /// Whether the last block weighs more than a block may.
    fn too_heavy(&mut self, number: u32) -> Result<Option<String>, Problem> {
        let new = self.new.clone();
        let metadata = self.metadata(&new)?;
        let limits = constant(&metadata, "System", "BlockWeights")
            .ok_or_else(|| impossible("the metadata tells no System.BlockWeights"))?;
        // The weight of an empty block, then the limit; the rest is about classes.
        let [_, limit] = <[Measure; 2]>::decode(&mut &limits[..]).map_err(impossible)?;
        let classes: [Measure; 3] = self.stored("System", "BlockWeight")?;
        let used = classes.iter().fold((0u64, 0u64), |sum, (time, size)| {
            (sum.0.saturating_add(time.0), sum.1.saturating_add(size.0))
        });
        let heavy = used.0 > limit.0 .0 || used.1 > limit.1 .0;
        Ok(heavy
            .then(|| format!("block {number} weighs {} ps, and a block may weigh {}", used.0, limit.0 .0)))
    }

    /// Stored values that the new metadata cannot read, and values of pallets that are gone.
    fn undecodable(&mut self) -> Result<Vec<String>, Problem> {
        let new = self.new.clone();
        let metadata = self.metadata(&new)?;
        let mut known = BTreeSet::new();
        let mut reasons = Vec::new();
        let mut values = 0usize;
        for pallet in &metadata.pallets {
            // One without storage has its version there.
            known.insert(twox_128(pallet.name.as_bytes()));
            let Some(storage) = &pallet.storage else { continue };
            known.insert(twox_128(storage.prefix.as_bytes()));
            for entry in &storage.entries {
                let ty = match &entry.ty {
                    StorageEntryType::Plain(ty) | StorageEntryType::Map { value: ty, .. } => ty.id,
                };
                for (key, value) in self.below(&item(&storage.prefix, &entry.name)) {
                    values += 1;
                    let rest = &mut &value[..];
                    let read = decode_with_visitor(rest, ty, &metadata.types, IgnoreVisitor::new());
                    if read.is_err() || !rest.is_empty() {
                        reasons.push(format!(
                            "{}.{} at 0x{} does not decode",
                            storage.prefix,
                            entry.name,
                            sp_core::bytes::to_hex(&key, false).trim_start_matches("0x")
                        ));
                    }
                }
            }
        }
        println!("{values} values read by the metadata");
        let mut orphans: BTreeMap<String, usize> = BTreeMap::new();
        for (key, _) in self.below(&[]) {
            let prefix = key.get(..16).unwrap_or(&key);
            if !key.starts_with(b":") && !known.iter().any(|known| known == prefix) {
                *orphans.entry(sp_core::bytes::to_hex(prefix, false)).or_default() += 1;
            }
        }
        for (prefix, count) in orphans.iter().take(SHOWN) {
            println!("{count} values below {prefix} belong to no pallet of the new runtime");
        }
        if reasons.len() > SHOWN {
            let more = reasons.len() - SHOWN;
            reasons.truncate(SHOWN);
            reasons.push(format!("and {more} more values"));
        }
        Ok(reasons)
    }

    /// Findings of the runtime's own audit of its ledgers.
    fn broken_ledgers(&mut self) -> Result<Vec<String>, Problem> {
        let new = self.new.clone();
        let started = Instant::now();
        self.state.execute_with(|| sp_io::storage::set(audit::OPEN, &[]));
        let found: Option<(Vec<u8>, Vec<u8>)> = self.ask(&new, "AuditRuntimeApi_first_violation", &[])?;
        println!("audit of the ledgers: {:.1} ms", ms(started.elapsed()));
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Ok(found.map(|(rule, found)| format!("{}: {}", text(rule), text(found))).into_iter().collect())
    }

    fn metadata(&mut self, code: &[u8]) -> Result<RuntimeMetadataV14, Problem> {
        let opaque: Vec<u8> = self.ask(code, "Metadata_metadata", &[])?;
        let decoded = RuntimeMetadataPrefixed::decode_all(&mut &opaque[..]).map_err(impossible)?;
        match decoded.1 {
            RuntimeMetadata::V14(metadata) => Ok(metadata),
            other => Err(impossible(format!("metadata of version {} instead of 14", other.version()))),
        }
    }

    fn stored<T: Decode>(&mut self, pallet: &str, name: &str) -> Result<T, Problem> {
        let value = self.state.execute_with(|| sp_io::storage::get(&item(pallet, name)));
        let value = value.ok_or_else(|| impossible(format!("the state holds no {pallet}.{name}")))?;
        T::decode(&mut &value[..]).map_err(|error| impossible(format!("{pallet}.{name}: {error}")))
    }

    fn below(&mut self, prefix: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
        self.state.execute_with(|| {
            let mut found = Vec::new();
            let mut key = prefix.to_vec();
            if let Some(value) = sp_io::storage::get(&key) {
                found.push((key.clone(), value.to_vec()));
            }
            while let Some(next) = sp_io::storage::next_key(&key).filter(|next| next.starts_with(prefix)) {
                let value = sp_io::storage::get(&next).map(|value| value.to_vec()).unwrap_or_default();
                found.push((next.clone(), value));
                key = next;
            }
            found
        })
    }
}

/// Everything that clients can name: pallets' calls, storage, constants, errors.
fn surface(metadata: &RuntimeMetadataV14) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for pallet in &metadata.pallets {
        let mut add = |kind: &str, name: &str| names.insert(format!("{kind} {}.{name}", pallet.name));
        for entry in pallet.storage.iter().flat_map(|storage| &storage.entries) {
            add("storage", &entry.name);
        }
        for constant in &pallet.constants {
            add("constant", &constant.name);
        }
        for (name, ..) in variants(metadata, pallet.calls.as_ref().map(|calls| calls.ty.id)) {
            add("call", &name);
        }
        for (name, ..) in variants(metadata, pallet.error.as_ref().map(|error| error.ty.id)) {
            add("error", &name);
        }
    }
    names
}

/// Items that were removed from pallets that stay, if `count` finds values of them.
fn left_behind(
    old: &RuntimeMetadataV14,
    new: &RuntimeMetadataV14,
    mut count: impl FnMut(&str, &str) -> usize,
) -> Vec<String> {
    let stays = |prefix: &str| new.pallets.iter().any(|pallet| prefix_of(pallet) == Some(prefix));
    let (before, after) = (items(old), items(new));
    let gone = before.difference(&after).filter(|(prefix, _)| stays(prefix));
    let found = gone.map(|(prefix, name)| (prefix, name, count(prefix, name)));
    found
        .filter(|(.., values)| *values > 0)
        .map(|(prefix, name, values)| {
            format!("{prefix}.{name} is gone or renamed, and {values} of its values are stored: move or remove them")
        })
        .collect()
}

/// A removal of a subnet that is under way and would continue in another list of steps.
fn interrupted_removal(
    old: &RuntimeMetadataV14,
    new: &RuntimeMetadataV14,
    under_way: bool,
) -> Option<String> {
    let steps = |metadata| constant(metadata, "SubtensorModule", "RemovalSteps");
    (under_way && steps(old) != steps(new)).then(|| {
        "a subnet is being removed, in steps that the new runtime counts otherwise: wait until that is done".into()
    })
}

/// Calls that a signer of the old transaction version would encode wrongly.
fn changed_calls(old: &RuntimeMetadataV14, new: &RuntimeMetadataV14) -> Vec<String> {
    let calls = |metadata: &RuntimeMetadataV14| -> BTreeSet<(String, u8, Variant)> {
        let of_pallet = |pallet: &frame_metadata::v14::PalletMetadata<scale_info::form::PortableForm>| {
            let (name, index) = (pallet.name.clone(), pallet.index);
            let calls = variants(metadata, pallet.calls.as_ref().map(|calls| calls.ty.id));
            calls.into_iter().map(move |call| (name.clone(), index, call))
        };
        metadata.pallets.iter().flat_map(of_pallet).collect()
    };
    let kept = calls(new);
    let changed: Vec<_> =
        calls(old).difference(&kept).map(|(pallet, _, (call, ..))| format!("{pallet}.{call}")).collect();
    if changed.is_empty() {
        return Vec::new();
    }
    vec![format!(
        "transaction_version is the same, but these calls are gone or encoded otherwise: {}",
        changed.join(", ")
    )]
}

/// The signed extensions, if signers may no longer encode them in the same way.
fn changed_extensions(old: &RuntimeMetadataV14, new: &RuntimeMetadataV14) -> Option<String> {
    let extensions = |metadata: &RuntimeMetadataV14| -> Vec<(String, Shape, Shape)> {
        let shapes = &mut Shapes::new(metadata);
        let all = metadata.extrinsic.signed_extensions.iter();
        all.map(|extension| {
            (
                extension.identifier.clone(),
                shapes.of(extension.ty.id),
                shapes.of(extension.additional_signed.id),
            )
        })
        .collect()
    };
    (extensions(old) != extensions(new)).then(|| {
        let names = |metadata: &RuntimeMetadataV14| {
            let all = metadata.extrinsic.signed_extensions.iter();
            all.map(|extension| extension.identifier.clone()).collect::<Vec<_>>().join(" ")
        };
        format!(
            "transaction_version is the same, but what is signed changes: {} becomes {}",
            names(old),
            names(new)
        )
    })
}

/// A weight as stored: picoseconds and bytes of proof.
type Measure = (Compact<u64>, Compact<u64>);

/// Name, index and fields of a variant, each field by its name and its encoding.
type Variant = (String, u8, Vec<(Option<String>, Shape)>);

/// The variants of a type, none if it is not an enum.
fn variants(metadata: &RuntimeMetadataV14, ty: Option<u32>) -> Vec<Variant> {
    let Some(found) = ty.and_then(|id| metadata.types.resolve(id)) else { return Vec::new() };
    let scale_info::TypeDef::Variant(variants) = &found.type_def else { return Vec::new() };
    let shapes = &mut Shapes::new(metadata);
    let mut fields = |variant: &scale_info::Variant<scale_info::form::PortableForm>| {
        variant.fields.iter().map(|field| (field.name.clone(), shapes.of(field.ty.id))).collect()
    };
    variants.variants.iter().map(|variant| (variant.name.clone(), variant.index, fields(variant))).collect()
}

/// The prefix under which a pallet stores.
fn prefix_of(pallet: &frame_metadata::v14::PalletMetadata<scale_info::form::PortableForm>) -> Option<&str> {
    pallet.storage.as_ref().map(|storage| storage.prefix.as_str())
}

/// Storage prefix and name of every item.
fn items(metadata: &RuntimeMetadataV14) -> BTreeSet<(String, String)> {
    let storages = metadata.pallets.iter().filter_map(|pallet| pallet.storage.as_ref());
    let of = |storage: &frame_metadata::v14::PalletStorageMetadata<scale_info::form::PortableForm>| {
        let prefix = storage.prefix.clone();
        let names: Vec<_> =
            storage.entries.iter().map(|entry| (prefix.clone(), entry.name.clone())).collect();
        names
    };
    storages.flat_map(of).collect()
}

/// The bytes of a constant.
fn constant<'a>(metadata: &'a RuntimeMetadataV14, pallet: &str, name: &str) -> Option<&'a [u8]> {
    let pallet = metadata.pallets.iter().find(|found| found.name == pallet)?;
    Some(&pallet.constants.iter().find(|constant| constant.name == name)?.value)
}

fn list(title: &str, names: &[String]) {
    if names.is_empty() {
        return;
    }
    println!("{title} ({}):", names.len());
    names.iter().take(SHOWN).for_each(|name| println!("  {name}"));
    if names.len() > SHOWN {
        println!("  and {} more", names.len() - SHOWN);
    }
}

/// Storage prefix of a storage item.
fn item(pallet: &str, name: &str) -> Vec<u8> {
    [twox_128(pallet.as_bytes()), twox_128(name.as_bytes())].concat()
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata() -> RuntimeMetadataV14 {
        let all = sp_io::TestExternalities::default().execute_with(myelin_runtime::Runtime::metadata);
        match all.1 {
            RuntimeMetadata::V14(metadata) => metadata,
            other => panic!("version 14 is the plain one, not {}", other.version()),
        }
    }

    fn network(
        metadata: &mut RuntimeMetadataV14,
    ) -> &mut frame_metadata::v14::PalletMetadata<scale_info::form::PortableForm> {
        metadata.pallets.iter_mut().find(|pallet| pallet.name == "SubtensorModule").expect("it is there")
    }

    #[test]
    fn a_runtime_is_compatible_with_itself() {
        let metadata = metadata();
        assert_eq!(left_behind(&metadata, &metadata, |_, _| 1), Vec::<String>::new());
        assert_eq!(interrupted_removal(&metadata, &metadata, true), None);
        assert_eq!(
            (changed_calls(&metadata, &metadata), changed_extensions(&metadata, &metadata)),
            (Vec::new(), None)
        );
    }

    #[test]
    fn values_of_a_renamed_item_are_not_left_behind() {
        let (old, mut new) = (metadata(), metadata());
        let storage = network(&mut new).storage.as_mut().expect("it stores");
        storage.entries.retain(|entry| entry.name != "Tempo");
        let reasons = left_behind(&old, &new, |_, _| 3);
        assert!(reasons.len() == 1 && reasons[0].contains("SubtensorModule.Tempo"), "{reasons:?}");
        assert!(left_behind(&old, &new, |_, _| 0).is_empty(), "nothing is stored");
    }

    #[test]
    fn a_removal_does_not_go_on_in_other_steps() {
        let (old, mut new) = (metadata(), metadata());
        let steps = network(&mut new).constants.iter_mut().find(|constant| constant.name == "RemovalSteps");
        steps.expect("it is there").value = 999u32.encode();
        assert!(interrupted_removal(&old, &new, true).is_some());
        assert_eq!(interrupted_removal(&old, &new, false), None);
    }

    #[test]
    fn what_is_signed_may_not_change_unnoticed() {
        let (old, mut new) = (metadata(), metadata());
        new.extrinsic.signed_extensions.pop();
        assert!(changed_extensions(&old, &new).is_some());
    }
}
