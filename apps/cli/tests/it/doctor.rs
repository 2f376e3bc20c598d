//! `myelin doctor` finds faults that were made on purpose.

use serde_json::Value;

use super::harness::Network;
use super::{json, myelin, text, with_password};

/// State and words of a check.
fn check<'a>(findings: &'a Value, name: &str) -> Option<(&'a str, &'a str)> {
    let finding = findings.as_array()?.iter().rev().find(|finding| finding["check"] == name)?;
    Some((finding["state"].as_str()?, finding["fix"].as_str().unwrap_or_default()))
}

#[test]
fn a_broken_set_up_is_named_with_its_fix_and_a_good_one_passes() {
    let folder = tempfile::tempdir().expect("a folder");

    // No keys, no node: both are reported, with the next step.
    let nothing = myelin(folder.path(), &["doctor", "--json", "--endpoint", "ws://127.0.0.1:9"]);
    assert_eq!(nothing.status.code(), Some(1));
    let findings = json(&nothing);
    assert!(matches!(check(&findings, "coldkey"), Some(("problem", fix)) if fix.contains("wallet new")));
    assert!(matches!(check(&findings, "node"), Some(("problem", fix)) if fix.contains("--endpoint")));

    // Keys on a network: poor, unregistered, and a key file that others can read.
    let net = Network::up(folder.path());
    net.ok(&["wallet", "new", "-w", "alice", "-k", "miner", "--no-password", "--json"]);
    let key = folder.path().join("wallets/alice/hotkeys/miner");
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    std::fs::set_permissions(&key, open).expect("changed");
    let doctor = ["doctor", "-w", "alice", "-k", "miner", "-n", "1", "--json"];
    let findings = json(&net.run(&doctor));
    assert!(matches!(check(&findings, "hotkey file"), Some(("warning", fix)) if fix.contains("chmod 600")));
    assert!(matches!(check(&findings, "money"), Some(("problem", fix)) if fix.contains("faucet")));
    assert!(
        matches!(check(&findings, "registration on 1"), Some(("problem", fix)) if fix.contains("register"))
    );
    for fine in ["versions", "chain", "clock"] {
        assert_eq!(check(&findings, fine).map(|(state, _)| state), Some("ok"), "{fine}: {findings}");
    }

    // Registered and announced, and nobody listens; then a server does.
    net.ok(&["wallet", "faucet", "alice", "--json"]);
    let sender = ["-w", "alice", "-k", "miner", "--yes", "--json"];
    net.ok(&[&["subnet", "register", "-n", "1"][..], &sender].concat());
    let listener = std::net::TcpListener::bind("127.0.0.2:0").expect("a port");
    let port = listener.local_addr().expect("an address").port().to_string();
    drop(listener);
    let axon = ["axon", "set", "-n", "1", "--ip", "127.0.0.2", "--port", &port];
    net.ok(&[&axon[..], &sender].concat());
    let silent = net.run(&doctor);
    assert_eq!(silent.status.code(), Some(1));
    assert!(
        matches!(check(&json(&silent), "axon on 1"), Some(("problem", fix)) if fix.contains("miner run"))
    );
    // Another program has the port; then an axon.
    for (other, state) in [("SSH-2.0-somebody\r\n", "problem"), ("HTTP/1.1 200 OK\r\n\r\nhi", "warning")] {
        let stop = answering(&port, other);
        let findings = json(&net.run(&doctor));
        let (said, fix) = check(&findings, "axon on 1").expect("a finding");
        assert!(said == state && fix.contains("which program has port"), "{findings}");
        stop();
    }
    let refusal = "HTTP/1.1 404 Not Found\r\nBT_Header_Axon_Status_Code: 404\r\n\r\n{}";
    let stop = answering(&port, refusal);
    let heard = net.run(&doctor);
    stop();
    assert!(heard.status.success(), "{}", text(&heard.stdout));
    let findings = json(&heard);
    assert!(matches!(check(&findings, "axon on 1"), Some(("warning", fix)) if fix.contains("axon set")));
    // A miner is told about its work, and nothing that only validators need.
    assert!(matches!(check(&findings, "work on 1"), Some(("warning", fix)) if fix.contains("validator run")));
    assert!(check(&findings, "permit on 1").is_none() && check(&findings, "weights on 1").is_none());
    assert_eq!(check(&findings, "owner").map(|(state, _)| state), Some("ok"));
    assert_eq!(found(&findings, "endpoint"), net.endpoint);

    // A neuron without a permit also learns what commitments mean for Python validators.
    let (state, _) = check(&findings, "commitments on 1").expect("a finding");
    assert!(state == "ok" && found(&findings, "commitments on 1").contains("beacon"), "{findings}");
    net.open_freeze_window();
    let owner = ["-w", "//Alice", "-k", "//owner_hk", "--yes", "--json"];
    let off = ["subnet", "set", "-n", "1", "commit_reveal_weights_enabled", "off", "--root"];
    net.ok(&[&off[..], &owner].concat());
    assert_eq!(check(&json(&net.run(&doctor)), "commitments on 1"), None);

    // Root requires stake and no price.
    let findings = json(&net.run(&["doctor", "-w", "alice", "-k", "miner", "-n", "0", "--json"]));
    let (state, fix) = check(&findings, "registration on 0").expect("a finding");
    assert!(state == "problem" && fix.contains("register --netuid 0"), "{findings}");
    let root = found(&findings, "registration on 0");
    assert!(root.contains("no price") && root.contains("seats are free"), "{root}");
    net.ok(&[&["subnet", "register", "-n", "0"][..], &sender].concat());
    let findings = json(&net.run(&["doctor", "-w", "alice", "-k", "miner", "-n", "0", "--json"]));
    assert_eq!(check(&findings, "registration on 0").map(|(state, _)| state), Some("ok"), "{findings}");
}

