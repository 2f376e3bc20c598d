use alloc::collections::BTreeMap;

use codec::{Compact, Decode, Encode};
use frame_metadata::{v14::RuntimeMetadataV14, RuntimeMetadata};
use frame_support::{
    assert_noop, assert_ok,
    dispatch::DispatchResult,
    traits::{
        schedule::{v3::Named, DispatchTime},
        Get, Hooks, StorePreimage,
    },
};
use myelin_governance::{
    track::{days, LONGEST_WAIT_DAYS},
    Kind, TrackId,
};
use pallet_balances::{AdjustmentDirection, Call as Balances};
use pallet_myelin_governance::{Enactments, Error as GovernanceError, Origin};
use pallet_network::ledger::TaoLedger;
use scale_info::{form::PortableForm, PortableRegistry, TypeDef, TypeDefPrimitive};
use sp_core::Pair;
use sp_runtime::{
    traits::{BlakeTwo256, Dispatchable, Hash as _},
    transaction_validity::{InvalidTransaction, TransactionSource, TransactionValidityError},
    DispatchError,
};

use super::*;
use crate::{
    constants::{MAX_TASKS, TAO},
    genesis::{
        self,
        keys::{ALICE, BOB},
    },
    governance::{Pace, Schedule, TreasuryAccount},
    AccountId, Executive, RuntimeEvent, RuntimeOrigin,
};

type Preimage = pallet_preimage::Call<Runtime>;
type Referenda = pallet_referenda::Call<Runtime>;
type Scheduler = pallet_scheduler::Call<Runtime>;
type Utility = pallet_utility::Call<Runtime>;
type Sudo = pallet_sudo::Call<Runtime>;

fn on_chain(story: impl FnOnce()) {
    let storage = genesis::storage("development").expect("the preset exists").expect("it fits the pallets");
    sp_io::TestExternalities::new(storage).execute_with(|| {
        System::set_block_number(1);
        story();
    });
}

fn pay(to: &AccountId) -> RuntimeCall {
    Balances::transfer_keep_alive { dest: to.clone().into(), value: TAO }.into()
}

fn in_name(origin: RawOrigin<AccountId>, call: RuntimeCall) -> RuntimeCall {
    Utility::dispatch_as { as_origin: Box::new(OriginCaller::system(origin)), call: Box::new(call) }.into()
}

fn enact(call: RuntimeCall) -> RuntimeCall {
    let call = Box::new(call);
    RuntimeCall::from(pallet_myelin_governance::Call::enact { call, registered: None })
}

