//! Declarations of the pallet: what it stores, says, refuses and offers. No rule is in this file.
//!
//! Names, key hashers, value types, defaults and indices are part of the official interface; clients depend on all of
//! them. Each storage item is written by one owner type only, named in its section or its line.

// Dispatchables have as many arguments as their official counterparts.
#![allow(clippy::too_many_arguments)]
// FRAME wants a module of its own.
#![allow(clippy::module_inception)]

pub use pallet::*;

#[frame_support::pallet]
pub mod pallet {
    use alloc::{
        collections::{BTreeMap, BTreeSet, VecDeque},
        vec::Vec,
    };

    use codec::Compact;
    use frame_support::{
        pallet_prelude::*,
        traits::{
            fungible::{Balanced, Inspect, Mutate},
            ConstBool, ConstU64,
        },
        PalletId,
    };
    use frame_system::pallet_prelude::*;
    use myelin_abi::{
        AxonInfo, ChainIdentityV2, EpochConsensus, LockState, MinerCollateralState, NetworkRegistrationInfo,
        NeuronCertificate, PrometheusInfo, RecycleOrBurnEnum, RootClaimTypeEnum, RubricSource,
        RubricTimeline, SubnetIdentityV3, SubnetLease,
    };
    use myelin_economy::shares::ShareFloat;
    use myelin_units::{AlphaBalance, MechId, NetUid, TaoBalance, Uid, I96F32, U64F64, U96F32};
    use sp_core::H160;

    use crate::{
        costs::Signer,
        defaults::*,
        identity::Identities,
        keys::{FollowHotkey, KeyOwnership, SwapUnderWay},
        locks::{ConvictionCount, Locks},
        migrations::RecountStatus,
        neurons::{NeuronRegistry, PriceLimit},
        removal::{DissolveCleanupStatus, ForgetSubnet, SubnetRemoval},
        serving::Endpoints,
        stake::{
            ChildkeyTakes, DelegateTakes, Delegation, MoveLimit, Place, RootClaims, StakeLedger, TradeLimit,
        },
        subnets::{NetworkSettings, RateLimits, Rubrics, SubnetRegistry},
        types::*,
        voting::VotingPowers,
        weights::{BatchRow, Reveal, WeightLedger, MAIN},
    };

    /// What the runtime supplies.
    #[pallet::config]
    pub trait Config:
        frame_system::Config<RuntimeEvent: From<Event<Self>>>
        + pallet_commitments::Config
        + pallet_myelin_swap::Config
        + crate::alpha_assets::Config
    {
        /// The ledger of free TAO, in rao.
        type Currency: Inspect<Self::AccountId, Balance = u64>
            + Mutate<Self::AccountId>
            + Balanced<Self::AccountId>;

        /// Author of the current block, who earns the swap fees; `None` before the block names one.
        type BlockAuthor: Get<Option<Self::AccountId>>;

        /// Pallets beside this one that know something about subnets and hotkeys: it is forgotten with the subnet, and
        /// follows the hotkey.
        type OtherPallets: ForgetSubnet + FollowHotkey<Self::AccountId>;

        /// What a free call pays that is going to fail.
        type FailureFee: crate::extension::FailureFee<Self::AccountId>;
    }

    /// Version of the storage. A change of what is stored raises it and adds a migration to the runtime's list.
    pub const STORAGE_VERSION: StorageVersion = StorageVersion::new(5);

    /// The pallet itself; its metadata name in the runtime is `SubtensorModule`.
    #[pallet::pallet]
    #[pallet::storage_version(STORAGE_VERSION)]
    #[pallet::without_storage_info]
    pub struct Pallet<T>(_);

    #[pallet::extra_constants]
    impl<T: Config> Pallet<T> {
        /// Blocks between registration and start call unless genesis says otherwise.
        #[pallet::constant_name(InitialStartCallDelay)]
        fn initial_start_call_delay() -> u64 {
            0
        }

        /// Smallest stake in rao.
        #[pallet::constant_name(InitialMinStake)]
        fn initial_min_stake() -> u64 {
            MIN_STAKE.to_rao()
        }

        /// Steps in which a removed subnet is forgotten; `CurrentDissolveCleanupStatus` counts them.
        #[pallet::constant_name(RemovalSteps)]
        fn removal_steps() -> u32 {
            crate::removal::SubnetRemoval::<T>::step_count()
        }

        /// Shortest tempo an owner may choose.
        #[pallet::constant_name(MinTempo)]
        fn min_tempo() -> u16 {
            MIN_TEMPO
        }

        /// Longest tempo an owner may choose.
        #[pallet::constant_name(MaxTempo)]
        fn max_tempo() -> u16 {
            MAX_TEMPO
        }

        /// Lowest activity factor.
        #[pallet::constant_name(MinActivityCutoffFactorMilli)]
        fn min_activity_cutoff_factor_milli() -> u32 {
            MIN_ACTIVITY_CUTOFF_FACTOR_MILLI
        }

        /// Highest activity factor.
        #[pallet::constant_name(MaxActivityCutoffFactorMilli)]
        fn max_activity_cutoff_factor_milli() -> u32 {
            MAX_ACTIVITY_CUTOFF_FACTOR_MILLI
        }

        /// Price in rao of putting a hotkey in the place of another everywhere.
        #[pallet::constant_name(KeySwapCost)]
        fn key_swap_cost() -> u64 {
            KEY_SWAP_COST.to_rao()
        }

        /// Price in rao of the same on one subnet.
        #[pallet::constant_name(KeySwapOnSubnetCost)]
        fn key_swap_on_subnet_cost() -> u64 {
            KEY_SWAP_ON_SUBNET_COST.to_rao()
        }

        /// From this id the accounts of the subnets are derived.
        #[pallet::constant_name(SubtensorPalletId)]
        fn subtensor_pallet_id() -> PalletId {
            SUBNET_ACCOUNTS
        }

        /// From this id the account is derived that receives burned TAO.
        #[pallet::constant_name(BurnAccountId)]
        fn burn_account_id() -> PalletId {
            BURN_ACCOUNT
        }
    }

    // ==================================================================== storage

    // ---- Chain-wide. Owner: `SubnetRegistry` (`subnets/`) unless said otherwise

    /// Pace of the chain, fixed at genesis; every test-or-production duration follows from it.
    #[pallet::storage]
    pub type ChainProfile<T: Config> = StorageValue<_, ChainPace, ValueQuery>;

    /// TAO that exists. Owner: `TaoLedger`.
    #[pallet::storage]
    pub type TotalIssuance<T: Config> = StorageValue<_, TaoBalance, ValueQuery>;

    /// Where [`TotalIssuance`] comes from. Owner: `TaoLedger`.
    #[pallet::storage]
    pub type TaoSupply<T: Config> = StorageValue<_, Supply, ValueQuery>;

    /// TAO in all pools and on root: the sum of [`SubnetTAO`]. Owner: `PoolReserves`.
    #[pallet::storage]
    pub type TotalStake<T: Config> = StorageValue<_, TaoBalance, ValueQuery>;

    /// The emission that was computed last, of TAO or of a subnet's alpha. Owner: `emission`.
    #[pallet::storage]
    pub type BlockEmission<T: Config> = StorageValue<_, u64, ValueQuery, ConstU64<1_000_000_000>>;

    /// Weight of root stake on every other subnet, 2⁶⁴−1 = 1.
    #[pallet::storage]
    pub type TaoWeight<T: Config> = StorageValue<_, u64, ValueQuery, Tabled<{ stored("TaoWeight") }>>;

    /// Share of a parent's dividend that is recycled on its way from the child, 2⁶⁴−1 = 1.
    #[pallet::storage]
    pub type CKBurn<T: Config> = StorageValue<_, u64, ValueQuery, Tabled<{ stored("CKBurn") }>>;

    /// Smallest stake weight in rao with which weights may be set.
    #[pallet::storage]
    pub type StakeThreshold<T: Config> =
        StorageValue<_, u64, ValueQuery, Tabled<{ stored("StakeThreshold") }>>;

    /// Smallest nomination, in millionths of the smallest stake; 0 = no limit.
    #[pallet::storage]
    pub type NominatorMinRequiredStake<T: Config> =
        StorageValue<_, u64, ValueQuery, Tabled<{ stored("NominatorMinRequiredStake") }>>;

    /// Number of subnets, root included.
    #[pallet::storage]
    pub type TotalNetworks<T: Config> = StorageValue<_, u16, ValueQuery>;

    /// Most subnets besides root.
    #[pallet::storage]
    pub type SubnetLimit<T: Config> = StorageValue<_, u16, ValueQuery, Tabled<{ stored("SubnetLimit") }>>;

    /// Blocks for which a new subnet can't be removed.
    #[pallet::storage]
    pub type NetworkImmunityPeriod<T: Config> =
        StorageValue<_, u64, ValueQuery, Tabled<{ stored("NetworkImmunityPeriod") }>>;

    /// Blocks between registration and the start call.
    #[pallet::storage]
    pub type StartCallDelay<T: Config> =
        StorageValue<_, u64, ValueQuery, Tabled<{ stored("StartCallDelay") }>>;

    /// Lowest price of a subnet.
    #[pallet::storage]
    pub type NetworkMinLockCost<T: Config> =
        StorageValue<_, TaoBalance, ValueQuery, Tabled<{ stored("NetworkMinLockCost") }>>;

    /// Price that was paid last for a subnet.
    #[pallet::storage]
    pub type NetworkLastLockCost<T: Config> =
        StorageValue<_, TaoBalance, ValueQuery, Tabled<{ stored("NetworkMinLockCost") }>>;

    /// Blocks in which the price of a subnet falls from twice the last price back to it.
    #[pallet::storage]
    pub type NetworkLockReductionInterval<T: Config> =
        StorageValue<_, u64, ValueQuery, Tabled<{ stored("NetworkLockReductionInterval") }>>;

    /// Blocks between two registrations of subnets by anybody.
    #[pallet::storage]
    pub type NetworkRateLimit<T: Config> =
        StorageValue<_, u64, ValueQuery, Tabled<{ stored("NetworkRateLimit") }>>;

    /// First block at which subnets may be registered.
    #[pallet::storage]
    pub type NetworkRegistrationStartBlock<T: Config> = StorageValue<_, u64, ValueQuery>;

    /// Share of a subnet's emission that goes to its owner, 65535 = 1.
    #[pallet::storage]
    pub type SubnetOwnerCut<T: Config> =
        StorageValue<_, u16, ValueQuery, Tabled<{ stored("SubnetOwnerCut") }>>;

    /// Speed of the moving price.
    #[pallet::storage]
    pub type SubnetMovingAlpha<T: Config> =
        StorageValue<_, I96F32, ValueQuery, Tabled<{ stored("SubnetMovingAlpha") }>>;

    /// Most epochs run in one block.
    #[pallet::storage]
    pub type MaxEpochsPerBlock<T: Config> =
        StorageValue<_, u8, ValueQuery, Tabled<{ stored("MaxEpochsPerBlock") }>>;

    /// Blocks before an epoch in which owners can't change hyperparameters.
    #[pallet::storage]
    pub type AdminFreezeWindow<T: Config> =
        StorageValue<_, u16, ValueQuery, Tabled<{ stored("AdminFreezeWindow") }>>;

    /// Tempos between two changes of one hyperparameter by the owner.
    #[pallet::storage]
    pub type OwnerHyperparamRateLimit<T: Config> =
        StorageValue<_, u16, ValueQuery, Tabled<{ stored("OwnerHyperparamRateLimit") }>>;

    /// Tempos between two changes of the weights version key by the owner.
    #[pallet::storage]
    pub type WeightsVersionKeyRateLimit<T: Config> =
        StorageValue<_, u64, ValueQuery, Tabled<{ stored("WeightsVersionKeyRateLimit") }>>;

    /// Version that time-locked commits must state.
    #[pallet::storage]
    pub type CommitRevealWeightsVersion<T: Config> =
        StorageValue<_, u16, ValueQuery, Tabled<{ stored("CommitRevealWeightsVersion") }>>;

    /// Most mechanisms of a subnet.
    #[pallet::storage]
    pub type MaxMechanismCount<T: Config> =
        StorageValue<_, MechId, ValueQuery, Tabled<{ stored("MaxMechanismCount") }>>;

    /// Blocks between two key operations of one account. Read by clients; stake is not limited by it.
    #[pallet::storage]
    pub type TxRateLimit<T: Config> = StorageValue<_, u64, ValueQuery, Tabled<{ stored("TxRateLimit") }>>;

    /// Blocks between a change of a delegate's take and its next increase.
    #[pallet::storage]
    pub type TxDelegateTakeRateLimit<T: Config> =
        StorageValue<_, u64, ValueQuery, Tabled<{ stored("TxDelegateTakeRateLimit") }>>;

    /// Highest delegate take, 65535 = 1; also the take of a delegate that never set one.
    #[pallet::storage]
    pub type MaxDelegateTake<T: Config> =
        StorageValue<_, u16, ValueQuery, Tabled<{ stored("MaxDelegateTake") }>>;

    /// Lowest delegate take.
    #[pallet::storage]
    pub type MinDelegateTake<T: Config> =
        StorageValue<_, u16, ValueQuery, Tabled<{ stored("MinDelegateTake") }>>;

    /// Highest childkey take, 65535 = 1.
    #[pallet::storage]
    pub type MaxChildkeyTake<T: Config> =
        StorageValue<_, u16, ValueQuery, Tabled<{ stored("MaxChildkeyTake") }>>;

    /// Lowest childkey take.
    #[pallet::storage]
    pub type MinChildkeyTake<T: Config> =
        StorageValue<_, u16, ValueQuery, Tabled<{ stored("MinChildkeyTake") }>>;

    /// Blocks between a change of a childkey take and its next increase; genesis writes 216,000 at production pace.
    #[pallet::storage]
    pub type TxChildkeyTakeRateLimit<T: Config> =
        StorageValue<_, u64, ValueQuery, Tabled<{ stored("TxChildkeyTakeRateLimit") }>>;

    /// Blocks between naming children and their taking effect; genesis writes 7200 at production pace. Owner:
    /// `Delegation`.
    #[pallet::storage]
    pub type PendingChildKeyCooldown<T: Config> =
        StorageValue<_, u64, ValueQuery, Tabled<{ stored("PendingChildKeyCooldown") }>>;

    /// Time constant in blocks with which a decaying lock shrinks.
    #[pallet::storage]
    pub type UnlockRate<T: Config> = StorageValue<_, u64, ValueQuery, Tabled<{ stored("UnlockRate") }>>;

    /// Time constant in blocks with which conviction grows.
    #[pallet::storage]
    pub type MaturityRate<T: Config> = StorageValue<_, u64, ValueQuery, Tabled<{ stored("MaturityRate") }>>;

    /// Coldkeys whose root dividends are claimed automatically per block; 0 = none. Owner: `RootClaims`.
    #[pallet::storage]
    pub type NumRootClaim<T: Config> = StorageValue<_, u64, ValueQuery, Tabled<{ stored("NumRootClaim") }>>;

    /// Coldkeys in `StakingColdkeys`. Owner: `RootClaims`.
    #[pallet::storage]
    pub type NumStakingColdkeys<T: Config> = StorageValue<_, u64, ValueQuery>;

    // ---- Accounts. Owner: `KeyOwnership` (`keys/`)

    /// Coldkey that owns a hotkey; the zero account when nobody does.
    #[pallet::storage]
    pub type Owner<T: Config> =
        StorageMap<_, Blake2_128Concat, T::AccountId, T::AccountId, ValueQuery, NoAccount>;

    /// Hotkeys that a coldkey owns.
    #[pallet::storage]
    pub type OwnedHotkeys<T: Config> =
        StorageMap<_, Blake2_128Concat, T::AccountId, Vec<T::AccountId>, ValueQuery>;

    /// Hotkeys on which a coldkey has or had stake. Owner: `StakeLedger`.
    #[pallet::storage]
    pub type StakingHotkeys<T: Config> =
        StorageMap<_, Blake2_128Concat, T::AccountId, Vec<T::AccountId>, ValueQuery>;

    /// Share of its nominators' dividends that a hotkey keeps, 65535 = 1. Owner: `DelegateTakes`.
    #[pallet::storage]
    pub type Delegates<T: Config> =
        StorageMap<_, Blake2_128Concat, T::AccountId, u16, ValueQuery, Tabled<{ stored("MaxDelegateTake") }>>;

    /// What a coldkey published about itself. Owner: `Identities`.
    #[pallet::storage]
    pub type IdentitiesV2<T: Config> =
        StorageMap<_, Blake2_128Concat, T::AccountId, ChainIdentityV2, OptionQuery>;

    /// Block of the last action of a kind that is limited in time. Owner: `RateLimits`.
    #[pallet::storage]
    pub type LastRateLimitedBlock<T: Config> =
        StorageMap<_, Identity, RateLimitKey<T::AccountId>, u64, ValueQuery>;

    /// Block of an owner's last action of a kind on a subnet. Owner: `RateLimits`.
    #[pallet::storage]
    pub type TransactionKeyLastBlock<T: Config> = StorageNMap<
        _,
        (NMapKey<Blake2_128Concat, T::AccountId>, NMapKey<Identity, NetUid>, NMapKey<Identity, u16>),
        u64,
        ValueQuery,
    >;

    /// Block at which a coldkey last put a hotkey in the place of another on a subnet. Owner: `KeyOwnership`.
    #[pallet::storage]
    pub type LastHotkeySwapOnNetuid<T: Config> =
        StorageDoubleMap<_, Identity, NetUid, Blake2_128Concat, T::AccountId, u64, ValueQuery>;

    /// The last swap of a coldkey that is not finished: the same call goes on with it. Owner: `KeyOwnership`.
    #[pallet::storage]
    pub type SwapsUnderWay<T: Config> =
        StorageMap<_, Blake2_128Concat, T::AccountId, SwapUnderWay<T::AccountId>, OptionQuery>;

    /// The hotkey that took the place of one that nobody owned any more, and the block by which every list of children
    /// is due that was waiting then. Owner: `KeyOwnership`.
    #[pallet::storage]
    pub type ReplacedHotkeys<T: Config> =
        StorageMap<_, Blake2_128Concat, T::AccountId, (T::AccountId, u64), OptionQuery>;

    // ---- Child hotkeys. Owner: `Delegation` (`stake/`)

    /// Hotkeys to which a hotkey lends its stake on a subnet, with the proportion, 2⁶⁴−1 = 1.
    #[pallet::storage]
    pub type ChildKeys<T: Config> = StorageDoubleMap<
        _,
        Blake2_128Concat,
        T::AccountId,
        Identity,
        NetUid,
        Vec<(u64, T::AccountId)>,
        ValueQuery,
    >;

    /// Hotkeys that lend stake to a hotkey on a subnet; the mirror of `ChildKeys`.
    #[pallet::storage]
    pub type ParentKeys<T: Config> = StorageDoubleMap<
        _,
        Blake2_128Concat,
        T::AccountId,
        Identity,
        NetUid,
        Vec<(u64, T::AccountId)>,
        ValueQuery,
    >;

    /// Children that a hotkey named on a subnet and that wait, and the block after which they may take effect.
    #[pallet::storage]
    pub type PendingChildKeys<T: Config> = StorageDoubleMap<
        _,
        Identity,
        NetUid,
        Blake2_128Concat,
        T::AccountId,
        (Vec<(u64, T::AccountId)>, u64),
        ValueQuery,
    >;

    /// The same by that block, as big-endian bytes, so that what is due first is found first.
    #[pallet::storage]
    pub type PendingChildKeysByBlock<T: Config> = StorageNMap<
        _,
        (NMapKey<Identity, NetUid>, NMapKey<Identity, [u8; 8]>, NMapKey<Blake2_128Concat, T::AccountId>),
        (),
        OptionQuery,
    >;

