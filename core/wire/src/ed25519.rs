//! ed25519, the other scheme of official keys. Signatures of others are verified; authorities sign with it that a key
//! is theirs.

use ed25519_dalek::{Signer, SigningKey, VerifyingKey};

use crate::{
    sr25519::{in_bytes_tags, Signature},
    AccountId,
};

/// The public key of a seed.
pub fn public_of_seed(seed: &[u8; 32]) -> AccountId {
    SigningKey::from_bytes(seed).verifying_key().to_bytes()
}

/// The signature of a seed's key over `message`.
pub fn sign(seed: &[u8; 32], message: &[u8]) -> Signature {
    SigningKey::from_bytes(seed).sign(message).to_bytes()
}

/// Whether `signature` was made by `public` over `message`. Strict: keys of small order, under
/// which one signature can fit every message, verify nothing.
pub fn verify(public: &AccountId, message: &[u8], signature: &Signature) -> bool {
    let signature = ed25519_dalek::Signature::from_bytes(signature);
    VerifyingKey::from_bytes(public).is_ok_and(|key| key.verify_strict(message, &signature).is_ok())
}

/// Like [`verify`]; also accepts the bytes that browser wallets sign when they are asked to sign raw bytes.
pub fn verify_or_wrapped(public: &AccountId, message: &[u8], signature: &Signature) -> bool {
    verify(public, message, signature) || verify(public, &in_bytes_tags(message), signature)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::{from_hex, to_hex};

    #[test]
    fn seeds_give_the_official_keys() {
        // The official words of test vectors, and a seed of ones, as bittensor 11 reads both.
        for (seed, public) in [
            (
                "fac7959dbfe72f052e5a0c3c8d6530f202b02fd8f9f5ca3580ec8deb7797479e",
                "345071da55e5dccefaaa440339415ef9f2663338a38f7da0df21be5ab4e055ef",
            ),
            (
                "1111111111111111111111111111111111111111111111111111111111111111",
                "d04ab232742bb4ab3a1368bd4615e4e6d0224ab71a016baf8520a332c9778737",
            ),
        ] {
            assert_eq!(to_hex(&public_of_seed(&from_hex(seed).unwrap())), public);
        }
    }

    #[test]
    fn a_signature_verifies_only_for_its_key_and_message() {
        let (public, signature) = (public_of_seed(&[1; 32]), sign(&[1; 32], b"message"));
        assert!(verify(&public, b"message", &signature));
        assert!(!verify(&public, b"massage", &signature));
        assert!(!verify(&public_of_seed(&[2; 32]), b"message", &signature));
        assert!(!verify(&[0xff; 32], b"message", &signature), "no key at all");
        let wrapped = sign(&[1; 32], b"<Bytes>message</Bytes>");
        assert!(verify_or_wrapped(&public, b"message", &wrapped) && !verify(&public, b"message", &wrapped));
        assert!(verify_or_wrapped(&public, b"message", &signature));
    }

    #[test]
    fn a_key_of_small_order_verifies_nothing() {
        // The neutral point as key and as commitment fits every message unless its order is checked.
        let mut neutral = [0; 32];
        neutral[0] = 1;
        let mut signature = [0; 64];
        signature[..32].copy_from_slice(&neutral);
        assert!(!verify(&neutral, b"anything", &signature));
    }
}
