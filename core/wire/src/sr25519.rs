//! sr25519 keys and signatures with Substrate's signing context.
//!
//! Signing mixes 32 bytes of fresh entropy into the nonce, which the caller provides. A repeated or constant entropy
//! does not endanger the key, because the nonce also depends on a secret part of the key and on the message.

use core::fmt;

use alloc::vec::Vec;
use rand_core::{CryptoRng, RngCore};
use schnorrkel::{
    context::{attach_rng, signing_context},
    derive::{ChainCode, Derivation},
    ExpansionMode, MiniSecretKey, SecretKey,
};
use zeroize::Zeroizing;

use crate::AccountId;

/// The context under which Substrate signs everything.
pub const SIGNING_CONTEXT: &[u8] = b"substrate";

/// Fresh randomness for one signature.
pub type Entropy = [u8; 32];

/// A signature as raw bytes.
pub type Signature = [u8; 64];

/// The account that nobody owns. As a key it is the neutral element of the group, under which one signature fits every
/// message.
pub const NOBODY: AccountId = [0; 32];

/// Reasons why bytes are not a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The 64 bytes are not a canonical sr25519 secret key.
    #[error("these 64 bytes are not an sr25519 secret key")]
    NotASecretKey,
    /// The 32 bytes do not name a point of the group, or the neutral one.
    #[error("these 32 bytes are not an sr25519 public key")]
    NotAPublicKey,
}

/// Something that can sign: a key pair in memory, or later a device that keeps its key to itself.
pub trait Signer: Send + Sync {
    /// The public key that verifies the signatures.
    fn public(&self) -> AccountId;
    /// Signs raw bytes with the Substrate context.
    fn sign(&self, message: &[u8]) -> Signature;
}

/// A secret key with its public key. Cleared from memory when dropped; never printed.
#[derive(Clone)]
pub struct Keypair(schnorrkel::Keypair);

impl Keypair {
    /// The key of a 32-byte seed (a "mini secret"), expanded as Substrate does.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        let mini = MiniSecretKey::from_bytes(seed).expect("a mini secret is any 32 bytes");
        Self(mini.expand_to_keypair(ExpansionMode::Ed25519))
    }

    /// The key of a 64-byte secret: 32 bytes of scalar, 32 bytes of nonce seed.
    pub fn from_secret(secret: &[u8; 64]) -> Result<Self, KeyError> {
        SecretKey::from_bytes(secret).map(|key| Self(key.to_keypair())).map_err(|_| KeyError::NotASecretKey)
    }

    /// The key in the layout of browser wallets: the scalar multiplied by eight, as in ed25519, and the nonce seed.
    pub fn from_ed25519_layout(secret: &[u8; 64]) -> Result<Self, KeyError> {
        SecretKey::from_ed25519_bytes(secret)
            .map(|key| Self(key.to_keypair()))
            .map_err(|_| KeyError::NotASecretKey)
    }

    /// The secret in the layout that [`from_ed25519_layout`](Self::from_ed25519_layout) reads.
    pub fn ed25519_layout(&self) -> Zeroizing<[u8; 64]> {
        Zeroizing::new(self.0.secret.to_ed25519_bytes())
    }

    /// The 64-byte secret in the layout that [`from_secret`](Self::from_secret) reads.
    pub fn secret(&self) -> Zeroizing<[u8; 64]> {
        Zeroizing::new(self.0.secret.to_bytes())
    }

    /// The public key.
    pub fn public(&self) -> AccountId {
        self.0.public.to_bytes()
    }

    /// Signs `message` with Substrate's context.
    pub fn sign(&self, message: &[u8], entropy: Entropy) -> Signature {
        let transcript = signing_context(SIGNING_CONTEXT).bytes(message);
        self.0.sign(attach_rng(transcript, OneShot::new(entropy))).to_bytes()
    }

    /// The child key of a hard junction, which the parent's public key cannot reach, with the child's seed.
    pub fn derive_hard(&self, chain_code: [u8; 32]) -> (Self, Zeroizing<[u8; 32]>) {
        let (mini, _) = self.0.secret.hard_derive_mini_secret_key(Some(ChainCode(chain_code)), b"");
        (Self(mini.expand_to_keypair(ExpansionMode::Ed25519)), Zeroizing::new(mini.to_bytes()))
    }

    /// The child key of a soft junction, whose public key follows from the parent's public key.
    ///
    /// `entropy` only enters the nonce seed of the child, not its public key.
    pub fn derive_soft(&self, chain_code: [u8; 32], entropy: Entropy) -> Self {
        let random = OneShot::new(entropy);
        let (secret, _) = self.0.secret.derived_key_simple_rng(ChainCode(chain_code), b"", random);
        Self(secret.to_keypair())
    }

    pub(crate) fn inner(&self) -> &schnorrkel::Keypair {
        &self.0
    }
}

