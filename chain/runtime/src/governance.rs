//! The runtime's part of governance: room in the schedule, the treasury's account, and a look at proposals.

use core::marker::PhantomData;

use codec::{Decode, Encode};
use frame_support::{
    traits::{
        schedule::{
            v3::{Anon, Named, TaskName},
            DispatchTime, Period, Priority,
        },
        Bounded, Currency, Get, GetCallMetadata, OnUnbalanced,
    },
    PalletId,
};
use myelin_economy::{params, profile::Profile};
use myelin_units::NetUid;
use pallet_myelin_governance::Inspect;
use pallet_network::{ledger::TaoLedger, subnets::SubnetRegistry};
use sp_runtime::{
    traits::{AccountIdConversion, BlakeTwo256},
    DispatchError,
};

use crate::{closed, AccountId, Balances, BlockNumber, OriginCaller, Runtime, RuntimeCall, Scheduler};

/// Id from which the account of the treasury is derived.
const TREASURY: PalletId = PalletId(*b"treatnsr");

/// The account of the treasury; nobody has its key.
pub struct TreasuryAccount;

impl Get<AccountId> for TreasuryAccount {
    fn get() -> AccountId {
        TREASURY.into_account_truncating()
    }
}

/// Whether an account is one of the network's: nobody has its key, and no call takes from it but those that name it.
pub fn is_networks(who: &AccountId) -> bool {
    TaoLedger::<Runtime>::is_own(who) || *who == TreasuryAccount::get()
}

/// Deposits that are lost go to the treasury.
pub struct ToTreasury;

impl OnUnbalanced<pallet_balances::NegativeImbalance<Runtime>> for ToTreasury {
    fn on_nonzero_unbalanced(lost: pallet_balances::NegativeImbalance<Runtime>) {
        Balances::resolve_creating(&TreasuryAccount::get(), lost);
    }
}

/// The pace of the chain.
pub struct Pace;

impl Get<Profile> for Pace {
    fn get() -> Profile {
        SubnetRegistry::<Runtime>::profile()
    }
}

/// The subnet that a proposal names, and the calls that it carries.
pub struct Proposals;

impl Inspect<RuntimeCall> for Proposals {
    fn netuid(call: &RuntimeCall) -> Option<NetUid> {
        use pallet_network::Call as Network;
        match call {
            RuntimeCall::SubtensorModule(
                Network::root_dissolve_network { netuid }
                | Network::announce_rubric { netuid, .. }
                | Network::withdraw_rubric { netuid, .. },
            ) => Some(*netuid),
            // Calls of a subnet's parameter begin with its number, behind the numbers of pallet and call.
            _ if is_of_subnet(call) => {
                let bytes = call.encode();
                bytes.get(2..).and_then(|mut arguments| NetUid::decode(&mut arguments).ok())
            }
            _ => None,
        }
    }

    fn carries(call: &RuntimeCall) -> usize {
        closed::carried(call).count()
    }
}

/// Whether a call sets a parameter of a subnet.
fn is_of_subnet(call: &RuntimeCall) -> bool {
    let metadata = call.get_call_metadata();
    let sets = |row: &params::Parameter| {
        let calls = [row.call, row.owner_call];
        let mut calls = calls.iter().flatten();
        calls.any(|call| call.pallet == metadata.pallet_name && call.name == metadata.function_name)
    };
    params::SUBNET.iter().any(sets)
}

/// Blocks that are tried for a task, from the one that it is for.
const TRIED: BlockNumber = 64;

/// The schedule, with room for every task: one whose block is full runs in the next block that is not.
///
/// The stock schedule refuses a task then, and stock referenda would lose the enactment of what was approved. Anybody
/// could fill a block with cheap referenda.
pub struct Roomy<S>(PhantomData<S>);

/// The schedule of this runtime.
pub type Schedule = Roomy<Scheduler>;

type Call = Bounded<RuntimeCall, BlakeTwo256>;

/// The first of the blocks to be tried in which the step succeeds. Other refusals than a full block end the search.
fn first_with_room<A>(
    when: DispatchTime<BlockNumber>,
    step: impl Fn(DispatchTime<BlockNumber>) -> Result<A, DispatchError>,
) -> Result<A, DispatchError> {
    let DispatchTime::At(first) = when else { return step(when) };
    let mut tried = step(when);
    for block in (first..first.saturating_add(TRIED)).skip(1) {
        if !matches!(tried, Err(DispatchError::Exhausted)) {
            break;
        }
        tried = step(DispatchTime::At(block));
    }
    tried
}

impl<S: Anon<BlockNumber, RuntimeCall, OriginCaller, Hasher = BlakeTwo256>>
    Anon<BlockNumber, RuntimeCall, OriginCaller> for Roomy<S>
{
    type Address = S::Address;
    type Hasher = BlakeTwo256;

    fn schedule(
        when: DispatchTime<BlockNumber>,
        periodic: Option<Period<BlockNumber>>,
        priority: Priority,
        origin: OriginCaller,
        call: Call,
    ) -> Result<S::Address, DispatchError> {
        first_with_room(when, |when| S::schedule(when, periodic, priority, origin.clone(), call.clone()))
    }

    fn cancel(address: S::Address) -> Result<(), DispatchError> {
        S::cancel(address)
    }

    fn reschedule(address: S::Address, when: DispatchTime<BlockNumber>) -> Result<S::Address, DispatchError> {
        first_with_room(when, |when| S::reschedule(address.clone(), when))
    }

    fn next_dispatch_time(address: S::Address) -> Result<BlockNumber, DispatchError> {
        S::next_dispatch_time(address)
    }
}

impl<S: Named<BlockNumber, RuntimeCall, OriginCaller, Hasher = BlakeTwo256>>
    Named<BlockNumber, RuntimeCall, OriginCaller> for Roomy<S>
{
    type Address = S::Address;
    type Hasher = BlakeTwo256;

    fn schedule_named(
        id: TaskName,
        when: DispatchTime<BlockNumber>,
        periodic: Option<Period<BlockNumber>>,
        priority: Priority,
        origin: OriginCaller,
        call: Call,
    ) -> Result<S::Address, DispatchError> {
        first_with_room(when, |when| {
            S::schedule_named(id, when, periodic, priority, origin.clone(), call.clone())
        })
    }

    fn cancel_named(id: TaskName) -> Result<(), DispatchError> {
        S::cancel_named(id)
    }

    fn reschedule_named(id: TaskName, when: DispatchTime<BlockNumber>) -> Result<S::Address, DispatchError> {
        first_with_room(when, |when| S::reschedule_named(id, when))
    }

    fn next_dispatch_time(id: TaskName) -> Result<BlockNumber, DispatchError> {
        S::next_dispatch_time(id)
    }
}
