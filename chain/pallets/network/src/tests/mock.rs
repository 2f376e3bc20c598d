//! A small chain and words to describe situations on it.
//!
//! [`on_chain`] starts a production-paced chain and [`on_fast_chain`] a test-paced one; both check every invariant at
//! the end. [`ok`] makes a call succeed and [`refused`] makes it fail without a trace; both check every invariant
//! afterwards.

use alloc::{collections::BTreeMap, vec::Vec};

use frame_support::{
    assert_noop, derive_impl, parameter_types,
    traits::{ConstU64, Hooks},
    weights::Weight,
};
use myelin_governance::{Asset, VoteError, VoteLocks};
use proptest::test_runner::Config as ProptestConfig;
use sp_runtime::{
    traits::{Dispatchable, IdentityLookup},
    AccountId32, BuildStorage, DispatchError,
};

use crate::{
    chores::Allowance,
    entries::Accounts,
    ledger::TaoLedger,
    neurons::NeuronRegistry,
    pallet::*,
    pools::PoolReserves,
    stake::{RootClaims, StakeBatch, StakeLedger},
    subnets::Hyperparameters,
    types::ChainPace,
};
use myelin_units::{AlphaBalance, NetUid, TaoBalance, Uid};

pub type AccountId = AccountId32;
pub type Network = crate::Call<Test>;
pub type Refusal = crate::Error<Test>;

/// The configuration of a property whose cases take long, with `few` cases; `CASES_TIMES` multiplies them.
/// `PROPTEST_CASES` would set the same number for every property.
pub fn cases(few: u32) -> ProptestConfig {
    ProptestConfig::with_cases(few.saturating_mul(cases_times().unwrap_or(1)))
}

/// `CASES_TIMES`, which the long tests set.
pub fn cases_times() -> Option<u32> {
    std::env::var("CASES_TIMES").ok()?.parse().ok()
}

#[frame_support::runtime]
mod runtime {
    #[runtime::runtime]
    #[runtime::derive(
        RuntimeCall,
        RuntimeEvent,
        RuntimeError,
        RuntimeOrigin,
        RuntimeFreezeReason,
        RuntimeHoldReason,
        RuntimeSlashReason,
        RuntimeLockId,
        RuntimeTask
    )]
    pub struct Test;

    #[runtime::pallet_index(0)]
    pub type System = frame_system;
    #[runtime::pallet_index(5)]
    pub type Balances = pallet_balances;
    #[runtime::pallet_index(7)]
    pub type SubtensorModule = crate;
    #[runtime::pallet_index(18)]
    pub type Commitments = pallet_commitments;
    #[runtime::pallet_index(28)]
    pub type Swap = pallet_myelin_swap;
    #[runtime::pallet_index(31)]
    pub type AlphaAssets = crate::alpha_assets;
    #[runtime::pallet_index(104)]
    pub type Provenance = pallet_myelin_provenance;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = frame_system::mocking::MockBlockU32<Test>;
    type BlockHashCount = sp_core::ConstU32<2400>;
    type AccountId = AccountId;
    type Lookup = IdentityLookup<AccountId>;
    type Hash = sp_core::H256;
    type Hashing = sp_runtime::traits::BlakeTwo256;
    type AccountData = pallet_balances::AccountData<u64>;
    type DbWeight = frame_support::weights::constants::ParityDbWeight;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type Balance = u64;
    type ExistentialDeposit = ConstU64<EXISTENTIAL_DEPOSIT>;
    type AccountStore = System;
    type DustRemoval = TaoLedger<Test>;
    type RuntimeHoldReason = RuntimeHoldReason;
}

impl pallet_myelin_provenance::Config for Test {
    type Holds = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
}

impl pallet_myelin_swap::Config for Test {}

impl crate::alpha_assets::Config for Test {}

impl pallet_commitments::Config for Test {
    type Subnets = SubtensorModule;
}

parameter_types! {
    pub storage Author: Option<AccountId> = Some(author());
}

parameter_types! {
    /// First block of the beacon's strict rules.
    pub storage StrictFrom: Option<u64> = None;
    /// Authors of blocks.
    pub storage BlockAuthors: u32 = 1;
}

/// Randomness that the tests can predict: known from the block after.
pub struct Predicted;

impl crate::evidence::Beacon for Predicted {
    fn value_at(block: u64) -> Option<[u8; 32]> {
        (block < u64::from(System::block_number())).then(|| sp_io::hashing::blake2_256(&block.to_le_bytes()))
    }
    fn strict_from() -> Option<u64> {
        StrictFrom::get()
    }
    fn authorities() -> u32 {
        BlockAuthors::get()
    }
}

