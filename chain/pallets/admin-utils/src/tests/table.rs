//! Every parameter is stored, numbered, checked and refused as in the table.

use super::*;
use codec::{Decode, Encode};
use frame_support::{
    __private::metadata::{
        v14::{PalletMetadata, StorageEntryMetadata, StorageEntryType, StorageHasher},
        RuntimeMetadata,
    },
    storage::storage_prefix,
    StorageHasher as _,
};
use myelin_economy::{
    collateral::MIN_UNBONDING,
    params::{Caller, Cooldown, Pace, Parameter, Setter, NETWORK, SUBNET as OF_SUBNETS},
    profile::Profile,
};
use scale_info::{form::PortableForm, PortableRegistry, TypeDef};
use sp_runtime::{traits::Dispatchable, DispatchError};

type CallOf = myelin_economy::params::Call;

/// Blocks of one tempo of the subnet in these tests.
const TEMPO: u16 = 100;

fn rows() -> impl Iterator<Item = &'static Parameter> {
    OF_SUBNETS.iter().chain(NETWORK)
}

fn belongs_to_subnets(row: &Parameter) -> bool {
    OF_SUBNETS.iter().any(|other| other.name == row.name)
}

fn metadata() -> (Vec<PalletMetadata<PortableForm>>, PortableRegistry) {
    let RuntimeMetadata::V14(metadata) = Test::metadata().1 else { panic!("metadata is not V14") };
    (metadata.pallets, metadata.types)
}

fn pallet(name: &str) -> PalletMetadata<PortableForm> {
    let found = metadata().0.into_iter().find(|pallet| pallet.name == name);
    found.unwrap_or_else(|| panic!("no pallet {name}"))
}

fn entry(row: &Parameter) -> StorageEntryMetadata<PortableForm> {
    let entries = pallet(row.pallet).storage.expect("the pallet has storage").entries;
    let found = entries.into_iter().find(|entry| entry.name == row.item());
    found.unwrap_or_else(|| panic!("{} is not stored", row.name))
}

/// The names of a pallet's calls by number.
fn call_names(name: &str) -> Vec<(u8, String)> {
    let types = metadata().1;
    let calls = pallet(name).calls.expect("the pallet has calls").ty.id;
    let TypeDef::Variant(variant) = &types.resolve(calls).expect("listed").type_def else {
        panic!("calls are an enum")
    };
    variant.variants.iter().map(|call| (call.index, call.name.clone())).collect()
}

/// The number that storage holds for the subnet of the tests, or for the network.
fn stored(row: &Parameter) -> i128 {
    let entry = entry(row);
    let item = row.item();
    let mut key = storage_prefix(row.pallet.as_bytes(), item.as_bytes()).to_vec();
    if let StorageEntryType::Map { hashers, .. } = &entry.ty {
        let netuid = SUBNET.encode();
        key.extend(match hashers[..] {
            [StorageHasher::Identity] => netuid,
            [StorageHasher::Twox64Concat] => frame_support::Twox64Concat::hash(&netuid),
            [StorageHasher::Blake2_128Concat] => frame_support::Blake2_128Concat::hash(&netuid),
            _ => panic!("{item} has other keys than a netuid"),
        });
    }
    let bytes = frame_support::storage::unhashed::get_raw(&key).unwrap_or(entry.default);
    row.read(&bytes).expect("the item has the width of its type")
}

/// The call with this value; `None` where the call's type cannot say it.
fn call(call: CallOf, row: &Parameter, netuid: NetUid, value: i128) -> Option<RuntimeCall> {
    let (min, max) = row.kind.bounds();
    if !(min..=max).contains(&value) {
        return None;
    }
    let mut bytes = vec![pallet(call.pallet).index, call.index];
    if belongs_to_subnets(row) {
        bytes.extend(netuid.encode());
    }
    bytes.extend(match row.name {
        "AlphaValues.low" => (value as u16, u16::MAX).encode(),
        "AlphaValues.high" => (1_638u16, value as u16).encode(),
        "Requirements.amount" => (value as u64, MIN_UNBONDING).encode(),
        "Requirements.unbonding" => (1_000_000_000u64, value as u32).encode(),
        // The call takes rao.
        "RootClaimableThreshold" => u64::try_from(value >> 32).ok()?.encode(),
        _ => row.kind.to_bytes(value),
    });
    RuntimeCall::decode(&mut &bytes[..]).ok()
}

