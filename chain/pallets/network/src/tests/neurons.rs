//! Registration of neurons: price, uids, pruning.

use super::mock::*;
use crate::{neurons::NeuronRegistry, pallet::*, subnets::Hyperparameters};
use myelin_abi::AxonInfo;
use myelin_units::{storage_index, AlphaBalance, TaoBalance, ROOT};

fn enter(netuid: u16, i: u16) -> Network {
    Network::burned_register { netuid, hotkey: hotkey(i) }
}

#[test]
fn a_registration_gives_the_next_uid() {
    on_chain(|| {
        let netuid = subnet().create();
        ok(&coldkey(1), enter(netuid, 1));
        assert_eq!(uid_of(netuid, &hotkey(1)), Some(1));
        assert_eq!(Keys::<Test>::get(netuid, 1), hotkey(1));
        assert_eq!(SubnetworkN::<Test>::get(netuid), 2);
        assert_eq!(BlockAtRegistration::<Test>::get(netuid, 1), 1);
        assert_eq!(LastUpdate::<Test>::get(netuid), vec![1, 1]);
        assert!(IsNetworkMember::<Test>::get(hotkey(1), netuid));
        assert_eq!(Owner::<Test>::get(hotkey(1)), coldkey(1));
        announced(Event::NeuronRegistered(netuid, 1, hotkey(1)));
    });
}

#[test]
fn the_price_buys_alpha_that_nobody_gets() {
    on_chain(|| {
        let netuid = subnet().create();
        let issuance = TotalIssuance::<Test>::get();
        ok(&coldkey(1), enter(netuid, 1));
        assert_eq!(balance(&coldkey(1)), (FORTUNE - 1) * UNIT);
        // The fee of 33/65535 stays on the account and outside the pool.
        let fee = UNIT * 33 / 65_535;
        assert_eq!(SubnetTAO::<Test>::get(netuid).to_rao(), 1001 * UNIT - fee);
        assert_eq!(surplus(netuid), fee);
        assert_eq!(SubnetAlphaOut::<Test>::get(netuid), AlphaBalance::ZERO);
        assert!(SubnetAlphaIn::<Test>::get(netuid) < alpha(1000));
        assert_eq!(RAORecycledForRegistration::<Test>::get(netuid), tao(1));
        assert_eq!(TotalIssuance::<Test>::get(), issuance);
    });
}

#[test]
fn a_registration_raises_the_price_and_blocks_lower_it() {
    on_chain(|| {
        let netuid = subnet().create();
        ok(&coldkey(1), enter(netuid, 1));
        assert_eq!(Burn::<Test>::get(netuid), TaoBalance::from_rao(1_260_000_000));
        run_to(1 + 360);
        let halved = Burn::<Test>::get(netuid).to_rao();
        assert!(halved.abs_diff(630_000_000) < 1_000, "{halved} is not half of 1.26 TAO");
    });
}

/// Kept as on the official chain: these two parameters bound registrations on root alone.
#[test]
fn as_many_register_in_a_block_as_pay_the_price() {
    on_chain(|| {
        let netuid = subnet().create();
        MaxRegistrationsPerBlock::<Test>::insert(netuid, 1);
        TargetRegistrationsPerInterval::<Test>::insert(netuid, 1);
        for i in 1..=5 {
            ok(&coldkey(i), enter(netuid, i.into()));
        }
        assert_eq!(SubnetworkN::<Test>::get(netuid), 6);
    });
}

#[test]
fn the_price_stays_within_its_bounds() {
    on_chain(|| {
        let netuid = subnet().create();
        Hyperparameters::<Test>::set_min_burn(netuid, TaoBalance::from_rao(999_999_999));
        Hyperparameters::<Test>::set_max_burn(netuid, TaoBalance::from_rao(1_100_000_000));
        ok(&coldkey(1), enter(netuid, 1));
        assert_eq!(Burn::<Test>::get(netuid).to_rao(), 1_100_000_000);
        run_to(400);
        assert_eq!(Burn::<Test>::get(netuid).to_rao(), 999_999_999);
    });
}

#[test]
fn a_limit_protects_from_a_risen_price() {
    on_chain(|| {
        let netuid = subnet().create();
        let call = |limit_price| Network::register_limit { netuid, hotkey: hotkey(1), limit_price };
        refused(&coldkey(1), call(UNIT - 1), Refusal::RegistrationPriceLimitExceeded);
        ok(&coldkey(1), call(UNIT));
    });
}

