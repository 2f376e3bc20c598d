//! Facts that clients rely on: names, indices, order of extensions, genesis at both paces, fees.

use crate::{
    constants::{EXISTENTIAL_DEPOSIT, TAO},
    fees::{ByteFee, WeightFee},
    genesis::{
        self,
        keys::{ALICE, AUTHORITIES, BOB, DAVE, FERDIE},
    },
    profile, signing, AccountId, Aura, Balances, Executive, Grandpa, Runtime, RuntimeCall, Session,
    TxExtension,
};
use codec::{Decode, Encode};
use frame_metadata::{RuntimeMetadata, RuntimeMetadataPrefixed};
use frame_support::{
    traits::{fungible::Inspect, Get, PalletsInfoAccess, StorageVersion},
    weights::{Weight, WeightToFee},
};
use sp_core::Pair;
use sp_runtime::traits::TransactionExtension;

mod beacon;
mod elections;
mod fates;
mod governance;

/// The chain of a preset, at block 0. Its blocks need no contributions to the beacon: most tests make blocks without
/// the keys of authors.
pub(crate) fn chain(preset: &str) -> sp_io::TestExternalities {
    let mut chain = strict_chain(preset);
    chain.execute_with(pallet_myelin_beacon::StrictFrom::<Runtime>::kill);
    chain
}

/// The chain of a preset, at block 0, as nodes begin it.
fn strict_chain(preset: &str) -> sp_io::TestExternalities {
    genesis::storage(preset).expect("the preset exists").expect("the preset fits the pallets").into()
}

#[test]
fn pallets_have_their_official_names_and_indices() {
    let pallets: Vec<_> =
        crate::AllPalletsWithSystem::infos().into_iter().map(|p| (p.index, p.name)).collect();
    let official = [
        (0, "System"),
        (1, "RandomnessCollectiveFlip"),
        (2, "Timestamp"),
        (3, "Aura"),
        (4, "Grandpa"),
        (5, "Balances"),
        (6, "TransactionPayment"),
        (7, "SubtensorModule"),
        (11, "Utility"),
        (12, "Sudo"),
        (13, "Multisig"),
        (14, "Preimage"),
        (15, "Scheduler"),
        (16, "Proxy"),
        (18, "Commitments"),
        (19, "AdminUtils"),
        (26, "Drand"),
        (27, "Crowdloan"),
        (28, "Swap"),
        (30, "MevShield"),
        (31, "AlphaAssets"),
        (100, "Session"),
        (101, "Authorship"),
        (102, "Collateral"),
        (103, "Authorities"),
        (104, "Provenance"),
        (105, "Beacon"),
        (106, "Referenda"),
        (107, "Governance"),
        (108, "Elections"),
    ];
    assert_eq!(pallets, official);
}

#[test]
fn extensions_keep_their_official_order_and_ours_add_no_bytes() {
    let metadata = TxExtension::metadata();
    let names: Vec<_> = metadata.iter().map(|extension| extension.identifier).collect();
    let official = [
        "CheckNonZeroSender",
        "CheckSpecVersion",
        "CheckTxVersion",
        "CheckGenesis",
        "CheckMortality",
        "CheckNonce",
        "CheckWeight",
        "ChargeTransactionPayment",
        "SudoTransactionExtension",
        // "CheckShieldedTxValidity" comes with the shield.
        "SubtensorTransactionExtension",
        // "DrandPriority" comes with the beacon.
        "CheckMetadataHash",
    ];
    assert_eq!(names, official);
    let fields = |ty: &scale_info::MetaType| match ty.type_info().type_def {
        scale_info::TypeDef::Composite(composite) => composite.fields.len(),
        scale_info::TypeDef::Tuple(tuple) => tuple.fields.len(),
        _ => usize::MAX,
    };
    let own = metadata.iter().filter(|extension| !extension.identifier.starts_with("Ch"));
    let sizes: Vec<_> = own.map(|own| (fields(&own.ty), fields(&own.implicit))).collect();
    assert_eq!(sizes, [(0, 0); 2]);
}