fn dispatch(call: &RuntimeCall, origin: RuntimeOrigin) -> Result<(), DispatchError> {
    call.clone().dispatch(origin).map(|_| ()).map_err(|error| error.error)
}

/// A chain on which no relation between parameters prevents a change of `row`.
fn ready_for(row: &Parameter, story: impl FnOnce()) {
    on_chain(|| {
        LiquidAlphaOn::<Test>::insert(SUBNET, true);
        CommitRevealWeightsEnabled::<Test>::insert(SUBNET, false);
        MinBurn::<Test>::insert(SUBNET, TaoBalance::from_rao(0));
        MaxBurn::<Test>::insert(SUBNET, TaoBalance::from_rao(u64::MAX));
        MinAllowedUids::<Test>::insert(SUBNET, 0);
        SubnetworkN::<Test>::insert(SUBNET, 0);
        match row.name {
            "MechanismCountCurrent" => {
                MaxMechanismCount::<Test>::put(16);
                MaxAllowedUids::<Test>::insert(SUBNET, 16);
            }
            "MinChildkeyTake" => MaxChildkeyTake::<Test>::put(u16::MAX),
            "MaxAllowedValidators" => MaxAllowedUids::<Test>::insert(SUBNET, u16::MAX),
            "MinAllowedUids" => {
                MaxAllowedUids::<Test>::insert(SUBNET, u16::MAX);
                SubnetworkN::<Test>::insert(SUBNET, u16::MAX);
            }
            _ => {}
        }
        story();
    });
}

/// Distance between two values that the call can say.
fn step(row: &Parameter) -> i128 {
    match row.name {
        "RootClaimableThreshold" => 1 << 32,
        _ => 1,
    }
}

/// The largest value that fits all others.
fn largest(row: &Parameter, caller: Caller) -> i128 {
    match row.name {
        // Less than the neurons there are.
        "MinAllowedUids" => i128::from(u16::MAX) - 1,
        _ => row.range_of(caller).1,
    }
}

/// The error that official clients expect for a value out of range.
fn out_of_range(row: &Parameter, too_small: bool) -> DispatchError {
    match row.name {
        "BondsMovingAverage" => Error::<Test>::BondsMovingAverageMaxReached.into(),
        "AlphaSigmoidSteepness" => Error::<Test>::NegativeSigmoidSteepness.into(),
        "MaxAllowedUids" => Error::<Test>::MaxAllowedUidsGreaterThanDefaultMaxAllowedUids.into(),
        "MinAllowedUids" => Error::<Test>::MinAllowedUidsGreaterThanMaxAllowedUids.into(),
        "ActivityCutoffFactorMilli" => Network::<Test>::ActivityCutoffFactorMilliOutOfBounds.into(),
        "AlphaValues.high" => Network::<Test>::AlphaHighTooLow.into(),
        "AlphaValues.low" => Network::<Test>::AlphaLowOutOfRange.into(),
        "MechanismCountCurrent" => Network::<Test>::InvalidValue.into(),
        "RubricNotice" | "ProofBar" => Network::<Test>::InvalidValue.into(),
        "FeeWeightPerRao" | "FeePerByte" | "SessionLength" => Network::<Test>::InvalidValue.into(),
        "NumRootClaim" => Network::<Test>::InvalidNumRootClaim.into(),
        "RevealPeriodEpochs" if too_small => Network::<Test>::RevealPeriodTooSmall.into(),
        "RevealPeriodEpochs" => Network::<Test>::RevealPeriodTooLarge.into(),
        "RootClaimableThreshold" => Network::<Test>::InvalidRootClaimThreshold.into(),
        "Tempo" => Network::<Test>::TempoOutOfBounds.into(),
        "VotingPowerEmaAlpha" => Network::<Test>::InvalidVotingPowerEmaAlpha.into(),
        "Requirements.amount" => pallet_myelin_collateral::Error::<Test>::AmountOutOfBounds.into(),
        "Requirements.unbonding" => pallet_myelin_collateral::Error::<Test>::UnbondingOutOfBounds.into(),
        "FeeRate" => pallet_myelin_swap::Error::<Test>::FeeRateTooHigh.into(),
        "MaxSpace" => pallet_commitments::Error::<Test>::SpaceOutOfBounds.into(),
        _ => Error::<Test>::ValueNotInBounds.into(),
    }
}

