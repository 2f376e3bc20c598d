//! Salted commit and reveal.

use std::collections::BTreeMap;

use super::mock::*;
use crate::{epoch::EpochClock, pallet::*, subnets::Hyperparameters, weights::WeightLedger};
use myelin_units::{storage_index, NetUid, ROOT};
use sp_core::H256;

const SALT: [u16; 3] = [7, 8, 9];

/// Uids 0 to 3 with permits and commit-reveal, 100 blocks later.
fn situation() -> NetUid {
    let netuid = subnet().with_neurons(3).with_permits().create();
    System::set_block_number(101);
    netuid
}

fn hash(netuid: NetUid, judged: u16) -> H256 {
    WeightLedger::<Test>::commit_hash(&hotkey(10), netuid, &[judged], &[5], &SALT, 0)
}

fn commit(netuid: NetUid, judged: u16) -> Network {
    Network::commit_weights { netuid, commit_hash: hash(netuid, judged) }
}

fn reveal(netuid: NetUid, judged: u16) -> Network {
    Network::reveal_weights {
        netuid,
        uids: vec![judged],
        values: vec![5],
        salt: SALT.to_vec(),
        version_key: 0,
    }
}

/// Lets an epoch slot pass.
fn next_epoch(netuid: NetUid) {
    EpochClock::<Test>::consume(netuid, System::block_number().into());
    System::set_block_number(System::block_number() + 100);
}

#[test]
fn a_commit_counts_as_an_update_and_a_reveal_sets_weights() {
    on_chain(|| {
        let netuid = situation();
        ok(&hotkey(10), commit(netuid, 2));
        announced(Event::WeightsCommitted(hotkey(10), netuid, hash(netuid, 2)));
        assert_eq!(LastUpdate::<Test>::get(netuid)[1], 101);
        refused(&hotkey(10), reveal(netuid, 2), Refusal::RevealTooEarly);
        next_epoch(netuid);
        ok(&hotkey(10), reveal(netuid, 2));
        assert_eq!(Weights::<Test>::get(netuid, 1), vec![(2, 65_535)]);
        assert_eq!(LastUpdate::<Test>::get(netuid)[1], 101, "a reveal is no update");
        assert!(!WeightCommits::<Test>::contains_key(netuid, hotkey(10)));
        announced(Event::WeightsRevealed(hotkey(10), netuid, hash(netuid, 2)));
        refused(&hotkey(10), reveal(netuid, 2), Refusal::NoWeightsCommitFound);
    });
}

#[test]
fn the_hash_covers_everything_that_is_revealed() {
    use codec::Encode;
    let bytes = (hotkey(10), 4u16, vec![1u16], vec![5u16], SALT.to_vec(), 3u64).encode();
    let found = WeightLedger::<Test>::commit_hash(&hotkey(10), 4, &[1], &[5], &SALT, 3);
    assert_eq!(found, H256::from(sp_io::hashing::blake2_256(&bytes)));
}

#[test]
fn a_commit_expires_after_its_epoch() {
    on_chain(|| {
        let netuid = situation();
        ok(&hotkey(10), commit(netuid, 2));
        next_epoch(netuid);
        next_epoch(netuid);
        refused(&hotkey(10), reveal(netuid, 2), Refusal::ExpiredWeightCommit);
    });
}

#[test]
fn weights_that_were_not_committed_are_refused() {
    on_chain(|| {
        let netuid = situation();
        refused(&hotkey(10), reveal(netuid, 2), Refusal::NoWeightsCommitFound);
        ok(&hotkey(10), commit(netuid, 2));
        next_epoch(netuid);
        refused(&hotkey(10), reveal(netuid, 3), Refusal::InvalidRevealCommitHashNotMatch);
    });
}

#[test]
fn a_reveal_uses_up_all_older_commits() {
    on_chain(|| {
        let netuid = situation();
        Hyperparameters::<Test>::set_weights_rate_limit(netuid, 0);
        for judged in [1, 2, 3] {
            ok(&hotkey(10), commit(netuid, judged));
        }
        next_epoch(netuid);
        ok(&hotkey(10), reveal(netuid, 2));
        let left = WeightCommits::<Test>::get(netuid, hotkey(10)).expect("one is left");
        assert_eq!(left.iter().map(|commit| commit.0).collect::<Vec<_>>(), vec![hash(netuid, 3)]);
    });
}

