//! Secret URIs: `[phrase or 0xseed][//hard][/soft]…[///password]`.

use myelin_wire::{
    hash::{blake2_256, from_hex},
    sr25519,
};
use rand::RngCore;
use zeroize::Zeroizing;

use crate::{
    keypair::Keypair,
    mnemonic::{Mnemonic, MnemonicError},
};

/// The phrase behind `//Alice` and the other development accounts. Everybody knows it.
const DEVELOPMENT_PHRASE: &str = "bottom drive obey lake curtain smoke basket hold race lonely fit walk";

/// Most junctions in one path.
const MAX_JUNCTIONS: usize = 64;

/// Why a secret URI is not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UriError {
    /// The part before the first slash is no mnemonic.
    #[error("the part before the first slash is not a mnemonic: {0}")]
    Mnemonic(#[from] MnemonicError),
    /// The part before the first slash starts with 0x but is no seed.
    #[error("a hexadecimal seed has 64 digits after 0x")]
    Seed,
    /// An empty junction, as in `//` at the end.
    #[error("junction {position} of the derivation path is empty; write //name or /name")]
    EmptyJunction {
        /// Position from 1.
        position: usize,
    },
    /// A very long path.
    #[error("a derivation path has at most 64 junctions")]
    TooLong,
}

enum Junction {
    Hard([u8; 32]),
    Soft([u8; 32]),
}

pub(crate) fn derive(uri: &str) -> Result<sr25519::Keypair, UriError> {
    // The path's junctions are never empty, so the first `///` begins the password.
    let (rest, password) = match uri.split_once("///") {
        Some((rest, password)) => (rest, Some(password)),
        None => (uri, None),
    };
    let (phrase, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let junctions = parse_path(path)?;
    let root = root(phrase.trim(), password)?;
    Ok(junctions.into_iter().fold(root, |key, junction| match junction {
        Junction::Hard(code) => key.derive_hard(code).0,
        Junction::Soft(code) => {
            let mut entropy = [0u8; 32];
            rand::rng().fill_bytes(&mut entropy);
            key.derive_soft(code, entropy)
        }
    }))
}

fn root(phrase: &str, password: Option<&str>) -> Result<sr25519::Keypair, UriError> {
    if phrase.starts_with("0x") {
        let seed = Zeroizing::new(from_hex::<32>(phrase).ok_or(UriError::Seed)?);
        return Ok(sr25519::Keypair::from_seed(&seed));
    }
    let phrase = if phrase.is_empty() { DEVELOPMENT_PHRASE } else { phrase };
    let mnemonic = Mnemonic::parse(phrase)?;
    Ok(Keypair::from_mnemonic(&mnemonic, password).inner().clone())
}

fn parse_path(path: &str) -> Result<Vec<Junction>, UriError> {
    let mut junctions = Vec::new();
    let mut rest = path;
    while let Some(after) = rest.strip_prefix('/') {
        if junctions.len() == MAX_JUNCTIONS {
            return Err(UriError::TooLong);
        }
        let (hard, after) = match after.strip_prefix('/') {
            Some(after) => (true, after),
            None => (false, after),
        };
        let (name, next) = after.split_at(after.find('/').unwrap_or(after.len()));
        if name.is_empty() {
            return Err(UriError::EmptyJunction { position: junctions.len() + 1 });
        }
        let code = chain_code(name);
        junctions.push(if hard { Junction::Hard(code) } else { Junction::Soft(code) });
        rest = next;
    }
    Ok(junctions)
}

/// A junction's chain code: a number as 8 bytes little endian, any other name SCALE-encoded; padded with zeros to
/// 32 bytes, or hashed if longer.
fn chain_code(name: &str) -> [u8; 32] {
    let mut encoded = Vec::with_capacity(name.len() + 4);
    match name.parse::<u64>() {
        Ok(number) => encoded.extend_from_slice(&number.to_le_bytes()),
        Err(_) => {
            let length = name.len() as u64;
            // SCALE compact length: one, two or four bytes.
            match length {
                0..=63 => encoded.push((length << 2) as u8),
                64..=16_383 => encoded.extend_from_slice(&((length << 2 | 1) as u16).to_le_bytes()),
                _ => encoded.extend_from_slice(&((length << 2 | 2) as u32).to_le_bytes()),
            }
            encoded.extend_from_slice(name.as_bytes());
        }
    }
    if encoded.len() > 32 {
        return blake2_256(&encoded);
    }
    let mut code = [0u8; 32];
    code[..encoded.len()].copy_from_slice(&encoded);
    code
}

#[cfg(test)]
mod tests {
    use super::*;

    fn public(uri: &str) -> String {
        hex::encode(derive(uri).unwrap().public())
    }

    #[test]
    fn development_accounts_have_their_well_known_keys() {
        // Recorded from the official wallet 4.1.0.
        for (uri, key) in [
            ("", "46ebddef8cd9bb167dc30878d7113b7e168e6f0646beffd77d69d39bad76b47a"),
            ("//Alice", "d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d"),
            ("/Alice", "d6c71059dbbe9ad2b0ed3f289738b800836eb425544ce694825285b958ca755e"),
            ("/1", "328b984202c3c1c834b9c5973a0e8955c4f60c6e3c100503c77d4ad3b9328639"),
            ("//1/2", "509efd067a5a345cea7185745c2996a36733711651f6cc41087c0bcc66a68a1d"),
            ("//Alice/soft", "02cfd83074aefc9955af4034d19b3780d47a52e158ababec8ec012b2295f1c5b"),
            (
                "//xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
                "62ff70144a831b8dc0e6dc91ff36bd55e415fb79c277523a3e2adb9bdfe0590e",
            ),
        ] {
            assert_eq!(public(uri), key, "{uri}");
        }
        let phrase = DEVELOPMENT_PHRASE.to_owned() + "//Alice";
        assert_eq!(public(&phrase), public("//Alice"));
        let seed = "0xfac7959dbfe72f052e5a0c3c8d6530f202b02fd8f9f5ca3580ec8deb7797479e//Alice";
        assert_eq!(public(seed), public("//Alice"));
    }

    #[test]
    fn a_password_changes_the_key() {
        assert_ne!(public("//Alice///secret"), public("//Alice"));
        assert_ne!(public("//Alice///secret"), public("//Alice///secret/2"));
    }

    #[test]
    fn malformed_uris_are_refused() {
        assert_eq!(derive("//Alice//").err(), Some(UriError::EmptyJunction { position: 2 }));
        assert_eq!(derive("0x12").err(), Some(UriError::Seed));
        assert!(matches!(derive("some words").err(), Some(UriError::Mnemonic(_))));
        assert_eq!(derive(&"/a".repeat(65)).err(), Some(UriError::TooLong));
    }
}