/// Every way of setting a parameter: row, call, caller.
fn ways() -> Vec<(&'static Parameter, CallOf, Caller)> {
    let mut ways = Vec::new();
    for row in rows() {
        if let Some(call) = row.call {
            ways.push((row, call, Caller::Root));
            if row.shared {
                ways.push((row, call, Caller::Owner));
            }
        }
        if let Some(call) = row.owner_call {
            ways.push((row, call, Caller::Owner));
        }
    }
    ways
}

fn origin_of(caller: Caller) -> RuntimeOrigin {
    match caller {
        Caller::Root => root(),
        Caller::Owner => signed(owner()),
    }
}

/// The largest allowed value, as a call.
fn allowed(row: &Parameter, by: CallOf, caller: Caller) -> RuntimeCall {
    call(by, row, SUBNET, largest(row, caller)).unwrap_or_else(|| panic!("{} takes other arguments", by.name))
}

#[test]
fn storage_declares_the_defaults_of_the_table() {
    for row in rows() {
        assert_eq!(row.read(&entry(row).default), Some(row.stored()), "{}", row.name);
    }
}

#[test]
fn calls_have_the_names_and_numbers_of_the_table() {
    for (row, by, _) in ways() {
        let known = call_names(by.pallet).contains(&(by.index, by.name.to_string()));
        assert!(known, "{} is not call {} of {}", by.name, by.index, by.pallet);
        assert!(!row.meaning.is_empty());
    }
}

#[test]
fn every_call_of_this_pallet_is_in_the_table_or_sets_no_number() {
    let without_row = ["sudo_set_rao_recycled", "sudo_set_subnet_owner_hotkey", "swap_authorities"];
    for (_, name) in call_names("AdminUtils") {
        let found = myelin_economy::params::find(&name).is_some()
            || myelin_economy::params::ACTIONS.iter().any(|action| action.call.name == name);
        assert_ne!(found, without_row.contains(&name.as_str()), "{name}");
    }
}

#[test]
fn the_ends_of_a_range_are_accepted_and_stored() {
    for (row, by, caller) in ways() {
        for value in [row.range_of(caller).0, largest(row, caller)] {
            ready_for(row, || {
                let call = call(by, row, SUBNET, value).unwrap_or_else(|| panic!("{} = {value}", row.name));
                assert_eq!(
                    dispatch(&call, origin_of(caller)),
                    Ok(()),
                    "{} = {value} by {caller:?}",
                    row.name
                );
                assert_eq!(stored(row), value, "{} by {caller:?}", row.name);
            });
        }
    }
}

#[test]
fn values_beyond_a_range_are_refused_by_name_and_change_nothing() {
    let mut refusals = 0;
    for (row, by, caller) in ways() {
        let below = row.range_of(caller).0.checked_sub(step(row));
        let above = largest(row, caller).checked_add(step(row));
        for (value, too_small) in [(below, true), (above, false)] {
            // A value that the type cannot hold needs no refusal.
            let Some(attempt) = value.and_then(|value| call(by, row, SUBNET, value)) else { continue };
            refusals += 1;
            ready_for(row, || {
                let error = out_of_range(row, too_small);
                assert_noop!(dispatch(&attempt, origin_of(caller)), error);
            });
        }
    }
    assert!(refusals > 30, "only {refusals} values were refused");
}

