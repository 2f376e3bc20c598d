//! Key pairs, and keys together with their sources.

use std::fmt;

use myelin_wire::{
    sr25519::{self, KeyError, Signature, Signer},
    ss58, AccountId,
};
use rand::RngCore;
use zeroize::Zeroizing;

use crate::{mnemonic::Mnemonic, uri, UriError};

/// An sr25519 key pair that signs. Cheap to clone; wiped when dropped; never printed.
#[derive(Clone)]
pub struct Keypair(sr25519::Keypair);

impl Keypair {
    /// The key of `[phrase or 0xseed][//hard][/soft]…[///password]`; without a phrase, of the public phrase that
    /// development accounts such as `//Alice` come from.
    pub fn from_uri(uri: &str) -> Result<Self, UriError> {
        uri::derive(uri).map(Self)
    }

    /// The key of a mnemonic, with an optional password that is part of the derivation (not of any file).
    pub fn from_mnemonic(mnemonic: &Mnemonic, password: Option<&str>) -> Self {
        Self::from_seed(&mnemonic.seed(password))
    }

    /// The key of a 32-byte seed.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(sr25519::Keypair::from_seed(seed))
    }

    /// The key of a 64-byte secret (scalar and nonce seed), the `privateKey` of keyfiles.
    pub fn from_secret(secret: &[u8; 64]) -> Result<Self, KeyError> {
        sr25519::Keypair::from_secret(secret).map(Self)
    }

    /// The key in the layout that browser wallets export (a scalar multiplied by eight, as in ed25519).
    pub fn from_ed25519_layout(secret: &[u8; 64]) -> Result<Self, KeyError> {
        sr25519::Keypair::from_ed25519_layout(secret).map(Self)
    }

    /// The 64-byte secret in the layout that browser wallets export.
    pub(crate) fn ed25519_layout(&self) -> Zeroizing<[u8; 64]> {
        self.0.ed25519_layout()
    }

    /// A fresh random key without a mnemonic, for processes that live shorter than their keys.
    pub fn random() -> Self {
        let mut seed = Zeroizing::new([0u8; 32]);
        rand::rng().fill_bytes(&mut seed[..]);
        Self::from_seed(&seed)
    }

    /// The public key.
    pub fn public(&self) -> AccountId {
        self.0.public()
    }

    /// The public key as text.
    pub fn address(&self) -> String {
        ss58::encode(&self.public())
    }

    /// The 64-byte secret.
    pub fn secret(&self) -> Zeroizing<[u8; 64]> {
        self.0.secret()
    }

    /// Signs raw bytes with the Substrate context.
    pub fn sign(&self, message: &[u8]) -> Signature {
        self.0.sign(message, entropy())
    }

    /// The key of the wire crate, for code that brings its own entropy.
    pub fn inner(&self) -> &sr25519::Keypair {
        &self.0
    }
}

/// Fresh entropy for one signature.
fn entropy() -> sr25519::Entropy {
    let mut bytes = [0u8; 32];
    rand::rng().fill_bytes(&mut bytes);
    bytes
}

impl Signer for Keypair {
    fn public(&self) -> AccountId {
        Keypair::public(self)
    }
    fn sign(&self, message: &[u8]) -> Signature {
        Keypair::sign(self, message)
    }
}

impl fmt::Debug for Keypair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A key with the representations that a keyfile stores.
#[derive(Clone)]
pub struct Secret {
    pub(crate) keypair: Keypair,
    pub(crate) phrase: Option<Zeroizing<String>>,
    pub(crate) seed: Option<Zeroizing<[u8; 32]>>,
}

impl Secret {
    /// A key that is restored from words alone.
    pub fn from_mnemonic(mnemonic: &Mnemonic) -> Self {
        let seed = mnemonic.seed(None);
        Self { keypair: Keypair::from_seed(&seed), phrase: Some(mnemonic.phrase()), seed: Some(seed) }
    }

    /// A key that is restored from its seed.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        let seed = Zeroizing::new(seed);
        Self { keypair: Keypair::from_seed(&seed), phrase: None, seed: Some(seed) }
    }

    /// A key that is restored from its 64-byte secret only, such as a derived one.
    pub fn from_keypair(keypair: Keypair) -> Self {
        Self { keypair, phrase: None, seed: None }
    }

    /// The key that signs.
    pub fn keypair(&self) -> &Keypair {
        &self.keypair
    }

    /// The words, if the key was made from words.
    pub fn phrase(&self) -> Option<&str> {
        self.phrase.as_ref().map(|phrase| phrase.as_str())
    }

    /// The seed, if it is known.
    pub fn seed(&self) -> Option<&[u8; 32]> {
        self.seed.as_deref()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({})", self.keypair.address())
    }
}
