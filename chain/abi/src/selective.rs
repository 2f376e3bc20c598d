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

/// Makes the numbers of the fields and the answer without fields from one list.
macro_rules! number_fields {
    (
        numbered { $first:ident = $zero:literal netuid, $($index:ident = $number:literal $field:ident,)+ }
        without_number { $($other:ident,)+ }
    ) => {
        impl<AccountId> SelectiveMetagraph<AccountId> {
            /// The answer to a request for the subnet number only.
            pub fn empty(netuid: u16) -> Self {
                Self { netuid: Compact(netuid), $($field: None,)+ $($other: None,)+ }
            }
        }

        /// The number of each field of [`SelectiveMetagraph`]. The numbers are part of the interface.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[repr(u16)]
        pub enum SelectiveMetagraphIndex {
            /// Field `netuid`.
            $first = $zero,
            $(
                #[doc = concat!("Field `", stringify!($field), "`.")]
                $index = $number,
            )+
        }

        impl SelectiveMetagraphIndex {
            /// All fields in the order of their numbers.
            pub const ALL: [Self; 74] = [Self::$first, $(Self::$index,)+];
        }
    };
}

number_fields! {
    numbered {
        Netuid = 0 netuid,
        Name = 1 name,
        Symbol = 2 symbol,
        Identity = 3 identity,
        NetworkRegisteredAt = 4 network_registered_at,
        OwnerHotkey = 5 owner_hotkey,
        OwnerColdkey = 6 owner_coldkey,
        Block = 7 block,
        Tempo = 8 tempo,
        LastStep = 9 last_step,
        BlocksSinceLastStep = 10 blocks_since_last_step,
        SubnetEmission = 11 subnet_emission,
        AlphaIn = 12 alpha_in,
        AlphaOut = 13 alpha_out,
        TaoIn = 14 tao_in,
        AlphaOutEmission = 15 alpha_out_emission,
        AlphaInEmission = 16 alpha_in_emission,
        TaoInEmission = 17 tao_in_emission,
        PendingAlphaEmission = 18 pending_alpha_emission,
        PendingRootEmission = 19 pending_root_emission,
        SubnetVolume = 20 subnet_volume,
        MovingPrice = 21 moving_price,
        Rho = 22 rho,
        Kappa = 23 kappa,
        MinAllowedWeights = 24 min_allowed_weights,
        MaxWeightsLimit = 25 max_weights_limit,
        WeightsVersion = 26 weights_version,
        WeightsRateLimit = 27 weights_rate_limit,
        ActivityCutoff = 28 activity_cutoff,
        MaxValidators = 29 max_validators,
        NumUids = 30 num_uids,
        MaxUids = 31 max_uids,
        Burn = 32 burn,
        Difficulty = 33 difficulty,
        RegistrationAllowed = 34 registration_allowed,
        PowRegistrationAllowed = 35 pow_registration_allowed,
        ImmunityPeriod = 36 immunity_period,
        MinDifficulty = 37 min_difficulty,
        MaxDifficulty = 38 max_difficulty,
        MinBurn = 39 min_burn,
        MaxBurn = 40 max_burn,
        AdjustmentAlpha = 41 adjustment_alpha,
        AdjustmentInterval = 42 adjustment_interval,
        TargetRegsPerInterval = 43 target_regs_per_interval,
        MaxRegsPerBlock = 44 max_regs_per_block,
        ServingRateLimit = 45 serving_rate_limit,
        CommitRevealWeightsEnabled = 46 commit_reveal_weights_enabled,
        CommitRevealPeriod = 47 commit_reveal_period,
        LiquidAlphaEnabled = 48 liquid_alpha_enabled,
        AlphaHigh = 49 alpha_high,
        AlphaLow = 50 alpha_low,
        BondsMovingAvg = 51 bonds_moving_avg,
        Hotkeys = 52 hotkeys,
        Coldkeys = 53 coldkeys,
        Identities = 54 identities,
        Axons = 55 axons,
        Active = 56 active,
        ValidatorPermit = 57 validator_permit,
        PruningScore = 58 pruning_score,
        LastUpdate = 59 last_update,
        Emission = 60 emission,
        Dividends = 61 dividends,
        Incentives = 62 incentives,
        Consensus = 63 consensus,
        Trust = 64 trust,
        Rank = 65 rank,
        BlockAtRegistration = 66 block_at_registration,
        AlphaStake = 67 alpha_stake,
        TaoStake = 68 tao_stake,
        TotalStake = 69 total_stake,
        TaoDividendsPerHotkey = 70 tao_dividends_per_hotkey,
        AlphaDividendsPerHotkey = 71 alpha_dividends_per_hotkey,
        Validators = 72 validators,
        Commitments = 73 commitments,
    }
    without_number {
        collateral_locked,
        collateral_min,
        collateral_earned,
    }
}

impl SelectiveMetagraphIndex {
    /// The field with this number; `None` for a number that names no field.
    pub fn from_number(number: u16) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }

    /// The number clients send for this field.
    pub const fn number(self) -> u16 {
        self as u16
    }
}
