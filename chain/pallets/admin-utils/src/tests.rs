mod table;

use frame_support::{
    assert_noop, assert_ok, derive_impl,
    traits::{ConstU32, ConstU64},
};
use myelin_units::{NetUid, TaoBalance, U64F64};
use pallet_network::{
    types::ChainPace, Error as Network, Event as NetworkEvent, GenesisConfig as NetworkGenesis, *,
};
use sp_runtime::{
    traits::{BadOrigin, IdentityLookup},
    AccountId32, BuildStorage, DispatchError,
};

use crate::Error;

frame_support::construct_runtime!(
    pub enum Test {
        System: frame_system = 0,
        Balances: pallet_balances = 5,
        SubtensorModule: pallet_network = 7,
        Commitments: pallet_commitments = 18,
        AdminUtils: crate = 19,
        Swap: pallet_myelin_swap = 28,
        AlphaAssets: pallet_network::alpha_assets = 31,
        Collateral: pallet_myelin_collateral = 102,
    }
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = frame_system::mocking::MockBlockU32<Test>;
    type AccountId = AccountId32;
    type Lookup = IdentityLookup<AccountId32>;
    type AccountData = pallet_balances::AccountData<u64>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type Balance = u64;
    type ExistentialDeposit = ConstU64<500>;
    type AccountStore = System;
    type RuntimeHoldReason = RuntimeHoldReason;
    type DustRemoval = pallet_network::ledger::TaoLedger<Test>;
}

frame_support::parameter_types! {
    pub const NoAuthor: Option<AccountId32> = None;
}

impl pallet_myelin_swap::Config for Test {}

impl pallet_network::alpha_assets::Config for Test {}

impl pallet_commitments::Config for Test {
    type Subnets = SubtensorModule;
}

impl pallet_network::Config for Test {
    type Currency = Balances;
    type BlockAuthor = NoAuthor;
    type OtherPallets = ();
    type Beacon = ();
    type Models = ();
    type FailureFee = ();
    type Elections = ();
    type VoteLocks = ();
}

impl pallet_myelin_collateral::Config for Test {
    type Holds = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type Recycle = pallet_network::ledger::TaoLedger<Test>;
}

frame_support::parameter_types! {
    /// The authorities that root appointed last.
    pub static Appointed: Vec<[u8; 32]> = Vec::new();
}

/// Remembers the appointed authorities.
pub struct Office;

impl crate::Authorities for Office {
    type Key = [u8; 32];
    type Most = ConstU32<3>;

    fn appoint(keys: &[[u8; 32]]) -> sp_runtime::DispatchResult {
        Appointed::set(keys.to_vec());
        Ok(())
    }
}

impl crate::Config for Test {
    type Authorities = Office;
}

/// The subnet without an owner at genesis; the tests give it to [`owner`].
const SUBNET: NetUid = 1;
/// Blocks of an owner's wait between two changes of one hyperparameter: two tempos of 100.
const WAIT: u32 = 200;

fn owner() -> AccountId32 {
    AccountId32::from([1; 32])
}

fn signed(who: AccountId32) -> RuntimeOrigin {
    RuntimeOrigin::signed(who)
}

fn root() -> RuntimeOrigin {
    RuntimeOrigin::root()
}

/// A chain of production pace with the subnet of genesis.
pub fn situation() -> sp_io::TestExternalities {
    let storage = RuntimeGenesisConfig {
        balances: pallet_balances::GenesisConfig { balances: vec![(owner(), 1 << 50)], ..Default::default() },
        subtensor_module: NetworkGenesis {
            profile: ChainPace { slot_ms: 12_000, fast: false },
            ..Default::default()
        },
        ..Default::default()
    };
    let storage = storage.build_storage().expect("the genesis of the tests is well-formed");
    sp_io::TestExternalities::new(storage)
}

/// Tells a story on a chain of production pace whose subnet 1 belongs to [`owner`], far from an epoch.
fn on_chain(story: impl FnOnce()) {
    situation().execute_with(|| {
        SubnetOwner::<Test>::insert(SUBNET, owner());
        at(1_000);
        story();
    });
}

/// Goes to a block in which the subnet had its epoch.
fn at(block: u32) {
    System::set_block_number(block);
    LastEpochBlock::<Test>::insert(SUBNET, u64::from(block));
}

