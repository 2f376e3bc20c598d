//! A call that the chain would refuse is reported before anything is sent, and costs nothing.

use super::harness::Network;
use super::text;

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
        &["wallet", "transfer", "--to", "//Alice", "--amount", "0"],
    ] {
        assert!(usage(line).contains("the amount is 0"), "{line:?}");
    }
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
