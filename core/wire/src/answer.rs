//! Signed answers: a miner signs its answer together with the question and the model.
//!
//! The official protocol does not sign successful answers. An axon of this network adds one response header,
//! [`HEADER`], which official clients ignore. The signature covers these bytes, all lengths fixed:
//!
//! | bytes | content |
//! |---|---|
//! | 15 | the domain `myelin/answer/1` |
//! | 32 | genesis hash of the chain |
//! | 2 | netuid, little endian |
//! | 32 | challenge id |
//! | 32 | request hash: blake2b-256 of the raw request body |
//! | 32 | answer hash: blake2b-256 of the raw answer body |
//! | 32 | model id |
//! | 32 | hotkey of the validator that asked |
//! | 32 | hotkey of the miner that answers |
//!
//! The header carries only the parts that the validator cannot know: `1.<model id>.<answer hash>.<signature>`,
//! hexadecimal. The challenge id travels in the request header [`CHALLENGE_HEADER`].

use alloc::string::String;

use crate::{
    hash::{from_hex, push_hex, row, Hash},
    sr25519::{self, Signature, Signer},
    AccountId,
};

/// Response header with the miner's signature.
pub const HEADER: &str = "bt_header_myelin_answer";

/// Request header with the challenge id as 64 hexadecimal digits.
pub const CHALLENGE_HEADER: &str = "bt_header_myelin_challenge";

const DOMAIN: &[u8; 15] = b"myelin/answer/1";

/// Length of the signed bytes.
pub const PAYLOAD_LEN: usize = 15 + 32 + 2 + 32 * 6;

/// Everything a signed answer states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnswerClaim {
    /// Hash of the chain's first block.
    pub genesis_hash: Hash,
    /// The subnet in which the question was asked.
    pub netuid: u16,
    /// Id of the validator's question.
    pub challenge_id: [u8; 32],
    /// Blake2b-256 of the raw request body.
    pub request_hash: Hash,
    /// Blake2b-256 of the raw answer body.
    pub answer_hash: Hash,
    /// Identity of the model that answered, as the miner declares it: a content hash of `core/provenance`, by which the
    /// chain's registry knows models. Zeros declare none. Earlier versions declared other hashes.
    pub model_id: [u8; 32],
    /// The validator that asked.
    pub validator: AccountId,
    /// The miner that answers and signs.
    pub miner: AccountId,
}

impl AnswerClaim {
    /// The canonical bytes that are signed.
    pub fn payload(&self) -> [u8; PAYLOAD_LEN] {
        row(&[
            DOMAIN,
            &self.genesis_hash,
            &self.netuid.to_le_bytes(),
            &self.challenge_id,
            &self.request_hash,
            &self.answer_hash,
            &self.model_id,
            &self.validator,
            &self.miner,
        ])
    }

    /// Reads the bytes that [`payload`](Self::payload) writes; `None` for any other length or domain.
    pub fn from_payload(bytes: &[u8]) -> Option<Self> {
        let rest = bytes.strip_prefix(&DOMAIN[..])?;
        if rest.len() != PAYLOAD_LEN - DOMAIN.len() {
            return None;
        }
        let field = |at: usize| -> Option<[u8; 32]> { rest.get(at..at + 32)?.try_into().ok() };
        Some(Self {
            genesis_hash: field(0)?,
            netuid: u16::from_le_bytes([rest[32], rest[33]]),
            challenge_id: field(34)?,
            request_hash: field(66)?,
            answer_hash: field(98)?,
            model_id: field(130)?,
            validator: field(162)?,
            miner: field(194)?,
        })
    }

    /// The declared model; `None` if the miner declares none.
    pub fn declared_model(&self) -> Option<[u8; 32]> {
        (self.model_id != [0; 32]).then_some(self.model_id)
    }

    /// Signs the claim. The caller is the miner that it names.
    pub fn sign(self, miner: &dyn Signer) -> SignedAnswer {
        SignedAnswer { signature: miner.sign(&self.payload()), claim: self }
    }
}

/// A claim with the miner's signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignedAnswer {
    /// The signed statement.
    pub claim: AnswerClaim,
    /// The miner's signature over [`AnswerClaim::payload`].
    pub signature: Signature,
}

impl SignedAnswer {
    /// Whether the named miner signed the claim.
    pub fn verify(&self) -> bool {
        sr25519::verify(&self.claim.miner, &self.claim.payload(), &self.signature)
    }

    /// The header value.
    pub fn header(&self) -> String {
        let mut text = String::with_capacity(2 + 64 + 1 + 64 + 1 + 128);
        text.push_str("1.");
        push_hex(&mut text, &self.claim.model_id);
        text.push('.');
        push_hex(&mut text, &self.claim.answer_hash);
        text.push('.');
        push_hex(&mut text, &self.signature);
        text
    }
}

/// The parts of the header value, not yet checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnswerHeader {
    /// Id of the model that answered.
    pub model_id: [u8; 32],
    /// Hash of the answer that the miner signed.
    pub answer_hash: Hash,
    /// The signature.
    pub signature: Signature,
}