#[test]
fn registration_names_what_is_wrong() {
    on_chain(|| {
        let netuid = subnet().create();
        refused(&coldkey(1), enter(ROOT, 1), Refusal::RegistrationNotPermittedOnRootSubnet);
        refused(&coldkey(1), enter(77, 1), Refusal::SubnetNotExists);
        refused(&coldkey(1), enter(netuid, 0), Refusal::HotKeyAlreadyRegisteredInSubNet);
        ok(&coldkey(2), Network::try_associate_hotkey { hotkey: hotkey(2) });
        refused(&coldkey(1), enter(netuid, 2), Refusal::NonAssociatedColdKey);
        Burn::<Test>::insert(netuid, tao(FORTUNE));
        refused(&coldkey(1), enter(netuid, 1), Refusal::NotEnoughBalanceToStake);
        Burn::<Test>::insert(netuid, tao(1));
        Hyperparameters::<Test>::set_registration_allowed(netuid, false);
        refused(&coldkey(1), enter(netuid, 1), Refusal::SubNetRegistrationDisabled);
    });
}

/// A subnet of `n` uids that is full; its owner has uid 0.
fn full_subnet(n: u16) -> u16 {
    let netuid = subnet().with_neurons(n - 1).create();
    Hyperparameters::<Test>::set_max_allowed_uids(netuid, n);
    Hyperparameters::<Test>::set_immunity_period(netuid, 10);
    Hyperparameters::<Test>::set_min_non_immune_uids(netuid, 0);
    netuid
}

#[test]
fn the_weakest_neuron_gives_way_in_a_full_subnet() {
    on_chain(|| {
        let netuid = full_subnet(4);
        Emission::<Test>::insert(netuid, [0u64, 9, 3, 5].map(AlphaBalance::from_rao).to_vec());
        System::set_block_number(50);
        ok(&coldkey(1), enter(netuid, 1));
        assert_eq!(uid_of(netuid, &hotkey(1)), Some(2), "uid 0 is the owner's, and 2 earned the least");
        assert_eq!(uid_of(netuid, &hotkey(11)), None);
        assert_eq!(SubnetworkN::<Test>::get(netuid), 4);
        assert_eq!(BlockAtRegistration::<Test>::get(netuid, 2), 50);
        assert!(!IsNetworkMember::<Test>::get(hotkey(11), netuid));
    });
}

#[test]
fn pruning_prefers_neurons_that_are_not_immune() {
    on_chain(|| {
        let netuid = full_subnet(4);
        System::set_block_number(50);
        Emission::<Test>::insert(netuid, [0u64, 9, 0, 5].map(AlphaBalance::from_rao).to_vec());
        BlockAtRegistration::<Test>::insert(netuid, 2, 45);
        survey(netuid);
        ok(&coldkey(1), enter(netuid, 1));
        assert_eq!(uid_of(netuid, &hotkey(1)), Some(3), "uid 2 earned less and is immune");
    });
}

#[test]
fn pruning_never_removes_the_owner() {
    on_chain(|| {
        let netuid = full_subnet(1);
        System::set_block_number(50);
        refused(&coldkey(1), enter(netuid, 1), Refusal::NoNeuronIdAvailable);
    });
}