    /// Subnets on which children of a hotkey wait.
    #[pallet::storage]
    pub type PendingChildKeySubnets<T: Config> =
        StorageMap<_, Blake2_128Concat, T::AccountId, Vec<NetUid>, ValueQuery>;

    /// Subnets on which children are due that no block had time for.
    #[pallet::storage]
    pub type PendingChildKeyBacklog<T: Config> = StorageValue<_, Vec<NetUid>, ValueQuery>;

    /// Read by clients. Empty: a hotkey whose stake falls below the threshold keeps its children on this chain.
    #[pallet::storage]
    pub type ChildkeyThresholdSuspended<T: Config> =
        StorageMap<_, Blake2_128Concat, T::AccountId, (), OptionQuery>;

    /// Share of its parents' dividends that a child keeps, 65535 = 1. Owner: `ChildkeyTakes`.
    #[pallet::storage]
    pub type ChildkeyTake<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Identity, NetUid, u16, ValueQuery>;

    /// Lowest childkey take on a subnet.
    #[pallet::storage]
    pub type MinChildkeyTakePerSubnet<T: Config> =
        StorageMap<_, Identity, NetUid, u16, ValueQuery, Tabled<{ stored("MinChildkeyTakePerSubnet") }>>;

    /// Whether a root validator lends its stake to the owner hotkey of every new subnet.
    #[pallet::storage]
    pub type AutoParentDelegationEnabled<T: Config> =
        StorageMap<_, Blake2_128Concat, T::AccountId, bool, ValueQuery, ConstBool<true>>;

    // ---- Subnets. Owner: `SubnetRegistry` (`subnets/`)

    /// Whether a subnet exists.
    #[pallet::storage]
    pub type NetworksAdded<T: Config> = StorageMap<_, Identity, NetUid, bool, ValueQuery>;

    /// Block at which a subnet was registered.
    #[pallet::storage]
    pub type NetworkRegisteredAt<T: Config> = StorageMap<_, Identity, NetUid, u64, ValueQuery>;

    /// How many subnets have had this number.
    #[pallet::storage]
    pub type RegisteredSubnetCounter<T: Config> = StorageMap<_, Identity, NetUid, u64, ValueQuery>;

    /// 1 = alpha with a pool, 0 = stable (1 alpha is 1 TAO).
    #[pallet::storage]
    pub type SubnetMechanism<T: Config> = StorageMap<_, Identity, NetUid, u16, ValueQuery>;

    /// Coldkey that owns a subnet.
    #[pallet::storage]
    pub type SubnetOwner<T: Config> = StorageMap<_, Identity, NetUid, T::AccountId, ValueQuery, NoAccount>;

    /// Hotkey that stands for a subnet's owner.
    #[pallet::storage]
    pub type SubnetOwnerHotkey<T: Config> =
        StorageMap<_, Identity, NetUid, T::AccountId, ValueQuery, NoAccount>;

    /// TAO paid for a subnet.
    #[pallet::storage]
    pub type SubnetLocked<T: Config> = StorageMap<_, Identity, NetUid, TaoBalance, ValueQuery>;

    /// Largest amount paid for a subnet.
    #[pallet::storage]
    pub type LargestLocked<T: Config> = StorageMap<_, Identity, NetUid, u64, ValueQuery>;

    /// Symbol of a subnet's token.
    #[pallet::storage]
    pub type TokenSymbol<T: Config> = StorageMap<_, Identity, NetUid, Vec<u8>, ValueQuery, Tau>;

    /// What a subnet's owner published about it. Owner: `Identities`.
    #[pallet::storage]
    pub type SubnetIdentitiesV3<T: Config> =
        StorageMap<_, Blake2_128Concat, NetUid, SubnetIdentityV3, OptionQuery>;

    /// First block that pays a subnet; set by the start call.
    #[pallet::storage]
    pub type FirstEmissionBlockNumber<T: Config> = StorageMap<_, Identity, NetUid, u64, OptionQuery>;

    /// Whether a subnet's alpha can be bought and sold.
    #[pallet::storage]
    pub type SubtokenEnabled<T: Config> =
        StorageMap<_, Identity, NetUid, bool, ValueQuery, Tabled<{ stored("SubtokenEnabled") }>>;

    /// Whether a subnet takes part in TAO emission.
    #[pallet::storage]
    pub type SubnetEmissionEnabled<T: Config> =
        StorageMap<_, Identity, NetUid, bool, ValueQuery, Tabled<{ stored("SubnetEmissionEnabled") }>>;

    /// Whether neurons can register; closing it also stops a subnet's emission.
    #[pallet::storage]
    pub type NetworkRegistrationAllowed<T: Config> =
        StorageMap<_, Identity, NetUid, bool, ValueQuery, Tabled<{ stored("NetworkRegistrationAllowed") }>>;

    /// Kept for clients: registration by proof of work is gone.
    #[pallet::storage]
    pub type NetworkPowRegistrationAllowed<T: Config> = StorageMap<
        _,
        Identity,
        NetUid,
        bool,
        ValueQuery,
        Tabled<{ stored("NetworkPowRegistrationAllowed") }>,
    >;

    /// Whether a hotkey has a uid on a subnet. Owner: `NeuronRegistry`.
    #[pallet::storage]
    pub type IsNetworkMember<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Identity, NetUid, bool, ValueQuery>;

    // ---- Hyperparameters of a subnet. Owner: `Hyperparameters` (`subnets/`)

    /// Blocks between two epochs.
    #[pallet::storage]
    pub type Tempo<T: Config> = StorageMap<_, Identity, NetUid, u16, ValueQuery, Tabled<{ stored("Tempo") }>>;

    /// Blocks after which a validator counts as idle, in thousandths of the tempo.
    #[pallet::storage]
    pub type ActivityCutoffFactorMilli<T: Config> =
        StorageMap<_, Identity, NetUid, u32, ValueQuery, Tabled<{ stored("ActivityCutoffFactorMilli") }>>;

    /// Kept for clients: replaced by `ActivityCutoffFactorMilli`.
    #[pallet::storage]
    pub type ActivityCutoff<T: Config> =
        StorageMap<_, Identity, NetUid, u16, ValueQuery, Tabled<{ stored("ActivityCutoff") }>>;

    /// Share of stake that must support a weight, 65535 = 1.
    #[pallet::storage]
    pub type Kappa<T: Config> = StorageMap<_, Identity, NetUid, u16, ValueQuery, Tabled<{ stored("Kappa") }>>;

    /// Kept for clients: unused by consensus.
    #[pallet::storage]
    pub type Rho<T: Config> = StorageMap<_, Identity, NetUid, u16, ValueQuery, Tabled<{ stored("Rho") }>>;

    /// How much of the old bond survives an epoch, in millionths.
    #[pallet::storage]
    pub type BondsMovingAverage<T: Config> =
        StorageMap<_, Identity, NetUid, u64, ValueQuery, Tabled<{ stored("BondsMovingAverage") }>>;

    /// How far bonds follow clipped weights, 65535 = 1.
    #[pallet::storage]
    pub type BondsPenalty<T: Config> =
        StorageMap<_, Identity, NetUid, u16, ValueQuery, Tabled<{ stored("BondsPenalty") }>>;

    /// Whether a miner may reset the bonds toward it.
    #[pallet::storage]
    pub type BondsResetOn<T: Config> =
        StorageMap<_, Identity, NetUid, bool, ValueQuery, Tabled<{ stored("BondsResetOn") }>>;

    /// Whether bonds follow Yuma 3.
    #[pallet::storage]
    pub type Yuma3On<T: Config> =
        StorageMap<_, Blake2_128Concat, NetUid, bool, ValueQuery, Tabled<{ stored("Yuma3On") }>>;

    /// Whether the speed of bonds depends on agreement.
    #[pallet::storage]
    pub type LiquidAlphaOn<T: Config> =
        StorageMap<_, Blake2_128Concat, NetUid, bool, ValueQuery, Tabled<{ stored("LiquidAlphaOn") }>>;

    /// Bounds of that speed, 65535 = 1.
    #[pallet::storage]
    pub type AlphaValues<T: Config> =
        StorageMap<_, Identity, NetUid, (u16, u16), ValueQuery, LiquidAlphaRange>;

    /// Steepness of that dependence, in hundredths.
    #[pallet::storage]
    pub type AlphaSigmoidSteepness<T: Config> =
        StorageMap<_, Identity, NetUid, i16, ValueQuery, Tabled<{ stored("AlphaSigmoidSteepness") }>>;

    /// Most neurons.
    #[pallet::storage]
    pub type MaxAllowedUids<T: Config> =
        StorageMap<_, Identity, NetUid, u16, ValueQuery, Tabled<{ stored("MaxAllowedUids") }>>;

    /// Lowest `MaxAllowedUids` that trimming may reach.
    #[pallet::storage]
    pub type MinAllowedUids<T: Config> =
        StorageMap<_, Identity, NetUid, u16, ValueQuery, Tabled<{ stored("MinAllowedUids") }>>;

    /// Most validators with a permit.
    #[pallet::storage]
    pub type MaxAllowedValidators<T: Config> =
        StorageMap<_, Identity, NetUid, u16, ValueQuery, Tabled<{ stored("MaxAllowedValidators") }>>;

    /// Fewest weights a validator may set.
    #[pallet::storage]
    pub type MinAllowedWeights<T: Config> =
        StorageMap<_, Identity, NetUid, u16, ValueQuery, Tabled<{ stored("MinAllowedWeights") }>>;

    /// Largest share of one weight; constant.
    #[pallet::storage]
    pub type MaxWeightsLimit<T: Config> =
        StorageMap<_, Identity, NetUid, u16, ValueQuery, Tabled<{ stored("MaxWeightsLimit") }>>;

    /// Blocks between two sets or commits of weights.
    #[pallet::storage]
    pub type WeightsSetRateLimit<T: Config> =
        StorageMap<_, Identity, NetUid, u64, ValueQuery, Tabled<{ stored("WeightsSetRateLimit") }>>;

    /// Lowest version key that weights must carry; 0 = any.
    #[pallet::storage]
    pub type WeightsVersionKey<T: Config> =
        StorageMap<_, Identity, NetUid, u64, ValueQuery, Tabled<{ stored("WeightsVersionKey") }>>;

    /// Whether weights must be committed before they are revealed.
    #[pallet::storage]
    pub type CommitRevealWeightsEnabled<T: Config> =
        StorageMap<_, Identity, NetUid, bool, ValueQuery, Tabled<{ stored("CommitRevealWeightsEnabled") }>>;

    /// Epochs between commit and reveal.
    #[pallet::storage]
    pub type RevealPeriodEpochs<T: Config> =
        StorageMap<_, Twox64Concat, NetUid, u64, ValueQuery, Tabled<{ stored("RevealPeriodEpochs") }>>;

    /// Blocks for which a new neuron is spared by pruning.
    #[pallet::storage]
    pub type ImmunityPeriod<T: Config> =
        StorageMap<_, Identity, NetUid, u16, ValueQuery, Tabled<{ stored("ImmunityPeriod") }>>;

    /// Hotkeys of the owner that pruning never touches.
    #[pallet::storage]
    pub type ImmuneOwnerUidsLimit<T: Config> =
        StorageMap<_, Identity, NetUid, u16, ValueQuery, Tabled<{ stored("ImmuneOwnerUidsLimit") }>>;

    /// Pruning spares immune neurons only while more than this many are not immune.
    #[pallet::storage]
    pub type MinNonImmuneUids<T: Config> =
        StorageMap<_, Identity, NetUid, u16, ValueQuery, Tabled<{ stored("MinNonImmuneUids") }>>;

    /// Blocks between two announcements of an endpoint.
    #[pallet::storage]
    pub type ServingRateLimit<T: Config> =
        StorageMap<_, Identity, NetUid, u64, ValueQuery, Tabled<{ stored("ServingRateLimit") }>>;

    /// Most root registrations in a block; other subnets are throttled by price.
    #[pallet::storage]
    pub type MaxRegistrationsPerBlock<T: Config> =
        StorageMap<_, Identity, NetUid, u16, ValueQuery, Tabled<{ stored("MaxRegistrationsPerBlock") }>>;

    /// A third of the root registrations allowed in an interval.
    #[pallet::storage]
    pub type TargetRegistrationsPerInterval<T: Config> = StorageMap<
        _,
        Identity,
        NetUid,
        u16,
        ValueQuery,
        Tabled<{ stored("TargetRegistrationsPerInterval") }>,
    >;

    /// Kept for clients: prices adjust in every block.
    #[pallet::storage]
    pub type AdjustmentInterval<T: Config> =
        StorageMap<_, Identity, NetUid, u16, ValueQuery, Tabled<{ stored("AdjustmentInterval") }>>;

    /// Kept for clients: prices adjust in every block.
    #[pallet::storage]
    pub type AdjustmentAlpha<T: Config> =
        StorageMap<_, Identity, NetUid, u64, ValueQuery, Tabled<{ stored("AdjustmentAlpha") }>>;

    /// Kept for clients: registration by proof of work is gone.
    #[pallet::storage]
    pub type Difficulty<T: Config> =
        StorageMap<_, Identity, NetUid, u64, ValueQuery, Tabled<{ stored("Difficulty") }>>;

    /// Kept for clients: registration by proof of work is gone.
    #[pallet::storage]
    pub type MinDifficulty<T: Config> =
        StorageMap<_, Identity, NetUid, u64, ValueQuery, Tabled<{ stored("MinDifficulty") }>>;

    /// Kept for clients: registration by proof of work is gone.
    #[pallet::storage]
    pub type MaxDifficulty<T: Config> =
        StorageMap<_, Identity, NetUid, u64, ValueQuery, Tabled<{ stored("MaxDifficulty") }>>;

    /// Lowest price of a registration.
    #[pallet::storage]
    pub type MinBurn<T: Config> =
        StorageMap<_, Identity, NetUid, TaoBalance, ValueQuery, Tabled<{ stored("MinBurn") }>>;

    /// Highest price of a registration.
    #[pallet::storage]
    pub type MaxBurn<T: Config> =
        StorageMap<_, Identity, NetUid, TaoBalance, ValueQuery, Tabled<{ stored("MaxBurn") }>>;

    /// Blocks in which the price of a registration halves; 0 = never.
    #[pallet::storage]
    pub type BurnHalfLife<T: Config> =
        StorageMap<_, Identity, NetUid, u16, ValueQuery, Tabled<{ stored("BurnHalfLife") }>>;

    /// Factor by which a registration raises the price.
    #[pallet::storage]
    pub type BurnIncreaseMult<T: Config> =
        StorageMap<_, Identity, NetUid, U64F64, ValueQuery, Tabled<{ stored("BurnIncreaseMult") }>>;

    /// Whether stake may change its coldkey.
    #[pallet::storage]
    pub type TransferToggle<T: Config> =
        StorageMap<_, Identity, NetUid, bool, ValueQuery, Tabled<{ stored("TransferToggle") }>>;

    /// Whether the owner gets a share of the emission.
    #[pallet::storage]
    pub type OwnerCutEnabled<T: Config> =
        StorageMap<_, Identity, NetUid, bool, ValueQuery, Tabled<{ stored("OwnerCutEnabled") }>>;

    /// Whether the owner's share is locked when it is paid.
    #[pallet::storage]
    pub type OwnerCutAutoLockEnabled<T: Config> =
        StorageMap<_, Identity, NetUid, bool, ValueQuery, Tabled<{ stored("OwnerCutAutoLockEnabled") }>>;

    /// What happens to miner emission withheld from the owner.
    #[pallet::storage]
    pub type RecycleOrBurn<T: Config> = StorageMap<_, Identity, NetUid, RecycleOrBurnEnum, ValueQuery>;

    /// Mechanisms of a subnet.
    #[pallet::storage]
    pub type MechanismCountCurrent<T: Config> =
        StorageMap<_, Twox64Concat, NetUid, MechId, ValueQuery, Tabled<{ stored("MechanismCountCurrent") }>>;

    /// Shares of the mechanisms, 65535 = 1; equal shares when absent.
    #[pallet::storage]
    pub type MechanismEmissionSplit<T: Config> = StorageMap<_, Twox64Concat, NetUid, Vec<u16>, OptionQuery>;

    /// Blocks after which the moving price moves at half its full speed.
    #[pallet::storage]
    pub type EMAPriceHalvingBlocks<T: Config> =
        StorageMap<_, Identity, NetUid, u64, ValueQuery, Tabled<{ stored("EMAPriceHalvingBlocks") }>>;

    // ---- Neurons. Owner: `NeuronRegistry` (`neurons/`)

    /// Neurons of a subnet; uids are dense below it.
    #[pallet::storage]
    pub type SubnetworkN<T: Config> = StorageMap<_, Identity, NetUid, u16, ValueQuery>;

    /// Uid of a hotkey.
    #[pallet::storage]
    pub type Uids<T: Config> =
        StorageDoubleMap<_, Identity, NetUid, Blake2_128Concat, T::AccountId, Uid, OptionQuery>;

    /// Hotkey of a uid.
    #[pallet::storage]
    pub type Keys<T: Config> =
        StorageDoubleMap<_, Identity, NetUid, Identity, Uid, T::AccountId, ValueQuery, NoAccount>;

    /// Block at which a uid got its hotkey.
    #[pallet::storage]
    pub type BlockAtRegistration<T: Config> =
        StorageDoubleMap<_, Identity, NetUid, Identity, Uid, u64, ValueQuery>;

    /// What an epoch asks about every neuron, by uid: a part of what other items say, in one row. Owner:
    /// `NeuronRegistry` (`neurons/roster.rs`).
    #[pallet::storage]
    pub type SubnetRoster<T: Config> =
        StorageMap<_, Identity, NetUid, Vec<crate::neurons::Seat<T::AccountId>>, ValueQuery>;

    /// Price of a registration now.
    #[pallet::storage]
    pub type Burn<T: Config> =
        StorageMap<_, Identity, NetUid, TaoBalance, ValueQuery, Tabled<{ stored("Burn") }>>;

    /// TAO spent on registrations.
    #[pallet::storage]
    pub type RAORecycledForRegistration<T: Config> = StorageMap<_, Identity, NetUid, TaoBalance, ValueQuery>;

    /// Registrations in this block.
    #[pallet::storage]
    pub type RegistrationsThisBlock<T: Config> = StorageMap<_, Identity, NetUid, u16, ValueQuery>;

    /// Registrations in this interval; only root is limited by it.
    #[pallet::storage]
    pub type RegistrationsThisInterval<T: Config> = StorageMap<_, Identity, NetUid, u16, ValueQuery>;

    /// The same for registrations that were paid for.
    #[pallet::storage]
    pub type BurnRegistrationsThisInterval<T: Config> = StorageMap<_, Identity, NetUid, u16, ValueQuery>;

    /// Block at which the interval began.
    #[pallet::storage]
    pub type LastAdjustmentBlock<T: Config> = StorageMap<_, Identity, NetUid, u64, ValueQuery>;

    // ---- Serving. Owner: `Endpoints` (`serving/`)

    /// Where a neuron answers requests.
    #[pallet::storage]
    pub type Axons<T: Config> =
        StorageDoubleMap<_, Identity, NetUid, Blake2_128Concat, T::AccountId, AxonInfo, OptionQuery>;

    /// Where a neuron shows its metrics.
    #[pallet::storage]
    pub type Prometheus<T: Config> =
        StorageDoubleMap<_, Identity, NetUid, Blake2_128Concat, T::AccountId, PrometheusInfo, OptionQuery>;

    /// The key a neuron serves TLS with.
    #[pallet::storage]
    pub type NeuronCertificates<T: Config> =
        StorageDoubleMap<_, Identity, NetUid, Blake2_128Concat, T::AccountId, NeuronCertificate, OptionQuery>;

    // ---- Results of epochs, by uid. Owner: `epoch/` (a replaced neuron is cleared by `NeuronRegistry`)

    /// Whether a neuron set weights lately.
    #[pallet::storage]
    pub type Active<T: Config> = StorageMap<_, Identity, NetUid, Vec<bool>, ValueQuery>;

