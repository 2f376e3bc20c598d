//! Files that other programs wrote are read here. Origins and passwords: `tests/vectors/README.md`.

use std::path::{Path, PathBuf};

use myelin_wallet::{
    keyfile, legacy, polkadot_js,
    seal::{self, Format, SealError, SealKey},
    Keypair, Password, Wallet, WalletError,
};

const ADDRESS: &str = "5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzV";
const PHRASE: &str = "bottom drive obey lake curtain smoke basket hold race lonely fit walk";

fn vectors() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors")
}

fn official(hotkey: &str) -> Wallet {
    Wallet::new(vectors().join("official-4.1.0"), "throwaway", hotkey).unwrap()
}

fn alice() -> [u8; 32] {
    Keypair::from_uri("//Alice").unwrap().public()
}

/// The derivation costs seconds and 512 MiB, so one test does it once and checks everything that depends on it.
#[test]
fn an_encrypted_official_coldkey_opens_and_ours_is_sealed_alike() {
    let wallet = official("miner");
    let bytes = std::fs::read(wallet.coldkey_file()).unwrap();
    assert_eq!(Format::of(&bytes), Format::Nacl);
    assert!(matches!(wallet.coldkey(None), Err(WalletError::Locked { .. })));

    let key = SealKey::derive(&Password::new("Correct-horse-7")).unwrap();
    let content = key.open(&bytes).unwrap();
    assert_eq!(content.len() + 45, bytes.len());
    let secret = keyfile::read_secret(&content).unwrap();
    assert_eq!(secret.keypair().address(), ADDRESS);
    assert_eq!(secret.phrase(), Some(PHRASE));

    let ours = key.seal(&keyfile::write_secret(&secret));
    assert_eq!(Format::of(&ours), Format::Nacl);
    assert_eq!(keyfile::read_secret(&key.open(&ours).unwrap()).unwrap().keypair().address(), ADDRESS);
    let mut changed = bytes.clone();
    *changed.last_mut().unwrap() ^= 1;
    assert_eq!(key.open(&changed), Err(SealError::WrongPassword));
}

#[test]
fn plain_official_hotkeys_and_pub_files_are_read() {
    assert_eq!(official("alice").hotkey(None).unwrap().public(), alice());
    assert_eq!(official("alice").hotkeypub().unwrap(), alice(), "from the plain file, there is no pub file");
    let miner = Keypair::from_seed(&[0x11; 32]).public();
    assert_eq!(official("miner").hotkey(None).unwrap().public(), miner);
    assert_eq!(official("miner").hotkeypub().unwrap(), miner);
    assert_eq!(myelin_wire::ss58::encode(&official("miner").coldkeypub().unwrap()), ADDRESS);
}

#[test]
fn an_ansible_vault_opens_with_its_password_only() {
    let bytes = std::fs::read(vectors().join("ansible-vault")).unwrap();
    let content = seal::open(&bytes, &Password::new("Vault-pass-1")).unwrap();
    assert_eq!(keyfile::read_secret(&content).unwrap().keypair().public(), alice());
    assert_eq!(seal::open(&bytes, &Password::new("vault-pass-1")), Err(SealError::WrongPassword));
    let short = &bytes[..bytes.len() / 2];
    assert!(matches!(
        seal::open(short, &Password::new("Vault-pass-1")),
        Err(SealError::Malformed { .. } | SealError::WrongPassword)
    ));
}

#[test]
fn a_fernet_token_opens() {
    let bytes = std::fs::read(vectors().join("fernet")).unwrap();
    let content = seal::open(&bytes, &Password::new("Fernet-pass-1")).unwrap();
    assert_eq!(keyfile::read_secret(&content).unwrap().keypair().public(), alice());
    let short = legacy::open_fernet(&bytes[..80], &Password::new("Fernet-pass-1"));
    assert_eq!(short, Err(SealError::Malformed { format: "a Fernet token" }));
}

#[test]
fn a_browser_wallets_export_opens_with_its_password_only() {
    let json = std::fs::read_to_string(vectors().join("polkadot-js.json")).unwrap();
    let secret = polkadot_js::open(&json, &Password::new("Browser-pass-1")).unwrap();
    assert_eq!(secret.keypair().public(), Keypair::from_uri("//export").unwrap().public());
    let signature = secret.keypair().sign(b"message");
    assert!(myelin_wire::sr25519::verify(&secret.keypair().public(), b"message", &signature));
    let wrong = polkadot_js::open(&json, &Password::new("browser-pass-1"));
    assert_eq!(wrong.err(), Some(polkadot_js::ExportError::WrongPassword));
    let other = json.replace("5EHzpW5NxAQxZySh2JM31GdRrud3JxTD16PxTbKbHg4VeCG9", ADDRESS);
    let mixed = polkadot_js::open(&other, &Password::new("Browser-pass-1"));
    assert_eq!(mixed.err(), Some(polkadot_js::ExportError::AddressMismatch));
    assert!(polkadot_js::open("{}", &Password::new("x")).is_err());
}
