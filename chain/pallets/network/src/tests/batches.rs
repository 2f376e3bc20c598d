//! Many weights in one call, and the old name of a registration.

use super::mock::*;
use crate::{
    epoch::EpochClock,
    extension::{check, Refusal as Code},
    pallet::*,
    subnets::Hyperparameters,
    weights::WeightLedger,
};
use codec::Compact;
use myelin_units::{NetUid, TaoBalance};
use sp_core::H256;

/// Two subnets, on both of which hotkey 10 is a validator.
fn two_subnets(commit_reveal: bool) -> [NetUid; 2] {
    let subnets = [0, 1].map(|owner| {
        let story = subnet().owned_by(owner).with_neurons(3).with_permits();
        if commit_reveal {
            story.create()
        } else {
            story.without_commit_reveal().create()
        }
    });
    System::set_block_number(101);
    subnets
}

fn set(netuids: &[NetUid], judged: &[u16]) -> Network {
    Network::batch_set_weights {
        netuids: netuids.iter().copied().map(Compact).collect(),
        weights: judged.iter().map(|uid| vec![(Compact(*uid), Compact(7))]).collect(),
        version_keys: netuids.iter().map(|_| Compact(0)).collect(),
    }
}

fn hash(netuid: NetUid, judged: u16) -> H256 {
    WeightLedger::<Test>::commit_hash(&hotkey(10), netuid, &[judged], &[5], &[judged], 0)
}

fn reveal(netuid: NetUid, judged: &[u16]) -> Network {
    Network::batch_reveal_weights {
        netuid,
        uids_list: judged.iter().map(|uid| vec![*uid]).collect(),
        values_list: judged.iter().map(|_| vec![5]).collect(),
        salts_list: judged.iter().map(|uid| vec![*uid]).collect(),
        version_keys: judged.iter().map(|_| 0).collect(),
    }
}

/// Commits to three rows and lets their epoch come.
fn committed() -> NetUid {
    let [netuid, _] = two_subnets(true);
    Hyperparameters::<Test>::set_weights_rate_limit(netuid, 0);
    for judged in [1, 2, 3] {
        ok(&hotkey(10), Network::commit_weights { netuid, commit_hash: hash(netuid, judged) });
    }
    EpochClock::<Test>::consume(netuid, 101);
    netuid
}

#[track_caller]
fn enters(call: Network) {
    assert_eq!(check::<Test>(&hotkey(10), &call), Ok(()));
    ok(&hotkey(10), call);
}

#[test]
fn a_batch_sets_a_row_on_each_subnet() {
    on_chain(|| {
        let [one, other] = two_subnets(false);
        enters(set(&[one, other], &[2, 3]));
        assert_eq!(Weights::<Test>::get(one, 1), vec![(2, 65_535)]);
        assert_eq!(Weights::<Test>::get(other, 1), vec![(3, 65_535)]);
        announced(Event::BatchWeightsCompleted(vec![Compact(one), Compact(other)], hotkey(10)));
    });
}

#[test]
fn what_a_batch_may_not_say_of_one_subnet_leaves_the_others_alone() {
    on_chain(|| {
        let [one, other] = two_subnets(false);
        Hyperparameters::<Test>::set_commit_reveal(other, true);
        ok(&hotkey(10), set(&[other, one], &[3, 2]));
        assert_eq!(Weights::<Test>::get(one, 1), vec![(2, 65_535)]);
        assert_eq!(Weights::<Test>::get(other, 1), vec![]);
        announced(Event::BatchCompletedWithErrors());
        announced(Event::BatchWeightItemFailed(other, Refusal::CommitRevealEnabled.into()));
    });
}

#[test]
fn a_batch_is_free_only_if_all_of_it_would_succeed() {
    on_chain(|| {
        let [one, other] = two_subnets(false);
        let refused = |call: Network, code: Code| assert_eq!(check::<Test>(&hotkey(10), &call), Err(code));
        refused(set(&[one, other], &[2, 9]), Code::Unnumbered);
        refused(set(&[one, 99], &[2, 3]), Code::SubnetNotExists);
        refused(set(&[one, one], &[2, 3]), Code::BadRequest);
        refused(set(&[], &[]), Code::BadRequest);
        refused(set(&[one, other], &[2]), Code::InputLengthsUnequal);
        let commit = |netuids: &[NetUid]| Network::batch_commit_weights {
            netuids: netuids.iter().copied().map(Compact).collect(),
            commit_hashes: vec![H256::zero(); 2],
        };
        refused(commit(&[one, other]), Code::Unnumbered);
        refused(commit(&[one]), Code::InputLengthsUnequal);
        Hyperparameters::<Test>::set_commit_reveal(one, true);
        refused(reveal(one, &[]), Code::BadRequest);
        refused(reveal(one, &[2]), Code::CommitNotFound);
        refused(reveal(99, &[2]), Code::SubnetNotExists);
    });
}

