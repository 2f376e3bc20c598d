//! Wallet folders on disk.

use myelin_wallet::{default_path, seal::Format, Keypair, Mnemonic, Password, Secret, Wallet, WalletError};

fn secret() -> Secret {
    Secret::from_mnemonic(&Mnemonic::generate(12).unwrap())
}

#[test]
fn a_wallet_is_written_in_the_official_layout_and_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = Wallet::new(folder.path(), "mine", "first").unwrap();
    let (cold, hot) = (secret(), secret());
    wallet.save_coldkey(&cold, None, false).unwrap();
    wallet.save_hotkey(&hot, None, false).unwrap();
    for file in ["coldkey", "coldkeypub.txt", "hotkeys/first", "hotkeys/firstpub.txt"] {
        let path = folder.path().join("mine").join(file);
        let metadata = std::fs::metadata(&path).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(metadata.permissions().mode() & 0o777, 0o600, "{file}");
        }
        assert!(metadata.len() > 0);
    }
    let files = std::fs::read_dir(folder.path().join("mine")).unwrap().count();
    assert_eq!(files, 3, "no temporary file is left");
    assert_eq!(wallet.coldkey(None).unwrap().public(), cold.keypair().public());
    assert_eq!(wallet.hotkey(None).unwrap().public(), hot.keypair().public());
    assert!(!wallet.coldkey_is_encrypted().unwrap());
    let listed = Wallet::list(folder.path()).unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].coldkey, Some(cold.keypair().public()));
    assert_eq!(listed[0].coldkey_format, Some(Format::Plain));
    assert_eq!(listed[0].hotkeys, vec![("first".to_owned(), Some(hot.keypair().public()))]);
}

#[test]
fn a_hot_machine_needs_no_coldkey() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = Wallet::new(folder.path(), "mine", "first").unwrap();
    let cold = Keypair::from_uri("//Cold").unwrap().public();
    wallet.save_coldkeypub(&cold).unwrap();
    wallet.save_hotkey(&secret(), None, false).unwrap();
    assert_eq!(wallet.coldkeypub().unwrap(), cold);
    assert!(wallet.hotkey(None).is_ok());
    assert!(matches!(wallet.coldkey(None), Err(WalletError::Missing { what: "coldkey", .. })));
    assert_eq!(Wallet::list(folder.path()).unwrap()[0].coldkey_format, None);
}

#[test]
fn an_existing_key_is_never_overwritten_by_accident() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = Wallet::new(folder.path(), "mine", "first").unwrap();
    let (old, new) = (secret(), secret());
    wallet.save_coldkey(&old, None, false).unwrap();
    let refused = wallet.save_coldkey(&new, None, false).unwrap_err();
    assert!(matches!(refused, WalletError::Exists { what: "coldkey", .. }));
    assert_eq!(wallet.coldkey(None).unwrap().public(), old.keypair().public());
    assert_eq!(wallet.coldkeypub().unwrap(), old.keypair().public());
    wallet.save_coldkey(&new, None, true).unwrap();
    assert_eq!(wallet.coldkey(None).unwrap().public(), new.keypair().public());
}

#[test]
fn damaged_files_say_what_is_wrong_and_where() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = Wallet::new(folder.path(), "mine", "first").unwrap();
    wallet.save_hotkey(&secret(), None, false).unwrap();
    let whole = std::fs::read(wallet.hotkey_file()).unwrap();
    std::fs::write(wallet.hotkey_file(), &whole[..whole.len() / 2]).unwrap();
    let error = wallet.hotkey(None).unwrap_err().to_string();
    assert!(error.contains("hotkeys/first") && error.contains("neither a JSON object"), "{error}");
    std::fs::write(wallet.hotkey_file(), b"$NACL short").unwrap();
    let error = wallet.hotkey(Some(&Password::new("pw"))).unwrap_err().to_string();
    assert!(error.contains("truncated"), "{error}");
    std::fs::write(wallet.hotkey_file(), vec![b' '; 100_000]).unwrap();
    let error = wallet.hotkey(None).unwrap_err().to_string();
    assert!(error.contains("larger than any keyfile"), "{error}");
}

#[test]
fn names_cannot_leave_the_wallets_folder() {
    for name in ["", "..", ".hidden", "a/b", "a\\b", "a\0b"] {
        assert!(
            matches!(Wallet::new("/wallets", name, "default"), Err(WalletError::Name { .. })),
            "{name:?}"
        );
        assert!(
            matches!(Wallet::new("/wallets", "default", name), Err(WalletError::Name { .. })),
            "{name:?}"
        );
    }
    assert!(Wallet::list(std::path::Path::new("/no/such/folder")).unwrap().is_empty());
}

#[test]
fn the_default_path_is_the_official_one() {
    let home = |name: &str| (name == "HOME").then(|| "/home/u".to_owned());
    assert_eq!(default_path(home).to_str(), Some("/home/u/.bittensor/wallets"));
    let set = |name: &str| match name {
        "HOME" => Some("/home/u".to_owned()),
        "BT_WALLET_PATH" => Some("~/elsewhere".to_owned()),
        _ => None,
    };
    assert_eq!(default_path(set).to_str(), Some("/home/u/elsewhere"));
}

#[test]
fn no_debug_output_contains_a_secret() {
    let secret = secret();
    let phrase = secret.phrase().unwrap().to_owned();
    let shown = format!("{:?} {:?} {:?}", secret, secret.keypair(), Mnemonic::parse(&phrase).unwrap());
    assert!(!shown.contains(&phrase));
    assert!(!shown.contains(&hex::encode(&secret.keypair().secret()[..])));
    assert!(!shown.contains(&hex::encode(secret.seed().unwrap())));
}

#[test]
fn a_key_beside_the_address_of_another_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = Wallet::new(folder.path(), "mixed", "default").unwrap();
    let (own, other) = (secret(), secret());
    wallet.save_coldkey(&own, None, false).unwrap();
    wallet.save_hotkey(&own, None, false).unwrap();
    assert!(wallet.coldkey(None).is_ok() && wallet.hotkey(None).is_ok());
    wallet.save_coldkeypub(&other.keypair().public()).unwrap();
    wallet.save_hotkeypub(&other.keypair().public()).unwrap();
    for error in [wallet.coldkey(None).unwrap_err(), wallet.hotkey(None).unwrap_err()] {
        assert!(matches!(error, WalletError::Mismatch { .. }), "{error}");
    }
    std::fs::remove_file(wallet.coldkeypub_file()).unwrap();
    assert!(wallet.coldkey(None).is_ok(), "without a pub file the key names itself");
}
