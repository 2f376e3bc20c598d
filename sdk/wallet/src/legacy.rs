//! Encryptions of older official wallets: readable, never written.

use aes::{
    cipher::{block_padding::Pkcs7, BlockDecryptMut, KeyIvInit, StreamCipher},
    Aes128, Aes256,
};
use base64::{engine::general_purpose::URL_SAFE, Engine};
use hmac::{Hmac, Mac};
use pbkdf2::pbkdf2_hmac;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{password::Password, seal::SealError};

type HmacSha256 = Hmac<Sha256>;

const VAULT_ROUNDS: u32 = 10_000;
const FERNET_ROUNDS: u32 = 10_000_000;
const FERNET_SALT: &[u8] = b"Iguesscyborgslikemyselfhaveatendencytobeparanoidaboutourorigins";

const BROKEN_VAULT: SealError = SealError::Malformed { format: "an Ansible vault" };
const BROKEN_TOKEN: SealError = SealError::Malformed { format: "a Fernet token" };
/// Both cipher in blocks of this many bytes.
const BLOCK: usize = 16;
/// Fernet: version, time and IV, before the ciphertext.
const TOKEN_HEAD: usize = 1 + 8 + 16;
const MAC: usize = 32;

/// Salt, HMAC and ciphertext of an Ansible vault.
///
/// After the header line follows hexadecimal text of three lines, themselves hexadecimal.
pub(crate) fn vault_parts(bytes: &[u8]) -> Result<[Vec<u8>; 3], SealError> {
    let text = std::str::from_utf8(bytes).map_err(|_| BROKEN_VAULT)?;
    let (header, body) = text.split_once('\n').ok_or(BROKEN_VAULT)?;
    if !header.trim_end().starts_with("$ANSIBLE_VAULT;1.") || !header.contains(";AES256") {
        return Err(BROKEN_VAULT);
    }
    let body: String = body.split_whitespace().collect();
    let inner = String::from_utf8(unhex(&body).ok_or(BROKEN_VAULT)?).map_err(|_| BROKEN_VAULT)?;
    let mut lines = inner.split('\n').map(unhex);
    let mut next = || lines.next().flatten().ok_or(BROKEN_VAULT);
    let (salt, tag, sealed) = (next()?, next()?, next()?);
    if tag.len() != MAC || sealed.is_empty() || !sealed.len().is_multiple_of(BLOCK) {
        return Err(BROKEN_VAULT);
    }
    Ok([salt, tag, sealed])
}

/// Opens an Ansible vault, version 1.1 or 1.2 with AES256.
///
/// The tag is HMAC-SHA256 of the ciphertext, which is AES-256-CTR with PKCS#7 padding. PBKDF2-HMAC-SHA256 gives cipher
/// key, HMAC key and counter block.
pub fn open_ansible_vault(bytes: &[u8], password: &Password) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let [salt, tag, sealed] = vault_parts(bytes)?;
    let mut plain = Zeroizing::new(sealed);
    let mut keys = Zeroizing::new([0u8; 80]);
    pbkdf2_hmac::<Sha256>(password.as_bytes(), &salt, VAULT_ROUNDS, &mut keys[..]);
    let (cipher_key, rest) = keys.split_at(32);
    let (mac_key, counter) = rest.split_at(32);
    let mut mac = HmacSha256::new_from_slice(mac_key).map_err(|_| BROKEN_VAULT)?;
    mac.update(&plain);
    mac.verify_slice(&tag).map_err(|_| SealError::WrongPassword)?;
    ctr::Ctr128BE::<Aes256>::new_from_slices(cipher_key, counter)
        .map_err(|_| BROKEN_VAULT)?
        .apply_keystream(&mut plain);
    let padding = usize::from(*plain.last().ok_or(BROKEN_VAULT)?);
    if padding == 0 || padding > 16 || padding > plain.len() {
        return Err(BROKEN_VAULT);
    }
    let length = plain.len() - padding;
    plain.truncate(length);
    Ok(plain)
}

/// The bytes of a Fernet token: version 0x80, 8 bytes of time, 16 of IV, AES-128-CBC ciphertext, HMAC-SHA256.
pub(crate) fn fernet_token(bytes: &[u8]) -> Result<Vec<u8>, SealError> {
    let text = std::str::from_utf8(bytes).map_err(|_| BROKEN_TOKEN)?;
    let token = URL_SAFE.decode(text.trim()).map_err(|_| BROKEN_TOKEN)?;
    match token.len().checked_sub(TOKEN_HEAD + MAC) {
        Some(sealed) if sealed > 0 && sealed.is_multiple_of(BLOCK) && token[0] == 0x80 => Ok(token),
        _ => Err(BROKEN_TOKEN),
    }
}

/// Opens a Fernet token.
///
/// The password's key takes ten million rounds of PBKDF2, some seconds.
pub fn open_fernet(bytes: &[u8], password: &Password) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let token = fernet_token(bytes)?;
    let mut key = Zeroizing::new([0u8; 32]);
    pbkdf2_hmac::<Sha256>(password.as_bytes(), FERNET_SALT, FERNET_ROUNDS, &mut key[..]);
    open_fernet_token(&token, &key).map_err(|error| error.unwrap_or(BROKEN_TOKEN))
}

fn open_fernet_token(token: &[u8], key: &[u8; 32]) -> Result<Zeroizing<Vec<u8>>, Option<SealError>> {
    let (mac_key, cipher_key) = key.split_at(16);
    let (message, tag) = token.split_at(token.len() - MAC);
    let mut mac = HmacSha256::new_from_slice(mac_key).map_err(|_| None)?;
    mac.update(message);
    mac.verify_slice(tag).map_err(|_| SealError::WrongPassword)?;
    let (iv, ciphertext) = message[9..].split_at(BLOCK);
    cbc::Decryptor::<Aes128>::new_from_slices(cipher_key, iv)
        .map_err(|_| None)?
        .decrypt_padded_vec_mut::<Pkcs7>(ciphertext)
        .map(Zeroizing::new)
        .map_err(|_| None)
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.trim().as_bytes();
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    digits
        .chunks_exact(2)
        .map(|pair| std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok()))
        .collect()
}
