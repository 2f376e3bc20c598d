//! The metagraph in parts: clients name the fields they want by number.

use alloc::vec::Vec;

use codec::{Compact, Decode, Encode};
use myelin_units::{AlphaBalance, TaoBalance, I96F32};
use scale_info::TypeInfo;

use crate::{AxonInfo, ChainIdentityV2, SubnetIdentityV3};

/// The requested fields of a metagraph; the others are `None`.
///
/// The three collateral fields have no number: they are always `None`.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct SelectiveMetagraph<AccountId> {
    /// Storage index: mechanism id · 4096 + netuid.
    pub netuid: Compact<u16>,
    /// Name of the subnet, UTF-8.
    pub name: Option<Vec<Compact<u8>>>,
    /// Symbol of its token, UTF-8.
    pub symbol: Option<Vec<Compact<u8>>>,
    /// Description of the subnet, published by its owner.
    pub identity: Option<Option<SubnetIdentityV3>>,
    /// Block at which the subnet was created.
    pub network_registered_at: Option<Compact<u64>>,
    /// Hotkey that receives the owner cut.
    pub owner_hotkey: Option<AccountId>,
    /// Coldkey of the subnet owner.
    pub owner_coldkey: Option<AccountId>,
    /// Block this answer describes.
    pub block: Option<Compact<u64>>,
    /// Blocks between two epochs.
    pub tempo: Option<Compact<u16>>,
    /// Block of the last epoch.
    pub last_step: Option<Compact<u64>>,
    /// Blocks since the last epoch.
    pub blocks_since_last_step: Option<Compact<u64>>,
    /// TAO the subnet receives per block, in rao.
    pub subnet_emission: Option<Compact<TaoBalance>>,
    /// Alpha in the pool, in rao.
    pub alpha_in: Option<Compact<AlphaBalance>>,
    /// Alpha outside the pool, in rao.
    pub alpha_out: Option<Compact<AlphaBalance>>,
    /// TAO in the pool, in rao.
    pub tao_in: Option<Compact<TaoBalance>>,
    /// Alpha minted for neurons per block, in rao.
    pub alpha_out_emission: Option<Compact<AlphaBalance>>,
    /// Alpha minted into the pool per block, in rao.
    pub alpha_in_emission: Option<Compact<AlphaBalance>>,
    /// TAO paid into the pool per block, in rao.
    pub tao_in_emission: Option<Compact<TaoBalance>>,
    /// Alpha that waits for the next epoch, in rao.
    pub pending_alpha_emission: Option<Compact<AlphaBalance>>,
    /// Root dividends that wait for the next epoch, in rao of alpha.
    pub pending_root_emission: Option<Compact<AlphaBalance>>,
    /// Sum of all swaps so far, in rao of TAO.
    pub subnet_volume: Option<Compact<u128>>,
    /// Smoothed price, TAO per alpha.
    pub moving_price: Option<I96F32>,
    /// Unused by consensus; kept for clients.
    pub rho: Option<Compact<u16>>,
    /// Share of stake that must support a weight, 65535 = 1.
    pub kappa: Option<Compact<u16>>,
    /// Fewest weights in one call.
    pub min_allowed_weights: Option<Compact<u16>>,
    /// Largest weight; constant 65535.
    pub max_weights_limit: Option<Compact<u16>>,
    /// Smallest version key that set_weights accepts; 0 = any.
    pub weights_version: Option<Compact<u64>>,
    /// Blocks between two set_weights of one neuron.
    pub weights_rate_limit: Option<Compact<u64>>,
    /// Blocks without weights after which a validator no longer counts.
    pub activity_cutoff: Option<Compact<u64>>,
    /// Permits the subnet gives out.
    pub max_validators: Option<Compact<u16>>,
    /// Neurons on the subnet.
    pub num_uids: Option<Compact<u16>>,
    /// Most neurons the subnet takes.
    pub max_uids: Option<Compact<u16>>,
    /// Price of a registration, in rao.
    pub burn: Option<Compact<TaoBalance>>,
    /// Unused: proof of work is gone.
    pub difficulty: Option<Compact<u64>>,
    /// Whether neurons can register; false also stops all emission.
    pub registration_allowed: Option<bool>,
    /// Always false: proof of work is gone.
    pub pow_registration_allowed: Option<bool>,
    /// Blocks a new neuron can't be pruned.
    pub immunity_period: Option<Compact<u16>>,
    /// Unused: proof of work is gone.
    pub min_difficulty: Option<Compact<u64>>,
    /// Unused: proof of work is gone.
    pub max_difficulty: Option<Compact<u64>>,
    /// Lower bound of the registration price, in rao.
    pub min_burn: Option<Compact<TaoBalance>>,
    /// Upper bound of the registration price, in rao.
    pub max_burn: Option<Compact<TaoBalance>>,
    /// Unused by the continuous price; kept for clients.
    pub adjustment_alpha: Option<Compact<u64>>,
    /// Unused by the continuous price; kept for clients.
    pub adjustment_interval: Option<Compact<u16>>,
    /// Registrations per interval that root aims at.
    pub target_regs_per_interval: Option<Compact<u16>>,
    /// Registrations per block on root.
    pub max_regs_per_block: Option<Compact<u16>>,
    /// Blocks between two announcements of one endpoint.
    pub serving_rate_limit: Option<Compact<u64>>,
    /// Whether weights must be committed before they are revealed.
    pub commit_reveal_weights_enabled: Option<bool>,
    /// Epochs between a commit and its reveal.
    pub commit_reveal_period: Option<Compact<u64>>,
    /// Whether bonds move with one coefficient per pair.
    pub liquid_alpha_enabled: Option<bool>,
    /// Largest liquid-alpha coefficient, 65535 = 1.
    pub alpha_high: Option<Compact<u16>>,
    /// Smallest liquid-alpha coefficient, 65535 = 1.
    pub alpha_low: Option<Compact<u16>>,
    /// Weight of the old bonds in parts per million.
    pub bonds_moving_avg: Option<Compact<u64>>,
    /// Hotkeys by uid.
    pub hotkeys: Option<Vec<AccountId>>,
    /// Coldkeys by uid.
    pub coldkeys: Option<Vec<AccountId>>,
    /// Description of each coldkey's owner, by uid.
    pub identities: Option<Vec<Option<ChainIdentityV2>>>,
    /// Endpoints by uid.
    pub axons: Option<Vec<AxonInfo>>,
    /// Whether each uid set weights recently enough.
    pub active: Option<Vec<bool>>,
    /// Whether each uid holds a permit.
    pub validator_permit: Option<Vec<bool>>,
    /// No longer computed: 65535 per uid.
    pub pruning_score: Option<Vec<Compact<u16>>>,
    /// Block of the last weights by uid.
    pub last_update: Option<Vec<Compact<u64>>>,
    /// Alpha of the last epoch by uid, in rao.
    pub emission: Option<Vec<Compact<AlphaBalance>>>,
    /// Shares of validator emission by uid, 65535 = 1.
    pub dividends: Option<Vec<Compact<u16>>>,
    /// Shares of miner emission by uid, 65535 = 1.
    pub incentives: Option<Vec<Compact<u16>>>,
    /// Consensus weight by uid, 65535 = 1.
    pub consensus: Option<Vec<Compact<u16>>>,
    /// No longer computed: 0 per uid.
    pub trust: Option<Vec<Compact<u16>>>,
    /// No longer computed: 0 per uid.
    pub rank: Option<Vec<Compact<u16>>>,
    /// Block at which each uid was taken.
    pub block_at_registration: Option<Vec<Compact<u64>>>,
    /// Alpha by uid, in rao, with inheritance.
    pub alpha_stake: Option<Vec<Compact<AlphaBalance>>>,
    /// Root stake by uid, in rao, with inheritance, before the TAO weight.
    pub tao_stake: Option<Vec<Compact<TaoBalance>>>,
    /// Alpha and weighted root stake by uid, in rao.
    pub total_stake: Option<Vec<Compact<AlphaBalance>>>,
    /// Root dividends of the last epoch, in rao of alpha.
    pub tao_dividends_per_hotkey: Option<Vec<(AccountId, Compact<AlphaBalance>)>>,
    /// Alpha dividends of the last epoch, in rao.
    pub alpha_dividends_per_hotkey: Option<Vec<(AccountId, Compact<AlphaBalance>)>>,
    /// Uids with a validator permit.
    pub validators: Option<Vec<Compact<u16>>>,
    /// Commitments of the subnet, by hotkey.
    pub commitments: Option<Vec<(AccountId, Vec<Compact<u8>>)>>,
    /// Always zero per uid: there is no miner collateral.
    pub collateral_locked: Option<Vec<Compact<AlphaBalance>>>,
    /// Always zero per uid: there is no miner collateral.
    pub collateral_min: Option<Vec<Compact<AlphaBalance>>>,
    /// Always zero per uid: there is no miner collateral.
    pub collateral_earned: Option<Vec<Compact<AlphaBalance>>>,
}

