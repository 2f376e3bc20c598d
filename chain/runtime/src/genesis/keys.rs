//! Public keys of the well-known development accounts.
//!
//! They are derived from the development phrase that every Substrate tool knows, so anybody holds their secrets: they
//! are for test chains only. The runtime stores the public keys because deriving them would pull key generation into
//! the WASM code; a test derives them again.

use crate::{AccountId, SessionKeys};
use sp_consensus_aura::sr25519::AuthorityId as AuraId;
use sp_consensus_grandpa::AuthorityId as GrandpaId;
use sp_core::{crypto::UncheckedFrom, ed25519, sr25519};

/// A development account: its derivation path and its sr25519 public key.
pub struct DevAccount {
    /// Derivation path below the development phrase, for example `//Alice`.
    pub path: &'static str,
    /// Public key.
    pub sr25519: [u8; 32],
}

impl DevAccount {
    /// The account's id.
    pub fn id(&self) -> AccountId {
        AccountId::from(self.sr25519)
    }
}

/// A development authority: an account that is its own Aura key, and its GRANDPA key.
pub struct DevAuthority {
    /// The account and Aura key.
    pub account: DevAccount,
    /// GRANDPA key.
    pub ed25519: [u8; 32],
}

impl DevAuthority {
    /// The keys of this authority for the session pallet.
    pub fn session_keys(&self) -> SessionKeys {
        SessionKeys {
            aura: AuraId::from(sr25519::Public::unchecked_from(self.account.sr25519)),
            grandpa: GrandpaId::from(ed25519::Public::unchecked_from(self.ed25519)),
        }
    }
}

const fn account(path: &'static str, key: &str) -> DevAccount {
    DevAccount { path, sr25519: from_hex(key) }
}

const fn authority(path: &'static str, sr25519: &str, ed25519: &str) -> DevAuthority {
    DevAuthority { account: account(path, sr25519), ed25519: from_hex(ed25519) }
}

/// Holds the sudo key.
pub const ALICE: DevAccount =
    account("//Alice", "d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d");
/// Hotkey of Alice, owner of the root network on a fast chain.
pub const ALICE_HOTKEY: DevAccount =
    account("//Alice_hk", "506c5a28f51e841b4df26ace64a23d69057fefda24bc9a53cb74197f901e7128");
/// Second rich account.
pub const BOB: DevAccount =
    account("//Bob", "8eaf04151687736326c9fea17e25fc5287613693c912909cb226aa4794f26a48");
/// Third rich account.
pub const CHARLIE: DevAccount =
    account("//Charlie", "90b5ab205c6974c9ea841be688864633dc9ca8a357843eeacf2314649965fe22");
/// Smaller account.
pub const DAVE: DevAccount =
    account("//Dave", "306721211d5404bd9da88e0204360a1a9ab8b87c66c1bc2fcdd37f3c2222cc20");
/// Smaller account.
pub const EVE: DevAccount =
    account("//Eve", "e659a7a1628cdd93febc04a4e0646ea20e9f5f0ce097d9a05290d4a9e054df4e");
/// Smaller account.
pub const FERDIE: DevAccount =
    account("//Ferdie", "1cbd2d43530a44705ad088af313e18f80b53ef16b36177cd4b77b846f2a5f07c");

/// Authorities of test chains, in the order in which presets take them.
pub const AUTHORITIES: [DevAuthority; 4] = [
    authority(
        "//One",
        "ac859f8a216eeb1b320b4c76d118da3d7407fa523484d0a980126d3b4d0d220a",
        "16f97016bbea8f7b45ae6757b49efc1080accc175d8f018f9ba719b60b0815e4",
    ),
    authority(
        "//Two",
        "1254f7017f0b8347ce7ab14f96d818802e7e9e0c0d1b7c9acb3c726b080e7a03",
        "5079bcd20fd97d7d2f752c4607012600b401950260a91821f73e692071c82bf5",
    ),
    authority(
        "//Three",
        "9026941b7aa2328a8c5ea4e25bb747a2bf92a066fae0cc3722faf58cf44d3502",
        "ecccf9cddf1b329b7c6554e78b0a34ba760de390e351b0ee450a42955fb18470",
    ),
    authority(
        "//Four",
        "4017e17f10cc5a98731de9f020dbb37986f6e575789152d7fadae2b32eea6c13",
        "98bf054a827193b21d7127e4ee53ba9a4992aa09c0acced93cf5ca5da1ff7468",
    ),
];

/// Reads 64 lower-case hexadecimal digits at compile time.
const fn from_hex(text: &str) -> [u8; 32] {
    let text = text.as_bytes();
    assert!(text.len() == 64, "a public key has 64 hexadecimal digits");
    let mut key = [0; 32];
    let mut i = 0;
    while i < 32 {
        key[i] = digit(text[2 * i]) << 4 | digit(text[2 * i + 1]);
        i += 1;
    }
    key
}

const fn digit(c: u8) -> u8 {
    match c {
        b'0'..=b'9' => c - b'0',
        b'a'..=b'f' => c - b'a' + 10,
        _ => panic!("not a lower-case hexadecimal digit"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sp_core::Pair;

    #[test]
    fn well_known_keys_are_what_their_paths_derive() {
        for account in [&ALICE, &ALICE_HOTKEY, &BOB, &CHARLIE, &DAVE, &EVE, &FERDIE] {
            let derived = sr25519::Pair::from_string(account.path, None).expect("a valid path").public();
            assert_eq!(derived.0, account.sr25519, "{}", account.path);
        }
        for authority in &AUTHORITIES {
            let path = authority.account.path;
            let aura = sr25519::Pair::from_string(path, None).expect("a valid path").public();
            let grandpa = ed25519::Pair::from_string(path, None).expect("a valid path").public();
            assert_eq!((aura.0, grandpa.0), (authority.account.sr25519, authority.ed25519), "{path}");
        }
    }
}
