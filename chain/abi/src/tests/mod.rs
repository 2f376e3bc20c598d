//! The promises of this crate: official shapes, golden bytes.

use alloc::vec;

use codec::{Compact, Decode, Encode};
use myelin_units::{AlphaBalance, TaoBalance, I96F32};

use crate::*;

mod rubric;
mod shapes;

const HOTKEY: Account = Account([1; 32]);
const COLDKEY: Account = Account([2; 32]);

fn axon() -> AxonInfo {
    AxonInfo {
        block: 7,
        version: 100_500,
        ip: 0x7f00_0001,
        port: 8091,
        ip_type: 4,
        protocol: 4,
        placeholder1: 0,
        placeholder2: 0,
    }
}

fn assert_golden<T: Encode + Decode + PartialEq + core::fmt::Debug>(value: T, golden: &[&[u8]]) {
    let golden = golden.concat();
    assert_eq!(value.encode(), golden);
    assert_eq!(T::decode(&mut &golden[..]), Ok(value));
}

#[test]
fn an_axon_is_34_little_endian_bytes() {
    assert_golden(
        axon(),
        &[
            &[7, 0, 0, 0, 0, 0, 0, 0],
            &[0x94, 0x88, 1, 0],
            &[1, 0, 0, 0x7f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            &[0x9b, 0x1f],
            &[4, 4, 0, 0],
        ],
    );
}

#[test]
fn stake_numbers_are_compact() {
    let stake = StakeInfo {
        hotkey: HOTKEY,
        coldkey: COLDKEY,
        netuid: Compact(2),
        stake: Compact(AlphaBalance::from_rao(1_000_000_000)),
        locked: Compact(AlphaBalance::ZERO),
        emission: Compact(AlphaBalance::from_rao(63)),
        tao_emission: Compact(AlphaBalance::from_rao(64)),
        drain: Compact(0),
        is_registered: true,
    };
    assert_golden(
        stake,
        &[&[1; 32], &[2; 32], &[8], &[0x02, 0x28, 0x6b, 0xee], &[0], &[0xfc], &[0x01, 0x01], &[0], &[1]],
    );
}

#[test]
fn a_neuron_keeps_its_field_order() {
    let neuron = NeuronInfoLite {
        hotkey: HOTKEY,
        coldkey: COLDKEY,
        uid: Compact(3),
        netuid: Compact(2),
        active: true,
        axon_info: axon(),
        prometheus_info: PrometheusInfo::default(),
        stake: vec![(COLDKEY, Compact(AlphaBalance::from_rao(5)))],
        rank: Compact(0),
        emission: Compact(AlphaBalance::from_rao(6)),
        incentive: Compact(7),
        consensus: Compact(8),
        trust: Compact(0),
        validator_trust: Compact(9),
        dividends: Compact(10),
        last_update: Compact(11),
        validator_permit: false,
        pruning_score: Compact(u16::MAX),
    };
    assert_golden(
        neuron,
        &[
            &[1; 32],
            &[2; 32],
            &[12, 8, 1],
            &axon().encode(),
            &[0; 31],
            &[4],
            &[2; 32],
            &[20],
            &[0, 24, 28, 32, 0, 36, 40, 44, 0],
            &[0xfe, 0xff, 0x03, 0x00],
        ],
    );
}

#[test]
fn a_selective_metagraph_spends_one_byte_per_field_that_was_not_asked_for() {
    let nothing = SelectiveMetagraph::<Account>::empty(2);
    // netuid, then 76 absent fields: 73 numbered ones and the collateral.
    assert_golden(nothing, &[&[8], &[0; 76]]);
}

#[test]
fn field_numbers_are_the_official_ones() {
    use SelectiveMetagraphIndex as Index;
    for (number, field) in (0u16..).zip(Index::ALL) {
        assert_eq!(field.number(), number);
        assert_eq!(Index::from_number(number), Some(field));
    }
    assert_eq!(Index::from_number(74), None);
    assert_eq!((Index::Hotkeys.number(), Index::Axons.number(), Index::Commitments.number()), (52, 55, 73));
}

#[test]
fn hyperparameter_values_keep_their_variant_numbers() {
    let entry = HyperparamEntry { name: b"kappa".to_vec(), value: HyperparamValue::U16(Compact(32767)) };
    assert_golden(entry, &[&[20], b"kappa", &[1, 0xfe, 0xff, 0x01, 0x00]]);
    let burn = HyperparamValue::TaoBalance(Compact(TaoBalance::from_rao(1)));
    assert_golden(burn, &[&[5, 4]]);
}

#[test]
fn a_subnet_without_identity_still_has_a_price_history() {
    let mut bytes = DynamicInfo {
        netuid: Compact(1),
        owner_hotkey: HOTKEY,
        owner_coldkey: COLDKEY,
        subnet_name: vec![Compact(b'a')],
        token_symbol: vec![Compact(0xce), Compact(0xb1)],
        tempo: Compact(360),
        last_step: Compact(0),
        blocks_since_last_step: Compact(0),
        emission: Compact(TaoBalance::ZERO),
        alpha_in: Compact(AlphaBalance::ZERO),
        alpha_out: Compact(AlphaBalance::ZERO),
        tao_in: Compact(TaoBalance::ZERO),
        alpha_out_emission: Compact(AlphaBalance::ZERO),
        alpha_in_emission: Compact(AlphaBalance::ZERO),
        tao_in_emission: Compact(TaoBalance::ZERO),
        pending_alpha_emission: Compact(AlphaBalance::ZERO),
        pending_root_emission: Compact(AlphaBalance::ZERO),
        subnet_volume: Compact(0),
        network_registered_at: Compact(0),
        subnet_identity: None,
        moving_price: I96F32::from_bits(1 << 31),
    }
    .encode();
    let price = bytes.split_off(bytes.len() - 16);
    assert_eq!(price, (1i128 << 31).to_le_bytes());
    // Text is a list of compact bytes: those from 64 on take two.
    assert_eq!(bytes[65..74], [4, 0x85, 0x01, 8, 0x39, 0x03, 0xc5, 0x02, 0xa1]);
}

#[test]
fn a_certificate_key_has_at_most_64_bytes() {
    let longest = NeuronCertificate::from_announcement(&[9; 65]).expect("64 bytes of key");
    assert_eq!(longest.algorithm, 9);
    assert_eq!(longest.public_key.as_bytes().len(), CertificateKey::MAX_LEN);
    assert_eq!(NeuronCertificate::decode(&mut &longest.encode()[..]), Ok(longest));
    assert_eq!(NeuronCertificate::from_announcement(&[9; 66]), None);
    assert_eq!(NeuronCertificate::from_announcement(&[]), None);
    assert!(NeuronCertificate::decode(&mut &(vec![0u8; 65], 9u8).encode()[..]).is_err());
}

#[test]
fn a_call_is_its_arguments_one_after_the_other() {
    use calls::{subtensor, Call};
    let call = subtensor::SetMechanismWeights {
        netuid: 2,
        mecid: 0,
        dests: vec![0, 1],
        weights: vec![65535, 1],
        version_key: 9,
    };
    fn arguments<C: Call>(_: &C) -> (&str, &str, &[&str]) {
        (C::PALLET, C::NAME, C::ARGUMENTS)
    }
    assert_eq!(
        arguments(&call),
        (
            "SubtensorModule",
            "set_mechanism_weights",
            &["netuid", "mecid", "dests", "weights", "version_key"][..]
        )
    );
    assert_golden(call, &[&[2, 0, 0], &[8, 0, 0, 1, 0], &[8, 0xff, 0xff, 1, 0], &[9, 0, 0, 0, 0, 0, 0, 0]]);
    let transfer = calls::balances::TransferKeepAlive {
        dest: calls::Address::Id(COLDKEY),
        value: Compact(TaoBalance::from_rao(64)),
    };
    assert_golden(transfer, &[&[0], &[2; 32], &[1, 1]]);
}