impl crate::Config for Test {
    type Currency = Balances;
    type BlockAuthor = Author;
    type OtherPallets = ();
    type Beacon = Predicted;
    type Models = pallet_myelin_provenance::Register<Test>;
    type Elections = Noted;
    type VoteLocks = VoteLocksOfTests;
    type FailureFee = ();
}

parameter_types! {
    pub storage UnderVoteLock: BTreeMap<(AccountId, NetUid), u64> = BTreeMap::new();
    pub storage BoundPayments: Vec<(AccountId, TaoBalance)> = Vec::new();
    pub storage NewOwners: Vec<(NetUid, AccountId)> = Vec::new();
    pub storage RemovedSubnets: Vec<NetUid> = Vec::new();
}

parameter_types! {
    pub storage ElectionsOn: bool = false;
    pub storage RootChanges: Vec<(AccountId, u64)> = Vec::new();
    pub storage EpochsNoted: Vec<(NetUid, myelin_election::Panel, bool)> = Vec::new();
}

/// A record of everything that elections are told; of root stake, the amount before the change.
pub struct Noted;

impl crate::elections::Elections<AccountId> for Noted {
    fn are_on() -> bool {
        ElectionsOn::get()
    }
    fn root_stake_changes(hotkey: &AccountId) {
        if !ElectionsOn::get() {
            return;
        }
        let mut changes = RootChanges::get();
        changes.push((hotkey.clone(), StakeLedger::<Test>::total_on(hotkey, myelin_units::ROOT).to_rao()));
        RootChanges::set(&changes);
    }
    fn epoch_ended(netuid: NetUid, panel: myelin_election::Panel, by_proofs: bool) {
        let mut noted = EpochsNoted::get();
        noted.push((netuid, panel, by_proofs));
        EpochsNoted::set(&noted);
    }
}

/// Vote locks of stake that a test sets, and a record of everything that the pallet reports.
pub struct VoteLocksOfTests;

impl VoteLocks<AccountId> for VoteLocksOfTests {
    fn locked(who: &AccountId, asset: Asset) -> u64 {
        match asset {
            Asset::Free => 0,
            Asset::Stake(netuid) => {
                UnderVoteLock::get().get(&(who.clone(), netuid)).copied().unwrap_or_default()
            }
        }
    }

    fn binds_stake(who: &AccountId) -> bool {
        UnderVoteLock::get().keys().any(|(holder, _)| holder == who)
    }

    fn may_succeed(_: &AccountId, _: &AccountId) -> Result<(), VoteError> {
        Ok(())
    }

    fn succeed(_: &AccountId, _: &AccountId) {}

    fn bind(_: &AccountId) {}

    fn recounts(netuid: NetUid, who: &AccountId) -> u32 {
        u32::from(UnderVoteLock::get().contains_key(&(who.clone(), netuid)))
    }

    fn alpha_claimed(netuid: NetUid, who: &AccountId) -> AlphaBalance {
        let mut locks = UnderVoteLock::get();
        let locked = locks.remove(&(who.clone(), netuid)).unwrap_or_default();
        UnderVoteLock::set(&locks);
        AlphaBalance::from_rao(locked)
    }

    fn alpha_paid(who: &AccountId, paid: TaoBalance) {
        let mut payments = BoundPayments::get();
        payments.push((who.clone(), paid));
        BoundPayments::set(&payments);
    }

    fn subnet_removed(netuid: NetUid) {
        let mut removed = RemovedSubnets::get();
        removed.push(netuid);
        RemovedSubnets::set(&removed);
    }

    fn owner_changed(netuid: NetUid, new: &AccountId) {
        let mut owners = NewOwners::get();
        owners.push((netuid, new.clone()));
        NewOwners::set(&owners);
    }
}

/// Puts this many rao of a coldkey's stake on a subnet under its vote lock.
pub fn lock_votes(who: &AccountId, netuid: NetUid, rao: u64) {
    let mut locks = UnderVoteLock::get();
    locks.insert((who.clone(), netuid), rao);
    UnderVoteLock::set(&locks);
}

/// Smallest balance of an account, in rao.
pub const EXISTENTIAL_DEPOSIT: u64 = 500;
/// One TAO or one alpha, in rao.
pub const UNIT: u64 = 1_000_000_000;
/// First balance of every coldkey, in TAO.
pub const FORTUNE: u64 = 100_000;
/// The first subnet a user creates.
pub const FIRST: NetUid = 2;

/// The coldkey number `i`; rich from the start for `i` below 100.
pub fn coldkey(i: u8) -> AccountId {
    AccountId::from([i.wrapping_add(1); 32])
}

