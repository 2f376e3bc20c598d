//! Plain data for unit tests of commands.

use myelin_abi::Account;
use myelin_chain_client::Neuron;
use myelin_units::{AlphaBalance, TaoBalance};

/// A neuron with nothing but its keys: each byte of its hotkey is its uid. It has announced no axon.
pub fn silent_neuron(uid: u8) -> Neuron {
    Neuron {
        uid: uid.into(),
        hotkey: Account([uid; 32]),
        coldkey: Account([9; 32]),
        axon: None,
        signed_bodies: false,
        tells_evidence: false,
        active: false,
        validator_permit: false,
        last_update: 0,
        registered_at: 0,
        emission: AlphaBalance::ZERO,
        incentive: 0,
        dividends: 0,
        consensus: 0,
        alpha_stake: AlphaBalance::ZERO,
        tao_stake: TaoBalance::ZERO,
        total_stake: AlphaBalance::ZERO,
    }
}
