//! Promises of collateral: no miner loses it without a proof, and no miner keeps it after one.

use frame_support::{assert_noop, assert_ok, derive_impl, traits::ConstU32};
use myelin_abi::EquivocationReport;
use myelin_economy::collateral::{MAX_UNBONDING, MIN_UNBONDING, REPORT_WINDOW};
use myelin_units::{NetUid, TaoBalance};
use myelin_wire::{
    answer::AnswerClaim,
    equivocation::{report::Report, Equivocation},
    seed::{challenge_id, Audience, SeedContext, SeedProof},
    sr25519::Keypair,
};
use pallet_network::{
    keys::FollowHotkey, ledger::TaoLedger, paging::Page, removal::ForgetSubnet, types::ChainPace,
    Error as NetworkError, GenesisConfig as NetworkGenesis, LastEpochBlock, NetworkRegisteredAt,
    NetworksAdded, Owner, SubnetOwner, TotalIssuance,
};
use proptest::prelude::*;
use sp_core::H256;
use sp_runtime::{
    traits::{BlakeTwo256, IdentityLookup},
    AccountId32, BuildStorage, DispatchError, DispatchResult,
};

use crate::{
    self as pallet_myelin_collateral, Bonds, Error, Event, HoldReason, Ledger, Requirements, Successors,
};

frame_support::construct_runtime!(
    pub enum Test {
        System: frame_system = 0,
        Balances: pallet_balances = 5,
        SubtensorModule: pallet_network = 7,
        Commitments: pallet_commitments = 18,
        Swap: pallet_myelin_swap = 28,
        AlphaAssets: pallet_network::alpha_assets = 31,
        Miners: pallet_myelin_collateral = 102,
    }
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = frame_system::mocking::MockBlockU32<Test>;
    type AccountId = AccountId32;
    type Lookup = IdentityLookup<AccountId32>;
    type Hash = H256;
    type Hashing = BlakeTwo256;
    type AccountData = pallet_balances::AccountData<u64>;
    type BlockHashCount = ConstU32<2400>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type Balance = u64;
    type ExistentialDeposit = frame_support::traits::ConstU64<500>;
    type AccountStore = System;
    type RuntimeHoldReason = RuntimeHoldReason;
    type DustRemoval = TaoLedger<Test>;
}

impl pallet_myelin_swap::Config for Test {}

impl pallet_network::alpha_assets::Config for Test {}

impl pallet_commitments::Config for Test {
    type Subnets = SubtensorModule;
}

impl pallet_network::Config for Test {
    type Currency = Balances;
    type BlockAuthor = ();
    type OtherPallets = Miners;
    type Beacon = ();
    type Models = ();
    type FailureFee = ();
    type Elections = ();
    type VoteLocks = ();
}

impl crate::Config for Test {
    type Holds = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type Recycle = TaoLedger<Test>;
}

const SUBNET: NetUid = 1;
const TAO: u64 = 1_000_000_000;
const GENESIS: [u8; 32] = [7; 32];
/// Block in which stories begin.
const START: u32 = 1000;

fn account(byte: u8) -> AccountId32 {
    AccountId32::from([byte; 32])
}

fn subnet_owner() -> AccountId32 {
    account(1)
}

/// Owns the miner's hotkey.
fn coldkey() -> AccountId32 {
    account(2)
}

fn reporter() -> AccountId32 {
    account(3)
}

fn miner() -> Keypair {
    Keypair::from_seed(&[8; 32])
}

fn hotkey() -> AccountId32 {
    AccountId32::from(miner().public())
}

fn validator() -> Keypair {
    Keypair::from_seed(&[9; 32])
}

fn hash_of(block: u32) -> [u8; 32] {
    let mut hash = [0xAB; 32];
    hash[..4].copy_from_slice(&block.to_le_bytes());
    hash
}

/// A chain with the subnet of genesis.
pub fn situation() -> sp_io::TestExternalities {
    let balances = (1..4).map(|byte| (account(byte), 1000 * TAO)).collect();
    let storage = RuntimeGenesisConfig {
        balances: pallet_balances::GenesisConfig { balances, ..Default::default() },
        subtensor_module: NetworkGenesis {
            profile: ChainPace { slot_ms: 12_000, fast: false },
            ..Default::default()
        },
        ..Default::default()
    };
    let storage = storage.build_storage().expect("the genesis of the tests is well-formed");
    let mut chain = sp_io::TestExternalities::new(storage);
    let keystore = sp_keystore::testing::MemoryKeystore::new();
    chain.register_extension(sp_keystore::KeystoreExt::new(keystore));
    chain
}

