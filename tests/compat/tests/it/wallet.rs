//! Keys and their files: ours open there, official ones open here, and broken ones are refused with a clear message.

use base64::{engine::general_purpose::STANDARD, Engine};
use myelin_compat::table::Part;
use myelin_wallet::{
    keyfile, password, polkadot_js,
    seal::{self, Format},
    Keypair, Mnemonic, Password, Secret, Wallet,
};
use myelin_wire::sr25519::{self, PublicKey};
use myelin_wire::{hash, ss58};
use serde_json::{json, Value};

use super::dev::{address, key};
use super::peer::Peer;
use super::Shown;

const PHRASE: &str = "bottom drive obey lake curtain smoke basket hold race lonely fit walk";
const PASSWORD: &str = "Correct-horse-7";
const WRONG: &str = "Correct-horse-8";

fn of_words(phrase: &str) -> String {
    Keypair::from_mnemonic(&Mnemonic::parse(phrase).expect("words"), None).address()
}

fn hex(bytes: &[u8]) -> String {
    hash::to_hex(bytes)
}

#[test]
fn keys_are_the_same_on_both_sides() {
    let mut shown = Shown::of(Part::Keys);
    let (mut sdk, mut js) = (Peer::wallet(), Peer::polkadot());

    for number in [12, 15, 18, 21, 24] {
        let ours = Mnemonic::generate(number).expect("words").phrase().to_string();
        let theirs = sdk.text(json!({ "do": "words", "number": number }));
        let browsers = js.text(json!({ "do": "words", "number": number }));
        for phrase in [ours, theirs, browsers] {
            assert_eq!(phrase.split(' ').count(), number);
            assert_eq!(sdk.address("mnemonic", &phrase), of_words(&phrase));
            assert_eq!(js.address("uri", &phrase), of_words(&phrase));
        }
    }
    shown.row("mnemonics of 12, 15, 18, 21 and 24 words, made here or there");

    let long = format!("//{}", "x".repeat(40));
    let seed = format!("0x{}", "11".repeat(32));
    for path in ["//Alice", "/soft", "//hard/soft//1/2", "//0", "//007", "/18446744073709551615", &long] {
        for start in ["", PHRASE, &seed] {
            let uri = format!("{start}{path}");
            assert_eq!(sdk.address("uri", &uri), address(&uri), "{uri}");
            // Without words polkadot.js knows hard paths only.
            let whole = if start.is_empty() { format!("{PHRASE}{path}") } else { uri.clone() };
            assert_eq!(js.address("uri", &whole), address(&uri), "{uri}");
        }
    }
    for end in ["///password", "//a/b///pass word"] {
        let uri = format!("{PHRASE}{end}");
        assert_eq!(sdk.address("uri", &uri), address(&uri), "{uri}");
        assert_eq!(js.address("uri", &uri), address(&uri), "{uri}");
    }
    shown.row("derivation paths: hard, soft, numbers, long names, passwords, from words or seeds");

    assert_eq!(sdk.address("seed", &seed), Keypair::from_seed(&[0x11; 32]).address());
    let derived = key("//Alice/soft");
    assert_eq!(sdk.address("private", &format!("0x{}", hex(&derived.secret()[..]))), derived.address());
    shown.row("seeds and 64-byte private keys");

    let (alice, message) = (key("//Alice"), b"\x00 a message \xff");
    let wrapped = [&b"<Bytes>"[..], message, b"</Bytes>"].concat();
    for (side, signed) in [(&mut sdk, &message[..]), (&mut js, message)] {
        let signature = format!("0x{}", hex(&alice.sign(signed)));
        let check = |address: &str, message: &[u8]| json!({ "do": "verify", "address": address, "message": hex(message), "signature": signature });
        assert_eq!(side.get(check(&alice.address(), message)), true);
        assert_eq!(side.get(check(&alice.address(), b"another")), false);
        assert_eq!(side.get(check(&address("//Bob"), message)), false);
        let theirs = side.text(json!({ "do": "sign", "uri": "//Alice", "message": hex(message) }));
        let theirs = hash::from_hex(&theirs).expect("a signature");
        assert!(sr25519::verify(&alice.public(), message, &theirs));
        assert!(!sr25519::verify(&alice.public(), b"another", &theirs));
    }
    let theirs = js.text(json!({ "do": "sign", "uri": "//Alice", "message": hex(&wrapped) }));
    let parsed = hash::from_hex(&theirs).expect("a signature");
    assert!(PublicKey::new(&alice.public()).expect("a key").verify_or_wrapped(message, &parsed));
    let check =
        json!({ "do": "verify", "address": alice.address(), "message": hex(message), "signature": theirs });
    assert_eq!(sdk.get(check), true);
    shown.row("signatures, also over text that a browser wallet wraps in `<Bytes>`");
    shown.everything();
}

