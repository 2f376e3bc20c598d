//! A chain with the stock pallets, and a network of a few maps. A day has five blocks.

use codec::Encode;
use frame_support::{
    derive_impl,
    traits::{
        fungible::Mutate,
        tokens::{Fortitude, Precision, Preservation},
        Bounded, Contains, Currency, EqualPrivilegeOnly, Hooks, OnUnbalanced,
    },
    weights::Weight,
};
use frame_system::EnsureRoot;
use myelin_economy::profile::Profile;
use myelin_governance::{
    power::{network_electorate, subnet_electorate},
    Asset, Holdings, Kind, Multiplier, PollId, Prices, Tally, TrackId,
};
use myelin_units::{AlphaBalance, Block, NetUid, TaoBalance};
use sp_runtime::{
    traits::{BlakeTwo256, Hash, IdentityLookup},
    BuildStorage, DispatchError, DispatchResult,
};

use crate::{EnsureTrack, Inspect, Origin, PollTally, Submitter, Tracks};

/// The network, as far as votes see it: stakes, prices, owners and rubrics.
#[frame_support::pallet]
pub mod network {
    use frame_support::pallet_prelude::*;
    use frame_system::pallet_prelude::*;
    use myelin_units::{Block, NetUid};

    #[pallet::config]
    pub trait Config: frame_system::Config {}

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    #[pallet::storage]
    pub type Stakes<T: Config> =
        StorageDoubleMap<_, Twox64Concat, NetUid, Twox64Concat, T::AccountId, u64, ValueQuery>;

    #[pallet::storage]
    pub type Owners<T: Config> = StorageMap<_, Twox64Concat, NetUid, (T::AccountId, Block)>;

    #[pallet::storage]
    pub type Price<T: Config> = StorageMap<_, Twox64Concat, NetUid, u64, ValueQuery>;

    #[pallet::storage]
    pub type Rubrics<T: Config> = StorageMap<_, Twox64Concat, NetUid, [u8; 32]>;

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        #[pallet::call_index(0)]
        #[pallet::weight(Weight::zero())]
        pub fn announce_rubric(origin: OriginFor<T>, netuid: NetUid, rubric: [u8; 32]) -> DispatchResult {
            ensure_root(origin)?;
            ensure!(Owners::<T>::contains_key(netuid), DispatchError::Other("no such subnet"));
            Rubrics::<T>::insert(netuid, rubric);
            Ok(())
        }

        #[pallet::call_index(1)]
        #[pallet::weight(Weight::zero())]
        pub fn withdraw_rubric(origin: OriginFor<T>, netuid: NetUid) -> DispatchResult {
            ensure_root(origin)?;
            Rubrics::<T>::remove(netuid);
            Ok(())
        }
    }
}

/// Parameters of subnets by the names that the rules know: one for votes, one of owners, and one without effect.
#[frame_support::pallet]
pub mod parameters {
    use frame_support::pallet_prelude::*;
    use frame_system::pallet_prelude::*;
    use myelin_units::NetUid;

    #[pallet::config]
    pub trait Config: frame_system::Config {}

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// The value that was set last, of any of them.
    #[pallet::storage]
    pub type Values<T: Config> = StorageMap<_, Twox64Concat, NetUid, u16, ValueQuery>;

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        #[pallet::call_index(0)]
        #[pallet::weight(Weight::zero())]
        pub fn sudo_set_kappa(origin: OriginFor<T>, netuid: NetUid, kappa: u16) -> DispatchResult {
            Self::set(origin, netuid, kappa)
        }

        #[pallet::call_index(1)]
        #[pallet::weight(Weight::zero())]
        pub fn sudo_set_tempo(origin: OriginFor<T>, netuid: NetUid, tempo: u16) -> DispatchResult {
            Self::set(origin, netuid, tempo)
        }

        #[pallet::call_index(2)]
        #[pallet::weight(Weight::zero())]
        pub fn sudo_set_rho(origin: OriginFor<T>, netuid: NetUid, rho: u16) -> DispatchResult {
            Self::set(origin, netuid, rho)
        }
    }

    impl<T: Config> Pallet<T> {
        fn set(origin: OriginFor<T>, netuid: NetUid, value: u16) -> DispatchResult {
            ensure_root(origin)?;
            Values::<T>::insert(netuid, value);
            Ok(())
        }
    }
}