/// A subnet that requires 10 TAO, and a chain that knows its last blocks.
fn on_chain<R>(story: impl FnOnce() -> R) -> R {
    situation().execute_with(|| {
        SubnetOwner::<Test>::insert(SUBNET, subnet_owner());
        Owner::<Test>::insert(hotkey(), coldkey());
        frame_system::BlockHash::<Test>::insert(0, H256::from(GENESIS));
        at(START);
        assert_ok!(Miners::set_requirement(signed(subnet_owner()), SUBNET, tao(10), MIN_UNBONDING));
        let result = story();
        check();
        result
    })
}

/// Rules that hold at any time.
fn check() {
    assert_eq!(Ledger::<Test>::check_holds(), Ok(()));
    assert_eq!(TotalIssuance::<Test>::get().to_rao(), Balances::total_issuance());
}

/// Goes to a block in which the subnets had their epoch.
fn at(block: u32) {
    System::set_block_number(block);
    [SUBNET, 2].into_iter().for_each(|netuid| LastEpochBlock::<Test>::insert(netuid, u64::from(block)));
    for known in block.saturating_sub(400)..block {
        frame_system::BlockHash::<Test>::insert(known, H256::from(hash_of(known)));
    }
}

fn signed(who: AccountId32) -> RuntimeOrigin {
    RuntimeOrigin::signed(who)
}

fn tao(tokens: u64) -> TaoBalance {
    TaoBalance::from_tokens(tokens)
}

fn lock(tokens: u64) -> DispatchResult {
    Miners::lock(signed(coldkey()), SUBNET, hotkey(), tao(tokens), MAX_UNBONDING)
}

fn held() -> u64 {
    use frame_support::traits::fungible::InspectHold;
    Balances::balance_on_hold(&HoldReason::Collateral.into(), &coldkey())
}

fn free(who: &AccountId32) -> u64 {
    Balances::free_balance(who)
}

/// Two answers that the miner signed for one challenge over `source`, as a validator reports them.
fn lie(source: u32) -> EquivocationReport {
    contradiction(source, [[1; 32]; 2])
}

/// The same answers, with the hashes of the requests that the miner answered.
fn contradiction(source: u32, requests: [[u8; 32]; 2]) -> EquivocationReport {
    let context = SeedContext {
        genesis: GENESIS,
        netuid: SUBNET,
        epoch: 3,
        round: 1,
        audience: Audience::Round,
        source_block: source.into(),
        source_hash: hash_of(source),
    };
    let (seed, _) = SeedProof::draw(context, &validator(), [1; 32]);
    let asked = challenge_id(&seed.reference(), 4, &validator().public());
    let answer = |request_hash, answer_hash| {
        let claim = AnswerClaim {
            genesis_hash: GENESIS,
            netuid: SUBNET,
            challenge_id: asked,
            request_hash,
            answer_hash,
            model_id: [2; 32],
            validator: validator().public(),
            miner: miner().public(),
        };
        claim.sign(&Miner)
    };
    let proof = Equivocation { first: answer(requests[0], [3; 32]), second: answer(requests[1], [4; 32]) };
    EquivocationReport::from(&Report::trace(&proof, &[seed], 0..10).expect("the seed is the one"))
}

struct Miner;

impl myelin_wire::sr25519::Signer for Miner {
    fn public(&self) -> [u8; 32] {
        miner().public()
    }
    fn sign(&self, message: &[u8]) -> [u8; 64] {
        miner().sign(message, [5; 32])
    }
}

fn report(report: EquivocationReport) -> Result<(), DispatchError> {
    Miners::report(signed(reporter()), SUBNET, Box::new(report)).map(|_| ()).map_err(|error| error.error)
}

#[test]
fn by_default_no_subnet_asks_for_collateral() {
    on_chain(|| {
        assert_ok!(Miners::set_requirement(signed(subnet_owner()), SUBNET, TaoBalance::ZERO, 0));
        assert!(!Ledger::<Test>::is_backed(SUBNET, &hotkey()));
        assert_noop!(lock(10), Error::<Test>::NotRequired);
    });
}

