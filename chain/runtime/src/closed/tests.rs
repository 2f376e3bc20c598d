use codec::{Compact, Decode, Encode};
use frame_metadata::RuntimeMetadata;
use frame_support::{
    assert_noop, assert_ok,
    traits::{schedule::DispatchTime, Get},
};
use myelin_governance::{
    track::{days, LONGEST_WAIT_DAYS},
    Kind,
};
use pallet_balances::{AdjustmentDirection, Call as Balances};
use pallet_network::ledger::TaoLedger;
use scale_info::{form::PortableForm, PortableRegistry, TypeDef, TypeDefPrimitive};
use sp_core::Pair;
use sp_runtime::{
    traits::Dispatchable,
    transaction_validity::{InvalidTransaction, TransactionSource, TransactionValidityError},
};

use super::*;
use crate::{
    constants::TAO,
    genesis::{
        self,
        keys::{ALICE, BOB},
    },
    governance::{Pace, TreasuryAccount},
    AccountId, Executive, RuntimeOrigin,
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
    let track = OriginCaller::Governance(pallet_myelin_governance::Origin(Kind::Treasury.id()));
    let as_a_referendum =
        Utility::dispatch_as { as_origin: Box::new(track), call: Box::new(pay(&bob)) }.into();
    let (later, hash) = (Box::new(pay(&bob)), Default::default());
    let submit = |proposal, enactment_moment| {
        let proposal_origin =
            Box::new(OriginCaller::Governance(pallet_myelin_governance::Origin(Kind::Treasury.id())));
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
    let enact = |call| {
        let call = Box::new(call);
        RuntimeCall::from(pallet_myelin_governance::Call::enact { call, registered: None })
    };
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
            let mut one = Vec::new();
            let carries = simplest(types, sequence.type_param.id, inner, &mut one);
            Compact(u32::from(carries)).encode_to(out);
            if carries {
                out.extend(one);
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

#[test]
fn every_call_that_carries_calls_is_looked_into() {
    on_chain(|| {
        let RuntimeMetadata::V14(metadata) = Runtime::metadata().1 else {
            panic!("version 14 is the plain one")
        };
        let burn = RuntimeCall::from(Balances::burn { value: 0, keep_alive: true });
        let mut carriers = 0;
        for pallet in &metadata.pallets {
            let Some(calls) = &pallet.calls else { continue };
            let TypeDef::Variant(calls) = &metadata.types.resolve(calls.ty.id).expect("listed").type_def
            else {
                panic!("calls are enums")
            };
            for call in &calls.variants {
                let made = |inner| {
                    let mut bytes = vec![pallet.index, call.index];
                    let carries = call.fields.iter().fold(false, |any, field| {
                        simplest(&metadata.types, field.ty.id, inner, &mut bytes) | any
                    });
                    carries.then(|| RuntimeCall::decode(&mut &bytes[..]).expect("as the metadata says"))
                };
                let Some(carrier) = made(&burn) else { continue };
                carriers += 1;
                assert!(!OpenCalls::contains(&carrier), "{}::{} is not looked into", pallet.name, call.name);
                // Those of the schedule are closed, whatever they carry.
                if pallet.name == "Scheduler" {
                    continue;
                }
                let harmless = made(&pay(&BOB.id())).expect("it carries calls");
                assert!(OpenCalls::contains(&harmless), "{}::{} is closed", pallet.name, call.name);
            }
        }
        assert_eq!(carriers, 20);
    });
}
