//! Holders change a parameter of the network, on a real one: from the vote lock to the enactment.

use std::time::{Duration, Instant};

use myelin_chain_client::ChainClient;
use serde_json::{json, Value};

use super::harness::Network;
use super::text;

/// Longest time from the votes to the enactment: 9 days of 5 blocks, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(180);
/// Text of the proposal.
const TEXT: &str = "64 subnets are enough.\n";
/// TAO of each of two holders under the vote lock: together more than half of all power.
const LOCKED: &str = "900000";

/// A command of the wallet's coldkey that sends.
fn sent<'a>(wallet: &'a str, arguments: &[&'a str]) -> Vec<&'a str> {
    [&["gov"], arguments, &["-w", wallet, "--wait", "inclusion", "--yes", "--json"]].concat()
}

/// Most subnets of the network.
fn subnet_limit(net: &Network) -> u16 {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let client = ChainClient::connect(&net.endpoint).await.expect("connected");
        client.value("SubtensorModule", "SubnetLimit", &[]).await.expect("a number")
    })
}

#[test]
fn holders_change_a_parameter_from_the_vote_lock_to_the_enactment() {
    let folder = tempfile::tempdir().expect("a folder");
    let net = Network::up(folder.path());
    assert_eq!(subnet_limit(&net), 128);
    nothing_is_decided_yet(&net);
    proposals_that_no_vote_may_enact_are_refused(&net);

    std::fs::write(folder.path().join("why.md"), TEXT).expect("written");
    let propose = ["propose", "--set", "subnet_limit=64", "--text", "why.md", "--decide"];
    let proposed = net.ok(&sent("//Charlie", &propose));
    assert_eq!((&proposed["referendum"], &proposed["decision_deposit_paid"]), (&json!(0), &json!(true)));
    let unlocked = net.refused(&sent("//Alice", &["vote", "0", "aye"]));
    assert!(unlocked.contains("`myelin gov lock 10 --wallet //Alice`"), "{unlocked}");

    let vote = |holder| {
        let locked = net.ok(&sent(holder, &["lock", LOCKED]));
        assert_eq!(locked["locked_rao"], json!(900_000_000_000_000u64));
        let voted = net.ok(&sent(holder, &["vote", "0", "aye"]));
        assert_eq!(voted["own_rao"], "900000000000000");
    };
    vote("//Alice");
    let bound = net.refused(&sent("//Alice", &["unlock", LOCKED]));
    assert!(bound.contains("the vote in referendum 0 binds"), "{bound}");
    // One of three equal holders is too little, so it stays open.
    the_open_referendum_is_shown(&net);
    vote("//Bob");

    let deadline = Instant::now() + PATIENCE;
    while subnet_limit(&net) != 64 {
        let state = net.ok(&["gov", "status", "0", "--json"]);
        assert!(Instant::now() < deadline, "nothing is enacted: {state}");
        std::thread::sleep(Duration::from_millis(500));
    }
    let ended = net.ok(&["gov", "status", "0", "--json"])["ended"].to_string();
    assert!(ended.contains("approved"), "{ended}");
    let over = net.refused(&sent("//Bob", &["vote", "0", "nay"]));
    assert!(over.contains("referendum 0 is over: approved"), "{over}");
    // The deposits of submission, decision and text.
    let returned = 101_000_000_000 + 40_000_000 + 100_000 * TEXT.len() as u64;
    assert_eq!(net.ok(&sent("//Charlie", &["refund", "0"]))["returned_rao"], json!(returned));
    let again = net.refused(&sent("//Charlie", &["refund", "0"]));
    assert!(again.contains("no deposit"), "{again}");
    let now = net.refused(&sent("//Charlie", &["propose", "--set", "subnet_limit=64"]));
    assert!(now.contains("is 64 already") && now.contains("nothing was sent"), "{now}");

    a_delegation_is_made_and_ended(&net);
    assert_eq!(net.ok(&sent("//Bob", &["unlock", LOCKED]))["locked_rao"], json!(0));
}

fn nothing_is_decided_yet(net: &Network) {
    let status = net.ok(&["gov", "status", "-w", "//Alice", "--json"]);
    assert_eq!((&status["referenda"], &status["committee"]), (&json!([]), &Value::Null));
    assert_eq!(status["tracks"]["parameters"]["deposit_rao"], json!(100_000_000_000u64));
    assert_eq!(status["own"]["lock_rao"], json!({}));
    let said = text(&net.run(&["gov", "status", "-w", "//Alice"]).stdout);
    assert!(said.contains("no referendum is open") && said.contains("your vote lock is empty"), "{said}");
    assert!(net.refused(&["gov", "status", "7"]).contains("there is no referendum 7"));
    let nobody = net.refused(&sent("//Alice", &["brake", "on"]));
    assert!(nobody.contains("has no committee"), "{nobody}");
}