/// The hotkey number `i`; without owner and TAO.
pub fn hotkey(i: u16) -> AccountId {
    let mut bytes = [0xAA; 32];
    bytes[..2].copy_from_slice(&i.to_be_bytes());
    AccountId::from(bytes)
}

/// Author of every block.
pub fn author() -> AccountId {
    AccountId::from([0xBB; 32])
}

pub fn tao(tokens: u64) -> TaoBalance {
    TaoBalance::from_tokens(tokens)
}

pub fn alpha(tokens: u64) -> AlphaBalance {
    AlphaBalance::from_tokens(tokens)
}

fn chain(pace: ChainPace) -> sp_io::TestExternalities {
    let mut balances: Vec<_> = (0..100).map(|i| (coldkey(i), FORTUNE * UNIT)).collect();
    balances.push((author(), UNIT));
    let storage = RuntimeGenesisConfig {
        balances: pallet_balances::GenesisConfig { balances, ..Default::default() },
        subtensor_module: GenesisConfig { profile: pace, ..Default::default() },
        ..Default::default()
    }
    .build_storage()
    .expect("the genesis of the tests is well-formed");
    let mut chain = sp_io::TestExternalities::new(storage);
    chain.execute_with(|| System::set_block_number(1));
    chain
}

/// A chain of production pace at block 1, for benchmarks.
pub fn situation() -> sp_io::TestExternalities {
    chain(ChainPace { slot_ms: 12_000, fast: false })
}

/// Runs a story on a chain of production pace, at block 1.
pub fn on_chain<R>(story: impl FnOnce() -> R) -> R {
    tell(ChainPace { slot_ms: 12_000, fast: false }, story)
}

/// Runs a story on a chain of test pace, at block 1.
pub fn on_fast_chain<R>(story: impl FnOnce() -> R) -> R {
    tell(ChainPace { slot_ms: 250, fast: true }, story)
}

fn tell<R>(pace: ChainPace, story: impl FnOnce() -> R) -> R {
    chain(pace).execute_with(|| {
        let result = story();
        check_invariants();
        result
    })
}

/// Every rule of `invariants/`.
pub fn check_invariants() {
    let lists = crate::invariants::keys::staking_hotkeys_name_nothing_else::<Test>;
    if let Err(violation) = crate::invariants::check_all::<Test>().and_then(|()| lists()) {
        panic!("an invariant is broken: {violation:?}");
    }
}

/// The call succeeds.
#[track_caller]
pub fn ok(signer: &AccountId, call: Network) {
    let outcome = RuntimeCall::from(call.clone()).dispatch(RuntimeOrigin::signed(signer.clone()));
    if let Err(error) = outcome {
        panic!("{call:?} failed: {:?}", error.error);
    }
    check_invariants();
}

/// The call fails with this error and changes nothing.
#[track_caller]
pub fn refused(signer: &AccountId, call: Network, error: Refusal) {
    let expected: DispatchError = error.into();
    let origin = RuntimeOrigin::signed(signer.clone());
    assert_noop!(RuntimeCall::from(call).dispatch(origin).map_err(|e| e.error), expected);
}

/// Whether the call was announced by this event.
#[track_caller]
pub fn announced(event: Event<Test>) {
    let wanted = RuntimeEvent::from(event);
    let found = System::events().into_iter().any(|record| record.event == wanted);
    assert!(found, "{wanted:?} is not among {:?}", System::events());
}

/// Runs block after block up to `block`.
pub fn run_to(block: u32) {
    while System::block_number() < block {
        pass_block();
        check_invariants();
    }
}

/// Runs a block. Only the rules of epochs are checked: all of them take most of the time of a long story, which checks
/// them where it stops.
pub fn pass_block() {
    System::set_block_number(System::block_number() + 1);
    SubtensorModule::on_initialize(System::block_number());
    if let Err(violation) = crate::invariants::check_epochs::<Test>() {
        panic!("an invariant is broken: {violation:?}");
    }
}

/// Room for any chore.
pub fn room() -> Allowance<Test> {
    Allowance::new(0, Weight::MAX)
}

/// Makes the following orders those of another block, without any other work of a new block.
pub fn end_block() {
    Swap::on_finalize(System::block_number());
}

/// Runs this many blocks.
pub fn run_blocks(count: u32) {
    run_to(System::block_number() + count);
}

/// Free TAO of an account, in rao.
pub fn balance(who: &AccountId) -> u64 {
    Balances::free_balance(who)
}

