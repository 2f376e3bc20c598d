//! Proposals as the schedule reads them, by the runtime in WASM.

use codec::Encode;
use frame_support::traits::{
    schedule::{v3::Named, DispatchTime},
    Bounded, StorePreimage,
};
use myelin_governance::Kind;
use myelin_runtime::{
    genesis, Header, OriginCaller, Preimage, Runtime, RuntimeCall, RuntimeEvent, Scheduler, System,
};
use pallet_myelin_governance::{Call as Governance, Origin};
use pallet_network::SubnetLimit;
use sc_executor::WasmExecutor;
use sp_consensus_aura::{Slot, AURA_ENGINE_ID};
use sp_core::traits::{CallContext, CodeExecutor, RuntimeCode, WrappedRuntimeCode};
use sp_io::{hashing::twox_128, SubstrateHostFunctions, TestExternalities};
use sp_runtime::{traits::Header as _, Digest, DigestItem};

/// Calls within each other, with three bytes each: about as many as the longest preimage holds.
const LEVELS: usize = 10_000;

fn set_limit(max_subnets: u16) -> RuntimeCall {
    pallet_admin_utils::Call::sudo_set_subnet_limit { max_subnets }.into()
}

/// The bytes of `enact` this many times within itself. No value is made of them: dropping it would need a deep stack.
fn nested(call: RuntimeCall, levels: usize) -> Vec<u8> {
    let inner = call.encode();
    let enact = RuntimeCall::from(Governance::enact { call: Box::new(call), registered: None }).encode();
    let [before, after] = [&enact[..2], &enact[2 + inner.len()..]];
    [before.repeat(levels), inner, after.repeat(levels)].concat()
}

/// Schedules an approved proposal for block 1, as stock referenda do.
fn approve(name: u8, bytes: Vec<u8>) {
    let len = bytes.len() as u32;
    let hash = <Preimage as StorePreimage>::note(bytes.into()).expect("a preimage may be as long");
    let origin = OriginCaller::Governance(Origin(Kind::Parameters.id()));
    let (at, call) = (DispatchTime::At(1), Bounded::Lookup { hash, len });
    <Scheduler as Named<_, _, _>>::schedule_named([name; 32], at, None, 63, origin, call)
        .expect("the block has room");
}

/// The beginning of block 1, as a node executes it.
fn begin_block(state: &mut TestExternalities) -> Result<(), String> {
    let code = myelin_runtime::WASM_BINARY.expect("the runtime was built as WASM");
    let fetcher = WrappedRuntimeCode(code.into());
    let runtime = RuntimeCode { code_fetcher: &fetcher, heap_pages: None, hash: twox_128(code).to_vec() };
    let slot = DigestItem::PreRuntime(AURA_ENGINE_ID, Slot::from(1).encode());
    let digest = Digest { logs: vec![slot] };
    let header = Header::new(1, Default::default(), Default::default(), Default::default(), digest);
    let executor = WasmExecutor::<SubstrateHostFunctions>::builder().build();
    let context = CallContext::Onchain { import: false };
    let begin = "Core_initialize_block";
    let (answer, _) = executor.call(&mut state.ext(), &runtime, begin, &header.encode(), context);
    answer.map(drop).map_err(|error| error.to_string())
}

/// A runtime that reads it to its end has no stack left. Every author would fail at this block, and at the next ones.
#[test]
fn a_proposal_nested_deeper_than_the_stack_is_dropped_and_its_block_goes_on() {
    let genesis = genesis::storage("development").expect("the preset exists");
    let mut state = TestExternalities::new(genesis.expect("the preset fits the pallets"));
    state.execute_with(|| {
        assert_ne!(SubnetLimit::<Runtime>::get(), 77);
        approve(1, nested(set_limit(99), LEVELS));
        approve(2, nested(set_limit(77), 1));
    });
    assert_eq!(begin_block(&mut state), Ok(()));
    state.execute_with(|| {
        let lost: Vec<_> = System::events()
            .into_iter()
            .filter_map(|record| match record.event {
                RuntimeEvent::Scheduler(pallet_scheduler::Event::CallUnavailable { id, .. }) => Some(id),
                _ => None,
            })
            .collect();
        assert_eq!(lost, [Some([1; 32])]);
        assert_eq!(SubnetLimit::<Runtime>::get(), 77, "the other proposal is enacted in the same block");
    });
}
