//! The JSON inside a keyfile.
//!
//! One object whose values are strings, except `cryptoType` (a number, absent in older files). Readers accept
//! unknown fields, a misspelt `" ss58Address"` that some versions wrote, a bare hexadecimal seed and bare words.
//!
//! Representations are tried in the official order: words, seed, private key. A representation counts only if it gives
//! the address that the file names. This also detects files that were changed in part, and seeds that one official
//! version wrote as raw characters instead of hexadecimal digits.
//!
//! Of ed25519 keys only the address is read.

use myelin_wire::{ed25519, hash::from_hex, ss58, AccountId};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::{keypair::Secret, mnemonic::Mnemonic, Keypair};

/// ed25519 and sr25519 in the field `cryptoType`.
const ED25519: u8 = 0;
const SR25519: u8 = 1;

/// Reason why a keyfile's content is no usable key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyfileError {
    /// Neither a JSON object nor a bare seed or phrase.
    #[error("the content is neither a JSON object nor a seed nor a mnemonic")]
    NotAKeyfile,
    /// A key of another signature scheme.
    #[error("{}", other_scheme(*found, whole.as_ref()))]
    CryptoType {
        /// Number found.
        found: u8,
        /// The ed25519 key that the file holds, if it is whole.
        whole: Option<AccountId>,
    },
    /// The file only names an address.
    #[error("the file holds the address {address} but no secret; it can receive and be looked at, not sign")]
    PublicOnly {
        /// The address.
        address: String,
    },
    /// No representation of the secret gives the named address.
    #[error("no secret in the file belongs to the address {address} it names; it was changed or mixed up")]
    AddressMismatch {
        /// The address.
        address: String,
    },
    /// The address is malformed, or the public key beside it is another one.
    #[error("the address `{address}` in the file was changed or mixed up: {reason}")]
    Address {
        /// The text in place of the address.
        address: String,
        /// Defect of the address.
        reason: String,
    },
    /// Neither a secret nor an address can be read.
    #[error("the file holds no readable secret and no readable address")]
    Empty,
}

#[derive(Default, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(rename_all = "camelCase")]
struct Content {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    account_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    public_key: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    private_key: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    secret_phrase: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    secret_seed: Option<String>,
    #[serde(
        default,
        rename = "ss58Address",
        alias = " ss58Address",
        skip_serializing_if = "Option::is_none"
    )]
    address: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    crypto_type: Option<u8>,
}

/// The content of a secret keyfile.
pub fn write_secret(secret: &Secret) -> Zeroizing<Vec<u8>> {
    let mut content = public_content(&secret.keypair.public());
    content.private_key = Some(prefixed(&secret.keypair.secret()[..]));
    content.secret_phrase = secret.phrase.as_ref().map(|phrase| phrase.to_string());
    content.secret_seed = secret.seed.as_ref().map(|seed| prefixed(&seed[..]));
    to_json(&content)
}

/// The content of a pub file: `accountId`, `publicKey`, `ss58Address`, `cryptoType`.
pub fn write_public(public: &AccountId) -> Vec<u8> {
    to_json(&public_content(public)).to_vec()
}

/// Reads the content of a secret keyfile.
pub fn read_secret(bytes: &[u8]) -> Result<Secret, KeyfileError> {
    let content = match serde_json::from_slice::<Content>(bytes) {
        Ok(content) => content,
        Err(_) => return read_bare(bytes),
    };
    if let Some(found) = content.crypto_type.filter(|found| *found != SR25519) {
        let whole = if found == ED25519 { ed25519_of(&content) } else { None };
        return Err(KeyfileError::CryptoType { found, whole });
    }
    // Where the address cannot be read, the public key beside it identifies the owner of the secret.
    let named = match (public_of(&content), hex_of(&content)) {
        (Err(KeyfileError::Address { address, .. }), Some(public))
            if ss58::decode(address.trim()).is_err() =>
        {
            Some(public)
        }
        (named, _) => named?,
    };
    let candidates = [
        content.secret_phrase.as_deref().and_then(from_phrase),
        content.secret_seed.as_deref().and_then(from_seed),
        content.private_key.as_deref().and_then(from_private_key),
    ];
    let mut any = false;
    for secret in candidates.into_iter().flatten() {
        any = true;
        if named.is_none_or(|named| named == secret.keypair.public()) {
            return Ok(secret);
        }
    }
    match named.map(|key| ss58::encode(&key)) {
        Some(address) if any => Err(KeyfileError::AddressMismatch { address }),
        Some(address) => Err(KeyfileError::PublicOnly { address }),
        None => Err(KeyfileError::Empty),
    }
}