    /// Consensus weight, 65535 = 1.
    #[pallet::storage]
    pub type Consensus<T: Config> = StorageMap<_, Identity, NetUid, Vec<u16>, ValueQuery>;

    /// Share of miner emission per mechanism, 65535 = 1.
    #[pallet::storage]
    pub type Incentive<T: Config> = StorageMap<_, Identity, u16, Vec<u16>, ValueQuery>;

    /// Share of validator emission, 65535 = 1.
    #[pallet::storage]
    pub type Dividends<T: Config> = StorageMap<_, Identity, NetUid, Vec<u16>, ValueQuery>;

    /// Alpha of the last epoch.
    #[pallet::storage]
    pub type Emission<T: Config> = StorageMap<_, Identity, NetUid, Vec<AlphaBalance>, ValueQuery>;

    /// Sum of clipped weights, 65535 = 1.
    #[pallet::storage]
    pub type ValidatorTrust<T: Config> = StorageMap<_, Identity, NetUid, Vec<u16>, ValueQuery>;

    /// Whether a neuron may validate.
    #[pallet::storage]
    pub type ValidatorPermit<T: Config> = StorageMap<_, Identity, NetUid, Vec<bool>, ValueQuery>;

    /// Share of stake, 65535 = 1.
    #[pallet::storage]
    pub type StakeWeight<T: Config> = StorageMap<_, Identity, NetUid, Vec<u16>, ValueQuery>;

    /// Bonds of a validator per mechanism: (miner uid, bond).
    #[pallet::storage]
    pub type Bonds<T: Config> =
        StorageDoubleMap<_, Identity, u16, Identity, Uid, Vec<(u16, u16)>, ValueQuery>;

    // ---- Schedule of epochs. Owner: `epoch/`

    /// Block of the last epoch slot.
    #[pallet::storage]
    pub type LastEpochBlock<T: Config> = StorageMap<_, Identity, NetUid, u64, ValueQuery>;

    /// Block of a triggered or deferred epoch; 0 = none.
    #[pallet::storage]
    pub type PendingEpochAt<T: Config> = StorageMap<_, Identity, NetUid, u64, ValueQuery>;

    /// Blocks since the last epoch.
    #[pallet::storage]
    pub type BlocksSinceLastStep<T: Config> = StorageMap<_, Identity, NetUid, u64, ValueQuery>;

    /// Block of the last epoch that paid. The spelling is official.
    #[pallet::storage]
    pub type LastMechansimStepBlock<T: Config> = StorageMap<_, Identity, NetUid, u64, ValueQuery>;

    /// Number of epoch slots consumed.
    #[pallet::storage]
    pub type SubnetEpochIndex<T: Config> = StorageMap<_, Identity, NetUid, u64, ValueQuery>;

    // ---- Voting power. Owner: `VotingPowers` (`voting/`)

    /// Moving average of what a validator's stake counts for, in rao.
    #[pallet::storage]
    pub type VotingPower<T: Config> =
        StorageDoubleMap<_, Identity, NetUid, Blake2_128Concat, T::AccountId, u64, ValueQuery>;

    /// Sum of the voting power on a subnet.
    #[pallet::storage]
    pub type TotalVotingPower<T: Config> = StorageMap<_, Identity, NetUid, u64, ValueQuery>;

    /// Whether the epochs of a subnet track voting power.
    #[pallet::storage]
    pub type VotingPowerTrackingEnabled<T: Config> = StorageMap<_, Identity, NetUid, bool, ValueQuery>;

    /// The first epoch at or after this block ends tracking; 0 = no end.
    #[pallet::storage]
    pub type VotingPowerDisableAtBlock<T: Config> = StorageMap<_, Identity, NetUid, u64, ValueQuery>;

    /// How fast voting power follows stake, 10¹⁸ = at once.
    #[pallet::storage]
    pub type VotingPowerEmaAlpha<T: Config> =
        StorageMap<_, Identity, NetUid, u64, ValueQuery, Tabled<{ stored("VotingPowerEmaAlpha") }>>;

    // ---- Weights. Owner: `WeightLedger` (`weights/`)

    /// Weights of a validator per mechanism: (miner uid, weight), largest 65535.
    #[pallet::storage]
    pub type Weights<T: Config> =
        StorageDoubleMap<_, Identity, u16, Identity, Uid, Vec<(u16, u16)>, ValueQuery>;

    /// Block of a neuron's last set or commit per mechanism, by uid.
    #[pallet::storage]
    pub type LastUpdate<T: Config> = StorageMap<_, Identity, u16, Vec<u64>, ValueQuery>;

    /// Unrevealed hash commits of a hotkey per mechanism, oldest first.
    #[pallet::storage]
    pub type WeightCommits<T: Config> = StorageDoubleMap<
        _,
        Twox64Concat,
        u16,
        Twox64Concat,
        T::AccountId,
        VecDeque<HashCommit<T::Hash>>,
        OptionQuery,
    >;

    /// Hotkeys whose unrevealed commits a hotkey took over, oldest first; hashes in its queue may name them instead of
    /// itself.
    #[pallet::storage]
    pub type CommitSigners<T: Config> =
        StorageDoubleMap<_, Twox64Concat, u16, Twox64Concat, T::AccountId, Vec<T::AccountId>, ValueQuery>;

    /// Unrevealed time-locked commits per mechanism and epoch. Empty: time-locked commits come later.
    #[pallet::storage]
    pub type TimelockedWeightCommits<T: Config> = StorageDoubleMap<
        _,
        Twox64Concat,
        u16,
        Twox64Concat,
        u64,
        VecDeque<TimelockedCommit<T::AccountId>>,
        ValueQuery,
    >;

    // ---- Pools. Owner: `PoolReserves` (`pools/`)

    /// TAO in a pool; on root, all TAO staked there.
    #[pallet::storage]
    pub type SubnetTAO<T: Config> = StorageMap<_, Identity, NetUid, TaoBalance, ValueQuery>;

    /// Alpha in a pool.
    #[pallet::storage]
    pub type SubnetAlphaIn<T: Config> = StorageMap<_, Identity, NetUid, AlphaBalance, ValueQuery>;

    /// Alpha outside the pool.
    #[pallet::storage]
    pub type SubnetAlphaOut<T: Config> = StorageMap<_, Identity, NetUid, AlphaBalance, ValueQuery>;

    /// Alpha bought by the chain and held by nobody.
    #[pallet::storage]
    pub type SubnetProtocolAlpha<T: Config> = StorageMap<_, Identity, NetUid, AlphaBalance, ValueQuery>;

    /// TAO that passed through a pool, in rao.
    #[pallet::storage]
    pub type SubnetVolume<T: Config> = StorageMap<_, Identity, NetUid, u128, ValueQuery>;

    /// Moving average of the price in TAO per alpha. Owner: `emission`.
    #[pallet::storage]
    pub type SubnetMovingPrice<T: Config> = StorageMap<_, Identity, NetUid, I96F32, ValueQuery>;

    /// Alpha put into the pool by the last block. Owner: `emission`.
    #[pallet::storage]
    pub type SubnetAlphaInEmission<T: Config> = StorageMap<_, Identity, NetUid, AlphaBalance, ValueQuery>;

    /// Alpha minted for owner, miners and validators by the last block. Owner: `emission`.
    #[pallet::storage]
    pub type SubnetAlphaOutEmission<T: Config> = StorageMap<_, Identity, NetUid, AlphaBalance, ValueQuery>;

    /// TAO put into the pool by the last block. Owner: `emission`.
    #[pallet::storage]
    pub type SubnetTaoInEmission<T: Config> = StorageMap<_, Identity, NetUid, TaoBalance, ValueQuery>;

    /// TAO with which the last block bought alpha. Owner: `emission`.
    #[pallet::storage]
    pub type SubnetExcessTao<T: Config> = StorageMap<_, Identity, NetUid, TaoBalance, ValueQuery>;

    /// Root proportion after the last block, for display. Owner: `emission`.
    #[pallet::storage]
    pub type RootProp<T: Config> = StorageMap<_, Identity, NetUid, U96F32, ValueQuery>;

    /// Moving average of TAO flow. Empty: shares follow prices.
    #[pallet::storage]
    pub type SubnetEmaTaoFlow<T: Config> = StorageMap<_, Identity, NetUid, (u64, I96F32), OptionQuery>;

    // ---- Pots and pay-out. Owner: `emission/`

    /// Alpha waiting for miners.
    #[pallet::storage]
    pub type PendingServerEmission<T: Config> = StorageMap<_, Identity, NetUid, AlphaBalance, ValueQuery>;

    /// Alpha waiting for validators and their nominators.
    #[pallet::storage]
    pub type PendingValidatorEmission<T: Config> = StorageMap<_, Identity, NetUid, AlphaBalance, ValueQuery>;

    /// Alpha waiting for root stakers.
    #[pallet::storage]
    pub type PendingRootAlphaDivs<T: Config> = StorageMap<_, Identity, NetUid, AlphaBalance, ValueQuery>;

    /// Alpha waiting for the owner.
    #[pallet::storage]
    pub type PendingOwnerCut<T: Config> = StorageMap<_, Identity, NetUid, AlphaBalance, ValueQuery>;

    /// Share of the last miner emission that was withheld from the owner's hotkeys.
    #[pallet::storage]
    pub type MinerBurned<T: Config> = StorageMap<_, Identity, NetUid, U96F32, ValueQuery>;

    /// Dividend of a hotkey's stakers in the last epoch.
    #[pallet::storage]
    pub type AlphaDividendsPerSubnet<T: Config> =
        StorageDoubleMap<_, Identity, NetUid, Blake2_128Concat, T::AccountId, AlphaBalance, ValueQuery>;

    /// Root dividend of a hotkey in the last epoch, in alpha.
    #[pallet::storage]
    pub type RootAlphaDividendsPerSubnet<T: Config> =
        StorageDoubleMap<_, Identity, NetUid, Blake2_128Concat, T::AccountId, AlphaBalance, ValueQuery>;

    /// Hotkey on which a coldkey wants its miner emission staked. Owner: `StakeLedger`.
    #[pallet::storage]
    pub type AutoStakeDestination<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Identity, NetUid, T::AccountId, OptionQuery>;

    /// The coldkeys that chose a hotkey in `AutoStakeDestination`. Owner: `StakeLedger`.
    #[pallet::storage]
    pub type AutoStakeChoosers<T: Config> = StorageNMap<
        _,
        (
            NMapKey<Blake2_128Concat, T::AccountId>,
            NMapKey<Identity, NetUid>,
            NMapKey<Blake2_128Concat, T::AccountId>,
        ),
        (),
        OptionQuery,
    >;

    // ---- Stake. Owner: `StakeLedger` (`stake/`)

    /// Alpha staked on a hotkey by everybody.
    #[pallet::storage]
    pub type TotalHotkeyAlpha<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Identity, NetUid, AlphaBalance, ValueQuery>;

    /// Alpha staked on all hotkeys of a subnet.
    #[pallet::storage]
    pub type TotalAlphaStaked<T: Config> = StorageMap<_, Identity, NetUid, AlphaBalance, ValueQuery>;

    /// What a hotkey had after the last epoch. Owner: `emission`.
    #[pallet::storage]
    pub type TotalHotkeyAlphaLastEpoch<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Identity, NetUid, AlphaBalance, ValueQuery>;

    /// Shares in that alpha.
    #[pallet::storage]
    pub type TotalHotkeySharesV2<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Identity, NetUid, ShareFloat, ValueQuery>;

    /// Shares of a coldkey in the alpha of a hotkey on a subnet.
    #[pallet::storage]
    pub type AlphaV2<T: Config> = StorageNMap<
        _,
        (
            NMapKey<Blake2_128Concat, T::AccountId>,
            NMapKey<Blake2_128Concat, T::AccountId>,
            NMapKey<Identity, NetUid>,
        ),
        ShareFloat,
        ValueQuery,
    >;

    // ---- Root dividends. Owner: `RootClaims` (`stake/`)

    /// Alpha owed per rao of root stake, by subnet.
    #[pallet::storage]
    pub type RootClaimable<T: Config> =
        StorageMap<_, Blake2_128Concat, T::AccountId, BTreeMap<NetUid, I96F32>, ValueQuery>;

    /// Alpha of a subnet that has accrued to root stakers and that nobody has claimed yet.
    #[pallet::storage]
    pub type RootClaimPot<T: Config> = StorageMap<_, Identity, NetUid, AlphaBalance, ValueQuery>;

    /// Alpha that a (hotkey, coldkey) has had, or that accrued before it staked.
    #[pallet::storage]
    pub type RootClaimed<T: Config> = StorageNMap<
        _,
        (
            NMapKey<Identity, NetUid>,
            NMapKey<Blake2_128Concat, T::AccountId>,
            NMapKey<Blake2_128Concat, T::AccountId>,
        ),
        u128,
        ValueQuery,
    >;

    /// What a coldkey wants done with its root dividends.
    #[pallet::storage]
    pub type RootClaimType<T: Config> =
        StorageMap<_, Blake2_128Concat, T::AccountId, RootClaimTypeEnum, ValueQuery>;

    /// Smallest claim on a subnet.
    #[pallet::storage]
    pub type RootClaimableThreshold<T: Config> = StorageMap<
        _,
        Blake2_128Concat,
        NetUid,
        I96F32,
        ValueQuery,
        Tabled<{ stored("RootClaimableThreshold") }>,
    >;

    /// Index of a coldkey that has root stake.
    #[pallet::storage]
    pub type StakingColdkeys<T: Config> = StorageMap<_, Identity, T::AccountId, u64, OptionQuery>;

    /// The coldkey of an index.
    #[pallet::storage]
    pub type StakingColdkeysByIndex<T: Config> = StorageMap<_, Identity, u64, T::AccountId, OptionQuery>;

    // ---- Locks. Owner: `Locks` (`locks/`)

    /// Lock of a coldkey on a subnet in favour of a hotkey.
    #[pallet::storage]
    pub type Lock<T: Config> = StorageNMap<
        _,
        (
            NMapKey<Blake2_128Concat, T::AccountId>,
            NMapKey<Identity, NetUid>,
            NMapKey<Blake2_128Concat, T::AccountId>,
        ),
        LockState,
        OptionQuery,
    >;

    /// Sum of perpetual locks in favour of a hotkey.
    #[pallet::storage]
    pub type HotkeyLock<T: Config> =
        StorageDoubleMap<_, Identity, NetUid, Blake2_128Concat, T::AccountId, LockState, OptionQuery>;

    /// Sum of decaying locks in favour of a hotkey.
    #[pallet::storage]
    pub type DecayingHotkeyLock<T: Config> =
        StorageDoubleMap<_, Identity, NetUid, Blake2_128Concat, T::AccountId, LockState, OptionQuery>;

    /// Sum of perpetual locks in favour of the owner.
    #[pallet::storage]
    pub type OwnerLock<T: Config> = StorageMap<_, Identity, NetUid, LockState, OptionQuery>;

    /// Sum of decaying locks in favour of the owner.
    #[pallet::storage]
    pub type DecayingOwnerLock<T: Config> = StorageMap<_, Identity, NetUid, LockState, OptionQuery>;

    /// `false` for a coldkey whose lock on a subnet is perpetual.
    #[pallet::storage]
    pub type DecayingLock<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Identity, NetUid, bool, OptionQuery>;

    /// Coldkeys with a lock in favour of a hotkey.
    #[pallet::storage]
    pub type LockingColdkeys<T: Config> = StorageNMap<
        _,
        (
            NMapKey<Identity, NetUid>,
            NMapKey<Blake2_128Concat, T::AccountId>,
            NMapKey<Blake2_128Concat, T::AccountId>,
        ),
        (),
        OptionQuery,
    >;

    /// Choices of an account, one per bit. Bit 0: it accepts locked alpha from others.
    #[pallet::storage]
    pub type AccountFlags<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, u128, ValueQuery>;

    /// Block at which a hotkey with locks ceased to stand for the owner of a subnet.
    #[pallet::storage]
    pub type OwnershipEnded<T: Config> =
        StorageDoubleMap<_, Identity, NetUid, Blake2_128Concat, T::AccountId, u64, OptionQuery>;

    /// Block at which the hotkey that stands for the owner of a subnet took another one's place. Absent where none did.
    #[pallet::storage]
    pub type OwnershipBegan<T: Config> = StorageMap<_, Identity, NetUid, u64, ValueQuery>;

    /// Counts of convictions that take several blocks. Owner: `Takeover`.
    #[pallet::storage]
    pub type TakeoverCounts<T: Config> =
        StorageMap<_, Identity, NetUid, ConvictionCount<T::AccountId>, OptionQuery>;

    /// Hotkeys that a count of convictions has counted, with the block of which it counts. Entries of earlier counts
    /// mean nothing. Owner: `Takeover`.
    #[pallet::storage]
    pub type CountedConvictions<T: Config> =
        StorageDoubleMap<_, Identity, NetUid, Blake2_128Concat, T::AccountId, u64, OptionQuery>;

    /// The subnet whose count of convictions went on last. Owner: `Takeover`.
    #[pallet::storage]
    pub type TakeoverServed<T: Config> = StorageValue<_, NetUid, OptionQuery>;

    // ---- Removal of subnets. Owners: `SubnetRemoval`, `WaitingRegistrations` (`removal/`)

    /// Subnets that are gone and whose storage is not, in the order of their removal. Their numbers are taken.
    #[pallet::storage]
    pub type DissolveCleanupQueue<T: Config> = StorageValue<_, Vec<NetUid>, ValueQuery>;

    /// How far the removal of the first of them has come.
    #[pallet::storage]
    pub type CurrentDissolveCleanupStatus<T: Config> = StorageValue<_, DissolveCleanupStatus, OptionQuery>;

    /// Claims on the pool of the subnet that is being removed, in the order in which they were found: who claims
    /// (nobody: the chain itself), and the alpha.
    #[pallet::storage]
    pub type RemovalClaims<T: Config> =
        StorageMap<_, Identity, u64, (Option<T::AccountId>, AlphaBalance), OptionQuery>;

    /// Parts of that pool under their rank (`myelin_economy::dissolve::rank`): who gets it, and the TAO.
    #[pallet::storage]
    pub type RemovalParts<T: Config> =
        StorageMap<_, Identity, [u8; 24], (Option<T::AccountId>, TaoBalance), OptionQuery>;

    /// Subnets that are paid for and wait for a number, the next one first.
    #[pallet::storage]
    pub type NetworkRegistrationQueue<T: Config> =
        StorageValue<_, Vec<NetworkRegistrationInfo<T::AccountId>>, ValueQuery>;

    /// Number of the next entry of that queue.
    #[pallet::storage]
    pub type NetworkRegistrationLockId<T: Config> = StorageValue<_, u32, ValueQuery>;

    /// Where the look at all nominations goes on that a change of their minimum began: the last storage key seen.
    /// Owner: `StakeLedger`.
    #[pallet::storage]
    pub type NominationSweep<T: Config> = StorageValue<_, Vec<u8>, OptionQuery>;

    /// Which hotkeys may have root stake, one bit for all that begin with the same two bytes. Owner: `StakeLedger`
    /// (`stake/root_marks.rs`).
    #[pallet::storage]
    pub type RootStakeMarks<T: Config> = StorageValue<_, Vec<u8>, ValueQuery>;

    /// How far the recount of a state has come that did not know the place of every rao. Owner: `Recount`
    /// (`migrations.rs`).
    #[pallet::storage]
    pub type Recounting<T: Config> = StorageValue<_, RecountStatus, OptionQuery>;

    // ---- What counts. Owner: `Rubrics` (`subnets/rubrics.rs`)

    /// Rubrics of a mechanism: `next` is in force from its block on, until then `first` is.
    #[pallet::storage]
    pub type SubnetRubrics<T: Config> =
        StorageDoubleMap<_, Identity, NetUid, Identity, MechId, RubricTimeline, OptionQuery>;

