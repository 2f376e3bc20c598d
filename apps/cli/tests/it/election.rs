//! Elections of block authors on a real network: the life of a candidacy, and a validator that is elected and writes
//! blocks.

use std::time::{Duration, Instant};

use myelin_abi::calls::admin::SudoSetSubnetEmissionEnabled;
use myelin_abi::calls::elections::{SetRules, SwitchOn};
use myelin_chain_client::ChainClient;
use myelin_election::{PerBillion, Rules};
use myelin_wire::ss58;
use serde_json::{json, Value};

use super::harness::{second_node, Network};
use super::text;

/// Longest time until a candidate is in office, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(180);
/// The rules of a network whose pledges are free after a few blocks, and whose eras are short.
const HURRIED: Rules = Rules {
    least_authorities: 1,
    least_quality: PerBillion::percent(1),
    era: 24,
    report_window: 1,
    appeal_window: 1,
    unbonding: 3,
    ..Rules::fast()
};

/// A command that sends with a coldkey and a hotkey.
fn by<'a>(who: &'a str, hotkey: &'a str, arguments: &[&'a str]) -> Vec<&'a str> {
    [arguments, &["-w", who, "-k", hotkey, "--wait", "inclusion", "--yes", "--json"]].concat()
}

/// A command of `myelin election` that sends.
fn election<'a>(who: &'a str, hotkey: &'a str, arguments: &[&'a str]) -> Vec<&'a str> {
    by(who, hotkey, &[&["election"], arguments].concat())
}

/// A row of the candidates.
fn candidate(net: &Network, place: usize) -> Value {
    net.ok(&["election", "candidates", "--json"])["candidates"][place].clone()
}

#[test]
fn a_candidate_pledges_rests_and_leaves_and_refusals_are_said_before() {
    let folder = tempfile::tempdir().expect("a folder");
    let net = Network::up(folder.path());
    elections_are_off(&net);
    a_hotkey_that_cannot_join_learns_why(&net);
    keys_are_announced_for_the_hotkey(&net);

    let join = election("//Bob", "//Bob_hk", &["join", "20"]);
    let joined = net.ok(&join);
    assert_eq!((&joined["pledge_rao"], &joined["session_keys"]), (&json!(20_000_000_000u64), &json!(true)));
    let again = net.refused(&join);
    assert!(again.contains("is a candidate already") && again.contains("nothing was sent"), "{again}");
    net.ok(&by("//Bob", "//Bob_hk2", &["wallet", "associate-hotkey"]));
    let second = net.refused(&election("//Bob", "//Bob_hk2", &["join", "20"]));
    assert!(second.contains("a coldkey has one candidate"), "{second}");
    let other = net.refused(&election("//Bob", "//Bob_hk2", &["leave"]));
    assert!(other.contains("which --hotkey or BT_WALLET_HOTKEY names"), "{other}");
    let keyless = net.ok(&election("//Charlie", "//Charlie_hk", &["join", "30", "--without-keys"]));
    assert_eq!(keyless["session_keys"], false);
    candidates_are_shown_with_what_they_lack(&net);

    a_pledge_grows_and_shrinks(&net);
    a_candidate_rests_and_comes_back(&net);
    proposals_about_elections_are_examined(&net);
    a_candidacy_ends(&net);
}

