//! Holders change a parameter of the network, on a real one: from the vote lock to the enactment.

use std::time::{Duration, Instant};

use codec::Encode;
use myelin_abi::calls::referenda::{NotePreimage, Submit};
use myelin_abi::referenda::{BoundedCall, DispatchTime, TrackOrigin};
use myelin_chain_client::{AnyCall, ChainClient, Wait};
use myelin_governance::Kind;
use myelin_wire::hash::blake2_256;
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
pub fn sent<'a>(wallet: &'a str, arguments: &[&'a str]) -> Vec<&'a str> {
    [&["gov"], arguments, &["-w", wallet, "--wait", "inclusion", "--yes", "--json"]].concat()
}

/// Puts most TAO of a holder under the vote lock, and votes for the first referendum.
pub fn lock_and_vote(net: &Network, holder: &str) {
    let locked = net.ok(&sent(holder, &["lock", LOCKED]));
    assert_eq!(locked["locked_rao"], json!(900_000_000_000_000u64));
    let voted = net.ok(&sent(holder, &["vote", "0", "aye"]));
    assert_eq!(voted["own_rao"], "900000000000000");
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

    lock_and_vote(&net, "//Alice");
    let bound = net.refused(&sent("//Alice", &["unlock", LOCKED]));
    assert!(bound.contains("the vote in referendum 0 binds"), "{bound}");
    // One of three equal holders is too little, so it stays open.
    the_open_referendum_is_shown(&net);
    lock_and_vote(&net, "//Bob");

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
    // The deposits of submission and decision; then that of the text, which readers lose by it.
    assert_eq!(net.ok(&sent("//Charlie", &["refund", "0"]))["returned_rao"], json!(101_000_000_000u64));
    let text = 40_000_000 + 100_000 * TEXT.len() as u64;
    assert_eq!(net.ok(&sent("//Charlie", &["unnote"]))["returned_rao"], json!(text));
    let again = net.refused(&sent("//Charlie", &["refund", "0"]));
    assert!(again.contains("no deposit"), "{again}");
    let now = net.refused(&sent("//Charlie", &["propose", "--set", "subnet_limit=64"]));
    assert!(now.contains("is 64 already") && now.contains("nothing was sent"), "{now}");

    a_delegation_is_made_and_ended(&net);
    a_text_is_stored_again(&net);
    nobody_ends_a_command_by_a_proposal(&net);
    assert_eq!(net.ok(&sent("//Bob", &["unlock", LOCKED]))["locked_rao"], json!(0));
}

fn nothing_is_decided_yet(net: &Network) {
    let status = net.ok(&["gov", "status", "-w", "//Alice", "--json"]);
    assert_eq!((&status["referenda"], &status["committee"]), (&json!([]), &Value::Null));
    assert_eq!(status["tracks"]["parameters"]["deposit_rao"], json!(100_000_000_000u64));
    assert_eq!(status["own"]["lock_rao"], json!({}));
    let said = text(&net.run(&["gov", "status", "-w", "//Alice"]).stdout);
    assert!(said.contains("no referendum is open") && said.contains("your vote lock is empty"), "{said}");
    assert!(said.contains(&format!("({})", status["treasury"].as_str().expect("an address"))), "{said}");
    let reminder = net.run(&["gov", "calendar", "--within", "24", "-w", "//Alice", "--json"]);
    assert_eq!(reminder.status.code(), Some(3), "{}", text(&reminder.stderr));
    let nothing = super::json(&reminder);
    assert_eq!((&nothing["within_hours"], &nothing["entries"]), (&json!(24), &json!([])));
    let reminder = net.run(&["gov", "calendar", "--within", "24", "-w", "//Alice"]);
    assert_eq!(
        (reminder.status.code(), &text(&reminder.stdout)[..]),
        (Some(3), "nothing is due within 24 h\n")
    );
    net.ok(&["gov", "calendar", "--json"]);
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
    let unheard =
        ["propose", "--set", "subnet_limit=64", "--decide", "-w", "//Charlie", "--wait", "pool", "--yes"];
    let unheard = net.refused(&[&["gov"][..], &unheard].concat());
    assert!(unheard.contains("leave out --wait pool"), "{unheard}");
    let urgent = ["gov", "simulate", "--code-hash", &"11".repeat(32), "--urgent", "--json"];
    let unmarked = net.ok(&urgent);
    let why = unmarked["refused"][0].to_string();
    assert!(why.contains("has not marked"), "{why}");
    let check = unmarked["checks"][2].as_str().expect("a command");
    assert!(check.starts_with("myelin-node check-upgrade"), "{unmarked}");
    let present = unmarked["changes"][0]["values"]["present_code"].as_str().expect("a hash");
    let same = net.ok(&["gov", "simulate", "--code-hash", present, "--json"]);
    assert_eq!(same["refused"], json!([]));
    assert_eq!(same["changes_nothing"], json!(["the chain runs this code already"]));
    assert_eq!(same["checks"], json!([]));
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
    assert!(said.contains(&format!("text:\n  {TEXT}")), "{said}");
    let again = net.ok(&["gov", "simulate", "0", "--json"]);
    assert_eq!(again["proposal"]["changes"], Value::Null);
    assert_eq!(again["changes"], status["proposal"]["changes"]);
    let calendar = net.ok(&["gov", "calendar", "--json"]);
    let ahead = calendar["entries"].as_array().expect("entries");
    assert!(ahead.iter().any(|entry| entry["referendum"] == 0 && entry["date"].is_string()), "{calendar}");
    // A reminder of its end is for those who have not voted.
    let reminders = ["//Charlie", "//Alice"].map(|who| {
        super::json(&net.run(&["gov", "calendar", "--within", "24", "-w", who, "--json"]))["entries"].clone()
    });
    let names_the_end = reminders.each_ref().map(|entries| {
        let mut all = entries.as_array().expect("entries").iter();
        all.any(|entry| entry["referendum"] == 0 && entry["what"] == "the decision ends")
    });
    assert_eq!(names_the_end, [true, false], "{reminders:?}");
    assert!(net.run(&["gov", "calendar", "--within", "24", "-w", "//Charlie"]).status.success());
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

/// Calls inside of each other in a hostile proposal, three bytes each.
const DEEP: usize = 10_000;

/// Submits proposals that cannot be enacted: one for a grant that does not exist, one that is no call, one that carries
/// calls without end, and one whose length is wrong.
fn submit_hostile_proposals(net: &Network) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let dave = myelin_wallet::Keypair::from_uri("//Dave").expect("a key");
    runtime.block_on(async {
        let client = ChainClient::connect(&net.endpoint).await.expect("connected");
        let pallet = client.pallet_index("Governance").await.expect("the pallet");
        let stop = AnyCall::new("Governance", "stop_grant", 999u32.encode());
        let stop = client.encode(&stop).await.expect("encoded");
        let enact = AnyCall::new("Governance", "enact", [stop, None::<u64>.encode()].concat());
        let stop = client.encode(&enact).await.expect("encoded");
        let outer = stop.get(..2).expect("the numbers of pallet and call");
        let deep = [&outer.repeat(DEEP)[..], &[0; DEEP + 3]].concat();
        let lookup =
            |bytes: &[u8], len: usize| BoundedCall::Lookup { hash: blake2_256(bytes), len: len as u32 };
        let submit = |proposal| {
            let proposal_origin = TrackOrigin { pallet, track: Kind::Grants.id() };
            AnyCall::from(&Submit { proposal_origin, proposal, enactment_moment: DispatchTime::After(0) })
        };
        let calls = [
            submit(BoundedCall::Inline(stop.clone())),
            submit(BoundedCall::Inline(vec![255, 255, 1])),
            submit(lookup(&deep, deep.len())),
            submit(lookup(&stop, stop.len() + 1)),
            AnyCall::from(&NotePreimage { bytes: deep }),
            AnyCall::from(&NotePreimage { bytes: stop }),
        ];
        let all = client.all_of(&calls).await.expect("a batch");
        client.submit(all, &dave, Wait::Inclusion).await.expect("submitted");
    });
}

/// Looks at hostile proposals and votes against them within the half minute after which undecided referenda end here.
fn nobody_ends_a_command_by_a_proposal(net: &Network) {
    submit_hostile_proposals(net);
    let listed = net.ok(&["gov", "status", "--json"]);
    net.ok(&sent("//Dave", &["text", "1", "why.md"]));
    let shown = net.ok(&["gov", "status", "1", "--json"]);
    assert_eq!(shown["text"]["text"], TEXT);
    let needed = net.refused(&sent("//Dave", &["unnote"]));
    assert!(needed.contains("nothing that no open referendum names"), "{needed}");

    net.ok(&sent("//Dave", &["lock", "10"]));
    let reasons = ["there is no grant 999", "cannot read it", "16 deep", "a wrong length"];
    for (number, reason) in (1usize..).zip(reasons) {
        let refused = listed["referenda"][number - 1]["proposal"]["refused"].to_string();
        assert!(refused.contains(reason), "{number}: {listed}");
        let voted = net.ok(&sent("//Dave", &["vote", &number.to_string(), "nay"]));
        assert_eq!(voted["vote"], "nay");
    }
    let simulated = net.ok(&["gov", "simulate", "3", "--json"]);
    assert_eq!(simulated["refused"], listed["referenda"][2]["proposal"]["refused"]);
    net.ok(&["gov", "calendar", "--json"]);
    let foreign = net.refused(&sent("//Alice", &["text", "1", "why.md"]));
    assert!(foreign.contains("who submitted referendum 1"), "{foreign}");
}

fn a_text_is_stored_again(net: &Network) {
    let noted = net.ok(&sent("//Charlie", &["note", "--file", "why.md"]));
    let again = net.refused(&sent("//Alice", &["note", "--file", "why.md"]));
    assert!(again.contains("is stored already by 5"), "{again}");
    let hash = noted["hash"].as_str().expect("a hash");
    let foreign = net.refused(&sent("//Alice", &["unnote", hash]));
    assert!(foreign.contains("its deposit returns to no other"), "{foreign}");
    assert_eq!(net.ok(&sent("//Charlie", &["unnote", hash]))["returned_rao"], noted["deposit_rao"]);
}