#[test]
fn wallets_open_on_both_sides() {
    let mut shown = Shown::of(Part::Wallets);
    let (mut sdk, mut newer) = (Peer::wallet(), Peer::wallet_of_11());
    let folder = tempfile::tempdir().expect("a folder");
    let (right, wrong) = (Password::new(PASSWORD), Password::new(WRONG));
    let said = |result: Result<Keypair, myelin_wallet::WalletError>| result.expect_err("refused").to_string();

    // Theirs, here. Their writer stores a seed as raw characters.
    let seed = json!({ "seed": format!("0x{}", "11".repeat(32)) });
    sdk.get(json!({ "do": "write_wallet", "path": folder.path(), "name": "theirs", "password": PASSWORD,
                    "cold": { "mnemonic": PHRASE }, "hot": seed }));
    let theirs = Wallet::new(folder.path(), "theirs", "first").expect("a name");
    let sealed = std::fs::read(theirs.coldkey_file()).expect("a coldkey");
    assert_eq!(Format::of(&sealed), Format::Nacl);
    assert_eq!(theirs.coldkey(Some(&right)).expect("opened").address(), of_words(PHRASE));
    let content = seal::open(&sealed, &right).expect("opened");
    assert_eq!(keyfile::read_secret(&content).expect("a key").phrase(), Some(PHRASE));
    shown.row("an encrypted coldkey (NaCl) written there opens here, with its words");
    let hot = Keypair::from_seed(&[0x11; 32]);
    assert_eq!(theirs.hotkey(None).expect("opened").public(), hot.public());
    assert_eq!(theirs.hotkeypub().expect("read"), hot.public());
    assert_eq!(ss58::encode(&theirs.coldkeypub().expect("read")), of_words(PHRASE));
    shown.row("a plain hotkey and pub files written there open here");
    let plain = std::fs::read_to_string(theirs.hotkey_file()).expect("a hotkey");
    let plain_json: Value = serde_json::from_str(&plain).expect("JSON");
    assert_eq!(plain_json["secretSeed"], format!("0x{}", "\u{11}".repeat(32)), "no longer as characters");
    shown.row("a seed that bittensor-wallet 4.1.0 writes as raw characters");

    // Broken ones.
    assert!(said(theirs.coldkey(None)).contains("a password is needed"));
    assert!(said(theirs.coldkey(Some(&wrong))).contains("wrong password"));
    let write = |bytes: &[u8]| std::fs::write(theirs.coldkey_file(), bytes).expect("written");
    let mut changed = sealed.clone();
    changed[60] ^= 1;
    write(&changed);
    assert!(said(theirs.coldkey(Some(&right))).contains("the file was changed"));
    write(&sealed[..45]);
    assert!(said(theirs.coldkey(Some(&right))).contains("truncated"));
    let write = |text: &str| std::fs::write(theirs.hotkey_file(), text).expect("written");
    write(&plain[..plain.len() / 2]);
    assert!(said(theirs.hotkey(None)).contains("neither a JSON object"));
    write(&plain.replace(&hot.address(), &address("//Bob")));
    assert!(said(theirs.hotkey(None)).contains("changed or mixed up"));
    shown.row("a wrong password, a truncated, changed or mixed-up file is refused, and why");

    // Nothing signs with these here, but they are read.
    std::fs::remove_file(theirs.hotkeypub_file()).expect("removed");
    for source in [json!({ "mnemonic": PHRASE }), json!({ "uri": "//Alice" })] {
        let of = |what: &str| {
            let mut request = json!({ "do": what, "crypto_type": 0 });
            request
                .as_object_mut()
                .expect("an object")
                .extend(source.as_object().cloned().expect("a source"));
            request
        };
        for side in [&mut sdk, &mut newer] {
            let own = side.text(of("address"));
            let public = ss58::decode(&own).expect("an address");
            write(&side.text(of("content")));
            assert_eq!(theirs.hotkeypub().expect("read"), public);
            let said = said(theirs.hotkey(None));
            assert!(
                said.contains(&own) && said.contains("ed25519") && said.contains("bittensor 11"),
                "{said}"
            );
        }
    }
    shown.row("ed25519 keys");

    // Ours, there.
    let ours = Wallet::new(folder.path(), "ours", "first").expect("a name");
    let cold = Secret::from_mnemonic(&Mnemonic::generate(24).expect("words"));
    let hot = Secret::from_keypair(key("//Hot/soft"));
    ours.save_coldkey(&cold, Some(&right), false).expect("saved");
    ours.save_hotkey(&hot, None, false).expect("saved");
    let (cold, hot) = (cold.keypair().address(), hot.keypair().address());
    let open = |password| json!({ "do": "read_wallet", "path": folder.path(), "name": "ours", "password": password });
    let read = sdk.get(open(PASSWORD));
    assert_eq!(read, json!({ "coldkey": cold, "coldkeypub": cold, "hotkey": hot, "hotkeypub": hot }));
    assert!(sdk.ask(open(WRONG)).expect_err("refused").contains("Wrong password"));
    shown.row("an encrypted coldkey, a plain hotkey and pub files written here open there");
    let sealed = std::fs::read(ours.coldkey_file()).expect("a coldkey");
    let content =
        newer.text(json!({ "do": "unseal", "sealed": STANDARD.encode(sealed), "password": PASSWORD }));
    assert_eq!(newer.address_in(&content), cold);
    let content = std::fs::read_to_string(ours.hotkey_file()).expect("a hotkey");
    assert_eq!(newer.address_in(&content), hot);
    shown.row("the same files open in bittensor 11.3.0");

    let [name, value] = [0, 1].map(|at| {
        let variable = json!({ "do": "variable", "path": ours.coldkey_file(), "password": PASSWORD });
        sdk.get(variable)[at].as_str().expect("a text").to_owned()
    });
    assert_eq!(password::variable_of(&ours.coldkey_file()), name);
    assert_eq!(*password::encode_for_variable(&name, &right), value);
    let lookup = |asked: &str| (asked == name).then(|| value.clone());
    let found = password::from_environment(&ours.coldkey_file(), lookup).expect("readable").expect("there");
    assert_eq!(password::encode_for_variable("x", &found), password::encode_for_variable("x", &right));
    shown.row("the variable `BT_PW_…` of a coldkey and its value");
    shown.everything();
}