#[test]
fn metadata_is_offered_as_14_and_15_with_extrinsics_of_version_4() {
    chain("development").execute_with(|| {
        let decode =
            |bytes: &[u8]| RuntimeMetadataPrefixed::decode(&mut &*bytes).expect("metadata decodes").1;
        assert!(matches!(decode(&Runtime::metadata().encode()), RuntimeMetadata::V14(_)));
        let opaque = crate::metadata::at_version(15).expect("version 15 is offered");
        match decode(&opaque) {
            RuntimeMetadata::V15(metadata) => assert_eq!(metadata.extrinsic.version, 4),
            other => panic!("asked for version 15, got {}", other.version()),
        }
    });
}

#[test]
fn errors_are_numbered_by_their_place_which_official_clients_assume() {
    chain("development").execute_with(|| {
        let RuntimeMetadataPrefixed(_, RuntimeMetadata::V14(metadata)) = Runtime::metadata() else {
            panic!("version 14 is the plain one");
        };
        for pallet in &metadata.pallets {
            let Some(error) = &pallet.error else { continue };
            let error = metadata.types.resolve(error.ty.id).expect("every type is listed");
            let scale_info::TypeDef::Variant(variants) = &error.type_def else { panic!("errors are enums") };
            for (place, variant) in variants.variants.iter().enumerate() {
                assert_eq!(usize::from(variant.index), place, "{}::{}", pallet.name, variant.name);
                assert!(
                    !variant.docs.is_empty(),
                    "{}::{} has no text for clients",
                    pallet.name,
                    variant.name
                );
            }
        }
    });
}

#[test]
fn genesis_decides_the_pace() {
    for (preset, slot_ms, session) in [("development", 250, 240), ("development-12s", 12_000, 300)] {
        chain(preset).execute_with(|| {
            assert_eq!(Aura::slot_duration(), slot_ms, "{preset}");
            assert_eq!(profile::MinimumPeriod::get(), slot_ms / 2, "{preset}");
            assert_eq!(profile::sessions().length, session, "{preset}");
            let max = profile::BlockLimits::get().max_block.ref_time();
            assert_eq!(max, slot_ms * 1_000_000_000 / 2, "{preset}: a block takes half of a slot");
        });
    }
}

#[test]
fn block_limits_hold_for_every_preset() {
    for preset in &genesis::PRESETS {
        chain(preset.id).execute_with(|| {
            let checked = profile::BlockLimits::get().validate();
            assert!(checked.is_ok(), "{}: block limits contradict each other", preset.id);
        });
    }
}

#[test]
fn a_thousand_transfers_a_second_fit_into_fast_blocks() {
    use frame_support::dispatch::{DispatchClass, GetDispatchInfo};
    chain("development").execute_with(|| {
        let limits = profile::BlockLimits::get();
        let normal = limits.get(DispatchClass::Normal);
        let dest = AccountId::from([1; 32]).into();
        let call = RuntimeCall::from(pallet_balances::Call::transfer_keep_alive { dest, value: 1 });
        let signer = sp_core::sr25519::Pair::from_seed(&[1; 32]);
        let info = signing::sign(&signer, 0, Default::default(), call).get_dispatch_info();
        let each = info.total_weight().saturating_add(normal.base_extrinsic);
        let fit = normal.max_total.and_then(|most| most.checked_div_per_component(&each));
        let wanted = profile::SlotDuration::get();
        assert!(fit.is_some_and(|fit| fit >= wanted), "{fit:?} transfers of {each} fit, {wanted} should");
    });
}

#[test]
fn calls_on_every_subnet_fit_into_a_block_of_any_pace() {
    use frame_support::dispatch::{DispatchClass, GetDispatchInfo};
    use pallet_network::Call;
    let hotkey = || AccountId::from([1; 32]);
    for preset in &genesis::PRESETS {
        chain(preset.id).execute_with(|| {
            pallet_network::TotalNetworks::<Runtime>::put(129);
            let largest = profile::BlockLimits::get().get(DispatchClass::Normal).max_extrinsic;
            let largest = largest.expect("normal calls have a limit");
            let calls = [
                Call::unstake_all { hotkey: hotkey() },
                Call::unstake_all_alpha { hotkey: hotkey() },
                Call::claim_root { subnets: (1..=5).collect() },
            ];
            for call in calls.map(RuntimeCall::from) {
                let weight = call.get_dispatch_info().call_weight;
                assert!(weight.all_lt(largest), "{}: {call:?} weighs {weight} of {largest}", preset.id);
            }
        });
    }
}