#[test]
fn only_those_whom_the_table_names_set_a_parameter() {
    let stranger = || signed(AccountId32::from([9; 32]));
    for (row, by, caller) in ways() {
        ready_for(row, || {
            let call_of =
                |netuid| call(by, row, netuid, largest(row, caller)).expect("it was accepted above");
            let owners = row.shared || row.owner_call == Some(by);
            if owners {
                let refused: DispatchError = Network::<Test>::NotSubnetOwner.into();
                assert_noop!(dispatch(&call_of(SUBNET), stranger()), refused);
            } else {
                assert_noop!(dispatch(&call_of(SUBNET), stranger()), BadOrigin);
                assert_noop!(dispatch(&call_of(SUBNET), signed(owner())), BadOrigin);
            }
            assert_noop!(dispatch(&call_of(SUBNET), RuntimeOrigin::none()), BadOrigin);
            if belongs_to_subnets(row) && row.pallet != "Swap" {
                let refused: DispatchError = Network::<Test>::SubnetNotExists.into();
                assert_noop!(dispatch(&call_of(77), origin_of(caller)), refused);
            }
        });
    }
}

#[test]
fn owners_change_nothing_in_the_freeze_window_and_root_does() {
    for (row, by, caller) in ways() {
        ready_for(row, || {
            System::set_block_number(1_091);
            let call = allowed(row, by, caller);
            match caller {
                Caller::Root => assert_eq!(dispatch(&call, root()), Ok(()), "{}", row.name),
                Caller::Owner => {
                    let refused: DispatchError =
                        Network::<Test>::AdminActionProhibitedDuringWeightsWindow.into();
                    assert_noop!(dispatch(&call, signed(owner())), refused);
                }
            }
        });
    }
}

#[test]
fn owners_wait_out_the_cool_down_and_root_does_not() {
    let pace = Pace { tempo: TEMPO, owner_tempos: 2, version_key_tempos: 5, profile: Profile::PRODUCTION };
    for (row, by, caller) in ways() {
        ready_for(row, || {
            let call = allowed(row, by, caller);
            assert_eq!(dispatch(&call, origin_of(caller)), Ok(()), "{}", row.name);
            if caller == Caller::Root || row.cooldown == Cooldown::None {
                assert_eq!(dispatch(&call, origin_of(caller)), Ok(()), "{}", row.name);
                return;
            }
            assert_eq!(row.setter, Setter::Owner);
            // A new tempo would change what a tempo of waiting is.
            pallet_network::Tempo::<Test>::insert(SUBNET, TEMPO);
            let wait = u32::try_from(row.cooldown.blocks(&pace)).expect("a wait of a few days");
            at(1_000 + wait - 1);
            let refused: DispatchError = Network::<Test>::TxRateLimitExceeded.into();
            assert_noop!(dispatch(&call, signed(owner())), refused);
            at(1_000 + wait);
            assert_eq!(dispatch(&call, signed(owner())), Ok(()), "{}", row.name);
        });
    }
}

#[test]
fn owners_are_told_the_block_in_which_a_change_succeeds() {
    for (row, by, _) in ways().into_iter().filter(|(.., caller)| *caller == Caller::Owner) {
        ready_for(row, || {
            let call = allowed(row, by, Caller::Owner);
            assert_eq!(predicted(&call), Some(1_000), "{}", row.name);
            assert_eq!(dispatch(&call, signed(owner())), Ok(()), "{}", row.name);
            // A long tempo would make the wait long.
            pallet_network::Tempo::<Test>::insert(SUBNET, TEMPO);
            if row.cooldown != Cooldown::None {
                opens(&call);
            }
        });
    }
}

/// The first block in which the owner need not wait any more.
fn predicted(call: &RuntimeCall) -> Option<u64> {
    match call {
        RuntimeCall::AdminUtils(call) => crate::waits::allowed_at::<Test>(&owner(), call),
        RuntimeCall::SubtensorModule(call) => pallet_network::waits::allowed_at::<Test>(&owner(), call),
        RuntimeCall::Collateral(call) => pallet_myelin_collateral::waits::allowed_at::<Test>(&owner(), call),
        other => panic!("{other:?} is no call of an owner"),
    }
}