#[test]
fn only_owner_and_root_say_what_is_asked_for_and_within_bounds() {
    on_chain(|| {
        let set = |origin, tokens, unbonding| Miners::set_requirement(origin, SUBNET, tao(tokens), unbonding);
        assert_noop!(set(signed(coldkey()), 5, 600), NetworkError::<Test>::NotSubnetOwner);
        assert_noop!(set(signed(subnet_owner()), 5, 599), Error::<Test>::UnbondingOutOfBounds);
        assert_noop!(set(RuntimeOrigin::root(), 2_000_000, 600), Error::<Test>::AmountOutOfBounds);
        assert_ok!(set(RuntimeOrigin::root(), 5, 700));
        let event = Event::RequirementSet { netuid: SUBNET, amount: tao(5), unbonding: 700 };
        System::assert_last_event(event.into());
        let unknown = Miners::set_requirement(RuntimeOrigin::root(), 99, tao(5), 700);
        assert_noop!(unknown, NetworkError::<Test>::SubnetNotExists);
    });
}

#[test]
fn locked_tao_backs_the_miner_and_stays_on_its_coldkeys_account() {
    on_chain(|| {
        let issuance = Balances::total_issuance();
        assert_noop!(lock(9), Error::<Test>::BelowRequirement);
        assert_ok!(lock(10));
        assert_eq!((held(), free(&coldkey())), (10 * TAO, 990 * TAO));
        assert!(Ledger::<Test>::is_backed(SUBNET, &hotkey()));
        assert_ok!(lock(5));
        assert_eq!((held(), Balances::total_issuance()), (15 * TAO, issuance));
        // The subnet requires more later than is locked.
        assert_ok!(Miners::set_requirement(signed(subnet_owner()), SUBNET, tao(20), MIN_UNBONDING));
        assert!(!Ledger::<Test>::is_backed(SUBNET, &hotkey()));
    });
}

#[test]
fn an_owner_cannot_bind_collateral_longer_than_its_miner_accepted() {
    on_chain(|| {
        let lock = |tokens, longest| Miners::lock(signed(coldkey()), SUBNET, hotkey(), tao(tokens), longest);
        assert_ok!(lock(10, MIN_UNBONDING));
        // Just before more is locked, the owner requires 30 days.
        assert_ok!(Miners::set_requirement(signed(subnet_owner()), SUBNET, tao(10), MAX_UNBONDING));
        assert_noop!(lock(1, MIN_UNBONDING), Error::<Test>::UnbondingTooLong);
        assert_eq!(Bonds::<Test>::get(SUBNET, hotkey()).map(|bond| bond.unbonding), Some(MIN_UNBONDING));
        assert_ok!(lock(1, MAX_UNBONDING));
    });
}

#[test]
fn only_the_hotkeys_owner_locks_and_only_what_it_has() {
    on_chain(|| {
        let stranger = Miners::lock(signed(reporter()), SUBNET, hotkey(), tao(10), MAX_UNBONDING);
        assert_noop!(stranger, NetworkError::<Test>::NonAssociatedColdKey);
        let nowhere = Miners::lock(signed(coldkey()), 99, hotkey(), tao(10), MAX_UNBONDING);
        assert_noop!(nowhere, NetworkError::<Test>::SubnetNotExists);
        assert!(lock(1000).is_err(), "the account would close");
        assert!(Miners::lock(signed(coldkey()), SUBNET, hotkey(), TaoBalance::MAX, MAX_UNBONDING).is_err());
        assert_eq!(held(), 0);
    });
}

