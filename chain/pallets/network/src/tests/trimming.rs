//! Trimming a subnet to fewer neurons.

use super::mock::*;
use crate::{neurons::NeuronRegistry, pallet::*, subnets::Hyperparameters};
use alloc::collections::BTreeMap;
use myelin_abi::AxonInfo;
use myelin_units::{storage_index, AlphaBalance, NetUid, Uid};
use proptest::prelude::*;

/// A subnet with the owner's neuron and `neurons` others, none of them immune, with these earnings.
fn situation(neurons: u16, emissions: &[u64]) -> NetUid {
    let netuid = subnet().without_commit_reveal().with_neurons(neurons).with_permits().create();
    Hyperparameters::<Test>::set_immunity_period(netuid, 0);
    Hyperparameters::<Test>::set_min_allowed_uids(netuid, 1);
    let emissions: Vec<_> = emissions.iter().map(|rao| AlphaBalance::from_rao(*rao)).collect();
    Emission::<Test>::insert(netuid, emissions);
    netuid
}

fn trim(netuid: NetUid, max: u16) -> Result<(), sp_runtime::DispatchError> {
    NeuronRegistry::<Test>::trim(netuid, max)
}

#[test]
fn the_best_stay_in_their_order_and_the_others_are_forgotten() {
    on_chain(|| {
        // Hotkeys 10 to 14 have uids 1 to 5; 11 and 14 earned least.
        let netuid = situation(5, &[0, 5, 1, 7, 6, 2]);
        let axon = AxonInfo { ip: 1, port: 1, ip_type: 4, ..Default::default() };
        for i in 10..15 {
            Axons::<Test>::insert(netuid, hotkey(i), axon);
        }
        let registered = BlockAtRegistration::<Test>::get(netuid, 4);
        trim(netuid, 4).expect("it is allowed");
        check_invariants();
        let hotkeys: Vec<_> = (0..4).map(|uid| Keys::<Test>::get(netuid, uid)).collect();
        assert_eq!(hotkeys, [hotkey(0), hotkey(10), hotkey(12), hotkey(13)]);
        assert_eq!(uid_of(netuid, &hotkey(13)), Some(3));
        assert_eq!(BlockAtRegistration::<Test>::get(netuid, 3), registered);
        assert_eq!((uid_of(netuid, &hotkey(11)), uid_of(netuid, &hotkey(14))), (None, None));
        assert!(!IsNetworkMember::<Test>::get(hotkey(11), netuid));
        assert!(
            !Axons::<Test>::contains_key(netuid, hotkey(11))
                && Axons::<Test>::contains_key(netuid, hotkey(12))
        );
        let emissions: Vec<u64> =
            Emission::<Test>::get(netuid).into_iter().map(AlphaBalance::to_rao).collect();
        assert_eq!(emissions, [0, 5, 7, 6]);
        assert_eq!((SubnetworkN::<Test>::get(netuid), MaxAllowedUids::<Test>::get(netuid)), (4, 4));
        announced(Event::MaxAllowedUidsSet(netuid, 4));
    });
}

#[test]
fn opinions_follow_their_neurons_on_every_mechanism() {
    on_chain(|| {
        let netuid = situation(3, &[9, 1, 5, 6]);
        Hyperparameters::<Test>::set_mechanism_count(netuid, 2);
        for mecid in 0..2 {
            let index = storage_index(netuid, mecid);
            Weights::<Test>::insert(index, 2, vec![(0, 10), (1, 20), (3, 30)]);
            Weights::<Test>::insert(index, 1, vec![(3, 30)]);
            Bonds::<Test>::insert(index, 3, vec![(1, 1), (2, 2)]);
            LastUpdate::<Test>::insert(index, vec![40, 41, 42, 43]);
            Incentive::<Test>::insert(index, vec![0, 1, 2, 3]);
            WeightCommits::<Test>::insert(index, hotkey(10), alloc::collections::VecDeque::new());
        }
        survey(netuid);
        // Uid 1 goes; 2 and 3 become 1 and 2.
        trim(netuid, 3).expect("it is allowed");
        check_invariants();
        for mecid in 0..2 {
            let index = storage_index(netuid, mecid);
            let rows: BTreeMap<_, _> = Weights::<Test>::iter_prefix(index).collect();
            assert_eq!(rows, BTreeMap::from([(1, vec![(0, 10), (2, 30)])]));
            assert_eq!(Bonds::<Test>::get(index, 2), vec![(1, 2)]);
            assert_eq!(LastUpdate::<Test>::get(index), vec![40, 42, 43]);
            assert_eq!(Incentive::<Test>::get(index), vec![0, 2, 3]);
            assert!(!WeightCommits::<Test>::contains_key(index, hotkey(10)));
        }
    });
}

#[test]
fn a_limit_outside_its_bounds_is_refused() {
    on_chain(|| {
        let netuid = situation(5, &[0; 6]);
        Hyperparameters::<Test>::set_min_allowed_uids(netuid, 3);
        assert_eq!(trim(netuid, 2), Err(Refusal::InvalidValue.into()));
        assert_eq!(trim(netuid, 257), Err(Refusal::InvalidValue.into()));
        trim(netuid, 3).expect("it is the minimum");
    });
}

#[test]
fn a_subnet_of_immune_neurons_is_not_trimmed() {
    on_chain(|| {
        let netuid = situation(5, &[0; 6]);
        Hyperparameters::<Test>::set_immunity_period(netuid, 100);
        assert_eq!(trim(netuid, 4), Err(Refusal::TrimmingWouldExceedMaxImmunePercentage.into()));
    });
}

#[test]
fn a_subnet_below_the_limit_keeps_everybody() {
    on_chain(|| {
        let netuid = situation(2, &[0; 3]);
        trim(netuid, 100).expect("it is allowed");
        assert_eq!((SubnetworkN::<Test>::get(netuid), MaxAllowedUids::<Test>::get(netuid)), (3, 100));
    });
}

proptest! {
    #![proptest_config(cases(24))]

    #[test]
    fn uids_stay_dense_and_every_opinion_keeps_its_subject(
        emissions in prop::collection::vec(0u64..4, 2..12),
        max in 1u16..12,
        rows in prop::collection::vec(prop::collection::vec((0u16..12, 1u16..100), 0..12), 12),
    ) {
        on_chain(|| {
            let count = emissions.len() as u16;
            let netuid = situation(count - 1, &emissions);
            let by_hotkey = || -> BTreeMap<AccountId, BTreeMap<AccountId, u16>> {
                let key = |uid: Uid| Keys::<Test>::get(netuid, uid);
                Weights::<Test>::iter_prefix(netuid)
                    .map(|(uid, row)| (key(uid), row.into_iter().map(|(to, value)| (key(to), value)).collect()))
                    .collect()
            };
            for (uid, row) in (0..count).zip(&rows) {
                let row: BTreeMap<_, _> = row.iter().copied().filter(|(to, _)| *to < count).collect();
                Weights::<Test>::insert(netuid, uid, row.into_iter().collect::<Vec<_>>());
            }
            let before = by_hotkey();
            if trim(netuid, max).is_err() {
                return;
            }
            check_invariants();
            assert_eq!(SubnetworkN::<Test>::get(netuid), count.min(max));
            for (from, row) in by_hotkey() {
                for (to, value) in &row {
                    assert_eq!(before[&from].get(to), Some(value));
                }
                let stay = before[&from].keys().filter(|to| uid_of(netuid, to).is_some()).count();
                assert_eq!(row.len(), stay);
            }
        });
    }
}
