//! Types that storage, calls and events of this pallet share.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec, PalletId};
use myelin_economy::{
    params::{row, Parameter},
    profile::Profile,
};
use myelin_units::{Block, NetUid, TaoBalance};
use scale_info::TypeInfo;

/// Longest time-locked commit in bytes.
pub type MaxCommitLength = ConstU32<5_000>;

/// One hash commit: (hash, epoch of the commit, block of the commit, unused).
pub type HashCommit<H> = (H, u64, Block, u64);

/// Children or parents of a hotkey, each with the proportion of stake that is lent, 2⁶⁴−1 = 1.
pub type Relatives<A> = alloc::vec::Vec<(u64, A)>;

/// One time-locked commit: (hotkey, block, ciphertext, drand round).
pub type TimelockedCommit<A> = (A, Block, BoundedVec<u8, MaxCommitLength>, u64);

/// Pace of this chain, fixed at genesis: every duration that differs between test and production chains
/// follows from it (see [`Profile`]).
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    Debug,
    Encode,
    Decode,
    DecodeWithMemTracking,
    TypeInfo,
    MaxEncodedLen,
    serde::Serialize,
    serde::Deserialize,
)]
pub struct ChainPace {
    /// Milliseconds between blocks.
    pub slot_ms: u64,
    /// Whether the short durations of test chains apply.
    pub fast: bool,
}

impl Default for ChainPace {
    fn default() -> Self {
        Self { slot_ms: 12_000, fast: false }
    }
}

impl From<ChainPace> for Profile {
    fn from(pace: ChainPace) -> Self {
        Profile { slot_ms: pace.slot_ms, fast: pace.fast }
    }
}

/// Origin of the existing TAO, in rao: `genesis + minted − recycled`.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode, DecodeWithMemTracking, TypeInfo, MaxEncodedLen,
)]
pub struct Supply {
    /// TAO of the genesis state.
    pub genesis: TaoBalance,
    /// TAO minted by blocks since.
    pub minted: TaoBalance,
    /// TAO destroyed since, including minted TAO that no pool took.
    pub recycled: TaoBalance,
}

/// A hyperparameter whose owner changes are rate-limited. Numbers are official; gaps are parameters that this
/// chain does not have.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, TypeInfo, MaxEncodedLen,
)]
pub enum Hyperparameter {
    /// Anything without a name of its own.
    #[codec(index = 0)]
    Unknown,
    /// `ServingRateLimit`.
    #[codec(index = 1)]
    ServingRateLimit,
    /// `MaxDifficulty`.
    #[codec(index = 2)]
    MaxDifficulty,
    /// `AdjustmentAlpha`.
    #[codec(index = 3)]
    AdjustmentAlpha,
    /// `MaxWeightsLimit`.
    #[codec(index = 4)]
    MaxWeightLimit,
    /// `ImmunityPeriod`.
    #[codec(index = 5)]
    ImmunityPeriod,
    /// `MinAllowedWeights`.
    #[codec(index = 6)]
    MinAllowedWeights,
    /// `Kappa`.
    #[codec(index = 7)]
    Kappa,
    /// `Rho`.
    #[codec(index = 8)]
    Rho,
    /// `ActivityCutoff`.
    #[codec(index = 9)]
    ActivityCutoff,
    /// `NetworkPowRegistrationAllowed`.
    #[codec(index = 10)]
    PowRegistrationAllowed,
    /// `MinBurn`.
    #[codec(index = 11)]
    MinBurn,
    /// `MaxBurn`.
    #[codec(index = 12)]
    MaxBurn,
    /// `BondsMovingAverage`.
    #[codec(index = 13)]
    BondsMovingAverage,
    /// `BondsPenalty`.
    #[codec(index = 14)]
    BondsPenalty,
    /// `CommitRevealWeightsEnabled`.
    #[codec(index = 15)]
    CommitRevealEnabled,
    /// `LiquidAlphaOn`.
    #[codec(index = 16)]
    LiquidAlphaEnabled,
    /// `AlphaValues`.
    #[codec(index = 17)]
    AlphaValues,
    /// `RevealPeriodEpochs`.
    #[codec(index = 18)]
    WeightCommitInterval,
    /// `TransferToggle`.
    #[codec(index = 19)]
    TransferEnabled,
    /// `AlphaSigmoidSteepness`.
    #[codec(index = 20)]
    AlphaSigmoidSteepness,
    /// `Yuma3On`.
    #[codec(index = 21)]
    Yuma3Enabled,
    /// `BondsResetOn`.
    #[codec(index = 22)]
    BondsResetEnabled,
    /// `ImmuneOwnerUidsLimit`.
    #[codec(index = 23)]
    ImmuneNeuronLimit,
    /// `RecycleOrBurn`.
    #[codec(index = 24)]
    RecycleOrBurn,
    /// `MaxAllowedUids`.
    #[codec(index = 25)]
    MaxAllowedUids,
    /// `BurnHalfLife`.
    #[codec(index = 26)]
    BurnHalfLife,
    /// `BurnIncreaseMult`.
    #[codec(index = 27)]
    BurnIncreaseMult,
    /// `MinChildkeyTakePerSubnet`.
    #[codec(index = 29)]
    MinChildkeyTake,
    /// `ActivityCutoffFactorMilli`.
    #[codec(index = 30)]
    ActivityCutoffFactorMilli,
    /// `trigger_epoch`.
    #[codec(index = 31)]
    TriggerEpoch,
    /// `OwnerCutEnabled`.
    #[codec(index = 192)]
    OwnerCutEnabled,
    /// `OwnerCutAutoLockEnabled`.
    #[codec(index = 193)]
    OwnerCutAutoLock,
}

