//! A chain with the stock ledger, a network of a few maps, and a session manager that takes two blocks.

use frame_support::{
    derive_impl,
    traits::{
        fungible::{Inspect, Mutate},
        ConstU64, Get, Hooks,
    },
    weights::RuntimeDbWeight,
};
use myelin_economy::profile::Profile;
use myelin_election::{Member, Panel, PerBillion, Rules};
use myelin_units::{NetUid, TaoBalance};
use sp_runtime::{traits::IdentityLookup, AccountId32, BuildStorage};

use crate::{self as pallet_myelin_election, EraClock, Event, PanelBook, Readings, Step};

/// The network and the session manager, as far as elections see them.
#[frame_support::pallet]
pub mod world {
    use frame_support::pallet_prelude::*;
    use myelin_election::PerBillion;
    use myelin_units::{NetUid, TaoBalance};

    #[pallet::config]
    pub trait Config: frame_system::Config {}

    #[pallet::pallet]
    #[pallet::without_storage_info]
    pub struct Pallet<T>(_);

    #[pallet::storage]
    pub type Owners<T: Config> = StorageMap<_, Twox64Concat, T::AccountId, T::AccountId>;

    #[pallet::storage]
    pub type Stakes<T: Config> = StorageMap<_, Twox64Concat, T::AccountId, TaoBalance, ValueQuery>;

    #[pallet::storage]
    pub type Emissions<T: Config> = StorageValue<_, Vec<(NetUid, PerBillion)>, ValueQuery>;

    #[pallet::storage]
    pub type Keys<T: Config> = StorageMap<_, Twox64Concat, T::AccountId, ()>;

    #[pallet::storage]
    pub type Office<T: Config> = StorageValue<_, Vec<T::AccountId>, ValueQuery>;

    /// The set that takes office in this block.
    #[pallet::storage]
    pub type Next<T: Config> = StorageValue<_, (u32, Vec<T::AccountId>)>;
}

frame_support::construct_runtime!(
    pub enum Test {
        System: frame_system = 0,
        Balances: pallet_balances = 5,
        World: world = 7,
        Elections: pallet_myelin_election = 108,
    }
);

/// Costs of the database with which a page has four candidates.
pub struct Slow;

impl Get<RuntimeDbWeight> for Slow {
    fn get() -> RuntimeDbWeight {
        RuntimeDbWeight { read: 500_000_000, write: 500_000_000 }
    }
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = frame_system::mocking::MockBlockU32<Test>;
    type AccountId = AccountId32;
    type Lookup = IdentityLookup<AccountId32>;
    type AccountData = pallet_balances::AccountData<u64>;
    type DbWeight = Slow;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type Balance = u64;
    type ExistentialDeposit = ConstU64<500>;
    type AccountStore = System;
    type RuntimeHoldReason = RuntimeHoldReason;
}

impl world::Config for Test {}

/// The answers of [`world`].
pub struct Answers;

impl crate::Network<AccountId32> for Answers {
    fn owner_of(hotkey: &AccountId32) -> Option<AccountId32> {
        world::Owners::<Test>::get(hotkey)
    }
    fn root_stake_on(hotkey: &AccountId32) -> TaoBalance {
        world::Stakes::<Test>::get(hotkey)
    }
    fn root_stake() -> TaoBalance {
        world::Stakes::<Test>::iter_values().sum()
    }
    fn emissions() -> Vec<(NetUid, PerBillion)> {
        world::Emissions::<Test>::get()
    }
    fn endow(hotkey: &AccountId32, coldkey: &AccountId32, stake: TaoBalance) {
        world::Owners::<Test>::insert(hotkey, coldkey);
        world::Stakes::<Test>::insert(hotkey, stake);
    }
    fn pay(netuid: NetUid) {
        world::Emissions::<Test>::put(vec![(netuid, PerBillion::ONE)]);
    }
}

impl crate::Seats<AccountId32> for Answers {
    fn in_office() -> Vec<AccountId32> {
        world::Office::<Test>::get()
    }
    fn has_keys(who: &AccountId32) -> bool {
        world::Keys::<Test>::contains_key(who)
    }
    fn is_changing() -> bool {
        world::Next::<Test>::exists()
    }
    fn appoint(set: Vec<AccountId32>) {
        world::Next::<Test>::put((System::block_number() + 2, set));
    }
    fn give_keys(who: &AccountId32) {
        world::Keys::<Test>::insert(who, ());
    }
}

/// A value for each block.
pub struct Draw;

impl Get<[u8; 32]> for Draw {
    fn get() -> [u8; 32] {
        [System::block_number() as u8; 32]
    }
}

pub struct Pace;

impl Get<Profile> for Pace {
    fn get() -> Profile {
        Profile::PRODUCTION
    }
}

impl crate::Config for Test {
    type Holds = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type Network = Answers;
    type Seats = Answers;
    type Draw = Draw;
    type Pace = Pace;
}

