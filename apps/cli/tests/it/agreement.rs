//! The published agreement of validators, on a real network.

use std::time::{Duration, Instant};

use serde_json::{json, Value};

use super::harness::Network;
use super::text;

/// Validators, those that agree first, with the weights that they give to two miners.
const VALIDATORS: [(&str, &str); 3] = [("//Bob", "3,1"), ("//Charlie", "3,1"), ("//Dave", "1,9")];

fn by<'a>(who: &'a str, hotkey: &'a str, arguments: &[&'a str]) -> Vec<&'a str> {
    [arguments, &["-n", "2", "-w", who, "-k", hotkey, "--wait", "inclusion", "--yes", "--json"]].concat()
}

fn agreement(net: &Network) -> Value {
    net.ok(&["subnet", "agreement", "-n", "2", "--json"])
}

#[test]
fn everybody_sees_the_validator_that_differs() {
    let folder = tempfile::tempdir().expect("a folder");
    let net = Network::up(folder.path());
    net.open_freeze_window();
    net.ok(&["subnet", "create", "-w", "//Alice", "-k", "//owner_hk", "--yes", "--json"]);
    net.ok(&by("//Alice", "//owner_hk", &["subnet", "start"]));
    let off = ["subnet", "set", "commit_reveal_weights_enabled", "off"];
    net.ok(&by("//Alice", "//owner_hk", &off));
    // A registration counts as weights, after which a validator would have to wait.
    net.ok(&by("//Alice", "//owner_hk", &["subnet", "set", "weights_rate_limit", "0", "--root"]));
    let hotkeys = VALIDATORS.map(|(who, _)| format!("{who}_hk"));
    for ((who, _), hotkey) in VALIDATORS.iter().zip(&hotkeys) {
        net.ok(&by(who, hotkey, &["subnet", "register"]));
        net.ok(&by(who, hotkey, &["stake", "add", "--amount", "500", "--no-limit"]));
    }
    let miners = ["//miner1", "//miner2"];
    let uids: Vec<String> = miners
        .iter()
        .map(|miner| net.ok(&by("//Alice", miner, &["subnet", "register"]))["uid"].to_string())
        .collect();
    let uids = uids.join(",");

    let before = agreement(&net);
    assert_eq!((&before["validators"], &before["typical"]), (&json!([]), &Value::Null), "{before}");
    let shown = text(&net.run(&["subnet", "agreement", "-n", "2"]).stdout);
    assert!(shown.contains("nobody is compared"), "{shown}");

    wait_for_permits(&net);
    for ((who, weights), hotkey) in VALIDATORS.iter().zip(&hotkeys) {
        net.ok(&by(who, hotkey, &["weights", "set", "--uids", &uids, "--weights", weights]));
    }
    let found = agreement(&net);
    let validators = found["validators"].as_array().expect("validators");
    let number = |at: usize, field: &str| validators[at][field].as_u64().expect("a number");
    assert_eq!((validators.len(), number(0, "uid")), (3, 3), "the one that differs comes first: {found}");
    // It gives 0.1 and 0.9 where all others give 0.75 and 0.25, of which 0.35 agree and 0.65 are above the consensus.
    assert!(number(0, "agreement").abs_diff(65_535 * 35 / 100) < 5, "{found}");
    assert!(number(0, "clipped").abs_diff(65_535 * 65 / 100) < 5, "{found}");
    for at in [1, 2] {
        assert!(number(at, "agreement") > number(0, "agreement") && number(at, "clipped") == 0, "{found}");
    }
    let typical = found["typical"].as_u64();
    assert!([1, 2].iter().any(|at| typical == Some(number(*at, "agreement"))), "{found}");
    let voices: u64 = (0..3).map(|at| number(at, "stake")).sum();
    assert!((65_530..=65_535).contains(&voices), "{found}");

    let shown = text(&net.run(&["subnet", "agreement", "-n", "2"]).stdout);
    assert!(shown.contains("It pays nobody") && shown.contains("35.00%"), "{shown}");
    let why = net.refused(&["subnet", "agreement", "-n", "2", "--mechanism", "1"]);
    assert!(why.contains("no mechanism 1") && why.contains("myelin subnet mechanisms count"), "{why}");
    assert!(net.refused(&["subnet", "agreement", "-n", "77"]).contains("there is no subnet 77"));
}

/// Stake counts from the next epoch.
fn wait_for_permits(net: &Network) {
    let trigger = ["sudo", "trigger-epoch"];
    let epoch = net.ok(&by("//Alice", "//owner_hk", &trigger))["next_epoch_block"].as_u64();
    let deadline = Instant::now() + Duration::from_secs(60);
    while net.ok(&["metagraph", "-n", "2", "--json"])["block"].as_u64() <= epoch {
        assert!(Instant::now() < deadline, "the epoch does not come");
        std::thread::sleep(Duration::from_millis(250));
    }
}
