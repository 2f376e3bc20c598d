//! Setting weights in the clear.

use super::mock::*;
use crate::{
    pallet::*,
    pools::PoolReserves,
    stake::{Delegation, StakeLedger},
    subnets::{Hyperparameters, NetworkSettings},
};
use myelin_units::{storage_index, NetUid, ROOT};

fn set(netuid: NetUid, dests: &[u16], weights: &[u16]) -> Network {
    Network::set_weights { netuid, dests: dests.to_vec(), weights: weights.to_vec(), version_key: 0 }
}

/// Uids 0 to 3 with permits; weights are set in the clear; 100 blocks have passed.
fn situation() -> NetUid {
    let netuid = subnet().without_commit_reveal().with_neurons(3).with_permits().create();
    System::set_block_number(101);
    netuid
}

#[test]
fn weights_are_stored_upscaled_with_their_zeros() {
    on_chain(|| {
        let netuid = situation();
        ok(&hotkey(10), set(netuid, &[2, 3, 0], &[1, 2, 0]));
        assert_eq!(Weights::<Test>::get(netuid, 1), vec![(2, 32_768), (3, 65_535), (0, 0)]);
        assert_eq!(LastUpdate::<Test>::get(netuid)[1], 101);
        announced(Event::WeightsSet(netuid, 1));
    });
}

#[test]
fn weights_are_set_once_per_rate_limit() {
    on_chain(|| {
        let netuid = situation();
        ok(&hotkey(10), set(netuid, &[2], &[1]));
        System::set_block_number(200);
        refused(&hotkey(10), set(netuid, &[2], &[1]), Refusal::SettingWeightsTooFast);
        System::set_block_number(201);
        ok(&hotkey(10), set(netuid, &[3], &[1]));
        assert_eq!(Weights::<Test>::get(netuid, 1), vec![(3, 65_535)], "the row is replaced");
    });
}

#[test]
fn weights_name_what_is_wrong() {
    on_chain(|| {
        let netuid = situation();
        let who = hotkey(10);
        refused(&who, set(99, &[2], &[1]), Refusal::SubnetNotExists);
        refused(&who, set(ROOT, &[0], &[1]), Refusal::CommitRevealEnabled);
        Hyperparameters::<Test>::set_commit_reveal(ROOT, false);
        refused(&who, set(ROOT, &[0], &[1]), Refusal::CanNotSetRootNetworkWeights);
        refused(&who, set(netuid, &[2, 3], &[1]), Refusal::WeightVecNotEqualSize);
        refused(&who, set(netuid, &[0, 1, 2, 3, 4], &[1; 5]), Refusal::UidsLengthExceedUidsInSubNet);
        refused(&hotkey(77), set(netuid, &[2], &[1]), Refusal::HotKeyNotRegisteredInSubNet);
        refused(&who, set(netuid, &[2, 2], &[1, 1]), Refusal::DuplicateUids);
        refused(&who, set(netuid, &[2, 9], &[1, 1]), Refusal::UidVecContainInvalidOne);
        Hyperparameters::<Test>::set_min_allowed_weights(netuid, 2);
        refused(&who, set(netuid, &[2], &[1]), Refusal::WeightVecLengthIsLow);
        Hyperparameters::<Test>::set_weights_version_key(netuid, 7);
        refused(&who, set(netuid, &[2, 3], &[1, 1]), Refusal::IncorrectWeightVersionKey);
        let mechanism = Network::set_mechanism_weights {
            netuid,
            mecid: 1,
            dests: vec![2, 3],
            weights: vec![1, 1],
            version_key: 7,
        };
        refused(&who, mechanism, Refusal::MechanismDoesNotExist);
        Hyperparameters::<Test>::set_commit_reveal(netuid, true);
        refused(&who, set(netuid, &[2, 3], &[1, 1]), Refusal::CommitRevealEnabled);
    });
}

