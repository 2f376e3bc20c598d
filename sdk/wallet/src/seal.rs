//! Encrypted keyfiles: the official format `$NACL`.
//!
//! `"$NACL"` ++ 24-byte nonce ++ 16-byte tag ++ ciphertext, XSalsa20-Poly1305. The key is 32 bytes of Argon2i
//! version 1.3 with a fixed salt, 8 passes over 512 MiB. One derivation takes seconds and half a gigabyte; that is
//! the official price of a guess and is not lowered here.

use argon2::{Algorithm, Argon2, Params, Version};
use crypto_secretbox::{
    aead::{Aead, KeyInit},
    Nonce, XSalsa20Poly1305,
};
use rand::RngCore;
use zeroize::Zeroizing;

use crate::{legacy, password::Password};

const NACL_PREFIX: &[u8] = b"$NACL";
const SALT: [u8; 16] =
    [0x13, 0x71, 0x83, 0xdf, 0xf1, 0x5a, 0x09, 0xbc, 0x9c, 0x90, 0xb5, 0x51, 0x87, 0x39, 0xe9, 0xb1];
const MEMORY_KIB: u32 = 524_288;
const PASSES: u32 = 8;
const NONCE_LEN: usize = 24;
const TAG_LEN: usize = 16;
/// Length below which nothing is a secret: twelve words have at least three letters each.
const SHORTER_THAN_A_SECRET: usize = 46;

/// Format of a keyfile, as its first bytes show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Not encrypted.
    Plain,
    /// The format that is written today.
    Nacl,
    /// Ansible vault, written by old official wallets.
    AnsibleVault,
    /// Fernet, written by the oldest official wallets.
    Fernet,
}

impl Format {
    /// Recognises the format by its prefix.
    pub fn of(bytes: &[u8]) -> Self {
        match bytes {
            b if b.starts_with(NACL_PREFIX) => Self::Nacl,
            b if b.starts_with(b"$ANSIBLE_VAULT") => Self::AnsibleVault,
            b if b.starts_with(b"gAAAAA") => Self::Fernet,
            _ => Self::Plain,
        }
    }

    /// Whether reading needs a password.
    pub fn is_encrypted(self) -> bool {
        self != Self::Plain
    }
}

/// Why an encrypted keyfile does not open.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The file is shorter than its format allows.
    #[error(
        "the file is truncated: {found} bytes, its format needs more than {needed}; restore it from a backup"
    )]
    Truncated {
        /// Length found.
        found: usize,
        /// Largest length that is too short.
        needed: usize,
    },
    /// Authentication failed. A wrong password and a changed byte cannot be told apart.
    #[error("wrong password, or the file was changed")]
    WrongPassword,
    /// The file's own structure is broken.
    #[error("the file claims to be {format} but is malformed; restore it from a backup")]
    Malformed {
        /// Name of the format.
        format: &'static str,
    },
    /// The derivation needs 512 MiB.
    #[error("the password cannot be turned into a key: {0}")]
    Derivation(String),
}

/// A key derived from a password; the derivation is the expensive part.
pub struct SealKey(Zeroizing<[u8; 32]>);

impl SealKey {
    /// Derives the key (seconds, 512 MiB).
    pub fn derive(password: &Password) -> Result<Self, SealError> {
        let failed = |error: argon2::Error| SealError::Derivation(error.to_string());
        let params = Params::new(MEMORY_KIB, PASSES, 1, Some(32)).map_err(failed)?;
        let mut key = Zeroizing::new([0u8; 32]);
        Argon2::new(Algorithm::Argon2i, Version::V0x13, params)
            .hash_password_into(password.as_bytes(), &SALT, &mut key[..])
            .map_err(failed)?;
        Ok(Self(key))
    }

    /// Encrypts under a fresh nonce.
    pub fn seal(&self, plain: &[u8]) -> Vec<u8> {
        let mut nonce = [0u8; NONCE_LEN];
        rand::rng().fill_bytes(&mut nonce);
        let boxed = XSalsa20Poly1305::new((&*self.0).into())
            .encrypt(Nonce::from_slice(&nonce), plain)
            .expect("a message in memory is below the cipher's limit of 256 GiB");
        [NACL_PREFIX, &nonce, &boxed].concat()
    }

    /// Decrypts a file of [`seal`](Self::seal) or of an official wallet.
    pub fn open(&self, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let rest = sealed.strip_prefix(NACL_PREFIX).ok_or(SealError::Malformed { format: "$NACL" })?;
        if rest.len() <= NONCE_LEN + TAG_LEN {
            let needed = NACL_PREFIX.len() + NONCE_LEN + TAG_LEN;
            return Err(SealError::Truncated { found: sealed.len(), needed });
        }
        let (nonce, boxed) = rest.split_at(NONCE_LEN);
        XSalsa20Poly1305::new((&*self.0).into())
            .decrypt(Nonce::from_slice(nonce), boxed)
            .map(Zeroizing::new)
            .map_err(|_| SealError::WrongPassword)
    }
}

