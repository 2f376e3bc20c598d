//! An epoch of a real chain, recomputed from proved state.

use std::time::{Duration, Instant};

use myelin_abi::calls::admin::{SudoSetTempo, SwapAuthorities};
use myelin_chain_client::ChainClient;
use serde_json::Value;

use super::harness::Network;
use super::text;

/// Blocks of an epoch.
const TEMPO: u16 = 20;

/// Validators, with the weights that they give to two miners.
const VALIDATORS: [(&str, &str); 3] = [("//Bob", "3,1"), ("//Charlie", "3,1"), ("//Dave", "1,9")];

fn by<'a>(who: &'a str, hotkey: &'a str, arguments: &[&'a str]) -> Vec<&'a str> {
    [arguments, &["-n", "2", "-w", who, "-k", hotkey, "--wait", "inclusion", "--yes", "--json"]].concat()
}

/// A subnet on which three validators have weighed two miners, and have been paid.
fn judged(net: &Network) {
    net.open_freeze_window();
    net.ok(&["subnet", "create", "-w", "//Alice", "-k", "//owner_hk", "--yes", "--json"]);
    net.ok(&by("//Alice", "//owner_hk", &["subnet", "start"]));
    net.ok(&by("//Alice", "//owner_hk", &["subnet", "set", "commit_reveal_weights_enabled", "off"]));
    net.ok(&by("//Alice", "//owner_hk", &["subnet", "set", "weights_rate_limit", "0", "--root"]));
    let hotkeys = VALIDATORS.map(|(who, _)| format!("{who}_hk"));
    for ((who, _), hotkey) in VALIDATORS.iter().zip(&hotkeys) {
        net.ok(&by(who, hotkey, &["subnet", "register"]));
        net.ok(&by(who, hotkey, &["stake", "add", "--amount", "300", "--no-limit"]));
    }
    let miners = ["//miner1", "//miner2"];
    let uids: Vec<String> = miners
        .iter()
        .map(|miner| net.ok(&by("//Alice", miner, &["subnet", "register"]))["uid"].to_string())
        .collect();
    net.as_root(&SudoSetTempo { netuid: 2, tempo: TEMPO });
    epochs(net, 1);
    for ((who, weights), hotkey) in VALIDATORS.iter().zip(&hotkeys) {
        let uids = uids.join(",");
        net.ok(&by(who, hotkey, &["weights", "set", "--uids", &uids, "--weights", weights]));
    }
    epochs(net, 2);
}

/// Waits until so many more epochs have ended.
fn epochs(net: &Network, more: u64) {
    let now = || {
        let shown = net.ok(&["subnet", "evidence", "show", "-n", "2", "--json"]);
        shown["epoch"].as_u64().expect("a number")
    };
    let (end, deadline) = (now() + more, Instant::now() + Duration::from_secs(90));
    while now() < end {
        assert!(Instant::now() < deadline, "epoch {end} does not come");
        std::thread::sleep(Duration::from_millis(250));
    }
}

/// The verdict on an epoch, once its end is final.
fn verdict(net: &Network, more: &[&str]) -> Value {
    let deadline = Instant::now() + Duration::from_secs(60);
    let verify = [&["evidence", "verify", "-n", "2", "--json"][..], more].concat();
    loop {
        let output = net.run(&verify);
        if output.status.success() {
            return super::json(&output);
        }
        let why = text(&output.stderr);
        let waits = why.contains("not ended yet") || why.contains("not proved final yet");
        assert!(waits && Instant::now() < deadline, "{why} {}", text(&output.stdout));
        std::thread::sleep(Duration::from_millis(500));
    }
}

/// Appoints the authority in office again: a new set, with a number of its own.
fn change_authorities(net: &Network) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let chain = runtime.block_on(ChainClient::connect(&net.endpoint)).expect("connected");
    let keys = runtime.block_on(chain.value::<Vec<[u8; 32]>>("Aura", "Authorities", &[]));
    net.as_root(&SwapAuthorities { new_authorities: keys.expect("authorities") });
}

#[test]
fn anybody_recomputes_an_epoch_without_trusting_the_node() {
    let folder = tempfile::tempdir().expect("a folder");
    let net = Network::up(folder.path());
    judged(&net);
    change_authorities(&net);
    // They take office at the end of a session.
    let deadline = Instant::now() + Duration::from_secs(240);
    let last = loop {
        epochs(&net, 1);
        let last = verdict(&net, &[]);
        if last["finality"]["set"].as_u64() > Some(0) {
            break last;
        }
        assert!(Instant::now() < deadline, "the authorities do not change: {last}");
    };
    let epoch = last["epoch"].as_u64().expect("a number");
    assert_eq!((&last["different"], &last["anchor"]["given"]), (&0.into(), &false.into()), "{last}");
    let compared = |field: &str| last["compared"][field].as_u64().unwrap_or_default();
    // The owner, three validators, two miners.
    for field in ["Incentive", "Consensus", "ValidatorTrust", "Dividends", "ValidatorPermit", "Emission"] {
        assert_eq!(compared(field), 6, "{field}: {last}");
    }
    for field in ["Bonds", "TotalHotkeyAlpha", "TotalHotkeySharesV2", "AlphaV2", "AlphaDividendsPerSubnet"] {
        assert!(compared(field) >= 3, "{field}: {last}");
    }
    assert!(last["paid_rao"].as_u64() > Some(0), "{last}");
    let finality = &last["finality"];
    assert!(finality["votes"].as_u64() >= finality["needed"].as_u64(), "{last}");
    assert!(finality["block"].as_u64() >= last["block"].as_u64(), "{last}");
    assert_eq!(finality["set"], finality["changes"], "{last}");

    // From an anchor that the user names, before and after the block.
    let genesis = last["anchor"]["hash"].as_str().expect("a hash");
    let number = epoch.to_string();
    let named = verdict(&net, &["--epoch", &number, "--genesis", genesis]);
    assert_eq!((&named["anchor"]["given"], &named["hash"]), (&true.into(), &last["hash"]));
    let block = last["hash"].as_str().expect("a hash");
    let own = verdict(&net, &["--epoch", &number, "--checkpoint", block]);
    assert_eq!((&own["different"], &own["finality"]["block"]), (&0.into(), &Value::Null), "{own}");
    let earlier = (epoch - 1).to_string();
    let older = verdict(&net, &["--epoch", &earlier, "--checkpoint", block]);
    assert!(older["finality"]["steps"].as_u64() > Some(0) && older["different"] == 0, "{older}");

    let shown = text(&net.run(&["evidence", "verify", "-n", "2", "--epoch", &number]).stdout);
    assert!(shown.contains("all follow from the rules") && shown.contains("node's word"), "{shown}");
    refusals(&net, epoch, block);
}

fn refusals(net: &Network, epoch: u64, block: &str) {
    let verify = |more: &[&str]| net.refused(&[&["evidence", "verify", "-n", "2"][..], more].concat());
    let why = verify(&["--genesis", &"ab".repeat(32)]);
    assert!(why.contains("has no block 0xabab"), "{why}");
    let why = verify(&["--genesis", block]);
    assert!(why.contains("--checkpoint"), "{why}");
    let why = verify(&["--epoch", &(epoch + 1_000).to_string()]);
    assert!(why.contains("not ended yet"), "{why}");
    let why = net.refused(&["evidence", "verify", "-n", "77"]);
    assert!(why.contains("no subnet 77"), "{why}");
}