#[test]
fn collateral_is_free_again_after_the_agreed_blocks() {
    on_chain(|| {
        assert_noop!(Miners::unbond(signed(coldkey()), SUBNET, hotkey()), Error::<Test>::NoCollateral);
        assert_ok!(lock(10));
        let withdraw = || Miners::withdraw(signed(coldkey()), SUBNET, hotkey());
        assert_noop!(withdraw(), Error::<Test>::Staying);
        assert_noop!(Miners::unbond(signed(reporter()), SUBNET, hotkey()), Error::<Test>::NotYours);
        assert_ok!(Miners::unbond(signed(coldkey()), SUBNET, hotkey()));
        assert!(!Ledger::<Test>::is_backed(SUBNET, &hotkey()));
        assert_noop!(Miners::unbond(signed(coldkey()), SUBNET, hotkey()), Error::<Test>::Leaving);
        assert_noop!(lock(10), Error::<Test>::Leaving);
        // A later change by the owner concerns later locks only.
        assert_ok!(Miners::set_requirement(signed(subnet_owner()), SUBNET, tao(10), 5000));
        at(START + MIN_UNBONDING - 1);
        assert_noop!(withdraw(), Error::<Test>::Staying);
        at(START + MIN_UNBONDING);
        assert_noop!(Miners::withdraw(signed(reporter()), SUBNET, hotkey()), Error::<Test>::NotYours);
        assert_ok!(withdraw());
        assert_eq!((held(), free(&coldkey())), (0, 1000 * TAO));
        assert_noop!(withdraw(), Error::<Test>::NoCollateral);
    });
}

#[test]
fn two_signed_answers_forfeit_everything_once() {
    on_chain(|| {
        let issuance = Balances::total_issuance();
        assert_ok!(lock(10));
        at(START + 5);
        assert_ok!(report(lie(START + 2)));
        assert_eq!((held(), free(&coldkey())), (0, 990 * TAO));
        assert_eq!(free(&reporter()), 1001 * TAO, "a tenth");
        assert_eq!(Balances::total_issuance(), issuance - 9 * TAO, "the rest is recycled");
        System::assert_last_event(
            Event::Forfeited {
                netuid: SUBNET,
                hotkey: hotkey(),
                reporter: reporter(),
                reward: tao(1),
                recycled: tao(9),
            }
            .into(),
        );
        assert_noop!(report(lie(START + 2)), Error::<Test>::NoCollateral);
        // Neither this proof nor an older one reaches collateral that is locked from now on.
        assert_ok!(lock(10));
        at(START + 9);
        assert_noop!(report(lie(START + 2)), Error::<Test>::BeforeCollateral);
        assert_noop!(report(lie(START + 4)), Error::<Test>::BeforeCollateral);
        assert_ok!(report(lie(START + 7)));
    });
}

#[test]
fn a_report_costs_nothing_if_it_is_true() {
    on_chain(|| {
        assert_ok!(lock(10));
        at(START + 5);
        let outcome = Miners::report(signed(reporter()), SUBNET, Box::new(lie(START + 2)));
        assert_eq!(outcome.map(|info| info.pays_fee), Ok(frame_support::dispatch::Pays::No));
    });
}

#[test]
fn reporting_oneself_loses_nine_tenths() {
    on_chain(|| {
        assert_ok!(lock(10));
        at(START + 5);
        assert_ok!(Miners::report(signed(coldkey()), SUBNET, Box::new(lie(START + 2))));
        assert_eq!(free(&coldkey()), 991 * TAO);
    });
}

#[test]
fn whoever_leaves_can_still_be_reported() {
    on_chain(|| {
        assert_ok!(lock(10));
        at(START + 5);
        let proof = lie(START + 4);
        assert_ok!(Miners::unbond(signed(coldkey()), SUBNET, hotkey()));
        at(START + 4 + REPORT_WINDOW as u32);
        assert_noop!(Miners::withdraw(signed(coldkey()), SUBNET, hotkey()), Error::<Test>::Staying);
        assert_ok!(report(proof));
        assert_noop!(Miners::withdraw(signed(coldkey()), SUBNET, hotkey()), Error::<Test>::NoCollateral);
        assert_eq!(held(), 0);
    });
}

#[test]
fn old_challenges_and_foreign_blocks_prove_nothing() {
    on_chain(|| {
        assert_ok!(lock(10));
        at(START + 400);
        let now = START + 400;
        let oldest = now - REPORT_WINDOW as u32;
        assert_noop!(report(lie(oldest - 1)), Error::<Test>::UnknownSource);
        assert_noop!(report(lie(now)), Error::<Test>::UnknownSource);
        assert_noop!(report(lie(now + 5)), Error::<Test>::UnknownSource);
        frame_system::BlockHash::<Test>::insert(oldest, H256::from([1; 32]));
        assert_noop!(report(lie(oldest)), Error::<Test>::UnknownSource);
        frame_system::BlockHash::<Test>::remove(oldest);
        let no_hash = EquivocationReport { source_hash: [0; 32], ..lie(oldest) };
        assert_noop!(report(no_hash), Error::<Test>::UnknownSource);
        assert_ok!(report(lie(oldest + 1)));
    });
}