/// Reasons why an answer counts as wrongly signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// The header is not `1.<model id>.<answer hash>.<signature>`.
    #[error("the answer's signature header is malformed")]
    Malformed,
    /// The body that arrived is not the one that was signed.
    #[error("the answer that arrived is not the one that was signed")]
    OtherAnswer,
    /// The signature does not fit: another key, chain, subnet, challenge, request or validator.
    #[error(
        "the answer's signature does not fit this miner, chain, subnet, challenge, request and validator"
    )]
    WrongSignature,
}

impl AnswerHeader {
    /// Reads a header value.
    pub fn parse(text: &str) -> Result<Self, AnswerError> {
        let read = || {
            let mut parts = text.split('.');
            if parts.next()? != "1" {
                return None;
            }
            let header = Self {
                model_id: from_hex(parts.next()?)?,
                answer_hash: from_hex(parts.next()?)?,
                signature: from_hex(parts.next()?)?,
            };
            parts.next().is_none().then_some(header)
        };
        read().ok_or(AnswerError::Malformed)
    }

    /// Checks the header against `expected`, the validator's own view of chain, subnet, challenge, request and keys,
    /// with the hash of the body that arrived. Its `model_id` is ignored.
    pub fn check(&self, expected: &AnswerClaim) -> Result<SignedAnswer, AnswerError> {
        if self.answer_hash != expected.answer_hash {
            return Err(AnswerError::OtherAnswer);
        }
        let signed = SignedAnswer {
            claim: AnswerClaim { model_id: self.model_id, ..*expected },
            signature: self.signature,
        };
        if signed.verify() {
            Ok(signed)
        } else {
            Err(AnswerError::WrongSignature)
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::{
        hash::{blake2_256, to_hex},
        sr25519::Keypair,
    };
    use alloc::string::ToString;

    pub(crate) struct Key(pub(crate) Keypair);

    impl Signer for Key {
        fn public(&self) -> AccountId {
            self.0.public()
        }
        fn sign(&self, message: &[u8]) -> Signature {
            self.0.sign(message, [5; 32])
        }
    }

    pub(crate) fn miner() -> Key {
        Key(Keypair::from_seed(&[8; 32]))
    }

    pub(crate) fn claim(answer: &[u8]) -> AnswerClaim {
        AnswerClaim {
            genesis_hash: [1; 32],
            netuid: 0x0203,
            challenge_id: [4; 32],
            request_hash: blake2_256(b"request"),
            answer_hash: blake2_256(answer),
            model_id: [5; 32],
            validator: [6; 32],
            miner: miner().public(),
        }
    }

    #[test]
    fn the_signed_bytes_are_fixed() {
        let payload = claim(b"answer").payload();
        assert_eq!(payload.len(), 241);
        assert_eq!(&payload[..15], b"myelin/answer/1");
        assert_eq!(payload[47..49], [0x03, 0x02]);
        assert_eq!(
            to_hex(&blake2_256(&payload)),
            "15b98eca88531931fa21b586d8a99d61e22dff309f4274cd82faa17ea683a514"
        );
        assert_eq!(AnswerClaim::from_payload(&payload), Some(claim(b"answer")));
        assert_eq!(AnswerClaim::from_payload(&payload[1..]), None);
        assert_eq!(AnswerClaim::from_payload(&payload[..240]), None);
    }

    #[test]
    fn a_header_proves_the_answer_to_whoever_asked() {
        let header = claim(b"answer").sign(&miner()).header();
        let parsed = AnswerHeader::parse(&header).unwrap();
        let mut view = claim(b"answer");
        view.model_id = [0; 32];
        assert_eq!(parsed.check(&view).unwrap().claim, claim(b"answer"));
        assert_eq!(parsed.check(&claim(b"other")), Err(AnswerError::OtherAnswer));
        for other in [
            AnswerClaim { genesis_hash: [9; 32], ..view },
            AnswerClaim { netuid: 9, ..view },
            AnswerClaim { challenge_id: [9; 32], ..view },
            AnswerClaim { request_hash: [9; 32], ..view },
            AnswerClaim { validator: [9; 32], ..view },
            AnswerClaim { miner: [9; 32], ..view },
        ] {
            assert_eq!(parsed.check(&other), Err(AnswerError::WrongSignature));
        }
    }

    #[test]
    fn malformed_headers_are_refused() {
        let header = claim(b"answer").sign(&miner()).header();
        let cases = ["", "1", "1.00.00.00", &header[1..], &header[..header.len() - 1]];
        for text in cases {
            assert_eq!(AnswerHeader::parse(text), Err(AnswerError::Malformed), "{text}");
        }
        let longer = header.to_string() + ".00";
        assert_eq!(AnswerHeader::parse(&longer), Err(AnswerError::Malformed));
        let newer = "2".to_string() + &header[1..];
        assert_eq!(AnswerHeader::parse(&newer), Err(AnswerError::Malformed));
    }
}