fn happened(event: NetworkEvent<Test>) {
    System::assert_has_event(event.into());
}

#[test]
fn root_sets_what_belongs_to_the_network() {
    on_chain(|| {
        assert_noop!(AdminUtils::sudo_set_tx_rate_limit(signed(owner()), 5), BadOrigin);
        assert_ok!(AdminUtils::sudo_set_tx_rate_limit(root(), 5));
        assert_eq!(TxRateLimit::<Test>::get(), 5);
        happened(NetworkEvent::TxRateLimitSet(5));
        assert_ok!(AdminUtils::sudo_set_network_rate_limit(root(), 0));
        assert_eq!(NetworkRateLimit::<Test>::get(), 0);
    });
}

#[test]
fn only_root_sets_what_the_owner_may_not() {
    on_chain(|| {
        assert_noop!(AdminUtils::sudo_set_kappa(signed(owner()), SUBNET, 1), BadOrigin);
        assert_noop!(AdminUtils::sudo_set_tempo(signed(owner()), SUBNET, 360), BadOrigin);
        assert_noop!(AdminUtils::sudo_set_subnet_emission_enabled(signed(owner()), SUBNET, true), BadOrigin);
        assert_noop!(AdminUtils::sudo_set_kappa(root(), 77, 1), Network::<Test>::SubnetNotExists);
        assert_ok!(AdminUtils::sudo_set_kappa(root(), SUBNET, 1));
        assert_ok!(AdminUtils::sudo_set_tempo(root(), SUBNET, 3));
        assert_eq!((Kappa::<Test>::get(SUBNET), Tempo::<Test>::get(SUBNET)), (1, 3));
    });
}

#[test]
fn the_owner_changes_a_hyperparameter_once_per_two_tempos() {
    on_chain(|| {
        let set = |value| AdminUtils::sudo_set_serving_rate_limit(signed(owner()), SUBNET, value);
        assert_ok!(set(11));
        happened(NetworkEvent::ServingRateLimitSet(SUBNET, 11));
        at(1_000 + WAIT - 1);
        assert_noop!(set(12), Network::<Test>::TxRateLimitExceeded);
        // Another one has a wait of its own.
        assert_ok!(AdminUtils::sudo_set_bonds_penalty(signed(owner()), SUBNET, 1));
        // Root does not wait.
        assert_ok!(AdminUtils::sudo_set_serving_rate_limit(root(), SUBNET, 3));
        at(1_000 + WAIT);
        assert_ok!(set(14));
        assert_eq!(ServingRateLimit::<Test>::get(SUBNET), 14);
    });
}

#[test]
fn strangers_change_nothing() {
    on_chain(|| {
        let stranger = signed(AccountId32::from([9; 32]));
        assert_noop!(
            AdminUtils::sudo_set_yuma3_enabled(stranger.clone(), SUBNET, true),
            Network::<Test>::NotSubnetOwner
        );
        assert_noop!(
            AdminUtils::sudo_set_mechanism_count(stranger, SUBNET, 1),
            Network::<Test>::NotSubnetOwner
        );
    });
}

#[test]
fn owners_keep_their_hands_off_before_an_epoch() {
    on_chain(|| {
        let set = |origin| AdminUtils::sudo_set_yuma3_enabled(origin, SUBNET, true);
        System::set_block_number(1_091);
        assert_noop!(set(signed(owner())), Network::<Test>::AdminActionProhibitedDuringWeightsWindow);
        assert_ok!(set(root()));
        assert_ok!(AdminUtils::sudo_set_admin_freeze_window(root(), 0));
        assert_ok!(set(signed(owner())));
    });
}