frame_support::construct_runtime!(
    pub enum Test {
        System: frame_system = 0,
        Balances: pallet_balances = 5,
        SubtensorModule: network = 7,
        Utility: pallet_utility = 11,
        Preimage: pallet_preimage = 14,
        Scheduler: pallet_scheduler = 15,
        AdminUtils: parameters = 19,
        Referenda: pallet_referenda = 106,
        Governance: crate = 107,
    }
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = frame_system::mocking::MockBlockU32<Test>;
    type AccountId = u32;
    type Lookup = IdentityLookup<u32>;
    type AccountData = pallet_balances::AccountData<u64>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type Balance = u64;
    type ExistentialDeposit = frame_support::traits::ConstU64<500>;
    type AccountStore = System;
    type RuntimeFreezeReason = RuntimeFreezeReason;
    type FreezeIdentifier = RuntimeFreezeReason;
    type MaxFreezes = frame_support::traits::VariantCountOf<RuntimeFreezeReason>;
}

impl network::Config for Test {}

impl parameters::Config for Test {}

impl pallet_utility::Config for Test {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    type PalletsOrigin = OriginCaller;
    type WeightInfo = ();
}

impl pallet_preimage::Config for Test {
    type RuntimeEvent = RuntimeEvent;
    type WeightInfo = ();
    type Currency = Balances;
    type ManagerOrigin = EnsureRoot<u32>;
    type Consideration = ();
}

frame_support::parameter_types! {
    pub MaximumWeight: Weight = Weight::from_parts(1_000_000_000_000, u64::MAX);
    pub const MaxScheduled: u32 = 1_100;
    pub const SubmissionDeposit: u64 = TAO;
    pub const MaxQueued: u32 = myelin_governance::track::MAX_QUEUED;
    pub const UndecidingTimeout: u32 = myelin_governance::track::UNDECIDING_TIMEOUT * 5;
    pub const AlarmInterval: u32 = 1;
    pub const Treasury: u32 = TREASURY;
    pub const Pace: Profile = Profile::FAST;
}

impl pallet_scheduler::Config for Test {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeOrigin = RuntimeOrigin;
    type PalletsOrigin = OriginCaller;
    type RuntimeCall = RuntimeCall;
    type MaximumWeight = MaximumWeight;
    type ScheduleOrigin = EnsureRoot<u32>;
    type OriginPrivilegeCmp = EqualPrivilegeOnly;
    type MaxScheduledPerBlock = MaxScheduled;
    type WeightInfo = ();
    type Preimages = Preimage;
    type BlockNumberProvider = System;
}

impl pallet_referenda::Config for Test {
    type RuntimeCall = RuntimeCall;
    type RuntimeEvent = RuntimeEvent;
    type WeightInfo = ();
    type Scheduler = Scheduler;
    type Currency = Balances;
    type SubmitOrigin = Submitter<Test>;
    type CancelOrigin = EnsureRoot<u32>;
    type KillOrigin = EnsureRoot<u32>;
    type Slash = ToTreasury;
    type Votes = u128;
    type Tally = PollTally<Test>;
    type SubmissionDeposit = SubmissionDeposit;
    type MaxQueued = MaxQueued;
    type UndecidingTimeout = UndecidingTimeout;
    type AlarmInterval = AlarmInterval;
    type Tracks = Tracks<Test>;
    type Preimages = Preimage;
    type BlockNumberProvider = System;
}

impl crate::Config for Test {
    type Ledger = Balances;
    type RuntimeFreezeReason = RuntimeFreezeReason;
    type PalletsOrigin = OriginCaller;
    type EnactOrigin = EnsureTrack;
    type Polls = Referenda;
    type Scheduler = Scheduler;
    type Preimages = Preimage;
    type Filter = Open;
    type Inspect = Calls;
    type Holdings = Network;
    type OpeningCost = ();
    type Profile = Pace;
    type Treasury = Treasury;
}

/// Deposits that are lost go to the treasury.
pub struct ToTreasury;

impl OnUnbalanced<pallet_balances::NegativeImbalance<Test>> for ToTreasury {
    fn on_nonzero_unbalanced(lost: pallet_balances::NegativeImbalance<Test>) {
        Balances::resolve_creating(&TREASURY, lost);
    }
}

/// Withdrawing a rubric is closed on this chain.
pub struct Open;

impl Contains<RuntimeCall> for Open {
    fn contains(call: &RuntimeCall) -> bool {
        !matches!(call, RuntimeCall::SubtensorModule(network::Call::withdraw_rubric { .. }))
    }
}

pub struct Calls;

