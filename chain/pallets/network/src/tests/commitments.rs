//! Commitments of hotkeys on subnets.

use super::mock::*;
use crate::{
    extension::{check_commitment, Refusal as Code},
    pallet::*,
    subnets::Hyperparameters,
    views::metagraph,
};
use codec::{Compact, Encode};
use frame_support::{
    assert_noop,
    dispatch::{GetDispatchInfo, Pays},
    traits::ConstU32,
    weights::Weight,
    BoundedVec,
};
use myelin_abi::SelectiveMetagraphIndex as Field;
use myelin_units::{storage_index, NetUid};
use pallet_commitments::{
    Call, CommitmentInfo, CommitmentOf, Data, Error, Event as Published, LastBondsReset, LastCommitment,
    MaxSpace, RevealedCommitments, UsedSpaceOf,
};
use sp_runtime::{traits::Dispatchable, DispatchError};

fn info(fields: Vec<Data>) -> CommitmentInfo {
    CommitmentInfo { fields: BoundedVec::truncate_from(fields) }
}

fn big(bytes: usize) -> Data {
    Data::BigRaw(BoundedVec::<u8, ConstU32<512>>::truncate_from(vec![7; bytes]))
}

fn call(netuid: NetUid, fields: Vec<Data>) -> Call<Test> {
    Call::set_commitment { netuid, info: Box::new(info(fields)) }
}

/// The commitment is published.
#[track_caller]
fn publish(signer: &AccountId, netuid: NetUid, fields: Vec<Data>) {
    let call = call(netuid, fields);
    assert_eq!(check_commitment::<Test>(signer, &call), Ok(()), "it would not enter a block");
    let outcome = RuntimeCall::from(call).dispatch(RuntimeOrigin::signed(signer.clone()));
    assert!(outcome.is_ok(), "{outcome:?}");
    check_invariants();
}

/// The commitment is refused with this error, changes nothing, and does not enter a block.
#[track_caller]
fn kept_out(signer: &AccountId, netuid: NetUid, fields: Vec<Data>, error: Error<Test>, code: Code) {
    let call = call(netuid, fields);
    assert_eq!(check_commitment::<Test>(signer, &call), Err(code));
    let expected: DispatchError = error.into();
    let origin = RuntimeOrigin::signed(signer.clone());
    assert_noop!(RuntimeCall::from(call).dispatch(origin).map_err(|e| e.error), expected);
}

fn next_epoch(netuid: NetUid) {
    System::set_block_number(System::block_number() + 100);
    crate::epoch::EpochClock::<Test>::consume(netuid, System::block_number().into());
}

#[test]
fn a_neuron_publishes_what_others_read() {
    on_chain(|| {
        let netuid = subnet().with_neurons(1).create();
        let first = vec![Data::Raw(BoundedVec::truncate_from(b"ipfs".to_vec())), Data::Sha256([3; 32])];
        publish(&hotkey(10), netuid, first);
        System::set_block_number(5);
        let second = vec![big(200)];
        publish(&hotkey(10), netuid, second.clone());
        let stored = CommitmentOf::<Test>::get(netuid, hotkey(10)).expect("it was published");
        assert_eq!((stored.deposit, stored.block, stored.info.clone()), (0, 5, info(second)));
        assert_eq!(LastCommitment::<Test>::get(netuid, hotkey(10)), Some(5));
        let event = RuntimeEvent::from(Published::Commitment { netuid, who: hotkey(10) });
        assert!(System::events().into_iter().any(|record| record.event == event));
        let field = vec![Field::Commitments.number()];
        let view = metagraph::selective_metagraph::<Test>(netuid, 0, field).expect("it exists");
        let bytes: Vec<_> = stored.encode().into_iter().map(Compact).collect();
        assert_eq!(view.commitments, Some(vec![(hotkey(10), bytes)]));
        assert_eq!(RevealedCommitments::<Test>::iter().count(), 0, "nothing was sealed");
    });
}

#[test]
fn only_neurons_of_the_subnet_publish() {
    on_chain(|| {
        let netuid = subnet().with_neurons(1).create();
        let not_here = || Error::AccountNotAllowedCommit;
        kept_out(&hotkey(77), netuid, vec![big(1)], not_here(), Code::HotKeyNotRegisteredInNetwork);
        kept_out(&coldkey(10), netuid, vec![big(1)], not_here(), Code::HotKeyNotRegisteredInNetwork);
        kept_out(&hotkey(10), 99, vec![big(1)], not_here(), Code::SubnetNotExists);
        let unsigned = RuntimeCall::from(call(netuid, vec![])).dispatch(RuntimeOrigin::none());
        assert_eq!(unsigned.map_err(|e| e.error), Err(DispatchError::BadOrigin));
    });
}