#[test]
fn owners_stay_in_range_and_root_does_not() {
    on_chain(|| {
        let set = |origin, value| AdminUtils::sudo_set_bonds_moving_average(origin, SUBNET, value);
        assert_noop!(set(signed(owner()), 975_001), Error::<Test>::BondsMovingAverageMaxReached);
        assert_ok!(set(signed(owner()), 975_000));
        assert_ok!(set(root(), 1_000_000));

        let set = |origin, value| AdminUtils::sudo_set_alpha_sigmoid_steepness(origin, SUBNET, value);
        assert_noop!(set(signed(owner()), -1), Error::<Test>::NegativeSigmoidSteepness);
        assert_ok!(set(root(), -1));

        let set = |value| AdminUtils::sudo_set_burn_half_life(signed(owner()), SUBNET, value);
        assert_noop!(set(0), Error::<Test>::ValueNotInBounds);
        assert_noop!(set(36_101), Error::<Test>::ValueNotInBounds);
        assert_ok!(set(36_100));

        let set = |value| AdminUtils::sudo_set_activity_cutoff_factor(signed(owner()), SUBNET, value);
        assert_noop!(set(999), Network::<Test>::ActivityCutoffFactorMilliOutOfBounds);
        assert_ok!(set(1_000));
    });
}

#[test]
fn a_refused_change_starts_no_wait() {
    on_chain(|| {
        let set = |value| AdminUtils::sudo_set_min_childkey_take_per_subnet(signed(owner()), SUBNET, value);
        assert_noop!(set(11_797), Error::<Test>::ValueNotInBounds);
        assert_ok!(set(11_796));
    });
}

#[test]
fn prices_of_registrations_keep_their_order() {
    on_chain(|| {
        let rao = TaoBalance::from_rao;
        let min = |value| AdminUtils::sudo_set_min_burn(signed(owner()), SUBNET, rao(value));
        let max = |value| AdminUtils::sudo_set_max_burn(signed(owner()), SUBNET, rao(value));
        assert_noop!(min(1_000_000_000), Error::<Test>::ValueNotInBounds);
        assert_noop!(max(100_000_000), Error::<Test>::ValueNotInBounds);
        assert_ok!(max(200_000_000));
        assert_noop!(min(200_000_000), Error::<Test>::ValueNotInBounds);
        assert_ok!(min(199_999_999));
        happened(NetworkEvent::MinBurnSet(SUBNET, rao(199_999_999)));
    });
}

#[test]
fn registrations_raise_the_price_by_a_factor_from_1_to_3() {
    on_chain(|| {
        let set = |value| AdminUtils::sudo_set_burn_increase_mult(signed(owner()), SUBNET, value);
        assert_noop!(set(U64F64::from_ratio(1, 2)), Error::<Test>::ValueNotInBounds);
        assert_noop!(set(U64F64::from_int(4)), Error::<Test>::ValueNotInBounds);
        assert_ok!(set(U64F64::from_ratio(3, 2)));
        assert_eq!(BurnIncreaseMult::<Test>::get(SUBNET), U64F64::from_ratio(3, 2));
    });
}

#[test]
fn liquid_alpha_has_bounds_only_while_it_is_on() {
    on_chain(|| {
        let set = |low, high| AdminUtils::sudo_set_alpha_values(signed(owner()), SUBNET, low, high);
        assert_noop!(set(20_000, 60_000), Network::<Test>::LiquidAlphaDisabled);
        assert_ok!(AdminUtils::sudo_set_liquid_alpha_enabled(signed(owner()), SUBNET, true));
        assert_noop!(set(1_638, 1_637), Network::<Test>::AlphaHighTooLow);
        assert_noop!(set(1_637, 60_000), Network::<Test>::AlphaLowOutOfRange);
        assert_noop!(set(60_001, 60_000), Network::<Test>::AlphaLowOutOfRange);
        assert_ok!(set(20_000, 60_000));
        assert_eq!(AlphaValues::<Test>::get(SUBNET), (20_000, 60_000));
    });
}

#[test]
fn a_subnet_has_room_for_256_neurons_over_all_mechanisms() {
    on_chain(|| {
        let uids = |value| AdminUtils::sudo_set_max_allowed_uids(root(), SUBNET, value);
        let mechanisms = |value| AdminUtils::sudo_set_mechanism_count(root(), SUBNET, value);
        assert_noop!(uids(257), Error::<Test>::MaxAllowedUidsGreaterThanDefaultMaxAllowedUids);
        assert_noop!(uids(63), Error::<Test>::MaxAllowedUidsLessThanMinAllowedUids);
        assert_noop!(mechanisms(0), Network::<Test>::InvalidValue);
        assert_noop!(mechanisms(3), Network::<Test>::InvalidValue);
        assert_noop!(mechanisms(2), Network::<Test>::TooManyUIDsPerMechanism);
        assert_ok!(uids(128));
        assert_ok!(mechanisms(2));
        assert_noop!(uids(129), Network::<Test>::TooManyUIDsPerMechanism);
        SubnetworkN::<Test>::insert(SUBNET, 100);
        assert_noop!(uids(99), Error::<Test>::MaxAllowedUIdsLessThanCurrentUIds);
    });
}