#[test]
fn answers_to_different_requests_under_one_challenge_prove_nothing() {
    on_chain(|| {
        assert_ok!(lock(10));
        at(START + 5);
        let asked_twice = contradiction(START + 2, [[1; 32], [9; 32]]);
        assert_noop!(report(asked_twice), Error::<Test>::NotProven);
        assert_ok!(report(lie(START + 2)));
    });
}

#[test]
fn a_proof_from_another_chain_or_subnet_proves_nothing() {
    on_chain(|| {
        assert_ok!(lock(10));
        at(START + 5);
        frame_system::BlockHash::<Test>::insert(0, H256::from([6; 32]));
        assert_noop!(report(lie(START + 2)), Error::<Test>::NotProven);
        frame_system::BlockHash::<Test>::insert(0, H256::from(GENESIS));
        NetworksAdded::<Test>::insert(2, true);
        SubnetOwner::<Test>::insert(2, subnet_owner());
        assert_ok!(Miners::set_requirement(signed(subnet_owner()), 2, tao(10), MIN_UNBONDING));
        System::set_block_number(START);
        assert_ok!(Miners::lock(signed(coldkey()), 2, hotkey(), tao(10), MAX_UNBONDING));
        at(START + 5);
        let elsewhere =
            Miners::report(signed(reporter()), 2, Box::new(lie(START + 2))).map_err(|error| error.error);
        assert_noop!(elsewhere, Error::<Test>::NotProven);
        assert_ok!(report(lie(START + 2)));
        assert_eq!(held(), 10 * TAO, "the other subnet's collateral is untouched");
        NetworksAdded::<Test>::remove(2);
    });
}

/// Replaces a hotkey by another, as the network pallet reports it.
fn replace(old: &AccountId32, new: &AccountId32) {
    Owner::<Test>::remove(old);
    Owner::<Test>::insert(new, coldkey());
    follow(&coldkey(), old, new);
}

fn follow(coldkey: &AccountId32, old: &AccountId32, new: &AccountId32) {
    let mut meter = frame_support::weights::WeightMeter::new();
    assert!(<Miners as FollowHotkey<_>>::follow(SUBNET, coldkey, old, new, &mut meter));
}

fn new_hotkey() -> AccountId32 {
    account(77)
}

#[test]
fn a_new_hotkey_is_backed_at_once_by_the_collateral_of_the_old_one() {
    on_chain(|| {
        assert_ok!(lock(10));
        at(START + 5);
        replace(&hotkey(), &new_hotkey());
        System::assert_last_event(
            Event::Followed { netuid: SUBNET, old_hotkey: hotkey(), new_hotkey: new_hotkey() }.into(),
        );
        assert!(Ledger::<Test>::is_backed(SUBNET, &new_hotkey()));
        assert!(!Ledger::<Test>::is_backed(SUBNET, &hotkey()));
        assert_eq!(held(), 10 * TAO);
        assert_noop!(Miners::unbond(signed(coldkey()), SUBNET, hotkey()), Error::<Test>::NoCollateral);
        assert_ok!(Miners::unbond(signed(coldkey()), SUBNET, new_hotkey()));
        at(START + 5 + MIN_UNBONDING);
        assert_ok!(Miners::withdraw(signed(coldkey()), SUBNET, new_hotkey()));
        assert_eq!((held(), Successors::<Test>::iter().count()), (0, 0), "nothing is left behind");
    });
}

#[test]
fn what_the_old_hotkey_signed_forfeits_the_collateral_after_a_swap() {
    on_chain(|| {
        assert_ok!(lock(10));
        at(START + 5);
        let proof = lie(START + 4);
        replace(&hotkey(), &new_hotkey());
        assert_ok!(Miners::unbond(signed(coldkey()), SUBNET, new_hotkey()));
        at(START + 4 + REPORT_WINDOW as u32);
        assert_noop!(Miners::withdraw(signed(coldkey()), SUBNET, new_hotkey()), Error::<Test>::Staying);
        assert_ok!(report(proof));
        assert_eq!((held(), free(&reporter())), (0, 1001 * TAO));
        assert_noop!(report(lie(START + 3)), Error::<Test>::NoCollateral);
        assert_eq!(Successors::<Test>::iter().count(), 0);
    });
}