#[test]
fn genesis_has_the_authorities_accounts_and_sudo_key_of_a_local_network() {
    for preset in &genesis::PRESETS {
        chain(preset.id).execute_with(|| {
            let authorities = &AUTHORITIES[..preset.authorities];
            let expected: Vec<AccountId> = authorities.iter().map(|a| a.account.id()).collect();
            assert_eq!(Session::validators(), expected, "{}", preset.id);
            assert_eq!(pallet_aura::Authorities::<Runtime>::get().len(), preset.authorities, "{}", preset.id);
            assert_eq!(Grandpa::grandpa_authorities().len(), preset.authorities, "{}", preset.id);
            assert_eq!(pallet_sudo::Key::<Runtime>::get(), Some(ALICE.id()));
            for (account, tao) in [(ALICE, 1_000_000), (BOB, 1_000_000), (DAVE, 2_000), (FERDIE, 2_000)] {
                assert_eq!(Balances::total_balance(&account.id()), tao * TAO, "{}", account.path);
            }
            assert_eq!(Balances::minimum_balance(), EXISTENTIAL_DEPOSIT);
        });
    }
}

#[test]
fn weight_and_length_are_charged_at_the_protocols_rate() {
    // 5·10⁻⁴ rao per unit of weight, 1 rao per byte.
    chain("development").execute_with(|| {
        assert_eq!(WeightFee::weight_to_fee(&Weight::from_parts(1_000_000_000, 7)), 500_000);
        assert_eq!(ByteFee::weight_to_fee(&Weight::from_parts(147, 0)), 147);
        // The prices in storage are others for the answers to clients too.
        pallet_network::FeeWeightPerRao::<Runtime>::put(200);
        pallet_network::FeePerByte::<Runtime>::put(3);
        let weight = Weight::from_parts(1_000_000_000, 7);
        assert_eq!(crate::TransactionPayment::weight_to_fee(weight), 5_000_000);
        assert_eq!(crate::TransactionPayment::length_to_fee(147), 441);
    });
}

#[test]
fn a_swap_of_hotkeys_needs_little_more_than_its_price() {
    use frame_support::dispatch::GetDispatchInfo;
    chain("local-12s").execute_with(|| {
        pallet_network::TotalNetworks::<Runtime>::put(129);
        let (hotkey, new_hotkey) = (AccountId::from([1; 32]), AccountId::from([2; 32]));
        // In thousandths of a TAO, beside prices of 100 and 1.
        for (netuid, most) in [(None, 130), (Some(2), 60)] {
            let swap = pallet_network::Call::swap_hotkey {
                hotkey: hotkey.clone(),
                new_hotkey: new_hotkey.clone(),
                netuid,
            };
            let weight = RuntimeCall::from(swap).get_dispatch_info().call_weight;
            let fee = WeightFee::weight_to_fee(&weight) / (TAO / 1_000);
            assert!(fee <= most, "{netuid:?}: {fee} thousandths of a TAO for {weight}");
        }
    });
}

#[test]
fn genesis_writes_down_the_version_of_storage() {
    for preset in &genesis::PRESETS {
        chain(preset.id).execute_with(|| {
            let version = StorageVersion::get::<pallet_network::Pallet<Runtime>>();
            assert_eq!(version, pallet_network::STORAGE_VERSION, "{}", preset.id);
        });
    }
}

#[test]
fn an_upgrade_brings_storage_to_the_version_of_the_code_and_runs_once() {
    chain("development").execute_with(|| {
        StorageVersion::new(0).put::<pallet_network::Pallet<Runtime>>();
        let before = pallet_network::TotalIssuance::<Runtime>::get();
        Executive::execute_on_runtime_upgrade();
        let version = StorageVersion::get::<pallet_network::Pallet<Runtime>>();
        assert_eq!(version, pallet_network::STORAGE_VERSION);
        assert_eq!(pallet_network::TotalIssuance::<Runtime>::get(), before);
        let root = sp_io::storage::root(sp_runtime::StateVersion::V1);
        Executive::execute_on_runtime_upgrade();
        assert_eq!(sp_io::storage::root(sp_runtime::StateVersion::V1), root, "nothing is left to migrate");
    });
}