#[test]
fn space_is_limited_per_epoch_and_every_commitment_takes_some() {
    on_chain(|| {
        let netuid = subnet().with_neurons(2).create();
        let full = || Error::SpaceLimitExceeded;
        for _ in 0..31 {
            publish(&hotkey(10), netuid, vec![Data::None]);
        }
        assert_eq!(UsedSpaceOf::<Test>::get(netuid, hotkey(10)).map(|usage| usage.used_space), Some(3_100));
        kept_out(&hotkey(10), netuid, vec![], full(), Code::RateLimitExceeded);
        publish(&hotkey(11), netuid, vec![big(512), big(512), big(512)]);
        publish(&hotkey(11), netuid, vec![big(512), big(512), big(512)]);
        kept_out(&hotkey(11), netuid, vec![], full(), Code::RateLimitExceeded);
        next_epoch(netuid);
        publish(&hotkey(10), netuid, vec![big(512)]);
        assert_eq!(UsedSpaceOf::<Test>::get(netuid, hotkey(10)).map(|usage| usage.used_space), Some(512));
    });
}

#[test]
fn root_alone_sets_the_space() {
    on_chain(|| {
        let netuid = subnet().with_neurons(1).create();
        let set = |new_limit| RuntimeCall::from(Call::<Test>::set_max_space { new_limit });
        let signed = set(100).dispatch(RuntimeOrigin::signed(coldkey(0)));
        assert_eq!(signed.map_err(|e| e.error), Err(DispatchError::BadOrigin));
        for wrong in [0, 99, 36_001, u32::MAX] {
            let error: DispatchError = Error::<Test>::SpaceOutOfBounds.into();
            assert_noop!(set(wrong).dispatch(RuntimeOrigin::root()).map_err(|e| e.error), error);
        }
        assert_eq!(MaxSpace::<Test>::get(), 3_100);
        assert!(set(100).dispatch(RuntimeOrigin::root()).is_ok());
        assert_eq!(MaxSpace::<Test>::get(), 100);
        publish(&hotkey(10), netuid, vec![]);
        kept_out(&hotkey(10), netuid, vec![], Error::SpaceLimitExceeded, Code::RateLimitExceeded);
    });
}

#[test]
fn what_nobody_could_open_is_not_sealed() {
    on_chain(|| {
        let netuid = subnet().with_neurons(1).create();
        let sealed =
            Data::TimelockEncrypted { encrypted: BoundedVec::truncate_from(vec![1]), reveal_round: 9 };
        let fields = vec![Data::None, sealed];
        kept_out(&hotkey(10), netuid, fields, Error::TimelockUnavailable, Code::Unnumbered);
    });
}

/// A subnet with two mechanisms on which validators 0 and 1 have bonds in miners 2 and 3.
fn bonded() -> NetUid {
    let netuid = subnet().with_neurons(3).create();
    Hyperparameters::<Test>::set_max_allowed_uids(netuid, 128);
    Hyperparameters::<Test>::set_mechanism_count(netuid, 2);
    for mecid in 0..2 {
        for validator in 0..2 {
            Bonds::<Test>::insert(storage_index(netuid, mecid), validator, vec![(2, 10), (3, 20)]);
        }
    }
    survey(netuid);
    netuid
}

fn bonds(netuid: NetUid) -> Vec<Vec<(u16, u16)>> {
    let row = |mecid| move |uid| Bonds::<Test>::get(storage_index(netuid, mecid), uid);
    (0..2).flat_map(|mecid| (0..2).map(row(mecid))).collect()
}

#[test]
fn the_reset_flag_removes_all_bonds_in_its_hotkey_and_no_others() {
    on_chain(|| {
        let netuid = bonded();
        Hyperparameters::<Test>::set_bonds_reset(netuid, true);
        publish(&hotkey(11), netuid, vec![Data::None, Data::ResetBondsFlag]);
        assert_eq!(bonds(netuid), vec![vec![(3, 20)]; 4]);
        assert_eq!(LastBondsReset::<Test>::get(netuid, hotkey(11)), Some(1));
    });
}

