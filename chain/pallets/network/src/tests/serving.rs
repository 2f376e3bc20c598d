//! Endpoints of neurons.

use super::mock::*;
use crate::{pallet::*, subnets::Hyperparameters};
use frame_support::dispatch::{GetDispatchInfo, Pays};
use myelin_abi::AxonInfo;
use myelin_units::NetUid;

/// 8.8.8.8
const IP: u128 = 134_744_072;

fn axon(netuid: NetUid, ip: u128, port: u16, ip_type: u8) -> Network {
    Network::serve_axon {
        netuid,
        version: 9,
        ip,
        port,
        ip_type,
        protocol: 4,
        placeholder1: 1,
        placeholder2: 2,
    }
}

fn prometheus(netuid: NetUid) -> Network {
    Network::serve_prometheus { netuid, version: 9, ip: IP, port: 7091, ip_type: 4 }
}

#[test]
fn a_neuron_announces_where_it_answers() {
    on_chain(|| {
        let netuid = subnet().with_neurons(1).create();
        ok(&hotkey(10), axon(netuid, IP, 8091, 4));
        let stored = AxonInfo {
            block: 1,
            version: 9,
            ip: IP,
            port: 8091,
            ip_type: 4,
            protocol: 4,
            placeholder1: 1,
            placeholder2: 2,
        };
        assert_eq!(Axons::<Test>::get(netuid, hotkey(10)), Some(stored));
        announced(Event::AxonServed(netuid, hotkey(10)));
    });
}

#[test]
fn an_endpoint_changes_once_per_rate_limit() {
    on_chain(|| {
        let netuid = subnet().with_neurons(1).create();
        ok(&hotkey(10), axon(netuid, IP, 8091, 4));
        ok(&hotkey(10), prometheus(netuid));
        System::set_block_number(50);
        refused(&hotkey(10), axon(netuid, IP, 8092, 4), Refusal::ServingRateLimitExceeded);
        refused(&hotkey(10), prometheus(netuid), Refusal::ServingRateLimitExceeded);
        System::set_block_number(51);
        ok(&hotkey(10), axon(netuid, IP, 8092, 4));
        // With any limit, a block holds one announcement of a neuron.
        Hyperparameters::<Test>::set_serving_rate_limit(netuid, 0);
        refused(&hotkey(10), axon(netuid, IP, 8093, 4), Refusal::ServingRateLimitExceeded);
        System::set_block_number(52);
        ok(&hotkey(10), axon(netuid, IP, 8093, 4));
    });
}

#[test]
fn announcing_an_address_is_never_free_and_unlimited() {
    on_chain(|| {
        let netuid = subnet().with_neurons(1).create();
        let fee = |limit| {
            Hyperparameters::<Test>::set_serving_rate_limit(netuid, limit);
            [axon(netuid, IP, 8091, 4), prometheus(netuid)].map(|call| call.get_dispatch_info().pays_fee)
        };
        assert_eq!(fee(10), [Pays::No, Pays::No]);
        assert_eq!(fee(9), [Pays::Yes, Pays::Yes]);
    });
}

#[test]
fn endpoints_name_what_is_wrong() {
    on_chain(|| {
        let netuid = subnet().with_neurons(1).create();
        let who = hotkey(10);
        refused(&who, axon(99, IP, 8091, 4), Refusal::SubnetNotExists);
        refused(&hotkey(77), axon(netuid, IP, 8091, 4), Refusal::HotKeyNotRegisteredInSubNet);
        refused(&who, axon(netuid, IP, 8091, 5), Refusal::InvalidIpType);
        refused(&who, axon(netuid, 0x7f00_0001, 8091, 4), Refusal::InvalidIpAddress);
        refused(&who, axon(netuid, u128::from(u32::MAX), 8091, 4), Refusal::InvalidIpAddress);
        refused(&who, axon(netuid, IP, 0, 4), Refusal::InvalidPort);
        refused(&hotkey(77), prometheus(netuid), Refusal::HotKeyNotRegisteredInSubNet);
    });
}

#[test]
fn a_tls_key_comes_with_the_endpoint() {
    on_chain(|| {
        let netuid = subnet().with_neurons(1).create();
        let tls = |certificate: Vec<u8>| Network::serve_axon_tls {
            netuid,
            version: 9,
            ip: IP,
            port: 8091,
            ip_type: 4,
            protocol: 4,
            placeholder1: 0,
            placeholder2: 0,
            certificate,
        };
        refused(&hotkey(10), tls(vec![]), Refusal::InvalidValue);
        refused(&hotkey(10), tls(vec![1; 66]), Refusal::InvalidValue);
        ok(&hotkey(10), tls([vec![3], vec![7; 64]].concat()));
        let stored = NeuronCertificates::<Test>::get(netuid, hotkey(10)).expect("stored");
        assert_eq!((stored.algorithm, stored.public_key.as_bytes()), (3, &[7; 64][..]));
    });
}
