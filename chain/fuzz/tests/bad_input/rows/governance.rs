//! Vote locks, votes, referenda and their preimages, the committee, the treasury; and the schedule, which is closed.
//!
//! Coldkey 7 noted a preimage; coldkey 8 is the committee.

use frame_support::traits::{schedule::DispatchTime, Bounded};
use myelin_governance::{Asset, Kind, Multiplier, TrackId};
use myelin_runtime::OriginCaller;
use pallet_myelin_governance::{Call as Governance, Origin};
use pallet_preimage::Call as Preimage;
use pallet_referenda::Call as Referenda;
use pallet_scheduler::Call as Scheduler;
use sp_runtime::traits::{BlakeTwo256, Hash};

use super::*;

/// The preimage that coldkey 7 noted.
pub const NOTED: [u8; 10] = [1; 10];
/// A referendum and a grant that don't exist.
const NOTHING: u32 = 99;

/// Steps of [`prepared`](super::prepared).
pub fn steps(of: &Accounts) -> Vec<(usize, RuntimeCall)> {
    vec![
        (7, Preimage::note_preimage { bytes: NOTED.to_vec() }.into()),
        (0, sudo(Governance::set_committee { committee: Some(of.cold(8)) })),
    ]
}

pub fn rows(of: &Accounts) -> Vec<Wrong> {
    let mut rows = votes(of);
    rows.extend(polls());
    rows.extend(offices(of));
    rows.extend(closed());
    rows
}

fn votes(of: &Accounts) -> Vec<Wrong> {
    let lock = |asset, amount| Governance::lock { asset, amount };
    let unlock = |asset, amount| Governance::unlock { asset, amount };
    let (poll, track, nowhere) = (NOTHING, Kind::Upgrade.id(), Asset::Stake(NOWHERE));
    let delegate = |track, to| Governance::delegate { track, to };
    let rubrics = TrackId::rubrics(CLEAR).expect("below 4096");
    vec![
        wrong("nothing", 5, lock(Asset::Free, 0), "NothingToMove"),
        wrong("dust", 5, lock(Asset::Free, 1), "SmallLock"),
        wrong("maximum", 5, lock(Asset::Free, u64::MAX), "NotHeld"),
        wrong("more than there is", POOR, lock(Asset::Free, 1_000 * TAO), "NotHeld"),
        wrong("of a subnet that does not exist", 5, lock(nowhere, 1), "NotHeld"),
        wrong("nothing", 5, unlock(Asset::Free, 0), "NothingToMove"),
        wrong("of nothing", 5, unlock(Asset::Free, 1), "NotLocked"),
        wrong("of a subnet that does not exist", 5, unlock(nowhere, 1), "NotLocked"),
        wrong("unknown", 5, Governance::vote { poll, aye: true, multiplier: Multiplier::One }, "UnknownPoll"),
        wrong("unknown", 5, Governance::withdraw { poll }, "UnknownPoll"),
        wrong("on no track", 5, delegate(TrackId(NOTHING as u16), of.cold(6)), "UnknownTrack"),
        wrong("to itself", 5, delegate(track, of.cold(5)), "DelegatesToItself"),
        wrong("of nothing", 5, delegate(track, of.cold(6)), "TooLittlePower"),
        wrong("by the subnet's owner", 0, delegate(rubrics, of.cold(6)), "OwnerVotesNot"),
        wrong("of none", 5, Governance::undelegate { track }, "NotDelegated"),
    ]
}

fn polls() -> Vec<Wrong> {
    let hash = BlakeTwo256::hash(&NOTED);
    let unknown = H256::repeat_byte(9);
    let proposed = |origin| Referenda::submit {
        proposal_origin: Box::new(origin),
        proposal: Bounded::Lookup { hash, len: NOTED.len() as u32 + 1 },
        enactment_moment: DispatchTime::After(0),
    };
    let track = |track| OriginCaller::Governance(Origin(track));
    let root = OriginCaller::system(frame_system::RawOrigin::Root);
    let rubrics = TrackId::rubrics(NOWHERE).expect("below 4096");
    let (different, index) = ("PreimageStoredWithDifferentLength", NOTHING);
    vec![
        wrong("for root", 5, proposed(root), "BadOrigin"),
        wrong("on no track", 5, proposed(track(TrackId(99))), "BadOrigin"),
        wrong("of a subnet that does not exist", 5, proposed(track(rubrics)), "BadOrigin"),
        wrong("of another length", 5, proposed(track(Kind::Upgrade.id())), different),
        wrong("unknown", 5, Referenda::place_decision_deposit { index }, "NotOngoing"),
        wrong("unknown", 5, Referenda::refund_decision_deposit { index }, "BadReferendum"),
        wrong("unknown", 5, Referenda::refund_submission_deposit { index }, "BadReferendum"),
        wrong("unknown", 5, Referenda::set_metadata { index, maybe_hash: Some(hash) }, "NotOngoing"),
        wrong("twice", 7, Preimage::note_preimage { bytes: NOTED.to_vec() }, "AlreadyNoted"),
        wrong("too long", 7, Preimage::note_preimage { bytes: vec![0; 40_000] }, "Invalid(Call)"),
        wrong("another's", STRANGER, Preimage::unnote_preimage { hash }, "NotAuthorized"),
        wrong("unknown", 7, Preimage::unnote_preimage { hash: unknown }, "NotNoted"),
    ]
}