#[test]
fn the_reset_flag_is_only_text_where_the_subnet_does_not_allow_resets() {
    on_chain(|| {
        let netuid = bonded();
        publish(&hotkey(11), netuid, vec![Data::ResetBondsFlag]);
        assert_eq!(bonds(netuid), vec![vec![(2, 10), (3, 20)]; 4]);
        assert_eq!(LastBondsReset::<Test>::get(netuid, hotkey(11)), None);
        assert!(CommitmentOf::<Test>::contains_key(netuid, hotkey(11)));
    });
}

#[test]
fn bonds_are_reset_once_per_epoch() {
    on_chain(|| {
        let netuid = bonded();
        Hyperparameters::<Test>::set_bonds_reset(netuid, true);
        publish(&hotkey(11), netuid, vec![Data::ResetBondsFlag]);
        Bonds::<Test>::insert(netuid, 0, vec![(2, 1)]);
        publish(&hotkey(11), netuid, vec![Data::ResetBondsFlag]);
        assert_eq!(Bonds::<Test>::get(netuid, 0), vec![(2, 1)], "nothing can have grown");
        next_epoch(netuid);
        publish(&hotkey(11), netuid, vec![Data::ResetBondsFlag]);
        assert_eq!(Bonds::<Test>::get(netuid, 0), vec![]);
    });
}

/// The weight that publishing these fields declares, and the weight that it used.
fn weights(netuid: NetUid, fields: Vec<Data>) -> (Weight, Weight) {
    let call = RuntimeCall::from(call(netuid, fields));
    let info = call.get_dispatch_info();
    let outcome = call.dispatch(RuntimeOrigin::signed(hotkey(11))).expect("it is published");
    assert_eq!(outcome.pays_fee(&info), Pays::No);
    (info.call_weight, outcome.actual_weight.expect("it says what it used"))
}

#[test]
fn a_reset_that_does_not_happen_takes_no_room_in_a_block() {
    on_chain(|| {
        let netuid = bonded();
        let (plain, _) = weights(netuid, vec![Data::None]);
        let flag = || vec![Data::ResetBondsFlag];
        assert_eq!(weights(netuid, flag()), (plain, plain), "the subnet does not allow resets");
        Hyperparameters::<Test>::set_bonds_reset(netuid, true);
        let (declared, used) = weights(netuid, flag());
        assert!(declared.ref_time() > plain.ref_time());
        assert_eq!(used, declared, "bonds were reset");
        assert_eq!(weights(netuid, flag()), (declared, plain), "bonds were reset in this epoch already");
        next_epoch(netuid);
        assert_eq!(weights(netuid, flag()), (declared, declared));
    });
}

#[test]
fn a_hotkey_that_loses_its_uid_loses_its_commitment() {
    on_chain(|| {
        let netuid = subnet().with_neurons(3).create();
        Hyperparameters::<Test>::set_max_allowed_uids(netuid, 4);
        ImmunityPeriod::<Test>::insert(netuid, 0);
        MinNonImmuneUids::<Test>::insert(netuid, 0);
        for i in 10..13 {
            publish(&hotkey(i), netuid, vec![big(1)]);
        }
        register(netuid, 13);
        let gone = (10..13).find(|&i| uid_of(netuid, &hotkey(i)).is_none()).expect("somebody gave way");
        assert!(!CommitmentOf::<Test>::contains_key(netuid, hotkey(gone)));
        assert_eq!(CommitmentOf::<Test>::iter_prefix(netuid).count(), 2);
    });
}

#[test]
fn commitments_follow_a_swapped_hotkey() {
    on_chain(|| {
        let netuid = subnet().with_neurons(1).create();
        Hyperparameters::<Test>::set_bonds_reset(netuid, true);
        publish(&hotkey(10), netuid, vec![big(1), Data::ResetBondsFlag]);
        let stored = CommitmentOf::<Test>::get(netuid, hotkey(10));
        let swap = Network::swap_hotkey { hotkey: hotkey(10), new_hotkey: hotkey(50), netuid: None };
        ok(&owner_of(10), swap);
        let counts = || {
            [
                CommitmentOf::<Test>::iter_prefix(netuid).count(),
                LastCommitment::<Test>::iter_prefix(netuid).count(),
                LastBondsReset::<Test>::iter_prefix(netuid).count(),
                UsedSpaceOf::<Test>::iter_prefix(netuid).count(),
            ]
        };
        assert_eq!(CommitmentOf::<Test>::get(netuid, hotkey(50)), stored);
        assert_eq!(counts(), [1; 4]);
    });
}