impl fmt::Debug for Keypair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keypair({})", crate::ss58::encode(&self.public()))
    }
}

/// A public key prepared for many verifications: the point is decoded once.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey(schnorrkel::PublicKey);

impl PublicKey {
    /// Decodes the point. The key of [`NOBODY`] is refused.
    pub fn new(bytes: &AccountId) -> Result<Self, KeyError> {
        if *bytes == NOBODY {
            return Err(KeyError::NotAPublicKey);
        }
        schnorrkel::PublicKey::from_bytes(bytes).map(Self).map_err(|_| KeyError::NotAPublicKey)
    }

    /// The key as bytes.
    pub fn to_bytes(&self) -> AccountId {
        self.0.to_bytes()
    }

    /// Whether `signature` was made by this key over `message`.
    pub fn verify(&self, message: &[u8], signature: &Signature) -> bool {
        let Ok(signature) = schnorrkel::Signature::from_bytes(signature) else { return false };
        self.0.verify(signing_context(SIGNING_CONTEXT).bytes(message), &signature).is_ok()
    }

    /// Like [`verify`](Self::verify); also accepts a signature over `<Bytes>` ++ message ++ `</Bytes>`, which
    /// browser wallets make when they are asked to sign raw bytes.
    pub fn verify_or_wrapped(&self, message: &[u8], signature: &Signature) -> bool {
        self.verify(message, signature) || self.verify(&in_bytes_tags(message), signature)
    }

    pub(crate) fn inner(&self) -> &schnorrkel::PublicKey {
        &self.0
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", crate::ss58::encode(&self.to_bytes()))
    }
}

/// The bytes that browser wallets sign instead of raw bytes.
pub(crate) fn in_bytes_tags(message: &[u8]) -> Vec<u8> {
    [&b"<Bytes>"[..], message, b"</Bytes>"].concat()
}

/// Whether `signature` was made by `public` over `message`; bytes that are no key verify nothing.
pub fn verify(public: &AccountId, message: &[u8], signature: &Signature) -> bool {
    PublicKey::new(public).is_ok_and(|key| key.verify(message, signature))
}

/// Hands a caller's entropy to code that wants a random number generator.
///
/// One signature asks for 32 bytes once, which are the entropy itself; further requests get fresh blocks of
/// `blake2b(entropy ++ counter)`.
pub(crate) struct OneShot {
    entropy: Zeroizing<Entropy>,
    blocks: u64,
}

impl OneShot {
    pub(crate) fn new(entropy: Entropy) -> Self {
        Self { entropy: Zeroizing::new(entropy), blocks: 0 }
    }
}

impl RngCore for OneShot {
    fn next_u32(&mut self) -> u32 {
        let mut bytes = [0; 4];
        self.fill_bytes(&mut bytes);
        u32::from_le_bytes(bytes)
    }

    fn next_u64(&mut self) -> u64 {
        let mut bytes = [0; 8];
        self.fill_bytes(&mut bytes);
        u64::from_le_bytes(bytes)
    }

    fn fill_bytes(&mut self, destination: &mut [u8]) {
        for chunk in destination.chunks_mut(32) {
            let block = match self.blocks {
                0 => *self.entropy,
                n => crate::hash::blake2_256_of(&[&self.entropy[..], &n.to_le_bytes()]),
            };
            self.blocks = self.blocks.wrapping_add(1);
            chunk.copy_from_slice(&block[..chunk.len()]);
        }
    }

    fn try_fill_bytes(&mut self, destination: &mut [u8]) -> Result<(), rand_core::Error> {
        self.fill_bytes(destination);
        Ok(())
    }
}

impl CryptoRng for OneShot {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::{from_hex, to_hex};

    const MINI: &str = "fac7959dbfe72f052e5a0c3c8d6530f202b02fd8f9f5ca3580ec8deb7797479e";
    const PUBLIC: &str = "46ebddef8cd9bb167dc30878d7113b7e168e6f0646beffd77d69d39bad76b47a";
    const SECRET: &str = "05d65584630d16cd4af6d0bec10f34bb504a5dcb62dba2122d49f5a663763d0afd190cce74df356432b410bd64682309d6dedb27c76845daf388557cbac3ca34";

    fn pair() -> Keypair {
        Keypair::from_seed(&from_hex(MINI).unwrap())
    }

    /// `string` as a junction of a derivation path: SCALE-encoded and padded to 32 bytes.
    fn junction(name: &str) -> [u8; 32] {
        let mut code = [0; 32];
        code[0] = (name.len() as u8) << 2;
        code[1..=name.len()].copy_from_slice(name.as_bytes());
        code
    }