fn proposals_that_no_vote_may_enact_are_refused(net: &Network) {
    let simulated = net.ok(&["gov", "simulate", "--set", "subnet_limit=64", "--json"]);
    assert_eq!(simulated["changes"][0]["words"], "subnet_limit: 128 -> 64");
    assert_eq!((&simulated["track"]["name"], &simulated["refused"]), (&json!("parameters"), &json!([])));
    assert_eq!(simulated["deposits"]["decision_rao"], json!(100_000_000_000u64));
    // The call that the simulation shows, by its bytes.
    let bytes = simulated["call"]["bytes"].as_str().expect("bytes").to_owned();
    let of_bytes = net.ok(&["gov", "simulate", "--call", &bytes, "--json"]);
    assert_eq!(of_bytes["changes"], simulated["changes"]);

    let owners = ["propose", "--set", "immunity_period=7200", "--netuid", "1"];
    let refused = net.refused(&sent("//Charlie", &owners));
    assert!(
        refused.contains("owner of the subnet sets this") && refused.contains("nothing was sent"),
        "{refused}"
    );
    let transfer = net.ok(&[
        "wallet",
        "transfer",
        "-w",
        "//Alice",
        "--to",
        "//Bob",
        "--amount",
        "1",
        "--dry-run",
        "--json",
    ]);
    let transfer = transfer["call"].as_str().expect("bytes").to_owned();
    let listed = net.ok(&["gov", "simulate", "--call", &transfer, "--json"]);
    assert!(listed["refused"][0].as_str().is_some_and(|why| why.contains("no vote may")), "{listed}");
    let urgent = ["gov", "simulate", "--code-hash", &"11".repeat(32), "--urgent", "--json"];
    let unmarked = net.ok(&urgent)["refused"][0].to_string();
    assert!(unmarked.contains("has not marked"), "{unmarked}");
}

fn the_open_referendum_is_shown(net: &Network) {
    let status = net.ok(&["gov", "status", "0", "-w", "//Alice", "--json"]);
    assert_eq!(status["text"]["text"], TEXT);
    assert_eq!(status["proposal"]["changes"][0]["values"]["present"], "128");
    assert_eq!(status["own_power"]["own_rao"], "900000000000000");
    assert_eq!(status["own"]["votes"][0]["vote"], "aye");
    assert_eq!(status["standing"]["approval_ppb"], json!(1_000_000_000));
    let support = status["standing"]["support_ppb"].as_u64();
    assert!(support.is_some_and(|part| (250_000_000..330_000_000).contains(&part)), "{status}");
    assert_eq!(status["outlook"]["enacted"], Value::Null);
    assert!(status["outlook"]["ends"]["block"].as_u64().is_some(), "{status}");
    let listed = net.ok(&["gov", "status", "--json"]);
    assert_eq!(listed["referenda"][0]["referendum"], 0);
    let said = text(&net.run(&["gov", "status", "0"]).stdout);
    assert!(said.contains("changes: subnet_limit: 128 -> 64") && said.contains("needed now"), "{said}");
    let again = net.ok(&["gov", "simulate", "0", "--json"]);
    assert_eq!(again["proposal"]["changes"], Value::Null);
    assert_eq!(again["changes"], status["proposal"]["changes"]);
    let calendar = net.ok(&["gov", "calendar", "--json"]);
    let ahead = calendar["entries"].as_array().expect("entries");
    assert!(ahead.iter().any(|entry| entry["referendum"] == 0 && entry["date"].is_string()), "{calendar}");
}

fn a_delegation_is_made_and_ended(net: &Network) {
    let itself = net.refused(&sent("//Alice", &["delegate", "parameters", "//Alice"]));
    assert!(itself.contains("DelegatesToItself"), "{itself}");
    net.ok(&sent("//Alice", &["delegate", "urgent-upgrade", "//Bob"]));
    let own = &net.ok(&["gov", "status", "-w", "//Alice", "--json"])["own"];
    assert_eq!(own["delegations"][0]["track"]["name"], "urgent-upgrade");
    let counted = net.refused(&sent("//Alice", &["unlock", LOCKED]));
    assert!(counted.contains("`myelin gov undelegate urgent-upgrade`"), "{counted}");
    net.ok(&sent("//Alice", &["undelegate", "urgent-upgrade"]));
    let nothing = net.refused(&sent("//Alice", &["undelegate", "urgent-upgrade"]));
    assert!(nothing.contains("does not delegate on urgent-upgrade"), "{nothing}");
    let empty = net.refused(&sent("//Charlie", &["delegate", "rubrics:1", "//Bob"]));
    assert!(empty.contains("`myelin gov lock 10 --asset alpha:1 --wallet //Charlie`"), "{empty}");
}
