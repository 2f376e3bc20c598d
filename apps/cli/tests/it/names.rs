//! Meaning and source of names: wallets beside the address book, networks, words of new keys.

use std::path::Path;
use std::process::{Command, Output};

use super::{json, myelin, text};

const EVE: &str = "5HGjWAeFDfFCWPsjFQdVV2Msvz2XtMktvgocEZcCj68kUMaw";

/// The error of a command that must fail.
fn refused(folder: &Path, arguments: &[&str]) -> String {
    let output = myelin(folder, arguments);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {}", text(&output.stdout));
    text(&output.stderr)
}

#[test]
fn a_name_of_two_accounts_is_refused_and_the_address_book_takes_no_wallets_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let made =
        json(&myelin(folder, &["wallet", "new", "-w", "miner", "-k", "hk", "--no-password", "--json"]));
    let own = made["coldkey"].as_str().expect("an address");
    let taken = refused(folder, &["address", "add", "miner", "//Eve"]);
    assert!(taken.contains("`miner` is a wallet"), "{taken}");

    // Another program adds the name, and then one for the hotkey.
    let book = folder.join(".bittensor/btcli_addresses.json");
    std::fs::create_dir_all(folder.join(".bittensor")).expect("a folder");
    let entries = format!(r#"[{{"name":"miner","address":"{EVE}"}},{{"name":"hk","address":"{EVE}"}}]"#);
    std::fs::write(&book, entries).expect("written");
    let ambiguous = refused(folder, &["address", "add", "friend", "miner"]);
    for words in ["ambiguous", own, EVE, "myelin address remove miner"] {
        assert!(ambiguous.contains(words), "{words}: {ambiguous}");
    }
    let doctor = ["doctor", "-w", "miner", "-k", "hk", "--endpoint", "ws://127.0.0.1:9", "--json"];
    let found = json(&myelin(folder, &doctor));
    for (index, key) in ["coldkey", "hotkey"].iter().enumerate() {
        assert_eq!((&found[index]["check"], &found[index]["state"]), (&(*key).into(), &"problem".into()));
        assert!(found[index]["found"].as_str().is_some_and(|said| said.contains("ambiguous")), "{found}");
    }
    // A coldkey behind a password without its address is a wallet too.
    let wallet = folder.join("wallets/miner");
    std::fs::remove_file(wallet.join("coldkeypub.txt")).expect("removed");
    std::fs::write(wallet.join("coldkey"), [&b"$NACL"[..], &[0; 200]].concat()).expect("written");
    let unknown = refused(folder, &["address", "add", "friend", "miner"]);
    assert!(unknown.contains("is encrypted, so its address is not known"), "{unknown}");

    // The same address twice is one account, and a name that only the book has is found.
    std::fs::remove_dir_all(&wallet).expect("removed");
    assert!(myelin(folder, &["address", "add", "friend", "miner"]).status.success());
    let new = ["wallet", "new-coldkey", "-w", "miner", "--no-password"];
    let refusal = refused(folder, &new);
    assert!(refusal.contains("in the address book") && !wallet.join("coldkey").exists(), "{refusal}");
    let watch = ["wallet", "watch", "-w", "miner", "--address", own];
    let hotkey = ["wallet", "new-hotkey", "-w", "other", "-k", "hk"];
    for new in [&watch[..], &hotkey] {
        let refusal = refused(folder, new);
        assert!(refusal.contains("in the address book"), "{refusal}");
    }
    assert!(myelin(folder, &["wallet", "watch", "-w", "miner", "--address", EVE]).status.success());
    assert!(myelin(folder, &["address", "add", "again", "miner"]).status.success());
}

#[test]
fn no_new_key_is_named_like_an_address() {
    let folder = tempfile::tempdir().expect("a folder");
    for new in [
        &["wallet", "new", "-w", EVE, "--no-password"][..],
        &["wallet", "new", "-w", "alice", "-k", EVE, "--no-password"],
        &["wallet", "new-coldkey", "-w", EVE, "--no-password"],
        &["wallet", "new-hotkey", "-w", "alice", "-k", EVE],
        // Even for the account of that address.
        &["wallet", "watch", "-w", EVE, "--address", EVE],
    ] {
        let refusal = refused(folder.path(), new);
        assert!(refusal.contains("is an address"), "{new:?}: {refusal}");
    }
    let wallets = std::fs::read_dir(folder.path().join("wallets"));
    assert_eq!(wallets.map_or(0, Iterator::count), 0, "nothing was written");
}

