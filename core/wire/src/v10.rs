//! The official HTTP protocol between dendrite and axon ("v10"): header names, terminal info, signed texts.
//!
//! A request is `POST /<synapse>` with a JSON body; everything about sender and receiver travels in headers named
//! `bt_header_dendrite_<field>` and `bt_header_axon_<field>`. Header names are compared in lower case.

use alloc::{
    borrow::ToOwned,
    boxed::Box,
    format,
    string::{String, ToString},
    vec::Vec,
};

use serde_json::value::RawValue;

use crate::{
    hash::from_hex,
    nonce::{NonceError, StreamId},
    pystr::{py_str, Members},
    sr25519::{KeyError, PublicKey, Signature, Signer},
    ss58::{self, AddressError},
    AccountId,
};

/// Names of the headers.
pub mod header {
    /// Name of the synapse, repeated from the path.
    pub const NAME: &str = "name";
    /// Seconds the sender waits, as a decimal number.
    pub const TIMEOUT: &str = "timeout";
    /// Informative size of the headers.
    pub const HEADER_SIZE: &str = "header_size";
    /// Informative size of the whole request.
    pub const TOTAL_SIZE: &str = "total_size";
    /// The body hash that the signature covers.
    pub const BODY_HASH: &str = "computed_body_hash";
    /// Prefix of empty values of required fields, base64 of JSON.
    pub const INPUT_PREFIX: &str = "bt_header_input_obj_";
    /// Sender: address.
    pub const DENDRITE_IP: &str = "bt_header_dendrite_ip";
    /// Sender: port.
    pub const DENDRITE_PORT: &str = "bt_header_dendrite_port";
    /// Sender: protocol version as one integer, see [`super::version_int`].
    pub const DENDRITE_VERSION: &str = "bt_header_dendrite_version";
    /// Sender: Unix nanoseconds.
    pub const DENDRITE_NONCE: &str = "bt_header_dendrite_nonce";
    /// Sender: name of the nonce stream.
    pub const DENDRITE_UUID: &str = "bt_header_dendrite_uuid";
    /// Sender: hotkey address.
    pub const DENDRITE_HOTKEY: &str = "bt_header_dendrite_hotkey";
    /// Sender: signature, hexadecimal with `0x`.
    pub const DENDRITE_SIGNATURE: &str = "bt_header_dendrite_signature";
    /// Receiver: address.
    pub const AXON_IP: &str = "bt_header_axon_ip";
    /// Receiver: port.
    pub const AXON_PORT: &str = "bt_header_axon_port";
    /// Receiver: protocol version.
    pub const AXON_VERSION: &str = "bt_header_axon_version";
    /// Receiver: nonce of the answer.
    pub const AXON_NONCE: &str = "bt_header_axon_nonce";
    /// Receiver: uuid of the axon.
    pub const AXON_UUID: &str = "bt_header_axon_uuid";
    /// Receiver: hotkey address.
    pub const AXON_HOTKEY: &str = "bt_header_axon_hotkey";
    /// Receiver: signature (official axons send it with errors only).
    pub const AXON_SIGNATURE: &str = "bt_header_axon_signature";
    /// Answer: status code.
    pub const AXON_STATUS_CODE: &str = "bt_header_axon_status_code";
    /// Answer: status text.
    pub const AXON_STATUS_MESSAGE: &str = "bt_header_axon_status_message";
    /// Answer: seconds spent, as a decimal number.
    pub const AXON_PROCESS_TIME: &str = "bt_header_axon_process_time";
}

/// Longest dendrite uuid accepted; official ones have 36 characters.
pub const MAX_UUID: usize = 64;

/// The protocol version this crate speaks, that of `bittensor` 10.5.0.
pub const PROTOCOL_VERSION: u32 = version_int(10, 5, 0);

/// A version as one integer: `major * 10^6 + minor * 10^3 + patch`.
pub const fn version_int(major: u32, minor: u32, patch: u32) -> u32 {
    major * 1_000_000 + minor * 1_000 + patch
}

/// The text a dendrite signs.
pub fn request_text(nonce: u64, dendrite: &str, axon: &str, uuid: &str, body_hash: &str) -> String {
    format!("{nonce}.{dendrite}.{axon}.{uuid}.{body_hash}")
}

/// The text an axon signs in the headers of an error.
pub fn answer_text(nonce: u64, dendrite: &str, axon: &str, uuid: &str) -> String {
    format!("{nonce}.{dendrite}.{axon}.{uuid}")
}

