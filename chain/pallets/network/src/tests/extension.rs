//! Checks of transactions before they enter a block.

use super::mock::*;
use crate::{
    extension::{check, Refusal as Code, SubtensorTransactionExtension},
    neurons::NeuronRegistry,
    pallet::ValidatorPermit,
    subnets::{Hyperparameters, NetworkSettings},
    weights::WeightLedger,
};
use alloc::collections::BTreeSet;
use codec::Encode;
use frame_support::{
    dispatch::{DispatchInfo, GetDispatchInfo},
    BoundedVec,
};
use myelin_units::NetUid;
use pallet_commitments::{CommitmentInfo, Data};
use sp_runtime::{
    traits::{Dispatchable, TransactionExtension, TxBaseImplication},
    transaction_validity::{InvalidTransaction, TransactionSource, TransactionValidityError},
};

fn set(netuid: NetUid) -> Network {
    Network::set_weights { netuid, dests: vec![2], weights: vec![1], version_key: 0 }
}

fn situation() -> NetUid {
    let netuid = subnet().without_commit_reveal().with_neurons(3).with_permits().create();
    System::set_block_number(101);
    netuid
}

#[test]
fn the_extension_adds_no_bytes_and_has_the_official_name() {
    type Extension = SubtensorTransactionExtension<Test>;
    assert_eq!(Extension::new().encode().len(), 0);
    assert_eq!(<Extension as TransactionExtension<RuntimeCall>>::IDENTIFIER, "SubtensorTransactionExtension");
}

/// Tags that a valid transaction provides.
fn provided(signer: &AccountId, call: impl Into<RuntimeCall>) -> Vec<Vec<u8>> {
    let call = call.into();
    let validity = SubtensorTransactionExtension::<Test>::new()
        .validate(
            RuntimeOrigin::signed(signer.clone()),
            &call,
            &DispatchInfo::default(),
            0,
            (),
            &TxBaseImplication(()),
            TransactionSource::External,
        )
        .expect("the call would succeed");
    validity.0.provides
}

#[test]
fn a_second_free_call_of_a_kind_does_not_wait_beside_the_first() {
    on_chain(|| {
        let netuid = situation();
        Hyperparameters::<Test>::set_mechanism_count(netuid, 2);
        let prometheus =
            |port| Network::serve_prometheus { netuid, version: 1, ip: 1 << 24, port, ip_type: 4 };
        let on_mechanism = |mecid| Network::set_mechanism_weights {
            netuid,
            mecid,
            dests: vec![2],
            weights: vec![1],
            version_key: 0,
        };
        let commitment = |byte| {
            let data = Data::BigRaw(BoundedVec::truncate_from(vec![byte; 3]));
            let info = Box::new(CommitmentInfo { fields: BoundedVec::truncate_from(vec![data]) });
            RuntimeCall::from(pallet_commitments::Call::set_commitment { netuid, info })
        };
        let who = hotkey(10);
        assert_eq!(provided(&who, prometheus(80)), provided(&who, prometheus(81)));
        assert_eq!(provided(&who, commitment(1)), provided(&who, commitment(2)));
        assert_eq!(provided(&who, set(netuid)), provided(&who, on_mechanism(0)), "two names of one call");
        // Calls that can succeed side by side wait side by side.
        let apart = [
            provided(&who, prometheus(80)),
            provided(&hotkey(11), prometheus(80)),
            provided(&who, commitment(1)),
            provided(&who, set(netuid)),
            provided(&who, on_mechanism(1)),
        ];
        let distinct: BTreeSet<_> = apart.iter().flatten().collect();
        assert_eq!(distinct.len(), apart.len(), "{apart:?}");
        let pays = Network::start_call { netuid };
        assert!(provided(&who, pays).is_empty());
    });
}

#[test]
fn a_transaction_that_would_fail_does_not_enter_a_block() {
    on_chain(|| {
        let netuid = situation();
        let call = RuntimeCall::from(set(netuid));
        let validate = |signer| {
            SubtensorTransactionExtension::<Test>::new()
                .validate(
                    RuntimeOrigin::signed(signer),
                    &call,
                    &DispatchInfo::default(),
                    0,
                    (),
                    &TxBaseImplication(()),
                    TransactionSource::External,
                )
                .map(|_| ())
        };
        assert_eq!(validate(hotkey(10)), Ok(()));
        let refused = TransactionValidityError::from(InvalidTransaction::Custom(10));
        assert_eq!(validate(hotkey(77)), Err(refused));
    });
}