#[test]
fn shares_of_mechanisms_add_up_to_the_whole() {
    on_chain(|| {
        let set = |shares: Option<&[u16]>| {
            AdminUtils::sudo_set_mechanism_emission_split(root(), SUBNET, shares.map(<[u16]>::to_vec))
        };
        MechanismCountCurrent::<Test>::insert(SUBNET, 2);
        assert_noop!(set(Some(&[65_535, 0, 0])), Network::<Test>::InvalidValue);
        assert_noop!(set(Some(&[30_000, 30_000])), Network::<Test>::InvalidValue);
        assert_ok!(set(Some(&[30_000, 35_535])));
        assert_eq!(MechanismEmissionSplit::<Test>::get(SUBNET), Some(vec![30_000, 35_535]));
        assert_ok!(set(None));
        assert_eq!(MechanismEmissionSplit::<Test>::get(SUBNET), None);
    });
}

#[test]
fn the_owner_changes_the_version_key_once_per_five_tempos_and_mechanisms_once_per_day() {
    on_chain(|| {
        let key = |value| AdminUtils::sudo_set_weights_version_key(signed(owner()), SUBNET, value);
        assert_ok!(key(1));
        at(1_499);
        assert_noop!(key(2), Network::<Test>::TxRateLimitExceeded);
        at(1_500);
        assert_ok!(key(2));

        let split = |shares| AdminUtils::sudo_set_mechanism_emission_split(signed(owner()), SUBNET, shares);
        assert_ok!(split(None));
        at(1_500 + 7_199);
        assert_noop!(split(None), Network::<Test>::TxRateLimitExceeded);
        at(1_500 + 7_200);
        assert_ok!(split(None));
    });
}

#[test]
fn there_are_at_most_as_many_permits_as_neurons() {
    on_chain(|| {
        let set = |value| AdminUtils::sudo_set_max_allowed_validators(root(), SUBNET, value);
        assert_noop!(set(257), Error::<Test>::MaxValidatorsLargerThanMaxUIds);
        assert_ok!(set(256));
    });
}

#[test]
fn reveals_come_1_to_100_epochs_after_commits() {
    on_chain(|| {
        let set = |value| AdminUtils::sudo_set_commit_reveal_weights_interval(root(), SUBNET, value);
        assert_noop!(set(0), Network::<Test>::RevealPeriodTooSmall);
        assert_noop!(set(101), Network::<Test>::RevealPeriodTooLarge);
        assert_ok!(AdminUtils::sudo_set_immunity_period(root(), SUBNET, u16::MAX));
        assert_ok!(set(100));
        assert_eq!(RevealPeriodEpochs::<Test>::get(SUBNET), 100);
    });
}

/// A tempo of 100 and an immunity of 4,096 leave room for 38 epochs and the two tempos around them.
#[test]
fn weights_are_revealed_before_immunity_ends() {
    on_chain(|| {
        let late: DispatchError = Network::<Test>::RevealNotBeforeImmunityEnds.into();
        let epochs = |who, value| AdminUtils::sudo_set_commit_reveal_weights_interval(who, SUBNET, value);
        let immunity = |who, value| AdminUtils::sudo_set_immunity_period(who, SUBNET, value);
        let enabled = |who, value| AdminUtils::sudo_set_commit_reveal_weights_enabled(who, SUBNET, value);
        for who in [root(), signed(owner())] {
            assert_noop!(epochs(who, 39), late);
        }
        assert_ok!(epochs(signed(owner()), 38));
        for who in [root(), signed(owner())] {
            assert_noop!(immunity(who, 4_000), late);
        }
        assert_ok!(immunity(signed(owner()), 4_001));
        assert_noop!(AdminUtils::sudo_set_tempo(root(), SUBNET, 101), late);
        assert_ok!(AdminUtils::sudo_set_tempo(root(), SUBNET, 99));
        // Without commits nothing is late; it can't be switched on again like this.
        assert_ok!(enabled(signed(owner()), false));
        assert_ok!(AdminUtils::sudo_set_tempo(root(), SUBNET, 101));
        assert_noop!(enabled(root(), true), late);
        assert_ok!(epochs(root(), 37));
        assert_ok!(enabled(root(), true));
    });
}

