//! A call that the chain would refuse is reported before anything is sent, and costs nothing.

use tokio_tungstenite::tungstenite::Message;

use super::front_end::{stand_before, Manner};
use super::harness::Network;
use super::{myelin, text};

fn free(net: &Network, who: &str) -> u64 {
    net.ok(&["wallet", "balance", who, "--json"])["free_rao"].as_u64().expect("a number")
}

#[test]
fn a_refusal_that_can_be_foreseen_is_said_in_right_words_and_costs_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let net = Network::up(folder.path());
    net.ok(&["wallet", "faucet", "//carol", "--amount", "100", "--json"]);
    let alice = ["-w", "//Alice", "-k", "//owner_hk", "--wait", "inclusion", "--yes", "--json"];
    for line in [&["subnet", "create"][..], &["subnet", "start", "-n", "2"]] {
        net.ok(&[line, &alice].concat());
    }
    net.open_freeze_window();
    let carol = ["-w", "//carol", "-k", "//carol_hk", "--wait", "inclusion", "--yes"];
    net.ok(&[&["subnet", "register", "-n", "2"][..], &carol, &["--json"]].concat());
    net.ok(&[&["stake", "add", "-n", "2", "--amount", "10", "--no-limit"][..], &carol, &["--json"]].concat());

    let long = "x".repeat(300);
    let of_carol: [(&[&str], &str); 10] = [
        (&["subnet", "create"], "CannotAffordLockCost"),
        (&["subnet", "register", "-n", "2"], "HotKeyAlreadyRegisteredInSubNet"),
        (&["subnet", "start", "-n", "2"], "NotSubnetOwner"),
        (&["subnet", "set", "-n", "2", "serving_rate_limit", "7"], "NotSubnetOwner"),
        (&["stake", "add", "-n", "2", "--amount", "1000", "--no-limit"], "NotEnoughBalanceToStake"),
        (&["stake", "move", "-n", "2", "--amount", "1"], "same"),
        (&["stake", "remove", "-n", "2", "--amount", "0.0001", "--no-limit"], "AmountTooLow"),
        (&["proxy", "add", "--delegate", "//carol"], "NoSelfProxy"),
        (&["subnet", "set-symbol", "-n", "2", "XX"], "NotSubnetOwner"),
        (&["sudo", "trim", "-n", "2", "--max", "1"], "it cannot be limited to 1"),
    ];
    let before = free(&net, "//carol");
    for (line, reason) in of_carol {
        let said = net.refused(&[line, &carol].concat());
        assert!(said.contains(reason) && !said.contains("outside its range"), "{line:?}: {said}");
        assert_eq!(free(&net, "//carol"), before, "{line:?} was paid for: {said}");
    }
    let nobodys = [
        "stake",
        "add",
        "-n",
        "2",
        "--amount",
        "1",
        "--no-limit",
        "-w",
        "//carol",
        "-k",
        "//nobody",
        "--yes",
    ];
    let said = net.refused(&nobodys);
    assert!(said.contains("HotKeyAccountNotExists") && said.contains("nothing was paid"), "{said}");
    assert_eq!(free(&net, "//carol"), before);

    let before = free(&net, "//Alice");
    for (line, reason) in [
        (&["subnet", "start", "-n", "2"][..], "started already"),
        (&["subnet", "set-symbol", "-n", "2", "XX"], "one letter"),
    ] {
        let said = net.refused(&[line, &alice].concat());
        assert!(said.contains(reason) && said.contains("nothing was sent"), "{line:?}: {said}");
        assert_eq!(free(&net, "//Alice"), before, "{line:?} was paid for: {said}");
    }

    // A value that is refused without a node is wrong usage; the error names the field and the limit.
    let usage = |line: &[&str]| {
        let output = net.run(&[line, &carol].concat());
        assert_eq!(output.status.code(), Some(2), "{line:?}: {}", text(&output.stdout));
        text(&output.stderr)
    };
    let said = usage(&["wallet", "set-identity", "--id-name", &long]);
    assert!(said.contains("--id-name") && said.contains("300 bytes") && said.contains("256"), "{said}");
    for line in [
        &["stake", "add", "-n", "2", "--amount", "0"][..],
        &["stake", "remove", "-n", "2", "--amount", "0"],
        &["wallet", "transfer", "--to", "//Alice", "--amount", "0"],
    ] {
        assert!(usage(line).contains("the amount is 0"), "{line:?}");
    }
    let said = usage(&["stake", "add", "-n", "2", "--amount", "1", "--slippage", "0.0001"]);
    assert!(said.contains("--slippage") && said.contains("at most two decimals"), "{said}");
    let oneself =
        net.refused(&[&["wallet", "transfer", "--to", "//carol", "--amount", "1"][..], &carol].concat());
    assert!(oneself.contains("pay itself"), "{oneself}");

    // Of several calls the refused ones are left out, and the others are carried out.
    let both = ["stake", "add", "-n", "2", "--hotkeys", "//carol_hk,//nobody", "--amount", "1", "--no-limit"];
    let output = net.run(&[&both[..], &carol].concat());
    let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(1));
    for words in ["is left out", "HotKeyAccountNotExists", "staked 1.0000 τ", "not everything was staked"] {
        assert!(said.contains(words), "{words}: {said}");
    }
}