    #[test]
    fn seed_and_secret_give_the_official_keys() {
        assert_eq!(to_hex(&pair().public()), PUBLIC);
        assert_eq!(to_hex(&pair().secret()[..]), SECRET);
        assert_eq!(Keypair::from_secret(&from_hex(SECRET).unwrap()).unwrap().public(), pair().public());
        assert_eq!(Keypair::from_secret(&[0xff; 64]).err(), Some(KeyError::NotASecretKey));
    }

    #[test]
    fn derivations_reach_the_well_known_accounts() {
        let (alice, _) = pair().derive_hard(junction("Alice"));
        assert_eq!(
            to_hex(&alice.public()),
            "d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d"
        );
        let secret = to_hex(&alice.secret()[..]);
        assert!(secret.starts_with("33a6f309"));
        assert!(secret.ends_with("925a225d97aa00682d6a59b95b18780c10d7032336e88f3442b42361f4a66011"));
        // The published test vector of Substrate's soft derivation of "Alice" from the same phrase.
        let soft = pair().derive_soft(junction("Alice"), [7; 32]);
        assert_eq!(
            to_hex(&soft.public()),
            "d6c71059dbbe9ad2b0ed3f289738b800836eb425544ce694825285b958ca755e"
        );
    }

    #[test]
    fn a_signature_verifies_only_for_its_key_and_message() {
        let signature = pair().sign(b"message", [1; 32]);
        assert!(verify(&pair().public(), b"message", &signature));
        assert!(!verify(&pair().public(), b"massage", &signature));
        let (other, _) = pair().derive_hard([9; 32]);
        assert!(!verify(&other.public(), b"message", &signature));
        assert!(!verify(&[0xff; 32], b"message", &signature));
        let mut forged = signature;
        forged[63] ^= 0x80; // the marker bit of schnorrkel
        assert!(!verify(&pair().public(), b"message", &forged));
    }

    #[test]
    fn the_signature_that_fits_every_message_is_not_accepted_of_nobody() {
        // R = 0 and s = 0 solve s·G = R + c·A for the neutral A, whatever the message.
        let mut universal = [0; 64];
        universal[63] = 0x80; // the marker bit of schnorrkel
        let decoded = schnorrkel::PublicKey::from_bytes(&NOBODY).expect("the library takes it for a key");
        let signature = schnorrkel::Signature::from_bytes(&universal).expect("and this for a signature");
        assert!(decoded.verify(signing_context(SIGNING_CONTEXT).bytes(b"anything"), &signature).is_ok());
        assert!(!verify(&NOBODY, b"anything", &universal));
        assert_eq!(PublicKey::new(&NOBODY), Err(KeyError::NotAPublicKey));
    }

    #[test]
    fn wrapped_messages_of_browser_wallets_verify_where_allowed() {
        let key = PublicKey::new(&pair().public()).unwrap();
        let signature = pair().sign(b"<Bytes>hello</Bytes>", [2; 32]);
        assert!(key.verify_or_wrapped(b"hello", &signature));
        assert!(!key.verify(b"hello", &signature));
    }

    #[test]
    fn debug_output_shows_the_address_and_not_the_secret() {
        let text = alloc::format!("{:?}", pair());
        assert!(text.contains("5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzV"));
        assert!(!text.contains("05d655"));
    }

    #[test]
    fn a_public_key_shows_its_address() {
        let bytes = from_hex(PUBLIC).expect("32 bytes");
        let key = PublicKey::new(&bytes).expect("a key");
        assert_eq!(key.to_bytes(), bytes);
        assert_eq!(alloc::format!("{key:?}"), alloc::format!("PublicKey({})", crate::ss58::encode(&bytes)));
    }

    #[test]
    fn entropy_is_handed_out_once_and_then_only_hashes_of_it() {
        let entropy = [7; 32];
        let second = crate::hash::blake2_256_of(&[&entropy, &1u64.to_le_bytes()]);
        let third = crate::hash::blake2_256_of(&[&entropy, &2u64.to_le_bytes()]);
        let mut bytes = [0; 40];
        OneShot::new(entropy).fill_bytes(&mut bytes);
        assert_eq!((&bytes[..32], &bytes[32..]), (&entropy[..], &second[..8]));

        let mut source = OneShot::new(entropy);
        assert_eq!(source.next_u64(), u64::from_le_bytes([7; 8]));
        assert_eq!(source.next_u32().to_le_bytes(), second[..4]);
        let mut bytes = [0; 5];
        source.try_fill_bytes(&mut bytes).expect("it never fails");
        assert_eq!(bytes, third[..5]);
    }
}