impl Inspect<RuntimeCall> for Calls {
    fn netuid(call: &RuntimeCall) -> Option<NetUid> {
        match call {
            RuntimeCall::SubtensorModule(
                network::Call::announce_rubric { netuid, .. } | network::Call::withdraw_rubric { netuid },
            )
            | RuntimeCall::AdminUtils(
                parameters::Call::sudo_set_kappa { netuid, .. }
                | parameters::Call::sudo_set_tempo { netuid, .. }
                | parameters::Call::sudo_set_rho { netuid, .. },
            ) => Some(*netuid),
            _ => None,
        }
    }

    fn carries(call: &RuntimeCall) -> usize {
        match call {
            RuntimeCall::Utility(
                pallet_utility::Call::batch { calls } | pallet_utility::Call::batch_all { calls },
            ) => calls.len(),
            RuntimeCall::Utility(pallet_utility::Call::dispatch_as { .. })
            | RuntimeCall::Governance(crate::Call::enact { .. }) => 1,
            _ => 0,
        }
    }
}

pub struct Network;

impl Network {
    fn alpha(netuid: NetUid) -> AlphaBalance {
        AlphaBalance::from_rao(network::Stakes::<Test>::iter_prefix_values(netuid).sum())
    }
}

impl Holdings<u32> for Network {
    type Error = DispatchError;

    fn held(who: &u32, asset: Asset) -> u64 {
        match asset {
            Asset::Free => 0,
            Asset::Stake(netuid) => network::Stakes::<Test>::get(netuid, who),
        }
    }

    fn prices() -> Prices {
        Prices::new(network::Price::<Test>::iter())
    }

    fn price(netuid: NetUid) -> u64 {
        network::Price::<Test>::get(netuid)
    }

    /// Pools hold half a TAO for each alpha, beside the TAO of balances.
    fn electorate(track: TrackId) -> u128 {
        if let Some(netuid) = track.subnet() {
            return subnet_electorate(Self::alpha(netuid), AlphaBalance::ZERO);
        }
        let pools = network::Stakes::<Test>::iter_prefix_values(NETUID).sum::<u64>() / 2;
        let staked = Self::alpha(0).to_rao() + pools;
        network_electorate(TaoBalance::from_rao(Balances::total_issuance() + staked), TaoBalance::ZERO)
    }

    fn subnet(netuid: NetUid) -> Option<(u32, Block)> {
        network::Owners::<Test>::get(netuid)
    }

    fn open_subnet(owner: &u32, payer: &u32) -> Result<NetUid, DispatchError> {
        Balances::burn_from(payer, TAO, Preservation::Preserve, Precision::Exact, Fortitude::Polite)?;
        let netuid = (1..33).find(|netuid| !network::Owners::<Test>::contains_key(netuid));
        let netuid = netuid.ok_or(DispatchError::Exhausted)?;
        network::Owners::<Test>::insert(netuid, (*owner, u64::from(System::block_number())));
        Ok(netuid)
    }
}

pub const TAO: u64 = 1_000_000_000;
pub const DAY: u32 = 5;
/// Accounts 1 to this number have 1,000 TAO each.
pub const ACCOUNTS: u32 = 10;
pub const ALICE: u32 = 1;
pub const BOB: u32 = 2;
pub const CAROL: u32 = 3;
/// The owner of subnet 5, whose alpha costs half a TAO.
pub const OWNER: u32 = 10;
pub const TREASURY: u32 = 1_000;
pub const NETUID: NetUid = 5;
pub const ONE: Multiplier = Multiplier::One;

/// A chain in block 1 with a treasury of 1,000 TAO, and 100 alpha of subnet 5 for each account.
pub fn situation() -> sp_io::TestExternalities {
    let holders = (1..=ACCOUNTS).chain([TREASURY]).map(|who| (who, 1_000 * TAO)).collect();
    let storage = RuntimeGenesisConfig {
        balances: pallet_balances::GenesisConfig { balances: holders, ..Default::default() },
        ..Default::default()
    };
    let mut chain: sp_io::TestExternalities =
        storage.build_storage().expect("the genesis of the tests is well-formed").into();
    chain.execute_with(|| {
        System::set_block_number(1);
        network::Owners::<Test>::insert(NETUID, (OWNER, 0));
        network::Price::<Test>::insert(NETUID, TAO / 2);
        (1..=ACCOUNTS).for_each(|who| network::Stakes::<Test>::insert(NETUID, who, 100 * TAO));
    });
    chain
}

