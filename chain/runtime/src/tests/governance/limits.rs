//! Proposals that are too much, too deep or many, and what clients read of referenda and of the schedule.

use codec::{Decode, DecodeAll};
use frame_support::{
    dispatch::GetDispatchInfo,
    storage::unhashed,
    traits::{
        schedule::v3::{Anon, Named},
        CallMetadata, GetCallMetadata, StorePreimage,
    },
};
use myelin_abi::referenda::{BoundedCall, PreimagePayer, ReferendumInfo, Scheduled};
use myelin_governance::{grant::Milestone, track::MAX_PREIMAGE};
use pallet_scheduler::WeightInfo;

use super::*;
use crate::{
    constants::{MAX_AUTHORITIES, MAX_TASKS},
    governance::Schedule,
    weights, Preimage, Scheduler,
};

#[test]
fn one_referendum_enacts_one_thing_however_it_is_wrapped() {
    on_chain(|| {
        let treasury = TreasuryAccount::get();
        let gift = pallet_balances::Call::transfer_keep_alive { dest: treasury.into(), value: 1_000 * TAO };
        assert_ok!(made(&ALICE.id(), gift));
        let before = Balances::free_balance(FERDIE.id());
        let spend = || {
            let call = Governance::spend { to: FERDIE.id(), amount: TaoBalance::from_tokens(50) };
            RuntimeCall::from(Governance::enact { call: Box::new(call.into()), registered: None })
        };
        let calls = || vec![spend(), spend()];
        let fallback = Box::new(spend());
        let wrapped: [pallet_utility::Call<Runtime>; 4] = [
            pallet_utility::Call::batch { calls: calls() },
            pallet_utility::Call::batch_all { calls: calls() },
            pallet_utility::Call::force_batch { calls: calls() },
            pallet_utility::Call::if_else { main: Box::new(spend()), fallback },
        ];
        let closed = DispatchError::from(frame_system::Error::<Runtime>::CallFiltered);
        for call in wrapped {
            carry(propose_plain(Kind::Treasury.id(), call));
            assert_eq!(dispatched(), [Err(closed)]);
        }
        assert_eq!(Balances::free_balance(FERDIE.id()), before);
    });
}

/// The bytes of `enact` this many times within itself.
fn nested(levels: usize) -> Vec<u8> {
    let call = Box::new(set_limit(77));
    let enact = RuntimeCall::from(Governance::enact { call, registered: None }).encode();
    let mut bytes = enact[..2].repeat(levels);
    bytes.extend(set_limit(77).encode());
    bytes.extend(vec![0; levels]);
    bytes
}

#[test]
fn a_proposal_nested_too_deep_or_with_bytes_behind_it_is_dropped_and_blocks_go_on() {
    on_chain(|| {
        let before = pallet_network::SubnetLimit::<Runtime>::get();
        let longer = |more: usize| [nested(1), vec![0; more]].concat();
        for bytes in [nested(10_000), nested(100), longer(1), longer(200)] {
            let index = propose_bytes(Kind::Parameters.id(), bytes.clone());
            carry(index);
            let mut unavailable = 0;
            for _ in 0..WHOLE * DAY {
                assert!(blocks(1).is_empty());
                unavailable += System::events()
                    .into_iter()
                    .filter(|record| {
                        type Lost = pallet_scheduler::Event<Runtime>;
                        matches!(&record.event, RuntimeEvent::Scheduler(Lost::CallUnavailable { .. }))
                    })
                    .count();
            }
            assert_eq!(unavailable, 1);
            // All deposits come back.
            let charlie = CHARLIE.id();
            assert!(Balances::reserved_balance(&charlie) > 0);
            assert_ok!(made(&charlie, pallet_referenda::Call::refund_submission_deposit { index }));
            assert_ok!(made(&charlie, pallet_referenda::Call::refund_decision_deposit { index }));
            let hash = BlakeTwo256::hash(&bytes);
            if pallet_preimage::RequestStatusFor::<Runtime>::contains_key(hash) {
                assert_ok!(made(&charlie, pallet_preimage::Call::unnote_preimage { hash }));
            }
            assert_eq!(Balances::reserved_balance(&charlie), 0);
        }
        assert_eq!(pallet_network::SubnetLimit::<Runtime>::get(), before);
        carry(propose_bytes(Kind::Parameters.id(), nested(1)));
        assert_eq!(enacted(blocks(WHOLE * DAY)), Ok(()));
    });
}

