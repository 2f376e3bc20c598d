//! An epoch of a real chain, recomputed from proved state.

use std::path::Path;
use std::time::{Duration, Instant};

use myelin_abi::calls::admin::{SudoSetTempo, SwapAuthorities};
use myelin_chain_client::ChainClient;
use myelin_wire::hash::{blake2_256, from_hex};
use serde_json::{json, Value};

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

/// The verdict on an epoch of subnet 2, once its end is final.
pub fn verdict(net: &Network, more: &[&str]) -> Value {
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
    offline(&net, folder.path(), &number, genesis);
    refusals(&net, epoch, block);
}

/// Writes an epoch to a file, and verifies the file where there is no node, and after each change of it.
fn offline(net: &Network, folder: &Path, epoch: &str, genesis: &str) {
    let file = folder.join("epoch.json");
    let path = file.to_str().expect("a path");
    let live = verdict(net, &["--epoch", epoch, "--write", path]);
    // In a folder of its own, since it stops the network of its folder at the end.
    let apart = tempfile::tempdir().expect("a folder");
    let nobody = Network::at(apart.path(), "ws://127.0.0.1:1".into());
    let again = nobody.ok(&["evidence", "verify", "--from", path, "--genesis", genesis, "--json"]);
    assert_eq!(again["anchor"], json!({ "kind": "genesis", "hash": genesis, "given": true }));
    for field in
        ["netuid", "epoch", "block", "hash", "finality", "compared", "paid_rao", "different", "values_read"]
    {
        assert_eq!(again[field], live[field], "{field}: {again}");
    }
    let shown = text(&nobody.run(&["evidence", "verify", "--from", path]).stdout);
    assert!(shown.contains("all follow from the rules") && shown.contains("the file's word"), "{shown}");
    let why = nobody.refused(&["evidence", "verify", "--from", path, "--genesis", &"ab".repeat(32)]);
    assert!(why.contains("its proofs start at block 0x") && why.contains("you trust block 0xabab"), "{why}");
    let why = net.refused(&["evidence", "verify", "-n", "2", "--write", path]);
    assert!(why.contains("is there already"), "{why}");

    let whole: Value = serde_json::from_slice(&std::fs::read(&file).expect("written")).expect("JSON");
    let refused = |change: &dyn Fn(&mut Value)| {
        let mut changed = whole.clone();
        change(&mut changed);
        assert_ne!(changed, whole);
        std::fs::write(&file, changed.to_string()).expect("written");
        nobody.refused(&["evidence", "verify", "--from", path, "--genesis", genesis])
    };
    let end = live["hash"].as_str().expect("a hash");
    let header = format!("chain_getHeader [\"{end}\"]");
    let why =
        refused(&|file| flip(&mut file["transcript"]["answers"][&header]["answer"]["extrinsicsRoot"], 9));
    assert!(why.contains(&format!("the answer about block {end} is a header with hash")), "{why}");
    let root = &whole["transcript"]["answers"][&header]["answer"]["stateRoot"];
    let root: [u8; 32] = from_hex(root.as_str().expect("a root")).expect("a hash");
    let why = refused(&|file| {
        let nodes = file["transcript"]["states"][end].as_array_mut().expect("nodes");
        let is_root = |node: &&mut Value| blake2_256(&unhex(node.as_str().expect("text"))) == root;
        flip(nodes.iter_mut().find(is_root).expect("the root"), 20);
    });
    let block = &live["block"];
    assert!(why.contains(&format!("the proof of the state of block {block} does not hold")), "{why}");
    let why = refused(&|file| {
        let answers = file["transcript"]["answers"].as_object_mut().expect("answers");
        let proof = answers.iter_mut().find(|(question, _)| question.starts_with("grandpa_proveFinality"));
        // A hash, two bytes of length, round, target, one vote: its target, then its signature.
        flip(&mut proof.expect("a proof").1["answer"], 2 * (32 + 2 + 8 + 36 + 1 + 36 + 5));
    });
    assert!(why.contains("is not signed by it"), "{why}");
    let why = refused(&|file| {
        drop(file["transcript"]["answers"].as_object_mut().and_then(|all| all.remove(&header)))
    });
    assert!(why.contains("there is no answer to `chain_getHeader"), "{why}");
    let why = refused(&|file| file["result"]["different"] = 1.into());
    assert!(why.contains("it states `different` as 1, and its proofs give 0"), "{why}");
    let why = refused(&|file| file["epoch"] = (whole["epoch"].as_u64().unwrap_or_default() + 1).into());
    assert!(why.contains("does not end in block") || why.contains("does not hold"), "{why}");
}

/// Changes a hexadecimal digit of a text with 0x.
fn flip(text: &mut Value, at: usize) {
    let mut digits = text.as_str().expect("text").to_owned();
    let other = if digits.as_bytes()[2 + at] == b'0' { "1" } else { "0" };
    digits.replace_range(2 + at..3 + at, other);
    *text = digits.into();
}

fn unhex(text: &str) -> Vec<u8> {
    let digits = text.trim_start_matches("0x");
    (0..digits.len() / 2).map(|at| from_hex::<1>(&digits[2 * at..2 * at + 2]).expect("a byte")[0]).collect()
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
