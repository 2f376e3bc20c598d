//! Storage of subnets: settings of the network, the registry, hyperparameters, rate limits and rubrics.

use frame_support::pallet_macros::pallet_section;

/// Settings of the whole network. Owner: `NetworkSettings`; counts and prices of subnets: `SubnetRegistry`.
#[pallet_section]
mod network_settings {
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

    /// Last price paid for a subnet.
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
}

/// Blocks of the last limited actions. Owner: `RateLimits`.
#[pallet_section]
mod rate_limits {
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
}

/// Existing subnets and their owners. Owner: `SubnetRegistry`.
#[pallet_section]
mod registry {
    /// Whether a subnet exists.
    #[pallet::storage]
    pub type NetworksAdded<T: Config> = StorageMap<_, Identity, NetUid, bool, ValueQuery>;

    /// Block at which a subnet was registered.
    #[pallet::storage]
    pub type NetworkRegisteredAt<T: Config> = StorageMap<_, Identity, NetUid, u64, ValueQuery>;

    /// Number of subnets that have had this number.
    #[pallet::storage]
    pub type RegisteredSubnetCounter<T: Config> = StorageMap<_, Identity, NetUid, u64, ValueQuery>;

    /// 1 = alpha with a pool, 0 = stable (1 alpha is 1 TAO).
    #[pallet::storage]
    pub type SubnetMechanism<T: Config> = StorageMap<_, Identity, NetUid, u16, ValueQuery>;

    /// Coldkey that owns a subnet.
    #[pallet::storage]
    pub type SubnetOwner<T: Config> = StorageMap<_, Identity, NetUid, T::AccountId, ValueQuery, NoAccount>;

    /// Hotkey of a subnet's owner.
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
}

/// Switches of a subnet for emission, trade and registration. Owner: `SubnetRegistry`.
#[pallet_section]
mod openness {
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
}

/// Hyperparameters of a subnet. Owner: `Hyperparameters`.
#[pallet_section]
mod hyperparameters {
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

    /// Part of the old bond that survives an epoch, in millionths.
    #[pallet::storage]
    pub type BondsMovingAverage<T: Config> =
        StorageMap<_, Identity, NetUid, u64, ValueQuery, Tabled<{ stored("BondsMovingAverage") }>>;

    /// Degree to which bonds follow clipped weights, 65535 = 1.
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

    /// Use of miner emission withheld from the owner.
    #[pallet::storage]
    pub type RecycleOrBurn<T: Config> = StorageMap<_, Identity, NetUid, RecycleOrBurnEnum, ValueQuery>;

    /// Mechanisms of a subnet.
    #[pallet::storage]
    pub type MechanismCountCurrent<T: Config> =
        StorageMap<_, Twox64Concat, NetUid, MechId, ValueQuery, Tabled<{ stored("MechanismCountCurrent") }>>;

    /// Shares of the mechanisms, 65535 = 1; equal shares when absent. The newest ones, in force when their notice is
    /// over.
    #[pallet::storage]
    pub type MechanismEmissionSplit<T: Config> = StorageMap<_, Twox64Concat, NetUid, Vec<u16>, OptionQuery>;

    /// Shares that are in force until the notice of the newest ones is over, and the block from which they are not.
    #[pallet::storage]
    pub type FormerEmissionSplit<T: Config> =
        StorageMap<_, Identity, NetUid, (Option<Vec<u16>>, u64), OptionQuery>;

    /// Blocks after which the moving price moves at half its full speed.
    #[pallet::storage]
    pub type EMAPriceHalvingBlocks<T: Config> =
        StorageMap<_, Identity, NetUid, u64, ValueQuery, Tabled<{ stored("EMAPriceHalvingBlocks") }>>;
}

/// Prices of transactions and the length of sessions. Owner: `NetworkSettings`; the runtime goes by them.
#[pallet_section]
mod fees_and_sessions {
    /// Units of weight that one rao of a transaction's fee pays for.
    #[pallet::storage]
    pub type FeeWeightPerRao<T: Config> =
        StorageValue<_, u64, ValueQuery, Tabled<{ stored("FeeWeightPerRao") }>>;

    /// Rao of a transaction's fee for each of its bytes.
    #[pallet::storage]
    pub type FeePerByte<T: Config> = StorageValue<_, u64, ValueQuery, Tabled<{ stored("FeePerByte") }>>;

    /// Blocks of a session, and the former number until the session ends that was under way at the change. Genesis
    /// writes the number of its pace. On a chain from before the item existed, no value stands for that number.
    #[pallet::storage]
    pub type SessionLength<T: Config> = StorageValue<_, Sessions, ValueQuery, HourlySessions>;
}

/// Rubrics and their notice. Owner: `Rubrics`.
#[pallet_section]
mod rubrics {
    /// Rubrics of a mechanism: `next` is in force from its block on, until then `first` is.
    #[pallet::storage]
    pub type SubnetRubrics<T: Config> =
        StorageDoubleMap<_, Identity, NetUid, Identity, MechId, RubricTimeline, OptionQuery>;

    /// Blocks between a vote for a rubric and the first block in which it is in force; genesis writes 20 on a fast
    /// chain. An owner's rubric waits for the time of a vote as well.
    #[pallet::storage]
    pub type RubricNotice<T: Config> = StorageValue<_, u64, ValueQuery, Tabled<{ stored("RubricNotice") }>>;

    /// First block in which the owner may change a rubric again for which holders, or root, decided.
    #[pallet::storage]
    pub type RubricBond<T: Config> = StorageDoubleMap<_, Identity, NetUid, Identity, MechId, u64, ValueQuery>;
}