/// A holder of the abandoned key, perhaps a thief, can no longer make its owner lose anything.
#[test]
fn what_the_old_hotkey_is_asked_after_a_swap_concerns_nobody() {
    on_chain(|| {
        assert_ok!(lock(10));
        at(START + 5);
        replace(&hotkey(), &new_hotkey());
        at(START + 9);
        assert_noop!(report(lie(START + 6)), Error::<Test>::BeforeCollateral);
        assert_ok!(report(lie(START + 5)));
    });
}

#[test]
fn a_new_hotkey_answers_for_what_it_is_asked_after_the_swap_only() {
    on_chain(|| {
        // The miner of the proofs is the new hotkey here.
        let old = new_hotkey();
        Owner::<Test>::insert(&old, coldkey());
        assert_ok!(Miners::lock(signed(coldkey()), SUBNET, old.clone(), tao(10), MAX_UNBONDING));
        at(START + 5);
        replace(&old, &hotkey());
        at(START + 9);
        assert_noop!(report(lie(START + 4)), Error::<Test>::BeforeCollateral);
        assert_noop!(report(lie(START + 5)), Error::<Test>::BeforeCollateral);
        assert_ok!(report(lie(START + 6)));
    });
}

#[test]
fn collateral_that_cannot_follow_stays_with_the_old_hotkey_and_at_stake() {
    on_chain(|| {
        assert_ok!(lock(10));
        let other = || account(78);
        Owner::<Test>::insert(other(), coldkey());
        assert_ok!(Miners::lock(signed(coldkey()), SUBNET, other(), tao(10), MAX_UNBONDING));
        follow(&coldkey(), &hotkey(), &other());
        assert!(Bonds::<Test>::contains_key(SUBNET, hotkey()), "the other has collateral of its own");
        follow(&account(3), &hotkey(), &new_hotkey());
        assert!(Bonds::<Test>::contains_key(SUBNET, hotkey()), "it is not the coldkey's that swaps");
        assert_ok!(Miners::unbond(signed(coldkey()), SUBNET, hotkey()));
        follow(&coldkey(), &hotkey(), &new_hotkey());
        assert!(Bonds::<Test>::contains_key(SUBNET, hotkey()), "it was asked back");
        at(START + 5);
        assert_ok!(report(lie(START + 2)));
        assert_eq!(held(), 10 * TAO, "only the other's is left");
    });
}

/// Otherwise a chain of swaps would lead away from the answers that the first of the hotkeys signed.
#[test]
fn collateral_follows_once_in_a_report_window() {
    on_chain(|| {
        let third = account(78);
        assert_ok!(lock(10));
        at(START + 5);
        replace(&hotkey(), &new_hotkey());
        at(START + 5 + REPORT_WINDOW as u32);
        replace(&new_hotkey(), &third);
        assert!(Bonds::<Test>::contains_key(SUBNET, new_hotkey()), "the first can still be reported");
        at(START + 6 + REPORT_WINDOW as u32);
        assert_noop!(report(lie(START + 5)), Error::<Test>::UnknownSource);
        replace(&new_hotkey(), &third);
        assert!(Ledger::<Test>::is_backed(SUBNET, &third));
        let ways: Vec<_> = Successors::<Test>::iter().collect();
        assert_eq!(ways, [(SUBNET, new_hotkey(), third)], "the first hotkey is forgotten");
    });
}

/// A hotkey that was abandoned and used again does not hide its earlier answers.
#[test]
fn a_second_bond_of_the_old_hotkey_does_not_hide_the_first() {
    on_chain(|| {
        assert_ok!(lock(10));
        at(START + 5);
        replace(&hotkey(), &new_hotkey());
        Owner::<Test>::insert(hotkey(), coldkey());
        assert_ok!(lock(10));
        at(START + 8);
        replace(&hotkey(), &account(78));
        assert!(Bonds::<Test>::contains_key(SUBNET, hotkey()), "the way to the first is still needed");
        assert_ok!(report(lie(START + 4)));
        assert_eq!(held(), 10 * TAO, "the first bond is gone");
        assert_ok!(report(lie(START + 6)));
        assert_eq!(held(), 0);
    });
}

