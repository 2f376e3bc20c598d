//! The events of the pallet. FRAME takes one list from a pallet.
//!
//! Events keep their official numbers; those from 200 on are of this chain. A number is never used again.

use frame_support::pallet_macros::pallet_section;

#[pallet_section]
mod events {
    /// Events of the pallet.
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
        /// A hotkey replaced another everywhere.
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
        /// A batch of weights or commits was processed: subnets, hotkey.
        #[codec(index = 89)]
        BatchWeightsCompleted(Vec<Compact<NetUid>>, T::AccountId),
        /// An item of a batch was refused.
        #[codec(index = 90)]
        BatchCompletedWithErrors(),
        /// The item of a batch for this subnet was refused.
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
        /// A hotkey replaced another on a subnet.
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
        /// A coldkey chose the hotkey on which its miner emission is staked.
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
        /// Tracking of voting power ended, and all of it was removed.
        #[codec(index = 122)]
        VotingPowerTrackingDisabled { netuid: NetUid },
        /// `VotingPowerEmaAlpha` was set.
        #[codec(index = 123)]
        VotingPowerEmaAlphaSet { netuid: NetUid, alpha: u64 },
        /// A coldkey chose the form of its root dividends.
        #[codec(index = 200)]
        RootClaimTypeSet { coldkey: T::AccountId, root_claim_type: RootClaimTypeEnum },
        /// An account without TAO paid the fee of a transaction with stake.
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
        /// An epoch was deferred, because the block had the most epochs already.
        #[codec(index = 137)]
        EpochDeferred { netuid: NetUid, from_block: u64, to_block: u64 },
        /// An epoch was skipped, because hotkeys of the subnet were not unique.
        #[codec(index = 138)]
        EpochSkipped { netuid: NetUid, block: u64 },
        /// All entries of a removed subnet are deleted and its number is free.
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
        /// A waiting subnet could not be created; its payment went back.
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
            /// Its worth in TAO.
            amount: TaoBalance,
        },
        /// A coldkey chose whether its lock on a subnet melts.
        #[codec(index = 140)]
        PerpetualLockUpdated { coldkey: T::AccountId, netuid: NetUid, enabled: bool },
        /// A coldkey chose whether it accepts locked alpha.
        #[codec(index = 202)]
        RejectLockedAlphaUpdated { coldkey: T::AccountId, enabled: bool },
        /// A rubric was announced, with the block from which it is in force.
        #[codec(index = 203)]
        RubricAnnounced { netuid: NetUid, mecid: MechId, hash: [u8; 32], from: u64 },
        /// An announced rubric was withdrawn.
        #[codec(index = 204)]
        RubricWithdrawn { netuid: NetUid, mecid: MechId, hash: [u8; 32] },
        /// `RubricNotice` was set.
        #[codec(index = 205)]
        RubricNoticeSet { blocks: u64 },
        /// The shares of a subnet's mechanisms changed; the new ones are in force from a block on.
        #[codec(index = 206)]
        EmissionSplitChanged { netuid: NetUid, from: u64 },
        /// A subnet announced the proof that it demands of its validators, and the first block in which it is in
        /// force.
        #[codec(index = 207)]
        EvidenceDemanded { netuid: NetUid, answers: u16, mechanisms: u16, from: u64 },
        /// A validator committed to a root over its evidence of an epoch.
        #[codec(index = 208)]
        EvidenceCommitted { hotkey: T::AccountId, index: u16, epoch: u64, root: [u8; 32] },
        /// A validator proved that it asked the miners it pays; the weights were committed in this epoch.
        #[codec(index = 209)]
        EvidenceProven { hotkey: T::AccountId, index: u16, epoch: u64 },
        /// A proof did not hold, so the weights do not count. `sample` is the number of the answer at fault, 255 for
        /// the whole; `fault` is the code of `myelin_wire::evidence::ProofError`.
        #[codec(index = 210)]
        EvidenceRefused { hotkey: T::AccountId, index: u16, epoch: u64, sample: u8, fault: u8 },
        /// A validator gets no permit before an epoch, because its proofs failed.
        #[codec(index = 211)]
        ValidatorBarred { netuid: NetUid, hotkey: T::AccountId, until: u64 },
        /// `ProofBar` was set.
        #[codec(index = 212)]
        ProofBarSet { epochs: u64 },
        /// A validator gave these miners far less than the consensus of a mechanism for the second epoch in a row.
        #[codec(index = 213)]
        ValidatorMarked { index: u16, validator: Uid, miners: Vec<Uid> },
        /// A miner committed to a root over the answers that it signed in an epoch.
        #[codec(index = 240)]
        AnswerRootCommitted { netuid: NetUid, hotkey: T::AccountId, epoch: u64, root: [u8; 32], answers: u32 },
        /// A validator stated that it holds the evidence of these validators.
        #[codec(index = 241)]
        EvidenceAttested { netuid: NetUid, hotkey: T::AccountId, epoch: u64, validators: Vec<Uid> },
        /// Nobody else holds the evidence of these validators, so their proofs of the ended epoch do not count.
        #[codec(index = 242)]
        EvidenceWithheld { index: u16, epoch: u64, validators: Vec<Uid> },
        /// A subnet announced the share of models' parents in millionths, and the first block in which it is in force.
        #[codec(index = 243)]
        ParentShareAnnounced { netuid: NetUid, share: u32, from: u64 },
        /// A miner declared the model that it serves, or none any longer.
        #[codec(index = 244)]
        ModelDeclared { netuid: NetUid, hotkey: T::AccountId, model: Option<ModelId> },
        /// The pot of a model was divided: alpha of a subnet on this hotkey, or free TAO. Amounts are rao.
        #[codec(index = 245)]
        PotShared { model: ModelId, netuid: Option<NetUid>, hotkey: T::AccountId, parts: Parts<T> },
        /// `TaoWeight` was set.
        #[codec(index = 246)]
        TaoWeightSet { tao_weight: u64 },
        /// `FeeWeightPerRao` was set.
        #[codec(index = 247)]
        FeeWeightPerRaoSet { weight: u64 },
        /// `FeePerByte` was set.
        #[codec(index = 248)]
        FeePerByteSet { rao: u64 },
        /// `SessionLength` was set; the new length counts from this block on.
        #[codec(index = 249)]
        SessionLengthSet { blocks: u32, from: u64 },
    }
}
