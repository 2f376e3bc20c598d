//! Does the node's runtime fit the types this program was compiled with?
//!
//! Compared at connect, by structure. The answer of every runtime API method that this crate calls must have the shape
//! of the `myelin-abi` type it is decoded into. Every call must take arguments with the names and shapes that
//! `myelin-abi` encodes. A runtime that has more is accepted; one that differs is refused before it is misread.

use std::collections::HashSet;

use myelin_abi::calls::{self, Call};
use myelin_abi::{
    Account, DelegateInfo, DynamicInfo, HyperparamEntry, NeuronInfoLite, SelectiveMetagraph, SimSwapResult,
    StakeInfo, SubnetPrice,
};
use scale_info::form::PortableForm;
use scale_info::{Field, MetaType, PortableRegistry, Registry, TypeDef, TypeInfo};
use subxt::metadata::Metadata;

/// Items that this crate relies on and that the runtime lacks or has in another shape, one short line each.
pub(crate) fn differences(metadata: &Metadata) -> Vec<String> {
    let mut check = Check { metadata, found: Vec::new() };
    check.method::<Option<SelectiveMetagraph<Account>>>("SubnetInfoRuntimeApi", "get_selective_metagraph");
    check.method::<Option<DynamicInfo<Account>>>("SubnetInfoRuntimeApi", "get_dynamic_info");
    check.method::<Vec<Option<DynamicInfo<Account>>>>("SubnetInfoRuntimeApi", "get_all_dynamic_info");
    check.method::<Option<Vec<HyperparamEntry>>>("SubnetInfoRuntimeApi", "get_subnet_hyperparams_v3");
    check.method::<Option<u64>>("SubnetInfoRuntimeApi", "get_next_epoch_start_block");
    check.method::<Vec<NeuronInfoLite<Account>>>("NeuronInfoRuntimeApi", "get_neurons_lite");
    check.method::<Vec<StakeInfo<Account>>>("StakeInfoRuntimeApi", "get_stake_info_for_coldkey");
    check.method::<Vec<DelegateInfo<Account>>>("DelegateInfoRuntimeApi", "get_delegates");
    check.method::<u64>("SubnetRegistrationRuntimeApi", "get_network_registration_cost");
    check.method::<Vec<SubnetPrice>>("SwapRuntimeApi", "current_alpha_price_all");
    check.method::<SimSwapResult>("SwapRuntimeApi", "sim_swap_tao_for_alpha");
    check.method::<SimSwapResult>("SwapRuntimeApi", "sim_swap_alpha_for_tao");

    check.call::<calls::subtensor::RegisterNetwork>();
    check.call::<calls::subtensor::StartCall>();
    check.call::<calls::subtensor::RegisterLimit>();
    check.call::<calls::subtensor::AddStakeLimit>();
    check.call::<calls::subtensor::RemoveStakeLimit>();
    check.call::<calls::subtensor::ServeAxon>();
    check.call::<calls::subtensor::SetMechanismWeights>();
    check.call::<calls::subtensor::CommitMechanismWeights>();
    check.call::<calls::subtensor::RevealMechanismWeights>();
    check.call::<calls::balances::TransferKeepAlive>();
    check.found
}

struct Check<'a> {
    metadata: &'a Metadata,
    found: Vec<String>,
}