/// Signs a request as `signer`; returns the header value, hexadecimal with `0x`.
pub fn sign_text(signer: &dyn Signer, text: &str) -> String {
    signature_header(&signer.sign(text.as_bytes()))
}

/// A signature as header value.
pub fn signature_header(signature: &Signature) -> String {
    let mut value = String::with_capacity(130);
    value.push_str("0x");
    crate::hash::push_hex(&mut value, signature);
    value
}

/// Longest description of one side in a body that is repeated, in bytes; official ones have 500.
pub const MAX_TERMINAL: usize = 4_096;

/// Fields of a side that an answer repeats, with the headers for dendrite and axon. The status is left out: an answer
/// has its own.
const REPEATED: [(&str, &str, &str); 7] = [
    ("ip", header::DENDRITE_IP, header::AXON_IP),
    ("port", header::DENDRITE_PORT, header::AXON_PORT),
    ("version", header::DENDRITE_VERSION, header::AXON_VERSION),
    ("nonce", header::DENDRITE_NONCE, header::AXON_NONCE),
    ("uuid", header::DENDRITE_UUID, header::AXON_UUID),
    ("hotkey", header::DENDRITE_HOTKEY, header::AXON_HOTKEY),
    ("signature", header::DENDRITE_SIGNATURE, header::AXON_SIGNATURE),
];

/// Sender and receiver as the fields `dendrite` and `axon` of a request's body describe them. An answer repeats them:
/// official dendrites do not remember the addressee and read it from the answer.
#[derive(Debug, Clone, Default)]
pub struct Terminals {
    /// The sender: a JSON object as sent.
    pub dendrite: Option<Box<RawValue>>,
    /// The receiver: a JSON object as sent.
    pub axon: Option<Box<RawValue>>,
}

impl Terminals {
    /// A description that is short enough to be repeated.
    pub(crate) fn small(value: &RawValue) -> Option<Box<RawValue>> {
        let text = value.get();
        (text.starts_with('{') && text.len() <= MAX_TERMINAL).then(|| value.to_owned())
    }

    /// The headers that repeat the known fields. The values are the sender's own text, not yet checked.
    pub fn headers(&self) -> Vec<(&'static str, String)> {
        let [dendrite, axon] =
            [&self.dendrite, &self.axon].map(|side| Members::parse(side.as_ref()?.get().as_bytes()).ok());
        let mut headers = Vec::with_capacity(2 * REPEATED.len());
        for (field, of_dendrite, of_axon) in REPEATED {
            for (side, header) in [(&dendrite, of_dendrite), (&axon, of_axon)] {
                let value = side.as_ref().and_then(|side| side.get(field)).and_then(plain);
                headers.extend(value.map(|value| (header, value)));
            }
        }
        headers
    }
}

/// A text or a number as it stands in a header; `None` for other values.
fn plain(value: &RawValue) -> Option<String> {
    match value.get().as_bytes().first()? {
        b'"' => py_str(value).ok(),
        b'-' | b'0'..=b'9' => Some(value.get().to_string()),
        _ => None,
    }
}

/// Headers that cannot be read: status 400.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Improperly formatted request. Could not parse header `{header}`")]
pub struct HeadError {
    /// The offending header.
    pub header: &'static str,
}

/// The headers of a request that matter to an axon; borrowed, syntactically checked, not yet verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestHead<'a> {
    /// Nanoseconds the sender waits; 0 if it does not say.
    pub timeout_ns: u64,
    /// The sender's hotkey address.
    pub hotkey: Option<&'a str>,
    /// The sender's nonce.
    pub nonce: Option<u64>,
    /// The sender's stream; the official rule writes a missing uuid as `None`.
    pub uuid: &'a str,
    /// The sender's protocol version.
    pub version: Option<u32>,
    /// The signature, hexadecimal.
    pub signature: Option<&'a str>,
    /// The body hash that the signature covers; empty if missing.
    pub body_hash: &'a str,
    /// The challenge id of [`CHALLENGE_HEADER`](crate::answer::CHALLENGE_HEADER).
    pub challenge_id: Option<[u8; 32]>,
}

