//! One neuron as `NeuronInfoRuntimeApi` answers it.

use alloc::vec::Vec;

use codec::{Compact, Decode, Encode};
use myelin_units::AlphaBalance;
use scale_info::TypeInfo;

use crate::{AxonInfo, PrometheusInfo};

/// Everything the chain knows about one neuron.
///
/// Weights and bonds are those of mechanism 0.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct NeuronInfo<AccountId> {
    /// Hotkey of the neuron.
    pub hotkey: AccountId,
    /// Coldkey that owns the hotkey.
    pub coldkey: AccountId,
    /// Position of the neuron on its subnet.
    pub uid: Compact<u16>,
    /// Subnet.
    pub netuid: Compact<u16>,
    /// Whether the neuron set weights recently enough to count as a validator.
    pub active: bool,
    /// Endpoint of the neuron; all zero when it never announced one.
    pub axon_info: AxonInfo,
    /// Metrics endpoint of the neuron; all zero when it never announced one.
    pub prometheus_info: PrometheusInfo,
    /// Alpha on the hotkey.
    pub stake: Vec<(AccountId, Compact<AlphaBalance>)>,
    /// No longer computed: always 0.
    pub rank: Compact<u16>,
    /// Alpha paid by the last epoch, in rao.
    pub emission: Compact<AlphaBalance>,
    /// Share of miner emission, 65535 = 1.
    pub incentive: Compact<u16>,
    /// Stake-weighted median weight, 65535 = 1.
    pub consensus: Compact<u16>,
    /// No longer computed: always 0.
    pub trust: Compact<u16>,
    /// Sum of the clipped weights, 65535 = 1.
    pub validator_trust: Compact<u16>,
    /// Share of validator emission, 65535 = 1.
    pub dividends: Compact<u16>,
    /// Block of the last weights.
    pub last_update: Compact<u64>,
    /// Whether the weights of the neuron count.
    pub validator_permit: bool,
    /// Weights the neuron set: (uid, weight), largest 65535.
    pub weights: Vec<(Compact<u16>, Compact<u16>)>,
    /// Bonds of the neuron: (uid, bond).
    pub bonds: Vec<(Compact<u16>, Compact<u16>)>,
    /// No longer computed: always 65535.
    pub pruning_score: Compact<u16>,
}

/// [`NeuronInfo`] without weights and bonds.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct NeuronInfoLite<AccountId> {
    /// Hotkey of the neuron.
    pub hotkey: AccountId,
    /// Coldkey that owns the hotkey.
    pub coldkey: AccountId,
    /// Position of the neuron on its subnet.
    pub uid: Compact<u16>,
    /// Subnet.
    pub netuid: Compact<u16>,
    /// Whether the neuron set weights recently enough to count as a validator.
    pub active: bool,
    /// Endpoint of the neuron; all zero when it never announced one.
    pub axon_info: AxonInfo,
    /// Metrics endpoint of the neuron; all zero when it never announced one.
    pub prometheus_info: PrometheusInfo,
    /// Alpha on the hotkey.
    pub stake: Vec<(AccountId, Compact<AlphaBalance>)>,
    /// No longer computed: always 0.
    pub rank: Compact<u16>,
    /// Alpha paid by the last epoch, in rao.
    pub emission: Compact<AlphaBalance>,
    /// Share of miner emission, 65535 = 1.
    pub incentive: Compact<u16>,
    /// Stake-weighted median weight, 65535 = 1.
    pub consensus: Compact<u16>,
    /// No longer computed: always 0.
    pub trust: Compact<u16>,
    /// Sum of the clipped weights, 65535 = 1.
    pub validator_trust: Compact<u16>,
    /// Share of validator emission, 65535 = 1.
    pub dividends: Compact<u16>,
    /// Block of the last weights.
    pub last_update: Compact<u64>,
    /// Whether the weights of the neuron count.
    pub validator_permit: bool,
    /// No longer computed: always 65535.
    pub pruning_score: Compact<u16>,
}
