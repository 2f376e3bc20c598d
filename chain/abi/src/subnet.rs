//! One subnet as `SubnetInfoRuntimeApi` answers it: static facts, the pool, and the state of its neurons.

use alloc::vec::Vec;

use codec::{Compact, Decode, Encode};
use myelin_units::{AlphaBalance, NetUid, TaoBalance, I96F32, U64F64};
use scale_info::TypeInfo;

use crate::SubnetIdentityV3;

/// A subnet that a crowd has paid for. This chain has none yet, but clients ask for it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct SubnetLease<AccountId> {
    /// Account that runs the subnet.
    pub beneficiary: AccountId,
    /// The account that stands for the crowd.
    pub coldkey: AccountId,
    /// Its hotkey.
    pub hotkey: AccountId,
    /// Percent of the owner's cut that the crowd gets.
    pub emissions_share: u8,
    /// Block at which the lease ends; `None`: never.
    pub end_block: Option<u32>,
    /// Subnet.
    pub netuid: NetUid,
    /// Price paid by the crowd, in rao of TAO.
    pub cost: TaoBalance,
}

/// A paid subnet that waits for a number.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct NetworkRegistrationInfo<AccountId> {
    /// Its owner.
    pub coldkey: AccountId,
    /// The hotkey that will be its uid 0.
    pub hotkey: AccountId,
    /// 1: with a pool.
    pub mechid: u16,
    /// Description of the subnet, published by its owner.
    pub identity: Option<SubnetIdentityV3>,
    /// Price paid for it, in rao.
    pub lock_amount: TaoBalance,
    /// Price at which its pool will open, in TAO per alpha: the median when it was paid for.
    pub median_subnet_alpha_price: U64F64,
    /// Block of the payment.
    pub registration_block: u64,
    /// Number of this entry.
    pub lock_id: u32,
}

/// The facts about a subnet in their first form.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct SubnetInfo<AccountId> {
    /// Subnet.
    pub netuid: Compact<u16>,
    /// Unused by consensus; kept for clients.
    pub rho: Compact<u16>,
    /// Share of stake that must support a weight, 65535 = 1.
    pub kappa: Compact<u16>,
    /// Unused: proof of work is gone.
    pub difficulty: Compact<u64>,
    /// Blocks a new neuron can't be pruned.
    pub immunity_period: Compact<u16>,
    /// Permits the subnet gives out.
    pub max_allowed_validators: Compact<u16>,
    /// Fewest weights in one call.
    pub min_allowed_weights: Compact<u16>,
    /// Largest weight; constant 65535.
    pub max_weights_limit: Compact<u16>,
    /// Unused by consensus; kept for clients.
    pub scaling_law_power: Compact<u16>,
    /// Neurons on the subnet.
    pub subnetwork_n: Compact<u16>,
    /// Most neurons the subnet takes.
    pub max_allowed_uids: Compact<u16>,
    /// Blocks since the last epoch.
    pub blocks_since_last_step: Compact<u64>,
    /// Blocks between two epochs.
    pub tempo: Compact<u16>,
    /// Unused: always 0.
    pub network_modality: Compact<u16>,
    /// Unused: always empty.
    pub network_connect: Vec<[u16; 2]>,
    /// TAO the subnet receives per block, in rao.
    pub emission_values: Compact<TaoBalance>,
    /// Price of a registration, in rao.
    pub burn: Compact<TaoBalance>,
    /// Coldkey of the subnet owner.
    pub owner: AccountId,
}

/// The facts about a subnet with the description published by its owner.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct SubnetInfov2<AccountId> {
    /// Subnet.
    pub netuid: Compact<u16>,
    /// Unused by consensus; kept for clients.
    pub rho: Compact<u16>,
    /// Share of stake that must support a weight, 65535 = 1.
    pub kappa: Compact<u16>,
    /// Unused: proof of work is gone.
    pub difficulty: Compact<u64>,
    /// Blocks a new neuron can't be pruned.
    pub immunity_period: Compact<u16>,
    /// Permits the subnet gives out.
    pub max_allowed_validators: Compact<u16>,
    /// Fewest weights in one call.
    pub min_allowed_weights: Compact<u16>,
    /// Largest weight; constant 65535.
    pub max_weights_limit: Compact<u16>,
    /// Unused by consensus; kept for clients.
    pub scaling_law_power: Compact<u16>,
    /// Neurons on the subnet.
    pub subnetwork_n: Compact<u16>,
    /// Most neurons the subnet takes.
    pub max_allowed_uids: Compact<u16>,
    /// Blocks since the last epoch.
    pub blocks_since_last_step: Compact<u64>,
    /// Blocks between two epochs.
    pub tempo: Compact<u16>,
    /// Unused: always 0.
    pub network_modality: Compact<u16>,
    /// Unused: always empty.
    pub network_connect: Vec<[u16; 2]>,
    /// TAO the subnet receives per block, in rao.
    pub emission_value: Compact<TaoBalance>,
    /// Price of a registration, in rao.
    pub burn: Compact<TaoBalance>,
    /// Coldkey of the subnet owner.
    pub owner: AccountId,
    /// Description of the subnet, published by its owner.
    pub identity: Option<SubnetIdentityV3>,
}

/// The pool of a subnet and its token. The price is not part of it: `current_alpha_price_all` returns that.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct DynamicInfo<AccountId> {
    /// Subnet.
    pub netuid: Compact<u16>,
    /// Hotkey that receives the owner cut.
    pub owner_hotkey: AccountId,
    /// Coldkey of the subnet owner.
    pub owner_coldkey: AccountId,
    /// Name of the subnet, UTF-8.
    pub subnet_name: Vec<Compact<u8>>,
    /// Symbol of its token, UTF-8.
    pub token_symbol: Vec<Compact<u8>>,
    /// Blocks between two epochs.
    pub tempo: Compact<u16>,
    /// Block of the last epoch.
    pub last_step: Compact<u64>,
    /// Blocks since the last epoch.
    pub blocks_since_last_step: Compact<u64>,
    /// TAO the subnet receives per block, in rao.
    pub emission: Compact<TaoBalance>,
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
    /// Block at which the subnet was created.
    pub network_registered_at: Compact<u64>,
    /// Description of the subnet, published by its owner.
    pub subnet_identity: Option<SubnetIdentityV3>,
    /// Smoothed price, TAO per alpha.
    pub moving_price: I96F32,
}

/// The neurons of a subnet in columns, one entry per uid.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct SubnetState<AccountId> {
    /// Subnet.
    pub netuid: Compact<u16>,
    /// Hotkeys by uid.
    pub hotkeys: Vec<AccountId>,
    /// Coldkeys by uid.
    pub coldkeys: Vec<AccountId>,
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
    /// Emission of the hotkeys on all subnets, in rao.
    pub emission_history: Vec<Vec<Compact<AlphaBalance>>>,
}
