//! The decision deposit, the committee and grants on a real network: commands that succeed, and their effects.

use std::time::{Duration, Instant};

use codec::Encode;
use myelin_abi::calls::governance::{Grant, SetCommittee};
use myelin_abi::Account;
use myelin_chain_client::{AnyCall, ChainClient};
use myelin_governance::grant::Milestone;
use myelin_units::TaoBalance;
use myelin_wallet::Keypair;
use serde_json::{json, Value};

use super::gov::{lock_and_vote, sent};
use super::harness::Network;
use super::text;

/// Longest time until a command is possible: 14 days of 5 blocks, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);
/// TAO that somebody gives to the treasury.
const GIFT: &str = "1000";
/// TAO that the referendum spends of it.
const SPENT: &str = "20";
/// Rao of the grant.
const GRANTED: u64 = 5_000_000_000;
/// Hash of code that the committee marks.
const CODE: &str = "0x1111111111111111111111111111111111111111111111111111111111111111";

fn account(uri: &str) -> Account {
    Account(Keypair::from_uri(uri).expect("a key").public())
}

/// The state of governance.
fn status(net: &Network) -> Value {
    net.ok(&["gov", "status", "--json"])
}

fn treasury(status: &Value) -> u64 {
    status["treasury_rao"].as_u64().expect("a number")
}

/// Repeats a step until it succeeds.
fn until<T>(mut step: impl FnMut() -> Result<T, String>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match step() {
            Ok(done) => return done,
            Err(why) => assert!(Instant::now() < deadline, "{why}"),
        }
        std::thread::sleep(Duration::from_millis(300));
    }
}

/// The JSON of a command that is refused at first.
fn once_possible(net: &Network, arguments: &[&str]) -> Value {
    until(|| {
        let output = net.run(arguments);
        output.status.success().then(|| super::json(&output)).ok_or_else(|| text(&output.stderr))
    })
}

#[test]
fn committee_recipient_and_payers_act_from_the_command_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let net = Network::up(folder.path());
    let gift = fund_the_treasury(&net);
    somebody_else_pays_the_decision_deposit(&net);
    net.as_root(&SetCommittee { committee: Some(account("//Dave")) });
    lock_and_vote(&net, "//Alice");
    lock_and_vote(&net, "//Bob");
    // The enactment comes nine seconds after the approval.
    let due = an_enactment_is_delayed(&net);
    std::fs::write(folder.path().join("report.md"), "Done.\n").expect("written");
    a_grant_is_claimed(&net);
    code_is_marked(&net);
    the_brake_is_pulled_and_released(&net);
    simulations_show_present_values(&net);

    let enacted = until(|| {
        let now = status(&net);
        if treasury(&now) < gift {
            Ok(now)
        } else {
            Err(now.to_string())
        }
    });
    assert_eq!(gift - treasury(&enacted), 20_000_000_000, "{enacted}");
    assert!(enacted["block"].as_u64() >= Some(due), "{enacted}");

    let paid = once_possible(&net, &sent("//Alice", &["pay", "0"]));
    assert_eq!(paid["amount_rao"], json!(GRANTED));
    let after = status(&net);
    assert_eq!(treasury(&enacted) - treasury(&after), GRANTED);
    let grant = &after["grants"][0];
    assert_eq!((&grant["paid"], &grant["open_rao"], &grant["claimed"]), (&json!(1), &json!(0), &Value::Null));
    let again = net.refused(&sent("//Alice", &["pay", "0"]));
    assert!(again.contains("the grant has ended"), "{again}");
}

/// Returns the rao that are in the treasury.
fn fund_the_treasury(net: &Network) -> u64 {
    let before = status(net);
    let address = before["treasury"].as_str().expect("an address");
    let transfer = ["wallet", "transfer", "-w", "//Charlie", "--to", address, "--amount", GIFT];
    net.ok(&[&transfer[..], &["--wait", "inclusion", "--yes", "--json"]].concat());
    let after = treasury(&status(net));
    assert_eq!(after - treasury(&before), 1_000_000_000_000);
    after
}

fn somebody_else_pays_the_decision_deposit(net: &Network) {
    let proposed = net.ok(&sent("//Charlie", &["propose", "--spend", SPENT, "--to", "//Ferdie"]));
    assert_eq!(proposed["decision_deposit_paid"], false, "{proposed}");
    let is_paid = || net.ok(&["gov", "status", "0", "--json"])["decision_deposit_paid"].clone();
    assert_eq!(is_paid(), false);
    let decide = sent("//Dave", &["decide", "0"]);
    assert_eq!(net.ok(&decide)["deposit_rao"], json!(200_000_000_000u64));
    assert_eq!(is_paid(), true);
    let again = net.refused(&decide);
    assert!(again.contains("has paid the deposit of referendum 0 already"), "{again}");
}