/// Refuses an encrypted keyfile that no password can open, as far as its length and structure tell.
pub fn check(bytes: &[u8]) -> Result<(), SealError> {
    match Format::of(bytes) {
        Format::Nacl => {
            let (found, needed) =
                (bytes.len(), NACL_PREFIX.len() + NONCE_LEN + TAG_LEN + SHORTER_THAN_A_SECRET);
            if found > needed {
                Ok(())
            } else {
                Err(SealError::Truncated { found, needed })
            }
        }
        Format::AnsibleVault => legacy::vault_parts(bytes).map(drop),
        Format::Fernet => legacy::fernet_token(bytes).map(drop),
        Format::Plain => Ok(()),
    }
}

/// Opens a keyfile of any encrypted format.
pub fn open(bytes: &[u8], password: &Password) -> Result<Zeroizing<Vec<u8>>, SealError> {
    // Do not spend seconds on a file that cannot open.
    check(bytes)?;
    match Format::of(bytes) {
        Format::Nacl => SealKey::derive(password)?.open(bytes),
        Format::AnsibleVault => legacy::open_ansible_vault(bytes, password),
        Format::Fernet => legacy::open_fernet(bytes, password),
        Format::Plain => Ok(Zeroizing::new(bytes.to_vec())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> SealKey {
        SealKey(Zeroizing::new([byte; 32]))
    }

    #[test]
    fn sealing_adds_forty_five_bytes_and_opens_again() {
        let sealed = key(1).seal(b"{}");
        assert_eq!(sealed.len(), 2 + 45);
        assert_eq!(key(1).open(&sealed).unwrap().as_slice(), b"{}");
        assert_ne!(sealed, key(1).seal(b"{}"), "every file has its own nonce");
    }

    #[test]
    fn another_key_a_changed_byte_and_a_short_file_are_refused() {
        let sealed = key(1).seal(b"{\"a\":1}");
        assert_eq!(key(2).open(&sealed), Err(SealError::WrongPassword));
        for position in NACL_PREFIX.len()..sealed.len() {
            let mut changed = sealed.clone();
            changed[position] ^= 1;
            assert_eq!(key(1).open(&changed), Err(SealError::WrongPassword));
        }
        assert_eq!(key(1).open(&sealed[..sealed.len() - 1]), Err(SealError::WrongPassword));
        assert_eq!(key(1).open(&sealed[..30]), Err(SealError::Truncated { found: 30, needed: 45 }));
        let quick = open(&sealed[..45], &Password::new("any"));
        assert_eq!(quick, Err(SealError::Truncated { found: 45, needed: 91 }));
    }

    #[test]
    fn what_no_password_can_open_is_told_without_one() {
        assert_eq!(check(&key(1).seal(&[b'a'; 47])), Ok(()));
        let vault = |parts: [usize; 3]| {
            let hex = |text: &str| text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
            let inner = parts.map(|length| hex(&"a".repeat(length))).join("\n");
            format!("$ANSIBLE_VAULT;1.1;AES256\n{}", hex(&inner)).into_bytes()
        };
        assert_eq!(check(&vault([32, 32, 64])), Ok(()));
        for cut in
            [vault([32, 32, 63]), vault([32, 32, 0]), vault([32, 3, 64]), vault([32, 32, 64])[..90].into()]
        {
            assert!(matches!(check(&cut), Err(SealError::Malformed { .. })), "{cut:?}");
        }
        let token = |length: usize| {
            use base64::{engine::general_purpose::URL_SAFE, Engine};
            URL_SAFE.encode([&[0x80, 0, 0, 0, 0][..], &vec![0; length - 5]].concat()).into_bytes()
        };
        assert_eq!(check(&token(57 + 64)), Ok(()));
        for cut in [&token(57)[..], &token(57 + 63), &token(57 + 64)[..50]] {
            assert!(matches!(check(cut), Err(SealError::Malformed { .. })), "{cut:?}");
        }
    }

    #[test]
    fn formats_are_told_apart_by_their_first_bytes() {
        assert_eq!(Format::of(b"$NACL..."), Format::Nacl);
        assert_eq!(Format::of(b"$ANSIBLE_VAULT;1.1;AES256\n"), Format::AnsibleVault);
        assert_eq!(Format::of(b"gAAAAABk"), Format::Fernet);
        assert_eq!(Format::of(b"{\"ss58Address\":"), Format::Plain);
    }
}