#[test]
fn weights_are_checked_for_subnet_stake_lengths_and_rate() {
    on_chain(|| {
        let netuid = situation();
        assert_eq!(check::<Test>(&hotkey(10), &set(netuid)), Ok(()));
        assert_eq!(check::<Test>(&hotkey(10), &set(99)), Err(Code::SubnetNotExists));
        assert_eq!(check::<Test>(&hotkey(77), &set(netuid)), Err(Code::HotKeyNotRegisteredInNetwork));
        let uneven = Network::set_weights { netuid, dests: vec![2, 3], weights: vec![1], version_key: 0 };
        assert_eq!(check::<Test>(&hotkey(10), &uneven), Err(Code::InputLengthsUnequal));
        ok(&hotkey(10), set(netuid));
        assert_eq!(check::<Test>(&hotkey(10), &set(netuid)), Err(Code::RateLimitExceeded));
        NetworkSettings::<Test>::set_stake_threshold(UNIT);
        assert_eq!(check::<Test>(&hotkey(11), &set(netuid)), Err(Code::StakeAmountTooLow));
        assert_eq!(check::<Test>(&hotkey(0), &set(netuid)), Ok(()), "the owner needs no stake");
    });
}

#[test]
fn reveals_are_checked_for_commit_and_range() {
    on_chain(|| {
        let netuid = situation();
        Hyperparameters::<Test>::set_commit_reveal(netuid, true);
        let reveal =
            Network::reveal_weights { netuid, uids: vec![2], values: vec![1], salt: vec![4], version_key: 0 };
        assert_eq!(check::<Test>(&hotkey(10), &reveal), Err(Code::CommitNotFound));
        let commit_hash = WeightLedger::<Test>::commit_hash(&hotkey(10), netuid, &[2], &[1], &[4], 0);
        let commit = Network::commit_weights { netuid, commit_hash };
        assert_eq!(check::<Test>(&hotkey(10), &commit), Ok(()));
        ok(&hotkey(10), commit.clone());
        assert_eq!(check::<Test>(&hotkey(10), &commit), Err(Code::RateLimitExceeded));
        assert_eq!(check::<Test>(&hotkey(10), &reveal), Err(Code::CommitBlockNotInRevealRange));
        crate::epoch::EpochClock::<Test>::consume(netuid, 101);
        assert_eq!(check::<Test>(&hotkey(10), &reveal), Ok(()));
    });
}

#[test]
fn endpoints_are_checked_for_address_port_and_rate() {
    on_chain(|| {
        let netuid = situation();
        let serve = |netuid, ip, port| Network::serve_axon {
            netuid,
            version: 1,
            ip,
            port,
            ip_type: 4,
            protocol: 4,
            placeholder1: 0,
            placeholder2: 0,
        };
        assert_eq!(check::<Test>(&hotkey(10), &serve(netuid, 1 << 24, 80)), Ok(()));
        assert_eq!(check::<Test>(&hotkey(10), &serve(99, 1 << 24, 80)), Err(Code::SubnetNotExists));
        assert_eq!(
            check::<Test>(&hotkey(77), &serve(netuid, 1 << 24, 80)),
            Err(Code::HotKeyNotRegisteredInNetwork)
        );
        assert_eq!(check::<Test>(&hotkey(10), &serve(netuid, 0x7f00_0001, 80)), Err(Code::InvalidIpAddress));
        assert_eq!(check::<Test>(&hotkey(10), &serve(netuid, 1 << 24, 0)), Err(Code::InvalidPort));
        ok(&hotkey(10), serve(netuid, 1 << 24, 80));
        assert_eq!(
            check::<Test>(&hotkey(10), &serve(netuid, 1 << 24, 80)),
            Err(Code::ServingRateLimitExceeded)
        );
    });
}

#[test]
fn calls_that_pay_are_left_to_their_own_errors() {
    on_chain(|| {
        let call = Network::add_stake { hotkey: hotkey(77), netuid: 99, amount_staked: tao(1) };
        assert_eq!(check::<Test>(&coldkey(1), &call), Ok(()));
    });
}

/// The extension admits exactly the calls that succeed.
#[track_caller]
fn kept_out(signer: &AccountId, call: Network, code: Code) {
    assert_eq!(check::<Test>(signer, &call), Err(code), "{call:?}");
    let outcome = RuntimeCall::from(call).dispatch(RuntimeOrigin::signed(signer.clone()));
    assert!(outcome.is_err(), "a call that succeeds was kept out");
}