/// Alpha that a coldkey has on a hotkey, in rao.
pub fn stake_of(hotkey: &AccountId, coldkey: &AccountId, netuid: NetUid) -> u64 {
    StakeLedger::<Test>::alpha_of(hotkey, coldkey, netuid).to_rao()
}

/// TAO on the account of a subnet beyond its pool, in rao.
pub fn surplus(netuid: NetUid) -> u64 {
    TaoLedger::<Test>::held_by_subnet(netuid).saturating_sub(SubnetTAO::<Test>::get(netuid)).to_rao()
}

/// Price of a subnet's alpha, in rao of TAO.
pub fn price_rao(netuid: NetUid) -> u64 {
    myelin_economy::pool::price_to_rao(PoolReserves::<Test>::spot_price(netuid))
}

/// Updates the roster of a subnet after a story wrote storage itself.
pub fn survey(netuid: NetUid) {
    NeuronRegistry::<Test>::write_roster(netuid);
}

pub fn uid_of(netuid: NetUid, hotkey: &AccountId) -> Option<Uid> {
    Uids::<Test>::get(netuid, hotkey)
}

/// Begins the description of a subnet that coldkey 0 creates with hotkey 0.
pub fn subnet() -> SubnetStory {
    SubnetStory { owner: 0, started: false, commit_reveal: true, neurons: 0, permits: false }
}

/// Description of a subnet for a test; [`SubnetStory::create`] creates it.
pub struct SubnetStory {
    owner: u8,
    started: bool,
    commit_reveal: bool,
    neurons: u16,
    permits: bool,
}

impl SubnetStory {
    /// Owned by this coldkey, with the hotkey of the same number.
    pub fn owned_by(self, owner: u8) -> Self {
        Self { owner, ..self }
    }

    /// With the start call made.
    pub fn started(self) -> Self {
        Self { started: true, ..self }
    }

    /// With weights set in the clear.
    pub fn without_commit_reveal(self) -> Self {
        Self { commit_reveal: false, ..self }
    }

    /// With neurons besides the owner's: coldkey `i` registers hotkey `i` for `i` from 10 on, and gets uid `i − 9`.
    pub fn with_neurons(self, neurons: u16) -> Self {
        Self { neurons, ..self }
    }

    /// With a validator permit for every neuron.
    pub fn with_permits(self) -> Self {
        Self { permits: true, ..self }
    }

    /// Creates the subnet and returns its number.
    #[track_caller]
    pub fn create(self) -> NetUid {
        let owner = coldkey(self.owner);
        let before: Vec<_> = NetworksAdded::<Test>::iter_keys().collect();
        // Other stories may have created one just now.
        LastRateLimitedBlock::<Test>::remove(crate::types::RateLimitKey::NetworkLastRegistered);
        ok(&owner, Network::register_network { hotkey: hotkey(self.owner.into()) });
        let netuid = NetworksAdded::<Test>::iter_keys()
            .find(|netuid| !before.contains(netuid))
            .expect("a subnet was created");
        if self.started {
            ok(&owner, Network::start_call { netuid });
        }
        Hyperparameters::<Test>::set_commit_reveal(netuid, self.commit_reveal);
        for i in 10..10 + self.neurons {
            register(netuid, i);
        }
        if self.permits {
            ValidatorPermit::<Test>::insert(netuid, alloc::vec![true; usize::from(self.neurons) + 1]);
        }
        netuid
    }
}

/// The coldkey [`owner_of`] hotkey `i` registers it.
#[track_caller]
pub fn register(netuid: NetUid, i: u16) {
    let owner = owner_of(i);
    let price = Burn::<Test>::get(netuid);
    // Prices rise with every registration; stories are about other things.
    Burn::<Test>::insert(netuid, price.min(TaoBalance::from_tokens(1)));
    ok(&owner, Network::burned_register { netuid, hotkey: hotkey(i) });
}

/// The coldkey that [`register`] uses for hotkey `i`: number `i` from 10 to 99, and again from 10 on beyond.
pub fn owner_of(i: u16) -> AccountId {
    coldkey(((i + 80) % 90 + 10) as u8)
}

/// Present receiver of fees.
pub fn fee_receiver() -> AccountId {
    Author::get().unwrap_or_else(TaoLedger::<Test>::burn_account)
}

/// Lets the root stakers of a hotkey earn alpha.
pub fn accrue_root(hotkey: &AccountId, netuid: NetUid, amount: AlphaBalance) {
    let mut accounts = Accounts::new();
    let mut stakes = StakeBatch::<Test>::on(netuid, &mut accounts);
    RootClaims::<Test>::accrue(&mut stakes, netuid, &[(hotkey.clone(), amount)]);
    stakes.book();
}