/// All closed calls, by their effect.
fn closed() -> Vec<(&'static str, RuntimeCall)> {
    let pool = TaoLedger::<Runtime>::subnet_account(1);
    let burned = TaoLedger::<Runtime>::burn_account();
    let waiting = TaoLedger::<Runtime>::waiting_account();
    let (bob, value) = (BOB.id(), TAO);
    let from = |source: AccountId| Balances::force_transfer {
        source: source.into(),
        dest: bob.clone().into(),
        value,
    };
    let as_pool = Sudo::sudo_as { who: pool.clone().into(), call: Box::new(pay(&bob)) };
    let less = AdjustmentDirection::Decrease;
    let track = OriginCaller::Governance(Origin(Kind::Treasury.id()));
    let as_a_referendum =
        Utility::dispatch_as { as_origin: Box::new(track), call: Box::new(pay(&bob)) }.into();
    let (later, hash) = (Box::new(pay(&bob)), Default::default());
    let submit = |proposal, enactment_moment| {
        let proposal_origin = Box::new(OriginCaller::Governance(Origin(Kind::Treasury.id())));
        RuntimeCall::from(Referenda::submit { proposal_origin, proposal, enactment_moment })
    };
    let stalled = |delay, best_finalized_block_number| {
        RuntimeCall::from(pallet_grandpa::Call::note_stalled { delay, best_finalized_block_number })
    };
    let short = || Bounded::Inline(pay(&bob).encode().try_into().expect("it is short"));
    let month = days(LONGEST_WAIT_DAYS, &Pace::get()) as u32;
    vec![
        (
            "propose an old form",
            submit(Bounded::Legacy { hash, dummy: Default::default() }, DispatchTime::After(0)),
        ),
        ("propose for a late block", submit(short(), DispatchTime::At(1))),
        ("propose for much later", submit(short(), DispatchTime::After(month + 1))),
        ("burn", Balances::burn { value, keep_alive: true }.into()),
        ("mint", Balances::force_set_balance { who: bob.clone().into(), new_free: u64::MAX }.into()),
        ("miscount", Balances::force_adjust_total_issuance { direction: less, delta: value }.into()),
        ("free deposits", Balances::force_unreserve { who: bob.clone().into(), amount: value }.into()),
        ("take from a pool", from(pool.clone()).into()),
        ("unburn", from(burned).into()),
        ("take what waits", from(waiting).into()),
        ("act as a pool", as_pool.into()),
        ("act as a pool", in_name(RawOrigin::Signed(pool), pay(&bob))),
        ("act as nobody", in_name(RawOrigin::None, pay(&bob))),
        ("take from the treasury", from(TreasuryAccount::get()).into()),
        ("act as the treasury", in_name(RawOrigin::Signed(TreasuryAccount::get()), pay(&bob))),
        ("act as a referendum", as_a_referendum),
        (
            "schedule",
            Scheduler::schedule_after { after: 1, maybe_periodic: None, priority: 0, call: later }.into(),
        ),
        ("unschedule", Scheduler::cancel_named { id: [0; 32] }.into()),
        ("note what is long", Preimage::note_preimage { bytes: vec![0; MAX_PREIMAGE + 1] }.into()),
        ("ask for a preimage", Preimage::request_preimage { hash }.into()),
        ("drop a preimage", Preimage::unrequest_preimage { hash }.into()),
        ("renew preimages", Preimage::ensure_updated { hashes: vec![hash] }.into()),
        ("hold up changes of voters", stalled(LONGEST_FORCED + 1, 0)),
        ("overflow", stalled(u32::MAX, 0)),
        ("force voters from a block to come", stalled(1, 1_000)),
        ("cancel a referendum", Referenda::cancel { index: 0 }.into()),
        ("kill a referendum", Referenda::kill { index: 0 }.into()),
        ("move a referendum on", Referenda::nudge_referendum { index: 0 }.into()),
        ("miscount referenda", Referenda::one_fewer_deciding { track: Kind::Upgrade.id() }.into()),
    ]
}

/// Validity of a transaction of the sudo key.
fn by_the_sudo_key(call: impl Into<RuntimeCall>) -> Option<TransactionValidityError> {
    let pair = sp_core::sr25519::Pair::from_string(ALICE.path, None).expect("a well-formed path");
    let nonce = System::account_nonce(ALICE.id());
    let transaction = crate::signing::sign(&pair, nonce, System::block_hash(0), call);
    Executive::validate_transaction(TransactionSource::External, transaction, Default::default()).err()
}

#[test]
fn nobody_makes_or_destroys_tao_behind_the_back_of_the_issuance() {
    on_chain(|| {
        for (what, call) in closed() {
            assert!(!OpenCalls::contains(&call), "{what}");
            for signer in [ALICE.id(), BOB.id()] {
                let filtered = frame_system::Error::<Runtime>::CallFiltered;
                assert_noop!(call.clone().dispatch(RuntimeOrigin::signed(signer)), filtered);
            }
        }
        let stalled =
            pallet_grandpa::Call::note_stalled { delay: LONGEST_FORCED, best_finalized_block_number: 1 };
        let open = [stalled.into(), pay(&BOB.id()), in_name(RawOrigin::Signed(BOB.id()), pay(&ALICE.id()))];
        assert!(open.iter().all(OpenCalls::contains));
    });
}