fn offices(of: &Accounts) -> Vec<Wrong> {
    let delay = |blocks| Governance::delay { poll: NOTHING, blocks };
    let spend = |rao| Governance::spend { to: of.cold(5), amount: TaoBalance::from_rao(rao) };
    let none = Governance::grant { recipient: of.cold(5), milestones: Default::default() };
    let grant = NOTHING;
    vec![
        wrong("not the committee", STRANGER, delay(1), "NotTheCommittee"),
        wrong("of nothing that waits", 8, delay(1), "NotWaiting"),
        wrong("not the committee", STRANGER, Governance::mark { code: H256::zero() }, "NotTheCommittee"),
        wrong("not the committee", STRANGER, Governance::pull_brake {}, "NotTheCommittee"),
        wrong("not the committee", STRANGER, Governance::release_brake {}, "NotTheCommittee"),
        wrong("that is not on", 8, Governance::release_brake {}, "BrakeOff"),
        by_root("nothing", spend(0), "NothingToMove"),
        by_root("of an empty treasury", spend(1), "PaysTooMuch"),
        by_root("without milestones", none, "BadMilestones"),
        by_root("unknown", Governance::stop_grant { grant }, "UnknownGrant"),
        wrong("unknown", 5, Governance::claim { grant, report: [0; 32] }, "UnknownGrant"),
        wrong("unknown", 5, Governance::pay { grant }, "UnknownGrant"),
        wrong("unknown", 5, Governance::collect { poll: NOTHING }, "NothingLost"),
        by_root("without TAO", Governance::open_subnet { owner: of.unowned() }, "CannotAffordLockCost"),
    ]
}

/// Calls that nobody makes.
fn closed() -> Vec<Wrong> {
    let call = || Box::new(RuntimeCall::from(frame_system::Call::remark { remark: Vec::new() }));
    let (hash, id, task, priority, maybe_periodic) = (H256::zero(), [0; 32], (1, 0), 0, None);
    let (when, after, retries, period, index) = (1_000, 1, 1, 1, NOTHING);
    let calls: [RuntimeCall; 17] = [
        Preimage::request_preimage { hash }.into(),
        Preimage::unrequest_preimage { hash }.into(),
        Preimage::ensure_updated { hashes: vec![hash] }.into(),
        Scheduler::schedule { when, maybe_periodic, priority, call: call() }.into(),
        Scheduler::cancel { when, index: 0 }.into(),
        Scheduler::schedule_named { id, when, maybe_periodic, priority, call: call() }.into(),
        Scheduler::cancel_named { id }.into(),
        Scheduler::schedule_after { after, maybe_periodic, priority, call: call() }.into(),
        Scheduler::schedule_named_after { id, after, maybe_periodic, priority, call: call() }.into(),
        Scheduler::set_retry { task, retries, period }.into(),
        Scheduler::set_retry_named { id, retries, period }.into(),
        Scheduler::cancel_retry { task }.into(),
        Scheduler::cancel_retry_named { id }.into(),
        Referenda::cancel { index }.into(),
        Referenda::kill { index }.into(),
        Referenda::nudge_referendum { index }.into(),
        Referenda::one_fewer_deciding { track: Kind::Upgrade.id() }.into(),
    ];
    let rows = |call: RuntimeCall| {
        [wrong("closed", 5, call.clone(), "Invalid(Call)"), by_root("closed", call, "Invalid(Call)")]
    };
    calls.into_iter().flat_map(rows).collect()
}