#[test]
fn a_replaced_neuron_leaves_nothing_behind() {
    on_chain(|| {
        let netuid = full_subnet(3);
        let axon = AxonInfo { ip: 134_744_072, port: 8091, ip_type: 4, ..Default::default() };
        ok(
            &hotkey(10),
            Network::serve_axon {
                netuid,
                version: axon.version,
                ip: axon.ip,
                port: axon.port,
                ip_type: axon.ip_type,
                protocol: 4,
                placeholder1: 0,
                placeholder2: 0,
            },
        );
        Weights::<Test>::insert(netuid, 1, vec![(2, 65_535)]);
        Weights::<Test>::insert(netuid, 2, vec![(0, 100), (1, 65_535)]);
        Bonds::<Test>::insert(netuid, 1, vec![(2, 7)]);
        Bonds::<Test>::insert(netuid, 2, vec![(1, 7)]);
        survey(netuid);
        let results = vec![1u16, 2, 3];
        Consensus::<Test>::insert(netuid, &results);
        Dividends::<Test>::insert(netuid, &results);
        StakeWeight::<Test>::insert(netuid, &results);
        ValidatorTrust::<Test>::insert(netuid, &results);
        Incentive::<Test>::insert(netuid, &results);
        ValidatorPermit::<Test>::insert(netuid, vec![true; 3]);
        Active::<Test>::insert(netuid, vec![false; 3]);
        Emission::<Test>::insert(netuid, [5u64, 1, 2].map(AlphaBalance::from_rao).to_vec());
        System::set_block_number(50);
        ok(&coldkey(1), enter(netuid, 1));

        assert_eq!(uid_of(netuid, &hotkey(1)), Some(1));
        assert_eq!(Axons::<Test>::get(netuid, hotkey(10)), None);
        assert_eq!(Weights::<Test>::get(netuid, 1), vec![]);
        assert_eq!(Weights::<Test>::get(netuid, 2), vec![(0, 100), (1, 0)], "others keep the entry, at 0");
        assert_eq!(Bonds::<Test>::get(netuid, 1), vec![]);
        assert_eq!(Bonds::<Test>::get(netuid, 2), vec![(1, 7)], "masked by the next epoch");
        for vector in [
            Consensus::<Test>::get(netuid),
            Dividends::<Test>::get(netuid),
            StakeWeight::<Test>::get(netuid),
            ValidatorTrust::<Test>::get(netuid),
            Incentive::<Test>::get(netuid),
        ] {
            assert_eq!(vector, vec![1, 0, 3]);
        }
        assert_eq!(ValidatorPermit::<Test>::get(netuid), vec![true, false, true]);
        assert_eq!(Active::<Test>::get(netuid), vec![false, true, false]);
        assert_eq!(Emission::<Test>::get(netuid)[1], AlphaBalance::ZERO);
        assert_eq!(LastUpdate::<Test>::get(netuid)[1], 50);
    });
}

#[test]
fn stake_survives_the_loss_of_a_uid() {
    on_chain(|| {
        let netuid = full_subnet(2);
        ok(&coldkey(0), Network::start_call { netuid });
        ok(&coldkey(10), Network::add_stake { hotkey: hotkey(10), netuid, amount_staked: tao(5) });
        let before = stake_of(&hotkey(10), &coldkey(10), netuid);
        System::set_block_number(50);
        ok(&coldkey(1), enter(netuid, 1));
        assert_eq!(uid_of(netuid, &hotkey(10)), None);
        assert_eq!(stake_of(&hotkey(10), &coldkey(10), netuid), before);
    });
}

#[test]
fn mechanisms_come_and_go_with_their_vectors() {
    on_chain(|| {
        let netuid = subnet().with_neurons(2).create();
        Hyperparameters::<Test>::set_mechanism_count(netuid, 2);
        let second = storage_index(netuid, 1);
        assert_eq!((LastUpdate::<Test>::get(second).len(), Incentive::<Test>::get(second).len()), (3, 3));
        Weights::<Test>::insert(second, 1, vec![(2, 1)]);
        register(netuid, 30);
        assert_eq!(LastUpdate::<Test>::get(second).len(), 4);
        Hyperparameters::<Test>::set_mechanism_count(netuid, 1);
        assert!(!LastUpdate::<Test>::contains_key(second) && !Weights::<Test>::contains_key(second, 1));
    });
}

#[test]
fn a_subnet_whose_hotkeys_repeat_is_inconsistent() {
    on_chain(|| {
        let netuid = subnet().with_neurons(2).create();
        assert!(NeuronRegistry::<Test>::is_consistent(netuid));
        let second = Keys::<Test>::get(netuid, 2);
        Keys::<Test>::insert(netuid, 2, hotkey(0));
        survey(netuid);
        assert!(!NeuronRegistry::<Test>::is_consistent(netuid));
        Keys::<Test>::insert(netuid, 2, second);
        survey(netuid);
    });
}

#[test]
fn a_roster_that_lacks_neurons_is_written_whole_by_the_next_one() {
    on_chain(|| {
        let netuid = subnet().with_neurons(3).create();
        let whole = NeuronRegistry::<Test>::roster(netuid);
        SubnetRoster::<Test>::insert(netuid, &whole[..2]);
        register(netuid, 20);
        let now = NeuronRegistry::<Test>::roster(netuid);
        assert_eq!(now.len(), 5);
        assert_eq!(now[..4], whole);
    });
}