#[test]
fn only_permitted_validators_judge_others() {
    on_chain(|| {
        let netuid = situation();
        ValidatorPermit::<Test>::insert(netuid, vec![false, false, true, false]);
        refused(&hotkey(10), set(netuid, &[2], &[1]), Refusal::NeuronNoValidatorPermit);
        ok(&hotkey(10), set(netuid, &[1], &[1]));
        ok(&hotkey(11), set(netuid, &[1], &[1]));
        ok(&hotkey(0), set(netuid, &[2], &[1]));
    });
}

#[test]
fn stake_below_the_threshold_sets_no_weights() {
    on_chain(|| {
        let netuid = situation();
        NetworkSettings::<Test>::set_stake_threshold(UNIT);
        refused(&hotkey(10), set(netuid, &[2], &[1]), Refusal::NotEnoughStakeToSetWeights);
        ok(&hotkey(0), set(netuid, &[2], &[1]));
        StakeLedger::<Test>::increase(&hotkey(10), &coldkey(10), netuid, alpha(1)).expect("shares");
        PoolReserves::<Test>::mint_out(netuid, alpha(1));
        ok(&hotkey(10), set(netuid, &[2], &[1]));
    });
}

#[test]
fn root_stake_counts_with_its_weight() {
    on_chain(|| {
        let netuid = situation();
        ok(&coldkey(10), Network::add_stake { hotkey: hotkey(10), netuid: ROOT, amount_staked: tao(1000) });
        let weight = Delegation::<Test>::stake_weight(&hotkey(10), netuid);
        assert_eq!((weight.alpha, weight.root), (alpha(0), tao(1000)));
        let expected =
            (1000 * UNIT as u128 * u128::from(TaoWeight::<Test>::get()) / u128::from(u64::MAX)) as u64;
        assert!(weight.total.floor_u64().abs_diff(expected) < 300);
    });
}

#[test]
fn lent_stake_counts_for_the_child() {
    on_chain(|| {
        let netuid = situation();
        StakeLedger::<Test>::increase(&hotkey(10), &coldkey(10), netuid, alpha(8)).expect("shares");
        PoolReserves::<Test>::mint_out(netuid, alpha(8));
        ChildKeys::<Test>::insert(hotkey(10), netuid, vec![(u64::MAX / 2, hotkey(11))]);
        ParentKeys::<Test>::insert(hotkey(11), netuid, vec![(u64::MAX / 2, hotkey(10))]);
        survey(netuid);
        let (parent, child) = (
            Delegation::<Test>::stake_weight(&hotkey(10), netuid).alpha.to_rao(),
            Delegation::<Test>::stake_weight(&hotkey(11), netuid).alpha.to_rao(),
        );
        assert!((parent + child).abs_diff(8 * UNIT) <= 1, "both are floored");
        assert!(child < 4 * UNIT && child > 4 * UNIT - 10, "half is floored to 32 bits");
    });
}

#[test]
fn each_mechanism_has_weights_of_its_own() {
    on_chain(|| {
        let netuid = situation();
        Hyperparameters::<Test>::set_mechanism_count(netuid, 2);
        System::set_block_number(201);
        let call = Network::set_mechanism_weights {
            netuid,
            mecid: 1,
            dests: vec![3],
            weights: vec![9],
            version_key: 0,
        };
        ok(&hotkey(10), call);
        ok(&hotkey(10), set(netuid, &[2], &[1]));
        assert_eq!(Weights::<Test>::get(storage_index(netuid, 1), 1), vec![(3, 65_535)]);
        assert_eq!(Weights::<Test>::get(netuid, 1), vec![(2, 65_535)]);
    });
}

#[test]
fn weight_calls_are_free_and_trades_are_not() {
    use frame_support::dispatch::{GetDispatchInfo, Pays};
    on_chain(|| {
        let pays = |call: Network| RuntimeCall::from(call).get_dispatch_info().pays_fee;
        assert_eq!(pays(set(2, &[1], &[1])), Pays::No);
        assert_eq!(pays(Network::commit_weights { netuid: 2, commit_hash: Default::default() }), Pays::No);
        let trade = Network::add_stake { hotkey: hotkey(0), netuid: 2, amount_staked: tao(1) };
        assert_eq!(pays(trade), Pays::Yes);
    });
}