/// Short eras and small amounts.
pub const RULES: Rules = Rules {
    seats: 6,
    least_authorities: 3,
    era: 20,
    least_pledge: TaoBalance::from_tokens(10),
    least_stake: TaoBalance::from_tokens(10),
    least_quality: PerBillion::ZERO,
    report_window: 5,
    appeal_window: 5,
    unbonding: 15,
    jail: 5,
    ..Rules::production()
};
pub const SUBNET: NetUid = 1;
/// TAO of each coldkey.
pub const FREE: u64 = 1_000;

pub fn hotkey(number: u8) -> AccountId32 {
    AccountId32::new([number; 32])
}

/// Hotkeys 2n and 2n + 1 belong to one coldkey.
pub fn coldkey_of(number: u8) -> AccountId32 {
    AccountId32::new([200 + number / 2; 32])
}

pub fn tao(tokens: u64) -> TaoBalance {
    TaoBalance::from_tokens(tokens)
}

pub fn signed(who: AccountId32) -> RuntimeOrigin {
    RuntimeOrigin::signed(who)
}

/// An empty chain.
pub fn situation() -> sp_io::TestExternalities {
    let storage = RuntimeGenesisConfig::default().build_storage().expect("the genesis is well-formed");
    let mut chain = sp_io::TestExternalities::new(storage);
    chain.execute_with(|| System::set_block_number(1));
    chain
}

/// A chain with the hotkeys 0 to 39, of which those from 30 on are in office and are no candidates. All have session
/// keys. The rules are [`RULES`].
pub fn on_chain<R>(story: impl FnOnce() -> R) -> R {
    situation().execute_with(|| {
        for number in 0..40 {
            let (hotkey, coldkey) = (hotkey(number), coldkey_of(number));
            world::Owners::<Test>::insert(&hotkey, &coldkey);
            world::Keys::<Test>::insert(&hotkey, ());
            if number % 2 == 0 {
                let _ = Balances::mint_into(&coldkey, tao(FREE).to_rao());
            }
        }
        world::Office::<Test>::put((30..34).map(hotkey).collect::<Vec<_>>());
        world::Emissions::<Test>::put(vec![(SUBNET, PerBillion::ONE)]);
        crate::SetRules::<Test>::put(RULES);
        let result = story();
        check();
        result
    })
}

/// Rules that hold at any time.
pub fn check() {
    assert_eq!(crate::invariants::check::<Test>(), Ok(()));
    let owned: u64 = (0..40).step_by(2).map(|number| Balances::total_balance(&coldkey_of(number))).sum();
    assert_eq!(owned, Balances::total_issuance(), "all TAO is with the coldkeys");
    assert_eq!(owned, 20 * tao(FREE).to_rao());
}

pub fn join(number: u8, tokens: u64) {
    let joined = Elections::join(signed(coldkey_of(number)), hotkey(number), tao(tokens));
    assert_eq!(joined, Ok(()), "{number}");
}

/// Root stake on a hotkey, as the network changes it.
pub fn stake(number: u8, tokens: u64) {
    Readings::<Test>::root_stake_changes(&hotkey(number));
    world::Stakes::<Test>::insert(hotkey(number), tao(tokens));
}

/// The end of an epoch: each of these judges this well, in percent, and brings this much root stake.
pub fn epoch(judges: impl IntoIterator<Item = (u8, u32, u64)>) {
    let member = |(number, percent, tokens): (u8, u32, u64)| Member {
        hotkey: hotkey(number).into(),
        coldkey: coldkey_of(number).into(),
        backing: tao(tokens),
        measure: PerBillion::percent(percent),
    };
    let members = judges.into_iter().map(member).collect();
    PanelBook::<Test>::epoch_ended(SUBNET, Panel { members, ..Panel::default() }, true);
}

/// Begins the next block.
pub fn block() {
    let now = System::block_number() + 1;
    System::set_block_number(now);
    if let Some((at, set)) = world::Next::<Test>::get().filter(|(at, _)| *at <= now) {
        let left: Vec<_> =
            world::Office::<Test>::get().into_iter().filter(|who| !set.contains(who)).collect();
        crate::Candidates::<Test>::left_office(&left);
        world::Office::<Test>::put(&set);
        world::Next::<Test>::kill();
        assert_eq!(at, now);
    }
    Elections::on_initialize(now);
}

pub fn blocks(count: u32) {
    (0..count).for_each(|_| block());
}

/// Goes on until no pass is under way and no set is on its way into office.
pub fn settle() {
    while EraClock::<Test>::get().step != Step::Waiting || world::Next::<Test>::exists() {
        block();
    }
}

/// Goes on to the end of the next pass.
pub fn era() {
    while EraClock::<Test>::get().step == Step::Waiting {
        block();
    }
    settle();
}

pub fn office() -> Vec<AccountId32> {
    world::Office::<Test>::get()
}

/// Events of the pallet since the last call.
pub fn events() -> Vec<Event<Test>> {
    let own = |record: frame_system::EventRecord<RuntimeEvent, _>| match record.event {
        RuntimeEvent::Elections(event) => Some(event),
        _ => None,
    };
    let events = System::events().into_iter().filter_map(own).collect();
    System::reset_events();
    events
}
