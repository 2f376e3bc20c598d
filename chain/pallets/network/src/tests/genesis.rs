//! The first state of a chain.

use super::mock::*;
use crate::{ledger::TaoLedger, pallet::*};
use myelin_units::{TaoBalance, ROOT};

#[test]
fn genesis_has_root_and_subnet_1() {
    on_chain(|| {
        assert_eq!(TotalNetworks::<Test>::get(), 2);
        assert!(NetworksAdded::<Test>::get(ROOT) && NetworksAdded::<Test>::get(1));
        assert_eq!((MaxAllowedUids::<Test>::get(ROOT), MaxAllowedValidators::<Test>::get(ROOT)), (64, 64));
        assert_eq!((Tempo::<Test>::get(ROOT), MinAllowedWeights::<Test>::get(ROOT)), (100, 0));
        assert_eq!(TargetRegistrationsPerInterval::<Test>::get(ROOT), 1);
    });
}

#[test]
fn subnet_1_belongs_to_nobody_and_is_not_started() {
    on_chain(|| {
        let nobody = AccountId::from([0; 32]);
        assert_eq!(
            (SubnetOwner::<Test>::get(1), SubnetOwnerHotkey::<Test>::get(1)),
            (nobody.clone(), nobody.clone())
        );
        assert_eq!(SubnetTAO::<Test>::get(1), tao(10));
        assert_eq!(SubnetAlphaIn::<Test>::get(1), alpha(10));
        assert_eq!(SubnetAlphaOut::<Test>::get(1), alpha(1));
        assert_eq!(stake_of(&nobody, &nobody, 1), UNIT);
        assert_eq!((SubnetworkN::<Test>::get(1), uid_of(1, &nobody)), (1, Some(0)));
        assert_eq!((Tempo::<Test>::get(1), MinAllowedWeights::<Test>::get(1)), (100, 0));
        assert_eq!((MaxAllowedUids::<Test>::get(1), MaxAllowedValidators::<Test>::get(1)), (256, 64));
        assert!(!SubtokenEnabled::<Test>::get(1));
        assert_eq!(FirstEmissionBlockNumber::<Test>::get(1), None);
        assert_eq!(price_rao(1), UNIT);
    });
}

#[test]
fn issuance_counts_every_rao_of_genesis() {
    on_chain(|| {
        let fortunes = 100 * FORTUNE * UNIT + UNIT;
        let expected = fortunes + 10 * UNIT + 2 * EXISTENTIAL_DEPOSIT;
        assert_eq!(TotalIssuance::<Test>::get(), TaoBalance::from_rao(expected));
        assert_eq!(Balances::total_issuance(), expected);
        assert_eq!(TaoLedger::<Test>::held_by_subnet(ROOT).to_rao(), EXISTENTIAL_DEPOSIT);
    });
}

#[test]
fn one_item_of_genesis_decides_the_pace() {
    on_chain(|| {
        assert_eq!(MaxEpochsPerBlock::<Test>::get(), 2);
        assert_eq!(Tempo::<Test>::get(subnet().create()), 360);
    });
    on_fast_chain(|| {
        assert_eq!(MaxEpochsPerBlock::<Test>::get(), 32);
        assert_eq!(Tempo::<Test>::get(subnet().create()), 10);
    });
}

#[test]
fn genesis_may_name_the_owner_of_root() {
    use sp_runtime::BuildStorage;
    let storage = RuntimeGenesisConfig {
        subtensor_module: GenesisConfig {
            root_owner: Some((coldkey(7), hotkey(7))),
            start_call_delay: 5,
            network_rate_limit: Some(6),
            ..Default::default()
        },
        ..Default::default()
    }
    .build_storage()
    .expect("well-formed");
    sp_io::TestExternalities::new(storage).execute_with(|| {
        assert_eq!(SubnetOwner::<Test>::get(ROOT), coldkey(7));
        assert_eq!(SubnetOwnerHotkey::<Test>::get(ROOT), hotkey(7));
        assert!(!Owner::<Test>::contains_key(hotkey(7)), "nobody has used it yet");
        assert_eq!((StartCallDelay::<Test>::get(), NetworkRateLimit::<Test>::get()), (5, 6));
        check_invariants();
    });
}