#[test]
fn older_key_files_open_here() {
    let mut shown = Shown::of(Part::OlderFiles);
    let (mut sdk, mut newer) = (Peer::wallet(), Peer::wallet_of_11());
    let right = Password::new(PASSWORD);
    let content = sdk.text(json!({ "do": "content", "mnemonic": PHRASE }));
    let mut made = |how: &str| {
        let sealed = sdk.text(json!({ "do": how, "content": content, "password": PASSWORD }));
        STANDARD.decode(sealed).expect("base64")
    };
    // Files that cannot be opened, with a change at three places: shorter, or with another character in the
    // authenticated part.
    let refused = |sealed: &[u8], format: Format| {
        assert_eq!(Format::of(sealed), format);
        let said = |bytes: &[u8], password: &str| {
            seal::open(bytes, &Password::new(password)).expect_err("refused").to_string()
        };
        assert!(said(sealed, WRONG).contains("wrong password"));
        let mut changed = sealed.to_vec();
        let middle = changed.len() / 2;
        changed[middle] = if changed[middle] == b'3' { b'4' } else { b'3' };
        let changed = said(&changed, PASSWORD);
        assert!(changed.contains("changed") || changed.contains("malformed"), "{changed}");
        let short = said(&sealed[..60], PASSWORD);
        assert!(short.contains("malformed"), "{short}");
    };
    let here = |sealed: &[u8]| {
        let content = seal::open(sealed, &right).expect("opened");
        keyfile::read_secret(&content).expect("a key").keypair().address()
    };

    let vault = made("seal_vault");
    assert_eq!(here(&vault), of_words(PHRASE));
    refused(&vault, Format::AnsibleVault);
    shown.row("Ansible vault written there opens here; wrong password, truncated, changed: refused");

    let fernet = made("seal_fernet");
    assert_eq!(here(&fernet), of_words(PHRASE));
    refused(&fernet, Format::Fernet);
    let open = json!({ "do": "unseal", "sealed": STANDARD.encode(fernet), "password": PASSWORD });
    assert!(sdk.ask(open.clone()).is_err(), "bittensor-wallet opens it now");
    let content = newer.text(open);
    assert_eq!(newer.address_in(&content), of_words(PHRASE));
    shown.row("Fernet opens here; wrong password, truncated, changed: refused");

    let folder = tempfile::tempdir().expect("a folder");
    let wallet = Wallet::new(folder.path(), "new", "first").expect("a name");
    let secret = Secret::from_keypair(key("//New"));
    wallet.save_coldkey(&secret, Some(&right), false).expect("saved");
    assert_eq!(Format::of(&std::fs::read(wallet.coldkey_file()).expect("a coldkey")), Format::Nacl);
    shown.row("writing either");
    shown.everything();
}