/// The finding of a check.
fn found<'a>(findings: &'a Value, name: &str) -> &'a str {
    let all = findings.as_array().expect("findings");
    all.iter()
        .find(|finding| finding["check"] == name)
        .and_then(|finding| finding["found"].as_str())
        .expect(name)
}

/// Answers every connection to a port of 127.0.0.2 with these bytes, until the returned function is called.
fn answering(port: &str, answer: &'static str) -> impl FnOnce() {
    use std::io::{Read, Write};
    let address = format!("127.0.0.2:{port}");
    let listener = std::net::TcpListener::bind(&address).expect("the port");
    let serving = std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let mut question = [0; 1024];
            if stream.read(&mut question).expect("a question") == 0 {
                return;
            }
            stream.write_all(answer.as_bytes()).expect("answered");
        }
    });
    move || {
        // A connection without a question ends the server.
        drop(std::net::TcpStream::connect(address));
        serving.join().expect("served");
    }
}

#[test]
fn broken_missing_and_mixed_up_key_files_are_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = |arguments: &[&str]| myelin(folder.path(), arguments);
    for wallet in ["alice", "bob"] {
        assert!(run(&["wallet", "new", "-w", wallet, "-k", "hk", "--no-password"]).status.success());
    }
    let wallet = folder.path().join("wallets/alice");
    let (coldkey, hotkey) = (wallet.join("coldkey"), wallet.join("hotkeys/hk"));
    let doctor =
        || json(&run(&["doctor", "-w", "alice", "-k", "hk", "--endpoint", "ws://127.0.0.1:9", "--json"]));
    let is = |key: &str, state: &str, words: &[&str], fix: &str| {
        let findings = doctor();
        let first = findings.as_array().and_then(|all| all.iter().find(|finding| finding["check"] == key));
        let first = first.expect("a finding");
        let (said, to_do) = (first["found"].as_str(), first["fix"].as_str().unwrap_or_default());
        assert_eq!(first["state"], state, "{findings:#}");
        assert!(
            words.iter().all(|words| said.is_some_and(|said| said.contains(words))),
            "{words:?}: {first}"
        );
        assert!(to_do.contains(fix), "{fix}: {first}");
    };
    let fix_of = |key: &str| check(&doctor(), key).expect("a finding").1.to_owned();
    let keep = |file: &std::path::Path| std::fs::read(file).expect("a file");
    let put = |file: &std::path::Path, bytes: &[u8]| std::fs::write(file, bytes).expect("written");
    is("coldkey", "ok", &[], "");
    is("hotkey", "ok", &[], "");

    // A good key of another kind must not be overwritten.
    for (key, file) in [("coldkey", &coldkey), ("hotkey", &hotkey)] {
        let whole = keep(file);
        let other = text(&whole).replace("\"cryptoType\":1", "\"cryptoType\":0");
        put(file, other.as_bytes());
        is(key, "problem", &["crypto type 0"], "keep ");
        is(key, "problem", &[], "OTHER_NAME");
        let fix = fix_of(key);
        assert!(!fix.contains("--overwrite") && !fix.contains("regen"), "{fix}");
        put(file, &whole);
        is(key, "ok", &[], "");
    }

    // The hotkey: garbage, gone, another's address.
    let whole = keep(&hotkey);
    put(&hotkey, b"garbage");
    is(
        "hotkey",
        "problem",
        &["neither a JSON object"],
        "myelin wallet regen-hotkey --wallet alice --hotkey hk",
    );
    std::fs::remove_file(&hotkey).expect("removed");
    is("hotkey", "problem", &["only the address", "nothing can sign"], "myelin wallet regen-hotkey");
    put(&hotkey, &whole);
    let other = keep(&folder.path().join("wallets/bob/hotkeys/hkpub.txt"));
    let own = keep(&wallet.join("hotkeys/hkpub.txt"));
    put(&wallet.join("hotkeys/hkpub.txt"), &other);
    is("hotkey", "problem", &["do not belong together"], "myelin wallet regen-hotkeypub");
    put(&wallet.join("hotkeys/hkpub.txt"), &own);
    is("hotkey", "ok", &[], "");

    // The coldkey: cut, another's address, sealed, elsewhere.
    let whole = keep(&coldkey);
    put(&coldkey, &whole[..100]);
    is("coldkey", "problem", &["neither a JSON object"], "myelin wallet regen-coldkey --wallet alice");
    put(&coldkey, &whole);
    let own = keep(&wallet.join("coldkeypub.txt"));
    put(&wallet.join("coldkeypub.txt"), &keep(&folder.path().join("wallets/bob/coldkeypub.txt")));
    is("coldkey", "problem", &["do not belong together"], "myelin wallet regen-coldkeypub");
    put(&wallet.join("coldkeypub.txt"), b"garbage");
    is("coldkey", "problem", &["coldkeypub.txt"], "myelin wallet regen-coldkeypub");
    put(&wallet.join("coldkeypub.txt"), &own);
    put(&coldkey, &[&b"$NACL"[..], &[7; 25]].concat());
    is("coldkey", "problem", &["truncated: 30 bytes"], "myelin wallet regen-coldkey");
    put(&coldkey, &[&b"$NACL"[..], &[7; 400]].concat());
    is("coldkey", "unchecked", &["only with its password"], "BT_WALLET_PASSWORD");
    std::fs::remove_file(&coldkey).expect("removed");
    is("coldkey", "ok", &["only the address is here"], "");

    // Where there is no file, none is overwritten.
    std::fs::remove_file(wallet.join("coldkeypub.txt")).expect("removed");
    let fix = fix_of("coldkey");
    assert!(
        fix.contains("regen-coldkeypub --wallet alice --address") && !fix.contains("--overwrite"),
        "{fix}"
    );
}