#[test]
fn not_even_root_sends_a_closed_call_however_it_is_wrapped() {
    on_chain(|| {
        let sudo = |call: RuntimeCall| RuntimeCall::from(Sudo::sudo { call: Box::new(call) });
        let refused = Some(TransactionValidityError::Invalid(InvalidTransaction::Call));
        for (what, call) in closed() {
            let several = Utility::force_batch { calls: vec![pay(&BOB.id()), call.clone()] };
            let deep =
                in_name(RawOrigin::Signed(BOB.id()), Utility::batch { calls: vec![call.clone()] }.into());
            let unchecked =
                Sudo::sudo_unchecked_weight { call: Box::new(call.clone()), weight: Default::default() };
            for wrapped in [sudo(call), sudo(several.into()), sudo(deep), unchecked.into()] {
                assert_eq!(by_the_sudo_key(wrapped.clone()), refused, "{what}: {wrapped:?}");
            }
        }
        assert_eq!(by_the_sudo_key(sudo(pay(&BOB.id()))), None);
        assert_ok!(pay(&BOB.id()).dispatch(RuntimeOrigin::signed(ALICE.id())));
    });
}

#[test]
fn what_carries_calls_too_deep_to_be_looked_into_is_closed() {
    let wrapped =
        |times: u8| (0..times).fold(pay(&BOB.id()), |call, _| Utility::batch { calls: vec![call] }.into());
    assert!(OpenCalls::contains(&wrapped(MAX_DEPTH)));
    assert!(!OpenCalls::contains(&wrapped(MAX_DEPTH + 1)));
}

#[test]
fn no_call_carries_the_enactment_of_a_proposal() {
    let alone = enact(pay(&BOB.id()));
    assert!(OpenCalls::contains(&alone));
    let batch = |call: &RuntimeCall| RuntimeCall::from(Utility::batch { calls: vec![call.clone()] });
    let (main, fallback) = (Box::new(alone.clone()), Box::new(pay(&BOB.id())));
    let carriers: [RuntimeCall; 6] = [
        batch(&alone),
        batch(&batch(&alone)),
        Utility::batch_all { calls: vec![alone.clone(); 2] }.into(),
        Utility::force_batch { calls: vec![alone.clone()] }.into(),
        Utility::if_else { main, fallback }.into(),
        enact(alone),
    ];
    for carrier in carriers {
        assert!(!OpenCalls::contains(&carrier), "{carrier:?}");
    }
}

/// The encoding of the simplest value of a type, in which calls are `inner`; returns whether the type has values.
fn simplest(types: &PortableRegistry, id: u32, inner: &RuntimeCall, out: &mut Vec<u8>) -> bool {
    let ty = types.resolve(id).expect("every type is listed");
    let name = |ty: &scale_info::Type<PortableForm>| ty.path.segments.last().cloned().unwrap_or_default();
    if name(ty) == "RuntimeCall" {
        inner.encode_to(out);
        return true;
    }
    let mut all =
        |ids: Vec<u32>| ids.into_iter().fold(false, |any, id| simplest(types, id, inner, out) | any);
    match &ty.type_def {
        TypeDef::Composite(composite) => all(composite.fields.iter().map(|field| field.ty.id).collect()),
        TypeDef::Tuple(tuple) => all(tuple.fields.iter().map(|field| field.id).collect()),
        TypeDef::Array(array) => all((0..array.len).map(|_| array.type_param.id).collect()),
        TypeDef::Variant(variants) => {
            // A call with an argument of a type without values is never made.
            let Some(first) = variants.variants.first() else { return false };
            out.push(first.index);
            first.fields.iter().fold(false, |any, field| simplest(types, field.ty.id, inner, out) | any)
        }
        TypeDef::Sequence(sequence) => {
            let mut element = Vec::new();
            let carries = simplest(types, sequence.type_param.id, inner, &mut element);
            Compact(u32::from(carries)).encode_to(out);
            if carries {
                out.extend(element);
            }
            carries
        }
        TypeDef::Primitive(primitive) => {
            let width = match primitive {
                TypeDefPrimitive::Bool
                | TypeDefPrimitive::U8
                | TypeDefPrimitive::I8
                | TypeDefPrimitive::Str => 1,
                TypeDefPrimitive::U16 | TypeDefPrimitive::I16 => 2,
                TypeDefPrimitive::U32 | TypeDefPrimitive::I32 | TypeDefPrimitive::Char => 4,
                TypeDefPrimitive::U64 | TypeDefPrimitive::I64 => 8,
                TypeDefPrimitive::U128 | TypeDefPrimitive::I128 => 16,
                TypeDefPrimitive::U256 | TypeDefPrimitive::I256 => 32,
            };
            out.extend(vec![0; width]);
            false
        }
        TypeDef::Compact(_) | TypeDef::BitSequence(_) => {
            out.push(0);
            false
        }
    }
}