#[test]
fn a_full_block_of_the_schedule_loses_no_task() {
    on_chain(|| {
        let call = || Preimage::bound(set_limit(77)).expect("it is short");
        let root = || OriginCaller::system(frame_system::RawOrigin::Root);
        let at = |block| DispatchTime::At(block);
        for _ in 0..MAX_TASKS {
            let (block, _) = <Schedule as Anon<_, _, _>>::schedule(at(100), None, 63, root(), call())
                .expect("there is room");
            assert_eq!(block, 100);
        }
        let plain = <Scheduler as Anon<_, _, _>>::schedule(at(100), None, 63, root(), call());
        assert_eq!(plain, Err(DispatchError::Exhausted));
        let (block, _) =
            <Schedule as Named<_, _, _>>::schedule_named([1; 32], at(100), None, 63, root(), call())
                .expect("the next block has room");
        assert_eq!(block, 101);
        let again = <Schedule as Named<_, _, _>>::schedule_named([1; 32], at(100), None, 63, root(), call());
        assert!(again.is_err(), "the name is taken");
        let (block, _) =
            <Schedule as Named<_, _, _>>::reschedule_named([1; 32], at(99)).expect("there is room");
        assert_eq!(block, 99);
        let (block, _) = <Schedule as Named<_, _, _>>::reschedule_named([1; 32], at(100))
            .expect("the next block has room");
        assert_eq!(block, 101, "a full block loses no task that is moved there");
        let full = pallet_scheduler::Agenda::<Runtime>::get(100);
        (101..1_090).for_each(|block| pallet_scheduler::Agenda::<Runtime>::insert(block, full.clone()));
        let (block, _) = <Schedule as Anon<_, _, _>>::schedule(at(100), None, 63, root(), call())
            .expect("a later block has room");
        assert_eq!(block, 1_090);
        (101..1_090).for_each(pallet_scheduler::Agenda::<Runtime>::remove);
    });
}

#[test]
fn alarms_of_cheap_referenda_leave_room_for_what_was_decided() {
    on_chain(|| {
        let root = || OriginCaller::system(frame_system::RawOrigin::Root);
        let placed = |priority, call: RuntimeCall| {
            let call = Preimage::bound(call).expect("it is short");
            let at = DispatchTime::At(100);
            <Schedule as Anon<_, _, _>>::schedule(at, None, priority, root(), call).expect("there is room").0
        };
        let alarm = || pallet_referenda::Call::nudge_referendum { index: 0 }.into();
        let alarms: Vec<_> = (0..MAX_TASKS).map(|_| placed(128, alarm())).collect();
        assert_eq!(alarms.iter().filter(|block| **block == 100).count() as u32, MAX_TASKS / 4 * 3);
        let leaves = pallet_referenda::Call::one_fewer_deciding { track: Kind::Upgrade.id() };
        assert_eq!((placed(128, leaves.into()), placed(63, set_limit(77))), (100, 100));
    });
}

#[test]
fn a_preimage_has_a_deposit_for_each_byte_that_comes_back() {
    on_chain(|| {
        let bytes = vec![1; 1_000];
        assert_ok!(made(&EVE.id(), pallet_preimage::Call::note_preimage { bytes: bytes.clone() }));
        let deposit = 40_000_000 + 1_000 * 100_000;
        assert_eq!(Balances::reserved_balance(EVE.id()), deposit);
        let hash = BlakeTwo256::hash(&bytes);
        assert_ok!(made(&EVE.id(), pallet_preimage::Call::unnote_preimage { hash }));
        assert_eq!(Balances::reserved_balance(EVE.id()), 0);
    });
}

/// The stored bytes under a key, decoded as clients do.
fn stored<V: Decode>(key: Vec<u8>) -> V {
    let bytes = unhashed::get_raw(&key).expect("there is an entry");
    V::decode_all(&mut &bytes[..]).expect("clients know the type")
}

fn info(poll: u32) -> ReferendumInfo<AccountId> {
    stored(pallet_referenda::ReferendumInfoFor::<Runtime>::hashed_key_for(poll))
}

