//! Promises of the costs of calls, for any measured figures.

use codec::{Decode, Encode};
use frame_metadata::{RuntimeMetadata, RuntimeMetadataPrefixed};
use frame_support::{
    dispatch::{DispatchClass, GetDispatchInfo},
    traits::Get,
    weights::Weight,
};

use pallet_network::{costs, emission::payout::Work, epoch::Opinions, measured::Epochs};
use sp_consensus_aura::{Slot, AURA_ENGINE_ID};
use sp_runtime::{traits::Header as _, Digest, DigestItem};

use crate::{genesis, profile::BlockLimits, AccountId, Executive, Header, Runtime, RuntimeCall, System};

/// Trimming renumbers every neuron with all weights and bonds by it and toward it. A fast block has room for 100 of
/// them; for a fuller subnet root does it through `sudo_unchecked_weight`.
const TRIM: &str = "AdminUtils::sudo_trim_to_max_allowed_uids";

/// Calls that may take stake from root, which adjusts its claims on every subnet, or from all subnets at once. With 128
/// subnets on a fast chain, no block has room for these calls in such a case.
const FROM_ALL_SUBNETS: [&str; 12] = [
    "SubtensorModule::remove_stake",
    "SubtensorModule::remove_stake_limit",
    "SubtensorModule::remove_stake_full_limit",
    "SubtensorModule::unstake_all",
    "SubtensorModule::unstake_all_alpha",
    "SubtensorModule::move_stake",
    "SubtensorModule::move_stake_limit",
    "SubtensorModule::transfer_stake",
    "SubtensorModule::transfer_stake_and_hotkey",
    "SubtensorModule::transfer_stake_limit",
    "SubtensorModule::swap_stake",
    "SubtensorModule::swap_stake_limit",
];

/// Calls that nobody can make: they need a proof that cannot exist on this chain.
const IMPOSSIBLE: [&str; 2] = ["Grandpa::report_equivocation", "Grandpa::report_equivocation_unsigned"];

/// Calls of root that state their own weight.
const STATED: [&str; 2] = ["Sudo::sudo_unchecked_weight", "Utility::with_weight"];

/// Every call with its name and the smallest arguments: all bytes 0.
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

/// As many subnets as allowed; the subnet of all calls is full, and stake matters there.
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
            .filter(|(title, _)| title != TRIM)
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

/// Begins block 1 and returns its weight.
fn begin_block() -> Weight {
    let digest = Digest { logs: vec![DigestItem::PreRuntime(AURA_ENGINE_ID, Slot::from(1).encode())] };
    let hash = Default::default;
    Executive::initialize_block(&Header::new(1, hash(), hash(), hash(), digest));
    System::block_weight().total()
}

/// Room for an ordinary call in a block with this much weight taken.
fn room(taken: Weight) -> Weight {
    let limits = BlockLimits::get();
    let normal = limits.get(DispatchClass::Normal);
    let left = limits.max_block.saturating_sub(taken);
    left.min(normal.max_total.unwrap_or(left)).saturating_sub(normal.base_extrinsic)
}

/// The epoch of a usual subnet: 64 validators judge 192 miners.
fn usual_epoch() -> Work {
    Work {
        neurons: 256,
        mechanisms: 1,
        opinions: Opinions { rows: 65, entries: 64 * 192, commits: 0, proofs: 0, withheld: 0, measured: 0 },
        miners: 192,
        validators: 64,
        ..Default::default()
    }
}

#[test]
fn beside_128_idle_subnets_a_fast_block_has_room_for_ordinary_calls() {
    on_fast_chain(|| {
        fill_network();
        let room = room(begin_block());
        let too_large: Vec<(String, Weight)> = calls()
            .into_iter()
            .filter(|(title, _)| title != TRIM)
            .filter(|(title, _)| !FROM_ALL_SUBNETS.contains(&title.as_str()))
            .map(|(title, call)| (title, call.get_dispatch_info()))
            .filter(|(_, info)| info.class == DispatchClass::Normal && !info.call_weight.all_lte(room))
            .map(|(title, info)| (title, info.call_weight))
            .collect();
        assert!(too_large.is_empty(), "there is room for {room}: {too_large:?}");
        // Stake leaves any subnet but root.
        let (hotkey, amount) = (AccountId::from([1; 32]), 1.into());
        let from_others: [RuntimeCall; 3] = [
            pallet_network::Call::remove_stake { hotkey: hotkey.clone(), netuid: 1, amount_unstaked: amount }
                .into(),
            pallet_network::Call::swap_stake {
                hotkey: hotkey.clone(),
                origin_netuid: 1,
                destination_netuid: 2,
                alpha_amount: amount,
            }
            .into(),
            pallet_network::Call::transfer_stake {
                destination_coldkey: hotkey.clone(),
                hotkey,
                origin_netuid: 1,
                destination_netuid: 1,
                alpha_amount: amount,
            }
            .into(),
        ];
        for call in from_others {
            let weight = call.get_dispatch_info().call_weight;
            assert!(weight.all_lte(room), "{call:?} weighs {weight}, there is room for {room}");
        }
    });
}

#[test]
fn beside_128_idle_subnets_a_fast_block_has_room_for_an_upgrade() {
    on_fast_chain(|| {
        fill_network();
        let limits = BlockLimits::get();
        let room = limits.max_block.saturating_sub(begin_block());
        let code = Vec::new;
        let upgrades: [frame_system::Call<Runtime>; 3] = [
            frame_system::Call::set_code { code: code() },
            frame_system::Call::set_code_without_checks { code: code() },
            frame_system::Call::apply_authorized_upgrade { code: code() },
        ];
        for call in upgrades.map(RuntimeCall::from) {
            let info = call.get_dispatch_info();
            let weight = info.call_weight.saturating_add(limits.get(info.class).base_extrinsic);
            assert!(weight.all_lte(room), "{call:?} weighs {weight}, there is room for {room}");
        }
    });
}

#[test]
fn beside_an_epoch_of_256_neurons_a_fast_block_has_room_for_ordinary_calls() {
    on_fast_chain(|| {
        let room = room(begin_block().saturating_add(costs::epoch::<Runtime>(&usual_epoch())));
        fill_network();
        let who = AccountId::from([1; 32]);
        let calls: [RuntimeCall; 5] = [
            pallet_balances::Call::transfer_keep_alive { dest: who.clone().into(), value: 1 }.into(),
            pallet_network::Call::add_stake { hotkey: who.clone(), netuid: 1, amount_staked: 1.into() }
                .into(),
            pallet_network::Call::set_weights {
                netuid: 1,
                dests: (0..256).collect(),
                weights: vec![1; 256],
                version_key: 0,
            }
            .into(),
            pallet_network::Call::burned_register { netuid: 0, hotkey: who.clone() }.into(),
            pallet_network::Call::register_network { hotkey: who }.into(),
        ];
        for call in calls {
            let weight = call.get_dispatch_info().call_weight;
            assert!(weight.all_lte(room.div(2)), "{call:?} weighs {weight}, there is room for {room}");
        }
    });
}

#[test]
fn the_pieces_of_an_epoch_add_up_to_the_whole_and_not_to_its_double() {
    on_fast_chain(|| {
        let (pieces, whole) = (costs::epoch::<Runtime>(&usual_epoch()), Epochs::<Runtime>::whole());
        assert!(whole.all_lte(pieces) && pieces.all_lte(whole.saturating_mul(2)), "{pieces} for {whole}");
    });
}