    /// Blocks between announcing another rubric and its being in force; genesis writes 20 on a fast chain.
    #[pallet::storage]
    pub type RubricNotice<T: Config> = StorageValue<_, u64, ValueQuery, Tabled<{ stored("RubricNotice") }>>;

    // ---- Read by clients; nothing here writes them

    /// Which consensus a subnet has. Read by clients; there is one.
    #[pallet::storage]
    pub type SubnetEpochConsensus<T: Config> = StorageMap<_, Identity, NetUid, EpochConsensus, ValueQuery>;

    /// Share of a registration's price that is locked. Read by clients; always 0: whoever asks for collateral here asks
    /// beforehand (`pallet-myelin-collateral`).
    #[pallet::storage]
    pub type CollateralLockShare<T: Config> = StorageMap<_, Identity, NetUid, u16, ValueQuery>;

    /// Share of a miner's pay by which such a lock shrinks. Read by clients; always 0, as nothing is locked.
    #[pallet::storage]
    pub type CollateralDrainRatio<T: Config> = StorageMap<_, Identity, NetUid, U64F64, ValueQuery>;

    /// What such locks hold. Read by clients; always none.
    #[pallet::storage]
    pub type MinerCollateral<T: Config> = StorageNMap<
        _,
        (
            NMapKey<Identity, NetUid>,
            NMapKey<Blake2_128Concat, T::AccountId>,
            NMapKey<Blake2_128Concat, T::AccountId>,
        ),
        MinerCollateralState,
        OptionQuery,
    >;

    /// What a basket has earned for each rao of root stake. Read by clients; this chain has no baskets.
    #[pallet::storage]
    pub type BasketRate<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, I96F32, ValueQuery>;

    /// What a coldkey has had of a basket. Read by clients.
    #[pallet::storage]
    pub type BasketClaimed<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Blake2_128Concat, T::AccountId, i128, ValueQuery>;

    /// Coldkeys that will be replaced: from which block, and the hash of the new one. Read by clients; coldkeys can't
    /// be replaced yet.
    #[pallet::storage]
    pub type ColdkeySwapAnnouncements<T: Config> =
        StorageMap<_, Twox64Concat, T::AccountId, (BlockNumberFor<T>, T::Hash), OptionQuery>;

    /// Blocks at which such announcements were disputed. Read by clients.
    #[pallet::storage]
    pub type ColdkeySwapDisputes<T: Config> =
        StorageMap<_, Twox64Concat, T::AccountId, BlockNumberFor<T>, OptionQuery>;

    /// Subnets that belong to a crowd. Read by clients; there are no leases yet.
    #[pallet::storage]
    pub type SubnetLeases<T: Config> =
        StorageMap<_, Twox64Concat, u32, SubnetLease<T::AccountId>, OptionQuery>;

    /// Accounts of an EVM that stand for neurons, and since when. Read by clients; there is no EVM.
    #[pallet::storage]
    pub type AssociatedEvmAddress<T: Config> =
        StorageDoubleMap<_, Twox64Concat, NetUid, Twox64Concat, Uid, (H160, u64), OptionQuery>;

    /// Read by clients. Always 0: root stake may leave at any time on this chain.
    #[pallet::storage]
    pub type RootStakeUnlockInterval<T: Config> = StorageValue<_, u64, ValueQuery>;

    // ==================================================================== genesis and blocks