/// Tells a story on the chain, and checks the invariants afterwards.
pub fn on_chain<R>(story: impl FnOnce() -> R) -> R {
    situation().execute_with(|| {
        let result = story();
        check();
        result
    })
}

pub fn check() {
    assert_eq!(crate::invariants::check::<Test>(), Ok(()));
}

pub fn signed(who: u32) -> RuntimeOrigin {
    RuntimeOrigin::signed(who)
}

pub fn rubric() -> TrackId {
    TrackId::rubrics(NETUID).expect("it is a subnet")
}

/// Blocks pass; the schedule runs in each.
pub fn wait(blocks: u32) {
    for _ in 0..blocks {
        let next = System::block_number() + 1;
        System::set_block_number(next);
        Scheduler::on_initialize(next);
    }
}

/// The call of a referendum that enacts `call`.
pub fn enacting(call: impl Into<RuntimeCall>, registered: Option<Block>) -> RuntimeCall {
    RuntimeCall::Governance(crate::Call::enact { call: Box::new(call.into()), registered })
}

/// A proposal as clients name it: in line if it is short, by a preimage that Alice notes otherwise.
pub fn bounded(proposal: RuntimeCall) -> Result<Bounded<RuntimeCall, BlakeTwo256>, DispatchError> {
    let bytes = proposal.encode();
    let (hash, len) = (BlakeTwo256::hash(&bytes), bytes.len() as u32);
    match bytes.clone().try_into() {
        Ok(short) => Ok(Bounded::Inline(short)),
        Err(_) => {
            Preimage::note_preimage(signed(ALICE), bytes).map_err(|refused| refused.error)?;
            Ok(Bounded::Lookup { hash, len })
        }
    }
}

/// Submits a referendum for Alice.
pub fn submit(track: TrackId, proposal: RuntimeCall) -> Result<PollId, DispatchError> {
    let origin = Box::new(OriginCaller::from(Origin(track)));
    let proposal = bounded(proposal)?;
    let enactment = frame_support::traits::schedule::DispatchTime::After(0);
    let poll = pallet_referenda::ReferendumCount::<Test>::get();
    Referenda::submit(signed(ALICE), origin, proposal, enactment)?;
    Ok(poll)
}

/// A referendum that would pay 10 TAO to account 9, or on a track of rubrics announce one.
pub fn open(track: TrackId) -> PollId {
    let call: RuntimeCall = match track.subnet() {
        Some(netuid) => network::Call::announce_rubric { netuid, rubric: [7; 32] }.into(),
        None => crate::Call::spend { to: 9, amount: TaoBalance::from_tokens(10) }.into(),
    };
    let registered = track.subnet().and_then(Network::subnet).map(|(_, since)| since);
    submit(track, enacting(call, registered)).expect("it is submitted")
}

/// The same, with its deposit for the decision.
pub fn begin(track: TrackId) -> PollId {
    let poll = open(track);
    Referenda::place_decision_deposit(signed(ALICE), poll).expect("Alice has TAO");
    poll
}

pub fn lock(who: u32, asset: Asset, tokens: u64) {
    Governance::lock(signed(who), asset, tokens * TAO).expect("it holds them");
}

pub fn vote(who: u32, poll: PollId, aye: bool) -> DispatchResult {
    vote_with(who, poll, aye, ONE)
}

pub fn vote_with(who: u32, poll: PollId, aye: bool, multiplier: Multiplier) -> DispatchResult {
    let voted = Governance::vote(signed(who), poll, aye, multiplier);
    voted.map(drop).map_err(|refused| refused.error)
}

pub fn tally(poll: PollId) -> Tally {
    pallet_referenda::Pallet::<Test>::ensure_ongoing(poll).expect("it goes on").tally.tally
}

/// Ayes and nays in TAO, and support in TAO.
pub fn counted(poll: PollId) -> (u128, u128, u128) {
    let (tally, tao) = (tally(poll), u128::from(TAO));
    (tally.ayes / (2 * tao), tally.nays / (2 * tao), tally.support / tao)
}

/// Events of this pallet so far.
pub fn events() -> Vec<crate::Event<Test>> {
    let own = |record: frame_system::EventRecord<RuntimeEvent, _>| match record.event {
        RuntimeEvent::Governance(event) => Some(event),
        _ => None,
    };
    System::events().into_iter().filter_map(own).collect()
}

/// The track of payments.
pub fn payments() -> TrackId {
    Kind::Treasury.id()
}