fn metadata() -> RuntimeMetadataV14 {
    match Runtime::metadata().1 {
        RuntimeMetadata::V14(metadata) => metadata,
        _ => panic!("version 14 is the plain one"),
    }
}

/// Every call that carries calls, by its name, with the simplest arguments and `inner` as the calls.
fn carriers(metadata: &RuntimeMetadataV14, inner: &RuntimeCall) -> Vec<(String, RuntimeCall)> {
    let mut carriers = Vec::new();
    for pallet in &metadata.pallets {
        let Some(calls) = &pallet.calls else { continue };
        let TypeDef::Variant(calls) = &metadata.types.resolve(calls.ty.id).expect("listed").type_def else {
            panic!("calls are enums")
        };
        for call in &calls.variants {
            let mut bytes = vec![pallet.index, call.index];
            let mut add = |field: u32| simplest(&metadata.types, field, inner, &mut bytes);
            if call.fields.iter().fold(false, |any, field| add(field.ty.id) | any) {
                let carrier = RuntimeCall::decode(&mut &bytes[..]).expect("as the metadata says");
                carriers.push((format!("{}.{}", pallet.name, call.name), carrier));
            }
        }
    }
    carriers
}

#[test]
fn every_call_that_carries_calls_is_looked_into() {
    on_chain(|| {
        let metadata = metadata();
        let burning = carriers(&metadata, &Balances::burn { value: 0, keep_alive: true }.into());
        let harmless = carriers(&metadata, &pay(&BOB.id()));
        assert_eq!((burning.len(), harmless.len()), (20, 20));
        for ((name, burning), (_, harmless)) in burning.iter().zip(&harmless) {
            assert!(!OpenCalls::contains(burning), "{name} is not looked into");
            // Those of the schedule are closed, whatever they carry.
            let open = !name.starts_with("Scheduler.");
            assert_eq!(OpenCalls::contains(harmless), open, "{name}");
        }
    });
}

/// A call alone, in every carrier, and as deep in batches as a call may be; each carrier also as a proposal.
fn wrappings(metadata: &RuntimeMetadataV14, call: &RuntimeCall) -> Vec<(String, RuntimeCall)> {
    let batch = |call: RuntimeCall, _| RuntimeCall::from(Utility::batch { calls: vec![call] });
    let mut all = carriers(metadata, call);
    all.push(("deep".into(), (1..MAX_DEPTH).fold(call.clone(), batch)));
    let proposed: Vec<_> =
        all.iter().map(|(name, call)| (format!("{name} as a proposal"), enact(call.clone()))).collect();
    all.extend(proposed);
    all.push(("alone".into(), call.clone()));
    all
}

/// A track of each kind.
fn tracks() -> Vec<TrackId> {
    let of_one = [TrackId::rubrics(1), TrackId::stop(0)].into_iter().flatten();
    Kind::NETWORK.map(Kind::id).into_iter().chain(of_one).collect()
}