/// Storage item that holds the block of an owner's last change of a parameter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Filing {
    /// In [`LastRateLimitedBlock`](crate::LastRateLimitedBlock), by the hyperparameter.
    Hyperparameter(Hyperparameter),
    /// In [`TransactionKeyLastBlock`](crate::TransactionKeyLastBlock), by the action.
    Action(TransactionType),
}

impl Filing {
    /// The file of a parameter; `None` if the owner may change it at any time or not at all.
    pub fn of(parameter: &Parameter) -> Option<Self> {
        use Hyperparameter as H;
        Some(Self::Hyperparameter(match parameter.item() {
            "Tempo" => return Some(Self::Action(TransactionType::TempoUpdate)),
            "WeightsVersionKey" => return Some(Self::Action(TransactionType::SetWeightsVersionKey)),
            "MechanismCountCurrent" => return Some(Self::Action(TransactionType::MechanismCountUpdate)),
            "ServingRateLimit" => H::ServingRateLimit,
            "MaxDifficulty" => H::MaxDifficulty,
            "AdjustmentAlpha" => H::AdjustmentAlpha,
            "ImmunityPeriod" => H::ImmunityPeriod,
            "MinAllowedWeights" => H::MinAllowedWeights,
            "Rho" => H::Rho,
            "ActivityCutoff" => H::ActivityCutoff,
            "NetworkPowRegistrationAllowed" => H::PowRegistrationAllowed,
            "MinBurn" => H::MinBurn,
            "MaxBurn" => H::MaxBurn,
            "BondsMovingAverage" => H::BondsMovingAverage,
            "BondsPenalty" => H::BondsPenalty,
            "CommitRevealWeightsEnabled" => H::CommitRevealEnabled,
            "LiquidAlphaOn" => H::LiquidAlphaEnabled,
            "AlphaValues" => H::AlphaValues,
            "RevealPeriodEpochs" => H::WeightCommitInterval,
            "TransferToggle" => H::TransferEnabled,
            "AlphaSigmoidSteepness" => H::AlphaSigmoidSteepness,
            "Yuma3On" => H::Yuma3Enabled,
            "BondsResetOn" => H::BondsResetEnabled,
            "ImmuneOwnerUidsLimit" => H::ImmuneNeuronLimit,
            "RecycleOrBurn" => H::RecycleOrBurn,
            "MaxAllowedUids" => H::MaxAllowedUids,
            "BurnHalfLife" => H::BurnHalfLife,
            "BurnIncreaseMult" => H::BurnIncreaseMult,
            "MinChildkeyTakePerSubnet" => H::MinChildkeyTake,
            "ActivityCutoffFactorMilli" => H::ActivityCutoffFactorMilli,
            "OwnerCutEnabled" => H::OwnerCutEnabled,
            "OwnerCutAutoLockEnabled" => H::OwnerCutAutoLock,
            _ => return None,
        }))
    }
}