#[test]
fn lists_of_a_batch_are_equally_long() {
    on_chain(|| {
        let [one, other] = two_subnets(false);
        let unequal = || Refusal::InputLengthsUnequal;
        refused(&hotkey(10), set(&[one, other], &[2]), unequal());
        let commit = Network::batch_commit_weights { netuids: vec![Compact(one)], commit_hashes: vec![] };
        refused(&hotkey(10), commit, unequal());
        let Network::batch_reveal_weights { netuid, uids_list, values_list, salts_list, .. } =
            reveal(one, &[1])
        else {
            panic!("it was just made");
        };
        let short = Network::batch_reveal_weights {
            netuid,
            uids_list,
            values_list,
            salts_list,
            version_keys: vec![],
        };
        refused(&hotkey(10), short, unequal());
    });
}

#[test]
fn a_batch_commits_on_each_subnet() {
    on_chain(|| {
        let [one, other] = two_subnets(true);
        enters(Network::batch_commit_weights {
            netuids: vec![Compact(one), Compact(other)],
            commit_hashes: vec![hash(one, 2), hash(other, 3)],
        });
        for (netuid, judged) in [(one, 2), (other, 3)] {
            let queue = WeightCommits::<Test>::get(netuid, hotkey(10)).expect("it was committed");
            assert_eq!(queue[0].0, hash(netuid, judged));
            assert_eq!(LastUpdate::<Test>::get(netuid)[1], 101);
        }
    });
}

#[test]
fn a_batch_of_reveals_uses_up_what_it_names_and_the_last_row_counts() {
    on_chain(|| {
        let netuid = committed();
        enters(reveal(netuid, &[3, 2]));
        assert_eq!(Weights::<Test>::get(netuid, 1), vec![(2, 65_535)]);
        announced(Event::WeightsBatchRevealed(hotkey(10), netuid, vec![hash(netuid, 3), hash(netuid, 2)]));
        let queue = WeightCommits::<Test>::get(netuid, hotkey(10)).expect("one is left");
        assert_eq!(queue.iter().map(|commit| commit.0).collect::<Vec<_>>(), [hash(netuid, 1)]);
        enters(reveal(netuid, &[1]));
        assert!(!WeightCommits::<Test>::contains_key(netuid, hotkey(10)));
    });
}

#[test]
fn a_batch_of_reveals_is_all_or_nothing() {
    on_chain(|| {
        let netuid = committed();
        let who = hotkey(10);
        refused(&who, reveal(netuid, &[1, 0]), Refusal::InvalidRevealCommitHashNotMatch);
        refused(&who, reveal(netuid, &[1, 1]), Refusal::InvalidRevealCommitHashNotMatch);
        refused(&hotkey(11), reveal(netuid, &[1]), Refusal::NoWeightsCommitFound);
        ValidatorPermit::<Test>::insert(netuid, vec![false; 4]);
        refused(&who, reveal(netuid, &[1, 2]), Refusal::NeuronNoValidatorPermit);
        assert_eq!(check::<Test>(&who, &reveal(netuid, &[1, 2])), Err(Code::Unnumbered));
        EpochClock::<Test>::consume(netuid, 101);
        refused(&who, reveal(netuid, &[1]), Refusal::ExpiredWeightCommit);
        assert_eq!(check::<Test>(&who, &reveal(netuid, &[1])), Err(Code::CommitBlockNotInRevealRange));
    });
}

#[test]
fn a_batch_can_not_reveal_early() {
    on_chain(|| {
        let netuid = committed();
        ok(&hotkey(10), Network::commit_weights { netuid, commit_hash: hash(netuid, 0) });
        refused(&hotkey(10), reveal(netuid, &[1, 0]), Refusal::RevealTooEarly);
    });
}

#[test]
fn the_old_registration_takes_no_work_and_costs_the_same() {
    on_chain(|| {
        let netuid = subnet().create();
        let price = Burn::<Test>::get(netuid);
        let before = balance(&coldkey(10));
        let register = Network::register {
            netuid,
            block_number: 0,
            nonce: 0,
            work: vec![],
            hotkey: hotkey(10),
            coldkey: coldkey(77),
        };
        ok(&coldkey(10), register.clone());
        assert_eq!(uid_of(netuid, &hotkey(10)), Some(1));
        assert_eq!(Owner::<Test>::get(hotkey(10)), coldkey(10), "the signer owns it, whoever is named");
        assert_eq!(TaoBalance::from_rao(before - balance(&coldkey(10))), price);
        refused(&coldkey(10), register, Refusal::HotKeyAlreadyRegisteredInSubNet);
    });
}