#[test]
fn the_owner_hotkey_belongs_to_the_owner_and_works_on_the_subnet() {
    on_chain(|| {
        let hotkey = AccountId32::from([7; 32]);
        let set =
            || AdminUtils::sudo_set_sn_owner_hotkey(signed(owner()), SUBNET, AccountId32::from([7; 32]));
        assert_noop!(set(), Network::<Test>::NonAssociatedColdKey);
        NetworkRegistrationAllowed::<Test>::insert(SUBNET, true);
        assert_ok!(SubtensorModule::burned_register(signed(owner()), SUBNET, hotkey.clone()));
        assert_ok!(set());
        assert_eq!(SubnetOwnerHotkey::<Test>::get(SUBNET), hotkey);
        assert_noop!(set(), Network::<Test>::TxRateLimitExceeded);
    });
}

#[test]
fn who_asks_is_checked_before_what_is_asked() {
    on_chain(|| {
        let stranger = || signed(AccountId32::from([9; 32]));
        let highest = MaxBurn::<Test>::get(SUBNET);
        let lowest = MinBurn::<Test>::get(SUBNET);
        let refused = Network::<Test>::NotSubnetOwner;
        assert_noop!(AdminUtils::sudo_set_min_burn(stranger(), SUBNET, highest), refused);
        let refused = Network::<Test>::NotSubnetOwner;
        assert_noop!(AdminUtils::sudo_set_max_burn(stranger(), SUBNET, lowest), refused);
        let refused = Network::<Test>::SubnetNotExists;
        assert_noop!(AdminUtils::sudo_set_min_burn(root(), 77, highest), refused);
    });
}

#[test]
fn root_alone_appoints_authorities() {
    on_chain(|| {
        let keys = |keys: &[u8]| {
            let keys: Vec<_> = keys.iter().map(|key| [*key; 32]).collect();
            keys.try_into().expect("at most three")
        };
        assert_noop!(AdminUtils::swap_authorities(signed(owner()), keys(&[1])), BadOrigin);
        assert_ok!(AdminUtils::swap_authorities(root(), keys(&[2, 1])));
        assert_eq!(Appointed::get(), [[2; 32], [1; 32]]);
    });
}

#[test]
fn root_may_set_prices_that_contradict_each_other() {
    on_chain(|| {
        let highest = MaxBurn::<Test>::get(SUBNET);
        assert_noop!(
            AdminUtils::sudo_set_min_burn(signed(owner()), SUBNET, highest),
            Error::<Test>::ValueNotInBounds
        );
        assert_ok!(AdminUtils::sudo_set_min_burn(root(), SUBNET, highest));
        assert_ok!(AdminUtils::sudo_set_max_burn(root(), SUBNET, 1.into()));
        assert_eq!((MinBurn::<Test>::get(SUBNET), MaxBurn::<Test>::get(SUBNET)), (highest, 1.into()));
    });
}

#[test]
fn the_owner_trims_once_per_30_days_and_root_at_any_time() {
    on_chain(|| {
        let trim = |who, limit| AdminUtils::sudo_trim_to_max_allowed_uids(who, SUBNET, limit);
        assert_noop!(trim(signed(AccountId32::from([9; 32])), 100), Network::<Test>::NotSubnetOwner);
        assert_ok!(trim(signed(owner()), 200));
        assert_eq!(MaxAllowedUids::<Test>::get(SUBNET), 200);
        happened(NetworkEvent::MaxAllowedUidsSet(SUBNET, 200));
        at(1_000 + 215_999);
        assert_noop!(trim(signed(owner()), 100), Network::<Test>::TxRateLimitExceeded);
        assert_ok!(trim(root(), 150));
        assert_noop!(trim(root(), 151), Network::<Test>::InvalidValue);
        at(1_000 + 216_000);
        assert_noop!(trim(signed(owner()), 63), Network::<Test>::InvalidValue);
        assert_ok!(trim(signed(owner()), 64));
    });
}
