//! SS58 addresses: the form of a public key for people.
//!
//! Layout before base58: one prefix byte (42 on this network), the 32 bytes of the key, and the first two bytes of
//! `blake2b-512("SS58PRE" ++ prefix ++ key)`.

use alloc::{string::String, vec::Vec};

use crate::{hash::blake2_512, AccountId};

/// The generic Substrate prefix, used by the official network and by this one.
pub const PREFIX: u8 = 42;

/// Longest address text that is read; a 35-byte payload never needs more than 48 base58 digits.
const MAX_TEXT: usize = 52;

/// Reasons why a text is not an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// The text holds characters outside the base58 alphabet or is far too long.
    #[error("an address is 47 or 48 base58 characters; this text has other characters or another length")]
    NotBase58,
    /// The decoded bytes are not prefix, 32-byte key and 2-byte checksum.
    #[error("an address decodes to 35 bytes, this one to {found}")]
    WrongLength {
        /// Number of bytes decoded.
        found: usize,
    },
    /// The address belongs to another network.
    #[error("the address has network prefix {found}; addresses here start with 5 (prefix 42)")]
    WrongPrefix {
        /// The prefix byte found.
        found: u8,
    },
    /// A typing error: the checksum does not fit the key.
    #[error("the address has a wrong checksum; check it for a typing error")]
    WrongChecksum,
}

/// The address text of `key`.
pub fn encode(key: &AccountId) -> String {
    let mut bytes = [0u8; 35];
    bytes[0] = PREFIX;
    bytes[1..33].copy_from_slice(key);
    let checksum = checksum(&bytes[..33]);
    bytes[33..].copy_from_slice(&checksum);
    bs58::encode(bytes).into_string()
}

/// The key behind an address text.
pub fn decode(text: &str) -> Result<AccountId, AddressError> {
    if text.len() > MAX_TEXT {
        return Err(AddressError::NotBase58);
    }
    let bytes: Vec<u8> = bs58::decode(text).into_vec().map_err(|_| AddressError::NotBase58)?;
    if bytes.len() != 35 {
        return Err(AddressError::WrongLength { found: bytes.len() });
    }
    if bytes[0] != PREFIX {
        return Err(AddressError::WrongPrefix { found: bytes[0] });
    }
    if checksum(&bytes[..33]) != bytes[33..] {
        return Err(AddressError::WrongChecksum);
    }
    let mut key = [0u8; 32];
    key.copy_from_slice(&bytes[1..33]);
    Ok(key)
}

fn checksum(prefix_and_key: &[u8]) -> [u8; 2] {
    let digest = blake2_512(&[b"SS58PRE", prefix_and_key].concat());
    [digest[0], digest[1]]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::from_hex;
    use alloc::string::ToString;

    const ALICE: &str = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";

    #[test]
    fn well_known_addresses_encode_and_decode() {
        let alice =
            from_hex::<32>("d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d").unwrap();
        assert_eq!(encode(&alice), ALICE);
        assert_eq!(decode(ALICE), Ok(alice));
        let official =
            from_hex::<32>("46ebddef8cd9bb167dc30878d7113b7e168e6f0646beffd77d69d39bad76b47a").unwrap();
        assert_eq!(encode(&official), "5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzV");
    }

    #[test]
    fn typing_errors_and_foreign_addresses_are_refused() {
        assert_eq!(decode(""), Err(AddressError::WrongLength { found: 0 }));
        assert_eq!(decode("5Grwva0F"), Err(AddressError::NotBase58));
        assert_eq!(decode(&"1".repeat(1000)), Err(AddressError::NotBase58));
        let swapped = ALICE.replace("Fz9rcQ", "Fz9crQ");
        assert_eq!(decode(&swapped), Err(AddressError::WrongChecksum));
        // The same key with the prefix of another network.
        let foreign = "15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp5".to_string();
        assert_eq!(decode(&foreign), Err(AddressError::WrongPrefix { found: 0 }));
    }

    #[test]
    fn only_texts_that_are_too_long_are_not_looked_at() {
        let longest = "1".repeat(MAX_TEXT);
        assert_eq!(decode(&longest), Err(AddressError::WrongLength { found: MAX_TEXT }));
        assert_eq!(decode(&alloc::format!("{longest}1")), Err(AddressError::NotBase58));
    }
}