#[test]
fn a_hotkeys_name_beside_a_development_key_is_refused_with_what_to_type() {
    let folder = tempfile::tempdir().expect("a folder");
    let said = refused(
        folder.path(),
        &["wallet", "sign", "--use-hotkey", "--message", "a", "-w", "//Bob", "-k", "hk1"],
    );
    for words in ["`hk1` is the name of a hotkey", "//Alice_hk", "instead of //Bob"] {
        assert!(said.contains(words), "{words}: {said}");
    }
}

#[test]
fn programs_get_the_words_of_a_new_key() {
    let folder = tempfile::tempdir().expect("a folder");
    let of = |verb: &str, more: &[&str]| {
        json(&myelin(folder.path(), &[&["wallet", verb, "-w", verb, "--json"], more].concat()))
    };
    for made in [
        of("new", &["--no-password"]),
        of("new-coldkey", &["--no-password"]),
        of("new-hotkey", &["--words", "24"]),
    ] {
        let words = made["mnemonic"].as_str().expect("words");
        assert!([12, 24].contains(&words.split(' ').count()), "{made}");
        let restored = ["wallet", "regen-coldkey", "-w", "again", "--no-password", "--overwrite", "--json"];
        let words: Vec<&str> = words.split(' ').collect();
        let restored = json(&myelin(folder.path(), &[&restored[..], &["--mnemonic"], &words[..]].concat()));
        let address = if made["coldkey"].is_null() { &made["hotkey"] } else { &made["coldkey"] };
        assert_eq!(&restored["coldkey"], address);
    }
    let known = of("new-hotkey", &["-k", "other", "--uri", "//Alice"]);
    assert!(known["mnemonic"].is_null() && known.get("mnemonic").is_some(), "{known}");

    // The same holds if the hotkey can't be written beside the coldkey.
    let wallet = folder.path().join("wallets/full");
    std::fs::create_dir_all(&wallet).expect("a folder");
    std::fs::write(wallet.join("hotkeys"), "a file").expect("written");
    let half = myelin(folder.path(), &["wallet", "new", "-w", "full", "--no-password", "--json"]);
    let (made, said) = (json(&half), text(&half.stderr));
    assert_eq!(made["mnemonic"].as_str().map(|words| words.split(' ').count()), Some(12), "{made}");
    assert!(said.contains("myelin wallet new-hotkey --wallet full"), "{said}");
    assert_eq!(half.status.code(), Some(1));
}

#[test]
fn doctor_tells_a_key_file_that_cannot_be_opened_from_one_to_restore() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir_all(folder.path().join("wallets/mine/coldkey")).expect("a folder, not a file");
    let doctor = ["doctor", "-w", "mine", "--endpoint", "ws://127.0.0.1:9", "--json"];
    let found = json(&myelin(folder.path(), &doctor));
    let fix = found[0]["fix"].as_str().expect("a fix");
    assert!(fix.contains("ls -l") && !fix.contains("--overwrite"), "{found:#}");
}

#[test]
fn a_network_that_is_none_of_ours_is_refused_wherever_it_was_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let with = |variable: &str, value: &str, arguments: &[&str]| -> Output {
        Command::new(env!("CARGO_BIN_EXE_myelin"))
            .args(arguments)
            .env("HOME", folder.path())
            .env_remove("MYELIN_ENDPOINT")
            .env(variable, value)
            .output()
            .expect("the command starts")
    };
    let list = ["subnet", "list"];
    for variable in ["MYELIN_ENDPOINT", "BT_SUBTENSOR_NETWORK", "BT_NETWORK"] {
        let said = text(&with(variable, "finney", &list).stderr);
        for words in ["no network named `finney`", variable, "--endpoint"] {
            assert!(said.contains(words), "{words}: {said}");
        }
        // A command that needs no node works.
        assert!(with(variable, "finney", &["wallet", "list"]).status.success());
        let asked = with(variable, "ws://127.0.0.1:9", &list);
        assert!(text(&asked.stderr).contains("no node answers at ws://127.0.0.1:9"), "{asked:?}");
        let overridden = [&list[..], &["--endpoint", "ws://127.0.0.1:8"]].concat();
        let asked = with(variable, "finney", &overridden);
        assert!(text(&asked.stderr).contains("no node answers at ws://127.0.0.1:8"), "{asked:?}");
    }
    let file = folder.path().join("config.yml");
    std::fs::write(&file, "network: finney\n").expect("written");
    let path = file.to_str().expect("a path");
    let said = text(&with("BTCLI_CONFIG_PATH", path, &list).stderr);
    assert!(said.contains("`network` in") && said.contains(path), "{said}");
    assert!(with("BTCLI_CONFIG_PATH", path, &["config", "clear", "network"]).status.success());
}