fn a_grant_is_claimed(net: &Network) {
    let last = status(net)["block"].as_u64().expect("a number") + 1_000;
    let milestone = Milestone { amount: TaoBalance::from_rao(GRANTED), text: [7; 32], last };
    net.as_root(&Grant { recipient: account("//Charlie"), milestones: vec![milestone] });
    let claim = |who| sent(who, &["claim", "0", "--report", "report.md"]);
    let foreign = net.refused(&claim("//Bob"));
    assert!(foreign.contains("grant 0 is for 5"), "{foreign}");
    let unclaimed = net.refused(&sent("//Alice", &["pay", "0"]));
    assert!(unclaimed.contains("the next milestone was not claimed"), "{unclaimed}");
    let claimed = net.ok(&claim("//Charlie"));
    let shown = status(net)["grants"][0].clone();
    let at = shown["claimed"]["block"].as_u64().expect("a block");
    let payable = claimed["payable"]["block"].as_u64().expect("a block");
    // The announcement counts from the block before that of the claim, or an earlier one.
    assert!(payable > at && payable < at + 14 * 5, "{claimed} {shown}");
    let early = net.refused(&sent("//Alice", &["pay", "0"]));
    assert!(early.contains("the claim is paid at") && early.contains("at the earliest"), "{early}");
}

fn code_is_marked(net: &Network) {
    let refusals =
        || net.ok(&["gov", "simulate", "--code-hash", CODE, "--urgent", "--json"])["refused"].clone();
    assert!(refusals()[0].as_str().is_some_and(|why| why.contains("has not marked")));
    let stranger = net.refused(&sent("//Alice", &["mark", CODE]));
    assert!(stranger.contains("only the committee"), "{stranger}");
    assert_eq!(net.ok(&sent("//Dave", &["mark", CODE]))["code"], CODE);
    assert_eq!(status(net)["marks"][0]["code"], CODE);
    assert_eq!(refusals(), json!([]));
}

fn the_brake_is_pulled_and_released(net: &Network) {
    let on = sent("//Dave", &["brake", "on"]);
    net.ok(&on);
    let shown = status(net);
    assert!(shown["brake_until"]["block"].as_u64() > shown["block"].as_u64(), "{shown}");
    net.ok(&sent("//Dave", &["brake", "off"]));
    assert_eq!(status(net)["brake_until"], Value::Null);
    let rests = net.refused(&on);
    assert!(rests.contains("the brake can be pulled again at"), "{rests}");
}

/// A forced change of voters as a call in hexadecimal digits.
fn forced_change(net: &Network, delay: u32) -> String {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let bytes = runtime.block_on(async {
        let client = ChainClient::connect(&net.endpoint).await.expect("connected");
        let call = AnyCall::new("Grandpa", "note_stalled", (delay, 1u32).encode());
        client.encode(&call).await.expect("encoded")
    });
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn simulations_show_present_values(net: &Network) {
    let simulated = |option: &str, value: &str| net.ok(&["gov", "simulate", option, value, "--json"]);
    let opened = simulated("--open-subnet", "//Ferdie");
    let shown = &opened["changes"][0]["values"];
    assert_eq!((&opened["refused"], &shown["limit"]), (&json!([]), &json!(128)));
    let cost = net.ok(&["subnet", "burn-cost", "--json"]);
    assert!(shown["price_rao"].as_u64() >= cost["cost_rao"].as_u64(), "{opened} {cost}");
    let listed = net.ok(&["subnet", "list", "--json"]);
    let users = listed.as_array().expect("subnets").iter().filter(|subnet| subnet["netuid"] != 0);
    assert_eq!(shown["subnets"], json!(users.count()), "{listed}");

    let forced = simulated("--call", &forced_change(net, 10));
    let shown = &forced["changes"][0]["values"];
    let proposed = json!({ "delay_blocks": 10, "from_block": 1 });
    assert_eq!((&shown["present"], &shown["proposed"]), (&Value::Null, &proposed));
    assert!(shown["final_block"].as_u64() > Some(0), "{forced}");
    assert_eq!((&forced["track"]["name"], &forced["refused"]), (&json!("authorities"), &json!([])));
    let slow = simulated("--call", &forced_change(net, 7_201));
    assert!(slow["refused"][0].as_str().is_some_and(|why| why.contains("at most 7200 blocks")), "{slow}");
}

/// Returns the block of the enactment.
fn an_enactment_is_delayed(net: &Network) -> u64 {
    let delay = sent("//Dave", &["delay", "0", "--days", "2"]);
    let delayed = once_possible(net, &delay);
    let calendar = net.ok(&["gov", "calendar", "--json"]);
    let entries = calendar["entries"].as_array().expect("entries");
    let planned = entries.iter().find(|entry| entry["referendum"] == 0).expect("an enactment");
    assert_eq!(planned["block"], delayed["due"]["block"], "{calendar}");
    let ended = net.ok(&["gov", "status", "0", "--json"])["ended"].to_string();
    assert!(ended.contains("approved"), "{ended}");
    let again = net.refused(&delay);
    assert!(again.contains("DelayedBefore"), "{again}");
    planned["block"].as_u64().expect("a block")
}