/// Results of different calls that the schedule makes from preimages, by the origin of a track, as it enacts proposals.
/// Nothing else of a block runs.
fn scheduled(track: TrackId, calls: &[RuntimeCall]) -> Vec<DispatchResult> {
    let first = System::block_number() + 1;
    for (place, call) in calls.iter().enumerate() {
        let bytes = call.encode();
        let len = bytes.len() as u32;
        let hash = <crate::Preimage as StorePreimage>::note(bytes.into()).expect("it is short");
        let at = DispatchTime::At(first + place as u32 / MAX_TASKS);
        let origin = OriginCaller::Governance(Origin(track));
        let task = Bounded::Lookup { hash, len };
        assert_ok!(<Schedule as Named<_, _, _>>::schedule_named(hash.0, at, None, 63, origin, task));
        // The schedule keeps it from now on.
        <crate::Preimage as StorePreimage>::unnote(&hash);
    }
    let mut results = BTreeMap::new();
    // The first task of a block is always made.
    for block in (first..).take(calls.len()) {
        System::set_block_number(block);
        crate::Scheduler::on_initialize(block);
        results.extend(System::events().into_iter().filter_map(|record| match record.event {
            RuntimeEvent::Scheduler(pallet_scheduler::Event::Dispatched { id: Some(id), result, .. }) => {
                Some((id, result))
            }
            _ => None,
        }));
        System::reset_events();
        if results.len() == calls.len() {
            break;
        }
    }
    let result = |call: &RuntimeCall| results.get(&BlakeTwo256::hash_of(call).0).copied();
    calls.iter().map(|call| result(call).expect("the schedule made every call")).collect()
}

/// The root of the state, without events, the number of the block, and the next block of the schedule.
fn state_root() -> Vec<u8> {
    System::set_block_number(1);
    System::reset_events();
    pallet_scheduler::IncompleteSince::<Runtime>::kill();
    sp_io::storage::root(sp_runtime::StateVersion::V1)
}

#[test]
fn no_track_enacts_a_closed_call_however_it_is_wrapped() {
    on_chain(|| {
        let metadata = metadata();
        let wrapped = |(what, call): (&str, RuntimeCall)| {
            let all = wrappings(&metadata, &call).into_iter();
            all.map(|(how, call)| (format!("{what}: {how}"), call)).collect::<Vec<_>>()
        };
        let (names, calls): (Vec<String>, Vec<RuntimeCall>) = closed().into_iter().flat_map(wrapped).unzip();
        let (how, harmless): (Vec<String>, Vec<RuntimeCall>) =
            wrappings(&metadata, &pay(&BOB.id())).into_iter().unzip();
        let filtered = Err(DispatchError::from(frame_system::Error::<Runtime>::CallFiltered));
        let before = state_root();
        for track in tracks() {
            for (name, result) in names.iter().zip(scheduled(track, &calls)) {
                assert_eq!(result, filtered, "{name}, {track:?}");
            }
            for ((name, call), result) in how.iter().zip(&harmless).zip(scheduled(track, &harmless)) {
                assert_eq!(result != filtered, OpenCalls::contains(call), "{name}, {track:?}");
            }
            assert_eq!(state_root(), before, "{track:?}");
        }
        let limit = pallet_admin_utils::Call::sudo_set_subnet_limit { max_subnets: 77 };
        assert_eq!(scheduled(Kind::Parameters.id(), &[enact(limit.into())]), [Ok(())]);
        assert_ne!(state_root(), before, "an open call is enacted");
    });
}

#[test]
fn the_enactment_asks_the_filter_before_it_acts_as_root() {
    on_chain(|| {
        let metadata = metadata();
        for (what, call) in closed() {
            for (how, call) in wrappings(&metadata, &call) {
                for track in tracks() {
                    let refused = match track.kind() {
                        Some(Kind::UrgentUpgrade) => GovernanceError::<Runtime>::NotMarked,
                        _ => GovernanceError::<Runtime>::ClosedCall,
                    };
                    let admitted = Enactments::<Runtime>::admit(track, &call, None);
                    let admitted = admitted.map_err(DispatchError::from);
                    assert_eq!(admitted, Err(refused.into()), "{what}: {how}, {track:?}");
                }
            }
        }
    });
}