#[test]
fn a_reason_is_the_one_that_holds() {
    let folder = tempfile::tempdir().expect("a folder");
    let before = myelin(folder.path(), &["net", "status"]);
    assert_eq!(before.status.code(), Some(1));
    let said = text(&before.stderr);
    assert!(said.contains("no network was started from") && said.contains("myelin net up"), "{said}");

    let net = Network::up(folder.path());
    let alice = ["-w", "//Alice", "-k", "//owner_hk", "--wait", "inclusion", "--yes", "--json"];
    net.ok(&[&["subnet", "create"][..], &alice].concat());
    let ask = ["ask", "-n", "2", "-w", "//Bob", "-k", "//Bob_hk"];
    for (uid, reason) in [
        (&["--uid", "77"][..], "so no uid 77"),
        (&["--uid", "0"], "uid 0 has announced no axon"),
        (&[], "no validator sets weights any more"),
    ] {
        let said = net.refused(&[&ask[..], uid, &["hello"]].concat());
        assert!(said.contains(reason), "{uid:?}: {said}");
    }
    let said = net.refused(&["wallet", "faucet", "//carol", "--amount", "99999999"]);
    assert!(said.contains("the faucet has") && said.contains("less than 99,999,999"), "{said}");

    let lagging = syncing(&net.endpoint);
    for (endpoint, is_old) in [(&net.endpoint, false), (&lagging, true)] {
        let output = myelin(folder.path(), &["wallet", "balance", "//Alice", "--endpoint", endpoint]);
        let said = text(&output.stderr);
        assert!(output.status.success(), "{said}");
        let warned = said.contains("so what it answers is old") && said.contains(endpoint);
        assert_eq!(warned, is_old, "{said}");
    }
}

/// An endpoint of a node that is syncing, as it says. Returns its address.
fn syncing(node: &str) -> String {
    let change = |said: Message| match said {
        Message::Text(said) => Message::text(said.replace(r#""isSyncing":false"#, r#""isSyncing":true"#)),
        said => said,
    };
    stand_before(node, Manner { answer: |_| None, change })
}

#[cfg(target_os = "linux")]
#[test]
fn an_error_of_a_key_export_names_its_file() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("bad.json"), "{}").expect("written");
    let restore = |file: &str| {
        let arguments = ["wallet", "regen-coldkey", "-w", "dora", "--no-password", "--keystore", file];
        let plain = super::command(folder.path(), &arguments);
        // Without a terminal, where a password could be asked for.
        let mut detached = std::process::Command::new("setsid");
        detached.arg("--wait").arg(plain.get_program()).args(plain.get_args()).current_dir(folder.path());
        detached.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let output = detached.output().expect("the command starts");
        assert_eq!(output.status.code(), Some(1), "{}", text(&output.stdout));
        text(&output.stderr)
    };
    let said = restore("bad.json");
    assert!(said.contains("password of bad.json") && said.contains("--keystore-password"), "{said}");
    assert!(restore("gone.json").contains("gone.json: No such file"));
}