impl Check<'_> {
    fn method<Answer: TypeInfo + 'static>(&mut self, api: &str, method: &str) {
        let Some(served) = self.metadata.runtime_api_trait_by_name(api) else {
            self.found.push(format!("runtime API {api} is missing"));
            return;
        };
        match served.method_by_name(method) {
            None => self.found.push(format!("runtime API method {api}.{method} is missing")),
            Some(served) if !self.same_shape(served.output_ty(), MetaType::new::<Answer>()) => {
                self.found.push(format!("{api}.{method} answers in another shape"));
            }
            Some(_) => {}
        }
    }

    fn call<C: Call + 'static>(&mut self) {
        let name = format!("{}.{}", C::PALLET, C::NAME);
        let variant =
            self.metadata.pallet_by_name(C::PALLET).and_then(|pallet| pallet.call_variant_by_name(C::NAME));
        let Some(variant) = variant else {
            self.found.push(format!("call {name} is missing"));
            return;
        };
        let (ours, id) = register(MetaType::new::<C>());
        let Some(TypeDef::Composite(composite)) = ours.resolve(id).map(|ty| &ty.type_def) else { return };
        let mut shapes = Shapes { theirs: self.metadata.types(), ours: &ours, seen: HashSet::new() };
        let same_names = variant
            .fields
            .iter()
            .map(|field| field.name.as_deref().unwrap_or_default())
            .eq(C::ARGUMENTS.iter().copied());
        let same_types = variant.fields.len() == composite.fields.len()
            && variant.fields.iter().zip(&composite.fields).all(|(a, b)| shapes.same(a.ty.id, b.ty.id));
        if !same_names || !same_types {
            self.found.push(format!("call {name} takes other arguments"));
        }
    }

    fn same_shape(&self, theirs: u32, ours: MetaType) -> bool {
        let (registry, id) = register(ours);
        Shapes { theirs: self.metadata.types(), ours: &registry, seen: HashSet::new() }.same(theirs, id)
    }
}

fn register(ty: MetaType) -> (PortableRegistry, u32) {
    let mut registry = Registry::new();
    let id = registry.register_type(&ty).id;
    (registry.into(), id)
}

/// Structural comparison of two type registries. Type names don't matter; field and variant names do.
struct Shapes<'a> {
    theirs: &'a PortableRegistry,
    ours: &'a PortableRegistry,
    seen: HashSet<(u32, u32)>,
}

impl Shapes<'_> {
    fn same(&mut self, theirs: u32, ours: u32) -> bool {
        if !self.seen.insert((theirs, ours)) {
            return true;
        }
        let (registry_a, registry_b) = (self.theirs, self.ours);
        let (Some(a), Some(b)) = (registry_a.resolve(theirs), registry_b.resolve(ours)) else { return false };
        match (&a.type_def, &b.type_def) {
            (TypeDef::Composite(a), TypeDef::Composite(b)) => self.same_fields(&a.fields, &b.fields),
            // A newtype on one side only, for example `MultiAddress`'s empty index, reads the same bytes.
            (TypeDef::Composite(a), _) if a.fields.len() == 1 => {
                let inner = a.fields[0].ty.id;
                self.same(inner, ours)
            }
            (_, TypeDef::Composite(b)) if b.fields.len() == 1 => {
                let inner = b.fields[0].ty.id;
                self.same(theirs, inner)
            }
            // Our type may know fewer variants than the runtime's; the variants it knows must agree.
            (TypeDef::Variant(a), TypeDef::Variant(b)) => b.variants.iter().all(|ours| {
                a.variants.iter().any(|theirs| {
                    theirs.name == ours.name
                        && theirs.index == ours.index
                        && self.same_fields(&theirs.fields, &ours.fields)
                })
            }),
            (TypeDef::Sequence(a), TypeDef::Sequence(b)) => self.same(a.type_param.id, b.type_param.id),
            (TypeDef::Array(a), TypeDef::Array(b)) => {
                a.len == b.len && self.same(a.type_param.id, b.type_param.id)
            }
            (TypeDef::Tuple(a), TypeDef::Tuple(b)) => {
                a.fields.len() == b.fields.len()
                    && a.fields.iter().zip(&b.fields).all(|(a, b)| self.same(a.id, b.id))
            }
            (TypeDef::Primitive(a), TypeDef::Primitive(b)) => a == b,
            (TypeDef::Compact(a), TypeDef::Compact(b)) => self.same(a.type_param.id, b.type_param.id),
            _ => false,
        }
    }

    fn same_fields(&mut self, theirs: &[Field<PortableForm>], ours: &[Field<PortableForm>]) -> bool {
        theirs.len() == ours.len()
            && theirs.iter().zip(ours).all(|(a, b)| a.name == b.name && self.same(a.ty.id, b.ty.id))
    }
}
