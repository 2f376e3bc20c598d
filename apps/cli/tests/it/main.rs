//! The command as a person or a program meets it: a real process, its output and its exit code.

mod agreement;
#[cfg(all(feature = "finance", feature = "imaging", feature = "scraping", feature = "translation"))]
mod answers;
mod ask;
#[cfg(feature = "analysis")]
mod attacks;
mod backend;
mod chain;
mod collateral;
#[cfg(feature = "analysis")]
mod deletion;
mod doctor;
mod election;
mod endpoints;
mod evidence;
mod fees;
mod front_end;
mod gov;
mod governing;
mod guides;
mod habits;
mod harness;
mod history;
mod judging;
mod model;
mod names;
mod network;
mod new;
mod node;
mod own_kind;
mod owner;
mod people;
#[path = "../../../../tests/ports.rs"]
mod ports;
mod proving;
mod readme;
mod refusals;
mod rubric;
mod stake;
mod upgrading;
mod watching;

use std::path::Path;
use std::process::{Command, Output};

fn myelin(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments).output().expect("the command starts")
}

/// The command with a password in the environment.
fn with_password(folder: &Path, password: &str, arguments: &[&str]) -> Output {
    command(folder, arguments).env("BT_WALLET_PASSWORD", password).output().expect("the command starts")
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_myelin"));
    command
        .args(arguments)
        .current_dir(folder)
        .env("BT_WALLET_PATH", folder.join("wallets"))
        .env("HOME", folder)
        .env_remove("BTCLI_ADDRESSES_PATH")
        .env_remove("BT_WALLET_NAME")
        .env_remove("BT_WALLET_HOTKEY")
        .env_remove("BT_WALLET_PASSWORD")
        .env_remove("MYELIN_ENDPOINT")
        .env_remove("BT_SUBTENSOR_NETWORK")
        .env_remove("BT_NETWORK");
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn json(output: &Output) -> serde_json::Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!("not JSON ({error}): {} {}", text(&output.stdout), text(&output.stderr))
    })
}

#[test]
fn help_names_every_command_and_shows_examples() {
    let folder = tempfile::tempdir().expect("a folder");
    let help = myelin(folder.path(), &["--help"]);
    assert!(help.status.success());
    let help = text(&help.stdout);
    for command in
        ["wallet", "subnet", "stake", "collateral", "metagraph", "miner", "validator", "ask", "net", "demo"]
    {
        assert!(help.contains(command), "{command} is missing:\n{help}");
    }
    assert!(help.contains("Examples:"));
}

#[test]
fn wrong_usage_exits_with_2_and_a_hint() {
    let folder = tempfile::tempdir().expect("a folder");
    for wrong in [
        &["stakes"][..],
        &["stake", "add", "--netuid", "2", "--amount", "-5"],
        &["stake", "remove", "--all-netuids", "--limit-price", "1"],
        &["stake", "remove", "--all-alpha", "--limit-price", "1"],
        &["metagraph", "--netuid", "70000"],
    ] {
        let output = myelin(folder.path(), wrong);
        assert_eq!(output.status.code(), Some(2), "{wrong:?}");
        assert!(!text(&output.stderr).is_empty());
    }
    let negative = myelin(folder.path(), &["wallet", "transfer", "--to", "//Bob", "--amount", "-1"]);
    assert!(text(&negative.stderr).contains("`-1` is not an amount"), "{}", text(&negative.stderr));
}

#[test]
fn programs_get_the_reason_of_a_failure_as_json() {
    let folder = tempfile::tempdir().expect("a folder");
    let failed = myelin(folder.path(), &["wallet", "balance", "--json"]);
    assert_eq!(failed.status.code(), Some(1));
    let answer = json(&failed);
    let why = answer["error"].as_str().expect("a reason");
    assert!(!why.is_empty() && text(&failed.stderr).contains(why), "{}", text(&failed.stderr));
}

#[test]
fn a_reader_that_leaves_early_ends_no_command_with_a_panic() {
    let folder = tempfile::tempdir().expect("a folder");
    let closed = || {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        writer
    };
    let run = |arguments: &[&str]| {
        let mut command = command(folder.path(), arguments);
        command.stdout(closed()).stderr(closed()).status().expect("the command starts").code()
    };
    assert_eq!(run(&["wallet", "list"]), Some(0));
    assert_eq!(run(&["wallet", "list", "--json"]), Some(0));
    assert_eq!(run(&["validator", "rules", "--kind", "analysis"]), Some(0));
    assert_eq!(run(&["wallet", "balance"]), Some(1));
}

