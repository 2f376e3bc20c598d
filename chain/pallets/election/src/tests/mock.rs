//! A chain with the stock ledger, a network of a few maps, and a session manager that takes two blocks.

use std::sync::OnceLock;

use codec::{Decode, Encode};
use frame_support::{
    derive_impl,
    traits::{
        fungible::{Credit, Inspect, Mutate},
        ConstU32, ConstU64, Get, Hooks, Imbalance, OnUnbalanced,
    },
    weights::RuntimeDbWeight,
};
use myelin_economy::profile::Profile;
use myelin_election::{Member, Panel, PerBillion, Rules, Seat};
use myelin_units::{NetUid, TaoBalance};
use myelin_wire::sr25519::Keypair;
use sp_core::{ed25519, Pair, H256};
use sp_keystore::{testing::MemoryKeystore, KeystoreExt};
use sp_runtime::{
    traits::{BlakeTwo256, Header as _, IdentityLookup},
    AccountId32, BuildStorage, Digest, DigestItem,
};

use crate::{
    self as pallet_myelin_election, EraClock, Event, History, PanelBook, Readings, RootedHeader, Step,
    TwoVotes,
};

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

    /// The number of the set in GRANDPA.
    #[pallet::storage]
    pub type SetId<T: Config> = StorageValue<_, u64, ValueQuery>;

    /// The slot of the present block.
    #[pallet::storage]
    pub type Slot<T: Config> = StorageValue<_, u64, ValueQuery>;

    /// Slashed TAO.
    #[pallet::storage]
    pub type Recycled<T: Config> = StorageValue<_, u64, ValueQuery>;
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
        RuntimeDbWeight { read: 700_000_000, write: 700_000_000 }
    }
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = frame_system::mocking::MockBlockU32<Test>;
    type AccountId = AccountId32;
    type Lookup = IdentityLookup<AccountId32>;
    type AccountData = pallet_balances::AccountData<u64>;
    type DbWeight = Slow;
    type BlockHashCount = ConstU32<2400>;
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
    fn slot() -> u64 {
        world::Slot::<Test>::get()
    }
    fn set_slot(slot: u64) {
        world::Slot::<Test>::put(slot);
    }
    fn give_keys(who: &AccountId32) {
        world::Keys::<Test>::insert(who, ());
    }
}

/// Destroys slashed TAO, and counts it.
pub struct Shredder;

impl OnUnbalanced<Credit<AccountId32, Balances>> for Shredder {
    fn on_nonzero_unbalanced(slashed: Credit<AccountId32, Balances>) {
        world::Recycled::<Test>::mutate(|sum| *sum += slashed.peek());
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
        Profile::FAST
    }
}

impl crate::Config for Test {
    type Holds = Balances;
    type Recycle = Shredder;
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
    chain.register_extension(KeystoreExt::new(MemoryKeystore::new()));
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
        take_office((30..34).map(hotkey).collect());
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
    assert_eq!(owned + world::Recycled::<Test>::get(), 20 * tao(FREE).to_rao());
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
    frame_system::BlockHash::<Test>::insert(now - 1, hash_of(now - 1));
    System::set_block_number(now);
    world::Slot::<Test>::mutate(|slot| *slot += 1);
    if let Some((at, set)) = world::Next::<Test>::get().filter(|(at, _)| *at <= now) {
        let left: Vec<_> =
            world::Office::<Test>::get().into_iter().filter(|who| !set.contains(who)).collect();
        crate::Candidates::<Test>::left_office(&left);
        world::Next::<Test>::kill();
        take_office(set);
        assert_eq!(at, now);
    }
    Elections::on_initialize(now);
}

/// Puts a set into office, as the end of a session does.
fn take_office(set: Vec<AccountId32>) {
    let set_id = world::SetId::<Test>::mutate(|id| {
        *id += 1;
        *id
    });
    History::<Test>::changes(set_id, set.iter().map(|who| seat(number_of(who))).collect());
    world::Office::<Test>::put(set);
}

pub fn number_of(hotkey: &AccountId32) -> u8 {
    <[u8; 32]>::from(hotkey.clone())[0]
}

/// The key with which a hotkey signs blocks.
fn author(number: u8) -> Keypair {
    Keypair::from_seed(&[number; 32])
}

/// The key with which a hotkey votes.
fn voter(number: u8) -> ed25519::Pair {
    ed25519::Pair::from_seed(&[number; 32])
}

fn seat(number: u8) -> Seat {
    static SEATS: OnceLock<Vec<Seat>> = OnceLock::new();
    let seat = |number: u8| Seat {
        hotkey: [number; 32],
        aura: author(number).public(),
        grandpa: voter(number).public().0,
    };
    SEATS.get_or_init(|| (0..40).map(seat).collect())[usize::from(number)]
}

/// The hash of a block.
pub fn hash_of(number: u32) -> H256 {
    let mut hash = H256::repeat_byte(0xAA);
    hash.as_mut()[..4].copy_from_slice(&number.to_le_bytes());
    hash
}

pub type Header = sp_runtime::generic::Header<u32, BlakeTwo256>;

/// A header by a hotkey for a slot, after the block before `number`; `content` tells it from others.
pub fn header(by: u8, slot: u64, number: u32, content: u8) -> Header {
    let logs = vec![DigestItem::PreRuntime(*b"aura", slot.encode())];
    let state = H256::repeat_byte(content);
    let mut header = Header::new(number, H256::zero(), state, hash_of(number - 1), Digest { logs });
    let signature = author(by).sign(header.hash().as_bytes(), [7; 32]);
    header.digest.push(DigestItem::Seal(*b"aura", signature.to_vec()));
    header
}

pub fn rooted(header: Header) -> Box<RootedHeader<Header>> {
    Box::new(RootedHeader { header, between: Vec::new() })
}

/// Two headers by a hotkey for a slot.
pub fn two_blocks(by: u8, slot: u64) -> (Box<RootedHeader<Header>>, Box<RootedHeader<Header>>) {
    let number = System::block_number();
    (rooted(header(by, slot, number, 1)), rooted(header(by, slot, number, 2)))
}

/// The last slot whose author was at this place of the set.
pub fn last_slot_of(place: u64) -> u64 {
    let (now, seats) = (world::Slot::<Test>::get(), office().len() as u64);
    (0..=now).rev().find(|slot| slot % seats == place).expect("a set of a few seats")
}

/// Two prevotes of a hotkey in a round, for the blocks with these bytes in their hashes.
pub fn two_votes(by: u8, set_id: u64, round: u64, blocks: [u8; 2]) -> Box<TwoVotes<Test>> {
    let vote = |block: u8| {
        let target = ([block; 32], 10u32);
        // A prevote is the first kind of message.
        let signature = voter(by).sign(&(0u8, target, round, set_id).encode());
        (target, signature.0)
    };
    let proof = (set_id, 0u8, round, voter(by).public().0, blocks.map(vote)).encode();
    Box::new(Decode::decode(&mut &proof[..]).expect("the form of a proof"))
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