impl<AccountId> SelectiveMetagraph<AccountId> {
    /// The answer to a request for the subnet number only.
    pub fn empty(netuid: u16) -> Self {
        Self {
            netuid: Compact(netuid),
            name: None,
            symbol: None,
            identity: None,
            network_registered_at: None,
            owner_hotkey: None,
            owner_coldkey: None,
            block: None,
            tempo: None,
            last_step: None,
            blocks_since_last_step: None,
            subnet_emission: None,
            alpha_in: None,
            alpha_out: None,
            tao_in: None,
            alpha_out_emission: None,
            alpha_in_emission: None,
            tao_in_emission: None,
            pending_alpha_emission: None,
            pending_root_emission: None,
            subnet_volume: None,
            moving_price: None,
            rho: None,
            kappa: None,
            min_allowed_weights: None,
            max_weights_limit: None,
            weights_version: None,
            weights_rate_limit: None,
            activity_cutoff: None,
            max_validators: None,
            num_uids: None,
            max_uids: None,
            burn: None,
            difficulty: None,
            registration_allowed: None,
            pow_registration_allowed: None,
            immunity_period: None,
            min_difficulty: None,
            max_difficulty: None,
            min_burn: None,
            max_burn: None,
            adjustment_alpha: None,
            adjustment_interval: None,
            target_regs_per_interval: None,
            max_regs_per_block: None,
            serving_rate_limit: None,
            commit_reveal_weights_enabled: None,
            commit_reveal_period: None,
            liquid_alpha_enabled: None,
            alpha_high: None,
            alpha_low: None,
            bonds_moving_avg: None,
            hotkeys: None,
            coldkeys: None,
            identities: None,
            axons: None,
            active: None,
            validator_permit: None,
            pruning_score: None,
            last_update: None,
            emission: None,
            dividends: None,
            incentives: None,
            consensus: None,
            trust: None,
            rank: None,
            block_at_registration: None,
            alpha_stake: None,
            tao_stake: None,
            total_stake: None,
            tao_dividends_per_hotkey: None,
            alpha_dividends_per_hotkey: None,
            validators: None,
            commitments: None,
            collateral_locked: None,
            collateral_min: None,
            collateral_earned: None,
        }
    }
}