/// Shortest tempo an owner may choose, in blocks.
pub const MIN_TEMPO: u16 = row("Tempo").range.0 as u16;
/// Longest tempo an owner may choose, in blocks.
pub const MAX_TEMPO: u16 = row("Tempo").range.1 as u16;
/// Lowest activity factor, in thousandths of the tempo.
pub const MIN_ACTIVITY_CUTOFF_FACTOR_MILLI: u32 = row("ActivityCutoffFactorMilli").range.0 as u32;
/// Highest activity factor, in thousandths of the tempo.
pub const MAX_ACTIVITY_CUTOFF_FACTOR_MILLI: u32 = row("ActivityCutoffFactorMilli").range.1 as u32;
/// Price of replacing a hotkey everywhere.
pub const KEY_SWAP_COST: TaoBalance = myelin_economy::fees::KEY_SWAP;
/// Price of replacing a hotkey on one subnet.
pub const KEY_SWAP_ON_SUBNET_COST: TaoBalance = myelin_economy::fees::KEY_SWAP_ON_SUBNET;
/// Id from which the accounts of the subnets are derived.
pub const SUBNET_ACCOUNTS: PalletId = PalletId(*b"subtensr");
/// Id from which the account of burned TAO is derived.
pub const BURN_ACCOUNT: PalletId = PalletId(*b"burntnsr");

/// Id from which the account is derived that holds the payments for waiting subnets.
pub const WAITING_ACCOUNT: PalletId = PalletId(*b"waittnsr");

/// Action that a limit of [`LastRateLimitedBlock`](crate::LastRateLimitedBlock) counts.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, TypeInfo, MaxEncodedLen)]
pub enum RateLimitKey<AccountId> {
    /// Changes of a subnet's owner hotkey.
    #[codec(index = 0)]
    SetSNOwnerHotkey(NetUid),
    /// Changes of one hyperparameter by a subnet's owner.
    #[codec(index = 1)]
    OwnerHyperparamUpdate(NetUid, Hyperparameter),
    /// Registrations of subnets by anybody.
    #[codec(index = 2)]
    NetworkLastRegistered,
    /// Changes of a hotkey's delegate take.
    #[codec(index = 5)]
    LastTxBlockDelegateTake(AccountId),
}

impl<AccountId> RateLimitKey<AccountId> {
    /// The subnet of the limit.
    pub const fn subnet(&self) -> Option<NetUid> {
        match self {
            Self::SetSNOwnerHotkey(netuid) | Self::OwnerHyperparamUpdate(netuid, _) => Some(*netuid),
            Self::NetworkLastRegistered | Self::LastTxBlockDelegateTake(_) => None,
        }
    }
}

/// Actions of a hotkey or of a subnet's owner on a subnet that are limited by
/// [`TransactionKeyLastBlock`](crate::TransactionKeyLastBlock).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TransactionType {
    /// Lists of children of a hotkey.
    SetChildren,
    /// Changes of the take of a hotkey.
    SetChildkeyTake,
    /// Changes of the weights version key.
    SetWeightsVersionKey,
    /// Changes of the number of mechanisms.
    MechanismCountUpdate,
    /// Changes of the emission split between mechanisms.
    MechanismEmission,
    /// Trimming of uids.
    MaxUidsTrimming,
    /// Changes of the tempo by the owner.
    TempoUpdate,
}

impl TransactionType {
    /// The number under which official storage files this action.
    pub const fn key(self) -> u16 {
        match self {
            Self::SetChildren => 0,
            Self::SetChildkeyTake => 1,
            Self::SetWeightsVersionKey => 4,
            Self::MechanismCountUpdate => 7,
            Self::MechanismEmission => 8,
            Self::MaxUidsTrimming => 9,
            Self::TempoUpdate => 11,
        }
    }
}
