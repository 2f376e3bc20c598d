//! Nothing that arrives from outside makes a reader panic, and what is accepted survives a round trip.

use myelin_wire::{
    answer::{AnswerClaim, AnswerHeader},
    body_hash::{body_hash, SynapseBody},
    btauth::AuthHead,
    ed25519,
    pystr::py_str_of_json,
    record::{Extension, Record},
    sr25519::{self, PublicKey},
    ss58,
    v10::{header, seconds_to_ns, RequestHead},
    vrf::{self, VrfSignature},
};
use proptest::prelude::*;

proptest! {
    #[test]
    fn addresses(text in ".{0,60}", key: [u8; 32]) {
        if let Ok(decoded) = ss58::decode(&text) {
            prop_assert_eq!(ss58::encode(&decoded), text);
        }
        prop_assert_eq!(ss58::decode(&ss58::encode(&key)), Ok(key));
    }

    #[test]
    fn json_of_any_kind(text in ".{0,80}", bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
        let _ = py_str_of_json(&text);
        let _ = body_hash(&bytes, &["a"]);
        let quoted = serde_json::to_string(&text).unwrap();
        prop_assert_eq!(py_str_of_json(&quoted), Ok(text.clone()));
        let object = format!(r#"{{"a":{quoted}}}"#);
        prop_assert!(body_hash(object.as_bytes(), &["a"]).is_ok());
        let sides = format!(r#"{{"axon":{{"ip":{quoted},"port":1e3}},"dendrite":{quoted}}}"#);
        let repeated = SynapseBody::parse(sides.as_bytes()).unwrap().terminals().headers();
        prop_assert_eq!(repeated, [(header::AXON_IP, text), (header::AXON_PORT, "1e3".into())]);
    }

    #[test]
    fn numbers_of_python(number in any::<f64>().prop_filter("JSON has no others", |n| n.is_finite())) {
        let printed = py_str_of_json(&serde_json::to_string(&number).unwrap()).unwrap();
        prop_assert_eq!(printed.parse::<f64>().unwrap().to_bits(), number.to_bits());
    }

    #[test]
    fn headers(value in "[ -~]{0,80}", name in 0usize..8) {
        let names = [
            header::TIMEOUT, header::DENDRITE_NONCE, header::DENDRITE_VERSION, header::DENDRITE_UUID,
            header::DENDRITE_HOTKEY, header::DENDRITE_SIGNATURE, header::BODY_HASH,
            myelin_wire::answer::CHALLENGE_HEADER,
        ];
        let _ = seconds_to_ns(&value);
        let get = |asked: &'static str| (asked == names[name]).then_some(value.as_str());
        if let Ok(head) = RequestHead::parse(get) {
            let _ = head.claimed_hotkey();
            let _ = head.stream([0; 32]);
        }
        let _ = AuthHead::parse(|_| Some(value.as_str()));
        let _ = AnswerHeader::parse(&value);
    }

    #[test]
    fn keys_and_signatures(key: [u8; 32], message: [u8; 8], halves: ([u8; 32], [u8; 32])) {
        let mut signature = [0; 64];
        signature[..32].copy_from_slice(&halves.0);
        signature[32..].copy_from_slice(&halves.1);
        let _ = PublicKey::new(&key);
        prop_assert!(!sr25519::verify(&key, &message, &signature));
        prop_assert!(!ed25519::verify_or_wrapped(&key, &message, &signature));
        let forged = VrfSignature { output: halves.0, proof: signature };
        prop_assert!(vrf::verify(&key, b"domain", &message, &forged).is_err());
    }

    #[test]
    fn answer_payloads(bytes in proptest::collection::vec(any::<u8>(), 226)) {
        let payload = [&b"myelin/answer/1"[..], &bytes].concat();
        let claim = AnswerClaim::from_payload(&payload).unwrap();
        prop_assert_eq!(claim.payload().to_vec(), payload);
    }

    /// Bytes that begin and are as long as records and extensions, so that readers come far.
    #[test]
    fn records_and_extensions(version in 0u8..4, bytes in proptest::collection::vec(any::<u8>(), 0..240)) {
        let bytes = [&[version], &bytes[..]].concat();
        if let Ok(record) = Record::from_bytes(&bytes) {
            prop_assert_eq!(record.to_bytes(), Ok(bytes.clone()));
        }
        if let Ok(extension) = Extension::from_bytes(&bytes) {
            prop_assert_eq!(extension.to_bytes(), bytes);
        }
    }
}