/// The owner's call fails in the block before the predicted one, and succeeds in that one.
fn opens(call: &RuntimeCall) {
    let first = predicted(call).expect("a block is known");
    assert!(first > u64::from(System::block_number()), "{call:?} does not wait");
    run_to(first as u32 - 1);
    assert!(dispatch(call, signed(owner())).is_err(), "{call:?} succeeds before block {first}");
    run_to(first as u32);
    assert_eq!(dispatch(call, signed(owner())), Ok(()), "{call:?} at block {first}");
}

/// Runs blocks with their epochs.
fn run_to(block: u32) {
    use frame_support::traits::Hooks;
    while System::block_number() < block {
        System::set_block_number(System::block_number() + 1);
        SubtensorModule::on_initialize(System::block_number());
    }
}

#[test]
fn actions_of_owners_open_in_the_block_that_is_predicted() {
    on_chain(|| {
        let hotkey = AccountId32::from([7; 32]);
        NetworkRegistrationAllowed::<Test>::insert(SUBNET, true);
        assert_ok!(SubtensorModule::burned_register(signed(owner()), SUBNET, hotkey.clone()));
        let split = RuntimeCall::AdminUtils(crate::Call::sudo_set_mechanism_emission_split {
            netuid: SUBNET,
            maybe_split: None,
        });
        assert_eq!(dispatch(&split, signed(owner())), Ok(()));
        opens(&split);
        let stand_in = crate::Call::sudo_set_sn_owner_hotkey { netuid: SUBNET, hotkey: hotkey.clone() };
        let stand_in = RuntimeCall::AdminUtils(stand_in);
        assert_eq!(dispatch(&stand_in, signed(owner())), Ok(()));
        let older = crate::Call::sudo_set_subnet_owner_hotkey { netuid: SUBNET, hotkey };
        opens(&RuntimeCall::AdminUtils(older));
    });
}

#[test]
fn the_freeze_window_is_predicted_too() {
    on_chain(|| {
        run_to(1_095);
        let call = allowed(
            myelin_economy::params::row("Yuma3On"),
            CallOf::admin("sudo_set_yuma3_enabled", 69),
            Caller::Owner,
        );
        assert_eq!(predicted(&call), Some(1_100));
        opens(&call);
        // Root, and accounts without any right, have nothing to wait for.
        let kappa =
            allowed(myelin_economy::params::row("Kappa"), CallOf::admin("sudo_set_kappa", 16), Caller::Root);
        assert_eq!(predicted(&kappa), Some(1_100));
    });
}

#[test]
fn what_clients_are_shown_is_in_the_table() {
    use myelin_abi::HyperparamValue as Value;
    on_chain(|| {
        let shown = pallet_network::views::hyperparams::hyperparams_v3::<Test>(SUBNET).expect("it exists");
        let names: Vec<String> =
            shown.iter().map(|entry| String::from_utf8(entry.name.clone()).expect("ASCII")).collect();
        // Computed from others, and always off.
        let derived = ["activity_cutoff", "yuma_version", "user_liquidity_enabled"];
        for (entry, name) in shown.iter().zip(&names) {
            let row = OF_SUBNETS.iter().find(|row| row.client_name == Some(name.as_str()));
            assert_eq!(row.is_none(), derived.contains(&name.as_str()), "{name}");
            let Some(row) = row else { continue };
            let value = match entry.value {
                Value::Bool(value) => value.into(),
                Value::U16(value) => value.0.into(),
                Value::U32(value) => value.0.into(),
                Value::U64(value) => value.0.into(),
                Value::TaoBalance(value) => value.0.to_rao().into(),
                Value::U64F64(value) => value.to_bits() as i128,
                Value::I32F32(value) => i128::from(value.to_bits() >> 32),
                Value::U128(value) => value.0 as i128,
            };
            assert_eq!(value, stored(row), "{name}");
        }
        for row in OF_SUBNETS.iter().filter_map(|row| row.client_name) {
            assert!(names.iter().any(|name| name == row), "{row} is not shown");
        }
    });
}