/// The number of each field of [`SelectiveMetagraph`]. The numbers are part of the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u16)]
pub enum SelectiveMetagraphIndex {
    /// Field `netuid`.
    Netuid = 0,
    /// Field `name`.
    Name = 1,
    /// Field `symbol`.
    Symbol = 2,
    /// Field `identity`.
    Identity = 3,
    /// Field `network_registered_at`.
    NetworkRegisteredAt = 4,
    /// Field `owner_hotkey`.
    OwnerHotkey = 5,
    /// Field `owner_coldkey`.
    OwnerColdkey = 6,
    /// Field `block`.
    Block = 7,
    /// Field `tempo`.
    Tempo = 8,
    /// Field `last_step`.
    LastStep = 9,
    /// Field `blocks_since_last_step`.
    BlocksSinceLastStep = 10,
    /// Field `subnet_emission`.
    SubnetEmission = 11,
    /// Field `alpha_in`.
    AlphaIn = 12,
    /// Field `alpha_out`.
    AlphaOut = 13,
    /// Field `tao_in`.
    TaoIn = 14,
    /// Field `alpha_out_emission`.
    AlphaOutEmission = 15,
    /// Field `alpha_in_emission`.
    AlphaInEmission = 16,
    /// Field `tao_in_emission`.
    TaoInEmission = 17,
    /// Field `pending_alpha_emission`.
    PendingAlphaEmission = 18,
    /// Field `pending_root_emission`.
    PendingRootEmission = 19,
    /// Field `subnet_volume`.
    SubnetVolume = 20,
    /// Field `moving_price`.
    MovingPrice = 21,
    /// Field `rho`.
    Rho = 22,
    /// Field `kappa`.
    Kappa = 23,
    /// Field `min_allowed_weights`.
    MinAllowedWeights = 24,
    /// Field `max_weights_limit`.
    MaxWeightsLimit = 25,
    /// Field `weights_version`.
    WeightsVersion = 26,
    /// Field `weights_rate_limit`.
    WeightsRateLimit = 27,
    /// Field `activity_cutoff`.
    ActivityCutoff = 28,
    /// Field `max_validators`.
    MaxValidators = 29,
    /// Field `num_uids`.
    NumUids = 30,
    /// Field `max_uids`.
    MaxUids = 31,
    /// Field `burn`.
    Burn = 32,
    /// Field `difficulty`.
    Difficulty = 33,
    /// Field `registration_allowed`.
    RegistrationAllowed = 34,
    /// Field `pow_registration_allowed`.
    PowRegistrationAllowed = 35,
    /// Field `immunity_period`.
    ImmunityPeriod = 36,
    /// Field `min_difficulty`.
    MinDifficulty = 37,
    /// Field `max_difficulty`.
    MaxDifficulty = 38,
    /// Field `min_burn`.
    MinBurn = 39,
    /// Field `max_burn`.
    MaxBurn = 40,
    /// Field `adjustment_alpha`.
    AdjustmentAlpha = 41,
    /// Field `adjustment_interval`.
    AdjustmentInterval = 42,
    /// Field `target_regs_per_interval`.
    TargetRegsPerInterval = 43,
    /// Field `max_regs_per_block`.
    MaxRegsPerBlock = 44,
    /// Field `serving_rate_limit`.
    ServingRateLimit = 45,
    /// Field `commit_reveal_weights_enabled`.
    CommitRevealWeightsEnabled = 46,
    /// Field `commit_reveal_period`.
    CommitRevealPeriod = 47,
    /// Field `liquid_alpha_enabled`.
    LiquidAlphaEnabled = 48,
    /// Field `alpha_high`.
    AlphaHigh = 49,
    /// Field `alpha_low`.
    AlphaLow = 50,
    /// Field `bonds_moving_avg`.
    BondsMovingAvg = 51,
    /// Field `hotkeys`.
    Hotkeys = 52,
    /// Field `coldkeys`.
    Coldkeys = 53,
    /// Field `identities`.
    Identities = 54,
    /// Field `axons`.
    Axons = 55,
    /// Field `active`.
    Active = 56,
    /// Field `validator_permit`.
    ValidatorPermit = 57,
    /// Field `pruning_score`.
    PruningScore = 58,
    /// Field `last_update`.
    LastUpdate = 59,
    /// Field `emission`.
    Emission = 60,
    /// Field `dividends`.
    Dividends = 61,
    /// Field `incentives`.
    Incentives = 62,
    /// Field `consensus`.
    Consensus = 63,
    /// Field `trust`.
    Trust = 64,
    /// Field `rank`.
    Rank = 65,
    /// Field `block_at_registration`.
    BlockAtRegistration = 66,
    /// Field `alpha_stake`.
    AlphaStake = 67,
    /// Field `tao_stake`.
    TaoStake = 68,
    /// Field `total_stake`.
    TotalStake = 69,
    /// Field `tao_dividends_per_hotkey`.
    TaoDividendsPerHotkey = 70,
    /// Field `alpha_dividends_per_hotkey`.
    AlphaDividendsPerHotkey = 71,
    /// Field `validators`.
    Validators = 72,
    /// Field `commitments`.
    Commitments = 73,
}

