//! The hyperparameters of a subnet in the three forms that clients know.

use alloc::vec::Vec;

use codec::{Compact, Decode, Encode};
use myelin_units::{TaoBalance, I32F32, U64F64};
use scale_info::TypeInfo;

/// First form: fixed fields.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct SubnetHyperparams {
    /// Unused by consensus; kept for clients.
    pub rho: Compact<u16>,
    /// Share of stake that must support a weight, 65535 = 1.
    pub kappa: Compact<u16>,
    /// Blocks a new neuron can't be pruned.
    pub immunity_period: Compact<u16>,
    /// Fewest weights in one call.
    pub min_allowed_weights: Compact<u16>,
    /// Largest weight; constant 65535.
    pub max_weights_limit: Compact<u16>,
    /// Blocks between two epochs.
    pub tempo: Compact<u16>,
    /// Unused: proof of work is gone.
    pub min_difficulty: Compact<u64>,
    /// Unused: proof of work is gone.
    pub max_difficulty: Compact<u64>,
    /// Smallest version key that set_weights accepts; 0 = any.
    pub weights_version: Compact<u64>,
    /// Blocks between two set_weights of one neuron.
    pub weights_rate_limit: Compact<u64>,
    /// Unused by the continuous price; kept for clients.
    pub adjustment_interval: Compact<u16>,
    /// Blocks without weights after which a validator no longer counts.
    pub activity_cutoff: Compact<u64>,
    /// Whether neurons can register; false also stops all emission.
    pub registration_allowed: bool,
    /// Registrations per interval that root aims at.
    pub target_regs_per_interval: Compact<u16>,
    /// Lower bound of the registration price, in rao.
    pub min_burn: Compact<TaoBalance>,
    /// Upper bound of the registration price, in rao.
    pub max_burn: Compact<TaoBalance>,
    /// Weight of the old bonds in parts per million.
    pub bonds_moving_avg: Compact<u64>,
    /// Registrations per block on root.
    pub max_regs_per_block: Compact<u16>,
    /// Blocks between two announcements of one endpoint.
    pub serving_rate_limit: Compact<u64>,
    /// Permits the subnet gives out.
    pub max_validators: Compact<u16>,
    /// Unused by the continuous price; kept for clients.
    pub adjustment_alpha: Compact<u64>,
    /// Unused: proof of work is gone.
    pub difficulty: Compact<u64>,
    /// Epochs between a commit and its reveal.
    pub commit_reveal_period: Compact<u64>,
    /// Whether weights must be committed before they are revealed.
    pub commit_reveal_weights_enabled: bool,
    /// Largest liquid-alpha coefficient, 65535 = 1.
    pub alpha_high: Compact<u16>,
    /// Smallest liquid-alpha coefficient, 65535 = 1.
    pub alpha_low: Compact<u16>,
    /// Whether bonds move with one coefficient per pair.
    pub liquid_alpha_enabled: bool,
}

/// Second form: the first with six more fields.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct SubnetHyperparamsV2 {
    /// Unused by consensus; kept for clients.
    pub rho: Compact<u16>,
    /// Share of stake that must support a weight, 65535 = 1.
    pub kappa: Compact<u16>,
    /// Blocks a new neuron can't be pruned.
    pub immunity_period: Compact<u16>,
    /// Fewest weights in one call.
    pub min_allowed_weights: Compact<u16>,
    /// Largest weight; constant 65535.
    pub max_weights_limit: Compact<u16>,
    /// Blocks between two epochs.
    pub tempo: Compact<u16>,
    /// Unused: proof of work is gone.
    pub min_difficulty: Compact<u64>,
    /// Unused: proof of work is gone.
    pub max_difficulty: Compact<u64>,
    /// Smallest version key that set_weights accepts; 0 = any.
    pub weights_version: Compact<u64>,
    /// Blocks between two set_weights of one neuron.
    pub weights_rate_limit: Compact<u64>,
    /// Unused by the continuous price; kept for clients.
    pub adjustment_interval: Compact<u16>,
    /// Blocks without weights after which a validator no longer counts.
    pub activity_cutoff: Compact<u64>,
    /// Whether neurons can register; false also stops all emission.
    pub registration_allowed: bool,
    /// Registrations per interval that root aims at.
    pub target_regs_per_interval: Compact<u16>,
    /// Lower bound of the registration price, in rao.
    pub min_burn: Compact<TaoBalance>,
    /// Upper bound of the registration price, in rao.
    pub max_burn: Compact<TaoBalance>,
    /// Weight of the old bonds in parts per million.
    pub bonds_moving_avg: Compact<u64>,
    /// Registrations per block on root.
    pub max_regs_per_block: Compact<u16>,
    /// Blocks between two announcements of one endpoint.
    pub serving_rate_limit: Compact<u64>,
    /// Permits the subnet gives out.
    pub max_validators: Compact<u16>,
    /// Unused by the continuous price; kept for clients.
    pub adjustment_alpha: Compact<u64>,
    /// Unused: proof of work is gone.
    pub difficulty: Compact<u64>,
    /// Epochs between a commit and its reveal.
    pub commit_reveal_period: Compact<u64>,
    /// Whether weights must be committed before they are revealed.
    pub commit_reveal_weights_enabled: bool,
    /// Largest liquid-alpha coefficient, 65535 = 1.
    pub alpha_high: Compact<u16>,
    /// Smallest liquid-alpha coefficient, 65535 = 1.
    pub alpha_low: Compact<u16>,
    /// Whether bonds move with one coefficient per pair.
    pub liquid_alpha_enabled: bool,
    /// Steepness of the liquid-alpha sigmoid.
    pub alpha_sigmoid_steepness: I32F32,
    /// 2 or 3.
    pub yuma_version: Compact<u16>,
    /// Whether staking is open.
    pub subnet_is_active: bool,
    /// Whether stake can change its coldkey.
    pub transfers_enabled: bool,
    /// Whether a commitment can reset bonds.
    pub bonds_reset_enabled: bool,
    /// Always false: users can't add liquidity.
    pub user_liquidity_enabled: bool,
}

/// One hyperparameter of the third form: clients list all names in the answer.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct HyperparamEntry {
    /// Official name, ASCII.
    pub name: Vec<u8>,
    /// Value with its kind.
    pub value: HyperparamValue,
}

/// A value with its kind. Clients look at the names of the variants.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub enum HyperparamValue {
    /// A switch.
    #[codec(index = 0)]
    Bool(bool),
    /// A small number or a proportion with 65535 = 1.
    #[codec(index = 1)]
    U16(Compact<u16>),
    /// A number.
    #[codec(index = 2)]
    U32(Compact<u32>),
    /// A number, usually of blocks.
    #[codec(index = 3)]
    U64(Compact<u64>),
    /// A large number.
    #[codec(index = 4)]
    U128(Compact<u128>),
    /// An amount of TAO in rao.
    #[codec(index = 5)]
    TaoBalance(Compact<TaoBalance>),
    /// A signed fraction.
    #[codec(index = 6)]
    I32F32(I32F32),
    /// A large unsigned fraction.
    #[codec(index = 7)]
    U64F64(U64F64),
}