    /// What a chain starts with (see `subnets/genesis.rs`).
    #[pallet::genesis_config]
    #[derive(frame_support::DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// Pace of the chain.
        pub profile: ChainPace,
        /// Coldkey and hotkey that stand for the owner of root.
        pub root_owner: Option<(T::AccountId, T::AccountId)>,
        /// Blocks between registration and start call of a subnet.
        pub start_call_delay: u64,
        /// Blocks between two registrations of subnets by anybody, if not those of a production network.
        pub network_rate_limit: Option<u64>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            crate::subnets::genesis::build::<T>(self)
        }
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_initialize(block: BlockNumberFor<T>) -> Weight {
            crate::block::begin::<T>(block)
        }
    }

    // ==================================================================== calls

    /// The calls. Each says origin, effect, events, errors, cost.
    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Replaces the weights of a validator on mechanism 0.
        ///
        /// Origin: a hotkey of the subnet. Effect: stores the up-scaled weights of the hotkey; possible while
        /// commit-reveal is off. Events: `WeightsSet`. Errors: `CommitRevealEnabled`,
        /// `CanNotSetRootNetworkWeights`, `WeightVecNotEqualSize`, `MechanismDoesNotExist`,
        /// `UidsLengthExceedUidsInSubNet`, `HotKeyNotRegisteredInSubNet`, `NotEnoughStakeToSetWeights`,
        /// `IncorrectWeightVersionKey`, `SettingWeightsTooFast`, `NeuronNoValidatorPermit`, `DuplicateUids`,
        /// `UidVecContainInvalidOne`, `WeightVecLengthIsLow`, `MaxWeightExceeded`. Cost: no fee.
        #[pallet::call_index(0)]
        #[pallet::weight((crate::costs::weights::<T>(dests.len()), DispatchClass::Normal, Pays::No))]
        pub fn set_weights(
            origin: OriginFor<T>,
            netuid: NetUid,
            dests: Vec<u16>,
            weights: Vec<u16>,
            version_key: u64,
        ) -> DispatchResultWithPostInfo {
            let hotkey = ensure_signed(origin)?;
            let cost = crate::costs::weights_of::<T>(&hotkey, netuid, dests.len());
            crate::costs::used(
                cost,
                WeightLedger::<T>::set(hotkey, netuid, MAIN, dests, weights, version_key),
            )
        }

        /// Replaces the weights of a validator on one mechanism.
        ///
        /// Origin: a hotkey of the subnet. Effect: as `set_weights`. Events: `WeightsSet`. Errors: as
        /// `set_weights`. Cost: no fee.
        #[pallet::call_index(119)]
        #[pallet::weight((crate::costs::weights::<T>(dests.len()), DispatchClass::Normal, Pays::No))]
        pub fn set_mechanism_weights(
            origin: OriginFor<T>,
            netuid: NetUid,
            mecid: MechId,
            dests: Vec<u16>,
            weights: Vec<u16>,
            version_key: u64,
        ) -> DispatchResultWithPostInfo {
            let hotkey = ensure_signed(origin)?;
            let cost = crate::costs::weights_of::<T>(&hotkey, netuid, dests.len());
            crate::costs::used(
                cost,
                WeightLedger::<T>::set(hotkey, netuid, mecid, dests, weights, version_key),
            )
        }

        /// Commits to weights on mechanism 0 by their salted hash.
        ///
        /// Origin: a hotkey of the subnet. Effect: queues the hash, to be revealed `RevealPeriodEpochs` epochs
        /// later; the hotkey counts as updated now. Events: `WeightsCommitted`. Errors: `CommitRevealDisabled`,
        /// `HotKeyNotRegisteredInSubNet`, `CommittingWeightsTooFast`, `TooManyUnrevealedCommits`,
        /// `MechanismDoesNotExist`, `SubnetNotExists`. Cost: no fee.
        #[pallet::call_index(96)]
        #[pallet::weight((crate::costs::commit::<T>(), DispatchClass::Normal, Pays::No))]
        pub fn commit_weights(origin: OriginFor<T>, netuid: NetUid, commit_hash: T::Hash) -> DispatchResult {
            WeightLedger::<T>::commit(ensure_signed(origin)?, netuid, MAIN, commit_hash)
        }

        /// Commits to weights on one mechanism by their salted hash.
        ///
        /// Origin: a hotkey of the subnet. Effect: as `commit_weights`. Events: `WeightsCommitted`. Errors: as
        /// `commit_weights`. Cost: no fee.
        #[pallet::call_index(115)]
        #[pallet::weight((crate::costs::commit::<T>(), DispatchClass::Normal, Pays::No))]
        pub fn commit_mechanism_weights(
            origin: OriginFor<T>,
            netuid: NetUid,
            mecid: MechId,
            commit_hash: T::Hash,
        ) -> DispatchResult {
            WeightLedger::<T>::commit(ensure_signed(origin)?, netuid, mecid, commit_hash)
        }

        /// Reveals weights that were committed on mechanism 0.
        ///
        /// Origin: the hotkey that committed. Effect: removes the commit and all older ones, and stores the
        /// weights. Events: `WeightsRevealed`, `WeightsSet`. Errors: `CommitRevealDisabled`,
        /// `NoWeightsCommitFound`, `ExpiredWeightCommit`, `InvalidRevealCommitHashNotMatch`, `RevealTooEarly`, and
        /// those of `set_weights` without `SettingWeightsTooFast`. Cost: no fee.
        #[pallet::call_index(97)]
        #[pallet::weight((crate::costs::reveal::<T>(uids.len(), salt.len()), DispatchClass::Normal, Pays::No))]
        pub fn reveal_weights(
            origin: OriginFor<T>,
            netuid: NetUid,
            uids: Vec<u16>,
            values: Vec<u16>,
            salt: Vec<u16>,
            version_key: u64,
        ) -> DispatchResult {
            WeightLedger::<T>::reveal(ensure_signed(origin)?, netuid, MAIN, uids, values, salt, version_key)
        }

        /// Reveals weights that were committed on one mechanism.
        ///
        /// Origin: the hotkey that committed. Effect: as `reveal_weights`. Events: `WeightsRevealed`, `WeightsSet`.
        /// Errors: as `reveal_weights`. Cost: no fee.
        #[pallet::call_index(116)]
        #[pallet::weight((crate::costs::reveal::<T>(uids.len(), salt.len()), DispatchClass::Normal, Pays::No))]
        pub fn reveal_mechanism_weights(
            origin: OriginFor<T>,
            netuid: NetUid,
            mecid: MechId,
            uids: Vec<u16>,
            values: Vec<u16>,
            salt: Vec<u16>,
            version_key: u64,
        ) -> DispatchResult {
            WeightLedger::<T>::reveal(ensure_signed(origin)?, netuid, mecid, uids, values, salt, version_key)
        }

        /// Replaces the weights of a validator on mechanism 0 of several subnets.
        ///
        /// Origin: a hotkey. Effect: as `set_weights` for each subnet; what is refused on one leaves the others alone.
        /// Events: `WeightsSet` for each, `BatchCompletedWithErrors` and `BatchWeightItemFailed` for those refused,
        /// `BatchWeightsCompleted`. Errors: `InputLengthsUnequal`. Cost: no fee.
        #[pallet::call_index(80)]
        #[pallet::weight((
            crate::costs::batch(weights.iter().map(|row| crate::costs::weights::<T>(row.len())), crate::costs::weights::<T>(1)),
            DispatchClass::Normal,
            Pays::No
        ))]
        pub fn batch_set_weights(
            origin: OriginFor<T>,
            netuids: Vec<Compact<NetUid>>,
            weights: Vec<BatchRow>,
            version_keys: Vec<Compact<u64>>,
        ) -> DispatchResult {
            WeightLedger::<T>::set_batch(ensure_signed(origin)?, netuids, weights, version_keys)
        }

        /// Commits to weights on mechanism 0 of several subnets.
        ///
        /// Origin: a hotkey. Effect: as `commit_weights` for each subnet; what is refused on one leaves the others
        /// alone. Events: `WeightsCommitted` for each, `BatchCompletedWithErrors` and `BatchWeightItemFailed` for those
        /// refused, `BatchWeightsCompleted`. Errors: `InputLengthsUnequal`. Cost: no fee.
        #[pallet::call_index(100)]
        #[pallet::weight((
            crate::costs::commit::<T>().saturating_mul(1u64.saturating_add(commit_hashes.len() as u64)),
            DispatchClass::Normal,
            Pays::No
        ))]
        pub fn batch_commit_weights(
            origin: OriginFor<T>,
            netuids: Vec<Compact<NetUid>>,
            commit_hashes: Vec<T::Hash>,
        ) -> DispatchResult {
            WeightLedger::<T>::commit_batch(ensure_signed(origin)?, netuids, commit_hashes)
        }

        /// Reveals several commits on mechanism 0 of a subnet, the last one counts.
        ///
        /// Origin: the hotkey that committed. Effect: removes the commits named and stores their weights in their
        /// order; all or none. Events: `WeightsSet` for each, `WeightsBatchRevealed`. Errors: `InputLengthsUnequal` and
        /// those of `reveal_weights`. Cost: no fee.
        #[pallet::call_index(98)]
        #[pallet::weight((
            crate::costs::batch(
                uids_list
                    .iter()
                    .zip(salts_list)
                    .map(|(uids, salt)| crate::costs::reveal::<T>(uids.len(), salt.len())),
                crate::costs::reveal::<T>(1, 1)
            ),
            DispatchClass::Normal,
            Pays::No
        ))]
        pub fn batch_reveal_weights(
            origin: OriginFor<T>,
            netuid: NetUid,
            uids_list: Vec<Vec<u16>>,
            values_list: Vec<Vec<u16>>,
            salts_list: Vec<Vec<u16>>,
            version_keys: Vec<u64>,
        ) -> DispatchResult {
            let hotkey = ensure_signed(origin)?;
            let reveals = Reveal::zip::<T>(&uids_list, &values_list, &salts_list, &version_keys)?;
            WeightLedger::<T>::reveal_batch(hotkey, netuid, &reveals)
        }

        /// Lowers the take of a delegate.
        ///
        /// Origin: the coldkey of the hotkey. Effect: stores the take; the wait for the next increase starts anew.
        /// Events: `TakeDecreased`. Errors: `HotKeyAccountNotExists`, `NonAssociatedColdKey`, `DelegateTakeTooLow`.
        /// Cost: a fee.
        #[pallet::call_index(65)]
        #[pallet::weight(crate::measured::Stake::<T>::decrease_take())]
        pub fn decrease_take(origin: OriginFor<T>, hotkey: T::AccountId, take: u16) -> DispatchResult {
            DelegateTakes::<T>::decrease(ensure_signed(origin)?, hotkey, take)
        }

        /// Raises the take of a delegate.
        ///
        /// Origin: the coldkey of the hotkey. Effect: stores the take. Events: `TakeIncreased`. Errors:
        /// `HotKeyAccountNotExists`, `NonAssociatedColdKey`, `DelegateTakeTooLow`, `DelegateTakeTooHigh`,
        /// `DelegateTxRateLimitExceeded`. Cost: a fee.
        #[pallet::call_index(66)]
        #[pallet::weight(crate::measured::Stake::<T>::increase_take())]
        pub fn increase_take(origin: OriginFor<T>, hotkey: T::AccountId, take: u16) -> DispatchResult {
            DelegateTakes::<T>::increase(ensure_signed(origin)?, hotkey, take)
        }

        /// Names the hotkeys to which a hotkey lends its stake on a subnet.
        ///
        /// Origin: the coldkey of the hotkey. Effect: replaces the list of at most 5 (proportion, child); at once
        /// before the start call, otherwise with the first epoch slot after `PendingChildKeyCooldown` blocks. A
        /// child with 64 parents loses the one that lends least. Events: `SetChildren`, `SetChildrenScheduled`.
        /// Errors: `RegistrationNotPermittedOnRootSubnet`, `SubnetNotExists`, `NonAssociatedColdKey`,
        /// `TooManyChildren`, `InvalidChild`, `DuplicateChild`, `ProportionOverflow`, `ChildParentInconsistency`,
        /// `TooManyParents`, `TxRateLimitExceeded`, `NotEnoughStakeToSetChildkeys`. Cost: a fee.
        #[pallet::call_index(67)]
        #[pallet::weight(crate::costs::set_children::<T>(*netuid, children))]
        pub fn set_children(
            origin: OriginFor<T>,
            hotkey: T::AccountId,
            netuid: NetUid,
            children: Vec<(u64, T::AccountId)>,
        ) -> DispatchResult {
            Delegation::<T>::set_children(ensure_signed(origin)?, hotkey, netuid, children)
        }

        /// Sets what a hotkey keeps of its parents' dividends on a subnet.
        ///
        /// Origin: the coldkey of the hotkey. Effect: stores the take, 65535 = 1; the wait for the next increase
        /// starts anew. Events: `ChildKeyTakeSet`. Errors: `SubnetNotExists`, `NonAssociatedColdKey`,
        /// `InvalidChildkeyTake`, `TxChildkeyTakeRateLimitExceeded`. Cost: a fee.
        #[pallet::call_index(75)]
        #[pallet::weight(crate::measured::Stake::<T>::set_childkey_take())]
        pub fn set_childkey_take(
            origin: OriginFor<T>,
            hotkey: T::AccountId,
            netuid: NetUid,
            take: u16,
        ) -> DispatchResult {
            ChildkeyTakes::<T>::set(ensure_signed(origin)?, hotkey, netuid, take)
        }

        /// Sets how many blocks named children wait before they may take effect.
        ///
        /// Origin: root. Effect: stores the number; what waits already keeps its block. Errors: `BadOrigin`. Cost:
        /// a fee.
        #[pallet::call_index(109)]
        #[pallet::weight(crate::measured::Subnets::<T>::set_pending_childkey_cooldown())]
        pub fn set_pending_childkey_cooldown(origin: OriginFor<T>, cooldown: u64) -> DispatchResult {
            ensure_root(origin).map_err(Into::into).and_then(|()| Delegation::<T>::set_cooldown(cooldown))
        }

        /// Sets the blocks between a change of a childkey take and its next increase.
        ///
        /// Origin: root. Effect: stores the number. Events: `TxChildKeyTakeRateLimitSet`. Errors: `BadOrigin`. Cost:
        /// a fee.
        #[pallet::call_index(69)]
        #[pallet::weight(crate::measured::Subnets::<T>::sudo_set_tx_childkey_take_rate_limit())]
        pub fn sudo_set_tx_childkey_take_rate_limit(
            origin: OriginFor<T>,
            tx_rate_limit: u64,
        ) -> DispatchResult {
            ensure_root(origin)
                .map_err(Into::into)
                .map(|()| NetworkSettings::<T>::set_childkey_take_rate_limit(tx_rate_limit))
        }

        /// Sets the lowest childkey take of the network, 65535 = 1.
        ///
        /// Origin: root. Effect: stores the number; takes below it stay until they are changed. Events:
        /// `MinChildKeyTakeSet`. Errors: `InvalidChildkeyTake` above the highest. Cost: a fee.
        #[pallet::call_index(76)]
        #[pallet::weight(crate::measured::Subnets::<T>::sudo_set_min_childkey_take())]
        pub fn sudo_set_min_childkey_take(origin: OriginFor<T>, take: u16) -> DispatchResult {
            ensure_root(origin)
                .map_err(Into::into)
                .and_then(|()| NetworkSettings::<T>::set_min_childkey_take(take))
        }

        /// Sets the highest childkey take of the network, 65535 = 1.
        ///
        /// Origin: root. Effect: stores the number; takes above it stay until they are changed. Events:
        /// `MaxChildKeyTakeSet`. Errors: `InvalidChildkeyTake` below the lowest. Cost: a fee.
        #[pallet::call_index(77)]
        #[pallet::weight(crate::measured::Subnets::<T>::sudo_set_max_childkey_take())]
        pub fn sudo_set_max_childkey_take(origin: OriginFor<T>, take: u16) -> DispatchResult {
            ensure_root(origin)
                .map_err(Into::into)
                .and_then(|()| NetworkSettings::<T>::set_max_childkey_take(take))
        }

        /// Buys alpha with free TAO and stakes it.
        ///
        /// Origin: a coldkey. Effect: moves the TAO into the pool, the fee to the author of the block, the alpha
        /// onto the hotkey. Events: `StakeAdded`. Errors: `SubnetNotExists`, `SubtokenDisabled`, `AmountTooLow`,
        /// `NotEnoughBalanceToStake`, `HotKeyAccountNotExists`, `InsufficientLiquidity`. Cost: a fee.
        #[pallet::call_index(2)]
        #[pallet::weight(crate::costs::stake::<T>(*netuid, Signer::ANY))]
        pub fn add_stake(
            origin: OriginFor<T>,
            hotkey: T::AccountId,
            netuid: NetUid,
            amount_staked: TaoBalance,
        ) -> DispatchResultWithPostInfo {
            let coldkey = ensure_signed(origin)?;
            let cost = crate::costs::stake::<T>(netuid, Signer::holder::<T>(&coldkey));
            crate::costs::used(cost, StakeLedger::<T>::stake(coldkey, hotkey, netuid, amount_staked, None))
        }

        /// Buys alpha up to a price and stakes it.
        ///
        /// Origin: a coldkey. Effect: as `add_stake`, with as much of the TAO as the price in rao of TAO per alpha
        /// allows. Events: `StakeAdded`. Errors: those of `add_stake`, and `SlippageTooHigh`. Cost: a fee.
        #[pallet::call_index(88)]
        #[pallet::weight(crate::costs::stake::<T>(*netuid, Signer::ANY))]
        pub fn add_stake_limit(
            origin: OriginFor<T>,
            hotkey: T::AccountId,
            netuid: NetUid,
            amount_staked: TaoBalance,
            limit_price: u64,
            allow_partial: bool,
        ) -> DispatchResultWithPostInfo {
            let coldkey = ensure_signed(origin)?;
            let cost = crate::costs::stake::<T>(netuid, Signer::holder::<T>(&coldkey));
            crate::costs::used(
                cost,
                StakeLedger::<T>::stake(
                    coldkey,
                    hotkey,
                    netuid,
                    amount_staked,
                    Some(TradeLimit { price: limit_price, partial: allow_partial }),
                ),
            )
        }

        /// Sells staked alpha for free TAO.
        ///
        /// Origin: a coldkey. Effect: sells at most what the coldkey has on the hotkey; the fee goes to the author
        /// of the block. Events: `StakeRemoved`. Errors: `SubnetNotExists`, `SubtokenDisabled`,
        /// `HotKeyAccountNotExists`, `NotEnoughStakeToWithdraw`, `StakeUnavailable`, `AmountTooLow`,
        /// `InsufficientLiquidity`. Cost: a fee.
        #[pallet::call_index(3)]
        #[pallet::weight(crate::costs::unstake::<T>(hotkey, *netuid, Signer::ANY))]
        pub fn remove_stake(
            origin: OriginFor<T>,
            hotkey: T::AccountId,
            netuid: NetUid,
            amount_unstaked: AlphaBalance,
        ) -> DispatchResultWithPostInfo {
            let coldkey = ensure_signed(origin)?;
            let cost = crate::costs::unstake::<T>(&hotkey, netuid, Signer::of::<T>(&coldkey, netuid));
            crate::costs::used(
                cost,
                StakeLedger::<T>::unstake(coldkey, hotkey, netuid, amount_unstaked, None),
            )
        }

        /// Sells staked alpha down to a price.
        ///
        /// Origin: a coldkey. Effect: as `remove_stake`, with as much of the alpha as the price allows. Events:
        /// `StakeRemoved`. Errors: those of `remove_stake`, and `SlippageTooHigh`. Cost: a fee.
        #[pallet::call_index(89)]
        #[pallet::weight(crate::costs::unstake::<T>(hotkey, *netuid, Signer::ANY))]
        pub fn remove_stake_limit(
            origin: OriginFor<T>,
            hotkey: T::AccountId,
            netuid: NetUid,
            amount_unstaked: AlphaBalance,
            limit_price: u64,
            allow_partial: bool,
        ) -> DispatchResultWithPostInfo {
            let coldkey = ensure_signed(origin)?;
            let cost = crate::costs::unstake::<T>(&hotkey, netuid, Signer::of::<T>(&coldkey, netuid));
            crate::costs::used(
                cost,
                StakeLedger::<T>::unstake(
                    coldkey,
                    hotkey,
                    netuid,
                    amount_unstaked,
                    Some(TradeLimit { price: limit_price, partial: allow_partial }),
                ),
            )
        }

        /// Sells all staked alpha on a hotkey of one subnet.
        ///
        /// Origin: a coldkey. Effect: as `remove_stake` with everything, or nothing if the price would fall below
        /// the limit. Events: `StakeRemoved`. Errors: those of `remove_stake_limit`. Cost: a fee.
        #[pallet::call_index(103)]
        #[pallet::weight(crate::costs::unstake::<T>(hotkey, *netuid, Signer::ANY))]
        pub fn remove_stake_full_limit(
            origin: OriginFor<T>,
            hotkey: T::AccountId,
            netuid: NetUid,
            limit_price: Option<u64>,
        ) -> DispatchResultWithPostInfo {
            let coldkey = ensure_signed(origin)?;
            let cost = crate::costs::unstake::<T>(&hotkey, netuid, Signer::of::<T>(&coldkey, netuid));
            crate::costs::used(cost, StakeLedger::<T>::unstake_all_on(coldkey, hotkey, netuid, limit_price))
        }

        /// Sells everything on a hotkey on all subnets.
        ///
        /// Origin: a coldkey. Effect: as `remove_stake` on each subnet; what is locked or can't be sold stays. Events:
        /// `StakeRemoved` for each. Errors: `HotKeyAccountNotExists`. Cost: a fee by the sales tried.
        #[pallet::call_index(83)]
        #[pallet::weight(crate::costs::unstake_everywhere::<T>(hotkey))]
        pub fn unstake_all(origin: OriginFor<T>, hotkey: T::AccountId) -> DispatchResultWithPostInfo {
            StakeLedger::<T>::unstake_everywhere(ensure_signed(origin)?, hotkey)
        }

        /// Sells all alpha on a hotkey and stakes the TAO on root.
        ///
        /// Origin: a coldkey. Effect: as `unstake_all` without root; the TAO is staked on root with the same
        /// hotkey. Events: `StakeRemoved` for each, `StakeAdded`. Errors: `HotKeyAccountNotExists`, `AmountTooLow`.
        /// Cost: a fee by the sales tried.
        #[pallet::call_index(84)]
        #[pallet::weight(crate::costs::unstake_everywhere::<T>(hotkey))]
        pub fn unstake_all_alpha(origin: OriginFor<T>, hotkey: T::AccountId) -> DispatchResultWithPostInfo {
            StakeLedger::<T>::move_everything_to_root(ensure_signed(origin)?, hotkey)
        }

        /// Moves stake to another hotkey.
        ///
        /// Origin: a coldkey. Effect: within a subnet hands the alpha over; between subnets sells and buys with one
        /// fee. An amount of `u64::MAX` is all of it, here and in the calls below. Events: `StakeMoved`. Errors:
        /// `SubnetNotExists`, `SubtokenDisabled`, `SameNetuid`, `HotKeyAccountNotExists`, `NotEnoughStakeToWithdraw`,
        /// `StakeUnavailable`, `AmountTooLow`, `InsufficientLiquidity`. Cost: a fee.
        #[pallet::call_index(85)]
        #[pallet::weight(crate::costs::relocate::<T>(*origin_netuid, *destination_netuid, Signer::ANY, Signer::ANY))]
        pub fn move_stake(
            origin: OriginFor<T>,
            origin_hotkey: T::AccountId,
            destination_hotkey: T::AccountId,
            origin_netuid: NetUid,
            destination_netuid: NetUid,
            alpha_amount: AlphaBalance,
        ) -> DispatchResultWithPostInfo {
            let coldkey = ensure_signed(origin)?;
            let from = Place { coldkey: coldkey.clone(), hotkey: origin_hotkey, netuid: origin_netuid };
            let to = Place { coldkey, hotkey: destination_hotkey, netuid: destination_netuid };
            StakeLedger::<T>::move_to_hotkey(from, to, alpha_amount, None)
        }

        /// Moves stake to another hotkey while the ratio of the prices allows it.
        ///
        /// Origin: a coldkey. Effect: as `move_stake`, with as much of the alpha as the ratio of origin price to
        /// destination price (times 10⁹) allows; within a subnet no price moves and the limit is not looked at. Events:
        /// `StakeMoved`. Errors: those of `move_stake`, and `SlippageTooHigh`. Cost: a fee.
        #[pallet::call_index(149)]
        #[pallet::weight(crate::costs::relocate::<T>(*origin_netuid, *destination_netuid, Signer::ANY, Signer::ANY))]
        pub fn move_stake_limit(
            origin: OriginFor<T>,
            origin_hotkey: T::AccountId,
            destination_hotkey: T::AccountId,
            origin_netuid: NetUid,
            destination_netuid: NetUid,
            alpha_amount: AlphaBalance,
            limit_price: u64,
            allow_partial: bool,
        ) -> DispatchResultWithPostInfo {
            let coldkey = ensure_signed(origin)?;
            let from = Place { coldkey: coldkey.clone(), hotkey: origin_hotkey, netuid: origin_netuid };
            let to = Place { coldkey, hotkey: destination_hotkey, netuid: destination_netuid };
            let limit = MoveLimit { ratio: limit_price, partial: allow_partial };
            StakeLedger::<T>::move_to_hotkey(from, to, alpha_amount, Some(limit))
        }

        /// Gives stake to another coldkey.
        ///
        /// Origin: a coldkey. Effect: as `move_stake`, to the same hotkey of another coldkey; within a subnet free
        /// alpha goes first, then locked alpha with its lock. Events: `StakeTransferred`. Errors: those of
        /// `move_stake`, `TransferDisallowed`, `LockHotkeyMismatch` and `AccountRejectsLockedAlpha`. Cost: a fee.
        #[pallet::call_index(86)]
        #[pallet::weight(crate::costs::relocate::<T>(*origin_netuid, *destination_netuid, Signer::ANY, Signer::ANY))]
        pub fn transfer_stake(
            origin: OriginFor<T>,
            destination_coldkey: T::AccountId,
            hotkey: T::AccountId,
            origin_netuid: NetUid,
            destination_netuid: NetUid,
            alpha_amount: AlphaBalance,
        ) -> DispatchResultWithPostInfo {
            let coldkey = ensure_signed(origin)?;
            let from = Place { coldkey, hotkey: hotkey.clone(), netuid: origin_netuid };
            let to = Place { coldkey: destination_coldkey, hotkey, netuid: destination_netuid };
            StakeLedger::<T>::transfer(from, to, alpha_amount)
        }

        /// Gives stake to another coldkey on another hotkey, and if wanted on another subnet.
        ///
        /// Origin: the coldkey of the stake. Effect: as `transfer_stake`, onto `destination_hotkey`. Events:
        /// `StakeAndHotkeyTransferred`. Errors: those of `transfer_stake`. Cost: a fee.
        #[pallet::call_index(143)]
        #[pallet::weight(crate::costs::relocate::<T>(*origin_netuid, *destination_netuid, Signer::ANY, Signer::ANY))]
        pub fn transfer_stake_and_hotkey(
            origin: OriginFor<T>,
            destination_coldkey: T::AccountId,
            origin_hotkey: T::AccountId,
            destination_hotkey: T::AccountId,
            origin_netuid: NetUid,
            destination_netuid: NetUid,
            alpha_amount: AlphaBalance,
        ) -> DispatchResultWithPostInfo {
            let coldkey = ensure_signed(origin)?;
            let from = Place { coldkey, hotkey: origin_hotkey, netuid: origin_netuid };
            let to = Place {
                coldkey: destination_coldkey,
                hotkey: destination_hotkey,
                netuid: destination_netuid,
            };
            StakeLedger::<T>::transfer_to_hotkey(from, to, alpha_amount, None)
        }

        /// Gives stake to another coldkey while the ratio of the prices allows it.
        ///
        /// Origin: the coldkey of the stake. Effect: as `transfer_stake_and_hotkey`, with as much of the alpha as the
        /// ratio of origin price to destination price (times 10⁹) allows; within a subnet no price moves and the limit
        /// is not looked at. Events: `StakeAndHotkeyTransferred`. Errors: those of `transfer_stake`, and
        /// `SlippageTooHigh`. Cost: a fee.
        #[pallet::call_index(200)]
        #[pallet::weight(crate::costs::relocate::<T>(*origin_netuid, *destination_netuid, Signer::ANY, Signer::ANY))]
        pub fn transfer_stake_limit(
            origin: OriginFor<T>,
            destination_coldkey: T::AccountId,
            origin_hotkey: T::AccountId,
            destination_hotkey: T::AccountId,
            origin_netuid: NetUid,
            destination_netuid: NetUid,
            alpha_amount: AlphaBalance,
            limit_price: u64,
            allow_partial: bool,
        ) -> DispatchResultWithPostInfo {
            let coldkey = ensure_signed(origin)?;
            let from = Place { coldkey, hotkey: origin_hotkey, netuid: origin_netuid };
            let to = Place {
                coldkey: destination_coldkey,
                hotkey: destination_hotkey,
                netuid: destination_netuid,
            };
            let limit = MoveLimit { ratio: limit_price, partial: allow_partial };
            StakeLedger::<T>::transfer_to_hotkey(from, to, alpha_amount, Some(limit))
        }

        /// Moves stake to another subnet.
        ///
        /// Origin: a coldkey. Effect: sells and buys with one fee. Events: `StakeSwapped`. Errors: those of
        /// `move_stake`. Cost: a fee.
        #[pallet::call_index(87)]
        #[pallet::weight(crate::costs::relocate::<T>(*origin_netuid, *destination_netuid, Signer::ANY, Signer::ANY))]
        pub fn swap_stake(
            origin: OriginFor<T>,
            hotkey: T::AccountId,
            origin_netuid: NetUid,
            destination_netuid: NetUid,
            alpha_amount: AlphaBalance,
        ) -> DispatchResultWithPostInfo {
            let coldkey = ensure_signed(origin)?;
            let from = Place { coldkey, hotkey, netuid: origin_netuid };
            StakeLedger::<T>::swap(from, destination_netuid, alpha_amount, None)
        }

        /// Moves stake to another subnet while the ratio of the prices allows it.
        ///
        /// Origin: a coldkey. Effect: as `swap_stake`, with as much of the alpha as the ratio of origin price to
        /// destination price (times 10⁹) allows. Events: `StakeSwapped`. Errors: those of `swap_stake`, and
        /// `SlippageTooHigh`. Cost: a fee.
        #[pallet::call_index(90)]
        #[pallet::weight(crate::costs::relocate::<T>(*origin_netuid, *destination_netuid, Signer::ANY, Signer::ANY))]
        pub fn swap_stake_limit(
            origin: OriginFor<T>,
            hotkey: T::AccountId,
            origin_netuid: NetUid,
            destination_netuid: NetUid,
            alpha_amount: AlphaBalance,
            limit_price: u64,
            allow_partial: bool,
        ) -> DispatchResultWithPostInfo {
            let coldkey = ensure_signed(origin)?;
            let from = Place { coldkey, hotkey, netuid: origin_netuid };
            let limit = MoveLimit { ratio: limit_price, partial: allow_partial };
            StakeLedger::<T>::swap(from, destination_netuid, alpha_amount, Some(limit))
        }

        /// Destroys staked alpha, so that it may be minted again.
        ///
        /// Origin: a coldkey. Effect: the alpha leaves the hotkey and the supply. Events: `AlphaRecycled`. Errors:
        /// `SubnetNotExists`, `CannotBurnOrRecycleOnRootSubnet`, `HotKeyAccountNotExists`, `AmountTooLow`,
        /// `NotEnoughStakeToWithdraw`, `StakeUnavailable`. Cost: a fee.
        #[pallet::call_index(101)]
        #[pallet::weight(crate::costs::destroy::<T>(Signer::ANY))]
        pub fn recycle_alpha(
            origin: OriginFor<T>,
            hotkey: T::AccountId,
            amount: AlphaBalance,
            netuid: NetUid,
        ) -> DispatchResultWithPostInfo {
            let coldkey = ensure_signed(origin)?;
            let cost = crate::costs::destroy::<T>(Signer::of::<T>(&coldkey, netuid));
            crate::costs::used(cost, StakeLedger::<T>::recycle(coldkey, hotkey, amount, netuid))
        }

        /// Destroys staked alpha for ever.
        ///
        /// Origin: a coldkey. Effect: the alpha leaves the hotkey and counts as outstanding without a holder.
        /// Events: `AlphaBurned`. Errors: those of `recycle_alpha`. Cost: a fee.
        #[pallet::call_index(102)]
        #[pallet::weight(crate::costs::destroy::<T>(Signer::ANY))]
        pub fn burn_alpha(
            origin: OriginFor<T>,
            hotkey: T::AccountId,
            amount: AlphaBalance,
            netuid: NetUid,
        ) -> DispatchResultWithPostInfo {
            let coldkey = ensure_signed(origin)?;
            let cost = crate::costs::destroy::<T>(Signer::of::<T>(&coldkey, netuid));
            crate::costs::used(cost, StakeLedger::<T>::burn(coldkey, hotkey, amount, netuid))
        }

        /// Buys alpha with free TAO and burns it.
        ///
        /// Origin: a coldkey. Effect: as `add_stake`, or as `add_stake_limit` with everything or nothing if a limit
        /// in rao of TAO per alpha is given; then as `burn_alpha` with what was bought. Events: `StakeAdded`,
        /// `AlphaBurned`, `AddStakeBurn`. Errors: those of `add_stake_limit` and `burn_alpha`. Cost: a fee.
        #[pallet::call_index(132)]
        #[pallet::weight(crate::costs::stake_and_burn::<T>(Signer::ANY))]
        pub fn add_stake_burn(
            origin: OriginFor<T>,
            hotkey: T::AccountId,
            netuid: NetUid,
            amount: TaoBalance,
            limit: Option<TaoBalance>,
        ) -> DispatchResultWithPostInfo {
            let coldkey = ensure_signed(origin)?;
            let cost = crate::costs::stake_and_burn::<T>(Signer::of::<T>(&coldkey, netuid));
            crate::costs::used(cost, StakeLedger::<T>::stake_and_burn(coldkey, hotkey, netuid, amount, limit))
        }

        /// Locks alpha of the coldkey on a subnet in favour of a hotkey.
        ///
        /// Origin: a coldkey. Effect: the amount can't leave the subnet until the lock has melted, and conviction in
        /// favour of the hotkey grows; adds to a lock that exists. Events: `StakeLocked`. Errors:
        /// `SubnetNotExists`, `HotKeyAccountNotExists`, `AmountTooLow`, `LockHotkeyMismatch`,
        /// `InsufficientStakeForLock`. Cost: a fee.
        #[pallet::call_index(136)]
        #[pallet::weight(crate::costs::lock::<T>(Signer::ANY))]
        pub fn lock_stake(
            origin: OriginFor<T>,
            hotkey: T::AccountId,
            netuid: NetUid,
            amount: AlphaBalance,
        ) -> DispatchResultWithPostInfo {
            let coldkey = ensure_signed(origin)?;
            let cost = crate::costs::lock::<T>(Signer::locking::<T>(&coldkey));
            crate::costs::used(cost, Locks::<T>::lock(&coldkey, &hotkey, netuid, amount))
        }

        /// Puts a lock in favour of another hotkey.
        ///
        /// Origin: a coldkey. Effect: conviction starts anew, unless both hotkeys have the same owner. Events:
        /// `LockMoved`. Errors: `SubnetNotExists`, `HotKeyAccountNotExists`, `NoExistingLock`. Cost: a fee.
        #[pallet::call_index(137)]
        #[pallet::weight(crate::measured::Stake::<T>::move_lock())]
        pub fn move_lock(
            origin: OriginFor<T>,
            destination_hotkey: T::AccountId,
            netuid: NetUid,
        ) -> DispatchResult {
            Locks::<T>::move_to(ensure_signed(origin)?, destination_hotkey, netuid)
        }

        /// Chooses whether the coldkey's lock on a subnet melts.
        ///
        /// Origin: a coldkey. Effect: a perpetual lock keeps its mass until it is made to melt again. Events:
        /// `PerpetualLockUpdated`. Errors: `SubnetNotExists`. Cost: a fee.
        #[pallet::call_index(138)]
        #[pallet::weight(crate::measured::Stake::<T>::set_perpetual_lock())]
        pub fn set_perpetual_lock(origin: OriginFor<T>, netuid: NetUid, enabled: bool) -> DispatchResult {
            Locks::<T>::set_perpetual(ensure_signed(origin)?, netuid, enabled)
        }

        /// Chooses whether others may transfer locked alpha to the coldkey; at first they may not.
        ///
        /// Origin: a coldkey. Effect: stores the choice. Events: `RejectLockedAlphaUpdated`. Cost: a fee.
        #[pallet::call_index(142)]
        #[pallet::weight(crate::measured::Stake::<T>::set_reject_locked_alpha())]
        pub fn set_reject_locked_alpha(origin: OriginFor<T>, enabled: bool) -> DispatchResult {
            Locks::<T>::set_rejecting(ensure_signed(origin)?, enabled)
        }

        /// Announces where a neuron answers requests.
        ///
        /// Origin: a hotkey of the subnet. Effect: stores the endpoint. Events: `AxonServed`. Errors:
        /// `SubnetNotExists`, `HotKeyNotRegisteredInSubNet`, `InvalidIpType`, `InvalidIpAddress`, `InvalidPort`,
        /// `ServingRateLimitExceeded`. Cost: no fee, because hotkeys hold no TAO, unless the subnet lets them
        /// announce more often than every ten blocks.
        #[pallet::call_index(4)]
        #[pallet::weight((crate::measured::Neurons::<T>::serve_axon(), DispatchClass::Normal, Endpoints::<T>::pays(*netuid)))]
        pub fn serve_axon(
            origin: OriginFor<T>,
            netuid: NetUid,
            version: u32,
            ip: u128,
            port: u16,
            ip_type: u8,
            protocol: u8,
            placeholder1: u8,
            placeholder2: u8,
        ) -> DispatchResult {
            Endpoints::<T>::serve_axon(
                ensure_signed(origin)?,
                netuid,
                AxonInfo { block: 0, version, ip, port, ip_type, protocol, placeholder1, placeholder2 },
                None,
            )
        }

        /// Announces where a neuron answers requests, and its TLS key.
        ///
        /// Origin: a hotkey of the subnet. Effect: as `serve_axon`; the first byte of the certificate is the
        /// algorithm, the rest the key of at most 64 bytes. Events: `AxonServed`. Errors: those of `serve_axon`,
        /// and `InvalidValue`. Cost: as `serve_axon`.
        #[pallet::call_index(40)]
        #[pallet::weight((crate::measured::Neurons::<T>::serve_axon_tls(), DispatchClass::Normal, Endpoints::<T>::pays(*netuid)))]
        pub fn serve_axon_tls(
            origin: OriginFor<T>,
            netuid: NetUid,
            version: u32,
            ip: u128,
            port: u16,
            ip_type: u8,
            protocol: u8,
            placeholder1: u8,
            placeholder2: u8,
            certificate: Vec<u8>,
        ) -> DispatchResult {
            Endpoints::<T>::serve_axon(
                ensure_signed(origin)?,
                netuid,
                AxonInfo { block: 0, version, ip, port, ip_type, protocol, placeholder1, placeholder2 },
                Some(&certificate),
            )
        }

        /// Announces where a neuron shows its metrics.
        ///
        /// Origin: a hotkey of the subnet. Effect: stores the endpoint. Events: `PrometheusServed`. Errors: those
        /// of `serve_axon`. Cost: as `serve_axon`.
        #[pallet::call_index(5)]
        #[pallet::weight((crate::measured::Neurons::<T>::serve_prometheus(), DispatchClass::Normal, Endpoints::<T>::pays(*netuid)))]
        pub fn serve_prometheus(
            origin: OriginFor<T>,
            netuid: NetUid,
            version: u32,
            ip: u128,
            port: u16,
            ip_type: u8,
        ) -> DispatchResult {
            Endpoints::<T>::serve_prometheus(
                ensure_signed(origin)?,
                netuid,
                PrometheusInfo { block: 0, version, ip, port, ip_type },
            )
        }

        /// Registers a neuron at the current price.
        ///
        /// Origin: a coldkey. Effect: buys alpha for the price and recycles it; the hotkey gets a uid, in the place
        /// of the weakest neuron if the subnet is full; the price rises. Events: `NeuronRegistered`. Errors:
        /// `RegistrationNotPermittedOnRootSubnet`, `SubnetNotExists`, `SubNetRegistrationDisabled`,
        /// `HotKeyAlreadyRegisteredInSubNet`, `NotEnoughBalanceToStake`, `NonAssociatedColdKey`,
        /// `NoNeuronIdAvailable`, `InsufficientLiquidity`. Cost: a fee.
        #[pallet::call_index(7)]
        #[pallet::weight(crate::costs::register::<T>(*netuid, Signer::ANY))]
        pub fn burned_register(
            origin: OriginFor<T>,
            netuid: NetUid,
            hotkey: T::AccountId,
        ) -> DispatchResultWithPostInfo {
            let coldkey = ensure_signed(origin)?;
            let cost = crate::costs::register::<T>(netuid, Signer::owner::<T>(&coldkey));
            crate::costs::used(cost, NeuronRegistry::<T>::register(coldkey, netuid, hotkey, PriceLimit::None))
        }

        /// Registers a neuron at the current price, as clients did when registering took work.
        ///
        /// Origin: a coldkey. Effect: as `burned_register`; the work and the coldkey named are ignored. Events:
        /// `NeuronRegistered`. Errors: those of `burned_register`. Cost: a fee.
        #[pallet::call_index(6)]
        #[pallet::weight(crate::costs::register::<T>(*netuid, Signer::ANY))]
        pub fn register(
            origin: OriginFor<T>,
            netuid: NetUid,
            _block_number: u64,
            _nonce: u64,
            _work: Vec<u8>,
            hotkey: T::AccountId,
            _coldkey: T::AccountId,
        ) -> DispatchResultWithPostInfo {
            let coldkey = ensure_signed(origin)?;
            let cost = crate::costs::register::<T>(netuid, Signer::owner::<T>(&coldkey));
            crate::costs::used(cost, NeuronRegistry::<T>::register(coldkey, netuid, hotkey, PriceLimit::None))
        }

        /// Registers a neuron unless the price is above a limit.
        ///
        /// Origin: a coldkey. Effect: as `burned_register`. Events: `NeuronRegistered`. Errors: those of
        /// `burned_register`, and `RegistrationPriceLimitExceeded`. Cost: a fee.
        #[pallet::call_index(134)]
        #[pallet::weight(crate::costs::register::<T>(*netuid, Signer::ANY))]
        pub fn register_limit(
            origin: OriginFor<T>,
            netuid: NetUid,
            hotkey: T::AccountId,
            limit_price: u64,
        ) -> DispatchResultWithPostInfo {
            let coldkey = ensure_signed(origin)?;
            let cost = crate::costs::register::<T>(netuid, Signer::owner::<T>(&coldkey));
            crate::costs::used(
                cost,
                NeuronRegistry::<T>::register(
                    coldkey,
                    netuid,
                    hotkey,
                    PriceLimit::AtMost(limit_price.into()),
                ),
            )
        }

        /// Gives a hotkey a place on root.
        ///
        /// Origin: a coldkey. Effect: takes a free place, or that of the member with the least root stake; the
        /// hotkey becomes a delegate. Events: `NeuronRegistered`, `DelegateAdded`. Errors:
        /// `TooManyRegistrationsThisBlock`, `TooManyRegistrationsThisInterval`, `HotKeyAlreadyRegisteredInSubNet`,
        /// `NonAssociatedColdKey`, `StakeTooLowForRoot`. Cost: a fee.
        #[pallet::call_index(62)]
        #[pallet::weight(crate::costs::root_register::<T>(Signer::ANY))]
        pub fn root_register(origin: OriginFor<T>, hotkey: T::AccountId) -> DispatchResultWithPostInfo {
            let coldkey = ensure_signed(origin)?;
            let cost = crate::costs::root_register::<T>(Signer::owner::<T>(&coldkey));
            crate::costs::used(cost, NeuronRegistry::<T>::register_on_root(coldkey, hotkey))
        }

        /// Creates a subnet.
        ///
        /// Origin: a coldkey, its owner. Effect: pays the lock cost into a new pool; the hotkey becomes uid 0;
        /// willing root validators lend it their stake. At the limit of subnets the one with the lowest moving price
        /// gives way, and the new one comes when that is gone. Events: `NetworkAdded`, `NeuronRegistered`, or
        /// `NetworkRemoved`, `NetworkRegistrationQueued`. Errors:
        /// `NonAssociatedColdKey`, `SubNetRegistrationDisabled`, `NetworkTxRateLimitExceeded`,
        /// `SubnetLimitReached`, `CannotAffordLockCost`. Cost: a fee.
        #[pallet::call_index(59)]
        #[pallet::weight(crate::costs::register_network::<T>(Signer::ANY))]
        pub fn register_network(origin: OriginFor<T>, hotkey: T::AccountId) -> DispatchResultWithPostInfo {
            let coldkey = ensure_signed(origin)?;
            let cost = crate::costs::register_network::<T>(Signer::owner::<T>(&coldkey));
            crate::costs::used(cost, SubnetRegistry::<T>::register(coldkey, hotkey, None, PriceLimit::None))
        }

        /// Creates a subnet and publishes its identity.
        ///
        /// Origin: a coldkey, its owner. Effect: as `register_network`. Events: as `register_network`, and
        /// `SubnetIdentitySet`. Errors: those of `register_network`, and `InvalidIdentity`. Cost: a fee.
        #[pallet::call_index(79)]
        #[pallet::weight(crate::costs::register_network::<T>(Signer::ANY))]
        pub fn register_network_with_identity(
            origin: OriginFor<T>,
            hotkey: T::AccountId,
            identity: Option<SubnetIdentityV3>,
        ) -> DispatchResultWithPostInfo {
            let coldkey = ensure_signed(origin)?;
            let cost = crate::costs::register_network::<T>(Signer::owner::<T>(&coldkey));
            let limit = PriceLimit::None;
            crate::costs::used(cost, SubnetRegistry::<T>::register(coldkey, hotkey, identity, limit))
        }

        /// Creates a subnet if it costs no more than a limit.
        ///
        /// Origin: a coldkey, its owner. Effect: as `register_network_with_identity`. `limit_price` is in rao. Events:
        /// as `register_network_with_identity`. Errors: those of it, and `RegistrationPriceLimitExceeded`. Cost: a fee.
        #[pallet::call_index(201)]
        #[pallet::weight(crate::costs::register_network::<T>(Signer::ANY))]
        pub fn register_network_limit(
            origin: OriginFor<T>,
            hotkey: T::AccountId,
            identity: Option<SubnetIdentityV3>,
            limit_price: u64,
        ) -> DispatchResultWithPostInfo {
            let coldkey = ensure_signed(origin)?;
            let cost = crate::costs::register_network::<T>(Signer::owner::<T>(&coldkey));
            let limit = PriceLimit::AtMost(limit_price.into());
            crate::costs::used(cost, SubnetRegistry::<T>::register(coldkey, hotkey, identity, limit))
        }

        /// Opens trade and emission of a subnet, once.
        ///
        /// Origin: the owner of the subnet. Effect: the subnet is paid from the next block on. Events:
        /// `FirstEmissionBlockNumberSet`. Errors: `SubnetNotExists`, `NotSubnetOwner`,
        /// `FirstEmissionBlockNumberAlreadySet`, `NeedWaitingMoreBlocksToStarCall`. Cost: a fee.
        #[pallet::call_index(92)]
        #[pallet::weight(crate::measured::Subnets::<T>::start_call())]
        pub fn start_call(origin: OriginFor<T>, netuid: NetUid) -> DispatchResult {
            SubnetRegistry::<T>::start(ensure_signed(origin)?, netuid)
        }

        /// Removes a subnet.
        ///
        /// Origin: root. Effect: the subnet is gone at once; over the next blocks its pool is shared among the holders
        /// of its alpha, what belongs to nobody is recycled, and its number becomes free. Events: `NetworkRemoved`,
        /// later `SubnetLiquidated` and `NetworkDissolveCleanupCompleted`. Errors: `SubnetNotExists`. Cost: a fee.
        #[pallet::call_index(120)]
        #[pallet::weight(crate::measured::Subnets::<T>::root_dissolve_network())]
        pub fn root_dissolve_network(origin: OriginFor<T>, netuid: NetUid) -> DispatchResult {
            ensure_root(origin).map_err(Into::into).and_then(|()| SubnetRemoval::<T>::dissolve(netuid))
        }

        /// Publishes who a coldkey is.
        ///
        /// Origin: a coldkey with a hotkey on some subnet. Effect: replaces the identity. Events:
        /// `ChainIdentitySet`. Errors: `HotKeyNotRegisteredInNetwork`, `InvalidIdentity`. Cost: a fee.
        #[pallet::call_index(68)]
        #[pallet::weight(crate::costs::identity::<T>())]
        pub fn set_identity(
            origin: OriginFor<T>,
            name: Vec<u8>,
            url: Vec<u8>,
            github_repo: Vec<u8>,
            image: Vec<u8>,
            discord: Vec<u8>,
            description: Vec<u8>,
            additional: Vec<u8>,
        ) -> DispatchResult {
            Identities::<T>::publish(
                ensure_signed(origin)?,
                ChainIdentityV2 { name, url, github_repo, image, discord, description, additional },
            )
        }

        /// Publishes what a subnet is.
        ///
        /// Origin: the owner of the subnet. Effect: replaces the identity. Events: `SubnetIdentitySet`. Errors:
        /// `SubnetNotExists`, `NotSubnetOwner`, `InvalidIdentity`. Cost: a fee.
        #[pallet::call_index(78)]
        #[pallet::weight(crate::measured::Subnets::<T>::set_subnet_identity())]
        pub fn set_subnet_identity(
            origin: OriginFor<T>,
            netuid: NetUid,
            subnet_name: Vec<u8>,
            github_repo: Vec<u8>,
            subnet_contact: Vec<u8>,
            subnet_url: Vec<u8>,
            discord: Vec<u8>,
            description: Vec<u8>,
            logo_url: Vec<u8>,
            additional: Vec<u8>,
        ) -> DispatchResult {
            Identities::<T>::publish_subnet(
                ensure_signed(origin)?,
                netuid,
                SubnetIdentityV3 {
                    subnet_name,
                    github_repo,
                    subnet_contact,
                    subnet_url,
                    discord,
                    description,
                    logo_url,
                    additional,
                },
            )
        }

        /// Claims a hotkey that nobody owns.
        ///
        /// Origin: a coldkey. Effect: the coldkey owns the hotkey; nothing happens if somebody owns it already.
        /// Cost: a fee.
        #[pallet::call_index(91)]
        #[pallet::weight(crate::costs::associate::<T>(Signer::ANY))]
        pub fn try_associate_hotkey(
            origin: OriginFor<T>,
            hotkey: T::AccountId,
        ) -> DispatchResultWithPostInfo {
            let coldkey = ensure_signed(origin)?;
            let cost = crate::costs::associate::<T>(Signer::owner::<T>(&coldkey));
            crate::costs::used(cost, KeyOwnership::<T>::associate(coldkey, hotkey))
        }

        /// Puts a hotkey in the place of another, with its stake.
        ///
        /// Origin: the coldkey of the hotkey. Effect: as `swap_hotkey_v2` without `keep_stake`. Events: as
        /// `swap_hotkey_v2`. Errors: as `swap_hotkey_v2`. Cost: as `swap_hotkey_v2`.
        #[pallet::call_index(70)]
        #[pallet::weight(crate::costs::swap_hotkey::<T>(*netuid))]
        pub fn swap_hotkey(
            origin: OriginFor<T>,
            hotkey: T::AccountId,
            new_hotkey: T::AccountId,
            netuid: Option<NetUid>,
        ) -> DispatchResultWithPostInfo {
            let coldkey = ensure_signed(origin)?;
            KeyOwnership::<T>::swap_hotkey(coldkey, hotkey, new_hotkey, netuid, false)
        }

        /// Puts a hotkey in the place of another, on one subnet or on all.
        ///
        /// Origin: the coldkey of the hotkey; the new one is its own or nobody's. Effect: recycles 0.1 TAO, or 0.001
        /// for one subnet; the new hotkey gets uids, endpoints, family, takes, votes and, unless it is kept, the
        /// stake of everybody. A call moves the stake of at least one holder and of as many as its cost pays for;
        /// the same call goes on with the rest, without a price. Events: `HotkeySwapped`, `HotkeySwappedOnSubnet`,
        /// `SetChildren`, `SubnetOwnerHotkeySet`. Errors: `SubnetNotExists`, `NewHotKeyIsSameWithOld`,
        /// `NonAssociatedColdKey`, `HotKeyAlreadyRegisteredInSubNet`, `HotKeySwapOnSubnetIntervalNotPassed`,
        /// `NewHotKeyNotCleanForRootSwap`, `NotEnoughBalanceToPaySwapHotKey`. Cost: a fee by what was moved.
        #[pallet::call_index(72)]
        #[pallet::weight(crate::costs::swap_hotkey::<T>(*netuid))]
        pub fn swap_hotkey_v2(
            origin: OriginFor<T>,
            hotkey: T::AccountId,
            new_hotkey: T::AccountId,
            netuid: Option<NetUid>,
            keep_stake: bool,
        ) -> DispatchResultWithPostInfo {
            let coldkey = ensure_signed(origin)?;
            KeyOwnership::<T>::swap_hotkey(coldkey, hotkey, new_hotkey, netuid, keep_stake)
        }

        /// Chooses another token symbol of the list.
        ///
        /// Origin: the owner of the subnet. Effect: stores the symbol. Events: `SymbolUpdated`. Errors:
        /// `SubnetNotExists`, `NotSubnetOwner`, `SymbolDoesNotExist`, `SymbolAlreadyInUse`. Cost: a fee.
        #[pallet::call_index(112)]
        #[pallet::weight(crate::costs::symbol::<T>())]
        pub fn update_symbol(origin: OriginFor<T>, netuid: NetUid, symbol: Vec<u8>) -> DispatchResult {
            SubnetRegistry::<T>::update_symbol(ensure_signed(origin)?, netuid, symbol)
        }

        /// Chooses on which hotkey a coldkey's miner emission is staked.
        ///
        /// Origin: a coldkey. Effect: stores the choice for the subnet. Events: `AutoStakeDestinationSet`. Errors:
        /// `SubnetNotExists`, `HotKeyNotRegisteredInSubNet`, `SameAutoStakeHotkeyAlreadySet`. Cost: a fee.
        #[pallet::call_index(114)]
        #[pallet::weight(crate::measured::Stake::<T>::set_coldkey_auto_stake_hotkey())]
        pub fn set_coldkey_auto_stake_hotkey(
            origin: OriginFor<T>,
            netuid: NetUid,
            hotkey: T::AccountId,
        ) -> DispatchResult {
            StakeLedger::<T>::choose_auto_stake(ensure_signed(origin)?, netuid, hotkey)
        }

        /// Claims root dividends of up to 5 subnets.
        ///
        /// Origin: a coldkey. Effect: sells or keeps what is owed, as the coldkey chose; all or nothing. On a subnet
        /// that does not exist nothing is owed. Events: `RootClaimed`. Errors: `InvalidSubnetNumber`, and those of a
        /// sale. Cost: a fee by what was claimed.
        #[pallet::call_index(121)]
        #[pallet::weight(crate::costs::claim::<T>(subnets.len()))]
        pub fn claim_root(origin: OriginFor<T>, subnets: BTreeSet<NetUid>) -> DispatchResultWithPostInfo {
            RootClaims::<T>::claim(ensure_signed(origin)?, subnets)
        }

        /// Claims root dividends of all subnets on one hotkey.
        ///
        /// Origin: a coldkey with root stake on the hotkey. Effect: as `claim_root`, for this hotkey alone. Events:
        /// `RootClaimed` if there was anything to claim. Errors: `HotKeyAccountNotExists`. Cost: a fee by what was
        /// claimed.
        #[pallet::call_index(148)]
        #[pallet::weight(crate::costs::claim_on::<T>())]
        pub fn claim_root_with_hotkey(
            origin: OriginFor<T>,
            hotkey: T::AccountId,
        ) -> DispatchResultWithPostInfo {
            RootClaims::<T>::claim_on(ensure_signed(origin)?, hotkey)
        }

        /// Chooses what becomes of root dividends.
        ///
        /// Origin: a coldkey. Effect: stores the choice. Events: `RootClaimTypeSet`. Errors: `InvalidSubnetNumber`,
        /// `SubnetNotExists`. Cost: a fee.
        #[pallet::call_index(122)]
        #[pallet::weight(crate::costs::root_claim_type::<T>(new_root_claim_type))]
        pub fn set_root_claim_type(
            origin: OriginFor<T>,
            new_root_claim_type: RootClaimTypeEnum,
        ) -> DispatchResult {
            RootClaims::<T>::choose_type(ensure_signed(origin)?, new_root_claim_type)
        }

        /// Sets how many coldkeys are claimed for in a block.
        ///
        /// Origin: root. Effect: stores the number, at most 50. Errors: `InvalidNumRootClaim`. Cost: a fee.
        #[pallet::call_index(123)]
        #[pallet::weight(crate::measured::Subnets::<T>::sudo_set_num_root_claims())]
        pub fn sudo_set_num_root_claims(origin: OriginFor<T>, new_value: u64) -> DispatchResult {
            ensure_root(origin)
                .map_err(Into::into)
                .and_then(|()| RootClaims::<T>::set_claims_per_block(new_value))
        }

        /// Sets the smallest claim on a subnet.
        ///
        /// Origin: root, or the owner of the subnet. Effect: stores the threshold in rao. Errors:
        /// `SubnetNotExists`, `NotSubnetOwner`, `AdminActionProhibitedDuringWeightsWindow`,
        /// `InvalidRootClaimThreshold`. Cost: a fee.
        #[pallet::call_index(124)]
        #[pallet::weight(crate::measured::Subnets::<T>::sudo_set_root_claim_threshold())]
        pub fn sudo_set_root_claim_threshold(
            origin: OriginFor<T>,
            netuid: NetUid,
            new_value: u64,
        ) -> DispatchResult {
            RateLimits::<T>::authorise(origin, netuid)
                .and_then(|_| RootClaims::<T>::set_threshold(netuid, new_value))
        }

        /// Begins to track the voting power of a subnet's validators.
        ///
        /// Origin: root, or the owner of the subnet. Effect: every epoch moves each validator's power toward its
        /// stake; an end that was scheduled is taken back. Events: `VotingPowerTrackingEnabled`. Errors:
        /// `SubnetNotExists`, `NotSubnetOwner`. Cost: a fee.
        #[pallet::call_index(129)]
        #[pallet::weight(crate::measured::Subnets::<T>::enable_voting_power_tracking())]
        pub fn enable_voting_power_tracking(origin: OriginFor<T>, netuid: NetUid) -> DispatchResult {
            VotingPowers::<T>::enable(origin, netuid)
        }

        /// Ends the tracking of voting power, with the first epoch after 100,800 blocks.
        ///
        /// Origin: root, or the owner of the subnet. Effect: schedules the end; then all power is forgotten. Events:
        /// `VotingPowerTrackingDisableScheduled`. Errors: `SubnetNotExists`, `NotSubnetOwner`,
        /// `VotingPowerTrackingNotEnabled`. Cost: a fee.
        #[pallet::call_index(130)]
        #[pallet::weight(crate::measured::Subnets::<T>::disable_voting_power_tracking())]
        pub fn disable_voting_power_tracking(origin: OriginFor<T>, netuid: NetUid) -> DispatchResult {
            VotingPowers::<T>::disable(origin, netuid)
        }

        /// Sets how fast voting power follows stake on a subnet.
        ///
        /// Origin: root. Effect: stores the rate, 10¹⁸ = at once. Events: `VotingPowerEmaAlphaSet`. Errors:
        /// `SubnetNotExists`, `InvalidVotingPowerEmaAlpha`. Cost: a fee.
        #[pallet::call_index(131)]
        #[pallet::weight(crate::measured::Subnets::<T>::sudo_set_voting_power_ema_alpha())]
        pub fn sudo_set_voting_power_ema_alpha(
            origin: OriginFor<T>,
            netuid: NetUid,
            alpha: u64,
        ) -> DispatchResult {
            ensure_root(origin)
                .map_err(Into::into)
                .and_then(|()| VotingPowers::<T>::set_ema_alpha(netuid, alpha))
        }

        /// Chooses whether a root validator lends its stake to new subnets.
        ///
        /// Origin: the coldkey of the hotkey. Effect: stores the choice. Events: `AutoParentDelegationEnabledSet`.
        /// Errors: `HotKeyAccountNotExists`, `NonAssociatedColdKey`. Cost: a fee.
        #[pallet::call_index(135)]
        #[pallet::weight(crate::measured::Stake::<T>::set_auto_parent_delegation_enabled())]
        pub fn set_auto_parent_delegation_enabled(
            origin: OriginFor<T>,
            hotkey: T::AccountId,
            enabled: bool,
        ) -> DispatchResult {
            Delegation::<T>::set_auto_parent(ensure_signed(origin)?, hotkey, enabled)
        }

        /// Changes the tempo of a subnet.
        ///
        /// Origin: the owner of the subnet. Effect: stores a tempo within 360 and 50,400 and begins a new period;
        /// once per 360 blocks. Events: `TempoSet`. Errors: `SubnetNotExists`, `NotSubnetOwner`,
        /// `AdminActionProhibitedDuringWeightsWindow`, `TxRateLimitExceeded`, `TempoOutOfBounds`,
        /// `RevealNotBeforeImmunityEnds`. Cost: a fee.
        #[pallet::call_index(139)]
        #[pallet::weight(crate::measured::Subnets::<T>::set_tempo())]
        pub fn set_tempo(origin: OriginFor<T>, netuid: NetUid, tempo: u16) -> DispatchResult {
            SubnetRegistry::<T>::set_tempo(ensure_signed(origin)?, netuid, tempo)
        }

        /// Changes after how many tempos a validator counts as idle.
        ///
        /// Origin: the owner of the subnet. Effect: stores a factor within 1,000 and 50,000 thousandths. Events:
        /// `ActivityCutoffFactorMilliSet`. Errors: `SubnetNotExists`, `NotSubnetOwner`,
        /// `AdminActionProhibitedDuringWeightsWindow`, `TxRateLimitExceeded`,
        /// `ActivityCutoffFactorMilliOutOfBounds`. Cost: a fee.
        #[pallet::call_index(140)]
        #[pallet::weight(crate::measured::Subnets::<T>::set_activity_cutoff_factor())]
        pub fn set_activity_cutoff_factor(
            origin: OriginFor<T>,
            netuid: NetUid,
            factor_milli: u32,
        ) -> DispatchResult {
            SubnetRegistry::<T>::set_activity_cutoff_factor(ensure_signed(origin)?, netuid, factor_milli)
        }

        /// Asks for an epoch before the tempo brings one.
        ///
        /// Origin: the owner of the subnet. Effect: the epoch runs after the freeze window. Events:
        /// `EpochTriggered`. Errors: `SubnetNotExists`, `NotSubnetOwner`, `DynamicTempoBlockedByCommitReveal`,
        /// `EpochTriggerAlreadyPending`, `AutoEpochAlreadyImminent`, `TxRateLimitExceeded`. Cost: a fee.
        #[pallet::call_index(141)]
        #[pallet::weight(crate::measured::Subnets::<T>::trigger_epoch())]
        pub fn trigger_epoch(origin: OriginFor<T>, netuid: NetUid) -> DispatchResult {
            SubnetRegistry::<T>::trigger_epoch(ensure_signed(origin)?, netuid)
        }

        /// Announces by which rule a mechanism judges.
        ///
        /// Origin: the owner of the subnet outside the freeze window, or root. Effect: the first rubric is in force at
        /// once, another one `RubricNotice` blocks later; one that was announced before and is not in force is dropped.
        /// Events: `RubricAnnounced`. Errors: `SubnetNotExists`, `NotSubnetOwner`,
        /// `AdminActionProhibitedDuringWeightsWindow`, `MechanismDoesNotExist`, `RubricTextOutOfBounds`,
        /// `RubricInForce`. Cost: a fee.
        #[pallet::call_index(202)]
        #[pallet::weight(crate::measured::Subnets::<T>::announce_rubric())]
        pub fn announce_rubric(
            origin: OriginFor<T>,
            netuid: NetUid,
            mecid: MechId,
            rubric: RubricSource,
        ) -> DispatchResult {
            Rubrics::<T>::announce(origin, netuid, mecid, rubric)
        }

        /// Takes an announced rubric back.
        ///
        /// Origin: the owner of the subnet outside the freeze window, or root. Effect: the rubric in force stays.
        /// Events: `RubricWithdrawn`. Errors: `SubnetNotExists`, `NotSubnetOwner`,
        /// `AdminActionProhibitedDuringWeightsWindow`, `NoRubricAnnounced`. Cost: a fee.
        #[pallet::call_index(203)]
        #[pallet::weight(crate::measured::Subnets::<T>::withdraw_rubric())]
        pub fn withdraw_rubric(origin: OriginFor<T>, netuid: NetUid, mecid: MechId) -> DispatchResult {
            Rubrics::<T>::withdraw(origin, netuid, mecid)
        }

        /// Sets how long before it is in force another rubric is announced.
        ///
        /// Origin: root. Effect: stores the number; what was announced keeps its block. Events: `RubricNoticeSet`.
        /// Errors: `InvalidValue`. Cost: a fee.
        #[pallet::call_index(204)]
        #[pallet::weight(crate::measured::Subnets::<T>::sudo_set_rubric_notice())]
        pub fn sudo_set_rubric_notice(origin: OriginFor<T>, blocks: u64) -> DispatchResult {
            ensure_root(origin).map_err(Into::into).and_then(|()| Rubrics::<T>::set_notice(blocks))
        }
    }

    // ==================================================================== events and errors

    /// What happened.
    #[pallet::event]
    #[pallet::generate_deposit(pub(crate) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A subnet was created: subnet, mechanism.
        #[codec(index = 0)]
        NetworkAdded(NetUid, u16),
        /// A subnet was removed. Its holders are paid and its number becomes free over the next blocks.
        #[codec(index = 1)]
        NetworkRemoved(NetUid),
        /// TAO was staked: coldkey, hotkey, TAO, alpha, subnet, fee in rao of TAO.
        #[codec(index = 2)]
        StakeAdded(T::AccountId, T::AccountId, TaoBalance, AlphaBalance, NetUid, u64),
        /// Alpha was unstaked: coldkey, hotkey, TAO, alpha, subnet, fee in rao of alpha.
        #[codec(index = 3)]
        StakeRemoved(T::AccountId, T::AccountId, TaoBalance, AlphaBalance, NetUid, u64),
        /// Stake moved: coldkey, from hotkey, from subnet, to hotkey, to subnet, its value in TAO.
        #[codec(index = 4)]
        StakeMoved(T::AccountId, T::AccountId, NetUid, T::AccountId, NetUid, TaoBalance),
        /// A validator's weights were replaced: mechanism index, uid.
        #[codec(index = 5)]
        WeightsSet(u16, Uid),
        /// A hotkey got a uid: subnet, uid, hotkey.
        #[codec(index = 7)]
        NeuronRegistered(NetUid, Uid, T::AccountId),
        /// `MaxAllowedUids` was set.
        #[codec(index = 10)]
        MaxAllowedUidsSet(NetUid, u16),
        /// `Difficulty` was set.
        #[codec(index = 12)]
        DifficultySet(NetUid, u64),
        /// `AdjustmentInterval` was set.
        #[codec(index = 13)]
        AdjustmentIntervalSet(NetUid, u16),
        /// `TargetRegistrationsPerInterval` was set.
        #[codec(index = 14)]
        RegistrationPerIntervalSet(NetUid, u16),
        /// `MaxRegistrationsPerBlock` was set.
        #[codec(index = 15)]
        MaxRegistrationsPerBlockSet(NetUid, u16),
        /// `ActivityCutoff` was set.
        #[codec(index = 16)]
        ActivityCutoffSet(NetUid, u16),
        /// `Rho` was set.
        #[codec(index = 17)]
        RhoSet(NetUid, u16),
        /// `AlphaSigmoidSteepness` was set.
        #[codec(index = 18)]
        AlphaSigmoidSteepnessSet(NetUid, i16),
        /// `Kappa` was set.
        #[codec(index = 19)]
        KappaSet(NetUid, u16),
        /// `MinAllowedWeights` was set.
        #[codec(index = 20)]
        MinAllowedWeightSet(NetUid, u16),
        /// `WeightsSetRateLimit` was set.
        #[codec(index = 23)]
        WeightsSetRateLimitSet(NetUid, u64),
        /// `ImmunityPeriod` was set.
        #[codec(index = 24)]
        ImmunityPeriodSet(NetUid, u16),
        /// `BondsMovingAverage` was set.
        #[codec(index = 25)]
        BondsMovingAverageSet(NetUid, u64),
        /// `BondsPenalty` was set.
        #[codec(index = 26)]
        BondsPenaltySet(NetUid, u16),
        /// `BondsResetOn` was set.
        #[codec(index = 27)]
        BondsResetOnSet(NetUid, bool),
        /// `MaxAllowedValidators` was set.
        #[codec(index = 28)]
        MaxAllowedValidatorsSet(NetUid, u16),
        /// A hotkey announced its endpoint.
        #[codec(index = 29)]
        AxonServed(NetUid, T::AccountId),
        /// A hotkey announced its metrics.
        #[codec(index = 30)]
        PrometheusServed(NetUid, T::AccountId),
        /// A hotkey became a delegate: coldkey, hotkey, take.
        #[codec(index = 31)]
        DelegateAdded(T::AccountId, T::AccountId, u16),
        /// `WeightsVersionKey` was set.
        #[codec(index = 33)]
        WeightsVersionKeySet(NetUid, u64),
        /// `MinDifficulty` was set.
        #[codec(index = 34)]
        MinDifficultySet(NetUid, u64),
        /// `MaxDifficulty` was set.
        #[codec(index = 35)]
        MaxDifficultySet(NetUid, u64),
        /// `ServingRateLimit` was set.
        #[codec(index = 36)]
        ServingRateLimitSet(NetUid, u64),
        /// `MaxBurn` was set.
        #[codec(index = 38)]
        MaxBurnSet(NetUid, TaoBalance),
        /// `MinBurn` was set.
        #[codec(index = 39)]
        MinBurnSet(NetUid, TaoBalance),
        /// `MaxEpochsPerBlock` was set.
        #[codec(index = 40)]
        MaxEpochsPerBlockSet(u8),
        /// `TxRateLimit` was set.
        #[codec(index = 41)]
        TxRateLimitSet(u64),
        /// `TxDelegateTakeRateLimit` was set.
        #[codec(index = 42)]
        TxDelegateTakeRateLimitSet(u64),
        /// `TxChildkeyTakeRateLimit` was set.
        #[codec(index = 43)]
        TxChildKeyTakeRateLimitSet(u64),
        /// `AdminFreezeWindow` was set.
        #[codec(index = 44)]
        AdminFreezeWindowSet(u16),
        /// `OwnerHyperparamRateLimit` was set.
        #[codec(index = 45)]
        OwnerHyperparamRateLimitSet(u16),
        /// `MinChildkeyTake` was set.
        #[codec(index = 46)]
        MinChildKeyTakeSet(u16),
        /// `MinChildkeyTakePerSubnet` was set.
        #[codec(index = 47)]
        MinChildKeyTakePerSubnetSet(NetUid, u16),
        /// `MaxChildkeyTake` was set.
        #[codec(index = 48)]
        MaxChildKeyTakeSet(u16),
        /// The childkey take of a hotkey was set.
        #[codec(index = 49)]
        ChildKeyTakeSet(T::AccountId, u16),
        /// `NetworkRegistrationAllowed` was set.
        #[codec(index = 51)]
        RegistrationAllowed(NetUid, bool),
        /// `NetworkPowRegistrationAllowed` was set.
        #[codec(index = 52)]
        PowRegistrationAllowed(NetUid, bool),
        /// `Tempo` was set.
        #[codec(index = 53)]
        TempoSet(NetUid, u16),
        /// `RAORecycledForRegistration` was set.
        #[codec(index = 54)]
        RAORecycledForRegistrationSet(NetUid, TaoBalance),
        /// `StakeThreshold` was set.
        #[codec(index = 55)]
        StakeThresholdSet(u64),
        /// `AdjustmentAlpha` was set.
        #[codec(index = 56)]
        AdjustmentAlphaSet(NetUid, u64),
        /// `SubnetOwnerCut` was set.
        #[codec(index = 58)]
        SubnetOwnerCutSet(u16),
        /// `NetworkRateLimit` was set.
        #[codec(index = 59)]
        NetworkRateLimitSet(u64),
        /// `NetworkImmunityPeriod` was set.
        #[codec(index = 60)]
        NetworkImmunityPeriodSet(u64),
        /// `StartCallDelay` was set.
        #[codec(index = 61)]
        StartCallDelaySet(u64),
        /// `NetworkMinLockCost` was set.
        #[codec(index = 62)]
        NetworkMinLockCostSet(TaoBalance),
        /// `SubnetLimit` was set.
        #[codec(index = 63)]
        SubnetLimitSet(u16),
        /// `NetworkLockReductionInterval` was set.
        #[codec(index = 64)]
        NetworkLockCostReductionIntervalSet(u64),
        /// A delegate lowered its take: coldkey, hotkey, take.
        #[codec(index = 65)]
        TakeDecreased(T::AccountId, T::AccountId, u16),
        /// A delegate raised its take: coldkey, hotkey, take.
        #[codec(index = 66)]
        TakeIncreased(T::AccountId, T::AccountId, u16),
        /// A hotkey took the place of another everywhere.
        #[codec(index = 67)]
        HotkeySwapped { coldkey: T::AccountId, old_hotkey: T::AccountId, new_hotkey: T::AccountId },
        /// `MaxDelegateTake` was set.
        #[codec(index = 68)]
        MaxDelegateTakeSet(u16),
        /// `MinDelegateTake` was set.
        #[codec(index = 69)]
        MinDelegateTakeSet(u16),
        /// A hotkey named children that wait until after a block: hotkey, subnet, block, children.
        #[codec(index = 76)]
        SetChildrenScheduled(T::AccountId, NetUid, u64, Vec<(u64, T::AccountId)>),
        /// The children of a hotkey on a subnet changed.
        #[codec(index = 77)]
        SetChildren(T::AccountId, NetUid, Vec<(u64, T::AccountId)>),
        /// A coldkey published its identity.
        #[codec(index = 78)]
        ChainIdentitySet(T::AccountId),
        /// A subnet's identity was published.
        #[codec(index = 79)]
        SubnetIdentitySet(NetUid),
        /// A subnet's identity was removed.
        #[codec(index = 80)]
        SubnetIdentityRemoved(NetUid),
        /// Weights were committed: hotkey, mechanism index, hash.
        #[codec(index = 86)]
        WeightsCommitted(T::AccountId, u16, T::Hash),
        /// Weights were revealed: hotkey, mechanism index, hash.
        #[codec(index = 87)]
        WeightsRevealed(T::AccountId, u16, T::Hash),
        /// Several commits were revealed: hotkey, subnet, hashes.
        #[codec(index = 88)]
        WeightsBatchRevealed(T::AccountId, NetUid, Vec<T::Hash>),
        /// A batch of weights or commits was worked through: subnets, hotkey.
        #[codec(index = 89)]
        BatchWeightsCompleted(Vec<Compact<NetUid>>, T::AccountId),
        /// Something in a batch was refused.
        #[codec(index = 90)]
        BatchCompletedWithErrors(),
        /// What a batch said of this subnet was refused.
        #[codec(index = 91)]
        BatchWeightItemFailed(NetUid, DispatchError),
        /// Stake changed its coldkey: from, to, hotkey, from subnet, to subnet, its value in TAO.
        #[codec(index = 92)]
        StakeTransferred(T::AccountId, T::AccountId, T::AccountId, NetUid, NetUid, TaoBalance),
        /// Stake changed its subnet: coldkey, hotkey, from, to, its value in TAO.
        #[codec(index = 93)]
        StakeSwapped(T::AccountId, T::AccountId, NetUid, NetUid, TaoBalance),
        /// `TransferToggle` was set.
        #[codec(index = 94)]
        TransferToggle(NetUid, bool),
        /// The owner hotkey of a subnet was set.
        #[codec(index = 95)]
        SubnetOwnerHotkeySet(NetUid, T::AccountId),
        /// A subnet was started; its first paid block.
        #[codec(index = 96)]
        FirstEmissionBlockNumberSet(NetUid, u64),
        /// `RevealPeriodEpochs` was set.
        #[codec(index = 101)]
        CommitRevealPeriodsSet(NetUid, u64),
        /// `CommitRevealWeightsEnabled` was set.
        #[codec(index = 102)]
        CommitRevealEnabled(NetUid, bool),
        /// A hotkey took the place of another on a subnet.
        #[codec(index = 103)]
        HotkeySwappedOnSubnet {
            coldkey: T::AccountId,
            old_hotkey: T::AccountId,
            new_hotkey: T::AccountId,
            netuid: NetUid,
        },
        /// The token symbol of a subnet changed.
        #[codec(index = 106)]
        SymbolUpdated { netuid: NetUid, symbol: Vec<u8> },
        /// `CommitRevealWeightsVersion` was set.
        #[codec(index = 107)]
        CommitRevealVersionSet(u16),
        /// Miner emission was staked on another hotkey.
        #[codec(index = 110)]
        AutoStakeAdded {
            netuid: NetUid,
            destination: T::AccountId,
            hotkey: T::AccountId,
            owner: T::AccountId,
            incentive: AlphaBalance,
        },
        /// Miner emission of an epoch by uid.
        #[codec(index = 111)]
        IncentiveAlphaEmittedToMiners { netuid: u16, emissions: Vec<AlphaBalance> },
        /// `MinAllowedUids` was set.
        #[codec(index = 112)]
        MinAllowedUidsSet(NetUid, u16),
        /// A coldkey chose where its miner emission is staked.
        #[codec(index = 113)]
        AutoStakeDestinationSet { coldkey: T::AccountId, netuid: NetUid, hotkey: T::AccountId },
        /// `MinNonImmuneUids` was set.
        #[codec(index = 114)]
        MinNonImmuneUidsSet(NetUid, u16),
        /// A coldkey's root dividends were claimed; the TAO they brought.
        #[codec(index = 115)]
        RootClaimed { coldkey: T::AccountId, tao: TaoBalance },
        /// Voting power of a subnet is tracked from now on.
        #[codec(index = 120)]
        VotingPowerTrackingEnabled { netuid: NetUid },
        /// Tracking of voting power ends with the first epoch at or after a block.
        #[codec(index = 121)]
        VotingPowerTrackingDisableScheduled { netuid: NetUid, disable_at_block: u64 },
        /// Tracking of voting power ended, and all of it is forgotten.
        #[codec(index = 122)]
        VotingPowerTrackingDisabled { netuid: NetUid },
        /// `VotingPowerEmaAlpha` was set.
        #[codec(index = 123)]
        VotingPowerEmaAlphaSet { netuid: NetUid, alpha: u64 },
        /// A coldkey chose what becomes of its root dividends.
        #[codec(index = 200)]
        RootClaimTypeSet { coldkey: T::AccountId, root_claim_type: RootClaimTypeEnum },
        /// Somebody without TAO paid the fee of a transaction with stake.
        #[codec(index = 128)]
        TransactionFeePaidWithAlpha {
            who: T::AccountId,
            netuid: NetUid,
            alpha_fee: AlphaBalance,
            tao_amount: TaoBalance,
        },
        /// `BurnHalfLife` was set.
        #[codec(index = 129)]
        BurnHalfLifeSet { netuid: NetUid, burn_half_life: u16 },
        /// `BurnIncreaseMult` was set.
        #[codec(index = 130)]
        BurnIncreaseMultSet { netuid: NetUid, burn_increase_mult: U64F64 },
        /// A root validator chose whether to lend its stake to new subnets.
        #[codec(index = 131)]
        AutoParentDelegationEnabledSet { hotkey: T::AccountId, enabled: bool },
        /// `ActivityCutoffFactorMilli` was set.
        #[codec(index = 135)]
        ActivityCutoffFactorMilliSet { netuid: NetUid, factor_milli: u32 },
        /// The owner triggered an epoch.
        #[codec(index = 136)]
        EpochTriggered { netuid: NetUid, by: T::AccountId, fires_at: u64 },
        /// An epoch was put off, because the block had enough of them.
        #[codec(index = 137)]
        EpochDeferred { netuid: NetUid, from_block: u64, to_block: u64 },
        /// An epoch was skipped, because hotkeys of the subnet were not unique.
        #[codec(index = 138)]
        EpochSkipped { netuid: NetUid, block: u64 },
        /// Everything about a removed subnet is forgotten and its number is free.
        #[codec(index = 126)]
        NetworkDissolveCleanupCompleted { netuid: NetUid },
        /// A subnet was paid for and waits for a number.
        #[codec(index = 141)]
        NetworkRegistrationQueued {
            coldkey: T::AccountId,
            hotkey: T::AccountId,
            mechid: u16,
            identity: Option<SubnetIdentityV3>,
            lock_amount: TaoBalance,
            median_subnet_alpha_price: U64F64,
            registration_block: u64,
        },
        /// A subnet that waited could not be created; what was paid for it went back.
        #[codec(index = 153)]
        NetworkRegistrationCancelled {
            coldkey: T::AccountId,
            hotkey: T::AccountId,
            lock_id: u32,
            error: DispatchError,
        },
        /// The pool of a removed subnet was shared: TAO paid to holders, and to the owner as a refund. The rest was
        /// recycled.
        #[codec(index = 214)]
        SubnetLiquidated { netuid: NetUid, paid: TaoBalance, refund: TaoBalance },
        /// Alpha was recycled: coldkey, hotkey, amount, subnet.
        #[codec(index = 97)]
        AlphaRecycled(T::AccountId, T::AccountId, AlphaBalance, NetUid),
        /// Alpha was burned: coldkey, hotkey, amount, subnet.
        #[codec(index = 98)]
        AlphaBurned(T::AccountId, T::AccountId, AlphaBalance, NetUid),
        /// Alpha was bought and burned; the TAO offered and the alpha.
        #[codec(index = 201)]
        AddStakeBurn { netuid: NetUid, hotkey: T::AccountId, amount: TaoBalance, alpha: AlphaBalance },
        /// Alpha was locked in favour of a hotkey.
        #[codec(index = 132)]
        StakeLocked { coldkey: T::AccountId, hotkey: T::AccountId, netuid: NetUid, amount: AlphaBalance },
        /// A lock was put in favour of another hotkey.
        #[codec(index = 134)]
        LockMoved {
            coldkey: T::AccountId,
            origin_hotkey: T::AccountId,
            destination_hotkey: T::AccountId,
            netuid: NetUid,
        },
        /// A subnet changed hands by conviction.
        #[codec(index = 139)]
        SubnetOwnerChanged { netuid: NetUid, old_coldkey: T::AccountId, new_coldkey: T::AccountId },
        /// Stake went to another coldkey and another hotkey.
        #[codec(index = 143)]
        StakeAndHotkeyTransferred {
            /// Coldkey that the stake left.
            origin_coldkey: T::AccountId,
            /// Coldkey that has it now.
            destination_coldkey: T::AccountId,
            /// Hotkey that the stake left.
            origin_hotkey: T::AccountId,
            /// Hotkey that has it now.
            destination_hotkey: T::AccountId,
            /// Subnet that the stake left.
            origin_netuid: NetUid,
            /// Subnet that has it now.
            destination_netuid: NetUid,
            /// What it was worth in TAO.
            amount: TaoBalance,
        },
        /// A coldkey chose whether its lock on a subnet melts.
        #[codec(index = 140)]
        PerpetualLockUpdated { coldkey: T::AccountId, netuid: NetUid, enabled: bool },
        /// A coldkey chose whether it may be given locked alpha.
        #[codec(index = 202)]
        RejectLockedAlphaUpdated { coldkey: T::AccountId, enabled: bool },
        /// A rubric was announced, and from which block it is in force.
        #[codec(index = 203)]
        RubricAnnounced { netuid: NetUid, mecid: MechId, hash: [u8; 32], from: u64 },
        /// An announced rubric was taken back.
        #[codec(index = 204)]
        RubricWithdrawn { netuid: NetUid, mecid: MechId, hash: [u8; 32] },
        /// `RubricNotice` was set.
        #[codec(index = 205)]
        RubricNoticeSet { blocks: u64 },
    }

    /// Why a call was refused.
    ///
    /// Without the gaps of the official numbering: official clients of version 10 take the number of an error for its
    /// place in this list. Everybody learns the numbers from the metadata.
    #[pallet::error]
    pub enum Error<T> {
        /// The address is neither IPv4 (4) nor IPv6 (6).
        InvalidIpType,
        /// The address is zero, loopback, broadcast, multicast or otherwise unreachable for others.
        InvalidIpAddress,
        /// The port is 0.
        InvalidPort,
        /// The hotkey has no uid on this subnet; register it first.
        HotKeyNotRegisteredInSubNet,
        /// Nobody owns this hotkey; register or associate it first.
        HotKeyAccountNotExists,
        /// The hotkey has no uid on any subnet; register it first.
        HotKeyNotRegisteredInNetwork,
        /// The hotkey belongs to another coldkey.
        NonAssociatedColdKey,
        /// The coldkey holds less alpha on this hotkey than it wants to take away.
        NotEnoughStakeToWithdraw,
        /// The stake weight of the hotkey is below the stake threshold.
        NotEnoughStakeToSetWeights,
        /// The coldkey has less free TAO than it wants to spend.
        NotEnoughBalanceToStake,
        /// The TAO could not be taken from the coldkey without closing its account.
        BalanceWithdrawalError,
        /// Only validators with a permit may set weights on others; wait for an epoch with more stake.
        NeuronNoValidatorPermit,
        /// There must be as many weights as uids.
        WeightVecNotEqualSize,
        /// A uid occurs twice.
        DuplicateUids,
        /// A uid does not exist on this subnet.
        UidVecContainInvalidOne,
        /// There are fewer weights than the subnet's minimum.
        WeightVecLengthIsLow,
        /// Root takes no more registrations in this block; try the next one.
        TooManyRegistrationsThisBlock,
        /// The hotkey already has a uid on this subnet.
        HotKeyAlreadyRegisteredInSubNet,
        /// A weight is larger than the subnet allows.
        MaxWeightExceeded,
        /// The weights of this hotkey were set less than the rate limit ago.
        SettingWeightsTooFast,
        /// The version key is lower than the subnet demands; update the validator.
        IncorrectWeightVersionKey,
        /// The endpoint was announced less than the serving rate limit ago.
        ServingRateLimitExceeded,
        /// There are more weights than neurons on this subnet.
        UidsLengthExceedUidsInSubNet,
        /// A subnet was registered less than the rate limit ago; wait.
        NetworkTxRateLimitExceeded,
        /// The take was changed less than the rate limit ago; it can still be decreased.
        DelegateTxRateLimitExceeded,
        /// This subnet takes no registrations now.
        SubNetRegistrationDisabled,
        /// Root takes no more registrations in this interval; try later.
        TooManyRegistrationsThisInterval,
        /// Only the owner of the subnet may do this.
        NotSubnetOwner,
        /// Root has a registration of its own; use `root_register`.
        RegistrationNotPermittedOnRootSubnet,
        /// Root is full, and the hotkey has no more stake there than its lowest member.
        StakeTooLowForRoot,
        /// There are as many subnets as the limit allows and none may be removed yet.
        AllNetworksInImmunity,
        /// Root has no weights.
        CanNotSetRootNetworkWeights,
        /// The subnet is full and no neuron may be pruned.
        NoNeuronIdAvailable,
        /// The take is below the minimum, or not a change in the direction of this call.
        DelegateTakeTooLow,
        /// The take is above the maximum.
        DelegateTakeTooHigh,
        /// No commit of this hotkey waits for a reveal.
        NoWeightsCommitFound,
        /// The revealed weights match no commit of this hotkey.
        InvalidRevealCommitHashNotMatch,
        /// This subnet wants weights committed first; set directly only where commit-reveal is off.
        CommitRevealEnabled,
        /// This subnet has commit-reveal switched off; set weights directly.
        CommitRevealDisabled,
        /// Liquid alpha is off on this subnet; switch it on first.
        LiquidAlphaDisabled,
        /// The upper alpha must be at least 1638 (1/40).
        AlphaHighTooLow,
        /// The lower alpha must be at least 1638 (1/40) and at most the upper one.
        AlphaLowOutOfRange,
        /// This was done less than its rate limit ago; wait.
        TxRateLimitExceeded,
        /// A field of the identity is too long.
        InvalidIdentity,
        /// The subnet has no such mechanism.
        MechanismDoesNotExist,
        /// There is no such subnet.
        SubnetNotExists,
        /// Ten commits wait for a reveal; reveal or let them expire first.
        TooManyUnrevealedCommits,
        /// The epoch in which this commit could be revealed is over.
        ExpiredWeightCommit,
        /// The epoch in which this commit can be revealed has not begun.
        RevealTooEarly,
        /// The lists must be equally long.
        InputLengthsUnequal,
        /// Weights were set or committed less than the rate limit ago.
        CommittingWeightsTooFast,
        /// The amount, or what it would yield, is below the smallest stake.
        AmountTooLow,
        /// The pool cannot fill this order, or the stake would be worth no share.
        InsufficientLiquidity,
        /// The order would move the price beyond the limit; allow a part of it or widen the limit.
        SlippageTooHigh,
        /// Stake on this subnet may not change its coldkey.
        TransferDisallowed,
        /// The activity cutoff is below the minimum.
        ActivityCutoffTooLow,
        /// This call is switched off.
        CallDisabled,
        /// The subnet was started already.
        FirstEmissionBlockNumberAlreadySet,
        /// The subnet may be started only after the start delay.
        NeedWaitingMoreBlocksToStarCall,
        /// The subnet has not been started; its alpha can't be traded yet.
        SubtokenDisabled,
        /// Origin and destination are the same.
        SameNetuid,
        /// The account of the subnet holds too little TAO to pay this.
        InsufficientTaoBalance,
        /// A number left its range.
        Overflow,
        /// An epoch is about to run; change hyperparameters after it.
        AdminActionProhibitedDuringWeightsWindow,
        /// No such token symbol is in the list.
        SymbolDoesNotExist,
        /// Another subnet has this token symbol.
        SymbolAlreadyInUse,
        /// The reveal period is above 100 epochs.
        RevealPeriodTooLarge,
        /// The reveal period is below 1 epoch.
        RevealPeriodTooSmall,
        /// The value is outside its range.
        InvalidValue,
        /// There are as many subnets as the limit allows and none may be removed yet, or too many others wait for a
        /// place.
        SubnetLimitReached,
        /// The coldkey can't pay the price of a subnet (`get_network_registration_cost`), which falls with the blocks
        /// since the last one was created, down to `NetworkMinLockCost`.
        CannotAffordLockCost,
        /// This hotkey is the destination already.
        SameAutoStakeHotkeyAlreadySet,
        /// Too many of the remaining neurons would be immune.
        TrimmingWouldExceedMaxImmunePercentage,
        /// The threshold must be at most 10,000,000 rao.
        InvalidRootClaimThreshold,
        /// Mechanisms times neurons would exceed 256.
        TooManyUIDsPerMechanism,
        /// The price of a registration is above the limit.
        RegistrationPriceLimitExceeded,
        /// The tempo must be within 360 and 50,400 blocks.
        TempoOutOfBounds,
        /// The factor must be within 1,000 and 50,000.
        ActivityCutoffFactorMilliOutOfBounds,
        /// A triggered epoch is pending already.
        EpochTriggerAlreadyPending,
        /// The next epoch comes sooner than a triggered one would.
        AutoEpochAlreadyImminent,
        /// Epochs can't be triggered while commit-reveal is on.
        DynamicTempoBlockedByCommitReveal,
        /// Weights would be revealed after the immunity of a new neuron; reveal period times tempo must be shorter.
        RevealNotBeforeImmunityEnds,
        /// So much of the coldkey's alpha on this subnet is locked that this amount can't leave; see
        /// `get_stake_availability_for_coldkeys`.
        StakeUnavailable,
        /// The lock is in favour of another hotkey; move it first.
        LockHotkeyMismatch,
        /// The coldkey holds less alpha on this subnet than it would have locked.
        InsufficientStakeForLock,
        /// The coldkey has no lock on this subnet.
        NoExistingLock,
        /// The receiver does not accept locked alpha; it can opt in with `set_reject_locked_alpha`.
        AccountRejectsLockedAlpha,
        /// On root alpha is TAO; it can't be burned or recycled.
        CannotBurnOrRecycleOnRootSubnet,
        /// A hotkey can't be its own child; name another one.
        InvalidChild,
        /// A child is named twice; name each child once.
        DuplicateChild,
        /// The proportions add up to more than the whole; lower them.
        ProportionOverflow,
        /// More than 5 children were named.
        TooManyChildren,
        /// A key can't be both child and parent of a hotkey on a subnet.
        ChildParentInconsistency,
        /// A child has 64 parents that all lend at least as much; lend it more or name another.
        TooManyParents,
        /// The stake on the hotkey is worth less than the stake threshold.
        NotEnoughStakeToSetChildkeys,
        /// The take must be within the lowest and the highest childkey take.
        InvalidChildkeyTake,
        /// The childkey take was changed less than the rate limit ago; it can still be lowered.
        TxChildkeyTakeRateLimitExceeded,
        /// Voting power is not tracked on this subnet.
        VotingPowerTrackingNotEnabled,
        /// The rate must be at most 10¹⁸.
        InvalidVotingPowerEmaAlpha,
        /// A hotkey can't take its own place; name another one.
        NewHotKeyIsSameWithOld,
        /// The new hotkey has root stake that earned less than the old one's for some subnet, or one of the two lends
        /// to children and the other has stake that did not choose them; name another one.
        NewHotKeyNotCleanForRootSwap,
        /// The coldkey has less free TAO than the swap costs.
        NotEnoughBalanceToPaySwapHotKey,
        /// The coldkey swapped a hotkey on this subnet less than the interval ago; wait.
        HotKeySwapOnSubnetIntervalNotPassed,
        /// A coldkey owns at most 4096 hotkeys and stakes on at most 4096; use another coldkey.
        TooManyHotkeys,
        /// A claim names one to five subnets, and dividends are kept on one subnet or more; change the set.
        InvalidSubnetNumber,
        /// At most 50 coldkeys are claimed for in a block.
        InvalidNumRootClaim,
        /// The chain keeps a rubric's text of 1 to 512 bytes; publish a longer one elsewhere and announce its hash.
        RubricTextOutOfBounds,
        /// This rubric is in force already; to keep it, withdraw the one that was announced.
        RubricInForce,
        /// No rubric is announced for this mechanism that is not in force yet.
        NoRubricAnnounced,
    }
}
