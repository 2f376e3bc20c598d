//! The schedule, with room for every task.
//!
//! The stock schedule refuses a task whose block is full, and stock referenda would lose the enactment of what was
//! approved, or the place that a decided referendum leaves on its track. Anybody could fill a block with cheap
//! referenda. Here such a task runs in the next block that has room, and alarms of referenda leave some for the others.

use core::marker::PhantomData;

use frame_support::{
    storage::with_storage_layer,
    traits::{
        schedule::{
            v3::{Anon, Named, TaskName},
            DispatchTime, Period, Priority,
        },
        Bounded, QueryPreimage,
    },
};
use sp_runtime::{traits::BlakeTwo256, DispatchError};

use super::ShallowPreimages;
use crate::{constants::MAX_TASKS, BlockNumber, OriginCaller, Runtime, RuntimeCall, Scheduler};

/// Blocks that are tried for a task, from the one that it is for. To fill so many takes 48,000 submissions, each with a
/// deposit that is lost.
const TRIED: BlockNumber = 1_000;
/// Tasks of a block that are alarms of referenda, at most. The other places are for enactments, and for the calls by
/// which the next referendum of a track begins.
const MAX_ALARMS: u32 = MAX_TASKS / 4 * 3;

/// A schedule that tries later blocks.
pub struct Roomy<S>(PhantomData<S>);

/// The schedule of this runtime.
pub type Schedule = Roomy<Scheduler>;

type Call = Bounded<RuntimeCall, BlakeTwo256>;

/// The first of the blocks to be tried in which the step succeeds. Other refusals than a full block end the search. A
/// step that fails leaves nothing behind: the stock schedule takes a task from its block before it looks for room.
fn first_with_room<A>(
    when: DispatchTime<BlockNumber>,
    step: impl Fn(DispatchTime<BlockNumber>) -> Result<A, DispatchError>,
) -> Result<A, DispatchError> {
    let attempt = |when| with_storage_layer(|| step(when));
    let DispatchTime::At(first) = when else { return attempt(when) };
    let mut tried = attempt(when);
    for block in (first..first.saturating_add(TRIED)).skip(1) {
        if !matches!(tried, Err(DispatchError::Exhausted)) {
            break;
        }
        tried = attempt(DispatchTime::At(block));
    }
    tried
}

/// Whether a task is the alarm of a referendum, which anybody can have set.
fn is_alarm(call: &Call) -> bool {
    let nudges = |call: RuntimeCall| {
        matches!(call, RuntimeCall::Referenda(pallet_referenda::Call::nudge_referendum { .. }))
    };
    matches!(call, Bounded::Inline(_)) && ShallowPreimages::peek(call).is_ok_and(|(call, _)| nudges(call))
}

/// Refuses an alarm in a block that has as many tasks as there may be alarms.
fn ensure_room_for_alarm(when: DispatchTime<BlockNumber>) -> Result<(), DispatchError> {
    let DispatchTime::At(block) = when else { return Ok(()) };
    let tasks = pallet_scheduler::Agenda::<Runtime>::get(block).iter().flatten().count();
    match tasks < MAX_ALARMS as usize {
        true => Ok(()),
        false => Err(DispatchError::Exhausted),
    }
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
        let alarm = is_alarm(&call);
        first_with_room(when, |when| {
            if alarm {
                ensure_room_for_alarm(when)?;
            }
            S::schedule(when, periodic, priority, origin.clone(), call.clone())
        })
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
