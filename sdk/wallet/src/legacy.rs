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

/// Opens an Ansible vault, version 1.1 or 1.2 with AES256.
///
/// After the header line follows hexadecimal text of three lines, themselves hexadecimal: salt, HMAC-SHA256 and
/// AES-256-CTR ciphertext with PKCS#7 padding. PBKDF2-HMAC-SHA256 gives cipher key, HMAC key and counter block.
pub fn open_ansible_vault(bytes: &[u8], password: &Password) -> Result<Zeroizing<Vec<u8>>, SealError> {
    const MALFORMED: SealError = SealError::Malformed { format: "an Ansible vault" };
    let text = std::str::from_utf8(bytes).map_err(|_| MALFORMED)?;
    let (header, body) = text.split_once('\n').ok_or(MALFORMED)?;
    if !header.trim_end().starts_with("$ANSIBLE_VAULT;1.") || !header.contains(";AES256") {
        return Err(MALFORMED);
    }
    let body: String = body.split_whitespace().collect();
    let inner = String::from_utf8(unhex(&body).ok_or(MALFORMED)?).map_err(|_| MALFORMED)?;
    let mut lines = inner.split('\n').map(unhex);
    let mut next = || lines.next().flatten().ok_or(MALFORMED);
    let (salt, tag, mut plain) = (next()?, next()?, Zeroizing::new(next()?));

    let mut keys = Zeroizing::new([0u8; 80]);
    pbkdf2_hmac::<Sha256>(password.as_bytes(), &salt, VAULT_ROUNDS, &mut keys[..]);
    let (cipher_key, rest) = keys.split_at(32);
    let (mac_key, counter) = rest.split_at(32);
    let mut mac = HmacSha256::new_from_slice(mac_key).map_err(|_| MALFORMED)?;
    mac.update(&plain);
    mac.verify_slice(&tag).map_err(|_| SealError::WrongPassword)?;
    ctr::Ctr128BE::<Aes256>::new_from_slices(cipher_key, counter)
        .map_err(|_| MALFORMED)?
        .apply_keystream(&mut plain);
    let padding = usize::from(*plain.last().ok_or(MALFORMED)?);
    if padding == 0 || padding > 16 || padding > plain.len() {
        return Err(MALFORMED);
    }
    let length = plain.len() - padding;
    plain.truncate(length);
    Ok(plain)
}

/// Opens a Fernet token: version 0x80, 8 bytes of time, 16 of IV, AES-128-CBC ciphertext, HMAC-SHA256.
///
/// The password's key takes ten million rounds of PBKDF2, some seconds.
pub fn open_fernet(bytes: &[u8], password: &Password) -> Result<Zeroizing<Vec<u8>>, SealError> {
    const MALFORMED: SealError = SealError::Malformed { format: "a Fernet token" };
    let text = std::str::from_utf8(bytes).map_err(|_| MALFORMED)?;
    let token = URL_SAFE.decode(text.trim()).map_err(|_| MALFORMED)?;
    if token.len() < 1 + 8 + 16 + 16 + 32 || token[0] != 0x80 {
        return Err(MALFORMED);
    }
    let mut key = Zeroizing::new([0u8; 32]);
    pbkdf2_hmac::<Sha256>(password.as_bytes(), FERNET_SALT, FERNET_ROUNDS, &mut key[..]);
    open_fernet_token(&token, &key).map_err(|error| error.unwrap_or(MALFORMED))
}

fn open_fernet_token(token: &[u8], key: &[u8; 32]) -> Result<Zeroizing<Vec<u8>>, Option<SealError>> {
    let (mac_key, cipher_key) = key.split_at(16);
    let (message, tag) = token.split_at(token.len() - 32);
    let mut mac = HmacSha256::new_from_slice(mac_key).map_err(|_| None)?;
    mac.update(message);
    mac.verify_slice(tag).map_err(|_| SealError::WrongPassword)?;
    let (iv, ciphertext) = message[9..].split_at(16);
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