impl<'a> RequestHead<'a> {
    /// Reads the headers; `get` looks one up by its lower-case name.
    pub fn parse(get: impl Fn(&'static str) -> Option<&'a str>) -> Result<Self, HeadError> {
        let refuse = |header| HeadError { header };
        let timeout_ns = match get(header::TIMEOUT) {
            None => 0,
            Some(text) => seconds_to_ns(text).ok_or(refuse(header::TIMEOUT))?,
        };
        let nonce = match get(header::DENDRITE_NONCE) {
            None => None,
            Some(text) => Some(text.trim().parse().map_err(|_| refuse(header::DENDRITE_NONCE))?),
        };
        let version = match get(header::DENDRITE_VERSION) {
            None => None,
            Some(text) => Some(text.trim().parse().map_err(|_| refuse(header::DENDRITE_VERSION))?),
        };
        let uuid = get(header::DENDRITE_UUID).unwrap_or("None");
        if uuid.len() > MAX_UUID {
            return Err(refuse(header::DENDRITE_UUID));
        }
        let challenge_id = match get(crate::answer::CHALLENGE_HEADER) {
            None => None,
            Some(text) => Some(from_hex(text).ok_or(refuse(crate::answer::CHALLENGE_HEADER))?),
        };
        Ok(Self {
            timeout_ns,
            hotkey: get(header::DENDRITE_HOTKEY),
            nonce,
            uuid,
            version,
            signature: get(header::DENDRITE_SIGNATURE),
            body_hash: get(header::BODY_HASH).unwrap_or(""),
            challenge_id,
        })
    }

    /// The hotkey that the sender claims, decoded; still unproven.
    pub fn claimed_hotkey(&self) -> Result<AccountId, VerifyError> {
        let text = self.hotkey.ok_or(VerifyError::MissingHotkey)?;
        ss58::decode(text).map_err(VerifyError::Hotkey)
    }

    /// The stream and nonce to be checked before the signature.
    pub fn stream(&self, hotkey: AccountId) -> Result<(StreamId, u64), VerifyError> {
        let nonce = self.nonce.ok_or(VerifyError::MissingNonce)?;
        Ok((StreamId::new(hotkey, self.uuid), nonce))
    }

    /// Verifies the signature under `key`, for an axon whose hotkey address is `own`.
    pub fn verify_signature(&self, key: &PublicKey, own: &str) -> Result<(), VerifyError> {
        let nonce = self.nonce.ok_or(VerifyError::MissingNonce)?;
        let hex = self.signature.filter(|s| !s.is_empty()).ok_or(VerifyError::MissingSignature)?;
        let text = request_text(nonce, self.hotkey.unwrap_or("None"), own, self.uuid, self.body_hash);
        let signature: Signature = from_hex(hex).ok_or(VerifyError::SignatureMismatch)?;
        if key.verify_or_wrapped(text.as_bytes(), &signature) {
            Ok(())
        } else {
            Err(VerifyError::SignatureMismatch)
        }
    }
}

/// Reasons to refuse a request: status 401. The texts are the official ones where official ones exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// No hotkey header.
    #[error("Missing Hotkey")]
    MissingHotkey,
    /// The hotkey is no address.
    #[error("Invalid Hotkey: {0}")]
    Hotkey(AddressError),
    /// The hotkey is no key.
    #[error("Invalid Hotkey: {0}")]
    Key(KeyError),
    /// No nonce header.
    #[error("Missing Nonce")]
    MissingNonce,
    /// The nonce is not fresh.
    #[error("{0}")]
    Nonce(NonceError),
    /// No signature header.
    #[error("Missing Signature")]
    MissingSignature,
    /// The signature does not fit headers and receiver.
    #[error("Signature mismatch with the signed headers and this axon's hotkey")]
    SignatureMismatch,
}