#[test]
fn clients_read_referenda_the_schedule_and_preimages_as_the_chain_stores_them() {
    on_chain(|| {
        let track = Kind::Parameters.id();
        let approved = propose(track, set_limit(77), None);
        let ReferendumInfo::Ongoing(status) = info(approved) else { panic!("it goes on") };
        assert_eq!((status.track, status.origin.track, status.origin.pallet), (track, track, 107));
        assert_eq!(status.decision_deposit.map(|deposit| deposit.amount), Some(100 * TAO));
        assert!(matches!(&status.proposal, BoundedCall::Inline(_)) && status.alarm.is_some());
        carry(approved);
        let rejected = propose(track, set_limit(78), None);
        let timed_out = pallet_referenda::Call::submit {
            proposal_origin: Box::new(OriginCaller::Governance(Origin(track))),
            proposal: Bounded::Lookup { hash: Default::default(), len: 7 },
            enactment_moment: DispatchTime::After(9),
        };
        assert_ok!(made(&EVE.id(), timed_out));
        let ReferendumInfo::Ongoing(status) = info(rejected + 1) else { panic!("it goes on") };
        assert_eq!(status.proposal, BoundedCall::Lookup { hash: [0; 32], len: 7 });
        let bytes = vec![1; 300];
        let hash = BlakeTwo256::hash(&bytes);
        assert_ok!(made(&EVE.id(), pallet_preimage::Call::note_preimage { bytes }));
        let payer = pallet_preimage::RequestStatusFor::<Runtime>::hashed_key_for(hash);
        let payer = PreimagePayer::decode(&mut &unhashed::get_raw(&payer).expect("it is noted")[..]);
        assert_eq!(payer.expect("clients know the type"), PreimagePayer(Some(EVE.id().into())));
        while matches!(info(approved), ReferendumInfo::Ongoing(_)) {
            blocks(1);
        }
        assert!(matches!(info(approved), ReferendumInfo::Approved((at, Some(_), Some(_))) if at > 1));
        let agendas = pallet_scheduler::Agenda::<Runtime>::iter_keys();
        let tasks: Vec<Option<Scheduled>> = agendas
            .flat_map(|block| {
                stored::<Vec<Option<Scheduled>>>(pallet_scheduler::Agenda::<Runtime>::hashed_key_for(block))
            })
            .collect();
        let enactments: Vec<_> = tasks.iter().flatten().filter(|task| task.track == Some(track)).collect();
        assert!(matches!(&enactments[..], [Scheduled { name: Some(_), call: BoundedCall::Inline(_), .. }]));
        assert!(tasks.iter().flatten().any(|task| task.track.is_none()), "alarms");
        blocks(30 * DAY);
        assert!(matches!(info(rejected), ReferendumInfo::Rejected((_, Some(_), Some(_)))));
        assert!(matches!(info(rejected + 1), ReferendumInfo::TimedOut((_, Some(_), None))));
    });
}

/// A task that needs more than the schedule has in a block is never done, though it was approved. Calls of parameters
/// cost less than these.
#[test]
fn every_call_that_votes_may_enact_fits_into_the_schedule() {
    chain("development").execute_with(|| {
        let authorities = vec![[1_u8; 32]; MAX_AUTHORITIES as usize].encode();
        let new_authorities = Decode::decode(&mut &authorities[..]).expect("keys of 32 bytes");
        let milestones = vec![Milestone { amount: TaoBalance::from_rao(1), text: [0; 32], last: 9 }; 12];
        let (netuid, to, mecid) = (1, EVE.id(), 0);
        let rules = myelin_election::Rules::production();
        let calls: Vec<RuntimeCall> = vec![
            set_limit(77),
            pallet_admin_utils::Call::swap_authorities { new_authorities }.into(),
            Network::root_dissolve_network { netuid }.into(),
            Network::announce_rubric { netuid, mecid, rubric: RubricSource::Hash([9; 32]) }.into(),
            Network::withdraw_rubric { netuid, mecid }.into(),
            pallet_myelin_provenance::Call::takedown {
                model: [1; 32],
                reason: [2; 32],
                reference: vec![3; 256],
            }
            .into(),
            pallet_myelin_election::Call::set_rules { rules }.into(),
            pallet_myelin_election::Call::switch_on {}.into(),
            pallet_myelin_election::Call::switch_off {}.into(),
            pallet_myelin_election::Call::cancel_slash { number: 0 }.into(),
            pallet_myelin_beacon::Call::demand_contributions { after: 7_200 }.into(),
            pallet_grandpa::Call::note_stalled { delay: 10, best_finalized_block_number: 0 }.into(),
            Governance::set_committee { committee: Some(to.clone()) }.into(),
            frame_system::Call::authorize_upgrade { code_hash: Default::default() }.into(),
            pallet_sudo::Call::remove_key {}.into(),
            Governance::spend { to: to.clone(), amount: TaoBalance::from_rao(1) }.into(),
            Governance::grant {
                recipient: to.clone(),
                milestones: milestones.try_into().expect("at most twelve"),
            }
            .into(),
            Governance::stop_grant { grant: 0 }.into(),
            Governance::open_subnet { owner: to }.into(),
        ];
        let given: Vec<_> = calls.iter().map(GetCallMetadata::get_call_metadata).collect();
        for (pallet, call, _) in CALLS {
            let is_it = |given: &CallMetadata| (given.pallet_name, given.function_name) == (pallet, call);
            assert!(given.iter().any(is_it), "{pallet}.{call} is not tried");
        }
        for call in calls {
            let enact =
                RuntimeCall::from(Governance::enact { call: Box::new(call.clone()), registered: None });
            type Tasks = weights::governance::Tasks<Runtime>;
            let before = Tasks::service_agendas_base()
                .saturating_add(Tasks::service_agenda_base(MAX_TASKS))
                .saturating_add(Tasks::service_task_fetched(MAX_PREIMAGE as u32))
                .saturating_add(Tasks::service_task_named())
                .saturating_add(Tasks::execute_dispatch_unsigned());
            let all = before.saturating_add(enact.get_dispatch_info().call_weight);
            let most = <Runtime as pallet_scheduler::Config>::MaximumWeight::get();
            assert!(all.all_lte(most), "{call:?} needs {all:?} of {most:?}");
        }
    });
}
