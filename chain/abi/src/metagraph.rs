//! A whole subnet in one answer: facts, pool, hyperparameters, and its neurons in columns.

use alloc::vec::Vec;

use codec::{Compact, Decode, Encode};
use myelin_units::{AlphaBalance, TaoBalance, I96F32};
use scale_info::TypeInfo;

use crate::{AxonInfo, ChainIdentityV2, SubnetIdentityV3};

/// A subnet, or one of its mechanisms, in one answer.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Metagraph<AccountId> {
    /// Storage index: mechanism id · 4096 + netuid.
    pub netuid: Compact<u16>,
    /// Name of the subnet, UTF-8.
    pub name: Vec<Compact<u8>>,
    /// Symbol of its token, UTF-8.
    pub symbol: Vec<Compact<u8>>,
    /// Description of the subnet, published by its owner.
    pub identity: Option<SubnetIdentityV3>,
    /// Block at which the subnet was created.
    pub network_registered_at: Compact<u64>,
    /// Hotkey that receives the owner cut.
    pub owner_hotkey: AccountId,
    /// Coldkey of the subnet owner.
    pub owner_coldkey: AccountId,
    /// Block this answer describes.
    pub block: Compact<u64>,
    /// Blocks between two epochs.
    pub tempo: Compact<u16>,
    /// Block of the last epoch.
    pub last_step: Compact<u64>,
    /// Blocks since the last epoch.
    pub blocks_since_last_step: Compact<u64>,
    /// TAO the subnet receives per block, in rao.
    pub subnet_emission: Compact<TaoBalance>,
    /// Alpha in the pool, in rao.
    pub alpha_in: Compact<AlphaBalance>,
    /// Alpha outside the pool, in rao.
    pub alpha_out: Compact<AlphaBalance>,
    /// TAO in the pool, in rao.
    pub tao_in: Compact<TaoBalance>,
    /// Alpha minted for neurons per block, in rao.
    pub alpha_out_emission: Compact<AlphaBalance>,
    /// Alpha minted into the pool per block, in rao.
    pub alpha_in_emission: Compact<AlphaBalance>,
    /// TAO paid into the pool per block, in rao.
    pub tao_in_emission: Compact<TaoBalance>,
    /// Alpha that waits for the next epoch, in rao.
    pub pending_alpha_emission: Compact<AlphaBalance>,
    /// Root dividends that wait for the next epoch, in rao of alpha.
    pub pending_root_emission: Compact<AlphaBalance>,
    /// Sum of all swaps so far, in rao of TAO.
    pub subnet_volume: Compact<u128>,
    /// Smoothed price, TAO per alpha.
    pub moving_price: I96F32,
    /// Unused by consensus; kept for clients.
    pub rho: Compact<u16>,
    /// Share of stake that must support a weight, 65535 = 1.
    pub kappa: Compact<u16>,
    /// Fewest weights in one call.
    pub min_allowed_weights: Compact<u16>,
    /// Largest weight; constant 65535.
    pub max_weights_limit: Compact<u16>,
    /// Smallest version key that set_weights accepts; 0 = any.
    pub weights_version: Compact<u64>,
    /// Blocks between two set_weights of one neuron.
    pub weights_rate_limit: Compact<u64>,
    /// Blocks without weights after which a validator no longer counts.
    pub activity_cutoff: Compact<u64>,
    /// Permits the subnet gives out.
    pub max_validators: Compact<u16>,
    /// Neurons on the subnet.
    pub num_uids: Compact<u16>,
    /// Most neurons the subnet takes.
    pub max_uids: Compact<u16>,
    /// Price of a registration, in rao.
    pub burn: Compact<TaoBalance>,
    /// Unused: proof of work is gone.
    pub difficulty: Compact<u64>,
    /// Whether neurons can register; false also stops all emission.
    pub registration_allowed: bool,
    /// Always false: proof of work is gone.
    pub pow_registration_allowed: bool,
    /// Blocks a new neuron can't be pruned.
    pub immunity_period: Compact<u16>,
    /// Unused: proof of work is gone.
    pub min_difficulty: Compact<u64>,
    /// Unused: proof of work is gone.
    pub max_difficulty: Compact<u64>,
    /// Lower bound of the registration price, in rao.
    pub min_burn: Compact<TaoBalance>,
    /// Upper bound of the registration price, in rao.
    pub max_burn: Compact<TaoBalance>,
    /// Unused by the continuous price; kept for clients.
    pub adjustment_alpha: Compact<u64>,
    /// Unused by the continuous price; kept for clients.
    pub adjustment_interval: Compact<u16>,
    /// Registrations per interval that root aims at.
    pub target_regs_per_interval: Compact<u16>,
    /// Registrations per block on root.
    pub max_regs_per_block: Compact<u16>,
    /// Blocks between two announcements of one endpoint.
    pub serving_rate_limit: Compact<u64>,
    /// Whether weights must be committed before they are revealed.
    pub commit_reveal_weights_enabled: bool,
    /// Epochs between a commit and its reveal.
    pub commit_reveal_period: Compact<u64>,
    /// Whether bonds move with one coefficient per pair.
    pub liquid_alpha_enabled: bool,
    /// Largest liquid-alpha coefficient, 65535 = 1.
    pub alpha_high: Compact<u16>,
    /// Smallest liquid-alpha coefficient, 65535 = 1.
    pub alpha_low: Compact<u16>,
    /// Weight of the old bonds in parts per million.
    pub bonds_moving_avg: Compact<u64>,
    /// Hotkeys by uid.
    pub hotkeys: Vec<AccountId>,
    /// Coldkeys by uid.
    pub coldkeys: Vec<AccountId>,
    /// Description of each coldkey's owner, by uid.
    pub identities: Vec<Option<ChainIdentityV2>>,
    /// Endpoints by uid.
    pub axons: Vec<AxonInfo>,
    /// Whether each uid set weights recently enough.
    pub active: Vec<bool>,
    /// Whether each uid holds a permit.
    pub validator_permit: Vec<bool>,
    /// No longer computed: 65535 per uid.
    pub pruning_score: Vec<Compact<u16>>,
    /// Block of the last weights by uid.
    pub last_update: Vec<Compact<u64>>,
    /// Alpha of the last epoch by uid, in rao.
    pub emission: Vec<Compact<AlphaBalance>>,
    /// Shares of validator emission by uid, 65535 = 1.
    pub dividends: Vec<Compact<u16>>,
    /// Shares of miner emission by uid, 65535 = 1.
    pub incentives: Vec<Compact<u16>>,
    /// Consensus weight by uid, 65535 = 1.
    pub consensus: Vec<Compact<u16>>,
    /// No longer computed: 0 per uid.
    pub trust: Vec<Compact<u16>>,
    /// No longer computed: 0 per uid.
    pub rank: Vec<Compact<u16>>,
    /// Block at which each uid was taken.
    pub block_at_registration: Vec<Compact<u64>>,
    /// Alpha by uid, in rao, with inheritance.
    pub alpha_stake: Vec<Compact<AlphaBalance>>,
    /// Root stake by uid, in rao, with inheritance, before the TAO weight.
    pub tao_stake: Vec<Compact<TaoBalance>>,
    /// Alpha and weighted root stake by uid, in rao.
    pub total_stake: Vec<Compact<AlphaBalance>>,
    /// Root dividends of the last epoch, in rao of alpha.
    pub tao_dividends_per_hotkey: Vec<(AccountId, Compact<AlphaBalance>)>,
    /// Alpha dividends of the last epoch, in rao.
    pub alpha_dividends_per_hotkey: Vec<(AccountId, Compact<AlphaBalance>)>,
    /// Always zero per uid: there is no miner collateral.
    pub collateral_locked: Vec<Compact<AlphaBalance>>,
    /// Always zero per uid: there is no miner collateral.
    pub collateral_min: Vec<Compact<AlphaBalance>>,
    /// Always zero per uid: there is no miner collateral.
    pub collateral_earned: Vec<Compact<AlphaBalance>>,
}