fn elections_are_off(net: &Network) {
    let status = net.ok(&["election", "status", "-w", "//Bob", "--json"]);
    for (field, value) in
        [("on", json!(false)), ("candidates", json!(0)), ("own", Value::Null), ("next_pass", Value::Null)]
    {
        assert_eq!(status[field], value, "{field}: {status}");
    }
    assert_eq!(status["slashes"], json!([]));
    assert_eq!(status["rules"]["least_pledge_rao"], json!(1_000_000_000u64));
    assert_eq!(status["in_office"].as_array().map(Vec::len), Some(1));
    let said = text(&net.run(&["election", "status"]).stdout);
    for words in ["elections are off", "no candidate", "least_pledge", "0 of 0 candidates"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    let none = text(&net.run(&["election", "candidates"]).stdout);
    assert!(none.contains("`myelin election join`"), "{none}");
    let nobody = net.refused(&election("//Bob", "//Bob_hk", &["leave"]));
    assert!(nobody.contains("`myelin election join 1 --wallet //Bob --hotkey //Bob_hk`"), "{nobody}");
}

fn a_hotkey_that_cannot_join_learns_why(net: &Network) {
    let join = |tao, hotkey| net.refused(&election("//Bob", hotkey, &["join", tao]));
    let unknown = join("20", "//Bob_hk");
    assert!(
        unknown.contains("`myelin wallet associate-hotkey --wallet //Bob --hotkey //Bob_hk`"),
        "{unknown}"
    );
    net.ok(&by("//Bob", "//Bob_hk", &["wallet", "associate-hotkey"]));
    net.ok(&by("//Charlie", "//Charlie_hk", &["wallet", "associate-hotkey"]));
    assert!(join("20", "//Charlie_hk").contains("belongs to 5"));
    assert!(join("0.5", "//Bob_hk").contains("at least 1.0000 τ"));
    assert!(join("2000000", "//Bob_hk").contains("of free TAO"));
    let keyless = join("20", "//Bob_hk");
    assert!(
        keyless.contains("`myelin node keys announce --use-hotkey --wallet //Bob --hotkey //Bob_hk`"),
        "{keyless}"
    );
}

/// Makes the keys of a node, and announces them for Bob's hotkey.
fn keys_are_announced_for_the_hotkey(net: &Network) {
    net.ok(&["node", "chain-file", "--like", "dev", "--out", "chain.json", "--json"]);
    net.ok(&["node", "keys", "new", "--json"]);
    let announce = by("//Bob", "//Bob_hk", &["node", "keys", "announce", "--use-hotkey"]);
    let poor = net.refused(&announce);
    assert!(poor.contains("beside a fee") && poor.contains("`myelin wallet transfer --to 5"), "{poor}");
    net.ok(&by("//Bob", "//Bob_hk", &["wallet", "transfer", "--to", "//Bob_hk", "--amount", "1"]));
    let announced = net.ok(&announce);
    let hotkey = myelin_wallet::Keypair::from_uri("//Bob_hk").expect("a key").public();
    assert_eq!(announced["account"], ss58::encode(&hotkey));
}

fn candidates_are_shown_with_what_they_lack(net: &Network) {
    let listed = net.ok(&["election", "candidates", "--json"]);
    let listed = listed["candidates"].as_array().expect("candidates").clone();
    let of = |pledge: u64| {
        listed.iter().find(|candidate| candidate["pledge_rao"] == json!(pledge * 1_000_000_000))
    };
    let (bob, charlie) = (of(20).expect("Bob's"), of(30).expect("Charlie's"));
    assert_eq!((&bob["obstacle"], &bob["place"]), (&json!("judges on no subnet that counts"), &Value::Null));
    assert_eq!(
        (&charlie["obstacle"], &charlie["session_keys"]),
        (&json!("has no session keys"), &json!(false))
    );
    assert_eq!((&bob["counted_rao"], &bob["weight"]), (&json!(20_000_000_000u64), &Value::Null));
    let said = text(&net.run(&["election", "candidates"]).stdout);
    assert!(said.contains("has no session keys") && said.contains("up to 9 times the pledge"), "{said}");
}

fn a_pledge_grows_and_shrinks(net: &Network) {
    let bob = |arguments: &[&'static str]| election("//Bob", "//Bob_hk", arguments);
    assert_eq!(net.ok(&bob(&["pledge", "5"]))["pledge_rao"], json!(25_000_000_000u64));
    assert!(net.refused(&bob(&["pledge", "2000000"])).contains("of free TAO"));
    assert!(net.refused(&bob(&["unbond", "24.5"])).contains("at least 1.0000 τ"));
    assert!(net.refused(&bob(&["unbond", "26"])).contains("only 25.0000 τ are pledged"));
    assert!(net.refused(&bob(&["unbond", "25"])).contains("`myelin election leave`"));
    assert!(net.refused(&bob(&["withdraw"])).contains("on its way out"));
    let unbonding = net.ok(&bob(&["unbond", "5"]));
    assert_eq!(
        (&unbonding["pledge_rao"], &unbonding["leaving_rao"]),
        (&json!(20_000_000_000u64), &json!(5_000_000_000u64))
    );
    assert!(unbonding["free"]["block"].as_u64() > Some(Rules::fast().unbonding), "{unbonding}");
    let early = net.refused(&bob(&["withdraw"]));
    assert!(early.contains("--when-possible"), "{early}");
}

fn a_candidate_rests_and_comes_back(net: &Network) {
    let bob = |arguments: &[&'static str]| election("//Bob", "//Bob_hk", arguments);
    assert!(net.refused(&bob(&["resume"])).contains("ready already"));
    // The machine of a node has the hotkey alone.
    net.ok(&bob(&["chill", "--use-hotkey"]));
    let status = net.ok(&["election", "status", "-w", "//Bob", "--json"]);
    assert_eq!((&status["own"]["standing"], &status["own"]["obstacle"]), (&json!("rests"), &json!("rests")));
    assert!(net.refused(&bob(&["chill"])).contains("is not elected as it is"));
    net.ok(&bob(&["resume"]));
    let stranger = net.refused(&election("//Charlie", "//Bob_hk2", &["chill", "--use-hotkey"]));
    assert!(stranger.contains("is no candidate"), "{stranger}");
}

fn proposals_about_elections_are_examined(net: &Network) {
    let simulated = |arguments: &[&str]| net.ok(&[&["gov", "simulate", "--json"], arguments].concat());
    let on = simulated(&["--elections", "on"]);
    assert_eq!(on["changes"][0]["words"], "elections of block authors: off -> on");
    assert_eq!((&on["track"]["name"], &on["refused"]), (&json!("authorities"), &json!([])));
    assert!(on["notes"][0].as_str().is_some_and(|note| note.contains("session keys: 1;")), "{on}");
    assert_eq!(simulated(&["--elections", "off"])["refused"], json!(["elections are off already"]));
    let rules = simulated(&["--election-rule", "era=600", "--election-rule", "leverage=3"]);
    let changes: Vec<_> = rules["changes"]
        .as_array()
        .expect("changes")
        .iter()
        .filter_map(|change| change["words"].as_str())
        .collect();
    assert_eq!(changes, ["era of elections: 240 blocks -> 600 blocks", "leverage of elections: 9 -> 3"]);
    assert_eq!((&rules["track"]["name"], &rules["refused"]), (&json!("authorities"), &json!([])));
    let slash = simulated(&["--cancel-slash", "0"]);
    assert_eq!(slash["refused"], json!(["no slash 0 waits to be taken"]));
    let short = simulated(&["--election-rule", "unbonding=1"]);
    assert!(short["refused"][0].as_str().is_some_and(|why| why.contains("has to be longer")), "{short}");
    let hasty = simulated(&["--election-rule", "appeal_window=0"]);
    let why = hasty["refused"][0].as_str();
    assert!(why.is_some_and(|why| why.contains("the time to appeal is at least 1")), "{hasty}");
    assert!(!simulated(&["--election-rule", "era=240"])["changes_nothing"][0].is_null());
}

fn a_candidacy_ends(net: &Network) {
    let bob = |arguments: &[&'static str]| election("//Bob", "//Bob_hk", arguments);
    let left = net.ok(&bob(&["leave"]));
    assert_eq!((&left["pledge_rao"], &left["leaving_rao"]), (&json!(0), &json!(20_000_000_000u64)));
    assert!(net.refused(&bob(&["leave"])).contains("already"));
    let status = || net.ok(&["election", "status", "-w", "//Bob", "--json"]);
    let after = status();
    let own = &after["own"];
    assert_eq!((&own["obstacle"], own["leaving"].as_array().map(Vec::len)), (&json!("leaves"), Some(2)));
    assert!(net.refused(&bob(&["join", "20"])).contains("is on its way out"));
    net.as_root(&SetRules { rules: HURRIED });
    let withdrawn = [&bob(&["withdraw"])[..], &["--when-possible=60"]].concat();
    // The amounts are free one after the other, and one call takes both.
    let block = |status: &Value| status["block"].as_u64().expect("a number");
    while block(&status()) < block(&after) + HURRIED.unbonding {}
    assert_eq!(net.ok(&withdrawn)["withdrawn_rao"], json!(25_000_000_000u64));
    assert_eq!(status()["own"], Value::Null);
    assert_eq!(candidate(net, 0)["obstacle"], "has no session keys");
}

/// The validators, with root stake for both.
const VALIDATORS: [(&str, &str); 2] = [("//Bob", "//Bob_hk"), ("//Charlie", "//Charlie_hk")];

/// A subnet of Alice's, on which two validators judge two miners alike.
fn judged_subnet(net: &Network) -> [Vec<String>; 2] {
    net.open_freeze_window();
    let owner = |arguments: &[&'static str]| by("//Alice", "//owner_hk", arguments);
    net.ok(&owner(&["subnet", "create"]));
    net.ok(&owner(&["subnet", "start", "-n", "2"]));
    net.as_root(&SudoSetSubnetEmissionEnabled { netuid: 2, enabled: true });
    net.ok(&owner(&["subnet", "set", "-n", "2", "commit_reveal_weights_enabled", "off"]));
    net.ok(&owner(&["subnet", "set", "-n", "2", "weights_rate_limit", "0", "--root"]));
    for (who, hotkey) in VALIDATORS {
        net.ok(&by(who, hotkey, &["subnet", "register", "-n", "2"]));
        net.ok(&by(who, hotkey, &["stake", "add", "-n", "0", "--amount", "300"]));
    }
    let uid = |miner| net.ok(&by("//Alice", miner, &["subnet", "register", "-n", "2"]))["uid"].to_string();
    let uids = ["//miner1", "//miner2"].map(uid).join(",");
    VALIDATORS.map(|(who, hotkey)| {
        let set = ["weights", "set", "-n", "2", "--uids", &uids, "--weights", "3,1"];
        by(who, hotkey, &set).into_iter().map(str::to_owned).collect()
    })
}

/// Repeats a step until it succeeds.
fn until(what: &str, mut done: impl FnMut() -> bool) {
    let started = Instant::now();
    while !done() {
        assert!(started.elapsed() < PATIENCE, "{what} has not happened");
        std::thread::sleep(Duration::from_millis(500));
    }
}

#[test]
#[ignore = "waits for epochs and an era with two nodes; `make test-long` runs it"]
fn a_validator_is_elected_and_writes_the_blocks() {
    let folder = tempfile::tempdir().expect("a folder");
    let net = Network::up(folder.path());
    let weights = judged_subnet(&net);
    net.ok(&["node", "chain-file", "--like", "dev", "--out", "chain.json", "--json"]);
    net.ok(&["node", "keys", "new", "--json"]);
    let second = second_node(&net, folder.path());
    second.wait_until_caught_up();
    for (who, hotkey) in VALIDATORS {
        net.ok(&by(who, hotkey, &["wallet", "transfer", "--to", hotkey, "--amount", "1"]));
    }
    net.ok(&by("//Bob", "//Bob_hk", &["node", "keys", "announce", "--use-hotkey"]));
    net.ok(&election("//Bob", "//Bob_hk", &["join", "20"]));
    net.ok(&election("//Charlie", "//Charlie_hk", &["join", "500", "--without-keys"]));
    net.as_root(&SetRules { rules: HURRIED });
    let first = net.ok(&["election", "status", "--json"])["in_office"][0].clone();
    net.as_root(&SwitchOn {});

    // Validators need a permit first, and weights that are not too old.
    let set = || {
        let sent = weights.iter().map(|set| net.run(&set.iter().map(String::as_str).collect::<Vec<_>>()));
        let sent: Vec<bool> = sent.map(|output| output.status.success()).collect();
        !sent.contains(&false)
    };
    until("weights of both validators", set);
    let hotkey = ss58::encode(&myelin_wallet::Keypair::from_uri("//Bob_hk").expect("a key").public());
    let mut before = Value::Null;
    until("the election of Bob's hotkey", || {
        set();
        let status = net.ok(&["election", "status", "-w", "//Bob", "--json"]);
        let elected = status["in_office"] == json!([hotkey]);
        if !elected {
            before = status;
        }
        elected
    });
    assert_eq!((&before["on"], &before["in_office"]), (&json!(true), &json!([first])), "{before}");
    let status = net.ok(&["election", "status", "-w", "//Bob", "--json"]);
    assert!(status["era"].as_u64() > Some(0) && status["own"]["in_office"] == json!(true), "{status}");
    assert_eq!(status["own"]["place"], 1, "Charlie pledged more, and has no session keys: {status}");
    the_author_changed(&net, &first);
    let serving = net.refused(&election("//Bob", "//Bob_hk", &["withdraw"]));
    assert!(serving.contains("on its way out"), "{serving}");
    let leaving = net.ok(&election("//Bob", "//Bob_hk", &["unbond", "5"]));
    assert_eq!(leaving["free"], Value::Null, "it is in office");
    let bound = net.refused(&election("//Bob", "//Bob_hk", &["withdraw"]));
    assert!(bound.contains("is in office"), "{bound}");
}

/// Block 1 was written by the author of genesis, and blocks are written by the elected node from now on.
fn the_author_changed(net: &Network, first: &Value) {
    let keys = net.ok(&["node", "keys", "list", "--json"]);
    let elected = keys[0]["address"].as_str().expect("an address").to_owned();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let chain = ChainClient::connect(&net.endpoint).await.expect("connected");
        let author = async |number| {
            let hash = chain.block_hash(number).await.expect("a block");
            ss58::encode(&chain.author(hash).await.expect("an author"))
        };
        // The account of an author of genesis is its Aura key.
        assert_eq!(json!(author(1).await), *first);
        let best = chain.best_block().await.expect("a block").number;
        let started = Instant::now();
        while chain.finalized_block().await.expect("a block").number < best + 4 {
            assert!(started.elapsed() < PATIENCE, "finality stopped");
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        for number in best + 1..=best + 4 {
            assert_eq!(author(number).await, elected, "block {number}");
        }
    });
}