#[test]
fn a_listing_says_which_keys_cannot_be_used() {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["alice", "bob"] {
        let new = ["wallet", "new", "-w", name, "-k", "one", "--no-password"];
        assert!(myelin(folder.path(), &new).status.success());
    }
    let file = |name: &str| folder.path().join("wallets").join(name);
    std::fs::write(file("alice/coldkey"), "").expect("written");
    std::fs::write(file("bob/hotkeys/one"), b"$NACL").expect("written");
    let listed = json(&myelin(folder.path(), &["wallet", "list", "--json"]));
    assert!(listed[0]["coldkey_problem"].is_string() && listed[1]["coldkey_problem"].is_null(), "{listed}");
    let hotkey = |wallet: usize| &listed[wallet]["hotkeys"][0];
    assert!(hotkey(0)["problem"].is_null() && hotkey(1)["problem"].is_string(), "{listed}");
    let table = text(&myelin(folder.path(), &["wallet", "list"]).stdout);
    assert_eq!(table.matches("unusable").count(), 2, "{table}");
    std::fs::copy(file("alice/coldkeypub.txt"), file("bob/coldkeypub.txt")).expect("copied");
    let listed = json(&myelin(folder.path(), &["wallet", "list", "--json"]));
    assert!(listed[1]["coldkey_problem"].as_str().is_some_and(|why| why.contains("belong")), "{listed}");
}

#[test]
fn a_wallet_is_created_listed_and_never_overwritten_silently() {
    let folder = tempfile::tempdir().expect("a folder");
    let created = json(&myelin(
        folder.path(),
        &["wallet", "new", "-w", "alice", "-k", "one", "--no-password", "--json"],
    ));
    let coldkey = created["coldkey"].as_str().expect("an address").to_string();
    assert!(coldkey.starts_with('5'));
    let hotkey =
        json(&myelin(folder.path(), &["wallet", "new-hotkey", "-w", "alice", "-k", "two", "--json"]));
    let listed = json(&myelin(folder.path(), &["wallet", "list", "--json"]));
    assert_eq!(listed[0]["name"], "alice");
    assert_eq!(listed[0]["coldkey"], coldkey.as_str());
    assert_eq!(listed[0]["hotkeys"].as_array().map(Vec::len), Some(2));
    assert_eq!(listed[0]["hotkeys"][1]["address"], hotkey["hotkey"]);

    let again = myelin(folder.path(), &["wallet", "new", "-w", "alice", "--no-password"]);
    assert_eq!(again.status.code(), Some(1));
    assert!(text(&again.stderr).contains("exists"), "{}", text(&again.stderr));
    let still = json(&myelin(folder.path(), &["wallet", "list", "--json"]));
    assert_eq!(still[0]["coldkey"], coldkey.as_str());
}

#[test]
fn a_weak_password_and_a_name_with_a_path_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let weak = with_password(folder.path(), "12345", &["wallet", "new", "-w", "bob"]);
    assert_eq!(weak.status.code(), Some(1));
    assert!(!folder.path().join("wallets/bob/coldkey").exists(), "nothing is written");
    let escape = myelin(folder.path(), &["wallet", "new", "-w", "../evil", "--no-password"]);
    assert_eq!(escape.status.code(), Some(1));
}

