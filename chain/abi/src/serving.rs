//! Endpoints of a neuron.

use alloc::vec::Vec;

use codec::{Decode, DecodeWithMemTracking, Encode, Error, Input, MaxEncodedLen};
use scale_info::TypeInfo;

/// The endpoint a neuron announced with `serve_axon`. The default, all zero, means none.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct AxonInfo {
    /// Block of the announcement.
    pub block: u64,
    /// Version of the neuron's software.
    pub version: u32,
    /// Address as a number; an IPv4 address fills the low 32 bits.
    pub ip: u128,
    /// TCP port.
    pub port: u16,
    /// 4 or 6.
    pub ip_type: u8,
    /// Protocol number; clients send 4.
    pub protocol: u8,
    /// Free for the subnet.
    pub placeholder1: u8,
    /// Free for the subnet.
    pub placeholder2: u8,
}

/// The metrics endpoint a neuron announced with `serve_prometheus`. The default, all zero, means none.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct PrometheusInfo {
    /// Block of the announcement.
    pub block: u64,
    /// Version of the neuron's software.
    pub version: u32,
    /// Address as a number; an IPv4 address fills the low 32 bits.
    pub ip: u128,
    /// TCP port.
    pub port: u16,
    /// 4 or 6.
    pub ip_type: u8,
}

/// The TLS key a neuron announced with `serve_axon_tls`.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct NeuronCertificate {
    /// Public key, at most 64 bytes.
    pub public_key: CertificateKey,
    /// Number of the signature algorithm: the first byte of the announced certificate.
    pub algorithm: u8,
}

impl NeuronCertificate {
    /// Splits an announced certificate into algorithm and key; `None` if it is empty or its key is too long.
    pub fn from_announcement(certificate: &[u8]) -> Option<Self> {
        let (&algorithm, key) = certificate.split_first()?;
        Some(Self { public_key: CertificateKey::new(key.to_vec())?, algorithm })
    }
}

/// The bytes of a public key, at most [`CertificateKey::MAX_LEN`]. A longer one does not decode.
#[derive(Clone, Debug, PartialEq, Eq, Encode, TypeInfo)]
pub struct CertificateKey(Vec<u8>);

impl CertificateKey {
    /// Longest key in bytes.
    pub const MAX_LEN: usize = 64;

    /// A key of these bytes; `None` if there are more than [`Self::MAX_LEN`].
    pub fn new(bytes: Vec<u8>) -> Option<Self> {
        (bytes.len() <= Self::MAX_LEN).then_some(Self(bytes))
    }

    /// The bytes of the key.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl Decode for CertificateKey {
    fn decode<I: Input>(input: &mut I) -> Result<Self, Error> {
        let length = codec::Compact::<u32>::decode(input)?.0 as usize;
        if length > Self::MAX_LEN {
            return Err("certificate key longer than 64 bytes".into());
        }
        let mut bytes = alloc::vec![0; length];
        input.read(&mut bytes)?;
        Ok(Self(bytes))
    }
}

impl DecodeWithMemTracking for CertificateKey {}

impl MaxEncodedLen for CertificateKey {
    fn max_encoded_len() -> usize {
        // The length prefix of up to 64 bytes takes two bytes.
        Self::MAX_LEN + 2
    }
}