#[test]
fn ten_commits_may_wait() {
    on_chain(|| {
        let netuid = situation();
        Hyperparameters::<Test>::set_weights_rate_limit(netuid, 0);
        for judged in 0..10 {
            ok(&hotkey(10), commit(netuid, judged));
        }
        refused(&hotkey(10), commit(netuid, 10), Refusal::TooManyUnrevealedCommits);
        next_epoch(netuid);
        next_epoch(netuid);
        ok(&hotkey(10), commit(netuid, 10));
        assert_eq!(WeightCommits::<Test>::get(netuid, hotkey(10)).map(|queue| queue.len()), Some(1));
    });
}

#[test]
fn commits_name_what_is_wrong() {
    on_chain(|| {
        let netuid = situation();
        refused(&hotkey(77), commit(netuid, 2), Refusal::HotKeyNotRegisteredInSubNet);
        refused(&hotkey(10), commit(99, 2), Refusal::SubnetNotExists);
        let mechanism = Network::commit_mechanism_weights { netuid, mecid: 1, commit_hash: H256::zero() };
        refused(&hotkey(10), mechanism, Refusal::MechanismDoesNotExist);
        ok(&hotkey(10), commit(netuid, 2));
        System::set_block_number(200);
        refused(&hotkey(10), commit(netuid, 3), Refusal::CommittingWeightsTooFast);
        Hyperparameters::<Test>::set_commit_reveal(netuid, false);
        System::set_block_number(300);
        refused(&hotkey(10), commit(netuid, 3), Refusal::CommitRevealDisabled);
        refused(&hotkey(10), reveal(netuid, 2), Refusal::CommitRevealDisabled);
    });
}

#[test]
fn a_reveal_obeys_the_rules_of_weights() {
    on_chain(|| {
        let netuid = situation();
        ok(&hotkey(10), commit(netuid, 9));
        next_epoch(netuid);
        refused(&hotkey(10), reveal(netuid, 9), Refusal::UidVecContainInvalidOne);
        assert!(WeightCommits::<Test>::contains_key(netuid, hotkey(10)), "a refused reveal uses nothing up");
    });
}

#[test]
fn each_mechanism_has_commits_of_its_own() {
    on_chain(|| {
        let netuid = situation();
        Hyperparameters::<Test>::set_mechanism_count(netuid, 2);
        System::set_block_number(300);
        let index = storage_index(netuid, 1);
        let commit_hash = WeightLedger::<Test>::commit_hash(&hotkey(10), index, &[2], &[5], &SALT, 0);
        ok(&hotkey(10), Network::commit_mechanism_weights { netuid, mecid: 1, commit_hash });
        let commits = WeightLedger::<Test>::earliest_commit_blocks(index, 0);
        assert_eq!(commits, BTreeMap::from([(hotkey(10), 300)]));
        assert!(WeightLedger::<Test>::earliest_commit_blocks(netuid, 0).is_empty());
        next_epoch(netuid);
        ok(
            &hotkey(10),
            Network::reveal_mechanism_weights {
                netuid,
                mecid: 1,
                uids: vec![2],
                values: vec![5],
                salt: SALT.to_vec(),
                version_key: 0,
            },
        );
        assert_eq!(Weights::<Test>::get(index, 1), vec![(2, 65_535)]);
    });
}

#[test]
fn a_hash_committed_again_can_be_revealed_when_the_second_commit_opens() {
    on_chain(|| {
        let netuid = situation();
        ok(&hotkey(10), commit(netuid, 2));
        next_epoch(netuid);
        ok(&hotkey(10), commit(netuid, 2));
        assert_eq!(WeightCommits::<Test>::get(netuid, hotkey(10)).map(|queue| queue.len()), Some(2));
        next_epoch(netuid);
        assert_eq!(crate::extension::check::<Test>(&hotkey(10), &reveal(netuid, 2)), Ok(()));
        ok(&hotkey(10), reveal(netuid, 2));
        assert!(!WeightCommits::<Test>::contains_key(netuid, hotkey(10)), "the expired one is gone too");
    });
}