#[test]
fn a_hotkey_is_encrypted_if_asked_and_works_with_its_password_only() {
    let folder = tempfile::tempdir().expect("a folder");
    let with = |password: &str, arguments: &[&str]| {
        with_password(folder.path(), password, &[arguments, &["-w", "alice", "-k", "one"]].concat())
    };
    let new = ["wallet", "new-hotkey", "--use-password", "--uri", "//Alice", "--json"];
    let file = folder.path().join("wallets/alice/hotkeys/one");
    assert_eq!(with("12345", &new).status.code(), Some(1));
    assert!(!file.exists(), "a weak password protects nothing");
    assert!(with("Correct-horse-7", &new).status.success());
    assert!(std::fs::read(&file).expect("a file").starts_with(b"$NACL"));
    let sign = ["wallet", "sign", "--use-hotkey", "--message", "it is me", "--json"];
    let alice = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";
    assert_eq!(json(&with("Correct-horse-7", &sign))["signer_address"], alice);
    let wrong = with("Correct-horse-8", &sign);
    assert_eq!(wrong.status.code(), Some(1));
    assert!(text(&wrong.stderr).contains("wrong password"), "{}", text(&wrong.stderr));
    let again = with("Correct-horse-7", &new);
    assert!(text(&again.stderr).contains("exists"), "{}", text(&again.stderr));

    // An exported key can be restored with the password of the export, and no file is replaced.
    let export = folder.path().join("one.json").display().to_string();
    let export_to = [
        "wallet",
        "export",
        "--use-hotkey",
        "--out",
        &export,
        "--json",
        "--export-password",
        "Another-horse-9",
    ];
    let exported = json(&with("Correct-horse-7", &export_to));
    let back =
        ["wallet", "regen-coldkey", "--no-password", "--keystore", &export, "--json", "--keystore-password"];
    assert_eq!(with("Correct-horse-7", &[&back[..], &["Correct-horse-7"]].concat()).status.code(), Some(1));
    let restored = json(&with("Correct-horse-7", &[&back[..], &["Another-horse-9"]].concat()));
    assert_eq!(restored["coldkey"], exported["address"]);
    let again = with("Correct-horse-7", &export_to);
    assert!(text(&again.stderr).contains("exists already"), "{}", text(&again.stderr));
}

#[test]
fn a_coldkeys_file_is_encrypted_and_decrypted_with_all_that_it_holds() {
    let folder = tempfile::tempdir().expect("a folder");
    let with = |password: &str, arguments: &[&str]| {
        with_password(folder.path(), password, &[arguments, &["-w", "alice", "--json"]].concat())
    };
    let made = json(&with("", &["wallet", "new", "--no-password"]));
    let file = folder.path().join("wallets/alice/coldkey");
    let plain = std::fs::read(&file).expect("a file");
    let set = |old: &str, new: &str| with(old, &["wallet", "set-password", "--new-password", new]);

    let weak = set("", "12345");
    assert_eq!(weak.status.code(), Some(1), "{}", text(&weak.stdout));
    assert_eq!(std::fs::read(&file).expect("a file"), plain);
    assert_eq!(json(&set("", "Correct-horse-7"))["encrypted"], true);
    let sealed = std::fs::read(&file).expect("a file");
    assert!(sealed.starts_with(b"$NACL"));
    let wrong = set("Correct-horse-8", "Another-horse-9");
    assert!(text(&wrong.stderr).contains("wrong password"), "{}", text(&wrong.stderr));
    assert_eq!(std::fs::read(&file).expect("a file"), sealed);

    assert!(set("Correct-horse-7", "Another-horse-9").status.success());
    let sign = ["wallet", "sign", "--message", "it is me"];
    assert_eq!(json(&with("Another-horse-9", &sign))["signer_address"], made["coldkey"]);
    let opened = json(&with("Another-horse-9", &["wallet", "set-password", "--no-password"]));
    assert_eq!(opened["encrypted"], false);
    assert_eq!(std::fs::read(&file).expect("a file"), plain, "words and seed are there again");
    let others = std::fs::read_dir(folder.path().join("wallets/alice")).expect("a folder");
    assert_eq!(others.count(), 3, "coldkey, its address and hotkeys, and nothing that was left behind");
}

#[test]
fn without_a_node_the_error_says_how_to_get_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = myelin(folder.path(), &["metagraph", "--netuid", "1", "--endpoint", "ws://127.0.0.1:9"]);
    assert_eq!(output.status.code(), Some(1));
    let error = text(&output.stderr);
    assert!(error.contains("myelin net up"), "{error}");
    let output = myelin(folder.path(), &["subnet", "list", "--endpoint", "http://127.0.0.1:9"]);
    assert!(text(&output.stderr).contains("ws://"), "{}", text(&output.stderr));
}

#[test]
fn a_demo_with_wrong_roles_says_what_is_missing() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("roles.json"), r#"{"miner-1":"late"}"#).expect("written");
    let output = myelin(folder.path(), &["demo", "--roles", "roles.json", "--exit"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("nobody plays"), "{}", text(&output.stderr));
    let absent = myelin(folder.path(), &["demo", "--roles", "absent.json", "--exit"]);
    assert!(text(&absent.stderr).contains("absent.json"));
}
