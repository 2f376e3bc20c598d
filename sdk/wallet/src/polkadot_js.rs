//! Account exports of browser wallets (`polkadot.js` JSON, version 3, scrypt and XSalsa20-Poly1305).
//!
//! `encoded` is base64 of: 32 bytes of salt, scrypt's N, p and r as little-endian u32, a 24-byte nonce and the box.
//! Inside: a 16-byte header, the 64-byte secret in ed25519 layout, a 5-byte divider, the public key.

use base64::{engine::general_purpose::STANDARD, Engine};
use crypto_secretbox::{
    aead::{Aead, KeyInit},
    Nonce, XSalsa20Poly1305,
};
use myelin_wire::ss58;
use rand::RngCore;
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::{keypair::Secret, password::Password, Keypair};

const CONTENT: [&str; 2] = ["pkcs8", "sr25519"];
const SEALED: [&str; 2] = ["scrypt", "xsalsa20-poly1305"];
const VERSION: &str = "3";
const HEADER: [u8; 16] = [48, 83, 2, 1, 1, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32];
const DIVIDER: [u8; 5] = [161, 35, 3, 33, 0];
/// N, p, r that browser wallets write today.
const WRITTEN: (u32, u32, u32) = (1 << 17, 1, 8);
/// Those that they have written; others could exhaust memory.
const ALLOWED: [(u32, u32, u32); 6] =
    [(1 << 13, 10, 8), (1 << 14, 5, 8), (1 << 15, 3, 8), (1 << 15, 1, 8), (1 << 16, 2, 8), WRITTEN];

/// Why an export cannot be imported.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExportError {
    /// Not an export, or damaged.
    #[error("this is not an account export of a browser wallet: {0}")]
    Malformed(&'static str),
    /// Another version or encryption.
    #[error("only exports of version 3 of sr25519 accounts, encrypted with a password, can be imported")]
    Unsupported,
    /// The box does not open.
    #[error("wrong password, or the export was changed")]
    WrongPassword,
    /// Secret and named address differ.
    #[error("the secret in the export does not belong to the address it names")]
    AddressMismatch,
}

#[derive(Deserialize)]
struct Export {
    encoded: String,
    encoding: Encoding,
    #[serde(default)]
    address: Option<String>,
}

#[derive(Deserialize)]
struct Encoding {
    content: Vec<String>,
    r#type: Vec<String>,
    version: String,
}

/// Makes an export that browser wallets and official ones import; they show `name`. Takes half a second and 128 MiB.
pub fn seal(keypair: &Keypair, name: &str, password: &Password) -> String {
    let mut plain = Zeroizing::new(Vec::with_capacity(128));
    plain.extend_from_slice(&HEADER);
    plain.extend_from_slice(&keypair.ed25519_layout()[..]);
    plain.extend_from_slice(&DIVIDER);
    plain.extend_from_slice(&keypair.public());
    let (mut salt, mut nonce) = ([0u8; 32], [0u8; 24]);
    rand::rng().fill_bytes(&mut salt);
    rand::rng().fill_bytes(&mut nonce);
    let (n, p, r) = WRITTEN;
    let boxed = cipher(password, &salt, WRITTEN)
        .encrypt(Nonce::from_slice(&nonce), &plain[..])
        .expect("a message in memory is below the cipher's limit of 256 GiB");
    let parameters = [n.to_le_bytes(), p.to_le_bytes(), r.to_le_bytes()].concat();
    let encoded = STANDARD.encode([&salt[..], &parameters, &nonce, &boxed].concat());
    serde_json::json!({
        "encoded": encoded,
        "encoding": { "content": CONTENT, "type": SEALED, "version": VERSION },
        "address": keypair.address(),
        "meta": { "name": name },
    })
    .to_string()
}

/// Opens an export.
pub fn open(json: &str, password: &Password) -> Result<Secret, ExportError> {
    let malformed = ExportError::Malformed;
    let export: Export = serde_json::from_str(json).map_err(|_| malformed("not the expected JSON"))?;
    let is =
        |list: &[String], expected: &[&str]| list.iter().map(String::as_str).eq(expected.iter().copied());
    let encoding = &export.encoding;
    let supported =
        encoding.version == VERSION && is(&encoding.content, &CONTENT) && is(&encoding.r#type, &SEALED);
    if !supported {
        return Err(ExportError::Unsupported);
    }
    let encoded = STANDARD.decode(export.encoded.trim()).map_err(|_| malformed("`encoded` is not base64"))?;
    if encoded.len() < 32 + 12 + 24 + 16 {
        return Err(malformed("`encoded` is too short"));
    }
    let (salt, rest) = encoded.split_at(32);
    let (parameters, rest) = rest.split_at(12);
    let (nonce, boxed) = rest.split_at(24);
    let number = |at: usize| {
        u32::from_le_bytes([parameters[at], parameters[at + 1], parameters[at + 2], parameters[at + 3]])
    };
    let (n, p, r) = (number(0), number(4), number(8));
    if !ALLOWED.contains(&(n, p, r)) {
        return Err(malformed("unusual scrypt parameters"));
    }
    let plain = cipher(password, salt, (n, p, r))
        .decrypt(Nonce::from_slice(nonce), boxed)
        .map_err(|_| ExportError::WrongPassword)?;
    let secret = read_pkcs8(&Zeroizing::new(plain))?;
    let named = export.address.as_deref().and_then(|text| ss58::decode(text).ok());
    if named.is_some_and(|named| named != secret.keypair.public()) {
        return Err(ExportError::AddressMismatch);
    }
    Ok(secret)
}

/// The cipher of a password under scrypt's N, p and r, which are among those allowed.
fn cipher(password: &Password, salt: &[u8], (n, p, r): (u32, u32, u32)) -> XSalsa20Poly1305 {
    let mut key = Zeroizing::new([0u8; 64]);
    let parameters =
        scrypt::Params::new(n.ilog2() as u8, r, p, key.len()).expect("allowed parameters are legal");
    scrypt::scrypt(password.as_bytes(), salt, &parameters, &mut key[..])
        .expect("64 bytes are a legal length");
    XSalsa20Poly1305::new(key[..32].into())
}

fn read_pkcs8(plain: &[u8]) -> Result<Secret, ExportError> {
    let malformed = ExportError::Malformed("unexpected content");
    let rest = plain.strip_prefix(&HEADER).ok_or(malformed.clone())?;
    let secret: Zeroizing<[u8; 64]> =
        Zeroizing::new(rest.get(..64).and_then(|s| s.try_into().ok()).ok_or(malformed.clone())?);
    let public = rest[64..].strip_prefix(&DIVIDER).ok_or(malformed.clone())?;
    let keypair = Keypair::from_ed25519_layout(&secret).map_err(|_| malformed.clone())?;
    if keypair.public() != *public {
        return Err(ExportError::AddressMismatch);
    }
    Ok(Secret::from_keypair(keypair))
}