/// The public key of an ed25519 key whose secret is in the file and gives the named address.
fn ed25519_of(content: &Content) -> Option<AccountId> {
    let named = public_of(content).ok()?;
    let seed = |text: &String| from_hex::<32>(text).map(Zeroizing::new);
    let seeds = [
        content.secret_phrase.as_ref().and_then(|text| Some(Mnemonic::parse(text).ok()?.seed(None))),
        content.secret_seed.as_ref().and_then(seed),
        // The private key of such a key is its seed.
        content.private_key.as_ref().and_then(seed),
    ];
    let mut keys = seeds.into_iter().flatten().map(|seed| ed25519::public_of_seed(&seed));
    keys.find(|public| named.is_none_or(|named| named == *public))
}

fn other_scheme(found: u8, whole: Option<&AccountId>) -> String {
    match whole.map(ss58::encode) {
        Some(address) => format!(
            "there is nothing wrong with the key {address}, but its crypto type is {found} (ed25519), and \
             myelin signs with sr25519 keys alone; sign with bittensor 11 or its btcli, or use an sr25519 key here"
        ),
        None => format!("the key has crypto type {found}; only sr25519 (1) keys sign here"),
    }
}

/// Account whose secret a plain secret keyfile claims to hold. It is not derived from the secret, which takes
/// milliseconds, unless the file names no account.
pub fn read_named(bytes: &[u8]) -> Result<AccountId, KeyfileError> {
    let Ok(content) = serde_json::from_slice::<Content>(bytes) else {
        return read_bare(bytes).map(|secret| secret.keypair.public());
    };
    let secrets = [&content.secret_phrase, &content.secret_seed, &content.private_key];
    match public_of(&content)? {
        Some(named) if secrets.iter().all(|secret| secret.is_none()) => {
            Err(KeyfileError::PublicOnly { address: ss58::encode(&named) })
        }
        Some(named) => Ok(named),
        None => read_public(bytes),
    }
}

/// Reads the address from a pub file or a plain secret keyfile.
pub fn read_public(bytes: &[u8]) -> Result<AccountId, KeyfileError> {
    match serde_json::from_slice::<Content>(bytes) {
        Ok(content) => match public_of(&content)? {
            Some(public) => Ok(public),
            None => match read_secret(bytes) {
                Ok(secret) => Ok(secret.keypair.public()),
                Err(KeyfileError::CryptoType { whole: Some(public), .. }) => Ok(public),
                Err(error) => Err(error),
            },
        },
        Err(_) => std::str::from_utf8(bytes)
            .ok()
            .and_then(|text| ss58::decode(text.trim()).ok())
            .ok_or(KeyfileError::NotAKeyfile),
    }
}

fn public_content(public: &AccountId) -> Content {
    let mut content = Content::default();
    content.account_id = Some(prefixed(public));
    content.public_key = Some(prefixed(public));
    content.address = Some(ss58::encode(public));
    content.crypto_type = Some(SR25519);
    content
}

fn hex_of(content: &Content) -> Option<AccountId> {
    content.public_key.as_deref().or(content.account_id.as_deref()).and_then(from_hex)
}

/// The account that a file names, once or several times; all occurrences must agree.
fn public_of(content: &Content) -> Result<Option<AccountId>, KeyfileError> {
    let hex = hex_of(content);
    let Some(text) = content.address.as_deref().map(str::trim) else { return Ok(hex) };
    let changed = |reason: String| KeyfileError::Address { address: text.into(), reason };
    let named = ss58::decode(text).map_err(|error| changed(error.to_string()))?;
    match hex {
        Some(other) if other != named => {
            Err(changed(format!("the public key beside it is that of {}", ss58::encode(&other))))
        }
        _ => Ok(Some(named)),
    }
}

fn read_bare(bytes: &[u8]) -> Result<Secret, KeyfileError> {
    let text = std::str::from_utf8(bytes).map_err(|_| KeyfileError::NotAKeyfile)?.trim();
    from_seed(text).or_else(|| from_phrase(text)).ok_or(KeyfileError::NotAKeyfile)
}

fn from_phrase(text: &str) -> Option<Secret> {
    Mnemonic::parse(text).ok().map(|mnemonic| Secret::from_mnemonic(&mnemonic))
}

fn from_seed(text: &str) -> Option<Secret> {
    from_hex::<32>(text).map(Secret::from_seed)
}

fn from_private_key(text: &str) -> Option<Secret> {
    let secret = Zeroizing::new(from_hex::<64>(text)?);
    Keypair::from_secret(&secret).ok().map(Secret::from_keypair)
}