/// Runs a block with nothing but its time, and returns whether it may have held transactions.
pub(crate) fn run_block(number: u32) -> bool {
    use sp_consensus_aura::{Slot, AURA_ENGINE_ID};
    use sp_runtime::{traits::Header as _, Digest, DigestItem, ExtrinsicInclusionMode};
    let slot = Slot::from(u64::from(number));
    let digest = Digest { logs: vec![DigestItem::PreRuntime(AURA_ENGINE_ID, slot.encode())] };
    let header =
        crate::Header::new(number, Default::default(), Default::default(), Default::default(), digest);
    let mode = Executive::initialize_block(&header);
    let time = RuntimeCall::from(crate::TimestampCall::set { now: *slot * Aura::slot_duration() });
    let applied = Executive::apply_extrinsic(crate::UncheckedExtrinsic::new_bare(time));
    assert_eq!(applied, Ok(Ok(())));
    Executive::finalize_block();
    mode == ExtrinsicInclusionMode::AllExtrinsics
}

#[test]
fn an_older_state_is_counted_anew_in_blocks_without_transactions() {
    use pallet_network::{alpha_assets::AlphaBurned, Recounting, RootClaimPot, SubnetAlphaOut, TaoSupply};
    chain("development").execute_with(|| {
        frame_system::LastRuntimeUpgrade::<Runtime>::kill();
        StorageVersion::new(1).put::<pallet_network::Pallet<Runtime>>();
        TaoSupply::<Runtime>::kill();
        let _ = RootClaimPot::<Runtime>::clear(u32::MAX, None);
        let _ = AlphaBurned::<Runtime>::clear(u32::MAX, None);
        // A rao without an owner.
        SubnetAlphaOut::<Runtime>::mutate(1, |out| *out = (out.to_rao() + 1).into());
        assert!(!run_block(1), "the first block only migrates");
        assert!(!Recounting::<Runtime>::exists(), "this state fits into one page");
        assert_eq!(AlphaBurned::<Runtime>::get(1).to_rao(), 1);
        assert_eq!(pallet_network::invariants::check_all::<Runtime>(), Ok(()));
        let before = pallet_network::TotalIssuance::<Runtime>::get();
        assert!(run_block(2), "the second is like any other");
        assert_eq!(pallet_network::invariants::check_all::<Runtime>(), Ok(()));
        assert!(pallet_network::TotalIssuance::<Runtime>::get() >= before);
    });
}

#[test]
fn a_batch_waits_for_the_last_of_its_calls_and_root_for_nothing() {
    use pallet_network::{types::RateLimitKey, LastRateLimitedBlock, NetworkRateLimit};
    chain("development").execute_with(|| {
        let signer = AccountId::from([1; 32]);
        LastRateLimitedBlock::<Runtime>::insert(RateLimitKey::NetworkLastRegistered, 5);
        let hotkey = AccountId::from([2; 32]);
        let register =
            RuntimeCall::SubtensorModule(pallet_network::Call::register_network { hotkey: hotkey.clone() });
        let remark = RuntimeCall::System(frame_system::Call::remark { remark: vec![] });
        let batch = |calls| RuntimeCall::Utility(pallet_utility::Call::batch_all { calls });
        let at = |call: &RuntimeCall| crate::waits::allowed_at(&signer, call);
        let open = 5 + NetworkRateLimit::<Runtime>::get();
        assert_eq!(at(&register), Some(open));
        assert_eq!(at(&remark), Some(0));
        assert_eq!(at(&batch(vec![register.clone(), remark.clone()])), Some(open));
        assert_eq!(at(&batch(vec![remark])), Some(0));
        let sudo = RuntimeCall::Sudo(pallet_sudo::Call::sudo { call: Box::new(register.clone()) });
        assert_eq!(at(&sudo), Some(0));
        // Calls are never nested this deep; a call that is not looked into has no known block.
        let deep = (0..12).fold(register, |inner, _| batch(vec![inner]));
        assert_eq!(at(&deep), None);
    });
}