#[test]
fn a_password_at_hand_shows_whose_key_a_sealed_file_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let with = |password: &str, arguments: &[&str]| {
        let arguments = [arguments, &["--json", "--endpoint", "ws://127.0.0.1:9"]].concat();
        with_password(folder.path(), password, &arguments)
    };
    let made = with("correct horse 9", &["wallet", "new", "-w", "alice", "-k", "hk"]);
    assert!(made.status.success(), "{}", text(&made.stderr));
    let state = |password: &str| {
        let findings = json(&with(password, &["doctor", "-w", "alice", "-k", "hk"]));
        let found = found(&findings, "coldkey").to_owned();
        (check(&findings, "coldkey").expect("a finding").0.to_owned(), found)
    };
    assert_eq!(state("correct horse 9").0, "ok");
    let (wrong, found) = state("something else 9");
    assert!(wrong == "problem" && found.contains("wrong password"), "{found}");
    // The password opens it, but it is another person's key.
    let mallory = with("correct horse 9", &["wallet", "new", "-w", "mallory", "-k", "hk"]);
    assert!(mallory.status.success(), "{}", text(&mallory.stderr));
    let wallets = folder.path().join("wallets");
    std::fs::copy(wallets.join("mallory/coldkeypub.txt"), wallets.join("alice/coldkeypub.txt"))
        .expect("copied");
    let (swapped, found) = state("correct horse 9");
    assert!(swapped == "problem" && found.contains("do not belong together"), "{found}");
}