fn prefixed(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 + bytes.len() * 2);
    text.push_str("0x");
    myelin_wire::hash::push_hex(&mut text, bytes);
    text
}

fn to_json(content: &Content) -> Zeroizing<Vec<u8>> {
    // Room for every field, so that no half-written copy of a secret is left behind by growing.
    let mut bytes = Zeroizing::new(Vec::with_capacity(2048));
    serde_json::to_writer(&mut *bytes, content).expect("strings and a number always serialise");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use myelin_wire::hash::to_hex;

    const PHRASE: &str = "bottom drive obey lake curtain smoke basket hold race lonely fit walk";
    const ADDRESS: &str = "5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzV";

    fn secret() -> Secret {
        Secret::from_mnemonic(&Mnemonic::parse(PHRASE).unwrap())
    }

    #[test]
    fn the_official_vector_has_all_its_fields() {
        let json = String::from_utf8(write_secret(&secret()).to_vec()).unwrap();
        assert_eq!(
            json,
            concat!(
                r#"{"accountId":"0x46ebddef8cd9bb167dc30878d7113b7e168e6f0646beffd77d69d39bad76b47a","#,
                r#""publicKey":"0x46ebddef8cd9bb167dc30878d7113b7e168e6f0646beffd77d69d39bad76b47a","#,
                r#""privateKey":"0x05d65584630d16cd4af6d0bec10f34bb504a5dcb62dba2122d49f5a663763d0a"#,
                r#"fd190cce74df356432b410bd64682309d6dedb27c76845daf388557cbac3ca34","#,
                r#""secretPhrase":"bottom drive obey lake curtain smoke basket hold race lonely fit walk","#,
                r#""secretSeed":"0xfac7959dbfe72f052e5a0c3c8d6530f202b02fd8f9f5ca3580ec8deb7797479e","#,
                r#""ss58Address":"5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzV","cryptoType":1}"#
            )
        );
        let public = String::from_utf8(write_public(&secret().keypair.public())).unwrap();
        assert!(!public.contains("secret") && !public.contains("private"));
        assert_eq!(read_public(public.as_bytes()).unwrap(), secret().keypair.public());
    }

    #[test]
    fn words_come_before_seed_and_seed_before_private_key() {
        let read = read_secret(&write_secret(&secret())).unwrap();
        assert_eq!(read.phrase(), Some(PHRASE));
        let seed = read_secret(&write_secret(&Secret::from_seed([7; 32]))).unwrap();
        assert_eq!((seed.phrase(), seed.seed()), (None, Some(&[7; 32])));
        let alice = Secret::from_keypair(Keypair::from_uri("//Alice").unwrap());
        let read = read_secret(&write_secret(&alice)).unwrap();
        assert_eq!((read.phrase(), read.seed()), (None, None));
        assert_eq!(read.keypair.public(), alice.keypair.public());
    }

    #[test]
    fn older_and_odd_files_are_read() {
        let no_type =
            String::from_utf8(write_secret(&secret()).to_vec()).unwrap().replace(",\"cryptoType\":1", "");
        assert_eq!(read_secret(no_type.as_bytes()).unwrap().keypair.address(), ADDRESS);
        let misspelt = no_type.replace("\"ss58Address\"", "\" ss58Address\"");
        assert_eq!(read_secret(misspelt.as_bytes()).unwrap().keypair.address(), ADDRESS);
        let newer = no_type.replacen('{', "{\"accountType\":\"x\",\"more\":{\"a\":[1]},", 1);
        assert_eq!(read_secret(newer.as_bytes()).unwrap().keypair.address(), ADDRESS);
        assert_eq!(read_secret(PHRASE.as_bytes()).unwrap().keypair.address(), ADDRESS);
        let bare = format!("0x{}\n", to_hex(secret().seed().unwrap()));
        assert_eq!(read_secret(bare.as_bytes()).unwrap().keypair.address(), ADDRESS);
        // One official version writes the seed's bytes as characters.
        let odd = String::from_utf8(write_secret(&Secret::from_seed([0x11; 32])).to_vec()).unwrap();
        let odd = odd.replace(
            &format!("0x{}\",\"ss58", "11".repeat(32)),
            &format!("0x{}\",\"ss58", "\\u0011".repeat(32)),
        );
        assert!(odd.contains("u0011"));
        assert_eq!(
            read_secret(odd.as_bytes()).unwrap().keypair.public(),
            Keypair::from_seed(&[0x11; 32]).public()
        );
    }

    /// Files that bittensor 11 wrote: of words, and of a derivation path, which leaves the private key alone.
    #[test]
    fn of_ed25519_keys_the_address_is_read_and_why_they_do_not_sign() {
        let words = format!(
            r#"{{"secretPhrase":"{PHRASE}","cryptoType":0,
            "privateKey":"0xfac7959dbfe72f052e5a0c3c8d6530f202b02fd8f9f5ca3580ec8deb7797479e",
            "secretSeed":"0xfac7959dbfe72f052e5a0c3c8d6530f202b02fd8f9f5ca3580ec8deb7797479e",
            "ss58Address":"5DFJF7tY4bpbpcKPJcBTQaKuCDEPCpiz8TRjpmLeTtweqmXL"}}"#
        );
        let path = r#"{"cryptoType":0,"ss58Address":"5FA9nQDVg267DEd8m1ZypXLBnvN7SFxYwV7ndqSYGiN9TTpu",
            "privateKey":"0xabf8e5bdbe30c65656c0a3cbd181ff8a56294a69dfedd27982aace4a76909115"}"#;
        for (file, address) in [
            (words.as_str(), "5DFJF7tY4bpbpcKPJcBTQaKuCDEPCpiz8TRjpmLeTtweqmXL"),
            (path, "5FA9nQDVg267DEd8m1ZypXLBnvN7SFxYwV7ndqSYGiN9TTpu"),
        ] {
            let public = ss58::decode(address).unwrap();
            let refused = read_secret(file.as_bytes()).unwrap_err();
            assert_eq!(refused, KeyfileError::CryptoType { found: 0, whole: Some(public) });
            let said = refused.to_string();
            assert!(
                said.contains(address) && said.contains("nothing wrong") && said.contains("btcli"),
                "{said}"
            );
            assert_eq!(read_public(file.as_bytes()), Ok(public));
            // Without an address in the file, the address is derived from the secret.
            let unnamed = file.replace("ss58Address", "other");
            assert_eq!(read_public(unnamed.as_bytes()), Ok(public));
            // A mixed-up file is not reported as whole.
            let mixed = read_secret(file.replace(address, ADDRESS).as_bytes()).unwrap_err();
            assert_eq!(mixed, KeyfileError::CryptoType { found: 0, whole: None });
            assert!(mixed.to_string().contains("crypto type 0;"), "{mixed}");
        }
    }

    #[test]
    fn broken_files_are_refused_with_a_reason() {
        assert_eq!(read_secret(b"").err(), Some(KeyfileError::NotAKeyfile));
        assert_eq!(read_secret(b"\xff\xfe").err(), Some(KeyfileError::NotAKeyfile));
        assert_eq!(read_secret(b"{}").err(), Some(KeyfileError::Empty));
        let whole = String::from_utf8(write_secret(&secret()).to_vec()).unwrap();
        assert_eq!(read_secret(&whole.as_bytes()[..whole.len() - 9]).err(), Some(KeyfileError::NotAKeyfile));
        for found in [0, 2] {
            let other = whole.replace("\"cryptoType\":1", &format!("\"cryptoType\":{found}"));
            let refused = KeyfileError::CryptoType { found, whole: None };
            assert_eq!(read_secret(other.as_bytes()).err(), Some(refused));
        }
        let public = write_public(&secret().keypair.public());
        for refused in [read_secret(&public).err(), read_named(&public).err()] {
            assert_eq!(refused, Some(KeyfileError::PublicOnly { address: ADDRESS.into() }));
        }
        assert_eq!(read_named(whole.as_bytes()), Ok(secret().keypair.public()));
        assert_eq!(read_named(PHRASE.as_bytes()), Ok(secret().keypair.public()));
        assert_eq!(read_named(b""), Err(KeyfileError::NotAKeyfile));
        let alice = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";
        for (wrong, reason) in [(alice, ADDRESS), (&ADDRESS.replace('5', "6"), "")] {
            let mixed = whole.replace(ADDRESS, wrong);
            let refused = read_public(mixed.as_bytes()).err();
            let Some(KeyfileError::Address { address, reason: said }) = &refused else { panic!("{wrong}") };
            assert!(address == wrong && said.contains(reason), "{said}");
            // A malformed address names no other key: the public key beside it identifies the owner of the secret.
            match read_secret(mixed.as_bytes()) {
                Ok(read) => assert_eq!((read.keypair.address(), reason), (ADDRESS.into(), "")),
                Err(error) => assert_eq!(Some(error), refused),
            }
        }
        let mixed = whole.replace(ADDRESS, alice).replace("accountId", "a").replace("publicKey", "p");
        assert_eq!(
            read_secret(mixed.as_bytes()).err(),
            Some(KeyfileError::AddressMismatch { address: alice.into() })
        );
    }
}