#[test]
fn a_new_mechanism_takes_commits_and_weights_at_once() {
    on_chain(|| {
        let netuid = situation();
        Hyperparameters::<Test>::set_mechanism_count(netuid, 2);
        assert_eq!(LastUpdate::<Test>::get(storage_index(netuid, 1)), vec![0; 4]);
        let call = Network::commit_mechanism_weights { netuid, mecid: 1, commit_hash: H256::repeat_byte(1) };
        ok(&hotkey(10), call);
    });
}

fn swap_hotkey(old: u16, new: u16) {
    // Stories of a few blocks are too short for intervals.
    let _ = LastHotkeySwapOnNetuid::<Test>::clear(u32::MAX, None);
    ok(&owner_of(10), Network::swap_hotkey { hotkey: hotkey(old), new_hotkey: hotkey(new), netuid: None });
}

#[test]
fn a_new_hotkey_reveals_what_those_before_it_committed() {
    on_chain(|| {
        let netuid = situation();
        Hyperparameters::<Test>::set_weights_rate_limit(netuid, 0);
        ok(&hotkey(10), commit(netuid, 2));
        swap_hotkey(10, 98);
        let of = |signer, judged| {
            WeightLedger::<Test>::commit_hash(&hotkey(signer), netuid, &[judged], &[5], &SALT, 0)
        };
        ok(&hotkey(98), Network::commit_weights { netuid, commit_hash: of(98, 3) });
        swap_hotkey(98, 99);
        ok(&hotkey(99), Network::commit_weights { netuid, commit_hash: of(99, 1) });
        // A commit in the name of another hotkey has no effect.
        ok(&hotkey(99), Network::commit_weights { netuid, commit_hash: of(11, 0) });
        assert_eq!(CommitSigners::<Test>::get(netuid, hotkey(99)), vec![hotkey(10), hotkey(98)]);
        assert!(!CommitSigners::<Test>::contains_key(netuid, hotkey(98)));
        let first = crate::waits::allowed_at::<Test>(&hotkey(99), &reveal(netuid, 2));
        assert!(first.is_some_and(|block| block > System::block_number().into()), "it waits for its epoch");
        next_epoch(netuid);
        refused(&hotkey(10), reveal(netuid, 2), Refusal::NoWeightsCommitFound);
        refused(&hotkey(99), reveal(netuid, 0), Refusal::InvalidRevealCommitHashNotMatch);
        for judged in [2, 3, 1] {
            assert_eq!(crate::extension::check::<Test>(&hotkey(99), &reveal(netuid, judged)), Ok(()));
            ok(&hotkey(99), reveal(netuid, judged));
            assert_eq!(Weights::<Test>::get(netuid, 1), vec![(judged, 65_535)]);
        }
        announced(Event::WeightsRevealed(hotkey(99), netuid, of(10, 2)));
        // With the last commit the names are forgotten.
        next_epoch(netuid);
        ok(&hotkey(99), Network::commit_weights { netuid, commit_hash: of(99, 1) });
        next_epoch(netuid);
        ok(&hotkey(99), reveal(netuid, 1));
        assert!(!CommitSigners::<Test>::contains_key(netuid, hotkey(99)));
    });
}

#[test]
fn a_batch_reveals_in_the_name_of_the_hotkey_before() {
    on_chain(|| {
        let netuid = situation();
        ok(&hotkey(10), commit(netuid, 2));
        swap_hotkey(10, 99);
        next_epoch(netuid);
        let batch = Network::batch_reveal_weights {
            netuid,
            uids_list: vec![vec![2]],
            values_list: vec![vec![5]],
            salts_list: vec![SALT.to_vec()],
            version_keys: vec![0],
        };
        ok(&hotkey(99), batch);
        assert_eq!(Weights::<Test>::get(netuid, 1), vec![(2, 65_535)]);
        assert_eq!(CommitSigners::<Test>::iter().count(), 0);
    });
}

#[test]
fn nobody_commits_weights_on_root() {
    on_chain(|| {
        situation();
        ok(&owner_of(10), Network::root_register { hotkey: hotkey(10) });
        System::set_block_number(500);
        refused(&hotkey(10), commit(ROOT, 0), Refusal::CanNotSetRootNetworkWeights);
        assert!(!WeightCommits::<Test>::contains_key(ROOT, hotkey(10)));
    });
}
