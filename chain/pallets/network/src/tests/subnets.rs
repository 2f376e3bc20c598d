//! Creating subnets.

use super::mock::*;
use crate::{pallet::*, subnets::SubnetRegistry, types::RateLimitKey};
use myelin_abi::SubnetIdentityV3;
use myelin_units::ROOT;

fn create(owner: u8) -> Network {
    Network::register_network { hotkey: hotkey(owner.into()) }
}

#[test]
fn the_first_created_subnet_is_number_2() {
    on_chain(|| {
        ok(&coldkey(0), create(0));
        assert_eq!(SubnetOwner::<Test>::get(FIRST), coldkey(0));
        assert_eq!(SubnetOwnerHotkey::<Test>::get(FIRST), hotkey(0));
        assert_eq!(Owner::<Test>::get(hotkey(0)), coldkey(0));
        assert_eq!(uid_of(FIRST, &hotkey(0)), Some(0));
        assert_eq!(TotalNetworks::<Test>::get(), 3);
        announced(Event::NetworkAdded(FIRST, 1));
        announced(Event::NeuronRegistered(FIRST, 0, hotkey(0)));
    });
}

#[test]
fn the_price_becomes_the_pool_and_nothing_is_lost() {
    on_chain(|| {
        let issuance = TotalIssuance::<Test>::get();
        ok(&coldkey(0), create(0));
        assert_eq!(balance(&coldkey(0)), (FORTUNE - 1000) * UNIT);
        assert_eq!(SubnetTAO::<Test>::get(FIRST), tao(1000));
        assert_eq!(SubnetAlphaIn::<Test>::get(FIRST), alpha(1000), "subnet 1 trades at 1 TAO");
        assert_eq!(SubnetLocked::<Test>::get(FIRST), tao(1000));
        assert_eq!(surplus(FIRST), 0);
        assert_eq!(TotalIssuance::<Test>::get(), issuance);
    });
}

#[test]
fn a_new_subnet_has_the_parameters_of_the_protocol() {
    on_chain(|| {
        let netuid = subnet().create();
        assert_eq!(
            (MaxAllowedUids::<Test>::get(netuid), MaxAllowedValidators::<Test>::get(netuid)),
            (256, 64)
        );
        assert_eq!((MinAllowedWeights::<Test>::get(netuid), ImmunityPeriod::<Test>::get(netuid)), (1, 5000));
        assert_eq!(Burn::<Test>::get(netuid), tao(1));
        assert!(Yuma3On::<Test>::get(netuid) && CommitRevealWeightsEnabled::<Test>::get(netuid));
        assert!(NetworkRegistrationAllowed::<Test>::get(netuid));
        assert!(!SubnetEmissionEnabled::<Test>::get(netuid) && !SubtokenEnabled::<Test>::get(netuid));
        assert_eq!(TokenSymbol::<Test>::get(netuid), "β".as_bytes());
        assert_eq!(LastEpochBlock::<Test>::get(netuid), 0, "block 1 less a stagger of 2");
    });
}

#[test]
fn the_price_doubles_and_falls_back_in_a_line() {
    on_chain(|| {
        assert_eq!(SubnetRegistry::<Test>::lock_cost(), tao(1000));
        ok(&coldkey(0), create(0));
        assert_eq!(SubnetRegistry::<Test>::lock_cost(), tao(2000));
        System::set_block_number(1 + 50_400);
        // ⌊1000 TAO / 100,800⌋ = 9,920,634 rao per block.
        let fallen = 50_400 * 9_920_634;
        assert_eq!(SubnetRegistry::<Test>::lock_cost().to_rao(), 2000 * UNIT - fallen);
        System::set_block_number(1 + 300_000);
        assert_eq!(SubnetRegistry::<Test>::lock_cost(), tao(1000));
    });
}

#[test]
fn subnets_are_created_one_per_rate_limit() {
    on_chain(|| {
        ok(&coldkey(0), create(0));
        refused(&coldkey(1), create(1), Refusal::NetworkTxRateLimitExceeded);
        System::set_block_number(7_200);
        refused(&coldkey(1), create(1), Refusal::NetworkTxRateLimitExceeded);
        System::set_block_number(7_201);
        ok(&coldkey(1), create(1));
        assert_eq!(NetworkRegisteredAt::<Test>::get(3), 7_201);
        assert_eq!(LastRateLimitedBlock::<Test>::get(RateLimitKey::NetworkLastRegistered), 7_201);
    });
}