#[test]
fn weights_that_would_be_refused_stay_out_for_everybody() {
    on_chain(|| {
        let netuid = situation();
        let row = |dests: &[u16], weights: &[u16]| Network::set_weights {
            netuid,
            dests: dests.to_vec(),
            weights: weights.to_vec(),
            version_key: 0,
        };
        let on_mechanism = |mecid| Network::set_mechanism_weights {
            netuid,
            mecid,
            dests: vec![2],
            weights: vec![1],
            version_key: 0,
        };
        let who = hotkey(10);
        kept_out(&who, row(&[2, 2], &[1, 1]), Code::Unnumbered);
        kept_out(&who, row(&[0, 1, 2, 3, 4], &[1; 5]), Code::Unnumbered);
        kept_out(&who, row(&[9], &[1]), Code::Unnumbered);
        kept_out(&who, on_mechanism(7), Code::Unnumbered);
        kept_out(&who, on_mechanism(16), Code::Unnumbered);
        Hyperparameters::<Test>::set_weights_version_key(netuid, 1);
        kept_out(&who, set(netuid), Code::Unnumbered);
        Hyperparameters::<Test>::set_weights_version_key(netuid, 0);
        ValidatorPermit::<Test>::insert(netuid, vec![false; 4]);
        kept_out(&who, set(netuid), Code::Unnumbered);
        Hyperparameters::<Test>::set_commit_reveal(netuid, true);
        kept_out(&who, set(netuid), Code::Unnumbered);
        kept_out(&hotkey(77), row(&[], &[]), Code::Unnumbered);
    });
}

#[test]
fn commits_that_would_be_refused_stay_out() {
    on_chain(|| {
        let netuid = situation();
        let commit = |byte| Network::commit_weights { netuid, commit_hash: [byte; 32].into() };
        let on_mechanism =
            |mecid| Network::commit_mechanism_weights { netuid, mecid, commit_hash: [1; 32].into() };
        kept_out(&hotkey(10), commit(0), Code::Unnumbered);
        Hyperparameters::<Test>::set_commit_reveal(netuid, true);
        kept_out(&hotkey(77), commit(0), Code::HotKeyNotRegisteredInNetwork);
        kept_out(&hotkey(10), on_mechanism(7), Code::Unnumbered);
        kept_out(&hotkey(10), on_mechanism(16), Code::Unnumbered);
        Hyperparameters::<Test>::set_weights_rate_limit(netuid, 0);
        (0..10).for_each(|byte| ok(&hotkey(10), commit(byte)));
        kept_out(&hotkey(10), commit(10), Code::Unnumbered);
        NetworkSettings::<Test>::set_stake_threshold(UNIT);
        assert_eq!(check::<Test>(&hotkey(11), &commit(0)), Err(Code::StakeAmountTooLow));
    });
}

#[test]
fn an_open_commit_to_weights_that_are_refused_stays_out() {
    on_chain(|| {
        let netuid = situation();
        Hyperparameters::<Test>::set_commit_reveal(netuid, true);
        let commit_hash = WeightLedger::<Test>::commit_hash(&hotkey(10), netuid, &[2, 2], &[1, 1], &[4], 0);
        ok(&hotkey(10), Network::commit_weights { netuid, commit_hash });
        crate::epoch::EpochClock::<Test>::consume(netuid, 101);
        let (uids, values, salt) = (vec![2, 2], vec![1, 1], vec![4]);
        let reveal = Network::reveal_weights { netuid, uids, values, salt, version_key: 0 };
        kept_out(&hotkey(10), reveal.clone(), Code::Unnumbered);
        Hyperparameters::<Test>::set_commit_reveal(netuid, false);
        kept_out(&hotkey(10), reveal, Code::Unnumbered);
    });
}

#[test]
fn a_refused_call_does_not_fill_a_block() {
    on_chain(|| {
        situation();
        let netuid = None;
        let (old, new) = (hotkey(0), hotkey(77));
        let calls = [
            Network::swap_hotkey { hotkey: old.clone(), new_hotkey: new.clone(), netuid },
            Network::swap_hotkey_v2 { hotkey: old, new_hotkey: new, netuid, keep_stake: false },
            Network::swap_hotkey { hotkey: hotkey(0), new_hotkey: hotkey(77), netuid: Some(99) },
            Network::unstake_all { hotkey: hotkey(77) },
            Network::unstake_all_alpha { hotkey: hotkey(77) },
            Network::unstake_all_alpha { hotkey: hotkey(0) },
            Network::claim_root { subnets: BTreeSet::new() },
        ];
        for call in calls {
            let call = RuntimeCall::from(call);
            let declared = call.get_dispatch_info().call_weight;
            let refused =
                call.clone().dispatch(RuntimeOrigin::signed(coldkey(50))).expect_err("it is refused");
            let used = refused.post_info.actual_weight.expect("a refusal says what it cost");
            assert!((1..declared.ref_time()).contains(&used.ref_time()), "{used} of {declared}: {call:?}");
        }
    });
}