/// A decimal number of seconds as nanoseconds; `None` unless finite and not negative.
pub fn seconds_to_ns(text: &str) -> Option<u64> {
    let seconds: f64 = text.trim().parse().ok()?;
    // A cast from float saturates; a timeout beyond five centuries is as good as none.
    (seconds.is_finite() && seconds >= 0.0).then_some((seconds * 1e9) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{answer::tests::Key, sr25519::Keypair};
    use alloc::{collections::BTreeMap, string::ToString};

    const UUID: &str = "3e5c1e8e-e4b3-11f1-8d03-02fc00000001";
    const BODY_HASH: &str = "f77fd0203a722ac2f678c84bdff8f005fc27b058805130dbc45d0af53f579c18";

    fn head<'a>(headers: &'a BTreeMap<&'static str, String>) -> Result<RequestHead<'a>, HeadError> {
        RequestHead::parse(|name| headers.get(name).map(String::as_str))
    }

    fn signed(sender: &Key, receiver: &str) -> BTreeMap<&'static str, String> {
        let address = ss58::encode(&sender.public());
        let text = request_text(1_795_159_392_171_195_164, &address, receiver, UUID, BODY_HASH);
        BTreeMap::from([
            (header::TIMEOUT, "2.0".into()),
            (header::DENDRITE_VERSION, "10005000".into()),
            (header::DENDRITE_NONCE, "1795159392171195164".into()),
            (header::DENDRITE_UUID, UUID.into()),
            (header::DENDRITE_HOTKEY, address),
            (header::DENDRITE_SIGNATURE, sign_text(sender, &text)),
            (header::BODY_HASH, BODY_HASH.into()),
        ])
    }

    #[test]
    fn the_signed_text_is_the_official_one() {
        assert_eq!(
            request_text(1_795_159_392_171_195_164, "5Alice", "5Bob", UUID, BODY_HASH),
            "1795159392171195164.5Alice.5Bob.3e5c1e8e-e4b3-11f1-8d03-02fc00000001.f77fd0203a722ac2f678c84bdff8f005fc27b058805130dbc45d0af53f579c18"
        );
        assert_eq!(
            answer_text(7, "5Alice", "5Bob", UUID),
            "7.5Alice.5Bob.3e5c1e8e-e4b3-11f1-8d03-02fc00000001"
        );
        assert_eq!(PROTOCOL_VERSION, 10_005_000);
    }

    #[test]
    fn a_signed_request_verifies_for_its_receiver_only() {
        let sender = Key(Keypair::from_seed(&[1; 32]));
        let headers = signed(&sender, "5Bob");
        let head = head(&headers).unwrap();
        assert_eq!(head.timeout_ns, 2_000_000_000);
        assert_eq!(head.claimed_hotkey(), Ok(sender.public()));
        let key = PublicKey::new(&sender.public()).unwrap();
        assert_eq!(head.verify_signature(&key, "5Bob"), Ok(()));
        assert_eq!(head.verify_signature(&key, "5Eve"), Err(VerifyError::SignatureMismatch));
    }

    #[test]
    fn any_changed_header_breaks_the_signature() {
        let sender = Key(Keypair::from_seed(&[1; 32]));
        let key = PublicKey::new(&sender.public()).unwrap();
        for (name, value) in [
            (header::DENDRITE_NONCE, "1795159392171195165"),
            (header::DENDRITE_UUID, "other"),
            (header::DENDRITE_HOTKEY, "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"),
            (header::BODY_HASH, "00"),
            (header::DENDRITE_SIGNATURE, "0x00"),
        ] {
            let mut headers = signed(&sender, "5Bob");
            headers.insert(name, value.to_string());
            let refused = head(&headers).unwrap().verify_signature(&key, "5Bob");
            assert_eq!(refused, Err(VerifyError::SignatureMismatch), "{name}");
        }
    }

    #[test]
    fn missing_and_malformed_headers_are_told_apart() {
        let empty = BTreeMap::new();
        let bare = head(&empty).unwrap();
        assert_eq!(bare.claimed_hotkey(), Err(VerifyError::MissingHotkey));
        assert_eq!(bare.stream([0; 32]).err(), Some(VerifyError::MissingNonce));
        assert_eq!(VerifyError::MissingSignature.to_string(), "Missing Signature");
        for (name, value) in [
            (header::DENDRITE_NONCE, "soon"),
            (header::DENDRITE_NONCE, "-1"),
            (header::TIMEOUT, "nan"),
            (header::TIMEOUT, "-1"),
            (header::DENDRITE_VERSION, "10.5"),
        ] {
            let headers = BTreeMap::from([(name, value.to_string())]);
            assert_eq!(head(&headers), Err(HeadError { header: name }), "{value}");
        }
        let long = BTreeMap::from([(header::DENDRITE_UUID, "x".repeat(65))]);
        assert_eq!(head(&long), Err(HeadError { header: header::DENDRITE_UUID }));
    }

    #[test]
    fn a_version_is_one_integer() {
        assert_eq!(version_int(10, 5, 0), 10_005_000);
        assert_eq!(version_int(1, 2, 3), 1_002_003);
        assert_eq!(PROTOCOL_VERSION, 10_005_000);
    }

    #[test]
    fn a_uuid_has_a_length_limit() {
        let parse = |uuid: &str| {
            RequestHead::parse(|name| (name == header::DENDRITE_UUID).then_some(uuid))
                .map(|head| head.uuid.len())
        };
        assert_eq!(parse(&"u".repeat(MAX_UUID)).ok(), Some(MAX_UUID));
        let refused = parse(&"u".repeat(MAX_UUID + 1)).err().map(|error| error.header);
        assert_eq!(refused, Some(header::DENDRITE_UUID));
    }
}