impl SelectiveMetagraphIndex {
    /// All fields in the order of their numbers.
    pub const ALL: [Self; 74] = [
        Self::Netuid,
        Self::Name,
        Self::Symbol,
        Self::Identity,
        Self::NetworkRegisteredAt,
        Self::OwnerHotkey,
        Self::OwnerColdkey,
        Self::Block,
        Self::Tempo,
        Self::LastStep,
        Self::BlocksSinceLastStep,
        Self::SubnetEmission,
        Self::AlphaIn,
        Self::AlphaOut,
        Self::TaoIn,
        Self::AlphaOutEmission,
        Self::AlphaInEmission,
        Self::TaoInEmission,
        Self::PendingAlphaEmission,
        Self::PendingRootEmission,
        Self::SubnetVolume,
        Self::MovingPrice,
        Self::Rho,
        Self::Kappa,
        Self::MinAllowedWeights,
        Self::MaxWeightsLimit,
        Self::WeightsVersion,
        Self::WeightsRateLimit,
        Self::ActivityCutoff,
        Self::MaxValidators,
        Self::NumUids,
        Self::MaxUids,
        Self::Burn,
        Self::Difficulty,
        Self::RegistrationAllowed,
        Self::PowRegistrationAllowed,
        Self::ImmunityPeriod,
        Self::MinDifficulty,
        Self::MaxDifficulty,
        Self::MinBurn,
        Self::MaxBurn,
        Self::AdjustmentAlpha,
        Self::AdjustmentInterval,
        Self::TargetRegsPerInterval,
        Self::MaxRegsPerBlock,
        Self::ServingRateLimit,
        Self::CommitRevealWeightsEnabled,
        Self::CommitRevealPeriod,
        Self::LiquidAlphaEnabled,
        Self::AlphaHigh,
        Self::AlphaLow,
        Self::BondsMovingAvg,
        Self::Hotkeys,
        Self::Coldkeys,
        Self::Identities,
        Self::Axons,
        Self::Active,
        Self::ValidatorPermit,
        Self::PruningScore,
        Self::LastUpdate,
        Self::Emission,
        Self::Dividends,
        Self::Incentives,
        Self::Consensus,
        Self::Trust,
        Self::Rank,
        Self::BlockAtRegistration,
        Self::AlphaStake,
        Self::TaoStake,
        Self::TotalStake,
        Self::TaoDividendsPerHotkey,
        Self::AlphaDividendsPerHotkey,
        Self::Validators,
        Self::Commitments,
    ];

    /// The field with this number; `None` for a number that names no field.
    pub fn from_number(number: u16) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }

    /// The number clients send for this field.
    pub const fn number(self) -> u16 {
        self as u16
    }
}