#[test]
fn exports_of_browser_wallets_open_on_both_sides() {
    let mut shown = Shown::of(Part::Exports);
    let (mut sdk, mut js) = (Peer::wallet(), Peer::polkadot());
    let (right, wrong) = (Password::new(PASSWORD), Password::new(WRONG));
    let verified = |address: &str, signature: &Value| {
        let public = ss58::decode(address).expect("an address");
        let signature = hash::from_hex(signature.as_str().expect("a text")).expect("a signature");
        sr25519::verify(&public, &[0], &signature)
    };

    let theirs = js.text(json!({ "do": "export", "uri": "//export/soft", "password": PASSWORD }));
    let opened = polkadot_js::open(&theirs, &right).expect("opened");
    assert_eq!(opened.keypair().address(), address("//export/soft"));
    assert!(sr25519::verify(&opened.keypair().public(), b"m", &opened.keypair().sign(b"m")));
    shown.row("an export made there opens here and signs");

    let said =
        |json: &str, password: &Password| polkadot_js::open(json, password).expect_err("refused").to_string();
    assert!(said(&theirs, &wrong).contains("wrong password"));
    assert!(said(&theirs[..theirs.len() / 2], &right).contains("not an account export"));
    let mut changed: Value = serde_json::from_str(&theirs).expect("JSON");
    let encoded = changed["encoded"].as_str().expect("a text").to_owned();
    changed["encoded"] = encoded[..40].into();
    assert!(said(&changed.to_string(), &right).contains("too short"));
    let mut bytes = STANDARD.decode(encoded).expect("base64");
    bytes[100] ^= 1;
    changed["encoded"] = STANDARD.encode(bytes).into();
    assert!(said(&changed.to_string(), &right).contains("the export was changed"));
    let mixed = theirs.replace(&address("//export/soft"), &address("//Bob"));
    assert!(said(&mixed, &right).contains("does not belong to the address"));
    shown.row("a wrong password, a truncated or changed export is refused, and why");

    let clear = js.text(json!({ "do": "export", "uri": "//export" }));
    assert!(said(&clear, &right).contains("encrypted with a password"));
    shown.row("exports without a password");
    let ed25519 =
        js.text(json!({ "do": "export", "uri": "//export", "password": PASSWORD, "type": "ed25519" }));
    assert!(said(&ed25519, &right).contains("sr25519"));
    shown.row("exports of ed25519 accounts");

    let key = key("//ours/soft");
    let ours = polkadot_js::seal(&key, "ours", &right);
    let open = |how: &str, password: &str| json!({ "do": how, "json": ours, "password": password });
    let opened = js.get(open("open", PASSWORD));
    assert_eq!(opened["address"], key.address());
    assert!(verified(&key.address(), &opened["signature"]));
    assert!(js.ask(open("open", WRONG)).is_err());
    assert_eq!(sdk.text(open("open_export", PASSWORD)), key.address());
    shown.row("an export made here opens there and signs, also in bittensor-wallet 4.1.0");
    shown.everything();
}