#[test]
fn a_coldkey_gets_its_tao_back_though_it_no_longer_owns_the_hotkey() {
    on_chain(|| {
        assert_ok!(lock(10));
        Owner::<Test>::remove(hotkey());
        assert_ok!(Miners::unbond(signed(coldkey()), SUBNET, hotkey()));
        at(START + MIN_UNBONDING);
        assert_ok!(Miners::withdraw(signed(coldkey()), SUBNET, hotkey()));
        assert_eq!(held(), 0);
    });
}

#[test]
fn what_a_removed_subnet_asked_for_is_forgotten() {
    on_chain(|| {
        let mut page = Page::new(100, Vec::new());
        assert!(Miners::forget_subnet(SUBNET, &mut page));
        assert_eq!(Requirements::<Test>::iter().count(), 0);
        assert!(page.points() < 100);
    });
}

#[test]
fn collateral_of_a_removed_subnet_is_free_and_no_longer_at_stake() {
    on_chain(|| {
        assert_ok!(lock(10));
        at(START + 5);
        // Another subnet got the number.
        let registered = NetworkRegisteredAt::<Test>::get(SUBNET);
        NetworkRegisteredAt::<Test>::insert(SUBNET, registered + 3);
        assert!(!Ledger::<Test>::is_backed(SUBNET, &hotkey()));
        assert_noop!(report(lie(START + 2)), Error::<Test>::SubnetGone);
        assert_noop!(lock(10), Error::<Test>::SubnetGone);
        assert!(!Ledger::<Test>::requirement(SUBNET).is_on(), "the new subnet's owner asked for nothing");
        assert_ok!(Miners::withdraw(signed(coldkey()), SUBNET, hotkey()));
        assert_eq!(held(), 0);
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// A report with any bit changed is refused and changes nothing.
    #[test]
    fn a_report_with_a_changed_bit_is_refused(position in any::<prop::sample::Index>(), bit in 0u8..8) {
        use codec::{Decode, Encode};
        on_chain(|| {
            assert_ok!(lock(10));
            at(START + 5);
            let mut bytes = lie(START + 2).encode();
            let at = position.index(bytes.len());
            bytes[at] ^= 1 << bit;
            if let Ok(changed) = EquivocationReport::decode(&mut &bytes[..]) {
                let before = sp_io::storage::root(sp_runtime::StateVersion::V1);
                prop_assert!(report(changed).is_err(), "byte {}", at);
                prop_assert_eq!(before, sp_io::storage::root(sp_runtime::StateVersion::V1));
                prop_assert!(Bonds::<Test>::contains_key(SUBNET, hotkey()));
            }
            Ok(())
        })?;
    }

    /// After any actions of coldkey, owner and reporter in any order, the holds equal the bonds and the issuance equals
    /// the balances.
    #[test]
    fn holds_and_issuance_agree_after_any_story(steps in proptest::collection::vec((0u8..7, 0u64..30, 1u32..700), 1..25)) {
        on_chain(|| {
            let mut block = START;
            for (action, amount, blocks) in steps {
                let _ = match action {
                    0 | 1 => lock(amount),
                    2 => Miners::unbond(signed(coldkey()), SUBNET, hotkey()),
                    3 => Miners::withdraw(signed(coldkey()), SUBNET, hotkey()),
                    4 => Miners::set_requirement(signed(subnet_owner()), SUBNET, tao(amount), MIN_UNBONDING + blocks),
                    5 => report(lie(block.saturating_sub(blocks % 310))),
                    _ => {
                        block += blocks;
                        at(block);
                        Ok(())
                    }
                };
                check();
            }
        });
    }
}

#[test]
fn every_item_says_what_becomes_of_its_entries_with_a_subnet_and_with_a_hotkey() {
    // A new storage item needs a row here, and a test of both cases.
    let fates = [
        // Name, when its subnet is removed, when its hotkey is replaced.
        ("Requirements", "forgotten", "has no hotkeys"),
        ("Bonds", "stay until they are withdrawn", "follow, unless the bond must answer for the old hotkey"),
        ("Successors", "end with their bonds", "name who answers for the old hotkey"),
    ];
    let items = Miners::storage_metadata().entries;
    assert_eq!(items.iter().map(|item| item.name).collect::<Vec<_>>(), fates.map(|(name, ..)| name));
}
