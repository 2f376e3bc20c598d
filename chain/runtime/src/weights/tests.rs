//! What the costs of calls promise, whatever was measured.

use codec::{Decode, Encode};
use frame_metadata::{RuntimeMetadata, RuntimeMetadataPrefixed};
use frame_support::{
    dispatch::{DispatchClass, GetDispatchInfo},
    traits::Get,
    weights::Weight,
};

use crate::{genesis, profile::BlockLimits, Runtime, RuntimeCall};

/// Calls that replace the code. They load it to read its version, which takes longer than a fast block; on a fast chain root makes them
/// through `sudo_unchecked_weight`.
const UPGRADES: [&str; 2] = ["System::set_code", "System::apply_authorized_upgrade"];
/// Trimming renumbers every neuron with all that was said by and about it. A fast block has room for 100 of them; of a fuller subnet root
/// does it through `sudo_unchecked_weight`.
const TRIM: &str = "AdminUtils::sudo_trim_to_max_allowed_uids";

/// Calls that nobody can make: they ask for a proof of a kind that this chain has none of.
const IMPOSSIBLE: [&str; 2] = ["Grandpa::report_equivocation", "Grandpa::report_equivocation_unsigned"];

/// Calls of root that say themselves what they weigh.
const STATED: [&str; 2] = ["Sudo::sudo_unchecked_weight", "Utility::with_weight"];

/// Every call there is with its name, its arguments as small as they may be: all bytes 0.
fn calls() -> Vec<(String, RuntimeCall)> {
    let RuntimeMetadataPrefixed(_, RuntimeMetadata::V14(metadata)) = Runtime::metadata() else {
        panic!("version 14 is the plain one");
    };
    let mut calls = Vec::new();
    for pallet in &metadata.pallets {
        let Some(of_pallet) = &pallet.calls else { continue };
        let ty = metadata.types.resolve(of_pallet.ty.id).expect("every type is listed");
        let scale_info::TypeDef::Variant(variants) = &ty.type_def else { panic!("calls are enums") };
        for variant in &variants.variants {
            let title = format!("{}::{}", pallet.name, variant.name);
            let bytes = (pallet.index, variant.index, [0u8; 1_024]).encode();
            match RuntimeCall::decode(&mut bytes.as_slice()) {
                Ok(call) => calls.push((title, call)),
                Err(error) => assert!(IMPOSSIBLE.contains(&title.as_str()), "{title}: {error}"),
            }
        }
    }
    calls
}

/// As many subnets as may be; the one that all calls are about is full, and stake matters there.
fn fill_network() {
    pallet_network::TotalNetworks::<Runtime>::put(129);
    pallet_network::SubnetworkN::<Runtime>::insert(0, 256);
    pallet_network::MaxAllowedUids::<Runtime>::insert(0, 256);
    pallet_network::StakeThreshold::<Runtime>::put(1);
}

fn on_fast_chain(story: impl FnOnce()) {
    let first = genesis::storage("development").expect("the preset exists").expect("the preset fits");
    sp_io::TestExternalities::from(first).execute_with(story);
}

#[test]
fn no_call_is_for_nothing() {
    on_fast_chain(|| {
        let calls = calls();
        assert!(calls.len() > 150, "only {} calls were found", calls.len());
        let free: Vec<_> = calls
            .into_iter()
            .filter(|(title, _)| !STATED.contains(&title.as_str()))
            .filter(|(_, call)| call.get_dispatch_info().call_weight.ref_time() == 0)
            .map(|(title, _)| title)
            .collect();
        assert!(free.is_empty(), "calls without weight: {free:?}");
    });
}

#[test]
fn every_call_fits_into_a_block_of_the_fastest_chain() {
    on_fast_chain(|| {
        fill_network();
        let limits = BlockLimits::get();
        let largest = |class: DispatchClass| limits.get(class).max_extrinsic.unwrap_or(limits.max_block);
        let too_large: Vec<(String, Weight)> = calls()
            .into_iter()
            .filter(|(title, _)| !UPGRADES.contains(&title.as_str()) && title != TRIM)
            .map(|(title, call)| (title, call.get_dispatch_info()))
            .filter(|(_, info)| info.class != DispatchClass::Mandatory)
            .filter(|(_, info)| !info.call_weight.all_lte(largest(info.class)))
            .map(|(title, info)| (title, info.call_weight))
            .collect();
        assert!(too_large.is_empty(), "calls that no block has room for: {too_large:?}");
    });
}

#[test]
fn a_hundred_neurons_are_trimmed_in_a_fast_block_and_a_full_subnet_at_production_pace() {
    let fits = |preset: &str, neurons: u16| {
        let first = genesis::storage(preset).expect("the preset exists").expect("the preset fits");
        sp_io::TestExternalities::from(first).execute_with(|| {
            pallet_network::SubnetworkN::<Runtime>::insert(1, neurons);
            let call =
                pallet_admin_utils::Call::<Runtime>::sudo_trim_to_max_allowed_uids { netuid: 1, max_n: 64 };
            let info = RuntimeCall::from(call).get_dispatch_info();
            let limits = BlockLimits::get();
            info.call_weight.all_lte(limits.get(info.class).max_extrinsic.unwrap_or(limits.max_block))
        })
    };
    assert!(fits("development", 100));
    assert!(!fits("development", 256), "then it needs no exception");
    assert!(fits("development-12s", 256));
}

#[test]
fn setting_256_weights_takes_a_millisecond_of_a_block_at_most() {
    on_fast_chain(|| {
        let (dests, weights) = ((0..256).collect(), vec![u16::MAX; 256]);
        let call = pallet_network::Call::<Runtime>::set_weights { netuid: 1, dests, weights, version_key: 0 };
        let weight = RuntimeCall::from(call).get_dispatch_info().call_weight.ref_time();
        assert!(weight <= 1_000_000_000, "{weight} ps");
    });
}