#[test]
fn a_reveal_carries_no_more_salt_than_it_needs() {
    on_chain(|| {
        let netuid = situation();
        Hyperparameters::<Test>::set_commit_reveal(netuid, true);
        let reveal = |length: usize| {
            let (uids, values, salt) = (vec![2], vec![1], vec![4; length]);
            Network::reveal_weights { netuid, uids, values, salt, version_key: 0 }
        };
        let batch = |length: usize| Network::batch_reveal_weights {
            netuid,
            uids_list: vec![vec![2]],
            values_list: vec![vec![1]],
            salts_list: vec![vec![4; length]],
            version_keys: vec![0],
        };
        for length in [64, 65] {
            let salt = vec![4; length];
            let commit_hash = WeightLedger::<Test>::commit_hash(&hotkey(10), netuid, &[2], &[1], &salt, 0);
            ok(&hotkey(10), Network::commit_weights { netuid, commit_hash });
            Hyperparameters::<Test>::set_weights_rate_limit(netuid, 0);
        }
        crate::epoch::EpochClock::<Test>::consume(netuid, 101);
        for call in [reveal(65), batch(65)] {
            kept_out(&hotkey(10), call.clone(), Code::Unnumbered);
            refused(&hotkey(10), call, Refusal::InvalidValue);
        }
        assert_eq!(check::<Test>(&hotkey(10), &batch(64)), Ok(()));
        ok(&hotkey(10), reveal(64));
    });
}

#[test]
fn a_reveal_larger_than_the_subnet_is_refused_before_it_is_hashed() {
    on_chain(|| {
        let netuid = situation();
        Hyperparameters::<Test>::set_commit_reveal(netuid, true);
        let commit_hash = WeightLedger::<Test>::commit_hash(&hotkey(10), netuid, &[2], &[1], &[4], 0);
        ok(&hotkey(10), Network::commit_weights { netuid, commit_hash });
        crate::epoch::EpochClock::<Test>::consume(netuid, 101);
        let neurons = usize::from(NeuronRegistry::<Test>::count(netuid));
        let reveals = |uids: usize, values: usize| {
            let (uids, values, salt) = (vec![2; uids], vec![1; values], vec![4]);
            let batch = Network::batch_reveal_weights {
                netuid,
                uids_list: vec![uids.clone()],
                values_list: vec![values.clone()],
                salts_list: vec![salt.clone()],
                version_keys: vec![0],
            };
            [Network::reveal_weights { netuid, uids, values, salt, version_key: 0 }, batch]
        };
        // These match no commit either. That would be the error if they were hashed.
        for call in reveals(neurons + 1, neurons + 1) {
            kept_out(&hotkey(10), call.clone(), Code::Unnumbered);
            refused(&hotkey(10), call, Refusal::UidsLengthExceedUidsInSubNet);
        }
        for call in reveals(1, neurons + 1) {
            kept_out(&hotkey(10), call.clone(), Code::InputLengthsUnequal);
            refused(&hotkey(10), call, Refusal::WeightVecNotEqualSize);
        }
        for call in reveals(neurons, neurons) {
            refused(&hotkey(10), call, Refusal::InvalidRevealCommitHashNotMatch);
        }
    });
}

#[test]
fn nobody_commits_weights_on_root() {
    on_chain(|| {
        ok(&coldkey(0), Network::root_register { hotkey: hotkey(0) });
        let commit = Network::commit_weights { netuid: 0, commit_hash: [1; 32].into() };
        kept_out(&hotkey(0), commit.clone(), Code::Unnumbered);
        refused(&hotkey(0), commit, Refusal::CanNotSetRootNetworkWeights);
    });
}

#[test]
fn an_oversized_certificate_stays_out() {
    on_chain(|| {
        let netuid = situation();
        let serve = |length| Network::serve_axon_tls {
            netuid,
            version: 1,
            ip: 1 << 24,
            port: 80,
            ip_type: 4,
            protocol: 4,
            placeholder1: 0,
            placeholder2: 0,
            certificate: vec![1; length],
        };
        kept_out(&hotkey(10), serve(66), Code::Unnumbered);
        kept_out(&hotkey(10), serve(0), Code::Unnumbered);
        assert_eq!(check::<Test>(&hotkey(10), &serve(65)), Ok(()));
    });
}
