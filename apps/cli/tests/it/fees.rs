//! The maximum cost of a call is announced before it is sent, and is true: the paid fee is compared with it.

use super::harness::Network;
use super::{json, text};

/// The bound in the line before sending, in rao.
fn announced(stderr: &str) -> u64 {
    if stderr.contains("; no fee, ") {
        return 0;
    }
    let bound = stderr.rsplit("fee at most ").next().and_then(|rest| rest.split(" τ").next());
    let (whole, decimals) = bound.and_then(|bound| bound.split_once('.')).expect("a bound with decimals");
    format!("{}{decimals:0<9}", whole.replace(',', "")).parse().expect("a number")
}

/// Sends and compares; returns the bound and the fee.
fn paid(net: &Network, arguments: &[&str]) -> (u64, u64) {
    let sent = net.run(&[arguments, &["--wait", "inclusion", "--yes", "--json"]].concat());
    let said = text(&sent.stderr);
    assert!(sent.status.success(), "{arguments:?}: {said}");
    let (bound, fee) = (announced(&said), json(&sent)["fee_rao"].as_u64().expect("a fee"));
    assert!(fee <= bound, "{arguments:?} cost {fee} rao; announced were {bound}");
    (bound, fee)
}

#[test]
fn nothing_costs_more_than_was_announced() {
    let folder = tempfile::tempdir().expect("a folder");
    let net = Network::up(folder.path());
    net.open_freeze_window();
    let owner = ["-w", "//Alice", "-k", "//owner_hk"];
    let on = |netuid, arguments: &[&'static str]| [arguments, &["-n", netuid], &owner[..]].concat();
    let alice = |arguments: &[&'static str]| [arguments, &owner[..]].concat();

    // The bound is tight: only the account's nonce may turn out shorter.
    let (bound, fee) = paid(&net, &alice(&["wallet", "transfer", "--to", "//carol", "--amount", "50"]));
    assert!(bound - fee <= 4, "{fee} rao were paid, {bound} announced");

    for line in [
        alice(&["subnet", "create"]),
        on("2", &["subnet", "start"]),
        on("2", &["subnet", "set-symbol", "γ"]),
        on("2", &["subnet", "set-identity", "--description", "they judge"]),
        on("2", &["subnet", "set", "immunity_period", "7200"]),
        on("2", &["subnet", "set", "kappa", "60%", "--root"]),
        on("2", &["subnet", "commit", "model: example/7b"]),
        on("2", &["stake", "add", "--amount", "10", "--slippage", "50"]),
        on("0,2", &["stake", "add", "--amount", "5", "--slippage", "50"]),
        on("2", &["stake", "swap", "--to", "0", "--amount", "1", "--slippage", "50"]),
        on("2", &["stake", "remove", "--amount", "1", "--slippage", "50"]),
        on("2", &["sudo", "stake-burn", "--amount", "1", "--slippage", "50"]),
        alice(&["stake", "set-claim", "keep"]),
        alice(&["wallet", "set-identity", "--id-name", "Alice", "--web-url", "https://a.example"]),
        alice(&["wallet", "associate-hotkey"]),
        alice(&["proxy", "add", "--delegate", "//carol"]),
        alice(&["proxy", "create"]),
    ] {
        paid(&net, &line);
    }

    // A proxy pays for what it carries and announces.
    let carol = ["-w", "//carol", "-k", "//owner_hk", "--proxy", "//Alice"];
    for line in [
        &["wallet", "transfer", "--to", "//dave", "--amount", "1"][..],
        &["stake", "remove", "-n", "2", "--amount", "1", "--slippage", "50"],
        &["stake", "set-claim", "swap"],
        &["wallet", "transfer", "--to", "//dave", "--amount", "1", "--announce-only"],
    ] {
        paid(&net, &[line, &carol].concat());
    }
    paid(&net, &alice(&["proxy", "remove", "--all"]));
}