#[test]
fn the_pool_of_a_later_subnet_opens_at_the_median_price() {
    on_chain(|| {
        SubnetAlphaIn::<Test>::insert(1, alpha(20));
        System::set_block_number(1);
        ok(&coldkey(0), create(0));
        assert_eq!(SubnetAlphaIn::<Test>::get(FIRST), alpha(2000), "half a TAO for an alpha");
    });
}

#[test]
fn somebody_elses_hotkey_can_not_own_a_subnet() {
    on_chain(|| {
        ok(&coldkey(1), Network::try_associate_hotkey { hotkey: hotkey(0) });
        refused(&coldkey(0), create(0), Refusal::NonAssociatedColdKey);
    });
}

#[test]
fn a_subnet_needs_its_price() {
    on_chain(|| {
        NetworkMinLockCost::<Test>::put(tao(FORTUNE));
        NetworkLastLockCost::<Test>::put(tao(FORTUNE));
        refused(&coldkey(0), create(0), Refusal::CannotAffordLockCost);
    });
}

#[test]
fn subnets_begin_at_their_start_block_and_end_at_their_limit() {
    on_chain(|| {
        NetworkRegistrationStartBlock::<Test>::put(2);
        refused(&coldkey(0), create(0), Refusal::SubNetRegistrationDisabled);
        NetworkRegistrationStartBlock::<Test>::put(1);
        SubnetLimit::<Test>::put(1);
        refused(&coldkey(0), create(0), Refusal::SubnetLimitReached);
        SubnetLimit::<Test>::put(2);
        ok(&coldkey(0), create(0));
    });
}

#[test]
fn an_identity_may_come_with_the_subnet() {
    on_chain(|| {
        let identity = SubnetIdentityV3 { subnet_name: b"text".to_vec(), ..Default::default() };
        let call = |identity| Network::register_network_with_identity {
            hotkey: hotkey(0),
            identity: Some(identity),
        };
        let long = SubnetIdentityV3 { subnet_name: vec![b'x'; 257], ..Default::default() };
        refused(&coldkey(0), call(long), Refusal::InvalidIdentity);
        ok(&coldkey(0), call(identity.clone()));
        assert_eq!(SubnetIdentitiesV3::<Test>::get(FIRST), Some(identity));
        announced(Event::SubnetIdentitySet(FIRST));
    });
}

#[test]
fn a_limit_protects_from_somebody_elses_subnet_in_front() {
    on_chain(|| {
        let cost = SubnetRegistry::<Test>::lock_cost().to_rao();
        let call =
            |limit_price| Network::register_network_limit { hotkey: hotkey(0), identity: None, limit_price };
        refused(&coldkey(0), call(cost - 1), Refusal::RegistrationPriceLimitExceeded);
        NetworkRateLimit::<Test>::put(0);
        ok(&coldkey(1), create(1));
        refused(&coldkey(0), call(cost), Refusal::RegistrationPriceLimitExceeded);
        ok(&coldkey(0), call(2 * cost));
        assert_eq!(SubnetLocked::<Test>::get(FIRST + 1).to_rao(), 2 * cost);
    });
}

#[test]
fn willing_root_validators_lend_their_stake_to_a_new_subnet() {
    on_chain(|| {
        ok(&coldkey(5), Network::root_register { hotkey: hotkey(5) });
        System::set_block_number(2);
        RegistrationsThisBlock::<Test>::insert(ROOT, 0);
        ok(&coldkey(6), Network::root_register { hotkey: hotkey(6) });
        ok(&coldkey(6), Network::set_auto_parent_delegation_enabled { hotkey: hotkey(6), enabled: false });
        ok(&coldkey(0), create(0));
        assert_eq!(ChildKeys::<Test>::get(hotkey(5), FIRST), vec![(u64::MAX, hotkey(0))]);
        assert_eq!(ParentKeys::<Test>::get(hotkey(0), FIRST), vec![(u64::MAX, hotkey(5))]);
        assert_eq!(ChildKeys::<Test>::get(hotkey(6), FIRST), vec![]);
    });
}
